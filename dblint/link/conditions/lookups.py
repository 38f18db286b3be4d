"""`lookups`: conditions as keywords with double underscores (`author__name__icontains="x"`) and `Q` trees."""

from __future__ import annotations

from collections.abc import Container
from itertools import islice

from msgspec.structs import replace

from dblint.facts.query import (
    And,
    Clause,
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
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, keywords, positional
from dblint.link.conditions import Reading, Scene, equal
from dblint.link.conditions.decided import decided
from dblint.link.elements import COMBINING

OPERATORS = {
    "exact": "=", "eq": "=", "ne": "<>", "not": "<>", "not_in": "not-in", "like": "like", "ilike": "ilike",
    "iexact": "ilike", "contains": "contains", "icontains": "icontains", "in": "in", "gt": ">",
    "gte": ">=", "lt": "<", "lte": "<=", "startswith": "starts-with", "istartswith": "istarts-with",
    "endswith": "ends-with", "iendswith": "iends-with", "range": "between", "isnull": "is", "not_isnull": "is-not",
    "regex": "regexp", "regexp": "regexp", "posix_regex": "regexp", "iposix_regex": "iregexp",
    "iregex": "iregexp", "search": "search", "overlap": "overlaps", "has_key": "has-key", "has_keys": "has-key",
    "has_any_keys": "has-key", "contained_by": "held-by", "trigram_similar": "similar",
}  # fmt: skip
_OR_NOTHING = frozenset({"not", "not_in"})
"""Words that rows without a value answer, too (`not_equal` and `not_in` of tortoise/filters.py)."""
TRANSFORMS = frozenset(
    "date year iso_year month day week week_day iso_week_day quarter time hour minute second len unaccent".split()
)
ARITHMETIC = frozenset("+-*/%")
DEPTH = 60


def of_keywords(scene: Scene, call: Site, without: Container[str] = ()) -> Reading:
    """The conditions that the keywords of a call are, `without` those that say something else."""
    pairs, hidden = keywords(scene.evaluator, call)
    parts = [comparison(scene, name, site) for name, site in pairs if name not in without]
    return Reading(tuple(Element(part, call.when) for part in parts), hidden)


def read(scene: Scene, call: Site, negate: bool = False, first: int = 0, without: Container[str] = ()) -> Reading:
    """The conditions of one call: its keywords, but for those `without`, and its positional `Q` objects from the
    `first` on."""
    elements: list[Element[Condition]] = []
    pairs, hidden = keywords(scene.evaluator, call)
    parts: list[Condition] = [
        comparison(scene, name, site) for name, site in pairs if name not in _SETTINGS and name not in without
    ]
    for node, spread in islice(positional(scene.evaluator, call), first, None):
        if spread:
            hidden = True
            continue
        part = condition(scene, Site(call.path, node, call.context, call.when))
        if part is None:
            hidden = True
        else:
            parts.append(part)
    if negate and parts:
        whole = _denied(scene, parts[0] if len(parts) == 1 else And(tuple(parts)))
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
    left = column(scene, "__".join(words))
    for function in reversed(functions):
        left = Function(function, (left,))
    right = value(scene, site)
    if name.rpartition("__")[2] in _OR_NOTHING:
        query = scene.asked(site)
        different = Compare(left, operator, Subquery(query) if query is not None else right)
        return Or((different, Compare(left, "is", Value("null"))))
    if operator in ("is", "is-not"):
        return _is_null(left, right, absent=operator == "is")
    if operator == "between":
        tree = scene.evaluator.tree(site.path)
        ends = list(tree.children(site.node)) if tree.kinds[site.node] in (Kind.TUPLE, Kind.LIST) else []
        if len(ends) == 2:
            right = Function("range", tuple(value(scene, replace(site, node=end)) for end in ends))
    if operator == "in":
        query = scene.asked(site)
        if query is not None:
            right = Subquery(_looked_through(query))
    return Compare(left, equal(right) if operator == "=" else operator, right)


def _looked_through(query: Query) -> Query:
    """What is only looked through is not sorted (`In.get_prep_lookup` and `Query.exists` of Django 5.2), unless it is
    cut."""
    cut = query.limit.possibly() or query.offset.possibly()
    return query if cut else replace(query, order=Clause())


def value(scene: Scene, site: Site) -> Expression:
    """What a keyword is given: a value, a column by its name (`F("number")`), or what is computed of them."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    stands = scene.stands(site)
    first = tree.child(site.node, Role.ARGUMENT) if stands else -1
    if stands == "column" and first >= 0 and tree.kinds[first] == Kind.STRING:
        return column(scene, tree.value(first))
    if stands == "value" and first >= 0 and tree.kinds[first] != Kind.KEYWORD:
        return scene.value(replace(site, node=first))
    if stands == "query":
        query = scene.asked(replace(site, node=first)) if first >= 0 else None
        return Subquery(query) if query is not None else OpaqueExpression()
    if stands:
        return OpaqueExpression()
    if kind == Kind.BINARY and tree.value(site.node) in ARITHMETIC:
        sides = (tree.child(site.node, Role.LEFT), tree.child(site.node, Role.RIGHT))
        plain = (Kind.NUMBER, Kind.STRING)
        if all(tree.kinds[side] in plain or scene.stands(replace(site, node=side)) == "column" for side in sides):
            return Function(tree.value(site.node), tuple(value(scene, replace(site, node=side)) for side in sides))
        call = tree.kinds.find(Kind.CALL, site.node + 1, tree.ends[site.node])
        while call >= 0:
            if scene.stands(replace(site, node=call)):
                return OpaqueExpression()
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[site.node])
    return scene.value(site)


def column(scene: Scene, word: str) -> Expression:
    """What a name with double underscores stands for: a column, or what the query computes under that name."""
    if word in scene.names:
        return scene.names[word]
    *relation, name = word.split("__")
    own = name if relation else _key(scene) if name == "pk" else scene.column(name)
    return Column(own, relation=tuple(relation))


def _key(scene: Scene) -> str:
    """The column that `pk` is, where the table has a key of one column."""
    keys = [key.columns for key in scene.table.keys if key.kind == "primary"] if scene.table is not None else []
    return keys[0][0] if len(keys) == 1 and len(keys[0]) == 1 else "pk"


def _denied(scene: Scene, condition: Condition) -> Condition:
    """What must not hold. Rows without a value do not hold it, and are asked for: `NOT (a = 1 AND a IS NOT NULL)`
    (documentation of `exclude`, and `build_filter` of Django 5.2)."""
    return Not(_with_values(scene, condition, DEPTH))


def _with_values(scene: Scene, condition: Condition, depth: int) -> Condition:
    if isinstance(condition, And | Or) and depth > 0:
        parts = tuple(_with_values(scene, part, depth - 1) for part in condition.parts)
        return And(parts) if isinstance(condition, And) else Or(parts)
    if not isinstance(condition, Compare) or condition.operator in ("is", "is-not") or scene.table is None:
        return condition
    left = condition.left
    column = scene.table.column(left.name) if isinstance(left, Column) and not left.relation else None
    null = isinstance(condition.right, Value) and condition.right.kind == "null"
    if column is None or column.nullable is not True or null:
        return condition
    return And((condition, Compare(left, "is-not", Value("null"))))


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
    host = decided(scene, site)
    if host is not None:
        return OpaqueCondition(decided=host)
    if kind == Kind.UNARY and tree.value(site.node) in ("~", "not"):
        inner = condition(scene, Site(site.path, tree.child(site.node, Role.VALUE), site.context, site.when), depth - 1)
        return _denied(scene, inner) if inner is not None else None
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
        stands = scene.stands(site)
        if stands == "conditions":
            reading = read(scene, site)
            if reading.open or not reading.elements:
                return None
            return _joined(scene, site, [element.value for element in reading.elements])
        first = tree.child(site.node, Role.ARGUMENT) if stands == "exists" else -1
        query = scene.asked(replace(site, node=first)) if first >= 0 else None
        if query is not None:
            return Compare(Function("exists", (Subquery(_looked_through(query)),)), "=", Value("boolean", "true"))
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
    return _denied(scene, whole) if settings.get("_negated") == "true" else whole


__all__ = ["When", "comparison", "condition", "read", "value"]
