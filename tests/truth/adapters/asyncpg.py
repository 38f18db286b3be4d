"""asyncpg on a PostgreSQL of its own: a class of connections that notes what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from tests.truth.adapters.psycopg import postgres
from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS, SCHEMA


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Connections and pools; each function has its tables anew."""

    class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg's types are not read
        async def execute(self, query: str, *parameters: Any, **options: Any) -> Any:
            note(query, parameters)
            return await super().execute(query, *parameters, **options)

        async def executemany(self, command: str, parameters: Any, **options: Any) -> Any:
            note(command, parameters, many=True)
            return await super().executemany(command, parameters, **options)

        async def fetch(self, query: str, *parameters: Any, **options: Any) -> Any:
            note(query, parameters)
            return await super().fetch(query, *parameters, **options)

        async def fetchrow(self, query: str, *parameters: Any, **options: Any) -> Any:
            note(query, parameters)
            return await super().fetchrow(query, *parameters, **options)

        async def fetchval(self, query: str, *parameters: Any, **options: Any) -> Any:
            note(query, parameters)
            return await super().fetchval(query, *parameters, **options)

        async def reset(self, **options: Any) -> None:
            # What a pool sends when it takes a connection back, in a task of its own.
            function, note.function = note.function, ""
            try:
                await super().reset(**options)
            finally:
                note.function = function

        def cursor(self, query: str, *parameters: Any, **options: Any) -> Any:
            note(query, parameters)
            return super().cursor(query, *parameters, **options)

    with postgres() as address:

        @asynccontextmanager
        async def each() -> AsyncIterator[Given]:
            pool = asyncpg.create_pool(address, min_size=1, max_size=2, connection_class=Connection)
            async with pool, pool.acquire() as connection:
                await connection.execute("DROP TABLE IF EXISTS tag, jar, shelf")
                for statement in (*SCHEMA, *ROWS):
                    await connection.execute(statement)
                yield {"connection": connection, "pool": pool, "number": NUMBER}

        yield each
