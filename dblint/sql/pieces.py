"""An assembled `Text` as one raw string whose every character knows where it stands in the source."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, TypeAlias

from dblint.facts.text import Hole, Literal, Optional, Parameter, Place, Repeat, Text
from dblint.sql.tokens import BOUND, HOLE

Atom: TypeAlias = Literal | Parameter | Hole

_FOREIGN = str.maketrans({HOLE: "\ufffd", BOUND: "\ufffd"})


class Leaf(NamedTuple):
    """A piece without pieces of its own, and the numbers of the Optionals and Repeats around it."""

    piece: Atom
    optionals: tuple[int, ...] = ()
    repeats: tuple[int, ...] = ()


def leaves(text: Text) -> tuple[list[Leaf], int]:
    """The leaves of a text in order, each Repeat once, and how many Optionals it has."""
    found: list[Leaf] = []
    optionals = repeats = 0
    pending: list[tuple[object, tuple[int, ...], tuple[int, ...]]] = [(p, (), ()) for p in reversed(text.pieces)]
    while pending:
        piece, outer, around = pending.pop()
        if isinstance(piece, Optional):
            optionals += 1
            pending.extend((p, (*outer, optionals), around) for p in reversed(piece.pieces))
        elif isinstance(piece, Repeat):
            repeats += 1
            pending.extend((p, outer, (*around, repeats)) for p in reversed(piece.pieces))
        elif isinstance(piece, Hole) and len(piece.words) == 1:
            found.append(Leaf(Literal(piece.words[0], piece.place, exact=False), outer, around))
        elif isinstance(piece, Literal | Parameter | Hole):
            found.append(Leaf(piece, outer, around))
    return found, optionals


class Raw:
    """The leaves as one string, in which a Hole or Parameter is one private character."""

    __slots__ = ("_memo", "_starts", "leaves", "open", "text")

    def __init__(self, parts: list[Leaf], *, open_: bool = False) -> None:
        self.leaves = parts
        self.open = open_
        self._starts: list[int] = []
        self._memo = (-1, 0, 0)  # leaf, characters, bytes: the last offset that was computed
        words: list[str] = []
        length = 0
        for leaf in parts:
            self._starts.append(length)
            piece = leaf.piece
            if isinstance(piece, Literal):
                word = piece.text if piece.text.isascii() else piece.text.translate(_FOREIGN)
            else:
                word = HOLE if isinstance(piece, Hole) else BOUND
            words.append(word)
            length += len(word)
        self.text = "".join(words)

    def atom(self, position: int) -> Atom | None:
        """The piece that the character belongs to."""
        index = bisect_right(self._starts, position) - 1
        return self.leaves[index].piece if 0 <= index < len(self.leaves) else None

    def place(self, start: int, stop: int) -> Place | None:
        """Where `text[start:stop]` stands in the source, None where no literal or hole of it is known."""
        if stop <= start:
            stop = start + 1
        begin = self._edge(start, last=False)
        end = self._edge(stop - 1, last=True)
        if begin is None or end is None:
            known = begin or end
            return known[1] if known else None
        if begin[1].path != end[1].path or end[0] < begin[0]:
            return begin[1]
        return Place(begin[1].path, begin[0], end[0])

    def _edge(self, position: int, *, last: bool) -> tuple[int, Place] | None:
        """The byte offset before (or after) a character, and the place of its piece."""
        index = bisect_right(self._starts, position) - 1
        if not 0 <= index < len(self.leaves):
            return None
        piece = self.leaves[index].piece
        if isinstance(piece, Parameter) or piece.place is None:
            return None
        place = piece.place
        if isinstance(piece, Hole) or not piece.exact:
            return (place.stop if last else place.start), place
        return place.start + self._bytes(index, piece.text, position - self._starts[index] + last), place

    def _bytes(self, index: int, text: str, characters: int) -> int:
        """How many bytes the first `characters` of a literal take. Rising offsets cost only the difference."""
        if text.isascii():
            return characters
        leaf, known, size = self._memo
        if leaf != index or known > characters:
            known = size = 0
        size += len(text[known:characters].encode("utf-8", "surrogatepass"))
        self._memo = (index, characters, size)
        return size

    def cut(self, start: int, stop: int) -> Raw:
        """The part from `start` to `stop` as a text of its own. Only the last part stays open."""
        parts: list[Leaf] = []
        first = max(bisect_right(self._starts, start) - 1, 0)
        for index in range(first, len(self.leaves)):
            begin = self._starts[index]
            if begin >= stop:
                break
            leaf = self.leaves[index]
            piece = leaf.piece
            if isinstance(piece, Literal):
                low, high = max(start - begin, 0), min(stop - begin, len(piece.text))
                if low >= high:
                    continue
                if low > 0 or high < len(piece.text):
                    place = piece.place
                    if place is not None and piece.exact:
                        low_byte = place.start + self._bytes(index, piece.text, low)
                        place = Place(place.path, low_byte, place.start + self._bytes(index, piece.text, high))
                    leaf = leaf._replace(piece=Literal(piece.text[low:high], place, piece.exact))
                parts.append(leaf)
            elif begin >= start:
                parts.append(leaf)
        return Raw(parts, open_=self.open and stop >= len(self.text.rstrip(" \t\r\n;")))

    def show(self, start: int, stop: int) -> str:
        """A part for people: holes as `{source}`, bound values as `:name` or `?`."""
        text = self.text[start:stop]
        if HOLE not in text and BOUND not in text:
            return text
        parts: list[str] = []
        for offset, sign in enumerate(text):
            if sign not in (HOLE, BOUND):
                parts.append(sign)
                continue
            piece = self.atom(start + offset)
            if isinstance(piece, Hole):
                parts.append("{" + piece.source + "}")
            else:
                parts.append(f":{piece.name}" if isinstance(piece, Parameter) and piece.name.isidentifier() else "?")
        return "".join(parts)


def literal(text: str) -> Raw:
    """A string that stands nowhere."""
    return Raw([Leaf(Literal(text))])
