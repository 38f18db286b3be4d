"""Format strings of the host languages: where their fields stand and what fills them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from dblint.facts.text import Literal, Origin, Place

Fields: TypeAlias = Callable[[str], list[tuple[int, int, str, str]]]
CONVERTED = {
    **dict.fromkeys("difegxon", Origin.NUMBER),
    "I": Origin.IDENTIFIER,
    "L": Origin.RENDERED,
}
"""A field's conversion → what it makes of any value (`%I` and `%L` quote identifiers and literals)."""

_DOLLAR = re.compile(r"\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\})", re.IGNORECASE | re.ASCII)


def part(piece: Literal, start: int, stop: int) -> Literal:
    """The characters from `start` to `stop` of a literal, with the place where they stand."""
    place = piece.place
    if place is not None and piece.exact:
        before = len(piece.text[:start].encode("utf-8", "surrogatepass"))
        length = len(piece.text[start:stop].encode("utf-8", "surrogatepass"))
        place = Place(place.path, place.start + before, place.start + before + length)
    return Literal(piece.text[start:stop], place, piece.exact)


def percent_fields(text: str) -> list[tuple[int, int, str, str]]:
    """The fields of a %-format: (start, stop, name, conversion)."""
    fields: list[tuple[int, int, str, str]] = []
    index = text.find("%")
    while index >= 0 and index + 1 < len(text):
        stop, name = index + 1, ""
        if text[stop] == "(":
            close = text.find(")", stop)
            if close < 0:
                break
            name, stop = text[stop + 1 : close], close + 1
        while stop < len(text) and text[stop] in "#0- +.123456789":
            stop += 1
        if stop >= len(text):
            break
        if text[stop] in "sdifeEgGxXorac%IL":
            word = text[stop]
            fields.append((index, stop + 1, name, word if word in "IL" else word.lower()))
        index = text.find("%", stop + 1)
    return fields


def brace_fields(text: str) -> list[tuple[int, int, str, str]]:
    """The fields of a brace format: (start, stop, name, conversion)."""
    fields: list[tuple[int, int, str, str]] = []
    index = 0
    while index < len(text):
        character = text[index]
        if text.startswith(("{{", "}}"), index):
            fields.append((index, index + 2, "", "%"))
            index += 2
            continue
        if character == "{":
            close = text.find("}", index)
            if close < 0:
                break
            name, _, specification = text[index + 1 : close].partition(":")
            name = name.partition("!")[0].partition(".")[0].partition("[")[0]
            fields.append((index, close + 1, name, specification[-1:]))
            index = close + 1
            continue
        index += 1
    return fields


def dollar_fields(text: str) -> list[tuple[int, int, str, str]]:
    """The fields of `string.Template`, `$name` and `${name}`: (start, stop, name, conversion)."""
    return [
        (found.start(), found.end(), found[2] or found[3] or "", "%" if found[1] else "")
        for found in _DOLLAR.finditer(text)
    ]
