"""Statements that are built and not run where they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Call, FileRole
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.arguments import Site
from dblint.link.calls.implicit import runs_on
from dblint.link.calls.telling import Telling
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.values import UNKNOWN, FunctionValue, Instance, Value, options

if TYPE_CHECKING:
    from dblint.link.environment import Environment


class Unasked(NamedTuple):
    """A statement that is built, by the chain that builds it, and that only the uses of tables ask for."""

    call: Call
    node: int
    value: Instance
    dialect: str


class Built:
    """Tells of statements that are built. One per collector of calls.

    `asked`: those without SQL text are told, too. `uses`: where they are not, they are put aside, for what tables are
    used for.
    """

    def __init__(self, telling: Telling, environment: Environment, *, asked: bool, uses: bool) -> None:
        self.telling = telling
        self.evaluator = telling.evaluator
        self.chains = telling.chains
        self.frames = telling.frames
        self.functions = telling.functions
        self.roles = telling.roles
        self.environment = environment
        self.asked = asked
        self.uses = uses
        self.unasked: dict[int, Unasked] = {}
        """Calls of the file at hand that are to be put aside, by identity."""

    @staticmethod
    def _top_of(tree: Tree, node: int) -> bool:
        parent = tree.parents[node]
        if parent < 0:
            return True
        role = tree.roles[node]
        return not (
            (tree.kinds[parent] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT) and role == Role.OBJECT)
            or (tree.kinds[parent] == Kind.CALL and role == Role.CALLEE)
        )

    def top(self, path: str, node: int) -> bool:
        """Whether a chain ends with the expression at a node, and goes on with no further member."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        if parent >= 0 and tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[node] == Role.OBJECT:
            return self._top_of(tree, parent)
        return self._top_of(tree, node)

    def by_own_member(self, member: Value, handle: bool) -> bool:
        """Whether what is called is the project's own member of a query, behind a handle or wherever a query is."""
        if not isinstance(member, FunctionValue):
            return False
        return handle or any(
            isinstance(option, Instance) and self.evaluator.classes.underway(option.cls)
            for option in options(member.receiver or UNKNOWN)
        )

    def sliced(self, path: str) -> Iterator[tuple[int, Call]]:
        """The statements that end with a slice of what a name or attribute holds (`rows[:10]`): a step like others."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.SUBSCRIPT)
        while node >= 0:
            index = tree.child(node, Role.INDEX)
            if index >= 0 and tree.kinds[index] == Kind.SLICE and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
                if tree.roles[node] != Role.TARGET and self._cut(path, node) and self.top(path, node):
                    for call in self.statements(path, node):
                        yield node, call
            node = tree.kinds.find(Kind.SUBSCRIPT, node + 1)

    def _cut(self, path: str, node: int) -> bool:
        """Whether a slice is limit and offset of the query that it is taken of."""
        types = self.evaluator.tables.types
        return any(
            types[cls.name].slice
            for option in options(self.evaluator.value(path, node + 1))
            if isinstance(option, Instance)
            for cls in self.evaluator.classes.library_types(option.cls)
        )

    def statements(self, path: str, node: int, name: str = "") -> Iterator[Call]:
        """The statements that are built at `node`, one for each thing that it may be; `name`: the project's own
        member that builds them."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        if parent >= 0 and tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[node] == Role.OBJECT:
            node = parent
        parent = tree.parents[node]
        if parent >= 0 and tree.kinds[parent] in (Kind.LOOP, Kind.CLAUSE) and tree.roles[node] == Role.ITERABLE:
            return
        for option in options(self.evaluator.value(path, node)):
            if not isinstance(option, Instance) or not option.steps:
                continue
            begun = any(step.member.builds for step in option.steps)
            if not begun and self._given_statement(path, node):
                continue  # what a function does to a statement that it is given is told with that one
            if (
                not begun
                and runs_on(self.evaluator, option) is None
                and not self.evaluator.classes.underway(option.cls)
            ):
                continue
            unrun = self._unrun(path, node, option)
            texts = any(step.member.text is not None for step in option.steps)
            unasked = not self.asked and not texts and not unrun
            if unasked and not self.uses:
                continue
            types = self.evaluator.classes.library_types(option.cls)
            if self._adds(path, node, option) and self.frames.becoming.result(path, node, far=False) == "dropped":
                continue  # a statement that adds to a builder: what it builds is told where it is begun or run
            library = self.evaluator.tables.library(types[0].name)
            dialect, sure = self.environment.dialect(path, library)
            if unasked:
                yield self._put_aside(path, node, option, types[0].name, dialect)
                continue
            queries = self.chains.implicit(option, Site(path, node, None), dialect)
            yield self.telling.call(
                path,
                node,
                name or option.steps[-1].name,
                receiver_name=types[0].name,
                how=option.how,
                effects=(),
                queries=tuple(queries),
                text=None,
                dialect=dialect,
                sure=sure,
                row=option.steps[-1].member,
                library=library,
                trigger="built",
                unrun=unrun,
            )

    def _given_statement(self, path: str, node: int) -> bool:
        """Whether a call stands in a function that is given the statement to build."""
        tree, function = self.evaluator.tree(path), self.evaluator.scope(path).function(node)
        handed = handed_to(tree, function) if function >= 0 else None
        row = callback_of(self.evaluator, path, *handed) if handed is not None else None
        return row is not None and row.fate == "builder"

    def _adds(self, path: str, node: int, value: Instance) -> bool:
        """Whether a call changes a builder in place that was begun elsewhere, and not in the same chain of calls."""
        tree = self.evaluator.tree(path)
        while self._mutable(value):
            callee = tree.child(node, Role.CALLEE) if tree.kinds[node] == Kind.CALL else -1
            node = tree.child(callee, Role.OBJECT) if callee >= 0 else -1
            if node < 0:
                # What is called itself begins it, unless that is a builder, too.
                begun = [each for each in options(self.evaluator.value(path, callee)) if isinstance(each, Instance)]
                return callee < 0 or not begun or any(map(self._mutable, begun))
            receivers = [each for each in options(self.evaluator.value(path, node)) if isinstance(each, Instance)]
            if len(receivers) != 1:
                return bool(receivers)
            value = receivers[0]
        return False

    def _mutable(self, value: Instance) -> bool:
        types = self.evaluator.classes.library_types(value.cls)[:1]
        return any(self.evaluator.tables.types[cls.name].step == "mutate" for cls in types)

    def _unrun(self, path: str, node: int, value: Instance) -> str:
        """Why a statement never runs that is built at `node`, see `Call.unrun`. A member that no row knows, or a
        function of the project that gives the statement, may do something besides."""
        last = value.steps[-1]
        tree = self.evaluator.tree(path)
        if value.open or (last.path, last.node) != (path, node) or tree.kinds[tree.parents[node]] == Kind.AWAIT:
            return ""
        becoming = self.frames.becoming
        if becoming.result(path, node, far=False) == "dropped":
            return "dropped"
        return "unread" if becoming.result(path, node) == "dropped" else ""

    def _put_aside(self, path: str, node: int, value: Instance, receiver: str, dialect: str) -> Call:
        """A statement that is built, for `aside`: its query is read where somebody asks what tables are used for."""
        _, function = self.frames.of(path, node)
        call = Call(
            self.chains.place(Site(path, node, None)),
            value.steps[-1].name,
            receiver,
            trigger="built",
            function=self.functions.id(path, function) if function >= 0 else "",
            role=self.roles.get(path, FileRole.APP),
        )
        self.unasked[id(call)] = Unasked(call, node, value, dialect)
        return call
