"""What is told in one spelling of a program is told in another one: `# finding: …` names the rules that speak at a
line, and no rule that is asked speaks anywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dblint.run import Request, run

DRIVERS = {
    "kept.py": """\
from sqlite3 import connect as opened
import psycopg2
from psycopg2 import connect as reached

def read(connection):
    connection.cursor().execute("SELECT 1")

def entered(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

KEPT = []

def keeps(connection):
    KEPT.append(connection)

def gives(connection):
    return connection

def further(connection):
    read(connection)

def cursor_of(connection):
    return connection.cursor()

def ends(connection):
    try:
        connection.cursor().execute("SELECT 1")
    finally:
        connection.close()

def renamed(path):
    connection = opened(path)  # finding: connection-not-closed
    print(connection.execute("SELECT 1").fetchone())
    connection.close()

def renamed_in_with(path):
    with reached(path) as connection:  # finding: connection-not-closed
        connection.cursor().execute("SELECT 1")

def worked_with(path):
    connection = psycopg2.connect(path)  # finding: connection-not-closed
    read(connection)

def worked_with_in_with(path):
    connection = psycopg2.connect(path)  # finding: connection-not-closed
    entered(connection)

def kept(path):
    connection = psycopg2.connect(path)
    keeps(connection)

def given_back(path):
    connection = psycopg2.connect(path)
    again = gives(connection)
    again.close()

def handed_further(path):
    connection = psycopg2.connect(path)
    further(connection)

def what_it_gave(path):
    connection = psycopg2.connect(path)
    return cursor_of(connection)

def ended(path):
    connection = psycopg2.connect(path)
    ends(connection)

def all_of_them(path):
    return [
        renamed(path), renamed_in_with(path), worked_with(path), worked_with_in_with(path), kept(path),
        given_back(path), handed_further(path), what_it_gave(path), ended(path),
    ]
""",
    "bound.py": """\
import sqlite3

def titles(connection: sqlite3.Connection, keys):
    run = connection.execute
    return [run("SELECT title FROM book WHERE id = ?", (key,)).fetchone() for key in keys]  # finding: n-plus-one

def named(connection: sqlite3.Connection, name):
    run = connection.execute
    run(f"SELECT id FROM author WHERE name = '{name}'")  # finding: sql-injection

def of_a_list(execute, keys):
    session = {}
    run = session.get
    return [run(key) for key in keys]
""",
}
SQLALCHEMY = {
    "models.py": """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    visits: Mapped[int] = mapped_column(default=0)

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
    author: Mapped[Author] = relationship()
""",
    "conflicts.py": """\
from models import Author
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert as put
from sqlalchemy.orm import Session

def nothing(session: Session, email):
    if session.scalar(select(Author.id).where(Author.email == email)) is None:
        session.execute(put(Author).values(email=email, name="x").on_conflict_do_nothing())

def changed(session: Session, email):
    if session.scalar(select(Author.id).where(Author.email == email)) is None:
        row = postgresql.insert(Author).values(email=email, name="x")
        session.execute(row.on_conflict_do_update(index_elements=["email"], set_={"name": "x"}))

def fails(session: Session, email):
    if session.scalar(select(Author.id).where(Author.email == email)) is None:
        session.execute(insert(Author).values(email=email, name="x"))  # finding: get-or-create-race
""",
    "texts.py": """\
from models import Author
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

def removed(session: Session, keys):
    for key in keys:
        session.execute(text("DELETE FROM book WHERE id = :key"), {"key": key})  # finding: write-in-loop

def removed_by_one_text(session: Session, keys):
    statement = text("DELETE FROM book WHERE id = :key")
    for key in keys:
        session.execute(statement, {"key": key})  # finding: write-in-loop

def visited(session: Session, key):
    number = session.scalar(select(Author.visits).where(Author.id == key))
    session.execute(update(Author).where(Author.id == key).values({"visits": number + 1}))  # finding: read-modify-write

def visited_by_column(session: Session, key):
    number = session.scalar(select(Author.visits).where(Author.id == key))
    changed = update(Author).where(Author.id == key)
    session.execute(changed.values({Author.visits: number + 1}))  # finding: read-modify-write

def counted_by_the_database(session: Session, key):
    session.execute(update(Author).where(Author.id == key).values({"visits": Author.visits + 1}))
""",
}
PEEWEE = {
    "models.py": """\
from peewee import Model, SqliteDatabase, TextField

database = SqliteDatabase("x.db")

class Author(Model):
    email = TextField(unique=True)

    class Meta:
        database = database

def ignored(email):
    if Author.get_or_none(email=email) is None:
        Author.insert(email=email).on_conflict_ignore().execute()

def replaced(email):
    if Author.get_or_none(email=email) is None:
        Author.insert(email=email).on_conflict_replace().execute()

def fails(email):
    if Author.get_or_none(email=email) is None:
        Author.insert(email=email).execute()  # finding: get-or-create-race
""",
}
LISTS = """\
def put_together():
    found = []
    for book in Book.objects.filter(title="x"):
        found.append(book)
    return [book.author.name for book in found]  # finding: lazy-relation-in-loop

def added_to():
    found = []
    found.extend(Book.objects.filter(title="x"))
    return [book.author.name for book in found]  # finding: lazy-relation-in-loop

def by_key():
    known = {book.pk: book for book in Book.objects.filter(title="x")}
    return [book.author.name for book in known.values()]  # finding: lazy-relation-in-loop

def with_keys():
    known = {book.pk: book for book in Book.objects.filter(title="x")}
    return [(key, book.author.name) for key, book in known.items()]  # finding: lazy-relation-in-loop

def together(others):
    for other, book in zip(others, Book.objects.filter(title="x")):
        print(book.author.name, other)  # finding: lazy-relation-in-loop

def some_of_them():
    titled = filter(lambda book: book.title, Book.objects.all())
    return [book.author.name for book in titled]  # finding: lazy-relation-in-loop

def taken_back():
    books = Book.objects.select_related("author")
    return [book.author.name for book in books.select_related(None)]  # finding: lazy-relation-in-loop

def taken_back_beside():
    books = Book.objects.select_related("author").prefetch_related(None)
    return [book.author.name for book in books]

def loaded(others):
    known = {book.pk: book for book in Book.objects.select_related("author")}
    for book, other in zip(Book.objects.select_related("author"), others):
        print(book.author.name, other.author.name)
    return [book.author.name for book in known.values()]

def loaded_later():
    found = []
    for book in Book.objects.filter(title="x"):
        found.append(book)
    prefetch_related_objects(found, "author")
    return [book.author.name for book in found]

def set_before(authors):
    found = []
    for book in Book.objects.filter(title="x"):
        book.author = authors[book.author_id]
        found.append(book)
    return [book.author.name for book in found]

def set_in_a_loop_of_its_own(authors):
    books = list(Book.objects.filter(title="x"))
    for book in books:
        book.author = authors[book.author_id]
    return [book.author.name for book in books]

def set_behind(author):
    for book in Book.objects.filter(title="x"):
        print(book.author.name)  # finding: lazy-relation-in-loop
        book.author = author

def others_as_well():
    found = []
    for book in Book.objects.filter(title="x"):
        found.append(book)
        found.append(Book(author=Author()))
    return [book.author.name for book in found]

def keys():
    known = {book.pk: book for book in Book.objects.filter(title="x")}
    return [key.author.name for key in known]
"""
DJANGO = {
    "shop/models.py": """\
from django.db import models

class Author(models.Model):
    name = models.TextField()
    email = models.TextField(unique=True)
    visits = models.IntegerField(default=0)

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
""",
    "shop/bound.py": """\
from shop.models import Book

def one_by_one(keys):
    get = Book.objects.get
    return [get(pk=key) for key in keys]  # finding: n-plus-one
""",
    "shop/made.py": """\
from shop.models import Author

def set_after_it_was_made(email):
    try:
        author = Author.objects.get(email=email)
    except Author.DoesNotExist:
        author = Author()
        author.email = email
        author.save()  # finding: get-or-create-race
    return author

def to_another_value(email, other):
    if not Author.objects.filter(email=email).exists():
        author = Author()
        author.email = other
        author.save()

def to_another_value_later(email, other):
    if not Author.objects.filter(email=email).exists():
        author = Author(email=email)
        if other:
            author.email = other
        author.save()
""",
    "shop/counted.py": """\
from shop.models import Book

def listed(title):
    return len([book for book in Book.objects.filter(title=title)])  # finding: len-instead-of-count

def added(title):
    return sum(1 for _ in Book.objects.filter(title=title))  # finding: len-instead-of-count

def named(title):
    found = [True for book in Book.objects.filter(title=title)]  # finding: len-instead-of-count
    return len(found)

async def awaited(title):
    return len([book async for book in Book.objects.filter(title=title)])  # finding: len-instead-of-count

def some(title):
    return len([book for book in Book.objects.filter(title=title) if book.author_id])

def different(title):
    return len({book for book in Book.objects.filter(title=title)})

def pairs(title, others):
    return len([book for book in Book.objects.filter(title=title) for other in others])

def weighed(title):
    return sum(book.author_id for book in Book.objects.filter(title=title))

def needed(title):
    found = [book for book in Book.objects.filter(title=title)]
    return len(found), found
""",
    "shop/several.py": """\
import itertools
from operator import attrgetter
from shop.models import Book

def both(one, other):
    for book in Book.objects.filter(title=one) | Book.objects.exclude(title=other):
        print(book.author.name)  # finding: lazy-relation-in-loop

def both_loaded(one, other):
    for book in Book.objects.select_related("author").filter(title=one) | Book.objects.exclude(title=other):
        print(book.author.name)

def with_nothing(one):
    for book in Book.objects.none() | Book.objects.select_related("author").filter(title=one):
        print(book.author.name)

def of_each(authors):
    books = Book.objects.none()
    for author in authors:
        books = books | author.book_set.filter(title="x")
    for book in books.order_by("title"):
        print(book.author.name)

def of_titles(titles):
    books = Book.objects.none()
    for title in titles:
        books = books | Book.objects.filter(title=title)
    for book in books.order_by("title"):
        print(book.author.name)  # finding: lazy-relation-in-loop

def bits(one: int):
    return [number.author for number in [one | 4]]

def by_key(keys):
    for book in Book.objects.in_bulk(keys).values():
        print(book.author.name)  # finding: lazy-relation-in-loop
    for key, book in Book.objects.select_related("author").in_bulk(keys).items():
        print(book.author.name)

def entries(keys):
    return {key: book.author.name for key, book in Book.objects.in_bulk(keys).items()}  # finding: lazy-relation-in-loop

def groups():
    for title, books in itertools.groupby(Book.objects.order_by("title"), key=attrgetter("title")):
        for book in books:
            print(book.author.name)  # finding: lazy-relation-in-loop

def joined(one, other):
    rows = itertools.chain(Book.objects.filter(title=one), Book.objects.filter(title=other))
    return [book.author.name for book in rows]  # finding: lazy-relation-in-loop

def getter():
    return list(map(attrgetter("author.name"), Book.objects.filter(title="x")))  # finding: lazy-relation-in-loop
""",
    "shop/written.py": """\
from django.db import transaction
from shop.models import Author

ONLY = ["name"]

def other_columns(key):
    author = Author.objects.get(pk=key)
    author.visits += 1
    author.save(update_fields=["name"])
    author.save(update_fields=ONLY)

def every_column(key, only):
    author = Author.objects.get(pk=key)
    author.visits += 1  # finding: read-modify-write
    author.save(update_fields=["name"])
    author.save(update_fields=only)

def by_its_name(key):
    author = Author.objects.get(pk=key)
    setattr(author, "visits", author.visits + 1)  # finding: read-modify-write
    author.save()

def another_by_its_name(key):
    author = Author.objects.get(pk=key)
    setattr(author, "name", author.visits + 1)
    author.save()

def loaded_anew(key):
    author = Author.objects.get(pk=key)
    author.visits += 1
    author.refresh_from_db()
    author.save()

def loaded_anew_sometimes(key, old):
    author = Author.objects.get(pk=key)
    author.visits += 1  # finding: read-modify-write
    if old:
        author.refresh_from_db()
    author.save()

def other_columns_loaded(key):
    author = Author.objects.get(pk=key)
    author.visits += 1  # finding: read-modify-write
    author.refresh_from_db(fields=["name"])
    author.save()

def locked_too_late(key):
    author = Author.objects.get(pk=key)
    author.visits += 1  # finding: read-modify-write
    author.save()
    with transaction.atomic():
        Author.objects.select_for_update().get(pk=key)

def lock_of(key):
    return Author.objects.select_for_update().get(pk=key)

def locked_by_another_too_late(key):
    author = Author.objects.get(pk=key)
    author.visits += 1  # finding: read-modify-write
    author.save()
    return lock_of(key)

def locked_in_the_turn_before(keys):
    for key in keys:
        author = Author.objects.get(pk=key)  # finding: n-plus-one
        author.visits += 1
        author.save()
        lock_of(key)

def given_back(key, lock):
    author = Author.objects.get(pk=key)
    author.visits += 1
    author.save()
    lock.release()
""",
    "shop/lists.py": "from django.db.models import prefetch_related_objects\n"
    "from shop.models import Author, Book\n\n" + LISTS,
}
TUPLES = {
    "models.py": """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    city: Mapped["City"] = relationship()

class City(Base):
    __tablename__ = "city"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")
""",
    "tuples.py": """\
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from operator import attrgetter
import itertools
from models import Author, Book

def joined(session: Session):
    for a, b in session.execute(select(Author, Book).join(Book)):
        print(a.name, b.author.name)
        print(a.city.name)  # finding: lazy-relation-in-loop

def both_loaded_by_themselves(session: Session):
    for b, a in session.query(Book, Author).filter(Book.author_id == Author.id).all():
        print(a.city.name)  # finding: lazy-relation-in-loop
    for b, a in session.query(Book, Author).filter(Book.author_id == Author.id).all():
        print([x.title for x in a.books])  # finding: lazy-relation-in-loop

def behind_a_column(session: Session):
    for title, a in session.query(Book.title, Author).join(Author):
        print(a.city.name)  # finding: lazy-relation-in-loop

def loaded(session: Session):
    for (b,) in session.execute(select(Book).options(joinedload(Book.author))):
        print(b.author.name)

def by_name_and_number(session: Session):
    rows = session.execute(select(Book, Author.name).join(Author)).all()
    print(len(rows))
    for i, row in enumerate(rows):
        print(row.Book.author.name, row.name)  # finding: lazy-relation-in-loop

def in_a_comprehension(session: Session):
    found = session.execute(select(Book, Author.name).join(Author))
    return {b.id: b.author.name for b, name in found}  # finding: lazy-relation-in-loop

def by_numbers_of_a_list(session: Session):
    rows = session.scalars(select(Book)).all()
    for i, _ in enumerate(rows):
        print(rows[i].author.name)  # finding: lazy-relation-in-loop
    for i in range(len(rows)):
        rows[i].author = None

def getters(session: Session):
    rows = session.scalars(select(Book)).all()
    print(sorted(rows, key=attrgetter("author.name")))  # finding: lazy-relation-in-loop
    rows.sort(key=attrgetter("author.name"))
    print(sorted(rows, key=attrgetter("title")))

def one_after_the_other(session: Session):
    for b in itertools.chain(session.scalars(select(Book)), session.scalars(select(Book).where(Book.title == "x"))):
        print(b.author.name)  # finding: lazy-relation-in-loop

def by_key(session: Session):
    for row in session.execute(select(Book)).mappings():
        print(row["Book"].author.name)

def of_a_tuple(session: Session):
    for b in session.execute(select(Book)):
        print(b.author)

def named(session: Session):
    for row in session.execute(select(Book)):
        b = row[0]
        print(b.author.name)  # finding: lazy-relation-in-loop

def by_number(session: Session):
    return [row[0].author.name for row in session.execute(select(Book, Book.title))]  # finding: lazy-relation-in-loop

def of_a_range(session: Session):
    rows = session.scalars(select(Book)).all()
    return [rows[n].author.name for n in range(len(rows))]  # finding: lazy-relation-in-loop

def by_a_text(session: Session):
    return [getattr(book, "author").name for book in session.scalars(select(Book))]  # finding: lazy-relation-in-loop

def counted(session: Session):
    return len([book for book in session.scalars(select(Book))])  # finding: len-instead-of-count
""",
}
RULES = (
    "query/n-plus-one",
    "query/lazy-relation-in-loop",
    "query/write-in-loop",
    "query/len-instead-of-count",
    "query/read-modify-write",
    "query/get-or-create-race",
    "security/sql-injection",
    "connection/connection-not-closed",
)
MARK = re.compile(r"# finding: ([\w, -]+)")


@pytest.mark.parametrize(
    "files",
    [DRIVERS, SQLALCHEMY, TUPLES, PEEWEE, DJANGO],
    ids=["drivers", "SQLAlchemy", "tuples", "Peewee", "Django"],
)
def test_what_is_told(tmp_path: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    expected = {
        (path, number, rule)
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for found in MARK.findall(line)
        for rule in found.split(", ")
    }
    report = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": RULES})).report
    assert expected == {
        (found.region.path, found.region.start.line, found.rule.partition("/")[2]) for found in report.findings
    }
