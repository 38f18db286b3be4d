"""Tagged templates with type arguments: ``sql<User>`SELECT …` ``.

The grammar does not know them: it reads a comparison, or splits what stands between the commas of the type
arguments. TypeScript's own rule is that what parses as type arguments before a template is just that. So
the type arguments are found from the template backwards, read by themselves, and blanked in what the
grammar is given to read; the tree that it makes then has the right shape and the right places.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript.grammar import Grammar

_TOKENS: Final = 1000  # type arguments longer than this are not looked for
TYPE_PREFIX: Final = b"let x:X"
"""What makes type arguments a program."""

_WEIGHTS: Final = {"<": -1, ">": 1, ">>": 2, ">>>": 3}


def find_typed_tags(root: Node, source: bytes, grammar: Grammar) -> dict[int, int]:
    """Start of a template → start of the type arguments right before it."""
    found: dict[int, int] = {}
    position = source.find(b">`")
    while position >= 0:
        template = position + 1
        token = root.descendant_for_byte_range(template, template + 1)
        if token is not None and token.type == "`" and not source.startswith(b"=", position - 1):
            parent = token.parent
            if parent is not None and parent.type == "template_string" and parent.start_byte == template:
                start = _opening_bracket(root, template)
                if start > 0 and not parse_types(source, start, template, grammar).has_error:
                    found[template] = start
        position = source.find(b">`", template)
    return found


def parse_types(source: bytes, start: int, stop: int, grammar: Grammar) -> Node:
    """The type arguments between two places, read behind TYPE_PREFIX."""
    return grammar.parser.parse(TYPE_PREFIX + source[start:stop]).root_node


def blank(source: bytes, tags: dict[int, int]) -> bytes:
    """The source without the type arguments, everything else in its place."""
    text = bytearray(source)
    for stop, start in tags.items():
        text[start:stop] = b" " * (stop - start)
    return bytes(text)


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
