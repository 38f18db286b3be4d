"""What `migration/index-not-concurrent` says where a chain of migrations may be run on other databases, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import Report
from dblint.run import Request, run
from tests.test_index_not_concurrent import INDEX

SETTINGS = """\
import os

ENGINE = os.environ["ENGINE"]
DATABASES = {"default": {"postgres": {"ENGINE": "django.db.backends.postgresql"}%s}[ENGINE]}
"""
MYSQL = ', "mysql": {"ENGINE": "django.db.backends.mysql"}'
SQLITE = ', "sqlite": {"ENGINE": "django.db.backends.sqlite3"}'
DJANGO = """\
from django.db import migrations, models


%sclass Migration(migrations.Migration):
    %sdependencies = [("billing", "0001_initial")]
    operations = [
        %s,
    ]
"""
ADD = 'migrations.AddIndex("invoice", models.Index(fields=["paid"], name="invoice_paid"))'
BUILT = """\
def build(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX CONCURRENTLY invoice_paid ON billing_invoice (paid)", params=None)
    else:
        index = models.Index(fields=["paid"], name="invoice_paid")
        schema_editor.add_index(apps.get_model("billing", "Invoice"), index)


def drop(apps, schema_editor):
    schema_editor.execute("DROP INDEX invoice_paid")


"""
APART = f"""\
migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, drop)],
            state_operations=[{ADD}],
        )"""
ALEMBIC = """\
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    %s
"""
ENGINES = """\
from sqlalchemy import create_engine

