"""A read in a loop that asks the same in each turn.

The border to `query/n-plus-one`: that rule judges what an element of a loop decides anything of, also where the values
of the conditions are the same (it says so then), and this one what no element decides. A place whose query some loop
around it decides is never this rule's. A template's loop over rows counts, where it asks anew for what another row has.

Not reported: chunks, pages, retries, polling, iterations that pause, short lists that stand in the source; what a store
or a memoised function keeps, and queries that keep their rows; searches that leave the loop; reads on the way of an
error; reads whose answer the loop may change, by a write to the same table, by what cannot be told, or by the end of a
transaction; locks; rows in a random order; the row of a key, which an identity map may hold; and what is asked behind
a function that the loop calls.

Off by default: of 15 findings in strangers' code five were right: branches that one element reaches, statements
between that change the answer unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, Exposure, FileRole, Frame, Nature, Shown
from dblint.facts.project import Project
from dblint.facts.query import Function, Query, Verb
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule
from dblint_rules.query._loops import loop_of, made_in_loops
from dblint_rules.query._relations import few

_ENDS = frozenset({Effect.COMMIT, Effect.ROLLBACK, Effect.CHANGE_SCHEMA})
_RANDOM = frozenset({"random", "rand", "newid", "uuid"})

_SHOP = """\
from django.db import models

