"""What interrupts do.

Until the command runs, and after it has, there is nothing that an interrupt could leave half done: it ends the process.
Within, it is an exception that no handler of errors takes for its own.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

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


def stop_where_told() -> None:
    """Raises `StoppedError` where an interrupt came whose own exception went nowhere: Python drops what is raised while
    an object is finalised, and a signal just before the system waits is seen only when it has waited."""
    if _received:
        raise StoppedError


def _stop(number: int, _: FrameType | None) -> None:
    _received.append(number)
    raise StoppedError


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        # A shell that starts a command in the background lets it ignore interrupts.
        if number is signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
