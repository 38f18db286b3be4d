"""Rows are read to be added up, or for the greatest or least value of a column.

Said where that is all that becomes of the rows: `sum`, `max` or `min` over a column of each of them, with conditions on
other columns at most, or a loop that does nothing but adding it up.

Not reported: what `filter-in-memory` does not report, either, and for the same reasons; sums of what is computed of a
row.

Off by default: too few findings were met to draw from, so that its precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule
from dblint_rules.query import _memory

_SHOP = """\
from django.db import models

class Invoice(models.Model):
    total = models.IntegerField()
    paid = models.BooleanField()
"""

_TABLE = "CREATE TABLE invoice (id integer PRIMARY KEY, total integer NOT NULL, paid boolean NOT NULL);\n"

RULE = Rule(
    summary="rows are read to be added up",
    why=(
        "One number is wanted, and for it all rows travel: the database reads whole rows instead of an index, the "
        "library makes objects of them, and the sum is as old as the first row by the time the last one is added."
    ),
    minimal="Let the query of {table} compute it: {function}({column}).",
    better="Compute all that a page needs of {table} in one statement, grouped by what it shows.",
    complete="Where it is asked for often, keep {function}({column}) beside {table}, or index {column}.",
    symptoms=("a figure on a page takes seconds", "memory for one number"),
    verify="SELECT query, rows, calls FROM pg_stat_statements ORDER BY rows DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="reads of rows that may be many",
    roles=_memory.ROLES,
    bad=(
        Bad(
            "python",
            _SHOP,
            title="Django",
            path="shop/models.py",
            files={
                "shop/use.py": """\
from shop.models import Invoice

def total():
    return sum(invoice.total for invoice in Invoice.objects.all())  # finding

def paid():
    return sum([invoice.total for invoice in Invoice.objects.all() if invoice.paid])  # finding

def largest():
    invoices = Invoice.objects.filter(paid=True)
    return max(invoice.total for invoice in invoices)  # finding

def added():
    total = 0
    for invoice in Invoice.objects.all():  # finding
        total += invoice.total
    return total
""",
            },
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    total = Column(Integer)

def total(session: Session):
    return sum(invoice.total for invoice in session.query(Invoice).all())  # finding
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
import sqlite3

def unpaid(connection: sqlite3.Connection):
    rows = connection.execute("SELECT total, paid FROM invoice")  # finding
    return sum(total for total, paid in rows if not paid)

def largest(connection: sqlite3.Connection):
    cursor = connection.cursor()
    cursor.execute("SELECT id, total FROM invoice")  # finding
    return max(row[1] for row in cursor.fetchall())

def total(connection: sqlite3.Connection):
    connection.row_factory = sqlite3.Row
    return sum(row["total"] for row in connection.execute("SELECT * FROM invoice"))  # finding
""",
            title="a driver",
            files={"schema.sql": _TABLE},
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def computed(connection: sqlite3.Connection):
    return sum(row[0] for row in connection.execute("SELECT total * 2 FROM invoice"))

def unknown(connection: sqlite3.Connection):
    return sum(row[1] for row in connection.execute("SELECT * FROM invoice"))

def named(connection: sqlite3.Connection):
    return sum(row["worth"] for row in connection.execute("SELECT total AS worth, paid FROM invoice"))

def kept(connection: sqlite3.Connection):
    cursor = connection.cursor()
    cursor.execute("SELECT total FROM invoice")
    rows = cursor.fetchall()
    return rows, sum(total for (total,) in rows)
""",
            title="a driver: what is computed, or not known by its place; rows that are needed",
            files={"schema.sql": _TABLE},
        ),
        Good(
            "python",
            _SHOP,
            title="computed by the query; of rows that are needed besides; what is computed of a row",
            path="shop/models.py",
            files={
                "shop/use.py": """\
from django.db.models import Sum

from shop.models import Invoice

def total():
    return Invoice.objects.aggregate(Sum("total"))

def shown():
    invoices = list(Invoice.objects.all())
    return invoices, sum(invoice.total for invoice in invoices)

def taxed(tax):
    return sum(tax(invoice) for invoice in Invoice.objects.all())
""",
            },
        ),
    ),
)


_NUMBERS = (
    "int", "bigint", "smallint", "integer", "numeric", "decimal", "float", "double", "real", "serial", "money",
    "number", "binary_float", "binary_double",
)  # fmt: skip
"""How the types begin whose values a database adds up as the program does."""


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per read whose rows are made one number."""
    found = _memory.made(call, project)
    if found is None or found[0].kind not in ("sum", "max", "min"):
        return
    reduced, query, table = found
    name = reduced.columns[0]
    if table is not None:
        column = table.column(name)
        if column is None or not column.type.startswith(_NUMBERS) or column.type.endswith("]"):
            return
        name = column.name
    yield Finding(
        call.place,
        f"rows of {query.table} are read for the {reduced.kind} of {name}, which the query could compute",
        names={"table": query.table, "column": name, "function": reduced.kind},
        related=(Related(reduced.place, "all that becomes of the rows"),),
    )


def places(project: Project) -> Iterator[Place]:
    """The reads of rows that may be many."""
    for call in _memory.places(project):
        yield call.place
