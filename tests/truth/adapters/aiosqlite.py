"""aiosqlite: methods that note what they are given, before they hand it to their thread."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import aiosqlite

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS, SCHEMA

_METHODS = ("execute", "executemany", "executescript", "execute_insert", "execute_fetchall")


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes what the methods of connections and cursors are given."""
    for cls in (aiosqlite.Connection, aiosqlite.Cursor):
        for name in _METHODS:
            if hasattr(cls, name):
                setattr(cls, name, _noting(getattr(cls, name), note, many=name == "executemany"))

    @asynccontextmanager
    async def each() -> AsyncIterator[Given]:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "pantry.db")
            async with aiosqlite.connect(path) as connection:
                for statement in (*SCHEMA, *ROWS):
                    await connection.execute(statement)
                await connection.commit()
                yield {"connection": connection, "path": path, "number": NUMBER}

    yield each


def _noting(method: Any, note: Recorder, *, many: bool) -> Any:
    @wraps(method)
    def noting(self: Any, sql: str, parameters: Any = (), *rest: Any) -> Any:
        note(sql, parameters, many=many)
        return method(self, sql, parameters, *rest) if parameters or many else method(self, sql, *rest)

    return noting
