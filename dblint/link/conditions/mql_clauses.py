"""`mql`: the other clauses that documents write: sorts, projections and changes (`{"$set": {…}}`).

Source: MongoDB 8.0 manual, "cursor.sort()", "Project Fields to Return from Query", "Update Operators".
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.query import Assignment, Element, Expression, Function, Order, Value
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.conditions import Scene
from dblint.link.conditions.mql import field
from dblint.link.conditions.mql_literals import elements, pairs, written
from dblint.link.values import Expression as Literal
from dblint.link.values import Instance, LibraryClass, LibraryFunction, options

_PLAIN = frozenset({"$set", "$setOnInsert"})
"""Operators that give a field the value that stands there."""


# Sorts


def orders(scene: Scene, site: Site, direction: Site | None = None) -> tuple[list[Element[Order]], bool]:
    """The keys of a sort: a name (with what stands beside it as its direction), a list of names or of pairs, or a
    document; True when more may be there."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if kind == Kind.CONSTANT:
        return [], False
    if kind == Kind.UNARY and tree.value(site.node) in ("-", "+"):
        name = written(scene, Site(site.path, tree.child(site.node, Role.VALUE), site.context))
        return ([_key(scene, name, tree.value(site.node) == "-", site)], False) if name else ([], True)
    name = written(scene, site)
    if name:
        turned = direction is not None and _descends(scene, direction)
        return [_key(scene, word.lstrip("+-"), word.startswith("-") or turned, site) for word in name.split()], False
    if kind == Kind.TUPLE and _is_pair(scene, site):
        first, second = tree.children(site.node)
        name = written(scene, Site(site.path, first, site.context))
        descending = _descends(scene, Site(site.path, second, site.context))
        return ([_key(scene, name, descending, site)], False) if name else ([], True)
    found, hidden = pairs(scene, site)
    if found:
        return [_key(scene, name, _descends(scene, value), value) for name, value in found], hidden
    sites, hidden = elements(scene, site)
    keys: list[Element[Order]] = []
    for inner in sites:
        some, more = _keys(scene, inner)
        keys += some
        hidden = hidden or more
    return keys, hidden


def _keys(scene: Scene, site: Site) -> tuple[list[Element[Order]], bool]:
    """An element of a list of sort keys, which is none itself."""
    kind = scene.evaluator.tree(site.path).kinds[site.node]
    if kind in (Kind.LIST, Kind.TUPLE) and not _is_pair(scene, site):
        return [], True
    if kind == Kind.LIST:
        tree = scene.evaluator.tree(site.path)
        first, second = tree.children(site.node)
        name = written(scene, Site(site.path, first, site.context))
        descending = _descends(scene, Site(site.path, second, site.context))
        return ([_key(scene, name, descending, site)], False) if name else ([], True)
    return orders(scene, site) if kind not in (Kind.NAME, Kind.CALL) or written(scene, site) else ([], True)


def _is_pair(scene: Scene, site: Site) -> bool:
    """A name and a direction, and not two names."""
    tree = scene.evaluator.tree(site.path)
    children = list(tree.children(site.node))
    if len(children) != 2 or tree.kinds[children[0]] in (Kind.TUPLE, Kind.LIST):
        return False
    return tree.kinds[children[1]] not in (Kind.STRING, Kind.TUPLE, Kind.LIST)


def _key(scene: Scene, name: str, descending: bool, site: Site) -> Element[Order]:
    return Element(Order(field(scene, name), descending), site.when)


def _descends(scene: Scene, site: Site) -> bool:
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.UNARY:
        return tree.value(site.node) == "-"
    if tree.kinds[site.node] == Kind.NUMBER:
        return False
    if tree.kinds[site.node] == Kind.STRING:
        return tree.value(site.node).startswith(("-", "desc"))
    value = evaluator.value(site.path, site.node, site.context)
    for option in options(value):
        cls = option.cls if isinstance(option, Instance) else None
        if isinstance(cls, LibraryClass) and evaluator.tables.types[cls.name].direction == "descending":
            return True
        if isinstance(option, Literal):
            inner = evaluator.tree(option.path)
            if inner.kinds[option.node] == Kind.UNARY and inner.value(option.node) == "-":
                return True
    return False


