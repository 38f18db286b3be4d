"""What surrounds a call: what its loops are for, whether it depends on them, and what leaves them."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

from textwrap import indent

import pytest

from dblint.facts.program import Frame, Nature
from tests.link.linked import linked, only

READ = "opened.execute('SELECT id FROM line WHERE invoice_id = ?', ({},))"
FILLED = "days = [last]\nfor _ in range(12):\n    days.append(days[-1] - 7)\ndays.reverse()\n"
SCHEMA = """
    datasource db {
      provider = "postgresql"
      url      = env("DATABASE_URL")
    }
    generator client {
      provider = "prisma-client-js"
    }
    enum Kind {
      INVOICE
      CREDIT
    }
    model Line {
      id        Int @id
      invoiceId Int
    }
    """


DECLARED = """
import time

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from django.conf import settings
from django.db import models

STATES = ('paid', 'draft')


class Line:
    def __init__(self, names):
        self.names = names

    @property
    def short(self):
        if self.names:
            return [self.names[0]]
        return []

    @property
    def whole(self):
        return self.names if self.names else []


MAPPED = OrderedDict((('paid', 1), ('draft', 2)))
NAMED = dict(paid=1, draft=2)
OPEN = dict(STATES_OF, paid=1)
MORE = STATES + ('late',)
ALL = STATES + listed()
WORDS = 'paid draft late'.split()
LONG = 'a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7'.split()
GROWN = ['paid']
HELD = ['paid']
HELD.append('draft')


def grow(name):
    GROWN.append(name)


class State(Enum):
    PAID = 1


class Kind(models.TextChoices):
    LINE = 'line'


def states():
    return ['paid', 'draft']


def all_of(invoices):
    return [*invoices]


def some_of(invoices):
    if invoices:
        return invoices
    return ['paid']


def either(last):
    if last:
        return STATES
    return sorted(['paid', 'draft'])


def pause():
    time.sleep(1)


def next_batch(invoices, size):
    return invoices.load(size)


def chunked(invoices, size):
    for start in range(0, len(invoices), size):
        yield invoices[start:start + size]


def filled(invoices):
    part = []
    for invoice in invoices:
        part.append(invoice)
        if len(part) == 100:
            yield part
            part = []
    yield part


def parts_of(invoices, size):
    return [invoices[start:start + size] for start in range(0, len(invoices), size)]


def sliced(invoices, size):
    parts = []
    for start in range(0, len(invoices), size):
        parts.append(invoices[start:start + size])
    return parts
"""


def python(body: str, parameters: str = "invoices", before: str = "") -> tuple[Frame, ...]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = (
        f"import asyncio\nimport itertools\nimport sqlite3\nopened = sqlite3.connect('shop.db')\n{before}\n"
        f"def run({parameters}):\n{lines}\n"
    )
    return only(linked({"app.py": source})).frames


def typescript(body: str, parameters: str = "invoices: { id: number }[]") -> tuple[Frame, ...]:
    source = (
        "import { Kind, PrismaClient } from '@prisma/client';\nimport { chunk } from 'lodash';\n"
        "function parts(all: any[], size: number) {\n  const found = [];\n"
        "  for (let i = 0; i < all.length; i += size) { found.push(all.slice(i, i + size)); }\n  return found;\n}\n"
        "function batch(all: any[], size: number) { return all.filter((one) => one.size < size); }\nenum Own { A = 'a' }\nconst store = new PrismaClient();\n"
        f"export async function run({parameters}) {{\n{body}\n}}\n"
    )
    return only(linked({"schema.prisma": SCHEMA, "app.ts": source})).frames


def loop(frames: tuple[Frame, ...]) -> Frame:
    """The one loop among frames."""
    [found] = [frame for frame in frames if frame.kind == "loop"]
    return found


PARTS = """
def short(invoices, size=5):
    for invoice in invoices[:size]:
        {0}


def handed(invoices, most=5):
    for invoice in invoices[:most]:
        {0}


def queued(invoices, part=5):
    for invoice in invoices[:part]:
        {0}


def keywords(**given):
    for key, value in list(given.items()):
        {0}


def one_keyword(**given):
    for invoice in given["invoices"]:
        {0}


def each_part(invoices):
    for state, names in ((1, ["paid", "draft"]), (2, ("late",))):
        for invoice in names:
            {0}


def one_part(invoices):
    for state, names in ((1, ["paid", "draft"]), (2, invoices)):
        for invoice in names:
            {0}


def passed(pairs):
    for state, names in pairs:
        for invoice in names:
            {0}


def run(invoices):
    short(invoices)
    handed(invoices, 500)
    queued.delay(invoices, part=500)
    for kind, pairs in [(1, [(1, ["paid"])]), (2, [(1, ["late"]), (2, ["draft"])])]:
        passed(pairs)
