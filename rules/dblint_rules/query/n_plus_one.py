"""A read per iteration where one query could serve them all.

Not reported: chunks, pages, retries, polling, and iterations that pause; short lists that stand in the source, lists
of the program's settings, its models and applications, what is wanted of the rows of one other row and not stored, or
the other way round (such changes are few), and elements of which the program reads only those that it knows by name;
what a store or a memoised function keeps, also of the whole loop; searches that stop at the first hit, and what only
the first turn asks, by a flag or a counter; the newest row of a table to which the same loop adds rows; rows of a row
that the same iteration inserts, which no query before the loop could give; rows of which the same iteration writes
many in one statement, a batch per element; lists of keys, of which each element that is no row gives one; questions
whose table, relation or database the element decides; relations that may have been loaded before (what is read of a
relation as it is, `query/lazy-relation-in-loop` tells where nothing loaded it, and what asks again for one that was
loaded, `query/prefetch-defeated`); queries more than six calls behind the one in the loop, and those behind the
function that the loop calls which ask the same for every element; whether the loop's own row is still there; what a
pipeline is told or looks at before its transaction; lists that begin with a few elements in the source and get more
under a condition, of which nothing can be said; and units of work: functions that are called per element and read on
their way to a write of their own (which a rule of writes judges), or to a mail, a signal, a job or another act outside
of the program (also one row that a turn reads, by itself or by a function, before it surely sends such a mail, or
waits for what another service gives, and a look for rows which decides whether it calls a function that both changes
rows and acts), functions that read for what they are handed to run, which writes, rows that a turn reads for one of
three functions or more by which it writes, or to see whether it calls them at all, transactions that each element has
to itself and writes in (also what a turn tries, commits, and rolls back where it fails), sessions and connections that
a turn opens and commits, and iterations that make or change a table; up to ten rows by a limit, and what lies above a
node of a tree; functions that run only where a program starts or is set up (by what takes them, by their names, as
they have the program serve, or as nothing else calls them); functions that nothing in a whole program names; functions
that come back to the loop through others (one that calls itself per element asks once per node of a tree, and is
told).

The rows of a list count as elements, too: of a serializer, an admin, a template that shows each by a function of the
program which asks a query of its own of the row. Not where the function looks first whether something was put on the
row, or kept elsewhere, before; unless the program puts that on some rows, and surely not on these. Relations that lists
read are `query/lazy-relation-in-list`'s.

A function that calls itself for each row that it has read asks for the rows below them one by one, where one query per
level of the tree would do, also where it changes those rows on its way.

A read in a loop of which no element decides anything is `query/loop-invariant-query`'s; one of which an element decides
something is this rule's, also where its conditions are the same each time.

What it cannot say: how many rows a table has that is filled by hand (languages, sites); whose table a method of a
generic base asks, where only a type argument says it (the message names none then).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dblint.facts import spelling
from dblint.facts.program import Call, Effect, FileRole, Frame, Handed, Invocation
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Condition, Function, OpaqueExpression, Query, Value, Verb, When
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import (
    STEPS,
    Changes,
    asks_again,
    attribute_of,
    changed,
    changing_tables,
    elements_of,
    handle_of,
    is_constant,
    loop_of,
    made_in_loops,
    model_of,
    surely_asks,
    table_of,
)
from dblint_rules.query._relations import few

_SHOP = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    isbn = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")

class Review(models.Model):
    isbn = models.TextField()
"""
_TABLES = """\
from django.template.loader import get_template

def follow(row, path):
    for part in path.split("."):
        row = getattr(row, part)
    return row

class Column:
    template_name = "shop/cell.html"

    def __init__(self, name, accessor=None):
        self.name = name
        self.accessor = accessor or name

    def value(self, row):
        return follow(row, self.accessor)

    def context(self, row):
        return {"column": self, "value": self.value(row)}

    def cell(self, row):
        return get_template(self.template_name).render(self.context(row))

class ReviewsColumn(Column):
    template_name = "shop/reviews.html"

class Table:
    def __init__(self, columns, rows):
        self.columns = columns
        self.rows = rows

    @property
    def lines(self):
        return [[column.cell(row) for column in self.columns] for row in self.rows]
"""
_COLUMNS = {
    "shop/tables.py": _TABLES,
    "shop/views.py": """\
from django.views.generic import ListView
from shop.models import Book
from shop.tables import Column, ReviewsColumn, Table

class Books(ListView):
    model = Book
    template_name = "shop/books.html"
    columns = [Column("title"), ReviewsColumn("reviews", accessor="newest")]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["table"] = Table(self.columns, context["object_list"])
        return context
""",
    "shop/templates/shop/cell.html": "<td>{{ value }}</td>",
    "shop/templates/shop/reviews.html": "<td>{% for review in value %}{{ review.stars }}{% endfor %}</td>",
    "shop/templates/shop/books.html": "{% for line in table.lines %}{{ line.0 }} {{ line.1 }}{% endfor %}",
}

