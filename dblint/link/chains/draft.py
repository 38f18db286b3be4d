"""A statement while the steps of a chain are read."""

from __future__ import annotations

from typing import Any

import msgspec

from dblint.facts.query import Clause, Element, Expression, Query, Source, When
from dblint.facts.schema import Table
from dblint.facts.text import Place, Text
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site
from dblint.link.conditions.computed import Computed
from dblint.link.values import ProjectClass, Value


class Draft(msgspec.Struct):
    """A statement while its steps are read."""

    verb: str = ""
    counting: Member = Member()  # what began the statement: it says what is aggregated
    begun: Site | None = None  # where the first step began it
    elements: dict[str, list[Element[Any]]] = msgspec.field(default_factory=dict)
    opened: set[str] = msgspec.field(default_factory=set)
    table: Table | None = None
    model: str = ""
    of: Value | None = None
    alias: str = ""
    """Another name that the table has in the statement."""
    places: dict[str, tuple[Value, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    """By their other names in the statement, the models that relations lead to, and the ways there."""
    schema: str = ""
    ctes: list[str] = msgspec.field(default_factory=list)
    parts_named: list[tuple[str, Query]] = msgspec.field(default_factory=list)
    """Names of parts of the statement."""
    named: bool = False
    unsorted: bool = False  # a step took away every order, also the model's own
    turned: bool = False  # the order is turned around
    set_operation: str = ""
    parts: tuple[Query, ...] = ()
    selected: dict[str, Source] = msgspec.field(default_factory=dict)
    """The tables of what is selected, by name."""
    compared: list[ProjectClass] = msgspec.field(default_factory=list)
    """The models whose columns conditions name."""
    by_key: bool = False  # the library sorts by the primary key what is limited and not sorted otherwise
    handle: Place | None = None
    between: str = ""  # the table between the rows and the one that they are related to
    computed: tuple[Expression, ...] = ()
    names: dict[str, Computed] = msgspec.field(default_factory=dict)
    """What earlier steps compute, by name."""
    distinct: bool = False
    nests: bool = False  # rows of relations are written, too
    expects: str = ""
    rows: str = ""
    upserts: bool = False
    conflict: str = ""
    texts: list[Text] = msgspec.field(default_factory=list)
    parsed: list[Query] = msgspec.field(default_factory=list)
    branched: list[Site] = msgspec.field(default_factory=list)
    """Where branches add conditions."""

    def add(self, clause: str, element: Element[Any]) -> None:
        """One more element of a clause."""
        self.elements.setdefault(clause, []).append(element)

    def replaced(self, clause: str, when: When) -> None:
        """A step says a clause anew: what stood there is gone, or sometimes is where the step runs sometimes."""
        before = self.elements.pop(clause, [])
        if when is When.SOMETIMES and before:
            self.elements[clause] = [Element(each.value, When.SOMETIMES) for each in before]

    def clause(self, name: str) -> Clause[Any]:
        """The clause as a fact."""
        return Clause(tuple(self.elements.get(name, ())), name in self.opened)


CLAUSES = ("where", "grouping", "having", "order", "limit", "offset", "eager", "projection", "locks")
"""Of a statement that others may have added to nobody knows what these say."""
