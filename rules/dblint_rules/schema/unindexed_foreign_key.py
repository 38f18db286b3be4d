"""A foreign key that no index begins with.

Not reported: tables of which not every key and index is known, views, tables that somebody else defines or that the
user says are small, databases that index foreign keys themselves, and keys of several columns where a unique key lies
within them or an index begins with one of them, unless that one is part of both tables' keys under the same name: it is
the one that many rows share.

Who would use the index is looked for in the program (`Project.uses`): deletions of rows of the other table, those that
go along through keys that cascade among them, and queries that find rows by the key, where no other condition that
always stands there has an index. The plainest of these is told. What tests alone call is no use, nor is a condition
behind a parameter (`if author:`) that no call hands in. Not reported is a key where the program's queries on one of the
two tables are seen, and none of them would use the index (columns that only say who changed a row, where rows of users
are never deleted), or only now and then: deletions by scripts, commands and administrators (by the names of files and
functions, and by what guards these or all of their callers: decorators, classes, middleware, dependencies), and
look-ups by the first two. Nor
is one that only deletions would use,

* where the application reads the whole table anyway;
* where rows that are referred to cannot be deleted and the table's rows are kept by another foreign key: it notes who
  did something (`created_by`);
* where it is emptied then (SET NULL) and rows of the other table are only deleted one at a time, for their own sake
  and not because another takes their place, or with such a row of a third table.

Nor is a key that is never sought without another one of the table, which is told; a key to the table of the tenants of
a program that has one or a few of them (`Uses.few`): its rows are made where the program is set up and nowhere else;
and both keys of a table that does nothing but pair rows of tables which are read whole. Where neither table is seen in
a query, the key is reported, unless nearly all other tables are: the program has no use for these two. Nor is a key of
a table that only migrations know, and no query, where the program declares nearly all others that they make. A search
is served by an index over part of the rows, too, where what it asks besides implies that index's condition.

A reference in documents is reported where the program looks for it, or deletes what it refers to and the model's
library then looks for it: the database checks none.

What it cannot say: relations that are read when they are first touched are no queries yet, and what goes through
receivers that are not resolved (generic repositories, a request's session) is not seen: a key that only these use goes
silent. That only administrators come in is seen where a guard stands, not where a function looks itself, nor where a
call that is not resolved may be another one of it. How many rows a table has is not known: a key of a table that
stays small otherwise (settings, plans, templates) is reported where it is looked for or the other table loses rows.

Of two draws of 20, read before the uses of tests alone, guards, tenants and pairs were told apart, 13 and 14 were
right and none was wrong; of the 21 findings that are left on the same code, 20 are right and one is disputed (a guard
that stands on a caller, behind a method's common name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from dblint.facts import spelling
from dblint.facts.project import Project
from dblint.facts.schema import DOCUMENT_DATABASES, UNNAMED, Change, Index, IndexColumn, Key, Operation, Table
from dblint.facts.text import Place
from dblint.facts.uses import Lookup, Removal, Uses
from dblint.rule import Bad, Edit, Finding, Fix, Good, Related, Remedy, Rule
from dblint_rules.schema._covering import BARREN, holds_all, is_covered, orders

RULE = Rule(
    summary="a foreign key has no index",
    why=(
        "Before a row is deleted or its key changed, the database looks for rows that refer to it, and without an "
        "index it reads their whole table: once for every row that a statement deletes, while it holds its locks. "
        "Joins and lists that start at the row that is referred to read the whole table too. PostgreSQL and SQLite "
        "index only the key that is referred to; MySQL indexes the foreign key itself, unless the relation has no "
        "constraint there; MongoDB indexes and checks no reference, and a library that follows deletions looks for the "
        "documents that refer. An index serves where the foreign key's columns, in any order, stand before all others; "
        "one over part of the rows serves where that part surely holds every row that refers to another."
    ),
    minimal="Index {columns} of {table}: {statement}",
    better=(
        "Declare the index on {columns} of {table} next to the foreign key, so that every database gets it, and put "
        "behind it the columns by which those rows are narrowed down or sorted."
    ),
    complete=(
        "Let a test ask a migrated database for foreign keys without an index, of {table} and of every other table, so "
        "that the next one is noticed when it is made."
    ),
    symptoms=(
        "deleting a single row takes seconds",
        "DELETE waits for a scan of another table",
        "slow list of children",
    ),
    verify=(
        "SELECT conrelid::regclass, conname FROM pg_constraint AS c WHERE contype = 'f' AND NOT EXISTS (SELECT FROM "
        "pg_index AS i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND "
        "(i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)"
    ),
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    uses=True,
    checklist=("2.2", "2.4"),
    looks_at="foreign keys of tables that are known whole",
    bad=(
        Bad(
            "prisma",
            """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Customer {
  id       Int       @id
  invoices Invoice[]
  notes    Note[]
}

