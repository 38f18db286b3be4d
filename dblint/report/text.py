"""The report for people: each finding with its source, why it was said and what to write instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Diagnostic
from dblint.facts.report import Excerpt, RelatedRegion, Report, ReportedFile, ReportedFinding, Summary
from dblint.report.diagnostics import is_shown, labels
from dblint.report.formats import Wanted
from dblint.report.grouping import IN_FULL, groups, places, table
from dblint.report.visible import visible, visible_line, visible_path, width

if TYPE_CHECKING:
    from typing import Any

COLUMNS = 200
"""Cells of source that are shown on a line, around the mark where a line is longer."""

_FIXED = 5
"""Fixed findings of a baseline that are named."""

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue", "note": "blue"}

Style = Callable[..., str]


def _plain(text: Any, **_: object) -> str:
    return str(text)


def render(report: Report, wanted: Wanted | None = None, *, colour: bool = False) -> str:
    """The report as text: the most harmful findings first, rule by rule. `colour`: with terminal colours."""
    wanted = wanted or Wanted()
    style: Style = _plain
    if colour:
        from click import style as click_style

        style = click_style
    blocks = [] if wanted.statistics else list(_findings(report, wanted, style))
    if wanted.files:
        blocks.append([_file(file, style) for file in report.files])
    diagnostics = [
        diagnostic
        for diagnostic in report.diagnostics
        if diagnostic.fails or (not wanted.quiet and (wanted.files or is_shown(diagnostic)))
    ]
    blocks.append(list(_diagnostics(diagnostics, wanted, style)))
    found = groups(report)
    is_long = len(found) > 1 or any(group.rest() for group in found)
    if found and (wanted.statistics or (is_long and not wanted.quiet)):
        blocks.append(list(table(found)))
    if not wanted.quiet:
        blocks.append(summary_lines(report))
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return f"{text}\n" if text else ""


def _findings(report: Report, wanted: Wanted, style: Style) -> Iterator[list[str]]:
    """Each finding that is told in full, and what is left of its rule."""
    for group in groups(report):
        for finding in group.shown(everything=wanted.everything):
            yield list(_finding(finding, style, everything=wanted.everything))
        if group.rest() and not wanted.everything:
            yield [style(group.rest(), bold=True)]


def _diagnostics(diagnostics: Sequence[Diagnostic], wanted: Wanted, style: Style) -> Iterator[str]:
    """What could not be read or was left out: whatever can hide a finding, and the first few notes."""
    notes = [diagnostic for diagnostic in diagnostics if not diagnostic.fails]
    left = set() if wanted.files else set(notes[IN_FULL:])
    shown = [diagnostic for diagnostic in diagnostics if diagnostic not in left]
    yield from (diagnostic_line(diagnostic, style) for diagnostic in sorted(shown, key=lambda one: not one.fails))
    if left:
        yield f"and {_number(len(left), 'more note')} (--show-files)"


def _file(file: ReportedFile, style: Style) -> str:
    """A file, what it is taken to be for, and why."""
    sign = f": {visible(file.sign)}" if file.sign else ""
    return f"{style(visible(file.path), bold=True)} {file.role}{sign}"


def diagnostic_line(diagnostic: Diagnostic, style: Style = _plain) -> str:
    """A diagnostic as one line."""
    place = visible_path(diagnostic.path) + (f":{diagnostic.line}" if diagnostic.line else "")
    severity, kind = labels(diagnostic)
    parts = [style(place, bold=True)] if place else []
    parts.append(style(severity, fg=_COLOURS[severity], bold=True))
    parts += [style(kind, bold=True)] if kind else []
    return " ".join([*parts, visible(diagnostic.message)])


def summary_lines(report: Report) -> list[str]:
    """What the run was, in one line or a few."""
    summary = report.summary
    lines = [f"{_counts(report)} in {_number(summary.checked, 'file')}{_extras(summary)}"]
    if summary.calls_read and not (summary.touches_a_database or report.findings or summary.known):
        where = f"{_number(summary.checked, 'file')}{_extras(summary)}"
        lines = [f"no database code found in {where}"]
        if summary.unreviewed:
            lines = [
                f"no database code to review in {where}",
                (
                    f"files with database code that are not reviewed: {', '.join(summary.unreviewed)}"
                    " (--show-files names them, --role says otherwise)"
                ),
            ]
        elif summary.named:
            named = ", ".join(map(visible, summary.named))
            lines = [f"no query was understood in {where}, though they name {named} (dblint review says where)"]
    if not summary.checked:
        lines = [f"0 files checked ({summary.excluded} excluded)"]
    if summary.configuration:
        lines.append(f"configuration: {visible(summary.configuration)}")
    if summary.partial:
        lines.append(
            f"{_number(summary.partial, 'file')} read in part, nothing about databases in the unread parts"
            " (--show-files names them)"
        )
    failing = sum(diagnostic.fails for diagnostic in report.diagnostics)
    if failing:
        lines.append(f"{_number(failing, 'place')} could not be analysed: findings may be missing")
    lines += [f"{visible(assumption)} (--dialect says which it is)" for assumption in summary.assumptions]
    if summary.fixed:
        lines.append(f"{_number(len(summary.fixed), 'finding')} of the baseline fixed: {_fixed(summary)}")
    return lines


def _fixed(summary: Summary) -> str:
    """The first few findings of the baseline that no run finds any more, the same rule in the same file once."""
    counts = Counter((entry.path, entry.rule) for entry in summary.fixed)
    told = [
        f"{rule} in {visible(path)}" + (f" ({count})" if count > 1 else "")
        for (path, rule), count in sorted(counts.items())[:_FIXED]
    ]
    more = len(counts) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _counts(report: Report) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    total = _number(len(report.findings), "new finding" if report.summary.known else "finding")
    parts = [_number(counts[severity], severity) for severity in ("error", "warning") if counts[severity]]
    if counts["info"]:
        parts.append(f"{counts['info']} info")
    return f"{total} ({', '.join(parts)})" if parts else f"no {'new ' if report.summary.known else ''}findings"


def _extras(summary: Summary) -> str:
    parts = [_number(summary.calls, "database call")] if summary.touches_a_database and summary.calls_read else []
    parts += [f"{summary.unresolved} unresolved"] if summary.unresolved else []
    parts += [_number(summary.migrations, "migration")] if summary.migrations else []
    parts += [f"{summary.suppressed} suppressed"] if summary.suppressed else []
    parts += [f"{summary.known} in the baseline"] if summary.known else []
    parts += [f"{summary.excluded} excluded"] if summary.excluded else []
    parts += [f"{summary.skipped} skipped"] if summary.skipped else []
    return f" ({', '.join(parts)})" if parts else ""


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _finding(finding: ReportedFinding, style: Style, *, everything: bool) -> Iterator[str]:
    shown, rest = places(finding, everything=everything)
    start = finding.region.start
    colour = _COLOURS[finding.severity]
    place = f"{visible_path(finding.region.path)}:{start.line}:{start.column}"
    yield (
        f"{style(place, bold=True)} {style(finding.severity, fg=colour, bold=True)} "
        f"{style(finding.rule, bold=True)} {visible(finding.message)}"
    )
    digits = _digits(finding, shown)
    if finding.excerpt is not None:
        yield from _frame(finding.excerpt, digits, style, colour)
    for related in shown:
        yield from _related(related, finding, digits, style)
    if rest:
        yield f"{' ' * digits} {style('->', fg='blue')} {rest}"
    if finding.minimal:
        yield f"{' ' * digits} = {style('repair', bold=True)}: {visible(finding.minimal)}"
    for line in finding.repair.splitlines():
        yield f"{' ' * digits}   {style(visible_line(line), fg='green')}"


def _digits(finding: ReportedFinding, shown: Sequence[RelatedRegion]) -> int:
    """How wide the line numbers of a finding's frames are."""
    excerpts = [finding.excerpt, *(related.excerpt for related in shown)]
    last = [excerpt.first + len(excerpt.lines) - 1 for excerpt in excerpts if excerpt is not None]
    return len(str(max(last, default=1))) + 1


