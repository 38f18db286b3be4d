"""Numbered files of JavaScript that export `up`: which operations the tool runs, and which tables they leave behind."""

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from dblint.facts.schema import Operation, Step
from tests.link.linked import linked

DATABASE = "module.exports = require('knex')({ client: 'pg' });\n"
FIRST = """
exports.up = async (knex) => {
  await knex.schema
    .createTable('jar', (table) => {
      table.increments();
      table.string('label', 40).notNullable().unique();
      table.integer('weight').unsigned().defaultTo(0).index();
      table.decimal('price', 10, 2);
      table.timestamps(true, true);
    })
    .createTable('store.lid', function (table) {
      table.bigIncrements('id').primary();
      table.integer('jar_id').notNullable().references('id').inTable('jar').onDelete('CASCADE');
      table.foreign(['a', 'b']).references(['x', 'y']).inTable('pan');
      table.specificType('data', 'LONGBLOB');
      table.index(['jar_id', 'data'], 'own_name');
    });
  await knex.raw('CREATE INDEX CONCURRENTLY jar_price ON jar (price)');
  await knex('jar').insert({ label: knex.raw('lower(?)', ['a']) });
  await knex('jar').select('id');
};
exports.down = (knex) => knex.schema.dropTableIfExists('lid').dropTable('jar');
exports.config = { transaction: false };
"""
SECOND = """
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jar', (t) => {
    t.dropColumn('weight');
    t.renameColumn('label', 'name');
    t.string('word').notNullable();
    t.text('name').alter();
    t.dropUnique(['label']);
    t.setNullable('price');
    t.unique(['word', 'price'], { indexName: 'both' });
  });
  return knex.schema.hasTable('pan').then((there) => {
    if (!there) return knex.schema.createTable('pan', (t) => { t.uuid('id').primary(); });
  });
}
"""
OTHER = "exports.up = (queryInterface) => queryInterface.createTable('pot', {});\n"
FILES = {
    "db.js": DATABASE,
    "migrations/20240101_first.js": FIRST,
    "migrations/20240102_second.ts": SECOND,
    "migrations/20240103_other.js": OTHER,
}


def told(operation: Operation) -> str:
    parts = [str(operation.change), ".".join(filter(None, (operation.schema, operation.table)))]
    parts += [f"{each.name}:{each.type}:{each.nullable}" for each in operation.columns]
    if operation.key is not None:
        parts.append(f"{operation.key.kind}({','.join(operation.key.columns)}) {operation.key.name}")
    if operation.index is not None:
        parts.append(f"index({','.join(column.name for column in operation.index.columns)}) {operation.index.name}")
    return " ".join(parts)


def steps(project: Project, path: str) -> list[Step]:
    return [step for migration in project.migrations if migration.path == path for step in migration.steps]


def test_what_scripts_do() -> None:
    project = linked(FILES, dialect="postgres")
    migrations = [each for each in project.migrations if each.runner == "knex"]
    assert [(each.path, each.runner, each.transactional, each.reversible) for each in migrations] == [
        ("migrations/20240101_first.js", "knex", False, True),
        ("migrations/20240102_second.ts", "knex", True, False),
    ]
    assert [(str(step.direction), told(step.operation)) for step in steps(project, "migrations/20240101_first.js")] == [
        (
            "up",
            (
                "create-table jar id:integer:False label:varchar(40):False weight:integer:True price:decimal(10,2):True"
                " created_at:timestamptz:None updated_at:timestamptz:None"
            ),
        ),
        ("up", "create-table store.lid id:bigint:False jar_id:integer:False data:longblob:True"),
        ("up", "create-index jar index(price) jar_price"),
        ("up", "data "),
        ("down", "drop-table lid"),
        ("down", "drop-table jar"),
    ]
    assert [(step.conditional, told(step.operation)) for step in steps(project, "migrations/20240102_second.ts")] == [
        (False, "add-column jar word:varchar(255):False"),
        (False, "alter-type jar name:text:True"),
        (False, "add-key jar unique(word,price) both"),
        (False, "drop-column jar weight::None"),
        (False, "rename-column jar label::None"),
        (False, "drop-key jar unique(label) jar_label_unique"),
        (False, "drop-not-null jar price::True"),
        (True, "create-table pan id:uuid:False"),
    ]


