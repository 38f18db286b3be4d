"""`finder`: options of finders as Sequelize writes them: conditions whose operators are computed keys
(`{ [Op.or]: [{ age: { [Op.gt]: 3 } }, …] }`), orders and columns as lists of names and pairs.

Source: Sequelize 6 documentation, "Model Querying - Basics".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    Order,
    When,
)
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.conditions import Reading, Scene, equal
from dblint.link.values import Expression as Literal
from dblint.link.values import ExternalValue, ListOf, options

OPERATORS: Mapping[str, str] = {
    "eq": "=", "ne": "<>", "is": "is", "not": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "in",
    "notIn": "not-in", "between": "between", "like": "like", "iLike": "ilike", "startsWith": "starts-with",
    "endsWith": "ends-with", "substring": "contains", "regexp": "regexp", "iRegexp": "iregexp", "contains": "holds",
    "contained": "held", "overlap": "overlaps", "match": "search", "col": "=", "any": "in", "all": "=",
    "notLike": "not-like", "notILike": "not-ilike", "notBetween": "not-between", "notRegexp": "not-regexp",
    "notIRegexp": "not-iregexp", "adjacent": "adjacent", "strictLeft": "left", "strictRight": "right",
    "noExtendRight": "left", "noExtendLeft": "right", "values": "=", "placeholder": "=",
}  # fmt: skip
NEGATED: Mapping[str, str] = {
    "not-like": "like", "not-ilike": "ilike", "not-between": "between", "not-regexp": "regexp",
    "not-iregexp": "iregexp",
}  # fmt: skip
GROUPS = ("and", "or", "not")
DEPTH = 30


def read(scene: Scene, site: Site) -> Reading:
    """The conditions of an object; a list of them holds all together."""
    elements: list[Element[Condition]] = []
    hidden = False
    for inner in _listed(scene, site):
        if _opaque(scene, inner):
            elements.append(Element(OpaqueCondition(), inner.when))
            continue
        pairs, more = entries(
            scene.evaluator, inner, lambda key: f"[{operator(scene, key)}]" if operator(scene, key) else ""
        )
        hidden = hidden or more
        for name, value in pairs:
            found = _pair(scene, name, value, DEPTH)
            hidden = hidden or found is None
            elements += [Element(found, value.when)] if found is not None else []
    return Reading(tuple(elements), hidden)


def operator(scene: Scene, key: Site) -> str:
    """The word of an operator that a computed key is (`Op.gt`), "" for others."""
    evaluator = scene.evaluator
    tree = evaluator.tree(key.path)
    word = tree.value(key.node) if tree.kinds[key.node] in (Kind.ATTRIBUTE, Kind.NAME) else ""
    for option in options(evaluator.value(key.path, key.node, key.context)):
        if isinstance(option, ExternalValue):
            word = option.path.replace("#", ".").rpartition(".")[2]
    if tree.kinds[key.node] == Kind.NAME and word == tree.value(key.node):
        return ""
    return word if word in OPERATORS or word in GROUPS else ""


def _opaque(scene: Scene, site: Site) -> bool:
    """Whether a call of the library stands in the place of an object (`where(fn(…), …)`, `literal("…")`)."""
    return scene.evaluator.tree(site.path).kinds[site.node] == Kind.CALL and not any(
        isinstance(option, Literal) for option in options(scene.evaluator.value(site.path, site.node, site.context))
    )


def _listed(scene: Scene, site: Site) -> list[Site]:
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.LIST:
        return [site]
    return [Site(site.path, child, site.context, site.when) for child in tree.children(site.node)]


def _together(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else And(tuple(conditions))


def _all(scene: Scene, site: Site, depth: int) -> Condition | None:
    """An object as one condition; None where a part of it hides what it asks."""
    if _opaque(scene, site):
        return OpaqueCondition()
    pairs, more = entries(
        scene.evaluator, site, lambda key: f"[{operator(scene, key)}]" if operator(scene, key) else ""
    )
    found = [_pair(scene, name, value, depth - 1) for name, value in pairs]
    known = [each for each in found if each is not None]
    if more or len(known) < len(found) or not known:
        return None
    return _together(known)


def _pair(scene: Scene, name: str, site: Site, depth: int) -> Condition | None:
    """One entry of an object of conditions."""
    if depth <= 0:
        return OpaqueCondition(name)
    if name.strip("[]") in GROUPS and name.startswith("["):
        return _group(scene, name.strip("[]"), site, None, depth)
    if name.startswith("["):
        return OpaqueCondition()
    return _column(scene, _named(scene, name), site, depth)


def _named(scene: Scene, name: str) -> Column:
    """The column that a key names: an attribute, or one of another model (`$author.name$`)."""
    if name.startswith("$") and name.endswith("$"):
        *relation, last = name.strip("$").split(".")
        return Column(last, relation=tuple(relation))
    return Column(scene.column(name.partition(".")[0]))


def _column(scene: Scene, column: Column, site: Site, depth: int) -> Condition | None:
    evaluator = scene.evaluator
    held = _literal(scene, site)
    tree = evaluator.tree(held.path)
    kind = tree.kinds[held.node]
    if kind == Kind.OBJECT:
        pairs, more = entries(evaluator, held, lambda key: operator(scene, key))
        found = [_compared(scene, column, word, value, depth - 1) for word, value in pairs]
        known = [each for each in found if each is not None]
        if not known and more:
            return OpaqueCondition(columns=(column,))
        return _together(known) if known else None
    values = options(evaluator.value(site.path, site.node, site.context))
    if kind == Kind.LIST or any(isinstance(option, ListOf) for option in values):
        return Compare(column, "in", scene.value(held))
    value = scene.value(site)
    return Compare(column, equal(value), value)


def _literal(scene: Scene, site: Site) -> Site:
    for option in options(scene.evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Literal):
            tree = scene.evaluator.tree(option.path)
            if tree.kinds[option.node] in (Kind.OBJECT, Kind.LIST):
                return Site(option.path, option.node, option.context, site.when)
    return site


def _compared(scene: Scene, column: Column, word: str, site: Site, depth: int) -> Condition | None:
    tree = scene.evaluator.tree(site.path)
    if word in ("and", "or") or (word == "not" and tree.kinds[site.node] == Kind.OBJECT):
        return _group(scene, word, site, column, depth)
    if word not in OPERATORS:
        return OpaqueCondition(columns=(column,))  # a path inside of a document
    written = OPERATORS[word]
    value = scene.value(site)
    if word == "not" and tree.kinds[_literal(scene, site).node] == Kind.LIST:
        return Compare(column, "not-in", value)
    if word in ("eq", "ne", "not") and equal(value) == "is":
        return Compare(column, "is" if word == "eq" else "is-not", value)
    if written in NEGATED:
        return Not(_ranged(scene, Compare(column, NEGATED[written], value), site))
    return _ranged(scene, Compare(column, written, value), site)


def _ranged(scene: Scene, compare: Compare, site: Site) -> Compare:
    """A comparison; of a list of two after `between`, with both of its ends."""
    held = _literal(scene, site)
    tree = scene.evaluator.tree(held.path)
    ends = tree.children(held.node) if tree.kinds[held.node] == Kind.LIST else ()
    sites = [Site(held.path, child, held.context, held.when) for child in ends if tree.kinds[child] != Kind.SPREAD]
    if compare.operator != "between" or len(sites) != 2:
        return compare
    return Compare(compare.left, "between", Function("range", tuple(map(scene.value, sites))))


def _group(scene: Scene, word: str, site: Site, column: Column | None, depth: int) -> Condition | None:
    """`[Op.or]: […]`: of conditions, or of what one column is compared with."""
    held = _literal(scene, site)
    parts: list[Condition] = []
    tree = scene.evaluator.tree(held.path)
    sites = _listed(scene, held)
    if tree.kinds[held.node] == Kind.OBJECT and word == "or":
        pairs, more = entries(
            scene.evaluator, held, lambda key: f"[{operator(scene, key)}]" if operator(scene, key) else ""
        )
        if more:
            return None
        for name, value in pairs:
            one = (
                _pair(scene, name, value, depth - 1)
                if column is None
                else _compared(scene, column, name.strip("[]"), value, depth - 1)
            )
            if one is None:
                return None
            parts.append(one)
        return Or(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None
    if any(scene.evaluator.tree(each.path).kinds[each.node] == Kind.SPREAD for each in sites):
        return None
    if tree.kinds[held.node] not in (Kind.OBJECT, Kind.LIST):
        return None
    for each in sites:
        one = _all(scene, each, depth - 1) if column is None else _column(scene, column, each, depth - 1)
        if one is None:
            return None
        parts.append(one)
    if not parts:
        return None
    if word == "or":
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]
    return Not(_together(parts)) if word == "not" else _together(parts)


# Orders and columns


def orders(scene: Scene, site: Site) -> tuple[list[Element[Order]], bool]:
    """The keys by which rows are sorted: a name, a list of names, or pairs of a name and a direction; and whether
    there may be others."""
    found: list[Element[Order]] = []
    hidden = False
    literal = _literal(scene, site)
    tree = scene.evaluator.tree(literal.path)
    whole = literal if tree.kinds[literal.node] == Kind.LIST else None
    for each in _listed(scene, whole) if whole is not None else [literal]:
        one = _order(scene, each)
        hidden = hidden or one is None
        found += [Element(one, each.when)] if one is not None else []
    return found, hidden


def _order(scene: Scene, site: Site) -> Order | None:
    held = _literal(scene, site)
    tree = scene.evaluator.tree(held.path)
    if tree.kinds[held.node] != Kind.LIST:
        if tree.kinds[held.node] == Kind.SPREAD:
            return None
        return Order(expression(scene, held), False)
    parts = [Site(held.path, child, held.context, site.when) for child in tree.children(held.node)]
    if not parts or any(tree.kinds[part.node] == Kind.SPREAD for part in parts):
        return None
    last = tree.value(parts[-1].node).upper() if tree.kinds[parts[-1].node] == Kind.STRING else ""
    direction = len(parts) > 1 and last.startswith(("ASC", "DESC"))
    key = parts[-2] if direction and len(parts) > 2 else parts[0] if direction else parts[-1]
    if len(parts) > 1 and not direction:
        key = parts[0] if len(parts) == 2 else parts[-2]  # a direction that somebody hands over
    named = expression(scene, key)
    return Order(named, last.startswith("DESC"))


def expression(scene: Scene, site: Site) -> Expression:
    """A name of a column, or what the library makes of functions and texts."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if kind == Kind.STRING:
        return Column(scene.column(tree.value(site.node)))
    if kind == Kind.CALL and tree.kinds[site.node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
        word = tree.value(site.node + 1)
        given = list(tree.with_role(site.node, Role.ARGUMENT))
        if word == "col" and given and tree.kinds[given[0]] == Kind.STRING:
            *relation, last = tree.value(given[0]).split(".")
            return Column(scene.column(last), relation=tuple(relation))
        if word == "fn" and given and tree.kinds[given[0]] == Kind.STRING:
            inside = tuple(expression(scene, Site(site.path, each, site.context, site.when)) for each in given[1:5])
            return Function(tree.value(given[0]).lower(), inside)
        if word == "random":
            return Function("random", ())
    return OpaqueExpression()


def columns(scene: Scene, site: Site) -> tuple[list[Element[Expression]], bool]:
    """The columns of `attributes`: a list of names and of pairs of an expression and its name, or what is left out of
    all of them (`exclude`) or added (`include`); and whether there may be others."""
    found: list[Element[Expression]] = []
    held = _literal(scene, site)
    tree = scene.evaluator.tree(held.path)
    if tree.kinds[held.node] == Kind.OBJECT:
        pairs, more = entries(scene.evaluator, held)
        given = dict(pairs)
        if more or scene.table is None or not scene.table.columns:
            return [], True
        left = set(_names(scene, given.get("exclude")))
        if "exclude" in given and not left:
            return [], True
        found = [Element(Column(column.name), site.when) for column in scene.table.columns if column.name not in left]
        if "include" in given:
            added, more = columns(scene, given["include"])
            return [*found, *added], more
        return found, False
    if tree.kinds[held.node] != Kind.LIST:
        return [], True
    hidden = False
    for child in tree.children(held.node):
        one = Site(held.path, child, held.context, site.when if held.when is When.ALWAYS else held.when)
        if tree.kinds[child] == Kind.SPREAD:
            hidden = True
        elif tree.kinds[child] == Kind.LIST:
            parts = list(tree.children(child))
            if parts:
                found.append(Element(expression(scene, Site(held.path, parts[0], held.context)), one.when))
        else:
            value = expression(scene, one)
            hidden = hidden or isinstance(value, OpaqueExpression)
            found.append(Element(value, one.when))
    return found, hidden


def _names(scene: Scene, site: Site | None) -> Iterator[str]:
    if site is None:
        return
    held = _literal(scene, site)
    tree = scene.evaluator.tree(held.path)
    for child in tree.children(held.node) if tree.kinds[held.node] == Kind.LIST else ():
        if tree.kinds[child] == Kind.STRING:
            yield scene.column(tree.value(child))
