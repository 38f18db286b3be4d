"""A connection, pooled client or session that its function opens, keeps to itself and does not always close.

Silent where somebody else may close it: it is returned, yielded and nothing more, stored in an attribute, a container
or a name outside of the function, or given to a function of which nobody can say what it does with it; or what opened
it is closed itself (`dataSource.destroy()`). What a module opens, a command of a command line, or a function that only
modules and commands call, and not in a loop, lives as long as the process, and what a script leaves open ends with it.
Where such a function opens one in a loop, it is reported if a turn of the loop leaves it open; an error that leaves the
function ends the process. Where a branch closes it under a condition of the program's own (`if own:
connection.close()`), it is taken to be closed.

A finding's `sub` says how it stays open: `never` closed, left by a `return`, or left by an `error`.

What takes its connection when it is first used (a session, a query runner, a client or a pool that was only made) is
open from there: whoever leaves before that leaves nothing open. A function that hands back what it opened leaves it to
its callers, and they are reported. A function inside that works with the value and is kept somewhere keeps the value,
too.

It cannot say that a driver lends its one handle only and has nothing to give back (an embedded database behind an
object mapper), nor that a pool which a function makes is meant to live as long as the program, where that function does
nothing else but wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Exit, FileRole, Resource
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="a connection that a function opens is not closed on every way out of it",
    why=(
        "A pool's client that is not given back is lost to the pool: after as many errors as the pool has clients, "
        "every request waits for one until it times out, and the process has to be started again. A connection or a "
        "session that nobody closes stays open on the server, with its transaction, locks and snapshot, until a "
        "garbage collector comes by it, and counts against max_connections."
    ),
    minimal="{closing} in a finally block that begins right behind {source}, so that every way out goes through it.",
    better=(
        "Write one function that opens what {source} gives, runs what it is given with it, and ends it in finally; "
        "{name} is then held nowhere else. Where it is a pool, make it once for the process and share it."
    ),
    complete="Let {owner} do it instead of holding {name}; {watch}.",
    symptoms=(
        "timeout exceeded when trying to connect",
        "QueuePool limit reached",
        "too many clients already",
        "too many connections",
    ),
    verify=(
        "SELECT pid, state, state_change, query FROM pg_stat_activity WHERE state IN ('idle', 'idle in transaction') "
        "ORDER BY state_change"
    ),
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=True,
    checklist=("3.2",),
    looks_at="connections, clients and sessions that functions of the application open",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export async function transfer(amount: number) {
  const client = await pool.connect(); // finding
  await client.query('BEGIN');
  await client.query('UPDATE account SET balance = balance - $1', [amount]);
  await client.query('COMMIT');
  client.release();
}

export async function balance(id: number) {
  const client = await pool.connect(); // finding
  const { rows } = await client.query('SELECT balance FROM account WHERE id = $1', [id]);
  return rows[0];
}

export async function caught(id: number) {
  const client = await pool.connect(); // finding
  try {
    const { rows } = await client.query('SELECT balance FROM account WHERE id = $1', [id]);
    if (!rows.length) return null;
    client.release();
    return rows[0];
  } catch (error) {
    client.release();
    throw error;
  }
}
""",
        ),
        Bad(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export async function close(dataSource: DataSource, id: number) {
  const runner = dataSource.createQueryRunner(); // finding
  await runner.startTransaction();
  try {
    await runner.query('UPDATE invoice SET closed = true WHERE id = $1', [id]);
    await runner.commitTransaction();
    await runner.release();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}
""",
        ),
        Bad(
            "typescript",
            """\
import { DataSource } from 'typeorm';

async function opened(url: string) {
  const source = new DataSource({ type: 'postgres', url });
  await source.initialize();
  return source;
}

export async function prune(url: string, days: number) {
  const source = await opened(url); // finding
  if (!days) return;
  try {
    await source.query('DELETE FROM log WHERE age > $1', [days]);
  } finally {
    await source.destroy();
  }
}
""",
            title="a function that hands back what it opened leaves it to its caller",
        ),
        Bad(
            "python",
            """\
import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("postgresql://host/books")
Session = sessionmaker(engine)


def titles(path):
    connection = sqlite3.connect(path)  # finding
    rows = connection.execute("SELECT title FROM book").fetchall()
    connection.close()
    return rows


def count():
    return engine.connect().exec_driver_sql("SELECT count(*) FROM book").scalar()  # finding


def database():
    session = Session()  # finding
    yield session
    session.close()
""",
        ),
        Bad(
            "python",
            """\
import psycopg2


def add(title):
    with psycopg2.connect("dbname=books") as connection:  # finding
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO book (title) VALUES (%s)", (title,))
""",
            title="leaving this `with` ends the transaction only",
        ),
        Bad(
            "python",
            """\
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

def count(uri):
    client = MongoClient(uri)  # finding
    return client.shop.orders.count_documents({})

async def first(uri):
    client = AsyncIOMotorClient(uri)  # finding
    return await client.shop.orders.find_one()
""",
            title="PyMongo and Motor",
        ),
        Bad(
            "python",
            """\
import asyncpg
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 5, "dbname=books")


def titles():
    connection = pool.getconn()  # finding
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM book")
        rows = cursor.fetchall()
    pool.putconn(connection)
    return rows


async def count(lent: asyncpg.Pool):
    connection = await lent.acquire()  # finding
    return await connection.fetchval("SELECT count(*) FROM book")
""",
            title="connections that a pool lends",
        ),
        Bad(
            "python",
            """\
from peewee import SqliteDatabase


def names(path: str):
    database = SqliteDatabase(path)  # finding
    return [name for (name,) in database.execute_sql("SELECT name FROM customer").fetchall()]
""",
            title="a database of Peewee",
        ),
        Bad(
            "python",
            """\
import psycopg2

def connect():
    return psycopg2.connect("dbname=books")

def titles():
    connection = connect()  # finding
    cursor = connection.cursor()
    cursor.execute("SELECT title FROM book")
    rows = cursor.fetchall()
    connection.close()
    return rows
""",
            title="through a function that is called as the library's own",
        ),
        Bad(
            "python",
            """\
import redis.asyncio as redis

async def price(address, number):
    cache = redis.from_url(address)  # finding
    return await cache.get(f"price:{number}")
""",
            title="Redis, asynchronously: no destructor closes what is open",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import redis.asyncio as redis

async def entered(address, number):
    async with redis.from_url(address) as cache:
        return await cache.get(f"price:{number}")

async def pooled(pool, number):
    cache = redis.Redis(connection_pool=pool)
    return await cache.get(f"price:{number}")

async def closed(address, number):
    cache = redis.Redis(host=address)
    try:
        return await cache.get(f"price:{number}")
    finally:
        await cache.aclose()

def made(address):
    return redis.from_url(address)
""",
            title="Redis, asynchronously: a `with`, a pool that somebody else closes, one for the caller",
        ),
        Good(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export async function close(dataSource: DataSource, id: number) {
  const runner = dataSource.createQueryRunner();
  if (!id) throw new Error('no invoice');
  try {
    await runner.query('UPDATE invoice SET closed = true WHERE id = $1', [id]);
  } finally {
    await runner.release();
  }
}
""",
            title="what nobody used yet holds no connection",
        ),
        Good(
            "typescript",
            """\
import { Pool, PoolClient } from 'pg';

const pool = new Pool();

export async function transfer(amount: number) {
  const client = await pool.connect();
  try {
    await client.query('UPDATE account SET balance = balance - $1', [amount]);
  } finally {
    client.release();
  }
}

export async function late() {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    await client.query('DELETE FROM draft');
  } catch (error) {
    throw new Error('drafts');
  } finally {
    if (client) client.release();
  }
}

