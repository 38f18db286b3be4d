"""What calls pass to parameters that stand in a text: which calls count, and when nobody can name them all."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from tests.link.linked import linked, only, shape

PYTHON = "import sqlite3\n\ndef find(opened: sqlite3.Connection, name):\n    return opened.execute('ORDER BY ' + name)\n\nhere = sqlite3.connect('shop.db')\n"
TYPESCRIPT = "import { Pool } from 'pg';\nconst opened = new Pool();\nexport function find(name: string) {\n  return opened.query(`ORDER BY ${name}`);\n}\n"


def texts(files: dict[str, str], path: str, roles: dict[str, FileRole] | None = None) -> list[str]:
    return [
        shape(call.text)
        for call in linked(files, roles=roles).calls
        if call.place.path == path and call.trigger != "wrapper" and call.text is not None
    ]


@pytest.mark.parametrize(
    ("role", "expected"),
    [(FileRole.TEST, "parameter"), (FileRole.EXAMPLE, "parameter"), (FileRole.APP, "constant"), (FileRole.SCRIPT, "constant")],
)  # fmt: skip
def test_what_a_test_passes_says_nothing_of_the_program(role: FileRole, expected: str) -> None:
    other = "import sqlite3\nfrom shop import find\n\ndef run():\n    find(sqlite3.connect(':memory:'), 'id')\n"
    found = texts({"shop.py": PYTHON, "other.py": other}, "shop.py", {"other.py": role})
    assert found == [f"ORDER BY {{{expected}:name}}"]


def test_a_function_of_a_test_is_called_by_tests() -> None:
    found = texts({"shop.py": f"{PYTHON}find(here, 'id')\n"}, "shop.py", {"shop.py": FileRole.TEST})
    assert found == ["ORDER BY {constant:name}"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "constant"),
        ("get = find", "parameter"),
        ("TOOLS = {'find': find}", "parameter"),
        ("def give():\n    return find", "parameter"),
        ("from threading import Thread\nThread(target=find)", "parameter"),
        ("find.delay('name')", "parameter"),
        ("find.label = 'Find'", "constant"),
        ("if find is None:\n    raise ValueError", "constant"),
        ("class Other:\n    def find(self): ...\n\nget = Other().find", "constant"),
    ],
)  # fmt: skip
def test_a_function_that_is_handed_on_is_called_by_anyone(more: str, expected: str) -> None:
    found = texts({"shop.py": f"{PYTHON}find(here, 'id')\n{more}\n"}, "shop.py")
    assert found == [f"ORDER BY {{{expected}:name}}"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("find('id');", "constant"),
        ("find('id'); const get = find;", "parameter"),
        ("find('id'); export const tools = { find };", "parameter"),
        ("find('id'); export default find;", "constant"),
        ("find('id'); export default { find };", "constant"),
        ("find('id'); module.exports = { find };", "constant"),
        ("find('id'); type Found = ReturnType<typeof find>;", "constant"),
        ("find('id'); register(find);", "parameter"),
        ("['id', 'name'].map(find);", "constant"),
        ("export const all = (names: string[]) => names.map(find);", "parameter"),
    ],
)  # fmt: skip
def test_what_scripts_do_with_a_function(more: str, expected: str) -> None:
    assert texts({"shop.ts": f"{TYPESCRIPT}{more}\n"}, "shop.ts") == [f"ORDER BY {{{expected}:name}}"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("from shop import find as get\nfrom flask import request\n\ndef run(opened):\n    get(opened, request.args['order'])\n", "request"),
        ("import shop\nfrom flask import request\n\ndef run(opened):\n    shop.find(opened, request.args['order'])\n", "request"),
        ("from shop import find\nget = find\n", "parameter"),
    ],
)  # fmt: skip
def test_a_function_under_another_name(other: str, expected: str) -> None:
    found = texts({"shop.py": f"{PYTHON}find(here, 'id')\n", "other.py": other}, "shop.py")
    assert found == [f"ORDER BY {{{expected}:name}}"]


def test_a_function_that_another_name_exports() -> None:
    exported = TYPESCRIPT.replace("export function", "function") + "export { find as search };\n"
    other = "import { search } from './shop';\nsearch('id');\n"
    assert texts({"shop.ts": exported, "other.ts": other}, "shop.ts") == ["ORDER BY {constant:name}"]
    assert texts({"shop.ts": exported}, "shop.ts") == ["ORDER BY {parameter:name}"]


def test_a_default_export_has_no_name_of_its_own_elsewhere() -> None:
    exported = TYPESCRIPT.replace("export function", "export default function")
    other = "import search from './shop';\nsearch('id');\n"
    assert texts({"shop.ts": exported, "other.ts": other}, "shop.ts") == ["ORDER BY {constant:name}"]


@pytest.mark.parametrize(
    ("declared", "origin"),
    [
        ("name: str", "request"),
        ("name: str = Query()", "request"),
        ("name: str = Query(max_length=9)", "request"),
        ("name: str = Query(pattern='^a$')", "unknown"),
        ("name: Annotated[str, Query(max_length=9)]", "request"),
        ("name: Annotated[str, Query(pattern='^a$')]", "unknown"),
        ("name: Annotated[str, Predicate(known)]", "unknown"),
        ("name: list[Annotated[str, Predicate(known)]] | None = None", "unknown"),
        ("name: Known", "unknown"),
    ],
)
def test_what_a_declaration_checks_cannot_be_said(declared: str, origin: str) -> None:
    source = (
        "import sqlite3\nfrom typing import Annotated\nfrom annotated_types import Predicate\n"
        "from fastapi import FastAPI, Query\napp = FastAPI()\nopened = sqlite3.connect('shop.db')\n"
        f"Known = Annotated[str, Predicate(known)]\n\n@app.get('/')\ndef find({declared}):\n"
        "    opened.execute(f'ORDER BY {name}')\n"
    )
    text = shape(only(linked({"app.py": source})).text)
    assert text.endswith(f"{{{origin}:name}}")


@pytest.mark.parametrize(
    ("write", "read", "origin"),
    [
        ("", "context.get('timeout', 60)", "parameter"),
        ("run({'timeout': int(given)})", "context.get('timeout', 60)", "unknown"),
        ("run({'timeout': int(given)})", "context.get('timeout', LIMIT)", "unknown"),
        ("run({'timeout': given})", "context.get('timeout', 60)", "parameter"),
        ("run({'timeout': int(given)})\nrun({'timeout': given})", "context.get('timeout', 60)", "parameter"),
        ("run({'timeout': int(given)})", "context.get('timeout', 'none')", "parameter"),
        ("run({'timeout': int(given)})", "context.get('other', 60)", "parameter"),
        ("context['timeout'] = float(given)", "context.get('timeout', 60)", "unknown"),
    ],
)
def test_a_key_under_which_the_program_puts_numbers(write: str, read: str, origin: str) -> None:
    lines = "\n    ".join(write.splitlines() or ["pass"])
    source = (
        "import sqlite3\nLIMIT = 60\nopened = sqlite3.connect('shop.db')\n\n"
        f"def wait(context):\n    opened.execute(f'PRAGMA busy_timeout = {{{read}}}')\n\n"
        f"def call(given, context):\n    {lines}\n"
    )
    assert shape(only(linked({"app.py": source})).text).startswith(f"PRAGMA busy_timeout = {{{origin}:")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("{'name': 'a'}", "constant"),
        ("{'name': request.args['n'], 'more': 1}", "request"),
        ("{'other': 1, **rest}", "parameter"),
        ("load()", "parameter"),
        ("dict(name='a', other=rest)", "constant"),
        ("dict(other=1, name=request.args['n'])", "request"),
        ("dict(name=rest)", "parameter"),
        ("dict(other='a')", "parameter"),
        ("dict(rest, other='a')", "parameter"),
    ],
)
def test_what_a_mapping_passes_under_a_parameters_name(given: str, origin: str) -> None:
    source = (
        "import sqlite3\nfrom flask import request\nopened = sqlite3.connect('shop.db')\n\n"
        "def find(name):\n    opened.execute(f'ORDER BY {name}')\n\n"
        f"def call(rest):\n    given = {given}\n    find(**given)\n"
    )
    assert shape(only(linked({"app.py": source})).text) == f"ORDER BY {{{origin}:name}}"


BUNDLES = """
import express from 'express';
import { Pool } from 'pg';
import { load } from './elsewhere';

