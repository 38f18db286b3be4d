"""The tables that operations leave behind."""

from __future__ import annotations

import pytest

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn, Table
from dblint.sql.ddl import fold
from dblint.sql.query import parse_script


def tables(source: str, dialect: str = "postgres", before: dict[str, Table] | None = None) -> dict[str, Table]:
    script = parse_script(source, dialect)
    assert [statement.error for statement in script.statements if statement.error] == []
    return fold((operation for statement in script.statements for operation in statement.operations), before)


def columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


START = (
    "CREATE TABLE t (id serial PRIMARY KEY, a int, b text NOT NULL DEFAULT 'x', u_id int REFERENCES u, UNIQUE (a, b));"
)


def test_create() -> None:
    assert tables("CREATE TABLE App.T (id int PRIMARY KEY, a text)") == {
        "t": Table(
            "T",
            "App",
            origin="ddl",
            columns=(SchemaColumn("id", "int", False), SchemaColumn("a", "text", True)),
            keys=(Key("primary", ("id",)),),
            complete=True,
        )
    }


def test_columns_come_go_and_change() -> None:
    found = tables(
        START
        + "ALTER TABLE t ADD COLUMN c int UNIQUE, ADD COLUMN IF NOT EXISTS a text, DROP COLUMN u_id;"
        + "ALTER TABLE t ALTER a TYPE bigint, ALTER a SET NOT NULL, ALTER b DROP DEFAULT, ALTER b DROP NOT NULL, ALTER c SET DEFAULT 5"  # noqa: E501
    )["t"]
    assert found.columns == (
        SchemaColumn("id", "serial", False, default_by="database"),
        SchemaColumn("a", "bigint", False),
        SchemaColumn("b", "text", True),
        SchemaColumn("c", "int", True, "5", default_by="database"),
    )
    assert found.keys == (Key("primary", ("id",)), Key("unique", ("a", "b")), Key("unique", ("c",)))


def test_a_dropped_column_takes_its_keys_and_indexes_along() -> None:
    source = START + "CREATE INDEX i ON t (b, a); CREATE INDEX j ON t (b); ALTER TABLE t DROP COLUMN a"
    found = tables(source)["t"]
    assert [index.name for index in found.indexes] == ["j"]
    assert [key.kind for key in found.keys] == ["primary", "foreign"]
    found = tables(source.replace("serial", "int").replace("text", "varchar(5)"), "mysql")["t"]
    assert [(index.name, [each.name for each in index.columns]) for index in found.indexes] == [
        ("i", ["b"]),
        ("j", ["b"]),
    ]


def test_renames_reach_everything_that_names_them() -> None:
    found = tables(
        "CREATE TABLE u (id int PRIMARY KEY);"
        "CREATE TABLE t (a int REFERENCES u (id), b int);"
        "CREATE INDEX i ON t (a) INCLUDE (b);"
        "ALTER TABLE u RENAME COLUMN id TO key; ALTER TABLE u RENAME TO v;"
        "ALTER TABLE t RENAME a TO c; ALTER TABLE t RENAME b TO d; ALTER INDEX i RENAME TO j"
    )
    assert sorted(found) == ["t", "v"]
    assert columns(found["v"]) == ["key"]
    assert found["v"].keys == (Key("primary", ("key",)),)
    assert columns(found["t"]) == ["c", "d"]
    assert found["t"].keys == (Key("foreign", ("c",), target="v", target_columns=("key",)),)
    assert found["t"].indexes == (Index("j", (IndexColumn("c"),), include=("d",)),)


def test_keys_and_indexes_by_name() -> None:
    found = tables(
        START
        + "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0); ALTER TABLE t DROP CONSTRAINT t_pkey;"
        + "ALTER TABLE t DROP CONSTRAINT t_u_id_fkey; ALTER TABLE t RENAME CONSTRAINT t_a_b_key TO named;"
        + "CREATE UNIQUE INDEX i ON t (a); CREATE INDEX j ON t (b); DROP INDEX j"
    )["t"]
    assert found.keys == (Key("unique", ("a", "b"), "named"), Key("check", ("a",), "k", expression="a > 0"))
    assert found.indexes == (Index("i", (IndexColumn("a"),), unique=True),)
    found = tables("ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY USING INDEX i", before={"t": found})["t"]
    assert found.keys[-1] == Key("primary", ("a",), "p")
    assert found.indexes == ()
    column = found.column("a")
    assert column is not None
    assert column.nullable is False


