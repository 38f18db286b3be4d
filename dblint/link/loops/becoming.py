"""What becomes of what a call gives, also where a list or a function around it hands it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link.loops.callbacks import GATHERING, callback_of

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters
    from dblint.link.types import Evaluator

STEPS = 12
"""Lists, functions and names through which a value is followed."""
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST, Kind.SPREAD})
_TOGETHER = GATHERING - {"allSettled"}
"""Of these, those that fail with the first that fails."""
_ASIDE = "return_exceptions"
_ONCE = ("each", "once", "transaction")


class Becoming:
    """Follows values to where they are used. One per evaluator."""

    def __init__(self, evaluator: Evaluator, counters: Counters) -> None:
        self.evaluator = evaluator
        self.counters = counters

    def result(self, path: str, node: int, *, far: bool = True) -> str:
        """How what stands at `node` is used, see `Call.result`; `far`: what lists, names and functions that run in
        place make of it counts as well."""
        tree = self.evaluator.tree(path)
        for _ in range(STEPS):
            parent = tree.parents[node]
            while parent >= 0 and tree.kinds[parent] in _PLAIN:
                node, parent = parent, tree.parents[parent]
            kind = tree.kinds[parent] if parent >= 0 else Kind.MODULE
            if kind in (Kind.BLOCK, Kind.MODULE):
                return "dropped"
            if kind in (Kind.LOOP, Kind.CLAUSE):
                return "iterated"
            following = self._following(path, tree, node, parent) if far else -1
            if following < 0:
                returned = kind == Kind.RETURN or (kind == Kind.FUNCTION and tree.roles[node] == Role.BODY)
                return "returned" if returned else "assigned" if kind == Kind.ASSIGN else "unknown"
            if following == parent and kind == Kind.ASSIGN:
                return "dropped"
            node = following
        return "unknown"

    def used(self, path: str, call: int) -> bool:
        """Whether a row that is made and saved in a turn of a loop is read after it is saved: its key may be."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call] != Kind.CALL or tree.kinds[call + 1] != Kind.ATTRIBUTE or tree.kinds[call + 2] != Kind.NAME:
            return False
        loop = next((node for node in tree.ancestors(call) if tree.kinds[node] in (Kind.LOOP, Kind.FUNCTION)), -1)
        if loop < 0 or tree.kinds[loop] != Kind.LOOP:
            return False
        name = tree.value(call + 2)
        reached = self.evaluator.scope(path).reaching(call + 2, name) or ()
        if not any(loop < binding < call and tree.kinds[binding] == Kind.ASSIGN for binding, _ in reached):
            return False
        use = tree.kinds.find(Kind.NAME, tree.ends[call], tree.ends[loop])
        while use >= 0:
            if tree.value(use) == name and tree.roles[use] != Role.TARGET:
                return True
            use = tree.kinds.find(Kind.NAME, use + 1, tree.ends[loop])
        return False

    def _following(self, path: str, tree: Tree, node: int, parent: int) -> int:
        """The expression whose value is nothing but what stands at `node`, or that of all elements; the assignment
        whose name is never read; -1 where there is none."""
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind == Kind.RETURN or (kind == Kind.FUNCTION and role == Role.BODY):
            return self._run_by(path, tree, parent)
        if kind == Kind.COMPREHENSION and role == Role.BODY:
            return parent
        if kind == Kind.LIST and tree.parents[parent] >= 0 and _waits(tree, tree.parents[parent]):
            return tree.parents[parent]
        if kind == Kind.ASSIGN and role == Role.VALUE:
            target = tree.child(parent, Role.TARGET)
            if tree.kinds[target] != Kind.NAME or tree.value(parent):
                return -1
            uses = self._uses(tree, parent, tree.value(target))
            return -1 if uses is None else parent if not uses else uses[0] if len(uses) == 1 else -1
        if kind == Kind.CALL and role == Role.ARGUMENT:
            if _waits(tree, parent):
                return parent
            callee = parent + 1
            if tree.kinds[callee] == Kind.ATTRIBUTE and tree.kinds[callee + 1] == Kind.NAME:
                if self.counters.list_word(path, parent) == "append":
                    uses = self._uses(tree, parent, tree.value(callee + 1), path)
                    return uses[0] if uses is not None and len(uses) == 1 else -1
        return -1

    def _run_by(self, path: str, tree: Tree, node: int) -> int:
        """The call that runs the function literal around `node`, and gives what that gives; -1 for any other
        function."""
        while tree.kinds[node] != Kind.FUNCTION:
            node = tree.parents[node]
            if node < 0 or tree.kinds[node] == Kind.CLASS:
                return -1
        call = tree.parents[node]
        if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
            return -1
        index = [*tree.with_role(call, Role.ARGUMENT)].index(node)
        callback = callback_of(self.evaluator, path, call, index)
        return call if callback is not None and callback.fate in _ONCE else -1

    def _uses(self, tree: Tree, node: int, name: str, path: str = "") -> list[int] | None:
        """The calls that wait for all that a name of the function around holds; None where anything else reads it.
        `path`: of a list, which is begun empty and added to."""
        function = node
        while function >= 0 and tree.kinds[function] != Kind.FUNCTION:
            function = tree.parents[function]
        if function < 0:
            return None
        found: list[int] = []
        use = tree.kinds.find(Kind.NAME, function, tree.ends[function])
        while use >= 0:
            if tree.value(use) == name:
                parent, inside = tree.parents[use], use
                while tree.kinds[parent] == Kind.SPREAD:
                    parent, inside = tree.parents[parent], parent
                if tree.kinds[parent] == Kind.CALL and tree.roles[inside] == Role.ARGUMENT and _waits(tree, parent):
                    found.append(parent)
                elif not (
                    (tree.kinds[parent] == Kind.ASSIGN and tree.roles[use] == Role.TARGET and not tree.value(parent))
                    or (path and self._added(path, tree, use))
                ):
                    return None
            use = tree.kinds.find(Kind.NAME, use + 1, tree.ends[function])
        return found

    def _added(self, path: str, tree: Tree, use: int) -> bool:
        """Whether a name is a list to which something is added here."""
        call = tree.parents[tree.parents[use]]
        return tree.kinds[call] == Kind.CALL and self.counters.list_word(path, call) == "append"


def _waits(tree: Tree, call: int) -> bool:
    """Whether a call waits for all that it is given, and gives what they give."""
    if tree.kinds[call] != Kind.CALL or tree.value(call + 1) not in _TOGETHER:
        return False
    named = (argument for argument in tree.with_role(call, Role.ARGUMENT) if tree.kinds[argument] == Kind.KEYWORD)
    return all(tree.value(argument) != _ASIDE for argument in named)
