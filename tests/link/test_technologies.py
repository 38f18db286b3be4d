"""Databases and what they are reached by: each with the places that say so, the surest first."""

from __future__ import annotations

from msgspec.structs import replace

from dblint.extraction import Task, extract_one
from dblint.facts.program import FileRole, Technology
from dblint.libraries.reader import bundled
from dblint.libraries.technologies import technologies
from dblint.libraries.undescribed import listed
from dblint.link.project import LinkOptions, link

POOLED = {
    "postgresql://u@pgbouncer:6432/shop": "PgBouncer",
    "postgres://u@db/shop?pgbouncer=true": "PgBouncer",
    "mysql://u@proxysql:6033/shop": "ProxySQL",
    "postgresql://u@pgpool.internal/shop": "Pgpool-II",
    "prisma://accelerate.prisma-data.net/?api_key=k": "Prisma Accelerate",
    "postgresql://u@app.proxy-abc.eu-west-1.rds.amazonaws.com/shop": "Amazon RDS Proxy",
    "postgresql://u@aws-0-eu.pooler.supabase.com:6543/shop": "Supabase's pooler",
    "postgresql://u@ep-x-pooler.eu-central-1.aws.neon.tech/shop": "Neon's pooler",
}


def found(
    sources: dict[str, str], manifests: dict[str, str] | None = None, roles: dict[str, FileRole] | None = None
) -> list[str]:
    """What is named, as words, with the text that stands at its place."""
    texts = {**sources, **(manifests or {})}
    facts = [extract_one(Task("", path, 1_000_000, text.encode())).facts for path, text in sources.items()]
    options = LinkOptions(roles=roles or {}, feeds=frozenset({Technology}))
    read = {path: text.encode() for path, text in (manifests or {}).items()}
    project = link(facts, read, options)
    backwards = link(facts[::-1], dict(reversed(read.items())), options)
    assert backwards.technologies == project.technologies
    assert link(facts, read, replace(options, feeds=frozenset())).technologies == ()
    return [
        f"{one.kind} {one.name}: {one.sign} {one.place.path} "
        f"{texts[one.place.path].encode()[one.place.start : one.place.stop].decode()}"
        + ("" if one.understood else " (not understood)")
        for one in project.technologies
    ]


def test_a_schema() -> None:
    schema = (
        'generator client {\n  provider = "prisma-client-js"\n}\n\n'
        'datasource db {\n  provider = "postgresql"\n  url = "postgresql://u@h/d?pgbouncer=true"\n}\n'
    )
    assert found({"schema.prisma": schema}) == [
        'database PostgreSQL: datasource schema.prisma provider = "postgresql"',
        'database PostgreSQL: address schema.prisma url = "postgresql://u@h/d?pgbouncer=true"',
        'orm Prisma: datasource schema.prisma provider = "prisma-client-js"',
        'pooler PgBouncer: address schema.prisma url = "postgresql://u@h/d?pgbouncer=true"',
    ]


def test_settings_addresses_and_imports() -> None:
    sources = {
        "settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\nCACHE = "redis://cache:6379"\n',
        "models.py": "from django.db import models\n",
        "jobs.py": "import redis\nimport psycopg2.extras\n",
        "client.ts": "import { Pool } from 'pg';\nimport mongoose from 'mongoose';\n",
    }
    assert found(sources) == [
        "database MongoDB: import client.ts import mongoose from 'mongoose';",
        "database MySQL or MariaDB: setting settings.py django.db.backends.mysql",
        "database PostgreSQL: import client.ts import { Pool } from 'pg';",
        "database PostgreSQL: import jobs.py import psycopg2.extras",
        "database Redis: address settings.py redis://cache:6379",
        "database Redis: import jobs.py import redis",
        "driver pg: import client.ts import { Pool } from 'pg';",
        "driver psycopg2: import jobs.py import psycopg2.extras",
        "driver redis-py: import jobs.py import redis",
        "orm Django: import models.py from django.db import models",
        "orm Mongoose: import client.ts import mongoose from 'mongoose';",
    ]


