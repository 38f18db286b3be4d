"""Identities of findings that survive moved lines: GitHub's primaryLocationLineHash, and dblint's own key."""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Sequence
from functools import cached_property
from typing import overload

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END = 0xFFFF


class LineHashes(Sequence[str]):
    """GitHub's primaryLocationLineHash of each line: a hash over the first 100 UTF-16 units that are neither
    space nor tab, counted from the line's start and over the following lines, then which occurrence of the
    same hash in this file it is. Few lines have a finding, so each is hashed when somebody asks."""

    def __init__(self, text: str) -> None:
        plain = text.replace("\r\n", "\n").replace("\r", "\n").translate({0x20: None, 0x09: None})
        units = array("H", plain.encode("utf-16-le", "surrogatepass"))
        if sys.byteorder == "big":
            units.byteswap()
        units.append(_END)
        starts = [0]
        for line in plain.split("\n")[:-1]:
            starts.append(starts[-1] + len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1)
        units.extend([0] * _WINDOW)
        self._units = units
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[line] for line in range(len(self))[index]]
        start = self._starts[index]
        value = 0
        for unit in self._units[start : start + _WINDOW]:
            value = (value * _BASE + unit) & _MASK
        return f"{value:x}:{self._occurrences[index]}"

    @cached_property
    def _occurrences(self) -> list[int]:
        """Of each line, how many lines up to it have its hash: those that are hashed over the same units."""
        counts: dict[bytes, int] = {}
        found: list[int] = []
        size = self._units.itemsize
        units, width = self._units.tobytes(), _WINDOW * size
        for start in self._starts:
            window = units[start * size : start * size + width]
            counts[window] = occurrence = counts.get(window, 0) + 1
            found.append(occurrence)
        return found


class Keys:
    """Gives each finding its key: a digest of rule, path, the line's words and the occurrence among equals.

    Findings must come in the order of their places. Neither the message nor the line number enters, so that
    a moved line and a better worded message keep the key.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, rule: str, path: str, line: str) -> str:
        """The key of the next finding of this rule on a line with this text."""
        identity = _digest([rule, path, " ".join(line.split())])
        occurrence = self._seen.get(identity, 0)
        self._seen[identity] = occurrence + 1
        return identity if occurrence == 0 else _digest([identity, str(occurrence)])


def _digest(parts: Sequence[str]) -> str:
    data = b"\0".join(part.encode("utf-8", "surrogatepass") for part in parts)
    return hashlib.blake2b(data, digest_size=16).hexdigest()
