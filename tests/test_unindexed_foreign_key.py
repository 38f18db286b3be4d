"""What `schema/unindexed-foreign-key` says and hands over: databases, kinds of index, repairs, what cannot be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

RULE = "schema/unindexed-foreign-key"
TABLES = (
    "CREATE TABLE customer (shop bigint, id bigint PRIMARY KEY, UNIQUE (shop, id));\n"
    "CREATE TABLE invoice (\n"
    "  id bigint PRIMARY KEY,\n"
    "  number bigint NOT NULL,\n"
    "  shop bigint,\n"
    "  customer_id bigint {}\n"
    ");\n"
)
SINGLE = TABLES.format("REFERENCES customer (id)")
DOUBLE = TABLES.format(", FOREIGN KEY (shop, customer_id) REFERENCES customer (shop, id)")
READS = "each row that is deleted from customer, and each join from there, reads all of invoice"


def findings(folder: Path, files: dict[str, str], dialect: str = "") -> list[ReportedFinding]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    overrides = {"select": (RULE,), "dialect": dialect}
    return list(run(Request(paths=[str(folder)], root=folder, isolated=True, overrides=overrides)).report.findings)


def said(folder: Path, *more: str, tables: str = SINGLE, dialect: str = "postgres") -> list[str]:
    text = tables + "".join(f"{statement};\n" for statement in more)
    return [found.message for found in findings(folder, {"migrations/0001_first.sql": text}, dialect)]


def test_message_and_statement(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {"migrations/0001_first.sql": SINGLE}, "postgres")
    assert found.message == f"invoice.customer_id refers to customer and has no index: {READS}"
    assert found.region.start.line == 6
    assert found.minimal == (
        "Index customer_id of invoice: CREATE INDEX CONCURRENTLY invoice_customer_id_idx ON invoice (customer_id);"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX ON invoice (customer_id)",
        "CREATE INDEX ON invoice (Customer_Id DESC, number)",
        "CREATE INDEX ON invoice USING hash (customer_id)",
        "CREATE INDEX ON invoice (customer_id) WHERE customer_id IS NOT NULL",
        'CREATE INDEX ON invoice (customer_id) WHERE (("customer_id" IS NOT NULL) AND (number IS NOT NULL))',
        "ALTER TABLE invoice ADD CONSTRAINT once UNIQUE (customer_id, number)",
        "DROP TABLE customer; CREATE VIEW customers AS SELECT customer_id FROM invoice; DROP TABLE invoice",
    ],
)
def test_an_index_that_serves(tmp_path: Path, statement: str) -> None:
    assert said(tmp_path, statement) == []


@pytest.mark.parametrize(
    ("statement", "without"),
    [
        ("CREATE INDEX ON invoice (number)", "no index"),
        ("CREATE INDEX ON invoice (abs(customer_id))", "no index"),
        ("CREATE INDEX ON invoice (number) INCLUDE (customer_id)", "no index"),
        ("CREATE INDEX ON invoice USING brin (customer_id)", "no index"),
        (
            "CREATE INDEX ON invoice (number, customer_id)",
            "only an index that begins with other columns (number, customer_id)",
        ),
        (
            "ALTER TABLE invoice ADD CONSTRAINT once UNIQUE (number, customer_id)",
            "only a unique key that begins with other columns (number, customer_id)",
        ),
        (
            "CREATE INDEX ON invoice (customer_id) WHERE number > 7",
            "only an index over part of its rows (WHERE number > 7)",
        ),
        (
            "CREATE INDEX ON invoice (customer_id) WHERE customer_id IS NOT NULL AND shop IS NOT NULL",
            "only an index over part of its rows (WHERE customer_id IS NOT NULL AND shop IS NOT NULL)",
        ),
        (
            "CREATE INDEX ON invoice (number, customer_id) WHERE customer_id IS NOT NULL",
            "only an index that begins with other columns (number, customer_id)",
        ),
        ("CREATE INDEX gone ON invoice (customer_id); DROP INDEX gone", "no index"),
    ],
)
def test_an_index_that_does_not_serve(tmp_path: Path, statement: str, without: str) -> None:
    assert said(tmp_path, statement) == [f"invoice.customer_id refers to customer and has {without}: {READS}"]


@pytest.mark.parametrize(
    ("own", "index", "found"),
    [
        ("id", "customer_id, shop", 0),
        ("id", "shop, customer_id, number", 0),
        ("id", "customer_id", 0),
        ("id", "shop", 0),
        ("shop, id", "number, shop, customer_id", 1),
        ("shop, id", "shop, number, customer_id", 1),
        ("shop, id", "customer_id", 0),
        ("shop, id", "customer_id, shop", 0),
    ],
)
def test_a_key_of_two_columns(tmp_path: Path, own: str, index: str, found: int) -> None:
    message = (
        "invoice.(shop, customer_id) refers to customer and has only an index that begins with shop: each row that is "
        "deleted from customer, and each join from there, reads every row of invoice with its shop"
    )
    tables = DOUBLE.replace("id bigint PRIMARY KEY,\n  number", f"id bigint, PRIMARY KEY ({own}),\n  number")
    assert said(tmp_path, f"CREATE INDEX ON invoice ({index})", tables=tables) == [message] * found


def test_a_key_of_two_columns_without_any_index(tmp_path: Path) -> None:
    assert said(tmp_path, tables=DOUBLE) == [
        f"invoice.(shop, customer_id) refers to customer and has no index: {READS}"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN EXECUTE 'CREATE INDEX ON invoice (customer_id)'; END $$",
        "ALTER TABLE invoice DROP COLUMN customer_id",
    ],
)
def test_what_cannot_be_said(tmp_path: Path, statement: str) -> None:
    assert said(tmp_path, statement) == []


BLOCKS = [
    ("DO $$ BEGIN CREATE TYPE a AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;", True),
    ("DO $$ BEGIN EXECUTE 'SELECT 1'; END $$;", True),
    ('DO $$ BEGIN IF a THEN ALTER TABLE "customer" ALTER COLUMN "id" TYPE TEXT; END IF; END $$;', True),
    ('DO $$ BEGIN EXECUTE \'CREATE INDEX i ON "invoice" ("customer_id")\'; END $$;', False),
    ('DO $$ BEGIN IF a THEN ALTER TABLE "invoice" ALTER COLUMN "id" TYPE TEXT; END IF; END $$;', False),
    ("DO $$ BEGIN EXECUTE a; END $$;", False),
]
PRISMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model customer {
  id      Int       @id
  invoice invoice[]
}

model invoice {
  id          Int      @id
  customer_id Int
  customer    customer @relation(fields: [customer_id], references: [id])
}
"""
FIRST = """\
CREATE TABLE "customer" ("id" INTEGER NOT NULL, CONSTRAINT "customer_pkey" PRIMARY KEY ("id"));
CREATE TABLE "invoice" (
  "id" INTEGER NOT NULL, "customer_id" INTEGER NOT NULL, CONSTRAINT "invoice_pkey" PRIMARY KEY ("id")
);
"""
SECOND = """\
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_customer_id_fkey" FOREIGN KEY ("customer_id")
  REFERENCES "customer" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
"""


