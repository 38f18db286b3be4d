"""`@default(…)`: whether a value can be the default of a field, and who fills it in."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import datetime

from dblint.facts.blocks import Argument, Value, ValueKind
from dblint.link.prisma.arguments import Bound, integer
from dblint.link.prisma.connectors import SCALARS
from dblint.link.prisma.declarations import Composite, ScalarField

CLIENT_FUNCTIONS = frozenset({"uuid", "cuid", "nanoid", "ulid"})
"""What Prisma's client fills in; the database has no default then."""

# Function → the types it fits. `dbgenerated` fits all, `auto` is checked by connector.
_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "autoincrement": ("Int", "BigInt"),
    "sequence": SCALARS,
    "now": ("DateTime",),
    "uuid": ("String",),
    "cuid": ("String",),
    "nanoid": ("String",),
    "ulid": ("String",),
}
_EMBEDDED = frozenset({"now", "uuid", "cuid", "ulid"})
# Literal kinds by type.
_LITERALS: dict[str, tuple[ValueKind, ...]] = {
    "String": (ValueKind.STRING,),
    "Json": (ValueKind.STRING,),
    "Bytes": (ValueKind.STRING,),
    "DateTime": (ValueKind.STRING,),
    "Int": (ValueKind.NUMBER,),
    "BigInt": (ValueKind.NUMBER,),
    "Float": (ValueKind.NUMBER,),
    "Decimal": (ValueKind.NUMBER, ValueKind.STRING),
    "Boolean": (ValueKind.PATH,),
}
_SEQUENCE = frozenset({"cache", "increment", "minValue", "maxValue", "start"})
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def check_kind(column: ScalarField, bound: Bound) -> None:
    """Report a default that cannot be one for the field's type."""
    value = column.default
    if value is None:
        return
    embedded = isinstance(column.owner, Composite)
    if value.kind is ValueKind.CALL and value.text == "dbgenerated":
        if embedded:
            bound.fault("a field of a type cannot have `dbgenerated()` as its default", value)
        else:
            _generated(value, bound)
    elif column.kind == "composite":
        bound.fault("a field whose type is a composite cannot have a default")
    elif column.kind == "unsupported":
        bound.fault('an unsupported field can only have `dbgenerated("…")` as its default', value)
    elif column.kind == "enum":
        _member(column, value, bound)
    elif value.kind is ValueKind.CALL:
        _function(column, value, bound, embedded=embedded)
    elif column.node.type.many:
        if value.kind is not ValueKind.ARRAY:
            bound.fault("the default of a list must be a list", value)
        else:
            for element in value.elements():
                _literal(column.scalar, element, bound)
    elif value.kind is ValueKind.ARRAY:
        bound.fault("the default of a single value cannot be a list", value)
    else:
        _literal(column.scalar, value, bound)


def _generated(value: Value, bound: Bound) -> None:
    texts = [item.value for item in value.items]
    if len(texts) > 1 or any(text.kind is not ValueKind.STRING or not text.text for text in texts):
        bound.fault("`dbgenerated()` takes at most one string, and no empty one", value)


def _member(column: ScalarField, value: Value, bound: Bound) -> None:
    if column.node.type.many and value.kind is not ValueKind.ARRAY:
        bound.fault("the default of a list must be a list", value)
        return
    if value.kind is ValueKind.ARRAY and not column.node.type.many:
        bound.fault("the default of a single value cannot be a list", value)
        return
    members = set() if column.enum is None else {member.name for member in column.enum.block.members}
    for element in value.elements():
        if element.kind is not ValueKind.PATH or element.text not in members:
            bound.fault(f"the default must be a value of the enum `{column.node.type.name}`", element)


def _function(column: ScalarField, value: Value, bound: Bound, *, embedded: bool) -> None:
    name = value.text
    if name == "auto":
        if embedded:
            bound.fault("a field of a type cannot have `auto()` as its default", value)
        elif value.items:
            bound.fault("`auto()` takes no argument", value)
        return
    if name not in _FUNCTIONS:
        bound.fault(f"no default function is named `{name}`", value)
        return
    if (embedded and name not in _EMBEDDED) or (name == "autoincrement" and column.default_name):
        bound.fault(f"the default `{name}()` cannot be used here", value)
    if column.scalar not in _FUNCTIONS[name]:
        bound.fault(f"`{name}()` cannot fill a field of type {column.scalar}", value)
        return
    arguments = [item.value for item in value.items]
    number = integer(arguments[0]) if len(arguments) == 1 else None
    if name == "sequence":
        good = all(_sequence_argument(item) for item in value.items)
    elif not arguments:
        good = True
    elif name == "uuid":
        good = number in (4, 7)
    elif name == "cuid":
        good = number in (1, 2)
    elif name == "nanoid":
        good = number is not None and 2 <= number <= 255
    else:
        good = False
    if not good:
        bound.fault(f"`{name}()` does not take these arguments", value)


def _sequence_argument(item: Argument) -> bool:
    if item.name == "virtual":
        return item.value.text in ("true", "false") and item.value.kind is ValueKind.PATH
    return item.name in _SEQUENCE and integer(item.value) is not None


def _literal(scalar: str, value: Value, bound: Bound) -> None:
    if value.kind not in _LITERALS[scalar]:
        bound.fault(f"the default must be a value of type {scalar}", value)
    elif not _readable(scalar, value):
        bound.fault(f"the default cannot be read as {scalar}", value)


def _readable(scalar: str, value: Value) -> bool:
    text = value.text
    if scalar == "Boolean":
        return text in ("true", "false")
    if scalar in ("Int", "BigInt"):
        return integer(value) is not None
    if scalar == "DateTime":
        return _is_date_time(text)
    if scalar == "Decimal":
        return value.kind is ValueKind.NUMBER or _DECIMAL.fullmatch(text) is not None
    try:
        if scalar == "Json":
            json.loads(text, parse_constant=_no_constant)
        elif scalar == "Bytes":
            base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error, RecursionError):
        return False
    return True


def _no_constant(word: str) -> None:
    raise ValueError(word)


def _is_date_time(text: str) -> bool:
    found = _DATE_TIME.fullmatch(text)
    if found is None or int(found.group(3)) > 60:
        return False
    try:
        datetime.fromisoformat(f"{found.group(1)}T{found.group(2)}:{min(int(found.group(3)), 59):02}")
    except ValueError:
        return False
    return True
