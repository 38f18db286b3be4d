"""One chain of what may be begun by several receivers."""

from __future__ import annotations

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
