"""Whether something that runs before a place keeps others from doing the same: locks on rows, locks of other kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.program import Call, Invocation
from dblint.facts.query import Function, Query, Verb, When
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.keys import patterns
from dblint.link.values import FunctionValue, options
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.races.reads import Reads

CALLERS = 3
"""Functions around a place, through calls, in which a lock is looked for."""
FUNCTIONS = 300
"""Functions around a place, through calls, in which a lock of the rows themselves is looked for."""
CALLED = 2
"""Functions that a function calls, one by the other, in which a lock is looked for."""
GIVEN = 50
"""Places that hand a function on, as far as they are looked at."""
CHAIN = 12
"""Links of a chain of names that are looked at."""
LOCKS = frozenset("lock locked locking lockout mutex semaphore synchronized synchronised exclusive serialize".split())
"""Words by which programs call what only one of them holds at a time."""
TAKING = frozenset({"lock", "unlock"})
"""What functions that take or give back a lock are called first."""
HOLDING = frozenset({"acquire", "release"})
"""The same, said of what is called a lock."""
RACES = re.compile(r"(?i)\b(?:race[ -]conditions?|data race|racy|concurren(?:t|tly|cy)|simultaneous(?:ly)?)\b")
"""How comments say that others may do the same meanwhile."""
ADVISORY = frozenset(
    "get_lock pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock "
    "sp_getapplock".split()
)
"""Functions of databases that take a lock of their own name (PostgreSQL, MySQL, SQL Server)."""
UPDATE = ("for", "update")
"""What SQL calls the lock on rows that somebody is about to change."""
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
        self._called: dict[str, list[Invocation]] = {}
        """Function → the calls that it makes."""
        for invocation in invocations:
            self._called.setdefault(invocation.function, []).append(invocation)
            for callee in invocation.callees:
                self._callers.setdefault(callee, []).append(invocation)
        self._within: dict[tuple[str, int, int, str], bool] = {}
        self._serial: bool | None = None

    def callers(self, function: str) -> list[Invocation]:
        """The places that call a function, as far as they are known."""
        return self._callers.get(function, [])

    def held(self, path: str, node: int, function: str, table: str = "", *, before: bool = False) -> bool:
        """Whether a lock is held there, or every transaction of the program is serializable. `before`: what is taken
        behind that place keeps nobody away, unless a loop around both comes back. `table`: whose rows are written; a
        lock on them counts however many calls away it was taken."""
        if self._serializable() or self._around(path, node):
            return True
        return self._in(function, self._end(path, node, self.evaluator.tree(path).stops[node]) if before else -1, table)

    def excluding(self, path: str, node: int, read: Place) -> bool:
        """Whether a place and a read stand in one function that runs in a transaction which begins with the lock of the
        whole database, or is handed to a function of the project that begins one for it."""
        tree = self.evaluator.tree(path)
        for around in tree.ancestors(node):
            if tree.kinds[around] != Kind.FUNCTION:
                continue
            inside = read.path == path and tree.starts[around] <= read.start and read.stop <= tree.stops[around]
            call = tree.parents[around]
            if not inside or tree.kinds[call] != Kind.CALL or tree.roles[around] != Role.ARGUMENT:
                continue
            if self._begins_locked(path, call, call):
                return True
            given = [(callee, parameter) for callee, parameter in self._handed(path, call, around)]
            if any(self._begins_locked(callee.path, callee.node, -1, name) for callee, name in given):
                return True
        return False

    def _handed(self, path: str, call: int, function: int) -> Iterator[tuple[FunctionValue, str]]:
        """The functions of the project that a call gives a function literal, each with the parameter that it is."""
        for callee in options(self.evaluator.value(path, call + 1)):
            if isinstance(callee, FunctionValue):
                target = self.evaluator.tree(callee.path)
                for parameter, value in self.evaluator.parameters.matched(callee, path, call):
                    if value == function:
                        yield callee, target.value(parameter)

    def _begins_locked(self, path: str, region: int, call: int, name: str = "") -> bool:
        """Whether a call takes the lock of the whole database, or one in a region that is handed what a name holds."""
        tree = self.evaluator.tree(path)
        for place in self.reads.locking:
            if place.path != path or not tree.starts[region] <= place.start <= place.stop <= tree.stops[region]:
                continue
            if call >= 0:
                if (place.start, place.stop) == (tree.starts[call], tree.stops[call]):
                    return True
                continue
            node = tree.kinds.find(Kind.NAME, region, tree.ends[region])
            while node >= 0:
                given = tree.roles[node] == Role.ARGUMENT and tree.value(node) == name
                if given and (tree.starts[tree.parents[node]], tree.stops[tree.parents[node]]) == (
                    place.start,
                    place.stop,
                ):
                    return True
                node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[region])
        return False

    def _end(self, path: str, node: int, end: int) -> int:
        """The character of a file where it is too late to take a lock; -1 for nowhere, in a loop."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION:
                break
            if tree.kinds[parent] == Kind.LOOP:
                return -1
        return end

    def conceded(self, path: str, node: int) -> bool:
        """Whether a comment in the function around says that others may do the same meanwhile."""
        around = self.evaluator.scope(path).function(node)
        tree = self.evaluator.tree(path)
        return around >= 0 and any(
            tree.starts[around] <= remark.start < tree.stops[around] and RACES.search(remark.text)
            for remark in self.evaluator.files[path].remarks
        )

    def _in(self, function: str, end: int, table: str) -> bool:
        """Whether a function takes a lock in front of a character of its file (-1: anywhere), or one that calls it does
        in front of the call, or one that hands it on."""
        pending, seen = [(function, end, "")], {function}
        step = 0
        while pending and len(seen) < FUNCTIONS:
            near = step < CALLERS
            for identifier, late, below in pending:
                if (
                    self._takes(identifier, end=late, below=below)
                    if near
                    else self._keeps(identifier, late, below, table)
                ):
                    return True
            if not near and not table:
                return False
            following: list[tuple[str, int, str]] = []
            for identifier, _, _ in pending:
                for path, node, called in self._sites(identifier):
                    if near and self._around(path, node):
                        return True
                    around = self.evaluator.scope(path).function(node)
                    other = self.functions.id(path, around) if around >= 0 else ""
                    if other and other not in seen:
                        seen.add(other)
                        stop = self.evaluator.tree(path).stops[node]  # what it is given is made before
                        following.append((other, self._end(path, node, stop) if called else -1, identifier))
            pending = following
            step += 1
        return False

    def _keeps(self, function: str, end: int, below: str, table: str) -> bool:
        """Whether a function locks rows of a table in front of a character of its file (-1: anywhere), or calls one
        that always does, and is not `below`."""
        if any(
            _of_table(call, table) and not call.place.start >= end >= 0 for call in self.reads.of_function(function)
        ):
            return True
        return any(
            _of_table(call, table) and _locks(call) is When.ALWAYS
            for invocation in self._called.get(function, ())
            if not invocation.place.start >= end >= 0
            for callee in invocation.callees
            if callee != below
            for call in self.reads.of_function(callee)
        )

    def _sites(self, identifier: str) -> Iterator[tuple[str, int, bool]]:
        """The places that call a function, or give it to something else, which may, and whether it is called there."""
        function = self.functions.value(identifier)
        if function is None:
            return
        yield from ((path, node, True) for path, node in self.functions.callers(function))
        for given in self.evaluator.words.given(self.functions.name(function))[:GIVEN]:
            for one in options(self.evaluator.value(given.path, given.node)):
                if isinstance(one, FunctionValue) and (one.path, one.node) == (function.path, function.node):
                    yield given.path, given.call, False

    def _takes(self, function: str, depth: int = CALLED, end: int = -1, below: str = "") -> bool:
        """Whether a function takes a lock, or one that it calls. `end`: a character of its file behind which it is too
        late. `below`: a function among those that it calls whose locks are known to come too late."""
        key = (function, depth, end, below)
        found = self._within.get(key)
        if found is None:
            self._within[key] = False
            calls = self.reads.of_function(function)
            found = any(_locks(call) is not None and not call.place.start >= end >= 0 for call in calls)
            found = found or self._said(function, end)
            found = found or (depth > 0 and self._calls_locking(function, depth - 1, end, below))
            self._within[key] = found
        return found

    def _calls_locking(self, function: str, depth: int, end: int, below: str) -> bool:
        for invocation in self._called.get(function, ()):
            if invocation.place.start >= end >= 0:
                continue
            for callee in invocation.callees:
                if callee == below:
                    continue
                locks = {_locks(call) for call in self.reads.of_function(callee)} - {None}
                if When.ALWAYS in locks or (locks and self._asks(invocation)):
                    return True
                if not locks and callee != function and depth and self._takes(callee, depth, below=below):
                    return True
        return False

    def _asks(self, invocation: Invocation) -> bool:
        """Whether a call says yes to something: a function that locks under a condition is asked to."""
        tree = self.evaluator.tree(invocation.place.path)
        node = tree.kinds.find(Kind.CALL)
        while node >= 0:
            if (tree.starts[node], tree.stops[node]) == (invocation.place.start, invocation.place.stop):
                inside = range(node, tree.ends[node])
                return any(tree.kinds[at] == Kind.CONSTANT and tree.value(at) == "true" for at in inside)
            node = tree.kinds.find(Kind.CALL, node + 1)
        return False

    def _said(self, identifier: str, end: int) -> bool:
        """Whether a decorator of a function says that it locks, or the function asks something to lock
        (`for_update=True`) in front of a character of its file (-1: anywhere)."""
        function = self.functions.value(identifier)
        if function is None:
            return False
        tree = self.evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            inside = range(decorator, tree.ends[decorator])
            if any(tree.kinds[node] in NAMES and _named(tree.value(node)) for node in inside):
                return True
        keyword = tree.kinds.find(Kind.KEYWORD, function.node, tree.ends[function.node])
        while keyword >= 0:
            value = tree.child(keyword, Role.VALUE)
            late = tree.starts[keyword] >= end >= 0
            yes = value >= 0 and not late and tree.kinds[value] == Kind.CONSTANT and tree.value(value) == "true"
            if yes and (_named(tree.value(keyword)) or spelling.words(tree.value(keyword))[-2:] == UPDATE):
                return True
            keyword = tree.kinds.find(Kind.KEYWORD, keyword + 1, tree.ends[function.node])
        return self._handles(function, end)

    def _handles(self, function: FunctionValue, end: int) -> bool:
        """Whether a function takes or gives back a lock by a call (`_unlock(key)`, `lock.acquire()`). How long it is
        held cannot be said; it was not yet where it is taken behind a character of the file (-1: nowhere)."""
        tree = self.evaluator.tree(function.path)
        call = tree.kinds.find(Kind.CALL, function.node, tree.ends[function.node])
        while call >= 0:
            callee = call + 1
            if tree.kinds[callee] in NAMES:
                said = spelling.words(tree.value(callee))
                if said and said[0] in ("lock", "acquire") and tree.starts[call] >= end >= 0:
                    said = ()
                held = tree.kinds[callee] == Kind.ATTRIBUTE and any(_named(word) for word in _chain(tree, callee + 1))
                if said and (said[0] in TAKING or (said[0] in HOLDING and (held or _named(tree.value(callee))))):
                    return True
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[function.node])
        return False

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


def _locks(call: Call) -> When | None:
    """When a call takes a lock, None: never. What a program keeps under a key that it calls a lock is one."""
    if any(_named(word) for command in call.commands for word in patterns(command)):
        return When.ALWAYS
    found = [when for query in (*call.queries, *call.commands) if (when := _holds(query)) is not None]
    return When.ALWAYS if When.ALWAYS in found else found[0] if found else None


def _of_table(call: Call, table: str) -> bool:
    """Whether a call locks rows that it reads of a table."""
    return any(
        query.locks.possibly() and table in {source.name for source in query.sources.values()} for query in call.queries
    )


def _holds(query: Query) -> When | None:
    if query.locks.elements:
        return When.ALWAYS if query.locks.surely() else When.SOMETIMES
    if query.verb in (Verb.COMMAND, Verb.UNKNOWN) and not query.of_keys:
        return When.ALWAYS if STATEMENTS & {*spelling.words(query.sql)} else None
    named = any(
        isinstance(expression, Function) and expression.name in ADVISORY for expression in query.projection.values()
    )
    return When.ALWAYS if named else None
