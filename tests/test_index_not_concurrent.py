"""What `migration/index-not-concurrent` and `query/select-star` hand over to paste."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

RAN = (
    "A migration that has run stays as it is and goes into the baseline, and a table that stays small is named in "
    "the configuration's `small-tables`; otherwise "
)


def findings(folder: Path, files: dict[str, str], rule: str) -> list[ReportedFinding]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    request = Request(
        paths=[str(folder)], root=folder, isolated=True, overrides={"select": (rule,), "dialect": "postgres"}
    )
    return list(run(request).report.findings)


INDEX = "migration/index-not-concurrent"


def test_the_statement_is_the_one_written_with_the_word_in_it(tmp_path: Path) -> None:
    files = {
        "migrations/2.sql": 'CREATE UNIQUE INDEX "a_Key" ON app."Order" ("teamId" DESC) WHERE gone IS NULL;\n',
        "migrations/3.sql": "CREATE INDEX IF NOT EXISTS b\n  ON item USING gin (name gin_trgm_ops);\n",
    }
    said = [(found.message, found.minimal) for found in findings(tmp_path, files, INDEX)]
    assert said == [
        (
            "writes to app.Order wait until the index a_Key is built",
            (
                RAN
                + "build the index on app.Order CONCURRENTLY, outside a transaction: CREATE UNIQUE INDEX CONCURRENTLY "
                '"a_Key" ON app."Order" ("teamId" DESC) WHERE gone IS NULL;'
            ),
        ),
        (
            "writes to item wait until the index b is built",
            (
                RAN + "build the index on item CONCURRENTLY, outside a transaction: CREATE INDEX CONCURRENTLY IF NOT "
                "EXISTS "
                "b ON item USING gin (name gin_trgm_ops);"
            ),
        ),
    ]


DJANGO = """\
from django.db import migrations, models
from django.db.models import Q
from django.contrib.postgres.indexes import GinIndex


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddConstraint("item", models.UniqueConstraint(
            fields=["code", "order"], name="item_code", condition=Q(gone__isnull=True) & ~Q(kind="x'y")
        )),
        migrations.AddConstraint("item", models.UniqueConstraint(fields=["code"], name="covering", include=["name"])),
        migrations.AddConstraint("item", models.UniqueConstraint(fields=["code"], name="plain")),
        migrations.AddIndex("item", GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="item_name")),
        migrations.AddIndex("item", models.Index(fields=["-at"], name="late", condition=Q(at__year__gt=2020))),
        migrations.AddConstraint("item", models.UniqueConstraint(fields=["code"], name="either", condition=models.Q(
            ("gone__isnull", True), models.Q(("level", 3), _negated=True), _connector="OR"
        ))),
        migrations.AddField("item", "shelf", models.ForeignKey("shop.Shelf", models.CASCADE, null=True)),
        migrations.AddField("item", "slug", models.CharField(max_length=9, unique=True, null=True)),
        migrations.AddField("item", "number", models.IntegerField(unique=True, null=True)),
    ]
