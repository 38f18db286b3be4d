"""A password for a database that stands in the source.

Told is a password in what a connection is made with: in an address (`scheme://user:password@host`), in an argument, in
a setting, also where it is only what a look-up in the environment falls back to. An address counts whatever library
takes it; where nothing that is described does, only one that leads to another machine.

Not told, as no reviewer would sign it: nothing at all; a word that stands for a password (`changeme`, `<password>`,
`postgres`, `password` itself: whoever deploys with it has another fault, and it is no secret); a user's own name as
the password at a machine of the developer (`app:app@localhost`); a host of documents (`db.example.com`); and what
counts only where the environment is silent and leads to the developer's own machine or a container beside it, for
that is how a development environment starts. A password without such a look-up counts wherever it leads: a service on
its database's machine says `localhost`, too.

On real code it found two passwords outside of examples, both read as right (`docs/precision`): how often it is right is
known from these and from examples only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.program import Connection, Given
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="a database's password stands in the source",
    why=(
        "Everyone who can read the repository, a build's log or a copy on a lost laptop can connect as this user, and "
        "the history keeps the password when the line is gone. It is the same in every environment, so that a test "
        "can write to production, and nobody can change it without a release."
    ),
    minimal="Read the password of {user} at {host} from the environment, without a default: {repair}",
    better=(
        "Change the password of {user} on {host} first, since the old one stays in the history; then let the program "
        "fail at its start where the variable is missing."
    ),
    complete=(
        "Let {user} log in to {host} with what expires by itself (a token of the platform, a certificate, a secret "
        "that a manager rotates), give it no more rights than its statements need, and search every commit for "
        "secrets before it is pushed."
    ),
    symptoms=(
        "a secret scanner reports the repository",
        "password authentication failed after a rotation",
        "connections from addresses that nobody knows",
    ),
    verify="SELECT usename, client_addr, count(*) FROM pg_stat_activity GROUP BY usename, client_addr",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=True,
    checklist=("4.6",),
    looks_at="places that say how a database is reached",
    cwe=(798,),
    security_severity="9.8",
    bad=(
        Bad(
            "python",
            """\
import os

import psycopg
import psycopg2

def connect():
    psycopg2.connect("postgresql://billing:Tr0ub4dor@db.shop.io/billing")  # finding
    psycopg2.connect("host=localhost user=billing password='Tr0ub4 dor'")  # finding
    return psycopg.connect(host=os.environ["DB_HOST"], user="billing", password="Tr0ub4dor")  # finding
""",
        ),
        Bad(
            "python",
            """\
import os

from sqlalchemy import URL, create_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql+psycopg://billing:Tr0ub4dor@db.shop.io/billing")  # finding
engine = create_engine(DATABASE_URL, pool_size=5)
reports = create_engine(
    URL.create("postgresql", "reader", os.getenv("READER_PASSWORD") or "Tr0ub4dor", "10.0.4.2")  # finding
)
""",
            title="SQLAlchemy, and what the environment falls back to",
        ),
        Bad(
            "python",
            """\
import os

INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "shop",
        "PASSWORD": "Tr0ub4dor",  # finding
        "HOST": os.environ.get("DB_HOST", "localhost"),
    },
}
""",
            title="Django",
            path="settings.py",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const fallback = 'postgres://billing:Tr0ub4dor@db.shop.io:5432/billing'; // finding
export const pool = new Pool({ connectionString: process.env.DATABASE_URL ?? fallback });
export const other = new Pool({
  host: process.env.PGHOST,
  password: process.env.PGPASSWORD || 'Tr0ub4dor', // finding
});
""",
        ),
        Bad(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export const source = new DataSource({
  type: 'postgres',
  host: 'db.shop.io',
  username: 'billing',
  password: 'Tr0ub4dor', // finding
});
""",
            title="TypeORM",
        ),
        Bad(
            "typescript",
            """\
import mongoose from 'mongoose';
import { createClient } from 'redis';

await mongoose.connect('mongodb+srv://billing:Tr0ub4dor@cluster.shop.io/billing'); // finding
export const cache = createClient({ url: 'rediss://:Tr0ub4dor@cache.shop.io:6380' }); // finding
""",
            title="an address counts whatever takes it",
        ),
        Bad(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n'
            '  url      = "postgresql://billing:Tr0ub4dor@db.shop.io:5432/billing" // finding\n}\n',
        ),
        Bad(
            "python",
            """\
import mongoengine
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

client = MongoClient("mongodb://billing:Tr0ub4dor@cluster.shop.io/billing")  # finding
other = MongoClient("cluster.shop.io", username="billing", password="Tr0ub4dor")  # finding
motor = AsyncIOMotorClient("mongodb+srv://billing:Tr0ub4dor@cluster.shop.io")  # finding
mongoengine.connect(host="mongodb://billing:Tr0ub4dor@cluster.shop.io/billing")  # finding
""",
            title="PyMongo, Motor, MongoEngine",
        ),
        Bad(
            "python",
            """\
import asyncpg
import mysql.connector
import pymysql
import redis
from psycopg_pool import ConnectionPool

cache = redis.Redis(host="cache.shop.io", password="Tr0ub4dor")  # finding
pool = ConnectionPool("postgresql://billing:Tr0ub4dor@db.shop.io/billing")  # finding

def connect():
    pymysql.connect(host="db.shop.io", user="billing", password="Tr0ub4dor")  # finding
    return mysql.connector.connect(host="db.shop.io", user="billing", passwd="Tr0ub4dor")  # finding

async def opened():
    return await asyncpg.create_pool("postgresql://billing:Tr0ub4dor@db.shop.io/billing")  # finding
""",
            title="drivers and a cache",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import os

import psycopg2
from sqlalchemy import create_engine

def connect(password):
    psycopg2.connect(host="db.shop.io", user="billing", password=password)
    psycopg2.connect(f"postgresql://billing:{password}@db.shop.io/billing")
    psycopg2.connect("postgresql://billing:<password>@db.shop.io/billing")
    psycopg2.connect(os.environ.get("DATABASE_URL", "postgresql://billing:Tr0ub4dor@postgres/billing"))
    create_engine("postgresql://billing:billing@localhost/billing")
    create_engine("postgresql://billing@db.shop.io/billing")
""",
            title="from elsewhere, placeholders, a development environment",
        ),
        Good(
            "python",
            """\
import os

INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "shop",
        "PASSWORD": os.environ["DB_PASSWORD"],
        "HOST": os.environ.get("DB_HOST", "localhost"),
    },
}
""",
            title="Django",
            path="settings.py",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';
import { DataSource } from 'typeorm';

export const pool = new Pool({ connectionString: process.env.DATABASE_URL ?? 'postgres://app:app@localhost/app' });
export const source = new DataSource({
  type: 'postgres',
  host: process.env.DB_HOST ?? 'localhost',
  password: process.env.DB_PASSWORD ?? 'Tr0ub4dor',
});
""",
        ),
        Good(
            "typescript",
            """\
import mongoose from 'mongoose';

await mongoose.connect(process.env.MONGO_URL ?? 'mongodb://billing:Tr0ub4dor@localhost/billing');
await mongoose.connect('mongodb://user:<password>@db.shop.io/billing');
""",
            title="an address near by, and a placeholder",
        ),
        Good(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n',
        ),
        Good(
            "python",
            """\
import os
from pymongo import MongoClient

client = MongoClient(os.environ["MONGO_URL"])
other = MongoClient("cluster.shop.io", username="billing", password=os.environ["MONGO_PASSWORD"])
""",
            title="PyMongo",
        ),
    ),
)

_WORDS = frozenset(
    """
    your my our the some any secure strong secret super very top db database user name postgres postgresql pg mysql
    mariadb mssql sa root admin administrator password passwd passwort pass pwd pw change replace insert enter set fill
    put me it this here in example sample placeholder dummy fake mock none null nil undefined empty unset redacted
    hidden masked removed default guest test testing dev develop development local docker demo foo bar baz quux todo
    fixme xx x key value token string to a is not tu su sua seu ton votre dein ihr contraseña contrasena clave senha
    motdepasse kennwort geheim letmein welcome hunter2 qwerty abc
    """.split()
)
"""What words are made of that stand for a password, or that everyone tries first."""
_LONGEST_WORD = max(map(len, _WORDS))
_NUMBER = re.compile(r"\d+")
_SHORT_NUMBER = 6
_LONGEST_PLACEHOLDER = 80
_HOLE = re.compile(r"^<.*>$|^\[.*\]$|\$\{|\$\(|\{\{|^\$\w+$|^%\w*%?$|^%\(|^\{\w*\}$|^\.{2,}$|^\*+$|^…$")


def check(connection: Connection) -> Iterator[Finding]:
    """One finding per password of a connection that stands in the source."""
    for given in connection.passwords:
        if not _is_secret(given.text) or not _is_signed(given, connection):
            continue
        user = connection.users[0] if connection.users else ""
        host = next((each.name for each in connection.hosts if each.name), "")
        whose = f"the password of {user}" if user else "the database's password"
        where = f" at {host}" if host else ""
        when = "is what this falls back to, and stands" if given.fallback else "stands"
        yield Finding(
            given.place,
            f"{whose}{where} {when} in the source ({connection.member}): everyone who reads it, or its history, can "
            "connect; read it from the environment without a default, and change it on the server",
            names={
                "user": user or "the user",
                "host": host or "the database",
                "repair": "the whole address in one variable" if not given.name else f"{given.name} in a variable",
            },
            remedy=Remedy("environment", {"variable": "DATABASE_PASSWORD" if given.name else "DATABASE_URL"}),
            idiom=connection.library,
            secret=given.text,
        )


def _is_secret(text: str) -> bool:
    """Whether a text can be a password, and not what stands for one."""
    return bool(text.strip()) and _HOLE.search(text) is None and not _stands_for_one(text)


def _stands_for_one(text: str) -> bool:
    """Whether a text is made of such words, short numbers and signs alone."""
    if len(text) > _LONGEST_PLACEHOLDER:
        return False
    text = text.lower()
    reached = {0}
    for start in range(len(text)):
        if start not in reached:
            continue
        if not text[start].isalnum():
            reached.add(start + 1)
        number = _NUMBER.match(text, start)
        if number is not None and len(number[0]) <= _SHORT_NUMBER and not text[start - 1 : start].isdigit():
            reached.add(number.end())
        reached.update(stop for stop in range(start + 1, start + _LONGEST_WORD + 1) if text[start:stop] in _WORDS)
    return len(text) in reached


def _is_signed(given: Given, connection: Connection) -> bool:
    """Whether a reviewer would call it a fault, by where the password leads."""
    kinds = {host.kind for host in connection.hosts}
    if "example" in kinds:
        return False
    near = bool(kinds) and kinds <= {"local", "service"}
    named = given.text.lower() in {user.lower() for user in connection.users}
    return not near or not (given.fallback or named)
