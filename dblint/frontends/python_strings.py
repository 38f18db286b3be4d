"""Python string literals: where their text stands, and what the program sees of it."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

_SIMPLE_ESCAPES = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\n": "",
}
_HEXADECIMAL_ESCAPES = {"x": 2, "u": 4, "U": 8}
_OCTAL = "01234567"
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_REPLACEMENT = "\ufffd"


class Literal(NamedTuple):
    """Where a string literal's text stands, and how it is read."""

    start: int
    stop: int
    raw: bool
    formatted: bool
    binary: bool


def literal(source: bytes, start: int, stop: int) -> Literal:
    """Reads prefix and quotes of the literal at `start`; an unterminated one ends at `stop`."""
    begin = start
    while begin < stop and source[begin] not in b"'\"":
        begin += 1
    prefix = source[start:begin].lower()
    quote = source[begin : begin + 1]
    width = 3 if stop - begin >= 6 and source.startswith(quote * 3, begin) else 1
    first = min(begin + width, stop)
    last = stop - width
    if last < first or not source.startswith(quote * width, last):
        last = stop
    return Literal(first, last, b"r" in prefix, b"f" in prefix or b"t" in prefix, b"b" in prefix)


def cooked(text: bytes, *, raw: bool = False, formatted: bool = False, binary: bool = False) -> bytes:
    """The text of a literal as the program sees it, in UTF-8.

    Line ends become LF, as Python makes them. Escapes that Python does not know stay as they are. A lone
    surrogate, which no UTF-8 can hold, becomes U+FFFD. `formatted`: doubled braces stand for one.
    """
    content = text.decode("utf-8", "replace")
    if "\r" in content:
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    if formatted and ("{{" in content or "}}" in content):
        # Braces first: `\{{` is a backslash and a brace.
        content = "{".join(
            "}".join(part if raw else _unescaped(part, binary) for part in piece.split("}}"))
            for piece in content.split("{{")
        )
    elif not raw:
        content = _unescaped(content, binary)
    return content.encode("utf-8", "replace")


def _unescaped(content: str, binary: bool) -> str:
    at = content.find("\\")
    if at < 0:
        return content
    parts: list[str] = []
    done = 0
    while at >= 0:
        parts.append(content[done:at])
        character, done = _escape(content, at, binary)
        parts.append(character)
        at = content.find("\\", done)
    parts.append(content[done:])
    return "".join(parts)


def _escape(content: str, at: int, binary: bool) -> tuple[str, int]:
    """What the backslash at `at` and what follows stand for, and where that ends."""
    letter = content[at + 1 : at + 2]
    simple = _SIMPLE_ESCAPES.get(letter)
    if simple is not None:
        return simple, at + 2
    if letter and letter in _OCTAL:
        end = at + 2
        while end < at + 4 and content[end : end + 1] and content[end] in _OCTAL:
            end += 1
        return chr(int(content[at + 1 : end], 8)), end
    width = _HEXADECIMAL_ESCAPES.get(letter)
    if width is not None and not (binary and letter != "x"):
        digits = content[at + 2 : at + 2 + width]
        if len(digits) == width and _HEXADECIMAL.issuperset(digits):
            code = int(digits, 16)
            valid = code < 0x110000 and not 0xD800 <= code < 0xE000
            return (chr(code) if valid else _REPLACEMENT), at + 2 + width
    elif letter == "N" and not binary and content.startswith("{", at + 2):
        close = content.find("}", at + 3)
        if close > 0:
            try:
                return unicodedata.lookup(content[at + 3 : close]), close + 1
            except KeyError:
                pass
    return "\\", at + 1
