"""Rows that are loaded only to be counted.

Not reported: rows of which the program needs any for something else, also later or in another function; what is read
with a limit, by a key, or with a lock; of rows whose keys the program has in a list (a key of several columns, of which
the query asks for one value each but for the listed one), no more than these keys; relations whose rows may have been
loaded before; tables that hold few rows by the configuration; what a store keeps; functions that nothing in a whole
program names; sets that are made of rows, whose size is another number; and rows that a cursor gives in a second call
(`cursor.execute(…)`, `cursor.fetchall()`), unless that is surely the next use of the cursor.

Rows that are loaded only to see whether there is one are `query/rows-for-existence`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Query, Value, When
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule
from dblint_rules.query._taken import finding, lists, one_at_most, reads

_SCHEMA = {
    "schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        "model Invoice {\n  id Int @id\n  paid Boolean\n}\n"
    )
}

RULE = Rule(
    summary="rows are loaded only to be counted",
    why=(
        "Every row is read, sent and made into an object, and then only their number is used. A count is one row, "
        "whatever the table holds, and often comes from an index alone."
    ),
    minimal="Let the database count the rows of {table}: SELECT count(*) with the same conditions.",
    better="Where the number of rows of {table} is compared with a bound, read no more of them than that (LIMIT).",
    complete="Keep the number beside what it belongs to, and change it where rows of {table} are added and removed.",
    symptoms=(
        "a number on a page takes as long as the list",
        "memory grows with a table of which only a total is shown",
    ),
    verify="SELECT calls, rows / calls AS rows_per_call, query FROM pg_stat_statements WHERE calls > 0 "
    "ORDER BY rows / calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("1.3",),
    looks_at="queries that read lists of rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Shop(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    paid = models.BooleanField()

def open_invoices():
    return {"open": len(Invoice.objects.filter(paid=False))}  # finding

def told(write):
    invoices = Invoice.objects.filter(paid=False)
    if invoices:  # finding
        write(invoices.count())

def of_one(shop):
    return len(Invoice.objects.filter(shop=shop))  # finding

def of_several(shops):
    return len(Invoice.objects.filter(shop__in=shops))  # finding

def all_there(numbers):
    return len(Invoice.objects.filter(pk__in=numbers)) == len(numbers)  # finding

def of_a_query():
    return len(Invoice.objects.filter(pk__in=Invoice.objects.filter(paid=True)))  # finding

def report(write):
    invoices = Invoice.objects.filter(paid=True)
    if invoices:  # finding
        write(f"{len(invoices)} paid")

def total():
    return len(list(Invoice.objects.values_list("pk", flat=True)))  # finding
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    paid = Column(Boolean)

def legacy(session: Session):
    return len(session.query(Invoice).filter(Invoice.paid).all())  # finding

def current(session: Session):
    rows = session.execute(select(Invoice).where(Invoice.paid)).scalars().all()  # finding
    return {"paid": len(rows)}

async def asynchronous(session: AsyncSession):
    rows = (await session.scalars(select(Invoice))).all()  # finding
    number = len(rows)
    return number
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Invoice(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    paid = db.Column(db.Boolean)

def paid():
    return len(Invoice.query.filter_by(paid=True).all())  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from sqlmodel import Field, Session, SQLModel, select

class Invoice(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    paid: bool

def paid(session: Session):
    invoices = session.exec(select(Invoice).where(Invoice.paid)).all()  # finding
    return len(invoices)
""",
            title="SQLModel",
        ),
        Bad(
            "python",
            """\
import sqlite3

def paid(connection: sqlite3.Connection):
    return len(connection.execute("SELECT id FROM invoice WHERE paid").fetchall())  # finding

class Ledger:
    def __init__(self, connection: sqlite3.Connection):
        self.cursor = connection.cursor()

    def unpaid(self):
        self.cursor.execute("SELECT id FROM invoice WHERE NOT paid")  # finding
        return len(self.cursor.fetchall())
""",
            title="a driver",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function paid() {
  const invoices = await client.invoice.findMany({ where: { paid: true } }); // finding
  return { paid: invoices.length };
}

export const all = async () => (await client.invoice.findMany()).length; // finding
""",
            title="Prisma",
            files=_SCHEMA,
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField(unique=True)

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invoices")
    number = models.IntegerField()

def counted():
    return Invoice.objects.count()

def shown(write):
    invoices = Invoice.objects.order_by("number")
    write(len(invoices))
    for invoice in invoices:
        write(invoice.number)

def returned():
    invoices = Invoice.objects.all()
    if len(invoices) > 100:
        raise ValueError(len(invoices))
    return invoices

def passed(render):
    invoices = list(Invoice.objects.all())
    return render(invoices=invoices, total=len(invoices))

def first_page(size):
    return len(Invoice.objects.all()[:size])

def loaded_before(customers):
    return [len(customer.invoices.all()) for customer in customers]

def of_one(customer, write):
    invoices = Invoice.objects.filter(customer=customer)
    if invoices:
        write(invoices.count())

def by_key(name):
    return len(Customer.objects.filter(name=name))

def all_there(numbers):
    return len(Invoice.objects.filter(pk__in=numbers).values_list("pk", flat=True)) == len(numbers)

def locked():
    return len(Invoice.objects.select_for_update())

def numbers():
    return len(set(Invoice.objects.values_list("number", flat=True)))

class Ledger:
    def __init__(self):
        self.invoices = Invoice.objects.all()

    def __len__(self):
        return len(self.invoices)
""",
            title="rows that are needed; pages, keys, locks; relations that may be loaded; what an object keeps",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Column, Integer, func, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)

