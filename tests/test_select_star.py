"""Which statements `query/select-star` reads: by what was parsed, not by how the text begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings


def said(folder: Path, text: str) -> list[str]:
    program = f"import sqlite3\n\ndef find(opened: sqlite3.Connection, head, value):\n    opened.execute({text})\n"
    return [found.message for found in findings(folder, {"app.py": program}, "query/select-star")]


@pytest.mark.parametrize(
    "text",
    [
        '"/* hint */ SELECT * FROM t"',
        '"-- all of it\\nSELECT * FROM t"',
        '"Select * FROM t"',
        '"SELECT*FROM t"',
        '"WITH x AS (SELECT id FROM p) SELECT t.* FROM t JOIN x ON x.id = t.id"',
        'f"SELECT * FROM t WHERE a = {value}"',
        'f"SELECT {value}, t.* FROM t"',
    ],
)
def test_a_star_over_a_table(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == ["every column of t is asked for"]


@pytest.mark.parametrize(
    "text",
    [
        'f"{head} SELECT * FROM t"',
        'f"-- what it is\\n{head} SELECT * FROM t"',
        'f"WITH x AS (SELECT 1), {head} SELECT * FROM t"',
        '"WITH t AS (SELECT id FROM p) SELECT * FROM t"',
    ],
)
def test_a_name_that_may_be_declared_in_the_statement(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == []


TABLES = """\
CREATE TABLE author (id int PRIMARY KEY, first_name text, bio text, photo bytea);
CREATE TABLE tag (id int PRIMARY KEY, word text);
"""
PYTHON = """\
import sqlite3
from pydantic import BaseModel, Field

class Whole(BaseModel):
    id: int
    name: str = Field(alias="first_name")
    bio: str
    photo: bytes

class Narrow(BaseModel):
    id: int
    firstName: str

class Other(BaseModel):
    street: str

class Tag(BaseModel):
    id: int
    word: str

class Both(Tag, Whole):
    pass

def fetch(connection: sqlite3.Connection, query, values=None, model=None):
    return connection.execute(query, values)

def run(connection: sqlite3.Connection):
"""
TYPESCRIPT = """\
import { Pool } from 'pg';
const pool = new Pool();
interface Whole { id: number; firstName: string; bio?: string; photo: Buffer }
interface Narrow { id: number; first_name: string }
interface Half extends Narrow { [key: string]: any }
const fetch = async <T>(sql: string): Promise<T[]> => (await pool.query<T>(sql)).rows;
export async function run() {
"""
AUTHOR = "every column of author is asked for; it has 4"
LIST = "Put those columns of author that this code reads in the place of `*`: "
ADDRESS = "Put those columns of address that this code reads in the place of `*`"
EVERY = [(AUTHOR, LIST + "id, first_name, bio, photo")]
NARROW = [(AUTHOR + ", and Narrow takes 2 of them", LIST + "id, first_name")]


Told = list[tuple[str, str]]


def read_as(folder: Path, name: str, program: str, line: str, cases: dict[str, Told]) -> dict[str, Told]:
    """What is told of each of these calls, which stand in one function of the program, a line each."""
    begun = program.count("\n")
    files = {"migrations/1.sql": TABLES, name: program + "".join(line.replace("{call}", call) for call in cases)}
    if name.endswith(".ts"):
        files[name] += "}\n"
    told: dict[str, Told] = {call: [] for call in cases}
    for found in findings(folder, files, "query/select-star"):
        told[[*cases][found.region.start.line - begun - 1]].append((found.message, found.minimal))
    return told


CLASSES: list[tuple[str, Told]] = [
    ('"SELECT * FROM author", {}, Whole', []),
    ('"SELECT * FROM author", {}, Narrow', NARROW),
    ('"SELECT * FROM author", model=list[Narrow]', NARROW),
    ('"SELECT * FROM author", model=Other', EVERY),  # takes none: it is not what rows are read as
    ('"SELECT * FROM author", model=dict', EVERY),
    ('"SELECT * FROM author", {}, Narrow, Whole', EVERY),  # which of the two?
    ('"SELECT * FROM address", model=Narrow', []),
    (
        '"SELECT * FROM address", model=dict',
        [
            (
                "every column of address is asked for",
                "Put those columns of address that this code reads in the place of `*`",
            )
        ],
    ),
    ('"SELECT * FROM tag JOIN author USING (id)", model=Both', []),
    (
        '"SELECT * FROM tag JOIN author USING (id)", model=Tag',
        [("every column of tag is asked for; it has 2", LIST.replace("author", "tag") + "id, word")],
    ),
    ('"SELECT * FROM tag JOIN address USING (id)", model=Tag', []),
    ('"SELECT t.* FROM tag t JOIN author USING (id)", model=Tag', []),
]


def test_classes_that_rows_are_read_as(tmp_path: Path) -> None:
    cases = dict(CLASSES)
    assert read_as(tmp_path, "app.py", PYTHON, "    fetch(connection, {call})\n", cases) == cases


TYPES: list[tuple[str, Told]] = [
    ("await pool.query<Whole>('SELECT * FROM author')", []),
    ("await pool.query<Narrow>('SELECT * FROM author')", NARROW),
    ("await pool.query<Half>('SELECT * FROM author')", []),
    ("await pool.query<any>('SELECT * FROM author')", EVERY),
    ("await pool.query<Narrow>('SELECT * FROM address')", []),
    ("await fetch<Whole>('SELECT * FROM author')", []),
    ("await fetch<Narrow>('SELECT * FROM author')", NARROW),
    (
        "await pool.query<{ id: number }>('SELECT * FROM author')",
        [(AUTHOR + ", and the type of its rows takes 1 of them", LIST + "id")],
    ),
]


def test_types_that_rows_are_read_as(tmp_path: Path) -> None:
    cases = dict(TYPES)
    assert read_as(tmp_path, "app.ts", TYPESCRIPT, "  {call};\n", cases) == cases
