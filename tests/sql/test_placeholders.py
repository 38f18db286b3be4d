"""What stands for a value, an operand, a query or a fragment, and where it stands in the source."""

from __future__ import annotations

import pytest

from dblint.facts.text import Hole, Literal, Origin, Parameter, Piece, Place, Text
from dblint.sql.placeholders import prepare
from tests.sql.build import PATH, bound, hole, many, sometimes, text


def prepared(*pieces: str | Piece, variant: str | int = "all", dialect: str = "") -> str:
    return prepare(text(*pieces), variant, dialect).sql


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("percent", "%s"),
        ("named-percent", "%(name)s"),
        ("colon", ":name"),
        ("colon", ":1"),
        ("dollar", "$1"),
        ("dollar", "$name"),
        ("question", "?"),
        ("question", "?1"),
        ("at", "@name"),
        ("brace", "{name}"),
        ("brace", "{0}"),
        ("brace", "{}"),
        ("brace", "{row.name!r:>3}"),
        ("brace", "${name}"),
        ("template", "{{ name }}"),
        ("typed-brace", "{name:UInt64}"),
    ],
)
def test_every_style_is_one_value(style: str, written: str) -> None:
    source = f"SELECT * FROM t WHERE a = {written} AND b = 1"  # noqa: S608
    result = prepare(text(source))
    assert result.sql == "SELECT * FROM t WHERE a = dblint__0__ AND b = 1"
    (marker,) = result.markers
    start = source.index(written)
    assert (marker.style, marker.text, marker.place) == (style, written, Place(PATH, start, start + len(written)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SELECT a::int, 5%2, 5 %% 2, a[1:2], 'a %s :b ? {c}'", "SELECT a::int, 5%2, 5 % 2, a[1:2], 'a %s :b ? {c}'"),
        ("SELECT x ? 'k', x ?| array['a'], x ?& y, x ?? 'k'", "SELECT x ? 'k', x ?| array['a'], x ?& y, x ? 'k'"),
        ("SELECT a FROM ?? WHERE b = ?", "SELECT a FROM dblint__0__ WHERE b = dblint__1__"),
        ("SELECT a -- %s\n FROM t /* ? */", "SELECT a      \n FROM t"),
        ("WHERE a > interval %s AND b > date :d", "WHERE a > interval 'dblint__0__' AND b > date 'dblint__1__'"),
        ("SELECT a @> b, c @@ d, e := 1, f->>'g'", "SELECT a @> b, c @@ d, e := 1, f->>'g'"),
        ("SELECT :a::int", "SELECT dblint__0__::int"),
    ],
)
def test_operators_strings_and_comments_are_none(source: str, expected: str) -> None:
    assert prepared(source) == expected


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("SELECT * FROM ", hole("t"), " WHERE a = ", bound()), "SELECT * FROM dblint__0__ WHERE a = dblint__1__"),
        (("SELECT * FROM t_", hole("x"), "_y"), "SELECT * FROM t_dblint__0___y"),
        (("SELECT * FROM ", hole("s"), ".t"), "SELECT * FROM dblint__0__.t"),
        (
            ('SELECT "', hole("c"), "\" FROM t WHERE a LIKE '%", hole("x"), "%'"),
            "SELECT \"dblint__0__\" FROM t WHERE a LIKE '%dblint__1__%'",
        ),
        (("SELECT ", hole("c"), " FROM t"), "SELECT dblint__0__ FROM t"),
        (("SELECT ", hole("c"), " a, b FROM t"), "SELECT dblint__0__ a, b FROM t"),
        (("SELECT ", hole("d"), " f(a), b FROM t"), "SELECT  f(a), b FROM t"),
        (("SELECT a, ", hole("c"), " t.b FROM t"), "SELECT a,  t.b FROM t"),
        (
            ("SELECT * FROM t WHERE a = ", bound(), " ", hole("x"), " ", hole("y"), " GROUP BY b"),
            "SELECT * FROM t WHERE a = dblint__0__   GROUP BY b",
        ),
        (
            ("SELECT * FROM t WHERE ", hole("c"), " ", hole("op"), " ", hole("v")),
            "SELECT * FROM t WHERE dblint__0__ = dblint__2__",
        ),
        (
            ("SELECT * FROM t WHERE lower(t.a) ", hole("op"), " ", bound()),
            "SELECT * FROM t WHERE lower(t.a) = dblint__1__",
        ),
        (("SELECT a, b ", hole("op"), " ", bound(), " AS c FROM t"), "SELECT a, b = dblint__1__ AS c FROM t"),
        (
            ("WITH x AS (", hole("q"), " ORDER BY a) SELECT 1"),
            "WITH x AS (SELECT dblint__0__ FROM dblint__0__ ORDER BY a) SELECT 1",
        ),
        (
            ("WITH x AS (SELECT 1), ", hole("ctes"), " SELECT 1"),
            "WITH x AS (SELECT 1), dblint__0__ AS (SELECT dblint__0__) SELECT 1",
        ),
        (("DROP TABLE %s_fts",), "DROP TABLE dblint__0___fts"),
        (
            ("SELECT * FROM t WHERE a <<= %s ORDER BY b <#> %s",),
            "SELECT * FROM t WHERE a = dblint__0__ ORDER BY b - dblint__1__",
        ),
        (("SELECT * FROM t ", hole("w")), "SELECT * FROM t "),
        (("SELECT * FROM t WHERE a = 1 ", hole("w"), " LIMIT 1"), "SELECT * FROM t WHERE a = 1  LIMIT 1"),
        (("SELECT * FROM t WHERE ", hole("w"), " AND a = 1"), "SELECT * FROM t WHERE dblint__0__ AND a = 1"),
        (("SELECT * FROM t WHERE a ", hole("op"), " 5"), "SELECT * FROM t WHERE a = 5"),
        (("SELECT * FROM t ORDER BY ", hole("o"), " ", hole("d")), "SELECT * FROM t ORDER BY dblint__0__ "),
        ((hole("q"),), "SELECT dblint__0__"),
        ((hole("q"), " WHERE a = 1"), "SELECT dblint__0__ FROM dblint__0__ WHERE a = 1"),
        ((hole("w"), " SELECT 1"), " SELECT 1"),
        (("SELECT 1 UNION ALL ", hole("q")), "SELECT 1 UNION ALL SELECT dblint__0__"),
        (("SELECT * FROM (", hole("q"), ") x"), "SELECT * FROM (SELECT dblint__0__) x"),
        (("INSERT INTO t (a) ", hole("q")), "INSERT INTO t (a) SELECT dblint__0__"),
        (("UPDATE t ", hole("s"), " WHERE a = 1"), "UPDATE t SET dblint__0__ WHERE a = 1"),
        (("UPDATE t SET ", hole("s"), " WHERE a = 1"), "UPDATE t SET dblint__0__ WHERE a = 1"),
        (("CREATE VIEW v AS ", hole("q")), "CREATE VIEW v AS SELECT dblint__0__"),
        (("SELECT ", Hole(Origin.CONSTANT, "c", None, ("id",)), " FROM t"), "SELECT id FROM t"),
    ],
)
def test_what_a_hole_stands_for(pieces: tuple[str | Piece, ...], expected: str) -> None:
    assert prepared(*pieces) == expected


