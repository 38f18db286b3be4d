"""Who calls whom, as far as queries are concerned: from the functions that query back to their callers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Call, Effect, FileRole, Frame, Function, Invocation, Route
from dblint.facts.text import Place

if TYPE_CHECKING:
    from dblint.link.frames import Frames
    from dblint.link.functions import Functions

LEVELS = 6
"""Calls between a loop and the query it leads to. Deeper paths are real, but no longer convincing."""
ROUTES = 4
"""Routes kept per function: one of each kind is enough to speak."""


class CallGraph:
    """Invocations and routes. Built once, after the calls."""

    def __init__(self, functions: Functions, frames: Frames, roles: Mapping[str, FileRole]) -> None:
        self.functions = functions
        self.frames = frames
        self.roles = roles
        self.invocations: list[Invocation] = []
        self.facts: dict[str, Function] = {}
        self.reached: dict[str, tuple[Route, ...]] = {}

    def build(self, calls: Sequence[Call]) -> None:
        """Walks from queries to callers, level by level."""
        direct: dict[str, list[Route]] = {}
        for call in calls:
            if call.function and Effect.QUERY in call.effects and call.queries:
                direct.setdefault(call.function, []).append(Route((), call))
        for identifier, routes in direct.items():
            self.reached[identifier] = self._best(routes)
        level = sorted(direct)
        for _ in range(LEVELS):
            following: dict[str, list[Route]] = {}
            for identifier in level:
                fact = self._fact(identifier)
                if fact.memoised:
                    continue
                for invocation in self._callers(identifier):
                    self.invocations.append(invocation)
                    if not invocation.function:
                        continue
                    known = self.reached.get(invocation.function)
                    if known is not None and len(known) >= ROUTES:
                        continue
                    routes = [
                        Route((invocation, *route.steps), route.call)
                        for route in self.reached[identifier]
                        if len(route.steps) < LEVELS
                        and all(step.function != invocation.function for step in route.steps)
                    ]
                    following.setdefault(invocation.function, []).extend(routes)
            level = []
            for identifier in sorted(following):
                new = identifier not in self.reached
                merged = self._best([*self.reached.get(identifier, ()), *following[identifier]])
                self.reached[identifier] = merged
                if new:
                    level.append(identifier)
            if not level:
                break
        for call in calls:
            if call.function:
                self._fact(call.function)

    def _fact(self, identifier: str) -> Function:
        fact = self.facts.get(identifier)
        if fact is None:
            fact = self.facts[identifier] = self.functions.fact(identifier)
        return fact

    @staticmethod
    def _best(routes: list[Route]) -> tuple[Route, ...]:
        """The shortest routes, reads and writes alike, one per query."""
        seen: set[Place] = set()
        kept: list[Route] = []
        ordered = sorted(routes, key=lambda route: (len(route.steps), route.call.place))
        for reads in (True, False):
            count = 0
            for route in ordered:
                if any(query.verb.reads for query in route.call.queries) != reads or route.call.place in seen:
                    continue
                seen.add(route.call.place)
                kept.append(route)
                count += 1
                if count >= ROUTES // 2 + 1:
                    break
        return tuple(sorted(kept, key=lambda route: (len(route.steps), route.call.place)))

    def _callers(self, identifier: str) -> list[Invocation]:
        function = self.functions.value(identifier)
        if function is None:
            return []
        found: list[Invocation] = []
        for path, node in self.functions.sites(function):
            found.append(self._invocation(identifier, path, node, ()))
        for path, node in self.functions.given_to_each(function):
            tree = self.functions.evaluator.tree(path)
            place = Place(path, tree.starts[node], tree.stops[node])
            source = self.frames.words(path, node + 2)
            extra = Frame(
                "loop",
                place,
                source=source,
                construct=tree.value(node + 1),
                nature=self.frames.iterated(path, node + 2),
                dependent=True,
            )
            found.append(self._invocation(identifier, path, node, (extra,)))
        return found

    def _invocation(self, identifier: str, path: str, node: int, extra: tuple[Frame, ...]) -> Invocation:
        tree = self.functions.evaluator.tree(path)
        frames, around = self.frames.of(path, node)
        return Invocation(
            place=Place(path, tree.starts[node], tree.stops[node]),
            function=self.functions.id(path, around) if around >= 0 else "",
            callees=(identifier,),
            frames=(*frames, *extra),
            role=self.roles.get(path, FileRole.APP),
            source=self.frames.words(path, node),
        )
