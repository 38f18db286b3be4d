"""Migrations of Kysely: chains that build tables and indexes call by call."""

from __future__ import annotations

from tests.link.linked import linked
from tests.link.test_script_migrations import told

FIRST = """
import { Kysely, sql } from 'kysely';

export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('jar')
    .ifNotExists()
    .addColumn('id', 'uuid', (col) => col.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('label', 'varchar(40)', (col) => col.notNull().unique())
    .addColumn('weight', 'integer')
    .addColumn('shelf_id', 'uuid', (col) => col.references('shelf.id').onDelete('cascade').notNull())
    .addUniqueConstraint('jar_both', ['label', 'weight'])
    .addForeignKeyConstraint('jar_pan', ['weight'], 'pan', ['id'], (key) => key.onDelete('set null'))
    .execute();
  await db.schema.createIndex('jar_weight').on('jar').columns(['weight', 'label']).unique().execute();
  await sql`CREATE INDEX jar_label ON jar (label)`.execute(db);
}

export async function down(db: Kysely<any>): Promise<void> {
  await db.schema.dropTable('jar').ifExists().execute();
}
"""
SECOND = """
import { type Kysely } from 'kysely';

export async function up(db: Kysely<any>): Promise<void> {
  await db.schema.alterTable('jar').addColumn('word', 'text', (col) => col.notNull()).dropColumn('weight').execute();
  await db.schema.alterTable('jar').alterColumn('label', (col) => col.setDataType('text')).execute();
  await db.schema.alterTable('jar').alterColumn('word', (col) => col.dropNotNull()).execute();
  await db.schema.alterTable('jar').renameColumn('label', 'name').execute();
  await db.schema.alterTable('jar').renameTo('pot').execute();
  await db.schema.dropIndex('jar_weight').execute();
  await db.updateTable('jar').set({ word: 'a' }).execute();
}
"""


def test_chains_say_what_changes() -> None:
    project = linked({"migrations/2024_01_first.ts": FIRST, "migrations/2024_02_second.ts": SECOND})
    assert [
        [(str(step.direction), told(step.operation)) for step in migration.steps] for migration in project.migrations
    ] == [
        [
            (
                "up",
                "create-table jar id:uuid:False label:varchar(40):False weight:integer:True shelf_id:uuid:False",
            ),
            ("up", "create-index jar index(weight,label) jar_weight"),
            ("up", "create-index jar index(label) jar_label"),
            ("down", "drop-table jar"),
        ],
        [
            ("up", "add-column jar word:text:False"),
            ("up", "drop-column jar weight::None"),
            ("up", "alter-type jar label:text:None"),
            ("up", "drop-not-null jar word::True"),
            ("up", "rename-column jar label::None"),
            ("up", "rename-table jar"),
            ("up", "drop-index  index() jar_weight"),
            ("up", "data "),
        ],
    ]
    first = project.migrations[0].steps
    table, index = first[0].operation.definition, first[1].operation.index
    assert table is not None
    assert [(key.kind, key.columns, key.name, key.target, key.on_delete) for key in table.keys] == [
        ("primary", ("id",), "", "", ""),
        ("unique", ("label",), "jar_label_key", "", ""),
        ("foreign", ("shelf_id",), "", "shelf", "cascade"),
        ("unique", ("label", "weight"), "jar_both", "", ""),
        ("foreign", ("weight",), "jar_pan", "pan", "set null"),
    ]
    assert index is not None
    assert index.unique
    assert first[0].operation.if_not_exists
    assert first[3].operation.if_exists
