"""What could not be read in a Python file, and the comments in it that speak to dblint."""

from __future__ import annotations

from tree_sitter import Node

from dblint.facts.tree import Fault, Suppression

DIRECTIVE = b"dblint:"

_CONFLICT_MARKS = (b"<<<<<<< ", b"=======", b">>>>>>> ", b"||||||| ")


def faults(source: bytes, root: Node) -> tuple[Fault, ...]:
    """The parts of the file that are no Python, outermost first, in source order."""
    if not root.has_error:
        return ()
    marks = _conflict_marks(source, root)
    found = [Fault(start, stop, "merge conflict marker") for start, stop in marks]
    for node in _broken(root):
        start, stop = node.start_byte, node.end_byte
        if any(start < mark_stop and stop > mark_start for mark_start, mark_stop in marks):
            continue
        if node.is_missing:
            found.append(Fault(start, stop, f"syntax error: missing {node.type}"))
        else:
            found.append(Fault(start, stop, "syntax error"))
    return tuple(sorted(found, key=lambda fault: (fault.start, fault.stop)))


def _broken(root: Node) -> list[Node]:
    """ERROR and MISSING nodes that are in no other ERROR node."""
    found: list[Node] = []
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None:
            return found
        if node.is_error or node.is_missing:
            found.append(node)
        elif node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _conflict_marks(source: bytes, root: Node) -> list[tuple[int, int]]:
    """Start and stop of each line that version control put into the file."""
    if b"<<<<<<< " not in source:
        return []
    found: list[tuple[int, int]] = []
    start = 0
    for line in source.splitlines(keepends=True):
        if line.startswith(_CONFLICT_MARKS):
            text = line.rstrip(b"\r\n")
            at = root.descendant_for_byte_range(start, start + 1)
            if at is None or at.type not in ("comment", "string_content"):
                found.append((start, start + len(text)))
        start += len(line)
    return found


def suppressions(source: bytes, root: Node) -> tuple[Suppression, ...]:
    """Comments that contain `dblint:`; the text is what follows it."""
    found: list[Suppression] = []
    at = source.find(DIRECTIVE)
    while at >= 0:
        after = at + len(DIRECTIVE)
        node = root.descendant_for_byte_range(at, after)
        if node is not None and node.type == "comment" and not _is_word_byte(source[at - 1]):
            text = source[after : node.end_byte].rstrip()
            found.append(Suppression(at, after + len(text), text.decode("utf-8", "replace").strip()))
            after = node.end_byte
        at = source.find(DIRECTIVE, after)
    return tuple(found)


def _is_word_byte(byte: int) -> bool:
    return byte == 0x5F or byte >= 0x80 or chr(byte).isalnum()
