"""What the rules about loops share: which loop runs a call once per element, and how its rows are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from dblint.facts.program import Access, Call, Effect, Frame, Handed, Invocation, Nature
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, OpaqueCondition, Query, Value, Verb, When
from dblint.facts.text import Hole, Origin, Place

_STOPS = frozenset({Nature.CHUNK, Nature.PAGE, Nature.POLL})
"""A query inside such a loop asks for many elements at a time; what runs around it is no query per element."""
STEPS = 6
"""Calls between the loop's own and the query's: as many as routes have."""
_LEVELS, _TABLES = 2, 3
"""Levels and tables from which on what goes with a row that is deleted makes its delete a unit of work."""
_LITERAL = frozenset({"number", "string", "null", "boolean"})


def loop_of(fact: Call | Invocation | Access) -> Frame | None:
    """The loop that makes the call once per element, or None; none that the program has beside one call for all, of
    which a branch takes either."""
    for frame in reversed(fact.frames):
        if frame.kind != "loop":
            continue
        if frame.nature in _STOPS:
            return None
        if frame.nature is Nature.EACH and frame.dependent:
            asked_once = frame.leaves or frame.seeks or frame.selects or frame.kept
            return None if asked_once or frame.elsewhere or frame.at_once else frame
    return None


def elements_of(loop: Frame) -> str:
    """What a loop goes through, as it stands in the source; where that has no name, by those that hold its elements."""
    if loop.source:
        return f"`{loop.source}`"
    return f"what `{', '.join(loop.variables)}` goes through" if loop.variables else "the loop"


def made_in_loops(project: Project) -> Iterator[tuple[Place, Call]]:
    """The loops, each with the calls that its iterations make, directly or through functions of the project."""
    for call in project.calls:
        for frame in call.frames:
            if frame.kind == "loop":
                yield frame.place, call
    for invocation in project.invocations:
        loops = [frame.place for frame in invocation.frames if frame.kind == "loop"]
        for callee in invocation.callees if loops else ():
            for route in project.routes(callee):
                yield from ((loop, route.call) for loop in loops)


def changing_tables(made: Iterable[tuple[Place, Call]]) -> dict[Place, tuple[Query, ...]]:
    """The loops whose iterations make or change tables, with what does so: each element has its own."""
    found: dict[Place, list[Query]] = {}
    for loop, call in made:
        for query in call.queries:
            if query.verb is Verb.DDL:
                own = query.housekeeping and (_of_element(call, loop) or _handed(call))
                found.setdefault(loop, []).append(replace(query, housekeeping=False) if own else query)
    return {loop: tuple(queries) for loop, queries in found.items()}


def _of_element(call: Call, loop: Place) -> bool:
    """Whether an element of that loop decides what the call asks."""
    return any(frame.place == loop and frame.dependent for frame in call.frames)


def _handed(call: Call) -> bool:
    """Whether a caller hands in a part of the call's text: the name of a schema, which may be the element's."""
    return call.text is not None and any(isinstance(piece, Hole) and piece.parameter for piece in call.text.pieces)


def changed(call: Call, shaping: Iterable[Query]) -> bool:
    """Whether one of the statements makes or changes a table that the call asks."""
    tables = {table for query in call.queries for table in (query.table, *query.tables())} or {""}
    return any(query.shapes(table) for query in shaping for table in tables)


def attribute_of(project: Project, table: str, key: Column) -> str:
    """A column as the program names it, where the model's attribute is not that of the row which the key is of."""
    declared = project.table(table) if table and not key.relation else None
    column = declared.column(key.name) if declared is not None else None
    attribute = column.attribute if column is not None else ""
    refers = key.name.lower().replace("_", "") == f"{attribute.lower().replace('_', '')}id"
    return key.name if not attribute or refers else attribute


def takes_along(project: Project, query: Query) -> bool:
    """Whether a delete takes rows of several tables along, over more than one level: by keys that refer to its table
    with CASCADE, and by those that refer to the tables of these rows."""
    if query.verb is not Verb.DELETE or not query.table:
        return False
    children: dict[str, set[str]] = {}
    for name, table in project.tables.items():
        for key in table.keys:
            if key.kind == "foreign" and key.on_delete.lower() == "cascade":
                children.setdefault(key.target.lower(), set()).add(name)
    found, level, levels = {query.table.lower()}, {query.table.lower()}, 0
    while level:
        level = {child for name in level for child in children.get(name, ())} - found
        found |= level
        levels += bool(level)
    return levels >= _LEVELS and len(found) > _TABLES


