"""What the rows of a statement are read as, and where it is said."""

from __future__ import annotations

from collections.abc import Sequence

from dblint.facts.program import Shape
from tests.link.linked import linked

PYTHON = """\
import enum
import psycopg
from dataclasses import dataclass
from typing import ClassVar, Generic, NamedTuple, TypeVar
from psycopg.rows import class_row, dict_row
from pydantic import BaseModel, Field
from shapes import Told, unread

T = TypeVar("T")

class Model(BaseModel):
    kind: ClassVar[str] = "model"
    id: int
    name: str = Field(alias="title", default="")

    def shown(self): ...

class Further(Model, Generic[T]):
    note: T

class Open(unread.Base):
    id: int

class Pair(NamedTuple):
    id: int
    word: str

@dataclass
class Data:
    id: int

class Plain:
    def __init__(self, id, word): ...

class Any:
    def __init__(self, id, **rest): ...

class Mode(enum.Enum):
    id = 1

class Trouble(Exception):
    id: int

def fetch(sql, values=None, model=None, errors=None):
    with psycopg.connect("") as connection:
        return connection.execute(sql, values)

def plain(sql):
    with psycopg.connect("") as connection:
        with connection.cursor(row_factory=class_row(Data)) as cursor:
            return cursor.execute(sql)

"""
PYTHON_CALLER = """\
def run{number}(connection: psycopg.Connection, one: Model):
    {call}
"""
MODEL = Shape("Model", ("id", "name", "title"))


def shapes(path: str, text: str, caller: str, calls: Sequence[str]) -> list[Shape | None]:
    """The shape of each of these calls, which are functions of one program."""
    callers = [caller.replace("{number}", str(number)).replace("{call}", call) for number, call in enumerate(calls)]
    project = linked({path: text + "".join(callers), "shapes.py": "class Told:\n    id: int\n"})
    asking = [call for call in project.calls if any(query.table for query in call.queries)]
    found = {call.function.partition("::")[2].partition(".")[0]: call.shape for call in asking}
    return [found[f"run{number}"] for number in range(len(calls))]


HANDED: list[tuple[str, Shape | None]] = [
    ('fetch("SELECT * FROM t", None, Model)', MODEL),
    ('fetch("SELECT * FROM t", model=Model)', MODEL),
    ('fetch("SELECT * FROM t", model=list[Model])', MODEL),
    ('fetch("SELECT * FROM t", model=Model | None)', None),
    ('fetch("SELECT * FROM t", model=Told)', Shape("Told", ("id",))),
    ('fetch("SELECT * FROM t", model=Further[str])', Shape("Further", ("note", "id", "name", "title"))),
    ('fetch("SELECT * FROM t", model=Open)', Shape("Open", ("id",), True)),
    ('fetch("SELECT * FROM t", model=Pair)', Shape("Pair", ("id", "word"))),
    ('fetch("SELECT * FROM t", model=Data)', Shape("Data", ("id",))),
    ('fetch("SELECT * FROM t", model=Plain)', Shape("Plain", ("id", "word"))),
    ('fetch("SELECT * FROM t", model=Any)', Shape("Any", ("id", "rest"), True)),
    ('fetch("SELECT * FROM t", model=Mode)', None),
    ('fetch("SELECT * FROM t", model=Data, errors=Trouble)', Shape("Data", ("id",))),
    ('fetch("SELECT * FROM t", model=Data, errors=Pair)', None),
    ('fetch("SELECT * FROM t", model=dict)', None),
    ('fetch("SELECT * FROM t", [one])', None),
    ('fetch("SELECT * FROM t", one)', None),
    ('fetch("SELECT id FROM t", model=Model)', None),
    ('plain("SELECT * FROM t")', Shape("Data", ("id",))),
    ('connection.cursor(row_factory=class_row(Model)).execute("SELECT * FROM t")', MODEL),
    ('connection.cursor(row_factory=dict_row).execute("SELECT * FROM t")', None),
]


