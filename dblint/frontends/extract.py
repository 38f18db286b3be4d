"""One door to all front ends: bytes and a path → what the file says by itself.

A front end is a module with `extract(source, path)`, which never raises for what the source says, and is
imported when the first file of its language comes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from dblint.facts.blocks import PrismaFile
from dblint.facts.tree import Builder, Fault, FileFacts, Interface, Kind, Role
from dblint.frontends.source import decode


class FrontEnd(NamedTuple):
    """Which module reads a language."""

    language: str
    module: str


_PYTHON = FrontEnd("python", "dblint.frontends.python")
_TYPESCRIPT = FrontEnd("typescript", "dblint.frontends.typescript")
_JAVASCRIPT = FrontEnd("javascript", "dblint.frontends.typescript")
_TEMPLATE = FrontEnd("template", "dblint.frontends.templates")

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
    ".prisma": FrontEnd("prisma", "dblint.frontends.prisma"),
    ".sql": FrontEnd("sql", "dblint.frontends.sql"),
    ".html": _TEMPLATE,
    ".htm": _TEMPLATE,
    ".jinja": _TEMPLATE,
    ".jinja2": _TEMPLATE,
    ".j2": _TEMPLATE,
}
"""Suffix, in lower case → its front end."""


def language_of(path: str) -> str | None:
    """Names the language of a file by its suffix; None for a file that no front end reads."""
    front_end = _front_end(path)
    return front_end.language if front_end else None


def extract(data: bytes, path: str) -> Any:
    """Reads a file: `FileFacts` for a host language, `PrismaFile` for a schema, for SQL what its front end gives.

    A host-language file or schema that is no text gives empty facts with one fault. Raises ValueError for a
    suffix that is not in FRONT_ENDS.
    """
    front_end = _front_end(path)
    if front_end is None:
        raise ValueError(f"no front end reads {path!r}")
    decoded = decode(data, front_end.language)
    return _unread(front_end, path, decoded) if isinstance(decoded, Fault) else lower(decoded.data, path)


def lower(text: bytes, path: str) -> Any:
    """The same of a file whose text is known (`source.decode`)."""
    front_end = _front_end(path)
    if front_end is None:
        raise ValueError(f"no front end reads {path!r}")
    read: Callable[[bytes, str], Any] = import_module(front_end.module).extract
    if b"\r" in text and front_end.language not in ("sql", "prisma", "template"):
        # A lone carriage return ends a line for editors and for the languages, but not for the grammars.
        text = _LONE_RETURN.sub(b"\n", text)
    return read(text, path)


_LONE_RETURN = re.compile(rb"\r(?!\n)")


def _front_end(path: str) -> FrontEnd | None:
    return FRONT_ENDS.get(posixpath.splitext(path)[1].lower())


def _unread(front_end: FrontEnd, path: str, fault: Fault) -> Any:
    if front_end.language == "prisma":
        return PrismaFile(path, faults=(fault,))
    if front_end.language in ("sql", "template"):
        unread: Callable[[str, Fault], Any] = import_module(front_end.module).unread
        return unread(path, fault)
    builder = Builder()
    builder.open(Kind.MODULE, Role.NONE, -1, 0, 0)
    return FileFacts(path, front_end.language, Interface(), builder.finish(), (fault,))
