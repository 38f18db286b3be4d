"""Writing reports: whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


class OutputError(Exception):
    """A report cannot be written; the text says where and why."""


def write(target: str, data: bytes, option: str = "--output") -> None:
    """Writes what that option names. A regular file is replaced in one step; a device or pipe below /dev is
    written to.

    Raises `OutputError` for a target that is a folder or a link, whose folder is missing, or that
    cannot be written.
    """
    path = Path(target)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = 0
    except OSError as error:
        raise OutputError(f"{option} {target}: {error.strerror}") from None
    below_devices = path.is_absolute() and path.parts[:2] == ("/", "dev")
    try:
        if below_devices or stat.S_ISFIFO(mode):
            with path.open("wb", buffering=0) as device:
                _write_all(device.fileno(), data)
        elif stat.S_ISDIR(mode):
            raise OutputError(f"{option} {target}: is a folder")
        elif stat.S_ISLNK(mode):
            raise OutputError(f"{option} {target}: is a symbolic link; name the file itself")
        elif mode and not stat.S_ISREG(mode):
            raise OutputError(f"{option} {target}: is not a regular file")
        else:
            _replace(path, data, stat.S_IMODE(mode) if mode else None)
    except OSError as error:
        raise OutputError(f"{option} {target}: {error.strerror}") from None


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    """Writes beside the target and renames."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        try:
            _write_all(descriptor, data)
            if mode is None:
                mask = os.umask(0)
                os.umask(mask)
                mode = 0o666 & ~mask
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
