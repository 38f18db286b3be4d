"""An index built while writes to its table wait.

A migration gets one finding for all of its indexes that are repaired in the same way, at the first of them; the others
are its related places. What is built under one name at several places (branches that exclude each other) is one index.
A suppression there, on the first index's line or alone above its statement, hides the finding
for all of them. One at another index leaves nothing out and is told as unused: what a migration does to its tables is
excused as a whole.

What else the transaction has done to the table before is told, where it holds off reads to the end as well, and what
of it writes every row: the index is not all that writers wait for then. Not
reported are tables that the user says are small, and those in which the migration shows that there are no rows: it has
emptied them, or they get a column that would be refused if there were any; and those that a migration within an hour
before has made. How many rows others have is not known: an index on one of a few rows is reported, too, and one over a
part of the rows that none can be in yet, as building it reads the whole table while writers wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Verb
from dblint.facts.schema import (
    OF_COLUMN,
    OF_CONSTRAINT,
    OF_UNIQUE,
    UNSAID,
    Change,
    Direction,
    Key,
    Migration,
    Operation,
    Step,
)
from dblint.facts.text import Place
from dblint.rule import Bad, Edit, Finding, Fix, Good, Related, Remedy, Rule
from dblint_rules.migration._course import column_of, former, key, made_just_before, named
from dblint_rules.migration._rows import everything, without_rows
from dblint_rules.migration._types import rewrites

RULE = Rule(
    summary="an index is created on an existing table without CONCURRENTLY",
    why=(
        "CREATE INDEX takes a SHARE lock until the index is built: reads go on, but every INSERT, UPDATE and DELETE on "
        "the table waits, for minutes on large ones, and the waiting writers hold connections. How many rows a table "
        "has is not in the source: those that stay small are named in `small-tables`, and left alone. Steps of a "
        "rollback are not judged: they run when a release is taken back, not when one is made. "
        "Nor is a migration that stands for earlier ones (Django's `replaces`): it is made for databases in which none "
        "of those ran, and these are new as a rule. A unique or primary key that is added as a constraint builds its "
        "index under a stronger lock: that is another mistake, and not this rule's. A migration gets one finding for "
        "all indexes with the same repair, at the first of them; a suppression there speaks for all of them. "
        "Where a project names several databases, and nothing says which of them a migration is for, the repair is one "
        "for PostgreSQL's connections only: the others refuse CONCURRENTLY, or take it for the index's name. Where "
        "PostgreSQL is none of those that are named, nothing is said."
    ),
    minimal=(
        "A migration that has run stays as it is and goes into the baseline, and a table that stays small is named in "
        "the configuration's `small-tables`; otherwise build {index} CONCURRENTLY, outside a transaction: {statement}"
    ),
    better="Give {index} a migration of its own, and drop an INVALID index of that name before trying again.",
    complete=(
        "Build indexes on {table} as a step of the release that watches pg_stat_progress_create_index, with "
        "lock_timeout set for every other migration."
    ),
    symptoms=("writes hang during a deployment", "lock timeout", "deployment takes the site down"),
    verify="SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("6.3", "6.4"),
    looks_at="indexes that migrations build on PostgreSQL",
    databases=("postgres",),
    roles=frozenset({FileRole.MIGRATION, FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad("sql", "CREATE INDEX invoice_paid ON invoice (paid); -- finding\n", path="migrations/0002_paid.sql"),
        Bad(
            "sql",
            "CREATE TABLE archive.invoice (id bigint, paid boolean);\n"
            "CREATE INDEX invoice_paid ON billing.invoice (paid); -- finding\n",
            title="a table of that name in another schema is new",
            path="migrations/0005_archive.sql",
        ),
        Bad(
            "python",
            """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.AddIndex("invoice", models.Index(fields=["paid"], name="invoice_paid")),  # finding
    ]
""",
            title="Django",
            path="billing/migrations/0002_paid.py",
            files={
                "billing/__init__.py": "",
                "billing/migrations/__init__.py": "",
                "billing/migrations/0001_initial.py": """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Invoice", [("id", models.AutoField(primary_key=True)), ("paid", models.BooleanField())]
        ),
    ]
""",
            },
        ),
        Bad(
            "python",
            """\
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    op.create_index("invoice_paid", "invoice", ["paid"])  # finding


