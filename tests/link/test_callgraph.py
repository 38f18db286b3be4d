"""How functions reach queries, and which of these ways hold for a call."""

# ruff: noqa: E501, S608 - one case per line reads best; these are programs, not statements

from __future__ import annotations

from textwrap import indent

import pytest

from dblint.facts.program import FileRole, Invocation
from dblint.facts.project import Project
from tests.link.linked import linked

HEAD = "import sqlite3\n\nopened = sqlite3.connect('shop.db')\n\n\n"
READ = "opened.execute('SELECT id FROM line WHERE invoice_id = ?', (key,)).fetchone()"


def python(functions: str, loop: str) -> Project:
    """A project with these functions, and one whose body is the loop."""
    return linked({"app.py": f"{HEAD}{functions}\n\n\ndef run(keys, given, flag):\n{indent(loop, '    ')}\n"})


def from_run(project: Project) -> list[Invocation]:
    return [item for item in project.invocations if item.function == "app.py::run"]


def ways(project: Project) -> list[list[str]]:
    """The calls passed on each way to a query from the calls in `run`."""
    return [[step.source for step in route.steps] for item in from_run(project) for route in project.onward(item)]


def test_a_way_leads_through_functions() -> None:
    functions = f"def load(key):\n    return {READ}\n\n\ndef show(key):\n    print(key)\n    return load(key)"
    project = python(functions, "for key in keys:\n    show(key)")
    assert ways(project) == [["load()"]]
    [invocation] = from_run(project)
    assert (invocation.source, invocation.recursive) == ("show()", False)


def test_a_function_that_queries_and_calls_another_that_does_reaches_both() -> None:
    functions = (
        f"def load(key):\n    return {READ}\n\n\n"
        "def show(key):\n    opened.execute('SELECT id FROM invoice WHERE id = ?', (key,))\n    return load(key)\n\n\n"
        "def page(key):\n    return show(key)"
    )
    assert ways(python(functions, "for key in keys:\n    page(key)")) == [["show()"], ["show()", "load()"]]


@pytest.mark.parametrize(
    ("condition", "call", "holds"),
    [
        ("if wanted:", "load(key)", False),
        ("if wanted:", "load(key, True)", True),
        ("if wanted:", "load(key, wanted=False)", False),
        ("if wanted:", "load(key, given)", True),
        ("if wanted is not None:", "load(key)", False),
        ("if not wanted:", "load(key)", True),
        ("if not wanted:", "load(key, given)", False),
        ("if wanted is None:", "load(key, None)", True),
        ("if wanted is None:", "load(key, keys[0])", False),
        ("if wanted == 'lines':", "load(key, 'lines')", True),
        ("if wanted == 'lines':", "load(key, 'rows')", False),
        ("if wanted == 'lines':", "load(key, key)", False),
        ("if wanted == 'lines':", "load(key, flag)", True),
        ("if wanted != 'lines':", "load(key, 'lines')", False),
        ("if wanted and key:", "load(key)", False),
        ("if wanted or key:", "load(key)", True),
        ("if not wanted:\n        return None\n    if key:", "load(key)", False),
        ("if wanted:\n        pass\n    if key:", "load(key)", True),
    ],
)  # fmt: skip
def test_what_a_call_hands_in_decides_branches(condition: str, call: str, holds: bool) -> None:
    functions = f"def load(key, wanted=None):\n    {condition}\n        return {READ}\n    return None"
    assert bool(ways(python(functions, f"for key in keys:\n    {call}"))) is holds


def test_a_condition_is_handed_on_to_the_caller() -> None:
    functions = (
        f"def load(key, wanted=None):\n    if wanted:\n        return {READ}\n    return None\n\n\n"
        "def show(key, all=False):\n    return load(key, all)"
    )
    assert ways(python(functions, "for key in keys:\n    show(key)")) == []
    assert ways(python(functions, "for key in keys:\n    show(key, all=True)")) == [["load()"]]


