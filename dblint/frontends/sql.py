"""SQL files: the whole file as one `Text`, and the comments in it that speak to dblint.

Nothing is split or parsed here: where a statement ends depends on the dialect, which link knows.
"""

from __future__ import annotations

import re

import msgspec

from dblint.facts.text import Literal, Place, Text
from dblint.facts.tree import Fault, Suppression
from dblint.frontends import directives

__all__ = ["SqlFile", "extract", "unread"]

_OPENING = re.compile(
    rb"'|\"|`|--|/\*|\$(?:[A-Za-z_]\w*+)?\$"
    rb"|(?:^|;)[ \t]*+#|[,(][ \t]*+#(?=[ \t])|(?<!\{)#(?=[# \t]*+%b)" % directives.PATTERN,
    re.MULTILINE,
)
"""What begins a string, a quoted name or a comment. `#` begins one in MySQL, where it is an operator in PostgreSQL and
part of a table's name in T-SQL: it is taken for a comment where it is neither, and where what follows speaks to
dblint."""
_LINE = re.compile(rb"[^\r\n]*+")
_BLOCK = re.compile(rb"/\*|\*/")
_PLAIN = {quote: re.compile(rb"[^%b]*+(?:%b%b[^%b]*+)*+%b" % ((quote,) * 5)) for quote in (b"'", b'"', b"`")}
_ESCAPED = {**_PLAIN, b"'": re.compile(rb"(?:[^'\\]++|\\.|'')*+'", re.DOTALL)}


class SqlFile(msgspec.Struct, frozen=True, array_like=True):
    """A SQL file: its text, the comments that speak to dblint, and why it could not be read, if so."""

    path: str
    text: Text = Text(())
    suppressions: tuple[Suppression, ...] = ()
    faults: tuple[Fault, ...] = ()


def extract(source: bytes, path: str) -> SqlFile:
    """The file's text as one literal. `source` is UTF-8, a byte order mark included; offsets are its bytes."""
    text = source.decode("utf-8", "replace")
    literal = Literal(text, Place(path, 0, len(source)))
    return SqlFile(path, Text((literal,) if text else ()), _suppressions(source))


def unread(path: str, fault: Fault) -> SqlFile:
    """A file that is no text."""
    return SqlFile(path, faults=(fault,))


def _suppressions(source: bytes) -> tuple[Suppression, ...]:
    """The comments that hold a directive, by the standard's strings or, where those do not close, MySQL's."""
    if directives.find(source) < 0:
        return ()
    found = _comments(source, _PLAIN)
    if found is None:
        found = _comments(source, _ESCAPED)
    return tuple(_suppression(source, start, stop) for start, stop in found or ())


def _suppression(source: bytes, start: int, stop: int) -> Suppression:
    """One comment. What stands before the last `--` in front of the directive is another comment's text."""
    at = directives.find(source, start, stop)
    if source.startswith(b"--", start):
        start = max(start, source.rfind(b"--", start, at))
    return Suppression(start, stop, source[start:stop].decode("utf-8", "replace"))


def _comments(source: bytes, strings: dict[bytes, re.Pattern[bytes]]) -> list[tuple[int, int]] | None:
    """The spans of the comments with a directive, None where a string is never closed."""
    found: list[tuple[int, int]] = []
    position = 0
    nested = True
    while True:
        opening = _OPENING.search(source, position)
        if opening is None:
            return found
        sign, start = opening.group().strip(b" \t;,("), opening.start()
        if sign in (b"--", b"#"):
            start = opening.end() - len(sign)
            position = _line_end(source, start)
        elif sign == b"/*":
            end = _nested_end(source, start) if nested else -1
            nested = end >= 0
            plain = source.find(b"*/", start + 2)
            position = end if nested else len(source) if plain < 0 else plain + 2
        elif sign.startswith(b"$"):
            end = source.find(sign, opening.end())
            position = len(source) if end < 0 else end + len(sign)
            continue
        else:
            closing = strings[sign].match(source, opening.end())
            if closing is None:
                return None
            position = closing.end()
            continue
        if directives.find(source, start, position) >= 0:
            found.append((start, position))


def _line_end(source: bytes, start: int) -> int:
    match = _LINE.match(source, start)
    return match.end() if match else len(source)


def _nested_end(source: bytes, start: int) -> int:
    """Where a block comment ends by PostgreSQL's rules, by which they nest; -1 where it never does."""
    depth = 0
    for edge in _BLOCK.finditer(source, start):
        depth += 1 if edge.group() == b"/*" else -1
        if not depth:
            return edge.end()
    return -1
