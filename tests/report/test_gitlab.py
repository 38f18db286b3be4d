from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from dblint.facts.program import Diagnostic
from dblint.report.gitlab import render
from tests.report.samples import everything, finding, hostile, report

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The shape that GitLab documents for Code Quality reports."""


def read(text: str) -> list[dict[str, Any]]:
    assert not text.startswith("\ufeff")
    violations: list[dict[str, Any]] = json.loads(text)
    Draft202012Validator(SCHEMA).validate(violations)
    fingerprints = [violation["fingerprint"] for violation in violations]
    assert len(set(fingerprints)) == len(fingerprints)
    return violations


def test_a_finding() -> None:
    assert (
        render(report(finding()))
        == """\
[
 {
  "description": "author is loaded once per book",
  "check_name": "query/in-loop",
  "fingerprint": "0123456789abcdef0123456789abcdef",
  "severity": "major",
  "location": {
   "path": "app/views.py",
   "lines": {
    "begin": 3
   }
  }
 }
]
"""
    )


def test_a_report() -> None:
    found = [
        (entry["severity"], entry["check_name"], entry["location"]["path"], entry["location"]["lines"]["begin"])
        for entry in read(render(everything()))
    ]
    assert found == [
        ("major", "query/in-loop", "app/views.py", 3),
        ("info", "query/select-star", "app/views.py", 3),
        ("critical", "query/in-loop", "app/é b.ts", 9),
        ("critical", "parse-error", "a b.sql", 2),
    ]


def test_fingerprints_of_diagnostics_do_not_change_with_their_lines() -> None:
    def fingerprints(*lines: int) -> list[str]:
        told = tuple(Diagnostic("parse-error", "a.sql", "unbalanced", line, line=line) for line in lines)
        return [entry["fingerprint"] for entry in read(render(report(diagnostics=told)))]

    assert fingerprints(1, 5, 9) == fingerprints(3, 7, 11)


def test_whatever_names_hold() -> None:
    text = render(hostile())
    assert text.isascii()
    assert len(read(text)) == 2


def test_nothing_is_an_empty_array() -> None:
    assert render(report()) == "[]\n"
