"""What `query/unbounded-result` says of whole tables, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "query/unbounded-result"
MODELS = """\
from django.db import models
from django.http import HttpRequest

class Author(models.Model):
    name = models.TextField()

class Event(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

def add(request: HttpRequest, author):
    Author.objects.create(name=author.name)
    return Event.objects.create(author=author)

def latest(request: HttpRequest):
    return list(Event.objects.order_by("-pk")[:10])

def read(request: HttpRequest, author: Author, keys):
    return %s

class Setting(models.Model):
    value = models.TextField()
    changed_by = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL)

def setting(value):
    Setting.objects.create(value=value)
    return list(Setting.objects.all())
"""


def said(folder: Path, expression: str, name: str = "shop/models.py") -> list[str]:
    files = {"shop/models.py": MODELS % "None", name: MODELS % expression}
    return [found.message for found in findings(folder, files, RULE)]


@pytest.mark.parametrize(
    "expression",
    [
        "list(Event.objects.all())",
        "[event.pk for event in Event.objects.order_by('pk')]",
        "list(Event.objects.annotate(authors=models.Count('author')))",
        "list(Event.objects.annotate(next=models.F('id') + 1))",
    ],
)
def test_a_whole_table_that_grows(tmp_path: Path, expression: str) -> None:
    assert said(tmp_path, expression) == [
        "a request reads every row of shop_event; the program adds rows to it, and nothing limits how many"
    ]


def test_a_read_that_no_request_waits_for(tmp_path: Path) -> None:
    models = (MODELS % "list(Event.objects.all())").replace("read(request: HttpRequest, ", "read(")
    assert findings(tmp_path, {"shop/models.py": models}, RULE) == []


@pytest.mark.parametrize(
    "expression",
    [
        "list(Author.objects.all())",
        "list(Event.objects.filter(pk__in=keys))",
        "list(Event.objects.exclude(pk=1))",
        "list(author.event_set.all())",
        "list(Event.objects.all()[:500])",
        "list(Event.objects.iterator())",
        "list(Event.objects.values_list('author', flat=True).distinct())",
        "list(Event.objects.unknown(keys))",
        "(Event.objects.count(), Event.objects.exists(), Event.objects.first())",
        "Event.objects.all()",
        "Event.objects.aggregate(models.Max('id'))",
        "list(Event.objects.values('author').annotate(events=models.Count('id')))",
    ],
)
def test_what_is_bounded_or_cannot_be_said(tmp_path: Path, expression: str) -> None:
    assert said(tmp_path, expression) == []


def test_a_query_that_somebody_else_began(tmp_path: Path) -> None:
    handed = "from shop.models import Event\nfrom django.db.models import Manager, QuerySet\n"
    handed += "from django.http import HttpRequest\n\n"
    handed += "def rows(request: HttpRequest, events: %s):\n    return list(events.all())\n"
    files = {"shop/models.py": MODELS % "None"}
    assert findings(tmp_path, {**files, "shop/rows.py": handed % "QuerySet[Event]"}, RULE) == []
    assert findings(tmp_path, {**files, "shop/rows.py": handed % "Manager[Event]"}, RULE) == []  # or a relation's
    held = handed.partition("def")[0] + "class Rows:\n    events: %s\n\n    def rows(self, request: HttpRequest):\n"
    held += "        return list(self.events.all())\n"
    assert findings(tmp_path, {**files, "shop/rows.py": held % "QuerySet[Event]"}, RULE) == []
    assert len(findings(tmp_path, {**files, "shop/rows.py": held % "Manager[Event]"}, RULE)) == 1


def test_a_call_that_may_run_another_query(tmp_path: Path) -> None:
    chosen = "from django.http import HttpRequest\nfrom shop.models import Event\n\n"
    chosen += "def seen(user):\n    if user.all:\n        return Event.objects.all()\n"
    chosen += "    return Event.objects.filter(author=user)\n\n"
    chosen += "def rows(request: HttpRequest, user):\n    return list(seen(user))\n"
    assert findings(tmp_path, {"shop/models.py": MODELS % "None", "shop/rows.py": chosen}, RULE) == []


def test_a_table_that_only_scripts_fill(tmp_path: Path) -> None:
    models = (MODELS % "list(Event.objects.all())").replace("    return Event.objects.create(author=author)\n", "")
    filling = "from django.http import HttpRequest\nfrom shop.models import Event\n\n"
    filling += "def fill(request: HttpRequest, author):\n    Event.objects.create(author=author)\n"
    assert findings(tmp_path, {"shop/models.py": models, "scripts/fill.py": filling}, RULE) == []
    assert len(findings(tmp_path, {"shop/models.py": models, "shop/views.py": filling}, RULE)) == 1


@pytest.mark.parametrize(
    ("taken", "count"),
    [
        ("        return found[0].pk\n", 0),
        ("        return found[0].pk\n    if len(found) > 0:\n        raise LookupError\n", 0),
        ("        return found[0].pk\n    return len(found)\n", 1),
        ("        return found[0].pk\n    return found[1].pk\n", 1),
        ("        return [event.pk for event in found]\n", 1),
    ],
)
def test_rows_of_which_who_calls_takes_the_first(tmp_path: Path, taken: str, count: int) -> None:
    asked = "from django.http import HttpRequest\nfrom shop.models import Event\n\n"
    asked += "def everything():\n    return list(Event.objects.all())\n\n"
    asked += "def one(request: HttpRequest):\n    found = everything()\n    if found:\n" + taken
    assert len(findings(tmp_path, {"shop/models.py": MODELS % "None", "shop/rows.py": asked}, RULE)) == count
