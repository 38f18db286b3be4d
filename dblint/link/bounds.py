"""Limits and offsets of SQL texts that are handed in for placeholders: what the expressions say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from dblint.facts.query import Bound, Clause, Query
from dblint.facts.text import Place
from dblint.link.arguments import Site


def bounds(
    number: Callable[[Site], Bound], path: str, queries: tuple[Query, ...], values: Callable[[], Mapping[Place, int]]
) -> tuple[Query, ...]:
    """The queries of a call in a file, their limits and offsets with what is known of the numbers. `number` reads an
    expression; `values`: the expressions of that file that fill the placeholders of their text."""
    numbers = (bound for query in queries for bound in (*query.limit.values(), *query.offset.values()))
    if all(bound.place is None for bound in numbers):
        return queries
    filled = values()

    def told(clause: Clause[Bound]) -> Clause[Bound]:
        return Clause(tuple(replace(each, value=said(each.value)) for each in clause.elements), clause.open)

    def said(bound: Bound) -> Bound:
        node = filled.get(bound.place, -1) if bound.place is not None else -1
        return replace(number(Site(path, node, None)), place=bound.place) if node >= 0 else bound

    return tuple(replace(query, limit=told(query.limit), offset=told(query.offset)) for query in queries)
