"""Parts of a statement that are parsed on their own: an expression, a nested query."""

from __future__ import annotations

from sqlglot import exp

from dblint.facts.query import Expression, OpaqueExpression, Query
from dblint.facts.text import Literal
from dblint.sql.pieces import Leaf, Raw
from dblint.sql.placeholders import prepare_raw
from dblint.sql.prepared import Prepared
from dblint.sql.queries import QUERIES, QueryReader, outputs
from dblint.sql.trees import SqlError, bounded, tree

__all__ = ["ORDER", "expression_of", "query_in", "query_of"]

ORDER = ("postgres", "mysql", "sqlite", "", "tsql", "clickhouse", "bigquery")
"""The dialects by which a statement of an unknown dialect is read, in turn."""


def expression_of(prepared: Prepared, start: int, stop: int, dialect: str) -> Expression:
    """The expression that `sql[start:stop]` is; opaque where it cannot be parsed."""
    cut = prepared.raw.cut(prepared.back(start), prepared.back(stop))
    inner = prepare_raw(Raw([Leaf(Literal("SELECT ")), *cut.leaves]), "all", prepared.dialect)
    for name in (dialect,) if dialect else ORDER:

        def work(name: str = name) -> Expression:
            node = tree(inner, name)
            if not isinstance(node, exp.Select) or len(node.expressions) != 1:
                raise SqlError("no expression")
            return QueryReader(inner, name, dialect).expression(node.expressions[0])

        try:
            return bounded(inner.depth, work)
        except SqlError:
            continue
    return OpaqueExpression(prepared.show(start, stop))


def query_of(prepared: Prepared, start: int, stop: int, dialect: str) -> tuple[Query, tuple[str, ...] | None]:
    """The query that `sql[start:stop]` is, and the names of its columns where they are known.

    Raises `SqlError`, its position in the whole statement, where no dialect reads it.
    """
    inner = prepare_raw(prepared.raw.cut(prepared.back(start), prepared.back(stop)), "all", prepared.dialect)
    try:
        return query_in(inner, dialect)
    except SqlError as error:
        raise SqlError(error.message, start + error.position) from None


def query_in(inner: Prepared, dialect: str) -> tuple[Query, tuple[str, ...] | None]:
    """The query that a prepared text is, and the names of its columns where they are known.

    Raises `SqlError` where no dialect reads it.
    """
    first: SqlError | None = None
    for name in (dialect,) if dialect else ORDER:

        def work(name: str = name) -> tuple[Query, tuple[str, ...] | None]:
            node = tree(inner, name)
            if not isinstance(node, QUERIES):
                raise SqlError("no query")
            return QueryReader(inner, name, dialect).read(node), outputs(node)

        try:
            return bounded(inner.depth, work)
        except SqlError as error:
            first = first or error
    raise first or SqlError("no query")
