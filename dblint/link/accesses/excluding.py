"""What a name was given on one branch is not what it holds where a test of the same name came out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind
from dblint.link.loops.preconditions import Guard, conditions, tests

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_PARTS = 16
"""Tests of one place that are compared."""


class Excluding:
    """Compares the tests of two places in one function. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def excludes(self, path: str, one: int, other: int) -> bool:
        """Whether what runs at one place surely does not run at the other in the same call: a name that holds the same
        at both is tested to be two different things."""
        scope = self.evaluator.scope(path)
        function = scope.function(one)
        if function < 0 or scope.function(other) != function:
            return False
        wanted = self._tests(path, one, function)
        return bool(wanted) and any(
            first.name == second.name and _differ(first, second) and held == also
            for second, also in self._tests(path, other, function)
            for first, held in wanted
        )

    def _tests(self, path: str, node: int, function: int) -> list[tuple[Guard, tuple[int, ...]]]:
        """The tests of names around a node, each with what the name is bound to there."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        found: list[tuple[Guard, tuple[int, ...]]] = []
        for condition, holds in conditions(tree, node, function):
            for name, guard in tests(tree, condition, holds):
                reached = scope.reaching(name, tree.value(name)) if tree.kinds[name] == Kind.NAME else None
                if reached and not guard.key:
                    found.append((guard, tuple(binding for binding, _ in reached)))
            if len(found) >= _PARTS:
                break
        return found


def _differ(one: Guard, other: Guard) -> bool:
    """Whether two tests of the same value cannot both hold."""
    kinds = {one.test, other.test}
    same = (one.constant, one.member) == (other.constant, other.member)
    if kinds == {"equal"}:
        return not same and one.member == other.member and not one.member
    return kinds == {"given", "absent"} or (kinds == {"equal", "unequal"} and same)
