"""`mql`: MongoDB's query language, in documents: fields and filters (`{"age": {"$gt": 3}}`).

Source: MongoDB 8.0 manual, "Query Predicates".
"""

from __future__ import annotations

import re

from dblint.facts.query import (
    And,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Not,
    OpaqueCondition,
    Or,
    Value,
    When,
)
from dblint.facts.schema import OF_REFERENCE
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.conditions import Reading, Scene
from dblint.link.conditions.decided import decided
from dblint.link.conditions.mql_literals import elements, pairs, written
from dblint.link.values import Expression as Literal
from dblint.link.values import Instance, LibraryClass, LibraryFunction, Scalar, options

OPERATORS = {
    "$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "$in": "in", "$nin": "not-in",
    "$exists": "set", "$all": "holds", "$size": "size", "$type": "type", "$mod": "modulo", "$regex": "regexp",
    "$near": "near", "$nearSphere": "near", "$geoWithin": "within", "$geoIntersects": "intersects",
    "$bitsAllSet": "bits", "$bitsAnySet": "bits", "$bitsAllClear": "bits", "$bitsAnyClear": "bits",
}  # fmt: skip
"""Operators on a field → those of `Compare`."""
_GROUPS = frozenset({"$and", "$or", "$nor"})
_ASIDE = frozenset({"$comment", "$options", "$maxDistance", "$minDistance"})
"""Keys that say nothing of which documents are meant."""
_COMPARED = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_KEYS = frozenset({"number", "string", "scalar"})
"""Kinds of values that are keys where a document may stand."""
_KEY = "_id"
_REFERRED = frozenset({"id", "_id", "pk"})
"""What a reference holds of the document that it refers to."""
DEPTH = 30


# Fields


def field(scene: Scene, name: str) -> Column:
    """The field of a document by its path, as it is stored; a reference's own key (`author.$id`, `author.id`) stands
    for the reference."""
    table = scene.table
    head, _, rest = name.removesuffix(OF_REFERENCE).partition(".")
    if rest in _REFERRED and table is not None and table.relation(head) is not None:
        rest = ""
    path = f"{head}.{rest}" if rest else head
    stored = scene.column(path)
    if stored != path or not rest:
        return Column(stored)
    return Column(f"{scene.column(head)}.{rest}")


# Filters


def read(scene: Scene, site: Site) -> Reading:
    """The conditions of a filter: a document, the key of one, or a condition that operators write."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CONSTANT:
        return Reading()
    condition = _operated(scene, site, DEPTH)
    if condition is not None:
        return Reading((Element(condition, site.when),))
    if _is_key(scene, site):
        return Reading((Element(Compare(Column(_KEY), "=", scene.value(site)), site.when),))
    found, hidden = pairs(scene, site)
    read_: list[Element[Condition]] = []
    for name, value in found:
        conditions, more = _pair(scene, name, value, "", DEPTH)
        hidden = hidden or more
        read_ += [Element(condition, _when(scene, value)) for condition in conditions]
    return Reading(tuple(read_), hidden)


def _when(scene: Scene, site: Site) -> When:
    return When.SOMETIMES if scene.evaluator.tree(site.path).kinds[site.node] == Kind.CONDITIONAL else site.when


def _is_key(scene: Scene, site: Site) -> bool:
    """Whether a number, a text or what prints like one stands in the place of a document: the key of one."""
    found = options(scene.evaluator.value(site.path, site.node, site.context))
    return bool(found) and all(
        option.kind in _KEYS
        if isinstance(option, Scalar)
        else isinstance(option, Literal) and scene.evaluator.tree(option.path).kinds[option.node] == Kind.STRING
        for option in found
    )


def _filter(scene: Scene, site: Site, prefix: str, depth: int) -> tuple[list[Condition], bool]:
    condition = _operated(scene, site, depth)
    if condition is not None:
        return [condition], False
    found, hidden = pairs(scene, site)
    conditions: list[Condition] = []
    for name, value in found:
        some, more = _pair(scene, name, value, prefix, depth - 1)
        conditions += some
        hidden = hidden or more
    return conditions, hidden


def _pair(scene: Scene, name: str, site: Site, prefix: str, depth: int) -> tuple[list[Condition], bool]:
    if name in _ASIDE:
        return [], False
    if depth <= 0:
        return [OpaqueCondition(name)], True
    if name in _GROUPS:
        return _group(scene, name, site, prefix, depth)
    if name.startswith("$"):
        return [OpaqueCondition(name)], False
    path = f"{prefix}.{name}" if prefix else name
    column = field(scene, path)
    pattern = _pattern(scene, site)
    if pattern is not None:
        return [_matched(column, _folded(scene, site), _expression(scene, pattern))], False
    found, hidden = _operators(scene, site)
    if not found:
        return [Compare(column, "=", scene.value(site))], False
    return _compared(scene, path, found, hidden, depth)


def _operators(scene: Scene, site: Site) -> tuple[list[tuple[str, Site]], bool]:
    """The operators of a document of nothing else; none where a value stands there."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] not in (Kind.OBJECT, Kind.NAME, Kind.ATTRIBUTE, Kind.CONDITIONAL, Kind.SUBSCRIPT):
        return [], False
    found, hidden = pairs(scene, site)
    return (found, hidden) if found and all(key.startswith("$") for key, _ in found) else ([], False)


