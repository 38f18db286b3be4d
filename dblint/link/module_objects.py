"""What scripts put on their own exports under another name (`const store = module.exports; store.db = …`), also other
scripts that are handed them (`require('./part')(store)`)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import UNKNOWN, ExternalValue, ModuleValue, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

MODULES = 8
"""Files of one folder up to which a module whose name is computed may be each of them."""
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

    def computed(self, path: str, node: int) -> list[str]:
        """The few modules that a text can name whose end is computed (``require(`./${name}`)``): the files of that
        folder. None where there are many, or where it names something else."""
        tree = self.evaluator.tree(path)
        parts = list(tree.children(node)) if tree.kinds[node] == Kind.TEMPLATE else []
        if [tree.kinds[part] for part in parts] != [Kind.STRING, Kind.HOLE] or not tree.value(parts[0]).startswith("."):
            return []
        before = tree.value(parts[0])
        names = sorted({posixpath.splitext(each)[0] for each in self._beside(path, before)})
        return [f"{before.rpartition('/')[0]}/{name}" for name in names] if len(names) <= MODULES else []

    def _beside(self, path: str, before: str) -> Iterator[str]:
        """The names of the other scripts in the folder of a relative path that begin as it ends."""
        folder, _, start = posixpath.normpath(posixpath.join(posixpath.dirname(path), f"{before}*")).rpartition("/")
        for other in self.evaluator.files:
            inside, _, name = other.rpartition("/")
            if inside == folder and other != path and name.startswith(start.rstrip("*")):
                if self.evaluator.javascript(other):
                    yield name

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
