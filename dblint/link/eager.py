"""Eager loads: the paths of relations that a query is told to load with its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import Eager, Element
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, entries, find

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

DEPTH = 8
"""Relations inside relations that are followed."""


def read(evaluator: Evaluator, row: Member, site: Site) -> tuple[list[Element[Eager]], bool]:
    """The relations that a call loads, nested ones by their whole path, and whether there may be more."""
    slot = row.eager
    if slot is None:
        return [], False
    found = find(evaluator, slot.at, site)
    elements: list[Element[Eager]] = []
    hidden = found.open
    for inner in found.sites:
        tree = evaluator.tree(inner.path)
        kind = tree.kinds[inner.node]
        if slot.reader == "document":
            if kind == Kind.LIST:
                elements += [_path(tree.value(child), inner) for child in tree.children(inner.node)]
                continue
            pairs, more = _nested(evaluator, row, inner, (), DEPTH)
            elements += pairs
            hidden = hidden or more
        elif kind == Kind.STRING:
            elements.append(_path(tree.value(inner.node), inner))
        elif kind == Kind.CALL:
            first = tree.child(inner.node, Role.ARGUMENT)
            word = tree.value(first) if first >= 0 else ""
            if word:
                elements.append(_path(word, inner, tree.value(inner.node + 1)))
            hidden = hidden or not word
        else:
            hidden = True
    return elements, hidden


def _path(word: str, site: Site, strategy: str = "") -> Element[Eager]:
    return Element(Eager(tuple(word.replace("__", ".").split(".")), strategy), site.when)


def _nested(
    evaluator: Evaluator, row: Member, site: Site, above: tuple[str, ...], depth: int
) -> tuple[list[Element[Eager]], bool]:
    """The relations of an object literal and of those inside it. What stands under a relation is either an object of
    the call's own words, one of which holds the next relations, or those relations themselves."""
    pairs, hidden = entries(evaluator, site)
    found: list[Element[Eager]] = []
    own = _words(row)
    for name, value in pairs:
        tree = evaluator.tree(value.path)
        if tree.value(value.node) == "false":
            continue
        path = (*above, name)
        found.append(Element(Eager(path), value.when))
        if tree.kinds[value.node] == Kind.CONSTANT or depth <= 0:
            continue
        inside, more = entries(evaluator, value)
        hidden = hidden or more
        given = any(part in own for part, _ in inside)
        for deeper in [part for word, part in inside if word == own[0]] if given else [value] if inside else []:
            relations, more = _nested(evaluator, row, deeper, path, depth - 1)
            found += relations
            hidden = hidden or more
    return found, hidden


def _words(row: Member) -> tuple[str, ...]:
    """What a call's own object calls its parts (`where`, `take`), that of the relations first."""
    slots = (row.eager, row.where, row.columns, row.order, row.limit, row.offset)
    places = [place for slot in slots if slot is not None for place in slot.at.replace("|", " ").split()]
    return tuple(place.rpartition(".")[2] for place in places)
