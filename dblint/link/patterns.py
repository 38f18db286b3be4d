"""What the patterns begin with that conditions are handed: `LIKE` with a value that the program puts together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.query import And, Clause, Compare, Condition, Not, Or, Query, Value
from dblint.facts.text import Literal, Place
from dblint.link.arguments import Site

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts

PATTERNS = frozenset({"like", "ilike", "not-like", "not-ilike", "regexp", "iregexp"})
"""Operators whose right side is a pattern as the program writes it."""
_LEVELS = 60
"""How deep conditions are looked into; facts nest less."""
_Values = Callable[[], Mapping[Place, int]]


def beginnings(texts: Texts, path: str, queries: tuple[Query, ...], values: _Values) -> tuple[Query, ...]:
    """The queries of a call in a file, their patterns with what they begin with. `values`: the expressions of that
    file that fill the placeholders of their text."""
    if not any(_patterned(element.value, _LEVELS) for query in queries for element in query.where.elements):
        return queries
    filled = values()

    def told(condition: Condition, level: int) -> Condition:
        if level <= 0:
            return condition
        if isinstance(condition, And | Or):
            return replace(condition, parts=tuple(told(part, level - 1) for part in condition.parts))
        if isinstance(condition, Not):
            return Not(told(condition.part, level - 1))
        if not isinstance(condition, Compare) or not _patterned(condition, 1):
            return condition
        place = condition.handed
        if place is None or not isinstance(condition.right, Value):
            return condition
        if place in filled:
            site = Site(path, filled[place], None)
        elif place in texts.evaluator.handed:
            site = Site(place.path, texts.evaluator.handed[place], None)
        else:
            return condition
        return replace(condition, right=replace(condition.right, begins=_beginning(texts, site)))

    return tuple(
        replace(
            query,
            where=Clause(
                tuple(replace(element, value=told(element.value, _LEVELS)) for element in query.where.elements),
                query.where.open,
            ),
        )
        for query in queries
    )


def _patterned(condition: Condition, level: int) -> bool:
    """Whether a pattern is handed in somewhere in a condition."""
    if isinstance(condition, And | Or):
        return level > 0 and any(_patterned(part, level - 1) for part in condition.parts)
    if isinstance(condition, Not):
        return level > 0 and _patterned(condition.part, level - 1)
    return isinstance(condition, Compare) and condition.operator in PATTERNS and condition.handed is not None


def _beginning(texts: Texts, site: Site) -> str:
    """The program's own text at the beginning: of the shapes that the string can have, the first that has any."""
    for shape in texts.of(site):
        if shape.pieces and isinstance(first := shape.pieces[0], Literal) and first.text:
            return first.text
    return ""
