"""A client decides how many rows a request reads, and nothing keeps that number small.

Said where the number is followed from the limit back to what the client sent, through names, conversions to a number,
sums and products, and the parameters of functions, and nothing on that way may limit it: no `min`, no declaration with
a greatest value, no comparison of it anywhere in the function. What cannot be read ends the way, and nothing is said.

Not reported: limits that are no placeholder of their own in an SQL text; numbers of a class that a framework fills and
checks; rows of one statement that a unique key names; tables that are small by the user's word; administrators'
functions are reported as all others.

Off by default: three findings were met, which are too few to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a client decides how many rows are read",
    why=(
        "A page size that comes from the address is one until somebody asks for ten million. The database reads and "
        "sorts them all, the program holds them and writes them out, and a handful of such requests at once takes "
        "the service down; no password is needed for that where the address is public."
    ),
    minimal="Limit the number before it reaches the query of {table}: the lesser of what was asked for and a maximum.",
    better="Declare the largest page of {table} with the parameter, so that larger numbers are refused with a message.",
    complete=(
        "Let one function read page sizes for every list of {table}, with a default and a maximum, and give the "
        "statements of requests a timeout."
    ),
    symptoms=(
        "a single request takes minutes",
        "memory of a worker jumps by gigabytes",
        "scrapers read a table in one go",
    ),
    verify="SELECT query, rows / calls AS each FROM pg_stat_statements WHERE calls > 0 ORDER BY 2 DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.3",),
    looks_at="limits of queries that a library makes of calls",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from fastapi import APIRouter, Depends
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()

@router.get("/invoices")
def invoices(skip: int = 0, limit: int = 100, session: Session = Depends(get_session)):
    return session.scalars(select(Invoice).order_by(Invoice.id).offset(skip).limit(limit)).all()  # finding

@router.get("/newest")
def newest(limit: int = 100, session: Session = Depends(get_session)):
    return latest(session, limit)

def latest(session: Session, number: int):
    return session.query(Invoice).order_by(Invoice.id.desc()).limit(number).all()  # finding
""",
            title="SQLAlchemy and FastAPI",
        ),
        Bad(
            "python",
            """\
from django.db import models
from django.http import HttpRequest, JsonResponse

class Invoice(models.Model):
    total = models.IntegerField()

def invoices(request: HttpRequest):
    size = int(request.GET.get("size", 20))
    start = int(request.GET.get("start", 0))
    first = list(Invoice.objects.order_by("pk")[:size])  # finding
    page = list(Invoice.objects.order_by("pk")[start : start + size])  # finding
    return JsonResponse({"first": first, "page": page})
""",
            title="Django",
            path="shop/models.py",
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

@app.get("/posts")
def posts():
    limit = request.args.get("limit", 20, type=int)
    return jsonify([post.id for post in Post.query.order_by(Post.id).limit(limit).all()])  # finding
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

app.get('/invoices', async (request: Request, response: Response) => {
  const take = Number(request.query.take);
  response.json(await client.invoice.findMany({ orderBy: { id: 'asc' }, take })); // finding
});
""",
            title="Prisma and Express",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Invoice {\n  id Int @id @default(autoincrement())\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)
db = sqlite3.connect("shop.db", check_same_thread=False)

@app.get("/posts")
def posts():
    number = int(request.args.get("limit", 20))
    rows = db.execute("SELECT id, title FROM post ORDER BY id LIMIT ?", (number,))  # finding
    return jsonify(rows.fetchall())

@app.get("/newest")
def newest():
    bound = {"limit": request.args.get("limit", 20, type=int), "start": 0}
    return jsonify(db.execute("SELECT id FROM post LIMIT :limit OFFSET :start", bound).fetchall())  # finding
""",
            title="a placeholder of an SQL text",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)
db = sqlite3.connect("shop.db", check_same_thread=False)

@app.get("/posts")
def posts():
    number = min(int(request.args.get("limit", 20)), 100)
    return jsonify(db.execute("SELECT id FROM post ORDER BY id LIMIT ?", (number,)).fetchall())

def first(number):
    return db.execute("SELECT id FROM post ORDER BY id LIMIT ?", (number,)).fetchall()

@app.get("/by/<author>")
def written(author):
    return jsonify(db.execute("SELECT id FROM post WHERE author = ? ORDER BY id LIMIT ?", (author, 20)).fetchall())
""",
            title="a placeholder of an SQL text: a limit of the program's, a constant",
        ),
        Good(
            "python",
            """\
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Invoice(Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)

def get_session():
    with Session() as session:
        yield session

router = APIRouter()
MAXIMUM = 100

@router.get("/a")
def declared(limit: int = Query(20, le=100), session: Session = Depends(get_session)):
    return session.scalars(select(Invoice).order_by(Invoice.id).limit(limit)).all()

@router.get("/b")
def annotated(limit: Annotated[int, Query(le=100)] = 20, session: Session = Depends(get_session)):
    return session.scalars(select(Invoice).order_by(Invoice.id).limit(limit)).all()

@router.get("/c")
def least(limit: int = 20, session: Session = Depends(get_session)):
    return session.scalars(select(Invoice).order_by(Invoice.id).limit(min(limit, MAXIMUM))).all()

@router.get("/d")
def refused(limit: int = 20, session: Session = Depends(get_session)):
    if limit > MAXIMUM:
        raise HTTPException(400)
    return session.scalars(select(Invoice).order_by(Invoice.id).limit(limit)).all()

@router.get("/e")
def within(limit: int = 20, session: Session = Depends(get_session)):
    return latest(session, min(limit, 50))

def latest(session: Session, number: int):
    return session.query(Invoice).order_by(Invoice.id.desc()).limit(number).all()

def job(session: Session, limit: int):
    return session.query(Invoice).order_by(Invoice.id.desc()).limit(limit).all()
""",
            title="a greatest value: declared, taken, refused, handed on; what no client sends",
        ),
        Good(
            "typescript",
            """\
import express, { Request, Response } from 'express';
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();
const app = express();

app.get('/invoices', async (request: Request, response: Response) => {
  const take = Math.min(Number(request.query.take), 100);
  response.json(await client.invoice.findMany({ orderBy: { id: 'asc' }, take }));
});
""",
            title="Prisma and Express",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Invoice {\n  id Int @id @default(autoincrement())\n}\n"
                )
            },
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per call whose limit a client decides."""
    if Effect.QUERY not in call.effects:
        return
    for query in call.queries:
        if _limited(query) and any(bound.asked == "freely" for bound in query.limit.values()):
            table = project.table(query.table)
            if table is None or not (table.small or table.name.lower() in project.uses.few):
                what = query.table or "the query"
                message = f"a client decides how many rows of {what} are read, and nothing limits the number"
                yield Finding(call.place, message, names={"table": what})
                return


def places(project: Project) -> Iterator[Place]:
    """The reads with a limit that is not a constant."""
    for call in project.calls:
        if any(_limited(query) for query in call.queries):
            yield call.place


def _limited(query: Query) -> bool:
    return query.verb is Verb.SELECT and any(bound.number is None for bound in query.limit.values())
