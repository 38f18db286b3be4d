"""SQL text that a caller can influence.

Not reported: the program's own words (also looked up, chosen by a test, or listed by an enumeration or a type of
literals), numbers, quoted names, placeholders, and what cannot be followed. A parameter that TypeScript declares a
number is one, although types are gone at run time: inside the project the compiler has checked what is passed. What
a framework hands to a handler was checked by nobody, so there a declared type says nothing.

Who runs a script holds the database's password already: in scripts, only what a request brings is reported. So it is
in a library of databases itself: who calls it writes statements by it, and is judged where that is done.

What is read from the same object as the host, the user or the password of a connection is a setting of that connection
(its database's name, its extensions): whoever sets these decides what may be done through it, and a name beside them
gives nobody a right. It is reported where a request brings the object, or a call fills the field by itself.

A value that a function puts into several texts, where it stands for the same, is told once, with all of these places.

A finding's `sub` says who decides: `request`, `parameter` (whoever calls the function) or `database`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from string import ascii_letters, digits
from typing import NamedTuple

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.schema import prints_plainly
from dblint.facts.spelling import name
from dblint.facts.text import Hole, Literal, Optional, Origin, Piece, Place, Repeat, Text
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="SQL text is assembled from a value that a caller decides",
    why=(
        "What stands in the text is read as SQL: a quote in the value ends the string, and the rest of it is a "
        "statement of the caller's choice. It also breaks on honest input (O'Brien), and every value makes a new "
        "statement to plan. A value can be bound; a name can be quoted by the library's own function, or chosen like "
        "a keyword or an operator from a list that stands in the code."
    ),
    minimal="Take `{value}` out of the text: {advice}",
    better=(
        "Build the statement with the library's own builder or tagged template, which binds what is interpolated "
        "(here `{value}`)."
    ),
    complete=(
        "Let the application's role on the server do no more than its statements need, and forbid assembled text in "
        "review by keeping this rule on, so that `{value}` has no successor."
    ),
    symptoms=("syntax error at or near", "unterminated quoted string", "a name with an apostrophe breaks a page"),
    verify=(
        "SELECT application_name, query FROM pg_stat_activity WHERE query LIKE '%''%' AND query NOT LIKE "
        "'%pg_stat_activity%'"
    ),
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    checklist=("4.1", "4.5"),
    looks_at="places that send SQL text",
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
        Bad(
            "python",
            """\
import aiosqlite
import asyncpg
import oracledb
import pymysql

async def found(connection: asyncpg.Connection, word: str):
    return await connection.fetch(f"SELECT id FROM jar WHERE label = '{word}'")  # finding

async def counted(path, word: str):
    async with aiosqlite.connect(path) as db:
        return await db.execute_fetchall("SELECT id FROM jar WHERE label = '%s'" % word)  # finding

def sorted_by(connection: pymysql.connections.Connection, column: str):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM jar ORDER BY " + column)  # finding
        return cursor.fetchall()

def named(connection: oracledb.Connection, word: str):
    connection.cursor().execute(f"SELECT id FROM jar WHERE label = '{word}'")  # finding
""",
            title="drivers",
        ),
        Bad(
            "python",
            """\
from flask import Flask, request
from peewee import SqliteDatabase

app = Flask(__name__)
database = SqliteDatabase("shop.db")


@app.get("/found")
def found():
    return database.execute_sql(f"SELECT id FROM customer WHERE name = '{request.args['name']}'").fetchall()  # finding
""",
            title="execute_sql() of Peewee",
        ),
        Bad(
            "python",
            """\
from fastapi import FastAPI
from tortoise import connections

app = FastAPI()


@app.get("/found")
async def found(name: str):
    connection = connections.get("default")
    return await connection.execute_query_dict(f"SELECT id FROM customer WHERE name = '{name}'")  # finding
""",
            title="a connection of Tortoise",
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
        Good(
            "python",
            """\
import psycopg2

