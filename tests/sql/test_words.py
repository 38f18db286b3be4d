"""Words that PostgreSQL lets a column be called, each where sqlglot could take it for a keyword."""

from __future__ import annotations

import pytest

from dblint.facts.query import Column, Verb
from dblint.sql.query import parse

NOT_RESERVED = """
    abort absolute access action add admin after aggregate also alter always asensitive assertion assignment at
    atomic attach attribute backward before begin breadth by cache call called cascade cascaded catalog chain
    characteristics checkpoint class close cluster columns comment comments commit committed compression
    configuration conflict connection constraints content continue conversion copy cost csv cube current cursor
    cycle data database day deallocate declare defaults deferred definer delete delimiter delimiters depends
    depth detach dictionary disable discard document domain double drop each enable encoding encrypted enum
    escape event exclude excluding exclusive execute explain expression extension external family filter
    finalize first following force format forward function functions generated global granted groups handler
    header hold hour identity if immediate immutable implicit import include including increment indent index
    indexes inherit inherits inline input insensitive insert instead invoker isolation key keys label language
    large last leakproof level listen load local location lock locked logged mapping match matched materialized
    maxvalue merge method minute minvalue mode month move name names new next nfc nfd nfkc nfkd no nothing
    notify nowait nulls object of off oids old operator option options ordinality others over overriding owned
    owner parallel parameter parser partial partition passing password path period plan plans policy preceding
    prepare prepared preserve prior privileges procedural procedure procedures program publication quote quotes
    range read reassign recheck recursive ref referencing refresh reindex relative release rename repeatable
    replace replica reset restart restrict return returns revoke role rollback rollup routine routines rows rule
    savepoint scalar schema schemas scroll search second security sequence sequences serializable server session
    set sets share show simple skip snapshot sql stable standalone start statement statistics stdin stdout
    storage stored strict string strip subscription support sysid system tables tablespace target temp template
    temporary text ties transaction transform trigger truncate trusted type types uescape unbounded uncommitted
    unconditional unencrypted unknown unlisten unlogged until update vacuum valid validate validator value
    varying version view views volatile whitespace within without work wrapper write xml year yes zone
"""
"""PostgreSQL's words that are not reserved (its documentation, appendix C)."""


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id, {word} FROM t WHERE {word} = 1 AND NOT t.{word} ORDER BY {word} DESC",
        "WITH c AS (SELECT id, max({word}) AS {word} FROM t GROUP BY {word}, id) SELECT c.id, {word} FROM c",
        "UPDATE t SET {word} = 1 WHERE {word} IS NULL RETURNING id, {word}",
    ],
)
def test_every_word_that_is_not_reserved_is_a_name(statement: str) -> None:
    for word in NOT_RESERVED.split():
        parsed = parse(statement.format(word=word), "postgres")
        assert parsed.error == "", word
        assert parsed.query is not None
        written = parsed.query.returning if parsed.query.verb is Verb.UPDATE else parsed.query.projection
        column = written.elements[1].value
        assert isinstance(column, Column), word
        assert column.name == word
        assert parsed.query.where.elements or "WITH" in statement, word


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT lock.pid FROM pg_locks lock JOIN t ON lock.relation = t.id",
        "SELECT t.id FROM t JOIN LATERAL (SELECT 1 AS n) lock ON true",
        "SELECT recursive.a FROM (WITH recursive AS (SELECT 1 AS a) SELECT a FROM recursive) recursive",
        "INSERT INTO t (id, if, lock) VALUES (1, 2, 3) ON CONFLICT (if) DO UPDATE SET if = excluded.if",
    ],
)
def test_as_names_of_tables_and_in_lists(statement: str) -> None:
    assert parse(statement, "postgres").error == ""


def test_a_name_keeps_its_place() -> None:
    query = parse("SELECT lock FROM t GROUP BY lock", "postgres").query
    assert query is not None
    grouped = query.grouping.elements[0].value
    assert isinstance(grouped, Column)
    assert grouped.name == "lock"


def test_keywords_stay_keywords() -> None:
    locking = parse("SELECT id FROM t LOCK IN SHARE MODE", "mysql").query
    assert locking is not None
    assert locking.locks.elements
    assert parse("SELECT id FROM t GROUP BY lock", "mysql").error == "unexpected `lock`"
    assert parse("SELECT select FROM t", "postgres").error != ""
    assert parse("SELECT id, lock FROM t GROUP BY lock, (", "postgres").error != ""
