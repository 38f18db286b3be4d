"""What `security/sql-injection` says: who decides, where the value ends, and how this library binds or quotes."""

# ruff: noqa: E501, S608 - one case per line reads best; texts that are judged, not run

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

QUOTE = 'psycopg.sql.SQL("… {} …").format(psycopg.sql.Identifier(x))'
CHOOSE = "WORDS[x], where WORDS is a dict of what may stand there, or int(x) for a number"
SET = """cursor.execute("SELECT set_config('{}', %s, {})", (str(x),))"""
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
            "cursor.execute('… WHERE name = %s', (name,))",
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
            "connection.execute('… WHERE mail = ?', (request.args['q'],))",
            "request",
            "very-high",
        ),
        (
            "def page(opened: sqlite3.Connection, a, b, c):\n    opened.execute(f'SELECT id FROM customer LIMIT {a} OFFSET {b} + {c}')\n",
            "`a`, `b` and 1 more are put into the SQL text of `opened.execute()`, and are parameters of the function",
            "connection.execute('… WHERE column = ?', (a,))",
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


def messages(folder: Path, text: str, name: str = "app.py") -> list[str]:
    (folder / name).write_text(text)
    request = Request(
        paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    return [found.message for found in run(request).report.findings]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def run(opened: sqlite3.Connection, sql):\n    opened.execute(sql)\n", []),
        ("def run(opened: sqlite3.Connection, options):\n    opened.execute(options.sql)\n", []),
        ("def run(opened: sqlite3.Connection, sql):\n    opened.execute(sql.strip())\n", []),
        (
            "def run(opened: sqlite3.Connection, names):\n    made = [f'DROP TABLE {name}' for name in names]\n    for each in made:\n        opened.execute(each)\n",
            ["`name` is put into the SQL text of `opened.execute()` where a name stands, and comes from what a caller hands in"],
        ),
        (
            "def run(opened: sqlite3.Connection, statements):\n    for each in statements:\n        opened.execute(each)\n",
            ["`each` is put into the SQL text of `opened.execute()` where a statement stands, and comes from what a caller hands in"],
        ),
    ],
)  # fmt: skip
def test_a_whole_text_is_judged_where_it_is_made(tmp_path: Path, body: str, expected: list[str]) -> None:
    assert messages(tmp_path, PYTHON + body) == expected


def test_what_a_client_sent_is_told_where_it_is_put_in(tmp_path: Path) -> None:
    text = (
        "def run(opened: sqlite3.Connection, sql):\n    return opened.execute(sql)\n"
        "def find(opened: sqlite3.Connection):\n"
        "    return run(opened, f\"SELECT id FROM t WHERE n = '{request.args['n']}'\")\n"
    )
    assert messages(tmp_path, PYTHON + text) == [
        "the request's `request.args['n']` reaches the SQL text of `run()`",
    ]


def test_what_a_framework_hands_in_is_told(tmp_path: Path) -> None:
    text = (
        "from fastapi import FastAPI\napp = FastAPI()\n"
        "@app.get('/')\ndef find(sql: str):\n    return sqlite3.connect('x').execute(sql)\n"
    )
    assert messages(tmp_path, PYTHON + text) == [
        "the request's `sql` reaches the SQL text of `sqlite3.connect().execute()` where a statement stands",
    ]


