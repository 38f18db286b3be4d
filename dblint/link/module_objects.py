"""What scripts put on their own exports under another name (`const store = module.exports; store.db = …`), also where
they hand them to other scripts (`require('./part')(store)`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, ExternalValue, FunctionValue, ModuleValue, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

WRITES = 100
"""Places that put something under one name and are looked at; a name with more of them is a common word."""
_MODULE, _EXPORTS, _REQUIRE = "module", "exports", "require"


class ModuleObjects:
    """Answers for them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._handed: dict[tuple[str, int], list[tuple[str, int]]] | None = None
        self._asking = False

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
        known = [value for value in found if not isinstance(value, Unknown)]
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

    def given(self, path: str, function: int, position: int) -> Value:
        """What the function that a script exports is given by those who load it and call it at once."""
        if position < 0:
            return UNKNOWN
        values: list[Value] = []
        for caller, call in self._calls().get((path, function), ()):
            arguments = list(self.evaluator.tree(caller).with_role(call, Role.ARGUMENT))
            if position < len(arguments):
                values.append(self.evaluator.value(caller, arguments[position]))
        return join(values) if values else UNKNOWN

    def _calls(self) -> dict[tuple[str, int], list[tuple[str, int]]]:
        """The functions that scripts export → the calls of what `require` gives, right there."""
        if self._handed is not None or self._asking:
            return self._handed or {}
        self._asking = True
        found: dict[tuple[str, int], list[tuple[str, int]]] = {}
        evaluator = self.evaluator
        try:
            for path, load in evaluator.words.called(_REQUIRE):
                tree = evaluator.tree(path)
                call = tree.parents[load]
                if tree.kinds[call] != Kind.CALL or tree.roles[load] != Role.CALLEE or not evaluator.javascript(path):
                    continue
                if tree.child(call, Role.ARGUMENT) >= 0:
                    for option in options(evaluator.value(path, load)):
                        if isinstance(option, FunctionValue):
                            found.setdefault((option.path, option.node), []).append((path, call))
        finally:
            self._asking = False
        self._handed = found
        return found
