"""An UPDATE or DELETE of a whole table.

Reported: no condition at all, and a condition that only a branch adds. Where the statement runs only if one of the
branches was taken (a test of the same things around it or before it, a flag that each of them sets), a condition always
stands there. A parameter that may be left out is an interface of which all rows are asked by leaving it out; that is
reported only where it comes from a request, or a caller is seen to pass what may be empty. Conditions that only name
the rows that stay (`NOT IN`) are rightly left out where none does. Where more conditions may stand than were seen (a
filter in a variable, a query that a caller hands in, a member that nobody described), nothing can be said.

Not reported: rows that are handed over, one or several (instances, primary keys, what a relation holds): they are the
condition. A relation's own rows are narrowed by it. A join narrows what it joins to, unless it keeps all rows. A
condition that always holds (`WHERE 1 = 1`) is written to say that all rows are meant. TRUNCATE has no condition that
could be forgotten.

Whether all rows are meant, a statement without a condition does not say. It is reported where the rest of the program
says whose the rows are: elsewhere it chooses several rows of the table by a foreign key (or where none is declared, by
a column that is named like one), and the application never reads those of all owners, neither the whole table nor by
constants and ranges alone. Tables of settings, lists that belong to the whole program, what one place keeps alike in
all rows, and the one cart of a demonstration are none of these.

All rows are also meant on purpose, and then the function shows it: it fills the emptied table again with several rows,
empties other tables too (a reset, also where each table has a helper of its own), changes the schema (a column that is
added gets its value), does the same to some of the rows in a branch (it is asked for some or for all), or gives single
rows another value of the same column (one of all is the chosen one); or its name says so (`delete_all`, `resetBoard`);
or the table's name says that its rows are no one's (`tmp_`, `_staging`, `_cache`). A script, or a command of a command
line, is started by somebody who wants just what it does: there only the condition that a branch leaves out is reported.

Applications that are in use have lost the statements that forgot their condition: over public code the rule is silent,
and what it is for is the change that is under review. It tells most conditions of such code where they are taken away
(a filter, a WHERE, a `where`), and says nothing of the statements in it that mean all rows.

Not seen, as more may stand there than can be said: conditions that are put into a list, a dictionary or an object
member by member (`conditions.append(…)`, `where.id = id`), and `Q()` objects that a branch adds to. Of elements of a
parameter's object (`options.id`) it is not known whether they may be left out; a list that is handed on through several
functions is not followed. Whose rows they are is not seen where no foreign key is declared and the column's name does
not show it (`wallet`, `user`), where only library code reads the table, and where a function that is named for all rows
(`mark_all_read`) means all of one owner's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dblint.facts import spelling
from dblint.facts.program import Call, Effect, FileRole, Route
from dblint.facts.project import Project
from dblint.facts.query import And, Assignment, Column, Compare, Condition, Not, Or, Query, Value, Verb
from dblint.facts.text import Origin, Place
from dblint.rule import Bad, Finding, Good, Rule
from dblint_rules.query._owners import owning_columns

RULE = Rule(
    summary="an UPDATE or DELETE has no condition and changes every row of its table",
    why=(
        "Without WHERE the statement takes every row, also those of other customers, and nothing gives them back but a "
        "backup. It locks all of them until the transaction ends and writes a new version or a tombstone of each, so "
        "that other writers wait and the table swells. A condition that only a branch adds does the same on the day on "
        "which a list is empty or a parameter is missing."
    ),
    minimal="Say which rows of {table} are meant: {advice}.",
    better=(
        "Give the function that writes {table} the keys of the rows as a parameter without a default, and refuse to "
        "run where none are given."
    ),
    complete=(
        "Let the application's role change {table} only through row level security or a view of its own rows, compare "
        "the number of rows written with the number expected before the commit, and where all rows are meant, do it in "
        "batches outside of a request."
    ),
    symptoms=("all rows of a table are gone or have the same value", "a request locks a whole table", "table bloat"),
    verify="SELECT calls, rows, query FROM pg_stat_statements WHERE query ~* '^(update|delete)' AND query !~* 'where'",
    verify_on=("postgres",),
    severity="warning",
    checklist=("S.1",),
    looks_at="UPDATE and DELETE statements",
    confidence="medium",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    uses=True,
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def sessions(connection: sqlite3.Connection, user):
    return connection.execute("SELECT * FROM session WHERE user_id = ?", (user,)).fetchall()

def forget(connection: sqlite3.Connection, user):
    connection.execute("DELETE FROM session")  # finding

def expire(connection: sqlite3.Connection, user):
    query = "UPDATE session SET expired = 1"  # finding
    if user is not None:
        query += " WHERE user_id = :user"
    connection.execute(query, {"user": user})
""",
        ),
        Bad(
            "python",
            """\
import psycopg

def accounts(connection: psycopg.Connection, customer):
    with connection.cursor() as cursor:
        return cursor.execute("SELECT * FROM account WHERE customer_id = %s", (customer,)).fetchall()

def close(connection: psycopg.Connection):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE account a SET open = false FROM customer c")  # finding
""",
            title="a table beside it without a condition narrows nothing",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    title = models.TextField()
    sold = models.BooleanField(default=False)

def written(author):
    return list(Book.objects.filter(author=author))

def sell(book):
    Book.objects.update(sold=True)  # finding

def remove(titles):
    Book.objects.all().delete()  # finding

def clear(titles):
    books = Book.objects.all()
    if titles:
        books = books.filter(title__in=titles)
    books.delete()  # finding
""",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import ForeignKey, delete, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

def written(session: Session, author: int):
    return session.query(Book).filter(Book.author_id == author).all()

def remove(session: Session, key: int):
    session.query(Book).delete()  # finding

def rename(session: Session, key: int):
    session.execute(update(Book).values(id=key))  # finding

def empty(session: Session):
    session.execute(delete(Book))  # finding
""",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export const sessions = (userId: string) => client.session.findMany({ where: { userId } });
export const remove = () => client.session.deleteMany(); // finding
export const clear = () => client.session.deleteMany({}); // finding
export const expire = () => client.session.updateMany({ data: { expired: true } }); // finding
export const leave = (user: string | null) =>
  client.session.deleteMany({ where: user ? { userId: user } : {} }); // finding
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Session {\n  id Int @id\n  userId String\n  expired Boolean\n}\n"
                )
            },
        ),
        Bad(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Job {
  @PrimaryColumn() id: string;
  @Column() buffer: string;
  @Column() ownerId: string;
}

export const owned = (jobs: Repository<Job>, ownerId: string) => jobs.find({ where: { ownerId } });
export const clear = (jobs: Repository<Job>) => jobs.clear(); // finding
export const remove = (jobs: Repository<Job>) => jobs.delete({}); // finding
export const build = (source: DataSource) => source.createQueryBuilder().delete().from(Job).execute(); // finding

export async function flush(source: DataSource, buffers: string[]) {
  const builder = source.createQueryBuilder().delete().from(Job);
  if (buffers?.length) {
    builder.where('buffer IN (:...buffers)', { buffers });
  }
  await builder.execute(); // finding
}
""",
        ),
        Bad(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export const accounts = (customer: string) => pool.query('SELECT * FROM account WHERE customer_id = $1', [customer]);
export const close = () => pool.query('UPDATE account SET open = false'); // finding
""",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]

