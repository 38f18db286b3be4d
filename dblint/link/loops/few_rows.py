"""Calls and slices that leave few rows or elements, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import When
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.usual import Usual
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters

STEPS = 16
"""Steps of a chain, and statements inside it, that are looked at."""
ROWS = 10
"""Rows that a slice or a limit leaves up to which they are few."""


class FewRows:
    """Answers it. One per evaluator."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self.evaluator = counters.evaluator
        self.usual = Usual(counters.evaluator)

    def small(self, path: str, node: int) -> bool:
        """Whether a number is, or usually is, a small one: also the least of several of which one is."""
        tree = self.evaluator.tree(path)
        parts = [node]
        if tree.kinds[node] == Kind.CALL:
            if any(isinstance(row, Member) and row.magnitude == "least" for row in self.counters.rows(path, node)):
                parts = [each for each in tree.with_role(node, Role.ARGUMENT) if tree.kinds[each] != Kind.KEYWORD]
        return any(0 < number <= ROWS for number in (self._number(path, part) for part in parts) if number is not None)

    def _number(self, path: str, node: int) -> int | None:
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.NUMBER and tree.value(node).isdigit():
            return int(tree.value(node))
        return self.usual.number(path, node)

    def _says(self, at: str, site: Site) -> bool:
        """Whether an argument is a small number."""
        sites = find(self.evaluator, at, site).sites if at else ()
        return any(self.small(inner.path, inner.node) for inner in sites)

    def picked(self, path: str, call: int) -> bool:
        """Whether a function gives some of the elements that it is handed, a small number of them."""
        rows = [row for row in self.counters.rows(path, call) if isinstance(row, Member) and row.limit is not None]
        return any(row.limit is not None and self._says(row.limit.at, Site(path, call, None)) for row in rows)

    def limited(self, path: str, node: int) -> bool:
        """Whether a call gives the rows of a query that says a small limit."""
        found = options(self.evaluator.value(path, node + 1))
        bound = found[0] if len(found) == 1 else None
        row = self.evaluator.rows.row_of(bound) if isinstance(bound, BoundMember) else None
        if not isinstance(bound, BoundMember) or row is None:
            return False
        pending = [(row, Site(path, node, None)), *_written(bound.receiver)]
        for _ in range(STEPS):
            if not pending:
                return False
            member, site = pending.pop()
            if member.limit is not None and self._says(member.limit.at, site):
                return True
            for inner in find(self.evaluator, member.query.at, site).sites if member.query is not None else ():
                asked = self.evaluator.value(inner.path, inner.node, inner.context)
                pending += _written(asked) if isinstance(asked, Instance) else ()
        return False

    def few(self, path: str, node: int) -> bool:
        """Whether a call gives rows of which a table says that they are few, or what is left of them by further
        conditions; also by a method that the program writes in the place of the library's."""
        tree = self.evaluator.tree(path)
        for _ in range(STEPS):
            if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
                return False
            found = options(self.evaluator.value(path, node + 1))
            rows = [self._described(each, tree.value(node + 1)) for each in found]
            if all(row is not None and row.few for row in rows):
                return True
            if not all(row is not None and row.returns == "self" for row in rows):
                return False
            node += 2
        return False

    def _described(self, called: Value, name: str) -> Member | None:
        """The row of what is called; of a method of the program's own, that of the member that it overrides."""
        if isinstance(called, BoundMember):
            return self.evaluator.rows.row_of(called)
        receiver = called.receiver if isinstance(called, FunctionValue) else None
        cls = receiver.cls if isinstance(receiver, Instance) else None
        types = self.evaluator.classes.library_types(cls) if isinstance(cls, (ProjectClass, LibraryClass)) else ()
        found = [self.evaluator.tables.member(each.name, name) for each in types]
        return next((member[1] for member in found if member is not None), None)


def _written(chain: Instance) -> list[tuple[Member, Site]]:
    """What is surely called on a chain, each with where."""
    return [
        (step.member, Site(step.path, step.node, step.context))
        for step in chain.steps
        if step.node >= 0 and step.when is When.ALWAYS
    ]
