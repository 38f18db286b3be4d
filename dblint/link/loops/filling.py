"""Which argument of a call fills which placeholder of its SQL text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dblint.facts.text import Place, Repeat, Text
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.arguments import Site, find
from dblint.link.values import Expression, options
from dblint.sql.placeholders import placeholders

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_IN_ORDER = frozenset({"question", "percent"})
_NAMED = frozenset({"colon"})
"""Names of values, which are taken in order where a list is given (`:1`, `:name`: oracledb, sqlite3)."""
_LISTS = (Kind.LIST, Kind.TUPLE)


def filled(evaluator: Evaluator, at: str, call: Site, texts: Iterable[Text], dialect: str = "") -> Mapping[Place, int]:
    """The places of placeholders → the expressions, in the call's own file, that fill them. `at`: the slot of the
    parameters."""
    sites = [site for site in find(evaluator, at, call).sites if site.path == call.path]
    tree = evaluator.tree(call.path)
    nodes = [_literal(evaluator, site) for site in sites]
    separate = at.rpartition("|")[2].endswith("+")  # each argument fills one placeholder
    ordered = nodes if separate and len(nodes) > 1 else _parts(tree, nodes[0]) if nodes else []
    numbered = nodes if separate else ordered
    named = _named(tree, nodes[0]) if len(nodes) == 1 else {}
    found: dict[Place, int] = {}
    for text in texts:
        position = 0
        markers = list(placeholders(text, dialect))
        if len(markers) == 1 and nodes and not ordered and not named and _repeats(text):
            # A placeholder for each element of a list, and the list: `IN (?, ?, …)`.
            if markers[0].place is not None:
                found[markers[0].place] = nodes[0]
            continue
        for marker in markers:
            word = marker.text.strip("$:@%()s" if marker.style == "named-percent" else "$:@?%")
            node = named.get(word, -1)
            if marker.style in _IN_ORDER or (marker.style in _NAMED and ordered and not named):
                node = ordered[position] if position < len(ordered) else -1
                position += 1
            elif marker.style == "dollar" and word.isdigit():
                node = numbered[int(word) - 1] if 0 < int(word) <= len(numbered) else -1
            if node >= 0 and marker.place is not None:
                found[marker.place] = node
    return found


def _repeats(text: Text) -> bool:
    return any(isinstance(piece, Repeat) for piece in text.pieces)


def _parts(tree: Tree, node: int) -> list[int]:
    """The elements of a list that stands in the source, up to one that is none itself."""
    if tree.kinds[node] not in _LISTS:
        return []
    parts = list(tree.children(node))
    return parts[: next((at for at, part in enumerate(parts) if tree.kinds[part] == Kind.SPREAD), len(parts))]


def _literal(evaluator: Evaluator, site: Site) -> int:
    """The list or mapping that a name holds, in the same file; else the expression itself."""
    kinds = evaluator.tree(site.path).kinds
    if kinds[site.node] != Kind.NAME:
        return site.node
    for option in options(evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Expression) and option.path == site.path and kinds[option.node] in (*_LISTS, Kind.OBJECT):
            return option.node
    return site.node


def _named(tree: Tree, node: int) -> dict[str, int]:
    """The values of a mapping by their names."""
    if tree.kinds[node] != Kind.OBJECT:
        return {}
    return {
        tree.value(pair): tree.child(pair, Role.VALUE)
        for pair in tree.children(node)
        if tree.kinds[pair] == Kind.PAIR and tree.value(pair)
    }
