"""Environments with one version of a library, made by pip once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def environment(requirements: tuple[str, ...]) -> str:
    """The interpreter of an environment that has just these distributions and what they require.

    Raises `AssertionError` with pip's own words where they do not install; nothing is kept then.
    """
    said = "\n".join((platform.python_version(), *requirements))
    name = "-".join([requirements[0].partition("[")[0], hashlib.sha256(said.encode()).hexdigest()[:12]])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dblint" / "libraries"
    folder = cache / name.replace("=", "-").replace(">", "-").replace("<", "-")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, symlinks=True)
        installed = subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *requirements],
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode != 0:
            shutil.rmtree(folder)
            raise AssertionError(installed.stderr)
        (folder / "complete").write_text(said)
    return str(python)
