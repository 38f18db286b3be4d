"""SARIF before its consumers: the JSON schema, sarif-multitool with its rules for GitHub, and what neither of them
checks. The documents are those of the projects in `fixtures/`, of a checkout full of faults, and of made extremes."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dblint.facts.program import Diagnostic
from dblint.facts.report import Report
from dblint.report.formats import Options, render
from dblint.rule import Rule
from dblint.run import Request, Result, run
from tests.oracles import multitool
from tests.report.samples import RULE, everything, finding, hostile, region, related, report
from tests.test_projects import PROJECTS, reviewed

LONG = Rule(
    summary="s" * 3_000,
    why="w" * 3_000,
    minimal="a",
    better="b",
    complete="c",
    severity="error",
    confidence="very-high",
    cwe=tuple(range(1, 30)),
    checklist=("1.1",),
    security_severity="10.0",
)
RULES = {"query/in-loop": RULE, "query/select-star": RULE, f"query/{'long-' * 80}name": LONG}
NAMES = (
    *("a b.py", "a%20.py", "a#b?.py", "x:y.py", 'q"q.py', "-a.py", "a\nb.py", "日本/é.py", "a\u202eb.py", "a\\b.py"),
    *("😀.ts", "[x].tsx", "(a)/[...b].ts", "~/a.py", "n" * 255, os.fsdecode(b"a/\xff.py")),
)
NO_PUBLIC_ADDRESS = [("warning", "SARIF2005")]
"""The one warning that is meant: the tool has no `informationUri`, because it has no public page. It also shows that
the tool has read a document."""
RULE_SAID_TWICE = ("warning", "SARIF2004")
"""Of a rule in an extension, the id stands beside the reference that also names its component: readers look it up by
either."""


def made() -> dict[str, Report]:
    """Reports made by hand."""
    many = tuple(
        finding(region=region("a.py", number, 1, 2), line_hash=f"{number:x}:1", key=f"{number:032x}")
        for number in range(1, 25_002)
    )
    places = tuple(related(number, f"place [{number}](x)") for number in range(1, 2_001))
    faults = tuple(Diagnostic("parse-error", f"é {number}.sql", "unbalanced", line=1) for number in range(1_500))
    return {
        "empty": report(),
        "everything": everything(),
        "hostile": hostile(),
        "names": report(*(finding(region=region(name, 1, 1, 1)) for name in NAMES)),
        "many": Report(many, version="0.1.0"),
        "related": report(finding(related=places), finding(related=places, route=True)),
        "faults": report(diagnostics=(*faults, Diagnostic("internal-error", "", "linking failed"))),
    }


def checkout(root: Path) -> Result:
    """A run over files that cannot be read, or only in part, with names that have to be escaped."""
    for name, data in (
        ("é ü.py", b"import sqlite3\nx = sqlite3.connect('a').execute('SELECT * FROM t WHERE'\n"),
        ("no text.py", b"x = '\xff'\n"),
        ("b%c.sql", b"CREATE TABLE a (id int;\nSELECT 'x\n"),
        ("#1.prisma", b"model A {\n  id Int @id\n"),
    ):
        (root / name).write_bytes(data)
    return run(Request(paths=[str(root)], root=root, isolated=True, packs=("dblint_rules",)))


def as_sarif(told: Report, rules: dict[str, Rule]) -> str:
    return render("sarif", told, Options(rules=rules)).decode()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every document by its name."""
    texts = {name: as_sarif(told, RULES) for name, told in made().items()}
    packs = {"query/in-loop": ("acme_rules", "2.1"), "query/select-star": ("other", "")}
    texts["packs"] = render("sarif", everything(), Options(rules=RULES, packs=packs)).decode()
    results = {name: reviewed(name) for name in PROJECTS}
    results["checkout"] = checkout(tmp_path_factory.mktemp("checkout"))
    for name, result in results.items():
        texts[name] = as_sarif(result.report, {rule: loaded.rule for rule, loaded in result.rules.items()})
    return texts


@pytest.fixture(scope="module")
def short(documents: dict[str, str]) -> dict[str, str]:
    """The documents with the first results of those that have many: the validators take minutes for 25,000, of which
    neither says anything."""

    def cut(text: str) -> str:
        document = json.loads(text)
        [told] = document["runs"]
        if len(told["results"]) <= 100:
            return text
        told["results"] = told["results"][:100]
        return json.dumps(document)

    return {name: cut(text) for name, text in documents.items()}


@pytest.fixture(scope="module")
def is_valid() -> Callable[[str], list[str]]:
    """Tells what the JSON schema has against a document."""
    schema = multitool.schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return lambda text: [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(text))]


def test_the_schema(short: dict[str, str], is_valid: Callable[[str], list[str]]) -> None:
    for name, text in short.items():
        assert (name, is_valid(text)) == (name, [])


def test_the_schema_refuses_what_is_wrong(documents: dict[str, str], is_valid: Callable[[str], list[str]]) -> None:
    text = documents["everything"]
    for right, wrong in (
        ("app/views.py", "app/a b.py"),
        ("app/views.py", "app\\\\views.py"),
        ('"startLine": 3', '"startLine": 0'),
        ("utf16CodeUnits", "bytes"),
        ('"level": "note"', '"level": "info"'),
    ):
        assert right in text
        assert is_valid(text.replace(right, wrong)) != []


