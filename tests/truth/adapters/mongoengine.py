"""MongoEngine: a connection to a server of `mongod`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import mongoengine

from tests.truth.adapters.monitoring import Listener
from tests.truth.capture import Each, Given, Recorder
from tests.truth.mongod import serving
from tests.truth.pantry import NUMBER


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes commands by the driver's own monitoring."""
    with serving() as address:
        mongoengine.connect(host=address, event_listeners=[Listener(note)])

        @contextmanager
        def each() -> Iterator[Given]:
            yield {"number": NUMBER}

        yield each
        mongoengine.disconnect()
