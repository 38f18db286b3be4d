"""Which database a chain of migrations is written for, and how that was seen."""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.environment import EMBEDDED, SCHEMES, Environment
from dblint.sql.dialects import normal
from dblint.sql.query import only_in

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

ASSUMED = "postgres"
READ = frozenset({"postgres", "mysql", "sqlite"})
"""The databases whose migrations are judged without being asked for by name."""
SAMPLE = 100_000
"""Characters of a file that are looked at for syntax that only one dialect has."""


class Choice(msgspec.Struct, frozen=True):
    """A dialect, why, and whether that is known. `foreign`: another database's text, which is left alone."""

    dialect: str
    reason: str
    sure: bool = True
    foreign: bool = False


class Dialects:
    """Chooses the dialects of migration folders."""

    def __init__(
        self,
        evaluator: Evaluator,
        environment: Environment,
        manifests: Mapping[str, bytes],
        providers: Mapping[str, str],
        paths: Iterable[str],
    ) -> None:
        """`providers`: schema file → the dialect that it names. `paths`: every file that may be a migration."""
        self.evaluator = evaluator
        self.environment = environment
        self.manifests = manifests
        self.beside = {folder(path): (dialect, f"the provider of {path}") for path, dialect in providers.items()}
        self.exact: dict[str, tuple[str, str]] = {}
        self.named: dict[str, set[str]] = {}
        self.assumed: list[str] = []
        for path in sorted(manifests):
            self._manifest(path)
        for parent in {folder(path) for path in paths}:
            parts = parent.split("/")
            for index, part in enumerate(parts):
                dialect = database(part)
                if dialect:
                    self.named.setdefault("/".join(parts[:index]), set()).add(dialect)

    def choose(self, chain: str, samples: Iterable[str] = ()) -> Choice:
        """The dialect of the chain in this folder. `samples`: texts of it."""
        environment = self.environment
        if environment.configured:
            return Choice(environment.configured, "configured")
        found = self._declared(chain) or self._folder(chain)
        if found:
            return Choice(*found, foreign=self._foreign(found[0]))
        written = {dialect for sample in samples if (dialect := only_in(sample[:SAMPLE]))}
        only = environment.only()
        if len(written) == 1 and only not in written:
            # Syntax that the project's only database does not have: this text is for another one.
            dialect = next(iter(written))
            return Choice(dialect, f"syntax that only {dialect} has", foreign=self._foreign(dialect))
        if only:
            return Choice(only, "the project's only database")
        self.assumed.append(chain)
        return Choice(assumed(environment), "assumed", sure=False)

    def others(self, dialect: str) -> tuple[str, ...]:
        """The databases that a text may be for which is none of this one: what else the project names. What the user
        says is not doubted."""
        environment = self.environment
        if environment.configured:
            return ()
        named = dict.fromkeys((*environment.databases, *environment.named))
        return tuple(name for name in named if name != dialect)

    def _foreign(self, dialect: str) -> bool:
        environment = self.environment
        return dialect not in READ and dialect not in (*environment.databases, *environment.spoken)

    def _declared(self, chain: str) -> tuple[str, str] | None:
        """What a configuration file for this chain, or the nearest one above it, says."""
        if chain in self.exact:
            return self.exact[chain]
        parts = chain.split("/")
        for length in range(len(parts), -1, -1):
            above = "/".join(parts[:length])
            if above in self.beside:
                return self.beside[above]
        return None

    def _folder(self, chain: str) -> tuple[str, str] | None:
        """A folder that is named for a database says so where its siblings are named for others, or where the project
        runs on several, this one among them."""
        parts = chain.split("/")
        several = self.environment.databases if len(self.environment.databases) > 1 else ()
        for index in range(len(parts) - 1, -1, -1):
            dialect = database(parts[index])
            if dialect and len(self.named.get("/".join(parts[:index]), ())) > 1:
                return dialect, f"the folder {parts[index]}, beside those of other databases"
            if dialect in several:
                return dialect, f"the folder {parts[index]}, one of several databases of the project"
        return None

    def _manifest(self, path: str) -> None:
        base, name = folder(path), path.rpartition("/")[2]
        data = self.manifests[path]
        if name == "migration_lock.toml":
            dialect = _lock(data)
            if dialect:
                self.exact[base] = (dialect, f"the provider of {path}")
        elif name == "_journal.json":
            dialect = _journal(data)
            if dialect:
                self.exact[folder(base)] = (dialect, f"the dialect of {path}")
        elif name == "alembic.ini":
            dialect = _ini(data)
            if dialect:
                self.beside.setdefault(base, (dialect, f"the address in {path}"))
        elif name.startswith("drizzle.config."):
            dialect = self._drizzle(path)
            if dialect:
                self.beside.setdefault(base, (dialect, f"the dialect of {path}"))

    def _drizzle(self, path: str) -> str:
        if path not in self.evaluator.files:
            return ""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.PAIR)
        while node >= 0:
            value = tree.child(node, Role.VALUE)
            if tree.value(node) == "dialect" and value >= 0 and tree.kinds[value] == Kind.STRING:
                return normal(tree.value(value))
            node = tree.kinds.find(Kind.PAIR, node + 1)
        return ""


def assumed(environment: Environment) -> str:
    """The database that migrations are taken to be for where nothing says it: PostgreSQL, unless others are named."""
    named = [name for name in environment.databases if name in READ]
    if not named or ASSUMED in named:
        return ASSUMED
    return next((name for name in named if name not in EMBEDDED), named[0])


def folder(path: str) -> str:
    """The folder that a path lies in."""
    return path.rpartition("/")[0]


def database(segment: str) -> str:
    """The dialect that a folder's name names, or ""."""
    return SCHEMES.get(segment.lower(), "") or normal(segment)


def _lock(data: bytes) -> str:
    try:
        provider = tomllib.loads(data.decode("utf-8", "replace")).get("provider", "")
    except tomllib.TOMLDecodeError:
        return ""
    return database(provider) if isinstance(provider, str) else ""


def _journal(data: bytes) -> str:
    try:
        journal = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    dialect = journal.get("dialect", "") if isinstance(journal, dict) else ""
    return database(dialect) if isinstance(dialect, str) else ""


def _ini(data: bytes) -> str:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except configparser.Error:
        return ""
    for section in parser.sections():
        address = parser.get(section, "sqlalchemy.url", fallback="")
        dialect = SCHEMES.get(address.partition("://")[0].partition("+")[0].strip())
        if dialect:
            return dialect
    return ""
