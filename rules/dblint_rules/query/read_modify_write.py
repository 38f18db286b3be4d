"""A counter is read, changed in the program and written back: of two that do it at once, one is lost.

Told where a column of numbers is set to what the program computes from what it read of that column (`+`, `-`), and a
call that writes the row is seen behind it: on the row, with the row, by an UPDATE of the row that was read, or at the
end of the unit of work that watches the row. The same of what a key-value store keeps under a key, or in a part of it.

Not told: what the database computes; rows that are locked, or read and written while any lock is held, here, in a
function that calls this one or in one that is called before (rows for update, a named lock of the database, a `with` or
a decorator whose name says that it locks; what is locked behind the write keeps nobody away); rows that are loaded anew
before they are written, and calls that write other columns of them; a program that asks for serializable transactions;
updates that ask whether the row is still as it was read; functions in which a comment says that others may do the same
meanwhile, as the author knows; keys that are watched (WATCH) before; rows that the function made itself; columns that
it set to a constant before; what it does only in one state of the row that it changes itself; a row that a loop over
other things counts up (it is the loop's own); functions that nothing in a whole program names; texts, dates and lists
(what is added to them is no count); columns of which nobody says that they hold numbers, unless a number is added;
commands, scripts, migrations and seeds, which run alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.races import Recomputed
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="a number is read, changed in the program and written back",
    why=(
        "Between the read and the write another process may do the same: both read 5, both write 6, and one of the two "
        "changes is lost. No error tells of it; counters, stocks and balances are wrong by a little, and more so the "
        "more traffic there is. A transaction alone does not help at the usual isolation levels."
    ),
    minimal="Let the database compute {columns} in the statement that writes it: {statement}",
    better=(
        "Where more than the old value decides what becomes of {columns}, keep others away until it is written: read a "
        "row with a lock (SELECT … FOR UPDATE) in the transaction that writes it, WATCH a key of Redis and set it "
        "between MULTI and EXEC."
    ),
    complete=(
        "Let one function change {columns} of {table}, which tries again where somebody else was in between: a row has "
        "a version column for that, which every UPDATE asks for and counts up. Or record each change of {columns} by "
        "itself and add them up."
    ),
    symptoms=("counters lag behind what they count", "stock is sold twice", "a balance does not match its bookings"),
    verify=(
        "SELECT calls, rows, query FROM pg_stat_statements WHERE query ILIKE 'update%' "
        "AND query NOT ILIKE '%for update%' ORDER BY calls DESC LIMIT 20"
    ),
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("5.5",),
    looks_at="columns that are set to what the program computes from them",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Poll(models.Model):
    votes = models.IntegerField(default=0)
    points = models.IntegerField(default=0)

    def vote(self):
        self.votes += 1  # finding
        self.points += 5
        self.save(update_fields=["votes", "points"])

def vote(key):
    # Who wins the race is no poll.
    poll = Poll.objects.get(pk=key)
    poll.votes = (poll.votes or 0) + 1  # finding
    poll.save()

def withdraw(key, pool):
    connection = pool.acquire()
    connection.release()
    poll = Poll.objects.get(pk=key)
    Poll.objects.filter(pk=key).update(votes=poll.votes - 1)  # finding
""",
            title="rows of a model",
            path="polls/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Integer, select, update
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Stock(Base):
    __tablename__ = "stock"
    id = mapped_column(Integer, primary_key=True)
    amount = mapped_column(Integer)

def take(session: Session, key):
    stock = session.get(Stock, key)
    stock.amount -= 1  # finding
    session.commit()

def add(session: Session, key, number):
    stock = session.execute(select(Stock).where(Stock.id == key)).scalar_one()
    session.execute(update(Stock).where(Stock.id == key).values(amount=stock.amount + number))  # finding
""",
            title="a unit of work, a statement",
        ),
        Bad(
            "python",
            """\
import sqlite3

def hit(db: sqlite3.Connection, name):
    row = db.execute("SELECT hits FROM page WHERE name = ?", (name,)).fetchone()
    db.execute("UPDATE page SET hits = ? WHERE name = ?", (row[0] + 1, name))  # finding
""",
            title="a driver",
        ),
        Bad(
            "python",
            """\
from peewee import IntegerField, Model, SqliteDatabase

db = SqliteDatabase("pages.db")

class Page(Model):
    hits = IntegerField(default=0)

    class Meta:
        database = db

def hit(key):
    page = Page.get(Page.id == key)
    page.hits += 1  # finding
    page.save()
""",
            title="Peewee",
        ),
        Bad(
            "python",
            """\
from tortoise import fields
from tortoise.models import Model

class Page(Model):
    id = fields.IntField(primary_key=True)
    hits = fields.IntField(default=0)

async def hit(key):
    page = await Page.get(id=key)
    page.hits += 1  # finding
    await page.save()
""",
            title="Tortoise",
        ),
        Bad(
            "python",
            """\
import redis
import redis.asyncio

