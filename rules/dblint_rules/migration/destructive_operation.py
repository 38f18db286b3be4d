"""A migration that takes rows or values away for good.

A source tree does not say which of its migrations have run, and every history holds drops that were made long ago and
that a release before had prepared: two releases are the way to do it, and the second one's migration looks like any
other drop. What is told is where that is not so, or where it can still be acted upon:

- where the same migration goes on: it adds columns to the table or one of the same name elsewhere, keeps what the
  table holds besides, or makes other tables in the place of one that it drops. It was made with the release that
  changes over, and the one before it, which runs meanwhile, knew nothing of it;
- where the name is given again: what gets it begins empty;
- where the models or schema files of the code still declare what no migration makes again;
- in the newest migration of a chain, which may not have run yet: all that it takes away. It has run where another chain
  of the code base was written on for five weeks since;
- where all rows of a table are deleted that the code or its migrations know, and where a type cuts values, or rounds
  them to whole ones.

Silent is what loses nothing, and what cannot be said to lose something:

- a migration further back that only takes away: nothing tells it from a planned last step. Where the release before did
  still use what it drops, that is missed: of 20 findings drawn before this distinction (`docs/precision`), four;
- what an earlier migration of the chain has put elsewhere: its statements, or words of its code, name table and column;
- what was made within five weeks before, by the times in the migrations' names or above their code: often one branch
  made both, and no release had it. Where a chain tells no times, what one of the three migrations before has made,
  unless that begins the chain: the first one makes what was in use already;
- a type that is too narrow for some values, or keeps fewer decimals, unless the migration is the newest: databases
  refuse the one with all values in place (MySQL since 5.7 and MariaDB since 10.2.4, too, where each statement before
  stays done: the message says so), and of the other nothing tells that the code needed what goes;
- a table that is dropped and made again with the same columns, of the same types or such that hold more, unless other
  tables refer to it or the migration is the newest: the release before goes on with it, and who writes that wants it
  to be empty;
- a table that is dropped IF EXISTS, and that neither the code, nor its queries, nor an earlier migration knows;
- a migration that says that it runs when no release is left that used what it takes away (`Safe.after_deploy()`);
- what the migration made itself, temporary tables, views, steps of a rollback, migrations that stand for earlier ones;
- a materialized view that puts its rows into another table, also where no migration before made it: the migration makes
  it anew, and other SQL of the project, too, says what it is;
- what a statement of the same migration reads before the drop (INSERT … SELECT, UPDATE, a SELECT that code goes on
  with), or its code names: the values are kept elsewhere or were looked at. This is the way of a database that changes
  tables by copying them, too. That the running release still reads the old place is another mistake than lost data;
- what follows code or a statement of which not even the words are known: it may have kept the values;
- what a function or procedure that the migrations make and that is called before names, and anything where it puts its
  statements together itself: it may have copied any table;
- a table that is made again or emptied and whose rows a function of the program makes of other tables': it deletes all
  that are there and inserts them anew;
- what gives its name to a table or column that was there before the migration, which may hold the values by then;
- what lies in a table that must be empty: PostgreSQL refuses a further column that is NOT NULL without a default where
  there is a row, and the migration adds one; and in a table whose rows all refer to such a one;
- types of columns for which the code has a closed list of values;
- the remains of a table whose name the chain has given to another one since: that was renamed away first;
- a table whose name a new one gets that the migration fills from others, and a column that it adds again and fills from
  what is stored: who writes that makes the rows or values again;
- a reference where code of the migration names the table that it refers to: it may have followed it from there;
- computed columns, and those that only serve to search others: they hold nothing of their own.

What it cannot say: that a column which is dropped and replaced was out of use already though the release before still
mapped it, or that the program fills it from another one; whether code of an earlier migration deleted the rows of a
table that is dropped; and whether there was a release at all before the drop. These causes are left. Five weeks are a
monthly release and the days until it is out: where each change is released by itself, what was in use for a shorter
time is missed.

Over the code bases of the draws each finding that is left was read as right (`docs/precision`); of 25 over seven
further ones 20 were, none was wrong, and five are disputed: columns that the release before only mapped, so that its
statements fail and no value is missed, or whose values it made of another column. The source that is left does not say
what the code before did with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Cast
from dblint.facts.schema import Change, Direction, Migration, Operation, SchemaColumn, Step, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule
from dblint_rules.migration._again import (
    added_again,
    filled_again,
    made_again,
    name_before,
    renaming,
    same_columns,
    same_references,
    set_again,
)
from dblint_rules.migration._course import (
    Course,
    column_of,
    column_words,
    former,
    hardly_apart,
    key,
    may_be_same,
    named,
    newest,
    past,
    table_words,
)
from dblint_rules.migration._rows import everything, without_rows
from dblint_rules.migration._types import FRACTIONS, cuts, loss

RULE = Rule(
    summary="a migration drops, empties or narrows what may still be in use",
    why=(
        "The rows or values are gone when the migration has run: a rollback makes the table or column again, but "
        "empty, and only a restored backup brings back what it held. While a release is being made, processes of the "
        "one before still run, and fail on what they still name. A drop belongs into a release of its own, after one "
        "that has stopped reading and writing what goes; a migration that drops and builds at once leaves no time "
        "between."
    ),
    minimal=(
        "Leave the text of a migration alone that ran already, and take what it did into the baseline; before one that "
        "did not run changes {what}, {keep}: {statement}"
    ),
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
    default=True,
    checklist=("6.3", "6.5", "S.1"),
    looks_at="steps of migrations",
    roles=frozenset({FileRole.MIGRATION, FileRole.APP, FileRole.SCRIPT}),
    uses=True,
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
            "CREATE TABLE invoice (id bigint PRIMARY KEY, plan text, tax integer);\n"
            "CREATE TABLE share (id bigint PRIMARY KEY, invoice_id bigint);\n",
            title="what is dropped while the migration builds something beside it",
            path="migrations/0001_invoice.sql",
            files={
                "migrations/0002_customer.sql": "ALTER TABLE customer ADD COLUMN plan text;\n"
                "ALTER TABLE invoice DROP COLUMN plan; -- finding\n"
                "CREATE TABLE link (id bigint PRIMARY KEY, slug text);\n"
                "DROP TABLE share; -- finding\n",
                "migrations/0003_index.sql": "CREATE INDEX link_slug ON link (slug);\n",
            },
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
            "sql",
            "CREATE TABLE invoice (id bigint PRIMARY KEY, note text, memo text, tax integer);\n",
            title="a last step of its own further back, and one that an earlier migration has prepared",
            path="migrations/0001_invoice.sql",
            files={
                "migrations/0002_memo.sql": "UPDATE invoice SET memo = note;\n",
                "migrations/0003_tax.sql": "ALTER TABLE invoice DROP COLUMN tax;\n",
                "migrations/0004_note.sql": "ALTER TABLE invoice DROP COLUMN note;\n",
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
        Good(
            "python",
            "from django.db import migrations\n"
            "from django_safemigrate import Safe\n\n\n"
            "class Migration(migrations.Migration):\n"
            "    safe = Safe.after_deploy()\n"
            '    dependencies = [("billing", "0001_initial")]\n'
            '    operations = [migrations.RemoveField("invoice", "note")]\n',
            title="django-safemigrate runs it when the release that used the column is gone",
            path="billing/migrations/0002_notes.py",
        ),
    ),
)

_INDEXED = frozenset({"tsvector"})
"""Types whose values are made of other columns' texts, to search them."""
_STOPS = "a value that does not fit stops the migration, and afterwards the write of a release that still makes it"
_STOPS_HALFWAY = f"{_STOPS}; what the migration did before that stays done, as each statement commits by itself"


