"""Lists that hold what one list has and another has not: what is to be added to stored rows, or taken from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.values import BoundMember, FunctionValue, options

if TYPE_CHECKING:
    from dblint.libraries.grammar import Untyped
    from dblint.link.loops.counters import Counters

Sides = tuple[tuple[int, int], ...]
"""Pairs of the list whose elements are gone through and the one whose elements are left out."""
STEPS = 24
"""Names and calls through which a list is followed."""


class Differences:
    """Finds them. One per reader of loops."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.evaluator = counters.evaluator

    def sides(self, path: str, node: int) -> Sides:
        """The list whose elements are iterated, and the one whose elements are left out; of a list that several make up
        (`[...first, ...second]`) those of each. Empty where nothing is left out in such a way, or not of each."""
        found: list[tuple[int, int]] = []
        pending = [node]
        for _ in range(STEPS):
            if not pending:
                return tuple(found)
            at = pending.pop()
            tree = self.evaluator.tree(path)
            split = self._split(path, at)
            if split is not None:
                found.append(split)
                continue
            parts = _parts(tree, at)
            further = parts or [self._behind(tree, path, at)]
            if min(further) < 0:
                return ()
            pending += further
        return ()

    def mutual(self, path: str, sides: Sides) -> bool:
        """Whether a loop of the function goes through what the second list has and the first has not, too: one is
        brought up to the other."""
        tree = self.evaluator.tree(path)
        function = self.evaluator.scope(path).function(sides[0][0])
        if function < 0:
            return False
        wanted = {(_spelled(tree, second), _spelled(tree, first)) for first, second in sides}
        loop = tree.kinds.find(Kind.LOOP, function, tree.ends[function])
        while loop >= 0 and wanted:
            iterable = tree.child(loop, Role.ITERABLE)
            for first, second in self.sides(path, iterable) if iterable >= 0 else ():
                wanted.discard((_spelled(tree, first), _spelled(tree, second)))
            loop = tree.kinds.find(Kind.LOOP, loop + 1, tree.ends[function])
        return not wanted

    def sources(self, path: str, sides: Sides) -> tuple[Place, ...]:
        """Where the lists come from: the expressions that the function's names hold which they are made of."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        found: dict[int, None] = {}
        pending = [node for both in sides for node in both]
        for _ in range(STEPS * len(sides)):
            if not pending:
                break
            node = pending.pop()
            if node in found:
                continue
            found[node] = None
            for name in self._names(tree, path, node):
                for binding, _ in scope.reaching(name, tree.value(name)) or ():
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value >= 0 and tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME:
                        pending.append(value)
        return tuple(Place(path, tree.starts[node], tree.stops[node]) for node in found)

    def _split(self, path: str, node: int) -> tuple[int, int] | None:
        """The two lists of an expression that leaves out of one what the other has."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.BINARY and tree.value(node) == "-" and not self.evaluator.javascript(path):
            return tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if kind == Kind.COMPREHENSION:
            return self._picked(tree, node)
        if kind != Kind.CALL:
            return None
        arguments = list(tree.with_role(node, Role.ARGUMENT))
        if len(arguments) > 1 and any(row.excepts for row in self.counters.rows(path, node)):
            return arguments[0], arguments[1]
        row = self._untyped(path, node)
        if row is None or not arguments:
            return None
        if row.excepts:
            return node + 2, arguments[0]
        if row.list == "same" and row.callback is not None and tree.kinds[arguments[0]] == Kind.FUNCTION:
            returned = list(self.evaluator.returns(FunctionValue(path, arguments[0])))
            for part in _conjuncts(tree, returned[0]) if len(returned) == 1 else ():
                other = self._not_in(path, part)
                if other >= 0 and not tree.contains(arguments[0], self._bound(path, other)):
                    return node + 2, other
        return None

    def _bound(self, path: str, node: int) -> int:
        """Where a name is bound that stands at `node`; the node itself for anything else."""
        tree = self.evaluator.tree(path)
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
        return reached[0][0] if reached else node if tree.kinds[node] != Kind.NAME else 0

    @staticmethod
    def _picked(tree: Tree, node: int) -> tuple[int, int] | None:
        """`[each for each in first if each not in second]`, whatever else is asked of each."""
        clauses = list(tree.with_role(node, Role.CLAUSE))
        tests = list(tree.with_role(node, Role.CONDITION)) if len(clauses) == 1 else []
        parts = (part for test in tests for part in _conjuncts(tree, test))
        left_out = [part for part in parts if tree.kinds[part] == Kind.BINARY and tree.value(part) == "not-in"]
        if not left_out:
            return None
        return tree.child(clauses[0], Role.ITERABLE), tree.child(left_out[0], Role.RIGHT)

    def _not_in(self, path: str, node: int) -> int:
        """The list in which an element is not, as an expression says; -1 for any other."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.UNARY or tree.value(node) != "not" or tree.kinds[node + 1] != Kind.CALL:
            return -1
        row = self._untyped(path, node + 1)
        return node + 3 if row is not None and row.test == "member" else -1

    def _untyped(self, path: str, call: int) -> Untyped | None:
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return None
        language = "javascript" if self.evaluator.javascript(path) else "python"
        return self.evaluator.tables.untyped[language].get(tree.value(call + 1))

    def _behind(self, tree: Tree, path: str, node: int) -> int:
        """The expression whose elements another gives, or -1."""
        kind = tree.kinds[node]
        if kind in (Kind.AWAIT, Kind.CAST):
            return node + 1
        if kind == Kind.NAME:
            reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or []
            binding = reached[0][0] if len(reached) == 1 else -1
            plain = binding >= 0 and tree.kinds[binding] == Kind.ASSIGN and not tree.value(binding)
            if not plain or tree.kinds[tree.child(binding, Role.TARGET)] != Kind.NAME:
                return -1
            return tree.child(binding, Role.VALUE)
        if kind != Kind.CALL:
            return -1
        argument = tree.child(node, Role.ARGUMENT)
        if argument >= 0 and any(row.iterates == "same" for row in self.counters.rows(path, node)):
            return argument
        row = self._untyped(path, node)
        return node + 2 if row is not None and (row.element or row.iterates == "same" or row.list == "same") else -1

    def _names(self, tree: Tree, path: str, node: int) -> Iterator[int]:
        """The names that a list is made of: not those that a library's call is given, nor those of functions."""
        at = node
        while at < tree.ends[node]:
            kind = tree.kinds[at]
            if kind == Kind.FUNCTION:
                at = tree.ends[at]
                continue
            if kind == Kind.CALL and any(
                isinstance(option, BoundMember) for option in options(self.evaluator.value(path, at + 1))
            ):
                at = tree.ends[at]
                continue
            if kind == Kind.NAME:
                yield at
            at += 1


def _parts(tree: Tree, node: int) -> list[int]:
    """The lists that make up a list; none for what is no such list, or has further elements."""
    if tree.kinds[node] != Kind.LIST:
        return []
    children = list(tree.children(node))
    return [child + 1 for child in children] if all(tree.kinds[child] == Kind.SPREAD for child in children) else []


def _conjuncts(tree: Tree, node: int) -> Iterator[int]:
    """The parts of a condition all of which have to hold."""
    pending = [node]
    while pending:
        part = pending.pop()
        if tree.kinds[part] == Kind.BINARY and tree.value(part) == "and":
            pending += tree.children(part)
        else:
            yield part


def _spelled(tree: Tree, node: int) -> tuple[tuple[int, str], ...]:
    return tuple((tree.kinds[at], tree.value(at)) for at in range(node, tree.ends[node]))
