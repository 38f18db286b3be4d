"""What could not be read in a Python file, and the comments in it that speak to dblint."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node, Query, QueryCursor

from dblint.facts.tree import Fault, Remark, Suppression
from dblint.frontends import directives, remarks
from dblint.frontends.python_grammar import LANGUAGE

_CONFLICT_MARKS: Final = (b"<<<<<<< ", b"=======", b">>>>>>> ", b"||||||| ")
_STATEMENT_ENDINGS: Final = ("_statement", "_definition")
_COMMENTS: Final = Query(LANGUAGE, "(comment) @comment")

Span = tuple[int, int]


def faults(source: bytes, root: Node) -> tuple[Fault, ...]:
    """Lists the parts of the file that are no Python, in source order; of an ERROR in an ERROR, the outer one."""
    if not root.has_error:
        return ()
    broken = _broken(root)
    marks = _overlapping(_conflict_marks(source), [(fault.start, fault.stop) for fault in broken])
    found = [Fault(start, stop, "merge conflict marker") for start, stop in marks]
    at = 0
    for fault in broken:
        while at < len(marks) and marks[at][1] <= fault.start:
            at += 1
        if at == len(marks) or marks[at][0] >= fault.stop:
            found.append(fault)
    return tuple(sorted(found, key=lambda fault: (fault.start, fault.stop)))


def _broken(root: Node) -> list[Fault]:
    """One fault for each ERROR and MISSING node that is in no other ERROR, in source order.

    Where no statement around the error could be closed, tree-sitter makes an ERROR of the whole file: then the
    runs of what is between its statements are the faults.
    """
    found: list[Fault] = []
    cursor = root.walk()
    whole = root.is_error and cursor.goto_first_child()
    depth = 1 if whole else 0
    run = -1  # where the run began that is not over
    last = 0
    while True:
        node: Node = cursor.node  # type: ignore[assignment]
        if whole and depth == 1 and not node.is_error:
            if node.type.endswith(_STATEMENT_ENDINGS):
                if run >= 0:
                    found.append(Fault(run, last, "syntax error"))
                    run = -1
            elif not node.is_extra:
                run = node.start_byte if run < 0 else run
                last = node.end_byte
        if node.is_error:
            if run < 0:
                found.append(Fault(node.start_byte, node.end_byte, "syntax error"))
            else:
                last = node.end_byte
        elif run >= 0:
            pass
        elif node.is_missing:
            found.append(Fault(node.start_byte, node.end_byte, f"syntax error: missing {node.type}"))
        elif node.has_error and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            depth -= 1
            if not cursor.goto_parent() or (whole and depth == 0):
                if run >= 0:
                    found.append(Fault(run, last, "syntax error"))
                return found or [Fault(root.start_byte, root.end_byte, "syntax error")]


def _conflict_marks(source: bytes) -> list[Span]:
    """Start and stop of each line that looks as if version control had put it into the file."""
    if _CONFLICT_MARKS[0] not in source:
        return []
    found: list[Span] = []
    start = 0
    for line in source.splitlines(keepends=True):
        if line.startswith(_CONFLICT_MARKS):
            found.append((start, start + len(line.rstrip(b"\r\n"))))
        start += len(line)
    return found


def _overlapping(spans: list[Span], others: list[Span]) -> list[Span]:
    """Keeps the spans that have a byte in common with one of the others. Both lists are in source order."""
    found: list[Span] = []
    at = 0
    for start, stop in spans:
        while at < len(others) and others[at][1] <= start:
            at += 1
        if at < len(others) and others[at][0] < stop:
            found.append((start, stop))
    return found


def suppressions(source: bytes, root: Node) -> tuple[Suppression, ...]:
    """Finds the comments that may speak to dblint. No string is a comment.

    One that follows another on its line (`# noqa  # dblint: …`) is a comment of its own, though the language
    sees one.
    """
    if directives.find(source) < 0:
        return ()
    found: list[Suppression] = []
    for node in QueryCursor(_COMMENTS).captures(root).get("comment", []):
        start, stop = node.start_byte, node.end_byte
        at = directives.find(source, start, stop)
        if at >= 0:
            start = source.rfind(b"#", start, at)
            found.append(Suppression(start, stop, source[start:stop].decode("utf-8", "replace")))
    return tuple(sorted(found, key=lambda one: one.start))


def remarked(source: bytes, root: Node) -> tuple[Remark, ...]:
    """The comments in which the author says of the code beside it what a rule would say."""
    found: dict[int, Remark] = {}
    for position in remarks.positions(source):
        line = source.rfind(b"\n", 0, position) + 1
        if source.find(b"#", line, position) < 0:
            continue
        node = root.descendant_for_byte_range(position, position + 1)
        if node is not None and node.type == "comment" and node.start_byte not in found:
            found[node.start_byte] = remarks.remark(source, node.start_byte, node.end_byte)
    return tuple(found.values())
