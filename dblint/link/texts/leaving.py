"""Statements behind which nothing of the same block runs."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.types import Evaluator
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options

LEAVING = frozenset({Kind.RAISE, Kind.RETURN, Kind.BREAK, Kind.CONTINUE})


class Leaving:
    """Answers which statements leave. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def leaves(self, path: str, statement: int) -> bool:
        """Whether a statement leaves its block: by a word of the language, or by a call that never comes back."""
        tree = self.evaluator.tree(path)
        if tree.kinds[statement] in LEAVING:
            return True
        call = tree.child(statement, Role.VALUE) if tree.kinds[statement] == Kind.AWAIT else statement
        if call < 0 or tree.kinds[call] != Kind.CALL:
            return False
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, FunctionValue):
                return self._raises(option)
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
                return isinstance(row, Member) and row.leaves
        return False

    def _raises(self, function: FunctionValue) -> bool:
        """Whether a function of the project ends by raising, and returns nowhere."""
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        if body < 0 or tree.kinds[body] != Kind.BLOCK:
            return False
        statements = list(tree.children(body))
        raised = bool(statements) and tree.kinds[statements[-1]] == Kind.RAISE
        return raised and not list(self.evaluator.returns(function))
