from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.program import Diagnostic
from dblint.workspace.kinds import is_manifest, is_minified, is_source
from dblint.workspace.read import read


def test_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(b"-" * 2_500_001)
    assert read(tmp_path, "a.sql", 2_500_000) == Diagnostic(
        "note", "a.sql", "skipped: too large (2.5 MB is over max-file-size, 2.5 MB)", fails=False
    )
    assert isinstance(read(tmp_path, "a.sql", 2_500_001), bytes)


def test_vanished(tmp_path: Path) -> None:
    assert read(tmp_path, "a.py") == Diagnostic("io-error", "a.py", "vanished while dblint was running")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()
    assert read(tmp_path, "a.py") == Diagnostic("io-error", "a.py", "not a regular file")


@pytest.mark.parametrize(
    ("data", "binary"),
    [
        (b"SQLite format 3\0\x10\0\x01\x01\0@ \0\0\0\x09", True),
        (b"SELECT '\0';", False),
        ("SELECT 1;".encode("utf-16"), False),
        ("SELECT 1;".encode("utf-16-le"), False),
        (b"", False),
    ],
)
def test_binary(tmp_path: Path, data: bytes, binary: bool) -> None:
    (tmp_path / "a.sql").write_bytes(data)
    expected = Diagnostic("note", "a.sql", "skipped: binary", fails=False) if binary else data
    assert read(tmp_path, "a.sql") == expected


def test_minified() -> None:
    code = b"function a(b){return b(1,2);}var c=a(d);" * 1_000
    assert is_minified("a.js", code)
    assert is_minified("a.min.js", b"x")
    assert not is_minified("a.py", code)
    assert not is_minified("a.js", code.replace(b";", b";\n"))
    assert not is_minified("a.js", b"const icon = '" + b"iVBORw0KGgo" * 5_000 + b"'\n")


def test_kinds() -> None:
    assert is_source("a/B.SQL")
    assert not is_source("a/py")
    assert not is_source("a.py/readme")
    for name in (
        "package.json",
        "a/tsconfig.base.json",
        "requirements-dev.txt",
        "requirements/prod.txt",
        "alembic.ini",
    ):
        assert is_manifest(name), name
    assert not is_manifest("a/package-lock.json")
