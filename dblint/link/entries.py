"""Functions that a process is started for, and that end with it: the commands of a command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.values import BoundMember, FunctionValue, LibraryClass, LibraryFunction, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

GROUPS = 6
"""Groups of commands inside one another."""


class Entries:
    """Knows which functions are such entries. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._commands: dict[tuple[str, int], bool] = {}

    def command(self, function: FunctionValue) -> bool:
        """Whether a function is a command: by a decorator, or as a method of a library's class of commands."""
        key = (function.path, function.node)
        if key not in self._commands:
            decorated = any(row.entry == "command" for row, _ in self.rows(function))
            self._commands[key] = decorated or self._named(function)
        return self._commands[key]

    def rows(self, function: FunctionValue, depth: int = 0) -> Iterator[tuple[Member, str]]:
        """The rows of a function's decorators, each with its library."""
        evaluator = self.evaluator
        tree = evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(function.path, callee)):
                if isinstance(option, (BoundMember, LibraryFunction)):
                    row = evaluator.rows.row_of(option)
                    if row is not None:
                        yield row, evaluator.rows.library_of(option)
            if tree.kinds[callee] == Kind.ATTRIBUTE and depth < GROUPS:
                yield from self._of_group(function.path, callee, depth)

    def _of_group(self, path: str, member: int, depth: int) -> Iterator[tuple[Member, str]]:
        """The rows of a member that is read from a function which a decorator made a group of commands."""
        tables = self.evaluator.tables
        name = self.evaluator.tree(path).value(member)
        for option in options(self.evaluator.value(path, member + 1)):
            for row, library in self.rows(option, depth + 1) if isinstance(option, FunctionValue) else ():
                held = row.returns if ":" in row.returns else f"{library}:{row.returns}"
                found = tables.member(held, name) if row.entry else None
                if found is not None:
                    yield found[1], tables.library(found[0])

    def _named(self, function: FunctionValue) -> bool:
        evaluator = self.evaluator
        tree = evaluator.tree(function.path)
        name = tree.value(function.node)
        body = tree.parents[function.node]
        owner = tree.parents[body] if body >= 0 else -1
        if name not in evaluator.tables.entries or owner < 0 or tree.kinds[owner] != Kind.CLASS:
            return False
        return any(
            evaluator.tables.types[ancestor].entries.get(name) == "command"
            for cls in evaluator.classes.mro(ProjectClass(function.path, owner))
            if isinstance(cls, LibraryClass)
            for ancestor in evaluator.tables.lineages[cls.name]
        )
