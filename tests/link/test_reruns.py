"""Uses of a value that keeps its rows: which of them run a query."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from dblint.facts.program import Call, Effect
from dblint.facts.query import Verb
from tests.link.linked import answer, linked

MODELS = """
    from django.db import models

    class Item(models.Model):
        owner = models.TextField()
    """


def calls(body: str) -> list[Call]:
    """What runs a query in a function with this body."""
    head = "from shop.models import Item\n\ndef page(owner, owners, flag):\n"
    files = {"shop/models.py": MODELS, "shop/views.py": head + indent(dedent(body), "    ")}
    return [call for call in linked(files).calls if Effect.QUERY in call.effects]


def runs(body: str) -> list[tuple[str, str]]:
    """(source, trigger) of what runs a query in a function with this body."""
    return [(call.source, call.trigger) for call in calls(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            """\
            rows = Item.objects.filter(owner=owner)
            if rows:
                print(len(rows), rows[0])
                for row in rows:
                    print(row)
            return [row for row in rows[:5]]
            """,
            [("rows", "truth")],
        ),
        (
            """\
            for owner in owners:
                rows = Item.objects.filter(owner=owner)
                print(len(rows))
                if not rows:
                    continue
                yield from (row for row in rows)
            """,
            [("rows", "len")],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            if flag:
                rows = rows.exclude(owner="a")
            names = [row.owner for row in rows]
            return len(rows) if rows else 0
            """,
            [("rows", "iterate")],
        ),
        (
            """\
            def inner(rows):
                return list(rows) and len(rows)
            return inner(Item.objects.all())
            """,
            [("rows", "iterate")],
        ),
    ],
)
def test_rows_that_were_loaded_are_there(body: str, expected: list[tuple[str, str]]) -> None:
    assert runs(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            """\
            rows = Item.objects.filter(owner=owner)
            print(rows[0], rows.exists(), rows.count())
            for row in rows.iterator():
                print(row)
            return len(rows)
            """,
            [
                ("rows", "index"),
                ("rows.exists()", "call"),
                ("rows.count()", "call"),
                ("rows.iterator()", "call"),
                ("rows", "len"),
            ],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            if flag:
                print(len(rows))
            for row in rows:
                print(row)
            """,
            [("rows", "len"), ("rows", "iterate")],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            print(len(rows))
            rows = rows.exclude(owner="a")
            return list(rows)
            """,
            [("rows", "len"), ("rows", "iterate")],
        ),
        (
            """\
            rows = Item.objects.all()
            print(len(rows))
            for owner in owners:
                print(list(rows))
                rows = Item.objects.filter(owner=owner)
            """,
            [("rows", "len"), ("rows", "iterate")],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            print(len(rows))
            rows.update(owner="a")
            return list(rows)
            """,
            [("rows", "len"), ("rows.update()", "call"), ("rows", "iterate")],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            try:
                print(flag, len(rows))
            except ValueError:
                print(list(rows))
            return list(rows.all())
            """,
            [("rows", "len"), ("rows", "iterate"), ("rows.all()", "iterate")],
        ),
        (
            """\
            rows = Item.objects.filter(owner=owner)
            load = lambda: len(rows)
            return load, list(rows)
            """,
            [("rows", "len"), ("rows", "iterate")],
        ),
    ],
)
def test_rows_that_may_not_have_been_loaded_are_asked_for(body: str, expected: list[tuple[str, str]]) -> None:
    assert runs(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("rows = Item.objects.none()\nlist(rows)", []),
        ("Item.objects.none().filter(owner=owner).count()", []),
        ("rows = Item.objects.none()\nif flag:\n    rows = Item.objects.filter(owner=owner)\nlist(rows)", ["rows"]),
        ("rows = Item.objects.none()\nfor owner in owners:\n    rows |= Item.objects.all()\nlist(rows)", ["rows"]),
        ("rows = Item.objects.none()\nrows |= flag(owner)\nlist(rows)", ["rows"]),
        ("rows = Item.objects.none() | Item.objects.filter(owner=owner)\nlist(rows)", ["rows"]),
        ("rows = Item.objects.none() & Item.objects.filter(owner=owner)\nlist(rows)", []),
        ("rows = Item.objects.none().union(Item.objects.filter(owner=owner))\nlist(rows)", ["rows"]),
        ("rows = Item.objects.none() if flag else Item.objects.none()\nlist(rows)", []),
    ],
)
def test_what_holds_no_rows_asks_nothing(body: str, expected: list[str]) -> None:
    assert [source for source, _ in runs(body)] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("rows = Item.objects.filter(owner=owner) if flag else Item.objects.none()\nrows.delete()", ["yes"]),
        ("rows = Item.objects.none()\nif flag:\n    rows = Item.objects.all()\nrows.delete()", ["no"]),
        ("rows = Item.objects.all()\nif flag:\n    rows = rows.filter(owner=owner)\nrows.delete()", ["sometimes"]),
    ],
)
def test_the_branch_that_holds_no_rows_leaves_out_no_condition(body: str, expected: list[str]) -> None:
    deletes = [query for call in calls(body) for query in call.queries if query.verb is Verb.DELETE]
    assert [answer(query.where) for query in deletes] == expected


def test_parts_of_pairs_keep_their_own_value() -> None:
    body = (
        "pairs = [(Item.objects.all(), ('owner',)), (Item.objects.filter(owner=owner), ('id', 'owner'))]\n"
        "for rows, names in pairs:\n    for name in names:\n        print(list(rows.filter(**{name: flag})))"
    )
    assert runs(body) == [("rows.filter()", "iterate")]
