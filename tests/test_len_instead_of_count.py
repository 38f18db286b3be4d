"""Rows of keys that the program holds itself are no more than it holds (`query/len-instead-of-count`)."""

from __future__ import annotations

from pathlib import Path

from dblint.run import Request, run

RULE = "query/len-instead-of-count"
SCHEMA = """\
import { integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';

export const stock = pgTable('stock', {
  shopId: integer('shop_id').notNull(),
  jarId: integer('jar_id').notNull(),
  state: text('state'),
}, (table) => [primaryKey({ columns: [table.shopId, table.jarId] })]);
"""
WORK = """\
import { and, eq, gt, inArray, isNull, or } from 'drizzle-orm';
import { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { stock } from './schema';

"""
FUNCTION = """\
export async function work{at}(db: NodePgDatabase, shop: number, jars: number[]) {{
  const rows = await db.select({{ jarId: stock.{read} }}).from(stock).where({condition});
  return rows.length;
}}
"""
CASES = (
    ("jarId", "and(eq(stock.shopId, shop), inArray(stock.jarId, jars))", False),
    ("jarId", "and(eq(stock.shopId, shop), eq(stock.state, 'a'), inArray(stock.jarId, jars))", False),
    ("shopId", "and(eq(stock.jarId, shop), inArray(stock.shopId, jars))", False),
    ("state", "and(eq(stock.shopId, shop), inArray(stock.jarId, jars))", True),
    ("jarId", "inArray(stock.jarId, jars)", True),
    ("jarId", "and(eq(stock.state, 'a'), inArray(stock.jarId, jars))", True),
    ("jarId", "and(gt(stock.shopId, shop), inArray(stock.jarId, jars))", True),
    ("jarId", "and(inArray(stock.shopId, jars), inArray(stock.jarId, jars))", True),
    ("jarId", "or(eq(stock.shopId, shop), inArray(stock.jarId, jars))", True),
    ("jarId", "shop ? and(eq(stock.shopId, shop), inArray(stock.jarId, jars)) : inArray(stock.jarId, jars)", True),
    ("jarId", "eq(stock.shopId, shop)", True),
)


def test_keys_of_several_columns(tmp_path: Path) -> None:
    (tmp_path / "schema.ts").write_text(SCHEMA)
    functions = [FUNCTION.format(at=at, read=read, condition=where) for at, (read, where, _) in enumerate(CASES)]
    (tmp_path / "work.ts").write_text(WORK + "".join(functions))
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": (RULE,)})
    first = WORK.count("\n") + 2
    lines = [(found.region.start.line - first) / 4 for found in run(request).report.findings]
    assert lines == [at for at, (_, _, spoken) in enumerate(CASES) if spoken]
