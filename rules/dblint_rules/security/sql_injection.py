"""SQL text that a caller can influence."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.text import Hole, Optional, Origin, Piece, Repeat, Text
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="SQL text is assembled from a value that a caller decides",
    why=(
        "What stands in the text is read as SQL: a quote in the value ends the string, and the rest of it is a "
        "statement of the caller's choice. It also breaks on honest input (O'Brien), and every value makes a new "
        "statement to plan."
    ),
    minimal=(
        "Bind `{value}` as a parameter; where it is a name of a table or column, choose it from a list that stands "
        "in the code."
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
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export function find(name: string) {
  return pool.query(`SELECT id FROM customer WHERE name = '${name}'`); // finding
}
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
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export function find(name: string, ascending: boolean) {
  return pool.query(`SELECT id FROM customer WHERE name = $1 ORDER BY id ${ascending ? 'ASC' : 'DESC'}`, [name]);
}
""",
        ),
    ),
)
DECIDED = (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE)
WORDS = {
    Origin.REQUEST: "comes from the request",
    Origin.PARAMETER: "is a parameter of the function",
    Origin.DATABASE: "was read from the database",
}


def check(call: Call) -> Iterator[Finding]:
    """One finding per call whose text holds a value that a caller decides."""
    if call.text is None or _passes_through(call.text):
        return
    holes = [hole for hole in _holes(call.text.pieces) if hole.origin in DECIDED and not hole.words]
    if not holes:
        return
    hole = min(holes, key=lambda item: DECIDED.index(item.origin))
    related = (Related(hole.place, f"`{hole.source}` {WORDS[hole.origin]}"),) if hole.place is not None else ()
    more = f" (and {len(holes) - 1} more)" if len(holes) > 1 else ""
    yield Finding(
        call.place,
        f"`{hole.source}`{more} is put into the SQL text of `{call.source}`, and {WORDS[hole.origin]}",
        names={"value": hole.source},
        related=related,
        remedy=Remedy("bind", {"value": hole.source, "column": "column"}),
        idiom=call.idiom,
    )


def _passes_through(text: Text) -> bool:
    """A text that is one parameter as a whole: the calls of that function are judged instead."""
    return len(text.pieces) == 1 and isinstance(text.pieces[0], Hole) and text.pieces[0].origin is not Origin.REQUEST


def _holes(pieces: tuple[Piece, ...]) -> Iterator[Hole]:
    pending = list(reversed(pieces))
    while pending:
        piece = pending.pop()
        if isinstance(piece, Hole):
            yield piece
        elif isinstance(piece, Optional | Repeat):
            pending.extend(reversed(piece.pieces))
