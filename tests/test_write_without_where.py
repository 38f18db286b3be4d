"""What `query/write-without-where` says, and both sides of what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "query/write-without-where"
WHOLE = "the statement has no condition; elsewhere the program chooses its rows by owner_id"
OWNED = """\
import sqlite3

def owned(opened: sqlite3.Connection, owner):
    yield opened.execute("SELECT * FROM a WHERE owner_id = ?", (owner,)).fetchall()
    yield opened.execute("SELECT * FROM b WHERE owner_id = ?", (owner,)).fetchall()
    yield opened.execute("SELECT * FROM c WHERE owner_id = ?", (owner,)).fetchall()
    yield opened.execute("SELECT * FROM t WHERE owner_id = ?", (owner,)).fetchall()
    yield opened.execute("SELECT * FROM u WHERE owner_id = ?", (owner,)).fetchall()
    yield opened.execute("SELECT * FROM cached_of_a_kind_t WHERE owner_id = ?", (owner,)).fetchall()
"""
"""What says of some tables whose rows they hold."""


def said(folder: Path, files: dict[str, str]) -> list[tuple[int, int, str]]:
    found = findings(folder, files, RULE)
    return [(each.region.start.line, each.region.start.column, each.message) for each in found]


def of_text(folder: Path, text: str, path: str = "app.py") -> list[str]:
    program = f"import sqlite3\n\ndef write(opened: sqlite3.Connection, head, value):\n    opened.execute({text})\n"
    return [message for _, _, message in said(folder, {path: program, "owned.py": OWNED})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"DELETE FROM t"', f"every row of t is deleted: {WHOLE}"),
        ('"-- all\\nUPDATE t SET a = 1"', f"every row of t is updated: {WHOLE}"),
        ('f"UPDATE t SET a = {value}"', f"every row of t is updated: {WHOLE}"),
        ('"DELETE FROM cached_of_a_kind_t"', ""),
        ('"DELETE FROM t WHERE a = 1"', ""),
        ('"DELETE FROM t WHERE 1 = 1"', ""),
        ('f"DELETE FROM t {value}"', ""),
        ('f"DELETE FROM {value}"', ""),
        ('"DELETE FROM sqlite_sequence"', ""),
        ('"UPDATE t SET a = u.a FROM u WHERE u.id = t.id"', ""),
        ('"TRUNCATE t"', ""),
        ('"INSERT INTO t (a) VALUES (1)"', ""),
    ],
)
def test_statements(tmp_path: Path, text: str, message: str) -> None:
    assert of_text(tmp_path, text) == ([message] if message else [])


def test_tests_seeds_and_scripts_mean_all_rows(tmp_path: Path) -> None:
    for path in ("tests/test_app.py", "unittests/app.py", "seeds/app.py", "scripts/app.py"):
        assert of_text(tmp_path / path.partition("/")[0], '"DELETE FROM t"', path) == []


BRANCH = """\
import sqlite3

def write(opened: sqlite3.Connection, owner):
    text = "DELETE FROM t"
    if owner:
        text += " WHERE owner_id = :owner"
    opened.execute(text, {"owner": owner})
"""


def test_a_condition_in_a_branch_is_named_also_in_a_script(tmp_path: Path) -> None:
    message = "every row of t is deleted when its condition on owner_id is left out: only a branch adds it"
    assert [each for _, _, each in said(tmp_path, {"app.py": BRANCH})] == [message]
    assert [each for _, _, each in said(tmp_path / "other", {"scripts/app.py": BRANCH})] == [message]


def test_variants_of_one_text_that_all_have_a_condition(tmp_path: Path) -> None:
    text = BRANCH.replace('"DELETE FROM t"', '"DELETE FROM t WHERE id IN (SELECT id FROM u"')
    text = text.replace("    opened", '    text += ")"\n    opened')
    assert said(tmp_path, {"app.py": text}) == []


@pytest.mark.parametrize(
    ("name", "count"),
    [("clear", 1), ("delete_all", 0), ("deleteAllSessions", 0), ("resetBoard", 0), ("recall", 1), ("ALLBooks", 0)],
)
def test_a_function_that_is_named_for_all_rows(tmp_path: Path, name: str, count: int) -> None:
    branch = BRANCH.replace("write", name)
    assert len(said(tmp_path, {"app.py": branch})) == count
    whole = "".join(line for line in branch.splitlines(keepends=True) if not line.startswith(("    if", "        ")))
    assert len(said(tmp_path / "whole", {"app.py": whole, "owned.py": OWNED})) == count


PURPOSE = """\
import sqlite3