"""


def test_parts_of_what_stands_in_the_source() -> None:
    head = "import sqlite3\nopened = sqlite3.connect('shop.db')\n"
    project = linked({"app.py": head + PARTS.format(READ.format("invoice"))})
    assert [
        (call.function.partition("::")[2], [frame.nature.value for frame in call.frames if frame.kind == "loop"])
        for call in project.calls
        if call.queries
    ] == [
        ("short", ["constant"]),
        ("handed", ["each"]),
        ("queued", ["each"]),
        ("keywords", ["constant"]),
        ("one_keyword", ["each"]),
        ("each_part", ["constant", "constant"]),
        ("one_part", ["constant", "each"]),
        ("passed", ["constant", "constant"]),
    ]


@pytest.mark.parametrize(
    ("body", "nature", "construct"),
    [
        (f"for invoice in invoices:\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"for number, invoice in enumerate(invoices):\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"for start in range(0, len(invoices), 100):\n    {READ.format('start')}", Nature.CHUNK, "for"),
        (f"for number in range(len(invoices) - 1, -1, -1):\n    {READ.format('invoices[number]')}", Nature.EACH, "for"),
        (f"for part in itertools.batched(invoices, 100):\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"for name in ('paid', 'draft'):\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in ['paid', 'draft']:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in STATES:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for attempt in range(3):\n    {READ.format('attempt')}", Nature.RETRY, "for"),
        (f"for month in range(12, 0, -1):\n    {READ.format('month')}", Nature.CONSTANT, "for"),
        (f"for number in range(len(invoices)):\n    {READ.format('invoices[number]')}", Nature.EACH, "for"),
        (f"for name in [*STATES, *invoices]:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"parts = itertools.batched(invoices, 100)\nfor part in parts:\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"parts = chunked(invoices, 100)\nfor part in parts:\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"parts = split(invoices)\nfor part in parts:\n    {READ.format('part')}", Nature.EACH, "for"),
        (f"for part in parts_of(invoices, 100):\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"for part in filled(invoices):\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"for part in sliced(invoices, 100):\n    {READ.format('part')}", Nature.CHUNK, "for"),
        (f"for invoice in next_batch(invoices, 100):\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"for start in range(0, len(invoices), 1):\n    {READ.format('invoices[start]')}", Nature.EACH, "for"),
        (f"for number in range(100000):\n    {READ.format('number')}", Nature.EACH, "for"),
        (f"for number in range(0, 100000, 100):\n    {READ.format('number')}", Nature.CHUNK, "for"),
        (f"for page in range(1, len(invoices) // 100 + 1):\n    {READ.format('(page - 1) * 100')}", Nature.PAGE, "for"),
        (f"while invoices:\n    invoice = invoices.pop()\n    {READ.format('invoice')}", Nature.EACH, "while"),
        (f"while invoices:\n    invoice = invoices.pop()\n    {READ.format('invoice')}\n    invoices.append(invoice.next)", Nature.PAGE, "while"),
        (f"while invoices:\n    invoice = invoices.pop()\n    {READ.format('invoice')}\n    follow(invoice, invoices)", Nature.PAGE, "while"),
        (f"while last < len(invoices):\n    {READ.format('invoices[last]')}\n    last += 1", Nature.EACH, "while"),
        (f"while last < len(invoices):\n    {READ.format('last')}\n    last += 100", Nature.CHUNK, "while"),
        (f"while last < 100:\n    {READ.format('last')}\n    time.sleep(1)", Nature.POLL, "while"),
        (f"while last < 100:\n    {READ.format('last')}\n    pause()", Nature.POLL, "while"),
        (f"return sorted(invoices, key=lambda invoice: {READ.format('invoice')})", Nature.EACH, "sorted"),
        (f"for state in State:\n    {READ.format('state')}", Nature.CONSTANT, "for"),
        (f"for state in list(State):\n    {READ.format('state')}", Nature.CONSTANT, "for"),
        (f"for state in State.__members__.values():\n    {READ.format('state')}", Nature.CONSTANT, "for"),
        (f"for kind in Kind.values:\n    {READ.format('kind')}", Nature.CONSTANT, "for"),
        (f"for kind, label in Kind.choices:\n    {READ.format('kind')}", Nature.CONSTANT, "for"),
        (f"for name in states():\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name, number in MAPPED.items():\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in dict(invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in NAMED:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in OPEN:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in dict(**invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in MORE:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in ALL:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in {{'paid'}} | {{'draft'}}:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in WORDS:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in LONG:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in 'a,b'.split(','):\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in invoices.split():\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in 'a,b'.split(invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in GROWN:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in HELD:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"parts = [dict(one) for one in invoices]\nfor part in parts:\n    {READ.format('part')}", Nature.EACH, "for"),
        (f"for name in either(last):\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"names = either(last)\nfor name in names:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in some_of(invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"names = some_of(invoices)\nfor name in names:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"names = ['paid']\nif last:\n    names = invoices\nfor name in names:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"names = ['paid']\nif last:\n    names = STATES\nfor name in names:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"names = ['paid'] if last else ['draft']\nfor name in names:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"names = ['paid'] if last else invoices\nfor name in names:\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in all_of(invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for invoice in invoices[:3]:\n    {READ.format('invoice')}", Nature.CONSTANT, "for"),
        (f"for invoice in invoices[:300]:\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"for name in STATES[1:]:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for invoice in invoices[1:]:\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"{FILLED}for one in list(zip(days[:-1], days[1:]))[1:]:\n    {READ.format('one')}", Nature.CONSTANT, "for"),
        (f"{FILLED}for one in enumerate(reversed(days)):\n    {READ.format('one')}", Nature.CONSTANT, "for"),
        (f"{FILLED}for invoice in invoices:\n    days.append(invoice)\nfor day in days:\n    {READ.format('day')}", Nature.EACH, "for"),
        (f"{FILLED}follow(days)\nfor day in days:\n    {READ.format('day')}", Nature.EACH, "for"),
        (f"{FILLED}days.extend(invoices)\nfor day in days:\n    {READ.format('day')}", Nature.EACH, "for"),
        (f"days = []\nfor _ in range(last):\n    days.append(1)\nfor day in days:\n    {READ.format('day')}", Nature.EACH, "for"),
        (f"days = []\nfor _ in range(30):\n    for _ in range(30):\n        days.append(1)\nfor day in days:\n    {READ.format('day')}", Nature.EACH, "for"),
        (f"for invoice in invoices or []:\n    {READ.format('invoice')}", Nature.EACH, "for"),
        (f"for name in settings.STATES:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in settings.STATES['open']:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in settings.STATES.get(invoices, []):\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"names = settings.STATES.get(invoices) or []\nfor name in names:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in settings.STATES.load(invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in invoices.get('states', []):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"return list(map(lambda invoice: {READ.format('invoice')}, invoices))", Nature.EACH, "map"),
        (f"return list(map(lambda name: {READ.format('name')}, STATES))", Nature.CONSTANT, "map"),
        (f"pool = ThreadPoolExecutor()\nreturn pool.map(lambda invoice: {READ.format('invoice')}, invoices)", Nature.EACH, "map"),
        (f"while True:\n    rows = {READ.format('last')}.fetchall()\n    if not rows:\n        break\n    last = rows[-1]", Nature.PAGE, "while"),
        (f"return [{READ.format('invoice')} for invoice in invoices]", Nature.EACH, "comprehension"),
        (f"return {{invoice: {READ.format('invoice')} for invoice in invoices}}", Nature.EACH, "comprehension"),
        (f"return sum({READ.format('invoice')} for invoice in invoices)", Nature.EACH, "comprehension"),
        (f"for name in itertools.chain(['paid'], invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in itertools.chain(['paid'], STATES):\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in itertools.chain(*invoices):\n    {READ.format('name')}", Nature.EACH, "for"),
        (f"for name in Line(last).short:\n    {READ.format('name')}", Nature.CONSTANT, "for"),
        (f"for name in Line(last).whole:\n    {READ.format('name')}", Nature.EACH, "for"),
    ],
)  # fmt: skip
def test_what_a_loop_is_for(body: str, nature: Nature, construct: str) -> None:
    found = loop(python(body, "invoices, last=0", DECLARED))
    assert (found.nature, found.construct) == (nature, construct)


@pytest.mark.parametrize(
    ("body", "nature", "construct"),
    [
        ("for (const invoice of invoices) { await READ(invoice.id); }", Nature.EACH, "for"),
        ("for (let i = 0; i < invoices.length; i++) { await READ(invoices[i].id); }", Nature.EACH, "counter"),
        ("for (let i = 0; i < invoices.length; i += 1) { await READ(invoices[i].id); }", Nature.EACH, "counter"),
        ("for (let i = 0; i < invoices.length; i += size) { await READ(i); }", Nature.CHUNK, "counter"),
        ("for (let i = 0; i < invoices.length; i += 100) { await READ(i); }", Nature.CHUNK, "counter"),
        ("for (let i = 0; i < 3; i++) { await READ(i); }", Nature.RETRY, "counter"),
        ("for (const id of [1, 2, 3]) { await READ(id); }", Nature.CONSTANT, "for"),
        ("let id = 0; while (id >= 0) { const rows = await READ(id); id = rows.length ? id + 1 : -1; }", Nature.PAGE, "while"),
        ("return invoices.map((invoice) => READ(invoice.id));", Nature.EACH, "map"),
        ("invoices.forEach(async ({ id }) => { await READ(id); });", Nature.EACH, "forEach"),
        ("return invoices.flatMap((invoice) => READ(invoice.id));", Nature.EACH, "flatMap"),
        ("return Promise.all(invoices.map((invoice) => READ(invoice.id)));", Nature.EACH, "map"),
        ("return Promise.all([1, 2].map((id) => READ(id)));", Nature.CONSTANT, "map"),
        ("return Promise.all(Object.values(Kind).map((kind) => READ(kind)));", Nature.CONSTANT, "map"),
        ("const kinds = Object.values(Kind); for (const kind of kinds) { await READ(kind); }", Nature.CONSTANT, "for"),
        ("for (const kind of Object.values(Own)) { await READ(kind); }", Nature.CONSTANT, "for"),
        ("for (let i = invoices.length - 1; i >= 0; i--) { await READ(invoices[i].id); }", Nature.EACH, "counter"),
        ("for (let i = 0, n = invoices.length; i < n; i++) { await READ(invoices[i].id); }", Nature.EACH, "counter"),
        ("for (let i = 0; i < 1000; i++) { await READ(i); }", Nature.EACH, "counter"),
        ("for (let i = 0; i < 24; i++) { await READ(i); }", Nature.CONSTANT, "counter"),
        ("for (let i = 0; i < invoices.length / 50; i++) { await READ(i * 50); }", Nature.PAGE, "counter"),
        ("let i = 0; while (i < invoices.length) { await READ(invoices[i].id); i++; }", Nature.EACH, "while"),
        ("while (invoices.length) { const one = invoices.shift(); await READ(one.id); }", Nature.EACH, "while"),
        ("while (invoices.length > 0) { const part = invoices.splice(0, 50); await READ(part); }", Nature.PAGE, "while"),
        ("let one; while ((one = invoices.pop())) { await READ(one.id); }", Nature.EACH, "while"),
        ("for (const invoice of invoices.slice(0, 5)) { await READ(invoice.id); }", Nature.CONSTANT, "for"),
        ("const first = invoices.slice(0, 5); for (const invoice of first) { await READ(invoice.id); }", Nature.CONSTANT, "for"),
        ("for (const invoice of invoices.slice(0, 50)) { await READ(invoice.id); }", Nature.EACH, "for"),
        ("for (const invoice of invoices.slice(5)) { await READ(invoice.id); }", Nature.EACH, "for"),
        ("const parts = chunk(invoices, 50); for (let i = 0; i < parts.length; i++) { await READ(parts[i]); }", Nature.CHUNK, "counter"),
        ("for (const part of parts(invoices, 50)) { await READ(part); }", Nature.CHUNK, "for"),
        ("for (const invoice of batch(invoices, 50)) { await READ(invoice.id); }", Nature.EACH, "for"),
        ("for (const name of 'paid,draft'.split(',')) { await READ(name); }", Nature.CONSTANT, "for"),
        ("for (const name of invoices[0].names.split(',')) { await READ(name); }", Nature.EACH, "for"),
        ("for (const invoice of invoices ?? []) { await READ(invoice.id); }", Nature.EACH, "for"),
    ],
)  # fmt: skip
def test_what_a_loop_of_typescript_is_for(body: str, nature: Nature, construct: str) -> None:
    found = loop(typescript(calls(body)))
    assert (found.nature, found.construct) == (nature, construct)
    assert found.dependent is bool(found.variables)


def calls(body: str) -> str:
    """`READ(key)` as a query of the lines of that invoice."""
    before, mark, rest = body.partition("READ(")
    depth = 1
    for index, character in enumerate(rest):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            key, after = rest[:index], rest[index + 1 :]
            return f"{before}store.line.findMany({{ where: {{ invoiceId: {key} }} }}){after}"
    raise AssertionError(mark)


@pytest.mark.parametrize(
    ("body", "concurrent"),
    [
        ("return Promise.all(invoices.map((invoice) => READ(invoice.id)));", True),
        ("await Promise.allSettled(invoices.map(async (invoice) => { await READ(invoice.id); }));", True),
        ("return invoices.map((invoice) => READ(invoice.id));", False),
        ("const jobs = invoices.map((invoice) => READ(invoice.id)); await Promise.all(jobs);", True),
        ("const jobs = invoices.map((invoice) => READ(invoice.id)); return jobs;", False),
        (
            "const jobs = []; for (const invoice of invoices) { jobs.push(READ(invoice.id)); } await Promise.all(jobs);",
            True,
        ),
        (
            "const jobs = []; for (const invoice of invoices) { jobs.push(await READ(invoice.id)); } await Promise.all(jobs);",
            False,
        ),
        ("for (const invoice of invoices) { await READ(invoice.id); }", False),
    ],
)
def test_iterations_at_once(body: str, concurrent: bool) -> None:
    assert loop(typescript(calls(body))).concurrent is concurrent


def test_constants_of_another_module() -> None:
    constants = "from collections import OrderedDict\nBOTH = OrderedDict((('a', 1), ('b', 2)))\nGROWN = dict(a=1)\ndef grow(more):\n    GROWN.update(more)\n"
    source = "import sqlite3\nimport constants\nopened = sqlite3.connect('shop.db')\ndef listed():\n    return list(constants.NAME.items())\ndef run():\n    for name, number in listed():\n        opened.execute('SELECT id FROM line WHERE name = ?', (name,))\n"
    for name, nature in (("BOTH", Nature.CONSTANT), ("GROWN", Nature.EACH)):
        files = {"constants.py": constants, "app.py": source.replace("NAME", name)}
        assert loop(only(linked(files)).frames).nature is nature


def test_gathered_comprehensions_run_at_once() -> None:
    body = f"return asyncio.gather(*[{READ.format('invoice')} for invoice in invoices])"
    assert loop(python(body)).concurrent


@pytest.mark.parametrize(
    "body",
    [
        f"return [row for row in {READ.format('1')}]",
        f"for row in {READ.format('1')}:\n    print(row)",
        f"for row in {READ.format('1')}.fetchall():\n    print(row)",
        f"return {{row for row in {READ.format('1')} if row}}",
    ],
)
def test_what_is_iterated_is_asked_once(body: str) -> None:
    assert [frame.kind for frame in python(body)] == []


def test_the_second_iterable_of_a_comprehension_is_asked_per_element() -> None:
    found = loop(python(f"return [row for invoice in invoices for row in {READ.format('invoice')}]"))
    assert found.dependent


@pytest.mark.parametrize(
    ("body", "dependent"),
    [
        (f"for invoice in invoices:\n    {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    {READ.format('invoice.id')}", True),
        (f"for number, invoice in enumerate(invoices):\n    {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    key = invoice.id\n    {READ.format('key')}", True),
        (f"for invoice in invoices:\n    key = invoice.id\n    other = key + 1\n    {READ.format('other')}", True),
        (f"for invoice in invoices:\n    {READ.format('1')}", False),
        (f"for invoice in invoices:\n    {READ.format('chosen')}", False),
        (f"for invoice in invoices:\n    key = chosen\n    {READ.format('key')}", False),
        (
            f"for invoice in invoices:\n    for line in invoice.lines:\n        key = line.id\n    {READ.format('key')}",
            True,
        ),
        (f"for invoice in invoices:\n    key = invoice\n    key = str(key)\n    {READ.format('key')}", True),
        (f"for invoice in invoices:\n    key = 'i'\n    key += invoice\n    {READ.format('key')}", True),
        (f"for invoice in invoices:\n    key = chosen\n    key = str(key)\n    {READ.format('key')}", False),
        (f"for invoice in invoices:\n    for key in chosen:\n        print(invoice)\n    {READ.format('key')}", False),
        (f"for invoice in invoices:\n    key = {{}}\n    key[invoice.id] = 1\n    {READ.format('key')}", True),
        (f"for invoice in invoices:\n    key = {{}}\n    key['id'] = invoice\n    {READ.format('key')}", True),
        (f"for invoice in invoices:\n    key = {{}}\n    key['id'] = chosen\n    {READ.format('key')}", False),
        (f"for invoice in invoices:\n    key = {{}}\n    {READ.format('key')}\n    key['id'] = invoice", False),
    ],
)
def test_dependence_on_the_element(body: str, dependent: bool) -> None:
    assert loop(python(body, "invoices, chosen")).dependent is dependent


def test_a_query_that_is_built_in_steps_depends_on_what_it_was_begun_with() -> None:
    source = """
        from django.db import models

        class Line(models.Model):
            invoice = models.IntegerField()

        def run(invoices):
            for invoice in invoices:
                rows = Line.objects.filter(invoice=invoice)
                rows = rows.distinct()
                rows = rows.order_by('id')
                print(list(rows))
        """
    assert loop(only(linked({"shop/models.py": source})).frames).dependent


def test_a_name_that_is_given_again_depends_on_what_it_was() -> None:
    body = "for (const invoice of invoices) { let key = invoice.id; key = Number(key); await READ(key); }"
    assert loop(typescript(calls(body))).dependent


SEARCHES = [
    ("for line in invoice.lines:\n    return line", True),
    (
        "for line in invoice.lines:\n    try:\n        made = line.made()\n    except OSError:\n        continue\n    return made",
        True,
    ),
    ("for line in invoice.lines:\n    if line.draft:\n        continue\n    else:\n        return line", True),
    (
        "for line in invoice.lines:\n    if line.draft:\n        return line\n    elif line.open:\n        continue\n    else:\n        return found",
        True,
    ),
    ("with invoice:\n    return invoice", True),
    ("if invoice.draft:\n    continue\nelse:\n    break", True),
    ("for line in invoice.lines:\n    break", False),
    ("for line in invoice.lines:\n    continue", False),
    ("for line in invoice.lines:\n    if line.draft:\n        return line", False),
    ("for line in invoice.lines:\n    if line.draft:\n        print(line)\n    else:\n        return line", False),
    ("for line in invoice.lines:\n    return False", False),
    ("for line in invoice.lines:\n    return", False),
    ("for line in invoice.lines:\n    raise ValueError", False),
    ("if found:\n    continue\nelse:\n    return invoice", False),
    ("if invoice.draft:\n    continue\nelse:\n    raise ValueError", False),
]
"""What follows what is read in an iteration, and whether the straight way through it leaves the loop."""


@pytest.mark.parametrize(
    ("body", "leaves"),
    [
        (f"for invoice in invoices:\n    return {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    if invoice:\n        return {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    {READ.format('invoice')}\n    break", True),
        (f"for invoice in invoices:\n    if invoice:\n        {READ.format('invoice')}\n        return invoice", True),
        (f"for invoice in invoices:\n    {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found:\n        return found", False),
        (f"for invoice in invoices:\n    {READ.format('invoice')}\n    continue", False),
        (f"for invoice in invoices:\n    if invoice:\n        {READ.format('invoice')}\n        continue\n    raise ValueError", False),
        (f"for invoice in invoices:\n    if invoice:\n        {READ.format('invoice')}\n    raise ValueError", True),
        (f"for invoice in invoices:\n    match invoice:\n        case 1:\n            {READ.format('invoice')}\n            break", True),
        (f"for invoice in invoices:\n    try:\n        {READ.format('invoice')}\n    except OSError:\n        pass\n    else:\n        break", True),
        (f"for invoice in invoices:\n    try:\n        {READ.format('invoice')}\n        raise ValueError\n    except ValueError:\n        pass", False),
        (f"for invoice in invoices:\n    try:\n        {READ.format('invoice')}\n    finally:\n        print(invoice)\n    break", True),
        (f"for invoice in invoices:\n    with invoice:\n        {READ.format('invoice')}\n        break", True),
        *((f"for invoice in invoices:\n    found = {READ.format('invoice')}\n{indent(rest, '    ')}", leaves) for rest, leaves in SEARCHES),
    ],
)  # fmt: skip
def test_the_iteration_that_leaves_the_loop(body: str, leaves: bool) -> None:
    assert loop(python(body)).leaves is leaves


@pytest.mark.parametrize(
    ("body", "leaves"),
    [
        ("switch (invoice.id) { case 1: await READ(invoice.id); break; case 2: break; }", False),
        ("switch (invoice.id) { case 1: await READ(invoice.id); break; } break;", True),
        ("switch (invoice.id) { case 1: return await READ(invoice.id); }", True),
        ("await store.$transaction(async () => { const found = await READ(invoice.id); return found; });", False),
        ("await store.$transaction(async () => READ(invoice.id)); break;", True),
        ("return store.$transaction(async () => { const found = await READ(invoice.id); return found; });", True),
        ("if (invoice.id) { await READ(invoice.id); continue; } throw new Error();", False),
        ("await READ(invoice.id); throw new Error();", True),
    ],
)  # fmt: skip
def test_the_iteration_of_typescript_that_leaves_the_loop(body: str, leaves: bool) -> None:
    found = loop(typescript(calls(f"for (const invoice of invoices) {{ {body} }}")))
    assert found.leaves is leaves


@pytest.mark.parametrize(
    ("body", "paused"),
    [
        ("READ\ntime.sleep(1)", True),
        ("time.sleep(1)\nREAD", True),
        ("if invoice:\n    READ\ntime.sleep(1)", True),
        ("READ\nwait()", True),
        ("name = input(invoice)\nREAD", True),
        ("name = shown(input)\nREAD", False),
        ("if invoice.draft:\n    name = input(invoice)\nREAD", False),
        ("rows = READ\nfor row in rows:\n    print(row)\n    time.sleep(1)", True),
        ("with invoice:\n    READ\n    time.sleep(1)", True),
        ("READ", False),
        ("READ\nif invoice.draft:\n    time.sleep(1)", False),
        ("rows = READ\nif not rows:\n    continue\ntime.sleep(1)", False),
        ("if READ:\n    continue\ntime.sleep(1)", False),
        ("if READ:\n    print(invoice)\ntime.sleep(1)", True),
        ("if not invoice:\n    continue\nREAD\ntime.sleep(1)", True),
        ("try:\n    READ\nexcept OSError:\n    time.sleep(1)", False),
        ("READ\nattempt(invoice)", False),
        ("READ\nlater = lambda: time.sleep(1)", False),
    ],
)
def test_an_iteration_that_pauses(body: str, paused: bool) -> None:
    source = f"""
        import sqlite3
        import time

        opened = sqlite3.connect("shop.db")

        def wait():
            time.sleep(1)

        def attempt(invoice):
            try:
                invoice.send()
            except OSError:
                time.sleep(1)

        def run(invoices):
            for invoice in invoices:
{indent(body.replace("READ", READ.format("invoice")), " " * 16)}
        """
    assert loop(only(linked({"app.py": source})).frames).pauses is paused


@pytest.mark.parametrize(
    ("statement", "paused"),
    [
        ("await new Promise((done) => setTimeout(done, 100));", True),
        ("await sleep(100);", True),
        ("await pause(100);", True),
        ("await setTimeout(100);", True),
        ("setTimeout(() => console.log(invoice), 100);", False),
        ("sleep(100);", False),
        ("await limited(invoice);", False),
        ("await new Promise((done) => invoice.send(done));", False),
    ],
)
def test_an_iteration_of_typescript_that_pauses(statement: str, paused: bool) -> None:
    timers = "import { setTimeout } from 'timers/promises';\n" if statement.startswith("await setTimeout") else ""
    body = (
        "const sleep = (time: number) => new Promise((done) => setTimeout(done, time));\n"
        "async function pause(time: number) { return new Promise((done) => { setTimeout(done, time); }); }\n"
        "async function limited(invoice: any) { const end = setTimeout(() => invoice.stop(), 100); await invoice.send(); }\n"
        f"for (const invoice of invoices) {{ await READ(invoice.id); {statement} }}"
    )
    assert loop(typescript(timers + calls(body))).pauses is paused


def test_a_jump_inside_a_loop_inside_is_the_inner_loops() -> None:
    body = "for invoice in invoices:\n    for line in invoice.lines:\n        {}\n        break"
    outer, inner = [frame for frame in python(body.format(READ.format("line"))) if frame.kind == "loop"]
    assert (outer.leaves, inner.leaves) == (False, True)


def test_a_callback_that_returns_is_no_success_of_a_retry() -> None:
    attempt = "const found = await READ(invoice.id); {}"
    inside = "while (invoices.length) {{ const invoice = invoices.pop()!; try {{ {} }} catch {{ }} }}"
    callback = inside.format(f"await store.$transaction(async () => {{ {attempt.format('return found;')} }});")
    assert loop(typescript(calls(callback))).nature is Nature.EACH
    assert loop(typescript(calls(inside.format(attempt.format("break;"))))).nature is Nature.RETRY


def test_a_transaction_callback_is_a_frame() -> None:
    frames = typescript(
        "await store.$transaction(async (inside) => { await inside.line.deleteMany({ where: { invoiceId: 1 } }); });"
    )
    assert [frame.kind for frame in frames] == ["transaction"]


def test_a_loop_in_a_transaction() -> None:
    frames = typescript(
        "await store.$transaction(async (inside) => {\n"
        "  for (const invoice of invoices) { await inside.line.deleteMany({ where: { invoiceId: invoice.id } }); }\n"
        "});"
    )
    assert [frame.kind for frame in frames] == ["transaction", "loop"]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (READ.format("1"), []),
        (f"if invoices:\n    {READ.format('1')}", ["branch"]),
        (f"if invoices:\n    pass\nelse:\n    {READ.format('1')}", ["branch"]),
        (f"try:\n    {READ.format('1')}\nexcept ValueError:\n    pass", ["try"]),
        (f"try:\n    pass\nexcept ValueError:\n    {READ.format('1')}", ["catch"]),
        (f"try:\n    pass\nfinally:\n    {READ.format('1')}", ["finally"]),
        (f"with open('a') as file:\n    {READ.format('1')}", ["with"]),
        (f"for invoice in invoices:\n    if invoice:\n        {READ.format('invoice')}", ["loop", "branch"]),
        (f"for invoice in invoices:\n    for line in invoice:\n        {READ.format('line')}", ["loop", "loop"]),
        (f"for invoice in invoices:\n    pass\nelse:\n    {READ.format('1')}", []),
        (f"for invoice in invoices:\n    def later():\n        {READ.format('invoice')}", []),
    ],
)
def test_frames_stand_in_order(body: str, kinds: list[str]) -> None:
    assert [frame.kind for frame in python(body)] == kinds


def test_a_closure_of_its_own_is_another_function() -> None:
    source = (
        "import sqlite3\nopened = sqlite3.connect('shop.db')\n\n"
        "def outer(invoices):\n    for invoice in invoices:\n        def inner():\n"
        "            return opened.execute('SELECT id FROM line')\n        yield inner\n"
    )
    call = only(linked({"app.py": source}))
    assert call.function == "app.py::outer.inner"
    assert call.frames == ()


def test_a_loop_names_what_it_iterates() -> None:
    found = loop(python(f"for number, invoice in enumerate(self.open.invoices):\n    {READ.format('invoice')}", "self"))
    assert (found.variables, found.source) == (("number", "invoice"), "self.open.invoices")
    for written, shown in (
        ('self.data["lines"]', "self.data['lines']"),
        ("self.data[0].lines", "self.data[0].lines"),
        ("self.data[key]", "self.data[key]"),
        ("self.data[key + 1]()", "self.data[…]()"),
        ("self.lines[:300]", "self.lines"),
        ('enumerate(self.data["lines"])', "self.data['lines']"),
    ):
        assert loop(python(f"for line in {written}:\n    {READ.format('line')}", "self, key")).source == shown
    found = loop(typescript(calls("return invoices.map(({ id }, index) => READ(id));")))
    assert (found.variables, found.source) == (("id", "index"), "invoices")


@pytest.mark.parametrize(
    ("body", "seeks"),
    [
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found:\n        return found", True),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found is not None:\n        break", True),
        (f"for invoice in invoices:\n    if {READ.format('invoice')}:\n        return invoice", True),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if not found:\n        return invoice", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}.fetchall()\n    if len(found) > 0:\n        return found", True),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}.fetchone()[0]\n    if found >= 1:\n        return found", True),
        (f"for invoice in invoices:\n    (found,) = {READ.format('invoice')}.fetchone()\n    if found > 0:\n        return found", True),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}.fetchone()[0]\n    if found >= 0:\n        return found", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}.fetchone()[0]\n    if found == 0:\n        return found", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if failed(found):\n        return found", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found.error:\n        return found", False),
        (f"return any({READ.format('invoice')}.fetchone() for invoice in invoices)", True),
        (f"return any([{READ.format('invoice')}.fetchone() for invoice in invoices])", False),
        (f"return all({READ.format('invoice')}.fetchone() for invoice in invoices)", False),
        (f"return next((invoice for invoice in invoices if {READ.format('invoice')}.fetchone()), None)", True),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found:\n        raise ValueError", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if invoice:\n        return found", False),
        (f"for invoice in invoices:\n    for row in {READ.format('invoice')}:\n        if row:\n            break", False),
        (f"for invoice in invoices:\n    found = {READ.format('invoice')}\n    if found:\n        continue", False),
    ],
)  # fmt: skip
def test_a_search_ends_with_what_the_call_finds(body: str, seeks: bool) -> None:
    assert loop_of(python(body)).seeks is seeks


def loop_of(frames: tuple[Frame, ...]) -> Frame:
    """The outermost loop among frames."""
    return next(frame for frame in frames if frame.kind == "loop")


@pytest.mark.parametrize(
    ("body", "selects"),
    [
        (f"for name, value in invoices:\n    if name == 'id':\n        {READ.format('value')}", True),
        (f"for name, value in invoices:\n    if name != 'id':\n        {READ.format('value')}", False),
        (
            f"for name in invoices:\n    if name == 'a' or name == 'b':\n        continue\n    {READ.format('name')}",
            False,
        ),
        (
            f"for name in invoices:\n    if name != 'a' and name != 'b':\n        continue\n    {READ.format('name')}",
            True,
        ),
        (f"for name in invoices:\n    if name not in ('a', 'b'):\n        continue\n    {READ.format('name')}", True),
        (f"for name in invoices:\n    if name in ('a', 'b'):\n        {READ.format('name')}", True),
        (f"for name in invoices:\n    if name == 'a' or last:\n        {READ.format('name')}", False),
        (
            f"for name in invoices:\n    if name == 'a':\n        print(1)\n    elif name == 'b':\n        {READ.format('name')}",
            True,
        ),
        (
            f"for name in invoices:\n    if name == 'a':\n        kind = 1\n    elif name == 'b':\n        kind = 2\n    else:\n        raise ValueError\n    {READ.format('name')}",
            True,
        ),
        (
            f"for name in invoices:\n    if name == 'a':\n        kind = 1\n    elif name == 'b':\n        kind = 2\n    else:\n        kind = 3\n    {READ.format('name')}",
            False,
        ),
        (
            f"for name in invoices:\n    {READ.format('name')}\n    if name == 'a': print(1)\n    if name == 'b': print(2)\n    if name == 'c': print(3)",
            False,
        ),
        (f"for invoice in invoices:\n    if invoice.kind == 'id':\n        {READ.format('invoice')}", False),
    ],
)
def test_a_call_for_one_chosen_element(body: str, selects: bool) -> None:
    assert loop(python(body, "invoices, last=0")).selects is selects


def test_a_call_for_the_elements_of_some_cases() -> None:
    body = "for (const one of names) {\n  switch (one) {\n    case 'a': {\n      await READ(one);\n      break;\n    }\n  }\n}"
    assert loop(typescript(calls(body), "names: string[]")).selects
    assert not loop(typescript(calls(body.replace("case 'a'", "default")), "names: string[]")).selects


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (f"for invoice in invoices:\n    if invoice not in seen:\n        seen[invoice] = {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    row = seen.get(invoice)\n    if row is None:\n        row = {READ.format('invoice')}\n        seen[invoice] = row", True),
        (f"for invoice in invoices:\n    if invoice in seen:\n        continue\n    row = {READ.format('invoice')}\n    seen[invoice] = row", True),
        (f"for invoice in invoices:\n    seen[invoice] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if invoice:\n        seen[invoice] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    mine = {{}}\n    if invoice not in mine:\n        mine[invoice] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if not invoice.row:\n        invoice.row = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if invoice.id in seen:\n        raise ValueError\n    seen[invoice.id] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if seen > 100:\n        break\n    seen += {READ.format('invoice')}.fetchone()[0]", False),
        (f"for invoice in invoices:\n    if invoice.id not in seen:\n        seen[invoice.day] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if len(seen) < 100:\n        seen[invoice] = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if not seen.last:\n        return\n    seen.last = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if seen is None:\n        print(invoice)\n    else:\n        seen = {READ.format('invoice')}", False),
        (f"for invoice in invoices:\n    if seen is None:\n        seen = {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    seen = seen or {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    key = invoice.id\n    if key not in seen:\n        seen[invoice.id] = {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    try:\n        row = seen[invoice]\n    except KeyError:\n        row = seen[invoice] = {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    try:\n        print(seen[invoice])\n        continue\n    except KeyError:\n        pass\n    seen[invoice] = {READ.format('invoice')}", True),
        (f"for invoice in invoices:\n    if seen is None or seen.id != invoice.id:\n        seen = {READ.format('invoice')}", True),
    ],
)  # fmt: skip
def test_what_a_store_keeps_is_asked_once_per_key(body: str, kept: bool) -> None:
    assert loop(python(body, "invoices, seen")).kept is kept


KEPT = [
    (
        "result = cache.get(KEY)\nif result is None:\n    result = []\n    for invoice in invoices:\n        result.extend({})\n    cache.set(KEY, result, 60)",
        True,
    ),
    (
        "result = cache.get(KEY)\nif result is None:\n    result = []\n    for invoice in invoices:\n        rows = {}\n        result.append(rows)\n    cache.set(KEY, result)",
        True,
    ),
    (
        "result = cache.get(KEY)\nif not result:\n    result = [{} for invoice in invoices]\n    cache.set(KEY, result)",
        True,
    ),
    (
        "result = cache.get(KEY)\nif result:\n    return result\nresult = []\nfor invoice in invoices:\n    result.append({})\ncache.set(KEY, result)\nreturn result",
        True,
    ),
    ("return cache.get_or_set(KEY, lambda: [{} for invoice in invoices])", True),
    ("def made():\n    return [{} for invoice in invoices]\nreturn cache.get_or_set(KEY, made, 60)", True),
    (
        "result = cache.get(KEY)\nif result is None:\n    result = []\n    for invoice in invoices:\n        result.append({})\n    cache.set(OTHER, result)",
        False,
    ),
    (
        "result = cache.get(KEY)\nif result is not None:\n    result = []\n    for invoice in invoices:\n        result.append({})\n    cache.set(KEY, result)",
        False,
    ),
    ("result = []\nfor invoice in invoices:\n    result.append({})\ncache.set(KEY, result)", False),
    (
        "result = cache.get(KEY)\nif result is None:\n    other = []\n    for invoice in invoices:\n        other.append({})\n    cache.set(KEY, seen)",
        False,
    ),
    ("if not seen:\n    for invoice in invoices:\n        seen.append({})", False),
    ("return cache.get_or_set(KEY, [{} for invoice in invoices])", False),
    ("def made():\n    return [{} for invoice in invoices]\nmade()\nreturn cache.get_or_set(KEY, made, 60)", False),
]
"""Functions that ask a store around their loop, and whether it keeps what the loop makes."""


@pytest.mark.parametrize(("body", "kept"), KEPT)
def test_what_a_store_around_the_loop_keeps_is_asked_once(body: str, kept: bool) -> None:
    assert loop(python(body.format(READ.format("invoice")), "invoices, seen, cache")).kept is kept


@pytest.mark.parametrize(
    ("guard", "kept"),
    [
        ("const seen = await known.get('all'); if (seen) return seen; const rows = await MAP; await known.set('all', rows);", True),
        ("const seen = await known.get('all'); if (seen) return seen; const rows = await MAP; await known.set('some', rows);", False),
        ("let rows = known; if (!rows) { rows = await MAP; }", False),
        ("return known.getOrSet('all', async () => MAP);", True),
        ("return known.getOrSet('all', await MAP);", False),
    ],
)  # fmt: skip
def test_what_a_map_around_a_callback_keeps(guard: str, kept: bool) -> None:
    body = guard.replace("MAP", f"Promise.all(invoices.map(async (i) => {calls('READ(i.id)')}))")
    assert loop(typescript(body, "invoices: { id: number, code: number }[], known: any")).kept is kept


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("const seen = known.get(i.id); if (!seen) { const rows = await READ(i.id); known.set(i.id, rows); }", True),
        ("if (!known.has(i.id)) known.set(i.id, await READ(i.id));", True),
        ("if (!known.has(i.id)) known.set(i.code, await READ(i.id));", False),
        ("known[i.id] ??= await READ(i.id);", True),
        ("known[i.id] = known[i.id] ?? await READ(i.id);", True),
        ("known[i.id] = known[i.code] ?? await READ(i.id);", False),
        ("if (known[i.id] === undefined) known[i.id] = await READ(i.id);", True),
        ("if (known[i.id] !== undefined) known[i.id] = await READ(i.id);", False),
    ],
)
def test_a_map_keeps_as_a_dictionary_does(statement: str, kept: bool) -> None:
    body = f"for (const i of invoices) {{ {calls(statement)} }}"
    assert loop(typescript(body, "invoices: { id: number, code: number }[], known: any")).kept is kept


@pytest.mark.parametrize(
    ("body", "elsewhere"),
    [
        ("for name in names:\n    opened.execute(f'SELECT count(*) FROM {name}')", True),
        ("for path in names:\n    other = sqlite3.connect(path)\n    other.execute('SELECT id FROM line')", True),
        (
            "for path in names:\n    with sqlite3.connect(path) as other:\n        other.execute('SELECT id FROM line')",
            True,
        ),
        (
            "for name in names:\n    cursor = opened.cursor()\n    cursor.execute('SELECT id FROM line WHERE name = ?', (name,))",
            False,
        ),
        ("for other in names:\n    found: sqlite3.Connection = other\n    found.execute('SELECT id FROM line')", True),
        ("for name in names:\n    opened.execute('SELECT id FROM line WHERE name = ?', (name,))", False),
        (
            "for name in names:\n    opened.execute('DELETE FROM line WHERE name = ?', (name,))\n    opened.execute('SELECT 1')",
            False,
        ),
    ],
)
def test_another_table_or_database_each_time(body: str, elsewhere: bool) -> None:
    source = f"import sqlite3\nopened = sqlite3.connect('shop.db')\n\ndef run(names):\n{indent(body, '    ')}\n"
    assert loop(linked({"app.py": source}).calls[-1].frames).elsewhere is elsewhere


@pytest.mark.parametrize(
    ("use", "triggers"),
    [
        ("found.extend(Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found.append(Book.objects.filter(shelf=shelf))", []),
        ("found = ', '.join(Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = bool(Book.objects.filter(shelf=shelf))", ["truth"]),
        ("found = reversed(Book.objects.filter(shelf=shelf))", ["len"]),
        ("found = itertools.chain(Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = itertools.chain(found, Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = chain(Book.objects.filter(shelf=shelf), Book.objects.all())", ["iterate", "iterate"]),
        ("found = chain(*Book.objects.filter(shelf=shelf))", []),
        ("found = chain.from_iterable(Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = zip(found, Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = dict(enumerate(Book.objects.filter(shelf=shelf)))", ["iterate"]),
        ("for number, book in enumerate(Book.objects.filter(shelf=shelf)):\n                print(book)", ["iterate"]),
        ("found = list(map(str, Book.objects.filter(shelf=shelf)))", ["iterate"]),
        ("found = sorted(Book.objects.filter(shelf=shelf), key=str)", ["iterate"]),
        ("found = max(Book.objects.filter(shelf=shelf), key=str)", ["iterate"]),
        ("found = next(iter(Book.objects.filter(shelf=shelf)))", ["iterate"]),
        ("found = Counter(Book.objects.filter(shelf=shelf))", ["iterate"]),
        ("found = functools.reduce(str, Book.objects.filter(shelf=shelf))", ["iterate"]),
    ],
)
def test_what_the_host_does_with_a_lazy_query(use: str, triggers: list[str]) -> None:
    source = f"""
        import functools
        import itertools
        from collections import Counter
        from itertools import chain

        from django.db import models

        class Book(models.Model):
            shelf = models.IntegerField()

        def load(shelf, found):
            {use}
        """
    project = linked({"library/models.py": source})
    assert [call.trigger for call in project.calls if call.effects] == triggers


GIVEN = """
import {{ PrismaClient }} from '@prisma/client';
import _ from 'lodash';
import {{ forEach }} from 'lodash';
import pMap from 'p-map';
const store = new PrismaClient();
type Work<T> = (value: T) => Promise<unknown>;

