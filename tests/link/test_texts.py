"""SQL texts as the program assembles them: what is literal, what is a hole, what stands sometimes."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from dblint.facts.text import Literal
from tests.link.linked import linked, only, shape


def python(body: str, parameters: str = "", before: str = "", **files: str) -> Project:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return linked(
        {
            "app.py": f"import sqlite3\n{before}\nopened = sqlite3.connect('shop.db')\n\ndef run({parameters}):\n{lines}\n",
            **{f"{name}.py": text for name, text in files.items()},
        }
    )


def typescript(body: str, parameters: str = "", before: str = "", **files: str) -> Project:
    return linked(
        {
            "app.ts": (
                f"import {{ Pool }} from 'pg';\n{before}\nconst connections = new Pool();\n"
                f"export function run({parameters}) {{\n{body}\n}}\n"
            ),
            **{f"{name}.ts": text for name, text in files.items()},
        }
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("opened.execute('SELECT id FROM invoice')", "SELECT id FROM invoice"),
        ("opened.execute('SELECT id ' 'FROM invoice')", "SELECT id FROM invoice"),
        ("opened.execute('SELECT id ' + 'FROM invoice')", "SELECT id FROM invoice"),
        ("opened.execute('SELECT id FROM ' + table)", "SELECT id FROM {parameter:table}"),
        ("opened.execute('SELECT id FROM ' + table + ' LIMIT 5')", "SELECT id FROM {parameter:table} LIMIT 5"),
        ("opened.execute(f'SELECT id FROM {table}')", "SELECT id FROM {parameter:table}"),
        ("opened.execute(f'SELECT id FROM invoice LIMIT {5}')", "SELECT id FROM invoice LIMIT {constant=5}"),
        ("opened.execute('SELECT id FROM %s' % table)", "SELECT id FROM {parameter:table}"),
        ("opened.execute('SELECT %s FROM %s' % (column, table))", "SELECT {parameter:column} FROM {parameter:table}"),
        ("opened.execute('SELECT id FROM %(table)s' % {'table': table})", "SELECT id FROM {parameter:table}"),
        ("opened.execute('SELECT {} FROM {}'.format(column, table))", "SELECT {parameter:column} FROM {parameter:table}"),
        ("opened.execute('SELECT {1} FROM {0}'.format(table, column))", "SELECT {parameter:column} FROM {parameter:table}"),
        ("opened.execute('SELECT id FROM {name}'.format(name=table))", "SELECT id FROM {parameter:table}"),
        ("opened.execute(table)", "{parameter:table}"),
        ("opened.execute('  SELECT id FROM invoice '.strip())", "  SELECT id FROM invoice "),
        ("text = 'SELECT id FROM invoice'\nopened.execute(text)", "SELECT id FROM invoice"),
        ("text = f'SELECT id FROM {table}'\nopened.execute(text)", "SELECT id FROM {parameter:table}"),
        ("text = 'SELECT id FROM invoice'\ntext += ' LIMIT 5'\nopened.execute(text)", "SELECT id FROM invoice LIMIT 5"),
        ("text = 'SELECT id FROM invoice'\nif table:\n    text += ' WHERE paid = 1'\nopened.execute(text)", "SELECT id FROM invoice[ WHERE paid = 1]"),
        ("text = 'SELECT id FROM invoice WHERE 1'\nfor key in table:\n    text += ' OR id = ?'\nopened.execute(text, table)", "SELECT id FROM invoice WHERE 1( OR id = ?)*''"),
        ("opened.execute(f\"SELECT id FROM invoice ORDER BY id {'DESC' if table else 'ASC'}\")", "SELECT id FROM invoice ORDER BY id {constant=DESC|ASC}"),
        ("opened.execute(f'SELECT id FROM invoice LIMIT {int(table)}')", "SELECT id FROM invoice LIMIT {number:int()}"),
        ("opened.execute('SELECT id FROM invoice WHERE id IN (%s)' % ', '.join('?' for _ in keys), keys)", "SELECT id FROM invoice WHERE id IN ((?)*', ')"),
        ("marks = ', '.join('?' * len(keys))\nopened.execute(f'SELECT id FROM invoice WHERE id IN ({marks})', keys)", "SELECT id FROM invoice WHERE id IN ((?)*', ')"),
        ("marks = ', '.join(['?'] * len(keys))\nopened.execute(f'SELECT id FROM invoice WHERE id IN ({marks})', keys)", "SELECT id FROM invoice WHERE id IN ((?)*', ')"),
        ("opened.execute('SELECT id FROM invoice WHERE id IN (' + ', '.join(keys) + ')')", "SELECT id FROM invoice WHERE id IN ({parameter:keys})"),
    ],
)  # fmt: skip
def test_python(body: str, expected: str) -> None:
    assert shape(only(python(body, "table, column, keys")).text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return connections.query('SELECT id FROM invoice');", "SELECT id FROM invoice"),
        ("return connections.query('SELECT id ' + 'FROM invoice');", "SELECT id FROM invoice"),
        ("return connections.query(`SELECT id FROM ${table}`);", "SELECT id FROM {parameter:table}"),
        ("let text = 'SELECT id FROM invoice';\nif (table) text += ' WHERE paid';\nreturn connections.query(text);", "SELECT id FROM invoice[ WHERE paid]"),
        ("return connections.query(`SELECT id FROM invoice ORDER BY id ${table ? 'DESC' : 'ASC'}`);", "SELECT id FROM invoice ORDER BY id {constant=DESC|ASC}"),
        ("return connections.query(`SELECT id FROM invoice LIMIT ${Number(table)}`);", "SELECT id FROM invoice LIMIT {number:Number()}"),
        ("return connections.query(`SELECT id FROM invoice WHERE id IN (${keys.map(() => '?').join(', ')})`, keys);", "SELECT id FROM invoice WHERE id IN ((?)*', ')"),
    ],
)  # fmt: skip
def test_typescript(body: str, expected: str) -> None:
    assert shape(only(typescript(body, "table: string, keys: number[]")).text) == expected


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("from words import TABLE", "f'SELECT id FROM {TABLE}'"),
        ("import words", "f'SELECT id FROM {words.TABLE}'"),
        ("import words", "'SELECT id FROM ' + words.TABLE"),
        ("from words import TABLE as NAME", "'SELECT id FROM {}'.format(NAME)"),
        ("from words import ALL", "ALL"),
    ],
)
def test_constants_of_another_file(before: str, text: str) -> None:
    words = "TABLE = 'invoice'\nALL = f'SELECT id FROM {TABLE}'\n"
    call = only(python(f"opened.execute({text})", before=before, words=words))
    assert shape(call.text) == "SELECT id FROM invoice"
    assert call.text is not None
    assert call.text.constant
    assert [query.table for query in call.queries] == ["invoice"]


@pytest.mark.parametrize("text", ["`SELECT id FROM ${TABLE}`", "ALL", "Words.all"])
def test_constants_of_another_module(text: str) -> None:
    words = (
        "export const TABLE = 'invoice';\nexport const ALL = `SELECT id FROM ${TABLE}`;\n"
        "export class Words { static readonly all = 'SELECT id FROM invoice'; }\n"
    )
    before = "import { ALL, TABLE, Words } from './words';"
    call = only(typescript(f"return connections.query({text});", before=before, words=words))
    assert shape(call.text) == "SELECT id FROM invoice"
    assert [query.table for query in call.queries] == ["invoice"]


def test_literals_know_where_they_stand() -> None:
    source = "import sqlite3\n\ndef run(table):\n    sqlite3.connect('é').execute(f'SELECT id FROM {table} LIMIT 5')\n"
    text = only(linked({"app.py": source})).text
    assert text is not None
    literals = [piece for piece in text.pieces if isinstance(piece, Literal)]
    assert [piece.text for piece in literals] == ["SELECT id FROM ", " LIMIT 5"]
    data = source.encode()
    for piece in literals:
        assert piece.place is not None
        assert data[piece.place.start : piece.place.stop].decode() == piece.text


@pytest.mark.parametrize(
    ("text", "parameters", "bound"),
    [
        ("'SELECT id FROM invoice'", "", False),
        ("'SELECT id FROM invoice WHERE id = ?'", ", (key,)", True),
    ],
)
def test_bound_parameters(text: str, parameters: str, bound: bool) -> None:
    assert only(python(f"opened.execute({text}{parameters})", "key")).parameters_bound is bound


def test_bound_parameters_by_name() -> None:
    project = linked(
        {
            "app.py": "import psycopg\ndef run(opened: psycopg.Connection, key):\n"
            "    opened.execute('SELECT id FROM invoice WHERE id = %s', params=(key,))\n"
        }
    )
    assert only(project).parameters_bound is True


def test_a_text_that_two_branches_assign() -> None:
    body = (
        "if paid:\n    text = 'SELECT id FROM invoice'\nelse:\n    text = 'SELECT id FROM draft'\nopened.execute(text)"
    )
    call = only(python(body, "paid"))
    assert sorted(query.table for query in call.queries) == ["draft", "invoice"]


@pytest.mark.parametrize(
    ("body", "parameters", "expected"),
    [
        ("return connections.query(`SELECT id FROM invoice LIMIT ${least}`);", "least: number", "SELECT id FROM invoice LIMIT {number:least}"),
        ("const size = parseInt(least, 10);\nreturn connections.query(`SELECT id FROM invoice LIMIT ${size}`);", "least: string", "SELECT id FROM invoice LIMIT {number:parseInt()}"),
        ("return connections.query(`SELECT id FROM invoice ORDER BY id ${way}`);", "way: 'ASC' | 'DESC'", "SELECT id FROM invoice ORDER BY id {constant:way}"),
    ],
)  # fmt: skip
def test_types_say_what_a_hole_can_be(body: str, parameters: str, expected: str) -> None:
    assert shape(only(typescript(body, parameters)).text) == expected


def test_a_helper_that_gives_the_text() -> None:
    before = "def found(table):\n    return 'SELECT id FROM ' + table\n"
    project = python("opened.execute(found('invoice'))\nopened.execute(found(table))", "table", before=before)
    assert [shape(call.text) for call in project.calls if call.text is not None] == [
        "SELECT id FROM invoice",
        "SELECT id FROM {parameter:table}",
    ]


@pytest.mark.parametrize("text", ["Words.ALL", "f'SELECT id FROM {Words.TABLE}'"])
def test_constants_of_a_class(text: str) -> None:
    before = "class Words:\n    TABLE = 'invoice'\n    ALL = 'SELECT id FROM invoice'\n"
    assert shape(only(python(f"opened.execute({text})", before=before)).text) == "SELECT id FROM invoice"


def test_an_attribute_of_the_class_around_it() -> None:
    source = """
        import sqlite3

        class Ledger:
            table = "invoice"

            def __init__(self):
                self.storage = sqlite3.connect("shop.db")

            def unpaid(self, key):
                self.storage.execute(f"SELECT id FROM {self.table} WHERE id = ?", (key,))
        """
    assert shape(only(linked({"app.py": source})).text) == "SELECT id FROM invoice WHERE id = ?"


def test_a_table_that_constant_callers_choose() -> None:
    source = """
        import sqlite3

        storage = sqlite3.connect("shop.db")

        def clear(table):
            storage.execute(f"DELETE FROM {table}")

        def clear_all():
            clear("invoice")
            clear("line")
        """
    assert shape(only(linked({"app.py": source})).text) == "DELETE FROM {constant:table}"


def test_a_text_of_an_argument_is_judged_where_it_is_written() -> None:
    project = typescript(
        "query(`SELECT id FROM invoice WHERE code = '${code}'`);\nreturn query('SELECT id FROM invoice WHERE code = $1', [code]);",
        "code: string",
        "const query = (text: string, values?: unknown[]) => connections.query(text, values);",
    )
    wrapped = [call for call in project.calls if call.trigger == "wrapper"]
    assert [shape(call.text) for call in wrapped] == [
        "SELECT id FROM invoice WHERE code = '{parameter:code}'",
        "SELECT id FROM invoice WHERE code = $1",
    ]
    assert [call.function for call in wrapped] == ["app.ts::run", "app.ts::run"]


def test_a_text_clause_with_a_hole() -> None:
    source = """
        from sqlalchemy import text
        from sqlalchemy.orm import Session

        def read(session: Session, table: str):
            session.execute(text(f"SELECT id FROM {table}"))
        """
    shapes = [shape(call.text) for call in linked({"app.py": source}).calls if call.text is not None]
    assert shapes == ["SELECT id FROM {parameter:table}"]


TAGGED = """
import {{ Prisma, PrismaClient }} from '@prisma/client';
const store = new PrismaClient();
const named = (name: string) => Prisma.sql`name = ${{name}}`;
export async function run(name: string, all: boolean, keys: number[], piece: Prisma.Sql) {{
  {}
}}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("await store.$queryRaw`SELECT id FROM jar WHERE name = ${name}`;", "SELECT id FROM jar WHERE name = $name"),
        ("await store.$queryRaw(Prisma.sql`SELECT id FROM jar WHERE name = ${name}`);", "SELECT id FROM jar WHERE name = $name"),
        ("await store.$queryRaw<{ id: number }[]>(Prisma.sql`SELECT id FROM jar`);", "SELECT id FROM jar"),
        ("const text = Prisma.sql`SELECT id FROM jar`; await store.$queryRaw(text);", "SELECT id FROM jar"),
        ("await store.$queryRaw`SELECT id FROM jar WHERE ${named(name)}`;", "SELECT id FROM jar WHERE name = $name"),
        ("await store.$queryRaw`SELECT id FROM jar ${all ? Prisma.empty : Prisma.sql`WHERE name = ${name}`}`;", "SELECT id FROM jar [WHERE name = $name]"),
        ("await store.$queryRaw`SELECT id FROM jar WHERE id IN (${Prisma.join(keys)})`;", "SELECT id FROM jar WHERE id IN ({rendered:Prisma.join()})"),
        ("await store.$queryRaw`SELECT id FROM jar WHERE ${piece}`;", "SELECT id FROM jar WHERE {rendered:piece}"),
        ("await store.$queryRaw(Prisma.raw('SELECT id FROM jar'));", "SELECT id FROM jar"),
        ("await store.$queryRaw(piece);", "{rendered:piece}"),
    ],
)  # fmt: skip
def test_pieces_of_tagged_templates(body: str, expected: str) -> None:
    project = linked({"app.ts": TAGGED.format(body)})
    assert shape(only(project).text) == expected


