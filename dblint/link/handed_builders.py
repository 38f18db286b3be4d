"""Statements that are handed to a function of the project as they were built, to be run there
(`paginated(db.selectFrom("jars").selectAll(), options)`): told where they are handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.query import Query
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import FunctionValue, Instance, options

if TYPE_CHECKING:
    from dblint.link.calls.calls import Calls

LEVELS = 3
"""Functions through which a statement is followed to where it is built."""


class HandedBuilders:
    """Finds them. One per collector of calls."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.evaluator = calls.evaluator

    def told(self, calls: Sequence[Call]) -> list[Call]:
        """Such calls, each place once."""
        known = {(call.place, call.member) for call in calls}
        found: list[Call] = []
        pending = [
            (call, FunctionValue(call.place.path, function), parameter)
            for call in calls
            if Effect.QUERY in call.effects and call.text is None and call.function
            for function, parameter in self._handed_in(call)
        ]
        seen: set[tuple[str, int, str]] = set()
        for _ in range(LEVELS):
            further: list[tuple[Call, FunctionValue, str]] = []
            for call, function, parameter in pending:
                key = (function.path, function.node, parameter)
                if key in seen:
                    continue
                seen.add(key)
                for path, node, argument in self._sites(function, parameter):
                    queries = self._queries(call, path, argument)
                    place = self.calls.chains.place(Site(path, node, None))
                    name = self.calls.functions.name(function)
                    if queries and (place, name) not in known:
                        known.add((place, name))
                        found.append(self._call(call, path, node, place, name, queries))
                    around = self.evaluator.scope(path).function(node)
                    word = self.calls.subjects.parameter(path, argument, around) if around >= 0 else ""
                    if word:
                        further.append((call, FunctionValue(path, around), word))
            pending = further
        return found

    def _handed_in(self, call: Call) -> Iterator[tuple[int, str]]:
        """The function around a call whose parameter holds the statement that the call runs, and that parameter."""
        origin = self.calls.origins.get(call.place)
        if origin is None:
            return
        path, node = call.place.path, origin.node
        function = self.evaluator.scope(path).function(node)
        parameter = self.calls.subjects.parameter(path, node, function) if function >= 0 else ""
        if parameter:
            yield function, parameter

    def _sites(self, function: FunctionValue, parameter: str) -> Iterator[tuple[str, int, int]]:
        """Where the function is called, and what it is given for the parameter."""
        tree = self.evaluator.tree(function.path)
        wanted = [node for node in tree.with_role(function.node, Role.PARAMETER) if tree.value(node) == parameter]
        for path, node in self.calls.functions.callers(function):
            if self.evaluator.tree(path).kinds[node] == Kind.CALL:
                for matched, argument in self.evaluator.parameters.matched(function, path, node):
                    if matched in wanted:
                        yield path, node, argument

    def _queries(self, call: Call, path: str, argument: int) -> list[Query]:
        """The statements that an argument holds; the function may say more of them."""
        found: list[Query] = []
        for option in options(self.evaluator.value(path, argument)):
            if isinstance(option, Instance) and any(step.member.builds for step in option.steps):
                if not any(step.member.run for step in option.steps):
                    found += self.calls.chains.implicit(
                        replace(option, open=True), Site(path, argument, None), call.dialect
                    )
        return found

    def _call(self, call: Call, path: str, node: int, place: Place, name: str, queries: list[Query]) -> Call:
        around = self.evaluator.scope(path).function(node)
        return Call(
            place=place,
            member=name,
            receiver=call.receiver,
            resolved=(*call.resolved, f"handed to {name} in {call.place.path}"),
            trigger="built",
            queries=tuple(queries),
            function=self.calls.functions.id(path, around) if around >= 0 else "",
            role=self.calls.roles.get(path, FileRole.APP),
            dialect=call.dialect,
            dialect_sure=call.dialect_sure,
            idiom=call.idiom,
            source=self.calls.chains.texts.origins.source(Site(path, node, None)),
        )
