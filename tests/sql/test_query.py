"""What statements ask for: exact structures for each clause, and a broad table read back as SQL."""

from __future__ import annotations

from typing import Any

import pytest

from dblint.facts.query import (
    And,
    Assignment,
    Bound,
    Cast,
    Clause,
    Column,
    Compare,
    Element,
    Function,
    Not,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Order,
    Query,
    Source,
    Star,
    Subquery,
    Value,
    Verb,
    When,
)
from dblint.facts.schema import Change, Operation
from dblint.facts.text import Origin, Piece, Place
from dblint.sql.query import parse, render
from tests.sql.build import PATH, bound, hole, many, sometimes, text


def query(*pieces: str | Piece, dialect: str = "", whole: bool = True) -> Query:
    parsed = parse(text(*pieces, whole=whole), dialect)
    assert parsed.error == ""
    assert parsed.query is not None
    return parsed.query


def at(source: str, part: str, nth: int = 0) -> Place:
    """The place of the nth occurrence of a part."""
    start = -1
    for _ in range(nth + 1):
        start = source.index(part, start + 1)
    start = len(source[:start].encode())
    return Place(PATH, start, start + len(part.encode()))


@pytest.mark.parametrize(
    ("dialect", "source", "rendered"),
    [
        ("", "SELECT 1", "SELECT 1"),
        ("", "SELECT * FROM t", "SELECT * FROM t"),
        ("", 'SELECT t.*, u.id AS x FROM s.t AS t, "My U" u', 'SELECT t.*, u.id FROM s.t CROSS JOIN "My U" AS u'),
        (
            "",
            "SELECT DISTINCT a FROM t WHERE b = 1 AND (c = 2 OR d IS NULL) AND NOT e = 3",
            "SELECT DISTINCT a FROM t WHERE b = 1 AND (c = 2 OR d IS NULL) AND NOT (e = 3)",
        ),
        (
            "",
            "SELECT a FROM t WHERE b IN (1, 2, 3) AND c NOT IN ('x', 'y') AND d IN (SELECT e FROM u) AND f NOT IN (%s)",
            "SELECT a FROM t WHERE b IN (1, 2, 3) AND c NOT IN ('x', 'y') AND d IN (SELECT e FROM u) AND f NOT IN (%s)",
        ),
        (
            "",
            "SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c NOT BETWEEN $1 AND $2 AND d LIKE '%x' AND e NOT LIKE 'x%' ESCAPE '!'",  # noqa: E501
            "SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c NOT BETWEEN $1 AND $2 AND d LIKE '%x' AND e NOT LIKE 'x%'",
        ),
        (
            "",
            "SELECT a FROM t WHERE b IS NOT NULL AND c IS TRUE AND d AND NOT e AND EXISTS (SELECT 1 FROM u WHERE u.i = t.i) AND NOT EXISTS (SELECT 1 FROM v)",  # noqa: E501
            "SELECT a FROM t WHERE b IS NOT NULL AND c IS TRUE AND d = TRUE AND NOT (e = TRUE) AND EXISTS (SELECT 1 FROM u WHERE u.i = t.i) AND NOT (EXISTS (SELECT 1 FROM v))",  # noqa: E501
        ),
        (
            "",
            "SELECT count(*), count(DISTINCT a), max(b) FROM t GROUP BY c, lower(d) HAVING count(*) > 5 ORDER BY 2 DESC, max(b)",  # noqa: E501
            "SELECT count(*), count(DISTINCT a), max(b) FROM t GROUP BY c, lower(d) HAVING count(*) > 5 ORDER BY count(DISTINCT a) DESC, max(b)",  # noqa: E501
        ),
        (
            "",
            "SELECT a AS n, lower(b) AS m FROM t GROUP BY m, a ORDER BY n, m DESC",
            "SELECT a, lower(b) FROM t GROUP BY lower(b), a ORDER BY a, lower(b) DESC",
        ),
        (
            "",
            "SELECT CASE WHEN a = 1 THEN 'x' ELSE b END, coalesce(c, 0) + d * 2, -1, a || b || c FROM t",
            "SELECT case((a = 1), 'x', b), (coalesce(c, 0) + (d * 2)), -1, (a || b || c) FROM t",
        ),
        (
            "",
            "SELECT a FROM t JOIN u ON t.i = u.i LEFT JOIN v USING (i) RIGHT OUTER JOIN w USING (i, j) FULL JOIN x ON x.i = t.i CROSS JOIN y NATURAL JOIN z",  # noqa: E501
            "SELECT a FROM t JOIN u ON t.i = u.i LEFT JOIN v ON i = v.i RIGHT JOIN w ON i = w.i AND j = w.j FULL JOIN x ON x.i = t.i CROSS JOIN y JOIN z ON natural",  # noqa: E501
        ),
        (
            "",
            "SELECT a FROM (SELECT b FROM t LIMIT 1) AS s JOIN (u JOIN v ON u.i = v.i) ON s.i = u.i",
            "SELECT a FROM (SELECT b FROM t LIMIT 1) AS s JOIN u ON s.i = u.i JOIN v ON u.i = v.i",
        ),
        (
            "",
            "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x) SELECT * FROM y JOIN u ON y.a = u.a",
            "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x) SELECT * FROM y JOIN u ON y.a = u.a",
        ),
        (
            "",
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r",
            "WITH r AS (SELECT 1 UNION ALL SELECT (n + 1) FROM r WHERE n < 9) SELECT n FROM r",
        ),
        ("", "SELECT a FROM t UNION SELECT b FROM u", "SELECT a FROM t UNION SELECT b FROM u"),
        (
            "",
            "SELECT a FROM t UNION ALL SELECT b FROM u UNION ALL SELECT c FROM v ORDER BY 1 LIMIT 3",
            "SELECT a FROM t UNION ALL SELECT b FROM u UNION ALL SELECT c FROM v ORDER BY a LIMIT 3",
        ),
        (
            "",
            "(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u LIMIT 2)",
            "(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u LIMIT 2)",
        ),
        (
            "",
            "SELECT a FROM t EXCEPT SELECT b FROM u INTERSECT SELECT c FROM v",
            "SELECT a FROM t EXCEPT (SELECT b FROM u INTERSECT SELECT c FROM v)",
        ),
        ("", "SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 20", "SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 20"),
        ("", "SELECT a FROM t LIMIT ALL", "SELECT a FROM t"),
        ("", "SELECT a FROM t FETCH FIRST 5 ROWS ONLY", "SELECT a FROM t LIMIT 5"),
        ("", "SELECT a FROM t LIMIT :n OFFSET $1", "SELECT a FROM t LIMIT :unknown OFFSET :unknown"),
        (
            "",
            "SELECT a, row_number() OVER (PARTITION BY b ORDER BY c DESC) FROM t",
            "SELECT a, over(row_number(), b, order by(c)) FROM t",
        ),
        ("", "VALUES (1, 2), (3, 4)", "VALUES (1, 2), (3, 4)"),
        ("", "INSERT INTO t (a, b) VALUES (1, 'x')", "INSERT INTO t (a, b) VALUES (1, 'x')"),
        (
            "",
            "INSERT INTO t (a, b) VALUES (%s, now()), (%s, DEFAULT) RETURNING id",
            "INSERT INTO t (a, b) VALUES (%s, now()), … RETURNING id",
        ),
        ("", "INSERT INTO t VALUES (1, 2)", "INSERT INTO t VALUES (1, 2)"),
        ("", "INSERT INTO t DEFAULT VALUES", "INSERT INTO t VALUES (…)"),
        ("clickhouse", "INSERT INTO t (a, b) VALUES", "INSERT INTO t (a, b) VALUES (/* … */, /* … */)"),
        ("clickhouse", "INSERT INTO t FORMAT JSONEachRow", "INSERT INTO t VALUES (…)"),
        ("", "INSERT INTO t (a) SELECT b FROM u WHERE c = 1", "INSERT INTO t (a) SELECT b FROM u WHERE c = 1"),
        (
            "",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE RETURNING *",
        ),
        (
            "",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
        ),
        (
            "",
            "WITH x AS (INSERT INTO t (a) VALUES (1) RETURNING id) SELECT id FROM x",
            "WITH x AS (INSERT INTO t (a) VALUES (1) RETURNING id) SELECT id FROM x",
        ),
        (
            "",
            "UPDATE t SET a = 1, b = b + 1 WHERE id = $1 RETURNING a",
            "UPDATE t SET a = 1, b = (b + 1) WHERE id = $1 RETURNING a",
        ),
        (
            "",
            "UPDATE t SET (a, b) = (1, 2) FROM u WHERE t.i = u.i",
            "UPDATE t CROSS JOIN u SET a = 1, b = 2 WHERE t.i = u.i",
        ),
        ("", "UPDATE t SET a = 1", "UPDATE t SET a = 1"),
        ("", "DELETE FROM t WHERE a = 1", "DELETE FROM t WHERE a = 1"),
        (
            "",
            "DELETE FROM t USING u WHERE t.i = u.i RETURNING *",
            "DELETE FROM t CROSS JOIN u WHERE t.i = u.i RETURNING *",
        ),
        ("", "DELETE FROM t", "DELETE FROM t"),
        (
            "",
            "MERGE INTO t USING u ON t.i = u.i WHEN MATCHED THEN UPDATE SET a = u.a WHEN NOT MATCHED THEN INSERT (i) VALUES (u.i)",  # noqa: E501
            "MERGE INTO t USING u ON t.i = u.i SET /* sometimes */ a = u.a, /* sometimes */ i = u.i",
        ),
        (
            "postgres",
            "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b NULLS FIRST FOR UPDATE SKIP LOCKED",
            "SELECT DISTINCT a, b FROM t ORDER BY a, b NULLS FIRST FOR UPDATE SKIP LOCKED",
        ),
        ("postgres", "SELECT a FROM ONLY t FOR NO KEY UPDATE NOWAIT", "SELECT a FROM t FOR NO KEY UPDATE NOWAIT"),
        (
            "postgres",
            "SELECT a::date, CAST(b AS varchar(5)), c->>'k', d #>> '{x,y}' FROM t WHERE e @> '{1}' AND f && $1 AND g ? 'k' AND h ~* 'x' AND i ILIKE '%y'",  # noqa: E501
            "SELECT CAST(a AS date), CAST(b AS varchar(5)), (c ->> 'k'), (d #>> '{x,y}') FROM t WHERE e @> '{1}' AND f && $1 AND g ? 'k' AND h ~* 'x' AND i ILIKE '%y'",  # noqa: E501
        ),
        (
            "postgres",
            "SELECT a FROM t WHERE b = ANY($1) AND c <> ALL(%s) AND d = ANY(ARRAY[1, 2]) AND e = ANY(SELECT f FROM u)",
            "SELECT a FROM t WHERE b IN ($1) AND c NOT IN (%s) AND d IN (1, 2) AND e IN (SELECT f FROM u)",
        ),
        (
            "postgres",
            "SELECT a FROM t WHERE b > now() - interval '1 day' AND c IS DISTINCT FROM d AND (e, f) = (1, 2)",
            "SELECT a FROM t WHERE b > (now() - interval('1 day')) AND c IS DISTINCT FROM d AND (e, f) = (1, 2)",
        ),
        (
            "postgres",
            "SELECT g FROM generate_series(1, 10) AS g, unnest($1::int[]) AS u(i), LATERAL (SELECT 1) l",
            "SELECT g FROM generate_series AS g CROSS JOIN unnest AS u CROSS JOIN (SELECT 1) AS l",
        ),
        ("postgres", "SELECT count(*) FILTER (WHERE a) FROM t", "SELECT filter(count(*), a) FROM t"),
        ("postgres", "TABLE t", "SELECT * FROM t"),
        (
            "mysql",
            "SELECT `a` FROM `t` WHERE b = \"x\" AND c REGEXP 'y' ORDER BY RAND() LIMIT 5, 10",
            "SELECT a FROM t WHERE b = 'x' AND c ~ 'y' ORDER BY rand() LIMIT 10 OFFSET 5",
        ),
        ("mysql", "SELECT a FROM t LOCK IN SHARE MODE", "SELECT a FROM t FOR SHARE"),
        ("mysql", "INSERT IGNORE INTO t (a) VALUES (?)", "INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING"),
        (
            "mysql",
            "INSERT LOW_PRIORITY IGNORE INTO t SET a = 1 ON DUPLICATE KEY UPDATE a = VALUES(a)",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
        ),
        ("mysql", "REPLACE INTO t (a) VALUES (1), (2)", "UPSERT INTO t (a) VALUES (1), …"),
        (
            "mysql",
            "UPDATE IGNORE t JOIN u ON t.i = u.i SET t.a = 1 WHERE u.b = 2",
            "UPDATE t JOIN u ON t.i = u.i SET a = 1 WHERE u.b = 2",
        ),
        (
            "mysql",
            "DELETE t FROM t JOIN u ON t.i = u.i WHERE u.b = 2",
            "DELETE FROM t JOIN u ON t.i = u.i WHERE u.b = 2",
        ),
        ("mysql", "DELETE FROM t WHERE a = 1 ORDER BY b LIMIT 5", "DELETE FROM t WHERE a = 1 ORDER BY b LIMIT 5"),
        ("sqlite", "INSERT OR REPLACE INTO t (a) VALUES (?)", "INSERT INTO t (a) VALUES (?) ON CONFLICT DO UPDATE"),
        ("sqlite", "INSERT OR IGNORE INTO t (a) VALUES (?1)", "INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING"),
        ("sqlite", "SELECT a FROM t WHERE b GLOB 'x*' LIMIT -1", "SELECT a FROM t WHERE b glob 'x*'"),
        (
            "tsql",
            "SELECT TOP 10 [a] FROM [dbo].[t] WITH (UPDLOCK) WHERE [b] = @p",
            "SELECT a FROM dbo.t WHERE b = @p LIMIT 10 UPDLOCK",
        ),
        (
            "tsql",
            "SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY",
            "SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 5",
        ),
        (
            "tsql",
            "INSERT INTO t (a) OUTPUT inserted.id VALUES (1)",
            "INSERT INTO t (a) VALUES (1) RETURNING inserted.id",
        ),
        ("tsql", "SELECT a FROM t CROSS APPLY f(t.i) AS x", "SELECT a FROM t CROSS JOIN f AS x"),
        (
            "clickhouse",
            "SELECT uniq(a) FROM db.t FINAL PREWHERE b = 1 WHERE c IN {ids:Array(UInt64)} GROUP BY toStartOfHour(d) LIMIT 1 BY a",  # noqa: E501
            "SELECT uniq(a) FROM db.t WHERE b = 1 AND c IN ({ids:Array(UInt64)}) GROUP BY tostartofhour(d)",
        ),
        (
            "bigquery",
            "SELECT a FROM `p.d.t` WHERE b = @x QUALIFY row_number() OVER (ORDER BY c) = 1",
            "SELECT a FROM d.t WHERE b = @x HAVING over(row_number(), order by(c)) = 1",
        ),
        (
            "snowflake",
            "SELECT a:b:c FROM t, LATERAL FLATTEN(input => d) f",
            "SELECT (a -> 'b.c') FROM t CROSS JOIN flatten AS f",
        ),
        ("oracle", "SELECT a FROM t WHERE ROWNUM <= 5", "SELECT a FROM t WHERE ROWNUM <= 5"),
        ("duckdb", "FROM t SELECT a", "SELECT a FROM t"),
    ],
)
def test_read_back(dialect: str, source: str, rendered: str) -> None:
    parsed = parse(source, dialect)
    assert parsed.error == ""
    assert parsed.query is not None
    assert render(parsed.query) == rendered
    assert parsed.query.sql == source
    assert [operation.change for operation in parsed.operations] == [Change.DATA]


