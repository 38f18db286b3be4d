"""PyMongo: a client on a server of `mongod`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from tests.truth.adapters.monitoring import Listener
from tests.truth.capture import Each, Given, Recorder
from tests.truth.mongod import serving
from tests.truth.pantry import NUMBER


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes commands by the driver's own monitoring."""
    with serving() as address:

        @contextmanager
        def each() -> Iterator[Given]:
            client: MongoClient[dict[str, Any]] = MongoClient(address, event_listeners=[Listener(note)])
            with client:
                yield {"client": client, "db": client.pantry, "number": NUMBER}

        yield each
