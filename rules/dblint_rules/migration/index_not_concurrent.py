"""An index built while writes to its table wait."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.schema import OF_COLUMN, OF_CONSTRAINT, OF_UNIQUE, UNSAID, Change, Direction, Migration, Operation
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="an index is created on an existing table without CONCURRENTLY",
    why=(
        "CREATE INDEX takes a SHARE lock until the index is built: reads go on, but every INSERT, UPDATE and DELETE on "
        "the table waits, for seconds on small tables and for minutes on large ones, and the waiting writers hold "
        "connections. Steps of a rollback are not judged: they run when a release is taken back, not when one is made. "
        "Nor is a migration that stands for earlier ones (Django's `replaces`): it is made for databases in which none "
        "of those ran, and these are new as a rule. A unique or primary key that is added as a constraint builds its "
        "index under a stronger lock: that is another mistake, and not this rule's."
    ),
    minimal="Build the index on {table} CONCURRENTLY, outside a transaction: {statement}",
    better=(
        "Give the index on {table} a migration of its own, and drop an INVALID index of that name before trying again."
    ),
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
    await runner.query('CREATE INDEX invoice_sent ON invoice (sent)'); // finding
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
    ),
)


def check(migration: Migration, project: Project) -> Iterator[Finding]:
    """One finding per index that an upward step builds on a table it did not create."""
    if migration.dialect != "postgres" or migration.fresh:
        return
    created: list[tuple[str, str]] = []
    inside = bool(migration.transactional)
    for step in migration.steps:
        operation = step.operation
        if step.direction is not Direction.UP:
            continue
        if operation.change in (Change.BEGIN, Change.COMMIT, Change.ROLLBACK):
            inside = operation.change is Change.BEGIN
        elif operation.change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
            if operation.if_not_exists and _made_before(operation.table or operation.name, migration, project):
                continue
            created.append((operation.schema.lower(), (operation.table or operation.name).lower()))
        elif operation.change is Change.RENAME_TABLE and _among(created, operation):
            created.append((operation.schema.lower(), operation.name.lower()))
        elif operation.change is Change.CREATE_INDEX and not operation.concurrent:
            if _among(created, operation) or operation.temporary or operation.place is None:
                continue
            if ("only", "") in operation.options:
                continue  # of a partitioned table alone: its partitions' indexes are built one by one
            if UNSAID in operation.options:
                continue
            partitioned = _partitioned(operation, project)
            transaction = inside and not step.non_transactional
            yield _finding(operation, operation.place, migration, partitioned=partitioned, transaction=transaction)


def places(project: Project) -> Iterator[Place]:
    """The upward steps that build an index, in whatever way."""
    for migration in project.migrations:
        if migration.dialect == "postgres" and not migration.fresh:
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


def _partitioned(operation: Operation, project: Project) -> bool:
    return any(name == "partition by" for table in project.databases(operation.table) for name, _ in table.options)


def _finding(
    operation: Operation, place: Place, migration: Migration, *, partitioned: bool, transaction: bool
) -> Finding:
    index = operation.index
    columns = spelling.keys(index) if index is not None else ""
    name = operation.name or (index.name if index is not None else "")
    table = operation.table or "the table"
    inside = ", and this migration runs inside a transaction, where CONCURRENTLY is refused" if transaction else ""
    if partitioned:
        inside = f", and {table} is partitioned, so that CONCURRENTLY is refused: index its partitions one by one"
    index_name = f"the index {name}" if name else f"the index on ({columns})" if columns else "a new index"
    statement = (spelling.index_by_partition if partitioned else spelling.concurrent_index)(operation)
    unique, constraint = spelling.unique_constraint(operation)
    holes = {"table": table, "statement": statement, "unique": unique, "constraint": constraint}
    return Finding(
        place,
        f"writes to {table} wait until {index_name} is built{inside}",
        names={"table": table, "statement": statement or "CREATE INDEX CONCURRENTLY …;"},
        remedy=None if partitioned else Remedy(_REMEDIES.get(operation.options, "concurrent-index"), holes),
        idiom=migration.idiom,
    )


_REMEDIES = {
    OF_COLUMN: "concurrent-index-of-column",
    OF_CONSTRAINT: "concurrent-index-of-constraint",
    OF_UNIQUE: "concurrent-index-of-unique",
}
"""What an index is of, as its options say → the repair."""
