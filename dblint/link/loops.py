"""What loops are for: elements, slices of a list, pages, attempts, or a handful of constants."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from dblint.facts.program import Nature
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.declared import Declared
from dblint.link.targets import External
from dblint.link.values import (
    BoundMember,
    Expression,
    ExternalValue,
    FunctionValue,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

SHORT = 32
"""A list of literals up to this length is a constant: a query per element is written by hand."""
FEW = 8
"""A slice up to this length is as good as a constant."""
STEPS = 16
"""Names, wrappers and alternatives through which what is iterated is followed."""
TOLD_APART = 3
"""Words of the program with which a name is compared until it is taken for one of them."""
_WRAPPERS = frozenset("enumerate reversed sorted list tuple set zip entries keys values items from".split())
_VIEWS = frozenset("entries keys values items iterator slice copy toArray".split())
_CHUNKING = frozenset("batch batched batches chunk chunked chunks grouper ichunked".split())
_SLEEPS = frozenset("sleep setTimeout delay wait".split())
_NOTHING = frozenset({"null", "undefined"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Loops:
    """Reads loops. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.declared = Declared(evaluator)

    def nature(self, path: str, loop: int, iterable: int) -> Nature:
        """What a LOOP is for; `iterable` is -1 where it has none."""
        tree = self.evaluator.tree(path)
        word = tree.value(loop)
        if iterable >= 0:
            found = self.iterated(path, iterable)
            return Nature.CONSTANT if found is Nature.EACH and self._told_apart(path, loop) else found
        if word == "counter":
            return self._counter(path, loop)
        if word in ("while", "do"):
            return self._while(tree, loop)
        return Nature.UNKNOWN

    def _told_apart(self, path: str, loop: int) -> bool:
        """Whether the loop tells its elements apart by words of the program (`if (name === 'a') … else if …`), itself
        or in a function that it hands the element to: then there are no more of them than such words."""
        tree = self.evaluator.tree(path)
        target = tree.child(loop, Role.TARGET)
        if target < 0 or tree.kinds[target] != Kind.NAME:
            return False
        name, body = tree.value(target), tree.child(loop, Role.BODY)
        if body < 0:
            return False
        if _alternatives(tree, body, name) >= TOLD_APART:
            return True
        for call in _calls_with(tree, body, name):
            for option in options(self.evaluator.value(path, call + 1)):
                if not isinstance(option, FunctionValue):
                    continue
                other = self.evaluator.tree(option.path)
                inside = other.child(option.node, Role.BODY)
                for parameter, node in self.evaluator.parameters.matched(option, path, call):
                    handed = tree.kinds[node] == Kind.NAME and tree.value(node) == name
                    if handed and inside >= 0 and _alternatives(other, inside, other.value(parameter)) >= TOLD_APART:
                        return True
        return False

    def iterated(self, path: str, node: int) -> Nature:
        """What iterating an expression is: over literals, over slices of a list, over elements. Where it is one of
        several things, it is what all of them are."""
        pending = [(path, node)]
        found: set[Nature] = set()
        for _ in range(STEPS):
            if not pending:
                break
            behind = self._behind(*pending.pop())
            if isinstance(behind, Nature):
                found.add(behind)
            else:
                pending += behind
        return found.pop() if len(found) == 1 and not pending else Nature.EACH

    def _behind(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What iterating an expression is, or the expressions that it stands for."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind in _LITERALS:
            return self._literal(tree, node)
        if kind == Kind.SUBSCRIPT:
            return Nature.CONSTANT if self._configured(path, node) else self._sliced(tree, node)
        if kind == Kind.CONDITIONAL:
            return [(path, tree.child(node, Role.BODY)), (path, tree.child(node, Role.ELSE))]
        if kind in (Kind.AWAIT, Kind.CAST):
            return [(path, node + 1)]
        if kind == Kind.BINARY and tree.value(node) in ("or", "??"):
            return [(path, tree.child(node, Role.LEFT))]
        if kind == Kind.CALL and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
            return self._behind_call(path, node)
        if kind in (Kind.NAME, Kind.ATTRIBUTE):
            return self._behind_name(path, node)
        return Nature.EACH

    @staticmethod
    def _literal(tree: Tree, node: int) -> Nature:
        children = list(tree.children(node))
        if any(tree.kinds[child] == Kind.SPREAD for child in children):
            return Nature.EACH
        return Nature.CONSTANT if len(children) <= SHORT else Nature.EACH

    @staticmethod
    def _sliced(tree: Tree, node: int) -> Nature:
        index = tree.child(node, Role.INDEX)
        stop = tree.child(index, Role.STOP) if index >= 0 and tree.kinds[index] == Kind.SLICE else -1
        few = stop >= 0 and tree.kinds[stop] == Kind.NUMBER and tree.value(stop).isdigit()
        return Nature.CONSTANT if few and int(tree.value(stop)) <= FEW else Nature.EACH

    def _behind_call(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What a call gives to iterate: the elements of an argument or receiver, or of what a function returns."""
        tree = self.evaluator.tree(path)
        callee = tree.value(node + 1)
        arguments = list(tree.with_role(node, Role.ARGUMENT))
        if callee == "range":
            if all(_number(tree, argument) >= 0 for argument in arguments):
                return Nature.RETRY if len(arguments) == 1 else Nature.CONSTANT
            return Nature.CHUNK if len(arguments) == 3 and not _by_one(tree, arguments[2]) else Nature.EACH
        if callee in _CHUNKING or (
            len(arguments) > 1 and _CHUNKING & {word.lower() for word in _WORDS.findall(callee)}
        ):
            return Nature.CHUNK
        if callee in _WRAPPERS and arguments:
            return [(path, arguments[0])]
        if tree.kinds[node + 1] == Kind.ATTRIBUTE and not arguments and callee in _VIEWS:
            return [(path, node + 2)]
        if self._configured(path, node):
            return Nature.CONSTANT
        functions = list(options(self.evaluator.value(path, node + 1)))
        returned: list[tuple[str, int]] = []
        for option in functions:
            if not isinstance(option, FunctionValue):
                return Nature.EACH
            returned += [(option.path, value) for value in self.evaluator.returns(option)]
        return returned or Nature.EACH

    def _behind_name(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What a name gives to iterate, or the expressions that it stands for."""
        tree = self.evaluator.tree(path)
        value = self.evaluator.value(path, node)
        if self._enumerates(path, node, value):
            return Nature.CONSTANT
        given = self._given(path, node)
        if given:
            followed = [tree.kinds[each] in _FOLLOWED for each in given]
            filled = [tree.kinds[each] in _LITERALS and tree.ends[each] - each > 1 for each in given]
            if all(followed) or (all(map(operator.or_, followed, filled)) and not self._grows(path, node)):
                return [(path, each) for each in given]
        if given is None and isinstance(value, Expression) and (value.path, value.node) != (path, node):
            other = self.evaluator.tree(value.path)
            literal = other.kinds[value.node] in _LITERALS
            if literal and other.ends[value.node] - value.node > 1 and not self._grows(path, node):
                return [(value.path, value.node)]
        return Nature.CONSTANT if self._configured(path, node) else Nature.EACH

    def _enumerates(self, path: str, node: int, value: Value) -> bool:
        """Whether the members of an enumeration are iterated: a class is iterated for nothing else, and so is what
        an enumeration itself gives (`Kind.values`)."""
        if isinstance(value, ProjectClass):
            return True
        if isinstance(value, ExternalValue):
            return value.path in self.evaluator.enumerations
        if self.evaluator.tree(path).kinds[node] != Kind.ATTRIBUTE:
            return False
        owner = self.evaluator.value(path, node + 1)
        return isinstance(owner, ProjectClass) and self.declared.plain(owner) == "constant"

    def _given(self, path: str, node: int) -> list[int] | None:
        """The expressions that a name of the function was given, each of which it may hold; none where that cannot
        be said. None where there is but one thing that it can hold, and that is no such expression."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return None
        reached = self.evaluator.scope(path).reaching(node, tree.value(node))
        if not reached:
            return None
        given: list[int] = []
        for binding, _ in reached:
            if tree.kinds[binding] == Kind.CALL:
                continue
            target, value = tree.child(binding, Role.TARGET), tree.child(binding, Role.VALUE)
            plain = tree.kinds[binding] == Kind.ASSIGN and not tree.value(binding)
            if not plain or value < 0 or tree.kinds[target] != Kind.NAME:
                return None if len(reached) == 1 else []
            given.append(value)
        return given

    def _configured(self, path: str, node: int) -> bool:
        """Whether it is read from an object that a row calls configuration, or an entry of what is."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL):
            if tree.kinds[node] == Kind.CALL and not self._looks_up(path, node):
                return False
            node += 2 if tree.kinds[node] == Kind.CALL else 1
        if tree.kinds[node] != Kind.NAME or self.evaluator.scope(path).reaching(node, tree.value(node)) is not None:
            return False
        target = self.evaluator.names.binding(path, tree.value(node))
        if not isinstance(target, External):
            return False
        found = self.evaluator.tables.functions.get(target.path)
        return found is not None and found[1].origin == "configuration"

    def _looks_up(self, path: str, call: int) -> bool:
        """Whether a call reads an entry of a mapping, on something of which no type is known."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return False
        language = "javascript" if self.evaluator.javascript(path) else "python"
        row = self.evaluator.tables.untyped[language].get(tree.value(call + 1))
        if row is None or row.list != "lookup":
            return False
        known = options(self.evaluator.value(path, call + 1))
        return not any(isinstance(option, (BoundMember, FunctionValue)) for option in known)

    def _grows(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return False
        return bool(self.evaluator.scope(path).statements_on(node, tree.value(node)))

    def _counter(self, path: str, loop: int) -> Nature:
        tree = self.evaluator.tree(path)
        update = tree.child(loop, Role.UPDATE)
        if update >= 0 and tree.kinds[update] == Kind.ASSIGN and tree.value(update) == "+":
            if not _by_one(tree, tree.child(update, Role.VALUE)):
                return Nature.CHUNK
        condition = tree.child(loop, Role.CONDITION)
        if condition >= 0 and tree.kinds[condition] == Kind.BINARY:
            right = tree.child(condition, Role.RIGHT)
            if right >= 0 and tree.kinds[right] == Kind.NUMBER:
                return Nature.RETRY
            if right >= 0 and tree.kinds[right] == Kind.ATTRIBUTE and tree.value(right) == "length":
                return self.iterated(path, right + 1)
        return Nature.UNKNOWN

    @staticmethod
    def _while(tree: Tree, loop: int) -> Nature:
        """A `while` runs until something is done: polling when it sleeps, retrying when it catches what
        failed and leaves what succeeded, else paging or walking a chain."""
        nodes = range(loop, tree.ends[loop])
        if any(tree.kinds[node] == Kind.CALL and tree.value(node + 1) in _SLEEPS for node in nodes):
            return Nature.POLL
        for node in nodes:
            if tree.kinds[node] == Kind.TRY:
                inside = range(node, tree.ends[node])
                if any(tree.kinds[inner] in _JUMPS and _stops(tree, inner, loop) for inner in inside):
                    return Nature.RETRY
        return Nature.PAGE


_LITERALS = (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT)
_FOLLOWED = frozenset(
    {Kind.CONDITIONAL, Kind.CALL, Kind.AWAIT, Kind.CAST, Kind.SUBSCRIPT, Kind.NAME, Kind.ATTRIBUTE, Kind.BINARY}
)


_JUMPS = frozenset({Kind.RETURN, Kind.BREAK, Kind.CONTINUE, Kind.RAISE})


def _number(tree: Tree, node: int) -> int:
    """The node of a literal number, without its sign; -1 for anything else."""
    if node >= 0 and tree.kinds[node] == Kind.UNARY and tree.value(node) == "-":
        node += 1
    return node if node >= 0 and tree.kinds[node] == Kind.NUMBER else -1


def _by_one(tree: Tree, step: int) -> bool:
    """Whether a counter's step is one, forwards or backwards."""
    number = _number(tree, step)
    return number >= 0 and tree.value(number) == "1"


def _alternatives(tree: Tree, body: int, name: str) -> int:
    """With how many different words of the program a name is compared; 0 where a branch is for all the others."""
    words: set[str] = set()
    node = tree.kinds.find(Kind.BINARY, body, tree.ends[body])
    while node >= 0:
        if tree.value(node) in ("==", "is"):
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            if tree.kinds[left] == Kind.NAME and tree.value(left) == name and tree.kinds[right] == Kind.STRING:
                if _has_otherwise(tree, node):
                    return 0
                words.add(tree.value(right))
        node = tree.kinds.find(Kind.BINARY, node + 1, tree.ends[body])
    switch = tree.kinds.find(Kind.SWITCH, body, tree.ends[body])
    while switch >= 0:
        subject = tree.child(switch, Role.CONDITION)
        if subject >= 0 and tree.kinds[subject] == Kind.NAME and tree.value(subject) == name:
            for case in tree.with_role(switch, Role.CASE):
                if any(tree.kinds[word] != Kind.STRING for word in tree.with_role(case, Role.TARGET)) or (
                    tree.child(case, Role.TARGET) < 0
                ):
                    return 0
                words |= {
                    tree.value(word) for word in tree.with_role(case, Role.TARGET) if tree.kinds[word] == Kind.STRING
                }
        switch = tree.kinds.find(Kind.SWITCH, switch + 1, tree.ends[body])
    return len(words)


def _has_otherwise(tree: Tree, condition: int) -> bool:
    """Whether the chain of branches that a condition belongs to ends in one without a condition."""
    branch = tree.parents[condition]
    if tree.kinds[branch] not in (Kind.IF, Kind.CONDITIONAL):
        return False
    otherwise = tree.child(branch, Role.ELSE)
    while otherwise >= 0 and tree.kinds[otherwise] == Kind.IF:
        otherwise = tree.child(otherwise, Role.ELSE)
    return otherwise >= 0


def _calls_with(tree: Tree, body: int, name: str) -> list[int]:
    """The calls to which a name is handed as an argument."""
    found: list[int] = []
    node = tree.kinds.find(Kind.NAME, body, tree.ends[body])
    while node >= 0:
        if (
            tree.value(node) == name
            and tree.roles[node] == Role.ARGUMENT
            and tree.kinds[tree.parents[node]] == Kind.CALL
        ):
            found.append(tree.parents[node])
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])
    return found


