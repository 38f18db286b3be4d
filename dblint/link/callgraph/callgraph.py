"""Who calls whom, as far as queries are concerned: from the functions that query back to their callers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.program import Call, Effect, FileRole, Frame, Function, Invocation, Nature, Route
from dblint.facts.query import Verb
from dblint.facts.text import Hole, Place
from dblint.facts.tree import Role
from dblint.link.blocking import awaited, moved
from dblint.link.callgraph.passing import Passing
from dblint.link.callgraph.routes import Edge, Reach, Value, best, stored, table
from dblint.link.loops.deciding import conditional, decided
from dblint.link.loops.handing import Given
from dblint.link.loops.preconditions import Guard, Store
from dblint.link.loops.subjects import Begun
from dblint.link.loops.worked_rows import WorkedRows
from dblint.link.members.below import IMPLEMENTATIONS
from dblint.link.values import FunctionValue

if TYPE_CHECKING:
    from dblint.link.calls.telling import Origin
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames
    from dblint.link.receivers import Receivers
    from dblint.link.transacted import Transacted

LEVELS = 6
"""Calls between a loop and the query it leads to. Deeper paths are real, but no longer convincing."""

UNITS = 3
"""Functions that change rows from which on a turn that calls them is a unit of work of its own."""


class CallGraph:
    """Invocations and routes. Built once, after the calls."""

    def __init__(
        self,
        functions: Functions,
        frames: Frames,
        roles: Mapping[str, FileRole],
        receivers: Receivers,
        transacted: Transacted,
    ) -> None:
        self.receivers = receivers
        self.transacted = transacted
        self.functions = functions
        self.frames = frames
        self.roles = roles
        self.invocations: list[Invocation] = []
        self.facts: dict[str, Function] = {}
        self._edges: dict[str, list[Edge]] = {}
        self._calls: dict[str, list[Call]] = {}
        """Function → its own queries."""
        self._callees: dict[str, list[tuple[str, Edge]]] = {}
        """Function → the functions that it calls and that lead to queries, each with the call."""
        self._reaches: dict[str, tuple[Reach, ...]] = {}
        self._onward: dict[tuple[Place, str], tuple[Route, ...]] = {}
        self._origins: Mapping[Place, Origin] = {}
        self._along: dict[tuple[Place, str], Edge] = {}
        self._written: frozenset[Place] = frozenset()
        """Calls of wrappers that are queries themselves: the statement that they hand in is told there."""
        self._changing: dict[str, list[Edge]] | None = None
        """The calls of functions that change rows, by file."""
        self.passing = Passing(functions, frames)
        self.worked_rows = WorkedRows(frames.evaluator, frames.handing.listed)

    def build(self, calls: Sequence[Call], origins: Mapping[Place, Origin]) -> None:
        """Finds who calls what queries. `origins`: where in the trees the calls stand."""
        self._origins = origins
        self._written = frozenset(call.place for call in calls if call.trigger == "wrapper")
        changing = {call.function for call in calls if call.function and _changes(call)}
        may = {call.function for call in calls if call.function and _may_change(call)}
        for call in calls:
            if call.function and Effect.QUERY in call.effects and call.asked:
                self._calls.setdefault(call.function, []).append(call)
        changing |= self._left_open(changing)
        self._discover(sorted({*changing, *self._calls}))
        for call in calls:
            if call.function and Effect.COMMIT in call.effects:
                self.facts[call.function] = replace(self._fact(call.function), commits=True)
        self._finish()
        for call in calls:
            if call.function:
                self._fact(call.function)
        changing = self._leading(changing)
        for identifier in sorted(self._leading_whichever(changing, self._leading({*changing, *may}))):
            self.facts[identifier] = replace(self._fact(identifier), changes=True)
        self._acts()

    # What is asked of it

    def routes(self, identifier: str) -> tuple[Route, ...]:
        """The queries that a function runs on its way, directly or through functions of the project."""
        return tuple(reach.route for reach in self._reached(identifier))

    def onward(self, place: Place, identifier: str) -> tuple[Route, ...]:
        """The routes that hold for the call at a place of the function of that id, as it and the loop around it have
        them; none where nothing of the kind stands there."""
        edge = self._along.get((place, identifier))
        if edge is None:
            return ()
        found = self._onward.get((place, identifier))
        if found is None:
            found = self._onward[place, identifier] = self._holding(identifier, edge)
        return found

    def of(self, function: FunctionValue, *, anew: bool = False) -> Iterator[Reach]:
        """The routes of a function with what they ask of its parameters, also of one that nobody calls by name. `anew`:
        as if it did not keep what it gives."""
        identifier = self.functions.id(function.path, function.node)
        if self._fact(identifier).memoised and not anew:
            return
        for reach in self._reached(identifier):
            origin = self._origins.get(reach.route.call.place)
            if reach.route.steps or self._edges.get(identifier) or origin is None:
                yield reach
            elif (asked := self._asked_by(reach.route.call, origin, function)) is not None:
                yield asked

    def callers(self, identifier: str) -> tuple[Invocation, ...]:
        """The places that call the function of that id, on the ways to queries."""
        return tuple(edge.invocation for edge in self._edges.get(identifier, ()))

    def acts_after(self, place: Place, loop: Place) -> bool:
        """Whether a turn of a loop that asks something at a place surely acts outside of the program behind it."""
        origin, span = self._origins.get(place), self.frames.span(loop)
        if span < 0 or place.path != loop.path:
            return False
        if origin is not None:
            node = origin.node
        else:  # no call: a relation that is read, an invocation
            tree = self.frames.evaluator.tree(place.path)
            asking = range(span, tree.ends[span])
            node = next((at for at in asking if (tree.starts[at], tree.stops[at]) == (place.start, place.stop)), -1)
        return node >= 0 and self.frames.outside.after(place.path, span, node)

    def works_on(self, place: Place, loop: Place) -> bool:
        """Whether a turn of a loop calls several functions that change rows, and hands the rows that its call at a
        place has read to one of them, or asks there whether it calls them at all."""
        origin, span = self._origins.get(place), self.frames.span(loop)
        if origin is None or span < 0:
            return False
        if self._changing is None:
            self._changing = {}
            for identifier, edges in self._edges.items():
                for edge in edges if self.facts[identifier].changes else ():
                    self._changing.setdefault(edge.path, []).append(edge)
        tree = self.frames.evaluator.tree(place.path)
        working = [edge for edge in self._changing.get(place.path, ()) if tree.contains(span, edge.node)]
        if len({edge.invocation.callees for edge in working}) < UNITS:
            return False
        working = [edge for edge in working if edge.node > origin.node and not edge.handed]
        if any(self.worked_rows.handed(place.path, span, origin.node, edge.node) for edge in working):
            return True
        decided = (edge for edge in working if self.worked_rows.decides(place.path, span, origin.node, edge.node))
        return len({edge.invocation.callees for edge in decided}) >= UNITS

    def of_result(self, function: FunctionValue, call: Call) -> Reach | None:
        """The route of a query that a function gives and its caller runs: what it asks of the function's parameters."""
        identifier = self.functions.id(function.path, function.node)
        origin = self._origins.get(call.place)
        if origin is None or self._fact(identifier).memoised:
            return None
        return self._asked_by(call, origin, function)

    def sites(self, reach: Reach) -> Iterator[tuple[str, int, int]]:
        """Where the calls of a route stand, each with its path, its node and the node of the function around."""
        steps, last = reach.route.steps, reach.route.call.function
        for at, step in enumerate(steps):
            callee = steps[at + 1].function if at + 1 < len(steps) else last
            edge = self._along.get((step.place, callee))
            if edge is not None:
                yield edge.path, edge.node, edge.around
        call = reach.route.call
        origin, function = self._origins.get(call.place), self.functions.value(call.function)
        if origin is not None and function is not None:
            yield call.place.path, origin.node, function.node

    # Edges

    def _discover(self, level: list[str]) -> None:
        """The calls of functions that lead to a query, level by level."""
        known = set(level)
        for _ in range(LEVELS + 1):
            following: set[str] = set()
            for identifier in level:
                if self._fact(identifier).memoised:
                    continue
                self._edges[identifier] = self._callers(identifier)
                following |= {edge.invocation.function for edge in self._edges[identifier]}
            level = sorted(following - known - {""})
            known |= following
            if not level:
                break

    def _callers(self, identifier: str) -> list[Edge]:
        function = self.functions.value(identifier)
        if function is None:
            return []
        found: list[Edge] = []
        for path, node in self.functions.callers(function):
            found.append(self._edge(identifier, path, node))
        for path, node, iterated, thread in self.functions.given_to_each(function):
            tree = self.functions.evaluator.tree(path)
            if iterated < 0:
                found.append(self._edge(identifier, path, node, handed=True, thread=thread))
                continue
            extra = Frame(
                "loop",
                Place(path, tree.starts[node], tree.stops[node]),
                source=self.frames.words(path, iterated),
                construct=tree.value(node + 1),
                nature=self.frames.iterated(path, iterated),
                dependent=True,
                concurrent=self.frames.gathered(path, node),
                thread=thread,
            )
            found.append(self._edge(identifier, path, node, extra))
        return found

    def invocation(self, identifier: str, path: str, node: int) -> Invocation:
        """A place that calls a function, as a step of a route."""
        return self._edge(identifier, path, node).invocation

    def _edge(
        self,
        identifier: str,
        path: str,
        node: int,
        extra: Frame | None = None,
        handed: bool = False,
        thread: bool = False,
    ) -> Edge:
        tree = self.functions.evaluator.tree(path)
        place = Place(path, tree.starts[node], tree.stops[node])
        frames, around = self.frames.of(path, node)
        if extra is None and (thread or moved(self.functions.evaluator, path, node)):
            frames = (*frames, Frame("closure", place, thread=True))
        inside = not handed and extra is None and any(frame.kind == "transaction" for frame in frames)
        invocation = Invocation(
            place=place,
            function=self.functions.id(path, around) if around >= 0 else "",
            callees=(identifier,),
            frames=(*frames, extra) if extra is not None else frames,
            role=self.roles.get(path, FileRole.APP),
            source=self.frames.words(path, node),
            result="unknown" if handed and extra is None else self.frames.becoming.result(path, node),
            awaited=not handed and extra is None and awaited(tree, node),
            bypassed=self.transacted.withheld(path, node) if inside else None,
        )
        function = self.functions.value(identifier)
        surely = extra is not None or (function is not None and self.functions.surely(function, path, node))
        return Edge(invocation, path, node, around, handed or extra is not None, surely)

    # Routes

    def _reached(self, identifier: str) -> tuple[Reach, ...]:
        """The routes of a function, walked when somebody asks: most functions stand in no loop, and their routes need
        those of the functions that they call, but of no other."""
        if identifier not in self._reaches:
            self._walk(self._behind(identifier))
        return self._reaches[identifier]

    def _behind(self, identifier: str) -> list[str]:
        """The function and all that it calls on its way to queries, as far as their routes are not known yet."""
        found = {identifier}
        pending = [identifier]
        while pending:
            for callee, _ in self._callees.get(pending.pop(), ()):
                if callee not in found and callee not in self._reaches:
                    found.add(callee)
                    pending.append(callee)
        return sorted(found)

    def _walk(self, functions: Sequence[str]) -> None:
        """Walks from queries to these functions, which call no others whose routes are not known: a call further with
        each round, so that a route is met after as many rounds as it has calls."""
        reached: dict[str, tuple[Reach, ...]] = {}
        for identifier in functions:
            direct = (self._direct(call, self._origins.get(call.place)) for call in self._calls.get(identifier, ()))
            reached[identifier] = best([reach for reach in direct if reach is not None])
        for steps in range(LEVELS):
            following: dict[str, list[Reach]] = {}
            for identifier in functions:
                for callee, edge in self._callees.get(identifier, ()):
                    known = self._reaches.get(callee) or reached.get(callee, ())
                    fresh = [reach for reach in known if len(reach.route.steps) == steps]
                    following.setdefault(identifier, []).extend(self._further(callee, edge, fresh))
            for identifier, routes in following.items():
                if routes:
                    reached[identifier] = best([*reached[identifier], *routes])
        self._reaches.update(reached)

    def _direct(self, call: Call, origin: Origin | None) -> Reach | None:
        """The route of a call in its own function; None where its answer is kept for every caller."""
        function = self.functions.value(call.function)
        if origin is None or function is None or not self._edges.get(call.function):
            return Reach(Route((), call, unsure=self._optional(call, origin, function)))
        return self._asked_by(call, origin, function)

    def _optional(self, call: Call, origin: Origin | None, function: FunctionValue | None) -> bool:
        """Whether a call stands under a test of what an object was made with, and may have been made without."""
        if origin is None or function is None:
            return False
        return self.frames.preconditions.optional(call.place.path, origin.node, function.node)

    def _asked_by(self, call: Call, origin: Origin, function: FunctionValue) -> Reach | None:
        route = Route((), call, unsure=self._optional(call, origin, function))
        path, node = call.place.path, origin.node
        begun = origin.begun.get(table(call))
        return self._reach(route, function, path, node, origin.targets(), begun, origin.given())

    def _reach(
        self,
        route: Route,
        function: FunctionValue,
        path: str,
        node: int,
        targets: Iterable[int],
        begun: Begun | None = None,
        given: Iterable[Given] = (),
    ) -> Reach | None:
        stores = self.frames.preconditions.kept(path, node, function.node)
        if any(store.reach == "outside" for store in stores):
            return None
        return Reach(
            route,
            values=self._values(given, function, path),
            guards=self.frames.preconditions.of(path, node, function.node),
            stores=stored(stores),
            inputs=self.frames.influence.parameters(path, (node,), function.node),
            targets=self.frames.influence.parameters(path, targets, function.node) if targets else frozenset(),
            begun=begun,
        )

    def _values(self, given: Iterable[Given], function: FunctionValue, path: str) -> tuple[Value, ...]:
        return tuple(
            Value(
                value.place,
                self.frames.influence.parameters(path, (value.node,), function.node),
                value.listed,
                self.passing.anew(path, (value.node,), function.node),
                self.frames.handing.inserted.parameter(path, value.node, function.node),
                not value.listed and self.frames.handing.inserted.made(path, value.node, function.node),
            )
            for value in given
            if self.functions.evaluator.tree(path).contains(function.node, value.node)
        )

    def _further(self, identifier: str, edge: Edge, reaches: Iterable[Reach]) -> Iterable[Reach]:
        """The routes of a function as its caller has them."""
        invocation = edge.invocation
        stores: tuple[Store, ...] = ()
        own: tuple[Guard, ...] | None = None
        unsure = False
        for reach in reaches:
            steps = reach.route.steps
            if len(steps) >= LEVELS or any(step.function == invocation.function for step in steps):
                continue
            if invocation.function == reach.route.call.function:
                continue
            if invocation.place in self._written and _takes_its_statement(reach.route.call):
                continue
            handed = self.passing.handed(identifier, edge, reach)
            if handed is None:
                continue
            if own is None:
                stores = self.frames.preconditions.kept(edge.path, edge.node, edge.around)
                own = self.frames.preconditions.of(edge.path, edge.node, edge.around)
                unsure = self.frames.preconditions.optional(edge.path, edge.node, edge.around)
            if any(store.reach == "outside" for store in stores):
                return
            yield Reach(
                Route((invocation, *steps), reach.route.call, unsure=unsure or reach.route.unsure),
                guards=tuple(dict.fromkeys((*own, *handed.guards))),
                values=handed.values,
                stores=stored(stores) | handed.stores,
                inputs=handed.inputs,
                targets=handed.targets,
                begun=handed.begun,
                unsure=handed.unsure,
            )

    # Results

    def _finish(self) -> None:
        components = self._components()
        for identifier in sorted(self._edges):
            for edge in self._edges[identifier]:
                invocation = edge.invocation
                if invocation.function:
                    self._callees.setdefault(invocation.function, []).append((identifier, edge))
                if invocation.function in components and components[identifier] == components[invocation.function]:
                    descends = self._descends(identifier, edge)
                    invocation = msgspec.structs.replace(invocation, recursive=True, descends=descends)
                self.invocations.append(invocation)
                self._along[invocation.place, identifier] = edge

    def _descends(self, identifier: str, edge: Edge) -> bool:
        """Whether a function calls itself with a row that a loop of it goes through, or with something of that row."""
        loop = next(
            (
                frame
                for frame in reversed(edge.invocation.frames)
                if frame.kind == "loop" and frame.nature is Nature.EACH and frame.dependent
            ),
            None,
        )
        if loop is None or identifier != edge.invocation.function or edge.handed:
            return False
        tree = self.functions.evaluator.tree(edge.path)
        given = tree.with_role(edge.node, Role.ARGUMENT)
        return any(self.frames.handing.inserted.of_row(edge.path, node, loop.variables) for node in given)

    def _holding(self, identifier: str, edge: Edge) -> tuple[Route, ...]:
        """The routes that hold for a call, as it and the loop around it have them."""
        reaches = self._reached(identifier)
        looped = any(frame.kind == "loop" for frame in edge.invocation.frames)
        places = Counter(reach.route.call.place for reach in reaches)
        found: dict[Route, None] = {}
        for reach in reaches:
            if not self.passing.holds(identifier, edge, reach):
                continue
            route = self.receivers.bound(edge.path, edge.node, self.passing.seen_by_loop(identifier, edge, reach))
            # Which table is asked may depend on who calls: where that is not said, the call at hand is asked.
            if looped and not edge.handed and (places[reach.route.call.place] > 1 or not table(reach.route.call)):
                route = self.receivers.seen(edge.path, edge.node, route)
            found.setdefault(route)
        return tuple(found)

    def _components(self) -> dict[str, str]:
        """Functions that call each other in a circle, by one of them; a function that calls itself is one."""
        callers = {
            identifier: sorted({edge.invocation.function for edge in edges} - {""})
            for identifier, edges in self._edges.items()
        }
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        member: dict[str, str] = {}
        for start in sorted(callers):
            if start in index:
                continue
            work: list[tuple[str, int]] = [(start, 0)]
            while work:
                name, position = work.pop()
                if position == 0:
                    index[name] = low[name] = len(index)
                    stack.append(name)
                following = callers.get(name, [])
                for offset in range(position, len(following)):
                    other = following[offset]
                    if other not in index:
                        work += [(name, offset + 1), (other, 0)]
                        break
                    if other not in member:
                        low[name] = min(low[name], index[other])
                else:
                    if low[name] == index[name]:
                        group = stack[stack.index(name) :]
                        del stack[stack.index(name) :]
                        for each in group:
                            member[each] = name
                    if work:
                        above = work[-1][0]
                        low[above] = min(low[above], low[name])
        return member

    def _leading(self, found: Iterable[str]) -> set[str]:
        """These functions, and all that surely lead to one of them."""
        seen = set(found)
        pending = sorted(seen)
        while pending:
            edges = self._edges.get(pending.pop(), ())
            callers = {edge.invocation.function for edge in edges if edge.surely} - seen - {""}
            seen |= callers
            pending += callers
        return seen

    def _leading_whichever(self, found: Collection[str], beside: Collection[str]) -> set[str]:
        """These functions, and those that lead to one of them, under no condition, by a call that may be of several:
        each of them is among these, or else among those beside."""
        seen = set(found)
        pending = sorted(seen)
        while pending:
            identifier = pending.pop()
            for edge in self._edges.get(identifier, ()):
                caller = edge.invocation.function
                if not caller or caller in seen or (edge.surely and identifier in found):
                    continue
                functions = self.functions.alternatives(edge.path, edge.node)
                called = {self.functions.id(function.path, function.node) for function in functions}
                if all(each in seen or each in beside for each in called) and self._unconditional(edge):
                    seen.add(caller)
                    pending.append(caller)
        return seen

    def _unconditional(self, edge: Edge) -> bool:
        return not conditional(self.functions.evaluator.tree(edge.path), edge.node, edge.around, filled=True)

    def _left_open(self, changing: Iterable[str]) -> set[str]:
        """The methods that are left open, in whose place one of many may run that changes something: calls are followed
        into a few of them, and not into many."""
        members = self.functions.evaluator.members
        found: dict[str, FunctionValue] = {}
        for identifier in changing:
            function = self.functions.value(identifier)
            for above in members.below.overridden(function) if function is not None else ():
                found[self.functions.id(above.path, above.node)] = above
        return {each for each, above in found.items() if len(members.below.overriding(above)) > IMPLEMENTATIONS}

    def _acts(self) -> None:
        """Marks the functions that loops call and that act outside of the program, and the calls of them."""
        changed = (self.functions.value(identifier) for identifier, fact in self.facts.items() if fact.changes)
        self.frames.outside.changing = frozenset((each.path, each.node) for each in changed if each is not None)
        for index, invocation in enumerate(self.invocations):
            if any(frame.kind == "loop" for frame in invocation.frames):
                acting = 0
                for identifier in invocation.callees:
                    function = self.functions.value(identifier)
                    if function is not None and self.frames.outside.leads(function):
                        self.facts[identifier] = replace(self._fact(identifier), acts=True)
                        acting += 1
                edge = self._along.get((invocation.place, invocation.callees[0])) if acting else None
                if edge is not None and acting == len(invocation.callees):
                    acts_from = decided(self.frames.evaluator.tree(edge.path), edge.node)
                    self.invocations[index] = replace(invocation, acts_from=acts_from)

    def _fact(self, identifier: str) -> Function:
        fact = self.facts.get(identifier)
        if fact is None:
            fact = self.facts[identifier] = self.functions.fact(identifier)
        return fact


def _changes(call: Call) -> bool:
    """Whether a call changes rows or ends a transaction. What it puts under a key is no row."""
    return Effect.COMMIT in call.effects or (
        Effect.QUERY in call.effects and any(query.verb.writes for query in call.queries)
    )


def _may_change(call: Call) -> bool:
    """Whether a call changes something under a key, or nobody can say what it does: beside functions that change rows,
    which one of the databases of a program has in its place, it does the same for another one."""
    return Effect.QUERY in call.effects and any(query.verb.writes or query.verb is Verb.UNKNOWN for query in call.asked)


def _takes_its_statement(call: Call) -> bool:
    """Whether a call runs a text that its function was given, and of which nothing else is known."""
    unknown = bool(call.queries) and all(query.verb is Verb.UNKNOWN for query in call.queries)
    pieces = call.text.pieces if call.text is not None else ()
    return unknown and (not pieces or any(isinstance(piece, Hole) for piece in pieces))
