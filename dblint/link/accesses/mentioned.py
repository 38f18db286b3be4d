"""What the queries of a program load before it is read, wherever they stand: by the words that they name it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import Expression, Instance, ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_SAID = frozenset({Kind.STRING, Kind.ATTRIBUTE, Kind.CALL, Kind.KEYWORD, Kind.CONSTANT, Kind.LIST, Kind.TUPLE})
_NAMING = frozenset({Kind.STRING, Kind.ATTRIBUTE, Kind.NAME})


class Mentioned:
    """Answers whether any query of the program may load a relation. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._words: frozenset[str] | None = None
        self._open = False

    def any_of(self, *words: str) -> bool:
        """Whether a call that loads relations names one of these words, or something that cannot be read."""
        if self._words is None:
            self._words = frozenset(self._read())
        return self._open or not self._words.isdisjoint(words)

    def _read(self) -> set[str]:
        tables = self.evaluator.tables
        names = {
            name
            for owner, row in tables.types.items()
            if "python" in tables.libraries[tables.library(owner)].languages
            for name, member in row.members.items()
            if member.eager is not None
        } | {
            path.rpartition(".")[2]
            for path, (library, row) in tables.functions.items()
            if row.eager is not None and "python" in tables.libraries[library].languages
        }
        found: set[str] = set()
        for name in sorted(names):
            for path, call in self.evaluator.words.called(name):
                if not self.evaluator.javascript(path):
                    self._call(path, call, found)
        return found

    def _call(self, path: str, call: int, found: set[str]) -> None:
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(call, Role.ARGUMENT):
            if tree.kinds[argument] not in _SAID and not self._known(path, argument):
                self._open = True
            for node in range(argument, tree.ends[argument]):
                if tree.kinds[node] in _NAMING:
                    found.update(tree.value(node).replace("__", ".").split("."))

    def _known(self, path: str, node: int) -> bool:
        """Whether a name holds a class, a text, or something that loads and stands elsewhere in the program."""
        value = self.evaluator.value(path, node)
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            return tree.kinds[value.node] == Kind.STRING and value.path == path
        return isinstance(value, ProjectClass) or (isinstance(value, Instance) and bool(value.steps))