def leaves(tree: Tree, loop: int, call: int) -> bool:
    """Whether the iteration that makes the call surely leaves the loop after it."""
    child, parent = call, tree.parents[call]
    while child != loop and parent >= 0:
        jump = _following(tree, child, parent)
        if jump >= 0:
            ended = _ended(tree, jump)
            if ended < loop or (ended == loop and tree.kinds[jump] == Kind.BREAK):
                return True
            child = ended  # a callback, a `switch` or a loop inside: what follows it decides
        else:
            child = parent
        parent = tree.parents[child]
    return False


def _following(tree: Tree, child: int, parent: int) -> int:
    """The jump that surely comes after `child` inside `parent`, or -1."""
    kind = tree.kinds[parent]
    if kind in (Kind.RETURN, Kind.RAISE):
        return parent
    if kind == Kind.BLOCK:
        return _jump(tree, tree.ends[child], tree.ends[parent])
    if kind == Kind.TRY and tree.roles[child] == Role.BODY:
        otherwise = tree.child(parent, Role.ELSE)  # runs when nothing failed
        if otherwise >= 0 and tree.kinds[otherwise] == Kind.BLOCK:
            return _jump(tree, otherwise + 1, tree.ends[otherwise])
    return -1


def _jump(tree: Tree, first: int, stop: int) -> int:
    """The first statement of a block that leaves it, or -1; what stands behind it never runs."""
    while first < stop:
        if tree.kinds[first] in _JUMPS:
            return first
        first = tree.ends[first]
    return -1


