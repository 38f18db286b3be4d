"""An amount of money in a column of a binary floating type.

What a column holds is known by its name alone, so the words that nothing but money has (price, fee, salary) speak by
themselves, and those that other things have too (amount, balance, total) only where the table or a column beside them
is about money. A name that says count, rate, ratio, score, average … is another quantity, whatever else it says; a
default between 0 and 1 is that of a share; and the cost of an edge in a graph is a length. Views are not judged, nor
a model that no migration makes and that refers to nothing, where the project has migrations: the table may be another
program's.

Off by default: the code bases of a draw had no finding to read, and of six that were read elsewhere five were right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.project import Project
from dblint.facts.schema import SchemaColumn, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="an amount of money is kept in a binary floating type",
    why=(
        "float, real and double precision hold binary fractions: 0.10 is none of them. What is read is not what was "
        "written, sums depend on the order of their rows, `=` misses equal amounts, and a total differs from its parts "
        "by cents that nobody can explain afterwards. numeric holds what was written, to the digit."
    ),
    minimal=(
        "Give {column} of {table} the type numeric(19, 4), or one with as many decimals as its finest value has "
        "(prices of a unit, crypto currencies), and round what is stored as it is converted."
    ),
    better=(
        "Calculate with {column} of {table} in a decimal type of the program, too, and keep the currency beside it; "
        "where the database has no exact decimals (SQLite, MongoDB's Prisma models), keep an integer of the smallest "
        "unit."
    ),
    complete=(
        "Add the exact column beside {table}.{column}, write both, copy the rows over, and compare the sums with the "
        "invoices or bookings behind them before the old column goes; a CHECK keeps amounts in their range."
    ),
    symptoms=("totals are off by a cent", "0.30000000000000004", "a payment does not equal its invoice"),
    verify=(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
        "WHERE data_type IN ('real', 'double precision', 'float', 'double') AND "
        "table_schema NOT IN ('information_schema', 'pg_catalog', 'mysql', 'performance_schema', 'sys')"
    ),
    verify_on=("postgres", "mysql", "tsql"),
    severity="error",
    confidence="high",
    default=False,
    checklist=("2.3",),
    looks_at="tables",
    bad=(
        Bad(
            "sql",
            "CREATE TABLE invoice (\n"
            "    id bigint PRIMARY KEY,\n"
            "    total double precision NOT NULL, -- finding\n"
            "    shipping_cost real, -- finding\n"
            "    tax_rate double precision\n"
            ");\n",
            path="migrations/0001_invoice.sql",
        ),
        Bad(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
            "model Order {\n"
            "  id        Int   @id\n"
            "  unitPrice Float // finding\n"
            "  quantity  Float\n"
            "  amount    Float // finding\n"
            "}\n",
        ),
        Bad(
            "python",
            "from django.db import models\n\n\n"
            "class Product(models.Model):\n"
            "    price = models.FloatField()  # finding\n"
            "    weight = models.FloatField()\n",
            title="Django",
            path="shop/models.py",
            files={"shop/__init__.py": "", "settings.py": 'INSTALLED_APPS = ["shop"]\n'},
        ),
        Bad(
            "python",
            "from sqlalchemy import Column, Double, Float, Integer\n"
            "from sqlalchemy.orm import declarative_base\n\n"
            "Base = declarative_base()\n\n\n"
            "class Employee(Base):\n"
            '    __tablename__ = "employee"\n'
            "    id = Column(Integer, primary_key=True)\n"
            "    salary = Column(Float)  # finding\n"
            "    travel_costs = Column(Double)  # finding\n"
            "    salary_factor = Column(Float)\n",
            title="SQLAlchemy",
        ),
        Bad(
            "typescript",
            "import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';\n\n"
            "@Entity()\n"
            "export class Account {\n"
            "  @PrimaryGeneratedColumn()\n"
            "  id: number;\n\n"
            "  @Column({ type: 'double precision' })\n"
            "  balance: number; // finding\n\n"
            "  @Column('float')\n"
            "  monthlyFee: number; // finding\n\n"
            "  @Column('float')\n"
            "  balanceFactor: number;\n"
            "}\n",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE invoice (
    id bigint PRIMARY KEY,
    total double precision NOT NULL, -- finding
    tax_rate double precision
);
""",
            title="a file that no tool runs",
            path="schema.sql",
        ),
        Bad(
            "python",
            """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Product",
            [
                ("id", models.AutoField(primary_key=True)),
                ("price", models.FloatField()),  # finding
                ("weight", models.FloatField()),
            ],
        ),
    ]
""",
            title="Django",
            path="shop/migrations/0001_initial.py",
            files={
                "shop/__init__.py": "",
                "shop/migrations/__init__.py": "",
            },
        ),
        Bad(
            "python",
            """\
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("total", sa.Float()),  # finding
        sa.Column("tax_rate", sa.Float()),
    )
""",
            title="Alembic",
            path="migrations/versions/1_invoice.py",
        ),
        Bad(
            "typescript",
            """\
import { MigrationInterface, QueryRunner, Table } from 'typeorm';

export class Invoice1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'invoice',
        columns: [
          { name: 'id', type: 'bigint', isPrimary: true },
          { name: 'total', type: 'double precision' }, // finding
          { name: 'tax_rate', type: 'double precision' },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('invoice');
  }
}
""",
            title="TypeORM",
            path="migrations/1700000000000-Invoice.ts",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE "Ledger" (
    "id" INTEGER PRIMARY KEY,
    "balance" DOUBLE PRECISION NOT NULL, -- finding
    "growth" DOUBLE PRECISION
);
""",
            title="a table that the migrations alone know",
            path="prisma/migrations/20240101000000_first/migration.sql",
            files={
                "prisma/schema.prisma": """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
""",
            },
        ),
    ),
    good=(
        Good(
            "sql",
            "CREATE TABLE invoice (\n"
            "    id bigint PRIMARY KEY,\n"
            "    total numeric(19, 4) NOT NULL,\n"
            "    fee_cents bigint,\n"
            "    deposit money\n"
            ");\n"
            "CREATE TABLE ingredient (id bigint PRIMARY KEY, amount real, total double precision);\n"
            "CREATE TABLE edge (id bigint PRIMARY KEY, cost double precision);\n",
            title="exact types; an amount of something else; a graph",
            path="migrations/0001_invoice.sql",
        ),
        Good(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
            "model Campaign {\n"
            "  id         Int     @id\n"
            "  price      Decimal\n"
            "  payoutFee  Float   @default(0.05)\n"
            "  priceScore Float\n"
            "}\n",
            title="a share, a score",
        ),
        Good(
            "python",
            "from django.db import models\n\n\n"
            "class Product(models.Model):\n"
            "    price = models.DecimalField(max_digits=19, decimal_places=4)\n"
            "    average_price = models.FloatField()\n",
            title="Django",
            path="shop/models.py",
            files={"shop/__init__.py": "", "settings.py": 'INSTALLED_APPS = ["shop"]\n'},
        ),
        Good(
            "python",
            "from sqlalchemy import Column, Float, Integer, Numeric\n"
            "from sqlalchemy.orm import declarative_base\n\n"
            "Base = declarative_base()\n\n\n"
            "class Employee(Base):\n"
            '    __tablename__ = "employee"\n'
            "    id = Column(Integer, primary_key=True)\n"
            "    salary = Column(Numeric(19, 4))\n"
            "    cost_center_id = Column(Float)\n",
            title="SQLAlchemy",
        ),
        Good(
            "typescript",
            "import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';\n\n"
            "@Entity()\n"
            "export class Account {\n"
            "  @PrimaryGeneratedColumn()\n"
            "  id: number;\n\n"
            "  @Column({ type: 'numeric', precision: 19, scale: 4 })\n"
            "  balance: string;\n"
            "}\n",
        ),
    ),
)

FLOATS = frozenset("float real double float4 float8 float32 float64 binary_float binary_double".split())
"""Types by the first word of what a database calls them."""
MONEY = frozenset(
    """
    price prices cost costs fee fees salary salaries wage wages revenue revenues subtotal payout payouts refund refunds
    surcharge surcharges income expense expenses earnings profit cash money usd eur gbp cents
    """.split()
)
"""Words that only money has."""
OPEN = frozenset("amount amounts balance balances total totals budget deposit credit debit tax discount".split())
"""Words that money has, and other quantities too."""
TRADE = MONEY | frozenset(
    """
    currency invoice invoices order orders payment payments transaction transactions account accounts bill bills billing
    wallet wallets ledger purchase purchases sale sales payroll checkout cart carts charge charges donation donations
    loan loans
    """.split()
)
"""Words of tables and columns that say that the table is about money."""
OTHER = frozenset(
    """
    count counts id ids center centre factor factors ratio ratios percent percentage percentages pct bps score scores
    weight weights rate rates index rank ranking rating quantity qty number multiple multiplier coefficient share
    fraction probability confidence elasticity function loss change growth margin impact volatility
    average avg mean median variance deviation std stddev estimate estimated predicted forecast per
    hour hours minute minutes second seconds day days week weeks month months year years time duration distance size
    bytes memory cpu energy carbon token tokens point points units level
    """.split()
)
"""Words that make another quantity of a name, or one that no booking rests on."""
GRAPHS = frozenset("edge edges graph graphs path paths way ways vertex vertices".split())
"""Tables in which a cost is a length."""


def check(table: Table, project: Project) -> Iterator[Finding]:
    """One finding per column of a binary floating type that holds money."""
    if table.view or _is_elsewhere(table, project):
        return
    for column in table.columns:
        place = column.place or table.place
        if place is None or not _is_float(column.type) or not _is_money(column, table):
            continue
        yield Finding(
            place,
            f"{table.name}.{column.name} holds money as {column.type}: a binary fraction cannot be 0.10, so amounts "
            "change as they are stored and sums are off by cents; numeric(19, 4) holds what was written",
            names={"table": spelling.name(table.name), "column": spelling.name(column.name), "type": column.type},
        )


def places(project: Project) -> Iterator[Place]:
    """The tables of which columns are judged."""
    for table in project.tables.values():
        if table.place is not None and not table.view and not _is_elsewhere(table, project):
            yield table.place


def _is_elsewhere(table: Table, project: Project) -> bool:
    """Whether a model may describe the table of another program: no migration makes it, and it refers to nothing."""
    refers = bool(table.relations) or any(key.kind == "foreign" for key in table.keys)
    return table.origin == "model" and bool(project.stored) and not project.databases(table.name) and not refers


def _is_float(kind: str) -> bool:
    """Whether a type is a binary floating one, with or without a size: `double precision`, `float(10,2) unsigned`."""
    word = re.split(r"[\s(\[]", kind.strip(), maxsplit=1)[0]
    return word.lower() in FLOATS


def _is_money(column: SchemaColumn, table: Table) -> bool:
    words = _words(column.name)
    if words & OTHER or _is_share(column.default):
        return False
    around = _words(table.name)
    if words & MONEY:
        return not (words <= {"cost", "total", "costs"} and around & GRAPHS)
    if not words & OPEN:
        return False
    beside = {word for other in table.columns if other is not column for word in _words(other.name)}
    return bool(words & TRADE or around & TRADE or beside & (MONEY | {"currency"}))


def _is_share(default: str) -> bool:
    """Whether a column is given something between nothing and one by itself."""
    try:
        return 0 < float(default.strip("'() ")) < 1
    except ValueError:
        return False


def _words(name: str) -> set[str]:
    """The words of a name, in whatever way they are joined: unit_price, unitPrice, UNIT-PRICE."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
