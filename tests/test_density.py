"""`benchmarks/density.py`: which files touch a database, and how the table tells what is too loud."""

from __future__ import annotations

from pathlib import Path

from benchmarks.density import Density, density, table, touching
from dblint.run import Request, run


def test_a_project(tmp_path: Path) -> None:
    for name, text in (
        ("setup.cfg", ""),
        ("app/read.py", "import sqlite3\n\nsqlite3.connect('a').execute('SELECT * FROM jar WHERE id = 1')\n"),
        ("app/plain.py", "x = 1\n" * 100),
        ("db/schema.sql", "CREATE TABLE jar (id int PRIMARY KEY, name text);\n"),
        ("db/report.sql", "SELECT id FROM jar;\n"),
        ("db/empty.sql", "-- nothing\n"),
        ("tests/test_read.py", "import sqlite3\n\nsqlite3.connect('a').execute('SELECT id FROM jar')\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    select = ("query/select-star",)
    result = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": select}))
    assert touching(result.analysis) == {"app/read.py", "db/schema.sql", "db/report.sql"}
    measured = density(tmp_path, select)
    assert (measured.files, measured.lines, measured.findings) == (3, 5, {"query/select-star": 1})
    assert measured.of("query/select-star") == 100.0


def test_the_table() -> None:
    loud = Density("a", 2, 1_000, {"query/x": 3, "query/y": 2})
    empty = Density("b", 0, 0, {"query/y": 0})
    assert table([loud, empty]) == [
        "| rule | a: 1000 lines of 2 files | b: 0 lines of 0 files |",
        "|---|---|---|",
        "| query/x | **3 (1.50)** | 0 (0.00) |",
        "| query/y | 2 (1.00) | 0 (0.00) |",
    ]
