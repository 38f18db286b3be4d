"""Migrations: the exact steps of each tool's way of writing them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from dblint.facts.program import Diagnostic, FileRole
from dblint.facts.schema import Change, Direction, Migration, Step
from dblint.facts.tree import FileFacts
from dblint.frontends.extract import extract
from dblint.frontends.sql import SqlFile
from dblint.libraries.reader import bundled
from dblint.link import migrations
from dblint.link.environment import Environment
from dblint.link.names import Names
from dblint.link.texts.text import Texts
from dblint.link.types import Evaluator

POSTGRES = Environment(databases=("postgres",))


def read(
    sources: Mapping[str, str],
    environment: Environment = POSTGRES,
    manifests: Mapping[str, str] | None = None,
    roles: Mapping[str, FileRole] | None = None,
    providers: Mapping[str, str] | None = None,
) -> tuple[tuple[Migration, ...], tuple[Diagnostic, ...]]:
    given = {path: text.encode() for path, text in (manifests or {}).items()}
    files = [extract(textwrap.dedent(text).encode(), path) for path, text in sources.items()]
    programs = {file.path: file for file in files if isinstance(file, FileFacts)}
    evaluator = Evaluator(programs, Names(programs, given, {}), bundled(), {})
    scripts = [file for file in files if isinstance(file, SqlFile)]
    return migrations.read(evaluator, Texts(evaluator), scripts, environment, given, roles or {}, providers or {})


def shown(step: Step) -> str:
    """A step in one line: direction, change, table, name, what it is about, and what surrounds it."""
    operation = step.operation
    words = [step.direction.value, operation.change.value]
    words += [word for word in (operation.table, operation.name) if word]
    if operation.index is not None and operation.index.columns:
        columns = ("-" * column.descending + column.name for column in operation.index.columns)
        words.append(f"({', '.join(columns)})")
    if operation.key is not None and operation.key.kind:
        words.append(f"{operation.key.kind}({', '.join(operation.key.columns)})")
        words += [f"-> {operation.key.target}"] if operation.key.target else []
    words += ["unique"] if operation.index is not None and operation.index.unique else []
    words += ["concurrent"] if operation.concurrent else []
    words += [word for word in ("conditional", "loop", "non_transactional") if getattr(step, word)]
    return " ".join(words)


def steps(migration: Migration) -> list[str]:
    return [shown(step) for step in migration.steps]


def one(sources: Mapping[str, str], environment: Environment = POSTGRES) -> Migration:
    found, diagnostics = read(sources, environment)
    assert diagnostics == ()
    assert len(found) == 1
    return found[0]


def pieces(sources: Mapping[str, str], migration: Migration) -> list[str]:
    """The source at each step's place."""
    source = textwrap.dedent(sources[migration.path]).encode()
    places = [step.operation.place for step in migration.steps]
    return [source[place.start : place.stop].decode() for place in places if place is not None]


