"""The mini-languages in which libraries write conditions: one reader a module, named by table rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Condition, Element, Expression, OpaqueCondition, Query, Value
from dblint.facts.schema import SchemaColumn, Table
from dblint.facts.text import Origin, Place
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.values import BoundMember, Instance, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator
    from dblint.link.values import Value as HostValue

TOGETHER = frozenset({"and", "or", "not"})
"""What a call may stand for that puts the conditions in its arguments together."""


class Reading(msgspec.Struct, frozen=True):
    """The conditions that a reader found; `open` when more may be there."""

    elements: tuple[Element[Condition], ...] = ()
    open: bool = False


class Scene(msgspec.Struct, frozen=True):
    """What a reader may ask: the evaluator, the table whose columns are named, its model, which column an attribute of
    a model holds, and what query a value is (`ask`)."""

    evaluator: Evaluator
    table: Table | None = None
    model: HostValue | None = None
    columns: Callable[[HostValue, str], SchemaColumn | None] | None = None
    columns_of: Callable[[Instance, Site], str] | None = None
    """The table whose columns a value stands for, and where the value is read."""
    ask: Callable[[Site], Query | None] | None = None
    names: Mapping[str, Expression] = {}
    """What the query computes, by the names that it gives it."""

    def asked(self, site: Site) -> Query | None:
        """The query that an expression stands for, where it is none that was run; None for every other value."""
        tree = self.evaluator.tree(site.path)
        if self.ask is None or tree.kinds[site.node] not in (Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT):
            return None
        return self.ask(site)

    def stands(self, site: Site) -> str:
        """What a call stands for inside a statement (`stands` of its row); "" for every other expression."""
        tree = self.evaluator.tree(site.path)
        if site.node < 0 or tree.kinds[site.node] != Kind.CALL:
            return ""
        if tree.kinds[site.node + 1] not in (Kind.NAME, Kind.ATTRIBUTE):
            return ""
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(option, (LibraryFunction, BoundMember)):
                row = self.evaluator.rows.row_of(option)
                return row.stands if row is not None else ""
            for cls in self.evaluator.classes.library_types(option.cls) if isinstance(option, Instance) else ():
                call = self.evaluator.tables.types[cls.name].call
                if call is not None and call.stands:
                    return call.stands
        return ""

    def holds(self, site: Site) -> str:
        """What a value of some type stands for inside a statement (`stands` of its type); "" for every other."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            for cls in self.evaluator.classes.library_types(option.cls) if isinstance(option, Instance) else ():
                return self.evaluator.tables.types[cls.name].stands
        return ""

    def names_functions(self, site: Site) -> bool:
        """Whether the members of what stands there are functions of the database (`names_functions` of its type)."""
        types = self.evaluator.tables.types
        return any(
            isinstance(option, Instance)
            and any(types[cls.name].names_functions for cls in self.evaluator.classes.library_types(option.cls))
            for option in options(self.evaluator.value(site.path, site.node, site.context))
        )

    def column(self, name: str) -> str:
        """The database's name for a model's attribute."""
        if self.table is None:
            return name
        column = self.table.column(name)
        if column is None and self.columns is not None and self.model is not None:
            column = self.columns(self.model, name)  # the key, by the name that it has everywhere
        return column.name if column is not None else name

    def value(self, site: Site) -> Expression:
        """A value as SQL would hold it: a literal's text, or a parameter."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind == Kind.STRING:
            return Value("string", tree.value(site.node))
        if kind == Kind.NUMBER:
            return Value("number", tree.value(site.node))
        if kind == Kind.CONSTANT:
            word = tree.value(site.node)
            return Value("null", "") if word in ("null", "undefined") else Value("boolean", word)
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return Value("list", "", Origin.CONSTANT, self.handed(site))
        return Value("parameter", "", Origin.UNKNOWN, self.handed(site))

    def place(self, site: Site) -> Place:
        """Where an expression stands."""
        tree = self.evaluator.tree(site.path)
        return Place(site.path, tree.starts[site.node], tree.stops[site.node])

    def handed(self, site: Site) -> Place:
        """The place of a value that is handed in."""
        return self.evaluator.hand(site.path, site.node)


def equal(value: Expression) -> str:
    """What an equality with a value is written as: nothing is equal to null, so libraries ask whether it is that."""
    return "is" if isinstance(value, Value) and value.kind == "null" else "="


def opaque(text: str) -> Condition:
    """A condition that stands there and was not understood."""
    return OpaqueCondition(text)
