"""What a migration has done by one of its steps, and what the migrations before it did to what it takes away."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import UTC, datetime, timedelta

import msgspec

from dblint.facts.project import Project
from dblint.facts.query import Column, Function, OpaqueCondition, OpaqueExpression, Query, Source, Star, Verb
from dblint.facts.schema import CALLS, Change, Direction, Migration, Operation, SchemaColumn, Table

_DEFAULT_SCHEMAS = frozenset({"", "public", "dbo", "main"})
_UNSEEN = frozenset({"do", "call", "exec", "execute"})
"""Statements whose text does things that are not told as steps."""
_ROUTINES = frozenset({"create function", "create procedure", "create routine", "create proc"})
_COPYING = frozenset({"insert", "select", "update", "merge", "copy"})
"""Words of statements that put rows elsewhere."""
_HARMLESS = frozenset({"alter column", "create extension", "create collation", "drop collation"})
"""What is told without its SQL and reads no rows."""

_CYCLE = timedelta(weeks=5)
"""What is closer together may be one release: a month, and the days until it is out."""
_TOGETHER = timedelta(hours=1)
"""What is closer together is one branch's."""
_CLOSE = 3
"""How many migrations may be one release, where a chain tells no times."""


class Course(msgspec.Struct):
    """What a migration has done by one of its steps. A table keeps its identity where it is renamed. `made`: the
    tables, `columns`: the columns that were not there before; `read`: what is kept elsewhere or was looked at; `set`:
    what has new values; `texts`: the words of what was not read; `code`: some of them are of code of the program;
    `unseen`: not even the words are known."""

    names: dict[str, str] = msgspec.field(default_factory=dict)
    made: set[str] = msgspec.field(default_factory=set)
    columns: set[tuple[str, str]] = msgspec.field(default_factory=set)
    read: set[tuple[str, str]] = msgspec.field(default_factory=set)
    set: set[tuple[str, str]] = msgspec.field(default_factory=set)
    texts: list[frozenset[str]] = msgspec.field(default_factory=list)
    code: bool = False
    unseen: bool = False

    def table(self, name: str, schema: str = "") -> str:
        """The identity of the table that has this name by now."""
        identity = key(name, schema)
        if identity in self.names:
            return self.names[identity]
        alike = [known for known in self.names if known.endswith(f".{identity}")] if schema == "" else []
        return self.names[alike[0]] if len(alike) == 1 else identity

    def follow(self, operation: Operation, migration: Migration, project: Project) -> None:
        """What the migration has made and read after an operation."""
        change = operation.change
        if operation.query is not None:
            self._run(operation.query)
        self._call(_called(operation), migration, project)
        if change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
            if not (operation.if_not_exists and _made_before(operation.table or operation.name, migration, project)):
                self._create(operation)
        elif change is Change.RENAME_TABLE:
            self._rename(operation)
        elif change is Change.RENAME_COLUMN:
            self._rename_column(operation)
        elif change is Change.ADD_COLUMN:
            table = self.table(operation.table, operation.schema)
            self.columns |= {(table, column.name.lower()) for column in operation.columns}
        elif change is Change.DATA and operation.query is None:
            self.unseen = True
        elif change is Change.OTHER:
            if operation.name in _UNSEEN:
                self.texts.append(_words(operation.sql))
            elif operation.words:
                self.texts.append(operation.words)
                self.code = True
            elif not operation.sql and not operation.table and operation.name not in _HARMLESS:
                self.unseen = True

    def has_read(self, name: str, schema: str, column: str | None = None) -> bool:
        """Whether a table (`column`: "") or one of its columns was read, or (None) any of these. A name without a
        schema may be the same table's with one: the connection's search path decides."""
        own, bare = key(name, schema), key(name, "")
        identity = self.table(name, schema)
        for known, each in self.read:
            same = known == identity or (
                identity == own and (known == bare or (own == bare and known.endswith(f".{bare}")))
            )
            if same and column in (None, each):
                return True
        return False

    def unsaid(self, words: Set[str]) -> bool:
        """Whether something that was not read may have used what one of these words names."""
        return self.unseen or any(words & text for text in self.texts)

    def _call(self, names: Set[str], migration: Migration, project: Project) -> None:
        """The words of the routines that a statement calls, and of those that they call, as far as migrations make
        them. What one puts together at run time may copy any table."""
        known = _routines(migration, project) if names else {}
        pending, seen = sorted(names & known.keys()), set[str]()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            words = _words(known[name])
            self.texts.append(words)
            self.unseen = self.unseen or ("execute" in words and bool(words & _COPYING))
            pending += sorted(words & known.keys())

    def _create(self, operation: Operation) -> None:
        """A table that is there from here on."""
        name = key(operation.table or operation.name, operation.schema)
        self.names[name] = f"{name}#{len(self.names)}+{len(self.made)}"
        self.made.add(self.names[name])

    def _rename(self, operation: Operation) -> None:
        """A table under a new name; the old one is free."""
        identity = self.table(operation.table, operation.schema)
        old = key(operation.table, operation.schema)
        self.names[key(operation.name, operation.schema)] = identity
        self.names[old] = f"{old}#gone"

    def _rename_column(self, operation: Operation) -> None:
        """A column under a new name."""
        table = self.table(operation.table, operation.schema)
        for column in operation.columns[:1]:
            old, new = (table, column.name.lower()), (table, operation.name.lower())
            for marks in (self.columns, self.read, self.set):
                if old in marks:
                    marks.discard(old)
                    marks.add(new)

    def _run(self, query: Query) -> None:
        """What a statement over data reads and writes."""
        named, tables, everything = _named(query)
        first = query.sources.elements[0].value if query.sources.elements else None
        target = self.table(first.name, first.schema) if first is not None and query.verb.writes else ""
        assigned = {assignment.column.lower() for assignment in query.assignments.values()}
        self.set |= {(target, column) for column in assigned}
        if query.verb is Verb.DELETE:
            return
        if query.verb is Verb.INSERT:
            tables = tables[1:]  # the first one is only written
        for name, schema in dict.fromkeys(tables):
            table = self.table(name, schema)
            if table != target or query.rows == "query":
                self.read.add((table, ""))
            if everything and table != target:
                self.read.add((table, "*"))
            # A column that is only set anew from itself is kept nowhere.
            kept = named if table != target or not assigned else {each for each in named if assigned - {each}}
            self.read |= {(table, column) for column in kept}


