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
    assert [(each.message, each.minimal.partition(": ")[2]) for each in found] == [
        (
            "dropping paidAt of invoice loses its values, and a running release that still names it fails",
            'CREATE TABLE "invoice_paidAt_before" AS SELECT id, "paidAt" FROM invoice;',
        ),
        (
            "dropping app.reminder loses all of its rows, and a running release that still uses it fails",
            "CREATE TABLE app.reminder_before AS SELECT * FROM app.reminder;",
        ),
        ("every row of parcel is deleted", "CREATE TABLE parcel_before AS SELECT * FROM parcel;"),
    ]


def test_rows_that_are_deleted(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": "DELETE FROM parcel;\n"})
    assert (found.message, found.minimal, found.better, found.complete) == (
        "every row of parcel is deleted",
        (
            "Leave the text of a migration alone that ran already, and take what it did into the baseline; "
            "before one that did not run changes the rows of parcel, keep a copy of them: "
            "CREATE TABLE parcel_before AS SELECT * FROM parcel;"
        ),
        (
            "Make it two releases for the rows of parcel: the first one reads and writes parcel without needing the "
            "rows that are there; the second one deletes them when no process of a release before the first runs "
            "any more."
        ),
        (
            "Between the two releases, look for who still reads those rows of parcel, as the copy brings them back; "
            "the second one runs after a restore of the backup of parcel was tried."
        ),
    )


def test_a_type_that_holds_less(tmp_path: Path) -> None:
    second = "ALTER TABLE invoice ALTER COLUMN code TYPE varchar(20);\n"
    (found,) = findings(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": second})
    assert found.minimal == (
        "Leave the text of a migration alone that ran already, and take what it did into the baseline; "
        "before one that did not run changes code of invoice, keep what does not fit: "
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
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING left(code, 9);", [1]),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING substring(code FROM 1 FOR 5);", [1]),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING substr(code::text, 2, 9);", []),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING left(note, 9);", []),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING upper(code);", []),
        ("ALTER TABLE invoice ALTER COLUMN code TYPE varchar(50) USING left(code, 50);", []),
        ("DROP TABLE IF EXISTS voucher;", []),
        ("DROP TABLE IF EXISTS reminder;", [1]),
        ("DROP TABLE voucher;", [1]),
        ("UPDATE invoice SET code = left(code, 9);\nALTER TABLE invoice ALTER COLUMN code TYPE varchar(9);", []),
        ("ALTER TABLE parcel ALTER COLUMN code TYPE varchar(9);", []),
    ],
)
def test_what_is_kept_is_not_lost(tmp_path: Path, statements: str, lines: list[int]) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": f"{statements}\n"}
    assert [line for line, _ in said(tmp_path, files)] == lines


def test_a_table_that_queries_name_is_known(tmp_path: Path) -> None:
    code = "import psycopg\n\n\ndef number(c: psycopg.Connection) -> None:\n    c.execute('SELECT id FROM voucher')\n"
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": "DROP TABLE IF EXISTS voucher;\n", "shop/work.py": code}
    assert [line for line, _ in said(tmp_path, files)] == [1]


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
    files["migrations/3.sql"] = "DROP TABLE old;\nCREATE TABLE reminder (id uuid);\n"
    assert said(tmp_path, files) == []


