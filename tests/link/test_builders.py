"""Statements that chains of calls build in JavaScript: what their steps make, and functions that build parts."""

from __future__ import annotations

from dblint.facts.program import Effect
from dblint.facts.project import Project
from dblint.sql.render import render
from tests.link.linked import linked

HEAD = "const knex = require('knex')({ client: 'pg' });\nasync function ask(id, ids, word, heavy, change) {\n"

STATEMENTS = {
    "knex('jar').where('a', 1).orWhere({ b: 2, c: null })": "SELECT * FROM jar WHERE (a = 1 OR (b = 2 AND c IS NULL))",
    "knex('jar').whereNot('a', '>', 3).whereNotIn('b', ids)": "SELECT * FROM jar WHERE NOT (a > 3) AND b NOT IN (?)",
    "knex('jar').whereBetween('w', [1, 5]).whereNotNull('a')": (
        "SELECT * FROM jar WHERE w BETWEEN 1 AND 5 AND a IS NOT NULL"
    ),
    "knex('jar').where(function () { this.where('a', 1).orWhere((q) => q.where('b', 2).whereNull('c')); })": (
        "SELECT * FROM jar WHERE (a = 1 OR (b = 2 AND c IS NULL))"
    ),
    "knex('jar').where((q) => { if (heavy) q.where('w', '>', 5); }).limit(1)": (
        "SELECT * FROM jar WHERE /* sometimes */ w > 5 LIMIT 1"
    ),
    "knex('jar').where((q) => { change(q); })": "SELECT * FROM jar WHERE /* … */",
    "knex('jar').whereIn('id', function () { this.select('jar_id').from('lid'); })": (
        "SELECT * FROM jar WHERE id IN (SELECT jar_id FROM lid)"
    ),
    "knex('jar').whereIn('id', knex('lid').select('jar_id').where('w', 1))": (
        "SELECT * FROM jar WHERE id IN (SELECT jar_id FROM lid WHERE w = 1)"
    ),
    "knex('s.jar as j').join('lid as l', 'l.jar', '=', 'j.id').leftJoin('pan', 'pan.id', 'j.pan').select('j.*')": (
        "SELECT j.* FROM s.jar AS j JOIN lid AS l ON l.jar = j.id LEFT JOIN pan ON pan.id = j.pan"
    ),
    "knex({ j: 'jar' }).sum('weight as total').groupBy('label').having('total', '>', 3)": (
        "SELECT sum(weight) FROM jar AS j GROUP BY label HAVING total > 3"
    ),
    "knex('jar').select('id', ['a', 'b as c']).orderBy(['label', { column: 'a', order: 'desc' }]).offset(2)": (
        "SELECT id, a, b FROM jar ORDER BY label, a DESC OFFSET 2"
    ),
    "knex('jar').whereColumn('a', '<', 'b').whereRaw('c = ?', [id])": "SELECT * FROM jar WHERE a < b AND c = ?",
    "knex('jar').where({ id }).update({ weight: 1, label: word })": "UPDATE jar SET weight = 1, label = ? WHERE id = ?",
    "knex('jar').where('a', id).union([knex('lid').where('b', 1)])": (
        "SELECT * FROM jar WHERE a = ? UNION SELECT * FROM lid WHERE b = 1"
    ),
    "knex('jar').where(word, id)": "SELECT * FROM jar WHERE /* … */ = ?",
    "knex('jar').where('x', 'in', ids).clearWhere().where('y', 2)": "SELECT * FROM jar WHERE y = 2",
    "knex('jar').modify((q) => { q.where('a', 1).orderBy('a'); })": "SELECT * FROM jar WHERE a = 1 ORDER BY a",
    "knex.with('some', knex('jar').where('a', 1)).from('some').distinct('b')": 'SELECT DISTINCT b FROM "some"',
    "knex('jar').first('id')": "SELECT id FROM jar LIMIT 1",
    "knex('jar').count()": "SELECT count(*) FROM jar",
}


def ran(project: Project) -> list[str]:
    """The statements that are run, in the order of their places."""
    return [render(query) for call in project.calls if Effect.QUERY in call.effects for query in call.queries]


