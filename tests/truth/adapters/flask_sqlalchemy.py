"""Flask-SQLAlchemy: the engine of an application, by SQLAlchemy's event."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from tests.truth.adapters.sqlalchemy import listen
from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """An application with the fixture's store, in its context; a new one for each function would share the store."""
    importlib.import_module("models")
    store = importlib.import_module("store").store
    application = Flask("pantry")
    application.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    store.init_app(application)
    with application.app_context():
        listen(store.engine, note)

    @contextmanager
    def each() -> Iterator[Given]:
        with application.app_context():
            store.drop_all()
            store.create_all()
            with store.engine.begin() as connection:
                for statement in ROWS:
                    connection.exec_driver_sql(statement)
            yield {"number": NUMBER}
            store.session.rollback()

    yield each
