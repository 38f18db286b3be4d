"""From a chain of typed calls to the queries that it runs.

Each step of a chain has a row; its slots say which argument is a condition, a limit, an eager load. The
steps are read in order into clauses, and the row of the last one says that the statement runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from dblint.facts.query import (
    KEY_VALUE_STORES,
    And,
    Assignment,
    Bound,
    Clause,
    Column,
    Compare,
    Condition,
    Eager,
    Element,
    Expression,
    Function,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Order,
    Query,
    Source,
    Star,
    Verb,
    When,
)
from dblint.facts.query import Value as Parameter
from dblint.facts.schema import Table
from dblint.facts.text import Literal, Origin, Place, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member, Slot
from dblint.link import eager, included, keys
from dblint.link.arguments import Found, Site, entries, find, is_row, keywords, listed, passed_on
from dblint.link.building import Building
from dblint.link.conditions import (
    Reading,
    Scene,
    columns,
    computed,
    document,
    document_clauses,
    documents,
    finder,
    identifiers,
    lookups,
    mql,
    mql_clauses,
    operators,
    resources,
    triples,
)
from dblint.link.conditions.computed import Computed
from dblint.link.conditions.stages import stages
from dblint.link.conditions.standing import Standing, places
from dblint.link.loops.filling import filled
from dblint.link.magnitudes import Magnitudes
from dblint.link.plain import Plain
from dblint.link.relating import relating
from dblint.link.texts.slotted import Slotted
from dblint.link.usual import Usual
from dblint.link.values import (
    NAMED,
    Instance,
    LibraryClass,
    ProjectClass,
    SchemaModel,
    Step,
    Unknown,
    Value,
    options,
)
from dblint.link.values import Expression as Written

if TYPE_CHECKING:
    from dblint.link.models import Models
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator

RANDOM = "?"
"""How names of columns to sort by say that there is no order."""
COLUMNS = 500
"""Columns of one statement that are read of what gives its rows a shape."""
COLUMN_NODES = 40
"""Nodes of a selected expression among which its model is looked for."""
_NESTED = frozenset({"query", "exists"})
"""What a query inside another one stands for."""
JOINS = ("left", "right", "full", "cross", "inner")
Parse = Callable[[Text, str], list[Query]]


class Draft(msgspec.Struct):
    """A statement while its steps are read."""

    verb: str = ""
    counting: Member = Member()  # what began the statement: it says what is aggregated
    begun: Site | None = None  # where the first step began it
    elements: dict[str, list[Element[Any]]] = msgspec.field(default_factory=dict)
    opened: set[str] = msgspec.field(default_factory=set)
    table: Table | None = None
    model: str = ""
    of: Value | None = None
    alias: str = ""
    """Another name that the table has in the statement."""
    places: dict[str, tuple[Value, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    """By their other names in the statement, the models that relations lead to, and the ways there."""
    schema: str = ""
    ctes: list[str] = msgspec.field(default_factory=list)
    parts_named: list[tuple[str, Query]] = msgspec.field(default_factory=list)
    """Names of parts of the statement."""
    named: bool = False
    unsorted: bool = False  # a step took away every order, also the model's own
    turned: bool = False  # the order is turned around
    set_operation: str = ""
    parts: tuple[Query, ...] = ()
    selected: dict[str, Source] = msgspec.field(default_factory=dict)
    """The tables of what is selected, by name."""
    compared: list[ProjectClass] = msgspec.field(default_factory=list)
    """The models whose columns conditions name."""
    by_key: bool = False  # the library sorts by the primary key what is limited and not sorted otherwise
    handle: Place | None = None
    between: str = ""  # the table between the rows and the one that they are related to
    computed: tuple[Expression, ...] = ()
    names: dict[str, Computed] = msgspec.field(default_factory=dict)
    """What earlier steps compute, by name."""
    distinct: bool = False
    nests: bool = False  # rows of relations are written, too
    expects: str = ""
    rows: str = ""
    upserts: bool = False
    conflict: str = ""
    texts: list[Text] = msgspec.field(default_factory=list)
    parsed: list[Query] = msgspec.field(default_factory=list)
    branched: list[Site] = msgspec.field(default_factory=list)
    """Where branches add conditions."""

    def add(self, clause: str, element: Element[Any]) -> None:
        """One more element of a clause."""
        self.elements.setdefault(clause, []).append(element)

    def clause(self, name: str) -> Clause[Any]:
        """The clause as a fact."""
        return Clause(tuple(self.elements.get(name, ())), name in self.opened)


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
        self.building = Building(evaluator)
        self.magnitudes = Magnitudes(texts.origins)

    def run(
        self, receiver: Instance | None, row: Member, site: Site, dialect: str, name: str = ""
    ) -> tuple[list[Query], list[Text]]:
        """The queries of a member that runs something, and the texts that stand at this very call."""
        if row.query is not None and row.query.reader == "each" and receiver is not None:
            return self._together(receiver, row, row.query, site, dialect), []
        draft = Draft()
        place = self.place(site)
        if row.of.startswith(_OWN):
            receiver = self.evaluator.rows.owned.query(row.of.removeprefix(_OWN), receiver)
            draft.opened |= set() if receiver is not None else set(_CLAUSES)
        elif row.of.startswith(_OWN_CLASS):
            models = self.evaluator.rows.owned.classes(row.of.removeprefix(_OWN_CLASS), receiver)
            receiver = None
            if len(models) == 1:
                self._model(draft, models[0])
        if not row.attribute and self.evaluator.tree(site.path).kinds[site.node] == Kind.ATTRIBUTE:
            draft.opened |= self._unsaid(row, site)
        if receiver is not None:
            self._receiver(draft, receiver)
            draft.handle = self._handle_place(receiver, site)
            reads = row.run == "select"
            for step in receiver.steps if row.run == "insert" else self._steps(draft, receiver, reads=reads):
                # A member that runs nothing only adds to a text that others began.
                if row.run or step.member.builds == "text":
                    self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        if receiver is not None and row.of.startswith(_RELATED):
            self._of_relation(draft, receiver, row.of.removeprefix(_RELATED), site)
        elif receiver is not None and row.of and not row.of.startswith(_OWN):
            draft.table, draft.model, draft.of = None, "", None
            of = receiver.argument(row.of)
            if of is not None:
                self._model(draft, of)
        draft.texts.clear()
        if row.query is not None:
            self._argument_query(draft, row.query, site)
        self._step(draft, row, site, name, own=True)
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
        query = self._query(draft, verb, row, place, dialect)
        if query.of_keys:
            query = msgspec.structs.replace(query, sql=" ".join((name.upper(), *keys.patterns(query))))
        return [self.standing.read(query, site, draft.branched)], texts

    def _begun_elsewhere(self, draft: Draft, receiver: Instance | None) -> str:
        """The verb of a statement that somebody else began, as the type of what holds it says; more than was seen may
        have been said of it."""
        for cls in self.evaluator.classes.library_types(receiver.cls) if receiver is not None else ():
            verb = self.evaluator.tables.types[cls.name].verb
            if verb:
                draft.opened |= {*_CLAUSES, "assignments", "returning"}
                return verb
        return ""

    def _together(self, receiver: Instance, row: Member, slot: Slot, site: Site, dialect: str) -> list[Query]:
        """The statements in a list that a member runs with one another, each kind of them once; where they cannot be
        seen, one of which nothing is known but its table."""
        made: list[tuple[Step, ...]] = []
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            for option in options(value):
                for each in options(self.evaluator.elements.element(option)):
                    if isinstance(each, Instance) and each.steps:
                        made.append(each.steps)
                    elif isinstance(each, Written) and slot.named:
                        made += self._written(receiver, Site(each.path, each.node, each.context), slot.named)
        found: dict[tuple[str, int], Query] = {}
        for steps in made:
            draft = Draft()
            self._receiver(draft, receiver)
            for step in steps:
                self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
            last = steps[-1]
            found[last.path, last.node] = self._query(draft, draft.verb, row, self.place(site), dialect)
        if not found:
            draft = Draft()
            self._receiver(draft, receiver)
            draft.opened.update(_CLAUSES)
            return [self._query(draft, "", row, self.place(site), dialect)]
        return list(found.values())

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
        self._receiver(draft, receiver)
        draft.handle = self._handle_place(receiver, site)
        for step in self._steps(draft, receiver):
            self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        if draft.verb == "text":
            return draft.parsed
        return [self._query(draft, draft.verb or "select", Member(), self.place(site), dialect)]

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
            self._receiver(draft, receiver)
            for step in receiver.steps:
                if step.member.table is not None and step.node >= 0:
                    self._table(draft, step.member.table, Site(step.path, step.node, step.context, step.when))
        if row is not None and row.table is not None and site is not None:
            self._table(draft, row.table, site)
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

    # Steps

    def _steps(self, draft: Draft, receiver: Instance, *, reads: bool = True) -> tuple[Step, ...]:
        """The steps of a chain, behind those that every query of its handle begins with. `reads`: it gives rows."""
        before, hidden = self.evaluator.members.beginnings.of(receiver)
        draft.opened |= set(_CLAUSES) if hidden else set()
        self._scope(draft, receiver, reads=reads)
        return (*before, *receiver.steps)

    def _scope(self, draft: Draft, receiver: Instance, *, reads: bool) -> None:
        """What every query of a model begins with, unless a step forgets it."""
        if not isinstance(receiver.cls, LibraryClass) or any("where" in step.member.resets for step in receiver.steps):
            return
        given, hidden = self.models.scope(draft.of)
        draft.opened |= set(_CLAUSES) if hidden else set()
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

    def _receiver(self, draft: Draft, receiver: Instance) -> None:
        draft.opened |= set(_CLAUSES) if receiver.open else set()
        evaluator = self.evaluator
        for cls in evaluator.classes.library_types(receiver.cls):
            row = evaluator.tables.types[cls.name]
            named = receiver.argument(row.names_table) if row.names_table else None
            if isinstance(named, Written):
                word = self.plain.string(Site(named.path, named.node, named.context))
                if word:
                    self._model(draft, SchemaModel(word, NAMED))
                    self._named(draft, word)
                    return
            if row.model:
                model = receiver.argument(row.model)
                if model is None:
                    model = next((value for key, value in cls.arguments if key == row.model), None)
                if model is None:
                    for ancestor in evaluator.classes.mro(receiver.cls):
                        if isinstance(ancestor, LibraryClass):
                            model = model or dict(ancestor.arguments).get(row.model)
                if model is None and row.bound_by:
                    model = evaluator.rows.parameter(row.model, receiver)
                if model is None and receiver.virtual and isinstance(receiver.cls, ProjectClass):
                    model = self.models.asked_through(receiver.cls)
                    if model is not None and evaluator.classes.underway(receiver.cls):
                        draft.opened |= set(_CLAUSES)  # a method of a query set: others may have begun it
                if model is not None:
                    self._model(draft, model)
                    self._between(draft, receiver)
                    return
        if self.models.table(receiver.cls) is not None:
            self._model(draft, receiver.cls)

    def _between(self, draft: Draft, receiver: Instance) -> None:
        """The table between two whose rows a many-to-many relation relates (`joined` of the model's type)."""
        join = receiver.argument("J")
        if join is None or not any(step.narrows for step in receiver.steps):
            return
        behind = self.evaluator.classes.behind(join) if isinstance(join, LibraryClass) else join
        table = self.models.table(behind)
        draft.between = table.name if table is not None else ""

    def _model(self, draft: Draft, model: Value) -> None:
        if isinstance(model, LibraryClass):
            model = self.evaluator.classes.behind(model)
        if not isinstance(model, (SchemaModel, ProjectClass, LibraryClass)):
            return
        if isinstance(model, SchemaModel):
            model = self.models.named(model)
        draft.of = model
        table = self.models.table(model)
        if table is not None:
            draft.table = table
        if isinstance(model, SchemaModel):
            draft.model = model.name if model.schema != NAMED else ""  # nothing but a name: no model
        elif table is not None or isinstance(model, ProjectClass):
            draft.model = self.evaluator.classes.class_name(model)

    def _step(self, draft: Draft, row: Member, site: Site, name: str, *, own: bool = False) -> None:
        for clause in row.resets:
            draft.elements.pop("projection" if clause == "columns" else clause, None)
        draft.unsorted = draft.unsorted or "order" in row.resets
        draft.turned = draft.turned is not row.reverses
        if row.builds:
            draft.verb = row.builds
            draft.counting = row
            draft.begun = draft.begun or (site if site.node >= 0 else None)
        if row.relates:
            self._related(draft, row.relates)
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
                draft.add("where", Element(self._narrowed(str(row.where.value), draft.handle), site.when))
            if row.limit is not None:
                self._bound(draft, "limit", row.limit, site)
            return
        if name in ("[:]", "[i]"):
            self._slice(draft, site, row=name == "[i]")
            return
        if row.combines:
            self._combined(draft, row, site)
        if row.cte is not None:
            found = find(self.evaluator, row.cte.at, site).sites
            parts = [self.evaluator.tree(inner.path).value(inner.node) for inner in found]
            given = find(self.evaluator, row.callback.at, site).sites if row.callback is not None else ()
            seen = [*draft.ctes, *parts] if row.cte.value == "recursive" else draft.ctes
            built = [self._built_query(inner, seen) for inner in given[:1]]
            draft.ctes += parts
            draft.parts_named += [
                (self.evaluator.tree(inner.path).value(inner.node), query)
                for inner, query in zip(found, built, strict=False)
                if query is not None
            ]
        if row.table is not None:
            self._table(draft, row.table, site, made=row.run == "insert")
        elif row.alters is not None and row.alters.table and (row.builds == "ddl" or row.alters.change != "other"):
            self._altered(draft, row.alters.table, site)
        for inner in find(self.evaluator, row.alias, site).sites if row.alias else ():
            draft.alias = self.plain.string(inner)
        if (
            row.callback is not None
            and row.callback.fate in ("builder", "conditional")
            and "self" in row.callback.gives
        ):
            self._changed(draft, row, site)
        names = {name: one.expression for name, one in draft.names.items()}
        scene = Scene(
            self.evaluator,
            draft.table,
            draft.of,
            self.models.column,
            self.columns_of,
            partial(self._compared, site),
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
            draft.computed = tuple(self._computed(scene, site))
        if row.computes:
            self._computes(draft, row, scene, site)
        self._fill(row, site)
        if row.where is not None:
            self._conditions(draft, "where", row.where, scene, site, row.compares)
        if row.having is not None:
            self._conditions(draft, "having", row.having, scene, site, row.compares)
        if row.columns is not None:
            of = row.aggregate if not row.run else ""
            self._columns(draft, row.columns, scene, site, begun=bool(draft.verb or row.run), aggregate=of)
        if row.set is not None:
            self._assignments(draft, row.set, scene, site)
        if row.group is not None:
            self._listed(draft, "grouping", row.group, scene, site)
        if row.returning is not None:
            self._listed(draft, "returning", row.returning, scene, site)
        if row.order is not None:
            self._orders(draft, row.order, scene, site)
        for clause, slot in (("limit", row.limit), ("offset", row.offset)):
            if slot is not None:
                self._bound(draft, clause, slot, site)
        if row.eager is not None:
            loads, hidden = eager.read(self.evaluator, row, site, draft.of, self._asked)
            draft.opened |= {"eager"} if hidden else set()
            if site.when is When.ALWAYS and eager.forgets(self.evaluator, row, site):
                before = draft.elements.pop("eager", [])
                draft.elements["eager"] = [load for load in before if load.value.strategy != row.loading]
            for load in loads:
                draft.add("eager", self._from_place(draft, load))
        if row.stages is not None:
            self._stages(draft, row.stages, scene, site)
        if row.counts_only and any(map(self._is_true, find(self.evaluator, row.counts_only, site).sites)):
            draft.verb, draft.counting = "aggregate", Member(aggregate="count")
        if row.upserts and any(map(self._is_true, find(self.evaluator, row.upserts, site).sites)):
            draft.upserts = True
        if row.lock is not None:
            self._locked(draft, row.lock, site)
        if row.join is not None:
            self._joined(draft, row.join, scene, site)

    def _changed(self, draft: Draft, row: Member, site: Site) -> None:
        """What the function does to the statement that a call is given (`modify(builder => builder.where(…))`)."""
        for inner in find(self.evaluator, row.callback.at if row.callback is not None else "", site).sites:
            steps, hidden = self.building.steps(inner)
            sometimes = row.callback is not None and row.callback.fate == "conditional"
            for step in steps:
                when = When.SOMETIMES if sometimes else step.when
                self._step(draft, step.member, Site(step.path, step.node, step.context, when), step.name)
            draft.opened |= set(_CLAUSES) if hidden else set()

    def _built_query(self, site: Site, ctes: Sequence[str] = ()) -> Query | None:
        """The statement that a function builds of nothing (`whereIn("id", function () { this.from("t") })`). `ctes`:
        the parts of the statement around it that it may name as tables."""
        steps, hidden = self.building.steps(site)
        if not steps or hidden:
            return None
        draft = Draft(ctes=list(ctes))
        for step in steps:
            self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        return self._query(draft, draft.verb or Verb.SELECT, Member(), self.place(site), "")

    def _grouped(self, scene: Scene, site: Site) -> tuple[list[Element[Condition]], bool]:
        """The conditions that a function puts together on a statement of its own, as one."""
        steps, hidden = self.building.steps(site)
        draft = Draft(table=scene.table, of=scene.model)
        for step in steps:
            self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
        hidden = hidden or "where" in draft.opened
        elements = draft.elements.get("where", [])
        if not elements:
            return [], hidden
        sure = any(element.when is When.ALWAYS for element in elements)
        when = site.when if sure else When.SOMETIMES
        parts = tuple(element.value for element in elements)
        return [Element(parts[0] if len(parts) == 1 else And(parts), when)], hidden

    def _asked(self, chain: Instance, site: Site) -> Query | None:
        """The query of a lazy value that stands in the place of a relation's own."""
        if not chain.steps:
            return None
        return self.implicit(chain, site, "")[0]

    def _nested(self, around: Site, site: Site) -> Query | None:
        """The query that a value stands for which is a part of another one."""
        values = options(self.evaluator.value(site.path, site.node, site.context))
        value = values[0] if len(values) == 1 else None
        if not isinstance(value, Instance) or not value.steps or value.open or site.node == around.node:
            return None
        if any(step.member.run for step in value.steps) or not self._selects(value):
            return None
        return self.implicit(value, site, "")[0]

    def _compared(self, around: Site, site: Site) -> Query | None:
        """The query that stands in the place of a value: one of a model's rows gives their keys there."""
        query = self._nested(around, site)
        if query is None or query.projection.possibly() or query.set_operation:
            return query
        draft = Draft()
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Instance):
                self._receiver(draft, option)
        keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
        if len(keys) != 1 or len(keys[0]) != 1:
            return query
        return msgspec.structs.replace(query, projection=Clause((Element(Column(keys[0][0])),)))

    def _selects(self, value: Instance) -> bool:
        """Whether a value is a query that reads, and was not run."""
        if any(step.member.builds for step in value.steps):
            return all(step.member.builds in ("", "select") for step in value.steps)
        rows = [self.evaluator.tables.types[cls.name] for cls in self.evaluator.classes.library_types(value.cls)]
        return any(row.runs_on for row in rows)

    def _combined(self, draft: Draft, row: Member, site: Site) -> None:
        """The statement so far and those that a call is given, put together; what follows is said of all."""
        word: str = row.combines
        if any(
            name == "all" and self.evaluator.tree(inner.path).value(inner.node) == "true"
            for name, inner in keywords(self.evaluator, site)[0]
        ):
            word = f"{word} all"
        found = find(self.evaluator, "*", site)
        parts = [self._query(draft, Verb.SELECT, Member(), self.place(site), "")]
        for inner in (each for given in found.sites for each in self._several_of(given)):
            part = self._nested(site, inner)
            if part is None and self.evaluator.tree(inner.path).kinds[inner.node] == Kind.FUNCTION:
                part = self._built_query(inner, draft.ctes)
            parts.append(part if part is not None else Query(Verb.SELECT, sources=Clause(open=True)))
        if found.open:
            parts.append(Query(Verb.SELECT, sources=Clause(open=True)))
        draft.set_operation, draft.parts = word, tuple(parts)
        # Rows of all of them are made as the first says: with what it loads along.
        draft.elements = {clause: found for clause, found in draft.elements.items() if clause == "eager"}
        draft.opened &= {"eager"}
        draft.selected.clear()
        draft.distinct = False
        draft.unsorted = True

    def _several_of(self, site: Site) -> list[Site]:
        """The elements of a list literal; any other expression alone."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.LIST:
            return [site]
        return [Site(site.path, child, site.context, site.when) for child in tree.children(site.node)]

    def _shaped(self, sites: Sequence[Site]) -> tuple[list[Site], bool]:
        """The columns of rows that are given a shape: the values of object literals, also of those inside them
        (`select({ jar: { id: jars.id }, shelf: shelves })`); and whether there may be more."""
        found: list[Site] = []
        hidden = False
        pending = list(reversed(sites))
        for _ in range(COLUMNS):
            if not pending:
                break
            site = pending.pop()
            tree = self.evaluator.tree(site.path)
            if not self.evaluator.javascript(site.path) or tree.kinds[site.node] != Kind.OBJECT:
                found.append(site)
                continue
            pairs, more = entries(self.evaluator, site)
            hidden = hidden or more
            pending += [value for _, value in reversed(pairs)]
        return found, hidden or bool(pending)

    def _listed(self, draft: Draft, clause: str, slot: Slot, scene: Scene, site: Site) -> None:
        """Columns and expressions by which rows are grouped, or that a write gives back."""
        found = find(self.evaluator, slot.at, site)
        if slot.reader == "resources":
            for inner in found.sites:
                columns_named, hidden = resources.columns(scene, inner)
                draft.opened |= {clause} if hidden else set()
                for each in columns_named:
                    draft.add(clause, each)
            return
        if found.open or slot.reader not in ("operators", "names", "identifiers"):
            draft.opened.add(clause)
            return
        listed = [each for given in found.sites for each in self._several_of(given)]
        sites, more = self._shaped(found.sites) if slot.reader == "operators" else (listed, False)
        draft.opened |= {clause} if more else set()
        for inner in sites:
            if slot.reader == "identifiers":
                named, hidden = identifiers.expressions(scene, inner)
                draft.opened |= {clause} if hidden else set()
                for each in named:
                    draft.add(clause, each)
                continue
            tree = self.evaluator.tree(inner.path)
            if tree.kinds[inner.node] == Kind.STRING:
                draft.add(clause, Element(Column(scene.column(tree.value(inner.node))), inner.when))
            elif slot.reader == "operators":
                draft.add(clause, Element(operators.expression(scene, inner), inner.when))
            else:
                draft.opened.add(clause)

    def _keyed(self, draft: Draft, slot: Slot, site: Site) -> Iterator[Element[Condition]]:
        """The row that the value at a place is the key of, or the rows whose keys or selves it lists."""
        keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
        columns = tuple(map(Column, keys[0])) if keys else (Column(""),)
        for inner in find(self.evaluator, slot.of, site).sites if slot.of else ():
            name = self.evaluator.tree(inner.path).value(inner.node)
            column = draft.table.column(name) if draft.table is not None else None
            columns = (Column(column.name if column is not None else name),)
        if slot.value:
            places = [(draft.handle, When.ALWAYS, False)]
        else:
            found = find(self.evaluator, slot.at, site).sites
            places = [
                (
                    self.evaluator.hand(inner.path, inner.node),
                    inner.when,
                    self.evaluator.tree(inner.path).kinds[inner.node] == Kind.LIST,
                )
                for inner in found
            ]
        for place, when, several in places:
            if len(columns) > 1:
                yield Element(OpaqueCondition(columns=columns), when)
            elif slot.reader == "key-list" or several:
                yield Element(Compare(columns[0], "in", Parameter("list", "", Origin.UNKNOWN, place)), when)
            else:
                yield Element(Compare(columns[0], "=", Parameter("parameter", "", Origin.UNKNOWN, place)), when)

    def _related(self, draft: Draft, word: str) -> None:
        """The rows that are written where a row is related to others, or no longer is."""
        begun = draft.begun
        written = relating(self.evaluator, self.models, self.plain, begun, word) if begun is not None else None
        if written is None:
            draft.table, draft.model, draft.of = None, "", None  # nobody knows what keeps the relation
            return
        draft.verb = written.verb
        draft.table, draft.model, draft.of = None, "", None
        self._model(draft, written.model)
        draft.elements.pop("where", None)  # it says which rows are related, and not which are written
        draft.opened = draft.opened - {"where"} if draft.verb == Verb.INSERT else draft.opened | {"where"}

    def _of_relation(self, draft: Draft, receiver: Instance, at: str, site: Site) -> None:
        """The statement is of what a relation of the row at hand leads to, by the text that names it."""
        draft.table, draft.model, draft.of = None, "", None
        named = [self.plain.string(inner) for inner in find(self.evaluator, at, site).sites]
        related = self.models.relation(receiver.cls, named[0].partition(".")[0]) if len(named) == 1 else None
        if related is not None:
            self._model(draft, related.model)
            columns = related.relation.target_columns
            draft.add("where", Element(self._narrowed(columns[0] if columns else "*", draft.handle), site.when))
            draft.expects = "" if related.many else "one"

    def _of_parent(self, draft: Draft, slot: Slot, site: Site) -> Iterator[Element[Condition]]:
        """The key by which rows refer to the row at a place, by the one relation that leads to its model; where that
        cannot be said, a condition on one of the keys by which they refer to others."""
        related = self.models.relations(draft.of).values() if draft.of is not None else ()
        leading = [each for each in related if not each.many and len(each.relation.columns) == 1]
        for inner in find(self.evaluator, slot.at, site).sites:
            given = options(self.evaluator.value(inner.path, inner.node, inner.context))
            classes = [option.cls if isinstance(option, Instance) else None for option in given]
            chosen = [each.relation.columns for each in leading if [each.model] == classes]
            if len(chosen) == 1:
                place = self.evaluator.hand(inner.path, inner.node)
                yield Element(self._narrowed(chosen[0][0], place), inner.when)
            else:
                columns = dict.fromkeys(each.relation.columns[0] for each in leading)
                yield Element(OpaqueCondition(columns=tuple(map(Column, columns))), inner.when)

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
        """Whether a call says that it shall run nothing (`form.save(commit=False)`)."""
        sites = find(self.evaluator, row.runs_if, site).sites if row.runs_if else ()
        return bool(sites) and all(self._constant(each) == "false" for each in sites)

    def _stages(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """The clauses of a pipeline."""
        found = find(self.evaluator, slot.at, site)
        draft.opened |= (
            {"where", "having", "order", "limit", "offset", "projection", "sources"} if found.open else set()
        )
        for inner in found.sites:
            said = stages(scene, inner, self.number)
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

    @staticmethod
    def _computed(scene: Scene, site: Site) -> Iterator[Expression]:
        """The aggregates that a call is given (`aggregate(Max("number"))`)."""
        for one in computed.read(scene, site)[0].values():
            if isinstance(one.expression, Function):
                yield one.expression
                continue
            hidden = one.expression if isinstance(one.expression, OpaqueExpression) else OpaqueExpression()
            yield Function(one.aggregate, (hidden,)) if one.aggregate else hidden

    @staticmethod
    def _computes(draft: Draft, row: Member, scene: Scene, site: Site) -> None:
        """What a step computes and names. An aggregate makes groups of what is selected so far, which is one group for
        each row where nothing is."""
        found, hidden = computed.read(scene, site)
        keys = [key.columns for key in draft.table.keys if key.kind == "primary"] if draft.table is not None else []
        selected = draft.elements.get("projection", [])
        if hidden:
            draft.opened |= {"projection", "grouping", "where", "having", "order"}
        if any(one.aggregate for one in found.values()) and not draft.elements.get("grouping"):
            before = [each for each in selected if isinstance(each.value, Column)]
            if "projection" in draft.opened or not (before or keys):
                draft.opened.add("grouping")
            for each in before or [Element(Column(name), site.when) for name in (keys[0] if keys else ())]:
                draft.add("grouping", each)
        draft.names.update(found)
        if row.computes == "named":
            return
        if not selected and draft.table is not None and draft.table.columns:
            for column in draft.table.columns:
                draft.add("projection", Element(Column(column.name), site.when))
        elif not selected:
            draft.opened.add("projection")
        for one in found.values():
            draft.add("projection", Element(one.expression, site.when))

    def _joined(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """A model that is joined, by itself or by a relation to it; anything else leaves the sources open."""
        if slot.reader == "identifiers":
            self._joined_by_name(draft, slot, scene, site)
            return
        if slot.reader == "relation-path" and self._joined_along(draft, slot, site):
            return
        for inner in find(self.evaluator, slot.at, site).sites:
            how = self._how(slot.how, site) or str(slot.value)
            conditions = find(self.evaluator, slot.on, site).sites if slot.on else ()
            on = operators.read(scene, conditions[0]).elements[0].value if conditions else None
            held = self._held(self.evaluator.value(inner.path, inner.node, inner.context))
            if held is not None:
                source = msgspec.structs.replace(self._source(held, inner, how), on=on)
                draft.add("sources", Element(source, site.when))
                self._joins(draft, held, scene)
                continue
            models, alias = self._behind(inner)
            tables = [(self.models.table(model), model) for model in models]
            if not tables or any(table is None for table, _ in tables):
                draft.opened.add("sources")
                continue
            for table, model in tables:
                if table is not None:
                    name = self.evaluator.classes.class_name(model) if isinstance(model, ProjectClass) else ""
                    source = Source(table.name, alias, join=how, schema=table.schema, model=name, on=on)
                    draft.add("sources", Element(source, site.when))

    def _joined_along(self, draft: Draft, slot: Slot, site: Site) -> bool:
        """The table that a relation leads to, by a text of the name of one that is there and the relation's
        (`leftJoin("jar.shelf", "s")`); False where the place holds anything else, or what cannot be said."""
        sites = find(self.evaluator, slot.at, site).sites
        owner, _, name = (self.plain.string(sites[0]) if len(sites) == 1 else "").rpartition(".")
        model, way = draft.places.get(owner, (draft.of, ()))
        if not owner or model is None or (owner not in (draft.alias, draft.model) and owner not in draft.places):
            return False
        related = self.models.relation(model, name)
        table = self.models.table(related.model) if related is not None else None
        if related is None or table is None:
            return False
        given = find(self.evaluator, slot.alias, site).sites if slot.alias else ()
        alias = self.plain.string(given[0]) if given else ""
        draft.places[alias or name] = related.model, (*way, name)
        between = self.models.table(related.join) if related.relation.kind == "many-to-many" else None
        for one, other in ((between, ""), (table, alias)):
            if one is not None:
                source = Source(one.name, other, join=str(slot.value), schema=one.schema)
                draft.add("sources", Element(source, site.when))
        return True

    @staticmethod
    def _from_place(draft: Draft, load: Element[Eager]) -> Element[Eager]:
        """A relation that is loaded by a path from a name of the statement (`"jar.shelf"`): by that from its rows."""
        first, *rest = load.value.path
        if not rest or (first not in (draft.alias, draft.model) and first not in draft.places):
            return load
        _, way = draft.places.get(first, (None, ()))
        return Element(msgspec.structs.replace(load.value, path=(*way, *rest)), load.when)

    def _joined_by_name(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """A table that is joined by its name, and what it is joined on: two columns, or what compares them."""
        for inner in find(self.evaluator, slot.at, site).sites:
            tables, hidden = identifiers.sources(scene, inner, str(slot.value or "inner"))
            draft.opened |= {"sources"} if hidden else set()
            given = [each for place in slot.on.split() for each in find(self.evaluator, place, site).sites]
            names = [word for each in given if (word := identifiers.text(scene, each))]
            columns_of = [word for word in names if word.strip() not in triples.OPERATORS]
            on: Condition | None = None
            if len(columns_of) == 2 and len(names) == len(given):
                word = triples.OPERATORS.get(names[1].strip(), "=") if len(names) == 3 else "="
                left, right = (identifiers.column(scene, one) for one in columns_of)
                on = Compare(left, word, right)
            elif given:
                on = OpaqueCondition()
            for table in tables:
                value = msgspec.structs.replace(table.value, on=on, real=table.value.name not in draft.ctes)
                draft.add("sources", Element(value, site.when))

    def _how(self, at: str, site: Site) -> str:
        """How tables are joined by the word that an argument is (`JOIN.LEFT_OUTER`, "LEFT JOIN"), or by the name of one
        that is true (`isouter=True`); "" for none."""
        found = ""
        for inner in find(self.evaluator, at, site).sites if at else ():
            tree = self.evaluator.tree(inner.path)
            word = tree.value(inner.node).lower()
            if tree.kinds[inner.node] == Kind.CONSTANT and word == "true":
                word = tree.value(tree.parents[inner.node]).lower().replace("outer", "left")
            kind = next((kind for kind in JOINS if kind in word), "")
            found = kind if not found or kind == "full" else found
        return found

    def _behind(self, site: Site) -> tuple[list[Value], str]:
        """The models that an expression joins: the class that it is, or those that an attribute of one leads to, the
        model of the rows between first; and the other name that it gives the table."""
        value = self.evaluator.value(site.path, site.node, site.context)
        if isinstance(value, ProjectClass):
            return [value], ""
        tree = self.evaluator.tree(site.path)
        behind = operators.aliased(self.evaluator, value)
        if behind is not None:
            return [behind], tree.value(site.node)
        if tree.kinds[site.node] != Kind.ATTRIBUTE:
            return [], ""
        owner = self.evaluator.value(site.path, site.node + 1, site.context)
        related = self.models.relation(owner, tree.value(site.node)) if isinstance(owner, ProjectClass) else None
        if related is None or isinstance(related.model, Unknown):
            return [], ""
        between = related.relation.kind == "many-to-many"
        return ([related.join, related.model] if between else [related.model]), ""

    def _joins(self, draft: Draft, held: Instance, scene: Scene) -> None:
        """The tables that were joined to what is selected from (`people.join(orders)`)."""
        for step in held.steps if not self._derived(held) else ():
            if step.member.join is not None and step.node >= 0:
                self._joined(draft, step.member.join, scene, Site(step.path, step.node, step.context, step.when))

    def _held(self, value: Value) -> Instance | None:
        """The one table, or statement to select from, that a value is, where no class declares it."""
        types = self.evaluator.tables.types
        found = [
            option
            for option in options(value)
            if isinstance(option, Instance)
            and any(types[cls.name].columns == "all" for cls in self.evaluator.classes.library_types(option.cls))
        ]
        return found[0] if len(found) == 1 and len(options(value)) == 1 else None

    @staticmethod
    def _derived(held: Instance) -> bool:
        """Whether columns are those of what a statement selects, and not of a table."""
        return any(step.member.builds for step in held.steps)

    def _source(self, held: Instance, site: Site, join: str = "") -> Source:
        """What is selected from: a table, or a statement by the name that it is held under."""
        if self._derived(held):
            tree = self.evaluator.tree(site.path)
            word = tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""
            queries = self.implicit(held, site, "")
            return Source("", word, join=join, query=queries[0] if queries else None, real=False)
        name = self.table_of(held)
        table = self.models.built(name)
        return Source(name, join=join, schema=table.schema if table is not None else "")

    def columns_of(self, held: Instance, site: Site) -> str:
        """The table, or the name of the statement, whose columns a value stands for; "" where it cannot be said."""
        if not self._derived(held):
            return self.table_of(held)
        tree = self.evaluator.tree(site.path)
        node = site.node + 1 if tree.kinds[site.node] == Kind.ATTRIBUTE else site.node
        return tree.value(node) if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    @staticmethod
    def _narrowed(column: str, handle: Place | None) -> Condition:
        """What keeps the rows of a relation to those of one row, that of the handle; `*`: another table says which."""
        if column == "*":
            return OpaqueCondition()
        return Compare(Column(column), "=", Parameter("parameter", "", Origin.UNKNOWN, handle))

    def _unsaid(self, row: Member, site: Site) -> set[str]:
        """The clauses that arguments of a member may decide which is handed on as a function, so that nobody says here
        what it is given."""
        if self.evaluator.tree(site.path).kinds[passed_on(self.evaluator, site)[0]] != Kind.ATTRIBUTE:
            return set()
        slots = {"grouping": row.group, "projection": row.columns}
        return {clause for clause in _CLAUSES if slots.get(clause, getattr(row, clause, None))}

    def _argument_query(self, draft: Draft, slot: Slot, site: Site) -> None:
        """A statement that another chain built and this member runs (`execute(select(…))`)."""
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            for option in options(value):
                if isinstance(option, Instance):
                    self._receiver(draft, option)
                    for step in self._steps(draft, option):
                        self._step(draft, step.member, Site(step.path, step.node, step.context, step.when), step.name)
                    draft.texts.clear()
                    if self._several(value):
                        draft.table, draft.model, draft.of = None, "", None
                    return
                if isinstance(option, (ProjectClass, LibraryClass)):
                    self._model(draft, option)
                    return

    def _several(self, value: Value) -> bool:
        """Whether a value stands for more than one table: then none of them is the statement's for sure."""
        names: set[str] = set()
        for option in options(value):
            if isinstance(option, (ProjectClass, SchemaModel, LibraryClass)):
                table = self.models.table(option)
                names.add(table.name if table is not None else "")
            elif isinstance(option, Instance):
                names.add(self.table_of(option))
        return len(names) > 1

    def _table(self, draft: Draft, slot: Slot, site: Site, *, made: bool = False) -> None:
        """`made`: the statement inserts rows."""
        if slot.reader == "relation-path":
            self._along(draft, slot, site, made=made)
            return
        if slot.reader == "identifiers":
            self._from(draft, slot, site)
            return
        if isinstance(slot.value, str) and not slot.at:
            self._named(draft, slot.value)
            return
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            if self._several(value):
                return
            for option in options(value):
                if isinstance(option, (ProjectClass, SchemaModel, LibraryClass)):
                    self._model(draft, option)
                    return
                if isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                    self._model(draft, option.cls)
                    return
                if (held := self._held(option)) is not None and (self._derived(held) or self.table_of(held)):
                    self._selected(draft, held, inner)
                    return
                if isinstance(option, Instance) and (name := self.table_of(option)):
                    self._named(draft, name)
                    return
            tree = self.evaluator.tree(inner.path)
            if tree.kinds[inner.node] == Kind.STRING and draft.table is None and not draft.model:
                self._model(draft, SchemaModel(tree.value(inner.node)))
                self._named(draft, draft.model)

    def _from(self, draft: Draft, slot: Slot, site: Site) -> None:
        """The table of a name; further ones, and what is no table, stand beside it."""
        scene = Scene(self.evaluator, ask=partial(self._compared, site))
        for inner in find(self.evaluator, slot.at, site).sites:
            tables, hidden = identifiers.sources(scene, inner)
            draft.opened |= {"sources"} if hidden else set()
            for position, table in enumerate(tables):
                one = table.value
                if position or not one.name or one.name in draft.ctes:
                    real = bool(one.name) and one.name not in draft.ctes
                    draft.add("sources", Element(msgspec.structs.replace(one, real=real), table.when))
                    continue
                draft.table, draft.model, draft.of = None, "", None
                self._model(draft, SchemaModel(one.name, NAMED))
                self._named(draft, one.name)
                draft.alias, draft.schema = one.alias, one.schema

    def changed(self, receiver: Instance | None, row: Member, site: Site, dialect: str) -> Query | None:
        """The change of a table's schema that a member makes which runs no statement of its own; None where it cannot
        be said of which."""
        draft = Draft()
        if receiver is not None:
            self._receiver(draft, receiver)
        if row.table is not None:
            self._table(draft, row.table, site)
        elif row.alters is not None and row.alters.table:
            self._altered(draft, row.alters.table, site)
        if draft.table is None and not draft.model:
            return None
        return self._query(draft, Verb.DDL, Member(), self.place(site), dialect)

    def _altered(self, draft: Draft, at: str, site: Site) -> None:
        """The table that a call changes; those of several calls of one chain stand beside each other."""
        for inner in find(self.evaluator, at, site).sites[:1]:
            name = self.plain.string(inner)
            schema, _, name = name.rpartition(".")
            if not name:
                draft.opened.add("sources")
            elif draft.model:
                draft.add("sources", Element(Source(name, schema=schema), site.when))
            else:
                draft.schema = schema
                self._named(draft, name)

    def _named(self, draft: Draft, name: str) -> None:
        """A table that no class declares, by its name."""
        draft.model = draft.model or name
        if draft.table is None and draft.model == name:
            draft.table = self.models.built(name)

    def _along(self, draft: Draft, slot: Slot, site: Site, *, made: bool) -> None:
        """The table that a relation of the row leads to which is named there, and what keeps its rows to that row's."""
        owner, draft.table, draft.model, draft.of = draft.of, None, "", None
        for inner in find(self.evaluator, slot.at, site).sites[:1]:
            tree = self.evaluator.tree(inner.path)
            word = tree.value(inner.node).partition("__")[0] if tree.kinds[inner.node] == Kind.STRING else ""
            related = self.models.relation(owner, word) if owner is not None and word else None
            if related is None:
                return
            self._model(draft, related.model)
            there = related.inverse or related.many
            if made and not there:
                return  # the new row's key is put into the row that it was made for
            columns = related.relation.columns if there else related.relation.target_columns
            draft.add("where", Element(self._narrowed(columns[0] if columns else "*", draft.handle), site.when))

    def _conditions(self, draft: Draft, clause: str, slot: Slot, scene: Scene, site: Site, operator: str = "") -> None:
        readings: list[Reading] = []
        if slot.value == "unsaid":
            draft.opened.add(clause)
        elif slot.reader in ("key", "key-list"):
            readings.append(Reading(tuple(self._keyed(draft, slot, site))))
        elif slot.reader == "relation-path":
            given = find(self.evaluator, slot.at, site).sites[:1]
            readings.append(Reading(tuple(Element(OpaqueCondition(), inner.when) for inner in given)))
        elif slot.reader == "parent":
            readings.append(Reading(tuple(self._of_parent(draft, slot, site))))
        elif slot.reader == "document-lookups":
            readings.append(documents.read(scene, site))
        elif slot.reader == "triple":
            built = triples.Built(partial(self._grouped, scene), partial(self._built_query, ctes=draft.ctes))
            either = slot.join == "or"
            readings.append(triples.read(scene, site, operator, built, negate=slot.negate, together=either))
        elif slot.reader == "lookups":
            first = int(slot.at.partition("+")[0]) if "+" in slot.at else 0
            readings.append(lookups.read(scene, site, slot.negate, first, slot.without.split()))
        elif slot.reader == "columns" and slot.at == "**":
            readings.append(columns.of_keywords(scene, site, slot.without.split()))
        else:
            at, named = _places(slot.at)
            found = find(self.evaluator, at, site)
            if found.open:
                draft.opened.add(clause)
            readings += [self._reading(slot.reader, scene, inner) for inner in found.sites]
            if slot.reader == "operators" and clause == "where" and draft.table is None and not draft.model:
                draft.compared += [model for inner in found.sites for model in self._models_in(scene, inner)]
            if named:
                readings.append(lookups.of_keywords(scene, site, slot.without.split()))
        for reading in readings:
            if reading.open:
                draft.opened.add(clause)
            for element in reading.elements:
                grouped = clause == "where" and computed.aggregated(element.value, draft.names)
                before = tuple(draft.elements.get(clause, ()))
                if slot.join == "or" and before and element.when is When.ALWAYS:
                    draft.elements[clause] = [_either(before, element)]
                else:
                    draft.add("having" if grouped else clause, element)
                if clause == "where" and element.when is When.SOMETIMES:
                    draft.branched += self._branched(site, element.value)

    def _branched(self, site: Site, condition: Condition) -> Iterator[Site]:
        """Where the branch stands that adds a condition: around the call, or around its value."""
        if site.when is When.SOMETIMES:
            yield site
            return
        for place in list(places(condition))[:1]:
            node = self.evaluator.handed.get(place, -1)
            if node >= 0:
                yield Site(place.path, node, None)

    def _reading(self, reader: str, scene: Scene, site: Site) -> Reading:
        if reader == "document":
            return document.read(scene, site)
        if reader == "finder":
            return finder.read(scene, site)
        if reader == "mql":
            return mql.read(scene, site)
        if reader == "columns":
            return columns.of_object(scene, site)
        if reader == "operators":
            return operators.read(scene, site)
        if reader == "fragment":
            return self._fragment(site)
        return Reading((), True)

    def _fill(self, row: Member, site: Site) -> None:
        """Keeps what the placeholders of a piece of SQL stand for, where the piece stands in the very call."""
        if row.where is None or row.where.reader != "fragment" or row.parameters is None:
            return
        tree = self.evaluator.tree(site.path)
        texts = [text for inner in find(self.evaluator, row.where.at, site).sites for text in self.texts.of(inner)[:1]]
        for place, node in filled(self.evaluator, row.parameters.at, site, texts).items():
            if place.path == site.path and tree.starts[site.node] <= place.start < tree.stops[site.node]:
                self.evaluator.handed[place] = node

    def _fragment(self, site: Site) -> Reading:
        """A piece of SQL as a condition, read as the WHERE of a statement around it."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.FUNCTION, Kind.OBJECT):
            return Reading((), True)
        elements: list[Element[Condition]] = []
        for text in self.texts.of(site)[:1]:
            whole = Text((Literal("SELECT 1 FROM t WHERE "), *text.pieces), text.open)
            parsed = self.parse(whole, "")
            if parsed and parsed[0].where.elements:
                elements += [Element(part.value, site.when) for part in parsed[0].conjuncts()]
            else:
                elements.append(Element(OpaqueCondition(), site.when))
        return Reading(tuple(elements))

    def _columns(self, draft: Draft, slot: Slot, scene: Scene, site: Site, *, begun: bool, aggregate: str = "") -> None:
        """`begun`: it was seen what the statement is begun with. Of one that was handed in, a further column does not
        say what it selects from."""
        if slot.negate:
            self._left_out(draft, slot, scene, site)
            return
        if slot.value == "*":
            draft.add("projection", Element(Star(), site.when))
            return
        left = find(self.evaluator, slot.but, site) if slot.but else Found()
        if left.sites or left.open:
            rest, hidden = document_clauses.left_out(scene, left)
            draft.opened |= {"projection"} if hidden else set()
            for kept in rest:
                draft.add("projection", kept)
            return
        own = slot.without.split()
        for name, given in keywords(self.evaluator, site)[0] if own else ():
            if name not in own:
                one = computed.computed(scene, given)
                draft.names[name] = one
                draft.add("projection", Element(one.expression, given.when))
        found = find(self.evaluator, slot.at, site)
        if slot.reader == "identifiers":
            self._named_columns(draft, found, scene, site, aggregate)
            return
        if found.open:
            draft.opened |= {"projection", "eager"} if slot.loads else {"projection"}
        elif slot.reader == "resources" and not found.sites:
            draft.add("projection", Element(Star(), site.when))
        sites, hidden = self._shaped(found.sites) if slot.reader == "operators" else (found.sites, False)
        draft.opened |= {"projection"} if hidden else set()
        for inner in sites:
            tree = self.evaluator.tree(inner.path)
            kind = tree.kinds[inner.node]
            if slot.reader in ("mql", "document-lookups"):
                shown, hidden = (mql_clauses if slot.reader == "mql" else documents).projected(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for field in shown:
                    draft.add("projection", field)
            elif slot.reader in ("finder", "resources"):
                selected, hidden = (finder if slot.reader == "finder" else resources).columns(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for each in selected:
                    draft.add("projection", each)
            elif slot.reader == "operators":
                expression = operators.expression(scene, inner)
                if begun or draft.table is not None:
                    self._column_source(draft, inner)
                draft.add("projection", Element(expression, inner.when))
                if slot.loads:
                    self._loaded(draft, inner)
            elif slot.reader == "document":
                picked, hidden = document_clauses.columns(scene, inner)
                draft.opened |= {"projection"} if hidden else set()
                for kept in picked:
                    draft.add("projection", kept)
            elif kind == Kind.STRING:
                draft.add("projection", Element(lookups.column(scene, tree.value(inner.node)), inner.when))
            else:
                draft.opened.add("projection")

    @staticmethod
    def _named_columns(draft: Draft, found: Found, scene: Scene, site: Site, aggregate: str) -> None:
        """Columns by their names, or what is computed of them."""
        draft.opened |= {"projection"} if found.open and not aggregate else set()
        shown: list[Element[Expression]] = []
        for inner in found.sites:
            named, hidden = identifiers.expressions(scene, inner)
            draft.opened |= {"projection"} if hidden and not aggregate else set()
            shown += named
        if not aggregate:
            for each in shown:
                draft.add("projection", each)
            return
        for each in shown or [Element(Star(), site.when)]:
            draft.add("projection", Element(Function(aggregate, (each.value,)), each.when))

    def _loaded(self, draft: Draft, site: Site) -> None:
        """A further model among the columns, or a column of one, which is loaded with the rows by the relation that
        leads to it: of the other columns its row has nothing then, and asks for nothing."""
        tree = self.evaluator.tree(site.path)
        column = tree.kinds[site.node] == Kind.ATTRIBUTE
        value = self.evaluator.value(site.path, site.node + 1 if column else site.node, site.context)
        if column and not isinstance(value, ProjectClass):
            value = self.evaluator.value(site.path, site.node, site.context)
        relations = self.models.relations(draft.of) if draft.of is not None else {}
        if not isinstance(value, ProjectClass) or value == draft.of:
            return
        leading = [related.name for related in relations.values() if related.model == value and not related.many]
        if len(leading) == 1:
            draft.add("eager", Element(Eager((leading[0],), "from-join"), site.when))
        else:
            draft.opened.add("eager")

    def _left_out(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """All columns but those that a call names."""
        found = find(self.evaluator, slot.at, site)
        words = [self.evaluator.tree(inner.path).value(inner.node) for inner in found.sites]
        if draft.table is None or not draft.table.columns or found.open or draft.elements.get("projection"):
            draft.opened.add("projection")
            return
        left = {scene.column(word) for word in words}
        for column in draft.table.columns:
            if column.name not in left:
                draft.add("projection", Element(Column(column.name), site.when))

    def _column_source(self, draft: Draft, site: Site) -> None:
        """The model behind `User`, `User.id` or `count(User.id)` in a select list."""
        known = draft.table is not None or bool(draft.model) or bool(draft.elements.get("sources"))
        whole = None if known else self._held(self.evaluator.value(site.path, site.node, site.context))
        if whole is not None:
            self._selected(draft, whole, site)
            return
        tree = self.evaluator.tree(site.path)
        for node in range(site.node, min(tree.ends[site.node], site.node + COLUMN_NODES)):
            if tree.kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE) or self._leads(site, node):
                continue
            value = self.evaluator.value(site.path, node, site.context)
            table = self.models.table(value) if isinstance(value, ProjectClass) else None
            if isinstance(value, ProjectClass) and table is not None:
                model = self.evaluator.classes.class_name(value)
                draft.selected.setdefault(
                    table.name, Source(table.name, schema=table.schema, join="cross", model=model)
                )
                if not known:
                    self._model(draft, value)
                return
            held = self._held(value)
            if held is not None and not known:
                self._selected(draft, held, Site(site.path, node, site.context, site.when))
            elif held is not None and not self._derived(held):
                source = self._source(held, site, "cross")
                draft.selected.setdefault(source.name, source)
            if held is not None:
                return

    def _models_in(self, scene: Scene, site: Site) -> Iterator[ProjectClass]:
        """The models that a condition names before any query inside it."""
        tree = self.evaluator.tree(site.path)
        for node in range(site.node, min(tree.ends[site.node], site.node + COLUMN_NODES)):
            if tree.kinds[node] == Kind.CALL and scene.stands(Site(site.path, node, site.context)) in _NESTED:
                return
            if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) and not self._leads(site, node):
                value = self.evaluator.value(site.path, node, site.context)
                if isinstance(value, ProjectClass) and self.models.table(value) is not None:
                    yield value

    def _leads(self, site: Site, node: int) -> bool:
        """Whether an expression is an attribute of a model (`Note.author`): what it is of stands inside it."""
        if self.evaluator.tree(site.path).kinds[node] != Kind.ATTRIBUTE:
            return False
        owner = self.evaluator.value(site.path, node + 1, site.context)
        return isinstance(owner, ProjectClass) and self.models.table(owner) is not None

    def _selected(self, draft: Draft, held: Instance, site: Site) -> None:
        """What a statement selects from, where that is no class: a table with what is joined to it, or a statement."""
        if self._derived(held):
            draft.add("sources", Element(self._source(held, site), site.when))
            return
        self._named(draft, self.table_of(held))
        self._joins(draft, held, Scene(self.evaluator, draft.table, columns_of=self.columns_of))

    def _assignments(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        if slot.reader in ("mql", "document-lookups"):
            self._changes(draft, slot, scene, site)
            return
        if slot.reader == "identifiers":
            for inner in find(self.evaluator, slot.at, site).sites:
                for each in identifiers.expressions(scene, inner)[0]:
                    if isinstance(each.value, Column):
                        by = find(self.evaluator, slot.of, site).sites if slot.of else ()
                        amount = scene.value(by[0]) if by else Parameter("parameter")
                        computed_by = Function(str(slot.value) or "+", (each.value, amount))
                        draft.add("assignments", Element(Assignment(each.value.name, computed_by), each.when))
            return
        at, named = _places(slot.at)
        pairs, hidden = keywords(self.evaluator, site) if named else ([], False)
        pairs = [pair for pair in pairs if pair[0] not in slot.without.split()]
        if at:
            found = find(self.evaluator, at, site)
            for inner in found.sites:
                some, more = entries(self.evaluator, inner)
                of_columns = self._by_columns(inner)
                pairs, hidden = pairs + some + of_columns, hidden or (more and not of_columns)
            hidden = hidden or found.open
        if hidden:
            draft.opened.add("assignments")
        for name, value in pairs:
            if slot.reader == "document":
                draft.nests = draft.nests or document_clauses.nests(scene, name, value)
                for column, written in document_clauses.assigned(scene, name, value):
                    draft.add("assignments", Element(Assignment(column, written), value.when))
                continue
            if slot.reader == "lookups":
                expression = lookups.value(scene, value)
            elif slot.reader == "operators":
                expression = operators.expression(scene, value)
            else:
                expression = scene.value(value)
            draft.add("assignments", Element(Assignment(scene.column(name), expression), value.when))

    def _by_columns(self, site: Site) -> list[tuple[str, Site]]:
        """The pairs of an object literal all of whose keys are attributes of models (`{User.name: "x"}`); none where
        one is something else."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.OBJECT:
            return []
        found: list[tuple[str, Site]] = []
        for child in tree.children(site.node):
            key, value = tree.child(child, Role.KEY), tree.child(child, Role.VALUE)
            if tree.kinds[child] == Kind.PAIR and key < 0 and tree.value(child):
                continue  # a name, which is read as one
            if tree.kinds[child] != Kind.PAIR or key < 0 or tree.kinds[key] != Kind.ATTRIBUTE or value < 0:
                return []
            owner = self.evaluator.value(site.path, key + 1, site.context)
            if not isinstance(owner, ProjectClass):
                return []
            found.append((tree.value(key), Site(site.path, value, site.context, site.when)))
        return found

    def _changes(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """What an update of documents gives to which field."""
        if slot.reader == "document-lookups":
            given = [documents.changes(scene, site)]
        else:
            found = find(self.evaluator, slot.at, site)
            given = [mql_clauses.changes(scene, inner, str(slot.value)) for inner in found.sites]
            draft.opened |= {"assignments"} if found.open else set()
        for assignments, hidden in given:
            draft.opened |= {"assignments"} if hidden else set()
            for assignment in assignments:
                draft.add("assignments", assignment)

    def _sorts(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """The keys by which documents are sorted; a direction stands behind the only one."""
        place, *more = slot.at.split()
        found = find(self.evaluator, place, site)
        direction = find(self.evaluator, more[0], site).sites[:1] if more else ()
        draft.opened |= {"order"} if found.open else set()
        for inner in found.sites:
            if slot.reader == "mql":
                keys, hidden = mql_clauses.orders(scene, inner, next(iter(direction), None))
            else:
                keys, hidden = documents.orders(scene, inner)
            draft.opened |= {"order"} if hidden else set()
            for key in keys:
                draft.add("order", key)

    def _sorts_by_name(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        """The keys by which rows are sorted, by their names; a direction stands behind the only one."""
        place, *more = slot.at.split()
        found = find(self.evaluator, place, site)
        direction = find(self.evaluator, more[0], site).sites[:1] if more else ()
        for inner in found.sites:
            sorted_by, hidden = identifiers.orders(scene, inner, next(iter(direction), None))
            draft.opened |= {"order"} if hidden or found.open else set()
            for key in sorted_by:
                draft.add("order", key)

    def _orders(self, draft: Draft, slot: Slot, scene: Scene, site: Site) -> None:
        draft.by_key = slot.value == "pk"
        if slot.value == "unsaid":
            draft.opened.add("order")
        if not slot.at:
            return
        if slot.reader in ("mql", "document-lookups"):
            self._sorts(draft, slot, scene, site)
            return
        if slot.reader == "identifiers":
            self._sorts_by_name(draft, slot, scene, site)
            return
        if slot.reader == "fragment" and slot.value == "sql":
            for inner in find(self.evaluator, slot.at, site).sites:
                draft.add("order", Element(Order(OpaqueExpression()), inner.when))
            return
        found = find(self.evaluator, slot.at, site)
        if found.open or (slot.value == "declared" and not found.sites):
            draft.opened.add("order")
        for inner in found.sites:
            tree = self.evaluator.tree(inner.path)
            kind = tree.kinds[inner.node]
            if slot.reader == "finder":
                keys, hidden = finder.orders(scene, inner)
                draft.opened |= {"order"} if hidden else set()
                for key in keys:
                    draft.add("order", key)
            elif kind == Kind.STRING:
                word = tree.value(inner.node)
                name = word.lstrip("-+")
                sorted_by_name = Function("random", ()) if name == RANDOM else lookups.column(scene, name)
                draft.add("order", Element(Order(sorted_by_name, word.startswith("-")), inner.when))
            elif slot.reader == "operators":
                draft.add("order", Element(operators.order(scene, inner), inner.when))
            elif kind == Kind.CALL and isinstance(
                (sorted_by := operators.order(scene, inner, lookups.value)).expression, Column
            ):
                draft.add("order", Element(sorted_by, inner.when))
            elif kind in (Kind.OBJECT, Kind.LIST):
                sites = (
                    [Site(inner.path, child, inner.context, inner.when) for child in tree.children(inner.node)]
                    if kind == Kind.LIST
                    else [inner]
                )
                for each in sites:
                    pairs, hidden = entries(self.evaluator, each)
                    if hidden:
                        draft.opened.add("order")
                    for name, value in pairs:
                        draft.add("order", Element(document_clauses.order(scene, name, value), value.when))
            else:
                draft.opened.add("order")

    def _bound(self, draft: Draft, clause: str, slot: Slot, site: Site) -> None:
        if slot.value == "unsaid":
            draft.opened.add(clause)
            return
        found = find(self.evaluator, slot.at, site) if slot.at else Found()
        if slot.value != "" and not found.sites:
            number = slot.value if isinstance(slot.value, int) else None
            draft.add(clause, Element(Bound(number, Origin.CONSTANT), site.when))
            return
        if found.open:
            draft.opened.add(clause)
        elif any(inner.when is When.ALWAYS for inner in found.sites):
            draft.opened.discard(clause)  # whatever may have been said before
        for inner in found.sites:
            bound = self.number(inner)
            for first in find(self.evaluator, slot.of, site).sites if slot.of else ():
                bound = _between(self.number(first), bound)
            if slot.capped and bound.asked:
                bound = msgspec.structs.replace(bound, asked="within")
            if not self._no_bound(inner, bound, slot):
                draft.add(clause, Element(bound, inner.when))

    def _no_bound(self, site: Site, number: Bound, slot: Slot) -> bool:
        """Whether what stands there says that there is none: nothing; of documents, zero."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.CONSTANT and tree.value(site.node) == "null":
            return True
        return slot.reader == "mql" and number.number == 0

    def number(self, site: Site) -> Bound:
        """What an expression says of a limit or an offset."""
        number = self.plain.constant(site)
        if number.isdecimal():
            return Bound(int(number), Origin.CONSTANT)
        asked = "freely" if self.magnitudes.asked(site, freely=True) else ""
        asked = asked or ("within" if self.magnitudes.asked(site, freely=False) else "")
        usual = self.usual.number(site.path, site.node) if not asked else None
        return Bound(None, self.texts.origins.of(site), asked, usual=usual)

    def _slice(self, draft: Draft, site: Site, *, row: bool) -> None:
        tree = self.evaluator.tree(site.path)
        index = tree.child(site.node, Role.INDEX)
        if row:
            skipped = self.number(Site(site.path, index, site.context))
            draft.add("limit", Element(Bound(1, Origin.CONSTANT)))
            if skipped.number != 0:
                draft.add("offset", Element(skipped))
            return
        if index < 0 or tree.kinds[index] != Kind.SLICE:
            return
        for role, clause in ((Role.STOP, "limit"), (Role.START, "offset")):
            bound = tree.child(index, role)
            if bound < 0:
                continue
            number = self.number(Site(site.path, bound, site.context))
            if clause == "limit" and number.number is not None:
                start = tree.child(index, Role.START)
                first = self.number(Site(site.path, start, site.context)).number if start >= 0 else 0
                number = Bound(None if first is None else max(number.number - first, 0), number.origin)
            elif clause == "limit" and (start := tree.child(index, Role.START)) >= 0:
                number = self._sliced(site, start, bound)
            draft.add(clause, Element(number, site.when))

    def _sliced(self, site: Site, start: int, stop: int) -> Bound:
        """How many rows a slice from one number to another takes: `start : start + size`."""
        tree = self.evaluator.tree(site.path)
        words = self.texts.origins.source
        first = words(Site(site.path, start, site.context))
        if tree.kinds[stop] == Kind.BINARY and tree.value(stop) == "+":
            left, right = tree.child(stop, Role.LEFT), tree.child(stop, Role.RIGHT)
            for same, size in ((left, right), (right, left)):
                if words(Site(site.path, same, site.context)) == first:
                    return self.number(Site(site.path, size, site.context))
        return Bound(None, self.texts.origins.of(Site(site.path, stop, site.context)))

    # The statement

    def _order(self, draft: Draft) -> Clause[Order]:
        """The order of the rows, turned around where a step says so."""
        order = self._said_order(draft)
        if not draft.turned:
            return order
        return Clause(
            tuple(msgspec.structs.replace(each, value=_turned(each.value)) for each in order.elements), order.open
        )

    def _said_order(self, draft: Draft) -> Clause[Order]:
        """The order that the steps say, else that of the model, else the one that the library adds to a limit."""
        order: Clause[Order] = draft.clause("order")
        table = draft.table
        if not order.possibly() and not draft.unsorted:
            own = self.models.ordered(draft.of)
            nothing: Clause[Order] = Clause((), not draft.ctes or not draft.elements.get("sources"))
            order = own if own is not None else table.order if table is not None else nothing
        bounds = [draft.clause("limit"), draft.clause("offset")]
        if order.possibly() or not draft.by_key or not any(bound.possibly() for bound in bounds):
            return order
        keys = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
        if not keys or not any(bound.surely() for bound in bounds):
            return Clause((), True)
        return Clause(tuple(Element(Order(Column(name), by="library")) for name in keys[0]))

    def _assigned(self, draft: Draft, verb: str) -> Clause[Assignment]:
        """What a write assigns. A row that is inserted among those of another one gets its key. Of a call that says
        nothing of columns nobody knows which it writes."""
        found: list[Element[Assignment]] = list(draft.elements.get("assignments", ()))
        if verb == Verb.INSERT:
            for element in draft.elements.get("where", ()):
                part = element.value
                if isinstance(part, Compare) and isinstance(part.left, Column) and part.operator == "=":
                    found.append(Element(Assignment(part.left.name, part.right), element.when))
        writes = verb in (Verb.INSERT, Verb.UPDATE, Verb.UPSERT)
        return Clause(tuple(found), "assignments" in draft.opened or (writes and not found))

    def _query(self, draft: Draft, verb: str, row: Member, place: Place, dialect: str) -> Query:
        named = draft.table is not None or draft.model or draft.elements.get("sources") or "sources" in draft.opened
        if not named and verb == Verb.SELECT and len(set(draft.compared)) == 1:
            self._model(draft, draft.compared[0])  # what is selected names no table, and the conditions do
        name = draft.table.name if draft.table is not None else draft.model
        if draft.upserts and verb == Verb.UPDATE:
            verb = Verb.UPSERT
        sources: list[Element[Source]] = []
        if name:
            schema = draft.schema or (draft.table.schema if draft.table else "")
            only_named = isinstance(draft.of, SchemaModel) and draft.of.schema == NAMED
            sources.append(Element(Source(name, draft.alias, schema, model="" if only_named else draft.model)))
        if not name and not draft.elements.get("sources"):
            draft.opened.add("sources")
        if draft.between and verb in (Verb.SELECT, Verb.AGGREGATE):
            sources.append(Element(Source(draft.between, join="inner")))
        sources += draft.elements.get("sources", [])
        joined = {element.value.name for element in sources}
        sources += [Element(source) for table, source in draft.selected.items() if table not in joined]
        projection = [_whole(draft, each) for each in draft.elements.get("projection", [])]
        counting = row if row.aggregate or verb != Verb.AGGREGATE else draft.counting
        if counting.aggregate == "count":
            projection = [Element(Function("count", (Star(),)))]
        elif counting.aggregate and counting.columns is not None and not draft.computed:
            projection = [Element(Function(counting.aggregate, tuple(each.value for each in projection)))]
        elif counting.aggregate == "aggregate" and draft.elements.get("grouping") and not _aggregates(draft.computed):
            draft.opened.add("projection")  # the columns of the groups are among what it gives
        elif counting.aggregate:
            projection = [Element(one) for one in draft.computed or (Function(counting.aggregate, ()),)]
        if verb in (Verb.UPDATE, Verb.DELETE) and draft.clause("having").possibly():
            # Written are the rows that a query of its own finds.
            draft.opened.add("where")
            for clause in ("grouping", "having"):
                draft.elements.pop(clause, None)
        if draft.parts:
            return Query(
                Verb(verb) if verb in _VERBS else Verb.UNKNOWN,
                place,
                dialect,
                order=self._order(draft),
                limit=draft.clause("limit"),
                offset=draft.clause("offset"),
                eager=draft.clause("eager"),
                set_operation=draft.set_operation,
                parts=draft.parts,
                expects=row.expects or draft.expects,
            )
        return Query(
            Verb(verb) if verb in _VERBS else Verb.UNKNOWN,
            place,
            dialect,
            ctes=tuple(draft.parts_named),
            sources=Clause(tuple(sources), "sources" in draft.opened),
            projection=Clause(tuple(projection), "projection" in draft.opened),
            where=draft.clause("where"),
            grouping=draft.clause("grouping"),
            having=draft.clause("having"),
            order=self._order(draft)
            if verb == Verb.SELECT and dialect not in KEY_VALUE_STORES
            else draft.clause("order"),
            limit=draft.clause("limit"),
            offset=draft.clause("offset"),
            assignments=self._assigned(draft, verb),
            returning=draft.clause("returning"),
            locks=draft.clause("locks"),
            eager=draft.clause("eager"),
            distinct=draft.distinct,
            conflict=draft.conflict if verb == Verb.INSERT else "",
            expects=row.expects or draft.expects,
            rows=draft.rows if row.rows in ("given", "listed") else row.rows or draft.rows,
            whole=row.whole,
            nests=draft.nests,
        )


def _aggregates(computed: Iterable[Expression]) -> bool:
    """Whether one of the expressions is an aggregate that can be said."""
    return any(isinstance(one, Function) for one in computed)


def _places(at: str) -> tuple[str, bool]:
    """The places of a slot without that of all keywords, and whether that is among them."""
    places = at.split()
    return " ".join(place for place in places if place != "**"), "**" in places


def _either(before: Sequence[Element[Condition]], element: Element[Condition]) -> Element[Condition]:
    """The conditions so far as one, or another one."""
    sure = all(each.when is When.ALWAYS for each in before)
    parts = tuple(each.value for each in before)
    whole = parts[0] if len(parts) == 1 else And(parts)
    return Element(Or((whole, element.value)), When.ALWAYS if sure else When.SOMETIMES)


def _whole(draft: Draft, element: Element[Expression]) -> Element[Expression]:
    """An element of a select list; the name of a table alone is all of its columns."""
    one = element.value
    named = isinstance(one, Column) and not one.table and (one.name == draft.alias or one.name in draft.places)
    return Element(Star(one.name), element.when) if isinstance(one, Column) and named else element


def _between(first: Bound, last: Bound) -> Bound:
    """How many rows there are from one number to another, both included."""
    if first.number is None:
        return msgspec.structs.replace(last, number=None, asked="")  # as many as the program adds to the first
    if last.number is None:
        return last
    return msgspec.structs.replace(last, number=max(last.number - first.number + 1, 0))


def _turned(order: Order) -> Order:
    nulls = {"first": "last", "last": "first"}.get(order.nulls, "")
    return msgspec.structs.replace(order, descending=not order.descending, nulls=nulls)


_CLAUSES = ("where", "grouping", "having", "order", "limit", "offset", "eager", "projection", "locks")
_SCOPED = (("attributes", "projection"), ("limit", "limit"), ("offset", "offset"), ("group", "grouping"))
"""Words of a model's own scope → clauses that a call's own words of the same name replace."""
_VERBS = frozenset(verb.value for verb in Verb)
_OWN = "own:"
_OWN_CLASS = "instance-of-own:"
_RELATED = "related:"
