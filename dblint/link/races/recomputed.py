"""Columns that the program sets to what it computes from what it read of them (`Recomputed`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dblint.facts.program import Call, Effect
from dblint.facts.query import Column, Query, Verb
from dblint.facts.races import Recomputed
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.races.key_commands import KeyCommands
from dblint.link.races.reads import Found
from dblint.link.races.settled import Settled
from dblint.link.races.values import words
from dblint.link.values import Class, Instance, LibraryClass, ProjectClass, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.functions import Functions
    from dblint.link.models import Models
    from dblint.link.races.locks import Locks
    from dblint.link.races.reads import Reads
    from dblint.link.races.single import Single
    from dblint.link.races.values import Values

DEPTH = 6
"""Names and operators between a computation and the column that it is made of."""
OPERATORS = ("+", "-")
PUTS = "0/1/2"
"""What a row says of a function that sets an attribute by its name."""
_ASSIGNS = re.compile(re.escape(bytes([Kind.ASSIGN])), re.DOTALL)
Test: TypeAlias = Callable[[int], bool]
"""Whether an expression is the column as it was read."""


class _Computation(NamedTuple):
    """An operator, and what is added or taken away (-1: no one expression)."""

    operator: str
    amount: int
    node: int


class Recomputing:
    """Finds them. One per project."""

    def __init__(
        self, functions: Functions, models: Models, reads: Reads, locks: Locks, values: Values, single: Single
    ) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.models = models
        self.reads = reads
        self.locks = locks
        self.values = values
        self.single = single
        self.settled = Settled(functions.evaluator)
        self.commands = KeyCommands(self)
        self._setting: dict[str, list[int]] | None = None
        self._updates: dict[str, list[tuple[Call, Query]]] = {}
        """Table → the statements that change its rows."""

    def collect(self, calls: Iterable[Call], paths: Iterable[str]) -> Iterator[Recomputed]:
        """In the order of places within each file: those that are set on rows, then those that statements assign."""
        calls = tuple(calls)
        self._updates = {}
        for call in calls:
            for query in call.queries:
                if query.verb in (Verb.UPDATE, Verb.UPSERT) and query.table:
                    self._updates.setdefault(query.table, []).append((call, query))
        for path in sorted(paths):
            told: set[tuple[str, str, str, str]] = set()
            for found in self._of_rows(path):
                # What is computed from it once more was read as it was the first time.
                key = (found.function, found.owner, found.table, found.column)
                if key not in told:
                    told.add(key)
                    yield found
        for call in calls:
            if call.function and Effect.QUERY in call.effects:
                yield from self._of_statement(call)
            if call.function and call.commands:
                yield from self.commands.of(call)

    # Rows that are changed in memory, and saved

    def _of_rows(self, path: str) -> Iterator[Recomputed]:
        tree = self.evaluator.tree(path)
        for match in _ASSIGNS.finditer(tree.kinds):
            node = match.start()
            if tree.roles[node + 1] == Role.TARGET and tree.kinds[node + 1] != Kind.ATTRIBUTE:
                continue  # most targets are names, and stand first
            target, value = tree.child(node, Role.TARGET), tree.child(node, Role.VALUE)
            if target < 0 or value < 0 or tree.kinds[target] != Kind.ATTRIBUTE:
                continue
            owner, name = words(tree, target + 1), tree.value(target)
            if not owner:
                continue
            if tree.value(node):
                made = _Computation(tree.value(node), value, node) if tree.value(node) in OPERATORS else None
            else:
                made = self.computed(path, value, _attribute(tree, owner, name))
            if made is not None and self.evaluator.scope(path).function(node) >= 0:
                yield from self._changed(path, node, target + 1, name, made)
        for call in self._setters().get(path, ()):
            yield from self._set_by_name(path, call)

    def _setters(self) -> dict[str, list[int]]:
        """The calls that may set an attribute by its name, by file."""
        if self._setting is None:
            self._setting = {}
            for word in _setting_words(self.evaluator.tables):
                for path, call in self.evaluator.words.called(word):
                    self._setting.setdefault(path, []).append(call)
        return self._setting

    def _set_by_name(self, path: str, call: int) -> Iterator[Recomputed]:
        """What a call computes that sets an attribute by its name (`setattr(row, "visits", row.visits + 1)`)."""
        tree = self.evaluator.tree(path)
        row = self.models.surroundings.plain.row(Site(path, call, None))
        given = list(tree.with_role(call, Role.ARGUMENT))
        if len(given) != 3 or row is None or row.puts != PUTS:
            return
        target, name, value = given
        owner = words(tree, target)
        if not owner or tree.kinds[name] != Kind.STRING or self.evaluator.scope(path).function(call) < 0:
            return
        made = self.computed(path, value, _attribute(tree, owner, tree.value(name)))
        if made is not None:
            yield from self._changed(path, call, target, tree.value(name), made)

    def _changed(self, path: str, node: int, target: int, name: str, made: _Computation) -> Iterator[Recomputed]:
        """`target`: the row of which an attribute is set at a node."""
        tree = self.evaluator.tree(path)
        owner = words(tree, target)
        held = options(self.evaluator.value(path, target))
        for option in held[:1]:
            if not isinstance(option, Instance) or len({_class(one) for one in held}) > 1:
                return
            model = self._model(option)
            table = self.models.table(model) if model is not None else None
            column = self.models.column(model, name) if model is not None else None
            if table is None or column is None:
                return
            around = self.evaluator.scope(path).function(node)
            if self.settled.anew(path, node, target, name, around):
                return
            function = self.functions.id(path, around)
            tables = {table.name, self.evaluator.classes.class_name(option.cls)}
            tracked = self._tracked(option)
            stop = -1 if tracked else self._loaded_anew(path, node, owner, name, function)
            call = self._saved(path, node, owner, tables, function, name, stop)
            write = call.place if call is not None else self._own_save(path, node, owner, option, around, name, stop)
            if write is None and not tracked:
                return
            if write is None:
                write = self._sent(path, node, function)
            found = self.reads.of(path, target)
            yield Recomputed(
                place=self.place(path, node),
                table=table.name,
                column=column.name,
                operator=made.operator,
                amount=self.written(path, made.amount),
                number=self.number(path, made.amount),
                write=write,
                reads=tuple(sorted({read.place for read in found.reads})),
                locked=_locked(found) or self.locks.held(path, node, function, table.name, before=True),
                conceded=self.locks.conceded(path, node),
                made=bool(found.made) and not (found.reads or found.handed or found.unknown),
                repeated=self._repeated(path, node, target),
                guarded=self.settled.guarded(path, node, target, name, around),
                attribute=name,
                owner=owner,
                model=self.evaluator.classes.class_name(option.cls),
                function=function,
                role=self.functions.role(path),
                idiom=self._idiom(option, call),
                alone=self._alone(function, table.name, column.name, name),
            )

    def _repeated(self, path: str, node: int, owner: int) -> bool:
        """Whether each turn of a loop changes the same row, which the loop did not find."""
        tree = self.evaluator.tree(path)
        while tree.kinds[owner] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
            owner += 1
        bound = self.evaluator.scope(path).bindings(owner, tree.value(owner)) or ()
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION:
                return False
            if tree.kinds[parent] == Kind.LOOP:
                return tree.value(parent) == "for" and not any(tree.contains(parent, binding) for binding, _ in bound)
        return False

    def _model(self, row: Instance) -> Class | None:
        """The model of a row; of a method that several models share, the first of them."""
        if self.models.table(row.cls) is not None or not isinstance(row.cls, ProjectClass):
            return row.cls
        tabled = (cls for cls in self.evaluator.classes.subclasses(row.cls) if self.models.table(cls) is not None)
        return next(tabled, None)

    def _idiom(self, row: Instance, write: Call | None) -> str:
        if isinstance(row.cls, ProjectClass):
            return self.models.declared_by(row.cls)
        return write.idiom if write is not None else ""

    def _tracked(self, row: Instance) -> bool:
        types = self.evaluator.classes.library_types(row.cls)
        return any(self.evaluator.tables.types[cls.name].tracked for cls in types)

    def _saved(
        self, path: str, node: int, owner: str, tables: Collection[str], function: str, name: str, stop: int
    ) -> Call | None:
        """The call behind a change of an attribute that writes it: on the row, or given it."""
        tree = self.evaluator.tree(path)
        for call in self.reads.of_function(function):
            if call.place.start <= tree.starts[node] or not any(
                query.verb in (Verb.UPSERT, Verb.UPDATE) and query.table in tables for query in call.queries
            ):
                continue
            at = self.node(path, call)
            if at < 0 or at >= stop >= 0 or call.refreshes:
                continue
            if self._leaves_out(Site(path, at, None), self.models.surroundings.plain.row(Site(path, at, None)), name):
                continue
            if tree.kinds[at + 1] == Kind.ATTRIBUTE:
                receiver = words(tree, at + 2)
                beyond = tree.kinds[at + 2] == Kind.CALL and tree.value(at + 3) == "super"
                if receiver == owner or (beyond and owner == "self"):
                    return call
            for argument in tree.with_role(at, Role.ARGUMENT):
                if words(tree, argument) == owner:
                    return call
        return None

    def _loaded_anew(self, path: str, node: int, owner: str, name: str, function: str) -> int:
        """Where a row surely is loaded anew behind a change of an attribute, which is lost by that; -1 for nowhere."""
        tree = self.evaluator.tree(path)
        for call in self.reads.of_function(function):
            if not call.refreshes or call.place.start <= tree.starts[node] or not call.queries:
                continue
            at = self.node(path, call)
            if at < 0 or tree.kinds[at + 1] != Kind.ATTRIBUTE or words(tree, at + 2) != owner:
                continue
            statement = tree.parents[at] if tree.kinds[tree.parents[at]] == Kind.AWAIT else at
            loaded = call.queries[0].projection
            named = any(isinstance(one, Column) and one.name == name for one in loaded.values())
            if tree.contains(tree.parents[statement], node) and (named or not loaded.elements) and not loaded.open:
                return at
        return -1

    def _leaves_out(self, call: Site, row: Member | None, name: str) -> bool:
        """Whether a call that writes a row surely does not write this attribute of it."""
        if row is None or not row.writes_only:
            return False
        plain, slot = self.models.surroundings.plain, find(self.evaluator, row.writes_only, call)
        if slot.open or len(slot.sites) != 1:
            return False
        written: set[str] = set()
        for each in plain.elements(slot.sites[0]):
            tree = self.evaluator.tree(each.path)
            named = tree.value(each.node) if tree.kinds[each.node] == Kind.ATTRIBUTE else plain.string(each)
            if not named:
                return False
            written.add(named)
        return bool(written) and name not in written

    def _own_save(
        self, path: str, node: int, owner: str, row: Instance, around: int, name: str, stop: int
    ) -> Place | None:
        """The call behind a change of a method that the model writes anew over one that writes the row."""
        tree = self.evaluator.tree(path)
        types = [self.evaluator.tables.types[cls.name] for cls in self.evaluator.classes.library_types(row.cls)]
        end = tree.ends[around] if stop < 0 else stop
        call = tree.kinds.find(Kind.CALL, tree.ends[node], end)
        while call >= 0:
            if tree.kinds[call + 1] == Kind.ATTRIBUTE and words(tree, call + 2) == owner:
                members = (one.members.get(tree.value(call + 1)) for one in types)
                writing = [one for one in members if one is not None and one.run in (Verb.UPSERT, Verb.UPDATE)]
                if any(not self._leaves_out(Site(path, call, None), member, name) for member in writing):
                    return self.place(path, call)
            call = tree.kinds.find(Kind.CALL, call + 1, end)
        return None

    def _sent(self, path: str, node: int, function: str) -> Place | None:
        """The end of the unit of work behind a change."""
        start = self.evaluator.tree(path).starts[node]
        for call in self.reads.of_function(function):
            if call.place.start > start and Effect.COMMIT in call.effects:
                return call.place
        return None

    def node(self, path: str, call: Call) -> int:
        """Where a call stands in its file, -1 for one of another file."""
        origin = self.values.origins.get(call.place)
        return origin.node if origin is not None and call.place.path == path else -1

    # Statements that assign

    def _of_statement(self, call: Call) -> Iterator[Recomputed]:
        path = call.place.path
        for query in call.queries:
            if query.verb not in (Verb.UPDATE, Verb.UPSERT) or not query.table or not query.assignments.elements:
                continue
            for column, operand in self.values.assigned(call, query).items():
                if operand is None or operand.node < 0:
                    continue
                owners: list[int] = []
                tree = self.evaluator.tree(path)
                made = self.computed(path, operand.node, self._read_of(path, query, column, owners))
                if made is None or not owners or tree.kinds[owners[0]] == Kind.CALL:
                    continue
                asked = self.values.asked(call, query).columns
                chains = {name: words(tree, each.node) for name, each in asked.items() if each.node >= 0}
                owner = words(tree, owners[0])
                found = self.reads.of(path, owners[0])
                by_row = bool(owner) and any(
                    chain == owner or chain.startswith(f"{owner}.") for chain in chains.values()
                )
                if not by_row and not self._by_values(path, found, chains, query.table):
                    continue
                compared = any(
                    not self._key(query.table, name)
                    and (
                        name == column
                        or (owner and chain.startswith(f"{owner}."))
                        or self._read(path, query, name, asked[name].node)
                    )
                    for name, chain in chains.items()
                )
                yield Recomputed(
                    place=self.place(path, operand.node),
                    table=query.table,
                    column=column,
                    operator=made.operator,
                    amount=self.written(path, made.amount),
                    number=self.number(path, made.amount),
                    write=call.place,
                    reads=tuple(sorted({read.place for read in found.reads})),
                    locked=_locked(found)
                    or self.locks.held(path, operand.node, call.function, query.table, before=True),
                    conceded=self.locks.conceded(path, operand.node),
                    compared=compared,
                    made=bool(found.made) and not (found.reads or found.handed or found.unknown),
                    attribute=column,
                    owner=owner,
                    model=query.sources.elements[0].value.model if query.sources.elements else "",
                    function=call.function,
                    role=call.role,
                    idiom=call.idiom,
                    alone=self._alone(call.function, query.table, column, column),
                )

    def _alone(self, function: str, table: str, column: str, attribute: str) -> bool:
        """Whether one process alone runs a function, and whatever else in the program sets the column."""
        if not self.single.by_one(function):
            return False
        for path, node in self.evaluator.words.spelled(attribute):
            tree = self.evaluator.tree(path)
            set_there = tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.TARGET
            if not set_there and tree.kinds[node] not in (Kind.KEYWORD, Kind.PAIR):
                continue
            around = self.evaluator.scope(path).function(node)
            other = self.functions.id(path, around) if around >= 0 else ""
            if not self.functions.aside(path) and other != function and not (other and self.single.by_one(other)):
                return False
        return all(
            call.function == function or (bool(call.function) and self.single.by_one(call.function))
            for call, query in self._updates.get(table, ())
            if any(assignment.column == column for assignment in query.assignments.values())
        )

    def _key(self, table: str, column: str) -> bool:
        """Whether a column is the key, as far as it is known."""
        for cls in self.models.classes():
            declared = self.models.table(cls)
            if declared is not None and declared.name == table:
                return any(column in key.columns for key in declared.keys if key.kind == "primary")
        return column.lower() in ("id", "_id")

    def _read(self, path: str, query: Query, column: str, node: int) -> bool:
        """Whether a value is what was read of a column."""
        return self.mentions(path, node, self._read_of(path, query, column, []), DEPTH)

    def _by_values(self, path: str, found: Found, chains: Mapping[str, str], table: str) -> bool:
        """Whether the row was read by a value by which it is written, too."""
        tree = self.evaluator.tree(path)
        for call in found.reads:
            if call.place.path != path:
                continue
            for query in call.queries:
                if query.table != table:
                    continue
                for name, operand in self.values.asked(call, query).columns.items():
                    chain = words(tree, operand.node) if operand.node >= 0 else ""
                    if chain and chains.get(name) == chain:
                        return True
        return False

    def _read_of(self, path: str, query: Query, column: str, owners: list[int]) -> Test:
        """Whether an expression is a column of the query's table as somebody read it; the row that it is of is kept."""
        tree = self.evaluator.tree(path)

        def test(node: int) -> bool:
            kind = tree.kinds[node]
            held = -1
            if kind == Kind.ATTRIBUTE and self._of_model(path, node, query.table, column):
                held = node + 1
            elif kind == Kind.ATTRIBUTE and tree.value(node) == column:
                held = node + 1 if self._selects(path, node + 1, query.table, "") else -1
            elif kind == Kind.SUBSCRIPT:
                index = tree.child(node, Role.INDEX)
                named = index >= 0 and tree.kinds[index] == Kind.STRING and tree.value(index) == column
                if named and self._selects(path, node + 1, query.table, ""):
                    held = node + 1
                elif index >= 0 and tree.kinds[index] == Kind.NUMBER:
                    if self._selects(path, node + 1, query.table, column, tree.value(index)):
                        held = node + 1
            elif kind == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE and tree.value(node + 1) == "get":
                first = tree.child(node, Role.ARGUMENT)
                named = first >= 0 and tree.kinds[first] == Kind.STRING and tree.value(first) == column
                if named and self._selects(path, node + 2, query.table, ""):
                    held = node + 2
            elif kind == Kind.NAME and self._selects(path, node, query.table, column, "0", alone=True):
                held = node
            if held >= 0:
                owners.append(held)
            return held >= 0

        return test

    def _of_model(self, path: str, node: int, table: str, column: str) -> bool:
        held = options(self.evaluator.value(path, node + 1))
        for option in held:
            if not isinstance(option, Instance) or not isinstance(option.cls, (ProjectClass, LibraryClass)):
                return False
            declared = self.models.table(option.cls)
            named = self.models.column(option.cls, self.evaluator.tree(path).value(node))
            if declared is None or declared.name != table or named is None or named.name != column:
                return False
        return bool(held)

    def _selects(self, path: str, node: int, table: str, column: str, index: str = "", *, alone: bool = False) -> bool:
        """Whether an expression holds a row that a statement read of the table: any with `column` "", else one whose
        value at `index` is that column. `alone`: it reads nothing else."""
        found = self.reads.of(path, node)
        if not found.reads or found.unknown or found.made:
            return False
        for call in found.reads:
            query = call.queries[0]
            if query.table != table or query.verb is not Verb.SELECT:
                return False
            elements = query.projection.elements
            if column and (query.projection.open or (alone and len(elements) != 1)):
                return False
            if column:
                at = int(index) if index.isdigit() else -1
                one = elements[at].value if 0 <= at < len(elements) else None
                if not isinstance(one, Column) or one.name != column:
                    return False
        return True

    # Computations

    def computed(self, path: str, node: int, test: Test) -> _Computation | None:
        """What an expression adds to or takes from a column; None where it does neither."""
        tree = self.evaluator.tree(path)
        pending = [(node, DEPTH)]
        while pending:
            node, depth = pending.pop()
            if depth <= 0:
                continue
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                pending.append((node + 1, depth))
            elif kind == Kind.BINARY and tree.value(node) in OPERATORS:
                left, *others = tree.children(node)
                if self.mentions(path, left, test, depth - 1):
                    return _Computation(tree.value(node), others[0] if len(others) == 1 else -1, node)
                if tree.value(node) == "+" and any(self.mentions(path, each, test, depth - 1) for each in others):
                    return _Computation("+", left, node)
                pending += [(each, depth - 1) for each in (left, *others) if tree.kinds[each] == Kind.BINARY]
            elif kind == Kind.CALL and tree.kinds[node + 1] == Kind.NAME:
                pending += [(each, depth - 1) for each in tree.with_role(node, Role.ARGUMENT)]
            elif kind == Kind.CONDITIONAL:
                parts = (tree.child(node, role) for role in (Role.BODY, Role.ELSE))
                pending += [(part, depth - 1) for part in parts if part >= 0]
            elif kind == Kind.NAME:
                for binding, _ in self.evaluator.scope(path).bindings(node, tree.value(node)) or ():
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value < 0 or tree.kinds[tree.child(binding, Role.TARGET)] != Kind.NAME:
                        continue
                    if not tree.value(binding):
                        pending.append((value, depth - 1))
                    elif tree.value(binding) in OPERATORS:
                        if self.mentions(path, tree.child(binding, Role.TARGET), test, depth - 1):
                            return _Computation(tree.value(binding), value, binding)
        return None

    def mentions(self, path: str, node: int, test: Test, depth: int) -> bool:
        """Whether an expression is the column, or what stands for it where it is empty, or a number made of it."""
        tree = self.evaluator.tree(path)
        pending = [(node, depth)]
        while pending:
            node, depth = pending.pop()
            if depth <= 0:
                continue
            if test(node):
                return True
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                pending.append((node + 1, depth))
            elif kind == Kind.BINARY and tree.value(node) in ("or", "??"):
                pending.append((node + 1, depth - 1))
            elif kind == Kind.CALL and tree.kinds[node + 1] == Kind.NAME:
                pending += [(each, depth - 1) for each in list(tree.with_role(node, Role.ARGUMENT))[:1]]
            elif kind == Kind.CONDITIONAL:
                body = tree.child(node, Role.BODY)
                pending += [(body, depth - 1)] if body >= 0 else []
            elif kind == Kind.NAME:
                for binding, _ in self.evaluator.scope(path).bindings(node, tree.value(node)) or ():
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if (
                        value >= 0
                        and tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME
                        and not tree.value(binding)
                    ):
                        pending.append((value, depth - 1))
        return False

    def number(self, path: str, node: int) -> bool:
        """Whether an expression is a number as it is written."""
        tree = self.evaluator.tree(path)
        while node >= 0 and tree.kinds[node] == Kind.UNARY and tree.value(node) in OPERATORS:
            node += 1
        return node >= 0 and tree.kinds[node] == Kind.NUMBER

    def written(self, path: str, node: int) -> str:
        """What is added, in words."""
        if node < 0:
            return ""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.NUMBER:
            return tree.value(node)
        return words(tree, node)

    def place(self, path: str, node: int) -> Place:
        """Where an expression stands."""
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])


def _attribute(tree: Tree, owner: str, name: str) -> Test:
    return lambda node: (
        tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) == name and words(tree, node + 1) == owner
    )


def _class(value: object) -> object:
    return value.cls if isinstance(value, Instance) else value


def _locked(found: Found) -> bool:
    return any(query.locks.elements for call in found.reads for query in call.queries)


@derived
def _setting_words(tables: Tables) -> Sequence[str]:
    """The last words of functions that set an attribute by its name."""
    return sorted({name.rpartition(".")[2] for name, (_, row) in tables.functions.items() if row.puts == PUTS})
