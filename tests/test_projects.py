"""Small whole applications: exactly the findings that their comments expect, on exactly those lines."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from dblint.run import Request, Result, run
from dblint.workspace.kinds import is_source

FOLDER = Path(__file__).parent.parent / "fixtures" / "projects"
PROJECTS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
EXPECTED = re.compile(r"(?:#|//|--) finding: ([a-z0-9/-]+(?:, [a-z0-9/-]+)*)\s*$")
MIGRATIONS = "migration/"


@cache
def reviewed(name: str) -> Result:
    root = FOLDER / name
    return run(Request(paths=[str(root)], root=root, isolated=True, packs=("dblint_rules",)))


def found(name: str) -> list[tuple[str, int, str]]:
    """Path, line and rule of every finding; what is told twice is here twice."""
    return [
        (finding.region.path, finding.region.start.line, finding.rule) for finding in reviewed(name).report.findings
    ]


def expected(name: str) -> list[tuple[str, int, str]]:
    """Path, line and rule of every comment."""
    root = FOLDER / name
    wanted: list[tuple[str, int, str]] = []
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if not path.is_file() or not is_source(relative):
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if match := EXPECTED.search(line):
                wanted += [(relative, number, rule) for rule in match[1].split(", ")]
    return wanted


def about(migrations: bool, entries: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Those of rules about migrations, or all others, sorted."""
    return sorted(entry for entry in entries if entry[2].startswith(MIGRATIONS) is migrations)


@pytest.mark.parametrize("name", PROJECTS)
def test_findings(name: str) -> None:
    assert about(False, expected(name)) != []
    assert about(False, found(name)) == about(False, expected(name))


@pytest.mark.parametrize("name", PROJECTS)
def test_findings_in_migrations(name: str) -> None:
    assert about(True, expected(name)) != []
    assert about(True, found(name)) == about(True, expected(name))


@pytest.mark.parametrize("name", PROJECTS)
def test_everything_is_read(name: str) -> None:
    result = reviewed(name)
    assert [diagnostic for diagnostic in result.report.diagnostics if diagnostic.kind != "note"] == []
    assert result.tracebacks == ()
    sources = [path for path in (FOLDER / name).rglob("*") if path.is_file() and is_source(path.name)]
    assert result.report.summary.read == len(sources)


@pytest.mark.parametrize("name", PROJECTS)
def test_another_run_says_the_same(name: str) -> None:
    first = reviewed(name).report
    root = FOLDER / name
    again = run(Request(paths=[str(root)], root=root, isolated=True, packs=("dblint_rules",))).report
    assert again.findings == first.findings
