"""What `query/n-plus-one` says of loops: where, what of, and how the library at hand reads for all elements."""

# ruff: noqa: E501, S608 - one case per line reads best; texts that are judged, not run

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from dblint.facts.report import ReportedFinding
from dblint.run import Request, run

MODELS = """
from django.db import models


class Visible(models.Manager):
    pass


class Shelf(models.Model):
    slug = models.SlugField()


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    code = models.TextField()
    kind = models.TextField()
    number = models.IntegerField()
    objects = models.Manager()
    visible = Visible()
"""
SCHEMA = (
    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n'
    "model Book {\n  id Int @id\n  code String\n  kind String\n}\n"
)


def findings(folder: Path, files: dict[str, str]) -> list[ReportedFinding]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    request = Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("query/n-plus-one",)})
    return list(run(request).report.findings)


def python(folder: Path, body: str, parameters: str = "items", more: str = "") -> list[ReportedFinding]:
    """The findings in a function with this body, and `more` before it."""
    text = f"from shop.models import Book, Shelf\n\n{more}\n\ndef show({parameters}):\n{indent(body, '    ')}\n"
    return findings(folder, {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": text})


def typescript(
    folder: Path, body: str, parameters: str = "items: { id: number; code: string }[]"
) -> list[ReportedFinding]:
    text = (
        "import { PrismaClient } from '@prisma/client';\n\nconst client = new PrismaClient();\n\n"
        f"export async function show({parameters}) {{\n{indent(body, '  ')}\n}}\n"
    )
    return findings(folder, {"schema.prisma": SCHEMA, "app.ts": text})


@pytest.mark.parametrize(
    "body",
    [
        "for shelf, keys in items:\n    print(list(Book.objects.filter(pk__in=keys)))",
        "for group in items:\n    print(list(Book.objects.filter(pk__in=group.keys)))",
        "for group in items:\n    print(list(Book.objects.filter(pk__in=[key.id for key in group])))",
        "for group in items:\n    keys = {key.id for key in group}\n    print(list(Book.objects.filter(pk__in=keys)))",
        "for group in items:\n    keys = []\n    for key in group:\n        keys.append(key.id)\n    print(list(Book.objects.filter(pk__in=keys)))",
        "part = []\nfor item in items:\n    part.append(item.id)\n    if len(part) >= 500:\n        print(list(Book.objects.filter(pk__in=part)))\n        part = []",
        "for shelf, keys in items:\n    print(list(Book.objects.filter(shelf=shelf, pk__in=keys)))",
    ],
)
def test_a_list_of_keys_per_element_is_no_query_per_key(tmp_path: Path, body: str) -> None:
    assert python(tmp_path, body) == []


def test_a_list_of_keys_that_a_function_is_handed(tmp_path: Path) -> None:
    more = "def load(keys):\n    return list(Book.objects.filter(pk__in=keys))\n"
    assert python(tmp_path, "for group in items:\n    print(load(group.keys))", more=more) == []


def test_lists_of_keys_in_typescript(tmp_path: Path) -> None:
    body = (
        "for (const group of groups) {\n  const keys = group.map((item) => item.id);\n"
        "  await client.book.findMany({ where: { id: { in: keys } } });\n"
        "  await client.book.findMany({ where: { id: { in: group.map((item) => item.id) } } });\n}"
    )
    assert typescript(tmp_path, body, "groups: { id: number }[][]") == []


@pytest.mark.parametrize(
    ("body", "column"),
    [
        ("for shelf in items:\n    print(list(Book.objects.filter(shelf=shelf, kind__in=kinds)))", "shelf_id"),
        ("for shelf in items:\n    print(list(Book.objects.filter(kind__in=kinds, shelf=shelf)))", "shelf_id"),
        ("for item in items:\n    print(list(Book.objects.filter(pk__in=[item.first, item.last])))", "id"),
        ("for item in items:\n    keys = Book.objects.filter(shelf=item)\n    print(list(Book.objects.filter(pk__in=keys)))", "id"),
        ("for item in items:\n    Book.objects.get(shelf__slug=kinds, code=item['id'])", "code"),
        ("for item in items:\n    Book.objects.get(kind=kinds, shelf__slug=item)", "shelf__slug"),
        ("for item in items:\n    rows = Book.objects.filter(kind=kinds)\n    rows = rows.filter(code=item)\n    print(list(rows))", "code"),
    ],
)  # fmt: skip
def test_the_key_is_what_changes_with_the_element(tmp_path: Path, body: str, column: str) -> None:
    (found,) = python(tmp_path, body, "items, kinds")
    others = ", with the other conditions" if "kinds" in body else ""
    assert found.repair == f"Book.objects.filter({column}__in=[...]) once before the loop{others}, then look up by key"


@pytest.mark.parametrize("call", ["Book.objects.get(number__gt=item)", "Book.objects.get(**item)"])
def test_no_repair_is_written_where_no_key_is_known(tmp_path: Path, call: str) -> None:
    (found,) = python(tmp_path, f"for item in items:\n    {call}")
    assert found.repair == ""


@pytest.mark.parametrize(
    ("where", "repair"),
    [
        ("{ shelfCode: item.code }", "groupBy({ by: ['shelfCode'], where: { shelfCode: { in: keys } }, _count: true }) once before the loop"),
        ("{ kind: 'a', shelfCode: item.code }", "groupBy({ by: ['shelfCode'], where: { shelfCode: { in: keys } }, _count: true }) once before the loop, with the other conditions"),
        ("{ shelf: { code: item.code } }", ""),
    ],
)  # fmt: skip
def test_a_model_s_own_names_and_relations_that_have_no_short_form(tmp_path: Path, where: str, repair: str) -> None:
    schema = SCHEMA.replace(
        "  kind String\n",
        '  kind String\n  shelfCode String @map("shelf_code")\n'
        "  shelf Shelf @relation(fields: [shelfCode], references: [code])\n",
    )
    schema += "model Shelf {\n  code String @id\n  books Book[]\n}\n"
    text = (
        "import { PrismaClient } from '@prisma/client';\n\nconst client = new PrismaClient();\n\n"
        "export async function show(items: { code: string }[]) {\n"
        f"  for (const item of items) {{ await client.book.count({{ where: {where} }}); }}\n}}\n"
    )
    (found,) = findings(tmp_path, {"schema.prisma": schema, "app.ts": text})
    assert found.repair == repair


def test_the_receiver_as_it_is_written(tmp_path: Path) -> None:
    text = (
        "import { PrismaClient } from '@prisma/client';\n\nexport class Books {\n"
        "  constructor(private client: PrismaClient, private codes: string[]) {}\n"
        "  one(code: string) { return this.client.book.findFirst({ where: { code } }); }\n"
        "  async all() { for (const code of this.codes) { await this.one(code); } }\n}\n"
    )
    (found,) = findings(tmp_path, {"schema.prisma": SCHEMA, "app.ts": text})
    assert found.message == "`this.one()` reads Book once per element of `this.codes`"


@pytest.mark.parametrize(
    ("call", "column"),
    [("load(kinds, item)", "code"), ("load(item.kind, kinds)", "kind"), ("load(kinds, code=item.code)", "code")],
)
def test_the_key_behind_a_function_is_what_the_loop_hands_in(tmp_path: Path, call: str, column: str) -> None:
    more = "def load(kind, code):\n    return Book.objects.get(kind=kind, code=code)\n"
    (found,) = python(tmp_path, f"for item in items:\n    {call}", "items, kinds", more)
    filtered = f"Book.objects.filter({column}__in=[...])"
    assert found.repair == f"{filtered} once before the loop, with the other conditions, then look up by key"


def test_the_key_in_typescript(tmp_path: Path) -> None:
    body = "for (const item of items) {\n  await client.book.findFirst({ where: { kind: items[0].code, code: item.code } });\n}"
    (found,) = typescript(tmp_path, body)
    assert found.repair.startswith("findMany({ where: { code: { in: keys } } })")


@pytest.mark.parametrize(
    ("body", "repair"),
    [
        (
            "for item in items:\n    Book.visible.get(code=item)",
            "Book.visible.filter(code__in=[...]) once before the loop, then look up by key",
        ),
        (
            "for shelf in Shelf.objects.all():\n    shelf.books.filter(code=items).count()",
            'Book.objects.filter(shelf_id__in=[...]).values("shelf_id").annotate(number=Count("pk")) once before the loop, with the other conditions',
        ),
        (
            "shelf = Shelf.objects.get(pk=items)\nfor item in items:\n    shelf.books.filter(code=item).count()",
            'shelf.books.filter(code__in=[...]).values("code").annotate(number=Count("pk")) once before the loop, with the other conditions',
        ),
    ],
)
def test_the_repair_begins_where_the_query_does(tmp_path: Path, body: str, repair: str) -> None:
    (found,) = python(tmp_path, body)
    assert found.repair == repair


def test_a_handle_behind_a_function_is_told_where_everyone_can_use_it(tmp_path: Path) -> None:
    more = "def load(code):\n    return Book.visible.get(code=code)\n\n\ndef find(rows, code):\n    return rows.get(code=code)\n"
    (found,) = python(tmp_path, "for item in items:\n    load(item)", more=more)
    assert found.repair == "Book.visible.filter(code__in=[...]) once before the loop, then look up by key"
    (found,) = python(tmp_path, "rows = Book.visible.all()\nfor item in items:\n    find(rows, item)", more=more)
    assert found.repair == "Book.objects.filter(code__in=[...]) once before the loop, then look up by key"


def told(found: list[ReportedFinding]) -> list[tuple[int, str, list[tuple[int, str]]]]:
    """Line and message of each finding, and of its related places but the loop."""
    return [
        (
            one.region.start.line,
            one.message,
            [
                (other.region.start.line, other.message)
                for other in one.related
                if not other.message.startswith("the loop")
            ],
        )
        for one in found
    ]


@pytest.mark.parametrize(
    "read",
    [
        "last = Book.objects.filter(shelf=item).order_by('-number').first()",
        "last = Book.objects.filter(shelf=item).latest('number')",
        "last = Book.objects.filter(shelf=item).aggregate(last=Max('number'))",
        "last = Book.objects.filter(shelf=item).aggregate(last=Coalesce(Max('number'), 0))",
    ],
)
def test_the_newest_row_of_a_table_that_the_loop_adds_to(tmp_path: Path, read: str) -> None:
    more = "from django.db.models import Max\nfrom django.db.models.functions import Coalesce\n"
    add = "Book.objects.create(shelf=item, number=last)"
    assert python(tmp_path, f"for item in items:\n    {read}\n    {add}", more=more) == []
    helped = f"{more}\n\ndef add(item, last):\n    {add}\n"
    assert python(tmp_path, f"for item in items:\n    {read}\n    add(item, last)", more=helped) == []
    assert len(python(tmp_path, f"for item in items:\n    {read}\n    print(last)", more=more)) == 1
    base = "from django.db import models\n\nclass Base(models.Model):\n    class Meta:\n        abstract = True\n\n    def save(self, *given, owner=None, **named):\n"
    saved = f"{more}\n\n{base}        super().save(*given, **named)\n\nclass Note(Base):\n    number = models.IntegerField()\n\n"
    saved += "    def save(self, *given, **named):\n        super().save(*given, **named)\n"
    reads = read.replace("Book", "Note").replace("shelf=item", "number=item")
    note = "note = Note(number=last)"
    assert python(tmp_path, f"for item in items:\n    {reads}\n    {note}\n    note.save(owner=1)", more=saved) == []
    assert len(python(tmp_path, f"for item in items:\n    {reads}\n    {note}", more=saved)) == 1
    elsewhere = "Shelf.objects.create(slug=last)"
    assert len(python(tmp_path, f"for item in items:\n    {read}\n    {elsewhere}", more=more)) == 1


@pytest.mark.parametrize("options", ["", "\n    class Meta:\n        ordering = ['-number']"])
def test_a_row_in_an_order_that_the_query_does_not_say_is_not_the_newest(tmp_path: Path, options: str) -> None:
    more = (
        f"\n\nclass Note(models.Model):\n    name = models.TextField()\n    number = models.IntegerField()\n{options}\n"
    )
    more = f"from django.db import models\n{more}"
    read = "found = Note.objects.filter(name=item){}.first()"
    add = "if not found:\n        Note.objects.create(name=item, number=1)"
    loop = f"for item in items:\n    {read}\n    {add}"
    (found,) = python(tmp_path, loop.format(""), more=more)
    assert "row_number()" not in found.repair
    assert python(tmp_path, loop.format(".order_by('-number')"), more=more) == []


def test_a_batch_per_element_is_no_read_per_element(tmp_path: Path) -> None:
    read = "for item in items:\n    books = list(Book.objects.filter(shelf=item))\n"
    assert python(tmp_path, f"{read}    Book.objects.bulk_update(books, ['number'])") == []
    assert len(python(tmp_path, f"{read}    Shelf.objects.bulk_create([Shelf(slug=item)])")) == 1
    assert len(python(tmp_path, f"{read}    Book.objects.update(number=1)")) == 1
    keys = "[book.pk for book in books]"
    assert python(tmp_path, f"{read}    Book.objects.filter(pk__in={keys}).delete()") == []
    assert len(python(tmp_path, f"{read}    Shelf.objects.filter(pk__in={keys}).delete()")) == 1
    assert len(python(tmp_path, f"{read}    Book.objects.filter(shelf=item).delete()")) == 1


def test_a_transaction_of_the_element_s_own(tmp_path: Path) -> None:
    imported = "from django.db import transaction\n"
    loop, begin = "for item in items:\n", "with transaction.atomic():\n"
    read = "        count = Book.objects.filter(shelf=item).count()\n"
    write = "Shelf.objects.filter(slug=item).update(number=count)\n"
    assert python(tmp_path, f"{imported}{loop}    {begin}{read}        {write}") == []
    assert len(python(tmp_path, f"{imported}{begin}    {loop}{read}        {write}")) == 1
    assert len(python(tmp_path, f"{imported}{loop}    {begin}{read}    {write}")) == 1
    assert len(python(tmp_path, f"{imported}{loop}    with items.lock():\n{read}        {write}")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "for item in items:\n    book = Book.objects.get(code=item)\n    book.number = 1\n    book.save()",
        "for item in items:\n    if not Book.objects.filter(code=item).exists():\n        Book.objects.create(code=item)",
        "for item in items:\n    count = Book.objects.filter(shelf=item).count()\n    Book.objects.create(shelf=item, number=count)",
    ],
)
def test_other_reads_of_what_the_loop_writes_are_told(tmp_path: Path, body: str) -> None:
    assert len(python(tmp_path, body)) == 1


def test_the_largest_row_in_sql(tmp_path: Path) -> None:
    text = (
        "import sqlite3\n\ndef add(opened: sqlite3.Connection, items):\n    for item in items:\n"
        "        (last,) = opened.execute('SELECT max(number) FROM book WHERE shelf = ?', (item,)).fetchone()\n"
        "        opened.execute('INSERT INTO book (shelf, number) VALUES (?, ?)', (item, last + 1))\n"
    )
    assert findings(tmp_path, {"app.py": text}) == []
    assert len(findings(tmp_path, {"app.py": text.replace("max(number)", "count(number)")})) == 1


def test_reads_of_unknown_tables_are_told_with_the_loop(tmp_path: Path) -> None:
    head = "import sqlite3\n\ndef show(opened: sqlite3.Connection, items, a, b):\n    for item in items:\n"
    first = "        opened.execute(f'SELECT id FROM {a} WHERE id = ?', (item,))\n"
    second = "        opened.cursor().execute(f'SELECT id FROM {b} WHERE id = ?', (item,))\n"
    third = "        opened.execute('SELECT id FROM book WHERE id = ?', (item,))\n"
    fourth = "        opened.execute('SELECT id FROM shelf WHERE id = ?', (item,))\n"
    alone = told(findings(tmp_path, {"app.py": head + first + second}))
    assert alone == [
        (
            5,
            "`opened.execute()` reads from the database once per element of `items` (2 places in this loop)",
            [(6, "`opened.cursor().execute()` does so, too")],
        )
    ]
    together = told(findings(tmp_path, {"app.py": head + first + third + fourth}))
    assert together == [
        (
            6,
            "`opened.execute()` reads book once per element of `items` (2 places in this loop)",
            [(5, "`opened.execute()` reads from the database, too")],
        ),
        (7, "`opened.execute()` reads shelf once per element of `items`", []),
    ]


def test_a_statement_on_the_connection_does_not_choose_another_one(tmp_path: Path) -> None:
    text = (
        "import sqlite3\n\ndef show(opened: sqlite3.Connection, items):\n    cursor = opened.cursor()\n"
        "    for item in items:\n"
        "        cursor.execute('SELECT id FROM book WHERE code = ?', (item,))\n        print(cursor.fetchone())\n"
        "        cursor.execute('SELECT id FROM shelf WHERE code = ?', (item,))\n        print(cursor.fetchone())\n"
    )
    assert [(line, message) for line, message, _ in told(findings(tmp_path, {"app.py": text}))] == [
        (6, "`cursor.execute()` reads book once per element of `items`"),
        (8, "`cursor.execute()` reads shelf once per element of `items`"),
    ]


@pytest.mark.parametrize(
    ("call", "repair"),
    [
        ("a.execute('SELECT id FROM book WHERE kind = ? AND code = ?', (kind, item))", "one SELECT … WHERE code IN (?, ?, …)"),
        ("a.execute('SELECT id FROM book WHERE kind = ? AND code = ?', (item, kind))", "one SELECT … WHERE kind IN (?, ?, …)"),
        ("a.execute('SELECT id FROM book WHERE kind = :kind AND code = :code', {'kind': kind, 'code': item})", "one SELECT … WHERE code IN (?, ?, …)"),
        ("a.execute('SELECT ? FROM book WHERE kind = ? AND code = ?', (item, kind, item))", "one SELECT … WHERE code IN (?, ?, …)"),
        ("a.execute(f'SELECT id FROM book WHERE kind = {kind} AND code = {item}')", "one SELECT … WHERE code IN (?, ?, …)"),
        ("b.execute('SELECT id FROM book WHERE \"Code\" = %s', [item])", 'one SELECT … WHERE "Code" = ANY(%s) with the list of keys'),
        ("values = (kind, item)\n        a.execute('SELECT id FROM book WHERE kind = ? AND code = ?', values)", "one SELECT … WHERE code IN (?, ?, …)"),
        ("b.execute('SELECT id FROM book WHERE kind = %s AND code = %s', [kind, item])", "one SELECT … WHERE code = ANY(%s) with the list of keys"),
        ("b.execute('SELECT id FROM book WHERE kind = %(kind)s AND code = %(code)s', {'kind': kind, 'code': item})", "one SELECT … WHERE code = ANY(%s) with the list of keys"),
        ("await c.fetch('SELECT id FROM book WHERE kind = $2 AND code = $1', item, kind)", "one SELECT … WHERE code = ANY($1) with the list of keys"),
    ],
)  # fmt: skip
def test_the_key_in_sql(tmp_path: Path, call: str, repair: str) -> None:
    text = (
        "import asyncpg\nimport psycopg\nimport sqlite3\n\n\nasync def show(a: sqlite3.Connection, b: psycopg.Connection, "
        f"c: asyncpg.Connection, items, kind):\n    for item in items:\n        {call}\n"
    )
    (found,) = findings(tmp_path, {"app.py": text})
    others = ", with the other conditions" if " AND " in call else ""
    assert found.repair == f"{repair} once before the loop{others}, then look up by key"


@pytest.mark.parametrize(
    ("call", "silent"),
    [
        ("b.execute('SELECT id FROM book WHERE code = ANY(%s)', (item.codes,))", True),
        ("b.execute('SELECT id FROM book WHERE code = ANY(%s::text[])', [[code for code in item]])", True),
        ("b.execute('SELECT id FROM book WHERE code = ANY(%s) AND kind = %s', [kinds, item])", False),
        ("await c.fetch('SELECT id FROM book WHERE code = ANY($1)', item.codes)", True),
        ("await c.fetch('SELECT id FROM book WHERE code = ANY($1)', [item.code])", False),
    ],
)
def test_lists_of_keys_in_sql(tmp_path: Path, call: str, silent: bool) -> None:
    text = (
        "import asyncpg\nimport psycopg\n\n\nasync def show(b: psycopg.Connection, c: asyncpg.Connection, items, kinds):\n"
        f"    for item in items:\n        {call}\n"
    )
    assert (findings(tmp_path, {"app.py": text}) == []) is silent


def test_lists_of_keys_in_a_tagged_template(tmp_path: Path) -> None:
    text = """
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

async function load(kind: string, ids: number[]) {
  return client.$queryRaw`SELECT id FROM book WHERE kind = ${kind} AND id = ANY(${ids}::int[])`;
}

export async function show(items: { id: number }[]) {
  let ids: number[] = [];
  for (const item of items) {
    ids.push(item.id);
    if (ids.length > 500) {
      await load('a', ids);
      ids = [];
    }
  }
}
"""
    assert findings(tmp_path, {"schema.prisma": SCHEMA, "app.ts": text}) == []
    single = text.replace("ids.push(item.id);", "").replace("load('a', ids)", "load(String(item.id), ids)")
    (found,) = findings(tmp_path, {"app.ts": single})
    assert found.repair.startswith("$queryRaw`… WHERE kind IN (${Prisma.join(keys)})` once before the loop")


def test_the_key_of_a_query_builder(tmp_path: Path) -> None:
    text = """
import { Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Book {
  @PrimaryColumn() id: number;
}

export async function show(books: Repository<Book>, items: { code: string }[], kind: string) {
  for (const item of items) {
    await books
      .createQueryBuilder('book')
      .where('book.kind = :kind', { kind })
      .andWhere('book.code = :code', { code: item.code })
      .getMany();
  }
}
"""
    (found,) = findings(tmp_path, {"app.ts": text})
    assert (
        found.repair
        == "findBy({ code: In(keys) }) once before the loop, with the other conditions, then look up by key in a Map"
    )


def test_a_table_per_element(tmp_path: Path) -> None:
    text = (
        "import sqlite3\n\ndef keep(opened: sqlite3.Connection, name, rows):\n"
        "    opened.execute(f'CREATE TABLE part_{name} (id)')\n\n"
        "def each(opened: sqlite3.Connection, memory: sqlite3.Connection, names):\n    for name in names:\n"
        "        rows = opened.execute('SELECT id FROM book WHERE shelf = ?', (name,)).fetchall()\n"
        "        keep(memory, name, rows)\n"
    )
    assert findings(tmp_path, {"app.py": text}) == []
    (told,) = findings(tmp_path, {"app.py": text.replace("        keep(", "    keep(")})
    assert told.region.start.line == 8


def test_the_same_rows_each_time(tmp_path: Path) -> None:
    text = (
        "import sqlite3\n\ndef load(opened: sqlite3.Connection, shelf, code):\n    print(code)\n"
        "    return opened.execute('SELECT id FROM book WHERE shelf = ?', (shelf,)).fetchall()\n\n"
        "def each(opened: sqlite3.Connection, shelf, codes):\n    for code in codes:\n        load(opened, shelf, code)\n"
    )
    (same,) = findings(tmp_path, {"app.py": text})
    assert same.message == "`load()` reads book once per element of `codes`, with the same conditions each time"
    (other,) = findings(tmp_path, {"app.py": text.replace("load(opened, shelf, code)", "load(opened, code, code)")})
    assert other.message == "`load()` reads book once per element of `codes`"
    (open_one,) = findings(
        tmp_path, {"app.py": text.replace("shelf = ?", "shelf = ? AND kind > (SELECT max(kind) FROM book)")}
    )
    assert "same conditions" not in open_one.message


def test_the_first_rows_of_each_element(tmp_path: Path) -> None:
    read = "for item in items:\n    print(list(Book.objects.filter(shelf=item){}[:3]))"
    (first,) = python(tmp_path, read.format(".order_by('number')"))
    assert first.repair == (
        "Book.objects.filter(shelf_id__in=[...]) once before the loop, the first of each by row_number() or LATERAL, then "
        "look up by key"
    )
    (several,) = python(
        tmp_path, "for item in items:\n    list(Book.objects.filter(shelf=item, kind='a').order_by('code'))"
    )
    assert several.repair == (
        "Book.objects.filter(shelf_id__in=[...]) once before the loop, with the other conditions, then look up by key"
    )


def test_a_sum_is_no_count(tmp_path: Path) -> None:
    more = "from django.db.models import Sum"
    (told,) = python(
        tmp_path, "for item in items:\n    Book.objects.filter(shelf=item).aggregate(Sum('number'))", more=more
    )
    assert told.repair == ""
    (counted,) = python(tmp_path, "for item in items:\n    Book.objects.filter(shelf=item).count()", more=more)
    assert "annotate(number=Count('pk'))" in counted.repair.replace('"', "'")
    related = "for shelf in Shelf.objects.{}:\n    print(list(shelf.books.all(){}))"
    assert python(tmp_path, related.format("prefetch_related('books')", "[:3]")) == []
    assert len(python(tmp_path, related.format("all()", ".order_by('code')[:3]"))) == 1
    # `query/prefetch-defeated` tells this.
    assert python(tmp_path, related.format("prefetch_related('books')", ".order_by('code')[:3]")) == []


@pytest.mark.parametrize(
    ("kinds", "silent"),
    [
        ('[{"names": ["a", "b"]}, {"names": ["c"]}]', True),
        ('[{"names": ["a", "b"]}, {"names": load()}]', False),
        ('[{"names": ["a", "b"]}, {"name": "c"}]', False),
        ("load()", False),
    ],
)
def test_short_lists_under_a_key_of_literals(tmp_path: Path, kinds: str, silent: bool) -> None:
    body = "for kind in KINDS:\n    for name in kind['names']:\n        print(Book.objects.get(code=name))"
    found = python(tmp_path, body, "load", f"def load():\n    return input()\n\nKINDS = {kinds}")
    assert [one.region.start.line for one in found] == ([] if silent else [11])


def test_short_lists_under_a_key_of_a_list_that_grows(tmp_path: Path) -> None:
    body = (
        "kinds = [{'names': ['a']}]\nkinds.append(items)\n"
        "for kind in kinds:\n    for name in kind['names']:\n        print(Book.objects.get(code=name))"
    )
    assert [one.region.start.line for one in python(tmp_path, body)] == [10]


SHELVES = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE")
}