def first(opened: sqlite3.Connection):
    opened.execute("DELETE FROM a")

def second(opened: sqlite3.Connection):
    opened.execute("DELETE FROM b")

def both(opened: sqlite3.Connection):
    first(opened)
    second(opened)

def third(opened: sqlite3.Connection):
    opened.execute("DELETE FROM c")
"""


def test_a_reset_may_have_a_helper_per_table(tmp_path: Path) -> None:
    assert said(tmp_path, {"app.py": PURPOSE, "owned.py": OWNED}) == [(14, 21, f"every row of c is deleted: {WHOLE}")]


def test_one_of_all_is_chosen_and_a_column_that_is_added_is_filled(tmp_path: Path) -> None:
    program = """\
import sqlite3

def choose(opened: sqlite3.Connection, key):
    opened.execute("UPDATE t SET active = 0")
    opened.execute("UPDATE t SET active = 1 WHERE id = ?", (key,))

def other(opened: sqlite3.Connection, key):
    opened.execute("UPDATE t SET active = 0")
    opened.execute("UPDATE t SET name = 'x' WHERE id = ?", (key,))

def hand(opened: sqlite3.Connection, key, name):
    opened.execute("UPDATE t SET name = ?", (name,))
    opened.execute("UPDATE t SET name = ? WHERE owner_id = ?", (name, key))

def add(opened: sqlite3.Connection):
    opened.execute("ALTER TABLE t ADD COLUMN clock text")
    opened.execute("UPDATE t SET clock = added")
"""
    found = said(tmp_path, {"app.py": program, "owned.py": OWNED})
    assert found == [(line, 21, f"every row of t is updated: {WHOLE}") for line in (8, 12)]


MODELS = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Book(models.Model):
    sold = models.BooleanField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    class Meta:
        db_table = "book"

def allowed(books, hook):
    if hook:
        return hook(books)
    return Book.objects.all()

def write(sold, request, hook):
    if sold:
        books = Book.objects.filter(sold=True)
    else:
        books = Book.objects.filter(pk=request)
    books.delete()
    if sold:
        more = Book.objects.filter(sold=True)
    else:
        more = Book.objects.all()
    more.update(sold=False)
    allowed(books, hook).delete()
    few().delete()

def few() -> "models.QuerySet[Book]":
    return hidden()
"""


