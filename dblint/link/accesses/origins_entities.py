"""Rows that are not what a query gives one by one: parts of the tuples that a statement of several things gives, and
elements of a list that are asked for by their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member, Type
from dblint.link.accesses.origins import STEPS, Origin, Origins, Row
from dblint.link.arguments import Site, find
from dblint.link.values import BoundMember, FunctionValue, Instance, ListOf, ProjectClass, Scalar, Value, options

if TYPE_CHECKING:
    from dblint.link.values import Class


class Entities:
    """Answers what such rows are. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def taken_apart(self, path: str, loop: int) -> Iterator[tuple[int, Row]]:
        """The NAMEs to which a loop gives rows that it takes out of tuples, or tuples that hold rows, with the rows."""
        tree = self.evaluator.tree(path)
        target, iterable = tree.child(loop, Role.TARGET), tree.child(loop, Role.ITERABLE)
        if target < 0 or iterable < 0:
            return
        element = self.origins.element(path, loop)
        if element >= 0:
            whole = iterable if element == target else self.origins.loops.wrapped(path, iterable)
            parts = self._of(path, whole) if whole >= 0 else ()
            first = next((part for part in parts if part is not None), None)
            if first is not None:
                yield element, Row(first.model, first.origin, parts=parts)
        elif tree.kinds[target] == Kind.TUPLE:
            names = list(tree.children(target))
            parts = self._of(path, iterable)
            if len(parts) == len(names):
                for name, part in zip(names, parts, strict=True):
                    if part is not None and tree.kinds[name] == Kind.NAME:
                        yield name, part

    def numbered(self, path: str, loop: int) -> tuple[int, str, int]:
        """The NAME to which a loop gives the number of each element of a list (`range(len(rows))`, `enumerate(rows)`),
        what the list is called, and the NAME of that; -1 for none."""
        tree = self.evaluator.tree(path)
        target, iterable = tree.child(loop, Role.TARGET), tree.child(loop, Role.ITERABLE)
        if target < 0 or iterable < 0 or tree.kinds[iterable] != Kind.CALL:
            return -1, "", -1
        rows = self.origins.loops.counters.rows(path, iterable)
        given = list(tree.with_role(iterable, Role.ARGUMENT))
        if len(given) != 1:
            return -1, "", -1
        held = -1
        if tree.kinds[target] == Kind.NAME and any(row.iterates == "numbers" for row in rows):
            counted = given[0]
            if tree.kinds[counted] == Kind.CALL and any(
                row.consumes == "len" and not row.iterates for row in self.origins.loops.counters.rows(path, counted)
            ):
                held = tree.child(counted, Role.ARGUMENT)
        elif self.origins.element(path, loop) not in (-1, target):
            held, target = given[0], target + 1
        if held < 0 or tree.kinds[held] != Kind.NAME or tree.kinds[target] != Kind.NAME:
            return -1, "", -1
        return target, tree.value(held), held

    def _of(self, path: str, node: int) -> tuple[Row | None, ...]:
        """The rows that each of the tuples of an expression holds, by their places; none where that cannot be said."""
        for _ in range(STEPS):
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                node += 1
                continue
            if kind not in (Kind.NAME, Kind.CALL):
                return ()
            lazy = options(self.evaluator.value(path, node))
            if len(lazy) == 1 and isinstance(lazy[0], Instance) and len(self._selected(lazy[0])) > 1:
                return self._of_lazy(lazy[0], path, node)
            behind = self._named(path, node) if kind == Kind.NAME else self._called(path, node)
            if not isinstance(behind, tuple):
                return tuple(behind or ())
            path, node = behind
        return ()

    def _named(self, path: str, node: int) -> tuple[str, int] | None:
        tree = self.evaluator.tree(path)
        name = tree.value(node)
        reached = self.evaluator.scope(path).reaching(node, name) or []
        binding = reached[0][0] if len(reached) == 1 else -1
        if binding < 0 or tree.kinds[binding] != Kind.ASSIGN or tree.value(binding):
            return None
        value = tree.child(binding, Role.VALUE)
        if value < 0 or tree.kinds[tree.child(binding, Role.TARGET)] != Kind.NAME:
            return None
        return None if self.origins.lending.may_load(path, node, name) else (path, value)

    def _called(self, path: str, node: int) -> tuple[str, int] | list[Row | None] | None:
        """The expression that a call stands for, or the rows in the tuples that it gives."""
        tree = self.evaluator.tree(path)
        rows = self.origins.loops.counters.rows(path, node)
        if any(row.iterates == "same" and row.string == "derived" for row in rows):
            return path, self.origins.loops.wrapped(path, node)
        callees = options(self.evaluator.value(path, node + 1))
        callee = callees[0] if len(callees) == 1 else None
        if isinstance(callee, FunctionValue):
            returned = list(self.evaluator.returns(callee))
            return (callee.path, returned[0]) if len(returned) == 1 else None
        row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
        if row is None or not isinstance(callee, BoundMember):
            return None
        if row.run:
            return list(self._of_run(callee, row, path, node))
        if tree.kinds[node + 1] != Kind.ATTRIBUTE or not self._tuples(self.evaluator.value(path, node)):
            return None
        return path, node + 2

    def _tuples(self, value: Value) -> bool:
        """Whether something gives tuples of what a statement selects."""
        if isinstance(value, ListOf):
            return value.element == Scalar("row")
        row = self._type(value)
        return row is not None and row.tuples

    def _type(self, value: Value) -> Type | None:
        types = self.evaluator.classes.library_types(value.cls) if isinstance(value, Instance) else ()
        return self.evaluator.tables.types[types[0].name] if types else None

    def _of_run(self, member: BoundMember, row: Member, path: str, node: int) -> tuple[Row | None, ...]:
        """The rows in the tuples of a call that runs a statement."""
        selected: list[Value] = []
        if row.run == "select":
            selected = self._selected(member.receiver)
            if len(selected) < 2 or not isinstance(self.evaluator.value(path, node), ListOf):
                return ()
        elif row.query is not None and row.query.at and self._tuples(self.evaluator.value(path, node)):
            sites = find(self.evaluator, row.query.at, Site(path, node, None)).sites
            held = options(self.evaluator.value(sites[0].path, sites[0].node)) if len(sites) == 1 else ()
            if len(held) == 1 and isinstance(held[0], Instance):
                selected = self._selected(held[0])
        models = [self._model(value) for value in selected]
        library = next((self.origins.library(model) for model in models if model is not None), "")
        if not library:
            return ()
        site = Site(path, node, None)
        dialect = self.origins.environment.dialect(path, library)[0]
        queries, texts = self.origins.chains.run(member.receiver, row, site, dialect, member.name)
        if texts or len(queries) != 1:
            return ()
        receiver = self._type(member.receiver)
        awaited = receiver is not None and receiver.blocking is False
        origin = Origin(queries[0], self.origins.chains.place(site), library, ProjectClass("", -1), many=True)
        raises = receiver.raises_later if receiver is not None else ""
        return self._rows(msgspec.structs.replace(origin, awaited=awaited, raises=raises), models)

    def _of_lazy(self, chain: Instance, path: str, node: int) -> tuple[Row | None, ...]:
        """The rows in the tuples of a lazy query that runs where an expression stands."""
        row = self._type(chain)
        models = [self._model(value) for value in self._selected(chain)]
        library = next((self.origins.library(model) for model in models if model is not None), "")
        if row is None or not row.runs_on or not library:
            return ()
        site = Site(path, node, None)
        query = self.origins.chains.implicit(chain, site, self.origins.environment.dialect(path, library)[0])[0]
        last = chain.steps[-1]
        place = self.origins.chains.place(Site(last.path, last.node, None) if last.node >= 0 else site)
        origin = Origin(query, place, library, ProjectClass("", -1), many=True, awaited=row.blocking is False)
        return self._rows(origin, models)

    @staticmethod
    def _rows(origin: Origin, models: list[Class | None]) -> tuple[Row | None, ...]:
        rows: list[Row | None] = []
        for model in models:
            beside = tuple(other for other in models if other is not None and other is not model)
            if model is None:
                rows.append(None)
                continue
            own = msgspec.structs.replace(origin, model=model, beside=beside)
            rows.append(Row(model, own))
        return tuple(rows) if any(row is not None for row in rows) else ()

    def _selected(self, chain: Instance) -> list[Value]:
        """What a statement selects, one after the other; nothing where that cannot be said."""
        told = [
            step
            for step in chain.steps
            if step.node >= 0
            and step.member.columns is not None
            and step.member.columns.reader == "operators"
            and not step.member.columns.loads
        ]
        if chain.open or len(told) != 1 or not told[0].member.builds:
            return []
        step = told[0]
        tree = self.evaluator.tree(step.path)
        given = list(tree.with_role(step.node, Role.ARGUMENT))
        if any(tree.kinds[each] in (Kind.KEYWORD, Kind.SPREAD) for each in given):
            return []
        return [self.evaluator.value(step.path, each, step.context) for each in given]

    def _model(self, value: Value) -> Class | None:
        """The model that a class in a statement is, where its relations lead to the database again."""
        held = options(value)
        model = held[0] if len(held) == 1 else None
        return model if isinstance(model, ProjectClass) and self.origins.leads_on(model) else None
