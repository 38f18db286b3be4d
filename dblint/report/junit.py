"""JUnit's XML: a suite per file, a case per finding, in the part of the format that CI systems agree on.

Cases are named by their rule, and by a number where a file has several, so that a case keeps its name when lines move.
There is no time in it: the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from dblint.facts.report import Report, ReportedFinding
from dblint.report.diagnostics import failing, severity
from dblint.report.visible import visible, visible_line, visible_path


@dataclass(frozen=True, slots=True)
class _Case:
    """A case that is not passed. `element` is failure for findings, error for what could not be analysed."""

    element: str
    name: str
    line: int
    severity: str
    message: str
    details: str
    in_file: bool = True


def render(report: Report) -> str:
    """The report as one document. A run without findings is one passed case: CI systems take none for a mistake. A note
    hides no finding, and is no case."""
    suites: dict[str, list[_Case]] = {}
    for finding in report.findings:
        start = finding.region.start
        case = _Case("failure", finding.rule, start.line, finding.severity, visible(finding.message), _details(finding))
        suites.setdefault(visible(finding.region.path), []).append(case)
    for diagnostic in failing(report):
        place = visible(diagnostic.path) or "dblint"
        message = visible(diagnostic.message)
        details = f"{place}{f':{diagnostic.line}' if diagnostic.line else ''}: {message}"
        case = _Case(
            "error", diagnostic.kind, diagnostic.line, severity(diagnostic), message, details, bool(diagnostic.path)
        )
        suites.setdefault(place, []).append(case)
    return "\n".join(_document(suites)) + "\n"


def _details(finding: ReportedFinding) -> str:
    start = finding.region.start
    lines = [f"{visible_path(finding.region.path)}:{start.line}:{start.column}: {visible(finding.message)}"]
    for related in finding.related:
        place = related.region.start
        lines.append(f"{visible_path(related.region.path)}:{place.line}:{place.column}: {visible(related.message)}")
    lines += [f"Repair: {visible(finding.minimal)}"] if finding.minimal else []
    lines += [visible_line(line) for line in finding.repair.splitlines()]
    return "\n".join(lines)


def _document(suites: dict[str, list[_Case]]) -> Iterator[str]:
    cases = [case for suite in suites.values() for case in suite]
    passed = int(not cases)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="dblint"{_counts(cases, passed)}>'
    for name, suite in sorted(suites.items()):
        yield f"  <testsuite name={quoteattr(name)}{_counts(suite)}>"
        seen: dict[str, int] = {}
        for case in suite:
            seen[case.name] = seen.get(case.name, 0) + 1
            yield from _case(case, name, seen[case.name])
        yield "  </testsuite>"
    if passed:
        yield f'  <testsuite name="dblint"{_counts(cases, passed)}>'
        yield '    <testcase name="no findings" classname="dblint"/>'
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(case: _Case, path: str, occurrence: int) -> Iterator[str]:
    name = case.name if occurrence == 1 else f"{case.name} ({occurrence})"
    file = f" file={quoteattr(path)}" if case.in_file else ""
    line = f' line="{case.line}"' if case.line else ""
    yield f"    <testcase name={quoteattr(name)} classname={quoteattr(path)}{file}{line}>"
    attributes = f"message={quoteattr(case.message)} type={quoteattr(case.severity)}"
    yield f"      <{case.element} {attributes}>{escape(case.details)}</{case.element}>"
    yield "    </testcase>"


def _counts(cases: list[_Case], passed: int = 0) -> str:
    failures = sum(case.element == "failure" for case in cases)
    errors = sum(case.element == "error" for case in cases)
    return f' tests="{len(cases) + passed}" failures="{failures}" errors="{errors}"'
