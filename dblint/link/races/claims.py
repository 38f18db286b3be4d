"""What only the first of two comes through before it inserts: a state of a row that it takes, another system that says
no, and whether the program itself means to refuse whoever comes second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.program import Call
from dblint.facts.query import Verb
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.callbacks import callback_of
from dblint.link.loops.preconditions import conditions
from dblint.link.races.values import Operand, alike, words
from dblint.link.values import FunctionValue
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.reads import Reads
    from dblint.link.races.values import Values

CALLERS = 3
"""Functions around a place, through calls, in which a claim is looked for."""
SITES = 20
"""Call sites of one function that are looked at."""
LITERALS = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT})
THERE = frozenset({"exists", "exist", "duplicate", "duplicated", "conflict", "taken"})
"""Words by which other systems say that something is there already."""


class Claims:
    """Finds them. One per project."""

    def __init__(self, functions: Functions, reads: Reads, values: Values) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.reads = reads
        self.values = values

    # A state that is taken

    def taken(self, path: str, node: int, operands: Mapping[str, Operand]) -> bool:
        """Whether the program comes to a place only after it changed the state of a row from one fixed value to
        another, which nobody else can do again, and the row is known by one of these values."""
        tree = self.evaluator.tree(path)
        names = frozenset(name for operand in operands.values() for name in self._names(tree, operand.node))
        return bool(names) and self._taken(path, node, names, CALLERS)

    def _names(self, tree: Tree, node: int) -> Iterator[str]:
        """The chains of words in a value."""
        for at in range(node, tree.ends[node]) if node >= 0 else ():
            if tree.kinds[at] in NAMES and tree.roles[at] not in (Role.OBJECT, Role.CALLEE) and words(tree, at):
                yield words(tree, at)

    def _taken(self, path: str, node: int, names: frozenset[str], depth: int) -> bool:
        """In the functions around a place, and in all that call one of them which is handed one of these names."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        around = scope.function(node)
        while around >= 0:
            for call in self.reads.of_function(self.functions.id(path, around)):
                if call.place.path == path and self._claims(call, names) and self._answered(path, call, node, around):
                    return True
            function = FunctionValue(path, around)
            handed = [each for each in tree.with_role(around, Role.PARAMETER) if tree.value(each) in names]
            if handed and depth > 0 and self._by_callers(function, frozenset(handed), depth - 1):
                return True
            names -= {tree.value(each) for each in handed}
            around = scope.function(tree.parents[around]) if tree.parents[around] >= 0 else -1
        return False

    def _by_callers(self, function: FunctionValue, parameters: frozenset[int], depth: int) -> bool:
        sites = self.functions.every(function)
        if not sites or len(sites) > SITES or self.functions.handed_on(function):
            return False
        for path, call in sites:
            tree = self.evaluator.tree(path)
            given = [
                node
                for parameter, node in self.evaluator.parameters.matched(function, path, call)
                if parameter in parameters
            ]
            names = frozenset(name for node in given for name in self._names(tree, node))
            if not names or not self._taken(path, call, names, depth):
                return False
        return True

    def _claims(self, call: Call, names: frozenset[str]) -> bool:
        """Whether a call changes a column that it asks for, from one fixed value to another, of a row that it finds by
        one of these names."""
        tree = self.evaluator.tree(call.place.path)
        for query in call.queries:
            if query.verb is not Verb.UPDATE:
                continue
            asked, given = self.values.asked(call, query).columns, self.values.assigned(call, query)
            if not any(operand.node >= 0 and words(tree, operand.node) in names for operand in asked.values()):
                continue
            for column, operand in asked.items():
                other = given.get(column)
                if other is not None and _fixed(tree, operand) and _fixed(tree, other):
                    if _differ(tree, operand, other):
                        return True
        return False

    def _answered(self, path: str, call: Call, node: int, around: int) -> bool:
        """Whether a place is come to only if what a call gave, or a name that holds it, passes a test in front."""
        tree = self.evaluator.tree(path)
        for condition, _ in conditions(tree, node, around):
            if tree.starts[condition] <= call.place.start < tree.stops[condition]:
                return True
            for at in range(condition, tree.ends[condition]):
                if tree.kinds[at] != Kind.NAME:
                    continue
                for binding, _ in self.evaluator.scope(path).reaching(at, tree.value(at)) or ():
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value >= 0 and tree.starts[value] <= call.place.start < tree.stops[value]:
                        return True
        return False

    # Another system

    def refused_elsewhere(self, path: str, node: int, read: Place, operands: Mapping[str, Operand]) -> bool:
        """Whether between a read and the place a call is given one of these values, and the program raises where that
        says that there is such a thing already."""
        tree = self.evaluator.tree(path)
        around = self.evaluator.scope(path).function(node)
        if around < 0 or read.path != path or not tree.starts[around] <= read.start < tree.starts[node]:
            return False
        values = [each.node for each in operands.values() if each.node >= 0 and words(tree, each.node)]
        call = tree.kinds.find(Kind.CALL, around, node)
        while call >= 0:
            if tree.starts[call] > read.stop and tree.stops[call] <= tree.starts[node]:
                given = [
                    tree.child(each, Role.VALUE) if tree.kinds[each] == Kind.KEYWORD else each
                    for each in tree.with_role(call, Role.ARGUMENT)
                ]
                asked = any(alike(tree, node, tree, argument) for node in values for argument in given)
                if asked and any(_refuses(tree, handler) for handler in self._handlers(path, call, around)):
                    return True
            call = tree.kinds.find(Kind.CALL, call + 1, node)
        return False

    def _handlers(self, path: str, call: int, around: int) -> Iterator[int]:
        """What is run where a call fails: handlers of the `try` around it, and the function given to its promise."""
        tree = self.evaluator.tree(path)
        member = tree.parents[call]
        outer = tree.parents[member]
        if (
            tree.kinds[member] == Kind.ATTRIBUTE
            and tree.kinds[outer] == Kind.CALL
            and tree.roles[member] == Role.CALLEE
        ):
            callback = callback_of(self.evaluator, path, outer, 0)
            if callback is not None and callback.fate == "conditional":
                yield from tree.with_role(outer, Role.ARGUMENT)
        child = call
        for parent in tree.ancestors(call):
            if parent == around:
                return
            if tree.kinds[parent] == Kind.TRY and tree.roles[child] == Role.BODY:
                yield from tree.with_role(parent, Role.CATCH)
            child = parent


