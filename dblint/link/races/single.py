"""Whether one process alone runs a function: a command, a script, what sets the program up, or what only these call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.program import FileRole, Invocation
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.starting import CALLERS, Starting

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.locks import Locks

SIGNED, STARTED = "signed", "started"
"""Why one process alone runs a function: by a sign of its own or of its callers, or because its file calls it where it
is itself the program that was started (`if __name__ == "__main__"`)."""


class Single:
    """Answers for functions. One per project."""

    def __init__(self, functions: Functions, locks: Locks) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.locks = locks
        self.starting = Starting(functions, locks.callers)
        self._alone: dict[str, bool] = {}

    def by_one(self, function: str) -> bool:
        """Whether only one process runs a function: a command, a script, what sets the program up, or a function that
        nothing else calls. What tests call says nothing of who else does."""
        found = self._alone.get(function)
        if found is None:
            self._alone[function] = False
            found = self._alone[function] = bool(self._single(function, CALLERS))
        return found

    def _single(self, identifier: str, depth: int) -> str:
        """Why one process alone runs a function, "" where several may."""
        if self.starting.signed(identifier):
            return SIGNED
        callers = [
            invocation
            for invocation in self.locks.callers(identifier)
            if not self.functions.aside(invocation.place.path)
        ]
        if not depth or not callers or self.starting.served(identifier):
            return ""
        reasons: dict[str, str] = {}
        found: set[str] = set()
        for invocation in callers:
            caller = invocation.function
            if caller == identifier:
                return ""
            if not caller:
                reason = SIGNED if self._script(identifier) else self._started(invocation)
            elif caller in reasons:
                reason = reasons[caller]
            else:
                reason = reasons[caller] = self._single(caller, depth - 1)
            # What goes on for ever is a worker, of which there may be several.
            if not reason or (reason == STARTED and self._for_ever(invocation.place)):
                return ""
            found.add(reason)
        return STARTED if STARTED in found else SIGNED

    def _started(self, invocation: Invocation) -> str:
        """Whether a call of a module stands where the module is the program."""
        tree = self.evaluator.tree(invocation.place.path)
        node = _call(tree, invocation.place)
        child = node
        for parent in tree.ancestors(node) if node >= 0 else ():
            if tree.kinds[parent] == Kind.IF and tree.roles[child] == Role.BODY:
                condition = tree.child(parent, Role.CONDITION)
                inside = range(condition, tree.ends[condition]) if condition >= 0 else ()
                if all(any(tree.value(at) == word for at in inside) for word in hosts.MAIN):
                    return STARTED
            child = parent
        return ""

    def _for_ever(self, place: Place) -> bool:
        """Whether a call stands in a loop that nothing ends."""
        tree = self.evaluator.tree(place.path)
        node = _call(tree, place)
        for parent in tree.ancestors(node) if node >= 0 else ():
            if tree.kinds[parent] == Kind.FUNCTION:
                break
            condition = tree.child(parent, Role.CONDITION) if tree.kinds[parent] == Kind.LOOP else -1
            if condition >= 0 and tree.kinds[condition] in (Kind.CONSTANT, Kind.NUMBER):
                ended = any(tree.kinds.find(kind, parent, tree.ends[parent]) >= 0 for kind in (Kind.BREAK, Kind.RETURN))
                if not ended:
                    return True
        return False

    def _script(self, identifier: str) -> bool:
        return self.functions.role(identifier.partition("::")[0]) is not FileRole.APP


def _call(tree: Tree, place: Place) -> int:
    """The call at a place, -1 for none."""
    node = tree.kinds.find(Kind.CALL)
    while node >= 0 and (tree.starts[node], tree.stops[node]) != (place.start, place.stop):
        node = tree.kinds.find(Kind.CALL, node + 1)
    return node
