"""The report as Markdown, for job summaries and comments on GitHub and GitLab.

Whatever comes from the reviewed code is literal in it: nothing becomes a link, a mention, HTML or a table's border.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from dblint.facts.report import Excerpt, Report, ReportedFinding
from dblint.report.diagnostics import severity, told
from dblint.report.text import summary_lines
from dblint.report.visible import visible, visible_line

MAX_SIZE = 1_000_000
"""Bytes; GitHub takes a job summary of 1 MiB."""

_PUNCTUATION = re.compile(r"[\\`*_{}\[\]<>#|~&$]|^[-+=]|^(?<!\d)\d+[.)]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
_FENCES = {"py": "python", "pyi": "python", "sql": "sql", "prisma": "prisma"}
_FENCES |= dict.fromkeys(("ts", "tsx", "mts", "cts"), "typescript")
_FENCES |= dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript")
_ORDER = ("error", "warning", "info")


def render(report: Report, *, complain: Callable[[str], None] = lambda _: None) -> str:
    """The report. Findings that GitHub has no room for are counted at its end, and told to `complain`."""
    head = "\n".join(_head(report)) + "\n"
    blocks = ["\n".join(["", *_finding(finding)]) + "\n" for finding in report.findings]
    kept = set(_fitting(report, blocks, MAX_SIZE - len(head.encode())))
    parts = [head]
    path = ""
    for number, finding in enumerate(report.findings):
        if number in kept:
            parts += [_heading(finding)] if finding.region.path != path else []
            parts.append(blocks[number])
            path = finding.region.path
    left_out = len(blocks) - len(kept)
    if left_out:
        text = f"{left_out} findings are left out: a job summary takes no more"
        parts.append(f"\n{text}\n")
        complain(f"markdown: {text}")
    return "".join(parts)


def _fitting(report: Report, blocks: Sequence[str], room: int) -> Iterator[int]:
    """Which findings there is room for, the gravest first."""
    grades = [_ORDER.index(finding.severity) for finding in report.findings]
    for number in sorted(range(len(blocks)), key=lambda number: (grades[number], number)):
        room -= len(_heading(report.findings[number]).encode()) + len(blocks[number].encode())
        if room < 0:
            return
        yield number


def _heading(finding: ReportedFinding) -> str:
    return f"\n### {code(finding.region.path)}\n"


def _head(report: Report) -> Iterator[str]:
    """What the run was, the rules that spoke, and what could not be analysed or had to be assumed."""
    yield "## dblint"
    for line in summary_lines(report):
        yield ""
        yield literal(line)
    counts = Counter((finding.severity, finding.rule) for finding in report.findings)
    if counts:
        yield ""
        yield "| rule | severity | findings |"
        yield "|---|---|---:|"
        for (grade, rule), count in sorted(counts.items(), key=lambda item: (_ORDER.index(item[0][0]), item[0][1])):
            yield f"| {code(rule)} | {grade} | {count} |"
    diagnostics = told(report)
    if diagnostics:
        yield ""
        yield "### Notes"
        yield ""
    room = MAX_SIZE // 2
    for number, diagnostic in enumerate(diagnostics):
        place = diagnostic.path + (f":{diagnostic.line}" if diagnostic.line else "")
        start = f"{code(place)} " if place else ""
        line = f"- {start}{severity(diagnostic)} {code(diagnostic.kind)} {literal(diagnostic.message)}"
        room -= len(line.encode())
        if room < 0:
            yield f"- and {len(diagnostics) - number} more"
            break
        yield line


def _finding(finding: ReportedFinding) -> Iterator[str]:
    start = finding.region.start
    yield f"**{finding.severity}** {code(finding.rule)} line {start.line}: {literal(finding.message)}"
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
