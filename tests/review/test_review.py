"""The review as people get it: exact output, exit codes, and that nothing is called good that nobody looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from dblint.checklist import LINES
from dblint.cli import command
from dblint.facts.program import Technology
from dblint.facts.project import Project
from dblint.facts.review import (
    FINDINGS,
    IN_PART,
    NOT_APPLICABLE,
    NOT_LOOKED,
    NOTHING,
    Inventory,
    Review,
    ReviewedLine,
)
from dblint.facts.text import Place
from dblint.harm import GROUPS
from dblint.packs import LoadedRule, find, load
from dblint.report.formats import render_review
from dblint.review import review
from dblint.run import Request, run
from tests.review.shop import FILES, write

HERE = Path(__file__).parent
RULES = [load(found) for found in find(["dblint_rules"]).values()]
NO_LINE = (
    "query/boolean-operator-on-columns",
    "query/floating-query",
    "query/null-comparison",
    "query/null-equality",
    "query/query-never-executed",
    "query/sync-call-in-async",
    "query/undefined-widens-filter",
    "security/logged-parameters",
    "security/raw-template-called-as-function",
    "security/tls-disabled",
)
"""Rules of what the checklist does not ask for: its line 4.4 is about data at rest, and not in transit."""
AGAIN = "is it what is meant? Then: python -m tests.review.again"


def dblint(*arguments: str) -> Result:
    result = CliRunner().invoke(command, ["review", *arguments], prog_name="dblint")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write(tmp_path))
    return tmp_path


def reviewed(root: Path, *, rules: list[LoadedRule] | None = None, dialect: str = "") -> Review:
    request = Request(
        paths=[str(root)],
        root=root,
        isolated=True,
        select=("all",),
        feeds=frozenset({Technology}),
        packs=("dblint_rules",),
        overrides={"dialect": dialect},
    )
    return review(run(request), RULES if rules is None else rules)


def lines(told: Review) -> dict[str, ReviewedLine]:
    return {line.id: line for group in told.groups for line in group.lines}


def states(told: Review, state: str) -> list[str]:
    return [name for name, line in lines(told).items() if line.state == state]


# What people get


@pytest.mark.parametrize(("name", "file"), [("text", "expected.txt"), ("markdown", "expected.md")])
def test_the_whole_review(checkout: Path, name: str, file: str) -> None:
    result = dblint(".", "--output", f"{name}=-")
    assert result.stderr == ""
    assert result.exit_code == 1
    assert result.stdout == (HERE / file).read_text("utf-8"), AGAIN


def test_both_formats_at_once_and_the_same_bytes_each_time(checkout: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert dblint(".", "--output", "text=out.txt", "--output", "markdown=out.md").stdout == ""
        assert (tmp_path / "out.txt").read_text("utf-8") == (HERE / "expected.txt").read_text("utf-8")
        assert (tmp_path / "out.md").read_text("utf-8") == (HERE / "expected.md").read_text("utf-8")


def test_exit_codes(checkout: Path) -> None:
    assert dblint(".", "--exit-zero").exit_code == 0
    assert dblint("shop/prices.py").exit_code == 0
    assert dblint("nowhere").exit_code == 2
    assert dblint("nowhere").stderr == "dblint: nowhere: no such file or folder\n"
    wrong = dblint(".", "--output", "txt=-")
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        'dblint: --output: there is no format "txt" (did you mean "text"?); one of text, markdown\n',
    )
    assert dblint(".", "--output", "json=x.json").stderr == (
        'dblint: --output: there is no format "json"; one of text, markdown\n'
    )
    over = dblint(".", "--output", "text=shop/store.py")
    assert (over.exit_code, over.stderr) == (2, "dblint: --output shop/store.py: is a file of the project\n")
    assert (checkout / "shop/store.py").read_text("utf-8") == FILES["shop/store.py"]


def test_quiet_leaves_the_summary_and_notes_out(checkout: Path) -> None:
    (checkout / "b.min.js").write_text("x = 1;\n", "utf-8")
    (checkout / "c.py").write_text("import sqlite3\nc = sqlite3.connect('a')\nc.execute(((\n", "utf-8")
    everything = dblint(".", "--isolated").stdout
    quiet = dblint(".", "--isolated", "-q")
    assert (quiet.exit_code, quiet.stderr) == (1, "")
    assert "b.min.js note skipped: minified\n" in everything
    assert quiet.stdout.startswith("c.py:3 error parse-error ")
    assert quiet.stdout.partition("\n\n")[2] == everything[everything.index("Environment\n") :]
    markdown = dblint(".", "--isolated", "-q", "--output", "markdown=-").stdout
    assert markdown.startswith("# dblint review\n\n## Notes\n\n- `c.py:3` error `parse-error` ")
    assert "minified" not in markdown


def test_the_configuration_is_honoured_and_can_be_left_aside(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('select = ["security"]\nignore = ["security/tls-disabled"]\n', "utf-8")
    told = dblint(".").stdout
    assert "  4.1  findings           parameterised queries" in told
    assert "  2.3  not looked at      fitting data types (left out: schema/float-for-money)\n" in told
    wheres = (
        "UPDATE and DELETE without any condition in calls of application code and scripts, of tables whose rows the "
        "program chooses by their owner elsewhere (not in files of SQL; WHERE 1 = 1 is a condition)"
    )
    some = dblint(".", "--isolated", "--select", "query/write-without-where").stdout
    assert (
        f"""\
  S.1  no finding in part no DROP, TRUNCATE, or DELETE/UPDATE without WHERE
{"":26} no finding, looked at in part: only {wheres}
{"":26} left out: migration/destructive-operation
{"":26} query/write-without-where: 1 place looked at (UPDATE and DELETE statements)
"""
        in some
    )
    assert "security/tls-disabled" not in told
    assert dblint(".", "--isolated").stdout == (HERE / "expected.txt").read_text("utf-8")
    assert "  2.3  findings " in dblint(".", "--select", "schema").stdout
    assert "  2.3  findings " in dblint(".", "--isolated", "--select", "default").stdout


def test_what_the_configuration_says_that_the_server_does(checkout: Path) -> None:
    assert "1.6  findings           query timeouts are set" in dblint(".").stdout
    (checkout / "dblint.toml").write_text('timeouts = "server"\n', "utf-8")
    why = "the configuration says that the database server sets them (timeouts)"
    assert f"1.6  not applicable     query timeouts are set ({why})" in dblint(".").stdout


def test_every_finding_is_told_where_all_are_asked_for(checkout: Path) -> None:
    more = [f"migrations/000{number}_more.sql" for number in (7, 6, 5, 4, 3)]
    for path in more:
        (checkout / path).write_text("CREATE INDEX ON invoice (total);\n", "utf-8")
    assert "  and 3 more in 3 files (--all)\n" in dblint(".").stdout
    everything = dblint(".", "--all").stdout
    assert "(--all)" not in everything
    assert everything.count("writes to invoice wait until") == 6
    newest = [line for line in everything.splitlines() if "writes to invoice wait" in line]
    assert [line.split(":")[0].strip() for line in newest] == [*more, "migrations/0002_index.sql"]


def test_of_many_further_places_the_first_are_told_unless_all_are_asked_for(checkout: Path) -> None:
    statements = [f"CREATE INDEX invoice_{number} ON invoice (total);\n" for number in range(8)]
    (checkout / "migrations/0002_index.sql").write_text("".join(statements), "utf-8")
    places = [f"    -> migrations/0002_index.sql:{number + 1}:1: the index invoice_{number}" for number in range(1, 8)]
    places = [f"{place} on invoice (total)" for place in places]

    def arrows(*options: str) -> list[str]:
        told = dblint(".", "--select", "migration", *options).stdout
        return [line for line in told.splitlines() if line.startswith("    ->")]

    assert arrows() == [*places[:5], "    -> and 2 more places (--all)"]
    assert arrows("--all") == places
    markdown = dblint(".", "--output", "markdown").stdout.splitlines()
    assert [line for line in markdown if "the index invoice\\_5" in line or "more places" in line] == [
        "- `migrations/0002_index.sql:6`: the index invoice\\_5 on invoice (total)",
        "- and 2 more places (--all)",
    ]


def test_of_many_files_that_cannot_be_read_the_first_are_told(tmp_path: Path) -> None:
    files = {f"a{number}.py": "import sqlite3\nc = sqlite3.connect('a')\nc.execute(((\n" for number in range(7)}
    told = reviewed(write(tmp_path, {**files, "b.min.js": "x = 1;\n"}))
    text = render_review("text", told).decode()
    assert text.count("error parse-error") == 5
    assert "\nand 3 more (dblint check --show-files tells them all)\n" in text
    markdown = render_review("markdown", told).decode()
    assert markdown.count("error `parse-error`") == 5
    assert "\n- and 3 more (dblint check --show-files tells them all)\n" in markdown


def test_nothing_of_the_checkout_moves_a_terminal_or_becomes_markup(tmp_path: Path) -> None:
    hostile = 'x\x1b[2J\u202e<b>|`@all"'
    name = hostile.replace('"', '""')
    files = {
        "0001.sql": f'CREATE TABLE "{name}" (id bigint PRIMARY KEY, price real, kind text);\n',
        "0002.sql": f'CREATE INDEX i ON "{name}" (kind);\n',
        "a.py": 'A = "postgresql://clerk@pgbouncer\x1b[2J/shop"\n',
    }
    told = reviewed(write(tmp_path, files))
    text = render_review("text", told).decode()
    assert "x␛[2J\\u202e<b>|`@all" in text
    assert not any(sign in text for sign in ("\x1b", "\u202e"))
    markdown = render_review("markdown", told).decode()
    assert "x␛\\[2J\\\\u202e\\<b\\>\\|\\`@<!-- -->all" in markdown
    assert not any(sign in markdown for sign in ("\x1b", "\u202e", " <b>"))


def test_a_check_and_a_review_say_the_same_of_what_is_used(tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"@vercel/kv": "1", "mysql2": "3", "typeorm": "1"}}',
        "a.js": "mongoose.connect('mongodb://mongo.shop.io/shop');\n",
        "b.ts": "import { DataSource } from 'typeorm';\nexport const source = new DataSource({ type: 'mysql' });\n",
    }
    told = reviewed(write(tmp_path, files))
    assert [each.name for each in told.not_understood] == ["Vercel KV"]
    assert [each.package for each in told.report.summary.not_understood] == ["@vercel/kv"]
    assert [(each.kind, each.name) for each in told.environment] == [
        ("database", "MongoDB"),
        ("database", "MySQL or MariaDB"),
        ("database", "Redis"),
        ("orm", "TypeORM"),
        ("driver", "mysql2"),
    ]
    assert told.report.summary.databases == (
        "mongodb: address in a.js",
        "mysql: driver mysql2 in package.json",
        "redis: requirement in package.json",
    )


def test_what_is_named_and_not_understood_is_not_no_database_code(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path, {"a.js": "mongoose.connect('mongodb://mongo.shop.io/shop');\n"}))
    named = "no query was understood in 1 file (1 unresolved), though they name MongoDB (dblint review says where)\n"
    assert render_review("text", told).decode().startswith(named)


# What was looked at


def test_nothing_is_good_where_nothing_was_looked_at(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path, {"a.py": "print(1)\n"}))
    assert states(told, IN_PART) == []
    assert states(told, FINDINGS) == []
    assert all(each.places == 0 for name in states(told, NOTHING) for each in lines(told)[name].looked)
    assert {*states(told, NOTHING), *states(told, NOT_LOOKED)} == set(LINES)
    assert told.environment == ()
    assert told.inventory == Inventory()
    text = render_review("text", told).decode()
    assert text.startswith("no database code found in 1 file\n")
    assert "query/n-plus-one: no queries that read rows here\n" in text
    outside = "outside migrations, seeds, tests and examples, which are not counted"
    assert f"no place that sends queries was understood {outside}\n" in text


BOOKSHELF = "import bookshelf from 'bookshelf';\nexport const db = bookshelf('postgres://db.shop.io/shop');\n"


def test_what_goes_through_a_library_that_is_not_understood_is_not_nothing(tmp_path: Path) -> None:
    files = {
        "api/a.ts": BOOKSHELF,
        "api/b.ts": BOOKSHELF,
        "cache/c.ts": "import { createClient } from '@vercel/kv';\nexport const cache = createClient({});\n",
        "package.json": '{"dependencies": {"bookshelf": "1", "@vercel/kv": "1", "pg": "8"}}',
    }
    told = reviewed(write(tmp_path, files))
    assert states(told, NOTHING) == []
    hidden = "what goes through Bookshelf is not understood"
    reasons = {name: line.reason for name, line in lines(told).items() if line.looked and line.state == NOT_LOOKED}
    assert set(reasons) == {
        *(
            "1.1",
            "1.2",
            "1.3",
            "1.4",
            "1.5",
            "1.6",
            "2.2",
            "2.3",
            "2.4",
            "2.6",
            "3.2",
            "3.3",
            "4.1",
            "4.2",
            "4.5",
            "5.5",
            "6.3",
        ),
        *("6.4", "6.5", "S.1", "S.2"),
    }
    assert reasons.pop("3.2") == "what goes through Bookshelf and Vercel KV is not understood"
    assert set(reasons.values()) == {hidden}
    text = render_review("text", told).decode()
    assert (
        f"""\
  4.1  not looked at      parameterised queries, no string concatenation ({hidden})
{"":26} looked for in part: only SQL text of calls that are understood, outside migrations, seeds and tests; in scripts\
 what a request brings
{"":26} security/sql-injection: saw no places that send SQL text, and cannot see what goes through Bookshelf
"""
        in text
    )
    assert "which are not counted, and neither is what goes through Bookshelf\n" in text
    # Every file is named once, by its surest sign: two import the library, as a check says, and the manifest beside.
    assert "Bookshelf (orm): import in api/a.ts:1, and in 1 more file; requirement in 1 more file\n" in text
    assert [(each.package, each.files) for each in told.report.summary.not_understood] == [
        ("@vercel/kv", 1),
        ("bookshelf", 2),
    ]
    markdown = render_review("markdown", told).decode()
    assert "| 4.1 | parameterised queries, no string concatenation | not looked at | `security/sql-inj" in markdown
    assert f"<br>{hidden}<br>looked for in part: only SQL text" in markdown


def test_tables_are_counted_where_they_are_judged(tmp_path: Path) -> None:
    columns = "    id = Column(Integer, primary_key=True)\n    name = Column(Text)\n"
    model = f"class {{}}(Base):\n    __tablename__ = '{{}}'\n{columns}"
    files = {
        "migrations/0001.sql": "CREATE TABLE invoice (id integer PRIMARY KEY, name text);\n"
        "CREATE TABLE copy AS SELECT * FROM elsewhere;\n",
        "models.py": "from sqlalchemy import Column, Integer, Text\nfrom sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base()\n" + model.format("Invoice", "invoice") + model.format("Other", "of_others"),
    }
    told = lines(reviewed(write(tmp_path, files)))
    counts = {each.rule: (each.places, each.noun) for name in ("2.2", "2.3") for each in told[name].looked}
    assert counts["schema/float-for-money"] == (1, "tables whose columns are known")
    assert counts["schema/missing-primary-key"] == (1, "tables that are known whole")


def test_a_database_beside_holds_no_tables_and_is_connected_to(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path, {"a.py": "import aioredis\nimport psycopg\n"}))
    assert [name for name, line in lines(told).items() if line.looked and line.state == NOT_LOOKED] == ["3.2", "4.6"]
    assert lines(told)["4.6"].reason == "what goes through aioredis is not understood"
    assert {"1.2", "2.2", "4.1", "6.3"} <= set(states(told, NOTHING))


def test_a_part_that_does_not_use_the_library_has_nothing_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {"api/a.ts": BOOKSHELF, "web/b.ts": "export {};\n"}))
    assert "4.1  nothing to look at" in dblint("web", "--isolated").stdout
    assert "4.1  not looked at" in dblint("api", "--isolated").stdout


def test_tests_and_examples_are_no_places(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path, {f"tests/{path}": text for path, text in FILES.items()}))
    assert states(told, IN_PART) == []
    assert told.inventory == Inventory(unseen=("Pony",))  # a manifest requires it


def test_lines_that_say_nothing_about_a_database_are_not_applicable(tmp_path: Path) -> None:
    told = lines(reviewed(write(tmp_path, {"a.py": "import sqlite3\n"})))
    assert {name: line.reason for name, line in told.items() if line.state == NOT_APPLICABLE} == {
        "3.1": "SQLite runs inside the program, with no server to connect to; no other database is named",
        "3.5": "SQLite runs inside the program, with no server to connect to; no other database is named",
        "4.3": "SQLite knows no users; no other database is named",
        "4.6": "SQLite takes no credentials; no other database is named",
        "5.2": "SQLite has one isolation level; no other database is named",
        "6.4": "SQLite has no concurrent index build; no other database is named",
    }
    documents = lines(reviewed(write(tmp_path, {"a.py": "import pymongo\nimport redis\n"})))
    assert {name: line.reason for name, line in documents.items() if line.state == NOT_APPLICABLE} == {
        "2.2": "MongoDB has no foreign keys; Redis has no foreign keys; no other database is named",
        "2.3": "MongoDB's collections have no columns; Redis has no columns; no other database is named",
        "2.5": "MongoDB's collections have no columns; Redis has no columns; no other database is named",
        "2.6": "MongoDB's collections have no columns; Redis has no columns; no other database is named",
        "6.4": "is about PostgreSQL, which nothing here speaks to",
    }
    both = lines(reviewed(write(tmp_path, {"b.py": "import psycopg\n"})))
    assert [name for name, line in both.items() if line.state == NOT_APPLICABLE] == []


LITE = "'sqlite:///shop.db'"


def test_nothing_is_ruled_out_where_another_database_may_be_meant(tmp_path: Path) -> None:
    unsure: list[dict[str, str]] = [
        {"package.json": '{"devDependencies": {"better-sqlite3": "1"}}', "a.ts": "export {};\n"},
        {"a.py": "import sqlite3\nimport sqlalchemy\n"},
        {"a.py": "import sqlite3\n", "b.ts": "import { Sequelize } from 'sequelize';\n"},
        {"a.py": f"import os\nimport sqlalchemy\nURL = os.environ.get('DATABASE_URL', {LITE})\n"},
        {"a.py": f"import os\nimport sqlalchemy\nDEFAULT = {LITE}\nURL = os.getenv('DATABASE_URL') or DEFAULT\n"},
        {"a.py": f"import sqlalchemy\nclass Settings(BaseSettings):\n    url: str = {LITE}\n"},
        {"a.ts": f"import {{ DataSource }} from 'typeorm';\nconst url = process.env.DATABASE_URL ?? {LITE};\n"},
        {"a.py": f"import sqlalchemy\nURL = {LITE}\n", "requirements.txt": "psycopg2\n"},
        {"a.py": f"import sqlalchemy\nURL = {LITE}\n", "requirements.txt": "pyodbc\n"},
    ]
    for number, files in enumerate(unsure):
        assert states(reviewed(write(tmp_path / str(number), files)), NOT_APPLICABLE) == []
    said = {"a.py": "import sqlalchemy\nENGINE = sqlalchemy.create_engine('sqlite:///shop.db')\n"}
    assert "4.6" in states(reviewed(write(tmp_path / "said", said)), NOT_APPLICABLE)
    cached = {**said, "package.json": '{"dependencies": {"redis": "1"}}'}  # 6.4: its rule is about PostgreSQL
    assert states(reviewed(write(tmp_path / "cached", cached)), NOT_APPLICABLE) == ["6.4"]


def test_what_the_user_says_does_not_rule_out_what_the_report_names(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path, {"a.py": "import psycopg\n"}), dialect="mysql")
    assert states(told, NOT_APPLICABLE) == []
    alone = reviewed(write(tmp_path / "alone", {"a.py": "import pymysql\n"}), dialect="mysql")
    assert states(alone, NOT_APPLICABLE) == ["6.4"]


def test_the_line_of_credentials_counts_addresses_whatever_takes_them(tmp_path: Path) -> None:
    source = "import redis\n\n\ndef cache():\n    return redis.from_url('redis://cache.shop.io')\n"
    line = lines(reviewed(write(tmp_path, {"a.py": source})))["4.6"]
    assert (line.state, line.looked[0].places) == (IN_PART, 1)


def test_a_rule_about_another_database_is_not_applicable(tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if rule.id == "query/select-star")
    rules = [structs.replace(rule, rule=replace(rule.rule, databases=("mysql",)))]
    told = lines(reviewed(write(tmp_path, {"a.py": "import psycopg\n"}), rules=rules))["1.4"]
    assert (told.state, told.reason) == (NOT_APPLICABLE, "is about MySQL or MariaDB, which nothing here speaks to")


def test_a_rule_that_cannot_say_what_it_looks_at_is_not_counted(tmp_path: Path) -> None:
    def broken(_: Project) -> list[Place]:
        raise RuntimeError

    def leaving(_: Project) -> list[Place]:
        raise SystemExit(0)

    rule = next(rule for rule in RULES if rule.id == "query/n-plus-one")
    for places in (None, broken, leaving):
        told = reviewed(write(tmp_path), rules=[structs.replace(rule, places=places)])
        assert lines(told)["1.2"].looked[0].places is None
        text = render_review("text", told).decode()
        assert "query/n-plus-one: it does not say how many places it looked at\n" in text


def test_debug_shows_why_a_rule_does_not_say_what_it_looks_at(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Project) -> list[Place]:
        raise RuntimeError("in a stranger's rule")

    monkeypatch.setattr("dblint_rules.query.n_plus_one.places", broken)
    assert dblint(".").stderr == ""
    assert dblint(".", "--debug").stderr.endswith("RuntimeError: in a stranger's rule\n\n")


def test_a_rule_without_a_count_of_its_own_counts_what_it_is_fed(tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if rule.id == "schema/missing-primary-key")
    silent = structs.replace(rule, places=None, rule=replace(rule.rule, looks_at=""))
    looked = lines(reviewed(write(tmp_path), rules=[silent]))["2.2"].looked[0]
    assert (looked.places, looked.noun) == (2, "tables")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_belongs_to_a_line_and_says_what_it_looks_at(rule: LoadedRule) -> None:
    assert bool(rule.rule.checklist) != (rule.id in NO_LINE)
    assert set(rule.rule.checklist) <= set(LINES)
    assert rule.rule.looks_at
    assert rule.places is not None or Project not in rule.feeds
    assert rule.group in GROUPS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_of_every_line_of_a_rule_is_said_how_much_of_it_the_rule_looks_at(rule: LoadedRule) -> None:
    for name in rule.rule.checklist:
        assert rule.id in LINES[name].parts


def test_no_line_names_a_rule_that_does_not_look_at_it() -> None:
    named = {(rule, line.id) for line in LINES.values() for rule in line.parts}
    assert named == {(rule.id, name) for rule in RULES for name in rule.rule.checklist}


TAKING = "steps of migrations that drop, empty or narrow what may still be in use"


def test_of_every_line_is_said_what_is_looked_at(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path))
    assert {name: (line.state, line.part) for name, line in lines(told).items() if line.part} == {
        "1.1": (
            IN_PART,
            "LIKE patterns that begin with a wildcard, in queries whose conditions are all understood",
        ),
        "1.2": (
            IN_PART,
            "reads that are understood, in loops of application code and scripts or at most six calls behind them",
        ),
        "1.3": (
            IN_PART,
            (
                "rows that are read to be added up; rows that are read to be left out; rows that are understood and "
                "that are only counted; whether pages have an order; rows that are understood and that are only looked "
                "for; lists of whole tables that requests are seen to read"
            ),
        ),
        "1.4": (
            IN_PART,
            "the outermost list of queries that are understood, in application code and scripts",
        ),
        "1.5": (
            IN_PART,
            (
                "writes that are understood, in loops of application code and scripts or at most six calls behind them"
                ", where the library can write many rows at once"
            ),
        ),
        "1.6": (FINDINGS, "calls and settings that configure a client and are understood"),
        "2.2": (
            IN_PART,
            "whether tables have a key that others can refer to; whether foreign keys that are defined have an index",
        ),
        "2.3": (FINDINGS, "binary floating types of columns whose names speak of money"),
        "2.4": (IN_PART, "indexes of foreign keys"),
        "2.6": (
            NOT_LOOKED,
            "columns with a default of the model alone that SQL text of the program or its migrations leaves out",
        ),
        "3.2": (
            NOT_LOOKED,
            "what functions of application code open through calls that are understood, and keep to themselves",
        ),
        "3.3": (NOT_LOOKED, "commits in every turn of a loop, in application code and scripts"),
        "4.1": (
            FINDINGS,
            (
                "SQL text of calls that are understood, outside migrations, seeds and tests; in scripts what a request "
                "brings"
            ),
        ),
        "4.2": (
            NOT_LOOKED,
            (
                "filters of document databases in application code, of values that a handler takes from a parsed body "
                "or query"
            ),
        ),
        "4.5": (
            FINDINGS,
            "how SQL text of calls that are understood is put together, outside migrations, seeds and tests",
        ),
        "4.6": (
            IN_PART,
            (
                "passwords in calls and settings that are understood, and in addresses to other machines, of the "
                "source and Prisma schemas (not in .env, compose, INI and other files that are no source; no keys or "
                "tokens)"
            ),
        ),
        "5.5": (
            NOT_LOOKED,
            (
                "rows that application code inserts where a read that is understood found none; numbers that "
                "application code sets to what it computes from them, where the statement that writes them is "
                "understood"
            ),
        ),
        "6.3": (FINDINGS, f"{TAKING}; indexes that migrations build on PostgreSQL"),
        "6.4": (FINDINGS, "indexes that migrations build on PostgreSQL, on tables that were there before"),
        "6.5": (IN_PART, TAKING),
        "S.1": (
            IN_PART,
            (
                f"{TAKING} (no DROP or TRUNCATE outside migrations, and of migrations before the newest none that only "
                "take away); UPDATE and DELETE without any condition in calls of application code and scripts, of "
                "tables whose rows the program chooses by their owner elsewhere (not in files of SQL; WHERE 1 = 1 is "
                "a condition)"
            ),
        ),
        "S.2": (
            NOT_LOOKED,
            (
                "lists of statements that a call runs together; queries in callbacks of transactions that are handed "
                "on by an option; queries in callbacks of transactions, and writes of functions that are called there "
                "without the handle"
            ),
        ),
    }
    assert [each.rule for each in told.besides] == list(NO_LINE)
    markdown = render_review("markdown", told).decode()
    row = "| 2.4 | indexes match the queries | no finding, looked at in part: only indexes of foreign keys |"
    assert row in markdown
    assert "looked at in part: only binary floating types of columns whose names speak of money |" in markdown
    assert "looked for in part: only what functions of application code open" in markdown
    assert "- `security/tls-disabled`: 1 place looked at" in markdown


def test_no_line_is_plain_over_code_that_does_what_it_forbids(tmp_path: Path) -> None:
    files = {
        "migrations/0001_start.sql": "CREATE TABLE note (id int PRIMARY KEY); CREATE TABLE tag (id int PRIMARY KEY);",
        "migrations/0002_drop.sql": "DROP TABLE tag;\n",
        "migrations/0003_kind.sql": "ALTER TABLE note ADD COLUMN kind text;\n",
        "queries/clean.sql": "DELETE FROM note;\n",
        "a.py": "import sqlite3\n\n\ndef wipe(con: sqlite3.Connection):\n"
        "    con.execute('DROP TABLE note')\n    con.execute('DELETE FROM note WHERE 1 = 1')\n",
    }
    told = reviewed(write(tmp_path, files))
    assert lines(told)["S.1"].state == IN_PART
    text = render_review("text", told).decode()
    assert "  S.1  no finding in part no DROP, TRUNCATE, or DELETE/UPDATE without WHERE\n" in text
    assert not re.search(r"no finding(?!s| in part|, looked at in part: only |\")", text)


def test_what_a_stranger_s_rule_looks_at_is_a_part_that_nobody_knows(tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if rule.id == "query/select-star")
    told = reviewed(write(tmp_path), rules=[structs.replace(rule, rule=replace(rule.rule, checklist=("1.6",)))])
    line = lines(told)["1.6"]
    assert (line.state, line.part) == (IN_PART, "what query/select-star is about")


def test_the_checklist_has_36_lines_and_four_guidelines() -> None:
    numbers = [f"{group}.{line}" for group in range(1, 7) for line in range(1, 7)]
    assert list(LINES) == [*numbers, "S.1", "S.2", "S.3", "S.4"]


# How SQL is sent


def test_how_sql_is_sent(tmp_path: Path) -> None:
    source = """\