def handle_of(call: Call, handed: tuple[Handed, ...]) -> str:
    """What the query is begun on, as written: it serves all elements unless it changes with them."""
    varies = any(value.varies for value in handed if value.place == call.handle_place)
    return "" if varies else call.handle


def is_constant(value: Value) -> bool:
    """Whether a value stands in the source, the same each time."""
    fixed = value.kind == "unknown" or (value.kind == "list" and value.place is None)
    # A string may have holes between its quotes.
    return (value.kind in _LITERAL or fixed) and value.origin is Origin.CONSTANT


def model_of(call: Call) -> str:
    """The model that a call asks, or its table where no model is known."""
    for query in call.queries:
        for source in query.sources.values():
            return source.model or source.name
    return ""


def table_of(project: Project, call: Call) -> str:
    """The table that a call asks, the first that it names where it begins with a function or a part of itself; "" where
    it cannot be said. A class of which no table is known has none: it may be the base of several models, or no model
    at all."""
    for query in call.queries:
        source = next(query.sources.values(), None)
        if source is not None and source.name:
            if source.name != source.model or project.table(source.name) is not None:
                return query.stored
    return ""


def asks_again(access: Access, call: Call) -> bool:
    """Whether a call on a relation that was loaded reads its rows from the database."""
    if not access.handle or access.loaded != "yes" or not _reads_only(call):
        return False
    query = next(query for query in call.queries if query.verb.reads)
    by_model = query.order.open or any(order.by == "model" for order in query.order.values())
    return not (_first(query) and by_model)


def surely_asks(call: Call) -> bool:
    """Whether a call on a relation reads its rows from the database also where they were loaded, in whatever order that
    was: the first one of rows that were loaded in an order is there."""
    return _reads_only(call) and not any(_first(query) for query in call.queries)


def _reads_only(call: Call) -> bool:
    if call.memoised or Effect.QUERY not in call.effects:
        return False
    return bool(call.queries) and all(query.verb.reads for query in call.queries)


def _first(query: Query) -> bool:
    """Whether the first row is asked for, in no order that the program says."""
    return any(bound.number == 1 for bound in query.limit.values()) and not query.asked_order.elements


class Changes:
    """Says which loops go through what two lists do not share, where one of them holds the rows of one other row: a
    turn is for each change, and there are none, one or a few."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._calls: dict[str, list[Call]] | None = None

    def of(self, fact: Call | Invocation, loop: Frame) -> bool:
        """Whether the loop brings rows up to what is wanted of them: the function goes through what is missing and
        through what is too much, or inserts the elements into the very table, or deletes them from it."""
        if not loop.without:
            return False
        if self._calls is None:
            self._calls = {}
            for call in self._project.calls:
                if call.queries:
                    self._calls.setdefault(call.place.path, []).append(call)
        calls = self._calls.get(fact.place.path, [])
        stored = {
            query.table
            for call in calls
            if any(_within(call.place, place) for place in loop.without)
            for query in call.queries
            if query.verb is Verb.SELECT and _of_one_row(query)
        }
        if not stored - {""}:
            return False
        return loop.mutual or any(
            query.table in stored
            and (query.verb is Verb.DELETE or (query.verb.writes and _within(call.place, loop.place)))
            for call in calls
            if call.function == fact.function
            for query in call.queries
        )


def _within(inner: Place, outer: Place) -> bool:
    return outer.start <= inner.start and inner.stop <= outer.stop


def _of_one_row(query: Query) -> bool:
    """Whether only rows are read that belong to something else that is asked for by its key."""
    if any(bound.number == 1 for bound in query.limit.values()):
        return False
    for element in query.conjuncts():
        condition = element.value
        if element.when is not When.ALWAYS:
            continue
        if isinstance(condition, OpaqueCondition):
            return True  # of a table between both
        if isinstance(condition, Compare) and condition.operator == "=" and isinstance(condition.left, Column):
            if isinstance(condition.right, Value) and not is_constant(condition.right):
                return True
    return False
