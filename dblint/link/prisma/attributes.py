"""Attributes of models, views, types and enums, each read by itself."""

from __future__ import annotations

from collections.abc import Iterable

from dblint.facts.blocks import Attribute, Value, ValueKind
from dblint.link.prisma.arguments import REPEATED, Bound
from dblint.link.prisma.connectors import ACTIONS
from dblint.link.prisma.declarations import (
    Composite,
    Declarations,
    Enum,
    Index,
    IndexField,
    Model,
    RelationField,
    Report,
    ScalarField,
)
from dblint.link.prisma.defaults import check_kind
from dblint.link.prisma.operator_classes import KNOWN
from dblint.link.prisma.partial import predicate

METHODS = ("BTree", "Hash", "Gist", "Gin", "SpGist", "Brin")
"""The words that `type:` takes in `@@index`."""


def read(declared: Declarations, report: Report) -> None:
    """Read every attribute of a schema into its declaration, reporting what is wrong with it."""
    for model in declared.models:
        for relation in model.relations:
            _relation_field(relation, report)
        for column in model.scalars.values():
            _column(model, column, report)
        _mapped_twice(model.scalars.values(), model.name, model.path, report)
        _model(model, report)
    for composite in declared.composites:
        _composite(composite, report)
    for enum in declared.enums:
        _enum(enum, report)


class _Attributes:
    """The attributes of one thing, taken one by one; whatever is left is unknown there."""

    def __init__(self, sign: str, attributes: Iterable[Attribute], path: str, report: Report) -> None:
        self.sign = sign
        self.path = path
        self.report = report
        self.left: dict[str, list[Attribute]] = {}
        for attribute in attributes:
            self.left.setdefault(attribute.path, []).append(attribute)

    def all(self, name: str) -> list[Bound]:
        """Take every attribute of that name; more than one is a fault where it may stand once only."""
        found = self.left.pop(name, [])
        if f"{self.sign}{name}" not in REPEATED:
            for again in found[1:]:
                self.report.add(self.path, again.start, again.stop, f"`{self.sign}{name}` may stand only once")
            found = found[:1]
        return [Bound(self.sign, attribute, self.path, self.report) for attribute in found]

    def one(self, name: str) -> Bound | None:
        """Take the attribute of that name."""
        return next(iter(self.all(name)), None)

    def native(self) -> Attribute | None:
        """Take the attribute with a dotted name (`@db.Text`)."""
        dotted = [attribute for name in self.left if "." in name for attribute in self.left[name]]
        for again in dotted[1:]:
            self.report.add(self.path, again.start, again.stop, "a field has one native type only")
        for attribute in dotted:
            self.left.pop(attribute.path, None)
        return dotted[0] if dotted else None

    def finish(self) -> None:
        """Report what was not taken."""
        for attributes in self.left.values():
            for attribute in attributes:
                message = f"the attribute `{self.sign}{attribute.path}` is not known here"
                self.report.add(self.path, attribute.start, attribute.stop, message)


def _column(model: Model, column: ScalarField, report: Report) -> None:
    attributes = _Attributes("@", column.node.attributes, model.path, report)
    written = attributes.one("map")
    if written is not None:
        column.column = written.string("name", empty=True)
    ignored = attributes.one("ignore")
    if ignored is not None:
        column.ignored = True
        if column.kind == "unsupported":
            ignored.fault("an unsupported field is ignored already")
    misplaced = attributes.one("relation")
    if misplaced is not None:
        misplaced.fault(f"the field `{column.name}` is no relation: `{column.node.type.name}` is no model")
    key = attributes.one("id")
    if key is not None:
        if model.id is not None:
            key.fault(f"the {model.block.kind} `{model.name}` has more than one id; a compound id is written `@@id`")
        else:
            model.id = _field_index(model, column, "id", key)
            if not column.required and not _ignored(model):
                key.fault("an id may be neither optional nor a list")
    updated = attributes.one("updatedAt")
    if updated is not None:
        column.updated = True
        if column.scalar != "DateTime" or column.node.type.many:
            updated.fault("`@updatedAt` belongs on a single DateTime")
    default = attributes.one("default")
    if default is not None:
        column.default_attribute = default.attribute
        column.default = default.values.get("value")
        column.default_name = default.string("map")
        check_kind(column, default)
    if column.kind == "scalar":
        column.native = attributes.native()
    unique = attributes.one("unique")
    if unique is not None:
        model.indexes.append(_field_index(model, column, "unique", unique))
    shard = attributes.one("shardKey")
    if shard is not None:
        model.shard_keys.append((shard.attribute, (column,)))
    attributes.finish()


def _ignored(model: Model) -> bool:
    return any(attribute.path == "ignore" for attribute in model.block.attributes)


