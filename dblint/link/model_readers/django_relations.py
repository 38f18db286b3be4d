"""Django's relations: what models call them at both ends, and the tables between two models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.link.model_readers.django_classes import Classes, Model
from dblint.link.model_readers.django_fields import Field
from dblint.link.model_readers.shared import JOIN, Related, arguments, patterned
from dblint.link.values import UNKNOWN, Class, LibraryClass, ProjectClass, SchemaModel, Unknown, Value


class Relations:
    """Reads relations. One per reader."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._own: dict[ProjectClass, tuple[Related, ...]] = {}

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by attribute, those of the tables that it extends too."""
        found: dict[str, Related] = {}
        pending: list[ProjectClass] = [model]
        seen: set[ProjectClass] = set()
        while pending:
            current = pending.pop(0)
            if current in seen or not self.classes.names.is_model(current):
                continue
            seen.add(current)
            read = self.classes.model(current)
            for related in self.own(read):
                found.setdefault(related.name, related)
            above = [*read.parents, *([read.proxy] if read.proxy is not None else [])]
            for parent in above:
                if parent in read.parents and isinstance(parent, (ProjectClass, LibraryClass)):
                    relation = self.upwards(read, parent)
                    found.setdefault(relation.name, Related(relation.name, parent, False, relation, current))
                if isinstance(parent, ProjectClass):
                    pending.append(parent)
        return found

    def upwards(self, found: Model, parent: Class) -> Relation:
        """The relation of a table to the one that it extends."""
        name, column = self.classes.pointer(parent)
        above = self.classes.primary(parent)
        return Relation(
            name,
            self.classes.table_name(parent),
            "to-one",
            (column,),
            (above[0].name,) if above is not None else (),
            found.name.lower(),
        )

    def own(self, found: Model) -> tuple[Related, ...]:
        """The relations that a class declares or takes over from abstract ones."""
        related = self._own.get(found.cls)
        if related is None:
            with self.classes.evaluator.partial() as partial:
                related = tuple(self._related(found))
            if not partial:
                self._own[found.cls] = related
        return related

    def _related(self, found: Model) -> Iterator[Related]:
        for item in found.fields.values():
            if item.kind == "to-any":
                relation = Relation(item.name, "", "to-one", self._key_column(found, item), place=item.place)
                yield Related(item.name, UNKNOWN, False, relation, found.cls, query_name=item.name)
            if item.kind not in ("to-one", "one-to-one", "to-many", "many-to-many"):
                continue
            target = self.classes.target(found, item)
            if item.kind == "to-many":  # other columns of those rows say that they are this one's
                table = self.classes.target_table(item, target)
                relation = Relation(item.name, table, "to-many", place=item.place)
                yield Related(item.name, target, True, relation, found.cls, query_name=item.name)
                continue
            many = item.kind == "many-to-many"
            columns = () if many else (found.names[item.name],)
            relation = Relation(
                item.name,
                self.classes.target_table(item, target),
                "many-to-many" if many else "to-one",
                columns,
                () if many else self.classes.target_columns(item, target),
                self.inverse(found, item, target),
                place=item.place,
            )
            join = self.join(found, item) if many else UNKNOWN
            yield Related(item.name, target, many, relation, found.cls, query_name=item.name, join=join)

    def _key_column(self, found: Model, item: Field) -> tuple[str, ...]:
        """The column with the key of a row of any table (`GenericForeignKey("content_type", "object_id")`)."""
        places = arguments(self.classes.plain, item.call) if item.call is not None else []
        site = item.given.get("fk_field", places[1] if len(places) > 1 else None)
        name = self.classes.plain.string(site) if site is not None else "object_id"
        return (found.names[name],) if name in found.names else ()

    def join(self, found: Model, item: Field) -> Value:
        """The model of the rows between, for a many-to-many relation."""
        if "through" in item.given or "through" in item.hidden or item.row.between:
            return self.classes.between(found, item)
        return LibraryClass("django:JoinModel", (("J", SchemaModel(self._join_name(found, item), JOIN)),))

    def _join_name(self, found: Model, item: Field) -> str:
        return self.classes.plain.string(item.given.get("db_table")) or f"{found.table}_{item.name}"

    def inverse(self, found: Model, item: Field, target: Value) -> str:
        """What the target's instances call the relation's other end; "" where they do not know it."""
        if item.written is not None:
            return self.classes.filled(found, item.written.inverse)
        if "related_name" in item.hidden or item.row.between:
            return ""
        if item.kind == "many-to-many" and target == found.cls:
            if self.classes.plain.constant(item.given.get("symmetrical")) != "false":
                return ""
        site = item.given.get("related_name")
        name = self.classes.plain.string(site)
        if site is not None and not name and self.classes.plain.constant(site) != "null":
            return ""
        if not name:
            name = self.classes.plain.string(
                self.classes.names.assigned(self.classes.options(found), "default_related_name")
            )
        if name.endswith("+"):
            return ""
        plain = found.name.lower()
        return self.classes.filled(found, name) if name else (plain if item.kind == "one-to-one" else f"{plain}_set")

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What a concrete model's relations add to their targets."""
        found = self.classes.model(model)
        if found.abstract or found.proxy is not None:
            return ()
        added: list[tuple[Value, Related]] = []
        for related in self.own(found):
            item = found.fields[related.name]
            name = related.relation.inverse
            if not name or isinstance(related.model, Unknown):
                continue
            query = self.classes.plain.string(item.given.get("related_query_name"))
            given = "related_name" in item.given or name not in (f"{found.name.lower()}_set",)
            other = Related(
                name,
                model,
                item.kind != "one-to-one",
                related.relation,
                model,
                inverse=True,
                query_name=self.classes.filled(found, query) if query else (name if given else found.name.lower()),
                join=related.join,
            )
            added.append((related.model, other))
        for parent in found.parents:
            relation = self.upwards(found, parent)
            down = relation.inverse
            added.append((parent, Related(down, model, False, relation, model, inverse=True, query_name=down)))
        return added

    # Tables between two models

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables that a concrete model's many-to-many relations need and that no model declares."""
        found = self.classes.model(model)
        if found.abstract or found.proxy is not None or not found.managed:
            return ()
        return [
            self._join(found, item)
            for item in found.fields.values()
            if item.kind == "many-to-many"
            and "through" not in item.given
            and "through" not in item.hidden
            and not item.row.between
        ]

    def _join(self, found: Model, item: Field) -> Table:
        target = self.classes.target(found, item)
        own, above = f"{found.name.lower()}_id", self.classes.primary(found.cls)
        other_name = (
            self.classes.evaluator.classes.class_name(target)
            if isinstance(target, (ProjectClass, LibraryClass))
            else ""
        )
        if not other_name and item.written is None:
            other_name = self.classes.plain.string(item.given.get("to") or item.first).rpartition(".")[2]
        other, beyond = f"{other_name.lower()}_id", self.classes.primary(target)
        if target == found.cls:
            own, other = f"from_{own}", f"to_{other}"
        columns = [msgspec.structs.replace(self.classes.implicit(found.cls.path), place=item.place)]
        keys = [Key("primary", ("id",), place=item.place)]
        indexes: list[Index] = []
        ends = [(own, found.table, above, self.classes.primary_type(found.cls))]
        if other_name:
            ends.append((other, self.classes.target_table(item, target), beyond, self.classes.primary_type(target)))
        for column, table, key, kind in ends:
            columns.append(SchemaColumn(column, kind, nullable=False, place=item.place))
            names = (key[0].name,) if key is not None else ()
            foreign = Key("foreign", (column,), "", table, names, "cascade", place=item.place, on_delete_by="client")
            keys.append(msgspec.structs.replace(foreign, enforced=self.classes.enforced(item)))
            indexes.append(Index("", (IndexColumn(column),), place=item.place))
            indexes += patterned(columns[-1], self.classes.surroundings.dialect, item.place)
        if other_name:
            keys.append(Key("unique", (own, other), place=item.place))
        return Table(
            self._join_name(found, item),
            origin="model",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=bool(other_name) and item.sure,
            place=item.place,
        )
