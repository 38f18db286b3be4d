"""An amount of money in a column of a binary floating type.

What a column holds is known by its name alone, so the words that nothing but money has (price, fee, salary) speak by
themselves, and those that other things have too (amount, balance, total) only where the table or a column beside them
is about money. Words that nothing parts (BILLPAYMENTS) are parted where all of them are known. A name that says count,
rate, ratio, score, average … is another quantity, whatever else it says, but for what a price is asked for one of
(price_per_hour); a default between 0 and 1 is that of a share, and the cost of an edge in a graph is a length. Whole
cents are integers, which a double holds exactly.

A tax or a discount by itself may be a share: it counts with an amount or total in its name, or beside the price that it
is a part of (shipping_price, shipping_tax). An amount in a table that speaks of goods may be one of them, unless
another column counts them. Prices beside a column that names what a market trades (symbol, trading_pair) are quotes,
which are measured, and amounts there are of coins and shares, for which no number of decimals fits all. A cost beside
tokens or usage is computed from them, and an estimate. A fee beside its bound (maximum_fee) is a share.

Views are not judged, nor a model that no migration makes and that refers to nothing, where the project has migrations:
the table may be another program's.

On by default: the code bases of the draws have no money in such a type and no finding, and of those that were read in
some thirty others (shops, bookings, payrolls, bills) nineteen in twenty were right. Known to be wrong: a `labor_cost`
of days. Disputed: fees in a pool's tokens, limits that warn, copies of prices that are only shown. Not seen: names
in other languages than English, values of which only another column says that they are money (a coupon's value), a lone
`rate`, `tax` or `discount` that is an amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dblint.facts import spelling
from dblint.facts.project import Project
from dblint.facts.schema import DOCUMENT_DATABASES, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="an amount of money is kept in a binary floating type",
    why=(
        "float, real and double precision hold binary fractions: 0.10 is none of them. What is read is not what was "
        "written, sums depend on the order of their rows, `=` misses equal amounts, and a total differs from its parts "
        "by cents that nobody can explain afterwards. numeric holds what was written, to the digit."
    ),
    minimal=("{change}, and round what is stored as it is converted."),
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
    checklist=("2.3",),
    looks_at="tables whose columns are known",
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
            "CREATE TABLE BILLPAYMENTS (ID bigint PRIMARY KEY,\n"
            "    AMOUNT real -- finding\n"
            ");\n"
            "CREATE TABLE room (id bigint PRIMARY KEY,\n"
            "    price_per_night real -- finding\n"
            ");\n"
            "CREATE TABLE orders (id bigint PRIMARY KEY, product_id bigint, quantity real,\n"
            "    amount real, -- finding\n"
            "    shipping_price real, -- finding\n"
            "    shipping_tax real -- finding\n"
            ");\n",
            title="words that nothing parts; a price of one; an amount beside the quantity; a tax beside its price",
            path="migrations/0001_shop.sql",
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
        Bad(
            "python",
            """\
from peewee import FloatField, Model, PostgresqlDatabase


class Invoice(Model):
    total_price = FloatField()  # finding

    class Meta:
        database = PostgresqlDatabase("shop")
""",
            title="FloatField of Peewee",
        ),
        Bad(
            "python",
            """\
import mongoengine

class Line(mongoengine.EmbeddedDocument):
    price = mongoengine.DecimalField()  # finding

class Invoice(mongoengine.Document):
    lines = mongoengine.EmbeddedDocumentListField(Line)
    total = mongoengine.FloatField()  # finding
""",
            title="MongoEngine: DecimalField keeps a double",
        ),
        Bad(
            "python",
            """\
from tortoise import Tortoise, fields
from tortoise.models import Model


class Invoice(Model):
    total_price = fields.FloatField()  # finding


async def start():
    await Tortoise.init(db_url="postgres://server/shop", modules={"models": ["models"]})
""",
            title="FloatField of Tortoise",
        ),
        Bad(
            "python",
            """\
from beanie import Document

class Payment(Document):
    amount: float  # finding
""",
            title="Beanie",
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
            "sql",
            "CREATE TABLE candle (symbol text, day date, price double precision, PRIMARY KEY (symbol, day));\n"
            "CREATE TABLE cart (id bigint PRIMARY KEY, product_id bigint, amount real);\n"
            "CREATE TABLE product (id bigint PRIMARY KEY, price numeric(19, 4), tax real, discount real);\n"
            "CREATE TABLE answer (id bigint PRIMARY KEY, input_tokens bigint, cost double precision);\n"
            "CREATE TABLE event (id bigint PRIMARY KEY, total_cents double precision, currency text);\n",
            title="quotes; an amount of goods; shares; an estimate; whole cents",
            path="migrations/0001_shop.sql",
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
        Good(
            "python",
            """\