def test_a_reassigned_parameter_says_nothing() -> None:
    functions = f"def load(key, wanted=None):\n    wanted = wanted or key\n    if wanted:\n        return {READ}"
    assert ways(python(functions, "for key in keys:\n    load(key)")) == [[]]


SHELF = """
from dataclasses import dataclass

class Shelf:
    def __init__(self, key, wide):
        self.key, self.wide = key, wide

    def boxes(self):
        if self.wide:
            return opened.execute("SELECT id FROM box WHERE shelf_id = ?", (self.key,)).fetchall()

    @property
    def labels(self):
        if not self.wide:
            return []
        return opened.execute("SELECT id FROM label WHERE shelf_id = ?", (self.key,)).fetchall()

    def parts(self, deep=False):
        if deep:
            return opened.execute("SELECT id FROM part WHERE shelf_id = ?", (self.key,)).fetchall()

    def both(self):
        return self.boxes()

@dataclass
class Wish:
    key: int
    wide: bool

    def boxes(self):
        if self.wide:
            return opened.execute("SELECT id FROM box WHERE shelf_id = ?", (self.key,)).fetchall()


def typed(shelf: Shelf):
    return shelf
"""


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("typed(key).boxes()", [[]]),
        ("typed(key).labels", [[]]),
        ("typed(key).both()", [["self.boxes()"]]),
        ("typed(key).parts()", []),
        ("typed(key).parts(deep=True)", [[]]),
        ("Wish(key=key, wide=True).boxes()", [[]]),
        ("Wish(key=key, wide=False).boxes()", []),
    ],
)
def test_what_a_method_is_called_on_decides_as_far_as_it_is_known(call: str, found: list[list[str]]) -> None:
    project = python(SHELF, f"for key in keys:\n    {call}")
    assert [way for way in ways(project) if not any(step.startswith("typed") for step in way)] == found


TYPESCRIPT = """
import { Pool } from 'pg';

const pool = new Pool();

const load = async ({ key, rows, group = 'none' }: { key: number; rows?: object[]; group?: string }) => {
  if (CONDITION) {
    rows = (await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key])).rows;
  }
  return rows;
};

export async function run(keys: number[], given: object[], rest: { rows?: object[] }) {
  for (const key of keys) {
    await load(CALL);
  }
}
"""


@pytest.mark.parametrize(
    ("condition", "call", "holds"),
    [
        ("rows === undefined", "{ key }", True),
        ("rows === undefined", "{ key, rows: given }", False),
        ("rows === undefined", "{ key, rows: undefined }", True),
        ("rows === undefined", "{ key, ...rest }", True),
        ("group === 'line'", "{ key }", False),
        ("group === 'line'", "{ key, group: 'line' }", True),
        ("group === 'none'", "{ key }", True),
    ],
)
def test_what_an_object_hands_in_decides_branches(condition: str, call: str, holds: bool) -> None:
    project = linked({"app.ts": TYPESCRIPT.replace("CONDITION", condition).replace("CALL", call)})
    [invocation] = project.invocations
    assert bool(list(project.onward(invocation))) is holds


PARTS = """
import { Pool } from 'pg';

const pool = new Pool();

const fetched = async (key: number) => (await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key])).rows;

async function inner(key: number, rows?: object[]) {
  if (!rows) rows = await fetched(key);
  return rows;
}

async function unpacked(options: { key: number; rows?: object[] }) {
  const { key, rows } = options;
  return inner(key, rows);
}

const read = async (options: { key: number; rows?: object[] }) => inner(options.key, options.rows);

async function own(options: { key: number; rows?: object[] }) {
  let rows = options.rows;
  if (rows === undefined) rows = await fetched(options.key);
  return rows;
}

async function asked(options: { key: number; rows?: object[] }) {
  return options.rows ?? (options.rows ? [] : fetched(options.key));
}

const handed = async (options: { key: number; rows?: object[] }) => unpacked(options);

export async function run(keys: number[], given: object[]) {
  for (const key of keys) {
    await CALL;
  }
}
"""


