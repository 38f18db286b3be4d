"""`triple`: a condition as a column, an operator and a value (`where("age", ">", 5)`, `where("age", 5)`), as an object
of columns that are equal to values, as a piece of SQL, or as what a function builds of the statement it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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
    Query,
    Subquery,
    Value,
    When,
)
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries, objects, positional
from dblint.link.conditions import Reading, Scene, equal, identifiers
from dblint.link.values import FunctionValue, Instance, options

OPERATORS = {
    "=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in",
    "not in": "not-in", "like": "like", "not like": "not-like", "ilike": "ilike", "is": "is", "is not": "is-not",
    "between": "between", "not between": "not-between", "~": "regexp", "~*": "iregexp", "regexp": "regexp",
    "@>": "holds", "&&": "overlaps",
    "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "cs": "holds", "ov": "overlaps",
    "match": "regexp", "imatch": "iregexp", "not.eq": "<>", "not.in": "not-in", "not.is": "is-not",
    "not.like": "not-like",
}  # fmt: skip


class Built(NamedTuple):
    """What functions build on a statement of their own."""

    conditions: Callable[[Site], tuple[list[Element[Condition]], bool]]
    """Its conditions, by the place of the function; True when more may be there."""
    query: Callable[[Site], Query | None]
    """The whole statement."""


def read(
    scene: Scene, call: Site, operator: str, built: Built, *, negate: bool = False, together: bool = False
) -> Reading:
    """The conditions of one call. `operator`: what the member itself compares by; "": what the call says. `together`:
    several are one."""
    given = list(positional(scene.evaluator, call))
    sites = [Site(call.path, node, call.context, call.when) for node, spread in given if not spread]
    if len(sites) != len(given):
        return Reading((), True)  # whatever is spread may be nothing
    found, hidden = _conditions(scene, sites, operator, built)
    if negate and found:
        whole = found[0].value if len(found) == 1 else And(tuple(each.value for each in found))
        return Reading((Element(Not(whole), found[0].when),), hidden)
    if together and len(found) > 1:
        sure = any(each.when is When.ALWAYS for each in found)
        whole = And(tuple(each.value for each in found))
        return Reading((Element(whole, When.ALWAYS if sure else When.SOMETIMES),), hidden)
    return Reading(tuple(found), hidden)


def _conditions(scene: Scene, sites: list[Site], operator: str, built: Built) -> tuple[list[Element[Condition]], bool]:
    if not sites:
        return [], False
    first = sites[0]
    tree = scene.evaluator.tree(first.path)
    held = options(scene.evaluator.value(first.path, first.node, first.context))
    if tree.kinds[first.node] == Kind.FUNCTION or any(isinstance(option, FunctionValue) for option in held):
        if operator == "exists":
            return [Element(OpaqueCondition("exists"), first.when)], False
        given = _given(scene, first)
        if given is not None:
            return [Element(_expression(scene, given, built, DEPTH), first.when)], False
        return built.conditions(first)
    if len(sites) == 1 and operator not in _ALONE:
        return _single(scene, first, operator)
    left = _column(scene, first)
    if operator == "column":
        return [Element(Compare(left, _word(scene, sites[1:-1]), _column(scene, sites[-1])), first.when)], False
    if len(sites) == 1:
        right: Expression = Value("null")
        word = operator
    elif operator or len(sites) == 2:
        right = value(scene, sites[1], built)
        word = operator or equal(right)
    else:
        right = value(scene, sites[2], built)
        word = OPERATORS.get(identifiers.text(scene, sites[1]).strip().lower(), "")
        if not word:
            return [Element(OpaqueCondition(columns=_seen(left)), first.when)], False
    if word == "between" and len(sites) == 2:
        right = _range(scene, sites[1], right)
    return [Element(Compare(left, word, right), first.when)], False


def _given(scene: Scene, site: Site) -> Site | None:
    """The expression that a function gives, where that is a piece of SQL (`(eb) => eb("weight", ">", 3)`)."""
    for option in options(scene.evaluator.value(site.path, site.node, site.context)):
        if not isinstance(option, FunctionValue):
            continue
        for node in scene.evaluator.returns(option):
            inner = Site(option.path, node, option.context, site.when)
            if _composed(scene, inner):
                return inner
    return None


def _composed(scene: Scene, site: Site) -> bool:
    """Whether a piece of SQL stands there."""
    types, classes = scene.evaluator.tables.types, scene.evaluator.classes
    return any(
        isinstance(option, Instance) and any(types[cls.name].composes for cls in classes.library_types(option.cls))
        for option in options(scene.evaluator.value(site.path, site.node, site.context))
    )


def _expression(scene: Scene, site: Site, built: Built, depth: int) -> Condition:
    """What a library's own expression says: a comparison, or several that are put together."""
    word = scene.stands(site)
    if depth <= 0 or not word or word == "exists":
        return OpaqueCondition(word)
    given = [Site(site.path, node, site.context) for node, spread in positional(scene.evaluator, site) if not spread]
    if word == "conditions":
        found, hidden = _conditions(scene, given, "", built) if len(given) > 1 else ([], True)
        return found[0].value if len(found) == 1 and not hidden else OpaqueCondition()
    tree = scene.evaluator.tree(site.path)
    if len(given) == 1 and tree.kinds[given[0].node] == Kind.LIST:
        given = [Site(site.path, child, site.context) for child in tree.children(given[0].node)]
    if not given or any(tree.kinds[each.node] in (Kind.SPREAD, Kind.NAME) for each in given):
        return OpaqueCondition()
    parts = tuple(_expression(scene, each, built, depth - 1) for each in given)
    if word == "not":
        return Not(parts[0])
    return And(parts) if word == "and" else Or(parts)


