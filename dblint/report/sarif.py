"""SARIF 2.1.0, as GitHub's code scanning takes it.

Every URI is relative to the project's root, regions lie on one line (others are invisible in pull requests),
nothing tells the machine or the time, and the same run gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_from_bytes

from dblint.facts.program import Diagnostic
from dblint.facts.report import Region, Report, ReportedFinding, ReportedFix
from dblint.report.documentation import as_markdown, help_text
from dblint.report.visible import prose
from dblint.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BASE = "%SRCROOT%"
KEY = "dblint/v1"

MAX_RESULTS = 25_000
"""GitHub refuses a run with more results."""
MAX_PACKED_SIZE = 10_000_000
"""Bytes after gzip; GitHub refuses a larger upload."""
_MAX_TEXT = 1_024
_MAX_TAGS = 10
_MAX_NAME = 255
_MAX_RELATED = 100
_MAX_STEPS = 1_000
_MAX_NOTIFICATIONS = 1_000
_MAX_LINKS = 10
"""Related places that a message links to; the others are beside it."""

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation"}
_ORDER = ("error", "warning", "info")


def render(
    report: Report,
    rules: Mapping[str, Rule],
    *,
    packs: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    category: str = "dblint",
    complain: Callable[[str], None] = lambda _: None,
) -> str:
    """The report as one SARIF document. `rules` are those that ran, by id; those of `packs` (id → name and version)
    stand in an extension of that name, all others in the driver; `category` tells several uploads of one commit
    apart. Where GitHub's limits are exceeded, the gravest findings are kept; a notification counts the rest,
    and `complain` is told."""
    components = _Components(rules, packs)
    kept: Sequence[ReportedFinding] = _gravest(report.findings, MAX_RESULTS)
    while True:
        text = json.dumps(_document(report, kept, components, category), ensure_ascii=True, indent=1) + "\n"
        if len(text) <= MAX_PACKED_SIZE or not kept:
            break
        if len(gzip.compress(text.encode(), 6, mtime=0)) <= MAX_PACKED_SIZE:
            break
        kept = _gravest(kept, len(kept) // 2)
    if len(kept) < len(report.findings):
        complain(f"sarif: {_left_out(report, kept)}")
    return text


def _left_out(report: Report, kept: Sequence[ReportedFinding]) -> str:
    return f"{len(report.findings) - len(kept)} findings are left out: code scanning takes no more in one run"


def _gravest(findings: Sequence[ReportedFinding], count: int) -> Sequence[ReportedFinding]:
    """At most that many findings, the gravest ones, in their order."""
    if len(findings) <= count:
        return findings
    ranked = sorted(range(len(findings)), key=lambda index: (_ORDER.index(findings[index].severity), index))
    return [findings[index] for index in sorted(ranked[:count])]


class _Components:
    """The driver and its extensions, and where each rule stands."""

    def __init__(self, rules: Mapping[str, Rule], packs: Mapping[str, tuple[str, str]]) -> None:
        self.driver = [_rule(name, rule) for name, rule in rules.items() if name not in packs]
        self.extensions: list[dict[str, Any]] = []
        self.references: dict[str, dict[str, Any]] = {
            rule["id"]: {"ruleIndex": index} for index, rule in enumerate(self.driver)
        }
        for number, (pack, version) in enumerate(sorted({packs[name] for name in rules if name in packs})):
            own = [_rule(name, rule) for name, rule in rules.items() if packs.get(name) == (pack, version)]
            self.extensions.append({"name": pack, **({"version": version} if version else {}), "rules": own})
            for index, rule in enumerate(own):
                component = {"name": pack, "index": number}
                self.references[rule["id"]] = {"rule": {"index": index, "toolComponent": component}}


def _document(
    report: Report, findings: Sequence[ReportedFinding], components: _Components, category: str
) -> dict[str, Any]:
    failed = any(diagnostic.kind == "internal-error" for diagnostic in report.diagnostics)
    invocation: dict[str, Any] = {"executionSuccessful": not failed}
    notifications = _notifications(report.diagnostics)
    if len(findings) < len(report.findings):
        notifications.append(_limit(_left_out(report, findings)))
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    driver = {
        "name": "dblint",
        "version": report.version,
        "semanticVersion": report.version,
        "rules": components.driver,
    }
    tool: dict[str, Any] = {"driver": driver}
    if components.extensions:
        tool["extensions"] = components.extensions
    run = {
        "tool": tool,
        "automationDetails": {"id": f"{category}/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {BASE: {"description": {"text": "The root of the project."}}},
        "invocations": [invocation],
        "results": [_result(finding, components.references) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, rule: Rule) -> dict[str, Any]:
    words = name.rpartition("/")[2].split("-")
    group = name.rpartition("/")[0] or "dblint"
    tags = [group]
    properties: dict[str, Any] = {"precision": rule.confidence, "problem.severity": _PROBLEMS[rule.severity]}
    if rule.security_severity:
        properties["security-severity"] = rule.security_severity
        tags.append("security")
    tags += [f"external/cwe/cwe-{number:03d}" for number in rule.cwe]
    tags += [f"checklist/{line}" for line in rule.checklist]
    properties["tags"] = list(dict.fromkeys(tags))[:_MAX_TAGS]
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in words)[:_MAX_NAME],
        "shortDescription": {"text": _short(rule.summary)},
        "fullDescription": {"text": _short(rule.why)},
        "help": {"text": help_text(rule), "markdown": as_markdown(name, rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": properties,
    }


def _short(text: str) -> str:
    """The text within GitHub's limit for descriptions."""
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _result(finding: ReportedFinding, references: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        **references[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _physical(finding.region)}],
        "partialFingerprints": {"primaryLocationLineHash": finding.line_hash, KEY: finding.key},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(related.region),
                "message": {"text": _literal(related.message)},
            }
            for number, related in enumerate(finding.related[:_MAX_RELATED], 1)
        ]
    if finding.fix is not None and finding.fix.replacements:
        result["fixes"] = [_fix(finding, finding.fix)]
    if finding.route:
        result["codeFlows"] = [_route(finding)]
    properties = {"sub": finding.sub, "confidence": finding.confidence}
    if any(properties.values()):
        result["properties"] = {name: value for name, value in properties.items() if value}
    return result


