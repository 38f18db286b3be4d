"""How the program uses its tables (`Uses`): which rows are deleted, and by which foreign keys rows are looked for.

A deletion goes on through foreign keys that cascade, in the database or by the model's library. A look-up counts for a
foreign key where no other condition of the same query is served by a key or index of the table: then the foreign key is
not how its rows are found. A condition behind OR says nothing, and neither does a join without any condition: it reads
both tables whole.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from dblint.facts import spelling
from dblint.facts.program import Call, FileRole
from dblint.facts.query import (
    KEY_VALUE_STORES,
    Column,
    Compare,
    Element,
    Function,
    OpaqueExpression,
    Query,
    Source,
    Star,
    Subquery,
    Verb,
    When,
)
from dblint.facts.query import Condition as QueryCondition
from dblint.facts.schema import DOCUMENT_DATABASES, Key, Relation, Table
from dblint.facts.text import Place
from dblint.facts.uses import PROGRAM, Lookup, Making, Removal, Uses
from dblint.link import partial_indexes
from dblint.link.few import COMMANDS, pairs, tenants
from dblint.link.leading import begun, ranges, reached
from dblint.link.makers import Maker, Makers
from dblint.link.runs import Runs

EQUAL = frozenset({"=", "in", "any"})
"""Conditions that name the values of a column."""
ADMINISTRATORS = COMMANDS | frozenset("admin admins administrator administrators".split())
PLAINEST = {"condition": 0, "relation": 2, "join": 3}
"""How plain a look-up is: one whose condition is left out now and then comes after those that always have it."""


def read(calls: Sequence[Call], tables: Mapping[str, Table], runs: Runs, makers: Makers) -> Uses:
    """What the calls do with the tables, also where they only build a query that runs elsewhere; the first place by its
    path and offset counts, of those that do it often if there are any, and of look-ups the plainest."""
    lists: dict[str, set[str]] = {}
    removals: dict[str, list[tuple[str, Removal]]] = {}
    written: set[tuple[str, str]] = set()
    lookups: dict[tuple[str, str], list[_Candidate]] = {}
    chosen: set[tuple[str, str]] = set()
    anything = False
    making: dict[str, _Making] = {}
    finder = Lookups(tables)
    for call in sorted(calls, key=lambda call: call.place):
        if not _by_program(call, runs):
            continue
        for query in _all(call.queries):
            if call.role is FileRole.APP:  # what a script puts there may be made up
                making.setdefault(call.function, _Making()).take(query)
            if call.role is FileRole.APP and call.trigger != "built" and _lists(query):
                lists.setdefault(query.table.lower(), set()).update(finder.narrowing(query))
            if query.verb.writes and query.verb is not Verb.DELETE:
                written.add((call.function, query.table.lower()))
            if query.verb is Verb.DELETE:
                if query.table:
                    seldom = _by_administrators(call, runs)
                    removal = Removal(call.place, seldom=seldom, alone=finder.single(query))
                    removals.setdefault(query.table.lower(), []).append((call.function, removal))
                elif call.text is None and call.role is FileRole.APP and not _without_keys(call, query):
                    anything = True
            for sought in finder.of(query):
                if sought.place is not None and not runs.asked(sought.place):
                    continue
                if not _seldom(call, COMMANDS):
                    chosen.add(sought.key)
                if sought.served:
                    continue
                lookup = Lookup(call.place, sought.kind, _seldom(call, COMMANDS), sought.beside)
                plain = PLAINEST[sought.kind] if sought.always else PLAINEST[sought.kind] + 1
                lookups.setdefault(sought.key, []).append(_Candidate(call, lookup, plain))
    found = {key: _told(candidates, runs) for key, candidates in lookups.items()}
    removed = _cascaded({name: _first(name, each, written) for name, each in removals.items()}, tables)
    few = tenants(tables, {*finder.targets(found), *(by for short in lists.values() for by in short)}, removed, makers)
    whole = frozenset(name for name, by in lists.items() if "" in by or by & few)
    derived = frozenset(name for function, each in making.items() if function for name in each.derived())
    return Uses(removed, found, whole, few | pairs(tables, whole, few), anything, frozenset(chosen), derived)


def used(calls: Iterable[Call], runs: Runs) -> frozenset[str]:
    """The tables that the calls name, also where they only build a query that runs elsewhere."""
    queries = [query for call in calls if _by_program(call, runs) for query in _all(call.queries)]
    return frozenset(name.lower() for query in queries for name in query.tables())


def makings(made: Sequence[Maker], runs: Runs) -> Sequence[Making]:
    """The places that make rows, and who runs them."""
    return tuple(
        Making(
            maker.function,
            maker.path,
            _sets_up(maker) or runs.administrators(maker.function),
            runs.granted(maker.function),
            maker.new,
            maker.form,
        )
        for maker in made
    )


class _Making:
    """What one function does with whole tables. It makes a table's rows of others' where it deletes them all, reads
    other tables and not this one, and inserts rows: what rows it has is then told by those."""

    def __init__(self) -> None:
        self.emptied: set[str] = set()
        self.filled: set[str] = set()
        self.read: set[str] = set()

    def take(self, query: Query) -> None:
        """A statement of the function."""
        names = [name.lower() for name in query.tables()]
        if _empties(query):
            self.emptied.update(names)
        elif query.verb in (Verb.INSERT, Verb.UPSERT):
            self.filled.add(query.table.lower())
            self.read.update(name for name in names if name != query.table.lower())
        elif query.verb is not Verb.DDL:
            self.read.update(names)

    def derived(self) -> set[str]:
        """The tables whose rows it makes of others'."""
        made = (self.emptied & self.filled) - self.read
        return made if self.read - self.emptied else set()


