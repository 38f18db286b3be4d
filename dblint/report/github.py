"""Annotations of GitHub Actions: workflow commands, one a line, on standard output.

A command is `::name key=value,…::data`. In data `%`, CR and LF are escaped, in values `:` and `,` too, so that neither
a file name nor a message can begin a command of its own.
"""

from __future__ import annotations

from dblint.facts.report import Report
from dblint.report.diagnostics import failing, severity
from dblint.report.visible import visible

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice", "note": "notice"}


def render(report: Report) -> str:
    """The report as workflow commands. A note is no annotation: nothing is to be done about it."""
    commands = []
    for finding in report.findings:
        start, stop = finding.region.start, finding.region.stop
        values: dict[str, object] = {
            "title": finding.rule,
            "file": finding.region.path,
            "line": start.line,
            "col": start.column,
            "endLine": stop.line,
            "endColumn": stop.column,
        }
        lines = [finding.message]
        lines += [f"Repair: {finding.minimal}"] if finding.minimal else []
        lines += finding.repair.splitlines()
        commands.append(_command(_COMMANDS[finding.severity], values, lines))
    for diagnostic in failing(report):
        values = {"title": diagnostic.kind, "file": diagnostic.path, "line": diagnostic.line or ""}
        commands.append(_command(_COMMANDS[severity(diagnostic)], values, [diagnostic.message]))
    return "".join(f"{command}\n" for command in commands)


def _command(name: str, values: dict[str, object], lines: list[str]) -> str:
    written = ",".join(f"{key}={_value(str(value))}" for key, value in values.items() if value != "")
    return f"::{name} {written}::{'%0A'.join(_data(line) for line in lines)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
