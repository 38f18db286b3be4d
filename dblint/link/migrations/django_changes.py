"""What an operation of a Django migration changes: models, fields, indexes and constraints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from dblint.facts.schema import (
    OF_COLUMN,
    OF_CONSTRAINT,
    OF_UNIQUE,
    Change,
    Index,
    IndexColumn,
    Key,
    Operation,
    SchemaColumn,
    Table,
)
from dblint.link.arguments import Site, entries
from dblint.link.migrations.django_indexes import Indexes
from dblint.link.migrations.django_state import Field, Fields, Model, State
from dblint.link.migrations.hosts import Reading

NAMES: Mapping[str, str] = {
    "CreateModel": "create_model",
    "DeleteModel": "delete_model",
    "RenameModel": "rename_model",
    "AlterModelTable": "alter_table",
    "AddField": "add_field",
    "RemoveField": "remove_field",
    "AlterField": "alter_field",
    "RenameField": "rename_field",
    "AddIndex": "add_index",
    "AddIndexConcurrently": "add_index",
    "RemoveIndex": "remove_index",
    "RemoveIndexConcurrently": "remove_index",
    "RenameIndex": "rename_index",
    "AddConstraint": "add_constraint",
    "AddConstraintNotValid": "add_constraint",
    "ValidateConstraint": "validate_constraint",
    "RemoveConstraint": "remove_constraint",
    "AlterUniqueTogether": "alter_unique_together",
    "AlterIndexTogether": "alter_index_together",
}
"""Operation → the method that reads it."""
CONCURRENT = frozenset({"AddIndexConcurrently", "RemoveIndexConcurrently"})
NOT_VALID = frozenset({"AddConstraintNotValid"})


class Changes:
    """Reads single operations, against the models as they are by then, and changes these."""

    def __init__(self, reading: Reading, state: State, label: str, dialect: str) -> None:
        self.reading = reading
        self.state = state
        self.label = label
        self.dialect = dialect
        self.fields = Fields(reading, state, dialect)
        self.indexes = Indexes(reading)
        self.readers: dict[str, Callable[[Site, str], list[Operation]]] = {
            word: getattr(self, f"_{method}") for word, method in NAMES.items()
        }

    # Models

    def _made(self, site: Site, change: Change, table: str, name: str = "") -> Operation:
        return Operation(change, table, name=name, place=self.reading.place(site), dialect=self.dialect)

    def _model(self, site: Site, at: str = "0|model_name") -> Model:
        return self.state.model(self.label, self.reading.string(self.reading.argument(site, at)))

    def _create_model(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002 - readers are called alike
        reading = self.reading
        name = reading.string(reading.argument(site, "0|name"))
        options = reading.argument(site, "2|options")
        given = dict(entries(reading.evaluator, options)[0]) if options is not None else {}
        table = reading.string(given.get("db_table"))
        model = Model(self.label, name, table or f"{self.label}_{name.lower()}", bool(table))
        proxy = reading.true(given.get("proxy"))
        model.managed = reading.constant(given.get("managed")) != "false" and not proxy
        if proxy:
            bases = reading.strings(reading.argument(site, "3|bases"))
            model.table = self.state.table(bases[0].lower()) or model.table if bases else model.table
        self.state.models[self.label, name.lower()] = model
        listed = reading.elements(reading.argument(site, "1|fields"))
        for pair in listed:
            parts = reading.elements(pair)
            if len(parts) == 2:
                field = self.fields.read(parts[1], reading.string(parts[0]), self.label, name)
                model.fields[field.name] = field
        model.unique_together = self.indexes.groups(given.get("unique_together"))
        model.index_together = self.indexes.groups(given.get("index_together"))
        if not model.managed:
            return []
        if not model.managed:
            return []
        read = len(model.fields) == len(listed) and all(field.kind for field in model.fields.values())
        if listed and read and not any(field.primary for field in model.fields.values()):
            key = self.fields.added_key(site, self.label)
            model.fields = {key.name: key, **model.fields}
        made = self._made(site, Change.CREATE_TABLE, model.table)
        definition = self._definition(made, model, given, bool(listed) and read)
        operations = [replace(made, columns=definition.columns, definition=definition)]
        for field in model.fields.values():
            operations += self._joining(site, model, field)
        return operations

    def _definition(self, made: Operation, model: Model, given: Mapping[str, Site], known: bool) -> Table:
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        for field in model.fields.values():
            if field.many or field.virtual:
                continue
            columns.append(field.column)
            keys += self.fields.keys(field)
            index = self.fields.index(field)
            indexes += [index] if index is not None else []
        keys += [Key("unique", model.columns(group)) for group in model.unique_together]
        indexes += [
            Index("", tuple(IndexColumn(name) for name in model.columns(group))) for group in model.index_together
        ]
        indexes += [self.indexes.index(site, model) for site in self.reading.elements(given.get("indexes"))]
        for site in self.reading.elements(given.get("constraints")):
            constraint = self.indexes.constraint(site, model)
            if isinstance(constraint, Key):
                keys.append(constraint)
            else:
                indexes.append(constraint)
        return Table(
            model.table,
            model=model.name,
            origin="migration",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=known and all(column.name for column in columns),
            place=made.place,
        )

    def _joining(self, site: Site, model: Model, field: Field) -> list[Operation]:
        table = self.fields.joining(model, field)
        if table is None:
            return []
        made = self._made(site, Change.CREATE_TABLE, table.name)
        return [replace(made, columns=table.columns, definition=table)]

    def _delete_model(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site, "0|name")
        self.state.models.pop((self.label, model.name.lower()), None)
        if not model.managed:
            return []
        dropped = [self._made(site, Change.DROP_TABLE, model.table, model.table)]
        for field in model.fields.values():
            table = self.fields.joining(model, field)
            dropped += [self._made(site, Change.DROP_TABLE, table.name, table.name)] if table is not None else []
        return dropped

    def _joins(self, model: Model) -> dict[str, Table]:
        """The tables of a model's many-to-many relations, by field."""
        tables = {name: self.fields.joining(model, field) for name, field in model.fields.items()}
        return {name: table for name, table in tables.items() if table is not None}

    def _renamed_joins(self, site: Site, model: Model, before: Mapping[str, Table]) -> list[Operation]:
        """What changes in those tables that are named after the model."""
        found: list[Operation] = []
        for name, after in self._joins(model).items():
            old = before[name]
            if old.name != after.name:
                found.append(self._made(site, Change.RENAME_TABLE, old.name, after.name))
            for one, other in zip(old.columns, after.columns, strict=True):
                if one.name != other.name:
                    made = self._made(site, Change.RENAME_COLUMN, after.name, other.name)
                    found.append(replace(made, columns=(SchemaColumn(one.name),)))
        return found

    def _rename_model(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site, "0|old_name")
        joins = self._joins(model)
        new = self.reading.string(self.reading.argument(site, "1|new_name"))
        self.state.models.pop((self.label, model.name.lower()), None)
        before = model.table
        model.name = new
        if not model.named:
            model.table = f"{self.label}_{new.lower()}"
        self.state.models[self.label, new.lower()] = model
        if not model.managed:
            return []
        renamed = [self._made(site, Change.RENAME_TABLE, before, model.table)] if model.table != before else []
        return [*renamed, *self._renamed_joins(site, model, joins)]

    def _alter_table(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site, "0|name")
        before, joins = model.table, self._joins(model)
        table = self.reading.string(self.reading.argument(site, "1|table"))
        model.named = bool(table)
        model.table = table or f"{self.label}_{model.name.lower()}"
        if model.table == before:
            return []
        return [
            self._made(site, Change.RENAME_TABLE, before, model.table),
            *self._renamed_joins(site, model, joins),
        ]

    # Fields

    def _field(self, site: Site, model: Model) -> Field:
        name = self.reading.string(self.reading.argument(site, "1|name"))
        return self.fields.read(self.reading.argument(site, "2|field"), name, self.label, model.name)

    def _add_field(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site)
        field = self._field(site, model)
        model.fields[field.name] = field
        if not model.managed or field.virtual:
            return []
        if field.many:
            return self._joining(site, model, field)
        added = self._made(site, Change.ADD_COLUMN, model.table, field.column.name)
        return [replace(added, columns=(field.column,)), *self._kept_for(site, model, field)]

    def _kept_for(self, site: Site, model: Model, field: Field) -> list[Operation]:
        """The keys and the index of a field on a table that is there already: the index is built over all of
        its rows, while they are locked, however empty the column is."""
        operations = [
            replace(self._made(site, Change.ADD_KEY, model.table, key.name), key=key) for key in self.fields.keys(field)
        ]
        index = self.fields.index(field)
        if index is not None:
            made = self._made(site, Change.CREATE_INDEX, model.table)
            operations.append(replace(made, index=index, options=OF_COLUMN))
        return operations + self._pattern_index(site, model, field)

    def _pattern_index(self, site: Site, model: Model, field: Field) -> list[Operation]:
        index = self.fields.pattern_index(field)
        made = self._made(site, Change.CREATE_INDEX, model.table)
        options = OF_COLUMN if field.indexed else OF_UNIQUE
        return [replace(made, index=index, options=options)] if index is not None else []

    def _remove_field(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site)
        name = self.reading.string(self.reading.argument(site, "1|name"))
        field = model.fields.pop(name, None)
        if not model.managed or (field is not None and field.virtual):
            return []
        table = self.fields.joining(model, field) if field is not None else None
        if field is not None and field.many:
            return [self._made(site, Change.DROP_TABLE, table.name, table.name)] if table is not None else []
        column = field.column.name if field is not None else name
        dropped = self._made(site, Change.DROP_COLUMN, model.table, column)
        return [replace(dropped, columns=(SchemaColumn(column, attribute=name),))]

    def _rename_field(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site)
        old = self.reading.string(self.reading.argument(site, "1|old_name"))
        new = self.reading.string(self.reading.argument(site, "2|new_name"))
        field = model.fields.pop(old, None)
        before, after = old, new
        if field is not None:
            before = field.column.name
            derived = {old: new, f"{old}_id": f"{new}_id"}
            after = derived.get(before, before)
            column = replace(field.column, name=after, attribute=new)
            model.fields[new] = replace(field, name=new, column=column)
            if field.many and model.managed:
                tables = [self.fields.joining(model, each) for each in (field, model.fields[new])]
                one, other = tables[0], tables[1]
                if one is None or other is None or one.name == other.name:
                    return []
                return [self._made(site, Change.RENAME_TABLE, one.name, other.name)]
            if field.many or field.virtual:
                return []
        if not model.managed or before == after:
            return []
        return [replace(self._made(site, Change.RENAME_COLUMN, model.table, after), columns=(SchemaColumn(before),))]

    def _alter_field(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        """Only what changes for the database; labels, choices and validators are Django's own."""
        model = self._model(site)
        after = self._field(site, model)
        before = model.fields.get(after.name)
        model.fields[after.name] = after
        if not model.managed or after.many or after.virtual:
            return []
        made = self._made(site, Change.OTHER, model.table, after.column.name)
        made = replace(made, columns=(after.column,))
        if before is None:
            return [replace(made, name="alter column")]
        found: list[Operation] = []
        if before.column.name != after.column.name:
            renamed = replace(made, change=Change.RENAME_COLUMN, columns=(SchemaColumn(before.column.name),))
            found.append(renamed)
        if before.column.type != after.column.type or (before.kind != after.kind and not after.column.type):
            if before.target != after.target or not (before.relation and after.relation):
                found.append(replace(made, change=Change.ALTER_TYPE))
        if before.column.nullable != after.column.nullable:
            change = Change.DROP_NOT_NULL if after.column.nullable else Change.SET_NOT_NULL
            found.append(replace(made, change=change))
        if (before.column.default_by == "database") != (after.column.default_by == "database"):
            gained = after.column.default_by == "database"
            found.append(replace(made, change=Change.SET_DEFAULT if gained else Change.DROP_DEFAULT))
        plain = replace(made, columns=())
        kept = {(key.kind, key.target) for key in self.fields.keys(before)}
        new = {(key.kind, key.target) for key in self.fields.keys(after)}
        found += [
            replace(plain, change=Change.ADD_KEY, name="", key=key)
            for key in self.fields.keys(after)
            if (key.kind, key.target) not in kept
        ]
        found += [
            replace(plain, change=Change.DROP_KEY, name="", key=key)
            for key in self.fields.keys(before)
            if (key.kind, key.target) not in new
        ]
        if after.indexed and not before.indexed:
            index = self.fields.index(after)
            found.append(replace(plain, change=Change.CREATE_INDEX, name="", index=index, options=OF_COLUMN))
        if (after.unique or (after.indexed and not before.indexed)) and not before.unique:
            found += self._pattern_index(site, model, after)
        if before.indexed and not after.indexed:
            found.append(replace(plain, change=Change.DROP_INDEX, name="", index=self.fields.index(before)))
        return found

    # Indexes and constraints

    def _add_index(self, site: Site, word: str) -> list[Operation]:
        model = self._model(site)
        written = self.reading.argument(site, "1|index")
        index = self.indexes.index(written, model) if written is not None else Index("", ())
        made = self._made(site, Change.CREATE_INDEX, model.table, index.name)
        return [replace(made, index=index, concurrent=word in CONCURRENT)]

    def _remove_index(self, site: Site, word: str) -> list[Operation]:
        model = self._model(site)
        name = self.reading.string(self.reading.argument(site, "1|name"))
        made = self._made(site, Change.DROP_INDEX, model.table, name)
        return [replace(made, index=Index(name, ()), concurrent=word in CONCURRENT)]

    def _rename_index(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site)
        new = self.reading.string(self.reading.argument(site, "1|new_name"))
        old = self.reading.string(self.reading.argument(site, "2|old_name"))
        fields = self.reading.strings(self.reading.argument(site, "3|old_fields"))
        index = Index(old, tuple(IndexColumn(name) for name in model.columns(fields)))
        return [replace(self._made(site, Change.RENAME_INDEX, model.table, new), index=index)]

    def _add_constraint(self, site: Site, word: str) -> list[Operation]:
        model = self._model(site)
        written = self.reading.argument(site, "1|constraint")
        constraint = self.indexes.constraint(written, model) if written is not None else Key("", ())
        made = self._made(site, Change.ADD_KEY, model.table, constraint.name)
        if isinstance(constraint, Index):
            # A unique constraint with a condition or an expression is an index for the database.
            return [replace(made, change=Change.CREATE_INDEX, index=constraint, options=OF_CONSTRAINT)]
        return [replace(made, key=constraint, not_valid=word in NOT_VALID)]

    def _validate_constraint(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        return [self._named_key(site, Change.VALIDATE_KEY)]

    def _remove_constraint(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        return [self._named_key(site, Change.DROP_KEY)]

    def _named_key(self, site: Site, change: Change) -> Operation:
        model = self._model(site)
        name = self.reading.string(self.reading.argument(site, "1|name"))
        return replace(self._made(site, change, model.table, name), key=Key("", (), name))

    def _alter_unique_together(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site, "0|name")
        before, after = model.unique_together, self.indexes.groups(self.reading.argument(site, "1|unique_together"))
        model.unique_together = after
        if not model.managed:
            return []
        made = self._made(site, Change.ADD_KEY, model.table)
        added = [Key("unique", model.columns(group)) for group in after if group not in before]
        dropped = [Key("unique", model.columns(group)) for group in before if group not in after]
        return [
            *(replace(made, change=Change.DROP_KEY, key=key) for key in dropped),
            *(replace(made, key=key) for key in added),
        ]

    def _alter_index_together(self, site: Site, word: str) -> list[Operation]:  # noqa: ARG002
        model = self._model(site, "0|name")
        before, after = model.index_together, self.indexes.groups(self.reading.argument(site, "1|index_together"))
        model.index_together = after
        if not model.managed:
            return []
        made = self._made(site, Change.CREATE_INDEX, model.table)

        def index(group: tuple[str, ...]) -> Index:
            return Index("", tuple(IndexColumn(name) for name in model.columns(group)))

        return [
            *(replace(made, change=Change.DROP_INDEX, index=index(group)) for group in before if group not in after),
            *(replace(made, index=index(group)) for group in after if group not in before),
        ]
