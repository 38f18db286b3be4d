"""Bad, deep and long input: what is refused is refused alone, in place and in time."""

from __future__ import annotations

import pytest

from dblint.facts.query import Value, Verb
from dblint.facts.text import Place
from dblint.sql.query import parse, parse_script
from tests.sql.build import PATH, hole, text


@pytest.mark.parametrize("depth", [50, 100, 250])
@pytest.mark.parametrize(
    ("before", "opening", "core", "closing"),
    [
        ("SELECT ", "(", "1", ")"),
        ("SELECT * FROM t WHERE ", "(a = 1 OR ", "b = 2", ")"),
        ("SELECT * FROM ", "(SELECT * FROM ", "t", ") x"),
        ("SELECT ", "CASE WHEN a THEN ", "1", " END"),
        ("SELECT ", "f(", "1", ")"),
        ("SELECT * FROM t WHERE ", "NOT ", "a", ""),
    ],
)
def test_deep_nesting_is_read(depth: int, before: str, opening: str, core: str, closing: str) -> None:
    parsed = parse(before + opening * depth + core + closing * depth, "postgres")
    assert parsed.error == ""
    assert parsed.query is not None
    assert parsed.query.verb is Verb.SELECT


@pytest.mark.parametrize("depth", [251, 5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_deeper_nesting_is_refused_for_that_statement_only(depth: int) -> None:
    source = f"SELECT a FROM t; SELECT {'(' * depth}1{')' * depth}; SELECT b FROM t"  # noqa: S608
    found = parse_script(source, "postgres").statements
    assert [each.error for each in found] == ["", "nested too deep to be analysed", ""]


def test_square_brackets_nest_less_deep() -> None:
    """sqlglot's time doubles with each of them."""
    assert parse("SELECT " + "ARRAY[" * 5 + "1" + "]" * 5, "postgres").error == ""
    assert parse("SELECT " + "ARRAY[" * 30 + "1" + "]" * 30, "postgres").error == "nested too deep to be analysed"


@pytest.mark.slow
@pytest.mark.parametrize("row", ["({0}, 'it', NULL)", "({0}, now(), E'it\\'s')", "(?, ?, ?)"])
def test_50_000_rows(row: str) -> None:
    source = (
        "INSERT INTO t (a, b, c) VALUES " + ",\n".join(row.format(number) for number in range(50_000)) + " RETURNING id"  # noqa: S608
    )
    (parsed,) = parse_script(source, "postgres").statements
    assert parsed.prepared is not None
    assert len(parsed.prepared.sql) < 1_000  # the parser is given a few of the rows
    assert parsed.query is not None
    assert parsed.query.rows == "many"
    assert len(parsed.query.assignments.elements) == 3
    assert parsed.query.returning.surely()


@pytest.mark.slow
def test_100_000_items() -> None:
    source = f"SELECT a FROM t WHERE b IN ({', '.join(str(number) for number in range(100_000))}) AND c = 1 LIMIT 5"  # noqa: S608
    parsed = parse(source, "postgres")
    assert parsed.query is not None
    first = next(parsed.query.where.values())
    assert first.right == Value("list", ", ".join(str(number) for number in range(20)) + ", … (100000 values)")  # type: ignore[union-attr]
    assert len(parsed.query.where.elements) == 2
    assert parsed.query.limit.surely()


def test_long_chains_are_read() -> None:
    parsed = parse("SELECT a FROM t WHERE " + " OR ".join(f"b = {number}" for number in range(3_000)), "postgres")  # noqa: S608
    assert parsed.error == ""
    parsed = parse(" UNION ALL ".join(f"SELECT {number} FROM t" for number in range(500)), "postgres")  # noqa: S608
    assert parsed.query is not None
    assert len(parsed.query.parts) == 500


def test_a_statement_that_is_too_long_is_said_to_be() -> None:
    parsed = parse("SELECT " + " + ".join("a" for _ in range(40_000)), "postgres")
    assert parsed.error == "statement too long: 80000 tokens, 60000 are analysed"


def test_one_bad_statement_among_500() -> None:
    statements = [f"SELECT a FROM t WHERE b = {number};" for number in range(500)]  # noqa: S608
    statements[250] = "SELECT a FROM WHERE b = ;"
    found = parse_script("\n".join(statements), "postgres").statements
    assert [index for index, each in enumerate(found) if each.error] == [250]
    assert len(found) == 500


@pytest.mark.parametrize(
    ("source", "error", "mark"),
    [
        ("SELECT é FROM t WHERE", "incomplete after `WHERE`", "WHERE"),
        ("SELECT a,\n FROM t WHERE b = = 1", "incomplete after `=`", "= 1"),
        ("SELECT 'é', a FROM t JOIN", "expected table name at `JOIN`", "JOIN"),
        ("SELECT 'é', a b c FROM t", "unexpected `c`", "c FROM"),
        ("INSERT INTO t (a VALUES (1)", "`)` expected, not `VALUES`", "VALUES"),
        ("CREATE TABLE é (a int, b int, , c int)", "a column expected, not `,`", ", c"),
        ("CREATE TABLE t (é int", "`(` is never closed", "("),
    ],
)
def test_errors_have_a_place(source: str, error: str, mark: str) -> None:
    parsed = parse(text(source), "postgres")
    start = len(source[: source.index(mark)].encode())
    assert (parsed.query, parsed.error) == (None, error)
    assert parsed.error_place == Place(PATH, start, start + 1)


@pytest.mark.parametrize(
    ("source", "message", "start"),
    [
        ("SELECT 'é';\nSELECT 'abc;\nSELECT 2", "unterminated string", 20),
        ("SELECT 1; /* abc", "unterminated comment", 10),
        ("SELECT $x$ abc", "unterminated dollar quote $x$", 7),
    ],
)
def test_what_is_never_closed_is_said_once_at_its_start(source: str, message: str, start: int) -> None:
    script = parse_script(text(source), "postgres")
    assert [fault.message for fault in script.faults] == [message]
    assert script.fault_places == (Place(PATH, start, start + 1),)
    assert [each.error for each in script.statements if each.error] == []


def test_what_is_recognised_is_no_error() -> None:
    source = (
        "\ufeffCOPY t FROM stdin;\n1\t'\n\\.\n\\d t\nSELECT * FROM t WHERE a = :x AND b = %s AND c = ? AND d = $1;\n"
        "{{ config(x=1) }}\nSELECT * FROM {{ ref('t') }} {% if a %}WHERE b{% endif %};\n{% macro m() %};"
    )
    assert [(each.kind, each.error) for each in parse_script(source, "postgres").statements] == [
        ("sql", ""),
        ("copy-data", ""),
        ("meta", ""),
        ("sql", ""),
        ("sql", ""),
        ("template-only", ""),
    ]
    assert [each.error for each in parse_script("DELIMITER //\nDROP TABLE t//\nDELIMITER ;", "mysql").statements] == [
        ""
    ]
    assert [each.error for each in parse_script("SELECT 1\nGO\nSELECT 2\nGO", "tsql").statements] == ["", ""]


def test_statements_without_terminators_are_taken_apart() -> None:
    source = "DECLARE @a int\nSELECT a FROM t\nWHERE b = 1\nUPDATE t\nSET a = 1\nINSERT INTO t (a)\nSELECT a FROM u"
    found = parse_script(source, "tsql").statements
    assert [(each.query.verb if each.query else None, each.error) for each in found] == [
        (Verb.COMMAND, ""),
        (Verb.SELECT, ""),
        (Verb.UPDATE, ""),
        (Verb.INSERT, ""),
    ]


@pytest.mark.parametrize("source", ["", "  \n", "-- nothing", "/* nothing */", ";", "\ufeff"])
def test_nothing_is_no_error(source: str) -> None:
    parsed = parse(source)
    assert (parsed.query, parsed.operations, parsed.error) == (None, (), "")
    assert parse_script(source).statements == ()


def test_sqlglot_stays_silent(capfd: pytest.CaptureFixture[str]) -> None:
    parse("CREATE FUNCTION f() AS 'x' LANGUAGE sql", "postgres")
    parse("SELECT a FROM t WHERE", "postgres")
    parse(text("SELECT ", hole("a")), "mysql")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "source",
    [
        "'" * 100_001,
        "(" * 100_000,
        "{{" * 50_000,
        "/*" * 50_000,
        "$a$" * 30_001,
        "{a" * 50_000,
        "%(" * 50_000,
        ":'" * 50_000,
        "$" * 100_000,
    ],
)
def test_time_is_linear(source: str) -> None:
    parse_script("SELECT " + source)  # takes 0.3 s at most; quadratic time would meet the suite's time-out
