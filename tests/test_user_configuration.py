"""The user's own configuration: what it may say, where it holds, and the packs that only a user may name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command
from dblint.config import Configuration, ConfigurationError, load, load_named, load_users, merged, users_file
from dblint.config_keys import KEYS
from tests.conftest import Pack
from tests.test_packs import CHECK, RULE, TABLE

OWN = "$XDG_CONFIG_HOME/dblint/dblint.toml"
REFUSED = (
    f"names code, which no file of the reviewed project may; your own configuration ({OWN}) may, or a file that lies "
    "elsewhere and that --config names"
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "settings"
    (folder / "dblint").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "setup.cfg").touch()
    (folder / "a.py").write_text("import sqlite3\n\nsqlite3.connect('a').execute('SELECT * FROM invoice')\n")
    monkeypatch.chdir(folder)
    return folder


def own(settings: Path, text: str) -> None:
    (settings / "dblint" / "dblint.toml").write_text(text)


def dblint(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, list(arguments), prog_name="dblint")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.stdout, result.stderr


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert users_file() == (tmp_path / "dblint" / "dblint.toml", OWN)
    monkeypatch.setenv("HOME", str(tmp_path))
    for other in ("", "relative", "./relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", other)
        assert users_file() == (tmp_path / ".config" / "dblint" / "dblint.toml", "~/.config/dblint/dblint.toml")


def test_the_project_s_keys_win_one_by_one(root: Path, settings: Path) -> None:
    own(settings, 'ignore = ["schema"]\nfail-on = "info"\n\npacks = ["acme_rules"]\n')
    (root / "dblint.toml").write_text('dialect = "mysql"\nfail-on = "error"\n')
    project, users = load(root, root), load_users(root)
    both = merged(project, users)
    assert (both.dialect, both.fail_on, both.ignore, both.packs) == ("mysql", "error", ("schema",), ("acme_rules",))
    assert both.place("fail-on") == "dblint.toml:2: fail-on"
    assert both.place("ignore") == f"{OWN}:1: ignore"
    assert both.sources() == f"dblint.toml, {OWN}"
    assert merged(Configuration(), users).fail_on == "info"
    assert merged(Configuration(), users).sources() == OWN
    assert merged(project, Configuration()) == project


def test_nobody_has_to_have_one(root: Path, settings: Path) -> None:
    assert load_users(root) == Configuration()


def test_what_is_the_project_s_to_say(root: Path, settings: Path) -> None:
    of_projects = [key for key, row in KEYS.items() if row.whose == "project"]
    assert {"dialect", "exclude", "roles", "paths"} <= set(of_projects)
    own(settings, "".join(f"{key} = 1\n" for key in of_projects) + "fail_on = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        load_users(root)
    assert caught.value.mistakes == (
        *(
            f"{OWN}:{number}: {key}: is for a project to say, in its own configuration"
            for number, key in enumerate(of_projects, 1)
        ),
        f'{OWN}:{len(of_projects) + 1}: fail_on: unknown key (did you mean "fail-on"?)',
    )


def test_keys_that_there_are_not(root: Path, settings: Path) -> None:
    own(settings, 'seelct = ["a"]\nsource = 1\nlines = 1\nfail_on = "info"\nfail-on = "errror"\n')
    (root / "dblint.toml").write_text('dialetc = "mysql"\n')
    told = (
        'dblint: dblint.toml:1: dialetc: unknown key (did you mean "dialect"?)\n'
        f'dblint: {OWN}:1: seelct: unknown key (did you mean "select"?)\n'
        f'dblint: {OWN}:2: source: unknown key (did you mean "ignore"?)\n'
        f'dblint: {OWN}:3: lines: unknown key (did you mean "roles"?)\n'
        f'dblint: {OWN}:4: fail_on: unknown key (did you mean "fail-on"?)\n'
        f'dblint: {OWN}:5: fail-on: unknown severity "errror" (did you mean "error"?); one of error, warning, info\n'
    )
    for words in (("check", "."), ("review", "."), ("queries", ".")):
        assert dblint(*words) == (2, "", told)
    assert dblint("rules")[::2] == (2, told.partition("\n")[2])
    (root / "dblint.toml").unlink()
    own(settings, '[tool.dblint]\nselect = ["query"]\n')
    message = "only pyproject.toml needs this header; here, keys stand at the top of the file"
    assert dblint(".") == (2, "", f"dblint: {OWN}:1: tool.dblint: {message}\n")


def test_the_documentation_says_what_it_may_hold() -> None:
    document = (Path(__file__).resolve().parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    told = ", ".join(f"`{key}`" for key, row in KEYS.items() if row.whose == "both")
    assert f"({told})" in document.replace("\n", " ")


def test_code_is_named_by_no_file_of_the_project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'packs = ["acme_rules"]\n'
    inside = root / "dblint" / "dblint.toml"
    inside.parent.mkdir()
    inside.write_text(text)
    outside = tmp_path / "team.toml"
    outside.write_text(text)
    link_inside, link_outside = root / "link.toml", tmp_path / "link.toml"
    link_inside.symlink_to(outside)
    link_outside.symlink_to(inside)
    assert load_named(str(outside), root).packs == ("acme_rules",)
    for named in (inside, link_inside, link_outside):
        with pytest.raises(ConfigurationError, match=r"toml:1: packs: names code, which no file of the reviewed"):
            load_named(str(named), root)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root))
    with pytest.raises(ConfigurationError) as caught:
        load_users(root)
    assert str(caught.value) == f"{OWN}:1: packs: {REFUSED}"


def test_packs_of_a_user(root: Path, settings: Path, tmp_path: Path, pack: Pack) -> None:
    pack.add("query/called.py", RULE.replace("    bad=", '    symptoms=("odd hours",),\n    bad=') + CHECK)
    pack.add("libraries/acme.toml", TABLE)
    found = "a.py:3:1: warning: a call [query/called]\n"
    (tmp_path / "team.toml").write_text(f'packs = ["{pack.name}"]\nselect = ["query/called"]\n')
    named = ("--config", str(tmp_path / "team.toml"))
    concise = ("--quiet", "--output", "concise=-")
    assert found not in dblint(*concise, ".")[1]
    assert dblint(*named, *concise, ".") == (1, found * 2, "")
    for words, told in ((("rules",), "query/called "), (("explain", "odd hours"), "query/called")):
        assert told not in dblint(*words)[1]
        assert told in dblint(*words, *named)[1]
    own(settings, f'packs = ["{pack.name}"]\n')
    assert found in dblint(*concise, ".")[1]
    assert found in dblint(*concise, "--isolated", ".")[1]
    assert "query/called " in dblint("rules")[1]
    assert "query/called" in dblint("explain", "query/called")[1]
    (root / "a.py").write_text("import acme_store\n\nacme_store.connect().fetch('SELECT * FROM invoice')\n")
    assert "    SELECT * FROM invoice\n" in dblint("queries", ".")[1]


def test_a_broken_pack_of_a_user(root: Path, settings: Path, pack: Pack) -> None:
    own(settings, f'packs = ["{pack.name}"]\n')
    begins = f"dblint: pack {pack.name}: "
    pack.add("query/called.py", "import nowhere_at_all\n")
    broken = f"{pack.name}.query.called cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'\n"
    for words in ((".",), ("rules",), ("explain", "query/called")):
        assert dblint(*words) == (2, "", f"{begins}{broken}")
    (pack.root / "query" / "called.py").unlink()
    pack.add("query/mute.py", RULE.replace('(Bad("python", "x()  # finding"),)', "()") + CHECK)
    mute = f"{pack.name}.query.mute: an example is missing: a rule has at least one Bad and one Good\n"
    for words in ((".",), ("rules",), ("explain", "query/mute")):
        assert dblint(*words) == (2, "", f"{begins}{mute}")


def test_a_library_table_of_a_user_s_pack_that_cannot_be_read(root: Path, settings: Path, pack: Pack) -> None:
    own(settings, f'packs = ["{pack.name}"]\n')
    pack.add("query/called.py", RULE + CHECK)
    pack.add("libraries/acme.toml", TABLE.replace('["connect', '["conect'))
    message = "functions.acme_store.connect: Invalid enum value 'conect' - at `$.effects[0]`\n"
    for words in ((".",), ("queries", "."), ("rules",), ("explain", "select-star")):
        assert dblint(*words) == (2, "", f"dblint: pack {pack.name}: libraries/acme.toml: {message}")
    pack.add("libraries/acme.toml", "x = [")
    message = "Invalid value (at end of document)\n"
    for words in ((".",), ("rules",), ("explain", "select-star")):
        assert dblint(*words) == (2, "", f"dblint: pack {pack.name}: libraries/acme.toml: {message}")


def test_a_pack_that_is_not_there(root: Path, settings: Path) -> None:
    own(settings, 'packs = ["acme_rules", "acme-rules"]\n')
    assert dblint(".") == (2, "", f'dblint: {OWN}:1: packs: "acme-rules" is not the name of a module\n')
    own(settings, 'packs = ["acme_rules"]\n')
    message = "acme_rules cannot be imported: ModuleNotFoundError: No module named 'acme_rules'\n"
    assert dblint(".") == (2, "", f"dblint: pack acme_rules: {message}")


def test_a_pack_that_brings_nothing(root: Path, settings: Path, pack: Pack) -> None:
    own(settings, f'packs = ["{pack.name}"]\n')
    told = f"dblint: pack {pack.name}: {pack.name} brings neither a rule nor a library table\n"
    for words in ((".",), ("rules",), ("explain", "select-star")):
        assert dblint(*words) == (2, "", told)
    pack.add("libraries/acme.toml", TABLE)
    assert dblint("rules")[0] == 0


def test_a_rule_that_is_in_the_bundled_pack_already(root: Path, settings: Path, pack: Pack) -> None:
    own(settings, f'packs = ["{pack.name}"]\n')
    pack.add("query/select_star.py", RULE + CHECK)
    message = 'the rule "query/select-star" is already in pack dblint_rules\n'
    assert dblint(".") == (2, "", f"dblint: pack {pack.name}: {message}")


def test_no_report_goes_there(root: Path, settings: Path) -> None:
    own(settings, 'fail-on = "info"\n')
    target = str(settings / "dblint" / "dblint.toml")
    code, _, said = dblint("--output", f"json={target}", ".")
    assert (code, said) == (2, f"dblint: --output {target}: is your own configuration\n")
