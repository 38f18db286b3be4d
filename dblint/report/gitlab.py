"""GitLab's Code Quality report: a JSON array of violations.

GitLab keeps one violation per fingerprint; dblint's keys are unique, and do not change when lines move.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import Any

from dblint.facts.program import Diagnostic
from dblint.facts.report import Report
from dblint.report.diagnostics import failing, severity
from dblint.report.visible import prose, scalars

_SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}


def render(report: Report) -> str:
    """The report as one JSON array. GitLab has no place for what concerns no file of the repository, and takes a note
    for a fault of the code."""
    violations = [
        _violation(
            finding.message,
            finding.rule,
            finding.key,
            finding.severity,
            finding.region.path,
            finding.region.start.line,
        )
        for finding in report.findings
    ]
    seen: dict[str, int] = {}
    for diagnostic in failing(report):
        if not diagnostic.path or PurePath(diagnostic.path).is_absolute():
            continue
        fingerprint = _fingerprint(diagnostic, seen)
        violations.append(
            _violation(
                diagnostic.message,
                diagnostic.kind,
                fingerprint,
                severity(diagnostic),
                diagnostic.path,
                diagnostic.line or 1,
            )
        )
    return json.dumps(violations, ensure_ascii=True, indent=1) + "\n"


def _violation(description: str, check_name: str, fingerprint: str, grade: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": prose(description),
        "check_name": check_name,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[grade],
        "location": {"path": scalars(path), "lines": {"begin": line}},
    }


def _fingerprint(diagnostic: Diagnostic, seen: dict[str, int]) -> str:
    """What tells a diagnostic from the others: not its line, which moves."""
    identity = "\0".join((diagnostic.kind, diagnostic.path, diagnostic.message))
    occurrence = seen.get(identity, 0)
    seen[identity] = occurrence + 1
    data = f"{identity}\0{occurrence}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()
