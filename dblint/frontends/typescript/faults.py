"""What could not be read, and comments that speak to dblint."""

from __future__ import annotations

from tree_sitter import Node

from dblint.facts.tree import Fault, Remark, Suppression
from dblint.frontends import directives, remarks
from dblint.frontends.typescript import grammar
from dblint.frontends.typescript.grammar import ERROR_KIND


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
            later: list[tuple[Node, int]] = []
            for child in node.children:
                if child.kind_id == ERROR_KIND and _is_excused(child, source, kind, above):
                    excused.add(child.id)
                else:
                    later.append((child, kind))
            stack += reversed(later)
    return tuple(faults), frozenset(excused)


def _is_excused(error: Node, source: bytes, parent: int, above: int) -> bool:
    """Whether an ERROR stands where the grammar is known to refuse valid code."""
    first = source[error.start_byte : error.start_byte + 1]
    if first == b"&":  # an ampersand in JSX text or in an attribute's string
        return parent == grammar.JSX_ELEMENT or (parent == grammar.STRING and above == grammar.JSX_ATTRIBUTE)
    if first == b"\\":  # an escape that only a tag may read, as in String.raw`\u`
        return parent == grammar.TEMPLATE_STRING and above == grammar.CALL_EXPRESSION
    if parent == grammar.EXPORT_STATEMENT:  # `export type * from "m"`
        return source[error.start_byte : error.end_byte] == b"type"
    return False


def gather_suppressions(root: Node, source: bytes) -> tuple[Suppression, ...]:
    """The comments that may speak to dblint, as written. One that follows another on its line (`// x // dblint: …`)
    is a comment of its own, though the language sees one."""
    found: list[Suppression] = []
    position = directives.find(source)
    while position >= 0:
        node = root.descendant_for_byte_range(position, position + 1)
        after = position + 1
        if node is not None and node.type in ("comment", "html_comment"):
            start, after = node.start_byte, node.end_byte
            if source.startswith(b"//", start):
                start = source.rfind(b"//", start, position)
            found.append(Suppression(start, after, source[start:after].decode("utf-8", "replace")))
        position = directives.find(source, after)
    return tuple(found)


def gather_remarks(root: Node, source: bytes) -> tuple[Remark, ...]:
    """The comments in which the author says of the code beside it what a rule would say."""
    found: dict[int, Remark] = {}
    for position in remarks.positions(source):
        node = root.descendant_for_byte_range(position, position + 1)
        if node is not None and node.type in ("comment", "html_comment") and node.start_byte not in found:
            found[node.start_byte] = remarks.remark(source, node.start_byte, node.end_byte)
    return tuple(found.values())
