// libSQL's client on a database in a file: a transaction opens another connection, which in memory would be another
// database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A client, or a transaction of it, that notes what it is given.
function noting(note, own) {
  const said = (statement, values) => {
    if (Array.isArray(statement)) return note(...statement);
    return typeof statement === 'string' ? note(statement, values ?? []) : note(statement.sql, statement.args ?? []);
  };
  return new Proxy(own, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...given) => {
        if (name === 'execute') said(...given);
        if (name === 'executeMultiple') note(given[0]);
        if (name === 'batch' || name === 'migrate') given[0].forEach((each) => said(each));
        const answer = value.apply(target, given);
        return name === 'transaction' ? answer.then((transaction) => noting(note, transaction)) : answer;
      };
    },
  });
}

export function library({ note, installed, schema, rows, number }) {
  const { createClient } = installed('@libsql/client');
  const folder = mkdtempSync(join(tmpdir(), 'libsql-'));
  const own = createClient({ url: `file:${join(folder, 'pantry.db')}` });
  const made = own.batch(schema, 'write');
  return {
    async each() {
      await made;
      await own.batch(['DELETE FROM tag', 'DELETE FROM jar', 'DELETE FROM shelf', ...rows], 'write');
      return { given: { client: noting(note, own), number } };
    },
    close() {
      own.close();
      rmSync(folder, { recursive: true });
    },
  };
}