def test_a_select_whole() -> None:
    source = "SELECT u.*, count(*) FROM app.users AS u LEFT JOIN orders o ON o.user_id = u.id WHERE u.name = %s ORDER BY u.id DESC LIMIT 5"  # noqa: E501
    assert query(source, dialect="postgres") == Query(
        Verb.SELECT,
        Place(PATH, 0, len(source)),
        "postgres",
        Clause(
            (
                Element(Source("users", "u", "app", place=at(source, "app.users"))),
                Element(
                    Source(
                        "orders",
                        "o",
                        join="left",
                        on=Compare(
                            Column("user_id", "o", (), at(source, "o.user_id")),
                            "=",
                            Column("id", "u", (), at(source, "u.id")),
                        ),
                        place=at(source, "orders"),
                    )
                ),
            )
        ),
        Clause(
            (
                Element(Star("u", at(source, "u.*"))),
                Element(Function("count", (Star("", at(source, "*", 1)),))),
            )
        ),
        Clause(
            (
                Element(
                    Compare(
                        Column("name", "u", (), at(source, "u.name")),
                        "=",
                        Value("parameter", "%s", Origin.UNKNOWN, at(source, "%s")),
                    )
                ),
            )
        ),
        order=Clause((Element(Order(Column("id", "u", (), at(source, "u.id", 1)), descending=True)),)),
        limit=Clause((Element(Bound(5, Origin.CONSTANT)),)),
        sql=source,
    )