class Source:
    def __init__(self, settings):
        self.settings = settings

    def columns(self):
        opened = psycopg2.connect(host=self.settings.host, user=self.settings.user, password=self.settings.password)
        cursor = opened.cursor()
        cursor.execute(f"SELECT column_name FROM {self.settings.database}.information_schema.columns")
        return cursor.fetchall()
""",
            title="a name beside the password of the connection: who sets both may do anything there",
        ),
        Good(
            "python",
            """\
from flask import Flask, request
from peewee import SqliteDatabase

app = Flask(__name__)
database = SqliteDatabase("shop.db")


@app.get("/found")
def found():
    return database.execute_sql("SELECT id FROM customer WHERE name = ?", (request.args["name"],)).fetchall()
""",
            title="execute_sql() of Peewee with parameters",
        ),
    ),
)
DECIDED = (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE)
CONFIDENCE = {Origin.REQUEST: "very-high", Origin.PARAMETER: "medium", Origin.DATABASE: "low"}
WORDS = {
    Origin.REQUEST: "comes from the request",
    Origin.PARAMETER: "comes from what a caller hands in",
    Origin.DATABASE: "was read from the database",
}
SEVERAL = {
    Origin.REQUEST: "come from the request",
    Origin.PARAMETER: "come from what callers hand in",
    Origin.DATABASE: "were read from the database",
}
ROLES = {
    "value": "",
    "name": " where a name stands",
    "function": " where the name of a function stands",
    "part": " where a part of the statement stands",
    "placeholder": " as the name of a placeholder",
    "ddl": " where nothing can be bound",
    "setting": " where nothing can be bound",
    "statement": " where a statement stands",
}
REMEDIES = {"value": "bind", "name": "quote", "function": "choose", "part": "choose", "ddl": "choose", "setting": "set"}
NAMED = frozenset(
    """
    FROM JOIN INTO UPDATE TABLE BY SELECT SCHEMA DATABASE VIEW INDEX COLUMN EXISTS TRUNCATE AS COPY ANALYZE VACUUM
    REINDEX USE FUNCTION PROCEDURE TRIGGER ROLE USER SEQUENCE CONSTRAINT EXTENSION POLICY
    """.split()
)
"""Words after which a name stands, not a value: it cannot be bound."""
CLAUSES = frozenset("SELECT BY FROM WHERE SET VALUES HAVING RETURNING LIMIT ON".split())
BEFORE_COLUMNS = frozenset("INTO TABLE REFERENCES COPY WITH".split())
"""Words after which a name stands that columns in parentheses may follow, and no arguments."""
LISTS_OF_NAMES = frozenset({"SELECT", "BY", "FROM"})
QUERIES = frozenset({"FROM", "JOIN", "EXISTS", "AS"})
"""Words after which a parenthesis holds a query."""
CONDITIONS = frozenset("WHERE AND OR NOT ON HAVING SET".split())
"""Words after which a condition or an assignment stands: a name, where a comparison follows."""
COMPARISONS = frozenset("= < > <= >= <> != == LIKE ILIKE IN IS REGEXP RLIKE BETWEEN".split())
BEFORE_VALUES = frozenset(
    """
    LIKE ILIKE IN IS BETWEEN LIMIT OFFSET VALUES RETURNING CASE WHEN THEN ELSE INTERVAL ANY ALL ESCAPE TOP DISTINCT
    REGEXP RLIKE TO FETCH NEXT FIRST ZONE DATE TIMESTAMP TIME CALL EXEC EXECUTE SOME FOR PRIMARY
    """.split()
)
"""Words that are no names, and after which a value can stand."""
DEFINING = frozenset("CREATE ALTER DROP TRUNCATE COMMENT GRANT REVOKE VACUUM ANALYZE REINDEX REFRESH".split())
"""First words of statements that bind nothing."""
EXPLAINS = re.compile(
    r"\s*(?:EXPLAIN(?:\s*\([^()]*\)|\s+(?:ANALY[SZ]E|VERBOSE|EXTENDED|QUERY\s+PLAN|FORMAT\s*=\s*\w+))*)?\s*;?\s*",
    re.IGNORECASE,
)
"""What stands before a statement to have its plan told, or nothing."""
SIGNS = ("(", ")", ",", "=", "<", ">")
QUOTES = ('"', "`")
IDENTIFIER = f"{ascii_letters}{digits}_"
MARK = "\0"
"""Stands for a hole in the text before another."""
LISTED = 2


ADVICE = {
    "value": "bind it as a parameter, without quotes around its placeholder.",
    "name": (
        "a name of a table or column cannot be bound, so choose it from a list that stands in the code, or quote it "
        "with the library's own function, which writes the quotes."
    ),
    "function": (
        "the name of a function can be neither bound nor quoted, so choose it from a list that stands in the code."
    ),
    "part": "keywords, operators and conditions cannot be bound, so choose them from a list that stands in the code.",
    "placeholder": "name placeholders by a counter (id_0, id_1, …), and hand the value over under that name.",
    "statement": "run statements that stand in the code, and bind what changes in them.",
    "ddl": "nothing can be bound here, so choose it from a list that stands in the code, or make a number of it.",
    "setting": "nothing can be bound in SET, so set it by a function that takes parameters, or make a number of it.",
}
"""What is at a value → what can be done."""


class _Spot(NamedTuple):
    """A hole, and the text of its statement before and behind it."""

    hole: Hole
    before: str
    after: str


class _Told(NamedTuple):
    """A call whose text holds a value that a caller decides: the holes, the worst first, and what stands at that."""

    call: Call
    spots: list[_Spot]
    stands: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The values that come from where the worst one comes, as written."""
        origin = self.spots[0].hole.origin
        return tuple(dict.fromkeys(spot.hole.source for spot in self.spots if spot.hole.origin is origin))


