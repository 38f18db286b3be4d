"""Application code reads every row of a table that it keeps adding to.

Said only where all of it is known: no condition, no limit and no grouping at any time; rows and not an aggregate; one
stored table to which the program's own code adds rows, each of which belongs to a row of another table (it has a
foreign key that is never empty), which those of look-up and settings tables do not.

Not reported: tables that the user says are small; statements written as text (whether the driver hands over all rows or
a few at a time is not said by any fact); streams and iterators; reads that keep distinct values; what a memoised
function keeps; conditions of any kind, also those that hold only sometimes; reads of scripts, migrations and seeds;
functions that also remove rows of the table (a job that works through it); calls that may run another query instead,
with conditions (what a user may see).

Off by default: how large a table becomes is not in the source, and whether a function answers a request is not said by
any fact yet, so what is reported are also nightly jobs and tables that stay small for other reasons. Fewer than half of
the first few findings that were read were right without dispute.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Column, Function, Query, Verb, When
from dblint.facts.schema import DOCUMENT_DATABASES, DOCUMENT_KEY, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule
from dblint_rules.query._owners import refers

RULE = Rule(
    summary="all rows of a growing table are read at once",
    why=(
        "The table has a handful of rows when the code is written, and one more with every order, message or upload. "
        "Each request then reads, sends and holds all of them: it gets slower every week without a change in the "
        "program, until a worker runs out of memory or the request out of time."
    ),
    minimal="Read a page of {table}: ORDER BY {key} with a limit.",
    better="Ask only for the rows of {table} that the caller may see and needs (a condition on {reference}).",
    complete=(
        "Page through {table} by {key} (WHERE {key} > … ORDER BY {key} LIMIT …), refuse page sizes over a maximum, and "
        "let jobs that need every row read them as a stream, a few at a time."
    ),
    symptoms=("a list gets slower every week", "a worker is killed for its memory", "responses of many megabytes"),
    verify="SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY n_live_tup DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="medium",
    default=False,
    checklist=("1.3",),
    looks_at="queries of lists through the calls of a library",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()

def issue(customer, total):
    return Invoice.objects.create(customer=customer, total=total)

def totals():
    return [invoice.total for invoice in Invoice.objects.all()]  # finding
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"), nullable=False)

def issue(session: Session, customer):
    session.execute("INSERT INTO invoice (customer_id) VALUES (:customer)", {"customer": customer})

def invoices(session: Session):
    return session.query(Invoice).order_by(Invoice.id).all()  # finding
""",
            title="SQLAlchemy: sorted, and all the same",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const issue = (customerId: number) => client.invoice.create({ data: { customerId } });

export const invoices = () => client.invoice.findMany(); // finding
""",
            title="Prisma",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  invoices Invoice[]\n}\n"
                    "model Invoice {\n  id Int @id @default(autoincrement())\n  customerId Int\n"
                    "  customer Customer @relation(fields: [customerId], references: [id])\n}\n"
                )
            },
        ),
        Bad(
            "typescript",
            """\
import { DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Customer, { nullable: false })
  customer: Customer;
}

export const issue = (source: DataSource, customer: Customer) =>
  source.getRepository(Invoice).save({ customer });

export const invoices = (source: DataSource) => source.getRepository(Invoice).find(); // finding
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


def add(customer: int, number: int):
    Invoice.create(customer=customer, number=number)


def numbers():
    return [invoice.number for invoice in Invoice.select()]  # finding
""",
            title="every row of Peewee",
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

db = MongoClient().shop

def issue(customer_id, total):
    db.orders.insert_one({"customer_id": customer_id, "total": total})

def orders():
    return list(db.orders.find())  # finding

def totals():
    return [order["total"] for order in db.orders.find({}, {"total": 1}).sort("total")]  # finding
""",
            title="PyMongo: every order is given a customer",
        ),
        Bad(
            "python",
            """\
from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    name = fields.CharField(max_length=80)
    invoices: fields.ReverseRelation["Invoice"]


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices", db_index=True)
    number = fields.IntField()


async def add(customer: int, number: int):
    await Invoice.create(customer_id=customer, number=number)


async def numbers():
    return [invoice.number for invoice in await Invoice.all()]  # finding
""",
            title="every row of Tortoise",
        ),
        Bad(
            "python",
            """\
from mongoengine import Document, IntField, ReferenceField, StringField

class Customer(Document):
    name = StringField()

class Invoice(Document):
    customer = ReferenceField(Customer, required=True)
    total = IntField()

def issue(customer, total):
    return Invoice(customer=customer, total=total).save()

def totals():
    return [invoice.total for invoice in Invoice.objects]  # finding
""",
            title="MongoEngine",
        ),
        Bad(
            "python",
            """\
from beanie import Document, Link

class Customer(Document):
    name: str

class Invoice(Document):
    customer: Link[Customer]
    total: int

async def issue(customer, total):
    await Invoice(customer=customer, total=total).insert()

async def invoices():
    return await Invoice.find_all().to_list()  # finding
""",
            title="Beanie",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.db import models

class Country(models.Model):
    name = models.TextField()

class Customer(models.Model):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

class Warehouse(models.Model):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

def register(country):
    return Customer.objects.create(country=country)

def add(name):
    return Country.objects.create(name=name)

def read(country, start):
    countries = list(Country.objects.all())
    warehouses = list(Warehouse.objects.all())
    page = list(Customer.objects.order_by("pk")[start : start + 50])
    own = list(Customer.objects.filter(country=country))
    return countries, warehouses, page, own, Customer.objects.count(), Customer.objects.first()

def export(write):
    for customer in Customer.objects.iterator():
        write(customer)

def purge():
    for customer in Customer.objects.all():
        customer.delete()
    Customer.objects.all().delete()
""",
            title="look-ups; a table that nobody adds to; pages, conditions, counts, streams; a job that removes rows",
            path="shop/models.py",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const issue = (customerId: number) => client.invoice.create({ data: { customerId } });

export const invoices = (customerId: number, take: number) =>
  client.invoice.findMany({ where: { customerId }, take });

export const latest = () => client.invoice.findFirst();
""",
            title="Prisma",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  invoices Invoice[]\n}\n"
                    "model Invoice {\n  id Int @id @default(autoincrement())\n  customerId Int\n"
                    "  customer Customer @relation(fields: [customerId], references: [id])\n}\n"
                )
            },
        ),
        Good(
            "python",
            """\
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import MongoClient

db = MongoClient().shop

def issue(customer_id, total):
    db.orders.insert_one({"customer_id": customer_id, "total": total})
    db.kinds.insert_one({"name": "retail"})

def read(customer_id):
    page = list(db.orders.find().sort("_id").limit(50))
    own = list(db.orders.find({"customer_id": customer_id}))
    sums = list(db.orders.aggregate([{"$group": {"_id": "$customer_id", "sum": {"$sum": "$total"}}}]))
    return page, own, sums, list(db.kinds.find()), db.orders.find_one(), db.orders.distinct("customer_id")

async def pages(db: AsyncIOMotorDatabase):
    return await db.orders.find().to_list(length=50)
""",
            title="collections: pages, filters, counts, groups; one that nothing says of what it holds",
        ),
    ),
)

