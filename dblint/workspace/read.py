"""Reads one file, or says why not. Nothing but a regular file below the size limit is ever read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from dblint.facts.program import Diagnostic
from dblint.workspace.kinds import is_minified

DEFAULT_MAX_FILE_SIZE = 5_000_000
"""Bytes. Past this, files are data dumps and bundles, and reading them costs more than they tell."""

DEFAULT_FILE_TIMEOUT = 30
"""Seconds. The largest files that are read take a tenth of it."""

MANIFEST_SIZE = 1_000_000
"""Bytes. A larger manifest is passed over."""

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read(root: Path | str, path: str, limit: int = DEFAULT_MAX_FILE_SIZE) -> bytes | Diagnostic:
    """The bytes of `root / path`, or a diagnostic: too large, minified, binary, not regular, unreadable."""
    try:
        data = read_regular(f"{root}/{path}", limit)  # a path object for each file costs more than its stat
    except NotRegularError:
        return Diagnostic("io-error", path, "not a regular file")
    except TooLargeError as error:
        return _too_large(path, error.size, limit)
    except (FileNotFoundError, NotADirectoryError):
        return Diagnostic("io-error", path, "vanished while dblint was running")
    except OSError as error:
        return Diagnostic("io-error", path, f"cannot be read: {error.strerror}")
    return _judged(path, data)


def read_stream(stream: BinaryIO, path: str, limit: int = DEFAULT_MAX_FILE_SIZE) -> bytes | Diagnostic:
    """What a stream gives as the content of a file, or a diagnostic as `read` gives it. The stream is read to its
    end, so that whoever writes it does not fail, and no more of it kept than the limit."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        size = len(data)
        while more := stream.read(1_000_000):
            size += len(more)
        return _too_large(path, size, limit)
    return _judged(path, data)


def _judged(path: str, data: bytes) -> bytes | Diagnostic:
    """The content, unless it is none that is reviewed."""
    if is_minified(path, data):
        return Diagnostic("note", path, "skipped: minified", fails=False)
    if is_binary(data):
        return Diagnostic("note", path, "skipped: binary", fails=False)
    return data


def _too_large(path: str, size: int, limit: int) -> Diagnostic:
    sizes = f"{_megabytes(size)} is over max-file-size, {_megabytes(limit)}"
    return Diagnostic("note", path, f"skipped: too large ({sizes})", fails=False)


class NotRegularError(OSError):
    """The path is a FIFO, a socket, a device or a folder."""


class TooLargeError(OSError):
    """The file is larger than the limit."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


def read_regular(path: Path | str, limit: int) -> bytes:
    """The bytes of a regular file. It is asked for its kind before and after it is opened, and opened without
    waiting, so that a FIFO put in its place cannot hang the run."""
    before = os.stat(path)  # noqa: PTH116 - also for plain names
    if not stat.S_ISREG(before.st_mode):
        raise NotRegularError
    if before.st_size > limit:
        raise TooLargeError(before.st_size)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularError
        # No more is asked for than it should hold: a buffer as large as the limit would be made for each file.
        data = file.read(before.st_size + 1)
        if len(data) > before.st_size:
            data += file.read(limit + 1 - len(data))
    if len(data) > limit:
        raise TooLargeError(len(data))
    return data


def is_binary(data: bytes) -> bool:
    """Whether these are no bytes of a text: NULs near the start that UTF-16 does not explain."""
    head = data[:1024]
    if head.startswith(_WIDE_MARKS):
        return False
    return head.count(b"\0") > 1 and not _looks_wide(head)


def _looks_wide(head: bytes) -> bool:
    """Whether every other byte is NUL, as in UTF-16 without a mark: left to the front end to name."""
    return any(head[0::2]) != any(head[1::2])


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
