"""What one Prisma schema file says: its blocks as written, before files are joined into a schema.

Every node has `start` and `stop`, byte offsets in the file. A node that stands for a named thing also
has `name_start` and `name_stop`, because that is what a finding marks.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dblint.facts.tree import Fault, Suppression


class BlockKind(StrEnum):
    """The keyword that opens a block."""

    MODEL = "model"
    VIEW = "view"
    ENUM = "enum"
    TYPE = "type"
    DATASOURCE = "datasource"
    GENERATOR = "generator"


class ValueKind(StrEnum):
    """What an expression is."""

    STRING = "string"  # text: the string as the program sees it, without quotes and escapes
    NUMBER = "number"  # text: as written
    PATH = "path"  # text: an identifier, also dotted; `true` and `false` are paths too
    CALL = "call"  # text: the function; items: its arguments
    ARRAY = "array"  # items: its elements, without names
    OBJECT = "object"  # items: its pairs, by name


class Value(msgspec.Struct, frozen=True, array_like=True):
    """An expression.

    Nesting is bounded (see `dblint.frontends.prisma_values.DEEPEST`), so that walking, encoding and
    decoding may recurse.
    """

    kind: ValueKind
    start: int
    stop: int
    text: str = ""
    items: tuple[Argument, ...] = ()

    def elements(self) -> tuple[Value, ...]:
        """Return an array's elements; any other value stands for an array of itself, as Prisma reads it."""
        if self.kind is ValueKind.ARRAY:
            return tuple(item.value for item in self.items)
        return (self,)


class Argument(msgspec.Struct, frozen=True, array_like=True):
    """An argument of an attribute or a function, an element of an array, a pair of an object."""

    value: Value
    start: int
    stop: int
    name: str = ""


class Attribute(msgspec.Struct, frozen=True, array_like=True):
    """`@name(…)` on a field or an enum's value, `@@name(…)` in a block.

    `path` has no at sign and may be dotted (`db.VarChar`).
    """

    path: str
    start: int
    stop: int
    arguments: tuple[Argument, ...] = ()


class FieldType(msgspec.Struct, frozen=True, array_like=True):
    """A field's type. For `Unsupported("…")` the name is the text between the quotes."""

    name: str
    start: int
    stop: int
    many: bool = False
    optional: bool = False
    unsupported: bool = False


class Field(msgspec.Struct, frozen=True, array_like=True):
    """A line of a model, view or type."""

    name: str
    type: FieldType
    start: int
    stop: int
    name_start: int
    name_stop: int
    attributes: tuple[Attribute, ...] = ()
    documentation: str = ""


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A value of an enum."""

    name: str
    start: int
    stop: int
    name_start: int
    name_stop: int
    attributes: tuple[Attribute, ...] = ()
    documentation: str = ""


class Property(msgspec.Struct, frozen=True, array_like=True):
    """`name = value` in a datasource or generator."""

    name: str
    value: Value
    start: int
    stop: int
    name_start: int
    name_stop: int


class Block(msgspec.Struct, frozen=True, array_like=True):
    """A block.

    Which of `fields`, `members` and `properties` it has depends on its kind; `attributes` are its block
    attributes (`@@…`).
    """

    kind: BlockKind
    name: str
    start: int
    stop: int
    name_start: int
    name_stop: int
    fields: tuple[Field, ...] = ()
    members: tuple[Member, ...] = ()
    properties: tuple[Property, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    documentation: str = ""


class PrismaFile(msgspec.Struct, frozen=True, array_like=True):
    """Everything that one Prisma schema file says by itself."""

    path: str
    blocks: tuple[Block, ...] = ()
    faults: tuple[Fault, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
