"""Coroutine functions whose event loop has nothing else to do while they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import table_words
from dblint.link.loops.callbacks import SPAWNING, callback_of, handed_to
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions

STARTED = 20
"""Coroutine functions that are asked together."""
PASSED = 3
"""Functions of the project through which one is handed on."""
_CHOICES = (Kind.BINARY, Kind.CONDITIONAL, Kind.CAST)


class Alone:
    """Answers for functions. One per `Functions`."""

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        starting = table_words.starting(self.evaluator.tables)
        self._starts_any = {script: ("javascript" if script else "python") in starting for script in (False, True)}
        """Whether anything starts a function for an event loop in JavaScript (True), or in Python."""

    def alone(self, function: FunctionValue) -> bool:
        """Whether a coroutine function is what an event loop was made for, or what runs before its loop serves (by a
        decorator, or as it is handed to what does), or is called by none but such functions. One that was made a loop
        for lets no other things go on beside it."""
        pending, seen = [function], {(function.path, function.node)}
        asked: list[tuple[FunctionValue, bool]] = []
        while pending:
            current = pending.pop()
            if any(row.entry == "start" for row, _ in self.functions.entries.rows(current)):
                continue
            sites = [site for site in self.functions.sites(current) if not self.functions.aside(site[0])]
            if len(seen) > STARTED or not (sites or self._starts_any[self.evaluator.javascript(current.path)]):
                return False
            asked.append((current, bool(sites)))
            for path, call in sites:
                if self._started(path, call):
                    continue
                around = self.evaluator.scope(path).function(call)
                if around < 0 or not self.evaluator.tree(path).has(around, Flag.ASYNC):
                    return False
                if (path, around) not in seen:
                    seen.add((path, around))
                    pending.append(FunctionValue(path, around))
        # Dearer, as it looks at each place where the name is written: only where all callers are such functions.
        return all(self._only_started(current, called) for current, called in asked)

    def _only_started(self, function: FunctionValue, called: bool) -> bool:
        """Whether a function is nothing but called, or handed to what starts it. `called`: it is."""
        started = False
        for path, node in self.evaluator.words.spelled(self.functions.name(function)):
            if not self.functions.aside(path) and self._is(path, node, function):
                fate = self._fate(path, node, PASSED)
                if fate not in ("called", "start"):
                    return False
                started = started or fate == "start"
        return started or (called and not self._decorated(function) and not self._spawns(function))

    def _is(self, path: str, node: int, function: FunctionValue) -> bool:
        tree = self.evaluator.tree(path)
        if tree.kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE) or tree.roles[node] == Role.TARGET:
            return False
        return any(
            isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node)
            for option in options(self.evaluator.value(path, node))
        )

    def _fate(self, path: str, node: int, depth: int) -> str:
        """What becomes of a function where its name stands: `called`, what a row says of the place where it is handed
        on, through parameters of the project's own functions, or ""."""
        tree = self.evaluator.tree(path)
        while tree.kinds[tree.parents[node]] in _CHOICES:
            node = tree.parents[node]
        above = tree.parents[node]
        if tree.kinds[above] == Kind.CALL and tree.roles[node] == Role.CALLEE:
            return "called"
        handed = handed_to(tree, node)
        if handed is None:
            return ""
        call, key = handed
        callback = callback_of(self.evaluator, path, call, key)
        if callback is not None:
            return callback.fate
        fates = set(self._passed(path, call, key, depth)) if depth else set()
        return fates.pop() if len(fates) == 1 else ""

    def _passed(self, path: str, call: int, key: int | str, depth: int) -> Iterator[str]:
        """What becomes of the parameter of a function of the project."""
        for option in options(self.evaluator.value(path, call + 1)):
            if not isinstance(option, FunctionValue):
                continue
            tree = self.evaluator.tree(option.path)
            parameters = list(tree.with_role(option.node, Role.PARAMETER))
            parameter = next((each for each in parameters if tree.value(each) == key), -1)
            if isinstance(key, int):
                parameter = self.evaluator.parameters.parameter_at(option, key)
            word = tree.value(parameter) if parameter >= 0 else ""
            for node in tree.spelled(word) if word else ():
                handed = tree.kinds[node] == Kind.NAME and tree.contains(option.node, node)
                if handed and tree.roles[node] != Role.CONDITION:
                    yield self._fate(option.path, node, depth - 1)

    def _started(self, path: str, call: int) -> bool:
        """Whether a coroutine is handed, where it is made, to what makes an event loop for it, or beside that, as what
        it is to be called with (`Thread(target=asyncio.run, args=(work(),))`)."""
        tree = self.evaluator.tree(path)
        handed = handed_to(tree, call)
        callback = callback_of(self.evaluator, path, *handed) if handed is not None else None
        if callback is not None and callback.fate == "start":
            return True
        held = tree.parents[call]
        if tree.kinds[held] not in (Kind.TUPLE, Kind.LIST) or next(tree.children(held), -1) != call:
            return False
        handed = handed_to(tree, held)
        return handed is not None and self._given_start(path, handed[0])

    def _given_start(self, path: str, call: int) -> bool:
        """Whether a call is given a function that makes an event loop for the first thing that it is called with."""
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(call, Role.ARGUMENT):
            node = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.KEYWORD else argument
            for option in options(self.evaluator.value(path, node)) if node >= 0 else ():
                row = self.evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
                if row is not None and row.callback is not None and row.callback.fate == "start":
                    return True
        return False

    def _decorated(self, function: FunctionValue) -> bool:
        return self.evaluator.tree(function.path).child(function.node, Role.DECORATOR) >= 0

    def _spawns(self, function: FunctionValue) -> bool:
        tree = self.evaluator.tree(function.path)
        node = tree.kinds.find(Kind.CALL, function.node, tree.ends[function.node])
        while node >= 0:
            if tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node + 1) in SPAWNING:
                return True
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[function.node])
        return False
