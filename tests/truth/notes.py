"""What the process that runs a fixture tells the one that compares. Imports neither dblint nor a library."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures" / "truth"


class Note(NamedTuple):
    """A statement that reached the driver. `start` and `stop` are the lines of the expression in the fixture that sent
    it; `parameters` what was bound, by position or by name; `many`: it was sent for many sets of parameters, of which
    `parameters` is the first."""

    path: str
    start: int
    stop: int
    function: str
    sql: str
    parameters: list[object] | dict[str, object]
    many: bool
