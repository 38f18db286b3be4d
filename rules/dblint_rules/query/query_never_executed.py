"""A statement that is built and that nothing runs, and one that only runs when it is awaited and is not.

Not reported: builders that a call changes in place; what members that no table knows, and functions of the project,
give, since they may do something besides; statements that are built within a `try`, where the building itself may be
what is tried; names that somebody reads.

Off by default: all of the four findings that were read are right, which are too few to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

_SCHEMA = {
    "schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        "model Invoice {\n  id Int @id\n  paid Boolean\n}\n"
    )
}

RULE = Rule(
    summary="a query is built and never runs",
    why=(
        "What builds a query gives an object and asks nothing; a step of a chain gives a new object and leaves the old "
        "one as it was; and a coroutine does nothing before somebody awaits it. The source reads as if rows were "
        "deleted, sorted or kept, and nothing of that happens."
    ),
    minimal="Run the statement on {table}, or keep what the call gives: {how}.",
    better="Where the statement on {table} is a leftover, take it out.",
    complete="Let a type checker or linter report values of this kind that are dropped, and test that {table} changes.",
    symptoms=("rows are still there after they were deleted", "a filter or an order has no effect", "never awaited"),
    verify="SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY relname",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    looks_at="queries and statements through the calls of libraries",
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Invoice(models.Model):
    paid = models.BooleanField()

def newest(customer):
    invoices = Invoice.objects.filter(paid=False)
    invoices.order_by("-pk")  # finding
    if customer:
        invoices.filter(customer=customer)  # finding
    unread = invoices.exclude(paid=True)  # finding
    return list(invoices)

async def pay(invoice: Invoice):
    invoice.asave()  # finding
    Invoice.objects.acreate(paid=True)  # finding
    await Invoice.objects.filter(paid=True).adelete()
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    paid = Column(Boolean)

line = Table("line", MetaData(), Column("id", Integer))

def purge(session: Session):
    delete(Invoice).where(Invoice.paid)  # finding
    line.delete().where(line.c.id == 1)  # finding
    statement = update(Invoice).values(paid=True)  # finding
    session.commit()

def newest(session: Session):
    query = session.query(Invoice)
    query.order_by(Invoice.id)  # finding
    statement = select(Invoice)
    statement.where(Invoice.paid)  # finding
    return query.all(), session.scalars(statement).all()

async def pay(session: AsyncSession):
    session.execute(update(Invoice).values(paid=True))  # finding
    session.commit()  # finding
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

def purge():
    db.delete(Invoice).where(Invoice.paid)  # finding
    Invoice.query.filter_by(paid=True)  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from sqlmodel import Field, SQLModel, delete
from sqlmodel.ext.asyncio.session import AsyncSession

class Invoice(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    paid: bool

async def purge(session: AsyncSession):
    delete(Invoice).where(Invoice.paid)  # finding
    session.exec(delete(Invoice))  # finding
    await session.commit()
""",
            title="SQLModel",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function purge() {
  client.invoice.deleteMany({ where: { paid: true } }); // finding
  await client.invoice.updateMany({ data: { paid: true } });
}
""",
            title="Prisma: nothing runs before it is awaited",
            files=_SCHEMA,
        ),
        Bad(
            "python",
            """\
import asyncpg
from pymongo.database import Database

def cleaned(db: Database):
    db.lines.find({"text": ""})  # finding
    db.lines.find({"text": ""}).sort("number")  # finding

def newest(db: Database):
    lines = db.lines.find({"text": "new"})
    lines.sort("number")
    return list(lines)

async def seen(pool: asyncpg.Pool, key):
    pool.execute("UPDATE line SET seen = true WHERE id = $1", key)  # finding
    await pool.execute("DELETE FROM note WHERE line_id = $1", key)
""",
            title="cursors of MongoDB, an asynchronous driver",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.core.exceptions import FieldError
from django.db import models

class InvoiceQuerySet(models.QuerySet):
    def remembered(self):
        self.model.seen = True
        return self.filter(paid=True)

class Invoice(models.Model):
    paid = models.BooleanField()
    objects = InvoiceQuerySet.as_manager()

def newest(names, log):
    invoices = Invoice.objects.filter(paid=False)
    invoices = invoices.order_by("-pk")
    Invoice.objects.remembered()
    Invoice.objects.filter(paid=True).update(paid=False)
    try:
        Invoice.objects.filter(**names)
    except FieldError:
        log("no such field")
    return invoices

async def pay(invoice: Invoice, gather):
    await invoice.asave()
    await gather(invoice.asave(), Invoice.objects.acreate(paid=True))
    return Invoice.objects.filter(paid=True).adelete()
""",
            title="what is kept, run, awaited or tried; functions of the project",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    paid = Column(Boolean)

def purge(session: Session, run):
    session.execute(delete(Invoice).where(Invoice.paid))
    statement = select(Invoice)
    statement = statement.where(Invoice.paid)
    run(statement)
    session.commit()

async def pay(session: AsyncSession, invoice):
    session.add(invoice)
    await session.commit()
    rows = await session.scalars(select(Invoice))
    return rows.all()
""",
            title="SQLAlchemy",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function purge() {
  await client.$transaction([client.invoice.deleteMany({ where: { paid: true } })]);
  client.invoice.deleteMany().catch(() => undefined);
  return client.invoice.count();
}
""",
            title="Prisma",
            files=_SCHEMA,
        ),
    ),
)

_HOW = {
    "dropped": "a step of a chain changes nothing but what it gives",
    "unread": "nobody reads the name that it is kept under",
    "unawaited": "await it",
    "uniterated": "iterate what it gives",
}


def check(call: Call) -> Iterator[Finding]:
    """One finding per statement that surely never runs."""
    if not call.unrun or any(frame.kind == "try" for frame in call.frames):
        return
    table = next((query.table for query in call.queries if query.table), "")
    yield Finding(
        call.place,
        _message(call, f" on {table}" if table else ""),
        names={"table": table or "the table", "how": _HOW[call.unrun]},
        idiom=call.idiom,
        sub=call.unrun,
    )


def places(project: Project) -> Iterator[Place]:
    """The calls that have a query, or are one that nothing runs."""
    for call in project.calls:
        if call.queries or call.unrun:
            yield call.place


def _message(call: Call, on: str) -> str:
    if call.unrun == "unawaited":
        does = f"its query{on}" if call.queries else "what it says"
        return f"`{call.source}` only does {does} when it is awaited, and is not"
    if call.unrun == "uniterated":
        return f"`{call.source}` only asks{on} when what it gives is iterated, and nothing does that"
    dropped = "what it gives is dropped" if call.unrun == "dropped" else "nobody reads the name that it is kept under"
    return f"`{call.source}` builds a query{on}, and {dropped}: it never runs"
