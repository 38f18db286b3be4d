"""Whether an iteration surely pauses: what it asks besides is no longer what makes its loop slow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link import hosts
from dblint.link.loops.exits import JUMPS
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters

_JUMPS = re.compile(b"[" + b"".join(re.escape(bytes([kind])) for kind in sorted(JUMPS)) + b"]", re.DOTALL)
STEPS = 2
"""Functions of the project through which a pause is followed."""


class Pauses:
    """Finds pauses. One per evaluator."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.evaluator = counters.evaluator
        self._functions: dict[tuple[str, int], bool] = {}
        self._expressions: dict[tuple[str, int, int], bool] = {}
        self._statements: dict[tuple[str, int], bool] = {}
        self._beside: dict[tuple[str, int, int], bool] = {}

    def beside(self, path: str, loop: int, call: int) -> bool:
        """Whether the iteration of LOOP that makes a call pauses, before it or after it: in a statement that stands in
        the same blocks, or in those of a loop, a `with` or a `try` there. Behind what may leave the blocks it need
        not come to that."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(call):
            if tree.kinds[parent] == Kind.BLOCK and self._in_block(path, parent, call):
                return True
            if parent == loop:
                return False
        return False

    def _in_block(self, path: str, block: int, call: int) -> bool:
        """Whether a statement of a block around a call pauses, before the call or after it. Each loop around the call
        asks this of all blocks inside it."""
        key = (path, block, call)
        found = self._beside.get(key)
        if found is None:
            tree = self.evaluator.tree(path)
            found = False
            for statement in tree.children(block):
                found = self._straight(path, statement)
                if found or (tree.ends[statement] > call and _may_leave(tree, statement, call)):
                    break
            self._beside[key] = found
        return found

    def _straight(self, path: str, statement: int) -> bool:
        """Whether the straight way through a statement pauses."""
        key = (path, statement)
        found = self._statements.get(key)
        if found is None:
            tree = self.evaluator.tree(path)
            found = self._statements[key] = any(self._pauses(path, each) for each in _made(tree, statement))
        return found

    def _pauses(self, path: str, node: int, steps: int = STEPS) -> bool:
        """Whether an expression is a pause that is waited for, or a call of a function that surely makes one."""
        key = (path, node, steps)
        found = self._expressions.get(key)
        if found is None:
            found = self._expressions[key] = self._pausing(path, node, steps)
        return found

    def _pausing(self, path: str, node: int, steps: int) -> bool:
        tree = self.evaluator.tree(path)
        awaited = tree.kinds[node] == Kind.AWAIT
        call = node + awaited
        if tree.kinds[call] != Kind.CALL or (self.evaluator.javascript(path) and not awaited):
            return False
        if _timed(tree, call) or any(row.waits for row in self.counters.rows(path, call)):
            return True
        called = list(options(self.evaluator.value(path, call + 1)))
        return bool(called) and all(isinstance(each, FunctionValue) and self._function(each, steps) for each in called)

    def _function(self, function: FunctionValue, steps: int) -> bool:
        key = (function.path, function.node)
        found = self._functions.get(key)
        if found is None:
            self._functions[key] = False
            tree = self.evaluator.tree(function.path)
            body = tree.child(function.node, Role.BODY)
            found = steps > 0 and body >= 0 and self._body(function.path, body, steps - 1)
            self._functions[key] = found
        return found

    def _body(self, path: str, body: int, steps: int) -> bool:
        """Whether the straight way through a function's body pauses, or gives what pauses to who waits for it."""
        tree = self.evaluator.tree(path)
        if tree.kinds[body] != Kind.BLOCK:
            return _timed(tree, body)
        for statement in tree.children(body):
            given = tree.child(statement, Role.VALUE) if tree.kinds[statement] == Kind.RETURN else -1
            if given >= 0 and _timed(tree, given):
                return True
            if any(self._pauses(path, each, steps) for each in _made(tree, statement)):
                return True
            if _may_leave(tree, statement, statement):
                return False
        return False


def _timed(tree: Tree, call: int) -> bool:
    """`new Promise((done) => setTimeout(done, 500))`: a promise that is kept after some time, and does nothing else."""
    if tree.kinds[call] != Kind.CALL or not tree.has(call, Flag.NEW) or tree.value(call + 1) != hosts.PROMISE:
        return False
    made = tree.child(call, Role.ARGUMENT)
    parameter = tree.child(made, Role.PARAMETER) if made >= 0 and tree.kinds[made] == Kind.FUNCTION else -1
    body = tree.child(made, Role.BODY) if parameter >= 0 else -1
    if body < 0:
        return False
    timer = tree.kinds.find(Kind.CALL, body, tree.ends[body])
    first = tree.child(timer, Role.ARGUMENT) if timer >= 0 else -1
    if first < 0 or tree.value(timer + 1) not in hosts.TIMERS:
        return False
    return tree.kinds[first] == Kind.NAME and tree.value(first) == tree.value(parameter)


def _made(tree: Tree, statement: int) -> Iterator[int]:
    """The expressions that a statement is, or whose value it assigns, or that stand as statements on the straight way
    through it."""
    pending = [statement]
    while pending:
        node = pending.pop()
        kind = tree.kinds[node]
        if kind in (Kind.AWAIT, Kind.CALL):
            yield node
        elif kind == Kind.BLOCK:
            pending += tree.children(node)
        elif kind == Kind.ASSIGN:
            value = tree.child(node, Role.VALUE)
            pending += [value] if value >= 0 and tree.kinds[value] in (Kind.AWAIT, Kind.CALL) else []
        elif kind in (Kind.LOOP, Kind.WITH, Kind.TRY):
            body = tree.child(node, Role.BODY)
            pending += [body] if body >= 0 else []


def _may_leave(tree: Tree, statement: int, call: int) -> bool:
    """Whether what follows a statement need not run, once it has come to the call."""
    return _JUMPS.search(tree.kinds, max(statement, call), tree.ends[statement]) is not None
