"""A migration that takes rows or values away for good.

Off by default, and why: 10 of 20 findings drawn at random were right (`docs/precision`). Of the others, three dropped a
column that a field of the application fills from another one, three dropped what the code had ceased to use releases
before, one what a migration further back had copied, one narrowed words that the code checks elsewhere; two, tables
that must be empty, are silent by now. And a source tree does not say which of its migrations have run: every history
holds drops that were made long ago, each of which was destructive in its time and is nothing to do about now; a review
of a whole tree would list them all. What the rule says is worth reading where a migration is new: select it for the
files of a change.

Silent is what loses nothing, and what cannot be said to lose something:

- what the migration made itself, temporary tables, views, steps of a rollback, migrations that stand for earlier ones;
- what a statement of the same migration reads before the drop (INSERT … SELECT, UPDATE, a SELECT that code goes on
  with): the values are kept elsewhere or were looked at, and the drop is a planned second step. This is the way of a
  database that changes tables by copying them, too. That the running release still reads the old place is another
  mistake than lost data, and not this rule's;
- what follows code or a statement that was not read: it may have kept the values;
- what gives its name to a table or column that was there before the migration, which may hold the values by then;
- what lies in a table that must be empty: PostgreSQL refuses a further column that is NOT NULL without a default where
  there is a row, and the migration adds one;
- types of columns for which the code has a closed list of values;
- the remains of a table whose name the chain has given to another one since: that was renamed away first;
- computed columns, which hold nothing of their own.

A column that is dropped and added again is reported: it comes back empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Cast, Column, OpaqueCondition, OpaqueExpression, Query, Source, Star, Verb
from dblint.facts.schema import Change, Direction, Migration, Operation, SchemaColumn, Step, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule

RULE = Rule(
    summary="a migration drops, empties or narrows what may still be in use",
    why=(
        "The rows or values are gone when the migration has run: a rollback makes the table or column again, but "
        "empty, and only a restored backup brings back what it held. While a release is being made, processes of the "
        "one before still run, and fail on what they still name. Whether a migration has run already cannot be seen in "
        "its source, and every history holds drops that were made long ago: the rule is for new migrations, and off "
        "unless it is selected."
    ),
    minimal="Before the migration changes {what}, {keep}: {statement}",
    better=(
        "Make it two releases for {what}: {first}; {second} when no process of a release before the first "
        "runs any more."
    ),
    complete=(
        "Between the two releases, {between}; the second one runs after a restore of the backup of {table} was tried."
    ),
    symptoms=("column does not exist during a deployment", "a rollback brings the table back empty", "data is missing"),
    verify="SELECT relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd FROM pg_stat_user_tables",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("6.3", "6.5", "S.1"),
    looks_at="steps of migrations",
    roles=frozenset({FileRole.MIGRATION, FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "sql",
            "ALTER TABLE invoice DROP COLUMN note; -- finding\n"
            "DROP TABLE reminder; -- finding\n"
            "DELETE FROM voucher; -- finding\n"
            "TRUNCATE parcel; -- finding\n",
            path="migrations/0002_notes.sql",
        ),
        Bad(
            "sql",
            "CREATE TABLE invoice (id bigint PRIMARY KEY, amount numeric(10, 4), code varchar(40), paid timestamp);\n",
            title="types that hold less",
            path="migrations/0001_invoice.sql",
            files={
                "migrations/0002_types.sql": "ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(10, 2); -- finding\n"
                "ALTER TABLE invoice ALTER COLUMN code TYPE varchar(20); -- finding\n"
                "ALTER TABLE invoice ALTER COLUMN paid TYPE date; -- finding\n",
            },
        ),
        Bad(
            "python",
            "from alembic import op\n"
            "import sqlalchemy as sa\n\n"
            'revision = "2"\n'
            'down_revision = "1"\n\n\n'
            "def upgrade():\n"
            '    op.drop_column("invoice", "note")  # finding\n'
            '    op.add_column("invoice", sa.Column("note", sa.Text()))\n'
            '    op.drop_table("reminder")  # finding\n\n\n'
            "def downgrade():\n"
            '    op.drop_column("invoice", "note")\n',
            title="a column that comes back empty",
            path="migrations/versions/2_note.py",
        ),
        Bad(
            "python",
            "from django.db import migrations\n\n\n"
            "class Migration(migrations.Migration):\n"
            '    dependencies = [("billing", "0001_initial")]\n'
            "    operations = [\n"
            '        migrations.RemoveField("invoice", "note"),  # finding\n'
            '        migrations.DeleteModel("Reminder"),  # finding\n'
            "    ]\n",
            path="billing/migrations/0002_notes.py",
            files={
                "billing/__init__.py": "",
                "billing/migrations/__init__.py": "",
                "billing/migrations/0001_initial.py": "from django.db import migrations, models\n\n\n"
                "class Migration(migrations.Migration):\n"
                "    operations = [\n"
                '        migrations.CreateModel("Invoice", [("id", models.AutoField(primary_key=True)), '
                '("note", models.TextField())]),\n'
                '        migrations.CreateModel("Reminder", [("id", models.AutoField(primary_key=True))]),\n'
                "    ]\n",
            },
        ),
        Bad(
            "typescript",
            "import { MigrationInterface, QueryRunner } from 'typeorm';\n\n"
            "export class Notes1700000000000 implements MigrationInterface {\n"
            "  async up(runner: QueryRunner): Promise<void> {\n"
            "    await runner.dropColumn('invoice', 'note'); // finding\n"
            "    await runner.query('DROP TABLE reminder'); // finding\n"
            "  }\n\n"
            "  async down(runner: QueryRunner): Promise<void> {\n"
            "    await runner.query('DROP TABLE voucher');\n"
            "  }\n"
            "}\n",
            path="migrations/1700000000000-Notes.ts",
        ),
        Bad(
            "sql",
            '-- AlterTable\nALTER TABLE "Invoice" DROP COLUMN "note"; -- finding\n',
            path="prisma/migrations/20240102000000_notes/migration.sql",
            files={
                "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n\n'
                "model Invoice {\n  id Int @id\n  note String?\n}\n",
                "prisma/migrations/20240101000000_first/migration.sql": 'CREATE TABLE "Invoice" ("id" INTEGER PRIMARY '
                'KEY, "note" TEXT);\n',
            },
            title="the code still declares the column",
        ),
    ),
    good=(
        Good(
            "sql",
            "CREATE TABLE draft (id bigint PRIMARY KEY, note text);\n"
            "ALTER TABLE draft DROP COLUMN note;\n"
            "DELETE FROM draft;\n"
            "DROP TABLE draft;\n"
            "CREATE TEMPORARY TABLE seen (id bigint);\n"
            "DROP TABLE seen;\n"
            "DROP VIEW revenue;\n"
            "DELETE FROM invoice WHERE paid IS NULL;\n",
            title="what the migration made itself, temporary tables, views, deletes with a condition",
            path="migrations/0002_draft.sql",
        ),
        Good(
            "sql",
            "CREATE TABLE new_invoice (id integer PRIMARY KEY, note text NOT NULL);\n"
            "INSERT INTO new_invoice (id, note) SELECT id, coalesce(note, '') FROM invoice;\n"
            "DROP TABLE invoice;\n"
            "ALTER TABLE new_invoice RENAME TO invoice;\n"
            "UPDATE customer SET full_name = first_name || ' ' || last_name;\n"
            "ALTER TABLE customer DROP COLUMN first_name, DROP COLUMN last_name;\n",
            title="copied before it is dropped",
            path="migrations/0003_copy.sql",
        ),
        Good(
            "sql",
            "CREATE TABLE invoice (id bigint PRIMARY KEY, amount numeric(10, 2), code varchar(20), tax integer,\n"
            "  total integer GENERATED ALWAYS AS (tax * 2) STORED);\n",
            title="types that hold more, and a computed column",
            path="migrations/0001_invoice.sql",
            files={
                "migrations/0002_types.sql": "ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(12, 4);\n"
                "ALTER TABLE invoice ALTER COLUMN code TYPE text;\n"
                "ALTER TABLE invoice ALTER COLUMN tax TYPE bigint;\n"
                "ALTER TABLE invoice DROP COLUMN total;\n",
            },
        ),
        Good(
            "python",
            "from django.db import migrations\n\n\n"
            "def keep(apps, schema_editor):\n"
            '    for invoice in apps.get_model("billing", "Invoice").objects.all():\n'
            "        print(invoice.note)\n\n\n"
            "class Migration(migrations.Migration):\n"
            '    dependencies = [("billing", "0001_initial")]\n'
            "    operations = [\n"
            "        migrations.RunPython(keep),\n"
            '        migrations.RemoveField("invoice", "note"),\n'
            "    ]\n",
            title="code that may have kept the values",
            path="billing/migrations/0002_notes.py",
        ),
    ),
)

_DEFAULT_SCHEMAS = frozenset({"", "public", "dbo", "main"})
_UNSEEN = frozenset({"do", "call", "exec", "execute"})
"""Statements whose text does things that are not told as steps."""
_HARMLESS = frozenset({"alter column", "create extension", "create collation", "drop collation"})
"""What is told without its SQL and reads no rows."""
_WHOLE = {
    "tinyint": 1, "smallint": 2, "int2": 2, "smallserial": 2, "mediumint": 3, "int": 4, "integer": 4, "int4": 4,
    "serial": 4, "bigint": 8, "int8": 8, "bigserial": 8,
}  # fmt: skip
"""Types of whole numbers → their bytes."""
_WIDE = frozenset({"double precision", "double", "float8"})
_SINGLE = frozenset({"real", "float4"})
_DECIMAL = frozenset({"numeric", "decimal"})
_BOUNDED = frozenset({"varchar", "character varying", "nvarchar"})
_TEXT = frozenset({"text", "mediumtext", "longtext"})
_STOPS = "a value that does not fit stops the migration, and afterwards the write of a release that still makes it"
_STOPS_OR_CUTS = f"{_STOPS}; a server that is not strict cuts it instead"
_MOMENT = frozenset(
    {"timestamp", "timestamptz", "datetime", "timestamp without time zone", "timestamp with time zone", "datetime2"}
)


@dataclass(slots=True)
class _Course:
    """What a migration has done by one of its steps. A table keeps its identity where it is renamed."""

    names: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    read: set[tuple[str, str]] = field(default_factory=set)
    set: set[tuple[str, str]] = field(default_factory=set)
    texts: list[frozenset[str]] = field(default_factory=list)
    unseen: bool = False

    def table(self, name: str, schema: str = "") -> str:
        """The identity of the table that has this name by now."""
        key = _key(name, schema)
        if key in self.names:
            return self.names[key]
        alike = [known for known in self.names if known.endswith(f".{key}")] if schema == "" else []
        return self.names[alike[0]] if len(alike) == 1 else key

    def create(self, operation: Operation) -> None:
        """A table that is there from here on."""
        key = _key(operation.table or operation.name, operation.schema)
        self.names[key] = f"{key}#{len(self.names)}+{len(self.made)}"
        self.made.add(self.names[key])

    def rename(self, operation: Operation) -> None:
        """A table under a new name; the old one is free."""
        identity = self.table(operation.table, operation.schema)
        key = _key(operation.table, operation.schema)
        self.names[_key(operation.name, operation.schema)] = identity
        self.names[key] = f"{key}#gone"

    def rename_column(self, operation: Operation) -> None:
        """A column under a new name."""
        table = self.table(operation.table, operation.schema)
        for column in operation.columns[:1]:
            old, new = (table, column.name.lower()), (table, operation.name.lower())
            for marks in (self.columns, self.read, self.set):
                if old in marks:
                    marks.discard(old)
                    marks.add(new)

    def run(self, query: Query) -> None:
        """What a statement over data reads and writes."""
        named, tables, everything = _named(query)
        target = self.table(query.table) if query.verb.writes else ""
        assigned = {assignment.column.lower() for assignment in query.assignments.values()}
        self.set |= {(target, column) for column in assigned}
        if query.verb is Verb.DELETE:
            return
        for name in tables:
            table = self.table(name)
            if table != target or query.rows == "query":
                self.read.add((table, ""))
            if everything and table != target:
                self.read.add((table, "*"))
            # A column that is only set anew from itself is kept nowhere.
            kept = named if table != target or not assigned else {each for each in named if assigned - {each}}
            self.read |= {(table, column) for column in kept}

    def unsaid(self, *words: str) -> bool:
        """Whether something that was not read may have used what these words name."""
        wanted = {word.lower() for word in words if word}
        return self.unseen or any(wanted <= text for text in self.texts)


def check(migration: Migration, project: Project) -> Iterator[Finding]:
    """One finding per table, column or type that an upward step takes away, empties or narrows."""
    if migration.fresh:
        return
    steps = [step for step in migration.steps if step.direction is Direction.UP]
    dropped = {
        _key(step.operation.table, step.operation.schema)
        for step in steps
        if step.operation.change is Change.DROP_TABLE
    }
    empty = _empty(steps, migration)
    course = _Course()
    for position, step in enumerate(steps):
        operation = step.operation
        if operation.place is not None and operation.table and _key(operation.table, operation.schema) not in empty:
            yield from _judged(operation, steps[position + 1 :], course, dropped, migration, project)
        _follow(operation, course, migration, project)


def places(project: Project) -> Iterator[Place]:
    """The upward steps of migrations that run on databases with rows."""
    for migration in project.migrations:
        for step in () if migration.fresh else migration.steps:
            if step.direction is Direction.UP and step.operation.place is not None:
                yield step.operation.place


def _empty(steps: list[Step], migration: Migration) -> set[str]:
    """The tables in which there can be no row: they get a column that must have a value and has none to begin with."""
    if migration.dialect != "postgres":
        return set()  # MySQL gives such a column zeros or empty texts
    return {
        _key(step.operation.table, step.operation.schema)
        for step in steps
        if step.operation.change is Change.ADD_COLUMN and not step.conditional
        for column in step.operation.columns
        if column.nullable is False and not (column.default or column.default_by) and "serial" not in column.type
    }


def _judged(
    operation: Operation,
    later: list[Step],
    course: _Course,
    dropped: set[str],
    migration: Migration,
    project: Project,
) -> Iterator[Finding]:
    """What one operation takes away of what was there before the migration."""
    change = operation.change
    table = course.table(operation.table, operation.schema)
    if table in course.made or operation.temporary or "#" in table:
        return
    if change is Change.DROP_TABLE:
        succeeded = _succeeded(operation, Change.RENAME_TABLE, operation.table, later, course)
        if not succeeded and not _kept_table(operation, table, course, migration, project):
            yield _table_dropped(operation, later, migration, project)
    elif _key(operation.table, operation.schema) in dropped:
        return  # told once, where all of it goes
    elif change is Change.TRUNCATE or (change is Change.DATA and _everything(operation.query)):
        if (table, "") not in course.read and not course.unsaid(operation.table):
            yield _emptied(operation)
    elif change is Change.DROP_COLUMN:
        for column in operation.columns:
            succeeded = _succeeded(operation, Change.RENAME_COLUMN, column.name, later, course)
            if not succeeded and not _kept_column(operation, column, table, course, project):
                yield _column_dropped(operation, column, later, migration, project)
    elif change is Change.ALTER_TYPE:
        yield from _narrowed(operation, table, course, migration, project)


def _follow(operation: Operation, course: _Course, migration: Migration, project: Project) -> None:
    """What the migration has made and read after an operation."""
    change = operation.change
    if operation.query is not None:
        course.run(operation.query)
    if change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
        if not (operation.if_not_exists and _made_before(operation.table or operation.name, migration, project)):
            course.create(operation)
    elif change is Change.RENAME_TABLE:
        course.rename(operation)
    elif change is Change.RENAME_COLUMN:
        course.rename_column(operation)
    elif change is Change.ADD_COLUMN:
        table = course.table(operation.table, operation.schema)
        course.columns |= {(table, column.name.lower()) for column in operation.columns}
    elif change is Change.DATA and operation.query is None:
        course.unseen = True
    elif change is Change.OTHER:
        if operation.name in _UNSEEN:
            course.texts.append(_words(operation.sql))
        elif not operation.sql and not operation.table and operation.name not in _HARMLESS:
            course.unseen = True


def _succeeded(operation: Operation, change: Change, name: str, later: list[Step], course: _Course) -> bool:
    """Whether what was there before the migration gets the name of what is dropped: it may hold the values by then."""
    for step in later:
        other = step.operation
        if other.change is not change or other.name.lower() != name.lower():
            continue
        table = course.table(other.table, other.schema)
        if change is Change.RENAME_TABLE:
            return table not in course.made
        if _key(other.table, other.schema) == _key(operation.table, operation.schema):
            return not any((table, column.name.lower()) in course.columns for column in other.columns)
    return False


def _kept_table(operation: Operation, table: str, course: _Course, migration: Migration, project: Project) -> bool:
    """Whether a dropped table's rows are elsewhere, or nothing can be said of them."""
    before = _former(operation, project)
    if before is not None and before.view:
        return True
    name = operation.table.lower()
    if operation.if_exists and name in project.history.get(migration.path, ()):
        return True  # it is not there before the migration makes it
    if any(known == table for known, _ in course.read) or course.unsaid(operation.table):
        return True
    return _replaced(name, migration, project)


