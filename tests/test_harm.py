"""The order of harm: one for all that people read, beside the order of places that machines get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command
from dblint.facts.project import Project
from dblint.facts.schema import Migration
from dblint.harm import GROUPS, RANKS, only, order
from dblint.packs import find
from tests.report.samples import finding, region, report

INDEX = "CREATE INDEX note_{0} ON note (b{0});\n"
FILES = {
    "app/views.py": """\
import psycopg


def names(connection: psycopg.Connection, keys):
    for key in keys:
        connection.execute("SELECT name FROM note WHERE id = %s", (key,)).fetchone()
    return connection.execute("SELECT name FROM note WHERE id = '" + keys[0] + "'")
""",
    "migrations/0001_start.sql": "CREATE TABLE note (id bigint PRIMARY KEY, name text, b2 int, b3 int);\n",
    "migrations/0002_index.sql": INDEX.format(2),
    "migrations/0003_index.sql": INDEX.format(3),
}
HARMFUL = [
    ("app/views.py", "security/sql-injection"),
    ("app/views.py", "query/n-plus-one"),
    ("migrations/0003_index.sql", "migration/index-not-concurrent"),
    ("migrations/0002_index.sql", "migration/index-not-concurrent"),
]


def shown(lines: list[str], paths: list[str]) -> list[str]:
    """The paths of the lines that begin with one of them."""
    return [path for line in lines for path in paths if line.lstrip(" *`").startswith(path)]


def dblint(*arguments: str) -> str:
    return CliRunner().invoke(command, [*arguments, "--dialect", "postgres"], prog_name="dblint").stdout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("checkout")
def test_people_read_one_order_and_machines_get_places() -> None:
    paths = [path for path, _ in HARMFUL]
    names = sorted(set(paths))
    text = dblint(".", "--isolated").splitlines()
    assert [line.split(" ")[2] for line in text if shown([line], names)] == [rule for _, rule in HARMFUL]
    assert shown(text, names) == paths
    markdown = dblint(".", "--isolated", "--output", "markdown=-").splitlines()
    assert shown([line for line in markdown if line.startswith("**`")], names) == paths
    review = dblint("review", ".", "--isolated", "--select", "default")
    assert shown(review[review.index("\nFindings") :].splitlines(), names) == paths
    concise = dblint(".", "--isolated", "--output", "concise=-").splitlines()
    assert shown(concise, names) == sorted(paths)
    document = json.loads(dblint(".", "--isolated", "--output", "json=-"))
    found = [(each["region"]["path"], each["rule"]) for each in document["findings"]]
    assert [path for path, _ in found] == sorted(paths)
    assert [found[number] for number in document["order"]] == HARMFUL


def test_severity_then_confidence_then_group_then_the_newest_migration() -> None:
    old, new = "db/a_old.sql", "db/b_new.sql"
    findings = (
        finding(rule="migration/lock", region=region(old, 1, 1, 2)),
        finding(rule="migration/lock", region=region(new, 1, 1, 2)),
        finding(rule="migration/lock", region=region(new, 2, 1, 2)),
        finding(rule="strange/rule"),
        finding(rule="query/in-loop", confidence="low"),
        finding(rule="query/in-loop"),
        finding(rule="security/text", confidence="medium"),
        finding(rule="query/in-loop", severity="info"),
        finding(rule="migration/lock", severity="error", region=region(old, 3, 1, 2)),
        finding(rule="strange/rule", confidence="no word of dblint"),
    )
    history = Project(migrations=[Migration(old, "sql", "db", ("1",)), Migration(new, "sql", "db", ("2",))])
    ordered = order(findings, lambda one: one.confidence or "high", history)
    assert ordered == (8, 5, 1, 2, 0, 3, 6, 4, 9, 7)


def test_a_part_of_a_report_keeps_its_order() -> None:
    told = report(
        finding(severity="info", key="1"), finding(key="2"), finding(severity="error", key="3"), finding(key="4")
    )
    assert told.order == (2, 1, 3, 0)
    some = only(told, (told.findings[0], told.findings[2], told.findings[3]))
    assert some.order == (1, 2, 0)
    assert [each.key for each in some.by_harm()] == ["3", "4", "1"]
    assert only(told, ()).by_harm() == []


def test_within_a_group_the_rules_are_ranked() -> None:
    named = ("query/strange", "query/limit-without-order", "query/select-star", "query/a", "query/n-plus-one")
    findings = tuple(finding(rule=rule) for rule in named)
    ranked = [findings[number].rule for number in order(findings, lambda each: each.confidence, Project())]
    assert ranked == [
        "query/n-plus-one",
        "query/limit-without-order",
        "query/select-star",
        "query/a",
        "query/strange",
    ]


def test_every_bundled_rule_has_a_rank() -> None:
    assert sorted(RANKS) == sorted(find(["dblint_rules"]))
    groups = [GROUPS.index(rule.partition("/")[0]) for rule in RANKS]
    assert groups == sorted(groups)
