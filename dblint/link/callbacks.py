"""What becomes of functions given as arguments, as rows say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Callback
from dblint.link.values import BoundMember, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def callback_of(evaluator: Evaluator, path: str, call: int, index: int | str) -> Callback | None:
    """What becomes of a function given as the positional argument `index`, or as the keyword: by the row of what is
    called, else by the host's own methods, which are known by their names."""
    tree = evaluator.tree(path)
    for option in options(evaluator.value(path, call + 1)):
        if isinstance(option, (BoundMember, LibraryFunction)):
            row = evaluator.rows.row_of(option)
            if row is not None and row.callback is not None and row.callback.at_argument(str(index)):
                return row.callback
    if tree.kinds[call + 1] == Kind.ATTRIBUTE:
        language = "javascript" if evaluator.javascript(path) else "python"
        method = evaluator.tables.untyped[language].get(tree.value(call + 1))
        given = method.callback if method is not None else None
        if given is not None and given.at_argument(str(index)):
            return given
    return None


def iterated_by(tree: Tree, call: int, callback: Callback) -> int:
    """What a call iterates that runs a function per element: an argument, or what it is called on; -1 where
    it cannot be said."""
    if callback.over:
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        position = int(callback.over)
        return arguments[position] if position < len(arguments) else -1
    return call + 2 if tree.kinds[call + 1] == Kind.ATTRIBUTE else -1
