"""One door to all front ends: bytes and a path → what the file says by itself.

Each language's module is imported when the first file of it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from dblint.facts.tree import Builder, Fault, FileFacts, Interface, Kind, Role
from dblint.frontends.source import decode


class FrontEnd(NamedTuple):
    """Where a language is read: `module.function(source, path)`, with `source` in UTF-8."""

    language: str
    module: str
    function: str = "extract"


_PYTHON = FrontEnd("python", "dblint.frontends.python")
_TYPESCRIPT = FrontEnd("typescript", "dblint.frontends.typescript")
_JAVASCRIPT = FrontEnd("javascript", "dblint.frontends.typescript")

FRONT_ENDS: dict[str, FrontEnd] = {
    ".py": _PYTHON,
    ".pyi": _PYTHON,
    ".ts": _TYPESCRIPT,
    ".tsx": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
}
"""Suffix, in lower case → the front end of a host language."""


def language_of(path: str) -> str | None:
    """The host language of a file, by its suffix; None for a file that no front end here reads."""
    front_end = FRONT_ENDS.get(PurePosixPath(path).suffix.lower())
    return front_end.language if front_end else None


def extract(data: bytes, path: str) -> FileFacts:
    """The facts of a host-language file.

    A file that is no text gives an empty tree and one fault. Raises ValueError for a suffix that is not in
    FRONT_ENDS.
    """
    front_end = FRONT_ENDS.get(PurePosixPath(path).suffix.lower())
    if front_end is None:
        raise ValueError(f"no front end reads {path!r}")
    decoded = decode(data, front_end.language)
    if isinstance(decoded, Fault):
        return _unread(path, front_end.language, decoded)
    function: Callable[[bytes, str], Any] = getattr(import_module(front_end.module), front_end.function)
    facts = function(decoded.data, path)
    assert isinstance(facts, FileFacts)  # noqa: S101
    return facts


def _unread(path: str, language: str, fault: Fault) -> FileFacts:
    builder = Builder()
    builder.open(Kind.MODULE, Role.NONE, -1, 0, 0)
    return FileFacts(path, language, Interface(), builder.finish(), (fault,))
