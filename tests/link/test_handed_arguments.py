"""What functions are given that are handed to a call together with it."""

from __future__ import annotations

import pytest

from dblint.facts.program import Call
from tests.link.linked import linked

HEAD = """\
import asyncio
import atexit
import functools
import multiprocessing.pool
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from fastapi import BackgroundTasks

opened = sqlite3.connect("jars.db")


def label(shelf, connection, *, order="id"):
    connection.execute("SELECT id FROM jars")


"""


def asked(source: str) -> list[Call]:
    return [call for call in linked({"use.py": HEAD + source}).calls if call.member == "execute"]


@pytest.mark.parametrize(
    "handing",
    [
        "threading.Thread(target=label, args=(1, opened)).start()",
        "threading.Thread(None, label, 'labels', (1, opened)).start()",
        "threading.Thread(target=label, args=[1], kwargs={'connection': opened}).start()",
        "threading.Timer(5, label, (1, opened)).start()",
        "ThreadPoolExecutor().submit(label, 1, opened)",
        "ThreadPoolExecutor().submit(label, 1, connection=opened)",
        "ThreadPoolExecutor().map(label, [1, 2], [opened])",
        "multiprocessing.pool.ThreadPool().apply_async(label, (1, opened))",
        "asyncio.run(asyncio.to_thread(label, 1, opened))",
        "asyncio.get_event_loop().run_in_executor(None, label, 1, opened)",
        "asyncio.get_event_loop().run_in_executor(None, functools.partial(label, 1, opened))",
        "asyncio.get_event_loop().call_later(5, label, 1, opened)",
        "atexit.register(label, 1, connection=opened)",
        "BackgroundTasks().add_task(label, 1, opened)",
        "functools.partial(label, connection=opened)(1)",
        "functools.partial(label, 1)(opened)",
        "sync_to_async(label)(1, opened)",
        "later = functools.partial(label, 1)\nlater(opened)",
    ],
)
def test_a_parameter_is_what_is_handed_over(handing: str) -> None:
    assert [call.receiver for call in asked(handing)] == ["sqlite3:Connection"]


@pytest.mark.parametrize(
    "handing",
    [
        "threading.Thread(target=label, args=(opened, 1)).start()",  # the other way round
        "threading.Thread(target=label, args=(*shelves, opened)).start()",
        "threading.Thread(target=label, kwargs={'shelf': opened}).start()",
        "ThreadPoolExecutor().submit(label, *shelves, opened)",
        "ThreadPoolExecutor().submit(print, label, 1, opened)",
        "keep(label, 1, opened)",  # nobody knows what becomes of it
    ],
)
def test_what_is_not_handed_over_as_that_parameter_says_nothing_of_it(handing: str) -> None:
    assert not asked(handing)


def test_of_many_that_hand_a_function_over_nothing_is_said() -> None:
    handing = "".join(f"ThreadPoolExecutor().submit(label, {number}, opened)\n" for number in range(13))
    assert not asked(handing)


STATEMENT = """\
def send(statement, connection):
    connection.execute(statement)


def ask(statement):
    threading.Thread(target=send, args=(statement, opened)).start()


def labels():
    ask("SELECT label FROM labels")
"""


def test_a_statement_is_told_where_it_is_handed_in_before_it_goes_to_a_thread() -> None:
    calls = [call for call in linked({"use.py": HEAD + STATEMENT}).calls if call.trigger == "wrapper"]
    assert [(call.member, [query.table for query in call.queries], call.blocking) for call in calls] == [
        ("send", [""], False),
        ("ask", ["labels"], False),
    ]
