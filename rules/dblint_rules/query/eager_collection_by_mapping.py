"""A mapping loads a relation to several rows with every query of its model.

It is a choice and no mistake: where each use needs the collection, it saves a query per row; where most do not, each of
them pays for it, and a query cannot say less than its mapping without naming the relation.

What it cannot say: how many rows there are, and how many of the queries need them.

Off by default: which side of the trade is the right one, the source does not say.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.project import Project
from dblint.facts.schema import Relation, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="a mapping loads a collection with every query of its model",
    why=(
        "What a mapping loads, every query of the model loads, also one that only looks for a name. That is right "
        "for a handful of rows that each use needs, and saves a query per row; it is a second query, or rows times "
        "rows, for all who need none of it."
    ),
    minimal="Look which queries of {model} use {relation}; if they are few, load it there and not in the mapping.",
    better="Leave the mapping lazy, and let each query of {model} name the collections that it needs.",
    complete="Make reading {relation} an error where no query has loaded it, so that each list says what it loads.",
    symptoms=("a query by key takes as long as the whole object", "two statements where one was written"),
    verify="SELECT query, calls, total_exec_time FROM pg_stat_statements ORDER BY calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="info",
    confidence="high",
    default=False,
    checklist=("1.2",),
    looks_at="relations of models",
    bad=(
        Bad(
            "python",
            """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship(back_populates="order", lazy="joined")  # finding
    notes: Mapped[list["Note"]] = relationship(lazy="selectin")  # finding

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines")

class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
""",
        ),
        Bad(
            "typescript",
            """\
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Order {
  @PrimaryGeneratedColumn()
  id: number;

  @OneToMany(() => Line, (line) => line.order, { eager: true })
  lines: Line[]; // finding
}

@Entity()
export class Line {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Order, (order) => order.lines)
  order: Order;
}
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship(back_populates="order", lazy="raise")

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines", lazy="joined")
""",
        ),
    ),
)

_BY_JOIN = "joined"
_APART = frozenset({"selectin", "subquery", "immediate"})


def check(table: Table) -> Iterator[Finding]:
    """One finding per relation."""
    for relation in table.relations:
        if _loads(relation) and relation.place is not None:
            how = (
                f"joins {relation.target or 'the other table'}, and sends each row once per {relation.name}"
                if relation.eager == _BY_JOIN
                else f"asks for {relation.target or 'the other table'} as well"
            )
            model = table.model or table.name
            names = {"model": model, "relation": relation.name, "table": table.name}
            holes = {"model": model, "relation": relation.name}
            message = f"every query of {model} loads {relation.name} by its mapping: it {how}"
            remedy = Remedy("eager-load-on-demand", holes)
            yield Finding(relation.place, message, names=names, remedy=remedy, idiom=table.idiom)


def places(project: Project) -> Iterator[Place]:
    """The relations to several rows."""
    for table in project.tables.values():
        yield from (
            relation.place for relation in table.relations if relation.place is not None and relation.kind in _SEVERAL
        )


_SEVERAL = frozenset({"to-many", "many-to-many"})


def _loads(relation: Relation) -> bool:
    return relation.kind in _SEVERAL and (relation.eager == _BY_JOIN or relation.eager in _APART)
