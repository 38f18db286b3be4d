"""Digests of what computes: dblint's own files, rule packs, the interpreter and what is installed beside them.

By content, and not by version or time: an editable install that was changed never gets what it would not compute, and
the same version installed anew, as build servers do for each run, gets what it has computed before.
"""

from __future__ import annotations

import os
import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import msgspec

from dblint.cache import digest

_HOME = Path(__file__).parent
_OF_FACTS = ("facts", "frontends", "workspace", "extraction.py")
"""What of dblint computes what one file says."""
_DISTRIBUTIONS = (".dist-info", ".egg-info")


@cache
def of_facts() -> bytes | None:
    """Of what computes the facts of one file, None where that cannot be read."""
    parsers = (name for name in _distributions() if name.startswith(("tree_sitter", "tree-sitter", "msgspec")))
    numbers = f"{sys.byteorder} {array('i').itemsize}"
    return _digest([_HOME / name for name in _OF_FACTS], [sys.version, numbers, *parsers])


def of_reports(packs: Sequence[str]) -> bytes | None:
    """Of what computes a report with the rules of these packs, which are imported. None where that cannot be read:
    modules that lie in an archive."""
    folders = [Path(folder) for pack in packs for folder in sys.modules[pack].__path__]
    return _digest([_HOME, *folders], [sys.version, *packs, *_distributions()])


class Imported(msgspec.Struct, frozen=True, array_like=True):
    """A module that neither the name of a distribution nor its version tells of, as it was when it was imported."""

    name: str
    file: str
    content: bytes

    def is_the_same(self) -> bool:
        """Whether importing it again would give the same."""
        if self.name.isidentifier():
            try:
                spec = find_spec(self.name)
            except (ImportError, ValueError):
                return False
            if spec is None or spec.origin != self.file:
                return False
        try:
            return digest(Path(self.file).read_bytes()) == self.content
        except OSError:
            return False


def imported(packs: Sequence[str]) -> tuple[Imported, ...] | None:
    """What was imported besides the standard library, dblint, these packs and installed distributions: modules of the
    user's own that a pack draws on. None where one cannot be read."""
    folders = [_HOME, *(Path(folder) for pack in packs for folder in sys.modules[pack].__path__)]
    found = []
    for name, module in sorted(sys.modules.items()):
        first = name.partition(".")[0]
        file = getattr(getattr(module, "__spec__", None), "origin", None)
        if first in sys.stdlib_module_names or name == "__main__" or not getattr(module, "__file__", None) or not file:
            continue
        path = Path(file)
        if any(path.is_relative_to(folder) for folder in folders) or _is_installed(first, path):
            continue
        try:
            found.append(Imported(name, file, digest(path.read_bytes())))
        except OSError:
            return None
    return tuple(found)


def _is_installed(name: str, file: Path) -> bool:
    """Whether a distribution, whose name and version are known, has brought this module of this first name."""
    return not {"site-packages", "dist-packages"}.isdisjoint(file.parts) and _is_distributed(name)


@cache
def _is_distributed(name: str) -> bool:
    version = re.compile(rf"{re.escape(name.lower())}_\d")
    named = any(version.match(folder.lower().replace("-", "_")) for folder in _distributions())
    return named or name in _brought()


@cache
def _brought() -> frozenset[str]:
    """The first names of the modules that distributions have brought."""
    return frozenset(packages_distributions())


def _digest(places: Iterable[Path], words: Iterable[str]) -> bytes | None:
    parts: list[bytes | str] = list(words)
    for place in places:
        files = sorted(_files(place))
        if not files:
            return None
        for file in files:
            parts.append(file.relative_to(place).as_posix())
            try:
                parts.append(file.read_bytes())
            except OSError:
                return None
    return digest(*parts)


def _files(place: Path) -> Iterator[Path]:
    """The files at a place, without what Python compiles."""
    if place.is_file():
        yield place
    for above, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (file for name in names if (file := Path(above, name)).is_file())


@cache
def _distributions() -> tuple[str, ...]:
    """What is installed, by the names of its folders, which hold the versions."""
    found: set[str] = set()
    for folder in sys.path:
        try:
            found.update(name for name in os.listdir(folder or ".") if name.endswith(_DISTRIBUTIONS))  # noqa: PTH208 - names will do
        except OSError:
            continue
    return tuple(sorted(found))