def check(project: Project) -> Iterator[Finding]:
    """One finding per function, value and what stands at it: what the value may be is decided once."""
    groups: dict[tuple[object, ...], list[_Told]] = {}
    for call in project.calls:
        told = _told(call, project)
        if told is not None:
            own = call.function or call.place
            key = (call.place.path, own, told.sources, told.spots[0].hole.origin, told.stands, call.idiom)
            groups.setdefault(key, []).append(told)
    for group in groups.values():
        yield _finding(*sorted(group, key=lambda told: told.call.place))


def _told(call: Call, project: Project) -> _Told | None:
    if call.text is None or (not call.piece and _passes_through(call.text)):
        return None
    entitled = call.role is FileRole.SCRIPT or call.place.path in project.libraries
    decided = (Origin.REQUEST,) if entitled else DECIDED
    spots = [spot for spot in _spots(call) if spot.hole.origin in decided and not spot.hole.words]
    spots = [spot for spot in spots if not _holds_no_text(spot.hole, project)]
    if not spots:
        return None
    spots.sort(key=lambda spot: DECIDED.index(spot.hole.origin))
    if spots[0].hole.origin is Origin.PARAMETER and project.unused(call.function):
        return None  # nobody calls it with anything
    return _Told(call, spots, _stands(spots[0], _dialect(call)))


def _dialect(call: Call) -> str:
    return call.dialect if call.dialect_sure else ""


def _finding(told: _Told, *others: _Told) -> Finding:
    call, stands, dialect = told.call, told.stands, _dialect(told.call)
    spot = told.spots[0]
    hole = spot.hole
    remedy = Remedy(REMEDIES[stands], _parts(spot, stands, dialect)) if stands in REMEDIES else None
    related = [
        Related(other.hole.place, f"`{other.hole.source}` {_origin(other.hole)}{_quoted(other, dialect)}")
        for other in _first_of_each(told.spots)
        if other.hole.place is not None
    ]
    related += [Related(other.call.place, f"`{other.call.source}` is given it, too") for other in others]
    more = f"; so it is in {len(others) + 1} places of this function" if others else ""
    return Finding(
        call.place,
        _message(told, call.source) + more,
        names={"value": hole.source, "advice": ADVICE[stands]},
        related=tuple(related),
        remedy=remedy,
        idiom=call.idiom,
        sub=str(hole.origin),
        confidence=CONFIDENCE[hole.origin],
    )


