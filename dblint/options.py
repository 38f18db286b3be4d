"""What the options of the command line ask for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from dblint import baseline
from dblint.cache import CacheFolder, usual_folder
from dblint.config import ConfigurationError, nearest, read_dialect, read_role, read_severity
from dblint.config_values import gather
from dblint.facts.program import Diagnostic, FileRole
from dblint.overwriting import STANDARD_OUTPUT, clashes
from dblint.progress import Progress
from dblint.report.files import write
from dblint.report.formats import FORMATS, Format
from dblint.report.visible import visible
from dblint.run import Request, Result, StandIn
from dblint.terminal import complain
from dblint.workers import mapper
from dblint.workspace.kinds import SOURCE_SUFFIXES, is_source
from dblint.workspace.read import read_stream

_STANDARD_INPUT = "-"
S = TypeVar("S")
T = TypeVar("T")

_NAMING = ("config", "baseline", "write_baseline", "fail_on", "dialect", "cache_dir", "stdin_filename")
"""The options that an empty word says nothing to."""


def request(paths: Sequence[str], options: dict[str, Any], progress: Progress, *, recall: bool = False) -> Request:
    """What the options ask for; `recall`: of whoever wants a report only. Raises `ConfigurationError` with every
    mistake, and `BaselineError`."""
    mistakes = [f"{_written(name)}: names nothing" for name in _NAMING if options.get(name) == ""]
    mistakes += ['PATH: names nothing; the current folder is "."'] if "" in paths else []

    def attempt(read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except ConfigurationError as error:
            mistakes.extend(error.mistakes)
            return otherwise

    def words(name: str) -> tuple[str, ...]:
        split = tuple(word.strip() for entry in options.get(name, ()) for word in entry.split(","))
        if "" in split:
            raise ConfigurationError(f"--{name}: names nothing")
        return split

    nothing: tuple[str, ...] = ()
    dialect, fail_on = options["dialect"], options.get("fail_on")
    asked = Request(
        paths=(".",),
        configuration=options["config"] or "",
        isolated=options["isolated"],
        users=True,
        overrides={
            "dialect": attempt(lambda: read_dialect(dialect, "--dialect"), "") if dialect else "",
            "select": attempt(lambda: words("select"), nothing),
            "fail_on": attempt(lambda: read_severity(fail_on, "--fail-on"), "") if fail_on else "",
        },
        ignore=attempt(lambda: words("ignore"), nothing),
        roles=attempt(lambda: dict(gather(_role, options.get("roles", ()))), {}),
        force_exclude=options.get("force_exclude", False),
        honour_suppressions=not options.get("ignore_suppressions", False),
        mapper=mapper(options.get("jobs") or 0),
        cache=attempt(lambda: _cache_folder(options), None),
        recall=recall,
        watch=progress,
    )
    unnamed: tuple[Sequence[str], StandIn | None] = ((), None)
    named, stand_in = attempt(lambda: _stand_in(paths, options.get("stdin_filename") or None), unnamed)
    if mistakes:
        raise ConfigurationError(*mistakes)
    known = baseline.read(options["baseline"]) if options.get("baseline") else ()
    return replace(asked, paths=named or (".",), stand_in=stand_in, baseline=known)


def _written(name: str) -> str:
    """An option as it is written."""
    return f"--{name.replace('_', '-')}"


def _role(row: str) -> tuple[str, FileRole]:
    """The pattern and the role of a `--role`."""
    pattern, _, role = row.rpartition("=")
    if not pattern:
        raise ConfigurationError(f'--role: "{row}" is not of the form PATTERN=ROLE')
    return pattern, read_role(role, "--role")


def _cache_folder(options: dict[str, Any]) -> CacheFolder | None:
    """Where earlier runs have kept what this one may need, None for nowhere. Raises `ConfigurationError`."""
    named = options.get("cache_dir")
    if options.get("no_cache", True):
        return None
    folder = Path(named).absolute() if named else usual_folder()
    return CacheFolder(folder, f"--cache-dir {named}" if named else "") if folder is not None else None


def _stand_in(paths: Sequence[str], name: str | None) -> tuple[Sequence[str], StandIn | None]:
    """The paths to review, and what stands in for one of them. Raises `ConfigurationError`."""
    if not name:
        if _STANDARD_INPUT in paths:
            raise ConfigurationError("-: to review standard input, say with --stdin-filename NAME which file it is")
        return paths, None
    option = f"--stdin-filename {name}"
    if any(path != _STANDARD_INPUT for path in paths):
        raise ConfigurationError(f"{option}: findings are told for this file only; name no other paths")
    if not is_source(name):
        endings = " ".join(sorted(SOURCE_SUFFIXES))
        raise ConfigurationError(f"{option}: not a kind of file that dblint reads ({endings})")
    if Path(name).is_dir():
        raise ConfigurationError(f"{option}: is a folder")
    return (name,), StandIn(name, _read_standard_input)


def _read_standard_input(path: str, limit: int) -> bytes | Diagnostic:
    if sys.stdin is None:
        raise ConfigurationError("--stdin-filename: standard input is closed")
    if sys.stdin.isatty():
        complain(f"dblint: reading {visible(path)} from standard input, until its end (Ctrl-D)")
    try:
        return read_stream(sys.stdin.buffer, path, limit)
    except OSError as error:
        raise ConfigurationError(f"--stdin-filename: standard input cannot be read: {error.strerror}") from None


def outputs(
    rows: Sequence[str], baselines: Mapping[str, str | None], known: Mapping[str, Format] = FORMATS
) -> list[tuple[str, str]]:
    """The reports to write, as pairs of one of the `known` formats and target. Raises `ConfigurationError` with every
    mistake, also where one would go to one of the baselines, which are given by their options."""
    wanted, mistakes = [], []
    for row in rows or ("text=-",):
        name, _, target = row.partition("=")
        if name not in known:
            which = f"{nearest(name, list(known))}; one of {', '.join(known)}"
            mistakes.append(f'--output: there is no format "{name}"{which}')
        wanted.append((name, target or STANDARD_OUTPUT))
    mistakes += clashes([target for _, target in wanted], baselines)
    if mistakes:
        raise ConfigurationError(*mistakes)
    return wanted


def both(first: Callable[[], S], second: Callable[[], T]) -> tuple[S, T]:
    """What these give. Raises `ConfigurationError` with the mistakes of both."""
    mistakes: list[str] = []
    try:
        one = first()
    except ConfigurationError as error:
        mistakes += error.mistakes
    try:
        other = second()
    except ConfigurationError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ConfigurationError(*mistakes)
    return one, other


def write_baseline(result: Result, target: str) -> None:
    """Writes the baseline that the next run is to be given."""
    write(target, baseline.render(baseline.entries(result.compared)), "--write-baseline")
