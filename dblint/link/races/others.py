"""What decides whether a unique constraint helps where rows are inserted because a read found none: inserts into the
table that no such read comes before, and values that may be others each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import FileRole
from dblint.facts.query import Verb
from dblint.facts.races import Ensured
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.races.values import words
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.ensured import Insert
    from dblint.link.races.reads import Reads
    from dblint.link.races.values import Operand

_PARTS = (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.AWAIT, Kind.CAST)


class Others:
    """Answers both. One per project."""

    def __init__(self, functions: Functions, reads: Reads) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.reads = reads

    def computed(self, insert: Insert) -> Iterator[str]:
        """The columns whose value is not handed in as it is, nor stands in the program: it is computed, or comes from a
        call, and may be another one each time (a new key, the time)."""
        for name, operand in insert.assigned.items():
            if (
                operand is None
                or insert.said is not None
                or (operand.node >= 0 and self._called(insert.at.path, operand.node) is not None)
            ):
                yield name

    def derived(self, insert: Insert, asked: Mapping[str, Operand]) -> Iterator[str]:
        """The columns whose value is put together of nothing but texts and what a read asks for."""
        path = insert.at.path
        known: set[str] = set()
        for operand in asked.values():
            known |= self._parts(path, operand.node, depth=1) or set()
        for name, value in insert.assigned.items():
            if name not in asked and value is not None and value.node >= 0:
                if self.evaluator.tree(path).kinds[value.node] in (Kind.TEMPLATE, Kind.BINARY):
                    parts = self._parts(path, value.node, depth=0)
                    if parts and parts <= known:
                        yield name

    def _parts(self, path: str, node: int, *, depth: int) -> set[str] | None:
        """The chains of names that an expression is put together of; with `depth`, also those of what a name of them is
        assigned. None where something else is in it, such as a call."""
        tree = self.evaluator.tree(path)
        found: set[str] = set()
        at = node
        while 0 <= node <= at < tree.ends[node]:
            if tree.kinds[at] in (Kind.NAME, Kind.ATTRIBUTE):
                chain = words(tree, at)
                if not chain:
                    return None
                found.add(chain)
                if depth and tree.kinds[at] == Kind.NAME:
                    for binding, _ in self.evaluator.scope(path).bindings(at, chain) or ():
                        value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                        found |= (self._parts(path, value, depth=depth - 1) if value >= 0 else None) or set()
                at = tree.ends[at]
            elif tree.kinds[at] in (Kind.TEMPLATE, Kind.HOLE, Kind.BINARY, Kind.STRING, Kind.NUMBER):
                at += 1
            else:
                return None
        return found

    def beside(self, found: Sequence[Ensured], inserts: Iterable[Insert]) -> Iterator[Ensured]:
        """What was found, each with the inserts of its columns among those that no read comes before. Those are left
        out whose row belongs to one that is made there, or may do so: it has no double."""
        unread: dict[str, list[tuple[Place, Insert]]] = {}
        for insert in inserts:
            path, tree = insert.at.path, self.evaluator.tree(insert.at.path)
            if self.functions.role(path) is FileRole.APP:
                place = Place(path, tree.starts[insert.node], tree.stops[insert.node])
                unread.setdefault(insert.table, []).append((place, insert))
        for ensured in found:
            unchecked = (
                place
                for place, insert in unread.get(ensured.table, ())
                if not self._after_another(insert)
                and all(name in insert.assigned for name in ensured.columns)
                and not any(self._new(insert, insert.assigned[name]) for name in ensured.columns)
            )
            yield replace(ensured, unchecked=tuple(sorted(unchecked)))

    def _after_another(self, insert: Insert) -> bool:
        """Whether the function has inserted into another table before: the row may belong to that one."""
        path, start = insert.at.path, self.evaluator.tree(insert.at.path).starts[insert.at.node]
        return any(
            call.place.path == path
            and call.place.start < start
            and any(query.verb is Verb.INSERT and query.table not in ("", insert.table) for query in call.queries)
            for call in self.reads.of_function(insert.at.function)
        )

    def _new(self, insert: Insert, operand: Operand | None) -> bool:
        """Whether a value is of a row that is inserted in the same function, by itself or by one that it calls."""
        path = insert.at.path
        found = self._called(path, operand.node) if operand is not None and operand.node >= 0 else None
        if found is None:
            return False
        tree = self.evaluator.tree(path)
        first, end = tree.starts[found], tree.stops[found]
        if any(
            first <= call.place.start and call.place.stop <= end and call.place.path == path
            for call in self.reads.of_function(insert.at.function)
            if any(query.verb is Verb.INSERT for query in call.queries)
        ):
            return True
        node = tree.kinds.find(Kind.CALL, found, tree.ends[found])
        while node >= 0:
            for callee in options(self.evaluator.value(path, node + 1)):
                if isinstance(callee, FunctionValue):
                    called = self.reads.of_function(self.functions.id(callee.path, callee.node))
                    if any(query.verb is Verb.INSERT for call in called for query in call.queries):
                        return True
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[found])
        return False

    def _called(self, path: str, node: int) -> int | None:
        """The expression, or what binds the name that it begins with, where something is called in it; None where
        nothing is."""
        tree = self.evaluator.tree(path)
        if tree.kinds.find(Kind.CALL, node, tree.ends[node]) >= 0:
            return node
        while tree.kinds[node] in _PARTS:
            node += 1
        if tree.kinds[node] != Kind.NAME:
            return None
        for binding, _ in self.evaluator.scope(path).bindings(node, tree.value(node)) or ():
            if tree.kinds[binding] != Kind.PARAMETER:
                if tree.kinds.find(Kind.CALL, binding, tree.ends[binding]) >= 0:
                    return binding
        return None
