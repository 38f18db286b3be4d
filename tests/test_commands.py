"""Words of the command line that are no options, and what shells complete."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dblint.cli import command


def dblint(*arguments: str, data: bytes | None = None) -> Result:
    result = CliRunner().invoke(command, list(arguments), prog_name="dblint", input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def process(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from dblint.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").touch()
    return tmp_path


HINT = 'dblint: "{0}" is the command; the folder of that name is reviewed by "dblint ./{0}" or "dblint check {0}"\n'


def test_a_folder_with_the_name_of_a_command_is_spoken_of(checkout: Path) -> None:
    assert dblint("rules").stderr == ""
    for name in ("rules", "check", "queries", "explain"):
        (checkout / name).mkdir()
    assert dblint("rules").stderr == HINT.format("rules")
    assert dblint("rules", "--json").stderr == HINT.format("rules")
    assert dblint("rules", "src").stderr.startswith(HINT.format("rules"))
    assert dblint("check").stderr.startswith(HINT.format("check"))
    assert dblint("queries", "--json").stderr == HINT.format("queries")
    assert dblint("explain").stderr.startswith(HINT.format("explain"))
    for arguments in (("./rules",), ("check", "rules"), ("queries", "rules"), ("explain", "query/n-plus-one")):
        assert "is the command" not in dblint(*arguments).stderr


def test_a_file_with_the_name_of_a_command_is_no_folder(checkout: Path) -> None:
    (checkout / "check").touch()
    assert "is the command" not in dblint("check").stderr


def test_explain_by_symptom() -> None:
    told = """\
1 rule with the symptom "too many connections"
connection/connection-not-closed: a connection that a function opens is not closed on every way out of it
    symptom: too many connections
"dblint explain RULE" says more of a rule.
"""
    for arguments in (("too many connections",), ("too", "many", "connections")):
        result = dblint("explain", *arguments)
        assert (result.stdout, result.stderr, result.exit_code) == (told, "", 0)
    assert "\n- `connection/connection-not-closed`: " in dblint("explain", "--markdown", "too many connections").stdout


def test_explain_by_short_names() -> None:
    assert dblint("explain", "n-plus-one").stdout == dblint("explain", "query/n-plus-one").stdout
    rules = [line for line in dblint("rules").stdout.splitlines() if line.startswith("security/")]
    assert len(rules) == 6
    assert dblint("explain", "security").stdout.splitlines() == rules
    assert dblint("explain", "foreign key").stdout.splitlines()[1].startswith("schema/unindexed-foreign-key: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("query/n-plus-on", 'there is no rule "query/n-plus-on" (did you mean "query/n-plus-one"?)'),
        (
            "select-stars",
            'there is no rule "select-stars", and none with such a symptom (did you mean "query/select-star"?)',
        ),
        ("coffee is cold", 'there is no rule "coffee is cold", and none with such a symptom'),
    ],
)
def test_what_explain_does_not_know(words: str, message: str) -> None:
    result = dblint("explain", words)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"dblint: {message}\n", 2)


def test_the_schema_of_the_configuration() -> None:
    published = Path(__file__).resolve().parent.parent / "docs" / "configuration.schema.json"
    assert dblint("config-schema").stdout == published.read_text(encoding="utf-8")


def test_32_nothing_to_check() -> None:
    result = dblint("check", ".")
    assert (result.stderr, result.exit_code) == ("0 files checked (0 excluded)\n", 0)
    result = dblint("check", ".", "--error-on-empty")
    assert result.stderr == "0 files checked (0 excluded)\ndblint: nothing to check (--error-on-empty)\n"
    assert result.exit_code == 2
    assert dblint("check", ".", "--error-on-empty", "--exit-zero").exit_code == 2


BROKEN = "import dblint.run; dblint.run._prepare = None; from dblint.cli import main; main()"


@pytest.mark.parametrize("name", ["check", "queries"])
def test_what_fails_inside_is_no_finding(checkout: Path, name: str) -> None:
    run = [sys.executable, "-c", BROKEN, name, "."]
    answer = subprocess.run(run, cwd=checkout, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr, answer.returncode) == (
        "",
        "dblint: internal error: TypeError (--debug shows where)\n",
        2,
    )
    answer = subprocess.run([*run, "--debug"], cwd=checkout, capture_output=True, text=True, check=False)
    assert answer.stderr.startswith("Traceback (most recent call last):\n")
    assert answer.stderr.endswith("dblint: internal error: TypeError\n")
    assert answer.returncode == 2


def completed(folder: Path, *typed: str) -> list[str]:
    """What bash is told, in pairs of kind and word, for what was typed so far."""
    environment = {"_DBLINT_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("dblint", *typed))}
    answer = process(folder=folder, COMP_CWORD=str(len(typed)), **environment)
    assert answer.stderr == ""
    return answer.stdout.split()


def test_completion(checkout: Path) -> None:
    assert completed(checkout, "ex") == ["file,ex", "plain,explain"]
    assert completed(checkout, "src/") == ["file,src/"]
    assert completed(checkout, "explain", "query/n-p") == ["plain,query/n-plus-one"]
    assert completed(checkout, "src", "--stdin") == ["plain,--stdin-filename"]
    assert completed(checkout, "src", "--select", "def") == ["plain,default"]
    assert completed(checkout, "src", "--output", "sa") == ["plain,sarif="]
    assert completed(checkout, "review", "--output", "m") == ["plain,markdown="]
    assert completed(checkout, "src", "--fail-on", "w") == ["plain,warning"]
    assert completed(checkout, "queries", "--dialect", "postgresq") == ["plain,postgresql"]
    assert completed(checkout, "queries", "--config", "x") == ["file,x"]
    assert completed(checkout, "check", "sr") == ["file,sr"]
    assert completed(checkout, "--vers") == ["plain,--version"]


def test_completing_says_nothing_of_folders(checkout: Path) -> None:
    (checkout / "rules").mkdir()
    assert completed(checkout, "rules", "--js") == ["plain,--json"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell(checkout: Path, shell: str) -> None:
    answer = process(folder=checkout, _DBLINT_COMPLETE=f"{shell}_source")
    assert answer.returncode == 0
    assert "_DBLINT_COMPLETE=" in answer.stdout


def test_the_script_in_a_real_shell(checkout: Path) -> None:
    program = checkout / "bin" / "dblint"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom dblint.cli import main\nmain()\n")
    program.chmod(0o755)
    script = """
