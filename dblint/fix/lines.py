"""The line ends of a file."""

from __future__ import annotations

import re

_END = re.compile(rb"\r\n|\n|\r")


def line_end(data: bytes, before: int | None = None) -> bytes:
    """The line end that a file has: its last one before an offset, or else its first."""
    found = _END.findall(data, 0, len(data) if before is None else before)
    if found and before is not None:
        return bytes(found[-1])
    first = _END.search(data)
    return first.group() if first else b"\n"
