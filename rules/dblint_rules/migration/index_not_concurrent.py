"""An index built while writes to its table wait."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import FileRole
from dblint.facts.schema import OF_COLUMN, Change, Direction, Migration, Operation
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="an index is created on an existing table without CONCURRENTLY",
    why=(
        "CREATE INDEX takes a SHARE lock until the index is built: reads go on, but every INSERT, UPDATE and DELETE on "
        "the table waits, for seconds on small tables and for minutes on large ones, and the waiting writers hold "
        "connections. Steps of a rollback are not judged: they run when a release is taken back, not when one is made. "
        "Nor is a migration that stands for earlier ones (Django's `replaces`): it is made for databases in which none "
        "of those ran, and these are new as a rule."
    ),
    minimal="Create the index on {table} CONCURRENTLY, outside a transaction: {statement}",
    better=(
        "Give the index on {table} a migration of its own, and drop an INVALID index of that name before trying again."
    ),
    complete=(
        "Build indexes on {table} as a step of the release that watches pg_stat_progress_create_index, with "
        "lock_timeout set for every other migration."
    ),
    symptoms=("writes hang during a deployment", "lock timeout", "deployment takes the site down"),
    verify="SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index",
    severity="warning",
    confidence="high",
    checklist=("6.3", "6.4"),
    databases=("postgres",),
    roles=frozenset({FileRole.MIGRATION, FileRole.APP, FileRole.SCRIPT}),
    bad=(Bad("sql", "CREATE INDEX invoice_paid ON invoice (paid); -- finding\n", path="migrations/0002_paid.sql"),),
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
    ),
)


def check(migration: Migration) -> Iterator[Finding]:
    """One finding per index that an upward step builds on a table it did not create."""
    if migration.dialect != "postgres" or migration.fresh:
        return
    created: set[str] = set()
    for step in migration.steps:
        operation = step.operation
        if step.direction is not Direction.UP:
            continue
        if operation.change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
            created.add((operation.table or operation.name).lower())
        elif operation.change is Change.RENAME_TABLE and operation.table.lower() in created:
            created.add(operation.name.lower())
        elif operation.change is Change.CREATE_INDEX and not operation.concurrent:
            if operation.table.lower() in created or operation.temporary or operation.place is None:
                continue
            yield _finding(operation, operation.place, migration)


def _finding(operation: Operation, place: Place, migration: Migration) -> Finding:
    index = operation.index
    columns = ", ".join(column.name for column in index.columns) if index is not None else ""
    unique = "UNIQUE " if index is not None and index.unique else ""
    name = operation.name or (index.name if index is not None else "")
    statement = f"CREATE {unique}INDEX CONCURRENTLY {name or '…'} ON {operation.table} ({columns or '…'});"
    inside = (
        ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
        if migration.transactional
        else ""
    )
    index_name = f"the index {name}" if name else f"the index on ({columns})" if columns else "a new index"
    remedy = "concurrent-index-of-column" if operation.options == OF_COLUMN else "concurrent-index"
    return Finding(
        place,
        f"writes to {operation.table} wait until {index_name} is built{inside}",
        names={"table": operation.table, "statement": statement},
        remedy=Remedy(remedy, {"table": operation.table, "name": name, "columns": columns}),
        idiom=migration.idiom,
    )
