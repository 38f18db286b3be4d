"""A client of a database server is configured, and nothing limits the time of its statements.

One finding per place that configures a client. Not reported: where the configuration says that the server sets the
limit (`timeouts = "server"`); where an option, the address or a statement anywhere in the program sets one; where
options come from elsewhere, so that one may be among them; embedded databases; scripts, tests and migrations.

Off by default: whether a limit is set on the server, or in an address that the environment gives, no source says.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Client, FileRole
from dblint.facts.project import Project
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="a database client is configured without a limit to the time of a statement",
    why=(
        "A statement that has lost its index, or waits for a lock, runs until somebody ends it. It keeps its "
        "connection, and soon all connections of the pool wait the same way: one slow query takes the application "
        "down, and the server goes on with it when whoever asked has long given up."
    ),
    minimal="Give {client} a limit that is longer than anything a request may wait for.",
    better=(
        "Set the limit of {client} for its role (ALTER ROLE … SET statement_timeout), and say so in the configuration: "
        'timeouts = "server".'
    ),
    complete=(
        "Give requests, workers and reports a role and a limit each in place of one for {client}, and limit how long "
        "locks are waited for and transactions lie idle, too."
    ),
    symptoms=("canceling statement due to statement timeout", "QueuePool limit of size 5 overflow 10 reached"),
    verify="SELECT name, setting, source FROM pg_settings WHERE name = 'statement_timeout'",
    verify_on=("postgres",),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("1.6",),
    looks_at="places that configure a client whose statements can be limited",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
import os

import asyncpg
import psycopg2
from psycopg_pool import ConnectionPool
from sqlalchemy import create_engine

engine = create_engine("postgresql+psycopg://db.shop.io/billing", pool_size=5)  # finding
other = create_engine("postgresql://db.shop.io/billing", connect_args={"connect_timeout": 5})  # finding
pool = ConnectionPool("host=db.shop.io", kwargs={"autocommit": True})  # finding

def connect():
    return psycopg2.connect(os.environ["DATABASE_URL"])  # finding

async def opened():
    return await asyncpg.create_pool(host="db.shop.io", timeout=5)  # finding
""",
        ),
        Bad(
            "python",
            """\
import os

INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {  # finding
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["DB_HOST"],
        "OPTIONS": {"connect_timeout": 5},
    },
    "local": {"ENGINE": "django.db.backends.sqlite3", "NAME": "local.db"},
}
""",
            title="Django",
            path="settings.py",
        ),
        Bad(
            "python",
            """\
import aiomysql
import pymysql

def connect():
    return pymysql.connect(host="db.shop.io", connect_timeout=5)  # finding

async def opened():
    return await aiomysql.create_pool(host="db.shop.io")  # finding
""",
            title="MySQL",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';
import { DataSource } from 'typeorm';

export const pool = new Pool({ host: 'db.shop.io', max: 10 }); // finding
export const source = new DataSource({ type: 'postgres', url: 'postgres://db.shop.io/billing' }); // finding
""",
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

client = MongoClient("mongodb://db.shop.test", serverSelectionTimeoutMS=5000)  # finding

def orders():
    return client.shop.orders.find({"paid": False})
""",
            title="PyMongo",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from pymongo import MongoClient

client = MongoClient("mongodb://db.shop.test/?timeoutMS=5000")
other = MongoClient("mongodb://db.shop.test", timeoutMS=5000)
""",
            title="PyMongo: an option of the client or of its address",
        ),
        Good(
            "python",
            """\
import pymongo
from pymongo import MongoClient

client = MongoClient("mongodb://db.shop.test")

def orders():
    with pymongo.timeout(5):
        return list(client.shop.orders.find({"paid": False}))
""",
            title="PyMongo: a limit for what is done within",
        ),
        Good(
            "python",
            """\
import asyncpg
import psycopg2
from psycopg_pool import ConnectionPool
from sqlalchemy import create_engine

from shop.configuration import ARGUMENTS

create_engine("postgresql://db.shop.io/billing", connect_args={"options": "-c statement_timeout=5000"})
create_engine("postgresql://db.shop.io/billing?options=-c%20statement_timeout%3D5000")
create_engine("postgresql://db.shop.io/billing", connect_args=ARGUMENTS)
create_engine("sqlite:///billing.db")
pool = ConnectionPool("host=db.shop.io", kwargs={"options": "-c statement_timeout=5s"})

def connect(**options):
    return psycopg2.connect("host=db.shop.io", **options)

async def opened():
    return await asyncpg.create_pool(host="db.shop.io", command_timeout=5)
""",
            title="options, an address, options from elsewhere, an embedded database",
        ),
        Good(
            "python",
            """\
from sqlalchemy import create_engine

engine = create_engine("postgresql://db.shop.io/billing")
""",
            title="a file to copy, which nobody runs",
            path="shop/configuration_example.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import create_engine, event

engine = create_engine("postgresql://db.shop.io/billing")

@event.listens_for(engine, "connect")
def limit(connection, record):
    connection.cursor().execute("SET statement_timeout = 5000")
""",
            title="a statement for each connection",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';
import { DataSource } from 'typeorm';

export const pool = new Pool({ host: 'db.shop.io', query_timeout: 5000 });
export const source = new DataSource({ type: 'postgres', host: 'db.shop.io', extra: { query_timeout: 5000 } });
""",
        ),
    ),
)

_SERVERS = {"postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "mongodb": "MongoDB", "oracle": "Oracle"}


def check(client: Client, project: Project) -> Iterator[Finding]:
    """One finding per client of a server that surely says no limit."""
    if client.limit != "no" or project.timeouts:
        return
    dialect = client.dialect or next((each for each in project.dialects if each in _SERVERS), "")
    if dialect not in _SERVERS:
        return
    yield Finding(
        client.place,
        f"{client.member} sets no limit to the time of a statement, and nothing else in the program does:"
        f" {_SERVERS[dialect]} runs each until it is done",
        names={"client": client.member},
        remedy=Remedy(f"timeout-{'mysql' if dialect == 'mariadb' else dialect}"),
        idiom=client.library,
    )
