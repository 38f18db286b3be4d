"""Mappings that fill a text's fields: what stands under which key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, entries, keywords

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

MAPPINGS = 8
"""Names and calls that are looked through until the keys are those that were seen."""


def filling(origins: Origins, site: Site) -> dict[str, Site]:
    """Key → value of a mapping: a literal's, or those of a call that makes one of its keywords (`dict(a=1)`). A key
    that is not there may still be filled by something that was not seen."""
    evaluator = origins.evaluator
    found: dict[str, Site] = {}
    pending = [site]
    for _ in range(MAPPINGS):
        if not pending:
            break
        inner = pending.pop(0)
        tree = evaluator.tree(inner.path)
        kind = tree.kinds[inner.node]
        pairs: list[tuple[str, Site]] = []
        if kind == Kind.CALL:
            row = origins.row(inner)
            if isinstance(row, Member) and row.string == "mapping":
                pairs, _ = keywords(evaluator, inner)
                first = tree.child(inner.node, Role.ARGUMENT)
                if first >= 0 and tree.kinds[first] not in (Kind.KEYWORD, Kind.SPREAD):
                    pending.append(Site(inner.path, first, inner.context))
        else:
            pairs, _ = entries(evaluator, inner)
            if kind == Kind.NAME and not pairs:
                value = _assigned(origins, inner)
                pending += [Site(inner.path, value, inner.context)] if value >= 0 else []
        for name, value_site in pairs:
            found.setdefault(name, value_site)
    return found


def _assigned(origins: Origins, site: Site) -> int:
    """The one expression that a name of a function is given, or -1."""
    tree = origins.evaluator.tree(site.path)
    name = tree.value(site.node)
    reached = origins.evaluator.scope(site.path).reaching(site.node, name) or []
    bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
    if len(bindings) != 1 or tree.kinds[bindings[0]] != Kind.ASSIGN or tree.value(bindings[0]):
        return -1
    target = tree.child(bindings[0], Role.TARGET)
    return tree.child(bindings[0], Role.VALUE) if tree.kinds[target] == Kind.NAME else -1
