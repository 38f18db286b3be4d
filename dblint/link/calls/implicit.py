"""What runs a statement without a call of its own: going through a lazy value, waiting for it, asking for its truth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Call, Effect
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link import truths
from dblint.link.arguments import Site
from dblint.link.awaiting import Awaiting
from dblint.link.batches import Batches
from dblint.link.calls.telling import Telling, may_be_loaded
from dblint.link.consuming import Consuming
from dblint.link.elements import COMBINING
from dblint.link.promised import Promised
from dblint.link.reruns import answered, evaluations
from dblint.link.table_words import WAITING
from dblint.link.values import BoundMember, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.calls.names import Names
    from dblint.link.environment import Environment
    from dblint.link.types import Evaluator

_ASKED = frozenset({Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.TAGGED})
"""Expressions that may hold a lazy query."""
_ITERATIONS = re.compile(b"[" + re.escape(bytes([Kind.LOOP, Kind.CLAUSE])) + b"]", re.DOTALL)


class Implicit:
    """Tells of what lazy values run. One per collector of calls."""

    def __init__(
        self, telling: Telling, environment: Environment, batches: Batches, consuming: Consuming, names: Names
    ) -> None:
        self.telling = telling
        self.evaluator = telling.evaluator
        self.chains = telling.chains
        self.takings = telling.takings
        self.environment = environment
        self.batches = batches
        self.consuming = consuming
        self.names = names
        self.triggers = names.triggers
        self.awaited = names.awaited
        self.awaiting = Awaiting(telling.evaluator, names.awaited["javascript"], called=names.called)
        self.promised = Promised(telling.evaluator, consuming)
        self._begun: bool | None = None

    def collect(self, path: str) -> Iterator[tuple[int, Call]]:
        """What runs in a file without a call, with the node that runs it."""
        javascript = self.evaluator.javascript(path)
        if javascript and not self.triggers & {"await", "async-iterate"}:
            return
        sites = list(self._promised_sites(path) if javascript else self._sites(path))
        evaluated = evaluations(self.evaluator.tree(path), sites)
        for node, trigger in sites:
            if trigger in self.triggers:
                yield from self.run_by(path, node, trigger, evaluated)

    def _promised_sites(self, path: str) -> Iterator[tuple[int, str]]:
        """The expressions that are waited for, each once, in a language whose promises others wait for, too."""
        if self._begun is None:
            waits = not WAITING.isdisjoint(self.triggers)
            self._begun = waits and (self.names.begun_without or any(self._lazily_begun()))
        if self._begun:
            promised = ((node, "await") for node in self.promised.sites(path))
            yield from dict.fromkeys([*self.awaiting.sites(path), *promised])
        else:
            yield from ((node, trigger) for node, trigger in self.awaiting.iterated(path))

    def _lazily_begun(self) -> Iterator[bool]:
        """True for each member of a library some of whose values run by waiting for them, as far as one is known: where
        there is none, nothing that is waited for is such a value, and nobody needs to be asked. An attribute is no
        such member: one that gives such a value begins it (`begun_without`), and any other gives none."""
        evaluator, owners = self.evaluator, self.names.begun_by
        rows = (row for owner in owners for row in evaluator.tables.types[owner].members.items())
        for word in sorted({name for name, member in rows if not member.attribute}):
            for path, node in evaluator.words.spelled(word):
                if evaluator.tree(path).kinds[node] == Kind.ATTRIBUTE and evaluator.javascript(path):
                    held = options(evaluator.value(path, node))
                    yield from (True for option in held if isinstance(option, BoundMember) and option.owner in owners)

    def _sites(self, path: str) -> Iterator[tuple[int, str]]:
        """The expressions that are used in a way which runs a lazy query, with the word for it."""
        tree = self.evaluator.tree(path)
        for match in _ITERATIONS.finditer(tree.kinds):
            iterable = tree.child(match.start(), Role.ITERABLE)
            if iterable >= 0:
                yield iterable, "async-iterate" if tree.has(match.start(), Flag.ASYNC) else "iterate"
        node = tree.kinds.find(Kind.CALL)
        while node >= 0:
            trigger, arguments = self.consuming.by(path, node)
            for argument in arguments:
                yield argument, trigger
            if trigger == "await":
                yield from ((each, trigger) for each in _spread(tree, node))
            node = tree.kinds.find(Kind.CALL, node + 1)
        node = tree.kinds.find(Kind.AWAIT)
        while node >= 0:
            called = tree.kinds[node + 1] == Kind.CALL and tree.kinds[node + 2] == Kind.ATTRIBUTE
            # Most of what is awaited is a call of something else: a cheap question before a dear one.
            if not called or tree.value(node + 2) in self.awaited["python"]:
                yield node + 1, "await"
            node = tree.kinds.find(Kind.AWAIT, node + 1)
        for asked in truths.asked(tree):
            yield asked, "truth"
        node = tree.kinds.find(Kind.BINARY)
        while node >= 0:
            if tree.value(node) in ("in", "not-in"):
                yield tree.child(node, Role.RIGHT), "contains"
            node = tree.kinds.find(Kind.BINARY, node + 1)
        node = tree.kinds.find(Kind.SUBSCRIPT)
        while node >= 0:
            index = tree.child(node, Role.INDEX)
            if index >= 0 and tree.roles[node] != Role.ANNOTATION:
                if tree.kinds[index] == Kind.SLICE:
                    yield node + 1, "slice"
                elif tree.kinds[index] in (Kind.NUMBER, Kind.UNARY) or tree.kinds[node + 1] == Kind.CALL:
                    yield node + 1, "index"
            node = tree.kinds.find(Kind.SUBSCRIPT, node + 1)

    def run_by(
        self, path: str, node: int, trigger: str, evaluated: Mapping[str, Sequence[int]]
    ) -> Iterator[tuple[int, Call]]:
        """What a lazy value at a node runs that is used so. `evaluated`: the uses of names that load all rows."""
        tree = self.evaluator.tree(path)
        combined = tree.kinds[node] == Kind.BINARY and tree.value(node) in COMBINING
        if not combined and tree.kinds[node] not in _ASKED:
            return
        told: set[str] = set()
        for option in options(self.evaluator.value(path, node)):
            if not isinstance(option, Instance) or not option.steps:
                continue
            lazy = runs_on(self.evaluator, option)
            if lazy is None or option.empty():
                continue
            if trigger not in lazy and not (trigger == "async-iterate" and "iterate" in lazy):
                continue
            if trigger == "await" and tree.kinds[tree.parents[node]] == Kind.AWAIT:
                if not self.evaluator.awaits(path, tree.parents[node]):
                    continue
            if trigger == "await" and self.evaluator.javascript(path):
                if self.awaiting.told_elsewhere(path, node, option):
                    continue
            types = self.evaluator.classes.library_types(option.cls)
            caches = self.evaluator.tables.types[types[0].name].caches
            if caches:
                if answered(self.evaluator.scope(path), node, evaluated):
                    return
            library = self.evaluator.tables.library(types[0].name)
            dialect, sure = self.environment.dialect(path, library)
            queries = self.chains.implicit(self._cut(path, node, trigger, option), Site(path, node, None), dialect)
            if queries and queries[0].table in told:
                continue
            told.update(query.table for query in queries[:1])
            yield (
                node,
                self.telling.call(
                    path,
                    node,
                    trigger.removeprefix("async-"),
                    receiver_name=types[0].name,
                    receiver=option,
                    how=option.how,
                    effects=(Effect.QUERY,),
                    queries=tuple(queries),
                    text=None,
                    dialect=dialect,
                    sure=sure,
                    row=option.steps[-1].member,
                    library=library,
                    trigger=trigger.removeprefix("async-"),
                    # Awaiting the rows of a relation asks for them; awaiting a row that was loaded gives it.
                    loaded=may_be_loaded(option) and (trigger != "await" or isinstance(option.cls, ProjectClass)),
                    keeps=caches and not self.takings.fresh(path, node),
                    asked=option,
                    unbatched=self.batches.unbatched(option, Member(), Site(path, node, None), dialect),
                ),
            )

    def _cut(self, path: str, node: int, trigger: str, value: Instance) -> Instance:
        """What is asked of a lazy value: by an index one row, by a slice some."""
        tree = self.evaluator.tree(path)
        around = tree.parents[node]
        types = self.evaluator.classes.library_types(value.cls)
        if not any(self.evaluator.tables.types[cls.name].slice for cls in types):
            return value  # all rows are asked for, and some are taken
        if trigger == "slice":
            return self.evaluator.elements.cut(value, "[:]", path, around, None)
        if trigger == "index" and tree.kinds[tree.child(around, Role.INDEX)] != Kind.UNARY:
            return self.evaluator.elements.cut(value, "[i]", path, around, None)
        return value


def runs_on(evaluator: Evaluator, value: Instance) -> tuple[str, ...] | None:
    """The uses by which a lazy value runs; None for a value that no use runs."""
    for cls in evaluator.classes.library_types(value.cls):
        row = evaluator.tables.types[cls.name]
        if row.runs_on:
            return row.runs_on
    return None


def _spread(tree: Tree, call: int) -> Iterator[int]:
    """What stands for each turn of the comprehensions that a call is given as several arguments."""
    for argument in tree.with_role(call, Role.ARGUMENT):
        inner = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.SPREAD else -1
        body = tree.child(inner, Role.BODY) if inner >= 0 and tree.kinds[inner] == Kind.COMPREHENSION else -1
        if body >= 0:
            yield body
