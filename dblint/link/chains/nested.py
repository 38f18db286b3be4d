"""Statements that are parts of another one: in the place of a value, in a set operation, built by a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import And, Clause, Column, Condition, Element, Query, Verb, When
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find, keywords
from dblint.link.building import Building
from dblint.link.chains.draft import CLAUSES, Draft
from dblint.link.chains.selecting import several_of
from dblint.link.conditions import Scene
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains


class Nested:
    """Reads the statements inside one. One per evaluator."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.evaluator = chains.evaluator
        self.building = Building(chains.evaluator)

    def change(self, draft: Draft, row: Member, site: Site) -> None:
        """What the function does to the statement that a call is given (`modify(builder => builder.where(…))`)."""
        for inner in find(self.evaluator, row.callback.at if row.callback is not None else "", site).sites:
            steps, hidden = self.building.steps(inner)
            sometimes = row.callback is not None and row.callback.fate == "conditional"
            for step in steps:
                when = When.SOMETIMES if sometimes else step.when
                self.chains.step(draft, step.member, Site(step.path, step.node, step.context, when), step.name)
            draft.opened |= set(CLAUSES) if hidden else set()

    def built(self, site: Site, ctes: Sequence[str] = ()) -> Query | None:
        """The statement that a function builds of nothing (`whereIn("id", function () { this.from("t") })`). `ctes`:
        the parts of the statement around it that it may name as tables."""
        steps, hidden = self.building.steps(site)
        if not steps or hidden:
            return None
        draft = Draft(ctes=list(ctes))
        for step in steps:
            self.chains.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        return self.chains.statements.query(draft, draft.verb or Verb.SELECT, Member(), self.chains.place(site), "")

    def grouped(self, scene: Scene, site: Site) -> tuple[list[Element[Condition]], bool]:
        """The conditions that a function puts together on a statement of its own, as one."""
        steps, hidden = self.building.steps(site)
        draft = Draft(table=scene.table, of=scene.model)
        for step in steps:
            self.chains.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        hidden = hidden or "where" in draft.opened
        elements = draft.elements.get("where", [])
        if not elements:
            return [], hidden
        sure = any(element.when is When.ALWAYS for element in elements)
        when = site.when if sure else When.SOMETIMES
        parts = tuple(element.value for element in elements)
        return [Element(parts[0] if len(parts) == 1 else And(parts), when)], hidden

    def asked(self, around: Site, site: Site) -> Query | None:
        """The query that a value stands for which is a part of another one."""
        values = options(self.evaluator.value(site.path, site.node, site.context))
        value = values[0] if len(values) == 1 else None
        if not isinstance(value, Instance) or not value.steps or value.open or site.node == around.node:
            return None
        if any(step.member.run for step in value.steps) or not self._selects(value):
            return None
        return self.chains.implicit(value, site, "")[0]

    def compared(self, around: Site, site: Site) -> Query | None:
        """The query that stands in the place of a value: one of a model's rows gives their keys there."""
        query = self.asked(around, site)
        if query is None or query.projection.possibly() or query.set_operation:
            return query
        draft = Draft()
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Instance):
                self.chains.tables.receive(draft, option)
        keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
        if len(keys) != 1 or len(keys[0]) != 1:
            return query
        return msgspec.structs.replace(query, projection=Clause((Element(Column(keys[0][0])),)))

    def _selects(self, value: Instance) -> bool:
        """Whether a value is a query that reads, and was not run."""
        if any(step.member.builds for step in value.steps):
            return all(step.member.builds in ("", "select") for step in value.steps)
        rows = [self.evaluator.tables.types[cls.name] for cls in self.evaluator.classes.library_types(value.cls)]
        return any(row.runs_on for row in rows)

    def combine(self, draft: Draft, row: Member, site: Site) -> None:
        """The statement so far and those that a call is given, put together; what follows is said of all."""
        word: str = row.combines
        if any(
            name == "all" and self.evaluator.tree(inner.path).value(inner.node) == "true"
            for name, inner in keywords(self.evaluator, site)[0]
        ):
            word = f"{word} all"
        found = find(self.evaluator, "*", site)
        parts = [self.chains.statements.query(draft, Verb.SELECT, Member(), self.chains.place(site), "")]
        for inner in (each for given in found.sites for each in several_of(self.evaluator, given)):
            part = self.asked(site, inner)
            if part is None and self.evaluator.tree(inner.path).kinds[inner.node] == Kind.FUNCTION:
                part = self.built(inner, draft.ctes)
            parts.append(part if part is not None else Query(Verb.SELECT, sources=Clause(open=True)))
        if found.open:
            parts.append(Query(Verb.SELECT, sources=Clause(open=True)))
        draft.set_operation, draft.parts = word, tuple(parts)
        # Rows of all of them are made as the first says: with what it loads along.
        draft.elements = {clause: found for clause, found in draft.elements.items() if clause == "eager"}
        draft.opened &= {"eager"}
        draft.selected.clear()
        draft.distinct = False
        draft.unsorted = True
