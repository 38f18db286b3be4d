from __future__ import annotations

import gzip
import json
import os
import random
from typing import Any
from urllib.parse import unquote_to_bytes

from dblint.facts.program import Diagnostic
from dblint.report import sarif
from dblint.rule import Rule
from tests.report.samples import RULE, finding, region, related, report

RULES = {"query/in-loop": RULE}


def run(*findings: Any, rules: dict[str, Rule] = RULES, **options: Any) -> dict[str, Any]:
    document = json.loads(sarif.render(report(*findings, **options), rules))
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    [only] = document["runs"]
    return dict(only)


def test_the_run() -> None:
    told = run()
    rules = told["tool"]["driver"].pop("rules")
    assert [rule["id"] for rule in rules] == ["query/in-loop"]
    assert told == {
        "tool": {"driver": {"name": "dblint", "version": "0.1.0", "semanticVersion": "0.1.0"}},
        "automationDetails": {"id": "dblint/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project."}}},
        "invocations": [{"executionSuccessful": True}],
        "results": [],
    }


def test_a_rule() -> None:
    [rule] = run()["tool"]["driver"]["rules"]
    markdown = rule["help"].pop("markdown")
    assert rule == {
        "id": "query/in-loop",
        "name": "InLoop",
        "shortDescription": {"text": "A query runs once per iteration"},
        "fullDescription": {"text": "Every iteration waits for the database."},
        "help": {
            "text": "Every iteration waits for the database.\n\nMinimal: Load <relation> before the loop.\n\n"
            "Better: Join <table>.\n\nComplete: Cache it."
        },
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "precision": "high",
            "problem.severity": "warning",
            "security-severity": "8.1",
            "tags": ["query", "security", "external/cwe/cwe-089", "external/cwe/cwe-400", "checklist/1.2"],
        },
    }
    assert (
        markdown
        == """\
# query/in-loop

A query runs once per iteration

severity warning, confidence high, on by default, in app script seed migration files, checklist 1.2, CWE-89, CWE-400

## Why

Every iteration waits for the database.

## What one sees

- Many like queries in the log

## Repair

- **minimal**: Load <relation> before the loop.
- **better**: Join <table>.
- **complete**: Cache it.

## To verify on a server

```sql
SELECT 1;
```

## Reported: a loop

```python
for a in x:
    q(a)  # finding
```

## Silent

```sql
SELECT 1;
```

b.sql:

```
SELECT 2;
```
"""
    )


def test_a_result() -> None:
    [result] = run(finding(region=region("app/views.py", 3, 11, 22, utf16=1)))["results"]
    assert result == {
        "ruleId": "query/in-loop",
        "ruleIndex": 0,
        "level": "warning",
        "message": {
            "text": "author is loaded once per book\n\nRepair: Load author before the loop.\n\n"
            'books.select_related("author")'
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "app/views.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 23},
                }
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": "abc:1",
            "dblint/v1": "0123456789abcdef0123456789abcdef",
        },
    }


def test_a_route() -> None:
    [result] = run(
        finding(sub="cross-function", route=True, related=(related(12, "calls load"), related(20, "queries books")))
    )["results"]
    assert [location["id"] for location in result["relatedLocations"]] == [1, 2]
    assert result["properties"] == {"sub": "cross-function"}
    [flow] = result["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [(step["physicalLocation"]["region"]["startLine"], step["message"]["text"]) for step in steps] == [
        (3, "starts here"),
        (12, "calls load"),
        (20, "queries books"),
    ]


def test_messages_link_to_related_places() -> None:
    places = (related(12, "declared [here]"), related(20, "a\\b\nc"), related(30, ""))
    [result] = run(finding(minimal="", repair="", related=places))["results"]
    assert result["message"]["text"] == (
        "author is loaded once per book\n\n[declared \\[here\\]](1)\n[a\\\\b c](2)\n[see](3)"
    )
    many = tuple(related(number, "x") for number in range(1, 1_201))
    [result] = run(finding(minimal="", repair="", related=many, route=True))["results"]
    assert result["message"]["text"].splitlines()[2:] == [f"[x]({number})" for number in range(1, 11)]
    assert [place["id"] for place in result["relatedLocations"]] == list(range(1, 101))
    assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == 1_000


def test_levels() -> None:
    results = run(*(finding(severity=severity) for severity in ("error", "warning", "info")))["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"]