async function inside(name: string, work: Work<any>) {{ console.log(name); return store.$transaction(work); }}
async function twice(work: Work<any>) {{ return inside('twice', work); }}
const timed = async (work: () => Promise<unknown>) => {{ const start = Date.now(); try {{ return await work(); }} finally {{ console.log(start); }} }};
async function retried(work: Work<number>) {{ for (let attempt = 0; attempt < 3; attempt++) {{ try {{ return await work(attempt); }} catch {{}} }} }}
const kept = new Map<number, unknown>();
async function remembered(key: number, work: () => Promise<unknown>) {{
  const known = kept.get(key);
  if (known) return known;
  const found = await work();
  kept.set(key, found);
  return found;
}}
async function later(work: Work<any>) {{ queue.push(work); }}
async function inTurn<T>(items: T[], work: Work<T>) {{ for (const item of items) {{ await work(item); }} }}
async function counted<T>(items: T[], work: Work<T>) {{ for (let i = 0; i < items.length; i++) await work(items[i]); }}
async function atOnce<T>(items: T[], work: Work<T>) {{ return Promise.all(items.map((item) => work(item))); }}
async function byName<T>(items: T[], work: Work<T>) {{ return Promise.all(items.map(work)); }}
async function pooled<T>(items: T[], size: number, work: Work<T>) {{
  let next = 0;
  const worker = async () => {{ while (next < items.length) {{ const index = next++; await work(items[index]); }} }};
  await Promise.all(Array.from({{ length: size }}, worker));
}}
const queue: Work<any>[] = [];