def test_a_condition_in_each_branch_and_in_one(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": MODELS}, RULE)
    assert [(each.region.start.line, each.message) for each in found] == [
        (27, "every row of book is updated when its condition on sold is left out: only a branch adds it")
    ]


def test_the_repair_names_the_key(tmp_path: Path) -> None:
    reads = "def of(author):\n    return list(Book.objects.filter(author=author))\n\n"
    text = MODELS.partition("def allowed")[0] + reads + "def write():\n    Book.objects.all().delete()\n"
    (found,) = findings(tmp_path, {"shop/models.py": text}, RULE)
    assert found.minimal == (
        "Say which rows of book are meant: DELETE FROM book WHERE author_id = …, or the same condition in the words of "
        "the library."
    )


STORE = """\
import { DataSource, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class Job {
  @PrimaryColumn() id: string;
  @PrimaryColumn() ownerId: string;
}

export const owned = (source: DataSource, ownerId: string) => source.getRepository(Job).find({ where: { ownerId } });

export class Store {
  constructor(private source: DataSource) {}

  jobs(hook) {
    if (hook) {
      return hook();
    }
    return this.source.getRepository(Job);
  }

  clear(hook) {
    return this.jobs(hook).delete({});
  }
}
"""


def test_what_hands_out_queries_holds_no_condition_itself(tmp_path: Path) -> None:
    assert said(tmp_path, {"app.ts": STORE}) == [
        (22, 12, f"every row of job is deleted: {WHOLE}".replace("owner_id", "ownerId"))
    ]


def test_a_reset_may_do_much_besides(tmp_path: Path) -> None:
    reads = "".join(f'    opened.execute("SELECT id FROM r{number} WHERE id = ?", (key,))\n' for number in range(20))  # noqa: S608
    program = f"import sqlite3\n\ndef close(opened: sqlite3.Connection, key):\n{reads}"
    deletes = '    if key:\n        opened.execute("DELETE FROM t")\n    opened.execute("DELETE FROM u")\n'
    assert said(tmp_path, {"app.py": program + deletes, "owned.py": OWNED}) == []
    only = "".join(deletes.splitlines(keepends=True)[:2])
    found = said(tmp_path / "other", {"app.py": program + only, "owned.py": OWNED})
    assert found == [(25, 25, f"every row of t is deleted: {WHOLE}")]


READ = """\
import sqlite3

def of(opened: sqlite3.Connection, key):
    return opened.execute(f"READ", (key,)).fetchall()

def close(opened: sqlite3.Connection, key):
    opened.execute("UPDATE t SET open = 0")
"""


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ("SELECT * FROM t WHERE owner_id = ?", True),
        ("SELECT count(*) FROM t WHERE owner_id = ? AND open = 1", True),
        ("SELECT * FROM t WHERE owner_id = '{key}'", True),
        ("SELECT * FROM t WHERE id = ?", False),
        ("SELECT * FROM t WHERE t_id = ?", False),
        ("SELECT * FROM t WHERE state = ?", False),
        ("SELECT * FROM t WHERE owner_id = 1", False),
        ("SELECT * FROM t WHERE owner_id > ?", False),
        ("SELECT * FROM t WHERE owner_id = ? OR open = 1", False),
        ("SELECT * FROM u WHERE owner_id = ?", False),
    ],
)
def test_whose_rows_they_are_is_seen_by_what_else_the_program_does(tmp_path: Path, read: str, told: bool) -> None:
    program = READ.replace("READ", read)
    assert said(tmp_path, {"app.py": program}) == ([(7, 21, f"every row of t is updated: {WHOLE}")] if told else [])
    everything = (
        "import sqlite3\n\ndef every(opened: sqlite3.Connection):\n    return opened.execute('SELECT * FROM t')\n"
    )
    assert said(tmp_path / "read", {"app.py": program, "every.py": everything}) == []


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("order_line", "order_id", True),
        ("order_line", "orderId", True),
        ("order_line", "line_id", False),
        ("lines", "lineId", False),
        ("companies", "company_id", False),
        ("lines", "paid", False),
        ("lines", "uuid", False),
        ("lines", "id", False),
    ],
)
def test_a_column_that_is_named_like_a_reference(tmp_path: Path, table: str, column: str, told: bool) -> None:
    program = READ.replace("READ", f"SELECT * FROM t WHERE {column} = ?").replace(" t ", f" {table} ")  # noqa: S608
    assert len(said(tmp_path, {"app.py": program})) == told


def test_the_columns_that_say_whose_rows_they_are_are_named(tmp_path: Path) -> None:
    reads = "".join(
        f"    yield opened.execute('SELECT * FROM t WHERE {column} = ?', (key,)).fetchall()\n"  # noqa: S608
        for column in ("b_id", "a_id", "c_id", "d_id")
    )
    program = "import sqlite3\n\ndef write(opened: sqlite3.Connection, key):\n    opened.execute('DELETE FROM t')\n"
    for count, words in ((2, "a_id or b_id"), (3, "a_id, b_id or c_id"), (4, "a_id, b_id, c_id and others")):
        some = "".join(reads.splitlines(keepends=True)[:count])
        found = said(tmp_path / str(count), {"app.py": program + some})
        message = (
            "every row of t is deleted: the statement has no condition; elsewhere the program chooses its rows by "
        )
        assert found == [(4, 21, message + words)]


