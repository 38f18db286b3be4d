"""A row is inserted because a read found none, and nothing keeps two processes from doing so at once.

Told where an insert runs only if a read of the same table by some columns found nothing, and gives these columns the
same values; and where a member of a library does both (`get_or_create`) by columns that no unique constraint covers.
What is told depends on the catalogue: without a unique constraint on (some of) the columns the row is there twice, and
later reads of one row fail; with one, the second of the two gets the violation as an error, which nothing meets.

Not told: inserts that say what happens on a conflict; violations that are met around the insert or around the end of
the unit of work; locks of any kind before it, here or in a function that calls this one, and programs that ask for
serializable transactions; functions in which a comment says that others may do so meanwhile, as the author knows;
tables of which not every key is known, keywords of which nobody says what they are beside a unique constraint on other
columns, and unique constraints on other columns that are inserted; inserts that leave
out a reference which no row may lack, as they never succeed; what belongs to a row that the program has just made;
commands, scripts, seeds, migrations, what sets a program up or runs before it serves, and functions that only those
call; functions that nothing in a whole program names; reads with further conditions; inserts that may give other
values; and inserts that only the first of two comes to, as it took before a state of the row that the values belong to
(`UPDATE job SET state = 'running' WHERE id = … AND state = 'waiting'`, and goes on only if there was one), or as
another system says no to whoever comes second.

A check that raises where it finds a row ("this address is taken") is told beside a unique constraint, too, although the
second of two is meant to get an error: the one of the database is another one, which a client reads as a fault of the
server, and a queue tries again. What is to be done is then to raise the same error where the constraint says no. It is
left alone where only administrators run it: whoever sees the one error or the other there is the same person, and
does the same.

Where a column is compared with a value of the program's own, rows with other values may be several: then the
repair is a partial index.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.races import Ensured
from dblint.facts.schema import DOCUMENT_DATABASES, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="a row is inserted because none was found, and two may do so at once",
    why=(
        "Between the read and the insert another process may insert the same row. Without a unique constraint there "
        "are two of them from then on, and whoever expects one fails or takes either; with one, the second process "
        "gets an error although it only had to read again. It happens with double clicks, retries and parallel workers."
    ),
    minimal="{minimal}",
    better="{better}",
    complete="{complete}",
    symptoms=(
        "the same row is there twice",
        "get() returned more than one row",
        "duplicate key value violates unique constraint, now and then",
    ),
    verify=(
        "SELECT relname, indexrelname, idx_scan FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid) "
        "WHERE indisunique ORDER BY relname"
    ),
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("5.5",),
    looks_at="rows that are inserted because a read found none",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Tag(models.Model):
    name = models.CharField(max_length=50)

class Jar(models.Model):
    code = models.CharField(max_length=50, unique=True)

class Label(models.Model):
    jar = models.ForeignKey(Jar, on_delete=models.CASCADE)
    name = models.CharField(max_length=50)

def tag(name):
    found = Tag.objects.filter(name=name).first()
    if found is None:
        found = Tag.objects.create(name=name)  # finding
    return found

def jar(code):
    try:
        return Jar.objects.get(code=code)
    except Jar.DoesNotExist:
        made = Jar(code=code)
        made.save()  # finding
        return made

def either(name):
    return Tag.objects.get_or_create(name=name)  # finding

def spread(data):
    if not Jar.objects.filter(code=data["code"]).exists():
        Jar.objects.create(**data)  # finding

def label(jar, name):
    if not Label.objects.filter(jar=jar, name=name).exists():
        Label.objects.create(jar=jar, name=name)  # finding

def labelled(code):
    label(Jar.objects.create(code=code), "new")
    label(Jar.objects.get(code="old"), "old")
""",
            title="rows of a model",
            path="shelf/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Integer, Text, select
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id = mapped_column(Integer, primary_key=True)
    name = mapped_column(Text, unique=True)

def find(session: Session, name):
    return session.query(Tag).filter(Tag.name == name).first()

def tag(session: Session, name):
    found = session.scalar(select(Tag).where(Tag.name == name))
    if not found:
        found = Tag(name=name)
        session.add(found)  # finding
        session.commit()
    return found

def by_function(session: Session, text):
    if find(session, text):
        raise ValueError(text)
    session.add(Tag(name=text))  # finding
    session.commit()
