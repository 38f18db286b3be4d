from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from dblint.config import Configuration, ConfigurationError, PathRules, load, load_named
from dblint.config_keys import KEYS, read_table, schema
from dblint.config_values import Where
from dblint.facts.program import FileRole

PUBLISHED = Path(__file__).resolve().parent.parent / "docs" / "configuration.schema.json"
WRITE = "dblint config-schema > docs/configuration.schema.json"


def loaded(root: Path, text: str | bytes, name: str = "dblint.toml") -> Configuration:
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(root, root)


def test_every_key(tmp_path: Path) -> None:
    configuration = loaded(
        tmp_path,
        """
dialect = "postgresql"
exclude = ["legacy/", "*.gen.ts"]
select = ["query", "all"]
ignore = ["query/select-star"]
fail-on = "error"
max-file-size = "2 MB"

[roles]
"tests/live/**" = "app"

[paths."legacy/**"]
ignore = [
  "query",
]

[paths.src]
select = ["schema/float-for-money"]
""",
    )
    assert configuration.dialect == "postgres"
    assert configuration.exclude == ("legacy/", "*.gen.ts")
    assert configuration.select == ("query", "all")
    assert configuration.ignore == ("query/select-star",)
    assert configuration.fail_on == "error"
    assert configuration.max_file_size == 2_000_000
    assert configuration.roles == {"tests/live/**": FileRole.APP}
    assert configuration.source == "dblint.toml"
    assert configuration.place("select") == "dblint.toml:4: select"
    assert configuration.place("roles") == "dblint.toml:9: roles"
    assert configuration.paths == (
        PathRules("legacy/**", ignore=("query",)),
        PathRules("src", select=("schema/float-for-money",)),
    )
    assert configuration.place("paths", "legacy/**", "ignore") == 'dblint.toml:13: paths."legacy/**".ignore'
    assert configuration.place("paths", "src", "select") == "dblint.toml:18: paths.src.select"


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    assert loaded(tmp_path, b'\xef\xbb\xbffail-on = "info"\n').fail_on == "info"


def test_pyproject(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n\n[tool.dblint]\nfail-on = "info"\n'
    assert loaded(tmp_path, text, "pyproject.toml").fail_on == "info"
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text.replace("fail-on", "fail_on"), "pyproject.toml")
    assert str(caught.value) == 'pyproject.toml:5: fail_on: unknown key (did you mean "fail-on"?)'


def test_the_nearest_file_is_taken(tmp_path: Path) -> None:
    loaded(tmp_path, 'fail-on = "info"\n')
    loaded(tmp_path, '[tool.dblint]\nfail-on = "error"\n', "pyproject.toml")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner, tmp_path).fail_on == "info"
    loaded(inner, '[tool.other]\nfail-on = "error"\n', "pyproject.toml")
    assert load(inner, tmp_path).fail_on == "info"
    loaded(inner, '[tool.dblint]\nfail-on = "error"\n', "pyproject.toml")
    assert load(inner, tmp_path).fail_on == "error"
    assert load(inner, tmp_path).source == "inner/pyproject.toml"


