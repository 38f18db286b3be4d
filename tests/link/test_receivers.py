"""What a receiver is decides what a call does; what it is called decides nothing."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from tests.link.linked import asked, linked

SHOP = """
    from django.db import models

    class Order(models.Model):
        number = models.IntegerField()
    """
SCHEMA = """
    datasource db {
      provider = "postgresql"
      url      = env("DATABASE_URL")
    }
    generator client {
      provider = "prisma-client-js"
    }
    model Invoice {
      id    Int  @id
      paid  Boolean
      lines InvoiceLine[]
    }
    model InvoiceLine {
      id        Int     @id
      invoiceId Int
      invoice   Invoice @relation(fields: [invoiceId], references: [id])
    }
    """


def python(text: str, **files: str) -> Project:
    return linked({"app.py": text, **{f"{name}.py": more for name, more in files.items()}})


# Django


def test_the_manager_that_every_model_has() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": SHOP,
            "shop/views.py": """
                from .models import Order

                def show(number):
                    return Order.objects.filter(number=number).first()
                """,
        }
    )
    assert asked(project) == [("first", "django:Manager", "select", "shop_order")]


def test_a_queryset_as_manager() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from django.db import models

                class OrderQuerySet(models.QuerySet):
                    def unpaid(self):
                        return self.filter(paid=False)

                class Order(models.Model):
                    paid = models.BooleanField()
                    objects = OrderQuerySet.as_manager()
                """,
            "shop/views.py": """
                from shop.models import Order

                def unpaid():
                    return Order.objects.unpaid().count()
                """,
        }
    )
    assert [(member, verb, table) for member, _, verb, table in asked(project)] == [
        ("count", "aggregate", "shop_order")
    ]


def test_a_manager_from_a_queryset() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from django.db import models

                class OrderQuerySet(models.QuerySet):
                    def unpaid(self):
                        return self.filter(paid=False)

                OrderManager = models.Manager.from_queryset(OrderQuerySet)

                class Order(models.Model):
                    paid = models.BooleanField()
                    ledger = OrderManager()

                def unpaid():
                    return Order.ledger.unpaid().exists()
                """,
        }
    )
    assert [(member, verb, table) for member, _, verb, table in asked(project)] == [
        ("exists", "aggregate", "shop_order")
    ]


def test_a_subclass_of_the_manager() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": """
                from django.db import models

                class OpenOrders(models.Manager):
                    def get_queryset(self):
                        return super().get_queryset().filter(closed=False)

                class Order(models.Model):
                    closed = models.BooleanField()
                    still_open = OpenOrders()

                def newest():
                    return Order.still_open.latest("pk")
                """,
        }
    )
    assert [(member, verb, table) for member, _, verb, table in asked(project)] == [("latest", "select", "shop_order")]


def test_a_queryset_that_a_function_of_another_file_gives() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": SHOP,
            "shop/queries.py": """
                from shop.models import Order

                def recent():
                    return Order.objects.order_by("-number")
                """,
            "shop/views.py": """
                from shop import queries

                def index():
                    for order in queries.recent():
                        print(order)
                """,
        }
    )
    assert ("iterate", "select", "shop_order") in [(member, verb, table) for member, _, verb, table in asked(project)]


# SQLAlchemy

TABLES = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Invoice(Base):
        __tablename__ = "invoice"
        id: Mapped[int] = mapped_column(primary_key=True)
        paid: Mapped[bool]
    """


def test_a_session_by_its_annotation() -> None:
    project = python(
        """
        from sqlalchemy import select
        from sqlalchemy.orm import Session
        from tables import Invoice

        def unpaid(work: Session):
            return work.scalars(select(Invoice).where(Invoice.paid == False)).all()
        """,
        tables=TABLES,
    )
    assert asked(project) == [("scalars", "sqlalchemy:Session", "select", "invoice")]


def test_a_session_by_an_annotated_alias_of_another_file() -> None:
    project = python(
        """
        from fastapi import APIRouter
        from dependencies import DatabaseSession
        from tables import Invoice

        router = APIRouter()

        @router.get("/invoices/{number}")
        def show(number: int, work: DatabaseSession):
            return work.get(Invoice, number)
        """,
        tables=TABLES,
        dependencies="""
        from typing import Annotated
        from fastapi import Depends
        from sqlalchemy.orm import Session

        def get_session():
            raise NotImplementedError

        DatabaseSession = Annotated[Session, Depends(get_session)]
        """,
    )
    assert asked(project) == [("get", "sqlalchemy:Session", "select", "invoice")]


@pytest.mark.parametrize(
    "body",
    [
        "work = Factory()\n            return work.get(Invoice, number)",
        "with Factory() as work:\n                return work.get(Invoice, number)",
        "with Factory.begin() as work:\n                return work.get(Invoice, number)",
    ],
)
def test_a_session_from_a_factory(body: str) -> None:
    project = python(
        f"""
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker
        from tables import Invoice

        Factory = sessionmaker(create_engine("sqlite://"))

        def show(number):
            {body}
        """,
        tables=TABLES,
    )
    assert asked(project) == [("get", "sqlalchemy:Session", "select", "invoice")]


def test_a_connection_of_an_engine() -> None:
    project = python(
        """
        from sqlalchemy import create_engine, text

        engine = create_engine("postgresql://")

        def count():
            with engine.connect() as opened:
                return opened.execute(text("SELECT count(*) FROM invoice")).scalar()
        """
    )
    assert asked(project) == [("execute", "sqlalchemy:Connection", "select", "invoice")]


