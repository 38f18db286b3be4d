"""Drizzle's tables in the catalogue: columns, keys, indexes and relations, by `relations` and `defineRelations`."""

from __future__ import annotations

from dblint.facts.schema import Table
from tests.link.linked import linked

SCHEMA = """
import { relations, sql } from 'drizzle-orm';
import {
  foreignKey, index, integer, numeric, pgEnum, pgSchema, pgTable, primaryKey, serial, text, timestamp, uniqueIndex,
  varchar,
} from 'drizzle-orm/pg-core';

export const mood = pgEnum('mood', ['calm', 'loud']);
const stamps = { madeAt: timestamp('made_at', { withTimezone: true }).defaultNow().notNull() };
export const shop = pgSchema('shop');
export const shelves = shop.table('shelf', {
  id: serial('id').primaryKey(),
  name: varchar('name', { length: 80 }).notNull().unique(),
  price: numeric('price', { precision: 9, scale: 2 }),
  ...stamps,
});
export const jars = pgTable('jar', {
  id: text().$defaultFn(() => make()).primaryKey(),
  mood: mood('mood').default('calm'),
  shelfId: integer('shelf_id').references(() => shelves.id, { onDelete: 'cascade' }),
  weight: integer(),
}, (t) => [
  index('heavy').on(t.weight.desc(), t.mood).where(sql`${t.shelfId} IS NULL`),
  uniqueIndex().on(t.weight),
]);
export const tags = pgTable('tag', { jar: text('jar_id'), word: text('word') }, (t) => ({
  key: primaryKey({ columns: [t.jar, t.word] }),
  leads: foreignKey({ columns: [t.jar], foreignColumns: [jars.id], name: 'to_jar' }).onDelete('set null'),
}));
export const shelfRelations = relations(shelves, ({ many }) => ({ jars: many(jars) }));
export const jarRelations = relations(jars, ({ one }) => ({
  shelf: one(shelves, { fields: [jars.shelfId], references: [shelves.id] }),
}));
"""
LATER = """
import { defineRelations } from 'drizzle-orm';
import * as schema from './schema';
export const all = defineRelations(schema, (r) => ({
  jars: { tags: r.many.tags({ from: r.jars.id, to: r.tags.jar }) },
}));
"""


def columns(table: Table) -> list[str]:
    told = []
    for one in table.columns:
        words = (one.name, one.type, one.nullable, one.default or one.default_by, one.attribute, "|".join(one.enum))
        told.append(" ".join(map(str, words)).rstrip())
    return told


def test_tables() -> None:
    project = linked({"schema.ts": SCHEMA, "later.ts": LATER})
    shelf, jar, tag = (project.tables[name] for name in ("shelf", "jar", "tag"))
    assert columns(shelf) == [
        "id serial False database id",
        "name varchar(80) False  name",
        "price numeric(9,2) True  price",
        "made_at timestamptz False database madeAt",
    ]
    assert columns(jar) == [
        "id text False client id",
        "mood mood True 'calm' mood calm|loud",
        "shelf_id integer True  shelfId",
        "weight integer True  weight",
    ]
    assert (shelf.schema, jar.database, jar.model) == ("shop", "postgres", "jars")
    assert [(key.kind, key.columns, key.name, key.target, key.on_delete) for key in (*shelf.keys, *jar.keys)] == [
        ("primary", ("id",), "", "", ""),
        ("unique", ("name",), "shelf_name_unique", "", ""),
        ("primary", ("id",), "", "", ""),
        ("foreign", ("shelf_id",), "", "shelf", "cascade"),
    ]
    assert [(key.kind, key.columns, key.name, key.target, key.on_delete) for key in tag.keys] == [
        ("primary", ("jar_id", "word"), "", "", ""),
        ("foreign", ("jar_id",), "to_jar", "jar", "set null"),
    ]
    assert [
        (index.name, [(one.name, one.descending) for one in index.columns], index.unique, index.predicate)
        for index in jar.indexes
    ] == [
        ("heavy", [("weight", True), ("mood", False)], False, "shelf_id IS NULL"),
        ("jar_weight_index", [("weight", False)], True, ""),
    ]
    assert [
        (one.name, one.target, one.kind, one.columns, one.target_columns) for one in (*shelf.relations, *jar.relations)
    ] == [
        ("jars", "jar", "to-many", (), ("shelf_id",)),
        ("shelf", "shelf", "to-one", ("shelf_id",), ("id",)),
        ("tags", "tag", "to-many", (), ("jar_id",)),
    ]


def test_names_in_the_words_of_casing() -> None:
    made = "import { drizzle } from 'drizzle-orm/libsql';\nexport const db = drizzle({ casing: 'snake_case' });\n"
    declared = (
        "import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';\n"
        "export const jars = sqliteTable('jar', { shelfId: integer().notNull() });\n"
    )
    jar = linked({"a.ts": made, "b.ts": declared}).tables["jar"]
    assert columns(jar) == ["shelf_id integer False  shelfId"]
