"""What a run takes from earlier ones, through the real command: nothing that it would not have computed."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import dblint.frontends.extract
import dblint.run
from dblint.cli import command
from dblint.report.formats import FORMATS
from dblint.workspace.read import read
from tests.conftest import Pack

CALL = """import sqlite3

for key in keys():
    sqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = ?", [key])
"""
SCHEMA = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n"


class Project:
    """A folder that is reviewed with a cache beside it. `linked` counts runs that did not recall their report."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.linked = 0
        self.read: list[str] = []
        root.mkdir()
        self.write("setup.cfg", "")
        self.write("a.py", CALL)
        self.write("b.py", "import a\n")
        self.write("schema.sql", SCHEMA)
        monkeypatch.chdir(root)
        link, lower = dblint.run._link, dblint.frontends.extract.lower

        def linking(*arguments: object) -> object:
            self.linked += 1
            return link(*arguments)  # type: ignore[arg-type]

        def reading(text: bytes, path: str) -> object:
            self.read.append(path)
            return lower(text, path)

        monkeypatch.setattr(dblint.run, "_link", linking)
        monkeypatch.setattr(dblint.frontends.extract, "lower", reading)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(text)

    def check(self, *options: str) -> tuple[int, str, str]:
        """Exit code, standard output and error, without the seconds."""
        result = CliRunner().invoke(command, ["check", ".", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.stdout, re.sub(r" in \d+\.\d s", " in S", result.stderr)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path / "project", monkeypatch)


def test_a_second_run_tells_the_same_in_every_format(project: Project, tmp_path: Path) -> None:
    project.write("bad.py", "def f(:\n    db.execute('SELECT 1'\n")
    project.write("c.py", "x = 1  # dblint: ignore[query/select-star] nothing here\n")
    told: list[list[object]] = []
    for options in (["--no-cache"], [], []):
        folder = tmp_path / str(len(told))
        folder.mkdir()
        outputs = [option for name in FORMATS for option in ("--output", f"{name}={folder / name}")]
        run = project.check(*options, *outputs), project.check(*options, "--show-files", "--all")
        told.append([run, *((folder / name).read_bytes() for name in FORMATS)])
    assert project.linked == 3, "two without a cache, one that fills it"
    assert told[0] == told[1] == told[2]
    assert told[0][0][0][0] == 1  # type: ignore[index]
    assert b"query/select-star" in told[0][1]  # type: ignore[operator]


def test_exit_codes_are_recalled(project: Project) -> None:
    for options, code in ((("--fail-on", "error"), 0), (("--fail-on", "info"), 1), (("--fail-on", "error"), 0)):
        assert project.check(*options)[0] == code
    assert project.check("--fail-on", "info", "--exit-zero")[0] == 0
    assert project.linked == 2
    (project.root / "bad.py").write_bytes(b"\xff")
    for _ in range(2):
        assert project.check("--fail-on", "error")[0] == 1
        assert project.check("--fail-on", "error", "--allow-parse-errors")[0] == 0
    assert project.linked == 3


def edit(name: str, text: str) -> Callable[[Project], list[str]]:
    def change(project: Project) -> list[str]:
        project.write(name, text)
        return []

    return change


def moved(project: Project) -> list[str]:
    (project.root / "a.py").rename(project.root / "z.py")
    return []


def gone(project: Project) -> list[str]:
    (project.root / "b.py").unlink()
    return []


def known(project: Project) -> list[str]:
    path = project.root.parent / "known.json"
    CliRunner().invoke(command, [".", "--write-baseline", str(path)])
    project.linked = 1
    return ["--baseline", str(path)]


@pytest.mark.parametrize(
    "change",
    [
        edit("a.py", CALL.replace("*", "id")),
        edit("new.py", "x = 1\n"),
        edit("requirements.txt", "psycopg\n"),
        edit("dblint.toml", 'dialect = "mysql"\n'),
        edit("dblint.toml", "# nothing\n\nexclude = []\n"),
        moved,
        gone,
        known,
        lambda _: ["--select", "query/select-star"],
        lambda _: ["--ignore", "query/select-star"],
        lambda _: ["--role", "a.py=test"],
        lambda _: ["--dialect", "postgres"],
        lambda _: ["--ignore-suppressions"],
        lambda _: ["a.py"],
    ],
)
def test_what_changes_is_computed_anew(project: Project, change: Callable[[Project], list[str]]) -> None:
    before = project.check()
    assert project.check() == before
    assert project.linked == 1
    options = change(project)
    first = project.check(*options)
    assert project.linked == 2
    assert project.check(*options) == first == project.check(*options, "--no-cache")


def test_one_changed_file_is_read_alone(project: Project) -> None:
    project.check()
    assert sorted(project.read) == ["a.py", "b.py", "schema.sql"]
    project.read.clear()
    project.write("b.py", "import a\n\nx = 1\n")
    project.check()
    assert project.read == ["b.py"]
    CliRunner().invoke(command, ["queries", "."])
    assert project.read == ["b.py"]


def test_another_folder_with_the_same_files_recalls(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project.check()
    shutil.copytree(project.root, project.root.parent / "clone")
    monkeypatch.chdir(project.root.parent / "clone")
    assert project.check() == before
    assert project.linked == 1


RULE = """
from dblint.facts.query import Query
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(summary="s", why="w", minimal="a", better="b", complete="c", severity="warning",
            bad=(Bad("python", "x  # finding"),), good=(Good("python", "x"),))

def check(query: Query):
    {body}
"""


def test_a_changed_pack_is_asked_anew(project: Project, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dblint.run, "installed_packs", lambda: (pack.name,))
    pack.add("query/mine.py", RULE.format(body="return ()"))
    assert project.check()[0] == 0
    assert project.check()[0] == 0
    assert project.linked == 1
    pack.add("query/_shared.py", "x = 1\n")
    project.check()
    assert project.linked == 2


def test_a_changed_module_beside_a_pack_is_asked_anew(
    project: Project, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dblint.run, "installed_packs", lambda: (pack.name,))
    beside = pack.root.parent / "strangers_rules_beside"
    beside.mkdir()
    (beside / "__init__.py").touch()
    (beside / "words.py").write_text('WORD = "one"\n')
    pack.add(
        "query/mine.py",
        "from strangers_rules_beside.words import WORD\nfrom dblint.rule import Finding\n"
        + RULE.format(body="return [Finding(query.place, WORD)]"),
    )

    def fresh() -> tuple[int, str]:
        for name in [name for name in sys.modules if name.startswith("strangers_rules")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        code, told, _ = project.check("--output", "concise=-", "--quiet")
        return code, told

    assert fresh() == fresh() == (1, "a.py:4:40: warning: one [query/mine]\n")
    assert project.linked == 1
    (beside / "words.py").write_text('WORD = "three"\n')
    assert fresh() == fresh() == (1, "a.py:4:40: warning: three [query/mine]\n")
    assert project.linked == 2
    earlier = pack.root.parent / "earlier"
    (earlier / "strangers_rules_beside").mkdir(parents=True)
    (earlier / "strangers_rules_beside" / "__init__.py").touch()
    (earlier / "strangers_rules_beside" / "words.py").write_text('WORD = "two"\n')
    monkeypatch.syspath_prepend(str(earlier))
    assert fresh() == (1, "a.py:4:40: warning: two [query/mine]\n")


def test_a_run_that_failed_inside_is_not_kept(project: Project, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dblint.run, "installed_packs", lambda: (pack.name,))
    pack.add("query/mine.py", RULE.format(body="raise ValueError(query)"))
    first = project.check()
    assert first[0] == 2
    assert project.check() == first
    assert project.linked == 2


def test_a_file_that_changes_meanwhile_is_not_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def changing(root: str, path: str, limit: int) -> object:
        if path == "b.py":
            (Path(root) / path).write_text("x = 2\n")
        return read(root, path, limit)

    monkeypatch.setattr("dblint.extraction.read", changing)
    project.check()
    (project.root / "b.py").write_text("import a\n")
    project.check("--ignore", "schema")
    (project.root / "b.py").write_text("import a\n")
    project.check()
    assert project.linked == 3


def test_39_no_password_lies_in_the_cache(project: Project, cache_folder: Path) -> None:
    project.write("settings.py", 'import psycopg\n\npsycopg.connect("postgresql://app:canary7f3a@db/app")\n')
    project.write("x.ts", "import { Pool } from 'pg';\nnew Pool({ password: 'canary7f3a' }).query('SELECT 1');\n")
    project.write("c.sql", "ALTER USER app PASSWORD 'canary7f3a';\n")
    for options in (["--select", "all"], [], ["--select", "security"]):
        project.check(*options)
    CliRunner().invoke(command, ["queries", "."])
    files = [path for path in cache_folder.rglob("*") if path.is_file()]
    assert len(files) >= 9
    assert not [path for path in files if b"canary" in path.read_bytes()]
    assert "canary" not in "".join(map(str, files))


def test_54_damaged_and_foreign_entries(project: Project, cache_folder: Path) -> None:
    before = project.check()
    for path in cache_folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:20])
    (cache_folder / "v0").mkdir()
    (cache_folder / "v0" / "index").write_text("older")
    assert project.check() == before
    assert project.linked == 2
    assert project.check() == before
    assert project.linked == 2


def test_54_a_folder_that_cannot_be_used(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project.check("--no-cache")
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", Path("/dev/null/x"), Path("/proc/nowhere")):
        assert project.check("--cache-dir", str(folder)) == before
        monkeypatch.setenv("DBLINT_CACHE_DIR", str(folder))
        assert project.check() == before


def test_54_two_runs_at_once(project: Project) -> None:
    run = [sys.executable, "-m", "dblint", "check", ".", "--output", "json=-", "--quiet"]
    both = [subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate(timeout=60) for process in both]
    assert told[0] == told[1]
    assert b'"query/select-star"' in told[0][0]


def test_a_cache_in_the_checkout_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = project.root / "cache"
    assert project.check("--cache-dir", "cache") == (
        2,
        "",
        "dblint: --cache-dir cache: lies in the project that is reviewed\n",
    )
    assert project.check("--cache-dir", "") == (2, "", "dblint: --cache-dir: names nothing\n")
    monkeypatch.setenv("DBLINT_CACHE_DIR", str(inside))
    project.check()
    project.check()
    assert project.linked == 2
    assert not inside.exists()


LOADED = """
import sys
from dblint.cli import command
command.main(["check", ".", "--output", "text=-", "--output", "json=j"], standalone_mode=False)
loaded = {name for name in sys.modules if name.startswith(("sqlglot", "tree_sitter", "dblint.link"))}
loaded |= {name for name in sys.modules if name.startswith("dblint_rules.") and name.count(".") > 1}
print(sorted(loaded), file=sys.stderr)
"""


def test_a_recalled_report_needs_neither_parsers_nor_link_nor_rules(project: Project) -> None:
    project.check()
    answer = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert answer.stderr.splitlines()[-1] == "[]", answer
    assert "query/select-star" in answer.stdout