def test_an_insert_whole() -> None:
    source = "INSERT INTO t (a, b) VALUES ('x', 1.5), (%s, NULL) ON CONFLICT (a) DO UPDATE SET b = 2 RETURNING id"
    assert query(source, dialect="sqlite") == Query(
        Verb.INSERT,
        Place(PATH, 0, len(source)),
        "sqlite",
        Clause((Element(Source("t", place=Place(PATH, 12, 13))),)),
        assignments=Clause(
            (Element(Assignment("a", Value("string", "x"))), Element(Assignment("b", Value("number", "1.5"))))
        ),
        returning=Clause((Element(Column("id", place=at(source, "id"))),)),
        conflict="update",
        rows="many",
        sql=source,
    )


def test_an_update_whole() -> None:
    source = "UPDATE t SET a = b + 1, c = :c WHERE d = 1 OR NOT e IS NULL"
    assert query(source, dialect="mysql") == Query(
        Verb.UPDATE,
        Place(PATH, 0, len(source)),
        "mysql",
        Clause((Element(Source("t", place=Place(PATH, 7, 8))),)),
        where=Clause(
            (
                Element(
                    Or(
                        (
                            Compare(Column("d", place=Place(PATH, 37, 38)), "=", Value("number", "1")),
                            Compare(Column("e", place=Place(PATH, 50, 51)), "is-not", Value("null", "null")),
                        )
                    )
                ),
            )
        ),
        assignments=Clause(
            (
                Element(Assignment("a", Function("+", (Column("b", place=at(source, "b")), Value("number", "1"))))),
                Element(Assignment("c", Value("parameter", ":c", Origin.UNKNOWN, at(source, ":c")))),
            )
        ),
        sql=source,
    )


