"""Every rule speaks in the program of each library, or there is a reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.coverage import main
from dblint.coverage_programs import Shown, shown, stated
from dblint.coverage_reasons import CoverageError
from tests.conftest import Pack

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "libraries"
BESIDE = frozenset(
    """python pg prisma typeorm django_filter django_http guardian mptt sqlalchemy_utils treebeard treenode javascript
    express koa fastify duckdb django_admin graphene_django strawberry_django sqlalchemy_searchable hono nestjs
    trpc graphql bullmq async-functions upstash_redis umzug sql_limiter mssql clickhouse bigquery
    trino clickhouse_connect clickhouse_driver""".split()
)
"""Folders there of libraries without queries of their own, as frameworks, and of such without a program yet; what
extensions of Django and SQLAlchemy ask are queries of those."""

RULE = """
from collections.abc import Iterator
from dblint.facts.program import Call
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="A", why="Because.", minimal="Less.", better="Even less.", complete="None.", severity="info", default=False,
    bad=(Bad("python", "import sqlite3\\nsqlite3.connect('a').execute('SELECT 1')  # finding\\n"),),
    good=(Good("python", "x = 1\\n"),),
)

def check(call: Call) -> Iterator[Finding]:
    if any(query.verb.{VERB} for query in call.queries):
        yield Finding(call.place, "asks")
