"""What the README tells people to type: each block is run, or it is said why not."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command
from tests.readme import PROJECT, block, blocks, programs

STAR = 'import sqlite3\nsqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")\n'
TOLD = "a.py:2:43 warning query/select-star every column of books is asked for; it has 2\n"
SHELLS = ("sh", "bash", "console", "shell")
NOT_RUN = {"./check\n": "it is what runs the tests"}


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return programs(tmp_path_factory.mktemp("programs"))


def checkout(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    (folder / "setup.cfg").touch()
    (folder / "schema.sql").write_text("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n")
    for name in ("src/a.py", "draft"):
        (folder / name).write_text(STAR)
    return folder


def shell(line: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    run = ["bash", "--noprofile", "--norc", "-c", line]
    return subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def typed(line: str) -> tuple[str, Result]:
    """What is typed, without its comment, and what comes of it, in this process: a new one takes a second."""
    words = shlex.split(line, comments=True)
    told = line.partition("#")[0].strip()
    given = Path(words.pop()).read_bytes() if words[-2:-1] == ["<"] else b""
    program, *arguments = (word for word in words if word != "<")
    assert program == "dblint"
    result = CliRunner().invoke(command, arguments, prog_name=program, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return told, result


def test_every_block_that_is_named_is_asked_for_by_a_test() -> None:
    named = [entry.name for entry in blocks() if entry.name]
    sources = {path: path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("test_*.py")}
    unasked = [name for name in named if not any(f'block("{name}")' in text for text in sources.values())]
    assert unasked == []
    assert len(named) == len(set(named)) > 8


def test_every_block_for_a_shell_is_run_or_says_why_not() -> None:
    left = [entry.text for entry in blocks() if entry.language in SHELLS and not entry.name]
    assert left == list(NOT_RUN)


def test_the_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout(tmp_path / "app")
    monkeypatch.chdir(folder)
    results = dict(map(typed, block("usage").splitlines()))
    told = {line: (result.exit_code, result.stdout) for line, result in results.items()}
    assert {line: code for line, (code, _) in told.items()} == {
        "dblint src/": 1,
        "dblint src/ --output sarif=dblint.sarif": 1,
        "dblint src/ --diff": 1,
        "dblint src/ --fix": 1,
        "dblint src/ --output github=- --output junit=dblint.xml --output markdown=summary.md": 1,
        "dblint src/ --select query --ignore query/select-star": 0,
        "dblint src/ --dialect postgres": 1,
        "dblint review .": 1,
        "dblint queries src/": 0,
        "dblint queries src/ --json": 0,
        "dblint queries src/ --unresolved": 0,
        "dblint rules": 0,
        "dblint explain query/n-plus-one": 0,
        'dblint explain "too many connections"': 0,
        "dblint check --stdin-filename src/a.py < draft": 1,
    }
    first = "src/" + TOLD
    for line in ("dblint src/", "dblint src/ --dialect postgres", "dblint check --stdin-filename src/a.py < draft"):
        assert told[line][1].startswith(first)
    assert {"dblint.sarif", "dblint.xml", "summary.md"} < {path.name for path in folder.iterdir()}
    [run] = json.loads((folder / "dblint.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["query/select-star"]
    assert json.loads(told["dblint queries src/ --json"][1])["path"] == "src/a.py"


def test_the_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout(tmp_path / "app")
    monkeypatch.chdir(folder)
    results = dict(map(typed, block("review").splitlines()))
    assert {line: result.exit_code for line, result in results.items()} == {
        "dblint review .": 1,
        "dblint review . --output markdown=review.md": 1,
        "dblint review . --select default": 1,
    }
    assert "  1.4  findings           no SELECT * in production code\n" in results["dblint review ."].stdout
    assert (folder / "review.md").read_text(encoding="utf-8").startswith("# dblint review\n")


def test_the_completion(tmp_path: Path, environment: dict[str, str]) -> None:
    for line in block("completion").splitlines():
        if "bash" in line:
            answer = shell(f"{line.partition('#')[0]}\ncomplete -p dblint", tmp_path, environment)
            assert (answer.stdout, answer.stderr) == ("complete -o nosort -F _dblint_completion dblint\n", "")
        else:  # shells that a machine may not have: what is handed to them is their script
            inner = line.removeprefix('eval "$(').partition(")")[0].partition("|")[0]
            assert "_DBLINT_COMPLETE=" in shell(inner, tmp_path, environment).stdout


def test_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout(tmp_path / "app")
    monkeypatch.chdir(folder)
    write, compare, shrink = block("baseline").splitlines()
    assert typed("dblint .")[1].exit_code == 1
    assert typed(write)[1].exit_code == 0
    known = (folder / "dblint-baseline.json").read_text(encoding="utf-8")
    answer = typed(compare)[1]
    assert (answer.exit_code, "select-star" in answer.stdout) == (0, False)
    (folder / "src" / "b.py").write_text(STAR)
    answer = typed(compare)[1]
    assert (answer.exit_code, answer.stdout.partition("\n")[0]) == (1, "src/b" + TOLD[1:-1])
    (folder / "src" / "b.py").unlink()
    (folder / "src" / "a.py").write_text("x = 1\n")
    assert typed(shrink)[1].exit_code == 0
    left = (folder / "dblint-baseline.json").read_text(encoding="utf-8")
    assert ("select-star" in known, "select-star" in left) == (True, False)


@pytest.mark.installs
@pytest.mark.timeout(600)
def test_the_first_command(tmp_path: Path, environment: dict[str, str]) -> None:
    copy = tmp_path / "clone"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
    without = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    answer = shell(block("first-command"), copy, without)
    assert (answer.returncode, "query/n-plus-one" in answer.stdout) == (0, True), answer.stderr
