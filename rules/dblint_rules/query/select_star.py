"""`SELECT *` in the outermost list of application SQL.

Not reported: what the database tells of itself, a table that is known to have one column, and rows that are read as a
class or a type of the program of which nobody can say that it lacks one of the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dblint.facts import spelling
from dblint.facts.program import Call, FileRole, Shape
from dblint.facts.project import Project
from dblint.facts.query import Query, Source, Star, Verb
from dblint.facts.schema import SchemaColumn
from dblint.facts.text import Literal, Parameter, Place, Text
from dblint.rule import Bad, Finding, Good, Rule

_INVOICE = "CREATE TABLE invoice (id int PRIMARY KEY, total int, paid boolean, document bytea);\n"

RULE = Rule(
    summary="a query asks for every column",
    why=(
        "Every column travels, also the wide ones that nobody reads; an index that covers the needed columns cannot "
        "answer alone; and a column added or dropped by a migration changes what the program receives without a "
        "change in the program."
    ),
    minimal="Put those columns of {table} that this code reads in the place of {star}",
    better="Select a type or a struct of the columns of {table}, so that reading another one is an error at its place.",
    complete=(
        "Cover the hot columns of {table} with an index (INCLUDE) once they are named, so that the table need not be "
        "read."
    ),
    symptoms=("large rows on the network", "index-only scan is never chosen", "a new column breaks a reader"),
    verify="SELECT calls, rows, query FROM pg_stat_statements "
    "WHERE query ~* 'select +([a-z_]+[.])?[*]' ORDER BY rows DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("1.4",),
    looks_at="queries that say which columns they read",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def invoices(connection: sqlite3.Connection):
    return connection.execute("SELECT * FROM invoice WHERE paid = 0").fetchall()  # finding

def listed(connection: sqlite3.Connection, paid=None):
    query = "SELECT * FROM invoice"  # finding
    if paid is not None:
        query += " WHERE paid = :paid"
    return connection.execute(query, {"paid": paid}).fetchall()

def hinted(connection: sqlite3.Connection):
    connection.execute("/* listing */ SELECT * FROM invoice")  # finding
    connection.execute("WITH p AS (SELECT id FROM payment) SELECT i.* FROM invoice i JOIN p USING (id)")  # finding
""",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export const invoices = () => pool.query('SELECT i.* FROM invoice i WHERE i.paid = false'); // finding
""",
        ),
        Bad(
            "python",
            """import sqlite3
from pydantic import BaseModel

class InvoiceLine(BaseModel):
    id: int
    total: int

def fetch(connection: sqlite3.Connection, query, values, model):
    return [model(**dict(row)) for row in connection.execute(query, values)]

def unpaid(connection: sqlite3.Connection):
    return fetch(connection, "SELECT * FROM invoice WHERE paid = :paid", {"paid": 0}, InvoiceLine)  # finding
""",
            title="a class that takes fewer columns",
            files={"migrations/0001.sql": _INVOICE},
        ),
        Bad(
            "typescript",
            """import { Pool } from 'pg';

const pool = new Pool();

interface InvoiceLine {
  id: number;
  total: number;
}

export const unpaid = () => pool.query<InvoiceLine>('SELECT * FROM invoice'); // finding
export const any = () => pool.query<Record<string, unknown>>('SELECT * FROM invoice'); // finding
""",
            title="a type that takes fewer columns",
            files={"migrations/0001.sql": _INVOICE},
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def totals(connection: sqlite3.Connection):
    connection.execute("SELECT count(*) FROM invoice")
    connection.execute("SELECT * FROM sqlite_master")
    connection.execute("SELECT * FROM alembic_version")
    connection.execute("SELECT id FROM customer c WHERE EXISTS (SELECT * FROM invoice i WHERE i.customer_id = c.id)")
    connection.execute("WITH open AS (SELECT id, total FROM invoice WHERE paid = 0) SELECT * FROM open")
    return "Please select * from the list"
""",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export const invoices = () => pool.query('SELECT i.id, i.total FROM invoice i');
""",
        ),
        Good(
            "typescript",
            """\
import { createPool } from 'mysql2/promise';

const pool = createPool('mysql://db/shop');

export const threads = () => pool.query('SELECT * FROM performance_schema.threads');
export const waits = () => pool.query('SELECT * FROM sys.innodb_lock_waits');
""",
            title="what a server says of itself",
        ),
        Good(
            "python",
            """import sqlite3
from pydantic import BaseModel, Field

class Invoice(BaseModel):
    id: int
    total: int
    is_paid: bool = Field(alias="paid")
    document: bytes | None = None

class Customer(BaseModel):
    id: int