model Invoice {
  id         Int      @id
  customerId Int
  customer   Customer @relation(fields: [customerId], references: [id]) // finding
}

model Note {
  number     Int
  customerId Int
  customer   Customer @relation(fields: [customerId], references: [id]) // finding

  @@id([number, customerId])
}
""",
        ),
        Bad(
            "prisma",
            """\
datasource db {
  provider     = "mysql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

model Customer {
  id       Int       @id
  invoices Invoice[]
}

model Invoice {
  id         Int      @id
  customerId Int
  customer   Customer @relation(fields: [customerId], references: [id]) // finding
}
""",
            title="no constraint: the database makes no index",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine("postgresql://server/shop")

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))  # finding
    payer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
""",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, db_index=False)  # finding
    payer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
""",
            path="shop/models.py",
        ),
        Bad(
            "typescript",
            """\
import { DataSource, Entity, Index, ManyToOne, OneToOne, JoinColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Customer)
  customer: Customer; // finding

  @Index()
  @ManyToOne(() => Customer)
  payer: Customer;

  @OneToOne(() => Customer)
  @JoinColumn()
  first: Customer;
}

export const source = new DataSource({ type: 'postgres', entities: [Customer, Invoice] });
""",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE invoice (
  id bigint PRIMARY KEY,
  customer_id bigint REFERENCES customer (id), -- finding
  payer_id bigint REFERENCES customer (id),
  clerk_id bigint REFERENCES customer (id) -- finding
);
CREATE INDEX invoice_payer ON invoice (payer_id) WHERE payer_id IS NOT NULL;
CREATE INDEX invoice_clerk ON invoice (clerk_id) WHERE id > 1000;
""",
            path="migrations/0001_invoice.sql",
        ),
        Bad(
            "python",
            """\
from alembic import op
import sqlalchemy as sa

revision = "1"
down_revision = None


def upgrade():
    op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id")),  # finding
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("customer.id")),
    )
    op.create_index("invoice_payer", "invoice", ["payer_id"])
""",
            path="migrations/versions/1_invoice.py",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE invoice (
  id bigint PRIMARY KEY,
  customer_id bigint REFERENCES customer (id) -- finding
);
""",
            title="a file that no tool runs",
            path="schema.sql",
            files={
                "work.py": """\
import psycopg


def work(connection: psycopg.Connection, number: int) -> None:
    connection.execute("DELETE FROM customer WHERE id = %s", [number])
""",
            },
        ),
        Bad(
            "python",
            """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Customer", [("id", models.AutoField(primary_key=True))]),
        migrations.CreateModel(
            "Invoice",
            [
                ("id", models.AutoField(primary_key=True)),
                ("customer", models.ForeignKey("shop.Customer", models.CASCADE, db_index=False)),  # finding
                ("payer", models.ForeignKey("shop.Customer", models.CASCADE, related_name="+")),
            ],
        ),
    ]
""",
            title="Django",
            path="shop/migrations/0001_initial.py",
            files={
                "shop/__init__.py": "",
                "shop/migrations/__init__.py": "",
            },
        ),
        Bad(
            "typescript",
            """\
