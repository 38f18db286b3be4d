"""Rows are read to be left out by the program, by conditions that the database could have checked.

Said where that is all that becomes of the rows: a comprehension, `filter`, `next` or `any` over them, or a loop whose
whole body stands under one condition, and every part of the condition compares a column of the row with something that
the row does not decide.

Not reported: rows that are used for anything else; conditions that read relations, call methods or compute; reads with
a limit, by a unique key or by a list of values; relations that an earlier query may have loaded; rows that are read a
few at a time; tables that are small by the user's word, or whose few rows are made where the program is set up.

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

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
    paid = models.BooleanField()
"""

RULE = Rule(
    summary="rows are read to be left out again",
    why=(
        "The database sends every row, the library makes an object of each, and the program throws most of them away. "
        "An index would have found the few that are wanted; as it is, the cost grows with the table and not with what "
        "is asked for."
    ),
    minimal="Put the condition on {columns} into the query of {table}.",
    better="Ask {table} for the rows, and the columns, that are used: with the condition, the order and a limit.",
    complete="Give {table} an index for this condition where it leaves few rows.",
    symptoms=("a view gets slower with the table", "much memory for a short list"),
    verify="SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables ORDER BY seq_tup_read DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="medium",
    default=False,
    checklist=("1.3",),
    looks_at="reads of lists",
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

def unpaid():
    return [invoice for invoice in Invoice.objects.all() if not invoice.paid]  # finding

def large(limit):
    invoices = list(Invoice.objects.order_by("pk"))  # finding
    return [invoice.pk for invoice in invoices if invoice.total > limit and invoice.paid is False]

def one(total):
    return next((invoice for invoice in Invoice.objects.all() if invoice.total == total), None)  # finding

def remind(send):
    for invoice in Invoice.objects.all():  # finding
        if invoice.paid:
            continue
        send(invoice)

def picked():
    return list(filter(lambda invoice: invoice.paid, Invoice.objects.all()))  # finding
""",
            },
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

def unpaid(session: Session):
    return [invoice for invoice in session.query(Invoice).all() if not invoice.paid]  # finding

def paid(session: Session):
    invoices = session.scalars(select(Invoice)).all()  # finding
    return any(invoice.paid for invoice in invoices)
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
import sqlite3

def large(connection: sqlite3.Connection, limit):
    cursor = connection.cursor()
    cursor.execute("SELECT id, total FROM invoice")  # finding
    return [row[0] for row in cursor.fetchall() if row[1] > limit]

def remind(connection: sqlite3.Connection, send):
    for number, paid in connection.execute("SELECT id, paid FROM invoice"):  # finding
        if not paid:
            send(number)
""",
            title="a driver",
            files={"schema.sql": "CREATE TABLE invoice (id integer PRIMARY KEY, total integer, paid boolean);\n"},
        ),
    ),
    good=(
        Good(
            "python",
            _SHOP,
            title="conditions of the query; rows that are needed; what no database can say; few rows",
            path="shop/models.py",
            files={
                "shop/use.py": """\
from shop.models import Invoice

def unpaid():
    return list(Invoice.objects.filter(paid=False))

def both():
    invoices = list(Invoice.objects.all())
    return [invoice for invoice in invoices if invoice.paid], len(invoices)

def known(fits):
    return [invoice for invoice in Invoice.objects.all() if fits(invoice)]

def of_customer():
    return [invoice for invoice in Invoice.objects.all() if invoice.customer.name == "x"]

def some(keys):
    return [invoice for invoice in Invoice.objects.filter(pk__in=keys) if invoice.paid]

def newest():
    return [invoice for invoice in Invoice.objects.order_by("-pk")[:20] if invoice.paid]

def split(send, hold):
    for invoice in Invoice.objects.all():
        if invoice.paid:
            send(invoice)
        else:
            hold(invoice)
""",
            },
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per read whose rows the program itself leaves out."""
    found = _memory.made(call, project)
    if found is None or found[0].kind not in ("filter", "first", "some"):
        return
    reduced, query, _ = found
    by = ", ".join(reduced.columns)
    what = {"filter": "leaves rows out", "first": "picks one of them", "some": "asks whether one of them is so"}
    yield Finding(
        call.place,
        f"rows of {query.table} are read, and the program {what[reduced.kind]} by {by}, as the query could",
        names={"table": query.table, "columns": by},
        related=(Related(reduced.place, "all that becomes of the rows"),),
    )


def places(project: Project) -> Iterator[Place]:
    """The reads of lists."""
    for call in _memory.places(project):
        yield call.place
