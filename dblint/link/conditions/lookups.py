"""`lookups`: conditions as keywords with double underscores (`author__name__icontains="x"`) and `Q` trees."""

from __future__ import annotations

from collections.abc import Collection

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
    Or,
    Value,
    When,
)
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, keywords, positional
from dblint.link.conditions import Reading, Scene
from dblint.link.elements import COMBINING

OPERATORS = {
    "exact": "=", "eq": "=", "ne": "<>", "not": "<>", "not_in": "not-in", "like": "like", "ilike": "ilike", "iexact": "ilike", "contains": "contains", "icontains": "icontains", "in": "in", "gt": ">",
    "gte": ">=", "lt": "<", "lte": "<=", "startswith": "starts-with", "istartswith": "istarts-with",
    "endswith": "ends-with", "iendswith": "iends-with", "range": "between", "isnull": "is", "not_isnull": "is-not",
    "regex": "regexp", "regexp": "regexp", "posix_regex": "regexp", "iposix_regex": "iregexp",
    "iregex": "iregexp", "search": "search", "overlap": "overlaps", "has_key": "has-key", "has_keys": "has-key",
    "has_any_keys": "has-key", "contained_by": "held-by", "trigram_similar": "similar",
}  # fmt: skip
TRANSFORMS = frozenset(
    "date year iso_year month day week week_day iso_week_day quarter time hour minute second len unaccent".split()
)
DEPTH = 60


def of_keywords(scene: Scene, call: Site, without: Collection[str] = ()) -> Reading:
    """The conditions that the keywords of a call are, `without` those that say something else."""
    pairs, hidden = keywords(scene.evaluator, call)
    parts = [comparison(scene, name, site) for name, site in pairs if name not in without]
    return Reading(tuple(Element(part, call.when) for part in parts), hidden)


def read(scene: Scene, call: Site, negate: bool = False, without: Collection[str] = ()) -> Reading:
    """The conditions of one call: its keywords and its positional `Q` objects."""
    elements: list[Element[Condition]] = []
    pairs, hidden = keywords(scene.evaluator, call)
    parts: list[Condition] = [
        comparison(scene, name, site) for name, site in pairs if name not in {*_SETTINGS, *without}
    ]
    for node, spread in positional(scene.evaluator, call):
        if spread:
            hidden = True
            continue
        part = condition(scene, Site(call.path, node, call.context, call.when))
        if part is None:
            hidden = True
        else:
            parts.append(part)
    if negate and parts:
        whole: Condition = Not(parts[0] if len(parts) == 1 else And(tuple(parts)))
        elements.append(Element(whole, call.when))
    else:
        elements += [Element(part, call.when) for part in parts]
    return Reading(tuple(elements), hidden)


def comparison(scene: Scene, name: str, site: Site) -> Condition:
    """One keyword as a comparison."""
    words = name.split("__")
    operator = "="
    if len(words) > 1 and words[-1] in OPERATORS:
        operator = OPERATORS[words.pop()]
    functions: list[str] = []
    while len(words) > 1 and words[-1] in TRANSFORMS:
        functions.append(words.pop())
    column = words[-1]
    relation = tuple(words[:-1])
    if not relation:
        column = scene.column(column)
    left: Expression = Column(column, relation=relation)
    for function in reversed(functions):
        left = Function(function, (left,))
    value = scene.value(site)
    if operator in ("is", "is-not"):
        return _is_null(left, value, absent=operator == "is")
    return Compare(left, operator, value)


def _is_null(left: Expression, value: Expression, *, absent: bool) -> Condition:
    """`isnull=True`, `isnull=False`, and what only the program's run decides; not `absent`: the opposite."""
    if isinstance(value, Value) and value.kind == "boolean":
        return Compare(left, "is" if (value.text.lower() == "true") is absent else "is-not", Value("null"))
    return Compare(Function("is-null", (left,)), "=", value)


def condition(scene: Scene, site: Site, depth: int = DEPTH) -> Condition | None:
    """A tree of `Q` objects; None where a part of it hides what it asks."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if depth <= 0:
        return None
    if kind == Kind.TUPLE:
        return _pair(scene, site)
    if kind == Kind.UNARY and tree.value(site.node) in ("~", "not"):
        inner = condition(scene, Site(site.path, tree.child(site.node, Role.VALUE), site.context, site.when), depth - 1)
        return Not(inner) if inner is not None else None
    if kind == Kind.BINARY and tree.value(site.node) in COMBINING:
        parts: list[Condition] = []
        current = site.node
        # `a | b | c` leans left: walk it with a loop.
        while tree.kinds[current] == Kind.BINARY and tree.value(current) == tree.value(site.node):
            right = tree.child(current, Role.RIGHT)
            part = condition(scene, Site(site.path, right, site.context, site.when), depth - 1)
            parts.append(part if part is not None else OpaqueCondition())
            current = tree.child(current, Role.LEFT)
        part = condition(scene, Site(site.path, current, site.context, site.when), depth - 1)
        parts.append(part if part is not None else OpaqueCondition())
        parts.reverse()
        return Or(tuple(parts)) if tree.value(site.node) == "|" else And(tuple(parts))
    if kind == Kind.CALL:
        callee = site.node + 1
        if tree.kinds[callee] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(callee) == "Q":
            reading = read(scene, site)
            if reading.open or not reading.elements:
                return None
            parts = [element.value for element in reading.elements]
            return _joined(scene, site, parts)
    return None


_SETTINGS = frozenset({"_connector", "_negated"})


def _pair(scene: Scene, site: Site) -> Condition | None:
    """`("name__in", values)`: how migrations write a keyword of a `Q`."""
    tree = scene.evaluator.tree(site.path)
    children = list(tree.children(site.node))
    if len(children) != 2 or tree.kinds[children[0]] != Kind.STRING:
        return None
    return comparison(scene, tree.value(children[0]), Site(site.path, children[1], site.context, site.when))


def _joined(scene: Scene, call: Site, parts: list[Condition]) -> Condition:
    """The parts of one `Q`, as its settings join them."""
    tree = scene.evaluator.tree(call.path)
    settings = {name: tree.value(site.node) for name, site in keywords(scene.evaluator, call)[0] if name in _SETTINGS}
    whole = parts[0]
    if len(parts) > 1:
        whole = Or(tuple(parts)) if settings.get("_connector") == "OR" else And(tuple(parts))
    return Not(whole) if settings.get("_negated") == "true" else whole


__all__ = ["When", "comparison", "condition", "read"]