RULE = Rule(
    summary="a query runs once per element of a loop",
    why=(
        "Every iteration waits for its own round trip: a hundred elements make a hundred and one queries. The page is "
        "fast on a developer's ten rows and slow on a customer's ten thousand, and the database spends its time on "
        "parsing and latency instead of on rows."
    ),
    minimal="Load {rows} with one query before {loop}, and {look} {inside}.",
    better=(
        "Let the query that gives the elements load {table} with it (a join or an eager load), so that no second "
        "query is needed."
    ),
    complete=(
        "Give {table} a loader that batches keys per request, and watch the number of queries per request in tests."
    ),
    symptoms=("hundreds of identical queries in one request", "the page gets slower with every row", "N+1"),
    verify="SELECT calls, rows, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("1.2",),
    looks_at="queries that read rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def secrets(connection: sqlite3.Connection, names):
    for name in names:
        if name == "root" or name == "admin" or name == "guest":
            continue
        print(connection.execute("SELECT secret FROM account WHERE name = ?", (name,)).fetchone())  # finding
""",
            title="a few elements are left out",
        ),
        Bad(
            "python",
            """\
import sqlite3

def names(connection: sqlite3.Connection, orders):
    for order in orders:
        row = connection.execute("SELECT name FROM customer WHERE id = ?", (order.customer_id,)).fetchone()  # finding
        print(row)
""",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

def load(customer_id):
    return Customer.objects.get(pk=customer_id)

def report(orders):
    return [load(order.customer_id).name for order in orders]  # finding
""",
            title="through a function",
            path="shop/models.py",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function withCustomers(orders: { customerId: number }[]) {
  return Promise.all(orders.map(async (order) => ({
    order,
    customer: await client.customer.findFirst({ where: { id: order.customerId } }), // finding
  })));
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
import sqlite3

def page(connection: sqlite3.Connection, orders):
    for order in orders:
        order.name = connection.execute("SELECT name FROM customer WHERE id = ?", (order.customer_id,))  # finding
        order.total = connection.execute("SELECT sum(price) FROM line WHERE order_id = ?", (order.id,))  # finding
        order.open = connection.execute("SELECT count(*) FROM line WHERE order_id = ? AND open", (order.id,))
""",
            title="one finding per table",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function renumber(customers: { id: number }[]) {
  await client.$transaction(async (all) => {
    for (const customer of customers) {
      const number = await all.invoice.count({ where: { customerId: customer.id } }); // finding
      await all.customer.update({ where: { id: customer.id }, data: { number } });
    }
  });
  for (const customer of customers) {
    const number = await client.$transaction(
      async (own) => own.invoice.count({ where: { customerId: customer.id } }), // finding
    );
    await client.customer.update({ where: { id: customer.id }, data: { number } });
  }
}
""",
            title="one transaction around all, and one that only reads",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  number Int\n}\n"
                    "model Invoice {\n  id Int @id\n  customerId Int\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
from pymongo import MongoClient

db = MongoClient().shop

def names(orders):
    return [db.customer.find_one({"_id": order["customer"]})["name"] for order in orders]  # finding

def totals():
    for customer in db.customer.find():
        print(customer["name"], db.orders.count_documents({"customer": customer["_id"]}))  # finding
""",
            title="PyMongo",
        ),
        Bad(
            "python",
            """\
from mongoengine import Document, IntField, StringField

class Customer(Document):
    name = StringField()

class Order(Document):
    number = IntField()

def names(numbers):
    return [Customer.objects.get(id=number).name for number in numbers]  # finding
""",
            title="MongoEngine",
        ),
        Bad(
            "python",
            """\
from beanie import Document

class Customer(Document):
    name: str

async def names(orders):
    for order in orders:
        customer = await Customer.find_one(Customer.id == order.customer)  # finding
        print(customer.name)
""",
            title="Beanie",
        ),
        Bad(
            "python",
            """\
from motor.motor_asyncio import AsyncIOMotorDatabase

async def names(db: AsyncIOMotorDatabase):
    async for order in db.orders.find({"open": True}):
        print(await db.customer.find_one({"_id": order["customer"]}))  # finding
""",
            title="Motor",
        ),
        Bad(
            "python",
            """\
import asyncpg
import aiomysql
from psycopg_pool import ConnectionPool

pool = ConnectionPool()

def totals(orders):
    with pool.connection() as connection:
        for order in orders:
            row = connection.execute("SELECT sum(price) FROM line WHERE order_id = %s", (order.id,))  # finding
            yield order, row.fetchone()

async def names(connection: asyncpg.Connection, keys):
    statement = await connection.prepare("SELECT name FROM customer WHERE id = $1")
    return [await statement.fetchval(key) for key in keys]  # finding

async def labels(lent: aiomysql.Pool, keys):
    async with lent.acquire() as connection, connection.cursor() as cursor:
        for key in keys:
            await cursor.execute("SELECT label FROM jar WHERE id = %s", (key,))  # finding
            yield await cursor.fetchone()
""",
            title="drivers, pools and prepared statements",
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


def totals():
    for customer in Customer.select().where(Customer.name.startswith("A")):
        print(customer.name, customer.invoices.count())  # finding
""",
            title="a backref of Peewee",
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


async def report():
    for customer in await Customer.filter(name__startswith="A"):
        for invoice in await customer.invoices:  # finding
            print(customer.name, invoice.number)
""",
            title="a relation of Tortoise that is awaited",
        ),
        Bad(
            "python",
            """\
from django.contrib import admin
from rest_framework import serializers, viewsets
from shop.models import Author, Book, Review

@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "newest"]

    def newest(self, author):
        return author.books.order_by("-id").first()  # finding

class BookSerializer(serializers.ModelSerializer):
    stars = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["title", "stars"]

    def get_stars(self, book):
        return Review.objects.filter(isbn=book.isbn).count()  # finding

class BookView(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
""",
            title="lists that an admin and a serializer show: a query of its own for each row",
            path="shop/views.py",
            files={"shop/models.py": _SHOP},
        ),
        Bad(
            "python",
            """\
from django.db import models

class Book(models.Model):
    title = models.TextField()

    @property
    def newest(self):
        return Review.objects.filter(book=self).order_by("-id")  # finding

class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    stars = models.IntegerField()
""",
            title="a query that the template of a column of the program's own goes through",
            path="shop/models.py",
            files=_COLUMNS,
        ),
        Bad(
            "python",
            """\
from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE, NoValue
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

region = make_region().configure("dogpile.cache.memory")

def kept_for_others(number, session: Session, use_cache=True, keep=False):
    key = f"tag_{number}"
    if use_cache:
        value = region.get(key)
        if not isinstance(value, NoValue):
            return value
    value = session.execute(select(Tag.name).where(Tag.id == number)).scalar_one()
    if keep:
        region.set(key, value)
    return value

def names(numbers, session: Session):
    return [kept_for_others(number, session) for number in numbers]  # finding
""",
            title="dogpile.cache: what is kept for whoever asks for that alone",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Request(Base):
    __tablename__ = "request"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity: Mapped[str]

def first(session: Session, activities, number):
    found = []
    for activity in activities:
        statement = select(Request).where(Request.activity == activity).order_by(Request.id).limit(number)
        found += session.scalars(statement).all()  # finding
    return found
""",
            title="SQLAlchemy: the same number of rows of each",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")

class Jar(Model):
    label = CharField()

    class Meta:
        database = database

def labels(keys):
    return [jar.label for jar in map(Jar.get_by_id, keys)]  # finding
""",
            title="a library's own method, handed to what calls it for each element",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function below(parentId: number): Promise<number[]> {
  const folders = await client.folder.findMany({ where: { parentId } });
  const found = folders.map((folder) => folder.id);
  for (const folder of folders) {
    found.push(...(await below(folder.id))); // finding
  }
  return found;
}
""",
            title="a tree, row by row",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Folder {\n  id Int @id\n  parentId Int\n}\n"
                )
            },
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.contrib import admin
from django.db.models import Count
from rest_framework import serializers, viewsets
from shop.models import Author, Book, Review

@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "written"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(number=Count("books"))

    def written(self, author):
        return author.number

class BookSerializer(serializers.ModelSerializer):
    stars = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["title", "stars"]

    def get_stars(self, book):
        if hasattr(book, "stars"):
            return book.stars
        return Review.objects.filter(isbn=book.isbn).count()

