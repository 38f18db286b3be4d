"""Relations: which two fields belong together, and whether Prisma accepts what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dblint.link.prisma.connectors import Connector
from dblint.link.prisma.cycles import on_cycles
from dblint.link.prisma.declarations import Declarations, Model, RelationField, Report, ScalarField


@dataclass(slots=True, eq=False)
class PairedRelation:
    """A relation between two models.

    `forward` is the field on the side that holds the columns, `back` the one opposite; one of them is
    None where a schema lacks it. In a many-to-many relation they are the fields of Prisma's sides A and
    B. `kind`: one-to-one, one-to-many, many-to-many, embedded (a many-to-many of a document database).
    """

    kind: str
    forward: RelationField | None
    back: RelationField | None

    def sides(self) -> tuple[RelationField, ...]:
        """Return the fields that are there."""
        return tuple(field for field in (self.forward, self.back) if field is not None)

    def on_delete(self, connector: Connector, *, emulated: bool) -> str:
        """Return what deleting a referenced row does, with Prisma's default where nothing is written."""
        if self.forward is None or self.forward.on_delete:
            return "" if self.forward is None else self.forward.on_delete
        if not _referential_required(self.forward):
            return "SetNull"
        return "Restrict" if connector.allows("Restrict", emulated) else "NoAction"

    def on_update(self) -> str:
        """Return what changing a referenced key does."""
        return "" if self.forward is None else self.forward.on_update or "Cascade"


def _referential_required(field: RelationField) -> bool:
    """Tell whether a relation is required: its columns cannot all be null, whatever its field says."""
    return field.required or any(column.required for column in field.fields or ())


def pair(declared: Declarations) -> list[PairedRelation]:
    """Find the relations of a schema, each once."""
    found = []
    for model in declared.models:
        for field in model.relations:
            relation = _relation_of(field, opposite(field))
            if relation is not None:
                found.append(relation)
    return found


def opposite(field: RelationField) -> RelationField | None:
    """Return the field on the other side of a relation: of the model meant, back here, with the same name."""
    return next(
        (
            other
            for other in field.target.relations
            if other.target is field.owner and other is not field and other.name == field.name
        ),
        None,
    )


def _relation_of(field: RelationField, other: RelationField | None) -> PairedRelation | None:
    """Return the relation that a field opens; None where the opposite field does."""
    if other is None:
        if field.many:
            return PairedRelation("one-to-many", None, field)
        unique = any(
            index.kind == "unique" and tuple(part.field for part in index.fields) == field.fields
            for index in field.owner.indexes
        )
        return PairedRelation("one-to-one" if unique else "one-to-many", field, None)
    if field.many and other.many:
        if field.owner.name > other.owner.name or (field.owner is other.owner and field.node.name > other.node.name):
            return None
        embedded = field.fields is not None or other.fields is not None
        return PairedRelation("embedded" if embedded else "many-to-many", field, other)
    if field.many:
        return None
    if other.many:
        return PairedRelation("one-to-many", field, other)
    if field.required != other.required:
        return PairedRelation("one-to-one", field, other) if field.required else None
    if field.optional and (field.fields is None) != (other.fields is None):
        return PairedRelation("one-to-one", field, other) if field.fields is not None else None
    here, there = (field.owner.name, field.node.name), (other.owner.name, other.node.name)
    if field.optional and field.fields is not None:
        # Both sides claim the columns; the fault is reported once, on the first of them.
        return PairedRelation("one-to-one", field, other) if here <= there else None
    return None if here > there else PairedRelation("one-to-one", field, other)