import { MigrationInterface, QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';

export class Invoice1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({ name: 'customer', columns: [{ name: 'id', type: 'bigint', isPrimary: true }] }),
    );
    await runner.createTable(
      new Table({
        name: 'invoice',
        columns: [
          { name: 'id', type: 'bigint', isPrimary: true },
          { name: 'customer_id', type: 'bigint' },
          { name: 'payer_id', type: 'bigint' },
        ],
        foreignKeys: [
          { columnNames: ['customer_id'], referencedTableName: 'customer', referencedColumnNames: ['id'] }, // finding
          { columnNames: ['payer_id'], referencedTableName: 'customer', referencedColumnNames: ['id'] },
        ],
      }),
    );
    await runner.createIndex('invoice', new TableIndex({ columnNames: ['payer_id'] }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('invoice');
    await runner.dropTable('customer');
  }
}
""",
            title="TypeORM",
            path="migrations/1700000000000-Invoice.ts",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE "Customer" ("id" INTEGER PRIMARY KEY);
CREATE TABLE "Invoice" ("id" INTEGER PRIMARY KEY, "customerId" INTEGER);
ALTER TABLE "Invoice" ADD FOREIGN KEY ("customerId") REFERENCES "Customer" ("id"); -- finding
""",
            title="tables that the migrations alone know",
            path="prisma/migrations/20240101000000_first/migration.sql",
            files={
                "prisma/schema.prisma": """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
""",
            },
        ),
        Bad(
            "python",
            """\
from tortoise import Tortoise, fields
from tortoise.models import Model


class Customer(Model):
    name = fields.CharField(max_length=80)


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices")  # finding


async def start():
    await Tortoise.init(db_url="postgres://server/shop", modules={"models": ["models"]})


async def drop(number: int):
    await Customer.filter(id=number).delete()
""",
            title="Tortoise makes no index of its own",
        ),
        Bad(
            "python",
            """\
from peewee import CharField, ForeignKeyField, Model, PostgresqlDatabase

database = PostgresqlDatabase("shop")


class Customer(Model):
    name = CharField()

    class Meta:
        database = database


class Invoice(Model):
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)  # finding

    class Meta:
        database = database


def drop(number: int):
    Customer.delete().where(Customer.id == number).execute()
""",
            title="the index that Peewee makes is switched off",
        ),
        Bad(
            "python",
            """\
import mongoengine

class Customer(mongoengine.Document):
    name = mongoengine.StringField()

class Invoice(mongoengine.Document):
    customer = mongoengine.ReferenceField(Customer, reverse_delete_rule=mongoengine.CASCADE)  # finding

class Note(mongoengine.Document):
    customer = mongoengine.ReferenceField(Customer, dbref=True)  # finding

class Address(mongoengine.Document):
    customer = mongoengine.ReferenceField(Customer)

def remove(number):
    Customer.objects(id=number).delete()

def notes(customer):
    return list(Note.objects(customer=customer))
""",
            title="MongoEngine looks for the documents that refer to one which is deleted",
        ),
        Bad(
            "python",
            """\
from beanie import Document, Link

class Customer(Document):
    name: str

class Invoice(Document):
    customer: Link[Customer]  # finding

class Note(Document):
    customer: Link[Customer]  # finding

class Address(Document):
    customer: Link[Customer]

async def remove(customer: Customer):
    await customer.delete()

async def invoices(number):
    return await Invoice.find(Invoice.customer.id == number).to_list()

async def notes(name):
    lookup = {"from": "Note", "localField": "_id", "foreignField": "customer.$id", "as": "notes"}
    return await Customer.aggregate([{"$match": {"name": name}}, {"$lookup": lookup}]).to_list()
""",
            title="Beanie: links by which documents are found",
        ),
    ),
    good=(
        Good(
            "prisma",
            """\
datasource db {
  provider = "mysql"
  url      = env("DATABASE_URL")
}

model Customer {
  id       Int       @id
  invoices Invoice[]
}

model Invoice {
  id         Int      @id
  customerId Int
  customer   Customer @relation(fields: [customerId], references: [id])
}
""",
            title="InnoDB indexes foreign keys itself",
        ),
        Good(
            "sql",
            """\
CREATE TABLE customer (shop bigint, number bigint, PRIMARY KEY (shop, number));
CREATE TABLE invoice (
  id bigint PRIMARY KEY,
  shop bigint,
  customer bigint,
  FOREIGN KEY (shop, customer) REFERENCES customer (shop, number)
);
CREATE INDEX invoice_customer ON invoice (customer, shop, id);
CREATE TABLE address (
  customer bigint UNIQUE,
  shop bigint,
  FOREIGN KEY (shop, customer) REFERENCES customer (shop, number)
);
""",
            title="columns in another order, others behind them; a unique key within the foreign key",
            path="migrations/0001_invoice.sql",
        ),
        Good(
            "sql",
            """\
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE invoice (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer (id));
""",
            path="migrations/0001_invoice.sql",
            files={"migrations/0002_customer.sql": "CREATE INDEX ON invoice USING hash (customer_id);\n"},
            title="a later migration makes the index",
        ),
        Good(
            "python",
            """\
import psycopg


def work(connection: psycopg.Connection, number: int) -> None:
    connection.execute("UPDATE invoice SET changed_by = %s WHERE id = %s", [1, number])
    connection.execute("SELECT name FROM clerk WHERE id = %s", [1])
    connection.execute("DELETE FROM invoice WHERE id = %s", [number])
""",
            path="work.py",
            files={
                "migrations/0001_invoice.sql": """\
CREATE TABLE clerk (id bigint PRIMARY KEY, name text);
CREATE TABLE invoice (id bigint PRIMARY KEY, changed_by bigint REFERENCES clerk (id));
""",
            },
            title="rows of the other table stay, and none are looked for by it",
        ),
        Good(
            "python",
            """\
import psycopg


@require_admin
def remove(connection: psycopg.Connection, number: int) -> None:
    connection.execute("DELETE FROM clerk WHERE id = %s", [number])
""",
            path="work.py",
            files={
                "migrations/0001_invoice.sql": """\
CREATE TABLE clerk (id bigint PRIMARY KEY, name text);
CREATE TABLE invoice (id bigint PRIMARY KEY, clerk_id bigint REFERENCES clerk (id) ON DELETE SET NULL);
""",
            },
            title="administrators delete a row of the other table now and then",
        ),
        Good(
            "python",
            """\
from peewee import CharField, ForeignKeyField, Model, PostgresqlDatabase

database = PostgresqlDatabase("shop")


class Customer(Model):
    name = CharField()

    class Meta:
        database = database


class Invoice(Model):
    customer = ForeignKeyField(Customer, backref="invoices", on_delete="CASCADE")

    class Meta:
        database = database


def drop(number: int):
    Customer.delete().where(Customer.id == number).execute()
""",
            title="Peewee makes the index with the foreign key",
        ),
        Good(
            "python",
            """\
import beanie
import mongoengine

class Customer(mongoengine.Document):
    name = mongoengine.StringField()

class Invoice(mongoengine.Document):
    customer = mongoengine.ReferenceField(Customer, required=True, reverse_delete_rule=mongoengine.CASCADE)
    payer = mongoengine.ReferenceField(Customer)
    meta = {"indexes": [("customer", "-number")]}

class Shop(beanie.Document):
    name: str

class Payment(beanie.Document):
    shop: beanie.Link[Shop]

class Sale(beanie.Document):
    shop: beanie.Link[Shop]

    class Settings:
        indexes = ["shop.$id"]

def remove(customer):
    customer.delete()
    Invoice.objects(customer=customer).delete()

async def close(shop):
    await shop.delete()
    await Sale.find(Sale.shop.id == shop.id).delete()
""",
            title="documents: indexes, and references that nobody looks for, as no database of documents checks them",
        ),
    ),
)
SPEAKS = frozenset({"postgres", "sqlite", "tsql", "oracle"})
"""Databases that index only the key that is referred to."""
INDEXES = frozenset({"mysql"})
"""Databases that index the columns of a foreign key themselves."""
HOLDS = frozenset({"", "no action", "restrict", "protect"})
"""What keeps a row that is referred to from being deleted."""
EMPTIES = frozenset({"set null", "set default"})
"""What leaves a row without what it referred to."""
FOLLOWED = frozenset({"cascade", "restrict", "set null", "set default"})
"""What a library can do about documents that refer to one which is deleted, for which it looks for them."""
LONGEST = 63
"""Characters of a name in PostgreSQL, which cuts longer ones."""


