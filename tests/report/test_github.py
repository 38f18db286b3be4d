"""Workflow commands, read back as the runner of GitHub Actions reads them."""

from __future__ import annotations

from dblint.report.github import render
from tests.report.samples import everything, finding, hostile, region, report

KNOWN = {"title", "file", "line", "col", "endLine", "endColumn"}


def unescaped(text: str, *, value: bool) -> str:
    pairs = [("%0D", "\r"), ("%0A", "\n")]
    pairs += [("%3A", ":"), ("%2C", ",")] if value else []
    for written, meant in [*pairs, ("%25", "%")]:
        text = text.replace(written, meant)
    return text


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Name, values and data of a command: it begins with `::`, and data begins behind the next `::`."""
    assert line.startswith("::")
    head, found, data = line[2:].partition("::")
    assert found
    name, _, written = head.partition(" ")
    values = dict(pair.split("=", 1) for pair in written.split(",") if pair)
    return name, {key: unescaped(value, value=True) for key, value in values.items()}, unescaped(data, value=False)


def test_a_report() -> None:
    message = "author is loaded once per book"
    repair = '%0ARepair: Load author before the loop.%0Abooks.select_related("author")'
    assert render(everything()).splitlines() == [
        "::warning title=query/in-loop,file=app/views.py,line=3,col=11,endLine=3,endColumn=22::" + message + repair,
        "::notice title=query/select-star,file=app/views.py,line=3,col=11,endLine=3,endColumn=22::" + message,
        "::error title=query/in-loop,file=app/é b.ts,line=9,col=2,endLine=9,endColumn=4::" + message + repair,
        "::error title=internal-error::linking failed",
        "::error title=io-error,file=/dev/zero::not a regular file",
        "::error title=parse-error,file=a b.sql,line=2::unbalanced",
    ]


def test_what_the_runner_reads() -> None:
    [line] = render(
        report(finding(message="100%0A of a:b,c\n::x", region=region("a,b:c=%25.py", 1, 2, 3)))
    ).splitlines()
    assert read(line) == (
        "warning",
        {"title": "query/in-loop", "file": "a,b:c=%25.py", "line": "1", "col": "2", "endLine": "1", "endColumn": "3"},
        '100%0A of a:b,c␊::x\nRepair: Load author before the loop.\nbooks.select_related("author")',
    )


def test_nothing_forges_a_command() -> None:
    text = render(hostile())
    lines = text.splitlines()
    assert len(lines) == text.count("\n") == 2
    assert text.replace("\n", "").isprintable()
    assert [read(line)[0] for line in lines] == ["warning", "error"]
    assert all(set(read(line)[1]) <= KNOWN for line in lines)


def test_nothing_is_nothing() -> None:
    assert render(report()) == ""
