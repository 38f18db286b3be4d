"""Which rows a statement is about: its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from dblint.facts.query import And, Column, Compare, Condition, Element, OpaqueCondition, Or, When
from dblint.facts.query import Value as Parameter
from dblint.facts.text import Literal, Origin, Text
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Member, Slot
from dblint.link.arguments import Site, find, positions
from dblint.link.chains.draft import Draft
from dblint.link.chains.tables import narrowed
from dblint.link.conditions import (
    Reading,
    Scene,
    columns,
    computed,
    document,
    documents,
    finder,
    lookups,
    mql,
    operators,
    triples,
)
from dblint.link.conditions.standing import places
from dblint.link.loops.filling import filled
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains


class Narrowing:
    """Reads the conditions of a statement. One per evaluator."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.evaluator = chains.evaluator
        self.models = chains.models
        self.texts = chains.texts

    def _keyed(self, draft: Draft, slot: Slot, site: Site) -> Iterator[Element[Condition]]:
        """The row that the value at a place is the key of, or the rows whose keys or selves it lists."""
        keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
        columns = tuple(map(Column, keys[0])) if keys else (Column(""),)
        for inner in find(self.evaluator, slot.of, site).sites if slot.of else ():
            name = self.evaluator.tree(inner.path).value(inner.node)
            column = draft.table.column(name) if draft.table is not None else None
            columns = (Column(column.name if column is not None else name),)
        if slot.value:
            places = [(draft.handle, When.ALWAYS, False)]
        else:
            found = find(self.evaluator, slot.at, site).sites
            places = [
                (
                    self.evaluator.hand(inner.path, inner.node),
                    inner.when,
                    self.evaluator.tree(inner.path).kinds[inner.node] == Kind.LIST,
                )
                for inner in found
            ]
        for place, when, several in places:
            if len(columns) > 1:
                yield Element(OpaqueCondition(columns=columns), when)
            elif slot.reader == "key-list" or several:
                yield Element(Compare(columns[0], "in", Parameter("list", "", Origin.UNKNOWN, place)), when)
            else:
                yield Element(Compare(columns[0], "=", Parameter("parameter", "", Origin.UNKNOWN, place)), when)

    def _of_parent(self, draft: Draft, slot: Slot, site: Site) -> Iterator[Element[Condition]]:
        """The key by which rows refer to the row at a place, by the one relation that leads to its model; where that
        cannot be said, a condition on one of the keys by which they refer to others."""
        related = self.models.relations(draft.of).values() if draft.of is not None else ()
        leading = [each for each in related if not each.many and len(each.relation.columns) == 1]
        for inner in find(self.evaluator, slot.at, site).sites:
            given = options(self.evaluator.value(inner.path, inner.node, inner.context))
            classes = [option.cls if isinstance(option, Instance) else None for option in given]
            chosen = [each.relation.columns for each in leading if [each.model] == classes]
            if len(chosen) == 1:
                place = self.evaluator.hand(inner.path, inner.node)
                yield Element(narrowed(chosen[0][0], place), inner.when)
            else:
                columns = dict.fromkeys(each.relation.columns[0] for each in leading)
                yield Element(OpaqueCondition(columns=tuple(map(Column, columns))), inner.when)

    def read(self, draft: Draft, clause: str, slot: Slot, scene: Scene, site: Site, operator: str = "") -> None:
        """The conditions that a call adds to a clause: of rows, or of groups where what they name is an aggregate."""
        readings: list[Reading] = []
        if slot.value == "unsaid":
            draft.opened.add(clause)
        elif slot.reader in ("key", "key-list"):
            readings.append(Reading(tuple(self._keyed(draft, slot, site))))
        elif slot.reader == "relation-path":
            given = find(self.evaluator, slot.at, site).sites[:1]
            readings.append(Reading(tuple(Element(OpaqueCondition(), inner.when) for inner in given)))
        elif slot.reader == "parent":
            readings.append(Reading(tuple(self._of_parent(draft, slot, site))))
        elif slot.reader == "document-lookups":
            readings.append(documents.read(scene, site))
        elif slot.reader == "triple":
            built = triples.Built(
                partial(self.chains.nested.grouped, scene), partial(self.chains.nested.built, ctes=draft.ctes)
            )
            either = slot.join == "or"
            readings.append(triples.read(scene, site, operator, built, negate=slot.negate, together=either))
        elif slot.reader == "lookups":
            first = int(slot.at.partition("+")[0]) if "+" in slot.at else 0
            readings.append(lookups.read(scene, site, slot.negate, first, slot.without.split()))
        elif slot.reader == "columns" and slot.at == "**":
            readings.append(columns.of_keywords(scene, site, slot.without.split()))
        else:
            at, named = positions(slot.at)
            found = find(self.evaluator, at, site)
            if found.open:
                draft.opened.add(clause)
            readings += [self._reading(slot.reader, scene, inner) for inner in found.sites]
            if slot.reader == "operators" and clause == "where" and draft.table is None and not draft.model:
                draft.compared += [
                    model for inner in found.sites for model in self.chains.selecting.models_in(scene, inner)
                ]
            if named:
                readings.append(lookups.of_keywords(scene, site, slot.without.split()))
        for reading in readings:
            if reading.open:
                draft.opened.add(clause)
            for element in reading.elements:
                grouped = clause == "where" and computed.aggregated(element.value, draft.names)
                before = tuple(draft.elements.get(clause, ()))
                if slot.join == "or" and before and element.when is When.ALWAYS:
                    draft.elements[clause] = [_either(before, element)]
                else:
                    draft.add("having" if grouped else clause, element)
                if clause == "where" and element.when is When.SOMETIMES:
                    draft.branched += self._branched(site, element.value)

    def _branched(self, site: Site, condition: Condition) -> Iterator[Site]:
        """Where the branch stands that adds a condition: around the call, or around its value."""
        if site.when is When.SOMETIMES:
            yield site
            return
        for place in list(places(condition))[:1]:
            node = self.evaluator.handed.get(place, -1)
            if node >= 0:
                yield Site(place.path, node, None)

    def _reading(self, reader: str, scene: Scene, site: Site) -> Reading:
        if reader == "document":
            return document.read(scene, site)
        if reader == "finder":
            return finder.read(scene, site)
        if reader == "mql":
            return mql.read(scene, site)
        if reader == "columns":
            return columns.of_object(scene, site)
        if reader == "operators":
            return operators.read(scene, site)
        if reader == "fragment":
            return self._fragment(site)
        return Reading((), True)

    def fill(self, row: Member, site: Site) -> None:
        """Keeps what the placeholders of a piece of SQL stand for, where the piece stands in the very call."""
        if row.where is None or row.where.reader != "fragment" or row.parameters is None:
            return
        tree = self.evaluator.tree(site.path)
        texts = [text for inner in find(self.evaluator, row.where.at, site).sites for text in self.texts.of(inner)[:1]]
        for place, node in filled(self.evaluator, row.parameters.at, site, texts).items():
            if place.path == site.path and tree.starts[site.node] <= place.start < tree.stops[site.node]:
                self.evaluator.handed[place] = node

    def _fragment(self, site: Site) -> Reading:
        """A piece of SQL as a condition, read as the WHERE of a statement around it."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.FUNCTION, Kind.OBJECT):
            return Reading((), True)
        elements: list[Element[Condition]] = []
        for text in self.texts.of(site)[:1]:
            whole = Text((Literal("SELECT 1 FROM t WHERE "), *text.pieces), text.open)
            parsed = self.chains.parse(whole, "")
            if parsed and parsed[0].where.elements:
                elements += [Element(part.value, site.when) for part in parsed[0].conjuncts()]
            else:
                elements.append(Element(OpaqueCondition(), site.when))
        return Reading(tuple(elements))


def _either(before: Sequence[Element[Condition]], element: Element[Condition]) -> Element[Condition]:
    """The conditions so far as one, or another one."""
    sure = all(each.when is When.ALWAYS for each in before)
    parts = tuple(each.value for each in before)
    whole = parts[0] if len(parts) == 1 else And(parts)
    return Element(Or((whole, element.value)), When.ALWAYS if sure else When.SOMETIMES)
