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


MODELS_OF_DJANGO = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()
    books: models.QuerySet["Book"]

    def words(self):
        return {}

class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.TextField()
"""


def _told(folder: Path, files: dict[str, str]) -> list[tuple[str, int]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    request = Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("query/n-plus-one",)})
    return [(found.region.path, found.region.start.line) for found in run(request).report.findings]


@pytest.mark.parametrize("source", ["Author.objects.filter(name='x')", "Author.objects", "Author"])
def test_what_is_got_or_404_is_a_row(tmp_path: Path, source: str) -> None:
    view = f"""\
from django.shortcuts import get_object_or_404
from library.models import Author

def page(request, slug, keys):
    words = get_object_or_404({source}, name=slug).words()
    return [words.get(key) for key in keys]
"""
    files = {"library/__init__.py": "", "library/models.py": MODELS_OF_DJANGO, "library/views.py": view}
    assert _told(tmp_path, files) == []


@pytest.mark.parametrize(
    ("rows", "asked", "lines"),
    [
        ("prefetch_related('books')", "all()", []),
        ("prefetch_related('books')", "filter(title=name)", []),
        ("order_by('name')", "filter(title=name)", [("library/views.py", 5)]),
    ],
)
def test_a_relation_that_is_only_annotated_is_the_relation(
    tmp_path: Path, rows: str, asked: str, lines: list[tuple[str, int]]
) -> None:
    view = f"""\
from library.models import Author

def page(name):
    for author in Author.objects.{rows}:
        print([book.title for book in author.books.{asked}])
"""
    files = {"library/__init__.py": "", "library/models.py": MODELS_OF_DJANGO, "library/views.py": view}
    assert _told(tmp_path, files) == lines


CALLERS = """\
import sqlite3

def load(connection: sqlite3.Connection, names):
    for name in names:
        print(connection.execute("SELECT id FROM permission WHERE name = ?", (name,)).fetchone())

def main(connection: sqlite3.Connection, others, make):
    load(connection, ["read", "write"])
    {further}
"""


@pytest.mark.parametrize(
    ("further", "silent"),
    [
        ("load(connection, ['grant'])", True),
        ("load(connection, names=('grant',))", True),
        ("load(connection, others)", False),
        ("load(*others)", False),
        ("make(load)", False),
        ("make(kept={'load': load})", False),
        ("make.later = load", False),
        ("return load", False),
        ("make().load(connection, others)", False),
    ],
)
def test_short_lists_from_all_callers(tmp_path: Path, further: str, silent: bool) -> None:
    expected = [] if silent else [("app.py", 5)]
    assert _told(tmp_path, {"app.py": CALLERS.replace("{further}", further)}) == expected


SCRIPT = """\
import { Pool } from 'pg';

const pool = new Pool();
const load = async (names) => {
  for (const name of names) {
    await pool.query('SELECT id FROM permission WHERE name = $1', [name]);
  }
};
export const main = async (make) => {
  await load(['read', 'write']);
  await {further};
};
"""


@pytest.mark.parametrize(("further", "silent"), [("load(['grant'])", True), ("make(load)", False)])
def test_short_lists_for_a_function_without_a_name_of_its_own(tmp_path: Path, further: str, silent: bool) -> None:
    source = SCRIPT.replace("{further}", further)
    assert _told(tmp_path, {"app.js": source}) == ([] if silent else [("app.js", 6)])


BASES = """\
from typing import TypeVar
from pydantic import BaseModel
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Shape(BaseModel):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Group(Base):
    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

def run(session: Session, model: type[{model}], names):
    for name in names:
        print(session.execute(select(model).filter_by(name=name)).scalar_one())
"""


@pytest.mark.parametrize(
    ("model", "said", "rows", "repair"),
    [
        ("Base", "from the database", "the rows of the table", "<model>"),
        ("Shape", "from the database", "the rows of the table", "<model>"),
        ("User", "users", "the rows of users", "User"),
    ],
)
def test_a_class_without_a_table_is_no_table(tmp_path: Path, model: str, said: str, rows: str, repair: str) -> None:
    (tmp_path / "app.py").write_text(BASES.replace("{model}", model))
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    (found,) = run(request).report.findings
    assert found.message == f"`session.execute()` reads {said} once per element of `names`"
    assert (
        found.minimal
        == f"Load {rows} for all elements with one query before the loop, and look them up by key inside it."
    )
    assert found.repair.startswith(f"select({repair}).where({repair}.name.in_(keys))")


PAGES = """\
from django.db import models

class Language(models.Model):
    code = models.TextField()

class Linked(models.Model):
    key = models.IntegerField()
    language = models.ForeignKey(Language, models.CASCADE)

    class Meta:
        abstract = True

    def others(self, language):
        return self.__class__.objects.filter(key=self.key, language=language).exists()

class Page(Linked):
    title = models.TextField()
"""
SHOWN = """\
from site.models import Language

def show(page):
    return [page.others(language) for language in Language.objects.all()]
"""
CHECKS = """\
from site.models import Page
from site.views import show

class Sample(Page):
    class Meta:
        app_label = "checks"

def check():
    show(Sample())
"""


@pytest.mark.parametrize(
    ("checks", "table"), [("tests/test_pages.py", "site_page"), ("site/samples.py", "checks_sample")]
)
def test_a_class_of_tests_stands_in_for_none_of_the_program(tmp_path: Path, checks: str, table: str) -> None:
    files = {"site/__init__.py": "", "site/models.py": PAGES, "site/views.py": SHOWN, checks: CHECKS}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    (found,) = run(request).report.findings
    assert found.message == f"`page.others()` reads {table} once per element of `Language.objects.all()`"
