"""What iterating a call of the program's generators gives."""

from __future__ import annotations

import pytest

from tests.link.linked import linked

MODELS = """\
from django.db import models


class Jar(models.Model):
    label = models.CharField(max_length=20)
"""

HEAD = """\
from collections.abc import Generator, Iterable
from typing import TypeVar

from pantry.models import Jar

T = TypeVar("T")


def every():
    for jar in Jar.objects.all():
        yield jar


def handed(rows):
    for row in rows:
        yield row


def whole(rows):
    yield from rows


def nested(rows):
    yield from handed(rows)


def counted(rows: Iterable[T], *, words: str = "") -> Generator[T, None, None]:
    for row in rows:
        yield row


def declared(found) -> Generator[Jar, None, None]:
    yield found.one()


def chunks(rows):
    for start in range(0, 100, 10):
        yield rows[start : start + 10]


def walked(node):
    yield node
    for child in node.children:
        yield from walked(child)


def numbered(rows):
    return enumerate(rows)


"""


def saved(loop: str) -> list[str]:
    """The tables of what the body of a loop saves."""
    body = f"def use(found, rows):\n    {loop}\n        jar.save()\n"
    files = {"pantry/__init__.py": "", "pantry/models.py": MODELS, "pantry/use.py": HEAD + body}
    return [call.queries[0].table for call in linked(files).calls if call.member == "save"]


@pytest.mark.parametrize(
    "loop",
    [
        "for jar in every():",
        "for jar in handed(Jar.objects.all()):",
        "for jar in whole(Jar.objects.all()):",
        "for jar in nested(Jar.objects.all()):",
        "for jar in counted(Jar.objects.all(), words='x'):",
        "for jar in declared(found):",
        "for jar in walked(Jar()):",
    ],
)
def test_it_is_what_they_yield(loop: str) -> None:
    assert saved(loop) == ["pantry_jar"]


@pytest.mark.parametrize(
    "loop",
    [
        "for jar in handed(rows):",
        "for jar in chunks(Jar.objects.all()):",  # a query each
        "for jar in numbered(Jar.objects.all()):",  # pairs
    ],
)
def test_what_they_do_not_yield_is_not_said(loop: str) -> None:
    assert not saved(loop)


def test_a_part_of_a_query_is_one_that_can_be_gone_through() -> None:
    assert saved("for part in chunks(Jar.objects.all()):\n      for jar in part:") == ["pantry_jar"]
