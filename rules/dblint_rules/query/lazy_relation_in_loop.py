"""A relation is read of each row in a loop, and the rows' query did not load it.

The border to `query/n-plus-one`: this rule speaks where the program reads a relation of its rows, as an attribute or
all of it, which the query of the rows can load with them. A query that the loop writes itself is the other's, also one
that asks for some of a relation's rows (`book.tags.filter(…)`), since no eager load gives those.

Not reported: relations that the query, or the mapping, loads, or may load in a part that cannot be read; the way back
to the row whose relation gave the rows, and what is read of that row; relations that the loop sets before; rows of one
key and few rows (what lies above a node of a tree, too); what the function surely does not reach as it is called, and
what it does where something fails or makes an error of it; functions that write, or act outside of the program, on
their way, turns of three writes or more (also of functions that they call) or of a delete that takes rows of several
tables along, relations that are read before a turn surely sends a mail or a request or acts outside in another way, and
what the row that is read is told to do that writes or acts so (units of work); rows that an inner loop deletes one by
one; units of work that each turn commits, and that forget what they have loaded; what is read only where another value
of the row is empty (`book.label or book.author.name`: how many rows that are, only the data say); rows of a list of
keys in which every caller hands one; loops of chunks, loops that are left with the first element, and iterations that
pause; for libraries that find rows again by their keys, relations to one row of a table that the function asked before,
that is the same for all rows, or of a table of few rows (of others the message says that each row is asked for once),
and those of commands, whoever starts one waits once for each distinct row; sessions in which nothing can be loaded
later; functions that nothing in a whole program names.

What it cannot say: how many rows there are, and whether they all lead to the same one; whether code that gets the rows
loads more of them, where it is not the project's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dblint.facts import spelling
from dblint.facts.program import Access, Call, Effect, FileRole, Frame, Invocation
from dblint.facts.project import Project
from dblint.facts.query import Verb
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import elements_of, loop_of, takes_along
from dblint_rules.query._relations import few, loading, short, within

_SHOP = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Tag(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)

    def label(self):
        return f"{self.title} by {self.author.name}"

    def __str__(self):
        return self.label()
"""
_ORDERS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines")
"""
_CUSTOMERS = """\
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn, Repository } from 'typeorm';

@Entity()
export class Address {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  city: string;
}

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;

  @ManyToOne(() => Address)
  address: Address;

  @OneToMany(() => Invoice, (invoice) => invoice.customer)
  invoices: Promise<Invoice[]>;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  number: string;

  @Column()
  paid: boolean;

  @ManyToOne(() => Customer, (customer) => customer.invoices, { lazy: true })
  customer: Customer;
}

"""

_ENTITIES = """\
import { Collection, Entity, ManyToOne, OneToMany, PrimaryKey, Property, Ref } from '@mikro-orm/core';

@Entity()
export class Shelf {
  @PrimaryKey()
  id!: number;

  @Property()
  name!: string;

  @OneToMany(() => Jar, (jar) => jar.shelf)
  jars = new Collection<Jar>(this);
}

@Entity()
export class Jar {
  @PrimaryKey()
  id!: number;

  @Property()
  weight!: number;

  @ManyToOne(() => Shelf, { ref: true })
  shelf!: Ref<Shelf>;
}
"""

RULE = Rule(
    summary="a relation is loaded once per row of a loop",
    why=(
        "Reading a relation that was not loaded looks like reading an attribute, and is a query: a hundred rows "
        "ask a hundred times, each a round trip, while their own query could have brought all of it. It is the usual "
        "cause of pages that get slower with every row."
    ),
    minimal="{minimal}",
    better=(
        "Say what a list needs where its query is written, in one function per list, so that whoever shows one more "
        "relation of {root} also loads it."
    ),
    complete=(
        "Count the queries of each list in tests, with three rows and with thirty, and make relations that nobody "
        "loaded an error where lists of {root} are rendered."
    ),
    symptoms=("the same SELECT by key, again and again", "a list gets slower with every row", "N+1 of an ORM"),
    verify="SELECT calls, rows / calls AS rows_per_call, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    uses=True,
    checklist=("1.2",),
    looks_at="relations that loops read of rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from shop.models import Book

def names():
    for book in Book.objects.filter(title__startswith="A"):
        print(book.title, book.author.name)  # finding

def tagged(books):
    return [(book.title, [tag.name for tag in book.tags.all()]) for book in books]  # finding

def page():
    return tagged(Book.objects.order_by("title"))

def labels():
    lines = [book.label() for book in Book.objects.all()]  # finding
    return lines + [str(book) for book in Book.objects.all()]  # finding
""",
            title="in a loop, in a comprehension, and by a method of the model",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from orders import Line, Order

