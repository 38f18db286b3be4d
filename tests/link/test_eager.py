"""Relations that a query loads with its rows."""

from __future__ import annotations

import pytest

from tests.link.linked import linked, only

SCHEMA = """
    datasource db {
      provider = "postgresql"
      url      = env("DATABASE_URL")
    }
    generator client {
      provider = "prisma-client-js"
    }
    model Shelf {
      id    Int    @id
      books Book[]
    }
    model Book {
      id      Int    @id
      shelfId Int
      shelf   Shelf  @relation(fields: [shelfId], references: [id])
      pages   Page[]
    }
    model Page {
      id     Int  @id
      bookId Int
      book   Book @relation(fields: [bookId], references: [id])
    }
    """
ENTITIES = """
    import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
    @Entity()
    export class Shelf {
      @PrimaryGeneratedColumn()
      id: number;
    }
    """


def paths(argument: str) -> tuple[list[str], bool]:
    """The relations that a Prisma query loads, and whether there may be more."""
    head = "import { PrismaClient } from '@prisma/client';\nconst client = new PrismaClient();\n"
    text = f"{head}export const show = (more, flag) => client.shelf.findMany({argument});\n"
    (query,) = only(linked({"schema.prisma": SCHEMA, "show.ts": text})).queries
    return [".".join(eager.path) for eager in query.eager.values()], query.eager.open


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("{ include: { books: true } }", ["books"]),
        ("{ include: { books: false } }", []),
        ("{ include: { books: { where: { id: 1 }, take: 5, orderBy: { id: 'asc' } } } }", ["books"]),
        ("{ include: { books: { include: { pages: true, shelf: true } } } }", ["books", "books.pages", "books.shelf"]),
        (
            "{ include: { books: { where: { id: 1 }, include: { pages: { include: { book: true } } } } } }",
            ["books", "books.pages", "books.pages.book"],
        ),
        ("{ select: { id: true, books: true } }", ["books"]),
        (
            "{ include: { books: { select: { id: true, pages: { select: { book: true } } }, take: 5 } } }",
            ["books", "books.pages", "books.pages.book"],
        ),
    ],
)
def test_nested_includes(argument: str, expected: list[str]) -> None:
    assert paths(argument) == (expected, False)


def test_what_cannot_be_read_may_be_more() -> None:
    assert paths("{ include: { books: { include: more } } }") == (["books"], True)
    assert paths("{ include: { books: more } }") == (["books"], True)


def test_relations_that_nest_without_a_word() -> None:
    text = (
        "import { DataSource } from 'typeorm';\nimport { Shelf } from './shelf';\n"
        "export const show = (source: DataSource) => source.getRepository(Shelf)"
        ".find({ relations: { books: { pages: true }, room: true } });\n"
    )
    (query,) = only(linked({"shelf.ts": ENTITIES, "show.ts": text})).queries
    assert [".".join(eager.path) for eager in query.eager.values()] == ["books", "books.pages", "room"]


def test_what_a_write_gives_back_with_its_row() -> None:
    text = (
        "import { PrismaClient } from '@prisma/client';\nconst client = new PrismaClient();\n"
        "export const add = () =>"
        " client.shelf.create({ data: {}, include: { books: { take: 5, include: { pages: true } } } });\n"
    )
    (query,) = only(linked({"schema.prisma": SCHEMA, "add.ts": text})).queries
    assert [".".join(eager.path) for eager in query.eager.values()] == ["books", "books.pages"]


SHOP = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Tag(models.Model):
        name = models.TextField()

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        tags = models.ManyToManyField(Tag)
    """
LISTS = """
    from django.db.models import Prefetch
    from shop.models import Author, Book, Tag

    NAME = "author"

    def lists(more):
        list(Book.objects.select_related("author").prefetch_related(Prefetch("tags", Tag.objects.order_by("name"))))
        list(Author.objects.prefetch_related(Prefetch("books", queryset=Book.objects.select_related("author"))))
        list(Author.objects.prefetch_related(Prefetch("books", queryset=Book.objects.all(), to_attr="all_books")))
        list(Book.objects.select_related(NAME))
        list(Book.objects.select_related())
        list(Book.objects.prefetch_related(more))
        list(Author.objects.prefetch_related(Prefetch("books", more)))
    """
ORDERS = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.orm import (
        DeclarativeBase, Load, Mapped, Session, defaultload, joinedload, load_only, mapped_column, raiseload,
        relationship, selectinload,
    )

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customer"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        orders: Mapped[list["Order"]] = relationship(back_populates="customer")

    class Order(Base):
        __tablename__ = "order"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
        customer: Mapped[Customer] = relationship(back_populates="orders")

    def lists(session: Session):
        session.scalars(select(Order).options(joinedload(Order.customer)))
        session.scalars(select(Order).options(joinedload(Order.customer).selectinload(Customer.orders)))
        session.scalars(select(Order).options(Load(Order).joinedload(Order.customer).load_only(Customer.name)))
        session.scalars(select(Order).options(load_only(Order.id)))
        session.scalars(select(Order).options(raiseload("*")))
        session.scalars(select(Order).options(defaultload(Order.customer).joinedload(Customer.orders)))
        session.query(Order).options(joinedload("customer").options(selectinload(Customer.orders))).all()
    """


def loads(files: dict[str, str], path: str) -> list[tuple[list[tuple[str, str]], bool]]:
    """What each query loads that is run in a file: the relations, how, and whether there may be more."""
    return [
        ([(".".join(eager.path), eager.strategy) for eager in query.eager.values()], query.eager.open)
        for call in linked(files).calls
        if call.place.path == path and call.trigger != "built"
        for query in call.queries
    ]


def test_relations_by_their_names() -> None:
    assert loads({"shop/models.py": SHOP, "lists.py": LISTS}, "lists.py") == [
        ([("author", "joined"), ("tags", "separate")], False),
        ([("books", "separate"), ("books.author", "joined")], False),
        ([("all_books", "separate")], False),
        ([("author", "joined")], False),
        ([], True),
        ([], True),
        ([("books", "separate")], True),
    ]


def test_relations_by_loaders() -> None:
    assert loads({"orders.py": ORDERS}, "orders.py") == [
        ([("customer", "joined")], False),
        ([("customer", "joined"), ("customer.orders", "separate")], False),
        ([("customer", "joined")], False),
        ([], False),
        ([], True),
        ([("customer.orders", "joined")], False),
        ([("customer", "joined"), ("customer.orders", "separate")], False),
    ]
