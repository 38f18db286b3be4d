"""Operations in their order to the tables that they leave behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from dblint.facts.schema import Change, Index, Key, Operation, SchemaColumn, Table

__all__ = ["Folding", "fold"]

_DEFAULT_SCHEMAS = frozenset({"", "public", "dbo", "main"})


def fold(operations: Iterable[Operation], tables: Mapping[str, Table] | None = None) -> dict[str, Table]:
    """The catalogue after the operations, starting from `tables`.

    Keys are table names in lower case; a table whose name another schema has already is `schema.name`.
    Operations on tables that are not known are passed over; temporary tables are left out.
    """
    folding = Folding(dict(tables or {}))
    for operation in operations:
        folding.apply(operation)
    return folding.tables


class Folding:
    """The tables so far. `renamed`: what tables were called before → what they are called now."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables
        self.enums: dict[str, tuple[str, ...]] = {}
        self.renamed: dict[str, str] = {}

    def maybe(self, operation: Operation) -> None:
        """One operation that is not always run: what it makes is there afterwards, for such a condition asks
        whether it is there already; what it takes away stays. Either way not all is known of the table."""
        change = operation.change
        if change is Change.CREATE_TABLE or change is Change.CREATE_VIEW:
            definition = operation.definition
            if definition is not None and self.key(definition.name, definition.schema) not in self.tables:
                self.apply(operation)
        elif change not in _REMOVALS:
            self.apply(operation)
        self.doubt(operation)

    def doubt(self, operation: Operation | None = None, keys: Iterable[str] | None = None) -> None:
        """Not all is known any more of the table of an operation, of the tables under some keys, or of all."""
        if operation is not None:
            name = operation.definition.name if operation.definition is not None else operation.table
            keys = [self.key(self.renamed.get(name.lower(), name), operation.schema)] if name else []
        for key in list(self.tables) if keys is None else keys:
            table = self.tables.get(key)
            if table is not None and table.complete:
                self.tables[key] = msgspec.structs.replace(table, complete=False)

    def key(self, name: str, schema: str) -> str:
        """Where a table of that name is, or would be put."""
        plain = name.lower()
        found = self.tables.get(plain)
        other = schema.lower()
        if found is not None and other not in _DEFAULT_SCHEMAS and found.schema.lower() != other:
            return f"{other}.{plain}"
        return plain

    def apply(self, operation: Operation) -> None:
        """One operation."""
        change = operation.change
        if change in (Change.CREATE_TABLE, Change.CREATE_VIEW):
            self.create(operation)
        elif change in (Change.DROP_TABLE, Change.DROP_VIEW):
            self.tables.pop(self.key(operation.table, operation.schema), None)
        elif change is Change.DROP_INDEX:
            self.drop_index(operation)
        elif change is Change.RENAME_INDEX:
            self.rename_index(operation)
        elif (
            change is Change.OTHER
            and operation.columns
            and operation.name.startswith(("create type", "alter type add"))
        ):
            self.enumerate(operation)
        elif operation.table:
            key = self.key(operation.table, operation.schema)
            table = self.tables.get(key)
            if table is not None:
                self.change(key, table, operation)

    def create(self, operation: Operation) -> None:
        """CREATE TABLE or VIEW."""
        definition = operation.definition
        if definition is None or operation.temporary or not definition.name:
            return
        key = self.key(definition.name, definition.schema)
        if key in self.tables and operation.if_not_exists:
            return
        parents = [value for name, value in definition.options if name in ("like", "partition of", "inherits")]
        for parent in parents:
            source = self.tables.get(parent.strip("() ").lower())
            if source is not None:
                definition = _inherit(definition, source, dialect=operation.dialect)
        columns = tuple(self.with_enum(column) for column in definition.columns)
        self.tables[key] = msgspec.structs.replace(definition, columns=columns)

    def with_enum(self, column: SchemaColumn) -> SchemaColumn:
        """A column whose type is an enumeration that was created before."""
        words = self.enums.get(column.type.split(".")[-1]) if not column.enum else None
        return msgspec.structs.replace(column, enum=words) if words else column

    def enumerate(self, operation: Operation) -> None:
        """CREATE TYPE … AS ENUM, ALTER TYPE … ADD VALUE."""
        for column in operation.columns:
            name = column.name.lower()
            self.enums[name] = (
                (*self.enums.get(name, ()), *column.enum) if operation.name != "create type" else column.enum
            )

    def drop_index(self, operation: Operation) -> None:
        """An index by its name, which is unique within a schema (MySQL names the table too), or, where it has
        none, by its columns."""
        keys = [self.key(operation.table, operation.schema)] if operation.table else list(self.tables)
        for place in keys:
            table = self.tables.get(place)
            if table is not None:
                kept = tuple(index for index in table.indexes if not _means(operation, index))
                name = operation.name.lower()  # MySQL has no other word for taking a unique key away
                left = tuple(
                    each for each in table.keys if each.kind != "unique" or not name or each.name.lower() != name
                )
                if len(kept) != len(table.indexes) or len(left) != len(table.keys):
                    self.tables[place] = msgspec.structs.replace(table, indexes=kept, keys=left)

    def rename_index(self, operation: Operation) -> None:
        """An index, or a key by the index behind it, gets another name."""
        old = operation.index.name.lower() if operation.index else ""
        before = msgspec.structs.replace(operation, name=old)
        keys = [self.key(operation.table, operation.schema)] if operation.table else list(self.tables)
        for key in keys:
            table = self.tables.get(key)
            if table is None:
                continue
            if any(_means(before, index) for index in table.indexes):
                indexes = tuple(
                    msgspec.structs.replace(index, name=operation.name) if _means(before, index) else index
                    for index in table.indexes
                )
                self.tables[key] = msgspec.structs.replace(table, indexes=indexes)
            elif old and any(_key_name(table, each) == old for each in table.keys):
                renamed = tuple(
                    msgspec.structs.replace(each, name=operation.name) if _key_name(table, each) == old else each
                    for each in table.keys
                )
                self.tables[key] = msgspec.structs.replace(table, keys=renamed)

    def change(self, key: str, table: Table, operation: Operation) -> None:
        """An operation on a known table."""
        change = operation.change
        if change is Change.RENAME_TABLE:
            self.rename_table(key, table, operation.name)
            return
        if change is Change.ADD_COLUMN:
            table = self.add_columns(table, operation)
        elif change is Change.DROP_COLUMN:
            for column in operation.columns:
                table = _without(table, column.name, whole=operation.dialect != "mysql")
        elif change is Change.RENAME_COLUMN and operation.columns:
            table = self.rename_column(table, operation.columns[0].name, operation.name)
        elif change in _COLUMN_CHANGES:
            table = self.alter_columns(table, operation)
        elif change is Change.ADD_KEY and operation.key is not None:
            table = _add_key(table, operation.key, operation.index)
        elif change is Change.DROP_KEY and operation.key is not None:
            table = _drop_key(table, operation.key)
        elif change is Change.CREATE_INDEX and operation.index is not None:
            exists = bool(operation.name) and any(index.name == operation.name for index in table.indexes)
            if not exists:
                table = msgspec.structs.replace(table, indexes=(*table.indexes, operation.index))
        elif change is Change.OTHER and operation.name == "rename constraint" and operation.key is not None:
            old = operation.key.name.lower()
            keys = tuple(
                msgspec.structs.replace(each, name=operation.value) if _key_name(table, each) == old else each
                for each in table.keys
            )
            table = msgspec.structs.replace(table, keys=keys)
        self.tables[key] = table

    def add_columns(self, table: Table, operation: Operation) -> Table:
        """ADD COLUMN with the keys of its definition."""
        for column in operation.columns:
            if column.name.lower() not in {each.name.lower() for each in table.columns}:
                table = msgspec.structs.replace(table, columns=(*table.columns, self.with_enum(column)))
        for key in operation.definition.keys if operation.definition else ():
            table = _add_key(table, key, None)
        return table

    def alter_columns(self, table: Table, operation: Operation) -> Table:
        """What is said about a column replaces what was known of it."""
        columns = list(table.columns)
        for changed in operation.columns:
            for position, column in enumerate(columns):
                if column.name.lower() == changed.name.lower():
                    columns[position] = self.with_enum(_altered(column, changed, operation.change))
        return msgspec.structs.replace(table, columns=tuple(columns))

    def rename_table(self, key: str, table: Table, name: str) -> None:
        """A table gets another name; foreign keys follow."""
        del self.tables[key]
        self.renamed[table.name.lower()] = name
        self.tables[self.key(name, table.schema)] = msgspec.structs.replace(table, name=name)
        old = table.name.lower()
        for other, found in list(self.tables.items()):
            keys = tuple(
                msgspec.structs.replace(each, target=name) if each.target.lower() == old and old else each
                for each in found.keys
            )
            if keys != found.keys:
                self.tables[other] = msgspec.structs.replace(found, keys=keys)

    def rename_column(self, table: Table, old: str, new: str) -> Table:
        """A column gets another name; keys, indexes and other tables' foreign keys follow."""
        for other, found in list(self.tables.items()):
            keys = tuple(
                msgspec.structs.replace(each, target_columns=_renamed(each.target_columns, old, new))
                if each.target.lower() == table.name.lower()
                else each
                for each in found.keys
            )
            if keys != found.keys:
                self.tables[other] = msgspec.structs.replace(found, keys=keys)
                if found.name == table.name:
                    table = self.tables[other]
        columns = tuple(
            msgspec.structs.replace(column, name=new) if column.name.lower() == old.lower() else column
            for column in table.columns
        )
        keys = tuple(msgspec.structs.replace(each, columns=_renamed(each.columns, old, new)) for each in table.keys)
        indexes = tuple(
            msgspec.structs.replace(
                index,
                columns=tuple(
                    msgspec.structs.replace(part, name=new) if part.name.lower() == old.lower() else part
                    for part in index.columns
                ),
                include=_renamed(index.include, old, new),
            )
            for index in table.indexes
        )
        return msgspec.structs.replace(table, columns=columns, keys=keys, indexes=indexes)