@pytest.mark.parametrize(("block", "found"), BLOCKS)
def test_blocks_of_procedural_code_in_migrations(tmp_path: Path, block: str, found: bool) -> None:
    message = f"invoice.customer_id refers to customer and has no index: {READS}"
    files = {
        "prisma/schema.prisma": PRISMA,
        "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
        "prisma/migrations/1_a/migration.sql": FIRST,
        "prisma/migrations/2_b/migration.sql": SECOND,
        "prisma/migrations/3_c/migration.sql": block,
    }
    expected = [("prisma/schema.prisma", 14, message)] if found else []
    assert [
        (each.region.path, each.region.start.line, each.message) for each in findings(tmp_path / "a", files)
    ] == expected
    plain = {"migrations/1_a.sql": FIRST, "migrations/2_b.sql": SECOND, "migrations/3_c.sql": block}
    expected = [("migrations/2_b.sql", 1, message)] if found else []
    told = findings(tmp_path / "b", plain, "postgres")
    assert [(each.region.path, each.region.start.line, each.message) for each in told] == expected


def test_tables_of_tests_are_not_judged(tmp_path: Path) -> None:
    assert findings(tmp_path, {"tests/migrations/0001_first.sql": SINGLE}, "postgres") == []


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("postgres", "CREATE INDEX CONCURRENTLY invoice_customer_id_idx ON invoice (customer_id);"),
        ("sqlite", "CREATE INDEX invoice_customer_id_idx ON invoice (customer_id);"),
        ("", "CREATE INDEX invoice_customer_id_idx ON invoice (customer_id);"),
        ("mysql", ""),
    ],
)
def test_databases(tmp_path: Path, dialect: str, statement: str) -> None:
    said = [found.minimal for found in findings(tmp_path, {"migrations/0001_first.sql": SINGLE}, dialect)]
    assert said == ([f"Index customer_id of invoice: {statement}"] if statement else [])


MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)


class Owned:
    customer_id = Column(ForeignKey("customer.id"))


class Invoice(Owned, Base):
    __tablename__ = "invoice"
    id = Column(Integer, primary_key=True)


class Note(Owned, Base):
    __tablename__ = "note"
    id = Column(Integer, primary_key=True)
"""


@pytest.mark.parametrize(
    ("drivers", "statement"),
    [
        ("", "CREATE INDEX"),
        ("psycopg2\n", "CREATE INDEX CONCURRENTLY"),
        ("psycopg2\naiosqlite\n", "CREATE INDEX"),
        ("pymysql\n", ""),
        ("pymysql\npsycopg2\n", ""),
    ],
)
def test_a_database_that_only_drivers_name(tmp_path: Path, drivers: str, statement: str) -> None:
    found = findings(tmp_path, {"models.py": MODELS, "requirements.txt": drivers})
    assert [one.minimal for one in found] == (
        [f"Index customer_id of invoice: {statement} invoice_customer_id_idx ON invoice (customer_id);"]
        if statement
        else []
    )
    assert all(one.message.endswith("reads all of invoice (also for note)") for one in found)
    assert all(one.repair == "index=True on the column customer_id of Invoice" for one in found)


ENTITIES = """\
import {{ Entity, ManyToOne, PrimaryGeneratedColumn }} from 'typeorm';

@Entity()
export class Customer {{
  @PrimaryGeneratedColumn()
  id: number;
}}

@Entity()
export class Invoice {{
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Customer, {{ createForeignKeyConstraints: {} }})
  customer: Customer;
}}
"""


def test_without_a_constraint_no_database_makes_the_index(tmp_path: Path) -> None:
    manifest = {"package.json": '{"dependencies": {"typeorm": "1", "mysql2": "3"}}'}
    (found,) = findings(tmp_path, {"entities.ts": ENTITIES.format("false"), **manifest})
    assert found.message == (
        "invoice.customerId refers to customer without a constraint, and has no index: whatever looks for the rows of "
        "a row of customer reads all of invoice"
    )
    assert found.minimal.endswith(": CREATE INDEX invoice_customerId_idx ON invoice (customerId);")
    assert found.repair == "@Index() above the property customer of Invoice"
    assert findings(tmp_path, {"entities.ts": ENTITIES.format("true"), **manifest}) == []


SCHEMA = """\
datasource db {{
  provider = "{}"
  url      = env("DATABASE_URL")
}}

model Customer {{
  shop     String
  id       String    @map("_id")
  invoices Invoice[]

  {}
}}

model Invoice {{
  id       String    @id @map("_id")
  shopId   String    @map("shop_id")
  buyerId  String    @map("buyer_id")
  customer Customer  @relation(fields: [shopId, buyerId], references: [shop, id])
}}
"""


def test_names_of_the_model_and_of_the_database(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {"schema.prisma": SCHEMA.format("postgresql", "@@id([shop, id])")})
    assert found.repair == "@@index([shopId, buyerId]) in model Invoice"
    assert found.minimal == (
        "Index shop_id, buyer_id of Invoice: "
        'CREATE INDEX CONCURRENTLY "Invoice_shop_id_buyer_id_idx" ON "Invoice" (shop_id, buyer_id);'
    )


DJANGO = """\
from django.db import models