def test_one_new_row_fills_no_table_again(tmp_path: Path) -> None:
    program = """\
import sqlite3

def renew(opened: sqlite3.Connection, owner):
    opened.execute("DELETE FROM t")
    opened.execute("INSERT INTO t (owner_id) VALUES (?)", (owner,))

def fill(opened: sqlite3.Connection, owners):
    opened.execute("DELETE FROM t")
    for owner in owners:
        opened.execute("INSERT INTO t (owner_id) VALUES (?)", (owner,))

def add(opened: sqlite3.Connection, owner):
    opened.execute("INSERT INTO t (owner_id) VALUES (?)", (owner,))

def fill_by_one(opened: sqlite3.Connection, owners):
    opened.execute("DELETE FROM t")
    for owner in owners:
        add(opened, owner)

def copy(opened: sqlite3.Connection):
    opened.execute("DELETE FROM t")
    opened.execute("INSERT INTO t SELECT * FROM u")
"""
    found = said(tmp_path, {"app.py": program, "owned.py": OWNED})
    assert found == [(4, 21, f"every row of t is deleted: {WHOLE}")]


def test_some_rows_or_all_of_them_are_asked_for(tmp_path: Path) -> None:
    program = """\
import sqlite3

def clear(opened: sqlite3.Connection, old):
    if old:
        opened.execute("DELETE FROM t WHERE made < 2000")
        return
    opened.execute("DELETE FROM t")

def forget(opened: sqlite3.Connection):
    opened.execute("DELETE FROM t WHERE made < 2000")
    opened.execute("DELETE FROM t")
"""
    found = said(tmp_path, {"app.py": program, "owned.py": OWNED})
    assert found == [(11, 21, f"every row of t is deleted: {WHOLE}")]


SPREADS = """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

function open(kind: string) {
  const common = { state: 'open' };
  switch (kind) {
    case 'mine':
      return { ...common, mine: true };
    case 'all':
      return { ...common, OR: [{ mine: true }, { mine: false }] };
    default:
      throw new Error(kind);
  }
}

function some(kind: string) {
  if (kind === 'mine') {
    return { mine: true };
  }
  return {};
}

export async function close(kind: string, since?: Date) {
  await client.job.updateMany({ where: { ...open(kind), ...(since && { at: since }) }, data: { state: 'done' } });
  await client.job.updateMany({ where: kind ? { mine: true, at: since } : { mine: false }, data: { state: 'done' } });
  await client.job.updateMany({ where: { ...(kind ? { mine: true } : { mine: false }) }, data: { state: 'done' } });
  await client.job.updateMany({ where: { ...some(kind) }, data: { state: 'done' } });
  await client.job.updateMany({ where: { ...(kind ? { mine: true } : {}) }, data: { state: 'done' } });
  await client.job.updateMany({ where: { ...(kind && { ...(since ? { mine: true } : { mine: false }) }) }, data: {} });
}
"""
JOBS = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

generator client {
  provider = "prisma-client-js"
}