def forget(session: Session, keys=None):
    statement = delete(Book)
    if keys:
        statement = statement.where(Book.id.in_(keys))
    session.execute(statement)  # finding

def forget_old(session: Session, books):
    forget(session, [book.id for book in books if book.old])

def remove(session: Session, keys, kind):
    if not keys and kind is None:
        raise ValueError("which books?")
    statement = delete(Book)
    if keys:
        statement = statement.where(Book.id.in_(keys))
    if kind:
        statement = statement.where(Book.kind == kind)
    session.execute(statement)  # finding
""",
            title="a caller passes what may be empty; a test that lets an empty word pass",
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


def renumber(numbers: list[int]):
    query = Invoice.update(number=0)
    if numbers:
        query = query.where(Invoice.number.in_(numbers))
    query.execute()  # finding
""",
            title="an update of Peewee",
        ),
        Bad(
            "python",
            """\
from pymongo.database import Database

def of(db: Database, user_id):
    return list(db.sessions.find({"user_id": user_id}))

def leave(db: Database, user_id):
    db.sessions.delete_many({})  # finding

def expire(db: Database):
    db.sessions.update_many({}, {"$set": {"expired": True}})  # finding
""",
            title="PyMongo",
        ),
        Bad(
            "python",
            """\
import beanie
import mongoengine

class User(mongoengine.Document):
    name = mongoengine.StringField()

class Session(mongoengine.Document):
    user = mongoengine.ReferenceField(User)

class Cart(beanie.Document):
    user_id: int

def of(user):
    return list(Session.objects(user=user))

def leave(user):
    Session.objects.delete()  # finding

async def carts(user_id):
    return await Cart.find(Cart.user_id == user_id).to_list()

async def forget(user_id):
    await Cart.delete_all()  # finding
""",
            title="MongoEngine and Beanie",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def forget(connection: sqlite3.Connection, user, condition):
    connection.execute("DELETE FROM session WHERE user_id = ?", (user,))
    connection.execute(f"DELETE FROM session {condition}")
    connection.execute("DELETE FROM session WHERE 1 = 1")
    connection.execute("DELETE FROM tmp_session")

def renew(connection: sqlite3.Connection, rates):
    connection.execute("DELETE FROM rate")
    connection.executemany("INSERT INTO rate (code, value) VALUES (?, ?)", rates)

def reset(connection: sqlite3.Connection):
    connection.execute("DELETE FROM session")
    connection.execute("DELETE FROM account")
""",
            title="a filter that cannot be seen, a table filled again, a reset",
        ),
        Good(
            "python",
            """\
import sqlite3

def choose(connection: sqlite3.Connection, key):
    connection.execute("UPDATE revision SET active = 0")
    connection.execute("UPDATE revision SET active = 1 WHERE id = ?", (key,))
""",
            title="one row of all gets the value that all others lose",
        ),
        Good(
            "python",
            """\
import MySQLdb

def close(connection):
    cursor = MySQLdb.connect().cursor()
    cursor.execute("DELETE FROM session LIMIT 1000")
    cursor.execute("UPDATE account a JOIN closing c ON c.account_id = a.id SET a.open = 0")
""",
            title="a limit; a join that narrows",
        ),
        Good(
            "python",
            """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class BookQuerySet(models.QuerySet):
    def sell(self):
        return self.update(sold=True)

def drafts(user):
    if user.is_authenticated:
        return Book.objects.filter(author=user.author, sold=False)
    return Book.objects.none()

def cancel(user):
    drafts(user).delete()

class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    sold = models.BooleanField(default=False)
    objects = BookQuerySet.as_manager()

def remove(author: Author, book: Book, books: "models.QuerySet[Book]", sold, conditions):
    author.books.all().delete()
    author.books.update(sold=True)
    book.delete()
    books.update(sold=True)
    Book.objects.bulk_update([book], ["sold"])
    Book.objects.filter(**conditions).delete()
    chosen = Book.objects.filter(sold=True) if sold else Book.objects.filter(author=author)
    chosen.delete()
""",
            title="instances, relations, what a caller narrowed, a condition in each branch",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from sqlalchemy import delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)

def remove(session: Session, book: Book, key: int):
    session.delete(book)
    session.query(Book).filter(Book.id == key).delete()
    session.execute(delete(Book).where(Book.id == key))
""",
        ),
        Good(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Job {
  @PrimaryColumn() id: string;
  @Column() buffer: string;
}

export async function remove(jobs: Repository<Job>, job: Job, id: string, where: object) {
  await jobs.remove(job);
  await jobs.delete(id);
  await jobs.delete({ buffer: id });
  await jobs.delete(where);
  await jobs.createQueryBuilder().delete().where('id = :id', { id }).execute();
}
""",
        ),
        Good(
            "python",
            """\
from sqlalchemy import delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]

