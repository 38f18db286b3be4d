"""Which columns `schema/float-for-money` takes for money, and which types for binary ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "schema/float-for-money"


def said(folder: Path, *columns: str, table: str = "thing") -> list[str]:
    listed = ",\n  ".join(("id bigint PRIMARY KEY", *columns))
    text = f"CREATE TABLE {table} (\n  {listed}\n);\n"
    return [found.message.split(":")[0] for found in findings(folder, {"migrations/1.sql": text}, RULE)]


def test_the_finding_says_what_to_do(tmp_path: Path) -> None:
    text = 'CREATE TABLE "Order" (\n  id bigint PRIMARY KEY,\n  "unitPrice" double precision\n);\n'
    (found,) = findings(tmp_path, {"migrations/1.sql": text}, RULE)
    assert (found.region.start.line, found.message, found.minimal) == (
        3,
        (
            "Order.unitPrice holds money as double precision: a binary fraction cannot be 0.10, so sums drift from "
            "their parts and computed amounts miss equal ones; numeric holds what was written"
        ),
        (
            'Give "unitPrice" of "Order" the type numeric(19, 4), or one with as many decimals as its finest value has '
            "(prices of a unit, crypto currencies), and round what is stored as it is converted."
        ),
    )


PRISMA = """\
datasource db {{
  provider = "{}"
  url      = env("URL")
}}

