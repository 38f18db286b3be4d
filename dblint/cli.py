"""The command line. Everything that takes time to import is imported where it is used."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dblint import __version__
from dblint.commands import (
    Commands,
    dialects,
    files,
    formats,
    review_formats,
    rule_ids,
    rule_words,
    severities,
    suggested,
    words,
)
from dblint.interrupts import StoppedError, end_at_once, end_in_order, exit_code
from dblint.report.formats import FORMATS, REVIEW_FORMATS
from dblint.terminal import complain, explain_failure, fail, is_gone, open_closed_streams, put, silence, try_to_show

if TYPE_CHECKING:
    from dblint.packs import LoadedRule

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Writes the version, for `--version`."""
    if value and not ctx.resilient_parsing:
        put(f"dblint {__version__}\n".encode())
        ctx.exit()


@click.group(cls=Commands, context_settings=_SETTINGS, no_args_is_help=True)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def command() -> None:
    """Reviews how a code base uses its databases.

    `dblint PATH...` is short for `dblint check PATH...`. The whole project around the paths is read (a query in
    one file is judged by a schema in another); findings are told for the paths only.
    """


def _project_options(function: Any) -> Any:
    """The options that say how a project is read."""
    options = [
        click.option(
            "--dialect",
            shell_complete=words(dialects),
            help="The databases' SQL dialect, whatever else the project says of it.",
        ),
        click.option(
            "--config",
            metavar="FILE",
            shell_complete=files,
            help="Take this configuration, not the one that would be found.",
        ),
        click.option("--isolated", is_flag=True, help="Take no configuration from the checkout that is reviewed."),
        click.option(
            "--jobs",
            "-j",
            type=click.IntRange(1, 256),
            metavar="N",
            help="Read files in N processes. [default: 1, for many files one per core, at most 4]",
        ),
        click.option(
            "--no-cache", is_flag=True, help="Take nothing from earlier runs and keep nothing for later ones."
        ),
        click.option(
            "--cache-dir",
            metavar="FOLDER",
            shell_complete=files,
            help="Keep for later runs there. [default: $DBLINT_CACHE_DIR, else dblint in the user's folder for caches]",
        ),
        click.option("--debug", is_flag=True, help="Show tracebacks of what failed inside."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


_packs_option = click.option(
    "--config", metavar="FILE", shell_complete=files, help="Also the packs that this configuration names."
)


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=files)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    shell_complete=formats,
    help=f"Write a report ({', '.join(FORMATS)}) to a file; `-` is standard output. Repeatable. [default: text=-]",
)
@click.option(
    "--sarif-category",
    default="dblint",
    metavar="NAME",
    help="Tells several SARIF uploads of one commit apart. [default: dblint]",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULE",
    shell_complete=words(rule_words),
    help="Run only this rule, group, `default` or `all`.",
)
@click.option(
    "--ignore", multiple=True, metavar="RULE", shell_complete=words(rule_words), help="Leave out this rule or group."
)
@click.option(
    "--fail-on",
    metavar="SEVERITY",
    shell_complete=words(severities),
    help="Exit 1 from this severity on. [default: warning]",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--allow-parse-errors", is_flag=True, help="Do not exit 1 because a file could not be analysed.")
@click.option("--error-on-empty", is_flag=True, help="Exit 2 where there is nothing to check.")
@click.option("--force-exclude", is_flag=True, help="Leave excluded files out even where they are named.")
@click.option("--ignore-suppressions", is_flag=True, help="Report also what comments suppress.")
@click.option("--role", "roles", multiple=True, metavar="PATTERN=ROLE", help="Say what files are for. Repeatable.")
@click.option(
    "--all", "everything", is_flag=True, help="In text, tell every finding in full, not the first five of a rule."
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely, and tell what is left.")
@click.option("--diff", is_flag=True, help="Show on standard output what --fix would change, and change nothing.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that somebody has to look at.")
@click.option("--statistics", is_flag=True, help="In text and Markdown, tell only how many findings each rule has.")
@click.option("--quiet", "-q", is_flag=True, help="Tell findings and errors only, no summary.")
@click.option("--baseline", metavar="FILE", shell_complete=files, help="Tell only findings that are not in this file.")
@click.option(
    "--write-baseline",
    metavar="FILE",
    shell_complete=files,
    help="Write all findings to this file; they count as known.",
)
@click.option(
    "--show-files", is_flag=True, help="In text, name every file, its role and the sign of it, and files read in part."
)
@click.option(
    "--stdin-filename", metavar="NAME", shell_complete=files, help="Review standard input as the content of this file."
)
@_project_options
@click.pass_context
def check(ctx: click.Context, /, paths: Sequence[str], **options: Any) -> None:
    """Reviews files and folders (by default the current folder)."""
    from msgspec.structs import replace

    from dblint.baseline import BaselineError
    from dblint.config import ConfigurationError
    from dblint.options import both, outputs, request, write_baseline
    from dblint.overwriting import refuse_inputs
    from dblint.packs import PackError
    from dblint.progress import Progress
    from dblint.report.files import OutputError
    from dblint.report.run_lines import run_lines
    from dblint.report.visible import visible
    from dblint.run import run
    from dblint.telling import tell

    started = time.perf_counter()
    try:
        baselines = {f"--{name.replace('_', '-')}": options[name] for name in ("baseline", "write_baseline")}
        with Progress(wanted=not options["quiet"]) as progress:
            wanted, asked = both(
                lambda: outputs(options["outputs"], baselines),
                lambda: request(paths, options, progress, recall=True),
            )
            outcome = None
            if options["fix"] or options["diff"] or options["unsafe_fixes"]:
                from dblint import fixing

                wanted = fixing.wanted(options, wanted)
                result, outcome = fixing.run_and_fix(asked, options)
            else:
                result = run(replace(asked, fixes=any(FORMATS[name].fixes for name, _ in wanted)))
        refuse_inputs(result, wanted, options["write_baseline"], options["config"])
        if outcome is not None:
            result = fixing.finish(result, outcome, options)
        empty = options["error_on_empty"] and not result.report.summary.checked
        written = None if result.incomplete or empty else options["write_baseline"]
        if written:
            result = result.accepted()
        tell(result, wanted, options)
        if written:
            write_baseline(result, written)  # last: what no report has told is not known to anybody
        if not options["quiet"] and result.report.summary.checked:
            above = result.workspace.above
            for line in run_lines(result.report.summary, time.perf_counter() - started, written, above):
                complain(line)
    except (ConfigurationError, PackError, OutputError, BaselineError) as error:
        fail(error, debug=options["debug"])
    code = result.exit_code(allow_parse_errors=options["allow_parse_errors"])
    if empty:
        complain("dblint: nothing to check (--error-on-empty)")
        code = 2
    if options["write_baseline"] and not written:
        named = visible(options["write_baseline"])
        complain(f"dblint: --write-baseline {named}: not written, as not all that was named could be reviewed")
        code = 2
    ctx.exit(0 if options["exit_zero"] and code == 1 else code)


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=files)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    shell_complete=review_formats,
    help=f"Write the review ({', '.join(REVIEW_FORMATS)}) to a file; `-` is standard output. Repeatable."
    " [default: text=-]",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULE",
    shell_complete=words(rule_words),
    help="Run only this rule, group, `default` or `all`. [default: all]",
)
@click.option(
    "--ignore", multiple=True, metavar="RULE", shell_complete=words(rule_words), help="Leave out this rule or group."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--all", "everything", is_flag=True, help="Tell every finding in full, not the first three of a rule.")
@click.option("--quiet", "-q", is_flag=True, help="Tell no summary and no notes, and not how far the run is.")
@_project_options
@click.pass_context
def review(ctx: click.Context, /, paths: Sequence[str], **options: Any) -> None:
    """Carries out the review checklist: what is used, what was looked at line by line, and what was found.

    Every rule runs, also those that are off by default, unless the configuration or --select says otherwise.
    """
    from dblint.baseline import BaselineError
    from dblint.config import ConfigurationError
    from dblint.packs import PackError
    from dblint.report.files import OutputError
    from dblint.reviewing import tell_review

    try:
        code = tell_review(paths, options)
    except (ConfigurationError, PackError, OutputError, BaselineError) as error:
        fail(error, debug=options["debug"])
    ctx.exit(0 if options["exit_zero"] and code == 1 else code)


@command.command()
@click.argument("paths", nargs=-1, metavar="PATH...", shell_complete=files)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--unresolved", is_flag=True, help="Tell which calls could not be resolved, by cause.")
@_project_options
@click.pass_context
def queries(ctx: click.Context, /, paths: Sequence[str], **options: Any) -> None:
    """Lists every database call that was understood, and how."""
    from dblint.config import ConfigurationError
    from dblint.options import request
    from dblint.packs import PackError
    from dblint.progress import Progress
    from dblint.report import queries as report
    from dblint.report.diagnostics import is_shown
    from dblint.report.text import diagnostic_line
    from dblint.report.visible import visible
    from dblint.run import analyse
    from dblint.sql.render import render

    try:
        with Progress() as progress:
            analysis = analyse(request(paths, options, progress))
    except (ConfigurationError, PackError) as error:
        fail(error, debug=options["debug"])
    workspace, position, as_json = analysis.workspace, analysis.position(), options["as_json"]
    if options["unresolved"]:

        def role(path: str) -> str:
            return analysis.files[path].role.value

        told = report.unresolved(analysis.project, workspace.reports_on, position, role, as_json=as_json)
    else:
        told = report.calls(analysis.project, workspace.reports_on, position, render, as_json=as_json)
    put("".join(f"{line}\n" for line in told).encode("utf-8", "backslashreplace"))
    for path in workspace.missing:
        complain(f"dblint: {visible(path)}: no such file or folder")
    for diagnostic in filter(is_shown, [*workspace.refused, *analysis.diagnostics]):
        if diagnostic.fails and workspace.reports_on(diagnostic.path):
            complain(diagnostic_line(diagnostic))
    for text in analysis.tracebacks if options["debug"] else ():
        complain(text)
    ctx.exit(2 if workspace.missing else 0)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_packs_option
def rules(as_json: bool, config: str | None) -> None:
    """Lists the rules of all packs in use."""
    import json

    lines = []
    for rule in _all_rules(config):
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
            lines.append(_line(rule))
    put("".join(f"{line}\n" for line in lines).encode())


@command.command()
@click.argument("rule", nargs=-1, required=True, metavar="RULE|SYMPTOM", shell_complete=words(rule_ids))
@click.option("--markdown", is_flag=True, help="As Markdown.")
@_packs_option
def explain(rule: Sequence[str], markdown: bool, config: str | None) -> None:
    """Shows what a rule looks for, why, and how to repair what it reports.

    A rule's name does without its group where it is the only one, and a group's name lists its rules. Words that are
    neither are looked for in the symptoms of all rules: `dblint explain "too many connections"`.
    """
    from dblint.config import ConfigurationError, nearest
    from dblint.report import symptoms
    from dblint.report.documentation import as_markdown, as_text

    loaded = _all_rules(config)
    every = {entry.id: entry.rule for entry in loaded}
    asked = " ".join(rule)
    named = [name for name in every if name.rpartition("/")[2] == asked]
    if len(named) == 1:
        asked = named[0]
    group = [entry for entry in loaded if entry.id.startswith(f"{asked}/")]
    if group:
        put("".join(f"{_line(entry)}\n" for entry in group).encode())
        return
    if asked in every:
        put((as_markdown if markdown else as_text)(asked, every[asked]).encode())
        return
    found = None if "/" in asked and " " not in asked else symptoms.search(every, asked)
    if found is None:
        close = nearest(asked, list(every))
        among = "" if "/" in asked and " " not in asked else ", and none with such a symptom"
        fail(ConfigurationError(f'there is no rule "{asked}"{among}{close}'))
    put(symptoms.as_text(asked, *found, markdown=markdown).encode("utf-8", "backslashreplace"))


@command.command("config-schema")
def config_schema() -> None:
    """Writes the JSON schema of the configuration."""
    from dblint.config_keys import schema

    put(schema().encode())


def _line(rule: LoadedRule) -> str:
    """A rule in one line."""
    state = "" if rule.rule.default else " (off by default)"
    return f"{rule.id:<40} {rule.rule.severity:<8} {rule.rule.summary}{state}"


def _all_rules(configuration: str | None) -> list[LoadedRule]:
    """The rules of the packs in use and the built-in ones."""
    from dblint.builtin import BUILTIN
    from dblint.config import ConfigurationError
    from dblint.packs import PackError, found_in_use, load, packs_in_use, tables

    try:
        if configuration == "":
            raise ConfigurationError("--config: names nothing")
        loaded = [load(found) for found in found_in_use(configuration or "").values()]
        tables(packs_in_use(configuration or ""))
    except (ConfigurationError, PackError) as error:
        fail(error)
    return sorted([*loaded, *BUILTIN.values()], key=lambda rule: ("/" not in rule.id, rule.id))


def _failed_inside(error: Exception) -> int:
    """Says that dblint itself failed. What the exception says may quote source or name folders of this machine."""
    debug = "--debug" in sys.argv
    more = "" if debug else " (--debug shows where)"
    explain_failure(error, [f"internal error: {type(error).__name__}{more}"], debug=debug)
    return 2


def _speak_utf8() -> None:
    """Begins anew where names of files would be read by a locale: what is told of them does not depend on that."""
    if os.name == "posix" and not sys.flags.utf8_mode and sys.getfilesystemencoding().lower() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - as it was begun


def main() -> NoReturn:
    """Runs the command and exits: 0 clean, 1 findings or a file that could not be analysed, 2 usage,
    configuration or internal error, 130 and 143 when interrupted."""
    _speak_utf8()
    open_closed_streams()
    end_in_order()
    try:
        code = command.main(prog_name="dblint", standalone_mode=False)
    except (click.exceptions.Abort, StoppedError):
        code = exit_code() or 130
    except click.ClickException as error:
        try_to_show(suggested(error))
        code = 2
    except OSError as error:
        if not is_gone(error):
            code = _failed_inside(error)
        else:
            silence()
            code = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no finding and no clean run
        code = _failed_inside(error)
    end_at_once()
    # Nor is any of it garbage now: the interpreter need not look through it on its way out.
    gc.freeze()
    sys.exit(exit_code() or (code if isinstance(code, int) else 0))
