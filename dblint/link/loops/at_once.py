"""Loops that stand for a statement which takes the whole list: where one arm of a branch has that, and the other one
the loop, the program knows both."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dblint.facts.tree import Kind, Role, Tree

__all__ = ["at_once_elsewhere"]


def at_once_elsewhere(tree: Tree, loop: int, call: int, iterated: int, listed: Callable[[int], bool]) -> bool:
    """Whether the other arm of a branch around a loop hands the list that is iterated, or one made of it, to a call of
    the same name as one that the loop makes. `call`: the chain in the loop; `listed`: whether a call's first argument
    is surely a list."""
    names = frozenset(_names(tree, call))
    if iterated < 0 or not names:
        return False
    whole = _spelled(tree, iterated)
    return any(
        _takes(tree, other, whole, listed)
        for arm in _other_arms(tree, loop)
        for other in _calls(tree, arm)
        if tree.value(other + 1) in names
    )


def _names(tree: Tree, node: int) -> Iterator[str]:
    """The names by which the calls of a chain are made."""
    while tree.kinds[node] in (Kind.AWAIT, Kind.CALL, Kind.ATTRIBUTE):
        if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
            yield tree.value(node + 1)
        node += 1


def _other_arms(tree: Tree, loop: int) -> Iterator[int]:
    child = loop
    for parent in tree.ancestors(loop):
        role = tree.roles[child]
        if tree.kinds[parent] == Kind.IF and role in (Role.BODY, Role.ELSE):
            other = tree.child(parent, Role.ELSE if role == Role.BODY else Role.BODY)
            if other >= 0:
                yield other
        elif tree.kinds[parent] in (Kind.FUNCTION, Kind.LOOP):
            return
        child = parent


def _calls(tree: Tree, arm: int) -> Iterator[int]:
    """The calls of an arm that are made once."""
    node, stop = arm, tree.ends[arm]
    while node < stop:
        if tree.kinds[node] in (Kind.FUNCTION, Kind.LOOP, Kind.COMPREHENSION):
            node = tree.ends[node]
            continue
        if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
            yield node
        node += 1


def _takes(tree: Tree, call: int, whole: tuple[tuple[int, str], ...], listed: Callable[[int], bool]) -> bool:
    given = list(tree.with_role(call, Role.ARGUMENT))
    if any(_spelled(tree, argument) == whole for argument in given):
        return True
    inside = any(_spelled(tree, node) == whole for node in range(given[0], tree.ends[given[0]])) if given else False
    return inside and listed(call)


def _spelled(tree: Tree, node: int) -> tuple[tuple[int, str], ...]:
    return tuple((tree.kinds[at], tree.value(at)) for at in range(node, tree.ends[node]))