""",
            title="a unit of work",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import ForeignKey, Integer, Text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Shelf(Base):
    __tablename__ = "shelf"
    id = mapped_column(Integer, primary_key=True)

class Tag(Base):
    __tablename__ = "tag"
    id = mapped_column(Integer, primary_key=True)
    shelf_id = mapped_column(Integer, ForeignKey("shelf.id"), nullable=False)
    shelf = relationship(Shelf)
    name = mapped_column(Text)

def tag(session: Session, shelf, name):
    found = session.query(Tag).filter(Tag.shelf == shelf, Tag.name == name).one_or_none()
    if not found:
        found = Tag(shelf=shelf, name=name)
        session.add(found)  # finding
    return found
""",
            title="compared by a relation",
        ),
        Bad(
            "python",
            """\
import sqlite3

SCHEMA = "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"

def tag(db: sqlite3.Connection, name):
    row = db.execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()
    if row is None:
        db.execute("INSERT INTO tag (name) VALUES (?)", (name,))  # finding
""",
            title="a driver",
            files={"schema.sql": "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);\n"},
        ),
        Bad(
            "python",
            """\
from peewee import CharField, Model, SqliteDatabase

db = SqliteDatabase("shelf.db")

class Tag(Model):
    name = CharField()

    class Meta:
        database = db

def tag(name):
    found = Tag.get_or_none(Tag.name == name)
    if found is None:
        found = Tag.create(name=name)  # finding
    return found
""",
            title="Peewee",
        ),
        Bad(
            "python",
            """\
from tortoise import fields
from tortoise.models import Model

class Tag(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=50)

async def tag(name):
    if not await Tag.filter(name=name).exists():
        await Tag.create(name=name)  # finding
""",
            title="Tortoise",
        ),
        Bad(
            "python",
            """\
from pymongo import ASCENDING, IndexModel, MongoClient

db = MongoClient("mongodb://server").shelf

def prepare():
    db.tag.create_index("name", unique=True)
    db.label.create_indexes([IndexModel([("jar", ASCENDING), ("name", ASCENDING)])])

def tag(name):
    if db.tag.find_one({"name": name}) is None:
        db.tag.insert_one({"name": name})  # finding

def label(jar, name):
    found = db.label.find_one({"jar": jar, "name": name})
    if not found:
        db.label.insert_one({"jar": jar, "name": name})  # finding
""",
            title="PyMongo: collections whose indexes the program makes",
        ),
        Bad(
            "python",
            """\
from fastapi import FastAPI, HTTPException
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

db = AsyncIOMotorClient("mongodb://server")["shelf"]
users = db["users"]
app = FastAPI()

class User(BaseModel):
    email: str

class Signup(BaseModel):
    email: str
    password: str

@app.on_event("startup")
async def prepare():
    await users.create_index([("email", 1)], unique=True)

@app.post("/users")
async def register(payload: Signup):
    if await users.find_one({"email": payload.email}):
        raise HTTPException(status_code=409)
    await users.insert_one(payload.model_dump())  # finding

@app.post("/accounts")
async def open_account(payload: Signup):
    if await users.find_one({"email": payload.email}):
        raise HTTPException(status_code=409)
    user = User(email=payload.email)
    document = user.dict()
    await users.insert_one(document)  # finding

@app.post("/others")
async def other(payload: Signup, user: User):
    if await users.find_one({"email": payload.email}):
        raise HTTPException(status_code=409)
    await users.insert_one(user.model_dump())
""",
            title="Motor: what a client sent, as a document",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function tag(name: string) {
  let found = await client.tag.findFirst({ where: { name } });
  if (!found) {
    found = await client.tag.create({ data: { name } }); // finding
  }
  return found;
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model tag {\n  id Int @id @default(autoincrement())\n  name String\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
from django.db import models
from sqlalchemy import Integer, Text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Label(models.Model):
    name = models.CharField(max_length=50)
    kind = models.CharField(max_length=50)

class Base(DeclarativeBase):
    pass

class Mark(Base):
    __tablename__ = "mark"
    id = mapped_column(Integer, primary_key=True)
    name = mapped_column(Text)
    kind = mapped_column(Text)
    __mapper_args__ = {"polymorphic_on": kind}

def label(name, **more):
    if not Label.objects.filter(name=name, **more).exists():
        Label.objects.create(name=name, **more)  # finding

def either(name, **more):
    return Label.objects.get_or_create(name=name, **more)  # finding

def mark(session: Session, name, **more):
    if session.query(Mark).filter_by(name=name, **more).first() is None:
        session.add(Mark(name=name, **more))  # finding
""",
            title="further keywords, which the read and the insert are both given",
            path="shelf/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import String, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    kind: Mapped[str] = mapped_column(String(50))

def selected(session: Session, name):
    if not session.execute(select(exists().where(Tag.name == name))).scalar():
        session.add(Tag(name=name))  # finding
        session.commit()

def itself(session: Session, name):
    if not session.execute(exists().where(Tag.name == name).select()).scalar():
        session.add(Tag(name=name))  # finding
        session.commit()

def queried(session: Session, name):
    query = session.query(Tag).filter(Tag.name == name)
    found = session.query(query.exists()).scalar()
    if not found:
        session.add(Tag(name=name))  # finding
        session.commit()

def given(session: Session, name):
    if session.scalar(select(exists(select(Tag.id).where(Tag.name == name)))):
        return
    session.add(Tag(name=name))  # finding
    session.commit()

def is_there(session: Session, wanted) -> bool:
    return session.scalars(select(Tag).where(Tag.name == wanted)).first() is not None

def lacks(session: Session, wanted):
    if session.query(Tag).filter_by(name=wanted).first():
        return False
    return True

def by_answer(session: Session, name):
    if not is_there(session, name):
        session.add(Tag(name=name))  # finding
        session.commit()

def by_the_opposite(session: Session, name):
    missing = lacks(session, name)
    if missing:
        session.add(Tag(name=name))  # finding
        session.commit()

def several(session: Session, names):
    known = {tag.name for tag in session.scalars(select(Tag))}
    for name in names:
        if name not in known:
            session.add(Tag(name=name))  # finding
    session.commit()

def by_column(session: Session, names):
    known = set(session.scalars(select(Tag.name)).all())
    for name in names:
        if name in known:
            continue
        session.add(Tag(name=name))  # finding
    session.commit()

def by_mapping(session: Session, names):
    known = {}
    for tag in session.query(Tag).filter(Tag.name.in_(names)):
        known[tag.name] = tag
    for name in names:
        tag = known.get(name)
        if tag is None:
            tag = Tag(name=name)
            session.add(tag)  # finding
    session.commit()
""",
            title="SQLAlchemy: EXISTS, functions that answer yes or no, names that were read before",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.core.management.base import BaseCommand
from django.db import IntegrityError, models, transaction
from framework import driver

class Tag(models.Model):
    name = models.CharField(max_length=50)
    shelf = models.CharField(max_length=50)

class Jar(models.Model):
    code = models.CharField(max_length=50, unique=True)

class Label(models.Model):
    jar = models.ForeignKey(Jar, on_delete=models.CASCADE)
    name = models.CharField(max_length=50)

def either(code):
    return Jar.objects.get_or_create(code=code)

def met(code):
    jar = Jar.objects.filter(code=code).first()
    if jar is None:
        try:
            with transaction.atomic():
                jar = Jar.objects.create(code=code)
        except IntegrityError:
            jar = Jar.objects.get(code=code)
    return jar

def locked(key, name):
    with transaction.atomic():
        Jar.objects.select_for_update().get(pk=key)
        if not Tag.objects.filter(name=name).exists():
            Tag.objects.create(name=name)

def label(jar, name):
    if not Label.objects.filter(jar=jar, name=name).exists():
        Label.objects.create(jar=jar, name=name)

def filled(code):
    jar = Jar.objects.create(code=code)
    label(jar, "full")

def lacking(name):
    if not Label.objects.filter(name=name).exists():
        Label.objects.create(name=name)

def by_key(key, name):
    tag = Tag.objects.filter(pk=key).first()
    if tag is None:
        Tag.objects.create(name=name)

def roughly(name):
    # Two at once may both make it: the race condition is harmless here.
    if not Tag.objects.filter(name=name).exists():
        Tag.objects.create(name=name)

def other(name):
    if not Tag.objects.filter(shelf=name).exists():
        Tag.objects.create(name=name, shelf="top")

@driver.on_startup
async def filled_at_first():
    await begun("first")

async def begun(code):
    if not await Jar.objects.filter(code=code).aexists():
        await Jar.objects.acreate(code=code)

def default():
    if not Jar.objects.exists():
        Jar.objects.create(code="first")

class Command(BaseCommand):
    def handle(self, *arguments, **options):
        if not Tag.objects.filter(name="a").exists():
            Tag.objects.create(name="a")
""",
            title="a constraint, a violation that is met, a lock, other values, a command, inserts that fail",
            path="shelf/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3

from sqlalchemy import Integer, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id = mapped_column(Integer, primary_key=True)
    name = mapped_column(Text, unique=True)

def met(session: Session, name):
    if session.query(Tag).filter_by(name=name).first() is None:
        session.add(Tag(name=name))
        try:
            session.commit()
        except IntegrityError:
            session.rollback()

def upsert(session: Session, name):
    session.execute(insert(Tag).values(name=name).on_conflict_do_nothing())

def ignored(db: sqlite3.Connection, name):
    if db.execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone() is None:
        db.execute("INSERT INTO tag (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
""",
            title="a violation that is met, what happens on a conflict",
        ),
        Good(
            "python",
            """\
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError

db = MongoClient("mongodb://server").shelf

def prepare():
    db.tag.create_index("name", unique=True)
    db.jar.create_index("code", unique=True, sparse=True)

def met(name):
    if db.tag.find_one({"name": name}) is None:
        try:
            db.tag.insert_one({"name": name})
        except DuplicateKeyError:
            pass

def upserted(name):
    db.tag.update_one({"name": name}, {"$setOnInsert": {"weight": 0}}, upsert=True)

def of_some(code):
    if db.jar.find_one({"code": code}) is None:
        db.jar.insert_one({"code": code})

def of_nothing_known(name):
    if db.shelf.find_one({"name": name}) is None:
        db.shelf.insert_one({"name": name})
""",
            title="PyMongo: a violation that is met, an upsert, an index of some documents, nothing known",
        ),
        Good(
            "python",
            """\
from sqlalchemy import String, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    kind: Mapped[str] = mapped_column(String(50))

def is_there(session: Session, wanted) -> bool:
    return session.scalar(select(exists().where(Tag.name == wanted)))

def known_there(session: Session, name):
    if is_there(session, name):
        session.add(Tag(name=name))
        session.commit()

def of_another(session: Session, name, other):
    if not is_there(session, other):
        session.add(Tag(name=name))
        session.commit()

def met(session: Session, names):
    known = {tag.name for tag in session.scalars(select(Tag))}
    for name in names:
        if name not in known:
            try:
                session.add(Tag(name=name))
                session.commit()
            except IntegrityError:
                session.rollback()

def of_no_constraint(session: Session, kinds):
    known = {tag.kind for tag in session.scalars(select(Tag))}
    for kind in kinds:
        if kind not in known:
            session.add(Tag(name="new", kind=kind))
    session.commit()

def of_what_is_handed(session: Session, names, known):
    for name in names:
        if name not in known:
            session.add(Tag(name=name))
    session.commit()
""",
            title="SQLAlchemy: another answer, another value, a violation that is met, no constraint",
        ),
    ),
)


