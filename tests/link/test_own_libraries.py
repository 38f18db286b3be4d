"""Projects that are a library themselves: their classes are those of the library's table."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.security import sql_injection

from dblint.facts.program import Effect
from dblint.facts.project import Project
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


def built(project: Project) -> list[tuple[str, str]]:
    """(member, verb) of every statement that is built and not run there."""
    return [
        (call.member, str(query.verb)) for call in project.calls if call.trigger == "built" for query in call.queries
    ]


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


def grown(texts: dict[str, str]) -> str:
    """The library, where some of its classes have bodies of their own."""
    plain = library([name for name in TYPES if name not in texts and "." not in name])
    return "\n".join([plain, *(dedent(text) for text in texts.values())])


OWN_MODEL = """
    class Model:
        @classmethod
        def select(cls, *columns):
            return ModelSelect(cls, columns)

        @classmethod
        def get(cls, *query):
            return cls.select().where(*query).get()

        @classmethod
        def find(cls, *query):
            return cls.get(*query)

        @classmethod
        def emptied(cls):
            return ModelDelete(cls).execute()

        def save(self):
            return self._written()

        def again(self):
            self.save()
            return self._kept()

        def _written(self):
            return 1
    """
OWN_SCHEMA = """
    class SchemaManager:
        def __init__(self, model, database=None):
            self.model = model
            self._database = database

        @property
        def database(self):
            return self._database or self.model._meta.database

        def create_table(self):
            self.database.execute(self._text())

        def create_all(self):
            self.create_table()
            self.log("made")

        def log(self, text):
            return text

        def _text(self):
            return self.context().literal("CREATE TABLE ").sql(self.model)
    """


def test_a_library_s_own_class_answers_what_its_table_describes_on_itself() -> None:
    project = linked({"peewee.py": grown({"Model": OWN_MODEL, "SchemaManager": OWN_SCHEMA})})
    assert [(call.member, call.receiver) for call in project.calls if Effect.QUERY in call.effects] == [
        ("get", "peewee:ModelSelect"),
        ("get", "Model : peewee:Model"),
        ("execute", "peewee:ModelDelete"),
        ("save", "Model : peewee:Model"),
        ("execute", "peewee:Database"),
        ("create_table", "SchemaManager : peewee:SchemaManager"),
    ]


def test_what_models_of_a_library_extend_is_no_table_of_it() -> None:
    project = linked({"peewee.py": grown({"Model": OWN_MODEL}), "playhouse/kv.py": BESIDE})
    assert list(project.tables) == ["jar"]
    assert {table for _, _, _, table in asked(project)} == {"", "jar"}


OWN_STATEMENTS = """
    class Returning(object):
        def returning(self, *columns):
            return super(Returning, self).returning(*columns)


    class ModelDelete(Returning, Delete):
        pass


    def emptied(table):
        return Delete(table)
    """


def test_a_statement_of_a_library_writes_what_its_type_says() -> None:
    project = linked({"peewee.py": grown({"ModelDelete": OWN_STATEMENTS})})
    assert built(project) == [("returning", "delete"), ("Delete", "delete")]


OWN_MIGRATOR = """
    class SchemaMigrator:
        def add_index(self, table, columns):
            return self.text(table, columns)

        def add_column(self, table, name, field):
            return [self.alter_add_column(table, name, field), self.add_index(table, (name,))]
    """


def test_operations_of_a_library_change_nothing_of_its_own() -> None:
    modules: dict[str, list[str]] = {}
    for path in sorted(bundled().by_path):
        package, _, name = path.rpartition(".")
        if package.startswith("playhouse.") and path != "playhouse.migrate.SchemaMigrator":
            modules.setdefault(f"{package.replace('.', '/')}.py", []).append(name)
    files = {path: library(names) for path, names in modules.items()}
    files["playhouse/migrate.py"] = f"from peewee import Model\n{files['playhouse/migrate.py']}{dedent(OWN_MIGRATOR)}"
    project = linked({"peewee.py": library(TYPES), **files})
    assert built(project) == [("alter_add_column", "ddl"), ("add_index", "ddl")]
    assert not project.migrations


OWN_DRIVER = """
    class Database:
        def connection(self):
            return Connection(self)

        async def fetch_all(self, query, values=None):
            async with self.connection() as connection:
                return await connection.fetch_all(query, values)

        async def shelves(self):
            return self.labels(await self.fetch_all("SELECT label FROM shelf"))

        def desk(self):
            return Connection(self)

        def labels(self, rows):
            return [row["label"] for row in rows]


    class Connection:
        async def fetch_all(self, query, values=None):
            return await self.cursor.fetch_all(query, values)

        async def ping(self):
            return await self.fetch_all("SELECT 1")


    class Transaction:
        async def start(self):
            return self
    """
DRIVER_BESIDE = """
    from databases import Database

    database = Database("postgresql://host/shop")


    async def main():
        await database.fetch_all("SELECT weight FROM jar")
        await database.desk().fetch_all("SELECT word FROM lid")
    """


def test_the_library_of_another_table_is_its_own_as_well() -> None:
    project = linked(
        {
            "databases/__init__.py": "from databases.core import Database\n",
            "databases/core.py": OWN_DRIVER,
            "examples/main.py": DRIVER_BESIDE,
        }
    )
    assert [(call.place.path, call.member, call.receiver) for call in project.calls if call.queries] == [
        ("databases/core.py", "fetch_all", "encode_databases:Connection"),
        ("databases/core.py", "fetch_all", "Database : encode_databases:Database"),
        ("databases/core.py", "fetch_all", "Connection : encode_databases:Connection"),
        ("examples/main.py", "fetch_all", "encode_databases:Database"),
        ("examples/main.py", "fetch_all", "encode_databases:Connection"),
    ]


def test_a_class_that_extends_a_library_elsewhere_keeps_its_own_methods() -> None:
    project = linked(
        {
            "shop.py": """
            from peewee import Database

            class Shop(Database):
                def execute_sql(self, sql):
                    return sql

                def find(self):
                    return self.execute_sql("SELECT id FROM shop")
            """
        }
    )
    assert asked(project) == []
