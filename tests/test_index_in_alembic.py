"""What `migration/index-not-concurrent` says of Alembic's migrations: tables that were there, branches for another
database, arguments that cannot be said, and where a transaction is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import INDEX, findings

FIRST = """\
from alembic import op
import sqlalchemy as sa

revision = "1"
down_revision = None


def upgrade():
    op.create_table("invoice", sa.Column("id", sa.Integer, primary_key=True), sa.Column("paid", sa.Boolean))
"""
SECOND = """\
from alembic import op

revision = "2"
down_revision = "1"
SURELY = True


def upgrade(concurrently=None, **options):
"""
WAITS = "writes to invoice wait until the index i is built"
INSIDE = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
CREATE = 'op.create_index("i", "invoice", ["paid"])'


def said(folder: Path, *body: str) -> list[str]:
    second = SECOND + "".join(f"    {line}\n" for line in body)
    files = {"migrations/versions/1_first.py": FIRST, "migrations/versions/2_second.py": second}
    return [found.message for found in findings(folder, files, INDEX)]


def test_a_table_that_is_made_only_where_it_is_not_there_is_not_new(tmp_path: Path) -> None:
    assert said(tmp_path, 'op.execute("CREATE TABLE IF NOT EXISTS invoice (id integer)")', CREATE) == [WAITS + INSIDE]


def test_a_table_that_nobody_made_before_is_new(tmp_path: Path) -> None:
    body = ('op.execute("CREATE TABLE IF NOT EXISTS parcel (id integer)")', 'op.create_index("i", "parcel", ["id"])')
    assert said(tmp_path, *body) == []


@pytest.mark.parametrize(
    "body",
    [
        ('if op.get_bind().dialect.name == "sqlite":', f"    {CREATE}"),
        ('if op.get_context().dialect.name != "postgresql":', f"    {CREATE}"),
        ('if not op.get_bind().engine.name == "postgresql":', f"    {CREATE}"),
        ("name = op.get_bind().dialect.name", 'if name in ("sqlite", "mysql"):', f"    {CREATE}"),
        ('if op.get_bind().dialect.name == "postgresql":', "    return", CREATE),
    ],
)
def test_what_is_for_another_database_is_silent(tmp_path: Path, body: tuple[str, ...]) -> None:
    assert said(tmp_path, *body) == []


@pytest.mark.parametrize(
    "body",
    [
        ('if op.get_bind().dialect.name == "sqlite":', "    pass", "else:", f"    {CREATE}"),
        ('if op.get_bind().dialect.name == "sqlite":', "    return", CREATE),
        ('if "postgresql" == op.get_bind().dialect.name:', f"    {CREATE}"),
        ("if concurrently:", "    return", CREATE),
    ],
)
def test_what_is_for_this_database_too_is_said(tmp_path: Path, body: tuple[str, ...]) -> None:
    assert said(tmp_path, *body) == [WAITS + INSIDE]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("postgresql_concurrently=concurrently", []),
        ("**options", []),
        ("postgresql_concurrently=SURELY", []),
        ("postgresql_concurrently=False", [WAITS + INSIDE]),
    ],
)
def test_an_argument_that_cannot_be_said_is_silent(tmp_path: Path, argument: str, expected: list[str]) -> None:
    assert said(tmp_path, f'op.create_index("i", "invoice", ["paid"], {argument})') == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (("with op.get_context().autocommit_block():", f"    {CREATE}"), WAITS),
        (('op.execute("COMMIT")', CREATE), WAITS),
        (('op.execute("COMMIT")', 'op.execute("BEGIN")', CREATE), WAITS + INSIDE),
    ],
)
def test_a_transaction_that_is_not_open_is_not_told(tmp_path: Path, body: tuple[str, ...], expected: str) -> None:
    assert said(tmp_path, *body) == [expected]
