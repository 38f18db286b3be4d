"""Findings made by hand, for the reports' tests."""

from __future__ import annotations

from dblint.facts.program import Diagnostic
from dblint.facts.project import Project
from dblint.facts.report import (
    Excerpt,
    Position,
    Region,
    RelatedRegion,
    Replacement,
    Report,
    ReportedFinding,
    ReportedFix,
    Summary,
)
from dblint.harm import order
from dblint.rule import Bad, Good, Rule

RULE = Rule(
    summary="A query runs once per iteration",
    why="Every iteration waits for the database.",
    minimal="Load {relation} before the loop.",
    better="Join {table}.",
    complete="Cache it.",
    symptoms=("Many like queries in the log",),
    verify="SELECT 1;",
    severity="warning",
    confidence="high",
    checklist=("1.2",),
    cwe=(89, 400),
    security_severity="8.1",
    bad=(Bad("python", "for a in x:\n    q(a)  # finding\n", "a loop"),),
    good=(Good("sql", "SELECT 1;", files={"b.sql": "SELECT 2;"}),),
)


def region(path: str, line: int, start: int, stop: int, utf16: int = 0) -> Region:
    """A region on one line; `utf16` is by how many units the columns differ in UTF-16."""
    return Region(path, Position(line, start, start + utf16), Position(line, stop, stop + utf16))


def finding(**changes: object) -> ReportedFinding:
    """A finding in a loop over books."""
    values: dict[str, object] = {
        "rule": "query/in-loop",
        "severity": "warning",
        "message": "author is loaded once per book",
        "region": region("app/views.py", 3, 11, 22),
        "excerpt": Excerpt(2, ("for book in books:", "    print(book.author)", "return books"), 3, 10, 21),
        "minimal": "Load author before the loop.",
        "better": "Join authors.",
        "complete": "Cache it.",
        "repair": 'books.select_related("author")',
        "line_hash": "abc:1",
        "key": "0123456789abcdef0123456789abcdef",
    }
    return ReportedFinding(**(values | changes))  # type: ignore[arg-type]


def report(*findings: ReportedFinding, diagnostics: tuple[Diagnostic, ...] = (), **summary: object) -> Report:
    """A report of a run over two files."""
    values: dict[str, object] = {"checked": 2, "read": 5, "calls": 7}
    ordered = order(findings, lambda one: one.confidence or "high", Project())
    told = Summary(**(values | summary))  # type: ignore[arg-type]
    return Report(findings, diagnostics, told, "0.1.0", order=ordered)


def related(line: int, message: str, excerpt: Excerpt | None = None, path: str = "app/models.py") -> RelatedRegion:
    """A related place."""
    return RelatedRegion(region(path, line, 5, 11), message, excerpt)


HOSTILE = (
    "\x1b[31mred\x1b]8;;http://evil\x07 \u202eltr\u2066 a|b `tick` ``` <script>alert(1)</script> <!-- --> ]]> &amp; "
    "::error::forged %0A::warning::x ##[error]y @team/all #12 www.evil.example http://evil.example "
    "[link](http://x) ![image](y) *bold* _under_ ~~gone~~ $x$ [/red] {x} \\ \ud800 \ufffe \x85 \x00 \r\n::notice::z"
)
"""Text that means something to a terminal, a runner, Markdown, HTML, XML or JSON."""

HOSTILE_PATH = HOSTILE.replace("\ud800", "\udcff").replace("\x00", "")
"""The same as far as a file can be called so."""


def hostile() -> Report:
    """A report in which everything that a checkout can influence is hostile."""
    found = finding(
        message=HOSTILE,
        region=region(HOSTILE_PATH, 3, 11, 22),
        excerpt=Excerpt(2, (HOSTILE, "```", HOSTILE), 3, 0, 4),
        related=(related(7, HOSTILE, path=HOSTILE_PATH),),
        minimal=HOSTILE,
        better=HOSTILE,
        complete=HOSTILE,
        repair=HOSTILE,
    )
    told = Diagnostic("parse-error", HOSTILE_PATH, HOSTILE, 4, line=2)
    return report(found, diagnostics=(told,), assumptions=(HOSTILE,), configuration=HOSTILE)


FIX = ReportedFix(
    "count them",
    (
        Replacement(Position(9, 2, 3), Position(9, 4, 5), "a\r\n.count()", 80, 5),
        Replacement(Position(9, 9, 10), Position(11, 1, 1), "", 90, 9),
    ),
    "it is [a](sample)",
)


def everything() -> Report:
    """A report with something of every kind."""
    route = (related(12, "calls load"), related(20, "queries books"))
    return report(
        finding(),
        finding(rule="query/select-star", severity="info", minimal="", repair="", excerpt=None, key="1" * 32),
        finding(
            severity="error",
            region=region("app/é b.ts", 9, 2, 4, utf16=1),
            related=route,
            route=True,
            key="2" * 32,
            fix=FIX,
        ),
        diagnostics=(
            Diagnostic("internal-error", "", "linking failed"),
            Diagnostic("io-error", "/dev/zero", "not a regular file"),
            Diagnostic("note", "app", "the database is not known", fails=False),
            Diagnostic("parse-error", "a b.sql", "unbalanced", 4, line=2),
            Diagnostic("parse-error", "c.py", "unexpected", 4, fails=False, line=7),
        ),
    )
