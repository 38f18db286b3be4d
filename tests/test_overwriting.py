"""What reports and baselines are written over: reports and baselines, and nothing else."""

from __future__ import annotations

import json
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


PRECIOUS = [
    "# My todo app\n\nprecious\n",
    "## dblint\n\nis what we review our queries with.\n",
    "## dblint\n\n12 findings in 3 steps\n",
    "# dblint review\n\nMy notes\n",
    "My test\n",
    "any model.py test\n\nprecious\n\nrun a.py test\nand more\n",
    "12 findings in the archive of my thesis\n",
    "no findings in 3 files of the archive\n",
    "a note about an error of mine\n",
    "a note about an error of mine\n\nno findings in 3 files\n\nit said\n",
    "Environment\n  Python 3.11\n",
    "Shopping: error: bread\n",
    "a.c:3:4: warning: unused variable [-Wunused]\n",
    "a.c:3:4: error: no such name\n",
    "::error title=Ruff (F401),file=a.py,line=1::unused\n",
    '{"version": 2, "builds": []}\n',
    '{"version": 3, "sources": []}\n',
    '{ "version": 1, "lockfileVersion": 3 }\n',
    '{"version": 1, "findings": [{"path": "a", "note": "b"}]}\n',
    '{"format": 1, "findings": [{"text": "mine"}]}\n',
    json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": {"name": "CodeQL"}}}],
        }
    ),
    '[\n {\n  "description": "unused",\n  "check_name": "no-unused-vars",\n  "fingerprint": "1"\n }\n]\n',
    json.dumps(
        [
            {
                "description": "cycle",
                "check_name": "import/no-cycle",
                "fingerprint": "0" * 32,
                "severity": "major",
                "location": {"path": "a.js", "lines": {"begin": 1, "end": 2}},
            }
        ],
        indent=1,
    ),
    '<?xml version="1.0"?>\n<testsuites name="pytest">\n</testsuites>\n',
]


@pytest.mark.parametrize("text", PRECIOUS)
def test_what_only_begins_like_a_report_is_not_replaced(checkout: Path, text: str) -> None:
    targets = {name: checkout / f"{name}.kept" for name in (*FORMATS, "baseline")}
    for target in targets.values():
        target.write_text(text)
    outputs = [word for name in FORMATS for word in ("--output", f"{name}={name}.kept")]
    result = dblint(".", *outputs, "--write-baseline", "baseline.kept")
    refused = [f"--output {name}.kept: exists and is no report of dblint" for name in FORMATS]
    refused.append("--write-baseline baseline.kept: exists and is no baseline of dblint")
    told = [f"dblint: {each}; remove it first, or name another file" for each in refused]
    assert (result.exit_code, result.stderr.splitlines()) == (2, told)
    assert {target.read_text() for target in targets.values()} == {text}


def test_a_list_without_findings_is_replaced_by_a_list_only(checkout: Path) -> None:
    for name, code in (("json", 2), ("text", 2), ("gitlab", 1)):
        (checkout / "list.json").write_text("[]\n")
        assert dblint(".", "--output", f"{name}=list.json").exit_code == code


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
    "arguments",
    [
        ("--all",),
        ("--quiet",),
        ("--statistics",),
        ("--statistics", "--quiet"),
        ("--show-files",),
        ("--show-files", "--quiet", "--ignore", "all"),
        ("--ignore", "all"),
        ("empty",),
    ],
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


@pytest.mark.parametrize("faults", [("failing",), ("failing", "noted"), ("noted",), ("noted", "found")])
@pytest.mark.parametrize("quiet", [False, True])
def test_reports_of_what_was_not_read_are_replaced(checkout: Path, faults: tuple[str, ...], *, quiet: bool) -> None:
    (checkout / "src" / "a.py").write_text(CODE if "found" in faults else "import os\n")
    (checkout / "notes.txt").write_text("precious\n")
    if "failing" in faults:
        (checkout / "src" / "broken.py").write_text(
            "import sqlite3\ndef f(:\n  sqlite3.connect('x').execute('SELECT 1'\n"
        )
    paths = (".", "notes.txt") if "noted" in faults else (".",)
    outputs = [word for name in FORMATS for word in ("--output", f"{name}=report.{name}")]
    codes = [dblint("check", *paths, *(("-q",) if quiet else ()), *outputs).exit_code for _ in range(2)]
    assert codes == [int(faults != ("noted",))] * 2
    for name in FORMATS:
        (checkout / f"report.{name}").write_bytes((checkout / f"report.{name}").read_bytes().replace(b"\n", b"\r\n"))
    assert dblint("check", *paths, *outputs).exit_code == codes[0]


def test_what_is_known_of_a_long_report_are_its_two_ends(checkout: Path) -> None:
    notes = "".join(
        f"docs/{number}.txt note not a kind of file that dblint reads: skipped\n" for number in range(1_000)
    )
    files = "".join(f"src/{number}.py app\n" for number in range(2_000))
    for text, code in (
        (f"{notes}\nno findings in 1 file (1000 skipped)\nconfiguration: dblint.toml\n", 1),
        (f"{notes}\nno findings in 1 file, as I hoped\n", 2),
        (files, 1),
        (f"{files.replace('.py', '')}", 2),
    ):
        (checkout / "report.txt").write_text(text)
        assert dblint(".", "--output", "text=report.txt").exit_code == code


@pytest.mark.parametrize("arguments", [(), ("--quiet",), ("--all",), ("--ignore", "all")])
def test_a_review_is_replaced_by_the_next_one(arguments: tuple[str, ...]) -> None:
    outputs = [word for name in REVIEW_FORMATS for word in ("--output", f"{name}=report.{name}")]
    codes = [dblint("review", ".", *arguments, *outputs).exit_code for _ in range(2)]
    assert codes == [int("--ignore" not in arguments)] * 2


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
