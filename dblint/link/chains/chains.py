"""From a chain of typed calls to the queries that it runs.

Each step of a chain has a row; its slots say which argument is a condition, a limit, an eager load. The
steps are read in order into clauses, and the row of the last one says that the statement runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Element, Query, Verb, When
from dblint.facts.text import Place, Text
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Member, Slot
from dblint.link import eager, included, keys
from dblint.link.arguments import Site, entries, find, is_row, listed, passed_on
from dblint.link.chains.draft import CLAUSES, Draft
from dblint.link.chains.joins import Joins, derived, from_place
from dblint.link.chains.limits import Limits
from dblint.link.chains.narrowing import Narrowing
from dblint.link.chains.nested import Nested
from dblint.link.chains.ordering import orders
from dblint.link.chains.selecting import Selecting, aggregates, computes, listed_columns
from dblint.link.chains.statements import Statements
from dblint.link.chains.tables import Tables, narrowed
from dblint.link.chains.writes import assignments
from dblint.link.conditions import Scene, finder
from dblint.link.conditions.stages import stages
from dblint.link.conditions.standing import Standing
from dblint.link.plain import Plain
from dblint.link.texts.slotted import Slotted
from dblint.link.usual import Usual
from dblint.link.values import Expression as Written
from dblint.link.values import Instance, LibraryClass, ProjectClass, Step, Unknown, options

if TYPE_CHECKING:
    from dblint.link.models import Models
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator

Parse = Callable[[Text, str], list[Query]]
_OWN = "own:"
_OWN_CLASS = "instance-of-own:"
_RELATED = "related:"
_SCOPED = (("attributes", "projection"), ("limit", "limit"), ("offset", "offset"), ("group", "grouping"))
"""Words of a model's own scope → clauses that a call's own words of the same name replace."""


class Chains:
    """Builds queries from chains. One per evaluator."""

    def __init__(self, evaluator: Evaluator, texts: Texts, models: Models, parse: Parse) -> None:
        self.evaluator = evaluator
        self.texts = texts
        self.plain = Plain(evaluator, texts)
        self.models = models
        self.parse = parse
        self.slotted = Slotted(texts)
        self.standing = Standing(evaluator, texts)
        self.usual = Usual(evaluator)
        self.tables = Tables(self)
        self.joins = Joins(self)
        self.selecting = Selecting(self)
        self.narrowing = Narrowing(self)
        self.limits = Limits(evaluator, texts, self.plain, self.usual)
        self.nested = Nested(self)
        self.statements = Statements(models, self.tables)

    def run(
        self, receiver: Instance | None, row: Member, site: Site, dialect: str, name: str = ""
    ) -> tuple[list[Query], list[Text]]:
        """The queries of a member that runs something, and the texts that stand at this very call."""
        if row.query is not None and row.query.reader == "each":
            return self._together(receiver, row, row.query, site, dialect), []
        draft = Draft()
        place = self.place(site)
        if row.of.startswith(_OWN):
            receiver = self.evaluator.rows.owned.query(row.of.removeprefix(_OWN), receiver)
            draft.opened |= set() if receiver is not None else set(CLAUSES)
        elif row.of.startswith(_OWN_CLASS):
            models = self.evaluator.rows.owned.classes(row.of.removeprefix(_OWN_CLASS), receiver)
            receiver = None
            if len(models) == 1:
                self.tables.put(draft, models[0])
        if not row.attribute and self.evaluator.tree(site.path).kinds[site.node] == Kind.ATTRIBUTE:
            draft.opened |= self._unsaid(row, site)
        if receiver is not None:
            self.tables.receive(draft, receiver)
            draft.handle = self._handle_place(receiver, site)
            reads = row.run == "select"
            for step in receiver.steps if row.run == "insert" else self._steps(draft, receiver, reads=reads):
                # A member that runs nothing only adds to a text that others began.
                if row.run or step.member.builds == "text":
                    self.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        if receiver is not None and row.of.startswith(_RELATED):
            self.tables.of_relation(draft, receiver, row.of.removeprefix(_RELATED), site)
        elif receiver is not None and row.of and not row.of.startswith(_OWN):
            draft.table, draft.model, draft.of = None, "", None
            of = receiver.argument(row.of)
            if of is not None:
                self.tables.put(draft, of)
        draft.texts.clear()
        if row.query is not None:
            self._argument_query(draft, row.query, site)
        self.step(draft, row, site, name, own=True)
        texts = draft.texts
        verb: str = row.run
        if verb == "text" and not texts:
            verb = draft.verb or self._begun_elsewhere(draft, receiver)
        elif verb == "text":
            queries = [
                self.standing.read(query, site, (), [text]) for text in texts for query in self.parse(text, dialect)
            ]
            if row.rows:
                # How often a statement is run is said by what runs it, not by the text.
                queries = [
                    msgspec.structs.replace(query, rows=row.rows) if query.verb.writes else query for query in queries
                ]
            return queries, texts
        if draft.parsed and row.run == "text":
            return draft.parsed, texts
        if not verb:
            return draft.parsed, texts
        query = self.statements.query(draft, verb, row, place, dialect)
        if query.of_keys:
            query = msgspec.structs.replace(query, sql=" ".join((name.upper(), *keys.patterns(query))))
        return [self.standing.read(query, site, draft.branched)], texts

    def _begun_elsewhere(self, draft: Draft, receiver: Instance | None) -> str:
        """The verb of a statement that somebody else began, as the type of what holds it says; more than was seen may
        have been said of it."""
        for cls in self.evaluator.classes.library_types(receiver.cls) if receiver is not None else ():
            verb = self.evaluator.tables.types[cls.name].verb
            if verb:
                draft.opened |= {*CLAUSES, "assignments", "returning"}
                return verb
        return ""

    def _together(self, receiver: Instance | None, row: Member, slot: Slot, site: Site, dialect: str) -> list[Query]:
        """The statements in a list that a member runs with one another, each kind of them once; where they cannot be
        seen, one of which nothing is known but its table."""
        made: list[tuple[Step, ...]] = []
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            for option in options(value):
                alone = isinstance(option, Instance) and option.steps
                for each in (option,) if alone else options(self.evaluator.elements.element(option)):
                    if isinstance(each, Instance) and each.steps:
                        made.append(each.steps)
                    elif isinstance(each, Written) and slot.named and receiver is not None:
                        made += self._written(receiver, Site(each.path, each.node, each.context), slot.named)
        found: dict[tuple[str, int], Query] = {}
        for steps in made:
            draft = self._of_handle(receiver)
            for step in steps:
                self.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
            last = steps[-1]
            found[last.path, last.node] = self.statements.query(draft, draft.verb, row, self.place(site), dialect)
        if not found:
            draft = self._of_handle(receiver)
            verb = row.run if row.run != "text" else ""
            draft.opened.update(CLAUSES if verb != "ddl" else ())
            return [self.statements.query(draft, verb, row, self.place(site), dialect)]
        return list(found.values())

    def _of_handle(self, receiver: Instance | None) -> Draft:
        """A statement of what a receiver is a handle on, where there is one."""
        draft = Draft()
        if receiver is not None:
            self.tables.receive(draft, receiver)
        return draft

    def _written(self, receiver: Instance, site: Site, named: str) -> Iterator[tuple[Step, ...]]:
        """The statement that an object of one key stands for, by the members of a type of the receiver's library."""
        tables = self.evaluator.tables
        types = self.evaluator.classes.library_types(receiver.cls)
        library = tables.library(types[0].name) if types else ""
        rows = tables.types.get(named if ":" in named else f"{library}:{named}")
        for key, inner in entries(self.evaluator, site)[0] if rows is not None else ():
            member = rows.members.get(key) if rows is not None else None
            held = self.plain.literal(inner)
            if member is not None and self.evaluator.tree(held.path).kinds[held.node] == Kind.OBJECT:
                yield (Step(member, key, held.path, held.node, held.context, site.when),)

    def implicit(self, receiver: Instance, site: Site, dialect: str) -> list[Query]:
        """The query that iterating, counting or testing a lazy value runs."""
        draft = Draft()
        self.tables.receive(draft, receiver)
        draft.handle = self._handle_place(receiver, site)
        for step in self._steps(draft, receiver):
            self.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        if draft.verb == "text":
            return draft.parsed
        verb = draft.verb or self._begun_elsewhere(draft, receiver) or "select"
        return [self.statements.query(draft, verb, Member(), self.place(site), dialect)]

    def built(self, site: Site, *, here: bool = False) -> list[Text]:
        """The texts that statements are built of which an expression holds (`text("SELECT 1")`). `here`: only of
        those that are built in the function around it."""
        found: list[Text] = []
        around = self.evaluator.scope(site.path).function(site.node) if here else -1
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            for step in option.steps if isinstance(option, Instance) else ():
                if step.member.builds != "text" or step.member.text is None or step.node < 0:
                    continue
                if here and (step.path, self.evaluator.scope(step.path).function(step.node)) != (site.path, around):
                    continue
                found += self.slotted.texts_of(step.member, Site(step.path, step.node, step.context, step.when))
        return found

    def table_of(self, receiver: Instance | None, row: Member | None = None, site: Site | None = None) -> str:
        """The table that a value is a handle on, or that an inert call names; "" where it cannot be said."""
        draft = Draft()
        if receiver is not None:
            self.tables.receive(draft, receiver)
            for step in receiver.steps:
                if step.member.table is not None and step.node >= 0:
                    self.tables.read(draft, step.member.table, Site(step.path, step.node, step.context, step.when))
        if row is not None and row.table is not None and site is not None:
            self.tables.read(draft, row.table, site)
        return draft.table.name if draft.table is not None else draft.model

    def handle(self, receiver: Instance, site: Site) -> Site:
        """What a chain is begun on (`shelf.books` of `shelf.books.filter(…).count()`), for the call that ends it or the
        place where it runs without one; also where the chain was kept under a name."""
        first = next((step for step in receiver.steps if step.node >= 0), None)
        path, node = (first.path, first.node) if first is not None else (site.path, site.node)
        kinds = self.evaluator.tree(path).kinds
        if kinds[node] == Kind.CALL and kinds[node + 1] == Kind.ATTRIBUTE:
            node += 2
        elif kinds[node] == Kind.SUBSCRIPT and first is not None:
            node += 1
        return Site(path, node, None)

    def _handle_place(self, receiver: Instance, site: Site) -> Place:
        handle = self.handle(receiver, site)
        return self.evaluator.hand(handle.path, handle.node)

    def place(self, site: Site) -> Place:
        """Where an expression stands."""
        tree = self.evaluator.tree(site.path)
        return Place(site.path, tree.starts[site.node], tree.stops[site.node])

    def _steps(self, draft: Draft, receiver: Instance, *, reads: bool = True) -> tuple[Step, ...]:
        """The steps of a chain, behind those that every query of its handle begins with. `reads`: it gives rows."""
        before, hidden = self.evaluator.members.beginnings.of(receiver)
        draft.opened |= set(CLAUSES) if hidden else set()
        self._scope(draft, receiver, reads=reads)
        return (*before, *receiver.steps)

    def _scope(self, draft: Draft, receiver: Instance, *, reads: bool) -> None:
        """What every query of a model begins with, unless a step forgets it."""
        if not isinstance(receiver.cls, LibraryClass) or any("where" in step.member.resets for step in receiver.steps):
            return
        given, hidden = self.models.scope(draft.of)
        draft.opened |= set(CLAUSES) if hidden else set()
        if "where" in given:
            scene = Scene(self.evaluator, draft.table, draft.of, self.models.column)
            reading = finder.read(scene, given["where"])
            draft.opened |= {"where"} if reading.open else set()
            for element in reading.elements:
                draft.add("where", element)
        if "include" in given and reads:
            loads, more = included.loads(self.evaluator, given["include"], draft.of)
            draft.opened |= {"eager"} if more else set()
            for load in loads:
                draft.add("eager", load)
        draft.opened |= {name for word, name in _SCOPED if word in given}

    def step(self, draft: Draft, row: Member, site: Site, name: str, *, own: bool = False) -> None:
        """Adds to a statement what one call says of it, as its row and its arguments have it. `own`: it is the call
        that runs the statement."""
        for clause in row.resets:
            draft.replaced("projection" if clause == "columns" else clause, site.when)
        draft.unsorted = draft.unsorted or "order" in row.resets
        draft.turned = draft.turned is not row.reverses
        if row.builds:
            draft.verb = row.builds
            draft.counting = row
            draft.begun = draft.begun or (site if site.node >= 0 else None)
            if row.query is not None and site.node >= 0:
                self._made_of(draft, row.query, site)
        if row.relates:
            self.tables.related(draft, row.relates)
        draft.distinct = draft.distinct or row.distinct
        draft.conflict = row.conflict or draft.conflict
        draft.expects = row.expects or draft.expects
        if row.rows == "listed":
            draft.rows = "many" if site.node >= 0 and listed(self.evaluator, site) else draft.rows
        elif row.rows == "given":
            draft.rows = "one" if site.node >= 0 and is_row(self.evaluator, "0 1", site) else "handed"
        else:
            draft.rows = row.rows or draft.rows
        if site.node < 0:
            draft.opened |= {
                clause
                for clause, slot in (("where", row.where), ("order", row.order))
                if slot is not None and slot.value == "unsaid"
            }
            if row.where is not None and row.where.value and row.where.value != "unsaid":
                draft.add("where", Element(narrowed(str(row.where.value), draft.handle), site.when))
            if row.limit is not None:
                self.limits.read(draft, "limit", row.limit, site)
            return
        if name in ("[:]", "[i]"):
            self.limits.sliced(draft, site, row=name == "[i]")
            return
        if row.combines:
            self.nested.combine(draft, row, site)
        if row.cte is not None:
            found = find(self.evaluator, row.cte.at, site).sites
            called = [self.evaluator.tree(inner.path).value(inner.node) for inner in found]
            given = find(self.evaluator, row.callback.at, site).sites if row.callback is not None else ()
            seen = [*draft.ctes, *called] if row.cte.value == "recursive" else draft.ctes
            built = [self.nested.built(inner, seen) for inner in given[:1]]
            draft.ctes += called
            draft.parts_named += [
                (self.evaluator.tree(inner.path).value(inner.node), query)
                for inner, query in zip(found, built, strict=False)
                if query is not None
            ]
        if row.table is not None:
            self.tables.read(draft, row.table, site, made=row.run == "insert")
        elif row.alters is not None and row.alters.table and (row.builds == "ddl" or row.alters.change != "other"):
            self.tables.altered(draft, row.alters.table, site)
        for inner in find(self.evaluator, row.alias, site).sites if row.alias else ():
            draft.alias = self.plain.string(inner)
        if (
            row.callback is not None
            and row.callback.fate in ("builder", "conditional")
            and "self" in row.callback.gives
        ):
            self.nested.change(draft, row, site)
        names = {name: one.expression for name, one in draft.names.items()}
        scene = Scene(
            self.evaluator,
            draft.table,
            draft.of,
            self.models.column,
            self.columns_of,
            partial(self.nested.compared, site),
            names,
        )
        if row.key is not None and own:
            self._keys(draft, row.key, site)
        if row.text is not None and (own or not row.run or row.builds == "text"):
            # The text that an earlier step ran is no part of this statement.
            draft.texts += self.slotted.texts_of(row, site)
            if row.builds == "text":
                draft.parsed = [query for text in draft.texts for query in self.parse(text, "")]
        if row.aggregate == "aggregate":
            draft.computed = tuple(aggregates(scene, site))
        if row.computes:
            computes(draft, row, scene, site)
        self.narrowing.fill(row, site)
        if row.where is not None:
            self.narrowing.read(draft, "where", row.where, scene, site, row.compares)
        if row.having is not None:
            self.narrowing.read(draft, "having", row.having, scene, site, row.compares)
        if row.columns is not None:
            of = row.aggregate if not row.run else ""
            self.selecting.read(draft, row.columns, scene, site, begun=bool(draft.verb or row.run), aggregate=of)
        if row.set is not None:
            assignments(draft, row.set, scene, site)
        if row.group is not None:
            listed_columns(draft, "grouping", row.group, scene, site)
        if row.returning is not None:
            listed_columns(draft, "returning", row.returning, scene, site)
        if row.order is not None:
            orders(draft, row.order, scene, site)
        for clause, slot in (("limit", row.limit), ("offset", row.offset)):
            if slot is not None:
                self.limits.read(draft, clause, slot, site)
        if row.eager is not None:
            loads, hidden = eager.read(self.evaluator, row, site, draft.of, self._asked)
            draft.opened |= {"eager"} if hidden else set()
            if site.when is When.ALWAYS and eager.forgets(self.evaluator, row, site):
                before = draft.elements.pop("eager", [])
                draft.elements["eager"] = [load for load in before if load.value.strategy != row.loading]
            for load in loads:
                draft.add("eager", from_place(draft, load))
        if row.stages is not None:
            self._stages(draft, row.stages, scene, site)
        if row.counts_only and any(map(self._is_true, find(self.evaluator, row.counts_only, site).sites)):
            draft.verb, draft.counting = "aggregate", Member(aggregate="count")
        if row.upserts and any(map(self._is_true, find(self.evaluator, row.upserts, site).sites)):
            draft.upserts = True
        if row.lock is not None:
            self._locked(draft, row.lock, site)
        if row.join is not None:
            self.joins.read(draft, row.join, scene, site)

    def _asked(self, chain: Instance, site: Site) -> Query | None:
        """The query of a lazy value that stands in the place of a relation's own."""
        if not chain.steps:
            return None
        return self.implicit(chain, site, "")[0]

    def _locked(self, draft: Draft, slot: Slot, site: Site) -> None:
        """The lock that a call asks for, where something stands there that does not say no."""
        found = find(self.evaluator, slot.at, site) if slot.at else None
        if found is not None and found.open:
            draft.opened.add("locks")
        said = [self.plain.constant(one) for one in found.sites] if found is not None else [""]
        if any(word not in ("false", "null", "undefined") for word in said):
            draft.add("locks", Element(str(slot.value or "update"), site.when))

    def _is_true(self, site: Site) -> bool:
        return self._constant(site) == "true"

    def _constant(self, site: Site) -> str:
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] == Kind.CONSTANT else ""

    def declined(self, row: Member, site: Site) -> bool:
        """Whether a call says that it shall run nothing (`form.save(commit=False)`), or not that it shall
        (`Table("jars", metadata, autoload=True)`)."""
        if row.runs_with:
            found = find(self.evaluator, row.runs_with, site)
            return not any(self._constant(each) not in ("false", "null") for each in found.sites)
        sites = find(self.evaluator, row.runs_if, site).sites if row.runs_if else ()
        return bool(sites) and all(self._constant(each) == "false" for each in sites)

    def _stages(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """The clauses of a pipeline."""
        found = find(self.evaluator, slot.at, site)
        draft.opened |= (
            {"where", "having", "order", "limit", "offset", "projection", "sources"} if found.open else set()
        )
        for inner in found.sites:
            said = stages(scene, inner, self.limits.number)
            draft.opened |= said.opened
            draft.expects = "one" if said.one else draft.expects
            for clause, elements in said.clauses.items():
                for element in elements:
                    draft.add(clause, element)

    def _keys(self, draft: Draft, slot: Slot, site: Site) -> None:
        """The keys that a command is about."""
        if slot.at and find(self.evaluator, slot.at, site).open:
            draft.opened |= {"where", "sources"}
        for source, condition in keys.read(self.texts, slot, site):
            draft.add("where", condition)
            if source is None:
                draft.opened.add("sources")
            else:
                draft.add("sources", source)

    def columns_of(self, held: Instance, site: Site) -> str:
        """The table, or the name of the statement, whose columns a value stands for; "" where it cannot be said."""
        if not derived(held):
            return self.table_of(held)
        tree = self.evaluator.tree(site.path)
        node = site.node + 1 if tree.kinds[site.node] == Kind.ATTRIBUTE else site.node
        return tree.value(node) if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def _unsaid(self, row: Member, site: Site) -> set[str]:
        """The clauses that arguments of a member may decide which is handed on as a function, so that nobody says here
        what it is given."""
        if self.evaluator.tree(site.path).kinds[passed_on(self.evaluator, site)[0]] != Kind.ATTRIBUTE:
            return set()
        slots = {"grouping": row.group, "projection": row.columns}
        return {clause for clause in CLAUSES if slots.get(clause, getattr(row, clause, None))}

    def _made_of(self, draft: Draft, slot: Slot, site: Site) -> None:
        """What a statement is made of by its class: a table, or another statement, beside which others may stand."""
        self._argument_query(draft, slot, site)
        found = find(self.evaluator, slot.at, site).sites
        given = [option for one in found for option in options(self.evaluator.value(one.path, one.node, one.context))]
        plain = given and not any(
            isinstance(one, Unknown) or (isinstance(one, Instance) and (one.open or any(map(_begins, one.steps))))
            for one in given
        )
        draft.opened |= set() if plain else set(CLAUSES)

    def _argument_query(self, draft: Draft, slot: Slot, site: Site) -> None:
        """A statement that another chain built and this member runs (`execute(select(…))`)."""
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            for option in options(value):
                if isinstance(option, Instance):
                    self.tables.receive(draft, option)
                    for step in self._steps(draft, option):
                        self.step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
                    draft.texts.clear()
                    if self.tables.several(value):
                        draft.table, draft.model, draft.of = None, "", None
                    return
                if isinstance(option, (ProjectClass, LibraryClass)):
                    self.tables.put(draft, option)
                    return

    def changed(self, receiver: Instance | None, row: Member, site: Site, dialect: str) -> Query | None:
        """The change of a table's schema that a member makes which runs no statement of its own; None where it cannot
        be said of which."""
        draft = Draft()
        if receiver is not None:
            self.tables.receive(draft, receiver)
        if row.table is not None:
            self.tables.read(draft, row.table, site)
        elif row.alters is not None and row.alters.table:
            self.tables.altered(draft, row.alters.table, site)
        if draft.table is None and not draft.model:
            return None
        return self.statements.query(draft, Verb.DDL, Member(), self.place(site), dialect)


def _begins(step: Step) -> bool:
    return bool(step.member.builds)
