"""Where JavaScript and TypeScript wait for what is lazily built: `await query`, `return query`, `Promise.all([query])`.

A promise that a function returns is waited for by whoever asked, so a statement that a function returns is run there,
unless somebody goes on building it: then it is run where that one waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.table_words import built_further
from dblint.link.values import FunctionValue, Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_TOGETHER = frozenset({"all", "allSettled", "any", "race"})
"""Functions of `Promise` that wait for the elements of a list."""
_WAITED = frozenset({"each", "once", "transaction", "conditional"})
"""Fates of functions whose promise is waited for."""
_PLAIN = (Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.TAGGED)
_AROUND = (Kind.CONDITIONAL, Kind.CAST, Kind.BINARY)


class Awaiting:
    """Finds these places. One per collector of calls."""

    def __init__(self, evaluator: Evaluator, giving: Collection[str], *, called: bool = False) -> None:
        """`giving`: members of tables' types that give what is run by waiting for it. `called`: values of such types
        are called themselves, by whatever name they are kept under (`this.store("jar")`)."""
        self._called = called
        self.evaluator = evaluator
        self._giving = frozenset(giving)
        self._building = built_further(evaluator.tables)
        """Members by which such a statement is built further."""
        self._ends: dict[tuple[str, int], bool] = {}

    def sites(self, path: str) -> Iterator[tuple[int, str]]:
        """The expressions of a file that are waited for, with the word for how, each once."""
        told: set[int] = set()
        for node, trigger in self._sites(path):
            if node not in told:
                told.add(node)
                yield node, trigger

    def iterated(self, path: str) -> Iterator[tuple[int, str]]:
        """Those of them that a loop goes through."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.LOOP)
        while node >= 0:
            iterable = tree.child(node, Role.ITERABLE)
            if iterable >= 0 and tree.has(node, Flag.ASYNC):
                yield iterable, "async-iterate"
            node = tree.kinds.find(Kind.LOOP, node + 1)

    def _sites(self, path: str) -> Iterator[tuple[int, str]]:
        yield from self.iterated(path)
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.AWAIT)
        while node >= 0:
            for each in self._parts(path, node + 1):
                yield each, "await"
            node = tree.kinds.find(Kind.AWAIT, node + 1)
        node = tree.kinds.find(Kind.CALL)
        while node >= 0:
            callee = node + 1
            if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in self._giving:
                # Some take a function that gets what came of it, and run then.
                last = list(tree.with_role(node, Role.ARGUMENT))[-1:]
                if any(tree.kinds[argument] == Kind.FUNCTION for argument in last):
                    yield node, "callback"
            if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in _TOGETHER:
                given = tree.child(node, Role.ARGUMENT)
                if tree.value(callee + 1) == "Promise" and given >= 0 and tree.kinds[given] == Kind.LIST:
                    for element in tree.children(given):
                        for each in self._parts(path, element):
                            yield each, "await"
            node = tree.kinds.find(Kind.CALL, node + 1)
        node = tree.kinds.find(Kind.FUNCTION)
        while node >= 0:
            yield from ((each, "await") for each in self._returned(path, node))
            node = tree.kinds.find(Kind.FUNCTION, node + 1)

    def _parts(self, path: str, node: int) -> Iterator[int]:
        """The expressions that may be what stands at a node, as far as some of them may be a statement that is built:
        both branches of a conditional."""
        tree = self.evaluator.tree(path)
        pending = [node]
        while pending:
            current = pending.pop()
            if tree.kinds[current] in _AROUND:
                children = list(tree.children(current))
                if tree.kinds[current] == Kind.CONDITIONAL:
                    children = [child for child in children if tree.roles[child] != Role.CONDITION]
                elif tree.kinds[current] == Kind.CAST:
                    children = children[:1]
                pending += reversed(children)
            elif tree.kinds[current] in _PLAIN:
                called = tree.kinds[current] == Kind.CALL and tree.kinds[current + 1] == Kind.ATTRIBUTE
                # Most of what is awaited is a call of something else: a cheap question before a dear one.
                if not called or self._called or tree.value(current + 1) in self._giving:
                    yield current

    def _returned(self, path: str, function: int) -> Iterator[int]:
        tree = self.evaluator.tree(path)
        if tree.has(function, Flag.GENERATOR) or tree.child(function, Role.BODY) < 0:
            return
        found = [
            part
            for returned in self.evaluator.returns(FunctionValue(path, function))
            for part in self._parts(path, returned)
        ]
        if found and self.ends(path, function):
            yield from found

    def ends(self, path: str, function: int) -> bool:
        """Whether a statement that a function returns is waited for as it is."""
        key = (path, function)
        found = self._ends.get(key)
        if found is None:
            found = self._ends[key] = self._waited(path, function)
        return found

    def _waited(self, path: str, function: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.has(function, Flag.ASYNC):
            return True
        handed = handed_to(tree, function)
        if handed is not None:
            call, index = handed
            callback = callback_of(self.evaluator, path, call, index)
            return callback is None or callback.fate in _WAITED
        return not self._continued(path, function)

    def _name(self, path: str, function: int) -> str:
        """The word by which a function is called: its own, or that of what it is assigned to."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[function]
        if tree.value(function) or parent < 0:
            return tree.value(function)
        if tree.kinds[parent] == Kind.PAIR:
            return tree.value(parent)
        target = tree.child(parent, Role.TARGET) if tree.kinds[parent] == Kind.ASSIGN else -1
        return tree.value(target) if target >= 0 else ""

    def _continued(self, path: str, function: int) -> bool:
        """Whether somebody goes on building what a function gives."""
        name = self._name(path, function)
        for caller, call in self.evaluator.words.called(name) if name else ():
            tree = self.evaluator.tree(caller)
            parent = tree.parents[call]
            if tree.kinds[parent] == Kind.ATTRIBUTE and tree.value(parent) in self._building:
                for option in options(self.evaluator.value(caller, call + 1)):
                    if isinstance(option, FunctionValue) and (option.path, option.node) == (path, function):
                        return True
        return False

    def told_elsewhere(self, path: str, node: int, value: Instance) -> bool:
        """Whether what is waited for at a node is run where a function returns it."""
        tree = self.evaluator.tree(path)
        last = next((step for step in reversed(value.steps) if step.node >= 0), None)
        if last is None or (last.path == path and tree.contains(node, last.node)):
            return False
        other, at = self.evaluator.tree(last.path), last.node
        while other.kinds[other.parents[at]] in _AROUND:
            at = other.parents[at]
        parent = other.parents[at]
        if other.kinds[parent] == Kind.RETURN:
            function = self.evaluator.scope(last.path).function(parent)
        elif other.kinds[parent] == Kind.FUNCTION and other.roles[at] == Role.BODY:
            function = parent
        else:
            return False
        inside = path == last.path and tree.contains(function, node)
        return not inside and function >= 0 and self.ends(last.path, function)
