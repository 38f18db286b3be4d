"""A relation to several rows is loaded by a join, in a query that has a limit, or beside another such relation.

Not reported: relations to one row, relations that are loaded by statements of their own, and paths of which one
relation cannot be said.

What it cannot say: how many rows the relations lead to.

Off by default: too few findings were met to draw from, so that its precision is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.program import Call, Effect
from dblint.facts.project import Project
from dblint.facts.query import Eager, Element, Query, Verb, When
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

_ORDERS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()
    lines: Mapped[list["Line"]] = relationship(back_populates="order")
    notes: Mapped[list["Note"]] = relationship(back_populates="order")

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines")

class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="notes")
"""

RULE = Rule(
    summary="a collection is loaded by a join where rows are limited or multiply",
    why=(
        "A join repeats each row once per row of its collection. With a limit the library first wraps the query into "
        "a subquery, so that the page keeps its size, and then sends every column of each row again and again; a join "
        "that the query has itself is cut by the limit, and the last collection comes in part. Two collections beside "
        "each other give their product: ten lines and ten notes are a hundred rows."
    ),
    minimal="Load {relation} by a statement of its own for all rows of the page.",
    better="Load only relations to one row by joins, and every collection of {model} by a statement of its own.",
    complete="Give the page a query that selects what it shows, and count or aggregate {relation} in the database.",
    symptoms=(
        "many more rows are sent than the page has",
        "memory grows with the collection",
        "a collection lacks rows",
    ),
    verify="SELECT query, calls, rows / calls AS rows_per_call FROM pg_stat_statements ORDER BY rows DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.2",),
    looks_at="queries that load relations",
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload
from orders import Customer, Order

def page(session: Session, number: int):
    statement = select(Order).options(joinedload(Order.lines)).order_by(Order.id).limit(20).offset(20 * number)
    return session.scalars(statement).unique().all()  # finding

def cut(session: Session):
    query = session.query(Order).join(Order.lines).options(contains_eager(Order.lines))
    return query.limit(20).all()  # finding

def product(session: Session):
    return session.query(Order).options(joinedload(Order.lines), joinedload(Order.notes)).all()  # finding
""",
            path="pages.py",
            files={"orders.py": _ORDERS},
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from orders import Customer, Order

def page(session: Session, number: int):
    statement = select(Order).options(joinedload(Order.customer), selectinload(Order.lines)).limit(20)
    return session.scalars(statement).all()

def whole(session: Session):
    return session.query(Order).options(joinedload(Order.lines), selectinload(Order.notes)).all()
""",
            path="pages.py",
            files={"orders.py": _ORDERS},
        ),
    ),
)


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per query."""
    if Effect.QUERY not in call.effects:
        return
    for query in call.queries:
        if query.verb is Verb.SELECT and query.expects not in ("one", "unique"):
            yield from _of_query(call, project, query)


def places(project: Project) -> Iterator[Place]:
    """The queries that load relations."""
    for call in project.calls:
        if Effect.QUERY in call.effects and any(query.eager.elements for query in call.queries):
            yield call.place


def _of_query(call: Call, project: Project, query: Query) -> Iterator[Finding]:
    joined = [
        element
        for element in query.eager.elements
        if element.value.strategy in ("joined", "from-join") and element.when is When.ALWAYS
    ]
    several = [element for element in joined if _collections(project, query, element.value) >= 1]
    if not several:
        return
    beside = [
        element
        for element in several
        if not any(element is not other and _behind(other.value.path, element.value.path) for other in several)
    ]
    if query.limit.possibly() and not (query.limit.open and not query.limit.elements):
        cut = [element for element in several if element.value.strategy == "from-join"]
        relation = ".".join((cut or several)[0].value.path)
        message = (
            f"the limit counts rows of the join with {relation}: the last collection comes in part"
            if cut
            else f"{relation} is joined to a limited query, which becomes a subquery: rows come once per {relation}"
        )
        yield _finding(call, query, (cut or several)[0], message)
    elif len(beside) > 1:
        relations = spelling.together([".".join(element.value.path) for element in beside])
        yield _finding(call, query, beside[-1], f"{relations} are joined beside each other: the rows multiply")


def _finding(call: Call, query: Query, element: Element[Eager], message: str) -> Finding:
    path, model = element.value.path, next((source.model for source in query.sources.values()), query.table)
    holes = {"model": model, "relation": path[0], "path": "__".join(path)}
    remedy = Remedy("eager-load-apart", holes) if len(path) == 1 else None
    names = {"relation": ".".join(path), "model": model}
    return Finding(query.place or call.place, message, names=names, remedy=remedy, idiom=call.idiom)


def _behind(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one path goes on where the other ends."""
    return len(path) > len(other) and path[: len(other)] == other


def _collections(project: Project, query: Query, eager: Eager) -> int:
    """How many relations of a path surely lead to several rows; none where one of them is not known."""
    table: Table | None = project.table(query.table)
    found = 0
    for name in eager.path:
        relation = table.relation(name) if table is not None else None
        if relation is None or not relation.kind:
            return 0
        found += relation.kind != "to-one"
        table = project.table(relation.target)
    return found
