"""A client's request makes the program read every row of a table that its users keep adding to.

Said only where all of it is known:

- the function runs while a client waits: a framework calls it for requests, or such a function does;
- no condition and no limit, or only ones that stand now and then (a search that may be empty); rows and not an
  aggregate, no groups, no distinct values;
- the rows go to the program or into an answer: a template is given the query, a class of views lists it and does not
  page (`pagination_class`, `paginate_by`, the framework's setting);
- the table grows by use: requests add rows to it for which nobody needs a permission or has to be an administrator; or
  the program adds rows to it and treats it as a long one elsewhere: it reads pages or the first rows of it, a few rows
  at a time, or by time, the latest first;
- its rows belong to rows of other tables (a foreign key that is never empty, or several that may be). Foreign keys that
  say who made and changed a row are none of these, nor those that say of what kind it is (they lead to a table of
  names): a table of settings has them, too.

Not reported: tables that the user says are small, and those whose few rows are made where the program is set up; tables
of names (a short text, besides keys and flags), which are read whole for lists to choose from; rows of one parent, and
conditions of any kind that always stand; statements written as text, unless all their rows surely become a list
(`fetchall()`); streams and iterators; what is memoised; reads for `len` and truth, which other rules tell; rows of
which all who call the function take the first alone, or ask whether there is one; functions that also remove rows of
the table (a job that works through it); calls that may run another query instead, with conditions (what a user may
see); jobs, commands and scripts, which no client waits for.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Expression, Function, Query, Subquery, Verb, When
from dblint.facts.schema import DOCUMENT_DATABASES, DOCUMENT_KEY, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.uses import PROGRAM
from dblint.rule import Bad, Finding, Good, Rule
from dblint_rules.query._owners import refers

_TABLES = """\
CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE invoice (
  id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer (id), total integer NOT NULL
);
"""

RULE = Rule(
    summary="a request reads all rows of a growing table",
    why=(
        "The table has a handful of rows when the code is written, and one more with every order, message or upload. "
        "Each request then reads, sends and holds all of them: it gets slower every week without a change in the "
        "program, until a worker runs out of memory or the request out of time."
    ),
    minimal="Read a page of {table}: ORDER BY {key} with a limit.",
    better="Ask only for the rows of {table} that the caller may see and needs (a condition on {reference}).",
    complete=(
        "Page through {table} by {key} (WHERE {key} > … ORDER BY {key} LIMIT …), refuse page sizes over a maximum, and "
        "let jobs that need every row read them as a stream, a few at a time."
    ),
    symptoms=("a list gets slower every week", "a worker is killed for its memory", "responses of many megabytes"),
    verify="SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY n_live_tup DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="medium",
    checklist=("1.3",),
    looks_at="queries of lists through the calls of a library",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
    note = models.TextField()
""",
            title="Django: a loop, a template, a search that may be empty",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from django.http import HttpRequest, JsonResponse
from django.shortcuts import render
from django.views.generic import ListView

from shop.models import Invoice, Order

def issue(request: HttpRequest):
    Order.objects.create(customer_id=request.POST["customer"], total=0, note="")
    return Invoice.objects.create(customer_id=request.POST["customer"], total=request.POST["total"])

def latest(request: HttpRequest):
    orders = list(Order.objects.order_by("-pk")[:10])
    return JsonResponse({"orders": orders, "invoices": list(Invoice.objects.order_by("-pk")[:10])})

def totals(request: HttpRequest):
    return JsonResponse({"totals": [invoice.total for invoice in Invoice.objects.all()]})  # finding

def overview(request: HttpRequest):
    invoices = Invoice.objects.order_by("-pk")
    return render(request, "invoices.html", {"invoices": invoices})  # finding

def search(request: HttpRequest):
    orders = Order.objects.all()
    if request.GET.get("note"):
        orders = orders.filter(note__contains=request.GET["note"])
    return JsonResponse({"orders": list(orders.values())})  # finding

class Orders(ListView):
    model = Order  # finding
