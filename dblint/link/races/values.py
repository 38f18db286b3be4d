"""The values that queries compare with and assign, as expressions of the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Call
from dblint.facts.query import Column, Compare, Expression, OpaqueCondition, Query, Value, When
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree

if TYPE_CHECKING:
    from dblint.link.calls.telling import Origin
    from dblint.link.types import Evaluator

CHAIN = 12
"""Links of a chain of words."""
KEYS = ("id", "pk", "key")
"""What programs call the key of a row, where the row itself may stand as well."""


class Operand(NamedTuple):
    """A value of a query. `node`: where the program says it, -1 for what stands in the statement; `constant`: its text
    then, or where a literal stands."""

    node: int
    constant: str = ""


class Asked(NamedTuple):
    """What a read compares: column → value. `whole`: it has no other condition, and each always stands. `but_open`:
    so it is as far as its conditions are seen."""

    columns: Mapping[str, Operand]
    whole: bool
    but_open: bool = False


class Values:
    """Reads them. One per project."""

    def __init__(self, evaluator: Evaluator, origins: Mapping[Place, Origin]) -> None:
        self.evaluator = evaluator
        self.origins = origins
        self._given: dict[Place, Mapping[Place, int]] = {}

    def node(self, call: Call, place: Place | None) -> int:
        """The expression of the call's own file that fills a value of its query, or -1."""
        if place is None or place.path != call.place.path:
            return -1
        given = self._given.get(call.place)
        if given is None:
            origin = self.origins.get(call.place)
            values = origin.given() if origin is not None else ()
            given = self._given[call.place] = {value.place: value.node for value in values}
        found = given.get(place, -1)
        return found if found >= 0 else self.evaluator.handed.get(place, -1)

    def operand(self, call: Call, expression: Expression) -> Operand | None:
        """A value as an operand; None for what the database computes."""
        if not isinstance(expression, Value):
            return None
        if expression.place is not None:
            return Operand(self.node(call, expression.place))
        return Operand(-1, f"{expression.kind}:{expression.text}") if expression.kind != "parameter" else None

    def asked(self, call: Call, query: Query) -> Asked:
        """The values that a query wants columns of its own table to have."""
        columns: dict[str, Operand] = {}
        whole = True
        for element in query.conjuncts():
            condition = element.value
            operand = None
            if isinstance(condition, Compare) and element.when is When.ALWAYS and _equals(condition):
                if isinstance(condition.left, Column) and not condition.left.relation:
                    operand = self.operand(call, condition.right)
            if operand is None or not isinstance(condition, Compare) or not isinstance(condition.left, Column):
                whole = False
            else:
                columns[condition.left.name] = operand
        return Asked(columns, whole and not query.where.open, whole)

    def asked_each(self, call: Call, query: Query) -> list[Asked]:
        """The same; where branches begin the query each with conditions of its own, what each of them asks for."""
        asked = self.asked(call, query)
        branches = {} if asked.whole or query.where.open else self._branches(call, query)
        return [Asked(columns, True) for columns in branches.values()] or [asked]

    def _branches(self, call: Call, query: Query) -> dict[int, dict[str, Operand]]:
        """The conditions of a query by the assignment that begins it with them; none where others may stand, too."""
        path, tree = call.place.path, self.evaluator.tree(call.place.path)
        elements = list(query.conjuncts())
        origin = self.origins.get(call.place)
        if len(elements) < 3 or elements[-1].value != OpaqueCondition() or origin is None:
            return {}
        found: dict[int, dict[str, Operand]] = {}
        for element in elements[:-1]:
            condition = element.value
            if element.when is When.ALWAYS or not isinstance(condition, Compare) or condition.operator != "=":
                return {}
            operand = self.operand(call, condition.right)
            if not isinstance(condition.left, Column) or condition.left.relation or operand is None or operand.node < 0:
                return {}
            around = (node for node in tree.ancestors(operand.node) if tree.kinds[node] == Kind.ASSIGN)
            found.setdefault(next(around, -1), {})[condition.left.name] = operand
        holder = origin.node + 2
        if tree.kinds[origin.node + 1] != Kind.ATTRIBUTE or tree.kinds[holder] != Kind.NAME:
            return {}
        name = tree.value(holder)
        reached = {binding for binding, _ in self.evaluator.scope(path).reaching(holder, name) or []}
        again = any(
            tree.kinds[node] == Kind.NAME and tree.value(node) == name and tree.roles[node] != Role.TARGET
            for assignment in reached
            for node in range(assignment, tree.ends[assignment])
        )
        return found if reached == set(found) and not again else {}

    def assigned(self, call: Call, query: Query) -> Mapping[str, Operand | None]:
        """The values that a query gives to columns, None for what the database computes."""
        return {
            element.value.column: self.operand(call, element.value.value)
            for element in query.assignments.elements
            if element.value.column
        }


def _equals(condition: Compare) -> bool:
    """Whether a condition says that a column has a value; `name IS ?` does so, too, also where that is none."""
    if condition.operator in ("is", "is-not-distinct"):
        return isinstance(condition.right, Value) and condition.right.kind == "parameter"
    return condition.operator == "="


def words(tree: Tree, node: int) -> str:
    """A chain of names, members and keys as it is written, "" for every other expression; what is called is none."""
    found: list[str] = []
    for _ in range(CHAIN):
        kind = tree.kinds[node]
        if kind == Kind.ATTRIBUTE:
            found.append(tree.value(node))
            node += 1
        elif kind == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            if index < 0 or tree.kinds[index] not in (Kind.STRING, Kind.NUMBER):
                return ""
            found.append(f"[{tree.value(index)}]")
            node += 1
        elif kind in (Kind.AWAIT, Kind.CAST):
            node += 1
        elif kind == Kind.NAME:
            found.append("self" if tree.has(node, Flag.SELF) else tree.value(node))
            return ".".join(reversed(found))
        else:
            return ""
    return ""


def same(tree: Tree, one: Operand, other: Operand) -> bool:
    """Whether two values of one file are the same, as written; a row and its key are."""
    if one.node < 0 or other.node < 0:
        return one.node < 0 and other.node < 0 and one.constant == other.constant
    return alike(tree, one.node, tree, other.node)


def alike(tree: Tree, one: int, other_tree: Tree, other: int) -> bool:
    """Whether two expressions are written alike."""
    first, second = words(tree, one), words(other_tree, other)
    if first and second:
        return _row(first) == _row(second)
    return spelled(tree, one) == spelled(other_tree, other)


def _row(chain: str) -> str:
    before, _, last = chain.rpartition(".")
    return before if before and last in KEYS else chain


def spelled(tree: Tree, node: int) -> tuple[tuple[int, str], ...]:
    """An expression as it is written."""
    return tuple((tree.kinds[at], tree.value(at)) for at in range(node, tree.ends[node]))
