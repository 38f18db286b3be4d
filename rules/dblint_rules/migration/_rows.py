"""Which tables hold no rows, and which indexes none of their rows, as a migration shows by what it does to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import Change, Direction, Migration, Operation, SchemaColumn, Step
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


def holds_none(operation: Operation, before: Sequence[Step], migration: Migration, project: Project) -> bool:
    """Whether the index that an operation builds begins without any row: its condition asks for another value of a
    column than the one that every row has by the default with which the migration has just added it. `before`: the
    upward steps of the migration before it."""
    predicate = operation.index.predicate if operation.index is not None else ""
    if not predicate:
        return False
    asked = dict(_tests(predicate))
    table = key(operation.table, operation.schema)
    for step in reversed(before if asked else ()):
        each = step.operation
        same = key(each.table, each.schema) == table
        if each.change is Change.ADD_COLUMN and same and not step.conditional:
            never = [column for column in each.columns if _never(column, asked.get(column.name.lower(), ""))]
            if any(not _had(operation, column.name, migration, project) for column in never):
                return True
        elif (each.change in _SETTING and (same or not each.table)) or _sets(each, operation):
            return False
    return False


def _had(operation: Operation, column: str, migration: Migration, project: Project) -> bool:
    """Whether an earlier migration of the chain has given the operation's table a column of that name, so that IF NOT
    EXISTS may find it there."""
    return any(
        each.name.lower() == column.lower()
        for other in project.migrations
        if other.chain == migration.chain and other.order < migration.order
        for step in other.steps
        if step.direction is Direction.UP and step.operation.table.lower() == operation.table.lower()
        for each in (
            *(step.operation.columns if step.operation.change is Change.ADD_COLUMN else ()),
            *(step.operation.definition.columns if step.operation.definition is not None else ()),
        )
    )


_SETTING = frozenset({Change.OTHER, Change.ALTER_TYPE, Change.RENAME_COLUMN, Change.RENAME_TABLE})
"""What may give a table's rows other values, or its columns other names."""


def _sets(step: Operation, operation: Operation) -> bool:
    """Whether a statement may give rows of the operation's table values, or make rows."""
    if step.change is not Change.DATA:
        return False
    query = step.query
    if query is None or not query.table:
        return True
    return query.verb not in (Verb.SELECT, Verb.DELETE) and query.table.lower() == operation.table.lower()


def _never(column: SchemaColumn, asked: str) -> bool:
    """Whether the value that rows get of a new column is surely another one than what is asked of it."""
    if not asked or "serial" in column.type:
        return False
    if not column.default:
        return asked != _NULL and not column.default_by and column.nullable is not False
    given = _value(column.default, column)
    if asked in (_NULL, _FILLED) or given is None:
        return asked == _NULL and given is not None and column.default_by == "database"
    wanted = _value(asked, column)
    return wanted is not None and type(wanted) is type(given) and wanted != given


def _value(text: str, column: SchemaColumn) -> bool | str | Decimal | None:
    """A constant as it is written; None where it is none, or cannot be said."""
    plain = text.strip().partition("::")[0].strip()
    if column.type in ("boolean", "bool"):
        return _TRUTHS.get(plain.strip("'").lower())
    if re.fullmatch(r"'[^']*'", plain):  # of other types, two texts may be one value
        texts = column.enum or column.type.partition("(")[0] in _TEXTS
        return plain.lower().replace(" ", "") if texts else None
    return Decimal(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


_TEXTS = frozenset({"text", "varchar", "character varying", "char", "character", "citext"})
_TRUTHS = {"true": True, "t": True, "false": False, "f": False}
_NULL, _FILLED = "null", "not null"
_LONGEST = 2000
"""Characters of a condition that is looked into."""
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[()]|\b(?:and|or|between)\b", re.IGNORECASE)
_TEST = re.compile(
    r"""(?P<no>not\s+)?\(?"?(?:\w+"?\."?)?(?P<name>\w+)"?\)?(?:::[\w ]+?)?
    (?:\s+is\s+(?P<state>not\s+null|null|true|false)
    |\s*=\s*(?P<value>true|false|'[^']*'|-?\d+(?:\.\d+)?)(?:::[\w ]+)?)?""",
    re.IGNORECASE | re.VERBOSE,
)


def _tests(predicate: str) -> Iterator[tuple[str, str]]:
    """What the parts of a condition that all have to hold ask of single columns: name in lower case, and the value as
    it is written, or `null`, or `not null`."""
    pending = [predicate] if len(predicate) <= _LONGEST else []
    while pending:
        part = _bare(pending.pop())
        parts = _conjuncts(part)
        if len(parts) > 1:
            pending += parts
            continue
        found = _TEST.fullmatch(part)
        if found is None or (found["no"] and (found["state"] or found["value"])):
            continue
        state = " ".join((found["state"] or "").lower().split())
        yield found["name"].lower(), state or found["value"] or ("false" if found["no"] else "true")


def _conjuncts(text: str) -> list[str]:
    """The parts of a condition that stand between ANDs outside of parentheses; only itself where it is another one."""
    depth, start, parts = 0, 0, list[str]()
    for token in _TOKEN.finditer(text):
        word = token[0].lower()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in ("or", "between"):
            return [text]
        if depth == 0 and word == "and":
            parts.append(text[start : token.start()])
            start = token.end()
    return [*parts, text[start:]]


def _bare(text: str) -> str:
    """A condition without the parentheses around all of it."""
    text = text.strip()
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes(text: str) -> int:
    """Where the parenthesis is closed with which a text begins; -1: nowhere."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 and token[0] == ")":
            return token.start()
    return -1
