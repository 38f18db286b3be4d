"""Statements of a list that is run as one transaction, each of which has run before."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

_SCHEMA = {
    "schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        "model Account {\n  id Int @id\n  balance Int\n}\n"
    )
}

RULE = Rule(
    summary="statements are awaited before the transaction that should run them",
    why=(
        "The call takes statements that have not run, and runs them together. `await` runs each by itself, before the "
        "list is even made: what the call is given are results, so that it fails or does nothing, and no failure "
        "undoes what was written."
    ),
    minimal="Take `await` away from the elements of the list: only `{call}` itself is awaited.",
    better="Where one statement needs what another one gives, use the form of `{call}` that takes a function.",
    complete="Test that nothing is left of the others where the last statement of `{call}` fails.",
    symptoms=("All elements of the array need to be Prisma Client promises",),
    verify="SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = current_database()",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    checklist=("S.2",),
    looks_at="calls that run a list of statements together",
    bad=(
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function move(from: number, to: number, amount: number) {
  await prisma.$transaction([ // finding
    await prisma.account.update({ where: { id: from }, data: { balance: { decrement: amount } } }),
    await prisma.account.update({ where: { id: to }, data: { balance: { increment: amount } } }),
  ]);
}
""",
            title="Prisma",
            files=_SCHEMA,
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function move(from: number, to: number, amount: number) {
  await prisma.$transaction([
    prisma.account.update({ where: { id: from }, data: { balance: { decrement: amount } } }),
    prisma.account.update({ where: { id: to }, data: { balance: { increment: amount } } }),
  ]);
  const [count] = await Promise.all([await prisma.account.count()]);
  return count;
}
""",
            title="Prisma",
            files=_SCHEMA,
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per call whose list has an element that is awaited."""
    if not call.early:
        return
    several = f"{len(call.early)} statements" if len(call.early) > 1 else "one statement"
    yield Finding(
        call.place,
        f"`{call.source}` is given results of {several}: each is awaited, so it ran before, outside of the transaction",
        names={"call": call.source},
        idiom=call.idiom,
    )


def places(project: Project) -> Iterator[Place]:
    """The calls that begin a transaction."""
    for call in project.calls:
        if "begin" in call.effects:
            yield call.place
