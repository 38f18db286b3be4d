"""Names and definitions as people paste them."""

from __future__ import annotations

import pytest

from dblint.facts import spelling
from dblint.facts.schema import Change, Index, IndexColumn, Operation


@pytest.mark.parametrize(
    ("word", "dialect", "written"),
    [
        ("parcel", "postgres", "parcel"),
        ("Parcel", "postgres", '"Parcel"'),
        ("Parcel", "", '"Parcel"'),
        ("Parcel", "mysql", "Parcel"),
        ("Parcel", "sqlite", "Parcel"),
        ("user", "postgres", '"user"'),
        ("key", "mysql", "`key`"),
        ("order", "tsql", "[order]"),
        ("two words", "sqlite", '"two words"'),
        ('a"b', "postgres", '"a""b"'),
        ("a`b", "mysql", "`a``b`"),
        ("2fa", "postgres", '"2fa"'),
        ("größe", "postgres", '"größe"'),
        ("_x1", "postgres", "_x1"),
    ],
)
def test_names(word: str, dialect: str, written: str) -> None:
    assert spelling.name(word, dialect) == written


def index(*columns: IndexColumn, name: str = "", unique: bool = False, method: str = "", predicate: str = "") -> Index:
    return Index(name, columns, unique, method, predicate)


@pytest.mark.parametrize(
    ("operation", "statement"),
    [
        (
            Operation(
                Change.CREATE_INDEX,
                "Order",
                "app",
                "Order_teamId_key",
                index=index(IndexColumn("teamId"), unique=True, predicate="gone IS NULL"),
                dialect="postgres",
            ),
            'CREATE UNIQUE INDEX CONCURRENTLY "Order_teamId_key" ON app."Order" ("teamId") WHERE gone IS NULL;',
        ),
        (
            Operation(
                Change.CREATE_INDEX,
                "item",
                index=index(IndexColumn("name", operator_class="gin_trgm_ops"), method="gin"),
                dialect="postgres",
            ),
            "CREATE INDEX CONCURRENTLY ON item USING gin (name gin_trgm_ops);",
        ),
        (
            Operation(
                Change.CREATE_INDEX,
                "item",
                index=index(IndexColumn("lower(name)", expression=True), IndexColumn("at", descending=True)),
                if_not_exists=True,
                dialect="postgres",
            ),
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS ON item ((lower(name)), at DESC);",
        ),
        (
            Operation(
                Change.CREATE_INDEX,
                "item",
                index=index(IndexColumn("?", expression=True), predicate="?"),
                dialect="postgres",
            ),
            "CREATE INDEX CONCURRENTLY ON item ((…)) WHERE …;",
        ),
        (
            Operation(
                Change.CREATE_INDEX,
                "item",
                index=index(IndexColumn("a")),
                sql='create unique  index "iA"\n  ON item (a) NULLS NOT DISTINCT',
                dialect="postgres",
            ),
            'create unique index CONCURRENTLY "iA" ON item (a) NULLS NOT DISTINCT;',
        ),
        (
            Operation(
                Change.CREATE_INDEX,
                "item",
                index=index(IndexColumn("a"), name="i"),
                sql="ALTER TABLE item ADD INDEX i (a)",
                dialect="mysql",
            ),
            "CREATE INDEX CONCURRENTLY i ON item (a);",
        ),
        (Operation(Change.CREATE_INDEX, index=index(IndexColumn("a"))), ""),
    ],
)
def test_concurrent_indexes(operation: Operation, statement: str) -> None:
    assert spelling.concurrent_index(operation) == statement


def test_an_index_of_a_partitioned_table_is_built_partition_by_partition() -> None:
    operation = Operation(
        Change.CREATE_INDEX, "event", name="event_at", index=index(IndexColumn("at")), dialect="postgres"
    )
    assert spelling.index_by_partition(operation) == (
        "CREATE INDEX event_at ON ONLY event (at); then for each partition "
        "CREATE INDEX CONCURRENTLY partition_index ON partition (at); "
        "ALTER INDEX event_at ATTACH PARTITION partition_index;"
    )


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        (
            "postgres",
            (
                "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX CONCURRENTLY author_name_trgm ON shop.author "
                'USING gin (upper(name) gin_trgm_ops); CREATE INDEX CONCURRENTLY "Book_title_key_trgm" ON "Book" '
                'USING gin (title gin_trgm_ops, "key" gin_trgm_ops);'
            ),
        ),
        (
            "mysql",
            (
                "CREATE FULLTEXT INDEX author_name_ngram ON shop.author (name) WITH PARSER ngram; CREATE FULLTEXT "
                "INDEX Book_title_key_ngram ON Book (title, `key`) WITH PARSER ngram; MATCH (…) AGAINST (… IN BOOLEAN "
                "MODE) in the place of LIKE"
            ),
        ),
    ],
)
def test_indexes_that_serve_searches(dialect: str, written: str) -> None:
    searched = {("author", "shop"): {"name": "upper"}, ("Book", ""): {"title": "", "key": ""}}
    assert spelling.search_indexes(searched, dialect) == written
    assert dialect != "postgres" or spelling.search_indexes(searched).startswith("on PostgreSQL CREATE EXTENSION")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unit_price", ("unit", "price")),
        ("unitPrice", ("unit", "price")),
        ("UNIT-PRICE", ("unit", "price")),
        ("readHTTPReply2", ("read", "http", "reply")),
        ("BILLPAYMENTS", ("billpayments",)),
        ("_1", ()),
    ],
)
def test_words(name: str, words: tuple[str, ...]) -> None:
    assert spelling.words(name) == words


@pytest.mark.parametrize(
    ("fields", "descending", "others", "written"),
    [
        (["_id"], False, False, "find({_id: {$gt: …}}).sort({_id: 1}).limit(…)"),
        (["_id"], True, True, "find({…, _id: {$lt: …}}).sort({_id: -1}).limit(…)"),
        (
            ["made.at", "number", "_id"],
            False,
            True,
            (
                'find({…, $or: [{"made.at": {$gt: …}}, {"made.at": …, number: {$gt: …}}, '
                '{"made.at": …, number: …, _id: {$gt: …}}]}).sort({"made.at": 1, number: 1, _id: 1}).limit(…)'
            ),
        ),
    ],
)
def test_documents_behind_the_last_one(fields: list[str], descending: bool, others: bool, written: str) -> None:
    assert spelling.documents_behind(fields, descending=descending, others=others) == written


def test_an_index_of_documents() -> None:
    made = index(IndexColumn("customer.$id"), IndexColumn("made", descending=True), name="orders_made")
    operation = Operation(Change.CREATE_INDEX, "orders", index=made, dialect="mongodb")
    assert spelling.plain_index(operation) == 'db.orders.createIndex({"customer.$id": 1, made: -1})'
