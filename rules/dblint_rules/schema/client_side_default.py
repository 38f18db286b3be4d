"""A column's default is known to the program's models only, and other writers do not have it.

Told for columns that allow no NULL, have a default in the model and none in the database, where an INSERT that the
model's library does not write (SQL text of the program, another library) leaves the column out: it fails, or takes what
the database has for nothing. A column that every other writer names is left alone, and so are tables that nobody else
writes.

Off by default: few code bases write a table in two ways, so that its precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import SchemaColumn
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule

RULE = Rule(
    summary="a default that the database does not know",
    why=(
        "A default of a model is filled in by the model's library. Whoever else inserts (a statement of one's own, "
        "another service, a migration of data) has to know it and does not: the insert fails with a NULL that is not "
        "allowed, or two writers fill in different values."
    ),
    minimal="Name {column} in every INSERT into {table} that the model does not write.",
    better="Give {column} of {table} the same default in the database.",
    complete=(
        "Declare defaults of {table} in the database and let the model read them from there, so that one place says "
        "what {column} is when nobody says it."
    ),
    symptoms=("null value violates a not-null constraint, in imports only", "rows differ by who has inserted them"),
    verify=(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE is_nullable = 'NO' AND column_default IS NULL ORDER BY table_name, column_name"
    ),
    verify_on=("postgres", "mysql", "tsql"),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("2.6",),
    looks_at="columns with a default of the model alone",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT, FileRole.MIGRATION, FileRole.SEED}),
    bad=(
        Bad(
            "python",
            """\
from django.db import connection, models

class Line(models.Model):
    text = models.TextField()
    state = models.CharField(max_length=10, default="new")  # finding

    class Meta:
        db_table = "line"

def store(text):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO line (text) VALUES (%s)", [text])
""",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Integer, Text, text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)
    state = mapped_column(Text, default="new", nullable=False)  # finding

def store(session: Session, value):
    session.execute(text("INSERT INTO line (text) VALUES (:value)"), {"value": value})
""",
            title="a statement beside the model",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import Integer, Text, insert, text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)
    state = mapped_column(Text, default="new", nullable=False)
    kind = mapped_column(Text, server_default="plain", nullable=False)

def store(session: Session, value):
    session.execute(insert(Line).values(text=value))
    session.execute(text("INSERT INTO line (text, state) VALUES (:value, 'new')"), {"value": value})
""",
            title="the model's own library, a statement that names the column, a default of the database",
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per column."""
    left_out: dict[tuple[str, str], list[Place]] = {}
    for place, query in _others(project):
        for column in _client_side(project, query.table):
            if column.name not in {each.column for each in query.assignments.values()}:
                left_out.setdefault((query.table.lower(), column.name), []).append(query.place or place)
    for (name, word), inserts in sorted(left_out.items()):
        table = project.table(name)
        declared = table.column(word) if table is not None else None
        if table is None or declared is None or declared.place is None:
            continue
        yield Finding(
            declared.place,
            f"the default of {word} is known to the model alone, and an INSERT into {table.name} leaves {word} out",
            names={"table": table.name, "column": word},
            related=tuple(Related(place, f"inserts without {word}") for place in inserts[:3]),
        )


def places(project: Project) -> Iterator[Place]:
    """The columns."""
    for table in project.tables.values():
        yield from (column.place for column in _client_side(project, table.name) if column.place is not None)


def _client_side(project: Project, name: str) -> Iterator[SchemaColumn]:
    table = project.table(name)
    for column in table.columns if table is not None and table.origin == "model" else ():
        if column.default_by == "client" and column.nullable is False:
            yield column


def _others(project: Project) -> Iterator[tuple[Place, Query]]:
    """The inserts of one row or several that SQL text says, with every column that they name."""
    for call in project.calls:
        for query in call.queries if call.text is not None and not call.piece else ():
            if query.verb in (Verb.INSERT, Verb.UPSERT) and query.assignments.elements and not query.assignments.open:
                yield call.place, query
    for migration in project.migrations:
        # What tests and dumps hold was written for the table as it was then.
        here = project.roles.get(migration.path, FileRole.APP) in RULE.roles
        for step in migration.steps if here else ():
            insert = step.operation.query
            if insert is not None and insert.verb is Verb.INSERT and insert.assignments.elements:
                if not insert.assignments.open and insert.place is not None:
                    yield insert.place, insert
