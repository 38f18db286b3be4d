"""The command line, over a link that takes every `db.run()` for a database call."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from dblint import __version__
from dblint.cli import command
from dblint.config import Configuration
from dblint.extraction import Extracted
from dblint.facts.program import Call, Diagnostic, Effect, Unresolved
from dblint.facts.project import Project
from dblint.facts.query import Clause, Element, Query, Source, Verb
from dblint.facts.text import Place
from dblint.workspace.discover import Workspace
from tests.conftest import Pack

RULE = """
from collections.abc import Iterator
from dblint.facts.program import Call
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="A call of {kind}",
    why="Because.",
    minimal="Less.",
    better="Even less.",
    complete="None.",
    severity="{severity}",
    default={default},
    bad=(Bad("python", "x()  # finding"),),
    good=(Good("python", "x()"),),
)

def check(call: Call) -> Iterator[Finding]:
    yield Finding(call.place, "run is called")
"""

FAILING = RULE.replace('yield Finding(call.place, "run is called")', 'raise KeyError("x")')


def add_rule(pack: Pack, path: str, severity: str = "warning", *, default: bool = True, text: str = RULE) -> None:
    pack.add(path, text.replace("{severity}", severity).replace("{default}", str(default)))


def link(workspace: Workspace, configuration: Configuration, files: Mapping[str, Extracted], *_: object) -> Project:
    calls = []
    for path, extracted in files.items():
        if extracted.facts is None:
            continue
        text = (workspace.root / path).read_bytes()
        start = text.find(b"db.run()")
        while start >= 0:
            place = Place(path, start, start + 8)
            clause = Clause((Element(Source("books")),))
            query = Query(Verb.SELECT, place, sources=clause, sql="SELECT *\n FROM books")
            calls.append(
                Call(place, "run", "Database", ("import",), effects=(Effect.QUERY,), queries=(query,), dialect="sqlite")
            )
            start = text.find(b"db.run()", start + 1)
    unresolved = (Unresolved(Place("a.py", 0, 2), "all", "x.all()", "no type"),)
    return Project(calls=calls, unresolved=unresolved)


@pytest.fixture(autouse=True)
def checkout(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    add_rule(pack, "query/call.py")
    add_rule(pack, "query/mild.py", "info", default=False)
    monkeypatch.setattr("dblint.run._link", link)
    monkeypatch.setattr("dblint.run.installed_packs", lambda: (pack.name,))
    monkeypatch.setattr("dblint.packs.installed_packs", lambda: (pack.name,))
    monkeypatch.setattr("dblint.cli.time", SimpleNamespace(perf_counter=lambda: 0.0))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("db.run()\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    (tmp_path / "setup.cfg").touch()
    return tmp_path


def dblint(*arguments: str) -> Result:
    result = CliRunner().invoke(command, list(arguments), prog_name="dblint")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


REPORT = """\
a.py:1:1 warning query/call run is called
 1 | db.run()
   | ^^^^^^^^
   = repair: Less.