# Projections


def projected(scene: Scene, site: Site) -> tuple[list[Element[Expression]], bool]:
    """The fields that are asked for; none where some are left out, or where it cannot be said: True."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CONSTANT:
        return [], False
    name = written(scene, site)
    if name:
        words = name.split()
        kept = [word.lstrip("+") for word in words if not word.startswith("-")]
        return [Element(field(scene, word), site.when) for word in kept], len(kept) < len(words)
    found, hidden = pairs(scene, site)
    if found or hidden is False:
        shown = [(key, value) for key, value in found if not _left_out(scene, value)]
        asked = [Element[Expression](_shown(scene, key, value), value.when) for key, value in shown]
        if found:
            return asked, hidden or not shown
    sites, hidden = elements(scene, site)
    names = [(written(scene, inner), inner) for inner in sites]
    asked = [Element(field(scene, name), inner.when) for name, inner in names if name]
    return asked, hidden or len(asked) < len(names)


def _shown(scene: Scene, name: str, site: Site) -> Expression:
    """What stands under a name of a projection: the field itself, another one (`"$author"`), or something computed."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.STRING and tree.value(site.node).startswith("$"):
        return field(scene, tree.value(site.node).lstrip("$"))
    if tree.kinds[site.node] == Kind.OBJECT:
        found, _ = pairs(scene, site)
        if len(found) == 1 and found[0][0] in _PARTS:
            return field(scene, name)
        return Function(found[0][0].lstrip("$").lower() if found else "object")
    return field(scene, name)


_PARTS = frozenset({"$slice", "$elemMatch", "$meta"})
"""Operators of a projection that show a part of the field."""


def _left_out(scene: Scene, site: Site) -> bool:
    tree = scene.evaluator.tree(site.path)
    return (tree.kinds[site.node] == Kind.NUMBER and tree.value(site.node) == "0") or (
        tree.kinds[site.node] == Kind.CONSTANT and tree.value(site.node) == "false"
    )


# Changes


def changes(scene: Scene, site: Site, operator: str = "") -> tuple[list[Element[Assignment]], bool]:
    """What an update, a replacement or a new document gives to which field; True when more may be there. `operator`:
    what the document's values are to the fields, where the member says it (`inc`)."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CALL:
        called = _operators_called(scene, site)
        if called is not None:
            return called
    found, hidden = pairs(scene, site)
    if not found:
        return [], True
    if operator:
        return list(changed(scene, operator, found)), hidden
    assignments: list[Element[Assignment]] = []
    for name, value in found:
        if not name.startswith("$"):
            assignments.append(Element(Assignment(field(scene, name).name, scene.value(value)), value.when))
            continue
        inner, more = pairs(scene, value)
        hidden = hidden or more
        assignments += changed(scene, name, inner)
    return assignments, hidden


def changed(scene: Scene, operator: str, found: list[tuple[str, Site]]) -> Iterator[Element[Assignment]]:
    """The assignments of one operator (`$inc`)."""
    for name, value in found:
        column = field(scene, name)
        given = scene.value(value)
        made: Expression = given
        if operator == "$inc":
            made = Function("+", (column, given))
        elif operator == "$dec":
            made = Function("-", (column, given))
        elif operator == "$mul":
            made = Function("*", (column, given))
        elif operator == "$unset":
            made = Value("null")
        elif operator not in _PLAIN:
            made = Function(operator.lstrip("$").lower(), (column, given))
        yield Element(Assignment(column.name, made), value.when)


def _operators_called(scene: Scene, site: Site) -> tuple[list[Element[Assignment]], bool] | None:
    """An operator that is written as a call (`Set({Book.title: "x"})`)."""
    callee = scene.evaluator.value(site.path, site.node + 1, site.context)
    if not isinstance(callee, LibraryFunction):
        return None
    word = scene.evaluator.tables.functions[callee.path][1].changes
    given = scene.evaluator.tree(site.path).child(site.node, Role.ARGUMENT)
    if not word or given < 0:
        return None
    found, hidden = pairs(scene, Site(site.path, given, site.context, site.when))
    return list(changed(scene, word, found)), hidden
