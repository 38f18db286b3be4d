import { AsyncResource } from 'node:async_hooks';

// node-postgres on a server that the test starts: clients that note what they are given.

export async function library({ note, installed, address, schema, rows, number }) {
  const { Client, Pool } = installed('pg');

  class Noting extends Client {
    query(config, values, callback) {
      const given = typeof config === 'string' ? { text: config, values: Array.isArray(values) ? values : [] } : config;
      // What is handed in to be submitted says it itself: pg's own Query holds its text, a cursor its own.
      note(given.text ?? given.cursor?.text, given.values ?? given.cursor?.values ?? []);
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
  return {
    async each() {
      await admin.query('TRUNCATE shelf, jar, tag');
      for (const row of rows) await admin.query(row);
      const pool = new Waiting({ connectionString: address, Client: Noting, max: 2 });
      const client = await pool.connect();
      return {
        given: { pool, client, number },
        async undo() {
          client.release();
          await pool.end();
        },
      };
    },
    close: () => admin.end(),
  };
}
