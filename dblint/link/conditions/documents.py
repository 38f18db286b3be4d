"""`document-lookups`: conditions and changes of documents as keywords with double underscores
(`address__city="x"`, `age__gte=3`, `set__name="y"`), whose parts are paths inside of a document and no relations.

Source: MongoEngine 0.29 documentation, "Querying the database", "Atomic updates".
"""

from __future__ import annotations

from dblint.facts.query import (
    And,
    Assignment,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Not,
    OpaqueCondition,
    Or,
    Order,
)
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, keywords, positional
from dblint.link.conditions import Reading, Scene, mql, mql_clauses, mql_literals
from dblint.link.conditions.decided import decided
from dblint.link.elements import COMBINING

OPERATORS = {
    "exact": "=", "iexact": "ilike", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "in",
    "nin": "not-in", "mod": "modulo", "all": "holds", "size": "size", "exists": "set", "contains": "contains",
    "icontains": "icontains", "startswith": "starts-with", "istartswith": "istarts-with", "endswith": "ends-with",
    "iendswith": "iends-with", "wholeword": "regexp", "iwholeword": "iregexp", "regex": "regexp", "iregex": "iregexp",
    "type": "type", "near": "near", "near_sphere": "near", "geo_within": "within", "geo_within_box": "within",
    "geo_within_polygon": "within", "geo_within_center": "within", "geo_within_sphere": "within",
    "geo_intersects": "intersects", "within_distance": "within", "within_box": "within", "within_polygon": "within",
}  # fmt: skip
_MATCHES = frozenset({"match", "elemMatch"})
_CHANGES = {
    "set": "$set", "set_on_insert": "$setOnInsert", "unset": "$unset", "inc": "$inc", "mul": "$mul", "push": "$push",
    "push_all": "$push", "pull": "$pull", "pull_all": "$pullAll", "pop": "$pop", "add_to_set": "$addToSet",
    "min": "$min", "max": "$max", "rename": "$rename",
}  # fmt: skip
_SETTINGS = frozenset(
    "upsert multi write_concern read_concern full_result new remove array_filters class_check".split()
)
"""Keywords that are no fields."""
DEPTH = 60


def field(scene: Scene, words: list[str]) -> Column:
    """A path inside of a document; `pk` is whatever its key is called."""
    head = words[0]
    if head == "pk" and scene.table is not None:
        keys = [key.columns for key in scene.table.keys if key.kind == "primary"]
        head = keys[0][0] if keys else head
    return mql.field(scene, ".".join((head, *words[1:])))


def read(scene: Scene, call: Site) -> Reading:
    """The conditions of one call: its keywords, and the `Q` objects among its arguments."""
    pairs, hidden = keywords(scene.evaluator, call)
    elements: list[Element[Condition]] = []
    for name, site in pairs:
        if name == "__raw__":
            raw = mql.read(scene, site)
            elements += raw.elements
            hidden = hidden or raw.open
        elif name not in _SETTINGS:
            elements.append(Element(comparison(scene, name, site), site.when))
    for node, spread in positional(scene.evaluator, call):
        site = Site(call.path, node, call.context, call.when)
        part = None if spread else condition(scene, site)
        if part is None:
            hidden = hidden or scene.evaluator.tree(call.path).kinds[node] != Kind.CONSTANT
        else:
            elements.append(Element(part, call.when))
    return Reading(tuple(elements), hidden)


def comparison(scene: Scene, name: str, site: Site) -> Condition:
    """One keyword as a comparison."""
    words = [word for word in name.split("__") if word]
    operator = "="
    if len(words) > 1 and words[-1] in OPERATORS:
        operator = OPERATORS[words.pop()]
    if len(words) > 1 and words[-1] in _MATCHES:
        return OpaqueCondition(name)
    negated = len(words) > 1 and words[-1] == "not"
    column = field(scene, words[:-1] if negated else words)
    found = Compare(column, operator, scene.value(site))
    return Not(found) if negated else found


def condition(scene: Scene, site: Site, depth: int = DEPTH) -> Condition | None:
    """A tree of `Q` objects; None where a part of it hides what it asks."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if depth <= 0:
        return None
    host = decided(scene, site)
    if host is not None:
        return OpaqueCondition(decided=host)
    if kind == Kind.UNARY and tree.value(site.node) == "~":
        inner = condition(scene, Site(site.path, site.node + 1, site.context, site.when), depth - 1)
        return Not(inner) if inner is not None else None
    if kind == Kind.BINARY and tree.value(site.node) in COMBINING:
        sides = [
            condition(scene, Site(site.path, child, site.context, site.when), depth - 1) or OpaqueCondition()
            for child in tree.children(site.node)
        ]
        return Or(tuple(sides)) if tree.value(site.node) == "|" else And(tuple(sides))
    if scene.stands(site) == "conditions":
        reading = read(scene, site)
        parts = tuple(element.value for element in reading.elements)
        if reading.open or not parts:
            return None
        return parts[0] if len(parts) == 1 else And(parts)
    return None


def changes(scene: Scene, call: Site) -> tuple[list[Element[Assignment]], bool]:
    """What the keywords of an update give to which field (`inc__visits=1`; without a word, the field is set)."""
    pairs, hidden = keywords(scene.evaluator, call)
    found: list[Element[Assignment]] = []
    for name, site in pairs:
        if name in _SETTINGS:
            continue
        if name == "__raw__":
            some, more = mql_clauses.changes(scene, site)
            found += some
            hidden = hidden or more
            continue
        words = [word for word in name.split("__") if word]
        operator = "$set"
        if len(words) > 1 and words[0] in (*_CHANGES, "dec"):
            operator = _CHANGES.get(words.pop(0), "$dec")
        column = field(scene, words)
        found += mql_clauses.changed(Scene(scene.evaluator), operator, [(column.name, site)])
    return found, hidden


def orders(scene: Scene, site: Site) -> tuple[list[Element[Order]], bool]:
    """One key of a sort by its name."""
    name = mql_literals.written(scene, site)
    if not name:
        return [], scene.evaluator.tree(site.path).kinds[site.node] != Kind.CONSTANT
    column = field(scene, name.lstrip("+-").replace(".", "__").split("__"))
    return [Element(Order(column, name.startswith("-")), site.when)], False


def projected(scene: Scene, site: Site) -> tuple[list[Element[Expression]], bool]:
    """One field that is asked for."""
    name = mql_literals.written(scene, site)
    return ([Element(field(scene, name.replace(".", "__").split("__")), site.when)], False) if name else ([], True)
