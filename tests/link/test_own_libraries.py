"""Projects that are a library themselves: their classes are those of the library's table."""

from __future__ import annotations

from dblint_rules.security import sql_injection

from dblint.libraries.reader import bundled
from tests.link.linked import asked, linked

PACKAGE = "peewee"
TYPES = sorted(path.partition(".")[2] for path in bundled().by_path if path.startswith(f"{PACKAGE}."))
"""What the table names in the package."""


def library(names: list[str]) -> str:
    """A module that defines classes of these names; a database sends what it is given by a method of its own."""
    classes = [
        f"class {name}:\n    def select(self, *columns):\n        return self._begin(columns)\n" for name in names
    ]
    return "\n".join(sorted(classes, key=lambda text: not text.startswith("class Database:")))


OWN_DATABASE = """
class CustomDatabase(Database):
    def get_tables(self):
        return self.execute_sql("SELECT tablename FROM pg_tables")
"""
BESIDE = """
    from peewee import *

    class Jar(Model):
        label = CharField()

    def labels():
        return [jar.label for jar in Jar.select().where(Jar.label == "plum")]
    """


def test_a_module_that_defines_what_the_table_names_is_the_library() -> None:
    project = linked({"peewee.py": library(TYPES) + OWN_DATABASE, "playhouse/kv.py": BESIDE})
    assert asked(project) == [
        ("execute_sql", "CustomDatabase : peewee:Database", "select", "pg_tables"),
        ("iterate", "peewee:ModelSelect", "select", "jar"),
    ]


def test_a_module_that_is_only_called_as_a_library_is_none() -> None:
    project = linked({"peewee.py": library(["Model", "Database"]) + OWN_DATABASE, "playhouse/kv.py": BESIDE})
    assert asked(project) == []


OWN_TEXTS = """
from flask import request


class IntrospectedDatabase(Database):
    def get_columns(self, table):
        return self.execute_sql("PRAGMA table_info(%s)" % table)

    def get_asked(self):
        return self.execute_sql("PRAGMA table_info(%s)" % request.args["table"])
"""
TEXTS_BESIDE = """
from peewee import Database

class Shop(Database):
    def find(self, name):
        return self.execute_sql("SELECT id FROM shop WHERE name = '%s'" % name)
"""


def test_who_calls_a_library_of_databases_writes_the_statements() -> None:
    project = linked({"peewee.py": library(TYPES) + OWN_TEXTS, "shop.py": TEXTS_BESIDE})
    assert project.libraries == {"peewee.py"}
    assert [(found.place.path, found.sub) for found in sql_injection.check(project)] == [
        ("peewee.py", "request"),
        ("shop.py", "parameter"),
    ]
