"""What a report or a baseline may be written over: reports and baselines of earlier runs, and nothing else.

Files are told apart by what their paths lead to, not by how they are spelled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from dblint.config import ConfigurationError, users_file
from dblint.report.formats import FORMATS, REVIEW_FORMATS, Format
from dblint.run import Result
from dblint.workspace.kinds import is_manifest, is_source

STANDARD_OUTPUT = "-"
_ALSO_STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")

_PART = 16_384
"""Bytes at either end of a file, by which it is known."""

_BASELINE = re.compile(
    r'\{\s*"version": \d+,\s*"findings": \[\s*(?:\]\s*\}\s*\Z|\{\s*"path": "[^\n]*",\s*"rule": "[^\n]*",\s*"key": ")'
)


def _report(name: str, formats: Mapping[str, Format]) -> re.Pattern[str]:
    """How a report begins that one of this format, of `formats`, may replace: one of any format."""
    rows = (*FORMATS.values(), *REVIEW_FORMATS.values())
    beginnings = [*(row.begins for row in rows), formats[name].says_nothing]
    return re.compile("|".join(f"(?:{each})" for each in beginnings if each))


def clashes(targets: Sequence[str], baselines: Mapping[str, str | None]) -> list[str]:
    """What is wrong where two reports go to one file, or one to a baseline. `baselines`: by the option that names
    each."""
    found = [
        f"{option} {baseline}: a report goes there"
        for option, baseline in baselines.items()
        if baseline and any(_same(baseline, target) for target in targets)
    ]
    for number, target in enumerate(targets):
        earlier = next((other for other in targets[:number] if _same(other, target)), None)
        if earlier is not None:
            also = "" if earlier == target else f", which is {earlier}"
            found.append(f"--output: two reports go to {target}{also}")
    return list(dict.fromkeys(found))


def refuse_inputs(
    result: Result,
    outputs: Sequence[tuple[str, str]],
    baseline: str | None,
    configuration: str | None,
    formats: Mapping[str, Format] = FORMATS,
) -> None:
    """Raises `ConfigurationError` where one of the reports, or the baseline that is written, would replace a file that
    is none: one that dblint reads, or whatever else there is. `outputs`: pairs of one of the `formats` and target;
    `configuration`: the one that was named."""
    mistakes = []
    written = [
        ("--output", target, _report(name, formats), "report") for name, target in outputs if target != STANDARD_OUTPUT
    ]
    written += [("--write-baseline", baseline, _BASELINE, "baseline")] if baseline else []
    for option, target, kind, what in written:
        why = _input(result, target, configuration)
        if not why and not _is_replaceable(target, kind):
            why = f"exists and is no {what} of dblint; remove it first, or name another file"
        mistakes += [f"{option} {target}: {why}"] if why else []
    if mistakes:
        raise ConfigurationError(*mistakes)


def _input(result: Result, target: str, configuration: str | None) -> str:
    """Which file the run depends on this is, "" for none."""
    root = result.workspace.root.resolve()
    real = Path(os.path.realpath(Path(target).parent), Path(target).name)  # a link itself is never written over
    if real.is_relative_to(root):
        path = real.relative_to(root).as_posix()
        if path == result.configuration.source or is_source(path) or is_manifest(path):
            return "is a file of the project" if real.exists() else "has the name of a file that dblint reads"
    own = users_file()
    if own is not None and _same(str(own[0]), target):
        return "is your own configuration"
    return "is the configuration of this run" if configuration and _same(configuration, target) else ""


def _is_replaceable(target: str, kind: re.Pattern[str]) -> bool:
    """Whether nothing is lost where this is written anew. What is no regular file is refused, or written to, later."""
    path = Path(target)
    try:
        if path.is_symlink() or not path.is_file():
            return True
        with path.open("rb") as file:
            known = file.read(_PART)
            if len(known) == _PART:
                file.seek(max(_PART, file.seek(0, os.SEEK_END) - _PART))
                # What lies between is left out, and with it the lines that are cut in two.
                known = known[: known.rfind(b"\n") + 1 or None] + file.read(_PART).partition(b"\n")[2]
    except OSError:
        return True
    text = known.decode("utf-8", "replace").replace("\r\n", "\n").lstrip("\ufeff \t\n")
    return not text or kind.match(text) is not None


def _same(one: str, other: str) -> bool:
    """Whether two paths lead to one file, which need not exist."""
    one, other = (STANDARD_OUTPUT if os.path.normpath(each) in _ALSO_STANDARD_OUTPUT else each for each in (one, other))
    if one == other:
        return True
    if STANDARD_OUTPUT in (one, other) or _is_device(one) or _is_device(other):
        return False
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def _is_device(target: str) -> bool:
    return Path(target).is_absolute() and Path(target).parts[:2] == ("/", "dev")
