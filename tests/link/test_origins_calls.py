"""What calls give to texts: what a class computes, and mappings that fill fields."""

from __future__ import annotations

import pytest

from tests.link.linked import linked, only, shape


@pytest.mark.parametrize(
    ("parameters", "hole", "expected"),
    [
        ("start: Moment", "start.to_date_string()", "unknown:start.to_date_string()"),
        ("start: Moment | None", "start.to_date_string()", "unknown:start.to_date_string()"),
        ("start: clock.Moment", "start.add(1).to_date_string()", "unknown:start.add(1).to_date_string()"),
        ("span: Span", "span.start.to_date_string()", "unknown:span.start.to_date_string()"),
        ("span: Span", "span.word.to_date_string()", "parameter:span.word.to_date_string()"),
        ("start: Moment", "start", "parameter:start"),
        ("start: Any", "start.to_date_string()", "parameter:start.to_date_string()"),
        ("start: Path", "start.as_posix()", "parameter:start.as_posix()"),
        ("start", "start.to_date_string()", "parameter:start.to_date_string()"),
        ("start", "start.isoformat()", "number:start.isoformat()"),
        ("start", "start.strftime('%Y')", "constant:start.strftime('%Y')"),
        ("start, form", "start.strftime(form)", "parameter:start.strftime()"),
        ("start", "hashlib.sha256(start).hexdigest()", "number:hashlib.sha256().hexdigest()"),
    ],
)  # fmt: skip
def test_what_a_class_of_python_computes(parameters: str, hole: str, expected: str) -> None:
    source = (
        "import clock\nimport hashlib\nimport sqlite3\nfrom clock import Moment\nfrom dataclasses import dataclass\n"
        "from pathlib import Path\nfrom typing_extensions import Any\nopened = sqlite3.connect('x')\n"
        "@dataclass\nclass Span:\n    start: Moment\n    word: str\n"
        f"def run({parameters}):\n    opened.execute(f'SELECT {{{hole}}}')\n"
    )
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {{{expected}}}"


@pytest.mark.parametrize(
    ("parameters", "hole", "expected"),
    [
        ("start: Moment", "start.toDay()", "unknown:start.toDay()"),
        ("start: Moment", "start.toDay()!", "unknown:start.toDay()"),
        ("start: Moment", "start.plus(1).toDay().slice(0, 10)", "unknown:start.plus(1).toDay().slice(0, …)"),
        ("{ start }: Span", "start.plus(1)", "parameter:start.plus(1)"),
        ("span: Span", "span.start.toDay()", "unknown:span.start.toDay()"),
        ("start", "start.toDay()", "parameter:start.toDay()"),
        ("start", "start.toISOString()", "number:start.toISOString()"),
        ("start: string", "start.codePointAt(0)", "number:start.codePointAt(0)"),
        ("start: Buffer", "start.readUInt32BE(1).toString(16).toUpperCase()", "number:start.readUInt32BE(1)"),
        ("start", "randomUUID()", "number:randomUUID()"),
    ],
)  # fmt: skip
def test_what_a_class_of_typescript_computes(parameters: str, hole: str, expected: str) -> None:
    source = (
        "import { randomUUID } from 'crypto';\nimport { Moment } from 'clock';\nimport { Pool } from 'pg';\n"
        "const opened = new Pool();\ninterface Span { start: Moment }\n"
        f"export function run({parameters}) {{ opened.query(`SELECT ${{{hole}}}`); }}\n"
    )
    assert shape(only(linked({"app.ts": source})).text) == f"SELECT {{{expected}}}"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("parts = dict(t=quote(x))", "'FROM {t}'.format(**parts)", 'FROM "{identifier:x}"'),
        ("parts = {'t': quote(x), 'u': y}", "'FROM {t} {u}'.format(**parts)", 'FROM "{identifier:x}" {parameter:y}'),
        ("", "'FROM {t} {u}'.format(t='a', **y)", "FROM a {parameter:y}"),
        ("", "'FROM {t} {u}'.format(**dict({'t': 'a', 'u': y}, u='b'))", "FROM a b"),
        ("parts = {}\nparts['t'] = y", "'FROM {t}'.format(**parts)", "FROM {parameter:y}"),
        ("parts = dict(t=quote(x))", "'FROM %(t)s' % parts", 'FROM "{identifier:x}"'),
        ("parts = {'t': y}", "'FROM %(t)s' % parts", "FROM {parameter:y}"),
    ],
)
def test_mappings_that_fill_fields(before: str, text: str, expected: str) -> None:
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    source = (
        "import sqlite3\nopened = sqlite3.connect('x')\n"
        "def quote(name):\n    return '\"' + name.replace('\"', '\"\"') + '\"'\n"
        f"def run(x, y):\n{lines}    opened.execute({text})\n"
    )
    assert shape(only(linked({"app.py": source})).text) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("cls.script(cursor, open('x').read())", "unknown:script"),
        ("cls.script(cursor, 'SELECT 1')", "constant:script"),
        ("cls.script(cursor, path)", "parameter:script"),
        ("cls.other(cursor, 'SELECT 1')", "parameter:script"),
    ],
)
def test_calls_of_a_base_s_method_are_calls_of_its_overrides(call: str, expected: str) -> None:
    base = (
        "import abc\nclass Engine(abc.ABC):\n    @staticmethod\n    @abc.abstractmethod\n"
        "    def script(cursor, script): ...\n"
        f"    @classmethod\n    def file(cls, cursor, path):\n        {call}\n"
    )
    source = (
        "import sqlite3\nfrom base import Engine\nclass Lite(Engine):\n    @staticmethod\n"
        "    def script(cursor: sqlite3.Cursor, script):\n        cursor.executescript('BEGIN; ' + script)\n"
    )
    assert shape(only(linked({"base.py": base, "lite.py": source})).text) == f"BEGIN; {{{expected}}}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("request.args.get('n', type=int)", "number"),
        ("request.args.get('n', 10, int)", "number"),
        ("request.args.get('n', request.args['m'], type=int)", "request"),
        ("request.args.get('n', type=str)", "request"),
        ("request.args.get('n')", "request"),
        ("request.args['n']", "request"),
        ("request.form.to_dict()['n']", "request"),
        ("request.json['n']", "request"),
    ],
)
def test_a_conversion_that_a_call_is_handed(value: str, expected: str) -> None:
    source = (
        "import sqlite3\nfrom flask import request\nopened = sqlite3.connect('x')\n"
        f"def find():\n    n = {value}\n    opened.execute(f'SELECT {{n}}')\n"
    )
    assert shape(only(linked({"app.py": source})).text).startswith(f"SELECT {{{expected}:")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/<int:n>", "number"),
        ("/<uuid:n>/x", "number"),
        ("/<int(min=1):n>", "number"),
        ("/<any(a, b):n>", "constant"),
        ("/<n>", "request"),
        ("/<path:n>", "request"),
        ("/<int:m>/<n>", "request"),
        ("/<int:m>", "parameter"),
    ],
)
def test_parts_of_an_address(address: str, expected: str) -> None:
    source = (
        "import sqlite3\nfrom flask import Flask\napp = Flask('x')\nopened = sqlite3.connect('x')\n"
        f"@app.route('{address}')\ndef find(n):\n    opened.execute(f'SELECT {{n}}')\n"
    )
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {{{expected}:n}}"
