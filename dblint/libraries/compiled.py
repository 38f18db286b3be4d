"""The tables in the form in which they are used, kept beside the bytecode of this folder.

To read, check and join the tables costs seven times what it costs to load what came of that. What is kept says what
it was made of: the tables, the code that compiles them, and the versions of what that code runs on. It is made anew
where one of these is another, or where it was not written whole. As with bytecode, a run goes on without it where
nothing can be written there, and writes nothing where Python is told to write none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dblint.facts import fixes

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables

_DIGEST = 32
"""Bytes of the digest that stands before what is kept."""


def kept(sources: Iterable[bytes], compiled: Callable[[], Tables], folder: Path | None = None) -> Tables:
    """What `compiled` gives for these sources, made once. `folder`: whose bytecode it lies beside; this module's."""
    here = Path(__file__).parent
    code = [*sorted(here.glob("*.py")), Path(fixes.__file__)]
    if sys.implementation.cache_tag is None or not all(path.is_file() for path in code):
        return compiled()  # not installed as files
    made_of = _digest(
        sys.version.encode(), msgspec.__version__.encode(), *(path.read_bytes() for path in code), *sources
    )
    path = Path(cache_from_source(str((folder or here) / "tables.py"))).with_suffix(".tables")
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    stored = data[_DIGEST:]
    if data[:_DIGEST] == _digest(made_of, stored):
        tables: Tables = pickle.loads(stored)  # noqa: S301 - trusted as the bytecode beside it is
        return tables
    tables = compiled()
    if not sys.dont_write_bytecode:
        stored = pickle.dumps(tables, pickle.HIGHEST_PROTOCOL)
        _write(path, _digest(made_of, stored) + stored)
    return tables


def _digest(*parts: bytes) -> bytes:
    made = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all. Where it cannot be written, the next run compiles again."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        try:
            unfinished.write_bytes(data)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


__all__ = ["kept"]