_COLUMN_CHANGES = frozenset(
    {Change.ALTER_TYPE, Change.SET_NOT_NULL, Change.DROP_NOT_NULL, Change.SET_DEFAULT, Change.DROP_DEFAULT}
)


_REMOVALS = frozenset(
    {Change.DROP_TABLE, Change.DROP_VIEW, Change.DROP_COLUMN, Change.DROP_INDEX, Change.DROP_KEY, Change.DROP_DEFAULT}
)


def _means(operation: Operation, index: Index) -> bool:
    """Whether an operation's index is this one: of its name, or without a name on its columns."""
    if operation.name:
        return index.name.lower() == operation.name.lower()
    wanted = [column.name.lower() for column in operation.index.columns] if operation.index is not None else []
    return not index.name and bool(wanted) and [column.name.lower() for column in index.columns] == wanted


def _altered(column: SchemaColumn, changed: SchemaColumn, change: Change) -> SchemaColumn:
    """A column after one change."""
    if change is Change.SET_NOT_NULL:
        return msgspec.structs.replace(column, nullable=False)
    if change is Change.DROP_NOT_NULL:
        return msgspec.structs.replace(column, nullable=True)
    if change is Change.SET_DEFAULT:
        return msgspec.structs.replace(column, default=changed.default, default_by="database")
    if change is Change.DROP_DEFAULT:
        return msgspec.structs.replace(column, default="", default_by="")
    if changed.nullable is None:  # only the type was given
        return msgspec.structs.replace(column, type=changed.type, enum=changed.enum)
    return msgspec.structs.replace(
        column,
        type=changed.type,
        enum=changed.enum,
        nullable=changed.nullable,
        default=changed.default,
        default_by=changed.default_by,
    )


