// Knex on PostgreSQL: its event of each statement, with what is bound.

export async function connected({ note, installed, address, schema, rows }) {
  const knex = installed('knex')({ client: 'pg', connection: { connectionString: address }, pool: { min: 0, max: 4 } });
  for (const statement of schema) await knex.raw(statement);
  knex.on('query', ({ sql, bindings }) => note(sql, bindings ?? []));
  return {
    knex,
    async filled() {
      await knex.raw('TRUNCATE shelf, jar, tag');
      for (const row of rows) await knex.raw(row);
    },
  };
}

export async function library(given) {
  const { knex, filled } = await connected(given);
  return {
    async each() {
      await filled();
      return { given: { knex, number: given.number } };
    },
    close: () => knex.destroy(),
  };
}
