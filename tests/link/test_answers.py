"""What is read from a database: rows of its tables, or its own names of tables and columns."""

from __future__ import annotations

import pytest

from tests.link.linked import linked, shape

NAMES = "SELECT column_name FROM information_schema.columns"
ROWS = "SELECT name FROM customer"


def python(body: str, parameters: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = (
        "import sqlite3\nimport psycopg\nimport sqlalchemy\nfrom sqlalchemy.orm import Session\n"
        f"def run(opened: psycopg.Connection, session: Session, context, {parameters}):\n{lines}"
    )
    calls = [call for call in linked({"app.py": source}).calls if call.text is not None]
    return shape(calls[-1].text)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (NAMES, "schema"),
        (ROWS, "database"),
        ("SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace", "schema"),
        ("SELECT relname FROM pg_class JOIN customer ON true", "database"),
        ("SELECT name FROM sqlite_master WHERE type = 'table'", "schema"),
        ("SELECT name FROM (SELECT name FROM sqlite_master) AS inside", "schema"),
        ("SELECT name FROM (SELECT name FROM customer) AS inside", "database"),
        ("PRAGMA table_info(customer)", "schema"),
        ("SELECT shop.statement(1, %s)", "unknown"),
        ("SELECT shop.statement(1), upper((SELECT name FROM customer))", "database"),
        ("SELECT shop.statement(name) FROM customer", "database"),
    ],
)
def test_what_a_statement_reads(statement: str, expected: str) -> None:
    body = f'for row in opened.execute("{statement}"):\n    opened.execute("SELECT " + row[0])'
    assert python(body) == f"SELECT {{{expected}:row[0]}}"


@pytest.mark.parametrize(("statement", "expected"), [(NAMES, "schema"), (ROWS, "database")])
@pytest.mark.parametrize(
    ("before", "hole"),
    [
        ("cursor = opened.cursor()\ncursor.execute('{}')\nrow = cursor.fetchone()", "row[0]"),
        (
            "with opened.cursor() as cursor:\n    cursor.execute('{}')\n    all = [r[0] for r in cursor.fetchall()]",
            "all",
        ),
        ("row = session.execute(sqlalchemy.text('{}')).fetchone()", "row[0]"),
        ("statement = '{}'\nrow = opened.execute(statement).fetchone()", "row[0]"),
        ("row = context['opened'].execute('{}').fetchone()", "row[0]"),
        ("row = context['opened'].execute(sqlalchemy.text('{}')).fetchone()", "row[0]"),
        ("cursor = context.cursor()\ncursor.execute('{}')\nrow = cursor.fetchone()", "row[0]"),
    ],
)
def test_how_the_statement_is_found(before: str, hole: str, statement: str, expected: str) -> None:
    assert python(f"{before.format(statement)}\nopened.execute('SELECT ' + {hole})").startswith(f"SELECT {{{expected}:")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("context['opened'].execute('words of a person')[0]", "parameter"),
        ("context['opened'].execute()[0]", "parameter"),
        ("context['opened'][0]", "parameter"),
    ],
)
def test_what_no_statement_is_handed_to(call: str, expected: str) -> None:
    assert python(f"opened.execute('SELECT ' + {call})").startswith(f"SELECT {{{expected}:")


@pytest.mark.parametrize(("statement", "expected"), [(NAMES, "schema"), (ROWS, "database")])
def test_rows_of_typescript(statement: str, expected: str) -> None:
    source = (
        "import { Pool } from 'pg';\nconst opened = new Pool();\n"
        f"export async function run(given) {{\n  const {{ rows }} = await given.query('{statement}');\n"
        "  for (const row of rows) { await opened.query(`SELECT ${row.name}`); }\n}\n"
    )
    calls = [call for call in linked({"app.ts": source}).calls if call.text is not None]
    assert shape(calls[-1].text) == f"SELECT {{{expected}:row.name}}"