FLASK = {
    "site/__init__.py": "",
    "site/database.py": """
        from flask_sqlalchemy import SQLAlchemy

        class Database(SQLAlchemy):
            pass

        store = Database()
        """,
    "site/models.py": """
        from site.database import store

        class Invoice(store.Model):
            __tablename__ = "invoice"
            id = store.Column(store.Integer, primary_key=True)
            paid = store.Column(store.Boolean)
        """,
}


def test_a_subclass_of_an_extension_in_another_module() -> None:
    project = linked(
        {
            **FLASK,
            "site/views.py": """
                from site.database import store
                from site.models import Invoice

                def newest():
                    return store.session.query(Invoice).first()
                """,
        }
    )
    assert asked(project) == [("first", "flask_sqlalchemy:BaseQuery", "select", "invoice")]


def test_the_query_attribute_of_a_model() -> None:
    project = linked(
        {
            **FLASK,
            "site/views.py": """
                from site.models import Invoice

                def unpaid():
                    return Invoice.query.filter_by(paid=False).all()
                """,
        }
    )
    assert asked(project) == [("all", "flask_sqlalchemy:BaseQuery", "select", "invoice")]


def test_a_session_that_a_dependency_yields() -> None:
    project = python(
        """
        from fastapi import Depends, FastAPI
        from sqlalchemy.orm import sessionmaker
        from tables import Invoice

        Factory = sessionmaker()
        app = FastAPI()

        def work():
            opened = Factory()
            try:
                yield opened
            finally:
                opened.close()

        @app.get("/invoices")
        def invoices(given=Depends(work)):
            return given.query(Invoice).all()
        """,
        tables=TABLES,
    )
    assert asked(project) == [("all", "sqlalchemy:Query", "select", "invoice")]


@pytest.mark.parametrize(
    "statement",
    [
        "select(func.count()).select_from(Invoice)",
        "select(Invoice.id).where(Invoice.id == number)",
        "select(Invoice, Invoice.id).limit(5)",
    ],
)
def test_the_table_of_a_statement(statement: str) -> None:
    project = python(
        f"""
        from sqlalchemy import func, select
        from sqlalchemy.orm import Session
        from tables import Invoice

        def read(work: Session, number: int):
            return work.scalar({statement})
        """,  # noqa: S608 - a program, not a statement
        tables=TABLES,
    )
    assert asked(project) == [("scalar", "sqlalchemy:Session", "select", "invoice")]


# Prisma


def prisma(text: str, **files: str) -> Project:
    return linked({"schema.prisma": SCHEMA, "app.ts": text, **files})


FIND = [("findMany", "prisma:Delegate", "select", "Invoice")]


def test_a_client_in_a_constant() -> None:
    project = prisma(
        """
        import { PrismaClient } from '@prisma/client';
        const store = new PrismaClient();
        export const unpaid = () => store.invoice.findMany({ where: { paid: false } });
        """
    )
    assert asked(project) == FIND


def test_a_client_behind_a_re_export_of_a_workspace_package() -> None:
    project = linked(
        {
            "packages/database/prisma/schema.prisma": SCHEMA,
            "packages/database/src/client.ts": """
                import { PrismaClient } from '@prisma/client';
                export const store = new PrismaClient();
                """,
            "packages/database/src/index.ts": """
                export { store as ledger } from './client';
                export * from './client';
                """,
            "apps/api/src/invoices.ts": """
                import { ledger } from '@acme/database';
                export async function unpaid() {
                  return ledger.invoice.findMany({ where: { paid: false } });
                }
                """,
        },
        {
            "package.json": '{"name": "acme", "private": true, "workspaces": ["packages/*", "apps/*"]}',
            "packages/database/package.json": '{"name": "@acme/database", "main": "src/index.ts"}',
            "apps/api/package.json": '{"name": "@acme/api", "dependencies": {"@acme/database": "*"}}',
        },
    )
    assert asked(project) == FIND


def test_a_client_that_a_helper_keeps() -> None:
    project = prisma(
        """
        import { PrismaClient } from '@prisma/client';
        import { remember } from './remember';
        export const store = remember('store', () => new PrismaClient());
        export const unpaid = () => store.invoice.findMany({ where: { paid: false } });
        """,
        **{
            "remember.ts": """
            const kept = new Map<string, unknown>();
            export function remember<T>(name: string, make: () => T): T {
              if (!kept.has(name)) kept.set(name, make());
              return kept.get(name) as T;
            }
            """
        },
    )
    assert asked(project) == FIND


def test_an_extended_client() -> None:
    project = prisma(
        """
        import { PrismaClient } from '@prisma/client';
        const store = new PrismaClient().$extends({ name: 'audit' });
        export const unpaid = () => store.invoice.findMany({ where: { paid: false } });
        """
    )
    assert asked(project) == FIND


def test_the_parameter_of_a_transaction_callback() -> None:
    project = prisma(
        """
        import { PrismaClient } from '@prisma/client';
        const store = new PrismaClient();
        export const settle = (id: number) =>
          store.$transaction(async (inside) => {
            await inside.invoiceLine.deleteMany({ where: { invoiceId: id } });
          });
        """
    )
    assert asked(project) == [("deleteMany", "prisma:Delegate", "delete", "InvoiceLine")]