def downgrade():
    op.drop_index("invoice_paid", table_name="invoice")
""",
            title="Alembic",
            path="migrations/versions/2_paid.py",
        ),
        Bad(
            "typescript",
            """\
import { MigrationInterface, QueryRunner, TableIndex } from 'typeorm';

export class Paid1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('invoice', new TableIndex({ name: 'invoice_paid', columnNames: ['paid'] })); // finding
    await runner.query('CREATE INDEX invoice_sent ON invoice (sent)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX invoice_sent');
    await runner.dropIndex('invoice', 'invoice_paid');
  }
}
""",
            title="TypeORM",
            path="migrations/1700000000000-Paid.ts",
        ),
        Bad(
            "sql",
            """\
-- CreateIndex
CREATE INDEX "Invoice_paid_idx" ON "Invoice"("paid"); -- finding
""",
            title="Prisma",
            path="prisma/migrations/20240102000000_paid/migration.sql",
            files={
                "prisma/schema.prisma": """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Invoice {
  id   Int     @id
  paid Boolean

  @@index([paid])
}
""",
                "prisma/migrations/20240101000000_first/migration.sql": """\
CREATE TABLE "Invoice" ("id" INTEGER PRIMARY KEY, "paid" BOOLEAN NOT NULL);
""",
            },
        ),
        Bad(
            "sql",
            "-- migrate:up transaction:false\nCREATE INDEX invoice_paid ON invoice (paid); -- finding\n\n"
            "-- migrate:down transaction:false\nDROP INDEX invoice_paid;\n",
            title="run outside of a transaction already",
            path="db/migrations/20240102000000_paid.sql",
        ),
        Bad(
            "sql",
            "ALTER TABLE member ADD COLUMN made date;\nCREATE INDEX member_made ON member (made); -- finding\n",
            title="a table of the name of a view in another schema",
            path="migrations/0005_member.sql",
            files={"reports/01_view.sql": "CREATE VIEW report.member AS SELECT id FROM member;\n"},
        ),
    ),
    good=(
        Good(
            "sql",
            "CREATE TABLE invoice (id bigint PRIMARY KEY, paid boolean);\n"
            "CREATE INDEX invoice_paid ON invoice (paid);\n",
            title="the table is new",
            path="migrations/0001_invoice.sql",
        ),
        Good(
            "sql",
            'ALTER TABLE "Invoice" ADD COLUMN "kind" TEXT NOT NULL;\n'
            'CREATE INDEX "Invoice_kind_idx" ON "Invoice"("kind");\n',
            title="a column that needs a value and has no default is refused by a table with rows",
            path="migrations/0002_kind.sql",
        ),
        Good(
            "sql",
            "DELETE FROM offer;\nCREATE UNIQUE INDEX offer_code ON offer (code);\n",
            title="the table was emptied before",
            path="migrations/0003_offer.sql",
        ),
        Good(
            "sql",
            "CREATE MATERIALIZED VIEW revenue AS SELECT paid, count(*) AS invoices FROM invoice GROUP BY paid;\n"
            "CREATE UNIQUE INDEX revenue_paid ON revenue (paid);\n",
            title="the materialized view is new",
            path="migrations/0003_revenue.sql",
        ),
        Good(
            "python",
            "from alembic import op\n\n"
            'revision = "2"\n'
            'down_revision = "1"\n\n\n'
            "def upgrade():\n"
            '    op.drop_index("invoice_paid", table_name="invoice")\n\n\n'
            "def downgrade():\n"
            '    op.create_index("invoice_paid", "invoice", ["paid"])\n',
            title="a rollback",
            path="migrations/versions/2_paid.py",
        ),
        Good(
            "sql",
            "CREATE INDEX CONCURRENTLY invoice_paid ON invoice (paid);\n",
            path="migrations/0002_paid.sql",
        ),
        Good(
            "sql",
            "SELECT id, paid INTO invoice_copy FROM invoice;\n"
            "CREATE INDEX invoice_copy_paid ON invoice_copy (paid);\n"
            "CREATE INDEX parcel_sent ON ONLY parcel (sent);\n",
            title="a table that a query fills; an index of a partitioned table alone",
            path="migrations/0004_copy.sql",
        ),
        Good(
            "sql",
            "REFRESH MATERIALIZED VIEW report.sums;\nCREATE UNIQUE INDEX sums_week ON report.sums (week);\n",
            title="a materialized view that another file makes",
            path="reports/02_fill.sql",
            files={
                "reports/01_view.sql": "CREATE MATERIALIZED VIEW report.sums AS (\n"
                "  SELECT week, sum(total) FROM invoice GROUP BY week\n) WITH NO DATA;\n"
            },
        ),
    ),
)


_TABLES = 4
"""Tables that are named one by one; of more the first few, and how many more."""
_STATEMENTS = 3
"""Statements that the repair shows."""


class _Besides(msgspec.Struct, frozen=True):
    """What writes every row of a table: the words for it, and where it stands."""

    words: str
    place: Place | None


class _Build(msgspec.Struct, frozen=True):
    """An index that a migration builds while writes wait. `transaction`: where CONCURRENTLY is refused; `locked`: it
    holds a lock of the table under which reads wait, too. `conditional`: it may be left out. `instead`: the unique
    constraint on the same columns that the migration drops before, "" for none. `besides`: what writes every row of
    the table in the same transaction."""

    operation: Operation
    place: Place
    partitioned: bool
    transaction: bool
    locked: bool = False
    conditional: bool = False
    instead: str = ""
    besides: _Besides | None = None

    @property
    def table(self) -> str:
        return named(self.operation) or "the table"

    @property
    def columns(self) -> str:
        return spelling.keys(self.operation.index) if self.operation.index is not None else ""

    @property
    def name(self) -> str:
        return self.operation.name or (self.operation.index.name if self.operation.index is not None else "")

    @property
    def identity(self) -> tuple[Place | str, str]:
        """What tells it from other indexes: a table has one of a name."""
        if self.name and self.operation.table:
            return key(self.operation.table, self.operation.schema), self.name.lower()
        return self.place, self.words

    @property
    def words(self) -> str:
        """What it is, for a related place."""
        index = f"the index {self.name}" if self.name else "an index"
        return f"{index} on {self.table}{f' ({self.columns})' if self.columns else ''}"

    @property
    def remedy(self) -> str:
        """The repair's name, "" where there is none."""
        return "" if self.partitioned else _REMEDIES.get(self.operation.options, "concurrent-index")

    @property
    def statement(self) -> str:
        """How it is built instead, "" where that cannot be said."""
        return (spelling.index_by_partition if self.partitioned else spelling.concurrent_index)(self.operation)