class TestSqlFolders:
    def test_pairs_of_up_and_down(self) -> None:
        found, diagnostics = read(
            {
                "db/migrations/2_b/down.sql": "DROP INDEX ix;",
                "db/migrations/2_b/up.sql": "CREATE INDEX ix ON book (author_id);",
                "db/migrations/10_c/up.sql": "DROP TABLE book;",
            }
        )
        assert diagnostics == ()
        assert [(item.path, item.name, item.reversible) for item in found] == [
            ("db/migrations/2_b/down.sql", "2_b", True),
            ("db/migrations/2_b/up.sql", "2_b", True),
            ("db/migrations/10_c/up.sql", "10_c", None),
        ]
        assert {(item.chain, item.runner, item.transactional) for item in found} == {("db/migrations", "sql", None)}
        assert [steps(item) for item in found] == [
            ["down drop-index ix"],
            ["up create-index book ix (author_id)"],
            ["up drop-table book book"],
        ]

    def test_files_by_their_ending(self) -> None:
        found, _ = read(
            {
                "sql/001_a.up.sql": "CREATE TABLE a (id int);",
                "sql/001_a.down.sql": "DROP TABLE a;",
                "sql/002_b_down.sql": "DROP TABLE b;",
                "sql/deploy/x.sql": "CREATE TABLE x (id int);",
                "sql/revert/x.sql": "DROP TABLE x;",
            }
        )
        assert [(item.chain, item.path, steps(item)) for item in found] == [
            ("sql", "sql/001_a.down.sql", ["down drop-table a a"]),
            ("sql", "sql/001_a.up.sql", ["up create-table a"]),
            ("sql", "sql/002_b_down.sql", ["down drop-table b b"]),
            ("sql", "sql/deploy/x.sql", ["up create-table x"]),
            ("sql", "sql/revert/x.sql", ["down drop-table x x"]),
        ]

    def test_sections_and_their_transactions(self) -> None:
        text = "-- +goose Up\nCREATE INDEX {} ix ON a (b);\n-- +goose Down\nDROP INDEX ix;\n"
        found, _ = read(
            {
                "migrations/1.sql": text.format(""),
                "migrations/2.sql": "-- +goose NO TRANSACTION\n" + text.format("CONCURRENTLY"),
                "migrations/3.sql": "-- migrate:up transaction:false\nSELECT 1;\n",
            }
        )
        assert [item.transactional for item in found] == [True, False, False]
        assert steps(found[1]) == ["up create-index a ix (b) concurrent", "down drop-index ix"]
        assert found[0].reversible is True

    def test_transactions_of_the_file_itself(self) -> None:
        migration = one({"migrations/1.sql": "BEGIN; DROP TABLE a; COMMIT; DROP TABLE b;"})
        assert migration.transactional is True
        assert steps(migration) == [
            "up begin",
            "up drop-table a a",
            "up commit",
            "up drop-table b b non_transactional",
        ]

    def test_a_dump_is_a_chain_of_one_and_a_query_is_none(self) -> None:
        found, _ = read({"schema.sql": "CREATE TABLE a (id int);", "queries/one.sql": "SELECT * FROM a;"})
        assert [(item.path, item.chain) for item in found] == [("schema.sql", "schema.sql")]

    def test_what_cannot_be_read_is_said_and_the_rest_counts(self) -> None:
        found, diagnostics = read({"migrations/1.sql": "DROP TABLE a;\nSELEC 1;\nDROP TABLE b;\n"})
        assert steps(found[0]) == ["up drop-table a a", "up drop-table b b"]
        assert [(item.kind, item.path, item.start, item.fails) for item in diagnostics] == [
            ("parse-error", "migrations/1.sql", 14, True)
        ]

    def test_vendored_files_have_none(self) -> None:
        found, _ = read({"lib/migrations/1.sql": "DROP TABLE a;"}, roles={"lib/migrations/1.sql": FileRole.VENDORED})
        assert found == ()


