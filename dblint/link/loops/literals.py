"""Lists that stand in the source though no literal is iterated: parts of literals, and what constant loops fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.program import Nature
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.counters import GROWING, SHORT
from dblint.link.values import Expression

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters

STEPS = 16
"""Names and callers through which a literal is looked for."""
_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)


class Literals:
    """Looks for them. One per evaluator."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.evaluator = counters.evaluator

    def parts(self, path: str, node: int) -> list[tuple[str, int]]:
        """The expressions that a loop's variable may hold, where the loop goes through literals (`for model, fields in
        ((Order, ["state"]), (Line, ["price"]))`); none where that cannot be said."""
        found: list[tuple[str, int]] = []
        pending: list[tuple[str, int, tuple[int, ...]]] = [(path, node, ())]
        for _ in range(STEPS):
            if not pending:
                return found
            where, at, route = pending.pop()
            tree = self.evaluator.tree(where)
            if tree.kinds[at] in _LISTS and route:
                elements = _reached(tree, at, route)
                if elements is None:
                    return []
                found += [(where, element) for element in elements]
                continue
            behind = self._behind(where, at, route) if tree.kinds[at] == Kind.NAME else []
            if not behind:
                return []
            pending += behind
        return []

    def _behind(self, path: str, node: int, route: tuple[int, ...]) -> list[tuple[str, int, tuple[int, ...]]]:
        """What a name is given, each with the way from there to what is looked for: the positions to take, -1 for an
        element as it is."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        name = tree.value(node)
        if scope.statements_on(node, name):
            return []  # more is done to it
        reached = scope.reaching(node, name)
        if reached is None:
            value = self.evaluator.value(path, node)
            if not isinstance(value, Expression) or (value.path, value.node) == (path, node) or not route:
                return []
            return [(value.path, value.node, route)]
        binding = reached[0][0] if len(reached) == 1 else -1
        kind = tree.kinds[binding] if binding >= 0 else Kind.OPAQUE
        if kind in (Kind.LOOP, Kind.CLAUSE):
            target, iterable = tree.child(binding, Role.TARGET), tree.child(binding, Role.ITERABLE)
            position = _position(tree, target, name) if target >= 0 else None
            if position is None or iterable < 0 or tree.value(binding) == "for-in":
                return []
            return [(path, iterable, (position, *route))]
        if not route:
            return []
        if kind == Kind.ASSIGN and not tree.value(binding):
            given = tree.child(binding, Role.VALUE)
            plain = given >= 0 and tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME
            return [(path, given, route)] if plain else []
        if kind == Kind.PARAMETER:
            handed = self.evaluator.parameters.handed(path, tree.parents[binding], binding)
            return [(where, at, route) for where, at in handed]
        return []

    def filled(self, path: str, node: int, given: list[int]) -> bool:
        """Whether a name of a function was given short lists (`given`), to which it adds one by one, in loops over a
        constant number of turns at most: nothing else gets the list that could add to it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        function = scope.function(node)
        if tree.kinds[node] != Kind.NAME or function < 0 or not given:
            return False
        if not all(scope.function(each) == function for each in given):
            return False  # of a module or a function around: others may add to it
        if not all(tree.kinds[each] == Kind.LIST and _few(tree, each) for each in given):
            return False
        return all(self._steady(path, use, function, given) for use in _spelled(tree, function, tree.value(node)))

    def _steady(self, path: str, use: int, function: int, given: list[int]) -> bool:
        """Whether one use of a list adds no more than a constant number of elements."""
        tree = self.evaluator.tree(path)
        parent, role = tree.parents[use], tree.roles[use]
        if role == Role.TARGET:
            return tree.kinds[parent] == Kind.ASSIGN and tree.child(parent, Role.VALUE) in given
        if tree.kinds[parent] == Kind.CALL and role == Role.ARGUMENT:
            return any(row.consumes or row.iterates for row in self.counters.rows(path, parent))
        if tree.kinds[parent] == Kind.ATTRIBUTE:
            call = tree.parents[parent]
            if tree.kinds[call] != Kind.CALL or tree.roles[parent] != Role.CALLEE:
                return False
            word = self.counters.list_word(path, call)
            if word not in GROWING:
                return tree.value(parent) in _KEEPING or bool(word)
            return word == "append" and self._constant(path, call, function, given)
        return tree.kinds[parent] not in (Kind.KEYWORD, Kind.SPREAD, Kind.YIELD, Kind.ASSIGN)

    def _constant(self, path: str, call: int, function: int, given: list[int]) -> bool:
        """Whether a statement runs a constant number of times after the list was made: in one loop over numbers or a
        literal at most."""
        tree = self.evaluator.tree(path)
        loops = 0
        for parent in tree.ancestors(call):
            kind = tree.kinds[parent]
            if parent == function:
                return True
            if kind in (Kind.FUNCTION, Kind.CLASS, Kind.COMPREHENSION):
                return False
            if kind == Kind.LOOP and not all(tree.contains(parent, each) for each in given):
                loops += 1
                iterable = tree.child(parent, Role.ITERABLE)
                if loops > 1 or iterable < 0 or not self._turns(path, iterable):
                    return False
        return False

    def _turns(self, path: str, iterable: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.kinds[iterable] in _LISTS:
            return _few(tree, iterable)
        numbers = tree.kinds[iterable] == Kind.CALL and any(
            row.iterates == "numbers" for row in self.counters.rows(path, iterable)
        )
        return numbers and self.counters.numbers(path, iterable) in (Nature.CONSTANT, Nature.RETRY)


_KEEPING = frozenset({"reverse", "sort", "index", "count", "copy"})
"""Methods of lists by which they get no further elements."""


def _few(tree: Tree, node: int) -> bool:
    children = list(tree.children(node))
    return len(children) <= SHORT and not any(tree.kinds[child] == Kind.SPREAD for child in children)


def _spelled(tree: Tree, function: int, name: str) -> Iterator[int]:
    node = tree.kinds.find(Kind.NAME, function, tree.ends[function])
    while node >= 0:
        if tree.value(node) == name:
            yield node
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[function])


def _position(tree: Tree, target: int, name: str) -> int | None:
    """Where a loop's target has a name: -1 for the element itself; None where that is no place of a tuple."""
    if tree.kinds[target] == Kind.NAME:
        return -1
    if tree.kinds[target] not in (Kind.TUPLE, Kind.LIST):
        return None
    for position, child in enumerate(tree.children(target)):
        if tree.kinds[child] == Kind.SPREAD:
            return None
        if tree.kinds[child] == Kind.NAME and tree.value(child) == name:
            return position
    return None


def _reached(tree: Tree, node: int, route: tuple[int, ...]) -> list[int] | None:
    """The expressions at the end of a way into the elements of a literal; None where one of them is no literal."""
    found = [node]
    for position in route:
        deeper: list[int] = []
        for each in found:
            if tree.kinds[each] not in _LISTS or not _few(tree, each):
                return None
            for element in tree.children(each):
                if position < 0:
                    deeper.append(element)
                    continue
                within = list(tree.children(element)) if tree.kinds[element] in (Kind.TUPLE, Kind.LIST) else []
                if position >= len(within) or not _few(tree, element):
                    return None
                deeper.append(within[position])
        found = deeper
    return found
