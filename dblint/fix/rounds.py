"""Makes fixes in memory, run after run, until none is left: nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from dblint.facts.program import Diagnostic
from dblint.facts.report import Position, ReportedFinding
from dblint.fix.changes import WithheldError, fitting
from dblint.fix.offer import changes_of, made, unreadable
from dblint.run import Request, Result, run
from dblint.workspace.read import read

MOST = 10
"""Runs after which what is left is left: a fix may make room for another one, and two must not undo each other."""


class Withheld(NamedTuple):
    """A finding with a fix that was not made, and why."""

    path: str
    position: Position
    rule: str
    why: str


@dataclass(slots=True)
class Outcome:
    """What became of the fixes. `first` is the result of the files as they are, `result` as they would
    be; `contents`: what was given for the content of files, by their paths; `before` and `after`: path → its bytes;
    `fixed`: path → rule → how many findings; `unsafe`: how many findings have a fix that is made only where it is asked
    for."""

    first: Result
    result: Result
    contents: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    fixed: dict[str, Counter[str]] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)
    unsafe: int = 0

    def content(self, path: str) -> bytes:
        """What was given for the content of a file, b"" where nothing was."""
        return self.contents.get(path, b"")

    def undo(self, path: str) -> None:
        """Takes back what was done to a file."""
        self.before.pop(path, None)
        self.after.pop(path, None)
        self.fixed.pop(path, None)


def fix(request: Request, *, unsafe: bool = False) -> Outcome:
    """Reviews, and makes what can be made of the fixes of the findings that would be told: the safe ones, or all.
    Raises as `run` does."""
    request = replace(request, fixes=True, recall=False)
    first = run(request)
    contents = {path: data for path, data in first.analysis.contents.items() if isinstance(data, bytes)}
    outcome = Outcome(first, first, contents)
    blocked: dict[str, str] = {}
    for _ in range(MOST):
        failing = _failing(outcome.result)
        changed = _round(outcome, contents, unsafe, blocked)
        if not changed:
            break
        outcome.result = run(replace(request, contents={**contents, **outcome.after}))
        for path in sorted(_failing(outcome.result) & changed - failing):
            blocked[path] = "the file could not be read with it"
            outcome.undo(path)
        if blocked.keys() & changed:
            outcome.result = run(replace(request, contents={**contents, **outcome.after}))
    outcome.withheld = list(_withheld(outcome.result, unsafe, blocked))
    offered = [finding.fix for finding in _findings(outcome) if finding.fix is not None and finding.fix.replacements]
    outcome.unsafe = sum(bool(fix.unsafe) for fix in offered)
    return outcome


def _findings(outcome: Outcome) -> tuple[ReportedFinding, ...]:
    return outcome.result.report.findings


def _failing(result: Result) -> set[str]:
    """The files that could not be read whole, so that a finding may be hidden."""
    return {diagnostic.path for diagnostic in result.report.diagnostics if diagnostic.fails}


def _round(outcome: Outcome, contents: dict[str, bytes], unsafe: bool, blocked: dict[str, str]) -> set[str]:
    """Makes the fixes that go together; gives the files that were changed."""
    by_path: dict[str, list[ReportedFinding]] = {}
    for finding in _findings(outcome):
        if finding.fix is not None and finding.fix.replacements and (unsafe or not finding.fix.unsafe):
            if finding.region.path not in blocked:
                by_path.setdefault(finding.region.path, []).append(finding)
    analysis, changed = outcome.result.analysis, set()
    document = analysis.document()
    for path, findings in by_path.items():
        content: bytes | Diagnostic | None = outcome.after.get(path, contents.get(path))
        if content is None:
            content = read(analysis.workspace.root, path, analysis.configuration.max_file_size)
        text = document(path)
        if isinstance(content, Diagnostic) or text is None:
            blocked[path] = "was changed while dblint was running"
            continue
        fixes = [changes_of(finding.fix) for finding in findings if finding.fix is not None]
        kept = fitting(fixes)
        changes = [change for number in kept for change in fixes[number]]
        try:
            if unreadable(path, text.data, changes):
                raise WithheldError("the file could not be read with it")
            after = made(path, content, changes)
        except WithheldError as error:
            blocked[path] = str(error)
            continue
        outcome.before.setdefault(path, content)
        outcome.after[path] = after
        outcome.fixed.setdefault(path, Counter()).update(findings[number].rule for number in kept)
        changed.add(path)
    return changed


def _withheld(result: Result, unsafe: bool, blocked: dict[str, str]) -> Iterator[Withheld]:
    """What was asked for and not made."""
    for finding in result.report.findings:
        if finding.fix is None or (finding.fix.unsafe and not unsafe):
            continue
        path = finding.region.path
        why = finding.fix.withheld or blocked.get(path) or f"fixes were still left after {MOST} runs"
        yield Withheld(path, finding.region.start, finding.rule, why)
