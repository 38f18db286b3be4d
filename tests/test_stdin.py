"""Standard input as the content of a file (row 57 of the faults)."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command

STAR = 'import sqlite3\nsqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")\n'
SCHEMA = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n"


def dblint(*arguments: str, data: bytes | str = "") -> Result:
    given = data if isinstance(data, bytes) else data.encode()
    result = CliRunner().invoke(command, list(arguments), prog_name="dblint", input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    return result


def told(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if " error " in line or " warning " in line or " note " in line]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "other.py").write_text(STAR)
    return tmp_path


FOUND = "a.py:2:43 warning query/select-star"


def test_the_content_stands_in_for_the_file(checkout: Path) -> None:
    assert told(dblint("check", "a.py")) == []
    for arguments in (("--stdin-filename", "a.py"), ("-", "--stdin-filename", "./a.py")):
        result = dblint("check", *arguments, data=STAR)
        assert [line.startswith(FOUND) for line in told(result)] == [True]
        assert ' 2 | sqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")' in result.stdout
        assert result.exit_code == 1
    assert (checkout / "a.py").read_text() == "x = 1\n"
    (checkout / "a.py").write_text(STAR)
    result = dblint("check", "--stdin-filename", "a.py", data="x = 1\n")
    assert (told(result), result.exit_code) == ([], 0)


def test_the_project_around_it_is_read(checkout: Path) -> None:
    result = dblint("check", "--stdin-filename", "a.py", "--output", "json=-", data=STAR)
    assert "read in" in result.stderr
    assert result.stderr.startswith("1 finding (1 warning) in 1 file")
    assert "3 files read in" in result.stderr
    (finding,) = json.loads(result.stdout)["findings"]
    assert finding["region"]["path"] == "a.py"


def test_a_schema_may_come_from_there_too(checkout: Path) -> None:
    result = dblint("check", "--stdin-filename", "schema.sql", data="SELECT '")
    assert told(result) == ["schema.sql:1 error parse-error unterminated string"]
    assert result.exit_code == 1


def test_a_file_that_is_not_saved_yet(checkout: Path) -> None:
    (checkout / "src").mkdir()
    result = dblint("check", "--stdin-filename", "src/new.py", data=STAR)
    assert [line.split(" ")[0] for line in told(result)] == ["src/new.py:2:43"]
    assert not (checkout / "src" / "new.py").exists()
    result = dblint("check", "--stdin-filename", "nowhere/new.py", data=STAR)
    assert result.stderr.startswith("dblint: nowhere/new.py: no such file or folder\n")
    assert result.exit_code == 2


def test_excluded_files(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('exclude = ["a.py"]\n')
    assert len(told(dblint("check", "--stdin-filename", "a.py", data=STAR))) == 1
    result = dblint("check", "--stdin-filename", "a.py", "--force-exclude", data=STAR)
    assert (result.stderr, result.exit_code) == ("0 files checked (1 excluded)\n", 0)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"x = '\xff'\n", ["a.py:1 error parse-error not valid UTF-8 at byte 5"]),
        (b"\0" * 2_000, ["a.py note skipped: binary"]),
        (b"\xef\xbb\xbfx = 1\n", []),
        (b"", []),
    ],
)
def test_57_bad_content(data: bytes, lines: list[str]) -> None:
    assert told(dblint("check", "--stdin-filename", "a.py", data=data)) == lines


def test_57_content_that_is_too_large(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('max-file-size = "1 MB"\n')
    result = dblint("check", "--stdin-filename", "a.py", data=b"x = 1\n" * 500_000)
    assert told(result) == ["a.py note skipped: too large (3.0 MB is over max-file-size, 1.0 MB)"]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-",), "-: to review standard input, say with --stdin-filename NAME which file it is"),
        (("--stdin-filename", ""), "--stdin-filename: names nothing"),
        (
            ("--stdin-filename", "a.txt"),
            (
                "--stdin-filename a.txt: not a kind of file that dblint reads "
                "(.cjs .cts .js .jsx .mjs .mts .prisma .py .pyi .sql .ts .tsx)"
            ),
        ),
        (("--stdin-filename", "folder.py"), "--stdin-filename folder.py: is a folder"),
        (
            ("--stdin-filename", "a.py", "other.py"),
            "--stdin-filename a.py: findings are told for this file only; name no other paths",
        ),
    ],
)
def test_57_usage(checkout: Path, arguments: tuple[str, ...], message: str) -> None:
    (checkout / "folder.py").mkdir()
    result = dblint("check", *arguments, data=STAR)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"dblint: {message}\n", 2)


def test_a_pipe_in_the_file_s_place_is_not_opened(checkout: Path) -> None:
    os.mkfifo(checkout / "pipe.py")
    result = dblint("check", "--stdin-filename", "pipe.py", data=STAR)
    assert told(result) == ["pipe.py error io-error not a regular file"]


RUN = [sys.executable, "-c", "from dblint.cli import main; main()", "check", "--stdin-filename", "a.py"]


def test_57_a_terminal_is_told_what_is_waited_for(checkout: Path) -> None:
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(RUN, cwd=checkout, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stderr is not None
        hint = run.stderr.readline()
        os.write(keyboard, STAR.encode() + b"\x04")
        output = run.communicate(timeout=60)[0]
    os.close(keyboard)
    os.close(terminal)
    assert hint == b"dblint: reading a.py from standard input, until its end (Ctrl-D)\n"
    assert output.decode().startswith(FOUND)


def test_closed_input(checkout: Path) -> None:
    script = 'exec "$@" <&-'
    run = ["bash", "-c", script, "bash", *RUN]
    answer = subprocess.run(run, cwd=checkout, capture_output=True, text=True, check=False)
    assert answer.stderr == "dblint: --stdin-filename: standard input is closed\n"
    assert answer.returncode == 2
