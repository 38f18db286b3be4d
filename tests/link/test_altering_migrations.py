"""Migrations whose operations are calls of which tables say what they change."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from dblint.facts.schema import Migration
from dblint.link.environment import Environment
from tests.link.linked import linked
from tests.link.test_migrations import POSTGRES, one, read, steps

SCRIPT = """
from peewee import CharField, ForeignKeyField, IntegerField
from models import Shop

atomic = True


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("book", "title", CharField(max_length=80, default="x")),
        migrator.add_column("book", "shop_id", ForeignKeyField(Shop, field=Shop.id, null=True)),
        migrator.add_column("book", "code", CharField(null=True, unique=True)),
        migrator.add_column("book", "shelf", IntegerField(null=True, index=True)),
        migrator.drop_column("book", "name"),
        migrator.rename_column("book", "isbn10", "isbn"),
        migrator.add_not_null("book", "isbn"),
        migrator.alter_column_type("book", "weight", IntegerField()),
        migrator.add_index("book", ("shop_id", "isbn"), True),
        migrator.drop_index("book", "book_old"),
        migrator.add_unique("book", "isbn", "title"),
        migrator.drop_constraint("book", "positive"),
        migrator.rename_table("book", "books"),
        migrator.sql("DROP TABLE author"),
    )
    if db.table_exists("note"):
        migrator.drop_table("note").run()


def down(migrator, db):
    for table in ("books", "note"):
        migrator.migrate(migrator.drop_column(table, "title"))
"""
PROGRAM = """
from peewee import PostgresqlDatabase
from playhouse.migrate import PostgresqlMigrator, SchemaMigrator, migrate

database = PostgresqlDatabase("shop")
migrator = PostgresqlMigrator(database)


def start(unknown):
    unknown.drop_column("book", "kept")
    with database.atomic():
        migrate(migrator.drop_column("book", "name"))
    SchemaMigrator.from_database(database).drop_not_null("book", "isbn").run()
"""
OWN = """
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        ops.CreateModel(
            name="Book",
            fields=[
                ("id", fields.IntField(primary_key=True)),
                ("title", fields.CharField(max_length=80, source_field="caption")),
                ("shop", fields.ForeignKeyField("models.Shop", related_name="books")),
                ("isbn", fields.CharField(max_length=20, unique=True)),
                ("tags", fields.ManyToManyField("models.Tag")),
            ],
            options={"table": "books", "indexes": [Index(fields=["isbn"])], "unique_together": [("title", "shop")]},
        ),
        ops.AddField(model_name="Book", name="weight", field=fields.FloatField(null=True)),
        ops.AddField("Book", "seller", fields.ForeignKeyField("models.Shop", null=True)),
        ops.AddField("Book", "others", fields.ManyToManyField("models.Tag")),
        ops.RemoveField(model_name="Book", name="title"),
        ops.AddIndex("Book", Index(fields=["shop", "isbn"], name="book_shop")),
        ops.RemoveIndex("Book", "book_old"),
        ops.AddConstraint("Book", UniqueConstraint(fields=("isbn", "shop"), name="book_once")),
        ops.RemoveConstraint("Book", "book_twice"),
        ops.RenameField("Book", "isbn", "number"),
        ops.RunSQL(["UPDATE books SET weight = 0", ("DROP TABLE note", [])]),
        ops.RenameModel("Book", "Volume"),
        ops.RenameModel("Author", "Writer"),
        ops.DeleteModel("Volume"),
    ]
"""
AERICH = """
from tortoise import BaseDBAsyncClient

{head}

async def upgrade(db: BaseDBAsyncClient) -> str:
    return '''
        CREATE INDEX "book_isbn" ON "book" ("isbn");
        ALTER TABLE "book" DROP COLUMN "name";'''


async def downgrade(db: BaseDBAsyncClient) -> str:
    return 'DROP INDEX "book_isbn";'