class _Build(msgspec.Struct):
    """What a migration makes besides: the tables and columns, and the tables that it drops. `steps`: all upward
    ones."""

    tables: list[str] = msgspec.field(default_factory=list)
    columns: list[tuple[str, str, str]] = msgspec.field(default_factory=list)
    """Table, its schema, column."""
    dropped: set[str] = msgspec.field(default_factory=set)
    newest: bool = False
    steps: list[Step] = msgspec.field(default_factory=list)


def check(migration: Migration, project: Project) -> Iterator[Finding]:
    """One finding per table, column or type that an upward step takes away, empties or narrows."""
    if migration.fresh or migration.afterwards:
        return
    steps = [step for step in migration.steps if step.direction is Direction.UP]
    build = _build(steps, newest(migration, project))
    empty = without_rows(steps, migration, project)
    course = Course()
    for position, step in enumerate(steps):
        operation = step.operation
        if operation.place is not None and operation.table and key(operation.table, operation.schema) not in empty:
            yield from _judged(operation, steps[position + 1 :], course, build, migration, project)
        course.follow(operation, migration, project)


def _build(steps: list[Step], last: bool) -> _Build:
    build = _Build(newest=last, steps=steps)
    for step in steps:
        operation = step.operation
        if operation.change is Change.CREATE_TABLE and not operation.temporary:
            build.tables.append(operation.table)
        elif operation.change is Change.ADD_COLUMN:
            build.columns += [(operation.table, operation.schema, column.name) for column in operation.columns]
        elif operation.change is Change.DROP_TABLE:
            build.dropped.add(key(operation.table, operation.schema))
    return build


