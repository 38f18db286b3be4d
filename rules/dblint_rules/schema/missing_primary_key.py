"""A table of the application without a primary key.

What is not judged, and why:

- views, foreign tables and virtual tables have no keys; temporary tables are no part of the catalogue;
- a table that is not `complete`: what was not read may be the key. Where a declaration is complete and has no key, that
  is what the code believes, whatever could not be read of the migrations: it speaks;
- a table whose columns are those of a query (CREATE TABLE … AS): the copy is filled first and gets its key afterwards,
  if it is kept at all;
- a key that a library adds (Django's `id`, Prisma's pair of a join) is a fact of the table already;
- a unique key over columns that are all NOT NULL names every row: it lacks the name of a primary key and little else.
  One nullable column in it, and rows repeat as often as that column is NULL: that speaks, in join tables above all;
- a partition has its parent's key: the parent is reported, once;
- a table of a column store is sorted, not keyed, and its engine enforces no key;
- an unlogged table, and one that is called temporary, staging or backup, holds rows for a while only;
- a model that no migration makes and that refers to nothing, where the project has migrations: the table may be another
  program's, and the model a way to write queries on it.

What it cannot say: whether a table that looks like the application's belongs to another program, and whether rows are
kept apart by code alone. Findings are few: most libraries refuse a model without a key, or add one (Django also where a
migration creates the model), so that what is left are joins of two tables and tables made by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts import spelling
from dblint.facts.project import Project
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a table has no primary key",
    why=(
        "Nothing says which row is meant: the same row can be stored twice, and then neither can be changed or deleted "
        "alone. Logical replication refuses UPDATE and DELETE on such a table, MySQL's group replication refuses every "
        "write, InnoDB adds a hidden key that locks across tables, and no foreign key can refer to a row."
    ),
    minimal="Make {key} the primary key of {table}: {statement}",
    better=(
        "Choose those columns of {table} that name a row in the program, if there are any, before a number that nobody "
        "asks for; remove the rows that repeat, and let the code that inserts say what happens on a conflict."
    ),
    complete=(
        "Build the index of the key of {table} first, without blocking writers, add the constraint on it afterwards "
        "(SQLite takes no key later: there the table is built anew), and let the review of every migration ask for a "
        "primary key."
    ),
    symptoms=(
        "rows appear twice",
        "cannot update table because it does not have a replica identity and publishes updates",
        "sql_require_primary_key",
    ),
    verify=(
        "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE "
        "c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg~_%' ESCAPE '~' AND "
        "NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)"
    ),
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    checklist=("2.2",),
    looks_at="tables that are known whole",
    bad=(
        Bad(
            "sql",
            "CREATE TABLE visit ( -- finding\n    visitor bigint NOT NULL,\n    seen timestamptz\n);\n"
            "CREATE TABLE member ( -- finding\n    team_id bigint, person_id bigint, UNIQUE (team_id, person_id)\n);\n",
            path="migrations/0001_visit.sql",
        ),
        Bad(
            "python",
            "from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table\n\n"
            "metadata = MetaData()\n"
            'team = Table("team", metadata, Column("id", Integer, primary_key=True))\n'
            'person = Table("person", metadata, Column("id", Integer, primary_key=True))\n'
            "member = Table(  # finding\n"
            '    "member",\n'
            "    metadata,\n"
            '    Column("team_id", ForeignKey("team.id")),\n'
            '    Column("person_id", ForeignKey("person.id")),\n'
            ")\n",
            title="SQLAlchemy",
        ),
        Bad(
            "python",
            "import sqlalchemy as sa\n"
            "from alembic import op\n\n"
            'revision = "1"\n'
            "down_revision = None\n\n\n"
            "def upgrade():\n"
            '    op.create_table("visit", sa.Column("visitor", sa.BigInteger(), nullable=False))  # finding\n\n\n'
            "def downgrade():\n"
            '    op.drop_table("visit")\n',
            title="Alembic",
            path="migrations/versions/1_visit.py",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE visit ( -- finding
    visitor bigint NOT NULL,
    seen timestamptz
);
""",
            title="a file that no tool runs",
            path="schema.sql",
        ),
        Bad(
            "prisma",
            """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Visit { // finding
  visitor BigInt
  seen    DateTime?

  @@ignore
}
""",
            title="a table that the client leaves out",
        ),
        Bad(
            "typescript",
            """\
import { Column, Entity } from 'typeorm';

@Entity()
export class Visit { // finding
  @Column()
  visitor: string;
}
""",
            title="TypeORM, which refuses it when it starts",
        ),
        Bad(
            "python",
            """\
from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL("CREATE TABLE visit (visitor bigint NOT NULL, seen timestamptz)"),  # finding
    ]
""",
            title="Django",
            path="shop/migrations/0001_initial.py",
            files={
                "shop/__init__.py": "",
                "shop/migrations/__init__.py": "",
            },
        ),
        Bad(
            "typescript",
            """\
import { MigrationInterface, QueryRunner, Table } from 'typeorm';

export class Visit1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE visit (visitor bigint NOT NULL)'); // finding
    await runner.createTable(new Table({ name: 'seen', columns: [{ name: 'visitor', type: 'bigint' }] })); // finding
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('visit');
  }
}
""",
            title="TypeORM",
            path="migrations/1700000000000-Visit.ts",
        ),
        Bad(
            "sql",
            """\
CREATE TABLE "Visit" ( -- finding
    "visitor" BIGINT NOT NULL
);
""",
            title="a table that the migrations alone know",
            path="prisma/migrations/20240101000000_first/migration.sql",
            files={
                "prisma/schema.prisma": """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
""",
            },
        ),
        Bad(
            "python",
            """\
from peewee import Model, PostgresqlDatabase, TextField


class Entry(Model):  # finding
    text = TextField()

    class Meta:
        database = PostgresqlDatabase("shop")
        primary_key = False
""",
            title="a model of Peewee that says that it has none",
        ),
    ),
    good=(
        Good(
            "sql",
            "CREATE TABLE visit (id bigint, visitor bigint);\n"
            "ALTER TABLE visit ADD CONSTRAINT visit_pkey PRIMARY KEY (id);\n"
            "CREATE TABLE member (team_id bigint NOT NULL, person_id bigint NOT NULL, UNIQUE (team_id, person_id));\n"
            "CREATE TEMPORARY TABLE wanted (id bigint);\n"
            "CREATE TABLE visit_backup (id bigint, visitor bigint);\n"
            "CREATE TABLE visit_copy AS SELECT id, visitor FROM visit;\n"
            "CREATE VIEW visitors AS SELECT visitor FROM visit;\n",
            path="migrations/0001_visit.sql",
        ),
        Good(
            "prisma",
            'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
            "model Team {\n  id      Int      @id\n  members Person[]\n}\n\n"
            "model Person {\n  id    Int    @id\n  teams Team[]\n}\n\n"
            "model Token {\n  email String\n  token String @unique\n}\n",
            title="a join that the library makes; a unique key that has no NULL",
        ),
        Good(
            "python",
            "from django.db import models\n\n\nclass Visit(models.Model):\n    visitor = models.BigIntegerField()\n",
            title="the library adds the key",
            path="shop/models.py",
            files={"shop/__init__.py": "", "settings.py": 'INSTALLED_APPS = ["shop"]\n'},
        ),
        Good(
            "python",
            "from django.db import migrations, models\n\n\n"
            "class Migration(migrations.Migration):\n"
            '    operations = [migrations.CreateModel("Visit", [("visitor", models.BigIntegerField())])]\n',
            title="the library adds the key where a migration creates the model",
            path="shop/migrations/0001_initial.py",
            files={"shop/__init__.py": "", "shop/migrations/__init__.py": ""},
        ),
        Good(
            "python",
            "from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table\n\n"
            "metadata = MetaData()\n"
            'team = Table("team", metadata, Column("id", Integer, primary_key=True))\n'
            'member = Table("member", metadata, Column("team_id", ForeignKey("team.id"), primary_key=True))\n',
            title="SQLAlchemy",
        ),
        Good(
            "typescript",
            "import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';\n\n"
            "@Entity()\n"
            "export class Visit {\n"
            "  @PrimaryGeneratedColumn()\n"
            "  id: number;\n\n"
            "  @Column()\n"
            "  visitor: string;\n"
            "}\n",
        ),
        Good(
            "python",
            """\
import beanie
import mongoengine

class Invoice(mongoengine.Document):
    number = mongoengine.IntField(required=True)

class Payment(beanie.Document):
    amount: int
""",
            title="documents, which always have a key",
        ),
    ),
)