AWAY = "ALTER TABLE reminder RENAME TO old;\n"
GONE = "dropping old, called reminder until this migration, loses all of its rows, and "


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ("DROP TABLE old;\nCREATE TABLE reminder (id uuid);", f"{GONE}the table that gets that name has none of them"),
        ("CREATE TABLE reminder (id uuid);\nDROP TABLE old;", f"{GONE}the table that gets that name has none of them"),
        ("DROP TABLE old;", f"{GONE}a running release that still uses reminder fails"),
        ("CREATE TABLE reminder (id bigint);\nINSERT INTO reminder SELECT id FROM invoice;\nDROP TABLE old;", ""),
        ("DROP TABLE old;\nCREATE TABLE reminder (id bigint);\nINSERT INTO reminder SELECT id FROM invoice;", ""),
        (
            (
                "CREATE TABLE new (id bigint);\nINSERT INTO new SELECT id FROM invoice;\n"
                "ALTER TABLE new RENAME TO reminder;\nDROP TABLE old;"
            ),
            "",
        ),
        (
            "CREATE TABLE reminder (id uuid);\nINSERT INTO reminder VALUES (1);\nDROP TABLE old;",
            f"{GONE}the table that gets that name has none of them",
        ),
        ("ALTER TABLE parcel RENAME TO reminder;\nDROP TABLE old;", ""),
    ],
)
def test_a_table_that_the_migration_itself_renamed_away(tmp_path: Path, statements: str, message: str) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": f"{AWAY}{statements}\n"}
    assert [each for _, each in said(tmp_path, files)] == ([message] if message else [])


@pytest.mark.parametrize(
    ("update", "count"),
    [
        ("UPDATE invoice SET note = (SELECT max(id)::text FROM reminder)", 0),
        ("UPDATE invoice SET note = code || '!'", 0),
        ("UPDATE invoice SET code = note", 1),
        ("UPDATE invoice SET note = ''", 1),
        ("UPDATE invoice SET note = NULL", 1),
    ],
)
def test_a_column_that_is_added_again_and_filled(tmp_path: Path, update: str, count: int) -> None:
    second = f"ALTER TABLE invoice DROP COLUMN note;\nALTER TABLE invoice ADD COLUMN note text;\n{update};\n"
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": second}
    message = "dropping note of invoice loses its values, and the column that gets its name has none of them"
    assert [each for _, each in said(tmp_path, files)] == [message] * count


@pytest.mark.parametrize(
    ("action", "uses"),
    [
        ("", "it is made again as it was, without them"),
        (" ON DELETE CASCADE", "the table that gets its name has none of them"),
    ],
)
def test_a_table_that_is_made_again_with_other_actions(tmp_path: Path, action: str, uses: str) -> None:
    table = "CREATE TABLE line (id bigint PRIMARY KEY, invoice_id bigint REFERENCES invoice (id){});\n"
    files = {
        "migrations/1.sql": FIRST + table.format(""),
        "migrations/2.sql": f"DROP TABLE line;\n{table.format(action)}",
    }
    assert [each for _, each in said(tmp_path, files)] == [f"dropping line loses all of its rows, and {uses}"]


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
    files["migrations/2.sql"] += "ALTER TABLE voucher ADD COLUMN note text;\n"
    assert "note of parcel and voucher begin without them" in said(tmp_path, files)[0][1]
    files["migrations/2.sql"] = f"{drops}ALTER TABLE parcel ADD COLUMN memo text;\n"
    assert [line for line, _ in said(tmp_path, files)] == [2]
    files["migrations/2.sql"] = (
        "ALTER TABLE parcel ADD COLUMN memo text;\nUPDATE parcel SET memo = invoice.code FROM invoice;\n" + drops
    )
    assert [line for line, _ in said(tmp_path, files)] == [3, 4]


