"""Where the command begins: with what has to stand before anything is imported that takes time."""

from __future__ import annotations

import gc
from typing import NoReturn

from dblint.interrupts import end_at_once


def main() -> NoReturn:
    """Runs the command."""
    end_at_once()
    # One run builds facts that all live until its end, and imports what does: looking for garbage among them costs a
    # tenth of it.
    gc.disable()
    from dblint.cli import main as run

    run()
