"""Tables that a function builds column by column (`createTable("jar", table => { table.string("label").unique() })`),
as the words `alters` of a table of libraries say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from dblint.facts.query import When
from dblint.facts.schema import OF_COLUMN, Change, Index, IndexColumn, Key, Operation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.libraries.migrating import Alters
from dblint.link.arguments import Site, find
from dblint.link.building import Building
from dblint.link.migrations.hosts import Reading
from dblint.link.model_readers.shared import replaced, sized
from dblint.link.returns import parse
from dblint.link.values import Step

CHAIN = "chain"
"""The body of a change that the calls behind it say, one after the other."""
OTHERS = 100
"""Changes of one table that are read."""


class _Draft(msgspec.Struct):
    """What a function says of a table so far."""

    columns: list[SchemaColumn] = msgspec.field(default_factory=list)
    keys: list[Key] = msgspec.field(default_factory=list)
    indexes: list[Index] = msgspec.field(default_factory=list)
    operations: list[tuple[Operation, bool]] = msgspec.field(default_factory=list)
    complete: bool = True
    column: int = -1
    """The column that the next words are about: its place in `columns`."""
    foreign: int = -1
    """The foreign key that the next words are about."""
    changed: set[int] = msgspec.field(default_factory=set)
    """Columns that are there already."""
    sometimes: set[int] = msgspec.field(default_factory=set)


class BuiltTables:
    """Reads single calls."""

    def __init__(self, reading: Reading, dialect: str) -> None:
        self.reading = reading
        self.dialect = dialect
        self.building = Building(reading.evaluator)

    def of(self, step: Step, library: str, schema: str = "") -> list[tuple[Operation, bool]]:
        """What a call changes, each with whether it does so only sometimes."""
        row = step.member.alters
        call = Site(step.path, step.node, step.context, step.when)
        if row is None:
            return []
        named = self._text(call, row.table)
        inside, _, table = named.rpartition(".")
        made = Operation(
            Change(row.change),
            table,
            inside or schema,
            place=self.reading.place(call),
            dialect=self.dialect,
            if_exists=row.hedged and row.change.startswith("drop"),
            if_not_exists=row.hedged and row.change.startswith("create"),
        )
        if row.body:
            return self._built(call, row, made, library)
        name = self._text(call, row.name)
        if made.change is Change.DROP_TABLE:
            return [(replace(made, name=table), False)]
        return [(replace(made, name=name), False)]

    def chained(
        self, step: Step, behind: Sequence[Step], library: str, schema: str = ""
    ) -> list[tuple[Operation, bool]]:
        """What a chain changes: its first call says which table or index, those `behind` it the rest, and functions
        that they are given (`createTable("jar").addColumn("id", "uuid", (column) => column.primaryKey())`)."""
        row = step.member.alters
        if row is None:
            return []
        call = Site(step.path, step.node, step.context, step.when)
        said = [(each, each.member.alters) for each in behind if each.member.alters is not None]
        tables = [self._text(_site(each), alters.table) for each, alters in said if alters.table and not row.table]
        inside, _, table = (tables[0] if tables else self._text(call, row.table)).rpartition(".")
        change, hedged = Change(row.change), any(alters.hedged for _, alters in said)
        made = Operation(
            change,
            table,
            inside or schema,
            place=self.reading.place(call),
            dialect=self.dialect,
            if_exists=hedged and row.change.startswith("drop"),
            if_not_exists=hedged and row.change.startswith("create"),
        )
        name = self._text(call, row.name)
        if change is Change.DROP_TABLE:
            return [(replace(made, name=table), False)]
        if change is Change.DROP_INDEX:
            return [(replace(made, name=name, index=Index(name, ())), False)]
        if change is Change.CREATE_INDEX:
            columns = [word for each, alters in said for word in self._names(_site(each), alters.columns)]
            unique = any(alters.kind == "unique" for _, alters in said)
            index = Index(name, tuple(IndexColumn(word) for word in columns), unique, place=made.place)
            return [(replace(made, name=name, index=index), False)]
        draft = _Draft()
        for each, alters in said:
            self._link(draft, each, alters, made, library)
        return self._ended(draft, made)

    def _link(self, draft: _Draft, step: Step, alters: Alters, made: Operation, library: str) -> None:
        """One call of a chain, with what the function that it is given says of the same column or key."""
        call, callback = _site(step), step.member.callback
        inner: list[Step] = []
        for site in find(self.reading.evaluator, callback.at if callback is not None else "", call).sites:
            found, hidden = self.building.steps(site)
            inner += found
            draft.complete = draft.complete and not hidden
        if Change(alters.change) is Change.ALTER_TYPE:
            name = self._text(call, alters.name)
            if not inner:
                word = self._type(step, call, library)
                one = replace(made, change=Change.ALTER_TYPE, name=name, columns=(SchemaColumn(name, word),))
                draft.operations.append((one, False))
            for each in inner:
                if each.member.alters is not None:
                    draft.operations.append((self._altered(each, each.member.alters, made, name), False))
            return
        if Change(alters.change) is Change.RENAME_TABLE:
            one = replace(made, change=Change.RENAME_TABLE, name=self._text(call, alters.name))
            draft.operations.append((one, False))
            return
        self._step(draft, step, made, library, linked=True)
        for each in inner:
            self._step(draft, each, made, library)

    def _word(self, step: Step) -> Place:
        """Where the call of a chain stands by itself, without those before it."""
        tree = self.reading.evaluator.tree(step.path)
        callee = step.node + 1
        return Place(step.path, tree.stops[callee] - len(tree.value(callee)), tree.stops[step.node])

    def _altered(self, step: Step, alters: Alters, made: Operation, name: str) -> Operation:
        """What becomes of a column that is there."""
        change, call = Change(alters.change), _site(step)
        column = SchemaColumn(name)
        if change is Change.ALTER_TYPE:
            column = replace(column, type=self._text(call, alters.name).lower())
        elif change in (Change.SET_NOT_NULL, Change.DROP_NOT_NULL):
            column = replace(column, nullable=change is Change.DROP_NOT_NULL)
        elif change is Change.SET_DEFAULT:
            default = self.reading.source(self.reading.argument(call, "0"))
            column = replace(column, default=default, default_by="database")
        return replace(made, change=change, name=name, columns=(column,), place=self.reading.place(call))

    def _built(self, call: Site, row: Alters, made: Operation, library: str) -> list[tuple[Operation, bool]]:
        draft = _Draft()
        for site in find(self.reading.evaluator, row.body, call).sites:
            steps, hidden = self.building.steps(site)
            draft.complete = draft.complete and not hidden
            for step in steps[:OTHERS]:
                self._step(draft, step, made, library)
        return self._ended(draft, made)

    def _ended(self, draft: _Draft, made: Operation) -> list[tuple[Operation, bool]]:
        """The changes that a draft holds."""
        if made.change is not Change.CREATE_TABLE:
            return list(self._separate(draft, made))
        columns = [column for at, column in enumerate(draft.columns) if column.name and at not in draft.changed]
        definition = Table(
            made.table,
            made.schema,
            origin="migration",
            columns=replaced(columns),
            keys=tuple(draft.keys),
            indexes=tuple(draft.indexes),
            complete=draft.complete and bool(made.table) and all(column.name for column in draft.columns),
            place=made.place,
        )
        return [(replace(made, columns=definition.columns, definition=definition), False), *draft.operations]

    def _separate(self, draft: _Draft, made: Operation) -> Iterator[tuple[Operation, bool]]:
        """The changes of a table that is there already, one by one."""
        for at, column in enumerate(draft.columns):
            change = Change.ALTER_TYPE if at in draft.changed else Change.ADD_COLUMN
            one = replace(made, change=change, name=column.name, columns=(column,), place=column.place)
            yield one, at in draft.sometimes
        for key in draft.keys:
            yield replace(made, change=Change.ADD_KEY, name=key.name, key=key, place=key.place), False
        for index in draft.indexes:
            own = (
                OF_COLUMN
                if len(index.columns) == 1 and any(c.name == index.columns[0].name for c in draft.columns)
                else ()
            )
            yield (
                replace(made, change=Change.CREATE_INDEX, name=index.name, index=index, place=index.place, options=own),
                False,
            )
        yield from draft.operations

    # One word about a table

    def _step(self, draft: _Draft, step: Step, made: Operation, library: str, *, linked: bool = False) -> None:
        row = step.member.alters
        if row is None:
            return
        call = Site(step.path, step.node, step.context)
        change, where = Change(row.change), self._word(step) if linked else self.reading.place(call)
        sometimes = step.when is When.SOMETIMES
        names = self._names(call, row.name)
        columns = self._names(call, row.columns)
        if change is Change.ADD_COLUMN:
            self._columns(draft, step, row, names or tuple(row.called.split()), where, library)
            if sometimes:
                draft.complete = False
                draft.sometimes.add(draft.column)
            return
        own = not (row.columns or row.name or row.table) and change is not Change.DROP_COLUMN
        current = draft.columns[draft.column] if own and draft.column >= 0 else None
        if own and current is None and change is not Change.ADD_KEY:
            return
        of = columns or ((current.name,) if current is not None else ())
        called = next((name for name in names[:1] if name), "") or self._called(row, made.table, of)
        if change is Change.ADD_KEY and row.kind == "foreign":
            self._foreign(draft, row, call, of, called, where)
        elif change is Change.ADD_KEY:
            if row.kind == "primary" and current is not None:
                self._said(draft, nullable=False)
            if not any(key.kind == row.kind and key.columns == of for key in draft.keys):
                draft.keys.append(Key(row.kind, of, called, place=where))
            draft.complete = draft.complete and all(of)
        elif change is Change.CREATE_INDEX:
            index = Index(called, tuple(IndexColumn(name) for name in of), place=where)
            draft.indexes.append(index)
            draft.complete = draft.complete and all(of)
        elif current is not None and change in (Change.SET_NOT_NULL, Change.DROP_NOT_NULL):
            self._said(draft, nullable=change is Change.DROP_NOT_NULL)
        elif current is not None and change is Change.SET_DEFAULT:
            default = self.reading.source(self.reading.argument(call, "0"))
            draft.columns[draft.column] = replace(current, default=default, default_by="database")
        elif current is not None and change is Change.ALTER_TYPE:
            draft.changed.add(draft.column)
        else:
            one = replace(made, change=change, place=where, definition=None)
            draft.operations += [(each, sometimes) for each in self._other(call, row, one, names, called)]

    def _said(self, draft: _Draft, *, nullable: bool) -> None:
        draft.columns[draft.column] = replace(draft.columns[draft.column], nullable=nullable)

    def _columns(
        self, draft: _Draft, step: Step, row: Alters, names: Sequence[str], where: Place, library: str
    ) -> None:
        call = Site(step.path, step.node, step.context)
        word = self._type(step, call, library)
        for name in names or ("",):
            primary = row.kind == "primary"
            nullable = None if not primary and not row.name else not primary
            draft.columns.append(SchemaColumn(name, word, nullable=nullable, place=where))
            draft.column, draft.foreign = len(draft.columns) - 1, -1
            if primary:
                draft.keys.append(Key("primary", (name,), place=where))
        draft.complete = draft.complete and all(names)

    def _type(self, step: Step, call: Site, library: str) -> str:
        gives = step.member.callback.gives if step.member.callback is not None else ()
        name = parse(gives[0] if gives else step.member.returns).name if step.member.returns else ""
        tables = self.reading.evaluator.tables
        described = tables.types.get(name if ":" in name else f"{library}:{name}")
        if described is None or described.column is None:
            return ""
        if described.column.written:
            return self._text(call, described.column.written).lower()
        return sized(self.reading, described.column, lambda slot: self.reading.argument(call, slot), self.dialect)

    def _foreign(self, draft: _Draft, row: Alters, call: Site, of: tuple[str, ...], called: str, where: Place) -> None:
        if row.columns or (draft.foreign < 0 and of):
            draft.keys.append(Key("foreign", of, called, place=where))
            draft.foreign = len(draft.keys) - 1
        if draft.foreign < 0:
            return
        key = draft.keys[draft.foreign]
        if row.target_columns:
            words = self._names(call, row.target_columns)
            tables = {word.rpartition(".")[0] for word in words}
            key = replace(key, target_columns=tuple(word.rpartition(".")[2] for word in words))
            if len(tables) == 1 and (table := tables.pop()):
                key = replace(key, target=table)
        if row.target:
            key = replace(key, target=self._text(call, row.target).rpartition(".")[2])
        if row.on_delete:
            key = replace(key, on_delete=self._text(call, row.on_delete).lower())
        if row.on_update:
            key = replace(key, on_update=self._text(call, row.on_update).lower())
        draft.keys[draft.foreign] = key

    def _other(
        self, call: Site, row: Alters, made: Operation, names: Sequence[str], called: str
    ) -> Iterator[Operation]:
        """What a word takes away or renames."""
        if made.change is Change.DROP_COLUMN:
            for name in names or row.called.split():
                yield replace(made, name=name, columns=(SchemaColumn(name),))
        elif made.change is Change.RENAME_COLUMN:
            yield replace(made, name=names[0] if names else "", columns=(SchemaColumn(self._text(call, row.old)),))
        elif made.change is Change.DROP_INDEX:
            yield replace(made, name=called, index=Index(called, ()))
        elif made.change is Change.DROP_KEY:
            yield replace(made, name=called, key=Key(row.kind, self._names(call, row.columns), called))
        elif made.change in (Change.SET_NOT_NULL, Change.DROP_NOT_NULL) and names:
            nullable = made.change is Change.DROP_NOT_NULL
            yield replace(made, name=names[0], columns=(SchemaColumn(names[0], nullable=nullable),))

    # Places

    def _called(self, row: Alters, table: str, columns: Sequence[str]) -> str:
        """How the library calls what the call gives no name."""
        if "{" not in row.called or not table or not all(columns):
            return ""
        return row.called.replace("{table}", table).replace("{columns}", "_".join(columns)).lower()

    def _text(self, call: Site, at: str) -> str:
        return self.reading.string(self.reading.argument(call, at)) if at else ""

    def _names(self, call: Site, at: str) -> tuple[str, ...]:
        """The texts at a slot: one, those of the list there, or of several arguments."""
        found: list[str] = []
        for site in find(self.reading.evaluator, at, call).sites if at else ():
            several = self.reading.strings(site)
            found += several or (self.reading.string(site),)
        return tuple(found)


def _site(step: Step) -> Site:
    return Site(step.path, step.node, step.context, step.when)
