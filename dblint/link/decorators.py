"""Decorators of the project: what the function that one puts in a function's place hands to it.

`@with_session` gives a function a first argument that its callers do not: what it is says the call in the decorator's
body, and every argument of a caller fills the parameter behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.decorators_keeping import keeps
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Context,
    FunctionValue,
    LibraryFunction,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

CALLS = 8
"""Calls of the decorated function in a decorator's body that are looked at."""


class Decorators:
    """Answers what decorators hand in. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._before: dict[tuple[str, int], int] = {}
        self._open: set[tuple[str, int]] = set()

    def given(self, path: str, function: int, position: int, name: str) -> Value:
        """What a function's decorators hand to its parameter, by position or by name."""
        evaluator = self.evaluator
        found: list[Value] = []
        for decorator, call in self._calls(path, function):
            tree = evaluator.tree(decorator.path)
            context = Context(decorator.node, decorator.path, decorator.receiver, (), decorator.context)
            index = position + (1 if evaluator.tree(path).has(function, Flag.METHOD) else 0)
            for at, argument in enumerate(tree.with_role(call, Role.ARGUMENT)):
                kind = tree.kinds[argument]
                if kind == Kind.KEYWORD and tree.value(argument) == name:
                    found.append(evaluator.value(decorator.path, tree.child(argument, Role.VALUE), context))
                elif kind == Kind.SPREAD and not tree.has(argument, Flag.PAIRS):
                    index = -1
                elif at == index and kind != Kind.SPREAD:
                    found.append(evaluator.value(decorator.path, argument, context))
        known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
        return join(known) if known else UNKNOWN

    def direct(self, function: FunctionValue, name: str) -> bool:
        """Whether a member of what a library's decorator makes is the function itself."""
        evaluator = self.evaluator
        if name not in evaluator.tables.direct:
            return False
        tree = evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(function.path, callee)):
                if isinstance(option, (BoundMember, LibraryFunction)):
                    row = evaluator.rows.row_of(option)
                    if row is not None and name in row.direct:
                        return True
        return False

    def memoises(self, path: str, function: int) -> bool:
        """Whether a decorator of the project looks for what the function gave before it calls it."""
        return any(keeps(self.evaluator, decorator.path, call) for decorator, call in self._calls(path, function))

    def before(self, path: str, function: int) -> int:
        """How many arguments the decorators put before those of a caller."""
        tree = self.evaluator.tree(path)
        if tree.child(function, Role.DECORATOR) < 0:
            return 0
        key = (path, function)
        found = self._before.get(key)
        if found is None and key not in self._open:
            self._open.add(key)
            with self.evaluator.partial() as partial:
                found = max((self._leading(*each, path, function) for each in self._calls(path, function)), default=0)
            self._open.discard(key)
            if not partial:
                self._before[key] = found
        return found or 0

    def _leading(self, decorator: FunctionValue, call: int, path: str, function: int) -> int:
        """The arguments of a call that stand before the first which the calling function was given itself."""
        scope = self.evaluator.scope(decorator.path)
        tree = scope.tree
        wrapper = scope.function(call)
        if wrapper < 0 or wrapper == decorator.node:
            return 0
        own = {tree.value(parameter) for parameter in tree.with_role(wrapper, Role.PARAMETER)}
        method = self.evaluator.tree(path).has(function, Flag.METHOD)
        leading = 0
        for at, argument in enumerate(tree.with_role(call, Role.ARGUMENT)):
            kind = tree.kinds[argument]
            if kind in (Kind.KEYWORD, Kind.SPREAD):
                break
            handed_on = kind == Kind.NAME and tree.value(argument) in own
            if method and at == 0 and handed_on:
                continue  # the receiver
            if handed_on:
                break
            leading += 1
        else:
            return 0  # nothing of what a caller gives is handed on
        return leading

    def _calls(self, path: str, function: int) -> Iterator[tuple[FunctionValue, int]]:
        """The calls of a function in the bodies of its decorators, each with the function that decorates."""
        evaluator = self.evaluator
        for node in evaluator.tree(path).with_role(function, Role.DECORATOR):
            for option in options(evaluator.value(path, node)):
                if isinstance(option, FunctionValue) and not evaluator.javascript(option.path):
                    for call in self._inside(option):
                        yield option, call

    def _inside(self, decorator: FunctionValue) -> Iterator[int]:
        scope = self.evaluator.scope(decorator.path)
        tree = scope.tree
        parameter = self.evaluator.parameters.parameter_at(decorator, 0)
        body = tree.child(decorator.node, Role.BODY)
        if parameter < 0 or body < 0 or tree.has(parameter, Flag.REST | Flag.PAIRS):
            return
        name, seen = tree.value(parameter), 0
        node = tree.kinds.find(Kind.NAME, body, tree.ends[body])
        while node >= 0 and seen < CALLS:
            if tree.roles[node] == Role.CALLEE and tree.value(node) == name:
                if any(binding == parameter for binding, _ in scope.reaching(node, name) or ()):
                    seen += 1
                    yield tree.parents[node]
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])
