"""What `query/write-without-where` says, and both sides of what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "query/write-without-where"


def said(folder: Path, files: dict[str, str]) -> list[tuple[int, int, str]]:
    found = findings(folder, files, RULE)
    return [(each.region.start.line, each.region.start.column, each.message) for each in found]


def of_text(folder: Path, text: str, path: str = "app.py") -> list[str]:
    program = f"import sqlite3\n\ndef write(opened: sqlite3.Connection, head, value):\n    opened.execute({text})\n"
    return [message for _, _, message in said(folder, {path: program})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"DELETE FROM t"', "every row of t is deleted: the statement has no condition"),
        ('"-- all\\nUPDATE t SET a = 1"', "every row of t is updated: the statement has no condition"),
        ('f"UPDATE t SET a = {value}"', "every row of t is updated: the statement has no condition"),
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

def write(opened: sqlite3.Connection, owner=None):
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
    assert len(said(tmp_path / "whole", {"app.py": whole})) == count


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
    assert said(tmp_path, {"app.py": PURPOSE}) == [
        (14, 21, "every row of c is deleted: the statement has no condition")
    ]


def test_one_of_all_is_chosen_and_a_column_that_is_added_is_filled(tmp_path: Path) -> None:
    program = """\
import sqlite3

def choose(opened: sqlite3.Connection, key):
    opened.execute("UPDATE t SET active = 0")
    opened.execute("UPDATE t SET active = 1 WHERE id = ?", (key,))

def other(opened: sqlite3.Connection, key):
    opened.execute("UPDATE t SET active = 0")
    opened.execute("UPDATE t SET name = 'x' WHERE id = ?", (key,))

def add(opened: sqlite3.Connection):
    opened.execute("ALTER TABLE t ADD COLUMN clock text")
    opened.execute("UPDATE t SET clock = added")
"""
    assert said(tmp_path, {"app.py": program}) == [(8, 21, "every row of t is updated: the statement has no condition")]


MODELS = """\
from django.db import models

class Book(models.Model):
    sold = models.BooleanField()
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
        (23, "every row of book is updated when its condition on sold is left out: only a branch adds it")
    ]


def test_the_repair_names_the_key(tmp_path: Path) -> None:
    text = MODELS.partition("def allowed")[0] + "def write():\n    Book.objects.all().delete()\n"
    (found,) = findings(tmp_path, {"shop/models.py": text}, RULE)
    assert found.minimal == (
        "Say which rows of book are meant: DELETE FROM book WHERE id = …, or the same condition in the words of the "
        "library."
    )


STORE = """\
import { DataSource, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class Job {
  @PrimaryColumn() id: string;
}

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
        (19, 12, "every row of job is deleted: the statement has no condition")
    ]


def test_a_reset_may_do_much_besides(tmp_path: Path) -> None:
    reads = "".join(f'    opened.execute("SELECT id FROM r{number} WHERE id = ?", (key,))\n' for number in range(20))  # noqa: S608
    program = f"import sqlite3\n\ndef close(opened: sqlite3.Connection, key):\n{reads}"
    deletes = '    if key:\n        opened.execute("DELETE FROM t")\n    opened.execute("DELETE FROM u")\n'
    assert said(tmp_path, {"app.py": program + deletes}) == []
    only = "".join(deletes.splitlines(keepends=True)[:2])
    assert said(tmp_path / "other", {"app.py": program + only}) == [
        (25, 25, "every row of t is deleted: the statement has no condition")
    ]


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
