"""A SQL file's text and the comments in it that speak to dblint."""

from __future__ import annotations

import pytest

from dblint.facts.text import Literal, Place, Text
from dblint.facts.tree import Fault, Suppression
from dblint.frontends.extract import extract as extract_any
from dblint.frontends.sql import SqlFile, extract
from dblint.sql.query import parse_script


def test_the_file_is_one_literal() -> None:
    source = "SELECT 'é';\n".encode()
    assert extract(source, "a.sql") == SqlFile("a.sql", Text((Literal("SELECT 'é';\n", Place("a.sql", 0, 13)),)))
    assert extract(b"", "a.sql") == SqlFile("a.sql")


@pytest.mark.parametrize(
    ("source", "comments"),
    [
        ("SELECT 1; -- dblint: ignore[a/b] why", ["-- dblint: ignore[a/b] why"]),
        ("/* dblint: x */ SELECT 1", ["/* dblint: x */"]),
        ("/* a /* dblint: x */ b */ -- c", ["/* a /* dblint: x */ b */"]),
        ("-- todo -- dblint: x\r\nSELECT 1", ["-- dblint: x"]),
        ("SELECT 1\n  # dblint: x\n", ["# dblint: x"]),
        ("SELECT 1; # dblint: x\nSELECT 2 # dblint: y\n", ["# dblint: x", "# dblint: y"]),
        ("SELECT 1; # todo dblint: x\nSELECT 1; #dblint: y", ["# todo dblint: x", "#dblint: y"]),
        ("CREATE TABLE a ( # it's\n b int, # it's\n c int); # it's\n# dblint: x", ["# dblint: x"]),
        ("SELECT 1; # it's\nSELECT 2 -- dblint: x", ["-- dblint: x"]),
        ("SELECT a # b, c #>> '{d}', dblint::int # dblint::int -- dblint: x", ["-- dblint: x"]),
        ("SELECT a FROM b, #c -- dblint: x", ["-- dblint: x"]),
        ("SELECT '# dblint: x', \"; # dblint: x\", `# dblint: x`, $$, # dblint: x$$ {# dblint: x #}", []),
        ("SELECT 'it''s -- dblint: x', \"-- dblint: x\", `-- dblint: x`", []),
        ("SELECT $$ -- dblint: x $$, $a$ -- dblint: x $$ $a$ -- dblint: y", ["-- dblint: y"]),
        ("SELECT 'it\\'s' -- dblint: x", ["-- dblint: x"]),
        ("SELECT 'open -- dblint: x", []),
        ("\ufeffSELECT 'é' -- dblint: é", ["-- dblint: é"]),
        ("/* open dblint: x", ["/* open dblint: x"]),
    ],
)
def test_suppressions(source: str, comments: list[str]) -> None:
    data = source.encode()
    found = extract(data, "a.sql").suppressions
    assert [each.text for each in found] == comments
    assert all(data[each.start : each.stop].decode() == each.text for each in found)


def test_the_splitter_sees_the_same_comments() -> None:
    source = "SELECT 1; -- dblint: ignore[a/b] why\nSELECT '-- dblint: x'; /* dblint: y */"
    file = extract(source.encode(), "a.sql")
    assert [each.text for each in parse_script(file.text).directives] == [each.text for each in file.suppressions]
    assert file.suppressions[0] == Suppression(10, 36, "-- dblint: ignore[a/b] why")


def test_a_file_that_is_no_text() -> None:
    assert extract_any(b"SELECT '\xff'", "a.sql") == SqlFile(
        "a.sql", faults=(Fault(8, 9, "not valid UTF-8 at byte 8"),)
    )


def test_positions_of_statements_are_bytes_of_the_file() -> None:
    source = "\ufeff-- é\r\nSELECT * FROM t;\r\nDELETE FROM ü;\n"
    file = extract_any(source.encode(), "a.sql")
    first, second = parse_script(file.text, "postgres").statements
    assert first.query is not None
    assert first.query.place == Place("a.sql", 10, 25)
    (star,) = first.query.projection.values()
    assert star.place == Place("a.sql", 17, 18)  # type: ignore[union-attr]
    assert second.query is not None
    (table,) = second.query.sources.values()
    assert table.place == Place("a.sql", 40, 42)
    assert source.encode()[40:42].decode() == "ü"


@pytest.mark.parametrize(
    "source", ["'" * 100_001, "/*" * 50_000, "$a$" * 30_001, "--" * 50_000, "$" * 100_000, "\n#" * 50_000]
)
def test_time_is_linear(source: str) -> None:
    extract(f"{source} dblint:".encode(), "a.sql")  # takes 0.02 s; quadratic time would meet the suite's time-out
