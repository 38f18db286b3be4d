"""Whose table an inherited method asks: that of the class it is called on, not of the class that declares it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from dblint.facts.program import Call, Route
from dblint.facts.query import Clause, Query, Source
from dblint.facts.text import Place
from dblint.facts.tree import Kind
from dblint.link.classes import class_key
from dblint.link.values import Context, FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.models import Models


Asking: TypeAlias = Callable[[str, int, Context | None], tuple[Query, ...]]


class Receivers:
    """Names tables of routes by the receiver of their first call. One per call graph."""

    def __init__(self, functions: Functions, models: Models, asking: Asking) -> None:
        """`asking`: the queries of the call at a node of a file, read in a context."""
        self.functions = functions
        self.evaluator = functions.evaluator
        self.models = models
        self.asking = asking
        self._nodes: dict[Place, int] = {}
        self._reading: dict[Place, bool] = {}

    def bound(self, path: str, node: int, route: Route) -> Route:
        """The route with the table of the class that the method is called on at `node`, where the query at its end
        asks for the method's own class and every call on the way is made on that class."""
        querying = self.functions.value(route.call.function)
        declaring = self._class_of(querying) if querying is not None else None
        if declaring is None or not any(self._of(query, declaring) for query in route.call.queries):
            return route
        receiver = self._receiver(path, node)
        classes = self.evaluator.classes
        if receiver is None or class_key(receiver) == class_key(declaring):
            return route
        if class_key(declaring) not in {class_key(cls) for cls in classes.mro(receiver)}:
            return route
        places = [*(step.place for step in route.steps), route.call.place]
        if not all(self._reads(place) for place in places):
            return route
        queries = tuple(self._named(query, declaring, receiver) for query in route.call.queries)
        call: Call = msgspec.structs.replace(route.call, queries=queries)
        return Route(route.steps, call, unsure=route.unsure)

    def seen(self, path: str, node: int, route: Route) -> Route:
        """The route with the tables that its query asks for the receiver and the arguments of just this call at
        `node`, where the calls on the way say them."""
        context: Context | None = None
        places = [(path, node), *((step.place.path, self._call_at(step.place)) for step in route.steps)]
        functions = [*(step.function for step in route.steps), route.call.function]
        for (file, call), identifier in zip(places, functions, strict=True):
            called = self._called(file, call, identifier, context) if call >= 0 else None
            if called is None:
                return route
            evaluator = self.evaluator
            given = (*called.bound, *evaluator.parameters.arguments(called, file, call, context))
            types = evaluator.generics.arguments(called, file, call, context)
            context = Context(called.node, called.path, called.receiver, given, called.context, types)
        last = self._call_at(route.call.place)
        queries = self.asking(route.call.place.path, last, context) if last >= 0 else ()
        if len({query.table for query in queries}) != 1 or not queries[0].table:
            return route
        call_seen: Call = msgspec.structs.replace(route.call, queries=queries)
        return msgspec.structs.replace(route, call=call_seen)

    def _called(self, path: str, call: int, identifier: str, context: Context | None) -> FunctionValue | None:
        """The one thing that a call may call as this function; None where it may be several, by their receivers."""
        found = [
            option
            for option in options(self.evaluator.value(path, call + 1, context))
            if isinstance(option, FunctionValue) and self.functions.id(option.path, option.node) == identifier
        ]
        return found[0] if len(found) == 1 else None

    def _call_at(self, place: Place) -> int:
        """The call that stands at a place, -1 where something else does."""
        if place not in self._nodes:
            tree = self.evaluator.tree(place.path)
            node = tree.kinds.find(Kind.CALL)
            while node >= 0 and (tree.starts[node], tree.stops[node]) != (place.start, place.stop):
                node = tree.kinds.find(Kind.CALL, node + 1)
            self._nodes[place] = node
        return self._nodes[place]

    def _class_of(self, function: FunctionValue) -> ProjectClass | None:
        tree = self.evaluator.tree(function.path)
        owner = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
        return ProjectClass(function.path, owner) if owner >= 0 else None

    def _receiver(self, path: str, node: int) -> ProjectClass | None:
        """The one class of the project that a method is called on."""
        found: dict[tuple[str, int], ProjectClass] = {}
        for option in options(self.evaluator.value(path, node + 1)):
            receiver = option.receiver if isinstance(option, FunctionValue) else None
            cls = receiver.cls if isinstance(receiver, Instance) and not receiver.virtual else receiver
            if not isinstance(cls, ProjectClass):
                return None
            found[class_key(cls)] = cls
        return next(iter(found.values())) if len(found) == 1 else None

    def _reads(self, place: Place) -> bool:
        if place not in self._reading:
            self._reading[place] = self._reads_receiver(place)
        return self._reading[place]

    def _reads_receiver(self, place: Place) -> bool:
        """Whether the receiver of the function around it stands in a call."""
        tree = self.evaluator.tree(place.path)
        scope = self.evaluator.scope(place.path)
        node = tree.kinds.find(Kind.NAME)
        while node >= 0:
            if place.start <= tree.starts[node] and tree.stops[node] <= place.stop:
                for binding, _ in scope.reaching(node, tree.value(node)) or ():
                    function = tree.parents[binding]
                    if (
                        tree.kinds[binding] == Kind.PARAMETER
                        and self.evaluator.parameters.position(place.path, function, binding) < 0
                    ):
                        return True
            elif tree.starts[node] > place.stop:
                break
            node = tree.kinds.find(Kind.NAME, node + 1)
        return False

    def _of(self, query: Query, cls: ProjectClass) -> bool:
        word = self.evaluator.classes.class_name(cls)
        return any(source.model == word for source in query.sources.values())

    def _named(self, query: Query, declaring: ProjectClass, receiver: ProjectClass) -> Query:
        table = self.models.table(receiver)
        before = self.evaluator.classes.class_name(declaring)
        after = self.evaluator.classes.class_name(receiver)

        def renamed(source: Source) -> Source:
            if source.model != before:
                return source
            name = table.name if table is not None else after
            return msgspec.structs.replace(
                source, name=name, model=after, schema=table.schema if table is not None else ""
            )

        elements = tuple(
            msgspec.structs.replace(element, value=renamed(element.value)) for element in query.sources.elements
        )
        return msgspec.structs.replace(query, sources=Clause(elements, query.sources.open))
