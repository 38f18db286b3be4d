"""What a type that holds less does to the values of a column."""

from __future__ import annotations

from dblint.facts.query import Cast, Column, Expression, Function, Value

_WHOLE = {
    "tinyint": 1, "smallint": 2, "int2": 2, "smallserial": 2, "mediumint": 3, "int": 4, "integer": 4, "int4": 4,
    "serial": 4, "bigint": 8, "int8": 8, "bigserial": 8,
}  # fmt: skip
"""Types of whole numbers → their bytes."""
_WIDE = frozenset({"double precision", "double", "float8"})
_SINGLE = frozenset({"real", "float4"})
_DECIMAL = frozenset({"numeric", "decimal"})
_BOUNDED = frozenset({"varchar", "character varying", "nvarchar"})
_TEXT = frozenset({"text", "mediumtext", "longtext"})
_MOMENT = frozenset(
    {"timestamp", "timestamptz", "datetime", "timestamp without time zone", "timestamp with time zone", "datetime2"}
)
_STORED = (
    frozenset(_WHOLE), _WIDE, _SINGLE, _DECIMAL, _BOUNDED | _TEXT, _MOMENT, frozenset({"boolean", "bool"}),
    frozenset({"date"}), frozenset({"uuid"}), frozenset({"json"}), frozenset({"jsonb"}), frozenset({"bytea"}),
)  # fmt: skip
"""Types that differ in how their values are stored."""

_PARTS = frozenset({"substring", "substr"})
"""Functions that are given where a part of a text begins, and how long it is."""
_PARTS_GIVEN = 2

_ROUNDED = "values are rounded to {} decimals"
FRACTIONS = frozenset(_ROUNDED.format(kept) for kept in range(1, 100))
"""What `loss` says where only further decimals go."""


def loss(old: str, new: str, longer: str, fits: str) -> str:
    """What happens to values that a narrower type does not hold; "" where it holds them, or that cannot be said.
    `longer` is what happens to longer texts, `fits` to all other values that do not fit."""
    (before, given), (after, wanted) = _type(old), _type(new)
    if before in _WHOLE and after in _WHOLE:
        return fits if _WHOLE[after] < _WHOLE[before] else ""
    if before in _BOUNDED | _TEXT and after in _BOUNDED and len(wanted) == 1:
        if (before in _BOUNDED and len(given) != 1) or (given and wanted[0] >= given[0]):
            return ""
        return longer
    if before in _DECIMAL and after in _DECIMAL and given and wanted:
        scale, kept = (given[1:] or (0,))[0], (wanted[1:] or (0,))[0]
        if kept < scale:
            return _ROUNDED.format(kept)
        return fits if kept == scale and wanted[0] < given[0] else ""
    if before in _WIDE and after in _SINGLE:
        return "values are rounded to 6 digits"
    if (before in _WIDE | _SINGLE or (before in _DECIMAL and given[1:] not in ((), (0,)))) and after in _WHOLE:
        return "values are rounded to whole numbers"
    if before in _MOMENT and after == "date":
        return "the times of day are lost"
    return ""


def holds(old: str, new: str) -> bool:
    """Whether a type surely holds all values of another one, stored alike or in more bytes."""
    if old == new:
        return True
    before, after = _type(old)[0], _type(new)[0]
    alike = any(before in names and after in names for names in _STORED)
    return alike and not loss(old, new, "longer", "fits")


def rewrites(old: str, new: str) -> bool:
    """Whether PostgreSQL surely writes every row anew where a column's type changes so. It does unless the old type is
    stored as the new one is, and holds no more (its documentation, "ALTER TABLE")."""
    (before, given), (after, wanted) = _type(old), _type(new)
    kinds = [next((number for number, names in enumerate(_STORED) if each in names), -1) for each in (before, after)]
    if -1 in kinds:
        return False
    if kinds[0] != kinds[1]:
        return True
    if before in _WHOLE:
        return _WHOLE[before] != _WHOLE[after]
    if before in _DECIMAL:  # without numbers, these may be such that are not known
        return bool(given and wanted) and (given[1:] != wanted[1:] or given[0] > wanted[0])
    if before in _TEXT:
        return after in _BOUNDED and bool(wanted)
    return bool(given and wanted) and given[0] > wanted[0]


def cuts(using: Expression | None, column: str, new: str) -> bool:
    """Whether what a changed type is given is the beginning of the column's texts, as long as it holds at most."""
    _, wanted = _type(new)
    if not isinstance(using, Function) or not using.arguments or len(wanted) != 1:
        return False
    text, *numbers = using.arguments
    while isinstance(text, Cast):
        text = text.expression
    if not isinstance(text, Column) or text.name.lower() != column.lower():
        return False
    given = [each.text for each in numbers if isinstance(each, Value) and each.kind == "number" and each.text.isdigit()]
    if len(given) != len(numbers):
        return False
    if using.name == "left":
        return len(given) == 1 and int(given[0]) <= wanted[0]
    return using.name in _PARTS and len(given) == _PARTS_GIVEN and given[0] == "1" and int(given[1]) <= wanted[0]


def _type(word: str) -> tuple[str, tuple[int, ...]]:
    """A type's name and its numbers."""
    name, _, rest = word.lower().partition("(")
    inside, _, behind = rest.partition(")")
    numbers = [part.strip() for part in inside.split(",") if part.strip()]
    if not all(number.isdigit() for number in numbers):
        return "", ()
    return " ".join(f"{name} {behind}".split()), tuple(int(number) for number in numbers)
