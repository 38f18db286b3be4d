"""PyMongo with asyncio: a client on a server of `mongod`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pymongo import AsyncMongoClient

from tests.truth.adapters.monitoring import Listener
from tests.truth.capture import Each, Given, Recorder
from tests.truth.mongod import serving
from tests.truth.pantry import NUMBER


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes commands by the driver's own monitoring."""
    with serving() as address:

        @asynccontextmanager
        async def each() -> AsyncIterator[Given]:
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(address, event_listeners=[Listener(note)])
            async with client:
                yield {"client": client, "db": client.pantry, "number": NUMBER}

        yield each
