"""Bytes → text, and places in it.

Byte offsets are offsets in `Decoded.data`, which is what the front ends parse. For every file that is
UTF-8 already, `data` is the file itself, a byte order mark included: offsets are those of the original
bytes, and the mark, though it takes three bytes, takes no column. Only a Python file that declares
another encoding (PEP 263) is re-encoded: its offsets are those of its UTF-8 form.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from itertools import accumulate

import msgspec

from dblint.facts.tree import Fault

BYTE_ORDER_MARK = codecs.BOM_UTF8

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

# PEP 263 defines the declaration by this expression.
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#.*)?")

# Codecs that decode bytes to text and yet are no encodings of source text: they carry escapes or rewrite names.
_CHEATING_CODECS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_ASCII = bytes(range(128))


class Decoded(msgspec.Struct, frozen=True, array_like=True):
    """A source file as UTF-8. Offsets everywhere are offsets in `data`."""

    data: bytes
    encoding: str = "utf-8"
    """What the file itself is written in; "utf-8" means that `data` is the file as it was read."""


def decode(data: bytes, language: str) -> Decoded | Fault:
    """The file as UTF-8, or why it is no text. `language` "python" reads PEP 263 declarations."""
    for mark, name in _WIDE_MARKS:
        if data.startswith(mark):
            return Fault(0, len(data), f"{name} is not supported; save the file as UTF-8")
    nul = data.find(b"\0")
    if nul >= 0:
        return Fault(nul, nul + 1, _nul_message(data, nul))
    encoding = "utf-8"
    if language == "python":
        declared = _declared_encoding(data)
        if isinstance(declared, Fault):
            return declared
        encoding = declared
    if encoding == "utf-8":
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError as error:
                return Fault(error.start, error.start + 1, f"not valid UTF-8 at byte {error.start}")
        return Decoded(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return Fault(error.start, error.start + 1, f"not valid {encoding} at byte {error.start}")
    if "\0" in text:
        return Fault(0, len(data), f"NUL character in {encoding} text")
    return Decoded(text.encode(errors="replace"), encoding)


def _nul_message(data: bytes, nul: int) -> str:
    head = data[:1024]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) > 3 and max(even, odd) * 3 > len(head) and not min(even, odd):
        return "UTF-16 is not supported; save the file as UTF-8"
    if nul < len(head) and head.count(0) > 1:
        return "binary file"
    return f"NUL byte at byte {nul}"


def _declared_encoding(data: bytes) -> str | Fault:
    """The encoding a Python file declares in its first two lines; "utf-8" when it declares none."""
    marked = data.startswith(BYTE_ORDER_MARK)
    begin = len(BYTE_ORDER_MARK) if marked else 0
    for _ in range(2):
        line = _first_line(data, begin)
        match = _COOKIE.match(line)
        if match:
            start, stop = begin + match.start(1), begin + match.end(1)
            name = match[1].decode("ascii", "replace")
            encoding = _text_encoding(name)
            if encoding is None:
                return Fault(start, stop, f"unknown source encoding: {name}")
            if marked and encoding != "utf-8":
                return Fault(start, stop, f"source encoding {name} contradicts the UTF-8 byte order mark")
            return encoding
        if not _BLANK.fullmatch(line):
            break
        begin += len(line)
        begin += 2 if data.startswith(b"\r\n", begin) else 1
    return "utf-8"


def _first_line(data: bytes, begin: int) -> bytes:
    """The line that begins there, without its end."""
    feed = data.find(b"\n", begin)
    line = data[begin:] if feed < 0 else data[begin:feed]
    return line.partition(b"\r")[0]


def _text_encoding(name: str) -> str | None:
    """The codec's own name, or None when it is no encoding of source text."""
    try:
        codec = codecs.lookup(name)
        name = codec.name.replace("_", "-")
        if name in _CHEATING_CODECS or _ASCII.decode(codec.name) != _ASCII.decode("ascii"):
            return None
    except (LookupError, ValueError):
        # LookupError also where the codec is one of bytes to bytes (`hex`) or text to text (`rot13`).
        return None
    return "utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else codec.name


class Position(msgspec.Struct, frozen=True, array_like=True):
    """A place for people. Everything counts from 1."""

    line: int
    column: int
    """In code points."""
    utf16_column: int
    """In UTF-16 code units, which is what SARIF and editors count unless told otherwise."""


class LineTable:
    """Byte offset → line and column.

    Lines end at LF, CRLF and a lone CR, and nowhere else: so do Python, the language server protocol and
    editors. U+2028 and U+2029, which end a line in JavaScript's grammar, do not: an editor would show, and
    GitHub would mark, another line. Neither do form feed, vertical tab and U+0085.
    """

    __slots__ = ("_data", "_first", "_starts", "_stops")

    def __init__(self, data: bytes) -> None:
        """`data`: UTF-8, as in `Decoded.data`."""
        self._data = data
        lines = data.splitlines(keepends=True)  # of bytes: splits at LF, CRLF and CR alone
        ends = list(accumulate(map(len, lines)))
        self._starts = [0, *ends] if not data or data.endswith((b"\n", b"\r")) else [0, *ends[:-1]]
        self._first = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0

    def __len__(self) -> int:
        """How many lines there are; an empty file has one."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line a byte offset is on, from 1. Offsets past the end are on the last line."""
        return bisect_right(self._starts, max(offset, 0))

    def position(self, offset: int) -> Position:
        """The place of a byte offset; offsets outside the file are drawn to its ends."""
        offset = min(max(offset, 0), len(self._data))
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        if line == 1:
            start = min(self._first, offset)
        text = self._data[start:offset]
        if text.isascii():
            column = len(text) + 1
            return Position(line, column, column)
        # An offset inside a character counts as the character's start.
        characters = text.decode("utf-8", "ignore")
        return Position(line, len(characters) + 1, len(characters.encode("utf-16-le")) // 2 + 1)

    def line_span(self, line: int) -> tuple[int, int]:
        """Start and stop of a line's text, without its end and without a byte order mark.

        Raises IndexError for a line that is not there.
        """
        if not 0 < line <= len(self._starts):
            raise IndexError(line)
        start = self._starts[line - 1]
        stop = self._starts[line] if line < len(self._starts) else len(self._data)
        if line == 1:
            start = min(self._first, stop)
        text = self._data[start:stop]
        return start, stop - (len(text) - len(text.rstrip(b"\r\n")))

    def text(self, line: int) -> str:
        """A line's text, without its end. Raises IndexError for a line that is not there."""
        start, stop = self.line_span(line)
        return self._data[start:stop].decode("utf-8", "replace")
