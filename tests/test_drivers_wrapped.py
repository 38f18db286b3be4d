"""Programs whose statements go through wrappers of their own around a driver."""

from __future__ import annotations

from pathlib import Path

from tests.link.linked import asked, linked
from tests.test_index_not_concurrent import findings

PROGRAM = """
import sqlite3
from sqlalchemy import Connection, text


class Plain:
    def __init__(self, opened: sqlite3.Connection):
        self.opened = opened

    def run(self, statement, values=None):
        return self.opened.execute(statement, values)


class Built:
    def __init__(self, opened: Connection):
        self.opened = opened

    def run(self, statement: str, values: dict | None = None):
        return self.opened.execute(text(statement), values)


def add(plain: Plain, key):
    plain.run("INSERT INTO shelf (id) VALUES (?)", [key])


def add_built(built: Built, key):
    built.run("INSERT INTO book (id) VALUES (:id)", {"id": key})


def add_two(plain: Plain, key):
    plain.run("INSERT INTO shelf (id) VALUES (?)", [key])
    plain.run("INSERT INTO note (id) VALUES (?)", [key])


def add_number(plain: Plain, key):
    number = plain.run("SELECT max(number) FROM shelf").fetchone()
    plain.run("INSERT INTO shelf (id, number) VALUES (?, ?)", [key, number[0] + 1])


def shelves(plain: Plain, keys: list[str]):
    for key in keys:
        add(plain, key)


def books(built: Built, keys: list[str]):
    for key in keys:
        add_built(built, key)


def read(built: Built, keys: list[str]):
    for key in keys:
        built.run("UPDATE book SET read = 1 WHERE id = :id", {"id": key})


def drop(plain: Plain, key):
    plain.run("DELETE FROM shelf WHERE id = ?", values=[key])


def drop_all(plain: Plain, keys: list[str]):
    for key in keys:
        drop(plain, key)


def drop_parts(plain: Plain, pairs):
    for key, part in pairs:
        plain.run("DELETE FROM part WHERE shelf_id = ? AND number = ?", [key, part])


def units(plain: Plain, keys: list[str]):
    for key in keys:
        add_two(plain, key)


def numbers(plain: Plain, keys: list[str]):
    for key in keys:
        add_number(plain, key)
"""


SAME = "to the same values each time; one statement can do it for all"


def test_writes_through_functions_around_a_wrapper(tmp_path: Path) -> None:
    assert [finding.message for finding in findings(tmp_path, {"app.py": PROGRAM}, "query/write-in-loop")] == [
        "`add()` inserts into shelf once per element of `keys`; one statement can do it for all",
        "`add_built()` inserts into book once per element of `keys`; one statement can do it for all",
        "`built.run()` updates book once per element of `keys`, " + SAME,
        "`drop()` deletes from shelf once per element of `keys`; one statement can do it for all",
    ]


def test_one_call_of_a_wrapper_is_one_query() -> None:
    found = [(member, verb, table) for member, _, verb, table in asked(linked({"app.py": PROGRAM})) if table == "book"]
    assert found == [("run", "insert", "book"), ("run", "update", "book")]


def test_a_text_that_a_wrapper_builds_is_judged_once(tmp_path: Path) -> None:
    route = (
        "\n\nfrom flask import Flask, request\n\nsite = Flask(__name__)\n\n\n@site.get('/')\ndef show(built: Built):\n"
    )
    call = "    built.run(f\"DELETE FROM book WHERE id = '{request.args['id']}'\")\n"
    found = findings(tmp_path, {"app.py": f"{PROGRAM}{route}{call}"}, "security/sql-injection")
    assert [finding.region.start.line for finding in found] == [(PROGRAM + route).count("\n") + 1]