def test_a_raw_piece_is_judged_where_it_is_made() -> None:
    body = "await store.$queryRaw`SELECT id FROM jar ORDER BY ${Prisma.raw(name)}`;"
    calls = linked({"app.ts": TAGGED.format(body)}).calls
    assert [(call.member, shape(call.text)) for call in calls if call.text is not None] == [
        ("sql", "name = $name"),
        ("$queryRaw", "SELECT id FROM jar ORDER BY {rendered:name}"),
        ("raw", "{parameter:name}"),
    ]


def test_the_texts_of_a_loop_through_constants() -> None:
    python = """
        import sqlite3

        ROWS = [("INSERT INTO a VALUES (?)", [1]), ("INSERT INTO b VALUES (1)", [])]

        def run(path, table, rest):
            connection = sqlite3.connect(path)
            for text in ("DELETE FROM c", "DELETE FROM d"):
                connection.execute(text)
            for text, values in ROWS:
                connection.execute(text, values)
            [connection.execute(text) for text in ["DELETE FROM e"]]
            for name in ("f", "g"):
                connection.execute("DELETE FROM " + name)
            for text in ("DELETE FROM h", rest):
                connection.execute(text)
            grown = ["DELETE FROM i"]
            grown.append(rest)
            for text in grown:
                connection.execute(text)
            for text in ["DELETE FROM k1", "DELETE FROM k2", "DELETE FROM k3", "DELETE FROM k4", "DELETE FROM k5"]:
                connection.execute(text)
        """
    script = """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function run() {
          for (const text of ['DELETE FROM l', 'DELETE FROM m']) {
            await pool.query(text);
          }
          for (const [text, values] of [['DELETE FROM n WHERE id = $1', [1]]]) {
            await pool.query(text, values);
          }
        }
        """
    told = [[query.table for query in call.queries] for call in linked({"a.py": python, "b.ts": script}).calls]
    assert [tables for tables in told if tables] == [
        ["c", "d"],
        ["a", "b"],
        ["e"],
        ["f", "g"],
        [""],
        [""],
        ["k1", "k2", "k3", "k4", "k5"],
        ["l", "m"],
        ["n"],
    ]