class BookView(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
""",
            title="lists whose rows bring what they show, or may bring it",
            path="shop/views.py",
            files={"shop/models.py": _SHOP},
        ),
        Good(
            "python",
            """\
import threading

from django.core.mail import EmailMessage, send_mail
from django.db import models

class Customer(models.Model):
    name = models.TextField()
    address = models.TextField()

class Report(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

class Sending(threading.Thread):
    def __init__(self, message):
        super().__init__()
        self.message = message

    def run(self):
        self.message.send()

def mail(address, number, wait):
    sending = Sending(EmailMessage(str(number), to=[address]))
    if wait:
        sending.run()
    else:
        sending.start()

def remind(customer, weekly=True):
    number = Report.objects.filter(customer=customer).count()
    if weekly:
        mail(customer.address, number, wait=False)
    return number

def warn(customer):
    if Report.objects.filter(customer=customer).exists():
        send_mail("late", customer.name, "a@example.org", [customer.address])

def remind_all():
    for customer in Customer.objects.all():
        remind(customer)
    for customer in Customer.objects.all():
        warn(customer)

def prune(close):
    for customer in Customer.objects.order_by("name"):
        if not Customer.objects.filter(pk=customer.pk).exists():
            continue
        close(customer)

class Removing:
    def __init__(self, customer: Customer, enabled, hooks):
        self.customers = {customer}
        if enabled:
            for hook in hooks:
                self.customers.update(hook(customer))
        self.customers = list(self.customers)

    def numbers(self):
        return [Report.objects.filter(customer=customer).count() for customer in self.customers]
""",
            title="mails, a row that may be gone by now, one row to which something unknown may be added",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import redis

store = redis.Redis()

def lock(name, job):
    pipe = store.pipeline()
    pipe.watch(name)
    if not pipe.get(name):
        pipe.multi()
        pipe.set(name, job)
        pipe.execute()

def lock_all(names, job):
    for name in names:
        lock(name, job)
""",
            title="a look before a transaction of a pipeline",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function bill(customers: { id: number }[]) {
  for (const customer of customers) {
    await client.$transaction(async (own) => {
      const number = await own.invoice.count({ where: { customerId: customer.id } });
      await own.invoice.create({ data: { customerId: customer.id, number: number + 1 } });
    });
  }
}

export async function close(customers: { id: number }[]) {
  for (const customer of customers) {
    const open = await client.invoice.findMany({ where: { customerId: customer.id, closed: false } });
    const keys = open.map((invoice) => invoice.id);
    await client.invoice.updateMany({ where: { id: { in: keys } }, data: { closed: true } });
  }
}
""",
            title="a transaction per element that also writes, and a batch per element",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Invoice {\n  id Int @id\n  customerId Int\n  number Int\n  closed Boolean\n}\n"
                )
            },
        ),
        Good(
            "python",
            """\
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

class Account(models.Model):
    owner = models.TextField()
    balance = models.IntegerField()

def settle(owners):
    for owner in owners:
        with transaction.atomic():
            account = Account.objects.select_for_update().get(owner=owner)
            account.balance = 0
            account.save()

def targets(pairs):
    for kind, key in pairs:
        yield ContentType.objects.get_for_id(kind).get_object_for_this_type(pk=key)
""",
            title="a transaction per element that also writes; rows of whatever table the element names",
            path="bank/models.py",
        ),
        Good(
            "python",
            """\
from datetime import date, timedelta

from django.db import models

class Order(models.Model):
    state = models.TextField()
    day = models.DateField()

class Refund(models.Model):
    reason = models.TextField()
    day = models.DateField()

class Clerk:
    def knows(self, state):
        name = "_states"
        if not hasattr(self, name):
            setattr(self, name, {order.state for order in Order.objects.all()})
        return state in getattr(self, name)

def weeks(today: date):
    days = [today]
    for _ in range(12):
        days.append(days[-1] - timedelta(weeks=1))
    days.reverse()
    return [Order.objects.filter(day__range=week).count() for week in zip(days[:-1], days[1:])]

def found(pairs, word):
    rows = []
    for query, names in pairs:
        for name in names:
            rows += [getattr(row, name) for row in query.filter(**{name: word})]
    return rows

def anywhere(word):
    return found([(Order.objects.all(), ("state",)), (Refund.objects.all(), ("reason", "day"))], word)

def known(clerk: Clerk, states):
    return [state for state in states if clerk.knows(state)]
""",
            title="as many turns as the source says; what an object keeps under the name in a name",
        ),
        Good(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Reminder(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="reminders")

def bring(names, greet, send):
    for name in names:
        customer = Customer.objects.create(name=name)
        greet(customer)
        send(customer, list(customer.reminders.all()))
""",
            title="rows of a row that the same iteration inserts",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3
import itertools

def names(connection: sqlite3.Connection, keys):
    for part in itertools.batched(keys, 500):
        marks = ", ".join("?" for _ in part)
        yield from connection.execute(f"SELECT id, name FROM customer WHERE id IN ({marks})", tuple(part))

def parts(connection: sqlite3.Connection, split, keys):
    for part in split(keys, 500):
        marks = ", ".join(["?"] * len(part.entries))
        yield from connection.execute(f"SELECT id, name FROM customer WHERE id IN ({marks})", tuple(part.entries))

def tables(connection: sqlite3.Connection):
    for table in ("customer", "invoice"):
        print(connection.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone())
""",
            title="batches, and a short list that stands in the source",
        ),
        Good(
            "python",
            """\
import sqlite3
from django.db import models

class Customer(models.Model):
    name = models.TextField()

def names(groups):
    for region, keys in groups.items():
        yield region, list(Customer.objects.filter(pk__in=keys))

def modes(connection: sqlite3.Connection, options):
    for mode in options:
        if mode not in ("test", "live"):
            continue
        print(mode, connection.execute("SELECT secret FROM account WHERE mode = ?", (mode,)).fetchone())

def each_mode(connection: sqlite3.Connection, options):
    for mode in options:
        row = connection.execute("SELECT secret FROM account WHERE mode = ?", (mode,)).fetchone()
        if mode == "test":
            print("test", row)
        elif mode == "live" or mode == "shadow":
            print("live", row)

def extend(connection: sqlite3.Connection, extensions):
    for extension in extensions:
        connection.execute("SELECT load_extension(?)", (extension,))
""",
            title="lists of keys; elements told apart by the program; what reads no table",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3

def names(connection: sqlite3.Connection, orders):
    known = {}
    for order in orders:
        if order.customer_id not in known:
            known[order.customer_id] = connection.execute(
                "SELECT name FROM customer WHERE id = ?", (order.customer_id,)
            ).fetchone()
        yield order, known[order.customer_id]

def details(connection: sqlite3.Connection, order, lines=None):
    if lines is None:
        lines = connection.execute("SELECT id FROM line WHERE order_id = ?", (order.id,)).fetchall()
    return order, lines

def page(connection: sqlite3.Connection, orders, lines):
    return [details(connection, order, lines[order.id]) for order in orders]
""",
            title="what a store keeps, and what the caller hands in",
        ),
        Good(
            "python",
            """\
import sqlite3
import time

from django.core.cache import cache

def totals(connection: sqlite3.Connection, shops):
    found = cache.get("totals")
    if found is None:
        found = []
        for shop in shops:
            found.append(connection.execute("SELECT sum(price) FROM line WHERE shop = ?", (shop.id,)).fetchone())
        cache.set("totals", found, 3600)
    return found

def remind(connection: sqlite3.Connection, customers, send):
    for customer in customers:
        send(customer, connection.execute("SELECT count(*) FROM line WHERE customer = ?", (customer.id,)).fetchone())
        time.sleep(1)

def route(connection: sqlite3.Connection, shops, path):
    for shop in shops:
        root = connection.execute("SELECT root FROM page WHERE shop = ?", (shop.id,)).fetchone()
        for part in path.parts:
            try:
                found = part.within(root)
            except LookupError:
                continue
            return found
""",
            title="a store around the loop; pauses; a search that ends in an inner loop",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export async function customers(keys: number[]) {
  const { rows } = await pool.query('SELECT id, name FROM customer WHERE id = ANY($1)', [keys]);
  return keys.map((key) => rows.find((row) => row.id === key));
}
""",
        ),
        Good(
            "python",
            """\
from peewee import fn, CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase

database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


def totals():
    counts = Invoice.select(Invoice.customer, fn.COUNT(Invoice.id).alias("n")).group_by(Invoice.customer).dicts()
    found = {row["customer"]: row["n"] for row in counts}
    for customer in Customer.select().where(Customer.name.startswith("A")):
        print(customer.name, found.get(customer.id, 0))
""",
            title="counts for all customers of Peewee at once",
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


async def report():
    for customer in await Customer.filter(name__startswith="A").prefetch_related("invoices"):
        for invoice in customer.invoices:
            print(customer.name, invoice.number)
""",
            title="relations of Tortoise that were loaded",
        ),
        Good(
            "python",
            """\
from beanie import Document
from beanie.operators import In
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import MongoClient

db = MongoClient().shop

class Customer(Document):
    name: str

def names(orders):
    keys = [order["customer"] for order in orders]
    found = {customer["_id"]: customer for customer in db.customer.find({"_id": {"$in": keys}})}
    return [found[order["customer"]]["name"] for order in orders]

async def joined(db: AsyncIOMotorDatabase):
    stages = [{"$lookup": {"from": "customer", "localField": "customer", "foreignField": "_id", "as": "customers"}}]
    return [order async for order in db.orders.aggregate(stages)]

async def those(keys):
    return {customer.id: customer async for customer in Customer.find(In(Customer.id, keys))}
""",
            title="documents that are read at once",
        ),
        Good(
            "python",
            """\
from django.db import models

class Book(models.Model):
    title = models.TextField()

    @property
    def newest(self):
        return Review.objects.filter(stars__gt=3).order_by("-id")

class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    stars = models.IntegerField()
""",
            path="shop/models.py",
            files=_COLUMNS,
        ),
        Good(
            "python",
            """\
from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE, NoValue
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

region = make_region().configure("dogpile.cache.memory")

@region.cache_on_arguments(expiration_time=30)
def decorated(number, session: Session):
    return session.scalar(select(Tag.name).where(Tag.id == number))

def looked_up(number, session: Session, use_cache=True):
    key = f"tag_{number}"
    if use_cache:
        value = region.get(key)
        if not isinstance(value, NoValue):
            return value
    try:
        value = session.execute(select(Tag.name).where(Tag.id == number)).scalar_one()
    except ValueError:
        raise KeyError(number)
    if use_cache:
        region.set(key, value)
    return value

def compared(number, session: Session):
    key = f"tag_{number}"
    value = region.get(key)
    if value is NO_VALUE:
        value = session.execute(select(Tag.name).where(Tag.id == number)).scalar_one()
        region.set(key, value)
    return value

def created(number, session: Session):
    return region.get_or_create(f"tag_{number}", lambda: session.scalar(select(Tag.name).where(Tag.id == number)))

def names(numbers, session: Session):
    for number in numbers:
        decorated(number, session)
        looked_up(number, session)
        compared(number, session)
        created(number, session)
""",
            title="dogpile.cache: a region keeps what was read",
        ),
        Good(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Request(Base):
    __tablename__ = "request"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity: Mapped[str]

def shared(session: Session, shares):
    found = []
    for activity in shares:
        statement = select(Request).where(Request.activity == activity).limit(shares[activity])
        found += session.scalars(statement.with_for_update(skip_locked=True)).all()
    return found

def queried(session: Session, shares):
    found = []
    for activity, number in shares.items():
        found += session.query(Request).filter(Request.activity == activity).order_by(Request.id).limit(number).all()
    return found
""",
            title="SQLAlchemy: another number of rows of each",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function below(parentId: number): Promise<number[]> {
  const found: number[] = [];
  let level = [parentId];
  while (level.length > 0) {
    const folders = await client.folder.findMany({ where: { parentId: { in: level } } });
    level = folders.map((folder) => folder.id);
    found.push(...level);
  }
  return found;
}

export async function above(id: number): Promise<number[]> {
  const folder = await client.folder.findUnique({ where: { id } });
  return folder ? [folder.id, ...(await above(folder.parentId))] : [];
}
""",
            title="a tree, level by level, and the way up",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Folder {\n  id Int @id\n  parentId Int\n}\n"
                )
            },
        ),
    ),
)


