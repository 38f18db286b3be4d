"""Functions that are called through something: decorators, partial calls, tasks, executors, dependencies, properties,
general classes that a constructor makes particular ones."""

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from tests.link.linked import asked, linked

SHOP = """
    from contextlib import contextmanager
    from functools import cached_property, lru_cache, partial, partialmethod, wraps
    from typing import Generic, TypeVar

    from celery import Celery, shared_task
    from sqlalchemy import create_engine, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

    M = TypeVar("M")
    opened = sessionmaker(create_engine("sqlite://"))
    celery = Celery()

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Order(Base):
        __tablename__ = "order"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class ByClass(Generic[M]):
        model: type[M]

        def __init__(self, session: Session):
            self.session = session

        def get(self, key):
            return self.session.get(self.model, key)

        def by_name(self, name):
            return self.session.query(self.model).filter(self.model.name == name).first()

    class Users(ByClass[User]):
        model = User

    class Orders(ByClass[Order]):
        model = Order

    class ByArgument(Generic[M]):
        def __init__(self, model: type[M], session: Session):
            self.model = model
            self.session = session

        def get(self, key):
            return self.named(key)

        def named(self, key):
            return self.session.scalars(select(self.model).where(self.model.id == key)).one()

    class OwnUsers(ByArgument[User]):
        def __init__(self, session):
            super().__init__(User, session)

    class OwnOrders(ByArgument[Order]):
        def __init__(self, session):
            super().__init__(Order, session)

    def traced(function):
        @wraps(function)
        def inner(*args, **kwargs):
            return function(*args, **kwargs)
        return inner

    def retried(times):
        def outer(function):
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        return outer

    def with_session(function):
        @wraps(function)
        def inner(*args, **kwargs):
            with opened() as session:
                return function(session, *args, **kwargs)
        return inner

    def with_own_session(method):
        def inner(self, *args, **kwargs):
            return method(self, opened(), *args, **kwargs)
        return inner

    def with_named(function):
        def inner(*args, **kwargs):
            return function(*args, named=opened(), **kwargs)
        return inner

    @traced
    def load(session: Session, key):
        return session.query(User).filter(User.id == key).first()

    @retried(3)
    def load_order(session: Session, key):
        return session.query(Order).filter(Order.id == key).first()

    @with_session
    def injected(session, key):
        return session.query(User).filter(User.id == key).first()

    @with_named
    def injected_by_name(key, named=None):
        return named.query(User).filter(User.id == key).first()

    def any_of(session: Session, model, key):
        return session.query(model).filter(model.id == key).first()

    class Service:
        def __init__(self, session: Session):
            self.session = session

        def _get(self, cls, key):
            return self.session.query(cls).filter(cls.id == key).first()

        user = partialmethod(_get, User)

        @with_own_session
        def own(self, session, key):
            return session.query(User).filter(User.id == key).first()

        @property
        def latest(self):
            return self.session.query(Order).order_by(Order.id).first()

        @cached_property
        def kept(self):
            return self.session.query(Order).first()

        @lru_cache
        def remembered(self, key):
            return self.session.query(Order).filter(Order.id == key).first()

        @property
        def orders(self):
            return ByArgument(Order, self.session)

    @shared_task
    def task(key):
        with opened() as session:
            session.query(User).filter(User.id == key).first()

    @celery.task(name="other")
    def other(key):
        with opened() as session:
            session.query(Order).filter(Order.id == key).first()

    async def fetch(session: Session, key):
        return session.query(User).filter(User.id == key).first()
    """