class Checker:
    """Reports what Prisma rejects about relations."""

    def __init__(self, connector: Connector, *, emulated: bool, report: Report) -> None:
        self.connector = connector
        self.emulated = emulated
        self.report = report

    def fault(self, field: RelationField, message: str) -> None:
        """Report a fault on a relation's field."""
        self.report.add(field.owner.path, field.node.start, field.node.stop, message)

    def ambiguous(self, models: Iterable[Model]) -> bool:
        """Report fields that could belong to the same relation. Whether there were any."""
        found = False
        for model in models:
            together: dict[tuple[str, str], list[RelationField]] = {}
            for field in model.relations:
                together.setdefault((field.target.name, field.relation_name), []).append(field)
            for fields in together.values():
                limit = 2 if fields[0].target is model and fields[0].name else 1
                if len(fields) <= limit:
                    continue
                found = True
                names = ", ".join(f"`{field.node.name}`" for field in fields)
                message = f"the relations {names} of `{model.name}` cannot be told apart; name them in `@relation`"
                self.fault(fields[0], message)
        return found

    def field(self, field: RelationField) -> None:
        """Check one side by itself."""
        if field.target.ignored and not field.ignored and not field.owner.ignored:
            self.fault(field, f"`{field.target.name}` is ignored, so `{field.node.name}` must be ignored too")
        for action in (field.on_delete, field.on_update):
            if action and not self.connector.allows(action, self.emulated):
                self.fault(field, f"{self.connector.title} does not know the referential action `{action}` here")
        if field.map and "named-foreign-key" not in self.connector.can:
            self.fault(field, f"{self.connector.title} has no names for foreign keys")

    def relation(self, relation: PairedRelation) -> None:
        """Check both sides together."""
        if relation.kind == "many-to-many":
            self._many_to_many(relation)
        elif relation.kind == "embedded":
            self._embedded(relation)
        elif relation.forward is None or relation.back is None:
            (side,) = relation.sides()
            message = (
                f"the relation `{side.node.name}` of `{side.owner.name}` has no opposite field "
                f"in the {side.target.block.kind} `{side.target.name}`"
            )
            self.fault(side, message)
            if relation.forward is not None:
                self._columns(relation.forward)
        else:
            self._columns(relation.forward)
            if relation.kind == "one-to-one":
                self._one_to_one(relation.forward, relation.back)
            else:
                self._one_to_many(relation.forward, relation.back)
            self._set_null(relation.forward)

    def _columns(self, field: RelationField) -> None:
        """Check `fields` and `references` of the side that holds the columns."""
        fields, references = field.fields, field.references
        if references:
            self._referenced(field, references)
        if fields is not None and references is not None and len(fields) != len(references):
            self.fault(field, "`fields` and `references` must name equally many columns")
        optional = [column.name for column in fields or () if column.node.type.optional]
        if field.required and optional:
            names = ", ".join(f"`{name}`" for name in optional)
            self.fault(field, f"the relation `{field.node.name}` must be optional because {names} is")
        for column, reference in zip(fields or (), references or (), strict=False):
            if not column.same_type(reference):
                message = f"`{column.name}` and `{field.target.name}.{reference.name}` are of different types"
                self.fault(field, message)

    def _referenced(self, field: RelationField, references: Sequence[ScalarField]) -> None:
        keys = [tuple(part.field for part in index.fields) for index in field.target.uniques()]
        if not any(set(key) == set(references) for key in keys):
            names = ", ".join(f"`{reference.name}`" for reference in references)
            self.fault(field, f"`references` must name an id or a unique key of `{field.target.name}`, not {names}")
        elif "references-in-any-order" not in self.connector.can and tuple(references) not in keys:
            self.fault(field, f"`references` must have the order of the key of `{field.target.name}`")

    def _set_null(self, field: RelationField) -> None:
        if "set-null-on-required" in self.connector.can and not self.emulated:
            return
        required = [column.name for column in field.fields or () if column.required]
        for name, action in (("onDelete", field.on_delete), ("onUpdate", field.on_update)):
            if action == "SetNull" and required:
                names = ", ".join(f"`{column}`" for column in required)
                self.fault(field, f"`{name}: SetNull` needs columns that may be null, which {names} may not")

    def _one_to_one(self, forward: RelationField, back: RelationField) -> None:
        for parameter in ("fields", "references"):
            here, there = getattr(forward, parameter), getattr(back, parameter)
            if not here and not there:
                message = (
                    f"neither `{forward.owner.name}.{forward.node.name}` nor `{back.owner.name}.{back.node.name}` "
                    f"has `{parameter}` in its `@relation`"
                )
                self.fault(forward, message)
            elif here and there:
                self.fault(back, f"both sides of a relation have `{parameter}`; only one may")
        if back.on_delete or back.on_update:
            self.fault(back, f"`onDelete` and `onUpdate` belong on the opposite field `{forward.node.name}`")
        if forward.fields is not None and not any(
            tuple(part.field for part in index.fields) == forward.fields for index in forward.owner.uniques()
        ):
            names = ", ".join(f"`{column.name}`" for column in forward.fields)
            self.fault(forward, f"a one-to-one relation needs a unique key over {names}")
        if (forward.fields and back.references) or (forward.references and back.fields):
            self.fault(forward, "`fields` and `references` must stand on the same side of a relation")
        if back.required:
            message = f"`{back.node.name}` must be optional: nothing in the database can make its row exist"
            self.fault(back, message)
        elif forward.required and (back.fields is not None or back.references is not None):
            self.fault(back, f"`fields` and `references` belong on the required side, `{forward.node.name}`")

    def _one_to_many(self, forward: RelationField, back: RelationField) -> None:
        for parameter in ("fields", "references"):
            if not getattr(forward, parameter):
                self.fault(forward, f"the relation `{forward.node.name}` needs `{parameter}` in its `@relation`")
        if back.fields or back.references:
            self.fault(back, f"`fields` and `references` belong on the opposite field `{forward.node.name}`")
        if back.on_delete or back.on_update:
            self.fault(back, f"`onDelete` and `onUpdate` belong on the opposite field `{forward.node.name}`")

    def _many_to_many(self, relation: PairedRelation) -> None:
        for field in relation.sides():
            if "implicit-many-to-many" not in self.connector.can:
                self.fault(field, f"{self.connector.title} needs `fields` and `references` in a many-to-many")
            key = field.target.id
            if key is None or len(key.fields) != 1:
                message = f"`{field.target.name}` has no id of one field, which a many-to-many relation needs"
                self.fault(field, message)
            if field.references is not None:
                self.fault(field, "a many-to-many relation has no `references`")
            if field.on_delete or field.on_update:
                self.fault(field, "a many-to-many relation has no referential actions")

    def _embedded(self, relation: PairedRelation) -> None:
        for field in relation.sides():
            if "embedded-many-to-many" not in self.connector.can:
                message = f"{self.connector.title} keeps a many-to-many relation in a table, not in `fields`"
                self.fault(field, message)
                continue
            columns, references = field.fields or (), field.references or ()
            if len(columns) != 1 or len(references) != 1:
                self.fault(field, "both sides need `fields` and `references` with one field each")
                continue
            column, reference = columns[0], references[0]
            key = field.target.id
            if key is None or [part.field for part in key.fields] != [reference]:
                self.fault(field, f"`references` must name the id of `{field.target.name}`")
            alike = column.same_type(reference) and column.native_name == reference.native_name
            if not alike or not column.node.type.many or reference.node.type.many:
                self.fault(field, f"`{column.name}` must be a list of what `{reference.name}` is")
            if field.on_delete or field.on_update:
                self.fault(field, "a many-to-many relation has no referential actions")


