"""A condition that the program decides itself, where its author meant to ask the database.

`and`, `or`, `not`, `in` and chained comparisons ask the host whether an expression of columns is true. What it is taken
for is the library's to say, and stands in its table: the message tells what is left of the condition. `&` and `|` bind
closer than comparisons, so that `a == 1 & b == 2` compares with `1 & b`.

Not reported: what stands in a condition and is the program's own (`flag and column == 1`); tests for null, which are
`query/null-comparison`'s; conditions that are put together somewhere else than in the call that takes them.

Off by default: one finding was met in code that works, since such code does not; its precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.project import Project
from dblint.facts.query import Decided
from dblint.facts.text import Place
from dblint.rule import Bad, Edit, Finding, Fix, Good, Rule
from dblint_rules.query._conditions import about, conditional, decided

_REMEDIES = {"and": "and", "or": "or", "not": "not", "in": "in", "not-in": "not-in"}
_WORDS = {"not-in": "not in", "is-not": "is not"}

RULE = Rule(
    summary="an operator of the program decides a condition on columns",
    why=(
        "The operators that make conditions are those that a library can overload. `and`, `or`, `not` and `in` cannot "
        "be: the program asks whether an object is true, before there is a query, and what comes of that is one half "
        "of the condition, or the same answer for every row."
    ),
    minimal="Write {word} with the operators that {table}'s library overloads, each comparison in parentheses.",
    better="Hand several conditions on {table} to the filter one by one: all of them have to hold.",
    complete="Test the rows that a condition on {table} leaves out, not only those that it gives.",
    symptoms=(
        "a filter gives rows that it should not",
        "a filter gives no rows at all",
        "half of a condition is missing",
    ),
    verify="SELECT query, calls, rows FROM pg_stat_statements WHERE query ~* 'where +(true|false)' ORDER BY calls DESC",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    looks_at="queries that have conditions",
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, delete, or_, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    number = Column(Integer)
    paid = Column(Boolean)
    sent = Column(Boolean)

line = Table("line", MetaData(), Column("price", Integer), Column("open", Boolean))

def legacy(session: Session, numbers):
    session.query(Invoice).filter(Invoice.number in numbers).all()  # finding
    session.query(Invoice).filter(Invoice.number == 1 and Invoice.sent == True).all()  # finding
    session.query(Invoice).filter(Invoice.number != 1 or Invoice.sent).all()  # finding
    session.query(Invoice).filter(not Invoice.paid).all()  # finding
    session.query(Invoice).filter(Invoice.number in [1, 2, 3]).all()  # finding
    session.query(Invoice).filter(or_(Invoice.paid, Invoice.number not in (1, 2))).all()  # finding
    session.query(Invoice).filter(Invoice.number == Invoice.id & Invoice.paid).all()  # finding
    session.query(Invoice).filter(10 < Invoice.number < 20).all()  # finding

def current(session: Session):
    session.execute(delete(Invoice).where(not (Invoice.number == 1)))  # finding
    session.scalars(
        select(Invoice).where(
            Invoice.number == 1 or Invoice.paid == True  # finding
        )
    )

def core(session: Session):
    session.execute(select(line).where(line.c.price == 1 and line.c.open == True))  # finding
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
    number = db.Column(db.Integer)
    paid = db.Column(db.Boolean)

def unpaid():
    return Invoice.query.filter(Invoice.number == 1 and not Invoice.paid).all()  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from sqlmodel import Field, Session, SQLModel, select

class Invoice(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    number: int
    paid: bool

def unpaid(session: Session):
    return session.exec(select(Invoice).where(Invoice.number == 1 and Invoice.paid == False)).all()  # finding
""",
            title="SQLModel",
        ),
        Bad(
            "python",
            """\
from django.db import models
from django.db.models import Q

class Invoice(models.Model):
    number = models.IntegerField()
    paid = models.BooleanField()

def read():
    first = Invoice.objects.filter(Q(number=1) and Q(paid=False)).first()  # finding
    second = Invoice.objects.filter(Q(number=1) or Q(paid=False)).first()  # finding
    third = Invoice.objects.filter(not Q(number=1)).first()  # finding
    fourth = Invoice.objects.exclude(Q(number=1) & (Q(paid=True) or Q(number=2))).first()  # finding
    return first, second, third, fourth
""",
            title="Django",
            path="shop/models.py",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, and_, not_, or_, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    number = Column(Integer)
    paid = Column(Boolean)

def read(session: Session, wanted, only_open):
    session.query(Invoice).filter((Invoice.number == 1) & ~Invoice.paid).all()
    session.query(Invoice).filter(or_(Invoice.number.in_([1, 2]), and_(not_(Invoice.paid), Invoice.id > 1))).all()
    session.query(Invoice).filter(Invoice.number == (wanted or 1)).all()
    session.query(Invoice).filter(only_open and Invoice.number == 1).all()
    session.query(Invoice).filter(Invoice.paid == (not only_open)).all()
    session.query(Invoice).filter(Invoice.number.op("&")(1) == 1).all()
    rows = session.scalars(select(Invoice).where(Invoice.number.between(10, 20))).all()
    return [row for row in rows if row.paid and row.number in wanted or not row.id]
""",
            title="overloaded operators; the program's own values; rows in memory",
        ),
        Good(
            "python",
            """\
from django.db import models
from django.db.models import Q

class Invoice(models.Model):
    number = models.IntegerField()
    paid = models.BooleanField()

def read(wanted):
    first = Invoice.objects.filter(Q(number=1) & Q(paid=False) | ~Q(number=2)).first()
    second = Invoice.objects.filter(paid=not wanted, number=wanted or 1).first()
    return first or second
""",
            title="Django",
            path="shop/models.py",
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per condition that the program surely decides."""
    for call, query, found in decided(project):
        if not found.null:
            word = _WORDS.get(found.word, found.word)
            yield Finding(
                found.place,
                _message(found, word, about(query)),
                names={"table": query.table or "the table", "word": "the comparison" if found.bits else f"`{word}`"},
                idiom=call.idiom,
                fix=_fix(found),
            )


def places(project: Project) -> Iterator[Place]:
    """The queries that have conditions."""
    return conditional(project)


def _message(found: Decided, word: str, of: str) -> str:
    if found.bits:
        return f"`&` and `|` bind closer than comparisons: this condition on rows{of} compares with what stands between"
    word = "a chain of comparisons" if found.word == "chained" else f"`{word}`"
    before = f"{word} is decided by the program, before the database is asked"
    if found.outcome == "raises":
        return f"{before}: this condition on rows{of} raises an error"
    if found.outcome in ("true", "false"):
        which = "every row" if found.outcome == "true" else "no row"
        return f"{before}: this condition holds for {which}{of}"
    index = int(found.outcome)
    ordinal = "first" if index == 0 else "last" if index + 1 == len(found.parts) else f"{index + 1}."
    return f"{before}: of this condition on rows{of} only the {ordinal} part is left, and the rest is dropped"


def _fix(found: Decided) -> Fix | None:
    """The same with operators that are overloaded; none for chains, several parts, and what is bound wrongly."""
    remedy = _REMEDIES.get(found.word, "")
    if not remedy or found.bits or len(found.parts) > 2:
        return None
    names = {"not": ("operand",), "in": ("column", "values"), "not-in": ("column", "values")}
    holes = dict(zip(names.get(remedy, ("left", "right")), found.parts, strict=True))
    unsafe = "the query gives other rows than before: those that were meant"
    return Fix("let the database decide the condition", (Edit(remedy, found.place, holes),), unsafe)
