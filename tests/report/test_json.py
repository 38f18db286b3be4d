"""The JSON document, and the schema that is published for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dblint.facts.report import Excerpt, Report
from dblint.report.json import render, schema
from tests.report.samples import everything, finding, hostile, related, report

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"
WRITE = "python -c 'from dblint.report.json import schema; print(schema(), end=\"\")' > docs/report.schema.json"


def closed(described: Any) -> Any:
    """The schema with every object closed, so that a property that it does not tell of is found."""
    if isinstance(described, list):
        return [closed(entry) for entry in described]
    if not isinstance(described, dict):
        return described
    inner = {key: closed(value) for key, value in described.items()}
    return {**inner, "additionalProperties": False} if inner.get("type") == "object" else inner


def test_the_published_schema() -> None:
    assert PUBLISHED.read_text("utf-8") == schema(), f"write it again: {WRITE}"
    Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize("told", [report(), everything(), hostile(), Report()])
def test_documents_are_what_the_schema_says(told: Report) -> None:
    text = render(told)
    assert text.isascii()
    text.encode("utf-8").decode("utf-8")
    Draft202012Validator(closed(json.loads(schema()))).validate(json.loads(text))


def test_the_schema_refuses_what_is_wrong() -> None:
    validator = Draft202012Validator(json.loads(schema()))
    right = json.loads(render(everything()))
    assert validator.is_valid(right)
    for wrong in (
        {**right, "format": 2},
        {key: value for key, value in right.items() if key != "summary"},
        {**right, "findings": [{**right["findings"][0], "severity": "fatal"}]},
        {**right, "diagnostics": [{**right["diagnostics"][0], "kind": "mishap"}]},
        {**right, "diagnostics": [{**right["diagnostics"][0], "fails": 1}]},
    ):
        assert not validator.is_valid(wrong)
    right["findings"][0]["region"]["start"]["line"] = 0
    assert not validator.is_valid(right)


def test_a_finding() -> None:
    told = json.loads(render(report(finding(related=(related(12, "declared here"),)))))
    assert told == {
        "format": 1,
        "findings": [
            {
                "rule": "query/in-loop",
                "severity": "warning",
                "message": "author is loaded once per book",
                "region": {
                    "path": "app/views.py",
                    "start": {"line": 3, "column": 11, "utf16": 11},
                    "stop": {"line": 3, "column": 22, "utf16": 22},
                },
                "sub": "",
                "excerpt": {
                    "first": 2,
                    "lines": ["for book in books:", "    print(book.author)", "return books"],
                    "line": 3,
                    "start": 10,
                    "stop": 21,
                },
                "related": [
                    {
                        "region": {
                            "path": "app/models.py",
                            "start": {"line": 12, "column": 5, "utf16": 5},
                            "stop": {"line": 12, "column": 11, "utf16": 11},
                        },
                        "message": "declared here",
                        "excerpt": None,
                    }
                ],
                "route": False,
                "minimal": "Load author before the loop.",
                "better": "Join authors.",
                "complete": "Cache it.",
                "repair": 'books.select_related("author")',
                "line_hash": "abc:1",
                "key": "0123456789abcdef0123456789abcdef",
                "confidence": "",
                "fix": None,
            }
        ],
        "diagnostics": [],
        "summary": told["summary"],
        "version": "0.1.0",
        "files": [],
        "order": [0],
    }
    assert {name: told["summary"][name] for name in ("checked", "read", "calls")} == {
        "checked": 2,
        "read": 5,
        "calls": 7,
    }


def test_no_half_characters() -> None:
    [told] = json.loads(render(report(finding(message="a\ud800b"))))["findings"]
    assert told["message"] == "a\\ud800b"


def test_a_mark_stays_where_it_is_meant() -> None:
    hidden = finding(excerpt=Excerpt(1, ("\x9b\ta\x1bb",), 1, 2, 4))
    [told] = json.loads(render(report(hidden)))["findings"]
    assert told["excerpt"] == {"first": 1, "lines": ["\\x9b\ta␛b"], "line": 1, "start": 5, "stop": 7}
