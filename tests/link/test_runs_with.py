"""Calls that ask the database only where an argument says so."""

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from tests.link.linked import linked

HEAD = """\
from sqlalchemy import Column, Integer, MetaData, Table, create_engine

engine = create_engine("sqlite://")
metadata = MetaData()
"""


@pytest.mark.parametrize(
    ("arguments", "asks"),
    [
        ("autoload=True", True),
        ("autoload_with=engine", True),
        ("*columns, autoload_with=engine", True),
        ("autoload=False", False),
        ("autoload_with=None", False),
        ("Column('id', Integer)", False),
        ("**options", False),  # nobody can say
    ],
)
def test_a_table_is_read_from_the_database_where_an_argument_says_so(arguments: str, asks: bool) -> None:
    calls = linked({"use.py": f"{HEAD}jars = Table('jars', metadata, {arguments})\n"}).calls
    assert [call.effects for call in calls if call.member == "Table"] == ([(Effect.QUERY,)] if asks else [])


def test_what_lays_out_the_rows_of_a_table_asks_for_them() -> None:
    source = "from django_tables2 import RequestConfig\n\n\ndef page(request, table):\n    {}\n"
    asks = source.format("RequestConfig(request, paginate={'per_page': 25}).configure(table)")
    assert [(call.member, call.effects) for call in linked({"use.py": asks}).calls] == [("configure", (Effect.QUERY,))]
    assert not linked({"use.py": source.format("RequestConfig(request)")}).calls
