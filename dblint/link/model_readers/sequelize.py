"""Sequelize's models as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.query import Clause, Column, Element, Order
from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries
from dblint.link.inflection import plural, singular
from dblint.link.model_readers.sequelize_columns import column, word
from dblint.link.model_readers.sequelize_declarations import (
    ASSOCIATIONS,
    Association,
    Attribute,
    Declaration,
    Declarations,
)
from dblint.link.model_readers.shared import JOIN, Related, Surroundings, replaced
from dblint.link.values import UNKNOWN, ProjectClass, SchemaModel, Value, options

STAMPS = ("createdAt", "updatedAt", "deletedAt")


class _Held(msgspec.Struct, frozen=True):
    """A foreign key that a relation puts into a model's table: the attribute and its column, and what it refers to."""

    attribute: str
    column: str
    target: ProjectClass
    site: Site
    given: Mapping[str, Site]
    """What the relation says of it."""
    options: Mapping[str, Site]
    own: bool
    """The relation is one of the model itself, not of the model that it refers to."""
    joins: bool
    """The model is that of the rows between two others."""


class SequelizeModels:
    """Reads Sequelize's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.declarations = Declarations(surroundings)
        self._associations: dict[ProjectClass, list[Association]] | None = None
        self._plain: dict[ProjectClass, list[tuple[Attribute, SchemaColumn]]] = {}

    # Names

    def _option(self, declaration: Declaration, name: str) -> Site | None:
        """What a model, or all of them, says under a name."""
        return declaration.options.get(name) or self.declarations.defaults().get(name)

    def _underscored(self, declaration: Declaration) -> bool:
        return self.plain.true(self._option(declaration, "underscored"))

    def _field(self, declaration: Declaration, name: str) -> str:
        """The column of an attribute that does not name it."""
        return underscore(name) if self._underscored(declaration) else name

    def _name(self, declaration: Declaration) -> str:
        """The name of a model's table."""
        said = declaration.options.get("tableName")
        if said is not None:
            return self.plain.string(said)
        if self.plain.true(self._option(declaration, "freezeTableName")):
            return declaration.name
        several = self._words(declaration, "plural") if "name" in declaration.options else plural(declaration.name)
        several = several or plural(declaration.name)
        return underscore(several) if self._underscored(declaration) else several

    def registered(self, model: ProjectClass) -> str:
        """The name under which `sequelize.models` keeps a model: that of its class, or its option `modelName`."""
        declaration = self.declarations.of(model)
        return declaration.name if declaration is not None else ""

    def _words(self, declaration: Declaration, key: str) -> str:
        given = declaration.options.get("name")
        return self.plain.string(dict(entries(self.evaluator, given)[0]).get(key)) if given is not None else ""

    def _called(self, model: ProjectClass, *, many: bool) -> str:
        """What a relation that leads to a model is called where nothing names it."""
        declaration = self.declarations.of(model)
        if declaration is None:
            return ""
        said = self._words(declaration, "plural" if many else "singular")
        return said or (plural if many else singular)(declaration.name)

    def _table_of(self, model: Value | None) -> str:
        declaration = self.declarations.of(model) if isinstance(model, ProjectClass) else None
        return self._name(declaration) if declaration is not None else ""

    # Columns

    def _columns(self, model: ProjectClass) -> list[tuple[Attribute, SchemaColumn]]:
        """The columns of the attributes that a model declares itself."""
        found = self._plain.get(model)
        if found is not None:
            return found
        declaration = self.declarations.of(model)
        columns: list[tuple[Attribute, SchemaColumn]] = []
        for attribute in declaration.attributes if declaration is not None else ():
            kind = attribute.given.get("type")
            if kind is not None and word(self.plain, kind) == "VIRTUAL":
                continue
            columns.append((attribute, self._column(declaration, attribute)))  # type: ignore[arg-type]
        if not self.evaluator.depth():
            self._plain[model] = columns
        return columns

    def _column(self, declaration: Declaration, attribute: Attribute) -> SchemaColumn:
        name = self.plain.string(attribute.given.get("field")) or self._field(declaration, attribute.name)
        inferred = ""
        if attribute.member is not None and "type" not in attribute.given:
            words = [each for each in self.declarations.members.annotated(attribute.member) if each]
            inferred = words[0] if len(words) == 1 else ""
        made = column(
            self.plain,
            name,
            attribute.name,
            attribute.given,
            self.surroundings.dialect,
            attribute.site,
            inferred=inferred,
        )
        marked = {mark.word for mark in attribute.marks}
        if "AutoIncrement" in marked:
            made = msgspec.structs.replace(made, default_by="database")
        return msgspec.structs.replace(made, nullable=False) if self._is_key(attribute) else made

    def _is_key(self, attribute: Attribute) -> bool:
        marked = any(mark.word == "PrimaryKey" for mark in attribute.marks)
        return marked or self.plain.true(attribute.given.get("primaryKey"))

    def _key(self, model: ProjectClass) -> SchemaColumn | None:
        """The column of a model's key, where it has one of one column."""
        declaration = self.declarations.of(model)
        if declaration is None:
            return None
        keys = [made for attribute, made in self._columns(model) if self._is_key(attribute)]
        if len(keys) > 1:
            return None
        return keys[0] if keys else self._implied(declaration)

    def _implied(self, declaration: Declaration) -> SchemaColumn:
        """The key of a model that declares none."""
        model = declaration.model
        return SchemaColumn(
            self._field(declaration, "id"),
            "integer",
            nullable=False,
            attribute="id",
            default_by="database",
            place=self.plain.place(Site(model.path, model.node, None)),
        )

    def _stamps(self, declaration: Declaration) -> Iterator[SchemaColumn]:
        """The columns in which the library keeps times."""
        marked = {
            {"CreatedAt": "createdAt", "UpdatedAt": "updatedAt", "DeletedAt": "deletedAt"}.get(mark.word, "")
            for attribute in declaration.attributes
            for mark in attribute.marks
        }
        if self.plain.constant(self._option(declaration, "timestamps")) == "false" and not marked - {""}:
            return
        model = declaration.model
        for stamp in STAMPS:
            said = self._option(declaration, stamp)
            if stamp in marked or (said is not None and self.plain.constant(said) == "false"):
                continue
            if stamp == "deletedAt" and not self._paranoid(declaration):
                continue
            name = self.plain.string(said) or stamp
            dialect = self.surroundings.dialect
            yield SchemaColumn(
                self._field(declaration, name),
                "timestamptz" if dialect == "postgres" else "datetime",
                nullable=stamp == "deletedAt",
                attribute=name,
                default_by="client" if stamp != "deletedAt" else "",
                place=self.plain.place(Site(model.path, model.node, None)),
            )

    def _paranoid(self, declaration: Declaration) -> bool:
        return self.plain.true(self._option(declaration, "paranoid"))

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a model; None for bases."""
        declaration = self.declarations.of(model)
        name = self._name(declaration) if declaration is not None else ""
        if declaration is None or not name:
            return None
        where = self.plain.place(Site(model.path, model.node, None))
        columns = [made for _, made in self._columns(model)]
        keys: list[Key] = []
        primary = [made.name for attribute, made in self._columns(model) if self._is_key(attribute)]
        joining = self._joins_two(model)
        if not primary and not self._key_removed(declaration) and not joining:
            columns.insert(0, self._implied(declaration))
            primary = [columns[0].name]
        known = {each.attribute for each in columns}
        columns += [stamp for stamp in self._stamps(declaration) if stamp.attribute not in known]
        named = {each.attribute: each.name for each in columns}
        for held in self._held(model):
            if held.attribute not in named:
                columns.append(self._foreign_column(held))
                named[held.attribute] = held.column
        if joining and not primary:
            primary = [named[each] for each in joining if each in named]
            columns = [msgspec.structs.replace(one, nullable=False) if one.name in primary else one for one in columns]
        if primary:
            keys.append(Key("primary", tuple(primary), place=where))
        keys += self._keys(model, named)
        indexes, known_indexes = self._indexes(declaration, named)
        schema = declaration.options.get("schema")
        return Table(
            name,
            schema=self.plain.string(schema),
            model=declaration.name,
            origin="model",
            columns=replaced(columns),
            keys=tuple(dict.fromkeys(keys)),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self.relations(model).values()),
            complete=declaration.complete and known_indexes,
            place=where,
            order=self._default_order(declaration),
        )

    def _key_removed(self, declaration: Declaration) -> bool:
        """Whether the model says that it has no key (`removeAttribute("id")`)."""
        model = declaration.model
        for path, call in self.evaluator.words.called("removeAttribute"):
            owner = self.evaluator.value(path, call + 2)
            first = self.plain.argument(Site(path, call, None), "0")
            if any(option == model for option in options(owner)) and self.plain.string(first) == "id":
                return True
        return False

    def _keys(self, model: ProjectClass, named: Mapping[str, str]) -> Iterator[Key]:
        groups: dict[str, list[str]] = {}
        for attribute, made in self._columns(model):
            unique = attribute.given.get("unique")
            for mark in attribute.marks:
                if mark.word == "Unique":
                    group = self.plain.string(mark.arguments[0]) if mark.arguments else ""
                    group = group or self.plain.string(mark.options.get("name"))
                    groups.setdefault(group or f"{made.name} alone", []).append(made.name)
            if unique is None or self.plain.constant(unique) == "false":
                continue
            group = self.plain.string(unique) or self.plain.string(dict(entries(self.evaluator, unique)[0]).get("name"))
            groups.setdefault(group or f"{made.name} alone", []).append(made.name)
        for name, columns in groups.items():
            yield Key("unique", tuple(columns), "" if name.endswith(" alone") else name)
        held = {each.attribute: each for each in self._held(model)}
        for attribute, made in self._columns(model):
            given = attribute.given.get("references")
            if given is None or attribute.name in held:
                continue
            pairs = dict(entries(self.evaluator, given)[0])
            target = pairs.get("model", given)
            table = self._table_of(self.declarations.target(target)) or self.plain.string(target)
            table = table or self.plain.string(dict(entries(self.evaluator, target)[0]).get("tableName"))
            yield Key(
                "foreign",
                (made.name,),
                target=table,
                target_columns=(self.plain.string(pairs.get("key")) or "id",),
                on_delete=self.plain.string(attribute.given.get("onDelete")).lower(),
                on_update=self.plain.string(attribute.given.get("onUpdate")).lower(),
                place=made.place,
            )
        by_name = {made.attribute: (attribute, made) for attribute, made in self._columns(model)}
        for each in held.values():
            found = by_name.get(each.attribute)
            constrained = self.plain.constant(each.options.get("constraints")) != "false"
            null = found[1].nullable if found is not None else self._foreign_column(each).nullable
            said = [each.options.get("onDelete")] + ([found[0].given.get("onDelete")] if found is not None else [])
            text = next((self.plain.string(site) for site in said if self.plain.string(site)), "").lower()
            otherwise = "no action" if each.own else "cascade"
            otherwise = "set null" if null and not each.joins else otherwise
            key = self._key(each.target)
            if constrained:
                yield Key(
                    "foreign",
                    (named.get(each.attribute, each.column),),
                    target=self._table_of(each.target),
                    target_columns=(key.name,) if key is not None else (),
                    on_delete=text or otherwise,
                    on_update=self.plain.string(each.options.get("onUpdate")).lower() or "cascade",
                    place=self.plain.place(each.site),
                )

    def _foreign_column(self, held: _Held) -> SchemaColumn:
        key = self._key(held.target)
        said = self.plain.constant(held.given.get("allowNull"))
        return SchemaColumn(
            held.column,
            key.type if key is not None else "",
            nullable=said != "false" if said else None if held.given.get("allowNull") else True,
            attribute=held.attribute,
            place=self.plain.place(held.site),
        )

    def _indexes(self, declaration: Declaration, named: Mapping[str, str]) -> tuple[list[Index], bool]:
        """The indexes that a model declares, and whether all of them can be read."""
        found: list[Index] = []
        known = True
        given = declaration.options.get("indexes")
        elements = self.plain.elements(given)
        known = given is None or bool(elements) or self._empty_list(given)
        for element in elements:
            pairs = dict(entries(self.evaluator, element)[0])
            columns = self._index_columns(pairs.get("fields"), named)
            known = known and bool(columns)
            if columns:
                index = self.index(pairs, columns, element)
                if not index.name and all(each.name for each in columns):
                    table = self._name(declaration)
                    name = underscore("_".join((table, *(each.name for each in columns))))
                    index = msgspec.structs.replace(index, name=name)
                found.append(index)
        groups: dict[str, list[tuple[IndexColumn, bool, Site]]] = {}
        for attribute in declaration.attributes:
            for mark in attribute.marks:
                if mark.word == "Index":
                    name = self.plain.string(mark.arguments[0]) if mark.arguments else ""
                    name = name or self.plain.string(mark.options.get("name"))
                    own = named.get(attribute.name, attribute.name)
                    unique = self.plain.true(mark.options.get("unique"))
                    groups.setdefault(name or f"{own} alone", []).append((IndexColumn(own), unique, mark.site))
        for name, parts in groups.items():
            found.append(
                Index(
                    "" if name.endswith(" alone") else name,
                    tuple(part for part, _, _ in parts),
                    any(unique for _, unique, _ in parts),
                    place=self.plain.place(parts[0][2]),
                )
            )
        return found, known

    def _empty_list(self, site: Site) -> bool:
        literal = self.plain.literal(site)
        return self.evaluator.tree(literal.path).kinds[literal.node] == Kind.LIST

    def index(self, pairs: Mapping[str, Site], columns: Sequence[IndexColumn], site: Site) -> Index:
        """An index as its options say it."""
        kind = self.plain.string(pairs.get("type")).lower()
        return Index(
            self.plain.string(pairs.get("name")),
            tuple(columns),
            self.plain.true(pairs.get("unique")) or kind == "unique",
            method=(self.plain.string(pairs.get("using")) or self.plain.string(pairs.get("method"))).lower(),
            predicate="?" if "where" in pairs else "",
            place=self.plain.place(site),
        )

    def _index_columns(self, site: Site | None, named: Mapping[str, str]) -> list[IndexColumn]:
        return index_columns(self, site, named)

    def scope(self, model: ProjectClass) -> tuple[Mapping[str, Site], bool]:
        """What every query of a model begins with (`defaultScope`), by the words of finders, and whether there may be
        more."""
        declaration = self.declarations.of(model)
        if declaration is None:
            return {}, False
        site = declaration.options.get("defaultScope")
        for mark in declaration.marks:
            if mark.word == "DefaultScope" and mark.arguments:
                site = self.declarations.members.body_of(mark.arguments[0]) or mark.arguments[0]
            elif mark.word == "DefaultScope":
                return mark.options, mark.open
        if site is None:
            return {}, False
        pairs, hidden = entries(self.evaluator, site)
        return dict(pairs), hidden

    def _default_order(self, declaration: Declaration) -> Clause[Order]:
        """How the model's default scope sorts."""
        order = self.scope(declaration.model)[0].get("order")
        if order is None:
            return Clause()
        found: list[Element[Order]] = []
        for element in self.plain.elements(order):
            parts = self.plain.elements(element)
            name = self.plain.string(parts[0]) if parts else self.plain.string(element)
            if not name:
                return Clause((), True)
            down = len(parts) > 1 and self.plain.string(parts[-1]).upper().startswith("DESC")
            found.append(Element(Order(Column(self._field(declaration, name)), down)))
        return Clause(tuple(found), not found)

    # Relations

    def _all(self) -> Mapping[ProjectClass, list[Association]]:
        """The relations that models declare, by model."""
        if self._associations is not None:
            return self._associations
        found: dict[ProjectClass, list[Association]] = {}
        with self.evaluator.partial() as partial:
            for one in self.declarations.associations():
                found.setdefault(one.owner, []).append(one)
            relations = self.evaluator.relations
            for model in relations.classes() if relations is not None else ():
                for one in self.declarations.decorated(model):
                    found.setdefault(one.owner, []).append(one)
        if not (partial and self.evaluator.depth()):
            self._associations = found
        return found

    def _alias(self, one: Association) -> str:
        """What a relation is called."""
        if one.named:
            return one.named
        many = ASSOCIATIONS[one.word][0] != "to-one"
        given = one.options.get("as")
        if given is not None:
            pairs = dict(entries(self.evaluator, given)[0])
            return self.plain.string(pairs.get("plural" if many else "singular")) or self.plain.string(given)
        return self._called(one.target, many=many) if isinstance(one.target, ProjectClass) else ""

    def _held(self, model: ProjectClass) -> list[_Held]:
        """The foreign keys that relations put into a model's table."""
        found: dict[str, _Held] = {}
        for owner, associations in self._all().items():
            for one in associations:
                for holder, attribute, target, key in self._keys_of(owner, one):
                    if holder != ProjectClass(model.path, model.node):
                        continue
                    if attribute not in found or (
                        "onDelete" in one.options and "onDelete" not in found[attribute].options
                    ):
                        # Which of two sides is declared first decides; where one of them says something, that counts.
                        found[attribute] = self._held_by(model, attribute, target, one, key)
        return list(found.values())

    def _held_by(
        self, model: ProjectClass, attribute: str, target: ProjectClass, one: Association, key: Site | None
    ) -> _Held:
        given = dict(entries(self.evaluator, key)[0]) if key is not None and not self.plain.string(key) else {}
        declaration = self.declarations.of(model)
        name = self.plain.string(given.get("field")) or (
            self._field(declaration, attribute) if declaration is not None else attribute
        )
        own = next((made.name for _, made in self._columns(model) if made.attribute == attribute), name)
        through = one.word == "belongsToMany"
        return _Held(
            attribute, own, target, one.site, given, {} if through else one.options, one.word == "belongsTo", through
        )

    def _keys_of(
        self, owner: ProjectClass, one: Association
    ) -> Iterator[tuple[ProjectClass, str, ProjectClass, Site | None]]:
        """The foreign keys that a relation makes: whose they are, their attribute, what they refer to."""
        if not isinstance(one.target, ProjectClass):
            return
        key = one.options.get("foreignKey") or one.key
        if one.word == "belongsToMany":
            through = self._through(one)
            if isinstance(through, ProjectClass):
                other = one.options.get("otherKey") or one.other
                yield through, self._attribute(key, owner, through, owner), owner, key
                yield through, self._attribute(other, one.target, through, one.target), one.target, other
            return
        _, own = ASSOCIATIONS[one.word]
        if own:
            said = self._named_key(key) or self._marked_key(owner, one.target) or self._default_key(one, one.target)
            yield owner, said, one.target, key
        else:
            yield one.target, self._attribute(key, owner, one.target, owner), owner, key

    def _default_key(self, one: Association, target: ProjectClass) -> str:
        key = self._key(target)
        return camelize(f"{self._alias(one)}_{key.attribute if key is not None else 'id'}")

    def _named_key(self, key: Site | None) -> str:
        """The attribute that a relation names as its key."""
        if key is None:
            return ""
        pairs = dict(entries(self.evaluator, key)[0])
        return (
            self.plain.string(key) or self.plain.string(pairs.get("name")) or self.plain.string(pairs.get("fieldName"))
        )

    def _marked_key(self, holder: ProjectClass, target: ProjectClass) -> str:
        """The attribute of a model that a decorator says is the key of another one."""
        declaration = self.declarations.of(holder)
        for attribute in declaration.attributes if declaration is not None else ():
            for mark in attribute.marks:
                if mark.word == "ForeignKey" and mark.arguments:
                    if self.declarations.target(mark.arguments[0]) == target:
                        return attribute.name
        return ""

    def _attribute(self, key: Site | None, source: ProjectClass, holder: ProjectClass, target: ProjectClass) -> str:
        """The attribute of the holder that refers to the source."""
        said = self._named_key(key) or self._marked_key(holder, target)
        if said:
            return said
        own = self._key(source)
        return camelize(f"{self._called(source, many=False)}_{own.attribute if own is not None else 'id'}")

    def _through(self, one: Association) -> Value | None:
        """The model of the rows between; None where no class is one."""
        site = one.options.get("through") or one.through
        if site is None:
            return None
        site = dict(entries(self.evaluator, site)[0]).get("model", site)
        return self.declarations.target(site)

    def _through_name(self, one: Association) -> str:
        site = one.options.get("through") or one.through
        if site is None:
            return ""
        site = dict(entries(self.evaluator, site)[0]).get("model", site)
        return self.plain.string(site)

    def _joins_two(self, model: ProjectClass) -> list[str]:
        """The attributes by which a model that only joins two others refers to them."""
        found: list[str] = []
        for owner, associations in self._all().items():
            for one in associations:
                if one.word == "belongsToMany" and self._through(one) == ProjectClass(model.path, model.node):
                    found += [attribute for _, attribute, _, _ in self._keys_of(owner, one)]
        return list(dict.fromkeys(found))

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables of many-to-many relations that only a name stands for, with the first that names them."""
        found: list[Table] = []
        everywhere = [one for associations in self._all().values() for one in associations]
        for one in self._all().get(ProjectClass(model.path, model.node), ()):
            name = self._through_name(one)
            if one.word != "belongsToMany" or not name or self._through(one) is not None:
                continue
            named = [each for each in everywhere if self._through_name(each) == name]
            if min(named, key=lambda each: (each.site.path, each.site.node)) is not one:
                continue
            if not isinstance(one.target, ProjectClass):
                continue
            found.append(self._join_table(name, one, model, one.target))
        return found

    def _join_table(self, name: str, one: Association, model: ProjectClass, target: ProjectClass) -> Table:
        declaration = self.declarations.of(model)
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        where = self.plain.place(one.site)
        for source, key in ((model, one.options.get("foreignKey")), (target, one.options.get("otherKey"))):
            own = self._key(source)
            said = self._named_key(key) or camelize(
                f"{self._called(source, many=False)}_{own.attribute if own else 'id'}"
            )
            column_name = self._field(declaration, said) if declaration is not None else said
            kind = own.type if own is not None else ""
            columns.append(SchemaColumn(column_name, kind, False, attribute=said, place=where))
            to = (own.name,) if own is not None else ()
            keys.append(
                Key("foreign", (column_name,), target=self._table_of(source), target_columns=to, on_delete="cascade",
                    on_update="cascade", place=where)
            )  # fmt: skip
        keys.insert(0, Key("primary", tuple(each.name for each in columns), place=where))
        if declaration is not None and self.plain.constant(one.options.get("timestamps")) != "false":
            columns += [each for each in self._stamps(declaration) if each.attribute != "deletedAt"]
        return Table(name, origin="model", columns=replaced(columns), keys=tuple(keys), complete=True, place=where)

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by what they are called."""
        found: dict[str, Related] = {}
        mro = [
            ProjectClass(cls.path, cls.node)
            for cls in self.evaluator.classes.mro(model)
            if isinstance(cls, ProjectClass)
        ]
        for owner in reversed(mro):
            for one in self._all().get(owner, ()):
                name = self._alias(one)
                if name:
                    found[name] = self._related(model, name, one)
        return found

    def _related(self, model: ProjectClass, name: str, one: Association) -> Related:
        kind, _ = ASSOCIATIONS[one.word]
        columns: tuple[str, ...] = ()
        to: tuple[str, ...] = ()
        join: Value = UNKNOWN
        target = one.target if isinstance(one.target, ProjectClass) else None
        keys = list(self._keys_of(one.owner, one))
        if one.word == "belongsToMany":
            through = self._through(one)
            join = through if through is not None else SchemaModel(self._through_name(one), JOIN)
        elif keys and target is not None:
            holder, attribute, refers, key = keys[0]
            columns = (self._held_by(holder, attribute, refers, one, key).column,)
            primary = self._key(refers)
            to = (primary.name,) if primary is not None else ()
            if one.word == "hasOne":  # its own rows do not say which row it is: that one's key does
                columns, to = (), columns
        relation = Relation(name, self._table_of(target), kind, columns, to, place=self.plain.place(one.site))
        many = kind != "to-one"
        return Related(
            name, target if target is not None else UNKNOWN, many, relation, model, query_name=name, join=join
        )

    # What the other readers have besides

    def others(self) -> Sequence[Table]:
        """Every table has a model: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every model has a table of its own: nothing."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column is declared."""
        return None

    def inverses(self, *_: object) -> Sequence[tuple[Value, Related]]:
        """A relation adds nothing to the other model: none."""
        return ()