1 finding (1 warning) in 2 files (1 database call, 1 unresolved)
dialect sqlite assumed in 1 place (--dialect says which it is)
"""

RUN = """\
2 files read in 0.0 s: 1 query, 0 tables
database unknown: nothing says which it is (--dialect does)
"""


@pytest.mark.parametrize("arguments", [(".",), ("check", "."), ("check",), ("--", "."), ("a.py", "b.py"), ("./",)])
def test_a_run(arguments: tuple[str, ...]) -> None:
    result = dblint(*arguments)
    assert (result.stdout, result.stderr, result.exit_code) == (REPORT, RUN, 1)


def test_only_the_named_paths_are_told() -> None:
    result = dblint("b.py")
    assert result.exit_code == 0
    assert result.stdout.startswith("no database code found in 1 file\n")


def test_a_path_that_does_not_exist_and_the_others() -> None:
    result = dblint("nothing.py", "a.py")
    assert "a.py:1:1 warning query/call run is called" in result.stdout
    assert result.stderr == f"dblint: nothing.py: no such file or folder\n{RUN}"
    assert result.exit_code == 2


def test_a_folder_named_like_a_command(checkout: Path) -> None:
    (checkout / "rules").mkdir()
    (checkout / "rules" / "c.py").write_text("db.run()\n")
    assert "query/call" in dblint("rules").stdout.splitlines()[0]
    assert "rules/c.py:1:1 warning" in dblint("./rules").stdout
    assert "rules/c.py:1:1 warning" in dblint("check", "rules").stdout


def test_reports_in_files(checkout: Path) -> None:
    result = dblint("check", ".", "--output", "sarif=out.sarif", "--output", "text=out.txt")
    assert result.stdout == ""
    assert result.stderr == REPORT.split("\n\n")[1] + RUN
    assert (checkout / "out.txt").read_text() == REPORT
    document = json.loads((checkout / "out.sarif").read_text())
    [told] = document["runs"][0]["results"]
    assert told["ruleId"] == "query/call"
    assert (checkout / "out.sarif").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in checkout.iterdir()) == ["a.py", "b.py", "out.sarif", "out.txt", "setup.cfg"]


def test_sarif_on_standard_output() -> None:
    result = dblint(".", "--output", "sarif=-")
    assert json.loads(result.stdout)["version"] == "2.1.0"
    assert result.stderr == REPORT.split("\n\n")[1] + RUN


EVERY_FORMAT = "text, concise, json, sarif, github, gitlab, junit, markdown"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--output", "sarf=x"),
            f'--output: there is no format "sarf" (did you mean "sarif"?); one of {EVERY_FORMAT}',
        ),
        (("--output", "sarif=x", "--output", "text=x"), "--output: two reports go to x"),
        (
            ("--output", "json=/dev/stdout", "--output", "text=-"),
            "--output: two reports go to -, which is /dev/stdout",
        ),
        (("--output", "text", "--output", "json=/dev/fd/1"), "--output: two reports go to /dev/fd/1, which is -"),
        (("--output", "sarif=no/where"), "--output no/where: No such file or directory"),
        (("--output", "sarif=folder"), "--output folder: is a folder"),
        (("--output", "sarif=link"), "--output link: is a symbolic link; name the file itself"),
        (("--output", "sarif=a.py"), "--output a.py: is a file of the project"),
        (("--write-baseline", "a.py"), "--write-baseline a.py: is a file of the project"),
        (("--write-baseline", "no/where"), "--write-baseline no/where: No such file or directory"),
        (("--write-baseline", "x", "--output", "sarif=x"), "--write-baseline x: a report goes there"),
        (("--output", "text=/dev/full"), "--output /dev/full: No space left on device"),
        (("--select", "query/cal"), '--select: there is no rule or group "query/cal" (did you mean "query/call"?)'),
        (("--ignore", "nothing"), '--ignore: there is no rule or group "nothing"'),
        (("--select", "call"), '--select: there is no rule or group "call" (did you mean "query/call"?)'),
        (("--select", ""), "--select: names nothing"),
        (("--dialect", "postgress"), '--dialect: unknown dialect "postgress" (did you mean "postgres"?)'),
        (
            ("--fail-on", "warn"),
            '--fail-on: unknown severity "warn" (did you mean "warning"?); one of error, warning, info',
        ),
        (("--role", "x"), '--role: "x" is not of the form PATTERN=ROLE'),
        (("--config", ""), "--config: names nothing"),
        (("--baseline", ""), "--baseline: names nothing"),
        (("--write-baseline", ""), "--write-baseline: names nothing"),
        (("--fail-on", ""), "--fail-on: names nothing"),
        (("--dialect", ""), "--dialect: names nothing"),
        (("--cache-dir", ""), "--cache-dir: names nothing"),
        (("",), 'PATH: names nothing; the current folder is "."'),
    ],
)
def test_usage_errors(checkout: Path, arguments: tuple[str, ...], message: str) -> None:
    (checkout / "folder").mkdir()
    (checkout / "link").symlink_to("a.py")
    result = dblint("check", ".", *arguments)
    assert result.stderr == f"dblint: {message}\n"
    assert result.exit_code == 2
    assert (checkout / "a.py").read_text() == "db.run()\n"


def test_every_mistake_of_the_options_is_told_at_once() -> None:
    result = dblint(
        *("check", ".", "--dialect", "postgress", "--role", "x", "--role", "a=b", "--ignore", "", "--config", ""),
        *("--output", "yaml=x"),
    )
    assert result.stderr.splitlines() == [
        f'dblint: --output: there is no format "yaml"; one of {EVERY_FORMAT}',
        "dblint: --config: names nothing",
        'dblint: --dialect: unknown dialect "postgress" (did you mean "postgres"?)',
        "dblint: --ignore: names nothing",
        'dblint: --role: "x" is not of the form PATTERN=ROLE',
        'dblint: --role: unknown role "b"; one of app, test, script, seed, migration, generated, vendored, example',
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize("name", ["rules", "explain", "queries", "review"])
def test_a_configuration_without_a_name(name: str) -> None:
    result = dblint(name, "--config", "", *(["query/call"] if name == "explain" else []))
    assert (result.stderr.splitlines()[-1], result.exit_code) == ("dblint: --config: names nothing", 2)


def test_an_unknown_option() -> None:
    result = dblint("check", "--selct", "x", ".")
    assert result.exit_code == 2
    assert "--selct" in result.stderr


def test_selection() -> None:
    assert "query/mild" not in dblint(".").stdout
    selected = dblint(".", "--select", "query/mild")
    assert selected.stdout.startswith("a.py:1:1 info query/mild")
    assert selected.exit_code == 0
    assert dblint(".", "--select", "query/mild", "--fail-on", "info").exit_code == 1
    assert dblint(".", "--select", "query", "--ignore", "query/mild,query/call").stdout.startswith("no findings")


def test_no_more_than_five_findings_of_a_rule_in_full(pack: Pack, checkout: Path) -> None:
    add_rule(pack, "security/grave.py", "error")
    (checkout / "a.py").write_text("db.run()\n" * 6)
    (checkout / "b.py").write_text("db.run()\n")
    result = dblint(".", "--ignore", "query/mild")
    heads = [line for line in result.stdout.splitlines() if " run is called" in line or " more in " in line]
    assert heads == [
        *(f"a.py:{line}:1 error security/grave run is called" for line in range(1, 6)),
        "security/grave: and 2 more in 2 files (--all)",
        *(f"a.py:{line}:1 warning query/call run is called" for line in range(1, 6)),
        "query/call: and 2 more in 2 files (--all)",
    ]
    end = """\
