"""A call that waits for the database by holding up its thread, on an event loop.

One finding per coroutine function, at the first such call: directly, or behind functions without `async` that it calls
(with the way there). Not reported: calls that are awaited; what is handed to a thread, a process or to an asynchronous
session's own greenlet; functions that a decorator moves to a thread; calls of functions whose result is awaited, which
may be moved by what nobody described; relations that may have been loaded before; functions without `async` that a
framework runs in threads by itself; scripts, seeds, migrations, tests and commands; coroutine functions whose loop has
nothing else to do meanwhile, as it was made for them alone (`asyncio.run(main())`, where no task is begun), or does not
serve yet (an application's lifespan).

What it cannot say: whether a cache answers in a library's place, and relations that are loaded when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole, Invocation, Route
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import table_of

RULE = Rule(
    summary="a database call holds up the event loop",
    why=(
        "All requests that a process serves share one thread. A call that waits there without `await` holds up every "
        "other request until the database has answered: throughput falls to one query at a time, and health checks "
        "and timers are late."
    ),
    minimal="{minimal}",
    better="Use {awaited} in its place.",
    complete=(
        "Use an asynchronous driver for everything that {function} and its like ask, and let tests run with asyncio's "
        "debug mode, which names what holds up the loop (slow_callback_duration)."
    ),
    symptoms=(
        "all requests are slow while one query runs",
        "Executing <Task …> took 0.350 seconds",
        "You cannot call this from an async context - use a thread or sync_to_async",
    ),
    verify="SELECT mean_exec_time, calls, query FROM pg_stat_statements ORDER BY mean_exec_time DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    looks_at="database calls of coroutine functions",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Order

def newest(session: Session):
    return session.scalars(select(Order).limit(10)).all()

async def page(session: Session):
    order = session.get(Order, 1)  # finding
    session.delete(order)
    session.commit()

async def listed(session: Session):
    return newest(session)  # finding

PAGES = (page, listed)
""",
            title="SQLAlchemy",
            path="shop/views.py",
            files={
                "shop/models.py": (
                    "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n"
                    "class Base(DeclarativeBase):\n    pass\n\n"
                    'class Order(Base):\n    __tablename__ = "order"\n'
                    "    id: Mapped[int] = mapped_column(primary_key=True)\n"
                )
            },
        ),
        Bad(
            "python",
            """\
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import path

class Order(models.Model):
    paid = models.BooleanField()

async def open_orders(request):
    return [order.pk for order in Order.objects.filter(paid=False)]  # finding

async def pay(request, pk):
    order = await Order.objects.aget(pk=pk)
    order.paid = True
    order.save()  # finding

async def show(request, pk):
    return get_object_or_404(Order, pk=pk)  # finding

urlpatterns = [path("", open_orders), path("<int:pk>/pay", pay), path("<int:pk>", show)]
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
import sqlite3

from fastapi import APIRouter, Depends

router = APIRouter()

class Mails:
    def __init__(self, tasks=None, sender="shop"):
        self.tasks = tasks
        self.sender = sender
        self.sent = None

    def told(self, key):
        if self.tasks:
            self.tasks.add(key)
        self.send(key)

    def again(self, key):
        if not self.sent:
            self.send(key)

    def send(self, key):
        self.sent = sqlite3.connect("shop.db").execute("SELECT mail FROM customer WHERE id = ?", (key,))

async def checked(key: int):
    return sqlite3.connect("shop.db").execute("SELECT 1 FROM customer WHERE id = ?", (key,))  # finding

@router.post("/orders/{key}/paid")
async def paid(key: int, mails: Mails = Depends(), known=Depends(checked)):
    if not known:
        mails.again(key)
    mails.told(key)  # finding

@router.post("/orders/{key}/again")
async def again(key: int, mails: Mails = Depends()):
    mails.again(key)  # finding
""",
            title="a framework that runs functions without async in threads",
        ),
        Bad(
            "python",
            """\
import sqlite3

import psycopg
import psycopg2

async def count():
    connection = sqlite3.connect("shop.db")  # finding
    return connection.execute("SELECT count(*) FROM orders").fetchone()

async def pay(connection: psycopg.Connection, key):
    connection.execute("UPDATE orders SET paid = true WHERE id = %s", (key,))  # finding

async def ready():
    with psycopg2.connect("dbname=shop") as connection:  # finding
        connection.cursor().execute("SELECT 1")

CHECKS = (count, pay, ready)
""",
            title="drivers",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, Model, SqliteDatabase

db = SqliteDatabase("shop.db")

class Base(Model):
    class Meta:
        database = db

class User(Base):
    name = CharField()

async def shown(key):
    return User.get_by_id(key)  # finding

async def renamed(key, name):
    user = User.get_or_none(User.id == key)  # finding
    user.name = name
    user.save()

PAGES = (shown, renamed)
""",
            title="Peewee: what models inherit",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import asyncio

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

router = APIRouter()

def count(session: Session):
    return session.execute(text("SELECT count(*) FROM orders")).scalar_one()

@router.get("/count")
def counted(session: Session):
    return count(session)

async def several(session: Session, asynchronous: AsyncSession):
    await run_in_threadpool(count, session)
    await asyncio.to_thread(count, session)
    await asyncio.to_thread(lambda: session.execute(text("SELECT 1")))
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, count, session)
    await loop.run_in_executor(None, lambda: count(session))
    await asynchronous.run_sync(count)
    await asynchronous.run_sync(lambda own: own.execute(text("SELECT 1")))
    return (await asynchronous.execute(text("SELECT 1"))).scalar_one()
""",
            title="threads, a greenlet, an asynchronous session",
        ),
        Good(
            "python",
            """\
from asgiref.sync import sync_to_async
from django.db import models

class Order(models.Model):
    paid = models.BooleanField()

@sync_to_async
def first():
    return Order.objects.first()

def all_open():
    return list(Order.objects.filter(paid=False))

def show(request):
    return all_open()

async def page(request):
    async for order in Order.objects.filter(paid=False):
        await order.asave()
    await sync_to_async(all_open)()
    await Order.objects.acreate(paid=True)
    return await first()
""",
            title="Django",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import aiosqlite
import asyncpg

async def count(pool: asyncpg.Pool):
    async with pool.acquire() as connection:
        return await connection.fetchval("SELECT count(*) FROM orders")

async def ready():
    async with aiosqlite.connect("shop.db") as connection:
        await connection.execute("SELECT 1")
""",
            title="asynchronous drivers",
        ),
        Good(
            "python",
            """\
import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager

from fastapi import FastAPI

async def warm(connection: sqlite3.Connection):
    connection.execute("SELECT 1")

@asynccontextmanager
async def lifespan(app):
    connection = sqlite3.connect("shop.db")
    await warm(connection)
    yield

def application(other=None):
    return FastAPI(lifespan=other or lifespan)

@asynccontextmanager
async def longer(app):
    sqlite3.connect("shop.db").execute("PRAGMA journal_mode = wal")
    async with lifespan(app):
        yield

app = application(other=longer)

async def copied(connection: sqlite3.Connection):
    connection.execute("INSERT INTO old SELECT * FROM orders")

async def main():
    await copied(sqlite3.connect("shop.db"))

def run():
    asyncio.run(main())

async def reported(connection: sqlite3.Connection):
    while True:
        connection.execute("SELECT count(*) FROM orders")
        await asyncio.sleep(60)

def run_beside():
    threading.Thread(target=asyncio.run, args=(reported(sqlite3.connect("shop.db")),)).start()
""",
            title="before the application serves; loops that have nothing else to do",
            path="shop/app.py",
        ),
        Good(
            "python",
            """\
import sqlite3

class Mails:
    def __init__(self, tasks=None):
        self.tasks = tasks

    def told(self, key):
        if self.tasks:
            self.tasks.add(self.send, key)
        else:
            self.send(key)

    def send(self, key):
        sqlite3.connect("shop.db").execute("SELECT mail FROM customer WHERE id = ?", (key,))

async def paid(mails: Mails, key):
    mails.told(key)

async def forgotten(key):
    sqlite3.connect("shop.db").execute("SELECT 1")

PAGES = (paid,)
""",
            title="what objects were made with decides whether it is asked; a function that nobody names",
        ),
    ),
)

_WAITS = frozenset({Effect.QUERY, Effect.COMMIT, Effect.CONNECT, Effect.ACQUIRE})
SHOWN = 5
"""Further calls of one coroutine function that a finding names."""


def check(project: Project) -> Iterator[Finding]:
    """One finding per coroutine function that holds up its loop."""
    found: dict[str, dict[Place, tuple[Call, tuple[Invocation, ...]]]] = {}
    spared = {call.place for call in project.calls if not call.blocking and call.effects}
    holding = [call for call in project.calls if _holds_up(call) and call.place not in spared]
    for call in holding:
        if _on_loop(project, call.function):
            found.setdefault(call.function, {}).setdefault(call.place, (call, ()))
    for invocation in project.invocations if holding else ():  # else no route of any leads to one
        if invocation.role is not FileRole.APP or not _on_loop(project, invocation.function):
            continue
        for route in project.onward(invocation):
            if route.unsure:
                continue
            if _holds_up(route.call) and route.call.place not in spared and _stays(project, invocation, route):
                way = (invocation, *route.steps)
                found.setdefault(invocation.function, {}).setdefault(invocation.place, (route.call, way))
    for identifier, places in found.items():
        yield _told(project, identifier, places)


def places(project: Project) -> Iterator[Place]:
    """The calls of coroutine functions that ask a database."""
    for call in project.calls:
        if _WAITS.intersection(call.effects) and call.role is FileRole.APP and _on_loop(project, call.function):
            yield call.place


def _told(project: Project, identifier: str, places: dict[Place, tuple[Call, tuple[Invocation, ...]]]) -> Finding:
    first = min(places, key=lambda place: (_perhaps(*places[place]), place))
    call, way = places[first]
    source = way[0].source if way else call.source
    function = project.functions[identifier]
    name = function.name or "the function around"
    table = table_of(project, call)
    asked = f", which asks {table}," if table else ""
    if call.refuses:
        said = f"raises {call.refuses}: it waits for the database on the event loop"
    else:
        said = "holds up the event loop until the database has answered"
    more = f"; so do {len(places) - 1} other calls there" if len(places) > 2 else ""
    more = "; so does another call there" if len(places) == 2 else more
    related = [Related(step.place, f"calls {step.callees[0].rpartition('::')[2]}()") for step in way[1:]]
    related += [Related(call.place, f"waits for the database: {call.source}")] if way else []
    others = [place for place in sorted(places) if place != first]
    related += [Related(place, "holds up the loop, too") for place in others[:SHOWN]]
    plain = function.threaded and not function.awaits and not call.refuses
    if plain:
        minimal = f"Make {name}() a function without `async`: it awaits nothing, and the framework runs it in a thread."
    else:
        minimal = f"Run {source} in a thread, with all that belongs to its transaction; or use calls that are awaited."
    return Finding(
        first,
        f"`{source}`{asked} in the coroutine {name}() {said}{more}",
        names={
            "call": source,
            "function": f"{name}()",
            "awaited": "an asynchronous driver's calls, which are awaited," if plain else "calls that are awaited",
            "minimal": minimal,
        },
        related=tuple(related),
        remedy=None if plain else Remedy("unblock", {}),
        idiom=call.idiom,
        sub="cross-function" if way else "",
    )


def _perhaps(call: Call, way: tuple[Invocation, ...]) -> bool:
    """Whether a condition in the coroutine decides whether it makes the call, and no loop makes it all the same."""
    frames = way[0].frames if way else call.frames
    kinds = {frame.kind for frame in frames}
    return bool(kinds & {"branch", "catch"}) and "loop" not in kinds


def _holds_up(call: Call) -> bool:
    """Whether a call surely waits for the database where it stands."""
    if not call.blocking or call.memoised or call.batches or call.role is not FileRole.APP:
        return False
    return bool(_WAITS.intersection(call.effects)) and not any(frame.thread for frame in call.frames)


def _stays(project: Project, invocation: Invocation, route: Route) -> bool:
    """Whether all of the way is run on the loop, by functions that are called and nothing else."""
    for step in (invocation, *route.steps):
        if step.awaited or any(frame.thread for frame in step.frames):
            return False
        for callee in step.callees:
            function = project.functions.get(callee)
            if function is None or function.asynchronous or function.thread:
                return False
    return True


def _on_loop(project: Project, identifier: str) -> bool:
    """Whether a function is a coroutine function that nobody moves elsewhere."""
    function = project.functions.get(identifier)
    if function is None or not function.asynchronous or function.unnamed:
        return False
    return not function.thread and not function.kind
