"""Findings that were there before: a file of their keys, so that a run tells only what is new.

A key is made of the rule, the path and the words of the line (`dblint.fingerprints`): lines may move, and a
finding on a line that was copied is new. The file holds neither message nor source, and so no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from dblint.builtin import INTERNAL_ERROR
from dblint.facts.report import ReportedFinding
from dblint.workspace.read import NotRegularError, TooLargeError, read_regular

VERSION = 1
"""Of the file's form. A file of another version is refused: what it knows could not be told from what is new."""

_FILE_SIZE = 100_000_000


class BaselineError(Exception):
    """A baseline cannot be read; the text says which, where and why."""


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One known finding."""

    path: str
    rule: str
    key: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    findings: tuple[Entry, ...]


class Compared(msgspec.Struct, frozen=True):
    """Findings beside a baseline: `new` ones, those `known`, and the entries `fixed` that no finding has any more.
    `unjudged` are entries of which this run can say nothing."""

    new: tuple[ReportedFinding, ...]
    known: tuple[ReportedFinding, ...] = ()
    fixed: tuple[Entry, ...] = ()
    unjudged: tuple[Entry, ...] = ()


def read(target: str) -> tuple[Entry, ...]:
    """The entries of a baseline. Raises `BaselineError`."""
    place = f"--baseline {target}"
    try:
        text = read_regular(Path(target), _FILE_SIZE).decode("utf-8-sig")
        value = json.loads(text)
    except NotRegularError:
        raise BaselineError(f"{place}: is not a regular file") from None
    except TooLargeError as error:
        raise BaselineError(f"{place}: is too large ({error.size} bytes, at most {_FILE_SIZE})") from None
    except OSError as error:
        raise BaselineError(f"{place}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BaselineError(f"{place}: not valid UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise BaselineError(f"{place}:{error.lineno}:{error.colno}: {error.msg}") from None
    except RecursionError:
        raise BaselineError(f"{place}: nested too deeply") from None
    version = value.get("version") if isinstance(value, dict) else None
    if type(version) is int and version != VERSION:
        raise BaselineError(f"{place}: is of version {version}, and this dblint reads version {VERSION}: write it anew")
    try:
        return msgspec.convert(value, _File).findings
    except msgspec.ValidationError as error:
        raise BaselineError(f"{place}: {error}") from None


def entries(compared: Compared) -> tuple[Entry, ...]:
    """What a baseline holds after a run: everything that it found, and the entries of which it can say nothing."""
    found = {_entry(finding) for finding in (*compared.new, *compared.known) if can_be_known(finding)}
    return tuple(sorted({*found, *compared.unjudged}))


def render(known: Iterable[Entry]) -> bytes:
    """The file of a baseline; the same entries give the same bytes. Each stands on a line of its own, so that version
    control shows and merges them one by one."""
    rows = [
        "    " + json.dumps({"path": entry.path, "rule": entry.rule, "key": entry.key}) for entry in sorted(set(known))
    ]
    listed = "[\n" + ",\n".join(rows) + "\n  ]" if rows else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'.encode("ascii")


def compare(
    findings: Sequence[ReportedFinding],
    baseline: Iterable[Entry],
    judged: Callable[[str, str], bool],
) -> Compared:
    """Sets findings beside a baseline. `judged`: whether the rule of this id
    could have spoken in this file and saw all of it, or the file is gone."""
    listed = frozenset(baseline)
    known: list[ReportedFinding] = []
    new: list[ReportedFinding] = []
    for finding in findings:
        (known if _entry(finding) in listed and can_be_known(finding) else new).append(finding)
    gone = sorted(listed - {_entry(finding) for finding in known})
    fixed = [entry for entry in gone if judged(entry.rule, entry.path)]
    unjudged = sorted(set(gone) - set(fixed))
    return Compared(tuple(new), tuple(known), tuple(fixed), tuple(unjudged))


def _entry(finding: ReportedFinding) -> Entry:
    return Entry(finding.region.path, finding.rule, finding.key)


def can_be_known(finding: ReportedFinding) -> bool:
    """A rule that fails says nothing of the code: that is never accepted."""
    return finding.rule != INTERNAL_ERROR
