"""What `query/get-or-create-race` proposes where rows with other values may be several; files that are not imported."""

from __future__ import annotations

from pathlib import Path

from tests.test_index_not_concurrent import findings

MODELS = """\
from django.db import models

OPEN = "open"

class Report(models.Model):
    subject = models.IntegerField()
    state = models.CharField(max_length=10)

def report(subject):
    if not Report.objects.filter(subject=subject, state=OPEN).exists():
        Report.objects.create(subject=subject, state=OPEN)
"""


def test_a_constant_of_the_program_makes_the_index_partial(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": MODELS}, "query/get-or-create-race")
    assert [(finding.region.start.line, finding.minimal) for finding in found] == [
        (11, "Add a unique index on subject of the rows with this state to shop_report (a partial index).")
    ]


def test_nobody_imports_a_module_that_a_package_hides(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        {"shop/models.py": MODELS, "shop/models/__init__.py": "", "other/models.py": MODELS},
        "query/get-or-create-race",
    )
    assert [finding.region.path for finding in found] == ["other/models.py"]


VOTES = """\
import { and, eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';

const db = drizzle(process.env.DATABASE_URL);

const vote = pgTable('vote', {
  chat: uuid('chat').notNull(), message: uuid('message').notNull(), up: integer('up'),
}, (table) => [primaryKey({ columns: [table.chat, table.message] })]);
const mark = pgTable('mark', {
  id: integer('id').primaryKey(), name: text('name').notNull(), shelf: integer('shelf'),
}, (table) => [unique().on(table.name, table.shelf)]);
const report = pgTable('report', {
  id: integer('id').primaryKey(), page: integer('page'), title: text('title').notNull(),
});
const label = pgTable('label', {
  id: integer('id').primaryKey(), page: integer('page'), title: text('title').notNull(),
});
const page = pgTable('page', { id: integer('id').primaryKey() });

export async function votes(chat: string, message: string) {
  const [found] = await db.select().from(vote).where(eq(vote.message, message));
  if (!found) {
    await db.insert(vote).values({ chat, message, up: 1 });
  }
}

export async function another(message: string) {
  const [found] = await db.select().from(vote).where(eq(vote.message, message));
  if (!found) {
    await db.insert(vote).values({ chat: crypto.randomUUID(), message, up: 1 });
  }
}

export async function ofSomeShelf(name: string, shelf: number | null) {
  const [found] = await db.select().from(mark).where(eq(mark.name, name));
  if (!found) {
    await db.insert(mark).values({ name, shelf });
  }
}

export async function imported(page: number, title: string) {
  const [found] = await db.select().from(report).where(and(eq(report.page, page), eq(report.title, title)));
  if (!found) {
    await db.insert(report).values({ page, title });
  }
}

export async function written(page: number, title: string) {
  return db.insert(report).values({ page, title });
}

export async function labelled(page: number, title: string) {
  const [found] = await db.select().from(label).where(and(eq(label.page, page), eq(label.title, title)));
  if (!found) {
    await db.insert(label).values({ page, title });
  }
}

export async function opened(title: string) {
  const [made] = await db.insert(page).values({}).returning();
  await db.insert(label).values({ page: made.id, title });
}
"""


def test_the_repair_is_what_constraints_and_other_inserts_leave(tmp_path: Path) -> None:
    found = findings(tmp_path, {"src/votes.ts": VOTES}, "query/get-or-create-race")
    lock = (
        "Take a lock in front of the read, one that whoever does the same has to take, and keep it until the insert is "
        "committed: SELECT … FOR UPDATE of the row that these belong to, or a lock by a name (an advisory lock). "
        "A unique constraint on page, title would also refuse the rows that are inserted elsewhere without such a read."
    )
    add = (
        "Add a unique constraint on page, title of label. NULLs do not collide in it: make page NOT NULL or say "
        "NULLS NOT DISTINCT (PostgreSQL 15), where rows without are to be single, too."
    )
    assert [(finding.region.start.line, finding.message.partition("at once, ")[2]) for finding in found] == [
        (24, "the second gets a violation of the unique constraint on chat, message, which nothing meets"),
        (45, "both insert, as no unique constraint covers page, title"),
        (56, "both insert, as no unique constraint covers page, title"),
    ]
    assert [finding.minimal for finding in found] == [
        "Let the key of vote decide, in the place of the read: INSERT … ON CONFLICT (chat, message) DO UPDATE.",
        lock,
        add,
    ]


LOCKED = """\
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const db = drizzle('file:shop.db');
const tag = sqliteTable('tag', { id: integer('id').primaryKey(), name: text('name').notNull().unique() });
type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];

async function transacted<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
  return retried(() => db.transaction(run));
}

export async function inside(name: string) {
  await db.transaction(async (tx) => {
    const found = await tx.select().from(tag).where(eq(tag.name, name)).get();
    if (!found) {
      await tx.insert(tag).values({ name });
    }
  });
}

export async function handed(name: string) {
  await transacted(async (tx) => {
    const found = await tx.select().from(tag).where(eq(tag.name, name)).get();
    if (!found) {
      await tx.insert(tag).values({ name });
    }
  });
}

export async function before(name: string) {
  const found = await db.select().from(tag).where(eq(tag.name, name)).get();
  if (!found) {
    await db.insert(tag).values({ name });
  }
  await db.transaction(async (tx) => {
    await tx.delete(tag).where(eq(tag.name, 'a'));
  });
}
"""


def test_a_transaction_that_begins_with_the_lock_of_the_database_keeps_others_away(tmp_path: Path) -> None:
    told = {
        name: [
            found.region.start.line
            for found in findings(tmp_path / name, {"src/tags.ts": text}, "query/get-or-create-race")
        ]
        for name, text in (("lib", LOCKED), ("other", LOCKED.replace("orm/libsql", "orm/better-sqlite3")))
    }
    assert told == {"lib": [34], "other": [17, 26, 34]}


IMAGES = """\
from uuid import uuid4

from django.db import models

class Image(models.Model):
    id = models.CharField(max_length=90, primary_key=True)
    shelf = models.IntegerField()
    name = models.CharField(max_length=40)
    size = models.IntegerField(null=True)

class Place(models.Model):
    name = models.CharField(max_length=40, unique=True)

class Shop(Place):
    label = models.CharField(max_length=40)

def derived(shelf, name):
    full = f"{name}.png"
    if not Image.objects.filter(shelf=shelf, name=full).exists():
        Image.objects.create(id=f"{shelf}_{name}", shelf=shelf, name=full)

def fresh(shelf, name):
    if not Image.objects.filter(shelf=shelf, name=name).exists():
        Image.objects.create(id=f"{shelf}_{name}_{uuid4()}", shelf=shelf, name=name)

def of_more(shelf, name, size):
    if not Image.objects.filter(shelf=shelf, name=name).exists():
        Image.objects.create(id=f"{shelf}_{name}_{size}", shelf=shelf, name=name)

def of_the_parent(name):
    if not Shop.objects.filter(name=name).exists():
        Shop.objects.create(name=name)

def of_its_own(label):
    if not Shop.objects.filter(label=label).exists():
        Shop.objects.create(label=label)
"""


def test_keys_that_are_made_of_what_was_asked_for_and_those_of_a_parent(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": IMAGES}, "query/get-or-create-race")
    assert [(finding.region.start.line, finding.message.partition("at once, ")[2]) for finding in found] == [
        (20, "the second gets a violation of the unique constraint on id, which nothing meets"),
        (24, "both insert, as no unique constraint covers shelf, name"),
        (28, "both insert, as no unique constraint covers shelf, name"),
        (36, "both insert, as no unique constraint covers label"),
    ]


ACCOUNTS = """\
from django.db import models
from shop.guards import require_admin

class Account(models.Model):
    name = models.CharField(max_length=50, unique=True)

class Team(models.Model):
    name = models.CharField(max_length=50)

@require_admin
def invite(request):
    if Account.objects.filter(name=request.POST["name"]).exists():
        raise ValueError("taken")
    Account.objects.create(name=request.POST["name"])

@require_admin
def found_team(request):
    if Team.objects.filter(name=request.POST["name"]).exists():
        raise ValueError("taken")
    Team.objects.create(name=request.POST["name"])

@require_admin
def ensure(request):
    if not Account.objects.filter(name=request.POST["name"]).exists():
        Account.objects.create(name=request.POST["name"])

def join(request):
    if Account.objects.filter(name=request.POST["name"]).exists():
        raise ValueError("taken")
    Account.objects.create(name=request.POST["name"])
"""


def test_a_check_that_raises(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": ACCOUNTS}, "query/get-or-create-race")
    meet = "Meet the violation of the unique constraint where shop_account is inserted into, and "
    assert [(finding.region.start.line, finding.minimal.partition(" (")[0]) for finding in found] == [
        (20, "Add a unique constraint on name of shop_team."),
        (25, f"{meet}read again."),
        (30, f"{meet}raise what is raised where the read finds a row."),
    ]
