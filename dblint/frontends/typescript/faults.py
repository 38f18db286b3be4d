"""What could not be read, and comments that speak to dblint."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.facts.tree import Fault, Suppression
from dblint.frontends.typescript import grammar
from dblint.frontends.typescript.grammar import ERROR_KIND

_MARK: Final = b"dblint:"


def gather_faults(root: Node, source: bytes, kinds: bytes) -> tuple[Fault, ...]:
    """The syntax errors of a tree in source order, without those that are known weaknesses of the grammar
    on valid code."""
    faults: list[Fault] = []
    stack: list[tuple[Node, int, int]] = [(root, grammar.NOTHING, grammar.NOTHING)]
    while stack:
        node, parent, grandparent = stack.pop()
        kind = kinds[node.kind_id]
        if node.kind_id == ERROR_KIND:
            if not _is_excused(node, source, parent, grandparent):
                faults.append(Fault(node.start_byte, node.end_byte, "the syntax here is not understood"))
        elif node.is_missing:
            faults.append(Fault(node.start_byte, node.end_byte, f"`{node.type}` is missing here"))
        elif node.has_error and not (kind == grammar.NON_NULL and _is_typed_tag(node, kinds, parent)):
            stack += [(child, kind, parent) for child in reversed(node.children)]
    return tuple(faults)


def _is_excused(node: Node, source: bytes, parent: int, grandparent: int) -> bool:
    """Whether an ERROR stands where the grammar is known to refuse valid code."""
    first = source[node.start_byte : node.start_byte + 1]
    if first == b"&":  # an ampersand in JSX text or in an attribute's string
        return parent == grammar.JSX_ELEMENT or (parent == grammar.STRING and grandparent == grammar.JSX_ATTRIBUTE)
    if first == b"\\":  # an escape that only a tag may read, as in String.raw`\u`
        return parent == grammar.TEMPLATE_STRING and grandparent == grammar.CALL_EXPRESSION
    return False


def _is_typed_tag(node: Node, kinds: bytes, parent: int) -> bool:
    """``f<T[]>`x` ``, where the grammar misses a `!` that must not be there."""
    return (
        parent == grammar.CALL_EXPRESSION
        and kinds[node.children[0].kind_id] == grammar.INSTANTIATION
        and not node.children[0].has_error
        and node.children[-1].is_missing
    )


def gather_suppressions(root: Node, source: bytes) -> tuple[Suppression, ...]:
    """The comments that contain `dblint:`, as written."""
    found: list[Suppression] = []
    position = source.find(_MARK)
    while position >= 0:
        node = root.descendant_for_byte_range(position, position + len(_MARK))
        after = position + len(_MARK)
        if node is not None and node.type in ("comment", "html_comment"):
            after = node.end_byte
            text = source[node.start_byte : after].decode("utf-8", "replace")
            found.append(Suppression(node.start_byte, after, text))
        position = source.find(_MARK, after)
    return tuple(found)
