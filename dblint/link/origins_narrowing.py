"""What a test of its class says of a value where it holds: `if isinstance(link, Cable): link.ends`.

Of the classes that are tested, those count that the project declares or a table describes; what was known to be one
of them before stays what it was. A test of a name, of attributes of it or of its entries holds as long as the name
holds the same. Of elements of loops a test says which of several kinds this one is, and not what most of them are:
those stay unknown, as what is done for one kind is not done for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.classes import class_key
from dblint.link.values import (
    Class,
    Context,
    Expression,
    ExternalValue,
    Instance,
    LibraryClass,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

PARTS = 16
"""Parts of one condition that are read."""
_LEAVING = frozenset({Kind.RETURN, Kind.CONTINUE, Kind.BREAK, Kind.RAISE})
_HOLDING = frozenset({Kind.ASSIGN, Kind.PARAMETER})
_TESTED = frozenset({Kind.NAME, Kind.ATTRIBUTE, Kind.SUBSCRIPT})


class _Test(NamedTuple):
    """A test: which expression, of which class (nodes), and the nodes between which it holds."""

    tested: int
    cls: int
    start: int
    stop: int


Tests: TypeAlias = dict[tuple[int, str], list[_Test]]
"""Tests by the kind and the word of what is tested."""


class Narrowing:
    """Answers what tests say. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def tests(self, path: str) -> Tests:
        """The tests of a file that hold somewhere; none in most files."""
        found: Tests = {}
        if not self.evaluator.javascript(path):
            tree = self.evaluator.tree(path)
            for test in self._read(tree):
                found.setdefault((tree.kinds[test.tested], tree.value(test.tested)), []).append(test)
        return found

    def narrowed(self, path: str, node: int, value: Value, context: Context | None) -> Value:
        """A value where it is used, as the nearest test around it says."""
        tree = self.evaluator.tree(path)
        tests = self.evaluator.tested(path).get((tree.kinds[node], tree.value(node)))
        if tests is None:
            return value
        holding = [test for test in tests if test.start <= node < test.stop and self._same(path, test.tested, node)]
        if not holding:
            return value
        test = max(holding, key=lambda each: each.start)
        classes = list(self._classes(path, test.cls, context))
        if not classes:
            return value
        keys = {class_key(cls) for cls in classes}
        found = options(value)
        kept: list[Value] = [option for option in found if isinstance(option, Instance) and self._is(option.cls, keys)]
        if kept:
            return join(kept)
        further = [cls for cls in classes if any(self._may_be(option, cls) for option in found)]
        made = [self.evaluator.annotations.instance_of(cls, "of a test") for cls in further]
        return join([self.evaluator.begun(each) for each in made]) if made else value

    def _is(self, cls: Class, keys: set[tuple[str, int]]) -> bool:
        return any(class_key(base) in keys for base in self.evaluator.classes.mro(cls))

    def _may_be(self, value: Value, cls: Class) -> bool:
        """Whether a value may be an instance of a class: nothing better is known, or it is one of a base of that."""
        if isinstance(value, (Unknown, ExternalValue, Expression)):
            return True
        if isinstance(value, Scalar):
            return not value.kind
        if not isinstance(value, Instance):
            return False
        if isinstance(value.cls, LibraryClass) and value.cls.name in self.evaluator.classes.lineage(cls):
            return True
        return any(class_key(base) == class_key(value.cls) for base in self.evaluator.classes.mro(cls))

    def _classes(self, path: str, node: int, context: Context | None) -> Iterator[Class]:
        """The classes of which one is tested; none where one of them cannot be said."""
        tree = self.evaluator.tree(path)
        nodes = list(tree.children(node)) if tree.kinds[node] == Kind.TUPLE else [node]
        found: list[Class] = []
        for each in nodes:
            value = self.evaluator.value(path, each, context)
            if not isinstance(value, (ProjectClass, LibraryClass)):
                return
            found.append(value)
        yield from found

    def _same(self, path: str, tested: int, node: int) -> bool:
        """Whether two expressions are written alike, and the name that they begin with holds the same in both."""
        tree = self.evaluator.tree(path)
        length = tree.ends[tested] - tested
        if tree.ends[node] - node != length:
            return False
        if any(
            tree.kinds[tested + at] != tree.kinds[node + at] or tree.value(tested + at) != tree.value(node + at)
            for at in range(length)
        ):
            return False
        first, other = _first(tree, tested), _first(tree, node)
        if first < 0:
            return False
        scope, name = self.evaluator.scope(path), tree.value(first)
        reached = scope.reaching(first, name)
        held = reached is not None and all(tree.kinds[binding] in _HOLDING for binding, _ in reached)
        return held and reached == scope.reaching(other, name)

    def _read(self, tree: Tree) -> Iterator[_Test]:
        for word in sorted(hosts.CLASS_TESTS):
            for callee in tree.spelled(word):
                call = tree.parents[callee]
                if tree.kinds[callee] != Kind.NAME or call < 0 or tree.kinds[call] != Kind.CALL or callee != call + 1:
                    continue
                given = list(tree.with_role(call, Role.ARGUMENT))
                if len(given) == 2 and tree.kinds[given[0]] in _TESTED:
                    yield from (_Test(given[0], given[1], *span) for span in _holding(tree, call))