def test_a_client_from_the_folder_that_the_generator_writes_to() -> None:
    project = linked(
        {
            "prisma/schema.prisma": SCHEMA.replace(
                '"prisma-client-js"', '"prisma-client"\n  output   = "../generated/store"'
            ),
            "app.ts": """
                import { PrismaClient } from './generated/store/client';
                const store = new PrismaClient();
                export const unpaid = () => store.invoice.findMany({ where: { paid: false } });
                """,
        }
    )
    assert asked(project) == FIND


MORE_CLIENTS = {
    "a field that the constructor assigns": """
        import { PrismaClient } from '@prisma/client';
        export class Invoices {
          private readonly held: PrismaClient;
          constructor(given: PrismaClient) { this.held = given; }
          unpaid() { return this.held.invoice.findMany({ where: { paid: false } }); }
        }
        """,
    "a service that extends the client": """
        import { PrismaClient } from '@prisma/client';
        export class Storage extends PrismaClient {}
        export class Invoices {
          constructor(private readonly storage: Storage) {}
          unpaid() { return this.storage.invoice.findMany({ where: { paid: false } }); }
        }
        """,
    "a property of an object": """
        import { PrismaClient } from '@prisma/client';
        const context = { held: new PrismaClient() };
        export const unpaid = () => context.held.invoice.findMany({ where: { paid: false } });
        """,
    "a destructured parameter": """
        import { PrismaClient } from '@prisma/client';
        type Held = { held: PrismaClient };
        export const unpaid = ({ held: given }: Held) => given.invoice.findMany({ where: { paid: false } });
        """,
    "a destructured delegate": """
        import { PrismaClient } from '@prisma/client';
        const { invoice } = new PrismaClient();
        export const unpaid = () => invoice.findMany({ where: { paid: false } });
        """,
    "a client kept on the global object": """
        import { PrismaClient } from '@prisma/client';
        declare global { var held: PrismaClient | undefined }
        const store = globalThis.held || new PrismaClient();
        export const unpaid = () => store.invoice.findMany({ where: { paid: false } });
        """,
    "a function that makes it once": """
        import { PrismaClient } from '@prisma/client';
        let held: PrismaClient | null = null;
        function made() { if (!held) held = new PrismaClient(); return held; }
        export const unpaid = () => made().invoice.findMany({ where: { paid: false } });
        """,
}


@pytest.mark.parametrize("text", MORE_CLIENTS.values(), ids=MORE_CLIENTS.keys())
def test_a_client_wherever_it_is_held(text: str) -> None:
    assert asked(prisma(text)) == FIND


# TypeORM

ENTITIES = """
    import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

    @Entity('invoices')
    export class Invoice {
      @PrimaryGeneratedColumn() id: number;
      @Column() paid: boolean;
    }
    """
SOURCE = """
    import { DataSource } from 'typeorm';
    export const source = new DataSource({ type: 'postgres' });
    """


def typeorm(text: str, **files: str) -> Project:
    return linked({"entities.ts": ENTITIES, "source.ts": SOURCE, "app.ts": text, **files})


def test_a_repository_that_a_source_gives() -> None:
    project = typeorm(
        """
        import { source } from './source';
        import { Invoice } from './entities';
        export const unpaid = () => source.getRepository(Invoice).findBy({ paid: false });
        """
    )
    assert asked(project) == [("findBy", "typeorm:Repository", "select", "invoices")]


def test_a_repository_that_a_constructor_is_given() -> None:
    project = typeorm(
        """
        import { Repository } from 'typeorm';
        import { Invoice } from './entities';
        export class Invoices {
          constructor(private readonly store: Repository<Invoice>) {}
          unpaid() {
            return this.store.findBy({ paid: false });
          }
        }
        """
    )
    assert asked(project) == [("findBy", "typeorm:Repository", "select", "invoices")]


def test_a_source_that_a_function_of_another_file_returns() -> None:
    project = typeorm(
        """
        import { opened } from './opened';
        import { Invoice } from './entities';
        export async function unpaid() {
          const ready = await opened();
          return ready.getRepository(Invoice).find({ where: { paid: false } });
        }
        """,
        **{
            "opened.ts": """
            import { DataSource } from 'typeorm';
            let held: DataSource | undefined;
            export async function opened(): Promise<DataSource> {
              held ??= await new DataSource({ type: 'postgres' }).initialize();
              return held;
            }
            """
        },
    )
    assert asked(project) == [("find", "typeorm:Repository", "select", "invoices")]


def test_a_builder_that_statements_change() -> None:
    project = typeorm(
        """
        import { source } from './source';
        import { Invoice } from './entities';
        export async function unpaid() {
          const builder = source.getRepository(Invoice).createQueryBuilder('i');
          builder.where('i.paid = false');
          builder.take(20);
          return builder.getMany();
        }
        """
    )
    assert asked(project) == [("getMany", "typeorm:QueryBuilder", "select", "invoices")]
    [query] = project.calls[-1].queries
    assert query.where.surely()
    assert query.limit.surely()


