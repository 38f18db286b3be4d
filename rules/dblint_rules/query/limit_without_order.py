"""A number of rows is asked for, and nothing says which.

Paging (an offset) is the worst case: each page is sorted anew, so rows come twice and others never. A limit alone gives
an arbitrary part of the rows that it cuts off.

Not reported: one row (`LIMIT 1`: a look-up by what the program holds to be unique, a probe, a table with a single row;
which of them is meant is not said by the source); two rows (a probe for more than one); limits of a thousand and more
(a guard) and different values (DISTINCT: a sample), unless they are paged through; rows found by a unique key;
aggregates over all rows; constants instead of columns; rows that the same function deletes or updates, or that are
taken with SKIP LOCKED (any of them will do, and the next round takes the others); loops that end when no row comes;
rows of a nested query, which may be sorted there; and every order that cannot be said.

Off by default: too few findings were met to draw from (most pages of real programs are sorted, by the query or by what
the model's library adds), so that their precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import Call, FileRole, Nature
from dblint.facts.project import Project
from dblint.facts.query import Bound, Clause, Column, Compare, Function, Query, Value, Verb
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a limited number of rows is read in no order",
    why=(
        "Without ORDER BY a database gives rows in the order in which it happens to find them: by the index it chose, "
        "by where an update has put them, by which parallel worker was first. A limit then cuts off whichever rows "
        "come last. With an offset it is worse: the order may change between two pages, so some rows are shown "
        "twice and others never, and nothing fails."
    ),
    minimal="Sort the rows of {table} before they are cut off: ORDER BY {key}.",
    better=(
        "Sort {table} by what the reader expects (newest first, by name), with {key} as the last sort key, so that "
        "equal values have an order, too."
    ),
    complete=(
        "Page through {table} by the last sort key that was seen (WHERE {key} > … ORDER BY {key} LIMIT …) on an index "
        "that holds the sort keys: no page changes under the reader, and no skipped row is read."
    ),
    symptoms=("a row is on two pages", "a row is on no page", "the first rows differ between two replicas"),
    verify="SELECT calls, query FROM pg_stat_statements WHERE query ILIKE '%limit%' AND query NOT ILIKE '%order by%'",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="queries with a limit or an offset",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def page(connection: sqlite3.Connection, size, start):
    return connection.execute("SELECT id FROM invoice LIMIT ? OFFSET ?", (size, start)).fetchall()  # finding

def some(connection: sqlite3.Connection):
    return connection.execute("SELECT id, total FROM invoice WHERE paid = 0 LIMIT 20").fetchall()  # finding
""",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    total = models.IntegerField()

    class Meta:
        ordering = ["-id"]

def page(start):
    return list(Customer.objects.filter(name="x")[start : start + 50])  # finding

def largest():
    return list(Invoice.objects.order_by()[:10])  # finding
""",
            title="Django: a slice; an order that is taken away",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Column, Integer, String, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    region = Column(String)

def page(session: Session, start):
    return session.query(Customer).offset(start).limit(50).all()  # finding

def some(session: Session):
    return session.scalars(select(Customer).where(Customer.region == "north").limit(10)).all()  # finding
""",
            title="SQLAlchemy",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export const page = (size: number, start: number) =>
  pool.query('SELECT id, name FROM customer LIMIT $1 OFFSET $2', [size, start]); // finding
""",
        ),
        Bad(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  region: string;
}

export const page = (source: DataSource, skip: number) =>
  source.getRepository(Customer).find({ where: { region: 'north' }, skip, take: 50 }); // finding
""",
            title="TypeORM",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


def page(number: int):
    return list(Invoice.select().paginate(number, 20))  # finding
""",
            title="pages of Peewee",
        ),
        Bad(
            "python",
            """\
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.database import Database

def page(db: Database, start):
    return list(db.orders.find({"open": True}).skip(start).limit(50))  # finding

async def listed(db: AsyncIOMotorDatabase, start):
    return await db.orders.find({"open": True}, skip=start, limit=50).to_list()  # finding

def joined(db: Database, start):
    return list(db.orders.aggregate([{"$match": {"open": True}}, {"$skip": start}, {"$limit": 50}]))  # finding
""",
            title="PyMongo and Motor",
        ),
        Bad(
            "python",
            """\
import beanie
import mongoengine

