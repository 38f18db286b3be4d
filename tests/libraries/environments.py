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

DEBIAN = "debian"


def environment(requirements: tuple[str, ...]) -> str:
    """The interpreter of an environment that has just these distributions and what they require.

    `debian:NAME` is a package of Debian, of which the files are laid beside (`variables`). Raises `AssertionError` with
    the installer's own words where one does not install; nothing is kept then.
    """
    said = "\n".join((platform.python_version(), *requirements))
    name = "-".join(
        [requirements[0].removeprefix(f"{DEBIAN}:").partition("[")[0], hashlib.sha256(said.encode()).hexdigest()[:12]]
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dblint" / "libraries"
    folder = cache / name.replace("=", "-").replace(">", "-").replace("<", "-")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, symlinks=True)
        files = folder / DEBIAN
        files.mkdir()
        aside = [name.removeprefix(f"{DEBIAN}:") for name in requirements if name.startswith(f"{DEBIAN}:")]
        wheels = [name for name in requirements if not name.startswith(f"{DEBIAN}:")]
        commands = [["apt-get", "download", *aside]] if aside else []
        commands += (
            [[sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *wheels]] if wheels else []
        )
        for command in commands:
            _run(command, files, folder)
        for package in sorted(files.glob("*.deb")):
            _run(["dpkg", "-x", package.name, "."], files, folder)
        (folder / "complete").write_text(said)
    return str(python)


def _run(command: list[str], where: Path, folder: Path) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(folder)
        raise AssertionError(done.stderr)


def variables(python: str) -> dict[str, str]:
    """The environment variables with which the interpreter finds the packages of Debian beside it."""
    files = Path(python).parent.parent / DEBIAN
    libraries = os.pathsep.join(str(path) for path in sorted(files.glob("usr/lib/*-linux-gnu*")))
    modules = os.pathsep.join(str(path) for path in sorted(files.glob("usr/lib/python3/dist-packages")))
    return {**os.environ, **({"LD_LIBRARY_PATH": libraries, "PYTHONPATH": modules} if libraries else {})}
