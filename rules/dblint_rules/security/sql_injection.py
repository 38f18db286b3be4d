"""SQL text that a caller can influence.

Not reported: the program's own words (also looked up, chosen by a test, or listed by an enumeration or a type of
literals), numbers, quoted names, placeholders, and what cannot be followed. A parameter that TypeScript declares a
number is one, although types are gone at run time: inside the project the compiler has checked what is passed. What
a framework hands to a handler was checked by nobody, so there a declared type says nothing.

Who runs a script holds the database's password already: in scripts, only what a request brings is reported.

A finding's `sub` says who decides: `request`, `parameter` (whoever calls the function) or `database`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.text import Hole, Literal, Optional, Origin, Piece, Repeat, Text
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="SQL text is assembled from a value that a caller decides",
    why=(
        "What stands in the text is read as SQL: a quote in the value ends the string, and the rest of it is a "
        "statement of the caller's choice. It also breaks on honest input (O'Brien), and every value makes a new "
        "statement to plan."
    ),
    minimal=(
        "Take `{value}` out of the text. A value is bound as a parameter; a name of a table or column cannot be bound, "
        "so choose it from a list that stands in the code, or quote it with the library's own function."
    ),
    better=(
        "Build the statement with the library's own builder or tagged template, which binds what is interpolated "
        "(here `{value}`)."
    ),
    complete=(
        "Let the application's role on the server do no more than its statements need, and forbid assembled text in "
        "review by keeping this rule on, so that `{value}` has no successor."
    ),
    symptoms=("syntax error at or near", "unterminated quoted string", "a name with an apostrophe breaks a page"),
    verify="SELECT query FROM pg_stat_statements WHERE query LIKE '%''%' LIMIT 20",
    severity="error",
    confidence="high",
    checklist=("4.1", "4.5"),
    cwe=(89,),
    security_severity="8.8",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def find(connection: sqlite3.Connection, name):
    return connection.execute(f"SELECT id FROM customer WHERE name = '{name}'").fetchone()  # finding

def sort(connection: sqlite3.Connection, column: str):
    sql = "SELECT id FROM customer"
    sql += " ORDER BY " + column
    return connection.execute(sql).fetchall()  # finding
""",
        ),
        Bad(
            "python",
            """\
import psycopg2
from flask import request

def find():
    cursor = psycopg2.connect("").cursor()
    cursor.execute("SELECT id FROM customer WHERE name = '%s'" % request.args["name"])  # finding
""",
        ),
        Bad(
            "typescript",
            """\
import express from 'express';
import { Pool } from 'pg';

const pool = new Pool();
const app = express();

export function find(name: string) {
  return pool.query(`SELECT id FROM customer WHERE name = '${name}'`); // finding
}

app.get('/customers', async (request, response) => {
  const { order } = request.query;
  response.json(await pool.query('SELECT id FROM customer ORDER BY ' + order)); // finding
});
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

TABLE = "customer"

def find(connection: sqlite3.Connection, name, limit: int):
    marks = ", ".join("?" for _ in name)
    connection.execute(f"SELECT id FROM {TABLE} WHERE name IN ({marks}) LIMIT {limit}", name)
    connection.execute("SELECT id FROM customer LIMIT %d" % int(name))
    return f"Please select a name from {name}"
""",
        ),
        Good(
            "python",
            """\
import psycopg
from psycopg import sql

COLUMNS = {"name": "lower(name)", "age": "created_at"}

def find(connection: psycopg.Connection, order, table, column):
    if column not in ("id", "name"):
        raise ValueError(column)
    connection.execute(f"SELECT {column} FROM customer ORDER BY {COLUMNS[order]}")
    connection.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(table)))
""",
        ),
        Good(
            "python",
            """\
import sqlite3

def copy(connection: sqlite3.Connection, table):
    return connection.execute(f"SELECT id FROM {table}").fetchall()
""",
            title="a script: whoever runs it has the database",
            path="scripts/copy.py",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();
const SORTABLE = ['id', 'name'];

export function find(name: string, ascending: boolean, order: string, limit: number) {
  if (!SORTABLE.includes(order)) throw new Error(order);
  const direction = ascending ? 'ASC' : 'DESC';
  return pool.query(`SELECT id FROM customer WHERE name = $1 ORDER BY ${order} ${direction} LIMIT ${limit}`, [name]);
}
""",
        ),
    ),
)
DECIDED = (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE)
CONFIDENCE = {Origin.REQUEST: "very-high", Origin.PARAMETER: "medium", Origin.DATABASE: "low"}
WORDS = {
    Origin.REQUEST: "comes from the request",
    Origin.PARAMETER: "is a parameter of the function",
    Origin.DATABASE: "was read from the database",
}
NAMED = frozenset("FROM JOIN INTO UPDATE TABLE BY SELECT SCHEMA DATABASE VIEW INDEX COLUMN EXISTS TRUNCATE".split())
"""Words after which a name stands, not a value: it cannot be bound."""
LISTED = 2


def check(call: Call) -> Iterator[Finding]:
    """One finding per call whose text holds a value that a caller decides."""
    if call.text is None or _passes_through(call.text):
        return
    decided = (Origin.REQUEST,) if call.role is FileRole.SCRIPT else DECIDED
    places = [(hole, before) for hole, before in _holes(call.text.pieces) if hole.origin in decided and not hole.words]
    if not places:
        return
    places.sort(key=lambda item: DECIDED.index(item[0].origin))
    hole, before = places[0]
    sources = list(dict.fromkeys(item.source for item, _ in places if item.origin is hole.origin))
    name = _stands_for_name(before)
    yield Finding(
        call.place,
        _message(hole, sources, call.source, name=name),
        names={"value": hole.source},
        related=tuple(
            Related(item.place, f"`{item.source}` {WORDS[item.origin]}")
            for item in _first_of_each(item for item, _ in places)
            if item.place is not None
        ),
        remedy=Remedy("quote" if name else "bind", {"value": hole.source, "column": _column(before)}),
        idiom=call.idiom,
        sub=str(hole.origin),
        confidence=CONFIDENCE[hole.origin],
    )


def _message(hole: Hole, sources: list[str], sink: str, *, name: bool) -> str:
    listed = [f"`{source}`" for source in sources[:LISTED]]
    more = len(sources) - len(listed)
    if more:
        listed.append(f"{more} more")
    subject = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    plural = len(listed) > 1
    role = " where a name stands" if name else ""
    if hole.origin is Origin.REQUEST:
        return f"the request's {subject} {'reach' if plural else 'reaches'} the SQL text of `{sink}`{role}"
    origin = "are parameters of the function" if plural and hole.origin is Origin.PARAMETER else WORDS[hole.origin]
    if plural and hole.origin is Origin.DATABASE:
        origin = "were read from the database"
    return f"{subject} {'are' if plural else 'is'} put into the SQL text of `{sink}`{role}, and {origin}"


def _first_of_each(holes: Iterable[Hole]) -> Iterator[Hole]:
    seen: set[str] = set()
    for hole in holes:
        if hole.source not in seen:
            seen.add(hole.source)
            yield hole


def _passes_through(text: Text) -> bool:
    """A text that a caller hands in as a whole: whoever makes it is judged instead."""
    only = text.pieces[0] if len(text.pieces) == 1 else None
    return isinstance(only, Hole) and only.handed and only.origin is not Origin.REQUEST


def _holes(pieces: tuple[Piece, ...]) -> Iterator[tuple[Hole, str]]:
    """The holes, each with the text that stands before it."""
    pending = list(reversed(pieces))
    before = ""
    while pending:
        piece = pending.pop()
        if isinstance(piece, Literal):
            before = piece.text
        elif isinstance(piece, Hole):
            yield piece, before
            before = ""
        elif isinstance(piece, Optional | Repeat):
            pending.extend(reversed(piece.pieces))


def _stands_for_name(before: str) -> bool:
    """Whether a name is expected after this text, and no value."""
    text = before.rstrip()
    if text.endswith(("'", "=", "(", "<", ">", "%")):
        return False
    words = text.replace(",", " , ").split()
    return text.endswith(('"', "`", ".", "[")) or (bool(words) and words[-1].upper() in NAMED)


def _column(before: str) -> str:
    """The column that a value is compared with, as the text before it says."""
    words = before.rstrip().rstrip("'%(").rstrip().replace("=", " = ").split()
    if len(words) < 2 or words[-1].upper() not in ("=", "<", ">", "LIKE", "ILIKE", "IN"):
        return "column"
    word = words[-2].rpartition(".")[2].strip('"`[]()<>!')
    return word if word.isidentifier() else "column"