@pytest.mark.parametrize(
    ("call", "holds"),
    [
        ("unpacked({ key })", True),
        ("unpacked({ key, rows: given })", False),
        ("unpacked({ key, rows: undefined })", True),
        ("read({ key })", True),
        ("read({ key, rows: given })", False),
        ("own({ key })", True),
        ("own({ key, rows: given })", False),
        ("asked({ key })", True),
        ("asked({ key, rows: given })", False),
        ("handed({ key })", True),
    ],
)
def test_what_an_object_of_a_parameter_hands_in(call: str, holds: bool) -> None:
    project = linked({"app.ts": PARTS.replace("CALL", call)})
    [invocation] = [item for item in project.invocations if item.function == "app.ts::run"]
    assert bool(list(project.onward(invocation))) is holds


STORED = f"""
class Reader:
    def __init__(self):
        self.rows = {{}}

    def load(self, key):
        if key not in self.rows:
            self.rows[key] = {READ}
        return self.rows[key]


shared = Reader()
"""


@pytest.mark.parametrize(
    ("loop", "holds"),
    [
        ("reader = Reader()\nfor key in keys:\n    reader.load(key)", False),
        ("for key in keys:\n    shared.load(key)", False),
        ("for key in keys:\n    reader = Reader()\n    reader.load(key)", True),
        ("for reader in keys:\n    found: Reader = reader\n    found.load(given)", True),
    ],
)
def test_a_store_that_outlives_the_loop(loop: str, holds: bool) -> None:
    assert bool(ways(python(STORED, loop))) is holds


def test_a_store_of_the_module_answers_every_caller() -> None:
    functions = (
        f"seen = {{}}\n\n\ndef load(key):\n    if key not in seen:\n        seen[key] = {READ}\n    return seen[key]"
    )
    assert ways(python(functions, "for key in keys:\n    load(key)")) == []


def test_a_lazy_value_of_the_module_answers_every_caller() -> None:
    functions = f"class holder:\n    pass\n\n\ndef load(key):\n    if not hasattr(holder, 'row'):\n        holder.row = {READ}\n    return holder.row"
    assert ways(python(functions, "for key in keys:\n    load(key)")) == []


def test_an_attribute_that_a_name_names_keeps_what_was_read() -> None:
    functions = (
        "class Reader:\n"
        "    def tested(self, key):\n        name = '_rows'\n        if not hasattr(self, name):\n"
        f"            setattr(self, name, {READ})\n        return getattr(self, name)\n\n"
        "    def asked(self, key, name):\n        rows = getattr(self, name, None)\n        if rows is None:\n"
        f"            rows = {READ}\n            setattr(self, name, rows)\n        return rows\n\n"
        "    def spelled(self, key):\n        if not hasattr(self, '_row'):\n"
        f"            setattr(self, '_row', {READ})\n        return self._row\n\n"
        "    def another(self, key):\n        name = '_rows'\n        if not hasattr(self, '_row'):\n"
        f"            setattr(self, name, {READ})\n        return getattr(self, name)\n\n\nshared = Reader()"
    )
    loop = "for key in keys:\n    shared.tested(key)\n    shared.asked(key, 'a')\n    shared.spelled(key)\n    shared.another(key)"
    project = python(functions, loop)
    held = [item.source for item in from_run(project) if list(project.onward(item))]
    assert held == ["shared.another()"]


def test_another_table_each_time() -> None:
    functions = (
        "def count(table, key):\n    return opened.execute(f'SELECT count(*) FROM {table} WHERE id = ?', (key,))"
    )
    assert ways(python(functions, "for key in keys:\n    count(key, given)")) == []
    assert ways(python(functions, "for key in keys:\n    count(given, key)")) == [[]]


def test_a_statement_belongs_to_the_call_that_hands_it_in() -> None:
    source = """
    from django.db import models


    class Tag(models.Model):
        name = models.TextField()


    def add(tags):
        for tag in tags:
            print(tag)


    def all_of(names):
        for name in names:
            add(Tag.objects.filter(name=name))


    def some(names):
        for name in names:
            add([name])
    """
    project = linked({"shop/models.py": source})
    assert {item.function.rpartition("::")[2]: len(list(project.onward(item))) for item in project.invocations} == {
        "all_of": 1,
        "some": 0,
    }


