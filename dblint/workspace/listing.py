"""Lists the files below a folder: what git says, or where there is no git, a walk that honours .gitignore.

Symbolic links are never followed: a target inside the root is met at its own path, a target outside is not
part of the project. Nothing that is no regular file is ever opened.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dblint.facts.program import Diagnostic
from dblint.workspace.globs import Patterns
from dblint.workspace.kinds import (
    DEPENDENCY_FOLDERS,
    VIRTUAL_ENVIRONMENT_MARK,
    in_dependency_folder,
    is_manifest,
    is_source,
)

WHOLE_PROJECT = "."
"""The path of diagnostics that concern the root."""

_GIT_TIMEOUT = 120
_IGNORE_FILE_SIZE = 1_000_000
_REPOSITORY_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
)


class Listing(msgspec.Struct):
    """Paths relative to the root, `/`-separated, of regular files that are source or manifests. `excluded`: source
    files, and folders that were not looked into."""

    paths: set[str] = msgspec.field(default_factory=set)
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)
    excluded: set[str] = msgspec.field(default_factory=set)


def list_files(root: Path, base: str, exclude: Patterns) -> Listing:
    """The files below `root / base` (`base` is "" for the root itself) that nothing excludes."""
    listing = Listing()
    pending = [base]
    while pending:
        base = pending.pop()
        folder = root / base if base else root
        named = _git_paths(folder, base, listing) if (folder / ".git").exists() else None
        if named is None:
            _walk(root, base, exclude, listing)
        else:
            pending += _add_named(root, named, exclude, listing)
    return listing


def _git_paths(folder: Path, base: str, listing: Listing) -> list[str] | None:
    """What git lists below a repository's top folder, or None where git cannot tell."""
    git = shutil.which("git")
    if git is None:
        listing.diagnostics.append(
            Diagnostic("note", base or WHOLE_PROJECT, "git is not installed: the folder is walked instead", fails=False)
        )
        return None
    environment = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    hardening = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"]
    command = [git, *hardening, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed command, arguments from nobody
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_GIT_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = "took too long" if isinstance(error, subprocess.TimeoutExpired) else "could not be run"
        listing.diagnostics.append(
            Diagnostic("note", base or WHOLE_PROJECT, f"git {reason}: the folder is walked instead", fails=False)
        )
        return None
    complaint = answer.stderr.decode("utf-8", "replace")
    if answer.returncode != 0:
        reason = "git does not trust this checkout (safe.directory)" if "dubious ownership" in complaint else ""
        listing.diagnostics.append(
            Diagnostic(
                "note",
                base or WHOLE_PROJECT,
                f"{reason or 'git cannot list the files'}: the folder is walked instead",
                fails=False,
            )
        )
        return None
    prefix = f"{base}/" if base else ""
    for line in complaint.splitlines():
        opening, mark, rest = line.partition("could not open directory '")
        if mark and opening.startswith("warning"):
            path, _, reason = rest.rpartition("': ")
            listing.diagnostics.append(
                Diagnostic("io-error", prefix + path.rstrip("/"), f"the folder cannot be read: {reason}")
            )
    return [prefix + os.fsdecode(name) for name in answer.stdout.split(b"\0") if name]


def _add_named(root: Path, named: list[str], exclude: Patterns, listing: Listing) -> list[str]:
    """Takes git's list. The folders in it are repositories of their own, which git does not enter: they are
    handed back."""
    repositories: list[str] = []
    environments: dict[str, bool] = {}
    for path in named:
        path = path.rstrip("/")
        if ".." in path.split("/") or in_dependency_folder(f"{path}/"):
            continue
        try:
            mode = os.lstat(f"{root}/{path}").st_mode  # a path object for each file costs more than this
        except (FileNotFoundError, NotADirectoryError):
            continue  # in the index, not on the disk
        except OSError as error:
            listing.diagnostics.append(Diagnostic("io-error", path, f"cannot be read: {error.strerror}"))
            continue
        if stat.S_ISDIR(mode):
            if not exclude.match(f"{path}/"):
                repositories.append(path)
        elif _in_virtual_environment(root, path, environments):
            continue
        else:
            _add(path, mode, exclude, listing)
    return repositories


def _add(path: str, mode: int, exclude: Patterns, listing: Listing) -> None:
    """Takes one entry that is no folder."""
    if not (is_source(path) or is_manifest(path)) or stat.S_ISLNK(mode):
        return
    if exclude.match(path):
        listing.excluded |= {path} if is_source(path) else set()
    elif stat.S_ISREG(mode):
        listing.paths.add(path)
    else:
        listing.diagnostics.append(Diagnostic("io-error", path, "not a regular file"))


def _in_virtual_environment(root: Path, path: str, known: dict[str, bool]) -> bool:
    """Whether a folder on the path, below the root, is a virtual environment."""
    folder = path.rpartition("/")[0]
    trail: list[str] = []
    answer = False
    while folder:
        if folder in known:
            answer = known[folder]
            break
        trail.append(folder)
        if (root / folder / VIRTUAL_ENVIRONMENT_MARK).exists():
            answer = True
            break
        folder = folder.rpartition("/")[0]
    known.update(dict.fromkeys(trail, answer))
    return answer


class _Rules(msgspec.Struct, frozen=True):
    """The patterns of one .gitignore and the folder they count from; `outer` are the ones above."""

    base: str
    patterns: Patterns
    outer: _Rules | None

    def ignores(self, path: str) -> bool:
        """Whether the nearest ignore file that says something about the path matches it."""
        rules: _Rules | None = self
        while rules is not None:
            decision = rules.patterns.decide(path[len(rules.base) :])
            if decision is not None:
                return decision
            rules = rules.outer
        return False


def _walk(root: Path, base: str, exclude: Patterns, listing: Listing) -> None:
    """Walks a folder without recursion; a folder that cannot be read becomes a diagnostic."""
    pending: list[tuple[str, _Rules | None]] = [(base, None)]
    while pending:
        folder, outer = pending.pop()
        entries = list(_entries(root, folder, listing))
        if folder != base and any(name == VIRTUAL_ENVIRONMENT_MARK for name, _ in entries):
            continue
        prefix = f"{folder}/" if folder else ""
        rules = _ignore_file(root, prefix, outer) if any(name == ".gitignore" for name, _ in entries) else outer
        for name, mode in entries:
            path = prefix + name
            if stat.S_ISDIR(mode):
                if name in DEPENDENCY_FOLDERS or (rules is not None and rules.ignores(f"{path}/")):
                    continue
                if not exclude.match(f"{path}/"):
                    pending.append((path, rules))
                else:
                    listing.excluded.add(path)
            elif (is_source(path) or is_manifest(path)) and not (rules is not None and rules.ignores(path)):
                _add(path, mode, exclude, listing)


def _entries(root: Path, folder: str, listing: Listing) -> Iterator[tuple[str, int]]:
    """Names and modes of a folder's entries, sorted. Links are told as links."""
    try:
        with os.scandir(root / folder if folder else root) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        listing.diagnostics.append(
            Diagnostic("io-error", folder or WHOLE_PROJECT, f"the folder cannot be read: {error.strerror}")
        )
        return
    for entry in entries:
        try:
            yield entry.name, entry.stat(follow_symlinks=False).st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            path = f"{folder}/{entry.name}" if folder else entry.name
            listing.diagnostics.append(Diagnostic("io-error", path, f"cannot be read: {error.strerror}"))


def _ignore_file(root: Path, prefix: str, outer: _Rules | None) -> _Rules | None:
    """Reads a folder's .gitignore; a link or an outsize one is passed over."""
    path = root / f"{prefix}.gitignore"
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _IGNORE_FILE_SIZE:
            return outer
        patterns = Patterns(path.read_text("utf-8", "replace").splitlines())
    except OSError:
        return outer
    return _Rules(prefix, patterns, outer) if patterns else outer
