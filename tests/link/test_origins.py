"""Where the values in a text come from: tests on the way, declared types, what calls pass, frameworks' requests."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from dblint.facts.project import Project
from dblint.link.texts.patterns import refuses, strips
from tests.link.linked import linked, only, shape


def shapes(project: Project) -> list[str]:
    """The texts that run, in order."""
    return [shape(call.text) for call in project.calls if Effect.QUERY in call.effects]


def python(body: str, before: str = "", parameters: str = "name, names") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"import sqlite3\n{before}\nopened = sqlite3.connect('shop.db')\n\ndef run({parameters}):\n{lines}\n"
    return shape(only(linked({"app.py": source})).text)


def typescript(body: str, before: str = "", parameters: str = "name: string, names: string[]") -> str:
    source = f"import {{ Pool }} from 'pg';\n{before}\nconst opened = new Pool();\nexport function run({parameters}) {{\n{body}\n}}\n"
    return shape(only(linked({"app.ts": source})).text)


RUN = "opened.execute('ORDER BY ' + name)"
ASK = "opened.query(`ORDER BY ${name}`);"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"if name not in ('a', 'b'):\n    raise ValueError\n{RUN}", "constant"),
        (f"if name not in ('a', 'b'):\n    print(name)\n{RUN}", "parameter"),
        (f"if name in ('a', 'b'):\n    raise ValueError\n{RUN}", "parameter"),
        (f"if name in ('a', 'b'):\n    {RUN}", "constant"),
        (f"if name in names:\n    {RUN}", "parameter"),
        (f"if names not in ('a', 'b'):\n    raise ValueError\n{RUN}", "parameter"),
        (f"assert name in ('a', 'b')\n{RUN}", "constant"),
        (f"if name not in WORDS:\n    return\n{RUN}", "constant"),
        (f"if name not in MAPPING:\n    return\n{RUN}", "constant"),
        (f"if name not in MAPPING.keys():\n    return\n{RUN}", "constant"),
        (f"if not name.isidentifier():\n    raise ValueError\n{RUN}", "constant"),
        (f"if not name.startswith('a'):\n    raise ValueError\n{RUN}", "parameter"),
        (f"if not re.fullmatch(r'[a-z_]+', name):\n    raise ValueError\n{RUN}", "constant"),
        (f"if re.match(r'^\\w+$', name) is None:\n    raise ValueError\n{RUN}", "constant"),
        (f"if not re.match(r'\\w+', name):\n    raise ValueError\n{RUN}", "parameter"),
        (f"if name == 'a' or name == 'b':\n    {RUN}", "constant"),
        (f"if name == 'a' or names:\n    {RUN}", "parameter"),
        (f"checked(name)\n{RUN}", "constant"),
        (f"unchecked(name)\n{RUN}", "parameter"),
        (f"if name not in ('a', 'b'):\n    raise ValueError\nname = names\n{RUN}", "parameter"),
        ("opened.execute('ORDER BY ' + (name if name in ('a', 'b') else 'id'))", "constant"),
        ("opened.execute('ORDER BY ' + ', '.join(item for item in names if item in WORDS))", "constant"),
        ("opened.execute('ORDER BY ' + ', '.join(item for item in names if item))", "parameter"),
        (f"for item in name:\n    if item not in WORDS:\n        raise ValueError\n{RUN}", "constant"),
    ],
)  # fmt: skip
def test_tests_of_python(body: str, expected: str) -> None:
    before = (
        "import re\nWORDS = frozenset({'a', 'b'})\nMAPPING = {'a': 1, 'b': 2}\n"
        "def checked(given):\n    if given not in WORDS:\n        raise ValueError(given)\n"
        "def unchecked(given):\n    if given not in WORDS:\n        print(given)\n"
    )
    assert f"{{{expected}" in python(body, before) or f"({{{expected}" in python(body, before)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"if (!WORDS.includes(name)) throw new Error(name);\n{ASK}", "constant"),
        (f"if (!WORDS.includes(name)) console.log(name);\n{ASK}", "parameter"),
        (f"if (!names.includes(name)) throw new Error(name);\n{ASK}", "parameter"),
        (f"if (!KNOWN.has(name)) return;\n{ASK}", "constant"),
        (f"if (!(name in MAPPING)) return;\n{ASK}", "constant"),
        (f"if (!Object.keys(MAPPING).includes(name)) return;\n{ASK}", "constant"),
        (f"if (!/^[a-z_]+$/.test(name)) throw new Error(name);\n{ASK}", "constant"),
        (f"if (!/[a-z]+/.test(name)) throw new Error(name);\n{ASK}", "parameter"),
        (f"if (!isWord(name)) return;\n{ASK}", "constant"),
        (f"if (typeof name !== 'number') return;\n{ASK}", "number"),
        (f"switch (name) {{ case 'a': {ASK} }}", "constant"),
        ("opened.query(`ORDER BY ${WORDS.includes(name) ? name : 'id'}`);", "constant"),
        ("opened.query(`ORDER BY ${names.filter(item => WORDS.includes(item)).join(', ')}`);", "constant"),
        ("opened.query(`ORDER BY ${names.filter(item => item).join(', ')}`);", "parameter"),
    ],
)  # fmt: skip
def test_tests_of_typescript(body: str, expected: str) -> None:
    before = (
        "const WORDS = ['a', 'b'];\nconst KNOWN = new Set(WORDS);\nconst MAPPING = { a: 1, b: 2 };\n"
        "const isWord = (given: string) => WORDS.includes(given);\n"
    )
    found = typescript(body, before)
    assert f"{{{expected}" in found


@pytest.mark.parametrize(
    ("annotation", "hole", "expected"),
    [
        ("int", "name", "number"),
        ("int | None", "name", "number"),
        ("str", "name", "parameter"),
        ("Words", "name", "constant"),
        ("Colour", "name.value", "constant"),
        ("Plain", "name.value", "parameter"),
        ("uuid.UUID", "name", "number"),
        ("int", "name + 1", "number"),
        ("str", "name + 'x'", "parameter"),
        ("list[int]", "name", "number"),
        ("list[str]", "name", "parameter"),
    ],
)
def test_declared_types_of_python(annotation: str, hole: str, expected: str) -> None:
    before = (
        "import uuid\nfrom enum import Enum\nfrom typing import Literal\nWords = Literal['a', 'b']\n"
        "class Colour(str, Enum):\n    RED = 'red'\nclass Plain:\n    value: str\n"
    )
    assert f"{{{expected}" in python(f"opened.execute(f'LIMIT {{{hole}}}')", before, f"name: {annotation}")


@pytest.mark.parametrize(
    ("parameters", "hole", "expected"),
    [
        ("name: number", "name", "number"),
        ("name: number | undefined", "name", "number"),
        ("name: string", "name", "parameter"),
        ("name: number", "name + 1", "number"),
        ("name: string", "name + 1", "parameter"),
        ("name: 'a' | 'b'", "name", "constant"),
        ("name: Word", "name", "constant"),
        ("name: Open", "name", "parameter"),
        ("name: Colour", "name", "constant"),
        ("name: keyof typeof MAPPING", "name", "constant"),
        ("name: keyof Options", "name", "constant"),
        ("name: Exclude<keyof Options, 'limit'>", "name", "constant"),
        ("name: keyof Loose", "name", "parameter"),
        ("name: keyof Derived", "name", "parameter"),
        ("name: Exclude<string, 'a'>", "name", "parameter"),
        ("name: (typeof WORDS)[number]", "name", "constant"),
        ("{ limit }: Options", "limit", "number"),
        ("{ order }: Options", "order", "parameter"),
        ("options: Options", "options.limit", "number"),
        ("options: Options", "options.order", "parameter"),
        ("{ limit }: { limit?: number }", "limit", "number"),
    ],
)
def test_declared_types_of_typescript(parameters: str, hole: str, expected: str) -> None:
    before = (
        "type Word = 'a' | 'b';\ntype Open = 'a' | string;\nenum Colour { Red = 'red', Green = 'green' }\n"
        "interface Options { limit?: number; order: string }\n"
        "interface Loose { [key: string]: number }\ninterface Derived extends Loose { one: number }\n"
        "const MAPPING = { a: 1, b: 2 };\nconst WORDS = ['a', 'b'] as const;\n"
    )
    assert f"{{{expected}" in typescript(f"opened.query(`LIMIT ${{{hole}}}`);", before, parameters)


@pytest.mark.parametrize(
    ("hole", "expected"),
    [
        ("MAPPING[name]", "{constant=first|second}"),
        ("MAPPING.get(name)", "{constant=first|second}"),
        ("MAPPING.get(name, name)", "{parameter:name}"),
        ("MIXED[name]", "{unknown:MIXED[]}"),
        ("names[name]", "{parameter:names[]}"),
    ],
)
def test_entries_of_constant_mappings(hole: str, expected: str) -> None:
    before = "MAPPING = {'a': 'first', 'b': 'second'}\nMIXED = {'a': 'first', 'b': opened_later()}\n"
    assert python(f"opened.execute(f'ORDER BY {{{hole}}}')", before) == f"ORDER BY {expected}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('opened.query(`"${name.replace(/"/g, \'""\')}"`);', '"{identifier:name}"'),
        ("opened.query(`'${name.replaceAll(\"'\", \"''\")}'`);", "'{rendered:name}'"),
        ("opened.query(`${name.replace(/a/g, 'b')}`);", "{parameter:name}"),
        ("opened.query(`${name.replace(/[^a-z_]/g, '')}`);", "{identifier:name}"),
        ("opened.query('SELECT [KEY]'.replace('[KEY]', name));", "SELECT {parameter:name}"),
        ("opened.query('SELECT '.concat(name, ' x'));", "SELECT {parameter:name} x"),
        ("opened.query(`SELECT ${JSON.stringify(name)}`);", "SELECT {parameter:JSON.stringify()}"),
        ("opened.query(`SELECT ${names.length}`);", "SELECT {number:names.length}"),
        ("opened.query(`SELECT ${name || 'id'}`);", "SELECT {parameter:name}"),
        ("opened.query(`SELECT ${unknown(name)}`);", "SELECT {unknown:unknown()}"),
    ],
)
def test_functions_of_the_host(body: str, expected: str) -> None:
    assert typescript(body) == expected


def test_a_parameter_that_is_not_passed_is_its_default() -> None:
    before = "function dated(column: string, zone?: string, unit = 'day') { return `${unit}(${column}, ${zone})`; }"
    assert typescript("opened.query(dated('at'));", before) == "day(at, {constant=undefined})"
    assert typescript("opened.query(dated('at', name));", before) == "day(at, {parameter:name})"


@pytest.mark.parametrize(
    ("passed", "expected"),
    [("'a'", "constant"), ("escaped", "identifier"), ("{ deep: 1 }", "unknown"), ("outside.value", "unknown")],
)
def test_what_the_project_passes(passed: str, expected: str) -> None:
    source = (
        "import { Client, Pool } from 'pg';\nconst opened = new Pool();\n"
        "const escaped = Client.prototype.escapeIdentifier(process.env.NAME);\n"
        "function run(options: { name: string }) {\n  const { name } = options;\n  opened.query(`SELECT ${name}`);\n}\n"
        f"run({{ name: {passed} }});\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}:name}}"


@pytest.mark.parametrize(("given", "expected"), [("'a'", "constant"), ("request.name", "unknown")])
def test_what_is_passed_through_a_rest_parameter(given: str, expected: str) -> None:
    source = (
        "import { Pool } from 'pg';\nconst opened = new Pool();\n"
        "export const outer = (...all) => inner(...all);\n"
        "function inner(id, name) { opened.query(`SELECT ${name}`); }\n"
        f"export const caller = (request) => outer(1, {given});\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}:name}}"


def test_a_member_that_is_filled_with_quoted_text_is_quoted() -> None:
    source = (
        "import { Client, Pool } from 'pg';\nconst opened = new Pool();\n"
        "interface Setup { table: string; other: string }\n"
        "export const setup: Setup = { table: new Client().escapeIdentifier(process.argv[2]), other: process.argv[3] };\n"
        "export const one = (given: Setup) => opened.query(`SELECT ${given.table}`);\n"
        "export const two = (given: Setup) => opened.query(`SELECT ${given.other}`);\n"
    )
    assert shapes(linked({"app.ts": source})) == ["SELECT {identifier:given.table}", "SELECT {parameter:given.other}"]


@pytest.mark.parametrize(
    ("before", "head", "hole", "expected"),
    [
        ("from flask import request", "def run():", "request.args.get('a')", "request:request.args.get('a')"),
        ("from flask import request", "def run():", "request.method", "unknown:request.method"),
        ("from fastapi import FastAPI\napp = FastAPI()", "@app.get('/')\ndef run(name: str):", "name", "request:name"),
        ("from fastapi import FastAPI\napp = FastAPI()", "@app.get('/')\ndef run(name: int):", "name", "number:name"),
        ("from fastapi import FastAPI\napp = FastAPI()", "@app.on_event('x')\ndef run(name: str):", "name", "parameter:name"),
        ("from django.http import HttpRequest", "def run(given: HttpRequest):", "given.GET['a']", "request:given.GET['a']"),
        ("from django.http import HttpRequest", "def run(given: HttpRequest):", "given.session['a']", "unknown:given.session['a']"),
        ("", "def run(given):", "given.GET['a']", "parameter:given.GET['a']"),
        ("from django.urls import path", "def run(given):", "given.GET['a']", "request:given.GET['a']"),
    ],
)  # fmt: skip
def test_requests_of_python(before: str, head: str, hole: str, expected: str) -> None:
    routes = "urlpatterns = [path('x/', run)]\n" if "urls" in before else ""
    source = f"import sqlite3\n{before}\nopened = sqlite3.connect('x')\n{head}\n    opened.execute('SELECT ' + {hole})\n{routes}"
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {{{expected}}}"


@pytest.mark.parametrize(
    ("base", "method", "expected"),
    [("View", "get", "request"), ("View", "helper", "parameter"), ("object", "get", "parameter")],
)
def test_methods_that_a_framework_calls(base: str, method: str, expected: str) -> None:
    source = (
        "import sqlite3\nfrom django.views import View\nopened = sqlite3.connect('x')\n"
        f"class Page({base}):\n    def {method}(self, given):\n        opened.execute('SELECT ' + given.GET['a'])\n"
    )
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {{{expected}:given.GET['a']}}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("app.get('/x', (req, res) => opened.query('SELECT ' + req.query.a));", "request:req.query.a"),
        ("app.get('/x', ({ body }, res) => opened.query('SELECT ' + body.a));", "request:body.a"),
        ("app.get('/x', (req, res) => opened.query('SELECT ' + res.a));", "unknown:res.a"),
        ("app.get('/x', (req, res) => opened.query('SELECT ' + req.session));", "unknown:req.session"),
        ("other.get('/x', (req, res) => opened.query('SELECT ' + req.query.a));", "parameter:req.query.a"),
        ("const find = (req, res) => opened.query('SELECT ' + req.query.a);\napp.get('/x', find);", "request:req.query.a"),
        ("const find = (req, res) => opened.query('SELECT ' + req.query.a);", "parameter:req.query.a"),
        ("export const find = (given: Request) => opened.query('SELECT ' + given.params.a);", "request:given.params.a"),
        ("const inner = (name) => opened.query('SELECT ' + name);\napp.get('/x', (req, res) => inner(req.query.a));", "request:name"),
        ("app.get('/x', (req, res) => opened.query('SELECT ' + Number(req.query.a)));", "number:Number()"),
    ],
)  # fmt: skip
def test_requests_of_javascript(body: str, expected: str) -> None:
    source = (
        "import express, { Request } from 'express';\nimport { Pool } from 'pg';\n"
        f"const opened = new Pool();\nconst app = express();\n{body}\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}}}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("opened.query('SELECT ' + new URL(request.url).searchParams.get('a'));", "request:URL().searchParams.get('a')"),
        ("const { searchParams } = new URL(request.url);\n  opened.query('SELECT ' + searchParams.get('a'));", "request:searchParams.get('a')"),
        ("const found = new URLSearchParams(new URL(request.url).search);\n  opened.query('SELECT ' + found.get('a'));", "request:found.get('a')"),
        ("opened.query('SELECT ' + Number(new URL(request.url).searchParams.get('a')));", "number:Number()"),
        ("opened.query('SELECT ' + new URL('https://shop.example').hostname);", "unknown:URL('https://shop.example').hostname"),
    ],
)  # fmt: skip
def test_addresses_of_requests(body: str, expected: str) -> None:
    head = "import { Pool } from 'pg';\nconst opened = new Pool();\n"
    source = f"{head}export async function GET(request: Request) {{\n  {body}\n}}\n"
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}}}"


def test_what_a_decorated_parameter_is_given_no_type_checks() -> None:
    source = (
        "import { Query } from '@nestjs/common';\nimport { Pool } from 'pg';\nconst opened = new Pool();\n"
        "class Page {\n  one(@Query('a') a: number) { opened.query('SELECT ' + a); }\n"
        "  two(a: number) { opened.query('SELECT ' + a); }\n}\n"
    )
    assert shapes(linked({"app.ts": source})) == ["SELECT {request:a}", "SELECT {number:a}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("'a'", "request"),
        ("'a', ParseIntPipe", "number"),
        ("'a', new ParseIntPipe()", "number"),
        ("'a', new DefaultValuePipe(1), ParseIntPipe", "number"),
        ("'a', new ParseEnumPipe(Way)", "constant"),
        ("'a', new DefaultValuePipe('x')", "request"),
        ("'a', new ValidationPipe()", "request"),
        ("'a', new Checked()", "unknown"),
    ],
)
def test_what_pipes_make_of_a_decorated_parameter(given: str, expected: str) -> None:
    source = (
        "import { DefaultValuePipe, ParseEnumPipe, ParseIntPipe, Query, ValidationPipe } from '@nestjs/common';\n"
        "import { Pool } from 'pg';\nconst opened = new Pool();\nenum Way { Up = 'ASC' }\n"
        "class Checked { transform(value: string) { return value; } }\n"
        f"class Page {{\n  one(@Query({given}) a: any) {{ opened.query('SELECT ' + a); }}\n}}\n"
    )
    assert shapes(linked({"app.ts": source})) == [f"SELECT {{{expected}:a}}"]


COMPOSED = """\
import psycopg
from psycopg import sql

