"""What an attribute holds of which nothing is known but its name, where a library has that name (`model.objects`).

`def touch(model): model.objects.update(seen=True)` that is handed any model says nothing of which one it is. But in a
file that imports the library, what stands under `objects` asks for rows of some model. Rows of tables name such
attributes (`held_as`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dblint.link.values import UNKNOWN, Instance, LibraryClass, Unknown, Value

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class HeldAs:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self._endings: defaultdict[str, list[str]] = defaultdict(list)
        for name, row in evaluator.tables.types.items():
            for word in row.held_as:
                (self._endings if word.startswith("*") else self._names)[word.removeprefix("*")].append(name)
        self._lengths = sorted({len(ending) for ending in self._endings}, reverse=True)
        self._imported: dict[str, frozenset[str]] = {}

    def of(self, value: Value, name: str, path: str) -> Value:
        """What an attribute of a value holds of which nothing is known, or of a row whose class and relations do not
        say it; `UNKNOWN` where its name does not tell."""
        types = self._names.get(name)
        if types is None:
            types = next((self._endings[name[-at:]] for at in self._lengths if name[-at:] in self._endings), None)
        if types is None or not isinstance(value, (Unknown, Instance)):
            return UNKNOWN
        evaluator = self.evaluator
        if isinstance(value, Instance):
            own = {evaluator.tables.library(each.name) for each in evaluator.classes.library_types(value.cls)}
            types = [each for each in types if evaluator.tables.library(each) in own]
        used = [each for each in types if evaluator.tables.library(each) in self._used(path)]
        if len(used) != 1:
            return UNKNOWN
        return Instance(LibraryClass(used[0]), open=True, how=(f"what `{name}` holds of anything",))

    def _used(self, path: str) -> frozenset[str]:
        """The libraries that a file imports."""
        found = self._imported.get(path)
        if found is None:
            facts, packages = self.evaluator.files.get(path), self.evaluator.tables.packages
            roots = {each.module.partition(".")[0] for each in facts.interface.imports} if facts is not None else set()
            found = frozenset(packages[root] for root in roots if root in packages)
            self._imported[path] = found
        return found
