"""Runs examples of rules with the real libraries and tells what they ask: run by an interpreter, not by pytest.

    python plays.py FOLDER…

Each folder holds the files of an example and a `play.py`: `fill(size)` makes an empty database with so many rows,
`play(size)` calls what the example defines. Standard output: `[{"asked": [[text, [[path, line], …]], …], "shown":
text, "answers": {name: text}} for each size] for each folder`; `shown` is what the play printed and returned, and
`answers` the same where it returned answers by name. Every folder has a process of its own, for their modules have the
same names.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import multiprocessing
import sys
from pathlib import Path
from typing import Any

SIZES = (3, 30)
USED = (
    "django.db.backends.sqlite3.base",
    "django.test",
    "django.views.generic",
    "flask",
    "flask_sqlalchemy",
    "peewee",
    "rest_framework.serializers",
    "sqlalchemy.dialects.sqlite",
    "sqlmodel",
    "tortoise.backends.sqlite.client",
)
"""What takes long to import, and is imported once for all."""


def played(path: str) -> list[dict[str, Any]]:
    """What one example asks with few rows and with many. Raises what the example raises."""
    folder = Path(path)
    asked = importlib.import_module("asked")
    asked.watch(folder)
    sys.path.insert(0, str(folder))
    if (folder / "shop" / "models.py").exists():
        import django

        django.setup()
    play = importlib.import_module("play")
    found = []
    for size in SIZES:
        play.fill(size)
        gc.collect()  # an object of an earlier size may keep a relation that the library would find again
        asked.start()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            returned = play.play(size)
        calls = [[call.text, sorted(call.lines)] for call in asked.asked]
        shown = f"{printed.getvalue()}{returned!r}"
        found.append({"asked": calls, "shown": shown, "answers": returned if isinstance(returned, dict) else {}})
    return found


def configure() -> None:
    """Django, with an example's application and those that the examples use."""
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.admin", "shop"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": []},
    )


def main() -> None:
    """Runs what the arguments name, and prints it."""
    sys.path.insert(0, str(Path(__file__).parent))
    sys.modules["pysqlite3"] = None  # type: ignore[assignment] # Peewee would prefer it to the driver that is watched
    configure()
    importlib.import_module("asked").stand_in()  # before any other library finds the driver's classes
    for module in USED:
        importlib.import_module(module)
    gc.freeze()  # what is imported is not looked through again in each process
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        json.dump(pool.map(played, sys.argv[1:], chunksize=1), sys.stdout)


if __name__ == "__main__":
    main()
