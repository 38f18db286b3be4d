"""Type arguments that the grammar cannot read where they stand.

It does not know tagged templates with type arguments, ``sql<User>`SELECT …` ``, and no `typeof import(…)`
among the type arguments of a call: it reads comparisons, splits what stands between the commas, or stumbles.
TypeScript's own rule is that what parses as type arguments, right before a template or a parenthesis, is
just that. So such type arguments are found from their end backwards, read by themselves, and blanked in what
the grammar is given to read; the tree that it makes then has the right shape and the right places.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript.grammar import Grammar

_TOKENS: Final = 1000  # type arguments longer than this are not looked for
TYPE_PREFIX: Final = b"let x:X"
"""What makes type arguments a program."""

_WEIGHTS: Final = {"<": -1, ">": 1, ">>": 2, ">>>": 3}
_IMPORT_TYPE: Final = b"typeof import("


def find_type_arguments(root: Node, source: bytes, grammar: Grammar) -> dict[int, int]:
    """Where such type arguments end, which is where the template or the parenthesis begins → where they start."""
    found: dict[int, int] = {}
    position = source.find(b">`")
    while position >= 0:
        stop = position + 1
        token = root.descendant_for_byte_range(stop, stop + 1)
        if token is not None and token.type == "`" and not source.startswith(b"=", position - 1):
            template = token.parent
            if template is not None and template.type == "template_string" and template.start_byte == stop:
                start = _opening_bracket(root, stop)
                if start > 0 and not parse_types(source, start, stop, grammar).has_error:
                    found[stop] = start
        position = source.find(b">`", stop)
    position = source.find(_IMPORT_TYPE)
    while position >= 0:
        stop = source.find(b">(", position) + 1
        token = root.descendant_for_byte_range(position, position + 1)
        if stop > 0 and token is not None and token.type == "typeof":
            start = _opening_bracket(root, stop)
            if 0 < start < position and not _is_read(root, start):
                if not parse_types(source, start, stop, grammar).has_error:
                    found[stop] = start
        position = source.find(_IMPORT_TYPE, position + 1)
    return found


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


def _is_read(root: Node, start: int) -> bool:
    """Whether the bracket that opens here opens type arguments for the grammar too."""
    token = root.descendant_for_byte_range(start, start + 1)
    return token is not None and token.parent is not None and token.parent.type == "type_arguments"


def _opening_bracket(root: Node, stop: int) -> int:
    """Where the bracket opens that closes before `stop`; -1 where none does. Goes by tokens, because a
    comment or a string may hold brackets too."""
    depth = 0
    for _ in range(_TOKENS):
        if stop <= 0:
            return -1
        token = root.descendant_for_byte_range(stop - 1, stop)
        if token is None or token.type == "`":
            return -1
        if token.child_count:  # between tokens
            stop -= 1
            continue
        depth += _WEIGHTS.get(token.type, 0)
        stop = min(token.start_byte, stop - 1)
        if depth == 0:
            return stop
        if depth < 0:
            return -1
    return -1