export const open = () => pool.connect();

export class Store {
  private client?: PoolClient;

  async connect() {
    this.client = await pool.connect();
  }
}
""",
        ),
        Good(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export async function close(dataSource: DataSource, id: number) {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  await runner.startTransaction();
  try {
    await runner.query('UPDATE invoice SET closed = true WHERE id = $1', [id]);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
""",
            title="a transaction that is begun in front of the block",
        ),
        Good(
            "python",
            """\
import contextlib
import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("postgresql://host/books")
Session = sessionmaker(engine)
lasting = sqlite3.connect("books.db")


def titles(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT title FROM book").fetchall()


def count():
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM book").scalar()


def database():
    session = Session()
    try:
        yield session
    finally:
        session.close()


def given(path):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return connection
""",
        ),
        Good(
            "python",
            """\
from pymongo import MongoClient

def count(uri):
    with MongoClient(uri) as client:
        return client.shop.orders.count_documents({})

def orders(uri):
    client = MongoClient(uri)
    return client.shop.orders

class Store:
    def __init__(self, uri):
        client = MongoClient(uri)
        self.orders = client["shop"]["orders"]
""",
            title="PyMongo: closed, or kept by the handle on a collection",
        ),
        Good(
            "python",
            """\
import aiosqlite
import asyncpg
import psycopg
import pymysql
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 5, "dbname=books")


def titles():
    connection = pool.getconn()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT title FROM book")
            return cursor.fetchall()
    finally:
        pool.putconn(connection)


async def count(lent: asyncpg.Pool):
    async with lent.acquire() as connection:
        return await connection.fetchval("SELECT count(*) FROM book")


def add(title):
    with psycopg.connect("dbname=books") as connection:
        connection.execute("INSERT INTO book (title) VALUES (%s)", (title,))


def remove(title):
    with pymysql.connect(host="books") as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM book WHERE title = %s", (title,))
        connection.commit()


async def all_titles(path):
    async with aiosqlite.connect(path) as db:
        return await db.execute_fetchall("SELECT title FROM book")
""",
            title="pools that take back, and `with` that closes",
        ),
        Good(
            "python",
            """\
from peewee import SqliteDatabase


def names(path: str):
    database = SqliteDatabase(path)
    with database.connection_context():
        return [name for (name,) in database.execute_sql("SELECT name FROM customer").fetchall()]
""",
            title="a database of Peewee, closed where its with ends",
        ),
    ),
)

