"""Type arguments that the grammar cannot read where they stand.

It does not know tagged templates with type arguments, ``sql<User>`SELECT …` ``, and no `typeof import(…)`
among the type arguments of a call: it reads comparisons, splits what stands between the commas, or stumbles.
TypeScript's own rule is that what parses as type arguments, right before a template or a parenthesis, is
just that. So such type arguments are found from their end backwards, read by themselves, and blanked in what
the grammar is given to read; the tree that it makes then has the right shape and the right places.

Nor does it end a member of an object type at a line break that `[` follows (`id: string`, and on the next line
`[key: string]: any`): it reads an indexed type, which TypeScript has on one line only. A semicolon in the place of
what separates them says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript.grammar import Grammar

_LONGEST: Final = 4000  # bytes; longer type arguments are not looked for
TYPE_PREFIX: Final = b"let x:X"
"""What makes type arguments a program."""

_READ: Final = "< that opens type arguments"
_WEIGHTS: Final = {"<": -1, _READ: -1, ">": 1, ">>": 2, ">>>": 3}
_OPENING: Final = "` that opens"
_IMPORT_TYPE: Final = b"typeof import("
_INDEXED: Final = "lookup_type"


class _Tokens:
    """The tokens of a tree before some places, in source order."""

    def __init__(self, root: Node, places: list[int]) -> None:
        """Reads only what lies less than _LONGEST before a place, or right at it."""
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.types: list[str] = []
        stack: list[tuple[Node, str]] = [(root, "")]
        while stack:
            node, name = stack.pop()
            start = node.start_byte
            nearest = bisect_left(places, start)
            if nearest == len(places) or places[nearest] - _LONGEST > node.end_byte:
                continue
            children = node.children
            if not children:
                if node.end_byte > start:  # not one that is missing
                    self.starts.append(start)
                    self.stops.append(node.end_byte)
                    self.types.append(name or node.type)
                continue
            kind = node.type
            rest = [(child, "") for child in reversed(children)]
            if kind == "template_string":
                rest[-1] = (children[0], _OPENING)
            elif kind == "type_arguments":
                rest[-1] = (children[0], _READ)
            stack += rest

    def opening_bracket(self, stop: int) -> int:
        """The token that opens the brackets which close before `stop`; -1 where there is none. Goes by
        tokens, because a comment or a string may hold brackets too."""
        depth = 0
        for index in range(bisect_right(self.stops, stop) - 1, -1, -1):
            name = self.types[index]
            if name in ("`", _OPENING) or self.starts[index] < stop - _LONGEST:
                return -1
            depth += _WEIGHTS.get(name, 0)
            if depth <= 0:
                return index if depth == 0 else -1
        return -1

    def type_at(self, start: int) -> str:
        """The type of the token that starts there; "" where none does."""
        index = bisect_left(self.starts, start)
        return self.types[index] if index < len(self.starts) and self.starts[index] == start else ""


def find_type_arguments(root: Node, source: bytes, grammar: Grammar) -> dict[int, int]:
    """Where such type arguments end, which is where the template or the parenthesis begins → where they start."""
    tags = [place + 1 for place in _places(source, b">`") if not source.startswith(b"=", place - 1)]
    imports = {place: source.find(b">(", place) + 1 for place in _places(source, _IMPORT_TYPE)}
    stops = sorted({*tags, *(stop for stop in imports.values() if stop)} | set(imports))
    if not stops:
        return {}
    tokens = _Tokens(root, stops)
    candidates = [(stop, stop) for stop in tags if tokens.type_at(stop) == _OPENING]
    candidates += [(stop, place) for place, stop in imports.items() if stop and tokens.type_at(place) == "typeof"]
    found: dict[int, int] = {}
    for stop, within in candidates:
        bracket = tokens.opening_bracket(stop)
        if bracket < 0 or (within != stop and tokens.types[bracket] == _READ):
            continue
        start = tokens.starts[bracket]
        if 0 < start < within and not parse_types(source, start, stop, grammar).has_error:
            found[stop] = start
    return found


def _places(source: bytes, text: bytes) -> list[int]:
    places = []
    place = source.find(text)
    while place >= 0:
        places.append(place)
        place = source.find(text, place + 1)
    return places


def may_need_blanking(source: bytes) -> bool:
    """Whether a look at the tree can find anything."""
    return b">`" in source or _IMPORT_TYPE in source


def blank(source: bytes, found: dict[int, int]) -> bytes:
    """The source without the type arguments, everything else in its place."""
    text = bytearray(source)
    for stop, start in found.items():
        text[start:stop] = b" " * (stop - start)
    return bytes(text)


def parse_types(source: bytes, start: int, stop: int, grammar: Grammar) -> Node:
    """The type arguments between two places, read behind TYPE_PREFIX."""
    return grammar.parser.parse(TYPE_PREFIX + source[start:stop]).root_node


def find_ends_of_members(root: Node, source: bytes) -> list[int]:
    """Where members of an object type end with their line, and the grammar has stumbled over what follows."""
    found = []
    pending = [root]
    while pending:
        node = pending.pop()
        if not node.has_error:
            continue
        pending += node.children
        bracket = next((child for child in node.children if child.type == "["), None)
        if node.type != _INDEXED or bracket is None:
            continue
        place = node.children[0].end_byte
        if b"\n" in source[place : bracket.start_byte] and source[place : place + 1].isspace():
            found.append(place)
    return found


def end_members(source: bytes, places: list[int]) -> bytes:
    """The source with a semicolon in each of these places."""
    text = bytearray(source)
    for place in places:
        text[place] = ord(";")
    return bytes(text)