def _ended(tree: Tree, jump: int) -> int:
    """What a jump ends: a function, a loop, a `switch`, for an error the `try` that handles it; -1: the module."""
    kind = tree.kinds[jump]
    child = jump
    for parent in tree.ancestors(jump):
        around = tree.kinds[parent]
        if around == Kind.FUNCTION:
            return parent
        if kind in (Kind.BREAK, Kind.CONTINUE) and around == Kind.LOOP:
            return parent
        if kind == Kind.BREAK and around == Kind.SWITCH and tree.value(parent) == "switch":
            return parent
        if kind == Kind.RAISE and around == Kind.TRY and tree.roles[child] == Role.BODY:
            if tree.child(parent, Role.CATCH) >= 0:
                return parent
        child = parent
    return -1


def seeks(tree: Tree, loop: int, call: int) -> bool:
    """Whether the loop looks for the first element for which the call finds something: what it gives is
    tested, and where it is something, the loop is left. An error that is raised is no such end."""
    names = _held(tree, loop, call)
    node = tree.kinds.find(Kind.IF, loop, tree.ends[loop])
    while node >= 0:
        condition = tree.child(node, Role.CONDITION)
        body = tree.child(node, Role.BODY)
        after = condition >= 0 and tree.ends[condition] > call
        if after and body >= 0 and _positive(tree, condition, call, names):
            jump = _jump(tree, body + 1 if tree.kinds[body] == Kind.BLOCK else body, tree.ends[body])
            if jump >= 0 and _stops(tree, jump, loop) and _around(tree, node, loop):
                return True
        node = tree.kinds.find(Kind.IF, node + 1, tree.ends[loop])
    return False


