"""Loops that iterate nothing: counters, and loops that run while something holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Nature
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.exits import JUMPS, stops
from dblint.link.loops.influence import names_in
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.libraries.grammar import Member
    from dblint.link.types import Evaluator

SHORT = 32
"""A list of literals up to this length is a constant: a query per element is written by hand."""
FEW = 8
"""A slice up to this length is as good as a constant, and so many turns are attempts."""
STEPS = 16
"""Names and sums through which a bound is followed."""
_ADDING = frozenset({"+", "-"})
_COMPARING = frozenset({"<", "<=", ">", ">=", "!="})
GROWING = frozenset({"append", "extend"})
"""What adds to a list."""


class Turns(msgspec.Struct, frozen=True):
    """What such a loop is for, the names that hold something else each time, and the node of what it goes through
    (-1: cannot be said)."""

    nature: Nature
    names: tuple[str, ...] = ()
    over: int = -1


class Counters:
    """Reads such loops. `iterated`: what iterating an expression is."""

    def __init__(self, evaluator: Evaluator, iterated: Callable[[str, int], Nature]) -> None:
        self.evaluator = evaluator
        self.iterated = iterated

    def turns(self, path: str, loop: int) -> Turns:
        """What a LOOP without an iterable is for."""
        tree = self.evaluator.tree(path)
        word = tree.value(loop)
        if word == "counter":
            return self._counter(path, loop)
        return self._while(path, loop) if word in ("while", "do") else Turns(Nature.UNKNOWN)

    # Counters

    def numbers(self, path: str, call: int) -> Nature:
        """What iterating a `range(…)` is."""
        tree = self.evaluator.tree(path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        if self._pages(tree, call):
            return Nature.PAGE
        written = [_integer(tree, argument) for argument in arguments]
        known = [number for number in written if number is not None]
        stepping = len(arguments) == 3 and written[2] not in (1, -1)
        if len(known) < len(written) or not 0 < len(known) <= 3 or known[2:] == [0]:
            return Nature.CHUNK if stepping else Nature.EACH
        found = _turns(len(range(*known)))
        if found is Nature.EACH and stepping:
            return Nature.CHUNK
        return Nature.CONSTANT if found is Nature.RETRY and len(known) > 1 else found

    @staticmethod
    def _pages(tree: Tree, call: int) -> bool:
        """Whether the numbers of a `range(…)` are those of pages."""
        around = tree.parents[call]
        if around < 0 or tree.roles[call] != Role.ITERABLE:
            return False
        target = tree.child(around, Role.TARGET)
        if target < 0 or tree.kinds[target] != Kind.NAME:
            return False
        within = tree.parents[around] if tree.kinds[around] == Kind.CLAUSE else around
        return _multiplied(tree, within, tree.value(target))

    def _counter(self, path: str, loop: int) -> Turns:
        tree = self.evaluator.tree(path)
        initial = tree.child(loop, Role.INIT)
        target = tree.child(initial, Role.TARGET) if initial >= 0 else -1
        names = tuple(self.evaluator.scope(path).targets(target)) if target >= 0 else ()
        update = tree.child(loop, Role.UPDATE)
        step = _step(tree, update) if update >= 0 else 1
        condition = tree.child(loop, Role.CONDITION)
        if step is None:
            return Turns(Nature.CHUNK, names)
        if condition < 0 or tree.kinds[condition] != Kind.BINARY:
            return Turns(Nature.UNKNOWN, names)
        if any(_multiplied(tree, loop, name) for name in names):
            return Turns(Nature.PAGE, names)
        bound = tree.child(initial, Role.VALUE) if step < 0 and initial >= 0 else tree.child(condition, Role.RIGHT)
        return self._up_to(path, bound, names)

    def _up_to(self, path: str, bound: int, names: tuple[str, ...]) -> Turns:
        """What counting up to (or down from) a bound is: through a list where it is its length."""
        tree = self.evaluator.tree(path)
        for _ in range(STEPS):
            if bound < 0:
                break
            number = _integer(tree, bound)
            if number is not None:
                return Turns(_turns(abs(number)), names)
            over = self._measured(path, bound)
            if over >= 0:
                return Turns(self.iterated(path, over), names, over)
            if tree.kinds[bound] == Kind.BINARY and tree.value(bound) in _ADDING:
                if _integer(tree, tree.child(bound, Role.RIGHT)) is None:
                    break
                bound = tree.child(bound, Role.LEFT)
            else:
                bound = self._given(path, bound)
        return Turns(Nature.UNKNOWN, names)

    def _given(self, path: str, node: int) -> int:
        """The one expression that a name was given, or -1."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        if tree.kinds[node] != Kind.NAME:
            return -1
        reached = scope.reaching(node, tree.value(node)) or []
        binding = reached[0][0] if len(reached) == 1 else -1
        if binding < 0 or tree.kinds[binding] != Kind.ASSIGN or tree.value(binding):
            return -1
        plain = tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME
        return tree.child(binding, Role.VALUE) if plain else -1

    def _measured(self, path: str, node: int) -> int:
        """The list whose length an expression is, or -1."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) == "length":
            return node + 1
        if tree.kinds[node] == Kind.CALL and any(row.consumes == "len" for row in self.rows(path, node)):
            return tree.child(node, Role.ARGUMENT)
        return -1

    def rows(self, path: str, call: int) -> list[Member]:
        """The rows of what a call calls, as far as tables know it."""
        found = [
            self.evaluator.rows.row_of(option)
            for option in options(self.evaluator.value(path, call + 1))
            if isinstance(option, (BoundMember, LibraryFunction))
        ]
        return [row for row in found if row is not None]

    # Loops that run while something holds

    def _while(self, path: str, loop: int) -> Turns:
        """A `while` runs until something is done: polling when it waits, retrying when it catches what failed and
        leaves what succeeded, going through a list by its length or by taking elements out; else paging or walking
        a chain."""
        tree = self.evaluator.tree(path)
        nodes = range(loop, tree.ends[loop])
        if any(tree.kinds[node] == Kind.CALL and self.waits(path, node) for node in nodes):
            return Turns(Nature.POLL)
        for node in nodes:
            if tree.kinds[node] == Kind.TRY:
                inside = range(node, tree.ends[node])
                if any(tree.kinds[inner] in JUMPS and stops(tree, inner, loop) for inner in inside):
                    return Turns(Nature.RETRY)
        condition = tree.child(loop, Role.CONDITION)
        if condition < 0:
            return Turns(Nature.PAGE)
        return self._counted(path, loop, condition) or self._taken(path, loop, condition) or Turns(Nature.PAGE)

    def waits(self, path: str, call: int) -> bool:
        """Whether a call waits for some time, itself or as a function of the project does in its body."""
        if any(row.waits for row in self.rows(path, call)):
            return True
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, FunctionValue):
                other = self.evaluator.tree(option.path)
                inner = other.kinds.find(Kind.CALL, option.node, other.ends[option.node])
                while inner >= 0:
                    if any(row.waits for row in self.rows(option.path, inner)):
                        return True
                    inner = other.kinds.find(Kind.CALL, inner + 1, other.ends[option.node])
        return False

    def _counted(self, path: str, loop: int, condition: int) -> Turns | None:
        """`while i < len(rows)`, where `i` counts on in the loop."""
        tree = self.evaluator.tree(path)
        if tree.kinds[condition] != Kind.BINARY or tree.value(condition) not in _COMPARING:
            return None
        left, right = tree.child(condition, Role.LEFT), tree.child(condition, Role.RIGHT)
        if right < 0 or tree.kinds[left] != Kind.NAME:
            return None
        name = tree.value(left)
        steps = [
            _step(tree, node)
            for node in range(condition, tree.ends[loop])
            if tree.kinds[node] in (Kind.UNARY, Kind.ASSIGN) and _counts_on(tree, node, name)
        ]
        turns = self._up_to(path, right, (name,))
        if not steps or turns.over < 0 or self._changes(path, loop, turns.over):
            return None
        return Turns(Nature.CHUNK, (name,)) if None in steps else turns

    def _taken(self, path: str, loop: int, condition: int) -> Turns | None:
        """`while rows: row = rows.pop()`, where nothing is added in the loop, or several at a time: what a walk through
        a tree finds behind each node."""
        tree = self.evaluator.tree(path)
        tested = names_in(tree, condition)
        for node in range(condition, tree.ends[loop]):
            if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
                continue
            if tree.kinds[node + 2] != Kind.NAME or tree.value(node + 2) not in tested:
                continue
            arguments = list(tree.with_role(node, Role.ARGUMENT))
            one = not arguments or (len(arguments) == 1 and _integer(tree, arguments[0]) is not None)
            if not one or self.list_word(path, node) != "take" or self._changes(path, loop, node + 2, walks=True):
                continue
            names = [tree.value(node + 2)]
            for parent in tree.ancestors(node):
                if parent == loop or tree.kinds[parent] in (Kind.BLOCK, Kind.FUNCTION):
                    break
                if tree.kinds[parent] == Kind.ASSIGN:
                    names += self.evaluator.scope(path).targets(tree.child(parent, Role.TARGET))
            return Turns(self.iterated(path, node + 2), tuple(dict.fromkeys(names)), node + 2)
        return None

    def _changes(self, path: str, loop: int, listed: int, *, walks: bool = False) -> bool:
        """Whether a list of which a loop is about may get further elements in it. `walks`: otherwise than by calls that
        surely add several."""
        tree = self.evaluator.tree(path)
        if tree.kinds[listed] != Kind.NAME:
            return True
        name = tree.value(listed)
        for node in range(loop, tree.ends[loop]):
            if tree.kinds[node] != Kind.NAME or tree.value(node) != name:
                continue
            parent, role = tree.parents[node], tree.roles[node]
            call = tree.parents[parent]
            if role == Role.TARGET:
                return True
            if tree.kinds[parent] == Kind.CALL and role == Role.ARGUMENT:
                if not any(row.consumes for row in self.rows(path, parent)):
                    return True
            elif tree.kinds[parent] == Kind.ATTRIBUTE and tree.kinds[call] == Kind.CALL:
                if tree.roles[parent] == Role.CALLEE and self.list_word(path, call) in GROWING:
                    if not (walks and self._adds_several(path, loop, call)):
                        return True
        return False

    def _adds_several(self, path: str, loop: int, call: int) -> bool:
        """Whether a call adds a list of elements, or runs for each of one, in every turn of a loop."""
        tree = self.evaluator.tree(path)
        if self.list_word(path, call) == "extend" and not self.evaluator.javascript(path):
            return True
        if any(tree.kinds[given] == Kind.SPREAD for given in tree.with_role(call, Role.ARGUMENT)):
            return True
        for parent in tree.ancestors(call):
            if parent == loop:
                return False
            if tree.kinds[parent] == Kind.LOOP and tree.child(parent, Role.ITERABLE) >= 0:
                return True
        return False

    def list_word(self, path: str, call: int) -> str:
        """What a host's own method does to a list, by its name."""
        language = "javascript" if self.evaluator.javascript(path) else "python"
        row = self.evaluator.tables.untyped[language].get(self.evaluator.tree(path).value(call + 1))
        return row.list if row is not None else ""


