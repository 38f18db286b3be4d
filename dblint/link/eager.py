"""Eager loads: the paths of relations that a query is told to load with its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.query import Eager, Element, Query, When
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link import eager_graphs
from dblint.link.arguments import Site, entries, find
from dblint.link.included import included
from dblint.link.values import Expression, Instance, LibraryFunction, ProjectClass, Step, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

LOADS = 100
"""Relations that one call names."""
DEPTH = 8
"""Relations inside relations that are followed."""
_NOTHING = frozenset({"null", "undefined"})
ALL = "*"
"""What some libraries write for every relation."""
Loads: TypeAlias = tuple[list[Element[Eager]], bool]
"""The relations that are loaded, and whether there may be more."""


def read(
    evaluator: Evaluator,
    row: Member,
    site: Site,
    model: Value | None,
    implicit: Callable[[Instance, Site], Query | None] = lambda chain, site: None,  # noqa: ARG005 - nothing is known
) -> Loads:
    """The relations that a call loads, nested ones by their whole path, and whether there may be more. `model`: whose
    rows are asked for; `implicit` gives the query that a lazy value runs."""
    slot = row.eager
    tree = evaluator.tree(site.path)
    if slot is not None and slot.reader in ("relation-path", "tree"):
        if tree.kinds[site.node] == Kind.CALL and tree.child(site.node, Role.ARGUMENT) < 0:
            return [], row.loading == "joined"  # without a word a join takes whatever relations it finds
        return _named(evaluator, row, site, implicit)
    if slot is not None and slot.reader == "paths":
        return _paths(evaluator, row, site)
    if slot is not None and slot.reader == "models":
        return _models(evaluator, row, site, model)
    if slot is not None and slot.reader == "finder":
        return included(evaluator, row, site, model)
    elements: list[Element[Eager]] = []
    hidden = False
    for place in slot.at.split() if slot is not None else ():
        found = find(evaluator, place, site)
        hidden = hidden or found.open
        for inner in found.sites:
            loads, more = _read(evaluator, row, place, inner, model)
            elements += [_loaded_by(row, load) for load in loads]
            hidden = hidden or more
    return elements, hidden


def _loaded_by(row: Member, load: Element[Eager]) -> Element[Eager]:
    return replace(load, value=replace(load.value, strategy=load.value.strategy or row.loading))


def _read(
    evaluator: Evaluator, row: Member, place: str, site: Site, model: Value | None
) -> tuple[list[Element[Eager]], bool]:
    if row.eager is not None and row.eager.reader == "graph":
        return eager_graphs.read(evaluator, site, row.loading)
    tree = evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if row.eager is not None and row.eager.reader == "document":
        if kind == Kind.LIST:
            return [_path(tree.value(child), site) for child in tree.children(site.node)], False
        words = tuple(row.eager.nested.split())
        return _nested(evaluator, words, place.rpartition(".")[2], site, model, ())
    if kind == Kind.STRING:
        return [_path(tree.value(site.node), site)], False
    return [], True


def _models(evaluator: Evaluator, row: Member, site: Site, model: Value | None) -> Loads:
    """The relations by which the models, or queries of models, that a call is given hang together with the one whose
    rows are asked for, or with one before them."""
    known, relations = evaluator.relations, row.eager
    found: list[Element[Eager]] = []
    if known is None or relations is None or model is None:
        return [], True
    given = find(evaluator, relations.at, site)
    hidden = given.open
    paths: list[tuple[Value, tuple[str, ...]]] = [(model, ())]
    for inner in given.sites:
        other = _model(evaluator, evaluator.value(inner.path, inner.node, inner.context))
        leading = [
            (*path, related.name)
            for held, path in paths
            for related in (*known.relations(held).values(), *known.inverses(held).values())
            if other is not None and related.model == other
        ]
        if other is None or len(leading) != 1:
            hidden = True
            continue
        paths.append((other, leading[0]))
        found.append(Element(Eager(leading[0], row.loading), inner.when))
    return found, hidden


def selected(evaluator: Evaluator, row: Member, site: Site, model: Value) -> Loads:
    """The relations to further models that stand among the columns of a statement, whose rows are loaded with those of
    `model` (`loads` of the slot)."""
    known, columns = evaluator.relations, row.columns
    if known is None or columns is None or not columns.loads:
        return [], False
    found: list[Element[Eager]] = []
    given = find(evaluator, columns.at, site)
    hidden = given.open
    for inner in given.sites:
        other = evaluator.value(inner.path, inner.node, inner.context)
        if not isinstance(other, ProjectClass) or other == model:
            continue
        leading = [one.name for one in known.relations(model).values() if one.model == other and not one.many]
        hidden = hidden or len(leading) != 1
        found += [Element(Eager((name,), "from-join"), inner.when) for name in leading[:1]]
    return found, hidden


def _model(evaluator: Evaluator, value: Value) -> Value | None:
    """The model whose rows a class or a query gives."""
    if isinstance(value, ProjectClass):
        return value
    row = evaluator.elements.element(value) if isinstance(value, Instance) else None
    return row.cls if isinstance(row, Instance) and isinstance(row.cls, ProjectClass) else None


def _paths(evaluator: Evaluator, row: Member, site: Site) -> Loads:
    """Relations as texts of several paths, lists of them, and objects that say a path under the first word of `nested`
    and what lies inside under the second."""
    slot = row.eager
    words = (slot.nested.split() if slot is not None else []) or ["", ""]
    found: list[Element[Eager]] = []
    hidden = False
    pending: list[tuple[Site, tuple[str, ...]]] = []
    for place in slot.at.split() if slot is not None else ():
        given = find(evaluator, place, site)
        hidden = hidden or given.open
        pending += [(inner, ()) for inner in given.sites]
    for _ in range(LOADS):
        if not pending:
            return found, hidden
        inner, before = pending.pop(0)
        held = options(evaluator.value(inner.path, inner.node, inner.context))
        literals = [option for option in held if isinstance(option, Expression)]
        hidden = hidden or len(literals) < len(held) or len(before) > DEPTH
        for option in literals if len(before) <= DEPTH else ():
            tree = evaluator.tree(option.path)
            kind = tree.kinds[option.node]
            if kind == Kind.STRING:
                paths = [(*before, *word.split(".")) for word in tree.value(option.node).split()]
                found += [Element(Eager(path, row.loading), inner.when) for path in paths]
            elif kind == Kind.LIST:
                children = list(tree.children(option.node))
                hidden = hidden or any(tree.kinds[child] == Kind.SPREAD for child in children)
                pending += [
                    (Site(option.path, child, option.context, inner.when), before)
                    for child in children
                    if tree.kinds[child] != Kind.SPREAD
                ]
            elif kind == Kind.OBJECT:
                pairs, more = entries(evaluator, Site(option.path, option.node, option.context, inner.when))
                said = dict(pairs)
                path = _text(evaluator, said[words[0]]) if words[0] in said else ""
                hidden = hidden or not path
                if path:
                    whole = (*before, *path.split("."))
                    found.append(Element(Eager(whole, row.loading), inner.when))
                    hidden = hidden or (more and words[1] not in said)
                    pending += [(said[words[1]], whole)] if words[1] in said else []
            else:
                hidden = True
    return found, True


def _path(word: str, site: Site, strategy: str = "") -> Element[Eager]:
    return Element(Eager(tuple(word.replace("__", ".").split(".")), strategy), site.when)


def _named(evaluator: Evaluator, row: Member, site: Site, implicit: Callable[[Instance, Site], Query | None]) -> Loads:
    """The relations that the arguments of a call name: by texts, by attributes of models, or by what a function of the
    library makes of them."""
    if row.eager is None:
        return [], False
    found: list[Element[Eager]] = []
    hidden = False
    for place in row.eager.at.split():
        given = find(evaluator, place, site)
        hidden = hidden or given.open
        for inner in given.sites:
            loads, more = _one(evaluator, row, inner, implicit)
            found += loads
            hidden = hidden or more
    return found, hidden


def _one(evaluator: Evaluator, row: Member, site: Site, implicit: Callable[[Instance, Site], Query | None]) -> Loads:
    text = _text(evaluator, site)
    if text:
        return [_path(text, site, row.loading)], False
    value = evaluator.value(site.path, site.node, site.context)
    if isinstance(value, Instance) and any(step.member.eager is not None for step in value.steps):
        return _loader(evaluator, value, site)
    if isinstance(value, Instance) and value.steps and not value.open and all(_silent(step) for step in value.steps):
        return [], False  # it says of columns, not of relations
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CONSTANT and tree.value(site.node) in _NOTHING:
        return [], False  # what was named before is loaded no longer
    if tree.kinds[site.node] != Kind.CALL:
        return [], True
    callees = [
        option
        for option in options(evaluator.value(site.path, site.node + 1, site.context))
        if isinstance(option, LibraryFunction)
    ]
    if len(callees) != 1:
        return [], True
    made = evaluator.tables.functions[callees[0].path][1]
    return _prefetch(evaluator, made, site, row.loading, implicit) if made.eager is not None else ([], True)


def forgets(evaluator: Evaluator, row: Member, site: Site) -> bool:
    """Whether a call names nothing, so that what was named before in the same way is loaded no longer
    (`select_related(None)`)."""
    if row.eager is None or row.eager.reader != "relation-path":
        return False
    given = find(evaluator, row.eager.at, site)
    if len(given.sites) != 1 or given.open:
        return False
    tree, node = evaluator.tree(given.sites[0].path), given.sites[0].node
    return tree.kinds[node] == Kind.CONSTANT and tree.value(node) in _NOTHING


def _silent(step: Step) -> bool:
    return step.member.eager is None and step.member.query is None


def _prefetch(
    evaluator: Evaluator,
    made: Member,
    site: Site,
    loading: str,
    implicit: Callable[[Instance, Site], Query | None],
) -> Loads:
    """A relation that is loaded by a query of its own, with what that one loads, too."""
    named = find(evaluator, made.eager.at, site).sites if made.eager is not None else ()
    word = _text(evaluator, named[0]) if len(named) == 1 else ""
    if not word:
        return [], True
    path = _path(word, site, loading)
    into = find(evaluator, made.into.at, site).sites if made.into is not None else ()
    if into:
        attribute = _text(evaluator, into[0])
        whole = (*path.value.path[:-1], attribute)
        above = [replace(path, value=Eager(path.value.path[:depth], loading)) for depth in range(1, len(whole))]
        return [*above, replace(path, value=Eager(whole, loading))], not attribute
    given = find(evaluator, made.query.at, site).sites if made.query is not None else ()
    if not given:
        return [path], False
    values = options(evaluator.value(given[0].path, given[0].node, given[0].context))
    chain = values[0] if len(values) == 1 else None
    query = implicit(chain, given[0]) if isinstance(chain, Instance) else None
    if query is None:
        return [path], True
    inside = [
        Element(replace(each.value, path=(*path.value.path, *each.value.path)), each.when)
        for each in query.eager.elements
    ]
    return [replace(path, value=replace(path.value, query=query)), *inside], query.eager.open


def _loader(evaluator: Evaluator, value: Instance, site: Site) -> Loads:
    """The relations along a chain of loaders, each of which begins where the one before it ends; loaders that a
    member is given begin where it stands."""
    found: list[Element[Eager]] = []
    hidden = value.open
    pending: list[tuple[Instance, tuple[str, ...]]] = [(value, ())]
    for _ in range(DEPTH):
        if not pending:
            break
        chain, prefix = pending.pop(0)
        hidden = hidden or chain.open
        for step in chain.steps:
            here = Site(step.path, step.node, step.context, step.when)
            if step.member.query is not None:
                for inner in find(evaluator, step.member.query.at, here).sites:
                    given = evaluator.value(inner.path, inner.node, inner.context)
                    if isinstance(given, Instance):
                        pending.append((given, prefix))
                    else:
                        hidden = True
            if step.member.eager is None:
                continue
            named = find(evaluator, step.member.eager.at, here)
            hidden = hidden or named.open
            for inner in named.sites:
                word = _attribute(evaluator, inner)
                hidden = hidden or not word
                prefix = (*prefix, *word.replace("__", ".").split("."))
                if ALL in prefix or step.member.loading in ("on-read", "refused"):
                    hidden = True  # what the mapping loads, it may not load here, and reading asks for nothing
                elif word and step.member.loading:
                    when = site.when if site.when is step.when else When.SOMETIMES
                    found.append(Element(Eager(prefix, step.member.loading), when))
    return found, hidden or bool(pending)


def _text(evaluator: Evaluator, site: Site) -> str:
    """The text that an expression is, or that a name holds."""
    value = evaluator.value(site.path, site.node, site.context)
    if not isinstance(value, Expression):
        return ""
    tree = evaluator.tree(value.path)
    return tree.value(value.node) if tree.kinds[value.node] == Kind.STRING else ""


def _attribute(evaluator: Evaluator, site: Site) -> str:
    """The relation that a text or an attribute of a model names (`Order.customer`, `Order.items.of_type(…)`)."""
    tree = evaluator.tree(site.path)
    node = site.node
    while tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
        node += 2
    return tree.value(node) if tree.kinds[node] == Kind.ATTRIBUTE else _text(evaluator, site)


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
