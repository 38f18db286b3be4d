"""`document` beside conditions: columns and orders as objects (`select: { id: true }`, `orderBy: { id: "desc" }`)."""

from __future__ import annotations

from dblint.facts.query import Column, Element, Expression, Function, OpaqueExpression, Order, Value, When
from dblint.facts.tree import Kind
from dblint.link.arguments import Found, Site, entries
from dblint.link.conditions import Scene
from dblint.link.conditions.document import DEPTH

CHANGES = {"increment": "+", "decrement": "-", "multiply": "*", "divide": "/"}
"""Words by which a column is computed of itself."""
_REFERRING = frozenset({"connect", "connectOrCreate", "create", "disconnect", "upsert", "delete"})
"""Words that change to which row a row refers."""
_WRITING = frozenset({"connectOrCreate", "create", "update", "upsert", "delete"})
"""Words that write the other row."""
_NOTHING = frozenset({"undefined", "null"})
"""What says nothing of a relation."""


def columns(scene: Scene, site: Site) -> tuple[list[Element[Expression]], bool]:
    """The columns that an object, or a list, names; and whether there may be more. Of a relation among them those are
    read by which it leads to its rows; of what is computed there is no column."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.LIST:
        return [
            Element(Column(scene.column(tree.value(child))), site.when) for child in tree.children(site.node)
        ], False
    pairs, hidden = entries(scene.evaluator, site)
    found: list[Element[Expression]] = []
    for name, value in pairs:
        tree = scene.evaluator.tree(value.path)
        relation = scene.table.relation(name) if scene.table is not None else None
        if tree.kinds[value.node] == Kind.CONSTANT and tree.value(value.node) == "false":
            continue
        if relation is not None:
            found += [Element(Column(column), value.when) for column in relation.columns]
        elif _computed(name):
            found.append(Element(OpaqueExpression(), value.when))
        else:
            found.append(Element(Column(scene.column(name)), value.when))
    return found, hidden


def left_out(scene: Scene, given: Found) -> tuple[list[Element[Expression]], bool]:
    """All columns but those that the keys of objects name; and whether that cannot be said."""
    left: set[str] = set()
    hidden = given.open
    for inner in given.sites:
        pairs, more = entries(scene.evaluator, inner)
        hidden = hidden or more or inner.when is not When.ALWAYS
        for name, value in pairs:
            word = scene.evaluator.tree(value.path).value(value.node)
            hidden = hidden or word not in ("true", "false")
            left |= {scene.column(name)} if word == "true" else set()
    if hidden or scene.table is None or not scene.table.columns:
        return [], True
    return [Element(Column(column.name)) for column in scene.table.columns if column.name not in left], False


def order(scene: Scene, name: str, site: Site) -> Order:
    """One key of an object that says an order: of a column the direction, or an object with it under `sort`; of a
    relation what its rows are sorted by."""
    path: list[str] = []
    computed = _computed(name)
    for _ in range(DEPTH):
        if scene.evaluator.tree(site.path).kinds[site.node] != Kind.OBJECT:
            break
        pairs, _ = entries(scene.evaluator, site)
        leads = not path and scene.table is not None and scene.table.relation(name) is not None
        sort = next((value for key, value in pairs if key == "sort"), None)
        if sort is not None and not leads:
            site = sort
            break
        if len(pairs) != 1:
            break
        path.append(name)
        name, site = pairs[0]
        computed = computed or _computed(name)
    descending = scene.evaluator.tree(site.path).value(site.node).lower() == "desc"
    if computed:
        return Order(OpaqueExpression(), descending)
    return Order(Column(name if path else scene.column(name), relation=tuple(path)), descending)


def _computed(name: str) -> bool:
    """Whether a key is no column's: `_count`, `_avg`, `_relevance`."""
    return name.startswith("_") and name != "_id"


def nests(scene: Scene, name: str, site: Site) -> bool:
    """Whether a key of an object that says what is written may write rows of a relation, too: rows that refer to this
    one, or the one that it refers to, where that is not only named."""
    tree, table = scene.evaluator.tree(site.path), scene.table
    relation = table.relation(name) if table is not None else None
    if table is None or relation is None or tree.value(site.node).lower() in _NOTHING:
        return False
    words = {word for word, _ in entries(scene.evaluator, site)[0]} if tree.kinds[site.node] == Kind.OBJECT else set()
    own = any(key.kind == "foreign" and key.columns == relation.columns for key in table.keys)
    return bool(words & _WRITING) if own else tree.kinds[site.node] != Kind.OBJECT or bool(words)


def assigned(scene: Scene, name: str, site: Site) -> list[tuple[str, Expression]]:
    """What one key of an object that says what is written sets: a column, also by a change of it (`increment`); of a
    relation the columns by which the row refers to another, and nothing where the other rows refer to it."""
    evaluator = scene.evaluator
    pairs: list[tuple[str, Site]] = []
    if evaluator.tree(site.path).kinds[site.node] == Kind.OBJECT:
        pairs, _ = entries(evaluator, site)
    relation = scene.table.relation(name) if scene.table is not None else None
    if relation is None or scene.table is None:
        column = scene.table.column(name) if scene.table is not None else None
        if len(pairs) == 1 and (column is None or "json" not in column.type):
            word, inner = pairs[0]
            if word in CHANGES:
                return [(scene.column(name), Function(CHANGES[word], (Column(scene.column(name)), scene.value(inner))))]
            if word == "set":
                return [(scene.column(name), scene.value(inner))]
        return [(scene.column(name), scene.value(site))]
    own = any(key.kind == "foreign" and key.columns == relation.columns for key in scene.table.keys)
    if not own or (pairs and not any(word in _REFERRING for word, _ in pairs)):
        return []
    if not pairs and len(relation.columns) == 1 and evaluator.tree(site.path).kinds[site.node] != Kind.OBJECT:
        return [(relation.columns[0], scene.value(site))]  # the other row, or its key
    word, inner = pairs[0] if len(pairs) == 1 else ("", site)
    if word == "disconnect":
        return [(column, Value("null")) for column in relation.columns]
    keys = entries(evaluator, inner)[0] if word == "connect" else []
    if len(keys) == 1 and len(relation.columns) == 1:
        return [(relation.columns[0], scene.value(keys[0][1]))]
    return [(column, Value("unknown")) for column in relation.columns]
