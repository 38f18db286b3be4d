// Postgres.js: it is told to say what it sends.

export async function library({ note, installed, address, schema, rows, number }) {
  const postgres = installed('postgres');
  const host = new URLSearchParams(address.split('?')[1]).get('host');
  const options = { host, database: 'postgres', user: 'postgres', onnotice: () => undefined };
  const admin = postgres({ ...options, max: 1 });
  for (const statement of schema) await admin.unsafe(statement);
  const debug = (_, text, values) => {
    if (!text.includes('pg_catalog.pg_type')) note(text, values ?? []);
  };
  const sql = postgres({ ...options, max: 4, debug });
  return {
    async each() {
      await admin.unsafe('TRUNCATE shelf, jar, tag');
      for (const row of rows) await admin.unsafe(row);
      return { given: { sql, number } };
    },
    async close() {
      await sql.end();
      await admin.end();
    },
  };
}
