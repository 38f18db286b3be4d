"""What `typing.cast` gives."""

from __future__ import annotations

from tests.link.linked import asked, linked

CAST = """
    import typing
    from typing import cast

    import sqlite3
    from sqlalchemy.orm import Session
    from sqlite_utils import Database
    from sqlite_utils.db import Table

    def kept(value, given):
        return given

    def of_a_known(db: Database, row):
        cast(Table, db["shelf"]).insert(row)

    def of_nothing(db, row):
        opened = typing.cast(Database, db)
        opened["book"].insert(row)

    def written_as_text(session):
        cast("sqlite3.Connection", session).execute("SELECT id FROM visit")
        cast("list[Session]", session).execute("SELECT id FROM unseen")
        cast("Session", session).execute("SELECT id FROM reader")

    def no_type_of_a_table(opened: sqlite3.Connection, key):
        cast(object, opened).execute(cast(str, "SELECT id FROM loan WHERE id = ?"), (key,))

    def another_function(db, row):
        kept(Table, db["unseen"]).insert(row)
    """


def test_a_cast_gives_what_it_says() -> None:
    found = [(member, verb, table) for member, _, verb, table in asked(linked({"app.py": CAST}))]
    assert found == [
        ("insert", "insert", "shelf"),
        ("insert", "insert", "book"),
        ("execute", "select", "visit"),
        ("execute", "select", "reader"),
        ("execute", "select", "loan"),
    ]
