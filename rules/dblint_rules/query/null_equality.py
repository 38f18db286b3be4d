"""A test for null that is written as an equality of the program (`column == None`).

Libraries whose operators make conditions write IS NULL for it, so nothing is wrong with the query; but linters of the
language tell people to write `is None`, which asks the program and not the database (`query/null-comparison`).

Not reported: relations, for which the equality is the library's own word.

Off by default: the statement is right as it is; it is about how it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.project import Project
from dblint.facts.query import Column
from dblint.facts.text import Place
from dblint.rule import Bad, Edit, Finding, Fix, Good, Rule
from dblint_rules.query._conditions import comparisons, conditional, table_of

RULE = Rule(
    summary="a test for null is written as a comparison with None",
    why=(
        "The query is right, since the library writes IS NULL. The source says something else, and the next reader, or "
        "a linter of the language, makes `is None` of it: that asks the program, and the condition is the same for "
        "every row."
    ),
    minimal="Write the library's own test for null on {column}.",
    better="Do the same everywhere that {column} is tested, so that a search finds all of them.",
    complete="Let the linter of the language refuse comparisons with None, and repair what it finds on {column} so.",
    verify="SELECT query, calls FROM pg_stat_statements WHERE query ~* 'is +(not +)?null' ORDER BY calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="info",
    confidence="very-high",
    default=False,
    looks_at="queries with conditions",
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import Column, Integer, or_, select, update
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(Integer)

def orphans(session: Session):
    session.query(Invoice).filter(Invoice.customer_id == None).all()  # finding
    session.scalars(select(Invoice).where(or_(Invoice.id == 1, Invoice.customer_id != None)))  # finding
    session.execute(update(Invoice).where(Invoice.customer_id == None).values(customer_id=1))  # finding
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
    return Invoice.query.filter(Invoice.customer_id == None).all()  # finding
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
    return session.exec(select(Invoice).where(Invoice.customer_id == None)).all()  # finding
""",
            title="SQLModel",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import Session, declarative_base, relationship

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"))
    customer = relationship(Customer)

def orphans(session: Session, customer):
    session.query(Invoice).filter(Invoice.customer == None).all()
    session.query(Invoice).filter(Invoice.customer_id.is_(None)).all()
    session.query(Invoice).filter_by(customer_id=None).all()
    return session.query(Invoice).filter(Invoice.customer_id == customer).all() if customer == None else None

def meant(session: Session):
    session.query(Invoice).filter(Invoice.customer_id == None).all()  # noqa
    return session.query(Invoice).filter(Invoice.customer_id == None).all()  # noqa: E501, E711
""",
        ),
    ),
)


_SILENT = re.compile(r"(?i)\bnoqa\b(?!\s*:)|\bnoqa\s*:[^#]*\bE711\b")
"""How linters of Python are told to be silent about a comparison with None: about everything on the line, or by what
they call it."""


def check(project: Project) -> Iterator[Finding]:
    """One finding per place."""
    seen: set[Place] = set()
    for call in project.calls:
        for query in call.queries:
            for inner, condition in comparisons(query):
                left, place = condition.left, condition.place
                if place is None or place in seen or not isinstance(left, Column) or left.place is None:
                    continue
                if _meant(project, place):
                    continue
                seen.add(place)
                table = table_of(project, inner, left)
                known = table is not None and table.column(left.name) is not None
                if table is not None and not known and table.relation(left.name) is not None:
                    continue
                remedy = "is-null" if condition.operator == "is" else "is-not-null"
                yield Finding(
                    place,
                    f"a test for null on {left.name} is written as an equality",
                    names={"column": left.name},
                    idiom=call.idiom,
                    fix=Fix(
                        "write the library's test for null",
                        (Edit(remedy, place, {"column": left.place}),),
                        "" if known else "what is compared may be a relation, which has no such test",
                    ),
                )


def places(project: Project) -> Iterator[Place]:
    """The queries that have conditions."""
    return conditional(project)


def _meant(project: Project, place: Place) -> bool:
    """Whether a comment behind the comparison tells a linter that it is meant (`# noqa: E711`, `# noqa`)."""
    return any(
        remark.line <= place.start < remark.start and _SILENT.search(remark.text)
        for remark in project.remarks.get(place.path, ())
    )
