"""A query inside of a transaction's callback that is asked of the client around it.

Not reported: callbacks that a library's table does not describe; reads in functions that the callback calls without
its handle; clients that are found by a function of the project, which may know of the transaction; another client than
the one that began it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Bypassed, Call, FileRole, Invocation
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule

_SCHEMA = {
    "schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        "model Account {\n  id Int @id\n  balance Int\n}\n"
    )
}

RULE = Rule(
    summary="a query inside of a transaction runs outside of it",
    why=(
        "Only what goes through the handle that a transaction gives to its function runs in that transaction. A query "
        "of the client around it takes another connection: it stays when the transaction is rolled back, does not see "
        "what that has written, waits for its locks, and where the pool has no connection left, both wait for ever."
    ),
    minimal="Ask {handle} in the place of {asked}.",
    better="Give functions that {handle} is handed to no other client, so that there is none to be taken by mistake.",
    complete=(
        "Let a repository take its client as a parameter, {handle} here, and test that a failure behind `{call}` "
        "leaves nothing behind."
    ),
    symptoms=(
        "rows stay although the transaction was rolled back",
        "Timed out fetching a new connection from the connection pool",
        "Transaction API error: Transaction already closed",
    ),
    verify=(
        "SELECT pid, state, wait_event_type, query FROM pg_stat_activity WHERE state = 'idle in transaction' OR "
        "wait_event_type = 'Lock'"
    ),
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    checklist=("S.2",),
    looks_at="queries inside of transactions' callbacks",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT, FileRole.SEED}),
    bad=(
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function move(from: number, to: number, amount: number) {
  await prisma.$transaction(async (tx) => {
    await tx.account.update({ where: { id: from }, data: { balance: { decrement: amount } } });
    await noted(from); // finding
    await prisma.account.update({ where: { id: to }, data: { balance: { increment: amount } } }); // finding
    await prisma.$executeRaw`UPDATE account SET balance = 0 WHERE id = ${from}`; // finding
  });
}

async function noted(id: number) {
  await prisma.account.updateMany({ where: { id }, data: { balance: 0 } });
}

export class Accounts {
  constructor(private readonly prisma: PrismaClient) {}

  async close(ids: number[]) {
    return this.prisma.$transaction(async (tx) => {
      await Promise.all(ids.map((id) => this.prisma.account.delete({ where: { id } }))); // finding
      return tx.account.count();
    });
  }
}
""",
            title="Prisma",
            files=_SCHEMA,
        ),
        Bad(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Account {
  @PrimaryColumn() id: number;
  @Column() balance: number;
}

export class Accounts {
  constructor(private dataSource: DataSource, private accounts: Repository<Account>) {}

  async close(id: number) {
    await this.dataSource.transaction(async (manager) => {
      const account = await this.accounts.findOneBy({ id }); // finding
      await manager.remove(account);
      await this.dataSource.query('DELETE FROM note WHERE account = $1', [id]); // finding
    });
  }
}
""",
            title="TypeORM",
        ),
        Bad(
            "javascript",
            """\
const knex = require('knex')({ client: 'pg' });

async function close(id) {
  await knex.transaction(async (trx) => {
    await trx('account').where({ id }).del();
    await knex('note').where({ account: id }).del(); // finding
  });
}

module.exports = { close };
""",
            title="Knex",
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { Prisma, PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
const reports = new PrismaClient({ datasourceUrl: process.env.REPORTS });

export async function move(from: number, to: number, amount: number) {
  const before = await prisma.account.count();
  await prisma.$transaction(async (tx) => {
    const accounts = tx.account;
    await noted(tx, from);
    await accounts.update({ where: { id: from }, data: { balance: { decrement: amount } } });
    await tx.account.update({ where: { id: to }, data: { balance: { increment: amount } } });
    await reports.account.count();
  });
  return before - (await prisma.account.count());
}

export async function counted(context: { client?: unknown }, id: number) {
  await prisma.$transaction(async (tx) => {
    context.client = tx;
    await found(context, id);
  });
}

async function found(context: { client?: any }, id: number) {
  await (context.client ?? prisma).account.updateMany({ where: { id }, data: { balance: 0 } });
}

async function noted(client: Prisma.TransactionClient, id: number) {
  await client.account.updateMany({ where: { id }, data: { balance: 0 } });
}
""",
            title="Prisma: the handle, what is made of it, another database, before and behind",
            files=_SCHEMA,
        ),
        Good(
            "typescript",
            """\
import { Column, DataSource, Entity, PrimaryColumn, Repository } from 'typeorm';

@Entity()
export class Account {
  @PrimaryColumn() id: number;
  @Column() balance: number;
}

export class Accounts {
  constructor(private dataSource: DataSource, private accounts: Repository<Account>) {}

  async close(id: number) {
    await this.dataSource.transaction(async (manager) => {
      const accounts = manager.withRepository(this.accounts);
      const account = await accounts.findOneBy({ id });
      await manager.getRepository(Account).remove(account);
      await manager.query('DELETE FROM note WHERE account = $1', [id]);
    });
  }
}
""",
            title="TypeORM",
        ),
        Good(
            "javascript",
            """\
const knex = require('knex')({ client: 'pg' });

async function close(id) {
  await knex.transaction(async (trx) => {
    await trx('account').where({ id }).del();
    await knex('note').where({ account: id }).del().transacting(trx);
    await trx.transaction(async (inner) => {
      await trx('audit').insert({ id });
      await inner('log').insert({ id });
    });
  });
}

module.exports = { close };
""",
            title="Knex: handed over, a savepoint",
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per query that runs outside of the transaction around it, or call of a function that writes so."""
    for call in project.calls:
        if call.bypassed is not None and not call.bypassed.option:
            yield _told(call.place, call, call.bypassed, ())
    for invocation in project.invocations:
        around = invocation.bypassed
        if around is None:
            continue
        for route in project.onward(invocation):
            call = route.call
            own = f"{around.library}:" in call.receiver
            if own and not route.unsure and any(query.verb.writes for query in call.queries):
                yield _told(invocation.place, call, around, (invocation, *route.steps))
                break


def _told(place: Place, call: Call, around: Bypassed, way: tuple[Invocation, ...]) -> Finding:
    table = next((query.table for query in call.queries if query.table), "")
    handle = f"`{around.handle}`" if around.handle else "the handle that the callback is given"
    source = f"`{way[0].source}` is not given {handle}: " if way else ""
    steps = [Related(step.place, f"calls {step.callees[0].rpartition('::')[2]}()") for step in way[1:]]
    asked = [Related(call.place, f"asks outside of it: {call.source}")] if way else []
    return Finding(
        place,
        f"{source}`{call.source}`{f' on {table}' if table else ''} runs outside of the transaction that it stands in: "
        f"only what goes through {handle} is part of it",
        names={"handle": handle, "asked": f"`{around.client}`" if around.client else "the client", "call": call.source},
        related=(Related(around.place, "the transaction begins here"), *steps, *asked),
        idiom=call.idiom,
        sub="cross-function" if way else "",
    )


def places(project: Project) -> Iterator[Place]:
    """The queries that stand in a transaction's callback."""
    for call in project.calls:
        if call.queries and any(frame.kind == "transaction" for frame in call.frames):
            yield call.place
