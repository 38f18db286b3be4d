"""Which findings a person is shown in full: the most harmful first, rule by rule, of each rule the first few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from dblint.facts.report import RelatedRegion, Report, ReportedFinding

IN_FULL = 5
"""Findings of one rule, and further places of one finding, that are shown in full where not all are asked for."""

SEVERITIES = ("error", "warning", "info")
"""From the gravest to the mildest."""


class Group(msgspec.Struct, frozen=True):
    """The findings of one rule and severity, the most harmful first."""

    rule: str
    severity: str
    findings: tuple[ReportedFinding, ...]

    def shown(self, *, everything: bool) -> tuple[ReportedFinding, ...]:
        """Those that are told in full."""
        return self.findings if everything else self.findings[:IN_FULL]

    def rest(self) -> str:
        """What is said of those that are not told in full, "" where there are none."""
        left = self.findings[IN_FULL:]
        return f"{self.rule}: and {len(left)} more in {files(left)} (--all)" if left else ""


def groups(report: Report) -> list[Group]:
    """The findings by severity and rule, in the order of harm (`dblint.harm`)."""
    found: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in report.by_harm():
        found.setdefault((finding.severity, finding.rule), []).append(finding)
    return [Group(rule, severity, tuple(members)) for (severity, rule), members in found.items()]


def places(finding: ReportedFinding, *, everything: bool) -> tuple[Sequence[RelatedRegion], str]:
    """The further places of a finding that are told, and what is said of the rest, "" where there is none. Of a route
    every step is told: without one of them it leads nowhere."""
    if everything or finding.route:
        return finding.related, ""
    left = len(finding.related[IN_FULL:])
    return finding.related[:IN_FULL], f"and {left} more place{'' if left == 1 else 's'} (--all)" if left else ""


def table(found: Sequence[Group]) -> Iterator[str]:
    """How many findings each rule has and in how many files, in columns."""
    rows = [("findings", "files", "severity", "rule")]
    rows += [
        (str(len(group.findings)), str(len(_paths(group.findings))), group.severity, group.rule) for group in found
    ]
    for count, in_files, severity, rule in rows:
        yield f"{count:>8}  {in_files:>5}  {severity:<8}  {rule}"


def files(findings: Sequence[ReportedFinding]) -> str:
    """In how many files these findings lie, in words."""
    count = len(_paths(findings))
    return f"{count} file{'' if count == 1 else 's'}"


def _paths(findings: Sequence[ReportedFinding]) -> set[str]:
    return {finding.region.path for finding in findings}
