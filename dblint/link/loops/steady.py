"""Whether a query in a loop asks the same in each turn: nothing that it is made of can differ from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Tree
from dblint.link.values import (
    BoundMember,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)

if TYPE_CHECKING:
    from dblint.link.loops.anew import Anew
    from dblint.link.types import Evaluator

NAMES = 24
"""Names that are looked at for one query; with more of them nobody knows."""


class Steady:
    """Answers so. One per evaluator."""

    def __init__(self, evaluator: Evaluator, anew: Anew) -> None:
        self.evaluator = evaluator
        self.anew = anew
        self._packages = frozenset(
            package for library in evaluator.tables.libraries.values() for package in library.packages
        )

    def same(self, path: str, node: int, loop: int) -> bool:
        """Whether what stands at `node`, which no variable of the loop decides, is surely the same in each turn."""
        tree = self.evaluator.tree(path)
        names = [name for name in self._names(tree, node) if not tree.value(name).isupper()]
        return (
            len(names) <= NAMES
            and all(self._calls(path, tree, node))
            and all(self._still(path, tree, name, node, loop) for name in names)
        )

    @staticmethod
    def _names(tree: Tree, node: int) -> Iterator[int]:
        name = tree.kinds.find(Kind.NAME, node, tree.ends[node])
        while name >= 0:
            yield name
            name = tree.kinds.find(Kind.NAME, name + 1, tree.ends[node])

    def _calls(self, path: str, tree: Tree, node: int) -> Iterator[bool]:
        """Of each call in an expression, whether it gives the same each time: a library's own, or a conversion."""
        call = tree.kinds.find(Kind.CALL, node, tree.ends[node])
        while call >= 0:
            found = options(self.evaluator.value(path, call + 1))
            known = bool(found) and all(
                isinstance(value, (BoundMember, LibraryFunction, LibraryClass))
                or (isinstance(value, ExternalValue) and value.path.partition(".")[0] in self._packages)
                or (isinstance(value, Instance) and self._called(value))
                for value in found
            )
            yield known or not self.anew.made(path, (call,), call)
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[node])

    def _called(self, value: Instance) -> bool:
        """Whether calling a value of this type is a library's own."""
        types = self.evaluator.classes.library_types(value.cls)
        return any(self.evaluator.tables.types[cls.name].call is not None for cls in types)

    def _still(self, path: str, tree: Tree, name: int, node: int, loop: int) -> bool:
        """Whether a name holds the same thing in each turn, and nothing in the loop changes that."""
        scope = self.evaluator.scope(path)
        for binding, _ in scope.reaching(name, tree.value(name)) or ():
            inside = tree.contains(loop, binding) and binding != loop and not tree.contains(node, binding)
            if inside and not self._runs(path, tree, binding):
                return False
        if any(tree.contains(loop, assigned) for assigned, _ in scope.growth(name, tree.value(name))):
            return False
        return not any(self._acts(path, call) for call in self._on(tree, tree.value(name), node, loop))

    def _runs(self, path: str, tree: Tree, binding: int) -> bool:
        """Whether a statement on a name only runs something through it."""
        if tree.kinds[binding] != Kind.CALL:
            return False
        return not self._acts(path, binding)

    @staticmethod
    def _on(tree: Tree, name: str, node: int, loop: int) -> Iterator[int]:
        """The calls in a loop on what a name holds, besides the one that is asked about."""
        call = tree.kinds.find(Kind.CALL, loop, tree.ends[loop])
        while call >= 0:
            root = call + 1
            while tree.kinds[root] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                root += 1
            if tree.kinds[root] == Kind.NAME and tree.value(root) == name and root != call + 1:
                if not tree.contains(node, call):
                    yield call
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[loop])

    def _acts(self, path: str, call: int) -> bool:
        """Whether a call on a thing may change it: nobody knows what it does, or it is the project's own."""
        found = options(self.evaluator.value(path, call + 1))
        if not found:
            return True
        for value in found:
            if isinstance(value, BoundMember):
                row = self.evaluator.rows.row_of(value)
                if row is None:
                    return True
            elif isinstance(value, FunctionValue) or not isinstance(
                value, (LibraryFunction, LibraryClass, ProjectClass)
            ):
                return True
        return False
