"""What `migration/destructive-operation` says, and both sides of each exemption."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

RULE = "migration/destructive-operation"


def findings(folder: Path, files: dict[str, str], dialect: str = "postgres") -> list[ReportedFinding]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    request = Request(
        paths=[str(folder)], root=folder, isolated=True, overrides={"select": (RULE,), "dialect": dialect}
    )
    return list(run(request).report.findings)


def said(folder: Path, files: dict[str, str], dialect: str = "postgres") -> list[tuple[int, str]]:
    return [(found.region.start.line, found.message) for found in findings(folder, files, dialect)]


FIRST = """\
CREATE TABLE invoice (id bigint PRIMARY KEY, note text, code varchar(40), amount numeric(10, 4), "paidAt" timestamp);
CREATE TABLE reminder (id bigint PRIMARY KEY);
"""


def test_the_copy_that_is_handed_over_can_be_put_back(tmp_path: Path) -> None:
    second = 'ALTER TABLE invoice DROP COLUMN "paidAt";\nDROP TABLE app.reminder;\nTRUNCATE parcel;\n'
    found = findings(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": second})
    assert [(each.message, each.minimal.partition("of it: ")[2]) for each in found] == [
        (
            "dropping paidAt of invoice loses its values, and a running release that still names it fails",
            'CREATE TABLE "invoice_paidAt_before" AS SELECT id, "paidAt" FROM invoice;',
        ),
        (
            "dropping reminder loses all of its rows, and a running release that still uses it fails",
            "CREATE TABLE app.reminder_before AS SELECT * FROM app.reminder;",
        ),
        ("every row of parcel is deleted", "CREATE TABLE parcel_before AS SELECT * FROM parcel;"),
    ]


def test_a_type_that_holds_less(tmp_path: Path) -> None:
    second = "ALTER TABLE invoice ALTER COLUMN code TYPE varchar(20);\n"
    (found,) = findings(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": second})
    assert found.minimal == (
        "Before the migration changes code of invoice, keep what does not fit: "
        "CREATE TABLE invoice_code_before AS SELECT id, code FROM invoice;"
    )
    assert found.better == (
        "Make it two releases for code of invoice: the first one writes only what varchar(20) holds, and brings what "
        "is stored to that; the second one changes the type when no process of a release before the first runs any "
        "more."
    )
    assert found.complete == (
        "Between the two releases, count the rows of invoice that do not fit varchar(20), until there are none; the "
        "second one runs after a restore of the backup of invoice was tried."
    )


@pytest.mark.parametrize(
    ("statements", "lines"),
    [
        ("UPDATE invoice SET code = note;\nALTER TABLE invoice DROP COLUMN note;", []),
        ("ALTER TABLE invoice DROP COLUMN note, ADD COLUMN memo text NOT NULL;", []),
        ("ALTER TABLE invoice DROP COLUMN note, ADD COLUMN memo text NOT NULL DEFAULT '';", [1]),
        ("ALTER TABLE invoice DROP COLUMN note, ADD COLUMN place bigserial NOT NULL;", [1]),
        ("ALTER TABLE invoice DROP COLUMN note, ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY;", [1]),
        ("ALTER TABLE reminder ADD COLUMN memo text NOT NULL;\nALTER TABLE invoice DROP COLUMN note;", [2]),
        ("UPDATE invoice SET note = upper(note);\nALTER TABLE invoice DROP COLUMN note;", [2]),
        ("UPDATE invoice SET code = 'x';\nALTER TABLE invoice DROP COLUMN note;", [2]),
        ("ALTER TABLE invoice DROP COLUMN note;\nUPDATE invoice SET code = 'x';", [1]),
        ("INSERT INTO archive (id) SELECT id FROM reminder;\nDROP TABLE reminder;", []),
        ("INSERT INTO reminder (id) VALUES (1);\nDROP TABLE reminder;", [2]),
        ("ALTER TABLE reminder RENAME TO old;\nINSERT INTO archive SELECT * FROM old;\nDROP TABLE old;", []),
        ("ALTER TABLE reminder RENAME TO old;\nDROP TABLE old;", [2]),
        ("CREATE TABLE archive AS SELECT * FROM invoice;\nALTER TABLE invoice DROP COLUMN note;", []),
        ("ALTER TABLE invoice ADD COLUMN b text;\nALTER TABLE invoice DROP COLUMN b;", []),
        ("ALTER TABLE invoice DROP COLUMN note;\nDROP TABLE invoice;", [2]),
        ("DROP TABLE reminder;\nALTER TABLE parcel RENAME TO reminder;", []),
        ("CREATE TABLE parcel (id int);\nDROP TABLE reminder;\nALTER TABLE parcel RENAME TO reminder;", [2]),
        ("DELETE FROM invoice;", [1]),
        ("DELETE FROM invoice USING reminder;", []),
        ("DELETE FROM invoice WHERE id < 5;", []),
        ("DO $$ BEGIN PERFORM keep('reminder'); END $$;\nDROP TABLE reminder;", []),
        ("DO $$ BEGIN PERFORM keep('parcel'); END $$;\nDROP TABLE reminder;", [2]),
        ("DROP TABLE IF EXISTS voucher;\nCREATE TABLE voucher (id bigint);", []),
        ("ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(12, 4);", []),
        ("ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(10, 6);", []),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE text;", []),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING left(code, 9);", []),
        ("UPDATE invoice SET code = left(code, 9);\nALTER TABLE invoice ALTER COLUMN code TYPE varchar(9);", []),
        ("ALTER TABLE parcel ALTER COLUMN code TYPE varchar(9);", []),
    ],
)
def test_what_is_kept_is_not_lost(tmp_path: Path, statements: str, lines: list[int]) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": f"{statements}\n"}
    assert [line for line, _ in said(tmp_path, files)] == lines


def test_types_say_what_becomes_of_the_values(tmp_path: Path) -> None:
    second = """\
ALTER TABLE invoice ALTER COLUMN id TYPE integer;
ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9);
ALTER TABLE invoice ALTER COLUMN note TYPE varchar(9) USING note::varchar(9);
ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(10, 2);
ALTER TABLE invoice ALTER COLUMN "paidAt" TYPE date;
"""
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": second}
    stops = "a value that does not fit stops the migration, and afterwards the write of a release that still makes it"
    assert [message for _, message in said(tmp_path, files)] == [
        f"id of invoice goes from bigint to integer: {stops}",
        f"code of invoice goes from varchar(40) to varchar(9): {stops}",
        "note of invoice goes from text to varchar(9): longer values are cut",
        "amount of invoice goes from numeric(10, 4) to numeric(10, 2): values are rounded to 2 decimals",
        "paidAt of invoice goes from timestamp to date: the times of day are lost",
    ]
    assert said(tmp_path, files, "sqlite") == []


def test_a_name_that_another_one_gets_is_said(tmp_path: Path) -> None:
    second = """\
ALTER TABLE invoice DROP COLUMN note, ADD COLUMN note jsonb;
ALTER TABLE invoice DROP COLUMN code;
ALTER TABLE invoice RENAME COLUMN amount TO code;
DROP TABLE reminder;
CREATE TABLE reminder (id uuid);
"""
    assert said(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": second}) == [
        (1, "dropping note of invoice loses its values, and the column that gets its name has none of them"),
        (4, "dropping reminder loses all of its rows, and the table that gets its name has none of them"),
    ]


def test_a_step_before_may_have_copied(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": FIRST,
        "migrations/2.sql": "UPDATE invoice SET code = note;\n",
        "migrations/3.sql": "ALTER TABLE invoice DROP COLUMN note;\n",
    }
    assert said(tmp_path, files) == []
    files["migrations/2.sql"] = "UPDATE invoice SET code = lower(code);\n"
    assert [message for _, message in said(tmp_path, files)] == [
        "dropping note of invoice loses its values, and a running release that still names it fails"
    ]


def test_the_remains_of_a_table_that_was_replaced(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": FIRST,
        "migrations/2.sql": "ALTER TABLE reminder RENAME TO old;\nCREATE TABLE reminder (id uuid);\n",
        "migrations/3.sql": "DROP TABLE old;\n",
    }
    assert said(tmp_path, files) == []
    files["migrations/2.sql"] = "ALTER TABLE reminder RENAME TO old;\n"
    assert [line for line, _ in said(tmp_path, files)] == [1]


SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Invoice {
  id   Int     @id
  note String?
}

model Reminder {
  id Int @id
}
"""


def test_the_code_that_still_uses_it_is_named(tmp_path: Path) -> None:
    first = 'CREATE TABLE "Invoice" ("id" INTEGER PRIMARY KEY, "note" TEXT);\n'
    first += 'CREATE TABLE "Reminder" ("id" INTEGER PRIMARY KEY);\n'
    second = 'ALTER TABLE "Invoice" DROP COLUMN "note";\nDROP TABLE "Reminder";\n'
    files = {
        "prisma/schema.prisma": SCHEMA,
        "prisma/migrations/20240101000000_first/migration.sql": first,
        "prisma/migrations/20240102000000_second/migration.sql": second,
    }
    found = findings(tmp_path, files)
    assert [(each.message, [related.region.start.line for related in each.related]) for each in found] == [
        ("dropping note of Invoice loses its values, and the code still uses it: Invoice declares it", [8]),
        ("dropping Reminder loses all of its rows, and the code still uses it: Reminder declares it", [11]),
    ]
    files["prisma/migrations/20240103000000_third/migration.sql"] = 'ALTER TABLE "Invoice" ADD COLUMN "note" TEXT;\n'
    assert [each.message.partition(" loses")[0] for each in findings(tmp_path, files)] == ["dropping Reminder"]


FIRST_MODEL = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [migrations.CreateModel("Item", [("kind", models.IntegerField(choices=CHOICES))])]
"""
NARROWED = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AlterField("item", "kind", models.SmallIntegerField(choices=CHOICES))]
"""


@pytest.mark.parametrize(("choices", "count"), [('[(1, "a"), (2, "b")]', 0), ("None", 1)])
def test_a_closed_list_of_values_is_no_loss(tmp_path: Path, choices: str, count: int) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": FIRST_MODEL.replace("CHOICES", choices),
        "shop/migrations/0002_kind.py": NARROWED.replace("CHOICES", choices),
    }
    assert len(said(tmp_path, files)) == count


def test_a_drop_further_back_is_told_where_its_migration_goes_on(tmp_path: Path) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/3.sql": "CREATE INDEX invoice_code ON invoice (code);\n"}
    drops = "ALTER TABLE invoice DROP COLUMN note;\nDROP TABLE reminder;\n"
    files["migrations/2.sql"] = drops
    assert said(tmp_path, files) == []
    files["migrations/2.sql"] = f"{drops}ALTER TABLE parcel ADD COLUMN note text;\n"
    assert said(tmp_path, files) == [
        (
            1,
            (
                "dropping note of invoice loses its values: note of parcel begins without them, and a running release "
                "that still names it fails"
            ),
        ),
        (2, "dropping reminder loses all of its rows, and a running release that still uses it fails"),
    ]
    files["migrations/2.sql"] = f"{drops}ALTER TABLE parcel ADD COLUMN memo text;\n"
    assert [line for line, _ in said(tmp_path, files)] == [2]
    files["migrations/2.sql"] = (
        "ALTER TABLE parcel ADD COLUMN memo text;\nUPDATE parcel SET memo = invoice.code FROM invoice;\n" + drops
    )
    assert [line for line, _ in said(tmp_path, files)] == [3, 4]


@pytest.mark.parametrize(("second", "count"), [("20240131000000", 0), ("20240203000000", 1)])
def test_what_hardly_a_release_had(tmp_path: Path, second: str, count: int) -> None:
    files = {
        "prisma/schema.prisma": SCHEMA.partition("model Invoice")[0],
        "prisma/migrations/20240101000000_first/migration.sql": 'CREATE TABLE "Invoice" ("id" INTEGER, "note" TEXT);',
        f"prisma/migrations/{second}_second/migration.sql": 'ALTER TABLE "Invoice" DROP "note", ADD "memo" TEXT;',
        "prisma/migrations/20240301000000_third/migration.sql": 'CREATE TABLE "Other" ("id" INTEGER);',
    }
    assert len(said(tmp_path, files)) == count


def test_a_type_that_the_database_refuses_is_told_once_it_can_be_changed(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": FIRST,
        "migrations/2.sql": "ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9);\n",
        "migrations/3.sql": "CREATE INDEX invoice_code ON invoice (code);\n",
    }
    assert said(tmp_path, files) == []
    files["migrations/2.sql"] = "ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(10, 2);\n"
    assert [line for line, _ in said(tmp_path, files)] == [1]


COPIED = """\
from django.db import migrations


def copy(apps, schema_editor):
    for row in apps.get_model("shop", WHICH).objects.all():
        print(row.kind)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(copy)]
"""
DROPPED = """\
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_copy")]
    operations = [migrations.RemoveField("item", "kind")]
"""


@pytest.mark.parametrize(("which", "count"), [('"Item"', 0), ('"Parcel"', 1)])
def test_code_of_a_migration_before_that_names_the_column(tmp_path: Path, which: str, count: int) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": FIRST_MODEL.replace("CHOICES", "None"),
        "shop/migrations/0002_copy.py": COPIED.replace("WHICH", which),
        "shop/migrations/0003_kind.py": DROPPED,
    }
    assert len(said(tmp_path, files)) == count


def test_rows_of_a_table_that_nobody_knows(tmp_path: Path) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": "DELETE FROM parcel;\nTRUNCATE invoice;\n"}
    assert [line for line, _ in said(tmp_path, files)] == [1, 2]
    files["migrations/3.sql"] = "CREATE INDEX invoice_code ON invoice (code);\n"
    assert [line for line, _ in said(tmp_path, files)] == [2]