REPOSITORIES = {
    "a decorated parameter property": (
        """
        import { InjectRepository } from '@nestjs/typeorm';
        import { Repository } from 'typeorm';
        import { Invoice } from './entities';
        export class Invoices {
          constructor(@InjectRepository(Invoice) private readonly held: Repository<Invoice>) {}
          one(id: number) { return this.held.findOneBy({ id }); }
        }
        """,
        "typeorm:Repository",
    ),
    "a subclass of the repository": (
        """
        import { Repository } from 'typeorm';
        import { Invoice } from './entities';
        export class Ledger extends Repository<Invoice> {}
        export class Invoices {
          constructor(private readonly ledger: Ledger) {}
          one(id: number) { return this.ledger.findOneBy({ id }); }
        }
        """,
        "Ledger : typeorm:Repository",
    ),
    "a variable that another function fills": (
        """
        import { DataSource, Repository } from 'typeorm';
        import { Invoice } from './entities';
        let held: Repository<Invoice>;
        export function start(given: DataSource) { held = given.getRepository(Invoice); }
        export const one = (id: number) => held.findOneBy({ id });
        """,
        "typeorm:Repository",
    ),
    "the manager of a transaction": (
        """
        import { source } from './source';
        import { Invoice } from './entities';
        export const one = (id: number) =>
          source.transaction((inside) => inside.getRepository(Invoice).findOneBy({ id }));
        """,
        "typeorm:Repository",
    ),
    "an entity that is its own repository": (
        """
        import { BaseEntity, Column, Entity } from 'typeorm';
        @Entity('invoices')
        class Record extends BaseEntity { @Column() id: number; }
        export const one = (id: number) => Record.findOneBy({ id });
        """,
        "Record : typeorm:BaseEntity",
    ),
}


@pytest.mark.parametrize(("text", "receiver"), REPOSITORIES.values(), ids=REPOSITORIES.keys())
def test_a_repository_wherever_it_comes_from(text: str, receiver: str) -> None:
    assert asked(typeorm(text)) == [("findOneBy", receiver, "select", "invoices")]


# Drivers


def test_a_pool_of_another_file() -> None:
    project = linked(
        {
            "pool.ts": "import { Pool } from 'pg';\nexport const connections = new Pool();\n",
            "app.ts": """
                import { connections } from './pool';
                export const unpaid = () => connections.query('SELECT id FROM invoice WHERE paid = $1', [false]);
                """,
        }
    )
    assert asked(project) == [("query", "pg:Pool", "select", "invoice")]


def test_a_client_of_a_pool() -> None:
    project = linked(
        {
            "app.ts": """
                import { Pool } from 'pg';
                const connections = new Pool();
                export async function unpaid() {
                  const one = await connections.connect();
                  try {
                    return await one.query('SELECT id FROM invoice');
                  } finally {
                    one.release();
                  }
                }
                """,
        }
    )
    assert asked(project) == [("query", "pg:Client", "select", "invoice")]
    assert [call.member for call in project.calls] == ["connect", "query", "release"]


def test_a_connection_as_an_annotated_parameter() -> None:
    project = python(
        """
        import sqlite3

        def unpaid(opened: sqlite3.Connection):
            return opened.execute("SELECT id FROM invoice").fetchall()
        """
    )
    assert asked(project) == [("execute", "sqlite3:Connection", "select", "invoice")]


def test_a_connection_and_its_cursor_by_with() -> None:
    project = python(
        """
        import sqlite3
        from contextlib import closing

        def unpaid(path):
            with sqlite3.connect(path) as opened:
                reader = opened.cursor()
                reader.execute("SELECT id FROM invoice")
        """
    )
    assert asked(project) == [("execute", "sqlite3:Cursor", "select", "invoice")]


def test_what_a_function_returns() -> None:
    project = python(
        """
        from storage import opened

        def unpaid():
            return opened().execute("SELECT id FROM invoice").fetchall()
        """,
        storage="""
        import sqlite3

        def opened():
            made = sqlite3.connect("shop.db")
            made.row_factory = sqlite3.Row
            return made
        """,
    )
    assert asked(project) == [("execute", "sqlite3:Connection", "select", "invoice")]


def test_a_parameter_without_annotation_is_what_its_callers_give() -> None:
    project = python(
        """
        import sqlite3

        def unpaid(opened):
            return opened.execute("SELECT id FROM invoice").fetchall()

        def report():
            return unpaid(sqlite3.connect("shop.db"))
        """
    )
    assert asked(project) == [("execute", "sqlite3:Connection", "select", "invoice")]


def test_an_attribute_that_the_constructor_sets() -> None:
    project = python(
        """
        import sqlite3

        class Ledger:
            def __init__(self, path):
                self.storage = sqlite3.connect(path)

            def unpaid(self):
                return self.storage.execute("SELECT id FROM invoice").fetchall()
        """
    )
    assert asked(project) == [("execute", "sqlite3:Connection", "select", "invoice")]


MORE_CONNECTIONS = {
    "a class that is given it": """
        import sqlite3

        class Ledger:
            def __init__(self, storage):
                self.storage = storage

            def unpaid(self):
                return self.storage.execute("SELECT id FROM invoice")

        ledger = Ledger(sqlite3.connect("shop.db"))
        """,
    "a context manager of the project": """
        import sqlite3
        from contextlib import contextmanager

        @contextmanager
        def opened():
            made = sqlite3.connect("shop.db")
            yield made
            made.close()

        def unpaid():
            with opened() as storage:
                storage.execute("SELECT id FROM invoice")
        """,
    "a property": """
        import sqlite3

        class Ledger:
            @property
            def storage(self):
                return sqlite3.connect("shop.db")

            def unpaid(self):
                return self.storage.execute("SELECT id FROM invoice")
        """,
    "an optional annotation": """
        import sqlite3
        from typing import Optional

        def unpaid(storage: Optional[sqlite3.Connection]):
            storage.execute("SELECT id FROM invoice")
        """,
    "an annotation in quotes": """
        import sqlite3

        def unpaid(storage: "sqlite3.Connection | None" = None):
            storage.execute("SELECT id FROM invoice")
        """,
    "a global that is filled at the first use": """
        import sqlite3

        held = None

        def storage():
            global held
            if held is None:
                held = sqlite3.connect("shop.db")
            return held

        def unpaid():
            storage().execute("SELECT id FROM invoice")
        """,
}