_INSERTS = frozenset({Verb.INSERT, Verb.UPSERT, Verb.MERGE})


def check(project: Project) -> Iterator[Finding]:
    """One finding per loop and table: the calls in the loop whose answer depends on the element. A call that leads
    to several tables is told once, with all of them."""
    groups: dict[Place, dict[str, list[_Read]]] = {}
    made = list(made_in_loops(project))
    grown, written, shaping, transacted = _grown(made), _written(project), changing_tables(made), _transacted(project)
    defeated, own, acting, changes = _defeated(project), _own(project, made), _acting(project), Changes(project)
    handing = _handing(project)
    for call in project.calls:
        loop = loop_of(call)
        if loop is None or loop.pauses or changed(call, shaping.get(loop.place, ())) or changes.of(call, loop):
            continue
        if _inside(call, loop, transacted) or (None, call.place) in defeated:
            continue
        if Effect.QUERY in call.effects and _reads(project, call, loop, loop.handed, grown):
            made_here = any(query.table in written.get(loop.place, ()) for query in call.queries)
            made_here = made_here or _sees_its_own(call, loop.handed, own.get(loop.place, frozenset()))
            if made_here or project.unused(call.function) or project.starts(call.function):
                continue
            worked = _branches(call) and project.works_on(call.place, loop.place)
            if not worked and not _beside_an_act(project, call, (call,), loop, acting):
                _add(project, groups, _Read(call, call, loop, loop.handed))
    asking = frozenset(groups)
    for invocation in project.invocations:
        loop = loop_of(invocation)
        if loop is None or loop.pauses or _inside(invocation, loop, transacted) or changes.of(invocation, loop):
            continue
        alone = invocation.callees == (invocation.function,)
        if invocation.recursive and (not alone or loop.place in asking):
            continue  # what a loop asks itself is told once, at its own query
        # What lies below a row can be read before anything is done with it.
        unit = _unit(project, invocation) or invocation.place in handing
        if (unit and not invocation.descends) or project.unused(invocation.function):
            continue
        first: _Read | None = None
        for route in project.onward(invocation):
            if changed(route.call, shaping.get(loop.place, ())) or (invocation.place, route.call.place) in defeated:
                continue
            if _sees_its_own(route.call, route.handed, own.get(loop.place, frozenset())):
                continue
            if invocation.recursive and (route.steps or not _branches(route.call)):
                continue  # what it asks itself for the rows below
            if len(route.steps) <= STEPS and _reads(project, route.call, loop, route.handed, grown):
                if first is not None:
                    first.further.append(route.call)
                    continue
                first = _Read(invocation, route.call, loop, route.handed, route.steps)
        if first is None or project.starts(invocation.function):
            continue
        if not _beside_an_act(project, invocation, (first.call, *first.further), loop, acting):
            _add(project, groups, first)
    for tables in (*groups.values(), *_shown(project).values()):
        for group in _joined(tables):
            yield _finding(
                project,
                sorted(group, key=lambda read: (not table_of(project, read.call), read.fact.place, len(read.steps))),
            )


