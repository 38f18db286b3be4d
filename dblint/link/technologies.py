"""Which databases, ORMs, drivers and poolers the project names, with the places that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dblint.facts.blocks import BlockKind, PrismaFile, ValueKind
from dblint.facts.program import FileRole, Technology
from dblint.facts.schema import Migration
from dblint.facts.text import Place
from dblint.facts.tree import FileFacts, Kind, Tree
from dblint.libraries.reader import Tables
from dblint.libraries.technologies import PackageRow, technologies
from dblint.link.addresses import goes_on, is_default, leads_on, parse
from dblint.link.environment import SCHEMES
from dblint.link.manifests import read_package
from dblint.link.manifests_python import distribution, read_python_manifests
from dblint.link.names import External, Names
from dblint.link.undescribed import import_roots

SIGNS = ("datasource", "setting", "address", "default address", "import", "migrations", "requirement")
"""How something is seen, from the surest to the weakest."""
_QUIET = (FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED)
"""Files that do not say what the application itself uses."""


def read(
    tables: Tables,
    names: Names,
    files: Mapping[str, FileFacts],
    schemas: Sequence[PrismaFile],
    manifests: Mapping[str, bytes],
    roles: Mapping[str, FileRole],
    migrations: Sequence[Migration] = (),
) -> tuple[Technology, ...]:
    """Everything that is named, once per sign and file."""
    read_from = _Reader(tables)
    found: list[Technology] = []
    for schema in schemas:
        if roles.get(schema.path, FileRole.APP) not in _QUIET:
            found += read_from.schema(schema)
    for path in sorted(files):
        if roles.get(path, FileRole.APP) not in _QUIET:
            found += read_from.imports(files[path], names)
            found += read_from.strings(files[path])
    for path in sorted(manifests):
        found += read_from.manifest(path, manifests[path])
    found += read_from.migrations(migrations)
    first: dict[tuple[str, str, str, str], Technology] = {}
    for one in sorted(found, key=lambda one: (one.place, one)):
        first.setdefault((one.kind, one.name, one.sign, one.place.path), one)
    return tuple(
        sorted(first.values(), key=lambda one: (one.kind, one.name.lower(), SIGNS.index(one.sign), one.place, one.key))
    )


class _Reader:
    """Reads files for words of the list."""

    def __init__(self, tables: Tables) -> None:
        self._list = technologies()
        self._engines = {word: key for library in tables.libraries.values() for word, key in library.engines.items()}
        self._schemes = {scheme: key for key, row in self._list.databases.items() for scheme in row.schemes}
        self._pooled = {scheme for row in self._list.poolers.values() for scheme in row.schemes}
        described = {
            language: {
                package
                for library in tables.libraries.values()
                if language in library.languages
                for package in library.packages
            }
            for language in self._list.packages
        }
        self._understood = {
            (language, name): not described[language].isdisjoint(row.roots)
            for language, rows in self._list.packages.items()
            for name, row in rows.items()
        }
        self._roots = {
            language: {root: name for name, row in rows.items() for root in row.roots}
            for language, rows in self._list.packages.items()
        }

    def _database(self, key: str, place: Place, sign: str) -> Technology:
        return Technology("database", self._list.called(key), key, place, sign)

    def _package(self, language: str, name: str, place: Place, sign: str) -> Iterator[Technology]:
        """What a package is, and the database that it speaks to."""
        row: PackageRow = self._list.packages[language][name]
        yield Technology(row.kind, row.name, name, place, sign, self._understood[language, name])
        if row.database:
            yield self._database(row.database, place, sign)

    def schema(self, file: PrismaFile) -> Iterator[Technology]:
        """A schema's datasource and generator."""
        for block in file.blocks:
            if block.kind not in (BlockKind.DATASOURCE, BlockKind.GENERATOR):
                continue
            for line in block.properties:
                if line.value.kind is not ValueKind.STRING:
                    continue
                place, text = Place(file.path, line.start, line.stop), line.value.text
                if block.kind is BlockKind.GENERATOR:
                    if line.name == "provider" and text.startswith("prisma-client"):
                        yield from self._package("javascript", "@prisma/client", place, "datasource")
                elif line.name == "provider":
                    key = self._schemes.get(text) or SCHEMES.get(text)
                    if key:
                        yield self._database(key, place, "datasource")
                elif self._has_scheme(text) and leads_on(text):
                    yield from self._address(text, place)

    def migrations(self, found: Sequence[Migration]) -> Iterator[Technology]:
        """The databases that migrations are surely for, each by its chain's first one."""
        seen: set[tuple[str, str]] = set()
        for migration in sorted(found, key=lambda migration: (migration.chain, migration.order, migration.path)):
            if migration.dialect and migration.dialect_sure and (migration.chain, migration.dialect) not in seen:
                seen.add((migration.chain, migration.dialect))
                yield self._database(migration.dialect, migration.place or Place(migration.path, 0, 0), "migrations")

    def imports(self, facts: FileFacts, names: Names) -> Iterator[Technology]:
        """The packages that a file imports; modules of the project that are called the same are none."""
        language = "python" if facts.language == "python" else "javascript"
        roots, seen = self._roots[language], set[str]()
        tree: Tree | None = None
        for one in facts.interface.imports:
            found = [roots[root] for root in import_roots(one.module, one.name, facts.language) if root in roots]
            name = found[0] if found else ""
            if name and name not in seen and isinstance(names.module(facts.path, one.module), External):
                seen.add(name)
                tree = tree or Tree(facts.body)
                place = Place(facts.path, tree.starts[one.node], tree.stops[one.node])
                yield from self._package(language, name, place, "import")

    def strings(self, facts: FileFacts) -> Iterator[Technology]:
        """Settings and addresses among a file's strings."""
        words = {
            word for word in facts.body.strings if word in self._engines or ("://" in word and self._has_scheme(word))
        }
        if not words:
            return
        tree = Tree(facts.body)
        for node, kind in enumerate(tree.kinds):
            if kind != Kind.STRING or tree.value(node) not in words:
                continue
            word = tree.value(node)
            place = Place(facts.path, tree.starts[node], tree.stops[node])
            if word in self._engines:
                yield self._database(self._engines[word], place, "setting")
            elif leads_on(word) or goes_on(tree, node):
                yield from self._address(word, place, "default address" if is_default(tree, node) else "address")

    def _has_scheme(self, word: str) -> bool:
        scheme, sign, _ = word.partition("://")
        return bool(sign) and (scheme in self._pooled or scheme.partition("+")[0] in self._schemes)

    def _address(self, text: str, place: Place, sign: str = "address") -> Iterator[Technology]:
        """The database of an address, and the pooler that it leads through."""
        scheme = text.partition("://")[0]
        key = self._schemes.get(scheme.partition("+")[0])
        if key and scheme not in self._pooled:
            yield self._database(key, place, sign)
        address = parse(text)
        host = address.host if address is not None else ""
        for name, row in self._list.poolers.items():
            if row.is_meant(scheme, host, text):
                yield Technology("pooler", name, name, place, sign)

    def manifest(self, path: str, content: bytes) -> Iterator[Technology]:
        """The packages that a manifest requires."""
        folder, _, file = path.rpartition("/")
        if file == "package.json":
            package = read_package(folder, content)
            required: Iterable[str] = package.dependencies if package is not None else ()
            language = "javascript"
        else:
            required = read_python_manifests({path: content}).dependencies
            language = "python"
        if not required:
            return
        wanted = set(required)
        for name in self._list.packages[language]:
            if (name if language == "javascript" else distribution(name)) in wanted:
                yield from self._package(language, name, _written(path, content, name, language), "requirement")


def _written(path: str, content: bytes, name: str, language: str) -> Place:
    """Where a manifest names a package."""
    if language == "javascript":
        pattern = rf'"{re.escape(name)}"(?=\s*:)'
    else:
        pattern = rf"(?m)^[^#\n]*?(?<![\w.-])({re.sub('[-_.]', '[-_.]', name)})(?![\w.-]*\w)"
    match = re.search(pattern.encode(), content, re.IGNORECASE)
    if match is None:
        return Place(path, 0, 0)
    return Place(path, *match.span(match.lastindex or 0))