def check(table: Table, project: Project) -> Iterator[Finding]:
    """One finding per foreign key of the table that no index begins with."""
    if not table.complete or table.view or table.small or ("managed", "false") in table.options:
        return
    if _left_over(table, project):
        return
    for key in table.keys:
        if key.kind != "foreign" or not all(map(table.column, key.columns)):
            continue
        dialect = _dialect(table, key, project)
        # Where a declaration and a chain have one key, they may have its columns in another order.
        stored = [other for other in project.databases(table.name) if other.database in ("", dialect)]
        if dialect is None or any(is_covered(each, key) for each in (table, *stored)):
            continue
        place = _place(table, key, dialect, project)
        documents = dialect in DOCUMENT_DATABASES
        reasons = _of_documents(table, key, project) if documents else _reasons(table, key, project)
        if place is None or reasons is None:
            continue
        operation = _index(table, key, dialect)
        concurrent = dialect == "postgres"
        statement = spelling.concurrent_index(operation) if concurrent else spelling.plain_index(operation)
        columns = ", ".join(key.columns)
        yield Finding(
            place,
            _message(table, key, reasons),
            names={"table": table.name, "columns": columns, "statement": statement},
            related=_related(table, key, reasons),
            remedy=_remedy(table, key, operation, statement),
            idiom=table.idiom,
            fix=_fix(table, key, place, spelling.plain_index(operation)),
        )


