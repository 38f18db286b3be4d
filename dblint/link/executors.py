"""What a function hands to the function that it is given (`new Promise((resolve) => { … resolve(client) })`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, Context, FunctionValue, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

USES_LIMIT = 8
"""Uses of the parameter that are asked what they hand to it."""


class Executors:
    """Answers what executors settle their promises with. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def handed(self, function: Value) -> Value:
        """What a function hands to the first function that it is given: also in functions inside of it, and where
        that one is handed on by its name (`pending.then(resolve)`)."""
        found = [self._of(option) for option in options(function) if isinstance(option, FunctionValue)]
        return join(found) if found else UNKNOWN

    def _of(self, function: FunctionValue) -> Value:
        evaluator = self.evaluator
        tree, scope = evaluator.tree(function.path), evaluator.scope(function.path)
        parameter, body = tree.child(function.node, Role.PARAMETER), tree.child(function.node, Role.BODY)
        name = tree.value(parameter) if parameter >= 0 else ""
        if not name or body < 0:
            return UNKNOWN
        context = Context(function.node, function.path, function.receiver, (), function.context)
        found: list[Value] = []
        asked = 0
        node = tree.kinds.find(Kind.NAME, body, tree.ends[body])
        while node >= 0 and asked < USES_LIMIT:
            call = tree.parents[node]
            if tree.value(node) == name and tree.kinds[call] == Kind.CALL:
                if any(binding == parameter for binding, _ in scope.bindings(node, name) or ()):
                    asked += 1
                    found.append(self._by_call(function.path, call, node, context))
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])
        known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
        return join(known) if known else UNKNOWN

    def _by_call(self, path: str, call: int, use: int, context: Context) -> Value:
        """What a call of the function hands to it, or one that is given the function."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        if tree.roles[use] == Role.ARGUMENT:
            return evaluator.closures.handed_by(path, call, use, context)
        first = tree.child(call, Role.ARGUMENT)
        if tree.roles[use] != Role.CALLEE or first < 0 or tree.kinds[first] == Kind.SPREAD:
            return UNKNOWN
        value = evaluator.value(path, first, evaluator.around(path, first, context))
        return join([evaluator.elements.awaited(option) for option in options(value)])
