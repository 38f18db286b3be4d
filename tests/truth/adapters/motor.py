"""Motor: a client on a server of `mongod`. It sends in threads, which are told where the fixture waits for them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

from motor.frameworks import asyncio as framework
from motor.motor_asyncio import AsyncIOMotorClient

from tests.truth.adapters.monitoring import WAITING, Listener
from tests.truth.capture import Each, Given, Recorder
from tests.truth.mongod import serving
from tests.truth.pantry import NUMBER


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes commands by the driver's own monitoring."""
    runs = framework.run_on_executor

    def waiting(*arguments: Any, **named: Any) -> Any:
        frame = note.innermost(sys._getframe(1))
        token = WAITING.set(frame)
        try:
            return runs(*arguments, **named)
        finally:
            WAITING.reset(token)

    with serving() as address, patch.object(framework, "run_on_executor", waiting):

        @asynccontextmanager
        async def each() -> AsyncIterator[Given]:
            client: Any = AsyncIOMotorClient(address, event_listeners=[Listener(note)])
            try:
                yield {"client": client, "db": client.pantry, "number": NUMBER}
            finally:
                client.close()

        yield each