def check(migration: Migration, project: Project) -> Iterator[Finding]:
    """One finding for all indexes that an upward step builds on a table it did not create and that are repaired in the
    same way."""
    groups: dict[tuple[str, bool, str], dict[tuple[Place, str], _Build]] = {}
    for build in _builds(migration, project):
        # A finding stands in one file, so that what is told for some files only is told whole.
        group = groups.setdefault((build.place.path, build.transaction, build.remedy), {})
        group.setdefault((build.place, build.words), build)
    for group in groups.values():
        yield _finding(sorted(group.values(), key=lambda build: build.place), migration, project)


def _judged(migration: Migration, project: Project) -> bool:
    """Whether it is run on PostgreSQL, as far as anybody says, and on tables with rows."""
    named = migration.dialect_sure or not project.dialects or "postgres" in project.dialects
    return named and migration.dialect == "postgres" and not migration.fresh


def _others(migration: Migration, project: Project) -> str:
    """The databases besides PostgreSQL that it may be run on, "" for none."""
    others = [dialect for dialect in project.dialects if dialect != "postgres"]
    if migration.dialect_sure or not others:
        return ""
    return spelling.together(others)


def _builds(migration: Migration, project: Project) -> Iterator[_Build]:
    if not _judged(migration, project):
        return
    created: list[tuple[str, str]] = []  # and what holds no rows by then, whoever created it
    locked: set[str] = set()
    dropped: list[Operation] = []
    inside = bool(migration.transactional)
    steps = [step for step in migration.steps if step.direction is Direction.UP]
    empty = without_rows(steps, migration, project)
    besides, transaction_number = _written_whole(steps, inside=inside, project=project), 0
    for step in steps:
        operation = step.operation
        if operation.dialect not in ("", "postgres"):
            continue  # what only another database reads is not run on this one
        if inside and not step.non_transactional and _locks(operation):
            locked.add(key(operation.table, operation.schema))
        if operation.change is Change.DROP_KEY and inside:
            dropped.append(operation)
        if operation.change in (Change.BEGIN, Change.COMMIT, Change.ROLLBACK):
            inside = operation.change is Change.BEGIN
            transaction_number += 1
            locked.clear()
        elif operation.change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
            if operation.if_not_exists and _made_before(operation.table or operation.name, migration, project):
                continue
            created.append((operation.schema.lower(), (operation.table or operation.name).lower()))
        elif not step.conditional and _emptied(operation):
            created.append((operation.schema.lower(), operation.table.lower()))
        elif operation.change is Change.RENAME_TABLE and _among(created, operation):
            created.append((operation.schema.lower(), operation.name.lower()))
        elif operation.change is Change.CREATE_INDEX and not operation.concurrent:
            if _among(created, operation) or operation.temporary or operation.place is None:
                continue
            if key(operation.table, operation.schema) in empty:
                continue
            if ("only", "") in operation.options:
                continue  # of a partitioned table alone: its partitions' indexes are built one by one
            if {operation.table.lower(), operation.name.lower()} & set(migration.concurrently):
                continue  # a condition decides, and its other arm does it, or says how
            if UNSAID in operation.options or _small(operation, project) or _view(operation, project):
                continue
            if made_just_before(operation.table, migration, project):
                continue
            partitioned = _partitioned(operation, project)
            transaction = inside and not step.non_transactional and not partitioned
            table = key(operation.table, operation.schema)
            held = transaction and table in locked
            instead = _instead(operation, dropped, project) if transaction else ""
            whole = besides.get((transaction_number, table)) if transaction else None
            yield _Build(operation, operation.place, partitioned, transaction, held, step.conditional, instead, whole)


