"""A tag of SQL templates that is called as a function with a text."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a template's tag is called as a function",
    why=(
        "As a tag it gets the texts and the values of a template apart, and binds the values. With parentheses, "
        "JavaScript puts all of them into one text first: nothing is bound any more. A library that notices refuses "
        "the call when it runs, one that does not sends the text."
    ),
    minimal="Take the parentheses away: {call}`…` in the place of {call}(`…`).",
    better="Where {call} has to be given a statement that was made elsewhere, make it with the library's own tag, too.",
    complete="Let a test run each statement that is written with {call}, and forbid the call with a text in review.",
    symptoms=("is a tag function, please use it like the following",),
    verify="SELECT usename, query FROM pg_stat_activity WHERE backend_type = 'client backend' ORDER BY query_start",
    verify_on=("postgres",),
    severity="error",
    confidence="high",
    default=False,
    looks_at="calls of tags of SQL templates",
    cwe=(89,),
    security_severity="8.1",
    bad=(
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function named(name: string) {
  await prisma.$executeRaw(`UPDATE account SET seen = true WHERE name = '${name}'`); // finding
  return prisma.$queryRaw(`SELECT id FROM account WHERE name = '${name}'`); // finding
}
""",
            title="Prisma",
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { Prisma, PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function named(name: string) {
  const statement = Prisma.sql`SELECT id FROM account WHERE name = ${name}`;
  await prisma.$executeRaw`UPDATE account SET seen = true WHERE name = ${name}`;
  await prisma.$queryRaw(Prisma.sql`SELECT id FROM account WHERE name = ${name}`);
  return prisma.$queryRaw(statement);
}
""",
            title="Prisma",
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per tag that is called with a text."""
    if call.untagged:
        yield Finding(
            call.place,
            f"`{call.source}` is a tag for templates and is called as a function: no value in the text is bound",
            names={"call": call.source},
            idiom=call.idiom,
        )


def places(project: Project) -> Iterator[Place]:
    """The calls that are given SQL text."""
    for call in project.calls:
        if call.text is not None or call.untagged:
            yield call.place
