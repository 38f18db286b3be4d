"""Comments in which an author says of the code beside it what a rule would say (`Remark`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.tree import Remark

_WORDS = re.compile(rb"(?i)\b(?:race[ -]conditions?|data race|racy|concurren(?:t|tly|cy)|simultaneous(?:ly)?|noqa)\b")
"""Others that do the same meanwhile; what linters of Python are told to be silent by."""
_PARTS = (b"race ", b"race-", b"racy", b"concurren", b"simultaneous", b"noqa")
"""Each of the words has one of them: few files do, and a search for letters is a fraction of one for words."""


def positions(source: bytes) -> Iterator[int]:
    """Where such words stand, whether in a comment or not."""
    lowered = source.lower()
    if not any(part in lowered for part in _PARTS):
        return iter(())
    return (match.start() for match in _WORDS.finditer(source))


def remark(source: bytes, start: int, stop: int) -> Remark:
    """The comment that stands there."""
    text = source[start:stop].decode("utf-8", "replace")
    return Remark(start, stop, source.rfind(b"\n", 0, start) + 1, text)
