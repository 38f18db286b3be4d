"""The report as Markdown, for job summaries and comments on GitHub and GitLab.

Whatever comes from the reviewed code is literal in it: nothing becomes a link, a mention, HTML or a table's border.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from dblint.facts.report import Excerpt, Report, ReportedFinding
from dblint.report.diagnostics import labels, told
from dblint.report.formats import Wanted
from dblint.report.grouping import Group, groups
from dblint.report.text import summary_lines
from dblint.report.visible import visible, visible_line

MAX_SIZE = 1_000_000
"""Bytes; GitHub takes a job summary of 1 MiB."""

_PUNCTUATION = re.compile(r"[\\`*_{}\[\]<>#|~&$]|^[-+=]|^(?<!\d)\d+[.)]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
_FENCES = {"py": "python", "pyi": "python", "sql": "sql", "prisma": "prisma"}
_FENCES |= dict.fromkeys(("ts", "tsx", "mts", "cts"), "typescript")
_FENCES |= dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript")


def render(report: Report, wanted: Wanted | None = None, *, complain: Callable[[str], None] = lambda _: None) -> str:
    """The report: the most harmful findings first, rule by rule. Those that GitHub has no room for are counted behind
    them, and told to `complain`."""
    wanted = wanted or Wanted()
    quiet, found = wanted.quiet, groups(report)
    head = "\n".join(_head(report, found if wanted.statistics or not quiet else (), quiet=quiet)) + "\n"
    notes = "".join(f"{line}\n" for line in _notes(report, quiet=quiet))
    room = MAX_SIZE - len(head.encode()) - len(notes.encode())
    parts = [head]
    kept = 0
    for group in () if wanted.statistics else found:
        heading = f"\n### {group.severity} {code(group.rule)}\n"
        for number, finding in enumerate(group.findings):
            block = "\n".join(["", *_finding(finding)]) + "\n"
            block = block if number else heading + block
            room -= len(block.encode())
            if room < 0:
                break
            parts.append(block)
            kept += 1
        if room < 0:
            break
    left_out = 0 if wanted.statistics else len(report.findings) - kept
    if left_out:
        text = f"{left_out} findings are left out: a job summary takes no more"
        parts.append(f"\n{text}\n")
        complain(f"markdown: {text}")
    return "".join([*parts, notes])


def _head(report: Report, found: Sequence[Group], *, quiet: bool) -> Iterator[str]:
    """What the run was, and the rules that spoke."""
    yield "## dblint"
    for line in () if quiet else summary_lines(report):
        yield ""
        yield literal(line)
    if found:
        yield ""
        yield "| rule | severity | findings |"
        yield "|---|---|---:|"
    for group in found:
        yield f"| {code(group.rule)} | {group.severity} | {len(group.findings)} |"


def _notes(report: Report, *, quiet: bool) -> Iterator[str]:
    """What could not be analysed, or had to be assumed."""
    diagnostics = told(report, quiet=quiet)
    if diagnostics:
        yield ""
        yield "### Notes"
        yield ""
    room = MAX_SIZE // 2
    for number, diagnostic in enumerate(diagnostics):
        place = diagnostic.path + (f":{diagnostic.line}" if diagnostic.line else "")
        start = f"{code(place)} " if place else ""
        severity, kind = labels(diagnostic)
        line = f"- {start}{severity} {f'{code(kind)} ' if kind else ''}{literal(diagnostic.message)}"
        room -= len(line.encode())
        if room < 0:
            yield f"- and {len(diagnostics) - number} more"
            break
        yield line


def _finding(finding: ReportedFinding) -> Iterator[str]:
    yield f"**{code(f'{finding.region.path}:{finding.region.start.line}')}** {literal(finding.message)}"
    if finding.excerpt is not None:
        yield ""
        yield from _excerpt(finding.excerpt, finding.region.path)
    if finding.related:
        yield ""
    for related in finding.related:
        place = f"{related.region.path}:{related.region.start.line}"
        yield f"- {code(place)}: {literal(related.message)}"
    if finding.minimal:
        yield ""
        yield f"Repair: {literal(finding.minimal)}"
    if finding.repair:
        yield ""
        yield from fenced(finding.repair.splitlines(), "")


def _excerpt(excerpt: Excerpt, path: str) -> Iterator[str]:
    """The lines as they stand in the file, the one that is meant among them."""
    yield from fenced(excerpt.lines, _FENCES.get(PurePosixPath(path).suffix.lower().lstrip("."), ""))


def fenced(lines: list[str] | tuple[str, ...], language: str) -> Iterator[str]:
    """The lines as a block of code, whatever they hold."""
    shown = [visible_line(line).rstrip() for line in lines]
    fence = "`" * max(3, _longest("\n".join(shown)) + 1)
    yield fence + language
    yield from shown
    yield fence


def code(text: str) -> str:
    """The text as a span of code."""
    shown = visible(text)
    ticks = "`" * (_longest(shown) + 1)
    space = " " if shown[:1] in "` " or shown[-1:] in "` " else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def literal(text: str) -> str:
    """The text as text. A mention is broken by a comment: a backslash would not stop it."""
    return _PUNCTUATION.sub(_escaped, visible(text).strip()).replace("@", "@<!-- -->")


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    return found[:-1] + "\\" + found[-1] if found[0].isdigit() else "".join(f"\\{character}" for character in found)


def _longest(text: str) -> int:
    """The longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)