def remove(session: Session, keys, kind):
    statement = delete(Book)
    narrowed = False
    if keys:
        statement = statement.where(Book.id.in_(keys))
        narrowed = True
    if kind is not None:
        statement = statement.where(Book.kind == kind)
        narrowed = True
    if not narrowed:
        return
    session.execute(statement)

def clear(session: Session, kind=None):
    query = session.query(Book)
    if kind is not None:
        query = query.filter(Book.kind == kind)
    query.delete()

def keep(session: Session, keys):
    statement = delete(Book)
    if keys:
        statement = statement.where(Book.id.not_in(keys))
    session.execute(statement)
""",
            title="one of the branches was taken; a parameter left out asks for all rows; rows that stay",
        ),
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function remove(id: number, where: object) {
  await client.session.deleteMany({ where: { id } });
  await client.session.deleteMany({ where });
  await client.session.delete({ where: { id } });
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Session {\n  id Int @id\n  userId String\n}\n"
                )
            },
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


def reset(customer: int):
    Invoice.update(number=0).where(Invoice.customer == customer).execute()
    Invoice.delete_by_id(3)
""",
            title="an update of Peewee for one customer",
        ),
        Good(
            "python",
            """\
from pymongo.database import Database

def of(db: Database, user_id):
    return list(db.sessions.find({"user_id": user_id}))

def leave(db: Database, user_id, query):
    db.sessions.delete_many({"user_id": user_id})
    db.sessions.delete_one({})
    db.sessions.delete_many(query)
    db.sessions.update_many({"user_id": {"$in": [user_id]}}, {"$set": {"expired": True}})
""",
            title="documents: filters, one document, a filter that cannot be seen",
        ),
    ),
)

