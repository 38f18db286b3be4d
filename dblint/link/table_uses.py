"""How the program uses its tables (`Uses`): which rows are deleted, and by which foreign keys rows are looked for.

A deletion goes on through foreign keys that cascade, in the database or by the model's library. A look-up counts for a
foreign key where no other condition of the same query is served by a key or index of the table: then the foreign key is
not how its rows are found. A condition behind OR says nothing, and neither does a join without any condition: it reads
both tables whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from dblint.facts.program import Call, FileRole
from dblint.facts.query import Column, Compare, Function, OpaqueExpression, Query, Source, Subquery, Verb
from dblint.facts.schema import Key, Relation, Table
from dblint.facts.uses import PROGRAM, Lookup, Removal, Uses

EQUAL = frozenset({"=", "in", "any"})
"""Conditions that name the values of a column."""
K = TypeVar("K")
U = TypeVar("U", Removal, Lookup)
COMMANDS = frozenset("cli command commands console maintenance management".split())
"""Words in the names of files, folders and functions that somebody starts by hand."""
ADMINISTRATORS = COMMANDS | frozenset("admin admins administrator administrators".split())
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def read(calls: Sequence[Call], tables: Mapping[str, Table]) -> Uses:
    """What the calls do with the tables, also where they only build a query that runs elsewhere; the first place by its
    path and offset counts, of those that do it often if there are any."""
    used: set[str] = set()
    whole: set[str] = set()
    removals: dict[str, Removal] = {}
    lookups: dict[tuple[str, str], Lookup] = {}
    anything = False
    finder = Lookups(tables)
    for call in sorted(calls, key=lambda call: call.place):
        if call.role not in PROGRAM:
            continue
        for query in _all(call.queries):
            used.update(name.lower() for name in query.tables())
            if call.role is FileRole.APP and call.trigger != "built" and _everything(query):
                whole.add(query.table.lower())
            if query.verb is Verb.DELETE:
                if query.table:
                    removal = Removal(call.place, seldom=_seldom(call, ADMINISTRATORS))
                    _keep(removals, query.table.lower(), removal)
                elif call.text is None and call.role is FileRole.APP:
                    anything = True
            for key, kind in finder.of(query):
                _keep(lookups, key, Lookup(call.place, kind, _seldom(call, COMMANDS)))
    return Uses(frozenset(used), _cascaded(removals, tables), lookups, frozenset(whole), anything)


def _seldom(call: Call, words: frozenset[str]) -> bool:
    """Whether the call runs now and then only: in a script, or under a name with one of these words."""
    if call.role is FileRole.SCRIPT:
        return True
    names = (call.place.path, call.function.rpartition("::")[2])
    return any(word.lower() in words for name in names for word in _WORD.findall(name))


def _keep(found: dict[K, U], key: K, use: U) -> None:
    """Keeps the first use, or the first that is no seldom one."""
    known = found.get(key)
    if known is None or (known.seldom and not use.seldom):
        found[key] = use


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


def _everything(query: Query) -> bool:
    """Whether a query surely gives every row of its one table."""
    narrowing = (query.where, query.limit, query.offset, query.grouping, query.having)
    plain = not any(isinstance(value, (Function, OpaqueExpression)) for value in query.projection.values())
    return (
        query.verb is Verb.SELECT
        and bool(query.table)
        and len(query.sources.elements) == 1
        and all(clause.surely_absent() for clause in narrowing)
        and query.expects in ("", "many")
        and not query.distinct
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
                found[child] = Removal(origin.place, through, origin.seldom)
                pending.append(child)
    return found


class Lookups:
    """Finds the foreign keys by which queries look for rows. One per project."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._inverses: dict[tuple[str, str], tuple[Table, Relation]] = {}
        for _, table in sorted(tables.items()):
            for relation in table.relations:
                if relation.inverse:
                    self._inverses.setdefault((relation.target.lower(), relation.inverse), (table, relation))

    def of(self, query: Query) -> Iterator[tuple[tuple[str, str], str]]:
        """Table and column of the foreign keys that a query goes by, and how."""
        sources = [source for source in query.sources.values() if source.real and source.name.lower() in self.tables]
        named = [self._found(column, sources) for column in _equal(query)]
        places = [found for found in named if found is not None]
        for source, column in places:
            table = self._table(source)
            if column.relation:
                relation = table.relation(column.relation[0])
                names = relation.columns if relation is not None and _refers(table, relation.columns) else ()
            else:
                names = _columns(table, column.name)
            if _refers(table, names[:1]) and not self._better(source, places, names[0]):
                yield (table.name.lower(), names[0].lower()), "join" if column.relation else "condition"
        yield from self._joined(sources, places)
        if sources and query.verb is not Verb.INSERT:  # a row that is made has none yet
            yield from self._loaded(query, self._table(sources[0]))

    def _table(self, source: Source) -> Table:
        return self.tables[source.name.lower()]

    def _found(self, column: Column, sources: Sequence[Source]) -> tuple[Source, Column] | None:
        """The source that a column belongs to, where that can be said."""
        if column.table:
            named = [source for source in sources if column.table in (source.alias, source.name, source.model)]
        elif len(sources) == 1:
            named = list(sources)
        else:
            named = [source for source in sources if _columns(self._table(source), column.name)]
        return (named[0], column) if len(named) == 1 else None

    def _better(self, source: Source, places: Sequence[tuple[Source, Column]], name: str) -> bool:
        """Whether another condition on the same source is served by a key or an index of its table, or names what is
        no column of it: that may be the library's word for its key."""
        table = self._table(source)
        begun = {key.columns[0].lower() for key in table.keys if key.kind in ("primary", "unique") and key.columns}
        begun |= {index.columns[0].name.lower() for index in table.indexes if index.columns}
        for other, column in places:
            if other is source and not column.relation:
                names = _columns(table, column.name)
                if not names or (names[0].lower() != name.lower() and names[0].lower() in begun):
                    return True
        return False

    def _joined(
        self, sources: Sequence[Source], places: Sequence[tuple[Source, Column]]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Foreign keys that are gone along backwards: from a table that a condition narrows to one that none does."""
        narrowed = {id(source) for source, _ in places}
        for joined in sources:
            on = joined.on
            if not isinstance(on, Compare) or on.operator != "=":
                continue
            if not isinstance(on.left, Column) or not isinstance(on.right, Column):
                continue
            ends = [self._found(column, sources) for column in (on.left, on.right)]
            for here, there in (ends, ends[::-1]):
                if here is None or there is None or id(there[0]) not in narrowed or id(here[0]) in narrowed:
                    continue
                table, target = self._table(here[0]), self._table(there[0])
                names = _columns(table, here[1].name)
                if any(key.target.lower() == target.name.lower() for key in _keys(table, names[:1])):
                    yield (table.name.lower(), names[0].lower()), "join"

    def _loaded(self, query: Query, table: Table) -> Iterator[tuple[tuple[str, str], str]]:
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
                        yield (there.name.lower(), relation.columns[0].lower()), "relation"
                    here = there
                    continue
                beyond = self.tables.get(relation.target.lower()) if relation is not None else None
                if relation is not None and beyond is not None:
                    name = _backwards(here, relation, beyond)
                    if name:
                        yield (beyond.name.lower(), name.lower()), "relation"
                here = beyond


def _equal(query: Query) -> Iterator[Column]:
    """The columns that have to equal a value, or one of several."""
    for element in query.conjuncts():
        condition = element.value
        if isinstance(condition, Compare) and condition.operator in EQUAL:
            if isinstance(condition.left, Column) and not isinstance(condition.right, Column):
                yield condition.left
            elif isinstance(condition.right, Column) and not isinstance(condition.left, Column):
                yield condition.right


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
