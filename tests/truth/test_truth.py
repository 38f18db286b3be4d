"""dblint's queries beside what real libraries send."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.link.linked import linked
from tests.truth import javascript
from tests.truth.judge import judge, listed
from tests.truth.notes import FIXTURES, ROOT, Note

DIALECTS = {
    **dict.fromkeys(("asyncpg", "psycopg", "psycopg2", *javascript.ON_POSTGRES), "postgres"),
    **dict.fromkeys(("pymongo", "pymongo_async", "motor", "mongoengine", "beanie", *javascript.ON_MONGODB), "mongodb"),
}
"""The databases of the fixtures that do not run on SQLite."""
LIBRARIES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())
LARGE = frozenset({"prisma"})
"""Those whose packages take 300 MB."""
MOST = 0.10
"""The share of the clauses of a library that dblint may not know."""


def sources(library: str) -> dict[str, str]:
    folder = FIXTURES / library
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".prisma", *javascript.SUFFIXES)]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def notes(library: str) -> list[Note]:
    """Runs a fixture in a process of its own."""
    runner = "tests.truth.javascript" if javascript.written_in(library) else "tests.truth.capture"
    command = [sys.executable, "-m", runner, library]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Note(**entry) for entry in json.loads(done.stdout)]


@pytest.mark.parametrize(
    "library", [pytest.param(each, marks=pytest.mark.libraries) if each in LARGE else each for each in LIBRARIES]
)
def test_truth(library: str) -> None:
    files = sources(library)
    dialect = DIALECTS.get(library, "sqlite")
    verdict = judge(files, linked(files, dialect=dialect), notes(library), dialect)
    assert verdict.statements > 0
    assert verdict.entries == listed(files), "\n".join(verdict.reasons)
    assert len(verdict.entries) <= verdict.compared * MOST, f"{len(verdict.entries)} of {verdict.compared}"
