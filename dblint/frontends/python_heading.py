"""The time that a Python file's opening comments or its docstring tell."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tree_sitter import Node

_TIMES: Final = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def written(source: bytes, root: Node) -> str:
    """The first time in what stands before the code, as ISO 8601 writes it. "" where there is none."""
    cursor = root.walk()
    more = cursor.goto_first_child()
    while more:
        node: Node = cursor.node  # type: ignore[assignment]
        inner = node.child(0) if node.type == "expression_statement" else None
        if node.type != "comment" and (inner is None or inner.type != "string"):
            break
        words = source[node.start_byte : node.end_byte].decode(errors="replace").split()
        for first, second in zip(words, [*words[1:], ""], strict=False):
            if found := _time(first, second):
                return found
        more = cursor.goto_next_sibling()
    return ""


def _time(first: str, second: str) -> str:
    """The time that two words tell, or the first one of them."""
    if first.count("-") != 2 or not first[:1].isdigit():
        return ""
    for text in (f"{first} {second}", first):
        for form in _TIMES:
            try:
                return datetime.strptime(text, form).isoformat()
            except ValueError:
                continue
    return ""