_LEFT = frozenset({"return", "end", "raise"})


def check(resource: Resource) -> Iterator[Finding]:
    """One finding per value that stays open on some way out of its function."""
    if not resource.exits or (not resource.closed and resource.handed):
        return
    what = f"`{resource.name}`, opened by `{resource.source}`," if resource.name else f"what `{resource.source}` opens"
    related: tuple[Related, ...] = ()
    if not resource.closed:
        sub = "never"
        message = f"{what} is never closed"
        if resource.entered:
            message = f"{message}: leaving its `with` ends the transaction and nothing else"
    else:
        left = [way for way in resource.exits if way.kind in _LEFT]
        shown = left[0] if left else resource.exits[0]
        sub = "return" if left else "error"
        message = f"{what} stays open {_way(shown)}"
        if shown.kind != "end":
            related = (Related(shown.place, "left open here"),)
        related += (Related(resource.closed[0], "closed here"),)
    name = f"`{resource.name}`" if resource.name else "it"
    names = {"name": name, "source": f"`{resource.source}`", **_ends(resource, name)}
    yield Finding(
        resource.place,
        message,
        names=names,
        related=related,
        remedy=_remedy(resource),
        idiom=resource.idiom,
        sub=sub,
    )


def _ends(resource: Resource, name: str) -> dict[str, str]:
    """How the value is ended: what a pool lends is given back, other values are closed."""
    if not resource.lent:
        return {
            "closing": f"Close {name}",
            "owner": "a context manager of the driver, or one of the project's own,",
            "watch": "watch how many connections the process holds open, so that one that is lost is seen in time",
        }
    back = f" with `{_pool(resource)}.{resource.taking}()`, since closing it loses its place in the pool,"
    return {
        "closing": f"Give {name} back{back if resource.taking else ''}",
        "owner": "the pool (its own query method, a managed transaction)",
        "watch": (
            "limit the time that a client is waited for and that a transaction may be idle, and watch how many wait "
            "for the pool"
        ),
    }


def _remedy(resource: Resource) -> Remedy:
    value = resource.name or "connection"
    if resource.taking:
        return Remedy("give-back", {"value": value, "pool": _pool(resource), "taking": resource.taking})
    return Remedy("release", {"value": value, "close": resource.closing or "close"})


def _pool(resource: Resource) -> str:
    return resource.lender or "pool"


def _way(way: Exit) -> str:
    if way.kind == "return":
        return "where the function returns before it is closed"
    if way.kind == "raise":
        return "where the function raises without closing it"
    if way.kind == "end":
        return "on a branch that ends without closing it"
    return "when something fails before it is closed: the call that closes it stands in no finally block"
