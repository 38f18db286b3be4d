"""Keywords that a read and an insert are both handed as they are: `filter(name=name, **more)` … `create(name=name,
**more)`. Which columns they are stands elsewhere; that they are the same is seen here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree

if TYPE_CHECKING:
    from dblint.link.scopes import Scopes

CHAIN = 12
"""Calls of one chain."""


def spread_in(tree: Tree, scope: Scopes, call: int) -> str:
    """The name of the mapping whose entries a chain of calls is given as keywords; "" where it is given none, several,
    or conditions that only a variable has."""
    found: set[str] = set()
    node = call
    for _ in range(CHAIN):
        if tree.kinds[node] == Kind.CALL:
            for argument in tree.with_role(node, Role.ARGUMENT):
                if tree.kinds[argument] == Kind.SPREAD:
                    found.add(_name(tree, argument))
            node += 1
        elif tree.kinds[node] == Kind.ATTRIBUTE:
            node += 1
        else:
            break
    if len(found) != 1 or tree.kinds[node] != Kind.NAME:
        return ""
    begun = scope.bindings(node, tree.value(node)) or ()
    return "" if any(tree.kinds[at] == Kind.ASSIGN for at, _ in begun) else found.pop()


def shared(tree: Tree, scope: Scopes, read: int, insert: int) -> str:
    """The name of a mapping that both are given as keywords, and that nothing changes in between; "" for none."""
    name = spread_in(tree, scope, read)
    if not name or not any(
        tree.kinds[argument] == Kind.SPREAD and _name(tree, argument) == name
        for argument in tree.with_role(insert, Role.ARGUMENT)
    ):
        return ""
    first, last = min(read, insert), max(read, insert)
    node = tree.kinds.find(Kind.NAME, first, last)
    while node >= 0:
        if tree.value(node) == name and tree.kinds[tree.parents[node]] != Kind.SPREAD:
            return ""
        node = tree.kinds.find(Kind.NAME, node + 1, last)
    return name


def _name(tree: Tree, argument: int) -> str:
    """The name behind `**`, "" for every other spread."""
    value = tree.child(argument, Role.VALUE)
    plain = tree.has(argument, Flag.PAIRS) and value >= 0 and tree.kinds[value] == Kind.NAME
    return tree.value(value) if plain else ""
