"""A stranger's pack, made outside of this repository, beside dblint in an environment that holds nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.environments import ROOT, Environment, build, repack_dependencies

pytestmark = [pytest.mark.timeout(600), pytest.mark.installs]

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-rules"
version = "2.1"
dependencies = ["dblint"]

[project.entry-points."dblint.rules"]
acme = "acme_rules"

[tool.hatch.build.targets.wheel]
packages = ["acme_rules"]

[tool.hatch.build]
dev-mode-dirs = ["."]
"""
RULE = '''\
"""The ledger is read through its own service."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.query import Query, Verb
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="the ledger is read past its service",
    why="Its rows are moved between partitions while they are read.",
    minimal="Ask the service for the entries of {table}.",
    better="Ask for a report that the service makes of {table}.",
    complete="Take away the right to read {table}.",
    symptoms=("totals change at midnight",),
    severity="error",
    bad=(
        Bad(
            "python",
            """\\
from acme_store import Store

def entries(store: Store):
    return store.fetch("SELECT id FROM ledger")  # finding
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\\
from acme_store import Store

def orders(store: Store):
    return store.fetch("SELECT id FROM orders")
""",
        ),
    ),
)


def check(query: Query) -> Iterator[Finding]:
    """One finding per statement that reads it."""
    for source in query.sources.values():
        if query.verb is Verb.SELECT and source.name == "ledger":
            yield Finding(query.place, "the ledger is read", names={"table": source.name})
'''
TABLE = """\
name = "acme"
languages = ["python"]
packages = ["acme_store"]
dialect = "postgres"

[types.Store]
path = "acme_store.Store"
construct = {}

[types.Store.members]
"fetch" = { run = "text", text = "0|sql", parameters = "1", returns = "unknown" }
"""
APPLICATION = """\
from acme_store import Store


def entries(store: Store):
    return store.fetch("SELECT * FROM ledger WHERE year = %s", [2024])
"""


def pack(folder: Path, pyproject: str = PYPROJECT) -> Path:
    """Writes the pack's project."""
    for name, text in (
        ("pyproject.toml", pyproject),
        ("acme_rules/__init__.py", ""),
        ("acme_rules/query/__init__.py", ""),
        ("acme_rules/query/ledger_read.py", RULE),
        ("acme_rules/libraries/acme.toml", TABLE),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of dblint and of all that it needs."""
    folder = tmp_path_factory.mktemp("wheels")
    build(ROOT, folder)
    repack_dependencies("dblint", folder)
    return folder


@pytest.fixture(scope="module")
def environment(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with dblint and what it needs."""
    made = Environment(tmp_path_factory.mktemp("environments") / "empty")
    made.install("dblint", wheels=wheels)
    return made


@pytest.fixture
def application(tmp_path: Path) -> Path:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "app.py").write_text(APPLICATION)
    (folder / "setup.cfg").touch()
    return folder


