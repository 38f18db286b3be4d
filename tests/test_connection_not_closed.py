"""What `connection/connection-not-closed` takes for closed, and for somebody else's to close."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.libraries.reader import TableError, bundled, compile_tables, parse
from dblint.run import Request, run
from tests.test_index_not_concurrent import findings

RULE = "connection/connection-not-closed"
NO_FINALLY = "when something fails before it is closed: the call that closes it stands in no finally block"


def python(folder: Path, body: str, head: str = "") -> list[tuple[int, str]]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    program = f"import contextlib, sqlite3, sys\nimport psycopg, psycopg2\n{head}\n\ndef run(path, own):\n{lines}\n"
    offset = program[: program.index("def run")].count("\n") + 1
    return [(found.region.start.line - offset, found.message) for found in findings(folder, {"app.py": program}, RULE)]


def typescript(folder: Path, body: str) -> list[str]:
    program = (
        "import { Pool, Client } from 'pg';\nimport { DataSource } from 'typeorm';\n"
        "const pool = new Pool();\ndeclare function work(given: unknown): Promise<void>;\n"
        f"export async function run(source: DataSource, id: number) {{\n{body}\n}}\n"
    )
    return [found.message for found in findings(folder, {"app.ts": program}, RULE)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("c = sqlite3.connect(path)\nc.execute('DELETE FROM t')", "is never closed"),
        ("c = sqlite3.connect(path)\nc.execute('DELETE FROM t')\nc.close()", f"stays open {NO_FINALLY}"),
        (
            "c = sqlite3.connect(path)\nif own:\n    return 1\nc.close()",
            "stays open where the function returns before it is closed",
        ),
        (
            "try:\n    c = sqlite3.connect(path)\n    c.execute('x')\n    c.close()\nexcept ValueError:\n    c.close()",
            f"stays open {NO_FINALLY}",
        ),
        (
            "c = sqlite3.connect(path)\ntry:\n    c.execute('DELETE FROM t')\nexcept Exception:\n    raise\nc.close()",
            "stays open where the function raises without closing it",
        ),
        (
            "with psycopg2.connect(path) as c:\n    c.cursor().execute('DELETE FROM t')",
            "is never closed: leaving its `with` ends the transaction and nothing else",
        ),
        (
            "c = sqlite3.connect(path)\nk = c.cursor()\nk.execute('DELETE FROM t')\nc.close()",
            f"stays open {NO_FINALLY}",
        ),
        ("c = sqlite3.connect(path)\nyield c\nc.close()", f"stays open {NO_FINALLY}"),
        (
            "c = sqlite3.connect(path)\nif own:\n    return 1\nwith contextlib.closing(c):\n    c.commit()",
            "stays open where the function returns before it is closed",
        ),
        (
            "with contextlib.ExitStack() as stack:\n    c = sqlite3.connect(path)\n    stack.enter_context(c)",
            "is never closed: leaving its `with` ends the transaction and nothing else",
        ),
    ],
)
def test_open_on_some_way_out(tmp_path: Path, body: str, said: str) -> None:
    [(_, message)] = python(tmp_path, body)
    assert message.endswith(said)
    assert message.startswith("`c`, opened by `")


@pytest.mark.parametrize(
    "body",
    [
        "c = sqlite3.connect(path)\ntry:\n    c.execute('DELETE FROM t')\nfinally:\n    c.close()",
        "c = None\ntry:\n    c = sqlite3.connect(path)\n    c.commit()\nfinally:\n    if c:\n        c.close()",
        "c = sqlite3.connect(path)\ntry:\n    c.execute('x')\nexcept Exception:\n    c.close()\n    raise\nc.close()",
        "c = sqlite3.connect(path)\nc.execute('BEGIN')\ntry:\n    c.execute('DELETE FROM t')\nfinally:\n    c.close()",
        "c = sqlite3.connect(path)\ntry:\n    c.execute('DELETE FROM t')\nfinally:\n    if own:\n        c.close()",
        "with contextlib.closing(sqlite3.connect(path)) as c:\n    c.execute('DELETE FROM t')",
        "with contextlib.ExitStack() as stack:\n    c = sqlite3.connect(path)\n    stack.callback(c.close)",
        "with contextlib.ExitStack() as s:\n    c = psycopg.connect(path)\n    s.enter_context(c)\n    c.commit()",
        "c = sqlite3.connect(path)\nwith contextlib.closing(c):\n    c.execute('DELETE FROM t')",
        "c = sqlite3.connect(path)\nwith contextlib.closing(c) as d:\n    d.execute('DELETE FROM t')",
        "c = sqlite3.connect(path)\nheld = contextlib.closing(c)\nwith held as d:\n    d.execute('DELETE FROM t')",
        "c = sqlite3.connect(path)\nwith contextlib.nullcontext(c) as d:\n    d.close()",
        "with contextlib.ExitStack() as s:\n    c = sqlite3.connect(path)\n    s.enter_context(contextlib.closing(c))",
        "c = sqlite3.connect(path)\nc.execute('DELETE FROM t')\nreturn c",
        "c = sqlite3.connect(path)\nreturn c.cursor()",
        "c = sqlite3.connect(path)\npath.kept = c",
        "c = sqlite3.connect(path)\nyield c",
        "c = sqlite3.connect(path)\nown(c)",
        "global kept\nkept = sqlite3.connect(path)",
        "c = sqlite3.connect(path)\nc.execute('DELETE FROM t')\nsys.exit(0)",
        "c = sqlite3.connect(path)\nwhile True:\n    c.execute('DELETE FROM t')",
    ],
)
def test_closed_or_handed_on(tmp_path: Path, body: str) -> None:
    assert python(tmp_path, body) == []


def test_what_a_function_gives_its_caller_has_to_close(tmp_path: Path) -> None:
    head = "def opened(path):\n    c = sqlite3.connect(path)\n    return c\n"
    assert python(tmp_path, "d = opened(path)\nd.execute('DELETE FROM t')", head) == [
        (1, "`d`, opened by `opened()`, is never closed")
    ]


def test_a_function_that_closes_what_it_is_given(tmp_path: Path) -> None:
    head = "def done(c):\n    c.close()\n"
    body = "c = sqlite3.connect(path)\ntry:\n    c.execute('DELETE FROM t')\nfinally:\n    done(c)"
    assert python(tmp_path, body, head) == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("done(own, c)", [f"`c`, opened by `sqlite3.connect()`, stays open {NO_FINALLY}"]),
        ("done(target=c, source=own)", [f"`c`, opened by `sqlite3.connect()`, stays open {NO_FINALLY}"]),
        ("done(c, own)", []),
        ("done(target=own, source=c)", []),
    ],
)
def test_a_function_that_closes_one_of_its_parameters(tmp_path: Path, call: str, said: list[str]) -> None:
    head = "def done(source, target):\n    target.execute('x')\n    target.close()\n"
    body = f"c = sqlite3.connect(path)\nc.execute('x')\n{call}"
    assert [message for _, message in python(tmp_path, body, head)] == said


def test_a_session_on_a_connection_that_somebody_else_closes(tmp_path: Path) -> None:
    head = (
        "from sqlalchemy.orm import Session\nfrom sqlalchemy import create_engine\nengine = create_engine('sqlite://')"
    )
    body = "with engine.connect() as c:\n    s = Session(bind=c)\n    s.flush()"
    assert python(tmp_path, body, head) == []
    assert [message for _, message in python(tmp_path, "s = Session(engine)\ns.flush()", head)] == [
        "`s`, opened by `Session()`, is never closed"
    ]


def test_clients_of_a_pool(tmp_path: Path) -> None:
    assert typescript(tmp_path, "const c = await pool.connect();\nawait c.query('SELECT 1');\nc.release();") == [
        f"`c`, opened by `pool.connect()`, stays open {NO_FINALLY}"
    ]
    assert typescript(tmp_path, "const c = await pool.connect();\nawait work(id);\nc.release();") == [
        f"`c`, opened by `pool.connect()`, stays open {NO_FINALLY}"
    ]
    assert typescript(tmp_path, "const c = await pool.connect();\nawait work(c);") == []
    assert typescript(tmp_path, "pool.connect((error, client, done) => { done(); });") == []
    assert typescript(tmp_path, "await pool.connect();") == ["what `pool.connect()` opens is never closed"]


def test_a_function_that_is_given_what_is_opened(tmp_path: Path) -> None:
    assert typescript(tmp_path, "const listen = (error: Error, client: unknown) => {};\npool.connect(listen);") == []
    assert typescript(tmp_path, "function listen(error: Error) {}\npool.connect(listen);") == []


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ("main()", 0),
        ("if __name__ == '__main__':\n    main()", 0),
        ("def other():\n    main()", 1),
        ("def other():\n    main()\nmain()", 1),
        ("", 1),
    ],
)
def test_a_function_that_only_modules_call(tmp_path: Path, calls: str, found: int) -> None:
    program = f"import sqlite3\n\ndef main():\n    c = sqlite3.connect('a')\n    c.execute('x')\n\n{calls}\n"
    assert len(findings(tmp_path, {"app.py": program}, RULE)) == found


def test_a_function_that_a_module_calls_where_it_stands(tmp_path: Path) -> None:
    body = "const c = await new Pool().connect();\nawait c.query('x');"
    program = f"import {{ Pool }} from 'pg';\n(async () => {{\n{body}\n}})();\n"
    assert findings(tmp_path, {"app.ts": program}, RULE) == []


def test_closing_the_source_closes_what_it_gave(tmp_path: Path) -> None:
    body = (
        "const runner = source.createQueryRunner();\ntry {\n  await runner.query('SELECT 1');\n"
        "  await runner.release();\n} catch (error) {\n  throw error;\n}"
    )
    assert typescript(tmp_path, body) == [
        "`runner`, opened by `source.createQueryRunner()`, stays open where the function raises without closing it"
    ]
    assert typescript(tmp_path, f"{body} finally {{ await source.destroy(); }}") == []


def test_disposing_an_engine_leaves_its_connections_in_use_open(tmp_path: Path) -> None:
    head = "from sqlalchemy import create_engine\nengine = create_engine('postgresql://host/x')"
    body = "c = engine.connect()\ntry:\n    c.exec_driver_sql('SELECT 1')\nfinally:\n    %s\n    engine.dispose()"
    assert python(tmp_path, body % "pass", head) == [(1, "`c`, opened by `engine.connect()`, is never closed")]
    assert python(tmp_path, body % "c.close()", head) == []


ORM = """
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
engine = create_engine('sqlite://')
Local = sessionmaker(engine)
"""


@pytest.mark.parametrize("made", ["Local()", "Session(engine)"])
def test_what_takes_a_connection_when_it_is_first_used(tmp_path: Path, made: str) -> None:
    body = "s = {}\n{}if own:\n    raise ValueError\ntry:\n    s.flush()\nfinally:\n    s.close()"
    assert python(tmp_path, body.format(made, ""), ORM) == []
    raises = f"`s`, opened by `{made.partition('(')[0]}()`, stays open where the function raises without closing it"
    assert python(tmp_path, body.format(made, "s.execute('SELECT 1')\n"), ORM) == [(1, raises)]
    assert python(tmp_path, f"s = {made}\nreturn 1", ORM) == []
    assert len(python(tmp_path, f"{made}.execute('SELECT 1')", ORM)) == 1


def test_uses_that_take_a_connection(tmp_path: Path) -> None:
    runner = "const runner = source.createQueryRunner();\n"
    rest = "if (id > 1) throw new Error('id');\ntry { await work(id); } finally { await runner.release(); }"
    raises = "`runner`, opened by `source.createQueryRunner()`, stays open where the function raises without closing it"
    assert typescript(tmp_path, runner + rest) == []
    assert typescript(tmp_path, f"{runner}if (runner.isReleased) return;\n{rest}") == []
    for use in ("await runner.connect();", "await runner.manager.query('SELECT 1');", "await work(runner);"):
        assert typescript(tmp_path, f"{runner}{use}\n{rest}") == [raises]


def test_taking_a_connection_that_fails_has_taken_none(tmp_path: Path) -> None:
    client = "const client = new Client();\ntry { {} } catch (error) { throw error; }\nawait client.end();"
    assert typescript(tmp_path, client.replace("{}", "await client.connect();", 1)) == []
    assert typescript(tmp_path, client.replace("{}", "await client.connect(); await client.query('x');", 1)) == [
        "`client`, opened by `Client()`, stays open where the function raises without closing it"
    ]


def test_a_function_that_gives_what_was_not_used_yet(tmp_path: Path) -> None:
    head = "function made() { const source = new DataSource({ type: 'postgres' }); %s return source; }\n"
    body = (
        "const held = await made();\nif (!id) return;\ntry { await held.query('x'); } finally { await held.destroy(); }"
    )
    assert typescript(tmp_path, head % "" + body) == []
    assert typescript(tmp_path, head % "source.initialize();" + body) == [
        "`held`, opened by `made()`, stays open where the function returns before it is closed"
    ]
    chained = "function made() { return new DataSource({ type: 'postgres' }).initialize(); }\n"
    assert typescript(tmp_path, chained + body) == [
        "`held`, opened by `made()`, stays open where the function returns before it is closed"
    ]


def test_pools_and_data_sources_of_a_function(tmp_path: Path) -> None:
    assert typescript(tmp_path, "const own = new Pool();\nawait own.query('x');") == [
        "`own`, opened by `Pool()`, is never closed"
    ]
    assert typescript(tmp_path, "const own = new Pool();\nawait work({ pool: own });") == []
    assert typescript(tmp_path, "const own = new Pool();\nawait own.query('x');\nawait own.end();") == [
        f"`own`, opened by `Pool()`, stays open {NO_FINALLY}"
    ]


def test_a_client_per_call(tmp_path: Path) -> None:
    head = "import { PrismaClient } from '@prisma/client';\nexport async function run() {\n"
    body = "const client = new PrismaClient();\n%s\nreturn await client.$queryRaw`SELECT 1`;\n}"
    [found] = findings(tmp_path, {"app.ts": head + body % ""}, RULE)
    assert found.message == "`client`, opened by `PrismaClient()`, is never closed"
    assert found.repair == "try { … } finally { await client.$disconnect(); }"
    assert findings(tmp_path, {"app.ts": head + body % "if (client) return client.$extends({});"}, RULE) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("def ask():\n    return c.execute('SELECT 1')\nreturn ask", 0),
        ("def ask():\n    return c.execute('SELECT 1')\npath.ask = ask", 0),
        ("def ask():\n    return c.execute('SELECT 1')\nown(ask)", 0),
        ("@path.route('/')\ndef ask():\n    return c.execute('SELECT 1')", 0),
        ("class Asked:\n    def ask(self):\n        return c.execute('SELECT 1')\nreturn Asked()", 0),
        ("own(lambda: c.execute('SELECT 1'))", 0),
        ("def ask():\n    return c.execute('SELECT 1')\nask()", 1),
    ],
)
def test_functions_inside_that_keep_it(tmp_path: Path, body: str, found: int) -> None:
    assert len(python(tmp_path, f"c = sqlite3.connect(path)\n{body}")) == found


def test_a_function_inside_that_is_called_at_once(tmp_path: Path) -> None:
    opened = "const c = await pool.connect();\n"
    assert typescript(tmp_path, f"{opened}for (const one of [1, 2].map((n) => c.query('x', [n]))) await one;") == [
        "`c`, opened by `pool.connect()`, is never closed"
    ]
    assert typescript(tmp_path, f"{opened}await c.query('LISTEN x');\nc.on('notification', () => work(1));") == []
    assert typescript(tmp_path, f"{opened}setInterval(() => c.query('x'), 1000);") == []


def test_what_a_row_opens_its_type_can_close() -> None:
    text = 'name = "ledger"\nlanguages = ["python"]\n[types.Book]\npath = ["ledger.Book"]\n{members}'
    text += '[functions]\n"ledger.open" = {{ returns = "Book", opens = true }}\n'
    with pytest.raises(TableError, match="opens what no member of Book closes"):
        compile_tables({"ledger": parse(text.format(members="").encode(), "ledger.toml")})
    members = '[types.Book.members]\n"close" = { effects = ["close"] }\n'
    compile_tables({"ledger": parse(text.format(members=members).encode(), "ledger.toml")})
    assert bundled().functions["sqlite3.connect"][1].opens


ENDS = """\
import sqlite3

