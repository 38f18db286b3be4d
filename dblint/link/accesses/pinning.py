"""Whether all rows of a query lead to one and the same row, so that whoever keeps rows by their keys asks once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dblint.facts.query import Column, Compare, OpaqueCondition
from dblint.facts.tree import Kind, Role
from dblint.link.values import Unknown

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origin
    from dblint.link.model_readers.shared import Related
    from dblint.link.types import Evaluator

CHAIN = 16
"""Calls and members of one chain, one behind another."""


def one_row(evaluator: Evaluator, origin: Origin, path: Sequence[Related]) -> bool:
    """Whether a path of relations leads from all rows of a query to the same row, or may: the query asks for one value
    of the key that the first relation reads, and each relation leads to one row. Where conditions are hidden, a value
    that the query is given under that key's name may be one of them."""
    if path[0].inverse or any(each.many or isinstance(each.model, Unknown) for each in path):
        return False
    columns = path[0].relation.columns
    if any(_compares(element.value, columns) for element in origin.query.conjuncts()):
        return True
    return origin.query.where.open and _given(evaluator, origin, columns)


def _compares(condition: object, columns: Sequence[str]) -> bool:
    """Whether a condition says of one of these columns that it is one value, or may say so."""
    if isinstance(condition, OpaqueCondition):
        return any(column.name in columns for column in condition.columns)
    return (
        isinstance(condition, Compare)
        and condition.operator == "="
        and isinstance(condition.left, Column)
        and condition.left.name in columns
    )


def _given(evaluator: Evaluator, origin: Origin, columns: Sequence[str]) -> bool:
    """Whether a call of the chain that makes the query is given a value under the name of one of the columns."""
    place = origin.place
    tree = evaluator.tree(place.path)
    node = tree.kinds.find(Kind.CALL, 0)
    while node >= 0 and (tree.starts[node], tree.stops[node]) != (place.start, place.stop):
        node = tree.kinds.find(Kind.CALL, node + 1)
    for _ in range(CHAIN):
        if node < 0 or tree.kinds[node] not in (Kind.CALL, Kind.ATTRIBUTE, Kind.AWAIT):
            return False
        if tree.kinds[node] == Kind.CALL and any(
            tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) in columns
            for argument in tree.with_role(node, Role.ARGUMENT)
        ):
            return True
        node += 1
    return False