def test_classes_that_are_handed_over() -> None:
    calls = [call for call, _ in HANDED]
    assert [*zip(calls, shapes("app.py", PYTHON, PYTHON_CALLER, calls), strict=True)] == HANDED


TYPESCRIPT = """\
import { Pool } from 'pg';
import { RowDataPacket } from 'mysql2';
import { Base } from './unread';
const pool = new Pool();
interface Row { id: number; name?: string; shown(): void }
interface Further extends Row, RowDataPacket { note: string }
interface Open extends Base { id: number }
interface Free { [key: string]: any }
type Both = Row & { note: string };
type Less = Omit<Row, 'name'>;
class Entity { static table = 't'; constructor(readonly id: number) {} note: string; }
async function fetch<T>(sql: string, cls?: unknown): Promise<T[]> { return (await pool.query<T>(sql)).rows; }
"""
TYPESCRIPT_CALLER = """\
export async function run{number}(): Promise<Row[]> {
  {call}
}
"""
ROW = Shape("Row", ("id", "name"))


WRITTEN: list[tuple[str, Shape | None]] = [
    ("await pool.query<Row>('SELECT * FROM t');", ROW),
    ("await pool.query<Row, [string]>('SELECT * FROM t');", ROW),
    ("await pool.query<Further[]>('SELECT * FROM t');", Shape("Further", ("note", "id", "name"))),
    ("await pool.query<Open>('SELECT * FROM t');", Shape("Open", ("id",), True)),
    ("await pool.query<Free>('SELECT * FROM t');", None),
    ("await pool.query<Both>('SELECT * FROM t');", Shape("Both", ("id", "name", "note"))),
    ("await pool.query<Less>('SELECT * FROM t');", Shape("Less", ("id",))),
    ("await pool.query<Pick<Both, 'id' | 'note'>>('SELECT * FROM t');", Shape("", ("id", "note"))),
    ("await pool.query<Row | null>('SELECT * FROM t');", ROW),
    ("await pool.query<Row | Less>('SELECT * FROM t');", None),
    ("await pool.query<Row['name']>('SELECT * FROM t');", None),
    ("await pool.query<any>('SELECT * FROM t');", None),
    ("await fetch<Row>('SELECT * FROM t');", ROW),
    ("await fetch('SELECT * FROM t');", None),
    ("await fetch('SELECT * FROM t', Entity);", Shape("Entity", ("id", "note"))),
    ("const rows: Row[] = (await pool.query('SELECT * FROM t')).rows;", ROW),
    ("const row = (await pool.query('SELECT * FROM t')).rows[0] as Row;", ROW),
    ("const rows = (await pool.query('SELECT * FROM t')).rows as unknown as Row[];", ROW),
    ("const part = (await pool.query('SELECT * FROM t')).rows[0].part as Row;", None),
    ("const part: Row = (await pool.query('SELECT * FROM t')).rows.map(made);", None),
    ("return (await pool.query('SELECT * FROM t')).rows;", ROW),
    ("const read = async () => (await pool.query('SELECT * FROM t')).rows;", None),
]


def test_types_that_stand_at_a_call() -> None:
    calls = [call for call, _ in WRITTEN]
    assert [*zip(calls, shapes("app.ts", TYPESCRIPT, TYPESCRIPT_CALLER, calls), strict=True)] == WRITTEN


def test_types_inside_of_themselves() -> None:
    circle = "interface One extends Two { one: string }\ninterface Two extends One { two: string }\n"
    itself = "type Self = Self & Self & { id: number };\n"
    calls = ["await pool.query<Self>('SELECT * FROM t');", "await pool.query<One>('SELECT * FROM t');"]
    assert shapes("app.ts", TYPESCRIPT + circle + itself, TYPESCRIPT_CALLER, calls) == [
        Shape("Self", ("id",), True),
        Shape("One", ("one", "two"), True),
    ]
