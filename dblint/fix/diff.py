"""What would be written, as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_QUOTED = re.compile(rb"[\x00-\x1f\x7f\"\\\x80-\xff]")
_NO_END = b"\n\\ No newline at end of file\n"


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """The difference between two contents of a file, with paths relative to the root, as `git apply` and `patch`
    read it. Lines end in LF only for it, so that a carriage return stays a part of its line."""
    old, new = (f"{side}/{path}".encode("utf-8", "surrogateescape") for side in ("a", "b"))
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), _name(old), _name(new), lineterm=b"\n"
    )
    return b"".join(_ended(lines))


def _lines(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def _ended(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line if line.endswith(b"\n") else line + _NO_END


def _name(path: bytes) -> bytes:
    """A path as git writes it: one with signs that would break the line stands in quotes, as in C."""
    if not _QUOTED.search(path):
        return path
    return b'"' + _QUOTED.sub(lambda match: b"\\%03o" % match[0][0], path) + b'"'