model Bill {{
  id    Int @id
  total Float
}}
"""
DRIFTS = "a binary fraction cannot be 0.10, so sums drift from their parts and computed amounts miss equal ones"


@pytest.mark.parametrize(
    ("provider", "kind", "holds", "change"),
    [
        (
            "sqlite",
            "real",
            "an integer of the smallest unit (cents)",
            (
                "Keep total of Bill as an integer of the smallest unit, or in a decimal type of its library that "
                "rounds what it reads (SQLite has no exact decimals itself)"
            ),
        ),
        (
            "mongodb",
            "double",
            "an integer of the smallest unit (cents)",
            "Keep total of Bill as an integer of the smallest unit, or as Decimal128 where its models have that type",
        ),
        (
            "mysql",
            "double",
            "decimal",
            (
                "Give total of Bill the type decimal(19, 4), or one with as many decimals as its finest value has "
                "(prices of a unit, crypto currencies)"
            ),
        ),
    ],
    ids=["sqlite", "mongodb", "mysql"],
)
def test_each_database_has_its_exact_type(tmp_path: Path, provider: str, kind: str, holds: str, change: str) -> None:
    (found,) = findings(tmp_path, {"schema.prisma": PRISMA.format(provider)}, RULE)
    assert (found.message, found.minimal) == (
        f"Bill.total holds money as {kind}: {DRIFTS}; {holds} holds what was written",
        f"{change}, and round what is stored as it is converted.",
    )


@pytest.mark.parametrize("kind", ["real", "float", "float(24)", "float8", "double precision", "double precision[]"])
def test_binary_types(tmp_path: Path, kind: str) -> None:
    assert len(said(tmp_path, f"price {kind}")) == 1


@pytest.mark.parametrize("kind", ["numeric", "numeric(10, 2)", "decimal(10,2)", "bigint", "money", "text"])
def test_other_types(tmp_path: Path, kind: str) -> None:
    assert said(tmp_path, f"price {kind}") == []


@pytest.mark.parametrize("name", ["price", "shipping_cost", '"entryFee"', "monthly_wage", "amount_usd"])
def test_names_of_money(tmp_path: Path, name: str) -> None:
    assert len(said(tmp_path, f"{name} real")) == 1


@pytest.mark.parametrize("name", ["price_per_night", '"pricePerHour"', "fee_per_unit", "TOTALPRICE", "unitprice"])
def test_a_price_of_one_and_words_that_nothing_parts(tmp_path: Path, name: str) -> None:
    assert len(said(tmp_path, f"{name} real")) == 1


def test_the_words_of_a_table_that_nothing_parts(tmp_path: Path) -> None:
    assert len(said(tmp_path, "amount real", table="BILLPAYMENTS")) == 1


@pytest.mark.parametrize(
    "name",
    [
        "total_count",
        "cost_center_id",
        "balance_factor",
        "price_ratio",
        "expense_multiple",
        "fee_percent",
        "cost_weight",
        "price_score",
        "fee_rate",
        '"costPerClick"',
        "average_price",
        "costume",
        "feedback",
        "priceless",
        "total_cents",
        "price_precision",
        "usage_cost",
        "fees_quote",
        "tax",
        "discount",
    ],
)
def test_names_of_something_else(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, f"{name} real", table="invoice") == []


@pytest.mark.parametrize("name", ["amount", "balance", "total"])
def test_an_open_word_needs_a_table_of_money(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, f"{name} real", table="ingredient") == []
    assert len(said(tmp_path, f"{name} real", table="payment")) == 1
    assert len(said(tmp_path, f"{name} real", "currency text")) == 1


@pytest.mark.parametrize("name", ["tax_amount", '"totalDiscount"', "discount_price"])
def test_an_amount_of_a_share(tmp_path: Path, name: str) -> None:
    assert len(said(tmp_path, f"{name} real", table="item")) == 1


def test_a_tax_beside_the_price_that_it_is_part_of(tmp_path: Path) -> None:
    assert said(tmp_path, "shipping_tax real", table="orders") == []
    assert said(tmp_path, "price numeric(19, 4)", "tax real", table="product") == []
    beside = ("shipping_price numeric(19, 4)", "shipping_tax real")
    assert said(tmp_path, *beside, table="orders") == ["orders.shipping_tax holds money as real"]


def test_an_amount_of_goods(tmp_path: Path) -> None:
    assert said(tmp_path, "product_id bigint", "amount real", table="cart") == []
    assert said(tmp_path, "price numeric(19, 4)", "amount real", table="order_items") == []
    assert len(said(tmp_path, "product_id bigint", "quantity real", "amount real", table="cart")) == 1
    assert said(tmp_path, "type_of_quantity_field text", "stock_amount real", table="product") == []
    assert len(said(tmp_path, "product_id bigint", "amount real", table="payment")) == 1
    assert len(said(tmp_path, "product_id bigint", "amount real", "currency text", table="cart")) == 1
    assert len(said(tmp_path, "product_id bigint", "refund_amount real", table="cart")) == 1
    assert len(said(tmp_path, "total_items bigint", "total_amount real", table="orders")) == 1


@pytest.mark.parametrize("name", ["symbol", "ticker", "trading_pair"])
def test_what_a_market_trades(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, f"{name} text", "price real", "fee real") == []


@pytest.mark.parametrize("name", ["currency_symbol", "symbol_id"])
def test_symbols_of_other_things(tmp_path: Path, name: str) -> None:
    assert len(said(tmp_path, f"{name} text", "price real")) == 1


def test_a_cost_beside_what_was_used(tmp_path: Path) -> None:
    assert said(tmp_path, "input_tokens bigint", "cost real", "fee real") == ["thing.fee holds money as real"]
    assert said(tmp_path, "cost real", table="usage_event") == []


def test_a_fee_beside_its_bound(tmp_path: Path) -> None:
    assert said(tmp_path, "service_fee real", "maximum_fee real") == ["thing.maximum_fee holds money as real"]
    assert len(said(tmp_path, "service_fee real", "fee real")) == 2


def test_rates_of_exchange(tmp_path: Path) -> None:
    assert said(tmp_path, "usd real", "eur real", table="exchange_rates") == []
    assert len(said(tmp_path, "price_usd real", "usd real", table="donation")) == 2


def test_a_default_of_a_share(tmp_path: Path) -> None:
    assert said(tmp_path, "payout_fee real DEFAULT 0.05") == []
    assert len(said(tmp_path, "payout_fee real DEFAULT 0")) == 1


def test_the_cost_of_an_edge(tmp_path: Path) -> None:
    assert said(tmp_path, "cost real", table="graph_edges") == []
    assert len(said(tmp_path, "toll_cost real", table="graph_edges")) == 1


MODEL = """\
from sqlalchemy import Column, Integer
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Item(Base):
    __tablename__ = "item"
    id = Column(Integer, primary_key=True)
    price = Column(DOUBLE_PRECISION)
"""


def test_a_model_that_no_migration_makes(tmp_path: Path) -> None:
    assert [found.region.start.line for found in findings(tmp_path, {"models.py": MODEL}, RULE)] == [11]
    other = {"models.py": MODEL, "migrations/1.sql": "CREATE TABLE house (id bigint PRIMARY KEY);\n"}
    assert findings(tmp_path, other, RULE) == []
    made = {**other, "migrations/2.sql": "CREATE TABLE item (id bigint PRIMARY KEY, price double precision);\n"}
    assert len(findings(tmp_path, made, RULE)) == 1


def test_tests_and_views_are_not_judged(tmp_path: Path) -> None:
    assert findings(tmp_path, {"tests/test_models.py": MODEL}, RULE) == []
    view = "CREATE VIEW prices AS SELECT price::float8 AS price FROM item;\n"
    assert findings(tmp_path, {"migrations/1.sql": view}, RULE) == []