def _written_whole(steps: Sequence[Step], *, inside: bool, project: Project) -> dict[tuple[int, str], _Besides]:
    """What writes every row of a table in a transaction, by the transaction's number and the table: it holds its locks
    to the transaction's end, whether it stands before or behind."""
    found: dict[tuple[int, str], _Besides] = {}
    number = 0
    for step in steps:
        operation = step.operation
        if operation.change in (Change.BEGIN, Change.COMMIT, Change.ROLLBACK):
            inside = operation.change is Change.BEGIN
            number += 1
        elif inside and not step.non_transactional and operation.table:
            words = _writes_all(operation, project)
            if words:
                table = key(operation.table, operation.schema)
                found.setdefault((number, table), _Besides(words, operation.place))
    return found


def _writes_all(operation: Operation, project: Project) -> str:
    """How an operation writes every row of its table; "" where it does not, or that cannot be said."""
    query = operation.query
    if operation.change is Change.DATA and query is not None and query.verb is Verb.UPDATE:
        plain = len(query.sources.elements) == 1 and not query.sources.open
        return f"updates every row of {named(operation)}" if plain and query.where.surely_absent() else ""
    if operation.change is not Change.ALTER_TYPE:
        return ""
    before = former(operation, project)
    for column in operation.columns:
        old = column_of(before, operation.name.lower()) or column_of(before, column.name.lower())
        if old is not None and rewrites(old.type, column.type):
            change = f"{old.name} goes from {old.type} to {column.type}"
            return f"writes every row of {named(operation)} anew, as {change}"
    return ""


def _instead(operation: Operation, dropped: Sequence[Operation], project: Project) -> str:
    """The unique constraint on the columns of a new unique index that was dropped before, by its name."""
    index = operation.index
    if index is None or not index.unique:
        return ""
    columns = {column.name.lower() for column in index.columns}
    for drop in dropped:
        name = drop.name or (drop.key.name if drop.key is not None else "")
        if name and drop.table.lower() == operation.table.lower():
            keys = [drop.key] if drop.key is not None and drop.key.columns else _named(name, drop.table, project)
            if any(each.kind == "unique" and {word.lower() for word in each.columns} == columns for each in keys):
                return name
    return ""


def _named(name: str, table: str, project: Project) -> list[Key]:
    """The keys of a table that any migration makes under a name."""
    found: list[Key] = []
    for migration in project.migrations:
        for step in migration.steps:
            made = step.operation
            if made.table.lower() != table.lower():
                continue
            if made.change is Change.ADD_KEY and made.key is not None and name in (made.key.name, made.name):
                found.append(made.key)
            elif made.definition is not None:
                found += [each for each in made.definition.keys if each.name == name]
    return found