def _holds_no_text(hole: Hole, project: Project) -> bool:
    """Whether a value was read from a column of numbers, dates or the like, in every table of that name. Of a table
    that is not known, the columns that refer to it say so."""
    if hole.column is None:
        return False
    table, column = hole.column
    declared = project.table(table)
    known = (declared,) if declared is not None else project.ambiguous.get(table.lower(), ())
    columns = [each.column(column) for each in (*known, *project.databases(table))]
    if not columns:
        columns = [
            each.column(key.columns[0])
            for each in (
                *project.tables.values(),
                *(each for tables in project.stored.values() for each in tables.values()),
            )
            for key in each.keys
            if key.kind == "foreign"
            and key.target.lower() == table.lower()
            and tuple(word.lower() for word in key.target_columns) == (column.lower(),)
        ]
    return bool(columns) and all(each is not None and prints_plainly(each.type) for each in columns)


def places(project: Project) -> Iterator[Place]:
    """The calls that are given SQL text."""
    for call in project.calls:
        if call.text is not None:
            yield call.place


def _quoted(spot: _Spot, dialect: str) -> str:
    """What becomes of quotes that stand around a hole."""
    if spot.before[-1:] not in QUOTES or _stands(spot, dialect) != "name":
        return ""
    return "; the quotes around it go, for quoting writes its own"


def _origin(hole: Hole) -> str:
    """Where a value comes from."""
    if hole.origin is Origin.PARAMETER and hole.parameter:
        return "is a parameter of the function"
    return WORDS[hole.origin]


def _message(told: _Told, sink: str) -> str:
    hole, role = told.spots[0].hole, ROLES[told.stands]
    holes = [spot.hole for spot in told.spots if spot.hole.origin is hole.origin]
    listed = [f"`{source}`" for source in told.sources[:LISTED]]
    more = len(told.sources) - len(listed)
    if more:
        listed.append(f"{more} more")
    subject = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    plural = len(listed) > 1
    if hole.origin is Origin.REQUEST:
        return f"the request's {subject} {'reach' if plural else 'reaches'} the SQL text of `{sink}`{role}"
    origin = SEVERAL[hole.origin] if plural else _origin(hole)
    if plural and all(each.parameter for each in holes):
        origin = "are parameters of the function"
    return f"{subject} {'are' if plural else 'is'} put into the SQL text of `{sink}`{role}, and {origin}"


def _first_of_each(spots: Iterable[_Spot]) -> Iterator[_Spot]:
    seen: set[str] = set()
    for spot in spots:
        if spot.hole.source not in seen:
            seen.add(spot.hole.source)
            yield spot


def _passes_through(text: Text) -> bool:
    """A text that a caller hands in as a whole, also to have it explained: whoever makes it is judged instead."""
    pieces = [piece for piece in text.pieces if not (isinstance(piece, Literal) and EXPLAINS.fullmatch(piece.text))]
    only = pieces[0] if len(pieces) == 1 else None
    return isinstance(only, Hole) and only.handed and (only.origin is not Origin.REQUEST or only.parameter != "")


def _spots(call: Call) -> Iterator[_Spot]:
    """The holes, each with the text around it. What stands only sometimes is read as if it stood there; before a piece
    of a statement stands something else."""
    flat: list[Piece] = []
    pending = list(reversed(call.text.pieces)) if call.text is not None else []
    while pending:
        piece = pending.pop()
        if isinstance(piece, Optional | Repeat):
            pending.extend(reversed(piece.pieces))
        else:
            flat.append(piece)
    before = f"{MARK} " if call.piece else ""
    for index, piece in enumerate(flat):
        if isinstance(piece, Literal):
            before += piece.text
            continue
        if isinstance(piece, Hole):
            following = flat[index + 1] if index + 1 < len(flat) else None
            yield _Spot(piece, before.rpartition(";")[2], following.text if isinstance(following, Literal) else "")
        before += MARK


