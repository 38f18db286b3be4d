"""The examples of `query/lazy-relation-in-async` with SQLAlchemy itself: what is told raises, nothing else does."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dblint_rules.query.lazy_relation_in_async import RULE
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

BAD = ("towns", "skus", "labels")
GOOD = ("loaded", "by_the_mapping", "known", "awaited", "refreshed", "back", "inside")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The functions of both examples by their names, over the models that both have."""
    functions: dict[str, Any] = {}
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "orders.py").write_text(RULE.bad[0].files["orders.py"])
    for example in (RULE.bad[0], RULE.good[0]):
        name = f"report_of_{type(example).__name__.lower()}"
        (tmp_path / f"{name}.py").write_text(example.code)
        functions |= vars(importlib.import_module(name))
        del sys.modules[name]
    yield functions
    del sys.modules["orders"]


async def _asked(functions: dict[str, Any], name: str) -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    sessions = async_sessionmaker(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(functions["Customer"].metadata.create_all)
        async with sessions() as session:
            await _fill(functions, session)
        async with sessions() as session:  # it has none of these rows
            await functions[name](session)
    finally:
        await engine.dispose()


async def _fill(functions: dict[str, Any], session: AsyncSession) -> None:
    orders = sys.modules["orders"]
    for number in range(1, 7):
        customer = orders.Customer(id=number, name=f"customer {number}")
        order = orders.Order(id=number, customer=customer, shop=orders.Shop(town="Leiden"))
        session.add_all([order, orders.Line(sku="A", order=order), orders.Line(sku="B", order=order)])
    await session.commit()


@pytest.mark.parametrize("name", BAD)
def test_what_is_told_raises(shop: dict[str, Any], name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the error leaves a coroutine that nobody has awaited
        with pytest.raises((InvalidRequestError, StatementError), match="greenlet_spawn has not been called") as caught:
            asyncio.run(_asked(shop, name))
        assert isinstance(caught.value, MissingGreenlet) or "MissingGreenlet" in str(caught.value)
        del caught
        gc.collect()


@pytest.mark.parametrize("name", GOOD)
def test_what_is_not_told_does_not(shop: dict[str, Any], name: str) -> None:
    asyncio.run(_asked(shop, name))