"""


def test_a_script_that_is_given_a_migrator() -> None:
    migration = one({"migrations/0002_book.py": SCRIPT})
    assert (migration.runner, migration.chain, migration.transactional) == ("peewee", "migrations", True)
    assert (migration.order, migration.reversible) == (("00000000000000000002", "0002_book"), True)
    assert steps(migration) == [
        "up add-column book title",
        "up add-column book shop_id",
        "up create-index book (shop_id)",
        "up add-column book code",
        "up create-index book (code) unique",
        "up add-column book shelf",
        "up create-index book (shelf)",
        "up drop-column book name",
        "up rename-column book isbn",
        "up set-not-null book isbn",
        "up alter-type book weight",
        "up create-index book (shop_id, isbn) unique",
        "up drop-index book book_old",
        "up add-key book unique(isbn, title)",
        "up drop-key book positive",
        "up rename-table book books",
        "up drop-table author author",
        "up drop-table note note conditional",
        "down drop-column title loop",
    ]
    title = migration.steps[0].operation.columns[0]
    assert (title.type, title.nullable, title.default, title.default_by) == ("varchar(80)", False, "'x'", "client")


def test_a_program_that_changes_its_schema_by_itself() -> None:
    migration = one({"app/start.py": PROGRAM})
    assert (migration.chain, migration.transactional, migration.reversible) == ("app/start.py", None, None)
    assert steps(migration) == ["up drop-column book name", "up drop-not-null book isbn"]


def test_a_class_that_lists_operations() -> None:
    migration = one({"app/migrations/0001_initial.py": OWN})
    assert (migration.runner, migration.chain, migration.transactional) == ("tortoise", "app/migrations", True)
    assert steps(migration) == [
        "up create-table books",
        "up add-column books weight",
        "up add-column books seller_id",
        "up drop-column books caption",
        "up create-index books book_shop (shop_id, isbn)",
        "up drop-index books book_old",
        "up add-key books book_once unique(isbn, shop_id)",
        "up drop-key books book_twice",
        "up rename-column books number",
        "up data books",
        "up drop-table note note",
        "up rename-table author writer",
        "up drop-table books books",
    ]
    table = migration.steps[0].operation.definition
    assert table is not None
    assert [(column.name, column.type, column.nullable) for column in table.columns] == [
        ("id", "int", False),
        ("caption", "varchar(80)", False),
        ("shop_id", "", False),
        ("isbn", "varchar(20)", False),
    ]
    assert [(key.kind, key.columns, key.target) for key in table.keys] == [
        ("primary", ("id",), ""),
        ("foreign", ("shop_id",), "shop"),
        ("unique", ("isbn",), ""),
        ("unique", ("caption", "shop_id"), ""),
    ]
    assert ([index.columns[0].name for index in table.indexes], table.complete) == (["isbn"], True)


@pytest.mark.parametrize(("head", "transactional"), [("", True), ("RUN_IN_TRANSACTION = False", False)])
def test_functions_that_return_what_is_run(head: str, transactional: bool) -> None:
    migration = one({"migrations/models/3_20260301_isbn.py": AERICH.format(head=head)})
    assert (migration.runner, migration.chain, migration.transactional) == (
        "tortoise", "migrations/models", transactional,
    )  # fmt: skip
    assert steps(migration) == [
        "up create-index book book_isbn (isbn)",
        "up drop-column book name",
        "down drop-index book_isbn",
    ]


MOVED = """
from peewee import PostgresqlDatabase
from playhouse.migrate import PostgresqlMigrator, migrate
from models import User

database = PostgresqlDatabase("shop")
migrator = PostgresqlMigrator(database)


def start():
    database.execute_sql("UPDATE book SET schedule = ttl")
    migrate(migrator.drop_column("book", "ttl"))
    for user in User.select():
        user.groups = user.old_groups
    migrate(migrator.drop_column("user", "old_groups"))
"""
GIVEN = """
from peewee import IntegerField


def up(migrator, db):
    db.execute_sql("UPDATE book SET schedule = ttl")
    migrator.migrate(migrator.drop_column("book", "ttl"), migrator.drop_column("book", "code"))
"""


def test_what_else_is_run_between_them() -> None:
    models = "from peewee import Model, TextField\n\n\nclass User(Model):\n    groups = TextField()\n"
    migration = one({"app/start.py": MOVED, "app/models.py": models, "models.py": models})
    assert steps(migration) == [
        "up other run code",
        "up data book",
        "up drop-column book ttl",
        "up drop-column user old_groups",
    ]
    words = migration.steps[0].operation.words
    assert ("old_groups" in words, "ttl" in words) == (True, False)
    assert [step.operation.change.value for step in one({"migrations/0003.py": GIVEN}).steps] == [
        "other", "drop-column", "drop-column",
    ]  # fmt: skip


def test_what_is_no_migration() -> None:
    found: tuple[Migration, ...] = read({"app/upgrade.py": AERICH.format(head="")})[0]
    assert found == ()
    assert read({"tests/0001_book.py": SCRIPT}, POSTGRES, roles={"tests/0001_book.py": FileRole.TEST})[0] == ()
    assert read({"migrations/0001.py": SCRIPT.replace("peewee", "elsewhere")})[0] == ()


def test_a_database_that_takes_no_change_back() -> None:
    assert one({"migrations/0002_book.py": SCRIPT}, Environment(databases=("mysql",))).transactional is False


def test_operations_that_are_run_with_others_are_told_each_of_its_table() -> None:
    code = """
        from peewee import SqliteDatabase
        from playhouse.migrate import SqliteMigrator, migrate

        migrator = SqliteMigrator(SqliteDatabase("shop.db"))

        def several():
            migrate(migrator.drop_column("book", "name"), migrator.rename_table("shop", "store"))

        def kept():
            operations = [migrator.drop_index("book", "book_old")]
            operations.append(migrator.drop_index("shop", "shop_old"))
            migrator.migrate(*operations)

        def handed_in(operations):
            migrate(*operations)
        """
    told = [[(str(each.verb), each.table) for each in call.queries] for call in linked({"app.py": code}).calls]
    assert [queries for queries in told if queries] == [
        [("ddl", "book"), ("ddl", "shop")],
        [("ddl", "book"), ("ddl", "shop")],
        [("ddl", "")],
    ]
