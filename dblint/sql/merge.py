"""Two variants of one statement to one `Query`."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from dblint.facts.query import Clause, Condition, Element, OpaqueCondition, Query, Source, When
from dblint.facts.text import Origin

__all__ = ["merged"]

T = TypeVar("T")


def merged(more: Query, less: Query) -> Query:
    """`more` with what `less` has too as ALWAYS and everything else as SOMETIMES."""
    parts = more.parts
    if len(parts) == len(less.parts):
        parts = tuple(merged(one, other) for one, other in zip(parts, less.parts, strict=True))
    ctes = dict(less.ctes)
    return msgspec.structs.replace(
        more,
        sources=_sources(more.sources, less.sources),
        projection=_clause(more.projection, less.projection),
        where=_always(more.where, less.where),
        grouping=_clause(more.grouping, less.grouping),
        having=_clause(more.having, less.having),
        order=_clause(more.order, less.order),
        limit=_clause(more.limit, less.limit),
        offset=_clause(more.offset, less.offset),
        assignments=_clause(more.assignments, less.assignments),
        returning=_clause(more.returning, less.returning),
        locks=_clause(more.locks, less.locks),
        parts=parts,
        ctes=tuple((name, merged(query, ctes[name]) if name in ctes else query) for name, query in more.ctes),
    )


def _clause(more: Clause[T], less: Clause[T]) -> Clause[T]:
    """One clause; its elements are few, so they are compared one by one."""
    if more == less:
        return more
    others = list(less.elements)
    elements: list[Element[T]] = []
    for element in more.elements:
        same = next((other for other in others if other.value == element.value), None)
        if same is not None:
            others.remove(same)
        if same is None or same.when is When.SOMETIMES:
            element = Element(element.value, When.SOMETIMES, Origin.UNKNOWN)
        elements.append(element)
    elements += [Element(other.value, When.SOMETIMES, Origin.UNKNOWN) for other in others]
    return Clause(tuple(elements), more.open or less.open)


def _always(more: Clause[Condition], less: Clause[Condition]) -> Clause[Condition]:
    """Conditions; where each variant has others, one always stands there all the same."""
    both = _clause(more, less)
    if both.surely() or not (more.surely() and less.surely()):
        return both
    return Clause((*both.elements, Element(OpaqueCondition())), both.open)


def _sources(more: Clause[Source], less: Clause[Source]) -> Clause[Source]:
    """Sources; a nested query that differs is merged in its turn."""
    if more == less:
        return more
    others = {(source.name, source.alias, source.join): source for source in less.values()}
    elements: list[Element[Source]] = []
    for element in more.elements:
        source = element.value
        other = others.get((source.name, source.alias, source.join))
        if other is not None and source.query is not None and other.query is not None and source.query != other.query:
            both = msgspec.structs.replace(source, query=merged(source.query, other.query))
            elements.append(Element(both, element.when, element.condition))
            less = Clause(tuple(Element(both, e.when) if e.value is other else e for e in less.elements), less.open)
        else:
            elements.append(element)
    return _clause(Clause(tuple(elements), more.open), less)
