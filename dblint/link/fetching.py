"""Where the rows are asked for that a statement has left in what ran it (`cursor.execute(…)`, `cursor.fetchall()`)."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.tree import Kind, Role, Tree

CLIMBED = 12
"""Blocks, one in the other, from which the next use is looked for."""
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST})
_BLOCKS = frozenset({Kind.BLOCK, Kind.MODULE})
_BEHIND = {Kind.TRY: (Role.ELSE, Role.FINALLY), Kind.IF: (), Kind.WITH: ()}
"""What stands around a block that goes on behind itself, and which of its other blocks run before that."""
_PASSED = {
    Kind.IF: frozenset({Role.CONDITION}),
    Kind.SWITCH: frozenset({Role.CONDITION}),
    Kind.LOOP: frozenset({Role.ITERABLE}),
    Kind.CLAUSE: frozenset({Role.ITERABLE}),
    Kind.TRY: frozenset({Role.BODY}),
    Kind.WITH: frozenset({Role.ITEM, Role.BODY}),
    Kind.CONDITIONAL: frozenset({Role.CONDITION}),
    Kind.COMPREHENSION: frozenset({Role.CLAUSE}),
}
"""What stands around a use without deciding whether it is reached, by the part of it in which the use stands."""
_NEVER = frozenset({Kind.FUNCTION, Kind.CLASS, Kind.CASE, Kind.CATCH})
_JOINING = frozenset({"and", "or"})


def following(tree: Tree, statement: int) -> int:
    """The use of what a call is called on that is surely the next one, where the call is a statement of its own and
    that is a name, or an attribute of which the very next statement makes use; -1 where that cannot be said. Another
    name for the same value is not looked for."""
    call = statement
    while tree.kinds[call] in _PLAIN and call + 1 < tree.ends[call]:
        call += 1
    if tree.kinds[call] != Kind.CALL or tree.kinds[call + 1] != Kind.ATTRIBUTE:
        return -1
    subject = call + 2
    words = _words(tree, subject)
    if not words or tree.parents[statement] < 0 or tree.kinds[tree.parents[statement]] not in _BLOCKS:
        return -1
    for behind in _behind(tree, statement):
        use = _first(tree, behind, words)
        if use >= 0:
            return use if _surely(tree, use, behind) else -1
        if len(words) > 1:
            return -1  # others may hold the same
    return -1


def _behind(tree: Tree, statement: int) -> Iterator[int]:
    """The statements, and blocks, that come after one, as far as they surely do."""
    for _ in range(CLIMBED):
        block = tree.parents[statement]
        if block < 0 or tree.kinds[block] not in _BLOCKS:
            return
        yield from (child for child in tree.children(block) if child > statement)
        around = tree.parents[block]
        while around >= 0 and tree.kinds[around] == Kind.CATCH:
            block, around = around, tree.parents[around]
        if around < 0 or tree.kinds[around] not in _BEHIND:
            return
        roles = _BEHIND[tree.kinds[around]]
        yield from (child for child in tree.children(around) if child > block and tree.roles[child] in roles)
        while tree.kinds[around] == Kind.IF and tree.roles[around] == Role.ELSE:
            around = tree.parents[around]
        statement = around


def _first(tree: Tree, within: int, words: tuple[str, ...]) -> int:
    node = within
    while node < tree.ends[within]:
        if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) and _words(tree, node) == words:
            return node
        node += 1
    return -1


def _surely(tree: Tree, use: int, within: int) -> bool:
    """Whether a use is reached whenever what it stands in is, and once."""
    node = use
    while node != within:
        parent = tree.parents[node]
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind in _NEVER or (kind in _PASSED and role not in _PASSED[kind]):
            return False
        if kind == Kind.BINARY and tree.value(parent) in _JOINING and node != parent + 1:
            return False
        if kind == Kind.CLAUSE and next(iter(tree.with_role(tree.parents[parent], Role.CLAUSE)), -1) != parent:
            return False
        node = parent
    return True


def _words(tree: Tree, node: int) -> tuple[str, ...]:
    """A name and the attributes behind it, as written; () for any other expression."""
    words: list[str] = []
    while tree.kinds[node] == Kind.ATTRIBUTE:
        words.append(tree.value(node))
        node += 1
    if tree.kinds[node] != Kind.NAME:
        return ()
    return (tree.value(node), *reversed(words))
