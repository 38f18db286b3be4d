"""Which databases the project talks to, and how that was seen.

Evidence comes in three strengths: configuration that names a database (a schema's provider, an engine, a
connection URL), drivers that a manifest requires, and drivers that it requires for development only. The weaker is
asked only where the stronger says nothing, or names no more than a database that needs no server: a driver of another
one is then not required for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from dblint.facts.program import FileRole, Setting
from dblint.facts.query import KEY_VALUE_STORES
from dblint.facts.schema import DOCUMENT_DATABASES
from dblint.facts.tree import FileFacts, Kind, Tree
from dblint.libraries.reader import Tables
from dblint.link.addresses import goes_on, leads_on
from dblint.link.groups import for_development, is_requirements
from dblint.link.manifests_python import distribution

SCHEMES = {
    "postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite",
    "mssql": "tsql", "sqlserver": "tsql", "oracle": "oracle", "cockroachdb": "postgres",
}  # fmt: skip
"""The scheme of a connection URL → dialect."""
EMBEDDED = frozenset({"sqlite"})
"""Databases that a project may name for development beside the one that its driver is for."""
_QUIET = (FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED)
"""What stands in files of these roles says nothing of the program's databases."""
MANIFESTS = ("package.json", "pyproject.toml", "requirements", "Pipfile", "setup.py", "setup.cfg")


class Environment(msgspec.Struct, frozen=True):
    """The answer to "which dialect is this?", in the order that the documentation gives: configuration,
    the library's own database, the project's only database."""

    configured: str = ""
    libraries: Mapping[str, str] = msgspec.field(default_factory=dict)
    databases: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    named: tuple[str, ...] = ()
    """Every database that anything names, however weakly: a text that is none in the one may be meant for another."""
    spoken: tuple[str, ...] = ()
    """The databases whose own libraries the program imports: a text that only one of them reads is meant for it."""
    folders: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Folders of the program that are named for a database and lie beside those of others → dialect."""

    def dialect(self, path: str, library: str) -> tuple[str, bool]:
        """The dialect of a call of this library in this file, and whether that is known."""
        own = self.libraries.get(library, "")
        if self.configured and own not in KEY_VALUE_STORES | DOCUMENT_DATABASES:
            return self.configured, True
        if own:
            return own, True
        for folder in above(path) if self.folders else ():
            if folder in self.folders:
                return self.folders[folder], True
        if len(self.databases) == 1:
            return self.databases[0], True
        return "", False

    def only(self) -> str:
        """The project's only database, or ""."""
        return self.configured or (self.databases[0] if len(self.databases) == 1 else "")


def read(
    tables: Tables,
    configured: str,
    files: Mapping[str, FileFacts],
    roles: Mapping[str, FileRole],
    manifests: Mapping[str, bytes],
    providers: Mapping[str, str],
) -> Environment:
    """The environment of a project. `providers`: schema file → the dialect that it names."""
    own = {name: library.dialect for name, library in tables.libraries.items() if library.dialect}
    settings = [Setting("schema-provider", f"{dialect} ({path})") for path, dialect in sorted(providers.items())]
    strong = set(providers.values())
    for path, dialect, word in _configured(tables, files, roles):
        strong.add(dialect)
        settings.append(Setting("engine", f"{dialect}: {word} ({path})"))
    drivers = tuple(_drivers(tables, manifests))
    known = set(strong)
    for development in (False, True):
        if known <= EMBEDDED:
            for path, dialect, word, aside in drivers:
                if aside is development:
                    known.add(dialect)
                    settings.append(Setting("driver", f"{dialect}: {word} ({path})"))
    named = strong | {dialect for _, dialect, _, _ in drivers}
    spoken = _spoken(tables, files, roles)
    return Environment(
        configured, own, tuple(sorted(known)), tuple(settings), tuple(sorted(named)), spoken, _folders(files)
    )


def above(path: str) -> Iterator[str]:
    """The folders that a file lies in, the nearest first."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _folders(files: Mapping[str, FileFacts]) -> Mapping[str, str]:
    """Folders named for a database whose siblings are named for others, and otherwise alike."""
    named: dict[tuple[str, str], dict[str, str]] = {}
    for folder in sorted({folder for path in files for folder in above(path)}):
        before, _, word = folder.rpartition("/")
        for scheme, rest in _schemes(word.lower()):
            named.setdefault((before, rest), {})[folder] = SCHEMES[scheme]
    return {
        folder: dialect
        for siblings in named.values()
        if len(set(siblings.values())) > 1
        for folder, dialect in siblings.items()
    }


def _schemes(word: str) -> Iterator[tuple[str, str]]:
    """The longest name of a database that a folder's name begins or ends with, and the name with a hole for it."""
    begun = max((scheme for scheme in SCHEMES if word.startswith(scheme)), key=len, default="")
    ended = max((scheme for scheme in SCHEMES if word.endswith(scheme)), key=len, default="")
    if begun:
        yield begun, f"*{word[len(begun) :]}"
    if ended and ended != word:
        yield ended, f"{word[: len(word) - len(ended)]}*"


def _spoken(tables: Tables, files: Mapping[str, FileFacts], roles: Mapping[str, FileRole]) -> tuple[str, ...]:
    roots = {
        package: library.dialect
        for library in tables.libraries.values()
        for package in library.packages
        if library.dialect
    }
    imported = {
        one.module.partition(".")[0]
        for path, facts in files.items()
        if roles.get(path, FileRole.APP) not in _QUIET
        for one in facts.interface.imports
    }
    return tuple(sorted({roots[root] for root in imported & roots.keys()}))


def _configured(
    tables: Tables, files: Mapping[str, FileFacts], roles: Mapping[str, FileRole]
) -> Iterator[tuple[str, str, str]]:
    engines = {word: dialect for library in tables.libraries.values() for word, dialect in library.engines.items()}
    for path in sorted(files):
        if roles.get(path, FileRole.APP) in _QUIET:
            continue
        words = files[path].body.strings
        if engines.keys().isdisjoint(words) and "://" not in "\n".join(words):
            continue
        for word in words:
            dialect = engines.get(word)
            if dialect is None and "://" in word:
                scheme = word.partition("://")[0].partition("+")[0]
                dialect = SCHEMES.get(scheme, engines.get(f"{scheme}://"))
                if dialect is not None and not leads_on(word) and not _begins(files[path], word):
                    dialect = None
                word = f"{scheme}://…"
            if dialect is not None:
                yield path, dialect, word


def _begins(facts: FileFacts, word: str) -> bool:
    tree = Tree(facts.body)
    return any(
        kind == Kind.STRING and tree.value(node) == word and goes_on(tree, node) for node, kind in enumerate(tree.kinds)
    )


def _drivers(tables: Tables, manifests: Mapping[str, bytes]) -> Iterator[tuple[str, str, str, bool]]:
    """The drivers that manifests require: where, of which database, its name, and whether for development only."""
    drivers = {word: dialect for library in tables.libraries.values() for word, dialect in library.drivers.items()}
    for path in sorted(manifests):
        name = path.rsplit("/", 1)[-1]
        if not name.startswith(MANIFESTS) and not is_requirements(path):
            continue
        words = manifests[path].decode("utf-8", "replace").replace('"', " ").replace("'", " ")
        for separator in "=<>~![];:,()":
            words = words.replace(separator, " ")
        found = [word for word in dict.fromkeys(words.split()) if word.lower() in drivers]
        aside = for_development(path, manifests[path]) if found else frozenset()
        for word in found:
            yield path, drivers[word.lower()], word, word in aside or distribution(word) in aside
