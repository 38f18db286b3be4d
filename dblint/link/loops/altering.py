"""What an iteration sets on its element before it makes a call on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.program import Filled
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions

if TYPE_CHECKING:
    from dblint.link.loops.influence import Influence


def filled(
    influence: Influence, tree: Tree, path: str, loop: int, call: int, names: tuple[str, ...]
) -> tuple[Filled, ...]:
    """The values that the iterations of a loop set on the element on which `call` is made, in the order of their
    names; none where anything else may set some: a method of it, or what it is handed to."""
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
            if tree.kinds[user] == Kind.CALL and tree.roles[part] == Role.CALLEE:
                return ()
            if tree.kinds[user] == Kind.ASSIGN and tree.roles[part] == Role.TARGET:
                key, value = tree.value(part), tree.child(user, Role.VALUE)
                fixed = (
                    key not in found
                    and tree.value(user) == ""
                    and value >= 0
                    and user < call
                    and set(conditions(tree, user, loop)) <= decided
                    and not influence.depends(path, (value,), loop, names)
                )
                found[key] = Filled(key, not fixed)
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[loop])
    return tuple(found[key] for key in sorted(found))
