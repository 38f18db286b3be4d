"""Which tables a call is told to ask or to change: all that stand in its text, and those of calls without one."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import answer, linked


def told(project: Project) -> list[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]:
    """Of each call that sends something: the member, and verb and tables of each statement."""
    return [
        (call.member, tuple((query.verb.value, query.tables()) for query in call.queries))
        for call in project.calls
        if call.effects and call.queries
    ]


def test_texts() -> None:
    project = linked(
        {
            "app.js": """
                const { Pool } = require('pg');
                const pool = new Pool();

                async function all() {
                  await pool.query('DELETE FROM a; DELETE FROM b WHERE id = 3');
                  await pool.query('SELECT EXISTS(SELECT 1 FROM c WHERE x = 1) AS y, (SELECT count(*) FROM d)');
                  await pool.query('SELECT * FROM e WHERE EXISTS (SELECT 1 FROM f) AND id IN (SELECT id FROM g)');
                  await pool.query('UPDATE h SET n = (SELECT max(n) FROM i)');
                  await pool.query('UNLISTEN a; UNLISTEN b');
                  await pool.query('BEGIN; CREATE TABLE j (n int); CREATE INDEX k ON j (n); COMMIT');
                }
                """
        }
    )
    assert told(project) == [
        ("query", (("delete", ("a",)), ("delete", ("b",)))),
        ("query", (("select", ("c", "d")),)),
        ("query", (("select", ("e", "f", "g")),)),
        ("query", (("update", ("h", "i")),)),
        ("query", (("command", ()), ("command", ()))),
        ("query", (("ddl", ("j",)), ("ddl", ("j",)))),
    ]


def test_changes_of_a_schema() -> None:
    project = linked(
        {
            "kysely.ts": """
                import { Kysely } from 'kysely';

                export async function up(db: Kysely<any>) {
                  await db.schema.createTable('comments').addColumn('id', 'uuid', (c) => c.primaryKey()).execute();
                  await db.schema.alterTable('notes').addColumn('word', 'text').execute();
                  await db.schema.createIndex('by_word').on('notes').column('word').execute();
                  await db.schema.dropTable('old').ifExists().execute();
                }
                """,
            "mongo.ts": """
                import { MongoClient } from 'mongodb';

                export async function up(client: MongoClient) {
                  await client.db().collection('objects').dropIndex('by_word');
                  await client.db().collection('objects').createIndex({ word: 1 });
                }
                """,
            "runner.ts": """
                import { QueryRunner } from 'typeorm';

                export async function up(runner: QueryRunner, name: string) {
                  await runner.dropTable('lid');
                  await runner.dropColumn('jar', 'weight');
                  await runner.dropColumn(name, 'weight');
                }
                """,
        }
    )
    assert told(project) == [
        ("execute", (("ddl", ("comments",)),)),
        ("execute", (("ddl", ("notes",)),)),
        ("execute", (("ddl", ("notes",)),)),
        ("execute", (("ddl", ("old",)),)),
        ("dropIndex", (("ddl", ("objects",)),)),
        ("createIndex", (("ddl", ("objects",)),)),
        ("dropTable", (("ddl", ("lid",)),)),
        ("dropColumn", (("ddl", ("jar",)),)),
    ]


def test_a_builder_that_was_begun_elsewhere() -> None:
    project = linked(
        {
            "client.ts": """
                import { PrismaClient } from '@prisma/client';
                import { Kysely } from 'kysely';
                import kyselyExtension from 'prisma-extension-kysely';

                const make = (driver) => new Kysely<DB>({ dialect: driver });
                export const both = new PrismaClient().$extends(kyselyExtension({ kysely: make }));
                """,
            "app.ts": """
                import { DeleteQueryBuilder, SelectQueryBuilder } from 'kysely';
                import { both } from './client';

                type Jars = SelectQueryBuilder<DB, 'jar', any>;
                type Gone = DeleteQueryBuilder<DB, 'lid', any>;

                export async function all(jars: Jars, any: SelectQueryBuilder<DB, any, any>, gone: Gone) {
                  await both.$kysely.selectFrom('shelf').selectAll().execute();
                  let more: Jars = both.$kysely.selectFrom('jar').select('id');
                  more = more.where('weight', '>', 3);
                  await more.execute();
                  await jars.where('weight', '>', 3).execute();
                  await any.execute();
                  await gone.where('id', '=', 3).execute();
                }
                """,
        }
    )
    assert told(project) == [
        ("execute", (("select", ("shelf",)),)),
        ("execute", (("select", ("jar",)),)),
        ("execute", (("select", ("jar",)),)),
        ("execute", (("select", ()),)),
        ("execute", (("delete", ("lid",)),)),
    ]
    queries = [query for call in project.calls if call.effects for query in call.queries]
    assert [answer(query.limit) for query in queries] == ["no", "no", "cannot say", "cannot say", "cannot say"]


def test_texts_for_other_databases_than_the_only_one() -> None:
    migration = """
        import { MigrationInterface, QueryRunner } from 'typeorm';

        export class More implements MigrationInterface {
          async up(runner: QueryRunner) {
            await runner.query("%s");
          }
        }
        """
    files = {
        "migrations/mariadb/more.ts": migration % "UPDATE `jar` SET `weight` = 1",
        "migrations/postgres/more.ts": migration % "UPDATE jar SET weight = 1",
        "nodes/other.ts": migration % "DELETE FROM `lid`",
        "nodes/plain.ts": migration % "DELETE FROM lid",
    }
    project = linked(files, {"package.json": '{"dependencies": {"pg": "8", "typeorm": "0.3"}}'})
    assert [(call.dialect, *call.queries[0].tables()) for call in project.calls] == [
        ("mysql", "jar"),
        ("postgres", "jar"),
        ("postgres", "lid"),
        ("postgres", "lid"),
    ]


def test_a_builder_that_is_handed_to_what_runs_it() -> None:
    project = linked(
        {
            "pages.ts": """
                import { SelectQueryBuilder } from 'kysely';

                export async function page<D, T extends keyof D, O>(given: SelectQueryBuilder<D, T, O>, options: any) {
                  if (options.after) given = given.where('id', '>', options.after);
                  return given.limit(options.size).execute();
                }
                """,
            "app.ts": """
                import { Kysely } from 'kysely';
                import { page } from './pages';

                export async function jars(db: Kysely<any>, word: string) {
                  return page(db.selectFrom('jar').select('id').where('word', '=', word), { size: 20 });
                }
                """,
        }
    )
    handed = [call for call in project.calls if call.member == "page"]
    assert [(call.effects, call.trigger, call.place.path) for call in handed] == [((), "built", "app.ts")]
    assert [query.tables() for query in handed[0].queries] == [("jar",)]
    assert [answer(query.where) for query in handed[0].queries] == ["yes"]
    assert [answer(query.limit) for query in handed[0].queries] == ["cannot say"]


def test_a_statement_that_was_begun_elsewhere_and_is_not_run_here() -> None:
    project = linked(
        {
            "app.py": """
                from peewee import ModelDelete, ModelInsert, Query

                def narrowed(gone: ModelDelete, made: ModelInsert, any: Query):
                    gone.returning()
                    made.on_conflict_ignore()
                    any.returning()
                    return any.execute()
                """
        }
    )
    built = [(call.member, [str(query.verb) for query in call.queries]) for call in project.calls]
    assert built == [("returning", ["delete"]), ("on_conflict_ignore", ["insert"]), ("execute", [])]