import asyncpg
import psycopg2
from psycopg2.pool import SimpleConnectionPool

POOL = SimpleConnectionPool(1, 2, "dbname=books")


def own(path):
    c = sqlite3.connect(path)
    c.execute("DELETE FROM t")


def lent():
    c = POOL.getconn()
    c.cursor().execute("DELETE FROM t")


async def awaited(pool: asyncpg.Pool):
    c = await pool.acquire()
    await c.execute("DELETE FROM t")


def plain():
    c = psycopg2.connect("dbname=books")
    c.cursor().execute("DELETE FROM t")


def taken():
    return POOL.getconn()


def handed():
    c = taken()
    c.cursor().execute("DELETE FROM t")
"""


def test_what_a_pool_lends_is_given_back_and_what_is_opened_is_closed(tmp_path: Path) -> None:
    found = findings(tmp_path, {"app.py": ENDS}, RULE)
    back = "Give `c` back with `{}()`, since closing it loses its place in the pool, in a finally block that begins "
    back += "right behind `{}`, so that every way out goes through it."
    close = "Close `c` in a finally block that begins right behind `{}`, so that every way out goes through it."
    assert [(each.minimal, each.repair) for each in found] == [
        (
            close.format("sqlite3.connect()"),
            "with contextlib.closing(…) as c: (or try: … finally: c.close())",
        ),
        (back.format("POOL.putconn", "POOL.getconn()"), "try: … finally: POOL.putconn(c)"),
        (
            back.format("pool.release", "pool.acquire()"),
            "async with pool.acquire() as c: (or try: … finally: await pool.release(c))",
        ),
        (close.format("psycopg2.connect()"), "try: … finally: c.close()"),
        (back.format("pool.putconn", "taken()"), "try: … finally: pool.putconn(c)"),
    ]
    pooled = (
        "limit the time that a client is waited for and that a transaction may be idle, and watch how many wait for "
    )
    assert [each.complete for each in found[:2]] == [
        (
            "Let a context manager of the driver, or one of the project's own, do it instead of holding `c`; "
            "watch how many connections the process holds open, so that one that is lost is seen in time."
        ),
        f"Let the pool (its own query method, a managed transaction) do it instead of holding `c`; {pooled}the pool.",
    ]


@pytest.mark.parametrize(
    ("decorator", "told"),
    [("functools.lru_cache", 0), ("functools.cache", 0), ("streamlit.cache_resource", 0), ("again", 1), ("", 1)],
)
def test_what_a_decorator_keeps_is_open_on_purpose(tmp_path: Path, decorator: str, told: int) -> None:
    head = "import functools\nimport streamlit\ndef again(function):\n    return function\n"
    head += f"{decorator and '@' + decorator}\ndef opened():\n    return psycopg.connect('')"
    messages = [message for _, message in python(tmp_path, "return opened().execute('SELECT 1').fetchall()", head)]
    assert messages == ["what `opened()` opens is never closed"] * told


SAVER = """\
import { DataSource } from 'typeorm';