def _related(related: RelatedRegion, finding: ReportedFinding, digits: int, style: Style) -> Iterator[str]:
    region = related.region
    place = f"{visible(region.path)}:{region.start.line}:{region.start.column}"
    yield f"{' ' * digits} {style('->', fg='blue')} {place}: {visible(related.message)}"
    same = region.path == finding.region.path and region.start.line == finding.region.start.line
    if related.excerpt is not None and not same:
        yield from _frame(related.excerpt, digits, style, "blue", mark="-")


def _frame(excerpt: Excerpt, digits: int, style: Style, colour: str, mark: str = "^") -> Iterator[str]:
    """Source lines with their numbers, and a mark below the one that is meant."""
    bar = style("|", fg="blue")
    for number, line in enumerate(excerpt.lines, excerpt.first):
        label = style(f"{number:>{digits}}", fg="blue")
        if number != excerpt.line:
            yield f"{label} {bar} {_cut(visible(line), 0)[0]}".rstrip()
            continue
        before = visible(line[: excerpt.start])
        marked = visible(line[excerpt.start : excerpt.stop])
        shown, offset = _cut(before + marked + visible(line[excerpt.stop :]), len(before))
        yield f"{label} {bar} {shown}".rstrip()
        indent = width(shown[: len(before) - offset])
        length = max(1, min(width(marked), COLUMNS - indent))
        yield f"{' ' * digits} {bar} {' ' * indent}{style(mark * length, fg=colour, bold=True)}"


def _cut(text: str, mark: int) -> tuple[str, int]:
    """The part of a long line around the mark, and by how much the mark has moved to the left."""
    if len(text) <= COLUMNS:
        return text, 0
    start = max(0, min(mark - COLUMNS // 4, len(text) - COLUMNS))
    shown = text[start : start + COLUMNS]
    if start:
        shown = "…" + shown[1:]
    if start + COLUMNS < len(text):
        shown = shown[:-1] + "…"
    return shown, start
