"""A write per iteration where one statement could write the rows of all elements.

A library that has no form for writing many rows at once (the idioms of its table say which it has) is left alone, and
so are writes whose own outcome is used: a row that is given back or read after it is saved, an error that is caught per
element, a transaction that each element has to itself. What a function returns and its caller drops, what is gathered
and awaited for nothing else, and a name that nobody reads are no uses. Not reported either: chunks, pages, retries and
short lists that stand in the source; changes that a unit of work sends together; statements that write the rows of a
list; iterations that read the table that they write (`get_or_create` where no unique constraint is on it, too), or
change whatever rows of it they find by something else than the element (they may be those that earlier turns wrote),
make or change a table, run a text of which nothing is known, or go on to write other rows behind a row that they save;
rows that are written together with those of their relations; deletes that take rows of several tables along, over more
than one level of keys with CASCADE, which are kinder row by row; loops beside which the other arm of a branch hands the
whole list to such a call; rows beside which code of the project runs that a bulk statement would pass by (methods that
stand in for the library's own, functions that listen to signals), and rows that go on in the table that theirs extends;
texts of several statements; changes of differing values in a table of which nothing is known; files that are read one
by one into a database that runs in the program itself; iterations that call functions which change something, or wait
for something that is no query, pause, begin something that nobody waits for, or act outside of the program (a request,
mail, files, tasks, by themselves or through a function of the project that always does) and keep what they have done;
functions that run only where a program starts or is set up; functions that do more than this one write (with the
database, or outside of the program), that decide for themselves whether they write, and those behind more than six
calls; functions that nothing in a whole program names; tables or
databases that the element decides; writes that few elements get as far as (a condition asks for one value, or for one
that is not what it was) where something else is asked for each; writes of those rows alone that are not yet what they
are set to, where the condition asks just that; turns with three writes or more that no statement for all could replace
(beside fewer, each write that can be one statement is told for itself, however many they are); turns that go
through parts of a longer list of their own; and turns for each of the usually few changes of the rows of one other row
(what is wanted and not stored, or stored and not wanted).

What listens to every model, and may do nothing for this one as far as can be said, is named in the message, which says
that it has to be looked at; the finding's confidence is then `medium`. Of rows that a query gives and that a turn
changes and saves, the values that it sets say whether one UPDATE does it.

Read in their source after the last repair: all 11 findings on the seven code bases that it was tuned on, all right (one
of them, a listener of every model that may do nothing for the table, only because the message says so), and 52 on five
others, of which 47 were right: the rest are one-off commands over small tables, a handful of rows, and rows that are
validated one by one. What is seen behind functions and gathered lists since added nothing on the seven and six on
eleven others, of which five were right and one writes a handful of rows. Of 73 drawn before it 49 were right; repaired
since are writes behind a condition that few elements meet, turns that make or delete rows of several tables as a unit,
that pause or begin something, and helpers that decide for themselves. Lost with them are rows of models whose `save()`
only fills in a column. What it cannot see: listeners whose model could not be resolved, methods of bases that nobody
has read, what a database's own triggers do, reads on receivers that could not be resolved, mail that functions of the
project send under a condition, what receivers do that could not be resolved (`line.file.delete()`), attributes of an
object that change from turn to turn, and how many rows a small table or a form has. Not told: a list of Prisma's calls
that is one transaction, `save()` and `increment()` of TypeORM, writes whose counts are added up, and promises that are
chained one behind the other (`reduce`).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

import msgspec

from dblint.facts import spelling
from dblint.facts.program import Call, Effect, FileRole, Frame, Handed, Invocation, Nature
from dblint.facts.project import Project
from dblint.facts.query import Cast, Column, Compare, Expression, Function, Query, Subquery, Value, Verb, When
from dblint.facts.schema import Beside
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import (
    STEPS,
    Changes,
    attribute_of,
    changed,
    changing_tables,
    elements_of,
    handle_of,
    is_constant,
    loop_of,
    made_in_loops,
    model_of,
    takes_along,
)

RULE = Rule(
    summary="rows are written one by one in a loop",
    why=(
        "Every iteration waits for its own round trip, and without a transaction around the loop for its own commit: a "
        "thousand rows are a thousand statements where one would do. The work takes seconds instead of milliseconds, "
        "holds its locks all that time, and stops half-way when one iteration fails."
    ),
    minimal="Collect {what} in the loop, and {write} with one statement behind it.",
    better=(
        "Do this for {table} in parts of some hundred rows inside one transaction, so that neither the statement nor "
        "the locks grow with the input."
    ),
    complete=(
        "Let the database find or make the rows of {table} itself where other tables tell them (INSERT … SELECT, "
        "UPDATE … FROM, DELETE … WHERE … IN (SELECT …)), and load large amounts with COPY or its like."
    ),
    symptoms=(
        "an import takes minutes",
        "thousands of identical INSERT or UPDATE statements in one request",
        "locks are held while the loop goes on",
    ),
    verify=(
        "SELECT calls, rows, query FROM pg_stat_statements "
        "WHERE query ~* '^[[:space:]]*(insert|update|delete|merge|with .*(insert into|update|delete from))' "
        "ORDER BY calls DESC LIMIT 20"
    ),
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("1.5",),
    looks_at="queries that write rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def store(connection: sqlite3.Connection, readings):
    for reading in readings:
        connection.execute("INSERT INTO reading (at, value) VALUES (?, ?)", (reading.at, reading.value))  # finding

def close(connection: sqlite3.Connection, invoices):
    for invoice in invoices:
        connection.execute("UPDATE invoice SET closed = 1 WHERE id = ?", (invoice.id,))  # finding

def log(connection: sqlite3.Connection, text):
    connection.execute("INSERT INTO entry (text) VALUES (?)", (text,))

def told(connection: sqlite3.Connection, texts):
    for text in texts:
        log(connection, text)  # finding

def drop(connection: sqlite3.Connection, key):
    return connection.execute("DELETE FROM entry WHERE id = ?", (key,))

def dropped(connection: sqlite3.Connection, keys):
    for key in keys:
        drop(connection, key)  # finding
""",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Line(models.Model):
    text = models.TextField()