_ADDS = frozenset({Verb.INSERT, Verb.UPSERT, Verb.MERGE})


def check(project: Project) -> Iterator[Finding]:
    """One finding per call that surely reads a whole table which is known to grow."""
    reads = [
        (call, query)
        for call in project.calls
        if call.text is None and call.role is FileRole.APP and not call.memoised
        if all(_whole(query, project.table(query.table)) for query in call.queries)
        for query in call.queries
    ]
    if not reads:
        return
    added, removed, given = _written(project)
    for call, query in reads:
        table = project.table(query.table)
        name = query.table.lower()
        documents = table is None and query.dialect in DOCUMENT_DATABASES  # nothing need declare a collection
        if (
            name not in added
            or (table is None and not documents)
            or (table is not None and (table.view or table.small))
        ):
            continue
        reference = _reference(table) if table is not None else min(given.get(name, ()), default="")
        if not reference or name in removed.get(call.function, ()):
            continue
        dialect = query.dialect
        yield Finding(
            call.place,
            f"every row of {query.table} is read at once; the program adds rows to it, and nothing limits how many",
            names={
                "table": query.table,
                "key": _key(table, dialect) if table is not None else DOCUMENT_KEY,
                "reference": spelling.name(reference, dialect),
            },
        )


def places(project: Project) -> Iterator[Place]:
    """The reads of more than one row that a library makes of calls."""
    for call in project.calls:
        for query in call.queries:
            if call.text is None and query.verb is Verb.SELECT and query.expects not in ("one", "unique"):
                yield call.place


def _whole(query: Query, table: Table | None) -> bool:
    """Whether all rows of one stored table are read, with nothing that could leave some of them out."""
    if query.verb is not Verb.SELECT or query.expects in ("one", "unique", "stream") or query.distinct:
        return False
    sources = list(query.sources.values())
    if query.sources.open or len(sources) != 1 or not sources[0].real or sources[0].of_catalogue:
        return False
    absent = (query.where, query.limit, query.offset, query.having, query.locks)
    if not all(clause.surely_absent() for clause in absent) or query.parts or query.ctes:
        return False
    if query.grouping.possibly():
        return _each(query, table)
    # Aggregates give one row; what is computed beside columns is computed of each.
    made = list(query.projection.values())
    return not made or not all(isinstance(one, Function) for one in made)


def _each(query: Query, table: Table | None) -> bool:
    """Whether each row is a group of its own: they are grouped by the table's key."""
    groups = {made.name for made in query.grouping.values() if isinstance(made, Column) and not made.relation}
    return table is not None and any(key.kind == "primary" and groups.issuperset(key.columns) for key in table.keys)


def _written(project: Project) -> tuple[set[str], dict[str, set[str]], dict[str, set[str]]]:
    """The tables to which application code adds rows, function → the tables from which it removes them, and by table
    the columns that are named like references and that every row gets."""
    added: set[str] = set()
    removed: dict[str, set[str]] = {}
    given: dict[str, set[str]] = {}
    for call in project.calls:
        for query in call.queries:
            if query.verb in _ADDS and call.role is FileRole.APP:
                name = query.table.lower()
                added.add(name)
                references = {
                    element.value.column
                    for element in query.assignments.elements
                    if element.when is When.ALWAYS and refers(element.value.column, name)
                }
                given[name] = given.get(name, references) & references
            elif query.verb is Verb.DELETE:
                removed.setdefault(call.function, set()).add(query.table.lower())
    return added, removed, given


def _reference(table: Table) -> str:
    """A column that says to which row of another table a row belongs; "" where there is none. One that may be empty
    says something else: who changed a setting last."""
    for key in table.keys:
        if key.kind == "foreign" and key.columns and key.target.lower() != table.name.lower():
            column = table.column(key.columns[0])
            if column is not None and column.nullable is False:
                return column.name
    return ""


def _key(table: Table, dialect: str) -> str:
    keys = [key.columns for key in table.keys if key.kind == "primary"]
    return ", ".join(spelling.name(column, dialect) for column in keys[0]) if keys else "its primary key"