@pytest.mark.parametrize(
    ("functions", "call", "recursive"),
    [
        (f"def load(key):\n    {READ}\n    for other in key.others:\n        load(other)", "load()", True),
        (f"def load(key):\n    {READ}\n    for other in key.others:\n        back(other)\n\n\ndef back(key):\n    load(key)", "back()", True),
        (f"def load(key):\n    {READ}\n\n\ndef back(key):\n    for other in key.others:\n        load(other)", "load()", False),
    ],
)  # fmt: skip
def test_a_walk_that_comes_back(functions: str, call: str, recursive: bool) -> None:
    project = python(functions, "pass")
    assert {item.recursive for item in project.invocations if item.source == call} == {recursive}


def test_who_changes_something() -> None:
    functions = (
        f"def load(key):\n    return {READ}\n\n\n"
        "def save(key):\n    opened.execute('DELETE FROM line')\n\n\n"
        "def close(key):\n    opened.commit()\n\n\n"
        "def all(key):\n    load(key)\n    save(key)\n\n\ndef end(key):\n    load(key)\n    close(key)"
    )
    project = python(functions, "pass")
    names = {name.rpartition("::")[2]: fact.changes for name, fact in project.functions.items()}
    assert names == {"load": False, "save": True, "close": True, "all": True, "end": True}


@pytest.mark.parametrize(
    ("loop", "construct", "source"),
    [
        ("return list(map(load, keys))", "map", "keys"),
        ("return [row for row in filter(load, keys)]", "filter", "keys"),
        ("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n    return list(pool.map(load, keys))", "map", "keys"),
    ],
)  # fmt: skip
def test_a_function_given_by_name(loop: str, construct: str, source: str) -> None:
    [invocation] = from_run(python(f"def load(key):\n    return {READ}", loop))
    [frame] = [frame for frame in invocation.frames if frame.kind == "loop" and frame.construct == construct]
    assert (frame.source, frame.dependent) == (source, True)


def test_callers_of_a_common_word_are_those_that_were_met() -> None:
    other = "\n".join(f"    other.save({number})" for number in range(310))
    source = f"""
from django.db import models


class Tag(models.Model):
    name = models.TextField()

    def save(self):
        super().save()
        return Tag.objects.count()


def store(key, other):
{other}
    Tag.objects.create(name=key)
    return Tag(name=key).save()
"""
    project = linked({"shop/models.py": source})
    assert [(item.source, item.function) for item in project.invocations] == [("Tag().save()", "shop/models.py::store")]


def test_a_lazy_value_keeps_what_it_got() -> None:
    source = """
    from django.db import models


    class Tag(models.Model):
        name = models.TextField()


    def known(tags, name):
        return name in [tag.name for tag in tags]


    def once(names):
        tags = Tag.objects.all()
        return [name for name in names if known(tags, name)]


    def anew(names):
        return [name for name in names if known(Tag.objects.filter(name=name), name)]
    """
    project = linked({"shop/models.py": source})
    assert {item.function.rpartition("::")[2]: len(list(project.onward(item))) for item in project.invocations} == {
        "once": 0,
        "anew": 1,
    }


def test_what_fails_first_and_is_kept_then_is_asked_once() -> None:
    functions = (
        "class holder:\n    pass\n\n\ndef load(key):\n    try:\n        return holder.row\n    except AttributeError:\n"
        f"        holder.row = {READ}\n        return holder.row"
    )
    assert ways(python(functions, "for key in keys:\n    load(key)")) == []


def test_another_column_each_time() -> None:
    source = """
    from django.db import models


    class Tag(models.Model):
        name = models.TextField()


    def columns(values):
        return [Tag.objects.filter(**{f"data__{key}": value}).exists() for key, value in values]


    def column(key, values):
        return [Tag.objects.filter(**{f"data__{key}": value}).exists() for value in values]
    """
    project = linked({"shop/models.py": source})
    assert {call.function.rpartition("::")[2]: call.frames[-1].elsewhere for call in project.calls if call.effects} == {
        "columns": True,
        "column": False,
    }


