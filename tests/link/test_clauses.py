"""Every clause answers yes, sometimes, no or cannot say, whatever library wrote it."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from dblint.facts.query import Query
from tests.link.linked import answer, linked, only

MODELS = """
    from django.db import models

    class Order(models.Model):
        number = models.IntegerField()
        paid = models.BooleanField()
    """
SORTED = """
        class Meta:
            ordering = ("-number",)
    """
SCHEMA = """
    datasource db {
      provider = "postgresql"
      url      = env("DATABASE_URL")
    }
    generator client {
      provider = "prisma-client-js"
    }
    model Order {
      id   Int     @id
      paid Boolean
    }
    """
ENTITIES = """
    import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

    @Entity('orders')
    export class Order {
      @PrimaryGeneratedColumn() id: number;
      @Column() paid: boolean;
    }
    export const source = new DataSource({ type: 'postgres' });
    """


def answers(query: Query) -> tuple[str, str, str]:
    """What the query says about where, order and limit."""
    return answer(query.where), answer(query.order), answer(query.limit)


def django(body: str, parameters: str = "", models: str = MODELS) -> Query:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": models,
            "shop/views.py": f"from shop.models import Order\n\ndef index({parameters}):\n{lines}\n",
        }
    )
    [query] = only(project).queries
    return query


def prisma(options: str, parameters: str = "", before: str = "") -> Query:
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "app.ts": (
                "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
                f"export function index({parameters}) {{\n{before}\nreturn store.order.findMany({options});\n}}\n"
            ),
        }
    )
    [query] = only(project).queries
    return query


def typeorm(body: str, parameters: str = "") -> Query:
    project = linked(
        {
            "entities.ts": ENTITIES,
            "app.ts": (
                f"import {{ Order, source }} from './entities';\nexport function index({parameters}) {{\n{body}\n}}\n"
            ),
        }
    )
    [query] = only(project).queries
    return query


def sqlalchemy(body: str, parameters: str = "") -> Query:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    project = linked(
        {
            "tables.py": """
                from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

                class Base(DeclarativeBase):
                    pass

                class Order(Base):
                    __tablename__ = "orders"
                    id: Mapped[int] = mapped_column(primary_key=True)
                    paid: Mapped[bool]
                """,
            "app.py": (
                "from sqlalchemy import select\nfrom sqlalchemy.orm import Session\nfrom tables import Order\n\n"
                f"def index(session: Session, {parameters}):\n{lines}\n"
            ),
        }
    )
    [query] = only(project).queries
    return query


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return list(Order.objects.values('number'))", ("no", "no", "no")),
        ("return list(Order.objects.filter(paid=True).values('number'))", ("yes", "no", "no")),
        ("return list(Order.objects.exclude(paid=True).values('number')[:20])", ("yes", "no", "yes")),
        ("return list(Order.objects.order_by('number').values('number')[10:20])", ("no", "yes", "yes")),
        ("return list(Order.objects.values('number')[10:])", ("no", "no", "no")),
        ("return Order.objects.filter(paid=True).first()", ("yes", "yes", "yes")),
        ("found = Order.objects.values('number')\nif paid:\n    found = found.filter(paid=True)\nreturn list(found)", ("sometimes", "no", "no")),
        ("found = Order.objects.values('number')\nif paid:\n    found = found.order_by('number')[:5]\nreturn list(found)", ("no", "sometimes", "sometimes")),
        ("found = Order.objects.values('number')\nfound = found.filter(paid=True)\nreturn list(found)", ("yes", "no", "no")),
        ("return list(Order.objects.filter(**options).values('number'))", ("cannot say", "no", "no")),
        ("return list(Order.objects.filter(paid=True, **options).values('number'))", ("yes", "no", "no")),
    ],
)  # fmt: skip
def test_django(body: str, expected: tuple[str, str, str]) -> None:
    assert answers(django(body, "paid=None, **options")) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ("no", "no", "no")),
        ("{}", ("no", "no", "no")),
        ("{ where: { paid: true } }", ("yes", "no", "no")),
        ("{ where: { paid: true }, orderBy: { id: 'desc' }, take: 20 }", ("yes", "yes", "yes")),
        ("{ orderBy: [{ paid: 'asc' }, { id: 'desc' }] }", ("no", "yes", "no")),
        ("{ take: 5 }", ("no", "yes", "yes")),
        ("{ ...(page && { take: 5 }) }", ("no", "cannot say", "sometimes")),
        ("{ where: { ...(page && { paid: true }) } }", ("sometimes", "no", "no")),
        ("{ where: page ? { paid: true } : {} }", ("sometimes", "no", "no")),
        ("{ where: { paid: page || undefined } }", ("sometimes", "no", "no")),
        ("{ where: { paid: page ?? true } }", ("yes", "no", "no")),
        ("{ take: 5, ...options }", ("cannot say", "cannot say", "yes")),
        ("{ ...options }", ("cannot say", "cannot say", "cannot say")),
        ("options", ("cannot say", "cannot say", "cannot say")),
        ("{ where: options }", ("cannot say", "no", "no")),
    ],
)
def test_prisma(options: str, expected: tuple[str, str, str]) -> None:
    assert answers(prisma(options, "page: boolean, options: any")) == expected


@pytest.mark.parametrize(
    ("models", "body", "by"),
    [
        (MODELS, "return Order.objects.order_by('number').first()", ""),
        (MODELS, "return Order.objects.filter(paid=True).first()", "library"),
        (MODELS + SORTED, "return Order.objects.filter(paid=True).first()", "model"),
        (MODELS + SORTED, "return list(Order.objects.all())", "model"),
        (MODELS + SORTED, "return Order.objects.order_by('paid').first()", ""),
    ],
)
def test_who_says_an_order(models: str, body: str, by: str) -> None:
    query = django(body, models=models)
    assert [order.by for order in query.order.values()] == [by]
    assert query.asked_order.surely() is (by == "")
    assert query.asked_order.surely_absent() is (by != "")


def test_an_order_that_prisma_adds_to_a_limit() -> None:
    query = prisma("{ take: 3 }")
    assert [order.by for order in query.order.values()] == ["library"]
    assert query.asked_order.surely_absent()


def test_prisma_options_in_a_constant() -> None:
    query = prisma("chosen", before="const chosen = { where: { paid: true }, take: 3 };")
    assert answers(query) == ("yes", "yes", "yes")
    assert [bound.number for bound in query.limit.values()] == [3]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return source.getRepository(Order).find();", ("no", "no", "no")),
        ("return source.getRepository(Order).find({ where: { paid: true }, take: 5 });", ("yes", "no", "yes")),
        ("return source.getRepository(Order).findOne({ where: { paid: true } });", ("yes", "no", "yes")),
        ("return source.getRepository(Order).find(options);", ("cannot say", "cannot say", "cannot say")),
        ("return source.getRepository(Order).createQueryBuilder('o').getMany();", ("no", "no", "no")),
        ("return source.getRepository(Order).createQueryBuilder('o').where('o.paid = :paid', { paid }).take(9).getMany();", ("yes", "no", "yes")),
        ("return source.getRepository(Order).createQueryBuilder('o').orderBy('o.id').getMany();", ("no", "yes", "no")),
        ("let b = source.getRepository(Order).createQueryBuilder('o');\nif (paid) b = b.where('o.paid = true');\nreturn b.getMany();", ("sometimes", "no", "no")),
        ("const b = source.getRepository(Order).createQueryBuilder('o');\nif (paid) b.where('o.paid = true');\nreturn b.getMany();", ("sometimes", "no", "no")),
        ("const b = source.getRepository(Order).createQueryBuilder('o');\nif (paid) { b.take(5); }\nb.orderBy('o.id');\nreturn b.getMany();", ("no", "yes", "sometimes")),
    ],
)  # fmt: skip
def test_typeorm(body: str, expected: tuple[str, str, str]) -> None:
    assert answers(typeorm(body, "paid: boolean, options: any")) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{ where: { paid } }", "no"),
        ("{ where: { paid }, lock: { mode: 'pessimistic_write' } }", "yes"),
        ("{ where: { paid }, ...options }", "cannot say"),
    ],
)
def test_locks_of_typeorm(options: str, expected: str) -> None:
    query = typeorm(f"return source.getRepository(Order).find({options});", "paid: boolean, options: any")
    assert answer(query.locks) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return session.scalars(select(Order)).all()", ("no", "no", "no")),
        ("return session.scalars(select(Order).where(Order.paid == True).limit(10)).all()", ("yes", "no", "yes")),
        ("return session.query(Order).filter_by(paid=True).order_by(Order.id).all()", ("yes", "yes", "no")),
        ("return session.query(Order).first()", ("no", "no", "yes")),
        ("found = select(Order)\nif paid:\n    found = found.where(Order.paid == True)\nreturn session.scalars(found).all()", ("sometimes", "no", "no")),
        ("found = select(Order)\nif size:\n    found = found.limit(size)\nreturn session.scalars(found).all()", ("no", "no", "sometimes")),
        ("return session.scalars(select(Order).where(*conditions)).all()", ("cannot say", "no", "no")),
    ],
)  # fmt: skip
def test_sqlalchemy(body: str, expected: tuple[str, str, str]) -> None:
    assert answers(sqlalchemy(body, "paid=None, size=None, conditions=()")) == expected


@pytest.mark.parametrize(
    ("slice_", "limit"),
    [("[:20]", 20), ("[0:20]", 20)],
)
def test_a_slice_is_a_limit(slice_: str, limit: int) -> None:
    query = django(f"return list(Order.objects.values('number'){slice_})")
    assert [bound.number for bound in query.limit.values()] == [limit]


def test_joined_models_are_sources() -> None:
    project = linked(
        {
            "shop.py": """
                from sqlalchemy import ForeignKey, select
                from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

                class Base(DeclarativeBase):
                    pass

                class Customer(Base):
                    __tablename__ = "customer"
                    id: Mapped[int] = mapped_column(primary_key=True)

                class Invoice(Base):
                    __tablename__ = "invoice"
                    id: Mapped[int] = mapped_column(primary_key=True)
                    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
                    customer: Mapped[Customer] = relationship()

                def load(session: Session):
                    session.execute(select(Invoice).join(Customer))
                    session.query(Invoice).outerjoin(Customer).all()
                    session.execute(select(Invoice).join(Invoice.customer))
            """
        }
    )
    found = [
        ([(source.name, source.join) for source in query.sources.values()], query.sources.open)
        for call in project.calls
        if call.effects
        for query in call.queries
    ]
    assert found == [
        ([("invoice", ""), ("customer", "inner")], False),
        ([("invoice", ""), ("customer", "left")], False),
        ([("invoice", ""), ("customer", "inner")], False),
    ]


def test_a_statement_that_is_run_where_it_is_built_is_told_once() -> None:
    source = """
        from django.db import models
        from sqlalchemy import select
        from sqlalchemy.orm import DeclarativeBase, Session, Mapped, mapped_column


        class Base(DeclarativeBase):
            pass


        class Shelf(Base):
            __tablename__ = "shelf"
            id: Mapped[int] = mapped_column(primary_key=True)


        class Item(models.Model):
            name = models.TextField()


        def listed(session: Session):
            session.execute(select(Shelf).where(Shelf.id == 1))
            statement = select(Shelf)
            session.scalars(statement)
            print(list(Item.objects.filter(name="a")))
            return Item.objects.exclude(name="b")
    """
    told = [(call.member, call.trigger) for call in linked({"app.py": source}).calls]
    assert told == [
        ("execute", "call"),
        ("sqlalchemy.select", "built"),
        ("scalars", "call"),
        ("iterate", "iterate"),
        ("exclude", "built"),
    ]