store = redis.Redis()
later = redis.asyncio.Redis()

def hit(name):
    hits = int(store.get(f"hits:{name}") or 0)
    store.set(f"hits:{name}", hits + 1, ex=3600)  # finding

def take(name, number):
    left = int(store.hget("stock", name))
    if left < number:
        raise ValueError(name)
    store.hset("stock", name, left - number)  # finding

def piped(key):
    votes = store.get(key)
    votes = int(votes or 0)
    votes += 1  # finding
    with store.pipeline() as pipe:
        pipe.set(key, votes)
        pipe.expire(key, 3600)
        pipe.execute()

async def awaited(key):
    votes = await later.get(key)
    await later.setex(key, 3600, str(int(votes) + 1))  # finding
""",
            title="keys and values",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function hit(id: number) {
  const page = await client.page.findUniqueOrThrow({ where: { id } });
  await client.page.update({ where: { id }, data: { hits: page.hits + 1 } }); // finding
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model page {\n  id Int @id\n  hits Int @default(0)\n}\n"
                )
            },
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.db import models, transaction
from django.db.models import F

class Poll(models.Model):
    votes = models.IntegerField(default=0)
    notes = models.TextField()

def vote(key):
    Poll.objects.filter(pk=key).update(votes=F("votes") + 1)
    with transaction.atomic():
        poll = Poll.objects.select_for_update().get(pk=key)
        poll.votes += 1
        poll.save()

def locked(key, cache):
    with cache.lock("poll"):
        poll = Poll.objects.get(pk=key)
        poll.votes += 1
        poll.save()

def acquired(key, cache):
    lock = cache.lock("poll")
    lock.acquire()
    poll = Poll.objects.get(pk=key)
    poll.votes += 1
    poll.save()
    lock.release()

def failed(key):
    poll = Poll.objects.get(pk=key)
    poll.votes -= 1
    poll.save()

def run(key, unlock_poll):
    unlock_poll(key)
    failed(key)

def new():
    poll = Poll(votes=1)
    poll.votes += 1
    poll.save()

def note(key, text):
    poll = Poll.objects.get(pk=key)
    poll.notes += text
    poll.save()

def compared(key):
    poll = Poll.objects.get(pk=key)
    Poll.objects.filter(pk=key, votes=poll.votes).update(votes=poll.votes + 1)
    poll.votes += 1
    return poll.votes

def roughly(key):
    poll = Poll.objects.get(pk=key)
    poll.votes += 1
    # Race condition: a concurrent vote may be lost, which does not matter here.
    poll.save()
""",
            title="the database computes, locks, new rows, texts, a comparison, a row that nobody saves",
            path="polls/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3

from sqlalchemy import Integer, select, update
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Stock(Base):
    __tablename__ = "stock"
    id = mapped_column(Integer, primary_key=True)
    amount = mapped_column(Integer)

def take(session: Session, key):
    stock = session.execute(select(Stock).where(Stock.id == key).with_for_update()).scalar_one()
    stock.amount -= 1
    session.commit()

def add(session: Session, key, number):
    session.execute(update(Stock).where(Stock.id == key).values(amount=Stock.amount + number))
    stock = session.get(Stock, key)
    stock.amount = Stock.amount + number
    session.commit()

def hit(db: sqlite3.Connection, name):
    db.execute("UPDATE page SET hits = hits + 1 WHERE name = ?", (name,))
    row = db.execute("SELECT hits FROM page WHERE name = ?", (name,)).fetchone()
    return row[0] + 1
""",
            title="the database computes, a row is locked",
        ),
        Good(
            "python",
            """\
import redis

store = redis.Redis()

def hit(name):
    return store.incr(f"hits:{name}")

def watched(key):
    with store.pipeline() as pipe:
        while True:
            try:
                pipe.watch(key)
                votes = int(pipe.get(key))
                pipe.multi()
                pipe.set(key, votes + 1)
                return pipe.execute()
            except redis.WatchError:
                continue

def transacted(key):
    def change(pipe):
        votes = int(pipe.get(key))
        pipe.multi()
        pipe.set(key, votes + 1)

    store.transaction(change, key)

def locked(key):
    with store.lock("votes"):
        store.set(key, int(store.get(key)) + 1)

def locked_by_key(key):
    if store.set(f"lock:{key}", 1, nx=True, ex=5):
        store.set(key, int(store.get(key)) + 1)
        store.delete(f"lock:{key}")

def other(key, text):
    store.set("next", int(store.get("last")) + 1)
    store.set(key, store.get(key) + text)
""",
            title="keys and values: one step, WATCH, locks, another key, a text",
        ),
        Good(
            "python",
            """\
from django.db import models

class Poll(models.Model):
    votes = models.IntegerField(default=0)
    points = models.IntegerField(default=0)

    def vote_twice(self):
        self.votes += 2
        self.save()

    @classmethod
    def old_points(cls, key):
        poll = cls.objects.get(pk=key)
        poll.points += 1
        poll.save()

