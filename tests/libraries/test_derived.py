"""What follows from tables alone is made once for them, and not taken for that of others."""

from __future__ import annotations

import pickle
from dataclasses import replace

from dblint.libraries.derived import derived
from dblint.libraries.reader import Tables, bundled


def test_once_for_the_same_tables() -> None:
    asked: list[Tables] = []

    @derived
    def names(tables: Tables) -> list[str]:
        asked.append(tables)
        return sorted(tables.libraries)

    every = bundled()
    one = replace(every, libraries={"django": every.libraries["django"]})
    assert names(one) == ["django"]
    assert names(one) is names(one)
    assert "peewee" in names(every)
    assert [tables is one for tables in asked] == [True, False]


def test_nothing_is_made_again_where_there_is_nothing_to_give() -> None:
    asked: list[Tables] = []

    @derived
    def none(tables: Tables) -> frozenset[str]:
        asked.append(tables)
        return frozenset()

    for _ in range(2):
        assert none(bundled()) == frozenset()
    assert len(asked) == 1


def test_it_is_not_kept_with_the_tables() -> None:
    @derived
    def one(tables: Tables) -> int:
        return 1

    assert one(bundled()) == 1
    again = pickle.loads(pickle.dumps(bundled()))  # noqa: S301 - written just now
    assert again == bundled()
    assert again.derived == {}
