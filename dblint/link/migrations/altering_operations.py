"""What a call changes of a schema of which a table says so (`alters`)."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from dblint.facts.schema import OF_COLUMN, Change, Index, IndexColumn, Key, Operation, SchemaColumn, Table
from dblint.libraries.migrating import Alters
from dblint.link.arguments import Site, entries, find
from dblint.link.migrations.hosts import Reading
from dblint.link.model_readers.called_fields import CalledFields, Field
from dblint.link.model_readers.shared import Surroundings, sized


class Models(msgspec.Struct):
    """What the migrations of one chain have made so far: the tables of models, and the columns of their fields."""

    tables: dict[str, str] = msgspec.field(default_factory=dict)
    columns: dict[tuple[str, str], str] = msgspec.field(default_factory=dict)

    def table(self, model: str) -> str:
        """The table of a model; one that no migration made is called as it is."""
        return self.tables.get(model, model.lower())

    def column(self, model: str, name: str) -> str:
        """The column of a field; a field that is not known is called as its column."""
        return self.columns.get((model, name), name)


class Altered:
    """Reads single calls."""

    def __init__(self, reading: Reading, dialect: str, models: Models) -> None:
        self.reading = reading
        self.dialect = dialect
        self.models = models
        self.fields = CalledFields(Surroundings(reading, dialect))

    def of(self, call: Site, row: Alters) -> list[Operation]:
        """What a call changes."""
        change = Change(row.change)
        model = self._text(call, row.model)
        table = self.models.table(model) if row.model else self._text(call, row.table)
        schema, _, table = table.rpartition(".")
        made = Operation(change, table, schema, place=self.reading.place(call), dialect=self.dialect)
        name = self._text(call, row.name)
        if change is Change.CREATE_TABLE:
            return [self._create(call, row, model, made)]
        if change is Change.DROP_TABLE:
            return [replace(made, name=table)]
        if change is Change.RENAME_TABLE:
            return self._rename_table(model, name, made, modelled=bool(row.model))
        if change is Change.RENAME_COLUMN:
            old = self.models.column(model, self._text(call, row.old))
            if row.model:
                self.models.columns.pop((model, self._text(call, row.old)), None)
            return [replace(made, name=name, columns=(SchemaColumn(old),))]
        if change is Change.DROP_COLUMN:
            column = self.models.column(model, name)
            return [replace(made, name=column, columns=(SchemaColumn(column),))]
        if change in (Change.ADD_COLUMN, Change.ALTER_TYPE):
            return self._column(call, row, model, name, made)
        if change in (Change.SET_NOT_NULL, Change.DROP_NOT_NULL, Change.SET_DEFAULT, Change.DROP_DEFAULT):
            nullable = None if "default" in row.change else change is Change.DROP_NOT_NULL
            return [replace(made, name=name, columns=(SchemaColumn(name, nullable=nullable),))]
        if change is Change.CREATE_INDEX:
            return [self._index(call, row, model, made)]
        if change in (Change.DROP_INDEX, Change.RENAME_INDEX):
            return [replace(made, name=name, index=Index(self._text(call, row.old) or name, ()))]
        if change is Change.ADD_KEY:
            return [self._key(call, row, model, name, made)]
        if change is Change.DROP_KEY:
            return [replace(made, name=name, key=Key(row.kind, (), name))]
        return [replace(made, name="run code", options=(("data", ""),), words=self._words(call))]

    def _words(self, call: Site) -> frozenset[str]:
        code = self.reading.argument(call, "0")
        return self.reading.words(code) if code is not None else frozenset()

    def _text(self, call: Site, at: str) -> str:
        return self.reading.string(self.reading.argument(call, at)) if at else ""

    def _names(self, call: Site, at: str) -> tuple[str, ...]:
        """The texts at a slot: of the list there, or of several arguments."""
        sites = find(self.reading.evaluator, at, call).sites if at else ()
        if at.endswith("+"):
            return tuple(self.reading.string(site) for site in sites)
        return self.reading.strings(sites[0]) if sites else ()

    # Columns

    def _column(self, call: Site, row: Alters, model: str, name: str, made: Operation) -> list[Operation]:
        site = self.reading.argument(call, row.field)
        item = self.fields.called(name, site) if site is not None and self.reading.is_call(site) else None
        if item is None:
            return [replace(made, name=name, columns=(SchemaColumn(name),))]
        if row.model:
            name = self._named(model, item)
        if item.kind == "many-to-many":
            return []  # a table of its own
        column = self._made(item, name)
        if made.change is not Change.ADD_COLUMN:
            return [replace(made, name=name, columns=(column,))]
        operations = [replace(made, name=name, columns=(column,))]
        unique = bool(self.fields.flag(item, "unique"))
        if unique and row.model:
            key = Key("unique", (name,), place=item.place)
            operations.append(replace(made, change=Change.ADD_KEY, key=key))
        elif not row.model and (unique or self._indexed(item)):
            index = Index("", (IndexColumn(name),), unique, place=item.place)
            operations.append(replace(made, change=Change.CREATE_INDEX, index=index, options=OF_COLUMN))
        return operations

    def _indexed(self, item: Field) -> bool:
        said = self.fields.flag(item, "index", "db_index")
        return bool(said) or (item.row.indexed and not ({"index", "db_index"} & item.given.keys()))

    def _named(self, model: str, item: Field) -> str:
        """The column of a model's field."""
        own = f"{item.name}_id" if item.relation else item.name
        name = self.reading.string(item.given.get("source_field")) or own
        self.models.columns[model, item.name] = name
        return name

    def _made(self, item: Field, name: str) -> SchemaColumn:
        default, by = "", ""
        if "db_default" in item.given:
            default, by = self.reading.source(item.given["db_default"]), "database"
        elif "default" in item.given:
            default, by = self.reading.source(item.given["default"]), "client"
        column, word = item.row.column, ""
        if column is not None and not item.relation:
            word = sized(self.reading, column, lambda slot: self.reading.argument(item.site, slot), self.dialect)
        key = self.fields.flag(item, "primary_key", "pk")
        nullable = False if key else self.fields.flag(item, "null")
        return SchemaColumn(name, word, nullable, default=default, attribute=item.name, default_by=by, place=item.place)

    # Tables

    def _create(self, call: Site, row: Alters, model: str, made: Operation) -> Operation:
        given: dict[str, Site] = {}
        options_site = self.reading.argument(call, row.options)
        if options_site is not None:
            given = dict(entries(self.reading.evaluator, options_site)[0])
        table = self.reading.string(given.get("table")) or model.lower()
        self.models.tables[model] = table
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        listed = self.reading.elements(self.reading.argument(call, row.fields))
        complete = bool(listed)
        for pair in listed:
            parts = self.reading.elements(pair)
            name = self.reading.string(parts[0]) if len(parts) == 2 else ""
            item = self.fields.called(name, parts[1]) if name and self.reading.is_call(parts[1]) else None
            if item is None:
                complete = False
            elif item.kind in ("column", "to-one", "one-to-one"):
                columns.append(self._made(item, self._named(model, item)))
                own = (columns[-1].name,)
                if self.fields.flag(item, "primary_key", "pk"):
                    keys.append(Key("primary", own, place=item.place))
                elif self.fields.flag(item, "unique") or item.kind == "one-to-one":
                    keys.append(Key("unique", own, place=item.place))
                elif self._indexed(item):
                    indexes.append(Index("", (IndexColumn(own[0]),), place=item.place))
                if item.relation:
                    to = self.reading.argument(item.site, "0") or item.given.get("to")
                    target = self.models.table(self.reading.string(to).rpartition(".")[2])
                    keys.append(Key("foreign", own, "", target, place=item.place))
        indexes += [self._of_fields(element, model) for element in self.reading.elements(given.get("indexes"))]
        for element in self.reading.elements(given.get("unique_together")):
            names = self.reading.strings(element)
            complete = complete and bool(names) and all(names)
            keys.append(Key("unique", tuple(self.models.column(model, name) for name in names)))
        definition = Table(
            table,
            made.schema,
            origin="migration",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=complete and "constraints" not in given,
            place=made.place,
        )
        return replace(made, table=table, columns=tuple(columns), definition=definition)

    def _rename_table(self, model: str, name: str, made: Operation, *, modelled: bool) -> list[Operation]:
        if not modelled:
            return [replace(made, name=name)]
        before = self.models.tables.pop(model, "")
        for (owner, field), column in list(self.models.columns.items()):
            if owner == model:
                self.models.columns[name, field] = column
        if before and before != model.lower():
            self.models.tables[name] = before  # its table has a name of its own
            return []
        return [replace(made, name=name.lower())]

    # Indexes and keys

    def _of_fields(self, site: Site, model: str) -> Index:
        """The index that an object, or a list of fields, is."""
        reading = self.reading
        call = reading.is_call(site)
        names = reading.strings(reading.argument(site, "fields") if call else site)
        return Index(
            reading.string(reading.argument(site, "name")) if call else "",
            tuple(IndexColumn(self.models.column(model, name)) for name in names),
            predicate="?" if call and reading.argument(site, "condition") is not None else "",
            place=reading.place(site),
        )

    def _index(self, call: Site, row: Alters, model: str, made: Operation) -> Operation:
        if row.field:
            site = self.reading.argument(call, row.field)
            index = self._of_fields(site, model) if site is not None else Index("", ())
            return replace(made, name=index.name, index=index)
        unique = self.reading.true(self.reading.argument(call, row.unique)) if row.unique else False
        columns = tuple(IndexColumn(name) for name in self._names(call, row.columns))
        return replace(made, index=Index(self._text(call, "name"), columns, unique, place=made.place))

    def _key(self, call: Site, row: Alters, model: str, name: str, made: Operation) -> Operation:
        if row.field:
            site = self.reading.argument(call, row.field)
            names = self.reading.strings(self.reading.argument(site, "fields|0")) if site is not None else ()
            kind = "unique" if names else "check"
            columns = tuple(self.models.column(model, each) for each in names)
            name = self.reading.string(self.reading.argument(site, "name|1")) if site is not None else ""
            return replace(made, name=name, key=Key(kind, columns, name, place=made.place))
        return replace(made, name=name, key=Key(row.kind, self._names(call, row.columns), name, place=made.place))