model Job {
  id    Int      @id
  mine  Boolean
  state String
  at    DateTime
}
"""


def test_what_stands_in_each_of_several_objects_always_stands_there(tmp_path: Path) -> None:
    found = said(tmp_path, {"app.ts": SPREADS, "schema.prisma": JOBS})
    message = "every row of Job is updated when its condition on mine is left out: only a branch adds it"
    assert found == [(line, 9, message) for line in (28, 29, 30)]


def chained(folder: Path, body: str, more: str = "") -> list[int]:
    head = MODELS.partition("def allowed")[0].replace("sold = ", "title = models.TextField()\n    sold = ")
    text = head + "\n" + body + more
    start = head.count("\n") + 2
    return [each.region.start.line - start for each in findings(folder, {"shop/models.py": text}, RULE)]


def adding(*names: str) -> str:
    lines = ["    books = Book.objects.all()"]
    for name in names:
        lines += [f"    if {name}:", f"        books = books.filter(title={name.partition(' ')[0]})"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("before", "parameters", "names", "told"),
    [
        ("", "a, b", ("a", "b"), True),
        ("    if not (a or b):\n        return\n", "a, b", ("a", "b"), False),
        ("    if not a and not b:\n        raise ValueError\n", "a, b", ("a", "b"), False),
        ("    if not any([a, b]):\n        return\n", "a, b", ("a", "b"), False),
        ("    if a:\n        pass\n    elif b:\n        pass\n    else:\n        return\n", "a, b", ("a", "b"), False),
        ("    if not (a or b or c):\n        return\n", "a, b, c", ("a", "b"), True),
        ("    if not a:\n        return\n", "a, b", ("a", "b"), False),
        ("    if a is None and b is None:\n        return\n", "a, b", ("a", "b"), True),
        ("    if a is None and b is None:\n        return\n", "a, b", ("a is not None", "b is not None"), False),
        ("    if not (a or b):\n        return\n", "a, b", ("a is not None", "b is not None"), False),
        ("    if not (a or b):\n        log(a)\n", "a, b", ("a", "b"), True),
        ("    if not (a or b):\n        return\n    a = b = None\n", "a, b", ("a", "b"), True),
        ("    given = bool(a) or bool(b)\n    if not given:\n        return\n", "a, b", ("a", "b"), False),
        ("    if len(a) == 0:\n        return\n", "a", ("a",), False),
        ("", "a=None, b=None", ("a", "b"), False),
        ("", "a, b=None", ("a", "b"), True),
        ("", "a='x'", ("a",), True),
        ("    a = strip(a)\n", "a=None", ("a",), True),
    ],
)
def test_a_test_of_what_adds_the_conditions(
    tmp_path: Path, before: str, parameters: str, names: tuple[str, ...], told: bool
) -> None:
    body = f"def write({parameters}):\n{before}{adding(*names)}    books.delete()\n"
    assert chained(tmp_path, body) == ([body.count("\n") - 1] if told else [])


@pytest.mark.parametrize(
    ("test", "told"), [("a or b", False), ("a and b", False), ("a or b or c", True), ("c", True), ("not a", True)]
)
def test_a_statement_that_stands_under_such_a_test(tmp_path: Path, test: str, told: bool) -> None:
    body = f"def write(a, b, c):\n{adding('a', 'b')}    if {test}:\n        books.delete()\n"
    assert chained(tmp_path, body) == ([body.count("\n") - 1] if told else [])


FLAG = """\
def write(a, b):
    books = Book.objects.all()
    narrowed = False
    if a:
        books = books.filter(title=a)
        narrowed = True
    if b:
        books = books.filter(title=b)
        narrowed = True
    if not narrowed:
        return
    try:
        books.delete()
    except ValueError:
        pass
"""


def test_a_flag_that_each_branch_sets(tmp_path: Path) -> None:
    assert chained(tmp_path / "each", FLAG) == []
    # It is set where nothing is added, too.
    assert chained(
        tmp_path / "more", FLAG.replace("    if not", "    if a is None:\n        narrowed = True\n    if not")
    ) == [14]
    assert chained(tmp_path / "true", FLAG.replace("narrowed = False", "narrowed = b is None")) == [12]
    assert chained(tmp_path / "read", FLAG.replace("        return\n", "        print(a)\n")) == [12]


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        ("", False),
        ("'dune'", False),
        ("['dune']", False),
        ("[book.title for book in books if book.sold]", True),
        ("request.GET.getlist('title')", False),
    ],
)
def test_a_parameter_that_may_be_left_out_and_what_a_caller_passes(tmp_path: Path, passed: str, told: bool) -> None:
    body = f"def write(titles=None):\n{adding('titles')}    books.delete()\n"
    assert chained(tmp_path, body, f"\ndef close(books, request):\n    write({passed})\n") == ([4] if told else [])


LOOPED = """\
def write(titles):
    books = Book.objects.all()
    for title in titles:
        books = books.filter(title=title)
    books.delete()
