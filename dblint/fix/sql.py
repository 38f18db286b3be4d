"""Statements of SQL files: words and statements are put in, and nothing is taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dblint.facts.fixes import Rewriting
from dblint.fix.changes import Change, WithheldError
from dblint.fix.lines import line_end
from dblint.sql.statements import Statement, split
from dblint.sql.tokens import scan

WRITES: Mapping[str, Rewriting] = {
    "concurrent-index": Rewriting("CONCURRENTLY", "words", behind="INDEX"),
    "index": Rewriting("{statement}", "statement"),
    "index-of-column": Rewriting("{statement}", "statement"),
}
"""How remedies are written in SQL, whatever sends it."""

_TERMINATOR = re.compile(r"\s*;")
_REST = re.compile(r"[ \t]*(?:--[^\r\n]*)?(?=[\r\n]|\Z)")
_DELIMITER = re.compile(r"(?im)^[ \t]*delimiter\b")


def words(data: bytes, start: int, added: str, behind: str) -> Change:
    """Puts words behind the first such word of the statement that begins at an offset, in its case. Raises
    `WithheldError`, also where they stand there already."""
    text = data.decode()
    statement = _around(text, data, start)
    if len(text[: statement.start].encode()) != start:
        raise WithheldError("it is a part of another statement")
    tokens, _ = scan(statement.text)
    for number, token in enumerate(tokens):
        if token.word == behind:
            if tokens[number + 1 : number + 2] and tokens[number + 1].word == added:
                raise WithheldError("it says so already")
            written = statement.text[token.start : token.stop]
            place = len(text[: statement.start + token.stop].encode())
            return Change(place, place, f" {added.lower() if written.islower() else added}".encode())
    raise WithheldError(f"there is no {behind} in the statement")


def statement(data: bytes, start: int, added: str) -> Change:
    """Puts a statement behind the one that an offset lies in. Raises `WithheldError`."""
    text = data.decode()
    if _DELIMITER.search(text):
        raise WithheldError("the file says itself what ends a statement")
    end = line_end(data).decode()
    around = _around(text, data, start)
    terminator = _TERMINATOR.match(text, around.stop)
    stop = terminator.end() if terminator is not None else around.stop
    rest = _REST.match(text, stop)
    if terminator is not None and rest is not None:
        stop = rest.end()
    place = len(text[:stop].encode())
    return Change(place, place, f"{'' if terminator is not None else ';'}{end}{added}".encode())


def _around(text: str, data: bytes, start: int) -> Statement:
    """The statement that a byte of the file belongs to."""
    found = split(text)
    offset = len(data[:start].decode("utf-8", "replace"))
    around = next((each for each in found.statements if each.start <= offset < each.stop), None)
    if around is None or found.faults or around.kind != "sql":
        raise WithheldError("the statement is not read")
    return around
