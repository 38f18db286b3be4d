"""From where on in a turn of a loop a call surely follows."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.hosts import COUNTS

_LEAVING = (Kind.CONTINUE, Kind.BREAK, Kind.RETURN)
_BRANCHES = (Kind.IF, Kind.CASE, Kind.CONDITIONAL, Kind.CATCH)
_DECIDED = (Role.BODY, Role.ELSE)
_ABSENT = frozenset({"null", "undefined"})


def decided(tree: Tree, node: int, read: int = -1) -> int:
    """The first character behind all that decides whether a turn comes to a node: branches around it, and what may
    leave the turn before it. What leaves it because a name holds nothing is not counted, nor the branch that is taken
    where what was read (`read`: a node) is there: a row that is not is the exception. What raises leaves more than the
    turn."""
    first, child = 0, node
    held = _held(tree, read) if read >= 0 else ""
    for parent in tree.ancestors(node):
        kind = tree.kinds[parent]
        if kind in (Kind.FUNCTION, Kind.LOOP, Kind.COMPREHENSION):
            return max(first, tree.starts[parent])
        if _branch(tree, parent, child) and not _present(tree, parent, child, held):
            first = max(first, tree.starts[child])
        elif kind == Kind.BLOCK:
            for before in tree.children(parent):
                if before >= child:
                    break
                if leaves(tree, before) and not _absent(tree, before):
                    first = max(first, tree.stops[before])
        child = parent
    return first


def _held(tree: Tree, read: int) -> str:
    """The name that is given what a node gives, or ""."""
    for parent in tree.ancestors(read):
        if tree.kinds[parent] == Kind.ASSIGN:
            target = tree.child(parent, Role.TARGET)
            return tree.value(target) if target >= 0 and tree.kinds[target] == Kind.NAME else ""
        if tree.kinds[parent] != Kind.AWAIT:
            break
    return ""


def _present(tree: Tree, branch: int, child: int, name: str) -> bool:
    """Whether a branch is taken where that name holds something."""
    if not name or tree.kinds[branch] != Kind.IF or tree.roles[child] != Role.BODY:
        return False
    condition = tree.child(branch, Role.CONDITION)
    if _compares_nothing(tree, condition, ("!=", "is-not")):
        condition = tree.child(condition, Role.LEFT)
    return tree.kinds[condition] == Kind.NAME and tree.value(condition) == name


def conditional(tree: Tree, node: int, function: int, *, filled: bool = False) -> bool:
    """Whether a branch or a handler inside a function decides whether a node in it is reached. `filled`: other than one
    that is taken where a list has elements which the function is given."""
    child = node
    for parent in tree.ancestors(node):
        if parent == function:
            return False
        if _branch(tree, parent, child) and not (filled and _filled(tree, parent, child, function)):
            return True
        child = parent
    return False


def _filled(tree: Tree, branch: int, child: int, function: int) -> bool:
    """Whether a branch is taken where a list that a function is given has elements (`if (keys.length)`)."""
    if tree.kinds[branch] != Kind.IF or tree.roles[child] != Role.BODY:
        return False
    counted = tree.child(branch, Role.CONDITION)
    if tree.kinds[counted] != Kind.ATTRIBUTE or tree.value(counted) not in COUNTS:
        return False
    given = {tree.value(each) for each in tree.with_role(function, Role.PARAMETER)}
    return tree.kinds[counted + 1] == Kind.NAME and tree.value(counted + 1) in given


def _branch(tree: Tree, parent: int, child: int) -> bool:
    """Whether something decides whether a part of it is reached."""
    if tree.kinds[parent] == Kind.BINARY:
        return tree.roles[child] == Role.RIGHT and tree.value(parent) in ("and", "or", "??")
    return tree.kinds[parent] in _BRANCHES and tree.roles[child] in _DECIDED


def leaves(tree: Tree, statement: int) -> bool:
    """Whether a statement may leave the turn; of what functions do that stand in it nothing is said."""
    node = statement
    while node < tree.ends[statement]:
        if tree.kinds[node] in _LEAVING:
            return True
        node = tree.ends[node] if tree.kinds[node] == Kind.FUNCTION else node + 1
    return False


def _absent(tree: Tree, statement: int) -> bool:
    """Whether a statement only leaves where a name holds nothing."""
    if tree.kinds[statement] != Kind.IF:
        return False
    condition = tree.child(statement, Role.CONDITION)
    if tree.kinds[condition] == Kind.UNARY:
        return tree.value(condition) == "not" and tree.kinds[condition + 1] == Kind.NAME
    return tree.child(statement, Role.ELSE) < 0 and _compares_nothing(tree, condition, ("==", "is"))


def _compares_nothing(tree: Tree, condition: int, operators: tuple[str, ...]) -> bool:
    """Whether a condition compares a name with nothing, in one of these ways."""
    if tree.kinds[condition] != Kind.BINARY or tree.value(condition) not in operators:
        return False
    left, right = tree.child(condition, Role.LEFT), tree.child(condition, Role.RIGHT)
    return tree.kinds[left] == Kind.NAME and tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _ABSENT