from decimal import Decimal
import beanie
import mongoengine

class Invoice(mongoengine.Document):
    total = mongoengine.Decimal128Field()
    price = mongoengine.DecimalField(force_string=True)

class Payment(beanie.Document):
    amount: Decimal
""",
            title="documents with exact decimals: Decimal128, or a text",
        ),
    ),
)

FLOATS = frozenset("float real double float4 float8 float32 float64 binary_float binary_double".split())
"""Types by the first word of what a database calls them."""
PRICES = frozenset("price prices fee fees wage wages salary salaries amount".split())
"""What is asked for one unit of something, and what is booked so."""
MONEY = PRICES - {"amount"} | frozenset(
    """
    cost costs revenue revenues subtotal payout payouts refund refunds surcharge surcharges income expense expenses
    earnings profit cash money usd eur gbp
    """.split()
)
"""Words that only money has."""
SHARES = frozenset("tax taxes discount discounts".split())
"""Words that amounts have, and the shares that these are computed by."""
OPEN = SHARES | frozenset(
    """
    amount amounts balance balances total totals budget deposit credit debit pay freight deduction deductions allowance
    allowances bonus
    """.split()
)
"""Words that money has, and other quantities too."""
BOOKS = frozenset(
    """
    currency invoice invoices payment payments transaction transactions account accounts bill bills billing wallet
    wallets ledger payroll payslip payslips charge charges donation donations loan loans commission commissions
    reimbursement reimbursements penalty penalties paid
    """.split()
)
"""Words of tables and columns that say that nothing but money is counted."""
TRADE = MONEY.union(
    BOOKS, "order orders purchase purchases sale sales checkout cart carts coupon coupons voucher vouchers".split()
)
"""Words of tables and columns that say that the table is about money, goods perhaps besides."""
GOODS = frozenset("item items line lines detail details product products stock sku article articles".split())
"""Words of what an amount may be counted of."""
COUNTS = frozenset("quantity quantities qty pieces".split())
"""Words of the column that counts goods, where there is one."""
SPANS = frozenset("per hour hours minute minutes day days week weeks month months year years person unit units".split())
"""What a price is asked for one of (price_per_hour)."""
OTHER = SPANS - {"person", "unit"} | frozenset(
    """
    count counts id ids center centre factor factors ratio ratios percent percentage percentages pct bps score scores
    weight weights rate rates index rank ranking rating quantity qty number multiple multiplier coefficient share
    fraction probability confidence elasticity function loss change growth margin impact volatility precision
    average avg mean median variance deviation std stddev estimate estimated predicted forecast usage
    second seconds time duration distance size bytes memory cpu energy carbon token tokens point points level
    cent cents
    """.split()
)
"""Words that make another quantity of a name, or one that no booking rests on; whole cents are exact in a double."""
GRAPHS = frozenset("edge edges graph graphs path paths way ways vertex vertices".split())
"""Tables in which a cost is a length."""
MARKET = frozenset("symbol symbols ticker tickers pair pairs isin".split())
"""Columns that name what a market trades: prices beside them are its quotes, and amounts are counted in it."""
METERS = frozenset("tokens usage".split())
"""Columns of what a program has used: a cost beside them is computed from them, and an estimate."""
FEES = frozenset("fee fees commission commissions surcharge".split())
BOUNDS = frozenset("max maximum min minimum cap limit".split())
"""A fee that has a bound beside it is a share of something."""
CODES = frozenset("usd eur gbp".split())
_JOINED = frozenset("unit list net gross base min max grand daily monthly hourly basic amount".split())
_KNOWN = MONEY | OPEN | TRADE | GOODS | COUNTS | OTHER | _JOINED
_SHORTEST = 3
_EXACT = {"mysql": "decimal(19, 4)", "tsql": "decimal(19, 4)", "oracle": "number(19, 4)"}
_INEXACT = {
    "sqlite": ", or in a decimal type of its library that rounds what it reads (SQLite has no exact decimals itself)",
    "mongodb": ", or as Decimal128 where its models have that type",
}
"""Databases of which columns, or models of them, may hold no exact decimals, and what else there is."""


def check(table: Table, project: Project) -> Iterator[Finding]:
    """One finding per column of a binary floating type that holds money."""
    if table.view or _is_elsewhere(table, project):
        return
    for column in table.columns:
        place = column.place or table.place
        if place is None or not _is_float(column.type) or not _is_money(column, table):
            continue
        name, owner = (spelling.name(word, table.database) for word in (column.name, table.name))
        if table.database in _INEXACT:
            holds = "an integer of the smallest unit (cents) holds what was written"
            change = f"Keep {name} of {owner} as an integer of the smallest unit{_INEXACT[table.database]}"
        else:
            kind = _EXACT.get(table.database, "numeric(19, 4)")
            holds = f"{kind.partition('(')[0]} holds what was written"
            change = (
                f"Give {name} of {owner} the type {kind}, or one with as many decimals as its finest value has "
                "(prices of a unit, crypto currencies)"
            )
        yield Finding(
            place,
            f"{table.name}.{column.name} holds money as {column.type}: a binary fraction cannot be 0.10, so sums drift "
            f"from their parts and computed amounts miss equal ones; {holds}",
            names={"table": owner, "column": name, "type": column.type, "change": change},
        )


def places(project: Project) -> Iterator[Place]:
    """The tables of which columns are judged."""
    for table in project.tables.values():
        if table.place is not None and table.columns and not table.view and not _is_elsewhere(table, project):
            yield table.place


def _is_elsewhere(table: Table, project: Project) -> bool:
    """Whether a model may describe the table of another program: no migration makes it, and it refers to nothing."""
    refers = bool(table.relations) or any(key.kind == "foreign" for key in table.keys)
    if table.database in DOCUMENT_DATABASES:
        return False  # no migration makes a collection
    return table.origin == "model" and bool(project.stored) and not project.databases(table.name) and not refers


def _is_float(kind: str) -> bool:
    """Whether a type is a binary floating one, with or without a size: `double precision`, `float(10,2) unsigned`."""
    word = re.split(r"[\s(\[]", kind.strip(), maxsplit=1)[0]
    return word.lower() in FLOATS


def _is_money(column: SchemaColumn, table: Table) -> bool:
    words = _words(column.name)
    if not words & (MONEY | OPEN) or _is_share(column.default):
        return False
    spans = SPANS if "per" in words and words & PRICES else frozenset()
    if words & (OTHER - spans) or spelling.words(column.name)[-1] == "quote":
        return False
    around = _words(table.name)
    beside = [_words(other.name) for other in table.columns if other is not column]
    if any(other & MARKET and not other & {"currency", "id"} for other in beside):
        return False
    if words & SHARES and not words & (MONEY | {"amount", "amounts", "total", "totals"}):
        return _is_part(words - SHARES, beside)
    if words & {"amount", "amounts"} and _is_quantity(words, around, beside, table):
        return False
    if words & MONEY:
        return not _is_measured(words, around, beside)
    return bool(words & (TRADE | SHARES) or around & TRADE or set().union(*beside) & (MONEY | {"currency"}))


def _is_part(of: set[str], beside: list[set[str]]) -> bool:
    """Whether a tax or discount stands beside the price that it is a part of: shipping_tax, shipping_price."""
    return bool(of) and any(of < other and other & PRICES and not other & SHARES for other in beside)


def _is_quantity(words: set[str], around: set[str], beside: list[set[str]], table: Table) -> bool:
    """Whether an amount may be one of goods: they are spoken of, and no other column counts them."""
    if words & (MONEY - {"price", "prices"} | SHARES | BOOKS | {"total", "totals"}) or (
        around & BOOKS and not around & GOODS
    ):
        return False
    ordered = [spelling.words(column.name) for column in table.columns]
    if any(COUNTS.intersection(name[:1] + name[-1:]) for name in ordered) or any("currency" in each for each in beside):
        return False
    return bool((words | around).union(*beside) & GOODS)


def _is_measured(words: set[str], around: set[str], beside: list[set[str]]) -> bool:
    """Whether what is called so is a length, a rate of exchange, a bounded share, or computed from what was used."""
    if words & FEES and not words & BOUNDS and any(other & FEES and other & BOUNDS for other in beside):
        return True
    if words & {"cost", "costs"}:
        return bool((words <= {"cost", "total", "costs"} and around & GRAPHS) or around.union(*beside) & METERS)
    return not words & (MONEY - CODES) and bool(around & {"rate", "rates", "exchange"})


def _is_share(default: str) -> bool:
    """Whether a column is given something between nothing and one by itself."""
    try:
        return 0 < float(default.strip("'() ")) < 1
    except ValueError:
        return False


def _words(name: str) -> set[str]:
    return {part for word in spelling.words(name) for part in _parts(word)}


@lru_cache(maxsize=4096)
def _parts(word: str) -> tuple[str, ...]:
    """The words of one that nothing parts (BILLPAYMENTS, totalprice), where all of them are known."""
    if word not in _KNOWN:
        for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
            rest = _parts(word[at:])
            if word[:at] in _KNOWN and all(part in _KNOWN for part in rest):
                return (word[:at], *rest)
    return (word,)