def test_what_scripts_leave_behind() -> None:
    project = linked({path: text for path, text in FILES.items() if "second" not in path}, dialect="postgres")
    lid = project.tables["lid"]
    assert [(key.kind, key.columns, key.target, key.target_columns, key.on_delete) for key in lid.keys] == [
        ("primary", ("id",), "", (), ""),
        ("foreign", ("jar_id",), "jar", ("id",), "cascade"),
        ("foreign", ("a", "b"), "pan", ("x", "y"), ""),
    ]
    jar = project.tables["jar"]
    indexes = [(index.name, [column.name for column in index.columns]) for index in jar.indexes]
    assert indexes == [("jar_weight_index", ["weight"]), ("jar_price", ["price"])]
    assert [(column.name, column.default_by) for column in jar.columns if column.default_by] == [("weight", "database")]
    assert (jar.complete, lid.complete) == (True, True)


MODEL = """
const { Model } = require('objection');
module.exports = class Jar extends Model {
  static get tableName() { return 'jar'; }
  static get jsonSchema() { return { properties: { label: { type: 'string' }, shown: { type: 'string' } } }; }
};
"""


def test_columns_of_a_model_that_does_not_say_them_are_those_of_migrations() -> None:
    files = {"db.js": DATABASE, "migrations/20240101_first.js": FIRST, "jar.js": MODEL}
    jar = linked(files, dialect="postgres").tables["jar"]
    assert (jar.model, jar.complete) == ("Jar", True)
    names = ["id", "label", "weight", "price", "created_at", "updated_at"]
    assert [column.name for column in jar.columns] == names
    alone = linked({"jar.js": MODEL}, dialect="postgres").tables["jar"]
    assert ([column.name for column in alone.columns], alone.complete) == (["id", "label", "shown"], False)


def test_versions_are_in_their_order() -> None:
    names = "2.0.0-beta.11 2.0.0-beta.127 2.0.0-beta.38 2.0.0-rc.2 2.0.0 2.0.0.1 2.0.1 2.10.0 2.2.3".split()
    made = "exports.up = (knex) => knex.schema.dropTable('jar');\n"
    files = {f"migrations/{name}.js": made for name in names}
    found = sorted(linked({"db.js": DATABASE, **files}).migrations, key=lambda each: each.order)
    betas = ["2.0.0-beta.11", "2.0.0-beta.38", "2.0.0-beta.127", "2.0.0-rc.2"]
    assert [each.name for each in found] == [*betas, "2.0.0", "2.0.0.1", "2.0.1", "2.2.3", "2.10.0"]


TOOLS = {
    "object": "new Umzug({ context: db, migrations: { glob: 'migrations/*.js' } });",
    "list": "new Umzug({ migrations: { params: [db.getQueryInterface(), 1, db] } });",
    "spread": "new Umzug({ migrations: { params: [...others, 1, db] } });",
    "other tool": "new Mover({ context: db, migrations: { params: [db.getQueryInterface(), 1, db] } });",
}
RUN = {
    "context": "exports.up = async ({ context, name }) => { await context.query('DELETE FROM jar'); };",
    "whole": "exports.up = async (given) => { await given.context.query('DELETE FROM pan'); };",
    "third": "exports.up = async (interface, word, db) => { await db.query('DELETE FROM lid'); };",
    "other": "exports.other = async (interface, word, db) => { await db.query('DELETE FROM cup'); };",
}


@pytest.mark.parametrize(
    ("tool", "tables"), [("object", {"jar", "pan"}), ("list", {"lid"}), ("spread", set()), ("other tool", set())]
)
def test_what_a_tool_gives_to_the_files_that_it_runs(tool: str, tables: set[str]) -> None:
    made = (
        "const { Umzug } = require('umzug');\nconst { Mover } = require('./mover');\n"
        f"const {{ Sequelize }} = require('sequelize');\nconst db = new Sequelize();\n{TOOLS[tool]}\n"
    )
    files = {f"migrations/{number:04}-a.js": text for number, text in enumerate(RUN.values())}
    project = linked({"tool.js": made, "mover.js": "exports.Mover = class {};", "none.js": RUN["third"], **files})
    assert {query.table for call in project.calls for query in call.asked} == tables
    run = [migration.path for migration in project.migrations]
    assert run == ([] if tool != "list" else sorted(files)[:3])