class Customer(models.Model):
    name = models.TextField()


class Invoice(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, db_index=False)
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields={}, name="invoice_number")]
"""


@pytest.mark.parametrize(("fields", "found"), [('["customer", "number"]', 0), ('["number", "customer"]', 1)])
def test_a_field_without_its_index(tmp_path: Path, fields: str, found: int) -> None:
    said = findings(tmp_path, {"shop/models.py": DJANGO.format(fields)})
    assert [one.repair for one in said] == ["the field customer of Invoice without db_index=False"] * found


def test_the_place_is_that_of_the_database_that_is_spoken_of(tmp_path: Path) -> None:
    folders = ("mysql", "postgresql", "sqlite")
    (found,) = findings(tmp_path, {f"migrations/{folder}/0001_first.sql": SINGLE for folder in folders})
    assert found.region.path == "migrations/postgresql/0001_first.sql"
    assert "CONCURRENTLY" in found.minimal


def test_the_order_of_a_key_in_the_database_counts(tmp_path: Path) -> None:
    models = (
        "from sqlalchemy import Column, ForeignKey, Integer\n"
        "from sqlalchemy.orm import declarative_base\n\n"
        "Base = declarative_base()\n\n\n"
        "class Customer(Base):\n"
        '    __tablename__ = "customer"\n'
        "    id = Column(Integer, primary_key=True)\n\n\n"
        "class Invoice(Base):\n"
        '    __tablename__ = "invoice"\n'
        "    number = Column(Integer, primary_key=True)\n"
        '    customer_id = Column(ForeignKey("customer.id"), primary_key=True)\n'
    )
    stored = (
        "CREATE TABLE customer (id integer PRIMARY KEY);\n"
        "CREATE TABLE invoice (number integer, customer_id integer REFERENCES customer (id), PRIMARY KEY ({}));\n"
    )
    for columns, number in (("customer_id, number", 0), ("number, customer_id", 1)):
        files = {"models.py": models, "migrations/0001_first.sql": stored.format(columns)}
        assert len(findings(tmp_path, files, "postgres")) == number


USED = """
import psycopg


def work(connection: psycopg.Connection, value):
    connection.execute({!r}, [value])
