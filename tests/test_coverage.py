"""Every rule has an example that fires, or a reason why there is none, in each language or source that concerns it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.coverage import Matrix, document, main, matrix
from dblint.coverage_reasons import CoverageError
from tests.conftest import Pack

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "docs" / "coverage.md"
PROGRAMS = "fixtures/matrix"
WRITE = f"python -m dblint.coverage dblint_rules {PROGRAMS} > docs/coverage.md"

HEAD = """
from collections.abc import Iterator
from dblint.facts.program import Call
from dblint.facts.schema import Change, Migration, Table
from dblint.rule import Bad, Finding, Good, Rule

PROSE = dict(summary="A", why="Because.", minimal="Less.", better="Even less.", complete="None.", severity="info")
"""
CALL = (
    HEAD
    + """
RULE = Rule(
    **PROSE,
    bad=(
        Bad("typescript", "import { Pool } from 'pg';\\nnew Pool().query('SELECT 1'); // finding\\n", path="a.mts"),
        Bad("python", "import sqlite3\\nsqlite3.connect('a').execute('SELECT 1')  # finding\\n"),
        Bad("python", "import sqlite3\\nsqlite3.connect('a').execute('SELECT 2')  # finding\\n"),
    ),
    good=(Good("python", "x = 1\\n"),),
)

def check(call: Call) -> Iterator[Finding]:
    if call.queries:
        yield Finding(call.place, "asks")
"""
)
TABLE = (
    HEAD
    + """
PEAR = "class Pear(models.Model):  # finding\\n    name = models.TextField()\\n"
RULE = Rule(
    **PROSE,
    bad=(
        Bad("sql", "CREATE TABLE pear (id int); -- finding\\n", path="schema.sql"),
        Bad("sql", "CREATE TABLE pear (id int); -- finding\\n", path="migrations/0001_pear.sql"),
        Bad(
            "python",
            "from django.db import models\\n\\n" + PEAR,
            path="shop/models.py",
            files={"migrations/0001_plum.sql": "CREATE TABLE plum (id int); -- finding\\n"},
        ),
    ),
    good=(Good("python", "x = 1\\n"),),
)

def check(table: Table) -> Iterator[Finding]:
    yield Finding(table.place, "is there")
"""
)
MIGRATION = (
    HEAD
    + """
RULE = Rule(
    **PROSE,
    bad=(Bad("sql", "DROP TABLE pear; -- finding\\n", path="pears.sql"),),
    good=(Good("python", "x = 1\\n"),),
)

def check(migration: Migration) -> Iterator[Finding]:
    for step in migration.steps:
        if step.operation.change is Change.DROP_TABLE:
            yield Finding(step.operation.place, "goes")
"""
)
REASONS = """
[not-yet.query]
sql = "SQL files are not read so far."

[not-applicable.query]
prisma = "It asks nothing."

[not-applicable.migration]
django-migrations = "Nobody has one."
alembic-migrations = "Nobody has one."

