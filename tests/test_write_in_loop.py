"""What `query/write-in-loop` says of loops: where, what of, and how the library at hand writes all rows."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.test_index_not_concurrent import findings

MODELS = """
from django.db import models


class Shelf(models.Model):
    slug = models.SlugField()


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    code = models.TextField()


class Log(models.Model):
    text = models.TextField()

    def save(self, *arguments, **named):
        self.text = self.text.strip()
        super().save(*arguments, **named)
"""


def said(folder: Path, body: str, more: str = "") -> list[tuple[str, str]]:
    """Message and repair of what is found in a function with this body."""
    text = f"from shop.models import Book, Log, Shelf\n\n{more}\ndef show(items, shelf):\n{indent(body, '    ')}\n"
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": text}
    found = findings(folder, files, "query/write-in-loop")
    return [(finding.message, finding.repair) for finding in found]


def driver(folder: Path, body: str) -> list[str]:
    text = f"import sqlite3\n\ndef show(opened: sqlite3.Connection, items):\n{indent(body, '    ')}\n"
    return [found.message for found in findings(folder, {"app.py": text}, "query/write-in-loop")]


def test_rows_that_are_made(tmp_path: Path) -> None:
    assert said(tmp_path, "for item in items:\n    Book.objects.create(shelf=shelf, code=item)") == [
        (
            "`Book.objects.create()` inserts into shop_book once per element of `items`; one statement can do it for all",
            "Book.objects.bulk_create([Book(...), ...], batch_size=500) once behind the loop",
        )
    ]


@pytest.mark.parametrize(
    ("call", "same", "repair"),
    [
        (
            "Book.objects.filter(shelf=item).update(code='a')",
            ", to the same values each time",
            "Book.objects.filter(shelf_id__in=[...]).update(...) once",
        ),
        (
            "Book.objects.filter(pk=item.id).update(code=item.code)",
            "",
            "Book.objects.bulk_update(rows, fields=[...], batch_size=500) once behind the loop",
        ),
    ],
)
def test_rows_that_are_changed(tmp_path: Path, call: str, same: str, repair: str) -> None:
    ((message, written),) = said(tmp_path, f"for item in items:\n    {call}")
    assert message.endswith(f"updates shop_book once per element of `items`{same}; one statement can do it for all")
    assert written == repair


def test_through_a_function_that_does_nothing_else(tmp_path: Path) -> None:
    more = "def note(code, shelf):\n    Book.objects.create(shelf=shelf, code=code)\n\n"
    assert [message for message, _ in said(tmp_path, "for item in items:\n    note(item, shelf)", more)] == [
        "`note()` inserts into shop_book once per element of `items`; one statement can do it for all"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "for item in items:\n    book = Book.objects.create(shelf=shelf, code=item)\n    print(book.pk)",
        "for item in items:\n    try:\n        Book.objects.create(shelf=shelf, code=item)\n    except ValueError:\n        print(item)",
        "for item in items:\n    if not Book.objects.filter(code=item).exists():\n        Book.objects.create(shelf=shelf, code=item)",
        "for item in items:\n    Book.objects.get_or_create(shelf=shelf, code=item)",
        "for item in items:\n    Book.objects.filter(pk__in=item.keys).delete()",
        "for item in items:\n    Book.objects.filter(pk=item.id, code=item.code).delete()",
        "for log in Log.objects.all():\n    log.text = 'a'\n    log.save()",
        "for item in items:\n    Book.objects.create(shelf=shelf, code=item)\n    act(item)",
        "for code in ('a', 'b'):\n    Book.objects.create(shelf=shelf, code=code)",
    ],
)  # fmt: skip
def test_writes_that_belong_to_their_element(tmp_path: Path, body: str) -> None:
    more = "def act(item):\n    print(Shelf.objects.count())\n    Shelf.objects.create(slug=item)\n\n"
    assert said(tmp_path, body, more) == []


def test_a_column_that_is_named_like_the_word_before_the_rows(tmp_path: Path) -> None:
    body = 'for item in items:\n    opened.execute("INSERT INTO reading (at, value) VALUES (?, ?)", (item.at, item.v))'
    assert driver(tmp_path, body) == [
        "`opened.execute()` inserts into reading once per element of `items`; one statement can do it for all"
    ]


def test_a_row_that_only_a_missed_update_asks_for(tmp_path: Path) -> None:
    body = (
        "for item in items:\n"
        '    changed = opened.execute("UPDATE t SET a = ? WHERE b = ?", (item.a, item.b))\n'
        "    if not changed.rowcount:\n"
        '        opened.execute("INSERT INTO t (a, b) VALUES (?, ?)", (item.a, item.b))'
    )
    assert driver(tmp_path, body) == []