findings  files  severity  rule
       7      2  error     security/grave
       7      2  warning   query/call

14 findings (7 errors, 7 warnings) in 2 files (7 database calls, 1 unresolved)
dialect sqlite assumed in 7 places (--dialect says which it is)
"""
    assert result.stdout.endswith(f"(--all)\n\n{end}")
    everything = dblint(".", "--all").stdout
    assert everything.count(" run is called") == 14
    assert "--all" not in everything
    assert everything.endswith(f"\n\n{end}")
    assert dblint(".", "--statistics").stdout == end


def test_statistics_of_one_finding() -> None:
    assert dblint("a.py", "--statistics").stdout == (
        "findings  files  severity  rule\n       1      1  warning   query/call\n\n"
        "1 finding (1 warning) in 1 file (1 database call, 1 unresolved)\n"
        "dialect sqlite assumed in 1 place (--dialect says which it is)\n"
    )


def test_quiet() -> None:
    result = dblint(".", "--quiet")
    assert (result.stdout, result.stderr, result.exit_code) == (REPORT.split("\n\n")[0] + "\n", "", 1)
    result = dblint("b.py", "-q")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 0)
    result = dblint("b.py", "nothing", "-q", "--output", "sarif=out.sarif")
    assert (result.stdout, result.stderr) == ("", "dblint: nothing: no such file or folder\n")


def test_show_files(checkout: Path) -> None:
    for path in ("tests/c.py", "seeds/d.py", "live/e.py", "test_f.py"):
        (checkout / path).parent.mkdir(exist_ok=True)
        (checkout / path).write_text("x = 1\n")
    (checkout / "g.py").write_text("# @generated by a tool\nx = 1\n")
    result = dblint(".", "--show-files", "--role", "live/**=script", "--ignore", "query")
    assert (
        result.stdout
        == """\
