"""What a program makes of the rows of a read that the database could have made."""

from __future__ import annotations

import pytest

from dblint.facts.program import Reduced
from tests.link.linked import linked

MODELS = """
from django.db import models

class Book(models.Model):
    title = models.TextField()
    pages = models.IntegerField()
    lent = models.BooleanField()
"""

BOOKS = "Book.objects.all()"


def reduced(body: str) -> list[tuple[str, tuple[str, ...], bool, tuple[str, ...]]]:
    code = "from shop.models import Book\n\ndef use(limit, gone, show):\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    project = linked({"shop/models.py": MODELS, "shop/use.py": code})
    found: list[Reduced | None] = [call.reduced for call in project.calls]
    return [(one.kind, one.columns, one.some, one.flags) for one in found if one is not None]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"return [book for book in {BOOKS} if not book.lent]", ("filter", ("lent",), True, ("lent",))),
        (f"return [book.pk for book in {BOOKS} if book.pages > limit]", ("filter", ("pages",), True, ())),
        (f'return [book for book in list({BOOKS}) if book.title in ("a", "b")]', ("filter", ("title",), True, ())),
        (f"return next((book for book in {BOOKS} if book.pages == limit), None)", ("first", ("pages",), True, ())),
        (f"return any(book.lent for book in {BOOKS})", ("some", ("lent",), True, ("lent",))),
        (f"return sum(book.pages for book in {BOOKS})", ("sum", ("pages",), False, ())),
        (f"return max([book.pages for book in {BOOKS} if book.lent])", ("max", ("pages", "lent"), True, ("lent",))),
        (f"return list(filter(lambda book: book.lent, {BOOKS}))", ("filter", ("lent",), True, ("lent",))),
        (f"for book in {BOOKS}:\n    if book.lent:\n        show(book)", ("filter", ("lent",), True, ("lent",))),
        (
            f"for book in {BOOKS}:\n    if book.pages < limit:\n        continue\n    show(book)",
            ("filter", ("pages",), True, ()),
        ),
        (f"total = 0\nfor book in {BOOKS}:\n    total += book.pages\nreturn total", ("sum", ("pages",), False, ())),
        (f"books = {BOOKS}\nreturn [book for book in books if book.lent]", ("filter", ("lent",), True, ("lent",))),
    ],
)
def test_a_database_could_have_made_it(body: str, expected: tuple[object, ...]) -> None:
    assert reduced(body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        f"books = {BOOKS}\nreturn books, [book for book in books if book.lent]",
        f"return [book for book in {BOOKS} if show(book)]",
        f"return [book for book in {BOOKS} if book.title.lower() == limit]",
        f"return [book for book in {BOOKS} if book.pk in gone]",
        f"return sum(show(book) for book in {BOOKS})",
        f"return [book for book in {BOOKS}]",
        f"books = list({BOOKS})\nfor number in gone:\n    show([book for book in books if book.pages == number])",
        f"seen = {{}}\nfor book in {BOOKS}:\n    if book.pages == limit:\n        limit = show(book)",
        f"for book in {BOOKS}:\n    if book.lent:\n        show(book)\n    else:\n        gone(book)",
        f"for book in {BOOKS}:\n    if book.lent:\n        show(book)\n    gone(book)",
    ],
)
def test_rows_that_are_needed_or_that_no_database_could_choose(body: str) -> None:
    assert reduced(body) == []