KEYLESS = frozenset({"foreign", "partition of", "unlogged", "order by", "sortkey", "distkey", "distributed by"})
"""Options of tables that have no key of their own, or that no key would be kept in."""
PASSING = frozenset("tmp temp temporary staging stg scratch backup backups bak".split())
"""Words of tables that hold rows for a while only."""


def check(table: Table, project: Project) -> Iterator[Finding]:
    """One finding per stored table in which nothing names a row."""
    if table.view or table.place is None or not table.columns or not _is_whole(table, project):
        return
    if any(key.kind == "primary" for key in table.keys) or any(name in KEYLESS for name, _ in table.options):
        return
    if all(column.nullable is None for column in table.columns):
        return  # a query's columns
    if set(re.split(r"[^a-z]+", table.name.lower())) & PASSING:
        return
    if _is_elsewhere(table, project):
        return
    sets = [[table.column(name) for name in sorted(names)] for names in table.unique_sets()]
    if any(all(column is None or not column.nullable for column in columns) for columns in sets):
        return
    open_names = {column.name for columns in sets[:1] for column in columns if column is not None and column.nullable}
    sqlite = "sqlite" in ({table.database} if table.database else project.dialects)
    loose = [column.name for column in table.columns if column.name in open_names]
    yield _finding(table, table.place, loose, sqlite=sqlite)


