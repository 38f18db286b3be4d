"""The command line. Everything that takes time to import is imported where it is used."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dblint import __version__
from dblint.report.formats import FORMATS

if TYPE_CHECKING:
    from types import FrameType

    from dblint.packs import LoadedRule
    from dblint.run import Request, Result

_STANDARD_OUTPUT = "-"


class _Commands(click.Group):
    """Commands, of which `check` is the one that is meant where the first word names none."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=_Commands, context_settings=_SETTINGS, no_args_is_help=True)
@click.version_option(__version__, prog_name="dblint", message="%(prog)s %(version)s")
def command() -> None:
    """Reviews how a code base uses its databases.

    `dblint PATH...` is short for `dblint check PATH...`. The whole project around the paths is read (a query in
    one file is judged by a schema in another); findings are told for the paths only.
    """


def _project_options(function: Any) -> Any:
    """The options that say how a project is read."""
    function = click.option(
        "--isolated", is_flag=True, help="Take no configuration from the checkout that is reviewed."
    )(function)
    return click.option("--dialect", default="", help="The databases' SQL dialect, where nothing else says it.")(
        function
    )


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    help=f"Write a report ({', '.join(FORMATS)}) to a file; `-` is standard output. Repeatable. [default: text=-]",
)
@click.option(
    "--sarif-category",
    default="dblint",
    metavar="NAME",
    help="Tells several SARIF uploads of one commit apart. [default: dblint]",
)
@click.option("--select", multiple=True, metavar="RULE", help="Run only this rule, group, `default` or `all`.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave out this rule or group.")
@click.option("--fail-on", default="", metavar="SEVERITY", help="Exit 1 from this severity on. [default: warning]")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--allow-parse-errors", is_flag=True, help="Do not exit 1 because a file could not be analysed.")
@click.option("--error-on-empty", is_flag=True, help="Exit 2 where there is nothing to check.")
@click.option("--force-exclude", is_flag=True, help="Leave excluded files out even where they are named.")
@click.option("--ignore-suppressions", is_flag=True, help="Report also what comments suppress.")
@click.option("--role", "roles", multiple=True, metavar="PATTERN=ROLE", help="Say what files are for. Repeatable.")
@click.option("--all", "everything", is_flag=True, help="Tell every finding in full, not the first five of a rule.")
@click.option("--statistics", is_flag=True, help="Tell only how many findings each rule has.")
@click.option("--quiet", "-q", is_flag=True, help="Tell findings and errors only, no summary.")
@click.option("--baseline", metavar="FILE", help="Tell only findings that are not in this file.")
@click.option("--write-baseline", metavar="FILE", help="Write all findings to this file; they count as known.")
@click.option(
    "--show-files", is_flag=True, help="Name every file, its role and the sign of it, and files read in part."
)
@click.option("--debug", is_flag=True, help="Show tracebacks of what failed inside.")
@_project_options
@click.pass_context
def check(ctx: click.Context, /, paths: Sequence[str], **options: Any) -> None:
    """Reviews files and folders (by default the current folder)."""
    from dblint.baseline import BaselineError
    from dblint.config import ConfigurationError
    from dblint.packs import PackError
    from dblint.report.files import OutputError
    from dblint.report.run_lines import run_lines
    from dblint.run import run

    started = time.perf_counter()
    try:
        outputs = _outputs(options["outputs"], options["write_baseline"])
        result = run(_request(paths, options))
        _refuse_inputs(result, [(f"--output {target}", target) for _, target in outputs])
        if options["write_baseline"]:
            _write_baseline(result, options["write_baseline"])
            result = result.accepted()
        _tell(result, outputs, options)
        if not options["quiet"] and result.report.summary.checked:
            for line in run_lines(result.report.summary, time.perf_counter() - started, options["write_baseline"]):
                _complain(line)
    except (ConfigurationError, PackError, OutputError, BaselineError) as error:
        _fail(error, debug=options["debug"])
    code = result.exit_code(allow_parse_errors=options["allow_parse_errors"])
    if options["error_on_empty"] and not result.report.summary.checked:
        code = 2
    ctx.exit(0 if options["exit_zero"] and code == 1 else code)


