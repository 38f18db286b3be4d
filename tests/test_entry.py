"""How a run ends that is interrupted before it has begun, or that nobody listens to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from dblint.cli import command
from tests.conftest import Pack

SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])

IMPORTING = """
import os, sys

class Finder:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), int(sys.argv[2]))

sys.meta_path.insert(0, Finder())
from dblint.entry import main
main()
"""

LOADING = """
import sys
sys.argv[1:] = ["rules"]
import dblint.packs
dblint.packs.installed_packs = lambda: ("strangers_rules",)
from dblint.entry import main
main()
"""


def heard() -> None:
    """A shell that starts the tests in the background lets its children ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@SIGNALS
@pytest.mark.parametrize("module", ["click", "dblint.report.formats"])
def test_56_an_interrupt_while_dblint_is_imported(number: int, code: int, module: str) -> None:
    run = [sys.executable, "-c", IMPORTING, module, str(int(number))]
    answer = subprocess.run(run, capture_output=True, text=True, check=False, preexec_fn=heard)
    assert (answer.stdout, answer.stderr, answer.returncode) == ("", "", code)


@SIGNALS
@pytest.mark.parametrize(
    "text",
    ["time.sleep(60)", "try:\n    time.sleep(60)\nexcept BaseException as error:\n    raise ValueError from error"],
)
def test_56_an_interrupt_while_a_pack_is_loaded(pack: Pack, tmp_path: Path, number: int, code: int, text: str) -> None:
    (pack.root / "__init__.py").write_text(f"import pathlib, time\npathlib.Path('there').touch()\n{text}\n")
    run = [sys.executable, "-c", LOADING]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        run, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heard
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "there").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    told, complaint = process.communicate(timeout=30)
    assert process.returncode == code
    assert told == b""
    assert b"Traceback" not in complaint
    assert text != "time.sleep(60)" or complaint == b""


def test_56_an_interrupt_that_a_shell_ignores_is_ignored() -> None:
    def deaf() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    text = IMPORTING.replace("from dblint", "sys.argv[1:] = ['--version']\nfrom dblint").replace(
        "sys.argv[1]:", "'click':"
    )
    text = text.replace("int(sys.argv[2])", str(int(signal.SIGINT)))
    answer = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, preexec_fn=deaf)
    assert (answer.stdout[:7], answer.stderr, answer.returncode) == ("dblint ", "", 0)


@pytest.mark.parametrize(("closed", "told"), [(">&-", 1), ("2>&-", 1), (">&- 2>&-", 1), (">&- <&-", 1)])
def test_43_streams_that_are_closed(tmp_path: Path, closed: str, told: int) -> None:
    (tmp_path / "a.py").write_text('import sqlite3\nsqlite3.connect("x").execute("SELECT * FROM t")\n')
    arguments = "check . --select query/select-star --output text=- --output json=out.json"
    answer = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m dblint {arguments} {closed}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert "AttributeError" not in answer.stderr
    assert answer.returncode == told
    assert ("1 finding" in answer.stdout) == (not closed.startswith(">"))
    assert (tmp_path / "out.json").read_text().startswith('{\n "format": 1,')


def test_a_user_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "DBLINT_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text('import sqlite3\nsqlite3.connect("x").execute("SELECT * FROM t")\n')
    result = CliRunner().invoke(command, [".", "--select", "query/select-star", "--output", "concise=-", "--quiet"])
    told = "a.py:2:38: warning: every column of t is asked for [query/select-star]\n"
    assert (result.stdout, result.stderr, result.exit_code) == (told, "", 1)
    assert CliRunner().invoke(command, ["rules"]).exit_code == 0
