"""Where a program asks for nothing but the truth of an expression, or whether a number is zero."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.tree import Kind, Role, Tree

_TESTING = frozenset({Kind.IF, Kind.LOOP, Kind.CONDITIONAL, Kind.CASE, Kind.COMPREHENSION})
"""What has conditions that are asked for their truth; what a SWITCH has there is compared."""
_JOINING = frozenset({"and", "or"})
_ASKING = re.compile(
    b"["
    + b"".join(re.escape(bytes([kind])) for kind in (*sorted(_TESTING), Kind.UNARY, Kind.BINARY, Kind.OPAQUE))
    + b"]",
    re.DOTALL,
)
_SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_EMPTY = {("==", 0): True, ("<", 1): True, ("<=", 0): True, ("!=", 0): False, (">", 0): False, (">=", 1): False}
"""Comparisons of how many there are that only say whether there is one → whether they hold where there is none."""
DEPTH = 40


def asked(tree: Tree) -> Iterator[int]:
    """The expressions whose truth is asked for, each once: conditions, what is negated, and of several that `and` and
    `or` join each that decides whether the next one is looked at."""
    seen: set[int] = set()
    for match in _ASKING.finditer(tree.kinds):
        node = match.start()
        kind = tree.kinds[node]
        if kind in _TESTING:
            pending = list(tree.with_role(node, Role.CONDITION))
        elif kind == Kind.OPAQUE:
            pending = [node + 1] if _asserted(tree, node + 1) else []
        elif kind == Kind.UNARY:
            pending = [node + 1] if tree.value(node) == "not" else []
        else:
            pending = list(tree.children(node))[:-1] if tree.value(node) in _JOINING else []
        while pending:
            inner = pending.pop()
            if tree.kinds[inner] == Kind.BINARY and tree.value(inner) in _JOINING:
                pending.append(list(tree.children(inner))[-1])  # those before it are asked for in their own turn
            elif inner not in seen and not (tree.kinds[inner] == Kind.UNARY and tree.value(inner) == "not"):
                seen.add(inner)
                yield inner


def operator(tree: Tree, node: int) -> str:
    """The operator that asks for the truth of an expression to choose between it and what follows, or ""."""
    parent = tree.parents[node]
    joined = parent >= 0 and tree.kinds[parent] == Kind.BINARY and tree.value(parent) in _JOINING
    return tree.value(parent) if joined and list(tree.children(parent))[-1] != node else ""


def _asserted(tree: Tree, node: int) -> bool:
    """Whether a statement asserts that an expression is true."""
    parent = node - 1
    return (
        parent >= 0
        and tree.kinds[parent] == Kind.OPAQUE
        and tree.value(parent) == "assert"
        and tree.ends[parent] > node
    )


def only(tree: Tree, node: int) -> bool:
    """Whether nothing but the truth of an expression is asked for, here and in what it is a part of."""
    for _ in range(DEPTH):
        parent = tree.parents[node]
        if parent < 0:
            return False
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind == Kind.UNARY:
            return tree.value(parent) == "not"
        if (kind in _TESTING and role == Role.CONDITION) or _asserted(tree, node):
            return True
        if kind != Kind.BINARY or tree.value(parent) not in _JOINING:
            return False
        node = parent
    return False


def of_number(tree: Tree, node: int) -> tuple[int, bool] | None:
    """The comparison by which a number of things at `node` only says whether there is one, or the node itself where
    its truth does, with whether that holds where there is none; None where the number counts."""
    parent = tree.parents[node]
    if parent >= 0 and tree.kinds[parent] == Kind.BINARY and tree.value(parent) not in _JOINING:
        sides = list(tree.children(parent))
        if len(sides) != 2:
            return None
        other = sides[1] if sides[0] == node else sides[0]
        word = tree.value(parent) if sides[0] == node else _SWAPPED.get(tree.value(parent), tree.value(parent))
        number = tree.value(other) if tree.kinds[other] == Kind.NUMBER else ""
        empty = _EMPTY.get((word, int(number))) if number in ("0", "1") else None
        return None if empty is None else (parent, empty)
    return (node, False) if only(tree, node) else None