def _empties(query: Query) -> bool:
    """Whether a statement takes all rows of its tables."""
    if query.verb is Verb.DELETE:
        every = query.where.surely_absent() and query.limit.surely_absent() and not query.rows
        return every and not query.sources.open and len(query.sources.elements) == 1
    return query.verb is Verb.DDL and query.sql[:8].lower() == "truncate"


class _Candidate(NamedTuple):
    """A look-up by a key that others look for, too, and how plain it is."""

    call: Call
    lookup: Lookup
    plain: int


def _told(candidates: Sequence[_Candidate], runs: Runs) -> Lookup:
    """Of look-ups by one key the one that is told: the first of those that rank lowest. Who runs it is asked last, as
    that follows callers."""
    ranks = [(each.lookup.seldom, bool(each.lookup.beside)) for each in candidates]
    lowest = min(ranks)
    equal = [each for each, rank in zip(candidates, ranks, strict=True) if rank == lowest]
    if len(equal) > 1:
        equal.sort(key=lambda each: (_by_administrators(each.call, runs), each.plain))
    return equal[0].lookup


def _by_program(call: Call, runs: Runs) -> bool:
    return call.role in PROGRAM and not (call.function and runs.tests(call.function))


def _without_keys(call: Call, query: Query) -> bool:
    """Whether a query surely goes to a database that checks no foreign key: it has no tables."""
    dialect = query.dialect or (call.dialect if call.dialect_sure else "")
    return dialect in DOCUMENT_DATABASES | KEY_VALUE_STORES


def _sets_up(maker: Maker) -> bool:
    names = (maker.path, maker.function.rpartition("::")[2])
    return any(not ADMINISTRATORS.isdisjoint(spelling.words(name)) for name in names)


def _by_administrators(call: Call, runs: Runs) -> bool:
    return _seldom(call, ADMINISTRATORS) or runs.administrators(call.function)


def _first(table: str, removals: Sequence[tuple[str, Removal]], written: Container[tuple[str, str]]) -> Removal:
    """The removal that is told of a table."""
    often = [(function, removal) for function, removal in removals if not removal.seldom] or removals
    _, first = often[0]
    alone = all(removal.alone and (around, table) not in written for around, removal in often)
    return replace(first, alone=alone)


def _seldom(call: Call, signs: frozenset[str]) -> bool:
    """Whether the call runs now and then only: in a script, or under a name with one of these words."""
    if call.role is FileRole.SCRIPT:
        return True
    names = (call.place.path, call.function.rpartition("::")[2])
    return any(not signs.isdisjoint(spelling.words(name)) for name in names)