class Past(msgspec.Struct):
    """What the migrations of the chain before one did to a table or column. `kept`: one of them read it, to put it
    elsewhere; `made`: the one that made it."""

    kept: bool = False
    made: Migration | None = None


def past(operation: Operation, name: str, column: str, migration: Migration, project: Project) -> Past:
    """What was done to a table (or one of its columns) before this migration, from the last one backwards. `name`:
    the table's before this migration."""
    before = former(operation, project)
    table, found = name.lower(), Past()
    for other in _earlier(migration, project):
        for step in reversed(other.steps):
            each = step.operation
            if step.direction is not Direction.UP:
                continue
            near = may_be_same(each.schema, operation.schema)
            here = near and each.table.lower() == table
            if near and each.change is Change.RENAME_TABLE and each.name.lower() == table:
                table = each.table.lower()
            elif each.change is Change.RENAME_COLUMN and here and column and each.name.lower() == column.lower():
                column = each.columns[0].name if each.columns else column
            elif here and (
                each.change is Change.CREATE_TABLE
                or (
                    each.change is Change.ADD_COLUMN and any(new.name.lower() == column.lower() for new in each.columns)
                )
            ):
                found.made = other
                return found
            elif not found.kept:
                found.kept = _keeps(each, table, operation.schema, column, before, other, project)
    return found


def _makes(operation: Operation, column: str) -> bool:
    """Whether an operation on its table makes that, or one of its columns."""
    if operation.change is Change.ADD_COLUMN:
        return any(new.name.lower() == column.lower() for new in operation.columns)
    return operation.change is Change.CREATE_TABLE


