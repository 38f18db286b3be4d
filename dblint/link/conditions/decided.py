"""Conditions that the host decides before the database sees them: it asks whether an expression of columns is true, or
is the same thing as another, where the author meant to ask that of every row.

What an expression of columns is taken for where its truth is asked is the library's to say (`[truth]` of its table);
which half of an `and` or `or` is left follows from that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.query import Decided
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Truth
from dblint.link.conditions import TOGETHER
from dblint.link.values import Instance, LibraryClass, ProjectClass, Value

if TYPE_CHECKING:
    from dblint.link.arguments import Site
    from dblint.link.conditions import Scene

COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">="})
_BITS = frozenset({"&", "|", "^"})
_SAME = frozenset({"is", "is-not"})
_WITHIN = frozenset({"in", "not-in"})
_SETS = (Kind.LIST, Kind.TUPLE, Kind.SET)
DEPTH = 12
"""Operators inside each other through which columns are looked for."""


def decided(scene: Scene, site: Site) -> Decided | None:
    """What the host makes of a condition; None where it is none of those, or nothing says what is made of it."""
    reading = _Reading(scene, site)
    tree = reading.tree
    node = site.node
    if tree.kinds[node] not in (Kind.BINARY, Kind.UNARY):
        return None
    word = tree.value(node)
    if tree.kinds[node] == Kind.UNARY:
        inner = node + 1
        truth = reading.truth(inner) if word == "not" else ""
        outcome = {"true": "false", "false": "true"}.get(truth, truth)
        return reading.told(node, word, outcome, inner) if truth else None
    sides = list(tree.children(node))
    if word in ("and", "or"):
        return _joined(reading, node, word)
    if len(sides) > 2:
        truth = reading.truth(sides[0], sides[1], word) if word in COMPARING else ""
        outcome = {"false": "0", "true": "1"}.get(truth, truth)
        return reading.told(node, "chained", outcome, *sides, bits=reading.bits(sides[1:-1])) if truth else None
    left, right = sides
    if word in _SAME:
        outcome = "false" if word == "is" else "true"
        null = tree.kinds[right] == Kind.CONSTANT and tree.value(right) == "null"
        return reading.told(node, word, outcome, left, right, null=null) if reading.columns(left) else None
    if word in _WITHIN and reading.columns(left):
        equal = reading.row(left).equal
        written = tree.kinds[right] in _SETS
        # What is not equal to any value is in no list, whatever that holds.
        truth = "false" if equal == "false" or (written and tree.ends[right] == right + 1) else equal if written else ""
        outcome = truth if word == "in" else {"true": "false", "false": "true"}.get(truth, truth)
        return reading.told(node, word, outcome, left, right) if truth else None
    if word in COMPARING and reading.bits([right]) and (reading.columns(left) or reading.columns(right)):
        return reading.told(node, word, "bound", left, right, bits=True)
    return None


def _joined(reading: _Reading, node: int, word: str) -> Decided | None:
    """`a and b and c`: each that is asked leaves itself or the next one."""
    tree = reading.tree
    operands: list[int] = []
    while tree.kinds[node] == Kind.BINARY and tree.value(node) == word and len(operands) < DEPTH:
        left, *others = tree.children(node)
        operands = [*others, *operands]
        node = left
    operands.insert(0, node)
    whole = tree.parents[operands[0]]
    for _ in range(len(operands) - 2):
        whole = tree.parents[whole]
    for index, operand in enumerate(operands[:-1]):
        truth = reading.truth(operand)
        if not truth:
            return None
        if truth == "raises":
            return reading.told(whole, word, truth, *operands)
        if truth == ("false" if word == "and" else "true"):
            return reading.told(whole, word, str(index), *operands)
    return reading.told(whole, word, str(len(operands) - 1), *operands)


class _Reading:
    """One condition, in its scene."""

    def __init__(self, scene: Scene, site: Site) -> None:
        self.scene = scene
        self.site = site
        self.tree = scene.evaluator.tree(site.path)

    def told(self, node: int, word: str, outcome: str, *parts: int, bits: bool = False, null: bool = False) -> Decided:
        """The fact."""
        return Decided(word, outcome, self._place(node), tuple(map(self._place, parts)), bits, null)

    def _place(self, node: int) -> Place:
        return Place(self.site.path, self.tree.starts[node], self.tree.stops[node])

    def bits(self, nodes: list[int]) -> bool:
        """Whether one of these is bound together by what binds closer than a comparison."""
        return any(self.tree.kinds[node] == Kind.BINARY and self.tree.value(node) in _BITS for node in nodes)

    def row(self, node: int) -> Truth:
        """What the library of an expression's columns says of their truth."""
        evaluator = self.scene.evaluator
        owner = self._owner(node) or self.scene.model
        found = evaluator.classes.library_types(owner) if isinstance(owner, (ProjectClass, LibraryClass)) else []
        tables = evaluator.tables
        names = dict.fromkeys(
            tables.library(base) for cls in found for base in tables.lineages.get(cls.name, (cls.name,))
        )
        rows = (tables.libraries[name].truth for name in names)
        return next((row for row in rows if row != Truth()), Truth())

    def columns(self, node: int) -> bool:
        """Whether an expression is of columns."""
        return self._owner(node) is not None

    def truth(self, node: int, right: int = -1, word: str = "") -> str:
        """What an expression is taken for (true, false, raises), or a comparison of two; "" where it is none of
        columns, or nobody says."""
        tree = self.tree
        if right >= 0:
            if not (self.columns(node) or self.columns(right)):
                return ""
            row = self.row(node if self.columns(node) else right)
            return row.equal if word == "==" else row.unequal if word == "!=" else row.compared
        if self._conditions(node):
            return self.row(node).condition
        if not self.columns(node):
            return ""
        row = self.row(node)
        if tree.kinds[node] == Kind.ATTRIBUTE:
            return row.compared if self._stored(node) is not None else row.column
        if tree.kinds[node] == Kind.BINARY and tree.value(node) in ("==", "!="):
            return row.equal if tree.value(node) == "==" else row.unequal
        return row.compared

    def _conditions(self, node: int) -> bool:
        """Whether an expression is made of objects that hold conditions."""
        tree = self.tree
        for _ in range(DEPTH):
            kind = tree.kinds[node]
            if (kind == Kind.UNARY and tree.value(node) == "~") or (kind == Kind.BINARY and tree.value(node) in _BITS):
                node += 1
                continue
            return self.scene.stands(replace(self.site, node=node)) == "conditions"
        return False

    def _owner(self, node: int) -> Value | None:
        """The model of a column that an expression is made of."""
        tree, scene = self.tree, self.scene
        pending = [node]
        for _ in range(DEPTH):
            if not pending:
                break
            inner = pending.pop()
            kind = tree.kinds[inner]
            if kind == Kind.ATTRIBUTE:
                table = self._stored(inner)
                if table is not None:
                    return table
                owner = scene.evaluator.value(self.site.path, inner + 1, self.site.context)
                if isinstance(owner, ProjectClass) and scene.columns is not None:
                    if scene.columns(owner, tree.value(inner)) is not None:
                        return owner
            elif kind == Kind.UNARY and tree.value(inner) in ("~", "-"):
                pending.append(inner + 1)
            elif kind == Kind.BINARY and tree.value(inner) not in ("and", "or", "in", "not-in", "is", "is-not"):
                pending += reversed(list(tree.children(inner)))
            elif kind == Kind.CALL and tree.kinds[inner + 1] in (Kind.NAME, Kind.ATTRIBUTE):
                stands = scene.stands(replace(self.site, node=inner))
                if tree.kinds[inner + 1] == Kind.ATTRIBUTE and stands != "conditions":
                    pending.append(inner + 2)
                if stands in TOGETHER or self._function(inner):
                    pending += reversed(list(tree.with_role(inner, Role.ARGUMENT)))
        return None

    def _stored(self, node: int) -> LibraryClass | None:
        """The type of what holds the columns of a table that is no class (`table.c` of `table.c.name`)."""
        evaluator = self.scene.evaluator
        owner = evaluator.value(self.site.path, node + 1, self.site.context)
        for cls in evaluator.classes.library_types(owner.cls) if isinstance(owner, Instance) else ():
            if evaluator.tables.types[cls.name].columns == "each":
                return cls
        return None

    def _function(self, call: int) -> bool:
        """Whether a call is one of the database's own functions."""
        return self.tree.kinds[call + 1] == Kind.ATTRIBUTE and self.scene.names_functions(
            replace(self.site, node=call + 2)
        )
