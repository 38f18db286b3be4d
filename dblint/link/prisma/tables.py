"""Declarations → `Table`s as the database has them."""

from __future__ import annotations

from collections.abc import Sequence

from dblint.facts.blocks import ValueKind
from dblint.facts.schema import Index as TableIndex
from dblint.facts.schema import IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.link.prisma.connectors import Connector
from dblint.link.prisma.constraints import cut, foreign_key_name, index_name
from dblint.link.prisma.declarations import Declarations, Index, Model, RelationField, ScalarField
from dblint.link.prisma.defaults import CLIENT_FUNCTIONS
from dblint.link.prisma.natives import database_type
from dblint.link.prisma.partial import sql
from dblint.link.prisma.relations import PairedRelation, opposite

IDIOM = "prisma"
"""The library table whose idioms a schema's tables and datasources are told with."""
_ACTIONS = {
    "Cascade": "cascade",
    "Restrict": "restrict",
    "NoAction": "no action",
    "SetNull": "set null",
    "SetDefault": "set default",
    "": "",
}


class TableMaker:
    """Makes the tables of one schema."""

    def __init__(
        self, declared: Declarations, relations: Sequence[PairedRelation], connector: Connector, *, complete: bool
    ) -> None:
        self.declared = declared
        self.connector = connector
        self.database = connector.dialect or connector.provider
        self.complete = complete
        self.emulated = declared.configuration.emulated
        self.by_field: dict[RelationField, PairedRelation] = {}
        self.joins: list[PairedRelation] = []
        for relation in relations:
            for side in relation.sides():
                self.by_field[side] = relation
            if relation.kind == "many-to-many":
                self.joins.append(relation)

    def tables(self) -> tuple[Table, ...]:
        """Return the tables of all models and views, then those that many-to-many relations need."""
        tables = [self._table(model) for model in self.declared.models]
        tables.extend(table for table in map(self._join_table, self.joins) if table is not None)
        return tuple(tables)

    def _table(self, model: Model) -> Table:
        keys = [self._key(index) for index in (model.id, *model.indexes) if index is not None and _is_key(index)]
        for field in model.relations:
            relation = self.by_field.get(field)
            if relation is not None and relation.forward is field and field.fields and field.references:
                keys.append(self._foreign(relation, field))
        return Table(
            model.table,
            schema=model.schema,
            model=model.name,
            origin="prisma",
            database=self.database,
            view=model.view,
            columns=tuple(self._column(column) for column in model.scalars.values()),
            keys=tuple(keys),
            indexes=tuple(self._index(index) for index in model.indexes if not _is_key(index)),
            relations=tuple(self._relation(field) for field in model.relations),
            complete=self.complete,
            place=model.place(),
            idiom=IDIOM,
        )

    # Columns

    def _column(self, column: ScalarField) -> SchemaColumn:
        default, by = self._default(column)
        members = () if column.enum is None else tuple(name for _member, name in column.enum.members)
        return SchemaColumn(
            column.column,
            self.type_of(column),
            nullable=column.node.type.optional and not column.node.type.many,
            default=default,
            attribute=column.name,
            default_by=by,
            place=Place(column.owner.path, column.node.name_start, column.node.name_stop),
            enum=members,
        )

    def type_of(self, column: ScalarField) -> str:
        """Return a column's type in the database, lower case, "" where it cannot be known."""
        kind = database_type(column, self.connector)
        if column.kind == "enum" and self.connector.provider == "mysql":
            kind = "enum"
        elif column.kind == "enum" and self.connector.provider == "sqlite":
            kind = "text"
        return f"{kind}[]" if column.node.type.many and kind else kind

    def _default(self, column: ScalarField) -> tuple[str, str]:
        """Return a column's default and who fills it in."""
        # A document database knows no defaults: the client fills them all in.
        database = "client" if "documents" in self.connector.can else "database"
        value = column.default
        if value is None:
            return ("now()", "client") if column.updated else ("", "")
        if value.kind is ValueKind.CALL:
            if value.text == "dbgenerated":
                inside = value.items[0].value.text if value.items else ""
                return inside or "dbgenerated()", database
            if value.text == "auto":
                return "auto()", "database"
            arguments = ", ".join(item.value.text for item in value.items)
            return f"{value.text}({arguments})", "client" if value.text in CLIENT_FUNCTIONS else database
        names = {} if column.enum is None else {member.name: name for member, name in column.enum.members}
        words = []
        for element in value.elements():
            if column.kind == "enum":
                renamed = names.get(element.text, element.text).replace("'", "''")
                words.append(f"'{renamed}'")
            else:
                words.append(sql(element))
        if column.node.type.many or value.kind is ValueKind.ARRAY:
            return f"array[{', '.join(words)}]", database
        return words[0], database

    # Keys and indexes

    def _key(self, index: Index) -> Key:
        kind = "primary" if index.kind == "id" else "unique"
        place = Place(index.owner.path, index.node.start, index.node.stop)
        return Key(kind, index.columns, index_name(index, self.connector), place=place)

    def _index(self, index: Index) -> TableIndex:
        columns = tuple(
            IndexColumn(
                part.column,
                descending=bool(part.descending),
                length=part.length or 0,
                operator_class=part.operator_class,
            )
            for part in index.fields
        )
        return TableIndex(
            index_name(index, self.connector),
            columns,
            unique=index.kind == "unique",
            method="fulltext" if index.kind == "fulltext" else index.method.lower(),
            predicate=index.where,
            place=Place(index.owner.path, index.node.start, index.node.stop),
        )

    def _foreign(self, relation: PairedRelation, field: RelationField) -> Key:
        node = field.attribute or field.node
        return Key(
            "foreign",
            tuple(column.column for column in field.fields or ()),
            foreign_key_name(field, self.connector) if not self.emulated else "",
            target=field.target.table,
            target_columns=tuple(column.column for column in field.references or ()),
            on_delete=_ACTIONS[relation.on_delete(self.connector, emulated=self.emulated)],
            on_update=_ACTIONS[relation.on_update()],
            enforced=not self.emulated,
            place=Place(field.owner.path, node.start, node.stop),
        )

    # Relations

    def _relation(self, field: RelationField) -> Relation:
        relation, other = self.by_field.get(field), opposite(field)
        kind = "to-many" if field.many else "to-one"
        columns: tuple[ScalarField, ...] = ()
        references: tuple[ScalarField, ...] = ()
        if relation is not None and relation.kind in ("many-to-many", "embedded"):
            kind = "many-to-many"
            columns, references = field.fields or (), field.references or ()
        elif relation is not None and relation.forward is not None:
            columns, references = relation.forward.fields or (), relation.forward.references or ()
            if relation.forward is not field:
                columns, references = references, columns
        return Relation(
            field.node.name,
            field.target.table,
            kind,
            columns=tuple(column.column for column in columns),
            target_columns=tuple(column.column for column in references),
            inverse="" if other is None else other.node.name,
            place=Place(field.owner.path, field.node.name_start, field.node.name_stop),
        )

    def _join_table(self, relation: PairedRelation) -> Table | None:
        """Return the table behind an implicit many-to-many relation.

        A holds the id of the model that comes first by name (in a relation of a model with itself, by
        field), B that of the other.
        """
        first, second = relation.forward, relation.back
        if first is None or second is None:
            return None
        name = f"_{first.relation_name}"
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        place = Place(first.owner.path, first.node.name_start, first.node.name_stop)
        for letter, side in (("A", first), ("B", second)):
            key = side.owner.id
            if key is None or len(key.fields) != 1:
                return None
            reference = key.fields[0].field
            columns.append(SchemaColumn(letter, self.type_of(reference), nullable=False, place=place))
            longest = self.connector.longest_name
            foreign = Key(
                "foreign",
                (letter,),
                "" if self.emulated else cut(f"{name}_{letter}", "_fkey", longest),
                target=side.owner.table,
                target_columns=(reference.column,),
                on_delete="cascade",
                on_update="cascade",
                enforced=not self.emulated,
                place=place,
            )
            keys.append(foreign)
        # Since Prisma 6 PostgreSQL gets a primary key here, the others a unique index.
        primary = self.connector.dialect == "postgres"
        pair = Key(
            "primary" if primary else "unique",
            ("A", "B"),
            f"{name}_AB_{'pkey' if primary else 'unique'}",
            place=place,
        )
        return Table(
            name,
            schema=first.owner.schema,
            origin="prisma",
            database=self.database,
            columns=tuple(columns),
            keys=(pair, *keys),
            indexes=(TableIndex(f"{name}_B_index", (IndexColumn("B"),), place=place),),
            complete=self.complete,
            place=place,
            idiom=IDIOM,
        )


def _is_key(index: Index) -> bool:
    """Tell a key from an index: what is unique over part of the rows, of a text, or in an order of its own, is none."""
    return index.kind == "id" or (
        index.kind == "unique"
        and not index.where
        and all(part.length is None and not part.descending for part in index.fields)
    )
