// Kysely on PostgreSQL: its log is handed each statement with what is bound.

export async function library({ note, installed, address, schema, rows, number }) {
  const { Kysely, PostgresDialect, CompiledQuery } = installed('kysely');
  const { Pool } = installed('pg');
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: address }) }),
    log: ({ query }) => note(query.sql, query.parameters),
  });
  const sent = async (texts) => {
    for (const text of texts) await db.executeQuery(CompiledQuery.raw(text));
  };
  await sent(schema);
  return {
    async each() {
      await sent(['TRUNCATE shelf, jar, tag', ...rows]);
      return { given: { db, number } };
    },
    close: () => db.destroy(),
  };
}