@pytest.mark.parametrize(
    ("source", "condition"),
    [
        ("a = 1", Compare(Column("a"), "=", Value("number", "1"))),
        ("a", Compare(Column("a"), "=", Value("boolean", "true"))),
        ("NOT a", Not(Compare(Column("a"), "=", Value("boolean", "true")))),
        ("a IS NULL", Compare(Column("a"), "is", Value("null", "null"))),
        ("a IS NOT NULL", Compare(Column("a"), "is-not", Value("null", "null"))),
        ("a IN (1, %s)", Compare(Column("a"), "in", Value("list", "1, %s", Origin.UNKNOWN))),
        ("a IN (1, b)", Compare(Column("a"), "in", Function("list", (Value("number", "1"), Column("b"))))),
        ("a NOT IN ('x')", Compare(Column("a"), "not-in", Value("list", "'x'"))),
        ("a IN %s", Compare(Column("a"), "in", Value("parameter", "%s", Origin.UNKNOWN))),
        ("a = ANY(%s)", Compare(Column("a"), "in", Value("list", "%s", Origin.UNKNOWN))),
        (
            "a BETWEEN 1 AND 2",
            Compare(Column("a"), "between", Function("range", (Value("number", "1"), Value("number", "2")))),
        ),
        ("lower(a) LIKE '%x%'", Compare(Function("lower", (Column("a"),)), "like", Value("string", "%x%"))),
        ("a::date = b", Compare(Cast(Column("a"), "date"), "=", Column("b"))),
        (
            "(a = 1 OR (b = 2 OR c = 3))",
            Or(tuple(Compare(Column(n), "=", Value("number", v)) for n, v in ("a1", "b2", "c3"))),
        ),
        (
            "(a = 1 AND b = 2) OR c = 3",
            Or(
                (
                    And(
                        (
                            Compare(Column("a"), "=", Value("number", "1")),
                            Compare(Column("b"), "=", Value("number", "2")),
                        )
                    ),
                    Compare(Column("c"), "=", Value("number", "3")),
                )
            ),
        ),
        (
            "EXISTS (SELECT 1)",
            Compare(
                Function(
                    "exists",
                    (
                        Subquery(
                            Query(Verb.SELECT, None, "postgres", projection=Clause((Element(Value("number", "1")),)))
                        ),
                    ),
                ),
                "=",
                Value("boolean", "true"),
            ),
        ),
    ],
)
def test_conditions(source: str, condition: object) -> None:
    parsed = parse(f"SELECT 1 FROM t WHERE {source}", "postgres")  # noqa: S608
    assert parsed.query is not None
    (element,) = parsed.query.where.elements
    assert element.value == condition


