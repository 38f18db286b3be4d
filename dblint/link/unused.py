"""Functions that nobody runs but tests and examples, as far as names tell: no file of the program spells theirs, or
that of the class by which they are reached.

Said of programs that are seen whole, and of nothing that a published package offers, that a decorator hands on, that a
framework may call by a name of its own, or whose name stands in a text or a template. In JavaScript it is said of
functions that a script's own function puts on what it is given (`module.exports = function (Shelf) { Shelf.countJars =
… }`), and of those inside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.templates import TemplateFile
from dblint.facts.tree import Kind, Role
from dblint.link.published import JAVASCRIPT, PYTHON
from dblint.link.values import BoundMember, FunctionValue, LibraryClass, LibraryFunction, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.models import Models

WHOLE = 30
"""Files from which on a program is taken to be seen whole: fewer may be a part of one."""
HOOKS = frozenset(
    """after before clean do from full get handle has init is natural on post pre prepare process refresh resolve save
    setup teardown test to validate visit""".split()
)
"""First words of names that frameworks make up, or call by themselves (`clean_title`, `on_start`)."""
METHODS = frozenset("from full get has is natural save".split())
"""Those of them by which frameworks know methods alone: they look up no function of a module that begins so."""
NAMING = 3
"""Functions that name each other, one behind another, while nobody names the first."""
ENTRIES = frozenset("app application entrypoint handler lambda main server worker".split())
"""Words in the names of functions that what starts a process names, in files that are no programs."""
PLAIN = frozenset({"staticmethod", "classmethod"})
"""Decorators that hand a function to nobody."""


class Unused:
    """Answers whether somebody may run a function. One per project."""

    def __init__(
        self,
        functions: Functions,
        models: Models,
        published: Iterable[tuple[str, str]],
        templates: Iterable[TemplateFile],
    ) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.models = models
        self._published: dict[bool, list[str]] = {False: [], True: []}
        for language, folder in published:
            if language in (PYTHON, JAVASCRIPT):
                self._published[language == JAVASCRIPT].append(folder)
        self._templates = tuple(templates)
        self._found: dict[str, bool] = {}

    def unused(self, identifier: str) -> bool:
        """Whether nothing in the program names the function, or the class by which alone it is reached, but functions
        of which the same holds."""
        found = self._found.get(identifier)
        if found is None:
            found = self._found[identifier] = self._nobody(identifier, NAMING)
        return found

    def _nobody(self, identifier: str, depth: int) -> bool:
        function = self.functions.value(identifier)
        if function is None or not self._whole(function.path):
            return False
        if self.evaluator.javascript(function.path):
            return not self.functions.aside(function.path) and self._put_on(function.path, function.node)
        if self.functions.aside(function.path) or self.functions.entries.command(function):
            return False
        if not self._plain(function):
            return False
        tree = self.evaluator.tree(function.path)
        name = self.functions.name(function)
        body = tree.parents[function.node]
        owner = tree.parents[body] if body >= 0 else -1
        if not name or name.startswith("__") or (owner >= 0 and tree.kinds[body] != Kind.BLOCK):
            return False
        if owner < 0:
            own = self._own_word(name, of_module=True)
            return own and not self._spelled(function.path, function.node, name, depth)
        if tree.kinds[owner] != Kind.CLASS:
            return False
        if self._serves(function.path, owner):
            return not self._spelled(function.path, owner, tree.value(owner), depth)
        if not self._own(function.path, owner):
            return False
        if self._own_word(name) and not self._spelled(function.path, function.node, name, depth):
            return True
        return self._class(function, owner, depth)

    def within(self, path: str, node: int) -> bool:
        """Whether an expression of a script stands in such a function, or in one that only others are called like."""
        if not self.evaluator.javascript(path) or not self._whole(path) or self.functions.aside(path):
            return False
        return self._put_on(path, self.evaluator.scope(path).function(node), others=True)

    def _put_on(self, path: str, node: int, *, others: bool = False) -> bool:
        """Whether a function, or one around it, is put on a parameter of a script's own function, under a name that
        nobody else spells, or under which only others are called (`others`)."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        while node >= 0:
            around, assign = scope.function(node), tree.parents[node]
            if around >= 0 and tree.kinds[assign] == Kind.ASSIGN and scope.function(around) < 0:
                target = tree.child(assign, Role.TARGET)
                if (
                    tree.kinds[target] == Kind.ATTRIBUTE
                    and tree.kinds[target + 1] == Kind.NAME
                    and self._of_parameter(path, target + 1, around)
                    and (self._nobody_else(path, assign, tree.value(target)) or (others and self._never(path, node)))
                ):
                    return True
            node = around
        return False

    def _nobody_else(self, path: str, assign: int, name: str) -> bool:
        return self._own_word(name) and not self._spelled(path, assign, name, depth=0)

    def _never(self, path: str, node: int) -> bool:
        return self.functions.uncalled(FunctionValue(path, node))

    def _of_parameter(self, path: str, name: int, function: int) -> bool:
        tree = self.evaluator.tree(path)
        reached = self.evaluator.scope(path).reaching(name, tree.value(name)) or ()
        return bool(reached) and all(
            tree.kinds[binding] == Kind.PARAMETER and tree.parents[binding] == function for binding, _ in reached
        )

    def _whole(self, path: str) -> bool:
        published = self._published[self.evaluator.javascript(path)]
        if any(not folder or path.startswith(f"{folder}/") for folder in published):
            return False
        return self._large

    @cached_property
    def _large(self) -> bool:
        return sum(map(self.functions.running, self.evaluator.files)) >= WHOLE

    def _plain(self, function: FunctionValue) -> bool:
        """Whether its decorators hand a function to nobody: the host's own, and those of libraries that keep what it
        gives, or begin and end something around it."""
        tree = self.evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            if tree.value(decorator) in PLAIN:
                continue
            rows = [
                self.evaluator.rows.row_of(one)
                for one in options(self.evaluator.value(function.path, callee))
                if isinstance(one, (BoundMember, LibraryFunction))
            ]
            if not rows or not all(row is not None and (row.memoises or row.effects) for row in rows):
                return False
        return True

    def _serves(self, path: str, owner: int) -> bool:
        """Whether a class answers requests once somebody names it for an address: no decorator hands it on."""
        types = self.evaluator.classes.library_types(ProjectClass(path, owner))
        routed = any(self.evaluator.tables.types[cls.name].serves for cls in types)
        return routed and self.evaluator.tree(path).child(owner, Role.DECORATOR) < 0

    def _own(self, path: str, owner: int) -> bool:
        """Whether no framework looks for members of a class: it is a model, or all that it extends is the project's."""
        for cls in self.evaluator.classes.mro(ProjectClass(path, owner)):
            if isinstance(cls, LibraryClass):
                if not self.evaluator.tables.types[cls.name].declares:
                    return False
                continue
            tree = self.evaluator.tree(cls.path)
            for base in tree.with_role(cls.node, Role.BASE):
                held = options(self.evaluator.value(cls.path, base)) if tree.kinds[base] != Kind.KEYWORD else ()
                if any(not isinstance(one, (ProjectClass, LibraryClass)) for one in held):
                    return False
        return True

    def _class(self, function: FunctionValue, owner: int, depth: int) -> bool:
        """Whether the class, a model, is reached by nobody: a method of the class needs its name; rows of it may be
        reached by a key of another one's."""
        tree = self.evaluator.tree(function.path)
        table = self.models.table(ProjectClass(function.path, owner))
        if table is None or tree.child(owner, Role.DECORATOR) >= 0:
            return False
        reached = any(key.kind == "foreign" for key in table.keys)
        of_class = self.evaluator.decorator_names(function.path, function.node) & PLAIN
        return not (reached and not of_class) and not self._spelled(function.path, owner, tree.value(owner), depth)

    @staticmethod
    def _own_word(name: str, *, of_module: bool = False) -> bool:
        """Whether a name is one that the program's author made up, and not one that a framework may call."""
        found = list(spelling.words(name))
        hook = found[0] in HOOKS and not (of_module and found[0] in METHODS) if found else True
        return len(found) > 1 and not hook and not ENTRIES.intersection(found)

    def _spelled(self, path: str, own: int, name: str, depth: int) -> bool:
        """Whether a name is written outside of what has it, and of functions that nobody names either."""
        if name in self._named:
            return True
        tree = self.evaluator.tree(path)
        return any(
            (each != path or not own <= node < tree.ends[own])
            and not self.functions.aside(each)
            and not self._within_unused(each, node, depth)
            for each, node in self.evaluator.words.spelled(name)
        )

    def _within_unused(self, path: str, node: int, depth: int) -> bool:
        """Whether a node stands in the body of a function that nobody names."""
        around = self.evaluator.scope(path).function(node)
        if not depth or around < 0:
            return False
        body = self.evaluator.tree(path).child(around, Role.BODY)
        inside = body >= 0 and self.evaluator.tree(path).contains(body, node)
        return inside and self._nobody(self.functions.id(path, around), depth - 1)

    @cached_property
    def _named(self) -> frozenset[str]:
        """The words of imports, of templates, and the parts of texts that are names in chains."""
        found: set[str] = set()
        for path, facts in self.evaluator.files.items():
            if self.functions.aside(path):
                continue
            for imported in facts.interface.imports:
                found.update((imported.name, imported.local))
            for text in facts.body.strings:
                if len(text) <= LONGEST and ("." in text or ":" in text or "/" in text):
                    found.update(text.replace(":", ".").replace("/", ".").split("."))
        for template in self._templates:
            for mark in template.marks:
                found.update(mark.path, mark.names, mark.filters)
        return frozenset(found)


LONGEST = 200
"""Characters of a text that may be a chain of names."""
