"""dblint in GitHub Actions: `action.yml` and the README's workflow, by the schemas that SchemaStore keeps for them, and
their shell steps run as a runner runs them, with the expressions filled in and the inputs in the environment.

By default the step that installs is stood in for by dblint as it is installed here; `./check -m installs` runs it too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.oracles import multitool
from tests.readme import PROJECT, block, programs, shipped

STAR = 'import sqlite3\nsqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")\n'
ANNOTATION = "::warning title=query/select-star,file=app/a b.py,line=2,col=43,endLine=2,endColumn="
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
ACTION: dict[str, Any] = YAML(typ="safe", pure=True).load((PROJECT / "action.yml").read_text(encoding="utf-8"))
DEFAULTS = {name: entry["default"] for name, entry in ACTION["inputs"].items()}
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
SHELL = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
"""What a runner makes of `shell: bash`."""


def workflow() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(block("workflow"))
    return document


def checkout(folder: Path) -> Path:
    (folder / "app").mkdir(parents=True)
    (folder / "schema.sql").write_text("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n")
    (folder / "app" / "a b.py").write_text(STAR)
    (folder / "clean").mkdir()
    (folder / "clean" / "c.py").write_text("x = 1\n")
    return folder


class Runner:
    """As much of a runner as a composite action's shell steps need."""

    def __init__(self, folder: Path, source: Path = PROJECT) -> None:
        self.workspace = checkout(folder / "workspace")
        self.source = source
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.environment = {**programs(self.temporary / "dblint"), "CI": "true", "GITHUB_ACTIONS": "true"}
        self.environment |= {"GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temporary)}
        self.environment |= {f"INPUT_{name.upper()}": value for name, value in DEFAULTS.items()}

    def step(self, name: str, inputs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Runs a step of the action, with these inputs and the defaults."""
        assert set(inputs) <= set(DEFAULTS)
        values = {f"inputs.{key}": value for key, value in {**DEFAULTS, **inputs}.items()}
        values |= {"github.action_path": str(self.source), "steps.python.outputs.python-path": sys.executable}
        step = STEPS[name]
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        filled = {key: EXPRESSION.sub(lambda found: values[found[1]], text) for key, text in step["env"].items()}
        return subprocess.run(
            [*SHELL, str(script)],
            cwd=self.workspace,
            env={**self.environment, **filled},
            capture_output=True,
            text=True,
            check=False,
        )

    def results(self, name: str = "dblint.sarif") -> list[tuple[str, str, int]]:
        """Rule, file and line of each result of the report that was written."""
        document = json.loads((self.workspace / name).read_text(encoding="utf-8"))
        found = []
        for result in document["runs"][0]["results"]:
            place = result["locations"][0]["physicalLocation"]
            found.append((result["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"]))
        return found


@pytest.mark.parametrize("kind", ["actions", "workflows"])
def test_the_schema(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "workflow.yml"
    target.write_text(block("workflow"), encoding="utf-8")
    file = target if kind == "workflows" else PROJECT / "action.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.github-{kind}", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n")
    if kind == "workflows":
        target.write_text(block("workflow").replace("runs-on:", "run-on:"), encoding="utf-8")
        assert subprocess.run(command, check=False, capture_output=True).returncode == 1


def test_no_input_is_written_into_a_shell() -> None:
    for step in STEPS.values():
        assert not EXPRESSION.search(step.get("run", ""))
        assert "run" not in step or step["shell"] == "bash"
    used = {found for step in STEPS.values() for found in EXPRESSION.findall(json.dumps(step))}
    assert used == {f"inputs.{name}" for name in DEFAULTS} | {"github.action_path", "steps.python.outputs.python-path"}
    assert STEPS["Find Python"]["with"]["update-environment"] is False


def test_the_workflow_of_the_readme(tmp_path: Path) -> None:
    job = workflow()["jobs"]["dblint"]
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    assert set(workflow()["on"]) == {"push", "pull_request"}
    fetch, review, upload = job["steps"]
    assert fetch["uses"].startswith("actions/checkout@")
    assert upload["uses"].startswith("github/codeql-action/upload-sarif@")
    assert upload["if"] == "always()"
    runner = Runner(tmp_path)
    inputs = {**review["with"], "args": ""}
    done = runner.step("Review", inputs)
    assert (done.returncode, done.stdout[: len(ANNOTATION)]) == (1, ANNOTATION)
    assert runner.results(upload["with"]["sarif_file"]) == [("query/select-star", "app/a%20b.py", 2)]
    document = json.loads((runner.workspace / upload["with"]["sarif_file"]).read_text(encoding="utf-8"))
    assert document["runs"][0]["automationDetails"]["id"] == f"{upload['with']['category']}/"
    assert list(Draft202012Validator(multitool.schema()).iter_errors(document)) == []
    assert runner.step("Review", review["with"]).returncode == 0  # it asks to fail from errors on; this is a warning
    assert runner.results() == [("query/select-star", "app/a%20b.py", 2)]


def test_paths_and_arguments_are_one_a_line(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    inputs = {"paths": "clean\n\napp/a b.py\n", "args": "--fail-on\nerror\n\n--ignore=security"}
    done = runner.step("Review", {**inputs, "sarif-file": "a b.sarif"})
    assert (done.returncode, done.stdout[: len(ANNOTATION)]) == (0, ANNOTATION)
    assert runner.results("a b.sarif") == [("query/select-star", "app/a%20b.py", 2)]


def test_what_inputs_hold_is_never_run(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    evil = "\"; touch pwned; $(touch pwned) `touch pwned` '\n-x"
    done = runner.step("Review", dict.fromkeys(("paths", "args", "sarif-file"), evil))
    assert (done.returncode, "No such option" in done.stderr) == (2, True)
    assert sorted(path.name for path in runner.workspace.iterdir()) == ["app", "clean", "schema.sql"]


@pytest.mark.installs
@pytest.mark.timeout(600)
def test_the_step_that_installs(tmp_path: Path) -> None:
    runner = Runner(tmp_path, shipped(tmp_path / "action"))
    del runner.environment["PYTHONPATH"]
    (runner.workspace / "venv.py").write_text("raise SystemExit('of the checkout')\n")
    (runner.workspace / "pip.py").write_text("raise SystemExit('of the checkout')\n")
    (runner.temporary / "dblint" / "bin" / "dblint").unlink()
    done = runner.step("Install dblint", {})
    assert done.returncode == 0, done.stderr
    done = runner.step("Review", {})
    assert (done.returncode, done.stdout[: len(ANNOTATION)]) == (1, ANNOTATION), done.stderr
    assert runner.results() == [("query/select-star", "app/a%20b.py", 2)]
