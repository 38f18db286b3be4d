"""Which elements of a loop reach a call: every one, those that pass a condition, or few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.preconditions import conditions

if TYPE_CHECKING:
    from dblint.link.loops.influence import Influence

STEPS = 16
"""Parts of conditions that are read."""
_EQUAL = frozenset({"==", "is", "in"})
_UNEQUAL = frozenset({"!=", "is-not", "not-in"})
_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)
_PARTS = (Kind.ATTRIBUTE, Kind.SUBSCRIPT)


class Sieves:
    """Reads the conditions between a loop and a call in it. One per evaluator."""

    def __init__(self, influence: Influence) -> None:
        self.influence = influence

    def passing(self, tree: Tree, path: str, loop: int, call: int, names: tuple[str, ...]) -> str:
        """The elements for which the call is made: "" for all, "some" for those that pass a condition on the element,
        "few" where the condition asks for one value, or for a value that is not what it was, "changed" where it asks
        whether what is then set on the element is another value than it has. What ends the loop lets no element pass
        by."""
        sieve = _Sieve(self.influence, tree, path, loop, names)
        found = ""
        for condition, holds in conditions(tree, call, loop, failing=False):
            if tree.kinds[condition] == Kind.BLOCK or _ends(tree, loop, call, tree.parents[condition]):
                continue
            if sieve.varies(condition):
                found = found or "some"
                few = sieve.few(condition, holds, call)
                if few == "changed":
                    return few
                found = few or found
        return found


def _ends(tree: Tree, loop: int, call: int, branch: int) -> bool:
    """Whether a branch in front of a call leaves the loop: what comes before has all been through the call."""
    body = tree.child(branch, Role.BODY) if tree.kinds[branch] == Kind.IF and not tree.contains(branch, call) else -1
    if body < 0:
        return False
    leaving = (Kind.BREAK, Kind.RETURN) if tree.kinds[loop] == Kind.LOOP else (Kind.BREAK,)
    return any(tree.kinds[statement] in leaving for statement in (body, *tree.children(body)))


def _spelled(tree: Tree, node: int) -> tuple[tuple[int, str], ...]:
    return tuple((tree.kinds[at], tree.value(at)) for at in range(node, tree.ends[node]))


class _Sieve:
    """The conditions of one loop."""

    def __init__(self, influence: Influence, tree: Tree, path: str, loop: int, names: tuple[str, ...]) -> None:
        self.influence = influence
        self.tree = tree
        self.path = path
        self.loop = loop
        self.names = names

    def varies(self, node: int) -> bool:
        return self.influence.depends(self.path, (node,), self.loop, self.names)

    def few(self, condition: int, holds: bool, call: int) -> str:
        """Whether a condition that comes out so lets few elements pass: "few", "changed", else ""."""
        tree = self.tree
        found = ""
        pending = [(condition, holds)]
        for _ in range(STEPS):
            if not pending:
                break
            node, wanted = pending.pop()
            kind, word = tree.kinds[node], tree.value(node)
            if kind == Kind.UNARY and word == "not":
                pending.append((node + 1, not wanted))
            elif kind == Kind.BINARY and word == ("and" if wanted else "or"):
                pending += [(part, wanted) for part in tree.children(node)]
            elif kind == Kind.BINARY and word in ("and", "or"):
                parts = list(tree.children(node))
                if all(self._changed(part, wanted, call) for part in parts):
                    return "changed"
                if all(self._rare(part, wanted) or self._changed(part, wanted, call) for part in parts):
                    found = "few"
            elif self._changed(node, wanted, call):
                return "changed"
            elif self._rare(node, wanted):
                found = "few"
        return found

    def _changed(self, node: int, holds: bool, call: int) -> bool:
        """Whether a comparison says that a part of the element is not what it is set to between there and the call."""
        tree = self.tree
        if tree.kinds[node] != Kind.BINARY or tree.value(node) not in (("!=", "is-not") if holds else ("==", "is")):
            return False
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if left < 0 or right < 0:
            return False
        assign = tree.kinds.find(Kind.ASSIGN, tree.ends[node], call)
        while assign >= 0:
            target, value = tree.child(assign, Role.TARGET), tree.child(assign, Role.VALUE)
            if value >= 0 and tree.kinds[target] in _PARTS and not tree.value(assign) and self.varies(target):
                sides = (_spelled(tree, left), _spelled(tree, right))
                set_to = (_spelled(tree, target), _spelled(tree, value))
                if set_to in (sides, sides[::-1]):
                    return True
            assign = tree.kinds.find(Kind.ASSIGN, assign + 1, call)
        return False

    def _rare(self, node: int, holds: bool) -> bool:
        """Whether a comparison says that a part of the element is one value, or that two of its values, which go by
        the same name, differ."""
        tree = self.tree
        if tree.kinds[node] != Kind.BINARY:
            return False
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if left < 0 or right < 0:
            return False
        word = tree.value(node)
        if word in (_EQUAL if holds else _UNEQUAL):
            return self._chosen(left, right, word) or (word not in ("in", "not-in") and self._chosen(right, left, word))
        if word in (_UNEQUAL if holds else _EQUAL) and word not in ("in", "not-in"):
            named = tree.kinds[left] in _PARTS and tree.kinds[left] == tree.kinds[right]
            return named and self._word(left) != "" and self._word(left) == self._word(right)
        return False

    def _chosen(self, part: int, value: int, word: str) -> bool:
        """Whether a part of the element is compared with a value, or a few of them, that all elements share."""
        tree = self.tree
        if tree.kinds[part] not in (*_PARTS, Kind.NAME) or not self.varies(part) or self.varies(value):
            return False
        if word in ("in", "not-in"):
            return tree.kinds[value] in _LISTS
        return tree.kinds[value] != Kind.CONSTANT

    def _word(self, part: int) -> str:
        tree = self.tree
        if tree.kinds[part] == Kind.ATTRIBUTE:
            return tree.value(part)
        index = tree.child(part, Role.INDEX)
        return tree.value(index) if index >= 0 and tree.kinds[index] == Kind.STRING else ""