def _inherit(definition: Table, source: Table, *, dialect: str) -> Table:
    """A table made like another one, or as a part of it.

    A partition has its parent's keys and indexes, MySQL's LIKE copies all but foreign keys, the standard's
    LIKE copies neither unless it says so.
    """
    options = dict(definition.options)
    own = {column.name.lower() for column in definition.columns}
    columns = (*(column for column in source.columns if column.name.lower() not in own), *definition.columns)
    keys, indexes = definition.keys, definition.indexes
    wanted = options.get("like options", "")
    part = "partition of" in options
    if part or (
        "like" in options and (dialect == "mysql" or "including all" in wanted or "including indexes" in wanted)
    ):
        keys = (*(key for key in source.keys if part or key.kind != "foreign"), *keys)
        indexes = (*source.indexes, *indexes)
    return msgspec.structs.replace(definition, columns=columns, keys=keys, indexes=indexes, complete=source.complete)


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name.lower() == old.lower() else name for name in names)


def _without(table: Table, name: str, *, whole: bool) -> Table:
    """A table without a column. `whole`: keys and indexes that have it go with it; MySQL only shortens them."""
    lower = name.lower()
    keys: list[Key] = []
    for key in table.keys:
        if lower not in (each.lower() for each in key.columns):
            keys.append(key)
        elif not whole and key.kind != "foreign" and len(key.columns) > 1:
            keys.append(
                msgspec.structs.replace(key, columns=tuple(each for each in key.columns if each.lower() != lower))
            )
    indexes: list[Index] = []
    for index in table.indexes:
        kept = tuple(each for each in index.columns if each.name.lower() != lower or each.expression)
        if len(kept) == len(index.columns) and lower not in (each.lower() for each in index.include):
            indexes.append(index)
        elif not whole and kept:
            indexes.append(msgspec.structs.replace(index, columns=kept))
    return msgspec.structs.replace(
        table,
        columns=tuple(column for column in table.columns if column.name.lower() != lower),
        keys=tuple(keys),
        indexes=tuple(indexes),
    )