def report(session: Session):
    for order in session.scalars(select(Order).options(selectinload(Order.lines))).all():
        print(order.customer.name, len(order.lines))  # finding

def parts(session: Session):
    return {order.id: [line.id for line in order.lines] for order in session.query(Order).all()}  # finding

def customers(session: Session):
    lines = session.execute(select(Line)).scalars().all()
    return [line.order.customer.name for line in lines]  # finding
""",
            path="report.py",
            files={"orders.py": _ORDERS},
        ),
        Bad(
            "python",
            """\
from flask_sqlalchemy import SQLAlchemy
from sqlmodel import Field, Relationship, Session, SQLModel, select

db = SQLAlchemy()

class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("author.id"))
    author = db.relationship(Author)

    @classmethod
    def listed(cls):
        return cls.query.order_by(cls.id)

class Team(SQLModel, table=True):
    id: int = Field(primary_key=True)
    name: str

class Hero(SQLModel, table=True):
    id: int = Field(primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    team: Team = Relationship()

def books():
    return [book.author.name for book in Book.listed()]  # finding

def heroes(session: Session):
    return [hero.team.name for hero in session.exec(select(Hero))]  # finding
""",
            title="libraries that extend another one's models",
            path="shop.py",
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


def names():
    for invoice in Invoice.select().where(Invoice.number > 3):
        print(invoice.customer.name)  # finding
""",
            title="a foreign key of Peewee",
        ),
        Bad(
            "python",
            """\
from mongoengine import Document, IntField, ReferenceField, StringField

class Customer(Document):
    name = StringField()

class Invoice(Document):
    customer = ReferenceField(Customer)
    total = IntField()

def names(limit):
    return [invoice.customer.name for invoice in Invoice.objects(total__gt=limit)]  # finding
""",
            title="MongoEngine",
        ),
        Bad(
            "typescript",
            """\
import { EntityManager } from '@mikro-orm/postgresql';
import { Jar, Shelf } from './entities';

export async function heavy(em: EntityManager, least: number) {
  for (const jar of await em.find(Jar, { weight: { $gt: least } })) {
    console.log(jar.id, (await jar.shelf.load()).name); // finding
  }
}

export async function shelves(em: EntityManager) {
  for (const shelf of await em.find(Shelf, {})) {
    console.log(shelf.name, await shelf.jars.loadItems()); // finding
  }
}
""",
            files={"entities.ts": _ENTITIES},
            title="MikroORM",
        ),
        Bad(
            "typescript",
            _CUSTOMERS
            + """\
export async function print(customers: Repository<Customer>, invoices: Repository<Invoice>) {
  for (const customer of await customers.find()) {
    const numbers = (await customer.invoices).map((invoice) => invoice.number); // finding
    console.log(customer.name, numbers);
  }
  const found = await invoices.findBy({ paid: false });
  return Promise.all(found.map(async (invoice) => [invoice.number, (await invoice.customer).name])); // finding
}
""",
            title="TypeORM: a relation that is a promise is asked for when it is read",
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { EntityManager } from '@mikro-orm/postgresql';
import { Jar, Shelf } from './entities';

export async function heavy(em: EntityManager, least: number) {
  for (const jar of await em.find(Jar, { weight: { $gt: least } }, { populate: ['shelf'] })) {
    console.log(jar.id, (await jar.shelf.load()).name, jar.shelf.$.name);
  }
}

export async function shelves(em: EntityManager) {
  const found = await em.find(Shelf, {});
  await em.populate(found, ['jars']);
  for (const shelf of found) {
    console.log(shelf.name, await shelf.jars.loadItems());
  }
}
""",
            files={"entities.ts": _ENTITIES},
        ),
        Good(
            "python",
            """\
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from shop.models import Author, Book, Tag

def names():
    for book in Book.objects.select_related("author").prefetch_related("tags"):
        print(book.title, book.author.name, book.author_id, [tag.name for tag in book.tags.all()])

def own(author: Author):
    return [book.author.name for book in author.books.all()]

def all_of_them():
    for author in Author.objects.prefetch_related(Prefetch("books", Book.objects.prefetch_related("tags"))):
        for book in author.books.all():
            print(book.author.name, book.label(), len(book.tags.all()))

def first():
    return [book.author.name for book in Book.objects.order_by("title")[:3]]

def keys():
    return [str(key) for key in Book.objects.values_list("pk", flat=True)]

def newest(most=10):
    return [book.author.name for book in Book.objects.order_by("-id")[:most]]

def both(title):
    whole = Book.objects.select_related("author").filter(title=title)
    return [book.author.name for book in whole.union(Book.objects.filter(title=None))]

def given(authors):
    for book in Book.objects.all():
        book.author = authors[book.author_id]
        print(book.author.name)

def refused(form, found):
    for book in Book.objects.filter(title__in=found):
        form.add_error("title", ValidationError("%s has it" % book.author.name))
""",
            title="loaded with the rows, also of a union, the way back, a few rows, relations that are set, errors",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
        Good(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, raiseload
from orders import Customer, Line, Order

def report(session: Session):
    for order in session.scalars(select(Order).options(joinedload(Order.customer))):
        print(order.customer.name, order.customer_id)

def of_one(session: Session, customer_id: int):
    return [order.customer.name for order in session.scalars(select(Order).where(Order.customer_id == customer_id))]

def of_one_further_on(session: Session, order_id: int):
    return [line.order.customer.name for line in session.scalars(select(Line).where(Line.order_id == order_id))]

def all_known(session: Session):
    customers = {customer.id: customer for customer in session.scalars(select(Customer))}
    return [order.customer.name for order in session.scalars(select(Order))], customers

def back(session: Session, order: Order):
    return [line.order.id for line in order.lines]

def refused(session: Session):
    return [order.customer for order in session.scalars(select(Order).options(raiseload("*")))]

async def waited(session: AsyncSession):
    return [order.customer for order in await session.scalars(select(Order))]
""",
            title="rows that are known by their key, what is refused, and what cannot be loaded later",
            path="report.py",
            files={"orders.py": _ORDERS},
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


class Read(Base):
    @classmethod
    def select(cls, *columns):
        return super().select(*columns)


class Line(Read):
    invoice = ForeignKeyField(Invoice, backref="lines")


def names():
    for invoice in Invoice.select(Invoice, Customer).join(Customer).where(Invoice.number > 3):
        print(invoice.customer.name)
    for invoice in Invoice.select().where(Invoice.number > 3):
        print(invoice.customer_id)
    for customer in Customer.select().where(Customer.name == "A").prefetch(Invoice):
        print([invoice.number for invoice in customer.invoices])
    for line in Line.select(Line, Invoice).join(Invoice).where(Line.invoice > 3):
        print(line.invoice.number)
""",
            title="relations of Peewee that were loaded, or may have been",
        ),
        Good(
            "python",
            """\
from mongoengine import Document, IntField, ReferenceField, StringField

class Customer(Document):
    name = StringField()

class Invoice(Document):
    customer = ReferenceField(Customer)
    total = IntField()

def names(limit):
    return [invoice.customer.name for invoice in Invoice.objects(total__gt=limit).select_related()]

def totals(limit):
    return [invoice.total for invoice in Invoice.objects(total__gt=limit)]
""",
            title="MongoEngine: dereferenced together, or the totals alone",
        ),
        Good(
            "python",
            """\
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Alert(Base):
    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    subscriptions: Mapped[list["Subscription"]] = relationship()

class Subscription(Base):
    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))