export async function run(invoices: {{ id: number }}[]) {{
  {}
}}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for (const invoice of invoices) {{ await inside('x', async () => {{ await {}; }}); }}", ["loop for invoices", "transaction"]),
        ("for (const invoice of invoices) {{ await twice(async () => {{ await {}; }}); }}", ["loop for invoices", "transaction"]),
        ("for (const invoice of invoices) {{ await timed(async () => {}); }}", ["loop for invoices", "closure"]),
        ("for (const invoice of invoices) {{ await retried(async () => {}); }}", ["loop for invoices", "closure"]),
        ("for (const invoice of invoices) {{ await later(async () => {}); }}", []),
        ("for (const invoice of invoices) {{ await remembered(invoice.id, async () => {}); }}", []),
        ("await inTurn(invoices, async (invoice) => {});", ["loop inTurn invoices"]),
        ("await counted(invoices, async (invoice) => {});", ["loop counted invoices"]),
        ("await atOnce(invoices, async (invoice) => {});", ["loop atOnce invoices at once"]),
        ("await byName(invoices, async (invoice) => {});", ["loop byName invoices at once"]),
        ("await pooled(invoices, 4, async (invoice) => {});", ["loop pooled invoices"]),
        ("await pMap(invoices, async (invoice) => {});", ["loop pMap invoices at once"]),
        ("_.map(invoices, async (invoice) => {});", ["loop map invoices"]),
        ("forEach(invoices, async (invoice) => {});", ["loop forEach invoices"]),
    ],
)  # fmt: skip
def test_a_function_that_is_handed_on_runs_where_it_is_given(body: str, expected: list[str]) -> None:
    read = "store.line.findMany({ where: { invoiceId: invoice.id } })"
    project = linked({"schema.prisma": SCHEMA, "app.ts": GIVEN.format(body.format(read))})
    frames = only(project).frames
    assert [
        " ".join(filter(None, (frame.kind, frame.construct, frame.source, "at once" if frame.concurrent else "")))
        for frame in frames
    ] == expected
    assert all(frame.dependent and frame.nature is Nature.EACH for frame in frames if frame.kind == "loop")