engines = [create_engine("postgresql://shop"), create_engine("sqlite:///shop.db")]
"""


def report(folder: Path, files: dict[str, str], dialect: str = "") -> Report:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    overrides: dict[str, object] = {"select": (INDEX,), "dialect": dialect} if dialect else {"select": (INDEX,)}
    return run(Request(paths=[str(folder)], root=folder, isolated=True, overrides=overrides)).report


def said(folder: Path, files: dict[str, str], dialect: str = "") -> list[tuple[str, str, str]]:
    return [(found.message, found.minimal, found.repair) for found in report(folder, files, dialect).findings]


def django(others: str, operation: str = ADD, head: str = "", atomic: str = "") -> dict[str, str]:
    return {
        "shop/settings.py": SETTINGS % others,
        "billing/migrations/__init__.py": "",
        "billing/migrations/0002_paid.py": DJANGO % (head, atomic, operation),
    }


STATEMENT = "CREATE INDEX CONCURRENTLY invoice_paid ON billing_invoice (paid);"
NEW = (
    "A migration that has run stays as it is and goes into the baseline, and a table that stays small is named in "
    "the configuration's `small-tables`; otherwise "
)
INSIDE = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"


def test_django_on_one_database(tmp_path: Path) -> None:
    assert said(tmp_path, django("")) == [
        (
            f"writes to billing_invoice wait until the index invoice_paid is built{INSIDE}",
            f"{NEW}build the index on billing_invoice CONCURRENTLY, outside a transaction: {STATEMENT}",
            (
                "AddIndexConcurrently from django.contrib.postgres.operations, in a migration of its own with "
                "atomic = False on the Migration class"
            ),
        )
    ]


SEVERAL = (
    (
        "on PostgreSQL (this may be run on mysql and sqlite, too) writes to billing_invoice wait until the index "
        f"invoice_paid is built{INSIDE}"
    ),
    (
        f"{NEW}build the index on billing_invoice CONCURRENTLY, outside a transaction: only where the connection is "
        f"PostgreSQL's (mysql and sqlite would refuse the word or take it for a name): {STATEMENT}"
    ),
    (
        "SeparateDatabaseAndState(database_operations=[RunPython(build, drop)], state_operations=[AddIndex(…)]) in a "
        "migration of its own with atomic = False, where build(apps, schema_editor) runs CREATE INDEX CONCURRENTLY by "
        'schema_editor.execute(…, params=None) if schema_editor.connection.vendor == "postgresql", else '
        "schema_editor.add_index(model, index)"
    ),
)


def test_django_on_several_databases(tmp_path: Path) -> None:
    assert said(tmp_path, django(MYSQL + SQLITE)) == [SEVERAL]


def test_whoever_names_the_database_means_it(tmp_path: Path) -> None:
    [(message, _, repair)] = said(tmp_path, django(MYSQL + SQLITE), "postgres")
    assert message.startswith("writes to billing_invoice")
    assert repair.startswith("AddIndexConcurrently")
    assert said(tmp_path, django(MYSQL + SQLITE), "mysql") == []


def test_what_the_repair_says_is_silent(tmp_path: Path) -> None:
    assert said(tmp_path, django(SQLITE, APART, BUILT, "atomic = False\n    ")) == []


def test_a_project_of_other_databases_is_left_alone(tmp_path: Path) -> None:
    files = django(MYSQL + SQLITE)
    files["shop/settings.py"] = files["shop/settings.py"].replace("postgresql", "oracle")
    assert said(tmp_path, files) == []


UNIQUE = 'migrations.AddField("invoice", "slug", models.CharField(max_length=9, unique=True, null=True))'
ONCE = 'models.UniqueConstraint(fields=["at"], name="once", condition=models.Q(paid=True))'
CONSTRAINT = f'migrations.AddConstraint("invoice", {ONCE})'


@pytest.mark.parametrize("operation", [UNIQUE, CONSTRAINT])
def test_repairs_without_a_statement_to_paste_where_it_would_fail(tmp_path: Path, operation: str) -> None:
    [(_, _, repair)] = said(tmp_path, django(SQLITE, operation))
    assert ' if schema_editor.connection.vendor == "postgresql", and on every other database what ' in repair
    assert "RunSQL" not in repair
    assert "<" not in repair


def test_alembic_on_two_databases(tmp_path: Path) -> None:
    create = 'op.create_index("invoice_paid", "invoice", ["paid"])'
    files = {"migrations/versions/2_paid.py": ALEMBIC % create, "app.py": ENGINES}
    assert said(tmp_path, files) == [
        (
            (
                "on PostgreSQL (this may be run on sqlite, too) writes to invoice wait until the index invoice_paid is "
                f"built{INSIDE}"
            ),
            (
                f"{NEW}build the index on invoice CONCURRENTLY, outside a transaction: only where the connection is "
                "PostgreSQL's (sqlite would refuse the word or take it for a name): CREATE INDEX CONCURRENTLY "
                "invoice_paid ON invoice (paid);"
            ),
            (
                "with op.get_context().autocommit_block(): op.create_index(…, postgresql_concurrently=True), in a "
                "migration of its own: databases other than PostgreSQL ignore that argument; SQL of your own only if "
                'op.get_bind().dialect.name == "postgresql"'
            ),
        )
    ]
    create = create.replace(")", ", postgresql_concurrently=True)")
    create = f"with op.get_context().autocommit_block():\n        {create}"
    assert said(tmp_path, {"migrations/versions/2_paid.py": ALEMBIC % create}) == []


def test_what_another_database_has_is_no_fact_of_this_one(tmp_path: Path) -> None:
    """A folder that is named for one of the project's databases holds that one's schema."""
    create = 'op.create_index("invoice_paid", "invoice", ["paid"])'
    files = {
        "migrations/versions/2_paid.py": ALEMBIC % create,
        "app.py": ENGINES.replace("sqlite:///shop.db", "oracle+oracledb://shop"),
        "etc/sql/oracle/schema.sql": "CREATE TABLE invoice (id integer, paid date) PARTITION BY LIST (paid);\n",
    }
    assert said(tmp_path, files)[0][0] == (
        "on PostgreSQL (this may be run on oracle, too) writes to invoice wait until the index invoice_paid is "
        f"built{INSIDE}"
    )
    files["etc/sql/schema.sql"] = files.pop("etc/sql/oracle/schema.sql")
    assert said(tmp_path / "b", files)[0][0] == (
        "on PostgreSQL (this may be run on oracle, too) writes to invoice wait until the index invoice_paid is built, "
        "and invoice is partitioned, so that CONCURRENTLY is refused: index its partitions one by one"
    )


def test_a_file_of_sql_gets_words_and_no_statement(tmp_path: Path) -> None:
    files = {"migrations/0002_paid.sql": "CREATE INDEX invoice_paid ON invoice (paid);\n", "app.py": ENGINES}
    assert said(tmp_path, files) == [
        (
            (
                "on PostgreSQL (this may be run on sqlite, too) writes to invoice wait until the index invoice_paid is "
                "built"
            ),
            (
                f"{NEW}build the index on invoice CONCURRENTLY, outside a transaction: only in a step that no other "
                "database runs (sqlite would refuse the word or take it for a name)"
            ),
            "",
        )
    ]


def test_the_note_names_the_databases(tmp_path: Path) -> None:
    notes = [note.message for note in report(tmp_path, django(MYSQL + SQLITE)).diagnostics]
    assert notes == [f"several databases are configured (mysql, postgres, sqlite); {READ} (--dialect chooses)"]
    files = {"migrations/1.sql": "DROP TABLE a;", "app/migrations/1.sql": "DROP TABLE b;"}
    notes = [note.message for note in report(tmp_path / "b", {**files, "app.py": ENGINES}).diagnostics]
    assert notes == [
        f"several databases are configured (postgres, sqlite); {READ} (here and 1 more; --dialect chooses)"
    ]
    notes = [note.message for note in report(tmp_path / "c", {**files, "requirements.txt": DRIVERS}).diagnostics]
    assert notes == [
        f"drivers of several databases are required (postgres, sqlite); {READ} (here and 1 more; --dialect chooses)"
    ]
    files_of_both = {**files, "app.py": 'ADDRESS = f"sqlite:///{folder}/data.db"', "requirements.txt": "psycopg"}
    notes = [note.message for note in report(tmp_path / "e", files_of_both).diagnostics]
    assert notes == [
        (
            "several databases are configured, or their drivers required (postgres, sqlite); "
            f"{READ} (here and 1 more; --dialect chooses)"
        )
    ]
    notes = [note.message for note in report(tmp_path / "d", files).diagnostics]
    assert notes == [f"nothing says which database migrations are for; {READ} (here and 1 more)"]


READ = "migrations are read as postgres"
DRIVERS = "psycopg\naiosqlite\n"