def places(project: Project) -> Iterator[Place]:
    """The upward steps of migrations that run on databases with rows."""
    for migration in project.migrations:
        for step in () if migration.fresh or migration.afterwards else migration.steps:
            if step.direction is Direction.UP and step.operation.place is not None:
                yield step.operation.place


def _judged(
    operation: Operation,
    later: list[Step],
    course: Course,
    build: _Build,
    migration: Migration,
    project: Project,
) -> Iterator[Finding]:
    """What one operation takes away of what was there before the migration."""
    change = operation.change
    table = course.table(operation.table, operation.schema)
    if table in course.made or operation.temporary or "#" in table:
        return
    if change is Change.DROP_TABLE:
        name = name_before(operation, build.steps)
        holder = course.table(name, operation.schema)  # what has the name by now
        succeeded = ("#" not in holder and holder != table) or any(
            _succeeded(operation, Change.RENAME_TABLE, each, later, course) for each in (operation.table, name)
        )
        if not succeeded and not _kept_table(operation, name, course, build, migration, project):
            yield from _table_dropped(operation, name, later, build, migration, project)
    elif key(operation.table, operation.schema) in build.dropped:
        return  # told once, where all of it goes
    elif change is Change.TRUNCATE or (change is Change.DATA and everything(operation.query)):
        words = table_words(operation.table, former(operation, project))
        known = build.newest or former(operation, project) is not None or operation.table.lower() in project.declared
        if known and not course.has_read(operation.table, operation.schema, "") and not course.unsaid(words):
            if operation.table.lower() not in project.uses.derived:
                yield _emptied(operation)
    elif change is Change.DROP_COLUMN:
        for column in operation.columns:
            succeeded = _succeeded(operation, Change.RENAME_COLUMN, column.name, later, course)
            if not succeeded and not _kept_column(operation, column, table, course, project):
                yield from _column_dropped(operation, column, table, later, course, build, migration, project)
    elif change is Change.ALTER_TYPE:
        yield from _narrowed(operation, table, course, build, migration, project)


def _succeeded(operation: Operation, change: Change, name: str, later: list[Step], course: Course) -> bool:
    """Whether what was there before the migration gets the name of what is dropped: it may hold the values by then."""
    for step in later:
        other = step.operation
        if other.change is not change or other.name.lower() != name.lower():
            continue
        table = course.table(other.table, other.schema)
        if change is Change.RENAME_TABLE:
            return table not in course.made
        if key(other.table, other.schema) == key(operation.table, operation.schema):
            return not any((table, column.name.lower()) in course.columns for column in other.columns)
    return False