def _all(queries: Sequence[Query]) -> Iterator[Query]:
    """The queries and those that are nested in them."""
    pending = list(reversed(queries))
    while pending:
        query = pending.pop()
        yield query
        pending += [source.query for source in query.sources.values() if source.query is not None]
        pending += [eager.query for eager in query.eager.values() if eager.query is not None]
        pending += [*query.parts, *(nested for _, nested in query.ctes)]
        for element in query.conjuncts():
            condition = element.value
            if isinstance(condition, Compare) and isinstance(condition.right, Subquery):
                pending.append(condition.right.query)


def _lists(query: Query) -> bool:
    """Whether a query gives every row of its one table, but for what its conditions leave out, with one that only
    stands now and then, and what is joined for it."""
    sources = query.sources.elements
    plain = not any(isinstance(value, (Function, OpaqueExpression)) for value in query.projection.values())
    return (
        query.verb is Verb.SELECT
        and bool(query.table)
        and not query.where.open
        and not query.sources.open
        and all(source.when is When.SOMETIMES for source in sources[1:])
        and all(clause.surely_absent() for clause in (query.limit, query.offset, query.grouping, query.having))
        and query.expects in ("", "many")
        and not (query.distinct and any(not isinstance(value, Star) for value in query.projection.values()))
        and not query.set_operation
        and plain
    )


def _cascaded(removals: dict[str, Removal], tables: Mapping[str, Table]) -> dict[str, Removal]:
    """The removals and those that follow from them, by the shortest way."""
    children: dict[str, list[str]] = {}
    for name, table in sorted(tables.items()):
        for key in table.keys:
            if key.kind == "foreign" and key.target and key.on_delete.lower() == "cascade":
                children.setdefault(key.target.lower(), []).append(name)
    found = dict(sorted(removals.items(), key=lambda item: (item[1].seldom, item[0])))
    pending = list(found)
    for name in pending:  # grows while it is read
        origin = found[name]
        for child in children.get(name, ()):
            known = found.get(child)
            if known is None or (known.seldom and not origin.seldom):
                first = tables.get(name)
                through = origin.through or (first.name if first is not None else name)
                found[child] = Removal(origin.place, through, origin.seldom, origin.alone)
                pending.append(child)
            elif not known.through and known.along is None and not origin.seldom and child != name:
                first = tables.get(name)
                along = (first.name if first is not None else name, origin.place)
                found[child] = replace(known, along=along, alone=known.alone and origin.alone)
    return found


class Condition(NamedTuple):
    """A source's column that has to equal a value; `always`: not only where a branch adds it; `place`: the value's."""

    source: Source
    column: Column
    always: bool
    place: Place | None


class Sought(NamedTuple):
    """Table and column of a foreign key that a query goes by, and how (`Lookup`); `served`: an index begins with it."""

    key: tuple[str, str]
    kind: str
    always: bool = True
    beside: tuple[str, ...] = ()
    place: Place | None = None
    served: bool = False