model Shelf {
  id    Int    @id
  books Book[]
}

model Book {
  id      Int   @id
  shelfId Int
  shelf   Shelf @relation(fields: [shelfId], references: [id])
}
"""
PART = (
    "Load only the part of Book that each element reads, numbered per element by row_number() or by LATERAL, for all "
    "elements with one query before the loop, and look them up by key inside it."
)
WHOLE = "Load the rows of Book for all elements with one query before the loop, and look them up by key inside it."
KEYS = "findMany({ where: { shelfId: { in: keys } } }) once before the loop, "


@pytest.mark.parametrize(
    ("asked", "minimal", "repair"),
    [
        ("where: { shelf: { id } }, take: 10, skip: page", PART, ""),
        ("where: { shelf: { id: id } }, orderBy: { id: 'desc' }, take: size", PART, ""),
        ("where: { shelf: { id } }, skip: page", PART, ""),
        ("where: { shelf: { id } }", WHOLE, ""),
        (
            "where: { shelfId: id }, take: 10",
            PART,
            f"{KEYS}the first of each by row_number() or LATERAL, then look up by key in a Map",
        ),
        ("where: { shelfId: id }", WHOLE, f"{KEYS}then look up by key in a Map"),
    ],
)
def test_rows_that_each_element_limits_are_not_all_loaded(
    tmp_path: Path, asked: str, minimal: str, repair: str
) -> None:
    source = f"""\