def _add_key(table: Table, key: Key, used: Index | None) -> Table:
    """A table with one more key; a key USING INDEX takes that index's columns and owns it from then on."""
    if used is not None:
        index = next((each for each in table.indexes if each.name.lower() == used.name.lower()), None)
        if index is not None:
            key = msgspec.structs.replace(
                key, columns=tuple(each.name for each in index.columns), name=key.name or used.name
            )
            table = msgspec.structs.replace(table, indexes=tuple(each for each in table.indexes if each is not index))
    columns = table.columns
    if key.kind == "primary":
        named = {name.lower() for name in key.columns}
        columns = tuple(
            msgspec.structs.replace(column, nullable=False) if column.name.lower() in named else column
            for column in columns
        )
    return msgspec.structs.replace(table, columns=columns, keys=(*table.keys, key))


def _drop_key(table: Table, key: Key) -> Table:
    """A table without a key: by name, without one by what it is on, or, for MySQL's DROP PRIMARY KEY, by kind."""
    name = key.name.lower()
    if name:
        kept = tuple(each for each in table.keys if _key_name(table, each) != name)
        indexes = tuple(index for index in table.indexes if not (index.unique and index.name.lower() == name))
        return msgspec.structs.replace(table, keys=kept, indexes=indexes)
    columns = [column.lower() for column in key.columns]
    kept = tuple(
        each
        for each in table.keys
        if each.kind != key.kind or (columns and [column.lower() for column in each.columns] != columns)
    )
    return msgspec.structs.replace(table, keys=kept)


def _key_name(table: Table, key: Key) -> str:
    """A key's name, lower case; PostgreSQL's own where none was given."""
    if key.name:
        return key.name.lower()
    middle = "_".join(key.columns)
    endings = {"primary": "pkey", "unique": f"{middle}_key", "foreign": f"{middle}_fkey", "check": f"{middle}_check"}
    ending = endings.get(key.kind, "")
    return f"{table.name}_{ending}".lower() if ending else ""