def _field_index(model: Model, column: ScalarField, kind: str, bound: Bound) -> Index:
    part = IndexField((column,), _direction(bound, bound.values.get("sort")), bound.integer("length"))
    index = Index(model, kind, bound.attribute, (part,), on_field=True, map=bound.string("map"))
    index.clustered = bound.boolean("clustered")
    index.where = predicate(model, bound)
    return index


def _direction(bound: Bound, value: Value | None) -> bool | None:
    """Return whether an index column is descending; None where that is not said."""
    if value is None:
        return None
    if value.kind is not ValueKind.PATH or value.text not in ("Asc", "Desc"):
        bound.fault("`sort` must be Asc or Desc", value)
        return None
    return value.text == "Desc"


def _model(model: Model, report: Report) -> None:
    attributes = _Attributes("@@", model.block.attributes, model.path, report)
    model.table = model.name
    ignored = attributes.one("ignore")
    if ignored is not None:
        model.ignored = True
        for column in model.scalars.values():
            if column.ignored:
                message = f"the field `{column.name}` needs no `@ignore`: its {model.block.kind} is ignored"
                report.add(model.path, column.node.start, column.node.stop, message)
    key = attributes.one("id")
    if key is not None:
        index = _block_index(model, "id", key)
        if model.id is not None:
            key.fault(f"the {model.block.kind} `{model.name}` has an `@id` already")
        elif index is not None:
            model.id = index
            optional = [part.field.name for part in index.fields if not part.field.required]
            if optional and not model.ignored:
                key.fault(f"an id needs required fields: {_listed(optional)}")
    written = attributes.one("map")
    if written is not None:
        model.table = written.string("name", empty=True)
    schema = attributes.one("schema")
    if schema is not None:
        model.schema = schema.string("map")
        model.schema_attribute = schema.attribute
    for name, kind in (("index", "normal"), ("unique", "unique"), ("fulltext", "fulltext")):
        for bound in attributes.all(name):
            index = _block_index(model, kind, bound)
            if index is not None:
                model.indexes.append(index)
    shard = attributes.one("shardKey")
    if shard is not None:
        model.shard_keys.append((shard.attribute, _columns(shard, "fields", model) or ()))
    attributes.finish()
    order = {id(attribute): number for number, attribute in enumerate(model.block.attributes)}
    model.indexes.sort(key=lambda index: (not index.on_field, order.get(id(index.node), 0)))


def _block_index(model: Model, kind: str, bound: Bound) -> Index | None:
    parts = _index_fields(model, bound, compound=kind != "id")
    index = Index(model, kind, bound.attribute, tuple(parts or ()))
    index.map = bound.string("map")
    name = bound.string("name")
    if kind == "normal":
        if name and index.map:
            bound.fault("`name` is the old word for `map`; only one of them may be given")
        index.map = index.map or name
        index.method = bound.word("type")
        if index.method and index.method not in METHODS:
            bound.fault(f"no index type is named `{index.method}`", bound.values["type"])
    else:
        index.name = name
        if not all(character == "_" or (character.isascii() and character.isalnum()) for character in name):
            bound.fault(f"the `name` of `{bound.name}` becomes a property: letters, digits and `_` only")
    index.clustered = bound.boolean("clustered")
    index.where = predicate(model, bound)
    if parts is not None and not parts:
        bound.fault(f"`{bound.name}` needs at least one field")
    return index if parts else None


def _index_fields(model: Model, bound: Bound, *, compound: bool) -> list[IndexField] | None:
    """Read the columns of an index; None where one of them cannot be one (reported)."""
    value = bound.values.get("fields")
    if value is None:
        return None
    parts: list[IndexField] = []
    good = True
    for element in value.elements():
        part = _index_field(model, bound, element, compound=compound)
        if part is None:
            good = False
        elif any(part.path == earlier.path for earlier in parts):
            bound.fault(f"`{bound.name}` names the field `{element.text}` twice", element)
            good = False
        else:
            parts.append(part)
    return parts if good else None


def _index_field(model: Model, bound: Bound, element: Value, *, compound: bool) -> IndexField | None:
    if element.kind not in (ValueKind.PATH, ValueKind.CALL):
        bound.fault(f"`{bound.name}` must name fields", element)
        return None
    steps = element.text.split(".")
    if len(steps) > 1 and not compound:
        bound.fault(f"the {model.block.kind} `{model.name}` has no field `{element.text}`", element)
        return None
    path: list[ScalarField] = []
    where: dict[str, ScalarField] = model.scalars
    for step in steps:
        if not path and any(relation.node.name == step for relation in model.relations):
            bound.fault(f"`{step}` is a relation; an index is made of its columns", element)
            return None
        if step not in where:
            bound.fault(f"the {model.block.kind} `{model.name}` has no field `{element.text}`", element)
            return None
        path.append(where[step])
        composite = path[-1].composite
        where = {} if composite is None else composite.scalars
    part = IndexField(tuple(path))
    for item in element.items:
        if item.name == "sort":
            part.descending = _direction(bound, item.value)
        elif item.name == "length":
            part.length = bound.as_integer("length", item.value)
        elif item.name == "ops":
            _operator_class(bound, part, item.value)
    return part


