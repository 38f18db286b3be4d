"""What the rules about pages share: the columns that rows are sorted by, and what tells rows apart."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.query import Column, Compare, Query, When
from dblint.facts.schema import DOCUMENT_DATABASES, Table

_BY_COLUMN = frozenset({"oracle", "tsql"})
"""Dialects whose rows cannot be compared as a whole."""


def sorted_by(query: Query, table: Table) -> list[tuple[str, bool]] | None:
    """The table's own columns by which the rows are always sorted, in order, each with whether it descends; None where
    anything else sorts them, or that cannot be said."""
    if query.order.open or not query.order.surely():
        return None
    found: list[tuple[str, bool]] = []
    for element in query.order.elements:
        expression = element.value.expression
        if not isinstance(expression, Column) or expression.relation:
            return None
        column = table.column(expression.name)
        own = ("", table.name, table.model, *(source.alias for source in query.sources.values()))
        if column is None or expression.table not in own:
            return None
        found.append((column.name, element.value.descending))
    return found


def fixed(query: Query, table: Table) -> Iterator[str]:
    """The columns that have one value in all rows of a query."""
    for element in query.conjuncts():
        condition = element.value
        if element.when is not When.ALWAYS or not isinstance(condition, Compare) or condition.operator != "=":
            continue
        if isinstance(condition.left, Column) and not condition.left.relation:
            column = table.column(condition.left.name)
            if column is not None:
                yield column.name


def primary(table: Table) -> tuple[str, ...]:
    """The columns of the primary key, () where none is known."""
    return next((key.columns for key in table.keys if key.kind == "primary"), ())


def keyset(query: Query, table: Table, order: list[tuple[str, bool]]) -> str:
    """The statement that begins behind the last row that was shown, as people paste it; rows are sorted by the primary
    key last. "" where directions differ or there is no key."""
    names = [name for name, _ in order]
    direction = order[0][1] if order else False
    whole = [*names, *(name for name in primary(table) if name not in names)]
    if not primary(table) or any(descends != direction for _, descends in order):
        return ""
    if query.dialect in DOCUMENT_DATABASES:
        return spelling.documents_behind(whole, descending=direction, others=query.where.possibly())
    spelled = [spelling.name(name, query.dialect) for name in whole]
    word = " DESC" if direction else ""
    sign = "<" if direction else ">"
    if len(spelled) == 1:
        behind = f"{spelled[0]} {sign} ?"
    elif query.dialect in _BY_COLUMN:
        behind = " OR ".join(
            "".join(f"{same} = ? AND " for same in spelled[:position]) + f"{each} {sign} ?"
            for position, each in enumerate(spelled)
        )
        behind = f"({behind})"
    else:
        behind = f"({', '.join(spelled)}) {sign} ({', '.join('?' for _ in spelled)})"
    order_by = ", ".join(f"{name}{word}" for name in spelled)
    others = "… AND " if query.where.possibly() else ""  # the query's own conditions stay
    first = "FETCH FIRST ? ROWS ONLY" if query.dialect == "oracle" else "LIMIT ?"
    if query.dialect == "tsql":
        first = "OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY"
    return f"WHERE {others}{behind} ORDER BY {order_by} {first}"


def nullable(table: Table, order: list[tuple[str, bool]]) -> list[str]:
    """The sort keys that may be null: a comparison with such a row is neither true nor false."""
    keys = primary(table)
    columns = [(name, table.column(name)) for name, _ in order if name not in keys]
    return [name for name, column in columns if column is None or column.nullable is not False]
