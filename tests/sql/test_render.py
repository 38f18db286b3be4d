"""Queries as SQL for people, also such as no SQL text gives."""

from __future__ import annotations

import pytest

from dblint.facts.query import (
    Assignment,
    Bound,
    Clause,
    Column,
    Compare,
    Condition,
    Eager,
    Element,
    Function,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Order,
    Query,
    Source,
    Value,
    Verb,
    When,
)
from dblint.facts.text import Origin
from dblint.sql.render import render, render_condition, render_expression

T = Clause((Element(Source("t")),))
CONDITION = Compare(Column("name", relation=("author", "company")), "=", Value("parameter", origin=Origin.REQUEST))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(Verb.SELECT, sources=T), "SELECT * FROM t"),
        (
            Query(
                Verb.SELECT,
                sources=T,
                where=Clause(
                    (Element(CONDITION), Element(OpaqueCondition("", (Column("a"),)), When.SOMETIMES)), open=True
                ),
                limit=Clause((Element(Bound(None, Origin.PARAMETER), When.SOMETIMES),)),
            ),
            "SELECT * FROM t WHERE author.company.name = ? AND /* sometimes */ /* a */ AND /* … */ LIMIT /* sometimes */ :parameter",  # noqa: E501
        ),
        (
            Query(
                Verb.SELECT,
                sources=T,
                projection=Clause((Element(Column("Größe")), Element(Column("two words"), When.SOMETIMES)), open=True),
                order=Clause((Element(Order(Column("a"), descending=True, nulls="last")),)),
                eager=Clause(
                    (
                        Element(Eager(("author",))),
                        Element(Eager(("tags",), query=Query(Verb.SELECT, sources=T)), When.SOMETIMES),
                    )
                ),
            ),
            (
                'SELECT "Größe", /* sometimes */ "two words", /* … */ FROM t ORDER BY a DESC NULLS LAST '
                "/* with author, /* sometimes */ tags (SELECT * FROM t) */"
            ),
        ),
        (
            Query(
                Verb.INSERT,
                sources=T,
                assignments=Clause((Element(Assignment("a", Value("number", "1"))),), open=True),
                rows="many",
            ),
            "INSERT INTO t (a, /* … */) VALUES (1), …",
        ),
        (Query(Verb.UPDATE, sources=T, assignments=Clause(open=True)), "UPDATE t SET /* … */"),
        (Query(Verb.DELETE, sources=Clause(open=True)), "DELETE FROM /* … */"),
        (Query(Verb.AGGREGATE, sources=T, projection=Clause((Element(Function("count")),))), "SELECT count() FROM t"),
        (Query(Verb.DDL, sql="DROP TABLE t"), "DROP TABLE t"),
        (Query(Verb.UNKNOWN), "/* unknown */"),
    ],
)
def test_queries(query: Query, expected: str) -> None:
    assert render(query) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Compare(Column("a"), "in", Value("list")), "a IN (…)"),
        (Compare(Column("a"), "is-not", Value("null")), "a IS NOT NULL"),
        (Compare(Column("a"), "", Value("unknown")), "a /* ? */ /* … */"),
        (Or((CONDITION, CONDITION)), "author.company.name = ? OR author.company.name = ?"),
        (OpaqueCondition(), "/* … */"),
    ],
)
def test_conditions(condition: Condition, expected: str) -> None:
    assert render_condition(condition) == expected


def test_names_and_strings_are_quoted() -> None:
    assert render_expression(Column('a"b', "my table")) == '"my table"."a""b"'
    assert render_expression(Value("string", "it's")) == "'it''s'"
    assert render_expression(OpaqueExpression()) == "/* … */"


def test_depth_is_bounded() -> None:
    query = Query(Verb.SELECT, sources=T)
    for _ in range(200):
        query = Query(Verb.SELECT, sources=Clause((Element(Source("", real=False, query=query)),)))
    assert "/* … */" in render(query)
