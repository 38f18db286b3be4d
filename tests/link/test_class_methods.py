"""What class methods hand to the constructor of their class, also through lists of arguments."""

from __future__ import annotations

from tests.link.linked import asked, linked

APP = """
import sqlite3


class Store:
    def __init__(self):
        self.connection = sqlite3.connect("x")


class Made:
    def __init__(self, store):
        self.store = store

    def run(self):
        self.store.connection.execute("DELETE FROM made")

    @classmethod
    def make(cls, store):
        return cls(store)


class Below(Made):
    pass


class Spread:
    def __init__(self, first, store):
        self.store = store

    def run(self):
        self.store.connection.execute("DELETE FROM spread")


def spread(first, *rest):
    return Spread(first, *rest)


class Kept:
    def __init__(self, store):
        self.store = store

    def run(self):
        self.store.connection.execute("DELETE FROM kept")

    @classmethod
    def as_view(cls, *arguments):
        def view(request):
            return view.kept_class(*arguments).run()

        view.kept_class = cls
        return view


class Other:
    def __init__(self, store):
        self.store = store

    def run(self):
        self.store.connection.execute("DELETE FROM other")


def other(*rest):
    return Other(1, *rest)


def main():
    store = Store()
    Made.make(store).run()
    spread(1, store).run()
    Kept.as_view(store)
    other(store).run()
"""


def test_objects_that_class_methods_make_hold_what_these_are_given() -> None:
    assert [table for *_, table in asked(linked({"app.py": APP}))] == ["made", "spread", "kept"]
