"""`operators`: conditions written with overloaded operators (`User.id == 1`, `or_(…)`, `~x`, `.in_(…)`)."""

from __future__ import annotations

from msgspec.structs import replace

from dblint.facts.query import (
    And,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Function,
    Not,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Star,
    Value,
)
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.conditions import Reading, Scene
from dblint.link.conditions.decided import decided
from dblint.link.values import Instance, ProjectClass
from dblint.link.values import Value as Held

COMPARISONS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
METHODS = {
    "in_": "in", "notin_": "not-in", "not_in": "not-in", "like": "like", "ilike": "ilike", "notlike": "not-like",
    "is_": "is", "isnot": "is-not", "is_not": "is-not", "between": "between", "contains": "contains",
    "startswith": "starts-with", "endswith": "ends-with", "any": "any", "has": "any", "op": "operator",
    "any_": "any", "overlap": "overlap", "match": "search",
}  # fmt: skip
DEPTH = 40


def read(scene: Scene, site: Site) -> Reading:
    """One argument as a condition."""
    condition = _condition(scene, site, DEPTH)
    if condition is None:
        return Reading((Element(OpaqueCondition(), site.when),), False)
    return Reading((Element(condition, site.when),), False)


def _condition(scene: Scene, site: Site, depth: int) -> Condition | None:
    tree = scene.evaluator.tree(site.path)
    if depth <= 0 or site.node < 0:
        return None
    kind = tree.kinds[site.node]

    def at(node: int) -> Site:
        return Site(site.path, node, site.context, site.when)

    host = decided(scene, site)
    if host is not None:
        return OpaqueCondition(decided=host)
    if kind == Kind.UNARY and tree.value(site.node) in ("~", "not"):
        inner = _condition(scene, at(tree.child(site.node, Role.VALUE)), depth - 1)
        return Not(inner) if inner is not None else None
    if kind == Kind.BINARY:
        word = tree.value(site.node)
        left, right = tree.child(site.node, Role.LEFT), tree.child(site.node, Role.RIGHT)
        if word in ("==", "!=") and tree.kinds[right] == Kind.CONSTANT and tree.value(right) == "null":
            return _null(scene, at(left), word, at(site.node))
        if word in COMPARISONS:
            return Compare(expression(scene, at(left)), COMPARISONS[word], expression(scene, at(right)))
        if word in ("&", "|"):
            parts = [_condition(scene, at(part), depth - 1) or OpaqueCondition() for part in (left, right)]
            return And(tuple(parts)) if word == "&" else Or(tuple(parts))
        return None
    if kind == Kind.CALL:
        callee = site.node + 1
        word = tree.value(callee)
        arguments = [node for node in tree.with_role(site.node, Role.ARGUMENT) if tree.kinds[node] != Kind.KEYWORD]
        if tree.kinds[callee] == Kind.ATTRIBUTE and word in METHODS:
            value: Expression = expression(scene, at(arguments[0])) if arguments else Value("null")
            return Compare(expression(scene, at(callee + 1)), METHODS[word], value)
        if word in ("and_", "or_", "not_") and tree.kinds[callee] in (Kind.NAME, Kind.ATTRIBUTE):
            parts = [_condition(scene, at(node), depth - 1) or OpaqueCondition() for node in arguments]
            if word == "not_":
                return Not(parts[0]) if parts else None
            return And(tuple(parts)) if word == "and_" else Or(tuple(parts))
    return None


def _null(scene: Scene, left: Site, word: str, whole: Site) -> Condition:
    """`column == None`: libraries whose operators make conditions write IS NULL."""
    compared = expression(scene, left)
    if isinstance(compared, Column):
        compared = replace(compared, place=scene.place(left))
    return Compare(compared, "is" if word == "==" else "is-not", Value("null"), scene.place(whole))


def expression(scene: Scene, site: Site) -> Expression:
    """A column, a value, a function of columns, or an opaque expression."""
    tree = scene.evaluator.tree(site.path)
    if site.node < 0:
        return OpaqueExpression()
    kind = tree.kinds[site.node]
    if kind == Kind.ATTRIBUTE:
        owner = scene.evaluator.value(site.path, site.node + 1, site.context)
        if isinstance(owner, ProjectClass):
            table = scene.evaluator.tree(owner.path).value(owner.node)
            return Column(scene.column(tree.value(site.node)), table)
        held = _of_columns(scene, owner, tree.value(site.node), site)
        return (
            held
            if held is not None
            else _whole(scene, site) or Value("parameter", "", Origin.UNKNOWN, scene.handed(site))
        )
    if kind == Kind.NAME:
        value = scene.evaluator.value(site.path, site.node, site.context)
        if isinstance(value, ProjectClass):
            return Star(scene.evaluator.tree(value.path).value(value.node))
        return _whole(scene, site) or scene.value(site)
    if kind == Kind.SUBSCRIPT:
        index = tree.child(site.node, Role.INDEX)
        if index >= 0 and tree.kinds[index] == Kind.STRING:
            owner = scene.evaluator.value(site.path, site.node + 1, site.context)
            held = _of_columns(scene, owner, tree.value(index), site)
            if held is not None:
                return held
        return scene.value(site)
    if kind == Kind.CALL:
        callee = site.node + 1
        if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in (
            "asc",
            "desc",
            "label",
            "nullslast",
            "nullsfirst",
        ):
            return expression(scene, Site(site.path, callee + 1, site.context, site.when))
        if (
            tree.kinds[callee] == Kind.ATTRIBUTE
            and tree.kinds[callee + 1] in (Kind.NAME, Kind.ATTRIBUTE)
            and tree.value(callee + 1) == "func"
        ):
            arguments = tuple(
                expression(scene, Site(site.path, node, site.context, site.when))
                for node in tree.with_role(site.node, Role.ARGUMENT)
            )
            return Function(tree.value(callee).lower(), arguments)
        return OpaqueExpression()
    return scene.value(site)


def _of_columns(scene: Scene, owner: Held, name: str, site: Site) -> Column | None:
    """A column by its name or key, of a table that is no class, or of what a statement selects."""
    inner = Site(site.path, site.node + 1, site.context)
    if not isinstance(owner, Instance) or scene.columns_of is None or not _stands(scene, owner, "each"):
        return None
    model = next((value for _, value in owner.arguments if isinstance(value, ProjectClass)), None)
    if model is not None:
        return Column(scene.column(name), scene.evaluator.tree(model.path).value(model.node))
    return Column(name, scene.columns_of(owner, inner))


def _whole(scene: Scene, site: Site) -> Star | None:
    """All columns of a table that is no class, or of what a statement selects."""
    value = scene.evaluator.value(site.path, site.node, site.context)
    if not isinstance(value, Instance) or scene.columns_of is None or not _stands(scene, value, "all"):
        return None
    return Star(scene.columns_of(value, site))


def _stands(scene: Scene, value: Instance, word: str) -> bool:
    types = scene.evaluator.tables.types
    return any(types[cls.name].columns == word for cls in scene.evaluator.classes.library_types(value.cls))