""",
            },
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Offer(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
    note = models.TextField()

    def save(self, *arguments, **options):
        self.total = self.total or 0
        super().save(*arguments, **options)

class Question(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    text = models.TextField()
""",
            title="Django: rows that are made and saved, a form",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from django.forms import ModelForm
from django.http import HttpRequest, JsonResponse

from shop.models import Offer, Question

def offered(request: HttpRequest):
    offer = Offer(customer_id=request.POST["customer"], total=0)
    offer.note = request.POST["note"]
    offer.save()
    return JsonResponse({"offer": offer.pk})

def latest(request: HttpRequest):
    return JsonResponse({"offers": list(Offer.objects.order_by("-pk")[:10])})

def everything(request: HttpRequest):
    return JsonResponse({"offers": [offer.total for offer in Offer.objects.all()]})  # finding

class QuestionForm(ModelForm):
    class Meta:
        model = Question
        fields = ["customer", "text"]

def ask(request: HttpRequest):
    form = QuestionForm(request.POST)
    form.save()
    return JsonResponse({})

def asked(request: HttpRequest):
    return JsonResponse({"questions": [question.text for question in Question.objects.all()]})  # finding
""",
            },
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
""",
            title="Django REST framework without pages",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from rest_framework.decorators import api_view
from rest_framework.viewsets import ModelViewSet

from shop.models import Invoice

class Invoices(ModelViewSet):
    queryset = Invoice.objects.all()  # finding

@api_view(["POST"])
def issue(request):
    Invoice.objects.create(customer_id=request.data["customer"], total=request.data["total"])
    return list(Invoice.objects.order_by("-pk")[:10])
""",
            },
        ),
        Bad(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"), nullable=False)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.post("/invoices")
def issue(customer: int, session: Session = Depends(get_session)):
    session.add(Invoice(customer_id=customer))

def newest(session: Session):
    return session.query(Invoice).order_by(Invoice.id).all()  # finding

@router.get("/invoices")
def invoices(session: Session = Depends(get_session)):
    return newest(session)

@router.get("/invoices/{number}")
def last(number: int, session: Session = Depends(get_session)):
    return session.query(Invoice).order_by(Invoice.id.desc()).limit(number).all()
""",
            title="SQLAlchemy and FastAPI: sorted, and all the same",
        ),
        Bad(
            "python",
            """\
from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)

class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)

class Comment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    post_id = db.Column(db.Integer, db.ForeignKey("post.id"), nullable=False)
    text = db.Column(db.Text)

@app.post("/comments")
def comment():
    db.session.add(Comment(post_id=request.json["post"], text=request.json["text"]))
    db.session.commit()
    return "", 201

@app.get("/")
def index():
    return jsonify([each.text for each in Comment.query.order_by(Comment.id).limit(10).all()])

@app.get("/comments")
def comments():
    return jsonify([each.text for each in Comment.query.all()])  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "typescript",
            """\
import express, { Request, Response } from 'express';
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();
const app = express();

app.post('/invoices', async (request: Request, response: Response) => {
  response.json(await client.invoice.create({ data: { customerId: request.body.customer } }));
});

app.get('/invoices', async (request: Request, response: Response) => {
  response.json(await client.invoice.findMany()); // finding
});

app.get('/latest', async (request: Request, response: Response) => {
  response.json(await client.invoice.findMany({ orderBy: { id: 'desc' }, take: 10 }));
});
""",
            title="Prisma",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  invoices Invoice[]\n}\n"
                    "model Invoice {\n  id Int @id @default(autoincrement())\n  customerId Int\n"
                    "  customer Customer @relation(fields: [customerId], references: [id])\n}\n"
                )
            },
        ),
        Bad(
            "typescript",
            """\
import { Controller, Get, Post } from '@nestjs/common';
import { DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Customer, { nullable: false })
  customer: Customer;
}

@Controller('invoices')
export class Invoices {
  constructor(private source: DataSource) {}

  @Post()
  issue(customer: Customer) {
    return this.source.getRepository(Invoice).save({ customer });
  }

  @Get()
  invoices() {
    return this.source.getRepository(Invoice).find(); // finding
  }

