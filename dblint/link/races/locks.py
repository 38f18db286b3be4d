"""Whether something that runs before a place keeps others from doing the same: locks on rows, locks of other kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.program import Call, Invocation
from dblint.facts.query import Function, Query, Verb
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.reads import Reads

CALLERS = 3
"""Functions around a place, through calls, in which a lock is looked for."""
CHAIN = 12
"""Links of a chain of names that are looked at."""
LOCKS = frozenset("lock locked locking lockout mutex semaphore synchronized synchronised exclusive serialize".split())
"""Words by which programs call what only one of them holds at a time."""
ADVISORY = frozenset(
    "get_lock pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock sp_getapplock".split()
)
"""Functions of databases that take a lock of their own name (PostgreSQL, MySQL, SQL Server)."""
STATEMENTS = frozenset("lock immediate exclusive serializable".split())
"""Words of statements that lock tables or the database, or let transactions run as if one behind the other."""
LEVELS = ("SERIALIZABLE", "serializable", "REPEATABLE READ", "REPEATABLE_READ", "repeatable read")
"""How isolation levels are written at which a database refuses the second of two such changes."""


class Locks:
    """Answers what is locked. One per project."""

    def __init__(self, functions: Functions, reads: Reads, invocations: Sequence[Invocation]) -> None:
        self.functions = functions
        self.evaluator = functions.evaluator
        self.reads = reads
        self._callers: dict[str, list[Invocation]] = {}
        for invocation in invocations:
            for callee in invocation.callees:
                self._callers.setdefault(callee, []).append(invocation)
        self._within: dict[str, bool] = {}
        self._serial: bool | None = None

    def callers(self, function: str) -> list[Invocation]:
        """The places that call a function, as far as they are known."""
        return self._callers.get(function, [])

    def held(self, path: str, node: int, function: str) -> bool:
        """Whether a lock is held there, or every transaction of the program is serializable."""
        return self._serializable() or self._around(path, node) or self._in(function)

    def _in(self, function: str) -> bool:
        """Whether a function, or one that calls it, takes a lock."""
        pending, seen = [function], {function}
        for _ in range(CALLERS):
            if any(self._takes(identifier) for identifier in pending):
                return True
            following: list[str] = []
            for identifier in pending:
                for invocation in self.callers(identifier):
                    if any(
                        frame.kind in ("with", "transaction") and _named(frame.source) for frame in invocation.frames
                    ):
                        return True
                    if invocation.function and invocation.function not in seen:
                        seen.add(invocation.function)
                        following.append(invocation.function)
            pending = following
        return False

    def _takes(self, function: str) -> bool:
        found = self._within.get(function)
        if found is None:
            calls = self.reads.of_function(function)
            found = self._within[function] = any(map(_locks, calls)) or self._decorated(function)
        return found

    def _decorated(self, identifier: str) -> bool:
        function = self.functions.value(identifier)
        if function is None:
            return False
        tree = self.evaluator.tree(function.path)
        return any(
            _named(tree.value(node))
            for decorator in tree.with_role(function.node, Role.DECORATOR)
            for node in range(decorator, tree.ends[decorator])
            if tree.kinds[node] in NAMES
        )

    def _around(self, path: str, node: int) -> bool:
        """Whether a `with` around a place enters what is called a lock."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION:
                return False
            if tree.kinds[parent] != Kind.WITH:
                continue
            for item in tree.with_role(parent, Role.ITEM):
                value = tree.child(item, Role.VALUE)
                if value >= 0 and any(_named(word) for word in _chain(tree, value)):
                    return True
        return False

    def _serializable(self) -> bool:
        if self._serial is None:
            self._serial = any(
                self.functions.running(path)
                for level in LEVELS
                for path, node in self.evaluator.words.spelled(level)
                if self.evaluator.tree(path).kinds[node] in (Kind.STRING, *NAMES)
            )
        return self._serial


def _chain(tree: Tree, node: int) -> Iterator[str]:
    """The names that a chain of members and calls is made of."""
    for _ in range(CHAIN):
        kind = tree.kinds[node]
        if kind in NAMES:
            yield tree.value(node)
        if kind not in (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.AWAIT):
            return
        node += 1


def _named(words: str) -> bool:
    return bool(LOCKS & {*spelling.words(words)})


def _locks(call: Call) -> bool:
    return any(_holds(query) for query in call.queries)


def _holds(query: Query) -> bool:
    if query.locks.elements:
        return True
    if query.verb in (Verb.COMMAND, Verb.UNKNOWN):
        return bool(STATEMENTS & {*spelling.words(query.sql)})
    return any(
        isinstance(expression, Function) and expression.name in ADVISORY for expression in query.projection.values()
    )
