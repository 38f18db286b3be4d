"""The declarations of a schema: blocks of all its files, with names resolved and attributes read.

Mutable while `join` works on them; nothing outside this package sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dblint.facts.blocks import Attribute, Block, BlockKind, Field, Member, Value
from dblint.facts.text import Place
from dblint.facts.tree import Fault


class Report:
    """Gathers faults by file. The same fault is kept once."""

    def __init__(self) -> None:
        self._faults: dict[str, dict[Fault, None]] = {}

    def __len__(self) -> int:
        return sum(len(faults) for faults in self._faults.values())

    def add(self, path: str, start: int, stop: int, message: str) -> None:
        """Record a fault over a span of bytes."""
        self._faults.setdefault(path, {})[Fault(start, stop, message)] = None

    def faults(self) -> tuple[tuple[str, Fault], ...]:
        """Return the faults with their paths, in the order of paths and texts."""
        return tuple(
            (path, fault)
            for path, faults in sorted(self._faults.items())
            for fault in sorted(faults, key=lambda fault: (fault.start, fault.stop, fault.message))
        )


@dataclass(slots=True, eq=False)
class ScalarField:
    """A field that is a column (or a part of a document). `kind`: scalar, enum, composite, unsupported."""

    owner: Model | Composite
    node: Field
    kind: str
    enum: Enum | None = None
    composite: Composite | None = None
    column: str = ""
    native: Attribute | None = None
    default: Value | None = None
    default_attribute: Attribute | None = None
    default_name: str = ""
    updated: bool = False
    ignored: bool = False

    @property
    def name(self) -> str:
        """The name in the schema."""
        return self.node.name

    @property
    def scalar(self) -> str:
        """The built-in type, or ""."""
        return self.node.type.name if self.kind == "scalar" else ""

    @property
    def native_name(self) -> str:
        """What follows the dot in `@db.VarChar(20)`, or ""."""
        return "" if self.native is None else self.native.path.partition(".")[2]

    @property
    def required(self) -> bool:
        """Neither a list nor optional."""
        return not (self.node.type.many or self.node.type.optional)

    def same_type(self, other: ScalarField) -> bool:
        """Tell whether a value of one may be compared with a value of the other."""
        if self.kind != other.kind:
            return False
        if self.kind == "enum":
            return self.enum is other.enum
        if self.kind == "composite":
            return self.composite is other.composite
        return self.node.type.name == other.node.type.name


@dataclass(slots=True, eq=False)
class RelationField:
    """A field whose type is a model. `fields` and `references` are None where they are not written."""

    owner: Model
    node: Field
    target: Model
    name: str = ""
    fields: tuple[ScalarField, ...] | None = None
    references: tuple[ScalarField, ...] | None = None
    on_delete: str = ""
    on_update: str = ""
    map: str = ""
    ignored: bool = False
    attribute: Attribute | None = None

    @property
    def many(self) -> bool:
        """A list."""
        return self.node.type.many

    @property
    def optional(self) -> bool:
        """Marked with a question mark."""
        return self.node.type.optional and not self.node.type.many

    @property
    def required(self) -> bool:
        """Neither a list nor optional."""
        return not (self.node.type.many or self.node.type.optional)

    @property
    def relation_name(self) -> str:
        """The name written, or the one Prisma gives."""
        return self.name or "To".join(sorted((self.owner.name, self.target.name)))


@dataclass(slots=True, eq=False)
class IndexField:
    """A column of an index. For a part of a document, `path` leads there from the model's field."""

    path: tuple[ScalarField, ...]
    descending: bool | None = None
    length: int | None = None
    operator_class: str = ""
    raw_operator_class: bool = False

    @property
    def field(self) -> ScalarField:
        """The field that is indexed."""
        return self.path[-1]

    @property
    def column(self) -> str:
        """The name in the database, dotted for a part of a document."""
        return ".".join(step.column for step in self.path)


@dataclass(slots=True, eq=False)
class Index:
    """An index or key. `kind`: id, unique, normal, fulltext."""

    owner: Model
    kind: str
    node: Attribute
    fields: tuple[IndexField, ...]
    on_field: bool = False
    name: str = ""
    map: str = ""
    method: str = ""
    clustered: bool | None = None
    where: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the database."""
        return tuple(part.column for part in self.fields)

    @property
    def attribute(self) -> str:
        """The attribute as a person reads it (`@@unique`)."""
        return f"{'@' if self.on_field else '@@'}{self.node.path}"

    def strict(self) -> bool:
        """Tell whether it names at most one row and never none: no optional and no unsupported field."""
        return not any(part.field.node.type.optional or part.field.kind == "unsupported" for part in self.fields)


@dataclass(slots=True, eq=False)
class Model:
    """A model or view."""

    block: Block
    path: str
    scalars: dict[str, ScalarField] = field(default_factory=dict)
    relations: list[RelationField] = field(default_factory=list)
    id: Index | None = None
    indexes: list[Index] = field(default_factory=list)
    shard_keys: list[tuple[Attribute, tuple[ScalarField, ...]]] = field(default_factory=list)
    table: str = ""
    schema: str = ""
    ignored: bool = False
    schema_attribute: Attribute | None = None

    @property
    def name(self) -> str:
        """The name in the schema."""
        return self.block.name

    @property
    def view(self) -> bool:
        """Whether it is a view."""
        return self.block.kind is BlockKind.VIEW

    def place(self) -> Place:
        """Where its name stands."""
        return Place(self.path, self.block.name_start, self.block.name_stop)

    def uniques(self) -> Iterator[Index]:
        """Everything that names at most one row, the id first."""
        if self.id is not None:
            yield self.id
        yield from (index for index in self.indexes if index.kind == "unique")


@dataclass(slots=True, eq=False)
class Composite:
    """A `type`: a document inside a document."""

    block: Block
    path: str
    scalars: dict[str, ScalarField] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name in the schema."""
        return self.block.name


@dataclass(slots=True, eq=False)
class Enum:
    """An enum. `members` pairs each value as the code names it with its name in the database."""

    block: Block
    path: str
    members: list[tuple[Member, str]] = field(default_factory=list)
    map: str = ""
    schema: str = ""
    schema_attribute: Attribute | None = None

    @property
    def name(self) -> str:
        """The name in the schema."""
        return self.block.name


@dataclass(slots=True)
class Configuration:
    """What datasource and generators say. `modern` is Prisma 7 and later, where no URL may stand in a schema."""

    block: Block | None = None
    path: str = ""
    provider: str = ""
    url_variable: str = ""
    direct_url_variable: str = ""
    emulated: bool = False
    schemas: tuple[str, ...] | None = None
    features: frozenset[str] = frozenset()
    modern: bool = False


@dataclass(slots=True)
class Declarations:
    """All of a schema."""

    configuration: Configuration = field(default_factory=Configuration)
    models: list[Model] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
