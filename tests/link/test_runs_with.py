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