"""


def test_django_indexes_keep_their_condition_method_and_operator_class(tmp_path: Path) -> None:
    made = findings(tmp_path, {"shop/migrations/0002_item.py": DJANGO, "shop/migrations/__init__.py": ""}, INDEX)
    assert [(found.region.start.line, found.minimal.partition("transaction: ")[2]) for found in made] == [
        (
            9,
            (
                'CREATE UNIQUE INDEX CONCURRENTLY item_code ON shop_item (code, "order") '
                "WHERE (gone IS NULL) AND (NOT (kind = 'x''y')); "
                "CREATE UNIQUE INDEX CONCURRENTLY covering ON shop_item (code) INCLUDE (name); "
                "CREATE UNIQUE INDEX CONCURRENTLY either ON shop_item (code) "
                "WHERE (gone IS NULL) OR (NOT (level = 3));"
            ),
        ),
        (
            14,
            (
                "CREATE INDEX CONCURRENTLY item_name ON shop_item USING gin (name gin_trgm_ops); "
                "CREATE INDEX CONCURRENTLY late ON shop_item (at DESC) WHERE …;"
            ),
        ),
        (19, "CREATE INDEX CONCURRENTLY ON shop_item (shelf_id);"),
        (20, "CREATE INDEX CONCURRENTLY ON shop_item (slug varchar_pattern_ops);"),
    ]
    assert [[(place.region.start.line, place.message) for place in found.related] for found in made] == [
        [(12, "the index covering on shop_item (code)"), (16, "the index either on shop_item (code)")],
        [(15, "the index late on shop_item (at DESC)")],
        [],
        [],
    ]
    assert made[0].repair.startswith("SeparateDatabaseAndState(database_operations=[RunSQL('CREATE UNIQUE INDEX CON")
    assert made[1].repair.startswith("AddIndexConcurrently")
    assert made[2].repair.startswith("db_index=False")
    assert made[3].repair == (
        "the field without unique=True; then, in a migration of its own with atomic = False, "
        "SeparateDatabaseAndState(database_operations=["
        "RunSQL('CREATE UNIQUE INDEX CONCURRENTLY shop_item_slug_key ON shop_item (slug);'), "
        "RunSQL('ALTER TABLE shop_item ADD CONSTRAINT shop_item_slug_key UNIQUE USING INDEX shop_item_slug_key;'), "
        "RunSQL('CREATE INDEX CONCURRENTLY ON shop_item (slug varchar_pattern_ops);')], "
        "state_operations=[AlterField(…, unique=True)])"
    )


TEXTS = """\
from django.db import migrations, models
from django.contrib.postgres.fields import ArrayField


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AlterField("item", "code", models.CharField(max_length=9, db_index=True)),
        migrations.AddField("item", "number", models.IntegerField(null=True, db_index=True)),
        migrations.AddField("item", "kind", models.CharField(max_length=9, null=True, db_index=True, db_collation="x")),
        migrations.AddField("item", "words", ArrayField(models.CharField(max_length=9), null=True, db_index=True)),
        migrations.AlterField("item", "mail", models.CharField(max_length=9, db_index=True)),
    ]
"""
ITEMS = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [migrations.CreateModel("Item", [
        ("id", models.AutoField(primary_key=True)),
        ("code", models.CharField(max_length=9)),
        ("mail", models.CharField(max_length=9, unique=True)),
    ])]
"""


def test_django_indexes_texts_twice(tmp_path: Path) -> None:
    files = {"shop/migrations/0001_initial.py": ITEMS, "shop/migrations/0002_texts.py": TEXTS}
    (found,) = findings(tmp_path, {**files, "shop/migrations/__init__.py": ""}, INDEX)
    assert found.message == (
        "writes to shop_item wait until the index on (code) is built, and this migration runs inside a transaction, "
        "where CONCURRENTLY is refused; writes wait, too, for 5 more indexes of this migration, on the same table"
    )
    assert [(place.region.start.line, place.message) for place in found.related] == [
        (8, "an index on shop_item (code varchar_pattern_ops)"),
        (9, "an index on shop_item (number)"),
        (10, "an index on shop_item (kind)"),
        (11, "an index on shop_item (words)"),
        (12, "an index on shop_item (mail)"),
    ]
    assert found.repair.startswith(
        "db_index=False on the field, an Index with a name in Meta.indexes, and beside it one with "
        'opclasses=["varchar_pattern_ops"] if something looks for texts by how they begin (db_index=True builds both), '
        "then AddIndexConcurrently"
    )


def test_a_migration_of_what_can_be_no_application_is_none(tmp_path: Path) -> None:
    assert findings(tmp_path, {".checks/add-index/0002_item.py": DJANGO}, INDEX) == []
    assert findings(tmp_path, {".checks/shop/migrations/0002_item.py": DJANGO}, INDEX)


