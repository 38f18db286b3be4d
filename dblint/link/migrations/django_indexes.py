"""How Django's migrations write indexes, constraints, and groups of fields that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec.structs import replace

from dblint.facts.schema import Index, IndexColumn, Key
from dblint.link.arguments import Site, positional
from dblint.link.plain import Plain

CONSTRAINTS: Mapping[str, str] = {
    "UniqueConstraint": "unique", "CheckConstraint": "check", "ExclusionConstraint": "exclude",
}  # fmt: skip
METHODS: Mapping[str, str] = {
    "BTreeIndex": "btree", "GinIndex": "gin", "GistIndex": "gist", "BrinIndex": "brin", "HashIndex": "hash",
    "SpGistIndex": "spgist", "BloomIndex": "bloom",
}  # fmt: skip
NESTED = 20
"""How deep functions inside an indexed expression are followed."""


class Model(Protocol):
    """What is asked of a model: the columns of its fields."""

    def column(self, name: str) -> str:
        """The column of a field."""

    def columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of several fields."""


class Indexes:
    """Reads `Index(…)`, `UniqueConstraint(…)` and their like. Fields are named by the columns they have by then."""

    def __init__(self, reading: Plain) -> None:
        self.reading = reading

    def index(self, site: Site, model: Model) -> Index:
        """An `Index(…)` or one of PostgreSQL's kinds."""
        reading = self.reading
        word = reading.path_of(reading.callee(site)).rpartition(".")[2] if reading.is_call(site) else ""
        columns = [
            IndexColumn(model.column(name.removeprefix("-")), name.startswith("-"))
            for name in reading.strings(reading.argument(site, "fields"))
        ]
        for node, _ in positional(reading.evaluator, site):
            columns.append(IndexColumn(self._expression(Site(site.path, node, site.context), model), expression=True))
        conditional = reading.argument(site, "condition") is not None
        return Index(
            reading.string(reading.argument(site, "name")),
            tuple(columns),
            method=METHODS.get(word, ""),
            predicate="?" if conditional else "",
            include=model.columns(reading.strings(reading.argument(site, "include"))),
            place=reading.place(site),
        )

    def _expression(self, site: Site, model: Model) -> str:
        """An indexed expression as SQL would write it, as far as it is a function of one field; else "?"."""
        reading = self.reading
        words: list[str] = []
        for _ in range(NESTED):
            if not reading.is_call(site):
                break
            word = reading.path_of(reading.callee(site)).rpartition(".")[2].lower()
            inner = reading.argument(site, "0")
            if not word or inner is None:
                return "?"
            if word not in ("f", "orderby"):
                words.append(word)
            site = inner
        name = reading.string(site)
        if not name:
            return "?"
        return f"{'('.join([*words, model.column(name)])}{')' * len(words)}"

    def constraint(self, site: Site, model: Model) -> Key | Index:
        """A constraint; an index where that is what the database makes of it."""
        reading = self.reading
        word = reading.path_of(reading.callee(site)).rpartition(".")[2] if reading.is_call(site) else ""
        name = reading.string(reading.argument(site, "name"))
        columns = model.columns(reading.strings(reading.argument(site, "fields")))
        kind = CONSTRAINTS.get(word, "")
        if kind == "unique":
            index = self.index(site, model)
            if index.predicate or any(column.expression for column in index.columns):
                return replace(index, unique=True)
        return Key(kind, columns, name, place=reading.place(site))

    def groups(self, site: Site | None) -> tuple[tuple[str, ...], ...]:
        """Groups of fields: `{("a", "b")}`, or one group alone."""
        if site is None:
            return ()
        elements = self.reading.elements(self._inside(site))
        names = [self.reading.string(element) for element in elements]
        if elements and all(names):
            return (tuple(names),)
        return tuple(self.reading.strings(element) for element in elements)

    def _inside(self, site: Site) -> Site:
        """The literal inside of `set([…])`."""
        if self.reading.is_call(site) and self.reading.word(self.reading.callee(site)) == "set":
            return self.reading.argument(site, "0") or site
        return site
