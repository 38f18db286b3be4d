"""From the clauses of a chain's steps to the query as a fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import (
    KEY_VALUE_STORES,
    Assignment,
    Clause,
    Column,
    Compare,
    Element,
    Expression,
    Function,
    Order,
    Query,
    Source,
    Star,
    Verb,
)
from dblint.facts.text import Place
from dblint.libraries.grammar import Member
from dblint.link.chains.draft import Draft
from dblint.link.values import NAMED, SchemaModel

if TYPE_CHECKING:
    from dblint.link.chains.tables import Tables
    from dblint.link.models import Models

_VERBS = frozenset(verb.value for verb in Verb)


class Statements:
    """Makes queries of drafts. One per evaluator."""

    def __init__(self, models: Models, tables: Tables) -> None:
        self.models = models
        self.tables = tables

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

    def query(self, draft: Draft, verb: str, row: Member, place: Place, dialect: str) -> Query:
        """The query that a draft is once the call of `row` runs it, at `place`."""
        named = draft.table is not None or draft.model or draft.elements.get("sources") or "sources" in draft.opened
        if not named and verb == Verb.SELECT and len(set(draft.compared)) == 1:
            self.tables.put(draft, draft.compared[0])  # what is selected names no table, and the conditions do
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
            assignments=_assigned(draft, verb),
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


def _assigned(draft: Draft, verb: str) -> Clause[Assignment]:
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


def _aggregates(computed: Iterable[Expression]) -> bool:
    """Whether one of the expressions is an aggregate that can be said."""
    return any(isinstance(one, Function) for one in computed)


def _whole(draft: Draft, element: Element[Expression]) -> Element[Expression]:
    """An element of a select list; the name of a table alone is all of its columns."""
    one = element.value
    named = isinstance(one, Column) and not one.table and (one.name == draft.alias or one.name in draft.places)
    return Element(Star(one.name), element.when) if isinstance(one, Column) and named else element


def _turned(order: Order) -> Order:
    nulls = {"first": "last", "last": "first"}.get(order.nulls, "")
    return msgspec.structs.replace(order, descending=not order.descending, nulls=nulls)
