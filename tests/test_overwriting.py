"""What reports and baselines are written over: reports and baselines, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command
from dblint.facts.program import FileRole
from dblint.facts.report import Report, ReportedFile
from dblint.report.formats import FORMATS, REVIEW_FORMATS, Options, Wanted, render

CODE = """\
import sqlite3
c = sqlite3.connect("x")


def f1():
    return c.execute("SELECT * FROM t")
"""
FILES = {
    "src/a.py": CODE,
    "src/gen.py": CODE,
    "README.md": "# A project\n",
    "dblint.toml": 'exclude = ["gen.py"]\n',
    "package.json": "{}\n",
    "data.json": '{"version": "2.1.0"}\n',
}


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "link").symlink_to("src")
    monkeypatch.chdir(root)
    return root


def dblint(*arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments], prog_name="dblint")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("link/a.py", "is a file of the project"),
        ("src/../src/a.py", "is a file of the project"),
        ("src/gen.py", "is a file of the project"),
        ("package.json", "is a file of the project"),
        ("dblint.toml", "is a file of the project"),
        ("src/new.sql", "has the name of a file that dblint reads"),
        ("README.md", "exists and is no {what} of dblint; remove it first, or name another file"),
        ("data.json", "exists and is no {what} of dblint; remove it first, or name another file"),
    ],
)
@pytest.mark.parametrize(("option", "what"), [("--output json=", "report"), ("--write-baseline ", "baseline")])
def test_what_is_no_report_is_never_replaced(checkout: Path, target: str, why: str, option: str, what: str) -> None:
    name, _, start = option.partition(" ")
    result = dblint(".", name, f"{start}{target}")
    assert (result.exit_code, result.stderr) == (2, f"dblint: {name} {target}: {why.format(what=what)}\n")
    assert {path: (checkout / path).read_text() for path in FILES} == FILES
    assert not (checkout / "src" / "new.sql").exists()


def test_all_that_would_be_lost_is_told_at_once() -> None:
    result = dblint(".", "--output", "json=README.md", "--output", "sarif=src/a.py", "--write-baseline", "package.json")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "dblint: --output README.md: exists and is no report of dblint; remove it first, or name another file",
        "dblint: --output src/a.py: is a file of the project",
        "dblint: --write-baseline package.json: is a file of the project",
    ]


def test_a_review_replaces_no_source(checkout: Path) -> None:
    result = dblint("review", ".", "--output", "markdown=link/a.py")
    assert (result.exit_code, result.stderr) == (2, "dblint: --output link/a.py: is a file of the project\n")
    assert (checkout / "src" / "a.py").read_text() == CODE


@pytest.mark.parametrize(
    "arguments", [("--all",), ("--quiet",), ("--statistics",), ("--show-files",), ("--ignore", "all"), ("empty",)]
)
def test_reports_are_replaced_by_the_next_ones(arguments: tuple[str, ...]) -> None:
    Path("empty").mkdir()
    paths = () if arguments == ("empty",) else (".",)
    outputs = [word for name in FORMATS for word in ("--output", f"{name}=report.{name}")]
    codes = [dblint("check", *paths, *arguments, *outputs).exit_code for _ in range(2)]
    assert codes == [int("--ignore" not in arguments and bool(paths))] * 2
    assert dblint("check", *paths, *arguments, "--output", "json=report.sarif").exit_code == codes[0]


@pytest.mark.parametrize("role", list(FileRole))
def test_a_report_that_begins_with_a_file_is_known(role: FileRole) -> None:
    for sign in ("", 'the folder "x"', "its first comment says that it was generated"):
        report = Report(files=(ReportedFile("some folder/a.py", role.value, sign),))
        told = render("text", report, Options(wanted=Wanted(files=True))).decode()
        assert re.match(FORMATS["text"].begins, told)


def test_a_review_is_replaced_by_the_next_one() -> None:
    outputs = [word for name in REVIEW_FORMATS for word in ("--output", f"{name}=report.{name}")]
    assert [dblint("review", ".", *outputs).exit_code for _ in range(2)] == [1, 1]


def test_a_baseline_is_replaced_by_the_next_one() -> None:
    for arguments in ((), ("--baseline", "known.json")):
        assert dblint(".", *arguments, "--write-baseline", "known.json").exit_code == 0
    Path("empty.json").touch()
    assert dblint(".", "--write-baseline", "empty.json").exit_code == 0
    assert Path("empty.json").read_bytes() == Path("known.json").read_bytes()


def test_reports_and_baselines_do_not_replace_each_other(checkout: Path) -> None:
    assert dblint(".", "--write-baseline", "b.json").exit_code == 0
    known = Path("b.json").read_bytes()
    (checkout / "loop").symlink_to(".")
    for arguments, message in [
        (("--baseline", "b.json", "--output", "json=b.json"), "--baseline b.json: a report goes there"),
        (("--baseline", "b.json", "--output", "json=loop/b.json"), "--baseline b.json: a report goes there"),
        (("--write-baseline", "b2", "--output", "json=./b2"), "--write-baseline b2: a report goes there"),
        (
            ("--output", f"json={checkout}/a", "--output", f"sarif={checkout}/./a"),
            f"--output: two reports go to {checkout}/./a, which is {checkout}/a",
        ),
        (("--output", "json=a", "--output", "sarif=loop/a"), "--output: two reports go to loop/a, which is a"),
    ]:
        result = dblint(".", *arguments)
        assert (result.exit_code, result.stderr) == (2, f"dblint: {message}\n")
    assert Path("b.json").read_bytes() == known
    assert not any(Path(name).exists() for name in ("a", "b2"))


def test_a_configuration_that_is_named_is_not_replaced(tmp_path: Path) -> None:
    named = tmp_path / "own.toml"
    named.write_text('fail-on = "info"\n')
    result = dblint(".", "--config", str(named), "--output", f"json={tmp_path}/checkout/../own.toml")
    told = f"dblint: --output {tmp_path}/checkout/../own.toml: is the configuration of this run\n"
    assert (result.exit_code, result.stderr) == (2, told)
    assert named.read_text() == 'fail-on = "info"\n'
