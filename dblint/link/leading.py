"""Which sources of a query the bounds of an indexed column lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from dblint.facts.query import Column, Compare, Query, Source, When
from dblint.facts.schema import Table

LOWER = frozenset({">", ">="})
UPPER = frozenset({"<", "<="})
Named: TypeAlias = Callable[[Source, str], tuple[str, ...]]
"""The columns that a name stands for in a source."""
Found: TypeAlias = Callable[[Column], Source | None]
"""The source that a column belongs to."""


def begun(table: Table) -> frozenset[str]:
    """The columns that keys and indexes of a table begin with, in lower case."""
    found = {key.columns[0].lower() for key in table.keys if key.kind in ("primary", "unique") and key.columns}
    return frozenset(found | {index.columns[0].name.lower() for index in table.indexes if index.columns})


def ranges(query: Query) -> Iterator[Column]:
    """The columns that always lie between two values. One bound alone may leave nearly all rows."""
    bounded: dict[tuple[str, str], set[str]] = {}
    for element in query.conjuncts():
        condition = element.value
        if element.when is not When.ALWAYS or not isinstance(condition, Compare):
            continue
        column = condition.left
        if not isinstance(column, Column) or column.relation or isinstance(condition.right, Column):
            continue
        if condition.operator == "between":
            yield column
            continue
        side = "lower" if condition.operator in LOWER else "upper" if condition.operator in UPPER else ""
        sides = bounded.setdefault((column.table, column.name), set())
        if side and side not in sides:
            sides.add(side)
            if len(sides) == 2:
                yield column


def reached(
    source: Source,
    sources: Sequence[Source],
    led: Callable[[Source], bool],
    tables: Callable[[Source], Table],
    found: Found,
    named: Named,
) -> bool:
    """Whether rows of a source are found by an index from those of another one to which an index leads, through
    comparisons of columns by which sources are joined."""
    seen, pending = {id(source)}, [source]
    while pending:
        here = pending.pop()
        own = begun(tables(here))
        for column, other in _joins(here, sources, found):
            names = named(here, column.name)
            if id(other) in seen or not names or names[0].lower() not in own:
                continue
            if led(other):
                return True
            seen.add(id(other))
            pending.append(other)
    return False


def _joins(here: Source, sources: Sequence[Source], found: Found) -> Iterator[tuple[Column, Source]]:
    """The columns of a source that are compared with one of another source where they are joined, and that source."""
    for joined in sources:
        on = joined.on
        if not isinstance(on, Compare) or on.operator != "=":
            continue
        if not isinstance(on.left, Column) or not isinstance(on.right, Column):
            continue
        for column, beyond in ((on.left, on.right), (on.right, on.left)):
            other = found(beyond)
            if found(column) is here and other is not None and other is not here:
                yield column, other
