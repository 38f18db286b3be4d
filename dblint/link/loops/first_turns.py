"""Calls that only the first turn of a loop makes: a flag or a counter says that it has been made."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions

STEPS = 16
"""Parts of conditions that are read."""
_TRUTHS = {"true": True, "false": False, "none": False, "null": False, "undefined": False}
_IS = frozenset({"==", "is"})


def first_only(tree: Tree, loop: int, call: int) -> bool:
    """Whether a call is made under a condition on a name that the same turn then changes for good: it is set to what
    the condition excludes, or it counts turns up from nothing."""
    return any(
        _settled(tree, loop, call, name, wanted)
        for condition, holds in conditions(tree, call, loop)
        for name, wanted in _names(tree, condition, holds)
    )


def _names(tree: Tree, condition: int, holds: bool) -> Iterator[tuple[str, bool]]:
    """The names whose truth a condition asks for that comes out so, each with the truth that it has to have."""
    pending = [(condition, holds)]
    for _ in range(STEPS):
        if not pending:
            return
        node, wanted = pending.pop()
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.NAME:
            yield word, wanted
        elif kind == Kind.UNARY and word == "not":
            pending.append((node + 1, not wanted))
        elif kind == Kind.BINARY and word == ("and" if wanted else "or"):
            pending += [(part, wanted) for part in tree.children(node)]
        elif kind == Kind.BINARY and word in _IS and wanted:
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            truth = _truth(tree, right)
            if tree.kinds[left] == Kind.NAME and truth is not None:
                yield tree.value(left), truth


def _truth(tree: Tree, node: int) -> bool | None:
    """Whether a constant counts as true; None for what is no constant, or one of many that do."""
    if node >= 0 and tree.kinds[node] == Kind.NUMBER:
        return False if tree.value(node) == "0" else None
    return _TRUTHS.get(tree.value(node).lower()) if node >= 0 and tree.kinds[node] == Kind.CONSTANT else None


def _settled(tree: Tree, loop: int, call: int, name: str, wanted: bool) -> bool:
    """Whether all that a loop does with a name ends that truth, and a turn that makes the call surely does so."""
    sure = False
    for node in tree.spelled(name):
        if tree.kinds[node] != Kind.NAME or not tree.contains(loop, node):
            continue
        change = tree.parents[node]
        if tree.kinds[change] == Kind.UNARY and tree.value(change) in ("++", "--"):
            ends = not wanted and tree.value(change) == "++"
        elif tree.roles[node] != Role.TARGET:
            continue
        elif tree.kinds[change] != Kind.ASSIGN:
            return False
        else:
            ends = _ends(tree, change, wanted)
        if not ends:
            return False
        sure = sure or _surely(tree, loop, call, change)
    return sure


def _ends(tree: Tree, assign: int, wanted: bool) -> bool:
    """Whether an assignment gives a name the other truth: a constant, or what a counter from nothing adds."""
    value, operator = tree.child(assign, Role.VALUE), tree.value(assign)
    if value < 0:
        return False
    if operator == "+":
        return not wanted and tree.kinds[value] == Kind.NUMBER and tree.value(value) != "0"
    return not operator and _truth(tree, value) is (not wanted)


def _surely(tree: Tree, loop: int, call: int, change: int) -> bool:
    """Whether a turn that makes the call also comes to a change, which stands in a block around both: nothing between
    them goes on with the next element."""
    block = tree.parents[change]
    if tree.kinds[block] != Kind.BLOCK or not tree.contains(loop, block) or not tree.contains(block, call):
        return False
    skipping = (Kind.CONTINUE, Kind.RETURN) if tree.kinds[loop] == Kind.FUNCTION else (Kind.CONTINUE,)
    low, high = sorted((call, change))
    return not any(tree.kinds[node] in skipping for node in range(low, high))
