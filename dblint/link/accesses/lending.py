"""Rows that a name holds are given to something else before they are used, which may load more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, Unknown, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

PASSED_ON = 3
"""Functions through which rows are handed on that are asked whether they load more of them."""


class Lending:
    """Answers what becomes of rows that are given away. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def may_load(self, path: str, node: int, name: str) -> bool:
        """Whether something else is given the rows that a name holds before it is used, and may load more of them."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        around = scope.function(node)
        for use in self.uses(path, around, name):
            call = tree.parents[use]
            if use >= node or tree.roles[use] != Role.ARGUMENT or tree.kinds[call] != Kind.CALL:
                continue
            if self._loads(path, call, use, PASSED_ON):
                return True
        return False

    def _loads(self, path: str, call: int, argument: int, further: int) -> bool:
        """Whether a call that is given rows may load more of them, or set what they lead to: a function of the project
        does neither where all that it does with them is to look at them, or to hand them on to such a function."""
        tree = self.evaluator.tree(path)
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, (LibraryFunction, BoundMember)):
                row = self.evaluator.rows.row_of(option)
                if row is not None and row.eager is not None:
                    return True
            elif isinstance(option, FunctionValue):
                given = [of for of, node in self.evaluator.parameters.matched(option, path, call) if node == argument]
                if len(given) != 1 or not self._looks(option, given[0], further):
                    return True
            elif isinstance(option, Unknown) and tree.kinds[call + 1] == Kind.NAME:
                return True
        return False

    def _looks(self, function: FunctionValue, parameter: int, further: int) -> bool:
        """Whether a function sets no attribute, and hands nothing to a function that may."""
        path = function.path
        tree = self.evaluator.tree(path)
        name, putting = tree.value(parameter), self.evaluator.tables.putting
        for node in range(function.node, tree.ends[function.node]):
            kind = tree.kinds[node]
            if kind == Kind.ATTRIBUTE and tree.roles[node] == Role.TARGET:
                return False
            if kind != Kind.CALL:
                continue
            given = list(tree.with_role(node, Role.ARGUMENT))
            if tree.value(node + 1) in putting:
                return False
            own = [each for each in given if tree.kinds[each] == Kind.NAME and tree.value(each) == name]
            if own and (further <= 0 or any(self._loads(path, node, each, further - 1) for each in own)):
                return False
            callees = options(self.evaluator.value(path, node + 1))
            if given and not own and any(isinstance(callee, FunctionValue) for callee in callees):
                return False
        return True

    def uses(self, path: str, function: int, name: str) -> list[int]:
        """Where a function, or a module, writes a name."""
        tree = self.evaluator.tree(path)
        start, stop = (function, tree.ends[function]) if function >= 0 else (0, len(tree.kinds))
        return [node for node in tree.spelled(name) if start <= node < stop and tree.kinds[node] == Kind.NAME]