def test_the_same_question_is_told_only_where_the_loop_calls_what_asks() -> None:
    functions = (
        "def rate():\n    return opened.execute('SELECT rate FROM tax').fetchone()\n\n\n"
        f"def load(key):\n    return {READ}\n\n\n"
        "def price(key):\n    return key.price * rate()\n\n\ndef show(key, note):\n    print(note)\n    return load(key)"
    )
    assert ways(python(functions, "for key in keys:\n    price(key)")) == []
    assert ways(python(functions, "for key in keys:\n    key.price = key.sum * rate()")) == [[]]
    assert ways(python(functions, "for key in keys:\n    show(key, given)")) == [["load()"]]
    assert ways(python(functions, "for key in keys:\n    show(given, key)")) == []


def test_a_builder_that_is_given_the_key_in_a_statement_asks_for_it() -> None:
    source = """
    import { DataSource, Entity, Repository } from 'typeorm';

    @Entity()
    class Line {}

    const load = async (lines: Repository<Line>, key: number) => {
      const builder = lines.createQueryBuilder('line');
      builder.where('line.id = :key', { key });
      return builder.getOne();
    };
    const show = async (lines: Repository<Line>, key: number) => load(lines, key);

    export async function run(lines: Repository<Line>, keys: number[]) {
      for (const key of keys) {
        await show(lines, key);
      }
    }
    """
    project = linked({"app.ts": source})
    [outer] = [item for item in project.invocations if item.source == "show()"]
    assert [[step.source for step in route.steps] for route in project.onward(outer)] == [["load()"]]


TWO_MODELS = """
from django.db import models

class Item(models.Model):
    owner = models.TextField()

class Tag(models.Model):
    owner = models.TextField()
"""


@pytest.mark.parametrize("middle", ["return rows.filter(owner=key).count()", "return list(rows.filter(owner=key))"])
@pytest.mark.parametrize("around", ["", "def outer(rows, key):\n    return middle(rows.exclude(owner='b'), key)\n\n"])
@pytest.mark.parametrize("handed", ["{}.objects.filter(owner=key)", "{}.objects"])
def test_a_call_reaches_the_table_that_it_hands_in(middle: str, around: str, handed: str) -> None:
    called = "outer" if around else "middle"
    source = (
        f"from shop.models import Item, Tag\n\ndef middle(rows, key):\n    {middle}\n\n{around}"
        f"def run(keys):\n    for key in keys:\n        {called}({handed.format('Item')}, key)\n"
        f"        {called}({handed.format('Tag')}, key)\n"
    )
    project = linked({"shop/models.py": TWO_MODELS, "app.py": source})
    tables = [
        [query.table for route in project.onward(item) for query in route.call.queries] for item in from_run(project)
    ]
    assert tables == [["shop_item"], ["shop_tag"]]


def test_a_parameter_that_is_given_again_still_decides() -> None:
    functions = (
        f"def load(key):\n    return {READ}\n\n\ndef show(key):\n    key = str(key)\n    return load(key)\n\n\n"
        "def page(key):\n    return show(key)"
    )
    assert ways(python(functions, "for key in keys:\n    page(key)")) == [["show()", "load()"]]


