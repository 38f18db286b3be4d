"""What the project's own functions do with a function that they are given: run it once, or once per element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.calling import Callback
from dblint.link import hosts
from dblint.link.loops.callbacks import callback_of, gathered, iterated_by
from dblint.link.loops.influence import Influence
from dblint.link.loops.lazies import Lazies
from dblint.link.loops.preconditions import Preconditions
from dblint.link.values import FunctionValue

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

WRAPPERS = 4
"""Functions through which a function is handed on."""
USES = 8
"""Uses of a parameter that are asked what becomes of it."""


class Fates:
    """Answers what becomes of functions given to functions of the project. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.influence = Influence(evaluator)
        self.preconditions = Preconditions(evaluator, Lazies(evaluator))
        self._memo: dict[tuple[str, int, int], Callback | None] = {}
        self._active: list[tuple[str, int, int]] = []

    def of(self, function: FunctionValue, index: int) -> Callback | None:
        """What becomes of the function given as the positional argument `index`, as a row would say it; None where
        it cannot be said, or where it is kept for later."""
        key = (function.path, function.node, index)
        if key in self._memo:
            return self._memo[key]
        if key in self._active or len(self._active) >= WRAPPERS:
            return None
        self._active.append(key)
        try:
            found = self._of(function, index)
        finally:
            self._active.pop()
        if not self._active:
            self._memo[key] = found
        return found

    def _of(self, function: FunctionValue, index: int) -> Callback | None:
        tree = self.evaluator.tree(function.path)
        parameter = self.evaluator.parameters.parameter_at(function, index)
        if parameter < 0 or not tree.value(parameter) or tree.has(parameter, Flag.REST | Flag.PAIRS):
            return None
        found: Callback | None = None
        scope = self.evaluator.scope(function.path)
        # What it is handed on to, or a function inside that calls it, may be run in a thread.
        away = any(
            tree.roles[use] != Role.CALLEE or scope.function(use) != function.node
            for use in self._uses(function, parameter)
        )
        for use in self._uses(function, parameter):
            fate = self._fate(function, use, str(index))
            if fate is None:
                continue
            if away and not fate.thread and fate.fate != "each":
                fate = msgspec.structs.replace(fate, thread=tree.has(function.node, Flag.ASYNC))
            if fate.fate == "each":
                return fate
            # Sometimes inside a transaction and sometimes not: what is sure is that it runs once.
            thread = fate.thread or (found is not None and found.thread)
            known = fate if found is None or found.fate == fate.fate else Callback(str(index), "once")
            found = msgspec.structs.replace(known, thread=thread)
        return found

    def _uses(self, function: FunctionValue, parameter: int) -> Iterator[int]:
        """The places in a function where its parameter is called or handed on."""
        tree = self.evaluator.tree(function.path)
        scope = self.evaluator.scope(function.path)
        name, body = tree.value(parameter), tree.child(function.node, Role.BODY)
        node = tree.kinds.find(Kind.NAME, body, tree.ends[body]) if body >= 0 else -1
        found = 0
        while node >= 0 and found < USES:
            if tree.value(node) == name and tree.kinds[tree.parents[node]] == Kind.CALL:
                if any(binding == parameter for binding, _ in scope.reaching(node, name) or ()):
                    found += 1
                    yield node
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])

    def _fate(self, function: FunctionValue, use: int, at: str) -> Callback | None:
        """What becomes of the parameter at one use."""
        tree = self.evaluator.tree(function.path)
        call = tree.parents[use]
        if tree.roles[use] == Role.ARGUMENT:
            index = list(tree.with_role(call, Role.ARGUMENT)).index(use)
            callback = callback_of(self.evaluator, function.path, call, index)
            if callback is None:
                return None
            if callback.fate == "each":
                iterated = iterated_by(tree, call, callback)
                found = self._each(function, (iterated,), at, callback.concurrent or gathered(tree, call))
                if found is None:
                    return None
                return msgspec.structs.replace(found, thread=callback.thread, chunks=callback.chunks)
            inner = Callback(at, callback.fate, thread=callback.thread)
        elif tree.roles[use] == Role.CALLEE:
            if self.preconditions.kept(function.path, call, function.node):
                return None  # what it gives is kept: it does not run each time
            inner = Callback(at, "once")
        else:
            return None
        return self._around(function, call, inner, at)

    def _around(self, function: FunctionValue, call: int, inner: Callback, at: str) -> Callback | None:
        """What the loops and closures around a call make of what it does."""
        tree = self.evaluator.tree(function.path)
        child = call
        for parent in tree.ancestors(call):
            if parent == function.node:
                return inner if inner.fate in ("once", "transaction") else None
            kind = tree.kinds[parent]
            if kind in (Kind.LOOP, Kind.COMPREHENSION) and not self._once(tree, parent, child, call):
                found = self._each(function, self._elements(tree, parent, call), at, gathered(tree, parent))
                if found is not None and self._several(function.path, parent, call):
                    return msgspec.structs.replace(found, chunks=True)
                return found
            if kind == Kind.FUNCTION:
                outer = tree.parents[parent]
                if tree.kinds[outer] != Kind.CALL or tree.roles[parent] != Role.ARGUMENT:
                    # A function of its own, which runs as often as it is called: what it is given tells.
                    return self._each(function, tuple(tree.with_role(call, Role.ARGUMENT)), at, concurrent=False)
                index = list(tree.with_role(outer, Role.ARGUMENT)).index(parent)
                callback = callback_of(self.evaluator, function.path, outer, index)
                if callback is None:
                    return None
                if callback.fate == "each":
                    iterated = iterated_by(tree, outer, callback)
                    return self._each(function, (iterated,), at, callback.concurrent or gathered(tree, outer))
                if callback.fate == "transaction":
                    inner = Callback(at, "transaction", thread=inner.thread or callback.thread)
                elif callback.fate not in ("once", "builder"):
                    return None
                elif callback.thread:
                    inner = msgspec.structs.replace(inner, thread=True)
            child = parent
        return None

    @staticmethod
    def _once(tree: Tree, loop: int, child: int, call: int) -> bool:
        """Whether what stands in a loop is no part of its iterations, or is tried until it succeeds."""
        if tree.kinds[loop] == Kind.LOOP and tree.roles[child] not in (Role.BODY, Role.CONDITION, Role.UPDATE):
            return True
        return not any(True for _ in tree.with_role(call, Role.ARGUMENT)) or any(
            tree.kinds[parent] == Kind.RETURN for parent in tree.ancestors(call) if parent > loop
        )

    def _several(self, path: str, loop: int, call: int) -> bool:
        """Whether a turn of a loop that iterates nothing gives several elements to a call: a part of a list, or a list
        of which it asks how long it is."""
        tree = self.evaluator.tree(path)
        if tree.kinds[loop] != Kind.LOOP or tree.child(loop, Role.ITERABLE) >= 0 or not self.evaluator.javascript(path):
            return False
        untyped = self.evaluator.tables.untyped["javascript"]
        for argument in tree.with_role(call, Role.ARGUMENT):
            name = tree.value(argument) if tree.kinds[argument] == Kind.NAME else ""
            for node in range(loop, tree.ends[loop]) if name else ():
                if tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) in hosts.COUNTS:
                    if tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) == name:
                        return True
            made = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.AWAIT else argument
            row = untyped.get(tree.value(made + 1)) if tree.kinds[made] == Kind.CALL else None
            if row is not None and row.iterates == "slice":
                return True
        return False

    @staticmethod
    def _elements(tree: Tree, loop: int, call: int) -> tuple[int, ...]:
        """What says which elements a loop goes over: what it iterates, else what the call in it is given."""
        source = loop
        if tree.kinds[loop] == Kind.COMPREHENSION:
            source = tree.child(loop, Role.CLAUSE)
        iterable = tree.child(source, Role.ITERABLE) if source >= 0 else -1
        return (iterable,) if iterable >= 0 else tuple(tree.with_role(call, Role.ARGUMENT))

    def _each(self, function: FunctionValue, nodes: tuple[int, ...], at: str, concurrent: bool) -> Callback | None:
        """That it runs per element of the parameter that decides what stands at `nodes`."""
        tree = self.evaluator.tree(function.path)
        decisive = self.influence.parameters(function.path, [node for node in nodes if node >= 0], function.node)
        for parameter in tree.with_role(function.node, Role.PARAMETER):
            own = self.evaluator.parameters.position(function.path, function.node, parameter)
            if own >= 0 and str(own) != at and tree.value(parameter) in decisive:
                return Callback(at, "each", over=str(own), gives=("element",), concurrent=concurrent)
        return None
