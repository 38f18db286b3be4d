"""Mongoose's schemas: what definitions, options and calls on a schema say.

Source: Mongoose 9 documentation, "Schemas", "SchemaTypes", "Populate", "Subdocuments", "Discriminators".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.documents import Field
from dblint.link.model_readers.shared import Surroundings, place
from dblint.link.values import Expression, Instance, LibraryClass, ProjectClass, Value, options

SCHEMA = "mongoose:Schema"
TYPES: Mapping[str, str] = {
    "String": "string", "Number": "double", "Date": "date", "Boolean": "bool", "Buffer": "binData", "Map": "object",
    "ObjectId": "objectId", "ObjectID": "objectId", "Oid": "objectId", "Decimal128": "decimal", "BigInt": "long",
    "Int32": "int", "Double": "double", "UUID": "binData", "Array": "array", "DocumentArray": "array",
}  # fmt: skip
"""Words of types → those of MongoDB (`$type`). `Mixed` and `Object` are of any."""
MIXED = frozenset({"Mixed", "Object"})
_ANNOTATED: Mapping[str, str] = {
    "string": "string", "number": "double", "boolean": "bool", "Date": "date", "ObjectId": "objectId",
}  # fmt: skip
"""Types of TypeScript that a decorator without one stands for."""
_DEPTH = 6
"""Lists in lists, and definitions behind names."""


Target = Callable[[Site], Value | None]
"""Says which model a `ref` names."""


class Schema(msgspec.Struct, frozen=True):
    """A schema as the program makes it: the objects that define fields, options, and the calls on it by their word.
    `call`: where it is made, which says which one it is. `read`: whether all of it could be read."""

    call: Site
    definitions: tuple[Site, ...] = ()
    options: Mapping[str, Site] = msgspec.field(default_factory=dict)
    calls: Mapping[str, tuple[Site, ...]] = msgspec.field(default_factory=dict)
    of: ProjectClass | None = None
    """The class that it is made of, whose decorators define its fields."""
    read: bool = True

    def said(self, word: str) -> tuple[Site, ...]:
        """The calls of one word."""
        return self.calls.get(word, ())


class Schemas:
    """Reads schemas. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self._schemas: dict[tuple[str, int], Schema] = {}
        self._calls: dict[tuple[str, int], dict[str, list[Site]]] | None = None

    # Which schema

    def key(self, value: Value) -> tuple[str, int] | None:
        """Where a schema is made that a value is; None for anything else."""
        if not isinstance(value, Instance) or not isinstance(value.cls, LibraryClass) or value.cls.name != SCHEMA:
            return None
        path, _, node = value.connection.rpartition(":")
        if path:
            return path, int(node)
        return next(((step.path, step.node) for step in value.steps if step.node >= 0), None)

    def at(self, site: Site) -> tuple[str, int] | None:
        """Where the schema is made that an expression holds."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            found = self.key(option)
            if found is not None:
                return found
        return None

    def schema(self, key: tuple[str, int]) -> Schema:
        """The schema that is made at a place."""
        return self.evaluator.once(self._schemas, key, self._schema)

    def _schema(self, key: tuple[str, int]) -> Schema:
        call = Site(*key, None)
        calls = self.calls().get(key, {})
        said = {word: tuple(sites) for word, sites in calls.items()}
        first = self.plain.argument(call, "0")
        classes = [
            option
            for option in (options(self.evaluator.value(*key[:1], first.node, first.context)) if first else ())
            if isinstance(option, ProjectClass) and self.evaluator.tree(option.path).kinds[option.node] == Kind.CLASS
        ]
        if classes:
            return Schema(call, calls=said, of=ProjectClass(classes[0].path, classes[0].node))
        definitions = [] if first is None else [first]
        given: dict[str, Site] = {}
        read = True
        settings = self.plain.argument(call, "1")
        if settings is not None:
            pairs, hidden = entries(self.evaluator, settings)
            given, read = dict(pairs), not hidden
        for added in said.get("add", ()):
            more = self.plain.argument(added, "0")
            definitions += [more] if more is not None and self.plain.argument(added, "1") is None else []
        for one in said.get("set", ()):
            name, value = self.plain.string(self.plain.argument(one, "0")), self.plain.argument(one, "1")
            given |= {name: value} if name and value is not None else {}
        return Schema(call, tuple(definitions), given, said, read=read and not said.get("plugin"))

    def calls(self) -> Mapping[tuple[str, int], dict[str, list[Site]]]:
        """Where a schema is made → the calls on it, by their word."""
        if self._calls is None:
            found: dict[tuple[str, int], dict[str, list[Site]]] = {}
            with self.evaluator.partial() as partial:
                for word in ("add", "index", "virtual", "set", "plugin", "discriminator", "loadClass"):
                    for path, call in self.evaluator.words.called(word):
                        if not self.evaluator.javascript(path):
                            continue
                        owner = self.evaluator.tree(path).child(call + 1, Role.OBJECT)
                        for option in options(self.evaluator.value(path, owner)) if owner >= 0 else ():
                            key = self.key(option)
                            if key is not None:
                                found.setdefault(key, {}).setdefault(word, []).append(Site(path, call, None))
            if partial and self.evaluator.depth():
                return found
            self._calls = found
        return self._calls

    # Fields

    def fields(self, cls: ProjectClass, target: Target) -> tuple[list[Field], bool]:
        """The fields of an object of definitions, or of a schema, at a place; and whether they are all."""
        tree = self.evaluator.tree(cls.path)
        site = Site(cls.path, cls.node, None)
        if tree.kinds[cls.node] == Kind.OBJECT:
            return self.defined(site, target)
        if tree.kinds[cls.node] == Kind.CALL:
            return self.of_schema(self.schema((cls.path, cls.node)), target)
        return [], False

    def of_schema(self, schema: Schema, target: Target) -> tuple[list[Field], bool]:
        """The fields of a schema's own definitions."""
        found: dict[str, Field] = {}
        complete = schema.read
        for site in schema.definitions:
            key = self.at(site)
            if key is not None and key != (schema.call.path, schema.call.node):
                some, all_ = self.of_schema(self.schema(key), target)
            else:
                some, all_ = self.defined(site, target)
            found |= {field.name: field for field in some}
            complete = complete and all_
        return list(found.values()), complete

    def defined(self, site: Site, target: Target) -> tuple[list[Field], bool]:
        """The fields that an object defines, and whether they are all."""
        pairs, hidden = entries(self.evaluator, site)
        return [self.field(name, value, target) for name, value in pairs], not hidden

    def field(self, name: str, site: Site, target: Target, kind: str = "") -> Field:
        """The field that stands under a name of a definition: a type, an object that says its type, a list of one, a
        schema, or an object of further fields. `kind`: its type where nothing there says one."""
        given: dict[str, Site] = {}
        inner, many = site, False
        word = ""
        for _ in range(_DEPTH):
            literal = self.plain.literal(inner)
            tree = self.evaluator.tree(literal.path)
            kinds = tree.kinds[literal.node]
            if kinds == Kind.LIST:
                many = True
                first = next(iter(self.plain.elements(literal)), None)
                if first is None:
                    break
                inner = first
                continue
            if kinds == Kind.OBJECT:
                pairs = dict(entries(self.evaluator, literal)[0])
                typed = pairs.get("type")
                if typed is not None and "type" not in self._pairs(typed):
                    given = {**pairs, **given}
                    inner = typed
                    continue
                if kind and not given and not self._pairs(inner).keys() - _OPTIONS:
                    given = pairs
                    break
            break
        literal = self.plain.literal(inner)
        tree = self.evaluator.tree(literal.path)
        embedded: ProjectClass | None = None
        key = self.at(inner)
        if key is not None:
            embedded = ProjectClass(*key)
        elif tree.kinds[literal.node] == Kind.OBJECT and not (kind and given):
            embedded = ProjectClass(literal.path, literal.node)
        else:
            word = tree.value(literal.node) if tree.kinds[literal.node] == Kind.STRING else self.plain.word(inner)
        stored = TYPES.get(word, "") or (kind if not word else "")
        refers = "ref" in given
        unique, indexed = self._true(given.get("unique")), False
        listed = given.get("index")
        if listed is not None:
            settings = self._pairs(listed)
            indexed = self.plain.constant(listed) != "false"
            unique = unique or self._true(settings.get("unique"))
        indexed = indexed or self._true(given.get("sparse")) or "expires" in given
        required = given.get("required")
        default = given.get("default")
        return Field(
            name,
            name,
            "array" if many else "object" if embedded is not None else stored,
            place(self.evaluator, site),
            nullable=None if required is not None and not self._said(required) else not self._true(required),
            default=self.plain.source(default) if default is not None else "",
            default_by="client" if default is not None or many else "",
            unique=unique,
            indexed=indexed,
            choices=tuple(choice for choice in self.plain.strings(given.get("enum")) if choice),
            target=target(given["ref"]) if refers else None,
            refers=refers,
            many=many,
            embedded=embedded,
        )

    def _pairs(self, site: Site) -> dict[str, Site]:
        literal = self.plain.literal(site)
        if self.evaluator.tree(literal.path).kinds[literal.node] != Kind.OBJECT:
            return {}
        return dict(entries(self.evaluator, literal)[0])

    def _true(self, site: Site | None) -> bool:
        """Whether a flag is set, also with a message beside it (`[true, "…"]`)."""
        if site is None:
            return False
        elements = self.plain.elements(site)
        return self.plain.true(elements[0] if elements else site)

    def _said(self, site: Site) -> bool:
        elements = self.plain.elements(site)
        return self.plain.constant(elements[0] if elements else site) in ("true", "false")

    def annotated(self, cls: ProjectClass, member: int) -> str:
        """The type of a property by its annotation, as a decorator takes it where it is told none."""
        tree = self.evaluator.tree(cls.path)
        annotation = tree.child(member, Role.ANNOTATION)
        if annotation < 0 or tree.kinds[annotation] not in (Kind.NAME, Kind.ATTRIBUTE):
            return ""
        return _ANNOTATED.get(tree.value(annotation), "")

    def holds_object(self, site: Site) -> bool:
        """Whether an expression is an object literal, or a name of one."""
        return any(
            isinstance(option, Expression) and self.evaluator.tree(option.path).kinds[option.node] == Kind.OBJECT
            for option in options(self.evaluator.value(site.path, site.node, site.context))
        )


_OPTIONS = frozenset(
    """required default unique index sparse enum ref refPath alias select immutable get set lowercase uppercase trim
    match minLength maxLength minlength maxlength min max expires validate name transform of _id excludeIndexes
    text""".split()
)
"""Words of an object that says a field's type elsewhere."""
