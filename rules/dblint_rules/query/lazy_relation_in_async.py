"""A relation is read that an asynchronous session cannot load any more: reading it raises an error.

Spoken of where a loop reads the relation of its rows, or something shows it of each (a `response_model`), and neither
their query nor the mapping loaded it. For synchronous sessions `query/lazy-relation-in-loop` and
`query/lazy-relation-in-list` say that each row asks the database.

Not reported: what those two cannot say either: relations that the query loads in a part that cannot be read, that the
loop sets before, or that are read only where another value of the row is empty; relations to one row that the function
may have read before, since the session finds it by its key; attributes that are awaited (`awaitable_attrs`); functions
that nothing in a whole program names.

What it cannot say: relations of a single row, outside of loops; rows that a commit made expire.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Access, Exposure, FileRole, Shown
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import elements_of, loop_of
from dblint_rules.query._relations import loading, within

_ORDERS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(AsyncAttrs, DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")

class Shop(Base):
    __tablename__ = "shop"
    id: Mapped[int] = mapped_column(primary_key=True)
    town: Mapped[str]

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")
    shop: Mapped[Shop] = relationship(lazy="selectin")
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines")
"""

RULE = Rule(
    summary="a relation is read that an asynchronous session cannot load any more",
    why=(
        "An asynchronous session asks the database only where it is awaited. Reading an attribute is not awaited, so a "
        "relation that was not loaded with its rows is an error there ({raised}), in every request that comes to it. "
        "Tests miss it where their session has made the rows itself and still holds them."
    ),
    minimal="Let the query of the {root} rows load {relation} with them.",
    better=(
        "Say what a list needs where its query is written, in one function per list, so that whoever reads one more "
        "relation of {root} also loads it."
    ),
    complete=(
        'Declare the relations of {root} with an error for whatever was not loaded (`lazy="raise"`), so that '
        "synchronous code and tests refuse it, too, and test each list with rows that another session has made."
    ),
    symptoms=("MissingGreenlet", "greenlet_spawn has not been called", "can't call await_only() here"),
    verify="SELECT xact_rollback, xact_commit FROM pg_stat_database WHERE datname = current_database()",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    uses=True,
    default=False,
    checklist=("1.2",),
    looks_at="relations that loops read of rows, and lists show",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from orders import Customer, Order

async def towns(session: AsyncSession):
    found = await session.scalars(select(Order).where(Order.id > 3))
    return [(order.shop.town, order.customer.name) for order in found]  # finding

async def skus(session: AsyncSession):
    result = await session.execute(select(Order).limit(5))
    for order in result.scalars().all():
        for line in order.lines:  # finding
            print(line.sku)

def label(order: Order) -> str:
    return f"{order.id} {order.customer.name}"

async def labels(session: AsyncSession):
    return [label(order) for order in await session.scalars(select(Order))]  # finding
""",
            title="in a list, in a loop of few rows, in a function that the loop calls",
            path="report.py",
            files={"orders.py": _ORDERS},
        ),
        Bad(
            "python",
            """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from orders import Order

app = FastAPI()
sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://db/shop"))

async def session():
    async with sessions() as opened:
        yield opened

class LineOut(BaseModel):
    sku: str

class OrderOut(BaseModel):
    id: int
    lines: list[LineOut]

@app.get("/orders", response_model=list[OrderOut])
async def orders(opened: AsyncSession = Depends(session)):
    return (await opened.scalars(select(Order).limit(50))).all()  # finding
""",
            title="the response model of a handler",
            path="api.py",
            files={"orders.py": _ORDERS},
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload
from orders import Customer, Order

async def loaded(session: AsyncSession):
    statement = select(Order).options(joinedload(Order.customer), selectinload(Order.lines))
    found = await session.scalars(statement)
    return [(order.customer.name, [line.sku for line in order.lines]) for order in found.unique()]

async def by_the_mapping(session: AsyncSession):
    return [order.shop.town for order in await session.scalars(select(Order))]

async def known(session: AsyncSession):
    customers = {customer.id: customer for customer in await session.scalars(select(Customer))}
    return [order.customer.name for order in await session.scalars(select(Order))], customers

async def awaited(session: AsyncSession):
    return [await order.awaitable_attrs.lines for order in await session.scalars(select(Order))]

async def refreshed(session: AsyncSession):
    for order in await session.scalars(select(Order)):
        await session.refresh(order, ["lines"])
        print(len(order.lines))

async def back(session: AsyncSession):
    statement = select(Customer).options(selectinload(Customer.orders))
    return [order.customer.name for one in await session.scalars(statement) for order in one.orders]

async def inside(session: AsyncSession):
    return await session.run_sync(names)

def names(session: Session):
    return [order.customer.name for order in session.scalars(select(Order))]
""",
            title="loaded by the query or the mapping, known by its key, awaited, refreshed, in a thread of its own",
            path="report.py",
            files={"orders.py": _ORDERS},
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per query and path of relations."""
    groups: dict[Place, dict[tuple[str, ...], list[Access]]] = {}
    for access in project.accesses:
        if access.loaded == "raises" and not access.fallback and not project.unused(access.function):
            groups.setdefault(access.given, {}).setdefault(access.path, []).append(access)
    for read in groups.values():
        for path in [path for path in read if not any(within(other, path) for other in read)]:
            yield _read(sorted(read[path], key=lambda access: (access.place, len(access.steps), access.at)))
    for exposure in project.exposures:
        lists: dict[tuple[str, ...], Shown] = {}
        for shown in exposure.shown:
            if shown.loaded == "raises" and not shown.branch:
                lists.setdefault(shown.path, shown)
        for path, shown in lists.items():
            if exposure.given not in groups and not any(within(other, path) for other in lists):
                yield _shown(exposure, shown)


def places(project: Project) -> Iterator[Place]:
    """The relations that loops read and lists show."""
    yield from (access.place for access in project.accesses)
    yield from (shown.place for exposure in project.exposures for shown in exposure.shown)


def _read(reads: list[Access]) -> Finding:
    first = reads[0]
    loop = loop_of(first)
    relation = ".".join(first.path)
    source = first.steps[0].source if first.steps else first.source
    related = [Related(loop.place, f"the loop over {elements_of(loop)}")] if loop is not None else []
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps if step.source]
    if first.steps:
        related.append(Related(first.at, f"`{first.source}` is read"))
    related.append(Related(first.given, f"the query of the {first.root} rows, which does not load {relation}"))
    seen = {first.place}
    for access in reads[1:]:
        if access.place not in seen:
            seen.add(access.place)
            related.append(Related(access.place, f"{relation} is read here, too"))
    known = "" if first.several or not first.identity else f" unless the session has its {first.relation} already"
    return Finding(
        first.place,
        f"`{source or first.source}` raises {first.raised}{known}: the query of the {first.root} rows did not load "
        f"{relation}, and an asynchronous session loads nothing when an attribute is read",
        names={"root": first.root, "relation": relation, "table": first.table, "raised": first.raised},
        related=tuple(related),
        remedy=_remedy(first, first.root, several=first.several),
        idiom=first.idiom,
        sub="cross-function" if first.steps else "read",
    )


def _shown(exposure: Exposure, shown: Shown) -> Finding:
    relation = ".".join(shown.path)
    related = [Related(shown.place, f"`{exposure.by}` shows {relation}")] if shown.place != exposure.given else []
    return Finding(
        exposure.given,
        f"`{exposure.by}` shows {relation} of {exposure.root}, which this query does not load: reading it raises "
        f"{shown.raised}, as an asynchronous session loads nothing when an attribute is read",
        names={"root": exposure.root, "relation": relation, "table": shown.table, "raised": shown.raised},
        related=tuple(related),
        remedy=_remedy(shown, exposure.root, several=shown.several),
        idiom=exposure.idiom,
        sub="shown",
    )


def _remedy(read: Access | Shown, root: str, *, several: bool) -> Remedy:
    """What the query of the rows says to load the relation."""
    holes = {
        "path": "__".join(read.path),
        "queried": "__".join(read.queried),
        "root": root,
        "first": read.path[0],
        "model": read.model,
        "relation": read.relation,
    }
    return Remedy(loading(read.path, several=several), holes)
