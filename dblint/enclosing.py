"""Where the statement around a place begins: a suppression that stands above it speaks for all of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from dblint.facts.text import Literal
from dblint.facts.tree import FileFacts, Kind, Role, Tree
from dblint.frontends.sql import SqlFile

Start = Callable[[int], int]
"""Byte offset → where the innermost statement around it begins."""


def statement_start(facts: object) -> Start:
    """The question for one file. In files without statements (a Prisma schema) every place stands for itself."""
    if isinstance(facts, FileFacts):
        tree = Tree(facts.body)
        return lambda offset: _in_tree(tree, offset)
    if isinstance(facts, SqlFile):
        starts = _sql(facts)
        return lambda offset: starts[index - 1] if (index := bisect_right(starts, offset)) else offset
    return lambda offset: offset


def _in_tree(tree: Tree, offset: int) -> int:
    """The start of the innermost child of a module or block that holds the offset."""
    start = offset
    node = 0 if len(tree) else -1
    while node >= 0:
        inner = next((child for child in tree.children(node) if tree.starts[child] <= offset < tree.stops[child]), -1)
        if inner >= 0 and tree.roles[inner] == Role.BODY and tree.kinds[node] in (Kind.MODULE, Kind.BLOCK):
            start = tree.starts[inner]
        node = inner
    return start


def _sql(facts: SqlFile) -> Sequence[int]:
    """Where the statements of a file of SQL begin, in bytes."""
    from dblint.sql.statements import split

    text = "".join(piece.text for piece in facts.text.pieces if isinstance(piece, Literal))
    starts: list[int] = []
    characters = size = 0
    for statement in split(text).statements:
        size += len(text[characters : statement.start].encode("utf-8", "surrogatepass"))
        characters = statement.start
        starts.append(size)
    return starts
