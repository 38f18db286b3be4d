"""Decorators of the project that keep what a function gives: they look where they kept it before they call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_HANDED = frozenset({Kind.AWAIT, Kind.CAST, Kind.CALL, Kind.KEYWORD, Kind.TUPLE, Kind.CONDITIONAL})
"""What may stand around the call where its result is kept: it is awaited, made a task of, kept beside a time."""
_KEEPERS = (Kind.SUBSCRIPT, Kind.ATTRIBUTE)


def keeps(evaluator: Evaluator, path: str, call: int) -> bool:
    """Whether the function that calls a decorated one keeps what that gives in a mapping or an attribute that outlives
    it, and gives what it finds there instead. `call`: the call, in the function that takes its place."""
    scope = evaluator.scope(path)
    tree = scope.tree
    wrapper = scope.function(call)
    if wrapper < 0:
        return False
    kept = [place for place in _kept(tree, wrapper, call) if _outlives(evaluator, path, wrapper, place)]
    return any(_given(tree, wrapper, call, _spelled(tree, place)) for place in kept)


def _kept(tree: Tree, wrapper: int, call: int) -> Iterator[int]:
    """Where the result of the call is kept, at once or by the name that holds it: subscripts and attributes."""
    node = call
    while tree.kinds[tree.parents[node]] in _HANDED and tree.parents[node] > wrapper:
        node = tree.parents[node]
    assign = tree.parents[node]
    if tree.kinds[assign] != Kind.ASSIGN or tree.roles[node] != Role.VALUE:
        return
    targets = list(tree.with_role(assign, Role.TARGET))
    yield from (target for target in targets if tree.kinds[target] in _KEEPERS)
    names = {tree.value(target) for target in targets if tree.kinds[target] == Kind.NAME}
    for other in _all(tree, Kind.ASSIGN, assign, tree.ends[wrapper]):
        value = tree.child(other, Role.VALUE)
        if value >= 0 and names.intersection(_names(tree, value)):
            yield from (target for target in tree.with_role(other, Role.TARGET) if tree.kinds[target] in _KEEPERS)


def _outlives(evaluator: Evaluator, path: str, wrapper: int, place: int) -> bool:
    """Whether what holds a place was there before the wrapper was called, and is there after it."""
    scope = evaluator.scope(path)
    tree = scope.tree
    root = place
    while tree.kinds[root] in _KEEPERS:
        root += 1
    if tree.kinds[root] != Kind.NAME:
        return False
    bound = scope.reaching(root, tree.value(root)) or ()
    within = [binding for binding, _ in bound if wrapper < binding < tree.ends[wrapper]]
    return all(tree.kinds[binding] == Kind.PARAMETER for binding in within)


def _given(tree: Tree, wrapper: int, call: int, kept: tuple[tuple[int, str], ...]) -> bool:
    """Whether the wrapper gives what it finds in the place without calling: it reads it before the call, which stands
    in a branch or behind a way out."""
    earlier = [
        node for node in range(wrapper + 1, call) if tree.roles[node] != Role.TARGET and _is_read(tree, node, kept)
    ]
    looked = earlier or [node for node in range(wrapper + 1, call) if _is_asked(tree, node, kept)]
    if not looked or not _avoidable(tree, wrapper, call):
        return False
    names = {
        tree.value(target)
        for node in earlier
        for target in _targets(tree, wrapper, node)
        if tree.kinds[target] == Kind.NAME
    }
    for back in _all(tree, Kind.RETURN, wrapper, tree.ends[wrapper]):
        value = tree.child(back, Role.VALUE)
        while value >= 0 and tree.kinds[value] == Kind.AWAIT:
            value = tree.child(value, Role.VALUE)
        if value < 0 or value <= call < tree.ends[value]:
            continue
        if names.intersection(_names(tree, value)) or any(
            _is_read(tree, node, kept) for node in range(value, tree.ends[value])
        ):
            return True
    return False


def _avoidable(tree: Tree, wrapper: int, call: int) -> bool:
    """Whether a call of the wrapper may end without that call."""
    node = call
    while node != wrapper:
        parent = tree.parents[node]
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind == Kind.CATCH or (kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE)):
            return True
        node = parent
    return any(not tree.contains(back, call) for back in _all(tree, Kind.RETURN, wrapper, call))


def _targets(tree: Tree, wrapper: int, node: int) -> Iterator[int]:
    """What the statement binds in whose value a node stands."""
    while node != wrapper and tree.kinds[node] != Kind.ASSIGN:
        node = tree.parents[node]
    if node != wrapper:
        yield from tree.with_role(node, Role.TARGET)


def _is_read(tree: Tree, node: int, kept: tuple[tuple[int, str], ...]) -> bool:
    """Whether an expression reads the place: `kept[key]`, `kept.get(key)`, `owner.kept`."""
    if _spelled(tree, node) == kept:
        return True
    if kept[0][0] != Kind.SUBSCRIPT or tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
        return False
    owner, key = node + 2, tree.child(node, Role.ARGUMENT)
    return key >= 0 and (*_spelled(tree, owner), *_spelled(tree, key)) == kept[1:]


def _is_asked(tree: Tree, node: int, kept: tuple[tuple[int, str], ...]) -> bool:
    """Whether an expression asks whether there is something in the place: `key in kept`."""
    if kept[0][0] != Kind.SUBSCRIPT or tree.kinds[node] != Kind.BINARY or tree.value(node) not in ("in", "not-in"):
        return False
    key = node + 1
    return (*_spelled(tree, tree.ends[key]), *_spelled(tree, key)) == kept[1:]


def _spelled(tree: Tree, node: int) -> tuple[tuple[int, str], ...]:
    return tuple((tree.kinds[each], tree.value(each)) for each in range(node, tree.ends[node]))


def _names(tree: Tree, node: int) -> set[str]:
    return {tree.value(name) for name in _all(tree, Kind.NAME, node, tree.ends[node])}


def _all(tree: Tree, kind: int, start: int, stop: int) -> Iterator[int]:
    node = tree.kinds.find(kind, start, stop)
    while node >= 0:
        yield node
        node = tree.kinds.find(kind, node + 1, stop)
