"""The stages of an aggregation pipeline, as far as a query has clauses for them.

Source: MongoDB 8.0 manual, "Aggregation Stages".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from dblint.facts.query import (
    Bound,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Function,
    Order,
    Source,
    Star,
    When,
)
from dblint.facts.schema import OF_REFERENCE
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.conditions import Scene
from dblint.link.conditions.mql import field, read
from dblint.link.conditions.mql_clauses import orders, projected
from dblint.link.conditions.mql_literals import elements, pairs, written

_ALL = ("where", "having", "order", "limit", "offset", "projection", "sources", "grouping")
_SHAPING = frozenset(
    {"$addFields", "$set", "$unset", "$replaceRoot", "$replaceWith", "$setWindowFields", "$fill", "$redact"}
)
"""Stages that change what documents hold and leave how many there are; `$redact` leaves out some."""
_WRITING = frozenset({"$out", "$merge"})
"""Stages that write what comes to them into another collection, and give nothing."""
_SOURCES = frozenset(
    {"$geoNear", "$search", "$vectorSearch", "$documents", "$collStats", "$indexStats", "$changeStream"}
)
"""Stages with which a pipeline begins that choose documents in a way of their own."""

_RANDOM = Order(Function("random"))
"""The order of documents that are drawn."""


class Stages(msgspec.Struct):
    """The clauses that a pipeline adds up to. `opened`: those in which more may be. `one`: it gives one document."""

    clauses: dict[str, list[Element[Any]]] = msgspec.field(default_factory=dict)
    opened: set[str] = msgspec.field(default_factory=set)
    one: bool = False

    def add(self, clause: str, element: Element[Any]) -> None:
        """One more element of a clause."""
        self.clauses.setdefault(clause, []).append(element)


def stages(scene: Scene, site: Site, number: Callable[[Site], Bound]) -> Stages:
    """What a list of stages says. `number` reads a limit."""
    found = Stages()
    sites, hidden = elements(scene, site)
    if hidden:
        found.opened.update(_ALL)
    for inner in sites:
        named, more = pairs(scene, inner)
        if more or len(named) != 1:
            found.opened.update(_ALL)
            continue
        name, value = named[0]
        if inner.when is When.SOMETIMES:
            value = Site(value.path, value.node, value.context, When.SOMETIMES)
        _stage(scene, found, name, value, number)
    return found


def _stage(scene: Scene, found: Stages, name: str, site: Site, number: Callable[[Site], Bound]) -> None:
    cut = "limit" in found.clauses or "offset" in found.clauses
    grouped = "grouping" in found.clauses or found.one
    if name == "$match":
        reading = read(scene, site)
        # What comes of groups, or of the first few documents, is chosen after these.
        clause = "having" if grouped or cut else "where"
        found.clauses.setdefault(clause, []).extend(reading.elements)
        if reading.open:
            found.opened.add(clause)
    elif name == "$sort":
        keys, hidden = orders(scene, site)
        found.clauses["order"] = list(keys)
        if hidden:
            found.opened.add("order")
    elif name in ("$limit", "$skip"):
        found.add("limit" if name == "$limit" else "offset", Element(number(site), site.when))
    elif name == "$sample":
        size = dict(pairs(scene, site)[0]).get("size")
        found.add("limit", Element(number(size) if size is not None else Bound(), site.when))
        found.clauses["order"] = [Element(_RANDOM, site.when)]
    elif name in ("$lookup", "$graphLookup"):
        _joined(scene, found, site)
    elif name == "$unwind":
        if cut:
            found.clauses.pop("limit", None)
            found.opened.add("limit")
    elif name in ("$group", "$count", "$sortByCount", "$bucket", "$bucketAuto"):
        _grouped(scene, found, name, site)
    elif name == "$project":
        shown, hidden = projected(scene, site)
        found.clauses["projection"] = list(shown)
        if hidden:
            found.opened.add("projection")
    elif name == "$facet":
        found.one = True
        found.opened.update(("projection", "sources"))
    elif name in _SHAPING:
        found.opened.add("projection")
        if name == "$redact":
            found.opened.add("having" if grouped else "where")
    elif name in _SOURCES:
        found.opened.update(("where", "order", "limit", "projection"))
    elif name == "$unionWith":
        found.opened.update(("sources", "where"))
    elif name in _WRITING:
        found.one = True
    else:
        found.opened.update(_ALL)


def _joined(scene: Scene, found: Stages, site: Site) -> None:
    named, hidden = pairs(scene, site)
    given = dict(named)
    name = written(scene, given["from"]) if "from" in given else ""
    if not name or hidden:
        found.opened.add("sources")
        return
    on: Condition | None = None
    left = given.get("localField", given.get("startWith"))
    right = given.get("foreignField", given.get("connectToField"))
    if left is not None and right is not None and (own := written(scene, left)) and (other := written(scene, right)):
        here = field(scene, own.lstrip("$"))
        # Documents of both have a key of the same name.
        here = msgspec.structs.replace(here, table=scene.table.name) if scene.table is not None else here
        on = Compare(here, "=", Column(other.removesuffix(OF_REFERENCE), name))
    found.add("sources", Element(Source(name, join="left", on=on), site.when))


def _grouped(scene: Scene, found: Stages, name: str, site: Site) -> None:
    """Groups, or one of all: what was sorted before is so no longer."""
    found.clauses.pop("order", None)
    found.opened.discard("order")
    found.clauses["projection"] = []
    if name == "$count":
        found.one = True
        found.add("projection", Element(Function("count", (Star(),)), site.when))
        return
    named, hidden = pairs(scene, site)
    if hidden:
        found.opened.add("projection")
    given = dict(named)
    key = site if name == "$sortByCount" else given.pop("_id", given.pop("groupBy", None))
    if key is None:
        found.opened.add("grouping")
    else:
        tree = scene.evaluator.tree(key.path)
        if tree.kinds[key.node] == Kind.CONSTANT:
            found.one = True
        else:
            for expression in _keys(scene, key):
                found.add("grouping", Element(expression, key.when))
                found.add("projection", Element(expression, key.when))
    for _, value in given.items() if name == "$group" else ():
        inner, _ = pairs(scene, value)
        found.add("projection", Element(_made(scene, inner), value.when))


def _keys(scene: Scene, site: Site) -> list[Expression]:
    """The fields by which documents are grouped."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.OBJECT:
        found: list[Expression] = []
        for name, value in pairs(scene, site)[0]:
            word = written(scene, value)
            computed = Function(name.lstrip("$").lower()) if name.startswith("$") else Column(name)
            found.append(field(scene, word.lstrip("$")) if word.startswith("$") else computed)
        return found
    word = written(scene, site)
    return [field(scene, word.lstrip("$"))] if word.startswith("$") else [Function("group")]


def _made(scene: Scene, found: list[tuple[str, Site]]) -> Expression:
    """What an accumulator makes of a group (`{"$sum": "$total"}`)."""
    if len(found) != 1:
        return Function("group")
    name, value = found[0]
    word = written(scene, value)
    arguments: tuple[Expression, ...] = (field(scene, word.lstrip("$")),) if word.startswith("$") else ()
    tree = scene.evaluator.tree(value.path)
    if name == "$sum" and tree.kinds[value.node] == Kind.NUMBER:
        return Function("count", (Star(),))
    return Function(name.lstrip("$").lower(), arguments)
