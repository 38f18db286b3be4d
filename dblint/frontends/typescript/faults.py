"""What could not be read, and comments that speak to dblint."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.facts.tree import Fault, Suppression
from dblint.frontends.typescript import grammar
from dblint.frontends.typescript.chains import is_import_type
from dblint.frontends.typescript.grammar import ERROR_KIND

_MARK: Final = b"dblint:"


def gather_faults(root: Node, source: bytes, kinds: bytes) -> tuple[tuple[Fault, ...], frozenset[int]]:
    """The syntax errors of a tree in source order, and the ids of ERROR nodes that are none: known
    weaknesses of the grammar on valid code."""
    faults: list[Fault] = []
    excused: set[int] = set()
    stack = [(root, grammar.NOTHING)]
    while stack:
        node, above = stack.pop()
        kind = kinds[node.kind_id]
        if node.kind_id == ERROR_KIND:
            faults.append(Fault(node.start_byte, node.end_byte, "the syntax here is not understood"))
        elif node.is_missing:
            faults.append(Fault(node.start_byte, node.end_byte, f"`{node.type}` is missing here"))
        elif node.has_error:
            before: Node | None = None
            later: list[tuple[Node, int]] = []
            for child in node.children:
                if child.kind_id == ERROR_KIND and _is_excused(child, source, kinds, kind, above, before):
                    excused.add(child.id)
                else:
                    later.append((child, kind))
                before = child
            stack += reversed(later)
    return tuple(faults), frozenset(excused)


def _is_excused(error: Node, source: bytes, kinds: bytes, parent: int, above: int, before: Node | None) -> bool:
    """Whether an ERROR stands where the grammar is known to refuse valid code."""
    first = source[error.start_byte : error.start_byte + 1]
    if first == b"&":  # an ampersand in JSX text or in an attribute's string
        return parent == grammar.JSX_ELEMENT or (parent == grammar.STRING and above == grammar.JSX_ATTRIBUTE)
    if first == b"\\":  # an escape that only a tag may read, as in String.raw`\u`
        return parent == grammar.TEMPLATE_STRING and above == grammar.CALL_EXPRESSION
    if first == b">" and before is not None:  # the end of `f<typeof import("m")>()`
        rest = error.children[1:]
        return len(rest) == 1 and rest[0].child_count == 2 and _ends_in_import_type(before, source, kinds)
    return False


def _ends_in_import_type(node: Node, source: bytes, kinds: bytes) -> bool:
    """Whether the last thing in a node is `f<typeof import("m")`, read as a comparison."""
    while children := node.children:
        if kinds[node.kind_id] == grammar.BINARY_EXPRESSION:
            less = any(kinds[child.kind_id] == grammar.LESS for child in children)
            if less and is_import_type(children[-1], kinds, source):
                return True
        node = children[-1]
    return False


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
