"""`dblint check --fix` and `--diff`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command

PAID = "migrations/2 paid.sql"
BEFORE = "-- migrate:up transaction:false\r\nCREATE INDEX a ON invoice (paid); -- why\r\n"
AFTER = BEFORE.replace("INDEX", "INDEX CONCURRENTLY")
UNSAFE = "CREATE INDEX b ON invoice (sent);\n"
RULE = "migration/index-not-concurrent"


def dblint(*arguments: str, data: bytes = b"") -> Result:
    given = ("--isolated", "--no-cache", "--dialect", "postgres", "--select", RULE)
    result = CliRunner().invoke(command, ["check", *given, *arguments], prog_name="dblint", input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "migrations").mkdir()
    (tmp_path / PAID).write_bytes(BEFORE.encode())
    (tmp_path / "migrations/3.sql").write_text(UNSAFE)
    return tmp_path


def contents(root: Path) -> tuple[str, str]:
    return (root / PAID).read_bytes().decode(), (root / "migrations/3.sql").read_text()


def test_safe_fixes_are_written_and_the_rest_is_told(checkout: Path) -> None:
    result = dblint("--fix", "--output", "concise=-")
    assert contents(checkout) == (AFTER, UNSAFE)
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["migrations/3.sql"]
    assert f"1 finding fixed in 1 file: 1 {RULE}\n" in result.stderr
    assert "1 finding has a fix that somebody has to look at (--unsafe-fixes)\n" in result.stderr
    assert result.exit_code == 1
    result = dblint("--fix", "--unsafe-fixes")
    assert contents(checkout) == (AFTER, UNSAFE.replace("INDEX", "INDEX CONCURRENTLY"))
    assert (result.exit_code, "1 finding fixed" in result.stderr) == (0, True)
    result = dblint("--fix")
    assert (result.exit_code, "0 findings fixed\n" in result.stderr) == (0, True)


def test_a_difference_is_shown_and_nothing_written(checkout: Path) -> None:
    result = dblint("--diff", "--output", "json=report.json")
    assert contents(checkout) == (BEFORE, UNSAFE)
    assert result.exit_code == 1
    assert f"1 finding can be fixed in 1 file: 1 {RULE}\n" in result.stderr
    assert len(json.loads((checkout / "report.json").read_text())["findings"]) == 2
    applied = ["git", "apply", "-p1", "--unsafe-paths", "-"]
    subprocess.run(applied, input=result.stdout_bytes, check=True, capture_output=True)
    assert contents(checkout) == (AFTER, UNSAFE)
    assert dblint("--diff", PAID).stdout == ""


def test_what_is_known_or_suppressed_stays(checkout: Path) -> None:
    dblint("--write-baseline", "known.json", "--quiet")
    assert dblint("--fix", "--baseline", "known.json").exit_code == 0
    assert contents(checkout) == (BEFORE, UNSAFE)
    ignored = BEFORE.replace("-- why", f"-- dblint: ignore[{RULE}] small")
    (checkout / PAID).write_bytes(ignored.encode())
    dblint("--fix", PAID)
    assert contents(checkout) == (ignored, UNSAFE)


def test_a_file_that_cannot_be_written(checkout: Path) -> None:
    (checkout / PAID).chmod(0o444)
    result = dblint("--fix", PAID)
    assert contents(checkout) == (BEFORE, UNSAFE)
    assert result.exit_code == 1
    assert "io-error cannot be written: it is read-only; nothing was fixed in it" in result.stdout
    assert "0 findings fixed\n" in result.stderr


def test_standard_input(checkout: Path) -> None:
    given = ("--stdin-filename", PAID)
    other = BEFORE.replace("invoice", "parcel")
    result = dblint("--fix", *given, data=other.encode())
    assert result.stdout_bytes.decode() == other.replace("INDEX", "INDEX CONCURRENTLY")
    assert result.exit_code == 0
    assert dblint("--fix", *given, data=AFTER.encode()).stdout_bytes.decode() == AFTER
    assert "\n+CREATE INDEX CONCURRENTLY a ON parcel" in dblint("--diff", *given, data=other.encode()).stdout
    assert contents(checkout) == (BEFORE, UNSAFE)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--fix", "--diff"), "--fix, --diff: one writes what the other shows; name one"),
        (("--unsafe-fixes",), "--unsafe-fixes: says which fixes --fix makes and --diff shows; name one of them"),
        (
            ("--diff", "--output", "text=-"),
            "--output: the difference goes to standard output; name a file for the report",
        ),
    ],
)
def test_options_that_do_not_go_together(checkout: Path, arguments: tuple[str, ...], why: str) -> None:
    result = dblint(*arguments)
    assert (result.exit_code, result.stderr) == (2, f"dblint: {why}\n")
    assert contents(checkout) == (BEFORE, UNSAFE)


def test_sarif_and_json_tell_fixes(checkout: Path) -> None:
    dblint("--output", "sarif=a.sarif", "--output", "json=a.json")
    [run] = json.loads((checkout / "a.sarif").read_text())["runs"]
    told = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: each["fixes"] for each in run["results"]
    }
    assert told["migrations/2%20paid.sql"] == [
        {
            "description": {"text": "build the index CONCURRENTLY"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "migrations/2%20paid.sql", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        {
                            "deletedRegion": {"startLine": 2, "startColumn": 13, "endLine": 2, "endColumn": 13},
                            "insertedContent": {"text": " CONCURRENTLY"},
                        }
                    ],
                }
            ],
        }
    ]
    [unsafe] = told["migrations/3.sql"]
    assert unsafe["description"]["text"].startswith("build the index CONCURRENTLY (not safe: nothing says that")
    [first, _] = json.loads((checkout / "a.json").read_text())["findings"]
    place = {"line": 2, "column": 13, "utf16": 13}
    assert first["fix"] == {
        "title": "build the index CONCURRENTLY",
        "replacements": [{"start": place, "stop": place, "text": " CONCURRENTLY", "offset": 45, "length": 0}],
        "unsafe": "",
        "withheld": "",
    }
