from __future__ import annotations

from dblint.facts.program import Diagnostic
from dblint.facts.report import Excerpt, FixedFinding
from dblint.report.formats import Wanted
from dblint.report.text import render
from dblint.report.visible import width
from tests.report.samples import finding, region, related, report


def test_a_finding() -> None:
    assert (
        render(report(finding()))
        == """\
app/views.py:3:11 warning query/in-loop author is loaded once per book
 2 | for book in books:
 3 |     print(book.author)
   |           ^^^^^^^^^^^
 4 | return books
   = repair: Load author before the loop.
     books.select_related("author")

1 finding (1 warning) in 2 files (7 database calls)
"""
    )


def test_related_places() -> None:
    excerpt = Excerpt(12, ("    author = ForeignKey(Author)",), 12, 4, 10)
    found = finding(related=(related(12, "the relation is declared here", excerpt), related(40, "and used here")))
    assert (
        render(report(found)).split("\n\n")[0]
        == """\
app/views.py:3:11 warning query/in-loop author is loaded once per book
  2 | for book in books:
  3 |     print(book.author)
    |           ^^^^^^^^^^^
  4 | return books
    -> app/models.py:12:5: the relation is declared here
 12 |     author = ForeignKey(Author)
    |     ------
    -> app/models.py:40:5: and used here
    = repair: Load author before the loop.
      books.select_related("author")"""
    )


def test_of_many_related_places_the_first_are_told_unless_all_are_asked_for() -> None:
    places = tuple(related(number, f"the place {number}") for number in range(11, 18))
    told = [f"   -> app/models.py:{number}:5: the place {number}" for number in range(11, 18)]

    def arrows(wanted: Wanted, *, route: bool = False) -> list[str]:
        lines = render(report(finding(related=places, route=route)), wanted).splitlines()
        return [line for line in lines if line.startswith("   ->")]

    assert arrows(Wanted()) == [*told[:5], "   -> and 2 more places (--all)"]
    assert arrows(Wanted(everything=True)) == told
    assert arrows(Wanted(), route=True) == told
    assert "more place (--all)" in render(report(finding(related=places[:6])))
    assert "--all" not in render(report(finding(related=places[:5])))


def frame(line: str, start: int, stop: int) -> list[str]:
    found = finding(excerpt=Excerpt(3, (line,), 3, start, stop))
    return render(report(found)).splitlines()[1:3]


def test_the_mark_stands_under_the_right_cells() -> None:
    for line, word in (
        ("\tprint(x)", "x"),
        ('s = "日本語"; query(x)', "query"),
        ('s = "😀"; query(x)', "query"),
        ('s = "e\u0301"; query(x)', "query"),
        ('s = "\x1b[0m"; query(x)', "query"),
        ('s = "\u202e"; query(x)', "query"),
        ("日本(x)", "日本"),
    ):
        start = line.index(word)
        shown, mark = frame(line, start, start + len(word))
        assert width(mark[: mark.index("^")]) == width(shown[: shown.index(word)]), line
        assert mark.count("^") == width(word), line


def test_nothing_raw_reaches_the_terminal() -> None:
    evil = "\x1b]52;c;aGk=\x07\x9b\u202e\r\n"
    found = finding(
        message=f"table {evil}",
        region=region(f"a{evil}.py", 3, 1, 2),
        excerpt=Excerpt(3, (evil,), 3, 0, 1),
        minimal=evil,
        repair=evil.replace("\n", ""),
        related=(related(1, evil, path=evil),),
    )
    text = render(report(found, diagnostics=(Diagnostic("parse-error", evil, evil, line=1),)))
    assert set(map(ord, text)) & ({*range(32), 0x7F, *range(0x80, 0xA0), 0x202E} - {10}) == set()
    assert "␛]52;c;aGk=␇" in text
    assert "\\u202e" in text


def test_a_long_line_is_cut_around_the_mark() -> None:
    line = "a" * 400 + "query(x)" + "b" * 400
    shown, mark = frame(line, 400, 405)
    assert len(shown) <= 200 + len(" 3 | ")
    assert shown.startswith(" 3 | …aaa")
    assert shown.endswith("bbb…")
    assert mark.index("^") == shown.index("query")
    assert mark.count("^") == 5
    shown, mark = frame("x" * 1_000, 0, 1_000)
    assert mark.count("^") == 200


