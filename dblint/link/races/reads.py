"""Which calls read the row that an expression holds, and whether the function made it itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Call, Effect
from dblint.facts.query import Verb
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.values import FunctionValue, LibraryClass, LibraryFunction, ProjectClass, SchemaModel, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 64
"""Expressions that are looked at for one row."""
FUNCTIONS = 3
"""Functions that a row is followed into."""
_PLAIN = (Kind.AWAIT, Kind.CAST)
_INNER = (Kind.ATTRIBUTE, Kind.SUBSCRIPT)


class Found(msgspec.Struct):
    """Where a row comes from. `made`: it is made in memory; `handed`: a parameter, or the receiver of a method;
    `unknown`: it may come from elsewhere. `through`: the calls of functions of the project that gave it, outermost
    first, by the read inside."""

    reads: list[Call] = msgspec.field(default_factory=list)
    made: list[tuple[str, int]] = msgspec.field(default_factory=list)
    handed: bool = False
    unknown: bool = False
    through: dict[int, tuple[tuple[FunctionValue, str, int], ...]] = msgspec.field(default_factory=dict)


class _Step(msgspec.Struct):
    path: str
    node: int
    through: tuple[tuple[FunctionValue, str, int], ...] = ()


class Reads:
    """Follows rows back to where they are read. One per project."""

    def __init__(self, evaluator: Evaluator, calls: Iterable[Call]) -> None:
        self.evaluator = evaluator
        self._at: dict[str, dict[tuple[int, int], list[Call]]] = {}
        self._by_function: dict[str, list[Call]] = {}
        self.locking: list[Place] = []
        """Where transactions begin with the lock of the whole database."""
        for call in calls:
            if Effect.LOCK in call.effects:
                self.locking.append(call.place)
            self._at.setdefault(call.place.path, {}).setdefault((call.place.start, call.place.stop), []).append(call)
            self._by_function.setdefault(call.function, []).append(call)

    def at(self, path: str, node: int) -> list[Call]:
        """The calls that are made exactly there."""
        tree = self.evaluator.tree(path)
        return self._at.get(path, {}).get((tree.starts[node], tree.stops[node]), [])

    def of_function(self, function: str) -> list[Call]:
        """The calls of a function of the project, in order."""
        return self._by_function.get(function, []) if function else []

    def of(self, path: str, node: int) -> Found:
        """Where what an expression holds comes from."""
        found = Found()
        pending = [_Step(path, node)]
        seen: set[tuple[str, int]] = set()
        for _ in range(STEPS):
            if not pending:
                return found
            step = pending.pop()
            if (step.path, step.node) not in seen:
                seen.add((step.path, step.node))
                pending += self._further(step, found)
        found.unknown = True
        return found

    def _further(self, step: _Step, found: Found) -> Iterator[_Step]:
        path, node = step.path, step.node
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _PLAIN:
            node += 1
        calls = [call for call in self.at(path, node) if call.queries]
        if calls:
            for call in calls:
                verb = call.queries[0].verb
                if verb is Verb.INSERT:
                    found.made.append((path, node))
                elif (
                    verb.reads or verb is Verb.UPSERT or call.queries[0].returning.possibly() or call.queries[0].expects
                ):
                    found.reads.append(call)
                    found.through[id(call)] = step.through
                else:
                    found.unknown = True
            return
        kind = tree.kinds[node]
        if kind == Kind.NAME:
            yield from self._named(path, tree, node, step, found)
        elif kind == Kind.CALL:
            yield from self._called(path, tree, node, step, found)
        elif kind in _INNER:
            yield _Step(path, node + 1, step.through)
        elif kind == Kind.CONDITIONAL:
            for role in (Role.BODY, Role.ELSE):
                part = tree.child(node, role)
                if part >= 0:
                    yield _Step(path, part, step.through)
        elif kind == Kind.BINARY and tree.value(node) in ("or", "??"):
            yield from (_Step(path, part, step.through) for part in tree.children(node))
        elif kind == Kind.ASSIGN and tree.child(node, Role.VALUE) >= 0:
            yield _Step(path, tree.child(node, Role.VALUE), step.through)
        elif kind == Kind.COMPREHENSION:
            body = tree.child(node, Role.BODY)
            if body >= 0:
                yield _Step(path, body, step.through)
        elif kind != Kind.CONSTANT:
            found.unknown = True

    def _named(self, path: str, tree: Tree, node: int, step: _Step, found: Found) -> Iterator[_Step]:
        if tree.has(node, Flag.SELF):
            found.handed = True
            return
        bound = self.evaluator.scope(path).bindings(node, tree.value(node))
        if not bound:
            found.unknown = True
            return
        for binding, _ in bound:
            kind = tree.kinds[binding]
            if kind == Kind.PARAMETER:
                found.handed = True
                continue
            role = {Kind.ASSIGN: Role.VALUE, Kind.ITEM: Role.VALUE}.get(kind, Role.ITERABLE)
            value = tree.child(binding, role)
            if kind not in (Kind.ASSIGN, Kind.ITEM, Kind.LOOP, Kind.CLAUSE) or value < 0:
                found.unknown = True
            else:
                yield _Step(path, value, step.through)

    def _called(self, path: str, tree: Tree, node: int, step: _Step, found: Found) -> Iterator[_Step]:
        callees = options(self.evaluator.value(path, node + 1))
        if any(isinstance(callee, (ProjectClass, LibraryClass, SchemaModel)) for callee in callees):
            found.made.append((path, node))
            return
        entered = False
        for callee in callees:
            if isinstance(callee, LibraryFunction) and self._passes(callee):
                first = tree.child(node, Role.ARGUMENT)
                if first >= 0 and tree.kinds[first] not in (Kind.KEYWORD, Kind.SPREAD):
                    entered = True
                    yield _Step(path, first, step.through)
            if not isinstance(callee, FunctionValue) or len(step.through) >= FUNCTIONS:
                continue
            for value in self.evaluator.returns(callee):
                entered = True
                yield _Step(callee.path, value, (*step.through, (callee, path, node)))
        if entered:
            return
        if tree.kinds[node + 1] == Kind.ATTRIBUTE:
            before = self._executed(path, tree, node)
            if before is not None:
                found.reads.append(before)
                found.through[id(before)] = step.through
                return
            yield _Step(path, node + 2, step.through)
        else:
            found.unknown = True

    def _passes(self, callee: LibraryFunction) -> bool:
        """Whether a function gives the rows that it is handed, or the first of them (`list(rows)`, `next(rows)`)."""
        row = self.evaluator.tables.functions[callee.path][1]
        return row.reduces == "first" or (row.iterates == "same" and bool(row.consumes) and row.consumed == "0")

    def _executed(self, path: str, tree: Tree, node: int) -> Call | None:
        """The statement that was run last on the cursor whose rows a call fetches (`cursor.fetchone()`)."""
        holder = node + 2
        if tree.kinds[holder] != Kind.NAME or tree.has(holder, Flag.SELF):
            return None
        name = tree.value(holder)
        function = self.evaluator.scope(path).function(node)
        last: Call | None = None
        call = tree.kinds.find(Kind.CALL, max(function, 0), node)
        while call >= 0:
            if tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.kinds[call + 2] == Kind.NAME:
                if tree.value(call + 2) == name and tree.ends[call] <= node:
                    last = next((one for one in self.at(path, call) if one.text is not None and one.queries), last)
            call = tree.kinds.find(Kind.CALL, call + 1, node)
        return last
