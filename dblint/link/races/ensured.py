"""Rows that are inserted because a read found none (`Ensured`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from dblint.facts.program import Call, Effect
from dblint.facts.query import Verb
from dblint.facts.races import Ensured
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.link.arguments import Site, find
from dblint.link.loops.preconditions import conditions
from dblint.link.races.called_inserts import CalledInserts
from dblint.link.races.claims import Claims, raises
from dblint.link.races.found_none import FoundNone, Listed, asking, nothing
from dblint.link.races.others import Others
from dblint.link.races.spreads import shared, spread_in
from dblint.link.races.values import Asked, Operand, same, words
from dblint.link.values import BoundMember, Instance, LibraryFunction, ProjectClass, options
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.functions import Functions
    from dblint.link.models import Models
    from dblint.link.races.locks import Locks
    from dblint.link.races.reads import Found, Reads
    from dblint.link.races.single import Single
    from dblint.link.races.values import Values

CALLERS = 4
"""Functions around a place in which what meets a violation is looked for."""
LITERALS = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT})
BROAD = frozenset({"Exception", "BaseException"})
"""The host's own classes by which every error is met."""


class _Place(NamedTuple):
    """Where rows are inserted. `adds`: by the end of a unit of work, which somebody ends."""

    path: str
    node: int
    function: str
    handle: str = ""
    adds: bool = False


class Insert(NamedTuple):
    """A row that is inserted: where, where it is made, and what its columns are given."""

    at: _Place
    node: int
    table: str
    assigned: Mapping[str, Operand | None]
    open: bool
    model: str
    idiom: str
    said: Mapping[str, str] | None = None
    """Where a function inserts that is called at `at`: what its columns are given, in the words of the caller."""
    dumped: tuple[tuple[str, frozenset[str]], ...] = ()
    """What it is given the fields of, in words, each with the names of those that are left out."""
    key: frozenset[str] = frozenset()
    """The columns of the table's primary key, as far as they are known."""