a.py app
b.py app
g.py generated: its first comment says that it was generated
live/e.py script: the pattern "live/**" of the user
seeds/d.py seed: the folder "seeds"
test_f.py test: the name "test_*.py"
tests/c.py test: the folder "tests"

no findings in 7 files (1 database call, 1 unresolved)
dialect sqlite assumed in 1 place (--dialect says which it is)
"""
    )


WRITTEN = """\
{
  "version": 1,
  "findings": [
    {"path": "a.py", "rule": "query/call", "key": "e776a26e4bdd85ac4bbdd3a98b37b00e"}
  ]
}
"""


def test_a_baseline(checkout: Path) -> None:
    result = dblint(".", "--write-baseline", "known.json")
    assert (checkout / "known.json").read_text() == WRITTEN
    assert result.stdout.splitlines()[0] == (
        "no new findings in 2 files (1 database call, 1 unresolved, 1 in the baseline)"
    )
    assert result.stderr == RUN + "baseline of 1 finding written to known.json\n"
    assert result.exit_code == 0
    (checkout / "a.py").write_text("x = 1\n\n\n  db.run()\ndb.run()\n")
    result = dblint(".", "--baseline", "known.json")
    assert [line for line in result.stdout.splitlines() if "query/call" in line] == [
        "a.py:5:1 warning query/call run is called"
    ]
    assert "1 new finding (1 warning) in 2 files (2 database calls, 1 unresolved, 1 in the baseline)" in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("a.py", "nosuch"), 2),
        (("a.py", "dangling.py"), 2),
        (("dangling.py", "--allow-parse-errors"), 2),
        (("empty", "--error-on-empty"), 2),
        (("empty",), 0),
        (("a.py",), 0),
    ],
)
def test_a_baseline_needs_a_run_that_read_what_it_was_asked_to(
    checkout: Path, arguments: tuple[str, ...], code: int
) -> None:
    (checkout / "dangling.py").symlink_to("nowhere.py")
    (checkout / "empty").mkdir()
    result = dblint(*arguments, "--write-baseline", "known.json")
    told = "dblint: --write-baseline known.json: not written, as not all that was named could be reviewed\n"
    assert (result.exit_code, told in result.stderr, (checkout / "known.json").exists()) == (code, code == 2, code == 0)
    assert "in the baseline" not in result.stdout or code == 0
    assert "baseline of" not in result.stderr or code == 0


@pytest.mark.parametrize("target", ["folder", "nowhere/x", "/dev/full"])
def test_a_baseline_needs_a_run_whose_reports_are_written(checkout: Path, target: str) -> None:
    (checkout / "folder").mkdir(exist_ok=True)
    result = dblint(".", "--write-baseline", "known.json", "--output", f"json={target}")
    assert (result.exit_code, (checkout / "known.json").exists()) == (2, False)


def test_what_is_fixed_is_told_and_leaves_the_baseline(checkout: Path) -> None:
    (checkout / "b.py").write_text("db.run()\n")
    dblint(".", "--write-baseline", "known.json")
    (checkout / "a.py").write_text("x = 1\n")
    (checkout / "b.py").write_text("x = 1\n")
    fixed = "1 finding of the baseline fixed: query/call in a.py\n"
    assert (
        dblint("a.py", "--baseline", "known.json").stdout == f"no database code found in 1 file (1 unresolved)\n{fixed}"
    )
    assert "fixed" not in dblint("a.py", "--baseline", "known.json", "--ignore", "query/call").stdout
    result = dblint("a.py", "--baseline", "known.json", "--write-baseline", "known.json")
    assert fixed in result.stdout
    assert [entry["path"] for entry in json.loads((checkout / "known.json").read_text())["findings"]] == ["b.py"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "known.json: cannot be read: No such file or directory"),
        ("", "known.json:1:1: Expecting value"),
        ('{\n  "version": 1,\n<<<<<<< HEAD\n', "known.json:3:1: Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "known.json: nested too deeply"),
        ("[]", "known.json: Expected `object`, got `array`"),
        ('{"version": 2, "things": 1}', "known.json: is of version 2, and this dblint reads version 1: write it anew"),
        ('{"version": 1}', "known.json: Object missing required field `findings`"),
        (
            '{"version": 1, "findings": [{"path": "a.py", "rule": 1, "key": "x"}]}',
            "known.json: Expected `str`, got `int` - at `$.findings[0].rule`",
        ),
    ],
)
def test_a_baseline_that_cannot_be_read(checkout: Path, content: str | None, message: str) -> None:
    if content is not None:
        (checkout / "known.json").write_text(content)
    result = dblint(".", "--baseline", "known.json")
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"dblint: --baseline {message}\n", 2)


def test_a_baseline_that_is_no_text(checkout: Path) -> None:
    (checkout / "known.json").write_bytes(b"{\xff}")
    assert (
        dblint(".", "--baseline", "known.json").stderr == "dblint: --baseline known.json: not valid UTF-8 at byte 1\n"
    )
    assert dblint(".", "--baseline", ".").stderr == "dblint: --baseline .: is not a regular file\n"


def test_what_is_accepted_is_never_that_a_rule_failed(pack: Pack, checkout: Path) -> None:
    add_rule(pack, "query/fails.py", text=FAILING)
    result = dblint(".", "--write-baseline", "known.json")
    assert result.exit_code == 2
    assert result.stdout.startswith("a.py:1:1 error internal-error the rule query/fails failed: KeyError\n")
    assert (checkout / "known.json").read_text() == WRITTEN


def test_exit_zero() -> None:
    assert dblint(".", "--exit-zero").exit_code == 0
    assert dblint("nothing", "--exit-zero").exit_code == 2


def test_configuration(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('ignore = ["query/call"]\n')
    assert dblint(".").exit_code == 0
    assert dblint(".", "--isolated").exit_code == 1
    (checkout / "dblint.toml").write_text('\nselect = ["query/cal"]\n')
    result = dblint(".")
    assert result.stderr == (
        'dblint: dblint.toml:2: select: there is no rule or group "query/cal" (did you mean "query/call"?)\n'
    )
    assert result.exit_code == 2
    assert dblint(".", "--select", "query/call").exit_code == 1
    (checkout / "dblint.toml").write_text("selec = 1\n")
    assert dblint(".").stderr == 'dblint: dblint.toml:1: selec: unknown key (did you mean "select"?)\n'


def test_rules_by_path(pack: Pack, checkout: Path) -> None:
    for path in ("old/c.py", "old/new/d.py"):
        (checkout / path).parent.mkdir(exist_ok=True)
        (checkout / path).write_text("db.run()\n")

    def told(*arguments: str) -> list[str]:
        lines = dblint(".", *arguments).stdout.splitlines()
        return [" ".join((line.split(":")[0], line.split()[2])) for line in lines if " run is called" in line]

    (checkout / "dblint.toml").write_text(
        'ignore = ["query/call"]\n[paths.old]\nselect = ["query"]\n[paths."new/"]\nignore = ["query/mild"]\n'
    )
    assert told() == ["old/c.py query/call", "old/new/d.py query/call", "old/c.py query/mild"]
    assert told("--select", "query") == ["a.py query/mild", "old/c.py query/mild"]
    assert told("--select", "query/mild") == ["a.py query/mild", "old/c.py query/mild"]
    assert told("--ignore", "query/mild") == ["old/c.py query/call", "old/new/d.py query/call"]
    (checkout / "dblint.toml").write_text('[paths.old]\nselect = ["query/cal"]\nignore = ["quer"]\n')
    assert dblint(".").stderr == (
        'dblint: dblint.toml:2: paths.old.select: there is no rule or group "query/cal" (did you mean "query/call"?)\n'
        'dblint: dblint.toml:3: paths.old.ignore: there is no rule or group "quer" (did you mean "query"?)\n'
    )


def test_a_rule_that_does_not_run_in_a_file_says_nothing_there(pack: Pack, checkout: Path) -> None:
    add_rule(pack, "query/fails.py", text=FAILING)
    (checkout / "a.py").write_text("db.run()  # dblint: ignore[query/call] known\n")
    assert dblint(".").exit_code == 2
    (checkout / "dblint.toml").write_text('[paths."*.py"]\nignore = ["query"]\n')
    result = dblint(".")
    assert result.stdout.startswith("no findings in 2 files")
    assert result.exit_code == 0
    (checkout / "known.json").write_text(WRITTEN)
    assert "fixed" not in dblint(".", "--baseline", "known.json").stdout


def test_a_configuration_that_is_named(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (checkout / "dblint.toml").write_text("selec = 1\n")
    outside = tmp_path_factory.mktemp("elsewhere") / "team.toml"
    outside.write_text('dialect = "mysql"\nignore = ["query/call"]\n')
    result = dblint(".", "--config", str(outside))
    assert result.exit_code == 0
    assert "configuration: team.toml\n" in result.stdout
    assert "database mysql: team.toml:1: dialect\n" in result.stderr
    assert str(outside.parent) not in result.output
    report = dblint(".", "--config", str(outside), "--output", "json=-", "--output", "sarif=out.sarif").stdout
    assert str(outside.parent) not in report + (checkout / "out.sarif").read_text()
    result = dblint(".", "--config", str(outside), "--output", f"text={outside}")
    assert result.stderr == f"dblint: --output {outside}: is the configuration of this run\n"
    assert dblint("queries", "--config", str(outside), ".").exit_code == 0
    outside.write_text("ignore = 1\nselec = 2\n")
    assert dblint(".", "--config", str(outside)).stderr == (
        "dblint: team.toml:1: ignore: expected an array of strings, found an integer\n"
        'dblint: team.toml:2: selec: unknown key (did you mean "select"?)\n'
    )
    assert dblint(".", "--config", "none.toml").stderr == (
        "dblint: --config none.toml: cannot be read: No such file or directory\n"
    )


def test_roles(checkout: Path) -> None:
    (checkout / "tests").mkdir()
    (checkout / "tests" / "c.py").write_text("db.run()\n")
    assert "tests/c.py" not in dblint(".").stdout
    assert "tests/c.py:1:1 warning" in dblint(".", "--role", "tests/**=app").stdout
    (checkout / "dblint.toml").write_text('[roles]\n"tests" = "app"\n')
    assert "tests/c.py:1:1 warning" in dblint(".").stdout


def test_what_the_command_line_says_of_roles_goes_before_the_configuration(checkout: Path) -> None:
    (checkout / "live").mkdir()
    (checkout / "live" / "c.py").write_text("db.run()\n")
    (checkout / "dblint.toml").write_text('[roles]\n"live/**" = "app"\n"live/c.py" = "script"\n')
    role = ("--show-files", "--quiet", "--ignore", "query")
    assert "live/c.py app: " in dblint(".", *role).stdout
    assert "live/c.py test: " in dblint(".", *role, "--role", "live/**=test").stdout
    assert "live/c.py app: " in dblint(".", *role, "--role", "live/d.py=test").stdout


def test_force_exclude(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('exclude = ["a.py"]\n')
    assert dblint("a.py").exit_code == 1
    result = dblint("a.py", "--force-exclude")
    assert result.stdout == "0 files checked (1 excluded)\nconfiguration: dblint.toml\n"
    assert result.stderr == "0 files checked (1 excluded)\n"
    assert result.exit_code == 0
    assert dblint("a.py", "--force-exclude", "--error-on-empty").exit_code == 2


def test_19_a_rule_that_fails(pack: Pack) -> None:
    add_rule(pack, "query/fails.py", text=FAILING)
    result = dblint(".")
    assert result.exit_code == 2
    assert "a.py:1:1 error internal-error the rule query/fails failed: KeyError" in result.stdout
    assert "a.py:1:1 warning query/call run is called" in result.stdout
    assert "Traceback" not in result.output
    assert dblint(".", "--exit-zero").exit_code == 2
    assert 'raise KeyError("x")' in dblint(".", "--debug").stderr


def test_a_pack_that_fails(pack: Pack) -> None:
    pack.add("query/broken.py", "x = (")
    result = dblint(".")
    assert result.exit_code == 2
    assert result.stderr.startswith("dblint: pack strangers_rules: strangers_rules.query.broken cannot be imported")


def test_suppressions(checkout: Path) -> None:
    (checkout / "a.py").write_text("db.run()  # dblint: ignore[query/call] known\n")
    result = dblint("a.py")
    assert result.stdout.splitlines()[0] == "no findings in 1 file (1 database call, 1 unresolved, 1 suppressed)"
    assert result.exit_code == 0
    assert dblint("a.py", "--ignore-suppressions").exit_code == 1


def test_parse_errors(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diagnostics = (
        Diagnostic("parse-error", "b.py", "unexpected indent", 0),
        Diagnostic("parse-error", "elsewhere/c.py", "unexpected indent", 0),
    )
    monkeypatch.setattr("dblint.run._link", lambda *_: Project(diagnostics=diagnostics))
    result = dblint(".")
    assert result.stdout.splitlines()[0] == "b.py:1 error parse-error unexpected indent"
    assert result.exit_code == 1
    assert dblint(".", "--allow-parse-errors").exit_code == 0
    assert dblint("a.py").exit_code == 0


def test_queries() -> None:
    result = dblint("queries", ".")
    assert (
        result.stdout
        == """\
