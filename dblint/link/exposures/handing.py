"""Functions of the program that call a function they are given for each row of a query that they are given, too
(`paginate(books, page, describe)`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.accesses.origins import Origin
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origins
    from dblint.link.functions import Functions
    from dblint.link.loops.influence import Influence

_LOOPS = frozenset({Kind.LOOP, Kind.COMPREHENSION})
_PARAMETERS = re.compile(re.escape(bytes([Kind.PARAMETER])), re.DOTALL)


class _Handing(msgspec.Struct, frozen=True):
    """A function that calls one of its parameters per element: which parameter, at which position the element stands
    in the call, and the parameters that decide what is gone through."""

    function: FunctionValue
    called: str
    position: int
    through: frozenset[str]


class HandedOn(msgspec.Struct, frozen=True):
    """A call that hands on rows with the function that is called for each: at which node, which function, as which
    parameter it gets the row, and the query."""

    node: int
    function: FunctionValue
    parameter: int
    origin: Origin


class Handing:
    """Finds such calls. One per evaluator."""

    def __init__(self, origins: Origins, functions: Functions, influence: Influence) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.functions = functions
        self.influence = influence
        self._sites: dict[str, list[tuple[int, _Handing]]] | None = None

    def of_file(self, path: str) -> Iterator[HandedOn]:
        """The calls of a file."""
        if self._sites is None:
            self._sites = {}
            for each in sorted(self.evaluator.files):
                if not self.evaluator.javascript(each):
                    for handing in self._in(each):
                        for where, node in self.functions.callers(handing.function):
                            self._sites.setdefault(where, []).append((node, handing))
        for node, handing in sorted(self._sites.get(path, ()), key=lambda site: site[0]):
            yield from self._handed(path, node, handing)

    def _handed(self, path: str, node: int, handing: _Handing) -> Iterator[HandedOn]:
        target = self.evaluator.tree(handing.function.path)
        given = {
            target.value(parameter): argument
            for parameter, argument in self.evaluator.parameters.matched(handing.function, path, node)
        }
        argument = given.get(handing.called, -1)
        held = options(self.evaluator.value(path, argument)) if argument >= 0 else ()
        function = held[0] if len(held) == 1 else None
        if not isinstance(function, FunctionValue):
            return
        parameter = self.evaluator.parameters.parameter_at(function, handing.position)
        for name in sorted(handing.through & set(given)) if parameter >= 0 else ():
            for origin in self.origins.rows(path, given[name]):
                yield HandedOn(node, function, parameter, origin)

    def _in(self, path: str) -> Iterator[_Handing]:
        """The functions of a file that call a parameter for each element."""
        tree = self.evaluator.tree(path)
        parameters = {tree.value(match.start()) for match in _PARAMETERS.finditer(tree.kinds)}
        node = tree.kinds.find(Kind.CALL) if parameters else -1
        while node >= 0:
            named = tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) in parameters
            if named and tree.child(node, Role.ARGUMENT) >= 0:
                yield from self._call(path, node)
            node = tree.kinds.find(Kind.CALL, node + 1)

    def _call(self, path: str, node: int) -> Iterator[_Handing]:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        function = scope.function(node)
        if function < 0 or not tree.value(function):
            return
        loop = next((parent for parent in tree.ancestors(node) if tree.kinds[parent] in _LOOPS), -1)
        if loop < 0 or not tree.contains(function, loop):
            return
        reached = scope.reaching(node + 1, tree.value(node + 1)) or ()
        called = [binding for binding, _ in reached if tree.parents[binding] == function]
        if len(called) != 1 or len(reached) != 1 or tree.kinds[called[0]] != Kind.PARAMETER:
            return
        # What all callers hand in as functions is followed where the loop stands.
        held = options(self.evaluator.value(path, node + 1))
        if held and all(isinstance(option, FunctionValue) for option in held):
            return
        clause = tree.child(loop, Role.CLAUSE) if tree.kinds[loop] == Kind.COMPREHENSION else loop
        element = self.origins.element(path, clause)
        iterable = tree.child(clause, Role.ITERABLE)
        if element < 0 or iterable < 0:
            return
        for position, argument in enumerate(tree.with_role(node, Role.ARGUMENT)):
            if tree.kinds[argument] == Kind.NAME and tree.value(argument) == tree.value(element):
                through = self.influence.parameters(path, (iterable,), function)
                yield _Handing(FunctionValue(path, function), tree.value(called[0]), position, through)
