"""What standard error says beside a report: nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command

ERROR = "a.sql:1 error parse-error NUL byte at byte 7"
NOTE = "b.sql note skipped: binary"


def dblint(*arguments: str) -> Result:
    return CliRunner().invoke(command, [".", "--isolated", *arguments], prog_name="dblint")


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.sql").write_bytes(b"SELECT \0 1;\n")
    (tmp_path / "b.sql").write_bytes(b"\0" * 2_000)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["text", "concise", "markdown"])
def test_what_people_read_is_not_repeated(name: str) -> None:
    result = dblint("--output", f"{name}=-")
    assert "NUL byte at byte 7" in result.stdout
    assert result.stdout.count("skipped: binary") == 1
    assert not any(word in result.stderr for word in ("NUL byte", "skipped: binary"))
    quiet = dblint("--output", f"{name}=-", "--quiet")
    assert "NUL byte at byte 7" in quiet.stdout
    assert "skipped: binary" not in quiet.stdout
    assert quiet.stderr == ""


def test_notes_are_no_annotations() -> None:
    result = dblint("--output", "github=-")
    assert result.stdout == "::error title=parse-error,file=a.sql,line=1::NUL byte at byte 7\n"
    assert result.stderr.splitlines()[0] == NOTE
    assert dblint("--output", "github=-", "--quiet").stderr == ""


@pytest.mark.parametrize("name", ["gitlab", "junit"])
def test_notes_are_no_findings(name: str) -> None:
    assert "skipped: binary" not in dblint("--output", f"{name}=-").stdout


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "junit"])
def test_of_what_machines_read_people_are_told(name: str) -> None:
    assert dblint("--output", f"{name}=-").stderr.splitlines()[:2] == [ERROR, NOTE]
    assert dblint("--output", f"{name}=-", "--quiet").stderr == f"{ERROR}\n"


def test_what_goes_to_a_file_is_told_on_standard_error() -> None:
    result = dblint("--output", "concise=out.txt")
    assert (result.stdout, result.stderr.splitlines()[:2]) == ("", [ERROR, NOTE])
    assert Path("out.txt").read_text("utf-8") == (
        "a.sql:1: error: NUL byte at byte 7 [parse-error]\nb.sql: note: skipped: binary [note]\n"
    )