_WITHOUT_CONFLICT = frozenset({"mysql", "mariadb", "tsql", "oracle"})
"""Databases whose INSERT has no `ON CONFLICT`."""
_OTHERS = 3
"""Inserts without a read that are shown."""


def check(ensured: Ensured, project: Project) -> Iterator[Finding]:
    """One finding per insert and read."""
    if ensured.locked or ensured.conceded or ensured.alone or ensured.made or ensured.claimed or not ensured.same:
        return
    table = project.table(ensured.table)
    if table is None or table.view:
        return
    if _fails(ensured, table) or project.unused(ensured.function):
        return
    unique = _unique(ensured, table)
    if unique is None or (unique and ensured.caught) or (ensured.listed and not unique):
        return
    if unique and ensured.refused and project.administered(ensured.function):
        return
    columns = ", ".join(ensured.columns) + (f" and what `{ensured.spread}` holds" if ensured.spread else "")
    by_library = ensured.place == ensured.read
    if by_library and (unique or ensured.caught):
        return
    rest = [name for name in ensured.columns if name not in ensured.fixed]
    partly = bool(rest) and len(rest) < len(ensured.columns) and not unique
    unchecked = () if unique else ensured.unchecked
    key = ", ".join(unique) if unique else columns
    constraint = f"a unique constraint on {key}"
    if unique:
        told = f"the second gets a violation of the unique constraint on {key}, which nothing meets"
    else:
        told = f"both insert, as no unique constraint covers {columns}"
    if partly:
        # Rows with another value there may well be several.
        constraint = f"a unique index on {', '.join(rest)} of the rows with this {spelling.together(ensured.fixed)}"
    wider = bool(unique) and not set(unique) <= set(ensured.columns)
    if unchecked:
        repairs = _locking(project, table, constraint, columns)
    else:
        repairs = _constraining(project, table, constraint, key)
        if wider:
            repairs = (
                f"Let the key of {ensured.table} decide, in the place of the read: {_upsert(project, table, key)}.",
                *repairs[1:],
            )
        elif unique:
            then = "raise what is raised where the read finds a row" if ensured.refused else "read again"
            meet = f"Meet the violation of the unique constraint where {ensured.table} is inserted into, and {then}."
            repairs = (meet, *repairs[1:])
        elif partly:
            repairs = (f"Add {constraint} to {ensured.table} (a partial index).", *repairs[1:])
        else:
            repairs = (f"{repairs[0]}{_nulls(project, table, ensured)}", *repairs[1:])
    minimal, better, complete = repairs
    how = "is read and, where there is none, inserted" if by_library else "is inserted because a read found none"
    catching = bool(table.extends) or not _ignores(project, table)
    known = catching and "get-or-create-caught" in project.idioms.get(ensured.idiom, {})
    keys = unique if wider else ensured.columns
    remedy = Remedy(
        ("get-or-create-caught" if known else "get-or-create") if unique else "unique",
        {
            "model": ensured.model or ensured.table,
            "columns": key,
            "quoted": ", ".join(f'"{_attribute(table, name)}"' for name in keys),
            "pairs": ", ".join(f"{_attribute(table, name)}=…" for name in keys),
        },
    )
    related: tuple[Related, ...] = () if by_library else (Related(ensured.read, "the read that found no row"),)
    related += tuple(Related(place, "inserts such a row without a read") for place in unchecked[:_OTHERS])
    yield Finding(
        ensured.place,
        f"a row of {ensured.table} {how}: of two that do this at once, {told}",
        names={
            "table": ensured.table,
            "columns": columns,
            "minimal": minimal,
            "better": better,
            "complete": complete,
        },
        related=related,
        remedy=None if partly or ensured.spread or unchecked else remedy,
        idiom=ensured.idiom,
        sub="violation" if unique else "duplicates",
    )


