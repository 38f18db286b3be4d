"""One chain of what may be begun by several receivers."""

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from dblint.facts.query import Column, When
from tests.link.linked import linked, only

UNION = """
    import { drizzle } from 'drizzle-orm/libsql';
    import { inArray } from 'drizzle-orm';
    import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

    export const jar = sqliteTable('jar', { id: integer('id').primaryKey(), label: text('label') });
    export const db = drizzle('file:jars.db', { schema: { jar } });
    export type Client = typeof db;
    export type Transaction = Parameters<Parameters<Client['transaction']>[0]>[0];

    export async function known(args: { tx: Client | Transaction; ids: number[] }) {
      const { tx, ids } = args;
      return await tx.select({ id: jar.id }).from(jar).where(inArray(jar.id, ids));
    }
"""


def test_a_client_or_its_transaction_ask_the_same() -> None:
    (query,) = only(linked({"jars.ts": UNION})).queries
    assert [(element.value, element.when) for element in query.projection.elements] == [
        (Column("id", table="jar"), When.ALWAYS)
    ]
    assert [element.when for element in query.where.elements] == [When.ALWAYS]


PARTS = """
    import { drizzle } from 'drizzle-orm/libsql';
    import { eq, max } from 'drizzle-orm';
    import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

    const jar = sqliteTable('jar', { id: integer('id').primaryKey(), shelf: integer('shelf') });
    const shelf = sqliteTable('shelf', { id: integer('id').primaryKey(), label: text('label') });
    const db = drizzle('file:jars.db');

    export async function newest() {
      const part = db.select({ shelf: jar.shelf, id: max(jar.id).as('id') }).from(jar).groupBy(jar.shelf).as('part');
      return await QUERY;
    }
"""


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("db.select().from(part)", [("", "part", ["jar"])]),
        (
            "db.select({ label: shelf.label }).from(part).innerJoin(shelf, eq(shelf.id, part.shelf))",
            [("", "part", ["jar"]), ("shelf", "", [])],
        ),
        (
            "db.select({ id: part.id, label: shelf.label }).from(part).innerJoin(shelf, eq(shelf.id, part.shelf))",
            [("", "part", ["jar"]), ("shelf", "", [])],
        ),
        (
            "db.select({ id: jar.id }).from(jar).innerJoin(part, eq(part.id, jar.id))",
            [("jar", "", []), ("", "part", ["jar"])],
        ),
    ],
)
def test_a_statement_is_selected_from_by_its_name(query: str, sources: list[tuple[str, str, list[str]]]) -> None:
    project = linked({"jars.ts": PARTS.replace("QUERY", query)})
    (asked,) = next(call for call in project.calls if Effect.QUERY in call.effects).queries
    assert [
        (source.name, source.alias, [each.name for each in source.query.sources.values()] if source.query else [])
        for source in asked.sources.values()
    ] == sources
