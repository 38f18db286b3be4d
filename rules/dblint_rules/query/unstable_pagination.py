"""Pages of rows that are sorted by columns which several rows may share: rows repeat, and others are on no page.

Said where all of it is known: the order always stands, names columns of the query's own table and nothing else, and no
unique key of the table lies within these columns and those that a condition gives one value. An order that the model
declares (`Meta.ordering`) counts as one that the query says.

Not reported: queries of several tables, groups and distinct rows; a limit without an offset (the first rows, of which
some of equal rank are left out); orders by expressions and by columns of other tables; tables of which a key may be
missing; tables that are small by the user's word.

Off by default: of ten findings that were read five were opinions: times of creation, which hardly ever tie.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule
from dblint_rules.query._orders import fixed, primary, sorted_by

_SHOP = """\
from django.db import models

class Invoice(models.Model):
    issued = models.DateField()
    total = models.IntegerField()
    number = models.CharField(max_length=20, unique=True)
"""

_PRISMA = (
    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n'
    "model Invoice {\n  id Int @id @default(autoincrement())\n  issued DateTime\n}\n"
)

RULE = Rule(
    summary="pages are sorted by columns that several rows share",
    why=(
        "Each page is a query of its own, and among rows with equal sort keys a database takes any order: that of the "
        "index it chose this time, of the worker that was first. At the border of two pages a row is then shown twice "
        "and another one never, in lists, in exports that go through all pages, and in synchronisations that lose data."
    ),
    minimal="Sort by {key} behind {columns}: rows with equal values then have one order, the same on each page.",
    better="Declare the order of {table} once, {key} last, and let every list of it use that.",
    complete=(
        "Give {table} an index on ({columns}, {key}), and page by the last values that were shown instead of by a "
        "number of rows: such pages do not move when rows are added before them."
    ),
    symptoms=(
        "the last row of a page is the first of the next",
        "an export misses rows",
        "a test of pages fails now and then",
    ),
    verify="SELECT tablename, attname, n_distinct FROM pg_stats ORDER BY tablename, attname LIMIT 100",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="queries that read a page of rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            _SHOP,
            title="Django: slices, Paginator, a list view",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.views.generic import ListView

from shop.models import Invoice

def page(request: HttpRequest, start):
    return list(Invoice.objects.order_by("-issued")[start : start + 50])  # finding

def pages(request: HttpRequest):
    return Paginator(Invoice.objects.order_by("issued", "total"), 50)  # finding

class Invoices(ListView):
    queryset = Invoice.objects.order_by("total")  # finding
    paginate_by = 50
""",
            },
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Column, Date, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    issued = Column(Date)

def page(session: Session, start):
    return session.scalars(select(Invoice).order_by(Invoice.issued.desc()).offset(start).limit(50)).all()  # finding
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

db = MongoClient("mongodb://server").shop

def prepare():
    db.invoices.create_index("issued")
    db.invoices.create_index("number", unique=True)

def page(start):
    db.shops.find().sort("opened").skip(start).limit(50).to_list()
    db.invoices.find().sort("number").skip(start).limit(50).to_list()
    db.invoices.find().sort([("issued", -1), ("_id", -1)]).skip(start).limit(50).to_list()
    return db.invoices.find().sort("issued").skip(start).limit(50).to_list()  # finding
""",
            title="PyMongo: a collection whose indexes the program makes",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const page = (skip: number) =>
  client.invoice.findMany({ orderBy: { issued: 'desc' }, skip, take: 50 }); // finding
""",
            title="Prisma",
            files={"schema.prisma": _PRISMA},
        ),
        Bad(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  issued: Date;
}

export const page = (source: DataSource, skip: number) =>
  source.getRepository(Invoice).find({ order: { issued: 'DESC' }, skip, take: 50 }); // finding
""",
            title="TypeORM",
        ),
    ),
    good=(
        Good(
            "python",
            _SHOP,
            title="sorted by a unique column, by the key last, or not in pages",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.views.generic import ListView

from shop.models import Invoice

def page(request: HttpRequest, start):
    first = list(Invoice.objects.order_by("-issued")[:10])
    whole = list(Invoice.objects.order_by("-issued"))
    return list(Invoice.objects.order_by("-issued", "-pk")[start : start + 50]), first, whole

def pages(request: HttpRequest):
    return Paginator(Invoice.objects.order_by("number"), 50)

class Invoices(ListView):
    queryset = Invoice.objects.order_by("total", "id")
    paginate_by = 50
""",
            },
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const page = (skip: number) =>
  client.invoice.findMany({ orderBy: [{ issued: 'desc' }, { id: 'desc' }], skip, take: 50 });
""",
            title="Prisma",
            files={"schema.prisma": _PRISMA},
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per page that is sorted by columns which tell no rows apart."""
    for place, query, idiom in _pages(project):
        table = project.table(query.table)
        if table is None or table.small or not table.complete or not primary(table):
            continue
        order = sorted_by(query, table)
        if not order or _parts(query):
            continue
        names = [name for name, _ in order]
        held = {*names, *fixed(query, table)}
        if any(columns and columns <= held for columns in table.unique_sets()):
            continue
        key = primary(table)
        by = ", ".join(names)
        yield Finding(
            place,
            f"pages of {query.table} are sorted by {by}, which several rows may share: "
            "rows may be on two pages, others on none",
            names={"table": query.table, "key": ", ".join(key), "columns": by},
            remedy=_remedy(table.model, [_attribute(table, name) for name in key], descending=order[-1][1]),
            idiom=idiom,
            confidence="medium" if _time(table, names) else "",
        )


def places(project: Project) -> Iterator[Place]:
    """The queries that read a page."""
    for place, _, _ in _pages(project):
        yield place


def _pages(project: Project) -> Iterator[tuple[Place, Query, str]]:
    """The reads of a page: those with an offset, and those that a framework cuts into pages."""
    for call in project.calls:
        for query in call.queries:
            # A text that one call prepares is told where another runs it.
            if (
                call.trigger != "built"
                and call.effects
                and query.verb is Verb.SELECT
                and query.expects not in ("one", "unique")
            ):
                limits = [bound.number for bound in query.limit.values()]
                if any(bound.number != 0 for bound in query.offset.values()) and 1 not in limits:
                    text = call.text is not None and query.place is not None
                    yield (query.place if text and query.place else call.place), query, call.idiom
    for response in project.responses:
        if response.paged == "yes" and response.role is FileRole.APP:
            yield response.place, response.rows, response.idiom


def _parts(query: Query) -> bool:
    """Whether the rows are not just those of one table."""
    sources = query.sources
    several = sources.open or len(sources.elements) != 1 or not all(source.real for source in sources.values())
    return several or query.distinct or query.grouping.possibly() or bool(query.parts or query.ctes)


def _time(table: Table, names: list[str]) -> bool:
    """Whether rows are sorted by a point in time: few share one, unless they are written together."""
    columns = [column for name in names if (column := table.column(name)) is not None]
    return any(column.type.startswith(("timestamp", "datetime")) for column in columns)


def _attribute(table: Table, name: str) -> str:
    column = table.column(name)
    return (column.attribute or name) if column is not None else name


def _remedy(model: str, key: list[str], *, descending: bool) -> Remedy | None:
    if len(key) != 1:
        return None
    return Remedy("then-by-descending" if descending else "then-by", {"column": key[0], "model": model})