@pytest.mark.slow
@pytest.mark.timeout(multitool.SECONDS)
def test_the_multitool(short: dict[str, str], tmp_path: Path) -> None:
    expected = dict.fromkeys(short, NO_PUBLIC_ADDRESS) | {"packs": [RULE_SAID_TWICE, *NO_PUBLIC_ADDRESS]}
    assert multitool.validate(short, tmp_path) == expected


@pytest.mark.slow
@pytest.mark.timeout(multitool.SECONDS)
def test_the_multitool_sees_what_is_wrong(documents: dict[str, str], tmp_path: Path) -> None:
    def changed(change: Callable[[dict[str, Any]], object]) -> str:
        document = json.loads(documents["everything"])
        change(document["runs"][0])
        return json.dumps(document)

    wrong = {
        "place": changed(lambda told: told["results"][0].pop("locations")),
        "index": changed(lambda told: told["results"][0].update(ruleIndex=99)),
        "help": changed(lambda told: told["tool"]["driver"]["rules"][0].pop("help")),
        "region": changed(
            lambda told: told["results"][0]["locations"][0]["physicalLocation"]["region"].update(endLine=1)
        ),
    }
    assert multitool.validate(wrong, tmp_path) == {
        "place": [("error", "GH1015"), ("error", "GH1017"), ("error", "GH2012"), *NO_PUBLIC_ADDRESS],
        "index": [("error", "SARIF1009"), *NO_PUBLIC_ADDRESS],
        "help": [("error", "GH2012"), *NO_PUBLIC_ADDRESS],
        "region": [("error", "SARIF1007"), *NO_PUBLIC_ADDRESS],
    }


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from walk(entry)


def test_every_uri_is_relative_and_below_the_root(documents: dict[str, str]) -> None:
    for text in documents.values():
        document = json.loads(text)
        uris = [(entry["uri"], entry.get("uriBaseId")) for entry in walk(document) if "uri" in entry]
        for uri, base in uris:
            assert base == "%SRCROOT%"
            assert re.fullmatch(r"(?!/)(?:[A-Za-z0-9/._~!$&'()*+,;=@-]|%[0-9A-F]{2})+", uri), uri
            assert ".." not in uri.split("/")
        assert document["runs"][0]["originalUriBaseIds"]["%SRCROOT%"].keys() == {"description"}
        assert "file:" not in text.lower()
        assert str(Path.home()) not in text


def test_the_limits_of_github(documents: dict[str, str]) -> None:
    for text in documents.values():
        assert len(gzip.compress(text.encode())) <= 10_000_000
        [told] = json.loads(text)["runs"]
        assert len(told["results"]) <= 25_000
        assert len(told["invocations"][0].get("toolExecutionNotifications", ())) <= 1_002
        for rule in told["tool"]["driver"]["rules"]:
            assert len(rule["name"]) <= 255
            assert len(rule["properties"]["tags"]) <= 10
            assert {len(rule[name]["text"]) <= 1_024 for name in ("shortDescription", "fullDescription")} == {True}
            assert rule["help"]["text"]
            assert rule["help"]["markdown"]
            assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
            score = rule["properties"].get("security-severity")
            assert score is None or 0.1 <= float(score) <= 10.0
            assert ("security" in rule["properties"]["tags"]) is (score is not None)
        for result in told["results"]:
            assert len(result["locations"]) == 1
            assert len(result.get("relatedLocations", ())) <= 100
            for flow in result.get("codeFlows", ()):
                assert len(flow["threadFlows"][0]["locations"]) <= 1_000
            region_of = result["locations"][0]["physicalLocation"]["region"]
            assert region_of["startLine"] == region_of["endLine"]
            assert region_of["startColumn"] <= region_of["endColumn"]
            assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_what_is_left_out_is_counted(documents: dict[str, str]) -> None:
    def last(name: str) -> tuple[str, str]:
        notification = json.loads(documents[name])["runs"][0]["invocations"][0]["toolExecutionNotifications"][-1]
        return notification["descriptor"]["id"], notification["message"]["text"]

    assert last("many") == ("limit", "1 findings are left out: code scanning takes no more in one run")
    assert last("faults") == ("limit", "501 notifications are left out")


def test_every_link_of_a_message_leads_to_a_related_place(documents: dict[str, str]) -> None:
    linked = 0
    for text in documents.values():
        for result in json.loads(text)["runs"][0]["results"]:
            targets = re.findall(r"(?<!\\)\]\(([^)]*)\)", result["message"]["text"])
            ids = [str(place["id"]) for place in result.get("relatedLocations", ())]
            assert targets == ids[:10]
            linked += len(targets)
    assert linked > 20


def test_what_could_not_be_analysed(documents: dict[str, str]) -> None:
    [told] = json.loads(documents["checkout"])["runs"]
    notifications = told["invocations"][0]["toolExecutionNotifications"]
    assert told["invocations"][0]["executionSuccessful"] is True
    physical = [entry["locations"][0]["physicalLocation"] for entry in notifications]
    assert [
        (entry["level"], entry["message"]["text"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        for entry, place in zip(notifications, physical, strict=True)
    ] == [
        ("error", "the model `A` is not closed", "%231.prisma", 1),
        ("error", "`(` is never closed", "b%25c.sql", 1),
        ("error", "unterminated string", "b%25c.sql", 2),
        ("error", "not valid UTF-8 at byte 5", "no%20text.py", 1),
        ("error", "syntax error", "%C3%A9%20%C3%BC.py", 2),
    ]
    assert {entry["descriptor"]["id"] for entry in notifications} == {"parse-error"}
