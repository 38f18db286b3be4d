"""Models of Peewee and Tortoise as tables."""

from __future__ import annotations

from dblint.facts.query import Column
from dblint.facts.schema import Table
from tests.link.linked import linked

PEEWEE = """
import datetime

from peewee import *
from playhouse.postgres_ext import ArrayField, BinaryJSONField

database = PostgresqlDatabase("jars")


def prefixed(model):
    return "shop_" + model.__name__.lower()


class Base(Model):
    class Meta:
        database = database
        legacy_table_names = False


class UserProfile(Base):
    email = CharField(unique=True, max_length=80)
    active = BooleanField(default=True)
    joined = DateTimeField(constraints=[SQL("DEFAULT now()")])
    rate = DecimalField(max_digits=7, decimal_places=2, null=True)
    data = BinaryJSONField()
    words = ArrayField(TextField)


class Post(Base):
    author = ForeignKeyField(UserProfile, backref="posts", on_delete="CASCADE")
    parent = ForeignKeyField("self", null=True, column_name="above", index=False)
    day = DateField(index=True)
    next = DeferredForeignKey("Later", null=True, backref="+")

    class Meta:
        table_name = "posts"
        schema = "blog"
        indexes = ((("author", "day"), True), (("day", "parent"), False))
        constraints = [Check("above <> id")]


class Timed(Base):
    made = DateTimeField(default=datetime.datetime.now)


class Later(Timed):
    word = CharField(primary_key=True)


class Vote(Base):
    post = ForeignKeyField(Post, lazy_load=False)
    user = ForeignKeyField(UserProfile)

    class Meta:
        primary_key = CompositeKey("post", "user")
        table_function = prefixed


class Log(Base):
    text = TextField()

    class Meta:
        primary_key = False


class Tag(Base):
    posts = ManyToManyField(Post, backref="tags")


class Marked(Base):
    name = CharField()


Marked.add_index(Marked.name)
"""
TORTOISE = """
from enum import Enum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Dated:
    made = fields.DatetimeField(auto_now_add=True)


class Named(Model):
    name = fields.CharField(max_length=40, db_index=True)

    class Meta:
        abstract = True
        ordering = ["-name"]


class Event(Dated, Named):
    price = fields.FloatField(null=True)
    total = fields.DecimalField(max_digits=8, decimal_places=2, db_default=0)
    place = fields.ForeignKeyField("models.Place", related_name="events", on_delete=fields.RESTRICT)
    teams = fields.ManyToManyField("models.Team")

    class Meta:
        unique_together = ("name", "place")
        indexes = [("price", "total"), Index(fields=["made"])]


class Place(Model):
    code = fields.UUIDField(pk=True)
    kind = fields.BigIntField(index=True, default=1)

    class Meta:
        table = "places"
        schema = "town"


class Team(Named):
    captain = fields.OneToOneField("models.Team", null=True, on_delete=fields.SET_NULL, related_name="under")
    home = fields.ForeignKeyField("models.Place", source_field="home_code", null=True, db_index=True)
"""


def told(table: Table) -> list[str]:
    """A table in words."""
    lines = [f"{table.schema}.{table.name}".lstrip(".") + ("" if table.complete else " in part")]
    for column in table.columns:
        words = [column.name, column.type or "?", "null" if column.nullable else "not null"]
        words += [f"= {column.default} by {column.default_by}".replace("  ", " ")] if column.default_by else []
        lines.append(" ".join(words))
    for key in table.keys:
        words = [key.kind, ",".join(key.columns), key.expression]
        words += [f"-> {key.target}({','.join(key.target_columns)})", key.on_delete] if key.kind == "foreign" else []
        lines.append(" ".join(word for word in words if word))
    lines += [f"index {','.join(column.name for column in index.columns)}" for index in table.indexes]
    lines += [
        f"order {each.value.expression.name}"
        for each in table.order.elements
        if isinstance(each.value.expression, Column)
    ]
    for relation in table.relations:
        words = [relation.kind, relation.name, relation.target, relation.inverse and f"of {relation.inverse}"]
        lines.append(" ".join(word for word in (*words, relation.eager) if word))
    return lines


def catalogue(source: str) -> dict[str, list[str]]:
    return {table.name: told(table) for table in linked({"models.py": source}, dialect="postgres").tables.values()}


def test_peewee() -> None:
    assert catalogue(PEEWEE) == {
        "later": ["later", "made timestamp not null = by client", "word varchar(255) not null", "primary word"],
        "log": ["log", "text text not null"],
        "marked": ["marked in part", "id integer not null = by database", "name varchar(255) not null", "primary id"],
        "posts": [
            "blog.posts",
            "id integer not null = by database",
            "author_id integer not null",
            "above integer null",
            "day date not null",
            "next_id varchar(255) null",
            "primary id",
            "foreign author_id -> user_profile(id) cascade",
            "foreign above -> posts(id)",
            "foreign next_id -> later(word)",
            "unique author_id,day",
            "check above <> id",
            "index author_id",
            "index day",
            "index next_id",
            "index day,above",
            "to-one author user_profile of posts",
            "to-one parent posts of post_set",
            "to-one next later",
        ],
        "shop_vote": [
            "shop_vote",
            "post_id integer not null",
            "user_id integer not null",
            "primary post_id,user_id",
            "foreign post_id -> posts(id)",
            "foreign user_id -> user_profile(id)",
            "to-one post posts of vote_set noload",
            "to-one user user_profile of vote_set",
        ],
        "tag": ["tag", "id integer not null = by database", "primary id", "many-to-many posts posts of tags"],
        "tag_posts_through": [
            "tag_posts_through",
            "id integer not null = by database",
            "tag_id integer not null",
            "post_id integer not null",
            "primary id",
            "foreign tag_id -> tag(id)",
            "foreign post_id -> posts(id)",
            "unique tag_id,post_id",
            "index tag_id",
            "index post_id",
        ],
        "timed": ["timed", "id integer not null = by database", "made timestamp not null = by client", "primary id"],
        "user_profile": [
            "user_profile",
            "id integer not null = by database",
            "email varchar(80) not null",
            "active boolean not null = true by client",
            "joined timestamp not null = now() by database",
            "rate numeric(7,2) null",
            "data jsonb not null",
            "words text[] not null",
            "primary id",
            "unique email",
            "index data",
            "index words",
        ],
    }


def test_tortoise() -> None:
    assert catalogue(TORTOISE) == {
        "event": [
            "event",
            "id int not null = by database",
            "name varchar(40) not null",
            "made timestamptz not null = by client",
            "price double precision null",
            "total decimal(8,2) not null = 0 by database",
            "place_id uuid not null",
            "primary id",
            "foreign place_id -> places(code) restrict",
            "unique name,place_id",
            "index name",
            "index price,total",
            "index made",
            "order name",
            "to-one place places of events",
            "many-to-many teams team of events",
        ],
        "event_team": [
            "event_team in part",
            "event_id int not null",
            "team_id int not null",
            "foreign event_id -> event(id) cascade",
            "foreign team_id -> team(id) cascade",
        ],
        "places": [
            "town.places",
            "code uuid not null",
            "kind bigint not null = 1 by client",
            "primary code",
            "index kind",
        ],
        "team": [
            "team",
            "id int not null = by database",
            "name varchar(40) not null",
            "captain_id int null",
            "home_code uuid null",
            "primary id",
            "unique captain_id",
            "foreign captain_id -> team(id) set null",
            "foreign home_code -> places(code) cascade",
            "index name",
            "index home_code",
            "order name",
            "to-one captain team of under",
            "to-one home places of teams",
        ],
    }
