"""SQLModel: SQLAlchemy's event, with SQLModel's own session."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from tests.truth.adapters.sqlalchemy import listen
from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Sessions on a database in memory."""
    importlib.import_module("models")

    @contextmanager
    def each() -> Iterator[Given]:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        SQLModel.metadata.create_all(engine)
        with engine.begin() as connection:
            for statement in ROWS:
                connection.exec_driver_sql(statement)
        listen(engine, note)
        with Session(engine) as session:
            yield {"session": session, "number": NUMBER}
        engine.dispose()

    yield each