class Word(models.Model):
    text = models.TextField(unique=True)

def write(texts, old):
    for text in texts:
        Line.objects.create(text=text)  # finding
    for line in Line.objects.all():
        line.text = line.text.strip()
        line.save()  # finding
    for key in old:
        Line.objects.filter(pk=key).delete()  # finding

def ensure(texts):
    for text in texts:
        Word.objects.get_or_create(text=text)  # finding
""",
            title="a model's rows",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Integer, Text, insert
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)

def write(session: Session, texts):
    for text in texts:
        session.execute(insert(Line).values(text=text))  # finding
""",
            title="a statement per element",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function write(texts: string[], seen: { id: number }[]) {
  for (const text of texts) {
    await client.entry.create({ data: { text } }); // finding
  }
  await Promise.all(seen.map(async (entry) => {
    await client.entry.update({ where: { id: entry.id }, data: { seen: true } }); // finding
  }));
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Entry {\n  id Int @id\n  text String\n  seen Boolean\n}\n"
                )
            },
        ),
        Bad(
            "typescript",
            """\
import { DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Entry {
  @PrimaryGeneratedColumn()
  id: number;
}

export async function remove(source: DataSource, entries: Entry[]) {
  for (const entry of entries) {
    await source.getRepository(Entry).delete({ id: entry.id }); // finding
  }
}

export async function removeByKey(source: DataSource, keys: number[]) {
  for (const key of keys) {
    await source.getRepository(Entry).delete(key); // finding
  }
}
""",
            title="deletes by key",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export async function write(texts: string[]) {
  for (const text of texts) {
    await pool.query('INSERT INTO entry (text) VALUES ($1)', [text]); // finding
  }
}

export async function writeAtOnce(texts: string[]) {
  await Promise.all(texts.map((text) => pool.query('INSERT INTO entry (text) VALUES ($1)', [text]))); // finding
}
""",
            title="a driver",
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

db = MongoClient().shop

def store(lines):
    for line in lines:
        db.lines.insert_one(line)  # finding

def close(keys):
    for key in keys:
        db.orders.update_one({"_id": key}, {"$set": {"open": False}})  # finding

def forget(keys):
    for key in keys:
        db.orders.delete_one({"_id": key})  # finding
""",
            title="PyMongo",
        ),
        Bad(
            "python",
            """\
import beanie
import mongoengine

class Line(mongoengine.Document):
    total = mongoengine.IntField()

class Order(beanie.Document):
    total: int

def store(totals):
    for total in totals:
        Line(total=total).save()  # finding

async def take(totals):
    for total in totals:
        await Order(total=total).insert()  # finding
""",
            title="MongoEngine and Beanie",
        ),
        Bad(
            "python",
            """\
import aiosqlite
import asyncpg
import psycopg2
import pymysql

def readings(cursor: psycopg2.extensions.cursor, rows):
    for row in rows:
        cursor.execute("INSERT INTO reading (sensor, value) VALUES (%s, %s)", (row.sensor, row.value))  # finding

def prices(connection: pymysql.connections.Connection, rows):
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute("UPDATE product SET price = %s WHERE id = %s", (row.price, row.id))  # finding
    connection.commit()

async def visits(pool: asyncpg.Pool, keys):
    async with pool.acquire() as connection:
        for key in keys:
            await connection.execute("DELETE FROM visit WHERE id = $1", key)  # finding

async def words(path, texts):
    async with aiosqlite.connect(path) as db:
        for text in texts:
            await db.execute("INSERT INTO word (text) VALUES (?)", (text,))  # finding
        await db.commit()
""",
            title="drivers",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


def add(customer: int, numbers: list[int]):
    for number in numbers:
        Invoice.create(customer=customer, number=number)  # finding
""",
            title="rows of Peewee, one by one",
        ),
        Bad(
            "python",
            """\
from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    name = fields.CharField(max_length=80)
    invoices: fields.ReverseRelation["Invoice"]


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices", db_index=True)
    number = fields.IntField()


async def add(customer: int, numbers: list[int]):
    for number in numbers:
        await Invoice.create(customer_id=customer, number=number)  # finding
""",
            title="rows of Tortoise, one by one",
        ),
        Bad(
            "python",
            """\
import enum
from sqlalchemy import delete, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class State(enum.Enum):
    NEW = "new"
    OLD = "old"

class Base(DeclarativeBase):
    pass

class Lock(Base):
    __tablename__ = "lock"
    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    name: Mapped[str]
    state: Mapped[State]

def renew(session: Session, numbers):
    for number in numbers:
        session.execute(  # finding
            update(Lock).where(Lock.id == number, Lock.state != State.OLD).values(state=State.NEW)
        )
    session.commit()

def renew_pairs(session: Session, pairs):
    for scope, name in pairs:
        session.execute(  # finding
            update(Lock).where(Lock.scope == scope, Lock.name == name).values(state=State.NEW)
        )
    session.commit()

def remove_pairs(session: Session, locks):
    for lock in locks:
        session.execute(  # finding
            delete(Lock).where(Lock.scope == lock["scope"], Lock.name == lock["name"])
        )
    session.commit()
""",
            title="SQLAlchemy: members of an enumeration, keys of two columns",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.db import models
from django_lifecycle import AFTER_SAVE, LifecycleModel, hook
from simple_history.models import HistoricalRecords

class Account(models.Model):
    banned = models.BooleanField()
    history = HistoricalRecords()

class Member(LifecycleModel):
    banned = models.BooleanField()

    @hook(AFTER_SAVE, when="banned", is_now=True)
    def told(self):
        print(self.pk)

def ban(keys):
    for account in Account.objects.filter(pk__in=keys):
        account.banned = True
        account.save()
    for member in Member.objects.filter(pk__in=keys):
        member.banned = True
        member.save()
""",
            title="a history or a hook of the model hears of each row that is saved",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from mongoengine import BooleanField, Document, StringField
from mongoengine.signals import post_save

class User(Document):
    name = StringField()
    active = BooleanField()

    @classmethod
    def told(cls, sender, document, **named):
        print(document.name)

post_save.connect(User.told, sender=User)

def reset():
    for user in User.objects(active=True):
        user.active = False
        user.save()
""",
            title="MongoEngine: a function listens to each document that is saved",
        ),
        Good(
            "python",
            """\
from abc import ABC, abstractmethod

from django.db import models

class Member(models.Model):
    name = models.TextField()

class Note(models.Model):
    member = models.ForeignKey(Member, models.SET_NULL, null=True)

class Word(models.Model):
    key = models.TextField()
    text = models.TextField()

class Leaving(ABC):
    @abstractmethod
    def leave(self, member):
        pass

class Notes(Leaving):
    def leave(self, member):
        Note.objects.filter(member=member).update(member=None)

class Log(Leaving):
    def leave(self, member):
        print(member.name)

class Short(Log):
    def leave(self, member):
        print(member.pk)

class Long(Log):
    def leave(self, member):
        print(member)

class Quiet(Log):
    def leave(self, member):
        return None

class Members:
    def __init__(self, parts: list[Leaving]):
        self.parts = parts

    def remove(self, member):
        for part in self.parts:
            part.leave(member)
        member.delete()

def clean(members: Members):
    for member in Member.objects.filter(name=""):
        members.remove(member)

def add(**words):
    for key, text in words.items():
        Word.objects.create(key=key, text=text)
""",
            title="a method that any of many classes writes; as many rows as keywords",
        ),
        Good(
            "python",
            """\
import psycopg

def migrate(cursor: psycopg.Cursor, steps: list[str], done: int):
    for number, step in enumerate(steps[done:], done):
        cursor.execute(step)
        cursor.execute("INSERT INTO migration (number) VALUES (%s)", (number,))

def load(connection: psycopg.Connection, readings):
    with connection.cursor() as cursor, cursor.copy("COPY reading (sensor, value) FROM STDIN") as copy:
        for reading in readings:
            copy.write_row((reading.sensor, reading.value))
""",
            title="steps that are told as they are done; COPY",
        ),
        Good(
            "python",
            """\
import sqlite3

import sqlalchemy
from django.db import models
from django.dispatch import Signal
from sqlalchemy.orm import Session

closed = Signal()

class Order(models.Model):
    open = models.BooleanField()

    def close(self, quiet=False):
        self.open = False
        self.save()
        if not quiet:
            closed.send(sender=Order, order=self)

def close(orders):
    for order in Order.objects.filter(open=True):
        order.close()
    for order in orders:
        Order.objects.filter(pk=order.pk).update(open=False)
        closed.send(sender=Order, order=order)

def index(connection: sqlite3.Connection, folder):
    for page in folder.glob("*.html"):
        text = page.read_text()
        connection.execute("INSERT INTO page (name, text) VALUES (?, ?)", (page.stem, text))

def refill(session: Session, name, rows):
    table = sqlalchemy.Table(name, sqlalchemy.MetaData())
    for row in rows:
        session.execute(table.update().where(table.c.id == row.id).values(text=row.text))
""",
            title="signals, files beside an embedded database, columns of which nothing is known",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3

def store(connection: sqlite3.Connection, readings, groups):
    rows = [(reading.at, reading.value) for reading in readings]
    connection.executemany("INSERT INTO reading (at, value) VALUES (?, ?)", rows)
    for number in (1, 2):
        connection.execute("INSERT INTO part (number) VALUES (?)", (number,))
    for rows in groups:
        connection.executemany("INSERT INTO reading (at, value) VALUES (?, ?)", rows)
    for reading in readings:
        try:
            connection.execute("INSERT INTO reading (at, value) VALUES (?, ?)", (reading.at, reading.value))
        except sqlite3.IntegrityError:
            print("twice", reading)
""",
            title="one statement, a short list, a statement per list, errors that are met per element",
        ),
        Good(
            "python",
            """\
from django.db import models, transaction

class Line(models.Model):
    text = models.TextField()

def write(texts, old):
    Line.objects.bulk_create([Line(text=text) for text in texts])
    made = []
    for text in texts:
        line = Line.objects.create(text=text)
        made.append(line.pk)
    for key in old:
        with transaction.atomic():
            Line.objects.filter(pk=key).update(text="")
    for text in texts:
        if not Line.objects.filter(text=text).exists():
            Line.objects.create(text=text)
    for text in texts:
        Line.objects.filter(text="").delete()
        Line.objects.create(text=text)
    return made
""",
            title=(
                "in bulk, rows that are used, transactions per element, rows that are looked for first, deletes "
                "that may find what earlier turns wrote"
            ),
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver

class Line(models.Model):
    text = models.TextField()

class Note(models.Model):
    text = models.TextField()

    def save(self, *arguments, **named):
        self.text = self.text.strip()
        super().save(*arguments, **named)

class Remark(Line):
    remark = models.TextField()

@receiver(post_save, sender=Line)
def tell(sender, instance, **named):
    print(instance.text)

def write(texts):
    for text in texts:
        Line.objects.create(text=text)
        Note.objects.create(text=text)
    for text in texts:
        Remark.objects.create(text=text, remark="")
""",
            title="code that runs beside each row, rows of two tables",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import time

from django.core.mail import send_mail
from django.db import models

class Line(models.Model):
    text = models.TextField()
    sent = models.BooleanField()

class Note(models.Model):
    line = models.ForeignKey(Line, models.CASCADE)
    text = models.TextField()

def write(drafts, archive):
    for draft in drafts:
        line = Line.objects.create(text=draft.text)
        archive.append(line.pk)
        if draft.state == "late":
            Note.objects.create(line=line, text="late")
    for line in Line.objects.all():
        line.text = line.text.strip()
        line.save()
        time.sleep(1)
    for line in Line.objects.all():
        send_mail("late", line.text, "a@example.org", ["b@example.org"])
        Line.objects.filter(pk=line.pk).update(sent=True)
    for draft in drafts:
        while True:
            keys = list(Note.objects.filter(text=draft.text).values_list("pk", flat=True)[:500])
            if not keys:
                break
            Note.objects.filter(pk__in=keys).delete()
        Line.objects.filter(text=draft.text).delete()
    newest = Line.objects.order_by("-pk").first()
    for line in Line.objects.all():
        sent = line != newest
        if line.sent != sent or line.text != "line":
            line.sent = sent
            line.text = "line"
            line.save()
""",
            title="few elements beside a write for each, changes, turns that pause, send mail, go on in parts",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import Integer, Text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)

