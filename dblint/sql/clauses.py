"""sqlglot's statements to `Query`.

Conventions, beyond what `dblint.facts.query` says: the SELECT that feeds an INSERT is its only part;
an INSERT without a column list assigns to the column ""; a CTE that is read is a source with
`real=False`; what a branch of a MERGE assigns is SOMETIMES; REPLACE is an UPSERT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from sqlglot import exp

from dblint.facts.query import (
    And,
    Assignment,
    Bound,
    Clause,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    OpaqueCondition,
    OpaqueExpression,
    Order,
    Query,
    Source,
    Star,
    Verb,
    When,
)
from dblint.facts.text import Origin
from dblint.sql.expressions import LEVELS, ExpressionReader, unwrapped
from dblint.sql.placeholders import PREFIX, Prepared
from dblint.sql.trees import syntax

__all__ = ["QUERIES", "QueryReader", "outputs"]

QUERIES = (
    exp.Select,
    exp.SetOperation,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Subquery,
    exp.Values,
    exp.Table,
)
"""The statements that are queries."""
EVERY = (
    "projection",
    "sources",
    "assignments",
    "where",
    "grouping",
    "having",
    "order",
    "limit",
    "offset",
    "locks",
    "returning",
)
"""The clauses that a fragment can hide."""

T = TypeVar("T")
_SETS: dict[type[exp.Expr], str] = {exp.Union: "union", exp.Intersect: "intersect", exp.Except: "except"}


def outputs(node: exp.Expr) -> tuple[str, ...] | None:
    """The names of a query's columns, None where a star or a hole hides them."""
    while isinstance(node, exp.SetOperation | exp.Subquery):
        node = node.this
    if not isinstance(node, exp.Select):
        return None
    names: list[str] = []
    for item in node.expressions:
        name = item.alias_or_name
        if isinstance(item, exp.Star) or item.is_star or not name or PREFIX in name:
            return None
        names.append(name)
    return tuple(names)


