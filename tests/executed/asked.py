"""What programs ask of SQLite's driver, and from which line: imported by what runs the examples of rules.

It stands in for `sqlite3`'s connections and cursors, so that every library is counted in the same way: a call of
`execute`, `executemany` or `executescript` is one, as it would be one round trip to a server, whatever it writes; a
commit of an open transaction is one.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import dbapi2
from typing import Any

import aiosqlite

COMMIT = "COMMIT"


@dataclass(frozen=True)
class Asked:
    """One call of the driver."""

    text: str
    """The statement, or `COMMIT`."""
    lines: frozenset[tuple[str, int]]
    """Path and number of the lines of the example that were running."""


asked: list[Asked] = []
_folder = Path()
_named: list[tuple[str, int]] = []  # lines that a play says to be running: `at`
_waiting: list[frozenset[tuple[str, int]]] = []  # the lines that wait for a thread of aiosqlite


def _running() -> frozenset[tuple[str, int]]:
    found = set(_named)
    frame = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_folder):
            found.add((path.relative_to(_folder).as_posix(), frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return frozenset(found)


def _note(text: str) -> None:
    asked.append(Asked(text, _waiting[-1] if _waiting else _running()))


class Cursor(dbapi2.Cursor):
    """A cursor that notes what it is given."""

    def execute(self, sql: str, *parameters: Any) -> Any:
        _note(sql)
        return super().execute(sql, *parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        _note(sql)
        return super().executemany(sql, parameters)

    def executescript(self, sql: str, /) -> Any:
        _note(sql)
        return super().executescript(sql)


class Connection(dbapi2.Connection):
    """A connection that notes what it is given, and its cursors."""

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *given: Any) -> Any:
        return self.cursor().execute(*given)

    def executemany(self, *given: Any) -> Any:
        return self.cursor().executemany(*given)

    def executescript(self, *given: Any) -> Any:
        return self.cursor().executescript(*given)

    def commit(self) -> None:
        if self.in_transaction:
            _note(COMMIT)
        super().commit()


def stand_in() -> None:
    """From here on every connection to SQLite that a library of this process makes is noted."""
    connect = dbapi2.connect

    def connected(*given: Any, **named: Any) -> Any:
        return connect(*given, **{"factory": Connection, **named})

    for module in (sqlite3, dbapi2):
        vars(module).update(connect=connected, Cursor=Cursor, Connection=Connection)
    execute = aiosqlite.Connection._execute

    async def executed(self: Any, *given: Any, **named: Any) -> Any:
        _waiting.append(_running())
        try:
            return await execute(self, *given, **named)
        finally:
            _waiting.pop()

    aiosqlite.Connection._execute = executed


def watch(folder: Path) -> None:
    """From here on the lines of the files below the folder are noted."""
    global _folder
    _folder = folder


def folder() -> str:
    """Where the example lies."""
    return str(_folder)


def start() -> None:
    """Forgets what was asked before."""
    asked.clear()


@contextmanager
def at(path: str, text: str) -> Iterator[None]:
    """What is asked meanwhile is asked because of the first line of a file that holds these words, if one does."""
    lines = (_folder / path).read_text("utf-8").splitlines()
    _named.append((path, next((number for number, line in enumerate(lines, 1) if text in line), 0)))
    try:
        yield
    finally:
        _named.pop()


def new_database(schema: str) -> sqlite3.Connection:
    """A database in memory."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema)
    return connection


def django_tables(*models: Any) -> None:
    """The tables of these models, which reference only earlier ones, empty."""
    from django.db import connection

    present = set(connection.introspection.table_names())
    missing = [model for model in models if model._meta.db_table not in present]
    with connection.schema_editor() as editor:
        for model in missing:
            editor.create_model(model)
    for model in reversed(models):
        model.objects.all().delete()


def sqlalchemy_session(metadata: Any, session: Any = None) -> Any:
    """A session on a new database in memory with the tables of the metadata."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    return (session or Session)(engine)


def peewee_tables(database: Any, *models: Any) -> None:
    """The tables of these models in a new database in memory, which takes the place of the example's file."""
    if not database.is_closed():
        database.close()
    database.init(":memory:")
    database.create_tables(models)


async def tortoise_tables(module: str) -> None:
    """The tables of a module's models in a new database in memory."""
    from tortoise import Tortoise

    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": [module]})
    await Tortoise.generate_schemas()


def questions(*modules: Any) -> Iterator[tuple[str, Any]]:
    """The functions and classes that these modules define, by name."""
    for module in modules:
        for name, function in list(vars(module).items()):
            if getattr(function, "__module__", "") == module.__name__ and not name.startswith("_"):
                yield name, function


def answer(function: Any, *given: Any) -> str:
    """What a function answers, or the name of what it raises."""
    try:
        return repr(function(*given))
    except Exception as error:  # noqa: BLE001 - this is its answer
        return type(error).__name__
