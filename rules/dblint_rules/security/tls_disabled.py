"""A connection over a network that is not encrypted, or that trusts whoever answers.

Whether encryption is missing at all is told only where the address of another machine stands in the source: this
machine and a container beside it need none, and of a host that the environment names nothing can be said. That
certificates are not checked is told there, too, for nobody switches that off for a machine that has no certificate;
where all hosts are known to be near it is not.

Off by default: it found nothing in the applications that it was run on, so that nobody knows how often it is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Connection, Protection
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a database connection is made without encryption, or without a check of the server's certificate",
    why=(
        "Everything between program and server can be read and changed on the way: rows, statements, and with some "
        "ways to log in the password. `prefer` and `allow` are no better, for whoever stands between answers that it "
        "has no encryption; and encryption without a check of the certificate is a private talk with anyone who "
        "answers under the server's address."
    ),
    minimal="Take {option} out of the connection to {host}, or say that it must be encrypted: {repair}",
    better=(
        "Hand the connection to {host} the certificate of its authority (sslrootcert, the option `ca` of `ssl`), and "
        "let it check authority and name in place of {option} (sslmode=verify-full)."
    ),
    complete=(
        "Let the server of {host} refuse what is not encrypted (hostssl in pg_hba.conf, require_secure_transport), so "
        "that no client can bring {option} back."
    ),
    symptoms=(
        "self-signed certificate in certificate chain",
        "no pg_hba.conf entry for host, no encryption",
        "statements readable in a network trace",
    ),
    verify="SELECT a.usename, a.client_addr, s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    looks_at="places that say how a database is reached",
    cwe=(295, 319),
    security_severity="7.5",
    bad=(
        Bad(
            "python",
            """\
import os

import psycopg2
from sqlalchemy import create_engine

def connect(password):
    psycopg2.connect(host="db.shop.io", password=password, sslmode="disable")  # finding
    psycopg2.connect(f"postgresql://billing:{password}@db.shop.io/billing?sslmode=prefer")  # finding
    psycopg2.connect("host=db.shop.io sslmode=allow", password=password)  # finding
    return create_engine("postgresql://db.shop.io/billing", connect_args={"sslmode": "disable"})  # finding
""",
        ),
        Bad(
            "python",
            """\
import os

INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "PASSWORD": os.environ["DB_PASSWORD"],
        "HOST": "db.shop.io",
        "OPTIONS": {"sslmode": "disable"},  # finding
    },
}
""",
            title="Django",
            path="settings.py",
        ),
        Bad(
            "typescript",
            """\
import { Client, Pool } from 'pg';

export const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  ssl: { rejectUnauthorized: false }, // finding
});
export const client = new Client({
  host: 'db.shop.io',
  ssl: false, // finding
});
""",
        ),
        Bad(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export const source = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  ssl: process.env.NODE_ENV === 'production' ? { rejectUnauthorized: false } : false, // finding
});
""",
            title="TypeORM",
        ),
        Bad(
            "prisma",
            'datasource db {\n  provider = "mysql"\n'
            '  url      = "mysql://db.shop.io:3306/billing?sslaccept=accept_invalid_certs" // finding\n}\n',
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

client = MongoClient("mongodb://cluster.shop.io", tlsAllowInvalidCertificates=True)  # finding
""",
            title="PyMongo",
        ),
        Bad(
            "python",
            """\
import asyncpg
import mysql.connector
import redis

def connect(password):
    mysql.connector.connect(host="db.shop.io", password=password, ssl_disabled=True)  # finding
    return redis.Redis(host="cache.shop.io", password=password, ssl=True, ssl_cert_reqs="none")  # finding

async def opened(password):
    return await asyncpg.connect(host="db.shop.io", password=password, ssl="prefer")  # finding
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

def connect(password):
    psycopg2.connect(host="localhost", password=password, sslmode="disable")
    psycopg2.connect(f"postgresql://billing:{password}@postgres/billing?sslmode=disable")
    psycopg2.connect(host=os.environ["DB_HOST"], password=password, sslmode="disable")
    psycopg2.connect(host="db.shop.io", password=password, sslmode="verify-full")
""",
            title="this machine, a container, a host that nobody knows, a check",
        ),
        Good(
            "python",
            """\
import os

INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.shop.io",
        "OPTIONS": {"sslmode": os.environ["DB_SSLMODE"]},
    },
}
""",
            title="Django",
            path="settings.py",
        ),
        Good(
            "typescript",
            """\
import { readFileSync } from 'node:fs';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';

export const pool = new Pool({ host: 'localhost', ssl: { rejectUnauthorized: false } });
export const other = new Pool({ connectionString: process.env.DATABASE_URL, ssl: false });
export const source = new DataSource({ type: 'postgres', host: 'db.shop.io', ssl: { ca: readFileSync('ca.pem') } });
""",
        ),
        Good(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n'
            '  url      = "postgresql://localhost:5432/billing?sslmode=disable"\n}\n',
        ),
        Good(
            "python",
            """\
from pymongo import MongoClient

client = MongoClient("mongodb://cluster.shop.io", tls=True)
""",
            title="PyMongo",
        ),
    ),
)

_SAID = {
    "off": "nothing between program and server is encrypted",
    "optional": "it is encrypted only where the other end likes to, and whoever stands between says that it does not",
    "unverified": "it is encrypted with whoever answers, as no certificate is checked",
}


def check(connection: Connection) -> Iterator[Finding]:
    """One finding per option that takes a connection's protection away."""
    kinds = {host.kind for host in connection.hosts}
    # Where no host is said, drivers ask the environment for one.
    unsaid = connection.open or not any(host.name for host in connection.hosts)
    for protection in connection.protections:
        if "remote" not in kinds and not (protection.kind == "unverified" and unsaid):
            continue
        host = next((each.name for each in connection.hosts if each.kind == "remote"), "")
        option = f"{protection.name}={protection.word}"
        whom = f"to {host}" if host else "to the database"
        yield Finding(
            protection.place,
            f"{option} on the connection {whom}: {_SAID[protection.kind]}; {_repair(protection)}",
            names={"option": option, "host": host or "the database", "repair": _repair(protection)},
        )


def _repair(protection: Protection) -> str:
    """What stands in the option's place."""
    if "mode" in protection.name.lower():
        return f"{protection.name}=verify-full with the authority's certificate checks it"
    return "leave it to the driver's check, and hand it the certificate of the server's authority"
