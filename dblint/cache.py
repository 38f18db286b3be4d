"""What earlier runs computed, kept outside of the checkout: entries by the digest of everything that went into them.

An entry is no better than the computation that it stands for: one that is corrupt, cannot be read or is of another
version is as good as none, and where nothing can be written nothing is kept. Entries are written under a name of their
own and then moved, so that two runs at once see whole ones only.

Facts hold the strings of the source, and a string of the source may be a password. Which one is, is known when a rule
has looked, if ever. So nothing lies in the cache as it is: an entry can be read only with its key, which is made of
the contents of the files, and is stored nowhere. Who has them knows what stands in them; the folder alone tells
nothing, also where a build server copies it elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

VERSION = "v1"
"""Of the form of entries, and the name of the folder that holds them."""

VARIABLE = "DBLINT_CACHE_DIR"
"""Names another folder."""

SIZE_LIMIT = 512_000_000
"""Bytes that the entries may take when the cache is pruned."""

_DAY = 86_400.0
_CHECK = 16
_LARGEST = 200_000_000
"""Bytes of an entry. Nothing that is larger is taken for one."""


def digest(*parts: bytes | str) -> bytes:
    """The key of an entry that comes of these parts, in this order."""
    made = hashlib.blake2b(digest_size=32, person=b"dblint key")
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "little") + data)
    return made.digest()


def usual_folder() -> Path | None:
    """Where the cache lies if nobody says otherwise, None where that cannot be said."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    if base and Path(base).is_absolute():
        return Path(base) / "dblint"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "dblint"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "dblint" / "Cache"
    return home / ".cache" / "dblint"


class CacheFolder(msgspec.Struct, frozen=True):
    """Where the cache is to lie. `option` is how the user has named it, "" where nobody has."""

    path: Path
    option: str = ""

    def lies_in(self, root: Path) -> bool:
        """Whether it lies in this folder. What a checkout brings along is never taken for a cache."""
        return self.path.resolve().is_relative_to(root.resolve())


def open_cache(folder: Path) -> Cache | None:
    """The cache in a folder, which is made where it is missing. None where it cannot be made, or where somebody else
    owns it or may write to it: who can write there could choose what a run says."""
    try:
        place = folder.resolve() / VERSION
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = place.stat()
    except (OSError, RuntimeError, ValueError):
        return None
    if hasattr(os, "geteuid") and (status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return None
    return Cache(str(place))


class Cache(msgspec.Struct, frozen=True):
    """Entries on shelves. A plain value: it may go to another process."""

    folder: str

    def get(self, shelf: str, key: bytes) -> bytes | None:
        """The entry of a key, None where there is none that can be used."""
        path = self._path(shelf, key)
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                    return None
                data = file.read()
            if time.time() - status.st_mtime > _DAY:
                os.utime(path)  # what is in use is pruned last
        except OSError:
            return None
        return _opened(data, key)

    def put(self, shelf: str, key: bytes, make: Callable[[], bytes]) -> None:
        """Keeps what `make` gives under a key. It may raise ValueError for what cannot be kept."""
        path = self._path(shelf, key)
        temporary = f"{path}.{os.getpid()}-{time.monotonic_ns()}"
        try:
            data = _sealed(make(), key)
            try:
                descriptor = _create(temporary)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120 - a hot path
                descriptor = _create(temporary)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, path)  # noqa: PTH105 - as above
        except (OSError, ValueError):
            _forget(temporary)

    def prune(self, limit: int = SIZE_LIMIT) -> None:
        """Once a day, takes away what was not used for longest until the entries take no more than three quarters of
        the limit, if they take more than it; and what runs that were killed have left."""
        mark, now = Path(self.folder, "pruned"), time.time()
        try:
            if now - mark.stat().st_mtime < _DAY:
                return
        except OSError:
            pass
        try:
            mark.touch(mode=0o600)
        except OSError:
            return
        found = []
        for above, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(above, name)  # noqa: PTH118 - there are many
                try:
                    status = os.lstat(path)
                except OSError:
                    continue
                if "." in name:
                    if now - status.st_mtime > _DAY:
                        _forget(path)
                elif path != str(mark):
                    found.append((status.st_mtime, path, status.st_size))
        taken = sum(size for _, _, size in found)
        if taken <= limit:
            return
        for _, path, size in sorted(found):
            if taken <= limit * 3 // 4:
                break
            _forget(path)
            taken -= size

    def _path(self, shelf: str, key: bytes) -> str:
        name = hashlib.blake2b(key, digest_size=20, person=b"dblint name").hexdigest()
        return f"{self.folder}/{shelf}/{name[:2]}/{name[2:]}"


def _create(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)


def _forget(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - there are many
    except OSError:
        return


def _sealed(data: bytes, key: bytes) -> bytes:
    """The entry of some bytes: a checksum, and the bytes so that nobody reads them without the key."""
    hidden = _mixed(zlib.compress(data, 1), key)
    return _checksum(hidden, key) + hidden


def _opened(data: bytes, key: bytes) -> bytes | None:
    """The inverse of `_sealed`, None where it is not whole."""
    hidden = data[_CHECK:]
    if data[:_CHECK] != _checksum(hidden, key):
        return None
    try:
        return zlib.decompress(_mixed(hidden, key))
    except zlib.error:
        return None


def _checksum(hidden: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(hidden, digest_size=_CHECK, key=key, person=b"dblint check").digest()


def _mixed(data: bytes, key: bytes) -> bytes:
    """The bytes with a stream that comes of the key; twice, and they are what they were."""
    stream = hashlib.shake_256(b"dblint seal" + key).digest(len(data))
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")