def test_manifests() -> None:
    manifests = {
        "package.json": '{"name": "pg", "dependencies": {"pg": "8", "typeorm": "0.3"}}',
        "requirements.txt": "# django is not here\nDjango>=5\npsycopg2-binary==2.9\ndjangorestframework\n",
        "sub/pyproject.toml": '[project]\ndependencies = ["SQLAlchemy[asyncio]>=2", "Tortoise_ORM"]\n',
    }
    assert found({"a.py": ""}, manifests) == [
        'database PostgreSQL: requirement package.json "pg"',
        "database PostgreSQL: requirement requirements.txt psycopg2-binary",
        'driver pg: requirement package.json "pg"',
        "driver psycopg2: requirement requirements.txt psycopg2-binary",
        "orm Django: requirement requirements.txt Django",
        "orm SQLAlchemy: requirement sub/pyproject.toml SQLAlchemy",
        "orm Tortoise ORM: requirement sub/pyproject.toml Tortoise_ORM",
        'orm TypeORM: requirement package.json "typeorm"',
    ]


def test_migrations_say_which_database_they_are_for() -> None:
    sources = {
        "migrations/0001.sql": "CREATE TABLE t (id bigint);\n",
        "migrations/0002.sql": "CREATE INDEX CONCURRENTLY i ON t (id);\n",
    }
    assert [line for line in found(sources) if "migrations " in line] == [
        "database PostgreSQL: migrations migrations/0001.sql CREATE TABLE t (id bigint);\n"
    ]


def test_poolers() -> None:
    for address, name in POOLED.items():
        told = [line for line in found({"a.py": f"A = '{address}'\n"}) if line.startswith("pooler")]
        assert told == [f"pooler {name}: address a.py {address}"]
    for address in (
        "postgresql://u@db/shop",
        "postgresql://u@my-pooler.example/x",
        "postgresql://u@rds.amazonaws.com/x",
    ):
        assert not [line for line in found({"a.py": f"A = '{address}'\n"}) if line.startswith("pooler")]


def test_what_is_none() -> None:
    sources = {
        "redis/__init__.py": "",
        "own.py": "import redis\n",
        "compared.py": 'def f(url):\n    return url.startswith("postgresql://") or url == "https://postgresql.org"\n',
        "tests/test_a.py": "import pymongo\n",
    }
    assert found(sources, roles={"tests/test_a.py": FileRole.TEST}) == []


def test_the_list_is_whole() -> None:
    words = technologies()
    for language, packages in listed().items():
        assert set(packages) <= set(words.packages[language])
    described = {package for library in bundled().libraries.values() for package in library.packages}
    for rows in words.packages.values():
        for name, row in rows.items():
            assert row.database in ("", *words.databases), name
    roots = {root for rows in words.packages.values() for row in rows.values() for root in row.roots}
    speaking = {
        package
        for library in bundled().libraries.values()
        for package in library.packages
        if library.dialect and package not in ("pysqlite3", "mysql")
    }
    assert speaking & described <= roots
    drivers = {driver for library in bundled().libraries.values() for driver in library.drivers}
    assert drivers <= {name for rows in words.packages.values() for name in rows}


def test_a_scheme_before_what_the_program_puts_in() -> None:
    sources = {
        "a.py": 'ADDRESS = f"sqlite:///{folder}/data.db"\n',
        "b.py": 'def is_local(address):\n    return address.removeprefix("mysql://"), f"{address} is no postgres://"\n',
        "c.ts": "export const address = `redis://${host}`;\n",
    }
    assert found(sources) == [
        "database Redis: address c.ts redis://",
        "database SQLite: address a.py sqlite:///",
    ]
    facts = [extract_one(Task("", path, 1_000_000, text.encode())).facts for path, text in sources.items()]
    engines = [setting.value for setting in link(facts, {}, LinkOptions()).settings]
    assert engines == ["sqlite: sqlite://… (a.py)"]