_NEAR = 1
"""Calls between a function and a statement that still belongs to what the function does."""
_FEW = 3
"""Columns that a message names."""
_PASSING = frozenset({"tmp", "temp", "temporary", "staging", "stage", "scratch", "cache", "cached"})
"""Words in a table's name that say of its rows that nobody keeps them."""
_OTHERS = frozenset({"not-in", "<>"})
"""Operators of a condition that names the rows that are not meant."""
_WHOLE = frozenset("all every everything whole entire reset purge wipe truncate".split())
"""Words in a function's name that say that it means all rows, or whatever it is not told to leave."""


def check(project: Project) -> Iterator[Finding]:
    """One finding per statement that surely or sometimes has no condition."""
    taking = [
        (query, call)
        for call in project.calls
        for query in (call.queries if Effect.QUERY in call.effects else ())
        if _takes_all(query) and not _passing(query.table)
    ]
    wanted = _wanted(project) if taking else set()
    owners: Mapping[str, tuple[str, ...]] | None = None
    for query, call in taking:
        if query.where.surely_absent():
            if _by_hand(project, call) or (call.place, query.table) in wanted:
                continue
        elif _says_all(call.function) or _left_out(query) or _spares(query):
            continue
        if owners is None:  # whose rows tables hold is work to find out, and few projects have a place that asks
            owners = owning_columns(project)
        owner = owners.get(query.table.lower(), ())
        if owner or not query.where.surely_absent():
            yield _finding(query, call, project, owner)


def places(project: Project) -> Iterator[Place]:
    """The statements that change or remove rows which a condition chooses."""
    for call in project.calls:
        for query in call.queries if Effect.QUERY in call.effects else ():
            if query.verb in (Verb.UPDATE, Verb.DELETE) and not query.rows:
                yield query.place or call.place


def _by_hand(project: Project, call: Call) -> bool:
    """Whether somebody starts what does this, and wants just that: a script, or a command of a command line."""
    function = project.functions.get(call.function)
    return call.role is FileRole.SCRIPT or (function is not None and function.kind == "command")


def _takes_all(query: Query) -> bool:
    """Whether the statement can take every row of a stored table: nothing narrows it, surely or in some branch."""
    if query.verb not in (Verb.UPDATE, Verb.DELETE) or query.rows or query.limit.possibly():
        return False
    if not query.where.surely_absent() and not query.where.sometimes():
        return False
    if query.sources.open or not query.table:
        return False
    first, *others = query.sources.values()
    if not first.real or first.of_catalogue:
        return False
    return all(not other.join or other.join in ("left", "full", "cross") for other in others)


def _left_out(query: Query) -> bool:
    """Whether all rows are what a caller asks for that leaves out every parameter."""
    return all(element.condition is Origin.PARAMETER for element in query.where.elements)


def _spares(query: Query) -> bool:
    """Whether the conditions only say which rows stay (`id NOT IN …`): of a list without elements none does."""
    return all(
        isinstance(part, Not) or (isinstance(part, Compare) and part.operator in _OTHERS)
        for part in query.where.values()
    )


def _passing(table: str) -> bool:
    return not _PASSING.isdisjoint(table.lower().split("_"))


def _wanted(project: Project) -> set[tuple[Place, str]]:
    """The statements that mean all rows, as what their function does besides shows; by call and table."""
    found: set[tuple[Place, str]] = set()
    own: dict[str, list[Call]] = {}
    for call in project.calls:
        own.setdefault(call.function, []).append(call)
    taking = {function for function, calls in own.items() if any(True for call in calls for _ in _whole(call))}
    near_by = {call.function for call in project.invocations if not taking.isdisjoint(call.callees)}
    for function in sorted((taking | near_by) - {""}):
        # Only some of a function's routes are kept, but all of its calls.
        near = [Route((), call) for call in own.get(function, ())]
        near += [route for route in project.routes(function) if 0 < len(route.steps) <= _NEAR]
        whole = [(route.call.place, query) for route in near for query in _whole(route.call)]
        if not whole:
            continue
        emptied = {query.table.lower() for _, query in whole if query.verb is Verb.DELETE}
        named = _says_all(function)
        filled = _filled(near)
        chosen = _chosen(near)
        for place, query in whole:
            table = query.table.lower()
            meant = named or _makes(near, table) or _told_apart(near, query)
            if query.verb is Verb.DELETE:
                wanted = meant or len(emptied) > 1 or table in filled
            else:
                wanted = meant or any(
                    not _open(each) or not _open(other)
                    for each in query.assignments.values()
                    for other in chosen.get((table, each.column), ())
                )
            if wanted:
                found.add((place, query.table))
    return found


