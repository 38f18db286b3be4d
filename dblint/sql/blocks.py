"""The statements inside a procedural block (`DO $$ BEGIN … END $$`)."""

from __future__ import annotations

from typing import NamedTuple

from dblint.sql.tokens import OPERATOR, WORD, Token, scan, words

__all__ = ["Inner", "inner_statements"]

_VERBS = words(
    "ALTER CREATE DROP TRUNCATE INSERT UPDATE DELETE WITH SELECT MERGE COMMENT GRANT REVOKE REINDEX REFRESH LOCK COPY "
    "EXECUTE EXEC PERFORM CALL RENAME"
)
_OPENERS = words("BEGIN THEN ELSE LOOP DECLARE")
_CHANGING = words("ALTER CREATE DROP TRUNCATE RENAME EXECUTE EXEC PERFORM CALL")
"""Words with which a statement begins that may change tables."""
_OF_QUERIES = words("IN FOR QUERY")
"""Words before an EXECUTE that only reads rows: `FOR r IN EXECUTE …`, `RETURN QUERY EXECUTE …`."""


class Inner(NamedTuple):
    """A statement at `text[start:stop]`. `verb`: its first word; `conditional`: it stands under an IF, in a loop, in a
    handler, or behind a RETURN that does."""

    start: int
    stop: int
    verb: str
    conditional: bool


def inner_statements(text: str, dialect: str) -> tuple[list[Inner], bool]:
    """The statements of a block in order, and whether these are all that may change tables. Assignments and RETURN are
    passed over."""
    tokens, faults = scan(text, dialect)
    found: list[Inner] = []
    depth = nested = 0
    handled = before_end = left = False
    begins = True  # a statement can begin with the next token
    first: Token | None = None
    stop = 0
    before = ""
    whole = not faults
    for token in tokens:
        kind, _, end, word = token
        if first is not None:
            depth += (word == "(") - (word == ")")
            if word == ";" and kind == OPERATOR and depth <= 0:
                found.append(Inner(first.start, stop, first.word, nested > 0 or handled or left))
                first, begins = None, True
            stop = end
            before = word
            continue
        if before == "RETURN":
            left = left or (word not in ("QUERY", "NEXT") and (nested > 0 or handled))
        if before == "END" and word in ("IF", "CASE", "LOOP"):
            handled = before_end
            nested -= 1
            begins = False
        elif begins and kind == WORD and word in _VERBS:
            first, stop, depth, begins = token, end, 0, False
        elif word in _OPENERS or word == ";":
            begins = True
            nested += word == "LOOP"
        else:
            if kind == WORD and begins:
                if word in ("IF", "CASE"):
                    nested += 1
                elif word == "EXCEPTION":
                    handled = True
                elif word == "END":
                    before_end, handled = handled, False
            if kind == WORD and word in _CHANGING and not (word == "EXECUTE" and before in _OF_QUERIES):
                whole = False
            begins = word == "END"
        before = word
    if first is not None:  # the last statement of a function in SQL needs no semicolon
        found.append(Inner(first.start, stop, first.word, nested > 0 or handled or left))
    return found, whole and depth <= 0
