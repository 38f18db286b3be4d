"""Relations that Peewee's and Tortoise's queries load with their rows: read of them, never read, asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

RULES = ("query/eager-load-unused", "query/prefetch-defeated", "query/n-plus-one", "query/lazy-relation-in-loop")
PEEWEE_MODELS = """\
from peewee import ForeignKeyField, Model, PostgresqlDatabase, TextField

database = PostgresqlDatabase("shop")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = TextField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    subject = TextField()


class Line(Base):
    invoice = ForeignKeyField(Invoice, backref="lines")
    text = TextField()
"""
PEEWEE = """\
import peewee
from models import Customer, Invoice, Line
from peewee import prefetch


def joined():
    for invoice in Invoice.select(Invoice, Customer).join(Customer).where(Customer.name == "x"):  # eager-load-unused
        print(invoice.subject, invoice.customer_id)
    for invoice in Invoice.select(Invoice, Customer).join(Customer):
        print(invoice.customer.name)
    for invoice in Invoice.select().join(Customer).where(Customer.name == "x"):
        print(invoice.subject)


def flat():
    for invoice in Invoice.select(Invoice, Customer).join(Customer).objects():
        print(invoice.name)
    for row in Invoice.select(Invoice, Customer).join(Customer).dicts():
        print(row["name"])
    for _, name in Invoice.select(Invoice, Customer).join(Customer).tuples():
        print(name)


def prefetched():
    for invoice in prefetch(Invoice.select(), Line.select()):  # eager-load-unused
        print(invoice.subject)
    for invoice in peewee.prefetch(Invoice.select(), Line.select()):
        print([line.text for line in invoice.lines], len(invoice.lines))
    customers = prefetch(Customer.select(), Invoice.select(), Line.select())
    for customer in customers:
        for invoice in customer.invoices:
            print(len(invoice.lines))
    for invoice in Invoice.select().prefetch(Line):  # eager-load-unused
        print(invoice.subject)
    return prefetch(Invoice.select(), Line.select())


def asked():
    for invoice in Invoice.select():
        print(invoice.lines.count())  # n-plus-one
        print(invoice.customer.name)  # lazy-relation-in-loop
"""
TORTOISE_MODELS = """\
from tortoise import fields
from tortoise.models import Model


class Tag(Model):
    name = fields.TextField()


class Customer(Model):
    name = fields.TextField()
    invoices: fields.ReverseRelation["Invoice"]


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices")
    subject = fields.TextField()
    tags = fields.ManyToManyField("models.Tag")
    lines: fields.ReverseRelation["Line"]


class Line(Model):
    invoice = fields.ForeignKeyField("models.Invoice", related_name="lines", db_index=True)
    text = fields.TextField()
"""
TORTOISE = """\
from models import Customer, Invoice


async def unused():
    for invoice in await Invoice.all().select_related("customer"):  # eager-load-unused
        print(invoice.subject, invoice.customer_id)
    async for invoice in Invoice.filter(subject="x").prefetch_related("lines", "tags"):  # eager-load-unused
        print([tag.name for tag in invoice.tags])


async def read():
    for invoice in await Invoice.all().select_related("customer").prefetch_related("lines"):
        print(invoice.customer.name, (await invoice.customer).name, len(invoice.lines))
    for customer in await Customer.all().prefetch_related("invoices__lines"):
        for invoice in customer.invoices:
            print(list(invoice.lines))
    return await Invoice.all().prefetch_related("lines")


async def again():
    for invoice in await Invoice.all().prefetch_related("lines", "tags"):
        print(await invoice.lines.filter(text="a"))  # prefetch-defeated
        print(await invoice.lines.all().count())  # prefetch-defeated
        print([line.text async for line in invoice.lines], [line.text for line in invoice.lines])
        print(await invoice.tags)  # prefetch-defeated
        await invoice.tags.add(*invoice.tags)


async def asked():
    for invoice in await Invoice.all():
        print(invoice.customer, await invoice.lines.filter(text="a"))  # n-plus-one
        async for line in invoice.lines:  # lazy-relation-in-loop
            print(line.text)
    for invoice in await Invoice.all():
        print(await invoice.customer)  # lazy-relation-in-loop
"""


@pytest.mark.parametrize(("models", "program"), [(PEEWEE_MODELS, PEEWEE), (TORTOISE_MODELS, TORTOISE)])
def test_what_is_said_of_each_line(tmp_path: Path, models: str, program: str) -> None:
    (tmp_path / "models.py").write_text(models)
    (tmp_path / "use.py").write_text(program)
    report = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": RULES})).report
    marked = [
        (number, f"query/{line.rpartition('# ')[2]}")
        for number, line in enumerate(program.splitlines(), 1)
        if "  # " in line
    ]
    assert [(each.region.start.line, each.rule) for each in report.findings if each.region.path == "use.py"] == marked


def test_what_lies_behind_several_rows_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/models.py").write_text(
        "from django.db import models\n\n\n"
        "class Owner(models.Model):\n    name = models.TextField()\n\n\n"
        "class Tag(models.Model):\n    owner = models.ForeignKey(Owner, models.CASCADE)\n\n\n"
        "class Book(models.Model):\n    tags = models.ManyToManyField(Tag)\n"
    )
    (tmp_path / "shop/use.py").write_text(
        "from shop.models import Book\n\n\n"
        "def read():\n"
        "    for book in Book.objects.prefetch_related('tags__owner'):\n"
        "        for tag in book.tags.all():\n"
        "            print(tag.owner.name)\n\n\n"
        "def unused():\n"
        "    for book in Book.objects.prefetch_related('tags__owner'):\n"
        "        print(book.id)\n"
    )
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": RULES[:1]})
    assert [(each.region.path, each.region.start.line) for each in run(request).report.findings] == [
        ("shop/use.py", 11)
    ]
