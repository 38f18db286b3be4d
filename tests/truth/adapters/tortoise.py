"""Tortoise: what its client for SQLite hands the driver, where the fixture waits for it.

Relations are loaded by tasks of their own, in which no frame says who asked for them; here they are loaded in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import aiosqlite
from tortoise import Tortoise, connections
from tortoise.backends.base import executor

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS

SENDING = ("execute", "execute_insert", "execute_fetchall", "executemany")
"""The methods of the driver by which statements are sent."""


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """The models of the fixture, on a database in memory."""
    for name in SENDING:
        send = getattr(aiosqlite.Connection, name)
        setattr(aiosqlite.Connection, name, _noted(send, note, many=name.endswith("many")))
    executor.asyncio = SimpleNamespace(**{**vars(asyncio), "gather": _in_turn})

    @asynccontextmanager
    async def each() -> AsyncIterator[Given]:
        await Tortoise.init(db_url="sqlite://:memory:", modules={"models": ["models"]})
        try:
            await Tortoise.generate_schemas()
            for statement in ROWS:
                await connections.get("default").execute_script(statement)
            yield {"number": NUMBER, "words": ["plum", "fig"]}
        finally:
            await connections.close_all()

    yield each


def _noted(send: Callable[..., Any], note: Recorder, *, many: bool) -> Callable[..., Any]:
    def noted(self: aiosqlite.Connection, sql: str, parameters: Any = (), *rest: Any) -> Any:
        note(sql, parameters or (), many=many)
        return send(self, sql, parameters or (), *rest)

    return noted


async def _in_turn(*given: Awaitable[Any]) -> list[Any]:
    return [await each for each in given]