TURNS = {
    "Users(session).get(key)": ("Users().get()", "user"),
    "orders.by_name(key)": ("orders.by_name()", "order"),
    "OwnUsers(session).get(key)": ("OwnUsers().get()", "user"),
    "OwnOrders(session).named(key)": ("OwnOrders().named()", "order"),
    "general.get(key)": ("general.get()", "order"),
    "service.orders.get(key)": ("service.orders.get()", "order"),
    "load(session, key)": ("load()", "user"),
    "load_order(session, key)": ("load_order()", "order"),
    "injected(key)": ("injected()", "user"),
    "injected_by_name(key)": ("injected_by_name()", "user"),
    "any_of(session, User, key)": ("any_of()", "user"),
    "any_of(session, Order, key)": ("any_of()", "order"),
    "given(key)": ("given()", "user"),
    "partial(load_order, session)(key)": ("partial()()", "order"),
    "service.user(key)": ("service.user()", "user"),
    "service.own(key)": ("service.own()", "user"),
    "key.latest": ("key.latest", "order"),
    "service.kept": None,
    "service.remembered(key)": None,
    "task.delay(key)": None,
    "other.apply_async((key,))": None,
    "task.run(key)": ("task.run()", "user"),
    "other(key)": ("other()", "order"),
    "await sync_to_async(load)(session, key)": ("sync_to_async()()", "user"),
    "await loop.run_in_executor(None, load, session, key)": ("loop.run_in_executor()", "user"),
    "await run_in_threadpool(load_order, session, key)": ("run_in_threadpool()", "order"),
    "tasks.append(asyncio.create_task(fetch(session, key)))": ("fetch()", "user"),
}
AT_ONCE = {
    "pool.map(partial(load, session), keys)": ("pool.map()", "user"),
    "await asyncio.gather(*[fetch(session, key) for key in keys])": ("fetch()", "user"),
}


@pytest.fixture(scope="module")
def shop() -> Project:
    turns = "".join(f"    for key in keys:\n        {turn}\n" for turn in TURNS)
    using = (
        "import asyncio\nfrom concurrent.futures import ThreadPoolExecutor\nfrom functools import partial\n"
        "from asgiref.sync import sync_to_async\nfrom starlette.concurrency import run_in_threadpool\n"
        "from shop import *\n"
        "from shop import load, load_order, any_of, injected, injected_by_name, fetch, task, other\n"
        "from shop import ByArgument, Order, Orders, OwnOrders, OwnUsers, Service, User, Users\n\n"
        "async def run(session, keys: list[Service], tasks):\n"
        "    loop = asyncio.get_running_loop()\n    service = Service(session)\n    orders = Orders(session)\n"
        "    general = ByArgument(Order, session)\n    given = partial(load, session)\n"
        "    pool = ThreadPoolExecutor()\n"
        f"{turns}" + "".join(f"    {call}\n" for call in AT_ONCE)
    )
    return linked({"shop.py": SHOP, "using.py": using})


def test_what_a_turn_of_a_loop_asks(shop: Project) -> None:
    found = [
        (invocation.source, sorted({query.table for route in routes for query in route.call.queries}))
        for invocation in sorted(shop.invocations, key=lambda each: each.place)
        if invocation.function == "using.py::run" and any(frame.kind == "loop" for frame in invocation.frames)
        if (routes := list(shop.onward(invocation)))
    ]
    expected = [told for told in (*TURNS.values(), *AT_ONCE.values()) if told is not None]
    assert found == [(source, [table]) for source, table in expected]


def test_the_value_of_a_turn_is_followed_through_what_was_given_before(shop: Project) -> None:
    calls = ("injected()", "given()", "service.user()", "service.own()", "load()")
    varying = {
        invocation.source: any(handed.varies for route in shop.onward(invocation) for handed in route.handed)
        for invocation in shop.invocations
        if invocation.source in calls
    }
    assert varying == dict.fromkeys(calls, True)