def told(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """The exit code, and everything that was said."""
    return done.returncode, done.stdout + done.stderr


STRANGER = "app.py:5:25: error: the ledger is read [query/ledger-read]\n"
BUNDLED = "app.py:5:32: warning: every column of ledger is asked for [query/select-star]\n"
QUERIES = """\
app.py:5:12 acme:Store.fetch
    select ledger
    SELECT * FROM ledger WHERE year = %s
    resolved: annotation Store
"""


def test_both_as_wheels(environment: Environment, wheels: Path, application: Path, tmp_path: Path) -> None:
    wheel = build(pack(tmp_path / "pack"), tmp_path)

    def dblint(*arguments: str) -> subprocess.CompletedProcess[str]:
        return environment.dblint(*arguments, folder=application)

    def concise(*arguments: str) -> str:
        return dblint("--output", "concise=-", "--quiet", *arguments, ".").stdout

    with environment.installed(str(wheel), wheels=wheels):
        assert dblint("--output", "concise=-", "--output", "sarif=a.sarif", "-q", ".").returncode == 1
        [run] = json.loads((application / "a.sarif").read_text())["runs"]
        [extension] = run["tool"]["extensions"]
        assert (extension["name"], extension["version"]) == ("acme_rules", "2.1")
        assert [rule["id"] for rule in extension["rules"]] == ["query/ledger-read"]
        assert "query/ledger-read" not in [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        [own] = [result for result in run["results"] if result["ruleId"] == "query/ledger-read"]
        assert own["rule"] == {"index": 0, "toolComponent": {"name": "acme_rules", "index": 0}}
        assert "ruleIndex" not in own

        assert concise() == STRANGER + BUNDLED
        assert concise("--select", "query/ledger-read") == STRANGER
        assert concise("--ignore", "query/ledger-read") == BUNDLED
        listed = dblint("rules").stdout.splitlines()
        assert f"{'query/ledger-read':<40} error    the ledger is read past its service" in listed
        assert dblint("explain", "query/ledger-read").stdout.startswith("query/ledger-read\n\nthe ledger is read past")
        assert "query/ledger-read" in dblint("explain", "totals change").stdout
        assert dblint("queries", ".").stdout == QUERIES


def test_the_bundled_pack_is_one_like_any_other(environment: Environment, wheels: Path, application: Path) -> None:
    [registered] = environment.folder.rglob("dblint-*.dist-info/entry_points.txt")
    before = registered.read_text()
    assert before.count("dblint_rules = dblint_rules") == 1
    registered.write_text(before.replace("dblint_rules = dblint_rules", ""))
    try:
        for command in (("check", "."), ("rules",), ("explain", "query/select-star")):
            assert told(environment.dblint(*command, folder=application)) == (
                2,
                "dblint: no rules: no installed pack has any\n",
            )
    finally:
        registered.write_text(before)


def test_an_editable_install_and_a_pack_that_the_user_names(
    environment: Environment, wheels: Path, application: Path, tmp_path: Path
) -> None:
    unregistered = PYPROJECT.replace('[project.entry-points."dblint.rules"]\nacme = "acme_rules"\n', "")
    project = pack(tmp_path / "pack", unregistered)
    wheel = build(project, tmp_path, editable=True)
    own = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    (tmp_path / "settings" / "dblint").mkdir(parents=True)
    (tmp_path / "settings" / "dblint" / "dblint.toml").write_text('packs = ["acme_rules"]\n')
    (tmp_path / "team.toml").write_text('packs = ["acme_rules"]\nselect = ["query/ledger-read"]\n')
    named = ("--config", str(tmp_path / "team.toml"))

    def dblint(*arguments: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return environment.dblint(*arguments, folder=application, variables=variables)

    def concise(*arguments: str, variables: dict[str, str]) -> str:
        return dblint("--output", "concise=-", "--quiet", *arguments, ".", variables=variables).stdout

    with environment.installed(str(wheel), wheels=wheels):
        assert concise(variables={}) == ""
        assert concise(variables=own) == STRANGER + BUNDLED
        assert concise(*named, variables={}) == STRANGER
        assert "query/ledger-read " in dblint("rules", variables=own).stdout
        assert "partitions" in dblint("explain", "query/ledger-read", *named, variables={}).stdout

        rule = project / "acme_rules" / "query" / "ledger_read.py"
        rule.write_text(RULE.replace('"the ledger is read"', '"the ledger is read again"'))
        assert "error: the ledger is read again [" in concise(variables=own)

        (application / "dblint.toml").write_text('select = ["default"]\npacks = ["acme_rules"]\n')
        refused = (
            "dblint: dblint.toml:2: packs: names code, which no file of the reviewed project may; your own "
            "configuration ($XDG_CONFIG_HOME/dblint/dblint.toml) may, or a file that lies elsewhere and that --config "
            "names\n"
        )
        assert told(dblint(".", variables=own)) == (2, refused)