def _stands(spot: _Spot, dialect: str) -> str:
    """What stands at a hole: a `value`, a `name`, a `part` of the statement that is neither, a `statement`, what `ddl`
    fixes, the value of a `setting`, or the name of a `placeholder`."""
    before, after = spot.before, spot.after
    words, following = _words(before), _words(after)
    last = words[-1] if words else ""
    if not words or (last == "(" and words[-2:-1] and words[-2] in QUERIES) or EXPLAINS.fullmatch(before):
        return "statement"
    if last == "AS" and words[0] == "CREATE" and "SELECT" not in words:
        return "statement"  # a view's, or what fills a table
    defining = words[0] in DEFINING and not (words[0] == "CREATE" and {"SELECT", "VALUES"} & set(words))
    bound = "ddl" if defining else "value"
    if words[0] == "SET":
        return "setting" if dialect in ("", "postgres") else "ddl"
    if before.count("'") % 2:
        return bound
    if before.count('"') % 2 or before.count("`") % 2 or last == "[":
        # Only some databases take `"text"` for a string.
        compared = before.endswith('"') and _compares(_words(before[:-1])) and not after.startswith('".')
        return bound if compared and dialect != "postgres" else "name"
    if before.rstrip(IDENTIFIER).endswith(":") and not before.rstrip(IDENTIFIER).endswith("::"):
        return "placeholder"
    leading = words[-2:-1] if before.endswith((".", "_")) else [last]
    called = after.startswith("(") and not BEFORE_COLUMNS.intersection(leading) and not defining
    if before.endswith((".", "_")) or _names(words) or (defining and last == "ON"):
        return "function" if called else "name"
    if called:
        return "function"
    if last in CONDITIONS or (last == "," and _compares(following[:1])):
        return "name" if _compares(following[:1]) else "part"
    if defining:
        return "ddl"
    return "value" if last in BEFORE_VALUES or not _operand(last) else "part"


def _words(text: str) -> list[str]:
    """The words and signs of a piece of SQL, in upper case."""
    for sign in SIGNS:
        text = text.replace(sign, f" {sign} ")
    return text.upper().split()


def _names(words: list[str]) -> bool:
    """Whether a name is expected after these words, and no value."""
    if words[-1] not in (",", "("):
        return words[-1] in NAMED
    depth = 0
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        depth += (word == ")") - (word == "(")
        if depth < 0:
            return words[max(index - 2, 0)] == "INTO"  # INSERT INTO t (…
        if not depth and word in CLAUSES:
            return word in LISTS_OF_NAMES
    return False


def _compares(words: list[str]) -> bool:
    """Whether the words end in a comparison."""
    end = words[-2:] if words[-1:] == ["("] else words[-1:]
    return bool(end) and end[0] in COMPARISONS


def _operand(word: str) -> bool:
    """Whether a word is a name, a hole or the end of an expression: behind it no value can stand."""
    return word == ")" or word[-1] in '"`' or word[-1] == MARK or word[-1].isalnum() or word[-1] == "_"


def _parts(spot: _Spot, stands: str, dialect: str) -> dict[str, str]:
    """What fills the holes of the library's own way to write it."""
    parts = {"value": spot.hole.source, "column": _column(spot.before, dialect)}
    if stands == "setting":
        words = spot.before.replace("=", " ").split()
        local = len(words) > 1 and words[1].upper() == "LOCAL"
        named = [word for word in words[1:] if word.upper() not in ("LOCAL", "SESSION")]
        parts |= {"setting": named[0].lower() if named else "name", "local": "true" if local else "false"}
    return parts


def _column(before: str, dialect: str) -> str:
    """The column that a value is compared with, as the text before it says."""
    words = before.rstrip().rstrip("'\"%(").rstrip().replace("=", " = ").split()
    if len(words) < 2 or words[-1].upper() not in COMPARISONS:
        return "column"
    word = words[-2].rpartition(".")[2].strip('"`[]()<>!')
    return name(word, dialect) if word.isidentifier() else "column"