def places(project: Project) -> Iterator[Place]:
    """The upward steps that build an index, in whatever way."""
    for migration in project.migrations:
        if _judged(migration, project):
            for step in migration.steps:
                operation = step.operation
                if step.direction is Direction.UP and operation.change is Change.CREATE_INDEX and operation.place:
                    yield operation.place


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


def _among(created: list[tuple[str, str]], operation: Operation) -> bool:
    """Whether the migration made the operation's table itself."""
    schema = operation.schema.lower()
    return any(
        table == operation.table.lower() and (not schema or not other or other == schema) for other, table in created
    )


def _emptied(operation: Operation) -> bool:
    """Whether the operation leaves its table without rows."""
    return operation.change is Change.TRUNCATE or (operation.change is Change.DATA and everything(operation.query))


def _locks(operation: Operation) -> bool:
    """Whether it takes an ACCESS EXCLUSIVE lock of its table, which the transaction then holds to its end: ALTER TABLE
    but for foreign keys and for checks that are validated later (PostgreSQL's documentation, "ALTER TABLE")."""
    if not operation.table:
        return False
    if operation.change is Change.ADD_KEY:
        return operation.key is not None and operation.key.kind in ("primary", "unique")
    return operation.change in _ALTERING


def _small(operation: Operation, project: Project) -> bool:
    """Whether the user says that the table is small."""
    known = project.table(operation.table)
    return any(table.small for table in (*([known] if known else []), *project.databases(operation.table)))


def _view(operation: Operation, project: Project) -> bool:
    """Whether it is a materialized view, as nothing else that CREATE VIEW makes has an index: no program writes to
    one."""
    schema = operation.schema.lower()
    stored = [table for table in project.databases(operation.table) if table.schema.lower() == schema]
    return bool(stored) and all(table.view for table in stored)


def _partitioned(operation: Operation, project: Project) -> bool:
    """Whether the table is partitioned, in this database or in one that nobody names."""
    tables = [table for table in project.databases(operation.table) if table.database in ("", "postgres")]
    return any(name == "partition by" for table in tables for name, _ in table.options)


def _indexes(builds: Sequence[_Build]) -> list[_Build]:
    """The first build of each index."""
    found: dict[tuple[Place | str, str], _Build] = {}
    for build in builds:
        found.setdefault(build.identity, build)
    return list(found.values())


def _finding(builds: Sequence[_Build], migration: Migration, project: Project) -> Finding:
    """What is said of indexes with the same repair, in the order of their places."""
    indexes = _indexes(builds)
    first, *others = indexes
    inside = ""
    if first.partitioned:
        inside = f", and {first.table} is partitioned, so that CONCURRENTLY is refused: index its partitions one by one"
    elif first.transaction:
        inside = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
    held = ""
    if first.locked:
        held = ", and so do reads: the transaction has altered the table before, and keeps that lock to its end"
    related = [Related(build.place, build.words) for build in builds[1:]]
    whole = list(dict.fromkeys(build.besides for build in builds if build.besides is not None))
    related += [Related(each.place, each.words) for each in whole if each.place is not None]
    besides = ""
    if whole:
        likewise = (
            f", and likewise {len(whole) - 1} more table{'s' if len(whole) > 2 else ''}" if len(whole) > 1 else ""
        )
        besides = f"; the same transaction {whole[0].words}{likewise}, which writers wait for, too"
    order = next((build.instead for build in builds if build.instead), "")
    if order:
        order = (
            f"; the unique constraint {order} on the same columns is dropped before: build this index first, and drop "
            "that constraint in a migration behind it"
        )
    name, columns = first.name, first.columns
    index = f"the index {name}" if name else f"the index on ({columns})" if columns else "a new index"
    tables = _tables(builds) or first.table
    each = f"each of the {len(indexes)} indexes" if others else "the index"
    unique, constraint = spelling.unique_constraint(first.operation)
    holes = {"table": first.table, "statement": first.statement, "unique": unique, "constraint": constraint}
    known_idioms = project.idioms.get(migration.idiom, {})
    statement, remedy, where = _statements(builds), first.remedy, ""
    if (classes := _classes(builds)) and f"{remedy}-with-classes" in known_idioms:
        remedy, holes = f"{remedy}-with-classes", holes | {"classes": classes}
    if further := _others(migration, project):
        where = f"on PostgreSQL (this may be run on {further}, too) "
        known = f"{further} would refuse the word or take it for a name"
        remedy = f"{remedy}-where" if f"{remedy}-where" in known_idioms else ""
        if remedy:
            statement = f"only where the connection is PostgreSQL's ({known}): {statement}"
        else:
            statement = f"only in a step that no other database runs ({known})"
    return Finding(
        first.place,
        f"{where}writes to {first.table} wait until {index} is built{held}{inside}{_more(first, others)}{order}"
        f"{besides}",
        names={"table": tables, "index": f"{each} on {tables}", "statement": statement},
        related=tuple(related),
        remedy=Remedy(remedy, holes) if remedy else None,
        idiom=migration.idiom,
        fix=_fix(builds, migration) if remedy == "concurrent-index" else None,
    )


