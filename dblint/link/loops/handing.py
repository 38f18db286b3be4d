"""What is handed to conditions and assignments of a query: which values change with the element, which are lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Handed
from dblint.facts.query import Compare, Query, Value
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Tree
from dblint.link.loops.anew import Anew
from dblint.link.loops.inserted import Inserted
from dblint.link.values import Expression, Instance, options

if TYPE_CHECKING:
    from dblint.link.loops.influence import Influence
    from dblint.link.types import Evaluator

_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)


class Given(msgspec.Struct, frozen=True):
    """A value of a condition: where it stands, its node, and whether it may be a list of any length."""

    place: Place
    node: int
    listed: bool


class Handing:
    """Reads values of conditions. One per evaluator."""

    def __init__(self, evaluator: Evaluator, influence: Influence) -> None:
        self.evaluator = evaluator
        self.influence = influence
        self.anew = Anew(evaluator)
        self.inserted = Inserted(evaluator)

    def given(self, path: str, queries: Iterable[Query], filled: Mapping[Place, int]) -> tuple[Given, ...]:
        """The values in a file that these queries compare columns with, or assign to them. `filled`: what fills the
        placeholders of their text."""
        found: dict[Place, Given] = {}
        for place, operator in _values(queries):
            node = filled.get(place, -1)
            if node < 0 and place.path == path:
                node = self.evaluator.handed.get(place, -1)
            if node >= 0 and place not in found:
                found[place] = Given(place, node, operator == "in" and self.listed(path, node))
        return tuple(found.values())

    def listed(self, path: str, node: int) -> bool:
        """Whether an expression is a list of any length: no list that stands in the source with all its elements, and
        no query, which gives its rows to the database alone."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] in _LISTS:
            return _spreads(tree, node)
        for option in options(self.evaluator.value(path, node)):
            if isinstance(option, Instance) and any(
                self.evaluator.tables.types[cls.name].runs_on
                for cls in self.evaluator.classes.library_types(option.cls)
            ):
                return False
            if isinstance(option, Expression) and (option.path, option.node) != (path, node):
                other = self.evaluator.tree(option.path)
                whole = other.kinds[option.node] in _LISTS and other.ends[option.node] - option.node > 1
                if whole and not _spreads(other, option.node) and not self._grows(path, node):
                    return False
        return True

    def _grows(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        return tree.kinds[node] == Kind.NAME and bool(self.evaluator.scope(path).statements_on(node, tree.value(node)))

    def seen_by(self, path: str, loop: int, names: tuple[str, ...], given: Iterable[Given]) -> tuple[Handed, ...]:
        """The values as a loop sees them. Nothing is said of those in functions that the loop calls."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        found: list[Handed] = []
        for value in given:
            if tree.contains(loop, value.node):
                varies = self.influence.depends(path, (value.node,), loop, names)
                anew = not varies and self.anew.made(path, (value.node,), loop)
                inserted = not value.listed and self.inserted.made(path, value.node, loop)
                own = self.inserted.element(path, value.node, names) if varies and not value.listed else ""
                found.append(Handed(value.place, varies, value.listed, anew, inserted, own))
            elif tree.contains(max(scope.function(value.node), 0), loop):
                found.append(Handed(value.place, False, value.listed))
        return tuple(found)


def _values(queries: Iterable[Query]) -> Iterator[tuple[Place, str]]:
    for query in queries:
        for element in query.conjuncts():
            condition = element.value
            if isinstance(condition, Compare) and (place := condition.handed) is not None:
                yield place, condition.operator
        for assignment in query.assignments.values():
            if isinstance(assignment.value, Value) and assignment.value.place is not None:
                yield assignment.value.place, "="


def _spreads(tree: Tree, node: int) -> bool:
    return any(tree.kinds[child] == Kind.SPREAD for child in tree.children(node))
