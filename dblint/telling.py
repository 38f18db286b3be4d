"""Writes what a run gave: reports to files and standard output, the rest to standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dblint.overwriting import STANDARD_OUTPUT
from dblint.packs import strangers
from dblint.report.diagnostics import told
from dblint.report.files import write
from dblint.report.formats import FORMATS, Options, Wanted, render
from dblint.report.text import diagnostic_line, summary_lines
from dblint.report.visible import visible
from dblint.run import Result
from dblint.terminal import complain, put, takes_colour


def tell(result: Result, outputs: Sequence[tuple[str, str]], options: dict[str, Any]) -> None:
    """Writes the reports: files first, then standard output."""
    for name, target in sorted(outputs, key=lambda output: output[1] == STANDARD_OUTPUT):
        to_terminal = target == STANDARD_OUTPUT
        asked = Options(
            rules={each: rule.rule for each, rule in result.rules.items()} if "rules" in FORMATS[name].takes else {},
            packs=strangers(result.rules) if "packs" in FORMATS[name].takes else {},
            colour=to_terminal and takes_colour(),
            wanted=Wanted(
                everything=options["everything"],
                statistics=options["statistics"],
                files=options["show_files"],
                quiet=options["quiet"],
            ),
            category=options["sarif_category"],
            complain=lambda text: complain(f"dblint: {text}"),
        )
        data = render(name, result.report, asked)
        if to_terminal:
            put(data)
        else:
            write(target, data)
    for path in result.missing:
        complain(f"dblint: {visible(path)}: no such file or folder")
    quiet = options["quiet"]
    shown = {name for name, target in outputs if target == STANDARD_OUTPUT}
    tells, notes = (any(getattr(FORMATS[name], what) for name in shown) for what in ("tells", "notes"))
    for diagnostic in told(result.report, quiet=quiet):
        if not (tells if diagnostic.fails else notes):
            complain(diagnostic_line(diagnostic))
    if "text" not in shown:
        for line in () if quiet else summary_lines(result.report):
            complain(line)
    elif not result.report.summary.checked and not quiet:
        complain(summary_lines(result.report)[0])
    if options["debug"]:
        for text in result.tracebacks:
            complain(text)