LOCK = {"prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n'}


class TestPrisma:
    def test_one_statement_stands_alone_and_several_share_a_transaction(self) -> None:
        found, _ = read(
            {
                "prisma/migrations/1_init/migration.sql": 'CREATE TABLE "A" (id int); CREATE INDEX ix ON "A" (id);',
                "prisma/migrations/2_ix/migration.sql": 'CREATE INDEX CONCURRENTLY iy ON "A" (id);',
            },
            Environment(databases=("mysql",)),
            LOCK,
        )
        assert [(item.runner, item.name, item.transactional, item.dialect, item.dialect_sure) for item in found] == [
            ("prisma", "1_init", True, "postgres", True),
            ("prisma", "2_ix", False, "postgres", True),
        ]
        assert found[0].dialect_reason == "the provider of prisma/migrations/migration_lock.toml"
        assert steps(found[1]) == ["up create-index A iy (id) concurrent"]

    def test_one_statement_with_several_changes_is_one(self) -> None:
        path = "prisma/migrations/1_x/migration.sql"
        found, _ = read({path: 'ALTER TABLE "A" ADD COLUMN b int, DROP COLUMN c;'}, manifests=LOCK)
        assert [(len(item.steps), item.transactional) for item in found] == [(2, False)]

    def test_beside_a_schema_without_a_lock_file(self) -> None:
        found, _ = read(
            {"db/migrations/1_x/migration.sql": "DROP TABLE a;", "db/migrations/by_hand.sql": "DROP TABLE b;"},
            Environment(),
            providers={"db/schema.prisma": "sqlite"},
        )
        assert [(item.path, item.runner, item.dialect, item.dialect_reason) for item in found] == [
            ("db/migrations/1_x/migration.sql", "prisma", "sqlite", "the provider of db/schema.prisma"),
            ("db/migrations/by_hand.sql", "sql", "sqlite", "the provider of db/schema.prisma"),
        ]


GUARDED = """
from alembic import op

revision = "a"
down_revision = None


def upgrade():
    url = str(op.get_bind().engine.url)
    if url.startswith('mysql'):
        op.execute("UPDATE `scores` SET `at` = 1")
    else:
        op.execute("ALTER TABLE teams ALTER COLUMN at TYPE timestamp")
"""


BARE = GUARDED.replace("    if url.startswith('mysql'):\n        op", "    op").replace(
    "    else:\n        op", "    op"
)


class TestDialects:
    def test_configuration_first(self) -> None:
        migration = one({"migrations/1.sql": "DROP TABLE a;"}, Environment(configured="mysql"))
        assert (migration.dialect, migration.dialect_reason) == ("mysql", "configured")

    def test_a_folder_counts_beside_others_and_where_the_project_has_several(self) -> None:
        environment = Environment(databases=("mysql", "postgres"))
        found, diagnostics = read({"m/postgres/1.sql": "DROP TABLE a;", "m/mysql/1.sql": "DROP TABLE a;"}, environment)
        assert [(item.dialect, item.dialect_sure) for item in found] == [("mysql", True), ("postgres", True)]
        assert diagnostics == ()
        found, diagnostics = read({"mysql/migrations/1.sql": "DROP TABLE a;"}, environment)
        assert [(item.dialect, item.dialect_reason, item.dialect_sure) for item in found] == [
            ("mysql", "the folder mysql, one of several databases of the project", True)
        ]
        assert diagnostics == ()
        found, diagnostics = read({"oracle/migrations/1.sql": "DROP TABLE a;"}, environment)
        assert [(item.dialect, item.dialect_reason, item.dialect_sure) for item in found] == [
            ("postgres", "assumed", False)
        ]
        assert diagnostics == (
            Diagnostic(
                "note",
                "oracle/migrations",
                "several databases are configured (mysql, postgres); migrations are read as postgres "
                "(--dialect chooses)",
                fails=False,
            ),
        )
        found, _ = read({"mysql/migrations/1.sql": "DROP TABLE a;"}, Environment(databases=("sqlite",)))
        assert [(item.dialect, item.dialect_reason) for item in found] == [("sqlite", "the project's only database")]

    def test_a_text_that_the_assumed_database_cannot_read_is_tried_as_the_others(self) -> None:
        several = Environment(databases=("mysql", "postgres"))
        found, diagnostics = read({"versions/a.py": GUARDED}, several)
        assert [item.dialect for item in found] == ["postgres"]
        assert [
            (step.operation.change.value, step.operation.table, step.operation.dialect) for step in found[0].steps
        ] == [
            ("data", "scores", "mysql"),
            ("alter-type", "teams", "postgres"),
        ]
        assert [item.kind for item in diagnostics] == ["note"]

    def test_a_driver_of_the_development_group_names_a_database_too(self) -> None:
        weak = Environment(databases=("postgres",), named=("mysql", "postgres"))
        assert read({"versions/a.py": GUARDED}, weak)[1] == ()

    def test_what_stands_under_a_test_may_be_for_any_database(self) -> None:
        assert read({"versions/a.py": GUARDED})[1] == ()
        assert [item.kind for item in read({"versions/a.py": BARE})[1]] == ["parse-error"]

    def test_what_no_named_database_reads_is_an_error(self) -> None:
        broken = GUARDED.replace("SET `at` = 1", "SET `at` = ((")
        several = Environment(databases=("mysql", "postgres"))
        assert [item.kind for item in read({"versions/a.py": broken}, several)[1]] == ["note", "parse-error"]

    def test_what_the_user_says_is_not_doubted(self) -> None:
        said = Environment(configured="postgres", databases=("mysql", "postgres"))
        assert [item.kind for item in read({"versions/a.py": BARE}, said)[1]] == ["parse-error"]
        assert [item.kind for item in read({"versions/a.py": GUARDED}, said)[1]] == []

    def test_one_of_the_named_databases_is_assumed(self) -> None:
        found, diagnostics = read({"versions/a.py": GUARDED}, Environment(databases=("mysql", "sqlite")))
        assert [(item.dialect, item.dialect_sure) for item in found] == [("mysql", False)]
        assert "migrations are read as mysql" in diagnostics[0].message

    def test_syntax_of_one_dialect(self) -> None:
        migration = one({"migrations/1.sql": "CREATE TABLE a (id int) ENGINE=InnoDB;"}, Environment())
        assert (migration.dialect, migration.dialect_reason) == ("mysql", "syntax that only mysql has")

    def test_another_database_is_left_alone(self) -> None:
        found, diagnostics = read({"m/migrations/1.sql": "CREATE TABLE a (id UInt64) ENGINE = MergeTree ORDER BY id;"})
        assert found == ()
        assert [(item.kind, item.path, item.fails) for item in diagnostics] == [("note", "m/migrations", False)]
        assert "clickhouse" in diagnostics[0].message

    def test_alembic_ini_and_journals(self) -> None:
        found, _ = read(
            {"d/1.sql": "DROP TABLE a;", "d/2.sql": "DROP TABLE b;"},
            Environment(),
            {"d/meta/_journal.json": '{"dialect": "sqlite"}'},
        )
        assert {(item.runner, item.dialect, item.transactional) for item in found} == {("drizzle", "sqlite", True)}
        found, _ = read(
            {"app/versions/a.py": ALEMBIC},
            Environment(),
            {"app/alembic.ini": "[alembic]\nsqlalchemy.url = mysql://h/d\n"},
        )
        assert [(item.dialect, item.transactional) for item in found] == [("mysql", False)]


DJANGO = {
    "shop/migrations/0001_initial.py": """
        from django.db import migrations, models

        class Migration(migrations.Migration):
            initial = True
            operations = [
                migrations.CreateModel(
                    name="Book",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True)),
                        ("title", models.CharField(max_length=80)),
                        ("author", models.ForeignKey(to="people.Author", on_delete=models.CASCADE)),
                        ("tags", models.ManyToManyField(to="shop.Tag")),
                    ],
                    options={"db_table": "books"},
                ),
            ]
    """,
    "shop/migrations/0002_more.py": """
        from django.db import migrations, models
        from django.contrib.postgres.operations import AddIndexConcurrently

        def forward(apps, schema_editor):
            pass

        class Migration(migrations.Migration):
            atomic = False
            dependencies = [("shop", "0001_initial")]
            operations = [
                migrations.AddField("book", "publisher", models.ForeignKey("shop.Publisher", null=True)),
                migrations.AddField("book", "slug", models.CharField(max_length=9, db_index=True)),
                migrations.AlterField("book", "title", models.CharField(max_length=80, help_text="x")),
                migrations.AlterField("book", "title", models.TextField(null=True)),
                migrations.AddIndex(
                    model_name="book", index=models.Index(fields=["-title", "author"], name="ix_title")
                ),
                AddIndexConcurrently("book", models.Index(fields=["slug"], name="ix_slug")),
                migrations.AddConstraint("book", models.UniqueConstraint(fields=["author", "slug"], name="u")),
                migrations.RenameField("book", "title", "name"),
                migrations.RemoveField("book", "publisher"),
                migrations.RunSQL("UPDATE books SET name = ''", reverse_sql=migrations.RunSQL.noop),
                migrations.RunSQL(["DROP INDEX a", ("DROP INDEX b", None)], "CREATE INDEX a ON books (name)"),
                migrations.RunPython(forward),
                migrations.SeparateDatabaseAndState(
                    state_operations=[migrations.DeleteModel("Ghost")],
                    database_operations=[migrations.RemoveIndex("book", "ix_title")],
                ),
                migrations.AlterUniqueTogether("book", {("name", "author")}),
                migrations.RenameModel("Book", "Volume"),
                migrations.DeleteModel("Volume"),
            ]
    """,
}


class TestDjango:
    def test_steps(self) -> None:
        found, diagnostics = read(DJANGO)
        assert diagnostics == ()
        assert [(item.name, item.transactional, item.reversible, item.runner, item.idiom) for item in found] == [
            ("shop.0001_initial", True, True, "django", "django"),
            ("shop.0002_more", False, False, "django", "django"),
        ]
        assert found[1].dependencies == ("shop.0001_initial",)
        assert steps(found[0]) == ["up create-table books", "up create-table books_tags"]
        assert steps(found[1]) == [
            "up add-column books publisher_id",
            "up add-key books foreign(publisher_id) -> shop_publisher",
            "up create-index books (publisher_id)",
            "up add-column books slug",
            "up create-index books (slug)",
            "up create-index books (slug)",
            "up alter-type books title",
            "up drop-not-null books title",
            "up create-index books ix_title (-title, author_id)",
            "up create-index books ix_slug (slug) concurrent",
            "up add-key books u unique(author_id, slug)",
            "up rename-column books name",
            "up drop-column books publisher_id",
            "up data books",
            "up drop-index a",
            "up drop-index b",
            "down create-index books a (name)",
            "up other run code",
            "up drop-index books ix_title",
            "up add-key books unique(name, author_id)",
            "up rename-column books_tags volume_id",
            "up drop-table books books",
            "up drop-table books_tags books_tags",
        ]

    def test_the_table_that_is_made(self) -> None:
        found, _ = read(DJANGO)
        table = found[0].steps[0].operation.definition
        assert table is not None
        assert [(column.name, column.type, column.nullable) for column in table.columns] == [
            ("id", "bigint", False),
            ("title", "varchar(80)", False),
            ("author_id", "", False),
        ]
        assert [(key.kind, key.columns, key.target) for key in table.keys] == [
            ("primary", ("id",), ""),
            ("foreign", ("author_id",), "people_author"),
        ]
        assert [[column.name for column in index.columns] for index in table.indexes] == [["author_id"]]
        assert table.complete

    def test_places(self) -> None:
        found, _ = read(DJANGO)
        shown_places = pieces(DJANGO, found[1])
        assert shown_places[9] == 'AddIndexConcurrently("book", models.Index(fields=["slug"], name="ix_slug"))'
        assert shown_places[13] == "UPDATE books SET name = ''"

    def test_mysql_has_no_transactional_ddl(self) -> None:
        found, _ = read(DJANGO, Environment(databases=("mysql",)))
        assert [item.transactional for item in found] == [False, False]

    def test_a_squashed_migration_beside_what_it_replaces(self) -> None:
        squashed = {
            "shop/migrations/0001_squashed.py": """
                from django.db import migrations

                class Migration(migrations.Migration):
                    replaces = [("shop", "0001_initial"), ("shop", "0002_more")]
                    operations = [migrations.DeleteModel("X")]
            """
        }
        found, _ = read({**DJANGO, **squashed})
        assert [item.name for item in found] == ["shop.0001_initial", "shop.0002_more"]

    def test_a_squashed_migration_stands_for_those_that_are_gone(self) -> None:
        text = """
            from django.db import migrations, models

            class Migration(migrations.Migration):
                replaces = {}
                dependencies = {}
                operations = [{}]
        """
        model = 'migrations.CreateModel("{}", [("id", models.AutoField(primary_key=True))], {{"db_table": "{}"}})'
        field = 'migrations.AddField("a", "z", models.OneToOneField("zoo.Z"))'
        found, _ = read(
            {
                "art/migrations/0001.py": text.format([], [], model.format("A", "table_a")),
                "art/migrations/0002.py": text.format([], [("art", "0001"), ("zoo", "0005")], field),
                "zoo/migrations/0009_squashed.py": text.format([("zoo", "0005")], [], model.format("Z", "table_z")),
            }
        )
        assert [(item.name, steps(item)) for item in found] == [
            ("art.0001", ["up create-table table_a"]),
            (
                "art.0002",
                [
                    "up add-column table_a z_id",
                    "up add-key table_a unique(z_id)",
                    "up add-key table_a foreign(z_id) -> table_z",
                ],
            ),
            ("zoo.0009_squashed", ["up create-table table_z"]),
        ]

    def test_sql_that_cannot_be_read(self) -> None:
        text = "from django.db import migrations\n\nclass Migration(migrations.Migration):\n    operations = [{}]\n"
        source = text.format("migrations.RunSQL('SELEC 1; DROP TABLE a')")
        found, diagnostics = read({"a/migrations/1.py": source})
        assert steps(found[0]) == ["up drop-table a a"]
        assert [(item.kind, item.path, item.start) for item in diagnostics] == [
            ("parse-error", "a/migrations/1.py", source.index("SELEC"))
        ]

    def test_array_fields(self) -> None:
        source = """
            from django.db import migrations, models
            from django.contrib.postgres.fields import ArrayField

            class Migration(migrations.Migration):
                operations = [migrations.AddField("a", "b", ArrayField(ArrayField(models.CharField(max_length=3))))]
        """
        assert one({"s/migrations/1.py": source}).steps[0].operation.columns[0].type == "varchar(3)[][]"

    def test_operations_of_the_project(self) -> None:
        source = """
            from django.db import migrations, models

            class Quiet(migrations.AddField):
                pass

            class Own(migrations.AddField):
                def __init__(self, where):
                    super().__init__(where, "x", models.TextField())

            class Migration(migrations.Migration):
                operations = [Quiet("a", "b", models.TextField()), Own("a")]
        """
        assert steps(one({"s/migrations/1.py": source})) == ["up add-column s_a b", "up other Own"]

    def test_label_and_a_class_of_the_same_name(self) -> None:
        found, _ = read(
            {
                "a/apps.py": "from django.apps import AppConfig\nclass A(AppConfig):\n    label = 'store'\n",
                "a/migrations/0001.py": (
                    "from django.db import migrations\nclass Migration(migrations.Migration):\n"
                    "    operations = [migrations.DeleteModel('X')]\n"
                ),
                "b/migrations/0001.py": "class Migration:\n    operations = []\n",
            }
        )
        assert [(item.name, steps(item)) for item in found] == [("store.0001", ["up drop-table store_x store_x"])]


ALEMBIC = """
    from alembic import op
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    revision = "bbb"
    down_revision = "aaa"

    def upgrade():
        op.create_table(
            "book",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("title", sa.String(length=80), server_default="x", index=True),
            sa.Column("author_id", sa.Integer(), sa.ForeignKey("author.id")),
            sa.PrimaryKeyConstraint("id"),
        )
        op.add_column("book", sa.Column("data", postgresql.JSONB(), nullable=True))
        op.alter_column("book", "title", type_=sa.Text(), nullable=False)
        op.create_index(op.f("ix_data"), "book", ["data", sa.text("lower(title)")], unique=True)
        with op.get_context().autocommit_block():
            op.create_index("ix_author", "book", ["author_id"], postgresql_concurrently=True)
        with op.batch_alter_table("book") as batch:
            batch.drop_column("data")
            batch.create_index("ix_batch", ["title"])
            batch.create_unique_constraint("u", ["title"])
        op.create_foreign_key("fk", "book", "author", ["author_id"], ["id"], ondelete="CASCADE")
        op.execute(sa.text("UPDATE book SET title = ''"))
        bind = op.get_bind()
        for table in ("a", "b"):
            bind.execute(sa.text("DELETE FROM book WHERE id = :id").bindparams(id=1))
        if bind.dialect.name == "postgresql":
            op.execute("CREATE EXTENSION hstore")
        books = sa.table("book")
        op.execute(books.update().values(title="y"))
        helper()

    def helper():
        op.drop_constraint("u", "book", type_="unique")

    def downgrade():
        op.drop_index("ix_author", table_name="book")
        op.drop_table("book")
"""


class TestAlembic:
    def test_steps(self) -> None:
        migration = one({"versions/bbb.py": ALEMBIC})
        assert (migration.runner, migration.name, migration.dependencies) == ("alembic", "bbb", ("aaa",))
        assert (migration.transactional, migration.reversible, migration.idiom) == (True, True, "sqlalchemy")
        assert steps(migration) == [
            "up create-table book",
            "up add-column book data",
            "up alter-type book title",
            "up set-not-null book title",
            "up create-index book ix_data (data, lower(title)) unique",
            "up create-index book ix_author (author_id) concurrent non_transactional",
            "up drop-column book data",
            "up create-index book ix_batch (title)",
            "up add-key book u unique(title)",
            "up add-key book fk foreign(author_id) -> author",
            "up data book",
            "up data book loop",
            "up other create extension conditional",
            "up data unread text",
            "up drop-key book u unique()",
            "down drop-index book ix_author",
            "down drop-table book book",
        ]

    def test_the_table_that_is_made(self) -> None:
        table = one({"versions/bbb.py": ALEMBIC}).steps[0].operation.definition
        assert table is not None
        assert [(column.name, column.type, column.nullable, column.default) for column in table.columns] == [
            ("id", "integer", False, ""),
            ("title", "varchar(80)", True, "x"),
            ("author_id", "integer", True, ""),
        ]
        assert [(key.kind, key.columns, key.target, key.target_columns) for key in table.keys] == [
            ("foreign", ("author_id",), "author", ("id",)),
            ("primary", ("id",), "", ()),
        ]
        assert [index.name for index in table.indexes] == ["ix_book_title"]

    def test_places(self) -> None:
        sources = {"versions/bbb.py": ALEMBIC}
        shown_places = pieces(sources, one(sources))
        assert shown_places[1] == 'op.add_column("book", sa.Column("data", postgresql.JSONB(), nullable=True))'
        assert shown_places[10] == "UPDATE book SET title = ''"

    def test_types(self) -> None:
        text = """
            from alembic import op
            import sqlalchemy as sa

            revision = "a"

            def upgrade():
                op.add_column("t", sa.Column("c", {}))
        """
        written = {
            "sa.Numeric(10, 2)": "numeric(10,2)",
            "sa.DateTime(timezone=True)": "timestamp with time zone",
            "sa.ARRAY(sa.ARRAY(sa.String(5)))": "varchar(5)[][]",
            "sa.LargeBinary": "bytea",
            "sa.ARRAY(" * 400 + "sa.Text" + ")" * 400: "array[][][][][][]",
        }
        for source, expected in written.items():
            assert one({"v/a.py": text.format(source)}).steps[0].operation.columns[0].type == expected

    def test_order_follows_the_revisions(self) -> None:
        text = "from alembic import op\nrevision = '{}'\ndown_revision = {}\ndef upgrade():\n    op.drop_table('t')\n"
        found, _ = read(
            {
                "v/1.py": text.format("last", "('mid', 'side')"),
                "v/2.py": text.format("first", "None"),
                "v/3.py": text.format("mid", "'first'"),
                "v/4.py": text.format("side", "'first'"),
            }
        )
        assert [item.name for item in found] == ["first", "mid", "side", "last"]
        assert [item.dependencies for item in found] == [(), ("first",), ("first",), ("mid", "side")]
        assert [item.reversible for item in found] == [False, False, False, False]

    def test_a_module_without_alembic_is_none(self) -> None:
        found, _ = read({"v/1.py": "revision = 'a'\ndef upgrade():\n    op.drop_table('t')\n"})
        assert found == ()
        merge = "revision = 'c'\ndown_revision = ('a', 'b')\ndef upgrade():\n    pass\n"
        assert read({"w/1.py": merge})[0] == ()

    def test_each_operation_knows_its_schema(self) -> None:
        text = """
            from alembic import op
            import sqlalchemy as sa

            revision = "a"

            def upgrade():
                op.create_table("t", sa.Column("id", sa.Integer()), schema="x")
                op.create_foreign_key(None, "t", "b", ["id"], ["id"], source_schema="x", referent_schema="y")
                op.create_index("i", "t", ["id"], schema="x")
                op.rename_table("t", "u", schema="x")
                with op.batch_alter_table("u", schema="x") as batch:
                    batch.drop_column("id")
                op.execute("UPDATE x.u SET n = 1")
                op.drop_table("u", schema="x")
        """
        found = [step.operation for step in one({"v/a.py": text}).steps]
        assert [(each.change.value, each.schema) for each in found] == [
            (word, "x")
            for word in ("create-table", "add-key", "create-index", "rename-table", "drop-column", "data", "drop-table")
        ]

    def test_a_merge_imports_nothing(self) -> None:
        text = "from alembic import op\nrevision = '{}'\ndown_revision = {}\ndef upgrade():\n    op.drop_table('t')\n"
        found, _ = read(
            {
                "v/1.py": text.format("after", "'merge'"),
                "v/2.py": "revision = 'merge'\ndown_revision = ('left', 'right')\ndef upgrade():\n    pass\n",
                "v/3.py": text.format("left", "None"),
                "v/4.py": text.format("right", "None"),
                "v/5.py": "revision = 'none'\ndef upgrade():\n    pass\n",
            }
        )
        assert [item.name for item in found] == ["left", "right", "merge", "after"]


QUERY_RUNNER = {
    "db/migrations/postgres/1-Init.ts": """
        import { MigrationInterface, QueryRunner, TableIndex, Table, TableColumn } from 'typeorm'
        import { index } from '../../helper'

        export class Init1700000000001 implements MigrationInterface {
            transaction = false
            public async up(queryRunner: QueryRunner): Promise<void> {
                await queryRunner.query(`CREATE INDEX CONCURRENTLY "ix" ON "book" ("author"); DROP TABLE a`)
                await queryRunner.createIndex('book', new TableIndex({ name: 'iy', columnNames: ['a', 'b'] }))
                await queryRunner.createTable(
                    new Table({ name: 'shop', columns: [{ name: 'id', type: 'int', isPrimary: true }] })
                )
                await queryRunner.addColumn('book', new TableColumn({ name: 'c', type: 'text', isNullable: true }))
                if (!(await queryRunner.hasColumn('book', 'd'))) await queryRunner.query('DROP TABLE d')
                for (const name of ['x', 'y']) await queryRunner.query(`DROP INDEX "${name}"`)
                await this.more(queryRunner)
            }
            async more(queryRunner: QueryRunner) {
                await queryRunner.dropColumn('book', 'e')
                await index(queryRunner, 'shop', 'city')
            }
            public async down(queryRunner: QueryRunner): Promise<void> {
                await queryRunner.query(`DROP INDEX "ix"`)
            }
        }
    """,
    "db/migrations/mysql/1-Init.ts": """
        import { MigrationInterface, QueryRunner } from 'typeorm'

        export class Init1700000000001 implements MigrationInterface {
            name = 'Named1700000000009'
            async up(runner: QueryRunner) {
                await runner.query('ALTER TABLE `book` ADD INDEX `ix` (`author`)')
            }
        }
    """,
    "db/helper.ts": """
        import { QueryRunner } from 'typeorm'

        export async function index(queryRunner: QueryRunner, table: string, column: string) {
            await queryRunner.query(`CREATE INDEX ix_new ON "${table}" (${column})`)
        }
    """,
    "src/elevator.ts": "export class Elevator { up(floor: number) { this.query('DROP TABLE x') } down() {} }",
}


class TestQueryRunner:
    def test_steps(self) -> None:
        found, diagnostics = read(QUERY_RUNNER, Environment(databases=("mysql", "postgres")))
        assert diagnostics == ()
        assert [
            (item.chain, item.dialect, item.name, item.order[0], item.transactional, item.reversible) for item in found
        ] == [
            ("db/migrations/mysql", "mysql", "Named1700000000009", "00000001700000000009", True, False),
            ("db/migrations/postgres", "postgres", "Init1700000000001", "00000001700000000001", False, True),
        ]
        assert steps(found[0]) == ["up create-index book ix (author)"]
        assert steps(found[1])[:5] == [
            "up create-index book ix (author) concurrent",
            "up drop-table a a",
            "up create-index book iy (a, b)",
            "up create-table shop",
            "up add-column book c",
        ]
        assert steps(found[1])[5] == "up drop-table d d conditional"
        assert found[1].steps[6].operation.change is Change.DROP_INDEX
        assert found[1].steps[6].loop
        assert steps(found[1])[7:] == [
            "up drop-column book e",
            "up create-index shop ix_new (city)",
            "down drop-index ix",
        ]
        assert found[1].steps[9].direction is Direction.DOWN
        table = found[1].steps[3].operation.definition
        assert table is not None
        assert [(key.kind, key.columns) for key in table.keys] == [("primary", ("id",))]

    def test_places(self) -> None:
        found, _ = read(QUERY_RUNNER, Environment(databases=("mysql", "postgres")))
        assert pieces(QUERY_RUNNER, found[1])[:2] == [
            'CREATE INDEX CONCURRENTLY "ix" ON "book" ("author")',
            "DROP TABLE a",
        ]


def test_the_same_whatever_the_order_of_files() -> None:
    sources = {**DJANGO, **QUERY_RUNNER, "versions/b.py": ALEMBIC, "m/migrations/1.sql": "SELEC;"}
    backwards = dict(reversed(list(sources.items())))
    assert read(sources) == read(backwards)
