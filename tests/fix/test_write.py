"""Writing files anew (row 58 of the faults)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dblint.fix.changes import WithheldError
from dblint.fix.diff import unified
from dblint.fix.write import write


def why(root: Path, path: str, before: bytes = b"a\n") -> str:
    with pytest.raises(WithheldError) as raised:
        write(root, path, before, b"b\n")
    return str(raised.value)


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "a.py"
    target.write_bytes(b"a\n")
    target.chmod(0o754)
    write(tmp_path, "a.py", b"a\n", b"b\n")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"b\n", 0o754)
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_bytes(b"a\n")
    (tmp_path / "a.py").symlink_to("real.py")
    write(tmp_path, "a.py", b"a\n", b"b\n")
    assert (tmp_path / "a.py").is_symlink()
    assert (tmp_path / "real.py").read_bytes() == b"b\n"


def test_what_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "other.py").write_bytes(b"a\n")
    (root / "out.py").symlink_to("../other.py")
    (root / "folder").symlink_to("..")
    assert why(root, "out.py") == "leads out of the project"
    assert why(root, "folder/other.py") == "leads out of the project"
    assert (tmp_path / "other.py").read_bytes() == b"a\n"
    (root / "changed.py").write_bytes(b"c\n")
    assert why(root, "changed.py") == "was changed while dblint was running"
    (root / "longer.py").write_bytes(b"a\n" * 100)
    assert why(root, "longer.py") == "was changed while dblint was running"
    assert why(root, "gone.py") == "cannot be written: No such file or directory"
    (root / "only.py").write_bytes(b"a\n")
    (root / "only.py").chmod(0o444)
    assert why(root, "only.py") == "cannot be written: it is read-only"
    (root / "one.py").write_bytes(b"a\n")
    os.link(root / "one.py", root / "two.py")
    assert why(root, "one.py") == "cannot be replaced: it has another name"
    os.mkfifo(root / "fifo.py")
    assert why(root, "fifo.py") == "is not a regular file"
    assert not [entry for entry in root.iterdir() if entry.name.startswith(".")]


def test_a_difference() -> None:
    assert unified("a b/ü.py", b"x\r\ny", b"x\r\nz") == (
        b'--- "a/a b/\\303\\274.py"\n+++ "b/a b/\\303\\274.py"\n@@ -1,2 +1,2 @@\n x\r\n'
        b"-y\n\\ No newline at end of file\n+z\n\\ No newline at end of file\n"
    )
