"""Writes the expected reviews again, for a person to read what has changed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from click.testing import CliRunner

from dblint.cli import command
from tests.review.shop import write

if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(write(Path(folder)))
        for name, file in (("text", "expected.txt"), ("markdown", "expected.md")):
            told = CliRunner().invoke(command, ["review", ".", "--output", f"{name}=-"])
            (here / file).write_text(told.stdout, "utf-8")