@pytest.mark.parametrize(("second", "count"), [("20240205000000", 0), ("20240206000000", 1)])
def test_what_hardly_a_release_had(tmp_path: Path, second: str, count: int) -> None:
    files = {
        "prisma/schema.prisma": SCHEMA.partition("model Invoice")[0],
        "prisma/migrations/20240101000000_first/migration.sql": 'CREATE TABLE "Invoice" ("id" INTEGER, "note" TEXT);',
        f"prisma/migrations/{second}_second/migration.sql": 'ALTER TABLE "Invoice" DROP "note", ADD "memo" TEXT;',
        "prisma/migrations/20240301000000_third/migration.sql": 'CREATE TABLE "Other" ("id" INTEGER);',
        "other/schema.sql": "CREATE TABLE other (id integer);",
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
    assert said(tmp_path, files) == []
    files["migrations/2.sql"] = "ALTER TABLE invoice ALTER COLUMN amount TYPE numeric(10, 0);\n"
    assert [message for _, message in said(tmp_path, files)] == [
        "amount of invoice goes from numeric(10, 4) to numeric(10, 0): values are rounded to 0 decimals"
    ]


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


@pytest.mark.parametrize(("when", "count"), [("after_deploy", 0), ("before_deploy", 1)])
def test_a_migration_that_runs_when_what_used_the_column_is_gone(tmp_path: Path, when: str, count: int) -> None:
    safe = f"migrations.Migration):\n    safe = Safe.{when}()\n"
    files = {
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": FIRST_MODEL.replace("CHOICES", "None"),
        "shop/migrations/0003_kind.py": "from django_safemigrate import Safe\n"
        + DROPPED.replace("migrations.Migration):\n", safe).replace("0002_copy", "0001_initial"),
    }
    assert len(said(tmp_path, files)) == count


def test_a_type_that_is_given_the_beginning_of_a_text(tmp_path: Path) -> None:
    second = "ALTER TABLE invoice ALTER COLUMN code TYPE varchar(9) USING left(code, 9);\n"
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": second, "migrations/3.sql": "CREATE TABLE a (b int);\n"}
    assert said(tmp_path, files) == [(1, "code of invoice goes from varchar(40) to varchar(9): longer values are cut")]


@pytest.mark.parametrize(("kind", "count"), [("bigint NOT NULL", 0), ("bigint", 1)])
def test_a_table_whose_rows_refer_to_one_that_has_none(tmp_path: Path, kind: str, count: int) -> None:
    first = f"{FIRST}CREATE TABLE line (id bigint PRIMARY KEY, invoice_id {kind} REFERENCES invoice (id));\n"
    second = "ALTER TABLE invoice ADD COLUMN paid date NOT NULL;\nDROP TABLE line;\n"
    assert len(said(tmp_path, {"migrations/1.sql": first, "migrations/2.sql": second})) == count


def test_rows_of_a_table_that_nobody_knows(tmp_path: Path) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": "DELETE FROM parcel;\nTRUNCATE invoice;\n"}
    assert [line for line, _ in said(tmp_path, files)] == [1, 2]
    files["migrations/3.sql"] = "CREATE INDEX invoice_code ON invoice (code);\n"
    assert [line for line, _ in said(tmp_path, files)] == [2]


@pytest.mark.parametrize(("made", "dropped", "count"), [(1, 3, 1), (2, 5, 0), (2, 6, 1)])
def test_a_chain_that_tells_no_times(tmp_path: Path, made: int, dropped: int, count: int) -> None:
    files = {f"migrations/{number}.sql": f"CREATE TABLE t{number} (id integer);\n" for number in range(1, 8)}
    files[f"migrations/{made}.sql"] = FIRST
    files[f"migrations/{dropped}.sql"] = "ALTER TABLE invoice DROP COLUMN note, ADD COLUMN memo text;\n"
    assert len(said(tmp_path, files)) == count


HEADED = """\
# Generated by Django 5.0 on TIME

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "BEFORE")]
    operations = [OPERATIONS]
"""
ADDED = 'migrations.AddField("item", "weight", models.IntegerField(null=True))'
REPLACED = (
    'migrations.RemoveField("item", "weight"), migrations.AddField("item", "mass", models.IntegerField(null=True))'
)


def shop(*later: tuple[str, str, str]) -> dict[str, str]:
    """An application's migrations: name, time and operations of each one behind the first."""
    files = {
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": FIRST_MODEL.replace("CHOICES", "None"),
    }
    before = "0001_initial"
    for name, time, operations in later:
        text = HEADED.replace("TIME", time).replace("BEFORE", before).replace("OPERATIONS", operations)
        files[f"shop/migrations/{name}.py"] = text
        before = name
    return files


@pytest.mark.parametrize(("time", "count"), [("2024-02-14 10:00", 0), ("2024-02-15 10:00", 1)])
def test_the_time_that_a_file_tells(tmp_path: Path, time: str, count: int) -> None:
    files = shop(
        ("0002_weight", "2024-01-10 10:00", ADDED),
        ("0003_mass", time, REPLACED),
        ("0004_none", "2024-06-01 10:00", ""),
    )
    assert len(said(tmp_path, files)) == count


@pytest.mark.parametrize(("time", "count"), [("2024-05-20 10:00", 1), ("2024-08-01 10:00", 0)])
def test_the_last_migration_of_a_chain_that_rests(tmp_path: Path, time: str, count: int) -> None:
    """Where another chain has gone on since, it has run, and may be the planned last step."""
    files = shop(
        ("0002_weight", "2024-01-10 10:00", ADDED),
        ("0003_weight", "2024-05-01 10:00", 'migrations.RemoveField("item", "weight")'),
    )
    files["other/__init__.py"] = files["other/migrations/__init__.py"] = ""
    first = FIRST_MODEL.replace("CHOICES", "None").replace("Item", "Other")
    files["other/migrations/0001_initial.py"] = f"# Generated by Django 5.0 on {time}\n{first}"
    assert len(said(tmp_path, files)) == count


@pytest.mark.parametrize(("name", "count"), [("0002_a_squashed_0009_b", 0), ("0002_a_squash_0009_b", 1)])
def test_a_migration_that_stood_for_others(tmp_path: Path, name: str, count: int) -> None:
    operations = (
        'migrations.RemoveField("item", "kind"), migrations.AddField("item", "mass", models.FloatField(null=True))'
    )
    assert len(said(tmp_path, shop((name, "2024-01-10 10:00", operations)))) == count


@pytest.mark.parametrize(("default", "count"), [("None", 0), ("0", 1)])
def test_a_column_that_no_row_can_get(tmp_path: Path, default: str, count: int) -> None:
    operations = REPLACED.replace("weight", "kind").replace("null=True", f"default={default}")
    assert len(said(tmp_path, shop(("0002_m", "2024-01-10 10:00", operations)))) == count


KEYED = """\
from django.db import models
from keys import OwnKey


class Item(models.Model):
    FIELD
"""


@pytest.mark.parametrize(
    ("field", "uses"),
    [
        ("key = OwnKey(primary_key=True)", "a running release that still names it fails"),
        ("id = models.AutoField(primary_key=True)", "the code still uses it: Item declares it"),
    ],
)
def test_a_key_that_nobody_wrote_is_not_declared(tmp_path: Path, field: str, uses: str) -> None:
    files = shop(("0002_m", "2024-01-10 10:00", 'migrations.RemoveField("item", "id")'))
    files["shop/models.py"] = KEYED.replace("FIELD", field)
    assert [message for _, message in said(tmp_path, files)] == [
        f"dropping id of shop_item loses its values, and {uses}"
    ]


NARROWER = "CREATE INDEX invoice_code ON invoice (code);\nALTER TABLE invoice MODIFY code varchar(9);\n"


def test_mysql_refuses_what_does_not_fit(tmp_path: Path) -> None:
    first = "CREATE TABLE invoice (id bigint PRIMARY KEY, code varchar(40)) ENGINE=InnoDB;\n"
    files = {"migrations/1.sql": first, "migrations/2.sql": NARROWER}
    assert said(tmp_path, files, "mysql") == [
        (
            2,
            (
                "code of invoice goes from varchar(40) to varchar(9): a value that does not fit stops the migration, "
                "and afterwards the write of a release that still makes it; what the migration did before that stays "
                "done, as each statement commits by itself"
            ),
        )
    ]
    files["migrations/3.sql"] = "CREATE INDEX invoice_id ON invoice (id, code);\n"
    assert said(tmp_path, files, "mysql") == []


AGAIN = "DROP TABLE IF EXISTS reminder CASCADE;\nCREATE TABLE reminder (id bigint PRIMARY KEYMORE);\n"


@pytest.mark.parametrize(
    ("more", "other", "count"),
    [("", "", 0), (", note text", "", 1), ("", "CREATE TABLE r (id bigint REFERENCES reminder (id));\n", 1)],
)
def test_a_table_that_is_made_again_as_it_was(tmp_path: Path, more: str, other: str, count: int) -> None:
    files = {
        "migrations/1.sql": FIRST + other,
        "migrations/2.sql": AGAIN.replace("MORE", more),
        "migrations/3.sql": "CREATE INDEX invoice_code ON invoice (code);\n",
    }
    assert len(said(tmp_path, files)) == count


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("integer", "bigint", 0),
        ("varchar(20)", "text", 0),
        ("numeric(10, 2)", "numeric(12, 2)", 0),
        ("serial", "integer", 0),
        ("bigint", "integer", 1),
        ("text", "varchar(20)", 1),
        ("integer", "uuid", 1),
        ("integer", "text", 1),
        ("geometry", "geography", 1),
    ],
)
def test_a_table_that_is_made_again_with_other_types(tmp_path: Path, before: str, after: str, count: int) -> None:
    made = "CREATE TABLE parcel (id bigint PRIMARY KEY, value {});\n"
    files = {
        "migrations/1.sql": FIRST + made.format(before),
        "migrations/2.sql": "DROP TABLE parcel;\n" + made.format(after),
        "migrations/3.sql": "CREATE INDEX invoice_code ON invoice (code);\n",
    }
    assert len(said(tmp_path, files)) == count


