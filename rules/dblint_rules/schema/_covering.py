"""Which keys and indexes find the rows that refer to one row of another table."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.schema import Key, Table

BARREN = frozenset({"brin", "fulltext", "spatial"})
"""Kinds of index that do not find the rows with a value."""


def is_covered(table: Table, key: Key) -> bool:
    """Whether an index or a key finds the rows of a foreign key's value."""
    wanted = [column.lower() for column in key.columns]
    if any(other.kind == "exclude" and (not other.columns or _shares(other, wanted)) for other in table.keys):
        return True
    narrow = set(wanted) - _shared(table, key)
    return any(
        set(names[: len(wanted)]) == set(wanted) or names[0] in narrow or (unique and set(names) <= set(wanted))
        for names, unique in orders(table, wanted)
    )


def _shares(key: Key, wanted: list[str]) -> bool:
    return any(column.lower() in wanted for column in key.columns)


def orders(table: Table, wanted: list[str]) -> Iterator[tuple[list[str], bool]]:
    """The columns of every key and index that may hold all rows of the foreign key, and whether it is unique."""
    for key in table.keys:
        if key.kind in ("primary", "unique") and key.columns:
            yield [column.lower() for column in key.columns], True
    for index in table.indexes:
        if index.columns and index.method not in BARREN and holds_all(index.predicate, table, wanted):
            yield ["" if column.expression else column.name.lower() for column in index.columns], index.unique


def _shared(table: Table, key: Key) -> set[str]:
    """The columns of a foreign key that are in the table's own primary key, too, and have the same name in the other
    table: those of a tenant, as a rule."""
    primary = next((other.columns for other in table.keys if other.kind == "primary"), ())
    pairs = zip(key.columns, key.target_columns, strict=False)
    same = {column.lower() for column, target in pairs if column.lower() == target.lower()}
    return same & {column.lower() for column in primary} if len(primary) > 1 else set()


def holds_all(predicate: str, table: Table, wanted: list[str]) -> bool:
    """Whether an index with this condition may hold every row that refers to another: where the condition is not
    known, or asks only that columns are filled which then are."""
    if predicate in ("", "?"):
        return True
    plain = predicate.lower()
    for sign in '()"`[];':
        plain = plain.replace(sign, " ")
    for part in " ".join(plain.split()).split(" and "):
        name, _, test = part.partition(" ")
        column = table.column(name.rpartition(".")[2])
        filled = name.rpartition(".")[2] in wanted or (column is not None and column.nullable is False)
        if test != "is not null" or not filled:
            return False
    return True
