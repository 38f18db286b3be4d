"""Which table, and which model, a statement is of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Column, Compare, Condition, Element, OpaqueCondition, Source, Verb
from dblint.facts.query import Value as Parameter
from dblint.facts.text import Origin, Place
from dblint.facts.tree import Kind
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Site, find
from dblint.link.chains.draft import CLAUSES, Draft
from dblint.link.chains.joins import derived
from dblint.link.conditions import Scene, identifiers
from dblint.link.own_libraries import type_of
from dblint.link.relating import relating
from dblint.link.values import NAMED, Instance, LibraryClass, ProjectClass, SchemaModel, Value, options
from dblint.link.values import Expression as Written

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains


class Tables:
    """Reads what a statement is of. One per evaluator."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.evaluator = chains.evaluator
        self.plain = chains.plain
        self.models = chains.models

    def receive(self, draft: Draft, receiver: Instance) -> None:
        """The statement is of what its receiver is a handle on, as the row of the receiver's type says."""
        draft.opened |= set(CLAUSES) if receiver.open else set()
        evaluator = self.evaluator
        for cls in evaluator.classes.library_types(receiver.cls):
            row = evaluator.tables.types[cls.name]
            named = receiver.argument(row.names_table) if row.names_table else None
            if isinstance(named, Written):
                word = self.plain.string(Site(named.path, named.node, named.context))
                if word:
                    self.put(draft, SchemaModel(word, NAMED))
                    self.name(draft, word)
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
                        draft.opened |= set(CLAUSES)  # a method of a query set: others may have begun it
                if model is not None:
                    self.put(draft, model)
                    self._between(draft, receiver)
                    return
        if self.models.table(receiver.cls) is not None:
            self.put(draft, receiver.cls)

    def _between(self, draft: Draft, receiver: Instance) -> None:
        """The table between two whose rows a many-to-many relation relates (`joined` of the model's type)."""
        join = receiver.argument("J")
        if join is None or not any(step.narrows for step in receiver.steps):
            return
        behind = self.evaluator.classes.behind(join) if isinstance(join, LibraryClass) else join
        table = self.models.table(behind)
        draft.between = table.name if table is not None else ""

    def put(self, draft: Draft, model: Value) -> None:
        """The statement is of a model."""
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
        elif table is not None or (isinstance(model, ProjectClass) and type_of(self.evaluator, model) is None):
            # What models of a library extend, in the library itself, is no table.
            draft.model = self.evaluator.classes.class_name(model)

    def related(self, draft: Draft, word: str) -> None:
        """The rows that are written where a row is related to others, or no longer is."""
        begun = draft.begun
        written = relating(self.evaluator, self.models, self.plain, begun, word) if begun is not None else None
        if written is None:
            draft.table, draft.model, draft.of = None, "", None  # nobody knows what keeps the relation
            return
        draft.verb = written.verb
        draft.table, draft.model, draft.of = None, "", None
        self.put(draft, written.model)
        draft.elements.pop("where", None)  # it says which rows are related, and not which are written
        draft.opened = draft.opened - {"where"} if draft.verb == Verb.INSERT else draft.opened | {"where"}

    def of_relation(self, draft: Draft, receiver: Instance, at: str, site: Site) -> None:
        """The statement is of what a relation of the row at hand leads to, by the text that names it."""
        draft.table, draft.model, draft.of = None, "", None
        named = [self.plain.string(inner) for inner in find(self.evaluator, at, site).sites]
        related = self.models.relation(receiver.cls, named[0].partition(".")[0]) if len(named) == 1 else None
        if related is not None:
            self.put(draft, related.model)
            columns = related.relation.target_columns
            draft.add("where", Element(narrowed(columns[0] if columns else "*", draft.handle), site.when))
            draft.expects = "" if related.many else "one"

    def several(self, value: Value) -> bool:
        """Whether a value stands for more than one table: then none of them is the statement's for sure."""
        names: set[str] = set()
        for option in options(value):
            if isinstance(option, (ProjectClass, SchemaModel, LibraryClass)):
                table = self.models.table(option)
                names.add(table.name if table is not None else "")
            elif isinstance(option, Instance):
                names.add(self.chains.table_of(option))
        return len(names) > 1

    def read(self, draft: Draft, slot: Slot, site: Site, *, made: bool = False) -> None:
        """`made`: the statement inserts rows."""
        if slot.reader == "relation-path":
            self._along(draft, slot, site, made=made)
            return
        if slot.reader == "identifiers":
            self._from(draft, slot, site)
            return
        if isinstance(slot.value, str) and not slot.at:
            self.name(draft, slot.value)
            return
        for inner in find(self.evaluator, slot.at, site).sites:
            value = self.evaluator.value(inner.path, inner.node, inner.context)
            if self.several(value):
                return
            for option in options(value):
                if isinstance(option, (ProjectClass, SchemaModel, LibraryClass)):
                    self.put(draft, option)
                    return
                if isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                    self.put(draft, option.cls)
                    return
                if (held := self.chains.joins.held(option)) is not None and (
                    derived(held) or self.chains.table_of(held)
                ):
                    self.chains.joins.select(draft, held, inner)
                    return
                if isinstance(option, Instance) and (name := self.chains.table_of(option)):
                    self.name(draft, name)
                    return
            tree = self.evaluator.tree(inner.path)
            if tree.kinds[inner.node] == Kind.STRING and draft.table is None and not draft.model:
                self.put(draft, SchemaModel(tree.value(inner.node)))
                self.name(draft, draft.model)

    def _from(self, draft: Draft, slot: Slot, site: Site) -> None:
        """The table of a name; further ones, and what is no table, stand beside it."""
        scene = Scene(self.evaluator, ask=partial(self.chains.nested.compared, site))
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
                self.put(draft, SchemaModel(one.name, NAMED))
                self.name(draft, one.name)
                draft.alias, draft.schema = one.alias, one.schema

    def altered(self, draft: Draft, at: str, site: Site) -> None:
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
                self.name(draft, name)

    def name(self, draft: Draft, name: str) -> None:
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
            self.put(draft, related.model)
            there = related.inverse or related.many
            if made and not there:
                return  # the new row's key is put into the row that it was made for
            columns = related.relation.columns if there else related.relation.target_columns
            draft.add("where", Element(narrowed(columns[0] if columns else "*", draft.handle), site.when))


def narrowed(column: str, handle: Place | None) -> Condition:
    """What keeps the rows of a relation to those of one row, that of the handle; `*`: another table says which."""
    if column == "*":
        return OpaqueCondition()
    return Compare(Column(column), "=", Parameter("parameter", "", Origin.UNKNOWN, handle))
