"""What functions are given that are handed to a call together with it (`Thread(target=load, args=(connection,))`,
`submit(load, connection)`), or that a call gives back to be called later (`partial(load, connection)`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.link import hosts
from dblint.link.arguments import Site, entries, find
from dblint.link.loops.callbacks import callback_of
from dblint.link.values import BoundMember, Expression, FunctionValue, LibraryFunction, options
from dblint.link.words import NAMES, Given

if TYPE_CHECKING:
    from dblint.libraries.grammar import Member
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

HANDED_LIMIT = 12
"""Calls that are given something under one name that are asked what they hand to it; beyond, *cannot say*."""
_GIVING_BACK = ("partial:", "argument:")


class HandedArgument(NamedTuple):
    """What a function is given as a parameter: the parameter's node, and where what it gets stands. `call`: the call
    that says so; `thread`: the function then runs where it holds up no event loop."""

    parameter: int
    path: str
    call: int
    node: int
    thread: bool


class HandedArguments:
    """Answers what is handed over together with functions. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._memo: dict[tuple[str, int], tuple[HandedArgument, ...]] = {}

    def of(self, path: str, function: int) -> tuple[HandedArgument, ...]:
        """What the program hands over together with a function, by the function's name."""
        return self.evaluator.once(self._memo, (path, function), self._of)

    def _of(self, question: tuple[str, int]) -> tuple[HandedArgument, ...]:
        path, function = question
        evaluator = self.evaluator
        name = evaluator.tree(path).value(function) or evaluator.parameters.assigned_name(path, function)
        if not name or name in hosts.CONSTRUCTORS:
            return ()
        handing = [given for given in evaluator.words.given(name) if given.callee in self._handing]
        if len(handing) > HANDED_LIMIT:
            return ()
        found: list[HandedArgument] = []
        for given in handing:
            for option in options(evaluator.value(given.path, given.node)):
                if isinstance(option, FunctionValue) and (option.path, option.node) == (path, function):
                    found += self._by_callback(option, given)
                    found += self._by_what_is_made(option, given)
        return tuple(found)

    def _by_callback(self, function: FunctionValue, given: Given) -> Iterator[HandedArgument]:
        """What a row says that the function is called with."""
        callback = callback_of(self.evaluator, given.path, given.call, given.key)
        if callback is None:
            return
        if callback.passes:
            yield from self._behind(function, given, callback.thread)
        call = Site(given.path, given.call, None)
        if callback.arguments:
            for position, node in enumerate(self._listed(callback.arguments, call), function.given):
                parameter = self.evaluator.parameters.parameter_at(function, position)
                if parameter >= 0:
                    yield HandedArgument(parameter, given.path, given.call, node, callback.thread)
        if callback.named:
            for site in find(self.evaluator, callback.named, call).sites:
                for name, value in entries(self.evaluator, site)[0]:
                    parameter = self._named(function, name)
                    if parameter >= 0:
                        yield HandedArgument(parameter, value.path, given.call, value.node, callback.thread)

    def _by_what_is_made(self, function: FunctionValue, given: Given) -> Iterator[HandedArgument]:
        """What a function is called with that a call gives back, perhaps with some of its arguments: these, and those
        of calls of what was made, where it stands or by the name that it is assigned to."""
        evaluator = self.evaluator
        rows = list(self._rows(given))
        if not any(row.returns == f"{word}{given.key}" for row in rows for word in _GIVING_BACK):
            return
        thread = any(row.callback is not None and row.callback.thread for row in rows)
        if any(row.returns.startswith("partial:") for row in rows):
            yield from self._behind(function, given, thread)
        for call in self._calls_of_made(given):
            for option in options(evaluator.value(given.path, call + 1)):
                if isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node):
                    for parameter, node in evaluator.parameters.matched(option, given.path, call):
                        yield HandedArgument(parameter, given.path, call, node, thread)

    def _rows(self, given: Given) -> Iterator[Member]:
        evaluator = self.evaluator
        for option in options(evaluator.value(given.path, given.call + 1)):
            row = evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
            if row is not None:
                yield row

    def _calls_of_made(self, given: Given) -> list[int]:
        """The calls, in the same file, of what a call gives."""
        tree = self.evaluator.tree(given.path)
        around, role = tree.parents[given.call], tree.roles[given.call]
        if role == Role.CALLEE and tree.kinds[around] == Kind.CALL:
            return [around]
        if role != Role.VALUE or tree.kinds[around] != Kind.ASSIGN:
            return []
        target = tree.child(around, Role.TARGET)
        if target < 0 or tree.kinds[target] not in NAMES:
            return []
        calls = [call for path, call in self.evaluator.words.called(tree.value(target)) if path == given.path]
        return calls if len(calls) <= HANDED_LIMIT else []

    def _behind(self, function: FunctionValue, given: Given, thread: bool) -> Iterator[HandedArgument]:
        """The arguments behind the function are what it is given, as are all keywords."""
        tree = self.evaluator.tree(given.path)
        position: int | None = function.given
        for number, argument in enumerate(tree.with_role(given.call, Role.ARGUMENT)):
            if tree.kinds[argument] == Kind.KEYWORD:
                parameter = self._named(function, tree.value(argument)) if argument + 1 != given.node else -1
                argument = tree.child(argument, Role.VALUE)
            elif not isinstance(given.key, int) or number <= given.key or position is None:
                continue
            elif tree.kinds[argument] == Kind.SPREAD:
                position = None
                continue
            else:
                parameter = self.evaluator.parameters.parameter_at(function, position)
                position += 1
            if parameter >= 0 and argument >= 0:
                yield HandedArgument(parameter, given.path, given.call, argument, thread)

    def _named(self, function: FunctionValue, name: str) -> int:
        """The parameter of this name, or -1."""
        tree = self.evaluator.tree(function.path)
        named = (node for node in tree.with_role(function.node, Role.PARAMETER) if tree.value(node) == name)
        return next(named, -1)

    def _listed(self, at: str, call: Site) -> Iterator[int]:
        """The elements of the list or tuple that stands there, up to the first that is several; none of one that is
        written elsewhere than in the file."""
        for site in find(self.evaluator, at, call).sites:
            for held in options(self.evaluator.value(site.path, site.node)):
                if isinstance(held, Expression) and held.path == call.path:
                    tree = self.evaluator.tree(held.path)
                    yield from _elements(tree, held.node)
                    return

    @cached_property
    def _handing(self) -> frozenset[str]:
        return _words_of_handing(self.evaluator.tables)


def _elements(tree: Tree, literal: int) -> Iterator[int]:
    if tree.kinds[literal] in (Kind.LIST, Kind.TUPLE):
        for child in tree.children(literal):
            if tree.kinds[child] == Kind.SPREAD:
                return
            yield child


@derived
def _words_of_handing(tables: Tables) -> frozenset[str]:
    """The words under which rows are called that hand something to a function, or give it back."""
    found: set[str] = set()
    for path, (_, row) in tables.functions.items():
        if _hands(row):
            found.add(path.replace("#", ".").rpartition(".")[2])
    for described in tables.types.values():
        found |= {name for name, row in described.members.items() if _hands(row)}
        if described.construct is not None and _hands(described.construct):
            found |= {path.replace("#", ".").rpartition(".")[2] for path in described.path}
    return frozenset(found)


def _hands(row: Member) -> bool:
    callback = row.callback
    if callback is not None and (callback.passes or callback.arguments or callback.named):
        return True
    return row.returns.startswith("partial:") or (callback is not None and row.returns.startswith("argument:"))
