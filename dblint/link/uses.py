"""Functions as values: where one is handed on, stored or renamed, so that more calls it than its name shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.loops.callbacks import callback_of
from dblint.link.values import FunctionValue, Unknown, options
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

DEFAULT = "default"
"""The name under which a module exports its one thing."""
USES = 100
"""Uses of a name that are looked at; of a word with more of them nobody can say who has it."""


class Uses:
    """Finds uses of functions that are no calls. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._renamed: tuple[dict[str, dict[tuple[str, str], None]], dict[str, dict[str, None]]] | None = None
        self._local: dict[str, dict[tuple[str, str], None]] = {}
        self._importing: dict[str, dict[str, None]] | None = None
        self._exported: dict[str, frozenset[int]] = {}
        self._called_on: dict[str, list[tuple[str, int]]] = {}

    def calls(self, function: FunctionValue, name: str) -> list[tuple[str, int]]:
        """The calls that may call a function: by its own name, and by what exports, imports and assignments make
        of it."""
        evaluator = self.evaluator
        renamed, exported = self._renames()
        words = [name, *exported.get(name, ())]
        found = [site for word in words for site in evaluator.words.called(word)]
        exports = evaluator.files[function.path].interface.exports
        if any(export.name == DEFAULT and export.local == name for export in exports):
            words.append(DEFAULT)
        for word in words:
            for path, local in renamed.get(word, ()):
                if local not in words:
                    found += [site for site in evaluator.words.called(local) if site[0] == path]
        found += [site for word in words for site in self._given_on(word)]
        more = [
            site
            for word in words
            for path, local in self._locals(word)
            if local not in words
            for site in evaluator.words.called(local)
            if path in ("", site[0])
        ]
        return [*found, *more] if len(more) <= USES else found

    def unsaid(self, function: FunctionValue, name: str) -> list[tuple[str, int]]:
        """The calls that may be of a method because of its name alone: nothing is said of what they are called on, and
        no other function of the project has the name."""
        evaluator = self.evaluator
        if not evaluator.tree(function.path).has(function.node, Flag.METHOD):
            return []
        for path, node in evaluator.words.spelled(name):
            if evaluator.tree(path).kinds[node] == Kind.FUNCTION and (path, node) != (function.path, function.node):
                return []
        script = evaluator.javascript(function.path)
        return [
            (path, call)
            for path, call in evaluator.words.called(name)
            if evaluator.javascript(path) is script
            and evaluator.tree(path).kinds[call + 1] == Kind.ATTRIBUTE
            and all(isinstance(option, Unknown) for option in options(evaluator.value(path, call + 1)))
            and all(isinstance(option, Unknown) for option in options(evaluator.value(path, call + 2)))
        ]

    def _given_on(self, word: str) -> list[tuple[str, int]]:
        """The calls of what calls give that are given what is called so (`sync_to_async(load)(key)`), and those of
        members that are the function itself (`task.run(key)`)."""
        known = self._called_on.get(word)
        if known is not None:
            return known
        given = self.evaluator.words.given(word)
        found = self._called_on[word] = []
        for path, call, _, _, _ in given if len(given) <= USES else ():
            tree = self.evaluator.tree(path)
            above = tree.parents[call]
            if tree.kinds[above] == Kind.CALL and tree.roles[call] == Role.CALLEE:
                found.append((path, above))
        direct = self.evaluator.tables.direct
        for path, node in self.evaluator.words.standing(word, Role.OBJECT):
            tree = self.evaluator.tree(path)
            above = tree.parents[node]
            if tree.kinds[above] == Kind.ATTRIBUTE and tree.value(above) in direct:
                if tree.roles[above] == Role.CALLEE and tree.kinds[tree.parents[above]] == Kind.CALL:
                    found.append((path, tree.parents[above]))
        return found

    def _locals(self, word: str) -> dict[tuple[str, str], None]:
        """The files with the names in them that are given what is called so (`load = self.load_one`), or what a call
        makes of it (`load = partial(load_one, opened)`)."""
        found = self._local.get(word)
        if found is None:
            found = self._local[word] = {}
            nodes = list(self.evaluator.words.standing(word, Role.VALUE))
            given = self.evaluator.words.given(word)
            nodes += [(path, call) for path, call, _, _, _ in given] if len(given) <= USES else []
            for path, node in nodes:
                tree = self.evaluator.tree(path)
                above = tree.parents[node]
                if (
                    tree.kinds[node] == Kind.CALL
                    and tree.roles[node] == Role.VALUE
                    and tree.kinds[above] == Kind.ASSIGN
                ):
                    target = tree.child(above, Role.TARGET)
                    if tree.kinds[target] in NAMES:
                        # A class's own name is called wherever the class is known.
                        scope = tree.parents[tree.parents[above]]
                        everywhere = scope >= 0 and tree.kinds[scope] == Kind.CLASS
                        found["" if everywhere else path, tree.value(target)] = None
                    continue
                if tree.roles[node] != Role.VALUE or tree.kinds[node] not in NAMES or tree.kinds[above] != Kind.ASSIGN:
                    continue
                target = above + 1
                if tree.kinds[target] == Kind.NAME and tree.ends[target] == node:
                    found[path, tree.value(target)] = None
        return found

    def _renames(self) -> tuple[dict[str, dict[tuple[str, str], None]], dict[str, dict[str, None]]]:
        """Name → the files that import it under another one, and name → the others under which it is exported."""
        if self._renamed is None:
            renamed: dict[str, dict[tuple[str, str], None]] = {}
            exported: dict[str, dict[str, None]] = {}
            for path in sorted(self.evaluator.files):
                interface = self.evaluator.files[path].interface
                for imported in interface.imports:
                    if imported.local and imported.name not in (imported.local, "*", ""):
                        renamed.setdefault(imported.name, {})[path, imported.local] = None
                for export in interface.exports:
                    if export.local and export.name not in (export.local, "*", DEFAULT):
                        exported.setdefault(export.local, {})[export.name] = None
            self._renamed = renamed, exported
        return self._renamed

    def handed_on(self, function: FunctionValue, name: str) -> bool:
        """Whether somebody may call the function whom nobody sees: it is assigned, stored, returned or given to
        another. Not: exported, which is a name for it, or given to what runs it per element."""
        for looked, (path, node) in enumerate(self._spelled(function, name)):
            if looked >= USES:
                return True
            if any(
                isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node)
                for option in options(self.evaluator.value(path, node))
            ):
                return True
        return False

    def _spelled(self, function: FunctionValue, name: str) -> Iterator[tuple[str, int]]:
        files = self._files(function, name)
        for path, node in self.evaluator.words.spelled(name, files):
            if self.evaluator.tree(path).kinds[node] in NAMES and self._as_value(path, node):
                yield path, node

    def _files(self, function: FunctionValue, name: str) -> list[str] | None:
        """The files that can speak of a function: a member's are all (None), those of a name the ones that import
        it."""
        evaluator = self.evaluator
        tree = evaluator.tree(function.path)
        parent = tree.parents[function.node]
        if tree.has(function.node, Flag.METHOD) or tree.kinds[parent] == Kind.PAIR:
            return None
        if evaluator.scope(function.path).scope(function.node) > 0:
            return [function.path]
        if self._importing is None:
            self._importing = {}
            for path in sorted(evaluator.files):
                for imported in evaluator.files[path].interface.imports:
                    self._importing.setdefault(imported.name, {})[path] = None
        paths = {function.path: None}
        for word in (name, "*", ""):
            paths |= self._importing.get(word, {})
        return list(paths)

    def _as_value(self, path: str, node: int) -> bool:
        """Whether a function that stands at `node` leaves it as a value."""
        tree = self.evaluator.tree(path)
        role = tree.roles[node]
        if role in (Role.CALLEE, Role.TARGET, Role.KEY, Role.ANNOTATION, Role.DECORATOR, Role.BASE):
            return False
        if node in self._exports(path):
            return False
        parent = tree.parents[node]
        kind = tree.kinds[parent]
        if kind == Kind.ATTRIBUTE:
            # `find.bind(store)`, `find.delay(name)`; not `find.cache_clear()`, nor `find.label = "…"`.
            call = tree.parents[parent]
            called = tree.kinds[call] == Kind.CALL and tree.roles[parent] == Role.CALLEE
            return called and tree.child(call, Role.ARGUMENT) >= 0
        if kind in (Kind.UNARY, Kind.BINARY) and tree.value(parent) not in ("or", "and", "??"):
            return False
        if kind in (Kind.IF, Kind.SUBSCRIPT) or role == Role.CONDITION:
            return False
        if kind == Kind.CALL and role == Role.ARGUMENT:
            index = list(tree.with_role(parent, Role.ARGUMENT)).index(node)
            callback = callback_of(self.evaluator, path, parent, index)
            return callback is None or callback.fate != "each"
        return True

    def _exports(self, path: str) -> frozenset[int]:
        found = self._exported.get(path)
        if found is None:
            tree = self.evaluator.tree(path)
            nodes = {export.node for export in self.evaluator.files[path].interface.exports if export.node >= 0}
            for node in tuple(nodes):
                if tree.kinds[node] == Kind.OBJECT:  # `export default { find }`
                    nodes |= {value for pair in tree.children(node) if (value := tree.child(pair, Role.VALUE)) >= 0}
            found = self._exported[path] = frozenset(nodes)
        return found
