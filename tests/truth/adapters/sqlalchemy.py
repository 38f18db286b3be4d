"""SQLAlchemy: what engines tell by their event `before_cursor_execute`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import StaticPool, create_engine, event
from sqlalchemy.orm import Session

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


def listen(engine: Any, note: Recorder) -> None:
    """Notes what an engine sends."""

    def sent(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        note(statement, parameters, many=executemany)

    event.listen(engine, "before_cursor_execute", sent)


def library(note: Recorder) -> AbstractContextManager[Each]:
    """Sessions, connections and engines for the fixture's models."""
    return databases(note, importlib.import_module("models").Base.metadata)


@contextmanager
def databases(note: Recorder, metadata: Any) -> Iterator[Each]:
    """Databases in memory with the tables of `metadata`."""

    @contextmanager
    def each() -> Iterator[Given]:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        metadata.create_all(engine)
        with engine.begin() as connection:
            for statement in ROWS:
                connection.exec_driver_sql(statement)
        listen(engine, note)
        with Session(engine) as session, engine.connect() as connection:
            yield {
                "session": session,
                "connection": connection,
                "engine": engine,
                "number": NUMBER,
                "words": ["plum", "fig"],
            }
        engine.dispose()

    yield each