const app = express();
const pool = new Pool();

function asked(options) { pool.query(`1 ${options.word} ${options['limit']} ${options.order}`); }
function taken(options) { const { word, limit } = options; pool.query(`2 ${word} ${limit}`); }
function handed(options) { pool.query(`3 ${options.word} ${options.limit}`); }
function whole(options) { pool.query(`4 ${options.word}`); }

export function call(word) {
  handed({ word, limit: load() });
  whole(word);
}
app.get('/', (request, response) => {
  asked({ word: request.query.word, limit: load(), order: 'id' });
  taken({ word: request.query.word, limit: load() });
});
"""


def test_what_calls_put_under_the_keys_of_a_literal() -> None:
    assert texts({"app.js": BUNDLES, "elsewhere.js": "export { load } from 'unknown';\n"}, "app.js") == [
        "1 {request:options.word} {unknown:options['limit']} {constant:options.order}",
        "2 {request:word} {unknown:limit}",
        "3 {parameter:options.word} {unknown:options.limit}",
        "4 {parameter:options.word}",
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "unknown"),
        ("def ask(jars, word):\n    return jars.labelled(word)", "parameter"),
        ("def ask(jars):\n    return jars.labelled('id')", "unknown"),
        # it may be of another class that has such a method
        ("class Box:\n    def labelled(self, word): ...\n\ndef ask(jars, word):\n    return jars.labelled(word)", "unknown"),
        # and here it is known to be of something else
        ("import requests\n\ndef ask(word):\n    return requests.labelled(word)", "unknown"),
    ],
)  # fmt: skip
def test_calls_that_are_of_a_method_by_its_name_alone(more: str, expected: str) -> None:
    code = (
        "import sqlite3\nfrom elsewhere import words\n\nclass Jars:\n    def __init__(self):\n"
        "        self.opened = sqlite3.connect('shop.db')\n\n    def labelled(self, name):\n"
        "        return self.opened.execute('ORDER BY ' + name)\n\ndef first():\n"
        f"    return Jars().labelled(words())\n\n{more}\n"
    )
    assert texts({"shop.py": code}, "shop.py") == [f"ORDER BY {{{expected}:name}}"]
