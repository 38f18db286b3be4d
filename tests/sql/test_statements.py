"""What ends a statement, and what does not."""

from __future__ import annotations

import pytest

from dblint.facts.text import Hole, Literal, Origin, Place, Text
from dblint.sql.query import parse_script
from dblint.sql.statements import split


def texts(source: str, dialect: str = "") -> list[str]:
    return [statement.text for statement in split(source, dialect).statements]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("\ufeff", []),
        ("-- nothing\n/* here */", []),
        (";;;", []),
        ("SELECT 1", ["SELECT 1"]),
        ("\ufeffSELECT 1; SELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' AS a; SELECT 'it''s; ok'", ["SELECT ';' AS a", "SELECT 'it''s; ok'"]),
        ("SELECT E'it\\'s; ok'; SELECT 2", ["SELECT E'it\\'s; ok'", "SELECT 2"]),
        ('SELECT "a;b"; SELECT `c;d`; SELECT 3', ['SELECT "a;b"', "SELECT `c;d`", "SELECT 3"]),
        ("SELECT 1 /* a; /* b; */ c; */; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 -- a; b\n; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("DO $$ BEGIN; END; $$; SELECT 2", ["DO $$ BEGIN; END; $$", "SELECT 2"]),
        ("SELECT $a$ ; $$ ; $a$; SELECT 2", ["SELECT $a$ ; $$ ; $a$", "SELECT 2"]),
        (
            "CREATE RULE r AS ON UPDATE TO t DO (a; b); SELECT 2",
            ["CREATE RULE r AS ON UPDATE TO t DO (a; b)", "SELECT 2"],
        ),
        ("SELECT (1; SELECT 2", ["SELECT (1", "SELECT 2"]),
        (
            "SELECT 1;--> statement-breakpoint\nSELECT 2\n--> statement-breakpoint\nSELECT 3",
            ["SELECT 1", "SELECT 2", "SELECT 3"],
        ),
    ],
)
def test_any_dialect(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("dialect", "source", "expected"),
    [
        ("mysql", "SELECT 'it\\'s;'; SELECT 2 # it's;\n; SELECT 3", ["SELECT 'it\\'s;'", "SELECT 2", "SELECT 3"]),
        ("", "SELECT 'it\\'s;'; SELECT 2 # it's;\n; SELECT 3", ["SELECT 'it\\'s;'", "SELECT 2", "SELECT 3"]),
        ("postgres", "SELECT 'C:\\'; SELECT 2 # 3", ["SELECT 'C:\\'", "SELECT 2 # 3"]),
        ("mysql", "/*!40101 SET x = 1 */; SELECT 2", ["SET x = 1", "SELECT 2"]),
        ("tsql", "SELECT [a;b]; SELECT 2", ["SELECT [a;b]", "SELECT 2"]),
        ("tsql", "SELECT 1\nGO\nSELECT 2\ngo 5\nSELECT 3", ["SELECT 1", "SELECT 2", "SELECT 3"]),
        (
            "tsql",
            "CREATE PROC p AS SELECT 1; SELECT 2\nGO\nSELECT 3",
            ["CREATE PROC p AS SELECT 1; SELECT 2", "SELECT 3"],
        ),
        (
            "tsql",
            "IF 1 = 1 BEGIN SELECT 1; SELECT 2; END; SELECT 3",
            ["IF 1 = 1 BEGIN SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
        ("tsql", "BEGIN TRAN; SELECT 1; COMMIT", ["BEGIN TRAN", "SELECT 1", "COMMIT"]),
        ("oracle", "BEGIN a; b; END;\n/\nSELECT 1", ["BEGIN a; b; END", "SELECT 1"]),
        ("postgres", "BEGIN; SELECT 1; COMMIT", ["BEGIN", "SELECT 1", "COMMIT"]),
        ("sqlite", "BEGIN; SELECT 1; END; SELECT 2", ["BEGIN", "SELECT 1", "END", "SELECT 2"]),
        (
            "sqlite",
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE a SET b = CASE WHEN c THEN 1 END; DELETE FROM d; END; SELECT 1",  # noqa: E501
            [
                "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE a SET b = CASE WHEN c THEN 1 END; DELETE FROM d; END",
                "SELECT 1",
            ],
        ),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN IF a THEN b; END IF; WHILE c DO d; END WHILE; CASE e WHEN f THEN g; END CASE; END; SELECT 1",  # noqa: E501
            [
                "CREATE PROCEDURE p() BEGIN IF a THEN b; END IF; WHILE c DO d; END WHILE; CASE e WHEN f THEN g; END CASE; END",  # noqa: E501
                "SELECT 1",
            ],
        ),
        (
            "",
            "DELIMITER //\nCREATE TRIGGER a BEGIN b; c; END//\nDELIMITER ;\nSELECT 1;",
            ["CREATE TRIGGER a BEGIN b; c; END", "SELECT 1"],
        ),
        (
            "",
            "DELIMITER $$\nCREATE TRIGGER a BEGIN b; END$$\ndelimiter ;\nSELECT 1;",
            ["CREATE TRIGGER a BEGIN b; END", "SELECT 1"],
        ),
        (
            "postgres",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
            ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
        ("", "CREATE TABLE event (begin int); SELECT 1", ["CREATE TABLE event (begin int)", "SELECT 1"]),
    ],
)
def test_one_dialect(dialect: str, source: str, expected: list[str]) -> None:
    assert texts(source, dialect) == expected


def test_copy_data_and_commands_of_the_client() -> None:
    source = "COPY t (a, b) FROM stdin;\n1\t2;'\n3\tx\n\\.\n\\d t\nSELECT 2 \\gexec\nCOPY u FROM stdin;\n\\.\nSELECT 3;"
    assert [(each.kind, each.text) for each in split(source, "postgres").statements] == [
        ("sql", "COPY t (a, b) FROM stdin"),
        ("copy-data", "1\t2;'\n3\tx\n"),
        ("meta", "\\d t"),
        ("sql", "SELECT 2"),
        ("meta", "\\gexec"),
        ("sql", "COPY u FROM stdin"),
        ("sql", "SELECT 3"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("-- migrate:up\nA;\nB;\n-- migrate:down transaction:false\nC;", [("A", "up"), ("B", "up"), ("C", "down")]),
        ("-- +goose Up\nA;\n-- +goose Down\nB;", [("A", "up"), ("B", "down")]),
        ("-- +migrate Up notransaction\nA;\n-- +migrate Down\nB;", [("A", "up"), ("B", "down")]),
        ("-- Up Migration\nA;\n-- Down Migration\nB;", [("A", "up"), ("B", "down")]),
        ("-- up migration adds a column\nA;", [("A", "")]),
        ("-- +goose Up\n-- +goose StatementBegin\nA; B;\n-- +goose StatementEnd\nC;", [("A; B", "up"), ("C", "up")]),
    ],
)
def test_sections_of_migration_tools(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.text, each.section) for each in split(source).statements] == expected


def test_templates_stay_inside_statements() -> None:
    source = "{{ config(a=';') }}\nSELECT * FROM {{ ref('x') }} {% if a; %} WHERE b {% endif %};\n{{ later() }}"
    assert [(each.kind, each.text) for each in split(source).statements] == [
        ("sql", "{{ config(a=';') }}\nSELECT * FROM {{ ref('x') }} {% if a; %} WHERE b {% endif %}"),
        ("template-only", "{{ later() }}"),
    ]


@pytest.mark.parametrize(
    ("source", "start", "message"),
    [
        ("SELECT 1;\nSELECT 'abc;\nSELECT 2", 17, "unterminated string"),
        ('SELECT "abc', 7, "unterminated quoted identifier"),
        ("SELECT 1; /* abc", 10, "unterminated comment"),
        ("SELECT $a$ abc $b$", 7, "unterminated dollar quote $a$"),
        ("CREATE TRIGGER a BEGIN b; c;", 0, "BEGIN without its END"),
    ],
)
def test_what_is_never_closed_is_a_fault_at_its_start(source: str, start: int, message: str) -> None:
    assert [(fault.start, fault.message) for fault in split(source).faults] == [(start, message)]


def test_directives() -> None:
    source = "SELECT 1; -- dblint: ignore[a/b] why\nSELECT '-- dblint: none'; /* dblint: x */"
    found = split(source).directives
    assert [each.text for each in found] == ["-- dblint: ignore[a/b] why", "/* dblint: x */"]
    assert [source[each.start : each.stop] for each in found] == [each.text for each in found]


def test_offsets_are_characters() -> None:
    source = "\ufeff-- é\nSELECT 'é';\n  SELECT 2 -- ü\n;"
    assert [(each.start, each.stop) for each in split(source).statements] == [(6, 16), (20, 28)]
    assert all(source[each.start : each.stop] == each.text for each in split(source).statements)


def test_rows_of_one_shape_each_keep_their_place_and_text() -> None:
    source = (
        "INSERT INTO t (a, b) VALUES (1, 'x;y');\n-- next\n"
        "insert into t (a, b) VALUES (2, 'é');\nINSERT INTO u VALUES (3);"
    )
    path = "rows.sql"
    text = Text((Literal(source, Place(path, 0, len(source.encode()))),))
    script = parse_script(text, "postgres")
    said = [(parsed.query.table, parsed.query.sql, parsed.query.place) for parsed in script.statements if parsed.query]
    encoded = source.encode()
    assert [(table, sql) for table, sql, _ in said] == [
        ("t", "INSERT INTO t (a, b) VALUES (1, 'x;y')"),
        ("t", "insert into t (a, b) VALUES (2, 'é')"),
        ("u", "INSERT INTO u VALUES (3)"),
    ]
    for _, sql, place in said:
        assert place is not None
        assert encoded[place.start : place.stop].decode() == sql
    assert [parsed.operations[0].place for parsed in script.statements] == [place for _, _, place in said]


def test_rows_that_are_put_together_are_read_one_by_one() -> None:
    hole = Hole(Origin.PARAMETER, "name")
    text = Text((Literal("INSERT INTO t VALUES ('x'); INSERT INTO t VALUES ('"), hole, Literal("')")))
    assert [parsed.query.table for parsed in parse_script(text, "postgres").statements if parsed.query] == ["t", "t"]
    assert parse_script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1", "postgres").statements[1].error