def _kept_column(operation: Operation, column: SchemaColumn, table: str, course: _Course, project: Project) -> bool:
    """Whether a dropped column's values are elsewhere, or nothing can be said of them."""
    name = column.name.lower()
    if not name or (table, name) in course.columns:
        return True
    if (table, name) in course.read or (table, "*") in course.read or course.unsaid(operation.table, name):
        return True
    before = _column(_former(operation, project), name)
    return before is not None and before.default.startswith("generated") and not before.default.endswith("identity")


def _replaced(name: str, migration: Migration, project: Project) -> bool:
    """Whether the table was renamed away earlier in the chain, and another one has its name since."""
    old = ""
    for other in project.migrations:
        if other.chain != migration.chain or other.order >= migration.order:
            continue
        for step in other.steps:
            operation = step.operation
            if step.direction is not Direction.UP:
                continue
            if operation.change is Change.RENAME_TABLE and operation.name.lower() == name:
                old = operation.table.lower()
            elif old and operation.change is Change.CREATE_TABLE and operation.table.lower() == old:
                return True
    return False


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


def _everything(query: Query | None) -> bool:
    """Whether a statement deletes every row of its table."""
    if query is None or query.verb is not Verb.DELETE or len(query.sources.elements) != 1:
        return False
    return query.where.surely_absent() and query.limit.surely_absent() and not query.sources.open


