"""Values that keep the rows of their query: uses of a name that run nothing, since an earlier use of it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.scopes import Scopes

EVALUATING = frozenset({"iterate", "async-iterate", "len", "truth", "contains"})
"""What loads all rows, so that they are kept; an index or a slice loads those that it asks for and keeps none."""
_SURE = {
    Kind.IF: frozenset({Role.CONDITION}),
    Kind.CONDITIONAL: frozenset({Role.CONDITION}),
    Kind.LOOP: frozenset({Role.ITERABLE, Role.CONDITION}),
    Kind.SWITCH: frozenset({Role.CONDITION}),
    Kind.BINARY: frozenset({Role.LEFT}),
    Kind.CLAUSE: frozenset({Role.ITERABLE}),
}
"""The parts of what branches that run whenever it does."""
_NEVER_SURE = frozenset({Kind.FUNCTION, Kind.CLASS, Kind.CASE, Kind.CATCH, Kind.TRY})
_IN_ORDER = frozenset({Kind.BLOCK, Kind.MODULE, Kind.IF, Kind.LOOP, Kind.WITH, Kind.CALL, Kind.LIST, Kind.TUPLE})
"""What runs its children in the order in which they stand, as far as the earlier one is a sure part of it."""


def evaluations(tree: Tree, sites: Sequence[tuple[int, str]]) -> dict[str, list[int]]:
    """The uses of names that load all rows of what they hold, by name."""
    found: dict[str, list[int]] = {}
    for node, trigger in sites:
        if trigger in EVALUATING and tree.kinds[node] == Kind.NAME:
            found.setdefault(tree.value(node), []).append(node)
    return found


def answered(scopes: Scopes, node: int, evaluated: Mapping[str, Sequence[int]]) -> bool:
    """Whether what a name holds at `node`, or the part of it that stands there, was loaded by an earlier use that
    surely ran, with the name bound as it is here."""
    tree = scopes.tree
    while tree.kinds[node] == Kind.SUBSCRIPT:
        node += 1
    if tree.kinds[node] != Kind.NAME:
        return False
    name = tree.value(node)
    for earlier in evaluated.get(name, ()):
        if earlier < node and scopes.function(earlier) == scopes.function(node) and _precedes(tree, earlier, node):
            bound = scopes.reaching(earlier, name)
            if bound and bound == scopes.reaching(node, name) and not scopes.touched(name, earlier, node):
                return True
    return False


def _precedes(tree: Tree, earlier: int, later: int) -> bool:
    """Whether the earlier of two nodes has run whenever the later one does."""
    child, parent = earlier, tree.parents[earlier]
    while parent >= 0 and not tree.contains(parent, later):
        if not _sure(tree, parent, child):
            return False
        child, parent = parent, tree.parents[parent]
    if parent < 0:
        return False
    if tree.kinds[parent] == Kind.CONDITIONAL or tree.kinds[parent] == Kind.BINARY:
        return _sure(tree, parent, child)
    return tree.kinds[parent] in _IN_ORDER and _sure(tree, parent, child)


def _sure(tree: Tree, parent: int, child: int) -> bool:
    """Whether a child of what runs runs, too."""
    kind = tree.kinds[parent]
    if kind in _NEVER_SURE:
        return False
    if kind == Kind.COMPREHENSION:
        return tree.child(parent, Role.CLAUSE) == child
    return kind not in _SURE or tree.roles[child] in _SURE[kind]