def test_uris() -> None:
    for path in ("a b.py", "a%20.py", "a#b?.py", "x:y.py", 'q"q.py', "-a.py", "a\nb.py", "日本.py", "a\u202eb.py"):
        uri = sarif.uri(path)
        assert uri.isascii()
        assert not set(uri) & set(' "#?:\\<>^`{|}\n')
        assert unquote_to_bytes(uri) == path.encode()
    assert sarif.uri(os.fsdecode(b"a/\xff.py")) == "a/%FF.py"


def test_messages_hold_no_links() -> None:
    [result] = run(finding(message="rows[0](x)", minimal="", repair=""))["results"]
    assert result["message"]["text"] == "rows[0\\](x)"


def test_lone_surrogates_are_escapes() -> None:
    text = sarif.render(report(finding(message="\ud800")), RULES)
    assert json.loads(text)["runs"][0]["results"][0]["message"]["text"].startswith("\\ud800\n")


def test_notifications_are_limited_and_what_fails_comes_first() -> None:
    told = [Diagnostic("parse-error", f"{number}.py", "x", fails=number == 1_400) for number in range(1_500)]
    [invocation] = run(diagnostics=tuple(told))["invocations"]
    notifications = invocation["toolExecutionNotifications"]
    assert len(notifications) == 1_001
    assert notifications[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "1400.py"
    assert notifications[-1]["message"]["text"] == "500 notifications are left out"


def test_notifications() -> None:
    told = run(
        diagnostics=(
            Diagnostic("internal-error", "", "linking failed"),
            Diagnostic("io-error", "/dev/zero", "not a regular file"),
            Diagnostic("parse-error", "a b.sql", "unbalanced", 4, line=2),
            Diagnostic("parse-error", "c.py", "unexpected", 4, fails=False, line=7),
        )
    )
    [invocation] = told["invocations"]
    assert invocation["executionSuccessful"] is False

    def location(uri: str, line: int) -> dict[str, Any]:
        artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"}
        return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}

    assert invocation["toolExecutionNotifications"] == [
        {"level": "error", "descriptor": {"id": "internal-error"}, "message": {"text": "linking failed"}},
        {"level": "error", "descriptor": {"id": "io-error"}, "message": {"text": "not a regular file"}},
        {
            "level": "error",
            "descriptor": {"id": "parse-error"},
            "message": {"text": "unbalanced"},
            "locations": [location("a%20b.sql", 2)],
        },
        {
            "level": "note",
            "descriptor": {"id": "parse-error"},
            "message": {"text": "unexpected"},
            "locations": [location("c.py", 7)],
        },
    ]


def test_the_gravest_findings_are_kept() -> None:
    findings = [finding(severity="info" if number % 2 else "error") for number in range(60)]
    kept = sarif._gravest(findings, 31)
    assert [entry.severity for entry in kept].count("error") == 30
    assert len(kept) == 31


def test_githubs_limits() -> None:
    source = random.Random(1)  # noqa: S311 - only to be hard to compress

    def noise(size: int) -> str:
        return source.randbytes(size).hex()

    findings = [
        finding(severity="error" if number == 900 else "info", message=noise(16_000)) for number in range(1_000)
    ]
    complaints: list[str] = []
    text = sarif.render(report(*findings), RULES, complain=complaints.append)
    assert complaints == ["sarif: 500 findings are left out: code scanning takes no more in one run"]
    assert len(gzip.compress(text.encode())) <= 10_000_000
    [told] = json.loads(text)["runs"]
    assert len(told["results"]) == 500
    assert told["results"][-1]["level"] == "error"
    assert told["invocations"][0]["toolExecutionNotifications"] == [
        {
            "level": "warning",
            "message": {"text": "500 findings are left out: code scanning takes no more in one run"},
            "descriptor": {"id": "limit"},
        }
    ]


def test_long_texts_are_cut() -> None:
    rule = Rule(
        summary="x" * 2_000, why="y", minimal="a", better="b", complete="c", severity="info", checklist=("1",) * 30
    )
    [told] = run(rules={"query/long": rule})["tool"]["driver"]["rules"]
    assert len(told["shortDescription"]["text"]) == 1_024
    assert len(told["properties"]["tags"]) <= 10


def test_the_same_run_gives_the_same_bytes() -> None:
    assert sarif.render(report(finding()), RULES) == sarif.render(report(finding()), RULES)