def _kept_table(
    operation: Operation, former_name: str, course: Course, build: _Build, migration: Migration, project: Project
) -> bool:
    """Whether a dropped table's rows are elsewhere, or nothing can be said of them. `former_name`: the table's before
    the migration."""
    before = former(operation, project)
    if before.view if before is not None else _passes_on(operation, build, migration, project):
        return True
    name = operation.table.lower()
    if operation.if_exists and name in project.history.get(migration.path, ()):
        return True  # it is not there before the migration makes it
    words = table_words(operation.table, before) | {former_name.lower()}
    if course.has_read(operation.table, operation.schema) or course.unsaid(words):
        return True
    if filled_again(former_name, operation.schema, build.steps):
        return True
    if course.code and (before is None or not before.model):
        return True  # code reaches it by a word of another table
    if _replaced(name, operation.schema, migration, project):
        return True
    # Nobody says that there is such a table. The program is asked last, whose calls are all looked through for it.
    undeclared = operation.if_exists and before is None and name not in project.declared
    return undeclared and name not in project.used


def _passes_on(operation: Operation, build: _Build, migration: Migration, project: Project) -> bool:
    """Whether what no migration before made is a materialized view all the same, one that puts its rows into another
    table: the migration makes it so, and so does other SQL of the project, which says what there is."""
    again = any(
        step.operation.change is Change.CREATE_VIEW
        and key(step.operation.table, step.operation.schema) == key(operation.table, operation.schema)
        and _into_a_table(step.operation.options)
        for step in build.steps
    )
    return again and any(
        table is not None and table.view and _into_a_table(table.options)
        for chain, tables in project.stored.items()
        if chain != migration.chain
        for table in (tables.get(operation.table.lower()),)
    )


def _into_a_table(options: tuple[tuple[str, str], ...]) -> bool:
    return any(word == "to" for word, _ in options)


def _kept_column(operation: Operation, column: SchemaColumn, table: str, course: Course, project: Project) -> bool:
    """Whether a dropped column's values are elsewhere, or nothing can be said of them."""
    name = column.name.lower()
    if not name or (table, name) in course.columns:
        return True
    before = former(operation, project)
    if any(course.has_read(operation.table, operation.schema, each) for each in (name, "*")):
        return True
    if course.unsaid(column_words(name, before)):
        return True
    known = column_of(before, name)
    if known is None or before is None:
        return False
    for each in before.keys:  # code may reach a reference from its other end
        if each.kind == "foreign" and each.columns == (known.name,):
            other = project.declared.get(each.target.lower())
            if course.unsaid(table_words(each.target, other)):
                return True
    computed = known.default.startswith("generated") and not known.default.endswith("identity")
    return computed or known.type in _INDEXED


def _replaced(name: str, schema: str, migration: Migration, project: Project) -> bool:
    """Whether the table was renamed away earlier in the chain, and another one has its name since, or gets it now."""
    old = ""
    chain = [other for other in project.migrations if other.chain == migration.chain]
    for other in sorted(chain, key=lambda each: each.order):
        if other.order > migration.order:
            break
        for step in other.steps:
            operation = step.operation
            if step.direction is not Direction.UP or not may_be_same(operation.schema, schema):
                continue
            if operation.change is Change.RENAME_TABLE and operation.name.lower() == name:
                old = operation.table.lower() if other is not migration else ""
            elif old and operation.change is Change.CREATE_TABLE and operation.table.lower() == old:
                return True
    return False


def _hardly_released(
    operation: Operation, name: str, column: str, migration: Migration, project: Project
) -> bool | None:
    """Whether what is dropped was made shortly before; None where an earlier migration has kept what is in it. `name`:
    the table's before the migration."""
    before = past(operation, name, column, migration, project)
    if before.kept:
        return None
    return before.made is not None and hardly_apart(before.made, migration, project)


