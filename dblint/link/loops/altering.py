"""What an iteration sets on its element before it makes a call on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.program import Filled
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions

if TYPE_CHECKING:
    from dblint.link.loops.influence import Influence

_DEEPER = (Kind.ATTRIBUTE, Kind.SUBSCRIPT)


def filled(
    influence: Influence, tree: Tree, path: str, loop: int, call: int, names: tuple[str, ...]
) -> tuple[Filled, ...]:
    """The values that the iterations of a loop set on the element on which `call` is made, in the order of their
    names; none where anything else may change some: a method of it or of what it holds, or what it is handed to."""
    callee = call + 1
    if tree.kinds[call] != Kind.CALL or tree.kinds[callee] != Kind.ATTRIBUTE or tree.kinds[callee + 1] != Kind.NAME:
        return ()
    name = tree.value(callee + 1)
    if name not in names:
        return ()
    decided = set(conditions(tree, call, loop))
    found: dict[str, Filled] = {}
    node = tree.kinds.find(Kind.NAME, loop, tree.ends[loop])
    while node >= 0:
        if tree.value(node) == name and node != callee + 1:
            part = tree.parents[node]
            if tree.kinds[part] != Kind.ATTRIBUTE:
                if tree.roles[node] == Role.TARGET and part == loop:
                    node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[loop])
                    continue
                return ()
            user = tree.parents[part]
            inside = part
            while tree.kinds[user] in _DEEPER and user + 1 == inside:
                inside, user = user, tree.parents[user]
            called = tree.kinds[user] == Kind.CALL and tree.roles[inside] == Role.CALLEE
            acts = called and (inside == part or tree.kinds[tree.parents[user]] == Kind.BLOCK)
            if acts or (inside != part and tree.roles[inside] == Role.TARGET):
                return ()
            if inside == part and tree.kinds[user] == Kind.ASSIGN and tree.roles[part] == Role.TARGET:
                key, value = tree.value(part), tree.child(user, Role.VALUE)
                fixed = (
                    key not in found
                    and tree.value(user) == ""
                    and value >= 0
                    and user < call
                    and set(conditions(tree, user, loop)) <= decided
                    and _stays(influence, tree, path, loop, value)
                )
                found[key] = Filled(key, not fixed)
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[loop])
    return tuple(found[key] for key in sorted(found))


def _stays(influence: Influence, tree: Tree, path: str, loop: int, value: int) -> bool:
    """Whether a value is surely the same in every iteration: nothing in it is called or bound inside the loop."""
    if tree.kinds.find(Kind.CALL, value, tree.ends[value]) >= 0:
        return False
    scope = influence.evaluator.scope(path)
    node = tree.kinds.find(Kind.NAME, value, tree.ends[value])
    while node >= 0:
        reached = scope.reaching(node, tree.value(node)) or ()
        if any(loop <= binding < tree.ends[loop] for binding, _ in reached):
            return False
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[value])
    return True
