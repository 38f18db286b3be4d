"""A read per iteration where one query could serve them all."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, Frame, Invocation, Nature, Route
from dblint.facts.project import Project
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule

RULE = Rule(
    summary="a query runs once per element of a loop",
    why=(
        "Every iteration waits for its own round trip: a hundred elements make a hundred and one queries. The page is "
        "fast on a developer's ten rows and slow on a customer's ten thousand, and the database spends its time on "
        "parsing and latency instead of on rows."
    ),
    minimal=(
        "Load the rows of {table} for all elements with one query before the loop, and look them up by key inside it."
    ),
    better=(
        "Let the query that gives the elements load {table} with it (a join or an eager load), so that no second "
        "query is needed."
    ),
    complete=(
        "Give {table} a loader that batches keys per request, and watch the number of queries per request in tests."
    ),
    symptoms=("hundreds of identical queries in one request", "the page gets slower with every row", "N+1"),
    verify="SELECT calls, rows, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 20",
    severity="warning",
    confidence="high",
    checklist=("1.2",),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def names(connection: sqlite3.Connection, orders):
    for order in orders:
        row = connection.execute("SELECT name FROM customer WHERE id = ?", (order.customer_id,)).fetchone()  # finding
        print(row)
""",
        ),
        Bad(
            "python",
            """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()

def load(customer_id):
    return Customer.objects.get(pk=customer_id)

def report(orders):
    return [load(order.customer_id).name for order in orders]  # finding
""",
            title="through a function",
            path="shop/models.py",
        ),
        Bad(
            "typescript",
            """\
import { PrismaClient } from '@prisma/client';

const client = new PrismaClient();

export async function withCustomers(orders: { customerId: number }[]) {
  return Promise.all(orders.map(async (order) => ({
    order,
    customer: await client.customer.findFirst({ where: { id: order.customerId } }), // finding
  })));
}
""",
            files={
                "schema.prisma": (
                    'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
                    'generator client {\n  provider = "prisma-client-js"\n}\n'
                    "model Customer {\n  id Int @id\n}\n"
                )
            },
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3
import itertools

def names(connection: sqlite3.Connection, keys):
    for part in itertools.batched(keys, 500):
        marks = ", ".join("?" for _ in part)
        yield from connection.execute(f"SELECT id, name FROM customer WHERE id IN ({marks})", tuple(part))

def tables(connection: sqlite3.Connection):
    for table in ("customer", "invoice"):
        print(connection.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone())
""",
            title="batches, and a short list that stands in the source",
        ),
        Good(
            "typescript",
            """\
import { Pool } from 'pg';

const pool = new Pool();

export async function customers(keys: number[]) {
  const { rows } = await pool.query('SELECT id, name FROM customer WHERE id = ANY($1)', [keys]);
  return keys.map((key) => rows.find((row) => row.id === key));
}
""",
        ),
    ),
)


def check(fact: Call | Invocation, project: Project) -> Iterator[Finding]:
    """One finding per call in a loop whose answer depends on the element."""
    loop = next(
        (frame for frame in reversed(fact.frames) if frame.kind == "loop" and frame.nature is Nature.EACH), None
    )
    if loop is None or not loop.dependent or loop.leaves:
        return
    if isinstance(fact, Call):
        if (
            Effect.QUERY in fact.effects
            and _reads(fact)
            and not fact.memoised
            and not (fact.batches and loop.concurrent)
        ):
            yield _finding(fact, fact, loop, ())
        return
    for callee in fact.callees:
        routes = project.routes(callee)
        if any(query.verb.writes for route in routes for query in route.call.queries):
            continue  # a unit of work per element: what it reads on its way is not this rule's
        for route in routes:
            if _reads(route.call) and not (route.call.batches and loop.concurrent):
                yield _finding(fact, route.call, loop, (route,))
                return


def _reads(call: Call) -> bool:
    return any(query.verb.reads for query in call.queries) and not call.memoised


def _finding(fact: Call | Invocation, call: Call, loop: Frame, routes: tuple[Route, ...]) -> Finding:
    table = next((query.table for query in call.queries if query.table), "") or "the table"
    elements = f"`{loop.source}`" if loop.source else "the loop"
    way = "".join(f", through `{step.source}`" for route in routes for step in route.steps)
    related = [Related(loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for route in routes for step in route.steps]
    if routes:
        related.append(Related(call.place, f"the query on {table}"))
    return Finding(
        fact.place,
        f"`{fact.source}` queries {table} once per element of {elements}{way}",
        names={"table": table, "elements": loop.source},
        related=tuple(related),
        remedy=Remedy("batch-read", {"table": table, "model": _model(call), "column": "id"}),
        idiom=call.idiom,
        sub="cross-function" if routes else "read",
    )


def _model(call: Call) -> str:
    for query in call.queries:
        for source in query.sources.values():
            return source.model or source.name
    return ""