import {{ PrismaClient }} from '@prisma/client';

const prisma = new PrismaClient();

export async function load(ids: number[], page: number, size: number) {{
  for (const id of ids) {{
    await prisma.book.findMany({{ {asked} }});
  }}
}}
"""
    (found,) = findings(tmp_path, {"schema.prisma": SHELVES, "a.ts": source})
    assert (found.minimal, found.repair) == (minimal, repair)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("shelf = Shelf.objects.create(slug=item)\n    list(Book.objects.filter(shelf=shelf))", ""),
        ("shelf = Shelf(slug=item)\n    shelf.save()\n    shelf.books.count()", ""),
        ("shelf = Shelf.objects.create(slug=item)\n    list(Book.objects.filter(shelf_id=shelf.id, code=item))", ""),
        ("shelf = build(item)\n    list(Book.objects.filter(shelf=shelf))", ""),
        ("tell(build(item))", ""),
        # What the program chose itself, rows may have had before.
        ("shelf = Shelf.objects.create(slug=item)\n    list(Book.objects.filter(code=shelf.slug))", "Book.objects.filter()"),
        ("shelf = Shelf(id=item)\n    list(Book.objects.filter(shelf=shelf))", "Book.objects.filter()"),
        ("shelf = Shelf(slug=item)\n    shelf.pk = item\n    list(Book.objects.filter(shelf=shelf))", "Book.objects.filter()"),
        # A row that is there already, perhaps, or that is made once.
        ("shelf = find(item)\n    list(Book.objects.filter(shelf=shelf))", "Book.objects.filter()"),
        ("tell(find(item))", "tell()"),
        ("list(Book.objects.filter(shelf=made, code=item))", "Book.objects.filter()"),
        ("book = Book(shelf=item)\n    list(Book.objects.filter(shelf=book.shelf))", "Book.objects.filter()"),
    ],
)  # fmt: skip
def test_rows_of_a_row_that_the_same_turn_inserts(tmp_path: Path, body: str, found: str) -> None:
    helpers = (
        "def build(name):\n    shelf = Shelf(slug=name)\n    shelf.save()\n    return shelf\n\n"
        "def find(name):\n    return Shelf(pk=name)\n\n"
        "def tell(shelf):\n    return list(Book.objects.filter(shelf=shelf))\n\n"
    )
    read = f"made = Shelf.objects.create(slug=items)\nfor item in items:\n    {body}"
    told = [f"`{found}` reads shop_book once per element of `items`"] if found else []
    assert [finding.message for finding in python(tmp_path, read, more=helpers)] == told


LATER = ", then look up by key"


@pytest.mark.parametrize(
    ("body", "repair"),
    [
        # All columns that change with the element are the key, the one that finds a row by itself first.
        (
            "for item in items:\n    Book.objects.get(kind=item.kind, code=item.code, number=kinds)",
            f"Book.objects.filter(kind__in=[...]) once before the loop, with a list for code as well, with the other conditions{LATER}",
        ),
        (
            "for item in items:\n    Book.objects.get(kind=item.kind, code=item.code, number=item.number)",
            f"Book.objects.filter(kind__in=[...]) once before the loop, with lists for code and number as well{LATER}",
        ),
        (
            "for item in items:\n    Book.objects.get(kind=item.kind, id=item.id)",
            f"Book.objects.filter(id__in=[...]) once before the loop, with a list for kind as well{LATER}",
        ),
        (
            "for item in items:\n    Book.objects.filter(kind=item.kind, code=item.code).count()",
            'Book.objects.filter(kind__in=[...]).values("kind").annotate(number=Count("pk")) once before the loop, with a list for code as well, grouped by it',
        ),
        # What is no key is compared per element; rows that are counted so have no group.
        (
            "for item in items:\n    list(Book.objects.filter(kind=item.kind, number__gt=item.number))",
            f"Book.objects.filter(kind__in=[...]) once before the loop, compare number for each{LATER}",
        ),
        ("for item in items:\n    Book.objects.filter(kind=item.kind, number__gt=item.number).count()", ""),
        # Rows that another place reads say also whether there are any.
        (
            "for item in items:\n    books = Book.objects.filter(code=item)\n    if books.exists():\n        print(books.first())",
            f"Book.objects.filter(code__in=[...]) once before the loop{LATER}",
        ),
    ],
)
def test_all_that_changes_with_the_element_is_the_key(tmp_path: Path, body: str, repair: str) -> None:
    (found,) = python(tmp_path, body, "items, kinds")
    assert found.repair == repair


def test_a_query_without_a_key_is_asked_once(tmp_path: Path) -> None:
    more = "def load(item):\n    return item, Book.objects.filter(kind='a').first()"
    (found,) = python(tmp_path, "for item in items:\n    load(item)", more=more)
    assert found.message == "`load()` reads shop_book once per element of `items`, with the same conditions each time"
    assert found.minimal == "Load the rows of shop_book with one query before the loop, and use what it gave inside it."
    (other,) = python(tmp_path, "for item in items:\n    load(item)", more=more.replace("'a'", "item"))
    assert other.message == "`load()` reads shop_book once per element of `items`"
    assert other.minimal == (
        "Load the rows of shop_book for all elements with one query before the loop, and look them up by key inside it."
    )


def test_several_columns_of_a_text(tmp_path: Path) -> None:
    text = (
        "import sqlite3\n\ndef each(opened: sqlite3.Connection, items):\n    for item in items:\n"
        "        opened.execute('SELECT id FROM book WHERE shelf = ? AND code = ?', (item.shelf, item.code)).fetchall()\n"
    )
    (found,) = findings(tmp_path, {"app.py": text})
    assert found.repair == (
        "one SELECT … WHERE shelf IN (?, ?, …) once before the loop, with a list for code as well, then look up by key"
    )


@pytest.mark.parametrize(
    ("iterated", "named"),
    [
        ('getattr(items, "runs")', "items.runs"),
        ('enumerate(getattr(items.page, "runs", []))', "items.page.runs"),
        ("getattr(items, kinds)", "getattr()"),
        ('load(items, "runs")', "load()"),
    ],
)
def test_an_attribute_that_is_read_by_its_name(tmp_path: Path, iterated: str, named: str) -> None:
    (found,) = python(tmp_path, f"for item in {iterated}:\n    Book.objects.get(code=item)", "items, kinds, load")
    assert found.message == f"`Book.objects.get()` reads shop_book once per element of `{named}`"


@pytest.mark.parametrize("computed", [True, False])
def test_what_a_query_computes_may_change_with_the_element(tmp_path: Path, computed: bool) -> None:
    made = ".annotate(rank=Rank(item)).filter(rank__gt=2)" if computed else ".filter(number__gt=2)"
    more = f"from ranks import Rank\n\ndef load(item):\n    return item, Book.objects{made}.first()"
    (found,) = python(tmp_path, "for item in items:\n    load(item)", more=more)
    same = "" if computed else ", with the same conditions each time"
    assert found.message == f"`load()` reads shop_book once per element of `items`{same}"


def test_twins_of_what_is_left_alone(tmp_path: Path) -> None:
    """A function that only reads, a list that gets rows, rows of another table: beside mails, lists of which nothing is
    known, and the row itself."""
    text = """\
from shop.models import Book, Shelf


def opened(shelf):
    return shelf.slug and Book.objects.filter(shelf=shelf).count()


def show(shelf):
    shelves = [shelf]
    if shelf.slug:
        shelves.extend(Shelf.objects.filter(slug="a"))
    return [opened(each) for each in shelves]


def left(shelves):
    for shelf in Shelf.objects.order_by("slug"):
        if not Book.objects.filter(pk=shelf.pk).exists():
            continue
        print(shelf.slug)
"""
    found = findings(tmp_path, {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": text})
    assert [(each.region.start.line, each.message) for each in found] == [
        (12, "`opened()` reads shop_book once per element of `shelves`"),
        (17, "`Book.objects.filter().exists()` reads shop_book once per element of `Shelf.objects.order_by()`"),
    ]


OVERWRITTEN = """\
import peewee

database = peewee.SqliteDatabase("shop.db")

class Widget(peewee.Model):
    class Meta:
        database = database

def kept(layout):
    widgets = Widget.select()
    widgets = {widget.id: widget for widget in widgets}
    return [list(map(lambda key: widgets.get(key, None), row)) for row in layout]

def asked(layout):
    widgets = Widget.select()
    return [list(map(lambda key: widgets.where(Widget.id == key).get(), row)) for row in layout]

