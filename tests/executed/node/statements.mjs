// Runs shapes in JavaScript with the real libraries and counts statements (see ../javascript.py).
//
// `node statements.mjs PACKAGES COMPILER LIBRARY=FOLDER…`; standard output is
// `{library: {function: [statements with 3 rows, statements with 30 rows]}}`. All libraries share a process, since it is
// dear to start, and each counts at the same place: where a driver is told to run a statement.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';

import { asked, functions, modules } from '../../truth/node/modules.mjs';
import { LIBRARIES } from './libraries.mjs';

const SIZES = [3, 30];
const [packages, compiler, ...named] = process.argv.slice(2);
const ts = createRequire(join(compiler, 'x.js'))('typescript');
const installed = createRequire(join(packages, 'x.js'));

const SCHEMA = `
  CREATE TABLE author (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, mentor_id INTEGER REFERENCES author (id));
  CREATE TABLE book (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES author (id),
    copies INTEGER NOT NULL DEFAULT 0);
`;

// As many authors as asked for, of which each but the first has an earlier one for a mentor, and two books of each.
const rows = (size) => `
  DELETE FROM book;
  DELETE FROM author;
  WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${size})
    INSERT INTO author (id, name, mentor_id) SELECT n, 'author ' || n, nullif(n / 2, 0) FROM number;
  INSERT INTO book (title, author_id, copies) SELECT 'book ' || id || '.1', id, 1 FROM author;
  INSERT INTO book (title, author_id, copies) SELECT 'book ' || id || '.2', id, 2 FROM author;
`;

let counted = 0;
let inside = false;

// A method of a driver that runs a statement; what the driver calls on its way is no further one.
function counting(prototype, name) {
  const own = prototype[name];
  prototype[name] = function (...given) {
    if (inside) return own.apply(this, given);
    counted += 1;
    inside = true;
    try {
      return own.apply(this, given);
    } finally {
      inside = false;
    }
  };
}

function found(...names) {
  for (const name of names) {
    try {
      return installed(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`none of ${names} is installed`);
}

const Database = found('better-sqlite3', 'libsql');
const drivers = [
  [DatabaseSync.prototype, StatementSync.prototype],
  [Database.prototype, Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'))],
];
for (const [database, statement] of drivers) {
  counting(database, 'exec');
  for (const name of ['run', 'get', 'all', 'iterate']) counting(statement, name);
}

async function counts(library, folder) {
  const program = modules({ folder, ts, installed });
  const load = (name) => program.load(join(folder, 'shelf', name));
  const { given, execute, close } = await LIBRARIES[library]({ installed, load, DatabaseSync });
  await execute(SCHEMA);
  const numbers = {};
  // The first time is not counted: a library may ask once how a table looks.
  for (const size of [SIZES[0], ...SIZES]) {
    for (const [name, shape] of functions(program, join(folder, 'shelf', 'shapes.ts'))) {
      await execute(rows(size));
      const values = asked(shape, given);
      counted = 0;
      await shape(...values);
      (numbers[name] ??= []).push(counted);
    }
  }
  await close?.();
  return Object.fromEntries(Object.entries(numbers).map(([name, each]) => [name, each.slice(1)]));
}

console.log = console.error;
const answer = {};
for (const each of named) {
  const [library, folder] = each.split('=');
  try {
    answer[library] = await counts(library, folder);
  } catch (error) {
    throw new Error(`${library} failed`, { cause: error });
  }
}
process.stdout.write(JSON.stringify(answer));