class Archive(models.Model):
    votes = models.IntegerField(default=0)

    @classmethod
    def vote(cls, key):
        row = cls.objects.get(pk=key)
        row.votes += 1
        row.save()
""",
            title="what nothing in a whole program names",
            path="polls/models.py",
            files={f"polls/part{number}.py": "from polls.models import Poll\n" for number in range(30)},
        ),
    ),
)

_NUMBERS = frozenset(
    """int int2 int4 int8 integer smallint tinyint mediumint bigint serial smallserial bigserial number numeric decimal
    real float float4 float8 double money long""".split()
)
"""Types of databases whose values are numbers."""


def check(recomputed: Recomputed, project: Project) -> Iterator[Finding]:
    """One finding per row that one call writes, at the first computation, and one per key."""
    if not _told(recomputed, project):
        return
    if recomputed.key:
        yield _of_key(recomputed)
        return
    others = [other for other in project.recomputed if _row(other) == _row(recomputed) and _told(other, project)]
    if others[0] != recomputed:
        return
    columns: dict[str, Recomputed] = {}
    for other in others:
        columns.setdefault(other.column, other)
    table, named = recomputed.table, spelling.together(columns)
    related = [
        Related(place, f"{named} {'are' if len(columns) > 1 else 'is'} read here, without a lock")
        for place in dict.fromkeys(place for other in others for place in other.reads)
    ]
    related += [Related(other.place, f"{other.column} is computed here") for other in others[1:]]
    if recomputed.write is not None and recomputed.write != recomputed.place:
        related.append(Related(recomputed.write, "and written here, whatever it has become in between"))
    computed = ", ".join(f"{name} = {name} {other.operator} …" for name, other in columns.items())
    yield Finding(
        recomputed.place,
        f"{named} of {table} {'are' if len(columns) > 1 else 'is'} computed from what was read before: of two that do "
        "this at once, one change is lost",
        names={
            "table": table,
            "columns": named,
            "statement": f"SET {computed}",
        },
        related=tuple(related),
        remedy=Remedy(
            "increment",
            {
                "attribute": recomputed.attribute,
                "model": recomputed.model or table,
                "row": recomputed.owner,
                "column": recomputed.column,
                "operator": recomputed.operator,
                "amount": recomputed.amount or "…",
            },
        ),
        idiom=recomputed.idiom,
    )


def _of_key(recomputed: Recomputed) -> Finding:
    """What lies under a key of a key-value store."""
    name = recomputed.column if recomputed.column.strip("*") else recomputed.key
    what = f"{recomputed.field} of {name}" if recomputed.field else name
    command = "HINCRBY" if recomputed.field else "INCRBY"
    related = [Related(place, f"{what} is read here, and not watched") for place in recomputed.reads]
    if recomputed.write is not None:
        related.append(Related(recomputed.write, "and set here, whatever it has become in between"))
    sign = "-" if recomputed.operator == "-" else ""
    return Finding(
        recomputed.place,
        f"the value of {what} is computed from what was read before: of two that do this at once, one change is lost",
        names={
            "table": name,
            "columns": recomputed.field or "the value",
            "statement": f"{command}, or {command}FLOAT for fractions, which gives the new value",
        },
        related=tuple(related),
        remedy=Remedy(
            "increment-key",
            {
                "handle": recomputed.owner,
                "key": recomputed.key,
                "field": recomputed.field,
                "amount": f"{sign}{recomputed.amount or '…'}",
            },
        )
        if recomputed.owner
        else None,
        idiom=recomputed.idiom,
    )


def _told(recomputed: Recomputed, project: Project) -> bool:
    """Whether a computation may lose what another process writes."""
    alone = recomputed.locked or recomputed.compared or recomputed.made or recomputed.repeated or recomputed.alone
    if (
        alone
        or recomputed.guarded
        or recomputed.conceded
        or not _counts(recomputed, project)
        or project.unused(recomputed.function)
    ):
        return False
    function = project.functions.get(recomputed.function)
    return function is None or function.kind != "command"


def _row(recomputed: Recomputed) -> tuple[str, str, str, Place | None]:
    """The row that is written, and by which call."""
    return recomputed.function, recomputed.owner, recomputed.table, recomputed.write


def places(project: Project) -> Iterator[Place]:
    """The computations."""
    return (recomputed.place for recomputed in project.recomputed)


def _counts(recomputed: Recomputed, project: Project) -> bool:
    """Whether the column holds numbers that are no key."""
    table = project.table(recomputed.table)
    column = table.column(recomputed.column) if table is not None else None
    if table is None or column is None or table.schemaless:
        return recomputed.number
    return _is_number(column.type) and not _is_key(table, recomputed.column)


def _is_number(kind: str) -> bool:
    words = kind.partition("(")[0].split()
    return bool(words) and words[0] in _NUMBERS and not kind.endswith("[]")


def _is_key(table: Table, column: str) -> bool:
    return any(column in key.columns for key in table.keys if key.kind in ("primary", "foreign"))
