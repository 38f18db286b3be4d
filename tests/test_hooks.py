"""dblint in pre-commit: what `.pre-commit-hooks.yaml` and the README say, before pre-commit itself.

By default the hooks run as pre-commit runs them, with dblint as it is installed here. `./check -m installs` lets
pre-commit install them, by `try-repo` and by the README's configuration, from a copy without history or tags.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dblint.workspace.kinds import SOURCE_SUFFIXES
from tests.readme import PROJECT, block, committed, git, programs, shipped

FAILING = """\
import sqlite3

sqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")
"""
PASSING = FAILING.replace("*", "id, title")
FOUND = "app/a b.py:3:43 warning query/select-star every column of books is asked for; it has 2"
OTHER = FOUND.replace("a b.py", "other.py")


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def dump(document: Any, target: Path) -> None:
    YAML(typ="safe", pure=True).dump(document, target)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**programs(tmp_path / "programs"), "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}


@pytest.fixture
def checkout(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository: a schema, a file with a finding that was committed, the same in an excluded one."""
    folder = tmp_path / "checkout"
    for path, text in (
        ("db/schema.sql", "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n"),
        ("dblint.toml", 'exclude = ["legacy/"]\n'),
        ("app/other.py", FAILING),
        ("legacy/old.py", FAILING),
        ("notes.txt", "SELECT * FROM books\n"),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    committed(folder, environment)
    return folder


def change(checkout: Path, text: str, environment: dict[str, str]) -> None:
    """Puts changed files into the index: one that is reviewed, with this text, one excluded, one of no kind."""
    for path, content in (("app/a b.py", text), ("legacy/old.py", text), ("notes.txt", "changed\n")):
        (checkout / path).write_text(content + "\n", encoding="utf-8")
    git(checkout, "add", "app", "legacy", "notes.txt", environment=environment)


def pre_commit(checkout: Path, *arguments: str, environment: dict[str, str]) -> tuple[int, list[str]]:
    """The exit code, and the lines that say what became of each hook or tell a finding."""
    command = [sys.executable, "-m", "pre_commit", *arguments]
    done = subprocess.run(
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    said = [
        line for line in done.stdout.splitlines() if " warning query/" in line or line.endswith(("Passed", "Failed"))
    ]
    assert said, done.stdout
    return done.returncode, said


def outcome(name: str, word: str) -> str:
    """The line in which pre-commit says what became of a hook."""
    return f"{name}{'.' * (79 - len(name) - len(word))}{word}"


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in load((PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


def readme(repository: str, revision: str) -> str:
    return block("pre-commit").replace("DBLINT", repository).replace("COMMIT", revision)


def local(checkout: Path, environment: dict[str, str], **said: Any) -> None:
    """The README's configuration, with the hooks' own words in the place of their repository, and what is said
    besides of each."""
    [repository] = load(block("pre-commit"))["repos"]
    manifest = hooks()
    asked = [{**manifest[hook["id"]], **hook, **said, "language": "system"} for hook in repository["hooks"]]
    dump({"repos": [{"repo": "local", "hooks": asked}]}, checkout / ".pre-commit-config.yaml")
    git(checkout, "add", ".pre-commit-config.yaml", environment=environment)


def test_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(PROJECT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, check=True)
    assert list(hooks()) == ["dblint", "dblint-project"]
    assert all(hook["require_serial"] for hook in hooks().values())  # else each process would see a part
    pattern = re.compile(hooks()["dblint"]["files"])
    assert all(pattern.search(f"a b/c{suffix}") for suffix in SOURCE_SUFFIXES)
    assert not any(pattern.search(name) for name in ("a.txt", "a.py.orig", "py", "a.tsv"))


def test_the_configuration_of_the_readme(tmp_path: Path) -> None:
    target = tmp_path / ".pre-commit-config.yaml"
    target.write_text(readme("https://example.org/dblint", "f" * 40), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(target)], check=True)


@pytest.mark.parametrize(("text", "code"), [(FAILING, 1), (PASSING, 0)])
def test_the_changed_files(checkout: Path, environment: dict[str, str], text: str, code: int) -> None:
    local(checkout, environment)
    change(checkout, text, environment)
    told = pre_commit(checkout, "run", environment=environment)
    assert told == (code, [outcome("dblint", "Failed"), FOUND] if code else [outcome("dblint", "Passed")])


def options() -> list[Any]:
    """The options that the README gives hooks."""
    said = re.findall(r"`args: (\[.+?\])`", (PROJECT / "README.md").read_text(encoding="utf-8"))
    assert len(said) == 3
    return [load(each) for each in said]


@pytest.mark.parametrize("hook", [0, 1])
def test_a_project_that_has_findings_already(checkout: Path, environment: dict[str, str], hook: int) -> None:
    known = [sys.executable, "-m", "dblint", ".", "--write-baseline", "dblint-baseline.json"]
    change(checkout, FAILING, environment)
    subprocess.run(known, cwd=checkout, env=environment, check=True, capture_output=True)
    local(checkout, environment, args=options()[1 + hook])
    name = list(hooks())[hook]
    stage = ["--hook-stage", "pre-commit" if hook == 0 else "manual"]
    told = outcome(hooks()[name]["name"], "Passed")
    assert pre_commit(checkout, "run", name, *stage, environment=environment) == (0, [told])


def test_further_options_and_a_name_like_an_option(checkout: Path, environment: dict[str, str]) -> None:
    said, *_ = options()
    local(checkout, environment, args=said, verbose=True)
    (checkout / "--debug.py").write_text(FAILING, encoding="utf-8")
    git(checkout, "add", "--", "--debug.py", environment=environment)
    found = FOUND.replace("app/a b.py", "--debug.py")
    assert pre_commit(checkout, "run", environment=environment) == (0, [outcome("dblint", "Passed"), found])


def test_the_whole_project(checkout: Path, environment: dict[str, str]) -> None:
    local(checkout, environment)
    change(checkout, PASSING, environment)
    install, by_hand = block("pre-commit-install").splitlines()
    subprocess.run(["bash", "-c", install], cwd=checkout, env=environment, check=True, capture_output=True)
    assert (checkout / ".git" / "hooks" / "pre-commit").exists()
    assert (checkout / ".git" / "hooks" / "pre-push").exists()
    program, *arguments = by_hand.split()
    assert program == "pre-commit"
    name = "dblint (whole project)"
    assert pre_commit(checkout, *arguments, environment=environment) == (1, [outcome(name, "Failed"), OTHER])
    (checkout / "app" / "other.py").write_text(PASSING, encoding="utf-8")
    assert pre_commit(checkout, *arguments, environment=environment) == (0, [outcome(name, "Passed")])


@pytest.mark.installs
@pytest.mark.timeout(900)
def test_try_repo(tmp_path: Path, checkout: Path, environment: dict[str, str]) -> None:
    environment.pop("PYTHONPATH")
    source = shipped(tmp_path / "dblint")
    committed(source, environment)
    change(checkout, FAILING, environment)
    assert pre_commit(checkout, "try-repo", str(source), "dblint", environment=environment) == (
        1,
        [outcome("dblint", "Failed"), FOUND],
    )
    change(checkout, PASSING, environment)
    assert pre_commit(checkout, "try-repo", str(source), "dblint", environment=environment) == (
        0,
        [outcome("dblint", "Passed")],
    )


@pytest.mark.installs
@pytest.mark.timeout(900)
def test_a_clone_without_tags(tmp_path: Path, checkout: Path, environment: dict[str, str]) -> None:
    environment.pop("PYTHONPATH")
    source = shipped(tmp_path / "dblint")
    configuration = readme(str(source), committed(source, environment))
    (checkout / ".pre-commit-config.yaml").write_text(configuration, encoding="utf-8")
    git(checkout, "add", ".pre-commit-config.yaml", environment=environment)
    change(checkout, FAILING, environment)
    told = pre_commit(checkout, "run", environment=environment)
    assert told == (1, [outcome("dblint", "Failed"), FOUND])
    (checkout / "app" / "other.py").write_text(PASSING, encoding="utf-8")
    change(checkout, PASSING, environment)
    both = ("run", "--all-files", "--hook-stage", "manual", "dblint-project")
    assert pre_commit(checkout, *both, environment=environment) == (0, [outcome("dblint (whole project)", "Passed")])
