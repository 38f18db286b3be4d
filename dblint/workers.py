"""Processes that extract files, one at a time each.

A process that dies loses the file that it was at, and no other: another one takes its place. One that is at a file for
longer than the file may take is ended. Results come back as bytes of a known form, never as objects to be called into
being, and are the same however many processes there are.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from dblint.extraction import Extracted, Task, decode, encode, stopped
from dblint.interrupts import stop_where_told

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Function: TypeAlias = Callable[[Task], Extracted]

FEW = 5_000
"""Files of a project up to which the run's own process reads them. Where processors share a core, several take more of
their time than they save on the clock: what build servers bill is the former."""

MOST = 4
"""Processes at most where nobody says how many. What they give is joined in one: more wait for it."""

METHOD = "fork" if sys.platform.startswith(("linux", "freebsd")) else "spawn"
"""How processes are started. Elsewhere, a forked process may not use the system's own libraries."""

_AHEAD = 2
"""Tasks that a process has: the one it is at, and the next."""

_LOOK = 0.5
"""Seconds between two looks at whether the run was told to stop."""

_START = 60.0
"""Seconds that a process may take until it is there."""


def mapper(jobs: int = 0, method: str = "") -> Callable[[Function, Iterable[Task]], Iterator[Extracted]]:
    """Runs a function over tasks in so many processes; 0 for as many as are worth it, 1 for this one."""

    def run(function: Function, tasks: Iterable[Task]) -> Iterator[Extracted]:
        given = list(tasks)
        here = [task for task in given if task.content is not None]
        others = [task for task in given if task.content is None]
        count = jobs or worthwhile(max((task.among for task in given), default=0))
        yield from _alone(function, here if count > 1 else given)
        if count > 1 and others:  # also where there is one only: it may be the one that ends its process each time
            yield from _Pool(function, others, count, method or METHOD).results()

    return run


def worthwhile(files: int) -> int:
    """How many processes are worth it for so many files."""
    return 1 if files <= FEW else max(1, min(MOST, _cores()))


def _cores() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _OutOfTimeError(BaseException):
    """A file has taken longer than it may. Nothing that handles exceptions of one file stops it."""


def _alone(function: Function, tasks: Iterable[Task]) -> Iterator[Extracted]:
    """One after the other, in this process."""
    for task in tasks:
        stop_where_told()
        yield _timed(function, task)