def test_what_is_put_under_keys_is_of_what_the_function_is_given() -> None:
    source = """
        from django.db import models

        class Kind(models.Model):
            slug = models.SlugField(unique=True)

        class Checked:
            def __init__(self, given):
                self.given = given

            def kinds(self):
                return by_slug(self.given.get("attributes"))

        def by_slug(attributes):
            found = {}
            for attribute in attributes:
                slug = attribute.get("slug")
                found[slug] = attribute.get("value")
            return Kind.objects.in_bulk(found.keys(), field_name="slug")

        def each(inputs, slugs):
            for given in inputs:
                checked = Checked(given)
                checked.kinds()
                by_slug(given)
                by_slug(slugs)
        """
    project = linked({"shop/models.py": source})
    assert [
        (invocation.source, any(handed.varies for route in project.onward(invocation) for handed in route.handed))
        for invocation in sorted(project.invocations, key=lambda each: each.place)
        if invocation.function.endswith("::each") and invocation.source != "Checked()"
    ] == [("checked.kinds()", True), ("by_slug()", True), ("by_slug()", False)]


DEPENDENCIES = """
    from typing import Annotated, Any

    from fastapi import APIRouter, Depends
    from shop import Session, User, Users, opened

    router = APIRouter()

    def get_session():
        with opened() as session:
            yield session

    def get_users(session: Session = Depends(get_session)):
        return Users(session)

    SessionDep = Annotated[Session, Depends(get_session)]

    class Pager:
        def __init__(self, session: SessionDep, limit: int = 10):
            self.session = session

    class Checker:
        def __init__(self, role):
            self.role = role

        def __call__(self, session: SessionDep) -> Pager:
            return Pager(session)

    class Controller:
        session: Session = Depends(get_session)

        @router.get("/own")
        def get(self):
            self.session.execute("SELECT 1 FROM own")

    @router.get("/")
    def show(
        pager: Annotated[Pager, Depends()],
        any_session: Annotated[Any, Depends(get_session)],
        plain=Depends(get_session),
        users=Depends(get_users),
        by_class=Depends(Pager),
        declared: Pager = Depends(),
        checked=Depends(Checker("admin")),
    ):
        pager.session.execute("SELECT 1 FROM pager")
        any_session.execute("SELECT 1 FROM any_session")
        plain.execute("SELECT 1 FROM plain")
        users.session.execute("SELECT 1 FROM users")
        by_class.session.execute("SELECT 1 FROM by_class")
        declared.session.execute("SELECT 1 FROM declared")
        checked.session.execute("SELECT 1 FROM checked")
    """


def test_dependencies_that_a_framework_hands_in() -> None:
    project = linked({"shop.py": SHOP, "api.py": DEPENDENCIES})
    assert [found[3] for found in asked(project) if found[0] == "execute"] == [
        "own", "pager", "any_session", "plain", "users", "by_class", "declared", "checked",
    ]  # fmt: skip


def test_a_statement_that_a_closure_runs_which_is_handed_on() -> None:
    project = linked(
        {
            "database.py": """
                import sqlite3

                class Database:
                    def __init__(self):
                        self.kept = None

                    def with_hooks(self, work):
                        return work

                    def run(self, work):
                        if self.kept is None:
                            self.kept = sqlite3.connect("shop.db")
                        work = self.with_hooks(work)
                        return work(self.kept)

                    def ask(self, sql):
                        def inner(connection):
                            return connection.execute(sql).fetchall()
                        return self.run(inner)
                """,
            "app.py": """
                from database import Database

                def page(database: Database):
                    database.ask("SELECT id FROM invoice")
                    database.run(lambda connection: connection.execute("SELECT id FROM customer"))
                """,
        }
    )
    found = [(call.place.path, query.table) for call in project.calls for query in call.queries if query.table]
    assert found == [("app.py", "invoice"), ("app.py", "customer")]


def test_a_key_that_chooses_a_handle_chooses_what_is_asked() -> None:
    project = linked(
        {
            "app.py": """
                import sqlite3

                def count(names):
                    shops = {"one": sqlite3.connect("one.db"), "two": sqlite3.connect("two.db")}
                    for name in names:
                        shops[name].execute("SELECT count(*) FROM invoice")
                        shops["one"].execute("SELECT id FROM invoice WHERE name = ?", (name,))
                """,
        }
    )
    counted = [call for call in project.calls if call.member == "execute"]
    assert [[frame.elsewhere for frame in call.frames if frame.kind == "loop"] for call in counted] == [[True], [False]]
