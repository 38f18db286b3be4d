"""Lists that begin with what stands in the source, and get more under a condition, of which nobody can say what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.loops.counters import GROWING, SHORT
from dblint.link.values import FunctionValue, Unknown, options

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters

STEPS = 8
"""Names, copies and functions through which such a list is followed."""
_LITERALS = (Kind.LIST, Kind.TUPLE, Kind.SET)


class BegunLists:
    """Answers whether an expression is such a list: it has those few elements, unless the condition holds. One per
    evaluator."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.evaluator = counters.evaluator

    def begun(self, path: str, node: int) -> bool:
        """Whether all that an expression may hold is begun so, and is added to."""
        pending, seen = [(path, node)], {(path, node)}
        begins = grows = False
        for _ in range(STEPS):
            if not pending:
                return begins and grows
            where, at = pending.pop()
            tree = self.evaluator.tree(where)
            if tree.kinds[at] in _LITERALS:
                if not self._short(tree, at):
                    return False
                begins = True
                continue
            found = self._behind(where, at)
            if found is None:
                return False
            given, added = found
            if not all(self._unsaid(where, value) for value in added):
                return False
            grows = grows or bool(added)
            pending += [each for each in given if each not in seen]
            seen.update(given)
        return False

    @staticmethod
    def _short(tree: Tree, node: int) -> bool:
        children = list(tree.children(node))
        return 0 < len(children) <= SHORT and not any(tree.kinds[child] == Kind.SPREAD for child in children)

    def _behind(self, path: str, node: int) -> tuple[list[tuple[str, int]], list[int]] | None:
        """The expressions that one stands for, and what is added to it in its file; None: cannot say."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            return ([(path, node + 1)], []) if index >= 0 and tree.kinds[index] == Kind.SLICE else None
        if kind == Kind.CALL:
            if any(row.iterates == "same" for row in self.counters.rows(path, node)):
                return [(path, tree.child(node, Role.ARGUMENT))], []
            functions = list(options(self.evaluator.value(path, node + 1)))
            given = [
                (function.path, value)
                for function in functions
                if isinstance(function, FunctionValue)
                for value in self.evaluator.returns(function)
            ]
            whole = all(isinstance(function, FunctionValue) for function in functions)
            return (given, []) if given and whole else None
        if kind == Kind.NAME:
            uses = self._of_name(path, node)
        elif kind == Kind.ATTRIBUTE and self._own(path, node + 1):
            uses = self._of_attribute(path, node)
        else:
            return None
        return self._taken(path, uses)

    def _of_name(self, path: str, node: int) -> Iterator[int]:
        """The uses of a name in its function."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        function = scope.function(node)
        if function < 0:
            return
        use = tree.kinds.find(Kind.NAME, function, tree.ends[function])
        while use >= 0:
            if tree.value(use) == tree.value(node):
                yield use
            use = tree.kinds.find(Kind.NAME, use + 1, tree.ends[function])

    def _of_attribute(self, path: str, node: int) -> Iterator[int]:
        """The uses of an object's own attribute in its class."""
        tree = self.evaluator.tree(path)
        cls = next((parent for parent in tree.ancestors(node) if tree.kinds[parent] == Kind.CLASS), -1)
        use = tree.kinds.find(Kind.ATTRIBUTE, cls, tree.ends[cls]) if cls >= 0 else -1
        while use >= 0:
            if tree.value(use) == tree.value(node) and self._own(path, use + 1):
                yield use
            use = tree.kinds.find(Kind.ATTRIBUTE, use + 1, tree.ends[cls])

    def _own(self, path: str, node: int) -> bool:
        """Whether a node is the object that a method is called on."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME or tree.has(node, Flag.SELF):
            return tree.has(node, Flag.SELF)
        reached = self.evaluator.scope(path).bindings(node, tree.value(node)) or ()
        if len(reached) != 1 or tree.kinds[reached[0][0]] != Kind.PARAMETER:
            return False
        function = tree.parents[reached[0][0]]
        return (
            tree.has(function, Flag.METHOD) and self.evaluator.parameters.position(path, function, reached[0][0]) == -1
        )

    def _taken(self, path: str, uses: Iterator[int]) -> tuple[list[tuple[str, int]], list[int]] | None:
        tree = self.evaluator.tree(path)
        given: list[tuple[str, int]] = []
        added: list[int] = []
        for use in uses:
            parent = tree.parents[use]
            if tree.roles[use] == Role.TARGET:
                value = tree.child(parent, Role.VALUE)
                if tree.kinds[parent] != Kind.ASSIGN or tree.value(parent) or value < 0:
                    return None
                given.append((path, value))
            elif tree.kinds[parent] == Kind.ATTRIBUTE and tree.roles[parent] == Role.CALLEE:
                call = tree.parents[parent]
                if self.counters.list_word(path, call) in GROWING:
                    argument = tree.child(call, Role.ARGUMENT)
                    if argument < 0 or not self._under_condition(tree, call):
                        return None
                    added.append(argument)
        return (given, added) if given else None

    @staticmethod
    def _under_condition(tree: Tree, node: int) -> bool:
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.IF:
                return True
            if tree.kinds[parent] == Kind.FUNCTION:
                return False
        return False

    def _unsaid(self, path: str, node: int) -> bool:
        return all(isinstance(value, Unknown) for value in options(self.evaluator.value(path, node)))
