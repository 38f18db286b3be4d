"""Peewee: what its database is given by `execute_sql`, through which it sends everything."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """The models of the fixture, on a database in memory."""
    models = importlib.import_module("models")
    database = models.database
    send = database.execute_sql

    def noted(sql: str, parameters: Any = None, *rest: Any) -> object:
        note(sql, parameters or ())
        return send(sql, parameters, *rest)

    @contextmanager
    def each() -> Iterator[Given]:
        database.execute_sql = send
        database.connect()
        database.create_tables([models.Shelf, models.Jar, models.Tag])
        for statement in ROWS:
            database.execute_sql(statement)
        database.execute_sql = noted
        yield {"number": NUMBER, "words": ["plum", "fig"]}
        database.close()

    yield each
