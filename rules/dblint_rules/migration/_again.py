"""What a migration makes again of what it drops, and whether it fills it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from dblint.facts.query import Column, Expression, OpaqueExpression, Query, Source, Star, Verb
from dblint.facts.schema import Change, Operation, SchemaColumn, Step, Table
from dblint_rules.migration._course import key, may_be_same
from dblint_rules.migration._types import holds

_HOLDS = frozenset({"", "no action"})
"""What a foreign key says or leaves out that keeps rows which are referred to from being deleted."""


def renaming(operation: Operation, steps: Sequence[Step]) -> int | None:
    """The first of the steps before an operation that give its table another name, as far as one migration has
    renamed it: its position among the upward steps."""
    name, found = operation.table.lower(), None
    before = next((position for position, step in enumerate(steps) if step.operation is operation), 0)
    for position in reversed(range(before)):
        other = steps[position].operation
        if other.change is Change.RENAME_TABLE and other.name.lower() == name:
            if may_be_same(other.schema, operation.schema):
                name, found = other.table.lower(), position
    return found


def name_before(operation: Operation, steps: Sequence[Step]) -> str:
    """What the operation's table was called before the migration. `steps`: all upward ones."""
    position = renaming(operation, steps)
    return operation.table if position is None else steps[position].operation.table


def made_again(name: str, schema: str, steps: Sequence[Step]) -> Operation | None:
    """The step that makes a table of that name, or gives the name to another one."""
    wanted = key(name, schema)
    for step in steps:
        other = step.operation
        made = {Change.CREATE_TABLE: other.table, Change.RENAME_TABLE: other.name}.get(other.change)
        if made is not None and key(made, other.schema) == wanted:
            return other
    return None


def filled_again(name: str, schema: str, steps: Sequence[Step]) -> bool:
    """Whether a migration makes the table that has this name at its end, and puts rows of other tables into it: they
    may be those that the one had which was there before. `steps`: all upward ones."""
    made: dict[str, bool] = {}  # and whether they were filled
    for step in steps:
        other = step.operation
        table = key(other.table, other.schema)
        if other.change is Change.CREATE_TABLE:
            made[table] = False
        elif other.change is Change.DROP_TABLE:
            made.pop(table, None)
        elif other.change is Change.RENAME_TABLE:
            filled = made.pop(table, None)
            if filled is not None:
                made[key(other.name, other.schema)] = filled
        elif other.query is not None and table in made and _copies(other.query):
            made[table] = True
    return made.get(key(name, schema), False)


def _copies(query: Query) -> bool:
    """Whether a statement puts rows of another table into its own."""
    if query.verb is not Verb.INSERT or query.rows != "query":
        return False
    read = [each for each in _within(query) if isinstance(each, Source) and each.real and each.name]
    return any(each.name.lower() != query.table.lower() for each in read)


def added_again(operation: Operation, column: SchemaColumn, later: Sequence[Step]) -> bool:
    """Whether a later step of the migration adds a column of that name to that table, or renames one to it."""
    return any(
        step.operation.change in (Change.ADD_COLUMN, Change.RENAME_COLUMN)
        and key(step.operation.table, step.operation.schema) == key(operation.table, operation.schema)
        and step.operation.name.lower() == column.name.lower()
        for step in later
    )


def set_again(operation: Operation, column: SchemaColumn, later: Sequence[Step]) -> bool:
    """Whether later steps of the migration add a column of that name to that table and give it values that they make of
    what is stored: they may be those that it had. One value for all rows is none of them."""
    added, name = False, column.name.lower()
    for step in later:
        other, query = step.operation, step.operation.query
        if other.change is Change.ADD_COLUMN and key(other.table, other.schema) == key(
            operation.table, operation.schema
        ):
            added = added or any(each.name.lower() == name for each in other.columns)
        elif added and query is not None and query.verb is Verb.UPDATE and _updates(query, operation):
            for assignment in query.assignments.values():
                if assignment.column.lower() == name and _made_of_rows(assignment.value):
                    return True
    return False


def _updates(query: Query, operation: Operation) -> bool:
    """Whether it is rows of the operation's table that a statement changes."""
    first = query.sources.elements[0].value if query.sources.elements else None
    return (
        first is not None
        and first.name.lower() == operation.table.lower()
        and may_be_same(first.schema, operation.schema)
    )


def _made_of_rows(expression: Expression) -> bool:
    """Whether a value is made of columns, or of what cannot be read."""
    return any(isinstance(each, (Column, Star, OpaqueExpression)) for each in _within(expression))


def _within(whole: object) -> Iterator[object]:
    """What something consists of, itself among it."""
    pending = [whole]
    while pending:
        item = pending.pop()
        yield item
        if isinstance(item, msgspec.Struct):
            pending += [getattr(item, name) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            pending += item


def same_columns(before: Table, after: Table | None) -> bool:
    """Whether a table has the same columns as before, each of the same type or one that holds more."""
    if after is None or not before.complete or not before.columns:
        return False
    old, new = ({column.name.lower(): column.type for column in each.columns} for each in (before, after))
    return old.keys() == new.keys() and all(holds(kind, new[name]) for name, kind in old.items())


def same_references(before: Table, after: Table | None) -> bool:
    """Whether a table's foreign keys are the same as before, with what becomes of its rows."""
    return after is not None and set(_references(before)) == set(_references(after))


def _references(table: Table) -> Iterator[tuple[object, ...]]:
    for each in table.keys:
        if each.kind == "foreign":
            columns = tuple(name.lower() for name in each.columns)
            yield columns, each.target.lower(), _action(each.on_delete), _action(each.on_update)


def _action(words: str) -> str:
    return "" if words.lower() in _HOLDS else words.lower()
