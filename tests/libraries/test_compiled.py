"""The compiled form of the tables: kept, found again, and made anew when it is another's or was not written whole."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dblint.libraries.compiled import kept
from dblint.libraries.reader import Tables, bundled


def test_tables_are_compiled_once_for_the_same_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, made = bundled(), list[str]()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)

    def compiled() -> Tables:
        made.append("")
        return tables

    for _ in range(2):
        assert kept([b"one", b"two"], compiled, tmp_path) == tables
    assert len(made) == 1
    assert kept([b"onet", b"wo"], compiled, tmp_path) == tables  # another table, and so another form
    assert len(made) == 2
    (written,) = (tmp_path / "__pycache__").iterdir()
    written.write_bytes(written.read_bytes()[:-1])
    assert kept([b"onet", b"wo"], compiled, tmp_path) == tables
    assert len(made) == 3


def test_nothing_is_written_where_python_writes_no_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = bundled()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept([b"one"], lambda: tables, tmp_path) == tables
    assert not list(tmp_path.iterdir())


def test_tables_are_compiled_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = bundled()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "__pycache__").write_text("a file, no folder")
    assert kept([b"one"], lambda: tables, tmp_path) == tables
