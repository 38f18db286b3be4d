"""What the functions of `alembic.op` do to the schema, and how SQLAlchemy writes columns and keys."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.schema import OF_COLUMN, UNSAID, Change, Index, Key, Operation, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, keywords, positional
from dblint.link.migrations.alembic_columns import CONSTRAINTS, Columns
from dblint.link.migrations.hosts import Reading
from dblint.link.values import BoundMember, ExternalValue, LibraryFunction, options

MODULE = "alembic.op."
BATCH = "alembic:BatchOperations"


class Shape(msgspec.Struct, frozen=True):
    """How an operation is written. Slots are those of `op`; in a batch the table's slot is left out."""

    change: Change
    table: str = ""
    name: str = ""
    kind: str = ""
    columns: str = ""


OPERATIONS: Mapping[str, Shape] = {
    "create_table": Shape(Change.CREATE_TABLE, "0|table_name"),
    "drop_table": Shape(Change.DROP_TABLE, "0|table_name"),
    "rename_table": Shape(Change.RENAME_TABLE, "0|old_table_name", "1|new_table_name"),
    "add_column": Shape(Change.ADD_COLUMN, "0|table_name", "1|column"),
    "drop_column": Shape(Change.DROP_COLUMN, "0|table_name", "1|column_name"),
    "alter_column": Shape(Change.ALTER_TYPE, "0|table_name", "1|column_name"),
    "create_index": Shape(Change.CREATE_INDEX, "1|table_name", "0|index_name", columns="2|columns"),
    "drop_index": Shape(Change.DROP_INDEX, "1|table_name", "0|index_name"),
    "create_foreign_key": Shape(Change.ADD_KEY, "1|source_table", "0|constraint_name", "foreign", "3|local_cols"),
    "create_unique_constraint": Shape(Change.ADD_KEY, "1|table_name", "0|constraint_name", "unique", "2|columns"),
    "create_primary_key": Shape(Change.ADD_KEY, "1|table_name", "0|constraint_name", "primary", "2|columns"),
    "create_check_constraint": Shape(Change.ADD_KEY, "1|table_name", "0|constraint_name", "check"),
    "create_exclude_constraint": Shape(Change.ADD_KEY, "1|table_name", "0|constraint_name", "exclude"),
    "drop_constraint": Shape(Change.DROP_KEY, "1|table_name", "0|constraint_name"),
    "bulk_insert": Shape(Change.DATA),
}