def run(opened: psycopg.Connection, table, names, given):
    opened.execute({})
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sql.SQL('FROM {}').format(sql.Identifier(table))", ["FROM {identifier:sql.Identifier()}"]),
        ("sql.SQL('= {a}').format(a=sql.Literal(table))", ["= {rendered:sql.Literal()}"]),
        ("sql.SQL('= {}').format(sql.Placeholder())", ["= {placeholders:sql.Placeholder()}"]),
        ("sql.SQL(', ').join(sql.Identifier(name) for name in names)", ["({identifier:sql.Identifier()})*', '"]),
        ("sql.SQL('a') + sql.SQL('b')", ["ab"]),
        ("sql.SQL('ORDER BY ' + given)", ["ORDER BY {rendered:given}"]),
    ],
)  # fmt: skip
def test_composed_text(text: str, expected: list[str]) -> None:
    assert shapes(linked({"app.py": COMPOSED.format(text)})) == expected


def test_a_piece_of_composed_text_is_judged_where_it_is_made() -> None:
    project = linked({"app.py": COMPOSED.format("sql.SQL('ORDER BY ' + given)")})
    assert [(call.member, shape(call.text)) for call in project.calls] == [
        ("execute", "ORDER BY {rendered:given}"),
        ("SQL", "ORDER BY {parameter:given}"),
    ]