def test_nothing_above_the_root_is_read(tmp_path: Path) -> None:
    loaded(tmp_path, 'fail-on = "info"\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner, inner) == Configuration()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail-on = \n", "dblint.toml:1: Invalid value"),
        ("a = 1\na = 2\n", "dblint.toml:2: Cannot overwrite a value"),
        ('x = "', "dblint.toml:end: Unterminated string"),
        (b"\xff", "dblint.toml: not valid UTF-8 at byte 0"),
        ('\ndialct = "mysql"\n', 'dblint.toml:2: dialct: unknown key (did you mean "dialect"?)'),
        ('plugins = ["x"]\n', "dblint.toml:1: plugins: unknown key"),
        ('extends = "../../etc/passwd"\n', "dblint.toml:1: extends: unknown key"),
        (
            '[packs]\nx = "y"\n',
            (
                "dblint.toml:1: packs: names code, which no file of the reviewed project may; your own configuration "
                "($XDG_CONFIG_HOME/dblint/dblint.toml) may, or a file that lies elsewhere and that --config names"
            ),
        ),
        ("dialect = 1\n", "dblint.toml:1: dialect: expected a string, found an integer"),
        ('dialect = "postgress"\n', 'dblint.toml:1: dialect: unknown dialect "postgress" (did you mean "postgres"?)'),
        ('exclude = "a"\n', "dblint.toml:1: exclude: expected an array of strings, found a string"),
        ("exclude = [1]\n", "dblint.toml:1: exclude: expected an array of strings, found an integer in it"),
        ('exclude = ["../a"]\n', 'dblint.toml:1: exclude: "../a" is not a path below the project\'s root'),
        (f'exclude = ["{"*a" * 20}"]\n', f'dblint.toml:1: exclude: "{"*a" * 20}" has too many wildcards'),
        ("select = []\n", 'dblint.toml:1: select: is empty; leave it out, or write ["default"]'),
        (
            'fail-on = "warn"\n',
            'dblint.toml:1: fail-on: unknown severity "warn" (did you mean "warning"?); one of error, warning, info',
        ),
        ("max-file-size = true\n", "dblint.toml:1: max-file-size: expected a size, found a boolean"),
        (
            'max-file-size = "2 apples"\n',
            'dblint.toml:1: max-file-size: "2 apples" is not a size; write bytes, or a text such as "2 MB"',
        ),
        ("max-file-size = 0\n", "dblint.toml:1: max-file-size: a size is at least 1 byte"),
        (
            '[roles]\na = "apps"\n',
            (
                'dblint.toml:2: roles.a: unknown role "apps" (did you mean "app"?); one of app, test, script, seed, '
                "migration, generated, vendored, example"
            ),
        ),
        ("x = " + "[" * 5_000 + "]" * 5_000, "dblint.toml: nested too deeply"),
    ],
)
def test_mistakes(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text)
    assert str(caught.value) == message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = """
dialct = "mysql"
exclude = ["../a", "b", ""]
fail-on = "warn"

[roles]
"a/**" = "apps"
"../b" = "app"

[paths."old/**"]
ignroe = ["x"]
select = []

[paths."!new"]
[paths]
c = 1
"""
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text)
    assert caught.value.mistakes == (
        'dblint.toml:2: dialct: unknown key (did you mean "dialect"?)',
        'dblint.toml:3: exclude: "../a" is not a path below the project\'s root',
        'dblint.toml:3: exclude: "" is not a path below the project\'s root',
        'dblint.toml:4: fail-on: unknown severity "warn" (did you mean "warning"?); one of error, warning, info',
        (
            'dblint.toml:7: roles."a/**": unknown role "apps" (did you mean "app"?); one of app, test, script, seed, '
            "migration, generated, vendored, example"
        ),
        'dblint.toml:8: roles."../b": "../b" is not a path below the project\'s root',
        'dblint.toml:11: paths."old/**".ignroe: unknown key (did you mean "ignore"?)',
        'dblint.toml:12: paths."old/**".select: is empty; leave it out, or write ["default"]',
        'dblint.toml:14: paths."!new": "!" has no meaning here: a pattern names files',
        "dblint.toml:16: paths.c: expected a table with select or ignore, found an integer",
    )


