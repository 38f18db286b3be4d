"""Functions that are units of work: what they do outside of the program, or for a row of whatever model, is more than
what they read on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import FunctionValue, ProjectClass, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dblint.link.loops.outside import Outside
    from dblint.link.models import Models
    from dblint.link.types import Evaluator


class Working:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator, models: Models, outside: Outside) -> None:
        self.evaluator = evaluator
        self.models = models
        self.outside = outside
        self._changing: dict[str, bool] = {}

    def acts(self, function: FunctionValue) -> bool:
        """Whether a function of the project acts outside, where nothing fails."""
        return self.outside.leads(function)

    def hands_on(self, path: str, node: int, model: object) -> bool:
        """Whether a method is called on the row that an attribute leads to, and that model writes it so that it changes
        rows or acts outside; of a row of whatever model, one of the models: it may be that one."""
        tree = self.evaluator.tree(path)
        member = tree.parents[node]
        if tree.kinds[member] != Kind.ATTRIBUTE or tree.roles[member] != Role.CALLEE:
            return False
        name = tree.value(member)
        if isinstance(model, ProjectClass):
            return any(self._changes(function) for function in self._written(name, [model]))
        if not isinstance(model, Unknown):
            return False
        if name not in self._changing:
            self._changing[name] = any(
                self._changes(function) for function in self._written(name, self.models.classes())
            )
        return self._changing[name]

    def _changes(self, function: FunctionValue) -> bool:
        return (function.path, function.node) in self.outside.changing or self.outside.leads(function)

    def _written(self, name: str, models: Iterable[ProjectClass]) -> list[FunctionValue]:
        """The methods of this name that models of the project have."""
        found: dict[tuple[str, int], FunctionValue] = {}
        for model in models:
            owner = self.evaluator.classes.owner(model, name)
            members = self.evaluator.files[owner.path].interface.classes[owner.node].members if owner else {}
            for member in members.get(name, ()):
                if owner is not None and self.evaluator.tree(owner.path).kinds[member] == Kind.FUNCTION:
                    found[owner.path, member] = FunctionValue(owner.path, member)
        return list(found.values())
