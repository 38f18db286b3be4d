"""`document`: conditions as nested object literals (`{ status: "open", OR: [{ … }], author: { is: { … } } }`)."""

from __future__ import annotations

from dblint.facts.query import And, Column, Compare, Condition, Element, Function, Not, OpaqueCondition, Or, Value, When
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.arguments import Site, entries
from dblint.link.conditions import Reading, Scene
from dblint.link.values import Scalar, options

OPERATORS = {
    "equals": "=", "not": "<>", "in": "in", "notIn": "not-in", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=",
    "contains": "contains", "startsWith": "starts-with", "endsWith": "ends-with", "search": "search", "has": "holds",
    "hasEvery": "holds", "hasSome": "overlaps", "isEmpty": "empty", "isSet": "set",
    "$eq": "=", "$ne": "<>", "$in": "in", "$nin": "not-in", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=",
    "$like": "like", "$ilike": "ilike", "$re": "regexp", "$fulltext": "search", "$contains": "holds",
    "$contained": "within", "$overlap": "overlaps", "$hasKey": "has-key", "$exists": "set",
}  # fmt: skip
GROUPS = {"AND": And, "OR": Or, "NOT": Not, "$and": And, "$or": Or, "$not": Not}
RELATIONS = frozenset({"some", "every", "none", "is", "isNot", "$some", "$every", "$none", "$size"})
FUNCTIONS = {
    "In": "in", "Any": "in", "Not": "<>", "LessThan": "<", "LessThanOrEqual": "<=", "MoreThan": ">",
    "MoreThanOrEqual": ">=", "Equal": "=", "Like": "like", "ILike": "ilike", "Between": "between", "IsNull": "is",
    "ArrayContains": "holds", "ArrayOverlap": "overlaps", "Raw": "raw",
}  # fmt: skip
"""Operators written as calls (`id: In(ids)`)."""
OPPOSITES = {"in": "not-in", "is": "is-not", "=": "<>", "<>": "="}
_KEYS = frozenset({"number", "string", "scalar"})
"""Kinds of values that may be keys."""
_HOLDING = frozenset({Kind.CALL, Kind.NAME, Kind.ATTRIBUTE, Kind.AWAIT})
"""Expressions that may hold an object which stands elsewhere."""
DEPTH = 30