  @Get('latest')
  latest() {
    return this.source.getRepository(Invoice).find({ order: { id: 'DESC' }, take: 10 });
  }
}
""",
            title="TypeORM",
        ),
        Bad(
            "python",
            """\
from flask import Flask
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase, TextField

app = Flask(__name__)
database = SqliteDatabase("shop.db")


class Base(Model):
    class Meta:
        database = database


class Customer(Base):
    name = CharField()
    address = TextField()


class Invoice(Base):
    customer = ForeignKeyField(Customer, backref="invoices")
    number = IntegerField()


@app.post("/invoices/<int:customer>/<int:number>")
def add(customer: int, number: int):
    Invoice.create(customer=customer, number=number)


@app.get("/latest")
def latest():
    return [invoice.number for invoice in Invoice.select().order_by(Invoice.id.desc()).limit(10)]


@app.get("/invoices")
def numbers():
    return [invoice.number for invoice in Invoice.select()]  # finding
""",
            title="every row of Peewee",
        ),
        Bad(
            "python",
            """\
from flask import Flask
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient().shop

@app.post("/orders/<customer_id>/<int:total>")
def issue(customer_id, total):
    db.orders.insert_one({"customer_id": customer_id, "total": total})

@app.get("/latest")
def latest():
    return list(db.orders.find().sort("total", -1).limit(10))

@app.get("/orders")
def orders():
    return list(db.orders.find())  # finding

@app.get("/totals")
def totals():
    return [order["total"] for order in db.orders.find({}, {"total": 1}).sort("total")]  # finding
""",
            title="PyMongo: every order is given a customer",
        ),
        Bad(
            "python",
            """\
from fastapi import FastAPI
from tortoise import fields
from tortoise.models import Model

app = FastAPI()


class Customer(Model):
    name = fields.CharField(max_length=80)
    address = fields.TextField()
    invoices: fields.ReverseRelation["Invoice"]


class Invoice(Model):
    customer = fields.ForeignKeyField("models.Customer", related_name="invoices", db_index=True)
    number = fields.IntField()


@app.post("/invoices")
async def add(customer: int, number: int):
    await Invoice.create(customer_id=customer, number=number)


@app.get("/latest")
async def latest():
    return [invoice.number for invoice in await Invoice.all().order_by("-id").limit(10)]


@app.get("/invoices")
async def numbers():
    return [invoice.number for invoice in await Invoice.all()]  # finding
""",
            title="every row of Tortoise",
        ),
        Bad(
            "python",
            """\
from flask import Flask
from mongoengine import Document, IntField, ReferenceField, StringField

app = Flask(__name__)

class Customer(Document):
    name = StringField()

class Invoice(Document):
    customer = ReferenceField(Customer, required=True)
    total = IntField()

@app.post("/invoices/<customer>/<int:total>")
def issue(customer, total):
    return Invoice(customer=customer, total=total).save()

@app.get("/invoices")
def totals():
    return [invoice.total for invoice in Invoice.objects]  # finding
""",
            title="MongoEngine",
        ),
        Bad(
            "python",
            """\
from beanie import Document, Link
from fastapi import FastAPI

app = FastAPI()

class Customer(Document):
    name: str

class Invoice(Document):
    customer: Link[Customer]
    total: int

@app.post("/invoices")
async def issue(customer: str, total: int):
    await Invoice(customer=customer, total=total).insert()

@app.get("/invoices")
async def invoices():
    return await Invoice.find_all().to_list()  # finding
""",
            title="Beanie",
        ),
        Bad(
            "python",
            """\
import psycopg
import psycopg2
from fastapi import FastAPI

app = FastAPI()

@app.post("/invoices")
def issue(connection: psycopg.Connection, customer: int, total: int):
    connection.execute("INSERT INTO invoice (customer_id, total) VALUES (%s, %s)", (customer, total))

@app.get("/invoices")
def invoices(connection: psycopg.Connection):
    return connection.execute("SELECT id, total FROM invoice").fetchall()  # finding

@app.get("/totals")
def totals():
    cursor = psycopg2.connect("").cursor()
    cursor.execute("SELECT total FROM invoice ORDER BY id")  # finding
    rows = cursor.fetchall()
    return [row[0] for row in rows]
