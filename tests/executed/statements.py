"""Runs the shapes of one folder with the real library and counts statements: run by an interpreter, not by pytest.

    python statements.py LIBRARY FOLDER

Standard output: `{function: [statements with 3 rows, statements with 30 rows]}` for every `bad_…` and `good_…` of the
folder's `shelf/shapes.py`, each on a database in memory of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

SIZES = (3, 30)
PER_AUTHOR = 2


def shapes(module: ModuleType) -> Iterator[tuple[str, Callable[[], object]]]:
    """The functions of the shapes, by name."""
    for name, value in vars(module).items():
        if name.startswith(("bad_", "good_")) and callable(value):
            yield name, value


def django(counts: dict[str, list[int]]) -> None:
    """Django's ORM on SQLite."""
    import django as package
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["shelf"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    package.setup()
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    models = importlib.import_module("shelf.models")
    module = importlib.import_module("shelf.shapes")
    tables = [models.Publisher, models.Author, models.Tag, models.Book, models.Cover]
    with connection.schema_editor() as editor:
        for model in tables:
            editor.create_model(model)
    for size in SIZES:
        for model in reversed(tables):
            model.objects.all().delete()
        for number in range(size):
            publisher = models.Publisher.objects.create(name=f"publisher {number}")
            author = models.Author.objects.create(name=f"author {number}", publisher=publisher)
            for copy in range(PER_AUTHOR):
                book = models.Book.objects.create(title=f"book {number}.{copy}", author=author)
                book.tags.add(models.Tag.objects.create(word=f"tag {number}.{copy}"))
                models.Cover.objects.create(color="red", book=book)
        for publisher in models.Publisher.objects.all():
            models.publisher_called(publisher.name)
        for name, shape in shapes(module):
            reset_queries()
            with CaptureQueriesContext(connection) as captured:
                shape()
            counts.setdefault(name, []).append(len(captured))


@contextmanager
def counted(engine: object) -> Iterator[list[str]]:
    """The statements that a SQLAlchemy engine sends meanwhile."""
    from sqlalchemy import event

    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def sqlalchemy(counts: dict[str, list[int]]) -> None:
    """SQLAlchemy 2's ORM on SQLite; a shape is given a session that has loaded nothing yet."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session
    from sqlalchemy.pool import StaticPool

    models = importlib.import_module("shelf.models")
    module = importlib.import_module("shelf.shapes")
    for size in SIZES:
        engine = create_engine("sqlite://", poolclass=StaticPool)
        models.Base.metadata.create_all(engine)
        with Session(engine) as session:
            for number in range(size):
                author = models.Author(name=f"author {number}", publisher=models.Publisher(name=f"publisher {number}"))
                for copy in range(PER_AUTHOR):
                    tags = [models.Tag(word=f"tag {number}.{copy}")]
                    session.add(models.Book(title=f"book {number}.{copy}", author=author, tags=tags))
            session.commit()
        for name, shape in shapes(module):
            with Session(engine) as session, counted(engine) as sent:
                shape(session)  # type: ignore[call-arg]
            counts.setdefault(name, []).append(len(sent))


def sqlite3(counts: dict[str, list[int]]) -> None:
    """The standard library's driver; a shape is given a connection."""
    import sqlite3 as driver

    module = importlib.import_module("shelf.shapes")
    for size in SIZES:
        connection = driver.connect(":memory:")
        connection.executescript(module.SCHEMA)
        for number in range(size):
            connection.execute("INSERT INTO author VALUES (?, ?)", (number, f"author {number}"))
            for copy in range(PER_AUTHOR):
                row = (number * PER_AUTHOR + copy, f"book {number}.{copy}", number)
                connection.execute("INSERT INTO book VALUES (?, ?, ?)", row)
        connection.commit()
        for name, shape in shapes(module):
            sent: list[str] = []
            connection.set_trace_callback(sent.append)
            shape(connection)  # type: ignore[call-arg]
            connection.set_trace_callback(None)
            connection.rollback()
            counts.setdefault(name, []).append(len(sent))


LIBRARIES = {"django": django, "sqlalchemy": sqlalchemy, "sqlite3": sqlite3}


def main() -> None:
    """Counts what the arguments name, and prints it."""
    library, folder = sys.argv[1:]
    sys.path.insert(0, folder)
    counts: dict[str, list[int]] = {}
    LIBRARIES[library](counts)
    json.dump(counts, sys.stdout)


if __name__ == "__main__":
    main()
