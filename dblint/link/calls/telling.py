"""What is told of a call: the fact `Call`, put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from dblint.facts.program import Call, Effect, FileRole, Reduced, Taken
from dblint.facts.query import Column, Compare, Query, Verb
from dblint.facts.text import Place, Text
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link import truths
from dblint.link.arguments import Site, find
from dblint.link.blocking import Blocking
from dblint.link.bounds import bounds
from dblint.link.dropping import Dropping
from dblint.link.handles import member_stop
from dblint.link.loops.filling import filled
from dblint.link.loops.handing import Given
from dblint.link.loops.subjects import Begun, Subjects, joined
from dblint.link.loosened import Loosened
from dblint.link.patterns import beginnings
from dblint.link.prefetched import Prefetched
from dblint.link.reducing import Reductions, columns
from dblint.link.shapes import Shapes, starred
from dblint.link.taking import Takings
from dblint.link.transacted import Transacted
from dblint.link.values import (
    ONE_OF_SEVERAL,
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    options,
)

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames
    from dblint.link.types import Evaluator

TEXT = "text"
"""The ending of idioms for calls that are given SQL text."""


class Origin(msgspec.Struct, frozen=True):
    """Where a call stands in its tree, for what the call graph asks further.

    `targets`: the expressions that decide which table or database is asked. `begun`: where the
    statement was begun, if the function around got it handed in, by the table that it asks. `given`: what its
    conditions are handed.
    """

    node: int
    targets: Callable[[], tuple[int, ...]] = tuple
    begun: dict[str, Begun | None] = msgspec.field(default_factory=dict)
    given: Callable[[], tuple[Given, ...]] = tuple


class Telling:
    """Makes the facts of calls. One per collector of calls."""

    def __init__(
        self,
        evaluator: Evaluator,
        chains: Chains,
        frames: Frames,
        functions: Functions,
        roles: Mapping[str, FileRole],
        takings: Takings,
    ) -> None:
        self.evaluator = evaluator
        self.chains = chains
        self.frames = frames
        self.functions = functions
        self.roles = roles
        self.origins: dict[Place, Origin] = {}
        self.subjects = Subjects(evaluator)
        self.shapes = Shapes(evaluator)
        self.blocking = Blocking(evaluator)
        self.dropping = Dropping(evaluator)
        self.loosened = Loosened(evaluator, chains.texts)
        self.transacted = Transacted(evaluator, chains.texts.origins.source)
        self.prefetched = Prefetched(evaluator)
        self.takings = takings
        self.reductions = Reductions(evaluator, takings)

    def call(
        self,
        path: str,
        node: int,
        name: str,
        *,
        receiver_name: str,
        how: tuple[str, ...],
        effects: tuple[Effect, ...],
        queries: tuple[Query, ...],
        text: Text | None,
        piece: bool = False,
        bound: bool | None = None,
        receiver: Instance | None = None,
        dialect: str,
        sure: bool,
        row: Member,
        library: str,
        trigger: str = "call",
        loaded: bool = False,
        asked: BoundMember | LibraryFunction | LibraryClass | Instance | None = None,
        unrun: str = "",
        keeps: bool = False,
        unbatched: str = "",
    ) -> Call:
        """The fact of a call at a node, of what its row and the queries that it runs say."""
        tree = self.evaluator.tree(path)
        place = self.chains.place(Site(path, node, None))
        tabled = any(query.table for query in queries)
        targets = partial(self.subjects.targets, path, node, row, tabled) if queries else tuple
        site = Site(path, node, None)
        filling = partial(self._values, site, row, dialect)
        queries = beginnings(self.chains.texts, path, queries, filling)
        queries = bounds(self.chains.limits.number, path, queries, filling)
        fetched = (text is not None or bool(row.generator)) and bool(queries) and self.takings.fetches(path, node)
        if row.generator and not fetched:
            queries = tuple(msgspec.structs.replace(query, expects="stream") for query in queries)
        given = partial(self._given, site, receiver, row, queries, dialect) if queries else tuple
        frames, function = self.frames.of(path, node, targets, given)
        if keeps:  # what was loaded once is not asked for in the next turn
            frames = tuple(msgspec.structs.replace(frame, same=False) for frame in frames)
        looped = any(frame.kind == "loop" for frame in frames)
        transacted = Effect.QUERY in effects or (bool(queries) and trigger != "built")
        transacted = transacted and any(frame.kind == "transaction" for frame in frames)
        commands = bool(queries) and all(query.of_keys for query in queries)
        handle, handle_place = self._handle(site, receiver, looped, commands) if effects else ("", None)
        if function >= 0 and effects and queries:
            origin = self.origins.get(place)
            if origin is None or origin.node != node:
                origin = self.origins[place] = Origin(node, targets, given=given)
            begun = self.subjects.begun(path, node, function, receiver)
            table = queries[0].table
            origin.begun[table] = joined(origin.begun[table], begun) if table in origin.begun else begun
        blocking = asked is not None and self.blocking.blocks(path, node, row, asked, name)
        return Call(
            place=place,
            member=name,
            receiver=receiver_name,
            resolved=how,
            trigger=trigger,
            effects=effects,
            queries=tuple(query for query in queries if not query.of_keys),
            text=text,
            piece=piece,
            parameters_bound=bound,
            function=self.functions.id(path, function) if function >= 0 else "",
            frames=frames,
            role=self.roles.get(path, FileRole.APP),
            dialect=dialect,
            dialect_sure=sure,
            batches=self._batches(receiver, row, queries),
            memoised=row.memoises or loaded or (bool(row.prefetched) and self.prefetched.may_be(site, row.prefetched)),
            refreshes=row.refreshes,
            blocking=blocking,
            refuses=self.blocking.refuses(row, asked) if blocking and asked is not None else "",
            embedded=asked is not None and self.blocking.embedded(row, asked),
            prepared=asked is not None and self.blocking.prepared(row, asked),
            seeks=row.seeks,
            unbatched=unbatched,
            idiom="-".join(filter(None, (library, row.idiom or (TEXT if text is not None else "")))),
            source=self.chains.texts.origins.source(Site(path, node, None)),
            result=self._result(path, node, queries),
            member_stop=member_stop(tree, node),
            anew=self._anew(site, receiver, row, name) if effects and receiver is not None else "",
            operator=truths.operator(tree, node) if trigger == "truth" else "",
            handle=handle,
            handle_place=handle_place,
            begun=handle_place is not None or (bool(queries) and self._begun(site, receiver, row)),
            shape=self.shapes.of(path, node) if text is not None and starred(queries) else None,
            unrun=unrun,
            taken=self._taken(path, node, trigger, queries, receiver, row),
            reduced=self._reduced(path, node, trigger, queries, text is not None),
            fetched=fetched and text is not None,
            commands=tuple(query for query in queries if query.of_keys),
            bypassed=self.transacted.bypassed(path, node, row, receiver, library) if transacted else None,
            floats=trigger == "call" and self._floats(path, node, row, name, receiver),
            untagged=trigger == "call" and self._untagged(tree, node, row),
            loose=self.loosened.of(path, node, row, receiver, library) if queries else (),
            dropped=self.dropping.of(path, node, row, receiver) if queries else (),
            early=self.transacted.early(path, node, row),
        )

    def _floats(self, path: str, node: int, row: Member, name: str, receiver: Instance | None) -> bool:
        """Whether nobody waits for the promise that a call gives, see `Call.floats`."""
        tree = self.evaluator.tree(path)
        if receiver is None or not self.evaluator.javascript(path):
            return False
        types = self.evaluator.classes.library_types(receiver.cls)[:1]
        promises = [word for cls in types for word in self.evaluator.tables.types[cls.name].promises]
        if name not in promises and not ("*" in promises and (row.run or row.effects)):
            return False
        handed = list(tree.with_role(node, Role.ARGUMENT))
        last = handed[-1:]
        values = [self.evaluator.value(path, each) for each in last]
        told = any(isinstance(option, FunctionValue) for value in values for option in options(value))
        beyond = row.text is not None and row.parameters is not None and len(handed) > _places(row)
        error = row.callback is not None and row.callback.gives[:1] == ("",)
        if (told or beyond) and (row.callback is None or error):
            return False  # the last argument is told what came of it
        return tree.kinds[tree.parents[node]] in (Kind.BLOCK, Kind.MODULE)

    @staticmethod
    def _untagged(tree: Tree, node: int, row: Member) -> bool:
        """Whether a tag of templates is called as a function with a text that is put together there."""
        if row.tagged in ("", "text") or tree.kinds[node] != Kind.CALL:
            return False
        first = tree.child(node, Role.ARGUMENT)
        return first >= 0 and tree.kinds[first] in (Kind.TEMPLATE, Kind.STRING)

    def _reduced(self, path: str, node: int, trigger: str, queries: Sequence[Query], written: bool) -> Reduced | None:
        """What is made of the rows that a call reads, see `Call.reduced`. `written`: by a statement that is a text."""
        if trigger not in ("call", "iterate", "await") or len(queries) != 1 or queries[0].verb is not Verb.SELECT:
            return None
        if trigger == "await" and not self._awaits(path, node):
            return None
        if queries[0].expects in ("one", "unique", "stream") or self.evaluator.javascript(path):
            return None
        return self.reductions.of(path, node, columns(queries[0], written=written))

    def _taken(
        self, path: str, node: int, trigger: str, queries: Sequence[Query], receiver: Instance | None, row: Member
    ) -> Taken | None:
        """What is taken of the rows that a call reads, see `Call.taken`."""
        if len(queries) != 1 or queries[0].expects in ("one", "unique", "stream"):
            return None
        if trigger == "call":
            counted = queries[0].verb is Verb.AGGREGATE and queries[0].counts and row.aggregate == "count"
            if not counted and queries[0].verb is not Verb.SELECT:
                return None
            return self.takings.of_call(path, node, counted=counted)
        if trigger not in ("len", "truth", "iterate", "await") or receiver is None:
            return None
        if trigger == "await" and queries[0].verb is Verb.AGGREGATE and queries[0].counts and self._awaits(path, node):
            began = [step.member.aggregate for step in receiver.steps if step.member.builds]
            return self.takings.of_call(path, node, counted=True) if began[-1:] == ["count"] else None
        if queries[0].verb is not Verb.SELECT or (trigger == "await" and not self._awaits(path, node)):
            return None
        caches = any(
            self.evaluator.tables.types[cls.name].caches
            for cls in self.evaluator.classes.library_types(receiver.cls)[:1]
        )
        return self.takings.of_lazy(path, node, caches=caches)

    def _awaits(self, path: str, node: int) -> bool:
        """Whether the rows of what is awaited come out right there, and not of a function that awaits it."""
        tree = self.evaluator.tree(path)
        return tree.parents[node] >= 0 and tree.kinds[tree.parents[node]] == Kind.AWAIT

    def _batches(
        self, receiver: Instance | None, row: Member, queries: Sequence[Query]
    ) -> Literal["", "same-tick", "flush"]:
        """How a call sends its queries with those of others: as its row says, where they ask for columns of the table
        by equality, which can be put together; or as its receiver's type says of all members."""
        if row.batches == "same-tick" and not all(map(_by_equality, queries)):
            return ""
        if row.batches:
            return row.batches
        types = self.evaluator.classes.library_types(receiver.cls)[:1] if receiver is not None and queries else ()
        return next((self.evaluator.tables.types[cls.name].batches for cls in types), "")

    def _given(
        self, site: Site, receiver: Instance | None, row: Member, queries: tuple[Query, ...], dialect: str
    ) -> tuple[Given, ...]:
        """What the conditions of a call's queries are handed, and what its chain is begun on."""
        given = self.frames.handing.given(site.path, queries, self._values(site, row, dialect))
        handle = self.chains.handle(receiver, site) if receiver is not None else None
        if handle is None or handle.path != site.path:
            return given
        place = self.chains.place(handle)
        return given if any(value.place == place for value in given) else (*given, Given(place, handle.node, False))

    def _values(self, site: Site, row: Member, dialect: str) -> Mapping[Place, int]:
        """The expressions that fill the placeholders of a call's text."""
        if row.run != "text" or row.text is None or row.parameters is None:
            return {}
        texts = [
            text
            for inner in find(self.evaluator, row.text.at, site).sites
            for text in (*self.chains.texts.of(inner), *self.chains.built(inner))
        ]
        return filled(self.evaluator, row.parameters.at, site, texts, dialect)

    def _handle(self, site: Site, receiver: Instance | None, looped: bool, commands: bool) -> tuple[str, Place | None]:
        """What the chain of a call is begun on, where it is said in the call's own function in a chain of words.
        `commands`: each is sent by itself, by what it is called on."""
        if receiver is None:
            return "", None
        handle = self.chains.handle(receiver if not commands else msgspec.structs.replace(receiver, steps=()), site)
        scope = self.evaluator.scope(site.path)
        if handle.path != site.path or scope.function(handle.node) != scope.function(site.node):
            return "", None
        tree, root = scope.tree, handle.node
        while tree.kinds[root] == Kind.ATTRIBUTE:
            root += 1
        if tree.kinds[root] != Kind.NAME:
            return "", None
        # A name of the function around says nothing to those who call it.
        if not (looped or commands) and scope.reaching(root, tree.value(root)) is not None:
            return "", None
        return self.frames.words(handle.path, handle.node), self.chains.place(handle)

    def _begun(self, site: Site, receiver: Instance | None, row: Member) -> bool:
        """Whether the statement of a call is begun in its own function, see `Call.begun`."""
        held = [receiver] if receiver is not None and receiver.steps else []
        for inner in find(self.evaluator, row.query.at, site).sites if row.query is not None else ():
            held += [
                option
                for option in options(self.evaluator.value(inner.path, inner.node, inner.context))
                if isinstance(option, Instance)
            ]
        function = self.evaluator.scope(site.path).function(site.node)
        firsts = [next((step for step in one.steps if step.node >= 0), None) for one in held]
        return bool(firsts) and all(
            first is not None
            and first.path == site.path
            and self.evaluator.scope(first.path).function(first.node) == function
            for first in firsts
        )

    def _anew(self, site: Site, receiver: Instance, row: Member, name: str) -> str:
        """The first member on a relation's rows that asks for others than were loaded, as it stands in the call's own
        chain where it does; "" where there is no such."""
        narrowed = narrowed_at(receiver)
        steps = receiver.steps[narrowed + 1 :] if narrowed >= 0 else ()
        other = next((step for step in steps if not step.member.loaded and step.node >= 0), None)
        if other is None:
            return name if narrowed >= 0 and row.run and not row.loaded else ""
        tree, node = self.evaluator.tree(site.path), site.node
        if other.path == site.path and tree.contains(node, other.node):
            return other.name
        # What a method of the project's own does, its caller asks by the name of that: the first one on the relation.
        while tree.kinds[node] in (Kind.CALL, Kind.SUBSCRIPT, Kind.ATTRIBUTE, Kind.AWAIT, Kind.CAST):
            if tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == tree.kinds[node + 2] == Kind.ATTRIBUTE:
                return tree.value(node + 1)
            node += 1
        return other.name

    def _result(self, path: str, node: int, queries: Sequence[Query]) -> str:
        """How what a call gives is used, see `Call.result`."""
        becoming = self.frames.becoming
        found = becoming.result(path, node, far=any(query.verb.writes for query in queries))
        saves = found == "dropped" and any(query.verb is Verb.UPSERT for query in queries)
        return "assigned" if saves and becoming.used(path, node) else found

    def unstarted(self, path: str, node: int, row: Member, name: str, receiver: Instance | None) -> str:
        """Whether nothing waits for what only runs when it is awaited, or iterates what only runs by that."""
        tree = self.evaluator.tree(path)
        if row.generator == "statement" and self.frames.becoming.result(path, node) == "dropped":
            return "uniterated"
        if receiver is None or tree.kinds[tree.parents[node]] not in (Kind.BLOCK, Kind.MODULE):
            return ""
        types = self.evaluator.classes.library_types(receiver.cls)[:1]
        for words in (self.evaluator.tables.types[cls.name].awaited for cls in types):
            if name in words or ("*" in words and row.run):
                return "unawaited"
        return ""


def narrowed_at(value: Instance) -> int:
    """The step of a chain that says of which row's relation it is; -1: of none."""
    return next(
        (at for at, step in enumerate(value.steps) if step is not ONE_OF_SEVERAL and step.narrows),
        -1,
    )


def may_be_loaded(value: Instance) -> bool:
    """Whether a value is a relation as it stands, whose rows an earlier query may have brought along: then
    nobody can say here that it asks again."""
    narrowed = narrowed_at(value)
    return narrowed >= 0 and all(step.member.loaded for step in value.steps[narrowed + 1 :])


def _places(row: Member) -> int:
    """How many arguments a member that runs a text has places for."""
    said = " ".join(slot.at for slot in (row.text, row.parameters, row.transaction) if slot is not None)
    return 1 + max((int(number) for number in re.findall(r"\d+", said)), default=-1)


def _by_equality(query: Query) -> bool:
    """Whether nothing but comparisons of the table's own columns by equality may stand among its conditions."""
    return all(
        isinstance(each.value, Compare)
        and each.value.operator == "="
        and isinstance(each.value.left, Column)
        and not each.value.left.relation
        for each in query.where.elements
    )