"""
ALONE = "invoice.customer_id refers to customer and has no index: "
PLAIN = SINGLE
CASCADING = TABLES.format("REFERENCES customer (id) ON DELETE CASCADE")


@pytest.mark.parametrize(
    ("tables", "statement", "reads"),
    [
        (PLAIN, "DELETE FROM customer WHERE id = %s", "each row that is deleted from customer (work.py) reads"),
        (
            PLAIN,
            "SELECT id FROM invoice WHERE customer_id = %s",
            "each search for the rows that refer to one row of customer (work.py) reads",
        ),
        (
            PLAIN,
            "SELECT i.id FROM customer c JOIN invoice i ON i.customer_id = c.id WHERE c.shop = %s",
            "each join from customer (work.py) reads",
        ),
        (
            CASCADING,
            "SELECT id FROM product WHERE id = %s",
            "each row that is deleted from customer takes its rows along (ON DELETE CASCADE), and to find them reads",
        ),
    ],
)
def test_who_reads_the_table(tmp_path: Path, tables: str, statement: str, reads: str) -> None:
    (found,) = findings(tmp_path, {"migrations/0001_first.sql": tables, "work.py": USED.format(statement)}, "postgres")
    assert found.message == f"{ALONE}{reads} all of invoice"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM invoice WHERE id = %s",
        "DELETE FROM invoice WHERE id = %s",
        "SELECT id FROM customer WHERE id = %s",
        "SELECT i.id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE i.id = %s",
    ],
)
def test_nobody_would_use_the_index(tmp_path: Path, statement: str) -> None:
    for number, tables in enumerate((PLAIN, CASCADING)):
        files = {"migrations/0001_first.sql": tables, "work.py": USED.format(statement)}
        assert not findings(tmp_path / str(number), files, "postgres")


@pytest.mark.parametrize(
    ("predicate", "condition", "count"),
    [
        ("shop IS NULL", "customer_id = %s AND shop IS NULL", 0),
        ('("shop" IS NULL)', "i.shop IS NULL AND i.customer_id = %s", 0),
        ("shop IS NOT NULL", "customer_id = %s AND shop > 3", 0),
        ("shop IS NULL AND number = 7", "customer_id = %s AND number = 7 AND shop IS NULL", 0),
        ("shop IS NULL", "customer_id = %s", 1),
        ("shop IS NULL", "customer_id = %s AND shop IS NOT NULL", 1),
        ("shop IS NULL", "customer_id = %s AND (shop IS NULL OR number = 7)", 1),
        ("shop IS NULL AND number = 7", "customer_id = %s AND shop IS NULL", 1),
        ("number = 7", "customer_id = %s AND number = 8", 1),
        ("shop IS NULL OR number = 7", "customer_id = %s AND shop IS NULL", 1),
        ("NOT (shop IS NULL)", "customer_id = %s AND shop IS NULL", 1),
    ],
)
def test_an_index_over_part_of_the_rows_serves_who_asks_for_these(
    tmp_path: Path, predicate: str, condition: str, count: int
) -> None:
    tables = f"{PLAIN}CREATE INDEX ON invoice (customer_id) WHERE {predicate};\n"
    work = USED.format("SELECT i.id FROM invoice i WHERE ?").replace("?", condition)
    found = findings(tmp_path, {"migrations/0001_first.sql": tables, "work.py": work}, "postgres")
    assert [each.message.partition(": ")[2] for each in found] == [
        "each search for the rows that refer to one row of customer (work.py) reads all of invoice"
    ] * count
    work += USED.format("DELETE FROM customer WHERE id = %s").replace("def work", "def drop")
    assert len(findings(tmp_path, {"work.py": work}, "postgres")) == 1  # whose rows the index has not all


@pytest.mark.parametrize(("others", "asked", "count"), [(6, 6, 0), (6, 5, 0), (6, 4, 1), (4, 4, 1), (6, 0, 1)])
def test_two_tables_that_alone_are_in_no_query(tmp_path: Path, others: int, asked: int, count: int) -> None:
    tables = PLAIN + "".join(f"CREATE TABLE part{number} (id bigint PRIMARY KEY);\n" for number in range(others))
    work = USED.format("; ".join(map("SELECT id FROM part{}".format, range(asked))) or "SELECT %s")
    files = {"migrations/0001_first.sql": tables, "work.py": work}
    assert len(findings(tmp_path, files, "postgres")) == count


@pytest.mark.parametrize(
    ("path", "deletes", "searches"),
    [
        ("app/work.py", 1, 1),
        ("app/adminton.py", 1, 1),
        ("app/admin/work.py", 0, 1),
        ("app/cli.py", 0, 0),
        ("app/commands/work.py", 0, 0),
        ("scripts/work.py", 0, 0),
    ],
)
def test_what_is_done_now_and_then(tmp_path: Path, path: str, deletes: int, searches: int) -> None:
    for number, (statement, count) in enumerate(
        (
            ("DELETE FROM customer WHERE id = %s", deletes),
            ("SELECT id FROM invoice WHERE customer_id = %s", searches),
        )
    ):
        files = {"migrations/0001_first.sql": PLAIN, path: USED.format(statement)}
        assert len(findings(tmp_path / str(number), files, "postgres")) == count


def test_what_is_done_often_is_named_before_what_is_done_now_and_then(tmp_path: Path) -> None:
    delete = USED.format("DELETE FROM customer WHERE id = %s")
    files = {"migrations/0001_first.sql": PLAIN, "a/admin.py": delete, "b/work.py": delete}
    (found,) = findings(tmp_path, files, "postgres")
    assert found.message == f"{ALONE}each row that is deleted from customer (b/work.py) reads all of invoice"


NOTING = """
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE shop (id bigint PRIMARY KEY);
CREATE TABLE invoice (
  id bigint PRIMARY KEY,
  shop_id bigint REFERENCES shop (id),
  customer_id bigint REFERENCES customer (id){}
);
"""
INDEXED = "CREATE INDEX ON invoice (shop_id);\n"
PARTLY = "CREATE INDEX ON invoice (shop_id) WHERE id > 7;\n"
OPEN = "CREATE INDEX ON invoice (shop_id) WHERE customer_id IS NULL;\n"


@pytest.mark.parametrize(
    ("action", "more", "search", "columns"),
    [
        ("", "", "SELECT 1", ["shop_id", "customer_id"]),
        ("", INDEXED, "SELECT 1", []),
        (" ON DELETE RESTRICT", INDEXED, "SELECT 1", []),
        ("", PARTLY, "SELECT id FROM invoice WHERE shop_id = 1 AND id > 7", ["shop_id"]),
        ("", OPEN, "SELECT id FROM invoice WHERE shop_id = 1 AND customer_id IS NULL", []),
        (" ON DELETE CASCADE", INDEXED, "SELECT 1", ["customer_id"]),
        (" ON DELETE SET NULL", INDEXED, "SELECT 1", []),
        (" ON DELETE SET NULL", INDEXED, "DELETE FROM customer WHERE id > 9", ["customer_id"]),
        (" ON DELETE SET NULL", INDEXED, "INSERT INTO customer VALUES (1)", ["customer_id"]),
        (" ON DELETE SET NULL", INDEXED, "SELECT id FROM invoice WHERE customer_id = 1", ["customer_id"]),
        ("", "", "SELECT id FROM invoice WHERE shop_id = 1", ["shop_id"]),
        ("", INDEXED, "SELECT id FROM invoice WHERE customer_id = 1", ["customer_id"]),
    ],
)
def test_a_key_that_notes_something_beside_another(
    tmp_path: Path, action: str, more: str, search: str, columns: list[str]
) -> None:
    work = USED.replace("{!r}, [value])", "{!r}, [value])\n    connection.execute({!r})")
    work = work.format("DELETE FROM customer WHERE id = %s", search)
    files = {"migrations/0001_first.sql": NOTING.format(action) + more, "work.py": work}
    assert [found.message.split(" ")[0] for found in findings(tmp_path, files, "postgres")] == [
        f"invoice.{column}" for column in columns
    ]


def test_rows_that_are_deleted_themselves_and_with_others(tmp_path: Path) -> None:
    tables = (
        "CREATE TABLE region (id bigint PRIMARY KEY);\n"
        "CREATE TABLE customer (id bigint PRIMARY KEY, region bigint REFERENCES region (id) ON DELETE CASCADE);\n"
        "CREATE TABLE invoice (\n"
        "  id bigint PRIMARY KEY, customer_id bigint REFERENCES customer (id) ON DELETE SET NULL\n);\n"
        "CREATE INDEX ON customer (region);\n"
    )
    files = {
        "migrations/0001_first.sql": tables,
        "customers.py": USED.format("DELETE FROM customer WHERE id = %s"),
        "regions.py": USED.format("DELETE FROM region WHERE id = %s"),
    }
    assert findings(tmp_path / "singly", files, "postgres") == []
    files["regions.py"] = USED.format("DELETE FROM region WHERE id > %s")
    (found,) = findings(tmp_path, files, "postgres")
    deleted = "each row that is deleted from customer (customers.py; with rows of region, regions.py)"
    assert found.message == f"{ALONE}{deleted} reads all of invoice"
    assert [(related.message, related.region.path) for related in found.related] == [
        ("here rows of customer are deleted", "customers.py"),
        ("here rows of region are deleted, and rows of customer with them", "regions.py"),
    ]


def test_a_search_by_two_keys_asks_for_one_index(tmp_path: Path) -> None:
    both = USED.format("SELECT id FROM invoice WHERE shop_id = 1 AND customer_id = 1")
    one = USED.format("SELECT id FROM invoice WHERE customer_id = 1")
    tables = {"migrations/0001_first.sql": NOTING.format("")}
    told = [found.message.split(" ")[0] for found in findings(tmp_path / "a", {**tables, "a.py": both}, "postgres")]
    assert told == ["invoice.shop_id"]
    told = [
        found.message.split(" ")[0]
        for found in findings(tmp_path / "b", {**tables, "a.py": both, "b.py": one}, "postgres")
    ]
    assert told == ["invoice.customer_id"]


def test_a_program_that_uses_other_tables_says_nothing(tmp_path: Path) -> None:
    files = {"migrations/0001_first.sql": PLAIN, "work.py": USED.format("SELECT id FROM product WHERE id = %s")}
    (found,) = findings(tmp_path, files, "postgres")
    assert found.message == f"{ALONE}{READS}"


def test_rows_that_go_with_those_of_another_table(tmp_path: Path) -> None:
    more = (
        "CREATE TABLE region (id bigint PRIMARY KEY);\n"
        "ALTER TABLE customer ADD FOREIGN KEY (shop) REFERENCES region (id) ON DELETE CASCADE;\n"
        "CREATE INDEX ON customer (shop, id);\n"
    )
    work = USED.replace("{!r}, [value])", "{!r}, [value])\n    connection.execute({!r})")
    work = work.format("DELETE FROM region WHERE id = %s", "SELECT 1 FROM invoice WHERE customer_id = 1")
    (found,) = findings(tmp_path, {"migrations/0001_first.sql": PLAIN + more, "work.py": work}, "postgres")
    deleted = "each row that is deleted from customer (with rows of region, work.py)"
    sought = "each search for the rows that refer to one row of customer (work.py)"
    assert found.message == ALONE + ", and ".join((deleted, sought)) + ", reads all of invoice"
    assert [(related.message, related.region.start.line) for related in found.related] == [
        ("here rows of region are deleted, and rows of customer with them", 6),
        ("here rows of invoice are looked for by customer_id", 7),
    ]


def test_a_statement_that_is_built_here_and_run_elsewhere(tmp_path: Path) -> None:
    models = """\
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine("postgresql://server/shop")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)