class Invoice(mongoengine.Document):
    total = mongoengine.IntField()

class Order(beanie.Document):
    total: int

def page(start):
    return list(Invoice.objects(total__gt=3).skip(start).limit(50))  # finding

async def orders(start):
    return await Order.find(Order.total > 3).skip(start).limit(50).to_list()  # finding
""",
            title="MongoEngine and Beanie",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def page(connection: sqlite3.Connection, size, start):
    return connection.execute("SELECT id FROM invoice ORDER BY id LIMIT ? OFFSET ?", (size, start)).fetchall()

def one(connection: sqlite3.Connection, number):
    connection.execute("SELECT id FROM invoice WHERE number = ? LIMIT 1", (number,)).fetchone()
    connection.execute("SELECT 1 FROM invoice WHERE paid = 0 LIMIT 5").fetchone()
    connection.execute("SELECT count(*), max(total) FROM invoice LIMIT 10").fetchone()
    connection.execute("SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM invoice i WHERE i.c = c.id LIMIT 5)")
    connection.execute("SELECT id FROM (SELECT id FROM invoice ORDER BY total) i LIMIT 5")
    connection.execute("SELECT id FROM invoice ORDER BY random() LIMIT 5")
    connection.execute("SELECT name FROM sqlite_master LIMIT 5")

def purge(connection: sqlite3.Connection):
    while rows := connection.execute("SELECT id FROM event WHERE old LIMIT 500").fetchall():
        connection.executemany("DELETE FROM event WHERE id = ?", rows)
""",
            title="ordered; one row; a probe; one row of aggregates; random; batches of a job",
        ),
        Good(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

    class Meta:
        ordering = ["name"]

class Invoice(models.Model):
    total = models.IntegerField()

def page(start):
    return list(Customer.objects.all()[start : start + 50]), list(Invoice.objects.order_by("total", "pk")[:10])

def one():
    return Invoice.objects.first(), Invoice.objects.filter(total=0)[0]
""",
            title="Django: the model's order; what first() sorts by",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

def page(session: Session, start):
    return session.query(Customer).order_by(Customer.id).offset(start).limit(50).all()

def work(session: Session):
    return session.scalars(select(Customer).where(Customer.id == 5).limit(10)).all()
""",
            title="SQLAlchemy",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const page = (skip: number) => client.customer.findMany({ where: { region: 'north' }, skip, take: 50 });
""",
            title="Prisma sorts by the primary key what is limited",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  region String\n}\n"
                )
            },
        ),
        Good(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  region: string;
}

export const page = (source: DataSource, skip: number) =>
  source.getRepository(Customer).find({ order: { region: 'ASC', id: 'ASC' }, skip, take: 50 });
""",
            title="TypeORM",
        ),
        Good(
            "python",
            """\
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


def page(number: int):
    return list(Invoice.select().order_by(Invoice.number, Invoice.id).paginate(number, 20))
""",
            title="pages of Peewee in order",
        ),
        Good(
            "python",
            """\
from beanie import Document
from mongoengine import Document as Stored, IntField
from pymongo.database import Database

class Invoice(Stored):
    total = IntField()
    meta = {"ordering": ["total"]}

class Order(Document):
    total: int

def page(db: Database, start):
    sorted_ = list(db.orders.find({"open": True}).sort("_id").skip(start).limit(50))
    drawn = list(db.orders.aggregate([{"$sample": {"size": 50}}]))
    return sorted_, drawn, list(Invoice.objects.skip(start).limit(50))

async def orders(start):
    return await Order.find(Order.total > 3).sort(-Order.total).skip(start).limit(50).to_list()
""",
            title="sorted documents, and those that are drawn",
        ),
    ),
)

_MANY = 3
"""From how many rows on it matters which they are; fewer are a probe or a look-up."""
_GUARD = 1_000
"""From how many rows on a limit keeps the program from reading too many, and chooses none."""
_ROUNDS = frozenset({Nature.PAGE, Nature.POLL, Nature.RETRY})
_OVER_ALL = frozenset(
    "count sum avg min max total every bool_and bool_or array_agg string_agg group_concat json_agg jsonb_agg".split()
)
_TAKES = frozenset({Verb.UPDATE, Verb.DELETE, Verb.MERGE})


