"""psycopg2 on a PostgreSQL of its own: cursors that note what they are given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions

from tests.truth.adapters.psycopg import postgres
from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS, SCHEMA


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Connections in a transaction that is undone."""

    class Cursor(psycopg2.extensions.cursor):  # type: ignore[misc] # psycopg2's types are not read
        def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 - the driver's own name
            note(str(query), vars or ())
            return super().execute(query, vars)

        def executemany(self, query: Any, vars_list: Any) -> None:
            note(str(query), vars_list, many=True)
            super().executemany(query, vars_list)

    with postgres() as address:
        connection = psycopg2.connect(address)
        with connection, connection.cursor() as cursor:
            for statement in (*SCHEMA, *ROWS):
                cursor.execute(statement)
        connection.close()

        @asynccontextmanager
        async def each() -> AsyncIterator[Given]:
            connection = psycopg2.connect(address, cursor_factory=Cursor)
            yield {"connection": connection, "number": NUMBER}
            connection.close()

        yield each