def test_a_test_does_not_silence(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    call = "import sqlite3\nfrom shop import find\n\ndef test_find():\n    find(sqlite3.connect(':memory:'), 'Ann')\n"
    (tmp_path / "tests" / "test_shop.py").write_text(call)
    body = "def find(opened: sqlite3.Connection, name):\n    opened.execute('ORDER BY ' + name)\n"
    expected = (
        "`name` is put into the SQL text of `opened.execute()` where a name stands, and is a parameter of the function"
    )
    assert messages(tmp_path, PYTHON + body, "shop.py") == [expected]


@pytest.mark.parametrize(
    ("sql", "role", "repair"),
    [
        ("SELECT id FROM t WHERE name = '{x}'", "", "cursor.execute('… WHERE name = %s', (x,))"),
        ('SELECT id FROM t WHERE "userName" = {x}', "", "cursor.execute('… WHERE \"userName\" = %s', (x,))"),
        ("SELECT id FROM t LIMIT {x}", "", "cursor.execute('… WHERE column = %s', (x,))"),
        ("SELECT id FROM t WHERE a IN ({x})", "", "cursor.execute('… WHERE a = %s', (x,))"),
        ("INSERT INTO t (a) VALUES (1, {x})", "", "cursor.execute('… WHERE column = %s', (x,))"),
        ("INSERT INTO t (a, {x}) VALUES (1)", " where a name stands", QUOTE),
        ("SELECT id, {x} FROM t", " where a name stands", QUOTE),
        ("SELECT id FROM t WHERE {x} = 1", " where a name stands", QUOTE),
        ("UPDATE t SET a = 1, {x} = 1", " where a name stands", QUOTE),
        ('SELECT id FROM "{x}"', " where a name stands", QUOTE),
        ('SELECT id FROM t JOIN u ON t.id = "{x}".id', " where a name stands", QUOTE),
        ("CREATE INDEX i ON {x} (id)", " where a name stands", QUOTE),
        ("INSERT INTO {x}(id) VALUES (1)", " where a name stands", QUOTE),
        ("INSERT INTO s.{x}(id) VALUES (1)", " where a name stands", QUOTE),
        ("CREATE INDEX i ON {x}(id)", " where a name stands", QUOTE),
        ("SELECT a, {x}(b) FROM t", " where the name of a function stands", CHOOSE),
        ("SELECT id FROM t WHERE {x}(a) = 1", " where the name of a function stands", CHOOSE),
        ("SELECT id FROM t ORDER BY id {x}", " where a part of the statement stands", CHOOSE),
        ("SELECT id FROM t WHERE id {x} 1", " where a part of the statement stands", CHOOSE),
        ("SELECT id FROM t WHERE {x}", " where a part of the statement stands", CHOOSE),
        ("CREATE TABLE t (a {x})", " where nothing can be bound", CHOOSE),
        ("ALTER ROLE r PASSWORD '{x}'", " where nothing can be bound", CHOOSE),
        ("SET LOCAL statement_timeout TO {x}", " where nothing can be bound", SET.format("statement_timeout", "true")),
        ("SET search_path = {x}", " where nothing can be bound", SET.format("search_path", "false")),
        ("SELECT id FROM ({x}) AS inside", " where a statement stands", ""),
        ("BEGIN; {x}", " where a statement stands", ""),
    ],
)
def test_what_stands_at_the_value(tmp_path: Path, sql: str, role: str, repair: str) -> None:
    text = f"def run(opened: psycopg.Connection, x):\n    opened.execute(f{sql!r})\n"
    found = finding(tmp_path, PYTHON + text)
    message = f"`x` is put into the SQL text of `opened.execute()`{role}, and is a parameter of the function"
    assert (found.message, found.repair) == (message, repair)


@pytest.mark.parametrize(
    ("library", "sql", "role"),
    [
        ("sqlite3", 'SELECT id FROM t WHERE name = "{x}"', ""),
        ("psycopg", 'SELECT id FROM t WHERE name = "{x}"', " where a name stands"),
    ],
)
def test_text_in_the_quotes_of_names(tmp_path: Path, library: str, sql: str, role: str) -> None:
    text = f"def run(opened: {library}.Connection, x):\n    opened.execute(f{sql!r})\n"
    found = finding(tmp_path, PYTHON + text)
    assert found.message.partition(", and")[0] == f"`x` is put into the SQL text of `opened.execute()`{role}"
    note = "; the quotes around it go, for quoting writes its own" if role else ""
    assert [related.message for related in found.related] == [f"`x` is a parameter of the function{note}"]


def test_a_key_with_a_default_is_told(tmp_path: Path) -> None:
    text = "def find(opened: psycopg.Connection, x):\n    opened.execute(f\"SELECT id FROM t LIMIT {x.get('size', 10)}\")\n"
    assert finding(tmp_path, PYTHON + text).message.startswith("`x.get('size', …)` is put into")


@pytest.mark.parametrize(
    ("member", "repair"),
    [
        ("$queryRawUnsafe", "$queryRaw`… WHERE name = ${name}` (the tagged template binds its holes)"),
        ("$executeRawUnsafe", "$executeRaw`… WHERE name = ${name}` (the tagged template binds its holes)"),
    ],
)
def test_a_repair_of_the_member_s_own(tmp_path: Path, member: str, repair: str) -> None:
    text = (
        "import { PrismaClient } from '@prisma/client';\nconst prisma = new PrismaClient();\n"
        f"export const find = (name: string) => prisma.{member}(`… WHERE name = '${{name}}'`);\n"
    )
    assert finding(tmp_path, text, "app.ts").repair == repair


@pytest.mark.parametrize("times", [8, 16, 30, 300])
def test_a_text_that_is_assigned_many_times_is_no_parameter(tmp_path: Path, times: int) -> None:
    added = '    text = text + " OR name = \'" + name + "\'"\n' * times
    body = f"    text = 'SELECT id FROM customer WHERE 1 = 0'\n{added}    opened.execute(text)\n"
    found = finding(tmp_path, f"import psycopg\ndef find(opened: psycopg.Connection, name):\n{body}")
    assert found.message == (
        "`name` is put into the SQL text of `opened.execute()`, and is a parameter of the function"
    )


@pytest.mark.parametrize(
    ("before", "condition", "count"),
    [
        ("const manual = false;", "manual", 0),
        ("const manual = true;", "manual", 1),
        ("let manual = false;", "manual", 1),
        ("", "false", 0),
        ("", "true", 1),
    ],
)
def test_a_branch_that_a_constant_closes_never_runs(tmp_path: Path, before: str, condition: str, count: int) -> None:
    text = (
        f"import {{ Pool }} from 'pg';\nconst pool = new Pool();\n{before}\n"
        f"export async function find(name: string) {{\n  if ({condition}) {{ await pool.query(`ORDER BY ${{name}}`); }}\n}}\n"
    )
    assert len(messages(tmp_path, text, "app.ts")) == count


def test_a_placeholder_is_not_named_by_a_value(tmp_path: Path) -> None:
    text = "def run(opened: psycopg.Connection, x):\n    opened.execute(f'SELECT id FROM t WHERE a = :_{x}')\n"
    found = finding(tmp_path, PYTHON + text)
    assert found.message == (
        "`x` is put into the SQL text of `opened.execute()` as the name of a placeholder, and is a parameter of the function"
    )
    assert found.minimal == (
        "Take `x` out of the text: name placeholders by a counter (id_0, id_1, …), and hand the value over under that name."
    )
    assert found.repair == ""


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("f'EXPLAIN (FORMAT json, ANALYZE) {x}'", None),
        ("'explain query plan ' + x", None),
        ("f'EXPLAIN ANALYZE SELECT a FROM t WHERE b = {x}'", ""),
        ("f'CREATE MATERIALIZED VIEW v AS {x}'", " where a statement stands"),
        ("f'CREATE VIEW v AS SELECT a AS {x} FROM t'", " where a name stands"),
    ],
)
def test_a_whole_statement_that_is_explained_or_kept(tmp_path: Path, text: str, role: str | None) -> None:
    said = messages(tmp_path, PYTHON + f"def run(opened: psycopg.Connection, x):\n    opened.execute({text})\n")
    told = f"`x` is put into the SQL text of `opened.execute()`{role}, and is a parameter of the function"
    assert said == ([] if role is None else [told])


