"""Members that are handed to what runs them, as functions."""

from __future__ import annotations

from dblint.facts.query import Verb
from tests.link.linked import linked

SOURCE = """\
import asyncio

from peewee import CharField, Model


class Jar(Model):
    label = CharField()


def run(function, *arguments):
    return function(*arguments)


async def later(function, *arguments):
    return await asyncio.to_thread(function, *arguments)


def kept(function):
    return {"function": function}


def counts():
    return run(Jar.select().count)


async def passes(key):
    return await later(Jar.get_by_id, key)


def each(keys):
    return list(map(Jar.get_by_id, keys))


def never():
    return kept(Jar.select().count)
"""


def test_they_are_calls_with_the_arguments_that_are_passed_on() -> None:
    calls = [call for call in linked({"use.py": SOURCE}).calls if call.queries]
    assert [
        (
            SOURCE.count("\n", 0, call.place.start) + 1,
            call.member,
            call.queries[0].verb,
            call.queries[0].table,
            call.queries[0].where.surely_absent(),
            [(frame.kind, frame.thread) for frame in call.frames],
        )
        for call in calls
    ] == [
        (23, "count", Verb.AGGREGATE, "jar", True, [("closure", False)]),
        (27, "get_by_id", Verb.SELECT, "jar", False, [("closure", True)]),
        (31, "get_by_id", Verb.SELECT, "jar", False, [("loop", False)]),
    ]
