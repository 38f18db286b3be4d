"""Where a comment may speak to dblint, also where it is not spelled as it has to be: what it says, others judge."""

from __future__ import annotations

import re

_NAMES = (b"dblint", b"DBLINT", b"Dblint", b"DBLint", b"DbLint")
PATTERN = rb"(?:%b)(?:\s*+:(?!:)|[\s-]++[iI][gG][nN][oO][rR][eE])" % b"|".join(_NAMES)
"""What a directive begins with. Two colons are one of PostgreSQL's casts."""
_DIRECTIVE = re.compile(PATTERN)


def find(source: bytes, start: int = 0, stop: int | None = None) -> int:
    """Where the next directive begins, -1 where there is none."""
    stop = len(source) if stop is None else stop
    if not any(source.find(name, start, stop) >= 0 for name in _NAMES):
        return -1
    match = _DIRECTIVE.search(source, start, stop)
    return match.start() if match else -1
