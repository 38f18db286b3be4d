"""Builds assembled texts for tests: strings become literals with places, one behind the other."""

from __future__ import annotations

from dblint.facts.text import Hole, Literal, Optional, Origin, Parameter, Piece, Place, Repeat, Text

PATH = "app/db.py"


def hole(source: str, *words: str, origin: Origin = Origin.UNKNOWN) -> Hole:
    """An interpolated value."""
    return Hole(origin, source, None, words)


def bound(name: str = "") -> Parameter:
    """A bound value."""
    return Parameter(name)


def sometimes(*pieces: str | Piece) -> Optional:
    """Pieces that stand sometimes, without places."""
    return Optional(tuple(Literal(piece) if isinstance(piece, str) else piece for piece in pieces))


def many(*pieces: str | Piece, separator: str = ", ") -> Repeat:
    """Pieces that stand any number of times, without places."""
    return Repeat(tuple(Literal(piece) if isinstance(piece, str) else piece for piece in pieces), separator)


def text(*pieces: str | Piece, whole: bool = True) -> Text:
    """The text; each literal stands behind the one before, other pieces take five bytes."""
    made: list[Piece] = []
    position = 0
    for piece in pieces:
        if isinstance(piece, str):
            size = len(piece.encode())
            made.append(Literal(piece, Place(PATH, position, position + size)))
            position += size
        else:
            made.append(piece)
            position += 5
    return Text(tuple(made), open=not whole)
