"""What decides which table of which database a call asks, and where the statement that it runs was begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.values import (
    BoundMember,
    Class,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

LINKS = 24
"""Links of a chain, names it was kept under included, that are looked at."""
MEMBER = "member:"
"""What a row begins with that gives a member by its name: `A/B/C`, of which B names it."""


class Begun(msgspec.Struct, frozen=True):
    """A statement that a function got handed in: the parameter, where it may have been begun, and of what type
    it may be, which tells those that begin at no place (`Order.objects`). `whole`: it runs as it was
    handed in, with nothing added that makes another value of it."""

    parameter: str
    places: frozenset[Place]
    types: frozenset[tuple[Class, tuple[tuple[str, Value], ...]]] = frozenset()
    whole: bool = True

    def further(self, parameter: str, whole: bool) -> Begun:
        """The statement as a function around has it."""
        return replace(self, parameter=parameter, whole=self.whole and whole)


class Subjects:
    """Reads what calls ask. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def targets(self, path: str, node: int, row: Member, tabled: bool) -> tuple[int, ...]:
        """The expressions that decide which table or database is asked, or how many rows of what is found. `tabled`: a
        table is known, so that none of its text's holes stands for one."""
        found: list[int] = []
        site = Site(path, node, None)
        if row.table is not None and row.table.at:
            found += self._named(path, row.table.at, site)
        if row.text is not None and row.run == "text" and not tabled:
            found += [
                inner.node
                for inner in find(self.evaluator, row.text.at, site).sites
                if inner.path == path and not self._built(path, inner.node)
            ]
        if row.of and not tabled and self.evaluator.tree(path).kinds[node + 1] == Kind.ATTRIBUTE:
            found.append(node + 2)
        found += self._of_chain(path, node, row.run == "text" or not tabled)
        found += self._computed(path, node)
        called = self.evaluator.tree(path).kinds[node] == Kind.CALL
        found += self._limits(path, self.evaluator.value(path, node + 1 if called else node))
        if row.query is not None and row.query.at:
            for inner in find(self.evaluator, row.query.at, site).sites:
                if inner.path == path:
                    found += self._of_chain(path, inner.node, False)
                    found += self._limits(path, self.evaluator.value(path, inner.node))
        return tuple(dict.fromkeys(found))

    def connections(self, path: str, call: int) -> Iterator[int]:
        """The expressions that decide what a method is called on to which the program hands a whole statement, so
        that it stands for a database; not the object of the function around itself, which may be a row."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return
        for node in self._of_chain(path, call + 2, True, top=False):
            receives = tree.has(node, Flag.SELF) or any(
                tree.kinds[binding] == Kind.PARAMETER
                and self.evaluator.parameters.position(path, tree.parents[binding], binding) < 0
                for binding in (self._reached(path, node) if tree.kinds[node] == Kind.NAME else ())
            )
            if not receives:
                yield node

    def _limits(self, path: str, value: Value) -> Iterator[int]:
        """What the steps of a chain limit its rows to, where that stands in this file."""
        for option in options(value):
            held = option.receiver if isinstance(option, BoundMember) else option
            for step in held.steps if isinstance(held, Instance) else ():
                slot = step.member.limit
                if step.path == path and step.node >= 0 and slot is not None and slot.at:
                    for inner in find(self.evaluator, slot.at, Site(step.path, step.node, step.context)).sites:
                        yield from (inner.node,) if inner.path == path else ()

    def _named(self, path: str, at: str, site: Site) -> Iterator[int]:
        """The expressions in a table's slot that name one; of a statement that stands there, its own."""
        tree = self.evaluator.tree(path)
        for inner in find(self.evaluator, at, site).sites:
            if inner.path != path:
                continue
            if tree.kinds[inner.node] == Kind.CALL or self._built(path, inner.node):
                yield from self._of_chain(path, inner.node, False)
            else:
                yield inner.node

    def _computed(self, path: str, node: int) -> Iterator[int]:
        """The computed keys in a call's objects: they choose which column is asked."""
        tree = self.evaluator.tree(path)
        pair = tree.kinds.find(Kind.PAIR, node, tree.ends[node])
        while pair >= 0:
            key = tree.child(pair, Role.KEY)
            if key >= 0 and not tree.value(pair):
                yield key
            pair = tree.kinds.find(Kind.PAIR, pair + 1, tree.ends[node])

    def _built(self, path: str, node: int) -> bool:
        """Whether an argument is a statement that a library built, and no text."""
        return any(isinstance(option, Instance) for option in options(self.evaluator.value(path, node)))

    def _of_chain(self, path: str, node: int, connection: bool, top: bool = True) -> Iterator[int]:
        """The expressions in a chain that choose a model. `connection`: nothing but what the chain
        begins with says which table or database is asked. `top`: its first call is the one that runs."""
        tree = self.evaluator.tree(path)
        pending, seen = [node], set[int]()
        while pending and len(seen) < LINKS:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            kind = tree.kinds[node]
            if kind == Kind.CALL:
                yield from self._chosen(path, node, top, connection)
                top = False
                pending.append(node + 1)
            elif kind == Kind.SUBSCRIPT:
                if self._chooses(path, node):
                    yield from tree.with_role(node, Role.INDEX)
                pending.append(node + 1)
            elif kind in (Kind.ATTRIBUTE, Kind.AWAIT, Kind.CAST):
                pending.append(node + 1)
            elif kind == Kind.CONDITIONAL or (kind == Kind.BINARY and tree.value(node) in ("or", "??")):
                pending += [arm for arm in tree.children(node) if tree.roles[arm] != Role.CONDITION]
            elif kind == Kind.NAME:
                given = self._named_by(path, node)
                pending += given
                if not given and (self._model(path, node) or (connection and not self._made(path, node))):
                    yield node

    def _named_by(self, path: str, node: int) -> list[int]:
        """The expressions that a name of a chain was given; none of a model's."""
        if self._model(path, node) or not self._instance(path, node):
            return []
        return [given for binding in self._reached(path, node) if (given := self._given(path, [binding])) >= 0]

    def _model(self, path: str, node: int) -> bool:
        """Whether a name is a class of the program."""
        return any(isinstance(option, ProjectClass) for option in options(self.evaluator.value(path, node)))

    def _instance(self, path: str, node: int) -> bool:
        return any(isinstance(option, Instance) for option in options(self.evaluator.value(path, node)))

    def _made(self, path: str, node: int) -> bool:
        """Whether a name is given an object here, so that what makes it says the rest."""
        tree = self.evaluator.tree(path)
        return self._instance(path, node) and self._assigned(tree, self._reached(path, node))

    def _reached(self, path: str, node: int) -> list[int]:
        """The bindings of a name, without the calls that add to what it holds."""
        tree = self.evaluator.tree(path)
        bindings = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
        return [binding for binding, _ in bindings if tree.kinds[binding] != Kind.CALL]

    def _chooses(self, path: str, subscript: int) -> bool:
        """Whether what lies under a key is a model, a handle or a statement: the key chooses what is asked."""
        types = self.evaluator.tables.types
        for option in options(self.evaluator.value(path, subscript)):
            cls = option.cls if isinstance(option, Instance) else option
            if isinstance(option, Instance) and isinstance(cls, LibraryClass) and not types[cls.name].declares:
                return True
            if not isinstance(option, Instance) and isinstance(cls, (ProjectClass, LibraryClass)):
                return True
        return False

    @staticmethod
    def _assigned(tree: Tree, reached: list[int]) -> bool:
        return any(tree.kinds[binding] in (Kind.ASSIGN, Kind.ITEM) for binding in reached)

    def _given(self, path: str, reached: list[int]) -> int:
        """The expression that a name was first given, or -1."""
        tree = self.evaluator.tree(path)
        first = reached[-1] if reached else -1
        if first < 0 or tree.kinds[first] not in (Kind.ASSIGN, Kind.ITEM):
            return -1
        if tree.kinds[tree.child(first, Role.TARGET)] != Kind.NAME:
            return -1
        return tree.child(first, Role.VALUE)

    def _chosen(self, path: str, call: int, top: bool, connection: bool) -> Iterator[int]:
        """The arguments of one call of a chain that choose a model; `top`: the call that runs it."""
        tree = self.evaluator.tree(path)
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
                if row is None:
                    continue
                if row.table is not None and row.table.at:
                    yield from self._named(path, row.table.at, Site(path, call, None))
                elif row.returns.startswith(MEMBER):
                    yield from self._named(path, row.returns[len(MEMBER) :].split("/")[1], Site(path, call, None))
                elif "<0>" in row.returns or row.returns == "instance:0":
                    first = tree.child(call, Role.ARGUMENT)
                    if first >= 0:
                        yield first
                elif connection and not top and isinstance(option, LibraryFunction):
                    yield from tree.with_role(call, Role.ARGUMENT)
            elif connection and (isinstance(option, LibraryClass) or (isinstance(option, FunctionValue) and not top)):
                yield from tree.with_role(call, Role.ARGUMENT)

    def begun(self, path: str, node: int, function: int, receiver: Instance | None = None) -> Begun | None:
        """Where a statement was begun that the function got as an argument and runs at `node`; `receiver`: which of
        several that it may be."""
        tree = self.evaluator.tree(path)
        root = self._root(tree, node)
        named = self._renamed(path, root)
        parameter = self.parameter(path, named, function)
        if not parameter:
            return None
        held = [option for option in options(self.evaluator.value(path, root)) if isinstance(option, Instance)]
        several = len(held) > 1
        if several and receiver is not None:
            held = [option for option in held if _begins(receiver, option)] or held
        places = frozenset(
            place
            for option in held
            for place in self._places(option)
            if place.path != path or not tree.starts[function] <= place.start < tree.stops[function]
        )
        types = frozenset((option.cls, option.arguments) for option in held)
        return Begun(parameter, places, types, root == node) if places or several else None

    def parameter(self, path: str, node: int, function: int) -> str:
        """The parameter of a function that a chain begins with, or ""."""
        tree = self.evaluator.tree(path)
        root = self._root(tree, node)
        if tree.kinds[root] != Kind.NAME:
            return ""
        reached = self.evaluator.scope(path).reaching(root, tree.value(root)) or ()
        parameters = (binding for binding, _ in reached if tree.kinds[binding] == Kind.PARAMETER)
        return tree.value(root) if any(tree.parents[binding] == function for binding in parameters) else ""

    def _renamed(self, path: str, node: int) -> int:
        """The name that a name was given as it is (`rows = given`), else the node itself."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        for _ in range(LINKS):
            reached = scope.reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
            binding = reached[0][0] if reached and len(reached) == 1 else -1
            given = self._given(path, [binding]) if binding >= 0 and not tree.value(binding) else -1
            if given < 0 or tree.kinds[given] != Kind.NAME:
                break
            node = given
        return node

    @staticmethod
    def _root(tree: Tree, node: int) -> int:
        while tree.kinds[node] in (Kind.CALL, Kind.ATTRIBUTE, Kind.AWAIT):
            node += 1
        return node

    def hands(self, path: str, node: int, begun: Begun) -> bool:
        """Whether an expression may hold the statement."""
        for option in options(self.evaluator.value(path, node)):
            if isinstance(option, Instance):
                places = set(self._places(option))
                if places & begun.places or (not places and (option.cls, option.arguments) in begun.types):
                    return True
        return False

    def _places(self, value: Instance) -> Iterator[Place]:
        """Where the steps of a statement were built."""
        for step in value.steps:
            if step.node >= 0:
                tree = self.evaluator.tree(step.path)
                yield Place(step.path, tree.starts[step.node], tree.stops[step.node])


def _begins(whole: Instance, part: Instance) -> bool:
    """Whether a chain may be another one, followed further."""
    ends = {(step.path, step.node) for step in whole.steps}
    if part.cls != whole.cls and not part.arguments:
        return False  # a row, and no query
    same = all(whole.argument(name) in (None, value) for name, value in part.arguments)
    return same and all((step.path, step.node) in ends for step in part.steps)


def joined(one: Begun | None, other: Begun | None) -> Begun | None:
    """Of two statements that run at one place, those that either is."""
    if one is None or other is None or one.parameter != other.parameter:
        return None
    return Begun(one.parameter, one.places | other.places, one.types | other.types, one.whole and other.whole)
