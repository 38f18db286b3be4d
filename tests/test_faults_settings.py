"""Bad configuration, through the real command. The numbers are rows of the project's table of faults."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command

TWO_CALLS = """\
dialect = 1
ignore = ["qery"]

[[call]]
function = "a.f"
text = 0
returns = "sqlite3:Cursr"

[[call]]
function = "a.g"
text = 0
returns = "sqlit3:Cursor"
"""
WARN = 'unknown severity "warn" (did you mean "warning"?); one of error, warning, info'
HEADER = "only pyproject.toml needs this header; here, keys stand at the top of the file"


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "setup.cfg").touch()
    (root / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(root)
    return root


def check(*arguments: str) -> tuple[int, list[str]]:
    """The exit code, and the lines of standard error."""
    result = CliRunner().invoke(command, ["check", ".", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert result.exit_code == 0 or result.stdout == ""
    return result.exit_code, result.stderr.splitlines()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("fail-on = \n", ["dblint.toml:1: Invalid value"]),
        ("\nignroe = []\n", ['dblint.toml:2: ignroe: unknown key (did you mean "ignore"?)']),
        ("exclude = 1\n", ["dblint.toml:1: exclude: expected an array of strings, found an integer"]),
        ("select = []\n", ['dblint.toml:1: select: is empty; leave it out, or write ["default"]']),
        (
            'select = ["query/n-plus-on", "schma"]\nignore = [\n  "qery",\n]\n',
            [
                (
                    'dblint.toml:1: select: there is no rule or group "query/n-plus-on" '
                    '(did you mean "query/n-plus-one"?)'
                ),
                'dblint.toml:1: select: there is no rule or group "schma" (did you mean "schema"?)',
                'dblint.toml:2: ignore: there is no rule or group "qery" (did you mean "query"?)',
            ],
        ),
        (
            "dialect = 1\nfail-on = 2\n",
            [
                "dblint.toml:1: dialect: expected a string, found an integer",
                "dblint.toml:2: fail-on: expected a string, found an integer",
            ],
        ),
        (
            '[paths."a/"]\nselect = ["quer"]\nslect = 1\n[paths."b/"]\nignore = ["migraton"]\n',
            [
                'dblint.toml:3: paths."a/".slect: unknown key (did you mean "select"?)',
                'dblint.toml:2: paths."a/".select: there is no rule or group "quer" (did you mean "query"?)',
                'dblint.toml:5: paths."b/".ignore: there is no rule or group "migraton" (did you mean "migration"?)',
            ],
        ),
        (
            TWO_CALLS,
            [
                "dblint.toml:1: dialect: expected a string, found an integer",
                'dblint.toml:2: ignore: there is no rule or group "qery" (did you mean "query"?)',
                ('dblint.toml:7: call[0].returns: there is no type "sqlite3:Cursr" (did you mean "sqlite3:Cursor"?)'),
                'dblint.toml:12: call[1].returns: there is no library table "sqlit3" (did you mean "sqlite3"?)',
            ],
        ),
        (
            '\n[tool.dblint]\ndialect = "postgres"\n',
            [f"dblint.toml:2: tool.dblint: {HEADER}"],
        ),
        (
            '\n[path."nix/"]\nignore = ["query"]\n',
            ['dblint.toml:2: path: unknown key (did you mean "paths"?)'],
        ),
        ("[tool.poetry]\nname = 'x'\n", ["dblint.toml:1: tool: unknown key"]),
        (
            '[[call]]\nfunction = "a.f"\ntext = true\n[[call]]\nfunction = "a.g"\ntext = 1.5\ntable = ["x"]\n',
            [
                'dblint.toml:3: call[0].text: expected an argument (0, "sql" or "0|sql"), found a boolean',
                'dblint.toml:7: call[1].table: expected an argument (0, "sql" or "0|sql"), found an array',
                'dblint.toml:6: call[1].text: expected an argument (0, "sql" or "0|sql"), found a float',
            ],
        ),
    ],
)
def test_45_mistakes(checkout: Path, text: str, lines: list[str]) -> None:
    (checkout / "dblint.toml").write_text(text)
    assert check() == (2, [f"dblint: {line}" for line in lines])
    assert check("--isolated")[0] == 0


def test_45_mistakes_of_packs_are_told_with_the_others(checkout: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    named.write_text('packs = ["no_such_pack", "neither_this"]\nfail-on = "warn"\nignore = ["mine/rule"]\n')
    missing = "cannot be imported: ModuleNotFoundError: No module named"
    assert check("--config", str(named)) == (
        2,
        [
            f"dblint: named.toml:2: fail-on: {WARN}",
            f"dblint: pack no_such_pack: no_such_pack {missing} 'no_such_pack'",
            f"dblint: pack neither_this: neither_this {missing} 'neither_this'",
        ],
    )


def test_45_escapes_in_a_mistake_are_shown(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('"a\\u001b[31m\\nb" = 1\n')
    assert check() == (2, ['dblint: dblint.toml:1: "a␛[31m␊b": unknown key'])


def test_46_files_that_are_refused(checkout: Path) -> None:
    path = checkout / "dblint.toml"
    path.write_bytes(b"#" * 1_000_001)
    assert check() == (2, ["dblint: dblint.toml: is too large (1000001 bytes, at most 1000000)"])
    path.write_text("x = " + "[" * 100_000)
    assert check() == (2, ["dblint: dblint.toml: nested too deeply"])
    path.write_text("[" + "a." * 400_000 + "a]\n")
    assert check() == (2, ["dblint: dblint.toml: nested too deeply"])
    path.unlink()
    os.mkfifo(path)
    assert check() == (2, ["dblint: dblint.toml: is not a regular file"])
    assert check("--config", "dblint.toml") == (2, ["dblint: --config dblint.toml: is not a regular file"])
    path.unlink()
    (checkout.parent / "outside.toml").write_text('fail-on = "info"\n')
    path.symlink_to("../outside.toml")
    assert check() == (2, ["dblint: dblint.toml: is a link that leads out of the project"])
    # Named on the command line it may lie anywhere: the user says so, and not the checkout.
    assert check("--config", "dblint.toml")[0] == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('plugins = ["x"]\n', "plugins: unknown key"),
        ('extends = "../../etc/passwd"\n', "extends: unknown key"),
        ('include = ["/etc"]\n', 'include: unknown key (did you mean "exclude"?)'),
        ('output = "sarif=/etc/x"\n', "output: unknown key"),
        ('exclude = ["../../etc"]\n', 'exclude: "../../etc" is not a path below the project\'s root'),
        (f'exclude = ["{"[a]" * 9}"]\n', f'exclude: "{"[a]" * 9}" has too many wildcards'),
    ],
)
def test_47_what_a_checkout_may_not_say(checkout: Path, text: str, line: str) -> None:
    (checkout / "dblint.toml").write_text(text)
    assert check() == (2, [f"dblint: dblint.toml:1: {line}"])


def test_47_a_pattern_is_no_regular_expression(checkout: Path) -> None:
    (checkout / "dblint.toml").write_text('exclude = [".*[.]py", "(a+)+$"]\n')
    code, lines = check()
    assert code == 0
    assert lines[0].startswith("1 file read in ")