def _whole(call: Call) -> Iterator[Query]:
    """The statements of a call that take all rows."""
    return (query for query in call.queries if _takes_all(query) and query.where.surely_absent())


def _says_all(function: str) -> bool:
    name = function.rpartition("::")[2].rpartition(".")[2]
    return not _WHOLE.isdisjoint(spelling.words(name))


def _told_apart(routes: Sequence[Route], whole: Query) -> bool:
    """Whether the function does the same to some of the rows in a branch: it is asked for some of them or for all."""
    return any(
        query.verb is whole.verb and query.table.lower() == whole.table.lower() and query.where.surely()
        for route in routes
        if any(frame.kind == "branch" for frame in route.call.frames)
        for query in route.call.queries
        if not query.rows
    )


def _chosen(routes: Sequence[Route]) -> dict[tuple[str, str], list[Assignment]]:
    """By table and column what single rows get there on these routes: one of all is the chosen one."""
    found: dict[tuple[str, str], list[Assignment]] = {}
    for route in routes:
        for query in route.call.queries:
            if query.verb in (Verb.UPDATE, Verb.UPSERT) and (query.where.surely() or query.rows):
                for each in query.assignments.values():
                    found.setdefault((query.table.lower(), each.column), []).append(each)
    return found


def _open(assignment: Assignment) -> bool:
    """Whether the program hands in what is assigned: two such values may be the same."""
    return isinstance(assignment.value, Value) and assignment.value.origin is not Origin.CONSTANT


def _filled(routes: Sequence[Route]) -> set[str]:
    """The tables that get rows on these routes, several of them: one new row fills no table again."""
    return {
        query.table.lower()
        for route in routes
        for query in route.call.queries
        if query.verb in (Verb.INSERT, Verb.UPSERT) and (query.rows in ("many", "query") or _repeated(route))
    }


def _repeated(route: Route) -> bool:
    frames = (*route.call.frames, *(frame for step in route.steps for frame in step.frames))
    return any(frame.kind == "loop" for frame in frames)


def _makes(routes: Sequence[Route], table: str) -> bool:
    """Whether tables are made or dropped on these routes: that one, or any by more than housekeeping."""
    return any(
        Effect.CHANGE_SCHEMA in route.call.effects or any(query.shapes(table) for query in route.call.queries)
        for route in routes
    )


def _finding(query: Query, call: Call, project: Project, owner: Sequence[str]) -> Finding:
    deletes = query.verb is Verb.DELETE
    done = "deleted" if deletes else "updated"
    table = project.table(query.table)
    keys = next((key.columns for key in table.keys if key.kind == "primary"), ()) if table is not None else ()
    key = spelling.name(keys[0], query.dialect) if len(keys) == 1 else ""
    if query.where.sometimes():
        columns = ", ".join(dict.fromkeys(name for value in query.where.values() for name in _columns(value)))
        on = f" on {columns}" if columns else ""
        message = f"every row of {query.table} is {done} when its condition{on} is left out: only a branch adds it"
        verb = "delete" if deletes else "update"
        advice = f"where the condition{on} is missing, {verb} nothing (return or raise before the statement)"
    else:
        message = (
            f"every row of {query.table} is {done}: the statement has no condition; "
            f"elsewhere the program chooses its rows by {_listed(owner)}"
        )
        key = spelling.name(owner[0], query.dialect) if len(owner) == 1 else key
        name = spelling.name(query.table, query.dialect)
        words = ("DELETE FROM", name) if deletes else ("UPDATE", name, "SET …")
        statement = " ".join((*words, "WHERE", f"{key} = …" if key else "…"))
        advice = f"{statement}, or the same condition in the words of the library"
    return Finding(query.place or call.place, message, names={"table": query.table, "advice": advice})


def _listed(words: Sequence[str]) -> str:
    """Words in a sentence; of many, the first ones."""
    if len(words) > _FEW:
        return f"{', '.join(words[:_FEW])} and others"
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _columns(condition: Condition) -> Iterator[str]:
    """The columns that a condition compares."""
    pending = [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, And | Or):
            pending.extend(reversed(part.parts))
        elif isinstance(part, Not):
            pending.append(part.part)
        elif isinstance(part, Compare):
            if isinstance(part.left, Column):
                yield part.left.name
        else:
            yield from (column.name for column in part.columns)
