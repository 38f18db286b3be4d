"""A text search whose pattern begins with a wildcard, on a column without an index that serves it.

Reported: `LIKE '%…'` and the words that libraries have for it, also where the program puts the pattern together, in
queries whose other conditions are all seen and do not narrow the rows by a column that leads an index.

Not reported: columns that are no text or whose type is not known (an array, a document, a number that is searched as
text), tables of which not every index is known, views, negations (no index serves them), dialects whose databases are
small or have no such index, and a pattern of nothing but wildcards, which asks for every row. Nor tables that need not
grow: what refers to no growing table and to which few others refer is often a list that is kept by hand (plans, kinds,
settings), of which the database reads every row gladly; nor those that the user says are small. A collection whose
references nothing declares is taken to grow where the program makes an index for its searches.

Off by default until findings of more applications were drawn and read: those that were read are right, and few, because
most searches are put together under conditions that are not all seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from typing import NamedTuple

from dblint.facts import spelling
from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.query import (
    And,
    Cast,
    Column,
    Compare,
    Condition,
    Expression,
    Function,
    Not,
    Or,
    Query,
    Value,
    When,
)
from dblint.facts.schema import DOCUMENT_DATABASES, Index, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

_PRISMA = (
    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n'
    "model Author {\n  id Int @id\n  name String\n  shop String\n  books Book[]\n  notes Note[]\n  prizes Prize[]\n"
    "  @@index([shop])\n}\n"
    + "".join(
        f"model {name} {{\n  id Int @id\n  author_id Int\n"
        "  author Author @relation(fields: [author_id], references: [id])\n}\n"
        for name in ("Book", "Note", "Prize")
    )
)
_TABLES = "CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL, code text);\n" + "".join(
    f"CREATE TABLE {name} (id bigint PRIMARY KEY, title text, author_id bigint REFERENCES author (id));\n"
    for name in ("book", "note", "prize")
)

RULE = Rule(
    summary="a text is searched by a pattern that begins with a wildcard, and no index serves that",
    why=(
        "A B-tree is sorted by how texts begin. Where the beginning is a wildcard it cannot be entered, so that every "
        "row is read and compared, on each search, and the time grows with the table. A LIMIT helps only where rows "
        "are found early: a word that is nowhere reads everything."
    ),
    minimal="Give {table} an index that serves a search inside of {columns}: {index}",
    better=(
        "Let the condition on {columns} of {table} begin with the text where users type beginnings (LIKE 'text%'), or "
        "narrow it by an indexed column that every search knows, such as the owner or the tenant."
    ),
    complete=(
        "Search {columns} of {table} by words: a stored tsvector column with a GIN index on PostgreSQL, MATCH … "
        "AGAINST with a FULLTEXT index on MySQL, CONTAINS with an index of Oracle Text, $text with a text index on "
        "MongoDB, or a search engine beside the database."
    ),
    symptoms=("searches become slower as the table grows", "sequential scan in the plan of a search"),
    verify="SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables ORDER BY seq_tup_read DESC",
    verify_on=("postgres",),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("1.1",),
    looks_at="queries with a condition",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models
from django.db.models import Q

class Author(models.Model):
    name = models.CharField(max_length=100, db_index=True)
    code = models.CharField(max_length=10)

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

class Note(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

class Prize(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

def search(word):
    return list(Book.objects.filter(title__icontains=word))  # finding

def by_author(word):
    return list(Book.objects.filter(author__name__contains=word)[:20])  # finding

def either(word):
    return Author.objects.filter(
        Q(name__icontains=word)  # finding
        | Q(code__iendswith=word)
    ).count()
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import ForeignKey, Integer, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

class Prize(Base):
    __tablename__ = "prize"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

def search(session: Session, word: str):
    pattern = f"%{word}%"
    session.scalars(select(Author).where(Author.name.ilike(pattern))).all()  # finding
    session.scalars(select(Author).where(Author.name.like("%" + word))).all()  # finding
    session.query(Author).filter(Author.name.contains(word)).all()  # finding
    session.query(Author).filter(func.lower(Author.name).endswith(word)).all()  # finding
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
import psycopg

def search(connection: psycopg.Connection, word):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM author WHERE name ILIKE %s", (f"%{word}%",))  # finding
        cursor.execute("SELECT id FROM author WHERE name LIKE '%%' || %s", (word,))  # finding
        cursor.execute("SELECT id FROM author a WHERE lower(a.name) LIKE '%%son'")  # finding
""",
            title="SQL",
            files={"migrations/0001_author.sql": _TABLES},
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const search = (word: string) => client.author.findMany({ where: { name: { contains: word } } }); // finding
export const count = (word: string) => client.author.count({ where: { name: { endsWith: word } } }); // finding
""",
            title="Prisma",
            files={"schema.prisma": _PRISMA},
        ),
        Bad(
            "typescript",
            """\
