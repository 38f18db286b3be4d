"""What holds of every format: the registry, what a run with all of them writes, and what none may let out."""

from __future__ import annotations

import getpass
import json
import os
import socket
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command
from dblint.facts.report import Report
from dblint.report.formats import FORMATS, Options, render
from tests.conftest import Pack
from tests.report.samples import RULE, everything, finding, hostile, report

RULES = {"query/in-loop": RULE, "query/select-star": RULE}
CANARY = "hunter2-canary"


@pytest.mark.parametrize("name", FORMATS)
def test_every_row_is_a_module_that_takes_what_the_row_says(name: str) -> None:
    module = import_module(f"dblint.report.{FORMATS[name].module}")
    options = set(signature(module.render).parameters) - {"report"}
    assert options == set(FORMATS[name].takes)
    assert (Path(module.__file__ or "").parent / f"{name}.py").is_file()


def test_every_format_is_in_the_readme() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    for name, row in FORMATS.items():
        assert f"| `{name}` | {row.purpose} |" in readme


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("told", [Report(), report(), everything(), hostile()])
def test_bytes(name: str, told: Report) -> None:
    data = render(name, told, Options(rules=RULES))
    assert data == render(name, told, Options(rules=RULES))
    shown = data.decode("utf-8").replace("\n", "")
    assert shown.isprintable() or name in ("json", "sarif", "gitlab")
    assert not data or data.endswith(b"\n")
    assert b"\r" not in data


@pytest.mark.parametrize("name", ["text", "concise", "markdown", "junit"])
def test_no_line_begins_like_a_workflow_command(name: str) -> None:
    text = render(name, hostile(), Options(rules=RULES)).decode()
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []


def test_only_sarif_and_markdown_leave_something_out() -> None:
    told: list[str] = []
    many = report(*(finding(message="x" * 3_000, key=f"{number:032x}") for number in range(400)))
    for name in FORMATS:
        render(name, many, Options(rules=RULES, complain=told.append))
    assert [text.split(":")[0] for text in told] == ["markdown"]


@pytest.fixture
def checkout(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a password, and a pack that reports it."""
    pack.add(
        "security/password.py",
        """
        from collections.abc import Iterator

        from dblint.facts.project import Project
        from dblint.facts.text import Place
        from dblint.rule import Bad, Finding, Good, Related, Rule

        RULE = Rule(summary="s", why="w", minimal="Move {value}.", better="b", complete="c", severity="error",
                    bad=(Bad("python", "x = 1  # finding"),), good=(Good("python", "y = 1"),))


        def check(project: Project) -> Iterator[Finding]:
            place = Place("é a.py", 0, 30)
            secret = "CANARY"
            message = f"{secret} is written here"
            yield Finding(place, message, {"value": secret}, (Related(place, secret),), secret=secret)
        """.replace("CANARY", CANARY),
    )
    monkeypatch.setattr("dblint.run.installed_packs", lambda: (pack.name,))
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "é a.py").write_text(f"connect('db://me:{CANARY}@host')\nx = '{CANARY}'\n")
    (root / "b.sql").write_text("SELECT 'x\n")
    (root / "setup.cfg").touch()
    monkeypatch.chdir(root)
    return root


def reports(folder: Path, *paths: str) -> dict[str, bytes]:
    """All formats of one run."""
    folder.mkdir()
    outputs = [word for name in FORMATS for word in ("--output", f"{name}={folder / name}")]
    done = CliRunner().invoke(command, ["check", *paths, "--debug", *outputs])
    assert done.exit_code == 1, done.output
    assert CANARY not in done.output
    return {name: (folder / name).read_bytes() for name in FORMATS}


def test_several_in_one_run_and_no_secret_in_any(checkout: Path, tmp_path: Path) -> None:
    written = reports(tmp_path / "out", ".")
    assert list(written) == ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown"]
    for name, data in written.items():
        assert (name, b"security/password" in data) == (name, True)
        assert (name, b"*** is written here" in data or rb"\*\*\* is written here" in data) == (name, True)
        assert (name, b"unterminated string" in data) == (name, True)
        assert (name, CANARY.encode() in data) == (name, False)


def test_nothing_of_the_machine_and_the_same_from_another_folder(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = reports(tmp_path / "here", ".")
    monkeypatch.chdir(tmp_path)
    assert reports(tmp_path / "there", str(checkout)) == here
    machine = {str(Path.home()), str(tmp_path), socket.gethostname(), "file:/", os.fsdecode(getpass.getuser()) + "@"}
    for data in here.values():
        assert not [text for text in machine if text.encode() in data]


def test_the_category_of_an_upload(checkout: Path) -> None:
    done = CliRunner().invoke(command, ["check", ".", "--output", "sarif=-", "--sarif-category", "backend"])
    assert json.loads(done.stdout)["runs"][0]["automationDetails"] == {"id": "backend/"}
    done = CliRunner().invoke(command, ["check", ".", "--output", "sarif=-"])
    assert json.loads(done.stdout)["runs"][0]["automationDetails"] == {"id": "dblint/"}