def places(project: Project) -> Iterator[Place]:
    """The inserts."""
    return (ensured.place for ensured in project.ensured)


def _unique(ensured: Ensured, table: Table) -> tuple[str, ...] | None:
    """The columns of the unique constraint by which the second insert fails; none where there surely is no such
    constraint, None where that cannot be said."""
    sets = [columns for columns in table.unique_sets() if columns]
    asked, same = set(ensured.columns), set(ensured.same)
    covered = [columns for columns in sets if columns <= asked]
    if covered:
        # The row that is inserted need not be the one that was looked for.
        met = [columns for columns in covered if columns <= same]
        return tuple(sorted(met[0])) if met else None
    if not table.complete or asked != same or any(table.column(name) is None for name in asked):
        return None  # what is asked of another table, as that of a parent's class, has that table's keys
    made = [columns for columns in sets if columns & set(ensured.derived) and columns <= {*ensured.derived, *same}]
    if made:
        return tuple(sorted(made[0]))  # the same for whoever asks for the same
    primary = [frozenset(key.columns) for key in table.keys if key.kind == "primary"]
    others = [columns for columns in sets if columns not in primary]
    wider = [columns for columns in sets if asked < columns <= set(ensured.inserted)]
    if wider:
        # Both give the same only where each gives what it was handed, and NULLs do not collide.
        sure = [
            columns
            for columns in wider
            if columns.isdisjoint(ensured.computed) and all(_filled(table, name) for name in columns - asked)
        ]
        return tuple(sorted(sure[0])) if sure else None
    if ensured.spread and others:
        return None
    partial = [index for index in table.indexes if index.unique and _uncertain(index.predicate, index.columns)]
    if partial or any(columns & asked or columns <= set(ensured.inserted) for columns in others):
        return None
    return ()


