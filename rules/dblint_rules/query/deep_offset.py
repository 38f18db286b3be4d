"""A client decides how many rows a query skips, and a database reads all that it skips.

Said where the number is followed from the offset back to what the client sent. A limit on page numbers is none on rows
of which anybody knows here, so it makes no difference.

Not reported: offsets that are no placeholder of their own in an SQL text; tables that are small by the user's word, and
those whose few rows are made where the program is set up.

An info, and off by default: a list of a few thousand rows is paged so for years without harm, and people like page
numbers. It pays where machines walk through all pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule
from dblint_rules.query._orders import keyset, nullable, sorted_by

RULE = Rule(
    summary="a client decides how many rows are skipped",
    why=(
        "OFFSET 100000 makes a database find, sort and throw away a hundred thousand rows before it hands over the "
        "first one: the last page costs as much as all others together, and whoever walks through the pages of a table "
        "of n rows makes it read some n² rows."
    ),
    minimal="Refuse offsets into {table} beyond a fixed number.",
    better="Begin a page of {table} behind the last row of the page before: {keyset}",
    complete=(
        "Hand out a cursor with each page of {table}, the sort keys of its last row, and keep an index on these, so "
        "that every page costs the same."
    ),
    symptoms=("late pages are slow", "crawlers of an API load the database", "the last page times out"),
    verify="SELECT calls, mean_exec_time, query FROM pg_stat_statements WHERE query ILIKE '%offset%' LIMIT 50",
    verify_on=("postgres",),
    severity="info",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="offsets of queries that a library makes of calls",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from fastapi import APIRouter, Depends, Query
from sqlalchemy import Column, Date, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    issued = Column(Date)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.get("/invoices")
def invoices(page: int = Query(1, le=1000), session: Session = Depends(get_session)):
    statement = select(Invoice).order_by(Invoice.issued.desc(), Invoice.id.desc())
    return session.scalars(statement.offset((page - 1) * 50).limit(50)).all()  # finding
""",
            title="SQLAlchemy and FastAPI",
        ),
        Bad(
            "python",
            """\
from django.db import models
from django.http import HttpRequest, JsonResponse

class Invoice(models.Model):
    total = models.IntegerField()

def invoices(request: HttpRequest):
    start = int(request.GET.get("start", 0))
    return JsonResponse({"page": list(Invoice.objects.order_by("pk")[start : start + 50])})  # finding
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "typescript",
            """\
import express, { Request, Response } from 'express';
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();
const app = express();

app.get('/invoices', async (request: Request, response: Response) => {
  const skip = Number(request.query.page) * 50;
  response.json(await client.invoice.findMany({ orderBy: { id: 'asc' }, skip, take: 50 })); // finding
});
""",
            title="Prisma and Express",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Invoice {\n  id Int @id @default(autoincrement())\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
import asyncpg
from fastapi import FastAPI

app = FastAPI()

@app.get("/invoices")
async def invoices(page: int = 1):
    connection = await asyncpg.connect("postgresql://db/shop")
    try:
        return await connection.fetch(  # finding
            "SELECT id FROM invoice ORDER BY issued DESC, id DESC LIMIT $1 OFFSET $2", 50, (page - 1) * 50
        )
    finally:
        await connection.close()
""",
            title="a placeholder of an SQL text",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.get("/invoices")
def invoices(last: int = 0, session: Session = Depends(get_session)):
    return session.scalars(select(Invoice).where(Invoice.id > last).order_by(Invoice.id).limit(50)).all()

def job(session: Session, start: int):
    return session.scalars(select(Invoice).order_by(Invoice.id).offset(start).limit(50)).all()
""",
            title="behind the last key; a job's pages",
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per call whose offset a client decides."""
    if Effect.QUERY not in call.effects:
        return
    for query in call.queries:
        if query.verb is Verb.SELECT and any(bound.asked for bound in query.offset.values()):
            table = project.table(query.table)
            if table is not None and (table.small or table.name.lower() in project.uses.few):
                continue
            what = query.table or "the query"
            how = _keyset(query, table)
            told = f"; behind the last row that was shown{_once(query, table)}: {how}" if how else ""
            message = f"a client decides how many rows of {what} are skipped, and the database reads them all{told}"
            yield Finding(call.place, message, names={"table": what, "keyset": how or "a condition on the sort keys"})
            return


def places(project: Project) -> Iterator[Place]:
    """The reads with an offset that is not a constant."""
    for call in project.calls:
        for query in call.queries:
            if query.verb is Verb.SELECT and any(bound.number is None for bound in query.offset.values()):
                yield call.place


def _keyset(query: Query, table: Table | None) -> str:
    alone = len(query.sources.elements) == 1 and not query.grouping.possibly()
    order = sorted_by(query, table) if table is not None and alone else None
    return keyset(query, table, order) if table is not None and order else ""


def _once(query: Query, table: Table | None) -> str:
    """What has to hold before rows can be compared with the last one."""
    order = sorted_by(query, table) if table is not None else None
    names = nullable(table, order) if table is not None and order else []
    return f", once {', '.join(names)} can no longer be null" if names else ""