def test_rows_of_a_table_come_from_the_database() -> None:
    source = (
        "import sqlite3\nopened = sqlite3.connect('x')\n"
        "for row in opened.execute('SELECT name FROM customer').fetchall():\n"
        "    opened.execute(f'SELECT count(*) FROM {row[0]}')\n"
    )
    assert shapes(linked({"app.py": source}))[1] == "SELECT count(*) FROM {database:row[0]}"


@pytest.mark.parametrize(
    ("pattern", "whole", "expected"),
    [
        ("[a-z_]+", True, True),
        ("[a-z_]+", False, False),
        (r"^\w+$", False, True),
        (".*", True, False),
        ("(", True, False),
    ],
)
def test_patterns_that_refuse(pattern: str, whole: bool, expected: bool) -> None:
    assert refuses(pattern, whole=whole) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"), [(r"[^\w]", True), (r"\W+", True), (r"[^a-z ]", False), (r"\s", False), ("a" * 300, False)]
)
def test_patterns_that_strip(pattern: str, expected: bool) -> None:
    assert strips(pattern) is expected


@pytest.mark.parametrize(
    ("default", "expected"), [("'name'", "constant"), ("process.argv[2]", "unknown"), ("", "constant")]
)
def test_what_no_call_passes_is_the_default(default: str, expected: str) -> None:
    written = f"column = {default}" if default else "column?"
    source = (
        "import { Pool } from 'pg';\nconst opened = new Pool();\n"
        f"function inner(id, {written}) {{ opened.query(`SELECT ${{column}}`); }}\n"
        "inner(1);\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}:column}}"


PYTHON_PATTERNS = """
import re
import sqlite3

plain = re.compile(r"^[a-z_]+$")
loose = re.compile(r"^.+$")
opened = sqlite3.connect("a.db")

def quoted(name):
    if plain.match(name) and name not in ("select",):
        return name
    return '"{}"'.format(name.replace('"', '""'))

def cleaned(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:20]

"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("opened.execute(f'SELECT {cleaned(name)}')", "identifier"),
        ("opened.execute(f'SELECT {name[:20]}')", "parameter"),
        ("opened.execute(f'SELECT {plain.sub(chr(95), name)}')", "parameter"),
        ("if plain.match(name): opened.execute(f'SELECT {name}')", "constant"),
        ("if loose.match(name): opened.execute(f'SELECT {name}')", "parameter"),
    ],
)
def test_patterns_of_the_program(body: str, expected: str) -> None:
    source = f"{PYTHON_PATTERNS}def find(name):\n    {body}\n"
    call = next(call for call in linked({"app.py": source}).calls if call.text is not None)
    assert f"{{{expected}:" in shape(call.text)


def test_a_test_of_the_called_function_holds_for_what_it_returns() -> None:
    source = f"{PYTHON_PATTERNS}def find(name):\n    opened.execute(f'SELECT {{quoted(name)}}')\n"
    call = next(call for call in linked({"app.py": source}).calls if call.text is not None)
    assert "parameter" not in shape(call.text)


LOOKING_UP = """
def load(name):
    return opened.execute("SELECT id FROM schemas WHERE name = ?", (name,)).fetchone()

def note(name):
    return opened.execute("INSERT INTO seen (name) VALUES (?)", (name,)).fetchone()

"""


@pytest.mark.parametrize(
    ("row", "test", "expected"),
    [
        ("load(name)", "if not row: raise LookupError(name)", "unknown"),
        ("load(name)", "if row is None: raise LookupError(name)", "unknown"),
        ("load(name)", "if not row: print(name)", "parameter"),
        ("load(name)", "if row: raise LookupError(name)", "parameter"),
        ("load(1)", "if not row: raise LookupError(name)", "parameter"),
        ("note(name)", "if not row: raise LookupError(name)", "parameter"),
        ("opened.execute('SELECT id FROM s WHERE name = ?', (name,)).fetchone()", "if not row: return", "unknown"),
        ("opened.execute('SELECT id FROM s WHERE name = ?', (name,)).fetchall()", "if not row: return", "unknown"),
        ("opened.execute('SELECT id FROM s WHERE name = ?', (other,)).fetchone()", "if not row: return", "parameter"),
        ("opened.execute('SELECT id FROM s WHERE name = ?', (name,))", "if not row: return", "parameter"),
        ("opened.execute('DELETE FROM s WHERE name = ?', (name,)).fetchone()", "if not row: return", "parameter"),
        ("len(name)", "if not row: return", "parameter"),
        ("name.strip()", "if not row: return", "parameter"),
        ("name.split()", "if not row: return", "parameter"),
        ("unseen(name)", "if row is None: return", "parameter"),
    ],
)
def test_what_was_looked_up_before(row: str, test: str, expected: str) -> None:
    source = f"{PYTHON_PATTERNS}{LOOKING_UP}def find(name, other):\n    row = {row}\n    {test}\n    opened.execute(f'DROP SCHEMA {{name}}')\n"
    calls = [call for call in linked({"app.py": source}).calls if call.text is not None]
    assert shape(calls[-1].text) == f"DROP SCHEMA {{{expected}:name}}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("pool.query('SELECT 1 FROM t WHERE name = $1', [name])", "parameter"),
        ("name.trim()", "parameter"),
        ("people.findOne({ where: { name } })", "unknown"),
        ("people.findOne({ where: { id } })", "parameter"),
    ],
)
def test_what_was_looked_up_before_in_typescript(row: str, expected: str) -> None:
    source = (
        "import { Pool } from 'pg';\nimport { Entity, Repository } from 'typeorm';\nconst pool = new Pool();\n"
        "@Entity() class Person {}\n"
        "export async function find(people: Repository<Person>, id: number, name: string) {\n"
        f"  const row = await {row};\n  if (!row) throw new Error();\n  await pool.query(`DROP SCHEMA ${{name}}`);\n}}\n"
    )
    calls = [call for call in linked({"app.ts": source}).calls if call.text is not None]
    assert shape(calls[-1].text) == f"DROP SCHEMA {{{expected}:name}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'SELECT id FROM t WHERE a = ' + x.replace(\"'\", \"''\")", "SELECT id FROM t WHERE a = {parameter:x}"),
        ('"SELECT \'" + x.replace("\'", "\'\'") + "\'"', "SELECT '{rendered:x}'"),
        ('"SELECT \'" + x.replace(\'"\', \'""\') + "\'"', "SELECT '{parameter:x}'"),
        ("'SELECT \"' + x.replace('\"', '\"\"') + '\"'", 'SELECT "{identifier:x}"'),
        ("'SELECT \"' + x.replace(\"'\", \"''\") + '\"'", 'SELECT "{parameter:x}"'),
        ('"SELECT \'" + x.replace("\'", "\'\'").replace("\'\'", "\'") + "\'"', "SELECT '{parameter:x}'"),
        ("\"SELECT '\" + x.replace(\"'\", \"''\").replace('%', '%%') + \"'\"", "SELECT '{rendered:x}'"),
        ('"-- it\'s\\nSELECT \'" + escaped(x) + "\'"', "-- it's\nSELECT '{rendered:x}'"),
        ("'SELECT ' + escaped(x)", "SELECT {parameter:x}"),
        ("'SELECT ' + escaped('a')", "SELECT a"),
    ],
)
def test_doubled_quotes_help_inside_quotes(text: str, expected: str) -> None:
    source = (
        "import sqlite3\nopened = sqlite3.connect('x')\ndef escaped(word):\n    return word.replace(\"'\", \"''\")\n"
        f"def find(x):\n    opened.execute({text})\n"
    )
    assert shape(only(linked({"app.py": source})).text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`SELECT '${x.replace(\"'\", \"''\")}'`", "SELECT '{parameter:x}'"),
        ("`SELECT '${x.replace(/'/, \"''\")}'`", "SELECT '{parameter:x}'"),
        ("`SELECT '${x.replace(/'/g, \"''\")}'`", "SELECT '{rendered:x}'"),
        ("`SELECT '${x.replaceAll(\"'\", \"''\")}'`", "SELECT '{rendered:x}'"),
        ("`SELECT ${x.replace(/'/g, \"''\")}`", "SELECT {parameter:x}"),
        ("`SELECT ${x.replace(/[^a-z]/g, '')}`", "SELECT {identifier:x}"),
        ("`SELECT ${x.replace(/[^a-z]/, '')}`", "SELECT {parameter:x}"),
    ],
)
def test_a_replacement_in_javascript_is_of_the_first_unless_flags_say_each(text: str, expected: str) -> None:
    source = (
        "import { Pool } from 'pg';\nconst opened = new Pool();\n"
        f"export function find(x: string) {{ return opened.query({text}); }}\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == expected


@pytest.mark.parametrize(
    ("parameters", "value", "expected"),
    [
        ("a, b", "str(int(a)) + b", "{number:int()}{parameter:b}"),
        ("a: int, b", "str(a) + b", "{number:a}{parameter:b}"),
        ("a, b", "a.isoformat() + b", "{number:a.isoformat()}{parameter:b}"),
        ("a, b", "int(a) + b", "{number:int()}"),
        ("a: int, b", "a + b", "{number:a}"),
        ("a, b", "len(a) * 2 + b", "{number:len()}"),
    ],
)
def test_a_text_that_shows_a_number_is_no_number(parameters: str, value: str, expected: str) -> None:
    source = (
        "import sqlite3\nopened = sqlite3.connect('x')\n"
        f"def find({parameters}):\n    both = {value}\n    opened.execute(f'SELECT {{both}}')\n"
    )
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {expected}"


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("pass", "parameter:x"),
        ("print(x)", "parameter:x"),
        ("raise", "number:int()"),
        ("return None", "number:int()"),
        ("x = 1", "number:int()"),
        ("sys.exit(1)", "number:int()"),
        ("refuse(x)", "number:int()"),
    ],
)
def test_a_conversion_that_fails_leaves_the_value_as_it_was(handler: str, expected: str) -> None:
    source = (
        "import sqlite3\nimport sys\nopened = sqlite3.connect('x')\n"
        "def refuse(word):\n    raise LookupError(word)\n"
        f"def find(x):\n    try:\n        x = int(x)\n    except ValueError:\n        {handler}\n"
        "    opened.execute(f'SELECT {x}')\n"
    )
    found = shape(only(linked({"app.py": source})).text)
    assert ("parameter" in found) == expected.startswith("parameter"), found


def test_a_branch_that_ends_by_a_call_that_never_comes_back_has_tested() -> None:
    source = (
        "import sqlite3\nfrom flask import abort\nopened = sqlite3.connect('x')\n"
        "def find(x):\n    if x not in ('a', 'b'):\n        abort(400)\n    opened.execute(f'SELECT {x}')\n"
    )
    assert shape(only(linked({"app.py": source})).text) == "SELECT {constant:x}"
