"""Files that an iteration opens: beside the work on one, a statement in an embedded database is little."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts


def opens(tree: Tree, loop: int, names: tuple[str, ...]) -> bool:
    """Whether an iteration opens the file that its element is, or is the name of."""
    node = tree.kinds.find(Kind.CALL, loop, tree.ends[loop])
    while node >= 0:
        callee = node + 1
        if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in hosts.FILE_METHODS:
            if tree.kinds[callee + 1] == Kind.NAME and tree.value(callee + 1) in names:
                return True
        elif tree.kinds[callee] == Kind.NAME and tree.value(callee) == hosts.OPEN:
            given = tree.child(node, Role.ARGUMENT)
            if given >= 0 and any(
                tree.kinds[part] == Kind.NAME and tree.value(part) in names for part in range(given, tree.ends[given])
            ):
                return True
        node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[loop])
    return False
