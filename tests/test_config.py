from __future__ import annotations

import os
from pathlib import Path

import pytest

from dblint.config import Configuration, ConfigurationError, load
from dblint.facts.program import FileRole


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
        ('[packs]\nx = "y"\n', "dblint.toml:1: packs: unknown key"),
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
                'dblint.toml:1: roles: unknown role "apps" (did you mean "app"?); one of app, test, script, seed, '
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
