"""Queries that an object keeps in an attribute: what they loaded once they have the next time, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.loops.preconditions import conditions
from dblint.link.loops.stores import Filling, chain, lacks
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Lazies:
    """Says which attributes hold such queries. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._settled: dict[str, bool] = {}

    def kept(self, path: str, node: int) -> bool:
        """Whether an expression is the attribute of a name, holds a query that keeps its rows, and gets no other one
        once it has one: from methods that look first, from constructors and from those who set it from outside."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.ATTRIBUTE or tree.kinds[node + 1] != Kind.NAME:
            return False
        held = [value for value in options(self.evaluator.value(path, node)) if isinstance(value, Instance)]
        if not held or not all(map(self._caches, held)):
            return False
        word = tree.value(node)
        found = self._settled.get(word)
        if found is None:
            found = self._settled[word] = self._settles(word)
        return found

    def _caches(self, value: Instance) -> bool:
        types = self.evaluator.classes.library_types(value.cls)
        return bool(types) and self.evaluator.tables.types[types[0].name].caches

    def _settles(self, word: str) -> bool:
        """Whether nothing of this name is a function, and whatever is assigned to it is so once."""
        assigned = False
        for path, node in self.evaluator.words.spelled(word):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] == Kind.FUNCTION:
                return False
            if tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.TARGET:
                assigned = True
                if not self._once(path, node):
                    return False
        return assigned

    def _once(self, path: str, target: int) -> bool:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        assign, function = tree.parents[target], scope.function(target)
        value = tree.child(assign, Role.VALUE) if tree.kinds[assign] == Kind.ASSIGN else -1
        if value < 0 or function < 0:
            return False
        if tree.kinds[value] == Kind.CONSTANT or tree.value(function) in hosts.CONSTRUCTORS:
            return True
        if hosts.SETTER in self.evaluator.decorator_names(path, function):
            return True
        filling = Filling(chain(tree, target), target + 1)
        return bool(filling.words) and any(
            lacks(scope, condition, holds, filling) for condition, holds in conditions(tree, assign, function)
        )
