"""A query inside of a transaction's callback that is not given the transaction, where a library hands it on by that.

Not reported: options that are kept in a name whose value nobody sees; projects that make the library hand its
transactions on by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule

RULE = Rule(
    summary="a query is not given the transaction that it stands in",
    why=(
        "Here a query takes part in a transaction by an option. The one that is forgotten runs by itself, on another "
        "connection: it is not undone with the others, and does not see what they wrote."
    ),
    minimal="Give `{call}` the option {option}: {handle}.",
    better="Build the options once, with {option} in them, and hand these to every call of the callback.",
    complete=(
        "Make the library keep the transaction itself (asynchronous local storage), where it can, so that no {option} "
        "has to be written."
    ),
    symptoms=("half of an operation is there after a failure", "WriteConflict", "Lock wait timeout exceeded"),
    verify="SELECT xact_start, state, query FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    checklist=("S.2",),
    looks_at="queries inside of callbacks of transactions that are handed on by an option",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT, FileRole.SEED}),
    bad=(
        Bad(
            "javascript",
            """\
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL);
const Account = sequelize.define('account', { balance: DataTypes.INTEGER });

async function move(from, to, amount) {
  await sequelize.transaction(async (t) => {
    await Account.decrement({ balance: amount }, { where: { id: from }, transaction: t });
    await Account.increment({ balance: amount }, { where: { id: to } }); // finding
    const account = await Account.findByPk(to); // finding
    await account.update({ seen: true }); // finding
    await sequelize.query('UPDATE note SET seen = 1'); // finding
  });
}

module.exports = { move };
""",
            title="Sequelize",
        ),
        Bad(
            "typescript",
            """\
import { MongoClient } from 'mongodb';

const client = new MongoClient(process.env.MONGO_URL);

export async function move(from: string, to: string, amount: number) {
  const accounts = client.db('bank').collection('accounts');
  await client.withSession(async (session) => {
    await session.withTransaction(async (inner) => {
      await accounts.updateOne({ from }, { $inc: { balance: -amount } }, { session });
      await accounts.updateOne({ to }, { $inc: { balance: amount } }); // finding
      await accounts.find({ from }).toArray(); // finding
    });
  });
}
""",
            title="MongoDB",
        ),
    ),
    good=(
        Good(
            "javascript",
            """\
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL);
const Account = sequelize.define('account', { balance: DataTypes.INTEGER });

async function move(from, to, amount, given) {
  await sequelize.transaction(async (transaction) => {
    const options = { transaction };
    await Account.decrement({ balance: amount }, { where: { id: from }, transaction });
    await Account.increment({ balance: amount }, { where: { id: to }, ...options });
    const account = await Account.findByPk(to, options);
    await account.update({ seen: true }, given);
  });
  await Account.count();
}

module.exports = { move };
""",
            title="Sequelize",
        ),
        Good(
            "javascript",
            """\
const { Sequelize, DataTypes } = require('sequelize');
const { createNamespace } = require('cls-hooked');

Sequelize.useCLS(createNamespace('transactions'));
const sequelize = new Sequelize(process.env.DATABASE_URL);
const Account = sequelize.define('account', { balance: DataTypes.INTEGER });

async function reset(id) {
  await sequelize.transaction(async () => {
    await Account.update({ balance: 0 }, { where: { id } });
  });
}

module.exports = { reset };
""",
            title="Sequelize: the library hands transactions on by itself",
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per query that is not given the transaction around it."""
    around = call.bypassed
    if around is None or not around.option:
        return
    table = next((query.table for query in call.queries if query.table), "")
    yield Finding(
        call.place,
        f"`{call.source}`{f' on {table}' if table else ''} stands in a transaction and is not given it "
        f"(`{around.option}`): it runs by itself",
        names={"call": call.source, "option": f"`{around.option}`", "handle": around.handle or "the transaction"},
        related=(Related(around.place, "the transaction begins here"),),
        idiom=call.idiom,
    )


def places(project: Project) -> Iterator[Place]:
    """The queries that stand in a transaction's callback."""
    for call in project.calls:
        if call.queries and any(frame.kind == "transaction" for frame in call.frames):
            yield call.place
