"""Which columns PostgreSQL's index methods take, and with which operator classes.

An operator class is written `ops: JsonbPathOps` in a schema; `ops: raw("…")` is taken as it is.
"""

from __future__ import annotations

_RANGE = ("Bloom", "MinMax", "MinMaxMulti")
# For each native type: the prefix of its BRIN classes, their kinds, and the built-in type that has this
# native type where none is written.
_BRIN: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("Bit", "Bit", ("MinMax",), ""),
    ("VarBit", "VarBit", ("MinMax",), ""),
    ("Char", "Bpchar", ("Bloom", "MinMax"), ""),
    ("Date", "Date", _RANGE, ""),
    ("Real", "Float4", _RANGE, ""),
    ("DoublePrecision", "Float8", _RANGE, "Float"),
    ("Inet", "Inet", ("Inclusion", *_RANGE), ""),
    ("SmallInt", "Int2", _RANGE, ""),
    ("Integer", "Int4", _RANGE, "Int"),
    ("BigInt", "Int8", _RANGE, "BigInt"),
    ("Decimal", "Numeric", _RANGE, "Decimal"),
    ("Oid", "Oid", _RANGE, ""),
    ("ByteA", "Bytea", ("Bloom", "MinMax"), "Bytes"),
    ("Text", "Text", ("Bloom", "MinMax"), "String"),
    ("VarChar", "Text", ("Bloom", "MinMax"), ""),
    ("Timestamp", "Timestamp", _RANGE, "DateTime"),
    ("Timestamptz", "TimestampTz", _RANGE, ""),
    ("Time", "Time", _RANGE, ""),
    ("Timetz", "TimeTz", _RANGE, ""),
    ("Uuid", "Uuid", _RANGE, ""),
)
_BRIN_BY_NATIVE = {
    native: frozenset(f"{prefix}{kind}Ops" for kind in kinds) for native, prefix, kinds, _scalar in _BRIN
}
_BRIN_BY_SCALAR = {scalar: _BRIN_BY_NATIVE[native] for native, _prefix, _kinds, scalar in _BRIN if scalar}
_JSON = frozenset({"JsonbOps", "JsonbPathOps"})
_TEXTS = ("Text", "VarChar", "Char")

METHODS: dict[str, frozenset[str]] = {
    "Gist": frozenset({"InetOps"}),
    "Gin": _JSON | {"ArrayOps"},
    "SpGist": frozenset({"InetOps", "TextOps"}),
    "Brin": frozenset().union(*_BRIN_BY_NATIVE.values()),
}
"""Index method → the operator classes it knows by name."""

KNOWN: frozenset[str] = frozenset().union(*METHODS.values())
"""Every operator class that has a name in the schema language."""


def problem(method: str, operator_class: str, scalar: str, native: str, many: bool, unsupported: bool) -> str:
    """Say why a method cannot index a column with this operator class, or "".

    `scalar` is the built-in type ("" for an enum), `native` the name after `@db.` or "", `operator_class`
    a name or "" for the method's default.
    """
    if operator_class and operator_class not in METHODS.get(method, ()):
        return f"the operator class `{operator_class}` does not belong to {method} indexes"
    if method in ("BTree", "Hash") or (unsupported and not operator_class):
        return ""
    if _fits(method, operator_class, scalar, native, many):
        return ""
    if operator_class:
        return f"the operator class `{operator_class}` does not take this column's type"
    return f"a {method} index has no default operator class for this column's type"


def _fits(method: str, operator_class: str, scalar: str, native: str, many: bool) -> bool:
    if method == "Gin":
        if operator_class == "ArrayOps" or (many and not operator_class):
            return many
        return native == "JsonB" or (not native and scalar == "Json")
    if method == "Gist":
        return (native == "Inet" and bool(operator_class)) or (not native and not operator_class and scalar == "String")
    if method == "SpGist":
        if native == "Inet":
            return operator_class != "TextOps"
        if native:
            return native in _TEXTS and operator_class != "InetOps"
        return scalar == "String" and operator_class != "InetOps"
    classes = _BRIN_BY_NATIVE.get(native) if native else _BRIN_BY_SCALAR.get(scalar)
    return classes is not None and (not operator_class or operator_class in classes)
