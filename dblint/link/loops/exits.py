"""How the iteration that makes a call ends its loop, and for which elements it makes it."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.influence import names_in
from dblint.link.loops.preconditions import conditions

STEPS = 16
"""Parts of a condition that are read."""
JUMPS = frozenset({Kind.RETURN, Kind.BREAK, Kind.CONTINUE, Kind.RAISE})
_NOTHING = frozenset({"null", "undefined"})
_WORDS = (Kind.STRING, Kind.NUMBER)
_EQUAL = frozenset({"==", "is", "in"})
_UNEQUAL = frozenset({"!=", "is-not", "not-in"})


def leaves(tree: Tree, loop: int, call: int) -> bool:
    """Whether the iteration that makes the call surely leaves the loop after it."""
    child, parent = call, tree.parents[call]
    while child != loop and parent >= 0:
        jump = _following(tree, child, parent)
        if jump < 0 and tree.kinds[parent] == Kind.BLOCK:
            jump = _found(tree, range(tree.ends[child], tree.ends[parent]), loop, _held(tree, loop, call))
        if jump >= 0:
            ended = _ended(tree, jump)
            if ended < loop or (ended == loop and tree.kinds[jump] == Kind.BREAK):
                return True
            child = ended  # a callback, a `switch` or a loop inside: what follows it decides
        else:
            child = parent
        parent = tree.parents[child]
    return False


def _following(tree: Tree, child: int, parent: int) -> int:
    """The jump that surely comes after `child` inside `parent`, or -1."""
    kind = tree.kinds[parent]
    if kind in (Kind.RETURN, Kind.RAISE):
        return parent
    if kind == Kind.BLOCK:
        return _jump(tree, tree.ends[child], tree.ends[parent])
    if kind == Kind.WITH and tree.roles[child] != Role.BODY:  # what is entered
        body = tree.child(parent, Role.BODY)
        return _jump(tree, body + 1, tree.ends[body]) if body >= 0 and tree.kinds[body] == Kind.BLOCK else -1
    if kind == Kind.TRY and tree.roles[child] == Role.BODY:
        otherwise = tree.child(parent, Role.ELSE)  # runs when nothing failed
        if otherwise >= 0 and tree.kinds[otherwise] == Kind.BLOCK:
            return _jump(tree, otherwise + 1, tree.ends[otherwise])
    return -1


def _jump(tree: Tree, first: int, stop: int) -> int:
    """The first statement of a block that leaves it, or -1; what stands behind it never runs."""
    while first < stop:
        if tree.kinds[first] in JUMPS:
            return first
        first = tree.ends[first]
    return -1


def _found(tree: Tree, statements: range, loop: int, names: set[str]) -> int:
    """The jump by which the straight way through statements leaves `loop`, or -1: at the end of an inner loop, of a
    `with`, or in one branch where all others go on with the next element. No end of a search is what says no or
    raises, nor what a test of the answer (`names`) decides: the answer may be the failure."""
    pending = [statements]
    for _ in range(STEPS):
        if not pending:
            return -1
        inside = pending.pop()
        statement = inside.start
        while statement < inside.stop:
            kind = tree.kinds[statement]
            if kind in JUMPS:
                if stops(tree, statement, loop) and not _says_no(tree, statement):
                    return statement
                break
            bodies = [tree.child(statement, role) for role in (Role.BODY, Role.ELSE)]
            if kind == Kind.IF:
                tested = names_in(tree, tree.child(statement, Role.CONDITION)) & names
                if not tested and _divided(tree, statement):
                    pending += [_statements(tree, body) for body in bodies]
            elif kind in (Kind.LOOP, Kind.WITH) and bodies[0] >= 0:
                pending.append(_statements(tree, bodies[0]))
            statement = tree.ends[statement]
    return -1


def _divided(tree: Tree, branch: int) -> bool:
    """Whether every branch of an `if` jumps: none goes on with what follows it."""
    while branch >= 0 and tree.kinds[branch] == Kind.IF:
        body = tree.child(branch, Role.BODY)
        if body < 0 or not _left(tree, body):
            return False
        branch = tree.child(branch, Role.ELSE)
    return branch >= 0 and _left(tree, branch)


def _statements(tree: Tree, body: int) -> range:
    """Where the statements of a body begin and end."""
    return range(body + 1 if tree.kinds[body] == Kind.BLOCK else body, tree.ends[body])


def _says_no(tree: Tree, jump: int) -> bool:
    """Whether a `return` gives nothing, or a constant."""
    value = tree.child(jump, Role.VALUE) if tree.kinds[jump] == Kind.RETURN else jump
    return value < 0 or tree.kinds[value] == Kind.CONSTANT


def _ended(tree: Tree, jump: int) -> int:
    """What a jump ends: a function, a loop, a `switch`, for an error the `try` that handles it; -1: the module."""
    kind = tree.kinds[jump]
    child = jump
    for parent in tree.ancestors(jump):
        around = tree.kinds[parent]
        if around == Kind.FUNCTION:
            return parent
        if kind in (Kind.BREAK, Kind.CONTINUE) and around == Kind.LOOP:
            return parent
        if kind == Kind.BREAK and around == Kind.SWITCH and tree.value(parent) == "switch":
            return parent
        if kind == Kind.RAISE and around == Kind.TRY and tree.roles[child] == Role.BODY:
            if tree.child(parent, Role.CATCH) >= 0:
                return parent
        child = parent
    return -1


def seeks(tree: Tree, loop: int, call: int) -> bool:
    """Whether the loop looks for the first element for which the call finds something: what it gives is
    tested, and where it is something, the loop is left. An error that is raised is no such end."""
    names = _held(tree, loop, call)
    node = tree.kinds.find(Kind.IF, loop, tree.ends[loop])
    while node >= 0:
        condition = tree.child(node, Role.CONDITION)
        body = tree.child(node, Role.BODY)
        after = condition >= 0 and tree.ends[condition] > call
        if after and body >= 0 and _positive(tree, condition, call, names):
            inside = _statements(tree, body)
            jump = _jump(tree, inside.start, inside.stop)
            if jump >= 0 and stops(tree, jump, loop) and _around(tree, node, loop):
                return True
        node = tree.kinds.find(Kind.IF, node + 1, tree.ends[loop])
    return False


def stops(tree: Tree, jump: int, loop: int) -> bool:
    """Whether a jump ends the loop without an error."""
    kind, ended = tree.kinds[jump], _ended(tree, jump)
    return (kind == Kind.RETURN and ended < loop) or (kind == Kind.BREAK and ended == loop)


def _around(tree: Tree, node: int, loop: int) -> bool:
    """Whether `loop` is the innermost loop or function around `node`."""
    for parent in tree.ancestors(node):
        if tree.kinds[parent] in (Kind.LOOP, Kind.FUNCTION):
            return parent == loop
    return False


def _held(tree: Tree, loop: int, call: int) -> set[str]:
    """The names that what the call gives is assigned to."""
    for parent in tree.ancestors(call):
        if parent == loop or tree.kinds[parent] in (Kind.BLOCK, Kind.FUNCTION):
            break
        if tree.kinds[parent] == Kind.ASSIGN:
            target = tree.child(parent, Role.TARGET)
            if target >= 0 and tree.kinds[target] in (Kind.NAME, Kind.LIST, Kind.TUPLE, Kind.OBJECT):
                return names_in(tree, target)
    return set()


def _positive(tree: Tree, condition: int, call: int, names: set[str]) -> bool:
    """Whether a condition holds where the call found something: it is there, or more than none. A property of it may
    as well be an error."""
    measured = False
    for _ in range(STEPS):
        kind = tree.kinds[condition]
        if kind == Kind.BINARY and tree.value(condition) in ("!=", "is-not", ">", ">="):
            if not _exceeds_nothing(tree, condition):
                return False
            measured = tree.kinds[tree.child(condition, Role.RIGHT)] == Kind.NUMBER
            condition = tree.child(condition, Role.LEFT)
        elif kind == Kind.BINARY and tree.value(condition) == "and":
            condition = tree.child(condition, Role.LEFT)
        elif kind in (Kind.AWAIT, Kind.CAST) or (measured and kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT)):
            condition += 1
        elif kind == Kind.ATTRIBUTE and tree.value(condition) == "length":
            measured, condition = True, condition + 1
        elif kind == Kind.ASSIGN:
            return tree.contains(condition, call)
        else:
            break
    if tree.kinds[condition] == Kind.NAME:
        return tree.value(condition) in names
    if tree.kinds[condition] != Kind.CALL:
        return False
    if condition <= call < tree.ends[condition]:
        return True
    arguments = tree.with_role(condition, Role.ARGUMENT)
    return measured and any(tree.kinds[node] == Kind.NAME and tree.value(node) in names for node in arguments)


def _exceeds_nothing(tree: Tree, comparison: int) -> bool:
    """Whether a comparison asks for more than nothing, or more than none."""
    right, word = tree.child(comparison, Role.RIGHT), tree.value(comparison)
    if right < 0:
        return False
    if tree.kinds[right] == Kind.NUMBER:
        return word == ">" or (tree.value(right) != "0") == (word == ">=")
    return word in ("!=", "is-not") and tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _NOTHING


def selects(tree: Tree, loop: int, call: int, variables: tuple[str, ...]) -> bool:
    """Whether the call is made only for elements that equal constants of the program."""
    if any(_tells(tree, condition, holds, variables) for condition, holds in conditions(tree, call, loop)):
        return True
    child = call
    for parent in tree.ancestors(call):
        if parent == loop:
            break
        if tree.kinds[parent] == Kind.CASE and tree.roles[child] == Role.BODY:
            subject = tree.child(tree.parents[parent], Role.CONDITION)
            patterns = list(tree.with_role(parent, Role.TARGET))
            if _is_element(tree, subject, variables) and patterns:
                if all(tree.kinds[pattern] in _WORDS for pattern in patterns):
                    return True
        elif tree.kinds[parent] == Kind.BLOCK:
            earlier = (each for each in tree.children(parent) if each < child and tree.kinds[each] == Kind.IF)
            if any(_leaves_the_others(tree, each, variables) for each in earlier):
                return True
        child = parent
    return False


def _is_element(tree: Tree, node: int, variables: tuple[str, ...]) -> bool:
    return node >= 0 and tree.kinds[node] == Kind.NAME and tree.value(node) in variables


def _tells(tree: Tree, condition: int, holds: bool, variables: tuple[str, ...]) -> bool:
    """Whether a condition that comes out so says that the element is one of a few constants."""
    pending = [(condition, holds)]
    for _ in range(STEPS):
        if not pending:
            return False
        node, wanted = pending.pop()
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.UNARY and word == "not":
            pending.append((tree.child(node, Role.VALUE), not wanted))
        elif kind == Kind.BINARY and word == ("and" if wanted else "or"):
            pending += [(part, wanted) for part in tree.children(node)]
        elif kind == Kind.BINARY and word in ("and", "or"):
            if all(_equals(tree, part, wanted, variables) for part in _operands(tree, node)):
                return True
        elif _equals(tree, node, wanted, variables):
            return True
    return False


def _operands(tree: Tree, node: int) -> list[int]:
    """The parts of a chain of one operator (`a or b or c`)."""
    parts: list[int] = []
    pending = [node]
    while pending and len(parts) < STEPS:
        part = pending.pop()
        if tree.kinds[part] == Kind.BINARY and tree.value(part) == tree.value(node):
            pending += tree.children(part)
        else:
            parts.append(part)
    return parts + pending


def _equals(tree: Tree, node: int, holds: bool, variables: tuple[str, ...]) -> bool:
    """Whether a comparison that comes out so says that the element is a constant, or in a list of them."""
    if tree.kinds[node] != Kind.BINARY or tree.value(node) not in (_EQUAL if holds else _UNEQUAL):
        return False
    left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
    if right < 0 or not _is_element(tree, left, variables):
        return False
    if tree.value(node) in ("in", "not-in"):
        listed = tree.kinds[right] in (Kind.LIST, Kind.TUPLE, Kind.SET)
        return listed and all(tree.kinds[element] in _WORDS for element in tree.children(right))
    return tree.kinds[right] in _WORDS


def _leaves_the_others(tree: Tree, branch: int, variables: tuple[str, ...]) -> bool:
    """Whether a chain of branches goes on only for elements that it tells by constants: all the others leave."""
    told = False
    while tree.kinds[branch] == Kind.IF:
        condition, body = tree.child(branch, Role.CONDITION), tree.child(branch, Role.BODY)
        if body < 0 or not _left(tree, body):
            if condition < 0 or not _tells(tree, condition, True, variables):
                return False
            told = True
        branch = tree.child(branch, Role.ELSE)
        if branch < 0:
            return False
    return told and _left(tree, branch)


def _left(tree: Tree, body: int) -> bool:
    inside = _statements(tree, body)
    return _jump(tree, inside.start, inside.stop) >= 0
