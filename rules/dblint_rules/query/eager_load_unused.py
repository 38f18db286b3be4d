"""A relation is loaded with the rows, and nothing reads it of them.

Reported where the rows stay in the function that asks for them, and in functions that it hands them to one by one:
there it is seen all that is read of them.

Not reported: rows that are returned, stored, rendered, or given to anything that is not followed; queries of which only
numbers are taken; loads with a query of their own, and those that cannot be read.

What it cannot say: whether what is loaded is read in another way than as an attribute of its row.

Off by default: two findings were met, which are too few to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Brought, FileRole
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

_SHOP = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Tag(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)

    def label(self):
        return f"{self.title} by {self.author.name}"
"""
_ORDERS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()
"""

RULE = Rule(
    summary="a relation is loaded with the rows and never read",
    why=(
        "What a query loads besides its rows is a join or a further statement, and memory for each row. A load that "
        "outlived the code which read it costs this on every call, and tells the next reader that it is needed."
    ),
    minimal="Do not load {relation} with the rows of {root}.",
    better="Where only the key of {relation} is needed, read it of the row of {root} itself: it stands there.",
    complete="Say what a list of {root} loads in one place, beside the code that reads {relation} or no longer does.",
    symptoms=("joins in a query whose columns nobody uses",),
    verify="SELECT query, mean_exec_time FROM pg_stat_statements WHERE query LIKE '%JOIN%' ORDER BY 2 DESC LIMIT 20",
    verify_on=("postgres",),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("1.2",),
    looks_at="relations that queries load with their rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from shop.models import Book

def titles():
    books = Book.objects.select_related("author")  # finding
    return [(book.title, book.author_id) for book in books]

def tagged():
    for book in Book.objects.prefetch_related("tags").order_by("title"):  # finding
        print(book.label())
""",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
        Bad(
            "python",
            """\
from beanie import Document as Later, Link
from mongoengine import Document, ReferenceField, StringField

class Author(Document):
    name = StringField()

class Book(Document):
    title = StringField()
    author = ReferenceField(Author)

class Room(Later):
    name: str

class Lamp(Later):
    watts: int
    room: Link[Room]

def titles():
    return [book.title for book in Book.objects.select_related()]  # finding

async def watts():
    return [lamp.watts for lamp in await Lamp.find(fetch_links=True).to_list()]  # finding

async def of_one(number):
    lamp = await Lamp.get(number, fetch_links=True)  # finding
    return f"{lamp.watts} W"
""",
            title="documents, with whatever they refer to",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from orders import Order

def keys(session: Session):
    statement = select(Order).options(joinedload(Order.customer))  # finding
    return [order.customer_id for order in session.scalars(statement).all()]
""",
            path="report.py",
            files={"orders.py": _ORDERS},
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.shortcuts import render
from shop.models import Book

def read():
    return [book.label() for book in Book.objects.select_related("author")]

def handed_on(request, keep):
    keep(Book.objects.select_related("author"))
    books = [book for book in Book.objects.prefetch_related("tags")]
    return render(request, "books.html", {"books": books})

def given():
    return Book.objects.select_related("author")

def counted():
    return Book.objects.select_related("author").count()
""",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
        Good(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from orders import Order

def names(session: Session):
    statement = select(Order).options(joinedload(Order.customer))
    return [order.customer.name for order in session.scalars(statement).all()]

def all_of_them(session: Session):
    return session.query(Order).options(joinedload(Order.customer)).all()
""",
            path="report.py",
            files={"orders.py": _ORDERS},
        ),
        Good(
            "python",
            """\
from beanie import BackLink, Document as Later, Link
from mongoengine import Document, ReferenceField, StringField

class Author(Document):
    name = StringField()

class Book(Document):
    title = StringField()
    author = ReferenceField(Author)

class Room(Later):
    name: str
    lamps: BackLink["Lamp"]

class Lamp(Later):
    watts: int
    room: Link[Room]

    def label(self):
        return f"{self.watts} W in {self.room.name}"

def authors():
    return [book.author.name for book in Book.objects.select_related()]

def written():
    return [book.to_json() for book in Book.objects.select_related()]

def names():
    return [author.name for author in Author.objects.select_related()]

async def rooms():
    return [lamp.room.name for lamp in await Lamp.find(fetch_links=True).to_list()]

async def labels():
    return [lamp.label() for lamp in await Lamp.find(fetch_links=True).to_list()]

async def sent(number):
    lamp = await Lamp.get(number, fetch_links=True)
    return lamp.model_dump()

async def lamps():
    return [room.lamps for room in await Room.find(fetch_links=True).to_list()]

async def handed_on(number, links):
    found = await Lamp.find_one(Lamp.watts == number, fetch_links=links)
    lamp = await Lamp.find_one(Lamp.watts == number, fetch_links=True)
    return found, lamp
""",
            title="documents whose references are read, or which go on",
        ),
    ),
)


def check(brought: Brought) -> Iterator[Finding]:
    """One finding per relation."""
    if not brought.read:
        relation = ".".join(brought.path) or "what they refer to"
        told = relation if brought.path else "whatever they refer to"
        message = f"{told} is loaded with the rows of {brought.root}, and nothing reads it of them"
        yield Finding(brought.place, message, names={"relation": relation, "root": brought.root})


def places(project: Project) -> Iterator[Place]:
    """The relations that queries load whose rows are followed."""
    yield from (brought.place for brought in project.brought)