def _turns(number: int) -> Nature:
    if number <= FEW:
        return Nature.RETRY
    return Nature.CONSTANT if number <= SHORT else Nature.EACH


def _integer(tree: Tree, node: int) -> int | None:
    """A whole number that stands in the source, or None."""
    sign = 1
    if node >= 0 and tree.kinds[node] == Kind.UNARY and tree.value(node) in _ADDING:
        sign = -1 if tree.value(node) == "-" else 1
        node += 1
    digits = tree.value(node) if node >= 0 and tree.kinds[node] == Kind.NUMBER else ""
    return sign * int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _step(tree: Tree, update: int) -> int | None:
    """1 or -1 where a counter counts by one; None for more, or what cannot be said."""
    word = tree.value(update)
    if tree.kinds[update] == Kind.UNARY:
        return -1 if word == "--" else 1
    if tree.kinds[update] != Kind.ASSIGN:
        return 1
    amount = tree.child(update, Role.VALUE)
    if not word and amount >= 0 and tree.kinds[amount] == Kind.BINARY:
        word, amount = tree.value(amount), tree.child(amount, Role.RIGHT)
    number = _integer(tree, amount)
    if word not in _ADDING or number not in (1, -1):
        return None
    return number if word == "+" else -number


def _counts_on(tree: Tree, node: int, name: str) -> bool:
    """Whether a node makes a counter another number."""
    role = Role.VALUE if tree.kinds[node] == Kind.UNARY else Role.TARGET
    counter = tree.child(node, role)
    if counter < 0 or tree.kinds[counter] != Kind.NAME or tree.value(counter) != name:
        return False
    return tree.kinds[node] == Kind.ASSIGN or tree.value(node) in ("++", "--")


def _multiplied(tree: Tree, loop: int, name: str) -> bool:
    """Whether a counter is multiplied in its loop: it counts pages then (`page * 100`)."""
    node = tree.kinds.find(Kind.BINARY, loop, tree.ends[loop])
    while node >= 0:
        if tree.value(node) == "*" and any(names_in(tree, part) == {name} for part in tree.children(node)):
            return True
        node = tree.kinds.find(Kind.BINARY, node + 1, tree.ends[loop])
    return False