""",
            title="drivers",
            files={"schema.sql": _TABLES},
        ),
        Bad(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, ForeignKey, Integer, and_, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"), nullable=False)
    total = Column(Integer, nullable=False)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.post("/invoices")
def issue(customer: int, session: Session = Depends(get_session)):
    session.add(Invoice(customer_id=customer, total=0))

@router.get("/invoices")
def invoices(total: int | None = None, session: Session = Depends(get_session)):
    statement = select(Invoice)
    if total:
        statement = statement.where(Invoice.total == total)
    return session.scalars(statement).all()  # finding

@router.get("/queried")
def queried(total: int | None = None, session: Session = Depends(get_session)):
    query = session.query(Invoice)
    if total:
        query = query.filter_by(total=total)
    return query.all()  # finding

@router.get("/listed")
def listed(total: int | None = None, session: Session = Depends(get_session)):
    filters = []
    if total:
        filters.append(Invoice.total == total)
    if filters:
        print(len(filters))
    return session.scalars(select(Invoice).where(and_(*filters))).all()  # finding

def narrowed(statement, total):
    return statement.where(Invoice.total == total) if total else statement

@router.get("/handed")
def handed(total: int | None = None, session: Session = Depends(get_session)):
    return session.scalars(narrowed(select(Invoice), total)).all()  # finding
""",
            title="SQLAlchemy: a search whose conditions are optional",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import psycopg
import psycopg2
from fastapi import FastAPI

app = FastAPI()

@app.post("/invoices")
def issue(connection: psycopg.Connection, customer: int, total: int):
    connection.execute("INSERT INTO invoice (customer_id, total) VALUES (%s, %s)", (customer, total))

@app.get("/first")
def first(connection: psycopg.Connection):
    return connection.execute("SELECT id, total FROM invoice ORDER BY id").fetchone()

@app.get("/some")
def some(connection: psycopg.Connection):
    return connection.execute("SELECT id, total FROM invoice ORDER BY id").fetchmany(20)

@app.get("/of-customer")
def of_customer(connection: psycopg.Connection, customer: int):
    return connection.execute("SELECT id FROM invoice WHERE customer_id = %s", (customer,)).fetchall()

@app.get("/streamed")
def streamed():
    for row in psycopg2.connect("").cursor("rows"):
        yield row

@app.get("/number")
def number():
    cursor = psycopg2.connect("").cursor()
    cursor.execute("SELECT count(*) FROM invoice")
    return cursor.fetchall()[0][0]
""",
            title="drivers: some rows, those of a customer, a stream, a number",
            files={"schema.sql": _TABLES},
        ),
        Good(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Offer(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
    note = models.TextField()

    def save(self, *arguments, **options):
        self.total = self.total or 0
        super().save(*arguments, **options)

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
    note = models.TextField()

class Kind(models.Model):
    name = models.CharField(max_length=50)

class Tool(models.Model):
    kind = models.ForeignKey(Kind, on_delete=models.CASCADE)
    address = models.TextField()
""",
            title="Django: a job, which no client waits for; rows that nobody saves, or those alone who may",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, JsonResponse
from django.shortcuts import render

from shop.models import Invoice, Offer, Tool

def issue(request: HttpRequest):
    Invoice.objects.create(customer_id=request.POST["customer"], total=0, note="")
    return JsonResponse({"invoices": list(Invoice.objects.order_by("-pk")[:10])})

@shared_task(bind=True)
def remind(self, *arguments):
    return [invoice.note for invoice in Invoice.objects.all()]

def notes(request: HttpRequest):
    invoices = Invoice.objects.all()
    if request.GET.get("latest"):
        invoices = invoices.filter(customer_id=request.GET["customer"]).order_by("-pk")
    else:
        invoices = invoices.filter(customer_id=request.GET["customer"])
    return JsonResponse({"notes": [invoice.note for invoice in invoices]})

def connected(request: HttpRequest):
    Tool.objects.create(kind_id=request.POST["kind"], address="")
    return JsonResponse({"tools": [tool.address for tool in Tool.objects.all()]})