import psycopg
from sqlalchemy import select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from elsewhere import tail


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)


def all_kinds(connection: psycopg.Connection, session: Session, name: str, statement: str):
    session.scalars(select(Invoice).where(Invoice.id == 1)).all()
    session.execute(text("SELECT 1"))
    connection.execute("SELECT 2")
    connection.execute("SELECT 3 WHERE %s", (name,))
    for table in ("invoice", "customer"):
        connection.execute(f"SELECT count(*) FROM {table}")
    connection.execute(statement)
    connection.execute(f"SELECT '{name}'")
    connection.execute("SELECT 1 " + tail())
"""
    told = reviewed(write(tmp_path, {"a.py": source}))
    assert told.inventory == Inventory(
        built=1,
        bound=1,
        constant=2,
        own=1,
        passed=1,
        decided=1,
        unknown=1,
        first_decided=("a.py", 24),
        first_unknown=("a.py", 25),
    )
    assert lines(told)["4.5"].reason == "of 1 text a part could not be followed: not proven, see below"


def test_the_name_of_a_function_is_no_sql_text(tmp_path: Path) -> None:
    source = """\
from django.db.models import Func

COUNT = Func("id", function="COUNT")
TWICE = Func("id", template="%(function)s(DISTINCT %(expressions)s)")