UNSAFE = "a database that has the table already gets the index by a migration, which somebody has to write"


def _fix(table: Table, key: Key, place: Place, statement: str) -> Fix | None:
    """The index, where the table is declared: by a model, a schema file or a statement."""
    found = [column for column in map(table.column, key.columns) if column is not None]
    around = found[0].place if len(found) == 1 and table.origin == "model" else key.place
    if table.origin == "migration" or around is None or around.path != place.path:
        return None
    attributes = ", ".join(column.attribute or column.name for column in found)
    holes = {"attributes": attributes, "statement": statement}
    edit = Edit("index-of-column" if len(found) == 1 and not key.sought else "index", around, holes)
    return Fix(f"declare an index on {', '.join(key.columns)}", (edit,), unsafe=UNSAFE)


def places(project: Project) -> Iterator[Place]:
    """The foreign keys of tables whose indexes are all known."""
    for table in project.tables.values():
        if not table.complete or table.view or ("managed", "false") in table.options:
            continue
        for key in table.keys:
            place = key.place or table.place
            if key.kind == "foreign" and place is not None:
                yield place


def _dialect(table: Table, key: Key, project: Project) -> str | None:
    """The dialect of a database that has the table and does not index the key itself: "" where nothing says which it
    is, None where it cannot be said that there is one."""
    speaks = SPEAKS if key.enforced else SPEAKS | INDEXES | DOCUMENT_DATABASES
    lies = {table.database} - {""} or {other.database for other in project.databases(table.name)} - {""}
    if lies:
        return min(lies & speaks, default=None)
    named = set(project.dialects)
    if named and (named - speaks or not named & speaks):
        return None
    return next(iter(named)) if len(named) == 1 else ""


def _place(table: Table, key: Key, dialect: str, project: Project) -> Place | None:
    """Where the key is declared; of what several databases have, where the one does that is spoken of."""
    if table.origin in ("ddl", "migration") and not table.database:
        for stored in project.databases(table.name):
            same = [other for other in stored.keys if (other.kind, other.columns) == (key.kind, key.columns)]
            if stored.database == dialect and same:
                return same[0].place or stored.place
    return key.place or table.place


def _index(table: Table, key: Key, dialect: str) -> Operation:
    name = "_".join((table.name, *key.columns, "idx"))
    columns = tuple(IndexColumn(column) for column in key.sought or key.columns)
    named = name if len(name) <= LONGEST else ""
    return Operation(Change.CREATE_INDEX, table.name, table.schema, named, index=Index(named, columns), dialect=dialect)


class _Reasons(msgspec.Struct, frozen=True):
    """Who would use the index: where rows of the other table are deleted, where rows are looked for by the key."""

    removal: Removal | None = None
    lookup: Lookup | None = None


def _reasons(table: Table, key: Key, project: Project) -> _Reasons | None:
    """Who would use an index of the key, as far as it is seen; None where the program is seen to use the tables and
    nobody would."""
    uses = project.uses
    if {table.name.lower(), key.target.lower()} & uses.few:
        return None
    removal, lookup = uses.removal(key.target), _lookup(table, key, uses)
    if lookup is not None and not lookup.seldom:
        return _Reasons(None if removal is None or removal.seldom else removal, lookup)
    if removal is not None and not removal.seldom:
        # A check that reads all of it does what the application does anyway.
        idle = table.name.lower() in uses.whole or _beside(table, key, uses) or _notes(key, removal)
        return None if idle else _Reasons(removal)
    seen = {table.name.lower(), key.target.lower()} & project.used
    return None if (seen or _left_alone(table, key, project)) and not uses.anything else _Reasons()


