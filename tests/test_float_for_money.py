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
            "Order.unitPrice holds money as double precision: a binary fraction cannot be 0.10, so amounts change as "
            "they are stored and sums are off by cents; numeric(19, 4) holds what was written"
        ),
        (
            'Give "unitPrice" of "Order" the type numeric(19, 4), or one with as many decimals as its finest value has '
            "(prices of a unit, crypto currencies), and round what is stored as it is converted."
        ),
    )


@pytest.mark.parametrize("kind", ["real", "float", "float(24)", "float8", "double precision", "double precision[]"])
def test_binary_types(tmp_path: Path, kind: str) -> None:
    assert len(said(tmp_path, f"price {kind}")) == 1


@pytest.mark.parametrize("kind", ["numeric", "numeric(10, 2)", "decimal(10,2)", "bigint", "money", "text"])
def test_other_types(tmp_path: Path, kind: str) -> None:
    assert said(tmp_path, f"price {kind}") == []


@pytest.mark.parametrize("name", ["price", "shipping_cost", '"entryFee"', "monthly_wage", "amount_usd", "total_cents"])
def test_names_of_money(tmp_path: Path, name: str) -> None:
    assert len(said(tmp_path, f"{name} real")) == 1


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
    ],
)
def test_names_of_something_else(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, f"{name} real", table="invoice") == []


@pytest.mark.parametrize("name", ["amount", "balance", "total"])
def test_an_open_word_needs_a_table_of_money(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, f"{name} real", table="ingredient") == []
    assert len(said(tmp_path, f"{name} real", table="payment")) == 1
    assert len(said(tmp_path, f"{name} real", "currency text")) == 1


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
