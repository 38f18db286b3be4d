"""A comparison with null that is never true, or that the program decides for all rows.

In SQL nothing is equal to NULL, and nothing is different from it: `= NULL` and `<> NULL` are neither true nor false,
and the row is left out. In a program `column is None` asks whether an object is None, which it is not, whatever the
rows hold.

Not reported: libraries that write IS NULL for an equality with null; assignments; conditions that are put together
somewhere else than in the call that takes them.

Off by default: no finding was met in code that works, since such code does not; its precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.query import Column, Query, Value
from dblint.facts.text import Place
from dblint.rule import Bad, Edit, Finding, Fix, Good, Rule
from dblint_rules.query._conditions import about, comparisons, conditional, decided

_ORDERING = frozenset({"=", "<>", "<", "<=", ">", ">="})

RULE = Rule(
    summary="a comparison with null gives the same for every row",
    why=(
        "NULL means that nothing is known, so a comparison with it is unknown, and WHERE keeps only rows for which a "
        "condition is true: the query gives no rows, without any error. A test for None in the program is "
        "worse where it holds always, as in a DELETE."
    ),
    minimal="Write IS NULL or IS NOT NULL for {column}.",
    better="Where {column} is compared with a value that may be null, write IS NOT DISTINCT FROM (or `<=>`).",
    complete="Where {column} need not be null, declare it NOT NULL and give it a default.",
    symptoms=("a query never finds anything", "a filter on missing values has no effect"),
    verify="SELECT query, calls, rows FROM pg_stat_statements WHERE query ~* '(=|<>|!=) *null' ORDER BY calls DESC",
    verify_on=("postgres",),
    severity="error",
    confidence="very-high",
    default=False,
    looks_at="queries that have a condition",
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def orphans(db: sqlite3.Connection):
    return db.execute("SELECT id FROM invoice WHERE customer_id = NULL AND paid = 1").fetchall()  # finding

def owned(db: sqlite3.Connection):
    return db.execute("SELECT id FROM invoice WHERE customer_id <> NULL").fetchall()  # finding
""",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Column, Integer, delete, or_, select, text
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(Integer)

def orphans(session: Session):
    return session.query(Invoice).filter(Invoice.customer_id is None).all()  # finding

def owned(session: Session):
    return session.scalars(select(Invoice).where(or_(Invoice.id == 1, Invoice.customer_id is not None)))  # finding

def purge(session: Session):
    session.execute(delete(Invoice).where(Invoice.customer_id is not None))  # finding

def written(session: Session):
    session.execute(text("DELETE FROM invoice WHERE customer_id = NULL"))  # finding
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
    customer_id = db.Column(db.Integer)

def orphans():
    return Invoice.query.filter(Invoice.customer_id is None).all()  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from sqlmodel import Field, Session, SQLModel, select

class Invoice(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int | None = None

def orphans(session: Session):
    return session.exec(select(Invoice).where(Invoice.customer_id is None)).all()  # finding
""",
            title="SQLModel",
        ),
        Bad(
            "python",
            """\
from django.db import connection

def orphans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM invoice WHERE customer_id = NULL")  # finding
        return cursor.fetchall()
""",
            title="Django's cursor",
        ),
        Bad(
            "typescript",
            """\
import { Client } from 'pg';

export const orphans = (db: Client) =>
  db.query('SELECT i.id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE c.name != NULL'); // finding
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def orphans(db: sqlite3.Connection, customer):
    db.execute("UPDATE invoice SET customer_id = NULL WHERE customer_id = ?", (customer,))
    return db.execute("SELECT id FROM invoice WHERE customer_id IS NULL OR note = 'NULL'").fetchall()
""",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(Integer)

def orphans(session: Session, customer):
    session.query(Invoice).filter(Invoice.customer_id.is_(None)).all()
    session.query(Invoice).filter(Invoice.customer_id == None, Invoice.id != None).all()
    session.query(Invoice).filter_by(customer_id=None).all()
    session.query(Invoice).filter(customer is None or Invoice.customer_id == customer).all()
    return [row for row in session.scalars(select(Invoice)) if row.customer_id is None]
""",
            title="SQLAlchemy",
        ),
        Good(
            "python",
            """\
from django.db import models

class Invoice(models.Model):
    customer = models.IntegerField(null=True)

def orphans():
    return Invoice.objects.filter(customer=None).first(), Invoice.objects.exclude(customer__isnull=True).first()
""",
            title="Django",
            path="shop/models.py",
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per condition that the program decides, and per statement and column that SQL decides."""
    for call, query, found in decided(project):
        if found.null:
            word, which = ("is", "no row") if found.word == "is" else ("is not", "every row")
            remedy = "is-null" if found.word == "is" else "is-not-null"
            yield Finding(
                found.place,
                f"`{word}` asks the program whether a column is an object, before the database is asked: this"
                f" condition holds for {which}{about(query)}",
                names={"column": "the column"},
                idiom=call.idiom,
                fix=Fix(
                    "ask the database whether the column is null",
                    (Edit(remedy, found.place, {"column": found.parts[0]}),),
                    "the query gives other rows than before: those that were meant",
                ),
            )
    for call in project.calls:
        for query in call.queries:
            yield from _written(call, query)


def places(project: Project) -> Iterator[Place]:
    """The queries that have conditions."""
    return conditional(project)


def _written(call: Call, query: Query) -> Iterator[Finding]:
    """The comparisons of a text with NULL, each column once."""
    told: set[str] = set()
    for _, condition in comparisons(query) if query.sql else ():
        right, left = condition.right, condition.left
        if isinstance(left, Value) and left.kind == "null":
            right, left = left, right
        if condition.operator not in _ORDERING or not isinstance(right, Value) or right.kind != "null":
            continue
        column = left.name if isinstance(left, Column) else "the expression"
        if column not in told:
            told.add(column)
            yield Finding(
                query.place or call.place,
                f"`{column} {condition.operator} NULL` is never true: this condition holds for no row{about(query)}",
                names={"column": column},
                idiom=call.idiom,
            )
