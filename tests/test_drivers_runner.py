"""What `migration/index-not-concurrent` says of a folder of SQL files that the program runs by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RUNNER = """
from pathlib import Path

import asyncpg


async def upgrade(opened: asyncpg.Connection):
    AROUND:
        for file in sorted(Path("migrations").glob("*.sql")):
            READ
"""
INSIDE = ", and this migration runs inside a transaction, where CONCURRENTLY is refused"
FILES = {
    "migrations/V1__tables.sql": "CREATE TABLE shelf (id bigint PRIMARY KEY, name text);\n",
    "migrations/V2__index.sql": "CREATE INDEX shelf_name ON shelf (name);\n",
}
OTHER = {
    "other/migrations/V1__tables.sql": "CREATE TABLE book (id bigint PRIMARY KEY, name text);\n",
    "other/migrations/V2__index.sql": "CREATE INDEX book_name ON book (name);\n",
}


@pytest.mark.parametrize(
    ("around", "read", "more", "told"),
    [
        ("async with opened.transaction()", "await opened.execute(file.read_text())", {}, INSIDE),
        (
            "async with opened.transaction()",
            "text = file.read_text()\n            await opened.execute(text)",
            {},
            INSIDE,
        ),
        ("if True", "await opened.execute(file.read_text())", {}, ""),
        ("async with opened.transaction()", "print(file.read_text())", {}, ""),
        ("async with opened.transaction()", "await opened.execute(file.read_text())", OTHER, ""),
    ],
)
def test_a_folder_that_the_program_runs(
    tmp_path: Path, around: str, read: str, more: dict[str, str], told: str
) -> None:
    files = {"app.py": RUNNER.replace("AROUND", around).replace("READ", read), **FILES, **more}
    found = findings(tmp_path, files, "migration/index-not-concurrent")
    said = [finding.message for finding in found if finding.region.path == "migrations/V2__index.sql"]
    assert said == [f"writes to shelf wait until the index shelf_name is built{told}"]
