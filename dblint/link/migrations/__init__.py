"""Migrations: what changes the schema, in order, by whatever tool it is run.

Each tool's own way of writing migrations has a module: folders of SQL files, Django, Alembic, classes
that are given a query runner, and scripts that are given a query interface. All of them give the same `Migration`s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dblint.facts.program import Diagnostic, FileRole
from dblint.facts.schema import Migration
from dblint.frontends.sql import SqlFile
from dblint.link.environment import Environment
from dblint.link.migrations import sql_folders
from dblint.link.migrations.alembic import AlembicMigrations
from dblint.link.migrations.altering import AlteringMigrations
from dblint.link.migrations.dialects import Dialects, assumed, folder
from dblint.link.migrations.django import DjangoMigrations
from dblint.link.migrations.hosts import Reading
from dblint.link.migrations.query_interface import QueryInterfaceMigrations
from dblint.link.migrations.query_runner import QueryRunnerMigrations
from dblint.link.migrations.scripts import ScriptMigrations
from dblint.link.texts.text import Texts
from dblint.link.types import Evaluator

__all__ = ["read"]


def read(
    evaluator: Evaluator,
    texts: Texts,
    sql_files: Sequence[SqlFile],
    environment: Environment,
    manifests: Mapping[str, bytes],
    roles: Mapping[str, FileRole],
    schemas_providers: Mapping[str, str],
) -> tuple[tuple[Migration, ...], tuple[Diagnostic, ...]]:
    """The project's migrations by chain and order, and what could not be read of them.

    `schemas_providers`: schema file → the dialect that it names. Vendored files have none. Where nothing
    says which database a chain is for, it is assumed; one note says so.
    """
    vendored = frozenset(path for path, role in roles.items() if role is FileRole.VENDORED)
    files = [file for file in sql_files if file.path not in vendored]
    dialects = Dialects(
        evaluator, environment, manifests, schemas_providers, [*evaluator.files, *(file.path for file in files)]
    )
    reading = Reading(evaluator, texts, dialects)
    migrations, diagnostics = sql_folders.read(
        files, manifests, frozenset(folder(path) for path in schemas_providers), dialects
    )
    migrations += DjangoMigrations(reading).read()
    migrations += AlembicMigrations(reading).read()
    migrations += QueryRunnerMigrations(reading).read(vendored)
    migrations += QueryInterfaceMigrations(reading).read(vendored)
    migrations += AlteringMigrations(reading, roles).read()
    migrations += ScriptMigrations(reading, roles).read()
    migrations = [migration for migration in migrations if migration.path not in vendored]
    migrations.sort(key=lambda migration: (migration.chain, migration.order, migration.path))
    unsure = sorted({migration.chain for migration in migrations if not migration.dialect_sure})
    if unsure:
        diagnostics.append(Diagnostic("note", unsure[0], _assumed(environment, len(unsure)), fails=False))
    found = dict.fromkeys([*diagnostics, *reading.diagnostics])
    ordered = sorted(found, key=lambda item: (item.path, item.start, item.kind, item.message))
    return tuple(migrations), tuple(ordered)


def _assumed(environment: Environment, chains: int) -> str:
    """Why migrations are read as if they were for one database, and how it is chosen."""
    said = [f"here and {chains - 1} more"] if chains > 1 else []
    why = "nothing says which database migrations are for"
    if len(environment.databases) > 1:
        drivers = [setting.name == "driver" for setting in environment.settings]
        how = "several databases are configured"
        if any(drivers):
            how = "drivers of several databases are required" if all(drivers) else f"{how}, or their drivers required"
        why = f"{how} ({', '.join(environment.databases)})"
        said.append("--dialect chooses")
    more = "; ".join(said)
    return f"{why}; migrations are read as {assumed(environment)}{more and f' ({more})'}"
