"""Migrations as scripts whose functions are given an interface that makes single changes of a schema, of which the
columns are written as Sequelize's models have them.

Source: Sequelize 6 API reference, "QueryInterface", and "Migrations".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.schema import (
    OF_COLUMN,
    Change,
    Direction,
    Index,
    IndexColumn,
    Key,
    Migration,
    Operation,
    SchemaColumn,
    Step,
    Table,
)
from dblint.facts.tree import Kind, Role
from dblint.libraries.reader import Tables
from dblint.link.arguments import Site, entries
from dblint.link.migrations.dialects import folder
from dblint.link.migrations.hosts import MISSING, Reading, framed
from dblint.link.model_readers.sequelize import underscore
from dblint.link.model_readers.sequelize_columns import column
from dblint.link.values import FunctionValue

CALLS: Mapping[str, Change] = {
    "createTable": Change.CREATE_TABLE,
    "dropTable": Change.DROP_TABLE,
    "renameTable": Change.RENAME_TABLE,
    "addColumn": Change.ADD_COLUMN,
    "removeColumn": Change.DROP_COLUMN,
    "renameColumn": Change.RENAME_COLUMN,
    "changeColumn": Change.ALTER_TYPE,
    "addIndex": Change.CREATE_INDEX,
    "removeIndex": Change.DROP_INDEX,
    "addConstraint": Change.ADD_KEY,
    "removeConstraint": Change.DROP_KEY,
    "bulkInsert": Change.DATA,
    "bulkUpdate": Change.DATA,
    "bulkDelete": Change.DATA,
}
"""The interface's own methods. All take the table first."""
KINDS = {"foreign key": "foreign", "unique": "unique", "primary key": "primary", "check": "check"}
ENDINGS = {"foreign": "fk", "unique": "uk", "primary": "pk", "check": "ck"}
"""How names of constraints end that nothing names (getConstraintSnippet of the abstract query generator)."""


def is_interface(tables: Tables, name: str) -> bool:
    """Whether a type has the methods that are read here."""
    return CALLS.keys() <= tables.types[name].members.keys()


class _Script(msgspec.Struct, frozen=True):
    path: str
    library: str
    ways: tuple[tuple[Direction, int], ...]


