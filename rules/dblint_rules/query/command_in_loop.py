"""A command of a key-value store per element of a loop, where one command or one batch could serve all of them.

What is asked of tables and of collections of documents is not this rule's: a read of theirs per element is
`query/n-plus-one`, a write `query/write-in-loop`. A place that asks a key-value store asks no table, so that each place
is told by one rule.

Not reported: what a pipeline keeps and sends at its end, also where a caller may hand one in; turns that run at
once (`Promise.all`) with a client that sends what is called in one tick together; commands that wait (for an element of
a list, for a message);
chunks, pages, retries, polling, iterations that pause, short lists that stand in the source; searches that stop at the
first hit; elements that decide which server is asked; writes of turns that act outside of the program or wait for
something else than a database (they keep what is done so far); functions that ask more of databases than this, which
are units of work; commands more than six calls behind the loop's own.

What it cannot say: how many elements a loop has; whether a command needs what the one before it gave (a pipeline could
not send both); what a script does that the server runs.

Off by default: of four findings that were read two were opinions: loops that do more than the command for each
element.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dblint.facts.program import Call, Effect, FileRole, Frame, Handed, Invocation
from dblint.facts.project import Project
from dblint.facts.query import Compare, Query, Value, Verb
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import STEPS, elements_of, handle_of, loop_of

RULE = Rule(
    summary="a command to a key-value store is sent once per element of a loop",
    why=(
        "A command takes the server microseconds and the network a round trip. A thousand of them one after the other "
        "wait a thousand times for the network: seconds for work of milliseconds, while a connection is held."
    ),
    minimal="Queue the commands of {elements} in a pipeline inside the loop, and send them once behind it.",
    better="Use the form of the command that takes all {what} at once, before or behind the loop.",
    complete=(
        "Keep what belongs to {elements} under one key (a hash, a sorted set), so that a page needs one command "
        "whatever the number of its elements, and watch the number of commands per request."
    ),
    symptoms=(
        "a fast cache makes a page slow",
        "the client waits for the network while the server is idle",
        "response times that grow with the distance to the cache",
    ),
    verify="INFO commandstats",
    verify_on=("redis",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.2",),
    looks_at="commands to key-value stores",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import redis

client = redis.Redis(host="cache")

def names(numbers):
    return [client.get(f"customer:{number}") for number in numbers]  # finding

def forget(numbers):
    for number in numbers:
        client.delete(f"customer:{number}")  # finding
        client.srem("customers", number)

def visited(client: redis.Redis, pages):
    for page in pages:
        client.incr(f"visits:{page}")  # finding
""",
            title="reads, deletes and counters",
        ),
        Bad(
            "python",
            """\
import redis.asyncio as redis

client = redis.from_url("redis://cache")

async def warm(customers):
    for customer in customers:
        await client.set(f"customer:{customer.id}", customer.name, ex=3600)  # finding

async def stale(pattern):
    async for key in client.scan_iter(match=pattern):
        if await client.ttl(key) < 0:  # finding
            yield key
""",
            title="asynchronous",
        ),
        Bad(
            "python",
            """\
import redis

client = redis.Redis(host="cache")

def rank(number):
    return client.zscore("ranks", number)

def ranks(numbers):
    return {number: rank(number) for number in numbers}  # finding
""",
            title="through a function",
        ),
        Bad(
            "typescript",
            """\
import Redis from 'ioredis';

const client = new Redis();

export async function names(numbers: number[]) {
  const found = [];
  for (const number of numbers) {
    found.push(await client.get(`customer:${number}`)); // finding
  }
  return found;
}
""",
            title="in JavaScript",
        ),
    ),
    good=(
        Good(
            "typescript",
            """\
import { createClient } from 'redis';

const client = createClient();

export async function names(numbers: number[]) {
  return Promise.all(numbers.map((number) => client.get(`customer:${number}`)));
}

export async function visited(pages: string[]) {
  const commands = client.multi();
  for (const page of pages) {
    commands.incr(`visits:${page}`);
  }
  await commands.exec();
}
""",
            title="all at once, and a transaction that keeps them",
        ),
        Good(
            "python",
            """\
import redis

client = redis.Redis(host="cache")

def names(numbers):
    return client.mget([f"customer:{number}" for number in numbers])

def warm(customers):
    with client.pipeline(transaction=False) as pipe:
        for customer in customers:
            pipe.set(f"customer:{customer.id}", customer.name, ex=3600)
        pipe.execute()

def forget(numbers):
    client.delete(*[f"customer:{number}" for number in numbers])
    client.srem("customers", *numbers)
""",
            title="one command for all, and a pipeline",
        ),
        Good(
            "python",
            """\
import redis
from django.core.mail import send_mail

client = redis.Redis(host="cache")

def remind(mails):
    for mail in mails:
        send_mail("Your order", mail.text, "shop@shop.io", [mail.address])
        client.set(f"reminded:{mail.id}", 1)

def work(handle):
    while True:
        _, job = client.brpop("jobs")
        handle(job)
        client.incr("done")

def statistics():
    for name in ("open", "done", "failed"):
        yield name, client.llen(f"jobs:{name}")

def first(names):
    for name in names:
        found = client.get(f"setting:{name}")
        if found:
            return found
""",
            title="what is kept of work that is done; a worker; a short list; a search",
        ),
        Good(
            "python",
            """\
import redis
import redis.asyncio
from redis.client import Pipeline

def join(number, groups, client: redis.Redis, pipeline: Pipeline | None = None):
    connection = pipeline if pipeline is not None else client
    for group in groups:
        connection.sadd(f"group:{group}", number)

async def warm(client: redis.asyncio.Redis, customers):
    async with client.pipeline(transaction=False) as pipe:
        for customer in customers:
            pipe.set(f"customer:{customer.id}", customer.name, ex=3600)
        await pipe.execute()
""",
            title="an asynchronous pipeline, and one that a caller may hand in",
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per loop: its commands, directly or through functions of the project."""
    groups: dict[Place, list[_Sent]] = {}
    known = _known(project)
    # What is called on either of two, one of which keeps commands, is given by whoever wants them kept.
    queued = {call.place for call in project.calls if call.commands and call.batches == "flush"}
    for call in project.calls:
        loop = loop_of(call) if _sends(call) and call.place not in queued else None
        if loop is not None and not _kept(call, loop, known) and not _at_once(call, loop):
            groups.setdefault(loop.place, []).append(_Sent(call, call, loop, loop.handed))
    for invocation in project.invocations:
        loop = loop_of(invocation)
        if loop is None or invocation.recursive or not all(_only_sends(project, each) for each in invocation.callees):
            continue
        for route in project.onward(invocation):
            sent = _sends(route.call) and route.call.place not in queued
            sent = sent and not _kept(route.call, loop, known) and not _at_once(route.call, loop)
            if len(route.steps) <= STEPS and sent:
                groups.setdefault(loop.place, []).append(_Sent(invocation, route.call, loop, route.handed, route.steps))
    for group in groups.values():
        yield _finding(sorted(group, key=lambda sent: (sent.fact.place, len(sent.steps))))


def places(project: Project) -> Iterator[Place]:
    """The commands that a loop around them could repeat."""
    for call in project.calls:
        if _sends(call):
            yield call.place


class _Sent(msgspec.Struct, frozen=True):
    """A place in a loop that leads to a command, what the loop says of the command's values, and the calls on the
    way."""

    fact: Call | Invocation
    call: Call
    loop: Frame
    handed: tuple[Handed, ...]
    steps: tuple[Invocation, ...] = ()


def _sends(call: Call) -> bool:
    """Whether a call sends commands at once, none of which goes through all keys: that is wrong wherever it stands."""
    sent = bool(call.commands) and Effect.QUERY in call.effects and call.batches != "flush" and not call.memoised
    return sent and not any(command.whole or command.expects == "stream" for command in call.commands)


def _at_once(call: Call, loop: Frame) -> bool:
    """Whether the client sends the commands of all turns without waiting in between."""
    return call.batches == "same-tick" and loop.concurrent


def _kept(call: Call, loop: Frame, known: frozenset[tuple[str, int]]) -> bool:
    """Whether the turn pauses, or a write keeps what the turn has done beside the databases so far."""
    if loop.pauses:
        return True
    if all(command.verb.reads for command in call.commands):
        return False
    return any((place.path, place.start) not in known for place in (*loop.awaited, *loop.outside))


def _known(project: Project) -> frozenset[tuple[str, int]]:
    """Where calls of libraries begin, and calls of functions that lead to some."""
    places = [call.place for call in project.calls if call.effects]
    places += (
        invocation.place
        for invocation in project.invocations
        if any(frame.kind == "loop" for frame in invocation.frames)  # no other is asked about
        and any(project.routes(callee) for callee in invocation.callees)
    )
    return frozenset((place.path, place.start) for place in places)


def _only_sends(project: Project, identifier: str) -> bool:
    """Whether a command is all that a function asks of any database: with more it is a unit of work."""
    function = project.functions.get(identifier)
    return function is not None and not function.changes and len(project.routes(identifier)) == 1


def _finding(group: list[_Sent]) -> Finding:
    first = group[0]
    elements = elements_of(first.loop)
    way = "".join(f", through `{step.source}`" for step in first.steps)
    related = [Related(first.loop.place, f"the loop over {elements}")]
    related += [Related(step.place, f"calls `{step.source}`") for step in first.steps]
    if isinstance(first.fact, Invocation):
        related.append(Related(first.call.place, f"the command{_about(first.call)}"))
    places = {first.fact.place}
    for other in group[1:]:
        if other.fact.place not in places:
            places.add(other.fact.place)
            related.append(Related(other.fact.place, f"`{other.fact.source}` does so, too"))
    more = f" ({len(places)} places in this loop)" if len(places) > 1 else ""
    varies = _varies(first.call.commands, first.handed)
    return Finding(
        first.fact.place,
        f"`{first.fact.source}` sends a command{_about(first.call)} once per element of {elements}{way}{more}",
        names={"what": "keys" if varies else "values", "elements": first.loop.source or "the loop"},
        related=tuple(related),
        remedy=_remedy(first, varies=varies),
        idiom=first.call.idiom,
        sub="cross-function" if isinstance(first.fact, Invocation) else _kind(first.call.commands[0]),
    )


def _kind(command: Query) -> str:
    if command.verb.reads:
        return "read"
    return "command" if command.verb is Verb.COMMAND else "write"


def _about(call: Call) -> str:
    """The keys that a call is about, as far as they are known."""
    names = [source.name for command in call.commands for source in command.sources.values()]
    return f" about {names[0]}" if names else ""


def _varies(commands: tuple[Query, ...], handed: tuple[Handed, ...]) -> bool:
    """Whether each element has a key of its own; true where that cannot be said: a batch is right then, too."""
    fixed = {value.place for value in handed if not value.varies}
    return not any(
        isinstance(condition := element.value, Compare)
        and isinstance(condition.right, Value)
        and (condition.right.kind == "string" or condition.handed in fixed)
        for command in commands
        for element in command.conjuncts()
    )


def _remedy(sent: _Sent, *, varies: bool) -> Remedy | None:
    """The form of the command that takes many, else a pipeline; nothing where it cannot be said what the commands are
    sent by."""
    handle = handle_of(sent.call, sent.handed)
    if not handle:
        return None
    name = "command-per-key" if varies else "command-per-member"
    key = next((f'"{source.name}"' for command in sent.call.commands for source in command.sources.values()), "key")
    return Remedy(name, {"handle": handle, "member": sent.call.member, "key": key})