def test_a_partitioned_table_is_indexed_partition_by_partition(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": "CREATE TABLE event (id bigint, at date) PARTITION BY RANGE (at);\n",
        "migrations/2.sql": "CREATE INDEX event_at ON event (at);\n",
    }
    (found,) = findings(tmp_path, files, INDEX)
    assert found.message == (
        "writes to event wait until the index event_at is built, and event is partitioned, so that CONCURRENTLY is "
        "refused: index its partitions one by one"
    )
    assert "CREATE INDEX event_at ON ONLY event (at); then for each partition" in found.minimal
    assert found.repair == ""


STAR = """\
import { Pool } from 'pg';
const pool = new Pool();
export const a = () => pool.query('SELECT p.*, 1 FROM "Parcel" p');
export const b = () => pool.query('SELECT * FROM app.unknown');
"""


def test_the_columns_are_named_in_the_databases_own_spelling(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": 'CREATE TABLE "Parcel" (id bigint, "depotId" bigint, "order" int);\n',
        "app.ts": STAR,
    }
    made = findings(tmp_path, files, "query/select-star")
    assert [found.minimal for found in made] == [
        'Put those columns of Parcel that this code reads in the place of `p.*`: p.id, p."depotId", p."order"',
        "Put those columns of unknown that this code reads in the place of `*`",
    ]


HELD = ", and so do reads: the transaction has altered the table before, and keeps that lock to its end"


@pytest.mark.parametrize(
    ("before", "held"),
    [
        ("ALTER TABLE item ADD COLUMN b int;", HELD),
        ("ALTER TABLE item ALTER COLUMN a SET NOT NULL;", HELD),
        ("ALTER TABLE item ADD CONSTRAINT u UNIQUE (a);", HELD),
        ("ALTER TABLE item ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES other (id);", ""),
        ("ALTER TABLE other ADD COLUMN b int;", ""),
        ("ALTER TABLE item ADD COLUMN b int; COMMIT; BEGIN;", ""),
        ("", ""),
    ],
)
def test_what_the_transaction_holds_already(tmp_path: Path, before: str, held: str) -> None:
    files = {"migrations/2.sql": f"BEGIN;\n{before}\nCREATE INDEX item_a ON item (a);\nCOMMIT;\n"}
    (found,) = findings(tmp_path, files, INDEX)
    inside = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
    assert found.message == f"writes to item wait until the index item_a is built{held}{inside}"


def test_without_a_transaction_nothing_is_held(tmp_path: Path) -> None:
    text = "ALTER TABLE item ADD COLUMN b int;\nCREATE INDEX item_a ON item (a);\n"
    (found,) = findings(tmp_path, {"migrations/2.sql": text}, INDEX)
    assert found.message == "writes to item wait until the index item_a is built"


ORDER = (
    "; the unique constraint item_key on the same columns is dropped before: build this index first, and drop that "
    "constraint in a migration behind it"
)


@pytest.mark.parametrize(
    ("key", "index", "order"),
    [
        ("(a, b)", "UNIQUE INDEX item_new ON item (b, a) WHERE NOT gone", ORDER),
        ("(a, c)", "UNIQUE INDEX item_new ON item (b, a)", ""),
        ("(a, b)", "INDEX item_new ON item (a, b)", ""),
    ],
)
def test_an_index_in_the_place_of_a_constraint(tmp_path: Path, key: str, index: str, order: str) -> None:
    files = {
        "migrations/1.sql": f"ALTER TABLE item ADD CONSTRAINT item_key UNIQUE {key};\n",
        "migrations/2.sql": f"BEGIN;\nALTER TABLE item DROP CONSTRAINT item_key;\nCREATE {index};\nCOMMIT;\n",
    }
    (found,) = findings(tmp_path, files, INDEX)
    inside = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
    assert found.message == f"writes to item wait until the index item_new is built{HELD}{inside}{order}"