def _stops(tree: Tree, jump: int, loop: int) -> bool:
    """Whether a jump ends the loop without an error."""
    kind, ended = tree.kinds[jump], _ended(tree, jump)
    return (kind == Kind.RETURN and ended < loop) or (kind == Kind.BREAK and ended == loop)


def _around(tree: Tree, node: int, loop: int) -> bool:
    """Whether `loop` is the innermost loop or function around `node`."""
    for parent in tree.ancestors(node):
        if tree.kinds[parent] in (Kind.LOOP, Kind.FUNCTION):
            return parent == loop
    return False


def _held(tree: Tree, loop: int, call: int) -> set[str]:
    """The names that what the call gives is assigned to."""
    for parent in tree.ancestors(call):
        if parent == loop or tree.kinds[parent] in (Kind.BLOCK, Kind.FUNCTION):
            break
        if tree.kinds[parent] == Kind.ASSIGN:
            target = tree.child(parent, Role.TARGET)
            if target >= 0 and tree.kinds[target] == Kind.NAME:
                return {tree.value(target)}
    return set()


def _positive(tree: Tree, condition: int, call: int, names: set[str]) -> bool:
    """Whether a condition holds where the call found something."""
    for _ in range(STEPS):
        kind = tree.kinds[condition]
        if kind == Kind.BINARY and tree.value(condition) in ("!=", "is-not"):
            right = tree.child(condition, Role.RIGHT)
            if right < 0 or tree.kinds[right] != Kind.CONSTANT or tree.value(right) not in _NOTHING:
                return False
            condition = tree.child(condition, Role.LEFT)
        elif kind == Kind.BINARY and tree.value(condition) == "and":
            condition = tree.child(condition, Role.LEFT)
        elif kind in (Kind.AWAIT, Kind.CAST):
            condition += 1
        elif kind == Kind.ASSIGN:
            return tree.contains(condition, call)
        else:
            break
    if tree.kinds[condition] == Kind.NAME:
        return tree.value(condition) in names
    return tree.kinds[condition] == Kind.CALL and condition <= call < tree.ends[condition]


def selects(tree: Tree, loop: int, call: int, variables: tuple[str, ...]) -> bool:
    """Whether the call is made only for the one element that equals a constant."""
    child = call
    for parent in tree.ancestors(call):
        if parent == loop:
            break
        if tree.kinds[parent] in (Kind.IF, Kind.CONDITIONAL) and tree.roles[child] == Role.BODY:
            condition = tree.child(parent, Role.CONDITION)
            if condition >= 0 and tree.kinds[condition] == Kind.BINARY and tree.value(condition) in ("==", "is"):
                left, right = tree.child(condition, Role.LEFT), tree.child(condition, Role.RIGHT)
                named = tree.kinds[left] == Kind.NAME and tree.value(left) in variables
                if named and tree.kinds[right] in (Kind.STRING, Kind.NUMBER):
                    return True
        child = parent
    return False
