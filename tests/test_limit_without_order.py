"""What `query/limit-without-order` says of rows that are cut off in no order, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "query/limit-without-order"
MODELS = """\
from django.db import models

class Named(models.Model):
    name = models.TextField()

    class Meta:
        abstract = True
        ordering = ("name",)

class Author(Named):
    pass

class Editor(Author):
    pass

class Place(Named):
    class Meta:
        pass

class Event(models.Model):
    number = models.IntegerField(unique=True)

class Hidden(models.Model):
    class Meta:
        ordering = chosen()

def rows(start, flag):
    found = %s
    return list(found)
"""
PAGE = "pages through {} without an order: rows may be on two pages, others on none"
SOME = "reads {} of {} without an order: which ones is left to the database"


def of_sql(folder: Path, text: str, before: str = "", behind: str = "") -> list[str]:
    program = (
        f"import sqlite3\n\ndef find(opened: sqlite3.Connection, start):\n    {before or 'pass'}\n"
        f"    opened.execute({text})\n    {behind or 'pass'}\n"
    )
    return [found.message for found in findings(folder, {"app.py": program}, RULE)]


def of_django(folder: Path, expression: str) -> list[str]:
    return [found.message for found in findings(folder, {"shop/models.py": MODELS % expression}, RULE)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"SELECT a FROM t LIMIT 20"', SOME.format("20 rows", "t")),
        ('"SELECT a FROM t LIMIT ?", (start,)', SOME.format("some rows", "t")),
        ('"SELECT DISTINCT a FROM t LIMIT 50 OFFSET ?", (start,)', PAGE.format("t")),
        ('"SELECT a FROM t LIMIT 999"', SOME.format("999 rows", "t")),
        ('"SELECT a FROM t LIMIT 3"', SOME.format("3 rows", "t")),
        ('"SELECT a FROM t LIMIT 1 OFFSET ?", (start,)', PAGE.format("t")),
        ('"SELECT a, count(*) FROM t GROUP BY a LIMIT 5"', SOME.format("5 rows", "t")),
    ],
)
def test_rows_that_are_cut_off(tmp_path: Path, text: str, said: str) -> None:
    assert of_sql(tmp_path, text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        '"SELECT a FROM t ORDER BY a LIMIT 20"',
        '"SELECT a FROM t LIMIT 1"',
        '"SELECT a FROM t LIMIT 2"',
        '"SELECT a FROM t LIMIT 1000"',
        '"SELECT DISTINCT a FROM t LIMIT 50"',
        '"SELECT a FROM t LIMIT 1 OFFSET 0"',
        '"SELECT 1 FROM t LIMIT 5"',
        '"SELECT count(*) FROM t LIMIT 5"',
        '"SELECT a FROM (SELECT a FROM t ORDER BY b) x LIMIT 5"',
        '"SELECT a FROM t FOR UPDATE SKIP LOCKED LIMIT 5"',
        '"SELECT name FROM pg_class LIMIT 5"',
        'f"SELECT a FROM t {start} LIMIT 5"',
    ],
)
def test_rows_of_which_any_will_do_or_an_order_that_cannot_be_said(tmp_path: Path, text: str) -> None:
    assert of_sql(tmp_path, text) == []


def test_a_batch_that_the_same_function_removes(tmp_path: Path) -> None:
    text = '"SELECT a FROM t LIMIT 500"'
    assert of_sql(tmp_path, text, behind='opened.execute("DELETE FROM t WHERE a = ?", (start,))') == []
    assert of_sql(tmp_path, text, behind='opened.execute("DELETE FROM u WHERE a = ?", (start,))') != []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("Event.objects.all()[start : start + 50]", [PAGE.format("shop_event")]),
        ("Event.objects.filter(number=flag)[:50]", []),
        ("Event.objects.filter(number__gt=flag)[:50]", [SOME.format("50 rows", "shop_event")]),
        ("Event.objects.order_by('?')[:50]", []),
        ("Author.objects.all()[:50]", []),
        ("Author.objects.order_by()[:50]", [SOME.format("50 rows", "shop_author")]),
        ("Editor.objects.all()[:50]", []),
        ("Place.objects.all()[:50]", [SOME.format("50 rows", "shop_place")]),
        ("Hidden.objects.all()[:50]", []),
        ("[Event.objects.first(), Event.objects.last(), Event.objects.latest()]", []),
    ],
)
def test_the_order_that_a_model_declares(tmp_path: Path, expression: str, said: list[str]) -> None:
    assert of_django(tmp_path, expression) == said


def test_the_key_to_sort_by_is_named(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": MODELS % "Event.objects.all()[:50]"}, RULE)
    assert [each.minimal for each in found] == ["Sort the rows of shop_event before they are cut off: ORDER BY id."]


def test_an_order_that_stands_only_sometimes(tmp_path: Path) -> None:
    program = """\
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Event(Base):
    __tablename__ = "event"
    id = Column(Integer, primary_key=True)

def one(session: Session, newest):
    query = select(Event)
    if newest:
        query = query.order_by(Event.id.desc())
    return session.scalars(query.limit(50)).all()

def other(session: Session, newest):
    query = select(Event)
    if newest:
        query = query.order_by(Event.id.desc())
    else:
        query = query.order_by(Event.id)
    return session.scalars(query.limit(50)).all()
"""
    found = findings(tmp_path, {"app.py": program}, RULE)
    assert [(each.region.start.line, each.message) for each in found] == [
        (
            14,
            (
                "reads 50 rows of event without an order whenever the condition of its ORDER BY does not hold: which "
                "ones is left to the database"
            ),
        )
    ]
