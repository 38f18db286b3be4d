"""Loops whose turns are units of work: what they do outside of the program, or for a row of whatever model, is more
than what they read on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.loops.outside import Outside
    from dblint.link.models import Models
    from dblint.link.types import Evaluator

_DECIDING = frozenset({Kind.IF, Kind.CATCH, Kind.CONDITIONAL, Kind.LOOP, Kind.COMPREHENSION, Kind.FUNCTION, Kind.RAISE})
"""What may keep a turn from reaching what stands in it, or does so more than once in it."""


class Working:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator, models: Models, outside: Outside) -> None:
        self.evaluator = evaluator
        self.models = models
        self.outside = outside
        self._turns: dict[tuple[str, int], bool] = {}
        self._changing: dict[str, bool] = {}

    def acts(self, function: FunctionValue) -> bool:
        """Whether a function of the project acts outside, where nothing fails."""
        return self.outside.leads(function)

    def turn(self, path: str, node: int) -> bool:
        """Whether each turn of the innermost loop around a node acts outside, by a statement of its own."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.LOOP:
                key = (path, parent)
                if key not in self._turns:
                    self._turns[key] = self._turn(path, parent)
                return self._turns[key]
            if tree.kinds[parent] in (Kind.FUNCTION, Kind.COMPREHENSION):
                return False
        return False

    def _turn(self, path: str, loop: int) -> bool:
        tree = self.evaluator.tree(path)
        body = tree.child(loop, Role.BODY)
        node = tree.kinds.find(Kind.CALL, body, tree.ends[body]) if body >= 0 else -1
        while node >= 0:
            if self._surely(path, node, loop) and self._called(path, node):
                return True
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[body])
        return False

    def _surely(self, path: str, node: int, loop: int) -> bool:
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if parent == loop:
                return True
            if tree.kinds[parent] in _DECIDING:
                return False
        return False

    def _called(self, path: str, call: int) -> bool:
        """Whether a call acts outside, by itself or by the one function of the project that it is of."""
        if self.outside.begins(path, call):
            return True
        found = options(self.evaluator.value(path, call + 1))
        only = found[0] if len(found) == 1 else None
        return isinstance(only, FunctionValue) and self.outside.leads(only)

    def hands_on(self, path: str, node: int) -> bool:
        """Whether a method is called on the row, of whatever model, that an attribute leads to, and one of the models
        writes it so that it changes rows or acts outside: it may be that one."""
        tree = self.evaluator.tree(path)
        member = tree.parents[node]
        if tree.kinds[member] != Kind.ATTRIBUTE or tree.roles[member] != Role.CALLEE:
            return False
        name = tree.value(member)
        if name not in self._changing:
            self._changing[name] = any(self._changes(function) for function in self._written(name))
        return self._changing[name]

    def _changes(self, function: FunctionValue) -> bool:
        return (function.path, function.node) in self.outside.changing or self.outside.leads(function)

    def _written(self, name: str) -> list[FunctionValue]:
        """The methods of this name that the models of the project have."""
        found: dict[tuple[str, int], FunctionValue] = {}
        for model in self.models.classes():
            owner = self.evaluator.classes.owner(model, name)
            members = self.evaluator.files[owner.path].interface.classes[owner.node].members if owner else {}
            for member in members.get(name, ()):
                if owner is not None and self.evaluator.tree(owner.path).kinds[member] == Kind.FUNCTION:
                    found[owner.path, member] = FunctionValue(owner.path, member)
        return list(found.values())
