"""Runs `dblint check --fix` and `--diff`: what is made in memory is written, or shown."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from dblint.config import ConfigurationError
from dblint.facts.program import Diagnostic
from dblint.fix.changes import WithheldError
from dblint.fix.diff import unified
from dblint.fix.rounds import Outcome, fix
from dblint.fix.write import write
from dblint.overwriting import STANDARD_OUTPUT
from dblint.report.visible import visible, visible_line, visible_path
from dblint.run import Request, Result
from dblint.terminal import complain, put


def wanted(options: dict[str, Any], outputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The reports to write beside what is put on standard output. Raises `ConfigurationError` where the options do not
    go together."""
    asked = [name for name in ("fix", "diff") if options[name]]
    mistakes = ["--fix, --diff: one writes what the other shows; name one"] if len(asked) > 1 else []
    if options["unsafe_fixes"] and not asked:
        mistakes.append("--unsafe-fixes: says which fixes --fix makes and --diff shows; name one of them")
    if takes_standard_output(options):
        if options["outputs"] and any(target == STANDARD_OUTPUT for _, target in outputs):
            what = "the difference" if options["diff"] else "the content of the file"
            mistakes.append(f"--output: {what} goes to standard output; name a file for the report")
        outputs = [output for output in outputs if output[1] != STANDARD_OUTPUT]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return outputs


def takes_standard_output(options: dict[str, Any]) -> bool:
    """Whether standard output holds no report: the difference, or the content of the file that was given there."""
    return bool(options["diff"] or (options["fix"] and options["stdin_filename"]))


def run_and_fix(request: Request, options: dict[str, Any]) -> tuple[Result, Outcome]:
    """Reviews, and makes fixes in memory. The result is of the files as they will be, or with `--diff` as they are.
    Raises as `run` does."""
    outcome = fix(request, unsafe=options["unsafe_fixes"])
    return outcome.first if options["diff"] else outcome.result, outcome


def finish(result: Result, outcome: Outcome, options: dict[str, Any]) -> Result:
    """Writes the fixed files, or shows what would be written, and says how many there are. Gives the result with what
    could not be written."""
    root, failed = result.workspace.root, []
    if options["diff"]:
        for path in sorted(outcome.after):
            put(_shown(unified(path, outcome.before[path], outcome.after[path])))
    elif options["stdin_filename"]:
        for path in result.workspace.named:
            put(outcome.after.get(path, outcome.content(path)))
    else:
        for path in sorted(outcome.after):
            try:
                write(root, path, outcome.before[path], outcome.after[path])
            except WithheldError as error:
                outcome.undo(path)
                failed.append(Diagnostic("io-error", path, f"{error}; nothing was fixed in it"))
    for line in _lines(outcome, options):
        complain(line)
    if not failed:
        return result
    report = msgspec.structs.replace(result.report, diagnostics=(*result.report.diagnostics, *failed))
    return replace(result, report=report)


def _lines(outcome: Outcome, options: dict[str, Any]) -> Iterator[str]:
    for entry in outcome.withheld:
        place = f"{visible_path(entry.path)}:{entry.position.line}:{entry.position.column}"
        yield f"{place}: not fixed: {visible(entry.why)} [{entry.rule}]"
    if options["quiet"]:
        return
    rules: Counter[str] = sum(outcome.fixed.values(), Counter())
    count = rules.total()
    verb = "can be fixed" if options["diff"] else "fixed"
    listed = f": {', '.join(f'{number} {rule}' for rule, number in sorted(rules.items()))}" if rules else ""
    files = f" in {_number(len(outcome.fixed), 'file')}" if rules else ""
    yield f"{_number(count, 'finding')} {verb}{files}{listed}"
    if outcome.unsafe and not options["unsafe_fixes"]:
        have = "has a fix" if outcome.unsafe == 1 else "have fixes"
        yield f"{_number(outcome.unsafe, 'finding')} {have} that somebody has to look at (--unsafe-fixes)"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _shown(difference: bytes) -> bytes:
    """A difference as it is, for whoever applies it; for people, and for the logs of GitHub, which run commands that
    stand in them, with nothing but what can be seen."""
    try:
        kept = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        kept = False
    if not sys.stdout.isatty() and (kept or not os.environ.get("GITHUB_ACTIONS")):
        return difference
    lines = difference.decode("utf-8", "replace").split("\n")
    return "\n".join(visible_line(line.removesuffix("\r")) for line in lines).encode("utf-8", "backslashreplace")
