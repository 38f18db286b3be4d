"""Wheels and empty environments for tests that install dblint. No package index is asked: what dblint needs is packed
anew from what the environment of the tests has installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
_BUILD = "import sys; from hatchling import build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
_OF_THE_INSTALLER = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")


def build(project: Path, wheels: Path, *, editable: bool = False) -> Path:
    """Builds a project's wheel, or the one that an editable install of it would install."""
    hook = "build_editable" if editable else "build_wheel"
    command = [sys.executable, "-c", _BUILD, hook, str(wheels)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return wheels / done.stdout.splitlines()[-1]


def repack_dependencies(name: str, wheels: Path) -> None:
    """Writes wheels of all that an installed distribution needs."""
    pending, seen = [name], {name}
    while pending:
        for text in distribution(pending.pop()).requires or ():
            requirement = Requirement(text)
            if requirement.name in seen or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
                continue
            seen.add(requirement.name)
            pending.append(requirement.name)
            _repack(distribution(requirement.name), wheels)


def _repack(installed: Distribution, wheels: Path) -> None:
    tags = [line.split()[1] for line in (installed.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
    name = installed.metadata["Name"].replace("-", "_").replace(".", "_")
    files = [
        file
        for file in installed.files or ()
        if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in _OF_THE_INSTALLER
    ]
    [folder] = {file.parts[0] for file in files if file.parts[0].endswith(".dist-info")}
    with zipfile.ZipFile(wheels / f"{name}-{installed.version}-{tags[0]}.whl", "w") as wheel:
        for file in files:
            wheel.write(str(file.locate()), file.as_posix())
        names = [*(file.as_posix() for file in files), f"{folder}/RECORD"]
        wheel.writestr(f"{folder}/RECORD", "".join(f'"{name}",,\n' for name in names))


class Environment:
    """An environment of its own, empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.programs = folder / ("Scripts" if sys.platform == "win32" else "bin")

    def install(self, *requirements: str, wheels: Path) -> None:
        """Installs from a folder of wheels and nowhere else."""
        self._pip("install", "--no-index", "--find-links", str(wheels), "--no-compile", *requirements)

    @contextmanager
    def installed(self, *requirements: str, wheels: Path) -> Iterator[None]:
        """Installs as `install` does, and takes the first of it away again."""
        self.install(*requirements, wheels=wheels)
        try:
            yield
        finally:
            self._pip("uninstall", "--yes", Path(requirements[0]).name.partition("-")[0])

    def _pip(self, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.programs / "python")]
        subprocess.run([*pip, *arguments, "--quiet", "--disable-pip-version-check"], check=True)

    def dblint(
        self, *arguments: str, folder: Path, variables: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the installed dblint in a folder, for a user who has nothing configured but `variables`."""
        plain = {"PATH": str(self.programs), "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **(variables or {})}
        return self._run([str(self.programs / "dblint"), *arguments], folder, plain)

    @staticmethod
    def _run(command: Sequence[str], folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", check=False
        )
