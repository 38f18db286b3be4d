"""What `security/sql-injection` says: who decides, where the value ends, and how this library binds or quotes."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

PYTHON = "import psycopg\nimport sqlite3\nfrom flask import request\n"


def finding(folder: Path, text: str, name: str = "app.py") -> ReportedFinding:
    (folder / name).write_text(text)
    request = Request(
        paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    (found,) = run(request).report.findings
    return found


@pytest.mark.parametrize(
    ("text", "message", "repair", "sub", "confidence"),
    [
        (
            "def find(opened: psycopg.Connection, name):\n    opened.execute(f\"SELECT id FROM customer WHERE name = '{name}'\")\n",
            "`name` is put into the SQL text of `opened.execute()`, and is a parameter of the function",
            'cursor.execute("… WHERE name = %s", (name,))',
            "parameter",
            "medium",
        ),
        (
            "def clear(opened: psycopg.Connection, table):\n    opened.execute('DELETE FROM ' + table)\n",
            "`table` is put into the SQL text of `opened.execute()` where a name stands, and is a parameter of the function",
            'psycopg.sql.SQL("… {} …").format(psycopg.sql.Identifier(table))',
            "parameter",
            "medium",
        ),
        (
            "def find(opened: sqlite3.Connection):\n    opened.execute(\"SELECT id FROM customer WHERE mail LIKE '%\" + request.args['q'] + \"%'\")\n",
            "the request's `request.args['q']` reaches the SQL text of `opened.execute()`",
            "connection.execute(\"… WHERE mail = ?\", (request.args['q'],))",
            "request",
            "very-high",
        ),
        (
            "def page(opened: sqlite3.Connection, a, b, c):\n    opened.execute(f'SELECT id FROM customer LIMIT {a} OFFSET {b} + {c}')\n",
            "`a`, `b` and 1 more are put into the SQL text of `opened.execute()`, and are parameters of the function",
            'connection.execute("… WHERE column = ?", (a,))',
            "parameter",
            "medium",
        ),
        (
            "def copy(opened: sqlite3.Connection):\n    for row in opened.execute('SELECT name FROM t').fetchall():\n        opened.execute(f'SELECT id FROM {row[0]}')\n",
            "`row[0]` is put into the SQL text of `opened.execute()` where a name stands, and was read from the database",
            "COLUMNS[row[0]], where COLUMNS is a dict of the names that may stand there",
            "database",
            "low",
        ),
    ],
)  # fmt: skip
def test_messages(tmp_path: Path, text: str, message: str, repair: str, sub: str, confidence: str) -> None:
    found = finding(tmp_path, PYTHON + text)
    assert (found.message, found.repair, found.sub, found.confidence) == (message, repair, sub, confidence)


def test_a_request_is_worse_than_a_parameter(tmp_path: Path) -> None:
    text = "def find(opened: sqlite3.Connection, name):\n    opened.execute(f'SELECT {name} FROM t WHERE a = {request.args[\"q\"]}')\n"
    found = finding(tmp_path, PYTHON + text)
    assert found.message == "the request's `request.args['q']` reaches the SQL text of `opened.execute()`"
    assert [related.message for related in found.related] == [
        "`request.args['q']` comes from the request",
        "`name` is a parameter of the function",
    ]


def test_the_repair_is_of_the_receiver_s_own_library(tmp_path: Path) -> None:
    text = "from django.db import connection\n\ndef sort(order):\n    with connection.cursor() as cursor:\n        cursor.execute('SELECT id FROM t ORDER BY ' + order)\n"
    assert finding(tmp_path, text).repair == "connection.ops.quote_name(order)"


@pytest.mark.parametrize("times", [8, 16, 30, 300])
def test_a_text_that_is_assigned_many_times_is_no_parameter(tmp_path: Path, times: int) -> None:
    added = '    text = text + " OR name = \'" + name + "\'"\n' * times
    body = f"    text = 'SELECT id FROM customer WHERE 1 = 0'\n{added}    opened.execute(text)\n"  # noqa: S608
    found = finding(tmp_path, f"import psycopg\ndef find(opened: psycopg.Connection, name):\n{body}")
    assert found.message == (
        "`name` is put into the SQL text of `opened.execute()`, and is a parameter of the function"
    )
