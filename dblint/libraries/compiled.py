"""The tables in the form in which they are used, kept beside the bytecode of this folder.

To read, check and join the tables costs seven times what it costs to load what came of that. What is kept says what
it was made of: the tables, the code that compiles them, and the versions of what that code runs on. It is made anew
where one of these is another, or where it was not written whole. As with bytecode, a run goes on without it where
nothing can be written there, and writes nothing where Python is told to write none.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        stored = _pickled(tables)
        _write(path, _digest(made_of, stored) + stored)
    return tables


class _Pickler(pickle.Pickler):
    """Writes of a row what it says, and not what it leaves as it is in every row: most have a few of some hundred
    words. With all of them the file is two and a half times as long, and loading it takes a fifth more."""

    def reducer_override(self, obj: Any) -> Any:
        """How a row is made again; everything else as usual."""
        if not isinstance(obj, msgspec.Struct):
            return NotImplemented
        usual = _usual(type(obj))
        held = ((name, getattr(obj, name)) for name in obj.__struct_fields__)
        return _row, (type(obj), {name: value for name, value in held if name not in usual or usual[name] != value})


@functools.cache
def _usual(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """What a row is that says nothing, by field; without the fields that each has to say."""
    fields = msgspec.structs.fields(kind)
    given = {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}
    made = {field.name: field.default_factory for field in fields if field.default_factory is not msgspec.NODEFAULT}
    return {**given, **{name: factory() for name, factory in made.items()}}


def _row(kind: type[msgspec.Struct], said: dict[str, Any]) -> msgspec.Struct:
    return kind(**said)


def _pickled(tables: Tables) -> bytes:
    written = io.BytesIO()
    _Pickler(written, pickle.HIGHEST_PROTOCOL).dump(tables)
    return written.getvalue()


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