eval "$(_DBLINT_COMPLETE=bash_source dblint)"
COMP_WORDS=(dblint explain query/n-pl); COMP_CWORD=2
_dblint_completion dblint
echo "${COMPREPLY[@]}"
complete -p dblint
"""
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    answer = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "query/n-plus-one\ncomplete -o nosort -F _dblint_completion dblint\n"


def test_43_a_script_that_nobody_reads(checkout: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "_DBLINT_COMPLETE": "fish_source"}
    run = [sys.executable, "-c", "from dblint.cli import main; main()"]
    with os.fdopen(writing, "wb") as gone:
        answer = subprocess.run(run, env=environment, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (answer.stderr, answer.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("typed", "near"),
    [(("revew", "."), "review"), (("rule",), "rules"), (("explian", "x"), "explain"), (("Check", "."), "check")],
)
def test_a_command_that_is_mistyped(checkout: Path, typed: tuple[str, ...], near: str) -> None:
    result = dblint(*typed)
    told = f'dblint: there is no command and no path "{typed[0]}" (did you mean "{near}"?)\n'
    assert (result.stdout, result.stderr, result.exit_code) == ("", told, 2)
    (checkout / typed[0]).mkdir()
    assert dblint(typed[0]).stderr == "0 files checked (0 excluded)\n"


def test_a_path_that_is_no_command(checkout: Path) -> None:
    for word in ("source", "./rule", "rule.py"):
        result = dblint(word)
        assert result.stderr.splitlines()[0] == f"dblint: {word}: no such file or folder"
        assert result.exit_code == 2


def test_options_and_rules_in_another_case(checkout: Path) -> None:
    told = process(".", "--ISOLATED", folder=checkout)
    assert "No such option '--ISOLATED'. Did you mean '--isolated'?" in told.stderr
    assert dblint("explain", "QUERY/SELECT-STAR").stderr == (
        'dblint: there is no rule "QUERY/SELECT-STAR" (did you mean "query/select-star"?)\n'
    )
    assert dblint("check", ".", "--select", "QUERY/SELECT-STAR").stderr == (
        'dblint: --select: there is no rule or group "QUERY/SELECT-STAR" (did you mean "query/select-star"?)\n'
    )