def _narrowed(
    operation: Operation, table: str, course: Course, build: _Build, migration: Migration, project: Project
) -> Iterator[Finding]:
    """Changes to a type that holds less, where both types are known."""
    before = former(operation, project)
    if before is None or not before.complete or migration.dialect == "sqlite":
        return  # SQLite keeps values as they are, whatever the type
    for column in operation.columns:
        old = column_of(before, operation.name.lower()) or column_of(before, column.name.lower())
        if old is None or (table, old.name.lower()) in course.columns:
            continue
        words = column_words(old.name, before)
        if (table, old.name.lower()) in course.set or course.unsaid(words):
            continue
        cut = isinstance(operation.using, Cast) or cuts(operation.using, old.name, column.type)
        if operation.using is not None and not cut:
            continue
        if old.choices and column.choices:
            continue  # a closed list of values that the code gives: what they need is known to whoever narrows
        stops = _STOPS_HALFWAY if migration.dialect == "mysql" else _STOPS
        lost = loss(old.type, column.type, "longer values are cut" if cut else stops, stops)
        if (lost == stops or lost in FRACTIONS) and not build.newest:
            continue  # where it has run, everything did fit, or what was finer than the code goes on with is gone
        if lost:
            what = f"{old.name} of {named(operation)}"
            yield _finding(
                operation,
                f"{what} goes from {old.type} to {column.type}: {lost}",
                what,
                spelling.kept_copy(operation.table, operation.schema, _copied(before, old.name), operation.dialect),
                narrowed=column.type,
                sub="narrowed",
            )


# What is said


def _table_dropped(
    operation: Operation, former_name: str, later: list[Step], build: _Build, migration: Migration, project: Project
) -> Iterator[Finding]:
    name, shown = operation.table, named(operation)
    declared = project.declared.get(former_name.lower())
    before = former(operation, project)
    related: tuple[Related, ...] = ()
    its, used, until = "its name", "it", ""
    renamed = renaming(operation, build.steps)
    if renamed is not None:
        its, used, until = "that name", former_name, f", called {former_name} until this migration,"
        later = build.steps[renamed:]
    again = made_again(former_name, operation.schema, later)
    if again is not None:
        if former_name.lower() in project.uses.derived:
            return  # the program makes its rows of others'
        uses = f"and the table that gets {its} has none of them"
        if before is not None and same_columns(before, again.definition):
            if not build.newest and not _referred(former_name, migration, project):
                return  # the release before goes on with it, and whoever writes that knows that it empties the table
            if same_references(before, again.definition):
                uses = "and it is made again as it was, without them"
    elif declared is not None and not project.databases(former_name) and before is not None:
        uses = f"and the code still uses it: {declared.model or declared.name} declares it"
        if declared.place is not None:
            related = (Related(declared.place, f"{declared.name} is declared here"),)
    elif build.tables or build.columns or build.newest:
        uses = f"and a running release that still uses {used} fails"
    else:
        return  # nothing takes its place: it may be the planned last step, of which its release knew nothing any more
    early = _hardly_released(operation, former_name, "", migration, project)
    if early is None or (early and not related):
        return
    statement = spelling.kept_copy(name, operation.schema, dialect=operation.dialect)
    message = f"dropping {shown}{until} loses all of its rows, {uses}"
    yield _finding(operation, message, shown, statement, related, sub="table")


