// MikroORM on PostgreSQL: its hook `onQuery` is handed each statement with what is bound. (In what it sends, the values stand in
// the text, where they cannot be told from those that the program writes.)

export async function library({ note, load, installed, address, rows, number }) {
  installed('reflect-metadata');
  const { MikroORM } = installed('@mikro-orm/postgresql');
  const { Shelf, Jar, Tag } = load('models.ts');
  // A socket, of which its own reader of addresses knows nothing.
  const [, user, dbName, host] = /^postgresql:..(\w+):@.(\w+)\?host=(.+)$/.exec(address);
  const numbered = (sql) => {
    let last = 0;
    return sql.replaceAll('?', () => `$${(last += 1)}`);
  };
  let open = false;
  const orm = await MikroORM.init({
    user, dbName, host, entities: [Shelf, Jar, Tag], allowGlobalContext: true,
    onQuery(sql, parameters) {
      if (open) note(numbered(sql), [...parameters]);
      return sql;
    },
  });
  await orm.schema.createSchema();
  return {
    async each() {
      open = false;
      await orm.em.execute('TRUNCATE shelf, jar, tag');
      for (const row of rows) await orm.em.execute(row);
      open = true;
      const em = orm.em.fork();
      return { given: { em, number, jars: em.getRepository(Jar) } };
    },
    close: () => orm.close(true),
  };
}
