"""SQLAlchemy's asyncio on aiosqlite: the event of the engine inside, which runs in a greenlet of its caller."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import StaticPool
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.truth.adapters.sqlalchemy import listen
from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Sessions, connections and engines on a database in memory."""
    metadata = importlib.import_module("models").Base.metadata

    @asynccontextmanager
    async def each() -> AsyncIterator[Given]:
        engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
            for statement in ROWS:
                await connection.exec_driver_sql(statement)
        listen(engine.sync_engine, note)
        makes = async_sessionmaker(engine)
        async with AsyncSession(engine) as session, engine.connect() as connection:
            yield {
                "session": session,
                "connection": connection,
                "engine": engine,
                "makes": makes,
                "number": NUMBER,
            }
        await engine.dispose()

    yield each
