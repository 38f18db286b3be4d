"""Receivers that the program keeps on objects of others: applications, contexts, classes, modules, mappings."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from tests.link.linked import asked, linked

KEEPING = """
    import sqlite3
    from contextvars import ContextVar
    from functools import lru_cache

    import asyncpg
    from fastapi import FastAPI
    from flask import Flask, current_app, g
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session, sessionmaker
    from werkzeug.local import LocalProxy

    pool = None
    handles = {}
    named = {}
    session: ContextVar[Session] = ContextVar("session")
    plain = ContextVar("plain", default=None)
    other = ContextVar("other", default=None)
    api = FastAPI()
    site = Flask(__name__)
    site.extensions["ledger"] = sqlite3.connect("a.db")
    site.ledger = sqlite3.connect("a.db")
    site.config["LEDGER"] = sqlite3.connect("a.db")

    def start(name):
        global pool
        pool = sqlite3.connect("a.db")
        handles["main"] = sqlite3.connect("a.db")
        named[name] = sqlite3.connect("a.db")
        plain.set(sqlite3.connect("a.db"))

    async def started(app: FastAPI):
        app.state.pool = await asyncpg.create_pool("postgres://")
        app.state.ledger = sqlite3.connect("a.db")

    def get_ledger():
        if "ledger" not in g:
            g.ledger = sqlite3.connect(current_app.config["NAME"])
        return g.ledger

    def get_kept():
        found = getattr(g, "_kept", None)
        if found is None:
            found = g._kept = sqlite3.connect("a.db")
        return found

    proxy = LocalProxy(get_ledger)

    @lru_cache
    def get_engine():
        return create_engine("sqlite://")

    class Base:
        ledger = None

    class Holder:
        pass

    class Stranger:
        def __init__(self, ledger):
            self.read = ledger

    def fill(holder: Holder):
        setattr(holder, "link", sqlite3.connect("a.db"))
        holder.plain = 3
    """
START = """
    import sqlite3
    import keeping
    from keeping import Base

    late = None

    def start():
        Base.ledger = sqlite3.connect("a.db")
        keeping.put_there = sqlite3.connect("a.db")
    """
LEDGER = [("execute", "sqlite3:Connection", "select", "invoice")]
READ = '.execute("SELECT id FROM invoice")'
PLACES = {
    "g by the function that fills it": ("get_ledger()", LEDGER),
    "g by its attribute": ("g.ledger", LEDGER),
    "g by its name": ('getattr(g, "ledger")', LEDGER),
    "g by get": ('g.get("ledger")', LEDGER),
    "g by a chained assignment": ("get_kept()", LEDGER),
    "g through a proxy": ("proxy", LEDGER),
    "what a proxy stands for": ("proxy._get_current_object()", LEDGER),
    "what nobody puts into g": ("g.nothing", []),
    "an extension": ('current_app.extensions["ledger"]', LEDGER),
    "an attribute of the application": ("current_app.ledger", LEDGER),
    "the application itself": ("site.ledger", LEDGER),
    "the configuration": ('current_app.config["LEDGER"]', LEDGER),
    "a state": ("request.app.state.ledger", LEDGER),
    "a state of another kind": ("request.state.ledger", []),
    "a module's name that a function fills": ("keeping.pool", LEDGER),
    "a module's name that another module fills": ("keeping.put_there", LEDGER),
    "a mapping": ('handles["main"]', LEDGER),
    "a mapping by get": ('keeping.handles.get("main")', LEDGER),
    "another key of a mapping": ('handles["log"]', []),
    "a mapping with keys that nobody knows": ("named[name]", LEDGER),
    "a variable of the context": ("plain.get()", LEDGER),
    "a variable that nobody sets": ("other.get()", []),
    "a class": ("Base.ledger", LEDGER),
    "a class that extends it": ("Part().ledger", LEDGER),
    "what is set by name": ("holder.link", LEDGER),
    "a class that has only the name": ("stranger.link", []),
    "a function's own attribute": ("get_ledger.last", LEDGER),
}


@pytest.fixture(scope="module")
def reads() -> dict[str, list[tuple[str, str, str, str]]]:
    """What the function of each place asks."""
    functions = [
        f"def read_{number}(request: Request, holder: Holder, stranger: Stranger, name):\n    {where}{READ}\n"
        for number, (where, _) in enumerate(PLACES.values())
    ]
    using = (
        "import sqlite3\nimport keeping\nfrom fastapi import Request\nfrom keeping import *\n"
        "from keeping import Base, Holder, Stranger, current_app, g, get_kept, get_ledger, handles, named, other\n"
        "from keeping import plain, proxy, site\n\nclass Part(Base):\n    pass\n\n"
        'get_ledger.last = sqlite3.connect("a.db")\n\n' + "\n".join(functions)
    )
    project = linked({"keeping.py": KEEPING, "start.py": START, "using.py": using})
    found: dict[str, list[tuple[str, str, str, str]]] = {place: [] for place in PLACES}
    for call in project.calls:
        if call.member == "execute":
            number = int(call.function.rpartition("_")[2])
            found[list(PLACES)[number]] += [
                (call.member, call.receiver, str(query.verb), query.table) for query in call.queries
            ]
    return found


@pytest.mark.parametrize("place", PLACES)
def test_what_is_kept_on_an_object_of_others(place: str, reads: dict[str, list[tuple[str, str, str, str]]]) -> None:
    assert reads[place] == PLACES[place][1]


def test_what_context_and_state_hold_by_their_types() -> None:
    project = linked(
        {
            "keeping.py": KEEPING,
            "using.py": """
                from fastapi import Request
                from sqlalchemy import text
                from keeping import api, get_engine, session

                def ask():
                    session.get().execute(text("SELECT id FROM invoice"))
                    with get_engine().connect() as connection:
                        connection.execute(text("SELECT id FROM invoice"))

                async def acquired(request: Request):
                    async with request.app.state.pool.acquire() as connection:
                        await connection.fetch("SELECT id FROM invoice")
                    await api.state.pool.fetch("SELECT id FROM invoice")
                """,
        }
    )
    assert [found for found in asked(project) if found[0] != "text"] == [
        ("execute", "sqlalchemy:Session", "select", "invoice"),
        ("execute", "sqlalchemy:Connection", "select", "invoice"),
        ("fetch", "asyncpg:PooledConnection", "select", "invoice"),
        ("fetch", "asyncpg:Pool", "select", "invoice"),
    ]


def test_what_tests_keep_counts_where_the_program_keeps_nothing() -> None:
    files = {
        "application.py": """
            from flask import current_app

            def unpaid():
                return current_app.ledger.execute("SELECT id FROM invoice")
            """,
        "test_application.py": """
            import sqlite3
            from flask import Flask

            app = Flask("test")
            app.ledger = sqlite3.connect(":memory:")
            """,
        "start.py": """
            import pyodbc
            from flask import Flask

            app = Flask("shop")
            app.ledger = pyodbc.connect("DSN=shop")
            """,
    }
    roles = {"test_application.py": FileRole.TEST}
    assert asked(linked(files, roles=roles)) == [("execute", "pyodbc:Connection", "select", "invoice")]
    del files["start.py"]
    assert asked(linked(files, roles=roles)) == LEDGER


def test_an_object_that_holds_itself_ends() -> None:
    project = linked(
        {
            "app.py": """
                from flask import g

                class Node:
                    pass

                def turn(node: Node, other: Node):
                    node.next = node.next or other.next
                    g.turn = g.turn
                    table = {}
                    table[node] = table[other]
                    table[node].execute("SELECT 1 FROM invoice")
                    node.next.execute("SELECT 1 FROM invoice")
                    g.turn.execute("SELECT 1 FROM invoice")
                """
        }
    )
    assert asked(project) == []


HANDLES = """
    import { Pool } from 'pg';

    const pools = {};
    const several = {};
    const filled = { main: 3 };
    const strange = {};

    async function made(address) {
      return { pool: new Pool({ connectionString: address }), address };
    }

    export function begin(name, address) {
      pools[name] = new Pool({ connectionString: address });
      several[name] = made(address);
      filled[name] = 4;
      strange.put(name, new Pool());
    }

    export async function reads(name) {
      await pools[name].query('SELECT id FROM jar');
      const { pool } = await several[name];
      await pool.query('SELECT id FROM lid');
      await filled[name].query('SELECT id FROM pan');
      await strange[name].query('SELECT id FROM cup');
    }
    """


def test_what_scripts_put_into_an_object_under_any_key() -> None:
    found = [query.table for call in linked({"handles.js": HANDLES}).calls for query in call.asked]
    assert found == ["jar", "lid"]


LENT = """
    const express = require('express');
    const mongoose = require('mongoose');
    const { MongoClient } = require('mongodb');

    const Jar = mongoose.model('Jar', new mongoose.Schema({ name: String }));
    const Lid = mongoose.model('Lid', new mongoose.Schema({ name: String }));
    const app = express();
    const state = { db: null, name: 'shop' };

    MongoClient.connect(process.env.SHOP, (error, client) => {
      state.db = client.db('shop');
      state.name = client.db('names');
    });

    app.use((request, response, next) => {
      request.models = { Jar };
      request.tables = require('./tables');
      request.body = { jars: request.body.jars, Lid: 'lid' };
      next();
    });
    app.get('/', async (request, response) => {
      const { Cup } = request.tables;
      await READ;
      response.end();
    });
    app.listen(80);
    """
TABLES = """
    const mongoose = require('mongoose');
    exports.Cup = mongoose.model('Cup', new mongoose.Schema({ name: String }));
    """


@pytest.mark.parametrize(
    ("read", "tables"),
    [
        ("request.models.Jar.find({ name: 'a' })", ["jars"]),
        ("Cup.find({ name: 'a' })", ["cups"]),
        ("request.tables.Cup.find({ name: 'a' })", ["cups"]),
        ("state.db.collection('pan').findOne({ name: 'a' })", ["pan"]),
        # What is put there is no model, or another name, or stands where something plain was before.
        ("request.body.Lid.find({ name: 'a' })", []),
        ("request.models.Lid.find({ name: 'a' })", []),
        ("state.name.collection('pan').findOne({ name: 'a' })", []),
    ],
)
def test_what_a_middleware_puts_on_every_request_together(read: str, tables: list[str]) -> None:
    project = linked({"app.js": LENT.replace("READ", read), "tables.js": TABLES})
    assert [query.table for call in project.calls for query in call.asked] == tables
