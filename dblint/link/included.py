"""Eager loads as lists of models, names and objects (`include: [Author, "tags", { model: Shop, as: "seller" }]`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.query import Eager, Element, When
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, entries, find
from dblint.link.values import Expression, LibraryClass, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.model_readers.shared import Related
    from dblint.link.types import Evaluator

DEPTH = 8
"""Relations inside relations that are followed."""
Loads: TypeAlias = tuple[list[Element[Eager]], bool]
MODEL, ALIAS, RELATION, ALL, SEPARATE = "model", "as", "association", "all", "separate"
"""Keys of an object that says what is loaded: the model, what the relation to it is called, the relation, that every
one is, and that it is loaded by a statement of its own."""


def included(evaluator: Evaluator, row: Member, site: Site, model: Value | None) -> Loads:
    """The relations that a call includes, and whether there may be more."""
    found: list[Element[Eager]] = []
    hidden = False
    for place in row.eager.at.split() if row.eager is not None else ():
        given = find(evaluator, place, site)
        hidden = hidden or given.open
        nested = row.eager.nested if row.eager is not None else ""
        for inner in given.sites:
            some, more = loads(evaluator, inner, model, nested)
            found += some
            hidden = hidden or more
    return found, hidden


def loads(evaluator: Evaluator, site: Site, model: Value | None, nested: str = "include") -> Loads:
    """The relations that stand at one place, with those inside of them (under the key `nested`)."""
    return _all(evaluator, site, model, (), nested)


def _all(evaluator: Evaluator, site: Site, model: Value | None, above: tuple[str, ...], nested: str) -> Loads:
    """What stands at one place: a list, or one of its elements."""
    held = _literal(evaluator, site)
    tree = evaluator.tree(held.path)
    if tree.kinds[held.node] != Kind.LIST:
        return _one(evaluator, held, model, above, nested)
    found: list[Element[Eager]] = []
    hidden = False
    for child in tree.children(held.node):
        if tree.kinds[child] == Kind.SPREAD:
            hidden = True
            continue
        some, more = _one(evaluator, Site(held.path, child, held.context, held.when), model, above, nested)
        found += some
        hidden = hidden or more
    return found, hidden


def _literal(evaluator: Evaluator, site: Site) -> Site:
    """The list or object that an expression is or holds; itself otherwise."""
    held = options(evaluator.value(site.path, site.node, site.context))
    literals = [option for option in held if isinstance(option, Expression)]
    if len(literals) != 1:
        return site
    when = site.when if len(held) == 1 else When.SOMETIMES
    return Site(literals[0].path, literals[0].node, literals[0].context, when)


def _one(evaluator: Evaluator, site: Site, model: Value | None, above: tuple[str, ...], nested: str) -> Loads:
    if len(above) >= DEPTH:
        return [], True
    held = _literal(evaluator, site)
    tree = evaluator.tree(held.path)
    if tree.kinds[held.node] == Kind.STRING:
        return [Element(Eager((*above, tree.value(held.node)), "joined"), held.when)], False
    if tree.kinds[held.node] != Kind.OBJECT:
        related = _leading(evaluator, held, model)
        return (
            ([Element(Eager((*above, related.name), "joined"), held.when)], False)
            if related is not None
            else ([], True)
        )
    pairs, more = entries(evaluator, held)
    given = dict(pairs)
    if ALL in given:
        known = evaluator.relations
        names = known.relations(model) if known is not None and model is not None else {}
        return [Element(Eager((*above, name), "joined"), held.when) for name in names], more
    name = _text(evaluator, given.get(ALIAS)) or _text(evaluator, given.get(RELATION))
    to = given.get(MODEL) or given.get(RELATION)
    related = _called(evaluator, model, name) if name else _leading(evaluator, to, model) if to is not None else None
    name = name or (related.name if related is not None else "")
    if not name:
        return [], True
    path = (*above, name)
    how = "separate" if _true(evaluator, given.get(SEPARATE)) else "joined"
    found = [Element(Eager(path, how), held.when)]
    if nested not in given:
        return found, more
    target = related.model if related is not None else _class(evaluator, to) if to is not None else None
    inside, hidden = _all(evaluator, given[nested], target, path, nested)
    return [*found, *inside], hidden or more


def _true(evaluator: Evaluator, site: Site | None) -> bool:
    tree = evaluator.tree(site.path) if site is not None else None
    return site is not None and tree is not None and tree.value(site.node) == "true"


def _text(evaluator: Evaluator, site: Site | None) -> str:
    if site is None:
        return ""
    held = _literal(evaluator, site)
    tree = evaluator.tree(held.path)
    return tree.value(held.node) if tree.kinds[held.node] == Kind.STRING else ""


def _called(evaluator: Evaluator, model: Value | None, name: str) -> Related | None:
    known = evaluator.relations
    return known.relation(model, name) if known is not None and model is not None else None


def _class(evaluator: Evaluator, site: Site) -> Value | None:
    """The model that an expression names: a class, what stands for one, or the only one that is called so."""
    for option in options(evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, ProjectClass):
            return ProjectClass(option.path, option.node)
        for _, argument in getattr(option, "arguments", ()) if not isinstance(option, LibraryClass) else ():
            if isinstance(argument, ProjectClass):
                return ProjectClass(argument.path, argument.node)
    tree = evaluator.tree(site.path)
    known = evaluator.relations
    word = tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""
    return known.called(word) if known is not None and word else None


def _leading(evaluator: Evaluator, site: Site, model: Value | None) -> Related | None:
    """The only relation of a model that leads to the one which an expression names, or that is called so itself
    (`Author.books`)."""
    known = evaluator.relations
    if known is None or model is None:
        return None
    other = _class(evaluator, site)
    related = [one for one in known.relations(model).values() if other is not None and one.model == other]
    if len(related) == 1:
        return related[0]
    tree = evaluator.tree(site.path)
    word = tree.value(site.node) if tree.kinds[site.node] == Kind.ATTRIBUTE and other is None else ""
    return known.relation(model, word) if word else None
