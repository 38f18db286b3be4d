"""Where promises are waited for without a word for it, so that a lazy query runs: `then` and its like, and the lists
that are handed to those who wait for several of them, wherever what stands in these lists was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.values import FunctionValue

if TYPE_CHECKING:
    from dblint.link.consuming import Consuming
    from dblint.link.types import Evaluator

DEPTH = 4
"""Names, and choices in choices, through which what is waited for is followed."""


class Promised:
    """Finds such places. One per project."""

    def __init__(self, evaluator: Evaluator, consuming: Consuming) -> None:
        self.evaluator = evaluator
        self._consuming = consuming
        untyped = evaluator.tables.untyped["javascript"]
        self._settling = frozenset(name for name, row in untyped.items() if row.settles)
        self._appending = frozenset(name for name, row in untyped.items() if row.list == "append")

    def sites(self, path: str) -> Iterator[int]:
        """The expressions of a file that somebody waits for in such a way."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.CALL)
        while node >= 0:
            for waited in self._by_call(path, tree, node):
                yield from _alternatives(tree, waited)
            node = tree.kinds.find(Kind.CALL, node + 1)

    def _by_call(self, path: str, tree: Tree, call: int) -> Iterator[int]:
        callee = call + 1
        if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in self._settling:
            yield callee + 1
            for argument in tree.with_role(call, Role.ARGUMENT):
                yield from self._given_back(path, tree, argument)
            return
        trigger, arguments = self._consuming.by(path, call)
        if trigger == "await":
            several = self._consuming.several(path, call)
            for argument in arguments:
                yield from self._each(path, tree, argument) if several else [argument]

    def _given_back(self, path: str, tree: Tree, function: int) -> Iterator[int]:
        """What a function literal gives; of an asynchronous one that is said where it stands."""
        if tree.kinds[function] == Kind.FUNCTION and not tree.has(function, Flag.ASYNC | Flag.GENERATOR):
            yield from self.evaluator.returns(FunctionValue(path, function))

    def _each(self, path: str, tree: Tree, node: int, depth: int = DEPTH) -> Iterator[int]:
        """The elements of a list, where it is made: a literal, what a function gives for each of others, a name with
        what is put into it."""
        kind = tree.kinds[node]
        if kind == Kind.LIST:
            for child in tree.children(node):
                if tree.kinds[child] == Kind.SPREAD:
                    inner = tree.child(child, Role.VALUE)
                    yield from self._each(path, tree, inner, depth - 1) if inner >= 0 and depth else ()
                else:
                    yield child
        elif kind == Kind.CALL:
            for argument in tree.with_role(node, Role.ARGUMENT):
                yield from self._given_back(path, tree, argument)
        elif kind == Kind.NAME and depth:
            yield from self._of_name(path, tree, node, depth)

    def _of_name(self, path: str, tree: Tree, node: int, depth: int) -> Iterator[int]:
        name, scope = tree.value(node), self.evaluator.scope(path)
        bindings = {binding for binding, _ in scope.bindings(node, name) or ()}
        for binding in bindings:
            value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
            if value >= 0:
                yield from self._each(path, tree, value, depth - 1)
        call = tree.kinds.find(Kind.CALL, max(scope.function(node), 0), node)
        while call >= 0:
            callee = call + 1
            if tree.kinds[callee] == Kind.ATTRIBUTE and tree.kinds[callee + 1] == Kind.NAME:
                if tree.value(callee) in self._appending and tree.value(callee + 1) == name:
                    if any(binding in bindings for binding, _ in scope.bindings(callee + 1, name) or ()):
                        yield from tree.with_role(call, Role.ARGUMENT)
            call = tree.kinds.find(Kind.CALL, call + 1, node)


def _alternatives(tree: Tree, node: int, depth: int = DEPTH) -> Iterator[int]:
    """What an expression may be: one of several where it chooses."""
    kind = tree.kinds[node]
    parts: list[int] = []
    if kind == Kind.CONDITIONAL:
        parts = [tree.child(node, Role.BODY), tree.child(node, Role.ELSE)]
    elif kind == Kind.BINARY and tree.value(node) in ("or", "and", "??"):
        parts = [tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)]
    elif kind == Kind.CAST:
        parts = [node + 1]
    if not parts or not depth:
        yield node
        return
    for part in parts:
        if part >= 0:
            yield from _alternatives(tree, part, depth - 1)
