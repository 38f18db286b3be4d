"""Arguments of attributes: who is meant by them, and whether they are what they should be."""

from __future__ import annotations

from dblint.facts.blocks import Attribute, Value, ValueKind
from dblint.link.prisma.declarations import Report

_PARAMETERS: dict[str, tuple[str, ...]] = {
    "@id": ("map", "length", "sort", "clustered"),
    "@unique": ("map", "length", "sort", "clustered", "where"),
    "@default": ("value", "map"),
    "@map": ("name",),
    "@relation": ("name", "fields", "references", "onDelete", "onUpdate", "map"),
    "@updatedAt": (),
    "@ignore": (),
    "@shardKey": (),
    "@@id": ("fields", "name", "map", "clustered"),
    "@@unique": ("fields", "name", "map", "clustered", "where"),
    "@@index": ("fields", "name", "map", "type", "clustered", "where"),
    "@@fulltext": ("fields", "map"),
    "@@map": ("name",),
    "@@schema": ("map",),
    "@@ignore": (),
    "@@shardKey": ("fields",),
}
# The parameter that an argument without a name is meant for.
_UNNAMED = {
    "@default": "value",
    "@map": "name",
    "@relation": "name",
    "@@id": "fields",
    "@@unique": "fields",
    "@@index": "fields",
    "@@fulltext": "fields",
    "@@map": "name",
    "@@schema": "map",
    "@@shardKey": "fields",
}
_REQUIRED = frozenset(_UNNAMED) - {"@relation"}
REPEATED = frozenset({"@@index", "@@unique", "@@fulltext"})
"""The attributes that may stand more than once."""


class Bound:
    """An attribute's arguments by parameter. The readers report what is of the wrong kind and give nothing."""

    def __init__(self, sign: str, attribute: Attribute, path: str, report: Report) -> None:
        self.attribute = attribute
        self.name = f"{sign}{attribute.path}"
        self.path = path
        self.report = report
        self.values: dict[str, Value] = {}
        self._bind()

    def fault(self, message: str, at: Value | None = None) -> None:
        """Report a fault on the attribute or on one of its values."""
        node: Attribute | Value = self.attribute if at is None else at
        self.report.add(self.path, node.start, node.stop, message)

    def _bind(self) -> None:
        parameters = list(_PARAMETERS.get(self.name, ()))
        unnamed = _UNNAMED.get(self.name)
        loose = [argument for argument in self.attribute.arguments if not argument.name]
        if len(loose) > 1:
            self.fault(f"`{self.name}` takes one argument without a name; are brackets missing?")
        for argument in self.attribute.arguments:
            name = argument.name or unnamed
            if name is None or name not in parameters:
                what = f"`{argument.name}`" if argument.name else "without a name"
                self.report.add(self.path, argument.start, argument.stop, f"`{self.name}` has no argument {what}")
            elif name in self.values:
                if argument.name or len(loose) < 2:
                    message = f"the argument `{name}` is given twice"
                    self.report.add(self.path, argument.start, argument.stop, message)
            else:
                self.values[name] = argument.value
        if self.name in _REQUIRED and unnamed not in self.values:
            self.fault(f"`{self.name}` needs the argument `{unnamed}`")

    def string(self, parameter: str, *, empty: bool = False) -> str:
        """Return a string argument, or "" where there is none. Only `empty` ones may be empty."""
        value = self.values.get(parameter)
        if value is None:
            return ""
        if value.kind is not ValueKind.STRING:
            self.fault(f"`{parameter}` must be a string", value)
            return ""
        if not value.text and not empty:
            self.fault(f"`{parameter}` must not be empty", value)
        return value.text

    def word(self, parameter: str) -> str:
        """Return an argument that is an identifier, or ""."""
        value = self.values.get(parameter)
        if value is None:
            return ""
        if value.kind is not ValueKind.PATH:
            self.fault(f"`{parameter}` must be an identifier", value)
            return ""
        return value.text

    def integer(self, parameter: str) -> int | None:
        """Return an argument that is an integer."""
        return None if parameter not in self.values else self.as_integer(parameter, self.values[parameter])

    def as_integer(self, parameter: str, value: Value) -> int | None:
        """Return a value that must be an integer."""
        number = integer(value)
        if number is None:
            self.fault(f"`{parameter}` must be an integer", value)
        return number

    def boolean(self, parameter: str) -> bool | None:
        """Return an argument that is true or false."""
        value = self.values.get(parameter)
        if value is None:
            return None
        if value.kind is not ValueKind.PATH or value.text not in ("true", "false"):
            self.fault(f"`{parameter}` must be true or false", value)
            return None
        return value.text == "true"

    def words(self, parameter: str) -> list[Value] | None:
        """Return the identifiers of an array argument; None where there is none or one is no identifier."""
        value = self.values.get(parameter)
        if value is None:
            return None
        good = True
        for element in value.elements():
            if element.kind is not ValueKind.PATH:
                self.fault(f"`{parameter}` must hold names of fields", element)
                good = False
        return list(value.elements()) if good else None


def integer(value: Value) -> int | None:
    """Return the integer that a value is, within 64 bits."""
    if value.kind is not ValueKind.NUMBER or "." in value.text or len(value.text) > 20:
        return None
    number = int(value.text)
    return number if -(2**63) <= number < 2**63 else None
