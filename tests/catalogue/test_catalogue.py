"""What dblint says of a fixture's tables beside the catalogue of a server on which Django built them.

Compared are, for every table: each column's name, type, whether it may be null, and whether the database gives it a
value by itself; each key with its columns and what it refers to; each index with its columns, directions, operator
classes, kind, what it includes, and whether it holds some rows only. Names of keys and indexes are compared where a
model gives them. Checks that a kind of field brings along have no name there: they are not compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dblint.facts.schema import Index, Key, Table
from tests.catalogue.server import APPLICATIONS, FIXTURE, ROOT
from tests.link.linked import linked

ENGINES = {"sqlite": "sqlite3", "postgres": "postgresql"}
OTHERS = ("django_migrations", "django_content_type")
"""Tables of Django's own."""
SPELLINGS = (
    ("character varying", "varchar"),
    ("character(", "char("),
    ("time without time zone", "time"),
)
"""What PostgreSQL calls a type, and how everybody writes it."""
Said = dict[str, dict[str, set[str]]]


def files(dialect: str) -> dict[str, str]:
    """The fixture, with settings that name the database."""
    settings = f"""
        INSTALLED_APPS = {["django.contrib.contenttypes", *APPLICATIONS[dialect]]!r}
        DATABASES = {{"default": {{"ENGINE": "django.db.backends.{ENGINES[dialect]}"}}}}
        AUTH_USER_MODEL = "shop.Member"
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        """
    paths = [path for name in APPLICATIONS[dialect] for path in sorted((FIXTURE / name).glob("*.py"))]
    return {"conf/settings.py": settings, **{str(path.relative_to(FIXTURE)): path.read_text("utf-8") for path in paths}}


def server(dialect: str) -> dict[str, Any]:
    """The server's catalogue."""
    command = [sys.executable, "-m", "tests.catalogue.server", dialect]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def built(catalogue: dict[str, Any], names: set[str]) -> Said:
    """The server's catalogue as lines. `names`: those that models give; others are made up by Django."""
    said: Said = {}
    for table, entry in catalogue.items():
        if table in OTHERS:
            continue
        keys = [key for key in entry["keys"] if key[0] != "check" or key[1] in names]
        said[table] = {
            "columns": {
                f"{name} {spelled(kind)}{' null' * nullable}{' itself' * default}"
                for name, kind, nullable, default in entry["columns"]
            },
            "keys": {
                " ".join(
                    [
                        kind,
                        *([name] if name in names else []),
                        *([] if kind in ("check", "exclude") else [f"({', '.join(columns)})"]),
                        *([f"→ {target}({', '.join(others)})"] if target else []),
                    ]
                )
                for kind, name, columns, target, others in keys
            },
            "indexes": {
                index(name if name in names else "", unique, method, partial, parts, include)
                for name, unique, method, partial, parts, include in entry["indexes"]
            },
        }
    return said


def index(name: str, unique: bool, method: str, partial: bool, parts: list[Any], include: list[str]) -> str:
    shown = [f"{'-' * down}{column or '…'}{' ' * bool(kind)}{kind}" for column, down, kind in parts]
    words = [name, f"({', '.join(shown)})", "unique" * unique, "" if method == "btree" else method, "some" * partial]
    return " ".join(filter(None, [*words, f"with {', '.join(include)}" if include else ""]))


def spelled(kind: str) -> str:
    for long, short in SPELLINGS:
        kind = kind.replace(long, short)
    return kind.replace(", ", ",")


def plain(kind: str, dialect: str) -> str:
    """What a server keeps of a type: PostgreSQL counts no dimensions, Django gives SQLite's numbers no size."""
    if dialect == "sqlite":
        return "decimal" if kind.startswith("decimal") else kind
    while kind.endswith("[][]"):
        kind = kind.removesuffix("[]")
    return kind


def told(tables: list[Table], dialect: str) -> Said:
    """What dblint says, as lines."""
    named = dialect == "postgres"
    return {
        table.name: {
            "columns": {
                f"{column.name} {plain(column.type, dialect)}{' null' * bool(column.nullable)}"
                f"{' itself' * (column.default_by == 'database' and (named or not column_is_key(table, column.name)))}"
                for column in table.columns
            },
            "keys": {key_line(key, named) for key in table.keys if key.enforced and (named or has_pragma(key))},
            "indexes": {index_line(each, named) for each in table.indexes},
        }
        for table in tables
    }


def column_is_key(table: Table, name: str) -> bool:
    """SQLite's numbers of rows are in no default."""
    return any(key.kind == "primary" and key.columns == (name,) for key in table.keys)


def has_pragma(key: Key) -> bool:
    return key.kind not in ("check", "exclude")


def key_line(key: Key, named: bool) -> str:
    target = [f"→ {key.target}({', '.join(key.target_columns)})"] if key.target else []
    columns = [] if key.kind in ("check", "exclude") else [f"({', '.join(key.columns)})"]
    return " ".join([key.kind, *([key.name] if named and key.name else []), *columns, *target])


def index_line(each: Index, named: bool) -> str:
    parts = [
        ["" if part.expression else part.name, part.descending, part.operator_class if named else ""]
        for part in each.columns
    ]
    method = each.method if named else ""
    return index(each.name, each.unique, method or "btree" * named, bool(each.predicate), parts, list(each.include))


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_tables_are_what_the_server_has(dialect: str) -> None:
    project = linked(files(dialect))
    tables = [table for table in project.declared.values() if not dict(table.options).get("managed")]
    names = {key.name for table in tables for key in table.keys if key.name}
    names |= {each.name for table in tables for each in table.indexes if each.name}
    said, seen = told(tables, dialect), built(server(dialect), names)
    assert said.keys() == seen.keys()
    differing = {
        f"{table} {word}": (sorted(said[table][word] - entry[word]), sorted(entry[word] - said[table][word]))
        for table, words in seen.items()
        for entry in [words]
        for word in words
        if said[table][word] != entry[word]
    }
    assert differing == {}
    assert [table.name for table in tables if not table.complete] == []