a.py:1:1 Database.run
    select books
    SELECT * FROM books
    resolved: import
"""
    )
    assert result.exit_code == 0
    assert dblint("queries", "b.py").stdout == ""
    entry = json.loads(dblint("queries", ".", "--json").stdout)
    assert entry == {
        "path": "a.py",
        "line": 1,
        "column": 1,
        "member_line": None,
        "receiver": "Database",
        "member": "run",
        "trigger": "call",
        "function": "",
        "role": "app",
        "dialect": "sqlite",
        "queries": [{"verb": "select", "tables": ["books"], "sql": "SELECT *\n FROM books"}],
        "effects": [],
        "resolved": ["import"],
    }
    assert dblint("queries", "nothing").exit_code == 2


def test_unresolved() -> None:
    assert (
        dblint("queries", ".", "--unresolved").stdout
        == """\
1 unresolved (app: 1) beside 1 resolved calls
     1 no type
a.py:1:1 all: no type: x.all()
"""
    )


def test_rules() -> None:
    lines = dblint("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "query/call",
        "query/mild",
        "internal-error",
        "invalid-suppression",
        "unused-suppression",
    ]
    assert lines[1] == "query/mild                               info     A call of {kind} (off by default)"
    assert json.loads(dblint("rules", "--json").stdout.splitlines()[0]) == {
        "id": "query/call",
        "severity": "warning",
        "default": True,
        "summary": "A call of {kind}",
        "pack": "strangers_rules",
    }


def test_explain() -> None:
    assert (
        dblint("explain", "query/call").stdout
        == """\
query/call

A call of {kind}

severity warning, confidence high, on by default, in app script seed migration files

Why

Because.

Repair

- minimal: Less.
- better: Even less.
- complete: None.

Reported

    x()  # finding

Silent

    x()
"""
    )
    assert dblint("explain", "--markdown", "query/call").stdout.startswith("# query/call\n")
    result = dblint("explain", "query/cal")
    assert result.stderr == 'dblint: there is no rule "query/cal" (did you mean "query/call"?)\n'
    assert result.exit_code == 2


def test_version_and_help() -> None:
    assert dblint("--version").stdout == f"dblint {__version__}\n"
    help_text = dblint("--help").stdout
    for name in ("check", "explain", "queries", "rules"):
        assert f"  {name} " in help_text
    for option in ("--output", "--select", "--isolated", "--allow-parse-errors"):
        assert option in dblint("check", "--help").stdout


def test_no_colour_unless_it_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in dblint(".").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in dblint(".").stdout


def test_nothing_heavy_is_imported_for_the_version() -> None:
    heavy = ("msgspec", "sqlglot", "tree_sitter", "pathspec", "libcst")
    code = f"import sys, dblint.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