def _timed(function: Function, task: Task) -> Extracted:
    """The result of one task, within its time. The clock is looked at between steps of Python: what a parser does in
    one step is not interrupted here, only in a process of its own. Where there is no such clock, no limit is kept."""
    has_clock = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if task.timeout <= 0 or not has_clock:
        return function(task)
    running = True

    def stop(_: int, __: FrameType | None) -> None:
        if running:
            raise _OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, task.timeout)
            return function(task)
        finally:
            running = False
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _OutOfTimeError:
        return stopped(task, "timeout")
    finally:
        signal.signal(signal.SIGALRM, before)


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, the tasks that it was given and has not answered, and since when it is at the first of them."""

    process: BaseProcess
    connection: Connection
    since: float
    there: bool = False
    tasks: deque[Task] = field(default_factory=deque)

    def due(self) -> float:
        """When it has to answer."""
        if not self.there:
            return self.since + _START
        limit = self.tasks[0].timeout if self.tasks else 0
        return self.since + limit if limit > 0 else float("inf")


class _Pool:
    """Gives tasks to processes and takes their answers."""

    def __init__(self, function: Function, tasks: Sequence[Task], count: int, method: str) -> None:
        self._function = function
        self._waiting = deque(tasks)
        self._count = count
        self._method = method
        self._workers: list[_Worker] = []

    def results(self) -> Iterator[Extracted]:
        """The answers, in the order in which they come. Where no process can be started, the work is done here."""
        try:
            yield from self._answers()
        except _CannotStartError:
            left = [*(task for worker in self._workers for task in worker.tasks), *self._waiting]
            self._close()
            yield from _alone(self._function, left)
        finally:
            self._close()

    def _answers(self) -> Iterator[Extracted]:
        from multiprocessing.connection import wait

        while True:
            while len(self._workers) < min(self._count, len(self._waiting)):
                self._start()
            for worker in self._workers:
                self._feed(worker)
            asked = {worker.connection: worker for worker in self._workers if worker.tasks}
            if not asked:
                return
            left = min(worker.due() for worker in asked.values()) - time.monotonic()
            answered = wait(list(asked), max(min(left, _LOOK), 0))
            stop_where_told()
            for connection, worker in asked.items():
                if connection in answered:
                    yield from self._answer(worker)
                elif worker.due() < time.monotonic() and not connection.poll():
                    yield self._lost(worker, "timeout")

    def _answer(self, worker: _Worker) -> Iterator[Extracted]:
        """What a process says: that it is there, or what a file gave."""
        try:
            data = worker.connection.recv_bytes()
        except (EOFError, OSError):
            yield self._lost(worker, "crash")
            return
        worker.since = time.monotonic()
        if not worker.there:
            worker.there = True
            return
        task = worker.tasks.popleft()
        self._feed(worker)  # it goes on while its answer is read
        try:
            yield decode(data)
        except (msgspec.MsgspecError, KeyError, ValueError):
            yield self._function(task)  # it has no answer that can be written down, and does no harm

    def _feed(self, worker: _Worker) -> None:
        """Gives a process what it can be given."""
        while self._waiting and len(worker.tasks) < _AHEAD:
            task = self._waiting.popleft()
            if not worker.tasks:
                worker.since = time.monotonic() if worker.there else worker.since
            worker.tasks.append(task)
            try:
                worker.connection.send(task)
            except OSError:
                return  # it is gone, which its answer will say

    def _lost(self, worker: _Worker, why: str) -> Extracted:
        """Ends a process, and tells of the file that it was at."""
        if not worker.there:
            raise _CannotStartError
        task = worker.tasks.popleft()
        self._waiting.extendleft(reversed(worker.tasks))
        worker.tasks.clear()
        self._workers.remove(worker)
        _end([worker])
        return stopped(task, why)

    def _start(self) -> None:
        from multiprocessing import get_context

        context: Any = get_context(self._method)
        ours, theirs = context.Pipe()
        inherited = [worker.connection for worker in self._workers] + [ours] if self._method == "fork" else []
        process = context.Process(target=_serve, args=(theirs, self._function, inherited), daemon=True)
        try:
            with _safe_path(wanted=self._method != "fork"):
                process.start()
        except OSError:
            raise _CannotStartError from None
        finally:
            theirs.close()
        self._workers.append(_Worker(process, ours, time.monotonic()))

    def _close(self) -> None:
        workers, self._workers = self._workers, []
        _end(workers)


class _CannotStartError(Exception):
    """No process can be started, or it ends before it is there."""


def _end(workers: Sequence[_Worker]) -> None:
    """Ends processes at once: what they have not said is not wanted."""
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.connection.close()
        worker.process.join()


@contextmanager
def _safe_path(*, wanted: bool) -> Iterator[None]:
    """Within this, a new interpreter imports nothing from the current folder, which may be the reviewed checkout."""
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    if wanted:
        os.environ[name] = "1"
    try:
        yield
    finally:
        if wanted and before is None:
            del os.environ[name]
        elif wanted and before is not None:
            os.environ[name] = before


def _serve(connection: Connection, function: Function, inherited: Sequence[Connection]) -> None:
    """What a process does until the other side is gone. An interrupt is for the other side, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()  # or it would never see that the other side is gone
    gc.disable()
    try:
        connection.send_bytes(b"")
        while True:
            extracted = function(connection.recv())
            try:
                data = encode(extracted)
            except (ValueError, RecursionError):
                data = b""
            connection.send_bytes(data)
    except (EOFError, OSError):
        return