def places(project: Project) -> Iterator[Place]:
    """The tables whose keys are all known."""
    for table in project.tables.values():
        if table.place is None or not table.columns or table.view or _is_elsewhere(table, project):
            continue
        if _is_whole(table, project):
            yield table.place


def _is_elsewhere(table: Table, project: Project) -> bool:
    """Whether a model may describe the table of another program: no migration makes it, and it refers to nothing."""
    refers = bool(table.relations) or any(key.kind == "foreign" for key in table.keys)
    return table.origin == "model" and bool(project.stored) and not project.databases(table.name) and not refers


def _is_whole(table: Table, project: Project) -> bool:
    """Whether no key can be where nothing was read: all of the table is known, or all of its declaration."""
    declared = project.declared.get(table.name.lower())
    return table.complete or (declared is not None and declared.complete and declared.place == table.place)


def _finding(table: Table, place: Place, loose: list[str], *, sqlite: bool) -> Finding:
    """`loose`: the columns of its unique key that may be NULL. `sqlite`: the table lies in SQLite too."""
    where = spelling.qualified(table.name, table.schema)
    names = _candidate(table)
    listed = ", ".join(map(spelling.name, names))
    message = f"{table.name} has no primary key"
    if loose:
        message += f", and its unique key lets rows repeat where {' or '.join(loose)} is NULL"
    else:
        message += ": the same row can be stored twice, and neither can then be changed or deleted alone"
    if names:
        statement = f"ALTER TABLE {where} ADD PRIMARY KEY ({listed});"
        if loose:
            statement += " (its unique key over the same columns can go then)"
    else:
        statement = (
            f"ALTER TABLE {where} ADD COLUMN id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY; "
            f"(MySQL: ALTER TABLE {where} ADD COLUMN id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY;)"
        )
    if sqlite:
        key = f"PRIMARY KEY ({listed})" if names else "id INTEGER PRIMARY KEY"
        built = f"CREATE TABLE … with the columns of {where} and {key}, INSERT INTO … SELECT, DROP TABLE {where}"
        statement += f" (SQLite takes no key later: {built}, ALTER TABLE … RENAME TO {where})"
    return Finding(
        place,
        message,
        names={"table": table.name, "key": f"({listed})" if names else "a new column", "statement": statement},
    )


def _candidate(table: Table) -> tuple[str, ...]:
    """The columns that a primary key can be made of: those of a unique key, a column `id`, or all of a join."""
    unique = [
        tuple(column.name for column in table.columns if column.name in names)
        for names in table.unique_sets()
        if all(table.column(name) is not None for name in names)
    ]
    if unique:
        return min(unique, key=lambda names: (len(names), names))
    if table.column("id") is not None:
        return ("id",)
    joined = {name for key in table.keys if key.kind == "foreign" for name in key.columns}
    if len(joined) == len(table.columns):
        return tuple(column.name for column in table.columns)
    return ()
