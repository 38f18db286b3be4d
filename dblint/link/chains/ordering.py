"""By what the rows of a statement are sorted."""

from __future__ import annotations

from dblint.facts.query import Column, Element, Function, OpaqueExpression, Order
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Site, entries, find
from dblint.link.chains.draft import Draft
from dblint.link.conditions import (
    Scene,
    document_clauses,
    documents,
    finder,
    identifiers,
    lookups,
    mql_clauses,
    operators,
)

RANDOM = "?"
"""How names of columns to sort by say that there is no order."""


def _documents(draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
    """The keys by which documents are sorted; a direction stands behind the only one."""
    place, *more = slot.at.split()
    found = find(scene.evaluator, place, site)
    direction = find(scene.evaluator, more[0], site).sites[:1] if more else ()
    draft.opened |= {"order"} if found.open else set()
    for inner in found.sites:
        if slot.reader == "mql":
            keys, hidden = mql_clauses.orders(scene, inner, next(iter(direction), None))
        else:
            keys, hidden = documents.orders(scene, inner)
        draft.opened |= {"order"} if hidden else set()
        for key in keys:
            draft.add("order", key)


def _names(draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
    """The keys by which rows are sorted, by their names; a direction stands behind the only one."""
    place, *more = slot.at.split()
    found = find(scene.evaluator, place, site)
    direction = find(scene.evaluator, more[0], site).sites[:1] if more else ()
    for inner in found.sites:
        sorted_by, hidden = identifiers.orders(scene, inner, next(iter(direction), None))
        draft.opened |= {"order"} if hidden or found.open else set()
        for key in sorted_by:
            draft.add("order", key)


def orders(draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
    """The keys by which a call sorts the rows."""
    draft.by_key = slot.value == "pk"
    if slot.value == "unsaid":
        draft.opened.add("order")
    if not slot.at:
        return
    if slot.reader in ("mql", "document-lookups"):
        _documents(draft, slot, scene, site)
        return
    if slot.reader == "identifiers":
        _names(draft, slot, scene, site)
        return
    if slot.reader == "fragment" and slot.value == "sql":
        for inner in find(scene.evaluator, slot.at, site).sites:
            draft.add("order", Element(Order(OpaqueExpression()), inner.when))
        return
    found = find(scene.evaluator, slot.at, site)
    if found.open or (slot.value == "declared" and not found.sites):
        draft.opened.add("order")
    for inner in found.sites:
        tree = scene.evaluator.tree(inner.path)
        kind = tree.kinds[inner.node]
        if slot.reader == "finder":
            keys, hidden = finder.orders(scene, inner)
            draft.opened |= {"order"} if hidden else set()
            for key in keys:
                draft.add("order", key)
        elif kind == Kind.STRING:
            word = tree.value(inner.node)
            name = word.lstrip("-+")
            sorted_by_name = Function("random", ()) if name == RANDOM else lookups.column(scene, name)
            draft.add("order", Element(Order(sorted_by_name, word.startswith("-")), inner.when))
        elif slot.reader == "operators":
            draft.add("order", Element(operators.order(scene, inner), inner.when))
        elif kind == Kind.CALL and isinstance(
            (sorted_by := operators.order(scene, inner, lookups.value)).expression, Column
        ):
            draft.add("order", Element(sorted_by, inner.when))
        elif kind in (Kind.OBJECT, Kind.LIST):
            sites = (
                [Site(inner.path, child, inner.context, inner.when) for child in tree.children(inner.node)]
                if kind == Kind.LIST
                else [inner]
            )
            for each in sites:
                pairs, hidden = entries(scene.evaluator, each)
                if hidden:
                    draft.opened.add("order")
                for name, value in pairs:
                    draft.add("order", Element(document_clauses.order(scene, name, value), value.when))
        else:
            draft.opened.add("order")