def check(project: Project) -> Iterator[Finding]:
    """One finding per statement whose outermost rows are cut off in no order, also where one call is given its text
    and another runs it."""
    taken: dict[str, set[str]] | None = None
    told: set[Place] = set()
    for call in project.calls:
        for query in call.queries:
            if not _cut(query) or not _unsorted(query):
                continue
            taken = _taken(project) if taken is None else taken
            if _any_will_do(query, call, taken.get(call.function, set())) or _by_key(query, project):
                continue
            place = query.place or call.place
            if place not in told:
                told.add(place)
                yield _finding(query, call, project)


def places(project: Project) -> Iterator[Place]:
    """The queries that leave out rows by their number."""
    for call in project.calls:
        for query in call.queries:
            if _cut(query):
                yield query.place or call.place


def _cut(query: Query) -> bool:
    """Whether rows are left out by their number, and enough of them are read."""
    if query.verb is not Verb.SELECT or query.expects in ("one", "unique"):
        return False
    if any(bound.number != 0 for bound in query.offset.values()):
        return True
    numbers = [bound.number for bound in query.limit.values()]
    return not query.distinct and any(number is None or _MANY <= number < _GUARD for number in numbers)


def _unsorted(query: Query) -> bool:
    """Whether it is known that nothing sorts the rows, at least sometimes. Of two orders that stand sometimes, one may
    stand where the other does not; and an order may come and go with its limit."""
    order = query.order
    if order.surely_absent():
        return True
    return order.sometimes() and len(order.elements) == 1 and (query.limit.surely() or query.offset.surely())


def _taken(project: Project) -> dict[str, set[str]]:
    """Function → the tables of which it changes or removes rows; "" where that cannot be said."""
    taken: dict[str, set[str]] = {}
    for call in project.calls:
        tables = {query.table.lower() for query in call.queries if query.verb in _TAKES}
        if tables:
            taken.setdefault(call.function, set()).update(tables)
    return taken


def _any_will_do(query: Query, call: Call, taken: set[str]) -> bool:
    """Whether the statement has rows of its own, of which any will do, or whose number is all that counts."""
    sources = list(query.sources.values())
    if query.sources.open or not sources or not sources[0].real or sources[0].of_catalogue:
        return True
    if "" in taken or query.table.lower() in taken or any("skip locked" in lock for lock in query.locks.values()):
        return True
    if any(frame.kind == "loop" and frame.nature in _ROUNDS for frame in call.frames) and not query.offset.possibly():
        return True
    made = list(query.projection.values())
    if not made or query.projection.open:
        return False
    if all(isinstance(each, Value) for each in made):
        return True
    over_all = any(isinstance(each, Function) and each.name in _OVER_ALL for each in made)
    return over_all and not query.grouping.possibly()


def _by_key(query: Query, project: Project) -> bool:
    """Whether the conditions name at most one row."""
    table = project.table(query.table)
    if table is None:
        return False
    equal = {
        condition.left.name.lower()
        for element in query.conjuncts()
        if isinstance(condition := element.value, Compare)
        and condition.operator == "="
        and isinstance(condition.left, Column)
        and not condition.left.relation
    }
    return any(key and {name.lower() for name in key} <= equal for key in table.unique_sets())


def _finding(query: Query, call: Call, project: Project) -> Finding:
    table = query.table
    paged = query.offset.possibly()
    sometimes = "" if query.order.surely_absent() else " whenever the condition of its ORDER BY does not hold"
    what = (
        f"pages through {table} without an order{sometimes}: rows may be on two pages, others on none"
        if paged
        else f"reads {_number(query.limit)} of {table} without an order{sometimes}: which ones is left to the database"
    )
    known = project.table(table)
    return Finding(
        query.place if call.text is not None and query.place is not None else call.place,
        what,
        names={"table": table, "key": _key(known, query.dialect)},
        sub="page" if paged else "",
    )


def _number(limit: Clause[Bound]) -> str:
    numbers = [bound.number for bound in limit.values()]
    return f"{numbers[0]} rows" if len(numbers) == 1 and numbers[0] is not None else "some rows"


def _key(table: Table | None, dialect: str) -> str:
    """The primary key's columns, as they stand in an ORDER BY."""
    keys = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
    return ", ".join(spelling.name(column, dialect) for column in keys[0]) if keys else "its primary key"
