"""sqlite3: connections and cursors that note what they are given."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS, SCHEMA


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """Notes what goes through either class."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Any:
            note(sql, parameters)
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
            rows = list(parameters)
            note(sql, rows, many=True)
            return super().executemany(sql, rows)

        def executescript(self, script: str, /) -> Any:
            note(script)
            return super().executescript(script)

    class Connection(sqlite3.Connection):
        def cursor(self, *arguments: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, sql: str, parameters: Any = (), /) -> Any:
            return self.cursor().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
            return self.cursor().executemany(sql, parameters)

        def executescript(self, script: str, /) -> Any:
            return self.cursor().executescript(script)

    @contextmanager
    def each() -> Iterator[Given]:
        with closing(sqlite3.connect(":memory:", factory=Connection)) as connection:
            for statement in (*SCHEMA, *ROWS):
                connection.execute(statement)
            connection.commit()
            yield {"connection": connection, "number": NUMBER}

    yield each
