"""Lists of statements and of their parts: whoever put the elements there."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from tests.link.linked import linked, only, shape


def python(body: str, before: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"import sqlite3\n{before}\nopened = sqlite3.connect('shop.db')\n\ndef run(name, names):\n{lines}\n"
    return shape(only(linked({"app.py": source})).text)


def typescript(body: str, before: str = "") -> str:
    source = f"import {{ Pool }} from 'pg';\n{before}\nconst opened = new Pool();\nexport function run(name: string, names: string[]) {{\n{body}\n}}\n"
    return shape(only(linked({"app.ts": source})).text)


LOOP = "for item in made:\n    opened.execute(item)"
PART = "for item in made:\n    opened.execute(f'DROP TABLE {item}')"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"made = []\nfor one in names:\n    made.append(f'DROP TABLE {{one}}')\n{LOOP}", "DROP TABLE {parameter:one}"),
        (f"made = []\nmade.append('DROP TABLE ' + name)\n{LOOP}", "DROP TABLE {parameter:name}"),
        (f"made = ['TRUNCATE t']\nmade.append('DROP TABLE ' + name)\n{LOOP}", "DROP TABLE {parameter:name}"),
        (f"made = []\nmade.extend('DROP TABLE ' + one for one in names)\n{LOOP}", "DROP TABLE {parameter:one}"),
        (f"made = [f'DROP TABLE {{one}}' for one in names]\n{LOOP}", "DROP TABLE {parameter:one}"),
        (f"made = ['TRUNCATE t']\nmade.append('TRUNCATE u')\n{LOOP}", "{constant:item}"),
        (f"made = [f'DROP TABLE t{{one:d}}' for one in names]\n{LOOP}", "{rendered:item}"),
        (f"made = []\nmade.append(name)\n{PART}", "DROP TABLE {parameter:name}"),
        (f"made = ['a']\nmade.append('b')\n{PART}", "DROP TABLE {constant:item}"),
        (f"made = []\nif name not in ('a', 'b'):\n    raise ValueError\nmade.append(name)\n{PART}", "DROP TABLE {constant:item}"),
        (f"made = names or []\n{PART}", "DROP TABLE {parameter:item}"),
        (f"made = []\nmade += names\n{PART}", "DROP TABLE {parameter:item}"),
        (f"made = parts(names)\n{PART}", "DROP TABLE {parameter:item}"),
        (f"made = parts('a,b')\n{PART}", "DROP TABLE {unknown:item}"),
        (f"made = words()\n{PART}", "DROP TABLE {constant:item}"),
        (f"made = names[1:]\n{PART}", "DROP TABLE {parameter:item}"),
        (f"made = ['a', *names]\n{PART}", "DROP TABLE {parameter:item}"),
        (f"made = {{'a': name}}\n{PART}", "DROP TABLE {constant:item}"),
    ],
)  # fmt: skip
def test_elements_of_python(body: str, expected: str) -> None:
    before = (
        "def parts(value):\n    if value == '':\n        return []\n    return value.split(',')\n"
        "def words():\n    found = ['a']\n    found.append('b')\n    return found\n"
    )
    assert python(body, before) == expected


EACH = "return made.map((item) => opened.query(item));"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"const made: string[] = [];\nfor (const one of names) made.push(`DROP TABLE ${{one}}`);\n{EACH}", "DROP TABLE {parameter:one}"),
        (f"const made: string[] = [];\nnames.forEach((one) => {{ made.push(`DROP TABLE ${{one}}`); }});\n{EACH}", "DROP TABLE {parameter:one}"),
        (f"const made = names.map((one) => `DROP TABLE ${{one}}`);\n{EACH}", "DROP TABLE {parameter:one}"),
        (f"const made: string[] = [];\nmade.push('TRUNCATE t');\n{EACH}", "{constant:item}"),
        (f"const made: string[] = [];\nmade.push(...names);\n{EACH}", "{parameter:item}"),
        ("const made = ['a'].concat(names);\nreturn made.map((item) => opened.query(`DROP TABLE ${item}`));", "DROP TABLE {parameter:item}"),
        ("const made = ['a', 'b'].filter(Boolean);\nreturn made.map((item) => opened.query(`DROP TABLE ${item}`));", "DROP TABLE {constant:item}"),
    ],
)  # fmt: skip
def test_elements_of_typescript(body: str, expected: str) -> None:
    assert typescript(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("const parts = names.map((one, at) => `a = $${at + 1}`);\nreturn opened.query(parts.join(' OR '));", "(a = ${number:at})*' OR '"),
        ("const parts = names.map((one) => `a = '${one}'`);\nreturn opened.query(parts.join(' OR '));", "(a = '{parameter:one}')*' OR '"),
        ("const parts = names.map((one) => one.length);\nreturn opened.query(`a = ${parts}`);", "a = {number:names.map()}"),
        ("let parts = names;\nconst more = () => { parts = parts.map((one) => one); };\nreturn opened.query(parts.join(' OR '));", "{parameter:parts}"),
        ("let one = two, two = one;\nreturn names.map(() => opened.query(one.join(' OR ')));", "{unknown:one}"),
    ],
)  # fmt: skip
def test_lists_that_are_mapped(body: str, expected: str) -> None:
    assert typescript(body) == expected


def test_what_a_function_inside_puts_into_its_own_list_is_not_in_the_outer_one() -> None:
    body = f"const made = ['TRUNCATE t'];\nnames.forEach((one) => {{ const made = ['']; made.push(one); }});\n{EACH}"
    assert typescript(body) == "TRUNCATE t"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("[f\"name = '{name}'\"]", "SELECT id FROM t WHERE deleted = 0[ AND {parameter:name}]"),
        ("['name IS NULL']", "SELECT id FROM t WHERE deleted = 0"),
        ("", "SELECT id FROM t WHERE deleted = 0"),
    ],
)
def test_a_list_that_is_handed_in_and_appended_to(given: str, expected: str) -> None:
    where = "def where(parts=None):\n    if not parts:\n        parts = []\n    parts.append('deleted = 0')\n    return 'WHERE ' + ' AND '.join(parts)\n"
    body = "opened.execute('SELECT id FROM t ' + where(GIVEN))"
    assert python(body.replace("GIVEN", given), where) == expected


def test_a_list_that_is_passed_on_holds_what_was_appended() -> None:
    source = """\
import sqlite3

def clear(opened: sqlite3.Connection, tables):
    for table in tables:
        opened.execute(f'TRUNCATE {table}')

def run(name):
    found = []
    found.append(name)
    clear(sqlite3.connect('shop.db'), found)
"""
    (call,) = [call for call in linked({"app.py": source}).calls if Effect.QUERY in call.effects]
    assert shape(call.text) == "TRUNCATE {parameter:table}"