def test_a_function_of_python_that_is_handed_on() -> None:
    before = "def each(keys, work):\n    return [work(key) for key in keys]\n\n\ndef once(work):\n    return work()\n"
    found = loop(python(f"each(invoices, lambda invoice: {READ.format('invoice')})", before=before))
    assert (found.construct, found.source, found.dependent) == ("each", "invoices", True)
    frames = python(f"for invoice in invoices:\n    once(lambda: {READ.format('invoice')})", before=before)
    assert [frame.kind for frame in frames] == ["loop", "closure"]


CHECK = "opened.execute('DELETE FROM line WHERE invoice_id = ?', (invoice.id,))"


@pytest.mark.parametrize(
    ("guard", "passes"),
    [
        ("if loud:", ""),
        ("if not invoice.id:\n        raise ValueError(invoice)\n    if True:", ""),
        ("if invoice.paid:\n        break\n    if True:", ""),
        ("if invoice.paid:\n        return invoice\n    if True:", ""),
        ("if invoice.paid:", "some"),
        ("if invoice.due < loud:", "some"),
        ("if invoice.state is None:", "some"),
        ("if invoice.state != 'paid':", "some"),
        ("if not invoice.paid:\n        continue\n    if True:", "some"),
        ("if invoice.state == 'paid':", "few"),
        ("if 'paid' == invoice.state:", "few"),
        ("if invoice.state == loud:", "few"),
        ("if invoice.state in ('paid', 'sent'):", "few"),
        ("if invoice.state in loud:", "some"),
        ("if invoice.paid and not invoice.state != 'paid':", "few"),
        ("if invoice.state == 'paid' or invoice.state == 'sent':", "few"),
        ("if invoice.state == 'paid' or invoice.late:", "some"),
        ("if invoice.state != 'paid':\n        continue\n    if True:", "few"),
        ("if invoice.state != invoice.before.state:", "few"),
        ("if invoice['state'] != invoice.before['state']:", "few"),
        ("if invoice.state != invoice.before:", "some"),
        ("now = invoice.state\n    if now == 'paid':", "few"),
        ("if invoice.state != loud:\n        invoice.state = loud", "changed"),
        ("if invoice.state == loud:\n        continue\n    if True:\n        invoice.state = loud", "changed"),
        ("if invoice.a != 1 or invoice.b != 2:\n        invoice.a, invoice.b = 1, 2\n        invoice.a = 1", "some"),
        ("if invoice.a != 1 or invoice.b != 2:\n        invoice.a = 1\n        invoice.b = 2", "changed"),
        ("if invoice.state != loud:\n        invoice.state = 'loud'", "some"),
    ],
)
def test_the_elements_that_a_call_is_made_for(guard: str, passes: str) -> None:
    found = loop(python(f"for invoice in invoices:\n    {guard}\n        {CHECK}", "invoices, loud"))
    assert found.passes == passes


