"""Tests of every element of a list, before one of them is used."""

from __future__ import annotations

import pytest

from tests.link.linked import linked, only, shape

BEFORE = """\
import sqlalchemy
import sqlite3
TYPES = ("a", "b")
opened = sqlite3.connect("x")

def check(fields):
    for field in fields:
        if field["type"] not in TYPES:
            raise ValueError(field)

def check_most(connection, fields):
    for field in fields:
        if field.get("type") and not valid(connection, field["type"]):
            raise ValueError(field)

def valid(connection, word):
    if word in TYPES:
        return True
    return False

def check_server(connection: sqlite3.Connection, fields):
    for field in fields:
        assert exists(connection, field["type"])

def exists(connection: sqlite3.Connection, word):
    if word in TYPES:
        return True
    try:
        connection.execute("SELECT CAST(? AS regtype)", (word,))
    except sqlite3.Error:
        return False
    else:
        return True

def check_elsewhere(opened, fields):
    for field in fields:
        assert known(opened, field["type"])

def known(opened, word):
    try:
        opened["connection"].execute(sqlalchemy.text("SELECT CAST(:word AS regtype)"), {"word": word})
    except sqlite3.Error:
        return False
    return True

def check_names(names):
    for name in names:
        if name not in TYPES:
            raise ValueError(name)

def show(fields):
    for field in fields:
        if field["type"] not in TYPES:
            print(field)

"""

QUIET = BEFORE.replace("connection.execute", "print").replace('["connection"].execute', ".other")


@pytest.mark.parametrize(
    ("test", "text", "expected"),
    [
        ("check(fields)", "', '.join(f['type'] for f in fields)", "({constant:f['type']})*', '"),
        ("check(fields)", "', '.join(f['name'] for f in fields)", "({parameter:f['name']})*', '"),
        ("check(other)", "', '.join(f['type'] for f in fields)", "({parameter:f['type']})*', '"),
        ("show(fields)", "', '.join(f['type'] for f in fields)", "({parameter:f['type']})*', '"),
        ("check(fields=fields)", "', '.join(f.get('type') for f in fields)", "({constant:f.get('type')})*', '"),
        ("check_most(1, fields)", "', '.join(f['type'] for f in fields)", "({constant:f['type']})*', '"),
        ("check_server(opened, fields)", "', '.join(f['type'] for f in fields)", "({unknown:f['type']})*', '"),
        ("check_elsewhere(opened, fields)", "', '.join(f['type'] for f in fields)", "({unknown:f['type']})*', '"),
        ("check_names(fields)", "', '.join(f for f in fields)", "({constant:f})*', '"),
        ("check_names(fields)", "', '.join(fields)", "{constant:fields}"),
        ("check(fields)", "', '.join(f['type'] for f in fields + ['a'])", "({constant:f['type']})*', '"),
        ("check(fields)", "', '.join(f['type'] for f in fields + other)", "({parameter:f['type']})*', '"),
    ],
)
def test_a_function_that_looks_at_every_element(test: str, text: str, expected: str) -> None:
    source = f"{BEFORE}def run(fields, other):\n    {test}\n    opened.execute({text})\n"
    calls = [call for call in linked({"app.py": source}).calls if call.text is not None]
    assert shape(calls[-1].text) == expected


def test_a_loop_that_looks_at_every_element() -> None:
    source = (
        f"{QUIET}def run(fields):\n"
        "    for field in fields:\n        if field['type'] not in TYPES:\n            raise ValueError\n"
        "    for field in fields:\n        opened.execute(field['type'] + field['name'])\n"
    )
    assert shape(only(linked({"app.py": source})).text) == "{constant:field['type']}{parameter:field['name']}"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("if name: return", "constant"),
        ("if not name: return", "parameter"),
        ("if name and name not in TYPES: return", "constant"),
        ("if name and other not in TYPES: return", "parameter"),
    ],
)
def test_a_value_that_is_nothing(test: str, expected: str) -> None:
    source = f"{QUIET}def run(name, other):\n    {test}\n    opened.execute('SELECT ' + name)\n"
    assert shape(only(linked({"app.py": source})).text) == f"SELECT {{{expected}:name}}"
