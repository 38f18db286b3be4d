"""Relations that a query is told to load, and whether anything reads them where its rows stay in one function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Brought, FileRole
from dblint.facts.query import When
from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.link import eager
from dblint.link.accesses.origins import Row
from dblint.link.accesses.reading import Readings
from dblint.link.arguments import Site, find
from dblint.link.values import BoundMember, Class, Instance, LibraryFunction, ListOf, Value, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.accesses.collecting import Accesses

ALL = "*"
"""Says of a member that it loads everything whatever it is given."""
PLACES = 60
"""Places to which the rows of one query are followed."""
PASSAGES = 3
"""Calls through which a row is followed."""


class _Seen(msgspec.Struct):
    """What becomes of the rows: the paths that are read of them and what else is, whether any of them is looked at, and
    whether they go where they are not followed."""

    paths: set[tuple[str, ...]] = msgspec.field(default_factory=set)
    others: list[tuple[Row, str]] = msgspec.field(default_factory=list)
    looked: bool = False
    kept: bool = False


class Using:
    """Follows rows forward. One per evaluator."""

    def __init__(self, accesses: Accesses) -> None:
        self.accesses = accesses
        self.origins = accesses.origins
        self.evaluator = accesses.evaluator
        self.functions = accesses.functions
        tables = self.evaluator.tables
        self._naming = _naming(tables)
        self._whole = _whole(tables)
        self._functions = _loading_functions(tables)

    def collected(self, asked: Collection[FileRole] | None = None) -> Iterator[Brought]:
        """The relations that queries in files of these roles load whose rows can be followed."""
        for path in sorted(self.evaluator.files):
            if self.evaluator.javascript(path) or (asked is not None and self.functions.role(path) not in asked):
                continue
            tree = self.evaluator.tree(path)
            node = tree.kinds.find(Kind.CALL)
            while node >= 0:
                callee = tree.kinds[node + 1]
                word = tree.value(node + 1) if callee in (Kind.ATTRIBUTE, Kind.NAME) else ""
                if callee == Kind.ATTRIBUTE and word in self._whole and self._everything(path, node, self._whole[word]):
                    yield from self._of_all(path, node)
                if word in self._functions or (callee == Kind.ATTRIBUTE and word in self._naming):
                    yield from self._of_call(path, node)
                node = tree.kinds.find(Kind.CALL, node + 1)

    def _of_call(self, path: str, node: int) -> Iterator[Brought]:
        callees = options(self.evaluator.value(path, node + 1))
        callee = callees[0] if len(callees) == 1 else None
        if not isinstance(callee, (BoundMember, LibraryFunction)):
            return
        row = self.evaluator.rows.row_of(callee)
        if row is None or not _tells(row) or (isinstance(callee, LibraryFunction) and not row.run):
            return
        site = Site(path, node, None)
        given = self.evaluator.elements.element(self.evaluator.value(path, node))
        model = (self._model(callee.receiver) if isinstance(callee, BoundMember) else None) or self._class(given)
        if model is None:
            return
        if row.eager is not None:
            loads, hidden = eager.read(self.evaluator, row, site, model)
        else:
            loads, hidden = eager.selected(self.evaluator, row, site, model)
        if hidden or not loads:
            return
        seen = self._followed(path, node, model)
        if seen.kept or not seen.looked:
            return
        place = self.origins.chains.place(Site(path, node, None))
        idiom = self.evaluator.rows.library_of(callee)
        for load in loads:
            if load.when is not When.ALWAYS or load.value.query is not None:
                continue
            names = load.value.path
            if not self._known(model, names):
                continue
            read = any(path[: len(names)] == names for path in seen.paths)
            if not read and self._behind_several(model, names, seen):
                continue
            yield Brought(
                place, names, self.evaluator.classes.class_name(model), read, self.functions.role(path), idiom
            )

    def _everything(self, path: str, node: int, keyword: str) -> bool:
        """Whether a call may be one that loads everything: it has the keyword, which is true, or needs none."""
        if keyword == ALL:
            return True
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(node, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) == keyword:
                value = tree.child(argument, Role.VALUE)
                return value >= 0 and tree.kinds[value] == Kind.CONSTANT and tree.value(value) == "true"
        return False

    def _of_all(self, path: str, node: int) -> Iterator[Brought]:
        """What a query loads without a word which relations: told as one, of which nothing or something is read."""
        callees = options(self.evaluator.value(path, node + 1))
        callee = callees[0] if len(callees) == 1 else None
        row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
        if not isinstance(callee, BoundMember) or row is None or not row.loads_all:
            return
        models = self.origins.models
        model = self._row(callee.receiver) or callee.receiver.cls
        table = models.table(model)
        if table is None or not table.relations:
            return
        seen = self._followed(path, node, model)
        read = bool(seen.paths)
        for other, name in seen.others:
            known = models.table(other.model)
            if known is None:
                return
            read = read or known.relation(name) is not None
            if known.relation(name) is None and known.column(name) is None and not self._own(other.model, name):
                return  # the library's own method may read anything
        if seen.looked and not seen.kept:
            place = self.origins.chains.place(Site(path, node, None))
            root, idiom = self.evaluator.classes.class_name(model), self.evaluator.tables.library(callee.owner)
            yield Brought(place, (), root, read, self.functions.role(path), idiom)

    def _own(self, model: Class, name: str) -> bool:
        """Whether an attribute of rows is written in the project, where it is read."""
        return self.evaluator.classes.owner(model, name) is not None

    def _model(self, chain: Instance) -> Class | None:
        """The model of a chain's rows whose relations are followed."""
        model = self._row(chain)
        return model if model is not None and self.origins.leads_on(model) else None

    def _row(self, chain: Instance) -> Class | None:
        """The model of a chain's rows."""
        for base in self.evaluator.classes.library_types(chain.cls):
            word = self.evaluator.tables.types[base.name].model
            model = self.evaluator.rows.parameter(word, chain) if word else None
            if model is not None:
                held = self.evaluator.annotations.instance_of(model, "")
                return held.cls if isinstance(held, Instance) else None
        return None

    def _class(self, row: Value) -> Class | None:
        """The model of a row whose relations are followed."""
        return row.cls if isinstance(row, Instance) and self.origins.leads_on(row.cls) else None

    def _behind_several(self, model: Class, names: Sequence[str], seen: _Seen) -> bool:
        """Whether a relation lies behind one to several rows that is read: what is read of these is not followed."""
        row: Row | None = Row(model)
        for length, name in enumerate(names[:-1], 1):
            related = self.origins.models.relation(row.model, name) if row is not None else None
            if row is None or related is None:
                return True
            if related.many and any(path[:length] == tuple(names[:length]) for path in seen.paths):
                return True
            row = row.along(related)
        return False

    def _known(self, model: Class, names: Sequence[str]) -> bool:
        """Whether each part of a path is a relation of which it is seen where it is read."""
        row: Row | None = Row(model)
        for name in names:
            related = self.origins.models.relation(row.model, name) if row is not None else None
            if row is None or related is None:
                return False
            row = row.along(related)
        return True

    def _followed(self, path: str, node: int, model: Class) -> _Seen:
        seen = _Seen()
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        pending = [(node, False)]
        done: set[int] = set()
        while pending and not seen.kept:
            node, single = pending.pop()
            if node in done:
                continue
            done.add(node)
            if len(done) > PLACES:
                seen.kept = True
                break
            parent, role = tree.parents[node], tree.roles[node]
            kind = tree.kinds[parent] if parent >= 0 else 0
            if kind in (Kind.LOOP, Kind.CLAUSE) and role == Role.ITERABLE and not single:
                self._elements(path, parent, model, seen)
            elif kind == Kind.ASSIGN and role == Role.VALUE:
                target, function = tree.child(parent, Role.TARGET), scope.function(node)
                if tree.value(parent) or tree.kinds[target] != Kind.NAME or function < 0:
                    seen.kept = True
                elif single:
                    self._read(path, function, tree.ends[function], parent, model, seen)
                else:
                    uses = self.origins.lending.uses(path, function, tree.value(target))
                    bound = [(use, scope.bindings(use, tree.value(use)) or []) for use in uses if use != target]
                    pending += [(use, False) for use, reached in bound if any(at == parent for at, _ in reached)]
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                further = self._given(path, parent, node)
                seen.kept = further is None
                pending += [(further, single)] if further is not None and further >= 0 else []
            elif kind == Kind.ATTRIBUTE and role == Role.OBJECT and not single:
                call = tree.parents[parent]
                member = self._member(path, parent)
                called = tree.kinds[call] == Kind.CALL and tree.roles[parent] == Role.CALLEE
                if member is None or member.flat or not called:
                    seen.kept = True
                elif not member.aggregate:
                    pending.append((call, self._one(self.evaluator.value(path, call))))
            elif kind == Kind.SUBSCRIPT and role == Role.OBJECT and not single:
                index = tree.child(parent, Role.INDEX)
                pending.append((parent, index < 0 or tree.kinds[index] != Kind.SLICE))
            elif kind == Kind.AWAIT:
                pending.append((parent, single or self._one(self.evaluator.value(path, parent))))
            elif (kind, role) not in _LOOKED_AT:
                seen.kept = True
        return seen

    def _one(self, value: Value) -> bool:
        """Whether a value is one row."""
        return isinstance(value, Instance) and self.origins.models.table(value.cls) is not None

    def _member(self, path: str, node: int) -> Member | None:
        """The row of a member that is called on the rows' query or list; None where it does anything else."""
        found = options(self.evaluator.value(path, node))
        member = found[0] if len(found) == 1 else None
        row = self.evaluator.rows.row_of(member) if isinstance(member, BoundMember) else None
        return row if row is not None and row.run in ("", "select", "aggregate") else None

    def _given(self, path: str, call: int, argument: int) -> int | None:
        """What a call that is given rows gives of them (-1: nothing); None where it cannot be said."""
        wrapped = self.origins.loops.wrapped(path, call)
        if wrapped == argument:
            return call
        for option in options(self.evaluator.value(path, call + 1)):
            row = None
            if isinstance(option, BoundMember):
                row = self.evaluator.rows.row_of(option)
            elif isinstance(option, LibraryFunction):
                row = self.evaluator.tables.functions[option.path][1]
            if row is None:
                return None
            if row.run and row.query is not None:
                sites = find(self.evaluator, row.query.at, Site(path, call, None)).sites
                given = self.evaluator.value(path, call)
                held = isinstance(given, (Instance, ListOf))
                return call if held and any(site.node == argument for site in sites) else None
            return -1 if row.consumes in ("len", "truth") else None
        return None

    def _elements(self, path: str, loop: int, model: Class, seen: _Seen) -> None:
        tree = self.evaluator.tree(path)
        if self.origins.element(path, loop) < 0:
            seen.kept = True
            return
        whole = tree.parents[loop] if tree.kinds[loop] == Kind.CLAUSE else loop
        self._read(path, whole, tree.ends[whole], loop, model, seen)

    def _read(self, path: str, start: int, stop: int, binding: int, model: Class, seen: _Seen) -> None:
        """What a piece of code, and what it calls, reads of rows."""
        seen.looked = True
        pending: list[tuple[Readings, tuple[str, ...], int]] = [
            (self.accesses.reading.of(path, start, stop, {binding: Row(model)}), (), 0)
        ]
        while pending and not seen.kept:
            readings, prefix, depth = pending.pop()
            seen.kept = readings.kept or (bool(readings.passed) and depth >= PASSAGES)
            seen.others += readings.others
            for read in readings.reads:
                seen.paths.add((*prefix, *(each.name for each in read.row.path), read.related.name))
            for passed in readings.passed if not seen.kept else ():
                inside = self.accesses.inside(passed.function, passed.parameter, passed.row.model)
                pending.append((inside, (*prefix, *(each.name for each in passed.row.path)), depth + 1))


