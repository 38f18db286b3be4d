"""Processes that extract files. The numbers are rows of the project's table of faults."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dblint import interrupts, workers
from dblint.extraction import Extracted, Task, extract_one, stopped
from dblint.facts.program import Diagnostic
from dblint.workers import mapper, worthwhile

FILES = {
    "a.py": "import sqlite3\n",
    "b.ts": "export const half = '\\ud800';\n",
    "c.sql": "SELECT 1;\n",
    "d.prisma": "model Book {\n  id Int @id\n}\n",
    "e.py": "x = [\n",
    "f.py": "# coding: nosuch\n",
    "\udcff.py": "x = 1\n",
}


def misbehave(task: Task) -> Extracted:
    """Does what the name of the file says."""
    word = Path(task.path).stem.partition("_")[2]
    if word == "fault":
        faulthandler.disable()  # pytest's
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "left":
        os._exit(0)
    while word == "hangs":
        time.sleep(0.01)
    return extract_one(task)


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return [Task(str(tmp_path), name, 1_000) for name in FILES]


def by_path(results: Iterator[Extracted]) -> dict[str, Extracted]:
    given = list(results)
    assert len({extracted.path for extracted in given}) == len(given)
    return {extracted.path: extracted for extracted in given}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_18_a_process_that_dies_loses_its_file_only(tasks: list[Task], method: str) -> None:
    expected = by_path(mapper(1)(extract_one, tasks))
    assert set(expected) == set(FILES)
    causes = {"1_fault.py": "crash", "2_killed.ts": "crash", "3_left.sql": "crash", "4_hangs.py": "timeout"}
    bad = [Task(tasks[0].root, name, 1_000, timeout=0.5 if why == "timeout" else 0) for name, why in causes.items()]
    mixed = [task for pair in zip(bad, tasks[:4], strict=True) for task in pair] + tasks[4:]
    found = by_path(mapper(2, method)(misbehave, mixed))
    for name, why in causes.items():
        told = Diagnostic("parse-error", name, f"analysis stopped: {why}")
        assert found.pop(name) == Extracted(name, diagnostics=(told,), lasting=False)
    assert found == expected


def test_18_a_file_that_takes_too_long_in_this_process(tasks: list[Task]) -> None:
    slow = Task(tasks[0].root, "x_hangs.py", 1_000, timeout=0.05)
    before = signal.getsignal(signal.SIGALRM)
    found = by_path(mapper(1)(misbehave, [slow, *tasks]))
    assert [entry.message for entry in found["x_hangs.py"].diagnostics] == ["analysis stopped: timeout"]
    assert found["a.py"].facts is not None
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_where_no_process_can_be_started_the_work_is_done_here(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError("no more processes")

    expected = by_path(mapper(1)(extract_one, tasks))
    monkeypatch.setattr(os, "fork", refuse)
    assert by_path(mapper(3, "fork")(extract_one, tasks)) == expected


def test_processes_that_end_before_they_are_there(tasks: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = by_path(mapper(1)(extract_one, tasks))
    monkeypatch.setattr(workers, "_serve", lambda *_: None)
    assert by_path(mapper(2, "fork")(extract_one, tasks)) == expected


def test_a_content_that_is_given_does_not_go_to_another_process(tasks: list[Task]) -> None:
    given = Task(tasks[0].root, "z_killed.py", 1_000, content=Diagnostic("note", "z_killed.py", "skipped: binary"))
    found = by_path(mapper(2, "fork")(extract_one, [*tasks, given]))
    assert found["z_killed.py"].diagnostics[0].message == "skipped: binary"


def test_how_many_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_cores", lambda: 64)
    assert [worthwhile(count) for count in (0, 1, 5_000, 5_001, 100_000)] == [1, 1, 1, 4, 4]
    monkeypatch.setattr(workers, "_cores", lambda: 2)
    assert worthwhile(5_001) == 2


COMMAND = """
import os, signal, sys, time
from pathlib import Path
import dblint.run, dblint.workers
from dblint.cli import main

extract_one = dblint.run.extract_one

def misbehave(task):
    if task.path == "crash.py":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task.path == "hang.py":
        Path("hanging").write_text(str(os.getpid()))
        for _ in range(2_000):
            time.sleep(0.03)  # short: a signal just before the system's call would be seen behind it only
    return extract_one(task)

if os.environ.get("MISBEHAVE"):
    dblint.run.extract_one = misbehave
dblint.workers.METHOD = os.environ.get("METHOD") or dblint.workers.METHOD
if __name__ == "__main__":
    main()
"""

QUERY = 'import sqlite3\nsqlite3.connect("app.db").execute("SELECT * FROM books WHERE id = 1")\n'
SCHEMA = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n"


RUNNING: list[subprocess.Popen[bytes]] = []
"""What a test has started."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    texts = {"setup.cfg": "", "a.py": QUERY, "b.py": QUERY, "schema.sql": SCHEMA, "c.sql": "SELECT (;\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    yield tmp_path
    while RUNNING:
        process = RUNNING.pop()
        if process.poll() is None:  # the test has failed
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def started(project: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "check", *arguments],
        cwd=project,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that starts the tests in the background lets its children ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        start_new_session=True,
    )
    RUNNING.append(process)
    return process


