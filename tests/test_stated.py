"""What the user says of the project in its configuration: small tables, timeouts, calls of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.config import ConfigurationError
from dblint.facts.program import FileRole
from dblint.facts.report import ReportedFinding
from dblint.run import Request, Result, analyse, run


def reviewed(root: Path, configuration: str, files: dict[str, str], *rules: str) -> Result:
    for name, text in (*files.items(), ("dblint.toml", configuration)):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return run(Request(paths=[str(root)], root=root, packs=("dblint_rules",), overrides={"select": rules}))


def places(result: Result) -> list[str]:
    def place(finding: ReportedFinding) -> str:
        return f"{finding.region.path}:{finding.region.start.line} {finding.rule}"

    return [place(finding) for finding in result.report.findings]


VERBS = "aggregate command ddl delete insert select text update upsert".split()
MODELS = """\
from django.db import models
from django.http import HttpRequest

class Author(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

class Note(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

class Prize(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

def search(word):
    return list(Book.objects.filter(title__icontains=word))

def by_author(word):
    return list(Author.objects.filter(name__contains=word))

def add(request: HttpRequest, title, author):
    Book.objects.create(title=title, author=author)
    return list(Book.objects.order_by("-pk")[:10])

def everything(request: HttpRequest):
    return list(Book.objects.all())
"""
SEARCHES = ["shop/models.py:18 query/leading-wildcard-like", "shop/models.py:21 query/leading-wildcard-like"]
WHOLE = ["shop/models.py:28 query/unbounded-result"]
TABLES = "CREATE TABLE a (id int PRIMARY KEY);\n" + "".join(
    f"CREATE TABLE {name} (id int PRIMARY KEY, a_id int REFERENCES a (id));\n" for name in ("b", "shop.c")
)
KEYS = ["a.sql:2 schema/unindexed-foreign-key", "a.sql:3 schema/unindexed-foreign-key"]


@pytest.mark.parametrize(
    ("rule", "named", "expected"),
    [
        ("query/leading-wildcard-like", "", SEARCHES),
        ("query/leading-wildcard-like", "Book", SEARCHES[1:]),
        ("query/leading-wildcard-like", "shop_author", SEARCHES[:1]),
        ("query/unbounded-result", "Author", WHOLE),
        ("query/unbounded-result", "shop_book", []),
        ("query/unbounded-result", "book", []),
        ("schema/unindexed-foreign-key", "a", KEYS),
        ("schema/unindexed-foreign-key", "B", KEYS[1:]),
        ("schema/unindexed-foreign-key", "shop.c", KEYS[:1]),
        ("schema/unindexed-foreign-key", "other.c", KEYS),
    ],
)
def test_small_tables(rule: str, named: str, expected: list[str], tmp_path: Path) -> None:
    files = {"a.sql": TABLES} if rule.startswith("schema") else {"shop/models.py": MODELS}
    small = f'"{named}"' if named else ""
    result = reviewed(tmp_path, f'dialect = "postgres"\nsmall-tables = [{small}]\n', files, rule)
    assert places(result) == expected


def test_a_small_table_that_is_not_there(tmp_path: Path) -> None:
    files = {"a.sql": "CREATE TABLE shop.plan (id int PRIMARY KEY);\nCREATE TABLE customer (id int PRIMARY KEY);\n"}
    text = 'dialect = "postgres"\nsmall-tables = ["shop.plan", "plan", "custmer", "x"]\n'
    result = reviewed(tmp_path, text, files, "query/select-star")
    assert [(told.kind, told.path, told.message, told.fails) for told in result.report.diagnostics] == [
        (
            "note",
            ".",
            'dblint.toml:2: small-tables: there is no table or model "custmer" (did you mean "customer"?)',
            False,
        ),
        ("note", ".", 'dblint.toml:2: small-tables: there is no table or model "x"', False),
    ]
    assert result.exit_code() == 0
    tables = result.analysis.project.tables
    assert {name: table.small for name, table in tables.items()} == {"plan": True, "customer": False}
    assert [table.small for table in result.analysis.project.databases("plan")] == [True]


def test_patterns_that_fit_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    files = {"app/a.py": "x = 1\n", "app/legacy/b.py": "x = 1\n", "setup.cfg": ""}
    text = """\
exclude = ["legacy/", "app/legacy/b.py", "legcy/", "node_modules/", "data/", "!app/none.py"]

[paths."app/**"]
ignore = ["query"]

[paths."ap/**"]
ignore = ["query"]

[roles]
"app/*.py" = "script"
"bin/**" = "script"
"""
    expected = [
        'dblint.toml:11: roles."bin/**": fits no file that dblint reads',
        'dblint.toml:1: exclude: "legcy/" fits no file that dblint reads',
        'dblint.toml:6: paths."ap/**": fits no file that dblint reads',
    ]
    result = reviewed(tmp_path, text, files, "query/select-star")
    told = [(told.kind, told.path, told.message, told.fails) for told in result.report.diagnostics]
    assert told == [("note", ".", message, False) for message in sorted(expected)]
    assert result.exit_code() == 0
    roles = {"ap/**": FileRole.TEST, "app/**": FileRole.TEST}
    named = run(Request(paths=[str(tmp_path)], root=tmp_path, packs=("dblint_rules",), isolated=True, roles=roles))
    assert [told.message for told in named.report.diagnostics] == ['--role: "ap/**" fits no file that dblint reads']
    for path in ("app", "app/a.py"):
        part = run(Request(paths=[str(tmp_path / path)], root=tmp_path, packs=("dblint_rules",), roles=roles))
        assert part.report.diagnostics == ()


def test_timeouts(tmp_path: Path) -> None:
    assert analyse(Request(paths=[str(tmp_path)], root=tmp_path)).project.timeouts == ""
    (tmp_path / "dblint.toml").write_text('timeouts = "server"\n')
    assert analyse(Request(paths=[str(tmp_path)], root=tmp_path)).project.timeouts == "server"


DATABASE = """\
import legacy_driver

def run_sql(sql, values=None):
    return legacy_driver.go(sql, values)

class Database:
    def fetch(self, name, sql):
        return legacy_driver.go(sql)

    def rename(self, table, name):
        return legacy_driver.send(table, name)
"""
VIEWS = """\
import companydb
from app import db
from app.db import Database, run_sql

def views(request, name):
    run_sql("SELECT * FROM ledger WHERE name = '" + name + "'")
    db.run_sql("SELECT id FROM book WHERE id = %s", [name])
    Database().fetch("ledger", "SELECT * FROM author")
    Database().rename("shelf", name)
    companydb.query("SELECT * FROM company")
"""
OWN = """
dialect = "postgres"

[[call]]
function = "app.db.run_sql"
run = "text"
text = "0|sql"
parameters = "1|values"

[[call]]
function = "app.db.Database.fetch"
run = "text"
text = 1

[[call]]
function = "app.db.Database.rename"
run = "update"
table = 0

[[call]]
function = "companydb.query"
run = "text"
text = 0
"""
FILES = {"src/app/__init__.py": "", "src/app/db.py": DATABASE, "src/app/views.py": VIEWS}


def asked(result: Result) -> list[str]:
    return [
        f"{call.place.path} {call.member} {query.verb} {query.table}"
        for call in result.analysis.project.calls
        for query in call.queries
    ]


def test_calls_of_the_project_s_own(tmp_path: Path) -> None:
    rules = ("security/sql-injection", "query/select-star")
    before = reviewed(tmp_path, 'dialect = "postgres"\n', FILES, *rules)
    assert (asked(before), places(before)) == ([], [])
    result = reviewed(tmp_path, OWN, FILES, *rules)
    assert asked(result) == [
        "src/app/views.py run_sql select ledger",
        "src/app/views.py run_sql select book",
        "src/app/views.py fetch select author",
        "src/app/views.py rename update shelf",
        "src/app/views.py query select company",
    ]
    assert places(result) == [
        "src/app/views.py:6 security/sql-injection",
        "src/app/views.py:6 query/select-star",
        "src/app/views.py:8 query/select-star",
        "src/app/views.py:10 query/select-star",
    ]
    assert [call.parameters_bound for call in result.analysis.project.calls][:2] == [False, True]
    assert result.analysis.project.calls[0].resolved == ("described by the user",)
    assert result.report.diagnostics == ()


def test_calls_of_the_project_s_own_in_typescript(tmp_path: Path) -> None:
    files = {
        "package.json": "{}",
        "src/db/index.ts": (
            "import { go } from 'legacy-driver';\n"
            "export const runSql = async (sql: string) => go(sql);\n"
            "export class Database {\n  fetch(sql: string) { return go(sql); }\n}\n"
        ),
        "src/app.ts": (
            "import { Database, runSql } from './db';\n"
            "export async function read(database: Database, id: string) {\n"
            "  await runSql(`SELECT id FROM ledger WHERE id = ${id}`);\n"
            "  await database.fetch('SELECT * FROM author');\n}\n"
        ),
    }
    rows = "".join(
        f'[[call]]\nfunction = "{name}"\nrun = "text"\ntext = "0"\n'
        for name in ("src/db#runSql", "db/index.ts#Database.fetch")
    )
    rules = ("security/sql-injection", "query/select-star")
    assert places(reviewed(tmp_path, "", files, *rules)) == []
    result = reviewed(tmp_path, f'dialect = "postgres"\n{rows}', files, *rules)
    assert asked(result) == ["src/app.ts runSql select ledger", "src/app.ts fetch select author"]
    assert places(result) == ["src/app.ts:3 security/sql-injection", "src/app.ts:4 query/select-star"]


def test_a_function_that_is_seen_through_is_told_once(tmp_path: Path) -> None:
    files = {
        "app.py": (
            "import sqlite3\n\n"
            "def run(connection: sqlite3.Connection, sql):\n    return connection.execute(sql)\n\n"
            "def read(connection: sqlite3.Connection, name):\n"
            "    run(connection, 'SELECT * FROM ledger WHERE name = ' + name)\n"
        )
    }
    rules = ("security/sql-injection", "query/select-star")
    seen = ["app.py:7 security/sql-injection", "app.py:7 query/select-star"]
    assert places(reviewed(tmp_path, "", files, *rules)) == seen
    row = '[[call]]\nfunction = "app.run"\nrun = "text"\ntext = "1"\nreturns = "sqlite3:Cursor"\n'
    result = reviewed(tmp_path, row, files, *rules)
    assert places(result) == seen
    assert asked(result) == ["app.py execute unknown ", "app.py run select ledger"]


def test_what_a_call_of_the_project_s_own_gives(tmp_path: Path) -> None:
    files = {
        "app.py": (
            "import legacy\n\n"
            "def connect():\n    return legacy.go()\n\n"
            "def read():\n    return connect().execute('SELECT * FROM ledger')\n"
        )
    }
    row = '[[call]]\nfunction = "app.connect"\neffects = ["connect"]\nreturns = "sqlite3:Connection"\n'
    assert places(reviewed(tmp_path, row, files, "query/select-star")) == ["app.py:7 query/select-star"]


def test_a_call_that_names_nothing(tmp_path: Path) -> None:
    def row(name: str) -> str:
        return f'[[call]]\nfunction = "{name}"\nrun = "text"\ntext = 0\n'

    names = ("app.db.run_sq", "app.db.Database.fetsh", "app.bd.run_sql", "companydb.other", "nowhere.run", "app/db#run")
    result = reviewed(tmp_path, "".join(map(row, names)), FILES, "query/select-star")
    assert [told.message for told in result.report.diagnostics] == [
        'dblint.toml:10: call[2].function: the project has no function "app.bd.run_sql"',
        'dblint.toml:18: call[4].function: the project has no function "nowhere.run"',
        'dblint.toml:22: call[5].function: the project has no function "app/db#run"',
        'dblint.toml:2: call[0].function: the project has no function "app.db.run_sq" (did you mean "app.db.run_sql"?)',
        (
            'dblint.toml:6: call[1].function: the project has no function "app.db.Database.fetsh" '
            '(did you mean "app.db.Database.fetch"?)'
        ),
    ]


def test_a_call_that_names_what_is_no_function(tmp_path: Path) -> None:
    files = {
        **FILES,
        "src/db.ts": "export default function run(sql: string) {}\nexport class Db { query(sql: string) {} }\n",
        "src/app/values.py": "query = 1\n\nclass Empty:\n    pass\n",
    }
    names = ("app.db.Database", "src/db#run", "src/db#Db", "app.values.query", "app.values.Empty", "src/db#default")
    text = "".join(f'[[call]]\nfunction = "{name}"\nrun = "text"\ntext = 0\n' for name in names)
    result = reviewed(tmp_path, text, files, "query/select-star")
    assert [told.message for told in result.report.diagnostics] == [
        'dblint.toml:10: call[2].function: "src/db#Db" is a class; name one of its methods, such as src/db#Db.query',
        'dblint.toml:14: call[3].function: "app.values.query" is no function that is written there',
        'dblint.toml:18: call[4].function: "app.values.Empty" is a class; name one of its methods',
        (
            'dblint.toml:2: call[0].function: "app.db.Database" is a class; name one of its methods, such as '
            "app.db.Database.fetch"
        ),
        'dblint.toml:6: call[1].function: "src/db#run" is exported as default; write "src/db#default"',
    ]


def test_a_call_whose_function_has_no_such_argument(tmp_path: Path) -> None:
    files = {
        "app.py": (
            "def run(sql, params):\n    pass\n\ndef each(*statements, **options):\n    pass\n\n"
            "class Pool:\n    def run(self, sql):\n        pass\n\n    @staticmethod\n    def go(sql):\n        pass\n"
        ),
        "db.ts": "export function run(sql: string, { values }: Options) { return sql }\n",
    }
    rows = [
        ("app.run", '"nosuch"'),
        ("app.each", '"7 name"'),
        ("app.Pool.run", "1"),
        ("app.Pool.go", '"0|sql"'),
        ("db#run", '"1.values"'),
    ]
    text = "".join(f'[[call]]\nfunction = "{name}"\nrun = "text"\ntext = {word}\n' for name, word in rows)
    result = reviewed(tmp_path, text, files, "query/select-star")
    assert [told.message for told in result.report.diagnostics] == [
        'dblint.toml:12: call[2].text: "app.Pool.run" has no argument "1" (it has: sql)',
        'dblint.toml:4: call[0].text: "app.run" has no argument "nosuch" (it has: sql, params)',
    ]
    text = '[[call]]\nfunction = "app.run"\nrun = "text"\ntext = 5\nparameters = "1|params"\n'
    [told] = reviewed(tmp_path, text, files, "query/select-star").report.diagnostics
    assert told.message == 'dblint.toml:4: call[0].text: "app.run" has no argument "5" (it has: sql, params)'


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("call = 1", ["1: call: expected an array of tables, found an integer"]),
        (
            '[[call]]\nfunction = "app.db.run"\nrun = "raw"\ntext = 0',
            ['3: call[0].run: unknown word "raw"; one of ' + ", ".join(VERBS)],
        ),
        ('[[call]]\nrun = "text"\ntext = 0', ["1: call[0]: function is missing"]),
        (
            '[[call]]\nfunction = "run"\nrun = "text"\ntext = 0',
            [
                (
                    '2: call[0].function: "run" is not the path of a function, such as app.db.run, app.db.Database.run '
                    "or src/db#run"
                )
            ],
        ),
        ('[[call]]\nfunction = "a.b"\nruns = "text"\ntext = 0', ['3: call[0].runs: unknown key (did you mean "run"?)']),
        (
            '[[call]]\nfunction = "a.b"\nreturns = "scalar"',
            ["1: call[0]: says nothing about the call; add run, effects or text"],
        ),
        (
            '[[call]]\nfunction = "a.b"\nrun = "text"',
            ['1: call[0]: run = "text" needs text, the argument that is the SQL'],
        ),
        (
            '[[call]]\nfunction = "a.b"\nrun = "insert"',
            ['1: call[0]: run = "insert" needs table, the argument that says which'],
        ),
        (
            '[[call]]\nfunction = "a.b"\nrun = "text"\ntext = "1st"\n',
            ['4: call[0].text: "1st" says no argument; write 0, "sql" or "0|sql"'],
        ),
        (
            '[[call]]\nfunction = "a.b"\nrun = "text"\ntext = [0]\n',
            ['4: call[0].text: expected an argument (0, "sql" or "0|sql"), found an array'],
        ),
        (
            '[[call]]\nfunction = "a.b"\nrun = "text"\ntext = 0\n[[call]]\nfunction = "a.b"\neffects = ["comit"]\n',
            [
                (
                    '7: call[1].effects: unknown word "comit" (did you mean "commit"?); one of acquire, begin, '
                    "change-schema, close, commit, connect, lock, query, release, rollback"
                )
            ],
        ),
        (
            '[[call]]\nfunction = "a.b"\neffects = ["commit"]\n[[call]]\nfunction = "a.b"\neffects = ["begin"]\n',
            ['5: call[1].function: "a.b" is described twice'],
        ),
        (
            '[[call]]\nfunction = "a.b"\neffects = ["connect"]\nreturns = "Cursor"\n',
            [
                (
                    '4: call[0].returns: "Cursor" is none of scalar, none, unknown, argument:N, instance:N, or the '
                    "type of a library (sqlite3:Cursor)"
                )
            ],
        ),
        (
            '[[call]]\nfunction = "a.b"\neffects = ["connect"]\nreturns = "sqlite3:Curser"\n',
            ['4: call[0].returns: there is no type "sqlite3:Curser" (did you mean "sqlite3:Cursor"?)'],
        ),
        (
            '[[call]]\nfunction = "a.b"\neffects = ["connect"]\nreturns = "sqlite:Cursor"\n',
            ['4: call[0].returns: there is no library table "sqlite" (did you mean "sqlite3"?)'],
        ),
    ],
)
def test_mistakes_in_calls(text: str, mistakes: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        reviewed(tmp_path, text, {}, "query/select-star")
    assert caught.value.mistakes == tuple(f"dblint.toml:{mistake}" for mistake in mistakes)
