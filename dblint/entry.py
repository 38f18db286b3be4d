"""Where the command begins: with what has to stand before anything is imported that takes time."""

from __future__ import annotations

from typing import NoReturn

from dblint.interrupts import end_at_once


def main() -> NoReturn:
    """Runs the command."""
    end_at_once()
    from dblint.cli import main as run

    run()
