"""How far a run is, on a terminal's standard error: for people who wait, and nobody else."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

PATIENCE = 1.0
"""Seconds after which a run is worth a word."""

_INTERVAL = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """Draws one line over and over, and takes it away at the end. Draws nothing where `stream` is no terminal."""

    def __init__(self, stream: TextIO | None = None, *, wanted: bool = True) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._on = wanted and os.environ.get("TERM") != "dumb" and bool(self._stream and self._stream.isatty())
        self._due = time.monotonic() + PATIENCE
        self._line = ""
        self._drawn = False
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        with self._lock:
            self._on = False
            if self._drawn:
                self._write(_CLEAR)

    def __call__(self, doing: str, done: int = 0, total: int = 0) -> None:
        """What the run is doing, and how much of it is done; `total` 0 is for what cannot be counted."""
        if not self._on:
            return
        self._stop()
        self._line = f"{doing} {done} of {total} files" if total else f"{doing} …"
        now = time.monotonic()
        if now >= self._due or (not total and self._drawn):
            self._draw()
        elif not total:
            # Nothing more is heard until this is done, which may be long after the time when it is due.
            self._timer = threading.Timer(self._due - now, self._draw)
            self._timer.daemon = True
            self._timer.start()

    def _draw(self) -> None:
        with self._lock:
            if self._on:
                self._drawn = True
                self._due = time.monotonic() + _INTERVAL
                self._write(f"{_CLEAR}dblint: {self._line}")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._on = False

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