"""


def test_a_condition_per_element(tmp_path: Path) -> None:
    assert chained(tmp_path / "loop", LOOPED) == [4]
    guarded = LOOPED.replace("    books =", "    if not titles:\n        return\n    books =", 1)
    assert chained(tmp_path / "guarded", guarded) == []
    assert chained(tmp_path / "spared", LOOPED.replace(".filter", ".exclude")) == []


TEXTS = """\
import sqlite3

def write(opened: sqlite3.Connection, a, b):
    text = "DELETE FROM t"
    if a:
        text += " WHERE a = :a"
    elif b:
        text += " WHERE b = :b"
    else:
        raise ValueError("which?")
    opened.execute(text, {"a": a, "b": b})
"""


def test_a_text_whose_branches_all_add_a_condition(tmp_path: Path) -> None:
    assert said(tmp_path / "each", {"app.py": TEXTS}) == []
    message = "every row of t is deleted when its condition on b is left out: only a branch adds it"
    assert said(tmp_path / "none", {"app.py": TEXTS.replace("raise", "print")}) == [(4, 13, message)]


SCRIPTS = """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function close(ids: number[], state: string | null, at?: Date) {
  await client.job.deleteMany({ where: ids.length ? { id: { in: ids } } : undefined });
  await client.job.deleteMany({ where: { ...(ids && { id: { in: ids } }) } });
  await client.job.deleteMany({ where: at ? { at } : undefined });
  if (ids.length > 0) {
    await client.job.deleteMany({ where: ids.length ? { id: { in: ids } } : undefined });
  }
  if (ids) {
    await client.job.deleteMany({ where: ids.length ? { id: { in: ids } } : undefined });
  }
}
"""


def test_an_object_that_may_not_be_there(tmp_path: Path) -> None:
    message = "every row of Job is deleted when its condition on id is left out: only a branch adds it"
    found = said(tmp_path, {"app.ts": SCRIPTS, "schema.prisma": JOBS})
    assert found == [(6, 9, message), (7, 9, message), (13, 11, message)]


ROUTES = """\
from fastapi import APIRouter
from sqlalchemy import delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

router = APIRouter()

class Base(DeclarativeBase):
    pass

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)

def outer(session: Session, number: int | None = None):
    def inner():
        statement = delete(Book)
        if number:
            statement = statement.where(Book.id == number)
        session.execute(statement)
    inner()

@router.delete("/books")
def clear(session: Session, number: int | None = None):
    statement = delete(Book)
    if number:
        statement = statement.where(Book.id == number)
    session.execute(statement)
"""


def test_a_parameter_that_a_client_may_leave_out(tmp_path: Path) -> None:
    message = "every row of book is deleted when its condition on id is left out: only a branch adds it"
    assert said(tmp_path, {"app.py": ROUTES}) == [(27, 5, message)]


HANDED = """\
import express from 'express';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class Job {
  @PrimaryColumn() id: string;
}

async function flush(source: DataSource, ids?: string[]) {
  const builder = source.createQueryBuilder().delete().from(Job);
  if (ids?.length) {
    builder.where('id IN (:...ids)', { ids });
  }
  await builder.execute();
}
"""
ENTRY = """\
const app = express();
declare const source: DataSource;
app.post('/jobs', async (request, response) => {
  await CALL;
});
"""


def test_a_list_that_a_client_sends_or_that_is_only_passed_on(tmp_path: Path) -> None:
    message = "every row of job is deleted when its condition is left out: only a branch adds it"
    direct = HANDED + ENTRY.replace("CALL", "flush(source, request.body.ids)")
    assert said(tmp_path / "direct", {"app.ts": direct}) == [(14, 9, message)]
    through = "const pass = (ids?: string[]) => flush(source, (ids ?? []).map((id) => id));\n"
    passed = HANDED + through + ENTRY.replace("CALL", "pass(request.body.ids)")
    assert said(tmp_path / "passed", {"app.ts": passed}) == []
