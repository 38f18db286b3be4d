"""Whether what a query asks of a table's rows implies the condition of an index over part of them, so that the database
can use it (PostgreSQL's documentation, "Partial Indexes"; SQLite's, "Queries Using Partial Indexes").

What is told apart is what both databases prove by themselves: that a column is null or filled, and that it equals a
value which stands in both texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.query import Column, Compare, Value
from dblint.facts.query import Condition as QueryCondition
from dblint.facts.schema import Table

_NULL, _FILLED = "is null", "is not null"
_STRICT = frozenset({"=", "<", "<=", ">", ">=", "in", "between", "like"})
"""Comparisons that hold for no null."""
_SIGNS = str.maketrans(dict.fromkeys('()"`[];', " "))
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_TEST = re.compile(
    r"(?P<name>[\w.$]+)\s*(?:(?P<null>is\s+(?:not\s+)?null)|=\s*(?P<value>'[\w-]*'|[\w.]+))", re.IGNORECASE
)
_VALUES = {"true": "true", "false": "false", "'t'": "true", "'f'": "false"}


def tests(condition: QueryCondition) -> Iterator[tuple[Column, str]]:
    """What a condition says of a column: that it is null, filled, or a value."""
    if not isinstance(condition, Compare) or not isinstance(condition.left, Column) or condition.left.relation:
        return
    column, right = condition.left, condition.right
    null = isinstance(right, Value) and right.kind == "null"
    if null and condition.operator in ("is", "is-not"):
        yield column, _NULL if condition.operator == "is" else _FILLED
    elif condition.operator in _STRICT and not null:
        yield column, _FILLED
        if condition.operator == "=" and isinstance(right, Value) and right.place is None:
            if right.kind in ("number", "boolean"):
                yield column, right.text.lower()
            elif right.kind == "string":
                yield column, f"'{right.text}'"


def implied(predicate: str, table: Table, known: set[tuple[str, str]]) -> bool:
    """Whether the condition of an index follows from what is known of a row: column, lower case, and test."""
    for part in _AND.split(predicate.translate(_SIGNS).strip()):
        found = _TEST.fullmatch(part.strip())
        if found is None:
            return False
        column = table.column(found["name"].rpartition(".")[2])
        value = found["value"] or ""
        test = " ".join(found["null"].lower().split()) if found["null"] else _VALUES.get(value.lower(), value)
        if column is None or (column.name.lower(), test) not in known:
            return False
    return True
