"""The rows that lists hand to methods of the program: a serializer's, by its field; an admin's, by its name in the
list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind
from dblint.link.values import UNKNOWN, Class, Instance, ProjectClass, Value

if TYPE_CHECKING:
    from dblint.link.exposures.listing import Lists


class HandedRows:
    """Answers what the first parameter of such a method holds. One per evaluator."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.evaluator = lists.evaluator
        self._registered: dict[ProjectClass, set[ProjectClass]] | None = None
        self._named: dict[ProjectClass, frozenset[str]] = {}

    def row(self, path: str, function: int) -> Value:
        """The row that a method is handed; unknown where no list hands it one, or several models' rows may be it."""
        tree = self.evaluator.tree(path)
        block = tree.parents[function]
        node = tree.parents[block] if block >= 0 else -1
        if node < 0 or tree.kinds[node] != Kind.CLASS or not tree.value(function):
            return UNKNOWN
        cls = ProjectClass(path, node)
        represents, listing = self.lists.showing.word(cls), self.lists.word(cls)
        model: Class | None = None
        if represents is not None and not represents.annotated and tree.value(function) in self._methods(cls):
            model = self.lists.showing.model(cls, represents)
        elif listing is not None and listing.names and tree.value(function) in self._shown(cls, listing.names):
            models = self._models(cls)
            model = next(iter(models)) if len(models) == 1 else None
        return Instance(model) if model is not None else UNKNOWN

    def _methods(self, cls: ProjectClass) -> frozenset[str]:
        found = self._named.get(cls)
        if found is None:
            found = self._named[cls] = self.lists.showing.methods(cls)
        return found

    def _shown(self, cls: ProjectClass, setting: str) -> frozenset[str]:
        found = self._named.get(cls)
        if found is None:
            names = self.lists.showing.setting(cls, setting)
            plain = self.lists.plain
            texts = [plain.string(element) for element in plain.elements(names)] if names is not None else []
            found = self._named[cls] = frozenset(texts)
        return found

    def _models(self, cls: ProjectClass) -> set[ProjectClass]:
        if self._registered is None:
            self._registered = {}
            for other, model in self.lists.registrations():
                self._registered.setdefault(other, set()).add(model)
        return self._registered.get(cls, set())
