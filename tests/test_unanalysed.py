"""A suppression is not called unused where nothing is known of the code that it speaks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command

SCHEMA = "schema/missing-primary-key"
STAR = "query/select-star"
BEGIN = 'import sqlite3\nc = sqlite3.connect("x")\n'


def unused(folder: Path, name: str, text: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    for word in ("ignore", "ignore-file"):
        text = text.replace(word.upper().rpartition("-")[2], f"dblint: {word}[{rule}] ours")
    (folder / name).write_text(text)
    monkeypatch.chdir(folder)
    arguments = [".", "--select", f"{SCHEMA},{STAR},unused-suppression", "--dialect", "sqlite", "--output", "concise=-"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code in (0, 1), result.output
    lines = [line for line in result.stdout.splitlines() if "reports nothing here" in line]
    return [int(line.split(":")[1]) for line in lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("-- IGNORE\nCREATE TABLE a (id INTEGER PRIMARY KEY);\n", [1]),
        ("-- IGNORE\nCREATE TABLE a (id INTEGER,\n x TEXT;\n", []),
        ("-- IGNORE\nSELECT 1;\n\nCREATE TABLE b (id INTEGER;\n-- IGNORE\nCREATE TABLE c (id INTEGER);\n", []),
        ("CREATE TABLE a (x INTEGER); -- IGNORE\nCREATE TABEL b (x;\n", []),
        ("-- FILE\nSELECT 1;\nCREATE TABLE c (id INTEGER;\n", []),
    ],
)
def test_sql(tmp_path: Path, text: str, lines: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert unused(tmp_path, "s.sql", text, SCHEMA, monkeypatch) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('# IGNORE\nc.execute("SELECT * FRM (( t")\n', []),
        ('c.execute(\n    "SELECT * FRM (( t"\n)  # IGNORE\n', []),
        ('c.execute("SELECT * FRM (( t")\nc.execute("SELECT id FROM t")  # IGNORE\n', [4]),
        (
            'c.execute("SELECT id FROM t")  # IGNORE\n\ndef f3(:\n    c.execute("SELECT id FROM t")  # IGNORE\n',
            [],
        ),
    ],
)
def test_python(tmp_path: Path, text: str, lines: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert unused(tmp_path, "a.py", BEGIN + text, STAR, monkeypatch) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("// IGNORE\nmodel A {\n  id Int @id\n}\n", [1]),
        ("// IGNORE\nmodel A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n  x (((\n}\n", []),
    ],
)
def test_prisma(tmp_path: Path, text: str, lines: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert unused(tmp_path, "schema.prisma", text, SCHEMA, monkeypatch) == lines
