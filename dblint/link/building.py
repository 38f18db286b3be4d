"""What a function does to the statement that it is given (`where(function () { this.where(…).orWhere(…) })`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.query import When
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.arguments import Site
from dblint.link.values import Context, FunctionValue, Instance, Step, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

CALLS = 200
"""Calls of one function that are looked at."""


class Building:
    """Reads such functions. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._open: set[tuple[str, int]] = set()

    def steps(self, site: Site) -> tuple[list[Step], bool]:
        """The steps that the function at a place adds to the statement that it is given, in order, and whether there
        may be more of them."""
        held = options(self.evaluator.value(site.path, site.node, site.context))
        functions = [option for option in held if isinstance(option, FunctionValue)]
        if len(functions) != 1 or len(held) != 1:
            return [], True
        return self.added(functions[0], 0, site.when)

    def added(self, function: FunctionValue, position: int, when: When) -> tuple[list[Step], bool]:
        """What a function adds to the statement that it is given as the argument at `position`."""
        key = (function.path, function.node)
        if key in self._open:
            return [], True
        self._open.add(key)
        try:
            found, hidden = self._read(function, self._parameter(function, position), when)
        finally:
            self._open.discard(key)
        return found, hidden

    def _read(self, function: FunctionValue, name: str, when: When) -> tuple[list[Step], bool]:
        evaluator, path = self.evaluator, function.path
        tree = evaluator.tree(path)
        body = tree.child(function.node, Role.BODY)
        if body < 0:
            return [], True
        scope = evaluator.scope(path)
        context = Context(function.node, path, function.receiver, function.bound, function.context)
        stop = tree.ends[body]
        left = _left(tree, body, function.node, scope.conditional)
        found: dict[tuple[str, int], Step] = {}
        hidden = self._handed_on(function, name)
        for count, node in enumerate(self._chains(function, name)):
            if count >= CALLS:
                return list(found.values()), True
            branch = when is When.SOMETIMES or scope.conditional(node, function.node) or 0 <= left < node
            made = [one for one in options(evaluator.value(path, node, context)) if isinstance(one, Instance)]
            hidden = hidden or not made or any(one.open for one in made if not self._begun(path, node, context))
            for one in made[:1]:
                for step in one.steps:
                    if step.path == path and body <= step.node < stop and (path, step.node) not in found:
                        found[path, step.node] = replace(step, when=When.SOMETIMES) if branch else step
        return list(found.values()), hidden

    def _begun(self, path: str, node: int, context: Context) -> bool:
        """Whether the statement that a chain begins with is one that others have begun: what they did is theirs."""
        held = options(self.evaluator.value(path, self._root(self.evaluator.tree(path), node), context))
        return any(isinstance(each, Instance) and each.open for each in held)

    def _chains(self, function: FunctionValue, name: str) -> Iterator[int]:
        """The outermost calls of the chains in a function that begin with what it is given."""
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        node, stop = body, tree.ends[body]
        while node < stop:
            kind = tree.kinds[node]
            if kind == Kind.FUNCTION and (not tree.has(node, Flag.ARROW) or self._given(function, name, node)):
                node = tree.ends[node]
                continue
            if kind == Kind.CALL and self._rooted(function, name, node):
                yield node
                node = max(self._root(tree, node), node) + 1  # what stands among the arguments has chains of its own
                continue
            node += 1

    def _given(self, function: FunctionValue, own: str, node: int) -> bool:
        """Whether a function inside is given a statement of its own under the same name."""
        other = self.evaluator.parameters.parameter_at(FunctionValue(function.path, node), 0)
        tree = self.evaluator.tree(function.path)
        return bool(own) and other >= 0 and tree.value(other) == own

    def _parameter(self, function: FunctionValue, position: int) -> str:
        parameter = self.evaluator.parameters.parameter_at(function, position)
        return self.evaluator.tree(function.path).value(parameter) if parameter >= 0 else ""

    @staticmethod
    def _root(tree: Tree, node: int) -> int:
        while tree.kinds[node] in (Kind.CALL, Kind.ATTRIBUTE):
            node += 1
        return node

    def _rooted(self, function: FunctionValue, name: str, node: int) -> bool:
        tree = self.evaluator.tree(function.path)
        root = self._root(tree, node)
        if tree.kinds[root] != Kind.NAME or tree.kinds[node + 1] != Kind.ATTRIBUTE:
            return False
        if tree.has(root, Flag.SELF):
            return not tree.has(function.node, Flag.ARROW)
        return tree.value(root) == name

    def _handed_on(self, function: FunctionValue, name: str) -> bool:
        """Whether the statement is given to something else, or kept, inside."""
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        node = tree.kinds.find(Kind.NAME, body, tree.ends[body]) if name else -1
        while node >= 0:
            if tree.value(node) == name and tree.roles[node] in (Role.ARGUMENT, Role.VALUE):
                if tree.kinds[tree.parents[node]] != Kind.RETURN:
                    return True
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])
        return False


def _left(tree: Tree, body: int, function: int, conditional: Callable[[int, int], bool]) -> int:
    """Where a function is first left under a branch; -1 where it never is."""
    node = tree.kinds.find(Kind.RETURN, body, tree.ends[body])
    while node >= 0:
        if conditional(node, function):
            around = next((each for each in tree.ancestors(node) if tree.kinds[each] == Kind.FUNCTION), -1)
            if around == function:
                return node
        node = tree.kinds.find(Kind.RETURN, node + 1, tree.ends[body])
    return -1