@pytest.mark.parametrize("text", MORE_CONNECTIONS.values(), ids=MORE_CONNECTIONS.keys())
def test_a_connection_wherever_it_is_held(text: str) -> None:
    assert asked(python(text)) == [("execute", "sqlite3:Connection", "select", "invoice")]


# Names decide nothing

CLIENT = """
    import { PrismaClient } from '@prisma/client';

    const prisma = new PrismaClient();

    export async function lines(invoices: { id: number }[]) {
      for (const invoice of invoices) {
        await prisma.invoiceLine.findMany({ where: { invoiceId: invoice.id } });
      }
      return prisma.$transaction((tx) => tx.invoice.updateMany({ data: { paid: true } }));
    }
    """


@pytest.mark.parametrize("name", ["banana", "x", "console", "$", "db"])
def test_another_name_changes_nothing(name: str) -> None:
    named, renamed = (
        prisma(CLIENT),
        prisma(CLIENT.replace("prisma.", f"{name}.").replace("const prisma ", f"const {name} ")),
    )
    assert asked(named) == [
        ("findMany", "prisma:Delegate", "select", "InvoiceLine"),
        ("updateMany", "prisma:Delegate", "update", "Invoice"),
    ]
    assert asked(renamed) == asked(named)
    assert [[frame.kind for frame in call.frames] for call in renamed.calls] == [
        [frame.kind for frame in call.frames] for call in named.calls
    ]


@pytest.mark.parametrize(
    "text",
    [
        """
        const registry = { prisma: new Map<string, number>() };
        export const invoice = () => registry.prisma.get('invoice');
        export const forget = () => registry.prisma.delete('invoice');
        """,
        """
        class Pages { findMany(options: object) { return [options]; } }
        const prisma = { invoice: new Pages() };
        export const unpaid = () => prisma.invoice.findMany({ where: { paid: false } });
        """,
        """
        import { Repository } from './git';
        export const heads = (repository: Repository) => repository.find({ where: { merged: false } });
        """,
        """
        const pool = { query: (text: string) => text.length };
        export const length = () => pool.query('SELECT * FROM invoice');
        """,
        """
        import { Pool } from 'threads';
        const pool = new Pool();
        export const length = () => pool.query('SELECT * FROM invoice');
        """,
        """
        const db = new Set<string>();
        for (const key of db) db.delete(key);
        """,
    ],
)
def test_a_thing_that_is_only_called_like_a_client(text: str) -> None:
    project = prisma(text, **{"git.ts": "export class Repository { find(o: object) { return [o]; } }\n"})
    assert asked(project) == []


@pytest.mark.parametrize(
    "text",
    [
        """
        import requests

        def fetch(session: requests.Session, address):
            return session.get(address)
        """,
        """
        class Interpreter:
            def execute(self, program):
                return len(program)

        cursor = Interpreter()

        def run():
            return cursor.execute("SELECT * FROM invoice")
        """,
        """
        class Database:
            def __init__(self):
                self.rows = {}

            def query(self, name):
                return self.rows[name]

        db = Database()

        def find(name):
            return db.query("SELECT * FROM invoice")
        """,
        """
        from prompts import Session

        def ask(session: Session):
            return session.execute("SELECT * FROM invoice")
        """,
        """
        def read(connection):
            return connection.execute("SELECT * FROM invoice")
        """,
        """
        class Shelf:
            objects = {}

        def show(key):
            return Shelf.objects.get(key)
        """,
    ],
)
def test_a_thing_that_is_only_called_like_a_connection(text: str) -> None:
    assert asked(python(text)) == []


def test_an_object_that_spreads_what_it_is_assigned_to_ends() -> None:
    project = linked(
        {
            "src/state.ts": """
                import { Pool } from 'pg';
                class Settings {
                  private held = { pool: new Pool(), user: null };
                  update(change: any) {
                    this.held = { ...this.held, ...change };
                  }
                  load() {
                    return this.held.pool.query('select id from invoice');
                  }
                  other() {
                    return this.held.nothing.query('select id from invoice');
                  }
                }
            """
        }
    )
    assert project.diagnostics == ()
    assert asked(project) == [("query", "pg:Pool", "select", "invoice")]


@pytest.mark.parametrize(
    ("call", "listed"),
    [
        ("rows.find(row => row.id === 1)", []),
        ("rows.find(isFirst)", []),
        ("rows.find({ where: { id: 1 } })", ["find"]),
        ("rows.find(query)", ["find"]),
        ("rows.transaction(manager => manager.count())", ["transaction"]),
    ],
)
def test_a_method_of_the_host_language_is_not_listed_as_unresolved(call: str, listed: list[str]) -> None:
    text = f"function isFirst(row) {{ return row.id === 1 }}\nexport const f = (rows, query) => {call}\n"
    project = linked({"app.ts": text})
    assert [entry.member for entry in project.unresolved if entry.member != "count"] == listed