def _constraining(project: Project, table: Table, constraint: str, key: str) -> tuple[str, str, str]:
    """The repairs by a unique constraint, the smallest first."""
    name = table.name
    statement = (
        f"INSERT … ON CONFLICT ({key}) DO NOTHING"
        if _ignores(project, table)
        else "an INSERT that changes nothing where the row is there (ON DUPLICATE KEY UPDATE, MERGE)"
    )
    better = (
        f"Insert into {name} first and let the constraint decide: {statement}, then read the row; or catch the "
        "violation and read again."
    )
    complete = f"Give {name} {constraint}, after its doubles are gone, and one function that finds or makes its rows."
    return f"Add {constraint} of {name}.", better, complete


def _locking(project: Project, table: Table, constraint: str, columns: str) -> tuple[str, str, str]:
    """The repairs where a constraint would also refuse rows that are inserted elsewhere without a read."""
    minimal = (
        "Take a lock in front of the read, one that whoever does the same has to take, and keep it until the insert is "
        f"committed: {_lock(project, table)}. {constraint[0].upper()}{constraint[1:]} would also refuse the rows that "
        "are inserted elsewhere without such a read."
    )
    better = (
        f"Keep in a column of {table.name} by what its source knows the row, with a unique constraint on that, and let "
        "that decide."
    )
    complete = f"Decide whether {table.name} may have doubles in {columns} at all; only if not, give it {constraint}."
    return minimal, better, complete


