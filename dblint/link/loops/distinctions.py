"""Loops that tell their elements apart by words of the program: there are no more elements than such words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.exits import JUMPS
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

ENOUGH = 3
"""Different words that one chain of branches must have: fewer are exceptions from a rule for all."""


def told_apart(evaluator: Evaluator, path: str, loop: int) -> bool:
    """Whether one chain of branches of a loop does something for each of several words that its element may be
    (`if (name === 'a') … else if …`) and nothing for any other, in the loop itself or in a function that it hands
    the element to."""
    tree = evaluator.tree(path)
    target, body = tree.child(loop, Role.TARGET), tree.child(loop, Role.BODY)
    if target < 0 or body < 0 or tree.kinds[target] != Kind.NAME:
        return False
    name = tree.value(target)
    if _distinguishes(tree, body, name):
        return True
    for call in _calls_with(tree, body, name):
        for option in options(evaluator.value(path, call + 1)):
            if not isinstance(option, FunctionValue):
                continue
            other = evaluator.tree(option.path)
            inside = other.child(option.node, Role.BODY)
            for parameter, node in evaluator.parameters.matched(option, path, call):
                handed = tree.kinds[node] == Kind.NAME and tree.value(node) == name
                if handed and inside >= 0 and _distinguishes(other, inside, other.value(parameter)):
                    return True
    return False


def _distinguishes(tree: Tree, body: int, name: str) -> bool:
    chains = (_words_of_chain(tree, branch, name) for branch in _heads(tree, body))
    switches = (_words_of_switch(tree, node, name) for node in _all(tree, body, Kind.SWITCH))
    return any(len(words) >= ENOUGH for found in (chains, switches) for words in found)


def _all(tree: Tree, body: int, kind: int) -> Iterator[int]:
    node = tree.kinds.find(kind, body, tree.ends[body])
    while node >= 0:
        yield node
        node = tree.kinds.find(kind, node + 1, tree.ends[body])


def _heads(tree: Tree, body: int) -> Iterator[int]:
    """The first branches of chains."""
    for branch in _all(tree, body, Kind.IF):
        if tree.kinds[tree.parents[branch]] != Kind.IF or tree.roles[branch] != Role.ELSE:
            yield branch


def _words_of_chain(tree: Tree, branch: int, name: str) -> set[str]:
    """The words for which a chain does something; none where it has a branch for anything else."""
    words: set[str] = set()
    while branch >= 0:
        if tree.kinds[branch] != Kind.IF:
            return set()  # an `else` for all the others
        told = _words(tree, tree.child(branch, Role.CONDITION), name)
        if not told:
            return set()
        if _acts(tree, tree.child(branch, Role.BODY)):
            words |= told
        branch = tree.child(branch, Role.ELSE)
    return words


def _words(tree: Tree, condition: int, name: str) -> set[str]:
    """The words with one of which a condition says the name to be equal; none where it says anything else."""
    words: set[str] = set()
    pending = [condition]
    while pending:
        node = pending.pop()
        if node < 0 or tree.kinds[node] != Kind.BINARY:
            return set()
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if tree.value(node) in ("or", "||"):
            pending += (left, right)
        elif tree.value(node) in ("==", "is") and tree.kinds[left] == Kind.NAME and tree.value(left) == name:
            if tree.kinds[right] != Kind.STRING:
                return set()
            words.add(tree.value(right))
        else:
            return set()
    return words


def _acts(tree: Tree, body: int) -> bool:
    """Whether a branch does more than to leave."""
    if body < 0 or tree.kinds[body] in JUMPS:
        return False
    children = list(tree.children(body)) if tree.kinds[body] == Kind.BLOCK else [body]
    return any(tree.kinds[child] not in JUMPS for child in children)


def _words_of_switch(tree: Tree, switch: int, name: str) -> set[str]:
    subject = tree.child(switch, Role.CONDITION)
    if subject < 0 or tree.kinds[subject] != Kind.NAME or tree.value(subject) != name:
        return set()
    words: set[str] = set()
    for case in tree.with_role(switch, Role.CASE):
        told = list(tree.with_role(case, Role.TARGET))
        if not told or any(tree.kinds[word] != Kind.STRING for word in told):
            return set()
        words |= {tree.value(word) for word in told}
    return words


def _calls_with(tree: Tree, body: int, name: str) -> list[int]:
    """The calls to which a name is handed as an argument."""
    return [
        tree.parents[node]
        for node in _all(tree, body, Kind.NAME)
        if tree.value(node) == name
        and tree.roles[node] == Role.ARGUMENT
        and tree.kinds[tree.parents[node]] == Kind.CALL
    ]