ROWS = """
from django.db import models

class Book(models.Model):
    code = models.TextField()
    read = models.BooleanField()

def show(books: list[Book], shelf):
    for book in books:
BODY
"""


@pytest.mark.parametrize(
    ("body", "filled"),
    [
        ("book.save()", ()),
        ("book.read = True\nbook.save()", (("read", False),)),
        ("book.read = shelf.read\nbook.code = str(book.code)\nbook.save(update_fields=['code', 'read'])", (("code", True), ("read", False))),
        ("if shelf:\n    book.read = True\n    book.save()", (("read", False),)),
        ("if book.code:\n    book.read = True\nbook.save()", (("read", True),)),
        ("book.read = True\nbook.read = False\nbook.save()", (("read", True),)),
        ("book.code += 'a'\nbook.save()", (("code", True),)),
        ("print(book.code)\nbook.read = True\nbook.save()", (("read", False),)),
        ("book.read = True\nshelf.fill(book)\nbook.save()", ()),
        ("book.fill()\nbook.read = True\nbook.save()", ()),
        ("book.data['a'] = shelf\nbook.read = True\nbook.save()", ()),
        ("book.code.lines.append(shelf)\nbook.read = True\nbook.save()", ()),
        ("print(book.code.first['a'])\nbook.read = True\nbook.save()", (("read", False),)),
        ("book.code = book.code.strip()\nbook.save()", (("code", True),)),
        ("book.code = shelf.draw()\nbook.save()", (("code", True),)),
        ("code = shelf.draw()\nbook.code = code\nbook.save()", (("code", True),)),
        ("book = Book(code=book.code)\nbook.read = True\nbook.save()", ()),
        ("other = shelf\nother.read = True\nbook.save()", ()),
    ],
)  # fmt: skip
def test_what_an_iteration_sets_on_the_row_that_it_saves(body: str, filled: tuple[tuple[str, bool], ...]) -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": ROWS.replace("BODY", indent(body, " " * 8))})
    [call] = [call for call in project.calls if call.member == "save"]
    assert tuple((each.name, each.varies) for each in loop(call.frames).filled) == filled


