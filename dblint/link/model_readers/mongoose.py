"""Mongoose's models as tables: by `model(name, schema)`, by discriminators, and by the decorators of @nestjs/mongoose.

Source: Mongoose 9 documentation, "Schemas", "Models", "Populate", "Discriminators"; @nestjs/mongoose 11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.documents import KEY, Declared, Documents, Field
from dblint.link.model_readers.mongoose_names import collection
from dblint.link.model_readers.mongoose_schemas import Schema, Schemas
from dblint.link.model_readers.shared import Related, Surroundings, place
from dblint.link.values import (
    BoundMember,
    LibraryFunction,
    ProjectClass,
    Value,
    options,
)

_DECORATORS = "@nestjs/mongoose#"
_FACTORY = f"{_DECORATORS}SchemaFactory.createForClass"
_KIND = "__t"
"""Where documents of discriminators say which one they are of."""


class MongooseModels:
    """Reads Mongoose's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.schemas = Schemas(surroundings)
        self.documents = Documents(surroundings, self._embedded, self.table_name)
        self._read: dict[ProjectClass, tuple[tuple[Field, ...], bool]] = {}
        self._factories: dict[tuple[str, int], tuple[str, int]] | None = None
        self._plain_names: bool | None = None

    # Models

    def _called(self, model: ProjectClass) -> bool:
        """Whether a call makes the model, and no class."""
        return self.evaluator.tree(model.path).kinds[model.node] == Kind.CALL

    def schema(self, model: ProjectClass) -> Schema | None:
        """The schema of a model; None where it cannot be seen, or where a class has none."""
        if self._called(model):
            site = self.plain.argument(Site(model.path, model.node, None), "1")
            key = self.schemas.at(site) if site is not None else None
            if key is not None:
                return self.schemas.schema(key)
            if site is not None and self.schemas.holds_object(site):
                return Schema(Site(model.path, model.node, None), (site,))
            return None
        if not any(self._marks(model.path, model.node, "Schema")):
            return None
        key = self._made_of().get((model.path, model.node))
        schema = self.schemas.schema(key) if key is not None else Schema(Site(model.path, model.node, None), of=model)
        given: dict[str, Site] = {}
        hidden = False
        for mark in self._marks(model.path, model.node, "Schema"):
            settings = self.plain.argument(mark, "0") if self.plain.is_call(mark) else None
            pairs, more = entries(self.evaluator, settings) if settings is not None else ([], False)
            given |= dict(pairs)
            hidden = hidden or more
        return msgspec.structs.replace(schema, options=given | dict(schema.options), read=schema.read and not hidden)

    def _made_of(self) -> Mapping[tuple[str, int], tuple[str, int]]:
        """Class → where a schema is made of it."""
        if self._factories is None:
            found: dict[tuple[str, int], tuple[str, int]] = {}
            with self.evaluator.partial() as partial:
                for path, call in self.evaluator.words.called("createForClass"):
                    callee = options(self.evaluator.value(path, call + 1))
                    given = self.plain.argument(Site(path, call, None), "0")
                    if given is None or not any(
                        isinstance(option, LibraryFunction) and option.path == _FACTORY for option in callee
                    ):
                        continue
                    for option in options(self.evaluator.value(given.path, given.node)):
                        if isinstance(option, ProjectClass):
                            found.setdefault((option.path, option.node), (path, call))
            if partial and self.evaluator.depth():
                return found
            self._factories = found
        return self._factories

    def _marks(self, path: str, node: int, word: str) -> Iterator[Site]:
        """The decorators of that name on a class or property."""
        tree = self.evaluator.tree(path)
        for decorator in tree.with_role(node, Role.DECORATOR):
            at = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(self.evaluator.value(path, at)):
                if getattr(option, "path", "") == f"{_DECORATORS}{word}":
                    yield Site(path, decorator, None)

    def owner(self, model: ProjectClass) -> ProjectClass:
        """The model whose collection a model's documents lie in: that which it is a discriminator of."""
        current = model
        for _ in range(4):
            base = self._base(current)
            if base is None or base == current:
                return current
            current = base
        return current

    def _base(self, model: ProjectClass) -> ProjectClass | None:
        """What a model is a discriminator of."""
        if not self._called(model):
            return None
        for option in options(self.evaluator.value(model.path, model.node + 1)):
            if isinstance(option, BoundMember) and option.name == "discriminator":
                held = option.receiver.argument("M")
                return ProjectClass(held.path, held.node) if isinstance(held, ProjectClass) else None
        return None

    def name(self, model: ProjectClass) -> str:
        """The name of a model's collection; "" where the program computes it."""
        schema = self.schema(model)
        written = None
        if self._called(model):
            written = self.plain.argument(Site(model.path, model.node, None), "2")
        elif schema is None:
            return ""
        if written is None or self.schemas.holds_object(written):
            written = schema.options.get("collection") if schema is not None else None
        if written is not None and self.plain.constant(written) != "undefined":
            return self.plain.string(written)
        name = self.evaluator.classes.class_name(model)
        if not name:
            return ""
        plain = schema is not None and self.plain.constant(schema.options.get("pluralization")) == "false"
        return name if plain or self._unchanged() else collection(name)

    def _unchanged(self) -> bool:
        """Whether the program takes plurals away (`mongoose.pluralize(null)`)."""
        if self._plain_names is None:
            self._plain_names = any(
                self.plain.constant(self.plain.argument(Site(path, call, None), "0")) == "null"
                for path, call in self.evaluator.words.called("pluralize")
                if self.evaluator.javascript(path)
            )
        return self._plain_names

    def table_name(self, model: Value) -> str:
        """The collection of a model, "" for anything else."""
        return self.name(self.owner(model)) if isinstance(model, ProjectClass) else ""

    # Fields

    def _embedded(self, cls: ProjectClass) -> list[Field]:
        return self.schemas.fields(cls, self._target)[0]

    def fields(self, model: ProjectClass) -> tuple[tuple[Field, ...], bool]:
        """The fields of a model's own schema, and whether they are all."""
        return self.evaluator.once(self._read, model, self._fields)

    def _fields(self, model: ProjectClass) -> tuple[tuple[Field, ...], bool]:
        schema = self.schema(model)
        if schema is None:
            return (), False
        found, complete = self._decorated(schema.of) if schema.of is not None else ([], schema.read)
        some, all_ = self.schemas.of_schema(schema, self._target)
        found += some
        names = {field.name for field in found}
        for name in self._stamps(schema):
            if name not in names:
                found.append(Field(name, name, "date", place(self.evaluator, schema.call), False, default_by="client"))
        version = self.plain.constant(schema.options.get("versionKey"))
        if version != "false":
            stored = self.plain.string(schema.options.get("versionKey")) or "__v"
            found.append(Field(stored, stored, "int", place(self.evaluator, schema.call), default_by="client"))
        keyed = [msgspec.structs.replace(field, primary=field.name == KEY) for field in found]
        return tuple(keyed), complete and all_

    def _stamps(self, schema: Schema) -> Iterator[str]:
        """The fields by which documents say when they were made and changed."""
        said = schema.options.get("timestamps")
        if said is None or self.plain.constant(said) == "false":
            return
        given = dict(entries(self.evaluator, said)[0]) if self.schemas.holds_object(said) else {}
        for name in ("createdAt", "updatedAt"):
            site = given.get(name)
            if site is None or self.plain.constant(site) == "true":
                yield name
            elif self.plain.string(site):
                yield self.plain.string(site)

    def _decorated(self, cls: ProjectClass) -> tuple[list[Field], bool]:
        """The fields that decorators of a class's properties, and of its bases', define."""
        found: dict[str, Field] = {}
        complete = True
        for each in reversed(self.evaluator.classes.mro(cls)):
            interface = (
                self.evaluator.files[each.path].interface.classes.get(each.node)
                if isinstance(each, ProjectClass)
                else None
            )
            if not isinstance(each, ProjectClass) or interface is None:
                continue
            for name, nodes in interface.members.items():
                for mark in self._marks(each.path, nodes[-1], "Prop"):
                    given = self.plain.argument(mark, "0") if self.plain.is_call(mark) else None
                    kind = self.schemas.annotated(each, nodes[-1])
                    if given is None:
                        where = place(self.evaluator, Site(each.path, nodes[-1], None))
                        found[name] = Field(name, name, kind, where, nullable=True)
                    else:
                        found[name] = self.schemas.field(name, given, self._target, kind or "any")
                        if found[name].type == "any":
                            found[name] = msgspec.structs.replace(found[name], type="")
        return list(found.values()), complete

    def _target(self, site: Site) -> Value | None:
        """The model that a `ref` names: by its name, as a model, or by a function that gives one of both."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.FUNCTION:
            body = tree.child(site.node, Role.BODY)
            if body < 0 or tree.kinds[body] == Kind.BLOCK:
                return None
            site = Site(site.path, body, site.context)
            tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.ATTRIBUTE and tree.value(site.node) in ("name", "modelName"):
            site = Site(site.path, site.node + 1, site.context)  # `User.name` of a class is the model's name
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass):
                return ProjectClass(option.path, option.node)
        word = self.plain.string(site)
        return self.evaluator.relations.called(word) if word and self.evaluator.relations is not None else None

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The collection of a model, with the fields of its discriminators; None for what is none."""
        owner = self.owner(model)
        if not self._called(owner) and self.schema(owner) is None:
            return None
        name = self.name(owner)
        if not name:
            return None
        own, complete = self.fields(owner)
        found = {field.name: field for field in own}
        schemas = [schema for schema in [self.schema(owner)] if schema is not None]
        below = self._discriminators(owner)
        for other in below:
            some, _ = self.fields(other)
            for field in some:
                found.setdefault(field.name, msgspec.structs.replace(field, nullable=True))
            schema = self.schema(other)
            schemas += [schema] if schema is not None else []
        if below:
            key = self.plain.string(schemas[0].options.get("discriminatorKey")) if schemas else ""
            word = key or _KIND
            found.setdefault(word, Field(word, word, "string", place(self.evaluator, schemas[0].call), True))
        indexes: list[Index] = []
        known = True
        stored = self.documents.stored(tuple(found.values())) | {"id": KEY}
        for schema in schemas:
            for call in schema.said("index"):
                index = self.documents.index(call, stored, {"call": "0"})
                known = known and index is not None
                indexes += [index] if index is not None else []
        table = self.documents.table(owner, Declared(name, tuple(found.values()), complete and known, tuple(indexes)))
        virtual = tuple(related.relation for related in self._virtuals(owner))
        return msgspec.structs.replace(table, relations=(*table.relations, *virtual)) if virtual else table

    def _discriminators(self, owner: ProjectClass) -> list[ProjectClass]:
        relations = self.evaluator.relations
        classes = relations.classes() if relations is not None else ()
        return [cls for cls in classes if cls != owner and self._called(cls) and self._base(cls) == owner]

    # Relations

    def _virtuals(self, model: ProjectClass) -> Iterator[Related]:
        """The relations whose key stands in the other model's documents (`virtual(name, { ref, localField, … })`)."""
        schema = self.schema(model)
        calls = list(schema.said("virtual")) if schema is not None else []
        for call in calls:
            name = self.plain.string(self.plain.argument(call, "0"))
            given = self.plain.argument(call, "1")
            said = dict(entries(self.evaluator, given)[0]) if given is not None else {}
            target = self._target(said["ref"]) if "ref" in said else None
            own, other = (self.plain.string(said.get(word)) for word in ("localField", "foreignField"))
            if not name or not own or not other:
                continue
            many = not self.plain.true(said.get("justOne"))
            table = self.table_name(target) if target is not None else ""
            where = place(self.evaluator, call)
            relation = Relation(name, table, "to-many" if many else "to-one", (own,), (other,), place=where)
            if target is not None:
                yield Related(name, target, many, relation, model)

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002 - lists hold references themselves
        """The collections between two others: none."""
        return ()

    def others(self) -> Sequence[Table]:
        """The collections that are declared without a model: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """A schema says nothing of order: nothing."""

    def implied(self, model: Value, name: str) -> SchemaColumn | None:
        """The key, which is `id` as a text."""
        if not isinstance(model, ProjectClass) or name != "id":
            return None
        table = self.table(model)
        return table.column(KEY) if table is not None else None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The references of a document by attribute: nothing follows them unless it is told to."""
        found: list[Related] = []
        for each in dict.fromkeys((self.owner(model), model)):
            found += self.documents.relations(each, self.fields(each)[0])
            found += self._virtuals(each)
        return {related.name: related for related in found}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002
        """What references add to their targets: nothing."""
        return ()