export async function setup(source: DataSource) {
  const runner = source.createQueryRunner();
  await runner.query('CREATE TABLE IF NOT EXISTS mark (id int)');
  await runner.release();
}
"""


@pytest.mark.parametrize(
    ("folders", "spoken"),
    [
        (("SQLiteStore", "PostgresStore"), ["PostgresStore"]),
        (("store-sqlite", "store-mysql"), ["store-mysql"]),
        (("sqlite", "postgres"), ["postgres"]),
        (("SQLiteStore", "PostgresCache"), ["PostgresCache", "SQLiteStore"]),
        (("SQLiteStore", "Store"), ["SQLiteStore", "Store"]),
        (("SQLiteStore", "sqlite3Store"), ["SQLiteStore", "sqlite3Store"]),
    ],
)
def test_what_a_database_gives_to_everybody(tmp_path: Path, folders: tuple[str, ...], spoken: list[str]) -> None:
    needs = '{"dependencies": {"typeorm": "1", "pg": "8", "sqlite3": "5", "mysql2": "3"}}'
    (tmp_path / "package.json").write_text(needs)
    for folder in folders:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "saver.ts").write_text(SAVER)
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": (RULE,)})
    assert [found.region.path.partition("/")[0] for found in run(request).report.findings] == spoken


@pytest.mark.parametrize(("dialect", "spoken"), [("sqlite", 0), ("postgres", 1)])
def test_what_the_only_database_gives_to_everybody(tmp_path: Path, dialect: str, spoken: int) -> None:
    (tmp_path / "saver.ts").write_text(SAVER)
    overrides = {"select": (RULE,), "dialect": dialect}
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides=overrides)
    assert len(run(request).report.findings) == spoken