def _column_dropped(
    operation: Operation,
    column: SchemaColumn,
    identity: str,
    later: list[Step],
    course: Course,
    build: _Build,
    migration: Migration,
    project: Project,
) -> Iterator[Finding]:
    table, name = operation.table, column.name
    related: tuple[Related, ...] = ()
    declared = project.declared.get(table.lower())
    still = column_of(declared, name.lower())
    stored = project.databases(table)
    loses = "loses its values"
    if added_again(operation, column, later):
        if set_again(operation, column, later):
            return
        uses = "and the column that gets its name has none of them"
    elif (
        declared is not None
        and still is not None
        and still.place not in (None, declared.place)  # else the library adds it to what the model says
        and stored
        and all(_lacks(each, name) for each in stored)
    ):
        uses = f"and the code still uses it: {declared.model or declared.name} declares it"
        related = (Related(still.place, f"{name} of {table} is declared here"),) if still.place is not None else ()
    elif added := _elsewhere(operation, name, build):
        loses = f"loses its values: {added} without them"
        uses = "and a running release that still names it fails"
    elif _goes_on(operation, identity, course, build) or build.newest:
        uses = "and a running release that still names it fails"
    else:
        return  # nothing takes its place: it may be the planned last step, of which its release knew nothing any more
    early = _hardly_released(operation, table, name, migration, project)
    if early is None or (early and not related):
        return
    what = f"{name} of {named(operation)}"
    kept = _copied(former(operation, project), name)
    statement = spelling.kept_copy(table, operation.schema, kept, operation.dialect)
    yield _finding(operation, f"dropping {what} {loses}, {uses}", what, statement, related, sub="column")


def _elsewhere(operation: Operation, name: str, build: _Build) -> str:
    """The columns of the same name that the migration adds to other tables, and that they begin. "" for none."""
    own = key(operation.table, "")
    others = [each for each, _, column in build.columns if column.lower() == name.lower() and key(each, "") != own]
    tables = tuple(dict.fromkeys(others))
    return f"{name} of {' and '.join(tables)} {'begin' if len(tables) > 1 else 'begins'}" if tables else ""


def _goes_on(operation: Operation, identity: str, course: Course, build: _Build) -> bool:
    """Whether the migration adds a column to that table, or keeps elsewhere what it holds besides: it belongs to a
    release that goes on with the table, and the one before knew nothing of that."""
    for table, schema, _ in build.columns:
        if key(table, "") == key(operation.table, "") and may_be_same(schema, operation.schema):
            return True
    return bool(build.columns) and any(known == identity for known, _ in course.read)


_EMPTIED = "emptied"


def _emptied(operation: Operation) -> Finding:
    shown = named(operation)
    statement = spelling.kept_copy(operation.table, operation.schema, dialect=operation.dialect)
    return _finding(operation, f"every row of {shown} is deleted", f"the rows of {shown}", statement, sub=_EMPTIED)


def _finding(
    operation: Operation,
    message: str,
    what: str,
    statement: str,
    related: tuple[Related, ...] = (),
    *,
    narrowed: str = "",
    sub: str = "",
) -> Finding:
    """`narrowed`: the type that values have to fit, where it is one that changes."""
    assert operation.place is not None  # noqa: S101 - operations without a place are not judged
    table = named(operation)
    names = {"what": what, "table": table, "statement": statement}
    if narrowed:
        names |= {
            "keep": "keep what does not fit",
            "first": f"the first one writes only what {narrowed} holds, and brings what is stored to that",
            "second": "the second one changes the type",
            "between": f"count the rows of {table} that do not fit {narrowed}, until there are none",
        }
    elif sub == _EMPTIED:
        names |= {
            "keep": "keep a copy of them",
            "first": f"the first one reads and writes {table} without needing the rows that are there",
            "second": "the second one deletes them",
            "between": f"look for who still reads those rows of {table}, as the copy brings them back",
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
    return Finding(operation.place, message, names=names, related=related, sub=sub)


def _referred(name: str, migration: Migration, project: Project) -> bool:
    """Whether other tables of the chain refer to that one."""
    return any(
        each.kind == "foreign" and each.target.lower() == name.lower()
        for other, table in project.stored.get(migration.chain, {}).items()
        if other != name.lower()
        for each in table.keys
    )


def _lacks(table: Table, column: str) -> bool:
    """Whether a table surely has no such column."""
    return table.complete and column_of(table, column.lower()) is None


def _copied(before: Table | None, column: str) -> tuple[str, ...]:
    """The columns that a copy of one column needs so that it can be put back; none for all."""
    keys = next((key.columns for key in before.keys if key.kind == "primary"), ()) if before is not None else ()
    return (*(key for key in keys if key != column), column) if keys and all(keys) else ()
