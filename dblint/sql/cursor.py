"""Reads a statement's tokens from left to right."""

from __future__ import annotations

from dblint.sql.prepared import PREFIX, Prepared
from dblint.sql.tokens import OPERATOR, QUOTED, STRING, WORD, Token, unquote, unstring
from dblint.sql.trees import SqlError

_SHOWN = 40
"""Characters of an unexpected token that a message shows."""
_CLOSING = {"(": ")", "[": "]"}


class Cursor:
    """A position among the tokens of a statement. Words are compared in upper case."""

    __slots__ = ("index", "pairs", "prepared", "stop", "tokens")

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.tokens = prepared.tokens
        self.index = 0
        self.stop = len(self.tokens)
        self.pairs = self._match()

    def _match(self) -> dict[int, int]:
        """Opening parenthesis → its closing one. Raises `SqlError` where one is missing."""
        pairs: dict[int, int] = {}
        opened: list[int] = []
        for index, token in enumerate(self.tokens):
            if token.kind != OPERATOR:
                continue
            if token.word in ("(", "["):
                opened.append(index)
            elif token.word in (")", "]"):
                if not opened or _CLOSING[self.tokens[opened[-1]].word] != token.word:
                    raise SqlError(f"unexpected `{token.word}`", token.start)
                pairs[opened.pop()] = index
        if opened:
            token = self.tokens[opened[-1]]
            raise SqlError(f"`{token.word}` is never closed", token.start)
        return pairs

    # Looking

    @property
    def done(self) -> bool:
        """Whether every token was read."""
        return self.index >= self.stop

    def peek(self, ahead: int = 0) -> Token | None:
        """A token that was not read yet."""
        index = self.index + ahead
        return self.tokens[index] if index < self.stop else None

    def word(self, ahead: int = 0) -> str:
        """Its word or sign, "" for everything else and past the end."""
        index = self.index + ahead
        return self.tokens[index].word if index < self.stop else ""

    def at(self, *words: str) -> bool:
        """Whether these words follow."""
        return all(self.word(ahead) == word for ahead, word in enumerate(words))

    def position(self) -> int:
        """Where the next token begins, or the last one ended."""
        token = self.peek()
        if token is not None:
            return token.start
        return self.tokens[self.stop - 1].stop if self.stop else 0

    def text(self, first: int, last: int) -> str:
        """The tokens from `first` up to `last` (not included) as written, for people."""
        if last <= first:
            return ""
        return " ".join(self.prepared.show(self.tokens[first].start, self.tokens[last - 1].stop).split())

    # Reading

    def accept(self, *words: str) -> bool:
        """Reads these words if they follow."""
        if self.at(*words):
            self.index += len(words)
            return True
        return False

    def any_of(self, *words: str) -> str:
        """Reads one of these words if it follows, and gives it."""
        found = self.word()
        if found and found in words:
            self.index += 1
            return found
        return ""

    def expect(self, *words: str) -> None:
        """Reads these words, or raises `SqlError`."""
        for word in words:
            if not self.accept(word):
                raise self.unexpected(f"`{word}`")

    def unexpected(self, wanted: str) -> SqlError:
        """The error that something else was due here."""
        token = self.tokens[self.index] if self.index < len(self.tokens) else None
        if token is None:
            return SqlError(f"{wanted} expected at the end", self.position())
        found = self.prepared.show(token.start, min(token.stop, token.start + _SHOWN))
        return SqlError(f"{wanted} expected, not `{found}`", token.start)

    def is_name(self, ahead: int = 0) -> bool:
        """Whether an identifier follows."""
        token = self.peek(ahead)
        return token is not None and token.kind in (WORD, QUOTED)

    def name(self) -> str:
        """Reads an identifier; "" where a part of it is interpolated. Raises `SqlError` where none follows."""
        token = self.peek()
        if token is None or token.kind not in (WORD, QUOTED, STRING):
            raise self.unexpected("a name")
        self.index += 1
        text = self.prepared.sql[token.start : token.stop]
        name = unstring(text) if token.kind == STRING else unquote(text)
        return "" if PREFIX in name else name

    def qualified(self) -> tuple[str, str]:
        """Reads `[catalog.][schema.]name` and gives schema and name."""
        parts = [self.name()]
        while self.word() == "." and self.is_name(1):
            self.index += 1
            parts.append(self.name())
        return (parts[-2] if len(parts) > 1 else ""), parts[-1]

    def group(self) -> tuple[int, int]:
        """Reads a parenthesised group and gives the indices of its first inner token and of its end."""
        if self.word() not in ("(", "["):
            raise self.unexpected("`(`")
        first = self.index + 1
        last = self.pairs[self.index]
        self.index = last + 1
        return first, last

    def names(self) -> tuple[str, ...]:
        """Reads `(name, name …)`; what follows a name in the list (length, order) is passed over."""
        first, last = self.group()
        after, self.index = self.index, first
        found: list[str] = []
        while self.index < last:
            found.append(self.name() if self.is_name() else "")
            self.to_comma(last)
        self.index = after
        return tuple(found)

    def to_comma(self, last: int) -> None:
        """Reads past the next comma of this level, or up to `last`."""
        while self.index < last:
            if self.word() == ",":
                self.index += 1
                return
            self.skip()

    def items(self, first: int, last: int) -> list[tuple[int, int]]:
        """The parts between the commas of this level, as (first token, end)."""
        found: list[tuple[int, int]] = []
        kept, self.index = self.index, first
        start = first
        while self.index < last:
            if self.word() == ",":
                found.append((start, self.index))
                start = self.index + 1
            self.skip()
        if start < last or found:
            found.append((start, last))
        self.index = kept
        return found

    def skip(self) -> None:
        """Reads one token, or a whole group; nothing at the end."""
        if self.index >= self.stop:
            return
        closing = self.pairs.get(self.index)
        self.index = self.index + 1 if closing is None else closing + 1
