"""Names of SQLAlchemy's tables that a function of the project computes of the class's name: how they are spelled says
whoever else names the table."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role
from dblint.link.types import Evaluator

NAMING = ("create_table", "Table")
"""Calls whose first argument is the name of a table."""
POINTING = ("ForeignKey",)
"""Calls whose first argument is a column behind the name of its table."""


def squeezed(name: str) -> str:
    """A name without what functions put between its words, and in lower case."""
    return name.replace("_", "").lower()


class ComputedNames:
    """Finds how the project spells the tables of classes. One per reader."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._spellings: dict[str, set[str]] | None = None

    def of_class(self, class_name: str) -> str:
        """The one table of which the project's foreign keys, tables and migrations speak whose name is the class's but
        for capitals and what stands between words; "" where there is none, or several."""
        if self._spellings is None:
            self._spellings = {}
            for name in self._named():
                self._spellings.setdefault(squeezed(name), set()).add(name)
        found = self._spellings.get(squeezed(class_name), set())
        return next(iter(found)) if len(found) == 1 else ""

    def _named(self) -> list[str]:
        found = [text for word in NAMING for text in self._texts(word)]
        for word in POINTING:
            found += [text.split(".")[-2] for text in self._texts(word) if "." in text]
        return [name for name in found if name]

    def _texts(self, word: str) -> list[str]:
        """What calls of this word are given first, where that is a text."""
        found: list[str] = []
        for path, call in self.evaluator.words.called(word):
            tree = self.evaluator.tree(path)
            first = tree.child(call, Role.ARGUMENT)
            if first >= 0 and tree.kinds[first] == Kind.STRING and not self.evaluator.javascript(path):
                found.append(tree.value(first))
        return found