def test_one_index_on_a_table_that_is_held_and_one_that_is_not(tmp_path: Path) -> None:
    text = (
        "BEGIN;\nALTER TABLE item ADD COLUMN b int;\nCREATE INDEX item_b ON item (b);\n"
        "CREATE INDEX other_a ON other (a);\nCOMMIT;\n"
    )
    (found,) = findings(tmp_path, {"migrations/2.sql": text}, INDEX)
    assert found.message.endswith("; writes wait, too, for 1 more index of this migration, on other")


def test_a_table_that_the_user_calls_small(tmp_path: Path) -> None:
    files = {
        "migrations/1.sql": "CREATE TABLE item (a int);\nCREATE TABLE other (a int);\n",
        "migrations/2.sql": "CREATE INDEX item_a ON item (a);\nCREATE INDEX other_a ON other (a);\n",
        "dblint.toml": 'dialect = "postgres"\nsmall-tables = ["item"]\n',
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    report = run(Request(paths=[str(tmp_path)], root=tmp_path, overrides={"select": (INDEX,)})).report
    assert [found.message for found in report.findings] == ["writes to other wait until the index other_a is built"]


@pytest.mark.parametrize(
    ("statement", "index", "spoken"),
    [
        ("ALTER TABLE item ADD COLUMN kind text NOT NULL;", "item (kind)", False),
        ("ALTER TABLE item ADD COLUMN kind text;", "item (kind)", True),
        ("ALTER TABLE item ADD COLUMN kind text NOT NULL DEFAULT '';", "item (kind)", True),
        ("ALTER TABLE item ADD COLUMN IF NOT EXISTS kind text NOT NULL;", "item (kind)", True),
        ("ALTER TABLE item ADD COLUMN kind serial NOT NULL;", "item (kind)", True),
        ("ALTER TABLE item ADD COLUMN kind int GENERATED ALWAYS AS IDENTITY NOT NULL;", "item (kind)", True),
        ("ALTER TABLE item ADD COLUMN kind text NOT NULL;", "other (kind)", True),
        ("ALTER TABLE app.item ADD COLUMN kind text NOT NULL;", "web.item (kind)", True),
        ("DELETE FROM item;", "item (kind)", False),
        ("DELETE FROM item WHERE kind IS NULL;", "item (kind)", True),
        ("TRUNCATE item, other;", "other (kind)", False),
    ],
)
def test_tables_that_hold_no_rows_by_then(tmp_path: Path, statement: str, index: str, spoken: bool) -> None:
    files = {
        "migrations/1.sql": "CREATE TABLE item (id int);\nCREATE TABLE other (id int);\n",
        "migrations/2.sql": f"{statement}\nCREATE INDEX kind ON {index};\n",
    }
    assert [(found.region.path, found.region.start.line) for found in findings(tmp_path, files, INDEX)] == (
        [("migrations/2.sql", 2)] if spoken else []
    )


@pytest.mark.parametrize(
    ("field", "spoken"),
    [
        ('models.ForeignKey("Shelf", models.CASCADE)', False),
        ('models.ForeignKey("Shelf", models.CASCADE, null=True)', True),
        ('models.ForeignKey("Shelf", models.CASCADE, default=1)', True),
        ("models.CharField(max_length=9, db_index=True)", False),
        ("models.CharField(max_length=9, db_index=True, blank=True)", True),
        ("models.DateTimeField(db_index=True, auto_now_add=True)", True),
        (
            (
                'models.GeneratedField(expression=models.F("id"), output_field=models.IntegerField(), db_persist=True,'
                " db_index=True)"
            ),
            True,
        ),
    ],
)
def test_fields_that_need_a_value(tmp_path: Path, field: str, spoken: bool) -> None:
    head = "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
    made = (
        "migrations.CreateModel(name, [('id', models.AutoField(primary_key=True))])".replace("name", repr(name))
        for name in ("Item", "Shelf")
    )
    files = {
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_item.py": f"{head}    operations = [{', '.join(made)}]\n",
        "shop/migrations/0002_kind.py": (
            f'{head}    dependencies = [("shop", "0001_item")]\n'
            f"    operations = [migrations.AddField('item', 'kind', {field})]\n"
        ),
    }
    assert [found.region.path for found in findings(tmp_path, files, INDEX)] == (
        ["shop/migrations/0002_kind.py"] if spoken else []
    )


WRITTEN = "; the same transaction {}, which writers wait for, too"
WIDER = "writes every row of app.invoice anew, as paid goes from boolean to text"


@pytest.mark.parametrize(
    ("before", "behind", "besides"),
    [
        ("UPDATE app.invoice SET paid = false;", "", WRITTEN.format("updates every row of app.invoice")),
        ("", "UPDATE app.invoice SET paid = false;", WRITTEN.format("updates every row of app.invoice")),
        ("UPDATE app.invoice SET paid = false WHERE paid IS NULL;", "", ""),
        ("UPDATE crm.invoice SET paid = false;", "", ""),
        ("COMMIT; UPDATE app.invoice SET paid = false; BEGIN;", "", ""),
        ("", "ALTER TABLE app.invoice ALTER COLUMN paid TYPE text USING paid::text;", WRITTEN.format(WIDER)),
        ("", "ALTER TABLE app.invoice ALTER COLUMN code TYPE text;", ""),
        ("", "ALTER TABLE app.invoice ALTER COLUMN code TYPE varchar(20);", ""),
        ("", "ALTER TABLE app.invoice ALTER COLUMN amount TYPE numeric(12, 2);", ""),
        ("", "ALTER TABLE app.invoice ALTER COLUMN kind TYPE varchar(3);", ""),
        ("", "ALTER TABLE app.invoice DROP COLUMN amount;", ""),
    ],
)
def test_what_writes_every_row_in_the_same_transaction(tmp_path: Path, before: str, behind: str, besides: str) -> None:
    first = "CREATE TABLE app.invoice (paid boolean, code varchar(10), kind varchar, amount numeric(10, 2), at date);\n"
    second = f"BEGIN;\n{before}\nCREATE INDEX i ON app.invoice (at);\n{behind}\nCOMMIT;\n"
    (found,) = findings(tmp_path, {"migrations/1.sql": first, "migrations/2.sql": second}, INDEX)
    waits = "writes to app.invoice wait until the index i is built"
    inside = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
    assert found.message == f"{waits}{inside}{besides}"
    assert [each.message for each in found.related] == ([besides[2:].split(", which")[0][21:]] if besides else [])


def test_every_row_of_several_tables(tmp_path: Path) -> None:
    text = (
        "BEGIN;\nCREATE INDEX i ON a (x);\nCREATE INDEX j ON b (x);\n"
        "UPDATE a SET x = 1;\nUPDATE b SET x = 1;\nUPDATE c SET x = 1;\nCOMMIT;\n"
    )
    (found,) = findings(tmp_path, {"migrations/1.sql": text}, INDEX)
    assert found.message.endswith(
        "; the same transaction updates every row of a, and likewise 1 more table, which writers wait for, too"
    )


IN_TWO_BRANCHES = """\
export async function up(queryInterface) {
  const indexes = await queryInterface.showIndex('statements');
  const found = indexes.find((index) => index.name === 'statements_run');
  if (!found) {
    await queryInterface.addIndex('statements', { fields: ['run_id'], name: 'statements_run' });
  } else {
    await queryInterface.removeIndex('statements', 'statements_run');
    await queryInterface.addIndex('statements', { fields: ['run_id'], name: 'statements_run' });
  }
}
"""


def test_what_two_branches_build_under_one_name_is_one_index(tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"sequelize": "6"}}', "migrations/0002-run.js": IN_TWO_BRANCHES}
    (found,) = findings(tmp_path, files, INDEX)
    assert found.message == "writes to statements wait until the index statements_run is built"
    assert found.minimal.partition("otherwise ")[2].startswith("build the index on statements CONCURRENTLY")
    assert [(place.region.start.line, place.message) for place in found.related] == [
        (8, "the index statements_run on statements (run_id)")
    ]
    another = IN_TWO_BRANCHES.replace("name: 'statements_run' });\n  }\n}", "name: 'statements_two' });\n  }\n}")
    (found,) = findings(tmp_path, {**files, "migrations/0002-run.js": another}, INDEX)
    assert found.message.endswith("; the same holds for 1 more index of this migration, on the same table")


