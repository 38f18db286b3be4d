"""Writes files of the project anew: whole or not at all, and only over what was read."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from dblint.fix.changes import WithheldError
from dblint.workspace.read import TooLargeError, read_regular


def write(root: Path, path: str, before: bytes, after: bytes) -> None:
    """Replaces `root / path`, if it still holds `before`, in one step. A link stays, and what it leads to is replaced;
    the file keeps its mode. Raises `WithheldError` for a file outside of the root, one that was changed, or one that
    cannot be written."""
    home = Path(os.path.realpath(root))
    target = Path(os.path.realpath(root / path))
    if not target.is_relative_to(home):
        raise WithheldError("leads out of the project")
    try:
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise WithheldError("is not a regular file")
        if not found.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise WithheldError("cannot be written: it is read-only")
        if found.st_nlink > 1:
            raise WithheldError("cannot be replaced: it has another name")
        _replace(target, before, after, found)
    except OSError as error:
        raise WithheldError(f"cannot be written: {error.strerror}") from None


def _holds(target: Path, before: bytes) -> bool:
    """Whether the file is what it was."""
    try:
        return read_regular(target, len(before)) == before
    except TooLargeError:
        return False


def _replace(target: Path, before: bytes, after: bytes, found: os.stat_result) -> None:
    """Writes beside the file and renames."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(stat.S_IMODE(found.st_mode))
        if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(name, found.st_uid, found.st_gid)
        if not _holds(target, before):  # last: between this and the renaming nothing is done
            raise WithheldError("was changed while dblint was running")
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