def cascades(relations: Sequence[PairedRelation], connector: Connector, *, emulated: bool, report: Report) -> None:
    """Report cycles and several paths of cascading actions, for databases that refuse them."""
    detects = "no-cycles" in connector.can
    if not detects and not emulated:
        return
    edges: dict[str, list[tuple[RelationField, bool]]] = {}
    for relation in relations:
        forward = relation.forward
        if relation.kind in ("one-to-one", "one-to-many") and forward is not None and relation.back is not None:
            actions = (relation.on_delete(connector, emulated=emulated), relation.on_update())
            moves = any(action not in ("NoAction", "Restrict") for action in actions)
            edges.setdefault(forward.owner.name, []).append((forward, moves))
    moving: dict[str, list[str]] = {}
    for model, outgoing in edges.items():
        moving[model] = [field.target.name for field, moves in outgoing if moves]
        for field, _moves in outgoing:
            moving.setdefault(field.target.name, [])
    if on_cycles(moving):
        for outgoing in edges.values():
            for field, _moves in outgoing:
                _cycle(field, edges, report)
    if detects and not emulated:
        for outgoing in edges.values():
            _paths([field for field, moves in outgoing if moves], edges, report)


def _cycle(start: RelationField, edges: dict[str, list[tuple[RelationField, bool]]], report: Report) -> None:
    """Report a relation that leads back to its own model, every step of the way changing rows."""
    moves = {id(field): moving for outgoing in edges.values() for field, moving in outgoing}
    visited: set[int] = set()
    waiting = [start]
    while waiting:
        field = waiting.pop()
        visited.add(id(field))
        if not moves[id(field)]:
            continue
        if field.target is field.owner or field.target is start.owner:
            message = (
                f"the relation `{start.node.name}` leads back to `{start.owner.name}`; "
                "one relation on the way needs `onDelete: NoAction, onUpdate: NoAction`"
            )
            report.add(start.owner.path, start.node.start, start.node.stop, message)
            return
        waiting.extend(following for following, _ in edges.get(field.target.name, ()) if id(following) not in visited)


def _paths(
    outgoing: Sequence[RelationField], edges: dict[str, list[tuple[RelationField, bool]]], report: Report
) -> None:
    """Report relations of one model through which the same other model is reached more than once."""
    reached: list[tuple[RelationField, set[str]]] = []
    for field in outgoing:
        models: set[str] = set()
        waiting = [field] if field.target is not field.owner else []
        while waiting:
            step = waiting.pop()
            if step.target.name in models or step.target is field.owner:
                continue
            models.add(step.target.name)
            waiting.extend(following for following, moves in edges.get(step.target.name, ()) if moves)
        reached.append((field, models))
    for field, models in reached:
        others = set().union(*(other for one, other in reached if one is not field)) & models
        if others:
            names = ", ".join(f"`{name}`" for name in sorted(others))
            message = f"deleting or changing rows of {names} reaches `{field.owner.name}` on several paths"
            report.add(field.owner.path, field.node.start, field.node.stop, message)