def _left_alone(table: Table, key: Key, project: Project) -> bool:
    """Whether the program's queries are nearly all seen, and none is on the two tables: what is left of a part that it
    no longer has, or does not have yet."""
    own = {table.name.lower(), key.target.lower()}
    others = [name for name, other in project.tables.items() if name not in own and not other.view]
    return len(others) >= _SEVERAL and len(project.used.intersection(others)) >= _NEARLY_ALL * len(others)


def _left_over(table: Table, project: Project) -> bool:
    """Whether only migrations know the table, while the program declares nearly all others that they leave behind: no
    model, no relation and no query has a use for it, so that it is to be dropped and not indexed."""
    name = table.name.lower()
    if name in project.declared or name in project.ambiguous or name in project.used:
        return False
    if any(UNNAMED in other.options for other in project.declared.values()):
        return False  # it may be the table of that model
    chains = [tables for tables in project.stored.values() if name in tables]
    others = {each for tables in chains for each, other in tables.items() if each != name and not other.view}
    if len(others) < _SEVERAL or len(others & project.declared.keys()) < _NEARLY_ALL * len(others):
        return False
    ends = {key.target.lower() for key in table.keys if key.kind == "foreign"}
    declared = [project.declared[end] for end in ends if end in project.declared]
    pairs = [relation for each in declared for relation in each.relations if relation.kind == "many-to-many"]
    if any(relation.target.lower() in ends for relation in pairs):
        return False
    referring = (key.target.lower() == name for other in project.declared.values() for key in other.keys)
    return not any(referring) and not _by_database(name, project)


