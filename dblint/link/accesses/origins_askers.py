"""Objects that a method of theirs answers differently: what a general class asks for says the object that is asked.

`select(self.model)` in a base of repositories is of no model; called on one of them it is of that one's. A method that
shows its own rows is read once for each call that says on which object, and by which classes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.loops.preconditions import Guard
from dblint.link.values import (
    Context,
    FunctionValue,
    Instance,
    ProjectClass,
    Scalar,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.loops.preconditions import Preconditions
    from dblint.link.types import Evaluator

ASKERS = 60
"""Calls of one method, each on an object of its own, for which it is read."""
BETWEEN = 2
"""Methods of the same object between such a call and the method."""
SITES = 400
"""Calls of one word that are looked at."""


class Ask(NamedTuple):
    """A call of a method: in which file, which call, which method."""

    path: str
    call: int
    function: FunctionValue


class Asker(msgspec.Struct, frozen=True):
    """The calls by which a method runs for one object, the outermost first, and in whose name its body is read then."""

    calls: tuple[Ask, ...]
    context: Context

    @property
    def says(self) -> Hashable:
        """What may say of which model the rows are, and how they are shown: the same for many calls."""
        given = self.context.arguments
        return (
            self.context.receiver,
            tuple((name, held) for name, held in given if not isinstance(held, Instance) or held.steps),
        )


class Askers:
    """Answers for them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._of: dict[tuple[str, int], tuple[Asker, ...]] = {}
        self._open: set[tuple[str, int]] = set()

    def decide(self, function: FunctionValue) -> bool:
        """Whether the object that a method is called on may decide what it asks for: it was given classes as it was
        made, or its class inherits the method."""
        receiver = function.receiver
        if isinstance(receiver, Instance) and receiver.virtual:
            return False
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        if not isinstance(cls, ProjectClass):
            return False
        if isinstance(receiver, Instance) and receiver.made:
            return True
        return bool(cls.arguments) or (cls.path, cls.node) != (function.path, self._class(function.path, function.node))

    def of(self, path: str, function: int) -> tuple[Asker, ...]:
        """The calls of a method that say on which object, in order, first those of the program."""
        key = (path, function)
        found = self._of.get(key)
        if found is None:
            if key in self._open or len(self._open) > BETWEEN or self._class(path, function) < 0:
                return ()
            self._open.add(key)
            try:
                found = tuple(self._read(path, function))
            finally:
                self._open.discard(key)
            if not self._open:
                self._of[key] = found
        return found

    def _read(self, path: str, function: int) -> Iterator[Asker]:
        evaluator = self.evaluator
        seen: set[Context] = set()
        sites = evaluator.words.called(evaluator.tree(path).value(function))
        if len(sites) > SITES:
            return
        for where, call in sites:
            if where in evaluator.aside and path not in evaluator.aside:
                continue
            for asker in self._calling(path, function, where, call):
                if asker.context not in seen and len(seen) < ASKERS:
                    seen.add(asker.context)
                    yield asker

    def _calling(self, path: str, function: int, where: str, call: int) -> Iterator[Asker]:
        """For which objects a call runs the method: this one says it, or one around it."""
        evaluator = self.evaluator
        inner = False
        for option in options(evaluator.value(where, call + 1)):
            if not isinstance(option, FunctionValue) or (option.path, option.node) != (path, function):
                continue
            if self.decide(option):
                yield Asker((Ask(where, call, option),), self._context(option, where, call, None))
            else:
                inner = True
        around = evaluator.scope(where).function(call)
        for asker in self.of(where, around) if inner and around >= 0 else ():
            for option in options(evaluator.value(where, call + 1, asker.context)):
                if isinstance(option, FunctionValue) and (option.path, option.node) == (path, function):
                    calls = (*asker.calls, Ask(where, call, option))
                    yield Asker(calls, self._context(option, where, call, asker.context))

    def reaches(self, preconditions: Preconditions, asker: Asker, node: int) -> bool:
        """Whether a node of the method may run by what these calls give."""
        guards: list[Guard] = []
        for ask in reversed(asker.calls):
            path, function = ask.function.path, ask.function.node
            guards += preconditions.of(path, node, function)
            above: list[Guard] = []
            for guard in guards:
                given = preconditions.given(ask.function, guard.name, ask.path, ask.call, guard.key)
                holds = preconditions.holds(guard, given, ())
                if holds is False:
                    return False
                if isinstance(holds, Guard):
                    above.append(holds)
            guards, node = above, ask.call
        return True

    def _context(self, function: FunctionValue, path: str, call: int, context: Context | None) -> Context:
        """In whose name a body is read, which also knows what it is not given: nothing, where that is its default."""
        evaluator = self.evaluator
        inner = evaluator.called.context(function, path, call, context)
        tree, target = evaluator.tree(path), evaluator.tree(function.path)
        if any(tree.kinds[each] == Kind.SPREAD for each in tree.with_role(call, Role.ARGUMENT)):
            return inner
        given = dict(evaluator.parameters.matched(function, path, call))
        nothing: list[tuple[str, Value]] = []
        for parameter in target.with_role(function.node, Role.PARAMETER):
            value = Scalar("constant")
            if parameter in given:
                absent = evaluator.value(path, given[parameter], context) == value
            else:
                default = target.child(parameter, Role.DEFAULT)
                absent = default >= 0 and target.kinds[default] == Kind.CONSTANT
            if absent:
                nothing.append((target.value(parameter), value))
        return msgspec.structs.replace(inner, arguments=(*inner.arguments, *nothing))

    def _class(self, path: str, function: int) -> int:
        """The class in whose body a function stands; -1 where it stands in none."""
        tree = self.evaluator.tree(path)
        body = tree.parents[function]
        owner = tree.parents[body] if body >= 0 else -1
        return owner if owner >= 0 and tree.kinds[owner] == Kind.CLASS else -1