def places(project: Project) -> Iterator[Place]:
    """The queries that a loop around them could repeat."""
    for call in project.calls:
        if Effect.QUERY in call.effects and any(query.verb.reads for query in call.queries):
            yield call.place


class _Read(msgspec.Struct, frozen=True):
    """A place in a loop that leads to a query: the place, the query, the loop, what the loop says of the query's
    values, the calls on the way, and the further queries that it leads to."""

    fact: Call | Invocation
    call: Call
    loop: Frame
    handed: tuple[Handed, ...]
    steps: tuple[Invocation, ...] = ()
    further: list[Call] = msgspec.field(default_factory=list)
    place: Place | None = None
    """Of a list: where it is said that it shows what asks."""


def _branches(call: Call) -> bool:
    """Whether a query may give several rows, each of which has some below it."""
    reads = [query for query in call.queries if query.verb is Verb.SELECT]
    return any(not query.limit.surely() or query.eager.possibly() for query in reads)


def _shown(project: Project) -> dict[Place, dict[str, list[_Read]]]:
    """The queries that lists ask of each of their rows, by where the function that is given the row asks them."""
    groups: dict[Place, dict[str, list[_Read]]] = {}
    for exposure in project.exposures:
        if few(project, exposure.rows):
            continue
        loop = Frame("list", exposure.place, source=exposure.by)
        for asked in exposure.asked:
            route = asked.route
            if not _reads(project, route.call, loop, route.handed, {}):
                continue
            if asked.loaded != "no" and not surely_asks(route.call):
                continue
            fact = route.steps[0] if route.steps else route.call
            named = groups.setdefault(fact.place, {}).setdefault(table_of(project, route.call), [])
            named.append(_Read(fact, route.call, loop, route.handed, route.steps[1:], place=asked.place))
    return groups


def _grown(made: Iterable[tuple[Place, Call]]) -> dict[Place, frozenset[str]]:
    """The loops in which rows are inserted, with the tables that get them; "" where that cannot be said."""
    grown: dict[Place, set[str]] = {}
    for loop, call in made:
        tables = {query.table for query in call.queries if query.verb in _INSERTS}
        if tables and Effect.QUERY in call.effects:
            grown.setdefault(loop, set()).update(tables)
    return {place: frozenset(tables) for place, tables in grown.items()}


def _written(project: Project) -> dict[Place, frozenset[str]]:
    """The loops whose iterations write many rows in one statement, with the tables that these are of."""
    written: dict[Place, set[str]] = {}
    for call in project.calls:
        loop = next((frame for frame in reversed(call.frames) if frame.kind == "loop"), None)
        if loop is not None and Effect.QUERY in call.effects:
            tables = {query.table for query in call.queries if _many(query)}
            written.setdefault(loop.place, set()).update(tables - {""})
    return {place: frozenset(tables) for place, tables in written.items()}


def _defeated(project: Project) -> frozenset[tuple[Place | None, Place]]:
    """The calls that ask again for relations which were loaded with the rows: each with the call of the loop that leads
    to it, None where the loop makes it itself."""
    return frozenset(
        (access.place if access.steps else None, call.place)
        for access in project.accesses
        for call in access.calls
        if asks_again(access, call)
    )


def _many(query: Query) -> bool:
    """Whether a statement writes rows by the list: several that it is given, or all whose keys are in one."""
    listed = (element.value for element in query.conjuncts())
    many = query.rows == "many" or any(isinstance(part, Compare) and part.operator == "in" for part in listed)
    return many and query.verb.writes


def _transacted(project: Project) -> frozenset[Place]:
    """The transactions in which something is written, what is entered and left with a commit of its own inside (a
    session, a connection), and what is tried, ends in a commit, and is rolled back where it fails."""
    found = {frame.place for fact in _writing(project) for frame in fact.frames if frame.kind == "transaction"}
    committing = [call for call in project.calls if Effect.COMMIT in call.effects]
    found.update(frame.place for call in committing for frame in call.frames if frame.kind == "with")
    back: dict[str, list[Place]] = {}
    for call in project.calls:
        if Effect.ROLLBACK in call.effects:
            back.setdefault(call.place.path, []).extend(frame.place for frame in call.frames if frame.kind == "catch")
    found.update(
        frame.place
        for call in committing
        for frame in call.frames
        if frame.kind == "try"
        and any(frame.place.start <= at.start < frame.place.stop for at in back.get(frame.place.path, ()))
    )
    return frozenset(found)


def _writing(project: Project) -> Iterator[Call | Invocation]:
    """The calls that write rows, and those of functions that do."""
    for call in project.calls:
        if Effect.QUERY in call.effects and any(query.verb.writes for query in call.queries):
            yield call
    yield from (invocation for invocation in project.invocations if _changes(project, invocation))


