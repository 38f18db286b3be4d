"""A command that makes a key-value store go through every key that it holds.

`KEYS` compares each key of the database with a pattern, and the server answers nobody until it is done; a pattern that
fits three keys costs as much as one that fits all. `FLUSHALL` and `FLUSHDB` drop all keys, whoever put them there.

Not reported: `SCAN` and what iterates by it, which take a few keys at a time; reads of one key, however much lies under
it (how much that is, no source says: `SMEMBERS` and `HGETALL` of a large one block the server, too); tests.

Off by default: one finding was met, which is too few to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="a command goes through every key of the server",
    why=(
        "A key-value store runs one command at a time. A command whose work grows with all keys, and not with those "
        "that it is asked for, stops every client of the server: milliseconds on a developer's machine, seconds on a "
        "server with millions of keys, and time-outs everywhere else in the program."
    ),
    minimal="{instead}",
    better="Keep the names of the keys {pattern} in a set of their own, and read or delete those.",
    complete=(
        "Give {pattern} a database or a server of its own, and take dangerous commands away from the "
        "application's user (ACL SETUSER app -@dangerous)."
    ),
    symptoms=("the cache stops answering for seconds", "time-outs of unrelated requests at the same moment"),
    verify="SLOWLOG GET 20",
    verify_on=("redis",),
    severity="warning",
    confidence="high",
    default=False,
    checklist=("1.1",),
    looks_at="commands to key-value stores",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import redis

client = redis.Redis(host="cache")

def sessions():
    return client.keys("session:*")  # finding

def forget(prefix):
    for key in client.keys(f"{prefix}:*"):  # finding
        client.delete(key)

def clear():
    client.flushall()  # finding
""",
        ),
        Bad(
            "python",
            """\
from redis.asyncio import Redis

async def sessions(client: Redis):
    return len(await client.keys("session:*"))  # finding
""",
            title="asynchronous",
        ),
        Bad(
            "typescript",
            """\
import { createClient } from 'redis';

const client = createClient();

export async function baskets() {
  return client.keys('basket:*'); // finding
}
""",
            title="in JavaScript",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import redis
from redis.asyncio import Redis

client = redis.Redis(host="cache")

def sessions():
    return list(client.scan_iter(match="session:*", count=1000))

async def later(client: Redis):
    return [key async for key in client.scan_iter(match="session:*", count=1000)]

def members(settings: dict[str, str]):
    return client.smembers("sessions"), client.dbsize(), settings.keys()
""",
        ),
    ),
)


def check(call: Call) -> Iterator[Finding]:
    """One finding per command."""
    if Effect.QUERY not in call.effects:
        return
    for command in call.commands:
        if command.whole:
            yield _finding(call, command)


def places(project: Project) -> Iterator[Place]:
    """The commands."""
    for call in project.calls:
        if call.commands and Effect.QUERY in call.effects:
            yield call.place


def _finding(call: Call, command: Query) -> Finding:
    pattern = next((source.name for source in command.sources.values()), "")
    if command.verb.reads:
        return Finding(
            call.place,
            f"`{call.source}` makes the server compare every key that it holds, and answer nobody until it is done",
            names={"instead": "Go through the keys with SCAN, a few at a time.", "pattern": pattern},
            remedy=Remedy("scan", {"handle": call.handle, "pattern": f'"{pattern}"'}) if call.handle else None,
            idiom=call.idiom,
            sub="keys",
        )
    return Finding(
        call.place,
        f"`{call.source}` drops every key that the server holds there, whoever put it there",
        names={
            "instead": "Delete the keys of this program alone, by the names or the prefix that they have.",
            "pattern": "of this program",
        },
        idiom=call.idiom,
        sub="flush",
        confidence="medium",
    )