def test_a_mixin_s_session_is_the_one_of_the_class_that_it_is_mixed_into() -> None:
    project = python(
        """
        from sqlalchemy import func, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, scoped_session, sessionmaker

        class Base(DeclarativeBase):
            pass

        class Order(Base):
            __tablename__ = "orders"
            id: Mapped[int]

        class Counting:
            def count(self):
                return self.session.scalar(select(func.count(Order.id)))

            def forget(self, order: Order):
                self.session.delete(order)
                self.other.delete(order)

        class Database(Counting):
            def __init__(self, engine):
                self.session = scoped_session(sessionmaker(bind=engine))
        """
    )
    assert asked(project) == [
        ("scalar", "sqlalchemy:ScopedSession", "select", "orders"),
        ("delete", "sqlalchemy:ScopedSession", "delete", "orders"),
    ]


def test_a_name_that_is_bound_and_declared_is_one_receiver() -> None:
    """What is put there counts; where nothing is, or nobody knows what, the declared type does."""
    project = linked(
        {
            "store.py": """
                import sqlalchemy.orm
                from sqlalchemy.orm import scoped_session, sessionmaker
                from elsewhere import make

                Session = scoped_session(sessionmaker())
                Session: sqlalchemy.orm.Session
                Made = make()
                Made: sqlalchemy.orm.Session
                Later: sqlalchemy.orm.Session
                """,
            "app.py": """
                from sqlalchemy import text
                from store import Later, Made, Session

                def work():
                    Session.execute(text("SELECT 1"))
                    Made.execute(text("SELECT 2"))
                    Later.execute(text("SELECT 3"))
                """,
        }
    )
    assert [(member, receiver) for member, receiver, _, _ in asked(project)] == [
        ("execute", "sqlalchemy:ScopedSession"),
        ("execute", "sqlalchemy:Session"),
        ("execute", "sqlalchemy:Session"),
    ]


def test_what_an_async_session_maker_makes() -> None:
    project = python(
        """
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import async_sessionmaker

        sessions = async_sessionmaker()

        async def show():
            async with sessions() as session:
                await session.execute(text("SELECT 1"))
            async with sessions.begin() as session:
                await session.execute(text("SELECT 2"))
        """
    )
    assert [receiver for member, receiver, _, _ in asked(project) if member == "execute"] == [
        "sqlalchemy:AsyncSession"
    ] * 2


def test_a_wrapper_that_hands_members_on() -> None:
    project = python(
        """
        from sqlalchemy import text
        from sqlalchemy.orm import Session

        class Wrapper:
            def __init__(self, session: Session):
                self._session = session
                self.own = None

            def __getattr__(self, name):
                return getattr(self._session, name)

        class Silent:
            def __getattr__(self, name):
                return None

        def show(session: Session):
            Wrapper(session).scalar(text("SELECT 1"))
            Wrapper(session).own.scalar(text("SELECT 2"))
            Silent().scalar(text("SELECT 3"))
        """
    )
    assert [member for member, _, _, _ in asked(project)] == ["scalar"]


GENERIC = """
        from typing import Generic, TypeVar
        from sqlalchemy import Column, Integer, MetaData, Table, insert, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session

        class Base(DeclarativeBase):
            pass

        class Order(Base):
            __tablename__ = "orders"
            id: Mapped[int]

        class Line(Base):
            __tablename__ = "lines"
            id: Mapped[int]

        M = TypeVar("M", bound=Base)
"""


def test_a_type_variable_is_what_subclasses_put_there() -> None:
    project = python(
        GENERIC
        + """
        class Repository(Generic[M]):
            model: type[M]

            def __init__(self, session: Session):
                self.session = session

            def get(self, key):
                return self.session.get(self.model, key)

        class Orders(Repository[Order]):
            model = Order
        """
    )
    assert asked(project) == [("get", "sqlalchemy:Session", "select", "orders")]


def test_a_type_variable_is_what_callers_hand_in() -> None:
    project = python(
        GENERIC
        + """
        def get(session: Session, model: type[M], key):
            return session.get(model, key)

        def other(session: Session, model: type[M], key):
            return session.get(model, key)

        def show(session: Session):
            return get(session, Line, 1)
        """
    )
    assert asked(project) == [
        ("get", "sqlalchemy:Session", "select", "lines"),
        ("get", "sqlalchemy:Session", "select", ""),
    ]


def test_a_table_that_is_no_class_has_the_name_that_it_is_made_with() -> None:
    project = python(
        GENERIC
        + """
        orders = Table("orders", MetaData(), Column("id", Integer))

        def show(session: Session, unknown):
            session.execute(orders.select().where(orders.c.id == 1))
            session.execute(orders.insert().values(id=1))
            session.execute(select(orders.c.id))
            session.execute(insert(orders).values(id=2))
            session.execute(select(unknown.c.id))
        """
    )
    assert [(verb, table) for _, _, verb, table in asked(project)] == [
        ("select", "orders"),
        ("insert", "orders"),
        ("select", "orders"),
        ("insert", "orders"),
        ("select", ""),
    ]