REBUILT = """\
import psycopg


def rebuild(connection: psycopg.Connection, given) -> None:
    invoices = connection.execute("SELECT id FROM invoice").fetchall()
    connection.execute("DELETE FROM reminder")
    for invoice in invoices:
        connection.execute("INSERT INTO reminder (id) VALUES (%s)", [invoice[0]])
"""
READ = 'connection.execute("SELECT id FROM invoice").fetchall()'
IN_ONE = {"(id) VALUES (%s)": "SELECT id FROM invoice", ", [invoice[0]]": "", READ: "given"}


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        ({}, []),
        ({"DELETE FROM reminder": "TRUNCATE reminder"}, []),
        (IN_ONE, []),
        ({READ: "given"}, [1]),
        ({"DELETE FROM reminder": "DELETE FROM reminder WHERE id = 1"}, [1]),
        ({"DELETE FROM reminder": "TRUNCATE reminder, invoice"}, [1]),
        ({"INSERT INTO reminder": "INSERT INTO parcel"}, [1]),
        ({"SELECT id FROM invoice": "SELECT i.id FROM invoice i JOIN reminder r ON r.id = i.id"}, [1]),
    ],
    ids=(
        "rows of another table",
        "TRUNCATE",
        "one statement makes all of them",
        "rows that are handed in, as of a backup",
        "some of its rows",
        "the other table is emptied as well",
        "rows of the other table",
        "its own rows are read as well",
    ),
)
def test_rows_that_the_program_makes_of_others(tmp_path: Path, changed: dict[str, str], lines: list[int]) -> None:
    work = REBUILT
    for old, new in changed.items():
        assert old in work
        work = work.replace(old, new)
    files = {"migrations/1.sql": FIRST + "CREATE TABLE parcel (id bigint PRIMARY KEY);\n", "work.py": work}
    again = "DROP TABLE reminder;\nCREATE TABLE reminder (id bigint PRIMARY KEY, note text);\nDELETE FROM invoice;\n"
    found = said(tmp_path, {**files, "migrations/2.sql": again})
    assert [line for line, _ in found] == [*lines, 3]
    found = said(tmp_path, {**files, "migrations/2.sql": "DELETE FROM reminder;\nDELETE FROM invoice;\n"})
    assert [line for line, _ in found] == [*lines, 2]


