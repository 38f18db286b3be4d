"""What is told of statements that a function of the project runs for its callers, and of DDL beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

Told = list[tuple[str, int, int, str]]


def told(folder: Path, program: str) -> Told:
    (folder / "app.py").write_text(program, "utf-8")
    request = Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("all",)})
    return sorted(
        (item.rule, item.region.start.line, item.region.start.column, item.message)
        for item in run(request).report.findings
    )


WRAPPER = """\
from sqlalchemy import text
from sqlalchemy.orm import Session


def run(session: Session, query, values=None):
    RUN


def forget(session: Session):
    run(session, GIVEN("DELETE FROM wallet"))


def each(session: Session, keys):
    for key in keys:
        run(session, GIVEN("SELECT id FROM wallet WHERE owner_id = :id"), {"id": key})


def store(session: Session, keys):
    for key in keys:
        run(session, GIVEN("INSERT INTO wallet (id) VALUES (:id)"), {"id": key})


def search(session: Session, name):
    run(session, GIVEN(f"SELECT * FROM wallet WHERE name = '{name}'"))


def outside(session: Session):
    run(session, GIVEN("UPDATE wallet SET open = 1 WHERE id = 1"))
    for key in (1, 2):
        run(session, GIVEN("SELECT id FROM wallet WHERE id = :id"), {"id": key})
"""
AGAIN = "\n\n\ndef again(session: Session, query, values):\n    return session.execute("
ALL = "one statement can do it for all"
EVERY = (
    "every row of wallet is deleted: the statement has no condition; elsewhere the program chooses its rows by owner_id"
)


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("return session.execute(text(query), values)", ""),
        ("statement = text(query)\n    return session.execute(statement, values)", ""),
        ("return session.execute(statement=text(query), params=values)", ""),
        ("return session.execute(text(query.replace('?', ':id')), values)", ""),
        ("return again(session, query, values)AGAINtext(query), values)", ""),
        ("return session.execute(query, values)", "text"),
        ("return again(session, query, values)AGAINquery, values)", "text"),
    ],
)
def test_a_statement_that_a_wrapper_runs_is_its_callers(tmp_path: Path, body: str, given: str) -> None:
    body = body.replace("AGAIN", AGAIN)
    found = told(tmp_path, WRAPPER.replace("RUN", body).replace("GIVEN(", f"{given}("))
    down, wide = body.count("\n"), 15 + len(given)
    injected = f"`name` is put into the SQL text of `{given or 'run'}()`, and is a parameter of the function"
    assert found == [
        ("query/n-plus-one", 15 + down, 9, "`run()` reads wallet once per element of `keys`"),
        ("query/select-star", 24 + down, 13 + wide, "every column of wallet is asked for"),
        ("query/write-in-loop", 20 + down, 9, f"`run()` inserts into wallet once per element of `keys`; {ALL}"),
        ("query/write-without-where", 10 + down, 5 + wide, EVERY),
        ("security/sql-injection", 24 + down, 18 if given else 5, injected),
    ]


INNER = """\
from sqlalchemy import text
from sqlalchemy.orm import Session


def run(session: Session, statement, rows):
    for row in rows:
        session.execute(statement, row)


def store(session: Session, rows):
    run(session, text("INSERT INTO wallet (id) VALUES (:id)"), rows)
"""


def test_a_loop_of_the_wrapper_is_told_there(tmp_path: Path) -> None:
    assert told(tmp_path, INNER) == [
        ("query/write-in-loop", 7, 9, f"`session.execute()` inserts into wallet once per element of `rows`; {ALL}")
    ]


TABLES = """\
import sqlite3


def insert_all(cursor: sqlite3.Cursor, query, data):
    for row in data:
        cursor.execute(query, row)


