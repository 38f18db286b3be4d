"""What the rules about relations of rows share."""

from __future__ import annotations

from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Query

FEW = 10
"""Rows up to which a query gives few of them."""


def few(project: Project, query: Query) -> bool:
    """Whether a query gives one row, or a few."""
    if query.expects in ("one", "unique"):
        return True
    numbers = [bound.usual if bound.number is None else bound.number for bound in query.limit.values()]
    if any(number is not None and number <= FEW for number in numbers):
        return True
    table = project.table(query.table)
    named = {
        condition.left.name
        for element in query.conjuncts()
        if isinstance(condition := element.value, Compare)
        and condition.operator == "="
        and isinstance(condition.left, Column)
        and not condition.left.relation
    }
    return table is not None and any(columns <= named for columns in table.unique_sets())


def short(project: Project, name: str) -> bool:
    """Whether a table has few rows, each of which is asked for once where rows are found again by their keys."""
    table = project.table(name)
    return (table is not None and table.small) or name.lower() in project.uses.few


def within(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether a path is the beginning of a longer one."""
    return len(path) < len(other) and other[: len(path)] == path


def loading(path: tuple[str, ...], *, several: bool) -> str:
    """The remedy that loads the relation at the end of a path."""
    kind = "many" if several else "one"
    depth = ("", "", "-inside")[len(path)] if len(path) <= 2 else "-far"
    return f"eager-load-{kind}{depth}"
