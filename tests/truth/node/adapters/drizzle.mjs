// Drizzle on node-postgres: its logger is handed each statement with what is bound.

export async function library({ note, load, installed, address, schema, rows, number }) {
  const { drizzle } = installed('drizzle-orm/node-postgres');
  const { Pool } = installed('pg');
  const pool = new Pool({ connectionString: address });
  const db = drizzle(pool, { schema: load('schema.ts'), logger: { logQuery: (sql, values) => note(sql, values) } });
  for (const statement of schema) await pool.query(statement);
  return {
    async each() {
      await pool.query('TRUNCATE shelf, jar, tag');
      for (const row of rows) await pool.query(row);
      return { given: { db, number } };
    },
    close: () => pool.end(),
  };
}
