// TypeORM on PostgreSQL: its logger is handed each statement with what is bound. (On SQLite it writes numbers into the
// text, where they cannot be told from those that the program writes.)

export async function library({ note, load, installed, address, rows, number }) {
  installed('reflect-metadata');
  const { DataSource } = installed('typeorm');
  const { Shelf, Jar, Tag } = load('models.ts');
  const quiet = () => undefined;
  const logger = {
    logQuery: (sql, parameters) => note(sql, parameters),
    logQueryError: quiet, logQuerySlow: quiet, logSchemaBuild: quiet, logMigration: quiet, log: quiet,
  };
  const source = new DataSource({
    type: 'postgres', url: address, entities: [Shelf, Jar, Tag], synchronize: true, logging: true, logger,
  });
  await source.initialize();
  const given = {
    source, number, manager: source.manager,
    shelves: source.getRepository(Shelf), jars: source.getRepository(Jar), tags: source.getRepository(Tag),
  };
  return {
    async each() {
      await source.query('TRUNCATE shelf, jar, tag');
      for (const row of rows) await source.query(row);
      return { given };
    },
    close: () => source.destroy(),
  };
}
