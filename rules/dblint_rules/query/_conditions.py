"""What the rules about conditions share: every condition of a query, and which of them the program decides itself."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.query import And, Column, Compare, Condition, Decided, Not, Or, Query
from dblint.facts.schema import Table
from dblint.facts.text import Place


def comparisons(query: Query) -> Iterator[tuple[Query, Compare]]:
    """The comparisons of a query's conditions, those of nested queries too, each with the query it stands in."""
    queries, pending = [query], list[tuple[Query, Condition]]()
    while queries:
        inner = queries.pop()
        pending += ((inner, condition) for condition in (*inner.where.values(), *inner.having.values()))
        for source in inner.sources.values():
            pending += [(inner, source.on)] if source.on is not None else []
            queries += [source.query] if source.query is not None else []
        queries += [*inner.parts, *(part for _, part in inner.ctes)]
    while pending:
        inner, condition = pending.pop()
        if isinstance(condition, Compare):
            yield inner, condition
        elif isinstance(condition, And | Or):
            pending += ((inner, part) for part in condition.parts)
        elif isinstance(condition, Not):
            pending.append((inner, condition.part))


def table_of(project: Project, query: Query, column: Column) -> Table | None:
    """The table that a column of a query's condition belongs to, None where that cannot be said."""
    sources = [source for source in query.sources.values() if source.real and source.name]
    if column.table:
        sources = [source for source in sources if column.table in (source.alias, source.name, source.model)]
    return project.table(sources[0].name) if len(sources) == 1 and not column.relation else None


def decided(project: Project) -> Iterator[tuple[Call, Query, Decided]]:
    """The conditions that the program decides, each once, with a call that runs them."""
    seen: set[Place] = set()
    for call in project.calls:
        for query in call.queries:
            for found in query.decided():
                if found.place not in seen:
                    seen.add(found.place)
                    yield call, query, found


def conditional(project: Project) -> Iterator[Place]:
    """The queries that have conditions."""
    for call in project.calls:
        if any(query.where.possibly() or query.having.possibly() for query in call.queries):
            yield call.place


def about(query: Query) -> str:
    """The words for what a query is of."""
    return f" of {query.table}" if query.table else ""
