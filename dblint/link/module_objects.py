"""What scripts put on their own exports under another name (`const store = module.exports; store.db = …`), also other
scripts that are handed them (`require('./part')(store)`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, ExternalValue, ModuleValue, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

WRITES = 100
"""Places that put something under one name and are looked at; a name with more of them is a common word."""
_MODULE, _EXPORTS = "module", "exports"


class ModuleObjects:
    """Answers for them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def exports(self, value: ExternalValue, name: str, path: str) -> Value | None:
        """The module itself, where `module.exports` is read in it."""
        return ModuleValue(path) if path and value.path == _MODULE and name == _EXPORTS else None

    def member(self, module: str, name: str) -> Value:
        """What a module's exports hold under a name that is put there where they have another name."""
        return self.evaluator.guarded((f"{module}:{name}", -3, None), self._member, module, name)

    def _member(self, module: str, name: str) -> Value:
        evaluator = self.evaluator
        found: list[Value] = []
        for count, (path, owner, value) in enumerate(self._writes(name)):
            if count >= WRITES:
                return UNKNOWN
            if ModuleValue(module) in options(evaluator.value(path, owner)):
                found.append(evaluator.value(path, value))
        known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
        return join(known) if known else UNKNOWN

    def _writes(self, name: str) -> Iterator[tuple[str, int, int]]:
        for path, target in self.evaluator.words.standing(name, Role.TARGET):
            tree = self.evaluator.tree(path)
            above = tree.parents[target]
            if not self.evaluator.javascript(path) or tree.kinds[above] != Kind.ASSIGN or tree.value(above):
                continue
            value = tree.child(above, Role.VALUE)
            if tree.kinds[target] == Kind.ATTRIBUTE and tree.kinds[target + 1] == Kind.NAME and value >= 0:
                if tree.kinds[value] not in (Kind.STRING, Kind.NUMBER, Kind.CONSTANT, Kind.TEMPLATE):
                    yield path, target + 1, value
