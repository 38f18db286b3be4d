"""How Django's migrations write indexes, constraints, and groups of fields that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Protocol

from msgspec.structs import replace

from dblint.facts import spelling
from dblint.facts.query import And, Column, Compare, Condition, Not, Or, Value
from dblint.facts.schema import Index, IndexColumn, Key
from dblint.link.arguments import Site, positional
from dblint.link.conditions import Scene
from dblint.link.conditions.lookups import condition
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
        names = reading.strings(reading.argument(site, "fields"))
        classes = reading.strings(reading.argument(site, "opclasses"))
        columns = [
            IndexColumn(model.column(name.removeprefix("-")), name.startswith("-"), operator_class=operator_class)
            for name, operator_class in zip_longest(names, classes[: len(names)], fillvalue="")
        ]
        for node, _ in positional(reading.evaluator, site):
            columns.append(self._part(Site(site.path, node, site.context), model))
        return Index(
            reading.string(reading.argument(site, "name")),
            tuple(columns),
            method=METHODS.get(word, ""),
            predicate=self._predicate(reading.argument(site, "condition"), model),
            include=model.columns(reading.strings(reading.argument(site, "include"))),
            place=reading.place(site),
        )

    def _predicate(self, site: Site | None, model: Model) -> str:
        """A condition as SQL, "?" where it cannot be said."""
        if site is None:
            return ""
        return _sql(condition(Scene(self.reading.evaluator), site), model) or "?"

    def _part(self, site: Site, model: Model) -> IndexColumn:
        """One element that stands by its place: `"-year"`, `F("year").desc()`, `OpClass(Upper("name"), name="…")`."""
        reading = self.reading
        descending, operator_class = False, ""
        for _ in range(NESTED):
            if not reading.is_call(site):
                break
            callee = reading.callee(site)
            receiver = Site(site.path, callee.node + 1, site.context)
            if reading.word(callee) in ("asc", "desc") and reading.is_call(receiver):
                descending, site = reading.word(callee) == "desc", receiver
                continue
            word = reading.path_of(callee).rpartition(".")[2]
            inner = reading.argument(site, "0|expression")
            if inner is None or word not in ("F", "OrderBy", "OpClass"):
                break
            if word == "OrderBy":
                descending = reading.true(reading.argument(site, "descending"))
            elif word == "OpClass":
                operator_class = reading.string(reading.argument(site, "1|name"))
            site = inner
        if not reading.is_call(site) and (name := reading.string(site)):
            column = model.column(name.removeprefix("-"))
            return IndexColumn(column, descending or name.startswith("-"), operator_class=operator_class)
        return IndexColumn(self._expression(site, model), descending, True, operator_class=operator_class)

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
            if (
                index.predicate
                or index.include
                or any(positional(reading.evaluator, site))
                or any(each.operator_class for each in index.columns)
            ):
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


_SIGNS: Mapping[str, str] = {"=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


def _sql(whole: Condition | None, model: Model) -> str:
    """An index's condition as SQL; "" where a part of it cannot be said. Conditions are as deep as `lookups` reads."""
    if isinstance(whole, And | Or):
        parts = [_sql(part, model) for part in whole.parts]
        word = " AND " if isinstance(whole, And) else " OR "
        return word.join(part if len(parts) == 1 else f"({part})" for part in parts) if all(parts) else ""
    if isinstance(whole, Not):
        inner = _sql(whole.part, model)
        return f"NOT ({inner})" if inner else ""
    if not isinstance(whole, Compare) or not isinstance(whole.left, Column) or whole.left.relation:
        return ""
    column, value = spelling.name(model.column(whole.left.name)), whole.right
    if not isinstance(value, Value):
        return ""
    if value.kind == "null" and whole.operator in ("=", "is", "is-not"):
        return f"{column} IS NOT NULL" if whole.operator == "is-not" else f"{column} IS NULL"
    if whole.operator not in _SIGNS or value.kind not in ("string", "number", "boolean"):
        return ""
    written = "'" + value.text.replace("'", "''") + "'" if value.kind == "string" else value.text.lower()
    return f"{column} {_SIGNS[whole.operator]} {written}"