FLAG = "ALTER TABLE item ADD COLUMN flag boolean NOT NULL DEFAULT false;"
KIND = "ALTER TABLE item ADD COLUMN kind text DEFAULT 'plain';"
NOTE = "ALTER TABLE item ADD COLUMN note text;"


@pytest.mark.parametrize(
    ("made", "indexed", "spoken"),
    [
        ("20240103100000", "20240103105959", False),
        ("20240103100000", "20240103110001", True),
        ("20240103_1000", "20240103_1059", False),
        ("20240103_1000", "20240103_1101", True),
        ("20240103", "20240104", True),
        ("20240101090000", "20240101093000", True),
    ],
    ids=("within", "after", "minutes", "minutes after", "nothing tells the hour", "the first of the chain"),
)
def test_a_table_that_the_branch_has_made(tmp_path: Path, made: str, indexed: str, spoken: bool) -> None:
    files = {
        f"migrations/{made}_item.sql": "CREATE TABLE item (code text);\n",
        f"migrations/{indexed}_code.sql": "CREATE INDEX item_code ON item (code);\n",
    }
    if made != "20240101090000":
        files[f"migrations/20240101{made[8:]}_first.sql"] = "CREATE TABLE other (code text);\n"
    assert len(findings(tmp_path, files, INDEX)) == spoken


