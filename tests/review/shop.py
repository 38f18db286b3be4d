"""A small project that a review has something to say about, line by line."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "pyproject.toml": """\
[project]
name = "shop"
dependencies = [
    "psycopg[binary]>=3",
    "pony",
]
""",
    "shop/__init__.py": "",
    "shop/store.py": """\
import psycopg

ADDRESS = "postgresql://clerk@pgbouncer:6432/shop"


def connect():
    return psycopg.connect(ADDRESS)


def paid(connection: psycopg.Connection, invoices: list[int]):
    connection.execute("UPDATE invoice SET paid = true WHERE id = ANY(%s)", (invoices,))


def newest(connection: psycopg.Connection):
    return connection.execute("SELECT id, total FROM invoice ORDER BY id DESC LIMIT 50").fetchall()


def found(connection: psycopg.Connection, name: str):
    return connection.execute(f"SELECT id FROM customer WHERE name = '{name}'").fetchall()
""",
    "shop/prices.py": """\
import pony.orm


class Price(pony.orm.Database):
    pass
""",
    "migrations/0001_start.sql": """\
CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE invoice (
    id bigint PRIMARY KEY,
    customer bigint NOT NULL REFERENCES customer (id),
    paid boolean NOT NULL DEFAULT false,
    total double precision NOT NULL
);
""",
    "migrations/0002_index.sql": "CREATE INDEX invoice_customer ON invoice (customer);\n",
}


def write(root: Path, files: dict[str, str] | None = None) -> Path:
    """Writes the project, or other files, below a folder."""
    for path, text in (FILES if files is None else files).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")
    return root
