"""Rows of the grammar: what models have, by their columns' types and their relations."""

from __future__ import annotations

import msgspec


class ColumnType(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The column that the database keeps a value of this type in.

    `type`: the database's own word by dialect, `any` for the others. `size`: slots of its length, or of its
    precision and scale; `default_size` where none is given. `element`: the slot of the type that it is an
    array of; `same`: that of the type whose column it has. `values`: the slot of an enumeration's words.
    `variants`: a slot that, where it is true, gives another type.
    """

    type: dict[str, str] = {}
    size: tuple[str, ...] = ()
    default_size: str = ""
    element: str = ""
    same: str = ""
    values: str = ""
    written: str = ""
    """The slot of the database's own word for it."""
    variants: dict[str, dict[str, str]] = {}

    def word(self, dialect: str) -> str:
        """The type in a dialect, without its size; "" when the row does not say."""
        return self.type.get(dialect, self.type.get("any", ""))


class OwnField(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A field that a model of the library itself declares: the type of this table that it is an instance of,
    and what it is made with. `to` names the type row that a relation leads to, or `Self`, the model itself."""

    type: str
    size: str = ""
    null: bool = False
    unique: bool = False
    indexed: bool = False
    to: str = ""
    inverse: str = ""


class RelationMembers(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The types whose members the rows of a model have for each relation: of a relation to `one` row and to `many`. The
    method's name is the member's with that of the relation behind it (`get` and `books`: `getBooks`), or with that of
    one row of it (`addBook`)."""

    one: str
    many: str
