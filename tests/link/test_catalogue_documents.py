"""Documents of MongoEngine and Beanie as tables of the catalogue."""

from __future__ import annotations

from dblint.facts.schema import Table
from tests.link.linked import linked

MONGOENGINE = """\
from mongoengine import (
    CASCADE, DateTimeField, Decimal128Field, DecimalField, Document, EmbeddedDocument, EmbeddedDocumentField,
    EmbeddedDocumentListField, FloatField, IntField, LazyReferenceField, ListField, ReferenceField, StringField,
)

class Address(EmbeddedDocument):
    city = StringField(required=True, db_field="c")

class Money(FloatField):
    pass

class Base(Document):
    created = DateTimeField()
    meta = {"abstract": True, "indexes": ["created"]}

class HTTPUser(Base):
    mail = StringField(primary_key=True)
    nick = StringField(unique=True, choices=["a", "b"])
    age = IntField(required=True, default=3, db_field="a")
    home = EmbeddedDocumentField(Address)
    homes = EmbeddedDocumentListField(Address)
    friends = ListField(ReferenceField("self"))
    balance = DecimalField()
    exact = Decimal128Field()
    text = DecimalField(force_string=True)
    price = Money()
    meta = {"indexes": ["-age", ("age", "-nick"), {"fields": ["home.city"], "unique": True, "sparse": True}, "$nick"]}

class Post(Document):
    author = ReferenceField(HTTPUser, required=True, reverse_delete_rule=CASCADE)
    reviewer = LazyReferenceField("HTTPUser")
    slug = StringField(unique_with="author")
    meta = {"collection": "posts", "allow_inheritance": True, "ordering": ["-slug"]}

class Link(Post):
    url = StringField(required=True)

class Computed(Document):
    meta = {"collection": lambda cls: cls.__name__}
"""
BEANIE = """\
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, Optional, Union

from beanie import BackLink, Document, Indexed, Link, PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import DESCENDING, IndexModel

class Colour(str, Enum):
    RED = "red"

class Lid(BaseModel):
    colour: Colour
    price: float = 0

class Shelf(Document):
    room: str
    jars: list[BackLink["Jar"]] = Field(default_factory=list)

class Jar(Document):
    kinds: ClassVar[int] = 3
    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    label: Indexed(str, unique=True)
    sku: Annotated[str, Indexed()]
    weight: Optional[int] = None
    size: float | None = None
    price: Decimal
    made: datetime = Field(alias="madeAt")
    lid: Lid
    tags: list[str] = []
    shelf: Link[Shelf]
    others: list[Link[Shelf]] = []

    class Settings:
        name = "jars"
        indexes = ["weight", [("label", DESCENDING), ("lid.colour", 1)], IndexModel([("made", 1)], unique=True)]

class Root(Document):
    name: str

    class Settings:
        is_root = True

class Leaf(Root):
    colour: str
"""


def tables(text: str) -> dict[str, Table]:
    found = linked({"models.py": text}).tables
    assert {table.database for table in found.values()} == {"mongodb"}
    return dict(found)


def columns(table: Table) -> list[str]:
    return [
        f"{column.name} {column.type} {'null' if column.nullable else 'not null'}"
        + (f" default {column.default}" if column.default else "")
        + (f" ({column.attribute})" if column.attribute != column.name else "")
        for column in table.columns
    ]


def keys(table: Table) -> list[str]:
    return [f"{key.kind} {' '.join(key.columns)} {key.target} {key.on_delete} {key.enforced}" for key in table.keys]


def indexes(table: Table) -> list[str]:
    return [
        " ".join(f"{'-' if column.descending else ''}{column.name}" for column in index.columns)
        + (" unique" if index.unique else "")
        + (f" {index.predicate}" if index.predicate else "")
        + (f" {index.method}" if index.method else "")
        for index in table.indexes
    ]


def test_mongoengine() -> None:
    found = tables(MONGOENGINE)
    assert sorted(found) == ["h_t_t_p_user", "posts"]
    user, posts = found["h_t_t_p_user"], found["posts"]
    assert columns(user) == [
        "created date null",
        "_id string not null (mail)",
        "nick string null",
        "a int not null default 3 (age)",
        "home object null",
        "home.c string null (home.city)",
        "homes array null",
        "homes.c string null (homes.city)",
        "friends array null",
        "balance double null",
        "exact decimal null",
        "text string null",
        "price double null",
    ]
    assert keys(user) == ["primary _id   True"]
    assert indexes(user) == ["nick unique", "-a", "a -nick", "home.c unique partial", "nick fulltext", "created"]
    assert [(each.name, each.kind, each.target) for each in user.relations] == [("friends", "to-many", "h_t_t_p_user")]
    assert user.complete
    assert columns(posts) == [
        "_id objectId not null (id)",
        "author objectId not null",
        "reviewer objectId null",
        "slug string null",
        "url string null",
    ]
    assert keys(posts) == [
        "primary _id   True",
        "foreign author h_t_t_p_user cascade False",
        "foreign reviewer h_t_t_p_user  False",
    ]
    assert indexes(posts) == ["author slug unique"]
    assert [(order.expression, order.descending) for order in posts.order.values()] == [
        (posts.order.elements[0].value.expression, True)
    ]


def test_beanie() -> None:
    found = tables(BEANIE)
    assert sorted(found) == ["jars", "root", "shelf"]
    jars = found["jars"]
    assert columns(jars) == [
        "_id objectId not null (id)",
        "label string not null",
        "sku string not null",
        "weight long null default null",
        "size double null default null",
        "price decimal not null",
        "madeAt date not null (made)",
        "lid object not null",
        "lid.colour string null",
        "lid.price double null default 0",
        "tags array not null",
        "shelf object not null",
        "others array not null",
        "revision_id binData null",
    ]
    assert keys(jars) == ["primary _id   True", "foreign shelf Shelf  False"]
    assert indexes(jars) == ["label unique", "sku", "weight", "-label lid.colour", "madeAt unique"]
    assert columns(found["shelf"]) == [
        "_id objectId not null (id)",
        "room string not null",
        "revision_id binData null",
    ]
    assert columns(found["root"]) == [
        "_id objectId not null (id)",
        "name string not null",
        "colour string null",
        "revision_id binData null",
    ]
