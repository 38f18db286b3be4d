"""Functions that run while a client waits: those that a framework calls with what was sent, and what these call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Tree
from dblint.libraries.derived import derived
from dblint.link.texts.handlers import REQUEST
from dblint.link.values import FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.functions import Functions

CALLERS = 3
"""Calls from a function that answers a request to one that runs for it."""
FUNCTIONS = 200
"""Callers of one function that are asked."""
PARAMETERS = 2
"""Parameters among which a framework's request is looked for."""


class Requests:
    """Answers which functions run for a client's request. One per project."""

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self._types = _sent(self.evaluator.tables)
        self._serves: dict[str, bool] = {}

    def serves(self, identifier: str) -> bool:
        """Whether a function runs for requests: it answers one, stands in a function that does, or one that does calls
        it, over a few calls. Through what is memoised nobody is followed."""
        found = self._serves.get(identifier)
        if found is None:
            found = self._serves[identifier] = self._reached(identifier)
        return found

    def _reached(self, identifier: str) -> bool:
        level, seen = [identifier], {identifier}
        for _ in range(CALLERS + 1):
            following: list[str] = []
            for each in level:
                if self._answers(each):
                    return True
                function = self.functions.value(each)
                if function is None or self.functions.memoises(function):
                    continue
                for path, node in self.functions.callers(function):
                    around = self.evaluator.scope(path).function(node)
                    if around < 0 or self.functions.aside(path):
                        continue
                    caller = self.functions.id(path, around)
                    if caller not in seen:
                        seen.add(caller)
                        following.append(caller)
            if not following or len(seen) > FUNCTIONS:
                return False
            level = following
        return False

    def _answers(self, identifier: str) -> bool:
        """Whether a framework calls a function, or one that stands around it, for a request."""
        function = self.functions.value(identifier)
        if function is None:
            return False
        tree = self.evaluator.tree(function.path)
        around = [node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.FUNCTION]
        return any(self.answers(FunctionValue(function.path, node)) for node in (function.node, *around))

    def answers(self, function: FunctionValue) -> bool:
        """Whether a framework calls the function for a request: by a decorator, as a method of a class that answers
        requests, or with the request as one of its first parameters."""
        tree = self.evaluator.tree(function.path)
        exported = bool(self.evaluator.handlers.exported(function.path, function.node)[0])
        return exported or self._decorated(function) or self._served(function, tree) or self._given(function)

    def _decorated(self, function: FunctionValue) -> bool:
        rows = self.functions.entries.rows(function)
        return any((row.handler and not row.job and not row.reads) or row.address for row, _ in rows)

    def _served(self, function: FunctionValue, tree: Tree) -> bool:
        owner = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
        if owner < 0 or not tree.has(function.node, Flag.METHOD):
            return False
        types = self.evaluator.classes.library_types(ProjectClass(function.path, owner))
        return any(self.evaluator.tables.types[cls.name].serves for cls in types)

    def _given(self, function: FunctionValue) -> bool:
        for position in range(PARAMETERS):
            parameter = self.evaluator.parameters.parameter_at(function, position)
            if parameter < 0:
                return False
            for option in options(self.evaluator.parameters.whole(function.path, parameter, None)):
                if isinstance(option, Instance) and any(
                    cls.name in self._types for cls in self.evaluator.classes.library_types(option.cls)
                ):
                    return True
        return False


@derived
def _sent(tables: Tables) -> frozenset[str]:
    """Types of which a value is what a client sent."""
    return frozenset(
        name for name, row in tables.types.items() if any(each.origin == REQUEST for each in row.members.values())
    )
