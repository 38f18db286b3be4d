"""What a run says of itself does not depend on which rules were selected: what nobody looked for is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command

CODE = 'import sqlite3\nsqlite3.connect("x").execute("SELECT id FROM t")\n'
RUN = "2 files read in S: 1 query, 1 table\ndatabase sqlite: sqlite3.connect in a.py\n"
LESS = "2 files read in S: 1 table\ndatabase sqlite: import in a.py\n"


@pytest.mark.parametrize(
    ("selected", "first", "told"),
    [
        ("query/select-star", "no findings in 2 files (1 database call, 1 migration)", RUN),
        ("schema/missing-primary-key", "no findings in 2 files (1 migration)", LESS),
    ],
)
def test_what_nobody_looked_for_is_left_out(
    selected: str, first: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "s.sql").write_text("CREATE TABLE t (id INTEGER PRIMARY KEY);\n")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # the second time an earlier run has found it
        result = CliRunner().invoke(command, [".", "--select", selected])
        assert result.stdout.splitlines()[:1] == ["s.sql note " + NOTE]
        assert first in result.stdout.splitlines()
        assert re.sub(r" in \d+\.\d s:", " in S:", result.stderr) == told


NOTE = "nothing says which database migrations are for; migrations are read as postgres"


def test_where_calls_were_not_looked_for_nothing_is_said_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, [".", "--select", "schema/missing-primary-key"])
    assert result.stdout == "no findings in 1 file\n"
    assert (
        re.sub(r" in \d+\.\d s:", " in S:", result.stderr)
        == "1 file read in S: 0 tables\ndatabase sqlite: import in a.py\n"
    )
