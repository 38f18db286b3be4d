"""Whose table an inherited method asks, as `query/n-plus-one` tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

MODELS = """\
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base, sessionmaker
Base = declarative_base()
session = sessionmaker()()

class Named:
    @classmethod
    def by_name(cls, name):
        return session.query(cls).filter_by(name=name).first()

    @classmethod
    def again(cls, name):
        return cls.by_name(name)

    @classmethod
    def fixed(cls, name):
        return session.query(Group).filter_by(name=name).first()

class Group(Named, Base):
    __tablename__ = "groups"
    id = Column(Integer, primary_key=True)
    name = Column(String)

class User(Named, Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)

def run(names):
    for name in names:
        print({call})
"""


@pytest.mark.parametrize(
    ("call", "message", "repair"),
    [
        ("Group.by_name(name)", "`Group.by_name()` reads groups once per element of `names`", "Group"),
        ("User.by_name(name)", "`User.by_name()` reads users once per element of `names`", "User"),
        ("User.again(name)", "`User.again()` reads users once per element of `names`, through `cls.by_name()`", "User"),
        ("User.fixed(name)", "`User.fixed()` reads groups once per element of `names`", "Group"),
    ],
)
def test_the_receiver_s_class_is_named(tmp_path: Path, call: str, message: str, repair: str) -> None:
    (tmp_path / "app.py").write_text(MODELS.replace("{call}", call))
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    (found,) = run(request).report.findings
    assert found.message == message
    expected = f"select({repair}).where({repair}.name.in_(keys)) once before the loop, then look up by key"
    assert found.repair == expected
