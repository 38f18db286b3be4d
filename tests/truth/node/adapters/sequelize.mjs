// Sequelize 6 on PostgreSQL: clients of node-postgres that note what they are given. It writes most values into the text;
// here they are bound again, because only the program's own literals are that of the fixture.

const VALUE = /"[^"]*"|'((?:[^']|'')*)'|\b(\d+)\b/g;

function bound(sql) {
  const values = [];
  const text = sql.replace(VALUE, (whole, string, number) => {
    if (string === undefined && number === undefined) return whole;
    values.push(number === undefined ? string.replaceAll("''", "'") : Number(number));
    return `$${values.length}`;
  });
  return [text, values];
}

export async function library({ note, load, installed, address, rows, number }) {
  const { Sequelize } = installed('sequelize');
  const pg = installed('pg');

  class Noting extends pg.Client {
    query(text, values, callback) {
      if (typeof text === 'string' && !text.includes('pg_type')) {
        note(...(Array.isArray(values) ? [text, values] : bound(text)));
      }
      return super.query(text, values, callback);
    }
  }

  const host = new URLSearchParams(address.split('?')[1]).get('host');
  const sequelize = new Sequelize('postgres', 'postgres', '', {
    dialect: 'postgres', host, dialectModule: { ...pg, Client: Noting }, logging: false,
  });
  load('models.js')._declare(sequelize);
  await sequelize.sync();
  return {
    async each() {
      await sequelize.query('TRUNCATE shelf, jar, tag');
      for (const row of rows) await sequelize.query(row);
      return { given: { sequelize, number } };
    },
    close: () => sequelize.close(),
  };
}
