"""N+1, executed: the statements of each shape in `fixtures/executed` are counted with the real library.

With few rows and with many: where they grow, one rule speaks on the marked line and nowhere else; where they do not,
all are silent.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from dblint.run import Request, run
from dblint.testing import is_marked

FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "executed"
LIBRARIES = sorted(path.parent.parent.name for path in FOLDER.glob("*/shelf/shapes.py"))
RULES = ("query/n-plus-one", "query/lazy-relation-in-loop", "query/prefetch-defeated")
"""The rules that say that something is asked once per element."""
SHAPE = re.compile(r"def ((?:bad|good)_\w+)\(")


@cache
def counted(library: str) -> dict[str, tuple[int, int]]:
    """Function → statements with few rows and with many."""
    program = Path(__file__).parent / "statements.py"
    done = subprocess.run(
        [sys.executable, "-P", "-B", str(program), library, str(FOLDER / library)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: (few, many) for name, (few, many) in json.loads(done.stdout).items()}


def shapes(library: str) -> dict[str, range]:
    """Function → its lines in the file of shapes."""
    lines = (FOLDER / library / "shelf" / "shapes.py").read_text("utf-8").splitlines()
    begins = [number for number, line in enumerate(lines, 1) if re.match(r"def |class ", line)]
    ends = [*begins[1:], len(lines) + 1]
    return {
        match[1]: range(begin, end)
        for begin, end in zip(begins, ends, strict=True)
        if (match := SHAPE.match(lines[begin - 1]))
    }


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_grows_is_named_bad(library: str) -> None:
    """By the real library: a `bad_` shape asks once per row, a `good_` one as often for many rows as for few."""
    counts = counted(library)
    assert counts.keys() == shapes(library).keys()
    assert [name for name, (few, many) in counts.items() if (many > few) is not name.startswith("bad_")] == []
    assert [name for name, (few, many) in counts.items() if name.startswith("bad_") and many < few + 27] == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_grows_is_found(library: str) -> None:
    """By dblint: the marked lines, each in a `bad_` shape of its own, and no other."""
    root = FOLDER / library
    report = run(Request(paths=[str(root)], root=root, isolated=True, packs=("dblint_rules",), select=RULES)).report
    found = sorted({(finding.region.path, finding.region.start.line) for finding in report.findings})
    text = (root / "shelf" / "shapes.py").read_text("utf-8").splitlines()
    marked = [number for number, line in enumerate(text, 1) if is_marked("shapes.py", line)]
    bad = {name: lines for name, lines in shapes(library).items() if name.startswith("bad_")}
    assert [len([number for number in marked if number in lines]) for lines in bad.values()] == [1] * len(bad)
    assert len(marked) == len(bad)
    assert found == [("shelf/shapes.py", number) for number in marked]
