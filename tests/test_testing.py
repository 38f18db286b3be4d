from __future__ import annotations

from collections.abc import Mapping

import pytest

from dblint.config import Configuration
from dblint.extraction import Extracted
from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.testing import all_examples, examples, is_marked
from dblint.workspace.discover import Workspace
from tests.conftest import Pack

RULE = """
from collections.abc import Iterator
from dblint.facts.program import Call
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="A call",
    why="Because.",
    minimal="Less.",
    better="Even less.",
    complete="None.",
    severity="warning",
    bad=(
        Bad("python", "x = 1\\ndb.run()  # finding\\n"),
        Bad("python", "# a finding is expected below\\nx = 1\\ndb.run()\\n"),
        Bad("sql", "SELECT 1;", files={"app/b.py": "db.run()  # finding\\n"}),
    ),
    good=(
        Good("python", "x = 1\\n"),
        Good("python", "db.run()\\n", path="app/tests/a.py"),
        Good("python", "db.run()\\n"),
    ),
)

def check(call: Call) -> Iterator[Finding]:
    yield Finding(call.place, "run is called")
"""


def link(workspace: Workspace, configuration: Configuration, files: Mapping[str, Extracted], *_: object) -> Project:
    calls = []
    for path in files:
        start = (workspace.root / path).read_bytes().find(b"db.run()")
        if start >= 0:
            calls.append(Call(Place(path, start, start + 8), "run", "Database"))
    return Project(calls=calls)


@pytest.fixture(autouse=True)
def rule(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    pack.add("query/call.py", RULE)
    monkeypatch.setattr("dblint.run._link", link)


def test_examples_are_named(pack: Pack) -> None:
    assert [parameter.id for parameter in examples(pack.name)] == [
        "query/call-bad-python-1",
        "query/call-bad-python-2",
        "query/call-bad-sql-3",
        "query/call-good-python-1",
        "query/call-good-python-2",
        "query/call-good-python-3",
    ]


def test_exact_lines_both_ways(pack: Pack) -> None:
    marked, elsewhere, in_another_file, silent, in_a_test, reported = all_examples(pack.name)
    for example in (marked, in_another_file, silent, in_a_test):
        example.verify()
    with pytest.raises(AssertionError) as caught:
        elsewhere.verify()
    assert str(caught.value).splitlines()[:3] == [
        "query/call-bad-python-2: A call",
        "  not reported: example.py:1: # a finding is expected below",
        "  reported, but not marked: example.py:3: db.run()",
    ]
    with pytest.raises(AssertionError, match=r"reported, but not marked: example.py:1: db.run\(\)"):
        reported.verify()


def test_a_rule_that_fails_fails_its_examples(pack: Pack) -> None:
    pack.add("query/fails.py", RULE.replace('yield Finding(call.place, "run is called")', 'raise KeyError("x")'))
    with pytest.raises(AssertionError, match="the rule query/fails failed: KeyError"):
        next(example for example in all_examples(pack.name) if example.rule.id == "query/fails").verify()


@pytest.mark.parametrize(
    ("path", "line", "marked"),
    [
        ("a.py", "x()  # finding", True),
        ("a.py", "x()  # a finding: why", True),
        ("a.py", "x()  # findings", False),
        ("a.py", "finding()", False),
        ("a.ts", "x() // finding", True),
        ("a.ts", "x() # finding", False),
        ("a.tsx", "{/* finding */}", True),
        ("a.sql", "SELECT 1; -- finding", True),
        ("schema.prisma", "id Int // finding", True),
    ],
)
def test_marks(path: str, line: str, marked: bool) -> None:
    assert is_marked(path, line) is marked
