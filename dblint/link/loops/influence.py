"""What decides an expression: the names that reach it through assignments inside a function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.values import BoundMember, options

if TYPE_CHECKING:
    from dblint.link.scopes import Scopes
    from dblint.link.types import Evaluator

NAMES = 60
"""Names followed for one question; beyond, the answer is what was found so far."""


class Influence:
    """Follows names through assignments. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._attributes: dict[tuple[str, int], dict[str, list[int]]] = {}
        self._decided: dict[tuple[str, int, int], frozenset[str]] = {}

    def depends(self, path: str, nodes: Iterable[int], loop: int, variables: Iterable[str]) -> bool:
        """Whether what stands at `nodes` depends on what changes per iteration of `loop`."""
        wanted = set(variables)
        return bool(wanted) and any(found & wanted for found in self._reached(path, nodes, loop))

    def _reached(self, path: str, nodes: Iterable[int], loop: int) -> Iterator[set[str]]:
        """The names of the expressions, then those that the bindings inside the loop read, step by step. Each
        name is looked up where it is read: in `key = str(key)` it is not what it is after that."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        for node in nodes:
            names = names_in(tree, node)
            yield names
            seen: set[tuple[str, int]] = set()
            pending = [(name, node) for name in names]
            while pending and len(seen) <= NAMES:
                name, use = pending.pop()
                for put in _put_into(scope, use, name):
                    if (name, put) not in seen and tree.contains(loop, put):
                        seen.add((name, put))
                        found = _put(tree, put)
                        yield found
                        pending += [(other, put) for other in found if other != name]
                for binding, _ in scope.reaching(use, name) or ():
                    if (name, binding) in seen or not tree.contains(loop, binding) or binding == loop:
                        continue
                    seen.add((name, binding))
                    if self._only_runs(path, tree, binding):
                        continue
                    source = _source(tree, binding)
                    found = _read(tree, binding, source)
                    yield found
                    pending += [(other, max(source, binding)) for other in found]
                    if source >= 0 and tree.kinds[source] == Kind.CALL:
                        for value in self._set_on(path, tree, loop).get(name, ()):
                            if binding < value < use:
                                found = names_in(tree, value)
                                yield found
                                pending += [(other, value) for other in found]
                    for iterable in _around(tree, binding, loop):
                        yield names_in(tree, iterable)

    def _set_on(self, path: str, tree: Tree, loop: int) -> dict[str, list[int]]:
        """The values that a loop assigns to attributes of what a name holds, by that name."""
        key = (path, loop)
        found = self._attributes.get(key)
        if found is None:
            found = self._attributes[key] = {}
            node = tree.kinds.find(Kind.ASSIGN, loop, tree.ends[loop])
            while node >= 0:
                target, value = tree.child(node, Role.TARGET), tree.child(node, Role.VALUE)
                if value >= 0 and tree.kinds[target] == Kind.ATTRIBUTE and tree.kinds[target + 1] == Kind.NAME:
                    found.setdefault(tree.value(target + 1), []).append(value)
                node = tree.kinds.find(Kind.ASSIGN, node + 1, tree.ends[loop])
        return found

    def parameters(self, path: str, nodes: Iterable[int], function: int) -> frozenset[str]:
        """The parameters of `function` that decide what stands at `nodes`; a method's receiver is "self"."""
        found: frozenset[str] = frozenset()
        for node in nodes:
            key = (path, node, function)
            decided = self._decided.get(key)
            if decided is None:
                decided = self._decided[key] = self._deciding(path, node, function)
            found |= decided
        return found

    def _deciding(self, path: str, node: int, function: int) -> frozenset[str]:
        scope = self.evaluator.scope(path)
        tree = scope.tree
        found: set[str] = set()
        seen: set[tuple[str, int]] = set()
        pending = [(name, node) for name in names_in(tree, node)]
        if _names_receiver(tree, node):
            found.add("self")
        while pending and len(seen) <= NAMES:
            name, use = pending.pop()
            for put in _put_into(scope, use, name):
                if (name, put) not in seen and tree.contains(function, put):
                    seen.add((name, put))
                    pending += [(other, put) for other in _put(tree, put) if other != name]
            for binding, _ in scope.reaching(use, name) or ():
                if (name, binding) in seen:
                    continue
                seen.add((name, binding))
                if tree.kinds[binding] == Kind.PARAMETER:
                    if tree.parents[binding] == function:
                        found.add("self" if self._receives(scope, function, binding) else name)
                elif tree.contains(function, binding) and not self._only_runs(path, tree, binding):
                    source = _source(tree, binding)
                    if source < 0:
                        continue
                    if _names_receiver(tree, source):
                        found.add("self")
                    pending += [(other, source) for other in _read(tree, binding, source)]
        return frozenset(found)

    def _only_runs(self, path: str, tree: Tree, binding: int) -> bool:
        """Whether a binding is a call that runs a statement: what it is given is not kept in what it is called on."""
        if tree.kinds[binding] != Kind.CALL:
            return False
        found = [
            option for option in options(self.evaluator.value(path, binding + 1)) if isinstance(option, BoundMember)
        ]
        rows = [self.evaluator.rows.row_of(option) for option in found]
        return bool(rows) and all(row is not None and bool(row.run) for row in rows)

    def _receives(self, scope: Scopes, function: int, parameter: int) -> bool:
        """Whether a parameter is a Python method's receiver."""
        path = scope.facts.path
        return self.evaluator.parameters.position(path, function, parameter) == -1


