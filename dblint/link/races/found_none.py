"""What else says that a read found no row: functions that answer yes or no, lists and mappings of what was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Call
from dblint.facts.query import Column, Function, Query, Subquery
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.races.reads import Found, Reads
    from dblint.link.types import Evaluator

PARTS = 24
"""Parts of a condition that are looked at."""
STEPS = 12
"""Names, copies and calls behind a list or mapping of what was read."""
_NOTHING = ("null", "undefined")
_NUMBERS = {"==": "0", "<": "1", "<=": "0"}
_SOME = {">": "0", ">=": "1", "!=": "0"}
_ANSWERS = {"true": True, "false": False}


class Listed(NamedTuple):
    """A value is looked for among those of a column which a call has read: the value's node, the call and column."""

    value: int
    read: Call
    column: str


class FoundNone:
    """Reads conditions. One per project."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self.evaluator = evaluator
        self.reads = reads

    def answers(self, path: str, condition: int, holds: bool) -> Iterator[Found]:
        """What was read by the functions that answer yes or no in a condition, where it found nothing if the condition
        comes out so."""
        tree = self.evaluator.tree(path)
        for node, wanted in parts(tree, condition, holds):
            call = self._meant(path, node)
            for callee in options(self.evaluator.value(path, call + 1)) if call >= 0 else ():
                if isinstance(callee, FunctionValue):
                    for inner in self._of_answer(callee, wanted):
                        found = self.reads.of(callee.path, inner)
                        for read in found.reads:
                            found.through[id(read)] = ((callee, path, call), *found.through.get(id(read), ()))
                        yield found

    def _meant(self, path: str, node: int) -> int:
        """The call that an expression is, or whose answer its name was given; -1 for every other."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.NAME:
            node = self._only(path, node)
        while node >= 0 and tree.kinds[node] in (Kind.AWAIT, Kind.CAST):
            node += 1
        return node if node >= 0 and tree.kinds[node] == Kind.CALL else -1

    def _only(self, path: str, name: int) -> int:
        """What a name is given, where that is one thing; -1 otherwise."""
        tree = self.evaluator.tree(path)
        bound = self.evaluator.scope(path).bindings(name, tree.value(name)) or ()
        if len(bound) != 1 or tree.kinds[bound[0][0]] != Kind.ASSIGN or tree.value(bound[0][0]):
            return -1
        target, value = tree.child(bound[0][0], Role.TARGET), tree.child(bound[0][0], Role.VALUE)
        return value if value >= 0 and tree.kinds[target] == Kind.NAME else -1

    def _of_answer(self, function: FunctionValue, wanted: bool) -> Iterator[int]:
        """The expressions of a function that found nothing where it gives what counts as this answer."""
        tree = self.evaluator.tree(function.path)
        for returned in self.evaluator.returns(function):
            if tree.kinds[returned] != Kind.CONSTANT:
                yield from nothing(tree, returned, wanted)
            elif _ANSWERS.get(tree.value(returned)) is wanted:
                for condition, holds in conditions(tree, returned, function.node):
                    yield from nothing(tree, condition, holds)

    # Lists and mappings of what was read

    def listed(self, path: str, condition: int, holds: bool) -> Iterator[Listed]:
        """The values that are not among those which were read before, if the condition comes out so."""
        tree = self.evaluator.tree(path)
        for node, wanted in parts(tree, condition, holds):
            kind, word = tree.kinds[node], tree.value(node)
            if kind == Kind.BINARY and word in ("in", "not-in") and (word == "not-in") == wanted:
                value, holder = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
                yield from self._among(path, value, holder)
        for node in nothing(tree, condition, holds):
            call = self._meant(path, node)
            if call >= 0 and tree.kinds[call + 1] == Kind.ATTRIBUTE:
                row = self.evaluator.tables.untyped["python"].get(tree.value(call + 1))
                value = tree.child(call, Role.ARGUMENT)
                if row is not None and row.list == "lookup" and value >= 0 and not self.evaluator.javascript(path):
                    yield from self._among(path, value, call + 2)

    def _among(self, path: str, value: int, holder: int) -> Iterator[Listed]:
        tree = self.evaluator.tree(path)
        if min(value, holder) < 0:
            return
        for key in self._keys(path, holder):
            if tree.kinds[key] == Kind.ATTRIBUTE and tree.kinds[key + 1] == Kind.NAME:
                found, column = self.reads.of(path, key + 1), tree.value(key)
            else:
                found, column = self.reads.of(path, key), ""
            if found.made or found.handed or found.unknown:
                continue
            for read in found.reads:
                selected = _selected(read.queries[0])
                if column and not selected:
                    yield Listed(value, read, column)
                elif selected and column in ("", selected):
                    yield Listed(value, read, selected)

    def _keys(self, path: str, holder: int) -> Iterator[int]:
        """The expressions that say what stands in a list, set or mapping, as elements or keys; what holds the rows of
        a statement of one column is one, too."""
        tree = self.evaluator.tree(path)
        pending = [holder]
        for _ in range(STEPS):
            if not pending:
                return
            node = pending.pop()
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                pending.append(node + 1)
            elif kind == Kind.NAME:
                value = self._only(path, node)
                pending += [value] if value >= 0 else []
                yield from self._put(tree, path, node)
            elif kind == Kind.COMPREHENSION:
                key = max(tree.child(node, Role.KEY), tree.child(node, Role.BODY))
                if key >= 0:
                    yield key
            elif kind == Kind.CALL and tree.kinds[node + 1] == Kind.NAME and tree.child(node, Role.ARGUMENT) >= 0:
                pending.append(tree.child(node, Role.ARGUMENT))  # `set(rows)`
            elif kind in (Kind.CALL, Kind.ATTRIBUTE):
                yield node

    def _put(self, tree: Tree, path: str, name: int) -> Iterator[int]:
        """The keys under which the function puts something into a mapping by its name."""
        function = self.evaluator.scope(path).function(name)
        assign = tree.kinds.find(Kind.ASSIGN, max(function, 0), name)
        while assign >= 0:
            target = tree.child(assign, Role.TARGET)
            if tree.kinds[target] == Kind.SUBSCRIPT and tree.kinds[target + 1] == Kind.NAME:
                index = tree.child(target, Role.INDEX)
                if tree.value(target + 1) == tree.value(name) and index >= 0:
                    yield index
            assign = tree.kinds.find(Kind.ASSIGN, assign + 1, name)


