"""Changes of a file's bytes: which go together, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """What stands from `start` to `stop` becomes `text`. Offsets are those of facts: bytes of the text as UTF-8."""

    start: int
    stop: int
    text: bytes

    def clashes(self, other: Change) -> bool:
        """Whether both are about the same bytes. What two put in at one place has no order that anybody said."""
        if self.start == self.stop or other.start == other.stop:
            return self.start <= other.stop and other.start <= self.stop
        return self.start < other.stop and other.start < self.stop


class WithheldError(Exception):
    """A fix is not made; the text says why."""


class UnwrittenError(WithheldError):
    """Nothing says how a fix is written in this library or language: there is none."""


def apply(data: bytes, changes: Iterable[Change]) -> bytes:
    """The bytes with all changes made, none of which clashes with another; all others stay as they are."""
    pieces: list[bytes] = []
    position = 0
    for change in sorted(changes):
        pieces += [data[position : change.start], change.text]
        position = change.stop
    return b"".join([*pieces, data[position:]])


def fitting(fixes: Sequence[Sequence[Change]]) -> list[int]:
    """The numbers of those fixes that can be made together: of two that clash, the first."""
    made: list[Change] = []
    kept: list[int] = []
    for number, changes in enumerate(fixes):
        if not any(change.clashes(other) for change in changes for other in made):
            made += changes
            kept.append(number)
    return kept
