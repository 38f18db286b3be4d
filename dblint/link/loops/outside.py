"""What iterations do outside of the program and its databases, and do not wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.classes import OF_THE_HOST
from dblint.link.loops.deciding import conditional, decided
from dblint.link.values import ExternalValue, FunctionValue, Unknown, Value, options

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters
    from dblint.link.types import Evaluator

STEPS = 6
"""Functions of the project through which what acts is called."""


class Outside:
    """Finds such calls. One per evaluator."""

    def __init__(self, evaluator: Evaluator, counters: Counters) -> None:
        self.evaluator = evaluator
        self.counters = counters
        self._found: dict[tuple[str, int], tuple[Place, ...]] = {}
        self._acting: dict[tuple[str, int], bool] = {}
        self._led: dict[tuple[str, int], bool] = {}
        self._active: list[tuple[str, int]] = []
        self.changing: frozenset[tuple[str, int]] = frozenset()
        """The functions that change rows, as the call graph has found them."""

    def inside(self, path: str, loop: int) -> tuple[Place, ...]:
        """The calls in a loop by which a package acts (nothing is made of what they give, or it is only asked how that
        went), by which a function of the project is made to run elsewhere (`send_mail.delay(user)`), by which
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
        parent, callee = tree.parents[call], call + 1
        dropped = tree.kinds[parent] == Kind.BLOCK
        if not dropped and tree.kinds[parent] != Kind.ASSIGN:
            return False
        if dropped and self.counters.waits(path, call):
            return True
        if any(row.acts for row in self.counters.rows(path, call)) and (dropped or self._asked(tree, parent)):
            return True
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            values = options(self.evaluator.value(path, callee + 1))
            if any(isinstance(value, FunctionValue) and self._wrapped(value) for value in values):
                return True
        elif tree.kinds[callee] != Kind.NAME:
            return False
        if not dropped and not self._asked(tree, parent):
            return False
        values = options(self.evaluator.value(path, callee))
        return bool(values) and all(
            (isinstance(value, ExternalValue) and self._foreign(value))
            or (dropped and isinstance(value, FunctionValue) and self._acts(value))
            for value in values
        )

    def _acts(self, function: FunctionValue) -> bool:
        """Whether a function of the project acts outside each time that it is called: it does so itself, or calls one
        that does, under no condition."""
        key = (function.path, function.node)
        if key in self._acting:
            return self._acting[key]
        if key in self._active or len(self._active) >= STEPS:
            return False
        self._active.append(key)
        tree, scope = self.evaluator.tree(function.path), self.evaluator.scope(function.path)
        node, acts = tree.kinds.find(Kind.CALL, function.node, tree.ends[function.node]), False
        while node >= 0 and not acts:
            if scope.function(node) == function.node and not conditional(tree, node, function.node):
                acts = self._outside(function.path, node)
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[function.node])
        self._active.pop()
        if not self._active:
            self._acting[key] = acts
        return acts

    def after(self, path: str, loop: int, asking: int) -> bool:
        """Whether a turn that asks something surely comes to a call that acts outside, behind it or around it (which is
        handed what it gives), unless a row is not there: whatever is made of what that gives (a file that is loaded,
        another service's answer). A promise counts where somebody waits for it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        around, waited = scope.function(asking), self.evaluator.javascript(path)
        outer = (node for node in tree.ancestors(asking) if node > loop and tree.kinds[node] == Kind.CALL)
        for node in (*outer, *_calls(tree, tree.ends[asking], tree.ends[loop])):
            awaited = not waited or tree.kinds[tree.parents[node]] == Kind.AWAIT
            if awaited and scope.function(node) == around and decided(tree, node, asking) <= tree.starts[asking]:
                if any(row.acts for row in self.counters.rows(path, node)):
                    return True
                called = options(self.evaluator.value(path, node + 1))
                if called and all(isinstance(each, FunctionValue) and self.leads(each) for each in called):
                    return True
        return False

    def leads(self, function: FunctionValue) -> bool:
        """Whether a function of the project acts outside where nothing fails, or calls one that does: by what tables
        describe, by the language's own modules, or by a function that it has run elsewhere. So does a method that is
        left open where one of the many that are written in its place acts or changes rows: it may be any of them."""
        key = (function.path, function.node)
        found = self._led.get(key)
        if found is None:
            found = self._led[key] = self._leads(function)
        return found

    def _leads(self, function: FunctionValue) -> bool:
        pending, seen = [(function, 0)], {(function.path, function.node)}
        while pending:
            current, steps = pending.pop()
            tree, scope = self.evaluator.tree(current.path), self.evaluator.scope(current.path)
            node = tree.kinds.find(Kind.CALL, current.node, tree.ends[current.node])
            while node >= 0:
                if _runs(tree, scope.function(node), current.node) and not _fails(tree, node, current.node):
                    if self._begins(current.path, node):
                        return True
                    called = options(self.evaluator.value(current.path, node + 1)) if steps < STEPS else ()
                    only = called[0] if len(called) == 1 else None
                    may_be = self._written_in_place(current.path, node, only)
                    if any((each.path, each.node) in self.changing for each in may_be):
                        return True
                    for value in (*called, *may_be):
                        if isinstance(value, FunctionValue) and (value.path, value.node) not in seen:
                            seen.add((value.path, value.node))
                            pending.append((value, steps + 1))
                node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[current.node])
        return False

    def _written_in_place(self, path: str, call: int, called: Value | None) -> list[FunctionValue]:
        """The methods that a call of one which is left open may come to; of a receiver of which nothing is known, by
        the name and the number of what it is given."""
        below, tree = self.evaluator.members.below, self.evaluator.tree(path)
        if isinstance(called, FunctionValue):
            return below.overriding(called)
        if not isinstance(called, Unknown) or tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return []
        given = list(tree.with_role(call, Role.ARGUMENT))
        if not given or any(tree.kinds[each] == Kind.SPREAD for each in given):
            return []
        return below.written_for(tree.value(call + 1), len(given))

    def _begins(self, path: str, call: int) -> bool:
        """Whether a call acts outside, whatever becomes of what it gives."""
        tree, callee = self.evaluator.tree(path), call + 1
        if any(row.acts for row in self.counters.rows(path, call)):
            return True
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            values = options(self.evaluator.value(path, callee + 1))
            if any(isinstance(value, FunctionValue) and self._wrapped(value) for value in values):
                return True
        if tree.kinds[tree.parents[call]] != Kind.BLOCK:
            return False
        values = options(self.evaluator.value(path, callee))
        return bool(values) and all(
            isinstance(value, ExternalValue) and value.path.partition(".")[0] in hosts.ACTING for value in values
        )

    @staticmethod
    def _asked(tree: Tree, assign: int) -> bool:
        """Whether a condition in the block reads an attribute of what is assigned (`if answer.ok:`)."""
        target, block = tree.child(assign, Role.TARGET), tree.parents[assign]
        if tree.kinds[target] != Kind.NAME or tree.kinds[block] != Kind.BLOCK:
            return False
        node = tree.kinds.find(Kind.IF, assign, tree.ends[block])
        while node >= 0:
            condition = tree.child(node, Role.CONDITION)
            for name in range(condition, tree.ends[condition]) if condition >= 0 else ():
                read = tree.parents[name]
                if tree.kinds[name] == Kind.NAME and tree.value(name) == tree.value(target):
                    if tree.kinds[read] == Kind.ATTRIBUTE and tree.roles[read] != Role.CALLEE:
                        return True
            node = tree.kinds.find(Kind.IF, node + 1, tree.ends[block])
        return False

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


def _calls(tree: Tree, first: int, end: int) -> Iterator[int]:
    """The calls from a node on, up to another one."""
    node = tree.kinds.find(Kind.CALL, first, end)
    while node >= 0:
        yield node
        node = tree.kinds.find(Kind.CALL, node + 1, end)


def _runs(tree: Tree, inner: int, function: int) -> bool:
    """Whether a function stands in another one so that it runs with it, as far as can be said: it is the same, or is
    handed to a call of which something is made (`await choose(kind).with("a", () => load(key))`)."""
    while inner > function:
        node = tree.parents[inner]
        if tree.kinds[node] != Kind.CALL or tree.roles[inner] != Role.ARGUMENT:
            return False
        while tree.kinds[node] in (Kind.CALL, Kind.ATTRIBUTE):
            node = tree.parents[node]
        if tree.kinds[node] == Kind.BLOCK:
            return False
        while node > function and tree.kinds[node] != Kind.FUNCTION:
            node = tree.parents[node]
        inner = node
    return inner == function


def _fails(tree: Tree, node: int, function: int) -> bool:
    """Whether a node inside a function stands where an error is handled or made."""
    node = tree.parents[node]
    while node > function:
        if tree.kinds[node] in (Kind.CATCH, Kind.RAISE):
            return True
        node = tree.parents[node]
    return False


def _begun(tree: Tree, loop: int) -> Iterator[int]:
    """The calls in a loop whose promise is thrown away as such."""
    node = tree.kinds.find(Kind.UNARY, loop, tree.ends[loop])
    while node >= 0:
        if tree.value(node) == "void" and tree.kinds[node + 1] == Kind.CALL:
            yield node + 1
        node = tree.kinds.find(Kind.UNARY, node + 1, tree.ends[loop])
