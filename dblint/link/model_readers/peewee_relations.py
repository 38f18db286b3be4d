"""Peewee's relations: where foreign keys lead, what the other end is called, and the tables between two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.link.model_readers.called_fields import ByName, Field
from dblint.link.model_readers.shared import JOIN, Related
from dblint.link.values import UNKNOWN, LibraryClass, ProjectClass, SchemaModel, Value, options

if TYPE_CHECKING:
    from dblint.link.model_readers.peewee import PeeweeModels

PEEWEE = "peewee"
KEY = "AutoField"
"""The type of the key of a model that declares none; it is called `id`."""
SELF = "self"
"""What a relation to its own model writes as its target."""
HIDDEN = frozenset({"+", "!"})
"""Names of the other end that say that there is none."""


class Model(msgspec.Struct):
    """A model class, read. `key`: the attributes of its primary key; None where it says that it has none."""

    cls: ProjectClass
    name: str
    table: str
    fields: dict[str, Field]
    names: dict[str, str]
    key: tuple[str, ...] | None
    complete: bool
    abstract: bool = False
    implicit: bool = False

    def column(self, word: str) -> str:
        """The column of a field by its name, or of one that is named by its column already."""
        return self.names.get(word, word)


class Relations:
    """Reads relations. One per reader."""

    def __init__(self, models: PeeweeModels) -> None:
        self.models = models
        self.plain = models.plain
        self.evaluator = models.evaluator
        self.by_name = ByName(models.surroundings)
        self._own: dict[ProjectClass, tuple[Related, ...]] = {}

    def pointed(self, item: Field) -> str:
        """The field of the other model that a relation refers to, "" where that is its key."""
        site = item.given.get("field") or item.given.get("to_field") or self.plain.argument(item.site, "1")
        if site is None:
            return ""
        return self.plain.string(site) or self.plain.word(site)

    def target(self, found: Model, item: Field) -> Value:
        """The model that a relation leads to."""
        site = item.given.get("model") or item.given.get("rel_model") or item.given.get("rel_model_name")
        site = site or self.plain.argument(item.site, "0")
        if site is None:
            return UNKNOWN
        text = self.plain.string(site)
        if text == SELF:
            return found.cls
        if text:
            return self.by_name.only(text, found.cls.path, PEEWEE) or UNKNOWN
        for option in options(self.evaluator.value(site.path, site.node)):
            if isinstance(option, ProjectClass):
                return ProjectClass(option.path, option.node)
        return UNKNOWN

    def target_table(self, target: Value) -> str:
        """The table of a relation's target, "" for cannot say."""
        return self.models.model(target).table if isinstance(target, ProjectClass) else ""

    def target_columns(self, item: Field, target: Value) -> tuple[str, ...]:
        """The columns that a relation's own refer to, none for cannot say."""
        if not isinstance(target, ProjectClass):
            return ()
        other = self.models.model(target)
        word = self.pointed(item)
        return (other.column(word),) if word else tuple(map(other.column, other.key or ()))

    def own(self, found: Model) -> tuple[Related, ...]:
        """The relations of a model, those of its bases too."""
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
        lazy = self.plain.constant(item.given.get("lazy_load")) != "false"
        relation = Relation(
            item.name,
            self.target_table(target),
            "many-to-many" if many else "to-one",
            () if many else (found.names[item.name],),
            () if many else self.target_columns(item, target),
            self._inverse(found, item),
            "" if lazy else "noload",
            place=item.place,
        )
        join = self._join_model(found, item, target) if many else UNKNOWN
        return Related(item.name, target, many, relation, found.cls, query_name=item.name, join=join)

    def _inverse(self, found: Model, item: Field) -> str:
        """What the other end is called; "" where there is none, or where a function says it."""
        many = item.kind == "many-to-many"
        site = item.given.get("backref") or item.given.get("related_name")
        site = site or self.plain.argument(item.site, "1" if many else "2")
        name = self.plain.string(site)
        if site is not None and not name and self.plain.constant(site) != "null":
            return ""
        if name in HIDDEN:
            return ""
        return name or (f"{found.name.lower()}s" if many else f"{found.name.lower()}_set")

    def inverses(self, found: Model) -> Sequence[tuple[Value, Related]]:
        """What a model's relations add to their targets."""
        if found.abstract:
            return ()
        return [
            (
                related.model,
                Related(
                    related.relation.inverse,
                    found.cls,
                    True,
                    related.relation,
                    found.cls,
                    inverse=True,
                    query_name=related.relation.inverse,
                    join=related.join,
                ),
            )
            for related in self.own(found)
            if related.relation.inverse and isinstance(related.model, ProjectClass)
        ]

    # Tables between two models

    def _join_model(self, found: Model, item: Field, target: Value) -> Value:
        """The model of the rows between: the one that is named, else the one that the library makes."""
        site = item.given.get("through_model") or self.plain.argument(item.site, "2")
        if site is not None:
            for option in options(self.evaluator.value(site.path, site.node)):
                if isinstance(option, ProjectClass):
                    return ProjectClass(option.path, option.node)
            return UNKNOWN
        other = self.target_table(target)
        name = f"{found.table}_{other}_through" if other else ""
        return LibraryClass(f"{PEEWEE}:JoinModel", (("J", SchemaModel(name, JOIN)),)) if name else UNKNOWN

    def joins(self, found: Model) -> Sequence[Table]:
        """The tables that its many-to-many relations need (`ManyToManyField._create_through_model`)."""
        if found.abstract:
            return ()
        made: list[Table] = []
        for related in self.own(found):
            held = related.join.arguments if isinstance(related.join, LibraryClass) else ()
            between = held[0][1] if held else None
            if isinstance(between, SchemaModel) and isinstance(related.model, ProjectClass):
                made.append(
                    self._join(found, found.fields[related.name], between.name, self.models.model(related.model))
                )
        return made

    def _join(self, found: Model, item: Field, name: str, other: Model) -> Table:
        columns = [
            SchemaColumn("id", self.models.type(KEY), False, attribute="id", default_by="database", place=item.place)
        ]
        keys = [Key("primary", ("id",), place=item.place)]
        indexes: list[Index] = []
        deletes = self.plain.string(item.given.get("on_delete"))
        for end in (found, other):
            word = end.name.lower()
            kind = self.models.type("IntegerField") if end.implicit else ""
            columns.append(SchemaColumn(f"{word}_id", kind, False, attribute=word, place=item.place))
            target = tuple(map(end.column, end.key or ()))
            keys.append(Key("foreign", (f"{word}_id",), "", end.table, target, deletes.lower(), place=item.place))
            indexes.append(Index("", (IndexColumn(f"{word}_id"),), place=item.place))
        keys.append(Key("unique", tuple(column.name for column in columns[1:]), place=item.place))
        return Table(
            name,
            origin="model",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=item.sure and other is not found,
            place=item.place,
        )
