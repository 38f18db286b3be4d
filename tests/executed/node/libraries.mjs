// The libraries whose shapes are run, each on a database of its own: what their shapes are given by name, `execute` for
// texts of several statements, and `close` where something has to be closed.
//
// Under the name `better-sqlite3` stands the package libsql, which has its interface: that one itself, and sqlite3, fetch
// a binary when they are installed, and npm runs no scripts here. For sqlite3 stands what `standIn` makes of Node's own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function opened(installed) {
  const Database = installed('better-sqlite3');
  return new Database(':memory:');
}

// What Knex opens.
function knexOf(installed) {
  return installed('knex')({
    client: 'better-sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true, pool: { min: 1, max: 1 },
  });
}

// Knex runs one statement at a time.
async function each(texts, run) {
  for (const text of texts.split(';').filter((text) => text.trim())) await run(text);
}

// sqlite3's interface, as far as Sequelize and the shapes use it.
function standIn(DatabaseSync) {
  class Database {
    constructor(file, mode, callback) {
      this.filename = file;
      this.own = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      setImmediate(() => (typeof mode === 'function' ? mode : callback)?.call(this, null));
    }

    answer(sql, values, callback, ask) {
      const [given, then] = typeof values === 'function' ? [[], values] : [values ?? [], callback];
      setImmediate(() => {
        let answer;
        const told = {};
        try {
          answer = ask(this.own.prepare(sql), Array.isArray(given) ? given : [given], told);
        } catch (error) {
          return then?.call(this, error);
        }
        return then?.call(told, null, answer);
      });
      return this;
    }

    run(sql, values, callback) {
      return this.answer(sql, values, callback, (statement, given, told) => {
        const { changes, lastInsertRowid } = statement.run(...given);
        Object.assign(told, { changes, lastID: lastInsertRowid });
      });
    }

    get(sql, values, callback) {
      return this.answer(sql, values, callback, (statement, given) => statement.get(...given));
    }

    all(sql, values, callback) {
      return this.answer(sql, values, callback, (statement, given) => statement.all(...given));
    }

    exec(sql, callback) {
      this.own.exec(sql);
      setImmediate(() => callback?.call(this, null));
      return this;
    }

    serialize(callback) {
      callback?.();
    }

    close(callback) {
      this.own.close();
      setImmediate(() => callback?.call(this, null));
    }
  }
  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, OPEN_FULLMUTEX: 65536 };
}

export const LIBRARIES = {
  better_sqlite3({ installed }) {
    const db = opened(installed);
    return { given: { db }, execute: (texts) => db.exec(texts), close: () => db.close() };
  },

  drizzle({ installed, load }) {
    const client = opened(installed);
    const { drizzle } = installed('drizzle-orm/better-sqlite3');
    const db = drizzle(client, { schema: load('schema.ts') });
    return { given: { db }, execute: (texts) => client.exec(texts), close: () => client.close() };
  },

  knex({ installed }) {
    const knex = knexOf(installed);
    return { given: { knex }, execute: (texts) => each(texts, (text) => knex.raw(text)), close: () => knex.destroy() };
  },

  kysely({ installed }) {
    const { Kysely, SqliteDialect } = installed('kysely');
    const database = opened(installed);
    const db = new Kysely({ dialect: new SqliteDialect({ database }) });
    return { given: { db }, execute: (texts) => database.exec(texts), close: () => db.destroy() };
  },

  node_sqlite({ DatabaseSync }) {
    const db = new DatabaseSync(':memory:');
    return { given: { db }, execute: (texts) => db.exec(texts), close: () => db.close() };
  },

  objection({ installed }) {
    const knex = knexOf(installed);
    installed('objection').Model.knex(knex);
    return { given: { knex }, execute: (texts) => each(texts, (text) => knex.raw(text)), close: () => knex.destroy() };
  },

  async prisma({ installed }) {
    const { PrismaClient } = installed('@prisma/client');
    const { PrismaLibSql } = installed('@prisma/adapter-libsql');
    // Its driver opens another connection behind a transaction, which would be another database in memory.
    const folder = mkdtempSync(join(tmpdir(), 'prisma-'));
    const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${join(folder, 'shelf.db')}` }) });
    return {
      given: { prisma },
      execute: (texts) => each(texts, (text) => prisma.$executeRawUnsafe(text)),
      async close() {
        await prisma.$disconnect();
        rmSync(folder, { recursive: true });
      },
    };
  },

  async sequelize({ installed, load, DatabaseSync }) {
    const { Sequelize } = installed('sequelize');
    const sequelize = new Sequelize({ dialect: 'sqlite', dialectModule: standIn(DatabaseSync), logging: false });
    load('models.ts').declare(sequelize);
    return {
      given: { sequelize },
      execute: (texts) => each(texts, (text) => sequelize.query(text)),
      close: () => sequelize.close(),
    };
  },

  node_sqlite3({ DatabaseSync }) {
    const db = new (standIn(DatabaseSync).Database)(':memory:');
    return { given: { db }, execute: (texts) => db.exec(texts), close: () => db.close() };
  },

  async typeorm({ installed, load }) {
    installed('reflect-metadata');
    const { DataSource } = installed('typeorm');
    const { Author, Book } = load('models.ts');
    const source = new DataSource({
      type: 'better-sqlite3', driver: installed('better-sqlite3'), database: ':memory:', entities: [Author, Book],
    });
    await source.initialize();
    return {
      given: {
        source, manager: source.manager, authors: source.getRepository(Author), books: source.getRepository(Book),
      },
      execute: (texts) => each(texts, (text) => source.query(text)),
      close: () => source.destroy(),
    };
  },
};
