"""Commands of key-value stores: which keys they are about, what keeps them, and what they are not."""

from __future__ import annotations

from dblint.facts.program import Effect
from tests.link.linked import linked

SOURCE = """
try:
    import redis
except ImportError:
    redis = None
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis
else:
    Redis, *_ = wrapped("redis.asyncio")


def run(client: "redis.Redis", number, names, prefix):
    client.get("total")
    client.get(f"jar:{number}:{number}")
    client.get("jar:%s" % number)
    client.get(prefix)
    client.mget(names)
    client.delete("total", *names)
    client.keys()
    client.keys("jar:*")
    client.publish("jars", number)
    pipe = client.pipeline()
    pipe.set("total", 1).incr("total")
    pipe.execute()
    names.append(prefix)


async def later(client: Redis):
    await client.hset("labels", "plum", 1)
"""


def test_commands_and_their_keys() -> None:
    project = linked({"app.py": SOURCE, "tool.py": "def grow(names):\n    names.append(1)\n"}, dialect="postgres")
    told = [
        (call.member, command.verb.value, [source.name for source in command.sources.values()], command.sources.open)
        for call in project.calls
        for command in call.commands
    ]
    assert told == [
        ("get", "select", ["total"], False),
        ("get", "select", ["jar:*:*"], False),
        ("get", "select", ["jar:*"], False),
        ("get", "select", [], True),
        ("mget", "select", [], True),
        ("delete", "delete", ["total"], True),
        ("keys", "select", ["*"], False),
        ("keys", "select", ["jar:*"], False),
        ("publish", "command", [], True),
        ("set", "upsert", ["total"], False),
        ("incr", "update", ["total"], False),
        ("hset", "upsert", ["labels"], False),
    ]
    assert [call.member for call in project.calls if call.queries] == []
    assert [call.member for call in project.calls if call.batches] == ["set", "incr"]
    assert {call.dialect for call in project.calls if Effect.QUERY in call.effects} == {"redis"}
    assert [call.member for call in project.calls if any(command.whole for command in call.commands)] == [
        "keys",
        "keys",
    ]
    assert [entry.source for entry in project.unresolved] == []
    assert [function.changes for function in project.functions.values()] == [False, False]