def test_a_derived_table_that_is_gone_is_missed_by_the_release_before(tmp_path: Path) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": "DROP TABLE reminder;\n", "work.py": REBUILT}
    assert said(tmp_path, files) == [
        (1, "dropping reminder loses all of its rows, and a running release that still uses it fails")
    ]


def test_a_table_that_the_newest_migration_makes_again_as_it_was(tmp_path: Path) -> None:
    files = {"migrations/1.sql": FIRST, "migrations/2.sql": AGAIN.replace("MORE", "")}
    assert said(tmp_path, files) == [
        (1, "dropping reminder loses all of its rows, and it is made again as it was, without them")
    ]


@pytest.mark.parametrize(("kind", "count"), [("tsvector", 0), ("text", 1)])
def test_what_only_serves_to_search_other_columns(tmp_path: Path, kind: str, count: int) -> None:
    first = f"CREATE TABLE invoice (id bigint PRIMARY KEY, note text, search {kind});\n"
    second = "ALTER TABLE invoice DROP COLUMN search, ADD COLUMN words text;\n"
    assert len(said(tmp_path, {"migrations/1.sql": first, "migrations/2.sql": second})) == count


MOVED = """\
from django.db import migrations, models


def move(apps, schema_editor):
    for row in apps.get_model("shop", WHICH).objects.all():
        print(getattr(row, "old_" + "items"))


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(move), migrations.RemoveField("item", "owner")]
"""
OWNED = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Owner", [("id", models.AutoField(primary_key=True))]),
        migrations.CreateModel("Item", [("owner", models.ForeignKey("shop.Owner", models.CASCADE))]),
    ]
