"""Indexes that the program makes by calls, as tables of the catalogue."""

from __future__ import annotations

from dblint.facts.program import FileRole
from dblint.facts.schema import Index, SchemaColumn, Table
from tests.link.linked import linked

DATABASE = """\
from pymongo import ASCENDING, HASHED, TEXT, AsyncMongoClient, IndexModel, MongoClient

db = MongoClient("mongodb://server/shop").shop
later = AsyncMongoClient("mongodb://server/shop").shop
"""
PREPARED = """\
from pymongo import ASCENDING, DESCENDING, HASHED, TEXT, IndexModel

from database import db, later

BY_TIME = IndexModel([("made", DESCENDING)], name="by_time")

def prepared(name, options):
    db.customers.create_index("email", unique=True)
    db.orders.create_index([("customer", ASCENDING), ("made", -1)])
    db.orders.create_index([("customer", 1), ("made", DESCENDING)])
    db["orders"].create_index({"number": 1}, unique=True, sparse=True)
    db.orders.create_index([("note", TEXT)], name="words")
    db.orders.lines.create_index(["article", ("number", DESCENDING)], unique=True)
    db.read.create_index([("$**", "text")])
    db.kept.create_index("key", unique=True)
    db.kept.create_index("name", unique=True)
    db.kept.drop_index("key_1")
    db.emptied.create_index("key", unique=True)
    db.emptied.drop_indexes()
    db.chosen.create_index("key", unique=options.unique)
    db.open.create_index("key", **options)

async def prepared_later(models):
    await later.events.create_indexes([BY_TIME, IndexModel([("shard", HASHED)])])
    await later.jobs.create_indexes([IndexModel("key"), *models])
    await later.jobs.create_indexes(models)
"""


def shown(index: Index) -> str:
    """An index in one line."""
    columns = ", ".join(f"{'-' if column.descending else ''}{column.name}" for column in index.columns)
    words = [index.name, "unique" * index.unique, index.method, index.predicate]
    return " ".join([f"({columns})", *filter(None, words)])


def told(tables: dict[str, Table]) -> dict[str, tuple[bool, list[str]]]:
    """Collection → whether all of its indexes are known, and these."""
    return {name: (table.complete, [shown(index) for index in table.indexes]) for name, table in tables.items()}


def test_calls_that_make_indexes_say_which_a_collection_has() -> None:
    tables = dict(linked({"database.py": DATABASE, "prepared.py": PREPARED}).tables)
    assert told(tables) == {
        "customers": (True, ["(email) unique"]),
        "orders": (True, ["(customer, -made)", "(number) unique partial", "(note) words fulltext"]),
        "orders.lines": (True, ["(article, -number) unique"]),
        "read": (False, []),
        "kept": (False, ["(name) unique"]),
        "emptied": (False, []),
        "chosen": (False, []),
        "open": (False, []),
        "events": (True, ["(-made) by_time", "(shard) hash"]),
        "jobs": (False, ["(key)"]),
    }
    orders = tables["orders"]
    assert (orders.database, orders.idiom, orders.origin, orders.schemaless) == ("mongodb", "pymongo", "calls", True)
    assert [column.name for column in orders.columns] == ["_id", "customer", "made", "number", "note"]
    assert orders.column("whatever") == SchemaColumn("whatever")
    assert orders.unique_sets() == (frozenset({"_id"}),)


def test_what_is_made_on_an_unknown_collection_may_be_on_any() -> None:
    known = "from database import db\n\ndef prepared():\n    db.customers.create_index('email', unique=True)\n"
    computed = "from database import db\n\ndef prepared(name):\n    db[name].create_index('email')\n"
    unresolved = "def prepared(store):\n    store.create_index('email')\n"
    for other in (computed, unresolved):
        tables = dict(linked({"database.py": DATABASE, "known.py": known, "other.py": other}).tables)
        assert told(tables) == {"customers": (False, ["(email) unique"])}
        roles = {"other.py": FileRole.TEST}
        tables = dict(linked({"database.py": DATABASE, "known.py": known, "other.py": other}, roles=roles).tables)
        assert told(tables) == {"customers": (True, ["(email) unique"])}


def test_a_declared_collection_gets_the_indexes_and_a_table_of_another_database_none() -> None:
    tables = linked(
        {
            "database.py": DATABASE,
            "models.py": """\
                from mongoengine import Document, StringField

                class Customer(Document):
                    mail = StringField(db_field="m")
                    name = StringField()
                    meta = {"indexes": ["name"]}
                """,
            "prepared.py": """\
                from database import db
                from models import Customer

                def prepared():
                    Customer.create_index("mail", unique=True)
                    Customer._get_collection().create_index("name")
                    db.orders.create_index("number", unique=True)
                """,
            "tables.py": """\
                from sqlalchemy import Column, Integer
                from sqlalchemy.orm import declarative_base

                class Order(declarative_base()):
                    __tablename__ = "orders"
                    id = Column(Integer, primary_key=True)
                """,
        }
    ).tables
    customer, orders = tables["customer"], tables["orders"]
    assert [shown(index) for index in customer.indexes] == ["(name)", "(m) unique"]
    assert (customer.complete, customer.schemaless) == (True, False)
    assert (orders.origin, orders.indexes, orders.schemaless) == ("model", (), False)


def test_a_validator_says_which_fields_documents_have() -> None:
    made = """\
        from database import db, later

        LINES = {"bsonType": "object", "required": ["total"], "properties": {"total": {"bsonType": "double"}}}

        def prepared(name):
            db.create_collection("plain")
            db.create_collection(name, validator={"$jsonSchema": LINES})
            orders = db.create_collection(
                "orders",
                validator={"$jsonSchema": {"properties": {"number": {"bsonType": "int"}, "note": {"maxLength": 5}}}},
            )
            orders.create_index("number", unique=True)

        async def prepared_later():
            await later.create_collection("lines", validator={"$jsonSchema": LINES})
        """
    tables = linked({"database.py": DATABASE, "made.py": made}).tables
    assert {name: (table.complete, table.schemaless) for name, table in tables.items()} == {
        "orders": (True, True),
        "lines": (False, True),
    }
    shown = {name: [(each.name, each.type, each.nullable) for each in table.columns] for name, table in tables.items()}
    assert shown == {
        "orders": [("_id", "", False), ("number", "int", True), ("note", "", True)],
        "lines": [("_id", "", False), ("total", "double", False)],
    }
