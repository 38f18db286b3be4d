"""What is SQL and what is prose; which dialect alone has a syntax."""

from __future__ import annotations

import pytest

from dblint.sql.query import looks_like_sql, only_in
from tests.sql.build import hole, text


@pytest.mark.parametrize(
    "source",
    [
        "SELECT 1",
        "select 1",
        "SELECT name FROM users ORDER BY name",
        "  \n-- why\nSELECT id FROM t",
        "(SELECT 1)",
        "select * from users",
        "select id, name from users where x = 1",
        'SELECT "id" FROM "users"',
        "select now()",
        "SELECT * FROM {table}",
        "delete from t where id = %s",
        "DELETE FROM favorites",
        "update users set name = 'x'",
        "INSERT INTO t VALUES (1)",
        "insert into t (a_b) values (?)",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "CREATE TABLE t (id int)",
        "DROP TABLE IF EXISTS t",
        "ALTER TABLE t ADD COLUMN a int",
        "GRANT SELECT ON t TO u",
        "TRUNCATE t",
        "PRAGMA foreign_keys=ON",
    ],
)
def test_sql(source: str) -> None:
    assert looks_like_sql(source)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "select",
        "SELECT",
        "select a file from the list",
        "Select a file from the list",
        "Select user from dropdown",
        "Select all (recommended)",
        "Select (up to 5) items from your cart",
        "select one from above",
        "Selected rows from table",
        "Select an option from the menu, or create one (optional)",
        "Update your profile",
        "UPDATE your profile SET now",
        "Update settings set to default",
        "delete from favorites",
        "Delete from cart",
        "Delete from {name}?",
        "insert into the form",
        "Insert into table values from csv",
        "Create table",
        "CREATE TABLE query: %s",
        "create a new user",
        "Create view for users",
        "Create index.html",
        "Drop table reservations",
        "With great power (as they say) update",
        "with love from (me) select",
        "Merge into main using squash",
        "grant access to user",
        "Replace text with values",
        "Truncate text",
        "Explain how to select a plan",
        "from x import y",
        "INSERT INTO",
        "UPDATE t SET a = 1 WHERE",
        "Vacuum the room",
    ],
)
def test_prose(source: str) -> None:
    assert not looks_like_sql(source)


def test_assembled_texts() -> None:
    assert looks_like_sql(text("SELECT * FROM ", hole("table"), " WHERE id = ", hole("id")))
    assert not looks_like_sql(text("Select a file from ", hole("folder")))


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        ("SELECT a FROM t", ""),
        ("SELECT a::int", "postgres"),
        ("SELECT $$a$$", "postgres"),
        ("CREATE TABLE t (id SERIAL)", "postgres"),
        ("x ILIKE 'a'", "postgres"),
        ("CREATE INDEX CONCURRENTLY a ON b (c)", "postgres"),
        ("a @> b", "postgres"),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING RETURNING id", ""),
        ("SELECT `a` FROM b", ""),
        ("CREATE TABLE `t` (id int AUTO_INCREMENT) ENGINE=InnoDB", "mysql"),
        ("INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2", "mysql"),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", "sqlite"),
        ("CREATE TABLE `t` (id INTEGER PRIMARY KEY AUTOINCREMENT)", "sqlite"),
        ("CREATE TABLE t (a int) WITHOUT ROWID", "sqlite"),
        ("PRAGMA foreign_keys = ON", "sqlite"),
        ("INSERT OR IGNORE INTO t VALUES (1)", "sqlite"),
        ("SELECT TOP 5 a FROM [t]", "tsql"),
        ("SELECT GETDATE()", "tsql"),
        ("CREATE TABLE t (a NVARCHAR(MAX))", "tsql"),
        ("SELECT a FROM [t]", ""),
        ("SELECT toStartOfHour(x) FROM t", "clickhouse"),
        ("CREATE TABLE t (a int) ENGINE = MergeTree", "clickhouse"),
        ("SELECT {x:UInt64}", "clickhouse"),
        ("SELECT * FROM t FORMAT JSON", "clickhouse"),
        ("SELECT a FROM `p.d.t`", "bigquery"),
        ("SELECT rownum FROM dual", "oracle"),
        ("SELECT a::int FROM `t`", ""),
        ("SELECT a::int, rowid", ""),
    ],
)
def test_only_in(source: str, dialect: str) -> None:
    assert only_in(source) == dialect
