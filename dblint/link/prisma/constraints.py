"""Names of constraints: those written with `map`, and those that Prisma gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dblint.facts.blocks import Attribute, Field
from dblint.link.prisma.connectors import Connector
from dblint.link.prisma.declarations import Declarations, Index, Model, RelationField
from dblint.link.prisma.relations import PairedRelation


class Constraint(NamedTuple):
    """A constraint as it is named in the database. `kind`: primary, index, foreign, default."""

    kind: str
    name: str
    written: bool
    model: str
    schema: str
    path: str
    start: int
    stop: int


def cut(name: str, suffix: str, longest: int) -> str:
    """Join a name and its suffix within a number of bytes, as Prisma does."""
    room = longest - len(suffix)
    if len(name.encode()) >= room:
        name = name.encode()[:room].decode(errors="ignore")
    return name + suffix


def index_name(index: Index, connector: Connector) -> str:
    """Return an index's or a key's name in the database; "" for an id where keys have no names."""
    if index.map:
        return index.map
    if index.kind == "id":
        named = "named-primary-key" in connector.can
        return cut(index.owner.table, "_pkey", connector.longest_name) if named else ""
    suffix = "_key" if index.kind == "unique" else "_idx"
    return cut("_".join((index.owner.table, *index.columns)), suffix, connector.longest_name)


def foreign_key_name(field: RelationField, connector: Connector) -> str:
    """Return a foreign key's name in the database."""
    columns = [column.column for column in field.fields or ()]
    return field.map or cut("_".join((field.owner.table, *columns)), "_fkey", connector.longest_name)


def constraints(declared: Declarations, relations: Sequence[PairedRelation], connector: Connector) -> list[Constraint]:
    """List every constraint of a schema, in the order of its models."""
    found: list[Constraint] = []
    keys: dict[str, list[RelationField]] = {}
    for relation in relations:
        if relation.forward is not None and relation.kind in ("one-to-one", "one-to-many"):
            keys.setdefault(relation.forward.owner.name, []).append(relation.forward)
    for model in declared.models:
        for index in (model.id, *model.indexes):
            name = "" if index is None else index_name(index, connector)
            if index is not None and name:
                kind = "primary" if index.kind == "id" else "index"
                found.append(_constraint(kind, name, bool(index.map), model, index.node))
        for column in model.scalars.values():
            if column.default_attribute is not None:
                name = column.default_name or cut(f"{model.table}_{column.column}", "_df", connector.longest_name)
                found.append(_constraint("default", name, bool(column.default_name), model, column.default_attribute))
        found.extend(
            _constraint("foreign", foreign_key_name(field, connector), bool(field.map), model, field.node)
            for field in keys.get(model.name, ())
        )
    return found


def _constraint(kind: str, name: str, written: bool, model: Model, node: Attribute | Field) -> Constraint:
    return Constraint(kind, name, written, model.name, model.schema, model.path, node.start, node.stop)
