"""One file to its facts: what a task of a run is, what comes of it, and how both are written to be kept or sent."""

from __future__ import annotations

import hashlib
import os
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from dblint.cache import Cache, digest
from dblint.facts.program import Diagnostic, FileRole
from dblint.facts.tree import Fault
from dblint.workspace.read import read
from dblint.workspace.roles import HEAD_SIZE, recognise

MORE = " (--debug tells more)"
"""Instead of what an exception says, which may quote source or name folders of this machine."""

FACTS = "facts"
"""The shelf of the cache that holds what files gave."""


class Task(msgspec.Struct, frozen=True):
    """One file to extract. Plain values only: a task may go to another process. `content` is what to take for the
    file's content, None to read it. `cache` is where what comes of it is kept, and `version` what computes it.
    `timeout`: seconds that it may take, 0 for any time. `among`: how many files the run has, also those that need no
    task."""

    root: str
    path: str
    limit: int
    content: bytes | Diagnostic | None = None
    cache: Cache | None = None
    version: bytes = b""
    timeout: float = 0
    among: int = 1


class Extracted(msgspec.Struct, frozen=True):
    """What one file gave: its facts, or diagnostics that say why there are none. `sign`: what says that it has
    this role, "" for the application's own. `lasting`: the same bytes will give the same again."""

    path: str
    facts: object | None = None
    role: FileRole = FileRole.APP
    sign: str = ""
    digest: bytes = b""
    diagnostics: tuple[Diagnostic, ...] = ()
    traceback: str = ""
    lasting: bool = True


class _Written(msgspec.Struct, frozen=True, array_like=True):
    """An `Extracted` as bytes hold it. `kind` is the name of the facts' type, "" for none."""

    path: str
    kind: str
    facts: msgspec.Raw
    role: FileRole
    sign: str
    digest: bytes
    diagnostics: tuple[Diagnostic, ...]
    traceback: str
    lasting: bool


def extract_one(task: Task) -> Extracted:
    """Reads one file and lowers it to its facts, and keeps them where the task says so. Never raises."""
    extracted = _extract(task)
    if task.cache is not None and task.content is None and extracted.lasting and extracted.digest:
        task.cache.put(FACTS, _key(task.version, task.path, extracted.digest), lambda: encode(extracted))
    return extracted


def kept(cache: Cache, version: bytes, path: str, content: bytes) -> Extracted | None:
    """What the cache holds of a file with this digest, None where it holds nothing."""
    stored = cache.get(FACTS, _key(version, path, content))
    if stored is None:
        return None
    try:
        extracted = decode(stored)
    except (msgspec.MsgspecError, KeyError, ValueError):
        return None
    return extracted if (extracted.path, extracted.digest) == (path, content) else None


def stopped(task: Task, why: str) -> Extracted:
    """What is left of a file whose analysis did not come to its end."""
    diagnostic = Diagnostic("parse-error", task.path, f"analysis stopped: {why}")
    role, sign = recognise(task.path, _head(task))
    return Extracted(task.path, None, role, sign, diagnostics=(diagnostic,), lasting=False)


def _head(task: Task) -> bytes:
    """The first bytes of a file, as far as they can be read without waiting."""
    if isinstance(task.content, bytes):
        return task.content[:HEAD_SIZE]
    try:
        descriptor = os.open(f"{task.root}/{task.path}", os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(HEAD_SIZE) or b""
    except OSError:
        return b""


def encode(extracted: Extracted) -> bytes:
    """What a file gave, as bytes. Raises ValueError for a text that is none: half of a character, which a string of
    the source may hold, or a name of a file that is no text."""
    facts = extracted.facts
    raw = msgspec.Raw(msgspec.msgpack.encode(facts))
    kind = "" if facts is None else type(facts).__name__
    return msgspec.msgpack.encode(
        _Written(
            extracted.path,
            kind,
            raw,
            extracted.role,
            extracted.sign,
            extracted.digest,
            extracted.diagnostics,
            extracted.traceback,
            extracted.lasting,
        )
    )


def decode(data: bytes) -> Extracted:
    """The inverse of `encode`. Raises where these are no such bytes."""
    written = _WRITTEN.decode(data)
    facts = _decoder(written.kind)(written.facts) if written.kind else None
    return Extracted(
        written.path,
        facts,
        written.role,
        written.sign,
        written.digest,
        written.diagnostics,
        written.traceback,
        written.lasting,
    )


_WRITTEN = msgspec.msgpack.Decoder(_Written)


@cache
def _decoder(kind: str) -> Callable[[msgspec.Raw], Any]:
    """What reads facts of this type. Each is imported when the first of its kind comes."""
    from dblint.facts.blocks import PrismaFile
    from dblint.facts.templates import TemplateFile
    from dblint.facts.tree import FileFacts
    from dblint.frontends.sql import SqlFile

    kinds = (FileFacts, PrismaFile, SqlFile, TemplateFile)
    types: Mapping[str, Any] = {found.__name__: found for found in kinds}
    return msgspec.msgpack.Decoder(types[kind]).decode


def content_digest(data: bytes) -> bytes:
    """What tells contents of files apart."""
    return hashlib.blake2b(data, digest_size=16).digest()


def as_text(path: str, data: bytes) -> bytes | Fault:
    """The file as UTF-8, or why it is no text."""
    from dblint.frontends.source import decode as decode_source

    decoded = decode_source(data, "python" if path.lower().endswith((".py", ".pyi")) else "")
    return decoded if isinstance(decoded, Fault) else decoded.data


def _key(version: bytes, path: str, content: bytes) -> bytes:
    return digest(version, path, content)


def _extract(task: Task) -> Extracted:
    data = task.content if task.content is not None else read(task.root, task.path, task.limit)
    if isinstance(data, Diagnostic):
        role, sign = recognise(task.path)
        return Extracted(task.path, None, role, sign, diagnostics=(data,), lasting=data.kind != "io-error")
    role, sign = recognise(task.path, data[:HEAD_SIZE])
    contents = content_digest(data)
    decoded = as_text(task.path, data)
    if isinstance(decoded, Fault):
        diagnostic = Diagnostic("parse-error", task.path, decoded.message, decoded.start, line=_line(data, decoded))
        return Extracted(task.path, None, role, sign, contents, (diagnostic,))
    from dblint.frontends.extract import lower

    try:
        return Extracted(task.path, lower(decoded, task.path), role, sign, contents)
    except Exception as error:  # noqa: BLE001 - one file must not end the run
        diagnostic = Diagnostic("internal-error", task.path, f"cannot be analysed: {type(error).__name__}{MORE}")
        return Extracted(task.path, None, role, sign, contents, (diagnostic,), traceback.format_exc(), lasting=False)


def _line(data: bytes, fault: Fault) -> int:
    """The line of a place in a file that is no text."""
    before = data[: fault.start]
    return len(before.splitlines()) + before.endswith((b"\n", b"\r")) or 1