def evaluate(session: Session, notify):
    for alert in session.scalars(select(Alert).where(Alert.state == "new")).all():
        alert.state = "told"
        session.commit()
        notify(list(alert.subscriptions))
""",
            title="a commit in each turn: what was loaded of the rows is forgotten",
        ),
        Good(
            "typescript",
            _CUSTOMERS
            + """\
export async function print(customers: Repository<Customer>, invoices: Repository<Invoice>) {
  for (const customer of await customers.find({ relations: { invoices: true } })) {
    console.log(customer.name, (await customer.invoices).length, customer.address.city);
  }
  const found = await invoices.createQueryBuilder('i').leftJoinAndSelect('i.customer', 'customer').getMany();
  return Promise.all(found.map(async (invoice) => [invoice.number, (await invoice.customer).name]));
}
""",
            title="TypeORM: relations that were loaded, and one that is not loaded when it is read",
        ),
    ),
)


_DECIDING = frozenset({"branch", "catch"})
"""Frames by which a turn of a loop need not reach what stands in it."""
_MOST = 3
"""Writes from which on a turn of a loop is a unit of work: what it reads for them is little."""


def check(project: Project) -> Iterator[Finding]:
    """One finding per query and path of relations: the loops that read it of the query's rows; where these begin with
    the same loop, one for all of them."""
    groups: dict[Place, dict[tuple[str, ...], list[tuple[Access, Frame]]]] = {}
    committing, working, deleting = _committing(project), _working(project), _deleting(project)
    for access in project.accesses:
        loop = _asking(project, access)
        if loop is None or loop.place in working or (access.session and loop.place in committing):
            continue
        if not _deleted(access, deleting):
            groups.setdefault(access.given, {}).setdefault(access.path, []).append((access, loop))
    for paths in groups.values():
        told: dict[Place, list[Finding]] = {}
        for whole in [path for path in paths if not any(within(path, other) for other in paths)]:
            reads = list(paths[whole])
            for path in sorted(path for path in paths if within(path, whole)):
                reads += paths.pop(path) if path in paths else []
            reads.sort(key=lambda read: (read[0].place, len(read[0].steps), read[0].at))
            told.setdefault(reads[0][1].place, []).append(_finding(reads, whole))
        for findings in told.values():
            yield from _together(findings)


def _together(findings: list[Finding]) -> Iterator[Finding]:
    """What a loop asks for of the rows of one query, which can load all of it: the first that it reads itself, with the
    others and where they are asked for. Of those that it only leads to each is told, as its route is its own."""
    first, *others = sorted(findings, key=lambda finding: (finding.sub != "read", finding.place))
    if not others or first.sub != "read":
        yield from findings
        return
    relations = dict.fromkeys(other.names["relation"] for other in others)
    related = [*first.related]
    for other in others:
        related.append(Related(other.place, other.message))
        related += (each for each in other.related if each.place not in {known.place for known in related})
    message = f"{first.message} (also for {', '.join(relations)})"
    loaded = dict.fromkeys(each.names["relation"] for each in (first, *others) if each.remedy is not None)
    told = [_loads(first.names["root"], spelling.together(loaded))] if loaded else []
    told += [each.names["minimal"] for each in (first, *others) if each.remedy is None]
    remedies = [each.remedy for each in (first, *others) if each.remedy is not None]
    yield replace(
        first,
        message=message,
        names={**first.names, "minimal": " ".join(dict.fromkeys(told))},
        related=tuple(related),
        remedy=remedies[0] if remedies else None,
        further=tuple(remedies[1:]),
    )


def _loads(root: str, relations: str) -> str:
    return f"Let the query of the {root} rows load {relations} with them."


def _committing(project: Project) -> frozenset[Place]:
    """The loops whose turns commit: a unit of work then forgets what it has loaded of the rows to come, too, so that no
    query could load it for all."""
    found: list[Call | Invocation] = [call for call in project.calls if Effect.COMMIT in call.effects]
    for invocation in project.invocations:
        functions = [project.functions.get(callee) for callee in invocation.callees]
        if any(function is not None and function.commits for function in functions):
            found.append(invocation)
    return frozenset(frame.place for fact in found for frame in fact.frames if frame.kind == "loop")


def _working(project: Project) -> frozenset[Place]:
    """The loops each of whose turns writes in several statements, by itself or by functions that it calls: it is a unit
    of work, and the relation one of all that it asks for. What looks for a row first need not write. A row whose delete
    takes those of several tables along is as much."""
    found: dict[Place, dict[Place, int]] = {}
    facts: list[tuple[Call | Invocation, int]] = [
        (call, _MOST if any(takes_along(project, query) for query in call.queries) else 1)
        for call in project.calls
        if _writes(call) and not call.seeks
    ]
    for invocation in project.invocations:
        functions = [project.functions.get(callee) for callee in invocation.callees]
        if any(function is not None and function.changes for function in functions):
            if any(frame.kind == "loop" for frame in invocation.frames):
                facts.append((invocation, max(1, len(_behind(project, invocation)))))
    for fact, writes in facts:
        for frame in reversed(fact.frames):
            if frame.kind in _DECIDING:
                break
            if frame.kind == "loop":
                found.setdefault(frame.place, {})[fact.place] = writes
    return frozenset(loop for loop, places in found.items() if sum(places.values()) >= _MOST)


def _deleting(project: Project) -> dict[str, list[tuple[Place, str]]]:
    """The loops that delete each of their elements, with the table, by file."""
    found: dict[str, list[tuple[Place, str]]] = {}
    for call in project.calls:
        loop = call.frames[-1] if call.frames else None
        if loop is not None and loop.kind == "loop" and loop.dependent and Effect.QUERY in call.effects:
            for query in call.queries:
                if query.verb is Verb.DELETE and query.rows == "one" and query.table:
                    found.setdefault(call.place.path, []).append((loop.place, query.table))
    return found


def _deleted(access: Access, deleting: Mapping[str, list[tuple[Place, str]]]) -> bool:
    """Whether a loop goes through the rows of the relation, as it stands in its head, and deletes one by one what it
    gets: each costs a statement of its own, beside which the one that reads them is little."""
    return not access.steps and any(
        table == access.table
        and place.start <= access.place.start
        and access.place.stop <= place.stop
        and all(frame.place != place for frame in access.frames)
        for place, table in deleting.get(access.place.path, ())
    )


def _writes(call: Call) -> bool:
    return Effect.QUERY in call.effects and any(query.verb.writes for query in call.queries)


def _behind(project: Project, invocation: Invocation) -> set[Place]:
    """The writes that a call of a function surely comes to: each of those that it may be has as many."""
    least: set[Place] | None = None
    for callee in invocation.callees:
        writes = {
            route.call.place
            for route in project.routes(callee)
            if _writes(route.call)
            and not route.call.seeks
            and not any(
                frame.kind in _DECIDING or frame.kind == "loop"
                for frames in (*(step.frames for step in route.steps), route.call.frames)
                for frame in frames
            )
        }
        least = writes if least is None or len(writes) < len(least) else least
    return least or set()


def places(project: Project) -> Iterator[Place]:
    """The relations that loops read."""
    yield from (access.place for access in project.accesses)


def _asking(project: Project, access: Access) -> Frame | None:
    """The loop that asks for the relation once per element, or None."""
    if access.loaded != "no" or few(project, access.rows) or project.unused(access.function):
        return None
    if access.handle and not any(call.memoised for call in access.calls):
        return None
    loop = loop_of(access)
    if loop is None or loop.pauses:
        return None
    if access.fallback or access.unit or access.alone or (access.identity and short(project, access.table)):
        return None
    function = project.functions.get(access.function)
    if access.identity and function is not None and function.kind == "command":
        return None  # whoever starts it by hand waits once for each of the distinct rows
    functions = [project.functions.get(step.callee) for step in access.steps]
    if any(function is not None and function.changes for function in functions):
        return None
    # The row is read for a mail, a request or a job, beside which it is little.
    return None if not loop.concurrent and project.acts_after(access.place, loop.place) else loop


def _often(reads: list[tuple[Access, Frame]], last: Access, elements: str) -> str:
    """How often the relation is asked for, as far as the source says it."""
    asking = [(access, loop) for access, loop in reads if access.path == last.path]
    if all(access.identity for access, _ in reads):
        return f"once per distinct {last.relation} of {elements}"
    shared = dict.fromkeys(_shared(access) for access, _ in asking)
    if len(shared) == 1 and (step := next(iter(shared))):
        return f"once per distinct {step} of {elements}"
    if all(loop.passes or access.partly for access, loop in asking) and not _both_arms(asking):
        return f"once per element of {elements} that passes a condition"
    return f"once per element of {elements}{' that has one' if last.nullable else ''}"


def _both_arms(asking: list[tuple[Access, Frame]]) -> bool:
    """Whether both arms of one condition in the loop ask, so that every element does."""
    arms: dict[Place, set[str]] = {}
    for access, loop in asking:
        inside = access.frames[access.frames.index(loop) + 1 :]
        if len(inside) == 1 and inside[0].kind == "branch" and not access.partly:
            arms.setdefault(inside[0].place, set()).add(inside[0].construct)
    return any(len(each) > 1 for each in arms.values())


def _shared(access: Access) -> str:
    """The relation on the way whose rows were loaded by a query of their own: all that refer to one of them have it as
    one object, which asks once."""
    if access.several:
        return ""
    separate = [eager.path for eager in access.rows.eager.values() if eager.strategy == "separate"]
    for length in range(len(access.path) - 1, 0, -1):
        if any(path[:length] == access.path[:length] for path in separate):
            return access.path[length - 1]
    return ""


def _finding(reads: list[tuple[Access, Frame]], whole: tuple[str, ...]) -> Finding:
    first, loop = reads[0]
    last = next(access for access, _ in reads if access.path == whole)
    relation = ".".join(whole)
    asked = spelling.together(".".join(path) for path in sorted({access.path for access, _ in reads}, key=len))
    elements = elements_of(loop)
    through = f", through `{first.source}`" if first.steps else ""
    source = first.steps[0].source if first.steps else first.source
    related = [Related(loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps if step.source]
    if first.steps:
        related.append(Related(first.at, f"`{first.source}` is read"))
    related.append(Related(first.given, f"the query of the {first.root} rows, which does not load {relation}"))
    seen = {first.place}
    for access, _ in reads[1:]:
        if access.place not in seen:
            seen.add(access.place)
            related.append(Related(access.place, f"{'.'.join(access.path)} is read here, too"))
    keyed = last.keyed if len(whole) == 1 and all(access.keyed for access, _ in reads) else ""
    minimal = _loads(first.root, relation)
    if keyed:
        minimal = f"Read {keyed} in the place of {relation} and its key: the {first.root} rows have it."
    roots = sorted({access.root for access, _ in reads})
    root = roots[0] if len(roots) == 1 else f"{len(roots)} models ({', '.join(roots[:3])} …)"
    return Finding(
        first.place,
        f"`{source or first.source}` asks for {asked} of {root} {_often(reads, last, elements)}{through}",
        names={"root": first.root, "relation": relation, "table": last.table, "minimal": minimal},
        related=tuple(related),
        remedy=None if keyed else _remedy(last, whole),
        idiom=first.idiom,
        sub="cross-function" if first.steps else "read",
    )


def _remedy(access: Access, path: tuple[str, ...]) -> Remedy:
    """What the query of the rows says to load the relation."""
    holes = {
        "path": "__".join(path),
        "queried": "__".join(access.queried),
        "root": access.root,
        "first": path[0],
        "model": access.model,
        "relation": access.relation,
    }
    if access.handle and all(query.verb is Verb.AGGREGATE for call in access.calls for query in call.queries):
        return Remedy("eager-count", holes)
    return Remedy(loading(path, several=access.several), holes)