@pytest.mark.parametrize(
    ("pieces", "clauses", "nested"),
    [
        (
            ("SELECT * FROM t ", hole("x"), " ORDER BY a"),
            ("sources", "assignments", "where", "grouping", "having"),
            False,
        ),
        (("SELECT * FROM t WHERE a = 1 ", hole("x"), " LIMIT 1"), ("where", "grouping", "having", "order"), False),
        (("SELECT * FROM t ORDER BY a ", hole("x")), ("order", "limit", "offset", "locks", "returning"), False),
        (("SELECT a ", hole("x"), " FROM t"), ("projection",), False),
        (
            ("SELECT * FROM (SELECT a FROM u WHERE b = 1 ", hole("x"), ") v"),
            ("where", "grouping", "having", "order", "limit", "offset", "locks", "returning"),
            True,
        ),
        ((hole("x"), " SELECT 1"), (), False),
    ],
)
def test_a_fragment_opens_the_clauses_that_can_stand_there(
    pieces: tuple[str | Piece, ...], clauses: tuple[str, ...], nested: bool
) -> None:
    (fragment,) = prepare(text(*pieces)).fragments
    assert (fragment.clauses, fragment.nested) == (clauses, nested)


def test_directions_hide_nothing() -> None:
    assert prepare(text("SELECT * FROM t ORDER BY a ", hole("d", "ASC", "desc"))).fragments == []


def test_optional_pieces_by_variant() -> None:
    made = text("SELECT 1", sometimes(" AS a"), sometimes(" FROM t", sometimes(" WHERE b")))
    assert [prepare(made, variant).sql for variant in ("all", "none", 1, 2)] == [
        "SELECT 1 AS a FROM t WHERE b",
        "SELECT 1",
        "SELECT 1 AS a",
        "SELECT 1 FROM t",
    ]


