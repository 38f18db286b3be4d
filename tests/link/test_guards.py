"""What tests on the way to a use prove of a value, and what they do not."""

from __future__ import annotations

import pytest

from tests.link.linked import linked, only, shape

PYTHON = """\
import re
import sqlite3
from decimal import Decimal

NAMES = ("id", "name")
opened = sqlite3.connect("x")

"""
TYPESCRIPT = """\
import { Pool } from 'pg';
const opened = new Pool();
const NAMES = ['id', 'name'];
const WORDS: Record<string, boolean> = { id: true };

"""


def of_python(before: str, used: str = "x", parameters: str = "x, xs, ys") -> str:
    lines = "\n".join(f"    {line}" for line in before.split("\n"))
    source = f"{PYTHON}def find({parameters}):\n{lines}\n    opened.execute(f'SELECT {{{used}}}')\n"
    return shape(only(linked({"app.py": source})).text)


def of_typescript(before: str, used: str = "x", parameters: str = "x: string, xs: string[], ys: string[]") -> str:
    lines = f"  {before}\n  return opened.query(`SELECT ${{{used}}}`);\n"
    source = f"{TYPESCRIPT}export function find({parameters}) {{\n{lines}}}\n"
    return shape(only(linked({"app.ts": source})).text)


@pytest.mark.parametrize(
    "before",
    [
        "if not isinstance(x, int): raise TypeError",
        "if not isinstance(x, (int, float)): raise TypeError",
        "if not isinstance(x, int | Decimal): raise TypeError",
        "assert isinstance(x, int)",
        "int(x)",
        "try:\n    int(x)\nexcept ValueError:\n    return None",
    ],
)
def test_what_makes_sure_of_a_number(before: str) -> None:
    assert of_python(before) == "SELECT {number:x}"


@pytest.mark.parametrize(
    "before",
    [
        "ok = x in NAMES\nif not ok: raise ValueError",
        "if x in NAMES: pass\nelse: raise ValueError",
        "if x.lower() not in NAMES: raise ValueError",
        "if str(x) not in NAMES: raise ValueError",
        "match x:\n    case 'id' | 'name': pass\n    case _: raise ValueError",
        "if re.search(r'[^a-z]', x): raise ValueError",
        "if not re.search(r'^[a-z]+$', x): raise ValueError",
        "if not re.fullmatch(r'[a-z]+', x): raise ValueError",
    ],
)
def test_what_makes_sure_of_a_word(before: str) -> None:
    assert of_python(before) == "SELECT {constant:x}"


@pytest.mark.parametrize(
    "before",
    [
        "if not isinstance(x, str): raise TypeError",
        "if not isinstance(x, (int, str)): raise TypeError",
        "if isinstance(x, int): raise TypeError",
        "if not isinstance(ys, int): raise TypeError",
        "try:\n    int(x)\nexcept ValueError:\n    pass",
        "ok = x in NAMES\nif ok: raise ValueError",
        "ok = x in NAMES\nok = True\nif not ok: raise ValueError",
        "if x in NAMES: raise ValueError\nelse: pass",
        "if x not in (ys, 'id'): raise ValueError",
        "match x:\n    case 'id' | 'name': pass\n    case _: print(x)",
        "match x:\n    case 'id': raise ValueError",
        "if re.search(r'[;]', x): raise ValueError",
        "if not re.search(r'[a-z]+', x): raise ValueError",
        "if re.match(r'[^a-z]', x): raise ValueError",
    ],
)
def test_what_proves_nothing(before: str) -> None:
    assert of_python(before) == "SELECT {parameter:x}"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("if not all(x in NAMES for x in xs): raise ValueError", "constant"),
        ("if any(x not in NAMES for x in xs): raise ValueError", "constant"),
        ("if not set(xs) <= set(NAMES): raise ValueError", "constant"),
        ("if not set(xs).issubset(NAMES): raise ValueError", "constant"),
        ("if set(xs) - set(NAMES): raise ValueError", "constant"),
        ("if not any(x in NAMES for x in xs): raise ValueError", "parameter"),
        ("if not all(x in NAMES for x in xs if x): raise ValueError", "parameter"),
        ("if not all(x in NAMES for x in ys): raise ValueError", "parameter"),
        ("if not set(xs) >= set(NAMES): raise ValueError", "parameter"),
        ("if not set(xs) <= set(ys): raise ValueError", "parameter"),
    ],
)
def test_what_is_tested_of_all_elements(before: str, expected: str) -> None:
    assert of_python(before, "', '.join(xs)") == f"SELECT {{{expected}:xs}}"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("switch (x) { case 'id': case 'name': break; default: throw new Error(); }", "constant"),
        ("switch (x) { case 'id': break; default: break; }", "parameter"),
        ("switch (x) { case 'id': break; case xs[0]: break; default: throw new Error(); }", "parameter"),
        (r"if (!x.match(/^\w+$/)) throw new Error();", "constant"),
        (r"if (x.match(/^\w+$/) === null) throw new Error();", "constant"),
        (r"if (!x.match(/\w+/)) throw new Error();", "parameter"),
        ("if (/[^a-z]/.test(x)) throw new Error();", "constant"),
        ("if (/[^a-z ]/.test(x)) throw new Error();", "parameter"),
        ("if (NAMES.indexOf(x) === -1) throw new Error();", "constant"),
        ("if (NAMES.indexOf(x) < 0) throw new Error();", "constant"),
        ("if (NAMES.indexOf(x) === 0) throw new Error();", "parameter"),
        ("if (NAMES.indexOf(x) >= -1) throw new Error();", "parameter"),
        ("if (!WORDS[x]) throw new Error();", "constant"),
        ("const ok = NAMES.includes(x); if (!ok) throw new Error();", "constant"),
        ("if (!NAMES.includes(x.toLowerCase())) throw new Error();", "constant"),
        ("if (!Number.isInteger(x)) throw new Error();", "number"),
        ("if (typeof x !== 'number') throw new Error();", "number"),
    ],
)
def test_tests_of_javascript(before: str, expected: str) -> None:
    assert of_typescript(before) == f"SELECT {{{expected}:x}}"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("if (!xs.every((x) => NAMES.includes(x))) throw new Error();", "constant"),
        ("if (xs.some((x) => !NAMES.includes(x))) throw new Error();", "constant"),
        ("if (!xs.some((x) => NAMES.includes(x))) throw new Error();", "parameter"),
        ("if (!xs.every((x) => ys.includes(x))) throw new Error();", "parameter"),
    ],
)
def test_tests_of_all_elements_in_javascript(before: str, expected: str) -> None:
    assert of_typescript(before, "xs.join(', ')") == f"SELECT {{{expected}:xs}}"


@pytest.mark.parametrize("declared", ["number[]", "readonly number[]", "Array<number>", "Set<bigint>"])
def test_lists_that_are_declared_to_hold_numbers(declared: str) -> None:
    for used in ("xs", "[...xs].join(',')", "xs.map((x) => x).join(',')"):
        assert "parameter" not in of_typescript("", used, f"xs: {declared}"), used


def test_lists_that_are_declared_to_hold_texts() -> None:
    assert of_typescript("", "xs.join(',')", "xs: string[]") == "SELECT {parameter:xs}"
    assert "parameter" in of_python("", "', '.join(xs)", "xs: list[str]")
    assert "parameter" not in of_python("", "', '.join(map(str, xs))", "xs: list[int]")
