"""Libraries that the project itself is: where it defines what their tables name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.libraries.derived import derived
from dblint.libraries.reader import Tables
from dblint.link.names import Definition, Names
from dblint.link.values import Class, LibraryClass, ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

SHARE = 0.5
"""Of the types that a table names in a package, how many a module of the project has to define, to be that package: a
module of an application that is called as a library is defines none of them, or one."""


def own_libraries(names: Names, tables: Tables) -> Mapping[tuple[str, int], str]:
    """File and node of what the project defines → the path by which a table knows it. Code beside the library, and
    the library's own, means by these names what everyone does who imports them."""
    found: dict[tuple[str, int], str] = {}
    for package, paths in _packages(tables):
        if names.package(package) is None:
            continue
        defined = {path: definition for path in paths if (definition := _defined(names, path)) is not None}
        types = [path for path in paths if path in tables.by_path]
        if types and sum(path in defined for path in types) >= SHARE * len(types):
            for path, definition in sorted(defined.items()):
                for node in definition.nodes:
                    found.setdefault((definition.path, node), path)
    return found


def type_of(evaluator: Evaluator, cls: Class) -> LibraryClass | None:
    """The table's type that a class of the project is itself: what the type has a row for means in the class's own
    body (on `self`, on `cls`) what it means to everyone."""
    if not evaluator.own_libraries or not isinstance(cls, ProjectClass):
        return None
    name = evaluator.tables.by_path.get(evaluator.own_libraries.get((cls.path, cls.node), ""))
    return LibraryClass(name) if name is not None else None


def own_classes(own: Mapping[tuple[str, int], str], tables: Tables) -> Mapping[str, ProjectClass]:
    """Types of tables → the class of the project that is it, by the first of the type's paths that the project
    defines: methods that no row of the type describes are as that class has them."""
    classes = {path: ProjectClass(*node) for node, path in sorted(own.items(), reverse=True) if path in tables.by_path}
    found: dict[str, ProjectClass] = {}
    for name in dict.fromkeys(tables.by_path[path] for path in classes):
        for path in tables.types[name].path:
            if path in classes:
                found.setdefault(name, classes[path])
    return found


def library_files(own: Mapping[tuple[str, int], str], names: Names, files: Iterable[str]) -> frozenset[str]:
    """Those of these files that lie in packages which are such a library."""
    if not own:
        return frozenset()
    packages = (names.package(package) for package in sorted({path.partition(".")[0] for path in own.values()}))
    places = tuple(place.removesuffix("/__init__.py").removesuffix("/") for place in packages if place is not None)
    return frozenset(path for path in files if any(path == place or path.startswith(f"{place}/") for place in places))


def _defined(names: Names, path: str) -> Definition | None:
    """What the project defines under a library's path."""
    module, _, name = path.rpartition(".")
    file = names.package(module)
    if file is None:
        return None
    target = names.export(file, name)
    return target if isinstance(target, Definition) else None


@derived
def _packages(tables: Tables) -> Sequence[tuple[str, Sequence[str]]]:
    """Packages in order, each with the paths of what tables describe in it."""
    packages: dict[str, list[str]] = defaultdict(list)
    for path in (*tables.by_path, *tables.functions):
        if "." in path and "#" not in path:
            packages[path.partition(".")[0]].append(path)
    return sorted(packages.items())
