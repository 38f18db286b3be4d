"""The queries that a function asks of each row that it is given by a list: reads of its own, no relations that are
loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import Asked, Call, Effect, Handed, Invocation, Route
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.exposures.guarded_rows import LOOKS, GuardedRows
from dblint.link.exposures.kept_on_rows import KeptOnRows
from dblint.link.loops.influence import names_in
from dblint.link.loops.preconditions import conditions

if TYPE_CHECKING:
    from dblint.link.accesses.collecting import Accesses
    from dblint.link.callgraph.callgraph import CallGraph
    from dblint.link.callgraph.routes import Reach
    from dblint.link.exposures.showing import Seed
    from dblint.link.values import Class, FunctionValue

_NOTHING = frozenset({"null", "undefined"})
PARTS = 16
"""Parts of a condition that are read."""


class Asking:
    """Finds queries per row. One per evaluator."""

    def __init__(self, accesses: Accesses, graph: CallGraph, iterated: Callable[[str, int], Iterable[Call]]) -> None:
        """`iterated`: the queries that run where somebody goes through what an expression gives."""
        self.iterated = iterated
        self.accesses = accesses
        self.evaluator = accesses.evaluator
        self.functions = accesses.functions
        self.graph = graph
        self.guarded = GuardedRows(accesses.origins)
        self.kept = KeptOnRows(accesses.functions, graph)

    def of(
        self,
        seed: Seed,
        read: Iterable[Place],
        handles: Mapping[Place, str],
        through: frozenset[tuple[str, int]] = frozenset(),
    ) -> Iterator[Asked]:
        """What the function of a seed asks of its row. `read`: the relations that it reads, which are told as such;
        `handles`: those of which it asks more than their rows, with whether they were loaded. `through`: the functions
        and classes that the rows went through (`GuardedRows`)."""
        function = seed.function
        if function is None:
            return
        parameter = self._name(function, seed.parameter)
        relations = list(read)
        for reach in self._reaches(seed, function) if parameter else ():
            if self._told(function, parameter, seed.row.model, reach, relations, through):
                yield self._asked(seed.place, (), reach, parameter, handles)
        for kept in self.kept.of(function, seed.row.model) if parameter == "self" and seed.parameter < 0 else ():
            if not all(self._free(*site, "self", seed.row.model, through) for site in kept.sites):
                continue
            for reach in self.graph.of(kept.function, anew=True):
                if self._told(kept.function, "self", seed.row.model, reach, relations, through):
                    yield self._asked(seed.place, kept.steps, reach, "self", handles)

    def onward(self, seed: Seed, through: frozenset[tuple[str, int]] = frozenset()) -> Iterator[Seed]:
        """What the function of a seed surely hands its row to, of which only the list says what it is: a filter of a
        template that calls a method of the row."""
        function = seed.function
        parameter = self._name(function, seed.parameter) if function is not None and seed.parameter >= 0 else ""
        if function is None or parameter in ("", "self"):
            return
        for passed in self.accesses.inside(function, seed.parameter, seed.row.model).passed:
            if passed.row.path or self.functions.memoises(passed.function):
                continue
            if self._free(function.path, passed.node, function.node, parameter, seed.row.model, through):
                yield replace(seed, function=passed.function, parameter=passed.parameter)

    def _told(
        self,
        function: FunctionValue,
        parameter: str,
        model: Class,
        reach: Reach,
        relations: Iterable[Place],
        through: frozenset[tuple[str, int]],
    ) -> bool:
        """Whether a function surely asks this of its row, and nothing else tells so."""
        call = reach.route.call
        reads = Effect.QUERY in call.effects and any(query.verb.reads for query in call.queries)
        if not reads or call.memoised or call.refreshes:
            return False
        if parameter not in reach.inputs or parameter in reach.targets or reach.stores or reach.begun is not None:
            return False
        if any(guard.name != parameter and guard.test == "absent" for guard in reach.guards):
            return False
        if any(at.path == call.place.path and at.start == call.place.start for at in relations):
            return False
        return self._surely(function, parameter, model, reach, through)

    @staticmethod
    def _asked(
        place: Place, steps: tuple[Invocation, ...], reach: Reach, parameter: str, handles: Mapping[Place, str]
    ) -> Asked:
        call = reach.route.call
        handed = tuple(
            Handed(value.place, parameter in value.parameters, value.listed, value.anew, value.inserted)
            for value in reach.values
        )
        starts = (call.place.path, call.place.start)
        loaded = next((said for at, said in handles.items() if (at.path, at.start) == starts), "no")
        return Asked(place, Route((*steps, *reach.route.steps), call, handed), loaded)

    def _reaches(self, seed: Seed, function: FunctionValue) -> Iterator[Reach]:
        """The queries that a function runs, and those that it gives where they are run then."""
        yield from self.graph.of(function)
        for returned in self.evaluator.returns(function) if seed.runs else ():
            for call in self.iterated(function.path, returned):
                reach = self.graph.of_result(function, call)
                if reach is not None:
                    yield reach

    def _name(self, function: FunctionValue, parameter: int) -> str:
        """What the call graph calls the parameter that holds the row."""
        if parameter < 0:
            return "self"
        tree = self.evaluator.tree(function.path)
        receives = self.evaluator.parameters.position(function.path, function.node, parameter) == -1
        return "self" if receives else tree.value(parameter)

    def _surely(
        self, function: FunctionValue, parameter: str, model: Class, reach: Reach, through: frozenset[tuple[str, int]]
    ) -> bool:
        """Whether a query is asked whatever was put on the row, or kept elsewhere, before."""
        for path, node, around in self.graph.sites(reach):
            own = parameter if (path, around) == (function.path, function.node) else ""
            if not self._free(path, node, around, own, model, through):
                return False
        return True

    def _free(
        self, path: str, node: int, around: int, parameter: str, model: Class, through: frozenset[tuple[str, int]]
    ) -> bool:
        """Whether no condition of a function says that what stands at a node is spared by what was kept before."""
        tree = self.evaluator.tree(path)
        return all(
            self._decided(path, condition, holds, around, parameter, model, through)
            for place in (node, *self._bound(path, node))
            for condition, holds in conditions(tree, place, around, failing=False)
        )

    def _bound(self, path: str, node: int) -> Iterator[int]:
        """Where a name gets its query that runs where the name stands: on a branch of its own, perhaps."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.NAME:
            for binding, _ in self.evaluator.scope(path).bindings(node, tree.value(node)) or ():
                if tree.kinds[binding] == Kind.ASSIGN:
                    yield binding

    def _decided(
        self,
        path: str,
        condition: int,
        holds: bool,
        function: int,
        parameter: str,
        model: Class,
        through: frozenset[tuple[str, int]],
    ) -> bool:
        """Whether a condition says nothing of what was kept before: it is about the row as it is, or about something
        that is there."""
        tree = self.evaluator.tree(path)
        pending = [(condition, holds)]
        for _ in range(PARTS):
            if not pending:
                return True
            node, wanted = pending.pop()
            kind, word = tree.kinds[node], tree.value(node)
            if kind == Kind.UNARY and word == "not":
                pending.append((tree.child(node, Role.VALUE), not wanted))
                continue
            if kind == Kind.BINARY and word in ("and", "or"):
                pending += [(part, wanted) for part in tree.children(node)]
                continue
            if kind == Kind.BLOCK:
                return False  # what is tried before, and gives nothing
            if any(tree.kinds[each] == Kind.NAME and tree.value(each) in LOOKS for each in _within(tree, node)):
                if self.guarded.never(path, node, wanted, through):
                    continue
                return False
            if self._of_row(path, node, function, parameter, model):
                continue
            if self._lacks(tree, node, wanted):
                return False
        return False

    def _of_row(self, path: str, node: int, function: int, parameter: str, model: Class) -> bool:
        """Whether a condition asks only what the row itself has, by its model."""
        tree = self.evaluator.tree(path)
        if not parameter or self.accesses.frames.influence.parameters(path, (node,), function) != {parameter}:
            return False
        models, classes = self.accesses.origins.models, self.evaluator.classes
        for each in _within(tree, node):
            if tree.kinds[each] != Kind.ATTRIBUTE or tree.kinds[each + 1] != Kind.NAME:
                continue
            own = tree.has(each + 1, Flag.SELF) or tree.value(each + 1) == parameter
            name = tree.value(each)
            known = models.column(model, name) or models.relation(model, name) or classes.owner(model, name)
            if own and known is None:
                return False
        return bool(names_in(tree, node))

    @staticmethod
    def _lacks(tree: Tree, node: int, wanted: bool) -> bool:
        """Whether a condition that comes out so may say that something is not there yet."""
        kind, word = tree.kinds[node], tree.value(node)
        if kind == Kind.BINARY and word in ("==", "!=", "is", "is-not"):
            right = tree.child(node, Role.RIGHT)
            nothing = right >= 0 and tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _NOTHING
            return nothing and (word in ("==", "is")) == wanted
        if kind == Kind.BINARY and word in ("in", "not-in"):
            return (word == "in") != wanted
        if kind == Kind.ATTRIBUTE and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            return False  # what something has: `request.user.is_superuser`
        return kind in (Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT) and not wanted


def _within(tree: Tree, node: int) -> range:
    return range(node, tree.ends[node])