class Label(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    labels = models.ManyToManyField(Label)
"""
_EDIT = """\
{{ book.title }}
{% for label in labels %}
  {{ label.name }}{% if label in book.labels.all %} (chosen){% endif %}
{% endfor %}
"""

RULE = Rule(
    summary="a loop asks the database the same in each turn",
    why=(
        "Nothing of the query depends on the element, so each turn waits for a round trip whose answer the first one "
        "had. A loop over ten rows of a test does not show it, and one over ten thousand sends ten thousand."
    ),
    minimal="Read from {table} once, in front of the loop over {elements}, and use that inside.",
    better="Where only membership in {table} is tested, make a set of its keys in front of the loop.",
    complete="Let one query join {table} to what {elements} comes from, and let the database compare.",
    symptoms=("the same statement with the same parameters, many times in a row",),
    verify="SELECT calls, total_exec_time, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 30",
    verify_on=("postgres",),
    severity="warning",
    confidence="medium",
    default=False,
    checklist=("1.2",),
    looks_at="queries that read rows inside of loops",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from django.db import models

class Rate(models.Model):
    country = models.TextField()
    active = models.BooleanField()

def price(orders, day):
    total = 0
    for order in orders:
        rates = list(Rate.objects.filter(active=True))  # finding
        total += sum(order.total for rate in rates)
    return total

def known(names):
    return [name for name in names if name in Rate.objects.values_list("country", flat=True)]  # finding

def pairs(orders):
    for order in orders:
        for rate in Rate.objects.filter(active=True):  # finding
            yield order, rate
""",
            title="Django",
            path="shop/models.py",
        ),
        Bad(
            "python",
            """\
from sqlalchemy import Boolean, Column, Integer, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Rate(Base):
    __tablename__ = "rate"
    id = Column(Integer, primary_key=True)
    active = Column(Boolean)

def legacy(session: Session, orders):
    for order in orders:
        rates = session.query(Rate).filter(Rate.active).all()  # finding
        order.rate = rates[0]

def current(session: Session, orders, active):
    return [(order, session.scalars(select(Rate).where(Rate.active == active)).all()) for order in orders]  # finding
""",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Rate(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    active = db.Column(db.Boolean)

def price(orders):
    for order in orders:
        order.rates = Rate.query.filter_by(active=True).all()  # finding
""",
            title="Flask-SQLAlchemy",
        ),
        Bad(
            "python",
            """\
from sqlmodel import Field, Session, SQLModel, select

class Rate(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    active: bool

def price(session: Session, orders):
    for order in orders:
        order.rates = session.exec(select(Rate).where(Rate.active)).all()  # finding
""",
            title="SQLModel",
        ),
        Bad(
            "python",
            """\
import sqlite3

def price(db: sqlite3.Connection, orders, country):
    for order in orders:
        order.rate = db.execute("SELECT value FROM rate WHERE country = ?", (country,)).fetchall()  # finding
""",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function price(orders: { rate?: unknown }[]) {
  for (const order of orders) {
    order.rate = await client.rate.findMany({ where: { active: true } }); // finding
  }
}
""",
            title="Prisma",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Rate {\n  id Int @id\n  active Boolean\n}\n"
                )
            },
        ),
        Bad(
            "python",
            """\
from django.shortcuts import get_object_or_404, render
from shop.models import Book, Label

def edit(request, key):
    book = get_object_or_404(Book, pk=key)
    labels = list(Label.objects.order_by("name"))
    return render(request, "shop/edit.html", {"book": book, "labels": labels})  # finding
""",
            title="a template that asks for what one row has in its loop over others",
            path="shop/views.py",
            files={"shop/models.py": _SHOP, "shop/templates/shop/edit.html": _EDIT},
        ),
        Bad(
            "python",
            """\
import redis

cache = redis.Redis()

def discounted(lines):
    total = 0
    for line in lines:
        total += line * float(cache.get("rate"))  # finding
    return total
""",
            title="Redis",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import redis

cache = redis.Redis()

def until_stopped(lines, write):
    for line in lines:
        if cache.get("stop"):
            break
        write(line)

def counted(lines, write):
    for line in lines:
        cache.incr("lines")
        write(cache.get("lines"))

def together(lines):
    with cache.pipeline() as pipe:
        for line in lines:
            pipe.get("rate")
        return pipe.execute()
""",
            title="Redis: a flag that ends the loop, what the loop writes, a pipeline",
        ),
        Good(
            "python",
            """\
import time

from django.db import models, transaction

class Rate(models.Model):
    country = models.TextField()
    active = models.BooleanField()

def price(orders, write):
    rates = Rate.objects.filter(active=True)
    for order in orders:
        for rate in rates:
            write(order, rate)

def kept(orders, write):
    rates = None
    for order in orders:
        if rates is None:
            rates = list(Rate.objects.filter(active=True))
        write(order, rates)

def found(orders):
    for order in orders:
        if order.open:
            return Rate.objects.filter(active=True).first()

def changed(names, write):
    for name in names:
        Rate.objects.create(country=name, active=True)
        write(Rate.objects.filter(active=True).count())

def waited(names, write):
    for name in names:
        write(name, Rate.objects.filter(active=True).count())
        time.sleep(1)

def taken(workers):
    for worker in workers:
        with transaction.atomic():
            worker.rate = Rate.objects.select_for_update(skip_locked=True).filter(active=True).first()

def counted(names, write):
    number = 0
    for name in names:
        number += 1
        write(Rate.objects.filter(pk__gt=number).count())

def of_element(orders, write):
    for order in orders:
        write(Rate.objects.filter(country=order.country).count())

def shuffled(names):
    return [Rate.objects.order_by("?").first() for name in names]

def failed(names, run):
    for name in names:
        try:
            run(name)
        except LookupError:
            print(Rate.objects.filter(active=True).count())
            raise
""",
            title="a query that keeps its rows, stores, searches, writes, pauses, locks, counters, elements, errors",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
from django.shortcuts import get_object_or_404, render
from shop.models import Book, Label

def edit(request, key):
    book = get_object_or_404(Book.objects.prefetch_related("labels"), pk=key)
    return render(request, "shop/edit.html", {"book": book, "labels": Label.objects.order_by("name")})

def kept(request, key):
    return render(request, "shop/kept.html", {"book": Book.objects.get(pk=key), "labels": Label.objects.all()})
""",
            title="loaded with the row, kept in front of the loop, and asked in a loop over nothing of the database",
            path="shop/views.py",
            files={
                "shop/models.py": _SHOP,
                "shop/templates/shop/edit.html": _EDIT,
                "shop/templates/shop/kept.html": (
                    "{% with chosen=book.labels.all %}{% for label in labels %}"
                    "{% if label in chosen %}{{ label.name }}{% endif %}{% endfor %}{% endwith %}"
                    '{% for side in "ab" %}{{ book.labels.count }}{% endfor %}'
                    "{% for one in book.labels.all %}{{ one.name }}{% endfor %}"
                ),
            },
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per read that surely asks the same in each turn."""
    yield from _shown(project)
    reads = [(call, loop, query) for call in project.calls for loop, query in _same(call)]
    if not reads:
        return
    wanted = {loop.place for _, loop, _ in reads}
    changing: dict[Place, set[str]] = {place: set() for place in wanted}
    for place, made in made_in_loops(project):
        if place in wanted:
            changing[place] |= _changes(made)
    for invocation in project.invocations:
        for frame in invocation.frames:
            if frame.place in wanted and any(
                function is not None and function.changes for function in map(project.functions.get, invocation.callees)
            ):
                changing[frame.place].add("")
    for call, loop, query in reads:
        changed = changing[loop.place]
        if "" in changed or changed & {table.lower() for table in (query.table, *query.tables())}:
            continue
        yield _finding(call, loop, query)


def _shown(project: Project) -> Iterator[Finding]:
    """One finding per relation of another row that a template asks for anew in its loop over rows."""
    groups: dict[tuple[Place, Place, str], list[tuple[Exposure, Shown]]] = {}
    for exposure in project.exposures:
        for shown in exposure.repeated if not few(project, exposure.rows) else ():
            if shown.loaded == "no":
                key = (exposure.place, exposure.given, ".".join(shown.path))
                groups.setdefault(key, []).append((exposure, shown))
    for (place, given, path), reads in groups.items():
        exposure, first = reads[0]
        related = [Related(shown.place, f"{path} is asked for here") for _, shown in reads]
        yield Finding(
            place,
            f"`{exposure.by}` asks for {path} of one row the same for each of the {exposure.root} rows that it shows",
            names={"table": first.target, "elements": f"the {exposure.root} rows"},
            related=(*related, Related(given, f"gives the {exposure.root} rows")),
        )


def places(project: Project) -> Iterator[Place]:
    """The reads that stand in a loop."""
    yield from (shown.place for exposure in project.exposures for shown in exposure.repeated)
    for call in project.calls:
        looped = any(frame.kind == "loop" for frame in call.frames)
        if looped and Effect.QUERY in call.effects and any(query.verb.reads for query in call.asked):
            yield call.place


def _same(call: Call) -> Iterator[tuple[Frame, Query]]:
    """The loop that repeats the query of a call as it is, if there is one."""
    if Effect.QUERY not in call.effects or call.memoised or call.refreshes or len(call.asked) != 1:
        return
    if call.batches and (
        call.batches == "flush" or not call.commands or any(frame.concurrent for frame in call.frames)
    ):
        return
    query = call.asked[0]
    if not query.verb.reads or not _repeatable(query) or loop_of(call) is not None:
        return
    inner: list[Frame] = []
    for frame in reversed(call.frames):
        if frame.kind == "loop":
            left = frame.leaves or frame.seeks or frame.kept or frame.pauses
            outer = [each for each in call.frames if each.kind == "loop"]
            steady = all(each.nature in (Nature.EACH, Nature.CONSTANT) for each in outer)
            if frame.nature is Nature.EACH and frame.same and not left and steady:
                if not any(each.kind in ("catch", "finally", "transaction") for each in inner):
                    yield frame, query
            return
        inner.append(frame)


def _repeatable(query: Query) -> bool:
    """Whether the same statement gives the same rows, as far as the statement says."""
    sources = list(query.sources.values())
    if query.of_keys:
        return bool(query.table) and not query.sources.open and not query.whole and query.expects != "stream"
    if not sources or not all(source.real and source.name and not source.of_catalogue for source in sources):
        return False
    if query.sources.open or query.locks.possibly() or query.several:
        return False
    if query.expects == "unique":
        return False
    made = [*query.projection.values(), *(order.expression for order in query.order.values())]
    return not any(isinstance(each, Function) and each.name in _RANDOM for each in made)


def _changes(call: Call) -> set[str]:
    """The tables whose rows a call may change, "" for any."""
    found = {"" for effect in call.effects if effect in _ENDS}
    for query in call.queries:
        if query.verb.writes:
            found |= {table.lower() for table in (query.table, *query.tables())}
        elif not query.verb.reads and query.verb is not Verb.COMMAND:
            found.add("")
    if Effect.QUERY in call.effects and (not call.asked or any(not command.verb.reads for command in call.commands)):
        found.add("")
    return found


def _finding(call: Call, loop: Frame, query: Query) -> Finding:
    elements = f"`{loop.source}`" if loop.source else "its elements"
    within = call.frames[call.frames.index(loop) + 1 :]
    branched = any(frame.kind == "branch" for frame in within)
    reached = " that comes there" if branched else ""
    return Finding(
        call.place,
        f"`{call.source}` asks {query.table} the same in each turn{reached} of the loop over {elements}",
        names={"table": query.table, "elements": loop.source or "its elements"},
        related=(Related(loop.place, f"the loop over {elements}"),),
        idiom=call.idiom,
        confidence="low" if branched else "",
    )
