"""Quotes that are doubled in a value: that helps inside quotes of the same kind, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from dblint.facts.text import Hole, Literal, Optional, Origin, Piece, Repeat, Text

QUOTES = ("'", '"', "`")
_COMMENTS = {"--": "\n", "/*": "*/"}


def doubled(text: Text, quote: str) -> Text:
    """The text with each quote of this kind in it written twice."""

    def changed(piece: Hole | Literal) -> Piece:
        if isinstance(piece, Hole):
            return piece if piece.words else replace(piece, doubled=quote)
        if quote not in piece.text:
            return piece
        return Literal(piece.text.replace(quote, quote * 2), piece.place, exact=False)

    return Text(_each(text.pieces, changed), text.open)


def undone(text: Text, before: str | None, after: str | None) -> Text:
    """The text after another replacement: one that touches quotes may have left a single one."""

    def changed(piece: Hole | Literal) -> Piece:
        if not isinstance(piece, Hole) or not piece.doubled:
            return piece
        kept = before is not None and after is not None and piece.doubled not in before + after
        return piece if kept else replace(piece, doubled="")

    return Text(_each(text.pieces, changed), text.open)


def settled(text: Text) -> Text:
    """The finished text: a value whose quotes are doubled is quoted where it stands inside such quotes."""
    inside = ""

    def changed(piece: Hole | Literal) -> Piece:
        nonlocal inside
        if isinstance(piece, Literal):
            inside = _after(piece.text, inside)
            return piece
        if not piece.doubled:
            return piece
        if piece.doubled != inside:
            return replace(piece, doubled="")
        origin = Origin.RENDERED if inside == "'" else Origin.IDENTIFIER
        return Hole(origin, piece.source, piece.place)

    return Text(_each(text.pieces, changed), text.open)


def _after(written: str, inside: str) -> str:
    """The quote that is open behind a piece of SQL, where `inside` is open before it."""
    index = 0
    while index < len(written):
        character = written[index]
        if inside:
            inside = "" if character == inside else inside
        elif character in QUOTES:
            inside = character
        elif written[index : index + 2] in _COMMENTS:
            end = _COMMENTS[written[index : index + 2]]
            found = written.find(end, index + 2)
            index = found + len(end) - 1 if found >= 0 else len(written)
        index += 1
    return inside


def _each(pieces: tuple[Piece, ...], changed: Callable[[Hole | Literal], Piece]) -> tuple[Piece, ...]:
    """The pieces, in the order in which they stand, with holes and literals changed."""
    out: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Optional):
            out.append(Optional(_each(piece.pieces, changed)))
        elif isinstance(piece, Repeat):
            out.append(Repeat(_each(piece.pieces, changed), piece.separator))
        else:
            out.append(changed(piece) if isinstance(piece, (Hole, Literal)) else piece)
    return tuple(out)