def raises(tree: Tree, condition: int, node: int) -> bool:
    """Whether the program raises where a condition keeps it from a place."""
    branch = next((parent for parent in tree.ancestors(condition) if tree.kinds[parent] == Kind.IF), -1)
    if branch < 0:
        return False
    arms = [tree.child(branch, role) for role in (Role.BODY, Role.ELSE)]
    return any(
        tree.kinds[statement] == Kind.RAISE
        for arm in arms
        if arm >= 0 and not tree.contains(arm, node)
        for statement in (tree.children(arm) if tree.kinds[arm] == Kind.BLOCK else (arm,))
    )


def _refuses(tree: Tree, handler: int) -> bool:
    """Whether a handler raises, and names an error by which something is there already."""
    if tree.kinds.find(Kind.RAISE, handler, tree.ends[handler]) < 0:
        return False
    return any(
        tree.kinds[at] in (Kind.STRING, *NAMES) and THERE.intersection(spelling.words(tree.value(at)))
        for at in range(handler, tree.ends[handler])
    )


def _fixed(tree: Tree, operand: Operand) -> bool:
    """Whether a value stands in the program: a literal, or a constant by its name."""
    if operand.node < 0:
        return bool(operand.constant)
    kind = tree.kinds[operand.node]
    return kind in LITERALS or (kind in NAMES and tree.value(operand.node).isupper())


def _differ(tree: Tree, one: Operand, other: Operand) -> bool:
    if one.node < 0 or other.node < 0:
        return one.constant != other.constant
    return not alike(tree, one.node, tree, other.node)