def test_steps_make_the_statement() -> None:
    body = "".join(f"  await {statement};\n" for statement in STATEMENTS)
    assert ran(linked({"a.js": f"{HEAD}{body}}}\n"}, dialect="postgres")) == list(STATEMENTS.values())


WAITING = """
  const later = knex('a').where('x', 1);
  later.orderBy('x');
  const one = [];
  for (const each of ids) { one.push(knex('b').where('y', each)); }
  await Promise.all([...one, knex('c').del()]);
  await Promise.allSettled(ids.map((each) => knex('d').where('z', each)));
  knex('e').then((rows) => knex('f').insert(rows)).catch(() => null);
  return word ? knex('g') : later;
}
"""


def test_what_waits_for_a_statement_runs_it() -> None:
    assert ran(linked({"a.js": f"{HEAD}{WAITING}"}, dialect="postgres")) == [
        "SELECT * FROM b WHERE y = ?",
        "DELETE FROM c",
        "SELECT * FROM d WHERE z = ?",
        "SELECT * FROM e",
        "INSERT INTO f (/* … */) VALUES (…), …",
        "SELECT * FROM g",
        "SELECT * FROM a WHERE x = 1 ORDER BY x",
    ]


HANDED = """
const { Model } = require('objection');
class Jar extends Model {
  static get tableName() { return 'jar'; }
  static get relationMappings() {
    return { lids: { relation: Model.HasManyRelation, modelClass: Lid, join: { from: 'jar.id', to: 'lid.jar' } } };
  }
}
class Lid extends Model { static tableName = 'lid'; }
async function ask(id) {
  const jar = await Jar.query().findById(id).withGraphFetched('lids');
  await jar.$query().patch({ weight: 1 });
  await Jar.relatedQuery('lids').for(id).where('word', 'a');
  await Jar.query().where((q) => q.where('a', 1).orWhere('b', 2)).page(0, 20);
}
"""


def test_statements_of_models() -> None:
    assert ran(linked({"a.js": HANDED}, dialect="postgres")) == [
        "SELECT * FROM jar WHERE id = ? /* with lids */",
        "UPDATE jar SET weight = 1 WHERE id = ?",
        "SELECT * FROM lid WHERE word = 'a' AND /* … */",
        "SELECT * FROM jar WHERE (a = 1 OR b = 2) LIMIT 20 OFFSET 0",
    ]


PARTS = """
import { Kysely } from 'kysely';
import knex from 'knex';
const store = knex({ client: 'pg' });
export async function ask(db: Kysely<any>, id: number) {
  await db.withRecursive('up', (qb) => qb.selectFrom('jar').select(['id', 'parent']).where('id', '=', id)
    .unionAll((eb) => eb.selectFrom('jar').innerJoin('up', 'up.parent', 'jar.id').select(['jar.id', 'jar.parent'])))
    .selectFrom('up').innerJoin('lid', 'lid.jar', 'up.id').select('lid.id').execute();
  await db.with('jar', (qb) => qb.selectFrom('jar').select('id').where('id', '=', id))
    .with('few', (qb) => qb.selectFrom('jar').select('id')).selectFrom('few').select('id').execute();
  await store.withRecursive('up', (qb) => { qb.select('id').from('pan').union((q) => { q.select('id').from('up'); }); })
    .select('id').from('up');
  await store.raw('SELECT k, l.id FROM unnest(?::int[]) k JOIN lid l ON l.id = k', [id]);
}
"""


def test_parts_of_a_statement_and_functions_are_no_tables() -> None:
    """A part may name those before it, and itself only where it is recursive: `jar` in the part `jar` is the table."""
    project = linked({"a.ts": PARTS}, dialect="postgres")
    asked = [query for call in project.calls if Effect.QUERY in call.effects for query in call.queries]
    assert [(query.stored, query.tables()) for query in asked] == [
        ("lid", ("lid", "jar")),
        ("jar", ("jar",)),
        ("pan", ("pan",)),
        ("lid", ("lid",)),
    ]