def index_columns(reader: SequelizeModels, site: Site | None, named: Mapping[str, str]) -> list[IndexColumn]:
    """The columns of an index: names, objects with a name, or expressions; none where one cannot be read."""
    plain = reader.plain
    found: list[IndexColumn] = []
    for element in plain.elements(site):
        name = plain.string(element)
        if name:
            found.append(IndexColumn(named.get(name, name)))
            continue
        if plain.is_call(element):
            found.append(IndexColumn("", expression=True))
            continue
        pairs = dict(entries(plain.evaluator, element)[0])
        name = plain.string(pairs.get("name")) or plain.string(pairs.get("attribute"))
        if not name:
            return []
        down = plain.string(pairs.get("order")).upper() == "DESC"
        found.append(IndexColumn(named.get(name, name), down, operator_class=plain.string(pairs.get("operator"))))
    return found


def camelize(text: str) -> str:
    """`user_id` as `userId` (`Utils.camelize` of Sequelize 6)."""
    return re.sub(r"[-_\s]+(.)?", lambda match: (match[1] or "").upper(), text.strip())


def underscore(text: str) -> str:
    """`userId` as `user_id` (`underscore` of the package inflection)."""
    return re.sub(r"^_", "", re.sub(r"([A-Z])", r"_\1", text)).lower()