def _fix(builds: Sequence[_Build], migration: Migration) -> Fix | None:
    """The word, where a statement of its own builds each of the indexes, and may be run outside of a transaction."""
    if any(build.transaction or build.conditional for build in builds):
        return None
    places = dict.fromkeys(build.place for build in builds)
    unsafe = ""
    if migration.sealed:
        unsafe = "a migration that has run must stay as it is"
    elif migration.transactional is None:
        unsafe = "nothing says that the file is run outside of a transaction, where alone CONCURRENTLY is taken"
    elif sum(step.direction is Direction.UP for step in migration.steps) > 1:
        unsafe = "what sends all statements of the file at once makes a transaction of them, which refuses CONCURRENTLY"
    return Fix("build the index CONCURRENTLY", tuple(Edit("concurrent-index", place) for place in places), unsafe)


def _more(first: _Build, others: Sequence[_Build]) -> str:
    """What the message says of the others."""
    if not others:
        return ""
    number = f"{len(others)} more {'indexes' if len(others) > 1 else 'index'}"
    known = {named(build.operation) for build in others}
    tables = "the same table" if known == {named(first.operation)} - {""} else _tables(others)
    same = "the same holds" if all(build.locked == first.locked for build in others) else "writes wait, too,"
    return f"; {same} for {number} of this migration{f', on {tables}' if tables else ''}"


def _tables(builds: Sequence[_Build]) -> str:
    """The tables, once each, "" where none is known."""
    names = list(dict.fromkeys(named(build.operation) for build in builds if build.operation.table))
    if len(names) > _TABLES:
        return f"{', '.join(names[: _TABLES - 1])} and {len(names) - _TABLES + 1} more tables"
    if names and not all(build.operation.table for build in builds):
        names.append("other tables")
    return spelling.together(names) if names else ""


def _classes(builds: Sequence[_Build]) -> str:
    """The operator classes of their columns, as lists of one, "" for none."""
    columns = [column for build in builds if build.operation.index for column in build.operation.index.columns]
    named = dict.fromkeys(column.operator_class for column in columns if column.operator_class)
    return " or ".join(f'["{name}"]' for name in named)


def _statements(builds: Sequence[_Build]) -> str:
    """How they are built instead: the first few statements, and how many more."""
    indexes = _indexes(builds)
    known = [build.statement for build in indexes if build.statement] or ["CREATE INDEX CONCURRENTLY …;"]
    shown = known[: 1 if builds[0].partitioned else _STATEMENTS]
    left = len(indexes) - len(shown)
    return " ".join([*shown, *([f"and {left} more in the same way"] if left else [])])


_ALTERING = frozenset(
    {
        Change.ADD_COLUMN,
        Change.DROP_COLUMN,
        Change.RENAME_COLUMN,
        Change.ALTER_TYPE,
        Change.SET_NOT_NULL,
        Change.DROP_NOT_NULL,
        Change.SET_DEFAULT,
        Change.DROP_DEFAULT,
        Change.DROP_KEY,
    }
)
_REMEDIES = {
    OF_COLUMN: "concurrent-index-of-column",
    OF_CONSTRAINT: "concurrent-index-of-constraint",
    OF_UNIQUE: "concurrent-index-of-unique",
}
"""What an index is of, as its options say → the repair; with `-where` behind it, it asks for the database."""
