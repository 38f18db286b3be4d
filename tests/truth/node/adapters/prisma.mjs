// Prisma 7 on node-postgres: clients of that which note what they are given. Its own client is generated before.
import { AsyncResource } from 'node:async_hooks';

// What Prisma writes around a statement and means nothing by: conditions that always hold, an offset of no rows, an inner
// statement of which an aggregate is taken. It binds limits as texts.
function plainly(sql, values) {
  const numbers = [...values];
  const text = sql
    .replace(/ OFFSET \$(\d+)/g, (whole, position) => (numbers[position - 1] === '0' ? '' : whole))
    .replace(/ AND \("j\d+"\."[^"]+" IS NOT NULL\)/g, '').replace(/ AND 1=1\b/g, '').replace(/ WHERE 1=1\b/g, '')
    .replace(/^(SELECT [^()]*\([^()]*\) AS "[^"]*" FROM )\(SELECT .*? FROM (.*)\) AS "sub"$/, '$1$2');
  for (const [, position] of text.matchAll(/ (?:LIMIT|OFFSET) \$(\d+)/g)) {
    numbers[position - 1] = Number(numbers[position - 1]);
  }
  return [text, numbers];
}

export async function library({ note, installed, address, schema, rows, number }) {
  const { Client, Pool } = installed('pg');
  const { PrismaClient } = installed('@prisma/client');
  const { PrismaPg } = installed('@prisma/adapter-pg');

  class Noting extends Client {
    query(config, values, callback) {
      const given = typeof config === 'string' ? { text: config } : config;
      note(...plainly(given.text, given.values ?? (Array.isArray(values) ? values : [])));
      return super.query(config, values, callback);
    }
  }

  // Who waits for a client is called by whoever gives one back, and has to be where it began to wait.
  class Waiting extends Pool {
    connect(callback) {
      return super.connect(callback && AsyncResource.bind(callback));
    }
  }

  const admin = new Client(address);
  await admin.connect();
  for (const statement of schema) await admin.query(statement);
  const pool = new Waiting({ connectionString: address, Client: Noting, max: 2 });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    async each() {
      await admin.query('TRUNCATE shelf, jar, tag');
      for (const row of rows) await admin.query(row);
      return { given: { prisma, number } };
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
      await admin.end();
    },
  };
}
