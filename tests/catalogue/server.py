"""Has Django build a fixture's tables, and prints what the server's own catalogue says of them. Imports no dblint.

Run with the dialect: `python -m tests.catalogue.server postgres`. Standard output: `{table: {"columns": …, "keys": …,
"indexes": …}}`, in the words of `tests.catalogue.test_catalogue`.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURE = ROOT / "fixtures" / "catalogue" / "django"
APPLICATIONS = {"sqlite": ["shop"], "postgres": ["django.contrib.postgres", "shop", "arrays"]}
SCALES = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       a.attgenerated <> '' OR a.attidentity <> '' OR a.atthasdef
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
KEYS = """
SELECT c.relname, k.contype, k.conname,
       ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY AS u(number, position)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY position),
       coalesce(f.relname, ''),
       ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY AS u(number, position)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY position)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE n.nspname = 'public' AND k.contype IN ('p', 'u', 'f', 'c', 'x')
"""
# An operator class is told where it is none that columns of the type have by themselves.
INDEXES = """
SELECT c.relname, i.relname, x.indisunique, m.amname, x.indpred IS NOT NULL,
       ARRAY(SELECT coalesce(a.attname, '') FROM generate_series(0, x.indnatts - 1) AS s(position)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[position] ORDER BY position),
       ARRAY(SELECT (x.indoption[position] & 1) = 1 FROM generate_series(0, x.indnkeyatts - 1) AS s(position)
             ORDER BY position),
       ARRAY(SELECT CASE WHEN o.opcdefault THEN '' ELSE o.opcname END
             FROM generate_series(0, x.indnkeyatts - 1) AS s(position)
             JOIN pg_opclass o ON o.oid = x.indclass[position] ORDER BY position)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_am m ON m.oid = i.relam JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND
                                           k.contype IN ('p', 'u', 'x'))
"""


def rows(sql: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def of_postgres() -> dict[str, Any]:
    """PostgreSQL's own tables."""
    kinds = {"p": "primary", "u": "unique", "f": "foreign", "c": "check", "x": "exclude"}
    found: dict[str, Any] = {}
    for table, name, kind, nullable, default in rows(SCALES):
        entry = found.setdefault(table, {"columns": [], "keys": [], "indexes": []})
        entry["columns"].append([name, kind, nullable, default])
    for table, kind, name, columns, target, others in rows(KEYS):
        found[table]["keys"].append([kinds[kind], name, columns, target, others])
    for table, name, unique, method, partial, columns, down, classes in rows(INDEXES):
        parts = [[column, *each] for column, *each in zip(columns, down, classes, strict=False)]
        found[table]["indexes"].append([name, unique, method, partial, parts, columns[len(down) :]])
    return found


def of_sqlite() -> dict[str, Any]:
    """SQLite's pragmas. Names of keys, and whether they are deferred, are in no pragma."""
    found: dict[str, Any] = {}
    for (table,) in rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
        columns, primary, keys, indexes = [], [], [], []
        for _, name, kind, required, default, place, hidden in rows(f'PRAGMA table_xinfo("{table}")'):
            columns.append([name, kind.lower(), not required, default is not None or hidden > 0])
            primary += [(place, name)] if place else []
        if primary:
            keys.append(["primary", "", [name for _, name in sorted(primary)], "", []])
        for _, _, target, own, other, *_ in rows(f'PRAGMA foreign_key_list("{table}")'):
            keys.append(["foreign", "", [own], target, [other]])
        for _, name, unique, origin, partial in rows(f'PRAGMA index_list("{table}")'):
            parts = [
                [column or "", bool(down), ""]
                for _, _, column, down, _, key in rows(f'PRAGMA index_xinfo("{name}")')
                if key
            ]
            # Django writes UNIQUE of several fields as an index here, and as a constraint elsewhere.
            whole = unique and not partial and all(column for column, *_ in parts)
            if origin == "c" and not whole:
                indexes.append([name, bool(unique), "", bool(partial), parts, []])
            elif origin != "pk":
                keys.append(["unique", "", [part[0] for part in parts], "", []])
        found[table] = {"columns": columns, "keys": keys, "indexes": indexes}
    return found


def main(dialect: str) -> None:
    """Builds and prints."""
    sys.path.insert(0, str(FIXTURE))
    with ExitStack() as stack:
        if dialect == "postgres":
            from tests.truth.adapters.psycopg import postgres

            address = urlsplit(stack.enter_context(postgres()))
            database = {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": address.path[1:],
                "USER": address.username,
                "HOST": address.hostname or parse_qs(address.query)["host"][0],
                "PORT": address.port or "",
            }
        else:
            database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", *APPLICATIONS[dialect]],
            DATABASES={"default": database},
            AUTH_USER_MODEL="shop.Member",
            MIGRATION_MODULES={"contenttypes": None},
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
        django.setup()
        with redirect_stdout(sys.stderr):
            call_command("migrate", run_syncdb=True, verbosity=0)
        found = of_postgres() if dialect == "postgres" else of_sqlite()
        connection.close()
    print(json.dumps(found))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    main(sys.argv[1])
