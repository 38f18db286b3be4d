"""Types of the database: written with `@db.`, in `Unsupported("…")`, or the default of a built-in type."""

from __future__ import annotations

from dblint.facts.blocks import Attribute, Block, ValueKind
from dblint.link.prisma.connectors import Connector, NativeType
from dblint.link.prisma.declarations import ScalarField


def database_type(column: ScalarField, connector: Connector) -> str:
    """Return a column's type in the database without array marks, "" where it cannot be known."""
    if column.kind == "unsupported":
        return column.node.type.name.lower()
    if column.kind == "composite":
        return "document"
    if column.kind == "enum":
        return "" if column.enum is None else column.enum.map.lower()
    if column.native is not None:
        native = connector.natives.get(column.native_name)
        return "" if native is None else native.spelled(_arguments(column.native))
    return connector.scalars.get(column.scalar, "")


def problem(column: ScalarField, connector: Connector, source: Block | None) -> str:
    """Say what is wrong with a column's type under this database and datasource, or ""."""
    if column.kind == "unsupported":
        return _supported(column.node.type.name, connector)
    written = column.native
    if written is None:
        return ""
    scope, _, name = written.path.partition(".")
    native = connector.natives.get(name)
    if source is None:
        return "a schema without a datasource has no native types"
    if scope != source.name:
        return f"native types begin with the datasource's name, `@{source.name}.{name}`"
    if native is None:
        return f"{connector.title} has no type `{name}`"
    if column.scalar not in native.scalars:
        expected = " or ".join(native.scalars)
        return f"the type `{name}` belongs to a field of type {expected}, not {column.scalar}"
    return _argument_problem(name, native, _arguments(written), column.scalar)


def _supported(text: str, connector: Connector) -> str:
    """Say that an unsupported type is one which Prisma supports, or ""."""
    prefix, bracket, rest = text.partition("(")
    name = prefix.strip()
    native = connector.natives.get(name)
    if native is None:
        return ""
    inside = rest.partition(")")[0] if bracket and ")" in rest else ""
    arguments = tuple(part.strip() for part in inside.split(",")) if inside else ()
    bare = native.required + native.optional == 0  # such a type's arguments are not even looked at
    if not bare and _argument_problem(name, native, arguments, native.scalars[0], ranges=False):
        return ""
    return f"the type `{name}` is supported; write it as a native type"


def _arguments(written: Attribute) -> tuple[str, ...]:
    values = (argument.value for argument in written.arguments)
    return tuple(f'"{value.text}"' if value.kind is ValueKind.STRING else value.text for value in values)


def _argument_problem(
    name: str, native: NativeType, arguments: tuple[str, ...], scalar: str, *, ranges: bool = True
) -> str:
    """Say what is wrong with a native type's arguments, or ""."""
    count = len(arguments)
    if count not in (native.required, native.required + native.optional):
        return f"the type `{name}` does not take {count} argument{'' if count == 1 else 's'}"
    if native.maximum and arguments == ("Max",):
        return ""
    digits = [argument.lstrip("0") or "0" for argument in arguments]
    if not all(
        argument.isascii() and argument.isdigit() and len(digit) <= 10 and int(digit) < 2**32
        for argument, digit in zip(arguments, digits, strict=True)
    ):
        return f"the arguments of `{name}` must be positive integers"
    numbers = [int(digit) for digit in digits]
    if not numbers or not ranges:
        return ""
    if not native.lowest <= numbers[0] <= native.highest:
        return f"the argument of `{name}` must lie between {native.lowest} and {native.highest}"
    if len(numbers) == 2 and (numbers[1] > numbers[0] or numbers[1] > native.scale):
        return f"the scale of `{name}` is too large"
    if name == "Bit" and scalar == "Boolean" and numbers[0] > 1:
        return "only `Bit(1)` can be a Boolean"
    return ""
