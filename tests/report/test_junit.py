"""JUnit's XML: against a schema written from what CI systems document, and read back by junitparser."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml

from dblint.facts.report import Report
from dblint.report.junit import render
from tests.report.samples import everything, finding, hostile, report

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "junit.xsd")


def test_a_report() -> None:
    assert (
        render(everything())
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dblint" tests="6" failures="3" errors="3">
  <testsuite name="/dev/zero" tests="1" failures="0" errors="1">
    <testcase name="io-error" classname="/dev/zero" file="/dev/zero">
      <error message="not a regular file" type="error">/dev/zero: not a regular file</error>
    </testcase>
  </testsuite>
  <testsuite name="a b.sql" tests="1" failures="0" errors="1">
    <testcase name="parse-error" classname="a b.sql" file="a b.sql" line="2">
      <error message="unbalanced" type="error">a b.sql:2: unbalanced</error>
    </testcase>
  </testsuite>
  <testsuite name="app/views.py" tests="2" failures="2" errors="0">
    <testcase name="query/in-loop" classname="app/views.py" file="app/views.py" line="3">
      <failure message="author is loaded once per book" type="warning">app/views.py:3:11: author is loaded once per book
Repair: Load author before the loop.
books.select_related("author")</failure>
    </testcase>
    <testcase name="query/select-star" classname="app/views.py" file="app/views.py" line="3">
      <failure message="author is loaded once per book" type="info">app/views.py:3:11: author is loaded once per book</failure>
    </testcase>
  </testsuite>
  <testsuite name="app/é b.ts" tests="1" failures="1" errors="0">
    <testcase name="query/in-loop" classname="app/é b.ts" file="app/é b.ts" line="9">
      <failure message="author is loaded once per book" type="error">app/é b.ts:9:2: author is loaded once per book
app/models.py:12:5: calls load
app/models.py:20:5: queries books
Repair: Load author before the loop.
books.select_related("author")</failure>
    </testcase>
  </testsuite>
  <testsuite name="dblint" tests="1" failures="0" errors="1">
    <testcase name="internal-error" classname="dblint">
      <error message="linking failed" type="error">dblint: linking failed</error>
    </testcase>
  </testsuite>
</testsuites>
"""  # noqa: E501
    )


def test_a_run_without_findings_is_one_passed_case() -> None:
    assert (
        render(report())
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dblint" tests="1" failures="0" errors="0">
  <testsuite name="dblint" tests="1" failures="0" errors="0">
    <testcase name="no findings" classname="dblint"/>
  </testsuite>
</testsuites>
"""
    )


@pytest.mark.parametrize("told", [report(), everything(), hostile(), report(finding(), finding(), finding())])
def test_consumers(told: Report) -> None:
    text = render(told)
    SCHEMA.validate(text.encode())
    suites = JUnitXml.fromstring(text.encode())
    outcomes = [outcome for suite in suites for case in suite for outcome in case.result]
    assert suites.failures == sum(isinstance(outcome, Failure) for outcome in outcomes) == len(told.findings)
    assert suites.errors == sum(isinstance(outcome, Error) for outcome in outcomes)


def test_several_of_a_rule_have_different_names() -> None:
    suites = JUnitXml.fromstring(render(report(finding(), finding(), finding())).encode())
    assert [case.name for suite in suites for case in suite] == [
        "query/in-loop",
        "query/in-loop (2)",
        "query/in-loop (3)",
    ]


def test_the_schema_refuses_what_is_wrong() -> None:
    text = render(report(finding()))
    for right, wrong in (('line="3"', 'line="0"'), ("<failure", "<failed"), ('type="warning"', 'type=""')):
        with pytest.raises(xmlschema.XMLSchemaException):
            SCHEMA.validate(
                text.replace(right, wrong).replace("</failure", f"</{wrong[1:]}" if wrong == "<failed" else "</failure")
            )


def test_nothing_hostile_is_raw() -> None:
    text = render(hostile())
    assert text.replace("\n", "").isprintable()
    assert "<script" not in text
    assert "]]>" not in text