def _compared(
    scene: Scene, path: str, found: list[tuple[str, Site]], hidden: bool, depth: int
) -> tuple[list[Condition], bool]:
    column = field(scene, path)
    conditions: list[Condition] = []
    for key, value in found:
        if key in _ASIDE:
            continue
        if key == "$not":
            inner, more = _pair(scene, path, value, "", depth - 1)
            conditions += [Not(_whole(inner))] if inner else []
        elif key == "$elemMatch":
            some = _operators(scene, value)
            inner, more = _compared(scene, path, *some, depth - 1) if some[0] else _filter(scene, value, path, depth)
            conditions += inner
            hidden = hidden or more
        elif key == "$regex":
            pattern = _pattern(scene, value) or value
            folded = any(
                name == "$options" and "i" in scene.evaluator.tree(at.path).value(at.node) for name, at in found
            )
            conditions.append(_matched(column, folded or _folded(scene, value), _expression(scene, pattern)))
        else:
            conditions.append(Compare(column, OPERATORS.get(key, "operator"), scene.value(value)))
    return conditions, hidden


def _whole(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _group(scene: Scene, name: str, site: Site, prefix: str, depth: int) -> tuple[list[Condition], bool]:
    sites, hidden = elements(scene, site)
    parts: list[Condition] = []
    opened = hidden
    for inner in sites:
        conditions, more = _filter(scene, inner, prefix, depth - 1)
        opened = opened or more
        if name == "$and":
            parts += conditions
        elif conditions:
            parts.append(_whole(conditions))
        else:
            parts.append(OpaqueCondition())
    if name == "$and":
        return parts, opened
    if hidden or not parts:
        parts.append(OpaqueCondition())
    either: Condition = Or(tuple(parts)) if len(parts) > 1 else parts[0]
    return [Not(either) if name == "$nor" else either], False


# Patterns


def _pattern(scene: Scene, site: Site) -> Site | None:
    """The text of a pattern that the language's own compiler makes there (`re.compile("^a", re.I)`), or that stands
    there as such (`/^a/`)."""
    if scene.evaluator.tree(site.path).kinds[site.node] == Kind.REGEX:
        return site
    call = _compiled(scene, site)
    if call is None:
        return None
    tree = scene.evaluator.tree(call.path)
    if tree.kinds[call.node] == Kind.REGEX:
        return call
    given = tree.child(call.node, Role.ARGUMENT)
    return Site(call.path, given, call.context, site.when) if given >= 0 else None


def _expression(scene: Scene, site: Site) -> Expression:
    tree = scene.evaluator.tree(site.path)
    return Value("string", tree.value(site.node)) if tree.kinds[site.node] == Kind.REGEX else scene.value(site)


def _compiled(scene: Scene, site: Site) -> Site | None:
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] == Kind.CALL and evaluator.javascript(site.path):
        return site if tree.value(site.node + 1) == "RegExp" and tree.kinds[site.node + 1] == Kind.NAME else None
    for option in options(evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Instance) and isinstance(option.cls, LibraryClass) and option.steps:
            members = evaluator.tables.types[option.cls.name].members.values()
            step = option.steps[-1]
            if step.node >= 0 and any(member.test == "whole-pattern" for member in members):
                return Site(step.path, step.node, step.context)
    return None