READ = (
    PYTHON
    + """

def work(opened: psycopg.Connection):
    rows = opened.execute("SELECT id, status FROM job").fetchall()
    for row in rows:
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row[0]}")
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row.id}")
        opened.execute(f"UPDATE work SET a = '{row[1].upper()}' WHERE id = {row['id']}")  # told
        opened.execute(f"UPDATE work SET a = '{row['status']}'")  # told
    one = opened.execute("SELECT * FROM job j").fetchone()
    opened.execute(f"UPDATE work SET a = 1 WHERE id = {one.id}")
    opened.execute(f"UPDATE work SET a = 1 WHERE id = {one[0]}")  # told
    for row in opened.execute("SELECT status AS id, j.id AS status, h.id FROM job j JOIN host h ON true"):
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row[1]}")
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row.id}")  # told
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row[2]}")
    for number, state in rows:
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {number}")
        opened.execute(f"UPDATE work SET a = '{state}' WHERE id = {number}")  # told
    for row in opened.execute("SELECT id FROM page"):
        opened.execute(f"UPDATE work SET a = 1 WHERE id = {row[0]}")  # told
"""
)
TYPES = """\
CREATE TABLE job (id bigint PRIMARY KEY, status text);
CREATE TABLE run (id bigint PRIMARY KEY, host_id integer REFERENCES host (id));
"""


