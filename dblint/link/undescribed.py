"""Which database packages the project uses that no library table describes: what goes through them is not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate

from dblint.facts.program import FileRole, Undescribed
from dblint.facts.text import Place
from dblint.facts.tree import FileFacts, Tree
from dblint.libraries.reader import Tables
from dblint.libraries.undescribed import undescribed
from dblint.link.manifests import read_package, split_package
from dblint.link.manifests_python import distribution, read_python_manifests
from dblint.link.names import External, Names

_QUIET = (FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED)
"""Files that do not say what the application itself uses."""


def read(
    tables: Tables,
    names: Names,
    files: Mapping[str, FileFacts],
    roles: Mapping[str, FileRole],
    manifests: Mapping[str, bytes],
) -> tuple[Undescribed, ...]:
    """The packages that are imported, or only required by a manifest, by name. A driver that a manifest requires
    and no file imports is left out: a library that has a table may be what loads it."""
    packages = undescribed(tables)
    roots = {
        language: {root: name for name, all_roots in named.items() for root in all_roots}
        for language, named in packages.items()
    }
    drivers = {word for library in tables.libraries.values() for word in library.drivers}
    imported: dict[tuple[str, str], list[Place]] = {}
    for path in sorted(files):
        if roles.get(path, FileRole.APP) in _QUIET:
            continue
        facts = files[path]
        language = "python" if facts.language == "python" else "javascript"
        for name, place in _imported(facts, names, roots[language]).items():
            imported.setdefault((language, name), []).append(place)
    found = [
        Undescribed(name, language, len(places), places[0].path, places[0])
        for (language, name), places in imported.items()
    ]
    required: dict[tuple[str, str], str] = {}
    for path in sorted(manifests):
        for language, name in _required(path, manifests[path], packages):
            if (language, name) not in imported and name.lower() not in drivers:
                required.setdefault((language, name), path)
    found += [Undescribed(name, language, 0, path) for (language, name), path in required.items()]
    return tuple(sorted(found, key=lambda entry: (entry.package, entry.language)))


def _imported(facts: FileFacts, names: Names, roots: Mapping[str, str]) -> dict[str, Place]:
    """Package → where the file first imports it; modules of the project that are called the same are none."""
    found: dict[str, Place] = {}
    for one in facts.interface.imports:
        name = next((roots[root] for root in import_roots(one.module, one.name, facts.language) if root in roots), "")
        if name and name not in found and isinstance(names.module(facts.path, one.module), External):
            tree = Tree(facts.body)
            found[name] = Place(facts.path, tree.starts[one.node], tree.stops[one.node])
    return found


@cache
def import_roots(module: str, name: str, language: str) -> tuple[str, ...]:
    """The import roots that an import can mean: in Python each module above it, in scripts the package."""
    if language != "python":
        return module, split_package(module)[0]
    return tuple(accumulate([*module.split("."), name], "{}.{}".format))


def _required(
    path: str, content: bytes, packages: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Iterator[tuple[str, str]]:
    """Language and name of the packages that a manifest requires."""
    folder, _, file = path.rpartition("/")
    if file == "package.json":
        package = read_package(folder, content)
        required = package.dependencies if package is not None else {}
        yield from (("javascript", name) for name in packages["javascript"] if name in required)
    else:
        dependencies = read_python_manifests({path: content}).dependencies
        if dependencies:
            yield from (("python", name) for name in packages["python"] if distribution(name) in dependencies)