def test_mysql() -> None:
    found = tables(
        "CREATE TABLE t (id int NOT NULL, a varchar(10), PRIMARY KEY (id), KEY i (a));"
        "ALTER TABLE t DROP PRIMARY KEY, DROP INDEX i, MODIFY a varchar(20) NOT NULL, CHANGE id key_id bigint NOT NULL, ADD INDEX j (a);"  # noqa: E501
        "RENAME TABLE t TO v; CREATE INDEX k ON v (key_id); DROP INDEX k ON v",
        "mysql",
    )
    assert list(found) == ["v"]
    assert found["v"].columns == (SchemaColumn("key_id", "bigint", False), SchemaColumn("a", "varchar(20)", False))
    assert found["v"].keys == ()
    assert found["v"].indexes == (Index("j", (IndexColumn("a"),)),)


def test_sqlite_rebuilds_a_table() -> None:
    found = tables(
        "CREATE TABLE t (a int); PRAGMA foreign_keys = OFF; CREATE TABLE __new (a int NOT NULL, b int);"
        "INSERT INTO __new (a) SELECT a FROM t; DROP TABLE t; ALTER TABLE __new RENAME TO t",
        "sqlite",
    )
    assert list(found) == ["t"]
    assert found["t"].columns == (SchemaColumn("a", "int", False), SchemaColumn("b", "int", True))


@pytest.mark.parametrize(
    ("source", "names", "complete", "indexes"),
    [
        ("CREATE TABLE n (LIKE t INCLUDING ALL)", ["a", "b"], True, 1),
        ("CREATE TABLE n (LIKE t, c int)", ["a", "b", "c"], True, 0),
        ("CREATE TABLE n PARTITION OF t FOR VALUES IN (1)", ["a", "b"], True, 1),
        ("CREATE TABLE n AS SELECT a, b AS x FROM t", ["a", "x"], True, 0),
        ("CREATE TABLE n AS SELECT * FROM t", [], False, 0),
        ("CREATE TABLE n (LIKE missing)", [], False, 0),
    ],
)
def test_tables_made_from_others(source: str, names: list[str], complete: bool, indexes: int) -> None:
    found = tables(f"CREATE TABLE t (a int, b int); CREATE INDEX i ON t (a); {source}")["n"]
    assert (columns(found), found.complete, len(found.indexes)) == (names, complete, indexes)


def test_views_enumerations_and_what_is_left_out() -> None:
    found = tables(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TYPE mood ADD VALUE 'happy';"
        "CREATE TABLE t (m mood); CREATE VIEW v AS SELECT m AS x FROM t; CREATE VIEW w AS SELECT * FROM t;"
        "CREATE TEMP TABLE x (a int); ALTER TABLE nowhere ADD COLUMN a int; DROP TABLE IF EXISTS nowhere;"
        "CREATE TABLE IF NOT EXISTS t (other int)"
    )
    assert sorted(found) == ["t", "v", "w"]
    assert found["t"].columns == (SchemaColumn("m", "mood", True, enum=("sad", "ok", "happy")),)
    assert (found["v"].view, columns(found["v"]), found["v"].complete) == (True, ["x"], True)
    assert (columns(found["w"]), found["w"].complete) == ([], False)


def test_one_name_in_two_schemas() -> None:
    found = tables(
        "CREATE TABLE t (a int); CREATE TABLE audit.t (b int); ALTER TABLE audit.t ADD COLUMN c int; DROP TABLE public.t"  # noqa: E501
    )
    assert list(found) == ["audit.t"]
    assert columns(found["audit.t"]) == ["b", "c"]
