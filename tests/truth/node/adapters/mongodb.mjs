// MongoDB's driver on a server of `mongod`: commands as its own monitoring tells them, as JSON.

const COMMANDS = ['find', 'aggregate', 'insert', 'update', 'delete', 'count', 'distinct', 'findAndModify'];
const ASIDE = ['lsid', '$db', '$clusterTime', 'txnNumber', 'autocommit', 'startTransaction', '$readPreference', 'ordered',
  'cursor'];

// A value as JSON holds it; a pattern as MongoDB's extended JSON does.
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof RegExp) return { $regularExpression: { pattern: value.source, options: value.flags } };
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value === null || typeof value !== 'object') return value;
  if (value._bsontype) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

export function listening(client, note) {
  client.on('commandStarted', ({ commandName, command }) => {
    if (!COMMANDS.includes(commandName)) return;
    const said = Object.entries(command).filter(([name]) => !ASIDE.includes(name));
    note(JSON.stringify(plain(Object.fromEntries(said))));
  });
}

export async function library({ note, installed, address, number }) {
  const { MongoClient } = installed('mongodb');
  const client = new MongoClient(address, { monitorCommands: true });
  listening(client, note);
  await client.connect();
  return {
    async each() {
      return { given: { client, db: client.db('pantry'), number } };
    },
    close: () => client.close(),
  };
}
