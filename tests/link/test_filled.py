"""Receivers in lists, mappings and records that the program fills."""

from __future__ import annotations

from tests.link.linked import linked

FILLED = """
    import collections
    import sqlite3
    from collections import namedtuple

    Resolved = collections.namedtuple("Resolved", ("connection", "table"))
    Other = namedtuple("Other", "connection, name")

    class Registry:
        def __init__(self):
            self.plain = {}
            self.ordered = collections.OrderedDict()
            self.texts = {}
            self.listed = []

        def add(self, name, connection: sqlite3.Connection):
            self.plain[name] = connection
            copied = self.ordered.copy()
            copied[name] = connection
            self.ordered = copied
            self.texts[name] = name
            self.listed.append(connection)

        def ask(self, name):
            for connection in self.plain.values():
                connection.execute("select id from values_of")
            for key, connection in self.plain.items():
                connection.execute("select id from pairs_of")
                key.execute("select id from key")
            self.ordered[name].execute("select id from copied_under")
            self.ordered.get(name).execute("select id from copied_got")
            for connection in list(self.ordered.values()):
                connection.execute("select id from copied_values")
            for connection in self.texts.values():
                connection.execute("select id from text")
            for connection in self.listed:
                connection.execute("select id from appended")
            self.listed.pop().execute("select id from popped")
            for connection in [*self.listed]:
                connection.execute("select id from spread")

        def find(self, name):
            return Resolved(self.plain[name], name)

        def found(self, name):
            connection, table = self.find(name)
            connection.execute("select id from unpacked")
            table.execute("select id from other_place")
            self.find(name).connection.execute("select id from named_place")
            Other(name=name, connection=self.plain[name]).connection.execute("select id from by_keyword")

    def other():
        made = []
        made.append("a")
        for one in made:
            one.execute("select id from other_list")
"""


def test_what_the_program_puts_into_lists_mappings_and_records_is_what_they_hold() -> None:
    project = linked({"filled.py": FILLED})
    told = [query.table for call in project.calls if call.receiver == "sqlite3:Connection" for query in call.queries]
    assert told == [
        "values_of",
        "pairs_of",
        "copied_under",
        "copied_got",
        "copied_values",
        "appended",
        "popped",
        "spread",
        "unpacked",
        "named_place",
        "by_keyword",
    ]