def test_a_table_that_was_there_when_the_branch_asked_for_it(tmp_path: Path) -> None:
    files = {
        "migrations/20240101090000_first.sql": "CREATE TABLE item (code text);\n",
        "migrations/20240103100000_item.sql": "CREATE TABLE IF NOT EXISTS item (code text);\n",
        "migrations/20240103100100_code.sql": "CREATE INDEX item_code ON item (code);\n",
    }
    assert len(findings(tmp_path, files, INDEX)) == 1


ARMS = """\
from django.conf import settings
from django.db import migrations, models


def by_hand(apps, schema_editor):
    print('''Run this: {by_hand}''')


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    if settings.BY_HAND:
        operations = [migrations.RunPython(by_hand, migrations.RunPython.noop)]
    else:
        operations = [migrations.AddIndex("item", models.Index(fields=["mail"], name="item_mail"))]
"""


@pytest.mark.parametrize(
    ("by_hand", "spoken"),
    [
        ('CREATE INDEX CONCURRENTLY "item_mail" ON shop_item (mail);', False),
        ("CREATE INDEX CONCURRENTLY ON shop_item (mail);", False),
        ("CREATE INDEX CONCURRENTLY ON shop_shelf (mail);", True),
        ("CREATE INDEX item_mail ON shop_item (mail);", True),
        ("manage.py fill_items", True),
    ],
)
def test_the_other_arm_of_a_condition_builds_it_concurrently(tmp_path: Path, by_hand: str, spoken: bool) -> None:
    files = {"shop/migrations/0001_initial.py": ITEMS, "shop/migrations/0002_mail.py": ARMS.format(by_hand=by_hand)}
    assert bool(findings(tmp_path, {**files, "shop/migrations/__init__.py": ""}, INDEX)) is spoken


def test_what_stands_under_no_condition_is_built_by_every_run(tmp_path: Path) -> None:
    text = ARMS.format(by_hand="CREATE INDEX CONCURRENTLY item_mail ON shop_item (mail);")
    text = text.replace("    else:\n        operations = ", "    operations = ")
    files = {"shop/migrations/0001_initial.py": ITEMS, "shop/migrations/0002_mail.py": text}
    assert findings(tmp_path, {**files, "shop/migrations/__init__.py": ""}, INDEX)