def _request(paths: Sequence[str], options: dict[str, Any]) -> Request:
    """What the options ask for. Raises `ConfigurationError` and `BaselineError`."""
    from dblint import baseline
    from dblint.config import ConfigurationError, read_dialect, read_role, read_severity
    from dblint.run import Request

    def words(name: str) -> tuple[str, ...]:
        split = tuple(word.strip() for entry in options.get(name, ()) for word in entry.split(","))
        if "" in split:
            raise ConfigurationError(f"--{name}: names nothing")
        return split

    roles = {}
    for row in options.get("roles", ()):
        pattern, _, role = row.rpartition("=")
        if not pattern:
            raise ConfigurationError(f'--role: "{row}" is not of the form PATTERN=ROLE')
        roles[pattern] = read_role(role, "--role")
    dialect, fail_on = options["dialect"], options.get("fail_on", "")
    return Request(
        paths=paths or (".",),
        isolated=options["isolated"],
        overrides={
            "dialect": read_dialect(dialect, "--dialect") if dialect else "",
            "select": words("select"),
            "fail_on": read_severity(fail_on, "--fail-on") if fail_on else "",
        },
        ignore=words("ignore"),
        roles=roles,
        force_exclude=options.get("force_exclude", False),
        honour_suppressions=not options.get("ignore_suppressions", False),
        baseline=baseline.read(options["baseline"]) if options.get("baseline") else (),
    )


def _outputs(rows: Sequence[str], baseline: str | None) -> list[tuple[str, str]]:
    """The reports to write, as pairs of format and target. Raises `ConfigurationError`, also where one would go to
    the baseline that is written."""
    from dblint.config import ConfigurationError, nearest

    outputs = []
    for row in rows or ("text=-",):
        name, _, target = row.partition("=")
        if name not in FORMATS:
            raise ConfigurationError(f'--output: there is no format "{name}"{nearest(name, list(FORMATS))}')
        outputs.append((name, target or _STANDARD_OUTPUT))
    targets = [target for _, target in outputs]
    if baseline in targets:
        raise ConfigurationError(f"--write-baseline {baseline}: a report goes there")
    for target in targets:
        if targets.count(target) > 1:
            raise ConfigurationError(f"--output: two reports go to {target}")
    return outputs


def _refuse_inputs(result: Result, outputs: Sequence[tuple[str, str]]) -> None:
    """Raises `ConfigurationError` where one of these outputs (its option and target) would overwrite what was
    read."""
    from pathlib import Path

    from dblint.config import ConfigurationError

    analysis = result.analysis
    root = analysis.workspace.root
    inputs = {*analysis.workspace.sources, *analysis.workspace.manifests, analysis.configuration.source}
    for option, target in outputs:
        path = Path(os.path.abspath(target))  # noqa: PTH100 - a link must not be followed here
        if target != _STANDARD_OUTPUT and path.is_relative_to(root) and path.relative_to(root).as_posix() in inputs:
            raise ConfigurationError(f"{option}: is a file of the project")


def _write_baseline(result: Result, target: str) -> None:
    """Writes the baseline that the next run is to be given."""
    from dblint import baseline
    from dblint.report.files import write

    option = "--write-baseline"
    _refuse_inputs(result, [(f"{option} {target}", target)])
    write(target, baseline.render(baseline.entries(result.compared)), option)


def _tell(result: Result, outputs: Sequence[tuple[str, str]], options: dict[str, Any]) -> None:
    """Writes the reports: files first, then standard output."""
    from dblint.report.files import write
    from dblint.report.formats import Options, Wanted, render
    from dblint.report.text import diagnostic_line, is_shown, summary_lines
    from dblint.report.visible import visible

    for name, target in sorted(outputs, key=lambda output: output[1] == _STANDARD_OUTPUT):
        to_terminal = target == _STANDARD_OUTPUT
        told = Options(
            rules={name: rule.rule for name, rule in result.rules.items()},
            colour=to_terminal and _colour(),
            wanted=Wanted(
                everything=options["everything"],
                statistics=options["statistics"],
                files=options["show_files"],
                quiet=options["quiet"],
            ),
            category=options["sarif_category"],
            complain=lambda text: _complain(f"dblint: {text}"),
        )
        data = render(name, result.report, told)
        if to_terminal:
            _print(data)
        else:
            write(target, data)
    for path in result.missing:
        _complain(f"dblint: {visible(path)}: no such file or folder")
    quiet = options["quiet"]
    if ("text", _STANDARD_OUTPUT) not in outputs:
        for diagnostic in result.report.diagnostics:
            if diagnostic.fails or (is_shown(diagnostic) and not quiet):
                _complain(diagnostic_line(diagnostic))
        for line in () if quiet else summary_lines(result.report):
            _complain(line)
    elif not result.report.summary.checked and not quiet:
        _complain(summary_lines(result.report)[0])
    if options["debug"]:
        for text in result.tracebacks:
            _complain(text)


