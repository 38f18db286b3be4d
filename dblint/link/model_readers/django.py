"""Django models as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from dblint.facts.query import Clause, Column, Element, Order
from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.migrations.django_indexes import Indexes
from dblint.link.model_readers.django_classes import Classes, Model
from dblint.link.model_readers.django_fields import Field
from dblint.link.model_readers.django_library import LibraryRelations
from dblint.link.model_readers.django_relations import Relations
from dblint.link.model_readers.shared import Related, Surroundings, patterned, place, replaced
from dblint.link.values import LibraryClass, ProjectClass, Value

Thing = TypeVar("Thing", Key, Index)
MODEL = "django:Model"
UNSAID: Clause[Order] = Clause((), True)
"""The order of a model whose options were not read."""


class DjangoModels:
    """Reads Django's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.classes = Classes(surroundings)
        self.relating = Relations(self.classes)
        self.of_library = LibraryRelations(self.classes)
        self.indexes = Indexes(self.plain)

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables that its many-to-many relations need."""
        return self.relating.joins(model)

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def ordered(self, model: ProjectClass) -> Clause[Order] | None:
        """The order that a proxy has of its own."""
        found = self.classes.model(model)
        if found.proxy is None or self.classes.names.assigned(self.classes.names.meta(model), "ordering") is None:
            return None
        return self._order(found)

    def implied(self, model: Value, name: str) -> SchemaColumn | None:
        """The key, which is `pk` whatever it is called."""
        found = self.classes.primary(model)
        return found[0] if found is not None and name in ("pk", found[0].attribute) else None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by attribute, those of the tables that it extends too."""
        return self.relating.relations(model)

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What a concrete model's relations add to their targets."""
        return self.relating.inverses(model)

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a concrete model; that of the model behind it for a proxy; None for abstract ones."""
        seen = {model}
        found = self.classes.model(model)
        while isinstance(found.proxy, ProjectClass) and found.proxy not in seen:
            seen.add(found.proxy)
            found = self.classes.model(found.proxy)
        if found.abstract:
            return None
        if isinstance(found.proxy, LibraryClass):
            row = self.evaluator.tables.types[found.proxy.name]
            return Table(row.table, model=self.evaluator.classes.class_name(found.proxy), origin="model", order=UNSAID)
        return self._table(found)

    def _table(self, found: Model) -> Table:
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        relations: list[Relation] = []
        complete = found.complete
        where = place(self.evaluator, Site(found.cls.path, found.cls.node, None))
        primary = [self.classes.flag(item, "primary_key") for item in found.fields.values()]
        if found.key:
            keys.append(Key("primary", found.key, place=where))
        elif not any(primary):
            if found.parents:
                self._extend(found, columns, keys, relations)
            else:
                columns.append(msgspec.structs.replace(self.classes.implicit(found.cls.path), place=where))
                keys.append(Key("primary", ("id",), place=where))
            complete = complete and None not in primary
        for item in found.fields.values():
            complete = complete and item.sure
            if item.kind in ("column", "to-one", "one-to-one"):
                column = self._column(found, item)
                columns.append(column)
                keys += self._keys(found, item, column)
                indexes += self._indexes(item, column)
        # What other columns than a foreign key say is no relation of the table's own.
        apart = ("to-any", "to-many")
        relations += [each.relation for each in self.relating.own(found) if found.fields[each.name].kind not in apart]
        complete = self._meta(found, keys, indexes) and complete
        return Table(
            found.table,
            model=found.name,
            origin="model",
            columns=replaced(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(relations),
            complete=complete,
            place=where,
            options=() if found.managed else (("managed", "false"),),
            order=self._order(found),
            extends=tuple(self.classes.table_name(parent) for parent in found.parents),
        )

    def _extend(self, found: Model, columns: list[SchemaColumn], keys: list[Key], relations: list[Relation]) -> None:
        """The key of a table that extends others: it refers to theirs."""
        where = place(self.evaluator, Site(found.cls.path, found.cls.node, None))
        first = True
        for parent in found.parents:
            relation = self.relating.upwards(found, parent)
            column, other = relation.columns, relation.target_columns
            kind = self.classes.primary_type(parent)
            columns.append(SchemaColumn(column[0], kind, False, attribute=relation.name, place=where))
            keys.append(Key("primary" if first else "unique", column, place=where))
            keys.append(
                Key("foreign", column, "", relation.target, other, "cascade", place=where, on_delete_by="client")
            )
            relations.append(msgspec.structs.replace(relation, place=where))
            first = False

    def _column(self, found: Model, item: Field) -> SchemaColumn:
        null = self.classes.flag(item, "null")
        primary = self.classes.flag(item, "primary_key")
        generated = item.type_name == "django:GeneratedField"
        if item.type_name == "django:NullBooleanField" or generated:
            null = True
        default, by = "", ""
        if "db_default" in item.given:
            default, by = self.plain.source(item.given["db_default"]), "database"
        elif "default" in item.given:
            default, by = self.plain.source(item.given["default"]), "client"
        elif generated or item.type_name.endswith("AutoField"):
            by = "database"
        elif any(self.plain.true(item.given.get(word)) for word in ("auto_now", "auto_now_add")):
            by = "client"
        return SchemaColumn(
            found.names[item.name],
            self.classes.target_type(found, item) if item.relation else self.classes.fields.column_type(item),
            nullable=False if primary else null,
            default=default,
            attribute=item.name,
            default_by=by,
            place=item.place,
            choices=self.classes.fields.choices(item),
        )

    def _keys(self, found: Model, item: Field, column: SchemaColumn) -> list[Key]:
        keys: list[Key] = []
        if self.classes.flag(item, "primary_key"):
            keys.append(Key("primary", (column.name,), place=item.place))
        elif self.classes.flag(item, "unique") or item.kind == "one-to-one":
            keys.append(Key("unique", (column.name,), place=item.place))
        if item.relation:
            target = self.classes.target(found, item)
            action = item.given.get("on_delete") or self._second(item)
            word = self.plain.word(action) if action is not None else ""
            database = word.startswith("DB_")
            keys.append(
                Key(
                    "foreign",
                    (column.name,),
                    "",
                    self.classes.target_table(item, target),
                    self.classes.target_columns(item, target),
                    on_delete=word.removeprefix("DB_").replace("_", " ").lower(),
                    enforced=self.classes.enforced(item),
                    place=item.place,
                    on_delete_by="database" if database else "client",
                )
            )
        return keys

    def _second(self, item: Field) -> Site | None:
        """What stands behind the target: what happens on deletion."""
        if item.first is None:
            return None
        tree = self.evaluator.tree(item.first.path)
        call = tree.parents[item.first.node]
        return self.plain.argument(Site(item.first.path, call, item.first.context), "1")

    def _indexes(self, item: Field, column: SchemaColumn) -> list[Index]:
        """The index of a field, and the one that PostgreSQL has of texts besides, unique ones too."""
        flag = self.classes.flag
        unique = flag(item, "unique") or flag(item, "primary_key") or item.kind == "one-to-one"
        wanted = item.row.indexed if item.written is None else item.written.indexed
        if "db_index" in item.given:
            wanted = flag(item, "db_index") is not False
        found: list[Index] = []
        if wanted and not unique:
            found.append(Index("", (IndexColumn(column.name),), place=item.place))
        if (wanted or unique) and "db_collation" not in item.given:
            found += patterned(column, self.classes.surroundings.dialect, item.place)
        return found

    # Options of the class

    def _order(self, found: Model) -> Clause[Order]:
        """What rows are sorted by where a query does not say it: the option `ordering`, also that of the table that
        this one extends (Django's reference of `Meta`)."""
        site = self.classes.names.assigned(self.classes.options(found), "ordering")
        if site is None:
            above = [self.table(parent) for parent in found.parents if isinstance(parent, ProjectClass)]
            unread = len(above) < len(found.parents) or not found.complete
            unread = unread or any(cls.name != MODEL for cls in self.evaluator.classes.library_types(found.cls))
            orders = [table.order for table in above if table is not None and table.order.possibly()]
            return next(iter(orders), UNSAID if unread else Clause())
        literal = self.plain.literal(site)
        kind = self.evaluator.tree(literal.path).kinds[literal.node]
        words = self.plain.strings(site)
        orders_by = [
            Element(Order(Column(word.lstrip("-")), word.startswith("-"), by="model")) for word in words if word
        ]
        return Clause(tuple(orders_by), kind not in (Kind.LIST, Kind.TUPLE) or "" in words)

    def _meta(self, found: Model, keys: list[Key], indexes: list[Index]) -> bool:
        """Adds the keys and indexes that the model's options name; False where one cannot be read."""
        names, plain = self.classes.names, self.plain
        holder = self.classes.options(found)
        complete = True
        indexes += [Index("", tuple(IndexColumn(name) for name in found.columns(group))) for group in found.groups]
        for group in self.indexes.groups(names.assigned(holder, "unique_together")):
            complete = complete and all(group)
            keys.append(Key("unique", found.columns(group)))
        for group in self.indexes.groups(names.assigned(holder, "index_together")):
            complete = complete and all(group)
            indexes.append(Index("", tuple(IndexColumn(name) for name in found.columns(group))))
        for word in ("indexes", "constraints"):
            site = names.assigned(holder, word)
            if site is None:
                continue
            literal = plain.literal(site)
            kinds = self.evaluator.tree(literal.path).kinds
            complete = complete and kinds[literal.node] in (Kind.LIST, Kind.TUPLE)
            for element in plain.elements(site):
                if not plain.is_call(element):
                    complete = False
                elif word == "indexes":
                    indexes.append(self._named(found, self.indexes.index(element, found)))
                else:
                    constraint = self.indexes.constraint(element, found)
                    if isinstance(constraint, Key):
                        keys.append(self._named(found, constraint))
                        complete = complete and bool(constraint.kind)
                    else:
                        indexes.append(self._named(found, constraint))
        return complete

    def _named(self, found: Model, thing: Thing) -> Thing:
        return msgspec.structs.replace(thing, name=self.classes.filled(found, thing.name))
