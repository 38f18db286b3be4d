"""What a statement selects, computes, groups by and gives back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts.query import Column, Eager, Element, Expression, Function, OpaqueExpression, Source, Star
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member, Slot
from dblint.link.arguments import Found, Site, entries, find, keywords
from dblint.link.chains.draft import Draft
from dblint.link.chains.joins import derived
from dblint.link.conditions import (
    Scene,
    computed,
    document_clauses,
    documents,
    finder,
    identifiers,
    lookups,
    mql_clauses,
    operators,
    resources,
)
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains
    from dblint.link.types import Evaluator

COLUMNS = 500
"""Columns of one statement that are read of what gives its rows a shape."""
COLUMN_NODES = 40
"""Nodes of a selected expression among which its model is looked for."""
_NESTED = frozenset({"query", "exists"})
"""What a query inside another one stands for."""


class Selecting:
    """Reads the columns that a statement selects. One per evaluator."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.evaluator = chains.evaluator
        self.models = chains.models

    def read(self, draft: Draft, slot: Slot, scene: Scene, site: Site, *, begun: bool, aggregate: str = "") -> None:
        """`begun`: it was seen what the statement is begun with. Of one that was handed in, a further column does not
        say what it selects from."""
        if slot.negate:
            self._left_out(draft, slot, scene, site)
            return
        if slot.value == "*":
            draft.add("projection", Element(Star(), site.when))
            return
        left = find(self.evaluator, slot.but, site) if slot.but else Found()
        if left.sites or left.open:
            rest, hidden = document_clauses.left_out(scene, left)
            draft.opened |= {"projection"} if hidden else set()
            for kept in rest:
                draft.add("projection", kept)
            return
        own = slot.without.split()
        for name, given in keywords(self.evaluator, site)[0] if own else ():
            if name not in own:
                one = computed.computed(scene, given)
                draft.names[name] = one
                draft.add("projection", Element(one.expression, given.when))
        found = find(self.evaluator, slot.at, site)
        if slot.reader == "identifiers":
            _named_columns(draft, found, scene, site, aggregate)
            return
        if found.open:
            draft.opened |= {"projection", "eager"} if slot.loads else {"projection"}
        elif slot.reader == "resources" and not found.sites:
            draft.add("projection", Element(Star(), site.when))
        sites, hidden = _shaped(self.evaluator, found.sites) if slot.reader == "operators" else (found.sites, False)
        draft.opened |= {"projection"} if hidden else set()
        for inner in sites:
            tree = self.evaluator.tree(inner.path)
            kind = tree.kinds[inner.node]
            if slot.reader in ("mql", "document-lookups"):
                shown, hidden = (mql_clauses if slot.reader == "mql" else documents).projected(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for field in shown:
                    draft.add("projection", field)
            elif slot.reader in ("finder", "resources"):
                selected, hidden = (finder if slot.reader == "finder" else resources).columns(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for each in selected:
                    draft.add("projection", each)
            elif slot.reader == "operators":
                expression = operators.expression(scene, inner)
                if begun or draft.table is not None:
                    self._source(draft, inner)
                draft.add("projection", Element(expression, inner.when))
                if slot.loads:
                    self._loaded(draft, inner)
            elif slot.reader == "document":
                picked, hidden = document_clauses.columns(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for kept in picked:
                    draft.add("projection", kept)
            elif kind == Kind.STRING:
                draft.add("projection", Element(lookups.column(scene, tree.value(inner.node)), inner.when))
            else:
                draft.opened.add("projection")

    def _loaded(self, draft: Draft, site: Site) -> None:
        """A further model among the columns, or a column of one, which is loaded with the rows by the relation that
        leads to it: of the other columns its row has nothing then, and asks for nothing."""
        tree = self.evaluator.tree(site.path)
        column = tree.kinds[site.node] == Kind.ATTRIBUTE
        value = self.evaluator.value(site.path, site.node + 1 if column else site.node, site.context)
        if column and not isinstance(value, ProjectClass):
            value = self.evaluator.value(site.path, site.node, site.context)
        relations = self.models.relations(draft.of) if draft.of is not None else {}
        if not isinstance(value, ProjectClass) or value == draft.of:
            return
        leading = [related.name for related in relations.values() if related.model == value and not related.many]
        if len(leading) == 1:
            draft.add("eager", Element(Eager((leading[0],), "from-join"), site.when))
        else:
            draft.opened.add("eager")

    def _left_out(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """All columns but those that a call names."""
        found = find(self.evaluator, slot.at, site)
        words = [self.evaluator.tree(inner.path).value(inner.node) for inner in found.sites]
        if draft.table is None or not draft.table.columns or found.open or draft.elements.get("projection"):
            draft.opened.add("projection")
            return
        left = {scene.column(word) for word in words}
        for column in draft.table.columns:
            if column.name not in left:
                draft.add("projection", Element(Column(column.name), site.when))

    def _source(self, draft: Draft, site: Site) -> None:
        """The model behind `User`, `User.id` or `count(User.id)` in a select list."""
        known = draft.table is not None or bool(draft.model) or bool(draft.elements.get("sources"))
        whole = None if known else self.chains.joins.held(self.evaluator.value(site.path, site.node, site.context))
        if whole is not None:
            self.chains.joins.select(draft, whole, site)
            return
        tree = self.evaluator.tree(site.path)
        for node in range(site.node, min(tree.ends[site.node], site.node + COLUMN_NODES)):
            if tree.kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE) or self._leads(site, node):
                continue
            value = self.evaluator.value(site.path, node, site.context)
            table = self.models.table(value) if isinstance(value, ProjectClass) else None
            if isinstance(value, ProjectClass) and table is not None:
                model = self.evaluator.classes.class_name(value)
                draft.selected.setdefault(
                    table.name, Source(table.name, schema=table.schema, join="cross", model=model)
                )
                if not known:
                    self.chains.tables.put(draft, value)
                return
            held = self.chains.joins.held(value)
            if held is not None and not known:
                self.chains.joins.select(draft, held, Site(site.path, node, site.context, site.when))
            elif held is not None and not derived(held):
                source = self.chains.joins.source(held, site, "cross")
                draft.selected.setdefault(source.name, source)
            if held is not None:
                return

    def models_in(self, scene: Scene, site: Site) -> Iterator[ProjectClass]:
        """The models that a condition names before any query inside it, and outside of conditions on related rows."""
        tree = self.evaluator.tree(site.path)
        related = 0
        for node in range(site.node, min(tree.ends[site.node], site.node + COLUMN_NODES)):
            if tree.kinds[node] == Kind.CALL and scene.stands(Site(site.path, node, site.context)) in _NESTED:
                return
            if node < related:
                continue
            if tree.roles[node] == Role.ARGUMENT and operators.of_related(tree, tree.parents[node]):
                related = tree.ends[tree.parents[node]]
                continue
            if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) and not self._leads(site, node):
                value = self.evaluator.value(site.path, node, site.context)
                if isinstance(value, ProjectClass) and self.models.table(value) is not None:
                    yield value

    def _leads(self, site: Site, node: int) -> bool:
        """Whether an expression is an attribute of a model (`Note.author`): what it is of stands inside it."""
        if self.evaluator.tree(site.path).kinds[node] != Kind.ATTRIBUTE:
            return False
        owner = self.evaluator.value(site.path, node + 1, site.context)
        return isinstance(owner, ProjectClass) and self.models.table(owner) is not None


def several_of(evaluator: Evaluator, site: Site) -> list[Site]:
    """The elements of a list literal; any other expression alone."""
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.LIST:
        return [site]
    return [Site(site.path, child, site.context, site.when) for child in tree.children(site.node)]


def _shaped(evaluator: Evaluator, sites: Sequence[Site]) -> tuple[list[Site], bool]:
    """The columns of rows that are given a shape: the values of object literals, also of those inside them
    (`select({ jar: { id: jars.id }, shelf: shelves })`); and whether there may be more."""
    found: list[Site] = []
    hidden = False
    pending = list(reversed(sites))
    for _ in range(COLUMNS):
        if not pending:
            break
        site = pending.pop()
        tree = evaluator.tree(site.path)
        if not evaluator.javascript(site.path) or tree.kinds[site.node] != Kind.OBJECT:
            found.append(site)
            continue
        pairs, more = entries(evaluator, site)
        hidden = hidden or more
        pending += [value for _, value in reversed(pairs)]
    return found, hidden or bool(pending)


def listed_columns(draft: Draft, clause: str, slot: Slot, scene: Scene, site: Site) -> None:
    """Columns and expressions by which rows are grouped, or that a write gives back."""
    found = find(scene.evaluator, slot.at, site)
    if slot.reader == "resources":
        for inner in found.sites:
            columns_named, hidden = resources.columns(scene, inner)
            draft.opened |= {clause} if hidden else set()
            for each in columns_named:
                draft.add(clause, each)
        return
    if found.open or slot.reader not in ("operators", "names", "identifiers"):
        draft.opened.add(clause)
        return
    listed = [each for given in found.sites for each in several_of(scene.evaluator, given)]
    sites, more = _shaped(scene.evaluator, found.sites) if slot.reader == "operators" else (listed, False)
    draft.opened |= {clause} if more else set()
    for inner in sites:
        if slot.reader == "identifiers":
            named, hidden = identifiers.expressions(scene, inner)
            draft.opened |= {clause} if hidden else set()
            for each in named:
                draft.add(clause, each)
            continue
        tree = scene.evaluator.tree(inner.path)
        if tree.kinds[inner.node] == Kind.STRING:
            draft.add(clause, Element(Column(scene.column(tree.value(inner.node))), inner.when))
        elif slot.reader == "operators":
            draft.add(clause, Element(operators.expression(scene, inner), inner.when))
        else:
            draft.opened.add(clause)


def aggregates(scene: Scene, site: Site) -> Iterator[Expression]:
    """The aggregates that a call is given (`aggregate(Max("number"))`)."""
    for one in computed.read(scene, site)[0].values():
        if isinstance(one.expression, Function):
            yield one.expression
            continue
        hidden = one.expression if isinstance(one.expression, OpaqueExpression) else OpaqueExpression()
        yield Function(one.aggregate, (hidden,)) if one.aggregate else hidden


def computes(draft: Draft, row: Member, scene: Scene, site: Site) -> None:
    """What a step computes and names. An aggregate makes groups of what is selected so far, which is one group for
    each row where nothing is."""
    found, hidden = computed.read(scene, site)
    keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
    selected = draft.elements.get("projection", [])
    if hidden:
        draft.opened |= {"projection", "grouping", "where", "having", "order"}
    if any(one.aggregate for one in found.values()) and not draft.elements.get("grouping"):
        before = [each for each in selected if isinstance(each.value, Column)]
        if "projection" in draft.opened or not (before or keys):
            draft.opened.add("grouping")
        for each in before or [Element(Column(name), site.when) for name in (keys[0] if keys else ())]:
            draft.add("grouping", each)
    draft.names.update(found)
    if row.computes == "named":
        return
    if not selected and draft.table is not None and draft.table.columns:
        for column in draft.table.columns:
            draft.add("projection", Element(Column(column.name), site.when))
    elif not selected:
        draft.opened.add("projection")
    for one in found.values():
        draft.add("projection", Element(one.expression, site.when))


def _named_columns(draft: Draft, found: Found, scene: Scene, site: Site, aggregate: str) -> None:
    """Columns by their names, or what is computed of them."""
    draft.opened |= {"projection"} if found.open and not aggregate else set()
    shown: list[Element[Expression]] = []
    for inner in found.sites:
        named, hidden = identifiers.expressions(scene, inner)
        draft.opened |= {"projection"} if hidden and not aggregate else set()
        shown += named
    if not aggregate:
        for each in shown:
            draft.add("projection", each)
        return
    for each in shown or [Element(Star(), site.when)]:
        draft.add("projection", Element(Function(aggregate, (each.value,)), each.when))