class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))


def of_customer(number: int):
    return select(Invoice).where(Invoice.{} == number)
"""
    (found,) = findings(tmp_path, {"shop.py": models.format("customer_id")})
    assert (
        found.message
        == f"{ALONE}each search for the rows that refer to one row of customer (shop.py) reads all of invoice"
    )
    assert not findings(tmp_path, {"shop.py": models.format("id")})


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("SELECT number FROM invoice", 0),
        ("SELECT number FROM invoice ORDER BY number", 0),
        ("SELECT number FROM invoice LIMIT 10", 1),
        ("SELECT number FROM invoice WHERE shop = 1", 1),
        ("SELECT count(*) FROM invoice", 1),
        ("SELECT shop, max(number) FROM invoice GROUP BY shop", 1),
    ],
)
def test_a_table_that_is_read_whole_anyway(tmp_path: Path, more: str, found: int) -> None:
    work = USED.replace("{!r}, [value])", "{!r}, [value])\n    connection.execute({!r})")
    work = work.format("DELETE FROM customer WHERE id = %s", more)
    assert len(findings(tmp_path, {"migrations/0001_first.sql": PLAIN, "work.py": work}, "postgres")) == found


def test_a_key_that_is_looked_for_in_a_table_that_is_read_whole(tmp_path: Path) -> None:
    work = USED.format("SELECT id FROM invoice WHERE customer_id = %s")
    work += '    connection.execute("SELECT number FROM invoice")\n'
    assert len(findings(tmp_path, {"migrations/0001_first.sql": PLAIN, "work.py": work}, "postgres")) == 1


OPTIONAL = """\
import psycopg