def test_diagnostics_and_summary() -> None:
    diagnostics = (
        Diagnostic("note", "b.sql", "skipped: minified", fails=False),
        Diagnostic("parse-error", "a.sql", "unbalanced parenthesis", 4, line=2),
        Diagnostic("parse-error", "c.py", "unexpected indent", 4, fails=False, line=7),
        Diagnostic("io-error", "d.sql", "cannot be read: Permission denied"),
    )
    told = report(
        diagnostics=diagnostics,
        partial=1,
        skipped=1,
        suppressed=3,
        unresolved=4,
        migrations=6,
        excluded=5,
        assumptions=("dialect postgres assumed in 2 places",),
        configuration="dblint.toml",
    )
    assert (
        render(told)
        == """\
a.sql:2 error parse-error unbalanced parenthesis
d.sql error io-error cannot be read: Permission denied
b.sql note skipped: minified

no findings in 2 files (7 database calls, 4 unresolved, 6 migrations, 3 suppressed, 5 excluded, 1 skipped)
configuration: dblint.toml
1 file read in part, nothing about databases in the unread parts (--show-files names them)
2 places could not be analysed: findings may be missing
dialect postgres assumed in 2 places (--dialect says which it is)
"""
    )
    assert "c.py:7 note parse-error unexpected indent\n" in render(told, Wanted(files=True))


def test_the_first_few_notes() -> None:
    notes = [Diagnostic("note", f"{name}.js", "skipped: minified", fails=False) for name in "abcdefg"]
    failing = Diagnostic("parse-error", "z.sql", "unbalanced parenthesis", 4, line=2)
    told = report(diagnostics=(*notes, failing))
    assert render(told).split("\n\n")[0].splitlines() == [
        "z.sql:2 error parse-error unbalanced parenthesis",
        *(f"{name}.js note skipped: minified" for name in "abcde"),
        "and 2 more notes (--show-files)",
    ]
    assert "f.js note skipped: minified\n" in render(told, Wanted(files=True))
    assert render(told, Wanted(quiet=True)) == "z.sql:2 error parse-error unbalanced parenthesis\n"


def test_the_gravest_first() -> None:
    findings = [
        finding(rule="a/mild", severity="info", region=region("a.py", 1, 1, 2)),
        finding(rule="b/grave", severity="error", region=region("b.py", 1, 1, 2)),
        finding(rule="a/warning", region=region("a.py", 2, 1, 2)),
        finding(rule="b/grave", severity="error", region=region("c.py", 1, 1, 2)),
    ]
    lines = render(report(*findings)).splitlines()
    assert [line.split()[:3] for line in lines if ".py:" in line] == [
        ["b.py:1:1", "error", "b/grave"],
        ["c.py:1:1", "error", "b/grave"],
        ["a.py:2:1", "warning", "a/warning"],
        ["a.py:1:1", "info", "a/mild"],
    ]
    assert lines[-6:-1] == [
        "findings  files  severity  rule",
        "       2      2  error     b/grave",
        "       1      1  warning   a/warning",
        "       1      1  info      a/mild",
        "",
    ]


def test_no_database_code_is_not_no_findings() -> None:
    assert render(report(calls=0)) == "no database code found in 2 files\n"
    assert render(report(calls=0, unresolved=3)) == "no database code found in 2 files (3 unresolved)\n"
    assert render(report(calls=0, unreviewed=("test: 1", "vendored: 3"))) == (
        "no database code to review in 2 files\n"
        "files with database code that are not reviewed: test: 1, vendored: 3"
        " (--show-files names them, --role says otherwise)\n"
    )
    assert render(report(calls=0, tables=1)) == "no findings in 2 files (0 database calls)\n"


def test_what_is_fixed() -> None:
    fixed = (
        FixedFinding("a.py", "q/x"),
        FixedFinding("a.py", "q/x"),
        *(FixedFinding(f"{name}.py", "q/y") for name in "bcdefg"),
    )
    assert render(report(known=1, fixed=fixed)) == (
        "no new findings in 2 files (7 database calls, 1 in the baseline)\n"
        "8 findings of the baseline fixed: "
        "q/x in a.py (2), q/y in b.py, q/y in c.py, q/y in d.py, q/y in e.py and 2 more\n"
    )


def test_counts_by_severity() -> None:
    findings = [finding(severity=severity) for severity in ("error", "error", "warning", "info", "info")]
    last = render(report(*findings)).splitlines()[-1]
    assert last == "5 findings (2 errors, 1 warning, 2 info) in 2 files (7 database calls)"


def test_nothing_to_check() -> None:
    assert render(report(checked=0, excluded=3)) == "0 files checked (3 excluded)\n"


def test_colour_is_only_added() -> None:
    import click

    plain, coloured = render(report(finding())), render(report(finding()), colour=True)
    assert coloured != plain
    assert click.unstyle(coloured) == plain