"""
MODELS = """\
from django.db import models


class Owner(models.Model):
    pass


class Item(models.Model):
    pass
"""


@pytest.mark.parametrize(("which", "count"), [('"Owner"', 0), ('"Parcel"', 1)])
def test_code_that_reaches_a_reference_from_its_other_end(tmp_path: Path, which: str, count: int) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": OWNED,
        "shop/migrations/0002_owner.py": MOVED.replace("WHICH", which),
    }
    assert len(said(tmp_path, files)) == count


ROUTINE = """\
CREATE FUNCTION {name}() RETURNS void AS $$
DECLARE part text;
BEGIN
  FOR part IN SELECT table_name FROM information_schema.tables LOOP
    EXECUTE '{statement} ' || part || '{rest}';
  END LOOP;
END;
$$ LANGUAGE plpgsql;
"""
COPY = ROUTINE.format(name="clone", statement="INSERT INTO app.", rest=" SELECT * FROM invoice")
GONE = "dropping {} loses all of its rows, and a running release that still uses it fails"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(f"{COPY}SELECT clone();\nDROP TABLE reminder;\n", [], id="copied at run time"),
        pytest.param("".join((COPY, "SELECT * FROM clone();\nDROP TABLE reminder;\n")), [], id="called for its rows"),
        pytest.param(f"{COPY}DO $$ BEGIN PERFORM clone(); END $$;\nDROP TABLE reminder;\n", [], id="in a block"),
        pytest.param(f"{COPY}DROP TABLE reminder;\n", [(9, GONE.format("reminder"))], id="never called"),
        pytest.param(
            "CREATE FUNCTION save_all() RETURNS void AS 'INSERT INTO x SELECT * FROM reminder' LANGUAGE sql;\n"
            "SELECT save_all();\nDROP TABLE reminder;\nDROP TABLE invoice;\n",
            [(4, GONE.format("invoice"))],
            id="named",
        ),
        pytest.param(
            "INSERT INTO app.invoice SELECT * FROM invoice;\nDROP TABLE invoice;\nDROP TABLE app.reminder;\n",
            [(3, GONE.format("app.reminder"))],
            id="one of them copied",
        ),
        pytest.param("CREATE TABLE app.old AS TABLE reminder;\nDROP TABLE reminder;\n", [], id="AS TABLE"),
        pytest.param("CREATE TABLE app.old AS SELECT * FROM reminder;\nDROP TABLE reminder;\n", [], id="AS SELECT"),
        pytest.param(
            "CREATE TABLE app.old AS SELECT * FROM app.reminder;\nDROP TABLE crm.reminder;\n",
            [(2, GONE.format("crm.reminder"))],
            id="the table of another schema",
        ),
        pytest.param(
            "UPDATE app.reminder SET note = app.invoice.note FROM app.invoice;\n"
            "ALTER TABLE app.invoice ADD COLUMN memo text, DROP COLUMN note, DROP COLUMN code;\n",
            [(2, "dropping code of app.invoice loses its values, and a running release that still names it fails")],
            id="columns of a table with its schema",
        ),
        pytest.param(
            "SET search_path TO app;\nUPDATE invoice SET code = upper(note);\n"
            "ALTER TABLE app.invoice ADD COLUMN memo text, DROP COLUMN note;\n",
            [],
            id="read without the schema",
        ),
    ],
)
def test_what_was_copied_before(tmp_path: Path, second: str, expected: list[tuple[int, str]]) -> None:
    assert said(tmp_path, {"migrations/1.sql": FIRST, "migrations/2.sql": second}) == expected


def test_alembic_names_the_schema_apart(tmp_path: Path) -> None:
    text = (
        "from alembic import op\nimport sqlalchemy as sa\n\nrevision = '2'\ndown_revision = '1'\n\n\ndef upgrade():\n"
        "    op.add_column('room', sa.Column('state', sa.Integer()), schema='rb')\n"
        "    op.execute('UPDATE rb.room SET state = CASE WHEN open THEN 1 ELSE 2 END')\n"
        "    op.drop_column('room', 'open', schema='rb')\n"
        "    op.drop_column('room', 'closed', schema='rb')\n"
    )
    assert said(tmp_path, {"migrations/versions/2_state.py": text}) == [
        (12, "dropping closed of rb.room loses its values, and a running release that still names it fails")
    ]


FORWARDING = (
    "CREATE MATERIALIZED VIEW shop.hourly_mv TO shop.hourly AS SELECT id, count() AS views FROM shop.visit GROUP BY id"
)


@pytest.mark.parametrize(
    ("schema", "again", "told"),
    [
        (FORWARDING, FORWARDING, False),
        ("", FORWARDING, True),
        (FORWARDING, "", True),
        (FORWARDING, FORWARDING.replace(" TO shop.hourly", " ENGINE = SummingMergeTree ORDER BY id"), True),
        (FORWARDING.replace(" TO shop.hourly", " ENGINE = SummingMergeTree ORDER BY id"), FORWARDING, True),
        (FORWARDING.replace("hourly_mv", "daily_mv"), FORWARDING, True),
    ],
)
def test_a_materialized_view_that_passes_its_rows_on(tmp_path: Path, schema: str, again: str, *, told: bool) -> None:
    files = {
        "db/schema.sql": f"CREATE TABLE shop.visit (id Int64) ENGINE = MergeTree ORDER BY id;\n{schema};\n",
        "db/migrations/01_more.sql": "ALTER TABLE shop.hourly ADD COLUMN kind String;\n",
        "db/migrations/02_view.sql": f"ALTER TABLE shop.hourly ADD tag String;\nDROP TABLE shop.hourly_mv;\n{again};\n",
    }
    message = "dropping shop.hourly_mv loses all of its rows, and a running release that still uses it fails"
    assert said(tmp_path, files, "clickhouse") == ([(2, message)] if told else [])
