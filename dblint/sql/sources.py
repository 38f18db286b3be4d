"""FROM and its joins to `Source`s."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlglot import exp

from dblint.facts.query import And, Column, Compare, Condition, Element, OpaqueCondition, Query, Source
from dblint.sql.conditions import ConditionReader
from dblint.sql.expressions import LEVELS

__all__ = ["SourceReader", "nameless"]


class SourceReader(ConditionReader):
    """Reads what rows come from."""

    scope: frozenset[str] = frozenset()
    """The names of the CTEs that are visible, lower case."""

    def query(self, node: exp.Expr, level: int, scope: frozenset[str], *, top: bool) -> Query:
        """Any query; the reader of statements knows how."""
        raise NotImplementedError

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
        name = self.named(column)
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
        elif isinstance(node, exp.Final):  # ClickHouse
            yield from self.sources(node.this, level, join)
        elif isinstance(node, exp.Column):  # a hole, or a name in parentheses
            yield Source(self.named(node), alias, "", join, place=self.place(node))
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
        qualifier = self.named(schema) if isinstance(schema, exp.Expr) else ""
        real = not (name.lower() in self.scope and not isinstance(schema, exp.Expr))
        start, stop = _bounds(node.args.get("catalog"), schema, inner)
        place = self.prepared.place(start, stop) if start >= 0 else None
        return Source(name, alias, qualifier, join, None, None, real, place)


def nameless(sources: list[Source]) -> bool:
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