def search(connection: psycopg.Connection, number, customer=None):
    {}
    return connection.execute(text, {{"number": number, "customer": customer}}).fetchall()


def numbered(connection: psycopg.Connection, number, customer):
    connection.execute("SELECT shop FROM customer WHERE id = %s", [number])
    return search({})
"""
APPENDED = """text = "SELECT id FROM invoice WHERE number = %(number)s"
    if customer:
        text += " AND customer_id = %(customer)s\""""
CHOSEN = """text = "SELECT id FROM invoice WHERE number = %(number)s" + (
        " AND customer_id = %(customer)s" if customer else ""
    )"""


@pytest.mark.parametrize("text", [APPENDED, CHOSEN])
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("connection, number", 0),
        ("connection, number, None", 0),
        ("connection, number, customer", 1),
        ("connection, number, customer=customer", 1),
    ],
)
def test_a_condition_in_a_text_behind_a_parameter(tmp_path: Path, text: str, given: str, found: int) -> None:
    files = {"migrations/0001_first.sql": PLAIN, "work.py": OPTIONAL.format(text, given)}
    messages = [each.message for each in findings(tmp_path, files, "postgres")]
    searched = f"{ALONE}each search for the rows that refer to one row of customer (work.py) reads all of invoice"
    assert messages == [searched] * found