def other(cursor: sqlite3.Cursor, tables):
    for table in tables:
        query = TEXT
        insert_all(cursor, query, table.rows)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f'INSERT INTO {table} VALUES (?)'", []),
        ("written(table)", []),
        ("STATEMENTS[table]", []),
        (
            "'INSERT INTO line VALUES (?)'",
            [(12, 9, f"`insert_all()` inserts into line once per element of `tables`; {ALL}")],
        ),
        (
            "f'INSERT INTO {TARGET} VALUES (?)'",
            [(12, 9, f"`insert_all()` inserts into a table once per element of `tables`; {ALL}")],
        ),
    ],
)
def test_a_text_that_the_element_decides_is_another_statement(
    tmp_path: Path, text: str, expected: list[tuple[int, int, str]]
) -> None:
    more = "\n\ndef written(table):\n    return f'INSERT INTO {table} VALUES (?)'\n"
    found = told(tmp_path, TABLES.replace("TEXT", text) + more)
    assert [each[1:] for each in found if each[0] == "query/write-in-loop"] == expected


CONNECT = """\
import sqlite3
from contextlib import contextmanager


class Database:
    def __init__(self, schema):
        self.schema = schema

    @contextmanager
    def connect(self):
        opened = sqlite3.connect("shop.db")
        opened.execute(DDL)
        yield opened

    def execute(self, query: str, values=()):
        with self.connect() as opened:
            return opened.execute(query, values)


db = Database("shop")


def forget():
    with db.connect() as opened:
        opened.execute("DELETE FROM wallet")


def each(keys):
    for key in keys:
        db.execute("SELECT id FROM wallet WHERE owner_id = ?", (key,))


def store(keys):
    for key in keys:
        db.execute("INSERT INTO wallet (id) VALUES (?)", (key,))
"""
SPOKEN = [
    ("query/n-plus-one", 30, 9, "`db.execute()` reads wallet once per element of `keys`"),
    ("query/write-in-loop", 35, 9, f"`db.execute()` inserts into wallet once per element of `keys`; {ALL}"),
    ("query/write-without-where", 25, 25, EVERY),
]


@pytest.mark.parametrize(
    ("ddl", "spoken"),
    [
        ("'CREATE SCHEMA IF NOT EXISTS more'", True),
        ("'CREATE SCHEMA more'", True),
        ("f'CREATE SCHEMA IF NOT EXISTS {self.schema}'", True),
        ("'CREATE EXTENSION IF NOT EXISTS pg_trgm'", True),
        ("\"ATTACH 'more.db' AS more\"", True),
        ("'CREATE TABLE IF NOT EXISTS version (id int)'", True),
        ("'CREATE INDEX IF NOT EXISTS at ON version (id)'", True),
        ("'SELECT 1'", True),
        ("'CREATE TABLE IF NOT EXISTS Wallet (id int)'", False),
        ("'CREATE INDEX IF NOT EXISTS at ON wallet (id)'", False),
        ("f'CREATE TABLE IF NOT EXISTS {self.schema} (id int)'", False),
        ("'CREATE TABLE version (id int)'", False),
        ("'DROP SCHEMA more'", False),
        ("'CREATE SCHEMA IF NOT EXISTS more; DROP TABLE wallet'", False),
    ],
)
def test_housekeeping_is_no_reason_for_silence(tmp_path: Path, ddl: str, spoken: bool) -> None:
    found = told(tmp_path, CONNECT.replace("DDL", ddl))
    kept = [each for each in found if each[0].startswith("query/")]
    assert kept == (SPOKEN if spoken else [])


SCHEMAS = """\
import sqlite3


def prepare(opened: sqlite3.Connection, name):
    opened.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")


def each(opened: sqlite3.Connection, names):
    for name in names:
        BEFORE
        opened.execute("SELECT id FROM wallet WHERE name = ?", (name,))
"""


@pytest.mark.parametrize(
    ("before", "spoken"),
    [
        ('opened.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")', False),
        ("prepare(opened, name)", False),
        ('opened.execute("CREATE SCHEMA IF NOT EXISTS shop")', True),
    ],
)
def test_an_element_with_a_schema_of_its_own(tmp_path: Path, before: str, spoken: bool) -> None:
    found = [each for each in told(tmp_path, SCHEMAS.replace("BEFORE", before)) if each[0].startswith("query/")]
    message = "`opened.execute()` reads wallet once per element of `names`"
    assert found == ([("query/n-plus-one", 11, 9, message)] if spoken else [])