def fetch(connection: sqlite3.Connection, query, values=None, model=None):
    return [model(**dict(row)) for row in connection.execute(query, values)]

def read(connection: sqlite3.Connection):
    fetch(connection, "SELECT * FROM invoice WHERE paid = :paid", {"paid": 0}, Invoice)
    fetch(connection, "SELECT * FROM invoice", model=list[Invoice])
    fetch(connection, "SELECT * FROM customer", model=Customer)  # nobody says which columns it has
""",
            title="a class that takes every column",
            files={"migrations/0001.sql": _INVOICE},
        ),
        Good(
            "typescript",
            """import { Pool } from 'pg';

const pool = new Pool();

interface Line {
  id: number;
  total: number;
}
type Invoice = Line & { paid: boolean; document?: Buffer };

export const invoices = () => pool.query<Invoice>('SELECT * FROM invoice');
export const listed = async (): Promise<Invoice[]> => (await pool.query('SELECT * FROM invoice')).rows;
export async function first() {
  return (await pool.query('SELECT * FROM invoice WHERE id = 1')).rows[0] as Invoice;
}
""",
            title="a type that takes every column",
            files={"migrations/0001.sql": _INVOICE},
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per star over a stored table in an outermost select list."""
    for query in call.queries:
        for part in (query, *query.parts):
            yield from _stars(part, query, call, project)


def places(project: Project) -> Iterator[Place]:
    """The queries with a select list of their own."""
    for call in project.calls:
        for query in call.queries:
            if query.verb is Verb.SELECT and query.projection.elements:
                yield query.place or call.place


def _stars(query: Query, statement: Query, call: Call, project: Project) -> Iterator[Finding]:
    if query.verb is not Verb.SELECT:
        return
    for star in query.projection.values():
        if not isinstance(star, Star) or star.place is None:
            continue
        source = _source(query, star)
        if source is None or not source.real or not source.name or source.of_catalogue:
            continue
        table = project.table(source.name)
        # A statement that declares names itself (WITH) can declare more of them up to its list.
        stop = star.place if statement.ctes or query.ctes else statement.place
        if table is None and call.text is not None and not _written(call.text, stop):
            continue  # what is put in there may declare that name: WITH invoice AS (…)
        known = table.columns if table is not None and table.complete else ()
        if len(known) == 1:
            continue  # it reads that column
        several = not star.table and len(query.sources.elements) > 1
        asked = _joined(query, project) if several else known
        taken = _taken(call.shape, asked)
        if taken is not None and len(taken) == len(asked):
            continue
        taken = taken if not several else None
        said = f"; it has {len(known)}" if known else ""
        if taken and call.shape is not None:
            said += f", and {call.shape.name or 'the type of its rows'} takes {len(taken)} of them"
        yield Finding(
            star.place,
            f"every column of {source.name} is asked for{said}",
            names={
                "table": source.name,
                "star": _place(star, query.dialect, [each.name for each in taken or known]),
            },
        )


def _joined(query: Query, project: Project) -> Sequence[SchemaColumn]:
    """The columns of all sources of a query, where those of each are known."""
    tables = [project.table(source.name) if source.real else None for source in query.sources.values()]
    whole = [table.columns for table in tables if table is not None and table.complete]
    return [column for columns in whole for column in columns] if len(whole) == len(tables) else ()


def _taken(shape: Shape | None, known: Sequence[SchemaColumn]) -> Sequence[SchemaColumn] | None:
    """The columns that what rows are read as takes: all where it may take any, None where it says nothing."""
    if shape is None or not known or shape.open:
        return known if shape is not None else None
    taken = [column for column in known if shape.takes(column.name, column.attribute)]
    return taken or None


def _place(star: Star, dialect: str, columns: list[str]) -> str:
    """The star, and the columns as they stand in its place, where they are known."""
    prefix = f"{spelling.name(star.table, dialect)}." if star.table else ""
    listed = ", ".join(f"{prefix}{spelling.name(column, dialect)}" for column in columns)
    shown = f"`{star.table}.*`" if star.table else "`*`"
    return f"{shown}: {listed}" if listed else shown


def _written(text: Text, stop: Place | None) -> bool:
    """Whether the program's own words are all that stands in the text up to `stop`."""
    for piece in text.pieces:
        if not isinstance(piece, Literal | Parameter):
            return False
        place = piece.place if isinstance(piece, Literal) else None
        if stop is not None and place is not None and place.path == stop.path and place.stop > stop.start:
            return True
    return True


def _source(query: Query, star: Star) -> Source | None:
    """The source that a star stands for: the one it names, else the first."""
    for source in query.sources.values():
        if not star.table or star.table in (source.alias, source.name):
            return source
    return None
