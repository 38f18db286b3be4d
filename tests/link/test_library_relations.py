"""Relations of models that a library declares itself."""

from __future__ import annotations

import pytest

from dblint.facts.program import Call
from tests.link.linked import linked

MODELS = """\
from django.contrib.auth.models import User
from django.db import models


class Jar(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
"""

HEAD = """\
from django.contrib.auth.models import Group, Permission, User

from pantry.models import Jar


"""


def asked(body: str, models: str = MODELS) -> list[Call]:
    files = {"pantry/__init__.py": "", "pantry/models.py": models, "pantry/use.py": HEAD + body}
    return [call for call in linked(files).calls if call.place.path == "pantry/use.py"]


def tables(call: Call) -> list[str]:
    """The tables of a call's query, the first of them first."""
    return [source.value.name for query in call.queries for source in query.sources.elements]


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("def f(user: User): return user.groups.filter(name='a').exists()", ["auth_group", "auth_user_groups"]),
        ("def f(user: User): user.groups.set([])", ["auth_user_groups"]),
        ("def f(user: User): user.user_permissions.clear()", ["auth_user_user_permissions"]),
        ("def f(group: Group): group.permissions.add(1)", ["auth_group_permissions"]),
        ("def f(group: Group): return group.user_set.count()", ["auth_user", "auth_user_groups"]),
        ("def f(right: Permission): return right.group_set.count()", ["auth_group", "auth_group_permissions"]),
        ("def f(jar: Jar): return jar.owner.groups.count()", ["auth_group", "auth_user_groups"]),
    ],
)
def test_they_are_relations_like_those_of_the_project(use: str, expected: list[str]) -> None:
    assert [tables(call) for call in asked(use) if call.trigger == "call"] == [expected]


@pytest.mark.parametrize(
    "use",
    [
        "def f(user: User): return user.circles.count()",
        "def f(group: Group): return group.groups.count()",
        "def f(user): return user.groups.count()",
    ],
)
def test_of_what_is_none_nothing_is_said(use: str) -> None:
    assert not asked(use)


OWN_USER = """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class Jar(AbstractUser):
    pass
"""


def test_where_the_project_has_users_of_its_own_a_group_leads_to_those() -> None:
    calls = asked("def f(group: Group): return group.user_set.count()", OWN_USER)
    assert [tables(call)[0] for call in calls] == ["pantry_jar"]
