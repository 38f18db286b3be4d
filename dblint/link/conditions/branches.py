"""Under which tests of its function an expression runs, as a formula over what the tests ask of names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.texts.leaving import Leaving

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Part: TypeAlias = "int | tuple[int, int]"
"""What an expression is the same by: its words, and what binds its names."""

GIVEN, TRUE, FILLED = 1, 2, 3
"""What a test asks of a value, each more than the one before: that it is there, that it counts as true, that it has
elements."""
NODES = 40
"""Nodes of an expression that is compared with others."""
DEPTH = 12
"""Nested tests that are read."""
_NOTHING = frozenset({"null", "undefined"})
_FALSE = frozenset({"null", "undefined", "false"})
_ZEROS = frozenset({"0", "0.0"})


class Asked(msgspec.Struct, frozen=True):
    """A value is at least as much as `level`; 0: an expression that is read as a whole comes out true. `node`: where
    the value stands."""

    key: tuple[object, ...]
    level: int
    node: int = -1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and (self.key, self.level) == (other.key, other.level)

    def __hash__(self) -> int:
        return hash((self.key, self.level))


class Every(msgspec.Struct, frozen=True):
    """All of them; of none it is true."""

    parts: tuple[Formula, ...] = ()


class Some(msgspec.Struct, frozen=True):
    """One of them; of none it is false."""

    parts: tuple[Formula, ...] = ()


class Not(msgspec.Struct, frozen=True):
    """The opposite."""

    part: Formula


Formula: TypeAlias = Asked | Every | Some | Not


class Branches:
    """Reads the tests of one function. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.leaving = Leaving(evaluator)

    def around(self, path: str, node: int, function: int, other: int = -1) -> tuple[Formula, ...] | None:
        """What must come out for `node` to run: the tests around it inside `function`, and those before it that leave.
        None where something else decides whether it runs before `other` does."""
        tree = self.evaluator.tree(path)
        found: list[Formula] = []
        child = node
        for parent in tree.ancestors(node):
            if parent == function:
                break
            kind, role = tree.kinds[parent], tree.roles[child]
            if kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE):
                found.append(self._of_branch(path, parent, role == Role.BODY))
            elif kind in (Kind.BLOCK, Kind.MODULE):
                for earlier in tree.children(parent):
                    if earlier >= child:
                        break
                    if tree.kinds[earlier] == Kind.IF and (passed := self._passed(path, earlier, DEPTH)) is not None:
                        found.append(passed)
            elif kind == Kind.BINARY and tree.value(parent) in ("and", "or") and role == Role.RIGHT:
                left = self.formula(path, tree.child(parent, Role.LEFT))
                found.append(left if tree.value(parent) == "and" else Not(left))
            elif kind == Kind.LOOP and role == Role.BODY and (iterable := tree.child(parent, Role.ITERABLE)) >= 0:
                if not tree.contains(parent, other):
                    found.append(self._filled(path, iterable))
            elif kind in _DECIDING and other >= 0 and not tree.contains(parent, other):
                return None
            child = parent
        return tuple(found)

    def _of_branch(self, path: str, parent: int, holds: bool) -> Formula:
        condition = self.formula(path, self.evaluator.tree(path).child(parent, Role.CONDITION))
        return condition if holds else Not(condition)

    def _passed(self, path: str, node: int, depth: int) -> Formula | None:
        """What must come out for what stands behind an `if` to run; None where it always does."""
        tree = self.evaluator.tree(path)
        condition, body = tree.child(node, Role.CONDITION), tree.child(node, Role.BODY)
        other = tree.child(node, Role.ELSE)
        if condition < 0 or body < 0 or not depth:
            return None
        leaves = self._leaves(path, body)
        if other >= 0 and tree.kinds[other] == Kind.IF:
            otherwise = self._passed(path, other, depth - 1)
        else:
            otherwise = Some() if other >= 0 and self._leaves(path, other) else None
        if not leaves and otherwise is None:
            return None
        asked = self.formula(path, condition)
        ways: list[Formula] = [] if leaves else [asked]
        ways.append(Every((Not(asked),)) if otherwise is None else Every((Not(asked), otherwise)))
        return Some(tuple(ways)) if len(ways) > 1 else ways[0]

    def _leaves(self, path: str, body: int) -> bool:
        tree = self.evaluator.tree(path)
        statements = tree.children(body) if tree.kinds[body] == Kind.BLOCK else (body,)
        return any(self.leaving.leaves(path, statement) for statement in statements)

    # Tests

    def formula(self, path: str, node: int, depth: int = DEPTH) -> Formula:
        """What a condition asks."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if not depth:
            return Asked(self._key(path, node), 0, node)
        inner = [child for child in tree.children(node) if tree.roles[child] in _OPERANDS]
        if kind == Kind.UNARY and tree.value(node) == "not" and inner:
            return Not(self.formula(path, inner[0], depth - 1))
        if kind == Kind.BINARY and tree.value(node) in ("and", "or"):
            parts = tuple(self.formula(path, child, depth - 1) for child in inner)
            return Every(parts) if tree.value(node) == "and" else Some(parts)
        if kind == Kind.BINARY and len(inner) == 2:
            compared = self._compared(path, tree.value(node), inner[0], inner[1])
            return compared if compared is not None else Asked(self._key(path, node), 0, node)
        if kind == Kind.CALL:
            parts_of = self._called(path, node)
            if parts_of is not None:
                word, nodes = parts_of
                parts = tuple(self.formula(path, child, depth - 1) for child in nodes)
                return Every(parts) if word == "all" else Some(parts)
        if kind == Kind.NAME and (meant := self._meant(path, node)) >= 0:
            return self.formula(path, meant, depth - 1)
        counted = self._counted(path, node)
        return self._filled(path, counted) if counted >= 0 else Asked(self._key(path, node), TRUE, node)

    def _meant(self, path: str, node: int) -> int:
        """The test that a name was given once and for all (`narrowed = bool(a or b)`), -1 for any other name."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        bound = scope.bindings(node, tree.value(node)) or []
        if len(bound) != 1 or not bound[0][1] or tree.kinds[bound[0][0]] != Kind.ASSIGN or tree.value(bound[0][0]):
            return -1
        if scope.function(bound[0][0]) != scope.function(node):
            return -1
        target, value = tree.child(bound[0][0], Role.TARGET), tree.child(bound[0][0], Role.VALUE)
        if value < 0 or tree.kinds[target] != Kind.NAME:
            return -1
        kind = tree.kinds[value]
        tests = kind == Kind.UNARY or (kind == Kind.BINARY and tree.value(value) in _TESTS)
        return value if tests or (kind == Kind.CALL and self._called(path, value) is not None) else -1

    def _called(self, path: str, node: int) -> tuple[str, list[int]] | None:
        """What a function of the host language asks of its arguments: `bool(a)`, `any([a, b])`, `[a, b].some(Boolean)`;
        the word that puts them together."""
        tree = self.evaluator.tree(path)
        callee, arguments = node + 1, list(tree.with_role(node, Role.ARGUMENT))
        if len(arguments) != 1:
            return None
        if tree.kinds[callee] == Kind.NAME:
            if tree.value(callee) in hosts.TRUTH:
                return "any", arguments
            if tree.value(callee) in hosts.TOGETHER and tree.kinds[arguments[0]] in _LISTS:
                return hosts.TOGETHER[tree.value(callee)], list(tree.children(arguments[0]))
        elif tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in hosts.TOGETHER:
            truth = tree.kinds[arguments[0]] == Kind.NAME and tree.value(arguments[0]) in hosts.TRUTH
            if truth and tree.kinds[callee + 1] in _LISTS:
                return hosts.TOGETHER[tree.value(callee)], list(tree.children(callee + 1))
        return None

    def _compared(self, path: str, operator: str, left: int, right: int) -> Formula | None:
        """A comparison with nothing or with zero; None for any other."""
        tree = self.evaluator.tree(path)
        word = tree.value(right)
        if tree.kinds[right] == Kind.CONSTANT and operator in ("==", "!=", "is", "is-not"):
            if word not in _NOTHING and word not in ("true", "false"):
                return None
            level = GIVEN if word in _NOTHING else TRUE
            asked = (
                Asked(self._key(path, left), level, left) if level == GIVEN else self.formula(path, left, DEPTH // 2)
            )
            same = operator in ("==", "is")
            return Not(asked) if same == (word != "true") else asked
        counted = self._counted(path, left)
        if counted < 0 or tree.kinds[right] != Kind.NUMBER:
            return None
        filled = self._filled(path, counted)
        if (word in _ZEROS and operator in (">", "!=")) or (word == "1" and operator == ">="):
            return filled
        return Not(filled) if (word in _ZEROS and operator == "==") or (word == "1" and operator == "<") else None

    def _counted(self, path: str, node: int) -> int:
        """What is counted: `names` of `len(names)`, `names.length`, `Object.keys(names).length`; -1: nothing is."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.NAME:
            return tree.child(node, Role.ARGUMENT) if tree.value(node + 1) in hosts.LENGTHS else -1
        if tree.kinds[node] != Kind.ATTRIBUTE or tree.value(node) not in hosts.COUNTS:
            return -1
        inner = node + 1
        if tree.kinds[inner] == Kind.CALL and tree.kinds[inner + 1] == Kind.ATTRIBUTE:
            keys = tree.value(inner + 1) in hosts.PARTS and tree.kinds[inner + 2] == Kind.NAME
            if keys and tree.value(inner + 2) == "Object":
                return tree.child(inner, Role.ARGUMENT)
        return inner

    def _filled(self, path: str, node: int) -> Formula:
        # In Python a list without elements counts as false.
        level = FILLED if self.evaluator.javascript(path) else TRUE
        return Asked(self._key(path, node), level, node)

    def _key(self, path: str, node: int) -> tuple[object, ...]:
        scope = self.evaluator.scope(path)
        tree = scope.tree
        end = tree.ends[node]
        if end - node > NODES:
            return (path, node)
        words: list[object] = []
        for each in range(node, end):
            words += (tree.kinds[each], tree.value(each))
            if tree.kinds[each] == Kind.NAME:
                words.append(tuple(binding for binding, _ in scope.bindings(each, tree.value(each)) or ()))
        return tuple(words)


def truthy(tree: Tree, assignment: int) -> bool:
    """Whether what a statement does to a name may make it count as true."""
    if tree.kinds[assignment] != Kind.ASSIGN:
        return True
    value = tree.child(assignment, Role.VALUE)
    if value < 0 or tree.value(assignment):
        return value >= 0
    kind, word = tree.kinds[value], tree.value(value)
    if kind == Kind.CONSTANT:
        return word not in _FALSE
    if kind in (Kind.LIST, Kind.OBJECT, Kind.TUPLE):
        return tree.ends[value] > value + 1
    if kind == Kind.STRING:
        return bool(word)
    return kind != Kind.NUMBER or word not in _ZEROS


def asked(formulas: Iterator[Formula]) -> Iterator[tuple[Asked, bool]]:
    """What is asked of values anywhere in these formulas, each with whether it has to be so (or not to be)."""
    pending = [(formula, True) for formula in formulas]
    while pending:
        formula, wanted = pending.pop()
        if isinstance(formula, Asked):
            yield formula, wanted
        elif isinstance(formula, Not):
            pending.append((formula.part, not wanted))
        else:
            pending += [(part, wanted) for part in formula.parts]


_OPERANDS = (Role.LEFT, Role.RIGHT, Role.VALUE)
_TESTS = frozenset("and or == != is is-not in not-in < <= > >=".split())
_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)
_DECIDING = (Kind.LOOP, Kind.TRY, Kind.CATCH, Kind.CASE, Kind.FUNCTION, Kind.COMPREHENSION, Kind.CLAUSE)
