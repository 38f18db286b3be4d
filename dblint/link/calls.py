"""Finds every place where code makes a library act, also where no call is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from dblint.facts.program import Call, Effect, FileRole, Reduced, Taken, Unresolved
from dblint.facts.query import Column, Compare, Query, Verb
from dblint.facts.text import Place, Text
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Library, Member
from dblint.link import hosts, table_words, truths
from dblint.link.arguments import Site, find
from dblint.link.awaiting import Awaiting
from dblint.link.batches import Batches
from dblint.link.blocking import Blocking
from dblint.link.bounds import bounds
from dblint.link.closed import closed
from dblint.link.consuming import Consuming
from dblint.link.dropping import Dropping
from dblint.link.elements import COMBINING, ENTERED
from dblint.link.handles import Handles, member_stop
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.loops.filling import filled
from dblint.link.loops.handing import Given
from dblint.link.loops.subjects import Begun, Subjects, joined
from dblint.link.loosened import Loosened
from dblint.link.patterns import beginnings
from dblint.link.prefetched import Prefetched
from dblint.link.promised import Promised
from dblint.link.reducing import Reductions, columns
from dblint.link.reruns import answered, evaluations
from dblint.link.shapes import Shapes, starred
from dblint.link.taking import Takings
from dblint.link.transacted import Transacted
from dblint.link.values import (
    ONE_OF_SEVERAL,
    BoundMember,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ProjectClass,
    Unknown,
    Value,
    options,
)
from dblint.link.wrappers import statement, worst
from dblint.sql.query import looks_like_sql

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains
    from dblint.link.environment import Environment
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames
    from dblint.link.types import Evaluator

LINKS = 200
"""Links of a chain among which a handle is looked for."""
_ASSIGNED = re.compile(re.escape(bytes([Kind.ASSIGN, Kind.NAME, Kind.ATTRIBUTE])), re.DOTALL)
_ASSIGNED_OR_BOUND = re.compile(
    re.escape(bytes([Kind.ASSIGN, Kind.NAME])) + b"[" + re.escape(bytes([Kind.ATTRIBUTE, Kind.CALL, Kind.CAST])) + b"]",
    re.DOTALL,
)
_ASKED = frozenset({Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.TAGGED})
"""Expressions that may hold a lazy query."""
_CALLS = re.compile(b"[" + re.escape(bytes([Kind.CALL, Kind.TAGGED])) + b"]", re.DOTALL)
_OTHERS = re.compile(r"(\w+):(?=[A-Z])")
_ITERATIONS = re.compile(b"[" + re.escape(bytes([Kind.LOOP, Kind.CLAUSE])) + b"]", re.DOTALL)


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


class _Unasked(NamedTuple):
    """A statement that is built, by the chain that builds it, and that only the uses of tables ask for."""

    call: Call
    node: int
    value: Instance
    dialect: str


TEXT = "text"
"""The ending of idioms for calls that are given SQL text."""


class Calls:
    """Collects calls, file by file."""

    def __init__(
        self,
        evaluator: Evaluator,
        chains: Chains,
        frames: Frames,
        functions: Functions,
        environment: Environment,
        roles: Mapping[str, FileRole],
        *,
        built: bool = True,
        uses: bool = False,
    ) -> None:
        """`built`: calls that only build a query are collected, too, and not just those with SQL text. `uses`: where
        they are not, they are put aside, for what tables are used for (`aside`)."""
        self.evaluator = evaluator
        self.built = built
        self.uses = uses
        self._aside: list[_Unasked] = []
        self._unasked: dict[int, _Unasked] = {}
        """Calls of the file at hand that are to be put aside, by identity."""
        self.chains = chains
        self.frames = frames
        self.functions = functions
        self.environment = environment
        self.roles = roles
        self.unresolved: list[Unresolved] = []
        self.handles = Handles(evaluator, chains, functions, roles)
        self.origins: dict[Place, Origin] = {}
        self.subjects = Subjects(evaluator)
        self.shapes = Shapes(evaluator)
        self.blocking = Blocking(evaluator)
        self.batches = Batches(evaluator)
        self.dropping = Dropping(evaluator)
        self.loosened = Loosened(evaluator, chains.texts)
        self.transacted = Transacted(evaluator, chains.texts.origins.source)
        self.prefetched = Prefetched(evaluator)
        self.statements: dict[tuple[Place, str], Text] = {}
        """The texts of statements that a builder was given in the function of the call that runs them, by place and
        member of that call."""
        self._imports: dict[str, frozenset[str]] = {}
        self._held: dict[str, dict[str, str]] = {}
        self._handed: set[int] = set()
        """Nodes of the file at hand that hold a statement and stand where a call runs one."""
        foreign = _Foreign(evaluator)
        tables = evaluator.tables
        self._rows = {
            language: table_words.told_by_name(tables)[language].union(
                *(
                    table_words.told_by_library(tables)[name]
                    for name in foreign.used
                    if language in tables.libraries[name].languages
                )
            )
            for language in table_words.LANGUAGES
        }
        self._running = {
            language: evaluator.tables.members[language] - foreign.nobodys(language)
            for language in ("python", "javascript")
        }
        """Members of tables' types that run something, without those that are nobody's for sure, by language."""
        running = table_words.running_uses(tables)
        triggers = {trigger for used in foreign.used for trigger in running[used]}
        self._triggers = frozenset({*triggers, *(["async-iterate"] if "iterate" in triggers else [])})
        """The uses by which a value of one of the libraries runs that the project uses: no other use is looked at."""
        self._callbacks = table_words.taking_functions(tables)
        """Members of tables' types that take a function, by language."""
        self._running_text = table_words.given_a_text(tables)
        """Members of tables' types that run a text, in the language that has a `with`."""
        self._described = {path.replace("#", ".").rpartition(".")[2] for path in set(evaluator.described.values())}
        """The names of functions of the project that rows describe."""
        self._named = table_words.described_in_modules(tables)
        """Module → the names of the functions and types that rows describe in it."""
        self._awaited = table_words.run_by_waiting(tables)
        """Members of tables' types that give what is run by waiting for it, by language."""
        types = evaluator.tables.types
        calls = [
            row.call
            for name, row in types.items()
            if row.call is not None and evaluator.tables.library(name) in foreign.used
        ]
        called = bool(calls)
        self._tags = any(row.tagged for row in calls)
        self._awaiting = Awaiting(evaluator, self._awaited["javascript"], called=called)
        asking = table_words.asking_when_read(tables)
        self._reads = {
            language: frozenset(
                name for used in foreign.used if language in tables.libraries[used].languages for name in asking[used]
            )
            for language in table_words.LANGUAGES
        }
        """Attributes that ask the database when they are read, by language."""
        self._consuming = Consuming(evaluator, self._imported)
        self._promised = Promised(evaluator, self._consuming)
        self._takings = Takings(evaluator, self._consuming)
        self._reductions = Reductions(evaluator, self._takings)
        self._handles = table_words.lazy_attributes(tables)

    def collect(self, path: str) -> Iterator[Call]:
        """The calls of one file, in order."""
        self._handed.clear()
        self._unasked.clear()
        found = [*self._explicit(path), *self._read(path), *self._handed_on(path)]
        found += list(self._implicit(path))
        found.sort(key=lambda item: (item[1].place.start, item[1].place.stop))
        running = {call.place for _, call in found if call.trigger != "built" and call.queries}
        for node, call in found:
            # A statement that is built where it is run, or handed to what runs it, is told by its run.
            told = call.trigger != "built" or (call.place not in running and node not in self._handed)
            if told and not closed(self.evaluator, path, node):
                unasked = self._unasked.get(id(call))
                if unasked is not None:
                    self._aside.append(unasked)
                else:
                    yield call

    def asking(self, path: str, node: int, context: Context | None) -> tuple[Query, ...]:
        """The queries that the call at a node runs, for who runs the function around it so."""
        found: list[Query] = []
        for option in options(self.evaluator.value(path, node + 1, context)):
            if not isinstance(option, (BoundMember, LibraryFunction)):
                continue
            row = self.evaluator.rows.row_of(option)
            if row is None or not row.run or self.chains.declined(row, Site(path, node, context)):
                continue
            receiver = option.receiver if isinstance(option, BoundMember) else None
            dialect, _ = self.environment.dialect(path, self._library(option))
            found += self.chains.run(receiver, row, Site(path, node, context), dialect)[0]
        return tuple(found)

    def iterated(self, path: str, node: int) -> Iterator[Call]:
        """The queries that run where somebody goes through what the expression at a node gives."""
        yield from (call for _, call in self._run_by(path, node, "iterate", {}))

    def aside(self) -> Iterator[Call]:
        """The calls that only build a query and were put aside, with as much as the uses of tables ask for."""
        for call, node, value, dialect in self._aside:
            queries = self.chains.implicit(value, Site(call.place.path, node, None), dialect)
            yield msgspec.structs.replace(call, queries=tuple(queries))

    # Calls that are written

    def _explicit(self, path: str) -> Iterator[tuple[int, Call]]:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        kinds, ends = tree.kinds, tree.ends
        language = "javascript" if evaluator.javascript(path) else "python"
        members = self._rows[language]
        running = self._running[language]
        for match in _CALLS.finditer(kinds):
            node = match.start()
            callee = node + 1
            if callee >= ends[node]:
                continue
            kind = kinds[callee]
            tag = self._tags and kinds[node] == Kind.TAGGED
            if kind == Kind.ATTRIBUTE:
                name = tree.value(callee)
                own = self._through_handle(tree, callee, language)
                known = name in members or name in self._described or own or tag
                if not known and not (
                    name.startswith(evaluator.tables.beginnings) or evaluator.members.of_relations.may_be(name)
                ):
                    continue
                value = evaluator.value(path, callee)
                yield from self._of_value(path, node, value, name, name in running, own)
            elif kind == Kind.NAME:
                name = tree.value(callee)
                if name in self._described or tag or self._imported(path, name):
                    yield from self._of_value(path, node, evaluator.value(path, callee), name, False)
                elif name in (bound := self._bound_to(path, running)):
                    yield from self._of_value(path, node, evaluator.value(path, callee), bound[name], False)

    def _read(self, path: str) -> Iterator[tuple[int, Call]]:
        """The attributes whose reading asks the database."""
        evaluator = self.evaluator
        names = self._reads["javascript" if evaluator.javascript(path) else "python"]
        tree = evaluator.tree(path)
        node = tree.kinds.find(Kind.ATTRIBUTE) if names else -1
        while node >= 0:
            name = tree.value(node)
            if name in names and tree.roles[node] != Role.TARGET:
                for option in options(evaluator.value(path, node + 1)):
                    if not isinstance(option, Instance):
                        continue
                    for cls in evaluator.classes.library_types(option.cls):
                        owner, row = evaluator.tables.member(cls.name, name) or ("", None)
                        if row is not None and row.attribute and (row.run or row.effects):
                            yield from self._of_row(path, node, BoundMember(option, owner, name), row, name)
                            break
            node = tree.kinds.find(Kind.ATTRIBUTE, node + 1)

    def _handed_on(self, path: str) -> Iterator[tuple[int, Call]]:
        """The members that are handed to what runs them, as functions (`to_thread(rows.get, 1)`)."""
        evaluator = self.evaluator
        running = self._running["javascript" if evaluator.javascript(path) else "python"]
        tree = evaluator.tree(path)
        node = tree.kinds.find(Kind.ATTRIBUTE)
        while node >= 0:
            if tree.roles[node] in (Role.ARGUMENT, Role.VALUE) and (name := tree.value(node)) in running:
                handed = handed_to(tree, node)
                if handed is not None:
                    for option in options(evaluator.value(path, node)):
                        row = evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
                        if row is None or not row.run or not isinstance(option, BoundMember):
                            continue
                        callback = callback_of(evaluator, path, *handed)
                        if callback is not None and callback.fate in ("once", "each"):
                            yield from self._of_row(path, node, option, row, name)
            node = tree.kinds.find(Kind.ATTRIBUTE, node + 1)

    def _imported(self, path: str, name: str) -> bool:
        """Whether a bare name may be a library's function or class, or a class that extends one: it is imported
        somewhere in the file, or a class of it that extends another."""
        names = self._imports.get(path)
        if names is None:
            interface, tree = self.evaluator.files[path].interface, self.evaluator.tree(path)
            imports = interface.imports
            names = self._imports[path] = frozenset(
                {imported.local for imported in imports}.union(
                    *(self._named.get(imported.module, ()) for imported in imports if imported.name == "*"),
                    (tree.value(cls) for cls, own in interface.classes.items() if own.bases),
                )
            )
        return name in names

    def _bound_to(self, path: str, running: frozenset[str]) -> Mapping[str, str]:
        """The bare names of a file that are given a member that may run something (`run = cursor.execute`), with that
        member's name."""
        found = self._held.get(path)
        if found is None:
            tree = self.evaluator.tree(path)
            found = self._held[path] = {}
            binds = hosts.BIND in tree.strings and self.evaluator.javascript(path)
            for match in (_ASSIGNED_OR_BOUND if binds else _ASSIGNED).finditer(tree.kinds):
                target, value = match.start() + 1, match.start() + 2
                if tree.ends[target] == value and tree.roles[target] == Role.TARGET and tree.roles[value] == Role.VALUE:
                    plain = tree.kinds[value] == Kind.ATTRIBUTE
                    member = tree.value(value) if plain else _wrapped(tree, value, running)
                    if member in running:
                        found[tree.value(target)] = member
        return found

    def _through_handle(self, tree: Tree, callee: int, language: str) -> bool:
        """Whether a chain reads an attribute that some row gives lazy values for: its members may be the
        project's own, by whatever name."""
        handles = self._handles[language]
        for node in range(callee + 1, callee + 1 + LINKS):
            if tree.kinds[node] == Kind.ATTRIBUTE:
                if tree.value(node) in handles:
                    return True
            elif tree.kinds[node] != Kind.CALL:
                return False
        return False

    def _of_value(
        self, path: str, node: int, value: Value, name: str, running: bool, own: bool = False
    ) -> Iterator[tuple[int, Call]]:
        seen = False
        shown: set[tuple[str, tuple[str, ...], Instance | None]] = set()
        for option in options(value):
            if isinstance(option, (BoundMember, LibraryFunction)):
                seen = True
                row = self.evaluator.rows.row_of(option)
                if row is not None:
                    for found, call in self._of_row(path, node, option, row, name):
                        tables = tuple(query.table for query in call.queries)
                        unasked = self._unasked.get(id(call))
                        key = (call.receiver, tables, unasked.value if unasked is not None else None)
                        if call.trigger != "built" or key not in shown:
                            shown.add(key)
                            yield found, call
            elif isinstance(option, LibraryClass):
                seen = True
                construct = self.evaluator.tables.types[option.name].construct
                word = self.evaluator.classes.class_name(option)
                if construct is not None and table_words.acts(construct):
                    yield from self._of_row(path, node, option, construct, word)
                elif construct is not None and construct.builds and self._top(path, node):
                    yield from ((node, built) for built in self._built(path, node, word))
            elif not isinstance(option, Unknown):
                seen = seen or not self._entered(path, node, option, name)
                if isinstance(option, FunctionValue):
                    self.functions.note(option, path, node)
                    behind = self.evaluator.overrides.beyond(option, path, node)
                    behind_row = self.evaluator.rows.row_of(behind) if behind is not None else None
                    if behind is not None and behind_row is not None:
                        yield from self._of_row(path, node, behind, behind_row, name)
                    described = self.evaluator.described.get((option.path, option.node))
                    if described is not None:
                        own_row = self.evaluator.tables.functions[described][1]
                        yield from self._of_row(path, node, LibraryFunction(described), own_row, name)
                if isinstance(option, Instance) and self._tagged(path, node, option) and self._top(path, node):
                    yield from ((node, built) for built in self._built(path, node, name))
                if isinstance(option, ProjectClass):
                    yield from self._constructed(path, node, option)
                if isinstance(option, ProjectClass) and self._begins(option) and self._top(path, node):
                    word = self.evaluator.classes.class_name(option)
                    yield from ((node, built) for built in self._built(path, node, word))
                if own and isinstance(option, FunctionValue) and self._top(path, node):
                    yield from ((node, built) for built in self._built(path, node, name))
                    return
        if not seen and running and not self._of_the_host(path, node, name):
            self._unresolve(path, node, name, value)

    def _tagged(self, path: str, node: int, tag: Instance) -> bool:
        """Whether a tagged template begins a statement by a tag that is a value."""
        if self.evaluator.tree(path).kinds[node] != Kind.TAGGED:
            return False
        rows = (self.evaluator.tables.types[cls.name].call for cls in self.evaluator.classes.library_types(tag.cls))
        return any(row is not None and row.builds for row in rows)

    def _constructed(self, path: str, node: int, cls: ProjectClass) -> Iterator[tuple[int, Call]]:
        """What making an instance of a class of the project runs that leaves that to the library's class that it
        extends."""
        for base in self.evaluator.classes.library_types(cls):
            row = self.evaluator.tables.types[base.name].construct
            if row is not None and row.run:
                if all(self.evaluator.classes.owner(cls, name) is None for name in hosts.CONSTRUCTORS):
                    yield from self._of_row(path, node, base, row, self.evaluator.classes.class_name(cls))
                return

    def _begins(self, cls: ProjectClass) -> bool:
        """Whether making an instance of a class of the project begins a statement (a queryset of its own)."""
        rows = (self.evaluator.tables.types[base.name].construct for base in self.evaluator.classes.library_types(cls))
        return any(row is not None and row.builds for row in rows)

    def _of_row(
        self, path: str, node: int, option: BoundMember | LibraryFunction | LibraryClass, row: Member, name: str
    ) -> Iterator[tuple[int, Call]]:
        receiver = option.receiver if isinstance(option, BoundMember) else None
        site = Site(path, node, None)
        if not row.run and not row.effects:
            if row.inert or row.adds:
                if row.inert != "handle" or self._top(path, node):
                    self.handles.note(path, node, receiver, row, name, self._receiver_name(option))
                return
            if self._top(path, node):
                yield from ((node, built) for built in self._built(path, node))
            if row.text is None:
                return
        if row.tagged == "only" and self.evaluator.tree(path).kinds[node] != Kind.TAGGED:
            return
        if row.run and receiver is not None and receiver.empty():
            return
        if row.run and self.chains.declined(row, site):
            return
        library = self._library(option)
        dialect, sure = self.environment.dialect(path, library)
        queries, texts = self.chains.run(receiver, row, site, dialect, name)
        if row.run and row.query is not None:
            sites = find(self.evaluator, row.query.at, site).sites
            self._handed.update(each.node for each in sites if each.path == path)
            if not texts:
                self._state(site, name, sites)
        if receiver is not None and row.run:
            self.handles.ran(receiver, self.chains.place(site))
        text = worst(texts)
        effects = tuple(Effect(word) for word in row.effects)
        if row.run:
            effects = (*effects, Effect.QUERY)
        if not effects and text is None:
            return
        call = self._call(
            path,
            node,
            name,
            receiver_name=self._receiver_name(option),
            receiver=receiver,
            how=receiver.how if receiver is not None else (self._told(option, name),),
            effects=effects,
            queries=tuple(queries),
            text=text,
            piece=text is not None and self.chains.slotted.piece(row, site),
            bound=self._bound(row, site),
            dialect=dialect,
            sure=sure,
            row=row,
            library=library,
            loaded=receiver is not None and row.loaded and _may_be_loaded(receiver),
            asked=option,
            unrun=self._unstarted(path, node, row, name, receiver),
            unbatched=self.batches.unbatched(receiver, row, site, dialect) if row.run else "",
        )
        if Effect.CHANGE_SCHEMA in effects and not call.queries:
            change = self.chains.changed(receiver, row, site, dialect)
            call = msgspec.structs.replace(call, queries=(change,) if change is not None else ())
        yield node, call

    def _state(self, site: Site, name: str, statements: Sequence[Site]) -> None:
        """Keeps the text of the statement that a call runs, where a parameter of the function around may be in it."""
        text = worst([text for each in statements for text in self.chains.built(each, here=True)])
        passed = self.passed(statements[0]) if text is None and len(statements) == 1 else ""
        text = statement(passed) if passed else text
        if text is not None and not text.constant:
            self.statements[self.chains.place(site), name] = text

    def passed(self, site: Site) -> str:
        """The parameter of the function around that an expression is, or ""."""
        tree, function = self.evaluator.tree(site.path), self.evaluator.scope(site.path).function(site.node)
        named = function >= 0 and tree.kinds[site.node] == Kind.NAME
        return self.subjects.parameter(site.path, site.node, function) if named else ""

    def _library(self, option: BoundMember | LibraryFunction | LibraryClass) -> str:
        """The library that a call speaks to: the receiver's own where it says how things are written, else the one
        whose row the member is."""
        tables = self.evaluator.tables
        if isinstance(option, LibraryFunction):
            return tables.functions[option.path][0]
        if isinstance(option, LibraryClass):
            return tables.library(option.name)
        for cls in self.evaluator.classes.library_types(option.receiver.cls)[:1]:
            own = tables.library(cls.name)
            if tables.libraries[own].idioms:
                return own
        return tables.library(option.owner)

    def _told(self, option: BoundMember | LibraryFunction | LibraryClass, name: str) -> str:
        """How a function without a receiver was resolved."""
        own = isinstance(option, LibraryFunction) and option.path in self.evaluator.described.values()
        return "described by the user" if own else f"imported {name}"

    def _bound(self, row: Member, site: Site) -> bool | None:
        if row.parameters is None:
            return None
        return bool(find(self.evaluator, row.parameters.at, site).sites)

    def _receiver_name(self, option: BoundMember | LibraryFunction | LibraryClass) -> str:
        classes = self.evaluator.classes
        if isinstance(option, LibraryFunction):
            return option.path
        if isinstance(option, LibraryClass):
            return option.name
        receiver = option.receiver
        names = [classes.class_name(receiver.cls)]
        types = classes.library_types(receiver.cls)
        if types and types[0] != receiver.cls:
            names.append(types[0].name)
        elif types:
            names = [types[0].name]
        return " : ".join(names)

    def _call(
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
        tree = self.evaluator.tree(path)
        place = self.chains.place(Site(path, node, None))
        tabled = any(query.table for query in queries)
        targets = partial(self.subjects.targets, path, node, row, tabled) if queries else tuple
        site = Site(path, node, None)
        filling = partial(self._values, site, row, dialect)
        queries = beginnings(self.chains.texts, path, queries, filling)
        queries = bounds(self.chains.limits.number, path, queries, filling)
        fetched = (text is not None or bool(row.generator)) and bool(queries) and self._takings.fetches(path, node)
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
        if (told or beyond) and row.callback is None:
            return False  # the last argument is told what came of it
        return tree.kinds[tree.parents[node]] in (Kind.BLOCK, Kind.MODULE)

    @staticmethod
    def _untagged(tree: Tree, node: int, row: Member) -> bool:
        """Whether a tag of templates is called as a function with a text that is put together there."""
        if not row.tagged or tree.kinds[node] != Kind.CALL:
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
        return self._reductions.of(path, node, columns(queries[0], written=written))

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
            return self._takings.of_call(path, node, counted=counted)
        if trigger not in ("len", "truth", "iterate", "await") or receiver is None:
            return None
        if trigger == "await" and queries[0].verb is Verb.AGGREGATE and queries[0].counts and self._awaits(path, node):
            began = [step.member.aggregate for step in receiver.steps if step.member.builds]
            return self._takings.of_call(path, node, counted=True) if began[-1:] == ["count"] else None
        if queries[0].verb is not Verb.SELECT or (trigger == "await" and not self._awaits(path, node)):
            return None
        caches = any(
            self.evaluator.tables.types[cls.name].caches
            for cls in self.evaluator.classes.library_types(receiver.cls)[:1]
        )
        return self._takings.of_lazy(path, node, caches=caches)

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
        narrowed = _narrowed(receiver)
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

    # Statements that are built and not run here

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

    def _top(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        if parent >= 0 and tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[node] == Role.OBJECT:
            return self._top_of(tree, parent)
        return self._top_of(tree, node)

    def _built(self, path: str, node: int, name: str = "") -> Iterator[Call]:
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
            if not begun and self._lazy(option) is None and not self.evaluator.classes.underway(option.cls):
                continue
            unrun = self._unrun(path, node, option)
            texts = any(step.member.text is not None for step in option.steps)
            unasked = not self.built and not texts and not unrun
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
            yield self._call(
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

    def _unstarted(self, path: str, node: int, row: Member, name: str, receiver: Instance | None) -> str:
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
        self._unasked[id(call)] = _Unasked(call, node, value, dialect)
        return call

    def _lazy(self, value: Instance) -> tuple[str, ...] | None:
        for cls in self.evaluator.classes.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name]
            if row.runs_on:
                return row.runs_on
        return None

    # Calls that are not written

    def _implicit(self, path: str) -> Iterator[tuple[int, Call]]:
        javascript = self.evaluator.javascript(path)
        if javascript and not self._triggers & {"await", "async-iterate"}:
            return
        sites = list(self._promised_sites(path) if javascript else self._sites(path))
        evaluated = evaluations(self.evaluator.tree(path), sites)
        for node, trigger in sites:
            if trigger in self._triggers:
                yield from self._run_by(path, node, trigger, evaluated)

    def _promised_sites(self, path: str) -> Iterator[tuple[int, str]]:
        """The same in a language whose promises others wait for, each once."""
        yield from dict.fromkeys(
            [*self._awaiting.sites(path), *((node, "await") for node in self._promised.sites(path))]
        )

    def _sites(self, path: str) -> Iterator[tuple[int, str]]:
        """The expressions that are used in a way which runs a lazy query, with the word for it."""
        tree = self.evaluator.tree(path)
        for match in _ITERATIONS.finditer(tree.kinds):
            iterable = tree.child(match.start(), Role.ITERABLE)
            if iterable >= 0:
                yield iterable, "async-iterate" if tree.has(match.start(), Flag.ASYNC) else "iterate"
        node = tree.kinds.find(Kind.CALL)
        while node >= 0:
            trigger, arguments = self._consuming.by(path, node)
            for argument in arguments:
                yield argument, trigger
            if trigger == "await":
                yield from ((each, trigger) for each in _spread(tree, node))
            node = tree.kinds.find(Kind.CALL, node + 1)
        node = tree.kinds.find(Kind.AWAIT)
        while node >= 0:
            called = tree.kinds[node + 1] == Kind.CALL and tree.kinds[node + 2] == Kind.ATTRIBUTE
            # Most of what is awaited is a call of something else: a cheap question before a dear one.
            if not called or tree.value(node + 2) in self._awaited["python"]:
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

    def _run_by(
        self, path: str, node: int, trigger: str, evaluated: Mapping[str, Sequence[int]]
    ) -> Iterator[tuple[int, Call]]:
        tree = self.evaluator.tree(path)
        combined = tree.kinds[node] == Kind.BINARY and tree.value(node) in COMBINING
        if not combined and tree.kinds[node] not in _ASKED:
            return
        told: set[str] = set()
        for option in options(self.evaluator.value(path, node)):
            if not isinstance(option, Instance) or not option.steps:
                continue
            lazy = self._lazy(option)
            if lazy is None or option.empty():
                continue
            if trigger not in lazy and not (trigger == "async-iterate" and "iterate" in lazy):
                continue
            if trigger == "await" and tree.kinds[tree.parents[node]] == Kind.AWAIT:
                if not self.evaluator.awaits(path, tree.parents[node]):
                    continue
            if trigger == "await" and self.evaluator.javascript(path):
                if self._awaiting.told_elsewhere(path, node, option):
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
                self._call(
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
                    loaded=_may_be_loaded(option) and (trigger != "await" or isinstance(option.cls, ProjectClass)),
                    keeps=caches and not self._takings.fresh(path, node),
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

    def stands(self, place: Place, node: int, given: Callable[[], tuple[Given, ...]] = tuple) -> None:
        """Keeps where a call stands that is told at another place than its own, and what its conditions are handed."""
        self.origins.setdefault(place, Origin(node, given=given))

    # What did not resolve

    def _of_the_host(self, path: str, node: int, name: str) -> bool:
        """Whether a call is the host language's own: one that takes a function where no library's member of that
        name takes one (`[1, 2].find(x => x > 1)`), or nothing where such a member takes a text (`names.copy()`)."""
        language = "javascript" if self.evaluator.javascript(path) else "python"
        method = self.evaluator.tables.untyped[language].get(name)
        if method is not None and self._of_a_literal(path, node):
            return True
        if method is None or (name in self._callbacks[language] and language == "python"):
            return False
        if name in self._running_text and self.evaluator.tree(path).child(node, Role.ARGUMENT) < 0:
            return True  # what runs a text is given one
        for index, argument in enumerate(self.evaluator.tree(path).with_role(node, Role.ARGUMENT)):
            if method.callback is not None and method.callback.at_argument(str(index)):
                given = options(self.evaluator.value(path, argument))
                return any(isinstance(option, FunctionValue) for option in given)
        return False

    def _of_a_literal(self, path: str, node: int) -> bool:
        """Whether a call is a method of a literal: of a mapping or list that the program makes."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node + 1] != Kind.ATTRIBUTE:
            return False
        held = options(self.evaluator.value(path, node + 2))
        return all(isinstance(option, (Expression, ListOf)) for option in held)

    def _entered(self, path: str, node: int, value: Value, name: str) -> bool:
        """Whether a call is on what a `with` gave, entered with something that no table describes, and looks like a
        database's: by its name it runs a text, and what stands there may be SQL."""
        if not isinstance(value, ExternalValue) or ENTERED not in value.path or name not in self._running_text:
            return False
        tree = self.evaluator.tree(path)
        first = tree.child(node, Role.ARGUMENT)
        return first < 0 or tree.kinds[first] != Kind.STRING or looks_like_sql(tree.value(first))

    def _unresolve(self, path: str, node: int, name: str, value: Value) -> None:
        cause = value.cause if isinstance(value, Unknown) and value.cause else "receiver unknown"
        site = Site(path, node, None)
        self.unresolved.append(Unresolved(self.chains.place(site), name, self.chains.texts.origins.source(site), cause))


class _Foreign:
    """Which members of libraries are called like the host's own methods (`append`, `keys`): whose a call of them is,
    nobody can say by the name."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.tables = evaluator.tables
        roots: dict[str, set[str]] = {"python": set(), "javascript": set()}
        for facts in evaluator.files.values():
            language = "javascript" if evaluator.javascript(facts.path) else "python"
            separator = "/" if language == "javascript" else "."
            for imported in facts.interface.imports:
                words = imported.module.split(separator)
                roots[language].add(separator.join(words[:2] if words[0].startswith("@") else words[:1]))
        # `require` in the midst of an expression is no import.
        packages = self.tables.packages.keys()
        for facts in evaluator.files.values():
            if evaluator.javascript(facts.path):
                roots["javascript"] |= packages & set(facts.body.strings)
        pending = [
            name
            for name, library in self.tables.libraries.items()
            if any(_is_used(library, language, roots[language]) for language in library.languages)
        ]
        self.used: set[str] = set()
        """Libraries that the project imports, and those whose values they give."""
        while pending:
            name = pending.pop()
            if name not in self.used and name in self.tables.libraries:
                self.used.add(name)
                pending += _mentioned(self.tables.libraries[name])

    def nobodys(self, language: str) -> frozenset[str]:
        """Members of which a call on an unknown receiver is no sign: those of libraries that the project does not use,
        unless they run a text, and the host's own names that only key-value stores have, too."""
        if language != "python":
            return frozenset()
        by_library = table_words.telling(self.tables)
        own = (by_library[name] for name in self.used if name in by_library)
        return self.tables.members[language].difference(table_words.running_a_text(self.tables)[language], *own)


def _is_used(library: Library, language: str, roots: set[str]) -> bool:
    if language == "javascript":
        return not roots.isdisjoint(library.packages)
    return any(package.partition(".")[0] in roots for package in library.packages) or _everywhere(library, roots)


def _everywhere(library: Library, roots: Collection[str]) -> bool:
    """Whether a library without packages of its own may be there: it lies in one that is imported, or in none."""
    if library.packages:
        return False
    paths = [*library.functions, *(path for row in library.types.values() for path in row.path)]
    return not paths or any("." not in path or path.partition(".")[0] in roots for path in paths)


def _mentioned(library: Library) -> Iterator[str]:
    """The libraries whose types a table names."""
    for row in library.types.values():
        for word in (row.element, row.keyed, row.enter, *row.extends, *(made.returns for made in row.members.values())):
            yield from _OTHERS.findall(word)
    for function in library.functions.values():
        yield from _OTHERS.findall(function.returns)


def _spread(tree: Tree, call: int) -> Iterator[int]:
    """What stands for each turn of the comprehensions that a call is given as several arguments."""
    for argument in tree.with_role(call, Role.ARGUMENT):
        inner = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.SPREAD else -1
        body = tree.child(inner, Role.BODY) if inner >= 0 and tree.kinds[inner] == Kind.COMPREHENSION else -1
        if body >= 0:
            yield body


def _narrowed(value: Instance) -> int:
    """The step of a chain that says of which row's relation it is; -1: of none."""
    return next(
        (at for at, step in enumerate(value.steps) if step is not ONE_OF_SEVERAL and step.narrows),
        -1,
    )


def _wrapped(tree: Tree, call: int, running: frozenset[str]) -> str:
    """The member that a call makes another function of (`promisify(db.run.bind(db))`): one that it does not call."""
    node = tree.kinds.find(Kind.ATTRIBUTE, call, tree.ends[call])
    while node >= 0:
        if tree.value(node) in running and tree.roles[node] != Role.CALLEE:
            return tree.value(node)
        node = tree.kinds.find(Kind.ATTRIBUTE, node + 1, tree.ends[call])
    return ""


def _may_be_loaded(value: Instance) -> bool:
    """Whether a value is a relation as it stands, whose rows an earlier query may have brought along: then
    nobody can say here that it asks again."""
    narrowed = _narrowed(value)
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