def _inside(fact: Call | Invocation, loop: Frame, transacted: frozenset[Place]) -> bool:
    """Whether each element does this in a transaction of its own, in which it also writes."""
    within = fact.frames[fact.frames.index(loop) + 1 :]
    return any(frame.kind in ("transaction", "with", "try") and frame.place in transacted for frame in within)


def _joined(tables: dict[str, list[_Read]]) -> list[list[_Read]]:
    """The reads of one loop by table. Those of a table that cannot be said may be of one of the others: they are told
    with the first of them, and by themselves only where there is none."""
    unsaid = tables.get("", [])
    known = [group for table, group in tables.items() if table]
    if not unsaid or not known:
        return list(tables.values())
    first = min(known, key=lambda group: min(read.fact.place for read in group))
    places = {read.fact.place for read in first}
    first += (read for read in unsaid if read.fact.place not in places)
    return known


def _add(project: Project, groups: dict[Place, dict[str, list[_Read]]], read: _Read) -> None:
    group = groups.setdefault(read.loop.place, {}).setdefault(table_of(project, read.call), [])
    if all(other.fact.place != read.fact.place for other in group):
        group.append(read)


def _reads(
    project: Project, call: Call, loop: Frame, handed: tuple[Handed, ...], grown: Mapping[Place, frozenset[str]]
) -> bool:
    """Whether the call reads rows that one query could give for all elements."""
    # What is sent later answers nobody now: of a pipeline, or the look before a transaction of it (WATCH … MULTI).
    if call.memoised or call.refreshes or (call.batches and loop.concurrent) or call.batches == "flush":
        return False
    growing = grown.get(loop.place, frozenset())
    return any(
        query.verb.reads
        and _from_rows(query)
        and not _of_catalogue(query)
        and not (_batched(query, handed) and not loop.stored)
        and not _of_inserted(call, query, handed)
        and not _still_there(project, query, handed)
        and not ((query.table in growing or "" in growing) and _of_the_last(query))
        for query in call.queries
    )


def _own(project: Project, made: Iterable[tuple[Place, Call]]) -> dict[Place, frozenset[str]]:
    """The loops with the tables that their turns write, also by rows that functions add to a unit of work."""
    found: dict[Place, set[str]] = {}
    for loop, call in made:
        tables = {query.table for query in call.queries if query.verb.writes}
        if tables and Effect.QUERY in call.effects:
            found.setdefault(loop, set()).update(tables - {""})
    added: dict[str, set[str]] = {}
    for handle in project.handles:
        if handle.kind in ("added", "entity") and handle.table and handle.function:
            added.setdefault(handle.function, set()).add(handle.table)
    for invocation in project.invocations if added else ():
        tables = {
            table
            for callee in invocation.callees
            if (function := project.functions.get(callee)) is not None and function.changes
            for table in added.get(callee, ())
        }
        for frame in invocation.frames if tables else ():
            if frame.kind == "loop":
                found.setdefault(frame.place, set()).update(tables)
    return {place: frozenset(tables) for place, tables in found.items()}


def _sees_its_own(call: Call, handed: tuple[Handed, ...], written: frozenset[str]) -> bool:
    """Whether the next turn asks for rows among which those may be that this turn writes: it reads the table that it
    writes, and no row that it reads is found by its element."""
    if not written or not any(query.table in written for query in call.queries if query.verb.reads):
        return False
    fixed = {value.place for value in handed if not value.varies}
    return not any(
        condition.operator in ("=", "in", "is")
        and not (condition.handed in fixed or (isinstance(condition.right, Value) and is_constant(condition.right)))
        for query in call.queries
        for condition in _comparisons(query)
    )


def _of_the_last(query: Query) -> bool:
    """Whether the newest or largest row is asked for: another one after each row that is inserted."""
    if query.asked_order.surely():
        return any(bound.number == 1 for bound in query.limit.values())
    columns = list(query.projection.values())
    return bool(columns) and all(isinstance(column, Function) and column.name in ("max", "min") for column in columns)


def _from_rows(query: Query) -> bool:
    """Whether rows are read, if only from a table that cannot be said; `SELECT version()` reads none."""
    return bool(query.table) or query.sources.open


def _batched(query: Query, handed: tuple[Handed, ...]) -> bool:
    """Whether each element gives a list of keys, all of which the query asks for: a part of a longer list, as far as
    can be said."""
    lists: set[Place | None] = {value.place for value in handed if value.varies and value.listed}
    return any(
        isinstance(condition := element.value, Compare) and condition.operator == "in" and condition.handed in lists
        for element in query.conjuncts()
    )


def _of_inserted(call: Call, query: Query, handed: tuple[Handed, ...]) -> bool:
    """Whether only rows are read that belong to a row which the same turn of the loop inserts."""
    inserted: set[Place | None] = {value.place for value in handed if value.inserted}
    return (call.handle_place is not None and call.handle_place in inserted) or any(
        isinstance(condition := element.value, Compare) and condition.operator == "=" and condition.handed in inserted
        for element in query.conjuncts()
    )


def _still_there(project: Project, query: Query, handed: tuple[Handed, ...]) -> bool:
    """Whether the database is only asked if the loop's own row is still there: an answer from before the loop would be
    the one that the row itself is."""
    if query.verb is not Verb.AGGREGATE or query.where.open:
        return False
    own = {value.place: value.own for value in handed if value.own}
    table, source = project.table(query.table), next(query.sources.values(), None)
    keys = table.unique_sets() if table is not None else ()
    conditions = [element.value for element in query.conjuncts()]
    condition = conditions[0] if len(conditions) == 1 else None
    return (
        isinstance(condition, Compare)
        and condition.operator == "="
        and isinstance(condition.left, Column)
        and not condition.left.relation
        and frozenset((condition.left.name,)) in keys
        and condition.handed is not None
        and source is not None
        and own.get(condition.handed) == source.model
    )


def _of_catalogue(query: Query) -> bool:
    """Whether the database is asked about its own schema."""
    sources = list(query.sources.values())
    return bool(sources) and all(source.of_catalogue for source in sources)


def _unit(project: Project, invocation: Invocation) -> bool:
    """Whether what runs per element is a unit of work of its own: what it reads on its way to a write is not
    this rule's, but that of a write per element, and beside a mail or a request it is little."""
    functions = [project.functions.get(callee) for callee in invocation.callees]
    return any(function is not None and (function.changes or function.acts) for function in functions)


def _handing(project: Project) -> frozenset[Place]:
    """What is handed a function, written there, that writes rows."""
    return frozenset(
        frame.place for fact in _writing(project) for frame in fact.frames if frame.kind in ("closure", "loop")
    )


def _acting(project: Project) -> dict[Place, list[Invocation]]:
    """The loops whose turns call functions that act outside of the program, with these calls."""
    found: dict[Place, list[Invocation]] = {}
    for invocation in project.invocations:
        loop = loop_of(invocation) if invocation.acts_from >= 0 else None
        if loop is not None:
            found.setdefault(loop.place, []).append(invocation)
    return found


