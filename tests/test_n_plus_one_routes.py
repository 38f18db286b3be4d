"""What `query/n-plus-one` says of loops whose calls lead to several tables."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from dblint.run import Request, run

PROGRAM = """\
import sqlite3

opened = sqlite3.connect("shop.db")


def lines(key):
    return opened.execute("SELECT id FROM line WHERE invoice_id = ?", (key,)).fetchall()


def details(key):
    customer = opened.execute("SELECT id FROM customer WHERE invoice_id = ?", (key,)).fetchone()
    address = opened.execute("SELECT id FROM address WHERE invoice_id = ?", (key,)).fetchone()
    return customer, address, lines(key)


def page(keys):
    for key in keys:
        CALL
"""


@pytest.mark.parametrize(
    ("call", "messages"),
    [
        ("lines(key)", ["`lines()` reads line once per element of `keys`"]),
        ("details(key)", ["`details()` reads customer, address and line once per element of `keys`"]),
        (
            "details(key), lines(key)",
            [
                "`details()` reads customer, address and line once per element of `keys`",
                "`lines()` reads line once per element of `keys`",
            ],
        ),
    ],
)
def test_a_call_that_leads_to_several_tables_is_told_once(tmp_path: Path, call: str, messages: list[str]) -> None:
    (tmp_path / "app.py").write_text(PROGRAM.replace("CALL", call), "utf-8")
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    assert [item.message for item in run(request).report.findings] == messages


SQL = """
import asyncio
import functools
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from cachetools import cached
from own import memoize


def one(connection: sqlite3.Connection, key):
    return connection.execute("SELECT name FROM customer WHERE id = ?", (key,)).fetchone()


@functools.lru_cache(maxsize=100)
def kept(connection: sqlite3.Connection, key):
    return one(connection, key)


@cached({})
def stored(connection: sqlite3.Connection, key):
    return one(connection, key)


@memoize
def unread(connection: sqlite3.Connection, key):
    return one(connection, key)


class Reader:
    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection

    def load(self, key):
        return one(self.connection, key)


def show(connection: sqlite3.Connection, items):
    reader = Reader(connection)
    pool = ThreadPoolExecutor()
"""


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("load = reader.load\nreturn [load(item.id) for item in items]", "load()"),
        ("load = one\nreturn [load(connection, item.id) for item in items]", "load()"),
        ("for item in items:\n    pool.submit(one, connection, item.id)", "pool.submit()"),
        ("for item in items:\n    await asyncio.to_thread(one, connection, item.id)", "asyncio.to_thread()"),
        ("return sorted(items, key=reader.load)", "sorted()"),
        ("items.sort(key=reader.load)", "items.sort()"),
        ("return max(items, key=lambda item: one(connection, item.id))", "one()"),
        ("return [unread(connection, item.id) for item in items]", "unread()"),
        ("return [kept(connection, item.id) for item in items]", ""),
        ("return [stored(connection, item.id) for item in items]", ""),
    ],
)
def test_functions_that_are_renamed_handed_on_or_kept(tmp_path: Path, body: str, source: str) -> None:
    text = SQL.replace("def show", "async def show" if "await" in body else "def show") + indent(body, "    ") + "\n"
    (tmp_path / "app.py").write_text(text)
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    messages = [finding.message for finding in run(request).report.findings]
    assert [message.partition(" reads ")[0] for message in messages] == ([f"`{source}`"] if source else [])


LOCKS = """
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Lock(Base):
    __tablename__ = "lock"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    until: Mapped[int]


class Other(Base):
    __tablename__ = "other"
    id: Mapped[int] = mapped_column(primary_key=True)


def held(session: Session, name, now):
    return session.scalars(select(Lock).where(Lock.name == name, Lock.until > now)).first()


def hold(session: Session, name, until):
    session.add(Lock(name=name, until=until))
    session.commit()


def note(session: Session):
    session.add(Other())
    session.commit()


def each(session: Session, ends):
    for until in ends:
        HELD
        HOLD
"""


@pytest.mark.parametrize(
    ("held", "hold", "told"),
    [
        ("found = held(session, 'all', until)", "hold(session, 'all', until)", 0),
        ("found = held(session, 'all', until)", "note(session)", 1),
        ("found = held(session, until.name, 1)", "hold(session, until.name, 1)", 1),
        (
            "found = session.scalars(select(Lock).where(Lock.until > until)).first()",
            "session.execute(update(Lock).where(Lock.until > until).values(until=0))",
            0,
        ),
        (
            "found = session.scalars(select(Lock).where(Lock.until > until)).first()",
            "session.execute(update(Other).values(id=0))",
            1,
        ),
    ],
)
def test_turns_that_must_see_what_they_write(tmp_path: Path, held: str, hold: str, told: int) -> None:
    text = LOCKS.replace("HELD", held).replace("HOLD", f"if not found:\n            {hold}")
    (tmp_path / "app.py").write_text(text.replace("String, select", "select, update"), "utf-8")
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    assert len(run(request).report.findings) == told
