"""What iterations do outside of the program, short lists that are made, and texts of several statements."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from dblint.facts.program import Effect, Frame, Nature
from tests.link.linked import linked, only


def loop(body: str) -> tuple[str, Frame]:
    """The source, and the loop around the one statement that runs in it."""
    head = """
        import logging
        import math
        import os
        import sqlite3
        import time
        import asyncio
        from cloud import client, post, queue
        from django.core.files.storage import default_storage
        from django.core.mail import EmailMessage, send_mail
        from django.db import transaction
        from django.dispatch import Signal
        from threading import Thread
        from loguru import logger as log

        logger = logging.getLogger()
        store = client()
        closed = Signal()

        @queue.job
        def draw(item):
            return item

        def plain(item):
            return item

        def tell(item):
            plain(item)
            warn(item)

        def warn(item):
            send_mail("late", item, "a@example.org", [item])

        def late(item):
            if item.late:
                warn(item)

        def pause():
            time.sleep(1)

        def show(opened: sqlite3.Connection, items, first=None, more=False, hooks=(), unknown=None):
        """
    text = dedent(head) + indent(dedent(body), "    ") + "\n"
    calls = [call for call in linked({"app.py": text}).calls if Effect.QUERY in call.effects]
    (call,) = calls
    return text, next(frame for frame in call.frames if frame.kind == "loop")


WRITE = 'opened.execute("DELETE FROM part WHERE id = ?", (item,))'


@pytest.mark.parametrize(
    ("statement", "outside"),
    [
        ("store.remove(item)", ["store.remove(item)"]),
        ("job = draw.delay(item)", ["draw.delay(item)"]),
        ("draw.delay(item)", ["draw.delay(item)"]),
        ("post(item)", ["post(item)"]),
        ("found = post(item)", []),
        ("found = post(item)\n    if not found.ok:\n        continue", ["post(item)"]),
        ("found = post(item)\n    if found:\n        continue", []),
        ("send_mail('a', item, 'b', [item])", ["send_mail('a', item, 'b', [item])"]),
        ("EmailMessage(item).send()", ["EmailMessage(item).send()"]),
        ("EmailMessage(item).message()", []),
        ("default_storage.delete(item)", ["default_storage.delete(item)"]),
        ("transaction.on_commit(pause)", ["transaction.on_commit(pause)"]),
        ("closed.send(sender=item)", ["closed.send(sender=item)"]),
        ("closed.connect(item)", []),
        ("Thread(target=plain).start()", ["Thread(target=plain).start()"]),
        ("asyncio.create_task(draw(item))", ["asyncio.create_task(draw(item))"]),
        ("tell(item)", ["tell(item)"]),
        ("late(item)", []),
        ("found = store.get(item)", []),
        ("found = draw(item)", []),
        ("plain(item)", []),
        ("logger.info(item)", []),
        ("log.info(item)", []),
        ("items.remove(item)", []),
        ("os.remove(item)", ["os.remove(item)"]),
        ("found = os.stat(item)", []),
        ("math.sqrt(item)", []),
        ("time.sleep(1)", ["time.sleep(1)"]),
        ("pause()", ["pause()"]),
    ],
)
def test_calls_by_which_an_iteration_acts_outside(statement: str, outside: list[str]) -> None:
    text, frame = loop(f"for item in items:\n    {statement}\n    {WRITE}")
    found = [text.encode()[place.start : place.stop].decode() for place in frame.outside]
    assert found == outside


def test_functions_that_act_outside_where_nothing_fails() -> None:
    """In a loop that calls them: on some way, or through what they call, but not where an error is met."""
    source = """
        import sqlite3
        from cloud import queue
        from django.core.mail import send_mail

        @queue.job
        def draw(item):
            return item

        def number(opened: sqlite3.Connection, item):
            return opened.execute("SELECT count(*) FROM part WHERE id = ?", (item,)).fetchone()

        def mails(opened: sqlite3.Connection, item):
            if number(opened, item):
                tell(item)

        def tell(item):
            send_mail("late", item, "a@example.org", [item])

        def begins(opened: sqlite3.Connection, item):
            job = draw.delay(number(opened, item))
            return job.id

        def fails(opened: sqlite3.Connection, item):
            try:
                return number(opened, item)
            except ValueError:
                tell(item)

        def turns(opened: sqlite3.Connection, items):
            for item in items:
                mails(opened, item), begins(opened, item), fails(opened, item), number(opened, item)
        """
    functions = linked({"app.py": source}).functions.values()
    assert {function.name for function in functions if function.acts} == {"mails", "begins"}


@pytest.mark.parametrize(
    ("body", "nature"),
    [
        ("names = [first]\nif more:\n    names.extend(unknown(first))", Nature.UNKNOWN),
        ("names = [first]\nif more:\n    for each in hooks:\n        names += each(first)", Nature.EACH),
        ("names = {first}\nif more:\n    names.update(unknown())\nnames = sorted(names)", Nature.UNKNOWN),
        ("names = [first]\nnames.extend(unknown(first))", Nature.EACH),
        ("names = [first]\nif more:\n    names.extend([draw(each) for each in items])", Nature.EACH),
        ("names = []\nif more:\n    names.extend(unknown(first))", Nature.EACH),
    ],
)
def test_lists_that_get_more_under_a_condition(body: str, nature: Nature) -> None:
    _, frame = loop(f"{body}\nfor item in names:\n    {WRITE}")
    assert frame.nature is nature


@pytest.mark.parametrize(
    ("made", "nature"),
    [
        ("[draw(number) for number in range(1, 6)]", Nature.CONSTANT),
        ("set([draw(number) for number in range(5)])", Nature.CONSTANT),
        ("{draw(word) for word in ('a', 'b')}", Nature.CONSTANT),
        ("[draw(number) for number in range(1, 600)]", Nature.EACH),
        ("[draw(number) for number in range(len(items))]", Nature.EACH),
        ("[draw(a + b) for a in range(1, 6) for b in items]", Nature.EACH),
        ("[draw(each) for each in items]", Nature.EACH),
    ],
)
def test_lists_that_a_comprehension_makes(made: str, nature: Nature) -> None:
    _, frame = loop(f"names = {made}\nfor item in names:\n    {WRITE}")
    assert frame.nature is nature


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("UPDATE a SET x = 1;", False),
        ("BEGIN; UPDATE a SET x = 1; COMMIT", False),
        ("UPDATE a SET x = 1; UPDATE b SET x = 1", True),
    ],
)
def test_texts_of_several_statements(text: str, several: bool) -> None:
    app = f'import sqlite3\n\ndef show(opened: sqlite3.Connection):\n    opened.executescript("{text}")\n'
    assert only(linked({"app.py": app})).queries[0].several is several