class QueryReader(ExpressionReader):
    """Reads the queries of one prepared statement."""

    def __init__(self, prepared: Prepared, dialect: str, tags: str = "") -> None:
        super().__init__(prepared, dialect)
        self.tag = tags
        top = set(EVERY) if prepared.open else set()
        nested = set(top)
        for fragment in prepared.fragments:
            (nested if fragment.nested else top).update(fragment.clauses)
        self.top, self.nested = frozenset(top), frozenset(nested)

    def read(self, node: exp.Expr) -> Query:
        """The statement's query."""
        query = self.query(node, 0, frozenset(), top=True)
        return msgspec.structs.replace(query, place=self.prepared.whole, sql=self.prepared.shown)

    def subquery(self, node: exp.Expr, level: int) -> Query:
        """A query inside an expression. It sees the CTEs around it."""
        return self.query(node, level, self.scope, top=False)

    scope: frozenset[str] = frozenset()
    """The names of the CTEs that are visible, lower case."""

    def clause(
        self, name: str, elements: Iterable[Element[T]], opens: frozenset[str], *, open_: bool = False
    ) -> Clause[T]:
        """A clause with its elements, open where something can hide in it."""
        return Clause(tuple(elements), open_ or name in opens)

    def query(self, node: exp.Expr, level: int, scope: frozenset[str], *, top: bool) -> Query:
        """Any query. `top`: it is the statement itself or an operand of it."""
        opens = self.top if top else self.nested
        if level > LEVELS:
            return _unknown(self.tag)
        outer = self.scope
        names, ctes = self.ctes(node, level, scope)
        self.scope = names
        try:
            if isinstance(node, exp.Subquery | exp.Paren):
                query = self.parenthesised(node, level, names, opens, top=top)
            elif isinstance(node, exp.Select):
                query = self.select(node, level, opens)
            elif isinstance(node, exp.SetOperation):
                query = self.set_operation(node, level, names, opens, top=top)
            elif isinstance(node, exp.Insert):
                query = self.insert(node, level, names, opens, top=top)
            elif isinstance(node, exp.Update):
                query = self.update(node, level, opens)
            elif isinstance(node, exp.Delete):
                query = self.delete(node, level, opens)
            elif isinstance(node, exp.Merge):
                query = self.merge(node, level, opens)
            elif isinstance(node, exp.Table):
                sources = Clause(tuple(Element(source) for source in self.sources(node, level)))
                query = Query(Verb.SELECT, None, self.tag, sources, Clause((Element(Star()),)))
            else:
                query = Query(Verb.SELECT, None, self.tag)
        finally:
            self.scope = outer
        if ctes or query.place is None:
            query = msgspec.structs.replace(query, ctes=ctes + query.ctes, place=self.place(node) if not top else None)
        return query

    def ctes(
        self, node: exp.Expr, level: int, scope: frozenset[str]
    ) -> tuple[frozenset[str], tuple[tuple[str, Query], ...]]:
        """The CTEs of a statement, and the names that are visible in it."""
        clause = node.args.get("with_")
        if not isinstance(clause, exp.With):
            return scope, ()
        found: list[tuple[str, Query]] = []
        for cte in clause.expressions:
            name = self.known(cte.alias)
            if clause.args.get("recursive"):
                scope |= {name.lower()}
            found.append((name, self.query(cte.this, level + 1, scope, top=False)))
            scope |= {name.lower()}
        return scope, tuple(found)

    def parenthesised(
        self, node: exp.Expr, level: int, scope: frozenset[str], opens: frozenset[str], *, top: bool
    ) -> Query:
        """A query in parentheses, with the clauses that stand behind them."""
        query = self.query(node.this, level + 1, scope, top=top)
        order, limit, offset = self.tail(node, level, opens, ())
        changes: dict[str, object] = {}
        if order.elements:
            changes["order"] = order
        if limit.elements:
            changes["limit"] = limit
        if offset.elements:
            changes["offset"] = offset
        return msgspec.structs.replace(query, **changes) if changes else query

    # SELECT

    def select(self, node: exp.Select, level: int, opens: frozenset[str]) -> Query:
        """A SELECT."""
        items = node.expressions
        if len(items) == 1 and not node.args.get("from_") and self.hole(items[0]) is not None:
            return _unknown(self.tag)
        projection, hidden = self.projection(items, level)
        sources, unknown = self.all_sources(node, level)
        where, where_open = self.conditions(level, node.args.get("prewhere"), node.args.get("where"))
        having, having_open = self.conditions(level, node.args.get("having"), node.args.get("qualify"))
        grouping, group_open = self.grouping(node, level, items)
        order, limit, offset = self.tail(node, level, opens, items)
        return Query(
            Verb.SELECT,
            None,
            self.tag,
            self.clause("sources", sources, opens, open_=unknown),
            self.clause("projection", projection, opens, open_=hidden),
            self.clause("where", where, opens, open_=where_open),
            self.clause("grouping", grouping, opens, open_=group_open),
            self.clause("having", having, opens, open_=having_open),
            order,
            limit,
            offset,
            locks=self.clause("locks", self.locks(node), opens),
            distinct=bool(node.args.get("distinct")),
        )

    def projection(self, items: Iterable[exp.Expr], level: int) -> tuple[list[Element[Expression]], bool]:
        """The expressions that are asked for, and whether more may be."""
        elements: list[Element[Expression]] = []
        hidden = False
        for item in items:
            inner = item.this if isinstance(item, exp.Alias) else item
            hidden = hidden or (self.hole(inner) is not None and inner is item)
            elements.append(Element(self.visible(inner, level + 1)))
        return elements, hidden

    def conditions(self, level: int, *clauses: object) -> tuple[list[Element[Condition]], bool]:
        """The conjuncts of WHERE-like clauses, and whether one of them is interpolated."""
        elements: list[Element[Condition]] = []
        open_ = False
        for clause in clauses:
            if isinstance(clause, exp.Expr) and isinstance(clause.this, exp.Expr):
                parts, hidden = self.conjuncts(clause.this, level + 1)
                open_ = open_ or hidden
                elements += [Element(part) for part in parts]
        return elements, open_

    def grouping(self, node: exp.Select, level: int, items: list[exp.Expr]) -> tuple[list[Element[Expression]], bool]:
        """GROUP BY, with positions and aliases resolved."""
        clause = node.args.get("group")
        if not isinstance(clause, exp.Group):
            return [], False
        elements: list[Element[Expression]] = []
        open_ = False
        for value in clause.args.values():
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, exp.Expr):
                    open_ = open_ or self.hole(item) is not None
                    elements.append(Element(self.visible(self.meant(item, items, columns=True), level + 1)))
        return elements, open_

    def meant(self, node: exp.Expr, items: Iterable[exp.Expr], *, columns: bool = False) -> exp.Expr:
        """What a sort or group key stands for where it is a position or an alias of the projection.

        `columns`: a name that is also a column's own stays that column (GROUP BY prefers it).
        """
        node = unwrapped(node)
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
            listed = list(items)
            position = int(node.this) - 1 if len(node.this) < 5 else -1
            if 0 <= position < len(listed) and not any(item.is_star for item in listed[: position + 1]):
                found = listed[position]
                return found.this if isinstance(found, exp.Alias) else found
            return node
        if isinstance(node, exp.Column) and len(node.parts) == 1 and isinstance(node.this, exp.Identifier):
            name = node.name.lower()
            for item in items:
                if isinstance(item, exp.Alias) and item.alias.lower() == name:
                    if not (columns and isinstance(item.this, exp.Column)):
                        return item.this if isinstance(item.this, exp.Expr) else node
        return node

    def tail(
        self, node: exp.Expr, level: int, opens: frozenset[str], items: Iterable[exp.Expr]
    ) -> tuple[Clause[Order], Clause[Bound], Clause[Bound]]:
        """ORDER BY, LIMIT and OFFSET."""
        elements: list[Element[Order]] = []
        hidden = False
        clause = node.args.get("order")
        if isinstance(clause, exp.Order):
            for item in clause.expressions:
                inner = item.this if isinstance(item, exp.Ordered) else item
                hidden = hidden or self.hole(inner) is not None
                descending = bool(item.args.get("desc"))
                key = self.visible(self.meant(inner, items), level + 1)
                elements.append(Element(Order(key, descending, self.nulls(item, descending=descending))))
        limit, offset = node.args.get("limit"), node.args.get("offset")
        return (
            self.clause("order", elements, opens, open_=hidden),
            self.clause("limit", self.bound(limit), opens),
            self.clause("offset", self.bound(offset), opens),
        )

    def nulls(self, item: exp.Expr, *, descending: bool) -> str:
        """Where nulls sort, when that is not the dialect's own habit."""
        first = item.args.get("nulls_first")
        if not isinstance(item, exp.Ordered) or first is None:
            return ""
        habit = syntax(self.dialect).NULL_ORDERING
        usual = descending if habit == "nulls_are_large" else not descending if habit == "nulls_are_small" else False
        return "" if bool(first) == usual else "first" if first else "last"

    def bound(self, clause: object) -> Iterator[Element[Bound]]:
        """A LIMIT, FETCH, TOP or OFFSET. `LIMIT ALL`, `LIMIT NULL` and a negative number are none."""
        if not isinstance(clause, exp.Limit | exp.Fetch | exp.Offset):
            return
        if isinstance(clause, exp.Limit) and clause.args.get("expressions"):
            return  # ClickHouse: LIMIT n BY columns
        node = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.args.get("expression")
        if not isinstance(node, exp.Expr):
            if isinstance(clause, exp.Fetch):
                yield Element(Bound(1, Origin.CONSTANT))
            return
        node = unwrapped(node)
        if isinstance(node, exp.Null) or (isinstance(node, exp.Var | exp.Column) and node.name.upper() == "ALL"):
            return
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
            yield Element(Bound(int(node.this[:18]), Origin.CONSTANT))
            return
        if isinstance(node, exp.Neg):
            return
        marker = self.bare(node)
        yield Element(Bound(None, marker.origin if marker is not None else Origin.UNKNOWN))

    def locks(self, node: exp.Expr) -> Iterator[Element[str]]:
        """Row locks, as written, without the tables."""
        for lock in node.args.get("locks") or ():
            update, key, wait = bool(lock.args.get("update")), bool(lock.args.get("key")), lock.args.get("wait")
            words = (
                ("for no key update" if key else "for update") if update else ("for key share" if key else "for share")
            )
            if wait is True:
                words += " nowait"
            elif wait is False:
                words += " skip locked"
            yield Element(words)
        table = node.args.get("from_")
        if isinstance(table, exp.From) and isinstance(table.this, exp.Table):
            for hint in table.this.args.get("hints") or ():
                for word in hint.expressions:
                    if word.name.upper() in ("UPDLOCK", "XLOCK", "TABLOCKX", "HOLDLOCK"):
                        yield Element(word.name.lower())

    # Sources

    def all_sources(self, node: exp.Expr, level: int) -> tuple[list[Element[Source]], bool]:
        """FROM and its joins, and whether a table's name is interpolated."""
        found: list[Source] = []
        clause = node.args.get("from_")
        if isinstance(clause, exp.From) and isinstance(clause.this, exp.Expr):
            found += self.sources(clause.this, level)
        for lateral in node.args.get("laterals") or ():
            found += self.sources(lateral, level, "cross")
        for join in node.args.get("joins") or ():
            found += self.joined(join, level)
        return [Element(source) for source in found], any(source.real and not source.name for source in found)

    def joined(self, join: exp.Join, level: int) -> Iterator[Source]:
        """A join: its table, how it is joined and on what."""
        side, kind = (join.side or "").lower(), (join.kind or "").lower()
        on = join.args.get("on")
        using = join.args.get("using") or ()
        if side in ("left", "right", "full"):
            how = side
        elif kind == "cross" or (not isinstance(on, exp.Expr) and not using and not join.method):
            how = "cross"
        else:
            how = "inner"
        condition: Condition | None = None
        if isinstance(on, exp.Expr):
            condition = self.condition(on, level + 1)
        elif join.method and join.method.upper() == "NATURAL":
            condition = OpaqueCondition("natural")
        inner = join.this
        first = True
        for source in self.sources(inner, level, how):
            if first and using:
                alias = source.alias or source.name
                shared = [self.shared(column, alias) for column in using]
                condition = shared[0] if len(shared) == 1 else And(tuple(shared))
            yield msgspec.structs.replace(source, on=condition) if first and condition is not None else source
            first = False

    def shared(self, column: exp.Expr, alias: str) -> Condition:
        """One column of `USING (…)`."""
        name = self.known(column.name)
        place = self.place(column)
        return Compare(Column(name, "", (), place), "=", Column(name, alias, (), place))

    def sources(self, node: exp.Expr, level: int, join: str = "") -> Iterator[Source]:
        """The sources that a table expression stands for, with the joins inside it."""
        alias = self.known(node.alias) if isinstance(node.args.get("alias"), exp.Expr) else ""
        if isinstance(node, exp.Table):
            yield self.table(node, alias, join)
        elif isinstance(node, exp.Subquery | exp.Paren) and isinstance(node.this, exp.Table | exp.Subquery | exp.Paren):
            inner = list(self.sources(node.this, level + 1, join)) if level <= LEVELS else []
            if alias and inner:
                inner[0] = msgspec.structs.replace(inner[0], alias=alias)
            yield from inner
        elif isinstance(node, exp.Subquery | exp.Select | exp.SetOperation):
            nested = self.query(node, level + 1, self.scope, top=False)
            yield Source("", alias, "", join, None, nested, real=False, place=nested.place)
        elif isinstance(node, exp.Lateral):
            inner_node = node.this
            if isinstance(inner_node, exp.Subquery):
                nested = self.query(inner_node, level + 1, self.scope, top=False)
                yield Source("", alias, "", join, None, nested, real=False, place=nested.place)
            else:
                yield Source(self.callee(inner_node), alias, "", join, real=False, place=self.place(node))
        elif isinstance(node, exp.Column):  # a hole, or a name in parentheses
            yield Source(self.known(node.name), alias, "", join, place=self.place(node))
        else:
            yield Source(self.callee(node), alias, "", join, real=False, place=self.place(node))
        for inner_join in node.args.get("joins") or ():
            yield from self.joined(inner_join, level)

    def callee(self, node: object) -> str:
        """The name of a function that gives rows."""
        if isinstance(node, exp.Dot):
            node = node.expression
        if isinstance(node, exp.Values):
            return "values"
        return self.function_name(node) if isinstance(node, exp.Func) else type(node).__name__.lower()

    def table(self, node: exp.Table, alias: str, join: str) -> Source:
        """A stored table, a CTE or a function."""
        inner = node.this
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Identifier):
            inner = inner.expression
        if not isinstance(inner, exp.Identifier):
            return Source(self.callee(inner), alias, "", join, real=False, place=self.place(node))
        name = self.known(inner.this)
        schema = node.args.get("db")
        qualifier = self.known(schema.name) if isinstance(schema, exp.Expr) else ""
        real = not (name.lower() in self.scope and not isinstance(schema, exp.Expr))
        start, stop = _bounds(node.args.get("catalog"), schema, inner)
        place = self.prepared.place(start, stop) if start >= 0 else None
        return Source(name, alias, qualifier, join, None, None, real, place)

    # Set operations

    def set_operation(
        self, node: exp.SetOperation, level: int, scope: frozenset[str], opens: frozenset[str], *, top: bool
    ) -> Query:
        """UNION, INTERSECT, EXCEPT; a chain of one of them has all its operands as parts."""
        word = _set_word(node)
        sides: list[exp.Expr] = []
        inner: exp.Expr = node
        while (
            isinstance(inner, exp.SetOperation) and _set_word(inner) == word and (inner is node or not _has_tail(inner))
        ):
            sides.append(inner.expression)
            inner = inner.this
        sides.append(inner)
        parts = tuple(self.query(side, level + 1, scope, top=top) for side in reversed(sides))
        first = inner
        while isinstance(first, exp.SetOperation | exp.Subquery):
            first = first.this
        order, limit, offset = self.tail(node, level, opens, first.expressions if isinstance(first, exp.Select) else ())
        return Query(
            Verb.SELECT,
            None,
            self.tag,
            order=order,
            limit=limit,
            offset=offset,
            set_operation=word,
            parts=parts,
        )

    # INSERT, UPDATE, DELETE, MERGE

    def insert(self, node: exp.Insert, level: int, scope: frozenset[str], opens: frozenset[str], *, top: bool) -> Query:
        """An INSERT or REPLACE."""
        target = node.this
        columns: list[exp.Expr] = []
        if isinstance(target, exp.Schema):
            columns, target = target.expressions, target.this
        sources = list(self.sources(target, level)) if isinstance(target, exp.Expr) else []
        feed = node.args.get("expression")
        parts: tuple[Query, ...] = ()
        rows = "one" if node.args.get("default") else ""
        values: list[exp.Expr] = []
        feed = feed.this if isinstance(feed, exp.Subquery) and isinstance(feed.this, exp.Values) else feed
        if isinstance(feed, exp.Values | exp.Tuple):
            tuples = feed.expressions if isinstance(feed, exp.Values) else [feed]
            rows, values = self.rows(tuples)
        elif isinstance(feed, exp.Expr):
            part = self.query(feed, level + 1, scope, top=top)
            if part.verb is Verb.UNKNOWN:
                opens |= frozenset({"assignments"})
            else:
                rows = "query"
            parts = (part,)
        assignments, hidden = self.assigned(columns, values, level)
        conflict = self.conflict(node)
        returning, more = self.returning(node, level)
        replaces = bool(self.prepared.tokens) and self.prepared.tokens[0].word == "REPLACE"
        return Query(
            Verb.UPSERT if replaces else Verb.INSERT,
            None,
            self.tag,
            self.clause(
                "sources", [Element(source) for source in sources], opens, open_=any(not s.name for s in sources)
            ),
            assignments=self.clause("assignments", assignments, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
            parts=parts,
            conflict="update" if replaces else conflict,
            rows=rows,
        )

    def rows(self, tuples: list[exp.Expr]) -> tuple[str, list[exp.Expr]]:
        """How many rows are inserted, and the values of the first."""
        first = tuples[0] if tuples else None
        values = list(first.expressions) if isinstance(first, exp.Tuple) else [first] if first is not None else []
        if len(tuples) > 1:
            return "many", values
        start = self.values_start()
        if start < 0:
            return "one", values
        if any(begin <= start < end for begin, end in self.prepared.repeats):
            return "many", values
        if self.prepared.sql[start] == "(":
            return "one", values
        marker = self.bare(values[0]) if values else None
        if marker is not None:
            return ("many" if marker.value else ""), []
        return "one", values

    def values_start(self) -> int:
        """Where the first row of VALUES begins, -1 where the word is missing."""
        seen = False
        for token in self.prepared.tokens:
            if seen and token.word != "ROW":
                return token.start
            seen = seen or token.word in ("VALUES", "VALUE")
        return -1

    def assigned(
        self, columns: list[exp.Expr], values: list[exp.Expr], level: int
    ) -> tuple[list[Element[Assignment]], bool]:
        """Column by column what an INSERT writes; the column is "" where none are listed."""
        found: list[Element[Assignment]] = []
        hidden = False
        for index, column in enumerate(columns):
            if self.hole(column) is not None:
                hidden = True
                continue
            value: Expression = OpaqueExpression()
            if index < len(values) and not hidden:
                value = self.expression(values[index], level + 1)
            found.append(Element(Assignment(self.known(column.name), value)))
        if not columns:
            found = [Element(Assignment("", self.expression(value, level + 1))) for value in values]
        return found, hidden

    def conflict(self, node: exp.Insert) -> str:
        """What an INSERT does with a row that is there already."""
        alternative = str(node.args.get("alternative") or "").upper()
        if alternative == "REPLACE":
            return "update"
        if node.args.get("ignore") or alternative == "IGNORE":
            return "nothing"
        clause = node.args.get("conflict")
        if not isinstance(clause, exp.OnConflict):
            return ""
        if clause.args.get("duplicate"):
            return "update"
        action = clause.args.get("action")
        return "nothing" if isinstance(action, exp.Expr) and "NOTHING" in action.name.upper() else "update"

    def returning(self, node: exp.Expr, level: int) -> tuple[list[Element[Expression]], bool]:
        """RETURNING or OUTPUT."""
        clause = node.args.get("returning")
        return self.projection(clause.expressions, level) if isinstance(clause, exp.Returning) else ([], False)

    def update(self, node: exp.Update, level: int, opens: frozenset[str]) -> Query:
        """An UPDATE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        for element in self.all_sources(node, level)[0]:
            source = element.value
            sources.append(source if source.join else msgspec.structs.replace(source, join="cross"))
        assignments, hidden = self.settings(node.expressions, level)
        where, where_open = self.conditions(level, node.args.get("where"))
        order, limit, _ = self.tail(node, level, opens, ())
        returning, more = self.returning(node, level)
        return Query(
            Verb.UPDATE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=_nameless(sources)),
            where=self.clause("where", where, opens, open_=where_open),
            order=order,
            limit=limit,
            assignments=self.clause("assignments", assignments, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
        )

    def settings(self, items: Iterable[exp.Expr], level: int) -> tuple[list[Element[Assignment]], bool]:
        """The assignments of a SET, and whether more may be there."""
        found: list[Element[Assignment]] = []
        hidden = False
        for item in items:
            if not isinstance(item, exp.EQ):
                hidden = True
                continue
            left, right = item.this, item.expression
            if isinstance(left, exp.Tuple):
                values = right.expressions if isinstance(right, exp.Tuple) else []
                for index, column in enumerate(left.expressions):
                    value = self.expression(values[index] if index < len(values) else right, level + 1)
                    found.append(Element(Assignment(self.known(column.name), value)))
                continue
            name = self.known(left.name)
            hidden = hidden or not name
            found.append(Element(Assignment(name, self.expression(right, level + 1))))
        return found, hidden

    def delete(self, node: exp.Delete, level: int, opens: frozenset[str]) -> Query:
        """A DELETE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        using = node.args.get("using")
        for item in using if isinstance(using, list) else ():
            sources += self.sources(item, level, "cross")
        for element in self.all_sources(node, level)[0]:
            sources.append(
                element.value if element.value.join else msgspec.structs.replace(element.value, join="cross")
            )
        where, where_open = self.conditions(level, node.args.get("where"))
        order, limit, _ = self.tail(node, level, opens, ())
        returning, more = self.returning(node, level)
        return Query(
            Verb.DELETE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=_nameless(sources)),
            where=self.clause("where", where, opens, open_=where_open),
            order=order,
            limit=limit,
            returning=self.clause("returning", returning, opens, open_=more),
        )

    def merge(self, node: exp.Merge, level: int, opens: frozenset[str]) -> Query:
        """A MERGE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        on = node.args.get("on")
        using = node.args.get("using")
        if isinstance(using, exp.Expr):
            condition = self.condition(on, level + 1) if isinstance(on, exp.Expr) else None
            sources += [msgspec.structs.replace(source, on=condition) for source in self.sources(using, level, "inner")]
        found: list[Element[Assignment]] = []
        hidden = False
        whens = node.args.get("whens")
        for when in whens.expressions if isinstance(whens, exp.Whens) else ():
            action = when.args.get("then")
            elements: list[Element[Assignment]] = []
            if isinstance(action, exp.Update):
                elements, more = self.settings(action.expressions, level)
                hidden = hidden or more
            elif isinstance(action, exp.Insert) and isinstance(action.this, exp.Tuple):
                values = action.args.get("expression")
                row = values.expressions if isinstance(values, exp.Tuple) else []
                elements, more = self.assigned(action.this.expressions, row, level)
                hidden = hidden or more
            found += [Element(element.value, When.SOMETIMES) for element in elements]
        returning, more = self.returning(node, level)
        return Query(
            Verb.MERGE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=_nameless(sources)),
            assignments=self.clause("assignments", found, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
        )


def _unknown(tag: str) -> Query:
    """A query of which nothing is known."""
    return Query(
        Verb.UNKNOWN,
        None,
        tag,
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
        Clause(open=True),
    )


def _nameless(sources: list[Source]) -> bool:
    """Whether a table's name is interpolated."""
    return any(source.real and not source.name for source in sources)


def _bounds(*nodes: object) -> tuple[int, int]:
    """From the first to the last character of the identifiers that have a position."""
    start = stop = -1
    for node in nodes:
        if isinstance(node, exp.Expr) and node._meta and "start" in node._meta:
            if start < 0:
                start = node._meta["start"]
            stop = node._meta["end"] + 1
    return start, stop


def _set_word(node: exp.SetOperation) -> str:
    word = _SETS.get(type(node), "union")
    return word if node.args.get("distinct") in (True, None) else f"{word} all"


def _has_tail(node: exp.Expr) -> bool:
    return any(node.args.get(name) for name in ("order", "limit", "offset", "with_"))
