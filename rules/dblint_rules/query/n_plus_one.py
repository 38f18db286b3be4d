"""A read per iteration where one query could serve them all.

Not reported: chunks, pages, retries and polling; short lists that stand in the source, and elements of which the
program reads only those that it knows by name; what a store or a memoised function keeps; searches that stop at the
first hit; the newest row of a table to which the same loop adds rows; rows of which the same iteration writes many in
one statement, a batch per element; lists of keys, of which each element gives one;
questions whose table or database the element decides; relations that may have been loaded before; queries more than
two calls behind the one in the loop; and functions that are called per element and read on their way to a write of
their own: they are units of work, which a rule of writes judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dblint.facts import spelling
from dblint.facts.program import Call, Effect, FileRole, Frame, Handed, Invocation, Nature
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Function, Query, Value, Verb
from dblint.facts.text import Origin, Place
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
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

def secrets(connection: sqlite3.Connection, names):
    for name in names:
        if name == "root" or name == "admin" or name == "guest":
            continue
        print(connection.execute("SELECT secret FROM account WHERE name = ?", (name,)).fetchone())  # finding
""",
            title="a few elements are left out",
        ),
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
        Bad(
            "python",
            """\
import sqlite3

def page(connection: sqlite3.Connection, orders):
    for order in orders:
        order.name = connection.execute("SELECT name FROM customer WHERE id = ?", (order.customer_id,))  # finding
        order.total = connection.execute("SELECT sum(price) FROM line WHERE order_id = ?", (order.id,))  # finding
        order.open = connection.execute("SELECT count(*) FROM line WHERE order_id = ? AND open", (order.id,))
""",
            title="one finding per table",
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
            "python",
            """\
import sqlite3
from django.db import models

class Customer(models.Model):
    name = models.TextField()

def names(groups):
    for region, keys in groups.items():
        yield region, list(Customer.objects.filter(pk__in=keys))

def modes(connection: sqlite3.Connection, options):
    for mode in options:
        if mode not in ("test", "live"):
            continue
        print(mode, connection.execute("SELECT secret FROM account WHERE mode = ?", (mode,)).fetchone())

def each_mode(connection: sqlite3.Connection, options):
    for mode in options:
        row = connection.execute("SELECT secret FROM account WHERE mode = ?", (mode,)).fetchone()
        if mode == "test":
            print("test", row)
        elif mode == "live" or mode == "shadow":
            print("live", row)

def extend(connection: sqlite3.Connection, extensions):
    for extension in extensions:
        connection.execute("SELECT load_extension(?)", (extension,))
""",
            title="lists of keys; elements told apart by the program; what reads no table",
            path="shop/models.py",
        ),
        Good(
            "python",
            """\
import sqlite3

def names(connection: sqlite3.Connection, orders):
    known = {}
    for order in orders:
        if order.customer_id not in known:
            known[order.customer_id] = connection.execute(
                "SELECT name FROM customer WHERE id = ?", (order.customer_id,)
            ).fetchone()
        yield order, known[order.customer_id]

def details(connection: sqlite3.Connection, order, lines=None):
    if lines is None:
        lines = connection.execute("SELECT id FROM line WHERE order_id = ?", (order.id,)).fetchall()
    return order, lines

def page(connection: sqlite3.Connection, orders, lines):
    return [details(connection, order, lines[order.id]) for order in orders]
""",
            title="what a store keeps, and what the caller hands in",
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


_STOPS = frozenset({Nature.CHUNK, Nature.PAGE, Nature.POLL})
"""A query inside such a loop asks for many elements at a time; what runs around it is no query per element."""
_STEPS = 2
"""Calls between the loop's own and the query's; further away, a loop is no longer the place to repair it."""
_WRITES = frozenset({Verb.INSERT, Verb.UPDATE, Verb.UPSERT, Verb.MERGE, Verb.DELETE})
_INSERTS = frozenset({Verb.INSERT, Verb.UPSERT, Verb.MERGE})
_LITERAL = frozenset({"number", "string", "null", "boolean"})


def check(project: Project) -> Iterator[Finding]:
    """One finding per loop and table: the calls in the loop whose answer depends on the element. A call that leads
    to several tables is told once, with all of them."""
    groups: dict[Place, dict[str, list[_Read]]] = {}
    grown, written = _grown(project), _written(project)
    for call in project.calls:
        loop = _loop(call)
        if loop is not None and Effect.QUERY in call.effects and _reads(call, loop, loop.handed, grown):
            if not any(query.table in written.get(loop.place, ()) for query in call.queries):
                _add(groups, _Read(call, call, loop, loop.handed))
    for invocation in project.invocations:
        loop = _loop(invocation)
        if loop is None or invocation.recursive or _unit(project, invocation):
            continue
        first: _Read | None = None
        for route in project.onward(invocation):
            if len(route.steps) <= _STEPS and _reads(route.call, loop, route.handed, grown):
                if first is not None:
                    first.further.append(route.call)
                    continue
                first = _Read(invocation, route.call, loop, route.handed, route.steps)
                _add(groups, first)
    for tables in groups.values():
        for group in _joined(tables):
            yield _finding(
                project, sorted(group, key=lambda read: (not _table(read.call), read.fact.place, len(read.steps)))
            )


@dataclass(frozen=True, slots=True)
class _Read:
    """A place in a loop that leads to a query: the place, the query, the loop, what the loop says of the query's
    values, the calls on the way, and the further queries that it leads to."""

    fact: Call | Invocation
    call: Call
    loop: Frame
    handed: tuple[Handed, ...]
    steps: tuple[Invocation, ...] = ()
    further: list[Call] = field(default_factory=list)


def _grown(project: Project) -> dict[Place, frozenset[str]]:
    """The loops in which rows are inserted, with the tables that get them; "" where that cannot be said."""
    grown: dict[Place, set[str]] = {}
    for call in project.calls:
        _note(grown, call, call)
    for invocation in project.invocations:
        if any(frame.kind == "loop" for frame in invocation.frames):
            for callee in invocation.callees:
                for route in project.routes(callee):
                    _note(grown, invocation, route.call)
    return {place: frozenset(tables) for place, tables in grown.items()}


def _written(project: Project) -> dict[Place, frozenset[str]]:
    """The loops whose iterations write many rows in one statement, with the tables that these are of."""
    written: dict[Place, set[str]] = {}
    for call in project.calls:
        loop = next((frame for frame in reversed(call.frames) if frame.kind == "loop"), None)
        if loop is not None and Effect.QUERY in call.effects:
            tables = {query.table for query in call.queries if query.verb in _WRITES and query.rows == "many"}
            written.setdefault(loop.place, set()).update(tables - {""})
    return {place: frozenset(tables) for place, tables in written.items()}


def _note(grown: dict[Place, set[str]], fact: Call | Invocation, call: Call) -> None:
    tables = {query.table for query in call.queries if query.verb in _INSERTS}
    if tables and Effect.QUERY in call.effects:
        for frame in fact.frames:
            if frame.kind == "loop":
                grown.setdefault(frame.place, set()).update(tables)


def _joined(tables: dict[str, list[_Read]]) -> list[list[_Read]]:
    """The reads of one loop by table. Those of a table that cannot be said may be of one of the others: they are told
    with the first of them, and by themselves only where there is none."""
    unsaid = tables.get("", [])
    known = [group for table, group in tables.items() if table]
    if not unsaid or not known:
        return list(tables.values())
    first = min(known, key=lambda group: min(read.fact.place for read in group))
    places = {read.fact.place for read in first}
    first += (read for read in unsaid if read.fact.place not in places)
    return known


def _add(groups: dict[Place, dict[str, list[_Read]]], read: _Read) -> None:
    group = groups.setdefault(read.loop.place, {}).setdefault(_table(read.call), [])
    if all(other.fact.place != read.fact.place for other in group):
        group.append(read)


def _loop(fact: Call | Invocation) -> Frame | None:
    """The loop that makes the call once per element, or None."""
    for frame in reversed(fact.frames):
        if frame.kind != "loop":
            continue
        if frame.nature in _STOPS:
            return None
        if frame.nature is Nature.EACH and frame.dependent:
            asked_once = frame.leaves or frame.seeks or frame.selects or frame.kept
            return None if asked_once or frame.elsewhere else frame
    return None


def _reads(call: Call, loop: Frame, handed: tuple[Handed, ...], grown: Mapping[Place, frozenset[str]]) -> bool:
    """Whether the call reads rows that one query could give for all elements."""
    if call.memoised or call.refreshes or (call.batches and loop.concurrent):
        return False
    growing = grown.get(loop.place, frozenset())
    return any(
        query.verb.reads
        and _from_rows(query)
        and not _of_catalogue(query)
        and not _batched(query, handed)
        and not ((query.table in growing or "" in growing) and _of_the_last(query))
        for query in call.queries
    )


def _of_the_last(query: Query) -> bool:
    """Whether the newest or largest row is asked for: another one after each row that is inserted."""
    if query.order.surely():
        return any(bound.number == 1 for bound in query.limit.values())
    columns = list(query.projection.values())
    return bool(columns) and all(isinstance(column, Function) and column.name in ("max", "min") for column in columns)


def _from_rows(query: Query) -> bool:
    """Whether rows are read, if only from a table that cannot be said; `SELECT version()` reads none."""
    return bool(query.table) or query.sources.open


def _batched(query: Query, handed: tuple[Handed, ...]) -> bool:
    """Whether each element gives a list of keys, all of which the query asks for."""
    lists: set[Place | None] = {value.place for value in handed if value.varies and value.listed}
    return any(
        isinstance(condition := element.value, Compare) and condition.operator == "in" and condition.handed in lists
        for element in query.conjuncts()
    )


def _of_catalogue(query: Query) -> bool:
    """Whether the database is asked about its own schema."""
    sources = list(query.sources.values())
    return bool(sources) and all(source.of_catalogue for source in sources)


def _unit(project: Project, invocation: Invocation) -> bool:
    """Whether what runs per element is a unit of work of its own: what it reads on its way to a write is not
    this rule's, but that of a write per element."""
    functions = [project.functions.get(callee) for callee in invocation.callees]
    return any(function is not None and function.changes for function in functions)


def _table(call: Call) -> str:
    return next((query.table for query in call.queries if query.table), "")


def _finding(project: Project, group: list[_Read]) -> Finding:
    first = group[0]
    table = _table(first.call)
    elements = f"`{first.loop.source}`" if first.loop.source else "the loop"
    way = "".join(f", through `{step.source}`" for step in first.steps)
    related = [Related(first.loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps]
    if isinstance(first.fact, Invocation):
        related.append(Related(first.call.place, f"the query{_on(table)}"))
    others = {name: call for call in reversed(first.further) if (name := _table(call)) not in ("", table)}
    related += [Related(call.place, f"the query{_on(name)}") for name, call in sorted(others.items())]
    for other in group[1:]:
        too = "does so, too" if _table(other.call) == table else "reads from the database, too"
        related.append(Related(other.fact.place, f"`{other.fact.source}` {too}"))
    more = f" ({len(group)} places in this loop)" if len(group) > 1 else ""
    return Finding(
        first.fact.place,
        f"`{first.fact.source}` reads{_from(table, *sorted(others))} once per element of {elements}{way}{more}",
        names={"table": table or "the table", "elements": first.loop.source},
        related=tuple(related),
        remedy=_remedy(project, first),
        idiom=first.call.idiom,
        sub="cross-function" if isinstance(first.fact, Invocation) else "read",
    )


def _on(table: str) -> str:
    return f" on {table}" if table else ""


def _from(*tables: str) -> str:
    *before, last = [table for table in tables if table] or ["from the database"]
    return f" {', '.join(before)} and {last}" if before else f" {last}"


def _counts(call: Call) -> bool:
    """Whether rows are only counted or looked for."""
    return any(query.verb is Verb.AGGREGATE for query in call.queries)


def _remedy(project: Project, read: _Read) -> Remedy | None:
    """How the rows of all elements are read at once; nothing where no key of theirs can be said."""
    call = read.call
    table = _table(call)
    key = _key(call, read.handed)
    if key is None or not key.name:
        return None
    name = "batch-count" if _counts(call) else "batch-read"
    conditions = sum(len(list(query.conjuncts())) for query in call.queries[:1])
    if call.text is not None:
        column = spelling.name(key.name, call.dialect)
    else:
        column = "__".join((*key.relation, _attribute(project, table, key)))
        name += "-related" if key.relation else ""
    return Remedy(
        name,
        {
            "table": table,
            "model": _model(call),
            "column": column,
            "handle": _handle(call, read.handed),
            "once": "once before the loop" + (", with the other conditions" if conditions > 1 else ""),
        },
    )


def _attribute(project: Project, table: str, key: Column) -> str:
    """A column as the program names it, where the model's attribute is not that of the row which the key is of."""
    declared = project.table(table) if table and not key.relation else None
    column = declared.column(key.name) if declared is not None else None
    attribute = column.attribute if column is not None else ""
    refers = key.name.lower().replace("_", "") == f"{attribute.lower().replace('_', '')}id"
    return key.name if not attribute or refers else attribute


def _key(call: Call, handed: tuple[Handed, ...]) -> Column | None:
    """The column by which the rows of an element are found: the first whose value changes with the element. Where
    nothing is said of the values, the only one that is compared with any; else it cannot be said."""
    seen: dict[Place | None, bool] = {value.place: value.varies for value in handed}
    unsaid: dict[tuple[str, ...], Column] = {}
    for query in call.queries:
        for element in query.conjuncts():
            condition = element.value
            if not (
                isinstance(condition, Compare)
                and condition.operator in ("=", "in")
                and isinstance(condition.left, Column)
                and not (isinstance(condition.right, Value) and _constant(condition.right))
            ):
                continue
            if condition.handed not in seen:
                unsaid.setdefault((*condition.left.relation, condition.left.name), condition.left)
            elif seen[condition.handed]:
                return condition.left
    return next(iter(unsaid.values())) if len(unsaid) == 1 else None


def _handle(call: Call, handed: tuple[Handed, ...]) -> str:
    """What the query is begun on, as written: it serves all elements unless it changes with them."""
    varies = any(value.varies for value in handed if value.place == call.handle_place)
    return "" if varies else call.handle


def _constant(value: Value) -> bool:
    fixed = value.kind == "unknown" or (value.kind == "list" and value.place is None)
    return value.kind in _LITERAL or (fixed and value.origin is Origin.CONSTANT)


def _model(call: Call) -> str:
    for query in call.queries:
        for source in query.sources.values():
            return source.model or source.name
    return ""