def read(scene: Scene, site: Site) -> Reading:
    """The conditions of an object literal; a list of them is an OR."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.LIST:
        parts = [
            _all(scene, Site(site.path, child, site.context, site.when), (), DEPTH)
            for child in tree.children(site.node)
        ]
        if parts and not any(part or more for part, more in parts):
            listed = _by_keys(scene, site)
            return Reading((Element(listed, site.when),), listed == OpaqueCondition())
        known = tuple(And(part) if len(part) != 1 else part[0] for part, _ in parts)
        return Reading((Element(Or(known), site.when),) if known else (), any(more for _, more in parts))
    key = _by_key(scene, site)
    if key is not None:
        return Reading((Element(key, site.when),))
    pairs, hidden = entries(evaluator, site)
    elements: list[Element[Condition]] = []
    if not pairs and not hidden and _is_key(scene, site):
        elements.append(Element(OpaqueCondition(), site.when))
    for name, value in pairs:
        conditions, more = _pair(scene, name, value, (), DEPTH)
        hidden = hidden or more
        elements += [Element(condition, _when(scene, value), _condition(value)) for condition in conditions]
    return Reading(tuple(elements), hidden)


def _by_key(scene: Scene, site: Site) -> Condition | None:
    """The condition that a key in the place of the object is, where that column can be said."""
    keys = [key.columns for key in scene.table.keys if key.kind == "primary"] if scene.table is not None else []
    if len(keys) != 1 or len(keys[0]) != 1:
        return None
    found = options(scene.evaluator.value(site.path, site.node, site.context))
    if not found or not all(isinstance(option, Scalar) and option.kind in _KEYS for option in found):
        return None
    return Compare(Column(keys[0][0]), "=", scene.value(site))


def _by_keys(scene: Scene, site: Site) -> Condition:
    """The condition that a list of keys in the place of the object is."""
    keys = [key.columns for key in scene.table.keys if key.kind == "primary"] if scene.table is not None else []
    if len(keys) != 1 or len(keys[0]) != 1:
        return OpaqueCondition()
    return Compare(Column(keys[0][0]), "in", scene.value(site))


def _is_key(scene: Scene, site: Site) -> bool:
    """Whether a number or a string stands in the place of the object: the key of a row."""
    value = scene.evaluator.value(site.path, site.node, site.context)
    return any(isinstance(option, Scalar) and option.kind not in ("", "constant") for option in options(value))


def _when(scene: Scene, site: Site) -> When:
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CONDITIONAL or _left_out(tree, site.node):
        return When.SOMETIMES
    return site.when


def _left_out(tree: Tree, node: int) -> bool:
    """`word || undefined`: without a word there is no condition."""
    if tree.kinds[node] != Kind.BINARY or tree.value(node) not in ("or", "??"):
        return False
    right = tree.child(node, Role.RIGHT)
    return right >= 0 and tree.kinds[right] == Kind.CONSTANT and tree.value(right) == "undefined"


def _condition(site: Site) -> Origin:
    return Origin.CONSTANT if site.when is When.ALWAYS else Origin.UNKNOWN


def _all(scene: Scene, site: Site, relation: tuple[str, ...], depth: int) -> tuple[tuple[Condition, ...], bool]:
    pairs, hidden = entries(scene.evaluator, site)
    found: list[Condition] = []
    for name, value in pairs:
        conditions, more = _pair(scene, name, value, relation, depth - 1)
        found += conditions
        hidden = hidden or more
    return tuple(found), hidden


def _pair(scene: Scene, name: str, site: Site, relation: tuple[str, ...], depth: int) -> tuple[list[Condition], bool]:
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if depth <= 0:
        return [OpaqueCondition(name)], True
    kind = tree.kinds[site.node]
    if name in GROUPS:
        return _group(scene, name, site, relation, depth)
    if kind == Kind.OBJECT:
        pairs, hidden = entries(evaluator, site)
        return _inside(scene, name, pairs, relation, depth, hidden=hidden)
    if kind in _HOLDING and not (kind == Kind.CALL and _operator(tree, site.node)):
        pairs, hidden = entries(evaluator, site)
        sure = [(key, value) for key, value in pairs if value.when is When.ALWAYS]
        if sure:
            return _inside(scene, name, sure, relation, depth, hidden=hidden or len(sure) < len(pairs))
    column = Column(scene.column(name) if not relation else name, relation=relation)
    if kind == Kind.CALL:
        condition = _called(scene, column, site, DEPTH)
        if condition is not None:
            return [condition], False
    return [Compare(column, "in" if kind == Kind.LIST else "=", scene.value(site))], False


def _inside(
    scene: Scene, name: str, pairs: list[tuple[str, Site]], relation: tuple[str, ...], depth: int, *, hidden: bool
) -> tuple[list[Condition], bool]:
    """The conditions of an object under a name: operators of a column, or conditions of what a relation leads to."""
    if pairs and all(key in OPERATORS or key == "mode" for key, _ in pairs):
        column = Column(scene.column(name) if not relation else name, relation=relation)
        return [Compare(column, OPERATORS[key], scene.value(value)) for key, value in pairs if key != "mode"], hidden
    inner = (*relation, name)
    found: list[Condition] = []
    if any(key in RELATIONS for key, _ in pairs):
        for key, value in pairs:
            conditions, more = _all(scene, value, inner, depth)
            hidden = hidden or more
            whole: Condition = conditions[0] if len(conditions) == 1 else And(conditions)
            found.append(Not(whole) if key in ("none", "isNot", "$none") else whole)
        return found, hidden
    for key, value in pairs:
        conditions_inside, more = _pair(scene, key, value, inner, depth - 1)
        found += conditions_inside
        hidden = hidden or more
    return found, hidden


def _operator(tree: Tree, call: int) -> str:
    """The operator that is written as a call; "" for any other call."""
    return FUNCTIONS.get(tree.value(call + 1), "") if tree.kinds[call + 1] in (Kind.NAME, Kind.ATTRIBUTE) else ""


def _called(scene: Scene, column: Column, site: Site, depth: int) -> Condition | None:
    """The condition that an operator which is written as a call makes of a column; None for any other call."""
    tree = scene.evaluator.tree(site.path)
    operator = _operator(tree, site.node)
    if not operator:
        return None
    given = [
        Site(site.path, child, site.context, site.when)
        for child in tree.children(site.node)
        if tree.roles[child] == Role.ARGUMENT
    ]
    if operator == "is" or not given:
        return Compare(column, operator, Value("null"))
    if operator == "<>" and depth > 0 and tree.kinds[given[0].node] == Kind.CALL:
        inner = _called(scene, column, given[0], depth - 1)
        if inner is not None:
            return _turned(inner)
    if operator == "between" and len(given) == 2:
        return Compare(column, operator, Function("range", tuple(map(scene.value, given))))
    return Compare(column, operator, scene.value(given[0]))


def _turned(condition: Condition) -> Condition:
    """The opposite of a condition."""
    if isinstance(condition, Compare) and condition.operator in OPPOSITES:
        return Compare(condition.left, OPPOSITES[condition.operator], condition.right)
    return condition.part if isinstance(condition, Not) else Not(condition)


def _group(scene: Scene, name: str, site: Site, relation: tuple[str, ...], depth: int) -> tuple[list[Condition], bool]:
    tree = scene.evaluator.tree(site.path)
    sites = [site]
    hidden = False
    if tree.kinds[site.node] == Kind.LIST:
        sites = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.SPREAD:
                hidden = True
            else:
                sites.append(Site(site.path, child, site.context, site.when))
    parts: list[Condition] = []
    for inner in sites:
        conditions, more = _all(scene, inner, relation, depth)
        hidden = hidden or more
        if conditions:
            parts.append(conditions[0] if len(conditions) == 1 else And(conditions))
    if not parts:
        return [], True
    if GROUPS[name] is Or:
        return [Or(tuple(parts))], hidden
    whole: Condition = parts[0] if len(parts) == 1 else And(tuple(parts))
    return [Not(whole) if GROUPS[name] is Not else whole], hidden
