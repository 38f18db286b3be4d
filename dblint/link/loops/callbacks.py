"""What becomes of functions given as arguments, as rows say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.calling import Callback
from dblint.link.values import BoundMember, FunctionValue, Instance, LibraryClass, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def callback_of(evaluator: Evaluator, path: str, call: int, index: int | str) -> Callback | None:
    """What becomes of a function given as the positional argument `index`, or as the keyword: by the row of what is
    called, by what a function of the project does with it, else by the host's own methods, which are known by their
    names."""
    tree = evaluator.tree(path)
    for option in options(evaluator.value(path, call + 1)):
        if isinstance(option, FunctionValue) and isinstance(index, int):
            fate = evaluator.fates.of(option, index)
            if fate is not None:
                return fate
        if isinstance(option, (BoundMember, LibraryFunction)):
            row = evaluator.rows.row_of(option)
            if row is not None and row.callback is not None and row.callback.at_argument(str(index)):
                return row.callback
        if isinstance(option, Instance):
            for cls in evaluator.classes.library_types(option.cls):
                called = evaluator.tables.types[cls.name].call
                if called is not None and called.callback is not None and called.callback.at_argument(str(index)):
                    return called.callback
        if isinstance(option, LibraryClass):
            made = evaluator.tables.types[option.name].construct
            if made is not None and made.callback is not None and made.callback.at_argument(str(index)):
                return made.callback
    if tree.kinds[call + 1] == Kind.ATTRIBUTE:
        language = "javascript" if evaluator.javascript(path) else "python"
        method = evaluator.tables.untyped[language].get(tree.value(call + 1))
        given = method.callback if method is not None else None
        if given is not None and given.at_argument(str(index)):
            return given
    return None


def handed_to(tree: Tree, function: int) -> tuple[int, int | str] | None:
    """The call that a function literal is an argument of, and as which: its position or keyword; None: it is none."""
    parent = tree.parents[function]
    if parent >= 0 and tree.kinds[parent] == Kind.KEYWORD:
        return tree.parents[parent], tree.value(parent)
    if parent < 0 or tree.roles[function] != Role.ARGUMENT or tree.kinds[parent] != Kind.CALL:
        return None
    return parent, [*tree.with_role(parent, Role.ARGUMENT)].index(function)


def option_of(tree: Tree, function: int) -> tuple[int, int] | None:
    """The call that a function literal is an option of (`route({ handler: … })`), and its argument that holds it; None:
    it is none."""
    pair = tree.parents[function]
    held = tree.parents[pair] if pair >= 0 and tree.kinds[pair] == Kind.PAIR else -1
    if held < 0 or tree.kinds[held] != Kind.OBJECT or tree.roles[held] != Role.ARGUMENT:
        return None
    call = tree.parents[held]
    return (call, held) if tree.kinds[call] == Kind.CALL else None


def iterated_by(tree: Tree, call: int, callback: Callback) -> int:
    """What a call iterates that runs a function per element: an argument, or what it is called on; -1 where
    it cannot be said."""
    if callback.over:
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        position = int(callback.over)
        return arguments[position] if position < len(arguments) else -1
    return call + 2 if tree.kinds[call + 1] == Kind.ATTRIBUTE else -1


GATHERING = frozenset({"gather", "all", "allSettled"})
"""Functions of the hosts that wait for all that they are given at once."""
SPAWNING = GATHERING | {"create_task", "ensure_future", "TaskGroup"}
"""Functions of the hosts that let several things go on in one event loop."""


def gathered(tree: Tree, node: int) -> bool:
    """Whether what a call or comprehension gives is awaited at once with all others, there or by its name."""
    parent = tree.parents[node]
    if parent >= 0 and tree.kinds[parent] == Kind.SPREAD:
        parent = tree.parents[parent]
    if parent >= 0 and tree.kinds[parent] == Kind.ASSIGN and tree.roles[node] == Role.VALUE:
        target = tree.child(parent, Role.TARGET)
        return tree.kinds[target] == Kind.NAME and gathered_later(tree, parent, tree.value(target))
    return parent >= 0 and tree.kinds[parent] == Kind.CALL and tree.value(parent + 1) in GATHERING


def gathered_later(tree: Tree, node: int, name: str) -> bool:
    """Whether a name is awaited at once with all that it holds, in the block of a statement, behind it."""
    block = tree.parents[node]
    if tree.kinds[block] != Kind.BLOCK:
        return False
    for each in range(tree.ends[node], tree.ends[block]):
        if tree.kinds[each] == Kind.CALL and tree.value(each + 1) in GATHERING:
            argument = tree.child(each, Role.ARGUMENT)
            if argument >= 0 and tree.kinds[argument] == Kind.SPREAD:
                argument += 1
            if argument >= 0 and tree.kinds[argument] == Kind.NAME and tree.value(argument) == name:
                return True
    return False
