"""What `query/sync-call-in-async` says, and by which way; what is run beside the loop, and what is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dblint_rules.query.sync_call_in_async import check

from dblint.facts.program import Route
from dblint.facts.text import Place
from tests.link.linked import linked
from tests.test_index_not_concurrent import findings

RULE = "query/sync-call-in-async"
FILES = {
    "shop/models.py": """\
from django.db import models

class Order(models.Model):
    paid = models.BooleanField()
""",
    "shop/data.py": """\
import asyncio
from asgiref.sync import sync_to_async
from shop.models import Order

def found(key):
    return Order.objects.get(pk=key)

def opened(key):
    return found(key)

async def aside(work):
    return await asyncio.get_running_loop().run_in_executor(None, work)

@sync_to_async
def moved(key):
    return found(key)
""",
    "shop/views.py": """\
import asyncio
import sqlite3

from asgiref.sync import sync_to_async
from django.db import connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from shop.data import aside, found, moved, opened
from shop.models import Order

async def far(request, key):
    return opened(key)

async def several(request, keys):
    for order in Order.objects.filter(pk__in=keys):
        order.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

async def committed(session: Session):
    session.add(Order())
    session.commit()

async def inside(database: sqlite3.Connection):
    def write():
        database.execute("DELETE FROM orders WHERE paid")
    write()
    await asyncio.to_thread(write)

async def threads(request, key):
    await aside(lambda: found(key))
    await asyncio.gather(moved(key), sync_to_async(found)(key))
    await asyncio.get_event_loop().run_in_executor(None, found, key)

async def awaited(session: AsyncSession, unknown, key):
    await session.execute(unknown)
    await session.run_sync(lambda own: own.execute(unknown))
    await Order.objects.filter(pk=key).aupdate(paid=True)
    return [order async for order in Order.objects.all()]

def threaded(request, key):
    return opened(key)

PAGES = (far, several, committed, inside, threads, awaited)
""",
    "shop/text.py": """\
import sqlite3
from asgiref.sync import sync_to_async

def asked(database: sqlite3.Connection, text):
    return database.execute(text)

async def later(database: sqlite3.Connection, text):
    return await sync_to_async(asked)(database, text)

async def sent(database: sqlite3.Connection):
    await later(database, "DELETE FROM orders")
    await sync_to_async(asked)(database, "DELETE FROM orders")

async def held(database: sqlite3.Connection):
    return asked(database, "DELETE FROM orders")

async def unnamed(database: sqlite3.Connection):
    return asked(database, "DELETE FROM orders")

PAGES = (sent, held)
""",
    "shop/main.py": """\
from contextlib import asynccontextmanager
from fastapi import FastAPI
from shop.data import found

@asynccontextmanager
async def lifespan(app):
    found(1)
    yield

app = FastAPI(lifespan=lifespan)
""",
    "tests/test_main.py": """\
from shop.main import lifespan

async def test_begins(app):
    async with lifespan(app):
        pass
""",
}

SERVED = {
    "shop/served.py": """\
import asyncio
import sqlite3
from fastapi import APIRouter, Depends
router = APIRouter()

def asked(database: sqlite3.Connection):
    return database.execute("SELECT 1")

async def checked(database: sqlite3.Connection):
    return database.execute("SELECT 1")

@router.get("/both")
async def both(database: sqlite3.Connection, wanted: bool, known=Depends(checked)):
    if wanted:
        database.execute("SELECT 2")
    else:
        database.execute("SELECT 3")
    asked(database)

@router.get("/waits")
async def waits(database: sqlite3.Connection, wanted: bool):
    if wanted:
        await asyncio.sleep(1)
    asked(database)

@router.get("/called")
async def called(database: sqlite3.Connection):
    asked(database)

@router.get("/calls")
async def calls(database: sqlite3.Connection):
    await called(database)
"""
}


def test_what_holds_up_a_loop_is_told_once_per_coroutine_function(tmp_path: Path) -> None:
    loop = "holds up the event loop until the database has answered"
    refused = "raises SynchronousOnlyOperation: it waits for the database on the event loop"
    more = "so do 2 other calls there"
    told = findings(tmp_path, FILES, RULE)
    assert [(one.region.start.line, one.message, [other.message for other in one.related]) for one in told] == [
        (15, f"`asked()`, which asks orders, in the coroutine held() {loop}", []),
        (
            13,
            f"`opened()`, which asks shop_order, in the coroutine far() {refused}",
            ["calls found()", "waits for the database: Order.objects.get()"],
        ),
        (
            16,
            f"`Order.objects.filter()`, which asks shop_order, in the coroutine several() {refused}; {more}",
            ["holds up the loop, too", "holds up the loop, too"],
        ),
        (23, f"`session.commit()` in the coroutine committed() {loop}", []),
        (
            28,
            f"`write()`, which asks orders, in the coroutine inside() {loop}",
            ["waits for the database: database.execute()"],
        ),
    ]
    assert [one.region.path for one in told] == ["shop/text.py", *["shop/views.py"] * 4]


def test_what_is_told_first_runs_in_any_case(tmp_path: Path) -> None:
    threads = "a function without `async`: it awaits nothing, and the framework runs it in a thread."
    told = findings(tmp_path, SERVED, RULE)
    assert [(one.region.start.line, one.message.partition("`")[2].partition("`")[0], one.minimal) for one in told] == [
        (10, "database.execute()", f"Make checked() {threads}"),
        (18, "asked()", f"Make both() {threads}"),
        (
            24,
            "asked()",
            "Run asked() in a thread, with all that belongs to its transaction; or use calls that are awaited.",
        ),
        (
            28,
            "asked()",
            "Run asked() in a thread, with all that belongs to its transaction; or use calls that are awaited.",
        ),
    ]


THREADS = """\
import asyncio
import sqlite3
import threading

def work(coroutine, loop):
    asyncio.run_coroutine_threadsafe(coroutine, loop)

async def alone(connection: sqlite3.Connection):
    connection.execute("SELECT 1")

async def shared(connection: sqlite3.Connection):
    connection.execute("SELECT 2")

async def second(connection: sqlite3.Connection):
    connection.execute("SELECT 3")

def run(loop):
    threading.Thread(target=asyncio.run, args=(alone(sqlite3.connect("a")),)).start()
    threading.Thread(target=work, args=(shared(sqlite3.connect("a")), loop)).start()
    threading.Thread(target=asyncio.run, args=(alone(sqlite3.connect("a")), second(sqlite3.connect("a")))).start()
"""


def test_a_loop_in_a_thread_of_its_own_holds_up_nobody(tmp_path: Path) -> None:
    assert [each.region.start.line for each in findings(tmp_path, {"app.py": THREADS}, RULE)] == [12, 15]


def test_no_route_is_asked_for_where_nothing_holds_up_a_thread() -> None:
    project = linked(
        {
            "shelf.py": """\
                import asyncpg

                async def count(connection: asyncpg.Connection):
                    return await connection.fetchval("SELECT count(*) FROM jar")

                async def told(connection: asyncpg.Connection):
                    return await count(connection)
                """
        }
    )
    assert any(invocation.function.endswith("told") for invocation in project.invocations)

    def nobody(place: Place, callee: str) -> Sequence[Route]:
        raise AssertionError(f"{callee} at {place}")

    assert not list(check(replace(project, find_onward=nobody)))
