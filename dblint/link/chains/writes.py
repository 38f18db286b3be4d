"""What a statement writes into which column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import Assignment, Column, Element, Function
from dblint.facts.query import Value as Parameter
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Site, entries, find, keywords, positions
from dblint.link.chains.draft import Draft
from dblint.link.conditions import Scene, document_clauses, documents, identifiers, lookups, mql_clauses, operators
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def assignments(draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
    """What a call gives to which columns."""
    if slot.reader in ("mql", "document-lookups"):
        _changes(draft, slot, scene, site)
        return
    if slot.reader == "identifiers":
        for inner in find(scene.evaluator, slot.at, site).sites:
            for each in identifiers.expressions(scene, inner)[0]:
                if isinstance(each.value, Column):
                    by = find(scene.evaluator, slot.of, site).sites if slot.of else ()
                    amount = scene.value(by[0]) if by else Parameter("parameter")
                    computed_by = Function(str(slot.value) or "+", (each.value, amount))
                    draft.add("assignments", Element(Assignment(each.value.name, computed_by), each.when))
        return
    at, named = positions(slot.at)
    pairs, hidden = keywords(scene.evaluator, site) if named else ([], False)
    pairs = [pair for pair in pairs if pair[0] not in slot.without.split()]
    if at:
        found = find(scene.evaluator, at, site)
        for inner in found.sites:
            some, more = entries(scene.evaluator, inner)
            of_columns = _by_columns(scene.evaluator, inner)
            pairs, hidden = pairs + some + of_columns, hidden or (more and not of_columns)
        hidden = hidden or found.open
    if hidden:
        draft.opened.add("assignments")
    for name, value in pairs:
        if slot.reader == "document":
            draft.nests = draft.nests or document_clauses.nests(scene, name, value)
            for column, written in document_clauses.assigned(scene, name, value):
                draft.add("assignments", Element(Assignment(column, written), value.when))
            continue
        if slot.reader == "lookups":
            expression = lookups.value(scene, value)
        elif slot.reader == "operators":
            expression = operators.expression(scene, value)
        else:
            expression = scene.value(value)
        draft.add("assignments", Element(Assignment(scene.column(name), expression), value.when))


def _by_columns(evaluator: Evaluator, site: Site) -> list[tuple[str, Site]]:
    """The pairs of an object literal all of whose keys are attributes of models (`{User.name: "x"}`); none where
    one is something else."""
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.OBJECT:
        return []
    found: list[tuple[str, Site]] = []
    for child in tree.children(site.node):
        key, value = tree.child(child, Role.KEY), tree.child(child, Role.VALUE)
        if tree.kinds[child] == Kind.PAIR and key < 0 and tree.value(child):
            continue  # a name, which is read as one
        if tree.kinds[child] != Kind.PAIR or key < 0 or tree.kinds[key] != Kind.ATTRIBUTE or value < 0:
            return []
        owner = evaluator.value(site.path, key + 1, site.context)
        if not isinstance(owner, ProjectClass):
            return []
        found.append((tree.value(key), Site(site.path, value, site.context, site.when)))
    return found


def _changes(draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
    """What an update of documents gives to which field."""
    if slot.reader == "document-lookups":
        given = [documents.changes(scene, site)]
    else:
        found = find(scene.evaluator, slot.at, site)
        given = [mql_clauses.changes(scene, inner, str(slot.value)) for inner in found.sites]
        draft.opened |= {"assignments"} if found.open else set()
    for assignments, hidden in given:
        draft.opened |= {"assignments"} if hidden else set()
        for assignment in assignments:
            draft.add("assignments", assignment)
