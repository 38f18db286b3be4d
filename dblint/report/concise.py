"""A line per finding, in the form that compilers write and editors read (GNU coding standards, 4.4).

`path:line:column: severity: message [rule]`. What could not be analysed stands in the same form, as far as its place
is known.
"""

from __future__ import annotations

from dblint.facts.report import Report
from dblint.report.diagnostics import labels, told
from dblint.report.formats import Wanted
from dblint.report.visible import visible, visible_path


def render(report: Report, wanted: Wanted | None = None) -> str:
    """The report, without a summary: every line is a place."""
    lines = []
    for finding in report.findings:
        start = finding.region.start
        place = f"{visible_path(finding.region.path)}:{start.line}:{start.column}"
        lines.append(f"{place}: {finding.severity}: {visible(finding.message)} [{finding.rule}]")
    for diagnostic in told(report, quiet=wanted is not None and wanted.quiet):
        place = visible_path(diagnostic.path) or "dblint"
        place += f":{diagnostic.line}" if diagnostic.line else ""
        severity, kind = labels(diagnostic)
        # Where a name is expected, editors take the line for none without it.
        lines.append(f"{place}: {severity}: {visible(diagnostic.message)} [{kind or severity}]")
    return "".join(f"{line}\n" for line in lines)