class QueryInterfaceMigrations:
    """Reads them. One per project."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.evaluator = reading.evaluator

    def read(self, skip: frozenset[str]) -> list[Migration]:
        """The migrations of all files but those in `skip`."""
        chains: dict[str, list[_Script]] = {}
        for path in sorted(self.evaluator.files):
            if path in skip or not self.evaluator.javascript(path):
                continue
            found = self.evaluator.scripts.of(path)
            if found is None or not is_interface(self.evaluator.tables, found.type):
                continue
            ways = [(Direction.UP, found.up.node)]
            ways += [(Direction.DOWN, found.down.node)] if found.down is not None else []
            script = _Script(path, self.evaluator.tables.library(found.type), tuple(ways))
            chains.setdefault(folder(path), []).append(script)
        return [migration for chain, found in sorted(chains.items()) for migration in self._chain(chain, found)]

    def _chain(self, chain: str, scripts: list[_Script]) -> Iterator[Migration]:
        reading = self.reading
        choice = reading.dialects.choose(chain, list(self._samples(scripts)))
        for script in scripts:
            steps: list[Step] = []
            for direction, function in script.ways:
                steps += self._way(script.path, function, direction, choice.dialect)
            name = script.path.rpartition("/")[2].rpartition(".")[0]
            yield Migration(
                script.path,
                script.library,
                chain,
                (name,),
                name=name,
                dialect=choice.dialect,
                dialect_reason=choice.reason,
                dialect_sure=choice.sure,
                transactional=False,
                steps=tuple(steps),
                reversible=any(step.direction is Direction.DOWN for step in steps),
                place=reading.place(Site(script.path, 0, None)),
                idiom=script.library,
            )

    def _samples(self, scripts: list[_Script]) -> Iterator[str]:
        for script in scripts:
            for direction, function in script.ways:
                for call, _ in self.reading.calls(FunctionValue(script.path, function), direction):
                    row = self.reading.row(call)
                    text = (
                        self.reading.argument(call, row.text.at) if row is not None and row.text is not None else None
                    )
                    if row is not None and row.run == "text" and text is not None:
                        yield self.reading.sample(text)

    def _way(self, path: str, function: int, direction: Direction, dialect: str) -> Iterator[Step]:
        """The steps of one way. What stands in a function that is given to `transaction` stands between the beginning
        and the end of one."""
        open_until = -1
        last = Step(MISSING, direction)
        for call, frame in self.reading.calls(FunctionValue(path, function), direction):
            if 0 <= open_until <= call.node and call.path == path:
                yield framed(last, Operation(Change.COMMIT, place=last.operation.place, dialect=dialect))
                open_until = -1
            row = self.reading.row(call)
            if row is not None and "begin" in row.effects and row.callback is not None and call.path == path:
                tree = self.evaluator.tree(path)
                within = any(tree.kinds[each] == Kind.FUNCTION for each in tree.with_role(call.node, Role.ARGUMENT))
                open_until = tree.ends[call.node] if within else -1
                last = framed(frame, Operation(Change.BEGIN, place=self.reading.place(call), dialect=dialect))
                yield last
                continue
            yield from self._steps(call, frame, dialect)
        if open_until >= 0:
            yield framed(last, Operation(Change.COMMIT, place=last.operation.place, dialect=dialect))

    def _steps(self, call: Site, frame: Step, dialect: str) -> Iterator[Step]:
        reading = self.reading
        row = reading.row(call)
        word = reading.word(reading.callee(call))
        place = reading.place(call)
        if row is None:
            return
        if row.run == "text" and row.text is not None:
            text = reading.argument(call, row.text.at)
            yield from reading.sql(text, dialect, frame, place) if text is not None else ()
        elif word in CALLS and ("change-schema" in row.effects or row.run):
            for operation in self._operations(call, word, dialect):
                yield framed(frame, operation)
        elif "change-schema" in row.effects:
            yield framed(frame, Operation(Change.OTHER, name=word, place=place, dialect=dialect))

    # One call

    def _given(self, site: Site | None) -> dict[str, Site]:
        return dict(entries(self.evaluator, site)[0]) if site is not None else {}

    def _table(self, site: Site | None) -> tuple[str, str]:
        """The schema and the name of a table, given as a text or as an object."""
        given = self._given(site)
        name = self.reading.string(site) or self.reading.string(given.get("tableName"))
        return self.reading.string(given.get("schema")), name

    def _operations(self, call: Site, word: str, dialect: str) -> Iterator[Operation]:
        reading = self.reading
        change = CALLS[word]
        schema, table = self._table(reading.argument(call, "0"))
        second, third = reading.argument(call, "1"), reading.argument(call, "2")
        made = Operation(change, table, schema, place=reading.place(call), dialect=dialect)
        if change is Change.CREATE_TABLE:
            yield replace(made, definition=self._definition(second, third, made, dialect), if_not_exists=True)
        elif change is Change.DROP_TABLE:
            yield replace(made, name=table, if_exists=True)
        elif change is Change.RENAME_TABLE:
            yield replace(made, name=self._table(second)[1])
        elif change is Change.DATA:
            yield replace(made, name=word)
        elif change is Change.DROP_COLUMN:
            name = reading.string(second)
            yield replace(made, name=name, columns=(SchemaColumn(name),))
        elif change is Change.RENAME_COLUMN:
            yield replace(made, name=reading.string(third), columns=(SchemaColumn(reading.string(second)),))
        elif change in (Change.ADD_COLUMN, Change.ALTER_TYPE):
            yield from self._column(second, third, made, dialect)
        elif change is Change.CREATE_INDEX:
            yield self._index(second, third, made)
        elif change is Change.DROP_INDEX:
            fields = reading.strings(second) if reading.elements(second) else ()
            name = reading.string(second) or (_index_name(table, fields) if fields and all(fields) else "")
            concurrent = reading.true(self._given(third).get("concurrently"))
            yield replace(made, name=name, index=Index(name, ()), concurrent=concurrent)
        elif change is Change.ADD_KEY:
            yield self._key(second, made)
        else:
            name = reading.string(second)
            yield replace(made, name=name, key=Key("", (), name))

    def _attribute(self, site: Site | None) -> dict[str, Site]:
        """The options of a column; a type may stand by itself."""
        if site is None:
            return {}
        literal = self.reading.literal(site)
        if self.evaluator.tree(literal.path).kinds[literal.node] == Kind.OBJECT:
            return self._given(literal)
        return {"type": site}

    def _column(self, named: Site | None, said: Site | None, made: Operation, dialect: str) -> Iterator[Operation]:
        given = self._attribute(said)
        name = self.reading.string(named)
        site = said if said is not None else named
        if site is None or not name:
            yield made
            return
        one = column(self.reading, name, name, given, dialect, site, client=False)
        yield replace(made, name=name, columns=(one,))
        if made.change is Change.ALTER_TYPE and "allowNull" in given:
            change = Change.DROP_NOT_NULL if one.nullable else Change.SET_NOT_NULL
            yield replace(made, change=change, name=name, columns=(one,))
        for key in self._keys_of(name, given, site):
            yield replace(made, change=Change.ADD_KEY, name="", key=key, options=OF_COLUMN)

    def _keys_of(self, name: str, given: Mapping[str, Site], site: Site) -> Iterator[Key]:
        reading = self.reading
        if reading.true(given.get("unique")) or reading.string(given.get("unique")):
            yield Key("unique", (name,), place=reading.place(site))
        references = given.get("references")
        if references is None:
            return
        pairs = self._given(references)
        target = self._table(pairs.get("model", references))[1] or self._table(pairs.get("table"))[1]
        yield Key(
            "foreign",
            (name,),
            target=target,
            target_columns=(reading.string(pairs.get("key")) or "id",),
            on_delete=reading.string(given.get("onDelete")).lower(),
            on_update=reading.string(given.get("onUpdate")).lower(),
            place=reading.place(site),
        )

    def _definition(self, said: Site | None, more: Site | None, made: Operation, dialect: str) -> Table:
        reading = self.reading
        pairs, hidden = entries(self.evaluator, said) if said is not None else ([], True)
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        primary: list[str] = []
        for attribute, site in pairs:
            given = self._attribute(site)
            name = reading.string(given.get("field")) or attribute
            columns.append(column(reading, name, name, given, dialect, site, client=False))
            primary += [name] if reading.true(given.get("primaryKey")) else []
            keys += self._keys_of(name, given, site)
        if primary:
            keys.insert(0, Key("primary", tuple(primary), place=made.place))
        for group in self._given(self._given(more).get("uniqueKeys")).values():
            keys.append(Key("unique", reading.strings(self._given(group).get("fields")), place=made.place))
        return Table(
            made.table,
            made.schema,
            origin="migration",
            columns=tuple(columns),
            keys=tuple(keys),
            complete=bool(columns) and not hidden,
            place=made.place,
        )

    def _index(self, second: Site | None, third: Site | None, made: Operation) -> Operation:
        reading = self.reading
        given = self._given(third)
        if not reading.elements(second):
            given |= self._given(second)
        fields = second if reading.elements(second) else given.get("fields")
        columns: list[IndexColumn] = []
        for element in reading.elements(fields):
            pairs = self._given(element)
            name = (
                reading.string(element) or reading.string(pairs.get("name")) or reading.string(pairs.get("attribute"))
            )
            down = reading.string(pairs.get("order")).upper() == "DESC"
            columns.append(IndexColumn(name, down, expression=not name))
        name = reading.string(given.get("name")) or reading.string(given.get("indexName"))
        names = [each.name for each in columns]
        kind = reading.string(given.get("type")).lower()
        index = Index(
            name or (_index_name(made.table, names) if all(names) else ""),
            tuple(columns),
            reading.true(given.get("unique")) or kind == "unique",
            method=(reading.string(given.get("using")) or reading.string(given.get("method"))).lower(),
            predicate="?" if "where" in given else "",
            place=made.place,
        )
        return replace(made, name=index.name, index=index, concurrent=reading.true(given.get("concurrently")))

    def _key(self, said: Site | None, made: Operation) -> Operation:
        reading, given = self.reading, self._given(said)
        kind = KINDS.get(reading.string(given.get("type")).lower(), "")
        fields = reading.strings(given.get("fields"))
        references = self._given(given.get("references"))
        target = self._table(references.get("table"))[1]
        to = reading.string(references.get("field"))
        name = reading.string(given.get("name"))
        if not name and kind and all(fields):
            name = "_".join((made.table, *fields, ENDINGS[kind]))
        key = Key(
            kind,
            fields,
            name,
            target=target,
            target_columns=(to,) if to else reading.strings(references.get("fields")),
            on_delete=reading.string(given.get("onDelete")).lower(),
            on_update=reading.string(given.get("onUpdate")).lower(),
            place=made.place,
        )
        return replace(made, name=name, key=key)


def _index_name(table: str, fields: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """The name that the library gives an index (`nameIndex` of lib/utils.js)."""
    return underscore("_".join((table, *fields)))