def _by_database(name: str, project: Project) -> bool:
    """Whether something that migrations make in the database may use a table: a view, a trigger, a routine."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return any(
        step.operation.change in (Change.CREATE_VIEW, Change.OTHER) and word.search(step.operation.sql)
        for migration in project.migrations
        for step in migration.steps
    )


_SEVERAL = 5
_NEARLY_ALL = 0.8
"""How many other tables a program has, at least, and which part of them is in its queries, where those of two tables
would be seen as well."""


def _of_documents(table: Table, key: Key, project: Project) -> _Reasons | None:
    """The same of a reference in documents, which the database knows nothing of: whoever looks for it is in the
    program, or is the library where it follows a deletion."""
    reasons = _reasons(table, key, project)
    if reasons is None or key.on_delete.lower() in FOLLOWED:
        return reasons if reasons != _Reasons() else None
    return _Reasons(lookup=reasons.lookup) if reasons.lookup is not None else None


def _lookup(table: Table, key: Key, uses: Uses) -> Lookup | None:
    """Where rows are looked for by the key, where no other key of the table is told that they are found by as well."""
    lookup = uses.lookup(table.name, key.columns[0])
    for name in lookup.beside if lookup is not None else ():
        other = uses.lookup(table.name, name)
        keys = [each for each in table.keys if each.kind == "foreign" and each.columns[0].lower() == name]
        if other is None or other.seldom or not any(each.target.lower() not in uses.few for each in keys):
            continue
        if not other.beside or table.keys.index(keys[0]) < table.keys.index(key):
            return None
    return lookup


def _notes(key: Key, removal: Removal) -> bool:
    """Whether the key only notes something that goes now and then: its rows stay without what they refer to, which is
    deleted one at a time, for its own sake."""
    return key.on_delete.lower() in EMPTIES and removal.alone and not removal.through


def _beside(table: Table, key: Key, uses: Uses) -> bool:
    """Whether the key only notes something beside another one, by which the table's rows are kept: rows that it refers
    to cannot be deleted, and the program goes by the other key, or has an index for it."""
    if key.on_delete.lower() not in HOLDS:
        return False
    for other in table.keys:
        if other.kind == "foreign" and other.target.lower() != key.target.lower():
            if (table.name.lower(), other.columns[0].lower()) in uses.chosen or is_covered(table, other):
                return True
    return False


def _message(table: Table, key: Key, reasons: _Reasons) -> str:
    columns = key.columns[0] if len(key.columns) == 1 else f"({', '.join(key.columns)})"
    target = key.target or "its target"
    useless = _useless(table, key)
    without = f"only {useless}" if useless else "no index"
    read = f"all of {table.name}"
    if len(key.columns) > 1:
        begun = {names[0] for names, _ in orders(table, [])}
        for shared in [column for column in key.columns if column.lower() in begun]:
            without, read = f"only an index that begins with {shared}", f"every row of {table.name} with its {shared}"
    constraint = "" if key.enforced else " without a constraint,"
    return (
        f"{table.name}.{columns} refers to {target}{constraint} and has {without}: {_who(key, target, reasons)} {read}"
    )


def _who(key: Key, target: str, reasons: _Reasons) -> str:
    """Who reads the table for want of an index."""
    removal, lookup = reasons.removal, reasons.lookup
    deleted = f"each row that is deleted from {target}"
    if removal is not None:
        along = (
            f"; with rows of {removal.along[0]}, {removal.along[1].path}" if removal.along and lookup is None else ""
        )
        deleted += f" ({f'with rows of {removal.through}, ' if removal.through else ''}{removal.place.path}{along})"
    sought = ""
    if lookup is not None:
        sought = f"{_SOUGHT[lookup.kind].format(target=target)} ({lookup.place.path})"
    if removal is not None and lookup is not None:
        return f"{deleted}, and {sought}, reads"
    if lookup is not None:
        return f"{sought} reads"
    if removal is not None:
        return f"{deleted} reads"
    if not key.enforced:
        return f"whatever looks for the rows of a row of {target} reads"
    if key.on_delete.lower() == "cascade" and key.on_delete_by == "database":
        return f"{deleted} takes its rows along (ON DELETE CASCADE), and to find them reads"
    return f"{deleted}, and each join from there, reads"


_SOUGHT = {
    "condition": "each search for the rows that refer to one row of {target}",
    "relation": "each query that loads them with rows of {target}",
    "join": "each join from {target}",
}


def _related(table: Table, key: Key, reasons: _Reasons) -> tuple[Related, ...]:
    """The places that would use the index."""
    related = []
    if reasons.removal is not None:
        through = reasons.removal.through
        along = f", and rows of {key.target} with them" if through else ""
        related.append(Related(reasons.removal.place, f"here rows of {through or key.target} are deleted{along}"))
        if reasons.removal.along is not None and reasons.lookup is None:
            first, place = reasons.removal.along
            related.append(Related(place, f"here rows of {first} are deleted, and rows of {key.target} with them"))
    if reasons.lookup is not None:
        message = f"here rows of {table.name} are looked for by {', '.join(key.columns)}"
        related.append(Related(reasons.lookup.place, message))
    return tuple(related)


def _useless(table: Table, key: Key) -> str:
    """An index that has the columns and does not serve, as far as there is one."""
    wanted = {column.lower() for column in key.columns}
    for other in table.keys:
        if other.kind in ("primary", "unique") and wanted.issubset(column.lower() for column in other.columns):
            return f"a {other.kind} key that begins with other columns ({', '.join(other.columns)})"
    for index in table.indexes:
        names = [column.name.lower() for column in index.columns if not column.expression]
        if not wanted.issubset(names):
            continue
        if not holds_all(index.predicate, table, list(wanted)):
            return f"an index over part of its rows (WHERE {index.predicate})"
        if index.method not in BARREN:
            return f"an index that begins with other columns ({spelling.keys(index)})"
    return ""


def _remedy(table: Table, key: Key, operation: Operation, statement: str) -> Remedy | None:
    """The index in the words of whoever makes the table."""
    if table.origin in ("ddl", "migration"):
        holes = {"table": table.name, "statement": statement}
        return Remedy("concurrent-index", holes) if operation.dialect == "postgres" else None
    found = [table.column(name) for name in key.columns]
    attributes = [column.attribute or column.name for column in found if column is not None]
    holes = {
        "model": table.model or table.name,
        "name": operation.name,
        "attributes": ", ".join(attributes),
        "quoted": ", ".join(f'"{attribute}"' for attribute in key.sought or attributes),
        "columns": ", ".join(f'"{column}"' for column in key.columns),
    }
    return Remedy("index-of-column" if len(attributes) == 1 and not key.sought else "index", holes)
