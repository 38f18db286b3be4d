"""sqlglot's statements to `Query`.

Conventions, beyond what `dblint.facts.query` says: the SELECT that feeds an INSERT is its only part;
an INSERT without a column list assigns to the column ""; a CTE that is read is a source with
`real=False`; what a branch of a MERGE assigns is SOMETIMES; REPLACE is an UPSERT.
"""

from __future__ import annotations

import msgspec
from sqlglot import exp

from dblint.facts.query import Clause, Element, Query, Star, Verb
from dblint.sql.changes import ChangeReader
from dblint.sql.expressions import LEVELS
from dblint.sql.prepared import PREFIX

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


class QueryReader(ChangeReader):
    """Reads the queries of one prepared statement."""

    def read(self, node: exp.Expr) -> Query:
        """The statement's query."""
        query = self.query(node, 0, frozenset(), top=True)
        return msgspec.structs.replace(query, place=self.prepared.whole, sql=self.prepared.shown)

    def subquery(self, node: exp.Expr, level: int) -> Query:
        """A query inside an expression. It sees the CTEs around it."""
        return self.query(node, level, self.scope, top=False)

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


def _set_word(node: exp.SetOperation) -> str:
    word = _SETS.get(type(node), "union")
    return word if node.args.get("distinct") in (True, None) else f"{word} all"


def _has_tail(node: exp.Expr) -> bool:
    return any(node.args.get(name) for name in ("order", "limit", "offset", "with_"))
