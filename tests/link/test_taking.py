"""What the program takes of rows: their number, whether there is one, or the rows."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import linked

MODELS = """
from django.db import models

class Shelf(models.Model):
    name = models.TextField()

class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    kind = models.TextField()
"""


def taken(project: Project, source: str) -> list[str]:
    """Line, kind, and the expressions with `!` where they hold without a row and the query in brackets."""
    text = source.encode()
    found: list[str] = []
    for call in project.calls:
        if call.taken is None:
            continue
        by = []
        for one in call.taken.by:
            query = text[one.query.start : one.query.stop].decode() if one.query is not None else ""
            by.append(f"{'!' if one.absent else ''}{text[one.place.start : one.place.stop].decode()} [{query}]")
        line = text[: call.place.start].count(b"\n") + 1
        found.append(f"{line} {call.taken.kind}: {', '.join(by)}")
    return found


def test_rows_of_a_lazy_query() -> None:
    source = """\
from shop.models import Book, Shelf

def numbers(kind):
    a = len(Book.objects.filter(kind=kind))
    b = len(list(Book.objects.filter(kind=kind))) > 3
    books = Book.objects.filter(kind=kind)
    if not books:
        print(books.count())
    return a, b

def truth(kind):
    books = Book.objects.all()
    if kind:
        books = books.filter(kind=kind)
    if kind and len(books) == 0:
        return bool(Book.objects.filter(kind=kind))
    while Book.objects.filter(kind=kind):
        kind += 1
    number = len(Shelf.objects.all())
    return 1 if number < 1 else 2

def rows(kind, keep):
    first = Book.objects.filter(kind=kind)
    if first:
        keep(first)
    second = Book.objects.filter(kind=kind)
    if second:
        return second.first()
    third = Book.objects.filter(kind=kind)
    print(len(third), third[0])
    fourth = Book.objects.filter(kind=kind) or Book.objects.none()
    print(len(set(Book.objects.values_list("kind"))), sorted(Book.objects.all()))
    def later():
        return fifth
    fifth = Book.objects.all()
    if fifth:
        return later
    return fourth

kept = Book.objects.all()
print(len(kept))

def outside():
    global sixth
    sixth = Book.objects.all()
    return len(sixth)

def asked_by_another(kind):
    shelves = Shelf.objects.filter(name=kind)
    if shelves:
        return Book.objects.filter(shelf__in=shelves)
"""
    project = linked({"shop/models.py": MODELS, "shop/views.py": source})
    assert taken(project, source) == [
        "4 number: len(Book.objects.filter(kind=kind)) [Book.objects.filter(kind=kind)]",
        "5 number: len(list(Book.objects.filter(kind=kind))) [Book.objects.filter(kind=kind)]",
        "7 number: books [books], books.count() [books]",
        "8 number: books.count() [books]",
        "15 truth: !len(books) == 0 [books]",
        "16 truth: bool(Book.objects.filter(kind=kind)) [Book.objects.filter(kind=kind)]",
        "17 truth: Book.objects.filter(kind=kind) [Book.objects.filter(kind=kind)]",
        "19 truth: len(Shelf.objects.all()) [Shelf.objects.all()]",
        "50 truth: shelves [shelves]",
    ]


def test_rows_that_a_call_gives() -> None:
    source = """\
import sqlite3
from sqlalchemy import Column, Integer, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Book(Base):
    __tablename__ = "book"
    id = Column(Integer, primary_key=True)

def numbers(session: Session, db: sqlite3.Connection):
    a = len(session.query(Book).all())
    result = session.execute(select(Book))
    rows = result.scalars().all()
    b = len(list(db.execute("SELECT id FROM book")))
    return a, b, len(rows)

async def awaited(session: AsyncSession):
    if rows := (await session.scalars(select(Book))).all():
        return len(rows)

def truth(session: Session, db: sqlite3.Connection):
    if db.execute("SELECT id FROM book").fetchall() == []:
        return session.query(Book).count() != 0
    number = session.query(Book).count()
    assert number
    return "none" if not number else "some"

def rows(session: Session):
    result = session.execute(select(Book))
    if result:
        print(len(result.fetchmany(3)), result.first())
    books = session.query(Book).all()
    return books, len(books), session.query(Book).count()
"""
    assert taken(linked({"app.py": source}), source) == [
        "13 number: len(session.query(Book).all()) [session.query(Book)]",
        "14 number: len(rows) []",
        '16 number: len(list(db.execute("SELECT id FROM book"))) []',
        "20 number: rows := (await session.scalars(select(Book))).all() [], len(rows) []",
        '24 truth: !db.execute("SELECT id FROM book").fetchall() == [] []',
        "25 truth: session.query(Book).count() != 0 [session.query(Book)]",
        "26 truth: number [], number []",
        "35 number: session.query(Book).count() [session.query(Book)]",
    ]
