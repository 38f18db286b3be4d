"""Columns that a query computes and gives a name (`annotate(total=Sum("lines__price"))`): what later steps call so."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.query import (
    And,
    Column,
    Compare,
    Condition,
    Expression,
    Function,
    Not,
    OpaqueExpression,
    Or,
    Star,
)
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, keywords, positional
from dblint.link.conditions import Scene, lookups
from dblint.link.values import LibraryFunction, options


class Computed(msgspec.Struct, frozen=True):
    """What a name stands for. `aggregate`: it is computed of several rows; the word of its function, "" for none."""

    expression: Expression
    aggregate: str = ""


def read(scene: Scene, call: Site) -> tuple[dict[str, Computed], bool]:
    """What a call computes, by name; True when more may be there."""
    pairs, hidden = keywords(scene.evaluator, call)
    found = {name: computed(scene, site) for name, site in pairs}
    for node, spread in positional(scene.evaluator, call):
        if spread:
            hidden = True
            continue
        one = computed(scene, replace(call, node=node))
        name = _name(one)
        hidden = hidden or not name
        found[name or f"({len(found)})"] = one
    return found, hidden


def _name(one: Computed) -> str:
    """What an aggregate is called that is given no name: `price__sum` (documentation of `aggregate`)."""
    if isinstance(one.expression, Function) and one.expression.arguments:
        first = one.expression.arguments[0]
        if isinstance(first, Column):
            return "__".join((*first.relation, first.name, one.aggregate or one.expression.name))
    return ""


def computed(scene: Scene, site: Site) -> Computed:
    """One expression."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.CALL:
        return Computed(lookups.value(scene, site))
    word = _aggregate(scene, site)
    arguments = list(tree.with_role(site.node, Role.ARGUMENT))
    if not word:
        inner = _inside(scene, site)
        return Computed(OpaqueExpression(), inner) if inner else Computed(_nested(scene, site, arguments))
    if not arguments or tree.kinds[arguments[0]] == Kind.KEYWORD:
        return Computed(OpaqueExpression(), word)
    column = _argument(scene, replace(site, node=arguments[0]))
    for argument in arguments[1:]:
        if tree.kinds[argument] != Kind.KEYWORD or tree.value(argument) != "distinct":
            return Computed(OpaqueExpression(columns=(column,) if isinstance(column, Column) else ()), word)
        if tree.value(tree.child(argument, Role.VALUE)) == "true":
            column = Function("distinct", (column,))
    return Computed(Function(word, (column,)), word)


def _aggregate(scene: Scene, site: Site) -> str:
    """The word of the aggregate that a call makes, "" where it makes none."""
    for option in options(scene.evaluator.value(site.path, site.node + 1, site.context)):
        if isinstance(option, LibraryFunction):
            return scene.evaluator.tables.functions[option.path][1].aggregate
    return ""


def _inside(scene: Scene, site: Site) -> str:
    """The word of the first aggregate in what a call is given (`Coalesce(Max("number"), 0)`)."""
    tree = scene.evaluator.tree(site.path)
    call = tree.kinds.find(Kind.CALL, site.node + 1, tree.ends[site.node])
    while call >= 0:
        if word := _aggregate(scene, replace(site, node=call)):
            return word
        call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[site.node])
    return ""


def _argument(scene: Scene, site: Site) -> Expression:
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.STRING:
        return lookups.value(scene, site)
    return Star() if tree.value(site.node) == "*" else lookups.column(scene, tree.value(site.node))


def _nested(scene: Scene, site: Site, arguments: list[int]) -> Expression:
    """What a call stands for; the value of anything else that is called is its own."""
    stands = scene.stands(site)
    if stands == "query" and len(arguments) != 1:
        return OpaqueExpression()
    return lookups.value(scene, site) if stands else OpaqueExpression()


def aggregated(condition: Condition, names: Mapping[str, Computed]) -> bool:
    """Whether a condition is one on what is computed of several rows, so that it stands behind the groups."""
    wanted = [one.expression for one in names.values() if one.aggregate]
    pending = [condition]
    while pending and wanted:
        part = pending.pop()
        if isinstance(part, And | Or):
            pending.extend(part.parts)
        elif isinstance(part, Not):
            pending.append(part.part)
        elif isinstance(part, Compare) and part.left in wanted:
            return True
    return False
