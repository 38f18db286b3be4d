"""What coroutine functions need their event loop for, and who runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Export, Flag, Kind, Role
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.words import Given

_WAITING = (Kind.WITH, Kind.LOOP, Kind.CLAUSE)


class Coroutines:
    """Answers for coroutine functions. One per `Functions`."""

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self._imported: frozenset[str] | None = None

    def awaits(self, function: FunctionValue) -> bool:
        """Whether it waits for anything by `await`, `async with` or `async for`."""
        tree = self.evaluator.tree(function.path)
        node, stop = function.node + 1, tree.ends[function.node]
        while node < stop:
            kind = tree.kinds[node]
            if kind == Kind.FUNCTION:
                node = tree.ends[node]
                continue
            if kind == Kind.AWAIT or (kind in _WAITING and tree.has(node, Flag.ASYNC)):
                return True
            node += 1
        return False

    def threaded(self, function: FunctionValue) -> bool:
        """Whether frameworks alone run it, that run functions without `async` in threads by themselves: a decorator
        says so, or what it is handed to, and the program never calls it."""
        rows = [row for row, _ in self.functions.entries.rows(function)]
        given = [self._taken(one.path, one.call) for one in self._given(function)]
        taken = bool(rows or given) and all(row.threads for row in rows) and all(given)
        return taken and not any(not self.functions.aside(path) for path, _ in self.functions.sites(function))

    def unnamed(self, function: FunctionValue) -> bool:
        """Whether nothing in the project names it, so that nobody is seen to run it: no decorator, no import, no use.
        Methods are called by those who have the object."""
        tree = self.evaluator.tree(function.path)
        name = self.functions.name(function)
        if not name or tree.has(function.node, Flag.METHOD) or tree.child(function.node, Role.DECORATOR) >= 0:
            return False
        if self._imported is None:
            files = self.evaluator.files.values()
            self._imported = frozenset(one.name for file in files for one in file.interface.imports)
        own = (function.path, function.node)
        exported = any(one.name == name or one.local == name for one in self._exports(function.path))
        return (
            name not in self._imported
            and not exported
            and not any((path, node) != own for path, node in self.evaluator.words.spelled(name))
        )

    def _exports(self, path: str) -> tuple[Export, ...]:
        return self.evaluator.files[path].interface.exports if self.evaluator.javascript(path) else ()

    def _given(self, function: FunctionValue) -> list[Given]:
        """Where it is handed to something, outside of tests."""
        found: list[Given] = []
        for given in self.evaluator.words.given(self.functions.name(function)):
            held = options(self.evaluator.value(given.path, given.node))
            if not self.functions.aside(given.path) and any(_is(one, function) for one in held):
                found.append(given)
        return found

    def _taken(self, path: str, call: int) -> bool:
        rows = self.evaluator.rows
        held = options(self.evaluator.value(path, call + 1))
        found = [rows.row_of(one) for one in held if isinstance(one, (BoundMember, LibraryFunction))]
        return any(row is not None and row.threads for row in found)


def _is(value: object, function: FunctionValue) -> bool:
    return isinstance(value, FunctionValue) and (value.path, value.node) == (function.path, function.node)
