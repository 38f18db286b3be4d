"""`identifiers`: tables and columns named as SQL names them (`users as u`, `u.name`, `*`), alone, in lists, or as the
values of an object whose keys are their other names (`{ n: "u.name" }`)."""

from __future__ import annotations

import re

from dblint.facts.query import Column, Element, Expression, OpaqueExpression, Order, Source, Star, Subquery
from dblint.facts.tree import Kind, Tree
from dblint.link.arguments import Site, entries, objects
from dblint.link.conditions import Scene
from dblint.link.values import Expression as Literal
from dblint.link.values import Instance, Scalar, options

_ALIAS = re.compile(r"^(.*?)\s+as\s+(\S.*)$", re.IGNORECASE | re.DOTALL)
DEPTH = 4
"""Lists in lists, and names that hold one, through which names are followed."""


def split(word: str) -> tuple[str, str]:
    """A name and the other one that is given it behind `as`, "" for none."""
    found = _ALIAS.match(word.strip())
    return (found[1].strip(), found[2].strip()) if found else (word.strip(), "")


def source(word: str, alias: str = "", join: str = "") -> Source:
    """The table of a name, which may stand in a schema and have another name."""
    name, other = split(word)
    schema, _, table = name.rpartition(".")
    return Source(table, other or alias, schema, join)


def column(scene: Scene, word: str) -> Expression:
    """The column of a name; what is no name of one is an expression without a word."""
    name, _ = split(word)
    table, _, last = name.rpartition(".")
    if last == "*":
        return Star(table.rpartition(".")[2])
    if not last or not _NAME.match(name):
        return OpaqueExpression(name)
    return Column(scene.column(last) if not table else last, table.rpartition(".")[2])


_NAME = re.compile(r'^[\w$"`.:>\[\]-]+$')


def text(scene: Scene, site: Site) -> str:
    """The one string that an expression is; "" where it is none, or several."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.STRING:
        return tree.value(site.node)
    held = options(scene.evaluator.value(site.path, site.node, site.context))
    if len(held) != 1:
        return ""
    if isinstance(held[0], Scalar):
        return held[0].text
    if isinstance(held[0], Literal):
        other = scene.evaluator.tree(held[0].path)
        return other.value(held[0].node) if other.kinds[held[0].node] == Kind.STRING else ""
    return ""


def expressions(scene: Scene, site: Site, depth: int = DEPTH) -> tuple[list[Element[Expression]], bool]:
    """The columns that stand somewhere; True when more may."""
    evaluator, tree = scene.evaluator, scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    word = text(scene, site)
    if word:
        return [Element(column(scene, word), site.when)], False
    if kind == Kind.STRING:
        return [], False
    literal = _listed(scene, site)
    if literal is not None and depth:
        found: list[Element[Expression]] = []
        hidden = False
        other = evaluator.tree(literal.path)
        for child in other.children(literal.node):
            if other.kinds[child] == Kind.SPREAD:
                hidden = True
                continue
            some, more = expressions(scene, Site(literal.path, child, literal.context, literal.when), depth - 1)
            found += some
            hidden = hidden or more
        return found, hidden
    query = scene.asked(site)
    if query is not None:
        return [Element(Subquery(query), site.when)], False
    held = options(evaluator.value(site.path, site.node, site.context))
    if any(isinstance(option, Instance) for option in held) or kind in (Kind.CALL, Kind.FUNCTION):
        return [Element(OpaqueExpression(), site.when)], False
    if objects(evaluator, site)[0] and depth:
        pairs, hidden = entries(evaluator, site)
        found = []
        for _, value in pairs:
            some, more = expressions(scene, value, depth - 1)
            found += some
            hidden = hidden or more
        return found, hidden
    if kind == Kind.CONSTANT:
        return [], False
    return [], True


def _listed(scene: Scene, site: Site) -> Site | None:
    """The list literal that an expression is, or holds and nothing else."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.LIST:
        return site
    held = options(scene.evaluator.value(site.path, site.node, site.context))
    literal = held[0] if len(held) == 1 else None
    if not isinstance(literal, Literal) or scene.evaluator.tree(literal.path).kinds[literal.node] != Kind.LIST:
        return None
    return Site(literal.path, literal.node, literal.context, site.when)


def orders(scene: Scene, key: Site, direction: Site | None) -> tuple[list[Element[Order]], bool]:
    """The sort keys that a name with a direction behind it says, or a list of names and of objects that say both."""
    tree = scene.evaluator.tree(key.path)
    literal = _listed(scene, key)
    if literal is None:
        turned = direction is not None and _descends(scene.evaluator.tree(direction.path), direction.node)
        found, hidden = expressions(scene, key)
        if hidden and tree.kinds[key.node] != Kind.SPREAD:
            # Whatever the word is, rows are sorted by it.
            found, hidden = [Element(OpaqueExpression(), key.when)], False
        return [Element(Order(each.value, turned), each.when) for each in found], hidden
    result: list[Element[Order]] = []
    more = False
    other = scene.evaluator.tree(literal.path)
    for child in other.children(literal.node):
        site = Site(literal.path, child, literal.context, literal.when)
        if other.kinds[child] == Kind.OBJECT:
            pairs = dict(entries(scene.evaluator, site)[0])
            named = pairs.get("column")
            way = pairs.get("order")
            turned = way is not None and _descends(scene.evaluator.tree(way.path), way.node)
            found = expressions(scene, named)[0] if named is not None else [Element(OpaqueExpression(), site.when)]
        else:
            found, hidden = expressions(scene, site) if other.kinds[child] != Kind.SPREAD else ([], True)
            turned, more = False, more or hidden
        result += [Element(Order(each.value, turned), site.when) for each in found]
    return result, more


def _descends(tree: Tree, node: int) -> bool:
    """Whether a direction is the word for descending, or says that it does not ascend."""
    if tree.kinds[node] == Kind.CONSTANT:
        return tree.value(node) == "false"
    return tree.kinds[node] == Kind.STRING and tree.value(node).lower() == "desc"


def sources(scene: Scene, site: Site, join: str = "") -> tuple[list[Element[Source]], bool]:
    """The tables that stand somewhere, by name or as objects of other names; True when something else does."""
    word = text(scene, site)
    if word:
        return [Element(source(word, join=join), site.when)], False
    query = scene.asked(site)
    if query is not None:
        return [Element(Source("", "", join=join, query=query, real=False), site.when)], False
    if objects(scene.evaluator, site)[0]:
        pairs, hidden = entries(scene.evaluator, site)
        found: list[Element[Source]] = []
        for name, value in pairs:
            inner = text(scene, value)
            nested = scene.asked(value) if not inner else None
            if inner:
                found.append(Element(source(inner, name, join), value.when))
            elif nested is not None:
                found.append(Element(Source("", name, join=join, query=nested, real=False), value.when))
            else:
                hidden = True
        return found, hidden
    return [], True
