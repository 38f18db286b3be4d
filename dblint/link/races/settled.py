"""What a function settles itself of a row beside what it computes of it: that a column begins anew, that a state which
lets it go on is another one afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions
from dblint.link.races.values import spelled, words
from dblint.link.values import FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

PARTS = 16
"""Parts of a condition, statements and returns that are looked at."""
LITERALS = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT})
_NOTHING = frozenset({"null", "undefined"})


class _Setting(NamedTuple):
    """A plain assignment to an attribute of an object, by itself or through a method of the object. `owner`: the object
    in the function that is looked at; `path` and `value`: what is assigned, -1 where that cannot be said."""

    statement: int
    owner: int
    path: str
    value: int


class Settled:
    """Reads it. One per project."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def anew(self, path: str, node: int, owner: int, name: str, function: int) -> bool:
        """Whether an attribute of a row surely was set to a constant before `node`, on the row itself or on every
        element of the collection that the row comes from: what is computed then is made of nothing that was read."""
        tree = self.evaluator.tree(path)
        row = words(tree, owner)
        collections: frozenset[str] | None = None
        for setting in self._settings(path, name, function, before=node):
            if setting.value < 0 or not self._constant(setting.path, setting.value):
                continue
            outer = tree.parents[setting.statement]
            if tree.contains(outer, node):
                if words(tree, setting.owner) == row and self._alike(path, setting.owner, owner):
                    return True
                continue
            loop = tree.parents[outer] if tree.kinds[outer] == Kind.BLOCK else outer
            if tree.kinds[loop] != Kind.LOOP or not tree.contains(tree.parents[loop], node):
                continue
            target, iterable = tree.child(loop, Role.TARGET), tree.child(loop, Role.ITERABLE)
            if target < 0 or iterable < 0 or words(tree, target) != words(tree, setting.owner):
                continue
            if collections is None:
                collections = frozenset(self._collections(path, owner))
            if self._collection(path, iterable) in collections:
                return True
        return False

    def guarded(self, path: str, node: int, owner: int, name: str, function: int) -> bool:
        """Whether `node` runs only in one state of the row (another attribute has a value), and the function changes
        that state: of two that do it at once, the second should not have done it."""
        tree = self.evaluator.tree(path)
        row = words(tree, owner)
        for condition, holds in conditions(tree, node, function):
            for state, wanted, value in _states(tree, condition, holds):
                if tree.value(state) == name or words(tree, state + 1) != row:
                    continue
                for setting in self._settings(path, tree.value(state), function):
                    if (
                        setting.value >= 0
                        and words(tree, setting.owner) == row
                        and tree.contains(tree.parents[setting.statement], node)
                        and not tree.contains(condition, setting.statement)
                        and self._changes(tree, value, wanted, setting)
                    ):
                        return True
        return False

    def _changes(self, tree: Tree, value: int, wanted: bool, setting: _Setting) -> bool:
        """Whether a state for which a test came out as wanted is surely another one after a setting."""
        other = self.evaluator.tree(setting.path)
        if value < 0:  # the state itself is the test
            constant = other.kinds[setting.value] == Kind.CONSTANT and other.value(setting.value)
            return constant == ("false" if wanted else "true") or (wanted and constant in _NOTHING)
        if tree.kinds[value] in (Kind.LIST, Kind.TUPLE, Kind.SET):
            known = {spelled(tree, each) for each in tree.children(value)}
        else:
            known = {spelled(tree, value)}
        return (spelled(other, setting.value) not in known) == wanted

    def _settings(self, path: str, name: str, function: int, before: int = -1) -> Iterator[_Setting]:
        """What sets an attribute of an object in a function."""
        tree = self.evaluator.tree(path)
        stop = before if before >= 0 else tree.ends[function]
        assign = tree.kinds.find(Kind.ASSIGN, function, stop)
        while assign >= 0:
            target, value = tree.child(assign, Role.TARGET), tree.child(assign, Role.VALUE)
            if value >= 0 and not tree.value(assign) and tree.ends[assign] <= stop:
                if tree.kinds[target] == Kind.ATTRIBUTE and tree.value(target) == name:
                    yield _Setting(assign, target + 1, path, value)
            assign = tree.kinds.find(Kind.ASSIGN, assign + 1, stop)
        call = tree.kinds.find(Kind.CALL, function, stop)
        while call >= 0:
            statement = call
            if tree.kinds[tree.parents[call]] == Kind.AWAIT:
                statement = tree.parents[call]
            if tree.kinds[tree.parents[statement]] == Kind.BLOCK and tree.kinds[call + 1] == Kind.ATTRIBUTE:
                yield from self._through(path, call, statement, name)
            call = tree.kinds.find(Kind.CALL, call + 1, stop)

    def _through(self, path: str, call: int, statement: int, name: str) -> Iterator[_Setting]:
        """What a method of an object sets on it whatever happens, where a call is a statement of its own."""
        tree = self.evaluator.tree(path)
        held = options(self.evaluator.value(path, call + 1))
        if len(held) != 1 or not isinstance(held[0], FunctionValue):
            return
        method = held[0]
        other = self.evaluator.tree(method.path)
        body = other.child(method.node, Role.BODY)
        if body < 0 or other.kinds[body] != Kind.BLOCK:
            return
        for inner in other.children(body):
            target, value = other.child(inner, Role.TARGET), other.child(inner, Role.VALUE)
            if other.kinds[inner] != Kind.ASSIGN or other.value(inner) or value < 0:
                continue
            if other.kinds[target] != Kind.ATTRIBUTE or other.value(target) != name:
                continue
            if not self._receiver(method, target + 1):
                continue
            given = self._given(method, value, tree, call)
            yield _Setting(statement, call + 2, *((path, given) if given >= 0 else (method.path, value)))

    def _receiver(self, method: FunctionValue, node: int) -> bool:
        """Whether a name of a method is the object that it is called on."""
        tree = self.evaluator.tree(method.path)
        if tree.kinds[node] != Kind.NAME:
            return False
        first = tree.child(method.node, Role.PARAMETER)
        if first < 0 or self.evaluator.parameters.position(method.path, method.node, first) != -1:
            return words(tree, node) == "self"
        return tree.value(node) == tree.value(first)

    def _given(self, method: FunctionValue, value: int, tree: Tree, call: int) -> int:
        """What a call gives for the parameter that a value of its method is, or -1."""
        other = self.evaluator.tree(method.path)
        if other.kinds[value] != Kind.NAME:
            return -1
        for parameter in other.with_role(method.node, Role.PARAMETER):
            if other.value(parameter) != other.value(value):
                continue
            position = self.evaluator.parameters.position(method.path, method.node, parameter)
            arguments = list(tree.with_role(call, Role.ARGUMENT))
            for argument in arguments:
                if tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) == other.value(value):
                    return tree.child(argument, Role.VALUE)
            plain = [each for each in arguments if tree.kinds[each] not in (Kind.KEYWORD, Kind.SPREAD)]
            if 0 <= position < len(plain) and not any(tree.kinds[each] == Kind.SPREAD for each in arguments):
                return plain[position]
        return -1

    def _constant(self, path: str, node: int) -> bool:
        """Whether a value is the same each time: a literal, or made of literals alone by a name (`Decimal(0)`)."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] == Kind.UNARY:
            node += 1
        if tree.kinds[node] in LITERALS:
            return True
        if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] not in (Kind.NAME, Kind.ATTRIBUTE):
            return False
        given = list(tree.with_role(node, Role.ARGUMENT))
        return bool(given) and all(tree.kinds[each] in LITERALS for each in given)

    def _alike(self, path: str, one: int, other: int) -> bool:
        """Whether two chains written alike begin with the same object."""
        tree = self.evaluator.tree(path)
        found = []
        for node in (one, other):
            while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.AWAIT, Kind.CAST):
                node += 1
            bound = self.evaluator.scope(path).bindings(node, tree.value(node)) or ()
            found.append({binding for binding, _ in bound})
        return found[0] == found[1]

    def _collections(self, path: str, node: int) -> Iterator[str]:
        """The collections that a row surely is an element of, as chains of words of its function; nothing where it
        may come from elsewhere."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return
        bound = self.evaluator.scope(path).bindings(node, tree.value(node)) or ()
        found = [self._collection_of(path, binding) for binding, _ in bound]
        if all(found):
            yield from found

    def _collection_of(self, path: str, binding: int) -> str:
        tree = self.evaluator.tree(path)
        if tree.kinds[binding] in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(binding, Role.ITERABLE)
            return self._collection(path, iterable) if iterable >= 0 else ""
        value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
        if value < 0 or tree.value(binding):
            return ""
        while tree.kinds[value] in (Kind.AWAIT, Kind.CAST):
            value += 1
        if tree.kinds[value] == Kind.SUBSCRIPT:
            return words(tree, value + 1)
        if tree.kinds[value] != Kind.CALL or tree.kinds[value + 1] != Kind.ATTRIBUTE:
            return ""
        receiver = words(tree, value + 2)
        held = options(self.evaluator.value(path, value + 1))
        if not receiver or len(held) != 1 or not isinstance(held[0], FunctionValue):
            return ""
        return self._picked(held[0], receiver)

    def _picked(self, method: FunctionValue, receiver: str) -> str:
        """The collection of an object of which a method gives an element, or nothing."""
        tree = self.evaluator.tree(method.path)
        found: set[str] = set()
        for number, value in enumerate(self.evaluator.returns(method)):
            if number >= PARTS:
                return ""
            if tree.kinds[value] == Kind.CONSTANT:
                continue
            if tree.kinds[value] != Kind.NAME:
                return ""
            for binding, _ in self.evaluator.scope(method.path).bindings(value, tree.value(value)) or ():
                iterable = tree.child(binding, Role.ITERABLE) if tree.kinds[binding] == Kind.LOOP else -1
                if iterable < 0 or tree.kinds[iterable] != Kind.ATTRIBUTE or not self._receiver(method, iterable + 1):
                    return ""
                found.add(f"{receiver}.{tree.value(iterable)}")
        return found.pop() if len(found) == 1 else ""

    def _collection(self, path: str, node: int) -> str:
        """What is iterated, in a chain of words, also where a function gives its elements (`list(rows)`)."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.CALL:
            return words(tree, node)
        called = [each for each in options(self.evaluator.value(path, node + 1)) if isinstance(each, LibraryFunction)]
        rows = [self.evaluator.rows.row_of(each) for each in called]
        first = tree.child(node, Role.ARGUMENT)
        same = first >= 0 and any(row is not None and row.iterates == "same" for row in rows)
        return words(tree, first if same else node)


def _states(tree: Tree, condition: int, holds: bool) -> Iterator[tuple[int, bool, int]]:
    """The attributes that must be, or not be, what they are compared with (-1: true) for a condition to come out so."""
    pending = [(condition, holds)]
    for _ in range(PARTS):
        if not pending:
            return
        node, wanted = pending.pop()
        kind = tree.kinds[node]
        if kind == Kind.UNARY and tree.value(node) == "not":
            pending.append((tree.child(node, Role.VALUE), not wanted))
        elif kind == Kind.ATTRIBUTE:
            yield node, wanted, -1
        elif kind == Kind.BINARY and tree.value(node) == ("and" if wanted else "or"):
            pending += [(child, wanted) for child in tree.children(node)]
        elif kind == Kind.BINARY and tree.value(node) in ("==", "!=", "is", "is-not", "in", "not-in"):
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            if tree.kinds[left] == Kind.ATTRIBUTE and right >= 0:
                yield left, (tree.value(node) in ("==", "is", "in")) == wanted, right