def _beside_an_act(
    project: Project,
    fact: Call | Invocation,
    reads: Iterable[Call],
    loop: Frame,
    acting: Mapping[Place, list[Invocation]],
) -> bool:
    """Whether the turn that asks for one row then also sends a mail or a request, loads a file from elsewhere, begins a
    job, or acts outside of the program in another way, unless the row is not there: what it reads is little beside
    that."""
    queries = [query for call in reads for query in call.queries]
    if not all(query.expects in ("one", "unique") or query.verb is Verb.AGGREGATE for query in queries):
        return False
    beside = [each for each in acting.get(loop.place, ()) if fact.place.start < each.place.start]
    acts = any(each.acts_from <= fact.place.start or _decides(project, fact, loop, each) for each in beside)
    return acts or project.acts_after(fact.place, loop.place)


def _turn(fact: Call | Invocation, loop: Frame) -> tuple[Frame, ...]:
    """What surrounds a call inside a turn of a loop."""
    return fact.frames[1 + next(at for at, frame in enumerate(fact.frames) if frame.place == loop.place) :]


def _decides(project: Project, fact: Call | Invocation, loop: Frame, work: Invocation) -> bool:
    """Whether what is asked is the condition of a branch in which the turn calls a function that changes rows and acts
    outside of the program, too: beside so much work the look before it is little, however it ends."""
    if not _changes(project, work):
        return False
    around = {frame.place for frame in fact.frames}
    inside = [frame for frame in _turn(work, loop) if frame.place not in around]
    return bool(inside) and all(
        frame.kind == "branch"
        and not frame.construct
        and frame.place.start <= fact.place.start
        and fact.place.stop <= frame.place.stop
        for frame in inside
    )


def _changes(project: Project, invocation: Invocation) -> bool:
    """Whether what is called writes."""
    functions = [project.functions.get(callee) for callee in invocation.callees]
    return any(function is not None and function.changes for function in functions)


def _by_operator(read: _Read) -> str:
    """What runs a query of which an operator asks whether it has rows: nothing else at that place looks like it."""
    operator = read.call.operator if read.fact is read.call else ""
    return f", which `{operator}` runs to see whether there are rows," if operator else ""