class Lookups:
    """Finds the foreign keys by which queries look for rows. One per project."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._inverses: dict[tuple[str, str], tuple[Table, Relation]] = {}
        for _, table in sorted(tables.items()):
            for relation in table.relations:
                if relation.inverse:
                    self._inverses.setdefault((relation.target.lower(), relation.inverse), (table, relation))

    def single(self, query: Query) -> bool:
        """Whether a statement is about one row, by its own word or its primary key."""
        table = self.tables.get(query.table.lower())
        if query.rows == "one" or query.expects in ("one", "unique"):
            return True
        keys = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
        for element, column in _equal(query):
            condition = element.value
            if element.when is When.ALWAYS and isinstance(condition, Compare) and condition.operator == "=":
                if table is not None and _attributes(table, column.name) in keys:
                    return True
        return False

    def targets(self, keys: Iterable[tuple[str, str]]) -> Iterator[str]:
        """The tables that foreign keys refer to, by table and first column."""
        for table, column in keys:
            for key in _keys(self.tables[table], (column,)):
                yield key.target.lower()

    def narrowing(self, query: Query) -> Iterator[str]:
        """By what a list of a table's rows is narrowed down: the table that a foreign key refers to, or "" where
        nothing does it."""
        always = [element.value for element in query.conjuncts() if element.when is When.ALWAYS]
        if not query.where.elements and len(query.sources.elements) == 1:
            yield ""
        elif len(always) == 1 and len(query.where.elements) <= 2 and query.table.lower() in self.tables:
            table = self.tables[query.table.lower()]
            for column in _named(always[0]):
                if not column.relation and (not column.table or column.table in (table.name, table.model)):
                    yield from (key.target.lower() for key in _keys(table, _columns(table, column.name)[:1]))

    def of(self, query: Query) -> Iterator[Sought]:
        """The foreign keys that a query goes by, and how."""
        sources = [source for source in query.sources.values() if source.real and source.name.lower() in self.tables]
        places: list[Condition] = []
        for element, column in _equal(query):
            source = self._found(column, sources)
            if source is not None:
                places.append(Condition(source, column, element.when is When.ALWAYS, _place(element.value)))
        for place in places:
            table, column = self._table(place.source), place.column
            if column.relation:
                relation = table.relation(column.relation[0])
                names = relation.columns if relation is not None and _refers(table, relation.columns) else ()
            else:
                names = _columns(table, column.name)
            if _refers(table, names[:1]) and not self._better(query, sources, place.source, places, names[0]):
                kind = "join" if column.relation else "condition"
                beside = self._beside(place.source, places, names[0])
                served = _served(table, names[0], self._known(query, sources, place.source))
                yield Sought((table.name.lower(), names[0].lower()), kind, place.always, beside, place.place, served)
        yield from self._joined(query, sources, places)
        if sources and query.verb is not Verb.INSERT:  # a row that is made has none yet
            yield from self._loaded(query, self._table(sources[0]))

    def _table(self, source: Source) -> Table:
        return self.tables[source.name.lower()]

    def _found(self, column: Column, sources: Sequence[Source]) -> Source | None:
        """The source that a column belongs to, where that can be said."""
        if column.table:
            named = [source for source in sources if column.table in (source.alias, source.name, source.model)]
        elif len(sources) == 1:
            named = list(sources)
        else:
            named = [source for source in sources if _columns(self._table(source), column.name)]
        return named[0] if len(named) == 1 else None

    def _known(self, query: Query, sources: Sequence[Source], source: Source) -> set[tuple[str, str]]:
        """What the conditions that always stand there say of a source's columns."""
        table = self._table(source)
        return {
            (names[0].lower(), test)
            for element in query.conjuncts()
            if element.when is When.ALWAYS
            for column, test in partial_indexes.tests(element.value)
            if self._found(column, sources) is source and (names := _columns(table, column.name))
        }

    def _better(
        self, query: Query, sources: Sequence[Source], source: Source, places: Sequence[Condition], name: str
    ) -> bool:
        """Whether something else than a column leads to the rows of a source: another condition that always stands on
        it and is served by a key or an index of its table, or names what is no column of it (that may be the library's
        word for its key), or two bounds of such a column, here or of rows that it is joined with by one. One value of
        another table's column may be that of most of its rows (`kind = 'book'`)."""
        table = self._table(source)
        own = begun(table)
        for other in places:
            if other.source is source and other.always and not other.column.relation:
                names = _columns(table, other.column.name)
                if not names or (names[0].lower() != name.lower() and names[0].lower() in own):
                    return True
        between: dict[int, set[str]] = {}
        for column in ranges(query):
            ranged = self._found(column, sources)
            if ranged is not None:
                between.setdefault(id(ranged), set()).update(_columns(self._table(ranged), column.name)[:1])

        def led(each: Source) -> bool:
            led_by = begun(self._table(each)) - ({name.lower()} if each is source else set())
            return any(word.lower() in led_by for word in between.get(id(each), ()))

        return bool(between) and (
            led(source)
            or reached(
                source,
                sources,
                led,
                self._table,
                lambda column: self._found(column, sources),
                lambda each, word: _columns(self._table(each), word),
            )
        )

    def _beside(self, source: Source, places: Sequence[Condition], name: str) -> tuple[str, ...]:
        """The other foreign keys whose values conditions on the same source always name."""
        table = self._table(source)
        found: dict[str, None] = {}
        for other in places:
            if other.source is source and other.always and not other.column.relation:
                names = _columns(table, other.column.name)[:1]
                if _refers(table, names) and names[0].lower() != name.lower():
                    found[names[0].lower()] = None
        return tuple(found)

    def _joined(self, query: Query, sources: Sequence[Source], places: Sequence[Condition]) -> Iterator[Sought]:
        """Foreign keys that are gone along backwards: from a table that a condition narrows to one that none does."""
        narrowed = {id(place.source) for place in places}
        for joined in sources:
            on = joined.on
            if not isinstance(on, Compare) or on.operator != "=":
                continue
            if not isinstance(on.left, Column) or not isinstance(on.right, Column):
                continue
            ends = [(self._found(column, sources), column) for column in (on.left, on.right)]
            for (here, column), (there, _) in (ends, ends[::-1]):
                if here is None or there is None or id(there) not in narrowed or id(here) in narrowed:
                    continue
                table, target = self._table(here), self._table(there)
                names = _columns(table, column.name)
                if any(key.target.lower() == target.name.lower() for key in _keys(table, names[:1])):
                    if self._better(query, sources, here, (), names[0]):
                        continue
                    yield Sought((table.name.lower(), names[0].lower()), "join")

    def _loaded(self, query: Query, table: Table) -> Iterator[Sought]:
        """Foreign keys by which the rows of relations are loaded that the query asks for besides its own."""
        for eager in query.eager.values():
            here: Table | None = table
            for step in eager.path:
                if here is None:
                    break
                relation = here.relation(step)
                inverse = self._inverses.get((here.name.lower(), step))
                if relation is None and inverse is not None:
                    there, relation = inverse
                    if _refers(there, relation.columns):
                        yield Sought((there.name.lower(), relation.columns[0].lower()), "relation")
                    here = there
                    continue
                beyond = self.tables.get(relation.target.lower()) if relation is not None else None
                if relation is not None and beyond is not None:
                    name = _backwards(here, relation, beyond)
                    if name:
                        yield Sought((beyond.name.lower(), name.lower()), "relation")
                here = beyond