def names_in(tree: Tree, node: int) -> set[str]:
    """The names read in a subtree."""
    kinds, end = tree.kinds, tree.ends[node]
    found: set[str] = set()
    position = kinds.find(Kind.NAME, node, end)
    while position >= 0:
        found.add(tree.value(position))
        position = kinds.find(Kind.NAME, position + 1, end)
    return found


def _names_receiver(tree: Tree, node: int) -> bool:
    """Whether a method's receiver is read in a subtree."""
    kinds, end = tree.kinds, tree.ends[node]
    position = kinds.find(Kind.NAME, node, end)
    while position >= 0:
        if tree.has(position, Flag.SELF):
            return True
        position = kinds.find(Kind.NAME, position + 1, end)
    return False


def _source(tree: Tree, binding: int) -> int:
    """What a binding gives to its name: a value, what is iterated, the whole of a statement on a builder, which adds
    what it is given; -1 where no one expression does."""
    if tree.kinds[binding] == Kind.CALL:
        return binding
    value = tree.child(binding, Role.VALUE)
    return value if value >= 0 else tree.child(binding, Role.ITERABLE)


def _read(tree: Tree, binding: int, source: int) -> set[str]:
    """The names that decide what a binding gives: those of its source (of all of it where there is none), and what
    an augmented assignment adds to."""
    added = tree.kinds[binding] == Kind.ASSIGN and tree.value(binding) != ""
    return names_in(tree, binding if added or source < 0 else source)


def _put_into(scope: Scopes, use: int, name: str) -> list[int]:
    """The assignments under a key of what a name holds (`found[key] = value`) that stand before a use."""
    tree = scope.tree
    return [
        put
        for put, member in scope.growth(use, name)
        if put < use and tree.kinds[member] == Kind.SUBSCRIPT and tree.kinds[member + 1] == Kind.NAME
    ]


def _put(tree: Tree, put: int) -> set[str]:
    """The names that decide what an assignment under a key puts there: its key and its value."""
    value = tree.child(put, Role.VALUE)
    keys = tree.with_role(tree.child(put, Role.TARGET), Role.INDEX)
    return set().union(*(names_in(tree, node) for node in (*keys, value) if node >= 0))


def _around(tree: Tree, binding: int, loop: int) -> Iterator[int]:
    """What the loops around a binding iterate, inside `loop`: what they bind depends on it, too."""
    for parent in tree.ancestors(binding):
        if parent == loop:
            return
        if tree.kinds[parent] in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(parent, Role.ITERABLE)
            if iterable >= 0:
                yield iterable
