"""What statements that are no queries do."""

from __future__ import annotations

import msgspec
import pytest

from dblint.facts.query import Cast, Column, Verb
from dblint.facts.schema import Change, Index, IndexColumn, Key, Operation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.sql.query import parse, parse_script
from tests.sql.build import PATH, hole, text


@pytest.mark.parametrize(
    ("dialect", "source", "expected"),
    [
        (
            "",
            "CREATE TABLE t (id int)",
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table("t", origin="ddl", columns=(SchemaColumn("id", "int", True),), complete=True),
                ),
            ),
        ),
        (
            "postgres",
            "CREATE TABLE IF NOT EXISTS app.t (id bigserial PRIMARY KEY, name varchar(255) NOT NULL DEFAULT 'a, b', at timestamp with time zone DEFAULT now() NOT NULL, tags text[] , n numeric(10, 2) CHECK (n > 0), u uuid REFERENCES u (id) ON DELETE CASCADE ON UPDATE SET NULL, CONSTRAINT t_un UNIQUE (name, at), FOREIGN KEY (n) REFERENCES v)",  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    "app",
                    if_not_exists=True,
                    definition=Table(
                        "t",
                        "app",
                        origin="ddl",
                        columns=(
                            SchemaColumn("id", "bigserial", False, default_by="database"),
                            SchemaColumn("name", "varchar(255)", False, "'a, b'", default_by="database"),
                            SchemaColumn("at", "timestamp with time zone", False, "now()", default_by="database"),
                            SchemaColumn("tags", "text[]", True),
                            SchemaColumn("n", "numeric(10, 2)", True),
                            SchemaColumn("u", "uuid", True),
                        ),
                        keys=(
                            Key("primary", ("id",)),
                            Key("check", ("n",), expression="n > 0"),
                            Key(
                                "foreign",
                                ("u",),
                                target="u",
                                target_columns=("id",),
                                on_delete="cascade",
                                on_update="set null",
                            ),
                            Key("unique", ("name", "at"), "t_un"),
                            Key("foreign", ("n",), target="v"),
                        ),
                        complete=True,
                    ),
                ),
            ),
        ),
        (
            "postgres",
            'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (id * 2) STORED, c text COLLATE "C" NOT NULL, PRIMARY KEY (id), EXCLUDE USING gist (r WITH &&)) PARTITION BY RANGE (c)',  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table(
                        "t",
                        origin="ddl",
                        columns=(
                            SchemaColumn("id", "int", False, "generated always as identity", default_by="database"),
                            SchemaColumn(
                                "b", "int", True, "generated always as (id * 2) stored", default_by="database"
                            ),
                            SchemaColumn("c", "text", False),
                        ),
                        keys=(Key("primary", ("id",)), Key("exclude", (), expression="USING gist (r WITH &&)")),
                        complete=True,
                        options=(("partition by", "range (c)"),),
                    ),
                ),
            ),
        ),
        (
            "postgres",
            "CREATE TEMP TABLE t AS SELECT a, b AS c FROM u",
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table("t", origin="ddl", columns=(SchemaColumn("a"), SchemaColumn("c")), complete=True),
                    temporary=True,
                ),
            ),
        ),
        (
            "postgres",
            "CREATE UNLOGGED TABLE t (LIKE u INCLUDING ALL)",
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table(
                        "t", origin="ddl", options=(("unlogged", ""), ("like", "u"), ("like options", "including all"))
                    ),
                ),
            ),
        ),
        (
            "postgres",
            "CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2)",
            (
                Operation(
                    Change.CREATE_TABLE,
                    "p",
                    definition=Table(
                        "p", origin="ddl", options=(("partition of", "t"), ("for", "values from (1) to (2)"))
                    ),
                ),
            ),
        ),
        (
            "mysql",
            "CREATE TABLE `t` (`id` int unsigned NOT NULL AUTO_INCREMENT, `e` enum('a','b') CHARACTER SET utf8 DEFAULT 'a', `d` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), `k` varchar(10) COMMENT 'x, y', PRIMARY KEY (`id`), UNIQUE KEY `u` (`k`(5)), KEY `i` (`d` DESC, `e`), FULLTEXT KEY f (k), CONSTRAINT `fk` FOREIGN KEY (`k`) REFERENCES `u` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table(
                        "t",
                        origin="ddl",
                        columns=(
                            SchemaColumn("id", "int unsigned", False, "auto_increment", default_by="database"),
                            SchemaColumn("e", "enum", True, "'a'", default_by="database", enum=("a", "b")),
                            SchemaColumn("d", "datetime(3)", True, "CURRENT_TIMESTAMP(3)", default_by="database"),
                            SchemaColumn("k", "varchar(10)", True),
                        ),
                        keys=(Key("primary", ("id",)), Key("foreign", ("k",), "fk", "u", ("id",))),
                        indexes=(
                            Index("u", (IndexColumn("k", length=5),), True),
                            Index("i", (IndexColumn("d", True), IndexColumn("e"))),
                            Index("f", (IndexColumn("k"),), method="fulltext"),
                        ),
                        complete=True,
                        options=(("engine", "innodb"), ("charset", "utf8mb4"), ("collate", "utf8mb4_general_ci")),
                    ),
                ),
            ),
        ),
        (
            "sqlite",
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, \"key\" text DEFAULT (datetime('now')), index_ int, UNIQUE (key)) WITHOUT ROWID, STRICT",  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table(
                        "t",
                        origin="ddl",
                        columns=(
                            SchemaColumn("id", "integer", False, "auto_increment", default_by="database"),
                            SchemaColumn("key", "text", True, "(datetime('now'))", default_by="database"),
                            SchemaColumn("index_", "int", True),
                        ),
                        keys=(Key("primary", ("id",)), Key("unique", ("key",))),
                        complete=True,
                        options=(("without rowid", ""), ("strict", "")),
                    ),
                ),
            ),
        ),
        (
            "tsql",
            "CREATE TABLE [dbo].[t] ([id] int IDENTITY(1,1) NOT NULL, [n] nvarchar(max) NULL, CONSTRAINT [pk] PRIMARY KEY CLUSTERED ([id] ASC))",  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    "dbo",
                    definition=Table(
                        "t",
                        "dbo",
                        origin="ddl",
                        columns=(
                            SchemaColumn("id", "int", False, "identity", default_by="database"),
                            SchemaColumn("n", "nvarchar(max)", True),
                        ),
                        keys=(Key("primary", ("id",), "pk"),),
                        complete=True,
                    ),
                ),
            ),
        ),
        (
            "clickhouse",
            "CREATE TABLE db.t (a UInt64, b LowCardinality(Nullable(String)), c DateTime('UTC') DEFAULT now(), INDEX i a TYPE minmax GRANULARITY 4) ENGINE = MergeTree ORDER BY (a, c) SETTINGS index_granularity = 8192",  # noqa: E501
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    "db",
                    definition=Table(
                        "t",
                        "db",
                        origin="ddl",
                        columns=(
                            SchemaColumn("a", "uint64", False),
                            SchemaColumn("b", "lowcardinality(nullable(string))", True),
                            SchemaColumn("c", "datetime('utc')", False, "now()", default_by="database"),
                        ),
                        complete=True,
                        options=(
                            ("engine", "mergetree"),
                            ("order by", "(a, c)"),
                            ("settings index_granularity", "8192"),
                        ),
                    ),
                ),
            ),
        ),
        (
            "",
            'CREATE TABLE t (key text, index integer NOT NULL, "order" int)',
            (
                Operation(
                    Change.CREATE_TABLE,
                    "t",
                    definition=Table(
                        "t",
                        origin="ddl",
                        columns=(
                            SchemaColumn("key", "text", True),
                            SchemaColumn("index", "integer", False),
                            SchemaColumn("order", "int", True),
                        ),
                        complete=True,
                    ),
                ),
            ),
        ),
        (
            "postgres",
            "ALTER TABLE t ADD COLUMN a int",
            (Operation(Change.ADD_COLUMN, "t", name="a", columns=(SchemaColumn("a", "int", True),)),),
        ),
        (
            "postgres",
            "ALTER TABLE IF EXISTS ONLY app.t ADD COLUMN IF NOT EXISTS a int NOT NULL DEFAULT 0 REFERENCES u (id), DROP COLUMN IF EXISTS b CASCADE",  # noqa: E501
            (
                Operation(
                    Change.ADD_COLUMN,
                    "t",
                    "app",
                    "a",
                    columns=(SchemaColumn("a", "int", False, "0", default_by="database"),),
                    if_exists=True,
                    if_not_exists=True,
                    definition=Table(
                        "t", "app", origin="ddl", keys=(Key("foreign", ("a",), target="u", target_columns=("id",)),)
                    ),
                ),
                Operation(
                    Change.DROP_COLUMN, "t", "app", "b", columns=(SchemaColumn("b"),), if_exists=True, cascade=True
                ),
            ),
        ),
        (
            "postgres",
            'ALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint, ALTER b SET DATA TYPE text COLLATE "C", ALTER c SET NOT NULL, ALTER d DROP NOT NULL, ALTER e SET DEFAULT now(), ALTER f DROP DEFAULT',  # noqa: E501
            (
                Operation(
                    Change.ALTER_TYPE,
                    "t",
                    name="a",
                    columns=(SchemaColumn("a", "bigint"),),
                    using=Cast(Column("a"), "bigint"),
                ),
                Operation(Change.ALTER_TYPE, "t", name="b", columns=(SchemaColumn("b", "text"),)),
                Operation(Change.SET_NOT_NULL, "t", name="c", columns=(SchemaColumn("c", nullable=False),)),
                Operation(Change.DROP_NOT_NULL, "t", name="d", columns=(SchemaColumn("d", nullable=True),)),
                Operation(
                    Change.SET_DEFAULT,
                    "t",
                    name="e",
                    columns=(SchemaColumn("e", default="now()", default_by="database"),),
                ),
                Operation(Change.DROP_DEFAULT, "t", name="f", columns=(SchemaColumn("f"),)),
            ),
        ),
        (
            "postgres",
            "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
            (
                Operation(
                    Change.ADD_KEY, "t", name="k", key=Key("check", ("a",), "k", expression="a > 0"), not_valid=True
                ),
            ),
        ),
        (
            "postgres",
            "ALTER TABLE t VALIDATE CONSTRAINT k",
            (Operation(Change.VALIDATE_KEY, "t", name="k", key=Key("", (), "k")),),
        ),
        (
            "postgres",
            "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i",
            (Operation(Change.ADD_KEY, "t", name="k", key=Key("unique", (), "k"), index=Index("i", (), True)),),
        ),
        (
            "postgres",
            "ALTER TABLE t ADD PRIMARY KEY (a, b)",
            (Operation(Change.ADD_KEY, "t", key=Key("primary", ("a", "b"))),),
        ),
        (
            "postgres",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id) ON DELETE SET NULL NOT VALID",
            (
                Operation(
                    Change.ADD_KEY,
                    "t",
                    name="f",
                    key=Key("foreign", ("a",), "f", "u", ("id",), "set null"),
                    not_valid=True,
                ),
            ),
        ),
        (
            "postgres",
            "ALTER TABLE t DROP CONSTRAINT IF EXISTS k",
            (Operation(Change.DROP_KEY, "t", name="k", key=Key("", (), "k"), if_exists=True),),
        ),
        ("postgres", "ALTER TABLE t RENAME TO u", (Operation(Change.RENAME_TABLE, "t", name="u"),)),
        (
            "postgres",
            "ALTER TABLE t RENAME a TO b",
            (Operation(Change.RENAME_COLUMN, "t", name="b", columns=(SchemaColumn("a"),)),),
        ),
        (
            "postgres",
            'ALTER TABLE t RENAME COLUMN "a" TO "b"',
            (Operation(Change.RENAME_COLUMN, "t", name="b", columns=(SchemaColumn("a"),)),),
        ),
        (
            "postgres",
            "ALTER TABLE t RENAME CONSTRAINT a TO b",
            (Operation(Change.OTHER, "t", name="rename constraint", key=Key("", (), "a"), value="b"),),
        ),
        (
            "postgres",
            "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
            (Operation(Change.OTHER, "t", name="enable row level security"),),
        ),
        ("postgres", "ALTER TABLE t OWNER TO me", (Operation(Change.OTHER, "t", name="owner to"),)),
        (
            "postgres",
            "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
            (Operation(Change.OTHER, "t", name="detach partition", concurrent=True, value="p"),),
        ),
        (
            "postgres",
            "ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)",
            (Operation(Change.OTHER, "t", name="attach partition", value="p"),),
        ),
        (
            "postgres",
            "ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY",
            (Operation(Change.OTHER, "t", name="alter column add generated", columns=(SchemaColumn("a"),)),),
        ),
        ("postgres", "ALTER TABLE t SET SCHEMA s", (Operation(Change.OTHER, "t", name="set schema"),)),
        (
            "mysql",
            "ALTER TABLE `t` ADD `a` int NOT NULL AFTER `b`, MODIFY COLUMN `c` varchar(20) NOT NULL, CHANGE `d` `e` text, DROP INDEX `i`, DROP PRIMARY KEY, DROP FOREIGN KEY `f`, ADD INDEX `n` (`a`), ADD UNIQUE KEY `m` (`c`(10)), RENAME INDEX `o` TO `p`, ALGORITHM=INPLACE, LOCK=NONE",  # noqa: E501
            (
                Operation(
                    Change.ADD_COLUMN,
                    "t",
                    name="a",
                    columns=(SchemaColumn("a", "int", False),),
                    value="after b",
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.ALTER_TYPE,
                    "t",
                    name="c",
                    columns=(SchemaColumn("c", "varchar(20)", False),),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.RENAME_COLUMN,
                    "t",
                    name="e",
                    columns=(SchemaColumn("d"),),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.ALTER_TYPE,
                    "t",
                    name="e",
                    columns=(SchemaColumn("e", "text", True),),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.DROP_INDEX,
                    "t",
                    name="i",
                    index=Index("i", ()),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.DROP_KEY, "t", key=Key("primary", ()), options=(("algorithm", "inplace"), ("lock", "none"))
                ),
                Operation(
                    Change.DROP_KEY,
                    "t",
                    name="f",
                    key=Key("", (), "f"),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.CREATE_INDEX,
                    "t",
                    name="n",
                    index=Index("n", (IndexColumn("a"),)),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.CREATE_INDEX,
                    "t",
                    name="m",
                    index=Index("m", (IndexColumn("c", length=10),), True),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
                Operation(
                    Change.RENAME_INDEX,
                    "t",
                    name="p",
                    index=Index("o", ()),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
            ),
        ),
        ("mysql", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", (Operation(Change.OTHER, "t", name="convert to"),)),
        (
            "mysql",
            "ALTER TABLE t ENGINE = InnoDB",
            (Operation(Change.OTHER, "t", name="engine", value="innodb", options=(("engine", "innodb"),)),),
        ),
        (
            "tsql",
            "ALTER TABLE t ADD a int, b int NULL",
            (
                Operation(Change.ADD_COLUMN, "t", name="a", columns=(SchemaColumn("a", "int", True),)),
                Operation(Change.ADD_COLUMN, "t", name="b", columns=(SchemaColumn("b", "int", True),)),
            ),
        ),
        (
            "tsql",
            "ALTER TABLE t ALTER COLUMN a nvarchar(10) NOT NULL",
            (Operation(Change.ALTER_TYPE, "t", name="a", columns=(SchemaColumn("a", "nvarchar(10)", False),)),),
        ),
        (
            "postgres",
            "CREATE INDEX i ON t (a)",
            (Operation(Change.CREATE_INDEX, "t", name="i", index=Index("i", (IndexColumn("a"),))),),
        ),
        (
            "postgres",
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY app.t USING btree (a DESC NULLS LAST, lower(b) text_pattern_ops, (c ->> 'd'), e COLLATE \"C\") INCLUDE (f, g) NULLS NOT DISTINCT WITH (fillfactor = 70) WHERE h IS NULL",  # noqa: E501
            (
                Operation(
                    Change.CREATE_INDEX,
                    "t",
                    "app",
                    "i",
                    index=Index(
                        "i",
                        (
                            IndexColumn("a", True),
                            IndexColumn("lower(b)", expression=True, operator_class="text_pattern_ops"),
                            IndexColumn("c ->> 'd'", expression=True),
                            IndexColumn("e"),
                        ),
                        True,
                        "btree",
                        "h IS NULL",
                        ("f", "g"),
                    ),
                    concurrent=True,
                    if_not_exists=True,
                    options=(("only", ""), ("nulls not distinct", ""), ("with", "fillfactor = 70")),
                ),
            ),
        ),
        (
            "postgres",
            "CREATE INDEX ON t (a)",
            (Operation(Change.CREATE_INDEX, "t", index=Index("", (IndexColumn("a"),))),),
        ),
        (
            "mysql",
            "CREATE FULLTEXT INDEX i ON t (a(10), b) ALGORITHM = INPLACE LOCK = NONE",
            (
                Operation(
                    Change.CREATE_INDEX,
                    "t",
                    name="i",
                    index=Index("i", (IndexColumn("a", length=10), IndexColumn("b")), method="fulltext"),
                    options=(("algorithm", "inplace"), ("lock", "none")),
                ),
            ),
        ),
        (
            "sqlite",
            "CREATE UNIQUE INDEX i ON t (a COLLATE NOCASE, b desc) WHERE c = 1",
            (
                Operation(
                    Change.CREATE_INDEX,
                    "t",
                    name="i",
                    index=Index("i", (IndexColumn("a"), IndexColumn("b", True)), True, predicate="c = 1"),
                ),
            ),
        ),
        (
            "postgres",
            "DROP INDEX CONCURRENTLY IF EXISTS app.i, j CASCADE",
            (
                Operation(
                    Change.DROP_INDEX,
                    schema="app",
                    name="i",
                    index=Index("i", ()),
                    concurrent=True,
                    if_exists=True,
                    cascade=True,
                ),
                Operation(
                    Change.DROP_INDEX, name="j", index=Index("j", ()), concurrent=True, if_exists=True, cascade=True
                ),
            ),
        ),
        ("mysql", "DROP INDEX i ON t", (Operation(Change.DROP_INDEX, "t", name="i", index=Index("i", ())),)),
        (
            "postgres",
            "DROP TABLE IF EXISTS a, s.b CASCADE",
            (
                Operation(Change.DROP_TABLE, "a", name="a", if_exists=True, cascade=True),
                Operation(Change.DROP_TABLE, "b", "s", "b", if_exists=True, cascade=True),
            ),
        ),
        ("postgres", "DROP VIEW v", (Operation(Change.DROP_VIEW, "v", name="v"),)),
        ("postgres", "ALTER INDEX i RENAME TO j", (Operation(Change.RENAME_INDEX, name="j", index=Index("i", ())),)),
        (
            "postgres",
            "REINDEX TABLE CONCURRENTLY t",
            (Operation(Change.OTHER, "t", name="reindex", concurrent=True, value="table"),),
        ),
        (
            "postgres",
            "CREATE OR REPLACE VIEW v AS SELECT a, b AS c FROM t",
            (
                Operation(
                    Change.CREATE_VIEW,
                    "v",
                    name="v",
                    definition=Table(
                        "v",
                        origin="ddl",
                        view=True,
                        columns=(SchemaColumn("a"), SchemaColumn("c")),
                        complete=True,
                        options=(("or replace", ""),),
                    ),
                    options=(("or replace", ""),),
                ),
            ),
        ),
        (
            "postgres",
            "CREATE MATERIALIZED VIEW IF NOT EXISTS v (x, y) AS SELECT a, b FROM t WITH NO DATA",
            (
                Operation(
                    Change.CREATE_VIEW,
                    "v",
                    name="v",
                    if_not_exists=True,
                    definition=Table(
                        "v",
                        origin="ddl",
                        view=True,
                        columns=(SchemaColumn("x"), SchemaColumn("y")),
                        complete=True,
                        options=(("materialized", ""),),
                    ),
                    options=(("materialized", ""),),
                ),
            ),
        ),
        (
            "postgres",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            (Operation(Change.OTHER, "v", name="refresh materialized view", concurrent=True),),
        ),
        (
            "postgres",
            "TRUNCATE TABLE a, ONLY s.b RESTART IDENTITY CASCADE",
            (
                Operation(Change.TRUNCATE, "a", cascade=True),
                Operation(Change.TRUNCATE, "b", "s", cascade=True),
            ),
        ),
        (
            "mysql",
            "RENAME TABLE a TO b, s.c TO d",
            (
                Operation(Change.RENAME_TABLE, "a", name="b"),
                Operation(Change.RENAME_TABLE, "c", "s", "d"),
            ),
        ),
        ("", "BEGIN", (Operation(Change.BEGIN),)),
        ("", "START TRANSACTION", (Operation(Change.BEGIN, value="transaction"),)),
        ("", "COMMIT", (Operation(Change.COMMIT),)),
        ("", "ROLLBACK", (Operation(Change.ROLLBACK),)),
        ("", "ROLLBACK TO SAVEPOINT s", (Operation(Change.OTHER, name="rollback to savepoint", value="s"),)),
        ("", "SAVEPOINT s", (Operation(Change.OTHER, name="savepoint", value="s"),)),
        ("", "RELEASE SAVEPOINT s", (Operation(Change.OTHER, name="release savepoint", value="s"),)),
        ("postgres", "SET lock_timeout = '5s'", (Operation(Change.SET, name="lock_timeout", value="'5s'"),)),
        (
            "postgres",
            "SET LOCAL statement_timeout TO 0",
            (Operation(Change.SET, name="statement_timeout", temporary=True, value="0"),),
        ),
        ("postgres", "SET SESSION search_path TO a, b", (Operation(Change.SET, name="search_path", value="a, b"),)),
        (
            "postgres",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            (Operation(Change.SET, name="transaction", value="ISOLATION LEVEL SERIALIZABLE"),),
        ),
        (
            "mysql",
            "SET @@session.foreign_key_checks = 0",
            (Operation(Change.SET, name="foreign_key_checks", value="0"),),
        ),
        ("mysql", "SET NAMES utf8mb4", (Operation(Change.SET, name="names", value="utf8mb4"),)),
        ("postgres", "RESET ALL", (Operation(Change.SET, name="all", value="default"),)),
        ("sqlite", "PRAGMA foreign_keys = ON", (Operation(Change.SET, name="foreign_keys", value="ON"),)),
        ("sqlite", "PRAGMA table_info(t)", (Operation(Change.SET, name="table_info", value="t"),)),
        (
            "postgres",
            "CREATE TYPE e AS ENUM ('a', 'b')",
            (
                Operation(
                    Change.OTHER, name="create type", columns=(SchemaColumn("e", "enum", enum=("a", "b")),), value="e"
                ),
            ),
        ),
        (
            "postgres",
            "ALTER TYPE e ADD VALUE IF NOT EXISTS 'c' AFTER 'a'",
            (
                Operation(
                    Change.OTHER,
                    name="alter type add value",
                    columns=(SchemaColumn("e", "enum", enum=("c",)),),
                    value="c",
                ),
            ),
        ),
        (
            "postgres",
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            (Operation(Change.OTHER, name="create extension", if_not_exists=True, value="pg_trgm"),),
        ),
        (
            "postgres",
            "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$",
            (Operation(Change.OTHER, name="create function", value="f"),),
        ),
        (
            "postgres",
            "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
            (Operation(Change.OTHER, "t", name="create trigger", value="g"),),
        ),
        (
            "postgres",
            "DROP TRIGGER IF EXISTS g ON t",
            (Operation(Change.OTHER, "t", name="drop trigger", if_exists=True, value="g"),),
        ),
        (
            "postgres",
            "CREATE POLICY p ON t USING (a = 1)",
            (Operation(Change.OTHER, "t", name="create policy", value="p"),),
        ),
        (
            "postgres",
            "GRANT SELECT, INSERT ON t TO me",
            (Operation(Change.OTHER, "t", name="grant", value="select, insert"),),
        ),
        ("postgres", "REVOKE ALL ON TABLE t FROM PUBLIC", (Operation(Change.OTHER, "t", name="revoke", value="all"),)),
        ("postgres", "VACUUM (FULL, ANALYZE) t", (Operation(Change.OTHER, "t", name="vacuum full"),)),
        ("postgres", "VACUUM t", (Operation(Change.OTHER, "t", name="vacuum"),)),
        ("postgres", "CLUSTER t USING i", (Operation(Change.OTHER, "t", name="cluster"),)),
        ("postgres", "LOCK TABLE t IN ACCESS EXCLUSIVE MODE", (Operation(Change.OTHER, "t", name="lock"),)),
        ("postgres", "COPY t (a) FROM PROGRAM 'x'", (Operation(Change.OTHER, "t", name="copy"),)),
        ("postgres", "COMMENT ON TABLE t IS 'x'", (Operation(Change.OTHER, "t", name="comment on"),)),
        ("postgres", "DO $$ BEGIN END $$", (Operation(Change.OTHER, name="do"),)),
        (
            "postgres",
            "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t",
            (Operation(Change.OTHER, name="explain", options=(("analyze", ""), ("buffers", ""))),),
        ),
        ("postgres", "NOTIFY c", (Operation(Change.OTHER, name="notify"),)),
        ("postgres", "DISCARD ALL", (Operation(Change.OTHER, name="discard"),)),
        ("postgres", "CHECKPOINT", (Operation(Change.OTHER, name="checkpoint"),)),
        (
            "postgres",
            "CREATE STATISTICS s ON a, b FROM t",
            (Operation(Change.OTHER, name="create statistics", value="s"),),
        ),
        ("postgres", "PREPARE TRANSACTION 'x'", (Operation(Change.OTHER, name="prepare transaction"),)),
        ("mysql", "LOCK TABLES t WRITE", (Operation(Change.OTHER, "t", name="lock"),)),
        ("mysql", "OPTIMIZE TABLE t", (Operation(Change.OTHER, "t", name="optimize"),)),
        ("mysql", "FLUSH TABLES", (Operation(Change.OTHER, name="flush"),)),
        ("sqlite", "VACUUM", (Operation(Change.OTHER, name="vacuum"),)),
        ("sqlite", "REINDEX t", (Operation(Change.OTHER, name="reindex", index=Index("t", ())),)),
        (
            "sqlite",
            "CREATE VIRTUAL TABLE f USING fts5(a, b)",
            (Operation(Change.CREATE_TABLE, "f", definition=Table("f", origin="ddl", options=(("fts5", "(a, b)"),))),),
        ),
    ],
)
def test_operations(dialect: str, source: str, expected: tuple[Operation, ...]) -> None:
    parsed = parse(source, dialect)
    assert parsed.error == ""
    assert {operation.dialect for operation in parsed.operations} == {dialect}
    assert {operation.sql for operation in parsed.operations} == {source}
    assert tuple(plain(operation) for operation in parsed.operations) == expected


def plain(operation: Operation) -> Operation:
    """An operation without its text, its query, and the columns that its definition repeats."""
    columns = () if operation.change is Change.CREATE_TABLE else operation.columns
    return msgspec.structs.replace(operation, columns=columns, query=None, dialect="", sql="")


def test_a_table_has_its_columns_twice() -> None:
    (operation,) = parse("CREATE TABLE t (a int, b int)").operations
    assert operation.definition is not None
    assert operation.columns == operation.definition.columns


@pytest.mark.parametrize(
    ("source", "verb", "table"),
    [
        ("CREATE VIEW v AS SELECT a FROM t", Verb.SELECT, "t"),
        ("CREATE TABLE n AS WITH x AS (SELECT a FROM t) SELECT a FROM x", Verb.SELECT, "x"),
        ("EXPLAIN ANALYZE DELETE FROM t", Verb.DELETE, "t"),
    ],
)
def test_queries_inside(source: str, verb: Verb, table: str) -> None:
    (operation,) = parse(source).operations
    assert operation.query is not None
    assert (operation.query.verb, operation.query.table) == (verb, table)


def test_a_block_gives_the_plain_statements_in_it() -> None:
    source = """DO $body$
DECLARE n int := 5;
BEGIN
    ALTER TABLE té ADD CONSTRAINT k CHECK (a > 0);
    IF NOT EXISTS (SELECT 1 FROM t WHERE a = 1) THEN CREATE TYPE e AS ENUM ('a'); ELSE PERFORM f(); END IF;
    FOR r IN SELECT * FROM t LOOP UPDATE t SET a = CASE WHEN b THEN 1 END WHERE id = r.id; END LOOP;
    x := 1; not sql at all; DELETE FROM u;
EXCEPTION WHEN duplicate_object THEN DROP TABLE v;
END $body$"""
    found = parse(text(source), "postgres").operations
    always, sometimes = (("within", "do"),), (("within", "do"), ("conditional", ""))
    assert [(each.change, each.table, each.options) for each in found] == [
        (Change.OTHER, "", (("calls", "f"),)),
        (Change.ADD_KEY, "té", always),
        (Change.OTHER, "", sometimes),
        (Change.DATA, "t", sometimes),
        (Change.DATA, "u", always),
        (Change.DROP_TABLE, "v", sometimes),
    ]
    assert found[1].sql == "ALTER TABLE té ADD CONSTRAINT k CHECK (a > 0)"
    start = source.index("ALTER")
    assert found[1].place == Place(PATH, start, start + len(found[1].sql.encode()))
    assert found[4].sql == "DELETE FROM u"
    assert found[4].query is not None
    assert found[4].query.verb is Verb.DELETE


def test_places() -> None:
    source = "ALTER TABLE té ADD COLUMN a int, DROP COLUMN b"
    first, second = parse(text(source), "postgres").operations
    end = len(source.encode())
    assert first.place == Place(PATH, 16, 32)
    assert second.place == Place(PATH, 34, end)
    assert first.columns[0].place == Place(PATH, 27, 32)
    (only,) = parse(text("ALTER TABLE t ADD COLUMN a int;"), "postgres").operations
    assert only.place == Place(PATH, 0, 30)
    source = "CREATE TABLE app.t (a int, b int REFERENCES u, UNIQUE (a))"
    (table,) = parse(text(source)).operations
    assert table.place == Place(PATH, 0, len(source))
    assert table.definition is not None
    assert table.definition.place == Place(PATH, 13, 18)
    assert [column.place for column in table.definition.columns] == [Place(PATH, 20, 25), Place(PATH, 27, 45)]
    assert [key.place for key in table.definition.keys] == [Place(PATH, 33, 45), Place(PATH, 47, 57)]


def test_names_that_are_holes_are_unknown() -> None:
    (operation,) = parse(text("DROP TABLE ", hole("name"))).operations
    assert operation.table == ""
    assert operation.sql == "DROP TABLE {name}"
    (operation,) = parse(text("CREATE INDEX i_", hole("x"), " ON t (a)")).operations
    assert (operation.name, operation.table) == ("", "t")
    (operation,) = parse(text("CREATE TABLE t (id int, ", hole("columns"), ")")).operations
    assert operation.definition is not None
    assert ([column.name for column in operation.definition.columns], operation.definition.complete) == (["id"], False)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("CREATE TABEL t (a int)", "what to create expected, not `TABEL`"),
        ("CREATE TABLE (a int)", "a name expected, not `(`"),
        ("CREATE TABLE t", "`(` expected at the end"),
        ("CREATE TABLE t (a int", "`(` is never closed"),
        ("CREATE TABLE t (a int))", "unexpected `)`"),
        ("CREATE TABLE t (a int,, b int)", "a column expected, not `,`"),
        ("ALTER TABLE t", "an action expected at the end"),
        ("ALTER TABLE t FROBNICATE a", "an action expected, not `FROBNICATE`"),
        ("ALTER TABLE t DROP COLUMN a b", "the end of the action expected, not `b`"),
        ("CREATE INDEX i t (a)", "`ON` expected, not `t`"),
        ("DROP", "what to drop expected at the end"),
        ("DROP TABLE", "a name expected at the end"),
        ("SELEC 1", "a statement expected, not `SELEC`"),
        ("SET", "a setting expected at the end"),
    ],
)
def test_errors(source: str, error: str) -> None:
    assert parse(source).error == error


def test_sections_stay_with_their_statements() -> None:
    script = parse_script("-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;")
    assert [(each.section, each.operations[0].change) for each in script.statements] == [
        ("up", Change.CREATE_TABLE),
        ("down", Change.DROP_TABLE),
    ]