def _named(query: Query) -> tuple[set[str], set[str], bool]:
    """The columns that a statement names besides those it sets, its tables, and whether it asks for all columns."""
    columns: set[str] = set()
    tables: set[str] = set()
    everything = False
    pending: list[object] = [query]
    while pending:
        item = pending.pop()
        if isinstance(item, Column):
            columns.add(item.name.lower())
        elif isinstance(item, Star):
            everything = True
        elif isinstance(item, Source) and item.real and item.name:
            tables.add(item.name)
        elif isinstance(item, OpaqueExpression | OpaqueCondition) and item.text and not item.columns:
            everything = True
        if isinstance(item, Query) and item.projection.open:
            everything = True
        if isinstance(item, msgspec.Struct):
            pending += [getattr(item, name) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            pending += item
    return columns, tables, everything


# Types


def _narrowed(
    operation: Operation, table: str, course: _Course, migration: Migration, project: Project
) -> Iterator[Finding]:
    """Changes to a type that holds less, where both types are known."""
    before = _former(operation, project)
    if before is None or not before.complete or migration.dialect == "sqlite":
        return  # SQLite keeps values as they are, whatever the type
    for column in operation.columns:
        old = _column(before, operation.name.lower()) or _column(before, column.name.lower())
        if old is None or (table, old.name.lower()) in course.columns:
            continue
        if (table, old.name.lower()) in course.set or course.unsaid(operation.table, old.name):
            continue
        if operation.using is not None and not isinstance(operation.using, Cast):
            continue
        if old.choices and column.choices:
            continue  # a closed list of values that the code gives: what they need is known to whoever narrows
        stops = _STOPS_OR_CUTS if migration.dialect == "mysql" else _STOPS
        loss = _loss(old.type, column.type, "longer values are cut" if operation.using is not None else stops, stops)
        if loss:
            what = f"{old.name} of {operation.table}"
            yield _finding(
                operation,
                f"{what} goes from {old.type} to {column.type}: {loss}",
                what,
                spelling.kept_copy(operation.table, operation.schema, _copied(before, old.name), operation.dialect),
                narrowed=column.type,
            )


def _loss(old: str, new: str, longer: str, fits: str) -> str:
    """What happens to values that a narrower type does not hold; "" where it holds them, or that cannot be said.
    `longer` is what happens to longer texts, `fits` to all other values that do not fit."""
    (before, given), (after, wanted) = _type(old), _type(new)
    if before in _WHOLE and after in _WHOLE:
        return fits if _WHOLE[after] < _WHOLE[before] else ""
    if before in _BOUNDED | _TEXT and after in _BOUNDED and len(wanted) == 1:
        if (before in _BOUNDED and len(given) != 1) or (given and wanted[0] >= given[0]):
            return ""
        return longer
    if before in _DECIMAL and after in _DECIMAL and given and wanted:
        scale, kept = (given[1:] or (0,))[0], (wanted[1:] or (0,))[0]
        if kept < scale:
            return f"values are rounded to {kept} decimals"
        return fits if kept == scale and wanted[0] < given[0] else ""
    if before in _WIDE and after in _SINGLE:
        return "values are rounded to 6 digits"
    if (before in _WIDE | _SINGLE or (before in _DECIMAL and given[1:] not in ((), (0,)))) and after in _WHOLE:
        return "values are rounded to whole numbers"
    if before in _MOMENT and after == "date":
        return "the times of day are lost"
    return ""


def _type(word: str) -> tuple[str, tuple[int, ...]]:
    """A type's name and its numbers."""
    name, _, rest = word.lower().partition("(")
    inside, _, behind = rest.partition(")")
    numbers = [part.strip() for part in inside.split(",") if part.strip()]
    if not all(number.isdigit() for number in numbers):
        return "", ()
    return " ".join(f"{name} {behind}".split()), tuple(int(number) for number in numbers)


# What is said


def _table_dropped(operation: Operation, later: list[Step], migration: Migration, project: Project) -> Finding:
    name = operation.table
    declared = project.declared.get(name.lower())
    uses = "and a running release that still uses it fails"
    related: tuple[Related, ...] = ()
    if _made_again(operation, later):
        uses = "and the table that gets its name has none of them"
    elif declared is not None and not project.databases(name) and _former(operation, project) is not None:
        uses = f"and the code still uses it: {declared.model or declared.name} declares it"
        if declared.place is not None:
            related = (Related(declared.place, f"{declared.name} is declared here"),)
    before = _prepared(operation.table, "", migration, project)
    loses = f"loses its rows unless {before} has copied them" if before else "loses all of its rows"
    statement = spelling.kept_copy(name, operation.schema, dialect=operation.dialect)
    return _finding(operation, f"dropping {name} {loses}, {uses}", name, statement, related)


def _column_dropped(
    operation: Operation, column: SchemaColumn, later: list[Step], migration: Migration, project: Project
) -> Finding:
    table, name = operation.table, column.name
    uses = "and a running release that still names it fails"
    related: tuple[Related, ...] = ()
    declared = project.declared.get(table.lower())
    still = _column(declared, name.lower())
    stored = project.databases(table)
    if _added_again(operation, column, later):
        uses = "and the column that gets its name has none of them"
    elif declared is not None and still is not None and stored and all(_lacks(each, name) for each in stored):
        uses = f"and the code still uses it: {declared.model or declared.name} declares it"
        place = still.place or declared.place
        related = (Related(place, f"{name} of {table} is declared here"),) if place is not None else ()
    what = f"{name} of {table}"
    before = _prepared(table, name, migration, project)
    loses = f"loses its values unless {before} has copied them" if before else "loses its values"
    kept = _copied(_former(operation, project), name)
    statement = spelling.kept_copy(table, operation.schema, kept, operation.dialect)
    return _finding(operation, f"dropping {what} {loses}, {uses}", what, statement, related)


def _emptied(operation: Operation) -> Finding:
    name = operation.table
    statement = spelling.kept_copy(name, operation.schema, dialect=operation.dialect)
    return _finding(operation, f"every row of {name} is deleted", f"the rows of {name}", statement)


def _finding(
    operation: Operation,
    message: str,
    what: str,
    statement: str,
    related: tuple[Related, ...] = (),
    *,
    narrowed: str = "",
) -> Finding:
    """`narrowed`: the type that values have to fit, where it is one that changes."""
    assert operation.place is not None  # noqa: S101 - operations without a place are not judged
    names = {"what": what, "table": operation.table, "statement": statement}
    if narrowed:
        names |= {
            "keep": "keep what does not fit",
            "first": f"the first one writes only what {narrowed} holds, and brings what is stored to that",
            "second": "the second one changes the type",
            "between": f"count the rows of {operation.table} that do not fit {narrowed}, until there are none",
        }
    else:
        names |= {
            "keep": "keep a copy of it",
            "first": "the first one stops reading and writing it",
            "second": "the second one takes it away",
            "between": (
                f"give {what} a name that nothing uses, so that a forgotten reader fails while it can be named back"
            ),
        }
    return Finding(operation.place, message, names=names, related=related)


def _made_again(operation: Operation, later: list[Step]) -> bool:
    """Whether a later step of the migration makes a table of that name, or gives the name to another one."""
    key = _key(operation.table, operation.schema)
    return any(
        (step.operation.change is Change.CREATE_TABLE and _key(step.operation.table, step.operation.schema) == key)
        or (step.operation.change is Change.RENAME_TABLE and _key(step.operation.name, step.operation.schema) == key)
        for step in later
    )


def _added_again(operation: Operation, column: SchemaColumn, later: list[Step]) -> bool:
    """Whether a later step of the migration adds a column of that name to that table, or renames one to it."""
    return any(
        step.operation.change in (Change.ADD_COLUMN, Change.RENAME_COLUMN)
        and _key(step.operation.table, step.operation.schema) == _key(operation.table, operation.schema)
        and step.operation.name.lower() == column.name.lower()
        for step in later
    )


def _lacks(table: Table, column: str) -> bool:
    """Whether a table surely has no such column."""
    return table.complete and _column(table, column.lower()) is None


def _prepared(table: str, column: str, migration: Migration, project: Project) -> str:
    """The name of the migration just before, where it reads what is dropped now, or runs what was not read: it may
    be the step that copies."""
    earlier = [
        other for other in project.migrations if other.chain == migration.chain and other.order < migration.order
    ]
    if not earlier:
        return ""
    last = max(earlier, key=lambda other: other.order)
    course = _Course()
    for step in last.steps:
        if step.direction is Direction.UP:
            _follow(step.operation, course, last, project)
    name = course.table(table)
    read = {(name, column.lower()), (name, "*")} if column else {(name, "")}
    said = bool(read & course.read) or course.unsaid(table, column)
    return last.name.rpartition(".")[2] or "the migration before it" if said else ""


def _copied(before: Table | None, column: str) -> tuple[str, ...]:
    """The columns that a copy of one column needs so that it can be put back; none for all."""
    keys = next((key.columns for key in before.keys if key.kind == "primary"), ()) if before is not None else ()
    return (*(key for key in keys if key != column), column) if keys and all(keys) else ()


def _former(operation: Operation, project: Project) -> Table | None:
    """The operation's table as it is before."""
    if operation.place is None:
        return None
    return project.former.get((operation.place, operation.table.lower()))


def _column(table: Table | None, name: str) -> SchemaColumn | None:
    columns = table.columns if table is not None else ()
    return next((column for column in columns if column.name.lower() == name), None)


def _key(name: str, schema: str) -> str:
    qualifier = schema.lower()
    return name.lower() if qualifier in _DEFAULT_SCHEMAS else f"{qualifier}.{name.lower()}"


def _words(text: str) -> frozenset[str]:
    """The words of a procedure's body."""
    return frozenset("".join(each if each.isalnum() or each == "_" else " " for each in text.lower()).split())