def test_18_a_crash_is_told_and_not_kept(project: Path) -> None:
    (project / "crash.py").write_text(QUERY)
    options = (".", "-j", "2", "--fail-on", "error", "--output", "text=-", "--output", "sarif=report.sarif")
    (project / "c.sql").unlink()
    told, _ = started(project, *options, MISBEHAVE="1").communicate(timeout=60)
    assert b"\ncrash.py error parse-error analysis stopped: crash\n" in told
    assert b"a.py:2:43 warning query/select-star" in told
    [run] = json.loads((project / "report.sarif").read_bytes())["runs"]
    notification, _ = run["invocations"][0]["toolExecutionNotifications"]
    assert (notification["level"], notification["message"]["text"]) == ("error", "analysis stopped: crash")
    process = started(project, *options, MISBEHAVE="1")
    assert process.communicate(timeout=60)[0] == told, "now that it is the only one that is not in the cache"
    assert process.returncode == 1
    process = started(project, *options)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"crash.py:2:43 warning query/select-star" in told


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_18_a_file_that_takes_too_long_is_told(project: Path, jobs: str) -> None:
    (project / "hang.py").write_text("")
    (project / "dblint.toml").write_text("file-timeout = 4\n")  # what is sound is read in less on a busy machine, too
    process = started(project, ".", "-j", jobs, "--output", "concise=-", "--quiet", MISBEHAVE="1")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"analysis stopped: timeout [parse-error]\n" in told
    assert b"hang.py" in told
    assert b"b.py:2:43: warning: " in told


def test_18_a_file_that_is_stopped_keeps_its_role(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text("# Code generated by a tool. DO NOT EDIT.\n")
    files = {"tests/test_big.py": ("test", 'the folder "tests"'), "gone.py": ("app", "")}
    files["made.py"] = ("generated", "its first comment says that it was generated")
    for path, role in files.items():
        given = stopped(Task(str(tmp_path), path, 1_000), "timeout")
        assert (given.role, given.sign) == role
    skipped = extract_one(Task(str(tmp_path), "made.py", 10))
    assert [told.message[:7] for told in skipped.diagnostics] == ["skipped"]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "big.py").write_text("x = 1\n" * 10)
    assert extract_one(Task(str(tmp_path), "tests/big.py", 10)).role == "test"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_56_an_interrupt_ends_all_processes(project: Path, number: int, code: int, jobs: str) -> None:
    (project / "hang.py").write_text("")
    process = started(project, ".", "-j", jobs, "--output", "json=out.json", MISBEHAVE="1")
    deadline = time.monotonic() + 60
    while not (project / "hanging").exists() or not (project / "hanging").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    begin = time.monotonic()
    process.send_signal(number)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == code
    assert b"Traceback" not in complaint
    assert time.monotonic() - begin < 5, "one second, on a machine that has time"
    assert not (project / "out.json").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((project / "hanging").read_text()), 0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_56_an_interrupt_whose_exception_was_dropped(
    tasks: list[Task], jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "_received", [signal.SIGTERM])
    slow = Task(tasks[0].root, "x_hangs.py", 1_000, timeout=20)
    begin = time.monotonic()
    with pytest.raises(interrupts.StoppedError):
        list(mapper(jobs)(misbehave, [slow]))
    assert time.monotonic() - begin < 10


def test_55_the_same_bytes_however_it_is_run(project: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "ı.py").write_text(QUERY.replace("id = 1", "title = 'İ'"), encoding="utf-8")
    outputs = [option for name in ("sarif", "json", "markdown") for option in ("--output", f"{name}={name}.out")]
    runs: list[tuple[list[str], dict[str, str]]] = [
        (["a.py", "b.py", "c.sql", "schema.sql", "sub", "-j", "1"], {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}),
        (["sub", "schema.sql", "b.py", "./a.py", "c.sql", "-j", "1"], {"PYTHONHASHSEED": "2", "LC_ALL": "C"}),
        (["c.sql", "sub", "b.py", "schema.sql", "a.py", "-j", "2"], {"PYTHONHASHSEED": "3", "METHOD": "fork"}),
        (["b.py", "a.py", "sub", "c.sql", "schema.sql", "-j", "3"], {"LC_ALL": "tr_TR.UTF-8", "METHOD": "spawn"}),
        (["a.py", "sub", "b.py", "schema.sql", "c.sql"], {"PYTHONUTF8": "0", "LC_ALL": "C", "TZ": "Asia/Kathmandu"}),
    ]
    told = []
    for arguments, environment in runs:
        process = started(project, *arguments, "--no-cache", "--output", "text=-", *outputs, **environment)
        output, complaint = process.communicate(timeout=60)
        lines = [line for line in complaint.splitlines() if b" read in " not in line]
        reports = [(project / f"{name}.out").read_bytes() for name in ("sarif", "json", "markdown")]
        told.append([process.returncode, output, lines, *reports])
    assert told[0][0] == 1
    assert "sub/ı.py:2:43 warning query/select-star".encode() in told[0][1]  # type: ignore[operator]
    for other in told[1:]:
        assert other == told[0]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_48_nothing_of_the_checkout_is_imported_by_a_process(
    project: Path, method: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    script = tmp_path_factory.mktemp("scripts") / "run.py"  # as a console script, its folder comes first in the path
    script.write_text(COMMAND)
    code = "import pathlib\npathlib.Path('canary').touch()\n"
    for name in ("multiprocessing", "pickle", "msgspec", "signal", "dblint", "tree_sitter", "sitecustomize"):
        (project / f"{name}.py").write_text(code)
    run = [sys.executable, str(script), "check", ".", "-j", "2", "--exit-zero"]
    environment = os.environ | {"METHOD": method, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    answer = subprocess.run(run, cwd=project, env=environment, capture_output=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert b"a.py:2:43 warning query/select-star" in answer.stdout
    assert not (project / "canary").exists()
