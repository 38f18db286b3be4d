"""Columns that are computed from what was read of them, and rows that are inserted because none was found."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.text import Place
from tests.link.linked import linked


def written(source: str, place: Place | None) -> str:
    """What stands at a place."""
    return dedent(source).encode()[place.start : place.stop].decode() if place is not None else ""


def changes(project: Project, source: str) -> list[tuple[str, str, str, str, str]]:
    """(function, column, operator and amount, what writes it, flags) of every computation."""
    return [
        (
            one.function.partition("::")[2],
            f"{one.table}.{one.column}",
            f"{one.operator} {one.amount}",
            written(source, one.write),
            flags(one, ("locked", "compared", "made", "repeated")),
        )
        for one in project.recomputed
    ]


def inserts(project: Project, source: str) -> list[tuple[str, str, str, str, str]]:
    """(function, the table with its columns, those that are surely the same, the read, flags) of every insert."""
    return [
        (
            one.function.partition("::")[2],
            f"{one.table}({', '.join(one.columns)})",
            ", ".join(one.same),
            written(source, one.read),
            flags(one, ("open", "caught", "locked", "alone")),
        )
        for one in project.ensured
    ]


def flags(fact: Recomputed | Ensured, names: Iterable[str]) -> str:
    return " ".join(name for name in names if getattr(fact, name))


def test_columns_that_are_computed_from_what_was_read() -> None:
    source = """\
        import sqlite3
        from django.db import connection, models
        from django.db.models import F

        class Poll(models.Model):
            votes = models.IntegerField(default=0)
            version = models.IntegerField(default=0)

            def vote(self):
                self.votes += 1
                self.save()

            def save(self, *arguments, **named):
                super().save(*arguments, **named)

        def name(key):
            poll = Poll.objects.get(pk=key)
            votes = poll.votes
            votes += 2
            Poll.objects.filter(pk=poll.pk).update(votes=votes)

        def empty(key, number):
            poll = Poll.objects.get(pk=key)
            poll.votes = max(0, int(poll.votes or 0) - number)
            poll.save()

        def version(key):
            poll = Poll.objects.get(pk=key)
            Poll.objects.filter(pk=key, version=poll.version).update(votes=poll.votes + 1)

        def other_row(key, last: Poll):
            Poll.objects.filter(pk=key).update(votes=last.votes + 1)

        def computed(key):
            poll = Poll.objects.get(pk=key)
            poll.votes = F("votes") + 1
            poll.save()

        def unsaved(key):
            poll = Poll.objects.get(pk=key)
            poll.votes += 1
            return poll

        def new():
            poll = Poll(votes=1)
            poll.votes += 1
            poll.save()

        def progress(key, items):
            poll = Poll.objects.get(pk=key)
            for item in items:
                poll.votes += 1
                poll.save()

        def each():
            for poll in Poll.objects.all():
                poll.votes += 1
                poll.save()

        def text(db: sqlite3.Connection, key):
            cursor = db.cursor()
            cursor.execute("SELECT version, votes FROM poll WHERE id = ?", (key,))
            row = cursor.fetchone()
            cursor.execute("UPDATE poll SET votes = ? WHERE id = ?", (row[1] + 1, key))
            cursor.execute("UPDATE poll SET votes = ? WHERE id = ?", (row[0] + 1, key))
        """
    poll = "shop_poll.votes"
    assert changes(linked({"shop/models.py": source}), source) == [
        ("Poll.vote", poll, "+ 1", "self.save()", ""),
        ("name", poll, "+ 2", "Poll.objects.filter(pk=poll.pk).update(votes=votes)", ""),
        ("empty", poll, "- number", "poll.save()", ""),
        (
            "version",
            poll,
            "+ 1",
            "Poll.objects.filter(pk=key, version=poll.version).update(votes=poll.votes + 1)",
            "compared",
        ),
        ("new", poll, "+ 1", "poll.save()", "made"),
        ("progress", poll, "+ 1", "poll.save()", "repeated"),
        ("each", poll, "+ 1", "poll.save()", ""),
        (
            "text",
            "poll.votes",
            "+ 1",
            'cursor.execute("UPDATE poll SET votes = ? WHERE id = ?", (row[1] + 1, key))',
            "",
        ),
    ]


def test_locks_are_seen_wherever_they_are_taken() -> None:
    source = """\
        from django.db import connection, models

        class Poll(models.Model):
            votes = models.IntegerField(default=0)

        def change(poll: Poll):
            poll.votes += 1
            poll.save()

        def by_caller(key):
            change(Poll.objects.select_for_update().get(pk=key))

        def find(key, for_update=False):
            found = Poll.objects.all()
            if for_update:
                found = found.select_for_update()
            return found.get(pk=key)

        def asked(key):
            poll = find(key, for_update=True)
            poll.votes += 1
            poll.save()

        def not_asked(key):
            poll = find(key)
            poll.votes -= 1
            poll.save()

        def advisory(key):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(1)")
            poll = Poll.objects.get(pk=key)
            poll.votes += 1
            poll.save()

        def named(key, cache):
            with cache.lock("poll"):
                poll = Poll.objects.get(pk=key)
                poll.votes += 1
                poll.save()

        class Owner(models.Model):
            name = models.TextField()

        def owners():
            return Owner.objects.order_by("pk").select_for_update()

        def by_owner(owner, key):
            owners().filter(pk=owner.pk).first()
            count(Poll.objects.filter(pk=key).first())

        def count(poll: Poll):
            poll.votes += 1
            poll.save()
        """
    found = [(function, mark) for function, _, _, _, mark in changes(linked({"shop/models.py": source}), source)]
    assert found == [
        ("change", "locked"),
        ("asked", "locked"),
        ("not_asked", "locked"),  # what it calls may lock, and nobody says here that it does not
        ("advisory", "locked"),
        ("named", "locked"),
        ("count", "locked"),  # by a row of another table, which its caller locks and drops
    ]


def test_locks_count_before_the_change_however_far_away() -> None:
    source = """\
        from sqlalchemy import select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

        class Base(DeclarativeBase):
            pass

        class Stock(Base):
            __tablename__ = "stock"
            id: Mapped[int] = mapped_column(primary_key=True)
            amount: Mapped[int]

        def lock(session: Session, key):
            return session.execute(select(Stock).where(Stock.id == key).with_for_update()).scalar_one()

        def by_caller(session: Session, key):
            late(session, key)

        def late(session: Session, key):
            stock = session.get(Stock, key)
            stock.amount += 1
            session.commit()
            session.execute(select(Stock).where(Stock.id == key).with_for_update())

        def flushed(session: Session, key):
            stock = session.get(Stock, key)
            stock.amount += 1
            session.flush()
            session.execute(select(Stock).where(Stock.id == key).with_for_update())
            session.commit()

        def first(session: Session, key):
            stock = session.execute(select(Stock).where(Stock.id == key).with_for_update()).scalar_one()
            second(session, stock)

        def second(session: Session, stock: Stock):
            third(session, stock)

        def third(session: Session, stock: Stock):
            fourth(session, stock)

        def fourth(session: Session, stock: Stock):
            fifth(session, stock)

        def fifth(session: Session, stock: Stock):
            stock.amount += 1
            session.flush()

        def behind(session: Session, stock: Stock):
            steps(session, stock)
            session.execute(select(Stock).where(Stock.id == stock.id).with_for_update())

        def steps(session: Session, stock: Stock):
            last(session, stock)

        def last(session: Session, stock: Stock):
            stock.amount -= 1
            session.flush()

        def turns(session: Session, keys):
            for key in keys:
                turn(session, session.get(Stock, key))

        def turn(session: Session, stock: Stock):
            stock.amount -= 2
            session.execute(select(Stock).where(Stock.id == stock.id).with_for_update())
        """
    found = [(function, mark) for function, _, _, _, mark in changes(linked({"shop.py": source}), source)]
    assert found == [("late", ""), ("flushed", ""), ("fifth", "locked"), ("last", ""), ("turn", "")]


def test_what_a_function_settles_of_a_row_itself() -> None:
    source = """\
        from decimal import Decimal
        from sqlalchemy import ForeignKey, Integer, Text, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

        class Base(DeclarativeBase):
            pass

        class Meter(Base):
            __tablename__ = "meter"
            id: Mapped[int] = mapped_column(Integer, primary_key=True)
            plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
            kind: Mapped[str] = mapped_column(Text)
            units: Mapped[int] = mapped_column(Integer)
            spent: Mapped[int] = mapped_column(Integer)

            def reset(self) -> None:
                self.units = Decimal(0)

        class Plan(Base):
            __tablename__ = "plan"
            id: Mapped[int] = mapped_column(Integer, primary_key=True)
            state: Mapped[str] = mapped_column(Text)
            stops: Mapped[int] = mapped_column(Integer)
            meters: Mapped[list[Meter]] = relationship("Meter")

            def meter(self, kind: str) -> Meter | None:
                for one in self.meters:
                    if one.kind == kind:
                        return one
                return None

            def become(self, state: str) -> None:
                self.state = state

        def of_all(session: Session, plan: Plan, lines):
            for one in plan.meters:
                one.reset()
            for line in lines:
                found = plan.meter(line.kind)
                found.units += line.units
                found.spent += line.units
            session.commit()

        def of_others(session: Session, plan: Plan, other: Plan, lines):
            for one in other.meters:
                one.reset()
            for line in lines:
                found = plan.meter(line.kind)
                found.units += line.units
            session.commit()

        def of_one(session: Session, key, lines):
            found = session.get(Meter, key)
            found.units = 0
            found.units += 5
            session.commit()

        def of_some(session: Session, key, new):
            found = session.get(Meter, key)
            if new:
                found.units = 0
            found.units += 5
            session.commit()

        def stop(session: Session, plan: Plan):
            if plan.state != "running":
                raise ValueError("only what runs can be stopped")
            plan.become("stopped")
            plan.stops += 1
            session.commit()

        def stay(session: Session, plan: Plan):
            if plan.state != "running":
                return
            plan.become("running")
            plan.stops += 1
            session.commit()

        def allowed(session: Session, plan: Plan):
            if plan.state == "running":
                plan.stops += 1
            session.commit()
        """
    found = linked({"shop/models.py": source}).recomputed
    assert [(one.function.partition("::")[2], one.column, flags(one, ("guarded",))) for one in found] == [
        ("of_all", "spent", ""),
        ("of_others", "units", ""),
        ("of_some", "units", ""),
        ("stop", "stops", "guarded"),
        ("stay", "stops", ""),
        ("allowed", "stops", ""),
    ]


def test_units_of_work_watch_their_rows() -> None:
    source = """\
        from sqlalchemy import Integer, Text, select
        from sqlalchemy.exc import IntegrityError
        from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

        class Base(DeclarativeBase):
            pass

        class Tag(Base):
            __tablename__ = "tag"
            id = mapped_column(Integer, primary_key=True)
            name = mapped_column(Text, unique=True)
            uses = mapped_column(Integer)

        def use(session: Session, key):
            tag = session.get(Tag, key)
            tag.uses += 1
            session.commit()

        def find(session: Session, word):
            return session.scalar(select(Tag).where(Tag.name == word))

        def tag(session: Session, name):
            if find(session, name) is None:
                session.add(Tag(name=name))

        def other(session: Session, name, text):
            if find(session, text) is None:
                session.add(Tag(name=name))

        def met(session: Session, name):
            found = session.query(Tag).filter_by(name=name).one_or_none()
            if found is None:
                session.add_all([Tag(name=name)])
                session.add(Tag(name=name))
                try:
                    session.commit()
                except IntegrityError:
                    session.rollback()
        """
    project = linked({"shop/models.py": source})
    assert changes(project, source) == [("use", "tag.uses", "+ 1", "session.commit()", "")]
    by_name = "session.scalar(select(Tag).where(Tag.name == word))"
    assert inserts(project, source) == [
        ("tag", "tag(name)", "name", by_name, ""),
        ("other", "tag(name)", "", by_name, ""),
        ("met", "tag(name)", "name", "session.query(Tag).filter_by(name=name).one_or_none()", "caught"),
    ]


def test_rows_that_are_inserted_because_none_was_found() -> None:
    source = """\
        from django.core.management.base import BaseCommand
        from django.db import models
        from framework import driver

        FIRST = "first"

        class Shelf(models.Model):
            name = models.CharField(max_length=50)

        class Jar(models.Model):
            shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="jars")
            code = models.CharField(max_length=50)

        def early(shelf, code):
            jar = Jar.objects.filter(shelf=shelf, code=code).first()
            if jar:
                return jar
            return Jar.objects.create(shelf_id=shelf.pk, code=code)

        def counted(code, shelf):
            if Jar.objects.filter(code=code).count() == 0:
                jar = Jar(code=code)
                jar.shelf = shelf
                jar.save()

        def tried(code):
            try:
                return Jar.objects.get(code=code)
            except Jar.DoesNotExist:
                return Jar.objects.create(code=code)

        def constant(shelf):
            if not Jar.objects.filter(code="first").exists():
                Jar.objects.create(code="first", shelf=shelf)
                Jar.objects.create(code="second", shelf=shelf)

        def found(code):
            if Jar.objects.filter(code=code).exists():
                Jar.objects.create(code=code)

        def narrower(code):
            if not Jar.objects.filter(code=code, pk__gt=3).exists():
                Jar.objects.create(code=code)

        def both(code):
            return Jar.objects.get_or_create(code=code, defaults={"shelf_id": 1})

        def helper(code):
            if not Jar.objects.filter(code=code).exists():
                Jar.objects.create(code=code)

        @driver.on_startup
        async def begun():
            if not await Jar.objects.filter(code="first").aexists():
                await Jar.objects.acreate(code="first")

        def mixed(shelf):
            if not Jar.objects.filter(code=FIRST, shelf=shelf).exists():
                Jar.objects.create(code=FIRST, shelf=shelf)

        class Command(BaseCommand):
            def handle(self, *arguments, **options):
                helper("a")
        """
    project = linked({"shop/models.py": source})
    assert [one.function.partition("::")[2] for one in project.ensured if one.fixed] == [
        "constant",
        "constant",
        "begun",
        "mixed",
    ]
    assert project.ensured[-1].fixed == ("code",)
    assert inserts(project, source) == [
        (
            "early",
            "shop_jar(shelf_id, code)",
            "shelf_id, code",
            "Jar.objects.filter(shelf=shelf, code=code).first()",
            "",
        ),
        ("counted", "shop_jar(code)", "code", "Jar.objects.filter(code=code).count()", "open"),
        ("tried", "shop_jar(code)", "code", "Jar.objects.get(code=code)", ""),
        ("constant", "shop_jar(code)", "code", 'Jar.objects.filter(code="first").exists()', ""),
        ("constant", "shop_jar(code)", "", 'Jar.objects.filter(code="first").exists()', ""),
        (
            "both",
            "shop_jar(code)",
            "code",
            'Jar.objects.get_or_create(code=code, defaults={"shelf_id": 1})',
            "open",
        ),
        ("helper", "shop_jar(code)", "code", "Jar.objects.filter(code=code).exists()", "alone"),
        ("begun", "shop_jar(code)", "code", 'Jar.objects.filter(code="first").aexists()', "alone"),
        (
            "mixed",
            "shop_jar(code, shelf_id)",
            "code, shelf_id",
            "Jar.objects.filter(code=FIRST, shelf=shelf).exists()",
            "",
        ),
    ]


def test_what_frameworks_run_is_run_by_many_whoever_else_calls_it() -> None:
    """A test, or a command, that calls a task does not make it a thing of one process."""
    source = """\
        from celery import shared_task
        from django.db import models

        class Shelf(models.Model):
            name = models.CharField(max_length=50)

        def shelf(name):
            if not Shelf.objects.filter(name=name).exists():
                Shelf.objects.create(name=name)

        @shared_task
        def fill(name):
            if not Shelf.objects.filter(name=name).exists():
                Shelf.objects.create(name=name)

        def prepared(name):
            if not Shelf.objects.filter(name=name).exists():
                Shelf.objects.create(name=name)
        """
    caller = """\
        from django.core.management.base import BaseCommand
        from shop.models import fill, prepared, shelf

        class Command(BaseCommand):
            def handle(self, *arguments, **options):
                fill("a")
                prepared("a")
        """
    tested = """\
        from shop.models import fill, shelf

        def test_both():
            fill("a")
            shelf("a")
        """
    project = linked(
        {
            "shop/models.py": source,
            "shop/management/commands/fill_shelves.py": caller,
            "shop/tests/test_models.py": tested,
        },
        roles={"shop/tests/test_models.py": FileRole.TEST},
    )
    assert [(one[0], one[-1]) for one in inserts(project, source)] == [
        ("shelf", ""),
        ("fill", ""),
        ("prepared", "alone"),
    ]


def test_keywords_that_a_read_and_an_insert_are_both_given() -> None:
    source = """\
        from django.db import models
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import Session, declarative_base

        class Note(models.Model):
            name = models.CharField(max_length=50)
            kind = models.CharField(max_length=50)

        Base = declarative_base()

        class Mark(Base):
            __tablename__ = "mark"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            kind = Column(String)

        def both(name, **more):
            if not Note.objects.filter(name=name, **more).exists():
                Note.objects.create(name=name, **more)

        def either(name, **more):
            return Note.objects.get_or_create(name=name, **more)

        def added(session: Session, name, **more):
            mark = session.query(Mark).filter_by(name=name, **more).first()
            if mark is None:
                session.add(Mark(name=name, **more))

        def changed(name, **more):
            if not Note.objects.filter(name=name, **more).exists():
                more["kind"] = "new"
                Note.objects.create(name=name, **more)

        def others(name, more, rest):
            if not Note.objects.filter(name=name, **more).exists():
                Note.objects.create(name=name, **rest)

        def listed(name, *words, **more):
            if not Note.objects.filter(*words, name=name, **more).exists():
                Note.objects.create(name=name, **more)

        def begun(name, **more):
            notes = Note.objects.filter(**name)
            if not notes.filter(name="a", **more).exists():
                Note.objects.create(name="a", **more)
        """
    project = linked({"shop/models.py": source})
    assert [(one.function.partition("::")[2], one.columns, one.same, one.spread) for one in project.ensured] == [
        ("both", ("name",), ("name",), "more"),
        ("either", ("name",), ("name",), "more"),
        ("added", ("name",), ("name",), "more"),
    ]


def test_values_that_another_file_writes() -> None:
    """Their places are of that file, whose tree may be longer than that of the call."""
    padding = "".join(f"export const unused{number} = [{number}, {number}, {number}];\n" for number in range(200))
    files = {
        "schema.prisma": """
            datasource db {
              provider = "postgresql"
              url = env("DATABASE_URL")
            }
            generator client {
              provider = "prisma-client-js"
            }
            model Counter {
              id Int @id
              seen Int
            }
        """,
        "changes.ts": padding + "export const changes = (row: { seen: number }) => ({\n  seen: row.seen,\n});\n",
        "count.ts": """
            import { PrismaClient } from '@prisma/client';
            import { changes } from './changes';
            const prisma = new PrismaClient();
            export async function count(id: number) {
              const row = await prisma.counter.findUnique({ where: { id } });
              await prisma.counter.update({ where: { id: row.id }, data: { ...changes(row) } });
              await prisma.counter.update({ where: { id: row.id }, data: { seen: row.seen + 1 } });
            }
        """,
    }
    project = linked({path: dedent(text) for path, text in files.items()})
    assert changes(project, files["count.ts"]) == [
        (
            "count",
            "Counter.seen",
            "+ 1",
            "prisma.counter.update({ where: { id: row.id }, data: { seen: row.seen + 1 } })",
            "",
        )
    ]


def test_what_the_program_s_own_file_starts_runs_once() -> None:
    models = """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

        Base = declarative_base()
        Session = scoped_session(sessionmaker())

        class Shelf(Base):
            __tablename__ = "shelf"
            id = Column(Integer, primary_key=True)
            nightly = Column(Integer)
            worked = Column(Integer)
            shown = Column(Integer)
            parted = Column(Integer)
        """
    source = """
        import web
        from models import Session, Shelf

        def nightly(key):
            shelf = Session.query(Shelf).get(key)
            shelf.nightly += 1
            Session.commit()

        def every_night():
            key = 0
            while True:
                key += 1
                if key > 9:
                    break
                nightly(key)

        def worked(key):
            shelf = Session.query(Shelf).get(key)
            shelf.worked += 1
            Session.commit()

        def shown(key):
            shelf = Session.query(Shelf).get(key)
            shelf.shown += 1
            Session.commit()

        def parted(key):
            shelf = Session.query(Shelf).get(key)
            shelf.parted += 1
            Session.commit()

        if __name__ == "__main__":
            every_night()
            shown(1)
            parted(1)
            while True:
                worked(1)
        """
    web = """
        from flask import Flask
        from models import Session, Shelf
        import job

        app = Flask(__name__)

        @app.route("/")
        def page():
            job.shown(1)

        @app.route("/other")
        def other():
            Session.query(Shelf).get(1).parted = 0
            Session.commit()
        """
    project = linked({"models.py": models, "job.py": source, "web.py": web})
    assert [(one.column, one.alone) for one in project.recomputed] == [
        ("nightly", True),
        ("worked", False),
        ("shown", False),
        ("parted", False),
    ]