def sometimes(layout, kept):
    widgets = Widget
    if kept:
        widgets = {}
    return list(map(lambda key: widgets.get(Widget.id == key), layout))
"""


def test_a_lambda_sees_what_a_name_was_given_last_before_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(OVERWRITTEN)
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    assert [found.region.start.line for found in run(request).report.findings] == [16, 22]


@pytest.mark.parametrize(
    ("loop", "named"),
    [
        ("for item in [None, *list(items)]:", "`items`"),
        ("for item in items + [None]:", "`items`"),
        ("for item in [None] + list(items.values()):", "`items.values()`"),
        ("for item in [each.code for each in items.rows]:", "`items.rows`"),
        ("for item in [] if flag else items:", "`items`"),
        ("for item in (items or ())[1:]:", "`items`"),
        ("for item in {**items, **more}:", "what `item` goes through"),
        ("for item, other in [*items, *more]:", "what `item, other` goes through"),
    ],
)
def test_what_a_loop_goes_through_has_a_name(tmp_path: Path, loop: str, named: str) -> None:
    [found] = python(tmp_path, f"{loop}\n    Book.objects.get(code=item)", "items, more, flag")
    assert found.message == f"`Book.objects.get()` reads shop_book once per element of {named}"


def test_a_query_of_either_condition_is_no_relation_that_was_loaded(tmp_path: Path) -> None:
    body = (
        "for item in items:\n    if flag:\n        books = Book.objects.filter(code=item)\n    else:\n"
        "        books = Book.objects.filter(kind=item)\n    show(list(books))"
    )
    [found] = python(tmp_path, body, "items, flag")
    assert found.message == "`books` reads shop_book once per element of `items`"


def test_a_query_that_is_handed_in_is_asked_once_whatever_it_is_called_there(tmp_path: Path) -> None:
    more = (
        "def plain(books, item):\n    return [book for book in books if book.code == item]\n\n\n"
        "def renamed(books, item):\n    if not books:\n        books = []\n    rows = books\n"
        "    return [book for book in rows if book.code == item]\n"
    )
    once = "books = Book.objects.filter(kind='a')\nfor item in items:\n    {}(books, item)"
    each = "for item in items:\n    {}(Book.objects.filter(kind=item), item)"
    for name in ("plain", "renamed"):
        assert python(tmp_path, once.format(name), more=more) == []
        [found] = python(tmp_path, each.format(name), more=more)
        assert found.message == f"`{name}()` reads shop_book once per element of `items`"


@pytest.mark.parametrize(
    ("method", "setting", "told"),
    [
        ("if self._books is None:\n            self._books = Book.objects.all()", "", False),
        ("self._books = Book.objects.filter(code=item)", "", True),
        ("if item:\n            self._books = Book.objects.filter(code=item)", "", True),
        (
            "if self._books is None:\n            self._books = Book.objects.all()",
            "reader._books = Book.objects.all()",
            True,
        ),
    ],
)
def test_a_query_that_an_object_keeps_has_its_rows_the_next_time(
    tmp_path: Path, method: str, setting: str, told: bool
) -> None:
    more = (
        "class Reader:\n    def __init__(self):\n        self._books = None\n\n"
        f"    def has(self, item):\n        {method}\n        return [book for book in self._books if book.code == item]\n"
    )
    body = f"reader = Reader()\nfor item in items:\n    {setting or 'pass'}\n    reader.has(item)"
    message = "`reader.has()` reads shop_book once per element of `items`"
    assert [found.message for found in python(tmp_path, body, more=more)] == [message] * told
    other = "for item in items:\n    reader = Reader()\n    reader.has(item)"
    assert len(python(tmp_path, other, more=more)) == 1


def test_an_operator_that_asks_whether_there_are_rows_runs_the_query(tmp_path: Path) -> None:
    body = "for item in items:\n    books = Book.objects.filter(code=item)\n    show(books or Book.objects.none())"
    [found] = python(tmp_path, body)
    assert (
        found.message
        == "`books`, which `or` runs to see whether there are rows, reads shop_book once per element of `items`"
    )


SEEDED = (
    "import click\nimport psycopg\n\nNAMES = [\n"
    + "".join(f'    {{"name": "n{number}"}},\n' for number in range(40))
    + """]


