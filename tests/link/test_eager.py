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