class Ensuring:
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
        self.called = CalledInserts(functions, locks)
        self.found_none = FoundNone(functions.evaluator, reads)
        self.others = Others(functions, reads)
        self.claims = Claims(functions, reads, values)
        self._adding = _adding(self.evaluator.tables)
        """Members by which units of work get rows, by language."""

    def collect(self, calls: Iterable[Call], paths: Iterable[str]) -> Iterator[Ensured]:
        """In the order of the calls, then of the places where units of work get rows, by file."""
        found: list[Ensured] = []
        inserts: list[Insert] = []
        for call in calls:
            if call.function:
                if call.seeks:
                    found += self._by_library(call)
                else:
                    inserts += self._inserts(call)
        for path in sorted(paths):
            inserts += self._added(path)
        unread: list[Insert] = []
        for insert in inserts:
            behind = list(self._behind(insert))
            found += behind
            unread += [] if behind else [insert]
        tables = {ensured.table for ensured in found}
        beside = [insert for insert in unread if insert.table in tables and not self.single.by_one(insert.at.function)]
        yield from self.others.beside(found, beside)

    def _by_library(self, call: Call) -> Iterator[Ensured]:
        """A member that reads and inserts."""
        for query in call.queries[:1]:
            asked = self.values.asked(call, query)
            if not query.table or not asked.columns or query.conflict:
                continue
            spread = "" if asked.whole else self._spread_by(call, asked)
            if not asked.whole and not spread:
                continue
            if any(self._never_twice(call.place.path, operand.node) for operand in asked.columns.values()):
                continue
            origin = self.values.origins.get(call.place)
            node = origin.node if origin is not None else 0
            columns = tuple(asked.columns)
            yield Ensured(
                place=call.place,
                read=call.place,
                table=query.table,
                columns=columns,
                same=columns,
                inserted=columns,
                open=True,
                caught=self._caught(call.place.path, node) or self._met_outside(call.function, CALLERS),
                locked=self.locks.held(call.place.path, node, call.function),
                conceded=self.locks.conceded(call.place.path, node),
                alone=self.single.by_one(call.function),
                made=self._new(call.place.path, asked.columns.values(), call.function),
                model=query.sources.elements[0].value.model if query.sources.elements else "",
                function=call.function,
                role=call.role,
                idiom=call.idiom,
                fixed=self._fixed(call.place.path, asked.columns),
                spread=spread,
            )

    def _spread_by(self, call: Call, asked: Asked, insert: Insert | None = None) -> str:
        """The mapping that a read, and an insert, are given as keywords, and that alone hides conditions."""
        path = call.place.path
        if not asked.but_open or (insert is not None and insert.at.path != path):
            return ""
        tree, scope, node = self.evaluator.tree(path), self.evaluator.scope(path), self._node(path, call)
        if insert is None:
            return spread_in(tree, scope, node)
        return shared(tree, scope, node, insert.node) if insert.said is None else ""

    def _fixed(self, path: str, columns: Mapping[str, Operand]) -> tuple[str, ...]:
        """The columns whose value stands in the program: a literal, or a constant by its name (PEP 8)."""
        tree = self.evaluator.tree(path)
        return tuple(
            name
            for name, operand in columns.items()
            if (
                operand.constant
                if operand.node < 0
                else tree.kinds[operand.node] in LITERALS
                or (tree.kinds[operand.node] in NAMES and tree.value(operand.node).isupper())
            )
        )

    def _never_twice(self, path: str, node: int) -> bool:
        """Whether a value is another one each time: it is read from a clock."""
        tree = self.evaluator.tree(path)
        call = tree.kinds.find(Kind.CALL, node, tree.ends[node]) if node >= 0 else -1
        while call >= 0:
            for callee in options(self.evaluator.value(path, call + 1)):
                row = self.evaluator.rows.row_of(callee) if isinstance(callee, (BoundMember, LibraryFunction)) else None
                if row is not None and row.steady:
                    return True
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[node])
        return False

    # Inserts

    def _inserts(self, call: Call) -> Iterator[Insert]:
        """The rows that a call inserts, one by one, with their values."""
        path = call.place.path
        origin = self.values.origins.get(call.place)
        if origin is None:
            return
        at = _Place(path, origin.node, call.function, call.handle)
        tree = self.evaluator.tree(path)
        for query in call.queries:
            if query.verb is Verb.INSERT and query.rows in ("", "one", "handed") and query.table and not query.conflict:
                made: list[Insert] = []
                if query.rows == "one" and not query.assignments.elements:
                    if tree.kinds[origin.node + 1] == Kind.ATTRIBUTE:
                        made = list(self._made(at, origin.node + 2))  # the row that it is called on
                yield from made
                if not made and query.assignments.possibly():
                    model = query.sources.elements[0].value.model if query.sources.elements else ""
                    assigned = self.values.assigned(call, query)
                    yield Insert(at, origin.node, query.table, assigned, query.assignments.open, model, call.idiom)
            elif query.verb is Verb.UPSERT and query.rows in ("one", "handed") and query.table:
                if tree.kinds[origin.node + 1] == Kind.ATTRIBUTE:
                    yield from self._made(at, origin.node + 2)

    def _added(self, path: str) -> Iterator[Insert]:
        """The rows that are handed to a unit of work."""
        names = self._adding["javascript" if self.evaluator.javascript(path) else "python"]
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.CALL) if not names.isdisjoint(tree.strings) else -1
        while node >= 0:
            if tree.kinds[node + 1] == Kind.ATTRIBUTE and tree.value(node + 1) in names:
                around = self.evaluator.scope(path).function(node)
                for callee in options(self.evaluator.value(path, node + 1)) if around >= 0 else ():
                    row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
                    if row is not None and row.adds:
                        at = _Place(path, node, self.functions.id(path, around), adds=True)
                        for site in find(self.evaluator, row.adds, Site(path, node, None)).sites:
                            yield from self._made(at, site.node)
                        break
            node = tree.kinds.find(Kind.CALL, node + 1)

    def _made(self, at: _Place, row: int) -> Iterator[Insert]:
        """The row that a name holds, where it is made in this very function."""
        path = at.path
        tree = self.evaluator.tree(path)
        found = self.reads.of(path, row)
        around = self.evaluator.scope(path).function(at.node)
        if found.handed or found.unknown or any(found.through.values()):
            return
        for where, made in found.made:
            if where != path or self.evaluator.scope(path).function(made) != around or tree.kinds[made] != Kind.CALL:
                continue
            for cls in options(self.evaluator.value(path, made + 1)):
                table = self.models.table(cls) if isinstance(cls, ProjectClass) else None
                if table is not None and isinstance(cls, ProjectClass):
                    assigned, hidden = self._given(tree, made, table)
                    if tree.kinds[row] == Kind.NAME:
                        assigned, hidden = {**assigned, **self._set_later(tree, row, made, table)}, True
                    model, library = self.evaluator.classes.class_name(cls), self.models.declared_by(cls)
                    dumped = tuple(self.called.dumped(path, made))
                    key = frozenset(name for each in table.keys if each.kind == "primary" for name in each.columns)
                    yield Insert(at, made, table.name, assigned, hidden, model, library, dumped=dumped, key=key)

    def _set_later(self, tree: Tree, row: int, made: int, table: Table) -> dict[str, Operand | None]:
        """The columns that are set on a row, by its name, between the place where it is made and the one where it
        stands; None for the value of one that is set more than once, or under a condition of its own."""
        found: dict[str, Operand | None] = {}
        assign = tree.kinds.find(Kind.ASSIGN, made, row)
        while assign >= 0:
            target, value = tree.child(assign, Role.TARGET), tree.child(assign, Role.VALUE)
            if (
                tree.kinds[target] == Kind.ATTRIBUTE
                and tree.kinds[target + 1] == Kind.NAME
                and tree.value(target + 1) == tree.value(row)
                and value >= 0
            ):
                name = self._column(table, tree.value(target))
                block = tree.parents[assign]
                always = tree.kinds[block] == Kind.BLOCK and tree.contains(block, row) and not tree.value(assign)
                found[name] = Operand(value, _constant(tree, value)) if always and name not in found else None
            assign = tree.kinds.find(Kind.ASSIGN, assign + 1, row)
        return found

    @staticmethod
    def _column(table: Table, attribute: str) -> str:
        """The column that an attribute of a row is: its own, or that of the reference that it leads along."""
        column, relation = table.column(attribute), table.relation(attribute)
        if column is None and relation is not None and len(relation.columns) == 1:
            return relation.columns[0]
        return column.name if column is not None else attribute

    @classmethod
    def _given(cls, tree: Tree, call: int, table: Table) -> tuple[dict[str, Operand | None], bool]:
        """The columns that a row is made with; True where others may be, too."""
        assigned: dict[str, Operand | None] = {}
        hidden = False
        for argument in tree.with_role(call, Role.ARGUMENT):
            if tree.kinds[argument] != Kind.KEYWORD:
                hidden = True
                continue
            value, name = tree.child(argument, Role.VALUE), cls._column(table, tree.value(argument))
            assigned[name] = Operand(value, _constant(tree, value)) if value >= 0 else None
        return assigned, hidden

    # What was read before

    def _behind(self, insert: Insert) -> Iterator[Ensured]:
        """What was read before a row is inserted, in its own function; where nothing was, in those that call it."""
        found = list(self._behind_reads(insert))
        yield from found
        if found or self._caught(insert.at.path, insert.node) or self._met_later(insert):
            return
        for called in self.called.inserts(insert):
            yield from self._behind_reads(called)

    def _behind_reads(self, insert: Insert) -> Iterator[Ensured]:
        path = insert.at.path
        tree = self.evaluator.tree(path)
        around = self.evaluator.scope(path).function(insert.node)
        told: set[Place] = set()
        for condition, holds in conditions(tree, insert.node, around):
            said = [self.reads.of(path, expression) for expression in nothing(tree, condition, holds)]
            for found in (*said, *self.found_none.answers(path, condition, holds)):
                for read in found.reads:
                    ensured = self._ensured(insert, read, found)
                    if ensured is not None and ensured.read not in told:
                        told.add(ensured.read)
                        yield replace(ensured, refused=raises(tree, condition, insert.node))
            for listed in self.found_none.listed(path, condition, holds):
                ensured = self._unlisted(insert, listed)
                if ensured is not None and ensured.read not in told:
                    told.add(ensured.read)
                    yield ensured

    def _unlisted(self, insert: Insert, listed: Listed) -> Ensured | None:
        """A row that is inserted because what it is given is not among the values of a column that were read."""
        query, path = listed.read.queries[0], insert.at.path
        given = insert.assigned.get(listed.column)
        if query.table != insert.table or query.parts or query.grouping.elements or insert.said is not None:
            return None
        if given is None or given.node < 0 or not same(self.evaluator.tree(path), Operand(listed.value), given):
            return None
        columns = {listed.column: Operand(listed.value)}
        return replace(self._told(insert, listed.read, columns, [listed.column], path), listed=True)

    def _ensured(self, insert: Insert, read: Call, found: Found) -> Ensured | None:
        query = next((query for query in asking(read) if query.table == insert.table and query.verb.reads), None)
        if query is None or query.parts or query.grouping.elements:
            return None
        branches = self.values.asked_each(read, query)
        if len(branches) > 1:  # who knows the key of a row knows that there is one
            branches = [asked for asked in branches if asked.columns.keys() != insert.key] or branches[:1]
        each = [(asked, self._alike(insert, read, found, asked)) for asked in branches]
        whole = [(asked, alike) for asked, alike in each if len(each) == 1 or len(alike) == len(asked.columns)]
        asked, alike = whole[0] if whole else each[0]
        direct = not found.through.get(id(read))
        spread = self._spread_by(read, asked, insert) if direct and not asked.whole else ""
        if not whole or not asked.columns or not (asked.whole or spread):
            return None
        told = self._told(insert, read, asked.columns, alike, read.place.path)
        if spread:
            told = replace(told, spread=spread)
        return replace(told, locked=True) if query.locks.elements else told

    def _told(
        self, insert: Insert, read: Call, columns: Mapping[str, Operand], alike: Sequence[str], where: str
    ) -> Ensured:
        """`where`: the file of the values that columns are compared with."""
        path, function = insert.at.path, insert.at.function
        tree = self.evaluator.tree(path)
        return Ensured(
            place=Place(path, tree.starts[insert.at.node], tree.stops[insert.at.node]),
            read=read.place,
            table=insert.table,
            columns=tuple(columns),
            same=tuple(alike),
            inserted=tuple(insert.assigned),
            open=insert.open,
            caught=self._caught(path, insert.node) or self._met_later(insert) or self._met_outside(function, CALLERS),
            locked=self.locks.held(path, insert.node, function) or self.locks.excluding(path, insert.node, read.place),
            conceded=self.locks.conceded(path, insert.node),
            alone=self.single.by_one(function),
            made=read.place.path == path and self._new(path, columns.values(), function),
            model=insert.model,
            function=function,
            role=self.functions.role(path),
            idiom=insert.idiom,
            fixed=self._fixed(where, columns),
            computed=tuple(self.others.computed(insert)),
            claimed=where == path
            and (
                self.claims.taken(path, insert.at.node, columns)
                or self.claims.refused_elsewhere(path, insert.at.node, read.place, columns)
            ),
            derived=tuple(self.others.derived(insert, columns)) if where == path and insert.said is None else (),
        )

    def _alike(self, insert: Insert, read: Call, found: Found, asked: Asked) -> list[str]:
        """The columns to which an insert gives the values that a read asks for."""
        path = insert.at.path
        tree = self.evaluator.tree(path)
        alike: list[str] = []
        for name, operand in asked.columns.items():
            if name not in insert.assigned and insert.dumped:
                holder, _, last = self._read_by(tree, read, operand, found, path).rpartition(".")
                if last == name and any(holder == of and name not in without for of, without in insert.dumped):
                    alike.append(name)
                    continue
            if insert.said is not None:
                said = self._read_by(tree, read, operand, found, path)
                alike += [name] if said and said == insert.said.get(name, "") else []
                continue
            if name not in insert.assigned:
                if (
                    self._narrowed(tree, read, insert, operand)
                    or self._spread(tree, read, insert, operand)
                    or (read.place.path == path and self._unfolded(tree, insert, name, operand))
                ):
                    alike.append(name)
                continue
            given = insert.assigned[name]
            if given is not None and self._same(tree, read, operand, given, found, path):
                alike.append(name)
        return alike

    def _read_by(self, tree: Tree, read: Call, asked: Operand, found: Found, path: str) -> str:
        """What a read asks for, in the words of the code that reads or calls what does."""
        if asked.node < 0:
            return asked.constant
        if read.place.path == path and not found.through.get(id(read)):
            return asked.constant or _constant(tree, asked.node) or words(tree, asked.node)
        node = self._given_by(read, asked, found)
        return words(tree, node) or _constant(tree, node) if node >= 0 else ""

    def _same(self, tree: Tree, read: Call, asked: Operand, given: Operand, found: Found, path: str) -> bool:
        """Whether the insert gives the value that the read asked for."""
        if read.place.path == path and not found.through.get(id(read)):
            if asked.node < 0:
                return bool(asked.constant) and asked.constant == given.constant
            return same(tree, asked, given)
        return self._handed(tree, read, asked, given, found)

    def _handed(self, tree: Tree, read: Call, asked: Operand, given: Operand, found: Found) -> bool:
        """The same, where functions of the project read: their parameter is the argument that the insert gives."""
        node = self._given_by(read, asked, found)
        return node >= 0 and given.node >= 0 and same(tree, Operand(node), given)

    def _given_by(self, read: Call, asked: Operand, found: Found) -> int:
        """The argument that is the value which a function asks for that the code calls; -1 where it is none."""
        node, where = asked.node, read.place.path
        for function, path, call in reversed(found.through.get(id(read), ())):
            if node < 0 or function.path != where:
                return -1
            other = self.evaluator.tree(where)
            name = words(other, node)
            passed = [
                value
                for parameter, value in self.evaluator.parameters.matched(function, path, call)
                if other.value(parameter) == name
            ]
            if not name or len(passed) != 1:
                return -1
            node, where = passed[0], path
        return node

    @staticmethod
    def _narrowed(tree: Tree, read: Call, insert: Insert, operand: Operand) -> bool:
        """Whether both go through the rows of one other row (`shelf.books`), by which the read asks."""
        place, node = read.handle_place, operand.node
        by_handle = (
            place is not None and node >= 0 and (place.start, place.stop) == (tree.starts[node], tree.stops[node])
        )
        return by_handle and bool(read.handle) and read.handle == insert.at.handle and "." in read.handle

    @staticmethod
    def _spread(tree: Tree, read: Call, insert: Insert, operand: Operand) -> bool:
        """Whether the insert is given all of what the read takes one value from (`data["name"]`, `**data`)."""
        node = operand.node
        if node < 0 or read.place.path != insert.at.path or tree.kinds[node] != Kind.SUBSCRIPT:
            return False
        index, held = tree.child(node, Role.INDEX), words(tree, node + 1)
        if index < 0 or tree.kinds[index] != Kind.STRING or not held:
            return False
        return any(
            tree.kinds[argument] == Kind.SPREAD and words(tree, tree.child(argument, Role.VALUE)) == held
            for argument in tree.with_role(insert.node, Role.ARGUMENT)
        )

    def _unfolded(self, tree: Tree, insert: Insert, name: str, operand: Operand) -> bool:
        """Whether the insert is given an object as a mapping (`user.model_dump()`) whose attribute the read asked for,
        or which is made with the same value."""
        path = insert.at.path
        for argument in tree.with_role(insert.node, Role.ARGUMENT):
            given = argument
            if tree.kinds[given] == Kind.NAME:
                value = self._only(path, given)
                given = value if value >= 0 else given
            if tree.kinds[given] != Kind.CALL or tree.kinds[given + 1] != Kind.ATTRIBUTE:
                continue
            callees = options(self.evaluator.value(path, given + 1))
            rows = [self.evaluator.rows.row_of(each) for each in callees if isinstance(each, BoundMember)]
            if not any(row is not None and row.unfolds for row in rows):
                continue
            held = given + 2
            asked = operand.node
            if asked >= 0 and words(tree, held) and words(tree, asked) == f"{words(tree, held)}.{name}":
                return True
            made = self._only(path, held) if tree.kinds[held] == Kind.NAME else held
            for keyword in tree.with_role(made, Role.ARGUMENT) if made >= 0 and tree.kinds[made] == Kind.CALL else ():
                if tree.kinds[keyword] == Kind.KEYWORD and tree.value(keyword) == name:
                    return same(tree, operand, Operand(tree.child(keyword, Role.VALUE)))
        return False

    def _only(self, path: str, node: int) -> int:
        """The one expression that a name is given where it stands, or -1."""
        tree = self.evaluator.tree(path)
        bound = [at for at, _ in self.evaluator.scope(path).bindings(node, tree.value(node)) or ()]
        plain = len(bound) == 1 and tree.kinds[bound[0]] == Kind.ASSIGN and not tree.value(bound[0])
        return tree.child(bound[0], Role.VALUE) if plain else -1

    def _new(self, path: str, operands: Iterable[Operand], function: str) -> bool:
        """Whether one of the values that are asked for is a row that the function made itself, or each that calls it:
        nobody else knows it, so nobody else inserts what belongs to it."""
        tree = self.evaluator.tree(path)
        for operand in operands:
            node = operand.node
            if node < 0 or tree.kinds[node] != Kind.NAME:
                continue
            found = self.reads.of(path, node)
            if found.reads or found.unknown:
                continue
            if found.made and not found.handed:
                return True
            if found.handed and not found.made and self._given_new(function, tree.value(node)):
                return True
        return False

    def _given_new(self, identifier: str, name: str) -> bool:
        """Whether each call of a function, as far as they are known, gives a parameter a row that was just made."""
        function = self.functions.value(identifier)
        sites = self.functions.callers(function) if function is not None and name else []
        sites = [site for site in sites if not self.functions.aside(site[0])]
        if function is None or not sites:
            return False
        target = self.evaluator.tree(function.path)
        for path, call in sites:
            given = [
                value
                for parameter, value in self.evaluator.parameters.matched(function, path, call)
                if target.value(parameter) == name
            ]
            found = self.reads.of(path, given[0]) if len(given) == 1 else None
            if found is None or not found.made or found.reads or found.handed or found.unknown:
                return False
        return True

    # What is done about it

    def _met_later(self, insert: Insert) -> bool:
        """Whether the end of the unit of work that sends the row is watched."""
        path = insert.at.path
        start = self.evaluator.tree(path).starts[insert.at.node]
        return insert.at.adds and any(
            call.place.start > start and self._caught(path, self._node(path, call))
            for call in self.reads.of_function(insert.at.function)
            if Effect.COMMIT in call.effects or (Effect.QUERY in call.effects and not call.queries)
        )

    def _node(self, path: str, call: Call) -> int:
        """Where a call stands in its file's tree."""
        origin = self.values.origins.get(call.place)
        if origin is not None:
            return origin.node
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.CALL)
        while node >= 0 and (tree.starts[node], tree.stops[node]) != (call.place.start, call.place.stop):
            node = tree.kinds.find(Kind.CALL, node + 1)
        return max(node, 0)

    def _caught(self, path: str, node: int) -> bool:
        """Whether an error that a database raises there is met: by a handler of a class that is none of the host's own
        and not one by which a model says that it has no row, or of every error."""
        tree = self.evaluator.tree(path)
        child = node
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION:
                return False
            if tree.kinds[parent] == Kind.TRY and tree.roles[child] == Role.BODY:
                if any(self._meets(path, handler) for handler in tree.with_role(parent, Role.CATCH)):
                    return True
            elif tree.kinds[parent] == Kind.WITH and self._suppresses(path, parent):
                return True
            child = parent
        return False

    def _met_outside(self, function: str, depth: int) -> bool:
        """Whether every call of a function, as far as they are known, stands where such an error is met."""
        others = [invocation for invocation in self.locks.callers(function) if invocation.function != function]
        return bool(others) and all(
            any(frame.kind == "try" and self._handled(frame.place) for frame in invocation.frames)
            or (depth > 0 and self._met_outside(invocation.function, depth - 1))
            for invocation in others
        )

    def _handled(self, place: Place) -> bool:
        """Whether a `try` meets errors of a database."""
        tree = self.evaluator.tree(place.path)
        node = tree.kinds.find(Kind.TRY)
        while node >= 0:
            if (tree.starts[node], tree.stops[node]) == (place.start, place.stop):
                return any(self._meets(place.path, handler) for handler in tree.with_role(node, Role.CATCH))
            node = tree.kinds.find(Kind.TRY, node + 1)
        return False

    def _suppresses(self, path: str, node: int) -> bool:
        """Whether a `with` enters what is given a class of errors (`suppress(IntegrityError)`)."""
        tree = self.evaluator.tree(path)
        for item in tree.with_role(node, Role.ITEM):
            value = tree.child(item, Role.VALUE)
            if value >= 0 and tree.kinds[value] == Kind.CALL:
                if any(
                    words(tree, each).endswith(("Error", "Exception")) for each in tree.with_role(value, Role.ARGUMENT)
                ):
                    return True
        return False

    def _meets(self, path: str, handler: int) -> bool:
        tree = self.evaluator.tree(path)
        caught = tree.child(handler, Role.ANNOTATION)
        if caught < 0:
            return True
        parts = list(tree.children(caught)) if tree.kinds[caught] in (Kind.TUPLE, Kind.LIST) else [caught]
        return any(self._of_database(path, tree, part) for part in parts)

    def _of_database(self, path: str, tree: Tree, node: int) -> bool:
        if tree.kinds[node] == Kind.ATTRIBUTE:
            held = options(self.evaluator.value(path, node + 1))
            return not any(isinstance(one, (ProjectClass, Instance)) for one in held)
        if tree.kinds[node] != Kind.NAME:
            return True
        bound = self.evaluator.scope(path).bindings(node, tree.value(node)) is not None
        imported = any(one.local == tree.value(node) for one in self.evaluator.files[path].interface.imports)
        return bound or imported or tree.value(node) in BROAD


def _constant(tree: Tree, node: int) -> str:
    kinds = {Kind.STRING: "string", Kind.NUMBER: "number"}
    kind = kinds.get(tree.kinds[node], "")
    return f"{kind}:{tree.value(node)}" if kind else ""


@derived
def _adding(tables: Tables) -> Mapping[str, frozenset[str]]:
    return {
        language: frozenset(
            name
            for library in tables.libraries.values()
            if language in library.languages
            for row in library.types.values()
            for name, member in row.members.items()
            if member.adds
        )
        for language in ("python", "javascript")
    }