def write(session: Session, texts, old: list[Line]):
    for text in texts:
        session.add(Line(text=text))
    for line in old:
        session.delete(line)
    session.commit()
""",
            title="a unit of work sends its changes together",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';
import { send } from 'post';

const client = new PrismaClient();

export async function write(texts: string[], entries: { id: number; text: string }[]) {
  await client.entry.createMany({ data: texts.map((text) => ({ text })) });
  for (const entry of entries) {
    await client.entry.update({ where: { id: entry.id }, data: { text: entry.text } });
  }
  for (const entry of entries) {
    await send(entry.text);
    await client.entry.update({ where: { id: entry.id }, data: { seen: true } });
  }
}
""",
            title="no statement of the library gives each row its own values; what was sent is kept as it is sent",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Entry {\n  id Int @id\n  text String\n  seen Boolean\n}\n"
                )
            },
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function write(texts: string[], fields: { size: number }[], whole: boolean) {
  for (const text of texts) {
    await client.entry.create({ data: { text, fields: { createMany: { data: fields } } } });
  }
  for (const text of texts) {
    await client.entry.create({ data: { text, fields: whole ? { create: fields } : undefined } });
  }
}
""",
            title="rows that are written with those of a relation",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Entry {\n  id Int @id\n  text String\n  fields Field[]\n}\n"
                    "model Field {\n  id Int @id\n  size Int\n  entryId Int\n"
                    "  entry Entry @relation(fields: [entryId], references: [id])\n}\n"
                )
            },
        ),
        Good(
            "javascript",
            """\
