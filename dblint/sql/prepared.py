"""A statement as the parser is given it."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import msgspec

from dblint.facts.text import Origin, Place
from dblint.sql.pieces import Raw
from dblint.sql.tokens import LexicalFault, Token

__all__ = ["EVERY", "PREFIX", "Fragment", "Marker", "Prepared"]

PREFIX = "dblint__"
EVERY = (
    "projection",
    "sources",
    "assignments",
    "where",
    "grouping",
    "having",
    "order",
    "limit",
    "offset",
    "locks",
    "returning",
)
"""The clauses that a fragment can hide, by the names of `Query`'s fields, in the order of a statement."""


class Marker(NamedTuple):
    """What an identifier `dblint__N__` stands for.

    `style`: bound (a `Parameter`), hole, percent, named-percent, colon, dollar, question,
    identifier-question, at, brace, typed-brace, template, format. `text` is as written. `quoted`: it
    stands in a string or a quoted identifier.
    """

    style: str
    text: str
    origin: Origin = Origin.UNKNOWN
    place: Place | None = None
    words: tuple[str, ...] = ()
    quoted: bool = False

    @property
    def value(self) -> bool:
        """Whether the statement's text cannot be changed by it."""
        return self.style not in ("hole", "brace", "template", "identifier-question", "format")


class Fragment(NamedTuple):
    """A hole that was left out.

    The clauses that may stand in it, by the names of `Query`'s fields, and whether it stands inside
    parentheses.
    """

    marker: int
    clauses: tuple[str, ...]
    nested: bool


class Prepared(msgspec.Struct):
    """A statement as the parser is given it. Positions are characters of `sql`."""

    sql: str
    raw: Raw
    dialect: str
    tokens: list[Token] = msgspec.field(default_factory=list)
    markers: list[Marker] = msgspec.field(default_factory=list)
    fragments: list[Fragment] = msgspec.field(default_factory=list)
    operators: dict[int, str] = msgspec.field(default_factory=dict)  # where an operator stands for another, and which
    copies: list[tuple[int, int]] = msgspec.field(default_factory=list)  # (position in sql, position in raw)
    repeats: list[tuple[int, int]] = msgspec.field(default_factory=list)  # spans in sql that stand any number of times
    cuts: list[tuple[int, int]] = msgspec.field(default_factory=list)  # (position in sql, the list's whole length)
    faults: list[LexicalFault] = msgspec.field(default_factory=list)
    depth: int = 0
    open: bool = False
    conditional: bool = False  # has template blocks, which variant "none" leaves out
    alternatives: bool = False  # some hole could be read in another way

    def back(self, position: int) -> int:
        """The position in the raw text."""
        index = bisect_right(self.copies, (position, 1 << 60)) - 1
        if index < 0:
            return position
        in_sql, in_raw = self.copies[index]
        following = self.copies[index + 1][1] if index + 1 < len(self.copies) else len(self.raw.text)
        return min(in_raw + position - in_sql, following)

    def place(self, start: int, stop: int) -> Place | None:
        """Where a part of the statement stands in the source."""
        return self.raw.place(self.back(start), self.back(stop))

    def show(self, start: int, stop: int) -> str:
        """A part of the statement as written, for people."""
        return self.raw.show(self.back(start), self.back(stop))

    @property
    def whole(self) -> Place | None:
        """Where the statement stands."""
        if not self.tokens:
            return self.raw.place(0, len(self.raw.text)) if self.raw.text else None
        return self.place(self.tokens[0].start, self.tokens[-1].stop)

    @property
    def shown(self) -> str:
        """The statement as written, for people."""
        return self.show(self.tokens[0].start, self.tokens[-1].stop) if self.tokens else ""