PROVIDERS = """
import {{ Pool }} from 'pg';

const pool = new Pool();

{head}

export class Store {{
  constructor(private provider: Provider) {{}}
  get(key: number) {{ return this.provider.get(key); }}
}}

export async function run(keys: number[], store: Store) {{
  for (const key of keys) {{
    await store.get(key);
  }}
}}
"""
WRITTEN = "class {} {} Provider {{ async get(key: number) {{ return pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]); }} }}"
SHAPE = "interface Provider { get(key: number): Promise<unknown>; }"
ABSTRACT = "abstract class Provider { abstract get(key: number): Promise<unknown>; }"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (f"{SHAPE} {WRITTEN.format('Own', 'implements')}", [["this.provider.get()"]]),
        (f"{ABSTRACT} {WRITTEN.format('Own', 'extends')}", [["this.provider.get()"]]),
        (f"{SHAPE} {WRITTEN.format('Own', 'implements')} {WRITTEN.format('Other', 'implements')}", [["this.provider.get()"]] * 2),
        (f"{SHAPE} class Own implements Provider {{ async get(key: number) {{ return key; }} }}", []),
        (SHAPE, []),
        (f"{SHAPE} {' '.join(WRITTEN.format(f'Own{number}', 'implements') for number in range(4))}", []),
    ],
)  # fmt: skip
def test_a_method_of_an_interface_is_that_of_the_few_classes_that_write_it(head: str, found: list[list[str]]) -> None:
    project = linked({"app.ts": PROVIDERS.format(head=head)})
    calls = [item for item in project.invocations if item.function == "app.ts::run"]
    assert [[step.source for step in route.steps] for item in calls for route in project.onward(item)] == found


def test_who_calls_one_of_several_that_may_change_something_changes_nothing_for_sure() -> None:
    change = "class {} implements Provider {{ async get(key: number) {{ return pool.query('DELETE FROM line WHERE id = $1', [key]); }} }}"
    one = linked({"app.ts": PROVIDERS.format(head=f"{SHAPE} {change.format('Own')}")})
    assert one.functions["app.ts::run"].changes
    two = linked(
        {"app.ts": PROVIDERS.format(head=f"{SHAPE} {change.format('Own')} {WRITTEN.format('Other', 'implements')}")}
    )
    assert not two.functions["app.ts::run"].changes


@pytest.mark.parametrize(
    "body",
    ["@abstractmethod\n    def get(self, key): ...", "def get(self, key):\n        raise NotImplementedError", "def get(self, key): ..."],
)  # fmt: skip
def test_a_method_that_subclasses_write(body: str) -> None:
    functions = (
        f"from abc import ABC, abstractmethod\n\n\nclass Provider(ABC):\n    {body}\n\n"
        "    def each(self, keys):\n        for key in keys:\n            self.get(key)\n\n\n"
        f"class Own(Provider):\n    def get(self, key):\n        return {READ}\n\n\n"
        "def load(provider: Provider, key):\n    return provider.get(key)"
    )
    project = python(functions, "for key in keys:\n    load(given, key)")
    assert ways(project) == [["provider.get()"]]
    assert [item.source for item in project.invocations if item.function == "app.py::Provider.each"] == ["self.get()"]


def test_a_method_with_a_body_is_what_it_is() -> None:
    functions = (
        "class Provider:\n    def get(self, key):\n        return key\n\n\n"
        f"class Own(Provider):\n    def get(self, key):\n        return {READ}\n\n\n"
        "def load(provider: Provider, key):\n    return provider.get(key)"
    )
    assert ways(python(functions, "for key in keys:\n    load(given, key)")) == []


def test_a_row_that_is_handed_in_is_no_query() -> None:
    source = """
        from shop.models import Item, Tag

        def level(score):
            if score:
                print(score)

        def other():
            level(Tag.objects.filter(owner="a"))

        def run(keys):
            items = Item.objects.filter(owner="a")
            for key in keys:
                level(items[key])
        """
    assert ways(linked({"shop/models.py": TWO_MODELS, "app.py": source})) == []


@pytest.mark.parametrize(
    "imported",
    [
        "from store import load, load as fetch\n\n\ndef other():\n    load(1)\n\n\n",
        "from store import load as fetch\n\n\n",
    ],
)
def test_a_way_under_another_name(imported: str) -> None:
    project = linked(
        {
            "store.py": f"{HEAD}def load(key):\n    return {READ}\n",
            "app.py": f"{imported}def run(keys):\n    for key in keys:\n        fetch(key)\n",
        }
    )
    assert [item.source for item in from_run(project)] == ["fetch()"]


