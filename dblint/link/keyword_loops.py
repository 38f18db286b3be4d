"""Loops over the keywords that a function is called with: where every call gives some, the loop has a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

SITES = 40
"""Calls of a function that are asked what they give."""
ENTRIES = frozenset({"items", "keys", "values"})
"""Members of a mapping of Python that go through all of it."""


class KeywordLoops:
    """Answers for loops. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._turning: dict[tuple[str, int], bool] = {}

    def reaching(self, path: str, node: int, bindings: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
        """The bindings of a name that reach its use at a node, without those that stand in front of a loop which surely
        has a turn, and each turn of which binds the name anew."""
        tree = self.evaluator.tree(path)
        for binding, _ in bindings:
            block = tree.parents[binding]
            loop = tree.parents[block] if tree.kinds[block] == Kind.BLOCK else -1
            if loop < 0 or tree.kinds[loop] != Kind.LOOP or tree.contains(loop, node):
                continue
            if tree.roles[block] == Role.BODY and self._turns(path, loop):
                return [each for each in bindings if each[0] > loop]
        return bindings

    def _turns(self, path: str, loop: int) -> bool:
        key = (path, loop)
        found = self._turning.get(key)
        if found is None:
            self._turning[key] = False
            found = self._turning[key] = self._given(path, loop)
        return found

    def _given(self, path: str, loop: int) -> bool:
        """Whether a loop goes through the keywords that its function is given besides its parameters, and every call
        gives one."""
        tree = self.evaluator.tree(path)
        node = tree.child(loop, Role.ITERABLE)
        if node >= 0 and tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            node = node + 2 if tree.value(node + 1) in ENTRIES else -1
        if node < 0 or tree.kinds[node] != Kind.NAME or self._leaves(path, loop):
            return False
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or []
        parameter = reached[0][0] if len(reached) == 1 else -1
        if parameter < 0 or tree.kinds[parameter] != Kind.PARAMETER or not tree.has(parameter, Flag.PAIRS):
            return False
        function = tree.parents[parameter]
        if self._handed_on(tree.value(function)):
            return False
        named = {tree.value(each) for each in tree.with_role(function, Role.PARAMETER)}
        sites = self.evaluator.parameters.call_sites(path, function)
        return 0 < len(sites) <= SITES and all(self._gives(where, call, named) for where, call in sites)

    def _handed_on(self, name: str) -> bool:
        """Whether a function's name is written for anything but a call, so that somebody else may call it."""
        for path, node in self.evaluator.words.spelled(name):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] in NAMES and tree.roles[node] not in (Role.CALLEE, Role.TARGET):
                return True
        return not name

    def _leaves(self, path: str, loop: int) -> bool:
        """Whether a turn may end before it has bound what it binds."""
        tree = self.evaluator.tree(path)
        return any(tree.kinds.find(kind, loop, tree.ends[loop]) >= 0 for kind in (Kind.BREAK, Kind.CONTINUE))

    def _gives(self, path: str, call: int, named: set[str]) -> bool:
        tree = self.evaluator.tree(path)
        return any(
            tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) not in named
            for argument in tree.with_role(call, Role.ARGUMENT)
        )
