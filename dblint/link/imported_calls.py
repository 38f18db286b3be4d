"""The calls of a function that a module declares, told from others of its name by what the callers import.

A service module is full of `get`, `create` and `delete`: words that a program writes hundreds of times. What they
mean where a call stands is what the file binds, which is known without evaluating anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind
from dblint.link.targets import Definition, Module, Target

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class ImportedCalls:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._meant: dict[str, dict[str, list[tuple[str, int]]]] = {}
        """Word → the file whose function of that name is meant → the calls."""

    def of(self, path: str, function: int, name: str) -> list[tuple[str, int]]:
        """The calls whose callee, by what their file binds, is what `path` binds to `name` at its outermost level; none
        where the function stands further inside."""
        tree = self.evaluator.tree(path)
        if any(tree.kinds[node] in (Kind.CLASS, Kind.FUNCTION) for node in tree.ancestors(function)):
            return []
        found = self._meant.get(name)
        if found is None:
            found = self._meant[name] = {}
            for site in self.evaluator.words.called(name):
                target = self._target(*site)
                if isinstance(target, Definition) and target.name == name:
                    found.setdefault(target.path, []).append(site)
        return found.get(path, [])

    def _target(self, path: str, call: int) -> Target | None:
        """What the callee of a call names: a name, or a path that begins with a module."""
        names = self.evaluator.names
        tree = self.evaluator.tree(path)
        callee = call + 1
        members: list[str] = []
        while tree.kinds[callee] == Kind.ATTRIBUTE:
            members.append(tree.value(callee))
            callee += 1
        if tree.kinds[callee] != Kind.NAME:
            return None
        target = names.binding(path, tree.value(callee))
        for member in reversed(members):
            if not isinstance(target, Module):
                return None
            target = names.attribute(target, member)
        return target
