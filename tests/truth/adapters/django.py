"""Django: its own `execute_wrapper`, on a database in memory.

Django's coroutines run its other methods in a thread, where no frame says who called them; here they run where they are
awaited.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
from asgiref.sync import SyncToAsync
from django.apps import apps
from django.conf import settings
from django.db import connection

from tests.truth.capture import Each, Given, Recorder
from tests.truth.pantry import NUMBER, ROWS


@contextmanager
def library(note: Recorder) -> Iterator[Each]:
    """The application of the fixture, with its tables."""
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.configure(INSTALLED_APPS=["pantry"], DATABASES={"default": database}, USE_TZ=True)
    django.setup()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    SyncToAsync.__call__ = _called_here

    def noted(execute: Callable[..., object], sql: str, parameters: Any, many: bool, context: Any) -> object:
        note(sql, parameters or (), many=many)
        return execute(sql, parameters, many, context)

    @contextmanager
    def each() -> Iterator[Given]:
        with connection.schema_editor() as editor:
            for model in apps.get_app_config("pantry").get_models():
                if not model._meta.proxy:
                    editor.create_model(model)
        with connection.cursor() as cursor:
            for statement in ROWS:
                cursor.execute(statement)
        with connection.execute_wrapper(noted):
            yield {"number": NUMBER, "words": ["plum", "fig"]}
        # A database in memory is never closed by Django: it would be gone.
        connection.connection.close()
        connection.connection = None

    yield each


async def _called_here(self: SyncToAsync, *arguments: Any, **keywords: Any) -> Any:
    return self.func(*arguments, **keywords)