def of_a_request(opened: psycopg.Connection):
    for each in NAMES:
        print(opened.execute("SELECT id FROM job WHERE name = %s", (each["name"],)).fetchone())  # told


@click.command()
def seed():
    opened = psycopg.connect()
    for each in NAMES:
        print(opened.execute("SELECT id FROM job WHERE name = %s", (each["name"],)).fetchone())
"""
)
CONFIGURED = """
import psycopg
from flask import current_app


class Config:
    def __init__(self, given=None):
        self._given = given

    @property
    def data(self):
        return self._given or current_app.config["APP"]

    def __getattr__(self, name):
        return self.data[name]


class Kept:
    def __init__(self, rows):
        self.rows = rows

    def __getattr__(self, name):
        return self.rows[name]


config = Config()
kept = Kept({})


def work(opened: psycopg.Connection):
    for key, _ in config.CLEANUP.items():
        print(opened.execute("SELECT id FROM job WHERE id = %s", (key,)).fetchone())
    for key in current_app.config["CLEANUP"]:
        print(opened.execute("SELECT id FROM job WHERE id = %s", (key,)).fetchone())
    for key, _ in kept.CLEANUP.items():
        print(opened.execute("SELECT id FROM job WHERE id = %s", (key,)).fetchone())  # told
"""


@pytest.mark.parametrize("text", [SEEDED, CONFIGURED])
def test_a_literal_for_a_command_and_settings_that_an_object_hands_on_are_short(tmp_path: Path, text: str) -> None:
    told = [number for number, line in enumerate(text.splitlines(), 1) if "# told" in line]
    assert [each.region.start.line for each in findings(tmp_path, {"app.py": text})] == told


MAILING = """\
import {{ eq }} from 'drizzle-orm';
import {{ drizzle }} from 'drizzle-orm/better-sqlite3';
import {{ integer, sqliteTable, text }} from 'drizzle-orm/sqlite-core';
import {{ Resend }} from 'resend';