class Operations:
    """Reads calls of `alembic.op` and of a batch."""

    def __init__(self, reading: Reading, dialect: str) -> None:
        self.reading = reading
        self.dialect = dialect
        self.columns = Columns(reading, dialect)

    def of(self, call: Site) -> list[Operation]:
        """What a call does to the schema; nothing for calls of anything else."""
        word, batch = self._called(call)
        shape = OPERATIONS.get(word)
        if shape is None:
            return []
        table = self._table(batch) if batch else self._name(self._slot(call, shape.table, ""))
        skipped = shape.table if batch else ""
        made = Operation(
            shape.change,
            table,
            self.reading.string(self.reading.argument(batch or call, "schema|source_schema")),
            place=self.reading.place(call),
            dialect=self.dialect,
            if_exists=self.reading.true(self.reading.argument(call, "if_exists")),
            if_not_exists=self.reading.true(self.reading.argument(call, "if_not_exists")),
        )
        target = self._slot(call, shape.name, skipped)
        if shape.change is Change.CREATE_TABLE:
            return self._create_table(call, made)
        if shape.change is Change.DROP_TABLE:
            return [replace(made, name=table)]
        if shape.change is Change.ADD_COLUMN:
            return self._add_column(target, made)
        if shape.change is Change.DROP_COLUMN:
            name = self._name(target)
            return [replace(made, name=name, columns=(SchemaColumn(name),))]
        if shape.change is Change.ALTER_TYPE:
            return self._alter_column(call, self._name(target), made)
        name = self._name(target)
        if shape.change in (Change.CREATE_INDEX, Change.DROP_INDEX):
            concurrent, said = self._concurrent(call)
            columns = self._slot(call, shape.columns, skipped)
            index = self._index(call, name, columns) if shape.change is Change.CREATE_INDEX else Index(name, ())
            return [replace(made, name=name, index=index, concurrent=concurrent, options=() if said else (UNSAID,))]
        if shape.change is Change.ADD_KEY:
            key = self._added_key(call, shape, name, skipped)
            not_valid = self.reading.true(self.reading.argument(call, "postgresql_not_valid"))
            return [replace(made, name=name, key=key, not_valid=not_valid)]
        if shape.change is Change.DROP_KEY:
            kind = self.reading.string(self.reading.argument(call, "type_" if batch else "2|type_"))
            return [replace(made, name=name, key=Key({"foreignkey": "foreign"}.get(kind, kind), (), name))]
        return [replace(made, name=name)]

    def _concurrent(self, call: Site) -> tuple[bool, bool]:
        """Whether an index is built concurrently, and whether that can be said."""
        given = self.reading.argument(call, "postgresql_concurrently")
        if given is None:
            return False, not keywords(self.reading.evaluator, call)[1]
        word = self.reading.constant(given)
        return word == "true", word != ""

    def _called(self, call: Site) -> tuple[str, Site | None]:
        """The operation's name, and the batch whose method it is."""
        evaluator = self.reading.evaluator
        callee = self.reading.callee(call)
        for option in options(evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, (ExternalValue, LibraryFunction)) and option.path.startswith(MODULE):
                return option.path.removeprefix(MODULE), None
            if isinstance(option, BoundMember) and option.owner == BATCH:
                return option.name, self._batch(callee)
        return "", None

    def _batch(self, callee: Site) -> Site | None:
        """The `batch_alter_table(…)` that a method's receiver was bound to."""
        tree = self.reading.evaluator.tree(callee.path)
        owner = tree.child(callee.node, Role.OBJECT)
        if owner < 0 or tree.kinds[owner] != Kind.NAME:
            return None
        for parent in tree.ancestors(callee.node):
            if tree.kinds[parent] != Kind.WITH:
                continue
            for item in tree.with_role(parent, Role.ITEM):
                target, value = tree.child(item, Role.TARGET), tree.child(item, Role.VALUE)
                if target >= 0 and value >= 0 and tree.value(target) == tree.value(owner):
                    return Site(callee.path, value, callee.context)
        return None

    def _table(self, batch: Site) -> str:
        return self._name(self.reading.argument(batch, "0|table_name"))

    def _slot(self, call: Site, at: str, skipped: str) -> Site | None:
        """What stands at a slot; positions behind the table's are one lower in a batch."""
        if not at:
            return None
        position, _, keyword = at.partition("|")
        if skipped and int(position) > int(skipped.partition("|")[0]):
            position = str(int(position) - 1)
        return self.reading.argument(call, f"{position}|{keyword}")

    def _name(self, site: Site | None) -> str:
        return self.reading.string(site)

    # Columns

    def _create_table(self, call: Site, made: Operation) -> list[Operation]:
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        primary: list[str] = []
        complete = True
        sites = [
            Site(call.path, node, call.context)
            for node, spread in positional(self.reading.evaluator, call)
            if not spread
        ]
        complete = len(sites) == sum(1 for _ in positional(self.reading.evaluator, call))
        for site in sites[1:]:
            word = self.columns.word(site)
            if word == "Column":
                column, own, index, first = self.columns.column(site, made.table)
                columns.append(column)
                keys += own
                indexes += [index] if index is not None else []
                primary += [column.name] if first else []
                complete = complete and bool(column.name)
            elif word in CONSTRAINTS:
                keys.append(self.columns.constraint(site, CONSTRAINTS[word]))
            elif word == "Index":
                indexes.append(self.columns.table_index(site))
            else:
                complete = False
        if primary and not any(key.kind == "primary" for key in keys):
            keys.insert(0, Key("primary", tuple(primary)))
        definition = Table(
            made.table,
            made.schema,
            origin="migration",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=complete,
            place=made.place,
        )
        return [replace(made, columns=tuple(columns), definition=definition)]

    def _add_column(self, site: Site | None, made: Operation) -> list[Operation]:
        if site is None:
            return [made]
        site = self.columns.constructed(site)
        column, keys, index, _ = self.columns.column(site, made.table)
        operations = [replace(made, name=column.name, columns=(column,))]
        added = replace(made, if_not_exists=False)
        operations += [replace(added, change=Change.ADD_KEY, name=key.name, key=key) for key in keys]
        if index is not None:
            made = replace(added, change=Change.CREATE_INDEX, name=index.name, index=index, options=OF_COLUMN)
            operations.append(made)
        return operations

    def _alter_column(self, call: Site, column: str, made: Operation) -> list[Operation]:
        """One operation for each property that changes."""
        reading = self.reading
        found: list[Operation] = []

        def changed(change: Change, after: SchemaColumn) -> None:
            found.append(replace(made, change=change, name=column, columns=(after,)))

        if (kind := reading.argument(call, "type_")) is not None:
            changed(Change.ALTER_TYPE, SchemaColumn(column, self.columns.kind(kind)))
        if (nullable := reading.argument(call, "nullable")) is not None:
            word = reading.constant(nullable)
            if word in ("true", "false"):
                change = Change.DROP_NOT_NULL if word == "true" else Change.SET_NOT_NULL
                changed(change, SchemaColumn(column, nullable=word == "true"))
        if (default := reading.argument(call, "server_default")) is not None:
            dropped = reading.constant(default) in ("null", "false")
            text = self.columns.default(default)
            change = Change.DROP_DEFAULT if dropped else Change.SET_DEFAULT
            changed(
                change, SchemaColumn(column, default="" if dropped else text, default_by="" if dropped else "database")
            )
        if (name := reading.argument(call, "new_column_name|name")) is not None:
            new = reading.string(name)
            found.append(replace(made, change=Change.RENAME_COLUMN, name=new, columns=(SchemaColumn(column),)))
        return found or [replace(made, change=Change.OTHER, name="alter column", columns=(SchemaColumn(column),))]

    # Keys and indexes

    def _added_key(self, call: Site, shape: Shape, name: str, skipped: str) -> Key:
        reading = self.reading
        columns = reading.strings(self._slot(call, shape.columns, skipped))
        place = reading.place(call)
        if shape.kind == "foreign":
            return Key(
                "foreign",
                columns,
                name,
                self._name(self._slot(call, "2|referent_table", skipped)),
                reading.strings(self._slot(call, "4|remote_cols", skipped)),
                on_delete=reading.string(reading.argument(call, "ondelete")).lower(),
                on_update=reading.string(reading.argument(call, "onupdate")).lower(),
                place=place,
            )
        condition = self._slot(call, "2|condition", skipped) if shape.kind == "check" else None
        return Key(shape.kind, columns, name, place=place, expression=reading.string(condition))

    def _index(self, call: Site, name: str, columns: Site | None) -> Index:
        reading = self.reading
        return Index(
            name,
            tuple(self.columns.index_column(element) for element in reading.elements(columns)),
            reading.true(reading.argument(call, "unique|3")),
            method=reading.string(reading.argument(call, "postgresql_using|mysql_using")).lower(),
            predicate=self._shown(reading.argument(call, "postgresql_where|sqlite_where")),
            include=reading.strings(reading.argument(call, "postgresql_include")),
            place=reading.place(call),
        )

    def _shown(self, site: Site | None) -> str:
        """A condition as far as its text is known; "?" for one that is built otherwise."""
        if site is None or self.reading.constant(site) == "null":
            return ""
        return self.reading.string(site) or "?"