FAR = """
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    near = "n"
    far = "f"


@dataclass
class Event:
    kind: Kind
    key: int


def load(key):
    return READ


def listen(event, wanted=True):
    if not (event.kind == Kind.far and wanted):
        return None
    return load(event.key)


def publish(event, wanted=True):
    return listen(event, wanted)


def dispatch(kind, key):
    event = Event(kind=kind, key=key)
    return publish(event)


def spread(key, **more):
    return publish(Event(kind=Kind.far, key=key), **more)
""".replace("READ", READ)


@pytest.mark.parametrize(
    ("call", "steps"),
    [
        ("dispatch(Kind.far, key)", [["publish()", "listen()", "load()"]]),
        ("dispatch(Kind.near, key)", []),
        ("dispatch(given, key)", [["publish()", "listen()", "load()"]]),
        ("listen(Event(kind=Kind.far, key=key))", [["load()"]]),
        ("listen(Event(kind=Kind.near, key=key))", []),
        # Far away nothing is told of what depends on what nobody can say; near by it is.
        ("spread(key, **given)", []),
        ("publish(Event(kind=Kind.far, key=key), **given)", [["listen()", "load()"]]),
    ],
)
def test_far_ways_are_told_where_what_decides_is_seen(call: str, steps: list[list[str]]) -> None:
    assert ways(python(FAR, f"for key in keys:\n    {call}")) == steps


def test_a_word_that_tests_alone_make_common_is_followed() -> None:
    app = """
        import sqlite3

        class Clerk:
            def notify(self, connection: sqlite3.Connection, key):
                connection.execute("UPDATE jar SET told = 1 WHERE id = ?", (key,))

        def tell(connection: sqlite3.Connection, clerk: Clerk, keys):
            for key in keys:
                clerk.notify(connection, key)
        """
    many = "from app import Clerk\n\ndef test(connection, clerk: Clerk):\n" + "    clerk.notify(connection, 1)\n" * 301
    for role, callees in ((FileRole.TEST, [("app.py::Clerk.notify",)]), (FileRole.APP, [])):
        project = linked({"app.py": app, "many.py": many}, roles={"many.py": role})
        assert [each.callees for each in project.invocations if each.place.path == "app.py"] == callees


BACKENDS = {
    "src/pg.js": """
const { Pool } = require('pg');
const pool = new Pool();
exports.get = async (key) => pool.query('SELECT value FROM entry WHERE id = $1', [key]);
exports.put = async (key, value) => pool.query('UPDATE entry SET value = $2 WHERE id = $1', [key, value]);
exports.touch = async (key) => pool.query('UPDATE entry SET seen = now() WHERE id = $1', [key]);
""",
    "src/redis.js": """
const { createClient } = require('redis');
const client = createClient();
exports.get = async (key) => client.get(key);
exports.put = async (key, value) => client.set(key, value);
exports.touch = async (key) => client.get(key);
""",
    "src/store.js": "module.exports = process.env.STORE === 'redis' ? require('./redis') : require('./pg');",
    "src/app.js": """
const store = require('./store');
async function move(key, to) {
  const value = await store.get(key);
  await store.put(to, value);
}
async function guarded(key, value) {
  if (!key) return;
  await move(key, value);
}
async function read(key) {
  const entry = await store.get(key);
  if (entry.old) {
    await store.put(key, null);
  }
  return entry;
}
async function both(key) {
  return (await store.get(key)) || (await store.put(key, ''));
}
async function look(key) {
  await store.get(key);
  await store.touch(key);
}
async function each(keys) {
  keys = keys.filter(Boolean);
  if (keys.length) {
    await store.put(keys, '');
  }
}
async function repaired(key) {
  const broken = await store.get(key);
  if (broken.length) {
    await store.put(broken, '');
  }
}
""",
}


def test_a_function_changes_something_that_each_database_of_the_program_has_in_its_way() -> None:
    project = linked(BACKENDS)
    changes = {name.rpartition("::")[2]: fact.changes for name, fact in project.functions.items() if "app.js" in name}
    changing = {"move": True, "guarded": True, "each": True}
    assert changes == {**changing, "read": False, "both": False, "look": False, "repaired": False}