# Optional pieces


def whens(clause: Clause[Any]) -> list[When]:
    return [element.when for element in clause.elements]


def test_optional_pieces_are_sometimes() -> None:
    found = query(
        "SELECT a",
        sometimes(", b"),
        " FROM t",
        sometimes(" JOIN u ON u.i = t.i"),
        " WHERE c = ",
        bound("c"),
        sometimes(" AND d = ", bound("d")),
        " ORDER BY e",
        sometimes(" LIMIT ", bound("n")),
    )
    both = [When.ALWAYS, When.SOMETIMES]
    assert (whens(found.projection), whens(found.sources), whens(found.where)) == (both, both, both)
    assert (whens(found.order), whens(found.limit)) == ([When.ALWAYS], [When.SOMETIMES])
    assert found.limit.sometimes()
    assert [element.condition for element in found.limit.elements] == [Origin.UNKNOWN]
    assert not found.limit.open


def test_what_only_stands_with_an_optional_piece_stands_always() -> None:
    """`WHERE` alone is no statement, so the first condition must be there."""
    found = query("SELECT a FROM t WHERE ", sometimes("b = 1"), sometimes(" AND c = 2"))
    assert whens(found.where) == [When.ALWAYS, When.SOMETIMES]


def test_alternatives_are_both_sometimes() -> None:
    found = query("SELECT a FROM t", sometimes(" WHERE b = 1"), sometimes(" WHERE c = 2"))
    assert sorted(render(Query(Verb.DELETE, where=Clause((element,)))) for element in found.where.elements) == [
        "DELETE FROM  WHERE /* sometimes */ b = 1",
        "DELETE FROM  WHERE /* sometimes */ c = 2",
    ]


