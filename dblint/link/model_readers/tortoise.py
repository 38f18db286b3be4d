"""Tortoise's models as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.query import Clause, Column, Element, Order
from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.model_readers.called_fields import ByName, CalledFields, Field
from dblint.link.model_readers.shared import JOIN, Related, Surroundings, place, replaced, sized
from dblint.link.values import UNKNOWN, LibraryClass, ProjectClass, SchemaModel, Value, options

TORTOISE = "tortoise"
KEY = "IntField"
"""The type of the key of a model that declares none; it is called `id`."""
COUNTED = frozenset(f"{TORTOISE}:{name}" for name in ("IntField", "BigIntField", "SmallIntField"))
"""Fields whose values the database counts where they are the key."""
FOLLOWED = 6
"""How far a key that is a relation is followed to the key that it holds."""
_COLUMNS = frozenset({"column", "to-one", "one-to-one"})


class Model(msgspec.Struct):
    """A model class, read. `key`: the attribute of its primary key."""

    cls: ProjectClass
    name: str
    table: str
    fields: dict[str, Field]
    names: dict[str, str]
    key: str
    complete: bool
    abstract: bool = False
    implicit: bool = False

    def column(self, word: str) -> str:
        """The column of a field by its name, or of one that is named by its column already."""
        return self.names.get("id" if word == "pk" and self.implicit else self.key if word == "pk" else word, word)


class TortoiseModels:
    """Reads Tortoise's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.called = CalledFields(surroundings)
        self.by_name = ByName(surroundings)
        self._models: dict[ProjectClass, Model] = {}
        self._own: dict[ProjectClass, tuple[Related, ...]] = {}

    # Classes

    def model(self, cls: ProjectClass) -> Model:
        """A model class, read once."""
        return self.evaluator.once(self._models, ProjectClass(cls.path, cls.node), self._read)

    def _read(self, cls: ProjectClass) -> Model:
        # Mixins hand their fields down, too (`ModelMeta._search_for_field_attributes`).
        found, complete = self.called.inherited(cls, "")
        names = {name: self._column_name(item) for name, item in found.items() if item.kind in _COLUMNS}
        declared = [name for name, item in found.items() if self._is_key(item)]
        implicit = not declared
        name = self.evaluator.classes.class_name(cls)
        # `Meta` is no base's own: what says `abstract` there holds for that class alone.
        abstract = self.plain.true(self._option(cls, "abstract")) or not found
        table = self.plain.string(self._option(cls, "table")) or name.lower()
        key = declared[-1] if declared else "id"
        return Model(cls, name, table, found, names, key, complete, abstract, implicit)

    def _is_key(self, item: Field) -> bool:
        return bool(self.called.flag(item, "primary_key", "pk"))

    def _option(self, cls: ProjectClass, word: str) -> Site | None:
        return self.called.option(self.called.options(cls), word)

    def _column_name(self, item: Field) -> str:
        if "source_field" in item.given:
            return self.plain.string(item.given["source_field"])
        return f"{item.name}_id" if item.relation else item.name

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a class; None for abstract ones and those without a field."""
        found = self.model(model)
        if found.abstract:
            return None
        where = place(self.evaluator, Site(model.path, model.node, None))
        columns = [self._column(found, item) for item in found.fields.values() if item.kind in _COLUMNS]
        if found.implicit:
            kind = self._type(KEY)
            columns.insert(0, SchemaColumn("id", kind, False, attribute="id", default_by="database", place=where))
        keys = [Key("primary", (found.names.get(found.key, found.key),), place=where)]
        indexes: list[Index] = []
        for item in found.fields.values():
            if item.kind in _COLUMNS:
                keys += self._keys(found, item)
                index = self._index(found, item)
                indexes += [index] if index is not None else []
        complete = self._together(found, keys, indexes) and found.complete
        schema = self._option(model, "schema")
        return Table(
            found.table,
            schema=self.plain.string(schema) if schema is not None else "",
            model=found.name,
            origin="model",
            columns=replaced(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self._relations(found)),
            complete=complete and "" not in {column.name for column in columns},
            place=where,
            order=self._order(found),
        )

    def _type(self, name: str) -> str:
        column = self.evaluator.tables.types[f"{TORTOISE}:{name}"].column
        return column.word(self.surroundings.dialect) if column is not None else ""

    def _column(self, found: Model, item: Field) -> SchemaColumn:
        default, by = "", ""
        if "db_default" in item.given:
            default, by = self.plain.source(item.given["db_default"]), "database"
        elif "default" in item.given:
            default, by = self.plain.source(item.given["default"]), "client"
        elif any(self.plain.true(item.given.get(word)) for word in ("auto_now", "auto_now_add")):
            by = "client"
        elif self._is_key(item) and item.type_name in COUNTED:
            by = "" if self.plain.constant(item.given.get("generated")) == "false" else "database"
        return SchemaColumn(
            found.names[item.name],
            self._reference(found, item) if item.relation else self._word(item),
            nullable=False if item.name == found.key else self.called.flag(item, "null"),
            default=default,
            attribute=item.name,
            default_by=by,
            place=item.place,
        )

    def _word(self, item: Field) -> str:
        """The database's word for the column of a field; that of a class of the project where it says it."""
        for own in item.own:
            site = self.called.option(own, "SQL_TYPE")
            if site is not None:
                return self.plain.string(site).lower()
        column = item.row.column
        if column is None:
            return ""
        return sized(self.plain, column, lambda slot: self.plain.argument(item.site, slot), self.surroundings.dialect)

    def _reference(self, found: Model, item: Field) -> str:
        """The type of a column that refers to another model's."""
        for _ in range(FOLLOWED):
            if not item.relation:
                return self._word(item)
            target = self.target(found, item)
            if not isinstance(target, ProjectClass):
                return ""
            other = self.model(target)
            word = self.plain.string(item.given.get("to_field")) or other.key
            if word not in other.fields:
                return self._type(KEY) if other.implicit and word == "id" else ""
            found, item = other, other.fields[word]
        return ""

    def _keys(self, found: Model, item: Field) -> Iterator[Key]:
        if item.name != found.key and (item.kind == "one-to-one" or self.called.flag(item, "unique")):
            yield Key("unique", (found.names[item.name],), place=item.place)
        if item.relation:
            target = self.target(found, item)
            site = item.given.get("on_delete") or self.plain.argument(item.site, "2")
            deletes = self.plain.word(site) or self.plain.string(site) if site is not None else "CASCADE"
            yield Key(
                "foreign",
                (found.names[item.name],),
                "",
                self._target_table(target),
                self._target_columns(item, target),
                on_delete=deletes.replace("_", " ").lower(),
                enforced=self.plain.constant(item.given.get("db_constraint")) != "false",
                place=item.place,
            )

    def _index(self, found: Model, item: Field) -> Index | None:
        """The index that a field asks for: a relation has none of its own."""
        if item.name == found.key or item.kind == "one-to-one" or self.called.flag(item, "unique"):
            return None
        if self.called.flag(item, "db_index", "index") is False:
            return None
        return Index("", (IndexColumn(found.names[item.name]),), place=item.place)

    def _together(self, found: Model, keys: list[Key], indexes: list[Index]) -> bool:
        """Adds the keys and indexes of several columns that the options name; False where one cannot be read."""
        complete = self._option(found.cls, "constraints") is None
        for group, where in self._groups(found, "unique_together"):
            complete = complete and all(group)
            keys.append(Key("unique", tuple(map(found.column, group)), place=where))
        for group, where in self._groups(found, "indexes"):
            complete = complete and bool(group) and all(group)
            if group:
                indexes.append(Index("", tuple(IndexColumn(found.column(name)) for name in group), place=where))
        return complete

    def _groups(self, found: Model, word: str) -> Iterator[tuple[tuple[str, ...], Place]]:
        """Lists of fields: `(("a", "b"), ("a", "c"))`, `("a", "b")`, `[Index(fields=("a", "b"))]`."""
        site = self._option(found.cls, word)
        elements = self.plain.elements(site)
        if elements and all(self.plain.string(element) for element in elements) and site is not None:
            yield self.plain.strings(site), place(self.evaluator, site)
            return
        for element in elements:
            inner: Site | None = element
            if self.plain.is_call(element):
                inner = self.plain.argument(element, "fields")
            yield self.plain.strings(inner), place(self.evaluator, element)

    def _order(self, found: Model) -> Clause[Order]:
        """What rows are sorted by where a query does not say it: the option `ordering`, also a base's."""
        for cls in self.evaluator.classes.mro(found.cls):
            site = self._option(cls, "ordering") if isinstance(cls, ProjectClass) else None
            if site is None:
                continue
            words = self.plain.strings(site)
            ordered = [
                Element(Order(Column(found.column(word.lstrip("-"))), word.startswith("-"), by="model"))
                for word in words
                if word
            ]
            kind = self.evaluator.tree(site.path).kinds[self.plain.literal(site).node]
            return Clause(tuple(ordered), kind not in (Kind.LIST, Kind.TUPLE) or "" in words)
        return Clause((), not found.complete)

    # Relations

    def target(self, found: Model, item: Field) -> Value:
        """The model that a relation leads to: `app.Model`, or the class."""
        site = item.given.get("to") or item.given.get("model_name") or self.plain.argument(item.site, "0")
        if site is None:
            return UNKNOWN
        text = self.plain.string(site)
        if text:
            return self.by_name.only(text.rpartition(".")[2], found.cls.path, TORTOISE) or UNKNOWN
        for option in options(self.evaluator.value(site.path, site.node)):
            if isinstance(option, ProjectClass):
                return ProjectClass(option.path, option.node)
        return UNKNOWN

    def _target_table(self, target: Value) -> str:
        return self.model(target).table if isinstance(target, ProjectClass) else ""

    def _target_columns(self, item: Field, target: Value) -> tuple[str, ...]:
        if not isinstance(target, ProjectClass):
            return ()
        other = self.model(target)
        return (other.column(self.plain.string(item.given.get("to_field")) or other.key),)

    def _relations(self, found: Model) -> tuple[Related, ...]:
        related = self._own.get(found.cls)
        if related is None:
            with self.evaluator.partial() as partial:
                related = tuple(
                    self._related(found, item)
                    for item in found.fields.values()
                    if item.relation or item.kind == "many-to-many"
                )
            if not partial:
                self._own[found.cls] = related
        return related

    def _related(self, found: Model, item: Field) -> Related:
        target = self.target(found, item)
        many = item.kind == "many-to-many"
        relation = Relation(
            item.name,
            self._target_table(target),
            "many-to-many" if many else "to-one",
            () if many else (found.names[item.name],),
            () if many else self._target_columns(item, target),
            self._inverse(found, item),
            place=item.place,
        )
        name = self._through(found, item, target) if many else ""
        join = LibraryClass(f"{TORTOISE}:JoinModel", (("J", SchemaModel(name, JOIN)),)) if name else UNKNOWN
        return Related(item.name, target, many, relation, found.cls, query_name=item.name, join=join)

    def _inverse(self, found: Model, item: Field) -> str:
        """What the other end is called; "" where there is none, or where it cannot be said."""
        many = item.kind == "many-to-many"
        site = item.given.get("related_name") or self.plain.argument(item.site, "4" if many else "1")
        name = self.plain.string(site)
        if site is not None and not name and self.plain.constant(site) != "null":
            return ""
        return name or f"{found.name.lower() if many else found.table}s"

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by attribute; those of its bases are its own."""
        return {related.name: related for related in self._relations(self.model(model))}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What a model's relations add to their targets."""
        found = self.model(model)
        if found.abstract:
            return ()
        added: list[tuple[Value, Related]] = []
        for related in self._relations(found):
            name = related.relation.inverse
            if not name or not isinstance(related.model, ProjectClass):
                continue
            many = found.fields[related.name].kind != "one-to-one"
            other = Related(
                name, found.cls, many, related.relation, found.cls, inverse=True, query_name=name, join=related.join
            )
            added.append((related.model, other))
        return added

    # Tables between two models

    def _through(self, found: Model, item: Field, target: Value) -> str:
        written = item.given.get("through") or self.plain.argument(item.site, "1")
        if written is not None and self.plain.constant(written) != "null":
            return self.plain.string(written)
        other = self._target_table(target)
        return f"{found.table}_{other}" if other else ""

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables that its many-to-many relations need. Which keys they have depends on the version."""
        found = self.model(model)
        made: list[Table] = []
        for related in () if found.abstract else self._relations(found):
            item = found.fields[related.name]
            name = self._through(found, item, related.model) if item.kind == "many-to-many" else ""
            if name and isinstance(related.model, ProjectClass):
                made.append(self._join(found, item, name, self.model(related.model)))
        return made

    def _join(self, found: Model, item: Field, name: str, other: Model) -> Table:
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        deletes = self.plain.word(item.given["on_delete"]) if "on_delete" in item.given else "CASCADE"
        own = self.plain.string(item.given.get("backward_key")) or f"{found.table}_id"
        forward = self.plain.string(item.given.get("forward_key")) or f"{other.name.lower()}_id"
        if own == forward:
            own = f"{found.table}_rel_id"
        for end, column in ((found, own), (other, forward)):
            key = end.fields.get(end.key)
            kind = self._type(KEY) if end.implicit else self._word(key) if key is not None else ""
            columns.append(SchemaColumn(column, kind, False, place=item.place))
            action = deletes.replace("_", " ").lower()
            keys.append(Key("foreign", (column,), "", end.table, (end.column(end.key),), action, place=item.place))
        return Table(name, origin="model", columns=tuple(columns), keys=tuple(keys), place=item.place)

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, model: Value, name: str) -> SchemaColumn | None:
        """The key, which is `pk` whatever it is called."""
        found = self.model(model) if isinstance(model, ProjectClass) and name == "pk" else None
        table = self.table(found.cls) if found is not None else None
        return table.column(found.key) if table is not None and found is not None else None