def counted(session: Session):
    return session.scalar(select(func.count()).select_from(Invoice)), session.query(Invoice).count()

def needed(session: Session):
    rows = session.scalars(select(Invoice)).all()
    return {"total": len(rows), "rows": [row.id for row in rows]}

def moved(session: Session, invoices):
    found = session.scalars(select(Invoice.id).where(Invoice.id.in_([one.id for one in invoices]))).all()
    if len(found) != len(invoices):
        raise ValueError(len(found))

def page(session: Session):
    return len(session.scalars(select(Invoice).limit(20)).all())
""",
            title="SQLAlchemy",
        ),
        Good(
            "python",
            """\
import sqlite3

def shown(connection: sqlite3.Connection, write):
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM invoice")
    rows = cursor.fetchall()
    write(len(rows), rows)

def some(connection: sqlite3.Connection, first):
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM invoice")
    if first:
        return cursor.fetchone()
    return len(cursor.fetchall())

def others(connection: sqlite3.Connection):
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM invoice")
    row = cursor.fetchone()
    return row, len(cursor.fetchall())

def counted(connection: sqlite3.Connection):
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM invoice WHERE paid")
    cursor.execute("SELECT count(*) FROM invoice")
    return cursor.fetchone()[0]
""",
            title="a driver: rows that are needed",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function paid() {
  const invoices = await client.invoice.findMany({ where: { paid: true } });
  return { total: invoices.length, first: invoices[0] };
}

export const count = () => client.invoice.count();
""",
            title="Prisma",
            files=_SCHEMA,
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per read whose rows are surely used for nothing but their number."""
    if call.taken is None or call.taken.kind != "number" or project.unused(call.function):
        return
    query = reads(call)
    if query is None or not lists(query) or one_at_most(project, query):
        return
    if _of_listed_keys(project, query) or (call.trigger == "truth" and _of_one_row(project, query)):
        return
    rows = f"rows of {query.table}" if query.table else "rows"
    yield finding(call, project, query, f"`{call.source}` loads {rows}, and nothing but their number is used", "count")


def places(project: Project) -> Iterator[Place]:
    """The reads of lists."""
    for call in project.calls:
        query = reads(call)
        if query is not None and lists(query) and query.expects not in ("one", "unique", "stream"):
            yield call.place


def _of_listed_keys(project: Project, query: Query) -> bool:
    """Whether what is read is some of the keys that the program has in a list, and nothing else of their rows. Besides
    the listed column, a key may have others, each of which the query asks for one value of."""
    table = project.table(query.table)
    read = list(query.projection.values()) if query.projection.surely() else []
    names = {column.name for column in read if isinstance(column, Column) and not column.relation}
    if table is None or len(read) != 1 or len(names) != 1:
        return False
    listed, single = set[str](), set[str]()
    for element in query.conjuncts():
        condition = element.value
        if element.when is not When.ALWAYS or not isinstance(condition, Compare):
            continue
        if not isinstance(condition.right, Value) or not isinstance(condition.left, Column) or condition.left.relation:
            continue
        if condition.operator == "in":
            listed.add(condition.left.name)
        elif condition.operator == "=" and len(query.sources.elements) == 1 and not query.sources.open:
            single.add(condition.left.name)
    return names <= listed and any(names <= key <= names | single for key in table.unique_sets())


def _of_one_row(project: Project, query: Query) -> bool:
    """Whether the rows are the few that belong to one other row, or to some in a list. Where they are loaded to be
    tested, their number comes of that, and a statement for it saves none."""
    table = project.table(query.table)
    references = {key.columns for key in table.keys if key.kind == "foreign"} if table is not None else set()
    return any(
        isinstance(element.value, Compare)
        and (
            element.value.operator == "=" or (element.value.operator == "in" and isinstance(element.value.right, Value))
        )
        and isinstance(element.value.left, Column)
        and not element.value.left.relation
        and (element.value.left.name,) in references
        for element in query.conjuncts()
    )
