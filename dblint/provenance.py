"""Digests of what computes: dblint's own files, rule packs, the interpreter and what is installed beside them.

By content, and not by version or time: an editable install that was changed never gets what it would not compute, and
the same version installed anew, as build servers do for each run, gets what it has computed before.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

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
