"""Properties that keep their answer on the row (`cached_property`): each row of a list asks once, and no other one is
spared the question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Invocation
from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.values import Class, FunctionValue, Instance, ProjectClass

if TYPE_CHECKING:
    from dblint.link.callgraph.callgraph import CallGraph
    from dblint.link.functions import Functions
    from dblint.link.types import Evaluator

DEPTH = 3
"""Properties, each read by the one before, through which such a property is found."""
READS = 60
"""Properties of one row that are looked through."""


class Kept(msgspec.Struct, frozen=True):
    """Such a property, and the reads that lead to it: as calls, and with the file, node and function of each."""

    function: FunctionValue
    steps: tuple[Invocation, ...]
    sites: tuple[tuple[str, int, int], ...]


class KeptOnRows:
    """Finds such properties. One per evaluator."""

    def __init__(self, functions: Functions, graph: CallGraph) -> None:
        self.functions = functions
        self.graph = graph
        self.evaluator: Evaluator = functions.evaluator

    def of(self, function: FunctionValue, model: Class) -> Iterator[Kept]:
        """Those that a method or property of a row reads of it, itself or in other properties; it itself, if it is
        one."""
        if self._keeps(function) and not self._given(function):
            yield Kept(function, (), ())
            return
        pending = [Kept(function, (), ())]
        for _ in range(READS):
            if not pending:
                return
            current = pending.pop(0)
            for node, read in self._read(current.function, model):
                path, identifier = current.function.path, self.functions.id(read.path, read.node)
                step = self.graph.invocation(identifier, path, node)
                sites = (*current.sites, (path, node, current.function.node))
                further = Kept(read, (*current.steps, step), sites)
                if self._keeps(read):
                    if not self._given(read):
                        yield further
                elif len(sites) < DEPTH:
                    pending.append(further)

    def _keeps(self, function: FunctionValue) -> bool:
        properties = self.evaluator.decorator_names(function.path, function.node) & hosts.PROPERTY_DECORATORS
        return bool(properties) and self.functions.memoises(function)

    def _read(self, function: FunctionValue, model: Class) -> Iterator[tuple[int, FunctionValue]]:
        """The properties of its own object that a method reads."""
        tree = self.evaluator.tree(function.path)
        own = tree.child(function.node, Role.PARAMETER)
        node, stop = tree.kinds.find(Kind.ATTRIBUTE, function.node), tree.ends[function.node]
        while 0 <= node < stop and own >= 0:
            itself = tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) == tree.value(own)
            if itself and tree.roles[node] != Role.TARGET:
                found = self._property(model, tree.value(node))
                if found is not None and found.node != function.node:
                    yield node, found
            node = tree.kinds.find(Kind.ATTRIBUTE, node + 1)

    def _property(self, model: Class, name: str) -> FunctionValue | None:
        owner = self.evaluator.classes.owner(model, name)
        if owner is None:
            return None
        for node in reversed(self.evaluator.files[owner.path].interface.classes[owner.node].members.get(name, ())):
            if self.evaluator.tree(owner.path).kinds[node] == Kind.FUNCTION:
                properties = self.evaluator.decorator_names(owner.path, node) & hosts.PROPERTY_DECORATORS
                return FunctionValue(owner.path, node, Instance(model)) if properties else None
        return None

    def _given(self, function: FunctionValue) -> bool:
        """Whether some place of the program gives objects what such a property would ask for."""
        for path, node in self.evaluator.words.spelled(self.functions.name(function)):
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if (
                kind == Kind.ATTRIBUTE
                and tree.roles[node] == Role.TARGET
                and not self._of_another(path, node, function)
            ):
                return True
            if kind == Kind.KEYWORD:
                return True
            put = tree.roles[node] in (Role.INDEX, Role.ARGUMENT)
            if kind == Kind.STRING and put and not self._looks(path, node):
                return True
        return False

    def _of_another(self, path: str, node: int, function: FunctionValue) -> bool:
        """Whether a method sets an attribute of its own object, whose class has no such property."""
        tree = self.evaluator.tree(path)
        around = self.evaluator.scope(path).function(node)
        cls = self._class(path, around) if around >= 0 else None
        own = tree.child(around, Role.PARAMETER) if cls is not None else -1
        if own < 0 or tree.kinds[node + 1] != Kind.NAME or tree.value(node + 1) != tree.value(own):
            return False
        holder = self._class(function.path, function.node)
        return cls is not None and holder not in self.evaluator.classes.mro(cls)

    def _class(self, path: str, node: int) -> ProjectClass | None:
        tree = self.evaluator.tree(path)
        found = next((each for each in tree.ancestors(node) if tree.kinds[each] == Kind.CLASS), -1)
        return ProjectClass(path, found) if found >= 0 else None

    def _looks(self, path: str, node: int) -> bool:
        """Whether a text is the name by which an object is asked for an attribute."""
        tree = self.evaluator.tree(path)
        call = tree.parents[node]
        names = (hosts.LOOKS_BY_NAME, hosts.READS_BY_NAME)
        return tree.kinds[call] == Kind.CALL and tree.kinds[call + 1] == Kind.NAME and tree.value(call + 1) in names
