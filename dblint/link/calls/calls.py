"""Finds every place where code makes a library act, also where no call is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Call, Effect, FileRole, Unresolved
from dblint.facts.query import Query
from dblint.facts.text import Place, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link import hosts, table_words
from dblint.link.arguments import Site, find
from dblint.link.batches import Batches
from dblint.link.calls.built import Built, Unasked
from dblint.link.calls.implicit import Implicit
from dblint.link.calls.names import Names, choices
from dblint.link.calls.telling import Origin, Telling, may_be_loaded
from dblint.link.closed import closed
from dblint.link.consuming import Consuming
from dblint.link.elements import ENTERED
from dblint.link.handles import Handles
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.loops.handing import Given
from dblint.link.taking import Takings
from dblint.link.values import (
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

_CALLS = re.compile(b"[" + re.escape(bytes([Kind.CALL, Kind.TAGGED])) + b"]", re.DOTALL)


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
        self.chains = chains
        self.frames = frames
        self.functions = functions
        self.environment = environment
        self.roles = roles
        self.unresolved: list[Unresolved] = []
        self.handles = Handles(evaluator, chains, functions, roles)
        self.names = Names(evaluator)
        self.batches = Batches(evaluator)
        consuming = Consuming(evaluator, self.names.imported)
        self.telling = Telling(evaluator, chains, frames, functions, roles, Takings(evaluator, consuming))
        self.origins = self.telling.origins
        self.subjects = self.telling.subjects
        self.shapes = self.telling.shapes
        self.implicit = Implicit(self.telling, environment, self.batches, consuming, self.names)
        self.built = Built(self.telling, environment, asked=built, uses=uses)
        self._aside: list[Unasked] = []
        self.statements: dict[tuple[Place, str], Text] = {}
        """The texts of statements that a builder was given in the function of the call that runs them, by place and
        member of that call."""
        self._handed: set[int] = set()
        """Nodes of the file at hand that hold a statement and stand where a call runs one."""

    def collect(self, path: str) -> Iterator[Call]:
        """The calls of one file, in order."""
        self._handed.clear()
        self.built.unasked.clear()
        found = [*self._explicit(path), *self._read(path), *self._handed_on(path)]
        found += [*self.built.sliced(path), *self.implicit.collect(path)]
        found.sort(key=lambda item: (item[1].place.start, item[1].place.stop))
        running = {call.place for _, call in found if call.trigger != "built" and call.queries}
        for node, call in found:
            # A statement that is built where it is run, or handed to what runs it, is told by its run.
            told = call.trigger != "built" or (call.place not in running and node not in self._handed)
            if told and not closed(self.evaluator, path, node):
                unasked = self.built.unasked.get(id(call))
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
        yield from (call for _, call in self.implicit.run_by(path, node, "iterate", {}))

    def aside(self) -> Iterator[Call]:
        """The calls that only build a query and were put aside, with as much as the uses of tables ask for."""
        for call, node, value, dialect in self._aside:
            queries = self.chains.implicit(value, Site(call.place.path, node, None), dialect)
            yield msgspec.structs.replace(call, queries=tuple(queries))

    def _explicit(self, path: str) -> Iterator[tuple[int, Call]]:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        kinds, ends = tree.kinds, tree.ends
        language = "javascript" if evaluator.javascript(path) else "python"
        members = self.names.rows[language]
        running = self.names.running[language]
        for match in _CALLS.finditer(kinds):
            node = match.start()
            callee = node + 1
            if callee >= ends[node]:
                continue
            kind = kinds[callee]
            tag = self.names.tags and kinds[node] == Kind.TAGGED
            if kind == Kind.ATTRIBUTE:
                name = tree.value(callee)
                own = self.names.through_handle(tree, callee, language)
                step = own or name in self.names.own_steps(language)
                known = name in members or name in self.names.described or step or tag
                if not known and not (
                    name.startswith(evaluator.tables.beginnings) or evaluator.members.of_relations.may_be(name)
                ):
                    continue
                value = evaluator.value(path, callee)
                yield from self._of_value(path, node, value, name, name in running, step, own)
            elif kind == Kind.NAME:
                name = tree.value(callee)
                if name in self.names.described or tag or self.names.imported(path, name):
                    yield from self._of_value(path, node, evaluator.value(path, callee), name, False)
                elif name in (bound := self.names.bound_to(path, running)):
                    yield from self._chosen(path, node, evaluator.value(path, callee), bound[name])
            elif kind == Kind.CONDITIONAL or kind == Kind.BINARY:
                for chosen in choices(tree, callee):
                    if tree.kinds[chosen] == Kind.ATTRIBUTE and (name := tree.value(chosen)) in running:
                        yield from self._of_value(path, node, evaluator.value(path, chosen), name, True)

    def _read(self, path: str) -> Iterator[tuple[int, Call]]:
        """The attributes whose reading asks the database."""
        evaluator = self.evaluator
        names = self.names.reads["javascript" if evaluator.javascript(path) else "python"]
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

    def _chosen(self, path: str, node: int, value: Value, name: str) -> Iterator[tuple[int, Call]]:
        """A call by a name that holds a member, or one of several: each of them is told by its own name."""
        for option in options(value):
            word = option.name if isinstance(option, BoundMember) else name
            yield from self._of_value(path, node, option, word, False)

    def _handed_on(self, path: str) -> Iterator[tuple[int, Call]]:
        """The members that are handed to what runs them, as functions (`to_thread(rows.get, 1)`)."""
        evaluator = self.evaluator
        running = self.names.running["javascript" if evaluator.javascript(path) else "python"]
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

    def _of_value(
        self, path: str, node: int, value: Value, name: str, running: bool, step: bool = False, handle: bool = False
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
                        unasked = self.built.unasked.get(id(call))
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
                elif construct is not None and construct.builds and self.built.top(path, node):
                    yield from ((node, built) for built in self.built.statements(path, node, word))
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
                if isinstance(option, Instance) and self._tagged(path, node, option) and self.built.top(path, node):
                    yield from ((node, built) for built in self.built.statements(path, node, name))
                if isinstance(option, ProjectClass):
                    yield from self._constructed(path, node, option)
                if isinstance(option, ProjectClass) and self._begins(option) and self.built.top(path, node):
                    word = self.evaluator.classes.class_name(option)
                    yield from ((node, built) for built in self.built.statements(path, node, word))
                if step and self.built.by_own_member(option, handle) and self.built.top(path, node):
                    yield from ((node, built) for built in self.built.statements(path, node, name))
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
                if row.inert != "handle" or self.built.top(path, node):
                    self.handles.note(path, node, receiver, row, name, self._receiver_name(option))
                return
            if self.built.top(path, node):
                yield from ((node, built) for built in self.built.statements(path, node))
            if row.text is None:
                return
        if row.tagged == "only" and self.evaluator.tree(path).kinds[node] != Kind.TAGGED:
            return
        if row.run and receiver is not None and receiver.empty():
            return
        if self.chains.declined(row, site):
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
        call = self.telling.call(
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
            loaded=receiver is not None and row.loaded and may_be_loaded(receiver),
            asked=option,
            unrun=self.telling.unstarted(path, node, row, name, receiver),
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

    def stands(
        self,
        place: Place,
        node: int,
        given: Callable[[], tuple[Given, ...]] = tuple,
        targets: Callable[[], tuple[int, ...]] = tuple,
    ) -> None:
        """Keeps where a call stands that is told at another place than its own, what its conditions are handed, and
        what decides which table it asks."""
        self.origins.setdefault(place, Origin(node, targets, given=given))

    def _of_the_host(self, path: str, node: int, name: str) -> bool:
        """Whether a call is the host language's own: one that takes a function where no library's member of that
        name takes one (`[1, 2].find(x => x > 1)`), or nothing where such a member takes a text (`names.copy()`); or
        stands for a function of the database (`func.count()`)."""
        language = "javascript" if self.evaluator.javascript(path) else "python"
        if self._of_a_statement(path, node):
            return True
        method = self.evaluator.tables.untyped[language].get(name)
        if method is not None and self._of_a_literal(path, node):
            return True
        if method is None or (name in self.names.taking_functions[language] and language == "python"):
            return False
        if name in self.names.running_text and self.evaluator.tree(path).child(node, Role.ARGUMENT) < 0:
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

    def _of_a_statement(self, path: str, node: int) -> bool:
        """Whether a call is a function of the database, which is part of a statement."""
        types = self.evaluator.tables.types
        return self.evaluator.tree(path).kinds[node + 1] == Kind.ATTRIBUTE and any(
            types[cls.name].names_functions
            for option in options(self.evaluator.value(path, node + 2))
            if isinstance(option, Instance)
            for cls in self.evaluator.classes.library_types(option.cls)
        )

    def _entered(self, path: str, node: int, value: Value, name: str) -> bool:
        """Whether a call is on what a `with` gave, entered with something that no table describes, and looks like a
        database's: by its name it runs a text, and what stands there may be SQL."""
        if not isinstance(value, ExternalValue) or ENTERED not in value.path or name not in self.names.running_text:
            return False
        tree = self.evaluator.tree(path)
        first = tree.child(node, Role.ARGUMENT)
        return first < 0 or tree.kinds[first] != Kind.STRING or looks_like_sql(tree.value(first))

    def _unresolve(self, path: str, node: int, name: str, value: Value) -> None:
        cause = value.cause if isinstance(value, Unknown) and value.cause else "receiver unknown"
        site = Site(path, node, None)
        self.unresolved.append(Unresolved(self.chains.place(site), name, self.chains.texts.origins.source(site), cause))