DEPTH = 20
_ALONE = frozenset({"is", "is-not"})
"""What a column is compared by that stands alone."""


def _word(scene: Scene, sites: list[Site]) -> str:
    """The operator that stands between two columns; equality where none does."""
    return OPERATORS.get(identifiers.text(scene, sites[0]).strip().lower(), "=") if sites else "="


def _single(scene: Scene, site: Site, operator: str) -> tuple[list[Element[Condition]], bool]:
    """An object of columns and values, a piece of SQL, or another statement."""
    tree = scene.evaluator.tree(site.path)
    if objects(scene.evaluator, site)[0]:
        pairs, hidden = entries(scene.evaluator, site)
        found: list[Element[Condition]] = []
        for name, inner in pairs:
            right = value(scene, inner, None)
            left = identifiers.column(scene, name)
            found.append(Element(Compare(left, operator or equal(right), right), inner.when))
        return found, hidden
    held = options(scene.evaluator.value(site.path, site.node, site.context))
    known = any(isinstance(option, Instance) for option in held)
    if operator == "exists" or known or tree.kinds[site.node] in (Kind.CONSTANT, Kind.CALL, Kind.TAGGED):
        return [Element(OpaqueCondition(operator), site.when)], False
    return [], True


def _column(scene: Scene, site: Site) -> Expression:
    word = identifiers.text(scene, site)
    if word:
        return identifiers.column(scene, word)
    found, _ = identifiers.expressions(scene, site)
    if len(found) == 1:
        return found[0].value
    return Function("row", tuple(each.value for each in found)) if found else OpaqueExpression()


def _seen(left: Expression) -> tuple[Column, ...]:
    return (left,) if isinstance(left, Column) else ()


def value(scene: Scene, site: Site, built: Built | None) -> Expression:
    """What a column is compared with: another statement, or a value."""
    query = scene.asked(site)
    if query is None and built is not None and scene.evaluator.tree(site.path).kinds[site.node] == Kind.FUNCTION:
        query = built.query(site)
    if query is not None:
        return Subquery(query)
    tree = scene.evaluator.tree(site.path)
    held = options(scene.evaluator.value(site.path, site.node, site.context))
    composed = any(
        isinstance(option, Instance)
        and any(
            scene.evaluator.tables.types[cls.name].composes for cls in scene.evaluator.classes.library_types(option.cls)
        )
        for option in held
    )
    if composed or tree.kinds[site.node] == Kind.FUNCTION:
        return OpaqueExpression()
    return scene.value(site)


def _range(scene: Scene, site: Site, otherwise: Expression) -> Expression:
    tree = scene.evaluator.tree(site.path)
    ends = list(tree.children(site.node)) if tree.kinds[site.node] == Kind.LIST else []
    if len(ends) != 2:
        return otherwise
    return Function("range", tuple(scene.value(Site(site.path, end, site.context, site.when)) for end in ends))