def _operator_class(bound: Bound, part: IndexField, value: Value) -> None:
    if value.kind is ValueKind.PATH and value.text in KNOWN:
        part.operator_class = value.text
    elif value.kind is ValueKind.CALL and value.text == "raw" and len(value.items) == 1:
        inside = value.items[0].value
        part.raw_operator_class = True
        part.operator_class = inside.text
        if inside.kind is not ValueKind.STRING:
            bound.fault("`raw` takes a string", inside)
    else:
        bound.fault('`ops` must be an operator class, by its name in Prisma or as raw("…")', value)


def _relation_field(relation: RelationField, report: Report) -> None:
    owner = relation.owner
    attributes = _Attributes("@", relation.node.attributes, owner.path, report)
    written = attributes.one("relation")
    if written is not None:
        relation.attribute = written.attribute
        relation.fields = _columns(written, "fields", owner)
        relation.references = _columns(written, "references", relation.target)
        relation.name = written.string("name")
        relation.on_delete = _action(written, "onDelete")
        relation.on_update = _action(written, "onUpdate")
        relation.map = written.string("map")
    ignored = attributes.one("ignore")
    relation.ignored = ignored is not None
    for name in ("id", "default", "map", "unique"):
        for attribute in attributes.left.pop(name, []):
            message = f"`@{name}` belongs on a column; `{relation.node.name}` is a relation"
            report.add(owner.path, attribute.start, attribute.stop, message)
    attributes.finish()


def _columns(bound: Bound, parameter: str, model: Model) -> tuple[ScalarField, ...] | None:
    """Read the columns named in `fields` or `references`; empty where one is none (reported)."""
    if parameter not in bound.values:
        return None
    columns: list[ScalarField] = []
    good = True
    for value in bound.words(parameter) or ():
        if any(relation.node.name == value.text for relation in model.relations):
            bound.fault(f"`{value.text}` is a relation; `{parameter}` names columns", value)
            good = False
        elif value.text not in model.scalars:
            bound.fault(f"the {model.block.kind} `{model.name}` has no field `{value.text}`", value)
            good = False
        elif model.scalars[value.text] in columns:
            bound.fault(f"`{parameter}` names the field `{value.text}` twice", value)
            good = False
        else:
            columns.append(model.scalars[value.text])
    return tuple(columns) if good else ()


def _action(bound: Bound, parameter: str) -> str:
    action = bound.word(parameter)
    if action and action not in ACTIONS:
        bound.fault(f"no referential action is named `{action}`", bound.values[parameter])
        return ""
    return action


def _composite(composite: Composite, report: Report) -> None:
    block = composite.block
    if not block.fields:
        report.add(composite.path, block.name_start, block.name_stop, f"the type `{block.name}` has no fields")
    for column in composite.scalars.values():
        attributes = _Attributes("@", column.node.attributes, composite.path, report)
        written = attributes.one("map")
        if written is not None:
            column.column = written.string("name", empty=True)
        default = attributes.one("default")
        if default is not None:
            column.default_attribute = default.attribute
            column.default = default.values.get("value")
            if "map" in default.values:
                default.fault("the default of a type's field has no name in the database")
            check_kind(column, default)
        if column.kind == "scalar":
            column.native = attributes.native()
        attributes.finish()
    _mapped_twice(composite.scalars.values(), composite.name, composite.path, report)
    _Attributes("@@", block.attributes, composite.path, report).finish()


def _enum(enum: Enum, report: Report) -> None:
    attributes = _Attributes("@@", enum.block.attributes, enum.path, report)
    written = attributes.one("map")
    enum.map = enum.name
    if written is not None:
        enum.map = written.string("name", empty=True)
    schema = attributes.one("schema")
    if schema is not None:
        enum.schema = schema.string("map")
        enum.schema_attribute = schema.attribute
    attributes.finish()
    for member in enum.block.members:
        own = _Attributes("@", member.attributes, enum.path, report)
        renamed = own.one("map")
        enum.members.append((member, member.name if renamed is None else renamed.string("name", empty=True)))
        own.finish()


def _mapped_twice(columns: Iterable[ScalarField], owner: str, path: str, report: Report) -> None:
    seen: dict[str, ScalarField] = {}
    for column in columns:
        earlier = seen.setdefault(column.column, column)
        if earlier is not column:
            later = column if column.column != column.name else earlier
            message = f"two fields of `{owner}` are mapped to the column `{column.column}`"
            report.add(path, later.node.start, later.node.stop, message)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
