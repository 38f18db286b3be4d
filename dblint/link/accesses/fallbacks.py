"""Relations that are read only where another value of the same row is empty (`book.label or book.author.name`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.stores import chain
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.models import Models
    from dblint.link.types import Evaluator

_OR = frozenset({"or", "??"})
_EITHER = frozenset({"or", "and", "??"})
_PARTS = 16
"""Operands that are looked at."""
_THROUGH = frozenset({Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.AWAIT, Kind.CAST, Kind.HOLE, Kind.TEMPLATE})
"""What may be made of a relation inside of an operand."""
_TESTS = frozenset({(Kind.IF, Role.CONDITION), (Kind.CONDITIONAL, Role.CONDITION), (Kind.LOOP, Role.CONDITION)})


class Fallbacks:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator, models: Models) -> None:
        self.evaluator = evaluator
        self.models = models

    def behind(self, path: str, node: int) -> bool:
        """Whether a value is taken from `node` only where another one of the same row is empty: how many rows that are,
        only their data say. Where nothing but a truth is asked for, both are: it is no such place."""
        tree = self.evaluator.tree(path)
        name = _root(tree, node)
        if not name:
            return False
        child = node
        for parent in tree.ancestors(node):
            kind, role = tree.kinds[parent], tree.roles[child]
            if kind == Kind.BINARY and tree.value(parent) in _EITHER:
                if tree.value(parent) in _OR and role == Role.RIGHT and not _tested(tree, parent):
                    if self._holds(path, tree.child(parent, Role.LEFT), name):
                        return True
            elif kind == Kind.CONDITIONAL and role == Role.ELSE:
                condition, body = tree.child(parent, Role.CONDITION), tree.child(parent, Role.BODY)
                if chain(tree, condition) == chain(tree, body) and self._holds(path, condition, name):
                    return True
            elif kind not in _THROUGH and kind != Kind.CONDITIONAL:
                return False
            child = parent
        return False

    def _holds(self, path: str, left: int, name: str) -> bool:
        """Whether one of the operands is a value of the row that `name` holds, or of one that it leads to: a relation
        to one row, or a column that is more than true or false."""
        tree = self.evaluator.tree(path)
        for operand in _operands(tree, left):
            if tree.kinds[operand] != Kind.ATTRIBUTE or _root(tree, operand) != name:
                continue
            for owner in options(self.evaluator.value(path, operand + 1)):
                if not isinstance(owner, Instance):
                    continue
                related = self.models.relation(owner.cls, tree.value(operand))
                column = self.models.column(owner.cls, tree.value(operand))
                if (related is not None and not related.many) or (column is not None and column.type not in _TRUTHS):
                    return True
        return False


_TRUTHS = frozenset({"boolean", "bool", ""})


def _operands(tree: Tree, node: int) -> Iterator[int]:
    pending = [node]
    for _ in range(_PARTS):
        if not pending:
            return
        current = pending.pop()
        if current >= 0 and tree.kinds[current] == Kind.BINARY and tree.value(current) in _EITHER:
            pending += [tree.child(current, Role.RIGHT), tree.child(current, Role.LEFT)]
        elif current >= 0:
            yield current


def _tested(tree: Tree, node: int) -> bool:
    """Whether only the truth of an operation is asked for."""
    child = node
    for parent in tree.ancestors(node):
        kind, role = tree.kinds[parent], tree.roles[child]
        if kind == Kind.UNARY or (kind, role) in _TESTS or (kind == Kind.CLAUSE and role == Role.CONDITION):
            return True
        if kind != Kind.BINARY or tree.value(parent) not in _EITHER:
            return False
        child = parent
    return False


def _root(tree: Tree, node: int) -> str:
    """The name that a chain of attributes and calls begins with; "" for anything else."""
    while node >= 0 and tree.kinds[node] in (Kind.ATTRIBUTE, Kind.CALL):
        node += 1
    return tree.value(node) if node >= 0 and tree.kinds[node] == Kind.NAME else ""
