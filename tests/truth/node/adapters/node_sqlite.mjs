// Node's own SQLite: methods that note what they are given. A statement says its text itself.

const RUN = ['run', 'get', 'all', 'iterate'];

// What a statement is given: one object of names, with or without the mark before them, or values in order.
export function bound(given) {
  const [first, ...rest] = given;
  const named = typeof first === 'object' && first !== null && !Array.isArray(first) && rest.length === 0;
  if (!named) return given.flat();
  return Object.fromEntries(Object.entries(first).map(([name, value]) => [name.replace(/^[:@$]/, ''), value]));
}

// Makes the methods of a database and of its statements note what they are given. `text`: that of a statement.
export function noting(note, database, statement, text) {
  const { exec } = database;
  database.exec = function (sql) {
    note(sql);
    return exec.call(this, sql);
  };
  for (const name of RUN) {
    const own = statement[name];
    statement[name] = function (...given) {
      note(text(this), bound(given));
      return own.apply(this, given);
    };
  }
}

export function library({ note, installed, schema, rows, number }) {
  const { DatabaseSync, StatementSync } = installed('node:sqlite');
  noting(note, DatabaseSync.prototype, StatementSync.prototype, (statement) => statement.sourceSQL);
  return {
    each() {
      const db = new DatabaseSync(':memory:');
      for (const text of [...schema, ...rows]) db.exec(text);
      return { given: { db, number }, undo: () => db.close() };
    },
  };
}