def test_repeats_stand_once_and_are_known() -> None:
    result = prepare(text("INSERT INTO t VALUES ", many("(", bound(), ", ", bound(), ")")))
    assert result.sql == "INSERT INTO t VALUES (dblint__0__, dblint__1__)"
    assert [result.sql[start:stop] for start, stop in result.repeats] == ["(dblint__0__, dblint__1__)"]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [("all", "SELECT * FROM dblint__0__ WHERE a  LIMIT 1"), ("none", "SELECT * FROM dblint__0__  LIMIT 1")],
)
def test_template_blocks_are_optional(variant: str, expected: str) -> None:
    source = "SELECT * FROM {{ ref('x') }} {% if a %}WHERE a {% else %}WHERE b {% endif %} LIMIT 1"
    assert " ".join(prepared(source, variant=variant).split()) == " ".join(expected.split())
    source = "SELECT * FROM {{.Table}} {{if .A}}WHERE a {{else}}WHERE b {{end}} LIMIT 1"
    assert " ".join(prepared(source, variant=variant).split()) == " ".join(expected.split())


def test_every_position_leads_back_to_its_bytes() -> None:
    source = "SELECT 'é', %s, a %% b -- ü\n, * FROM t"
    result = prepare(Text((Literal(source, Place("a.py", 100, 100 + len(source.encode()))),)))
    star = result.sql.index("*")
    start = 100 + len(source[: source.index("*")].encode())
    assert result.place(star, star + 1) == Place("a.py", start, start + 1)
    assert result.show(0, len(result.sql)) == source
    table = result.sql.rindex("t")
    assert result.place(table, table + 1) == Place("a.py", 100 + len(source.encode()) - 1, 100 + len(source.encode()))


def test_positions_across_pieces_and_files() -> None:
    made = Text(
        (
            Literal("SELECT * FROM ", Place("a.py", 10, 24)),
            Hole(Origin.PARAMETER, "table", Place("a.py", 25, 30)),
            Literal(" WHERE x", Place("a.py", 31, 41), exact=False),
            Literal(" = 1", Place("b.py", 7, 11)),
            Parameter("p"),
        )
    )
    result = prepare(made)
    assert result.sql == "SELECT * FROM dblint__0__ WHERE x = 1dblint__1__"
    at = result.sql.index
    assert result.place(at("dblint"), at(" WHERE")) == Place("a.py", 25, 30)
    assert result.place(at("x"), at("x") + 1) == Place("a.py", 31, 41)
    assert result.place(at("1d"), at("1d") + 1) == Place("b.py", 10, 11)
    assert result.place(at("SELECT"), at("x") + 1) == Place("a.py", 10, 41)


def test_long_lists_are_shortened_and_counted() -> None:
    rows = ", ".join(f"({number}, 'é', now())" for number in range(3000))
    result = prepare(text(f"INSERT INTO t VALUES {rows} RETURNING id"))  # noqa: S608
    assert result.sql == "INSERT INTO t VALUES (0, 'é', now()), (1, 'é', now()), (2, 'é', now()) RETURNING id"
    assert [count for _, count in result.cuts] == [3000]
    total = len(f"INSERT INTO t VALUES {rows} ".encode())  # noqa: S608
    start = result.sql.index("RETURNING")
    assert result.place(start, start + 9) == Place(PATH, total, total + 9)
    items = ", ".join(str(number) for number in range(5000))
    result = prepare(text(f"SELECT 1 FROM t WHERE a IN ({items}) AND b = 2"))  # noqa: S608
    assert result.sql == f"SELECT 1 FROM t WHERE a IN ({', '.join(str(number) for number in range(20))}) AND b = 2"  # noqa: S608
    assert [count for _, count in result.cuts] == [5000]


@pytest.mark.parametrize(
    ("source", "depth"),
    [
        ("SELECT 1", 0),
        ("SELECT ((1))", 2),
        ("SELECT CASE WHEN (a) THEN 1 END", 2),
        ("SELECT - - - 1", 3),
        ("SELECT NOT NOT a", 2),
    ],
)
def test_depth(source: str, depth: int) -> None:
    assert prepare(text(source)).depth == depth


@pytest.mark.parametrize(
    ("pieces", "sql"),
    [
        (("INSERT INTO jar SET ?",), "INSERT INTO jar SET dblint__0__ = dblint__0__"),
        (("REPLACE INTO jar SET ", hole("row")), "REPLACE INTO jar SET dblint__0__ = dblint__0__"),
        (
            ("INSERT INTO jar SET ? ON DUPLICATE KEY UPDATE label = 'a'",),
            "INSERT INTO jar SET dblint__0__ = dblint__0__ ON DUPLICATE KEY UPDATE label = 'a'",
        ),
        (("INSERT INTO jar SET label = ?",), "INSERT INTO jar SET label = dblint__0__"),
        (("UPDATE jar SET ? WHERE id = 1",), "UPDATE jar SET dblint__0__ WHERE id = 1"),
    ],
)
def test_columns_and_values_of_an_object(pieces: tuple[str | Piece, ...], sql: str) -> None:
    assert prepared(*pieces, dialect="mysql") == sql
