"""How a library writes a repair so that a program can put it into source: see `Fix` in `dblint.rule`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

import msgspec

Form: TypeAlias = Literal["expression", "argument", "line", "statement", "words"]
"""What becomes of the place of an edit.

`expression`: it is an expression, and becomes the text, whose holes are expressions. `argument`: it is a call, and
gets the text, a keyword argument, in the place of one of that name or as its last one. `line`: it is a block, and gets
the text as its last line. `statement`: it is a statement, and the text stands behind it as one of its own. `words`: it
is a statement, and gets the text behind the word `behind`."""


class Rewriting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of writing a remedy. Holes of `text` are named, `{{` and `}}` stand for braces."""

    text: str
    form: Form = "expression"
    behind: str = ""


FIXES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "count": frozenset({"query"}),
        "exists": frozenset({"query"}),
        "not-exists": frozenset({"query"}),
        "is-null": frozenset({"column"}),
        "is-not-null": frozenset({"column"}),
        "and": frozenset({"left", "right"}),
        "or": frozenset({"left", "right"}),
        "not": frozenset({"operand"}),
        "in": frozenset({"column", "values"}),
        "not-in": frozenset({"column", "values"}),
        "index": frozenset({"name", "table", "columns", "attributes", "statement"}),
        "index-of-column": frozenset({"name", "table", "columns", "attributes", "statement"}),
        "concurrent-index": frozenset(),
    }
)
"""The remedies that can be written by a program, and the holes that they may have: a closed set. Without a way of
writing in the library at hand, or in the language of the file, there is no fix."""
