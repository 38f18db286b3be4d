"""MikroORM's entities as tables.

Source: MikroORM 6 documentation ("Defining Entities", "Modelling Entity Relationships", "Inheritance Mapping",
"Embeddables", "Naming Strategy"), `MetadataDiscovery` and `DatabaseTable` of 6.6. PostgreSQL alone gets no index on
what refers to another table unless the property says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.mikroorm_columns import ColumnMaker
from dblint.link.model_readers.mikroorm_properties import RELATIONS, Declaration, Properties, Property
from dblint.link.model_readers.shared import Related, Surroundings, place, replaced
from dblint.link.values import ProjectClass, Value

CASCADING = frozenset({"REMOVE", "ALL", "remove", "all"})
"""Words of what is done with a row when the one is deleted that it refers to."""
DEPTH = 6
"""Values inside of values, and keys that are relations, that are followed."""


class MikroOrmModels:
    """Reads MikroORM's entities. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.properties = Properties(surroundings)
        self.columns = ColumnMaker(surroundings, self.properties)
        self._all: dict[ProjectClass, tuple[dict[str, Property], bool]] = {}

    # Declarations

    def _lineage(self, model: ProjectClass) -> list[Declaration]:
        """What declares an entity, and what it extends, nearest first."""
        found: list[Declaration] = []
        pending: list[ProjectClass] = [model]
        while pending and len(found) < DEPTH * DEPTH:
            current = pending.pop(0)
            for cls in self.evaluator.classes.mro(current):
                said = self.properties.of(cls) if isinstance(cls, ProjectClass) else None
                if said is not None and said not in found:
                    found.append(said)
                    pending += [said.above] if isinstance(said.above, ProjectClass) else []
        return found

    def _entity(self, model: ProjectClass) -> Declaration | None:
        """The declaration whose table an entity has: that of the one above all that share a table."""
        found = [said for said in self._lineage(model) if self._is_entity(said)]
        if not found or (found[0].model != ProjectClass(model.path, model.node) and not self._made(found[0])):
            return None
        for said in reversed(found):
            if "discriminatorColumn" in said.options or "discriminatorMap" in said.options:
                return said
        return None if self._unstored(found[0]) else found[0]

    def _made(self, said: Declaration) -> bool:
        """Whether a call declares it: the class that extends what the call gives is the same entity."""
        return not self.evaluator.files[said.model.path].interface.classes.get(said.model.node)

    def _is_entity(self, said: Declaration) -> bool:
        return self._made(said) or any(mark.word == "Entity" for mark in said.marks)

    def _unstored(self, said: Declaration) -> bool:
        """Whether an entity has no table of its own: a base, or one that a statement gives."""
        words = ("abstract", "virtual", "embeddable")
        return "expression" in said.options or any(self.plain.true(said.options.get(word)) for word in words)

    def _name(self, said: Declaration) -> str:
        named = [self.plain.string(said.options.get(word)) for word in ("tableName", "collection")]
        return next((name for name in named if name), "").rpartition(".")[2] or self.columns.called(said.name)

    def _table_of(self, model: Value) -> str:
        said = self._entity(model) if isinstance(model, ProjectClass) else None
        return self._name(said) if said is not None else ""

    def _properties(self, model: ProjectClass) -> tuple[dict[str, Property], bool]:
        """The properties of an entity with those of what it extends, and whether all are known."""
        key = ProjectClass(model.path, model.node)
        found = self._all.get(key)
        if found is None:
            lineage = self._lineage(key)
            said = {each.name: each for one in reversed(lineage) for each in one.properties}
            complete = all(one.complete for one in lineage) and not self.evaluator.classes.unread(key)
            found = said, complete
            if not self.evaluator.depth():
                self._all[key] = found
        return found

    def _below(self, said: Declaration) -> Iterator[ProjectClass]:
        """The entities that share a table with this one."""
        if "discriminatorColumn" in said.options or "discriminatorMap" in said.options:
            yield from self.evaluator.classes.subclasses(said.model)

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of an entity; None for bases and what is kept inside of other rows."""
        said = self._entity(model)
        if said is None:
            return None
        properties, complete = self._properties(said.model)
        own = set(properties)
        for below in self._below(said):
            more, known = self._properties(below)
            properties = {**more, **properties}
            complete = complete and known
        where = place(self.evaluator, Site(said.model.path, said.model.node, None))
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        primary: list[str] = []
        named: dict[str, tuple[str, ...]] = {}
        for each in properties.values():
            made = list(self._columns_of(each))
            if each.name not in own:
                made = [msgspec.structs.replace(column, nullable=True) for column in made]
            columns += made
            named[each.name] = tuple(column.name for column in made)
            complete = complete and not each.open and (each.word != "Embedded" or bool(made))
            if made and self.columns.primary(each):
                primary += named[each.name]
            keys += self._keys(each, made)
            indexes += self._indexes(each, made)
        discriminator = self.plain.string(said.options.get("discriminatorColumn"))
        if discriminator and discriminator not in properties:
            told = SchemaColumn(
                self.columns.called(discriminator), self.columns.kind("enum"), nullable=False, place=where
            )
            columns.append(told)
            indexes.append(Index("", (IndexColumn(told.name),), place=where))
        if primary:
            keys.insert(0, Key("primary", tuple(dict.fromkeys(primary)), place=where))
        said_so: list[tuple[str, Mapping[str, Site], tuple[str, ...], Site]] = [
            (mark.word, mark.options, (), mark.site) for mark in said.marks
        ]
        for each in properties.values():
            own_columns = named.get(each.name, ())
            marks = each.member.marks if each.member is not None else ()
            said_so += [(mark.word, mark.options, own_columns, mark.site) for mark in marks]
        for word, kind in (("indexes", "Index"), ("uniques", "Unique")):
            for site in self.plain.elements(said.options.get(word)):
                said_so.append((kind, dict(entries(self.evaluator, site)[0]), (), site))
        for word, options, columns_of, site in said_so:
            if word in ("Index", "Unique", "Check"):
                complete = self._marked(word, options, columns_of, site, named, keys, indexes) and complete
        return Table(
            self._name(said),
            schema=self.plain.string(said.options.get("schema")),
            model=said.name,
            origin="model",
            columns=replaced(columns),
            keys=tuple(dict.fromkeys(keys)),
            indexes=tuple(dict.fromkeys(indexes)),
            relations=tuple(related.relation for related in self.relations(said.model).values()),
            complete=complete and bool(self.columns.naming()) and "expression" not in said.options,
            place=where,
        )

    def _marked(
        self,
        word: str,
        options: Mapping[str, Site],
        own: tuple[str, ...],
        site: Site,
        named: Mapping[str, tuple[str, ...]],
        keys: list[Key],
        indexes: list[Index],
    ) -> bool:
        """Adds the index or constraint that a class or property says besides; False where it cannot be read."""
        where = place(self.evaluator, site)
        name = self.plain.string(options.get("name"))
        if word == "Check":
            keys.append(Key("check", (), name, place=where, expression=self.plain.string(options.get("expression"))))
            return True
        if "expression" in options:
            return False
        given = options.get("properties")
        words = [self.plain.string(given)] if given is not None and self.plain.string(given) else []
        words = words or list(self.plain.strings(given))
        columns = tuple(column for each in words for column in named.get(each, (self.columns.called(each),)))
        columns = columns or (own if given is None else ())
        if not columns:
            return False
        if word == "Unique":
            keys.append(Key("unique", columns, name, place=where))
        else:
            method = self.plain.string(options.get("type")).lower()
            indexes.append(Index(name, tuple(map(IndexColumn, columns)), method=method, place=where))
        return True

    # Columns

    def _columns_of(
        self, said: Property, prefix: str = "", above: str = "", depth: int = DEPTH
    ) -> Iterator[SchemaColumn]:
        """The columns of a property: of a relation those that hold the key of the other row, of a value that is kept
        inside of the row those of its parts."""
        attribute = f"{above}_{said.name}" if above else said.name
        if not self.columns.kept(said) or depth <= 0:
            return
        if said.word in RELATIONS:
            if self._holds(said):
                for name, key in self._joined(said, depth):
                    null = self._null(said)
                    kind = key.type if key is not None else ""
                    yield SchemaColumn(
                        prefix + name, kind, null, attribute=attribute, place=place(self.evaluator, said.site)
                    )
        elif said.word == "Embedded":
            yield from self._embedded(said, prefix, attribute, depth)
        else:
            yield self.columns.column(said, prefix, attribute)

    def _embedded(self, said: Property, prefix: str, attribute: str, depth: int) -> Iterator[SchemaColumn]:
        if self.properties.flag(said, "object", "array"):
            column = self.columns.column(said, prefix, attribute)
            yield msgspec.structs.replace(column, type=column.type or self.columns.kind("json"))
            return
        target = self.properties.target(said)
        if not isinstance(target, ProjectClass):
            return
        inner = prefix + self.columns.called(said.name) + "_"
        if self.properties.denied(said, "prefix"):
            inner = prefix
        elif written := self.properties.text(said, "prefix"):
            inner = prefix + written
        null = self.columns.nullable(said)
        for each in self._properties(target)[0].values():
            for column in self._columns_of(each, inner, attribute, depth - 1):
                yield msgspec.structs.replace(column, nullable=True) if null is not False else column

    def _null(self, said: Property) -> bool | None:
        """Whether what refers to another row may be null; what is deleted along may, unless it is said not to be."""
        null = self.columns.nullable(said)
        if null is False and "nullable" not in said.options and self._cascades(said):
            return True
        return null

    def _cascades(self, said: Property) -> bool:
        words = [self.plain.word(site) or self.plain.string(site) for site in self._cascade(said)]
        return not CASCADING.isdisjoint(words)

    def _cascade(self, said: Property) -> Sequence[Site]:
        return self.plain.elements(said.options.get("cascade"))

    # Keys

    def _holds(self, said: Property) -> bool:
        """Whether a relation's columns are in this table."""
        if said.word == "OneToOne":
            return self.properties.flag(said, "owner") or said.inner is None
        return said.word == "ManyToOne"

    def _joined(self, said: Property, depth: int) -> list[tuple[str, SchemaColumn | None]]:
        """The names of the columns that hold a relation, each with the column that it refers to."""
        target = self.properties.target(said)
        primary = self._primary(target, depth - 1) if isinstance(target, ProjectClass) else []
        names = self.properties.texts(said, "joinColumns", "fieldNames")
        one = self.properties.text(said, "joinColumn", "fieldName", "name")
        names = names or ((one,) if one else ())
        if names:
            return [(name, primary[at] if at < len(primary) else None) for at, name in enumerate(names)]
        if not primary:
            return [(self.columns.foreign(said.name, "id"), None)]
        return [(self.columns.foreign(said.name, key.name), key) for key in primary]

    def _primary(self, model: ProjectClass, depth: int = DEPTH) -> list[SchemaColumn]:
        """The columns of an entity's key."""
        return [
            column
            for each in self._properties(model)[0].values()
            if self.columns.primary(each)
            for column in self._columns_of(each, depth=depth)
        ]

    def _keys(self, said: Property, columns: Sequence[SchemaColumn]) -> Iterator[Key]:
        """The constraints that a property says."""
        names = tuple(column.name for column in columns)
        where = place(self.evaluator, said.site)
        if not names:
            return
        unique = said.options.get("unique")
        if self.properties.flag(said, "unique") or (unique is not None and self.plain.string(unique)):
            yield Key("unique", names, self.plain.string(unique), place=where)
        if said.word not in RELATIONS:
            return
        if said.word == "OneToOne" and not self.properties.denied(said, "unique"):
            yield Key("unique", names, place=where)
        target = self.properties.target(said)
        deleted = self.properties.text(said, "deleteRule", "onDelete").lower()
        deleted = deleted or ("cascade" if self._cascades(said) else "set null" if self._null(said) else "")
        keys = self._primary(target) if isinstance(target, ProjectClass) else []
        yield Key(
            "foreign",
            names,
            self.properties.text(said, "foreignKeyName"),
            self._table_of(target),
            tuple(key.name for key in keys),
            on_delete=deleted,
            on_update=self.properties.text(said, "updateRule", "onUpdateIntegrity").lower() or "cascade",
            enforced=not self.properties.denied(said, "createForeignKeyConstraint"),
            place=where,
        )

    def _indexes(self, said: Property, columns: Sequence[SchemaColumn]) -> Iterator[Index]:
        """The index that a property says, or that a database other than PostgreSQL gets for a relation."""
        index = said.options.get("index")
        name = self.plain.string(index)
        own = said.word == "ManyToOne" and self.surroundings.dialect != "postgres"
        if columns and (name or self.properties.flag(said, "index") or (own and index is None)):
            parts = tuple(IndexColumn(column.name) for column in columns)
            yield Index(name, parts, place=place(self.evaluator, said.site))

    # Relations

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column is declared."""
        return None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of an entity by property."""
        found: dict[str, Related] = {}
        for said in self._properties(model)[0].values():
            if said.word not in RELATIONS or self.properties.flag(said, "mapToPk"):
                continue
            target = self.properties.target(said)
            kind = RELATIONS[said.word]
            pairs = self._joined(said, DEPTH) if self._holds(said) else []
            relation = Relation(
                said.name,
                self._table_of(target),
                kind,
                tuple(name for name, _ in pairs),
                tuple(key.name for _, key in pairs if key is not None),
                self._inverse(said),
                "joined" if self.properties.flag(said, "eager") else "",
                place=place(self.evaluator, said.site),
            )
            found[said.name] = Related(said.name, target, kind != "to-one", relation, model, query_name=said.name)
        return found

    def _inverse(self, said: Property) -> str:
        """What the other end of a relation is called."""
        site = said.inner or said.options.get("inversedBy")
        names = self.properties.members.names(site) if site is not None else None
        return names[0] if names and len(names) == 1 else self.plain.string(site)

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002 - both ends are declared
        """What its relations add to others: nothing."""
        return ()

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    # Tables between two entities

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables of the many-to-many relations that an entity owns."""
        said = self._entity(model)
        if said is None or said.model != ProjectClass(model.path, model.node):
            return ()
        return [
            self._join(said, each)
            for each in self._properties(model)[0].values()
            if each.word == "ManyToMany"
            and (each.inner is None or self.properties.flag(each, "owner"))
            and "pivotEntity" not in each.options
        ]

    def _join(self, owner: Declaration, said: Property) -> Table:
        target = self.properties.target(said)
        own, other = self._name(owner), self._table_of(target)
        where = place(self.evaluator, said.site)
        name = self.properties.text(said, "pivotTable").rpartition(".")[2] or f"{own}_{self.columns.called(said.name)}"
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        named = True
        for model, table, word in ((owner.model, own, "joinColumn"), (target, other, "inverseJoinColumn")):
            entity = self._entity(model) if isinstance(model, ProjectClass) else None
            begin = self.columns.called(entity.name) if entity is not None else table
            for key in self._primary(model) if isinstance(model, ProjectClass) else ():
                written = self.properties.text(said, word)
                column = written or f"{begin}_{key.name}"
                named = named and (bool(written) or begin == table)  # 6 names it after the class, 7 after the table
                if column in {each.name for each in columns}:
                    column = f"{begin}_1_{key.name}"
                columns.append(SchemaColumn(column, key.type, nullable=False, place=where))
                keys.append(
                    Key("foreign", (column,), "", table, (key.name,), "cascade", on_update="cascade", place=where)
                )
        names = tuple(column.name for column in columns)
        complete = named and bool(other) and len(columns) > 1 and bool(self.columns.naming())
        indexed = self.surroundings.dialect != "postgres"
        ordered = self.properties.flag(said, "fixedOrder")  # by a key of its own
        if names and not ordered:
            keys.insert(0, Key("primary", names, place=where))
        return Table(
            name,
            origin="model",
            columns=tuple(columns),
            keys=tuple(keys),
            indexes=tuple(Index("", (IndexColumn(column),), place=where) for column in names if indexed),
            complete=complete and not ordered,
            place=where,
        )
