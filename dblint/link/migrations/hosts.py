"""Migrations written in a host language: what runs, in order, and what surrounds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dblint.facts.program import Diagnostic
from dblint.facts.schema import Change, Direction, Operation, Step
from dblint.facts.text import Hole, Literal, Optional, Piece, Place, Repeat, Text
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.migrations import statements
from dblint.link.migrations.dialects import Dialects
from dblint.link.text import Texts
from dblint.link.types import Evaluator
from dblint.link.values import (
    BoundMember,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)

DATA = frozenset({"select", "insert", "update", "delete", "upsert"})
"""The verbs of statements over data."""
HELPERS = 3
"""How many helper functions deep the calls of a migration are followed."""
CALLS = 2_000
"""Calls of one migration that are looked at."""


@dataclass(slots=True)
class Reading:
    """What the readers of host-language migrations share."""

    evaluator: Evaluator
    texts: Texts
    dialects: Dialects
    diagnostics: list[Diagnostic] = field(default_factory=list)
    given: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    """What the call of the helper that is being read passes for its parameters."""

    def place(self, site: Site) -> Place:
        """The span of an expression."""
        tree = self.evaluator.tree(site.path)
        return Place(site.path, tree.starts[site.node], tree.stops[site.node])

    # Plain values

    def string(self, site: Site | None) -> str:
        """The text of an expression that holds one of the program's own literals, else ""."""
        if site is None:
            return ""
        shapes = self.shapes(site)
        pieces = shapes[0].pieces if shapes else ()
        if len(shapes) != 1 or not all(isinstance(piece, Literal) for piece in pieces):
            return ""
        return "".join(piece.text for piece in pieces if isinstance(piece, Literal))

    def shapes(self, site: Site) -> list[Text]:
        """The texts that an expression can hold, with what a helper was given for its parameters."""
        shapes = self.texts.of(self.unwrapped(site))
        if not self.given:
            return shapes
        return [Text(self._filled(shape.pieces), shape.open) for shape in shapes]

    def _filled(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        filled: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, Hole) and piece.parameter in self.given:
                filled += self.given[piece.parameter]
            elif isinstance(piece, Optional):
                filled.append(Optional(self._filled(piece.pieces)))
            elif isinstance(piece, Repeat):
                filled.append(Repeat(self._filled(piece.pieces), piece.separator))
            else:
                filled.append(piece)
        return tuple(filled)

    def strings(self, site: Site | None) -> tuple[str, ...]:
        """The texts of a list's elements; "" for those that cannot be said."""
        return tuple(self.string(element) for element in self.elements(site))

    def elements(self, site: Site | None) -> list[Site]:
        """The elements of a list, tuple or set, or of several that are added up."""
        found: list[Site] = []
        pending = [self.literal(site)] if site is not None else []
        while pending and len(found) < CALLS:
            current = pending.pop()
            tree = self.evaluator.tree(current.path)
            kind = tree.kinds[current.node]
            if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
                for child in tree.children(current.node):
                    inner = tree.child(child, Role.VALUE) if tree.kinds[child] == Kind.SPREAD else -1
                    if inner >= 0:
                        found += self._spread(Site(current.path, inner, current.context))
                    else:
                        found.append(Site(current.path, child, current.context))
            elif kind == Kind.BINARY and tree.value(current.node) == "+":
                sides = [Site(current.path, child, current.context) for child in tree.children(current.node)]
                pending += [self.literal(side) for side in reversed(sides)]
        return found

    def _spread(self, site: Site) -> list[Site]:
        literal = self.literal(site)
        tree = self.evaluator.tree(literal.path)
        if tree.kinds[literal.node] not in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return []
        return [Site(literal.path, child, literal.context) for child in tree.children(literal.node)]

    def literal(self, site: Site) -> Site:
        """The expression that a name stands for, or the expression itself."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression):
                return Site(option.path, option.node, option.context)
        return site

    def constant(self, site: Site | None) -> str:
        """The word of a constant or number (`true`, `null`, `5`), else ""."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] in (Kind.CONSTANT, Kind.NUMBER) else ""

    def true(self, site: Site | None) -> bool:
        """Whether an expression is the constant true."""
        return self.constant(site) == "true"

    def source(self, site: Site | None) -> str:
        """A constant, number or string as SQL would write it; "" when it is something else."""
        if site is None:
            return ""
        constant = self.constant(site)
        if constant:
            return constant
        text = self.string(site)
        return f"'{text}'" if text else ""

    def argument(self, call: Site, at: str) -> Site | None:
        """What stands at a slot of a call (`0|name`), or None."""
        sites = find(self.evaluator, at, call).sites
        return sites[0] if sites else None

    def path_of(self, site: Site) -> str:
        """Where a name of a package lives (`django.db.models.CharField`), of a project class that of the nearest
        base that lives in one; "" for anything else."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            found = self._path(option)
            if found:
                return found
        return ""

    def _path(self, option: object) -> str:
        if isinstance(option, ExternalValue | LibraryFunction):
            return option.path
        if isinstance(option, LibraryClass):
            return next(iter(self.evaluator.tables.types[option.name].path), "")
        if isinstance(option, ProjectClass):
            return next(self.bases(option), "")
        return ""

    def bases(self, cls: ProjectClass) -> Iterator[str]:
        """The package paths of a project class's bases, nearest first."""
        pending, seen = [cls], {(cls.path, cls.node)}
        while pending:
            current = pending.pop(0)
            tree = self.evaluator.tree(current.path)
            for base in tree.with_role(current.node, Role.BASE):
                for option in options(self.evaluator.value(current.path, base)):
                    if isinstance(option, ProjectClass):
                        if (option.path, option.node) not in seen:
                            seen.add((option.path, option.node))
                            pending.append(option)
                    elif path := self._path(option):
                        yield path

    def callee(self, call: Site) -> Site:
        """What is called."""
        return Site(call.path, call.node + 1, call.context)

    def word(self, site: Site) -> str:
        """The last word of a name or attribute."""
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def is_call(self, site: Site) -> bool:
        """Whether an expression is a call."""
        return self.evaluator.tree(site.path).kinds[site.node] == Kind.CALL

    # SQL

    def row(self, call: Site) -> Member | None:
        """The table row of what is called."""
        callee = self.callee(call)
        for option in options(self.evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, LibraryFunction):
                return self.evaluator.tables.functions[option.path][1]
            if isinstance(option, BoundMember):
                found = self.evaluator.tables.member(option.owner, option.name)
                if found is not None:
                    return found[1]
        return None

    def unwrapped(self, site: Site) -> Site:
        """The string inside of calls that only mark it as SQL or as a name (`text("…")`)."""
        for _ in range(HELPERS):
            row = self.row(site) if self.is_call(site) else None
            if row is None or row.run:
                break
            inner = self.argument(site, row.text.at) if row.text is not None else None
            if row.text is None and row.returns == "self":
                # `text("…").bindparams(…)`: still the same text.
                tree = self.evaluator.tree(site.path)
                owner = tree.child(site.node + 1, Role.OBJECT)
                text = owner >= 0 and tree.kinds[owner] == Kind.CALL and self.row(Site(site.path, owner, site.context))
                inner = Site(site.path, owner, site.context) if text and (text.text or text.returns == "self") else None
            if inner is None:
                break
            site = inner
        return site

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
            read = statements.read(shape, dialect, site.path, around, fallback)
            steps += read.steps
            self.diagnostics += read.diagnostics
        return steps

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

    def calls(self, function: FunctionValue, direction: Direction) -> Iterator[tuple[Site, Step]]:
        """The calls of a function in order, each with a frame for its steps. Helpers of the project are entered."""
        seen = [0]
        yield from self._calls(function, Step(MISSING, direction), 0, seen)

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
            if kind == Kind.RETURN and self._surroundings(function, node)[0]:
                left = True
            elif kind == Kind.CALL:
                seen[0] += 1
                site = Site(function.path, node, function.context)
                conditional, loop = self._surroundings(function, node)
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

    def _surroundings(self, function: FunctionValue, node: int) -> tuple[bool, bool]:
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
            elif kind == Kind.FUNCTION and tree.flags[parent] & Flag.ARROW:
                loop = True  # handed to `forEach`, `map` and the like
            child = parent
        return conditional, loop

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
