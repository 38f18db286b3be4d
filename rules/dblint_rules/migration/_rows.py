"""Which tables hold no rows, as a migration shows by what it does to them."""

from __future__ import annotations

from collections.abc import Sequence

from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import Change, Migration, Step
from dblint_rules.migration._course import column_of, former, key


def without_rows(steps: Sequence[Step], migration: Migration, project: Project) -> set[str]:
    """The tables (their `key`) in which there can be no row: they get a column that must have a value and has none to
    begin with, which is refused where there are rows (PostgreSQL's documentation, "ALTER TABLE"), or each of their rows
    refers to one of such a table. `steps`: the upward ones of the migration."""
    if migration.dialect != "postgres":
        return set()  # MySQL gives such a column zeros or empty texts
    empty = {
        key(step.operation.table, step.operation.schema)
        for step in steps
        if step.operation.change is Change.ADD_COLUMN and not step.conditional and not step.operation.if_not_exists
        for column in step.operation.columns
        if column.nullable is False and not (column.default or column.default_by) and "serial" not in column.type
    }
    for step in steps if empty else ():
        before = former(step.operation, project)
        for each in before.keys if before is not None else ():
            column = column_of(before, each.columns[0].lower()) if len(each.columns) == 1 else None
            if (
                each.kind == "foreign"
                and key(each.target, "") in empty
                and column is not None
                and column.nullable is False
            ):
                empty.add(key(step.operation.table, step.operation.schema))
    return empty


def everything(query: Query | None) -> bool:
    """Whether a statement deletes every row of its table."""
    if query is None or query.verb is not Verb.DELETE or len(query.sources.elements) != 1:
        return False
    return query.where.surely_absent() and query.limit.surely_absent() and not query.sources.open