def called(word: str):
    return Func("id", function=word)
"""
    told = reviewed(write(tmp_path, {"a.py": source}))
    assert told.inventory == Inventory(constant=1, passed=1)


# What people paste


def test_a_statement_that_could_write_is_not_handed_to_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = reviewed(write(tmp_path))
    kept = {harm.rule: harm.verify for harm in told.harms}
    assert kept["security/sql-injection"].startswith("SELECT application_name, query FROM pg_stat_activity")
    monkeypatch.setattr("dblint.verifying.complaint", lambda _: "it holds DELETE")
    assert {harm.verify for harm in reviewed(tmp_path).harms} == {""}


def test_a_statement_of_another_database_is_not_handed_to_people(tmp_path: Path) -> None:
    told = reviewed(write(tmp_path), dialect="mysql")
    kept = {harm.rule: harm.verify for harm in told.harms if harm.verify_on == ("PostgreSQL",)}
    # A client of psycopg's is one of PostgreSQL, whatever else the project speaks to.
    assert kept.pop("connection/no-statement-timeout").startswith("SELECT name, setting, source FROM pg_settings")
    assert kept == {"security/sql-injection": ""}


LEAKS = """\
import psycopg
import sqlite3


def kept(path):
    connection = sqlite3.connect(path)
    connection.execute("SELECT 1").fetchone()


