"""Eager loads: the paths of relations that a query is told to load with its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import Eager, Element
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, entries, find
from dblint.link.values import Value

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

DEPTH = 8
"""Relations inside relations that are followed."""


def read(evaluator: Evaluator, row: Member, site: Site, model: Value | None) -> tuple[list[Element[Eager]], bool]:
    """The relations that a call loads, nested ones by their whole path, and whether there may be more. `model`: whose
    rows are asked for."""
    slot = row.eager
    elements: list[Element[Eager]] = []
    hidden = False
    for place in slot.at.split() if slot is not None else ():
        found = find(evaluator, place, site)
        hidden = hidden or found.open
        for inner in found.sites:
            loads, more = _read(evaluator, row, place, inner, model)
            elements += loads
            hidden = hidden or more
    return elements, hidden


def _read(
    evaluator: Evaluator, row: Member, place: str, site: Site, model: Value | None
) -> tuple[list[Element[Eager]], bool]:
    tree = evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if row.eager is not None and row.eager.reader == "document":
        if kind == Kind.LIST:
            return [_path(tree.value(child), site) for child in tree.children(site.node)], False
        words = tuple(row.eager.nested.split())
        return _nested(evaluator, words, place.rpartition(".")[2], site, model, ())
    if kind == Kind.STRING:
        return [_path(tree.value(site.node), site)], False
    first = tree.child(site.node, Role.ARGUMENT) if kind == Kind.CALL else -1
    word = tree.value(first) if first >= 0 else ""
    return ([_path(word, site, tree.value(site.node + 1))], False) if word else ([], True)


def _path(word: str, site: Site, strategy: str = "") -> Element[Eager]:
    return Element(Eager(tuple(word.replace("__", ".").split(".")), strategy), site.when)


def _nested(
    evaluator: Evaluator, words: tuple[str, ...], word: str, site: Site, model: Value | None, above: tuple[str, ...]
) -> tuple[list[Element[Eager]], bool]:
    """The relations of an object literal, which stands under `word`, and of those inside it. `words`: the slot's
    `nested`."""
    pairs, hidden = entries(evaluator, site)
    found: list[Element[Eager]] = []
    only_relations = word not in words[1:]
    known = evaluator.relations
    for name, value in pairs:
        tree = evaluator.tree(value.path)
        whole = tree.kinds[value.node] == Kind.CONSTANT
        related = known.relation(model, name) if known is not None and model is not None else None
        if tree.value(value.node) == "false" or not (
            only_relations or related is not None or (model is None and not whole)
        ):
            continue
        path = (*above, name)
        found.append(Element(Eager(path), value.when))
        if whole or len(path) > DEPTH:
            continue
        inside, more = entries(evaluator, value)
        hidden = hidden or more
        further = [part for part in inside if part[0] in words] if words else [(word, value)] if inside else []
        for part, deeper in further:
            inner = related.model if related is not None else None
            relations, more = _nested(evaluator, words, part, deeper, inner, path)
            found += relations
            hidden = hidden or more
    return found, hidden