def _keeps(
    operation: Operation,
    table: str,
    schema: str,
    column: str,
    before: Table | None,
    migration: Migration,
    project: Project,
) -> bool:
    """Whether an operation reads what is in a table or column, or runs code that names it."""
    if operation.words or operation.name in _UNSEEN:
        text = operation.words or _words(operation.sql)
        if not table_words(table, before) & text:
            return False
        return not column or bool(column_words(column, before) & text)
    query = operation.query
    if query is None:
        return False
    course = Course()
    course.follow(operation, migration, project)
    if column:
        return course.has_read(table, schema, column.lower())
    return course.has_read(table, schema, "") and (query.rows == "query" or query.verb is Verb.SELECT)


def _earlier(migration: Migration, project: Project) -> Iterator[Migration]:
    """The migrations of the chain before this one, the last first."""
    earlier = [each for each in project.migrations if each.chain == migration.chain and each.order < migration.order]
    yield from sorted(earlier, key=lambda each: each.order, reverse=True)


def newest(migration: Migration, project: Project) -> bool:
    """Whether it may not have run yet: no further migration of the chain follows, nor one of another chain that was
    written more than five weeks later."""
    if any(each.chain == migration.chain and each.order > migration.order for each in project.migrations):
        return False
    then = written(migration)
    return then is None or not any(
        (time := written(each)) is not None and time - then > _CYCLE for each in project.migrations
    )


def hardly_apart(made: Migration, migration: Migration, project: Project) -> bool:
    """Whether two migrations of a chain may be of one release: they were written within five weeks. Where nothing tells
    times: they stand close together, and the first one does not begin the chain, which makes what is in use already."""
    chain = sorted((each for each in project.migrations if each.chain == migration.chain), key=lambda each: each.order)
    orders = [each.order for each in chain]
    first, last = orders.index(made.order), orders.index(migration.order)
    then, now = _time(chain[: first + 1]), _time(chain[: last + 1])
    if then is not None and now is not None:
        return now - then <= _CYCLE
    return first > 0 and last - first <= _CLOSE


def made_just_before(table: str, migration: Migration, project: Project) -> bool:
    """Whether the migration directly before, or one of those within an hour before, has made a table: one branch wrote
    both, and they run together, so that nobody has rows there yet. The first one of a chain makes what is in use
    already."""
    now = written(migration)
    earlier = list(_earlier(migration, project)) if now is not None else []
    for other in earlier[:-1]:
        then = written(other)
        if then is None or now is None or now - then > _TOGETHER:
            return False
        if table.lower() in project.history.get(other.path, ()):
            return True
    return False


def _time(chain: list[Migration]) -> datetime | None:
    """When the last migration of a chain was written, or the last one before it of which that is known."""
    return next((time for each in reversed(chain) if (time := written(each)) is not None), None)


