"""Objects that may have been asked for all before, so that they ask nothing more of one (`Member.prefetched`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dblint.link.types import Evaluator


class Prefetched:
    """Answers for calls. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def may_be(self, site: Site, by: Sequence[str]) -> bool:
        """Whether what a call is called on may have all that the call asks for.

        By a setting; or by one of these members, called anywhere in the project, unless the object is made in the
        function around the call, which neither calls the member nor hands the object on.
        """
        words = self.evaluator.words
        if any(word.isupper() and next(words.spelled(word), None) is not None for word in by):
            return True
        members = [word for word in by if not word.isupper()]
        return any(words.called(word) for word in members) and not self._made_here(site, members)

    def _made_here(self, site: Site, members: Sequence[str]) -> bool:
        tree, scope = self.evaluator.tree(site.path), self.evaluator.scope(site.path)
        if tree.kinds[site.node + 1] != Kind.ATTRIBUTE:
            return False
        receiver, function = site.node + 2, scope.function(site.node)
        if tree.kinds[receiver] == Kind.CALL:
            return True
        if tree.kinds[receiver] != Kind.NAME or function < 0:
            return False
        name = tree.value(receiver)
        bindings = scope.bindings(receiver, name) or []
        if not bindings or not all(tree.kinds[node] == Kind.ASSIGN and node > function for node, _ in bindings):
            return False
        if any(not self._makes(site.path, node) for node, _ in bindings):
            return False
        node, stop = tree.kinds.find(Kind.NAME, function), tree.ends[function]
        while 0 <= node < stop:
            above = tree.parents[node]
            if tree.value(node) == name and tree.roles[node] != Role.TARGET:
                called = tree.kinds[above] == Kind.ATTRIBUTE and tree.value(above) not in members
                tested = tree.kinds[above] in (Kind.IF, Kind.CONDITIONAL) and tree.roles[node] == Role.CONDITION
                if not called and not tested:
                    return False
            node = tree.kinds.find(Kind.NAME, node + 1)
        return True

    def _makes(self, path: str, assign: int) -> bool:
        """Whether an assignment's value is made by a call that stands there."""
        tree = self.evaluator.tree(path)
        value = tree.child(assign, Role.VALUE)
        if value < 0 or tree.value(assign):
            return False
        parts = [value]
        if tree.kinds[value] == Kind.CONDITIONAL:
            parts = [tree.child(value, Role.BODY), tree.child(value, Role.ELSE)]
        return all(tree.kinds[part] in (Kind.CALL, Kind.CONSTANT) for part in parts)
