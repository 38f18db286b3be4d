"""Where a result is kept, under which key, and which conditions say that it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.influence import names_in

if TYPE_CHECKING:
    from dblint.link.scopes import Scopes

_PUTTING = frozenset({"set", "setdefault", "put"})
MAKING = frozenset({"get_or_set", "getOrSet", "get_or_create"})
"""Methods of stores that call a function for what they lack, and keep what it gives."""
_NOTHING = frozenset({"null", "undefined"})
_LITERALS = (Kind.CONSTANT, Kind.NUMBER, Kind.STRING, Kind.LIST, Kind.TUPLE, Kind.OBJECT)
_TRANSPARENT = (Kind.AWAIT, Kind.CAST)
_KEEPING = frozenset({"", "or", "??"})
"""Assignments that put something there; an augmented one adds to what is there."""
PARTS = 16
"""Parts of a condition that are read."""


class Filling(msgspec.Struct, frozen=True):
    """A store that is filled: its chain of words, the NAME at its root, the node of the key (-1: it is one value)."""

    words: str
    root: int
    key: int = -1


def fillings(tree: Tree, node: int, stop: int, growing: frozenset[str] = frozenset()) -> Iterator[Filling]:
    """The stores that are filled with what `node` gives, up to the node `stop`, also with a list that gets it by one
    of the methods `growing`."""
    held: set[str] = set()
    child = node
    for parent in tree.ancestors(node):
        kind = tree.kinds[parent]
        if kind == Kind.ASSIGN and tree.value(parent) in _KEEPING:
            for target in tree.with_role(parent, Role.TARGET):
                if tree.kinds[target] == Kind.NAME:
                    held.add(tree.value(target))
                yield from _filling(tree, target)
        elif kind == Kind.CALL and _puts(tree, parent):
            if child in list(tree.with_role(parent, Role.ARGUMENT))[1:]:
                yield from _rooted(tree, parent + 2, tree.child(parent, Role.ARGUMENT))
        elif kind == Kind.CALL and _sets(tree, parent):
            if child == list(tree.with_role(parent, Role.ARGUMENT))[2]:
                yield from _attribute(tree, parent)
        elif kind == Kind.CALL and tree.roles[child] == Role.ARGUMENT and _grown(tree, parent, growing):
            held.add(tree.value(parent + 2))
        elif kind in (Kind.BLOCK, Kind.FUNCTION):
            break
        child = parent
    position = node
    while position < stop:
        kind = tree.kinds[position]
        if kind == Kind.ASSIGN and tree.value(position) in _KEEPING:
            value = tree.child(position, Role.VALUE)
            if value > node and names_in(tree, value) & held:
                for target in tree.with_role(position, Role.TARGET):
                    if tree.kinds[target] == Kind.NAME:
                        held.add(tree.value(target))
                    yield from _filling(tree, target)
        elif kind == Kind.CALL and _puts(tree, position):
            arguments = list(tree.with_role(position, Role.ARGUMENT))
            if any(names_in(tree, argument) & held for argument in arguments[1:]):
                yield from _rooted(tree, position + 2, arguments[0])
        elif kind == Kind.CALL and held and _sets(tree, position):
            if names_in(tree, list(tree.with_role(position, Role.ARGUMENT))[2]) & held:
                yield from _attribute(tree, position)
        elif kind == Kind.CALL and held and _grown(tree, position, growing):
            if any(names_in(tree, argument) & held for argument in tree.with_role(position, Role.ARGUMENT)):
                held.add(tree.value(position + 2))
        position += 1


def _grown(tree: Tree, call: int, growing: frozenset[str]) -> bool:
    """Whether a call adds to what a name holds."""
    own = tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.kinds[call + 2] == Kind.NAME
    return own and tree.value(call + 1) in growing


def made_for(tree: Tree, function: int, name: int) -> bool:
    """Whether a function (or the NAME of it) is handed to a store as what makes an entry that is missing."""
    node = function if name < 0 else name
    call = tree.parents[node]
    if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
        return False
    making = tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.value(call + 1) in MAKING
    return making and node != tree.child(call, Role.ARGUMENT)


def _puts(tree: Tree, call: int) -> bool:
    return tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.value(call + 1) in _PUTTING


def _sets(tree: Tree, call: int) -> bool:
    """Whether a call sets an attribute by its name: `setattr(owner, name, value)`."""
    if tree.kinds[call + 1] != Kind.NAME or tree.value(call + 1) != "setattr":
        return False
    arguments = list(tree.with_role(call, Role.ARGUMENT))
    return len(arguments) == 3 and not any(tree.kinds[each] in (Kind.KEYWORD, Kind.SPREAD) for each in arguments)


def _attribute(tree: Tree, call: int) -> Iterator[Filling]:
    """What a call of `setattr` fills: the attribute, or of a name that is no word of the source, the owner under it."""
    owner, name, _ = tree.with_role(call, Role.ARGUMENT)
    if tree.kinds[name] != Kind.STRING:
        yield from _rooted(tree, owner, name)
        return
    for filling in _rooted(tree, owner, -1):
        yield Filling(f"{filling.words}.{tree.value(name)}", filling.root)


def _filling(tree: Tree, target: int) -> Iterator[Filling]:
    kind = tree.kinds[target]
    if kind == Kind.SUBSCRIPT:
        yield from _rooted(tree, target + 1, tree.child(target, Role.INDEX))
    elif kind in (Kind.ATTRIBUTE, Kind.NAME):
        yield from _rooted(tree, target, -1)


def _rooted(tree: Tree, node: int, key: int) -> Iterator[Filling]:
    words = chain(tree, node)
    while tree.kinds[node] == Kind.ATTRIBUTE:
        node += 1
    if words and tree.kinds[node] == Kind.NAME:
        yield Filling(words, node, key)


def lacks(scope: Scopes, condition: int, holds: bool, filling: Filling) -> bool:
    """Whether a condition that comes out so says that the store does not have (any longer) what it is filled with:
    for a store with keys, that it does not have this very key."""
    tree = scope.tree
    pending = [(condition, holds)]
    for _ in range(PARTS):
        if not pending:
            return False
        node, wanted = pending.pop()
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.UNARY and word == "not":
            pending.append((tree.child(node, Role.VALUE), not wanted))
        elif kind == Kind.BINARY and word in ("and", "or"):
            pending += [(part, wanted) for part in tree.children(node)]
        elif kind == Kind.BINARY:
            if _compared(scope, node, wanted, filling):
                return True
        elif _reads(scope, node, filling) and (not wanted or _judged(scope, node, filling)):
            return True
    return False


def under(tree: Tree, node: int, test: int) -> bool:
    """Whether something is done only where a test holds that is written like this one."""
    child = node
    for parent in tree.ancestors(node):
        condition = tree.child(parent, Role.CONDITION) if tree.kinds[parent] == Kind.IF else -1
        if condition >= 0 and tree.roles[child] == Role.BODY and _alike(tree, condition, test):
            return True
        child = parent
    return False


def _compared(scope: Scopes, node: int, holds: bool, filling: Filling) -> bool:
    """`lacks` of a comparison."""
    tree = scope.tree
    word = tree.value(node)
    left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
    if left < 0 or right < 0:
        return False
    if word in ("in", "not-in"):
        has = holds == (word == "in")
        within = filling.key >= 0 and _same(scope, left, filling.key) and _whole(tree, right) == filling.words
        return not has and within
    if not _reads(scope, left, filling):
        return False
    if word in ("==", "is", "!=", "is-not"):
        equal = holds == (word in ("==", "is"))
        if tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _NOTHING:
            return equal
        literal = tree.kinds[right] in _LITERALS or (word in ("is", "is-not") and tree.kinds[right] != Kind.OPAQUE)
        return equal if literal else not equal and (filling.key >= 0 or chain(tree, left) != filling.words)
    return filling.key >= 0 and not holds  # it is too old, for instance


def _judged(scope: Scopes, node: int, filling: Filling) -> bool:
    """Whether a function is asked about the entry (`isEmpty(known[key])`): what its answer means is not known."""
    tree = scope.tree
    return tree.kinds[node] == Kind.CALL and any(
        _reads(scope, argument, filling) for argument in tree.with_role(node, Role.ARGUMENT)
    )


def _reads(scope: Scopes, node: int, filling: Filling) -> bool:
    """Whether an expression reads what is filled, directly or through a name that was given it."""
    tree = scope.tree
    if _entry(scope, node, filling):
        return True
    for name in names_in(tree, node):
        for binding, _ in scope.reaching(node, name) or ():
            value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
            if value >= 0 and not tree.contains(value, filling.root) and _entry(scope, value, filling):
                return True
    return False


def _entry(scope: Scopes, node: int, filling: Filling) -> bool:
    """Whether the words of a store, with its key where it has one, stand in an expression (also as
    `hasattr(owner, "name")`)."""
    tree = scope.tree
    for each in range(node, tree.ends[node]):
        kind = tree.kinds[each]
        if kind == Kind.CALL:
            arguments = list(tree.with_role(each, Role.ARGUMENT))
            if filling.key < 0 and _asked_for(tree, each, arguments) == filling.words:
                return True
            if filling.key >= 0 and arguments:
                called = chain(tree, each + 2) if tree.kinds[each + 1] == Kind.ATTRIBUTE else ""
                if called == filling.words and _same(scope, arguments[0], filling.key):
                    return True
                handed = len(arguments) > 1 and chain(tree, arguments[0]) == filling.words
                if handed and _same(scope, arguments[1], filling.key):  # Object.hasOwn(store, key)
                    return True
        elif filling.key >= 0:
            index = tree.child(each, Role.INDEX) if kind == Kind.SUBSCRIPT else -1
            if index >= 0 and chain(tree, each + 1) == filling.words and _same(scope, index, filling.key):
                return True
        elif kind in (Kind.NAME, Kind.ATTRIBUTE) and chain(tree, each) == filling.words:
            return True
    return False


def _asked_for(tree: Tree, call: int, arguments: list[int]) -> str:
    """The words of an attribute that is asked for by its name; "" where none is."""
    if tree.kinds[call + 1] != Kind.NAME or tree.value(call + 1) not in ("hasattr", "getattr"):
        return ""
    if len(arguments) < 2 or tree.kinds[arguments[1]] != Kind.STRING:
        return ""
    return f"{chain(tree, arguments[0])}.{tree.value(arguments[1])}"


def _whole(tree: Tree, node: int) -> str:
    """The words of a store, also of a view of all its keys (`known.keys()`)."""
    if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
        if tree.child(node, Role.ARGUMENT) < 0:
            node += 2
    return chain(tree, node)


def _same(scope: Scopes, one: int, other: int) -> bool:
    """Whether two expressions are written alike, or are a name and what it was given."""
    tree = scope.tree
    written = [_plain(tree, one), _plain(tree, other)]
    if _alike(tree, *written):
        return True
    given = [_given(scope, node) for node in written]
    return any(
        left >= 0 and right >= 0 and _alike(tree, left, right)
        for left, right in ((given[0], written[1]), (written[0], given[1]), (given[0], given[1]))
    )


def _given(scope: Scopes, node: int) -> int:
    """The one expression that a name was given, or -1."""
    tree = scope.tree
    if tree.kinds[node] != Kind.NAME:
        return -1
    reached = scope.reaching(node, tree.value(node)) or []
    if len(reached) != 1 or tree.kinds[reached[0][0]] != Kind.ASSIGN or tree.value(reached[0][0]):
        return -1
    target, value = tree.child(reached[0][0], Role.TARGET), tree.child(reached[0][0], Role.VALUE)
    return _plain(tree, value) if value >= 0 and tree.kinds[target] == Kind.NAME else -1


def _plain(tree: Tree, node: int) -> int:
    while tree.kinds[node] in _TRANSPARENT:
        node += 1
    return node


def _alike(tree: Tree, one: int, other: int) -> bool:
    length = tree.ends[one] - one
    return length == tree.ends[other] - other and all(
        tree.kinds[one + at] == tree.kinds[other + at] and tree.value(one + at) == tree.value(other + at)
        for at in range(length)
    )


def chain(tree: Tree, node: int) -> str:
    """A chain of names and attributes as words; "" for anything else."""
    words: list[str] = []
    while tree.kinds[node] == Kind.ATTRIBUTE:
        words.append(tree.value(node))
        node += 1
    if tree.kinds[node] != Kind.NAME:
        return ""
    words.append(tree.value(node))
    return ".".join(reversed(words))