@derived
def _naming(tables: Tables) -> frozenset[str]:
    """Members by which queries are told what to load."""
    telling = (row for row in tables.types.values() if row.runs_on or row.model or row.declares)
    return frozenset(name for row in telling for name, member in row.members.items() if _tells(member))


@derived
def _whole(tables: Tables) -> Mapping[str, str]:
    """Members by which they load everything → the keyword that has to be true for that."""
    members = ((name, member) for row in tables.types.values() for name, member in row.members.items())
    return {name: member.loads_all for name, member in members if member.loads_all}


@derived
def _loading_functions(tables: Tables) -> frozenset[str]:
    """The last words of functions that load more with the rows of the query that they are given."""
    rows = tables.functions.items()
    return frozenset(path.rpartition(".")[2] for path, (_, row) in rows if row.run and _tells(row))


def _tells(row: Member) -> bool:
    """Whether a call says what is loaded with the rows: by names, by models, or by further models among the columns."""
    if row.eager is not None:
        return row.eager.reader in ("relation-path", "tree", "models")
    return row.columns is not None and row.columns.loads


_LOOKED_AT = frozenset(
    {
        (Kind.IF, Role.CONDITION),
        (Kind.CONDITIONAL, Role.CONDITION),
        (Kind.UNARY, Role.VALUE),
        (Kind.BLOCK, Role.BODY),
    }
)
"""Where rows are only looked at, as a child of which kind and in which role."""
