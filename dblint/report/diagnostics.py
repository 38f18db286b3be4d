"""Which diagnostics the formats tell, and how grave they are: the same in all of them."""

from __future__ import annotations

from dblint.facts.program import Diagnostic
from dblint.facts.report import Report
from dblint.report.text import is_shown


def told(report: Report) -> list[Diagnostic]:
    """The diagnostics that are told one by one, in their order."""
    return [diagnostic for diagnostic in report.diagnostics if is_shown(diagnostic)]


def severity(diagnostic: Diagnostic) -> str:
    """Error where a finding may be hidden, else note."""
    return "error" if diagnostic.fails else "note"
