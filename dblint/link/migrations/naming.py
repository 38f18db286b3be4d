"""How a program says that SQLAlchemy names indexes: `MetaData(naming_convention={"ix": "ix__%(column_0_label)s"})`."""

from __future__ import annotations

import re

from dblint.link.arguments import Site, entries
from dblint.link.plain import Plain
from dblint.link.values import LibraryClass, options

METADATA = "MetaData"
"""The last word of what is given a convention."""
USUAL = "ix_%(column_0_label)s"
"""The library's own ("Configuring Constraint Naming Conventions")."""
_TOKEN = re.compile(r"%\((\w+)\)s")


class Naming:
    """Names indexes that the program does not name. One per reader of columns."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self._pattern: str | None = None

    def index(self, table: str, column: str) -> str:
        """The name of an index of one column; "" where it cannot be said."""
        if self._pattern is None:
            self._pattern = self._said()
        words = {"table_name": table}
        words |= dict.fromkeys(("column_0_name", "column_0N_name", "column_0_N_name", "column_0_key"), column)
        words |= dict.fromkeys(("column_0_label", "column_0N_label", "column_0_N_label"), f"{table}_{column}")
        if any(token not in words for token in _TOKEN.findall(self._pattern)):
            return ""
        return _TOKEN.sub(lambda found: words[found.group(1)], self._pattern)

    def _said(self) -> str:
        """The one pattern that the program gives for indexes, the library's own where it gives none; "" of several."""
        evaluator = self.plain.evaluator
        found: set[str] = set()
        for path, call in evaluator.words.called(METADATA):
            held = options(evaluator.value(path, call + 1)) if path not in evaluator.aside else ()
            if any(isinstance(option, LibraryClass) and option.name == "sqlalchemy:MetaData" for option in held):
                given = self.plain.argument(Site(path, call, None), "naming_convention")
                if given is not None:
                    pairs, hidden = entries(evaluator, given)
                    found |= {self.plain.string(value) for name, value in pairs if name == "ix"}
                    found |= {""} if hidden else set()
        return found.pop() if len(found) == 1 else "" if found else USUAL
