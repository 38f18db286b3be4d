"""Procedural code that migrations run: blocks, and the functions and procedures that they have made and call."""

from __future__ import annotations

from dblint.facts.schema import CALLS, UNREAD, Change, Operation
from dblint.sql.ddl import called_routine
from dblint.sql.fold import Folding
from dblint.sql.procedures import called
from dblint.sql.trees import SqlError

_MAKING = frozenset({"create function", "create procedure", "create routine", "create proc"})


class Routines:
    """The functions and procedures of a database, by the statements that make them."""

    def __init__(self) -> None:
        self._made: dict[str, Operation] = {}

    def run(self, operation: Operation, folding: Folding) -> bool:
        """What an operation does through procedural code. Gives whether all of it was read."""
        if operation.change is Change.OTHER and operation.name in _MAKING:
            self._made[operation.value.lower()] = operation
        elif operation.change is Change.OTHER and operation.name == "call":
            return self._call([called(operation.sql, operation.dialect) or operation.value.lower()], folding)
        elif operation.change is Change.OTHER and operation.name == "do":
            names = [value for name, value in operation.options if name == CALLS]
            return (UNREAD, "") not in operation.options and self._call(names, folding)
        elif operation.change is Change.DATA and self._made and operation.sql[:6].upper() == "SELECT":
            name = called(operation.sql, operation.dialect)
            return name not in self._made or self._call([name], folding)
        return True

    def _call(self, names: list[str], folding: Folding) -> bool:
        """Runs routines and those that they call, each once. One that is not known may change anything."""
        pending, seen = names, set[str]()
        sound = True
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            made = self._made.get(name)
            if made is None:
                sound = False
                continue
            try:
                body = called_routine(made.sql, made.dialect)
            except SqlError:
                sound = False
                continue
            for operation in body.operations:
                if is_conditional(operation):
                    folding.maybe(operation)
                else:
                    folding.apply(operation)
            pending += [value for option, value in body.options if option == CALLS]
            sound = sound and (UNREAD, "") not in body.options
        return sound


def is_conditional(operation: Operation) -> bool:
    """Whether a statement of a block is not always run."""
    return any(name == "conditional" for name, _ in operation.options)
