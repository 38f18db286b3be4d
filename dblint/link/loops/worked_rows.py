"""Rows that a turn of a loop reads to do something with each of them, or to see whether it does anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.deciding import leaves

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 16
"""Names through which rows are followed."""


class WorkedRows:
    """Finds them. One per evaluator. `listed`: whether an expression is a list of any length."""

    def __init__(self, evaluator: Evaluator, listed: Callable[[str, int], bool]) -> None:
        self.evaluator = evaluator
        self.listed = listed

    def handed(self, path: str, loop: int, read: int, work: int) -> bool:
        """Whether a call in a loop (`work`) is given the rows that another one in it has read (`read`): as a list, or
        one by one by an inner loop around it."""
        tree = self.evaluator.tree(path)
        if any(self._gives(path, each, loop, read) for each in _gone_through(tree, loop, work)):
            return True
        return any(self.listed(path, each) and self._gives(path, each, loop, read) for each in _given(tree, work))

    def decides(self, path: str, loop: int, read: int, work: int) -> bool:
        """Whether the turn comes to a call (`work`) or not by what another one in it has read (`read`): a branch
        around it, or one before it that leaves the turn, asks for that."""
        tree = self.evaluator.tree(path)
        return any(self._gives(path, each, loop, read) for each in _conditions(tree, loop, work))

    def _gives(self, path: str, node: int, loop: int, read: int) -> bool:
        """Whether an expression is made of what a call in the loop has read."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        pending, seen = [node], {node}
        for _ in range(STEPS):
            if not pending:
                return False
            at = pending.pop()
            if tree.contains(at, read):
                return True
            for name in _names(tree, at):
                for binding, _ in scope.reaching(name, tree.value(name)) or ():
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value >= 0 and value not in seen and tree.contains(loop, value):
                        seen.add(value)
                        pending.append(value)
        return False


def _gone_through(tree: Tree, loop: int, node: int) -> Iterator[int]:
    """What loops inside a loop go through, around a node."""
    child = node
    for parent in tree.ancestors(node):
        if parent == loop:
            return
        if tree.kinds[parent] == Kind.LOOP and tree.roles[child] == Role.BODY:
            iterable = tree.child(parent, Role.ITERABLE)
            if iterable >= 0:
                yield iterable
        elif tree.kinds[parent] == Kind.CALL and tree.kinds[child] == Kind.FUNCTION:
            if tree.kinds[parent + 1] == Kind.ATTRIBUTE and parent + 2 < child:
                yield parent + 2
        child = parent


def _conditions(tree: Tree, loop: int, node: int) -> Iterator[int]:
    """The conditions of branches around a node in a loop, and of those before it that may leave the turn."""
    child = node
    for parent in tree.ancestors(node):
        if parent == loop or tree.kinds[parent] == Kind.FUNCTION:
            return
        if tree.kinds[parent] == Kind.IF and tree.roles[child] in (Role.BODY, Role.ELSE):
            yield tree.child(parent, Role.CONDITION)
        elif tree.kinds[parent] == Kind.BLOCK:
            for before in tree.children(parent):
                if before < child and tree.kinds[before] == Kind.IF and leaves(tree, before):
                    yield tree.child(before, Role.CONDITION)
        child = parent


def _given(tree: Tree, call: int) -> Iterator[int]:
    """What a call is given, also as entries of objects."""
    pending = list(tree.with_role(call, Role.ARGUMENT))
    while pending:
        node = pending.pop()
        if tree.kinds[node] in (Kind.OBJECT, Kind.PAIR, Kind.KEYWORD):
            pending += tree.children(node)
        elif tree.kinds[node] != Kind.FUNCTION:
            yield node


def _names(tree: Tree, node: int) -> Iterator[int]:
    """The names of an expression, without those of functions in it."""
    at = node
    while at < tree.ends[node]:
        if tree.kinds[at] == Kind.FUNCTION:
            at = tree.ends[at]
            continue
        if tree.kinds[at] == Kind.NAME:
            yield at
        at += 1
