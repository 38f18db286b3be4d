"""SQLAlchemy's tables: declarative models, SQLModel's among them, and `Table(…)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import UNNAMED, Index, Key, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.classes import OF_THE_HOST
from dblint.link.migrations.alembic_columns import Columns
from dblint.link.model_readers import assigned, snake, string
from dblint.link.model_readers.shared import Related, Surroundings, arguments, place, replaced
from dblint.link.model_readers.sqlalchemy_arguments import Arguments, counted
from dblint.link.model_readers.sqlalchemy_attributes import Attribute, Attributes, Body
from dblint.link.model_readers.sqlalchemy_computed_names import ComputedNames
from dblint.link.model_readers.sqlalchemy_core import CoreTables
from dblint.link.model_readers.sqlalchemy_relations import Relations
from dblint.link.model_readers.sqlmodel import Shapes
from dblint.link.values import ExternalValue, Instance, ProjectClass, Value, options
from dblint.link.words import NAMES

SINCE_TWO = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass"})
"""Bases of SQLAlchemy that no version before 2.0 has."""

REMAPPING = frozenset({"include_properties", "exclude_properties", "column_prefix", "properties", "primary_key"})
"""Options of a mapper that decide which columns a class has, or by which its rows are known."""
THROUGH = ("0|target_collection", "1|attr")
"""The arguments of an association proxy."""


class SqlAlchemyModels:
    """Reads SQLAlchemy's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.columns = Columns(self.plain, surroundings.dialect)
        self.arguments = Arguments(self.plain, self.columns)
        self.attributes = Attributes(surroundings)
        self.shapes = Shapes(surroundings, self.columns, self.attributes)
        self.core = CoreTables(surroundings, self.columns, self.arguments, self._pointed)
        self.relating = Relations(self)
        self.computed = ComputedNames(surroundings.evaluator)
        self._names: dict[ProjectClass, tuple[str, bool]] = {}

    # Classes

    def name(self, model: ProjectClass) -> str:
        """The name of the table that a class declares itself, "" where it declares none; the class's own where a
        function computes it and nothing else says it (see `named`)."""
        return self.evaluator.once(self._names, ProjectClass(model.path, model.node), self._name)[0]

    def named(self, model: ProjectClass) -> bool:
        """Whether `name` is the name that the table has."""
        return self.evaluator.once(self._names, ProjectClass(model.path, model.node), self._name)[1]

    def _name(self, model: ProjectClass) -> tuple[str, bool]:
        tree = self.evaluator.tree(model.path)
        abstract = assigned(self.evaluator, model, "__abstract__")
        if abstract >= 0 and tree.kinds[abstract] == Kind.CONSTANT and tree.value(abstract) == "true":
            return "", True
        name = string(self.evaluator, model, "__tablename__")
        if name:
            return name, True
        given = self._given(model)
        if given is not None:
            return given.name, True
        class_name = tree.value(model.node)
        for cls in self.evaluator.classes.mro(model)[1:]:
            if isinstance(cls, ProjectClass) and not self._mapped(cls):
                name = name or string(self.evaluator, cls, "__tablename__")
        if name:
            return name, True
        words = self._declared(model, class_name)
        if words and "" not in words:
            return (words.pop(), True) if len(words) == 1 else ("", True)
        if words and self._has_columns(model):
            name = self.computed.of_class(class_name)
            return (name, True) if name else (class_name, False)
        return self._named(model, class_name), True

    def _has_columns(self, model: ProjectClass) -> bool:
        """Whether a class has a column: without one, it has no table either."""
        attributes, complete = self.mapped(model)
        return not complete or any(attribute.kind == "column" for attribute in attributes.values())

    def _given(self, model: ProjectClass) -> Table | None:
        """The table that a class is given, and that is built elsewhere (`__table__ = people`)."""
        node = assigned(self.evaluator, model, "__table__")
        for option in options(self.evaluator.value(model.path, node)) if node >= 0 else ():
            step = option.steps[0] if isinstance(option, Instance) and option.steps else None
            if step is not None and step.node >= 0:
                return self.core.built(Site(step.path, step.node, step.context))
        return None

    def _mapped(self, cls: ProjectClass) -> bool:
        """Whether a base has a table of its own, which it does not hand down but shares."""
        tree = self.evaluator.tree(cls.path)
        abstract = assigned(self.evaluator, cls, "__abstract__")
        if abstract >= 0 and tree.value(abstract) == "true":
            return False
        named = string(self.evaluator, cls, "__tablename__") or assigned(self.evaluator, cls, "__table__") >= 0
        return bool(named) and self._is_model(cls)

    def _is_model(self, cls: ProjectClass) -> bool:
        types = self.evaluator.tables.types
        return any(types[item.name].declares == "sqlalchemy" for item in self.evaluator.classes.library_types(cls))

    def _declared(self, model: ProjectClass, class_name: str) -> set[str]:
        """The names that a method of a base gives (`return cls.__name__.lower()`), "" for one that it computes of the
        class's name otherwise; none where there is no such method."""
        owner = self.evaluator.classes.owner(model, "__tablename__")
        if owner is None or self._mapped(owner):
            return set()
        tree = self.evaluator.tree(owner.path)
        function = self.evaluator.files[owner.path].interface.classes[owner.node].members["__tablename__"][-1]
        if tree.kinds[function] != Kind.FUNCTION:
            return set()
        returned = self._returned(owner.path, function)
        of_class = any(
            tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) == "__name__"
            for value in returned
            for node in range(value, tree.ends[value])
        )
        return {self._from_class(owner.path, node, class_name) for node in returned} if of_class else set()

    def _returned(self, path: str, function: int) -> list[int]:
        tree = self.evaluator.tree(path)
        return [
            value
            for node in range(function, tree.ends[function])
            if tree.kinds[node] == Kind.RETURN and (value := tree.child(node, Role.VALUE)) >= 0
        ]

    def _from_class(self, path: str, node: int, class_name: str) -> str:
        tree = self.evaluator.tree(path)
        lower = False
        if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE and tree.value(node + 1) == "lower":
            lower, node = True, node + 2
        if tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) == "__name__":
            return class_name.lower() if lower else class_name
        return ""

    def _named(self, model: ProjectClass, class_name: str) -> str:
        """The name that the library gives a table whose class does not name it, "" where it gives none."""
        naming = ""
        for cls in self.evaluator.classes.library_types(model):
            naming = naming or self.evaluator.tables.types[cls.name].naming
        if any(isinstance(cls, ProjectClass) and self._mapped(cls) for cls in self.evaluator.classes.mro(model)[1:]):
            return ""
        if naming == "snake":
            return snake(class_name) if self._has_columns(model) else ""
        if naming == "lower" and self._marked(model):
            return class_name.lower()
        return ""

    def _marked(self, model: ProjectClass) -> bool:
        """Whether the class says `table=True`, without which it is only a shape."""
        tree = self.evaluator.tree(model.path)
        for base in tree.with_role(model.node, Role.BASE):
            if tree.kinds[base] == Kind.KEYWORD and tree.value(base) == "table":
                value = tree.child(base, Role.VALUE)
                return value >= 0 and tree.value(value) == "true"
        return False

    def behind(self, model: ProjectClass) -> ProjectClass | None:
        """The class whose table a class shares: its own, or that of the nearest mapped base."""
        if self.name(model):
            return model
        tree = self.evaluator.tree(model.path)
        abstract = assigned(self.evaluator, model, "__abstract__")
        if abstract >= 0 and tree.value(abstract) == "true":
            return None
        for cls in self.evaluator.classes.mro(model)[1:]:
            if isinstance(cls, ProjectClass) and self._mapped(cls):
                return cls
        return None

    def mapped(self, model: ProjectClass) -> tuple[dict[str, Attribute], bool]:
        """The attributes of a class with those of its mixins, and whether all are known."""
        shared: set[object] = set()
        order: list[ProjectClass] = []
        for cls in self.evaluator.classes.mro(model):
            if not isinstance(cls, ProjectClass) or cls in shared:
                continue
            if cls != model and self._mapped(cls):
                shared.update(self.evaluator.classes.mro(cls))
            else:
                order.append(cls)
        bodies = [(cls, self.attributes.body(cls)) for cls in order]
        complete = all(body.complete and self._known_bases(cls) for cls, body in bodies)
        found: dict[str, Attribute] = {}
        if self._since_two(model, bodies):
            for _, body in bodies:
                for attribute in body.attributes:
                    found.setdefault(attribute.name, attribute)
            return dict(sorted(found.items(), key=lambda item: self._sort_order(item[1]))), complete
        for _, body in reversed(bodies):
            for attribute in body.attributes:
                found.pop(attribute.name, None)
                found[attribute.name] = attribute
        return found, complete

    def _since_two(self, model: ProjectClass, bodies: Sequence[tuple[ProjectClass, Body]]) -> bool:
        """Whether a class is surely written for a version that puts the columns of mixins and abstract bases behind
        those of the class ("ORM Declarative Applies Column Orders Differently", SQLAlchemy 2.0): it has what came
        with that version. Before it, columns stood in the order in which they were made."""
        if self.attributes.shaped(model):  # what it inherits is a field of its own, and comes first
            return False
        for cls in self.evaluator.classes.mro(model):
            if isinstance(cls, ProjectClass):
                tree = self.evaluator.tree(cls.path)
                bases = tree.with_role(cls.node, Role.BASE)
                if any(tree.kinds[base] in NAMES and tree.value(base) in SINCE_TWO for base in bases):
                    return True
        return any(
            attribute.annotation is not None or self._called(attribute.site) == "mapped_column"
            for _, body in bodies
            for attribute in body.attributes
        )

    def _called(self, site: Site | None) -> str:
        """The last name of what a call calls."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node + 1) if tree.kinds[site.node] == Kind.CALL else ""

    def _sort_order(self, attribute: Attribute) -> int:
        """Where a column stands among those of its class, by `mapped_column(sort_order=…)` (2.0.4)."""
        argument = self.plain.argument(attribute.site, "sort_order") if attribute.site is not None else None
        if argument is None:
            return 0
        tree = self.evaluator.tree(argument.path)
        sign = -1 if tree.kinds[argument.node] == Kind.UNARY and tree.value(argument.node) == "-" else 1
        node = argument.node + 1 if tree.kinds[argument.node] == Kind.UNARY else argument.node
        number = tree.value(node) if tree.kinds[node] == Kind.NUMBER else ""
        return sign * int(number) if number.isdecimal() else 0

    def _known_bases(self, cls: ProjectClass) -> bool:
        tree = self.evaluator.tree(cls.path)
        for base in tree.with_role(cls.node, Role.BASE):
            if tree.kinds[base] == Kind.KEYWORD:
                continue
            for option in options(self.evaluator.value(cls.path, base)):
                if isinstance(option, ExternalValue) and option.path.partition(".")[0] not in OF_THE_HOST:
                    return False
        return True

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a mapped class, that of its base where it shares it; None for bases and mixins."""
        owner = self.behind(model)
        if owner is None:
            return None
        found, complete = self.mapped(owner)
        name = self.name(owner)
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        primary: list[str] = []
        for attribute in found.values():
            if attribute.kind != "column":
                continue
            column, own, index, key = self.column(attribute, name)
            columns.append(column)
            keys += own
            indexes += [index] if index is not None else []
            primary += [column.name] if key else []
        where = place(self.evaluator, Site(owner.path, owner.node, None))
        if primary:
            keys.insert(0, Key("primary", tuple(primary), place=where))
        named = {column.attribute: column.name for column in columns}
        schema, known = self._arguments(owner, named, keys, indexes)
        given = self._given(owner)
        if given is not None:
            built = {column.name for column in given.columns}
            columns = [*given.columns, *(column for column in columns if column.name not in built)]
            keys, indexes, schema = [*given.keys, *keys], [*given.indexes, *indexes], given.schema
            known = known and given.complete
        elif assigned(self.evaluator, owner, "__table__") >= 0:
            known = False
        return Table(
            name,
            schema=schema,
            model=self.evaluator.tree(owner.path).value(owner.node),
            origin="model",
            columns=counted(replaced(columns), keys),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self.relating.own(owner)),
            complete=complete and known and self._alone(owner) and self._mapped_plainly(owner),
            place=given.place if given is not None else where,
            options=() if self.named(owner) else (UNNAMED,),
            extends=self._extended(owner),
        )

    def _extended(self, owner: ProjectClass) -> tuple[str, ...]:
        """The table of the class that one with a table of its own extends: a row of each is written together. A
        concrete one stands alone."""
        for site in self._options(owner):
            tree = self.evaluator.tree(site.path)
            if tree.kinds[site.node] == Kind.PAIR and tree.value(site.node) == "concrete":
                return ()
        for cls in self.evaluator.classes.mro(owner)[1:]:
            above = self.behind(cls) if isinstance(cls, ProjectClass) and self._mapped(cls) else None
            if above is not None:
                return (self.name(above),)
        return ()

    def _alone(self, owner: ProjectClass) -> bool:
        """Whether no class that shares a table adds columns to it, which stand in the table as well."""
        return not any(
            attribute.kind == "column"
            for below in self.evaluator.classes.subclasses(owner)
            if self.behind(below) == owner
            for attribute in self.mapped(below)[0].values()
        )

    def _mapped_plainly(self, owner: ProjectClass) -> bool:
        """Whether `__mapper_args__` leaves columns and keys as the class declares them."""
        tree = self.evaluator.tree(owner.path)
        return all(
            tree.kinds[site.node] == Kind.PAIR and tree.value(site.node) and tree.value(site.node) not in REMAPPING
            for site in self._options(owner)
        )

    def _options(self, owner: ProjectClass) -> Iterator[Site]:
        """The entries of `__mapper_args__`; what is no mapping in the source, as it is."""
        node = assigned(self.evaluator, owner, "__mapper_args__")
        if node >= 0:
            tree = self.evaluator.tree(owner.path)
            entries = tree.children(node) if tree.kinds[node] == Kind.OBJECT else [node]
            yield from (Site(owner.path, entry, None) for entry in entries)

    def column(self, attribute: Attribute, table: str) -> tuple[SchemaColumn, list[Key], Index | None, bool]:
        """The column of an attribute, its keys, its index, and whether it is (part of) the primary key."""
        annotation = attribute.annotation
        if self.attributes.shaped(attribute.owner):
            return self.shapes.column(attribute, table)
        site = attribute.site
        if annotation is not None and annotation.site is not None and (site is None or not self._says(site)):
            site = annotation.site
        if site is None:
            where = place(self.evaluator, Site(attribute.owner.path, attribute.node, None))
            column = SchemaColumn(attribute.name, place=where)
            keys: list[Key] = []
            index, primary = None, False
        else:
            column, keys, index, primary = self.columns.column(site, table, attribute.name)
            keys = [self._pointed(key, site) for key in keys]
        kind, null = column.type, column.nullable
        if annotation is not None:
            kind = kind or self.attributes.plain_type(annotation)
            written = self.plain.constant(self.plain.argument(site, "nullable")) if site is not None else ""
            null = written == "true" if written else annotation.optional
        return (
            msgspec.structs.replace(column, type=kind, nullable=null and not primary, attribute=attribute.name),
            keys,
            index,
            primary,
        )

    def _says(self, site: Site) -> bool:
        tree = self.evaluator.tree(site.path)
        return tree.child(site.node, Role.ARGUMENT) >= 0

    def _pointed(self, key: Key, site: Site) -> Key:
        """A foreign key whose target is written as an attribute of another model."""
        if key.kind != "foreign" or key.target or key.place is None:
            return key
        for argument in arguments(self.plain, site):
            tree = self.evaluator.tree(argument.path)
            if not self.plain.is_call(argument) or tree.starts[argument.node] != key.place.start:
                continue
            inner = self.plain.argument(argument, "0|column")
            if inner is not None and tree.kinds[inner.node] == Kind.ATTRIBUTE:
                owner = self.evaluator.value(inner.path, inner.node + 1, inner.context)
                if isinstance(owner, ProjectClass) and (other := self.behind(owner)) is not None:
                    named = {item.name: item for item in self.mapped(other)[0].values() if item.kind == "column"}
                    word = tree.value(inner.node)
                    column = self.column(named[word], "")[0].name if word in named else word
                    return msgspec.structs.replace(key, target=self.name(other), target_columns=(column,))
        return key

    def _arguments(
        self, model: ProjectClass, named: Mapping[str, str], keys: list[Key], indexes: list[Index]
    ) -> tuple[str, bool]:
        """Adds what `__table_args__` says. Gives the schema, and whether all of it could be read."""
        site = self._assigned(model, "__table_args__")
        if site is None:
            return "", self.evaluator.classes.owner(model, "__table_args__") is None
        literal = self.plain.literal(site)
        tree = self.evaluator.tree(literal.path)
        kind = tree.kinds[literal.node]
        elements = [literal] if kind == Kind.OBJECT else self.plain.elements(literal)
        known = kind in (Kind.OBJECT, Kind.TUPLE, Kind.LIST)
        schema = ""
        for element in elements:
            tree = self.evaluator.tree(element.path)
            if tree.kinds[element.node] == Kind.OBJECT:
                for pair in tree.children(element.node):
                    value = tree.child(pair, Role.VALUE)
                    if tree.value(pair) == "schema" and value >= 0:
                        schema = self.plain.string(Site(element.path, value, None))
                continue
            known = self.arguments.read(element, named, keys, indexes) and known
        return schema, known

    def _assigned(self, model: ProjectClass, name: str) -> Site | None:
        for cls in self.evaluator.classes.mro(model):
            if isinstance(cls, ProjectClass) and (cls == model or not self._mapped(cls)):
                node = assigned(self.evaluator, cls, name)
                if node >= 0:
                    return Site(cls.path, node, None)
        return None

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002 - every table is declared here
        """The tables that nobody declares: none."""
        return ()

    def others(self) -> Iterator[Table]:
        """The tables that modules build without a class."""
        return self.core.tables()

    # Relations

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column is declared."""
        return None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a class by attribute, those of the table that it extends too."""
        return self.relating.relations(model)

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What its relations add to other models (`backref`)."""
        return self.relating.inverses(model)

    def through(self, model: ProjectClass, name: str) -> tuple[str, str] | None:
        """The relation, and the attribute of its rows, that an attribute of a class stands for."""
        for cls in self.evaluator.classes.mro(model):
            if not isinstance(cls, ProjectClass):
                continue
            for attribute in self.attributes.body(cls).attributes:
                if attribute.name == name and attribute.kind == "through" and attribute.site is not None:
                    words = [self.plain.string(self.plain.argument(attribute.site, at)) for at in THROUGH]
                    return (words[0], words[1]) if all(words) else None
        return None
