"""Makes text from strangers fit for a terminal: nothing that moves the cursor, recolours or reorders gets out."""

from __future__ import annotations

import unicodedata

TAB_WIDTH = 4

_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u2028\u2029\u2060\u2061\u2062\u2063\u2064\ufeff")


def visible(text: str) -> str:
    """The text as one line without tabs. C0 controls become pictures (`␛`); other controls, reordering and
    invisible characters, lone surrogates and what is no character become escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def visible_path(path: str) -> str:
    """The path as the beginning of a line, and no workflow command: GitHub Actions reads the output of every step,
    and runs a line that begins with `::`."""
    shown = visible(path)
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def visible_line(text: str) -> str:
    """The text as a line of its own, and no workflow command either."""
    shown = visible(text)
    return shown.replace("::", r"\x3a:", 1) if shown.lstrip().startswith("::") else shown


def prose(text: str) -> str:
    """The text with its lines and tabs, for readers that are no terminal, and hand it to one: whatever format it is
    in, a control character that a stranger wrote shows as what `visible` makes of it."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(character if character in "\n\t" else _shown(character) for character in text)


def scalars(text: str) -> str:
    """The text as it is, a path, with lone surrogates as escapes: many readers of JSON refuse them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shown(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return " " * TAB_WIDTH
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0xA0 and code >= 0x80:
        return f"\\x{code:02x}"
    if character in _REORDERING or character in _INVISIBLE or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return f"\\u{code:04x}"
    if 0xE0000 <= code <= 0xE007F:
        return f"\\U{code:08x}"
    return character


def width(text: str) -> int:
    """How many terminal cells a text takes that `visible` gave."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
