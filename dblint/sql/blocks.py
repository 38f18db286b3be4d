"""The plain statements inside a procedural block (`DO $$ BEGIN … END $$`)."""

from __future__ import annotations

from typing import NamedTuple

from dblint.sql.tokens import OPERATOR, WORD, scan, words

__all__ = ["Inner", "inner_statements"]

_VERBS = words(
    "ALTER CREATE DROP TRUNCATE INSERT UPDATE DELETE WITH SELECT MERGE COMMENT GRANT REVOKE REINDEX REFRESH LOCK COPY"
)
_OPENERS = words("BEGIN THEN ELSE LOOP DECLARE")


class Inner(NamedTuple):
    """A statement at `text[start:stop]`. `conditional`: it stands under an IF, in a loop or in a handler."""

    start: int
    stop: int
    conditional: bool


def inner_statements(text: str, dialect: str) -> list[Inner]:
    """The statements of a block, in order. Assignments, PERFORM, EXECUTE and RETURN are passed over."""
    tokens, _ = scan(text, dialect)
    found: list[Inner] = []
    depth = nested = 0
    handled = False
    begins = True  # a statement can begin with the next token
    start = -1
    stop = 0
    before = ""
    for kind, position, end, word in tokens:
        if start >= 0:
            depth += (word == "(") - (word == ")")
            if word == ";" and kind == OPERATOR and depth <= 0:
                found.append(Inner(start, stop, nested > 0 or handled))
                start, begins = -1, True
            stop = end
        elif begins and kind == WORD and word in _VERBS:
            start, stop, depth, begins = position, end, 0, False
        elif word in _OPENERS or word == ";":
            begins = True
            if word == "LOOP":
                nested += -1 if before == "END" else 1
        else:
            if kind == WORD and begins:
                if word in ("IF", "CASE"):
                    nested += before != "END"
                elif word == "EXCEPTION":
                    handled = True
                elif word == "END":
                    handled = False
            if before == "END" and word in ("IF", "CASE"):
                nested -= 1
            begins = word == "END"
        before = word
    return found