def _equal(query: Query) -> Iterator[tuple[Element[QueryCondition], Column]]:
    """The columns that have to equal a value, or one of several, with the conditions that say so."""
    for element in query.conjuncts():
        for column in _named(element.value):
            yield element, column


def _named(condition: QueryCondition) -> Iterator[Column]:
    """The column that a condition names the values of."""
    if isinstance(condition, Compare) and condition.operator in EQUAL:
        if isinstance(condition.left, Column) and not isinstance(condition.right, Column):
            yield condition.left
        elif isinstance(condition.right, Column) and not isinstance(condition.left, Column):
            yield condition.right


def _place(condition: QueryCondition) -> Place | None:
    return condition.handed if isinstance(condition, Compare) else None


def _attributes(table: Table, name: str) -> tuple[str, ...]:
    column = table.column(name)
    return (column.name,) if column is not None else ()


def _columns(table: Table, name: str) -> tuple[str, ...]:
    """The columns that a name stands for: a column, an attribute, or a relation that has its columns here."""
    column = table.column(name)
    if column is not None:
        return (column.name,)
    relation = table.relation(name)
    return relation.columns if relation is not None and _refers(table, relation.columns) else ()


def _keys(table: Table, names: tuple[str, ...]) -> Iterator[Key]:
    """The foreign keys of the table that begin with these columns."""
    wanted = [name.lower() for name in names]
    for key in table.keys:
        if wanted and key.kind == "foreign" and [column.lower() for column in key.columns][: len(wanted)] == wanted:
            yield key


def _served(table: Table, name: str, known: set[tuple[str, str]]) -> bool:
    """Whether an index begins with the column that holds all rows of which this is known: nobody asks who would use
    another."""
    return any(
        index.columns
        and index.columns[0].name.lower() == name.lower()
        and (not index.predicate or partial_indexes.implied(index.predicate, table, known))
        for index in table.indexes
    )


def _refers(table: Table, names: tuple[str, ...]) -> bool:
    return any(True for _ in _keys(table, names))


def _backwards(here: Table, relation: Relation, there: Table) -> str:
    """The first column of the foreign key by which the other table's rows belong to those here; "" where the key is
    here, or cannot be told."""
    if _refers(here, relation.columns):
        return ""
    own = there.relation(relation.inverse) if relation.inverse else None
    for names in (relation.target_columns, own.columns if own is not None else ()):
        if _refers(there, names[:1]):
            return names[0]
    keys = [key for key in there.keys if key.kind == "foreign" and key.target.lower() == here.name.lower()]
    return keys[0].columns[0] if len(keys) == 1 and keys[0].columns and relation.kind != "many-to-many" else ""
