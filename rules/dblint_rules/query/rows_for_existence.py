"""Rows that are loaded, or counted, only to see whether there is one.

Not reported: rows of which the program needs any for something else, also later or in another function; a query that
asks for the first row; what is read with a limit, by a key, or with a lock; relations whose rows may have been loaded
before; tables that hold few rows by the configuration; a count beside which the same function needs the number of the
same rows; and rows that a cursor gives in a second call, unless that call is surely the next use of the cursor.

Rows whose number is needed are `query/len-instead-of-count`'s.

Off by default: of 20 findings in strangers' code eleven were right: the others have a handful of rows by what the
program means, which no key says.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
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
    summary="rows are loaded or counted only to see whether there is one",
    why=(
        "Whether there is a row, the database knows when it has found the first. Asked for all of them, or for their "
        "number, it goes on to the last, and a program that tests a list has loaded it."
    ),
    minimal="Ask whether a row of {table} exists: SELECT EXISTS (…), or the first row alone (LIMIT 1).",
    better="Where rows of {table} are used if there are any, read them once and test what was read.",
    complete=(
        "Where the test guards a write, let a constraint of {table} decide, or write with the condition in the "
        "statement: another transaction may add the row in between."
    ),
    symptoms=("a check before a form is saved gets slower with the table",),
    verify="SELECT calls, rows, mean_exec_time, query FROM pg_stat_statements "
    "WHERE query ILIKE '%count(*)%' ORDER BY total_exec_time DESC LIMIT 20",
    verify_on=("postgres",),
    severity="info",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="queries that read or count lists of rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Invoice(models.Model):
    paid = models.BooleanField()

def tested(warn):
    if Invoice.objects.filter(paid=False):  # finding
        warn()

def counted(warn):
    if Invoice.objects.filter(paid=False).count() > 0:  # finding
        warn()

def measured(warn):
    invoices = Invoice.objects.filter(paid=False)
    if len(invoices) == 0:  # finding
        warn()

def combined(warn, customer):
    invoices = Invoice.objects.all()
    if customer:
        invoices = invoices.filter(customer=customer)
    return "open" if customer and not invoices else "none"  # finding

def handed(warn):
    return bool(Invoice.objects.filter(paid=False))  # finding
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    paid = Column(Boolean)

def legacy(session: Session, warn):
    if session.query(Invoice).filter(Invoice.paid).count():  # finding
        warn()
    if not session.query(Invoice).filter(Invoice.paid).all():  # finding
        warn()

def current(session: Session, warn):
    rows = session.scalars(select(Invoice).where(Invoice.paid)).all()  # finding
    if len(rows) > 0:
        warn()
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

def any_paid():
    return Invoice.query.filter_by(paid=True).count() > 0  # finding
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

def any_paid(session: Session):
    if session.exec(select(Invoice).where(Invoice.paid)).all():  # finding
        return "some"
""",
            title="SQLModel",
        ),
        Bad(
            "python",
            """\
import sqlite3

def any_paid(connection: sqlite3.Connection, warn):
    if connection.execute("SELECT id FROM invoice WHERE paid").fetchall():  # finding
        warn()

def none_left(connection: sqlite3.Connection, warn):
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT id FROM invoice WHERE NOT paid")  # finding
    except sqlite3.Error:
        return
    rows = cursor.fetchall()
    if not rows:
        warn()
""",
            title="a driver",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function anyPaid() {
  const invoices = await client.invoice.findMany({ where: { paid: true } }); // finding
  return invoices.length > 0;
}
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
    paid = models.BooleanField()
    watchers = models.ManyToManyField("auth.User")

class Code(models.Model):
    code = models.TextField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE)

    class Meta:
        unique_together = [("code", "customer")]

def asked(warn):
    if Invoice.objects.filter(paid=False).exists():
        warn()
    if Invoice.objects.filter(paid=False).first():
        warn()
    if Invoice.objects.filter(paid=False)[:1]:
        warn()

def shown(write):
    invoices = Invoice.objects.filter(paid=False)
    if invoices:
        for invoice in invoices:
            write(invoice)

def several(warn):
    if Invoice.objects.count() > 1:
        warn()

def used(write):
    number = Invoice.objects.count()
    if number:
        write(number)

def told(write):
    invoices = Invoice.objects.filter(paid=False)
    if invoices.count() > 0:
        write(invoices.count())

def loaded_before(customer, warn):
    if customer.invoices.all():
        warn()
    if customer.invoices.filter(pk=1):
        warn()

def not_of_customers(code, warn):
    if Code.objects.filter(code=code, customer=None):
        warn()

def watches(invoice, user, warn):
    if invoice.watchers.filter(pk=user.pk):
        warn()

def by_key(name, warn):
    if Customer.objects.filter(name=name):
        warn()

def chosen():
    return Invoice.objects.filter(paid=False) or Invoice.objects.none()
""",
            title="the right question; rows that are needed; keys; relations that may be loaded",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Column, Integer, Text, UniqueConstraint, select
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy_utils import generic_relationship

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)

class Mark(Base):
    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("kind", "object_id", "user_id"),)
    id = Column(Integer, primary_key=True)
    kind = Column(Text)
    object_id = Column(Integer)
    object = generic_relationship(kind, object_id)
    user_id = Column(Integer)

def marked(session: Session, invoice, user):
    return session.query(Mark).filter(Mark.object == invoice, Mark.user_id == user).count() > 0

def asked(session: Session):
    return session.scalar(select(select(Invoice).exists())), session.query(Invoice).first() is not None

def needed(session: Session):
    rows = session.scalars(select(Invoice)).all()
    return rows if rows else None

def by_key(session: Session, key):
    return bool(session.query(Invoice).filter(Invoice.id == key).count())
""",
            title="SQLAlchemy",
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per read of which surely nothing but whether there is a row is used."""
    if call.taken is None or call.taken.kind != "truth":
        return
    query = reads(call)
    if query is None or not (lists(query) or _counts(query)) or one_at_most(project, query):
        return
    does = "counts" if _counts(query) else "loads"
    rows = f"rows of {query.table}" if query.table else "rows"
    yield finding(call, project, query, f"`{call.source}` {does} {rows} only to see whether there is one", "exists")


def _counts(query: Query) -> bool:
    """Whether it gives a number and no rows: a row that holds a number is always there."""
    return query.verb is Verb.AGGREGATE and query.counts


def places(project: Project) -> Iterator[Place]:
    """The reads of lists and of their numbers."""
    for call in project.calls:
        query = reads(call)
        if query is not None and (lists(query) or _counts(query)) and query.expects not in ("one", "unique", "stream"):
            yield call.place
