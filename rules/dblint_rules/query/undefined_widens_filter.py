"""A condition of an update or a delete that is left out where its value is undefined.

Not reported: reads, for which a value that is left out is how a filter is made optional; values of which the function
asks something before; writes of one row by a unique key, which are refused without one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.query import Verb
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

_SCHEMA = {
    "schema.prisma": (
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        "model Token {\n  id Int @id\n  owner Int\n}\n"
    )
}

RULE = Rule(
    summary="a value that may be undefined takes a condition away",
    why=(
        "This library leaves a condition out whose value is undefined. Nobody has to hand the value in here, and "
        "without it the statement is one for all rows that the other conditions let through: with none left, for the "
        "whole table."
    ),
    minimal="Refuse to go on where the value of the condition on {table} is undefined.",
    better="Let the type of the value that the filter on {table} gets not admit undefined.",
    complete="Make the library refuse undefined in all filters (strictUndefinedChecks in Prisma), not only on {table}.",
    symptoms=("all rows were deleted", "an update reached rows of others"),
    verify=(
        "SELECT calls, rows, query FROM pg_stat_statements WHERE query ~* '^(update|delete)' "
        "ORDER BY rows / calls DESC LIMIT 20"
    ),
    verify_on=("postgres",),
    severity="error",
    confidence="medium",
    default=False,
    looks_at="updates and deletes with conditions, of libraries that leave out undefined ones",
    bad=(
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function revoke(owner?: number) {
  await prisma.token.deleteMany({ where: { owner } }); // finding
}

export async function revokeOf(user: { id: number } | null) {
  await prisma.token.updateMany({ where: { owner: user?.id }, data: { owner: 0 } }); // finding
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

export async function revoke(owner?: number) {
  if (owner === undefined) {
    throw new Error('whose?');
  }
  await prisma.token.deleteMany({ where: { owner } });
}

export async function listed(owner?: number, id?: number) {
  await prisma.token.update({ where: { id }, data: { owner: 0 } });
  return prisma.token.findMany({ where: { owner } });
}
""",
            title="Prisma: refused before, one row, a read",
            files=_SCHEMA,
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per update or delete with such a condition."""
    if not call.dropped:
        return
    for query in call.queries[:1]:
        if query.verb in (Verb.UPDATE, Verb.DELETE) and query.rows != "one":
            table = query.table or "the table"
            yield Finding(
                call.place,
                f"`{call.source}` on {table} leaves a condition out where its value is undefined, which it may be",
                names={"table": table},
                idiom=call.idiom,
            )


def places(project: Project) -> Iterator[Place]:
    """The updates and deletes that have a condition."""
    for call in project.calls:
        if any(query.verb in (Verb.UPDATE, Verb.DELETE) and query.where.possibly() for query in call.queries):
            yield call.place
