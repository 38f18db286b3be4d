"""What decides an expression: the names that reach it through assignments inside a function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree

if TYPE_CHECKING:
    from dblint.link.scopes import Scopes
    from dblint.link.types import Evaluator

NAMES = 60
"""Names followed for one question; beyond, the answer is what was found so far."""


class Influence:
    """Follows names through assignments. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def depends(self, path: str, nodes: Iterable[int], loop: int, variables: Iterable[str]) -> bool:
        """Whether what stands at `nodes` depends on what changes per iteration of `loop`."""
        wanted = set(variables)
        return bool(wanted) and any(found & wanted for found in self._reached(path, nodes, loop))

    def _reached(self, path: str, nodes: Iterable[int], loop: int) -> Iterator[set[str]]:
        """The names of the expressions, then those that the bindings inside the loop read, step by step."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        for node in nodes:
            names = names_in(tree, node)
            yield names
            seen: set[str] = set()
            pending = list(names)
            while pending and len(seen) <= NAMES:
                name = pending.pop()
                if name in seen:
                    continue
                seen.add(name)
                for binding, _ in scope.reaching(node, name) or ():
                    if not tree.contains(loop, binding) or binding == loop:
                        continue
                    found = names_in(tree, binding)
                    yield found
                    pending += list(found - seen)
                    for iterable in _around(tree, binding, loop):
                        yield names_in(tree, iterable)

    def parameters(self, path: str, nodes: Iterable[int], function: int) -> frozenset[str]:
        """The parameters of `function` that decide what stands at `nodes`; a method's receiver is "self"."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        found: set[str] = set()
        for node in nodes:
            seen: set[str] = set()
            pending = [(name, node) for name in names_in(tree, node)]
            if any(tree.has(each, Flag.SELF) for each in _name_nodes(tree, node)):
                found.add("self")
            while pending and len(seen) <= NAMES:
                name, use = pending.pop()
                if name in seen:
                    continue
                seen.add(name)
                for binding, _ in scope.reaching(use, name) or ():
                    if tree.kinds[binding] == Kind.PARAMETER:
                        if tree.parents[binding] == function:
                            found.add("self" if self._receives(scope, function, binding) else name)
                    elif tree.contains(function, binding):
                        value = tree.child(binding, Role.VALUE)
                        source = value if value >= 0 else tree.child(binding, Role.ITERABLE)
                        if tree.kinds[binding] == Kind.CALL:
                            source = binding  # a statement on a builder adds what it is given
                        if source < 0:
                            continue
                        if any(tree.has(each, Flag.SELF) for each in _name_nodes(tree, source)):
                            found.add("self")
                        pending += [(other, binding) for other in names_in(tree, source) - seen]
        return frozenset(found)

    def _receives(self, scope: Scopes, function: int, parameter: int) -> bool:
        """Whether a parameter is a Python method's receiver."""
        path = scope.facts.path
        return self.evaluator.parameters.position(path, function, parameter) == -1


def names_in(tree: Tree, node: int) -> set[str]:
    """The names read in a subtree."""
    return {tree.value(each) for each in _name_nodes(tree, node)}


def _name_nodes(tree: Tree, node: int) -> Iterator[int]:
    kinds = tree.kinds
    position = kinds.find(Kind.NAME, node, tree.ends[node])
    while position >= 0:
        yield position
        position = kinds.find(Kind.NAME, position + 1, tree.ends[node])


def _around(tree: Tree, binding: int, loop: int) -> Iterator[int]:
    """What the loops around a binding iterate, inside `loop`: what they bind depends on it, too."""
    for parent in tree.ancestors(binding):
        if parent == loop:
            return
        if tree.kinds[parent] in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(parent, Role.ITERABLE)
            if iterable >= 0:
                yield iterable
