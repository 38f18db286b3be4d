"""Steps on a query that stands in a name or an attribute: methods of the project's own queries, and slices."""

from __future__ import annotations

import pytest

from dblint.facts.program import Call
from tests.link.linked import linked

MODELS = """\
from django.db import models


class JarQuerySet(models.QuerySet):
    def full(self):
        return self.filter(full=True)

    def weight(self):
        return 3


class Jar(models.Model):
    full = models.BooleanField()
    objects = JarQuerySet.as_manager()


class Shelf:
    def full(self):
        return [1, 2, 3]
"""

HEAD = "from pantry.models import Jar, Shelf\n\n\n"


def built(body: str) -> list[Call]:
    files = {"pantry/__init__.py": "", "pantry/models.py": MODELS, "pantry/use.py": HEAD + body}
    return [call for call in linked(files).calls if call.place.path == "pantry/use.py"]


STEPS = [("return rows.full()", "full"), ("return rows[:10]", "[:]"), ("later = rows[5:]\n    return later", "[:]")]


@pytest.mark.parametrize(("use", "member"), STEPS)
def test_a_step_is_told_wherever_the_query_is(use: str, member: str) -> None:
    calls = built(f"def some():\n    rows = Jar.objects.filter(full=False)\n    {use}\n")
    told = [(call.member, call.trigger, call.queries[0].table) for call in calls if call.member != "filter"]
    assert told == [(member, "built", "pantry_jar")]


IN_CLASS = """\
class View:
    queryset = Jar.objects.all()

    def some(self):
        self.queryset = self.queryset.full()
        return self.queryset
"""


def test_of_an_attribute_too() -> None:
    assert ("full", ["pantry_jar"]) in [
        (call.member, [query.table for query in call.queries]) for call in built(IN_CLASS)
    ]


@pytest.mark.parametrize(
    "use",
    [
        "return Shelf().full()",  # the same word of no query
        "return Shelf().full()[:2]",
        "return list(rows)[:10]",  # of rows that are there
        "return rows.weight()",  # gives no query
        "rows[:10] = []",
    ],
)
def test_what_is_no_step_is_not_told_as_one(use: str) -> None:
    calls = built(f"def some():\n    rows = Jar.objects.filter(full=False)\n    {use}\n")
    assert {call.member for call in calls} <= {"filter", "iterate"}


def test_a_slice_that_is_run_where_it_stands_is_told_once() -> None:
    calls = built("def some():\n    rows = Jar.objects.filter(full=False)\n    return list(rows[:10])\n")
    assert [call.trigger for call in calls if call.trigger != "built"] == ["iterate"]
    assert [call.member for call in calls if call.trigger == "built"] == ["filter"]
