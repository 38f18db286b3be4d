"""Migrations written in a host language: what runs, in order, and what surrounds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dblint.facts.program import Diagnostic
from dblint.facts.schema import Change, Direction, Operation, Step
from dblint.facts.text import Hole, Literal, Piece, Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.arguments import Site
from dblint.link.environment import SCHEMES
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.migrations import statements
from dblint.link.migrations.dialects import READ, Dialects
from dblint.link.plain import Plain
from dblint.link.values import (
    Context,
    FunctionValue,
    Instance,
    Scalar,
    options,
)

DATA = frozenset({"select", "insert", "update", "delete", "upsert"})
"""The verbs of statements over data."""
HELPERS = 3
"""How many helper functions deep the calls of a migration are followed."""
CALLS = 2_000
"""Calls of one migration that are looked at."""


@dataclass(slots=True)
class Reading(Plain):
    """What the readers of host-language migrations share."""

    dialects: Dialects
    diagnostics: list[Diagnostic] = field(default_factory=list)
    dialect: str = ""
    """The database for which calls are read; "" for every one."""

    # SQL

    def sql(self, site: Site, dialect: str, frame: Step, fallback: Place) -> list[Step]:
        """The steps of the SQL text that an expression holds."""
        site = self.unwrapped(site)
        shapes = self.shapes(site)
        steps: list[Step] = []
        for shape in shapes:
            if statements.unreadable(shape):
                if any(isinstance(piece, Hole) for piece in shape.pieces):
                    change = Change.DATA if self.built(site) else Change.OTHER
                    steps.append(framed(frame, statements.opaque(fallback, dialect, change=change), len(shapes) > 1))
                continue
            around = framed(frame, frame.operation, len(shapes) > 1)
            read = statements.read(shape, dialect, site.path, around, fallback, self._others(dialect, frame))
            steps += read.steps
            self.diagnostics += read.diagnostics
        return steps

    def _others(self, dialect: str, frame: Step) -> tuple[str, ...]:
        """The databases that a text may be for which is none of this one; what stands under a test may be for any, also
        where the user says which one is reviewed."""
        others = self.dialects.others(dialect)
        if frame.conditional:
            others += tuple(sorted(READ.difference(others, (dialect,))))
        return others

    def built(self, site: Site) -> bool:
        """Whether an expression is a statement over data that a builder makes (`table.update()…`)."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Instance) and any(step.member.builds in DATA for step in option.steps):
                return True
        return False

    def sample(self, site: Site) -> str:
        """What is known of the text that an expression holds."""
        return "".join(
            piece.text for shape in self.shapes(site) for piece in shape.pieces if isinstance(piece, Literal)
        )

    # What runs

    def calls(self, function: FunctionValue, direction: Direction, dialect: str = "") -> Iterator[tuple[Site, Step]]:
        """The calls of a function in order, each with a frame for its steps. Helpers of the project are entered.
        `dialect`: without those that a test of the database's own name keeps for another one."""
        seen = [0]
        self.dialect = dialect
        yield from self._calls(function, Step(MISSING, direction), 0, seen)

    def words(self, site: Site) -> frozenset[str]:
        """The names and texts in a function and in the project's functions that it calls, lower case."""
        found: set[str] = set()
        given = options(self.evaluator.value(site.path, site.node, site.context))
        pending = [(option, 0) for option in given if isinstance(option, FunctionValue)]
        seen: set[tuple[str, int]] = set()
        while pending:
            function, depth = pending.pop()
            tree = self.evaluator.tree(function.path)
            if (function.path, function.node) in seen or len(seen) > CALLS:
                continue
            seen.add((function.path, function.node))
            for node in range(function.node + 1, tree.ends[function.node]):
                found.update(_written(tree, node))
                if tree.kinds[node] == Kind.CALL and depth < HELPERS:
                    helpers = self._helpers(Site(function.path, node, function.context))
                    pending += [(helper, depth + 1) for helper in helpers]
        return frozenset(found)

    def words_within(self, site: Site) -> frozenset[str]:
        """The names and texts in an expression and in the project's functions that it names, lower case."""
        tree = self.evaluator.tree(site.path)
        found: set[str] = set()
        for node in range(site.node, min(tree.ends[site.node], site.node + CALLS)):
            found.update(_written(tree, node))
            if tree.kinds[node] == Kind.NAME:
                found |= self.words(Site(site.path, node, site.context))
        return frozenset(found)

    def _calls(self, function: FunctionValue, outer: Step, depth: int, seen: list[int]) -> Iterator[tuple[Site, Step]]:
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        if body < 0:
            return
        kinds = tree.kinds
        node, end = body, tree.ends[body]
        left = False  # a return under a branch: what follows runs only sometimes
        while node < end and seen[0] < CALLS:
            kind = kinds[node]
            if kind == Kind.CLASS or (kind == Kind.FUNCTION and tree.roles[node] != Role.ARGUMENT and node != body):
                node = tree.ends[node]
                continue
            if self.dialect and self._elsewhere(function, node):
                node = tree.ends[node]
                continue
            if kind == Kind.RETURN and self.surroundings(function, node)[0]:
                if self.dialect and self._here(function, node):
                    return
                left = True
            elif kind == Kind.CALL:
                seen[0] += 1
                site = Site(function.path, node, function.context)
                conditional, loop = self.surroundings(function, node)
                frame = Step(
                    MISSING,
                    outer.direction,
                    outer.conditional or conditional or left,
                    outer.loop or loop,
                    outer.non_transactional or self._autocommit(function, node),
                )
                yield site, frame
                if depth < HELPERS:
                    for helper in self._helpers(site):
                        outside, self.given = self.given, self._arguments(helper, site)
                        yield from self._calls(helper, frame, depth + 1, seen)
                        self.given = outside
            node += 1

    def _elsewhere(self, function: FunctionValue, node: int) -> bool:
        """Whether a node is the branch of a test that another database passes."""
        tree = self.evaluator.tree(function.path)
        parent, role = tree.parents[node], tree.roles[node]
        if parent < 0 or tree.kinds[parent] not in (Kind.IF, Kind.CONDITIONAL) or role not in (Role.BODY, Role.ELSE):
            return False
        passed = self._asked(Site(function.path, tree.child(parent, Role.CONDITION), function.context))
        return passed is not None and passed is not (role == Role.BODY)

    def _here(self, function: FunctionValue, node: int) -> bool:
        """Whether a node always runs on this database: all that it stands under is tests of its name."""
        tree = self.evaluator.tree(function.path)
        child = node
        for parent in tree.ancestors(node):
            if parent == function.node:
                return True
            if tree.kinds[parent] == Kind.IF and tree.roles[child] in (Role.BODY, Role.ELSE):
                condition = Site(function.path, tree.child(parent, Role.CONDITION), function.context)
                if self._asked(condition) is None:
                    return False
            elif tree.kinds[parent] != Kind.BLOCK:
                return False
            child = parent
        return True

    def _asked(self, condition: Site) -> bool | None:
        """What a test of the database's own name answers on this one; None for another test."""
        tree = self.evaluator.tree(condition.path)
        node, wanted = condition.node, True
        while tree.kinds[node] == Kind.UNARY and tree.value(node) == "not":
            node, wanted = tree.child(node, Role.VALUE), not wanted
        word = tree.value(node) if tree.kinds[node] == Kind.BINARY else ""
        if word not in ("==", "!=", "in", "not-in"):
            return None
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if not self._name_of_database(condition, left):
            if word not in ("==", "!=") or not self._name_of_database(condition, right):
                return None
            left, right = right, left
        other = Site(condition.path, right, condition.context)
        names = self.strings(other) if word in ("in", "not-in") else (self.string(other),)
        if not names or not all(names):
            return None
        same = any(SCHEMES.get(name, name) == self.dialect for name in names)
        return (same is (word in ("==", "in"))) is wanted

    def _name_of_database(self, site: Site, node: int) -> bool:
        value = self.evaluator.value(site.path, node, site.context)
        return any(isinstance(option, Scalar) and option.kind == "dialect" for option in options(value))

    def _helpers(self, call: Site) -> list[FunctionValue]:
        callee = self.callee(call)
        if self.word(callee) == "":
            return []
        found: list[FunctionValue] = []
        for option in options(self.evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, FunctionValue):
                given = self.evaluator.parameters.arguments(option, call.path, call.node, call.context)
                inner = Context(option.node, option.path, option.receiver, given, option.context)
                found.append(FunctionValue(option.path, option.node, option.receiver, inner))
        return found[:1]

    def _arguments(self, helper: FunctionValue, call: Site) -> dict[str, tuple[Piece, ...]]:
        """The pieces of text that a call passes, by parameter."""
        tree = self.evaluator.tree(helper.path)
        given: dict[str, tuple[Piece, ...]] = {}
        for parameter, argument in self.evaluator.parameters.matched(helper, call.path, call.node):
            pieces = self.texts.inlined(Site(call.path, argument, call.context))[0]
            given[tree.value(parameter)] = self._filled(pieces)
        return given

    def surroundings(self, function: FunctionValue, node: int) -> tuple[bool, bool]:
        """Whether a node runs only sometimes, and whether it may run several times."""
        tree = self.evaluator.tree(function.path)
        conditional = loop = False
        child = node
        for parent in tree.ancestors(node):
            if parent == function.node:
                break
            kind, role = tree.kinds[parent], tree.roles[child]
            branch = kind in _BRANCHES and role not in (Role.CONDITION, Role.FINALLY) and not _first(kind, role)
            if branch or (kind == Kind.BINARY and tree.value(parent) in ("and", "or", "??") and role == Role.RIGHT):
                conditional = True
            elif (kind == Kind.LOOP and role not in (Role.ITERABLE, Role.INIT)) or kind == Kind.COMPREHENSION:
                loop = True
            elif kind == Kind.FUNCTION and tree.flags[parent] & Flag.ARROW and not self._once(function, parent):
                loop = True  # handed to `forEach`, `map` and the like
            child = parent
        return conditional, loop

    def _once(self, function: FunctionValue, closure: int) -> bool:
        """Whether a function is run once by what it is handed to: `then`, a transaction, what builds a table."""
        handed = handed_to(self.evaluator.tree(function.path), closure)
        row = callback_of(self.evaluator, function.path, *handed) if handed is not None else None
        return row is not None and row.fate in ("once", "transaction", "builder", "conditional")

    def _autocommit(self, function: FunctionValue, node: int) -> bool:
        """Whether a node stands in a `with` that commits on entering (`on_enter` of the manager's type)."""
        tree = self.evaluator.tree(function.path)
        for parent in tree.ancestors(node):
            if parent == function.node:
                return False
            if tree.kinds[parent] != Kind.WITH:
                continue
            for item in tree.with_role(parent, Role.ITEM):
                value = tree.child(item, Role.VALUE)
                if value < 0 or tree.contains(item, node):
                    continue
                if tree.kinds[value] == Kind.CALL:
                    row = self.row(Site(function.path, value, function.context))
                    if row is not None and "commit" in row.effects and "begin" not in row.effects:
                        return True
        return False


def framed(frame: Step, operation: Operation, conditional: bool = False) -> Step:
    """A step with this operation in a frame."""
    return Step(operation, frame.direction, frame.conditional or conditional, frame.loop, frame.non_transactional)


def _first(kind: int, role: int) -> bool:
    """The part of a `try` that always begins to run."""
    return kind == Kind.TRY and role in (Role.BODY, Role.ELSE)


MISSING = Operation(Change.OTHER)
_BRANCHES = frozenset({Kind.IF, Kind.SWITCH, Kind.CASE, Kind.CONDITIONAL, Kind.TRY, Kind.CATCH})


def _written(tree: Tree, node: int) -> list[str]:
    """The words of a name or a text, lower case."""
    if tree.kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE, Kind.STRING, Kind.KEYWORD, Kind.PAIR):
        return []
    text = tree.value(node).lower().replace("__", " ")
    return "".join(each if each.isalnum() or each == "_" else " " for each in text).split()
