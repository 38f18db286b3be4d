"""Records: tuples whose places have names, of a class that a call makes (`Row = namedtuple("Row", "table count")`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, Expression, LibraryFunction, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Records:
    """Answers what lies in a record, where it is known with what it was made. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def fields(self, value: Value) -> tuple[str, ...]:
        """The names of a class's places, where the value is such a class."""
        if not isinstance(value, Expression) or self._called(value) < 0:
            return ()
        evaluator = self.evaluator
        for callee in options(evaluator.value(value.path, value.node + 1, value.context)):
            position = evaluator.tables.functions[callee.path][1].records if isinstance(callee, LibraryFunction) else -1
            if position >= 0:
                named = evaluator.rows.argument(value.path, value.node, position, value.context)
                return self._names(named) if isinstance(named, Expression) else ()
        return ()

    def at(self, value: Expression, position: int) -> Value:
        """What lies at a place of a record."""
        found = self._made_of(value)
        return self._given(value, found[position], position) if 0 <= position < len(found) else UNKNOWN

    def under(self, value: Expression, name: str) -> Value:
        """What lies under a name of a record."""
        found = self._made_of(value)
        return self._given(value, name, found.index(name)) if name in found else UNKNOWN

    def _called(self, value: Expression) -> int:
        tree = self.evaluator.tree(value.path)
        return value.node if tree.kinds[value.node] == Kind.CALL else -1

    def _made_of(self, value: Expression) -> tuple[str, ...]:
        if self._called(value) < 0:
            return ()
        classes = options(self.evaluator.value(value.path, value.node + 1, value.context))
        return next((found for cls in classes if (found := self.fields(cls))), ())

    def _given(self, value: Expression, name: str, position: int) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(value.path)
        for argument in tree.with_role(value.node, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) == name:
                return evaluator.value(value.path, tree.child(argument, Role.VALUE), value.context)
            if tree.kinds[argument] == Kind.SPREAD:
                return UNKNOWN
        return evaluator.rows.argument(value.path, value.node, position, value.context)

    def _names(self, named: Expression) -> tuple[str, ...]:
        tree = self.evaluator.tree(named.path)
        if tree.kinds[named.node] == Kind.STRING:
            return tuple(tree.value(named.node).replace(",", " ").split())
        if tree.kinds[named.node] not in (Kind.LIST, Kind.TUPLE):
            return ()
        nodes = list(tree.children(named.node))
        return tuple(tree.value(node) for node in nodes) if all(tree.kinds[n] == Kind.STRING for n in nodes) else ()