def test_optional_pieces_inside_a_nested_query() -> None:
    found = query("SELECT * FROM (SELECT a FROM t", sometimes(" WHERE b = 1"), ") x")
    (source,) = found.sources.elements
    assert source.when is When.ALWAYS
    assert source.value.query is not None
    assert whens(source.value.query.where) == [When.SOMETIMES]


# Holes


def test_a_table_that_is_a_hole() -> None:
    found = query("DELETE FROM ", hole("table"))
    assert found.sources.open
    assert [(source.name, source.real) for source in found.sources.values()] == [("", True)]
    assert found.where.surely_absent()


def test_a_table_name_with_a_hole_in_it() -> None:
    found = query("SELECT a FROM part_", hole("year"))
    assert (found.table, found.sources.open) == ("", True)


def test_a_schema_that_is_a_hole_hides_no_table() -> None:
    found = query("SELECT a FROM ", hole("schema"), ".t")
    assert (found.table, found.sources.open) == ("t", False)


def test_a_condition_that_is_a_hole() -> None:
    found = query("DELETE FROM t WHERE ", hole("where"), " AND a = 1")
    assert found.where.open
    assert next(found.where.values()) == OpaqueCondition("{where}")
    assert found.where.surely()


def test_values_and_columns_that_are_holes() -> None:
    found = query(
        "SELECT a FROM t WHERE ",
        hole("column", "x", "y", origin=Origin.REQUEST),
        " = ",
        hole("value", origin=Origin.REQUEST),
        " AND b = '",
        hole("name", origin=Origin.PARAMETER),
        "' ORDER BY ",
        hole("order", origin=Origin.REQUEST),
    )
    first, second = found.where.values()
    assert first == Compare(
        OpaqueExpression("{column}", (Column("x"), Column("y"))), "=", Value("unknown", "{value}", Origin.REQUEST)
    )
    assert isinstance(second, Compare)
    assert second.right == Value("string", "{name}", Origin.PARAMETER)
    assert [order.expression for order in found.order.values()] == [OpaqueExpression("{order}")]
    assert found.order.open


