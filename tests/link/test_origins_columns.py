"""Where the values in a text come from: columns of models that hold numbers only, and those that do not."""

# ruff: noqa: S608 - texts that are judged, not run

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from dblint.facts.schema import prints_plainly
from tests.link.linked import linked, shape


def text_of(project: Project) -> str:
    """The last text that runs."""
    return [shape(call.text) for call in project.calls if call.text is not None][-1]


DJANGO = """
from django.contrib.auth.models import AbstractUser, User
from django.db import connection, models

class Author(models.Model):
    name = models.CharField(max_length=80)
    code = models.SlugField(unique=True)
    age = models.PositiveIntegerField(null=True)
    rate = models.DecimalField(max_digits=9, decimal_places=2)
    born = models.DateField()
    seen = models.DateTimeField()
    living = models.BooleanField()
    token = models.UUIDField()
    extra = models.JSONField()

class Shelf(models.Model):
    label = models.CharField(primary_key=True, max_length=9)

class Base(models.Model):
    size = models.BigIntegerField()

    class Meta:
        abstract = True

class Book(Base):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    owner = models.ForeignKey(User, on_delete=models.CASCADE)

class Comic(Book):
    pages = models.IntegerField()

class Member(AbstractUser):
    pass

def run(author: Author, shelf: Shelf, book: Book, comic: Comic, user: User, member: Member, given, request):
    cursor = connection.cursor()
BODY
"""


def django(body: str, before: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = DJANGO.replace("BODY", lines).replace("\ndef run", f"\n{before}\ndef run")
    return text_of(linked({"app.py": source}, dialect="postgres"))


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("author.id", "number"),
        ("author.pk", "number"),
        ("author.age", "number"),
        ("author.rate", "number"),
        ("author.born", "number"),
        ("author.seen", "number"),
        ("author.living", "number"),
        ("author.token", "number"),
        ("author.name", "unknown"),
        ("author.code", "unknown"),
        ("author.extra", "unknown"),
        ("author.other", "unknown"),
        ("author.book_set", "unknown"),
        ("shelf.pk", "unknown"),
        ("shelf.label", "unknown"),
        ("shelf.id", "unknown"),
        ("book.author_id", "number"),
        ("book.author", "unknown"),
        ("book.author.id", "number"),
        ("book.author.name", "unknown"),
        ("book.shelf_id", "unknown"),
        ("book.owner_id", "number"),
        ("book.size", "number"),
        ("comic.pages", "number"),
        ("comic.size", "number"),
        ("comic.id", "number"),
        ("comic.pk", "number"),
        ("user.id", "number"),
        ("user.pk", "number"),
        ("user.username", "unknown"),
        ("member.id", "number"),
        ("member.email", "unknown"),
        ("given.id", "parameter"),
    ],
)
def test_columns_of_django(source: str, origin: str) -> None:
    found = django(f"cursor.execute(f'SELECT * FROM t WHERE a = {{{source}}}')")
    assert found.startswith(f"SELECT * FROM t WHERE a = {{{origin}:"), found


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ("key = -1\nif author:\n    key = author.id\n", "number"),
        ("key = author.id if author else -1\n", "number"),
        ("key = author.id if author else given\n", "parameter"),
        ("key = Author.objects.get(name=given).id\n", "number"),
        ("found = Author.objects.filter(name=given).first()\nkey = found.id\n", "number"),
        ("for one in Author.objects.all():\n    key = one.id\n", "number"),
        ("made = Author(age=given)\nkey = made.age\n", "unknown"),
        ("made = Author(age=given)\nother = made\nkey = other.age\n", "unknown"),
        ("author.age = given\nkey = author.age\n", "unknown"),
        ("either = author if given else shelf\nkey = either.id\n", "unknown"),
    ],
)
def test_ways_of_a_row(body: str, origin: str) -> None:
    found = django(f"{body}cursor.execute(f'SELECT * FROM t WHERE a IN ({{key}})')")
    assert found.startswith(f"SELECT * FROM t WHERE a IN ({{{origin}:"), found


def test_a_named_format() -> None:
    body = "sql = 'SELECT * FROM t WHERE a = {key}'\nsql = sql.format(key=author.id)\ncursor.execute(sql)"
    assert django(body) == "SELECT * FROM t WHERE a = {number:author.id}"


ALCHEMY = """
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Uuid, text
from sqlalchemy.orm import Session, declarative_base, relationship

Base = declarative_base()

class Author(Base):
    __tablename__ = "author"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    seen = Column(DateTime)
    token = Column(Uuid)

class Book(Base):
    __tablename__ = "book"
    id = Column("book_id", Integer, primary_key=True)
    title = Column("number", String)
    author_id = Column(ForeignKey("author.id"))
    author = relationship(Author)

def run(session: Session, author: Author, book: Book):
    session.execute(text(f"DELETE FROM t WHERE a = {SOURCE}"))
"""


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        ("author.id", "number"),
        ("author.seen", "number"),
        ("author.token", "number"),
        ("author.name", "unknown"),
        ("book.id", "number"),
        ("book.title", "unknown"),
        ("book.author.id", "number"),
        ("book.author", "unknown"),
        ("author.pk", "unknown"),
    ],
)
def test_columns_of_sqlalchemy(source: str, origin: str) -> None:
    found = text_of(linked({"app.py": ALCHEMY.replace("SOURCE", source)}))
    assert found.startswith(f"DELETE FROM t WHERE a = {{{origin}:"), found


TYPEORM = """
import { Body, Controller, Post } from '@nestjs/common';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Author {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column() name: string;
  @Column({ type: 'bigint' }) size: string;
}

@Controller('authors')
export class Authors {
  constructor(private readonly source: DataSource) {}

  HEAD {
    await this.source.query(`DELETE FROM t WHERE a = '${SOURCE}'`);
  }
}
"""


@pytest.mark.parametrize(
    ("head", "source", "origin"),
    [
        ("async run(author: Author)", "author.id", "number"),
        ("async run(author: Author)", "author.size", "number"),
        ("async run(author: Author)", "author.name", "parameter"),
        ("@Post() async run(@Body() author: Author)", "author.id", "request"),
    ],
)
def test_columns_of_typeorm(head: str, source: str, origin: str) -> None:
    found = text_of(linked({"app.ts": TYPEORM.replace("HEAD", head).replace("SOURCE", source)}))
    assert found == f"DELETE FROM t WHERE a = '{{{origin}:{source}}}'"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("integer", True),
        ("bigint unsigned", True),
        ("numeric(9,2)", True),
        ("decimal(9, 2) unsigned", True),
        ("timestamp(3) with time zone", True),
        ("double precision", True),
        ("integer[]", True),
        ("uuid", True),
        ("", False),
        ("varchar(20)", False),
        ("character varying", False),
        ("char(32)", False),
        ("text[]", False),
        ("jsonb", False),
        ("bit varying", False),
        ("interval hour", False),
    ],
)
def test_types_that_print_as_numbers_do(kind: str, expected: bool) -> None:
    assert prints_plainly(kind) is expected