def written(migration: Migration) -> datetime | None:
    """When a migration was written: as its file says, or its name, in digits or milliseconds."""
    if migration.written:
        return datetime.fromisoformat(migration.written).replace(tzinfo=UTC)
    stem = (migration.name or migration.path.rpartition("/")[2]).rpartition("/")[2]
    digits = "".join(each if each.isdigit() else " " for each in stem).split()
    for number, following in zip(digits, [*digits[1:], ""], strict=False):
        try:
            if len(number) == 14:
                return datetime.strptime(number, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            if len(number) == 13:
                return datetime.fromtimestamp(int(number) / 1000, tz=UTC)
            if len(number) == 8 and len(following) in (4, 6):
                day = datetime.strptime(number, "%Y%m%d").replace(tzinfo=UTC)
                hour, minute = int(following[:2]), int(following[2:4])
                return day.replace(hour=hour, minute=minute) if hour < 24 and minute < 60 else day
        except ValueError:
            continue
    return None


def table_words(table: str, before: Table | None) -> frozenset[str]:
    """How code and SQL may call a table."""
    return frozenset({table.lower(), before.model.lower() if before is not None else ""} - {""})


def column_words(column: str, before: Table | None) -> frozenset[str]:
    """How code and SQL may call a column."""
    known = column_of(before, column.lower())
    return frozenset({column.lower(), known.attribute.lower() if known is not None else ""} - {""})


def former(operation: Operation, project: Project) -> Table | None:
    """The operation's table as it is before."""
    if operation.place is None:
        return None
    return project.former.get((operation.place, operation.table.lower()))


def column_of(table: Table | None, name: str) -> SchemaColumn | None:
    """A table's column of that name (lower case)."""
    columns = table.columns if table is not None else ()
    return next((column for column in columns if column.name.lower() == name), None)


def key(name: str, schema: str) -> str:
    """A table's name behind its schema's, unless that is the usual one."""
    qualifier = schema.lower()
    return name.lower() if qualifier in _DEFAULT_SCHEMAS else f"{qualifier}.{name.lower()}"


def named(operation: Operation) -> str:
    """The operation's table as a message calls it: with its schema, unless that is the usual one."""
    usual = operation.schema.lower() in _DEFAULT_SCHEMAS
    return operation.table if usual or not operation.table else f"{operation.schema}.{operation.table}"


def may_be_same(schema: str, other: str) -> bool:
    """Whether two schemas may be one: where none is written, the connection's search path decides."""
    names = {schema.lower(), other.lower()}
    return len(names) == 1 or "" in names or names <= _DEFAULT_SCHEMAS


def _made_before(table: str, migration: Migration, project: Project) -> bool:
    """Whether an earlier migration of the chain makes the table, so that IF NOT EXISTS finds it there."""
    name = table.lower()
    if name in project.history.get(migration.path, ()):
        return False
    return any(
        name in project.history.get(other.path, ())
        for other in project.migrations
        if other.chain == migration.chain and other.order < migration.order
    )


def _named(query: Query) -> tuple[set[str], list[tuple[str, str]], bool]:
    """The columns that a statement names besides those it sets, its tables and their schemas in order, and whether it
    asks for all columns."""
    columns: set[str] = set()
    tables: list[tuple[str, str]] = []
    everything = False
    pending: list[object] = [query]
    while pending:
        item = pending.pop()
        if isinstance(item, Column):
            columns.add(item.name.lower())
        elif isinstance(item, Star):
            everything = True
        elif isinstance(item, Source) and item.real and item.name:
            tables.append((item.name, item.schema))
        elif isinstance(item, OpaqueExpression | OpaqueCondition) and item.text and not item.columns:
            everything = True
        if isinstance(item, Query) and item.projection.open:
            everything = True
        if isinstance(item, msgspec.Struct):
            pending += [getattr(item, name) for name in reversed(item.__struct_fields__)]
        elif isinstance(item, tuple):
            pending += reversed(item)
    return columns, tables, everything


def _called(operation: Operation) -> frozenset[str]:
    """The functions and procedures that a statement calls, by their names in lower case."""
    if operation.query is not None:
        return _functions(operation.query)
    if operation.change is not Change.OTHER or operation.name not in _UNSEEN:
        return frozenset()
    names = {value.lower() for option, value in operation.options if option == CALLS}
    return frozenset(names) if operation.name == "do" else _words(operation.sql)


def _functions(query: Query) -> frozenset[str]:
    """The functions that a statement applies, wherever in it."""
    names: set[str] = set()
    pending: list[object] = [query]
    while pending:
        item = pending.pop()
        if isinstance(item, Function):
            names.add(item.name.lower())
        elif isinstance(item, Source) and not item.real:
            names.add(item.name.lower())  # SELECT … FROM f(…)
        if isinstance(item, msgspec.Struct):
            pending += [getattr(item, name) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            pending += item
    return frozenset(names)


def _routines(migration: Migration, project: Project) -> dict[str, str]:
    """The functions and procedures that this migration or an earlier one of the chain makes: name → SQL."""
    chain = [each for each in project.migrations if each.chain == migration.chain and each.order <= migration.order]
    return {
        step.operation.value.lower().rpartition(".")[2]: step.operation.sql
        for each in sorted(chain, key=lambda each: each.order)
        for step in each.steps
        if step.operation.name in _ROUTINES and step.direction is Direction.UP
    }


def _words(text: str) -> frozenset[str]:
    """The words of a procedure's body."""
    return frozenset("".join(each if each.isalnum() or each == "_" else " " for each in text.lower()).split())
