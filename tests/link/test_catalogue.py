"""The catalogue: what migrations leave behind, what is declared, and both together."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.schema import Table
from dblint.frontends.extract import extract
from dblint.link.project import LinkOptions, link
from tests.link.linked import linked

BEDS = "CREATE TABLE beds (id int PRIMARY KEY, name varchar(20) NOT NULL);"


def names(table: Table | None) -> list[str]:
    assert table is not None
    return [column.name for column in table.columns]


def chain(*texts: str) -> Project:
    """A folder of SQL migrations in this order."""
    return linked({f"db/migrations/{number:04}.sql": text for number, text in enumerate(texts, 1)}, dialect="postgres")


def test_a_chain_is_folded_into_tables() -> None:
    project = chain(
        BEDS,
        "ALTER TABLE beds ADD COLUMN owner int REFERENCES people (id) ON DELETE CASCADE;"
        "CREATE INDEX i ON beds (owner);",
        "ALTER TABLE beds DROP COLUMN name; CREATE TABLE plants (id int); DROP TABLE plants;",
    )
    assert sorted(project.tables) == ["beds"]
    table = project.table("Beds")
    assert table is not None
    assert names(table) == ["id", "owner"]
    assert [(key.kind, key.columns, key.target, key.on_delete) for key in table.keys] == [
        ("primary", ("id",), "", ""),
        ("foreign", ("owner",), "people", "cascade"),
    ]
    assert [index.name for index in table.indexes] == ["i"]
    assert table.complete
    assert project.stored == {"db/migrations": {"beds": table}}
    assert project.declared == {}


def test_the_way_back_is_not_run() -> None:
    project = linked(
        {"m/migrations/1_a/up.sql": BEDS, "m/migrations/1_a/down.sql": "DROP TABLE beds;"}, dialect="postgres"
    )
    assert sorted(project.tables) == ["beds"]


def test_what_runs_only_sometimes_leaves_the_table_open() -> None:
    project = linked(
        {
            "alembic/versions/1.py": """
                from alembic import op
                import sqlalchemy as sa

                revision = "1"
                down_revision = None

                def upgrade():
                    op.create_table("beds", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Text()))
                    op.create_table("paths", sa.Column("id", sa.Integer(), primary_key=True))
                """,
            "alembic/versions/2.py": """
                from alembic import op
                import sqlalchemy as sa

                revision = "2"
                down_revision = "1"

                def upgrade():
                    if missing("b"):
                        op.add_column("beds", sa.Column("b", sa.Text()))
                    if there("a"):
                        op.drop_column("beds", "a")
                """,
        },
        dialect="postgres",
    )
    beds, paths = project.table("beds"), project.table("paths")
    assert names(beds) == ["id", "a", "b"]
    assert beds is not None
    assert paths is not None
    assert (beds.complete, paths.complete) == (False, True)


def test_a_statement_that_says_not_what_it_does_leaves_all_tables_open() -> None:
    read = chain(BEDS, "CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql;").table("beds")
    hidden = chain(BEDS, "DO $$ BEGIN EXECUTE change(); END $$;").table("beds")
    assert read is not None
    assert hidden is not None
    assert (read.complete, hidden.complete) == (True, False)


PATHS = "CREATE TABLE paths (id int PRIMARY KEY, bed int REFERENCES beds (id));"
MADE = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN CREATE INDEX i ON paths (bed); END $f$;"


@pytest.mark.parametrize(
    ("statement", "whole", "indexed"),
    [
        ("DO $$ BEGIN CREATE TYPE e AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;", "both", False),
        ("DO $$ BEGIN EXECUTE 'SELECT 1'; END $$;", "both", False),
        ("DO $$ BEGIN EXECUTE 'CREATE INDEX i ON paths (bed)'; END $$;", "both", True),
        ("DO $$ BEGIN IF a THEN CREATE INDEX i ON paths (bed); END IF; END $$;", "beds", True),
        ('DO $$ BEGIN IF a THEN ALTER TABLE "beds" ALTER COLUMN "name" TYPE text; END IF; END $$;', "paths", False),
        ("DO $$ BEGIN EXECUTE format('ALTER TABLE paths DROP CONSTRAINT %I', c); END $$;", "beds", False),
        ("DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP CONSTRAINT c', t); END $$;", "", False),
        ("DO $$ BEGIN EXECUTE t; END $$;", "", False),
        ("DO $$ BEGIN PERFORM unheard(); END $$;", "", False),
        ("CALL unheard();", "", False),
        (MADE, "both", False),
        (f"{MADE} SELECT f();", "both", True),
        (f"{MADE} DO $$ BEGIN PERFORM public.f(); END $$;", "both", True),
        ("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN EXECUTE a; END $$; CALL p();", "", False),
        ("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN CALL p(); END $$; CALL p();", "both", False),
        ("CREATE PROCEDURE p() LANGUAGE plpython3u AS $$ pass $$; CALL p();", "", False),
        ("CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; SELECT g();", "both", False),
        (f"{MADE} CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM f(); END $$; CALL p();", "both", True),
    ],
)
def test_what_procedural_code_does_to_tables(statement: str, whole: str, indexed: bool) -> None:
    tables = chain(BEDS, PATHS, statement).tables
    assert [name for name, table in sorted(tables.items()) if table.complete] == (
        ["beds", "paths"] if whole == "both" else [whole] if whole else []
    )
    assert [index.name for index in tables["paths"].indexes] == (["i"] if indexed else [])


def test_tables_that_are_new_when_a_migration_runs() -> None:
    project = chain(
        BEDS,
        "CREATE TABLE paths (id int); CREATE TABLE IF NOT EXISTS beds (id int);"
        "CREATE TABLE IF NOT EXISTS gates (id int);",
        "ALTER TABLE paths RENAME TO ways; CREATE TABLE paths (id int); CREATE TEMPORARY TABLE rest (id int);",
        "DROP TABLE beds; CREATE TABLE beds (id int);",
    )
    assert project.history == {
        "db/migrations/0001.sql": frozenset({"beds"}),
        "db/migrations/0002.sql": frozenset({"paths", "gates"}),
    }


def test_after_a_part_that_was_not_read_a_guarded_table_may_be_there() -> None:
    project = chain(BEDS, "DO $$ BEGIN EXECUTE change(); END $$;", "CREATE TABLE IF NOT EXISTS gates (id int);")
    assert project.history == {"db/migrations/0001.sql": frozenset({"beds"})}


def test_what_a_table_was_before_it_lost_something() -> None:
    project = chain(
        BEDS,
        "ALTER TABLE beds ADD COLUMN owner int;",
        "ALTER TABLE beds DROP COLUMN owner, DROP COLUMN name; DROP TABLE beds;",
    )
    found = [(place.start, name, names(table)) for (place, name), table in sorted(project.former.items())]
    assert found == [
        (17, "beds", ["id", "name", "owner"]),
        (36, "beds", ["id", "name"]),
        (54, "beds", ["id"]),
    ]


# Declarations and migrations together


def test_a_declared_table_gets_what_only_the_database_has() -> None:
    project = linked(
        {
            "app/models.py": """
                from django.db import models

                class Bed(models.Model):
                    title = models.CharField(max_length=30, db_column="name")

                    class Meta:
                        db_table = "beds"
                """,
            "db/migrations/1.sql": """
                CREATE TABLE beds (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT '', made date);
                CREATE INDEX by_name ON beds (name);
                """,
        },
        dialect="postgres",
    )
    table = project.table("beds")
    assert table is not None
    assert (table.origin, table.model) == ("model", "Bed")
    assert [(column.name, column.attribute, column.type, column.default) for column in table.columns] == [
        ("id", "id", "integer", ""),
        ("name", "title", "varchar(30)", "''"),
        ("made", "", "date", ""),
    ]
    assert [index.name for index in table.indexes] == ["by_name"]
    assert [key.kind for key in table.keys] == ["primary"]
    assert table.complete
    declared, stored = project.declared["beds"], project.databases("beds")
    assert names(declared) == ["id", "name"]
    assert declared.indexes == ()
    assert [names(one) for one in stored] == [["id", "name", "made"]]


def test_one_table_in_several_databases() -> None:
    files = {
        "db/migrations/postgres/1.sql": "CREATE TABLE beds (id int PRIMARY KEY, a jsonb); CREATE INDEX i ON beds (a);",
        "db/migrations/mysql/1.sql": "CREATE TABLE beds (id int PRIMARY KEY, a json);",
    }
    table = linked(files).table("beds")
    assert table is not None
    assert [(column.name, column.type) for column in table.columns] == [("id", "int"), ("a", "")]
    assert table.indexes == ()
    assert not table.complete


def test_tables_that_only_share_their_name() -> None:
    project = linked(
        {
            "one/migrations/1.sql": "CREATE TABLE beds (id int);",
            "two/migrations/1.sql": "CREATE TABLE beds (number int); CREATE TABLE gates (id int);",
        },
        dialect="postgres",
    )
    assert sorted(project.tables) == ["gates"]
    assert [names(table) for table in project.ambiguous["beds"]] == [["id"], ["number"]]
    assert len(project.databases("BEDS")) == 2


def test_tables_of_tests_stand_back() -> None:
    files = {"app/schema.sql": "CREATE TABLE beds (id int);", "tests/schema.sql": "CREATE TABLE beds (number int);"}
    facts = [extract(text.encode(), path) for path, text in files.items()]
    options = LinkOptions(dialect="postgres", roles={"tests/schema.sql": FileRole.TEST})
    assert names(link(facts, {}, options).table("beds")) == ["id"]
    assert link(facts, {}, LinkOptions(dialect="postgres")).table("beds") is None


# Applications that share a database


def application(name: str, *migrations: str, start: int = 1) -> dict[str, str]:
    head = "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
    files = {f"{name}/__init__.py": "", f"{name}/migrations/__init__.py": ""}
    for number, text in enumerate(migrations, start):
        lines = "\n".join(f"    {line.strip()}" for line in text.strip().splitlines())
        files[f"{name}/migrations/{number:04}_m.py"] = f"{head}{lines}\n"
    return files


def create(model: str, *fields: str) -> str:
    listed = ", ".join(['("id", models.AutoField(primary_key=True))', *fields])
    return f'migrations.CreateModel("{model}", [{listed}])'


def test_a_table_that_moves_to_another_application() -> None:
    leaf = '("bed", models.ForeignKey("garden.Bed", models.CASCADE))'
    project = linked(
        {
            **application(
                "garden",
                f"operations = [{create('Bed')}, {create('Leaf', leaf)}]",
                """
                dependencies = [("yard", "0001_m")]
                operations = [migrations.AlterModelTable("Bed", "yard_bed")]
                """,
            ),
            **application(
                "yard",
                'operations = []\ndependencies = [("garden", "0001_m")]',
                f"""
                dependencies = [("garden", "0002_m")]
                operations = [
                migrations.SeparateDatabaseAndState(state_operations=[{create("Bed")}]),
                migrations.AddField("Bed", "size", models.IntegerField()),
                ]
                """,
            ),
        },
        dialect="postgres",
    )
    assert {chain: sorted(tables) for chain, tables in project.stored.items()} == {
        "garden/migrations": ["garden_leaf", "yard_bed"]
    }
    assert names(project.table("yard_bed")) == ["id", "size"]
    table = project.table("garden_leaf")
    assert table is not None
    assert [key.target for key in table.keys if key.kind == "foreign"] == ["yard_bed"]


def test_two_programs_with_applications_of_one_name() -> None:
    size = '("size", models.IntegerField())'
    project = linked(
        {
            **application("one/core", f"operations = [{create('Bed')}]"),
            **application("two/core", "operations = []", f"operations = [{create('Bed', size)}]", start=5),
        },
        dialect="postgres",
    )
    assert sorted(project.stored) == ["one/core/migrations", "two/core/migrations"]
    assert [names(table) for table in project.ambiguous["core_bed"]] == [["id"], ["id", "size"]]


def test_the_name_of_a_relation_table_follows_its_model() -> None:
    tags = '("tags", models.ManyToManyField("auth.Group"))'
    project = linked(
        application(
            "garden",
            f"operations = [{create('Bed', tags)}]",
            'operations = [migrations.RenameModel("Bed", "Plot"), migrations.RenameField("Plot", "tags", "groups")]',
        ),
        dialect="postgres",
    )
    assert sorted(project.tables) == ["garden_plot", "garden_plot_groups"]
    assert names(project.table("garden_plot_groups")) == ["id", "plot_id", "group_id"]


def test_files_that_change_each_other_s_tables_are_steps_of_an_unknown_order() -> None:
    made = {"schema/1/a.sql": BEDS, "schema/2/b.sql": "CREATE TABLE plants (id int PRIMARY KEY);"}
    table = linked(made, dialect="postgres").table("plants")
    assert table is not None
    assert table.complete
    changed = {**made, "schema/3/c.sql": "ALTER TABLE beds ADD COLUMN owner int;"}
    tables = linked(changed, dialect="postgres").tables
    assert [(name, tables[name].complete) for name in sorted(tables)] == [("beds", False), ("plants", False)]


def test_what_libraries_keep_for_themselves() -> None:
    project = linked({"work.py": "import sqlite3\n"})
    kept = project.table("Alembic_Version")
    assert kept is not None
    assert ([column.name for column in kept.columns], kept.complete) == (["version_num"], True)
    assert not project.tables
    own = linked({"migrations/0001_own.sql": "CREATE TABLE alembic_version (id int PRIMARY KEY, word text);"})
    table = own.table("alembic_version")
    assert table is not None
    assert [column.name for column in table.columns] == ["id", "word"]