def _first(tree: Tree, node: int) -> int:
    """The NAME that an expression begins with, -1 where it begins otherwise."""
    while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
        node += 1
    return node if tree.kinds[node] == Kind.NAME else -1


def _holding(tree: Tree, node: int) -> Iterator[tuple[int, int]]:
    """Where a condition holds: behind it in the same condition, on its branch, or behind the one that leaves where it
    does not hold."""
    holds = True
    for _ in range(PARTS):
        parent, role = tree.parents[node], tree.roles[node]
        if parent < 0:
            return
        kind, word = tree.kinds[parent], tree.value(parent)
        if kind == Kind.UNARY and word == "not":
            holds = not holds
        elif kind == Kind.BINARY and word == ("and" if holds else "or"):
            if role == Role.LEFT:
                right = tree.child(parent, Role.RIGHT)
                if right >= 0:
                    yield right, tree.ends[right]
        elif kind in (Kind.IF, Kind.CONDITIONAL) and role == Role.CONDITION:
            branch = tree.child(parent, Role.BODY if holds else Role.ELSE)
            if branch >= 0:
                yield branch, tree.ends[branch]
            body = tree.child(parent, Role.BODY)
            alone = kind == Kind.IF and tree.child(parent, Role.ELSE) < 0
            first = _first_branch(tree, parent) if not holds and alone and body >= 0 and _leaves(tree, body) else -1
            block = tree.parents[first] if first >= 0 else -1
            if block >= 0 and tree.kinds[block] == Kind.BLOCK:
                yield tree.ends[first], tree.ends[block]
            return
        elif kind == Kind.OPAQUE and word == hosts.ASSERTS and holds and node == parent + 1:
            block = tree.parents[parent]
            if block >= 0 and tree.kinds[block] == Kind.BLOCK:
                yield tree.ends[parent], tree.ends[block]
            return
        else:
            return
        node = parent


def _first_branch(tree: Tree, node: int) -> int:
    """The statement of several branches of which an `if` is the last, where all before it leave, too; -1 where one of
    them goes on behind it."""
    while tree.roles[node] == Role.ELSE and tree.kinds[tree.parents[node]] == Kind.IF:
        node = tree.parents[node]
        body = tree.child(node, Role.BODY)
        if body < 0 or not _leaves(tree, body):
            return -1
    return node


def _leaves(tree: Tree, body: int) -> bool:
    if tree.kinds[body] != Kind.BLOCK:
        return tree.kinds[body] in _LEAVING
    return any(tree.kinds[statement] in _LEAVING for statement in tree.children(body))