def test_a_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "dblint.toml").write_text('fail-on = "info"\n')
    (root / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "team.toml").write_text('fail-on = "error"\nfail_on = 1\n')
    monkeypatch.chdir(root)
    assert load_named("dblint.toml", root) == load(root, root)
    for target, message in (
        ("../team.toml", 'team.toml:2: fail_on: unknown key (did you mean "fail-on"?)'),
        ("pyproject.toml", "--config pyproject.toml: has no table tool.dblint"),
        ("none.toml", "--config none.toml: cannot be read: No such file or directory"),
        (".", "--config .: is not a regular file"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            load_named(target, root)
        assert str(caught.value) == message
    (tmp_path / "team.toml").write_text('fail-on = "error"\n')
    assert load_named("../team.toml", root).source == "team.toml"
    assert load_named("../team.toml", root).fail_on == "error"


def test_a_key_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    for key in ("a" + ".a" * 400_000, '"=".' + ".".join(["a"] * 400_000)):
        with pytest.raises(ConfigurationError, match=r"^dblint.toml: nested too deeply$"):
            loaded(tmp_path, f"{key} = 1\n")
        with pytest.raises(ConfigurationError, match=r"^dblint.toml: nested too deeply$"):
            loaded(tmp_path, f"[{key}]\n")


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema(), (
        "write it anew: dblint config-schema > docs/" + PUBLISHED.name
    )


def test_the_schema_and_the_reader_agree(tmp_path: Path) -> None:
    validator = jsonschema.Draft7Validator(json.loads(schema()))
    jsonschema.Draft7Validator.check_schema(json.loads(schema()))
    samples: dict[str, tuple[list[object], list[object]]] = {
        "dialect": (["mysql", "postgresql"], ["postgress", 1]),
        "exclude": ([[], ["a/"]], ["a", [1], [""]]),
        "select": ([["all"], ["query/select-star"]], [[], "all", [1]]),
        "ignore": ([[], ["query"]], ["query", [1]]),
        "fail-on": (["error", "info"], ["warn", 1]),
        "max-file-size": ([1, "2 MB", "10", " 3kB "], [0, True, "2 apples", 1.5]),
        "file-timeout": ([0, 1, 2.5, 86_400], [-1, 86_401, True, "30"]),
        "roles": ([{}, {"a/**": "app"}], ["app", {"a": "apps"}, {"a": 1}]),
        "paths": (
            [{}, {"a": {}}, {"a": {"select": ["x"], "ignore": []}}],
            [[], {"a": 1}, {"a": {"select": []}}, {"a": {"x": []}}],
        ),
    }
    samples["small-tables"] = ([[], ["plan", "shop.Plan"]], ["plan", [1], [""], [" "]])
    samples["timeouts"] = (["server"], ["client", "", 1, ["server"]])
    run = {"function": "app.db.run", "run": "text", "text": 0}
    samples["call"] = (
        [
            [],
            [run],
            [
                {
                    **run,
                    "function": "src/db#Database.run",
                    "text": "0|sql",
                    "parameters": {"at": "1"},
                    "effects": ["commit"],
                }
            ],
            [{"function": "app.db.rename", "run": "update", "table": "0", "returns": "sqlite3:Cursor"}],
        ],
        [
            run,
            [1],
            [{"run": "text", "text": 0}],
            [{**run, "function": "run"}],
            [{**run, "run": "raw"}],
            [{**run, "text": 1.5}],
            [{**run, "effects": ["comit"]}],
            [{**run, "returns": "Cursor"}],
            [{**run, "inert": "entity"}],
            [{**run, "parameters": {"place": "1"}}],
        ],
    )
    samples["packs"] = ([[], ["acme_rules", "acme.rules"]], ["acme_rules", [1], [""], ["acme-rules"], ["a/b"]])
    assert list(samples) == list(KEYS)
    for key, (right, wrong) in samples.items():
        for value in right:
            validator.validate({key: value})
            read_table({key: value}, Where("x"), KEYS)
        for value in wrong:
            assert not validator.is_valid({key: value}), (key, value)
            with pytest.raises(ConfigurationError):
                read_table({key: value}, Where("x"), KEYS)
    assert not validator.is_valid({"dialct": "mysql"})


def test_the_schema_tells_the_defaults() -> None:
    properties = json.loads(schema())["properties"]
    assert properties["fail-on"]["default"] == Configuration().fail_on
    assert properties["max-file-size"]["default"] == Configuration().max_file_size
    assert properties["file-timeout"]["default"] == Configuration().file_timeout
    fields = {name.replace("_", "-") for name in Configuration.__struct_fields__}
    assert set(KEYS) == fields - {"source", "lines", "users", "of-user"}


def test_every_key_is_explained() -> None:
    document = (PUBLISHED.parent / "configuration.md").read_text(encoding="utf-8")
    for key, row in KEYS.items():
        assert f"| `{key}` | {row.about} |" in document


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    document = (PUBLISHED.parent / "configuration.md").read_text(encoding="utf-8")
    example = document.split("```toml\n")[1].split("```")[0]
    configuration = loaded(tmp_path, example)
    assert {key for (key, *_) in configuration.lines} == {key for key, row in KEYS.items() if row.whose != "user"}
    assert configuration.paths[0] == PathRules("legacy/", ignore=("schema", "query/select-star"))


def test_files_that_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    path = root / "dblint.toml"
    outside = tmp_path / "outside.toml"
    outside.write_text('fail-on = "info"\n')
    path.symlink_to(outside)
    with pytest.raises(ConfigurationError, match=r"^dblint.toml: is a link that leads out of the project$"):
        load(root, root)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match=r"^dblint.toml: is not a regular file$"):
        load(root, root)
    path.unlink()
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigurationError, match=r"^dblint.toml: is too large \(1000001 bytes, at most 1000000\)$"):
        load(root, root)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("true", "expected a number of seconds, found a boolean"),
        ('"10"', "expected a number of seconds, found a string"),
        ("-1", "is not from 0 (no limit) to 86400 seconds"),
        ("nan", "is not from 0 (no limit) to 86400 seconds"),
        ("inf", "is not from 0 (no limit) to 86400 seconds"),
    ],
)
def test_a_time_that_is_none(tmp_path: Path, value: str, told: str) -> None:
    (tmp_path / "dblint.toml").write_text(f"file-timeout = {value}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, tmp_path)
    assert str(caught.value) == f"dblint.toml:1: file-timeout: {told}"


def test_a_time(tmp_path: Path) -> None:
    assert load(tmp_path, tmp_path).file_timeout == 30
    for value in ("0", "0.5", "86400"):
        (tmp_path / "dblint.toml").write_text(f"file-timeout = {value}\n")
        assert load(tmp_path, tmp_path).file_timeout == float(value)
