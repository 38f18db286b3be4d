"""Which statements `query/select-star` reads: by what was parsed, not by how the text begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings


def said(folder: Path, text: str) -> list[str]:
    program = f"import sqlite3\n\ndef find(opened: sqlite3.Connection, head, value):\n    opened.execute({text})\n"
    return [found.message for found in findings(folder, {"app.py": program}, "query/select-star")]


@pytest.mark.parametrize(
    "text",
    [
        '"/* hint */ SELECT * FROM t"',
        '"-- all of it\\nSELECT * FROM t"',
        '"Select * FROM t"',
        '"SELECT*FROM t"',
        '"WITH x AS (SELECT id FROM p) SELECT t.* FROM t JOIN x ON x.id = t.id"',
        'f"SELECT * FROM t WHERE a = {value}"',
        'f"SELECT {value}, t.* FROM t"',
    ],
)
def test_a_star_over_a_table(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == ["every column of t is asked for"]


@pytest.mark.parametrize(
    "text",
    [
        'f"{head} SELECT * FROM t"',
        'f"-- what it is\\n{head} SELECT * FROM t"',
        'f"WITH x AS (SELECT 1), {head} SELECT * FROM t"',
        '"WITH t AS (SELECT id FROM p) SELECT * FROM t"',
    ],
)
def test_a_name_that_may_be_declared_in_the_statement(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == []
