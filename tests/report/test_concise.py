from __future__ import annotations

import re

from dblint.facts.program import Diagnostic
from dblint.report.concise import render
from dblint.report.formats import Wanted
from tests.report.samples import everything, finding, hostile, region, report

GNU = re.compile(
    r"^(?P<file>.+?):(?:(?P<line>\d+):)?(?:(?P<column>\d+):)? (?P<severity>error|warning|info|note): (.*)$"
)
"""What the GNU coding standards, 4.4, say of the messages of compilers."""


def test_a_report() -> None:
    assert (
        render(everything())
        == """\
app/views.py:3:11: warning: author is loaded once per book [query/in-loop]
app/views.py:3:11: info: author is loaded once per book [query/select-star]
app/é b.ts:9:2: error: author is loaded once per book [query/in-loop]
dblint: error: linking failed [internal-error]
/dev/zero: error: not a regular file [io-error]
a b.sql:2: error: unbalanced [parse-error]
app: note: the database is not known [note]
"""
    )


def test_quiet_tells_no_notes() -> None:
    lines = render(everything(), Wanted(quiet=True)).splitlines()
    assert lines == [line for line in render(everything()).splitlines() if ": note: " not in line]
    assert lines[-1] == "a b.sql:2: error: unbalanced [parse-error]"


def test_nothing_is_nothing() -> None:
    assert render(report()) == ""


def test_every_line_is_a_place() -> None:
    matches = [GNU.fullmatch(line) for line in render(everything()).splitlines()]
    assert [match and match.group("file", "line", "column", "severity") for match in matches] == [
        ("app/views.py", "3", "11", "warning"),
        ("app/views.py", "3", "11", "info"),
        ("app/é b.ts", "9", "2", "error"),
        ("dblint", None, None, "error"),
        ("/dev/zero", None, None, "error"),
        ("a b.sql", "2", None, "error"),
        ("app", None, None, "note"),
    ]


def test_whatever_names_hold_it_is_a_line_each() -> None:
    text = render(hostile())
    assert len(text.splitlines()) == text.count("\n") == 2
    assert text.replace("\n", "").isprintable()


def test_a_path_that_begins_like_a_workflow_command() -> None:
    told = report(
        finding(region=region("::error::a.py", 1, 2, 3)),
        diagnostics=(Diagnostic("parse-error", " ::b.sql", "unbalanced"),),
    )
    assert render(told) == (
        "./::error::a.py:1:2: warning: author is loaded once per book [query/in-loop]\n"
        "./ ::b.sql: error: unbalanced [parse-error]\n"
    )
