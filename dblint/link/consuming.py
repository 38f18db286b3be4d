"""Calls of the host's own functions by which a lazy query runs: they iterate what they are given, or ask for its
length."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.link.values import BoundMember, FunctionValue, LibraryClass, LibraryFunction, ProjectClass, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

Consumption: TypeAlias = tuple[str, str]
"""What is done with arguments, and with which: the words `consumes` and `consumed` of a row."""
_NONE: Consumption = ("", "")


class Consuming:
    """Reads such calls by the words of their rows. One per evaluator."""

    def __init__(self, evaluator: Evaluator, imported: Callable[[str, str], bool]) -> None:
        """`imported`: whether a bare name is imported somewhere in a file."""
        self.evaluator = evaluator
        self._imported = imported
        self._words = _consuming(evaluator.tables)
        """Last words of functions that consume what they are given."""
        types = evaluator.tables.types
        self._made = frozenset(name for name, row in types.items() if row.construct and row.construct.consumes)
        """Types whose making consumes what it is given."""
        self._of_names: dict[tuple[str, str], Consumption] = {}

    def by(self, path: str, call: int) -> tuple[str, list[int]]:
        """What a call does (iterate, len, truth), and the arguments that it does that with."""
        trigger, consumed = self._row(path, call)
        return (trigger, _arguments(self.evaluator.tree(path), call, consumed)) if trigger else ("", [])

    def several(self, path: str, call: int) -> bool:
        """Whether a call does it with the elements of the lists that it is given."""
        return self._row(path, call)[1].endswith("[]")

    def _row(self, path: str, call: int) -> Consumption:
        tree = self.evaluator.tree(path)
        callee = call + 1
        if callee >= tree.ends[call] or tree.kinds[callee] not in (Kind.NAME, Kind.ATTRIBUTE):
            return _NONE
        name, tables = tree.value(callee), self.evaluator.tables
        if tree.kinds[callee] == Kind.NAME:
            if name in tables.by_path:
                construct = tables.types[tables.by_path[name]].construct
                return (construct.consumes, construct.consumed) if construct is not None else _NONE
            if name in tables.functions:
                function = tables.functions[name][1]
                return function.consumes, function.consumed
            return self._of_name(path, callee, name) if self._imported(path, name) else _NONE
        row = tables.untyped["javascript" if self.evaluator.javascript(path) else "python"].get(name)
        if row is None or not row.consumes:
            return self._of_module(path, callee) if name in self._words else _NONE
        # A member of the same name of a type that is known is another thing: `rows.update(…)`.
        known = options(self.evaluator.value(path, callee))
        other = any(isinstance(option, (BoundMember, FunctionValue)) for option in known)
        return _NONE if other else (row.consumes, "0")

    def _of_name(self, path: str, callee: int, name: str) -> Consumption:
        """The same of a bare name, asked once in a file where the name holds one thing."""
        found = self._of_names.get((path, name))
        if found is None:
            found = self._of_module(path, callee)
            if (path, name) in self.evaluator.bindings.everywhere:
                self._of_names[path, name] = found
        return found

    def _of_module(self, path: str, callee: int) -> Consumption:
        """What a function of a module of the host's library, or a member of one, does with its arguments."""
        functions, tree = self.evaluator.tables.functions, self.evaluator.tree(path)
        held = options(self.evaluator.value(path, callee))
        found = [(option, "") for option in held]
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            member = f".{tree.value(callee)}"
            found += [(option, member) for option in options(self.evaluator.value(path, callee + 1))]
        for option, member in found:
            if isinstance(option, LibraryFunction) and option.path + member in functions:
                function = functions[option.path + member][1]
                return function.consumes, function.consumed
        for cls in (option for option in held if isinstance(option, (LibraryClass, ProjectClass))):
            for base in self.evaluator.classes.library_types(cls):
                construct = self.evaluator.tables.types[base.name].construct
                if base.name in self._made and construct is not None:
                    return construct.consumes, construct.consumed
        return _NONE


def _arguments(tree: Tree, call: int, consumed: str) -> list[int]:
    """The positional arguments that a row says are consumed, up to one that stands for several."""
    given: list[int] = []
    for argument in tree.with_role(call, Role.ARGUMENT):
        if tree.kinds[argument] == Kind.SPREAD:
            break
        if tree.kinds[argument] != Kind.KEYWORD:
            given.append(argument)
    first = int(consumed.rstrip("+[]"))
    return given[first:] if consumed.endswith("+") else given[first : first + 1]


@derived
def _consuming(tables: Tables) -> frozenset[str]:
    return frozenset(
        path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.consumes
    )
