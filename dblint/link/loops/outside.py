"""What iterations do outside of the program and its databases, and do not wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.classes import OF_THE_HOST
from dblint.link.values import ExternalValue, FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters
    from dblint.link.types import Evaluator


class Outside:
    """Finds such calls. One per evaluator."""

    def __init__(self, evaluator: Evaluator, counters: Counters) -> None:
        self.evaluator = evaluator
        self.counters = counters
        self._found: dict[tuple[str, int], tuple[Place, ...]] = {}

    def inside(self, path: str, loop: int) -> tuple[Place, ...]:
        """The calls in a loop by which a package acts (nothing is made of what they give), by which a function of the
        project is made to run elsewhere, and what that gives is kept (`task = send_mail.delay(user)`), or by which
        something is begun for the element that nobody waits for (`void run(task)`), or which pause."""
        found = self._found.get((path, loop))
        if found is None:
            tree = self.evaluator.tree(path)
            places: list[Place] = []
            begun = self.evaluator.javascript(path)
            if begun:
                places += (Place(path, tree.starts[node], tree.stops[node]) for node in _begun(tree, loop))
            node = -1 if begun else tree.kinds.find(Kind.CALL, loop, tree.ends[loop])
            while node >= 0:
                if self._outside(path, node):
                    places.append(Place(path, tree.starts[node], tree.stops[node]))
                node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[loop])
            found = self._found[path, loop] = tuple(places)
        return found

    def _outside(self, path: str, call: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.kinds[tree.parents[call]] == Kind.BLOCK:
            if self.counters.waits(path, call):
                return True
            if tree.kinds[call + 1] != Kind.ATTRIBUTE:
                return False
            values = options(self.evaluator.value(path, call + 1))
            return bool(values) and all(isinstance(value, ExternalValue) and self._foreign(value) for value in values)
        if tree.kinds[tree.parents[call]] != Kind.ASSIGN or tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return False
        values = options(self.evaluator.value(path, call + 2))
        return any(isinstance(value, FunctionValue) and self._wrapped(value) for value in values)

    def _foreign(self, value: ExternalValue) -> bool:
        """Whether a name is that of a package that no table describes, and none of the language's own but those that
        act (`os.remove`)."""
        root = value.path.partition(".")[0]
        if root in hosts.ACTING:
            return True
        return bool(root) and root not in OF_THE_HOST and root not in self.evaluator.tables.packages

    def _wrapped(self, function: FunctionValue) -> bool:
        """Whether a decorator makes something else of a function, on which members may be called."""
        return self.evaluator.tree(function.path).child(function.node, Role.DECORATOR) >= 0


def _begun(tree: Tree, loop: int) -> Iterator[int]:
    """The calls in a loop whose promise is thrown away as such."""
    node = tree.kinds.find(Kind.UNARY, loop, tree.ends[loop])
    while node >= 0:
        if tree.value(node) == "void" and tree.kinds[node + 1] == Kind.CALL:
            yield node + 1
        node = tree.kinds.find(Kind.UNARY, node + 1, tree.ends[loop])