def _fix(finding: ReportedFinding, fix: ReportedFix) -> dict[str, Any]:
    """What a program can write instead, and why it is not safe, if so."""
    replacements = [
        {
            "deletedRegion": {
                "startLine": each.start.line,
                "startColumn": each.start.utf16,
                "endLine": each.stop.line,
                "endColumn": each.stop.utf16,
            },
            **({"insertedContent": {"text": each.text}} if each.text else {}),
        }
        for each in fix.replacements
    ]
    location = {"uri": uri(finding.region.path), "uriBaseId": BASE}
    unsafe = f" (not safe: {fix.unsafe})" if fix.unsafe else ""
    return {
        "description": {"text": _literal(f"{fix.title}{unsafe}")},
        "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
    }


def _message(finding: ReportedFinding) -> str:
    """What is said, what to do, and links to the related places: code scanning shows only those that are linked."""
    parts = [finding.message]
    parts += [f"Repair: {finding.minimal}"] if finding.minimal else []
    parts += [finding.repair] if finding.repair else []
    told = [_literal("\n\n".join(parts))]
    linked = finding.related[:_MAX_LINKS]
    if linked:
        told.append("\n".join(f"[{_label(place.message)}]({number})" for number, place in enumerate(linked, 1)))
    return "\n\n".join(told)


def _literal(text: str) -> str:
    """The text with nothing in it that SARIF reads as an embedded link, and no control character."""
    text = prose(text)
    return text.replace("](", "\\](") if "](" in text else text


def _label(text: str) -> str:
    """The text between the brackets of a link."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", " ".join(prose(text).split())) or "see"


def _physical(region: Region) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": uri(region.path), "uriBaseId": BASE},
        "region": {
            "startLine": region.start.line,
            "startColumn": region.start.utf16,
            "endLine": region.stop.line,
            "endColumn": region.stop.utf16,
        },
    }


def uri(path: str) -> str:
    """The path as a relative URI reference. A first segment with a colon would read as a scheme; it is quoted."""
    return quote_from_bytes(os.fsencode(path), safe="/-._~!$&'()*+,;=@")


def _route(finding: ReportedFinding) -> dict[str, Any]:
    """The way from the finding to its cause, call by call."""
    steps = [{"location": {"physicalLocation": _physical(finding.region), "message": {"text": "starts here"}}}]
    steps += [
        {"location": {"physicalLocation": _physical(related.region), "message": {"text": _literal(related.message)}}}
        for related in finding.related[: _MAX_STEPS - 1]
    ]
    return {"threadFlows": [{"locations": steps}]}


def _notifications(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """What could not be analysed: where there is too much of it, what may hide a finding, and how much more."""
    told: Sequence[Diagnostic] = diagnostics
    if len(diagnostics) > _MAX_NOTIFICATIONS:
        told = sorted(diagnostics, key=lambda diagnostic: not diagnostic.fails)[:_MAX_NOTIFICATIONS]
    notifications = [_notification(diagnostic) for diagnostic in told]
    if len(told) < len(diagnostics):
        notifications.append(_limit(f"{len(diagnostics) - len(told)} notifications are left out"))
    return notifications


def _limit(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": text}, "descriptor": {"id": "limit"}}


def _notification(diagnostic: Diagnostic) -> dict[str, Any]:
    level = "error" if diagnostic.fails or diagnostic.kind == "internal-error" else "note"
    notification: dict[str, Any] = {
        "level": level,
        "descriptor": {"id": diagnostic.kind},
        "message": {"text": _literal(diagnostic.message)},
    }
    if diagnostic.path and not PurePath(diagnostic.path).is_absolute():
        physical: dict[str, Any] = {"artifactLocation": {"uri": uri(diagnostic.path), "uriBaseId": BASE}}
        if diagnostic.line:
            physical["region"] = {"startLine": diagnostic.line}
        notification["locations"] = [{"physicalLocation": physical}]
    return notification