class OfferForm(ModelForm):
    class Meta:
        model = Offer
        fields = ["customer", "total"]

def offered(request: HttpRequest):
    if not request.user.has_perm("shop.add_offer"):
        raise PermissionDenied
    OfferForm(request.POST).save()
    return JsonResponse({})

def chosen(request: HttpRequest):
    offer = Offer(note="all")
    return render(request, "offer.html", {"offer": offer, "latest": Offer.objects.order_by("-pk")[:10]})

def everything(request: HttpRequest):
    return JsonResponse({"offers": [offer.total for offer in Offer.objects.all()]})
""",
            },
        ),
        Good(
            "python",
            """\
from django.db import models

class Country(models.Model):
    name = models.TextField()

class Customer(models.Model):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)
    name = models.TextField()

class Warehouse(models.Model):
    country = models.ForeignKey(Country, on_delete=models.CASCADE)
    capacity = models.IntegerField()

class Label(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)
""",
            title="pages, conditions, counts, streams; tables of names, or that nobody adds to; jobs",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from django.contrib.admin.views.decorators import staff_member_required
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.shortcuts import render
from django.views.generic import ListView

from shop.models import Country, Customer, Label, Warehouse

def register(request: HttpRequest):
    Label.objects.create(customer_id=request.POST["customer"], name=request.POST["name"])
    return Customer.objects.create(country_id=request.POST["country"], name=request.POST["name"])

@staff_member_required
def admin_add(request: HttpRequest):
    return Warehouse.objects.create(country_id=request.POST["country"], capacity=1)

def read(request: HttpRequest, country, start):
    countries = list(Country.objects.all())
    warehouses = list(Warehouse.objects.all())
    labels = list(Label.objects.all())
    page = list(Customer.objects.order_by("pk")[start : start + 50])
    own = list(Customer.objects.filter(country=country))
    pages = Paginator(Customer.objects.order_by("pk"), 50)
    count = Customer.objects.count()
    first = Customer.objects.first()
    context = {"own": Customer.objects.filter(country=country), "page": pages.get_page(1)}
    return render(request, "page.html", context), countries, warehouses, labels, page, own, count, first

def export(request: HttpRequest, write):
    for customer in Customer.objects.iterator():
        write(customer)

class Customers(ListView):
    model = Customer
    paginate_by = 50

class CustomersOfCountry(ListView):
    def get_queryset(self):
        return Customer.objects.filter(country=self.kwargs["country"])
""",
                "shop/jobs.py": """\
from shop.models import Customer

def greet(send):
    for customer in Customer.objects.all():
        send(customer)
""",
            },
        ),
        Good(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

class Invoice(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.IntegerField()
""",
            title="Django REST framework, where the settings page",
            path="shop/models.py",
            files={
                "shop/views.py": """\
from rest_framework.decorators import api_view
from rest_framework.viewsets import ModelViewSet

from shop.models import Invoice

class Invoices(ModelViewSet):
    queryset = Invoice.objects.all()

@api_view(["POST"])
def issue(request):
    Invoice.objects.create(customer_id=request.data["customer"], total=request.data["total"])
""",
                "shop/settings.py": """\
REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
}
""",
            },
        ),
        Good(
            "typescript",
            """\
import express, { Request, Response } from 'express';
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();
const app = express();

app.post('/invoices', async (request: Request, response: Response) => {
  response.json(await client.invoice.create({ data: { customerId: request.body.customer } }));
});

app.get('/invoices', async (request: Request, response: Response) => {
  response.json(await client.invoice.findMany({ where: { customerId: Number(request.query.customer) }, take: 50 }));
});

export const latest = () => client.invoice.findFirst();

export const everything = () => client.invoice.findMany();
""",
            title="Prisma",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n  invoices Invoice[]\n}\n"
                    "model Invoice {\n  id Int @id @default(autoincrement())\n  customerId Int\n"
                    "  customer Customer @relation(fields: [customerId], references: [id])\n}\n"
                )
            },
        ),
        Good(
            "python",
            """\
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import MongoClient

db = MongoClient().shop

def issue(customer_id, total):
    db.orders.insert_one({"customer_id": customer_id, "total": total})
    db.kinds.insert_one({"name": "retail"})

def read(customer_id):
    page = list(db.orders.find().sort("_id").limit(50))
    own = list(db.orders.find({"customer_id": customer_id}))
    sums = list(db.orders.aggregate([{"$group": {"_id": "$customer_id", "sum": {"$sum": "$total"}}}]))
    return page, own, sums, list(db.kinds.find()), db.orders.find_one(), db.orders.distinct("customer_id")

async def pages(db: AsyncIOMotorDatabase):
    return await db.orders.find().to_list(length=50)
""",
            title="collections: pages, filters, counts, groups; one that nothing says of what it holds",
        ),
        Good(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, ForeignKey, Integer, exists, func, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"), nullable=False)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.post("/invoices")
def issue(customer: int, session: Session = Depends(get_session)):
    session.add(Invoice(customer_id=customer))

@router.get("/customers/{number}")
def customer(number: int, session: Session = Depends(get_session)):
    of_customer = select(Invoice.id).where(Invoice.customer_id == number)
    any_at_all = session.execute(select(of_customer.exists())).scalar()
    named = session.execute(select(of_customer.exists().label("any"))).scalar()
    again = session.scalar(select(exists(of_customer)))
    further = session.scalar(select(exists().where(Invoice.customer_id == number)))
    latest = select(func.max(Invoice.id)).where(Invoice.customer_id == number)
    return any_at_all, named, again, further, session.execute(select(latest.scalar_subquery())).scalar()
""",
            title="SQLAlchemy: whether there are rows, and queries in brackets, give one",
        ),
        Good(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, ForeignKey, Integer, and_, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"), nullable=False)
    total = Column(Integer, nullable=False)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.post("/invoices")
def issue(customer: int, session: Session = Depends(get_session)):
    session.add(Invoice(customer_id=customer, total=0))

def ask(session: Session, statement):
    return session.scalars(statement).all()

def fill(filters, total):
    filters.append(Invoice.total == total)

@router.get("/invoices")
def invoices(customer: int, total: int | None = None, session: Session = Depends(get_session)):
    statement = select(Invoice).where(Invoice.customer_id == customer)
    if total:
        statement = statement.where(Invoice.total == total)
    return session.scalars(statement).all(), ask(session, statement)

@router.get("/listed")
def listed(customer: int, total: int | None = None, session: Session = Depends(get_session)):
    filters = [Invoice.customer_id == customer]
    if total:
        filters.append(Invoice.total == total)
    return session.scalars(select(Invoice).where(*filters)).all()

@router.get("/filled")
def filled(total: int, session: Session = Depends(get_session)):
    filters = []
    fill(filters, total)
    return session.scalars(select(Invoice).where(*filters)).all()

@router.get("/either")
def either(customer: int | None = None, total: int | None = None, session: Session = Depends(get_session)):
    filters = []
    if customer is not None:
        filters.append(Invoice.customer_id == customer)
    else:
        filters += [Invoice.customer_id == 0]
    return session.scalars(select(Invoice).where(and_(*filters))).all()
""",
            title="SQLAlchemy: a condition that stands whatever is asked for, and lists that nobody sees filled",
        ),
    ),
)

_ELSEWHERE = frozenset({"len", "truth", "contains", "built"})
"""Triggers that other rules tell, or that run nothing."""
_RANGES = frozenset({"<", "<=", ">", ">=", "between"})
_NAMES = 2
"""Texts that a table of names has, at most."""


def check(project: Project) -> Iterator[Finding]:
    """One finding per call, or answer, that surely reads a whole table which is known to grow."""
    grows: dict[str, str] = {}
    large: frozenset[str] | None = None
    written: tuple[dict[str, set[str]], dict[str, set[str]]] | None = None
    for place, function, query in _reads(project):
        if function and not project.serves(function):
            continue
        table = project.table(query.table)
        if table is None and query.dialect not in DOCUMENT_DATABASES:  # there, nothing need declare a collection
            continue
        name = (table.name if table is not None else query.table).lower()
        large = _large(project) if large is None else large
        written = _written(project) if written is None else written
        removed, given = written
        if name not in grows:
            if table is None or table.schemaless:
                reference = "" if table is not None and table.small else min(given.get(name, ()), default="")
            else:
                reference = _reference(project, table)
            grows[name] = reference if reference and _added(project, name, long=name in large) else ""
        if grows[name] and name not in removed.get(function, ()):
            yield _finding(place, query, table, grows[name])


def places(project: Project) -> Iterator[Place]:
    """The reads of more than one row that a library makes of calls, or a framework of what it is given."""
    for call in project.calls:
        for query in call.queries:
            if not _partly(call) and query.verb is Verb.SELECT and query.expects not in ("one", "unique"):
                yield call.place
    for response in project.responses:
        yield response.place


def _reads(project: Project) -> Iterator[tuple[Place, str, Query]]:
    """Reads that may be of a whole table: where, in which function ("" for a class of views), and the query."""
    for call in project.calls:
        if _partly(call) or call.role is not FileRole.APP or call.memoised or not call.function:
            continue
        if call.trigger in _ELSEWHERE or call.taken is not None or call.first or not call.queries:
            continue
        # Callers of a function that is handed a query differ in conditions, too: then it is not begun here.
        if not call.begun and any(_sometimes(query) for query in call.queries):
            continue
        if all(_whole(query, project.table(query.table)) for query in call.queries):
            yield call.place, call.function, call.queries[0]
    for response in project.responses:
        if response.role is FileRole.APP and (response.kind == "rendered" or response.paged == "no"):
            if _whole(response.rows, project.table(response.rows.table)):
                yield response.place, response.function, response.rows


def _partly(call: Call) -> bool:
    """Whether a statement is a text, and not all of its rows become a list, as far as can be said."""
    return call.text is not None and not call.fetched


def _whole(query: Query, table: Table | None) -> bool:
    """Whether all rows of one stored table are read, now and then at least."""
    if query.verb is not Verb.SELECT or query.expects in ("one", "unique", "stream") or query.distinct:
        return False
    sources = query.sources.elements
    if query.sources.open or len(sources) != 1 or not sources[0].value.real or sources[0].value.of_catalogue:
        return False
    if not query.offset.surely_absent() or any(not clause.surely_absent() for clause in (query.having, query.locks)):
        return False
    for clause in (query.where, query.limit):
        if clause.possibly() and not clause.sometimes():
            return False
    if query.parts or query.ctes or _either(query):
        return False
    if query.grouping.possibly():
        return _each(query, table)
    # Aggregates and queries in brackets give one row; what is computed beside columns is computed of each.
    made = list(query.projection.values())
    return not made or not all(isinstance(one, (Function, Subquery)) for one in made)


def _either(query: Query) -> bool:
    """Whether several branches ask for the same column: nobody can say that none of them is taken."""
    asked = [
        element.value.left
        for element in query.where.elements
        if isinstance(element.value, Compare) and isinstance(element.value.left, Column)
    ]
    names = [(column.name, column.relation) for column in asked]
    return len(names) > len(set(names))


def _sometimes(query: Query) -> bool:
    """Whether there are conditions or limits, which may not always stand."""
    return bool(query.where.elements or query.limit.elements)


def _each(query: Query, table: Table | None) -> bool:
    """Whether each row is a group of its own: they are grouped by the table's key."""
    groups = {made.name for made in query.grouping.values() if isinstance(made, Column) and not made.relation}
    return table is not None and any(key.kind == "primary" and groups.issuperset(key.columns) for key in table.keys)


def _written(project: Project) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Function → the tables from which it removes rows, and by table the columns that are named like references and
    that every row gets which the program adds."""
    removed: dict[str, set[str]] = {}
    given: dict[str, set[str]] = {}
    for call in project.calls:
        for query in call.queries:
            name = query.table.lower()
            if query.verb is Verb.DELETE:
                removed.setdefault(call.function, set()).add(name)
            elif query.verb is Verb.INSERT and call.role is FileRole.APP:
                references = {
                    element.value.column
                    for element in query.assignments.elements
                    if element.when is When.ALWAYS and refers(element.value.column, name)
                }
                given[name] = given.get(name, references) & references
    return removed, given


def _large(project: Project) -> frozenset[str]:
    """The tables that the program itself treats as long: somewhere it reads a page or some first rows of them, or a few
    rows at a time, or it sorts or picks them by time."""
    found: set[str] = set()
    reads = [(query, call.trigger) for call in project.calls if call.role in PROGRAM for query in call.queries]
    reads += [(response.rows, response.paged) for response in project.responses]
    for query, how in reads:
        if query.verb is not Verb.SELECT:
            continue
        limits = [bound.number for bound in query.limit.values()]
        some = query.offset.elements or any(number is None or number > 1 for number in limits)
        table = project.table(query.table)
        if some or how == "yes" or query.expects == "stream" or (table is not None and _by_time(query, table)):
            found.add(query.table.lower())
    return frozenset(found)


def _by_time(query: Query, table: Table) -> bool:
    """Whether rows are sorted by a time, the latest first, or picked by an earlier or later one."""
    if any(order.descending and _time(order.expression, table) for order in query.order.values()):
        return True
    return any(
        isinstance(element.value, Compare) and element.value.operator in _RANGES and _time(element.value.left, table)
        for element in query.conjuncts()
    )


def _time(expression: Expression, table: Table) -> bool:
    if not isinstance(expression, Column) or expression.relation:
        return False
    column = table.column(expression.name)
    return column is not None and column.type.startswith(("timestamp", "datetime", "date"))


def _reference(project: Project, table: Table) -> str:
    """The column by which rows of a table belong to rows of another one; "" for a table of names, or of few rows."""
    if table.view or table.small or table.name.lower() in project.uses.few or _names(table):
        return ""
    return _belongs(project, table)


def _added(project: Project, name: str, *, long: bool) -> bool:
    """Whether the program adds rows to a table as it is used. `long`: it treats the table as a long one."""
    return any(
        not making.administrators
        and not (making.form and making.granted)
        and (long or (making.new and not making.granted and project.serves(making.function)))
        for making in project.makings(name)
    )


def _belongs(project: Project, table: Table) -> str:
    """The first column that leads to the row that each row belongs to."""
    own = table.name.lower()
    leading = [
        (key.target.lower(), column)
        for key in table.keys
        if key.kind == "foreign" and key.columns and (column := table.column(key.columns[0])) is not None
    ]
    targets = [target for target, _ in leading]
    few = project.uses.few
    found: list[tuple[str, SchemaColumn]] = []
    for target, column in leading:
        who = column.nullable is not False and targets.count(target) > 1
        kind = project.table(target)
        if target not in (own, *few) and not who and not (kind is not None and _names(kind)):
            found.append((target, column))
    for _, column in found:
        if column.nullable is False:
            return column.name
    return found[0][1].name if len({target for target, _ in found}) > 1 else ""


def _names(table: Table) -> bool:
    """Whether a table's rows are names of something: short texts besides keys, flags and times."""
    keys = {column for key in table.keys if key.kind in ("primary", "foreign") for column in key.columns}
    rest = [column for column in table.columns if column.name not in keys and column.type not in ("boolean", "bool")]
    texts = [column for column in rest if column.type.startswith(("varchar", "char", "enum"))]
    times = [column for column in rest if column.type.startswith(("timestamp", "datetime", "date"))]
    return 0 < len(texts) <= _NAMES and len(texts) + len(times) == len(rest)


def _finding(place: Place, query: Query, table: Table | None, reference: str) -> Finding:
    when = "as long as no condition is asked for, nothing" if _sometimes(query) else "nothing"
    return Finding(
        place,
        f"a request reads every row of {query.table}; the program adds rows to it, and {when} limits how many",
        names={
            "table": query.table,
            "key": _key(table, query.dialect) if table is not None else DOCUMENT_KEY,
            "reference": spelling.name(reference, query.dialect),
        },
    )


def _key(table: Table, dialect: str) -> str:
    keys = [key.columns for key in table.keys if key.kind == "primary"]
    return ", ".join(spelling.name(column, dialect) for column in keys[0]) if keys else "its primary key"
