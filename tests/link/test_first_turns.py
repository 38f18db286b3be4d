"""Calls that only the first turn of a loop makes, and those that look so and are made by more."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.link.linked import linked

READ = "opened.execute('SELECT label FROM shelf WHERE id = ?', (jar.shelf,))"
QUERY = "console.log(await pool.query('SELECT label FROM shelf WHERE id = $1', [jar.id]));"


def _leaves(files: dict[str, str]) -> bool:
    (call,) = [call for call in linked(files).calls if call.queries]
    return next(frame for frame in call.frames if frame.kind == "loop").leaves


@pytest.mark.parametrize(
    ("before", "body", "once"),
    [
        ("first = True", "if first:\n    READ\n    first = False", True),
        ("first = True", "if first:\n    READ\nfirst = False", True),
        ("first = True", "if first is True and jar:\n    READ\n    first = False", True),
        ("count = 0", "if not count:\n    READ\ncount += 1", True),
        ("count = 0", "if count == 0:\n    READ\ncount += 1", True),
        ("done = None", "if done:\n    continue\nREAD\ndone = True", True),
        # another turn may make it again
        ("first = True", "if first:\n    READ\n    first = jar.last", False),
        ("first = True", "if first:\n    READ\n    first = False\nif jar.last:\n    first = True", False),
        ("first = True", "if first:\n    READ\nif jar.last:\n    first = False", False),
        ("first = True", "if first:\n    READ\nif jar.last:\n    continue\nfirst = False", False),
        ("first = True", "if first or jar.last:\n    READ\n    first = False", False),
        ("first = False", "if not first:\n    READ\n    first = False", False),
        ("count = 0", "if not count:\n    READ\ncount += jar.size", False),
        ("count = 0", "if not count:\n    READ\nif jar.last:\n    count += 1", False),
        ("count = 0", "if count:\n    READ\ncount += 1", False),
        ("count = 0", "if count == 1:\n    READ\ncount += 1", False),
    ],
)
def test_a_flag_or_a_counter_says_that_a_call_was_made(before: str, body: str, once: bool) -> None:
    source = (
        f"import sqlite3\nopened = sqlite3.connect('shop.db')\n\ndef run(jars):\n    {before}\n"
        f"    for jar in jars:\n{indent(body.replace('READ', READ), ' ' * 8)}\n"
    )
    assert _leaves({"app.py": source}) is once


@pytest.mark.parametrize(
    ("loop", "once"),
    [
        ("let first = true;\nfor (const jar of jars) { if (first) { QUERY first = false; } }", True),
        ("let count = 0;\nfor (const jar of jars) { if (count === 0) { QUERY } count++; }", True),
        ("let first = true;\njars.forEach(async (jar) => { if (!first) return; first = false; QUERY });", True),
        ("let first = true;\nfor (const jar of jars) { if (first) { QUERY } if (jar.last) first = false; }", False),
        ("let count = 0;\nfor (const jar of jars) { if (!count) { QUERY } count--; }", False),
    ],
)
def test_the_same_in_typescript(loop: str, once: bool) -> None:
    source = (
        "import { Pool } from 'pg';\nconst pool = new Pool();\n"
        "export async function run(jars: { id: number, last: boolean }[]) {\n"
        f"{loop.replace('QUERY', QUERY)}\n}}\n"
    )
    assert _leaves({"app.ts": source}) is once
