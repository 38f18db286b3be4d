"""What JavaScript keeps on globals, on objects by their own methods, and in folders that a package loads."""

from __future__ import annotations

from tests.link.linked import asked, linked

STORE = """
const Knex = require('knex');
const load = require('auto-load');
const path = require('path');
module.exports = {
  knex: null,
  init() {
    this.knex = Knex({ client: 'pg' });
    const models = load(path.join(APP.ROOT, 'models'));
    return { ...this, ...models };
  },
};
"""
FILES = {
    "main.js": "let APP = { store: require('./store') };\nglobal.APP = APP;\nAPP.db = APP.store.init();\n",
    "store.js": STORE,
    "models/jars.js": (
        "const { Model } = require('objection');\n"
        "module.exports = class Jar extends Model { static get tableName() { return 'jar'; } };\n"
    ),
    "use.js": (
        "async function ask() {\n  await APP.db.jars.query();\n  await APP.db.knex('lid').where('a', 1);\n"
        "  await APP.db.pots.query();\n}\n"
    ),
    "own.js": "async function ask(APP) {\n  await APP.db.jars.query();\n}\n",
}


def test_globals_hold_what_is_put_on_them() -> None:
    assert asked(linked(FILES)) == [
        ("await", "objection:Builder", "select", "jar"),
        ("await", "knex:Builder", "select", "lid"),
    ]


def test_a_folder_of_a_name_that_several_have_is_not_known() -> None:
    twice = {**FILES, "other/models/pans.js": "module.exports = 1;\n"}
    assert asked(linked(twice)) == [("await", "knex:Builder", "select", "lid")]


def test_what_an_object_puts_on_itself() -> None:
    program = (
        "const Knex = require('knex');\nconst store = {\n  open() { this.db = Knex({ client: 'pg' }); },\n"
        "  async all() { return this.db('jar'); },\n};\nasync function ask() { await store.db('lid'); }\n"
    )
    assert sorted(asked(linked({"a.js": program}))) == [
        ("await", "knex:Builder", "select", "jar"),
        ("await", "knex:Builder", "select", "lid"),
    ]


def test_one_of_several_settings_is_each_of_them() -> None:
    files = {
        "knexfile.js": (
            "module.exports = {\n  development: { client: 'sqlite3', connection: { filename: 'a.db' } },\n"
            "  production: { client: 'pg', connection: { host: 'db.shop.io', password: 'gr33n-Kettle' } },\n};\n"
        ),
        "db.js": (
            "const Knex = require('knex');\nconst config = require('./knexfile');\n"
            "module.exports = Knex(config[process.env.NODE_ENV]);\n"
        ),
    }
    (connection,) = linked(files).connections
    assert [(given.name, given.text) for given in connection.passwords] == [("password", "gr33n-Kettle")]
