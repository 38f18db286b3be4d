from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from dblint import progress
from dblint.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Timers:
    """Stands for timers: none fires unless a test says so."""

    def __init__(self) -> None:
        self.set: list[float] = []
        self.cancelled = 0
        self.draw: Callable[[], None] = lambda: None

    def timer(self, seconds: float, draw: Callable[[], None]) -> SimpleNamespace:
        self.set.append(seconds)
        self.draw = draw
        return SimpleNamespace(start=lambda: None, cancel=self._cancel, daemon=False)

    def _cancel(self) -> None:
        self.cancelled += 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.delenv("TERM", raising=False)
    return clock


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers()
    monkeypatch.setattr("dblint.progress.threading.Timer", timers.timer)
    return timers


def test_nothing_in_the_first_second_then_ten_times_a_second(clock: Clock, timers: Timers) -> None:
    stream = Terminal()
    with Progress(stream) as told:
        for now in (0.0, 0.9, 1.0, 1.05, 1.2):
            clock.now = now
            told("reading", int(now * 100), 500)
    assert stream.getvalue() == (
        "\r\x1b[Kdblint: reading 100 of 500 files\r\x1b[Kdblint: reading 120 of 500 files\r\x1b[K"
    )
    assert timers.set == []


def test_a_short_run_says_nothing(clock: Clock, timers: Timers) -> None:
    stream = Terminal()
    with Progress(stream) as told:
        told("reading", 1, 2)
        clock.now = 0.25
        told("joining")
        told("checking")
    assert stream.getvalue() == ""
    assert (timers.set, timers.cancelled) == ([0.75, 0.75], 2)


def test_what_takes_long_without_a_sign_is_told_when_it_is_due(clock: Clock, timers: Timers) -> None:
    stream = Terminal()
    with Progress(stream) as told:
        told("joining")
        clock.now = 1.0
        timers.draw()
        told("checking")
    assert stream.getvalue() == "\r\x1b[Kdblint: joining …\r\x1b[Kdblint: checking …\r\x1b[K"
    timers.draw()
    assert stream.getvalue().endswith("…\r\x1b[K")


def test_the_line_is_taken_away_when_the_run_is_stopped(clock: Clock, timers: Timers) -> None:
    stream = Terminal()

    def run() -> None:
        with Progress(stream) as told:
            clock.now = 2.0
            told("reading", 1, 2)
            raise SystemExit(143)

    with pytest.raises(SystemExit):
        run()
    assert stream.getvalue() == "\r\x1b[Kdblint: reading 1 of 2 files\r\x1b[K"


def test_only_on_a_terminal_that_can_be_drawn_on(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.now = 5.0
    for stream, wanted in ((io.StringIO(), True), (Terminal(), False)):
        with Progress(stream, wanted=wanted) as told:
            clock.now += 5.0
            told("reading", 1, 2)
        assert stream.getvalue() == ""
    monkeypatch.setenv("TERM", "dumb")
    with Progress(Terminal()) as told:
        clock.now += 5.0
        told("reading", 1, 2)
    assert stream.getvalue() == ""


RUN = "import dblint.progress as progress; progress.PATIENCE = 0.0; from dblint.cli import main; main()"


def run(folder: Path, *arguments: str) -> tuple[bytes, bytes]:
    """What the command writes to standard output, and to a terminal that is its standard error."""
    terminal, end = pty.openpty()
    try:
        environment = {**os.environ, "TERM": "xterm"}
        answer = subprocess.run(
            [sys.executable, "-c", RUN, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=end
        )
        assert answer.returncode == 0
        os.write(end, b"|")
        told = b""
        while not told.endswith(b"|"):
            told += os.read(terminal, 10_000)
    finally:
        os.close(end)
        os.close(terminal)
    return answer.stdout, told[:-1]


def test_on_a_real_terminal(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "a.py").write_text("x = 1\n")
    output, told = run(tmp_path, "check", ".")
    assert b"\x1b" not in output
    lines = told.split(b"\r\x1b[K")
    assert lines[0] == b""
    assert lines[1:4] == [
        b"dblint: reading 1 of 1 files",
        "dblint: joining what was read …".encode(),
        "dblint: checking …".encode(),
    ]
    assert lines[4].startswith(b"1 file read in ")
    assert len(lines) == 5
    assert run(tmp_path, "check", ".", "--quiet")[1] == b""
    piped = subprocess.run([sys.executable, "-c", RUN, "check", "."], cwd=tmp_path, capture_output=True, check=True)
    assert b"\x1b" not in piped.stderr
    assert b"reading" not in piped.stderr
