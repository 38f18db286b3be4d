"""`where:` of an index: the rows that a partial index holds."""

from __future__ import annotations

from dblint.facts.blocks import Argument, Value, ValueKind
from dblint.link.prisma.arguments import Bound
from dblint.link.prisma.declarations import Model, ScalarField

# What a condition may compare a field with, by the field's type. Bytes and Json only with null.
_KINDS = {
    "String": ValueKind.STRING,
    "DateTime": ValueKind.STRING,
    "Int": ValueKind.NUMBER,
    "BigInt": ValueKind.NUMBER,
    "Float": ValueKind.NUMBER,
    "Decimal": ValueKind.NUMBER,
}


def predicate(model: Model, bound: Bound) -> str:
    """Return an index's condition as SQL over columns, "" where it has none. Reports what is wrong in it."""
    value = bound.values.get("where")
    if value is None:
        return ""
    if value.kind is ValueKind.CALL and value.text == "raw":
        texts = [item.value for item in value.items]
        if not texts or texts[0].kind is not ValueKind.STRING or not texts[0].text:
            bound.fault("`raw` takes a string", value)
            return ""
        return texts[0].text
    if value.kind is not ValueKind.OBJECT or not value.items:
        bound.fault('`where` must be raw("…") or an object with at least one field', value)
        return ""
    return " AND ".join(_condition(model, bound, item) for item in value.items)


def _condition(model: Model, bound: Bound, item: Argument) -> str:
    column = model.scalars.get(item.name)
    if column is None:
        bound.report.add(
            bound.path, item.start, item.stop, f"the {model.block.kind} `{model.name}` has no column `{item.name}`"
        )
        return ""
    value, negated = item.value, False
    if value.kind is ValueKind.OBJECT:
        if len(value.items) != 1 or value.items[0].name != "not":
            bound.fault("a condition is a value or `{ not: value }`", value)
            return ""
        value, negated = value.items[0].value, True
    if value.kind is ValueKind.PATH and value.text == "null":
        return f'"{column.column}" IS {"NOT " if negated else ""}NULL'
    if not _comparable(column, value):
        bound.fault(f"this value cannot be compared with the field `{item.name}`", value)
    return f'"{column.column}" {"<>" if negated else "="} {sql(value)}'


def _comparable(column: ScalarField, value: Value) -> bool:
    if column.kind == "enum":
        return value.kind is ValueKind.STRING
    if column.scalar == "Boolean":
        return value.kind is ValueKind.PATH and value.text in ("true", "false")
    return value.kind is _KINDS.get(column.scalar)


def sql(value: Value) -> str:
    """Return a literal as SQL."""
    if value.kind is ValueKind.STRING:
        quoted = value.text.replace("'", "''")
        return f"'{quoted}'"
    return value.text