def test_an_operator_that_is_a_hole_is_unknown() -> None:
    found = query("SELECT a FROM t WHERE b ", hole("operator"), " 5")
    (condition,) = found.where.values()
    assert isinstance(condition, Compare)
    assert condition.operator == ""


def test_a_limit_says_where_it_comes_from() -> None:
    found = query("SELECT a FROM t LIMIT ", hole("size", origin=Origin.REQUEST))
    assert list(found.limit.values()) == [Bound(None, Origin.REQUEST)]


def test_a_fragment_opens_clauses() -> None:
    found = query("SELECT a FROM t ", hole("rest"), " LIMIT 1")
    assert [
        name for name in ("projection", "sources", "where", "order", "limit", "offset") if getattr(found, name).open
    ] == [
        "sources",
        "where",
        "order",
    ]
    assert found.where.unknown()


def test_an_open_text_opens_everything() -> None:
    found = query("SELECT a FROM t", whole=False)
    assert found.where.unknown()
    assert found.limit.unknown()


def test_a_text_of_which_nothing_is_known() -> None:
    found = query(hole("sql"))
    assert found.verb is Verb.UNKNOWN
    assert found.where.open


@pytest.mark.parametrize(
    ("pieces", "rows"),
    [
        (("INSERT INTO t (a) VALUES (", bound(), ")"), "one"),
        (("INSERT INTO t (a) VALUES ", many("(", bound(), ")")), "many"),
        (("INSERT INTO t (a, b) VALUES (", many(bound()), ")"), "one"),
        (("INSERT INTO t (a) VALUES %s",), "many"),
        (("INSERT INTO t (a) VALUES ", hole("rows")), ""),
        (("INSERT INTO t (a) ", hole("rest")), ""),
        (("INSERT INTO t (a) SELECT b FROM u",), "query"),
        (("INSERT INTO t (a) VALUES (1), (2)",), "many"),
    ],
)
def test_how_many_rows(pieces: tuple[str | Piece, ...], rows: str) -> None:
    assert query(*pieces).rows == rows