[not-yet."migration/goes"]
typeorm-migrations = "It asks nothing."
prisma-migrations = "Nobody has one."
"""


def state(pack: Pack, text: str) -> None:
    (pack.root / "coverage.toml").write_text(text, "utf-8")


def cells(found: Matrix) -> dict[str, dict[str, str]]:
    return {
        name: {
            cell.source: cell.reason.text if cell.reason else ", ".join(map(str, cell.examples))
            for cell in row
            if cell.reason or cell.examples
        }
        for _, rows in found.sections
        for name, row in rows.items()
    }


def test_no_cell_of_the_bundled_rules_is_empty_and_the_document_is_what_they_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    text, empty = document("dblint_rules", PROGRAMS)
    assert empty == []
    assert PUBLISHED.read_text(encoding="utf-8") == text, f"write it again: {WRITE}"


def test_what_an_example_shows_is_read_from_its_run(pack: Pack) -> None:
    pack.add("query/asks.py", CALL)
    pack.add("schema/there.py", TABLE)
    pack.add("migration/goes.py", MIGRATION)
    found = matrix(pack.name)
    assert cells(found) == {
        "query/asks": {"python": "2, 3", "typescript": "1"},
        "schema/there": {"django-models": "3", "sql-ddl": "1", "sql-migrations": "2, 3"},
        "migration/goes": {"sql-migrations": "1"},
    }
    assert found.empty()[:3] == ["query/asks: prisma", "query/asks: sql", "schema/there: sqlalchemy-models"]


def test_the_matrix_in_markdown(pack: Pack, capsys: pytest.CaptureFixture[str]) -> None:
    pack.add("query/asks.py", CALL)
    pack.add("migration/goes.py", MIGRATION)
    state(pack, REASONS)
    assert main([pack.name]) == 0
    written = capsys.readouterr()
    assert written.err == ""
    assert written.out[written.out.index("## ") :] == (
        "## Rules about code\n\n"
        "| rule | Python | TypeScript, JavaScript | Prisma schema | SQL file |\n"
        "|---|---|---|---|---|\n"
        "| `query/asks` | 2, 3 | 1 | not applicable (a) | not yet (b) |\n\n"
        "- (a) not applicable: It asks nothing.\n"
        "- (b) not yet: SQL files are not read so far.\n\n"
        "## Rules about migrations\n\n"
        "| rule | Django migrations | Alembic migrations | TypeORM migrations | Prisma migrations | SQL migrations |\n"
        "|---|---|---|---|---|---|\n"
        "| `migration/goes` | not applicable (a) | not applicable (a) | not yet (b) | not yet (c) | 1 |\n\n"
        "- (a) not applicable: Nobody has one.\n"
        "- (b) not yet: It asks nothing.\n"
        "- (c) not yet: Nobody has one.\n"
    )


def test_an_empty_cell_is_told(pack: Pack, capsys: pytest.CaptureFixture[str]) -> None:
    pack.add("query/asks.py", CALL)
    state(pack, '[not-yet.query]\nsql = "No."\n')
    assert main([pack.name]) == 1
    written = capsys.readouterr()
    assert "| `query/asks` | 2, 3 | 1 | **missing** | not yet (a) |" in written.out
    assert written.err == "query/asks: prisma: neither an example nor a reason\n"


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        ('[never.query]\nsql = "No."\n', '"never" is none of not-applicable, not-yet'),
        ('[not-yet.query]\nsql = " "\n', "query: sql: a reason is missing"),
        ("not-yet = 1\n", "not-yet holds no rules or groups"),
        ("[not-yet]\nquery = 1\n", "not-yet: query holds no sources"),
        ("[not-yet\n", "is no TOML: "),
        ('[not-yet.query]\npython = "No."\n', "query: python: query/asks has an example that fires"),
        ('[not-yet."query/asks"]\npython = "No."\n', "query/asks: python: query/asks has an example that fires"),
        ('[not-yet.schema]\nsql = "No."\n', "schema: sql: no rule has such a cell to give a reason for"),
        ('[not-yet.query]\nsql-ddl = "No."\n', "query: sql-ddl: no rule has such a cell to give a reason for"),
        (
            '[not-yet.query]\nsql = "No."\n[not-applicable."query"]\nsql = "No."\n',
            "query: sql: a reason is there twice",
        ),
    ],
)
def test_a_reason_that_is_none(pack: Pack, stated: str, complaint: str) -> None:
    pack.add("query/asks.py", CALL)
    state(pack, stated)
    with pytest.raises(CoverageError) as caught:
        matrix(pack.name)
    assert str(caught.value).startswith(f"strangers_rules: coverage.toml: {complaint}")


def test_an_example_that_does_not_fire_fills_no_cell(pack: Pack, capsys: pytest.CaptureFixture[str]) -> None:
    pack.add("query/asks.py", CALL.replace(".execute('SELECT 2')", ".cursor()"))
    assert main([pack.name]) == 2
    assert capsys.readouterr().err.splitlines()[:2] == [
        "query/asks-bad-python-3: A",
        "  not reported: example.py:2: sqlite3.connect('a').cursor()  # finding",
    ]


def test_an_example_must_show_a_source_that_has_a_column(pack: Pack) -> None:
    pack.add(
        "schema/there.py",
        TABLE.replace("(table.place,", "(type(table.place)('shop/a.py', 0, 1),").replace(
            'Bad("sql", "CREATE TABLE pear (id int); -- finding\\n", path="schema.sql"),',
            'Bad("sql", "CREATE TABLE pear (id int);", path="schema.sql", files={"shop/a.py": "x  # finding\\n"}),',
        ),
    )
    with pytest.raises(CoverageError) as caught:
        matrix(pack.name)
    assert str(caught.value) == ("schema/there-bad-sql-1: shop/a.py shows nothing that is declared: it fills no cell")


def test_one_pack_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["no_such_rules"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == "usage: python -m dblint.coverage PACK [PROGRAMS]"
