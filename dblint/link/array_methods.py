"""What a host's own methods give of a list whose elements are known (`rows.filter(…)`, `rows.find(…)`, `rows.pop()`),
and of a map that was made of pairs (`new Map(rows.map((row) => [row.id, row])).get(3)`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, Context, Expression, FunctionValue, ListOf, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class ArrayMethods:
    """Answers it for JavaScript. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def given(self, path: str, call: int, context: Context | None) -> Value:
        """What a call of such a method gives; unknown for any other call."""
        evaluator = self.evaluator
        row = evaluator.tables.untyped["javascript"].get(evaluator.tree(path).value(call + 1))
        if row is None or not (row.element or row.list in ("same", "one", "take", "lookup")):
            return UNKNOWN
        if row.element:
            return self._mapped(path, call, context)
        held = evaluator.value(path, call + 2, context)
        if not all(self._is_list(option) for option in options(held)):
            return UNKNOWN
        element = evaluator.elements.element(held)
        if row.list == "same":
            # No literal: what is filtered, or put together with others, is no longer the list that stands there.
            return ListOf(element) if evaluator.any_known(element) else UNKNOWN
        if row.list != "lookup":
            return element if evaluator.any_known(element) else UNKNOWN
        pairs = [option for option in options(element) if isinstance(option, Expression)]
        found = [evaluator.elements.item(pair, 1) for pair in pairs if self._is_list(pair)]
        return join(found) if found else UNKNOWN

    def _mapped(self, path: str, call: int, context: Context | None) -> Value:
        """The list of what a function gives for each element."""
        evaluator = self.evaluator
        given = evaluator.tree(path).child(call, Role.ARGUMENT)
        if given < 0:
            return UNKNOWN
        made = [
            evaluator.returned(option, Context(option.node, option.path, option.receiver, (), option.context))
            for option in options(evaluator.value(path, given, context))
            if isinstance(option, FunctionValue)
        ]
        return ListOf(join(made)) if made else UNKNOWN

    def _is_list(self, value: Value) -> bool:
        if isinstance(value, ListOf):
            return True
        return isinstance(value, Expression) and self.evaluator.tree(value.path).kinds[value.node] == Kind.LIST
