"""Which files belong to a run: the project around the named paths, what is read, what is reported on.

Facts are taken from the whole project (a query in one file is judged by a schema in another); findings are
told for the named paths only.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from dblint.facts.program import Diagnostic
from dblint.workspace.globs import Patterns
from dblint.workspace.kinds import DEPENDENCY_FOLDERS, is_manifest, is_source
from dblint.workspace.listing import list_files

_REPOSITORY_SIGNS = (".git", ".hg", ".svn")
_WORKSPACE_SIGNS = ("pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json", "rush.json", "dblint.toml")
_PROJECT_SIGNS = (
    *_WORKSPACE_SIGNS,
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "package.json",
    "requirements.txt",
    "Pipfile",
    "alembic.ini",
    "Cargo.toml",
    "go.mod",
)


class Workspace(msgspec.Struct, frozen=True):
    """What a run reads. All paths are relative to `root`, `/`-separated and sorted.

    `named` are the paths that findings are told for; "" is the whole root. `missing` are named paths, as
    given, that do not exist; `refused` tells of named paths that are not read. `idle` are patterns of what is excluded
    that have excluded nothing.
    """

    root: Path
    named: tuple[str, ...]
    sources: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[Diagnostic, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    excluded: int = 0
    idle: tuple[str, ...] = ()

    @property
    def above(self) -> str:
        """The way up from the current folder to the root, where that is one above it (`../..`); "" otherwise."""
        try:
            way = os.path.relpath(self.root)
        except (OSError, ValueError):  # the current folder is gone; on Windows, another drive
            return ""
        return way if set(Path(way).parts) == {os.pardir} else ""

    def reports_on(self, path: str) -> bool:
        """Whether findings in this file are told."""
        return any(not name or path == name or path.startswith(f"{name}/") for name in self.named)


class _Target(msgspec.Struct):
    """One named path, resolved."""

    given: str
    real: Path
    folder: bool
    base: Path | None  # the project around it, None where no sign of one was found


class Targets(msgspec.Struct):
    """The named paths, resolved, and the root that holds them all."""

    root: Path
    targets: list[_Target] = msgspec.field(default_factory=list)
    missing: list[str] = msgspec.field(default_factory=list)
    refused: list[Diagnostic] = msgspec.field(default_factory=list)

    def start(self) -> Path:
        """The deepest folder that holds every named path: where the search for configuration begins."""
        folders = [target.real if target.folder else target.real.parent for target in self.targets]
        return Path(os.path.commonpath(folders)) if folders else self.root


def resolve(paths: Sequence[str], root: Path | None = None, unsaved: str = "") -> Targets:
    """Resolves the named paths and finds the project's root (or takes the one that is given). The file `unsaved`
    need not exist, only its folder."""
    found = Targets(root or Path.cwd())
    for given in paths:
        path = Path(given)
        try:
            if given == unsaved and not os.path.lexists(path):
                real, mode = path.parent.resolve(strict=True) / path.name, stat.S_IFREG
            else:
                real = path.resolve(strict=True)
                mode = real.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if path.is_symlink():
                found.refused.append(Diagnostic("io-error", given, "a symbolic link to nothing"))
            else:
                found.missing.append(given)
            continue
        except (OSError, RuntimeError, ValueError) as error:
            found.refused.append(Diagnostic("io-error", given, _reason(error)))
            continue
        if stat.S_ISDIR(mode):
            found.targets.append(_Target(given, real, folder=True, base=root or _project(real, real)))
        elif stat.S_ISREG(mode):
            found.targets.append(_Target(given, real, folder=False, base=root or _project(real.parent, None)))
        else:
            found.refused.append(Diagnostic("io-error", given, "not a regular file"))
    if root is None and found.targets:
        holders = [target.base or (target.real if target.folder else target.real.parent) for target in found.targets]
        found.root = Path(os.path.commonpath(holders))
    elif root is not None:
        found.root = root.resolve()
    return found


def discover(found: Targets, exclude: Sequence[str] = (), *, force_exclude: bool = False) -> Workspace:
    """Lists the projects around the named paths. A named file is read although something excludes it, unless
    `force_exclude` says otherwise; a named folder is walked although git ignores it."""
    root = found.root
    patterns = Patterns(exclude)
    refused = list(found.refused)
    diagnostics: list[Diagnostic] = []
    paths: set[str] = set()
    named: set[str] = set()
    excluded: set[str] = set()
    for base in _outermost(_bases(found)):
        listing = list_files(root, _relative(base, root), patterns)
        paths |= listing.paths
        diagnostics += listing.diagnostics
        excluded |= listing.excluded
    for target in found.targets:
        relative = _relative(target.real, root)
        if target.folder:
            named.add(relative)
            if not any(path.startswith(f"{relative}/") for path in paths) and relative:
                listing = list_files(root, relative, patterns)
                paths |= listing.paths
                excluded |= listing.excluded
        elif not is_source(relative):
            refused.append(Diagnostic("note", relative, "not a kind of file that dblint reads: skipped", fails=False))
        elif force_exclude and patterns.match(relative):
            excluded.add(relative)
        else:
            named.add(relative)
            paths.add(relative)
    return Workspace(
        root=root,
        named=tuple(sorted(named)),
        sources=tuple(sorted(path for path in paths if is_source(path))),
        manifests=tuple(sorted(path for path in paths if is_manifest(path))),
        missing=tuple(found.missing),
        refused=tuple(refused),
        diagnostics=tuple(diagnostics),
        excluded=len(excluded - _around(excluded)),
        idle=tuple(pattern for pattern in patterns.idle() if not _is_there(root, pattern)),
    )


def _around(paths: set[str]) -> set[str]:
    """The folders of which something is named beside them."""
    return {path[:end] for path in paths for end, character in enumerate(path) if character == "/"}


def _is_there(root: Path, pattern: str) -> bool:
    """Whether a pattern names what is there and would not have been read anyway."""
    name = pattern.strip().strip("/")
    return bool(DEPENDENCY_FOLDERS.keys() & set(name.split("/"))) or os.path.lexists(root / name)


def _bases(found: Targets) -> Iterator[Path]:
    """The folders to list: the project around each named path, or the named folder alone."""
    for target in found.targets:
        if target.base is not None:
            yield target.base
        elif target.folder:
            yield target.real


def _outermost(bases: Iterator[Path]) -> list[Path]:
    """The folders that lie in none of the others, in order."""
    kept: list[Path] = []
    for base in sorted(set(bases)):
        if not any(base.is_relative_to(outer) for outer in kept):
            kept.append(base)
    return kept


def _project(folder: Path, named: Path | None) -> Path | None:
    """The project that a folder belongs to: the repository around it; without one the nearest folder with a
    manifest, or above it one that declares a workspace. The home folder, the file system's root and folders that
    everybody puts things into (`/tmp`) are no projects unless they are named: what lies there is somebody else's."""
    home = _home()
    nearest: Path | None = None
    for candidate in (folder, *folder.parents):
        if candidate != named and (candidate == home or candidate.parent == candidate or _shared(candidate)):
            break
        if any((candidate / sign).exists() for sign in _REPOSITORY_SIGNS):
            return candidate
        signs = _PROJECT_SIGNS if nearest is None else _WORKSPACE_SIGNS
        if any((candidate / sign).is_file() for sign in signs):
            nearest = candidate
    return nearest


def _shared(folder: Path) -> bool:
    """Whether everybody may put things into a folder and take away nothing but their own (its sticky bit). Shared
    drives let everybody do everything and say so of each folder, also of those of projects."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISVTX and mode & stat.S_IWOTH)


def _home() -> Path | None:
    """The user's folder, None where the system knows of none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _relative(path: Path, root: Path) -> str:
    """The path below the root, `/`-separated; "" for the root itself."""
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _reason(error: Exception) -> str:
    """What the system says, without a path."""
    if isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP):
        return "a symbolic link that leads back to itself"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return "not a path that can be read"
