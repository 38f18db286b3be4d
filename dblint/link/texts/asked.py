"""What it says of a value that a database was asked for it: somebody knows it, and whether that says enough of it
cannot be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import Verb
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site
from dblint.link.values import FunctionValue, Instance, LibraryClass, ListOf, ProjectClass, Scalar, Value, options
from dblint.sql.query import parse

if TYPE_CHECKING:
    from dblint.link.texts.guards import Guards

LINKS = 12
"""Calls and members that are looked at from the result of a chain to its beginning."""
_READING = frozenset({"select", "aggregate"})
_READ = frozenset({Verb.SELECT, Verb.COMMAND})


class Asked:
    """Answers what was looked up. One per evaluator."""

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.origins = guards.origins
        self.evaluator = guards.evaluator

    def before(self, site: Site, condition: int, binding: int) -> Origin | None:
        """`row = load(name)`, `if not row: raise`: the condition that is left by tests what a query found by the
        value that stands at `site`."""
        tree = self.evaluator.tree(site.path)
        node = condition
        if node >= 0 and tree.kinds[node] == Kind.UNARY and tree.value(node) == "not":
            node = tree.child(node, Role.VALUE)
        elif node >= 0 and tree.kinds[node] == Kind.BINARY and tree.value(node) in ("==", "is"):
            right = tree.child(node, Role.RIGHT)
            nothing = right >= 0 and tree.kinds[right] == Kind.CONSTANT and tree.value(right) in ("null", "undefined")
            node = tree.child(node, Role.LEFT) if nothing else -1
        else:
            return None
        if node < 0 or tree.kinds[node] != Kind.NAME:
            return None
        for found, _ in self.evaluator.scope(site.path).reaching(node, tree.value(node)) or ():
            value = tree.child(found, Role.VALUE) if tree.kinds[found] == Kind.ASSIGN else -1
            if value >= 0 and self._found_by(site, value, binding):
                return Origin.UNKNOWN
        return None

    def inside(self, function: FunctionValue, parameter: int) -> Origin | None:
        """The function asks a database with the value before it answers."""
        tree = self.evaluator.tree(function.path)
        given = Site(function.path, parameter, None)
        call = tree.kinds.find(Kind.CALL, function.node, tree.ends[function.node])
        while call >= 0:
            if self._compares(given, call, parameter):
                return Origin.UNKNOWN
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[function.node])
        return None

    def _found_by(self, site: Site, value: int, binding: int) -> bool:
        """Whether an expression gives what a query found by the value: something where it found a row, else nothing."""
        tree = self.evaluator.tree(site.path)
        node = value
        tells = False
        for _ in range(LINKS):
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                node = tree.child(node, Role.VALUE)
            elif kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                node += 1
            elif kind == Kind.CALL:
                if self._called(site, node, binding):
                    return True
                tells = tells or self._tells(site, node)
                if tells and self._compares(site, node, binding):
                    return True
                node += 1
            else:
                return False
            if node < 0:
                return False
        return False

    def _called(self, site: Site, call: int, binding: int) -> bool:
        """Whether a call hands the value to a function of the project that asks a database for it."""
        for option in options(self.evaluator.value(site.path, call + 1, site.context)):
            if isinstance(option, FunctionValue):
                for parameter, given in self.evaluator.parameters.matched(option, site.path, call):
                    if self.guards.same(site, given, binding) and self.inside(option, parameter) is not None:
                        return True
        return False

    def _tells(self, site: Site, call: int) -> bool:
        """Whether what a call gives is nothing where no row was found. A cursor or a result always is something, and
        so is an empty list in JavaScript."""
        row = self.origins.row(Site(site.path, call, site.context))
        if isinstance(row, Member) and row.expects in ("one", "unique"):
            return True
        held = self.evaluator.value(site.path, call, site.context)
        return any(self._nothing(option, site.path) for option in options(held))

    def _nothing(self, held: Value, path: str) -> bool:
        if isinstance(held, Scalar):
            return held.kind == "row"
        if isinstance(held, ListOf):
            return not self.evaluator.javascript(path)
        if not isinstance(held, Instance):
            return False
        if isinstance(held.cls, ProjectClass):
            return True
        return isinstance(held.cls, LibraryClass) and "truth" in self.evaluator.tables.types[held.cls.name].runs_on

    def _compares(self, site: Site, call: int, binding: int) -> bool:
        """Whether a call hands a reading statement the value: for its condition, or for one of its placeholders."""
        tree = self.evaluator.tree(site.path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        if not any(self._mentions(site, argument, binding) for argument in arguments):
            return False
        at = Site(site.path, call, site.context)
        row = self.origins.row(at)
        if isinstance(row, Member) and row.text is None and (row.run or row.where is not None or row.query is not None):
            return not row.run or row.run in _READING
        if not any(self._mentions(site, argument, binding) for argument in arguments[1:]):
            return False  # in the text itself
        texts = self.origins.answers.statement(at)
        queries = [parse(text).query for text in texts]
        return bool(queries) and all(query is not None and query.verb in _READ for query in queries)

    def _mentions(self, site: Site, argument: int, binding: int) -> bool:
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node)
        return any(
            tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE, Kind.SUBSCRIPT)
            and (tree.kinds[site.node] not in (Kind.NAME, Kind.PARAMETER) or tree.value(node) == name)
            and self.guards.same(site, node, binding)
            for node in range(argument, tree.ends[argument])
        )
