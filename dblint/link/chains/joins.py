"""What a statement selects from beside its own table: what is joined, and what no class declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Compare, Condition, Eager, Element, OpaqueCondition, Source
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Site, find
from dblint.link.chains.draft import Draft
from dblint.link.conditions import Scene, identifiers, operators, triples
from dblint.link.values import Instance, ProjectClass, Unknown, Value, options

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains

JOINS = ("left", "right", "full", "cross", "inner")


class Joins:
    """Reads the further sources of a statement. One per evaluator."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.evaluator = chains.evaluator
        self.plain = chains.plain
        self.models = chains.models

    def read(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """A model that is joined, by itself or by a relation to it; anything else leaves the sources open."""
        if slot.reader == "identifiers":
            self._by_name(draft, slot, scene, site)
            return
        if slot.reader == "relation-path" and self._along(draft, slot, site):
            return
        for inner in find(self.evaluator, slot.at, site).sites:
            how = self._how(slot.how, site) or str(slot.value)
            conditions = find(self.evaluator, slot.on, site).sites if slot.on else ()
            on = operators.read(scene, conditions[0]).elements[0].value if conditions else None
            held = self.held(self.evaluator.value(inner.path, inner.node, inner.context))
            if held is not None:
                source = msgspec.structs.replace(self.source(held, inner, how), on=on)
                draft.add("sources", Element(source, site.when))
                self._further(draft, held, scene)
                continue
            models, alias = self._behind(inner)
            tables = [(self.models.table(model), model) for model in models]
            if not tables or any(table is None for table, _ in tables):
                draft.opened.add("sources")
                continue
            for table, model in tables:
                if table is not None:
                    name = self.evaluator.classes.class_name(model) if isinstance(model, ProjectClass) else ""
                    source = Source(table.name, alias, join=how, schema=table.schema, model=name, on=on)
                    draft.add("sources", Element(source, site.when))

    def _along(self, draft: Draft, slot: Slot, site: Site) -> bool:
        """The table that a relation leads to, by a text of the name of one that is there and the relation's
        (`leftJoin("jar.shelf", "s")`); False where the place holds anything else, or what cannot be said."""
        sites = find(self.evaluator, slot.at, site).sites
        owner, _, name = (self.plain.string(sites[0]) if len(sites) == 1 else "").rpartition(".")
        model, way = draft.places.get(owner, (draft.of, ()))
        if not owner or model is None or (owner not in (draft.alias, draft.model) and owner not in draft.places):
            return False
        related = self.models.relation(model, name)
        table = self.models.table(related.model) if related is not None else None
        if related is None or table is None:
            return False
        given = find(self.evaluator, slot.alias, site).sites if slot.alias else ()
        alias = self.plain.string(given[0]) if given else ""
        draft.places[alias or name] = related.model, (*way, name)
        between = self.models.table(related.join) if related.relation.kind == "many-to-many" else None
        for one, other in ((between, ""), (table, alias)):
            if one is not None:
                source = Source(one.name, other, join=str(slot.value), schema=one.schema)
                draft.add("sources", Element(source, site.when))
        return True

    def _by_name(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """A table that is joined by its name, and what it is joined on: two columns, or what compares them."""
        for inner in find(self.evaluator, slot.at, site).sites:
            tables, hidden = identifiers.sources(scene, inner, str(slot.value or "inner"))
            draft.opened |= {"sources"} if hidden else set()
            given = [each for place in slot.on.split() for each in find(self.evaluator, place, site).sites]
            names = [word for each in given if (word := identifiers.text(scene, each))]
            columns_of = [word for word in names if word.strip() not in triples.OPERATORS]
            on: Condition | None = None
            if len(columns_of) == 2 and len(names) == len(given):
                word = triples.OPERATORS.get(names[1].strip(), "=") if len(names) == 3 else "="
                left, right = (identifiers.column(scene, one) for one in columns_of)
                on = Compare(left, word, right)
            elif given:
                on = OpaqueCondition()
            for table in tables:
                value = msgspec.structs.replace(table.value, on=on, real=table.value.name not in draft.ctes)
                draft.add("sources", Element(value, site.when))

    def _how(self, at: str, site: Site) -> str:
        """How tables are joined by the word that an argument is (`JOIN.LEFT_OUTER`, "LEFT JOIN"), or by the name of one
        that is true (`isouter=True`); "" for none."""
        found = ""
        for inner in find(self.evaluator, at, site).sites if at else ():
            tree = self.evaluator.tree(inner.path)
            word = tree.value(inner.node).lower()
            if tree.kinds[inner.node] == Kind.CONSTANT and word == "true":
                word = tree.value(tree.parents[inner.node]).lower().replace("outer", "left")
            kind = next((kind for kind in JOINS if kind in word), "")
            found = kind if not found or kind == "full" else found
        return found

    def _behind(self, site: Site) -> tuple[list[Value], str]:
        """The models that an expression joins: the class that it is, or those that an attribute of one leads to, the
        model of the rows between first; and the other name that it gives the table."""
        value = self.evaluator.value(site.path, site.node, site.context)
        if isinstance(value, ProjectClass):
            return [value], ""
        tree = self.evaluator.tree(site.path)
        behind = operators.aliased(self.evaluator, value)
        if behind is not None:
            return [behind], tree.value(site.node)
        if tree.kinds[site.node] != Kind.ATTRIBUTE:
            return [], ""
        owner = self.evaluator.value(site.path, site.node + 1, site.context)
        related = self.models.relation(owner, tree.value(site.node)) if isinstance(owner, ProjectClass) else None
        if related is None or isinstance(related.model, Unknown):
            return [], ""
        between = related.relation.kind == "many-to-many"
        return ([related.join, related.model] if between else [related.model]), ""

    def _further(self, draft: Draft, held: Instance, scene: Scene) -> None:
        """The tables that were joined to what is selected from (`people.join(orders)`)."""
        for step in held.steps if not derived(held) else ():
            if step.member.join is not None and step.node >= 0:
                self.read(draft, step.member.join, scene, Site(step.path, step.node, step.context, step.when))

    def held(self, value: Value) -> Instance | None:
        """The one table, or statement to select from, that a value is, where no class declares it."""
        types = self.evaluator.tables.types
        found = [
            option
            for option in options(value)
            if isinstance(option, Instance)
            and any(types[cls.name].columns == "all" for cls in self.evaluator.classes.library_types(option.cls))
        ]
        return found[0] if len(found) == 1 and len(options(value)) == 1 else None

    def source(self, held: Instance, site: Site, join: str = "") -> Source:
        """What is selected from: a table, or a statement by the name that it is held under."""
        if derived(held):
            tree = self.evaluator.tree(site.path)
            word = tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""
            queries = self.chains.implicit(held, site, "")
            return Source("", word, join=join, query=queries[0] if queries else None, real=False)
        name = self.chains.table_of(held)
        table = self.models.built(name)
        return Source(name, join=join, schema=table.schema if table is not None else "")

    def select(self, draft: Draft, held: Instance, site: Site) -> None:
        """What a statement selects from, where that is no class: a table with what is joined to it, or a statement."""
        if derived(held):
            if draft.table is not None and draft.table.name in draft.selected and draft.elements.get("projection"):
                # A column leads to it; it stands beside, or is joined.
                draft.table, draft.model, draft.of = None, "", None
            source = self.source(held, site)
            parts = {each.value.alias for each in draft.elements.get("sources", ()) if not each.value.real}
            if not source.alias or source.alias not in parts:  # columns of it are selected, too
                draft.add("sources", Element(source, site.when))
            return
        self.chains.tables.name(draft, self.chains.table_of(held))
        self._further(draft, held, Scene(self.evaluator, draft.table, columns_of=self.chains.columns_of))


def from_place(draft: Draft, load: Element[Eager]) -> Element[Eager]:
    """A relation that is loaded by a path from a name of the statement (`"jar.shelf"`): by that from its rows."""
    first, *rest = load.value.path
    if not rest or (first not in (draft.alias, draft.model) and first not in draft.places):
        return load
    _, way = draft.places.get(first, (None, ()))
    return Element(msgspec.structs.replace(load.value, path=(*way, *rest)), load.when)


def derived(held: Instance) -> bool:
    """Whether columns are those of what a statement selects, and not of a table."""
    return any(step.member.builds for step in held.steps)
