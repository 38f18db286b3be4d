"""`Text`: a string as the program assembles it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A span of bytes in a file. Lines and columns are computed when a finding is built."""

    path: str
    start: int
    stop: int


class Origin(StrEnum):
    """Where a value comes from, as far as link can follow it."""

    CONSTANT = "constant"  # one of the program's own literals
    NUMBER = "number"  # a number by its type or by a conversion (`int(x)`, `Number(x)`)
    RENDERED = "rendered"  # text that a builder or an escaping function rendered: SQL already
    IDENTIFIER = "identifier"  # quoted as an identifier by a function made for it
    PLACEHOLDERS = "placeholders"  # a run of `?`, `%s`, `$n`
    SCHEMA = "schema"  # a table's or column's name taken from a model's own description
    PARAMETER = "parameter"  # a parameter of the function around it
    REQUEST = "request"  # what a client sent
    CONFIGURATION = "configuration"  # environment, settings
    DATABASE = "database"  # read from a database
    UNKNOWN = "unknown"  # cannot say


class Literal(msgspec.Struct, frozen=True, array_like=True, tag="literal"):
    """Text that stands in the source. `start` is the byte offset of its first character in `path`;
    `exact` says that every character stands there as it is (no escapes)."""

    text: str
    place: Place | None = None
    exact: bool = True


class Parameter(msgspec.Struct, frozen=True, array_like=True, tag="parameter"):
    """A bound value: never part of the statement's text. `place` is where the expression stands, if it is known."""

    name: str = ""
    origin: Origin = Origin.UNKNOWN
    place: Place | None = None


class Hole(msgspec.Struct, frozen=True, array_like=True, tag="hole"):
    """An interpolated value. `source` is the expression as written, for people; `words` are the finitely
    many texts it can be, when they are known. `parameter`: the parameter that it is, of the function around it.
    `handed`: it is that or is read from one, here or in a function further out: a caller hands it in as it is.
    `doubled`: the quote that stands twice in it wherever it stood once, while the text around it is not known yet.
    `column`: the table and column of which it is a value, as the statement that read it says."""

    origin: Origin
    source: str
    place: Place | None = None
    words: tuple[str, ...] = ()
    parameter: str = ""
    handed: bool = False
    doubled: str = ""
    column: tuple[str, str] | None = None


class Optional(msgspec.Struct, frozen=True, array_like=True, tag="optional"):
    """Pieces that stand only sometimes."""

    pieces: tuple[Piece, ...]


class Repeat(msgspec.Struct, frozen=True, array_like=True, tag="repeat"):
    """Pieces that stand any number of times, joined by `separator`."""

    pieces: tuple[Piece, ...]
    separator: str = ""


Piece: TypeAlias = Literal | Parameter | Hole | Optional | Repeat


class Text(msgspec.Struct, frozen=True, array_like=True):
    """The pieces in order. `open`: more may stand there than was seen."""

    pieces: tuple[Piece, ...]
    open: bool = False

    @property
    def constant(self) -> bool:
        """Whether the text is one of the program's own literals throughout."""
        return not self.open and all(isinstance(piece, Literal | Parameter) for piece in self.pieces)
