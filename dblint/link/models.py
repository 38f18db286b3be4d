"""Models of the project: which classes declare tables, what those are, and how they refer to each other.

Each declaring library has a reader of its own, named by the type row's `declares` or, for classes marked
by a decorator, by the decorator's function row. Everything is read when somebody asks for it, a class
body once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from dblint.facts.program import FileRole
from dblint.facts.query import Clause, Order
from dblint.facts.schema import UNNAMED, Beside, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.beside import Besides, ordered
from dblint.link.classes import class_key
from dblint.link.model_readers.beanie import BeanieModels
from dblint.link.model_readers.django import DjangoModels
from dblint.link.model_readers.drizzle import DrizzleModels
from dblint.link.model_readers.mikroorm import MikroOrmModels
from dblint.link.model_readers.mongoengine import MongoEngineModels
from dblint.link.model_readers.mongoose import MongooseModels
from dblint.link.model_readers.objection import ObjectionModels
from dblint.link.model_readers.peewee import PeeweeModels
from dblint.link.model_readers.sequelize import SequelizeModels
from dblint.link.model_readers.shared import JOIN, Reader, Registering, Related, Surroundings
from dblint.link.model_readers.sqlalchemy import SqlAlchemyModels
from dblint.link.model_readers.tortoise import TortoiseModels
from dblint.link.model_readers.typeorm import TypeOrmModels
from dblint.link.own_libraries import type_of
from dblint.link.plain import Plain
from dblint.link.texts.text import Texts
from dblint.link.types import Evaluator
from dblint.link.values import NAMED, Instance, LibraryClass, LibraryFunction, ProjectClass, SchemaModel, Value, options

__all__ = ["Models", "Related"]

READERS: Mapping[str, Callable[[Surroundings], Reader]] = {
    "beanie": BeanieModels,
    "django": DjangoModels,
    "drizzle": DrizzleModels,
    "mikroorm": MikroOrmModels,
    "mongoengine": MongoEngineModels,
    "mongoose": MongooseModels,
    "objection": ObjectionModels,
    "peewee": PeeweeModels,
    "sequelize": SequelizeModels,
    "sqlalchemy": SqlAlchemyModels,
    "tortoise": TortoiseModels,
    "typeorm": TypeOrmModels,
}
ASSUMED = "postgres"
"""The database whose column types are given where nothing says which it is, as for migrations."""


class Models:
    """Tables and relations by model. One per evaluator."""

    def __init__(
        self,
        evaluator: Evaluator,
        schema: Mapping[str, Table],
        texts: Texts | None = None,
        dialect: str = "",
        roles: Mapping[str, FileRole] | None = None,
    ) -> None:
        """`schema`: tables that schema files declare, by model name. `dialect`: the project's only database."""
        self.evaluator = evaluator
        self.schema = schema
        plain = Plain(evaluator, texts or Texts(evaluator))
        self.surroundings = Surroundings(plain, dialect or ASSUMED, roles or {})
        self._database = dialect
        self._readers: dict[str, Reader] = {}
        self._declared: dict[ProjectClass, str] = {}
        self._imported: set[str] | None = None
        """The outermost packages that the project's files import."""
        self._classes: list[ProjectClass] | None = None
        self._shapes: dict[tuple[str, int], ProjectClass | None] | None = None
        self._by_name: dict[str, list[ProjectClass]] | None = None
        self._handles: dict[tuple[str, int], dict[str, ProjectClass]] | None = None
        """A class that asks for the rows of models → those, by their tables."""
        self._tables: dict[ProjectClass, Table | None] = {}
        self._relations: dict[ProjectClass, Mapping[str, Related]] = {}
        self._inverses: dict[Value, dict[str, Related]] | None = None
        self._between_libraries: dict[LibraryClass, dict[str, Related]] | None = None
        self._built: dict[str, Table] | None = None
        self._by_table: dict[str, str] | None = None
        self.besides = Besides(self)
        evaluator.relations = self
        evaluator.applications.quiet = self.surroundings.quiet

    # Tables

    def table(self, model: Value) -> Table | None:
        """The table of a model, or None where the class declares none."""
        if isinstance(model, SchemaModel):
            plain = model.schema in (JOIN, NAMED)
            return Table(model.name, origin="model") if plain else self.schema.get(model.name)
        if isinstance(model, LibraryClass):
            row = self.evaluator.tables.types[model.name]
            if not row.table:
                return None
            return Table(row.table, model=model.name.partition(":")[2], origin="model", order=Clause((), True))
        if not isinstance(model, ProjectClass):
            return None
        key = ProjectClass(model.path, model.node)
        if key not in self._tables:
            self._tables[key] = None
            with self.evaluator.partial() as partial:
                reader = self._reader(key)
                table = reader.table(key) if reader is not None else None
            if partial and self.evaluator.depth():
                del self._tables[key]
                return table
            self._tables[key] = table
        return self._tables[key]

    def ordered(self, model: Value | None) -> Clause[Order] | None:
        """How rows are sorted that a class reads, where it says so itself and another one declares their table."""
        reader = self._reader(model) if isinstance(model, ProjectClass) else None
        return reader.ordered(model) if reader is not None and isinstance(model, ProjectClass) else None

    def built(self, name: str) -> Table | None:
        """The table of a name that is declared without a class; None where several are, or none."""
        if self._built is None:
            found: dict[str, list[Table]] = {}
            with self.evaluator.partial() as partial:
                for reader in READERS:
                    for table in self._named_reader(reader).others() if self._uses(reader) else ():
                        found.setdefault(table.name, []).append(table)
            built = {word: tables[0] for word, tables in found.items() if len(tables) == 1}
            if partial and self.evaluator.depth():
                return built.get(name)
            self._built = built
        return self._built.get(name)

    def all(self) -> list[Table]:
        """Every table that the project's classes declare and whose name is known, those of many-to-many relations after
        the others, in order of path."""
        found: list[Table] = []
        joins: list[Table] = []
        beside: dict[Place | None, set[Beside]] = {}
        for model in self.classes():
            table = self.table(model)
            if table is not None and UNNAMED not in table.options:
                library = self.declared_by(model)
                found.append(self._lying(table, library))
                # Several classes may stand for one table: rows are written by any of them.
                beside.setdefault(table.place, set()).update(self.besides.of(model))
                reader = self._reader(model)
                joins += [self._lying(join, library) for join in reader.joins(model)] if reader is not None else ()
        for name in READERS:
            if self._uses(name):
                # A table that a class is given is told with the class.
                joins += [
                    self._lying(other, name) for other in self._named_reader(name).others() if other.place not in beside
                ]
        found = [
            msgspec.structs.replace(table, beside=ordered(beside[table.place])) if beside.get(table.place) else table
            for table in found
        ]
        return found + joins

    def _lying(self, table: Table, library: str) -> Table:
        """A declared table with its database and the idioms of the library that declares it."""
        own = self.evaluator.tables.libraries[library].dialect
        return msgspec.structs.replace(table, database=table.database or own or self._database, idiom=library)

    def _uses(self, library: str) -> bool:
        """Whether any file imports a package of the library or of one whose types extend its own."""
        if library in self._readers:
            return True
        if self._imported is None:
            files = self.evaluator.files.values()
            self._imported = {one.module.partition(".")[0] for facts in files for one in facts.interface.imports}
        return not self._imported.isdisjoint(self.evaluator.tables.libraries[library].packages)

    def classes(self) -> list[ProjectClass]:
        """Every class of the project that a reader is named for, in order of path."""
        if self._classes is None:
            files = self.evaluator.files
            classes = (ProjectClass(path, node) for path in sorted(files) for node in files[path].interface.classes)
            with self.evaluator.partial() as partial:
                found = [cls for cls in classes if self.declared_by(cls)]
                found += [cls for cls in self.evaluator.classes.by_calls() if self.declared_by(cls)]
            if partial and self.evaluator.depth():
                return found
            self._classes = found
        return self._classes

    def asked_through(self, cls: ProjectClass) -> ProjectClass | None:
        """The model whose rows a class of the project asks for (a query set, a manager): the only one that has it as
        what asks for its rows."""
        if self._handles is None:
            found: dict[tuple[str, int], dict[str, ProjectClass]] = {}
            with self.evaluator.partial() as partial:
                for model in self.classes():
                    table = self.table(model)
                    handle = self.evaluator.members.related.handle(model) if table is not None else None
                    held = (handle.cls, *(value for _, value in handle.arguments)) if handle is not None else ()
                    for each in held:
                        for base in self.evaluator.classes.mro(each) if isinstance(each, ProjectClass) else ():
                            if isinstance(base, ProjectClass) and table is not None:
                                found.setdefault(class_key(base), {})[table.name] = model
            if partial and self.evaluator.depth():
                return None
            self._handles = found
        models = self._handles.get(class_key(cls), {})
        return next(iter(models.values())) if len(models) == 1 else None

    def named(self, model: SchemaModel) -> ProjectClass | SchemaModel:
        """The class that declares a model that is told by its name (`getRepository("Order")`), where only one
        has it; else the model as it is."""
        if model.name in self.schema or model.schema == NAMED:
            return model
        return self.called(model.name) or model

    def called(self, name: str) -> ProjectClass | None:
        """The class that declares a table and has this name, or is kept by its library under it, where only one is."""
        if self._by_name is None:
            by_name: dict[str, list[ProjectClass]] = {}
            with self.evaluator.partial() as partial:
                for cls in self.classes():
                    names = {self.evaluator.classes.class_name(cls), self._registered(cls)}
                    for each in names - {""}:
                        by_name.setdefault(each, []).append(cls)
            if not (partial and self.evaluator.depth()):
                self._by_name = by_name
        else:
            by_name = self._by_name
        found = by_name.get(name, [])
        return found[0] if len(found) == 1 else None

    def _registered(self, cls: ProjectClass) -> str:
        reader = self._reader(cls)
        return reader.registered(cls) if isinstance(reader, Registering) else ""

    def shaped(self, cls: ProjectClass) -> ProjectClass | None:
        """The model that a call makes whose rows the program says to be of this class or interface: as a type argument
        of that call, or of one that makes its arguments (`new Schema<IUser>(…)`). None where several are."""
        if self._shapes is None:
            found: dict[tuple[str, int], ProjectClass | None] = {}
            with self.evaluator.partial() as partial:
                for made in self.evaluator.classes.by_calls():
                    for shape in self._shapes_of(made):
                        known = found.get((shape.path, shape.node), made)
                        found[shape.path, shape.node] = made if known == made else None
            if partial and self.evaluator.depth():
                return found.get((cls.path, cls.node))
            self._shapes = found
        return self._shapes.get((cls.path, cls.node))

    def _shapes_of(self, made: ProjectClass) -> Iterator[ProjectClass]:
        evaluator = self.evaluator
        calls = [(made.path, made.node)]
        tree = evaluator.tree(made.path)
        for argument in tree.with_role(made.node, Role.ARGUMENT):
            if tree.kinds[argument] in (Kind.NAME, Kind.ATTRIBUTE, Kind.CALL):
                held = options(evaluator.value(made.path, argument))
                calls += [key for option in held if (key := evaluator.added.holder(option)) is not None]
        for path, call in calls:
            written = evaluator.tree(path).child(call, Role.TYPE_ARGUMENT)
            if written >= 0:
                for option in options(evaluator.annotations.annotation(path, written, None)):
                    cls = option.cls if isinstance(option, Instance) else None
                    if isinstance(cls, LibraryClass):
                        held_model = dict(cls.arguments).get(evaluator.tables.types[cls.name].model)
                        cls = held_model if isinstance(held_model, ProjectClass) else None
                    if isinstance(cls, ProjectClass):
                        yield ProjectClass(cls.path, cls.node)

    def column(self, model: Value, name: str) -> SchemaColumn | None:
        """The column whose value an attribute of a model's rows holds; None where the attribute is none, leads to
        another row, or cannot be said."""
        if not isinstance(model, (ProjectClass, LibraryClass)):
            return None
        for cls in self.evaluator.classes.mro(model):
            table = self.table(cls)
            if table is None or (isinstance(model, ProjectClass) and isinstance(cls, LibraryClass)):
                continue
            if table.relation(name) is not None:
                return None
            held = [column for column in table.columns if (column.attribute or column.name) == name]
            held = held or [column for column in table.columns if self._refers(table, column, name)]
            if held:
                return held[0]
        declared = self.declared_by(model) if isinstance(model, ProjectClass) else self._declaring_row(model)
        return self._named_reader(declared).implied(model, name) if declared and self.table(model) else None

    def key(self, model: Value) -> frozenset[str]:
        """The names of the attribute that holds the key of a model's rows; none where it has no key of one column."""
        table = self.table(self.named(model) if isinstance(model, SchemaModel) else model)
        keys = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
        if table is None or len(keys) != 1 or len(keys[0]) != 1:
            return frozenset()
        column = table.column(keys[0][0])
        attribute = (column.attribute or column.name) if column is not None else keys[0][0]
        implied = self.column(model, "pk")
        return frozenset((attribute, "pk") if implied is not None and implied.name == keys[0][0] else (attribute,))

    @staticmethod
    def _refers(table: Table, column: SchemaColumn, name: str) -> bool:
        """Whether an attribute is the key that a relation of another name holds (`author_id` of `author`)."""
        return column.name == name and table.relation(column.attribute) is not None

    def _declaring_row(self, model: LibraryClass) -> str:
        return self.evaluator.tables.types[model.name].declares

    # Relations

    def prepare(self) -> None:
        """Reads what models' relations add to other models, before somebody asks in the middle of a question.

        Where no question is open, nothing outside can be missing from an answer: it is kept, whatever cut its parts
        short.
        """
        self._inverse_index()

    def relation(self, model: Value, name: str) -> Related | None:
        """The relation behind an attribute of a model: one that its class declares or inherits, else one that
        another model's relation adds to it (`author.book_set`). None where the attribute is none, or where it
        cannot be said that it is one.

        The model at the other end is `Related.model`, whether there are several of it `Related.many`.
        """
        return self.relations(model).get(name) or self.inverse(model, name)

    def relations(self, model: Value) -> Mapping[str, Related]:
        """The relations that a model's class declares or inherits, by attribute."""
        if isinstance(model, SchemaModel):
            return self._schema_relations(model)
        if isinstance(model, LibraryClass):
            django = self._of_library(model)
            return django.of_library.relations(model) if django is not None else {}
        if not isinstance(model, ProjectClass):
            return {}
        key = ProjectClass(model.path, model.node)
        found = self._relations.get(key)
        if found is None:
            self._relations[key] = {}
            with self.evaluator.partial() as partial:
                reader = self._reader(key)
                found = reader.relations(key) if reader is not None else {}
            if partial and self.evaluator.depth():
                del self._relations[key]
            else:
                self._relations[key] = found
        return found

    def inverse(self, model: Value, name: str) -> Related | None:
        """The relation that another model's declaration adds to this model under that name.

        The first question reads the relations of all models of the project; while they are read, none is known.
        """
        return self.inverses(model).get(name)

    def inverses(self, model: Value) -> Mapping[str, Related]:
        """What other models' relations add to a model, by attribute; its bases' are its own too."""
        if isinstance(model, LibraryClass):
            return {**self._added_by_libraries(model), **self._inverse_index().get(model, {})}
        if isinstance(model, SchemaModel):
            return self._inverse_index().get(model, {})
        if not isinstance(model, ProjectClass):
            return {}
        index = self._inverse_index()
        found: dict[str, Related] = {}
        for cls in self.evaluator.classes.mro(ProjectClass(model.path, model.node)):
            for name, related in index.get(cls, {}).items():
                found.setdefault(name, related)
        return found

    def _of_library(self, model: LibraryClass) -> DjangoModels | None:
        """The reader of a model that a library declares itself, where it knows such."""
        declares = self.evaluator.tables.types[model.name].declares
        reader = self._named_reader(declares) if declares else None
        return reader if isinstance(reader, DjangoModels) else None

    def _added_by_libraries(self, model: LibraryClass) -> Mapping[str, Related]:
        """What relations of libraries' own models add to one of them, by attribute."""
        if self._between_libraries is None:
            index: dict[LibraryClass, dict[str, Related]] = {}
            reader = self._of_library(model)
            for target, related in reader.of_library.inverses() if reader is not None else ():
                index.setdefault(target, {}).setdefault(related.name, related)
            if reader is None:
                return {}
            self._between_libraries = index
        return self._between_libraries.get(model, {})

    def led_to(self) -> list[LibraryClass]:
        """The models of libraries to which relations of the project's models add a way back."""
        return [model for model in self._inverse_index() if isinstance(model, LibraryClass)]

    def through(self, model: Value, name: str) -> list[Related]:
        """The relations that reading an attribute of a row reads which stands for an attribute of another relation's
        rows: that relation, and behind one row what the other attribute is; none where it stands for nothing."""
        reader = self._reader(ProjectClass(model.path, model.node)) if isinstance(model, ProjectClass) else None
        if not isinstance(reader, SqlAlchemyModels) or not isinstance(model, ProjectClass):
            return []
        words = reader.through(model, name)
        first = self.relation(model, words[0]) if words is not None else None
        if words is None or first is None:
            return []
        second = self.relation(first.model, words[1]) if not first.many else None
        return [first, second] if second is not None else [first]

    def scope(self, model: Value | None) -> tuple[Mapping[str, Site], bool]:
        """What every query of a model begins with, by the words of its library's finders, unless it is asked without;
        and whether there may be more."""
        if not isinstance(model, ProjectClass):
            return {}, False
        reader = self._reader(model)
        return reader.scope(model) if isinstance(reader, SequelizeModels) else ({}, False)

    def held_elsewhere(self, related: Related) -> bool:
        """Whether the key of a relation to one row surely stands in that row, so that the row which has the relation
        does not say which one it is."""
        if related.many:
            return False
        if related.inverse:
            return related.relation.kind == "to-one" and bool(related.relation.columns)
        own, other = self.table(related.declared_by), self.table(related.model)
        if related.relation.columns or own is None or other is None or own.name == other.name:
            return False
        targets = {key.target for key in own.keys if key.kind == "foreign"}
        return other.name not in targets and any(key.target == own.name for key in other.keys if key.kind == "foreign")

    def _inverse_index(self) -> Mapping[Value, Mapping[str, Related]]:
        if self._inverses is not None:
            return self._inverses
        index: dict[Value, dict[str, Related]] = {}
        self._inverses = index
        with self.evaluator.partial() as partial:
            for model in self.classes():
                reader = self._reader(model)
                for target, related in reader.inverses(model) if reader is not None else ():
                    index.setdefault(target, {}).setdefault(related.name, related)
        if partial and self.evaluator.depth():
            self._inverses = None
        return index

    def _schema_relations(self, model: SchemaModel) -> Mapping[str, Related]:
        table = self.schema.get(model.name) if model.schema != NAMED else None
        if table is None:
            return {}
        if self._by_table is None:
            self._by_table = {other.name: name for name, other in self.schema.items()}
        found: dict[str, Related] = {}
        for relation in table.relations:
            target = self._by_table.get(relation.target)
            if target is not None:
                other = SchemaModel(target, model.schema)
                found[relation.name] = Related(relation.name, other, relation.kind != "to-one", relation, model)
        return found

    # Readers

    def _reader(self, model: ProjectClass) -> Reader | None:
        name = self.declared_by(model)
        if not name:
            return None
        return self._named_reader(name)

    def _named_reader(self, name: str) -> Reader:
        if name not in self._readers:
            self._readers[name] = READERS[name](self.surroundings)
        return self._readers[name]

    def declared_by(self, model: ProjectClass) -> str:
        """The reader that a class's bases or decorators name, or ""."""
        return self.evaluator.once(self._declared, model, self._declaring)

    def _declaring(self, model: ProjectClass) -> str:
        evaluator = self.evaluator
        tree = evaluator.tree(model.path)
        by_call = tree.kinds[model.node] == Kind.CALL
        if not by_call and tree.child(model.node, Role.BASE) < 0 and tree.child(model.node, Role.DECORATOR) < 0:
            return ""
        own = type_of(evaluator, model)
        if own is not None and evaluator.tables.types[own.name].declares:
            return ""  # what models extend is none
        for cls in evaluator.classes.library_types(model):
            declares = evaluator.tables.types[cls.name].declares
            if declares:
                return declares
        for decorator in tree.with_role(model.node, Role.DECORATOR):
            node = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(model.path, node)):
                if isinstance(option, LibraryFunction):
                    row = evaluator.tables.functions[option.path][1]
                    if row.declares:
                        return row.declares
        return ""