const { Model } = require('objection');

class Tag extends Model {
  static get tableName() { return 'tag'; }
}

exports.write = async (tags, client) => {
  if (client === 'pg') {
    await Tag.query().insert(tags);
  } else {
    for (const tag of tags) {
      await Tag.query().insert(tag);
    }
  }
  if (client === 'pg') {
    await Tag.query().insert(tags.map((tag) => ({ text: tag.text })));
  } else {
    await Promise.all(tags.map((tag) => Tag.query().insert({ text: tag.text })));
  }
};
""",
            title="the other arm of a branch writes all rows at once",
        ),
        Good(
            "typescript",
            """\
import { DataSource, Entity, In, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Entry {
  @PrimaryGeneratedColumn()
  id: number;
}

export async function remove(source: DataSource, entries: Entry[]) {
  await source.getRepository(Entry).delete({ id: In(entries.map((entry) => entry.id)) });
}
""",
            title="deletes by list",
        ),
        Good(
            "python",
            """\
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


def add(customer: int, numbers: list[int]):
    Invoice.insert_many([{"customer": customer, "number": number} for number in numbers]).execute()
""",
            title="rows of Peewee, all at once",
        ),
        Good(
            "python",
            """\
from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    name = fields.CharField(max_length=80)
    invoices: fields.ReverseRelation["Invoice"]


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices", db_index=True)
    number = fields.IntField()


async def add(customer: int, numbers: list[int]):
    await Invoice.bulk_create([Invoice(customer_id=customer, number=number) for number in numbers], batch_size=500)
""",
            title="rows of Tortoise, all at once",
        ),
        Good(
            "python",
            """\
from beanie import Document
from pymongo import MongoClient, UpdateOne

db = MongoClient().shop

class Order(Document):
    total: int

def store(lines, prices):
    db.lines.insert_many(lines)
    db.lines.update_many({"_id": {"$in": [line["_id"] for line in lines]}}, {"$set": {"open": False}})
    db.lines.bulk_write([UpdateOne({"_id": key}, {"$set": {"price": price}}) for key, price in prices.items()])

async def take(totals):
    await Order.insert_many([Order(total=total) for total in totals])
""",
            title="documents that are written at once",
        ),
        Good(
            "python",
            """\
import enum
from sqlalchemy import delete, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class State(enum.Enum):
    NEW = "new"
    OLD = "old"

class Base(DeclarativeBase):
    pass

class Lock(Base):
    __tablename__ = "lock"
    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    name: Mapped[str]
    state: Mapped[State]

def move(session: Session, pairs):
    for scope, name, other in pairs:
        session.execute(update(Lock).where(Lock.scope == scope, Lock.name == name).values(name=other))
    session.commit()

def since(session: Session, pairs):
    for scope, number in pairs:
        session.execute(delete(Lock).where(Lock.scope == scope, Lock.id > number))
    session.commit()
""",
            title="SQLAlchemy: other values for each pair, a range",
        ),
    ),
)

_KEPT = frozenset({"try", "catch", "finally", "transaction"})
"""What stands around a write and answers for it alone: its error is met, or its change is kept, per element."""
_DECIDED = _KEPT | {"branch", "loop"}
"""The same in a function that is called per element, or what lets that function decide whether it writes, or how often:
a loop of its own is the place to repair."""
_MOST = 3
"""Writes of a turn that have to stay in it, with which this one makes a unit; beside fewer it is collected for
itself."""
_SAID = {
    Verb.INSERT: "inserts into {table}",
    Verb.UPSERT: "saves to {table}",
    Verb.UPDATE: "updates {table}",
    Verb.DELETE: "deletes from {table}",
}
_SOUGHT = "looks for a row of {table}, then writes one,"


class _Write(msgspec.Struct, frozen=True):
    """A place in a loop that leads to a write: the place, the call that writes, the loop, what the loop says of the
    values, the name of the library's repair, the key of the rows, and the calls on the way."""

    fact: Call | Invocation
    call: Call
    loop: Frame
    handed: tuple[Handed, ...]
    repair: str
    keys: tuple[Column, ...]
    steps: tuple[Invocation, ...] = ()


def check(project: Project) -> Iterator[Finding]:
    """One finding per loop, table and kind of repair."""
    writes = list(_writes(project))
    if not writes:
        return
    made = list(made_in_loops(project))
    shaping, iterations, known = changing_tables(made), _iterations(made), _known(project)
    units, searching = _units(project), _searching(project)
    own: dict[Place, set[Place]] = {}
    for write in writes:
        own.setdefault(write.loop.place, set()).add(write.call.place)
    groups: dict[tuple[Place, str, str], list[_Write]] = {}
    for write in writes:
        if units.get(write.loop.place, set()) - {write.fact.place}:
            continue
        table = write.call.queries[0].table
        beside = iterations.get(write.loop.place, ())
        if changed(write.call, shaping.get(write.loop.place, ())) or any(
            _hidden(call, write.loop.place) for call in beside
        ):
            continue
        if any((place.path, place.start) not in known for place in (*write.loop.awaited, *write.loop.outside)):
            continue
        if _reads(table, beside, own[write.loop.place]) or _finds(table, searching.get(write.loop.place, ()), beside):
            continue
        function = write.fact.function
        if not _goes_on(write, beside) and not project.unused(function) and not project.starts(function):
            groups.setdefault((write.loop.place, table, write.repair), []).append(write)
    told = {(loop, write.call.place) for (loop, *_), group in groups.items() for write in group}
    parted = _parted(project)
    for (loop, *_), group in groups.items():
        staying = {call.place: call for call in iterations.get(loop, ()) if (loop, call.place) not in told}
        if loop not in parted and _pays(group, list(staying.values())):
            yield _finding(project, sorted(group, key=lambda write: (write.fact.place, len(write.steps))))


def places(project: Project) -> Iterator[Place]:
    """The writes that a loop around them could repeat."""
    for call in project.calls:
        if Effect.QUERY in call.effects and any(query.verb.writes for query in call.queries):
            yield call.place


def _writes(project: Project) -> Iterator[_Write]:
    """The writes that loops make per element and that one statement could make for all."""
    read, changes = _read(project), Changes(project)
    for call in project.calls:
        if Effect.QUERY in call.effects and any(query.verb.writes for query in call.queries):
            loop = loop_of(call)
            if loop is not None and not _answered(call, loop) and not _cheap(call, loop) and not changes.of(call, loop):
                yield from _write(project, call, call, loop, loop.handed, read=read)
    for invocation in project.invocations:
        loop = loop_of(invocation)
        if loop is None or invocation.recursive or _answered(invocation, loop) or changes.of(invocation, loop):
            continue
        if not all(_only_writes(project, callee) for callee in invocation.callees):
            continue
        for route in project.onward(invocation):
            inside = [step.frames for step in route.steps] + [route.call.frames]
            if len(route.steps) <= STEPS and not any(frame.kind in _DECIDED for frames in inside for frame in frames):
                yield from _write(project, invocation, route.call, loop, route.handed, route.steps)


def _write(
    project: Project,
    fact: Call | Invocation,
    call: Call,
    loop: Frame,
    handed: tuple[Handed, ...],
    steps: tuple[Invocation, ...] = (),
    read: frozenset[tuple[Place, str]] = frozenset(),
) -> Iterator[_Write]:
    if len(call.queries) != 1 or not _dropped(fact, call, steps) or call.batches:
        return
    query = call.queries[0]
    if query.rows in ("many", "query") or query.several or not query.verb.writes or _nested(project, query):
        return
    if call.text is None and _more_than_the_statement(project, query):
        return
    if takes_along(project, query):
        return  # one statement for all would put the rows of all these tables into one transaction
    if call.seeks and not _found_by_key(project, query):
        return
    forms = project.idioms.get(call.idiom, {})
    repair, keys = _repair(call, query, handed)
    stored = loop.queried or (fact.place, query.table) in read
    if query.verb is Verb.UPSERT and fact is call and stored and _of_element(call, loop):
        same = bool(loop.filled) and not any(value.varies for value in loop.filled)
        altered = "bulk-update-same" if same else "bulk-update"
        repair = altered if altered in forms else repair
    if repair == "bulk-update" and call.text is None and not query.table:
        return  # which columns one statement would need, nobody can say
    if repair in forms:
        yield _Write(fact, call, loop, handed, repair, keys, steps)


def _cheap(call: Call, loop: Frame) -> bool:
    """Whether a statement in a database that runs in the program itself costs little: beside the files that its turn
    opens, or where it was prepared and one transaction is around the loop."""
    within = any(frame.kind == "transaction" for frame in call.frames)
    return call.embedded and (loop.opens or (call.prepared and within))


def _found_by_key(project: Project, query: Query) -> bool:
    """Whether a unique constraint covers what a row is looked for by before it is inserted: one statement that inserts
    all leaves out, or changes, those that are there. Without one a turn may find what an earlier one has inserted."""
    table = project.table(query.table) if query.table else None
    if table is None or query.where.open:
        return False
    conditions = [element.value for element in query.conjuncts()]
    names = {
        each.left.name
        for each in conditions
        if isinstance(each, Compare)
        and each.operator == "="
        and isinstance(each.left, Column)
        and not each.left.relation
    }
    return any(columns and names.issuperset(columns) for columns in table.unique_sets())


def _dropped(fact: Call | Invocation, call: Call, steps: Sequence[Invocation]) -> bool:
    """Whether nobody uses what the write gives: neither the function that makes it, nor those that it is returned
    to."""
    results = [call.result, *(step.result for step in reversed(steps)), fact.result]
    return next((result for result in results if result != "returned"), "") == "dropped"


def _of_element(call: Call, loop: Frame) -> bool:
    """Whether a call is made on the loop's element itself (`row.save()`)."""
    owner, _, member = call.source.partition(".")
    return owner in loop.variables and member.startswith(f"{call.member}(")


def _read(project: Project) -> frozenset[tuple[Place, str]]:
    """The writes in loops that go through the rows which a query gives, with the table that it asks: those rows are
    there already."""
    asked: dict[str, list[Call]] = {}
    for call in project.calls:
        if call.result == "iterated" and call.queries:
            asked.setdefault(call.place.path, []).append(call)
    found: set[tuple[Place, str]] = set()
    for call in project.calls:
        loop = loop_of(call) if call.queries and call.queries[0].verb is Verb.UPSERT else None
        if loop is None:
            continue
        for query in asked.get(call.place.path, ()):
            heads = loop.place.start <= query.place.start and query.place.stop <= loop.place.stop
            if heads and all(frame.place != loop.place for frame in query.frames):
                found.update((call.place, each.table) for each in query.queries if each.verb is Verb.SELECT)
    return frozenset(found)


def _answered(fact: Call | Invocation, loop: Frame) -> bool:
    """Whether each element's write has an outcome of its own."""
    return any(frame.kind in _KEPT for frame in fact.frames[fact.frames.index(loop) + 1 :])


def _units(project: Project) -> dict[Place, set[Place]]:
    """The loops whose turns call functions that change something, with the places of those calls: a turn
    is a unit of work then, and this write a part of it."""
    found: dict[Place, set[Place]] = {}
    for invocation in project.invocations:
        functions = [project.functions.get(callee) for callee in invocation.callees]
        if any(function is not None and (function.changes or function.acts) for function in functions):
            for frame in invocation.frames:
                if frame.kind == "loop":
                    found.setdefault(frame.place, set()).add(invocation.place)
    return found


def _only_writes(project: Project, identifier: str) -> bool:
    """Whether a write is all that a function does with the database, and the function is not the library's own under
    the same name, with more around it."""
    function, routes = project.functions.get(identifier), project.routes(identifier)
    if function is None or function.acts:
        return False
    return len(routes) == 1 and function.name != routes[0].call.member


def _hidden(call: Call, loop: Place) -> bool:
    """Whether a call runs a text of which nothing is known: a turn that does so (steps of a migration, each with a row
    that says it was done) is a unit of work, as far as can be said. What functions run that it calls, their callers may
    have handed in, where it is told."""
    unknown = any(query.verb is Verb.UNKNOWN for query in call.queries)
    return unknown and any(frame.place == loop for frame in call.frames)


def _iterations(made: Sequence[tuple[Place, Call]]) -> dict[Place, tuple[Call, ...]]:
    """The loops, each with the queries that its turns run."""
    found: dict[Place, list[Call]] = {}
    for loop, call in made:
        if Effect.QUERY in call.effects:
            found.setdefault(loop, []).append(call)
    return {loop: tuple(calls) for loop, calls in found.items()}


def _known(project: Project) -> frozenset[tuple[str, int]]:
    """Where queries begin, and calls of functions that lead to some: who waits for anything else in between does work
    per element that takes its time, and keeps what it has done."""
    places = [call.place for call in project.calls if call.effects]
    places += (
        invocation.place
        for invocation in project.invocations
        if any(frame.kind == "loop" for frame in invocation.frames)  # no other is asked about
        and any(project.routes(callee) for callee in invocation.callees)
    )
    return frozenset((place.path, place.start) for place in places)


def _reads(table: str, calls: Sequence[Call], dropped: Container[Place]) -> bool:
    """Whether a turn of the loop asks what became of the table that it writes: what it finds there may be its own.
    `dropped`: the writes of which nobody uses what they give."""
    return bool(table) and any(
        (query.verb.reads and table in (query.table, *query.tables()))
        or (query.verb.writes and table in _looked_into(query))
        or (query.verb.writes and query.table == table and call.result != "dropped" and call.place not in dropped)
        for call in calls
        for query in call.queries
    )


def _looked_into(query: Query) -> Iterator[str]:
    """The tables that a write reads beside its own: those it takes rows from, and those its conditions ask."""
    yield from (table for table in query.tables() if table != query.table)
    for element in query.conjuncts():
        if isinstance(element.value, Compare) and isinstance(element.value.right, Subquery):
            yield from element.value.right.query.tables()


def _searching(project: Project) -> dict[Place, list[Call]]:
    """The loops, each with the writes of its turns that find rows by something else than its element."""
    found: dict[Place, list[Call]] = {}
    for call in project.calls:
        for frame in call.frames:
            if frame.kind == "loop" and _searches(call, frame.handed):
                found.setdefault(frame.place, []).append(call)
    for invocation in project.invocations:
        loops = [frame.place for frame in invocation.frames if frame.kind == "loop"]
        for route in project.onward(invocation) if loops else ():
            # The values are those that the nearest loop sees: what it finds by its element, it found by that of the
            # loops around it.
            if _searches(route.call, route.handed):
                for loop in loops:
                    found.setdefault(loop, []).append(route.call)
    return found


def _searches(call: Call, handed: Sequence[Handed]) -> bool:
    """Whether a call changes or deletes rows that are not handed to it, and whose columns need not hold anything that
    changes with the element."""
    varying = {value.place for value in handed if value.varies}
    return Effect.QUERY in call.effects and any(
        query.verb in (Verb.UPDATE, Verb.DELETE)
        and not (query.rows and query.where.surely_absent())
        and not any(
            element.when is When.ALWAYS
            and isinstance(element.value, Compare)
            and element.value.operator in ("=", "in")
            and element.value.handed in varying
            for element in query.conjuncts()
        )
        for query in call.queries
    )


def _finds(table: str, searching: Sequence[Call], calls: Sequence[Call]) -> bool:
    """Whether a turn of the loop changes whatever rows of a table it finds, and writes such rows elsewhere, too: what
    it finds may be those of earlier turns."""
    return any(
        query.verb.writes and query.table == table and call.place != search.place
        for search in searching
        if any(query.table == table for query in search.queries)
        for call in calls
        for query in call.queries
    )


def _goes_on(write: _Write, calls: Sequence[Call]) -> bool:
    """Whether a turn of the loop saves a row whose key is known only then, and writes rows of other tables, too."""
    query = write.call.queries[0]
    if query.verb is not Verb.UPSERT:
        return False
    return any(other.verb.writes and other.table != query.table for call in calls for other in call.queries)


def _parted(project: Project) -> frozenset[Place]:
    """The loops whose turns go through parts of a longer list of their own: an element is work enough then."""
    found: set[Place] = set()
    facts: tuple[Call | Invocation, ...] = (*project.calls, *project.invocations)
    for fact in facts:
        loops = [frame for frame in fact.frames if frame.kind == "loop"]
        found.update(
            frame.place
            for at, frame in enumerate(loops)
            if any(inner.nature in (Nature.CHUNK, Nature.PAGE) for inner in loops[at + 1 :])
        )
    return frozenset(found)


def _pays(group: Sequence[_Write], staying: Sequence[Call]) -> bool:
    """Whether the writes are much of what a turn asks of the database: not beside three writes or more that stay in
    it, nor where few elements get as far as these writes, and something else is asked for each, nor where only those
    are written whose values are others than they were."""
    if all(write.loop.passes == "changed" for write in group):
        return False
    if staying and all(write.loop.passes in ("few", "changed") for write in group):
        return False
    return sum(any(query.verb.writes for query in call.queries) for call in staying) < _MOST


def _nested(project: Project, query: Query) -> bool:
    """Whether rows of a relation are written with the row."""
    if query.nests:
        return True
    table = project.table(query.table) if query.table else None
    return table is not None and any(
        table.relation(assignment.column) is not None and table.column(assignment.column) is None
        for assignment in query.assignments.values()
    )


def _more_than_the_statement(project: Project, query: Query) -> bool:
    """Whether writing a row runs more than a statement for many rows would: code of the project, or a write to a
    table that this one extends, which such a statement leaves out."""
    table = project.table(query.table) if query.table else None
    if table is None or (query.verb is Verb.DELETE and query.rows != "one"):
        return False
    if table.extends and query.verb in (Verb.INSERT, Verb.UPSERT):
        return True
    return any(query.verb in beside.verbs and not beside.unread for beside in table.beside)


def _unheard(project: Project, call: Call) -> list[Beside]:
    """What listens to the rows of every model, where it cannot be said whether it does anything for these."""
    query = call.queries[0]
    table = project.table(query.table) if query.table and call.text is None else None
    if table is None or (query.verb is Verb.DELETE and query.rows != "one"):
        return []
    return [beside for beside in table.beside if beside.unread and query.verb in beside.verbs]


def _repair(call: Call, query: Query, handed: tuple[Handed, ...]) -> tuple[str, tuple[Column, ...]]:
    """The name of the repair, and the columns by which the rows of the elements are found; "" where one statement
    could not write them all."""
    if query.verb in (Verb.INSERT, Verb.UPSERT):
        return f"bulk-{query.verb}", ()
    if query.verb is Verb.DELETE and query.rows == "one" and query.where.surely_absent():
        return "bulk-delete", ()
    keys = _keys(query, handed)
    several = "-several" if len(keys) > 1 else ""
    if query.verb is Verb.DELETE:
        return (f"bulk-delete{several}" if keys else ""), keys
    if query.verb is not Verb.UPDATE or not query.assignments.elements:
        return "", ()
    if keys and not query.assignments.open and _same(query, handed):
        return f"bulk-update-same{several}", keys
    return ("bulk-update" if len(keys) == 1 or call.text is not None else ""), keys[:1] if len(keys) == 1 else ()


def _keys(query: Query, handed: tuple[Handed, ...]) -> tuple[Column, ...]:
    """The columns whose values change with the element, where every other condition stays the same; none otherwise."""
    if query.where.open:
        return ()
    seen = {value.place: value for value in handed}
    keys: list[Column] = []
    for element in query.conjuncts():
        condition = element.value
        if not isinstance(condition, Compare):
            return ()
        value = seen.get(condition.handed) if condition.handed is not None else None
        if value is not None and value.varies:
            if condition.operator != "=" or not isinstance(condition.left, Column):
                return ()
            keys.append(condition.left)
        elif value is None and not (isinstance(condition.right, Value) and is_constant(condition.right)):
            return ()
    return tuple(keys)


def _same(query: Query, handed: tuple[Handed, ...]) -> bool:
    """Whether every row gets the same values."""
    fixed = {value.place for value in handed if not value.varies and not value.anew}
    return all(_fixed(assignment.value, fixed) for assignment in query.assignments.values())


def _fixed(value: Expression, fixed: set[Place]) -> bool:
    if isinstance(value, Cast):
        return _fixed(value.expression, fixed)
    if isinstance(value, Function):
        return all(_fixed(argument, fixed) for argument in value.arguments)
    return isinstance(value, Column) or (isinstance(value, Value) and (is_constant(value) or value.place in fixed))


def _finding(project: Project, group: list[_Write]) -> Finding:
    first = group[0]
    query = first.call.queries[0]
    table = query.table
    elements = elements_of(first.loop)
    way = "".join(f", through `{step.source}`" for step in first.steps)
    related = [Related(first.loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps]
    if isinstance(first.fact, Invocation):
        related.append(Related(first.call.place, f"the write{f' to {table}' if table else ''}"))
    related += [Related(other.fact.place, f"`{other.fact.source}` does so, too") for other in group[1:]]
    unheard = _unheard(project, first.call)
    related += [
        Related(beside.place, f"hears of every model: look whether it does anything for {table}") for beside in unheard
    ]
    more = f" ({len(group)} places in this loop)" if len(group) > 1 else ""
    passes = " that passes its condition" if first.loop.passes and len(group) == 1 else ""
    verb = Verb.UPDATE if first.repair.startswith("bulk-update") else query.verb
    said = (_SOUGHT if first.call.seeks else _SAID[verb]).format(table=table or "a table")
    same = ", to the same values each time" if first.repair.startswith("bulk-update-same") else ""
    return Finding(
        first.fact.place,
        f"`{first.fact.source}` {said} once per element of {elements}{passes}{same}{way}{more}; "
        f"one statement can do it for all{' of these' if passes else ''}"
        f"{_but_for(unheard)}",
        names={"table": table or "the table", "elements": first.loop.source, **_said(first, verb, table)},
        related=tuple(related),
        remedy=_remedy(project, first),
        idiom=first.call.idiom,
        sub="cross-function" if isinstance(first.fact, Invocation) else str(query.verb),
        confidence="medium" if unheard else "",
    )


def _said(write: _Write, verb: Verb, table: str) -> Mapping[str, str]:
    """What is collected for one statement, and what that does."""
    rows = f"rows{f' of {table}' if table else ''}"
    if verb is Verb.DELETE:
        return {"what": f"the keys of the {rows}", "write": "delete the rows"}
    if verb is not Verb.UPDATE:
        return {"what": f"the {rows}", "write": "write them"}
    if write.repair.startswith("bulk-update-same"):
        return {"what": f"the keys of the {rows}", "write": "update the rows"}
    return {"what": f"the keys and new values of the {rows}", "write": "update them all"}


def _but_for(unheard: Sequence[Beside]) -> str:
    """What has to be looked at before the writes become one."""
    if not unheard:
        return ""
    names = [f"`{name}`" for name in sorted({beside.name for beside in unheard} - {""})] or ["what"]
    verb = "listens" if len(names) == 1 else "listen"
    which = (
        f"{' and '.join(names)}, which {verb} to every model," if names != ["what"] else "what listens to every model"
    )
    return f", unless {which} {'has' if len(names) == 1 else 'have'} to hear of each of these rows"


def _remedy(project: Project, write: _Write) -> Remedy:
    call, keys = write.call, write.keys
    holes: Mapping[str, str] = {"table": call.queries[0].table, "model": model_of(call)}
    columns = [
        spelling.name(key.name, call.dialect)
        if call.text is not None
        else "__".join((*key.relation, attribute_of(project, call.queries[0].table, key)))
        for key in keys
    ]
    names = [value.name for value in write.loop.filled]
    values = ", ".join(f"{name}=..." for name in names)
    fields = ", ".join(f'"{name}"' for name in names) or "..."
    handle = handle_of(call, write.handed)
    kept = ", with the other conditions" if keys and len(list(call.queries[0].conjuncts())) > len(keys) else ""
    filled = {**holes, "column": "".join(columns[:1]), "handle": handle, "values": values, "fields": fields}
    filled |= {"columns": ", ".join(columns), "attributes": ", ".join(f"{holes['model']}.{name}" for name in columns)}
    filled |= {"once": f"once{kept}", "keys": f"keys{kept}"}
    own = f"{write.repair}-{call.dialect}"  # as the library writes it for this database alone
    sure = call.dialect_sure and own in project.idioms.get(call.idiom, {})
    return Remedy(own if sure else write.repair, filled)