def test_of_several_tables_none_is_the_statement_s() -> None:
    project = python(
        GENERIC
        + """
        class Repository(Generic[M]):
            model: type[M]

            def __init__(self, session: Session):
                self.session = session

            def get(self, key):
                return self.session.get(self.model, key)

            def all(self):
                return self.session.scalars(select(self.model))

        class Orders(Repository[Order]):
            model = Order

        class Lines(Repository[Line]):
            model = Line
        """
    )
    assert asked(project) == [
        ("get", "sqlalchemy:Session", "select", ""),
        ("scalars", "sqlalchemy:Session", "select", ""),
    ]


@pytest.mark.parametrize(
    ("role", "elsewhere", "expected"),
    [
        (FileRole.TEST, "import sqlite3\nfrom app import fill\nfill(sqlite3.connect('b.db'))", "sqlite3:Connection"),
        (FileRole.TEST, "", "psycopg:Connection"),
        (FileRole.APP, "import sqlite3\nfrom app import fill\nfill(sqlite3.connect('b.db'))", ""),
    ],
)
def test_what_tests_hand_over_counts_where_nobody_else_does(role: FileRole, elsewhere: str, expected: str) -> None:
    many = 70 if elsewhere else 2
    files = {
        "app.py": "def fill(opened):\n    opened.execute('CREATE TABLE part (id integer)')\n",
        "main.py": elsewhere,
        "checks.py": "import psycopg\nfrom app import fill\n" + "fill(psycopg.connect())\n" * many,
    }
    project = linked(files, roles={"checks.py": role})
    assert [call.receiver for call in project.calls if call.queries] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("with pool.lend() as opened:\n    opened.cursor().execute(text)", ["cursor", "execute"]),
        ("with pool.lend() as opened, opened.cursor() as reader:\n    reader.execute(text)", ["cursor", "execute"]),
        ("with closing(pool.lend()) as opened:\n    opened.execute(text)", ["execute"]),
        ("with pool.lend() as opened:\n    opened.execute('x')", []),
        ("with pool.lend() as opened:\n    opened.get(text)\n    opened.stream('GET', text)", []),
        ("with pool.lend() as opened:\n    opened.execute('SELECT 1')", ["execute"]),
        ("with closing(text.lend()) as opened:\n    opened.execute(text)", ["execute"]),
        ("with closing() as opened:\n    opened.execute(text)", ["execute"]),
        ("opened = pool.lend()\nopened.execute(text)", []),
        (
            "with ExitStack() as stack:\n    opened = stack.enter_context(pool.lend())\n    opened.execute(text)",
            ["execute"],
        ),
    ],
)
def test_what_is_entered_and_unknown_is_counted(body: str, told: list[str]) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    program = f"import pool\nfrom contextlib import ExitStack, closing\n\ndef run(text):\n{lines}\n"
    project = linked({"app.py": program})
    assert [(entry.member, entry.cause) for entry in project.unresolved] == [
        (member, "receiver unknown") for member in told
    ]


def test_statements_of_a_models_table() -> None:
    project = python(
        """
        from sqlalchemy import Column, Integer, MetaData, Table
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

        class Base(DeclarativeBase):
            pass

        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]

        plants = Table("plants", MetaData(), Column("id", Integer, primary_key=True))

        def run(session: Session, key, name):
            session.execute(User.__table__.select().where(User.id == key))
            session.execute(User.__table__.insert().values(name=name))
            table = User.__table__
            session.execute(table.update().where(table.c.id == key).values(name=name))
            session.execute(table.delete().where(User.__table__.columns.id == key))
            session.execute(plants.delete())
            session.execute(User.__tables__.delete())
        """
    )
    assert asked(project) == [
        ("execute", "sqlalchemy:Session", "select", "users"),
        ("execute", "sqlalchemy:Session", "insert", "users"),
        ("execute", "sqlalchemy:Session", "update", "users"),
        ("execute", "sqlalchemy:Session", "delete", "users"),
        ("execute", "sqlalchemy:Session", "delete", "plants"),
        ("execute", "sqlalchemy:Session", "unknown", ""),
    ]
    assert [call.text is None for call in project.calls] == [True] * 5 + [False]
    conditions = [call.queries[0].where.surely() for call in project.calls[:4]]
    assert conditions == [True, False, True, True]


# What a promise is settled with


def test_what_an_executor_hands_on() -> None:
    project = linked(
        {
            "clients.ts": """
                import { Client } from 'pg';

                export function first() {
                  return new Promise((resolve, reject) => {
                    const client = new Client();
                    client.connect().then(() => { resolve(client); }).catch((error) => reject(error));
                  });
                }

                export function second() {
                  return new Promise<Client>((done) => { elsewhere(done); });
                }

                export const third = () => new Promise((done) => { first().then(done); });
                """,
            "app.ts": """
                import { first, second, third } from './clients';

                export async function all() {
                  const client = await first();
                  await client.query('SELECT 1 FROM a');
                  await (await second()).query('SELECT 1 FROM b');
                  third().then((one) => one.query('SELECT 1 FROM c'));
                  const other = await new Promise((resolve) => resolve(3));
                  await other.query('SELECT 1 FROM d');
                }
                """,
        }
    )
    assert asked(project) == [("query", "pg:Client", "select", table) for table in "abc"]


def test_the_error_that_a_callback_is_given() -> None:
    project = linked(
        {
            "app.ts": """
                import mysql from 'mysql2';

                const link = mysql.createConnection({});
                link.query('SELECT 1 FROM a', (error, rows) => { error.get(); });
                """
        }
    )
    assert asked(project) == [("query", "mysql2:Connection", "select", "a")]
    assert project.diagnostics == ()


