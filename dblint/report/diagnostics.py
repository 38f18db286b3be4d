"""Which diagnostics the formats tell, and how grave they are: the same in all of them."""

from __future__ import annotations

from dblint.facts.program import Diagnostic
from dblint.facts.report import Report


def is_shown(diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic is told one by one; the others are counted in the summary."""
    return diagnostic.fails or diagnostic.kind != "parse-error"


def told(report: Report, *, quiet: bool = False) -> list[Diagnostic]:
    """The diagnostics that are told one by one: errors in the order of their places, then notes. `quiet`: no notes."""
    shown = [one for one in report.diagnostics if is_shown(one) and (one.fails or not quiet)]
    return sorted(shown, key=lambda diagnostic: not diagnostic.fails)


def failing(report: Report) -> list[Diagnostic]:
    """The diagnostics that may hide a finding: what formats tell that have findings only, and no place for notes."""
    return [one for one in report.diagnostics if one.fails]


def labels(diagnostic: Diagnostic) -> tuple[str, str]:
    """How grave it is, and its kind, "" where that is the same word."""
    word = severity(diagnostic)
    return word, diagnostic.kind if diagnostic.kind != word else ""


def severity(diagnostic: Diagnostic) -> str:
    """Error where a finding may be hidden, else note."""
    return "error" if diagnostic.fails else "note"