def _folded(scene: Scene, site: Site) -> bool:
    """Whether a compiled pattern is compared without regard to case, by its flags."""
    call = _compiled(scene, site)
    literal = scene.evaluator.tree(site.path)
    if literal.kinds[site.node] == Kind.REGEX:  # behind the second stroke stand its flags, hardly ever another one
        return literal.stops[site.node] - literal.starts[site.node] > len(literal.value(site.node).encode()) + 2
    if call is None:
        return False
    tree = scene.evaluator.tree(call.path)
    flags = list(tree.with_role(call.node, Role.ARGUMENT))[1:]
    if scene.evaluator.javascript(call.path):
        return any("i" in tree.value(flag) for flag in flags if tree.kinds[flag] == Kind.STRING)
    return any(
        tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node) in ("I", "IGNORECASE")
        for argument in flags
        for node in range(argument, tree.ends[argument])
    )


def _matched(column: Column, folded: bool, value: Expression) -> Condition:
    """A field that matches a pattern: one that is only a text says what the field is, begins or ends with, or holds."""
    letter = "i" if folded else ""
    literal = _TEXT.fullmatch(value.text) if isinstance(value, Value) and value.kind == "string" else None
    if literal is None or not literal[3]:
        return Compare(column, f"{letter}regexp", value)
    text = Value("string", _ESCAPED.sub(r"\1", literal[3]))
    whole = bool(literal[1]) and not literal[2], bool(literal[5]) and not literal[4]
    if whole == (True, True):
        return Compare(column, "ilike" if folded else "=", text)
    word = {(True, False): "starts-with", (False, True): "ends-with"}.get(whole, "contains")
    return Compare(column, f"{letter}{word}", text)


_TEXT = re.compile(r"(\^?)(\.\*)?((?:[^\\.^$*+?{}\[\]|()]|\\[^\w\s])*)(\.\*)?(\$?)")
"""A pattern without anything but anchors and characters that stand for themselves."""
_ESCAPED = re.compile(r"\\(.)")


# Conditions that are written with operators of the host language, or with functions


def _operated(scene: Scene, site: Site, depth: int) -> Condition | None:
    tree = scene.evaluator.tree(site.path)
    if depth <= 0:
        return None
    kind = tree.kinds[site.node]
    host = decided(scene, site)
    if host is not None:
        return OpaqueCondition(decided=host)
    if kind == Kind.BINARY and tree.value(site.node) in _COMPARED:
        left = Site(site.path, tree.child(site.node, Role.LEFT), site.context)
        right = Site(site.path, tree.child(site.node, Role.RIGHT), site.context, site.when)
        name = written(scene, left)
        known = tree.kinds[left.node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT)
        if name and known:
            return Compare(field(scene, name), _COMPARED[tree.value(site.node)], scene.value(right))
        return OpaqueCondition()
    if kind == Kind.UNARY and tree.value(site.node) == "~":
        inner = _operated(scene, Site(site.path, tree.child(site.node, Role.VALUE), site.context), depth - 1)
        return Not(inner) if inner is not None else None
    if kind == Kind.CALL:
        return _called(scene, site, depth)
    return None


def _called(scene: Scene, site: Site, depth: int) -> Condition | None:
    """What a function gives that a row calls a condition."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    callee = evaluator.value(site.path, site.node + 1, site.context)
    if not isinstance(callee, LibraryFunction):
        return None
    word = evaluator.tables.functions[callee.path][1].compares
    if not word:
        return None
    given = [
        Site(site.path, node, site.context, site.when)
        for node in tree.with_role(site.node, Role.ARGUMENT)
        if tree.kinds[node] not in (Kind.KEYWORD, Kind.SPREAD)
    ]
    if word in ("and", "or", "nor", "not"):
        parts: list[Condition] = []
        for inner in given:
            conditions, _ = _filter(scene, inner, "", depth - 1)
            parts.append(_whole(conditions) if conditions else OpaqueCondition())
        if not parts:
            return OpaqueCondition()
        if word == "not":
            return Not(_whole(parts))
        if word == "nor":
            return Not(Or(tuple(parts)))
        return parts[0] if len(parts) == 1 else And(tuple(parts)) if word == "and" else Or(tuple(parts))
    name = written(scene, given[0]) if given else ""
    if not name or len(given) < 2:
        return OpaqueCondition()
    if word == "regexp":
        pattern = _pattern(scene, given[1]) or given[1]
        return _matched(field(scene, name), _folded(scene, given[1]), scene.value(pattern))
    return Compare(field(scene, name), word, scene.value(given[1]))