const db = drizzle('shop.db');
const shelf = sqliteTable('shelf', {{ id: integer('id').primaryKey(), mail: text('mail') }});
const book = sqliteTable('book', {{ id: integer('id').primaryKey(), shelf: integer('shelf') }});

class Mailer {{
  client: Resend;
  constructor(key: string) {{
    this.client = new Resend(key);
  }}
  async told(to: string) {{
    await this.client.emails.send({{ from: 'a@example.org', to, subject: 'a', text: 'a' }});
  }}
}}

const mailer = new Mailer(process.env.KEY);

async function notify(at: number) {{
  for (const row of await db.select().from(shelf).where(eq(shelf.id, at))) {{
    await mailer.told(row.mail);
  }}
}}

export async function each() {{
  for (const item of await db.select().from(book)) {{
    {body}
  }}
}}
"""
ROW = "const row = await db.select().from(shelf).where(eq(shelf.id, item.shelf)).get();"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f"{ROW} if (!row) continue; await notify(row.id);", False),
        (f"{ROW.replace('.get()', '.all()')} if (!row) continue; await notify(item.shelf);", True),
        # What is read decides whether anything is sent; it is sent for some, or before.
        (f"{ROW} if (row.mail === '') continue; await notify(row.id);", True),
        (f"{ROW} if (row.mail) await notify(row.id);", True),
        (f"await notify(item.shelf); {ROW} console.log(row);", True),
    ],
)
def test_a_row_is_little_beside_the_mail_that_surely_follows(tmp_path: Path, body: str, told: bool) -> None:
    found = findings(tmp_path, {"app.ts": MAILING.format(body=body)})
    member = "all" if ".all()" in body else "get"
    message = f"`select().from().where().{member}()` reads shelf once per element of `db.select().from()`"
    assert [each.message for each in found] == ([message] if told else [])


def test_the_elements_that_pass_a_condition_are_told(tmp_path: Path) -> None:
    body = "for item in items:\n    if item.kind:\n        print(Book.objects.get(pk=item.id))\n    print(Shelf.objects.get(pk=item.id))"
    assert [finding.message.partition(" reads ")[2] for finding in python(tmp_path, body)] == [
        "shop_book once per element of `items` that passes its condition",
        "shop_shelf once per element of `items`",
    ]