def _finding(project: Project, group: list[_Read]) -> Finding:
    first, repaired = group[0], _repaired(project, group)
    table = table_of(project, first.call)
    if first.place is not None:
        return _of_list(project, group)
    elements = elements_of(first.loop)
    way = "".join(f", through `{step.source}`" for step in first.steps)
    related = [Related(first.loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps]
    if isinstance(first.fact, Invocation):
        related.append(Related(first.call.place, f"the query{_on(table)}"))
    others = {name: call for call in reversed(first.further) if (name := table_of(project, call)) not in ("", table)}
    related += [Related(call.place, f"the query{_on(name)}") for name, call in sorted(others.items())]
    for other in group[1:]:
        too = "does so, too" if table_of(project, other.call) == table else "reads from the database, too"
        related.append(Related(other.fact.place, f"`{other.fact.source}` {too}"))
    more = f" ({len(group)} places in this loop)" if len(group) > 1 else ""
    same = ", with the same conditions each time" if all(_same(project, read) for read in group) else ""
    passes = " that passes its condition" if all(read.loop.passes for read in group) else ""
    return Finding(
        first.fact.place,
        f"`{first.fact.source}`{_by_operator(first)} reads{_from(table, *sorted(others))} "
        f"once per element of {elements}{passes}{', level by level' if _descends(first) else ''}{way}{more}{same}",
        names={
            "table": table or "the table",
            "rows": f"the rows of {table or 'the table'}" if same else f"{_rows(first.call, table)} for all elements",
            "look": "use what it gave" if same else "look them up by key",
            "elements": first.loop.source,
            "loop": "each level" if _descends(first) else "the loop",
            "inside": "inside it",
        },
        related=tuple(related),
        remedy=_remedy(project, repaired),
        idiom=repaired.call.idiom,
        sub="cross-function" if isinstance(first.fact, Invocation) else "read",
    )


def _descends(read: _Read) -> bool:
    """Whether a function calls itself for each row of a level of a tree, and so asks for those below one by one."""
    return isinstance(read.fact, Invocation) and read.fact.descends


def _of_list(project: Project, group: list[_Read]) -> Finding:
    """What is told of a query that lists ask of each of their rows."""
    first = group[0]
    table = table_of(project, first.call)
    by = sorted({read.loop.source for read in group})
    more = f" and {len(by) - 1} more" if len(by) > 1 else ""
    related: dict[tuple[Place, str], None] = {}
    for read in group:
        related.setdefault((read.loop.place, f"the rows that `{read.loop.source}` shows"))
        if read.place is not None and read.place != read.loop.place:
            related.setdefault((read.place, f"`{read.loop.source}` shows what asks"))
    for step in first.steps:
        related.setdefault((step.place, f"calls `{step.source}`"))
    if first.fact is not first.call:
        related.setdefault((first.call.place, f"the query{_on(table)}"))
    return Finding(
        first.fact.place,
        f"`{first.fact.source}` reads{_from(table)} once per row that `{by[0]}`{more} shows",
        names={
            "table": table or "the table",
            "rows": f"{_rows(first.call, table)} for all of them",
            "look": "look them up by key",
            "elements": by[0],
            "loop": "the rows are shown",
            "inside": "where each is shown",
        },
        related=tuple(Related(place, text) for place, text in related if place != first.fact.place),
        remedy=_remedy(project, first),
        idiom=first.call.idiom,
        sub="list",
    )


def _on(table: str) -> str:
    return f" on {table}" if table else ""


def _from(*tables: str) -> str:
    *before, last = [table for table in tables if table] or ["from the database"]
    return f" {', '.join(before)} and {last}" if before else f" {last}"


def _counts(call: Call) -> bool:
    """Whether rows are only counted or looked for."""
    return any(query.verb is Verb.AGGREGATE for query in call.queries)


def _computes(call: Call) -> bool:
    """Whether something else than a number of rows is made of them (a sum, the largest one)."""
    return any(
        query.verb is Verb.AGGREGATE
        and not all(
            isinstance(made, Function) and made.name in ("count", "exists") for made in query.projection.values()
        )
        for query in call.queries
    )


def _repaired(project: Project, group: list[_Read]) -> _Read:
    """The read whose rows serve all: where the first only counts the rows that another place reads, that one."""
    first = group[0]
    table = table_of(project, first.call)
    if not table or not _counts(first.call) or _computes(first.call):
        return first
    reading = (read for read in group if not _counts(read.call) and table_of(project, read.call) == table)
    return next(reading, first)


def _remedy(project: Project, read: _Read) -> Remedy | None:
    """How the rows of all elements are read at once; nothing where no key of theirs can be said."""
    call = read.call
    table = table_of(project, call)
    keys = _keys(project, call, read.handed)
    counts, compared = _counts(call), _compared(call, read.handed)
    if not keys or not all(key.name for key in keys) or _computes(call) or (counts and compared):
        return None
    name = "batch-count" if counts else "batch-read"
    if call.text is None and keys[0].relation:
        name += "-related"
    column, *others = (_spelled(project, call, table, key) for key in keys)
    return Remedy(
        name,
        {
            "table": table,
            "model": model_of(call) if table else "",
            "column": column,
            "handle": handle_of(call, read.handed),
            "once": _once(
                call,
                others,
                [_spelled(project, call, table, each) for each in compared],
                "the rows are shown" if read.place is not None else "each level" if _descends(read) else "the loop",
            ),
        },
    )


def _spelled(project: Project, call: Call, table: str, key: Column) -> str:
    """A column as the statement, or the program, writes it."""
    if call.text is not None:
        return spelling.name(key.name, call.dialect)
    return "__".join((*key.relation, attribute_of(project, table, key)))


def _once(call: Call, keys: list[str], compared: list[str], before: str) -> str:
    """When all rows are read at once, and what else the query keeps. `keys`: the further columns of a key of several;
    `compared`: those that each element compares in another way than a key; `before`: what comes after it."""
    kept = [f"once before {before}"]
    if keys:
        lists = "a list for" if len(keys) == 1 else "lists for"
        grouped = f", grouped by {'it' if len(keys) == 1 else 'them'}" if _counts(call) else ""
        kept.append(f"with {lists} {spelling.together(keys)} as well{grouped}")
    for query in call.queries[:1]:
        if len(list(query.conjuncts())) > 1 + len(keys) + len(compared):
            kept.append("with the other conditions")
        if _cut(query):
            kept.append("the first of each by row_number() or LATERAL")
    if compared:
        kept.append(f"compare {spelling.together(compared)} for each")
    return ", ".join(kept)


def _cut(query: Query) -> bool:
    """Whether an element gets a part of its rows: the first ones, or a page. One row in no order is one by its key."""
    if query.limit.surely():
        return query.asked_order.surely() or any(bound.number != 1 for bound in query.limit.values())
    return query.offset.surely()


def _rows(call: Call, table: str) -> str:
    """The rows that one query has to give. Without the limit of each element it would give all that the table has."""
    if any(_cut(query) for query in call.queries):
        part = f"only the part of {table or 'the table'} that each element reads"
        return f"{part}, numbered per element by row_number() or by LATERAL,"
    return f"the rows of {table or 'the table'}"


def _keys(project: Project, call: Call, handed: tuple[Handed, ...]) -> list[Column]:
    """The columns by which the rows of an element are found: all whose values change with the element, first one that
    finds a row by itself. Where nothing is said of the values, the only one that is compared with any, if nothing else
    of the query could change with the element; else it cannot be said."""
    seen: dict[Place | None, bool] = {value.place: value.varies for value in handed}
    unsaid: dict[tuple[str, ...], Column] = {}
    for query in call.queries:
        varying: dict[tuple[str, ...], Column] = {}
        for condition in _comparisons(query):
            if condition.operator not in ("=", "in") or not isinstance(condition.left, Column):
                continue
            name = (*condition.left.relation, condition.left.name)
            if condition.handed not in seen:
                unsaid.setdefault(name, condition.left if _alone(query, condition) else Column(""))
            elif seen[condition.handed]:
                varying.setdefault(name, condition.left)
        if varying:
            table = project.table(query.table)
            unique = table.unique_sets() if table is not None else ()
            alone = [not column.relation and frozenset((column.name,)) in unique for column in varying.values()]
            return [
                column for _, column in sorted(zip(alone, varying.values(), strict=True), key=lambda each: not each[0])
            ]
    return list(unsaid.values()) if len(unsaid) == 1 else []


def _alone(query: Query, condition: Compare) -> bool:
    """Whether a condition always stands, and nothing else that is seen of a query holds a value that does not stand in
    the source. What a manager adds unseen is the same for every element."""
    if any(isinstance(each, OpaqueExpression) for each in query.projection.values()):
        return False
    return all(
        element.when is When.ALWAYS if element.value is condition else _fixed(element.value)
        for element in query.conjuncts()
    )


def _fixed(condition: Condition) -> bool:
    """Whether a condition compares a column with what stands in the source, or with a column."""
    if not isinstance(condition, Compare):
        return False
    right = condition.right
    return isinstance(right, Column) or (isinstance(right, Value) and is_constant(right))


def _compared(call: Call, handed: tuple[Handed, ...]) -> list[Column]:
    """The columns that are compared with what changes with the element, in another way than a key is."""
    varying: set[Place | None] = {value.place for value in handed if value.varies}
    return [
        condition.left
        for query in call.queries[:1]
        for condition in _comparisons(query)
        if condition.operator not in ("=", "in") and condition.handed in varying and isinstance(condition.left, Column)
    ]


def _comparisons(query: Query) -> Iterator[Compare]:
    """The conditions that compare something with what does not stand in the source."""
    for element in query.conjuncts():
        condition = element.value
        if isinstance(condition, Compare):
            if not (isinstance(condition.right, Value) and is_constant(condition.right)):
                yield condition


def _same(project: Project, read: _Read) -> bool:
    """Whether all conditions are known, and none of their values changes with the element: reading once serves all."""
    if any(value.varies for value in read.handed):
        return False
    fixed = {value.place for value in read.handed}
    queries = read.call.queries
    if any(query.where.open or query.parts or query.ctes or not query.where.elements for query in queries):
        return False
    if read.call.text is None and any(
        isinstance(made, OpaqueExpression) for query in queries for made in query.projection.values()
    ):
        return False
    if read.further or (read.call.handle_place is not None and read.call.handle_place not in fixed):
        return False
    return all(
        isinstance(condition := element.value, Compare)
        and isinstance(condition.right, Value)
        and (is_constant(condition.right) or condition.handed in fixed)
        and not _computed(project, read.call, query, condition)
        for query in queries
        for element in query.conjuncts()
    )


def _computed(project: Project, call: Call, query: Query, condition: Compare) -> bool:
    """Whether a condition of a chain compares what is no column of the table, but what the query computes, of which
    nobody says from what."""
    table = project.table(query.table) if call.text is None else None
    left = condition.left
    if isinstance(left, OpaqueExpression):
        return call.text is None
    if table is None or not isinstance(left, Column) or left.relation:
        return False
    return table.column(left.name) is None and all(column.attribute != left.name for column in table.columns)
