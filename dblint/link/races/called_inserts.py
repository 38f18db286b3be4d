"""Rows that a called function inserts, told in the words of the code that calls it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.races.values import Operand, words
from dblint.link.values import BoundMember, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.ensured import Insert
    from dblint.link.races.locks import Locks

_PARTS = (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.AWAIT, Kind.CAST)


class CalledInserts:
    """Finds them. One per project."""

    def __init__(self, functions: Functions, locks: Locks) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.locks = locks

    def inserts(self, insert: Insert) -> Iterator[Insert]:
        """The calls of the function that inserts a row, as what inserts it; none where that keeps others away."""
        path, node, identifier = insert.at.path, insert.node, insert.at.function
        function = self.functions.value(identifier)
        if function is None or self.locks.held(path, node, identifier) or self.locks.conceded(path, node):
            return
        tree = self.evaluator.tree(path)
        for where, call in self.functions.callers(function):
            around = self.evaluator.scope(where).function(call)
            if around < 0 or self.functions.aside(where) or (where, around) == (path, function.node):
                continue
            other = self.evaluator.tree(where)
            if other.kinds[call] != Kind.CALL:
                continue
            given = {
                tree.value(parameter): words(other, value)
                for parameter, value in self.evaluator.parameters.matched(function, where, call)
            }
            said = {column: self._in_words(path, operand, given) for column, operand in insert.assigned.items()}
            dumped = tuple((given[name], without) for name, without in insert.dumped if given.get(name))
            at = insert.at._replace(
                path=where, node=call, function=self.functions.id(where, around), handle="", adds=False
            )
            yield insert._replace(at=at, node=call, said=said, dumped=dumped)

    def _in_words(self, path: str, operand: Operand | None, given: Mapping[str, str]) -> str:
        """What a value is in the words of a caller: what that gives the parameter it is, or is a part of; else ""."""
        if operand is None or operand.node < 0 or operand.constant:
            return operand.constant if operand is not None else ""
        tree, root = self.evaluator.tree(path), operand.node
        while tree.kinds[root] in _PARTS:
            root += 1
        name, dot, rest = words(tree, operand.node).partition(".")
        bound = self.evaluator.scope(path).reaching(root, name) or [] if tree.kinds[root] == Kind.NAME else []
        said = given.get(name, "") if [tree.kinds[binding] for binding, _ in bound] == [Kind.PARAMETER] else ""
        return f"{said}{dot}{rest}" if said else ""

    def dumped(self, path: str, call: int) -> Iterator[tuple[str, frozenset[str]]]:
        """What a call is given all fields of (`**data.model_dump(exclude={"id"})`), in words, each with the names of
        those that are left out."""
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(call, Role.ARGUMENT):
            given = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.SPREAD else -1
            if given < 0 or tree.kinds[given] != Kind.CALL or tree.kinds[given + 1] != Kind.ATTRIBUTE:
                continue
            for callee in options(self.evaluator.value(path, given + 1)):
                row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
                if row is not None and row.unfolds and words(tree, given + 2):
                    inside = range(given, tree.ends[given])
                    without = frozenset(tree.value(at) for at in inside if tree.kinds[at] == Kind.STRING)
                    yield words(tree, given + 2), without
