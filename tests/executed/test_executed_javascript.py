"""N+1 and writes in loops, executed in Node: the statements of each shape in `fixtures/executed` are counted with the
real library.

With few rows and with many: where they grow, one rule speaks on the marked line and nowhere else; where they do not,
all are silent. A marked line stands in its `bad…` shape, or says `finding of NAME` where it stands elsewhere.
"""

from __future__ import annotations

import re

import pytest

from dblint.run import Request, run
from dblint.testing import is_marked
from tests.executed.javascript import FOLDER, LIBRARIES, counted, counted_of_prisma

RULES = (
    "query/n-plus-one",
    "query/lazy-relation-in-loop",
    "query/lazy-relation-in-list",
    "query/prefetch-defeated",
    "query/loop-invariant-query",
    "query/write-in-loop",
)
"""The rules that say that something is asked or written once per element."""
FEW, MANY = 3, 30
BEGINS = re.compile(
    r"export (?:async )?function ((?:bad|good)\w+)\(|(?:export )?(?:async )?(?:function\b|class |const )"
)
ELSEWHERE = re.compile(r"// finding of (bad\w+)$")


def marked(library: str) -> dict[tuple[str, int], str]:
    """Place → the shape that is bad there."""
    found = {}
    for path in sorted((FOLDER / library).rglob("*.ts")):
        name = path.relative_to(FOLDER / library).as_posix()
        shape = ""
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if begins := BEGINS.match(line):
                shape = begins[1] or ""
            if is_marked(name, line):
                elsewhere = ELSEWHERE.search(line)
                found[name, number] = elsewhere[1] if elsewhere else shape
    return found


def agrees(found: dict[str, dict[str, list[int]]]) -> None:
    """A `bad…` shape asks once per row, a `good…` one as often for many rows as for few."""
    counts = {(library, name): sizes for library, shapes in found.items() for name, sizes in shapes.items()}
    grows = {key: sizes for key, sizes in counts.items() if sizes[1] >= sizes[0] + MANY - FEW}
    stays = {key: sizes for key, sizes in counts.items() if sizes[1] == sizes[0] > 0}
    assert grows.keys() == {key for key in counts if key[1].startswith("bad")}
    assert stays.keys() == {key for key in counts if key[1].startswith("good")}
    assert grows.keys() == {(library, name) for library in found for name in marked(library).values()}
    assert {(library, "good" + name.removeprefix("bad")) for library, name in grows} <= stays.keys()


@pytest.mark.timeout(300)
def test_what_grows_is_named_bad() -> None:
    agrees(counted())


@pytest.mark.libraries
@pytest.mark.timeout(600)
def test_what_grows_in_prisma_is_named_bad() -> None:
    agrees(counted_of_prisma())


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_grows_is_found(library: str) -> None:
    """By dblint: the marked lines, one for each `bad…` shape, and no other."""
    root = FOLDER / library
    places = marked(library)
    assert len(set(places.values())) == len(places)
    report = run(Request(paths=[str(root)], root=root, isolated=True, packs=("dblint_rules",), select=RULES)).report
    found = [(finding.region.path, finding.region.start.line) for finding in report.findings]
    assert sorted(found) == sorted(places)
