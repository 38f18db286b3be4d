"""A promise of a query that nobody waits for.

Not reported: a promise that is thrown away on purpose (`void`), chained (`catch`), kept, handed on or returned; what
only runs once it is awaited, which never runs then (`query/query-never-executed`); a call that tells a function what
came of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="nobody waits for a query",
    why=(
        "The promise is dropped. The code behind it goes on before the statement is done, an answer is sent before the "
        "rows are there, a failure becomes an unhandled rejection, which ends the process, and a connection may be "
        "given back or closed while the statement still runs on it."
    ),
    minimal="Write `await` in front of `{call}`.",
    better="Where {function} cannot wait, return the promise, or collect it with others and await them all.",
    complete=(
        "Where `{call}` really is to run beside everything else, hand it to a queue, or end it with a `catch` that "
        "reports the failure; let a type checker refuse promises that are dropped."
    ),
    symptoms=(
        "unhandledRejection",
        "Client was closed and is not queryable",
        "a row is missing right after its insert",
    ),
    verify="SELECT state, query_start, query FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    looks_at="queries of libraries that give promises",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "typescript",
            """\
import { Column, Entity, PrimaryColumn, QueryRunner, Repository } from 'typeorm';

@Entity()
export class Account {
  @PrimaryColumn() id: number;
  @Column() seen: boolean;
}

export async function seen(accounts: Repository<Account>, id: number) {
  accounts.update({ id }, { seen: true }); // finding
  const account = await accounts.findOneBy({ id });
  account.seen = true;
  accounts.save(account); // finding
}

export async function closed(runner: QueryRunner) {
  runner.query('DELETE FROM account'); // finding
  runner.commitTransaction(); // finding
}
""",
            title="TypeORM",
        ),
        Bad(
            "javascript",
            """\
const { Pool } = require('pg');

const pool = new Pool();

async function seen(id) {
  pool.query('UPDATE account SET seen = true WHERE id = $1', [id]); // finding
}

module.exports = { seen };
""",
            title="pg",
        ),
        Bad(
            "javascript",
            """\
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL);
const Account = sequelize.define('account', { seen: DataTypes.BOOLEAN });

async function seen(id) {
  Account.update({ seen: true }, { where: { id } }); // finding
  const account = await Account.findByPk(id);
  account.save(); // finding
}

module.exports = { seen };
""",
            title="Sequelize",
        ),
        Bad(
            "typescript",
            """\
import { MongoClient } from 'mongodb';

const client = new MongoClient(process.env.MONGO_URL);

export async function seen(id: string) {
  client.db('bank').collection('accounts').updateOne({ id }, { $set: { seen: true } }); // finding
}
""",
            title="MongoDB",
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { Column, Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Account {
  @PrimaryColumn() id: number;
  @Column() seen: boolean;
}

export async function seen(accounts: Repository<Account>, id: number, failed: (reason: unknown) => void) {
  await accounts.update({ id }, { seen: true });
  accounts.update({ id }, { seen: true }).catch(failed);
  void accounts.update({ id }, { seen: false });
  const running = [accounts.count()];
  running.push(accounts.count());
  await Promise.all(running);
  return accounts.findOneBy({ id });
}
""",
            title="TypeORM: awaited, chained, thrown away on purpose, collected, returned",
        ),
        Good(
            "javascript",
            """\
const { Pool } = require('pg');

const pool = new Pool();

function seen(id, done) {
  pool.query('UPDATE account SET seen = true WHERE id = $1', [id], done);
  pool.query('SELECT 1', (error, result) => done(error, result));
}

module.exports = { seen };
""",
            title="pg: a function is told what came of it",
        ),
    ),
)

_SAID = frozenset({Effect.QUERY, Effect.BEGIN, Effect.COMMIT, Effect.ROLLBACK})


def check(call: Call, project: Project) -> Iterator[Finding]:
    """One finding per promise of a query that is dropped."""
    if not call.floats or call.unrun or not _SAID.intersection(call.effects) or call.commands:
        return
    table = next((query.table for query in call.queries if query.table), "")
    function = project.functions.get(call.function)
    name = f"{function.name}()" if function is not None and function.name else "the function around"
    yield Finding(
        call.place,
        f"nobody waits for `{call.source}`{f' on {table}' if table else ''}: what comes behind runs before it is done, "
        "and nobody hears of its failure",
        names={"call": call.source, "function": name},
        idiom=call.idiom,
    )


def places(project: Project) -> Iterator[Place]:
    """The calls that ask a database."""
    for call in project.calls:
        if _SAID.intersection(call.effects) and call.trigger == "call" and not call.commands:
            yield call.place
