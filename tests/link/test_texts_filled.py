"""SQL texts whose fields are filled: `%=`, `format_map`, `string.Template`."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from tests.link.linked import linked, shape
from tests.link.test_texts import python


def last(project: Project) -> str:
    return [shape(call.text) for call in project.calls if call.text is not None][-1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("q = 'SELECT %s FROM t'\nq %= name", "SELECT {parameter:name} FROM t"),
        ("q = 'SELECT %d FROM t'\nq %= name", "SELECT {number:name} FROM t"),
        ("q = 'SELECT %s FROM %s'\nq %= (name, table)", "SELECT {parameter:name} FROM {parameter:table}"),
        ("q = 'SELECT %(a)s FROM t'\nq %= {'a': name}", "SELECT {parameter:name} FROM t"),
        ("q = 'SELECT 1 FROM t '\nq += 'WHERE a = %s'\nq %= name", "SELECT 1 FROM t WHERE a = {parameter:name}"),
        ("q = 'SELECT %s FROM t'\nq %= name\nq += ' LIMIT 1'", "SELECT {parameter:name} FROM t LIMIT 1"),
        ("q = 'SELECT %s FROM t'\nq %= 'id'", "SELECT id FROM t"),
        ("q = 'SELECT {a} FROM t'.format_map({'a': name})", "SELECT {parameter:name} FROM t"),
        (
            "given = {'a': name, 'b': 'id'}\nq = 'SELECT {a}, {b} FROM t'.format_map(given)",
            "SELECT {parameter:name}, id FROM t",
        ),
        ("q = 'SELECT {a} FROM t'.format_map(dict(a=name))", "SELECT {parameter:name} FROM t"),
        ("q = 'SELECT {a:d} FROM t'.format_map({'a': name})", "SELECT {number:name} FROM t"),
        ("q = Template('SELECT $a FROM t').substitute(a=name)", "SELECT {parameter:name} FROM t"),
        ("q = Template('SELECT ${a}_id FROM t').substitute({'a': name})", "SELECT {parameter:name}_id FROM t"),
        (
            "q = Template('SELECT $a, $$, $b FROM t').safe_substitute({'a': name}, b='id')",
            "SELECT {parameter:name}, $, id FROM t",
        ),
        ("q = string.Template('SELECT $a FROM t').substitute(**{'a': name})", "SELECT {parameter:name} FROM t"),
        ("made = Template('SELECT $a FROM t')\nq = made.substitute(a=name)", "SELECT {parameter:name} FROM t"),
        ("q = MADE.substitute(a=name)", "SELECT {parameter:name} FROM t"),
        ("q = MADE.substitute(a=1)", "SELECT {constant=1} FROM t"),
        ("q = MADE.substitute(a='id')", "SELECT id FROM t"),
        ("q = Template(name).substitute(a=1)", "{parameter:name}"),
    ],
)
def test_filled(body: str, expected: str) -> None:
    before = "import string\nfrom string import Template\nMADE = Template('SELECT $a FROM t')"
    assert last(python(f"{body}\nopened.execute(q)", "name, table", before)) == expected


def test_filled_in_a_branch() -> None:
    body = "q = 'SELECT %s FROM t'\nif table:\n    q %= name\nopened.execute(q)"
    project = python(body, "name, table")
    assert {shape(call.text) for call in project.calls if call.text is not None} >= {"SELECT {parameter:name} FROM t"}


def test_the_rest_of_a_division_is_no_format() -> None:
    source = "import { Pool } from 'pg';\nconst pool = new Pool();\nexport function run(page: number) {\n  let q = 'SELECT %s';\n  q %= page;\n  pool.query(q);\n}\n"
    assert last(linked({"app.ts": source})) == "{number:page}"