def put(connection: sqlite3.Connection, keys):
    for key in keys:
        connection.execute("UPDATE note SET seen = 1 WHERE id = ?", (key,))
"""
REMOTE = """

def lost(address):
    connection = psycopg.connect(address)
    connection.execute("SELECT 1").fetchone()


def save(connection: psycopg.Connection, key):
    connection.execute("UPDATE note SET seen = 1 WHERE id = %s", (key,))


def all_of(connection: psycopg.Connection, keys):
    for key in keys:
        save(connection, key)
"""


def test_the_database_of_the_finding_says_whether_a_statement_shows_it(tmp_path: Path) -> None:
    first = reviewed(write(tmp_path, {"a.py": LEAKS}))
    assert {each.rule: (each.verify, each.verifiable) for each in first.harms} == {
        "connection/connection-not-closed": ("", 0),
        "query/write-in-loop": ("", 0),
    }
    assert "pg_stat" not in render_review("text", first).decode()
    told = reviewed(write(tmp_path, {"a.py": LEAKS + REMOTE}))
    found = {each.rule: each for each in told.harms}
    for rule in ("connection/connection-not-closed", "query/write-in-loop"):
        assert (len(found[rule].findings), found[rule].verifiable) == (2, 1)
        assert found[rule].verify == load(find(["dblint_rules"])[rule]).rule.verify
    text = render_review("text", told).decode()
    assert text.count("  to verify on PostgreSQL (1 of the findings): ") == 2


def test_standard_catalogues_are_for_databases_that_have_them(tmp_path: Path) -> None:
    tables = "CREATE TABLE visit (seen {0}, price {0});\n"
    lite = reviewed(write(tmp_path / "a", {"a.sql": tables.format("real"), "b.py": "import sqlite3\n"}))
    assert {each.rule: each.verify for each in lite.harms} == {
        "schema/float-for-money": "",
        "schema/missing-primary-key": "",
    }
    large = reviewed(write(tmp_path / "b", {"a.sql": tables.format("real"), "b.py": "import psycopg\n"}))
    assert all("information_schema" in each.verify for each in large.harms)
    text = render_review("text", large).decode()
    assert text.count("to verify on PostgreSQL, MySQL or MariaDB or SQL Server: ") == 1
    assert text.count("to verify on PostgreSQL: ") == 1


def test_the_statement_for_writes_shows_writes_of_all_kinds() -> None:
    rule = next(rule for rule in RULES if rule.id == "query/write-in-loop")
    pattern = rule.rule.verify.partition("~* '")[2].partition("'")[0].replace("[[:space:]]", r"\s")
    writes = ["INSERT INTO a", "update a SET b", "\n DELETE FROM a", "MERGE INTO a", "WITH b AS (c)\nINSERT INTO a"]
    assert all(re.search(pattern, text, re.IGNORECASE | re.DOTALL) for text in writes)
    assert not re.search(pattern, "SELECT updated FROM a", re.IGNORECASE | re.DOTALL)
