"""One statement gets as many rows as a caller or a query has, in no parts.

Which members of a library send one statement for all rows is said in its table, member by member: those that make parts
by themselves (drivers that send a statement per row, libraries with pages of their own, some databases) are not told.
Not told either: lists that stand in the source, slices and chunks, and lists of which nobody can say how they grow.

Off by default: most lists are short, and the source does not say which; it is a note for code that imports.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="one statement has as many rows as a caller or a query gives it",
    why=(
        "A statement for all rows grows with them: it is built, sent and parsed as a whole, and holds its locks until "
        "the last row is in. Beyond a limit of the database (65,535 parameters in PostgreSQL, max_allowed_packet in "
        "MySQL) it fails, on the day when the list is long for the first time."
    ),
    minimal="Write the rows of {table} in parts of some hundred or thousand.",
    better="Write each part of the rows of {table} in a transaction of its own where nobody has to see all or none.",
    complete="Load large amounts into {table} with COPY, LOAD DATA or what the database has for it.",
    symptoms=("an import fails only when it is large", "memory grows with the number of rows that are written"),
    verify=(
        "SELECT calls, rows / greatest(calls, 1) AS rows_per_call, query FROM pg_stat_statements "
        "WHERE query ILIKE 'insert%' ORDER BY rows_per_call DESC LIMIT 20"
    ),
    verify_on=("postgres",),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("1.5",),
    looks_at="statements that write many rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Line(models.Model):
    text = models.TextField()

class Draft(models.Model):
    text = models.TextField()

def store(texts):
    Line.objects.bulk_create([Line(text=text) for text in texts])  # finding

def copy():
    lines = []
    for draft in Draft.objects.all():
        lines.append(Line(text=draft.text))
    Line.objects.bulk_create(lines)  # finding

def strip(lines):
    Line.objects.bulk_update(lines, ["text"])  # finding
""",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Integer, Text, insert
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)

def store(session: Session, texts):
    session.execute(insert(Line).values([{"text": text} for text in texts]))  # finding
""",
            title="values() of a list",
        ),
        Bad(
            "python",
            """\
from peewee import Model, SqliteDatabase, TextField

db = SqliteDatabase("lines.db")

class Line(Model):
    text = TextField()

    class Meta:
        database = db

def store(rows):
    Line.insert_many(rows).execute()  # finding

def store_lines(lines):
    Line.bulk_create(lines)  # finding
""",
            title="Peewee",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

from django.db import models
from sqlalchemy import insert
from sqlalchemy.orm import Session

class Line(models.Model):
    text = models.TextField()

def store(texts):
    Line.objects.bulk_create([Line(text=text) for text in texts], batch_size=500)

def few():
    Line.objects.bulk_create([Line(text="a"), Line(text="b")])

def in_parts(texts):
    for start in range(0, len(texts), 500):
        Line.objects.bulk_create([Line(text=text) for text in texts[start : start + 500]])

def first(texts):
    part = []
    for text in texts:
        part.append(Line(text=text))
        if len(part) == 500:
            Line.objects.bulk_create(part)
            part = []

def driver(db: sqlite3.Connection, rows):
    db.executemany("INSERT INTO line (text) VALUES (?)", rows)
""",
            title="a size, a short list, parts, a driver that sends a statement per row",
            path="shop/models.py",
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per statement."""
    for query in call.queries[:1]:
        if call.unbatched and query.verb.writes:
            whose = "a query reads" if call.unbatched == "query" else "callers hand in"
            yield Finding(
                call.place,
                f"all rows that {whose} are written to {query.table or 'the table'} by one statement, in no parts",
                names={"table": query.table or "the table"},
                remedy=Remedy("batch", {}),
                idiom=call.idiom,
            )


def places(project: Project) -> Iterator[Place]:
    """The statements that write many rows."""
    for call in project.calls:
        if any(query.verb.writes and query.rows == "many" for query in call.queries):
            yield call.place