import { Column, Entity, ILike, Index, Like, ManyToOne, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Author {
  @PrimaryColumn('uuid') id: string;
  @Index() @Column('text') name: string;
}

@Entity()
export class Book {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

@Entity()
export class Note {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

@Entity()
export class Prize {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

export async function search(authors: Repository<Author>, word: string) {
  await authors.find({ where: { name: Like('%' + word) } }); // finding
  await authors.findBy({ name: ILike(`%${word}%`) }); // finding
  const found = authors.createQueryBuilder('author').where('author.name LIKE :word', { word: `%${word}%` }); // finding
  await found.getMany();
}
""",
            title="TypeORM",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, ForeignKeyField, IntegerField, Model, PostgresqlDatabase

database = PostgresqlDatabase("shop")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


class Note(Base):
    customer = ForeignKeyField(Customer)


class Address(Base):
    customer = ForeignKeyField(Customer)


def search(word: str):
    return list(Customer.select().where(Customer.name.contains(word)))  # finding
""",
            title="contains() of Peewee",
        ),
        Bad(
            "python",
            """\
from mongoengine import Document, ReferenceField, StringField

class Author(Document):
    name = StringField(required=True)
    code = StringField()
    meta = {"indexes": ["code"]}

class Book(Document):
    author = ReferenceField(Author)

class Note(Document):
    author = ReferenceField(Author)

class Prize(Document):
    author = ReferenceField(Author)

def search(word):
    Author.objects(name__icontains=word).count()  # finding
    Author._get_collection().find_one({"name": {"$regex": "son"}})  # finding
    Author._get_collection().find_one({"name": {"$regex": f".*{word}"}})  # finding
""",
            title="MongoEngine and PyMongo: an expression without an anchor",
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

db = MongoClient("mongodb://server").shop

def prepare():
    db.books.create_index([("author", 1), ("title", 1)])
    db.plans.create_index("name", unique=True)
    db.notes.create_index([("text", "text")])

def search(word, author):
    db.books.find_one({"title": {"$regex": f".*{word}"}})  # finding
    db.books.find_one({"title": {"$regex": f".*{word}"}, "author": author})
    db.notes.find_one({"text": {"$regex": f".*{word}"}})
    db.plans.find_one({"name": {"$regex": f".*{word}"}})
    db.prizes.find_one({"name": {"$regex": f".*{word}"}})
""",
            title="PyMongo: collections for whose searches the program makes indexes",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

class Author(models.Model):
    name = models.CharField(max_length=100)
    shop = models.IntegerField(db_index=True)
    tags = ArrayField(models.CharField(max_length=10))
    data = models.JSONField()
    bio = models.TextField()

    class Meta:
        indexes = [GinIndex(fields=["bio"], name="author_bio", opclasses=["gin_trgm_ops"])]

def search(word, shop, conditions):
    Author.objects.filter(bio__icontains=word).count()
    Author.objects.filter(name__icontains=word, shop=shop).count()
    Author.objects.filter(name__icontains=word, **conditions).count()
    Author.objects.filter(name__startswith=word).count()
    Author.objects.exclude(name__contains=word).count()
    Author.objects.filter(tags__contains=[word]).count()
    Author.objects.filter(data__name__icontains=word).count()
    Author.objects.filter(pk=shop, name__endswith=word).count()
""",
            title="an index that serves it, an indexed column beside it, what is no text",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3
import psycopg

def search(connection: psycopg.Connection, small: sqlite3.Connection, word, pattern):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM author WHERE name LIKE %s", (f"{word}%",))
        cursor.execute("SELECT id FROM author WHERE name LIKE %s", (pattern,))
        cursor.execute("SELECT id FROM author WHERE name LIKE '%%'")
        cursor.execute("SELECT id FROM author WHERE name NOT LIKE '%%son'")
        cursor.execute("SELECT id FROM stranger WHERE name LIKE '%%son'")
        cursor.execute("SELECT id FROM book WHERE title LIKE '%%son'")
        cursor.execute("SELECT id FROM plan WHERE name LIKE '%%son'")
    small.execute("SELECT id FROM author WHERE name LIKE '%son'")
""",
            title="a beginning, a pattern that cannot be seen, an index, tables that are unknown or small",
            files={
                "migrations/0001_author.sql": (
                    _TABLES + "CREATE TABLE plan (id bigint PRIMARY KEY, name text);\n"
                    "CREATE INDEX book_title ON book USING gin (lower(title) gin_trgm_ops);\n"
                )
            },
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const search = (word: string, shop: string, where: object) => [
  client.author.findMany({ where: { name: { startsWith: word } } }),
  client.author.findMany({ where: { name: { contains: word }, shop } }),
  client.author.findMany({ where: { name: { contains: word }, ...where } }),
];
""",
            title="Prisma",
            files={"schema.prisma": _PRISMA},
        ),
        Good(
            "typescript",
            """\
import { Column, Entity, Like, ManyToOne, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Author {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
}

@Entity()
export class Book {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

@Entity()
export class Note {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

@Entity()
export class Prize {
  @PrimaryColumn() id: number;
  @ManyToOne(() => Author) author: Author;
}

export async function search(authors: Repository<Author>, word: string) {
  await authors.find({ where: { name: Like(word + '%') } });
  await authors.find({ where: { id: word, name: Like('%' + word) } });
}
""",
            title="TypeORM",
        ),
        Good(
            "python",
            """\
from mongoengine import Document, ReferenceField, StringField

class Author(Document):
    name = StringField(required=True)
    code = StringField()
    meta = {"indexes": ["code"]}

class Book(Document):
    author = ReferenceField(Author)

class Note(Document):
    author = ReferenceField(Author)

class Prize(Document):
    author = ReferenceField(Author)

def search(word, expression):
    Author.objects(name__startswith=word).count()
    Author.objects(name__icontains=word, code="a").count()
    Author._get_collection().find_one({"name": {"$regex": f"^{word}"}})
    Author._get_collection().find_one({"name": {"$regex": expression}})
""",
            title="documents: an anchor, an indexed field beside it, an expression that cannot be seen",
        ),
    ),
)

_INSIDE = frozenset({"contains", "icontains", "ends-with", "iends-with"})
"""Operators of libraries whose patterns begin with a wildcard."""
_PATTERNS = frozenset({"like", "ilike"})
_EXPRESSIONS = frozenset({"regexp", "iregexp"})
"""Operators of regular expressions: in documents one that begins with a text and no anchor is found anywhere."""
_UPPER = frozenset({"icontains", "iends-with"})
_SCANNING = frozenset(
    "<> not-in is-not is-distinct not-like not-ilike not-between not-regexp not-iregexp not-similar not-glob regexp "
    "iregexp like-any empty".split()
)
"""Operators for which no index is entered, or hardly ever."""
_MANY = 3
"""Tables that refer to one which is more than a list kept by hand."""
_LEVELS = 40
"""How deep conditions are looked into."""
_DIALECTS = frozenset({"", "postgres", "mysql", "oracle", "mongodb"})
"""Dialects of databases that grow and have an index for it; "" stands for any."""
_TEXTS = re.compile(
    r"(?:tiny|medium|long|n)?(?:text|varchar|char|character varying|character)2?(?: *\([^()]*\))?|citext|n?clob|string"
)
_WORDS = frozenset({"fulltext", "context", "ctxcat"})
"""What indexes of words are called: MySQL's, and those of Oracle Text."""
_FOLDING = frozenset({"lower", "upper"})
_WORD = re.compile(r"\w+")


class _Search(NamedTuple):
    """One comparison that begins with a wildcard; `folded`: the function of the column that it compares."""

    table: Table
    column: SchemaColumn
    folded: str
    place: Place | None


def check(project: Project) -> Iterator[Finding]:
    """One finding per query; one that is built once and run in several places is told once."""
    told: set[tuple[Place, str]] = set()
    growing = _growing(project)
    for call in project.calls:
        for query in call.queries:
            for part in (query, *query.parts, *(cte for _, cte in query.ctes)):
                finding = _found(part, call, project, growing)
                if finding is not None and (finding.place, finding.message) not in told:
                    told.add((finding.place, finding.message))
                    yield finding


def places(project: Project) -> Iterator[Place]:
    """The queries that read rows by conditions which are known."""
    for call in project.calls:
        for query in call.queries:
            if (query.dialect or call.dialect) in _DIALECTS and query.verb.reads and query.where.elements:
                if not query.where.open:
                    yield query.place or call.place


def _growing(project: Project) -> Set[str]:
    """The tables that grow with the use of the program: those that many others refer to, and what refers to them. Where
    nothing declares references, those for whose searches the program makes an index."""
    targets = {
        name: {key.target.lower() for key in table.keys if key.kind == "foreign" and key.target.lower() != name}
        for name, table in project.tables.items()
    }
    searched = {
        name
        for name, table in project.tables.items()
        if table.schemaless and any(not index.unique for index in table.indexes)
    }
    referring = Counter(target for each in targets.values() for target in each)
    found = {name for name, number in referring.items() if number >= _MANY}
    pending = list(found)
    behind: dict[str, list[str]] = {}
    for name, each in targets.items():
        for target in each:
            behind.setdefault(target, []).append(name)
    while pending:
        new = [name for name in behind.get(pending.pop(), ()) if name not in found]
        found.update(new)
        pending += new
    return found | searched


def _found(query: Query, call: Call, project: Project, growing: Set[str]) -> Finding | None:
    dialect = query.dialect or call.dialect
    if dialect not in _DIALECTS or query.where.open or not query.verb.reads:
        return None
    conditions = list(query.conjuncts())
    searches = [
        search
        for element in conditions
        for search in _searches(element.value, query, project)
        if search.table.name.lower() in growing and not search.table.small
    ]
    if not searches:
        return None
    if any(element.when is When.ALWAYS and _narrows(element.value, query, project) for element in conditions):
        return None
    spanning = any(len(_tables(element.value, query, project)) > 1 for element in conditions)
    return _finding(searches, query.place or call.place, dialect, spanning=spanning)


def _searches(condition: Condition, query: Query, project: Project, level: int = _LEVELS) -> Iterator[_Search]:
    """The searches in a condition that read every row."""
    if level <= 0:
        return
    if isinstance(condition, Or):
        for part in condition.parts:
            yield from _searches(part, query, project, level - 1)
    elif isinstance(condition, And):
        if not any(_narrows(part, query, project) for part in condition.parts):
            for part in condition.parts:
                yield from _searches(part, query, project, level - 1)
    elif isinstance(condition, Compare) and _begins_with_a_wildcard(condition, documents=_in_documents(query)):
        column, folded = _searched(condition)
        owner = _owner(column, query, project) if column is not None else None
        if column is None or owner is None:
            return
        table, known = owner
        if table.complete and not table.view and _is_text(table, known) and not _serving(table, known):
            yield _Search(table, known, folded, column.place or condition.handed)


def _begins_with_a_wildcard(condition: Compare, *, documents: bool) -> bool:
    if condition.operator in _INSIDE:
        return True
    right = condition.right
    if documents and condition.operator in _EXPRESSIONS and isinstance(right, Value):
        begins = right.text if right.kind == "string" else right.begins
        return bool(begins) and not begins.startswith("^")
    if condition.operator not in _PATTERNS:
        return False
    if isinstance(right, Function) and right.name in ("||", "concat") and right.arguments:
        first = right.arguments[0]
        return isinstance(first, Value) and first.kind == "string" and first.text.startswith("%")
    if not isinstance(right, Value):
        return False
    if right.kind == "string":
        return right.text.startswith("%") and bool(right.text.strip("%"))
    return right.begins.startswith("%")


def _in_documents(query: Query) -> bool:
    return query.dialect in DOCUMENT_DATABASES


def _searched(condition: Compare) -> tuple[Column | None, str]:
    """The column that is searched, and the function of it that stands in the comparison."""
    left: Expression = condition.left
    folded = "upper" if condition.operator in _UPPER else ""
    while isinstance(left, Cast) or (isinstance(left, Function) and left.name in _FOLDING and len(left.arguments) == 1):
        if isinstance(left, Cast):
            left = left.expression
        else:
            folded = folded or left.name
            left = left.arguments[0]
    return (left if isinstance(left, Column) else None), folded


def _owner(column: Column, query: Query, project: Project) -> tuple[Table, SchemaColumn] | None:
    """The table and the column that are meant, None where that cannot be said."""
    sources = [source for source in query.sources.values() if source.real and source.name]
    if column.relation:
        table = project.table(sources[0].name) if sources else None
        for name in column.relation:
            relation = table.relation(name) if table is not None else None
            table = project.table(relation.target) if relation is not None else None
    else:
        if column.table:
            sources = [source for source in sources if column.table in (source.alias, source.name, source.model)]
        tables = [project.table(source.name) for source in sources]
        if None in tables:
            return None
        having = [table for table in tables if table is not None and table.column(column.name) is not None]
        table = having[0] if len(having) == 1 else None
    known = table.column(column.name) if table is not None else None
    return (table, known) if table is not None and known is not None else None


def _is_text(table: Table, column: SchemaColumn) -> bool:
    """Whether a column holds texts; of what no schema has, a pattern finds nothing else."""
    if table.schemaless and not column.type:
        return True
    return not column.enum and not column.choices and _TEXTS.fullmatch(column.type) is not None


def _serving(table: Table, column: SchemaColumn) -> bool:
    """Whether an index serves searches inside of the column's texts: of trigrams or words."""
    return any(_serves(index, column.name) for index in table.indexes)


def _serves(index: Index, column: str) -> bool:
    of_words = index.method in _WORDS
    return any(
        (of_words or "trgm" in part.operator_class or "bigm" in part.operator_class or _of_words(part.name))
        and (part.name == column or column in _WORD.findall(part.name))
        for part in index.columns
    )


def _of_words(expression: str) -> bool:
    return "tsvector" in expression.lower()


def _narrows(condition: Condition, query: Query, project: Project) -> bool:
    """Whether an index is entered by a condition; also where that cannot be said."""
    if isinstance(condition, And):
        return any(_narrows(part, query, project) for part in condition.parts)
    if isinstance(condition, Or):
        return all(_narrows(part, query, project) for part in condition.parts)
    if isinstance(condition, Not):
        return False
    if not isinstance(condition, Compare):
        return True
    if condition.operator in _SCANNING - (_EXPRESSIONS if _in_documents(query) else frozenset()):
        return False
    if isinstance(condition.left, Value):
        return False
    column, _ = _searched(condition)
    owner = _owner(column, query, project) if column is not None else None
    if owner is None:
        return True
    table, known = owner
    if _begins_with_a_wildcard(condition, documents=_in_documents(query)):
        return _serving(table, known)
    return not table.complete or _leads(table, known)


def _leads(table: Table, column: SchemaColumn) -> bool:
    """Whether the column is the first of a key or an index, or an index is made of an expression of it."""
    if any(key.columns[:1] == (column.name,) for key in table.keys if key.kind in ("primary", "unique")):
        return True
    return any(
        column.name == first.name or (first.expression and column.name in _WORD.findall(first.name))
        for index in table.indexes
        for first in index.columns[:1]
    )


def _tables(condition: Condition, query: Query, project: Project) -> set[str]:
    """The tables whose columns stand in an OR."""
    if not isinstance(condition, Or):
        return set()
    pending = list(condition.parts)
    found: set[str] = set()
    while pending:
        part = pending.pop()
        if isinstance(part, And | Or):
            pending.extend(part.parts)
        elif isinstance(part, Compare):
            column, _ = _searched(part)
            owner = _owner(column, query, project) if column is not None else None
            found |= {owner[0].name} if owner is not None else set()
    return found


def _finding(searches: list[_Search], place: Place, dialect: str, *, spanning: bool) -> Finding:
    tables: dict[str, dict[str, _Search]] = {}
    for search in searches:
        tables.setdefault(search.table.name, {}).setdefault(search.column.name, search)
    listed = " and ".join(f"{', '.join(columns)} of {name}" for name, columns in tables.items())
    several = len(tables) > 1 or len(next(iter(tables.values()))) > 1
    indexes = spelling.search_indexes(
        {
            (name, next(iter(columns.values())).table.schema): {key: each.folded for key, each in columns.items()}
            for name, columns in tables.items()
        },
        dialect,
    )
    union = " An OR over several tables enters no index: ask each of them by itself and join the keys with UNION."
    return Finding(
        searches[0].place or place,
        f"{listed} {'are' if several else 'is'} searched by a pattern that begins with a wildcard, which no index "
        "serves: every row is read",
        names={
            "table": " and ".join(tables),
            "columns": ", ".join(dict.fromkeys(search.column.name for search in searches)),
            "index": indexes + (union if spanning else ""),
        },
    )