"""
READS = "import {0}\n\ndef number():\n    return {0}.connect('a').execute('SELECT 1')  # finding: query/asks\n"
NAMED = """
[libraries.Drivers]
sqlite3 = { title = "SQLite", kinds = ["driver"] }
psycopg = { title = "psycopg 3", kinds = ["driver", "server"] }
"""
REASON = """
[[{kind}]]
rules = "{rules}"
of = "{of}"
why = "{why}"
"""


@pytest.fixture
def programs(pack: Pack, tmp_path: Path) -> Path:
    """Two rules and two libraries: one rule speaks in both programs, the other in none."""
    pack.add("query/asks.py", RULE.replace("{VERB}", "reads"))
    pack.add("query/tells.py", RULE.replace("{VERB}", "writes"))
    for name in ("sqlite3", "psycopg"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "use.py").write_text(READS.format(name), "utf-8")
    return tmp_path


def reason(rules: str, of: str, why: str = "It is so.", kind: str = "not-applicable") -> str:
    return REASON.format(kind=kind, rules=rules, of=of, why=why)


def state(pack: Pack, *texts: str) -> None:
    (pack.root / "coverage_libraries.toml").write_text("".join(texts), "utf-8")


def cells(found: Shown) -> dict[tuple[str, str], int | str | None]:
    return {
        (cell.rule, cell.library): cell.lines or (cell.reason.text if cell.reason is not None else None)
        for cell in found.cells()
    }


def test_each_library_that_has_fixtures_has_a_program() -> None:
    libraries, _ = stated("dblint_rules")
    assert {folder.name for folder in FIXTURES.iterdir()} - BESIDE - {library.name for library in libraries} == set()


def test_a_cell_holds_lines_or_a_reason(pack: Pack, programs: Path) -> None:
    state(pack, NAMED, reason("query/tells", "driver", "It only asks."))
    found = shown(pack.name, programs)
    assert found.empty() == []
    assert cells(found) == {
        ("query/asks", "sqlite3"): 1,
        ("query/asks", "psycopg"): 1,
        ("query/tells", "sqlite3"): "It only asks.",
        ("query/tells", "psycopg"): "It only asks.",
    }


def test_what_is_nearer_is_told(pack: Pack, programs: Path) -> None:
    pack.add("query/changes.py", RULE.replace("{VERB}", "writes"))
    state(
        pack,
        NAMED,
        reason("query/changes", "driver", "Of this rule."),
        reason("query/tells", "psycopg", "Of this library.", "not-yet"),
        reason("query/tells", "driver", "Of its kind."),
    )
    found = cells(shown(pack.name, programs))
    assert found["query/changes", "psycopg"] == "Of this rule."
    assert found["query/tells", "psycopg"] == "Of this library."
    assert found["query/tells", "sqlite3"] == "Of its kind."


def test_the_page(pack: Pack, programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state(pack, NAMED, reason("query/tells", "server", "It only asks.", "not-yet"))
    (pack.root / "coverage.toml").write_text(
        "[not-applicable.query]\ntypescript = 'No.'\nprisma = 'No.'\nsql = 'No.'\n", "utf-8"
    )
    pack.add("query/tells.py", RULE.replace("{VERB}", "writes").replace("SELECT 1", "DELETE FROM a"))
    assert main([pack.name, str(programs)]) == 1
    written = capsys.readouterr()
    assert written.err == "query/tells: sqlite3: neither an example nor a reason\n"
    assert written.out[written.out.index("Of 4 cells") :] == (
        "Of 4 cells, 2 hold lines; 0 not applicable, 1 not yet.\n\n"
        "### Drivers\n\n"
        "| rule | SQLite | psycopg 3 |\n"
        "|---|---|---|\n"
        "| `query/asks` | 1 | 1 |\n"
        "| `query/tells` | **missing** | not yet (a) |\n\n"
        "- (a) not yet: It only asks.\n"
    )


def test_lines_that_are_not_reported_and_lines_that_are_not_marked(pack: Pack, programs: Path) -> None:
    state(pack, NAMED)
    text = READS.format("sqlite3").replace("asks", "tells")
    (programs / "sqlite3" / "use.py").write_text(f"{text}# finding: query/asks\n", "utf-8")
    with pytest.raises(AssertionError) as caught:
        shown(pack.name, programs)
    assert str(caught.value).splitlines() == [
        "sqlite3:",
        "  not reported: use.py:4: query/tells",
        "  not reported: use.py:5: query/asks",
        "  reported, but not marked: use.py:4: query/asks: asks",
    ]


def test_a_program_that_cannot_be_read(pack: Pack, programs: Path) -> None:
    state(pack, NAMED)
    (programs / "sqlite3" / "other.py").write_text("def (\n", "utf-8")
    with pytest.raises(AssertionError, match=r"sqlite3:\n  parse-error: other.py:1: "):
        shown(pack.name, programs)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[libraries\n", "is no TOML: "),
        ("", "libraries holds no headings"),
        ("[libraries]\nDrivers = 1\n", "libraries: Drivers holds no libraries"),
        ("[libraries.Drivers]\nsqlite3 = 'SQLite'\n", "sqlite3: a library is there once, and has a title and kinds"),
        (
            NAMED + "[libraries.Others]\npsycopg = { title = 'again', kinds = [] }\n",
            "psycopg: a library is there once, and has a title and kinds",
        ),
        (NAMED + "[libraries.Others]\nredis = { title = 'redis-py', kinds = [] }\n", "redis: has no program in "),
        ("[libraries.Drivers]\nsqlite3 = { title = 'SQLite', kinds = [] }\n", "psycopg: has a program in "),
        (NAMED + "[never]\nx = 1\n", '"never" is none of not-applicable, not-yet'),
        (NAMED + "[not-yet]\nx = 1\n", "not-yet is no list of reasons"),
        (NAMED + "[[not-yet]]\nrules = 'query'\n", "not-yet: {'rules': 'query'}: a reason has rules, of and why"),
        (NAMED + reason("query/tells", "driver", " "), "query/tells: driver: a reason is missing"),
        (NAMED + reason("query/tells", "driver driver"), "query/tells: driver: a reason is there twice"),
        (NAMED + reason("query/tells", "redis"), "query/tells: redis: is neither a library nor a kind of them"),
        (NAMED + reason("schema query/tells", "driver"), "schema: driver: there is no cell to give a reason for"),
        (NAMED + reason("query", "driver"), "query: driver: query/asks speaks in the program of sqlite3"),
        (NAMED + reason("query/asks", "psycopg"), "query/asks: psycopg: query/asks speaks in the program of psycopg"),
        (NAMED + reason("query/tells", "driver server"), "query/tells: psycopg is driver and server: two reasons"),
    ],
)
def test_what_is_stated_wrongly(pack: Pack, programs: Path, text: str, complaint: str) -> None:
    state(pack, text)
    with pytest.raises(CoverageError) as caught:
        shown(pack.name, programs)
    assert str(caught.value).startswith(f"strangers_rules: coverage_libraries.toml: {complaint}")


def test_nothing_is_stated(pack: Pack, programs: Path) -> None:
    with pytest.raises(CoverageError) as caught:
        shown(pack.name, programs)
    assert str(caught.value) == "strangers_rules: coverage_libraries.toml: is not there"
