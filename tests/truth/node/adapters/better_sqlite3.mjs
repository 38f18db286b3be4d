// better-sqlite3, for which stands libsql, which has its interface: the package itself fetches a binary when it is
// installed.
import { bound, noting } from './node_sqlite.mjs';

export function library({ note, installed, schema, rows, number }) {
  const Database = installed('better-sqlite3');
  const texts = new WeakMap();
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    texts.set(statement, sql);
    return statement;
  };
  // What the driver calls on its way is no statement of the fixture.
  let inside = false;
  const outermost = (...given) => {
    if (!inside) note(...given);
  };
  const statement = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'));
  noting(outermost, Database.prototype, statement, (each) => texts.get(each));
  const { all } = statement;
  statement.all = function (...given) {
    outermost(texts.get(this), bound(given));
    inside = true;
    try {
      return all.apply(this, given);
    } finally {
      inside = false;
    }
  };
  return {
    each() {
      const db = new Database(':memory:');
      for (const text of [...schema, ...rows]) db.exec(text);
      return { given: { db, number }, undo: () => db.close() };
    },
  };
}
