"""What databases, ORMs, drivers and poolers are called, and by which packages and addresses a project names them."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import tomli

from dblint.libraries.undescribed import listed

_LIST = "packages/technologies.toml"

KindWord = Literal["orm", "driver", "pooler"]


class Database(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A database. `beside`: it stands next to the one that holds the data, as a cache or for search."""

    name: str
    schemes: tuple[str, ...] = ()
    beside: bool = False


class Pooler(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an address through a pooler looks like."""

    schemes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def is_meant(self, scheme: str, host: str, address: str) -> bool:
        """Whether an address of this scheme and host leads through it."""
        if scheme in self.schemes or any(option in address for option in self.options):
            return True
        return any(fnmatchcase(host.lower(), pattern) for pattern in self.hosts)


class PackageRow(msgspec.Struct, frozen=True):
    """What a distribution is. `roots`: the import roots that it installs."""

    kind: KindWord
    name: str
    database: str
    roots: tuple[str, ...]


class Technologies(msgspec.Struct, frozen=True):
    """The whole list. `packages`: language → distribution → what it is."""

    databases: Mapping[str, Database]
    poolers: Mapping[str, Pooler]
    packages: Mapping[str, Mapping[str, PackageRow]]

    def called(self, database: str) -> str:
        """A database's name for people."""
        row = self.databases.get(database)
        return row.name if row is not None else database


@cache
def technologies() -> Technologies:
    """The list that comes with dblint."""
    raw = tomli.loads(resources.files("dblint.libraries").joinpath(_LIST).read_text("utf-8"))
    packages = {
        language: {name: _package(language, name, row) for name, row in raw[language].items()} for language in listed()
    }
    return Technologies(
        {key: msgspec.convert(row, Database) for key, row in raw["databases"].items()},
        {name: msgspec.convert(row, Pooler) for name, row in raw["poolers"].items()},
        packages,
    )


def _package(language: str, name: str, row: list[Any]) -> PackageRow:
    kind, called, database, *roots = [*row, "", ""][: max(3, len(row))]
    found = {"kind": kind, "name": called or name, "database": database}
    return msgspec.convert({**found, "roots": roots or listed()[language].get(name, (name,))}, PackageRow)