@pytest.mark.parametrize(
    ("decorator", "iterable", "nature"),
    [
        ("", "apps.get_models()", Nature.CONSTANT),
        ("", "apps.get_app_config('shop').get_models()", Nature.CONSTANT),
        ("", "apps.get_app_configs()", Nature.CONSTANT),
        ("", "Line._meta.fields", Nature.CONSTANT),
        ("@receiver(post_migrate)", "sender.get_models()", Nature.CONSTANT),
        ("@receiver([pre_migrate, post_migrate])", "sender.get_models()", Nature.CONSTANT),
        ("@receiver(post_save)", "sender.get_models()", Nature.EACH),
        ("", "sender.get_models()", Nature.EACH),
        ("", "Line.objects.all()", Nature.EACH),
    ],
)
def test_what_the_program_registers_is_as_much_as_stands_in_it(decorator: str, iterable: str, nature: Nature) -> None:
    source = f"""
        from django.apps import apps
        from django.db import models
        from django.db.models.signals import post_migrate, post_save, pre_migrate
        from django.dispatch import receiver

        class Line(models.Model):
            name = models.TextField()

        {decorator}
        def run(sender, **given):
            for each in {iterable}:
                Line.objects.get(name=each.name)
        """
    found = [call for call in linked({"shop/models.py": source}).calls if call.member == "get"]
    assert [loop(call.frames).nature for call in found] == [nature]


def test_a_listener_of_migrations_that_is_connected_is_given_an_application() -> None:
    source = """
        from django.db import models
        from django.db.models.signals import post_migrate

        class Line(models.Model):
            name = models.TextField()

        def run(sender, **given):
            for each in sender.get_models():
                Line.objects.get(name=each.name)

        post_migrate.connect(run)
        """
    found = [call for call in linked({"shop/models.py": source}).calls if call.member == "get"]
    assert [loop(call.frames).nature for call in found] == [Nature.CONSTANT]
