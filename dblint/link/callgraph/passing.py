"""What a call passes on to the function that leads to a query, and what of it a loop around the call changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.program import Frame, Handed, Nature, Route
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.callgraph.routes import Edge, Reach, Value
from dblint.link.loops.preconditions import Guard
from dblint.link.loops.subjects import Subjects
from dblint.link.values import FunctionValue, Unknown, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames

NEAR = 2
"""Calls behind the one in a loop up to which a route counts that a condition may close of which nothing can be said."""


class Passing:
    """Says what routes become by the calls on their way. One per call graph."""

    def __init__(self, functions: Functions, frames: Frames) -> None:
        self.functions = functions
        self.frames = frames
        self._known: dict[tuple[int, int], tuple[Reach, Reach | None]] = {}
        """Edge and route → the route, kept so that its identity stays its own, and what the edge makes of it."""
        self._arguments: dict[tuple[int, str], tuple[int, ...]] = {}
        """Edge and parameter → what its call gives for it; edges live as long as the graph."""
        self._subjects = Subjects(functions.evaluator)

    def handed(self, identifier: str, edge: Edge, reach: Reach) -> Reach | None:
        """What a route asks of the parameters of the calling function; None where the call excludes it."""
        key = (id(edge), id(reach))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (reach, self._hand(identifier, edge, reach))
        return known[1]

    def _hand(self, identifier: str, edge: Edge, reach: Reach) -> Reach | None:
        function = self.functions.value(identifier)
        if reach.begun is not None and function is not None and self._before(function, reach.begun.parameter, edge):
            reach = replace(reach, begun=None)
        if reach.begun is not None and function is not None:
            given = self._argument(function, reach.begun.parameter, edge)
            if not any(self._subjects.hands(edge.path, node, reach.begun) for node in given):
                return None
            parameter = self._subjects.parameter(edge.path, given[0], edge.around) if edge.around >= 0 else ""
            plain = self.functions.evaluator.tree(edge.path).kinds[given[0]] == Kind.NAME
            reach = replace(reach, begun=reach.begun.further(parameter, plain) if parameter else None)
        if edge.handed or function is None:
            return replace(reach, guards=(), values=(), stores=frozenset(), inputs=frozenset(), targets=frozenset())
        variables = tuple(name for frame in edge.invocation.frames for name in frame.variables)
        guards: list[Guard] = []
        unsure = reach.unsure
        for guard in reach.guards:
            argument = self.frames.preconditions.given(function, guard.name, edge.path, edge.node, guard.key)
            holds = self.frames.preconditions.holds(guard, argument, variables)
            if holds is False:
                return None
            if isinstance(holds, Guard):
                guards.append(holds)
            unsure = unsure or holds is None
        stores: set[str] = set()
        for name in reach.stores:
            nodes = self._argument(function, name, edge)
            stores |= self.frames.influence.parameters(edge.path, nodes, edge.around) if edge.around >= 0 else set()
            if nodes and self._outside(edge, nodes):
                return None
        targets, inputs = self._deciding(function, reach.targets, edge), self._deciding(function, reach.inputs, edge)
        values = tuple(
            Value(
                value.place,
                self._deciding(function, value.parameters, edge),
                value.listed and self._listed(function, value.parameters, edge),
                value.anew or self.anew(edge.path, self._nodes(function, value.parameters, edge), edge.around),
                self._row(function, value, edge),
                self._inserted(function, value, edge, edge.around),
            )
            for value in reach.values
        )
        return replace(
            reach,
            guards=tuple(guards),
            values=values,
            stores=frozenset(stores),
            inputs=inputs,
            targets=targets,
            unsure=unsure,
        )

    def _before(self, function: FunctionValue, name: str, edge: Edge) -> bool:
        """Whether a parameter was given before the call is made: by a decorator, or by what made the function that is
        called."""
        evaluator = self.functions.evaluator
        tree = evaluator.tree(function.path)
        for option in options(evaluator.value(edge.path, edge.node + 1)):
            if isinstance(option, FunctionValue) and any(word == name for word, _ in option.bound):
                return True
        for parameter in tree.with_role(function.node, Role.PARAMETER):
            if tree.value(parameter) == name and tree.child(function.node, Role.DECORATOR) >= 0:
                position = evaluator.parameters.position(function.path, function.node, parameter)
                given = evaluator.decorators.given(function.path, function.node, position, name)
                return not isinstance(given, Unknown)
        return False

    def _deciding(self, function: FunctionValue, names: Iterable[str], edge: Edge) -> frozenset[str]:
        """The calling function's parameters that decide what a call gives for these parameters."""
        if edge.around < 0:
            return frozenset()
        return self.frames.influence.parameters(edge.path, self._nodes(function, names, edge), edge.around)

    def _nodes(self, function: FunctionValue, names: Iterable[str], edge: Edge) -> list[int]:
        """What a call gives for these parameters."""
        return [node for name in names for node in self._argument(function, name, edge)]

    def anew(self, path: str, nodes: Iterable[int], region: int) -> bool:
        """Whether one of these values may be another one each time that a region runs; never outside of functions."""
        return region >= 0 and self.frames.handing.anew.made(path, nodes, region)

    def _row(self, function: FunctionValue, value: Value, edge: Edge) -> str:
        """The calling function's parameter whose row a call gives for that of a value."""
        if not value.row or edge.around < 0:
            return ""
        rows = self.frames.handing.inserted
        found = {rows.parameter(edge.path, node, edge.around) for node in self._argument(function, value.row, edge)}
        return found.pop() if len(found) == 1 else ""

    def _inserted(self, function: FunctionValue, value: Value, edge: Edge, region: int) -> bool:
        """Whether the row of a value is inserted in the region from which a function is called, or behind it."""
        if value.inserted or not value.row or region < 0:
            return value.inserted
        given = self._argument(function, value.row, edge)
        return bool(given) and all(self.frames.handing.inserted.made(edge.path, node, region) for node in given)

    def _argument(self, function: FunctionValue, name: str, edge: Edge) -> tuple[int, ...]:
        """The expression that a call gives for a parameter; for "self", what the method is called on."""
        key = (id(edge), name)
        found = self._arguments.get(key)
        if found is None:
            found = self._arguments[key] = self._given(function, name, edge)
        return found

    def _given(self, function: FunctionValue, name: str, edge: Edge) -> tuple[int, ...]:
        if name == "self":
            tree = self.functions.evaluator.tree(edge.path)
            if tree.kinds[edge.node] == Kind.ATTRIBUTE:  # a property is read
                return (edge.node + 1,)
            return (edge.node + 2,) if tree.kinds[edge.node + 1] == Kind.ATTRIBUTE else ()
        given = self.frames.preconditions.given(function, name, edge.path, edge.node)
        if isinstance(given, Site) and given.path == edge.path:
            return (given.node,)
        return ()

    def _listed(self, function: FunctionValue, names: Iterable[str], edge: Edge) -> bool:
        """Whether one of these parameters is given what may be a list of any length."""
        return any(
            self.frames.handing.listed(edge.path, node)
            for name in names
            for node in self._argument(function, name, edge)
        )

    def _outside(self, edge: Edge, nodes: Sequence[int]) -> bool:
        """Whether an expression is a name of the module: it lives as long as the program."""
        tree = self.functions.evaluator.tree(edge.path)
        node = nodes[0]
        while tree.kinds[node] == Kind.ATTRIBUTE:
            node += 1
        if tree.kinds[node] != Kind.NAME:
            return False
        return self.functions.evaluator.scope(edge.path).reaching(node, tree.value(node)) is None

    def holds(self, identifier: str, edge: Edge, reach: Reach) -> bool:
        """Whether a route says something about the loops around this call: its query runs, is not answered
        from a store that outlives the loop, and asks the same table of the same database each time."""
        handed = self.handed(identifier, edge, reach)
        if handed is None or (handed.unsure and len(reach.route.steps) > NEAR):
            return False
        function = self.functions.value(identifier)
        loop = next(
            (
                frame
                for frame in reversed(edge.invocation.frames)
                if frame.kind == "loop" and frame.nature is Nature.EACH
            ),
            None,
        )
        if function is None or loop is None or edge.handed:
            return True
        span = self.frames.span(loop.place)
        if span < 0:
            return True
        # A value that runs by itself where it is used keeps what it got, as long as it is the same value.
        if reach.begun is not None and reach.begun.whole and reach.route.call.trigger != "call":
            if not self._depends(function, reach.begun.parameter, edge, span, loop):
                return False
        for name in reach.stores:
            if not self._depends(function, name, edge, span, loop) and not self._fresh(function, name, edge, span):
                return False
        if any(self._depends(function, name, edge, span, loop) for name in reach.targets):
            return False
        # The same question in every iteration is told where the loop calls what asks; further away, what
        # changes in between decides whether it could have been asked once.
        return not reach.route.steps or any(self._depends(function, name, edge, span, loop) for name in reach.inputs)

    def seen_by_loop(self, identifier: str, edge: Edge, reach: Reach) -> Route:
        """The route with what the nearest loop around the call changes in the query's values."""
        function = self.functions.value(identifier)
        loop = next(
            (
                frame
                for frame in reversed(edge.invocation.frames)
                if frame.kind == "loop" and frame.nature is Nature.EACH and frame.dependent
            ),
            None,
        )
        if function is None or loop is None or not reach.values:
            return reach.route
        if edge.handed:
            # What the loop hands to a function by its name is the element, as its first parameter.
            handed = tuple(
                Handed(value.place, bool(value.parameters), value.listed, value.anew, value.inserted)
                for value in reach.values
            )
            return msgspec.structs.replace(reach.route, handed=handed)
        span = self.frames.span(loop.place)
        if span < 0:
            return reach.route
        return msgspec.structs.replace(
            reach.route,
            handed=tuple(
                Handed(
                    value.place,
                    any(self._depends(function, name, edge, span, loop) for name in value.parameters),
                    value.listed and self._listed(function, value.parameters, edge),
                    value.anew or self.anew(edge.path, self._nodes(function, value.parameters, edge), span),
                    self._inserted(function, value, edge, span),
                )
                for value in reach.values
            ),
        )

    def _fresh(self, function: FunctionValue, name: str, edge: Edge, span: int) -> bool:
        """Whether what the call gives for a parameter is made inside the loop."""
        scope = self.functions.evaluator.scope(edge.path)
        tree = scope.tree
        for node in self._argument(function, name, edge):
            while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.CALL):
                node += 1
            reached = scope.reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
            if any(tree.contains(span, binding) for binding, _ in reached or ()):
                return True
        return False

    def _depends(self, function: FunctionValue, name: str, edge: Edge, span: int, loop: Frame) -> bool:
        return self.frames.influence.depends(edge.path, self._argument(function, name, edge), span, loop.variables)
