"""Where the command begins: with what has to stand before anything is imported that takes time.

Until the command runs, and after it has, there is nothing that an interrupt could leave half done: it ends the process.
Within, it is an exception that no handler of errors takes for its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_received: list[int] = []


class StoppedError(BaseException):
    """The process was told to stop. It is no `SystemExit`: a rule pack may raise that."""


INTERRUPTS = (KeyboardInterrupt, StoppedError)
"""What ends a run wherever it comes. Whatever else a rule pack raises is a failure of the pack."""


def exit_code() -> int:
    """The code that a signal says the process is to end with, 0 where none came."""
    return 128 + _received[0] if _received else 0


def end_at_once() -> None:
    """From here on an interrupt ends the process."""
    _handle(lambda number, _: os._exit(128 + number))


def end_in_order() -> None:
    """From here on an interrupt raises `StoppedError`."""
    _handle(_stop)


def _stop(number: int, _: FrameType | None) -> None:
    _received.append(number)
    raise StoppedError


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        # A shell that starts a command in the background lets it ignore interrupts.
        if number is signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def open_closed_streams() -> None:
    """What is told to a stream that was closed before the process began goes nowhere, and into no file that is opened
    in its place."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False))


def main() -> NoReturn:
    """Runs the command."""
    end_at_once()
    from dblint.cli import main as run

    run()