def _colour() -> bool:
    """Whether standard output takes colours."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _print(data: bytes) -> None:
    """Writes to standard output; a reader that has gone away is no error."""
    stream = sys.stdout.buffer
    try:
        stream.write(data)
        stream.flush()
    except OSError as error:
        _silence()
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            _fail(OSError(f"standard output: {error.strerror}"))


def _silence() -> None:
    """Sends what Python still holds for standard output nowhere, so that it cannot fail again at the end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        return


def _complain(text: str) -> None:
    """Writes a line to standard error."""
    try:
        click.echo(text.encode("utf-8", "backslashreplace"), err=True)
    except OSError:
        return


def _fail(error: Exception, *, debug: bool = False) -> NoReturn:
    """Ends the run because of what the user or a pack said."""
    import traceback

    from dblint.report.visible import visible

    if debug:
        _complain("".join(traceback.format_exception(error)))
    _complain(f"dblint: {visible(str(error))}")
    raise click.exceptions.Exit(2)


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--unresolved", is_flag=True, help="Tell which calls could not be resolved, by cause.")
@_project_options
@click.pass_context
def queries(ctx: click.Context, /, paths: Sequence[str], **options: Any) -> None:
    """Lists every database call that was understood, and how."""
    from dblint.config import ConfigurationError
    from dblint.report import queries as report
    from dblint.report.text import diagnostic_line, is_shown
    from dblint.report.visible import visible
    from dblint.run import analyse
    from dblint.sql.render import render

    try:
        analysis = analyse(_request(paths, options))
    except ConfigurationError as error:
        _fail(error)
    workspace, position, as_json = analysis.workspace, analysis.position(), options["as_json"]
    if options["unresolved"]:
        told = report.unresolved(analysis.project, workspace.reports_on, position, as_json=as_json)
    else:
        told = report.calls(analysis.project, workspace.reports_on, position, render, as_json=as_json)
    _print("".join(f"{line}\n" for line in told).encode("utf-8", "backslashreplace"))
    for path in workspace.missing:
        _complain(f"dblint: {visible(path)}: no such file or folder")
    for diagnostic in filter(is_shown, [*workspace.refused, *analysis.diagnostics]):
        if diagnostic.fails and workspace.reports_on(diagnostic.path):
            _complain(diagnostic_line(diagnostic))
    ctx.exit(2 if workspace.missing else 0)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def rules(as_json: bool) -> None:
    """Lists the rules of all installed packs."""
    import json

    lines = []
    for rule in _all_rules():
        if as_json:
            entry = {
                "id": rule.id,
                "severity": rule.rule.severity,
                "default": rule.rule.default,
                "summary": rule.rule.summary,
                "pack": rule.pack,
            }
            lines.append(json.dumps(entry))
        else:
            state = "" if rule.rule.default else " (off by default)"
            lines.append(f"{rule.id:<40} {rule.rule.severity:<8} {rule.rule.summary}{state}")
    _print("".join(f"{line}\n" for line in lines).encode())


@command.command()
@click.argument("rule")
@click.option("--markdown", is_flag=True, help="As Markdown.")
def explain(rule: str, markdown: bool) -> None:
    """Shows what a rule looks for, why, and how to repair what it reports."""
    from dblint.config import ConfigurationError, nearest
    from dblint.report.documentation import as_markdown, as_text

    every = {entry.id: entry for entry in _all_rules()}
    if rule not in every:
        _fail(ConfigurationError(f'there is no rule "{rule}"{nearest(rule, list(every))}'))
    render = as_markdown if markdown else as_text
    _print(render(rule, every[rule].rule).encode())


def _all_rules() -> list[LoadedRule]:
    """The rules of the installed packs and the built-in ones."""
    from dblint.builtin import BUILTIN
    from dblint.packs import PackError, find, installed_packs, load

    try:
        loaded = [load(found) for found in find(installed_packs()).values()]
    except PackError as error:
        _fail(error)
    return sorted([*loaded, *BUILTIN.values()], key=lambda rule: ("/" not in rule.id, rule.id))


def _stop(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what signal handlers are given
    raise SystemExit(128 + signal_number)


def main() -> NoReturn:
    """Runs the command and exits: 0 clean, 1 findings or a file that could not be analysed, 2 usage,
    configuration or internal error, 130 and 143 when interrupted."""
    signal.signal(signal.SIGTERM, _stop)
    # One run builds facts that all live until its end: looking for garbage among them costs a tenth of it.
    gc.disable()
    try:
        code = command.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    # Nor is any of it garbage now: the interpreter need not look through it on its way out.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)
