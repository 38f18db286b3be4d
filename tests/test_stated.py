"""What the user says of the project in its configuration: small tables, timeouts, calls of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

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


MODELS = """\
from django.db import models

class Author(models.Model):
    name = models.CharField(max_length=100)

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

def add(title, author):
    Book.objects.create(title=title, author=author)

def everything():
    return list(Book.objects.all())
"""
SEARCHES = ["shop/models.py:17 query/leading-wildcard-like", "shop/models.py:20 query/leading-wildcard-like"]
WHOLE = ["shop/models.py:26 query/unbounded-result"]
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


def test_timeouts(tmp_path: Path) -> None:
    assert analyse(Request(paths=[str(tmp_path)], root=tmp_path)).project.timeouts == ""
    (tmp_path / "dblint.toml").write_text('timeouts = "server"\n')
    assert analyse(Request(paths=[str(tmp_path)], root=tmp_path)).project.timeouts == "server"