def _upsert(project: Project, table: Table, key: str) -> str:
    if _ignores(project, table):
        return f"INSERT … ON CONFLICT ({key}) DO UPDATE"
    return f"an upsert by {key} (ON DUPLICATE KEY UPDATE, MERGE)"


def _filled(table: Table, name: str) -> bool:
    """Whether a column surely has no NULL."""
    column = table.column(name)
    primary = any(key.kind == "primary" and name in key.columns for key in table.keys)
    return primary or (column is not None and column.nullable is False)


def _nulls(project: Project, table: Table, ensured: Ensured) -> str:
    """What is to be said of columns of a unique constraint that may be NULL."""
    dialects = {table.database} - {""} or set(project.dialects)
    found = [name for name in ensured.columns if (column := table.column(name)) is not None and column.nullable]
    if not found or dialects == {"tsql"} or dialects & DOCUMENT_DATABASES == dialects:
        return ""
    say = " or say NULLS NOT DISTINCT (PostgreSQL 15)" if dialects <= {"postgres"} else ""
    return (
        f" NULLs do not collide in it: make {spelling.together(found)} NOT NULL{say}, where rows without are to be "
        "single, too."
    )


def _lock(project: Project, table: Table) -> str:
    """How a lock is taken that several processes see."""
    dialects = {table.database} - {""} or set(project.dialects)
    if dialects == {"sqlite"}:
        return "a transaction around both that begins with the lock for writing (BEGIN IMMEDIATE)"
    return "SELECT … FOR UPDATE of the row that these belong to, or a lock by a name (an advisory lock)"


def _ignores(project: Project, table: Table) -> bool:
    """Whether no database that the table may lie in is known to lack `ON CONFLICT`."""
    dialects = {table.database} - {""} or set(project.dialects)
    return dialects.isdisjoint(_WITHOUT_CONFLICT)


def _fails(ensured: Ensured, table: Table) -> bool:
    """Whether the insert leaves out a reference that no row may lack, so that it never succeeds. That to the row of a
    table that this one extends is filled in by the library."""
    if ensured.open:
        return False
    foreign = [key for key in table.keys if key.kind == "foreign" and key.target not in table.extends]
    referring = {name for key in foreign for name in key.columns}
    return any(
        column.name in referring - {*ensured.inserted}
        and column.nullable is False
        and not column.default
        and not column.default_by
        for column in table.columns
    )


def _uncertain(predicate: str, columns: tuple[object, ...]) -> bool:
    """Whether nobody can say for which rows a unique index holds: some rows only, or an expression."""
    return bool(predicate) or any(getattr(column, "expression", False) for column in columns)


def _attribute(table: Table, name: str) -> str:
    column = table.column(name)
    return (column.attribute or column.name) if column is not None else name
