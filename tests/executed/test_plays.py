"""N+1, executed: the `Bad` examples of the rules about what is asked once per element, with the real library on SQLite.

`fixtures/examples/<rule>-<number>` plays an example: with few rows and with many, every marked line asks more for
more. Its other files are the example repaired: it shows the same, asks as often for many rows as for few, and all of
these rules are silent.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dblint.run import Request, run
from dblint.testing import Example, all_examples

FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "examples"
PROGRAM = Path(__file__).parent / "plays.py"
COMMITS = "query/commit-in-loop"
RULES = (
    "query/n-plus-one",
    "query/lazy-relation-in-loop",
    "query/lazy-relation-in-list",
    "query/prefetch-defeated",
    "query/loop-invariant-query",
    "query/write-in-loop",
    COMMITS,
)
NOT_ON_SQLITE = {
    "n-plus-one-7": "MongoDB",
    "n-plus-one-8": "MongoDB",
    "n-plus-one-9": "MongoDB",
    "n-plus-one-10": "MongoDB",
    "n-plus-one-11": "drivers of servers",
    "n-plus-one-16": "dogpile.cache, which the suite would install for it",
    "lazy-relation-in-loop-5": "MongoDB",
    "loop-invariant-query-8": "Redis",
    "write-in-loop-7": "MongoDB",
    "write-in-loop-8": "MongoDB",
}
LINES_NOT_ON_SQLITE = {"write-in-loop-9": ("psycopg2", "pymysql", "asyncpg")}
"""Example → what the functions that it cannot run take for a parameter."""
FEW, MANY = 3, 30


def name_of(example: Example) -> str:
    return f"{example.rule.id.partition('/')[2]}-{example.id.rpartition('-')[2]}"


BAD = {
    name_of(example): example
    for example in all_examples("dblint_rules")
    if example.rule.id in RULES and "-bad-python-" in example.id
}
PLAYED = sorted(path.name for path in FOLDER.iterdir())


def laid(example: Example, folder: Path, repaired: bool) -> None:
    """The example's files, and its play; the repaired ones in their places."""
    for path, text in example.files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    own = FOLDER / name_of(example)
    if repaired:
        shutil.copytree(own, folder, dirs_exist_ok=True)
    else:
        shutil.copy(own / "play.py", folder)


def played(root: Path) -> dict[tuple[str, bool], Any]:
    """(example, whether it is repaired) → what it asks with few rows, and with many."""
    folders = {}
    for name in PLAYED:
        for repaired in (False, True):
            folder = root / f"{name}-{'repaired' if repaired else 'bad'}"
            laid(BAD[name], folder, repaired)
            folders[name, repaired] = folder
    done = subprocess.run(
        [sys.executable, "-P", "-B", str(PROGRAM), *map(str, folders.values())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(folders, json.loads(done.stdout), strict=True))


def counts(name: str, asked: list[Any]) -> list[Any]:
    """What the rule counts: commits, or all else."""
    return [entry for entry in asked if (entry[0] == "COMMIT") is (BAD[name].rule.id == COMMITS)]


def test_every_example_is_played() -> None:
    assert set(PLAYED) | set(NOT_ON_SQLITE) == set(BAD)
    assert not set(PLAYED) & set(NOT_ON_SQLITE)


def elsewhere(name: str, text: str, number: int) -> bool:
    """Whether the line stands in a function that is given a connection of a server."""
    heads = [line for line in text.splitlines()[:number] if line.startswith(("def ", "async def "))]
    return any(f": {driver}." in heads[-1] for driver in LINES_NOT_ON_SQLITE.get(name, ()))


@pytest.mark.timeout(300)
def test_examples_ask_once_per_element_and_repaired_ones_do_not(tmp_path: Path) -> None:
    """One test, so that the examples run once."""
    plays = played(tmp_path)
    idle = []
    for name in PLAYED:
        files = BAD[name].files()
        for path, number in sorted(BAD[name].expected()):
            few, many = (
                sum([path, number] in lines for _, lines in counts(name, size["asked"])) for size in plays[name, False]
            )
            if many < few + MANY - FEW and not elsewhere(name, files[path], number):
                idle.append(f"{name}: {path}:{number}: {few}, {many}")
    assert idle == []
    sizes = {name: [len(counts(name, size["asked"])) for size in plays[name, True]] for name in PLAYED}
    assert {name: numbers for name, numbers in sizes.items() if len(set(numbers)) > 1 or not numbers[0]} == {}
    for name in PLAYED:
        bad, good = ([size["shown"] for size in plays[name, repaired]] for repaired in (False, True))
        assert good == bad, f"{name}: what is shown"
        assert bad[0] != bad[1], f"{name}: nothing is shown of the rows"


@pytest.mark.parametrize("name", PLAYED)
def test_repaired_examples_are_silent(name: str, tmp_path: Path) -> None:
    laid(BAD[name], tmp_path, True)
    (tmp_path / "play.py").unlink()
    report = run(
        Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, packs=("dblint_rules",), select=RULES)
    ).report
    assert [(finding.rule, finding.region.path, finding.region.start.line) for finding in report.findings] == []