def test_a_column_of_numbers_holds_no_sql(tmp_path: Path) -> None:
    """A table that nothing makes (`host`) is known by what refers to it; of `page` nothing is known."""
    (tmp_path / "types.sql").write_text(TYPES)
    (tmp_path / "app.py").write_text(READ)
    request = Request(
        paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    told = [index for index, line in enumerate(READ.splitlines(), 1) if "# told" in line]
    found = run(request).report.findings
    assert [each.region.start.line for each in found] == told
    assert found[0].message == (
        "`row[1]` is put into the SQL text of `opened.execute()`, and was read from the database"
    )


PLACES = """
class Store:
    def __init__(self, opened: psycopg.Connection, names):
        self.opened = opened
        self.names = [name.strip() for name in names.split(",")]

    def load(self):
        for name in self.names:
            self.opened.execute(f"INSTALL {name}")
            self.opened.execute(f"LOAD {name}")
            self.opened.execute(f"SELECT id FROM t WHERE a = '{name}'")

    def drop(self):
        for name in self.names:
            self.opened.execute(f"LOAD {name}")
"""


def test_a_value_is_told_once_per_function_and_what_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PYTHON + PLACES)
    request = Request(
        paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    told = run(request).report.findings
    part = "`name` is put into the SQL text of `self.opened.execute()` where a part of the statement stands, and"
    came = "comes from what a caller hands in"
    assert [(each.region.start.line, each.message) for each in told] == [
        (12, f"{part} {came}; so it is in 2 places of this function"),
        (14, f"`name` is put into the SQL text of `self.opened.execute()`, and {came}"),
        (18, f"{part} {came}"),
    ]
    assert [(each.region.start.line, each.message) for each in told[0].related] == [
        (12, f"`name` {came}"),
        (13, "`self.opened.execute()` is given it, too"),
    ]


TOTALS = """
const { Pool } = require('pg');
const pool = new Pool();

module.exports = function (module) {
  module.sumUp = async function (params) {
    params.sort = 1;
    return await summed(params);
  };

  module.sumDown = async function (params) {
    params.sort = -1;
    return await summed(params);
  };

  async function summed(params) {
    const how = params.how || 'SUM';
    return pool.query(`SELECT ${how}(weight) AS total FROM jar WHERE shelf = $1`, [params.shelf]);
  }
};
"""
STORE = """
const store = require('./store');
exports.second = (shelf) => store.sumDown({ shelf });
exports.third = (shelf, up) => store[up ? 'sumUp' : 'sumDown']({ shelf, how: %s });
exports.fourth = (shelf, up) => {
  const method = up ? 'sumUp' : 'sumDown';
  return store[method]({ shelf, how: %s });
};
"""


@pytest.mark.parametrize(
    ("third", "fourth", "changed", "told"),
    [
        ("'MIN'", "'AVG'", "", False),
        ("shelf.how", "'MIN'", "", True),
        ("'MIN'", "shelf.how", "", True),
        ("'MIN'", "'MAX'", "params.how = params.word;", True),
    ],
)
def test_a_property_that_all_callers_write_out(
    tmp_path: Path, third: str, fourth: str, changed: str, *, told: bool
) -> None:
    (tmp_path / "store.js").write_text("const store = module.exports;\nrequire('./totals')(store);\n")
    (tmp_path / "app.js").write_text(STORE % (third, fourth))
    text = TOTALS.replace("params.sort = -1;", f"params.sort = -1; {changed}")
    part = "`params.how` is put into the SQL text of `pool.query()` where the name of a function stands, and"
    expected = [f"{part} comes from what a caller hands in"] if told else []
    assert messages(tmp_path, text, "totals.js") == expected


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ("    call(opened, 'last')\n", True),
        ("    call(opened, name)\n", False),
        ("    call(opened, request.args['name'])\n", False),
    ],
)
def test_literals_of_many_call_sites(tmp_path: Path, others: str, told: bool) -> None:
    text = (
        PYTHON
        + "def call(opened, name):\n    opened.execute(f'SELECT shop.{name}()')\n"
        + "def work(opened: psycopg.Connection, name):\n"
        + "".join(f"    call(opened, 'part_{number}')\n" for number in range(40))
        + others
    )
    assert (messages(tmp_path, text) == []) is told


def test_what_more_call_sites_pass_than_are_asked_cannot_be_said(tmp_path: Path) -> None:
    text = (
        PYTHON
        + "A = 'a'\ndef call(opened, name):\n    opened.execute(f'SELECT shop.{name}()')\n"
        + "def work(opened: psycopg.Connection, name):\n"
        + "    call(opened, A)\n" * 14
    )
    assert messages(tmp_path, text) == []


def test_a_parameter_of_what_nobody_calls_is_nobody_s(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"part{number}.py").write_text("import sqlite3\n")
    text = (
        PYTHON
        + "def get_lost_rows(opened: psycopg.Connection, name):\n    opened.execute('SELECT ' + name)\n"
        + "def get_sent_rows(opened: psycopg.Connection):\n    opened.execute('SELECT ' + request.args['a'])\n"
        + "def get_shown_rows(opened: psycopg.Connection, other):\n    opened.execute('SELECT ' + other)\n"
        + "ROWS = {'shown': get_shown_rows}\n"
    )
    assert [message.partition(" ")[0] for message in messages(tmp_path, text)] == ["the", "`other`"]
