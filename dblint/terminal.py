"""Standard output and standard error of the command line, and how a run ends because of an error."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import click


def takes_colour() -> bool:
    """Whether standard output takes colours."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def put(data: bytes) -> None:
    """Writes to standard output; a reader that has gone away is no error."""
    stream = sys.stdout.buffer
    try:
        stream.write(data)
        stream.flush()
    except OSError as error:
        silence()
        if not is_gone(error):
            fail(OSError(f"standard output: {error.strerror}"))


def is_gone(error: OSError) -> bool:
    """Whether this is what writing gives when the reader has gone away."""
    return error.errno in (errno.EPIPE, errno.EINVAL)


def silence(stream: TextIO | None = None) -> None:
    """Sends what Python still holds for this stream, standard output, nowhere, so that it cannot fail again at the
    end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (stream or sys.stdout).fileno())
    except (OSError, ValueError):
        return


def complain(text: str) -> None:
    """Writes a line to standard error."""
    try:
        click.echo(text.encode("utf-8", "backslashreplace"), err=True)
    except OSError:
        silence(sys.stderr)


def try_to_show(error: click.ClickException) -> None:
    """Writes what was wrong with the words of the command line to standard error, as `complain` does."""
    try:
        error.show()
    except OSError:
        silence(sys.stderr)


def explain_failure(error: BaseException, said: Sequence[str], *, debug: bool) -> None:
    """Says on standard error why the run ends, each reason on a line, with the traceback for `--debug`."""
    import traceback

    from dblint.report.visible import visible

    if debug:
        complain("".join(traceback.format_exception(error)))
    for reason in said:
        complain(f"dblint: {visible(reason)}")


def fail(error: Exception, *, debug: bool = False) -> NoReturn:
    """Ends the run because of what the user or a pack said. An error may hold several `mistakes`."""
    explain_failure(error, getattr(error, "mistakes", (str(error),)), debug=debug)
    raise click.exceptions.Exit(2)


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