def _selected(query: Query) -> str:
    """The one column that a query reads; "" where it reads others, or rows."""
    made = list(query.projection.values())
    one = made[0] if len(made) == 1 and not query.projection.open else None
    return one.name if isinstance(one, Column) else ""


def asking(read: Call) -> Iterator[Query]:
    """The queries of a call; of one that asks whether another has rows (`SELECT EXISTS (…)`), that one."""
    for query in read.queries:
        made = list(query.projection.values())
        one = made[0] if len(made) == 1 else None
        inside = one.arguments if isinstance(one, Function) and one.name == "exists" else ()
        asked = [each.query for each in inside if isinstance(each, Subquery)]
        yield from asked or [query]


def parts(tree: Tree, condition: int, holds: bool) -> Iterator[tuple[int, bool]]:
    """The parts of a condition that all come out as they do where it comes out so."""
    pending = [(condition, holds)]
    for _ in range(PARTS):
        if not pending:
            return
        node, wanted = pending.pop()
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.UNARY and word == "not":
            pending.append((tree.child(node, Role.VALUE), not wanted))
        elif kind == Kind.BINARY and word == ("and" if wanted else "or"):
            pending += [(part, wanted) for part in tree.children(node)]
        else:
            yield node, wanted


def nothing(tree: Tree, condition: int, holds: bool) -> Iterator[int]:
    """The expressions that found nothing where a condition comes out so."""
    if tree.kinds[condition] == Kind.BLOCK:  # what was tried
        if not holds and tree.roles[condition] == Role.BODY:
            call = tree.kinds.find(Kind.CALL, condition, tree.ends[condition])
            while call >= 0:
                yield call
                call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[condition])
        return
    for node, wanted in parts(tree, condition, holds):
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.BINARY and word in ("==", "!=", "is", "is-not", "<", "<=", ">", ">="):
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            if right >= 0 and _says_nothing(tree, word, right, wanted):
                yield from _counted(tree, left)
        elif not wanted and kind in (Kind.NAME, Kind.CALL, Kind.ATTRIBUTE, Kind.AWAIT, Kind.ASSIGN, Kind.SUBSCRIPT):
            yield from _counted(tree, node)


def _says_nothing(tree: Tree, operator: str, right: int, wanted: bool) -> bool:
    """Whether a comparison that comes out so says that there is nothing."""
    if tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _NOTHING:
        return (operator in ("==", "is")) == wanted and operator in ("==", "is", "!=", "is-not")
    if tree.kinds[right] == Kind.CONSTANT and tree.value(right) == "false":
        return (operator in ("==", "is")) == wanted and operator in ("==", "is", "!=", "is-not")
    if tree.kinds[right] == Kind.NUMBER:
        return (_NUMBERS if wanted else _SOME).get(operator) == tree.value(right)
    return False


def _counted(tree: Tree, node: int) -> Iterator[int]:
    """An expression, or what its length or truth is asked of."""
    while tree.kinds[node] in (Kind.AWAIT, Kind.CAST):
        node += 1
    if (
        tree.kinds[node] == Kind.CALL
        and tree.kinds[node + 1] == Kind.NAME
        and tree.value(node + 1) in ("len", "bool", "any")
    ):
        node = tree.child(node, Role.ARGUMENT)
    if node >= 0:
        yield node
