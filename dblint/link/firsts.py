"""Rows that a function returns, of which nobody who calls it takes more than the first, and whether there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import FunctionValue

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.taking import Takings

SITES = 8
"""Calls of a function that are looked at; of one with more it cannot be said what they take."""
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST})


class Firsts:
    """Answers it. One per evaluator."""

    def __init__(self, takings: Takings, functions: Functions) -> None:
        self.takings = takings
        self.functions = functions
        self.evaluator = takings.evaluator

    def alone(self, path: str, node: int, function: int) -> bool:
        """Whether what a call gives is returned by the function around it, and nothing but the first row of it is taken
        by all who call that."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        while tree.kinds[parent] in _PLAIN or self.takings.makes_list(path, tree, parent):
            node, parent = parent, tree.parents[parent]
        if tree.kinds[parent] not in (Kind.RETURN, Kind.FUNCTION):
            return False
        value = FunctionValue(path, function)
        sites = self.functions.every(value)
        if not sites or len(sites) > SITES or self.functions.handed_on(value):
            return False
        return all(self._first(*site) for site in sites)

    def _first(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        while tree.kinds[tree.parents[node]] in _PLAIN:
            node = tree.parents[node]
        parent = tree.parents[node]
        if tree.kinds[parent] != Kind.ASSIGN or tree.roles[node] != Role.VALUE:
            return self._taken(path, node)
        uses = self.takings.uses(path, parent)
        return bool(uses) and all(self._taken(path, use) for use in uses or ())

    def _taken(self, path: str, use: int) -> bool:
        """Whether one use takes the first row, or asks whether there is one."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[use]
        if tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[use] == Role.OBJECT:
            index = tree.child(parent, Role.INDEX)
            return index >= 0 and tree.kinds[index] == Kind.NUMBER and tree.value(index) == "0"
        taken = self.takings.of_rows(path, use)
        return taken is not None and taken.kind == "truth"
