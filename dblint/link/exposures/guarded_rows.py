"""Attributes that code looks for on a row before it asks (`hasattr(self, "_count")`): whether anything puts them on
it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.loops.preconditions import conditions
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.facts.text import Place
    from dblint.link.accesses.origins import Origin, Origins

NAMES = 60
"""Functions, by their names, through which an attribute may be put on rows; of more it cannot be said."""
NEGATIONS = 4
"""Negations of one condition that are read."""
CALLERS = 1
"""Methods, each called by the next, through which another object than a query may put an attribute on rows."""
LOOKS = frozenset({hosts.LOOKS_BY_NAME, hosts.READS_BY_NAME, "delattr"})
"""What asks an object for an attribute by its name, and puts none there."""
_TRUE = frozenset({"true"})


class GuardedRows:
    """Answers what guards of rows say. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.evaluator = origins.evaluator
        self.models = origins.models
        self._places: dict[str, frozenset[tuple[str, int]] | None] = {}

    def never(self, path: str, node: int, wanted: bool, through: frozenset[tuple[str, int]]) -> bool:
        """Whether a condition that looks for an attribute comes out as `wanted` whatever was done before: nothing that
        the rows went through puts it there. `through`: the functions, and the classes, that they went through."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.NAME or tree.value(node + 1) not in LOOKS:
            return False
        arguments = list(tree.with_role(node, Role.ARGUMENT))
        if len(arguments) < 2 or tree.kinds[arguments[1]] != Kind.STRING:
            return False
        default = arguments[2] if len(arguments) > 2 else -1
        if self._of_the_program(path, arguments[0]):
            # A setting that is on where nothing is said of it.
            return wanted and default >= 0 and tree.kinds[default] == Kind.CONSTANT and tree.value(default) in _TRUE
        if wanted or tree.kinds[arguments[0]] != Kind.NAME:
            return False
        if default >= 0 and not (tree.kinds[default] == Kind.CONSTANT and tree.value(default) not in _TRUE):
            return False
        name = tree.value(arguments[1])
        return not self._of_its_class(path, node, name) and self._put(name, through) == "no"

    def _of_its_class(self, path: str, node: int, name: str) -> bool:
        """Whether the class around a condition has an attribute of this name, or a relation."""
        tree = self.evaluator.tree(path)
        for each in tree.ancestors(node):
            if tree.kinds[each] == Kind.CLASS:
                cls = ProjectClass(path, each)
                if self.evaluator.classes.owner(cls, name) is not None:
                    return True
                if (
                    self.models.relation(cls, name)
                    or self.models.column(cls, name)
                    or name in self.models.inverses(cls)
                ):
                    return True
        return False

    def reached(self, path: str, node: int, through: frozenset[tuple[str, int]]) -> bool:
        """Whether a node of a function is reached by rows: no attribute that is looked for on them before is put
        there."""
        tree, function = self.evaluator.tree(path), self.evaluator.scope(path).function(node)
        for condition, holds in conditions(tree, node, function, failing=False) if function >= 0 else ():
            wanted = holds
            for _ in range(NEGATIONS):
                if tree.kinds[condition] != Kind.UNARY or tree.value(condition) != "not":
                    break
                condition, wanted = tree.child(condition, Role.VALUE), not wanted
            if tree.kinds[condition] != Kind.CALL or tree.value(condition + 1) != hosts.LOOKS_BY_NAME or wanted:
                continue
            named = list(tree.with_role(condition, Role.ARGUMENT))[1:2]
            if named and tree.kinds[named[0]] == Kind.STRING and self._put(tree.value(named[0]), through) == "yes":
                return False
        return True

    def through(self, listed: Place, origin: Origin) -> frozenset[tuple[str, int]]:
        """The functions that the rows of a query went through on their way to what shows them, and the classes of what
        shows them, each by its node; -1 for the code of a module."""
        found = set(origin.through)
        file = self.evaluator.files.get(listed.path)
        for node in file.interface.classes if file is not None else ():
            if self.evaluator.tree(listed.path).starts[node] == listed.start:
                mro = self.evaluator.classes.mro(ProjectClass(listed.path, node))
                found |= {(base.path, base.node) for base in mro if isinstance(base, ProjectClass)}
        return frozenset(found)

    def _of_the_program(self, path: str, node: int) -> bool:
        """Whether an object is one that a module names, and not what a function was given."""
        tree = self.evaluator.tree(path)
        return tree.kinds[node] == Kind.NAME and not self.evaluator.scope(path).reaching(node, tree.value(node))

    def _put(self, name: str, through: frozenset[tuple[str, int]]) -> str:
        """Whether something puts an attribute of this name on rows that went through these functions: `yes` or perhaps,
        `no`, or `nobody`: no place of the program puts it on anything."""
        if name not in self._places:
            self._places[name] = self._putting(name)
        places = self._places[name]
        if places is None or places & through:
            return "yes"
        return "no" if places else "nobody"

    def _around(self, path: str, node: int) -> set[tuple[str, int]]:
        """The function and the classes that a node stands in."""
        tree = self.evaluator.tree(path)
        around = {(path, each) for each in tree.ancestors(node) if tree.kinds[each] == Kind.CLASS}
        return around | {(path, self.evaluator.scope(path).function(node))}

    def _putting(self, name: str) -> frozenset[tuple[str, int]] | None:
        """The functions and classes that put an attribute of this name on something, or name a function that does; None
        where it may be on any row."""
        words: set[str] = set()
        places: set[tuple[str, int]] = set()
        pending = [(*each, 0) for each in self.evaluator.words.spelled(name) if self._puts(*each)]
        while pending:
            path, node, depth = pending.pop()
            places |= self._around(path, node)
            function = self.evaluator.scope(path).function(node)
            if self._on_any(path, node, function):
                return None
            if function < 0 or self._asked_by_library(path, function):
                continue
            word, cls = self.evaluator.tree(path).value(function), self._owner(path, function)
            if depth >= CALLERS and cls is not None and not self._of_rows(cls):
                continue  # rows that go through such a method go through a function that names it
            if word in hosts.CONSTRUCTORS and cls is not None:
                word = self.evaluator.classes.class_name(cls)
            if word and word not in words:
                words.add(word)
                pending += [(*each, depth + 1) for each in self.evaluator.words.spelled(word) if self._named(*each)]
            if len(words) > NAMES:
                return None
        return frozenset(places)

    def _on_any(self, path: str, node: int, function: int) -> bool:
        """Whether what is put here may be put on any row of a model: by its class, by a method that a library calls for
        all of them, or by a function that is registered for that."""
        tree = self.evaluator.tree(path)
        if function < 0:
            cls = next((each for each in tree.ancestors(node) if tree.kinds[each] == Kind.CLASS), -1)
            return cls >= 0 and self._of_rows(ProjectClass(path, cls))
        cls_of = self._owner(path, function)
        if cls_of is not None and self._of_rows(cls_of):
            return tree.value(function).startswith("__") or self._asked_by_library(path, function)
        decorators = self.evaluator.decorator_names(path, function)
        return tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.TARGET and bool(decorators)

    def _puts(self, path: str, node: int) -> bool:
        """Whether an attribute may get its name here: a text, a keyword or the target of an assignment."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind in (Kind.ATTRIBUTE, Kind.NAME):
            return tree.roles[node] == Role.TARGET
        if kind == Kind.STRING:
            call = tree.parents[node]
            looks = tree.kinds[call] == Kind.CALL and tree.roles[node] == Role.ARGUMENT
            return not (looks and tree.kinds[call + 1] == Kind.NAME and tree.value(call + 1) in LOOKS)
        return True

    def _named(self, path: str, node: int) -> bool:
        return self.evaluator.tree(path).kinds[node] in (Kind.NAME, Kind.ATTRIBUTE, Kind.STRING)

    def _owner(self, path: str, function: int) -> ProjectClass | None:
        tree = self.evaluator.tree(path)
        cls = next((each for each in tree.ancestors(function) if tree.kinds[each] == Kind.CLASS), -1)
        return ProjectClass(path, cls) if cls >= 0 and tree.parents[tree.parents[function]] == cls else None

    def _asked_by_library(self, path: str, function: int) -> bool:
        """Whether a method is one that a library's class has, too."""
        cls = self._owner(path, function)
        name = self.evaluator.tree(path).value(function)
        types, tables = self.evaluator.classes.library_types(cls) if cls is not None else (), self.evaluator.tables
        return any(
            tables.member(base.name, name) is not None or name in tables.types[base.name].hooks for base in types
        )

    def _of_rows(self, cls: ProjectClass) -> bool:
        """Whether a class is a model, or asks for the rows of one."""
        types = [self.evaluator.tables.types[base.name] for base in self.evaluator.classes.library_types(cls)]
        return any(row.runs_on or row.lazy or row.model or row.declares for row in types)
