"""Long VALUES and IN lists: what of them can be left out before parsing."""

from __future__ import annotations

from typing import NamedTuple

from dblint.sql.tokens import COMMENT, GROUP, OPERATOR, WORD, Scanner, Token

LONG = 6000
"""Characters from which on a statement is looked through."""
ROWS = 3
"""Rows of a VALUES list that are kept."""
ITEMS = 20
"""Items of an IN list that are kept."""


class Cut(NamedTuple):
    """`text[start:stop]` can be left out; `size` is the whole list's length."""

    start: int
    stop: int
    size: int


def cuts(text: str, dialect: str) -> list[Cut]:
    """The parts of a long statement that only repeat what stands before them, in order."""
    if len(text) < LONG:
        return []
    return _Lists(text, dialect).run()


class _Lists:
    """One pass over a statement. At most one VALUES list (at its depth) and one IN list are open."""

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self.found: list[Cut] = []
        self.depth = 0
        self.values_depth = -1  # the depth at which a VALUES list stands
        self.rows = 0
        self.kept = 0  # where the last row that is kept ends
        self.row_end = 0
        self.comma = False
        self.in_depth = -1
        self.items = 0
        self.item_kept = 0
        self.previous = ""
        self.last = 0  # where the token before ended

    def run(self) -> list[Cut]:
        """Reads the statement."""
        scanner = Scanner(self.text, self.dialect, skim=True)
        token = scanner.next()
        while token is not None:
            if token.kind != COMMENT:
                self.take(token)
                self.previous = token.word
                self.last = token.stop
            token = scanner.next()
        self.end_values()
        return sorted(self.found)

    def take(self, token: Token) -> None:
        """Follows one token."""
        kind, start, stop, word = token
        if kind == GROUP:
            if self.previous == "IN" or self.previous == "ARRAY":
                self.flat(start, stop)
            elif self.depth == self.values_depth and self.comma:
                self.row(stop)
            return
        if kind == OPERATOR:
            if word == "(":
                if self.in_depth < 0 and self.previous == "IN":
                    self.in_depth, self.items, self.item_kept = self.depth + 1, 0, 0
                self.depth += 1
                return
            if word == ")":
                if self.depth == self.in_depth:
                    self.end_items()
                self.depth -= 1
                if self.depth == self.values_depth and self.comma:
                    self.row(stop)
                return
            if word == ",":
                if self.depth == self.in_depth:
                    self.items += 1
                    if self.items == ITEMS:
                        self.item_kept = self.last
                if self.depth == self.values_depth:
                    self.comma = True
                    return
        if self.depth == self.values_depth:
            self.end_values()
        if kind == WORD and (word == "VALUES" or word == "VALUE") and self.values_depth < 0:
            self.values_depth, self.rows, self.comma = self.depth, 0, True

    def row(self, stop: int) -> None:
        """A row of the VALUES list ends."""
        self.rows += 1
        self.row_end = stop
        self.comma = False
        if self.rows == ROWS:
            self.kept = stop

    def end_values(self) -> None:
        """The VALUES list ends."""
        if self.values_depth >= 0 and self.rows > ROWS:
            self.found = [cut for cut in self.found if cut.stop <= self.kept or cut.start >= self.row_end]
            self.found.append(Cut(self.kept, self.row_end, self.rows))
        self.values_depth = -1

    def end_items(self) -> None:
        """The IN list ends."""
        if self.item_kept:
            self.found.append(Cut(self.item_kept, self.last, self.items + 1))
        self.in_depth = -1

    def flat(self, start: int, stop: int) -> None:
        """An IN list that is one flat group."""
        if stop - start < LONG // 4:
            return
        scanner = Scanner(self.text, self.dialect)
        scanner.position = start + 1
        items = 0
        last = start + 1
        token = scanner.next()
        while token is not None and token.stop < stop:
            if token.word == ",":
                items += 1
                if items == ITEMS:
                    self.found.append(Cut(last, stop - 1, ITEMS + _commas(self.text[last : stop - 1])))
                    return
            last = token.stop
            token = scanner.next()


def _commas(text: str) -> int:
    """The commas outside of strings. The strings of a flat group have no escapes but doubled quotes."""
    return sum(part.count(",") for part in text.split("'")[::2])
