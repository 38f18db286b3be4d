"""What `query/write-in-loop` says of loops: where, what of, and how the library at hand writes all rows."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest
from dblint_rules.query.write_in_loop import check

from dblint.prose import instantiate
from tests.link.linked import linked
from tests.test_index_not_concurrent import findings

MODELS = """
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


class Shelf(models.Model):
    slug = models.SlugField()


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    code = models.TextField()


class Log(models.Model):
    text = models.TextField()

    def save(self, *arguments, **named):
        self.text = self.text.strip()
        super().save(*arguments, **named)


class Tag(models.Model):
    name = models.TextField()

    def delete(self, *arguments, **named):
        super().delete(*arguments, **named)


@receiver(post_save, sender=Tag)
def tell(sender, instance, **named):
    print(instance)


class Atlas(Book):
    maps = models.IntegerField()
"""


def said(folder: Path, body: str, more: str = "") -> list[tuple[str, str]]:
    """Message and repair of what is found in a function with this body."""
    text = f"from shop.models import Atlas, Book, Log, Shelf, Tag\n\n{more}\ndef show(items, shelf):\n{indent(body, '    ')}\n"
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": text}
    found = findings(folder, files, "query/write-in-loop")
    return [(finding.message, finding.repair) for finding in found]


def driver(folder: Path, body: str) -> list[str]:
    text = f"import sqlite3\n\ndef show(opened: sqlite3.Connection, items):\n{indent(body, '    ')}\n"
    return [found.message for found in findings(folder, {"app.py": text}, "query/write-in-loop")]


def test_rows_that_are_made(tmp_path: Path) -> None:
    assert said(tmp_path, "for item in items:\n    Book.objects.create(shelf=shelf, code=item)") == [
        (
            "`Book.objects.create()` inserts into shop_book once per element of `items`; one statement can do it for all",
            "Book.objects.bulk_create([Book(...), ...], batch_size=500) once behind the loop",
        )
    ]


@pytest.mark.parametrize(
    ("call", "same", "repair"),
    [
        (
            "Book.objects.filter(shelf=item).update(code='a')",
            ", to the same values each time",
            "Book.objects.filter(shelf_id__in=[...]).update(...) once",
        ),
        (
            "Book.objects.filter(pk=item.id).update(code=item.code)",
            "",
            "Book.objects.bulk_update(rows, fields=[...], batch_size=500) once behind the loop",
        ),
    ],
)
def test_rows_that_are_changed(tmp_path: Path, call: str, same: str, repair: str) -> None:
    ((message, written),) = said(tmp_path, f"for item in items:\n    {call}")
    assert message.endswith(f"updates shop_book once per element of `items`{same}; one statement can do it for all")
    assert written == repair


def test_through_a_function_that_does_nothing_else(tmp_path: Path) -> None:
    more = "def note(code, shelf):\n    Book.objects.create(shelf=shelf, code=code)\n\n"
    assert [message for message, _ in said(tmp_path, "for item in items:\n    note(item, shelf)", more)] == [
        "`note()` inserts into shop_book once per element of `items`; one statement can do it for all"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "for item in items:\n    book = Book.objects.create(shelf=shelf, code=item)\n    print(book.pk)",
        "for item in items:\n    try:\n        Book.objects.create(shelf=shelf, code=item)\n    except ValueError:\n        print(item)",
        "for item in items:\n    if not Book.objects.filter(code=item).exists():\n        Book.objects.create(shelf=shelf, code=item)",
        "for item in items:\n    Book.objects.get_or_create(shelf=shelf, code=item)",
        "for item in items:\n    Book.objects.filter(pk__in=item.keys).delete()",
        "for item in items:\n    Book.objects.filter(pk=item.id, code=item.code).delete()",
        "for log in Log.objects.all():\n    log.text = 'a'\n    log.save()",
        "for item in items:\n    Book.objects.create(shelf=shelf, code=item)\n    act(item)",
        "for code in ('a', 'b'):\n    Book.objects.create(shelf=shelf, code=code)",
        "for item in items:\n    Log.objects.create(text=item)",
        "for item in items:\n    Atlas.objects.create(shelf=shelf, code=item, maps=1)",
        "for atlas in Atlas.objects.all():\n    atlas.maps = 1\n    atlas.save()",
        "for tag in items:\n    Tag.objects.create(name=tag)",
        "for tag in Tag.objects.all():\n    tag.name = tag.name.strip()\n    tag.save()",
        "for tag in Tag.objects.all():\n    tag.delete()",
        "codes = set([draw(item) for item in range(1, 6)])\nfor code in codes:\n    Book.objects.create(shelf=shelf, code=code)",
        "for item in items:\n    store.delete(item.key)\n    Book.objects.filter(pk=item.id).update(code='')",
        "for book in Book.objects.all():\n    job = draw.delay(book.pk)\n    book.code = job.key\n    book.save()",
    ],
)  # fmt: skip
def test_writes_that_belong_to_their_element(tmp_path: Path, body: str) -> None:
    more = "from cloud import client, queue\n\nstore = client()\n\n@queue.job\ndef draw(item):\n    return item\n\n\ndef act(item):\n    print(Shelf.objects.count())\n    Shelf.objects.create(slug=item)\n\n"
    assert said(tmp_path, body, more) == []


@pytest.mark.parametrize(
    "body",
    [
        "for log in Log.objects.all():\n    Log.objects.filter(pk=log.pk).update(text='')",
        "for log in Log.objects.all():\n    log.delete()",
        "for item in items:\n    Atlas.objects.filter(pk=item).delete()",
        "for item in items:\n    Tag.objects.filter(pk=item).delete()",
        "for item in items:\n    Tag.objects.filter(pk=item).update(name='')",
        "for book in Book.objects.all():\n    book.delete()",
        "for item in items:\n    logger.info('%s', item)\n    Book.objects.create(shelf=shelf, code=item)",
        "for item in items:\n    Book.objects.create(shelf=shelf, code=draw(item))",
        "codes = set([draw(item) for item in items])\nfor code in codes:\n    Book.objects.create(shelf=shelf, code=code)",
    ],
)  # fmt: skip
def test_writes_whose_bulk_form_passes_nothing_by(tmp_path: Path, body: str) -> None:
    more = "import logging\nfrom cloud import queue\nlogger = logging.getLogger()\n\n@queue.job\ndef draw(item):\n    return item\n\n"
    assert len(said(tmp_path, body, more)) == 1


def test_several_statements_in_one_text(tmp_path: Path) -> None:
    one, two = "UPDATE a SET x = ? WHERE y = ?", "UPDATE b SET x = ? WHERE y = ?"
    assert driver(tmp_path, f'for item in items:\n    opened.execute("{one};", (1, item))') != []
    assert driver(tmp_path, f'for item in items:\n    opened.execute("{one}; {two}", (1, item, 1, item))') == []


def test_a_column_that_is_named_like_the_word_before_the_rows(tmp_path: Path) -> None:
    body = 'for item in items:\n    opened.execute("INSERT INTO reading (at, value) VALUES (?, ?)", (item.at, item.v))'
    assert driver(tmp_path, body) == [
        "`opened.execute()` inserts into reading once per element of `items`; one statement can do it for all"
    ]


def test_a_row_that_only_a_missed_update_asks_for(tmp_path: Path) -> None:
    body = (
        "for item in items:\n"
        '    changed = opened.execute("UPDATE t SET a = ? WHERE b = ?", (item.a, item.b))\n'
        "    if not changed.rowcount:\n"
        '        opened.execute("INSERT INTO t (a, b) VALUES (?, ?)", (item.a, item.b))'
    )
    assert driver(tmp_path, body) == []


TYPEORM = """
import { DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Entry {
  @PrimaryGeneratedColumn()
  id: number;
}

export async function show(source: DataSource, entries: Entry[]) {
  for (const entry of entries) {
    await source.getRepository(Entry).WRITE;
  }
}
"""


@pytest.mark.parametrize(
    ("write", "repairs"),
    [
        ("save(entry)", []),
        ("upsert(entry, ['id'])", ["upsert([ … ], [ … ]) with all rows, once behind the loop"]),
        ("insert(entry)", ["insert([ … ]) with all rows, once behind the loop"]),
        ("delete(entry.id)", ["delete({ id: In(keys) }) once"]),
        ("update(entry.id, { id: 3 })", ["update({ id: In(keys) }, { … }) once"]),
        ("remove(entry)", ["remove([ … ]) with all rows, once behind the loop"]),
        ("softRemove(entry)", ["softDelete([ … ]) with the keys of all rows, once behind the loop"]),
        ("remove([entry])", []),
    ],
)
def test_many_rows_that_typeorm_writes_with_one_statement(tmp_path: Path, write: str, repairs: list[str]) -> None:
    found = findings(tmp_path, {"app.ts": TYPEORM.replace("WRITE", write)}, "query/write-in-loop")
    assert [finding.repair for finding in found] == repairs


SQLALCHEMY = """
from sqlalchemy import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def write(session: Session, items):
    batch = []
    for item in items:
        batch.append({"text": item})
        if len(batch) >= 500:
            session.execute(insert(Line).values(batch))
            batch = []
    for item in items:
        row = {"text": item}
        session.execute(insert(Line).values(row))
    for item in items:
        session.execute(insert(Line).values(text=item))
    for item in items:
        session.execute(insert(Line).values((1, item)))
"""


def test_a_list_of_rows_that_is_given_to_the_statement(tmp_path: Path) -> None:
    found = findings(tmp_path, {"app.py": SQLALCHEMY}, "query/write-in-loop")
    assert [one.region.start.line for one in found] == [25, 27, 29]


@pytest.mark.parametrize(
    ("body", "message", "repair"),
    [
        (
            "for book in Book.objects.filter(shelf=shelf):\n    book.code = shelf.slug\n    book.save()",
            "`book.save()` updates shop_book once per element of `Book.objects.filter()`, to the same values each time; one statement can do it for all",
            "Book.objects.filter(pk__in=[...]).update(code=...) once (with every field that save() fills in by itself, as auto_now does)",
        ),
        (
            "for book in Book.objects.all():\n    if book.code:\n        book.code = book.code.strip()\n        book.shelf = shelf\n        book.save()",
            "`book.save()` updates shop_book once per element of `Book.objects.all()` that passes its condition; one statement can do it for all of these",
            'Book.objects.bulk_update(rows, fields=["code", "shelf"], batch_size=500) once behind the loop (with every field that save() fills in by itself, as auto_now does)',
        ),
        (
            "for book in Book.objects.all():\n    book.clean_fields()\n    book.save()",
            "`book.save()` updates shop_book once per element of `Book.objects.all()`; one statement can do it for all",
            "Book.objects.bulk_update(rows, fields=[...], batch_size=500) once behind the loop (with every field that save() fills in by itself, as auto_now does)",
        ),
        (
            "for book in [Book(code=item) for item in items]:\n    book.shelf = shelf\n    book.save()",
            "`book.save()` saves to shop_book once per element of `items`; one statement can do it for all",
            "Book.objects.bulk_create(rows, batch_size=500) for new rows, .bulk_update(rows, fields=[...], batch_size=500) for changed ones, once behind the loop",
        ),
    ],
)
def test_rows_that_are_saved(tmp_path: Path, body: str, message: str, repair: str) -> None:
    assert said(tmp_path, body) == [(message, repair)]


@pytest.mark.parametrize(
    ("write", "remedy"),
    [
        ("Book.objects.create(code=item)", "Collect the rows of shop_book in the loop, and write them with one statement behind it."),
        ("Book.objects.filter(pk=item).delete()", "Collect the keys of the rows of shop_book in the loop, and delete the rows with one statement behind it."),
        ("Book.objects.filter(pk=item).update(code='')", "Collect the keys of the rows of shop_book in the loop, and update the rows with one statement behind it."),
        ("Book.objects.filter(pk=item.pk).update(code=item.code)", "Collect the keys and new values of the rows of shop_book in the loop, and update them all with one statement behind it."),
    ],
)  # fmt: skip
def test_the_remedy_follows_the_kind_of_write(tmp_path: Path, write: str, remedy: str) -> None:
    text = f"from shop.models import Book\n\ndef show(items):\n    for item in items:\n        {write}\n"
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": text}
    assert [finding.minimal for finding in findings(tmp_path, files, "query/write-in-loop")] == [remedy]


ONE = "Log.objects.filter(text=item.text).update(text='a')\n    "
FEW = "if item.state == 'old':\n        Book.objects.filter(pk=item.pk).delete()"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (f"for item in items:\n    {FEW}", 1),
        (f"for item in items:\n    print(Shelf.objects.count())\n    {FEW}", 0),
        (f"for item in items:\n    print(Shelf.objects.count())\n    {FEW.replace('==', '<')}", 1),
        (f"for item in items:\n    print(Shelf.objects.count())\n    {FEW}\n    else:\n        Book.objects.filter(pk=item.shelf).delete()", 1),
        ("for item in items:\n    a = Shelf.objects.create()\n    b = Tag.objects.create()\n    c = Log.objects.count()\n    Book.objects.create(code=item, shelf=a, tag=b, log=c)", 1),
        ("for item in items:\n    a = Shelf.objects.create()\n    b = Tag.objects.create()\n    c = Log.objects.create()\n    Book.objects.create(code=item, shelf=a, tag=b, log=c)", 0),
        ("for item in items:\n    Book.objects.filter(pk=item.pk).delete()\n    Log.objects.filter(text=item.text).delete()\n    Shelf.objects.filter(slug=item.slug).delete()\n    Atlas.objects.filter(pk=item.atlas).delete()", 4),
        ("for item in items:\n    while True:\n        keys = list(Log.objects.filter(text=item.text)[:500])\n        if not keys:\n            break\n        Log.objects.filter(pk__in=keys).delete()\n    Book.objects.filter(pk=item.pk).delete()", 0),
        ("for item in items:\n    book = Book.objects.get_or_create(code=item)[0]\n    book.shelf = shelf\n    book.save()", 0),
        ("for item in items:\n    keep(item)", 0),
    ],
)  # fmt: skip
def test_writes_beside_what_stays_in_the_turn(tmp_path: Path, body: str, count: int) -> None:
    more = "def keep(item):\n    if not item.kept:\n        Book.objects.create(code=item)\n\n"
    assert len(said(tmp_path, body, more)) == count


@pytest.mark.parametrize(
    ("connected", "message"),
    [
        ("post_save.connect(backend().keep)", ", unless what listens to every model has to hear of each of these rows"),
        (
            "@receiver(post_save)\ndef told(sender, instance, **named):\n    if sender not in watched():\n        return\n    print(instance)",
            ", unless `told`, which listens to every model, has to hear of each of these rows",
        ),
        (
            "post_save.connect(backend().keep)\n@receiver(post_save)\ndef told(sender, instance, **named):\n    if watched(sender):\n        print(instance)\n@receiver(post_save)\ndef also(sender, instance, **named):\n    if watched(sender):\n        print(instance)",
            ", unless `also` and `told`, which listen to every model, have to hear of each of these rows",
        ),
    ],
)
def test_what_listens_to_every_model(tmp_path: Path, connected: str, message: str) -> None:
    signals = f"from django.db.models.signals import post_save\nfrom django.dispatch import receiver\nfrom shop.backends import backend, watched\n\n{connected}\n"
    text = "from shop.models import Book\n\ndef show(items):\n    for item in items:\n        Book.objects.create(code=item)\n"
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/signals.py": signals, "shop/views.py": text}
    [finding] = findings(tmp_path, files, "query/write-in-loop")
    assert finding.message.endswith(f"one statement can do it for all{message}")
    assert finding.confidence == "medium"
    assert {place.message for place in finding.related[1:]} == {
        "hears of every model: look whether it does anything for shop_book"
    }


@pytest.mark.parametrize(("begun", "count"), [("void run(entry)", 0), ("log(entry)", 1)])
def test_what_is_begun_for_each_element(tmp_path: Path, begun: str, count: int) -> None:
    head = "declare function run(entry: Entry): Promise<void>;\ndeclare function log(entry: Entry): void;\n"
    text = head + TYPEORM.replace("WRITE", f"delete({{ id: entry.id }});\n    {begun}")
    assert len(findings(tmp_path, {"app.ts": text}, "query/write-in-loop")) == count


HELPERS = """
import secrets
import sqlite3

from django.utils import timezone


def remove(opened: sqlite3.Connection, key):
    return opened.execute("DELETE FROM line WHERE id = ?", (key,))


def close(opened: sqlite3.Connection, key, state):
    opened.execute("UPDATE line SET state = ? WHERE id = ?", (state, key))


def token(opened: sqlite3.Connection, key):
    made = secrets.token_hex()
    opened.execute("UPDATE line SET token = ? WHERE id = ?", (made, key))


def show(opened: sqlite3.Connection, keys):
    for key in keys:
        BODY
"""
SAME = "updates line once per element of `keys`, to the same values each time; one statement can do it for all"
OTHER = "updates line once per element of `keys`; one statement can do it for all"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "remove(opened, key)",
            "`remove()` deletes from line once per element of `keys`; one statement can do it for all",
        ),
        (
            "gone = remove(opened, key)",
            "`remove()` deletes from line once per element of `keys`; one statement can do it for all",
        ),
        ("print(remove(opened, key).rowcount)", ""),
        ("close(opened, key, 1)", f"`close()` {SAME}"),
        ("close(opened, key, timezone.now())", f"`close()` {SAME}"),
        ("close(opened, key, secrets.token_hex())", f"`close()` {OTHER}"),
        ("token(opened, key)", f"`token()` {OTHER}"),
        (
            'opened.execute("UPDATE line SET state = ? WHERE id = ?", (timezone.now(), key))',
            f"`opened.execute()` {SAME}",
        ),
        (
            'opened.execute("UPDATE line SET state = ? WHERE id = ?", (secrets.token_hex(), key))',
            f"`opened.execute()` {OTHER}",
        ),
    ],
)
def test_writes_by_key_behind_a_function(tmp_path: Path, body: str, message: str) -> None:
    found = findings(tmp_path, {"app.py": HELPERS.replace("BODY", body)}, "query/write-in-loop")
    assert [one.message for one in found] == ([message] if message else [])


PG = """
import { Pool } from 'pg';

const pool = new Pool();
const save = (row: string) => pool.query('INSERT INTO entry (text) VALUES ($1)', [row]);

const all = (parts: string[]) => Promise.all(parts.map((row) => save(row)));

export async function part({ rows }: { rows: string[] }) {
  for (const row of rows.map((each) => each.trim())) await save(row);
}

export const whole = () => part({ rows: [] });

export async function show(rows: string[]) {
  const waiting: Promise<unknown>[] = [];
  BODY
}
"""
INSERT = "pool.query('INSERT INTO entry (text) VALUES ($1)', [row])"


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        (f"await Promise.all(rows.map((row) => {INSERT}));", ["pool.query()"]),
        (f"const made = rows.map((row) => {INSERT});\n  await Promise.all(made);", ["pool.query()"]),
        (f"const made = await Promise.all(rows.map((row) => {INSERT}));\n  return made;", []),
        (f"return Promise.all(rows.map((row) => {INSERT}));", []),
        (f"await Promise.allSettled(rows.map((row) => {INSERT}));", []),
        (f"rows.forEach((row) => {INSERT});", ["pool.query()"]),
        (f"for (const row of rows) waiting.push({INSERT});\n  await Promise.all(waiting);", ["pool.query()"]),
        (f"for (const row of rows) waiting.push({INSERT});\n  return (await Promise.all(waiting)).length;", []),
        (f"for (const row of rows) waiting.push({INSERT});\n  return waiting;", []),
        ("for (const row of rows) await save(row);", ["save()"]),
        ("for (const row of rows.map((row) => row.trim()).sort()) await save(row);", ["save()"]),
        ("for (const row of ['a', 'b'].filter((row) => row)) await save(row);", []),
        ("for (const row of ['a'].concat(rows)) await save(row);", ["save()"]),
        ("for (const row of rows) waiting.push(save(row));\n  await Promise.all(waiting);", ["save()"]),
        ("await Promise.all(rows.map(save));", ["rows.map()"]),
        ("return Promise.all(rows.map(save));", []),
        ("for (const row of rows) await all(row.split(','));", []),
        (f"for (const row of rows) {{ const made = await {INSERT}; }}", ["pool.query()"]),
        (f"for (const row of rows) {{ const made = await {INSERT}; console.log(made.rowCount); }}", []),
    ],
)
def test_what_becomes_of_what_writes_give(tmp_path: Path, body: str, calls: list[str]) -> None:
    found = findings(tmp_path, {"app.ts": PG.replace("BODY", body)}, "query/write-in-loop")
    assert [one.message.split("`")[1] for one in found] == ["save()", *calls]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("[Log2.objects.create(text=item) for item in items]", 1),
        ("return [Log2.objects.create(text=item) for item in items]", 0),
        ("for item in items:\n    log = Log2()\n    log.text = item\n    log.save()", 1),
        ("for item in items:\n    log = Log2()\n    log.text = shelf\n    log.save()", 0),
        ("for item in items:\n    log = Log2()\n    log.text = item\n    log.save()\n    shelf.append(log.pk)", 0),
        ("for item in items:\n    log = Log2.objects.create(text=item)", 1),
        ("for item in items:\n    log = Log2.objects.create(text=item)\n    shelf.append(log)", 0),
    ],
)
def test_rows_that_are_read_after_they_are_written(tmp_path: Path, body: str, count: int) -> None:
    more = "from django.db import models\n\nclass Log2(models.Model):\n    text = models.TextField()\n    class Meta:\n        app_label = 'shop'\n"
    assert len(said(tmp_path, body, more)) == count


def test_a_list_that_the_configuration_holds(tmp_path: Path) -> None:
    settings = "from environs import Env\n\nenv = Env()\nSIZES = env.list('SIZES', [400, 1200])\nITEMS = made()\n"
    loop = "    for item in {}:\n        opened.execute('INSERT INTO size (width) VALUES (?)', (item,))\n"
    app = "import sqlite3\nfrom settings import ITEMS, SIZES\n\ndef show(opened: sqlite3.Connection):\n"
    files = {"settings.py": settings, "app.py": app + loop.format("SIZES") + loop.format("ITEMS")}
    found = findings(tmp_path, files, "query/write-in-loop")
    assert [one.region.start.line for one in found] == [8]


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ("Book.objects.filter(shelf=shelf, code='a').update(code='b')", 0),
        ("Book.objects.filter(shelf=shelf).delete()", 0),
        ("Shelf(pk=1).books.filter(code='a').delete()", 0),
        ("Book.objects.filter(code__lt=item).delete()", 0),
        ("Book.objects.exclude(code=item).update(shelf=shelf)", 0),
        ("empty(shelf)", 0),
        ("Book.objects.filter(shelf=shelf, code=item).update(code='b')", 2),
        ("Book.objects.filter(code__in=[item, 'a']).delete()", 1),
        ("item.delete()", 1),
        ("Shelf.objects.filter(slug='a').delete()", 1),
    ],
)
def test_rows_that_the_turn_finds_by_something_else_than_its_element(tmp_path: Path, other: str, count: int) -> None:
    more = "def empty(shelf):\n    Book.objects.filter(shelf=shelf).delete()\n\n"
    for body in (
        f"for item in items:\n    {other}\n    Book.objects.create(shelf=shelf, code=item)",
        f"for item in items:\n    if item:\n        Book.objects.create(shelf=shelf, code=item)\n    else:\n        {other}",
    ):
        assert len(said(tmp_path, body, more)) == count, body


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ("UPDATE slip SET open = 0 WHERE hub = ? AND open', (hub,)", 0),
        ("DELETE FROM slip WHERE title <> ?', (item,)", 0),
        ("DELETE FROM hub WHERE id IN (SELECT hub FROM slip)',", 0),
        ("DELETE FROM hub WHERE id IN (SELECT hub FROM other)',", 1),
        ("DELETE FROM slip WHERE title = ?', (item,)", 2),
    ],
)
def test_statements_that_find_what_earlier_turns_wrote(tmp_path: Path, other: str, count: int) -> None:
    make = "INSERT INTO slip (hub, title) VALUES (?, ?)', (1, item)"
    body = f"hub = 1\nfor item in items:\n    opened.execute('{other})\n    opened.execute('{make})"
    assert len(driver(tmp_path, body)) == count


def test_each_kind_of_write_has_a_message_and_a_repair_of_its_own(tmp_path: Path) -> None:
    body = (
        "for item in items:\n    Book.objects.create(code=item)\n"
        "    Book.objects.create(code=item.name)\n    Book.objects.filter(code=item).delete()"
    )
    assert said(tmp_path, body) == [
        (
            "`Book.objects.create()` inserts into shop_book once per element of `items` (2 places in this loop); one statement can do it for all",
            "Book.objects.bulk_create([Book(...), ...], batch_size=500) once behind the loop",
        ),
        (
            "`Book.objects.filter().delete()` deletes from shop_book once per element of `items`; one statement can do it for all",
            "Book.objects.filter(code__in=[...]).delete() once",
        ),
    ]


@pytest.mark.parametrize(
    ("condition", "once"),
    [
        ("code=item", "once"),
        ("shelf__in=shelf, code=item", "once, with the other conditions"),
        ("code=item, shelf=shelf", "once, with the other conditions"),
    ],
)
def test_a_statement_for_all_keeps_the_other_conditions(tmp_path: Path, condition: str, once: str) -> None:
    body = f"for item in items:\n    Book.objects.filter({condition}).delete()"
    assert [repair for _, repair in said(tmp_path, body)] == [f"Book.objects.filter(code__in=[...]).delete() {once}"]


def listening(does: str) -> str:
    """A list of objects of which a loop cannot say which of five classes wrote their method, and a function that
    tells all of them."""
    classes = "".join(
        f"class Part{number}(Part):\n    def leave(self, shelf):\n        {does}\n\n\n" for number in range(5)
    )
    return (
        "from abc import ABC, abstractmethod\n\n\n"
        "class Part(ABC):\n    @abstractmethod\n    def leave(self, shelf):\n        pass\n\n\n"
        f"{classes}PARTS: list[Part] = [Part0(), Part1(), Part2(), Part3(), Part4()]\n\n\n"
        "def empty(shelf):\n    for part in PARTS:\n        part.leave(shelf)\n\n\n"
        "def remove(shelf):\n    empty(shelf)\n    shelf.delete()\n\n"
    )


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("print(shelf)", True),
        ("Book.objects.filter(shelf=shelf).delete()", False),
        ("Log.objects.create(text=shelf.slug)", False),
        ("import shutil; shutil.rmtree(shelf.slug)", False),
    ],
)
def test_a_method_that_any_of_many_classes_writes(tmp_path: Path, does: str, told: bool) -> None:
    for body in (
        "for one in Shelf.objects.filter(slug__gt='a'):\n    remove(one)",
        "for one in Shelf.objects.filter(slug__gt='a'):\n    empty(one)\n    one.delete()",
    ):
        found = said(tmp_path, body, listening(does))
        assert [message.partition(" once")[0] for message, _ in found] == (
            [f"`{body.rpartition('    ')[2].partition('(')[0]}()` deletes from shop_shelf"] if told else []
        )


HOLES = """
import psycopg


def work(opened: psycopg.Connection, state):
    for row in opened.execute("SELECT id, state FROM job").fetchall():
        opened.execute(f"UPDATE work SET state = '{row[1].lower()}' WHERE id = {row[0]}")
    for row in opened.execute("SELECT id, state FROM job").fetchall():
        opened.execute(f"UPDATE work SET state = 'is {row[1]}' WHERE id = {row[0]}")
    for row in opened.execute("SELECT id, state FROM job").fetchall():
        opened.execute(f"UPDATE work SET state = '{state}' WHERE id = '{row[0]}'")
    for row in opened.execute("SELECT id, state FROM job").fetchall():
        opened.execute(f"UPDATE work SET state = 'done' WHERE id = {row[0]}")
"""


def test_a_hole_between_quotes_is_no_constant(tmp_path: Path) -> None:
    told = [each.message for each in findings(tmp_path, {"app.py": HOLES}, "query/write-in-loop")]
    each, once = "`opened.execute()` updates work once per element of ", "; one statement can do it for all"
    same = ", to the same values each time"
    rows = "`opened.execute().fetchall()`"
    assert told == [f"{each}{rows}{way}{once}" for way in ("", "", same, same)]


OBJECTION = """
const { Model } = require('objection');
class Tag extends Model {
  static get tableName() { return 'tag'; }
}
class Page extends Model {
  static get tableName() { return 'page'; }
  static get relationMappings() {
    return { tags: { relation: Model.ManyToManyRelation, modelClass: Tag, join: {
      from: 'page.id', through: { from: 'page_tag.page', to: 'page_tag.tag' }, to: 'tag.id' } } };
  }
}
exports.write = async (id, tags, first) => {
  const page = await Page.query().findById(id);
  for (const tag of tags) {
    await Tag.query().insert({ text: tag.text });
  }
  for (const tag of tags) {
    await page.$relatedQuery('tags').relate(tag.id);
  }
  if (first) {
    await Tag.query().insert(tags[0]);
  } else {
    for (const tag of tags) {
      await Tag.query().insert(tag);
    }
  }
};
"""
ONE = "Tag.knexQuery().insert(rows.map((row) => Tag.fromJson(row).$toDatabaseJson())) with all rows, once behind the loop, with .transacting(trx) where query() is given a transaction (Knex' own, which runs no hooks of the model: insert([ … ]) takes several rows only on PostgreSQL and SQL Server)"
BETWEEN = "knex('page_tag').insert([ … ]) with a row of the table between for each, once behind the loop (relate([ … ]) takes several only on PostgreSQL)"
SEVERAL = "insert([ … ]) with all rows, once behind the loop"
RELATED = "relate([ … ]) with all keys, once behind the loop"


@pytest.mark.parametrize(
    ("dialect", "inserted", "related"),
    [("", ONE, BETWEEN), ("mysql", ONE, BETWEEN), ("postgres", SEVERAL, RELATED), ("tsql", SEVERAL, BETWEEN)],
)
def test_rows_that_only_some_databases_take_at_once(dialect: str, inserted: str, related: str) -> None:
    """Objection 3: "batch insert only works with Postgresql and SQL Server". A row of the list is not all of it."""
    project = linked({"a.js": OBJECTION}, dialect=dialect)
    found = sorted(check(project), key=lambda finding: finding.place.start)
    repairs = [each.remedy for each in found if each.remedy is not None]
    idioms = [project.idioms[each.idiom] for each in found]
    assert [instantiate(each[remedy.name], remedy.holes) for each, remedy in zip(idioms, repairs, strict=True)] == [
        inserted,
        related,
        inserted,
    ]
    awaited = [OBJECTION[finding.place.start : finding.place.stop] for finding in found]
    assert awaited == [
        "Tag.query().insert({ text: tag.text })",
        "page.$relatedQuery('tags').relate(tag.id)",
        "Tag.query().insert(tag)",
    ]