def test_members_that_scripts_put_on_a_library_s_value() -> None:
    project = linked(
        {
            "clients.js": """
                const { createClient } = require('redis');
                const { Pool } = require('pg');
                const client = createClient();
                client.batch = client.multi;
                const pool = new Pool();
                pool.rows = async function (text) { return (await this.query(text)).rows; };
                module.exports = { client, pool };
                """,
            "app.js": """
                const { client, pool } = require('./clients');

                async function all(keys) {
                  const batch = client.batch();
                  keys.forEach((key) => batch.hSet(key, 'a', 'b'));
                  await batch.execAsPipeline();
                  await pool.rows('SELECT 1 FROM a');
                }
                """,
        }
    )
    told = [(call.member, call.receiver, call.trigger) for call in project.calls]
    assert told == [
        ("hSet", "node_redis:Multi", "call"),
        ("execAsPipeline", "node_redis:Multi", "call"),
        ("query", "pg:Pool", "wrapper"),
        ("query", "pg:Pool", "call"),
    ]
    assert project.unresolved == ()


# Elements of lists


def test_what_methods_of_lists_give() -> None:
    uses = [
        "for (const one of jars.filter((jar) => jar.label)) await one.save();",
        "for (const one of jars.sort(() => 1)) await one.save();",
        "for (const one of byLabel(jars, (jar) => jar.label)) await one.save();",
        "for (const one of [...jars].reverse().slice(0, 2)) await one.save();",
        "await jars.find((jar) => jar.id === 3).save();",
        "await jars.at(-1).save();",
        "await jars.pop().save();",
        "await jars.concat([])[0].save();",
        "await new Map(jars.map((jar) => [jar.id, jar])).get(3).save();",
        "for (const [id, one] of new Map(jars.map((jar) => [jar.id, jar]))) await one.save();",
        "await keyBy(jars, 'id')[3].save();",
        "for (const one of groupBy(jars, 'label')['a']) await one.save();",
        "for (const one of sortBy(jars, 'label')) await one.save();",
        "for (const one of Object.values(keyBy(jars, 'id'))) await one.save();",
        "await lodash.last(jars).save();",
        "for (const one of lodash.map(jars, (jar) => jar)) await one.save();",
    ]
    project = linked(
        {
            "app.ts": """
                import { Sequelize, DataTypes, Model } from 'sequelize';
                import lodash, { groupBy, keyBy, sortBy } from 'lodash';

                const database = new Sequelize('postgres://host');
                class Jar extends Model { declare id: number; declare label: string; }
                Jar.init({ label: DataTypes.STRING }, { sequelize: database, tableName: 'jar' });

                function byLabel<T>(items: T[], key: (one: T) => string): T[] {
                  return items.slice().sort((one, other) => key(one).localeCompare(key(other)));
                }

                export async function all() {
                  const jars = await Jar.findAll({ limit: 3 });
                  USES
                }
                """.replace("USES", "\n                  ".join(uses))
        }
    )
    saved = [call.source for call in project.calls if call.member == "save"]
    assert len(saved) == len(uses), [use.source for use in project.unresolved]


def test_a_parameter_of_which_a_table_says_nothing_is_unknown() -> None:
    project = linked(
        {
            "a.js": """
            const mysql = require('mysql2');

            function asked(connection = mysql.createConnection({})) {
              connection.query('SELECT id FROM jar', (error, rows) => {
                error.query('SELECT 1');
                rows.forEach((row) => console.log(row.id));
              });
            }
            """
        }
    )
    assert project.diagnostics == ()
    assert asked(project) == [("query", "mysql2:Connection", "select", "jar")]


def test_lists_that_are_spread_into_each_other() -> None:
    project = linked(
        {
            "app.js": """
                let all = [];
                for (const one of others) all = [...all, one];
                let left = [], right = [];
                left = [...right];
                right = [...left];
                for (const one of all) one.save();
                for (const one of right) one.save();
                for (const [key, one] of new Map([...new Map(left), ...right])) one.save();
                """
        }
    )
    assert (project.calls, project.diagnostics) == ((), ())


def test_functions_that_stand_for_classes() -> None:
    project = linked(
        {
            "store.js": """
                const Base = require('other');

                const Store = module.exports = function (options) {
                  if (options.knex) this.knex = options.knex;
                  else this.knex = require('knex')({ client: 'pg' });
                  const self = this;
                  this.ready = this.knex.schema.hasTable('a').then(() => self.knex('a').del());
                };
                Store.prototype = Object.create(Base.prototype);
                Store.prototype.set = async function (key) {
                  await this.knex('b').where('key', key).update({ n: 1 });
                  await this.knex.transaction((trx) => trx('c').insert({ key }));
                };

                function Later() {
                  const self = this;
                  connect().then((client) => { self.client = client; });
                }
                Later.prototype.run = function () { return this.client.query('SELECT 1 FROM d'); };

                async function connect() {
                  const { Client } = require('pg');
                  return new Client();
                }
                """,
            "app.js": """
                const Store = require('./store');
                const store = new Store({});

                async function gone() { await store.knex('e').del(); }
                """,
        }
    )
    assert [(verb, table) for _, _, verb, table in asked(project)] == [
        ("delete", "e"),
        ("command", "a"),
        ("delete", "a"),
        ("update", "b"),
        ("insert", "c"),
        ("select", "d"),
    ]