CHAIN = (
    "".join(f"CREATE TABLE t{number} (id bigint PRIMARY KEY);\n" for number in range(6))
    + """\
CREATE TABLE pair (
  left_id bigint REFERENCES t0 (id),
  right_id bigint REFERENCES t1 (id) ON DELETE CASCADE,
  PRIMARY KEY (left_id, right_id)
);
"""
)
FILLED = (
    "CREATE FUNCTION fill() RETURNS trigger AS $$ BEGIN INSERT INTO pair (left_id) VALUES (NEW.id); RETURN NEW; END $$ "
    "LANGUAGE plpgsql;\n"
)
OLD = """\
import { bigint, pgTable } from 'drizzle-orm/pg-core';
import { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { eq, sql } from 'drizzle-orm';
TABLES
export async function drop(db: NodePgDatabase, id: number) {
  await db.delete(t1).where(eq(t1.id, id));
  MORE
}
"""
DECLARED = "export const {0} = pgTable('{0}', {{ id: bigint('id', {{ mode: 'number' }}).primaryKey() }});"


@pytest.mark.parametrize(
    ("tables", "more", "more_sql", "found"),
    [
        ("t0 t1 t2 t3 t4 t5", "", "", 0),
        ("t0 t1 t2 t3", "", "", 1),
        ("t0 t1 t2 t3 t4 t5 pair", "", "", 1),
        ("t0 t1 t2 t3 t4 t5", "await db.execute(sql`SELECT left_id FROM pair LIMIT 1`);", "", 1),
        ("t0 t1 t2 t3 t4 t5", "", "CREATE VIEW pairs AS SELECT left_id FROM pair;\n", 1),
        ("t0 t1 t2 t3 t4 t5", "", FILLED, 1),
        ("t0 t1 t2 t3 t4 t5", "", FILLED.replace("pair", "pairs"), 0),
    ],
    ids=(
        "the others are declared",
        "not all of them",
        "declared itself",
        "a query names it",
        "a view",
        "a trigger",
        "a trigger for another one",
    ),
)
def test_a_table_that_only_migrations_know(tmp_path: Path, tables: str, more: str, more_sql: str, found: int) -> None:
    declared = "\n".join(DECLARED.format(name) for name in tables.split())
    work = OLD.replace("TABLES", declared).replace("MORE", more)
    files = {"migrations/0001_first.sql": CHAIN + more_sql, "work.ts": work}
    messages = [each.message for each in findings(tmp_path, files, "postgres")]
    key = "a primary key that begins with other columns (left_id, right_id)"
    read = "each row that is deleted from t1 (work.ts) reads all of pair"
    assert messages == [f"pair.right_id refers to t1 and has only {key}: {read}"] * found


def test_a_table_of_pairs_that_a_relation_may_stand_for(tmp_path: Path) -> None:
    models = ["from django.db import models\n\n"]
    for number in range(6):
        more = "    others = models.ManyToManyField('T1', db_table='other')\n" if number == 0 else ""
        models.append(f"class T{number}(models.Model):\n{more}    class Meta:\n        db_table = 't{number}'\n\n")
    models.append("def drop(number):\n    T1.objects.filter(pk=number).delete()\n")
    files = {"migrations/0001_first.sql": CHAIN, "shop/__init__.py": "", "shop/models.py": "".join(models)}
    assert [each.region.start.line for each in findings(tmp_path, files, "postgres")] == [9]
