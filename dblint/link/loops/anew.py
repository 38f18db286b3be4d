"""Whether a value may be another one each time that it is made, also where no element of a loop decides it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.influence import names_in
from dblint.link.values import BoundMember, FunctionValue, Instance, LibraryClass, LibraryFunction, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 3
"""Functions of the project that are read for one call."""
NAMES = 30
"""Names followed for one value; with more of them nobody knows."""


class Anew:
    """Answers so. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._language = evaluator.tables.untyped

    def made(self, path: str, nodes: Iterable[int], region: int) -> bool:
        """Whether what stands at `nodes` may be another value in each turn of a loop, or call of a function (`region`):
        it calls what is not known to give the same, or counts."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        pending = list(nodes)
        seen: set[int] = set()
        while pending:
            node = pending.pop()
            if self._calls(path, tree, node, STEPS):
                return True
            for name in names_in(tree, node):
                for binding, _ in scope.reaching(node, name) or ():
                    if binding in seen or binding == region or not tree.contains(region, binding):
                        continue
                    seen.add(binding)
                    value = tree.child(binding, Role.VALUE)
                    if len(seen) > NAMES or (tree.kinds[binding] == Kind.ASSIGN and tree.value(binding)):
                        return True
                    if tree.kinds[binding] == Kind.ASSIGN and value >= 0:
                        pending.append(value)
        return False

    def _calls(self, path: str, tree: Tree, node: int, steps: int) -> bool:
        """Whether an expression calls what is not known to give the same each time."""
        call = tree.kinds.find(Kind.CALL, node, tree.ends[node])
        while call >= 0:
            if not self._steady(path, tree, call, steps):
                return True
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[node])
        return False

    def _steady(self, path: str, tree: Tree, call: int, steps: int) -> bool:
        callee = call + 1
        found = options(self.evaluator.value(path, callee))
        if found and all(self._known(value, steps) for value in found):
            return True
        if tree.kinds[callee] != Kind.ATTRIBUTE:
            return False
        language = "javascript" if self.evaluator.javascript(path) else "python"
        of = options(self.evaluator.value(path, callee + 1))
        return tree.value(callee) in self._language[language] or (
            bool(of) and all(isinstance(value, LibraryClass) and self._plain(value) for value in of)
        )

    def _known(self, value: Value, steps: int) -> bool:
        """Whether a call of this gives what serves every element: it converts what it is given, or reads a clock."""
        if isinstance(value, LibraryClass):
            return self._plain(value)
        if isinstance(value, (LibraryFunction, BoundMember)):
            row = self.evaluator.rows.row_of(value)
            if row is not None and (row.steady or row.string):
                return True
            return isinstance(value, BoundMember) and self._plain(value.receiver)
        if not isinstance(value, FunctionValue) or steps <= 0:
            return False
        tree = self.evaluator.tree(value.path)
        return not self._calls(value.path, tree, tree.child(value.node, Role.BODY), steps - 1)

    def _plain(self, value: LibraryClass | Instance) -> bool:
        cls = value.cls if isinstance(value, Instance) else value
        return any(self.evaluator.tables.types[each.name].scalar for each in self.evaluator.classes.library_types(cls))