# Dialects, scripts, operations


@pytest.mark.parametrize(
    ("source", "used", "named"),
    [
        ("SELECT a FROM t", "postgres", ""),
        ("SELECT a::int FROM t", "postgres", "postgres"),
        ("SELECT `a` FROM t", "mysql", ""),
        ("INSERT INTO t SET a = 1 ON DUPLICATE KEY UPDATE b = 2", "mysql", "mysql"),
        ("SELECT 'it\\'s' FROM t # why", "mysql", ""),
        ("SELECT TOP 5 a FROM t", "tsql", "tsql"),
        ("CREATE TABLE t (a int)", "", ""),
        ("CREATE TABLE t (a int AUTO_INCREMENT)", "mysql", "mysql"),
    ],
)
def test_an_unknown_dialect(source: str, used: str, named: str) -> None:
    parsed = parse(source)
    assert parsed.query is not None
    assert (parsed.dialect, parsed.query.dialect) == (used, named)


@pytest.mark.parametrize("name", ["postgresql", "PostgreSQL", "postgres", "cockroachdb"])
def test_names_of_dialects(name: str) -> None:
    parsed = parse("SELECT a FROM t", name)
    assert parsed.query is not None
    assert parsed.query.dialect == "postgres"


def test_a_data_statement_is_an_operation_too() -> None:
    source = "UPDATE app.t SET a = 1"
    parsed = parse(text(source), "postgres")
    assert parsed.operations == (
        Operation(
            Change.DATA,
            "t",
            "app",
            place=Place(PATH, 0, len(source)),
            query=parsed.query,
            dialect="postgres",
            sql=source,
        ),
    )


def test_a_statement_that_is_no_query_has_a_verb() -> None:
    verbs = {source: parse(source).query for source in ("CREATE TABLE t (a int)", "SET x = 1", "CALL f(1)", "VACUUM")}
    assert {source: found.verb if found else None for source, found in verbs.items()} == {
        "CREATE TABLE t (a int)": Verb.DDL,
        "SET x = 1": Verb.COMMAND,
        "CALL f(1)": Verb.CALL,
        "VACUUM": Verb.COMMAND,
    }


def test_copy_writes_rows_or_reads_them() -> None:
    told = {}
    for source in ("COPY t (a) FROM STDIN", "COPY t TO STDOUT", "COPY (SELECT a FROM t) TO STDOUT", "COPY t FROM 'x'"):
        query = parse(source, "postgres").query
        assert query is not None
        told[source] = (query.verb, query.table, query.sources.open, query.rows)
    assert told == {
        "COPY t (a) FROM STDIN": (Verb.INSERT, "t", False, "many"),
        "COPY t TO STDOUT": (Verb.SELECT, "t", False, ""),
        "COPY (SELECT a FROM t) TO STDOUT": (Verb.SELECT, "", True, ""),
        "COPY t FROM 'x'": (Verb.INSERT, "t", False, "many"),
    }


def test_several_statements_give_the_first_query_and_all_operations() -> None:
    parsed = parse("BEGIN; UPDATE t SET a = 1; DELETE FROM u; COMMIT")
    assert parsed.query is not None
    assert parsed.query.verb is Verb.UPDATE
    assert [each.change for each in parsed.operations] == [Change.BEGIN, Change.DATA, Change.DATA, Change.COMMIT]
