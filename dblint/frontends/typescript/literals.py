"""String and template text as the program sees it."""

from __future__ import annotations

from typing import Final

_SINGLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_LINE_ENDS: Final = "\n\r\u2028\u2029"
_OCTAL: Final = frozenset("01234567")
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
_REPLACEMENT: Final = "\ufffd"


def cook(text: str) -> str:
    """The text with its escape sequences read. One that means nothing (a tagged template may hold such)
    stays as written; half a surrogate pair, which no UTF-8 can carry, becomes U+FFFD."""
    pieces: list[str] = []
    surrogates = False
    position = 0
    while (backslash := text.find("\\", position)) >= 0:
        pieces.append(text[position:backslash])
        piece, position = _escape(text, backslash)
        surrogates = surrogates or (len(piece) == 1 and 0xD800 <= ord(piece) <= 0xDFFF)
        pieces.append(piece)
    pieces.append(text[position:])
    cooked = "".join(pieces)
    if surrogates:
        cooked = cooked.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return cooked


def cook_template(text: str) -> str:
    """The cooked text of a template's piece: line ends count as one line feed, however the file has them."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return cook(text) if "\\" in text else text


def _escape(text: str, backslash: int) -> tuple[str, int]:
    """What the escape sequence at a backslash means, and the position after it."""
    at = backslash + 1
    character = text[at : at + 1]
    if character in _SINGLE:
        return _SINGLE[character], at + 1
    if not character:
        return "\\", at
    if character in _LINE_ENDS:
        return "", at + (2 if text.startswith("\r\n", at) else 1)
    if character == "x":
        return _code(text, backslash, at + 1, at + 3)
    if character == "u":
        if text.startswith("{", at + 1):
            close = text.find("}", at)
            return _code(text, backslash, at + 2, close, close + 1) if close >= 0 else (text[backslash:], len(text))
        return _code(text, backslash, at + 1, at + 5)
    if character in _OCTAL:
        longest = 3 if character in "0123" else 2
        stop = at + 1
        while stop < at + longest and text[stop : stop + 1] in _OCTAL:
            stop += 1
        return chr(int(text[at:stop], 8)), stop
    return character, at + 1


def _code(text: str, backslash: int, start: int, stop: int, after: int = -1) -> tuple[str, int]:
    """The character whose number stands between two positions in hexadecimal."""
    digits = text[start:stop]
    after = stop if after < 0 else after
    if start + len(digits) == stop and digits and len(digits) <= 8 and _HEXADECIMAL.issuperset(digits):
        number = int(digits, 16)
        if number <= 0x10FFFF:
            return chr(number), after
    return text[backslash:start], start
